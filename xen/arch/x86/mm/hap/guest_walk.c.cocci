// The tables that a vCPU's CPU would walk are those its view shows.
@top@
expression list es;
@@
- p2m_get_page_from_gfn(p2m, top_gfn, es)
+ p2m_get_page_from_gfn(p2m, altp2m_gfn(v, top_gfn), es)

@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/guest_pt.h>
