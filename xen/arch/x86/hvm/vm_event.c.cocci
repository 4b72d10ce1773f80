// A step that a reply asks for begins before Xen carries out the instruction that the reply has it
// emulate: so it ends with that instruction.
@step_begins@
expression list es;
@@
 hvm_vm_event_do_resume(...)
 {
 <...
+ hvm_step_check(v);
 hvm_emulate_one_vm_event(es);
 ...>
 }

@include@
@@
 #include <asm/hvm/support.h>
+ #include <asm/hvm/step.h>
