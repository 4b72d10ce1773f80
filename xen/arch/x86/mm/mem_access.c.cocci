@include@
@@
 #include <asm/hvm/emulate.h>
+ #include <asm/p2m-rights.h>

@drop_views@
identifier f = { p2m_set_altp2m_mem_access };
type T;
parameter list ps;
@@
- T f(ps) { ... }

// What an access is checked against, and what a promotion changes, is the view
// the vCPU is in.
@emulate_check@
expression data, access;
@@
 p2m_mem_access_emulate_check(...)
 {
 <...
- _p2m_get_mem_access(p2m, _gfn(data->gfn), &access)
+ altp2m_vcpu_access(v, _gfn(data->gfn), &access)
 ...>
 }

@emulate_check_p2m@
identifier p2m, d;
@@
 p2m_mem_access_emulate_check(...)
 {
 ...
- struct domain *d = v->domain;
- struct p2m_domain *p2m = NULL;
 ...
- if ( altp2m_active(d) )
-     p2m = p2m_get_altp2m(v);
- if ( !p2m )
-     p2m = p2m_get_hostp2m(d);
 ...
 }

@check_p2m@
@@
 p2m_mem_access_check(...)
 {
 ...
- if ( altp2m_active(d) )
-     p2m = p2m_get_altp2m(v);
- if ( !p2m )
-     p2m = p2m_get_hostp2m(d);
+ p2m = p2m_get_hostp2m(d);
 ...
 }

// sites: 2
@check_lookup@
expression mfn, t, a;
@@
 p2m_mem_access_check(...)
 {
 <...
- mfn = p2m->get_entry(p2m, gfn, &t, &a, 0, NULL, NULL);
+ altp2m_get_entry(v, gfn, &t, &a);
 ...>
 }

// sites: 3
@check_promote@
expression mfn, rc, t, a;
@@
 p2m_mem_access_check(...)
 {
 <...
- rc = p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, a, -1);
- ASSERT(rc == 0);
+ altp2m_promote(v, gfn, a);
 ...>
 }

@check_unused@
@@
 p2m_mem_access_check(...)
 {
 ...
- mfn_t mfn;
 ...
- int rc;
 ...
 }

// The host's own access; a view's is set by altp2m_op().
@set_one@
statement S1, S2;
@@
 set_mem_access(...)
 {
 ...
- if ( ap2m )
-     S1
- else
     S2
 ...
 }

@set_one_parameters@
identifier p2m, a, gfn, d, ap2m;
@@
 set_mem_access(struct domain *d, struct p2m_domain *p2m,
-               struct p2m_domain *ap2m,
                p2m_access_t a, gfn_t gfn)
 { ... }

// sites: 2
@set_one_calls@
expression d, p2m, a, gfn;
@@
- set_mem_access(d, p2m, ap2m, a, gfn)
+ set_mem_access(d, p2m, a, gfn)

// It counts in every view, and a hole has none.
@set_everywhere@
expression p2m, gfn, a, rc;
identifier old, t, mfn;
@@
 set_mem_access(...)
 {
 <...
- p2m_access_t old;
- p2m_type_t t;
- mfn_t mfn = p2m_get_gfn_type_access(...);
- rc = p2m->set_entry(p2m, gfn, mfn, PAGE_ORDER_4K, t, a, -1);
+ rc = altp2m_set_host_access(p2m, gfn, a);
 ...>
 }

// sites: 2
@set_host_only@
identifier f = { p2m_set_mem_access, p2m_set_mem_access_multi };
statement S;
@@
 f(...)
 {
 <...
- if ( altp2m_idx )
-     S
 ...>
 }

// sites: 2
@set_lock@
identifier f = { p2m_set_mem_access, p2m_set_mem_access_multi };
@@
 f(...)
 {
 <...
- if ( ap2m )
-     p2m_lock(ap2m);
 ...>
 }

// sites: 2
@set_unlock@
identifier f = { p2m_set_mem_access, p2m_set_mem_access_multi };
@@
 f(...)
 {
 <...
- if ( ap2m )
-     p2m_unlock(ap2m);
 ...>
 }

// sites: 2
@set_declaration@
identifier f = { p2m_set_mem_access, p2m_set_mem_access_multi };
@@
 f(...)
 {
 ...
- struct p2m_domain *ap2m = NULL;
 ...
 }

@get@
statement S1, S2;
@@
 p2m_get_mem_access(...)
 {
 <...
- if ( !altp2m_active(d) )
-     S1
- else if ( altp2m_idx )
-     S2
+ if ( altp2m_idx )
+     return altp2m_get_mem_access(d, gfn, access, _view_idx(altp2m_idx));
 ...>
 }

@access_required@
statement S;
@@
 arch_p2m_set_access_required(...)
 {
 <...
- if ( altp2m_active(d) )
-     S
 ...>
 }

// An access that the CPU can't enforce is refused before anything changes.
@set_expressible@
expression p2m, access, a;
@@
 p2m_set_mem_access(...)
 {
 ...
- if ( !xenmem_access_to_p2m_access(p2m, access, &a) )
-     return -EINVAL;
+ rc = p2m_check_access(d, access, &a);
+ if ( rc )
+     return rc;
 ...
 }

@set_expressible_multi@
expression p2m, access, a;
@@
 p2m_set_mem_access_multi(...)
 {
 <...
- if ( !xenmem_access_to_p2m_access(p2m, access, &a) )
+ rc = p2m_check_access(d, access, &a);
+ if ( rc )
 {
-     rc = -EINVAL;
     break;
 }
 ...>
 }

@npt_too@
@@
 p2m_mem_access_sanity_check(...)
 {
- return is_hvm_domain(d) && cpu_has_vmx && hap_enabled(d);
+ return is_hvm_domain(d) && hap_enabled(d);
 }

// For each page all views are gone through, up to 512 of them: others may come in
// between.  In a section of altp2m_op() the lock is held once more and stays: it bounds
// its work itself.
// sites: 2
@set_one_by_one@
identifier f = { p2m_set_mem_access, p2m_set_mem_access_multi };
expression rc, d, p2m, a, gfn;
@@
 f(...)
 {
 <...
 rc = set_mem_access(d, p2m, a, gfn);
+ if ( unlikely(altp2m_active(d)) )
+ {
+     /* All views were gone through: others may come in between. */
+     p2m_unlock(p2m);
+     p2m_lock(p2m);
+ }
 ...>
 }
