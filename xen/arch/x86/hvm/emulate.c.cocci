@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/event.h>

// A device model has the host's map.
@device@
@@
 hvmemul_acquire_page(...)
 {
 ...
 p2m_type_t p2mt;
+
+ if ( !altp2m_device_sees(current, _gfn(gmfn)) )
+     return X86EMUL_UNHANDLEABLE;
 ...
 }

// Whether something is memory is asked of the page that the view shows.
@types@
identifier f = { hvmemul_rep_ins, hvmemul_rep_outs, hvmemul_rep_movs,
                 hvmemul_rep_stos };
expression d, gpa, t;
@@
 f(...)
 {
 <...
- get_gfn_query_unlocked(d, gpa >> PAGE_SHIFT, t)
+ get_gfn_query_unlocked(
+     d, gfn_x(altp2m_gfn(current, gaddr_to_gfn(gpa))), t)
 ...>
 }
