@drop_definitions@
identifier f = { p2m_is_altp2m };
type T;
parameter list ps;
@@
- T f(ps) { ... }

// The leaves of views get their flags as the host's do.
@share@
identifier f = { p2m_pt_handle_deferred_changes };
type T;
parameter list ps;
@@
+ unsigned long p2m_type_to_flags(const struct p2m_domain *p2m, p2m_type_t t,
+                                 mfn_t mfn, unsigned int level);
 T f(ps);
