// sites: 3
@fork_entries@
identifier f = { copy_special_pages };
expression p2m, gfn, mfn, t;
@@
 f(...)
 {
 <...
- p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, p2m->default_access, -1)
+ altp2m_fork_set(p2m, gfn, mfn, t)
 ...>
 }

@reset_lock@
@@
 mem_sharing_fork_reset(...)
 {
 <...
+ p2m_lock(p2m);
 rspin_lock(&d->page_alloc_lock);
 ...>
 }

@reset_unlock@
@@
 mem_sharing_fork_reset(...)
 {
 <...
 rspin_unlock(&d->page_alloc_lock);
+ p2m_unlock(p2m);
 ...>
 }
