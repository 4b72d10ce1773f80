@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/p2m.h>
