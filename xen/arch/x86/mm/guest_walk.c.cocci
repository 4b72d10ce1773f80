// The tables that a vCPU's CPU would walk are those its view shows.
// sites: 3
@tables@
expression gfn;
@@
 guest_walk_tables(...)
 {
 <...
 map_domain_gfn(p2m,
- gfn
+ altp2m_gfn(v, gfn)
  , ...)
 ...>
 }

@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/page.h>
