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

// Where that fails it is no fork any more: the holes of its map are holes.
@fork_fails@
@@
 fork(...)
 {
 <...
- cd->parent = NULL;
+ altp2m_fork_ends(cd);
 ...>
 }
