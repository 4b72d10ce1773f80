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

/* VMFUNC arrives as #UD where the CPU has none: altp2m_ud_intercept(). */
static void intercept_ud(struct vcpu *v)
{
    uint32_t bitmap = v->arch.hvm.vmx.exception_bitmap;

    if ( altp2m_ud_exits(v) )
        bitmap |= 1u << X86_EXC_UD;
    else
        bitmap &= ~(1u << X86_EXC_UD);

    if ( bitmap == v->arch.hvm.vmx.exception_bitmap )
        return;

    v->arch.hvm.vmx.exception_bitmap = bitmap;
    vmx_update_exception_bitmap(v);
}

/*
 * Writes what the current vCPU's view needs to its VMCS: the EPTP; the EPTP
 * list, if the vCPU may use VMFUNC; the #VE information page, if it has one.
 */
static void update_vmcs(struct vcpu *v)
{
    const struct page_info *pg = vcpu_altp2m(v).veinfo_pg;
    uint32_t control = v->arch.hvm.vmx.secondary_exec_control &
                       ~(SECONDARY_EXEC_ENABLE_VM_FUNCTIONS |
                         SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS);

    __vmwrite(EPT_POINTER, altp2m_root(v));

    if ( cpu_has_vmx_vmfunc && altp2m_may_vmfunc(v) )
    {
        control |= SECONDARY_EXEC_ENABLE_VM_FUNCTIONS;
        __vmwrite(VM_FUNCTION_CONTROL, VMX_VMFUNC_EPTP_SWITCHING);
        __vmwrite(EPTP_LIST_ADDR, altp2m_eptp_list(v));
    }

    if ( pg && cpu_has_vmx_virt_exceptions )
    {
        control |= SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS;
        __vmwrite(VIRT_EXCEPTION_INFO, page_to_maddr(pg));
        __vmwrite(EPTP_INDEX, altp2m_vcpu_idx(v));
    }

    if ( control != v->arch.hvm.vmx.secondary_exec_control )
    {
        v->arch.hvm.vmx.secondary_exec_control = control;
        vmx_update_secondary_exec_control(v);
    }

    intercept_ud(v);
}

/*
 * altp2m_vcpu_sync() on Intel.  A vCPU at rest is only marked: loading its VMCS
 * would cost more.  vmx_altp2m_resume() writes the VMCS before the vCPU runs
 * again.  Until then the VMCS may point to tables and pages that are freed.  No
 * CPU follows these pointers outside the guest (SDM Vol. 3C, 25.11.4).
 */
void cf_check vmx_altp2m_sync(struct vcpu *v)
{
    if ( v == current )
        update_vmcs(v);
    else
    {
        ASSERT(!v->is_running);
        vcpu_altp2m(v).vmcs_due = true;
    }
}

/*
 * Writes the VMCS of a vCPU that was marked.  It is current again, with its
 * VMCS loaded, and has not entered the guest.  Needs no lock: what it is given
 * changes only while it is at rest.
 */
void vmx_altp2m_resume(struct vcpu *v)
{
    vcpu_altp2m(v).vmcs_due = false;
    update_vmcs(v);
}

/*
 * Notes which view the guest has chosen by VMFUNC.  Called after a VM exit of a
 * vCPU that may use it, with the VMCS loaded.  Only CPUs with #VE report the
 * index; else the EPTP tells the view.  It also tells whether a vCPU has left
 * the execute side of its view.
 */
void vmx_altp2m_vmexit(struct vcpu *v)
{
    unsigned long idx, eptp;

    if ( (v->arch.hvm.vmx.secondary_exec_control &
          SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS) && !altp2m_executes(v) )
        __vmread(EPTP_INDEX, &idx);
    else
    {
        __vmread(EPT_POINTER, &eptp);
        idx = view_idx_x(altp2m_find_root(v, eptp));
    }

    ASSERT(idx < ALTP2M_MAX_VIEWS);
    vcpu_altp2m(v).p2midx = idx;
}

/*
 * Returns the exit qualification of an EPT violation, and in *@gla the linear
 * address, which is valid if bit 7 is set.
 */
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
