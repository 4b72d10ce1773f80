/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views on AMD CPUs, which have neither VMFUNC nor #VE: both are made in
 * software (altp2m_ud_intercept(), altp2m_inject_ve()).
 */

#include <asm/altp2m.h>
#include <asm/hvm/asid.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

/*
 * Have the CPU walk the tables of the view that a vCPU is in, with an ASID that
 * has nothing cached: translations are tagged by ASID alone (APM Vol. 2, 15.16).
 */
void cf_check svm_altp2m_update_ncr3(struct vcpu *v)
{
    vmcb_set_h_cr3(v->arch.hvm.svm.vmcb, altp2m_root(v));
    hvm_asid_flush_vcpu(v);
}

/* VMFUNC arrives as #UD, from a vCPU that may use it. */
void cf_check svm_altp2m_update_ve(struct vcpu *v)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    uint32_t intercepts = vmcb_get_exception_intercepts(vmcb);

    if ( vcpu_altp2m(v).veinfo_pg )
        intercepts |= 1u << TRAP_invalid_op;
    else if ( !opt_hvm_fep )
        intercepts &= ~(1u << TRAP_invalid_op);

    vmcb_set_exception_intercepts(vmcb, intercepts);
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
