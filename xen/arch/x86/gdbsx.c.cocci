// A debugger sees what its vCPU sees: the walk by which it gets here, too, is of the tables that the
// view shows.
@shown@
statement S;
@@
 dbg_hvm_va2mfn(...)
 {
 ...
 if ( gfn_eq(*gfn, INVALID_GFN) )
     S
+
+ *gfn = altp2m_gfn(dp->vcpu[0], *gfn);
 ...
 }

@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/gdbsx.h>
