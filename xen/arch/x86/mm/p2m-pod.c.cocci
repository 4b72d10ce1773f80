// Pages of zeroes are taken back to be populated on demand, and come with the
// default access then: not those that somebody has given another.
@zero_page@
expression t;
statement S;
@@
 p2m_pod_zero_check(...)
 {
 <...
- if ( p2m_is_ram(t) )
+ if ( p2m_is_ram(t) && a == p2m->default_access )
     S
 ...>
 }

@zero_superpage@
expression t;
statement S;
@@
 p2m_pod_zero_check_superpage(...)
 {
 <...
- if ( !p2m_is_ram(t) )
+ if ( !p2m_is_ram(t) || a != p2m->default_access )
     S
 ...>
 }
