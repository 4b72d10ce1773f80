@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/hvm/emulate.h>

// Where views change bytes of code, what is at rip by now may be another
// instruction than the CPU has met: it is tried again.
@changed@
@@
 svm_get_insn_len(...)
 {
 ...
+ if ( altp2m_code_changes(v) )
+     return 0;
+
 printk(...);
 hvm_dump_emulation_state(...);
 ...
 }
