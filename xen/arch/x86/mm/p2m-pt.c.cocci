@include@
@@
 #include <asm/hvm/nestedhvm.h>
+ #include <asm/npt-access.h>

// The access of a page is noted in its entry, and narrows it.
// sites: 3
@set_flags@
expression mfn, l;
@@
 p2m_pt_set_entry(...)
 {
 <...
- p2m_type_to_flags(p2m, p2mt, mfn, l)
+ npt_access_flags(p2m_type_to_flags(p2m, p2mt, mfn, l), p2ma)
 ...>
 }

// What an identity entry is asked for with is for the IOMMU alone, as ever.
@new_access@
identifier flags;
expression p2m_entry;
@@
 p2m_pt_set_entry(...)
 {
 <...
 old_mfn = l1e_get_pfn(*p2m_entry);
 flags = l1e_get_flags(*p2m_entry);
+ p2ma = npt_new_access(p2m, flags, p2mt, p2ma);
 ...>
 }

@recalc_flags@
expression nt, mfn, l;
@@
 do_recalc(...)
 {
 <...
- p2m_type_to_flags(p2m, nt, mfn, l)
+ npt_access_flags(p2m_type_to_flags(p2m, nt, mfn, l),
+                  npt_access(l1e_get_flags(e)))
 ...>
 }

@old_access@
identifier f = { p2m_flags_to_access };
type T;
parameter list ps;
@@
- T f(ps) { ... }

// sites: 3
@use_access@
expression flags;
@@
- p2m_flags_to_access(flags)
+ npt_iommu_access(flags)

// sites: 3
@get_access@
identifier flags, get = { l1e_get_flags, l2e_get_flags, l3e_get_flags };
expression entry;
@@
 p2m_pt_get_entry(...)
 {
 <...
 flags = get(entry);
+ *a = npt_access(flags);
 ...>
 }

// A page that nobody may access isn't present, but there.
// sites: 3
@get_mapped@
identifier flags;
@@
 p2m_pt_get_entry(...)
 {
 <...
- !(flags & _PAGE_PRESENT)
+ !npt_mapped(flags)
 ...>
 }

// Its type may have to be computed anew: others can show it.
// sites: 5
@recalc_mapped@
identifier f = { p2m_pt_set_recalc_range, do_recalc };
expression e;
@@
 f(...)
 {
 <...
- (l1e_get_flags(e) & _PAGE_PRESENT)
+ npt_mapped(l1e_get_flags(e))
 ...>
 }

// sites: 3
@audit_mapped@
identifier get = { l1e_get_flags, l2e_get_flags, l3e_get_flags };
expression e;
@@
 p2m_pt_audit_p2m(...)
 {
 <...
- !(get(e) & _PAGE_PRESENT)
+ !npt_mapped(get(e))
 ...>
 }

// The one place that writes host entries tells views.
@entry_written@
identifier v, d;
statement S;
@@
 write_p2m_entry(...)
 {
 ...
+ altp2m_access_set(p2m, _gfn(gfn), p, npt_access(l1e_get_flags(new)));
+
 if ( v->domain != d )
     S
 ...
 }

// Views are told before CPUs flush, so that one flush is for the host's entry and for theirs; and
// after the paging lock, which neither needs: the host p2m lock is held.
@entry_followed@
identifier post = { write_p2m_entry_post };
expression old, dom;
@@
- if ( p2m->post )
+ if ( p2m->post && !altp2m_follows(p2m) )
     p2m->post(p2m, old);
 paging_unlock(dom);
+ altp2m_npt_changed(p2m, p, old, level - 1);

@entry_not_flushed@
expression E;
statement S;
@@
 if ( E )
     S
 else
- safe_write_pte(p, new);
+ {
+     safe_write_pte(p, new);
+     altp2m_npt_changed(p2m, p, 0, level - 1);
+ }

// One that is taken away was in the IOMMU's tables, if not for the guest.
// sites: 2
@set_over_hidden@
identifier flags;
statement S;
@@
 p2m_pt_set_entry(...)
 {
 <...
- if ( flags & _PAGE_PRESENT )
+ if ( npt_mapped(flags) )
     S
 ...>
 }

@gfn_changed@
expression e;
@@
 p2m_pt_set_entry(...)
 {
 <...
+ if ( p2m_is_hostp2m(p2m) )
+     altp2m_targets_changed(d, _gfn(gfn), _gfn(gfn + (1UL << page_order) - 1));
+
 if ( l1e_get_flags(e) & _PAGE_PRESENT )
     p2m_free_entry(...);
 ...>
 }

@deferred@
@@
 p2m_pt_handle_deferred_changes(...)
 {
 <...
- ASSERT(!altp2m_active(current->domain));
 ...>
 }

// Where memory is short, there is the reserve.
@deferred_no_memory@
expression p2m, gpa, rc;
@@
 p2m_pt_handle_deferred_changes(...)
 {
 <...
 rc = do_recalc(p2m, PFN_DOWN(gpa));
+ if ( rc == -ENOMEM && altp2m_active(current->domain) )
+     rc = altp2m_deferred(current, _gfn(PFN_DOWN(gpa)));
 ...>
 }

@flags_for_all@
@@
- static
 unsigned long p2m_type_to_flags(...)
 { ... }
