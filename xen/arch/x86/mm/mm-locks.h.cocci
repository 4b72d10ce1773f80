@one_lock@
statement S1, S2;
@@
 p2m_lock(...)
 {
- if ( p2m_is_altp2m(p) )
-     S1
- else
     S2
 ...
 }
