// The leaves of views get their flags as the host's do.
@share@
identifier f = { update_guest_eip };
type T;
parameter list ps;
@@
+ void ept_p2m_type_to_flags(const struct p2m_domain *p2m, ept_entry_t *entry);
 T f(ps);
