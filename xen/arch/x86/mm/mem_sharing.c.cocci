// A shared page is one more change of the host's entry, which views follow.
@share_what_views_show@
statement S;
@@
 nominate_page(...)
 {
 <...
- if ( altp2m_active(d) )
-     S
 ...>
 }

// The fork's views follow what is written to its map, so that takes the lock.
// sites: 4
@fork_entries@
identifier f = { copy_vcpu_settings, copy_special_pages };
expression p2m, gfn, mfn, t;
@@
 f(...)
 {
 <...
- p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, p2m->default_access, -1)
+ altp2m_fork_set(p2m, gfn, mfn, t)
 ...>
 }

// Nor are pages dropped without it; it comes before the allocation lock.
@reset_lock@
@@
 mem_sharing_fork_reset(...)
 {
 <...
+ p2m_lock(p2m);
 spin_lock_recursive(&d->page_alloc_lock);
 ...>
 }

@reset_unlock@
@@
 mem_sharing_fork_reset(...)
 {
 <...
 spin_unlock_recursive(&d->page_alloc_lock);
+ p2m_unlock(p2m);
 ...>
 }

// Views look up in the parents what a fork has not copied: altp2m_fork_owes().  The
// locks for that come before a page's.  A fork's own lock keeps its parent.
@unshare_lock@
expression mfn;
@@
 __mem_sharing_unshare_page(...)
 {
 <...
+ for ( parent = d->parent; parent; parent = parent->parent )
+     p2m_lock(p2m_get_hostp2m(parent));
+
 page = __grab_shared_page(mfn);
 ...>
 }

@unshare_unlock@
expression gfn;
@@
 __mem_sharing_unshare_page(...)
 {
 <...
+ for ( parent = d->parent; parent; parent = parent->parent )
+     p2m_unlock(p2m_get_hostp2m(parent));
+
 put_gfn(d, gfn);
 return rc;
 ...>
 }

@unshare_parent@
@@
 __mem_sharing_unshare_page(...)
 {
 ...
 p2m_type_t p2mt;
+ struct domain *parent;
 ...
 }

@fork_page_locks@
expression rc, e1, e2, e3;
@@
 mem_sharing_fork_page(...)
 {
 <...
- p2m = p2m_get_hostp2m(parent);
- p2m_lock(p2m);
+ for ( up = d->parent; up; up = up->parent )
+     p2m_lock(p2m_get_hostp2m(up));
 rc = add_to_physmap(parent, e1, handle, d, e2, e3);
- p2m_unlock(p2m);
+ for ( up = d->parent; up; up = up->parent )
+     p2m_unlock(p2m_get_hostp2m(up));
 ...>
 }

@fork_page_up@
@@
 mem_sharing_fork_page(...)
 {
 ...
 struct p2m_domain *p2m;
+ struct domain *up;
 ...
 }

// Its parent changes with a fork's lock held.
@fork_fails@
@@
 fork(...)
 {
 <...
- cd->parent = NULL;
+ altp2m_fork_ends(cd);
 ...>
 }
