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
// sites: 5
@types@
identifier f = { hvmemul_rep_ins, hvmemul_rep_outs, hvmemul_rep_movs,
                 hvmemul_rep_stos };
expression d, gpa, t;
@@
 f(...)
 {
 <...
- get_gfn_query_unlocked(d, gpa >> PAGE_SHIFT, t)
+ get_gfn_query_unlocked(d,
+                        gfn_x(altp2m_gfn(current, gaddr_to_gfn(gpa))), t)
 ...>
 }

// A write to a page whose writes go to a device model, by whatever gfn the view
// shows it.  The device model has the host's map.
@server_type@
@@
 hvmemul_do_io(...)
 {
 <...
- unsigned long gmfn = paddr_to_pfn(addr);
+ unsigned long gmfn = gfn_x(altp2m_gfn(curr, gaddr_to_gfn(addr)));
 ...>
 }

@server_address@
statement S;
@@
 hvmemul_do_io(...)
 {
 <...
 if ( s == NULL )
     S
 if ( dir == IOREQ_READ )
 {
     ...
     break;
 }
+
+ p.addr = gfn_to_gaddr(_gfn(gmfn)) | (addr & ~PAGE_MASK);
 ...>
 }

// A write that was to such a page, and meets one of RAM by now: done again, the
// instruction writes there.
@server_gone@
identifier p2mt;
@@
 hvmemul_do_io(...)
 {
 <...
 if ( p2mt == p2m_ioreq_server )
 {
     unsigned int flags;
     ...
 }
+ if ( dir == IOREQ_WRITE && altp2m_late_ram(currd, p2mt) )
+ {
+     rc = X86EMUL_RETRY;
+     vio->req.state = STATE_IOREQ_NONE;
+     break;
+ }
 ...>
 }

// A breakpoint that a view has got at rip since the CPU fetched there is for the
// CPU to meet.
@breakpoint@
expression list es;
@@
 _hvm_emulate_one(...)
 {
 ...
 rc = x86_emulate(es);
+ if ( altp2m_met_breakpoint(curr, hvmemul_ctxt->insn_buf,
+                            hvmemul_ctxt->insn_buf_bytes) )
+     rc = X86EMUL_RETRY;
 ...
 }

// A device model's response that nobody takes when the instruction is done again, as
// its view has changed since it asked.
@unclaimed_answer@
expression list es;
statement S;
@@
 _hvm_emulate_one(...)
 {
 ...
 rc = x86_emulate(es);
 if ( altp2m_met_breakpoint(...) )
     S
+ if ( rc != X86EMUL_RETRY )
+     altp2m_emulated(curr);
 ...
 }
