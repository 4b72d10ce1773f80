// A fork has the mode that it was created with: a parameter that can't be set again.
@fork_mode@
@@
 hvm_copy_context_and_params(...)
 {
 <...
 if ( hvm_get_param(src, i, &value) || !value )
     continue;
+
+ if ( i == HVM_PARAM_ALTP2M && value == dst->arch.hvm.params[i] )
+     continue;
 ...>
 }
