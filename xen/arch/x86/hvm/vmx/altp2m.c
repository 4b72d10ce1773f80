/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views on Intel CPUs: EPTP switching by VMFUNC (SDM Vol. 3C, 26.5.6.3)
 * and virtualization exceptions (26.5.7).
 */

#include <xen/domain_page.h>
#include <xen/mm.h>

#include <asm/altp2m.h>
#include <asm/hvm/support.h>
#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/p2m.h>
#include <asm/paging.h>

/* Have the CPU walk the tables of the view that a vCPU is in. */
void cf_check vmx_altp2m_update_eptp(struct vcpu *v)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(v->domain);

    hp2m->ept.mfn = pagetable_get_pfn(p2m_get_pagetable(hp2m));

    vmx_vmcs_enter(v);

    __vmwrite(EPT_POINTER, altp2m_root(v));
    if ( v->arch.hvm.vmx.secondary_exec_control &
         SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS )
        __vmwrite(EPTP_INDEX, altp2m_vcpu_idx(v));

    vmx_vmcs_exit(v);
}

/*
 * Have the CPU switch views by itself for a vCPU that may, and deliver #VE for
 * one with an information page, and only for those.
 */
void cf_check vmx_altp2m_update_ve(struct vcpu *v)
{
    const struct page_info *pg = vcpu_altp2m(v).veinfo_pg;
    bool vmfunc = altp2m_may_vmfunc(v), ve = pg && cpu_has_vmx_virt_exceptions;
    uint32_t *control = &v->arch.hvm.vmx.secondary_exec_control;

    vmx_vmcs_enter(v);

    if ( !cpu_has_vmx_vmfunc )
    {
        /* VMFUNC arrives as #UD: altp2m_ud_intercept(). */
        if ( vmfunc )
            v->arch.hvm.vmx.exception_bitmap |= 1u << X86_EXC_UD;
        else if ( !opt_hvm_fep )
            v->arch.hvm.vmx.exception_bitmap &= ~(1u << X86_EXC_UD);
        vmx_update_exception_bitmap(v);
        vmx_vmcs_exit(v);
        return;
    }

    *control &= ~(SECONDARY_EXEC_ENABLE_VM_FUNCTIONS |
                  SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS);

    if ( vmfunc )
    {
        *control |= SECONDARY_EXEC_ENABLE_VM_FUNCTIONS;
        __vmwrite(VM_FUNCTION_CONTROL, VMX_VMFUNC_EPTP_SWITCHING);
        __vmwrite(EPTP_LIST_ADDR, altp2m_eptp_list(v));
    }

    if ( ve )
    {
        *control |= SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS;
        __vmwrite(VIRT_EXCEPTION_INFO, page_to_maddr(pg));
        __vmwrite(EPTP_INDEX, altp2m_vcpu_idx(v));
    }

    vmx_update_secondary_exec_control(v);
    vmx_vmcs_exit(v);
}

/* The view whose EPTP the CPU uses, where it doesn't tell the index. */
static unsigned int find_eptp(const struct vcpu *v)
{
    unsigned long eptp;
    unsigned int i;

    __vmread(EPT_POINTER, &eptp);
    if ( eptp == altp2m_root(v) )
        return altp2m_vcpu_idx(v);

    for ( i = 0; i < ALTP2M_MAX_VIEWS; i++ )
        if ( altp2m_root_of(v->domain, i) == eptp )
            return i;

    return altp2m_vcpu_idx(v);
}

/*
 * After a VM exit of a guest that may use VMFUNC, with the VMCS loaded: note
 * which view it chose.
 */
void vmx_altp2m_vmexit(struct vcpu *v)
{
    unsigned long idx;

    if ( v->arch.hvm.vmx.secondary_exec_control &
         SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS )
        __vmread(EPTP_INDEX, &idx);
    else
        idx = find_eptp(v);

    ASSERT(idx < ALTP2M_MAX_VIEWS);
    vcpu_altp2m(v).p2midx = idx;
}

/* Of the violation that the CPU has exited for; *@gla is set if it says one. */
uint64_t vmx_altp2m_qualification(unsigned long *gla)
{
    unsigned long qualification;

    __vmread(EXIT_QUALIFICATION, &qualification);
    __vmread(GUEST_LINEAR_ADDRESS, gla);

    return qualification;
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
