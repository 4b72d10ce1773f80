@include@
@@
+ #include <asm/altp2m.h>
 #include <public/hvm/hvm_vcpu.h>

// A fork's parent changes with the fork's p2m lock held: the loops over parents in
// __mem_sharing_unshare_page() see the same ones.
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
