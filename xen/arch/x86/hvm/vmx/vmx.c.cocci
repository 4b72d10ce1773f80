@include_step@
@@
+ #include <asm/hvm/step.h>
 #include <asm/hvm/support.h>

// The monitor trap flag's exit.
@step_done@
statement S;
@@
 vmx_vmexit_handler(...)
 {
 <...
- if ( v->arch.hvm.single_step )
-     S
+ hvm_step_done();
 ...>
 }

// sites: 4
@drop_views@
identifier f = { vmx_vcpu_update_eptp, vmx_vcpu_update_vmfunc_ve,
                 vmx_vcpu_emulate_vmfunc, vmx_vcpu_emulate_ve };
type T;
parameter list ps;
@@
- T f(ps) { ... }

@hook_eptp@
@@
- vmx_vcpu_update_eptp
+ vmx_altp2m_sync

@hook_others@
@@
 struct hvm_function_table vmx_function_table = {
-    .altp2m_vcpu_update_vmfunc_ve = vmx_vcpu_update_vmfunc_ve,
-    .altp2m_vcpu_emulate_ve = vmx_vcpu_emulate_ve,
 };

@hook_emulate_vmfunc@
@@
- vmx_vcpu_emulate_vmfunc
+ altp2m_emulate_vmfunc

@vmexit@
statement S;
@@
 vmx_vmexit_handler(...)
 {
 <...
- if ( altp2m_active(v->domain) && (v->arch.hvm.vmx.secondary_exec_control &
-      SECONDARY_EXEC_ENABLE_VM_FUNCTIONS) )
-     S
+ if ( unlikely(v->arch.hvm.vmx.secondary_exec_control &
+               SECONDARY_EXEC_ENABLE_VM_FUNCTIONS) )
+     vmx_altp2m_vmexit(v);
 ...>
 }

// One mask says that this CPU must invalidate; with views, all contexts.
@vmenter_all@
expression inv;
@@
 vmx_vmenter_helper(...)
 {
 <...
- inv += 1 + nestedhvm_enabled(currd);
+ inv += 1 + (nestedhvm_enabled(currd) || altp2m_active(currd));
 ...>
 }

// A debug build tells what CPUs do, interrupts still off.
@vmenter_told@
expression inv;
@@
 vmx_vmenter_helper(...)
 {
 <...
 if ( inv )
     __invept(...);
+ altp2m_trace_invept(currd, inv);
 ...>
 }

@vmenter_done@
expression e;
@@
 vmx_vmenter_helper(...)
 {
 ...
 __vmwrite(GUEST_RFLAGS, e);
+ altp2m_trace(currd, ALTP2M_ENTERS);
 ...
 }

@vmexit_told@
expression reason;
@@
 vmx_vmexit_handler(...)
 {
 ...
 __vmread(VM_EXIT_REASON, reason);
+ altp2m_trace(currd, ALTP2M_LEFT);
 ...
 }

@vmenter_views@
statement S;
@@
 vmx_vmenter_helper(...)
 {
 <...
- if ( altp2m_active(currd) )
-     S
 ...>
 }

// The top entries of PAE paging are those of the page that the view shows.
@pae_entries@
expression gfn, t, q;
@@
 vmx_load_pdptrs(...)
 {
 <...
- get_page_from_gfn(v->domain, gfn, t, q)
+ altp2m_get_page(v, _gfn(gfn), t, q, 0)
 ...>
 }

// A new CPUID policy doesn't end the emulation of VMFUNC.
@ud_exits@
expression vendor;
statement S1, S2;
@@
 vmx_cpuid_policy_changed(...)
 {
 <...
- if ( \(opt_hvm_fep || vendor\|opt_hvm_fep\) )
+ if ( altp2m_ud_exits(v) )
     S1
 else
     S2
 ...>
 }

// An INT3 that a view shows is the view's own matter.  No debugger hears of it,
// and nobody else has to be there.
@breakpoint@
statement S;
@@
 vmx_vmexit_handler(...)
 {
 <...
+ if ( altp2m_breakpoint(v) )
+     break;
 if ( !v->domain->debugger_attached )
     S
 else
 {
     update_guest_eip();
     ...
 }
 ...>
 }

// Views by CR3: writes of CR3 exit while there are records.
// sites: 1
@cr3_exits@
expression v, monitored;
@@
 vmx_update_guest_cr(...)
 {
 <...
 if (
-     monitored
+     altp2m_by_cr3(v->domain) || (monitored)
    )
     v->arch.hvm.vmx.exec_control |= CPU_BASED_CR3_LOAD_EXITING;
 ...>
 }

// sites: 1
@cr3_restored@
expression v, cr3;
@@
 vmx_restore_cr0_cr3(...)
 {
 <...
 v->arch.hvm.guest_cr[3] = cr3;
+ altp2m_cr3_set(v);
 ...>
 }
