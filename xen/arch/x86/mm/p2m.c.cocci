// Ours has the name that common code knows.
@drop_check@
identifier f = { p2m_altp2m_check };
type T;
parameter list ps;
@@
- T f(ps) { ... }

// The views of the first implementation go, function by function.
// sites: 16
@drop_views@
identifier f = {
    altp2m_get_effective_entry, p2m_switch_vcpu_altp2m_by_id, p2m_altp2m_get_or_propagate, p2m_reset_altp2m, p2m_flush_altp2m,
    p2m_activate_altp2m, p2m_init_altp2m_by_id, p2m_init_next_altp2m,
    p2m_destroy_altp2m_by_id, p2m_switch_domain_altp2m_by_id,
    p2m_change_altp2m_gfn, p2m_altp2m_propagate_change, p2m_set_suppress_ve,
    p2m_set_suppress_ve_multi, p2m_get_suppress_ve,
    p2m_set_altp2m_view_visibility };
type T;
parameter list ps;
@@
- T f(ps) { ... }

@drop_reset_type@
@@
- enum altp2m_reset_type { ... };

// A host change reaches views by the entries it writes.  What is left to say is
// the range, for gfns that are shown elsewhere.
@global_type@
identifier d;
statement S;
@@
 p2m_change_entry_type_global(...)
 {
 <...
- if ( unlikely(altp2m_active(d)) )
-     S
+ altp2m_targets_changed(d, _gfn(0), INVALID_GFN);
 ...>
 }

@memory_type@
identifier d;
statement S;
@@
 p2m_memory_type_changed(...)
 {
 <...
- if ( unlikely(altp2m_active(d)) )
-     S
+ altp2m_memory_type_changed(d);
 ...>
 }

@range_type@
identifier d;
statement S;
@@
 p2m_change_type_range(...)
 {
 <...
- if ( unlikely(altp2m_active(d)) )
-     S
+ altp2m_targets_changed(d, _gfn(start), _gfn(end - 1));
 ...>
 }

@finish_type@
identifier d;
statement S;
@@
 p2m_finish_type_change(...)
 {
 <...
- if ( unlikely(altp2m_active(d)) )
-     S
 ...>
 }

@finish_type_label@
@@
 p2m_finish_type_change(...)
 {
 ...
- if ( rc < 0 )
-     goto out;
 ...
- out:
 p2m_unlock(...);
 ...
 }

@no_clipping@
expression a, b;
@@
 change_type_range(...)
 {
 <...
- if ( p2m_is_altp2m(p2m) )
-     a = b;
 ...>
 }

// Tables that views have cached make room for the host's.
@reclaim@
expression p2m;
identifier pg;
@@
 p2m_alloc_ptp(...)
 {
 <...
 pg = p2m->domain->arch.paging.alloc_page(p2m->domain);
+ while ( !pg && altp2m_reclaim(p2m->domain) )
+     pg = p2m->domain->arch.paging.alloc_page(p2m->domain);
+ if ( !pg )
+     pg = altp2m_host_page(p2m->domain);
 ...>
 }

// When the lock is free, no table of a view waits for a flush, and each is what it
// has to be.
@unlocked@
identifier p2m;
@@
 p2m_unlock_and_tlb_flush(struct p2m_domain *p2m)
 {
+ ASSERT(altp2m_settled(p2m));
+ ASSERT(p2m->lock.recurse_count != 1 || altp2m_sample_good(p2m));
+
 ...
 }
