/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the side of a view that a vCPU is on, where the CPU can't
 * enforce x and wx.  The README says what sides are.
 */

#include <asm/hvm/step.h>

#include "cpu.h"

/* Returns the side whose access the current vCPU has at a gfn. */
static enum altp2m_side side_at(const struct vcpu *v,
                                const struct altp2m_at *at)
{
    return altp2m_joined_in(v->domain->arch.altp2m, at->view, at->gfn, 1) &&
           !altp2m_needs_sides(at->access)
           ? SIDE_DATA : altp2m_vcpu_of(v)->side;
}

/* Returns the access of the current vCPU at a gfn of its view.  Lock held. */
p2m_access_t altp2m_access_here(const struct vcpu *v,
                                const struct altp2m_at *at)
{
    return altp2m_side_access(at->access, side_at(v, at));
}

/*
 * The view allows a fetch at @at.  Is the current vCPU on the side where it
 * can't be made?  Lock held.
 */
bool altp2m_wrong_side(const struct vcpu *v, const struct altp2m_at *at)
{
    return altp2m_needs_sides(at->access) == (side_at(v, at) == SIDE_DATA);
}

/*
 * Puts the current vCPU on the execute side.  Without memory for the root, and
 * without tables to free, it stays where it is.
 */
static void enter_execute(struct vcpu *v, const struct altp2m_at *at)
{
    struct domain *d = v->domain;
    int rc = 0;

    while ( !node_has_side(&at->view->root, SIDE_EXECUTE) &&
            (rc = altp2m_attach_execute(d, &at->view->root)) != 0 &&
            (altp2m_make_room(d, at->view, at->gfn) || altp2m_recall(d)) )
        ;

    if ( !rc )
        altp2m_enter_side(v, at->view, SIDE_EXECUTE);
}

#define JOIN_WAITS 8u

/*
 * Has the current vCPU, on the execute side, step one instruction with the page
 * at @at joined.  If another page is joined, some vCPU is about to step: leaves
 * that to it for JOIN_WAITS times.  Else two vCPUs could take the join from
 * each other for ever.  The other vCPU may be paused, though.
 */
static void step_across(struct vcpu *v, const struct altp2m_at *at)
{
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);

    if ( v->domain->arch.altp2m->joined && r->waits++ < JOIN_WAITS )
        return;

    r->waits = 0;
    altp2m_step_join(v, at->view, at->gfn);
}

/*
 * Puts the current vCPU, which is on the wrong side, where it can fetch from
 * @at.  If it has just been moved for the same instruction, in the other
 * direction, that is on two pages: steps it.  The guest retries.  Lock held.
 */
void altp2m_change_side(struct vcpu *v, const struct altp2m_at *at)
{
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);
    unsigned long rip = guest_cpu_user_regs()->rip;

    if ( !altp2m_executes(v) )
    {
        r->rip = rip;
        enter_execute(v, at);
        return;
    }

    if ( rip == r->rip )
    {
        step_across(v, at);
        return;
    }

    altp2m_step_end(v, HVM_STEP_SIDE);
    altp2m_enter_side(v, at->view, SIDE_DATA);
}
