// sites: 3
@drop@
identifier f = { p2m_init_altp2m, p2m_teardown_altp2m, p2m_init_altp2m_ept };
type T;
parameter list ps;
@@
- T f(ps);
