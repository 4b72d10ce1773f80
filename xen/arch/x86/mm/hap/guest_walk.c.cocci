// The tables that a vCPU's CPU would walk are those its view shows.
@top@
@@
 p2m_get_page_from_gfn(p2m,
- top_gfn
+ altp2m_gfn(v, top_gfn)
  , ...)

@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/guest_pt.h>
