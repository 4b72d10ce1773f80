// sites: 3
@drop_wrappers@
identifier f = { altp2m_vcpu_update_p2m, altp2m_vcpu_update_vmfunc_ve,
                 altp2m_vcpu_emulate_ve };
type T;
parameter list ps;
@@
- T f(ps) { ... }
