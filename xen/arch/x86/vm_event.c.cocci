// A vCPU that a monitor steps, and that nobody would hear of any more, must not
// go on without interrupts for ever.
@detach@
@@
 vm_event_cleanup_domain(...)
 {
 <...
 v->arch.vm_event = NULL;
+ if ( is_hvm_domain(d) && !d->debugger_attached )
+     hvm_debug_op(v, XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF);
 ...>
 }
