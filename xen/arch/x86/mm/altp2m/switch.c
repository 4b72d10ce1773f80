/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: which view a vCPU is in. */

#include <asm/hvm/step.h>

#include "life.h"

/* Puts @v, which is current or at rest, on a side that has a root. */
void altp2m_enter_side(struct vcpu *v, const struct altp2m_view *view,
                       enum altp2m_side side)
{
    if ( altp2m_vcpu_idx(v) == view->idx && altp2m_vcpu_of(v)->side == side )
        return;

    altp2m_vcpu_of(v)->side = side;
    vcpu_altp2m(v).p2midx = view->idx;
    altp2m_vcpu_sync(v);
}

/* Puts @v, which is current or at rest, into a view.  Lock held. */
void altp2m_enter_view(struct vcpu *v, struct altp2m_view *view)
{
    /* Can't fail: the page is there. */
    if ( !altp2m_view_ready(view) )
        altp2m_attach_root(v->domain, view);
    altp2m_enter_side(v, view, SIDE_DATA);
}

/*
 * Puts @v, which is current or at rest, into a view to stay there: a rule that
 * has the vCPU stepped does not take it back.  Lock held.
 */
void altp2m_send(struct vcpu *v, struct altp2m_view *view)
{
    if ( v->arch.hvm.step.owners & HVM_STEP_RULE )
        altp2m_step_end(v, HVM_STEP_RULE);
    altp2m_vcpu_of(v)->rule_view = 0;
    altp2m_enter_view(v, view);
}

/*
 * Puts @v, which is current or at rest, into a view.  Returns 0, -ENOENT if
 * there is no such view, -EPERM if the guest asks and may not enter it.  Lock
 * held.
 */
int altp2m_enter_named(struct vcpu *v, view_idx_t idx,
                       enum altp2m_asker asker)
{
    struct altp2m_view *view = altp2m_view(v->domain, idx);

    if ( !view )
        return -ENOENT;

    if ( asker == ASKED_BY_GUEST && !altp2m_may_enter(v, view) )
        return -EPERM;

    /* Replies copy the event's view: that is no order to stay there. */
    if ( asker == ASKED_BY_REPLY && view->idx == altp2m_vcpu_idx(v) )
        altp2m_enter_view(v, view);
    else
        altp2m_send(v, view);

    return 0;
}

struct vcpu_switch {
    struct vcpu *v;
    view_idx_t idx;
    enum altp2m_asker asker;
};

static int cf_check switch_vcpu(struct domain *d, void *arg)
{
    const struct vcpu_switch *s = arg;

    return altp2m_enter_named(s->v, s->idx, s->asker);
}

/*
 * Puts one vCPU into a view.  Returns as altp2m_enter_named() does, and the
 * errors of altp2m_vcpu_section().  No lock held.
 */
int altp2m_switch_vcpu(struct vcpu *v, view_idx_t idx,
                       enum altp2m_asker asker)
{
    struct vcpu_switch s = { .v = v, .idx = idx, .asker = asker };

    return altp2m_vcpu_section(v, switch_vcpu, &s);
}

/*
 * Switches as a monitor's reply asks.  A vCPU that waits for the reply may
 * still be on its way to rest.  No lock held.
 */
void p2m_altp2m_check(struct vcpu *v, uint16_t idx)
{
    if ( altp2m_active(v->domain) )
        altp2m_switch_vcpu(v, _view_idx(idx), ASKED_BY_REPLY);
}

/* @v's state was restored: sets what depends on views.  @v is at rest. */
void altp2m_vcpu_restored(struct vcpu *v)
{
    altp2m_lock(v->domain);
    altp2m_vcpu_sync(v);
    altp2m_unlock(v->domain);
}

/* Takes all that views gave to @v, which is at rest.  Lock held. */
void altp2m_vcpu_off(struct vcpu *v)
{
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);
    struct page_info *ve = vcpu_altp2m(v).veinfo_pg;

    vcpu_altp2m(v).p2midx = 0;
    vcpu_altp2m(v).veinfo_pg = NULL;
    r->side = SIDE_DATA;
    r->vmfunc = false;
    bitmap_zero(r->hidden, ALTP2M_MAX_VIEWS);
    r->rule_view = 0;
    altp2m_eptp_list_free(v);

    /* The CPU forgets the page before it goes. */
    altp2m_vcpu_sync(v);
    if ( ve )
        put_page(ve);
}
