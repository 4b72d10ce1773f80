// A shared page is one more change of the host's entry, which views follow.
@share_what_views_show@
statement S;
@@
 nominate_page(...)
 {
 <...
- if ( altp2m_active(d) )
-     S
 ...>
 }
