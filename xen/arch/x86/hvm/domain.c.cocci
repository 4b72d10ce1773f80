@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/hvm/emulate.h>

// A vCPU that starts has a CR3, and so a view.
// sites: 1
@cr3_set@
expression v;
@@
 arch_set_info_hvm_guest(...)
 {
 <...
+ altp2m_cr3_set(v);
 hvm_update_guest_cr(v, 0);
 ...>
 }
