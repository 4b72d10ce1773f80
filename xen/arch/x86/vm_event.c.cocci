@include@
@@
 #include <xen/mem_access.h>
+ #include <xen/vm_event.h>

// The steps that a monitor has asked for end with it: nobody else would end them,
// and interrupts are kept back from a vCPU that is stepped.
@detach@
@@
 vm_event_cleanup_domain(...)
 {
 <...
 v->arch.vm_event = NULL;
+ if ( is_hvm_domain(d) && !vm_event_check_ring(d->vm_event_monitor) )
+     hvm_step_end(v, d->debugger_attached ? HVM_STEP_MONITOR
+                                          : HVM_STEP_ALL);
 ...>
 }
