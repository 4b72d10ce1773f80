@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/p2m.h>

// It waits for vCPUs and takes the p2m lock, which the ring's may be taken under.
@cleanup@
expression d, l;
@@
 vm_event_disable(...)
 {
 <...
- vm_event_cleanup_domain(d);
 spin_unlock(l);
+ vm_event_cleanup_domain(d);
 ...>
 }
