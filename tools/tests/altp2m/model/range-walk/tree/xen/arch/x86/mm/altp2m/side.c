/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the side of a view that a vCPU is on, where the CPU can't
 * enforce x and wx.  The README says what sides are.
 */

#include <asm/hvm/step.h>

#include "cpu.h"

/* Returns the access of the current vCPU at a gfn of its view.  Lock held. */
p2m_access_t altp2m_access_here(const struct vcpu *v,
                                const struct altp2m_at *at)
{
    return altp2m_side_access(at->access, altp2m_vcpu_of(v)->side);
}

/*
 * The view allows a fetch at @at.  Is the current vCPU on a side where it can't
 * be made?  Lock held.
 */
bool altp2m_wrong_side(const struct vcpu *v, const struct altp2m_at *at)
{
    return altp2m_vcpu_of(v)->side == (altp2m_needs_sides(at->access)
                                       ? SIDE_DATA : SIDE_EXECUTE);
}

/*
 * Puts the current vCPU on another side than data.  Without memory for the
 * root, and without tables to free, it stays where it is.
 */
static void leave_data(struct vcpu *v, const struct altp2m_at *at,
                       enum altp2m_side side)
{
    struct domain *d = v->domain;
    int rc = 0;

    while ( !node_has_side(&at->view->root, side) &&
            (rc = altp2m_attach_side(d, &at->view->root, side)) != 0 &&
            (altp2m_make_room(d, at->view, at->gfn) || altp2m_recall(d)) )
        ;

    if ( rc )
        return;

    altp2m_enter_side(v, at->view, side);
    if ( side == SIDE_STEP )
        altp2m_step_side(v);
}

/*
 * Puts the current vCPU, which is on the wrong side, where it can fetch from
 * @at.  If it has just been moved for the same instruction, in the other
 * direction, that is on two pages: has it stepped.  The guest retries.  Lock
 * held.
 */
void altp2m_change_side(struct vcpu *v, const struct altp2m_at *at)
{
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);
    unsigned long rip = guest_cpu_user_regs()->rip;

    if ( r->side == SIDE_DATA )
    {
        r->rip = rip;
        leave_data(v, at, SIDE_EXECUTE);
    }
    else if ( rip == r->rip )
        leave_data(v, at, SIDE_STEP);
    else
        altp2m_enter_side(v, at->view, SIDE_DATA);
}
