/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views on AMD CPUs, which have neither VMFUNC nor #VE: both are made in
 * software (altp2m_ud_intercept(), altp2m_inject_ve()).
 */

#include <asm/altp2m.h>
#include <asm/altp2m_names.h>
#include <asm/hvm/asid.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

/*
 * altp2m_vcpu_sync() on AMD.  Loads nCR3 with the root of the vCPU's view, and
 * takes a fresh ASID: translations are tagged by ASID only (APM Vol. 2,
 * 15.16).  Has #UD exit, by which VMFUNC arrives, if the vCPU may use VMFUNC.
 *
 * The vCPU must not run, since its CPU writes to the VMCB between exit and
 * entry, to the clean bits among others.
 */
void cf_check svm_altp2m_sync(struct vcpu *v)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    uint32_t intercepts = vmcb_get_exception_intercepts(vmcb);

    ASSERT(v == current || !v->is_running);

    vmcb_set_h_cr3(vmcb, altp2m_root(v));
    hvm_asid_flush_vcpu(v);

    if ( altp2m_ud_exits(v) )
        intercepts |= 1u << X86_EXC_UD;
    else
        intercepts &= ~(1u << X86_EXC_UD);

    vmcb_set_exception_intercepts(vmcb, intercepts);
}

/*
 * Injects #VE into the current vCPU.  AMD CPUs have no such exception, and
 * VMRUN refuses to inject an exception whose vector has none (APM Vol. 2,
 * 15.20).  So an interrupt of that vector is injected.  It goes through the
 * same gate, with no error code and the same rIP, and RFLAGS.IF does not hold
 * it back.  The one difference is made up for: a fault pushes RF as set
 * (3.1.6).
 */
void svm_altp2m_inject_ve(void)
{
    current->arch.hvm.svm.vmcb->event_inj = (intinfo_t){
        .vector = X86_EXC_VE,
        .type = X86_ET_EXT_INTR,
        .v = true,
    };
    guest_cpu_user_regs()->rflags |= X86_EFLAGS_RF;
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
