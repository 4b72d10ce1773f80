// Views cost nothing before they are turned on.
@enable@
statement S;
@@
 hap_enable(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     S
 ...>
 }

@final_teardown@
statement S;
@@
 hap_final_teardown(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     S
 ...>
 }

@teardown@
statement S;
@@
 hap_teardown(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     S
+ altp2m_teardown(d, preempted);
+ if ( preempted && *preempted )
+     return;
 ...>
 }

// The CPU of a guest with PAE paging gets the four entries at CR3 with the paging lock held.  They
// are on the page that the vCPU's view shows, so that page is what is brought in before, and the
// view stays as it is until they are read: the host p2m lock comes before the paging lock.
@paging_modes@
identifier cr3_gfn, t;
expression E;
@@
 hap_update_paging_modes(...)
 {
 ...
- unsigned long cr3_gfn = E;
+ unsigned long cr3_gfn;
 ...
+ p2m_lock(p2m_get_hostp2m(d));
+ cr3_gfn = gfn_x(altp2m_gfn(v, gaddr_to_gfn(v->arch.hvm.guest_cr[3])));
 (void)get_gfn(d, cr3_gfn, &t);
 ...
 put_gfn(d, cr3_gfn);
+ p2m_unlock(p2m_get_hostp2m(d));
 }
