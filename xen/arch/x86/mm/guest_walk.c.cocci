// The tables that a vCPU's CPU would walk are those its view shows.
@tables@
expression gfn;
expression list es;
@@
 guest_walk_tables(...)
 {
 <...
- map_domain_gfn(p2m, gfn, es)
+ map_domain_gfn(p2m, altp2m_gfn(v, gfn), es)
 ...>
 }

@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/page.h>
