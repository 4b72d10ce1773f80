@step_enters@
statement S;
@@
 vmx_intr_assist(...)
 {
 <...
- if ( unlikely(v->arch.hvm.single_step) )
+ if ( unlikely(v->arch.hvm.single_step) && hvm_step_enters(v) )
     S
 ...>
 }
