// sites: 2
@drop_views@
identifier f = { p2m_init_altp2m_ept, p2m_find_altp2m_by_eptp };
type T;
parameter list ps;
@@
- T f(ps) { ... }

// The one place that writes host entries tells views, whole tables included.
@entry_written@
expression e;
@@
 atomic_write_ept_entry(...)
 {
+ const ept_entry_t old = *entryptr;
 int rc = e;
 ...
 write_atomic(&entryptr->epte, new.epte);
+ altp2m_ept_changed(p2m, entryptr, old.epte, level);
 ...
 }

// Views know in which of the host's tables access is restricted.
@access_set@
identifier new;
@@
 ept_set_entry(...)
 {
 <...
 new.access = p2ma;
+ altp2m_access_set(p2m, gfn_, ept_entry, p2ma);
 ...>
 }

@access_split@
identifier table;
@@
 ept_split_super_page(...)
 {
 ...
+ altp2m_access_set(p2m, INVALID_GFN, table, ept_entry->access);
 for ( ... ; ... ; ... )
 {
     ept_entry_t *epte = table + i;
     ...
 }
 ...
 }

@gfn_changed@
identifier d;
expression gfn, mfn, order, t, a, ret, rc;
@@
 ept_set_entry(...)
 {
 <...
- {
- ret = p2m_altp2m_propagate_change(d, _gfn(gfn), mfn, order, t, a);
- if ( !rc )
-     rc = ret;
- }
+ altp2m_targets_changed(d, _gfn(gfn), _gfn(gfn + (1UL << order) - 1));
 ...>
 }

// Tables go back to the pool, from where anybody may get them, only when no CPU
// can walk them any more.
@flush_before_free@
expression e, target;
@@
 ept_set_entry(...)
 {
 <...
+ if ( target && is_epte_present(&e) &&
+         !is_epte_superpage(&e) )
+     p2m_tlb_flush_sync(p2m);
 if ( is_epte_present(&e) )
     ept_free_entry(p2m, &e, target);
 ...>
 }

// A debug build tells that every CPU must invalidate.
@mask_told@
identifier d, ept;
@@
 ept_sync_domain_prepare(...)
 {
 struct domain *d = ...;
 ...
 cpumask_setall(ept->invalidate);
+ altp2m_trace(d, ALTP2M_MASKED);
 }

// What is misconfigured is so in the host's tables, which views mirror.
@misconfig@
identifier curr, p2m;
@@
 ept_handle_misconfig(...)
 {
 <...
- if ( altp2m_active(curr->domain) )
-     p2m = p2m_get_altp2m(curr);
 ...>
 }

@misconfig_remapped@
expression p2m, gpa, rc;
@@
 ept_handle_misconfig(...)
 {
 <...
 rc = resolve_misconfig(p2m, PFN_DOWN(gpa));
+ rc = altp2m_misconfig(curr, _gfn(PFN_DOWN(gpa)), rc);
 ...>
 }

@ad_sync@
identifier d;
statement S;
@@
 ept_set_ad_sync(...)
 {
 <...
- if ( unlikely(altp2m_active(d)) )
-     S
+ altp2m_roots_changed(d);
 ...>
 }

@flags_for_all@
identifier f = ept_p2m_type_to_flags;
parameter list ps;
@@
- static void f(ps)
+ void f(ps)
 { ... }
