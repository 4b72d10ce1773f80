/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: violations that concern the view alone. */

#include <xen/vm_event.h>

#include "cpu.h"
#include "rules.h"

/* CONFIG_MEM_ACCESS is CONFIG_VM_EVENT's older name. */
#define HAS_EVENTS (IS_ENABLED(CONFIG_VM_EVENT) || \
                    IS_ENABLED(CONFIG_MEM_ACCESS))

/*
 * Does p2m_mem_access_check() promote no access but rx2rw?  It asks a monitor
 * then, or ends the domain.  Built without events it does nothing at all.
 */
static bool has_judge(const struct domain *d)
{
    return !HAS_EVENTS || vm_event_check_ring(d->vm_event_monitor) ||
           p2m_get_hostp2m(d)->access_required;
}

/*
 * Returns the access that p2m_mem_access_check() sets if @access is violated;
 * @access itself if it sets none.  @judge: has_judge().
 */
static p2m_access_t promoted(p2m_access_t access, struct npfec npfec,
                             bool judge)
{
    if ( HAS_EVENTS && access == p2m_access_rx2rw && npfec.write_access )
        return p2m_access_rw;

    return judge ? access : p2m_access_rwx;
}

/*
 * Is @src, what the view shows, plain RAM, for which Xen has nothing to do?  A
 * mark above it counts where the view has no table: else the entry that leads
 * there has it, too.  Of an own page nothing is ever to be done.
 */
static bool is_ready(const struct altp2m_lookup *src)
{
    const struct altp2m_format *fmt = altp2m_format();

    return fmt->type(src->entry) == p2m_ram_rw &&
           (src->own || ((src->entry & fmt->present) && !src->pending &&
                         !fmt->pending(src->entry)));
}

/*
 * Handles a violation in @v's view that no monitor is asked about, as Xen does
 * once it has read the host's entry: by #VE, else by a rule, else by promoting
 * a right.  Returns whether it did.  Leaves to fault.c and Xen what is not the
 * view's alone, and what may be about sides.  Lock held.
 */
bool altp2m_end_violation(struct vcpu *v, paddr_t gpa, unsigned long gla,
                          struct npfec npfec)
{
    struct altp2m_view *view = altp2m_current_view(v);
    unsigned long gfn = PFN_DOWN(gpa);
    p2m_access_t access, to;
    bool judge, ve, rules;
    struct altp2m_at at;

    if ( (!view->access_gfns && view->default_access == NO_DEFAULT) ||
         altp2m_vcpu_of(v)->side != SIDE_DATA || gfn > MAX_GFN )
        return false;

    judge = has_judge(v->domain);
    ve = vcpu_altp2m(v).veinfo_pg;
    rules = altp2m_rules(v->domain->arch.altp2m, view->idx);
    /* Whatever the view has at @gfn: the violation is not ended here. */
    if ( judge && !ve && !rules && !npfec.write_access )
        return false;

    altp2m_find(v->domain, view, gfn, &at);
    access = slot_access(view, at.slot, p2m_access_rwx);
    if ( access == p2m_access_r_pw ||
         (npfec.insn_fetch && altp2m_needs_sides(access)) )
        return false;

    access = altp2m_told_access(access);
    if ( !(altp2m_wanted(npfec) & ~access_bits(access)) )
        return false;

    to = promoted(access, npfec, judge);
    ve = ve && !slot_sve(at.slot);
    if ( (to == access && !ve && !rules) || !is_ready(&at.source) )
        return false;

    if ( ve && altp2m_on_amd )
        npfec.gla_valid = svm_altp2m_gla(gpa, npfec, &gla);
    if ( (ve && altp2m_inject_ve(v, gpa, gla, npfec, access)) ||
         (rules && altp2m_rule(v, gpa, gla, npfec, to != access)) )
        return true;

    if ( to != access )
        altp2m_promote(v, _gfn(gfn), to);

    return to != access;
}
