// Views cost nothing before they are turned on.
@enable@
statement S;
@@
 hap_enable(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     S
 ...>
 }

@final_teardown@
statement S;
@@
 hap_final_teardown(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     S
 ...>
 }

@teardown@
statement S;
@@
 hap_teardown(...)
 {
 <...
- if ( hvm_altp2m_supported() )
-     S
+ altp2m_teardown(d, preempted);
+ if ( preempted && *preempted )
+     return;
 ...>
 }
