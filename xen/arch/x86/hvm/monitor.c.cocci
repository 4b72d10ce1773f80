// What an emulated access is checked against is the view that the vCPU is in.
@rights@
expression d, gfn, access, idx;
@@
 hvm_monitor_check_p2m(...)
 {
 <...
- p2m_get_mem_access(d, gfn, access, idx)
+ altp2m_vcpu_access(curr, gfn, access)
 ...>
 }

// Where Xen walks in the CPU's place, it is asked for all rights: svm/walk_only.c.
@include_names@
@@
 #include <asm/altp2m.h>
+ #include <asm/altp2m_names.h>

@reads@
@@
 hvm_monitor_check_p2m(...)
 {
 <...
+ if ( altp2m_on_amd && altp2m_forbids_read(access, pfec) )
+     req.u.mem_access.flags |= MEM_ACCESS_R;
+
 if ( !req.u.mem_access.flags )
     return false;
 ...>
 }

// How a fast step ends, and that it needs nobody who listens: hvm_step_done().
@fast_step@
statement S;
@@
 hvm_monitor_debug(...)
 {
 <...
- if ( curr->arch.hvm.fast_single_step.enabled )
-     S
 ...>
 }
