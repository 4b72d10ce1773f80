/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: #VE and VMFUNC, which a CPU has or Xen emulates. */

#include <asm/hvm/emulate.h>
#include <asm/hvm/support.h>
#include <asm/paging.h>

#include "cpu.h"

/* The #VE information page (SDM Vol. 3C, table 26-18). */
struct altp2m_ve_info {
    uint32_t reason;
    uint32_t busy;
    uint64_t qualification;
    uint64_t gla;
    uint64_t gpa;
    uint16_t view;
};

#define VE_REASON_EPT_VIOLATION 48

/*
 * Returns the exit qualification of an EPT violation (SDM Vol. 3C, 28.2.1): the
 * access, the page's rights, and whether *@gla is valid.  Clears *@gla if not.
 */
static uint64_t qualification(struct npfec npfec, p2m_access_t access,
                              unsigned long *gla)
{
    if ( altp2m_on_intel )
        return vmx_altp2m_qualification(gla);

    if ( !npfec.gla_valid )
        *gla = 0;

    return (npfec.write_access ? 2 : npfec.read_access) |
           (npfec.insn_fetch << 2) | (access_bits(access) << 3) |
           (npfec.gla_valid << 7) |
           ((npfec.gla_valid && npfec.kind == npfec_kind_with_gla) << 8);
}

/*
 * Injects #VE for the violation at @gpa, and returns true, if the page does not
 * suppress it, no other event is being delivered, and the guest has handled the
 * last #VE (SDM Vol. 3C, 26.5.7).  CPUs with #VE do this themselves, but not
 * where the page's type restricts, too: see ept_leaf().  Lock held.
 */
bool altp2m_inject_ve(struct vcpu *v, paddr_t gpa, unsigned long gla,
                      struct npfec npfec, p2m_access_t access)
{
    const struct page_info *pg = vcpu_altp2m(v).veinfo_pg;
    struct altp2m_view *view = altp2m_current_view(v);
    unsigned long gfn = PFN_DOWN(gpa);
    struct altp2m_ve_info *info;
    bool idle;

    /* A CPU delivers none in these states (SDM Vol. 3C, 26.5.7.1). */
    if ( !view || !pg || !(v->arch.hvm.guest_cr[0] & X86_CR0_PE) ||
         hvm_event_pending(v) )
        return false;

    if ( gfn > MAX_GFN ||
         slot_sve(node_slot(altp2m_lowest_node(view, gfn), gfn)) )
        return false;

    info = __map_domain_page(pg);
    idle = !info->busy;
    if ( idle )
    {
        info->reason = VE_REASON_EPT_VIOLATION;
        info->busy = ~0u;
        info->qualification = qualification(npfec, access, &gla);
        info->gla = gla;
        info->gpa = gpa;
        info->view = view->idx;

        paging_mark_dirty(v->domain, page_to_mfn(pg));
        if ( altp2m_on_intel )
            hvm_inject_hw_exception(X86_EXC_VE, X86_EVENT_NO_EC);
        else if ( altp2m_on_amd )
            svm_altp2m_inject_ve();
    }
    unmap_domain_page(info);

    return idle;
}

/* Is the instruction VMFUNC? */
static bool cf_check is_vmfunc(const struct x86_emulate_state *state,
                               const struct x86_emulate_ctxt *ctxt)
{
    unsigned int rm, reg;

    return ctxt->opcode == X86EMUL_OPC(0x0f, 0x01) &&
           x86_insn_modrm(state, &rm, &reg) == 3 && reg == 2 && rm == 4;
}

#define VMFUNC      0xd4010fU     /* the instruction's bytes */
#define VMFUNC_SIZE 3u

/* If VMFUNC is at rip: switches to the view in ECX. */
static int cf_check try_vmfunc(struct domain *d, void *arg)
{
    const struct cpu_user_regs *regs = arg;
    uint32_t code = 0;

    if ( !altp2m_fetched(current, regs->rip, &code, VMFUNC_SIZE) ||
         code != VMFUNC )
        return -EINVAL;

    return altp2m_enter_named(current, _view_idx(regs->ecx), ASKED_BY_GUEST);
}

/*
 * Carries out VMFUNC, leaf 0, if @regs->rip is at one without prefixes, in
 * 64-bit code.  Returns false if it is not, or if there is more to do than to
 * move rip: then the emulator decides.  The vCPU may use VMFUNC.
 */
static bool vmfunc_done(struct vcpu *curr, struct cpu_user_regs *regs)
{
    if ( regs->eax || hvm_guest_x86_mode(curr) != 8 ||
         curr->arch.hvm.single_step || (regs->eflags & X86_EFLAGS_TF) ||
         alternative_call(hvm_funcs.get_interrupt_shadow, curr) ||
         !is_canonical_address(regs->rip) ||
         altp2m_vcpu_section(curr, try_vmfunc, regs) )
        return false;

    regs->rip += VMFUNC_SIZE;
    regs->eflags &= ~X86_EFLAGS_RF;

    return true;
}

/*
 * Handles #UD in a guest whose CPU has no VMFUNC.  Returns true if the
 * instruction was VMFUNC: altp2m_emulate_vmfunc() has done it, or it faulted.
 */
bool altp2m_ud_intercept(struct cpu_user_regs *regs)
{
    struct hvm_emulate_ctxt ctxt;

    if ( !altp2m_active(current->domain) || !altp2m_may_vmfunc(current) )
        return false;

    if ( vmfunc_done(current, regs) )
        return true;

    hvm_emulate_init_once(&ctxt, is_vmfunc, regs);

    switch ( hvm_emulate_one(&ctxt, VIO_no_completion) )
    {
    case X86EMUL_UNHANDLEABLE:
    case X86EMUL_UNIMPLEMENTED:
        return false;

    case X86EMUL_EXCEPTION:
        hvm_inject_event(&ctxt.ctxt.event);
        /* fall through */
    default:
        hvm_emulate_writeback(&ctxt);
        return true;
    }
}

/*
 * Carries out VMFUNC on a CPU that has none: leaf 0 in EAX switches to the view
 * in ECX, if the vCPU may use VMFUNC and the view is visible to it.
 */
int cf_check altp2m_emulate_vmfunc(const struct cpu_user_regs *regs)
{
    struct vcpu *curr = current;

    return altp2m_may_vmfunc(curr) && !regs->eax &&
           !altp2m_switch_vcpu(curr, _view_idx(regs->ecx), ASKED_BY_GUEST)
           ? X86EMUL_OKAY : X86EMUL_EXCEPTION;
}

/* May @v use VMFUNC?  @v is current, or the lock is held. */
bool altp2m_may_vmfunc(const struct vcpu *v)
{
    return vcpu_altp2m(v).veinfo_pg ||
           (v->domain->arch.altp2m && altp2m_vcpu_of(v)->vmfunc);
}

static bool paused_may_vmfunc(const struct vcpu *v)
{
    bool may;

    p2m_lock(p2m_get_hostp2m(v->domain));
    may = altp2m_may_vmfunc(v);
    p2m_unlock(p2m_get_hostp2m(v->domain));

    return may;
}

/*
 * Must #UD of @v, current or paused, exit?  Xen emulates VMFUNC where the CPU
 * has none, the other vendor's instructions if the domain's CPUID policy is for
 * it, and all with the forced emulation prefix.  The lock may be held.
 */
bool altp2m_ud_exits(const struct vcpu *v)
{
    const struct domain *d = v->domain;

    return (!cpu_has_vmx_vmfunc && (v == current ? altp2m_may_vmfunc(v)
                                                 : paused_may_vmfunc(v))) ||
           opt_hvm_fep ||
           d->arch.cpu_policy->x86_vendor != boot_cpu_data.x86_vendor;
}
