@include@
@@
 #include <asm/hvm/io.h>
+ #include <asm/hvm/step.h>
+ #include <asm/hvm/svm/step.h>

// Nothing comes between a vCPU and the instruction that it is to step.
@stepping@
expression e;
@@
 svm_intr_assist(...)
 {
 ...
 if ( e )
     return;
+
+ if ( svm_stepping(v) && hvm_step_enters(v) )
+     return;
 pt_update_irq(v);
 ...
 }
