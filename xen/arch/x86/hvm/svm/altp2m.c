/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views on AMD CPUs, which have neither VMFUNC nor #VE: both are made in
 * software (altp2m_ud_intercept(), altp2m_inject_ve()).
 */

#include <asm/altp2m.h>
#include <asm/altp2m_names.h>
#include <asm/hvm/asid.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>
#include <asm/monitor.h>

#include <public/vm_event.h>

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

/* Does anybody want writes of CR3 to exit? */
static bool cr3_wanted(const struct domain *d)
{
    return altp2m_by_cr3(d) ||
           (d->arch.monitor.write_ctrlreg_enabled &
            monitor_ctrlreg_bitmask(VM_EVENT_X86_CR3));
}

/*
 * Has writes of CR3 exit, or not.  Called when the domain's records of views by
 * CR3, or a monitor's wish for events, have changed.  @v is current or at rest.
 *
 * Both may change at the same time, on two CPUs: so what has been written is
 * held against what is wanted by then.  In a nested guest the intercept may be
 * its own hypervisor's.
 */
void svm_altp2m_cr3_exits(struct vcpu *v)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;

    for ( ; ; )
    {
        uint32_t was, intercepts;

        smp_mb();
        was = intercepts = vmcb_get_cr_intercepts(vmcb);
        if ( cr3_wanted(v->domain) )
            intercepts |= CR_INTERCEPT_CR3_WRITE;
        else if ( !nestedhvm_vcpu_in_guestmode(v) )
            intercepts &= ~CR_INTERCEPT_CR3_WRITE;

        if ( intercepts == was )
            break;

        vmcb_set_cr_intercepts(vmcb, intercepts);
    }
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
