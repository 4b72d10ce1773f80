@include@
@@
+ #include <asm/altp2m.h>
 #include <public/hvm/hvm_vcpu.h>

// The holes of its map are no pages to be copied from a parent any more.
// sites: 1
@fork_ends@
@@
 domain_relinquish_resources(...)
 {
 <...
- d->parent = NULL;
+ altp2m_fork_ends(d);
 ...>
 }
