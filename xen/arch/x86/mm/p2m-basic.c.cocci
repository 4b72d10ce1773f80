@no_init@
@@
 p2m_init(...)
 {
 <...
- rc = p2m_init_altp2m(d);
- if ( rc )
- {
-     ...
- }
 ...>
 }

@no_teardown@
@@
 p2m_final_teardown(...)
 {
 <...
- p2m_teardown_altp2m(d);
 ...>
 }
