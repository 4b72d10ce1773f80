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
