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
 * Have the CPU walk the tables of the view that a vCPU is in, with an ASID that
 * has nothing cached, as translations are tagged by ASID only (APM Vol. 2,
 * 15.16); and exit for VMFUNC, which arrives as #UD, if the vCPU may use it.
 * For altp2m_vcpu_sync().
 *
 * The vCPU doesn't run: its CPU writes to the VMCB between exit and entry, the
 * bits among them that say what it need not load again.
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
 * #VE for the current vCPU.  AMD CPUs have no such exception, and VMRUN refuses
 * to inject one of a vector that is none (APM Vol. 2, 15.20).  An interrupt of
 * that vector is delivered alike: through the same gate, with no error code and
 * the same rIP, and whatever RFLAGS.IF is, for an injected event is taken
 * unconditionally.  What differs is made up for: a fault pushes RF as set
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
