// The tables that a vCPU's CPU would walk are those its view shows, and so is the page that the walk
// leads to: that is what is brought in here.  (spatch can't parse the function again once a rule has
// changed it: so one rule does it all.)
// sites: 4
@pages@
identifier f = { p2m_get_page_from_gfn, p2m_mem_paging_populate };
expression where, gfn;
@@
 f(where,
- gfn
+ altp2m_gfn(v, gfn)
  , ...)

@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/guest_pt.h>
