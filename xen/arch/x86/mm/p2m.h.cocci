// sites: 1
@drop@
type T;
parameter list ps;
@@
- T p2m_init_altp2m_ept(ps);
