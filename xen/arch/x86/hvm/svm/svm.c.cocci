@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/hvm/hvm.h>

@include_step@
@@
 #include <asm/hvm/support.h>
+ #include <asm/hvm/svm/step.h>

@include_clean@
@@
 #include <asm/hvm/support.h>
+ #include <asm/hvm/svm/clean.h>

@step_supported@
expression e;
@@
 svm_function_table.hap_supported = e;
+ svm_function_table.singlestep_supported = true;

@supported@
expression e;
@@
 svm_function_table.hap_supported = e;
+ svm_function_table.altp2m_supported = svm_function_table.hap_supported;

// A vCPU that is stepped is entered and left in a way of its own.
@step_enter@
expression e;
@@
 svm_vmenter_helper(...)
 {
 ...
 vmcb->rflags = e;
+ svm_step_enter(curr);
 }

@clean_check@
@@
 svm_vmenter_helper(...)
 {
 <...
 svm_step_enter(curr);
+ svm_clean_check(curr);
 ...>
 }

@step_leave@
@@
 svm_vmexit_handler(...)
 {
 <...
 regs->rflags = vmcb->rflags;
+ svm_step_leave(v, regs);
 ...>
 }

// What the CPU has cached is what it has saved.
@clean_note@
@@
 svm_vmexit_handler(...)
 {
 <...
+ svm_clean_note(v);
 svm_step_leave(v, regs);
 ...>
 }

@step_exit@
expression e;
@@
 svm_vmexit_handler(...)
 {
 <...
 if ( e )
     vmcb->event_inj = vmcb->exit_int_info;
+
+ if ( svm_step_exit(v, regs) )
+     goto out;
 ...>
 }

// A loaded vCPU is in a view like any other.
@restored@
expression vmcb, p2m;
@@
- vmcb_set_h_cr3(vmcb, pagetable_get_paddr(p2m_get_pagetable(p2m)));
+ altp2m_vcpu_restored(v);

@restored_p2m@
@@
 svm_vmcb_restore(...)
 {
 ...
- struct p2m_domain *p2m = p2m_get_hostp2m(v->domain);
 ...
 }

@hooks@
expression f;
@@
 struct hvm_function_table svm_function_table = {
     .cpu_down = f,
+    .altp2m_vcpu_update_p2m = svm_altp2m_sync,
+    .altp2m_vcpu_emulate_vmfunc = altp2m_emulate_vmfunc,
 };

// A new CPUID policy doesn't end the emulation of VMFUNC.
@ud_exits@
expression vendor;
statement S1, S2;
@@
 svm_cpuid_policy_changed(...)
 {
 <...
- if ( \(opt_hvm_fep || vendor\|opt_hvm_fep\) )
+ if ( altp2m_ud_exits(v) )
     S1
 else
     S2
 ...>
 }

// INT3 exits where a view may have put one into the guest's code.
// sites: 1
@int3@
statement S;
@@
 svm_do_resume(...)
 {
 <...
+ debug_state |= altp2m_int3_exits(v->domain);
+
 if ( nestedhvm_enabled(v->domain) && nestedhvm_vcpu_in_guestmode(v) )
     S
 ...>
 }

// An INT3 that a view shows is the view's own matter.  No debugger hears of it,
// and nobody else has to be there.  Before the length of the instruction is
// asked for: if the INT3 has been taken back, the guest would get #GP.
@breakpoint@
expression len;
@@
 svm_vmexit_handler(...)
 {
 <...
+ if ( altp2m_breakpoint(v) )
+     break;
+
 len = svm_get_insn_len(v, INSTR_INT3);
 ...>
 }

// Views by CR3: writes of CR3 exit while there are records.
// sites: 1
@cr3_exits@
identifier intercepts;
expression vmcb, monitored;
@@
 svm_update_guest_cr(...)
 {
 <...
- uint32_t intercepts = vmcb_get_cr_intercepts(vmcb);
-
- if ( monitored )
-     vmcb_set_cr_intercepts(vmcb, intercepts | CR_INTERCEPT_CR3_WRITE);
+ svm_altp2m_cr3_exits(v);
 ...>
 }

// sites: 1
@cr3_restored@
expression cr3;
@@
 svm_vmcb_restore(...)
 {
 <...
 v->arch.hvm.guest_cr[3] = cr3;
+ altp2m_cr3_set(v);
 ...>
 }
