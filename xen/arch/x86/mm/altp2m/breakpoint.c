/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: breakpoints, that is an INT3 which a view shows in place of a
 * byte of the guest's code.
 */

#include <xen/softirq.h>
#include <xen/vm_event.h>

#include <asm/paging.h>

#include "cpu.h"
#include "rules.h"

#define INT3         0xccu
/* No instruction is longer (SDM Vol. 2A, 2.3.11; APM Vol. 3, 1.1). */
#define LONGEST_INSN 15u

/*
 * Returns where the current vCPU's instruction is, a gfn above MAX_GFN if the
 * guest's tables have nothing there.  No lock held.
 */
static paddr_t gpa_of_rip(struct vcpu *v)
{
    uint32_t pfec = PFEC_page_present | PFEC_insn_fetch |
                    (hvm_get_cpl(v) == 3 ? PFEC_user_mode : 0);
    unsigned long linear = altp2m_linear_rip(v);

    return ((paddr_t)paging_gva_to_gfn(v, linear, &pfec) << PAGE_SHIFT) |
           (linear & ~PAGE_MASK);
}

/* Does @view show a patched byte at @gpa?  Lock held. */
static bool is_patched(struct domain *d, struct altp2m_view *view, paddr_t gpa)
{
    struct altp2m_own *own = NULL;
    struct altp2m_at at;

    if ( PFN_DOWN(gpa) > MAX_GFN )
        return false;

    altp2m_find(d, view, PFN_DOWN(gpa), &at);
    if ( at.source.own )
        own = altp2m_own(view, at.gfn, at.slot);

    return own && test_bit(gpa & ~PAGE_MASK, own->patched);
}

/*
 * Is the byte at rip patched, in the current vCPU's view?  Not in real mode,
 * where Xen may have to emulate all there is.
 */
bool altp2m_breakpoint_here(struct vcpu *v)
{
    struct altp2m_view *view;
    paddr_t gpa;
    bool here;

    if ( !(v->arch.hvm.guest_cr[0] & X86_CR0_PE) )
        return false;

    gpa = gpa_of_rip(v);
    altp2m_lock_fault(v->domain);
    view = altp2m_current_view(v);
    here = view && is_patched(v->domain, view, gpa);
    altp2m_unlock(v->domain);

    return here;
}

/* Is it a prefix of an instruction?  @wide: of 64-bit code. */
static bool is_prefix(uint8_t byte, bool wide)
{
    switch ( byte )
    {
    case 0x26: case 0x2e: case 0x36: case 0x3e:
    case 0x64 ... 0x67:
    case 0xf0: case 0xf2: case 0xf3:
        return true;

    default:
        return wide && (byte & 0xf0) == 0x40;
    }
}

/*
 * Does @view show an INT3 at @gpa, perhaps after prefixes?  True if that can't
 * be told, as the instruction goes on in the next page, say.  Lock held.
 */
static bool shows_int3(struct vcpu *v, struct altp2m_view *view, paddr_t gpa)
{
    bool wide = hvm_guest_x86_mode(v) == 8;
    unsigned int i, most = min_t(unsigned int, LONGEST_INSN,
                                 PAGE_SIZE - (gpa & ~PAGE_MASK));
    uint8_t code[LONGEST_INSN];

    if ( !altp2m_view_read(v->domain, view, gpa, code, most) )
        return true;

    for ( i = 0; i < most && is_prefix(code[i], wide); i++ )
        ;

    return i == most || code[i] == INT3;
}

/* Is a monitor told of INT3? */
static bool is_heard(const struct domain *d)
{
    return d->arch.monitor.software_breakpoint_enabled &&
           vm_event_check_ring(d->vm_event_monitor);
}

/*
 * Handles a breakpoint of the current vCPU's view at @gpa: by a rule, or if no
 * monitor hears of it, by executing the instruction in view 0, so that the
 * guest outlives its monitor.  But a domain with access_required is to end with
 * it, as at a violation.  Returns whether it did.  Lock held.
 */
static bool meet(struct vcpu *v, paddr_t gpa)
{
    struct domain *d = v->domain;
    struct altp2m_view *host = altp2m_view(d, _view_idx(0));

    if ( altp2m_rule_breakpoint(v, gpa) )
        return true;

    if ( is_heard(d) )
        return false;

    if ( p2m_get_hostp2m(d)->access_required )
    {
        domain_crash(d);
        return true;
    }

    if ( !hvm_is_singlestep_supported() || host == altp2m_current_view(v) )
        return false;

    altp2m_step_once(v, host);
    altp2m_settle(d);

    return true;
}

/*
 * altp2m_breakpoint(), in a domain whose views had patched bytes.  The INT3 may
 * have been taken back since the CPU met it: then the guest tries again.  So it
 * does if its own tables have nothing at rIP any more, as another vCPU changes
 * them: the CPU gets a page fault, or the INT3 again.
 */
bool altp2m_view_breakpoint(struct vcpu *v)
{
    struct domain *d = v->domain;
    paddr_t gpa = gpa_of_rip(v);
    struct altp2m_view *view;
    bool done = false;

    altp2m_lock_fault(d);
    view = altp2m_current_view(v);
    if ( view && PFN_DOWN(gpa) > MAX_GFN )
        done = true;
    else if ( view )
        done = is_patched(d, view, gpa) ? meet(v, gpa)
                                        : !shows_int3(v, view, gpa);
    altp2m_unlock(d);

    return done;
}

static int cf_check intercept(struct domain *d, void *unused)
{
    d->arch.altp2m_breakpoints = true;

    return 0;
}

/*
 * Has the domain's INT3 exit from now on: vCPUs look when they are scheduled.
 * Returns 0, or an error of altp2m_section().  No lock held.
 */
int altp2m_intercept_int3(struct domain *d)
{
    int rc = altp2m_section(d, SECTION_PAUSED, intercept, NULL);

    /* All vCPUs were paused but the one that asks. */
    if ( !rc && current->domain == d )
        raise_softirq(SCHEDULE_SOFTIRQ);

    return rc;
}
