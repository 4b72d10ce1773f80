@include@
@@
+ #include <asm/altp2m.h>
 #include <asm/hvm/hvm.h>

// Each vCPU's own view's, not the host's for all.  The lock is held.
@drop@
identifier f = { vmx_vcpu_update_eptp };
type T;
parameter list ps;
@@
- T f(ps) { ... }

@update@
expression v, eptp;
@@
 vmx_domain_update_eptp(...)
 {
 <...
- vmx_vcpu_update_eptp(v, eptp);
+ altp2m_vcpu_sync(v);
 ...>
 }

// What a vCPU at rest has been given meanwhile.
@resume@
expression v;
@@
 vmx_do_resume(...)
 {
 ...
+ altp2m_resume(v);
 hvm_do_resume(v);
 ...
 }

// INT3 exits where a view may have put one into the guest's code.
@int3@
expression e;
@@
 vmx_do_resume(...)
 {
 <...
 debug_state = e;
+ debug_state |= altp2m_int3_exits(v->domain);
 ...>
 }
