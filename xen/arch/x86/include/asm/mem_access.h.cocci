// sites: 3
@drop@
identifier f = { p2m_set_suppress_ve, p2m_set_suppress_ve_multi,
                 p2m_get_suppress_ve };
type T;
parameter list ps;
@@
- T f(ps);
