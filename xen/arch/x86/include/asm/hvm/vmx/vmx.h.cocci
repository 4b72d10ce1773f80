// The leaves of views get their flags as the host's do.
@share@
identifier f = { p2m_find_altp2m_by_eptp };
type T;
parameter list ps;
@@
- T f(ps);
+ void ept_p2m_type_to_flags(const struct p2m_domain *p2m, ept_entry_t *entry);
