/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: hvm_op.h's operations, but for access, suppress-#VE and #VE. */

#include "ops.h"

/*
 * Replaces the whole override of @old: the view shows at @old the page that it
 * shows at @new, with the access that it has at @new now.  If @new is
 * INVALID_GFN the override is removed, but for an own page and its access.
 *
 * Returns 0, -ESRCH without a page at @old or RAM at @new, -EBUSY if one of
 * them has an own page, -ENOMEM.  Lock held.
 */
static int change_gfn(struct domain *d, struct altp2m_view *view,
                      unsigned long old, unsigned long new)
{
    struct altp2m_change change = {
        .set_access = ALTP2M_CLEAR,
        .set_sve = ALTP2M_CLEAR,
        .set_target = ALTP2M_CLEAR,
        .spares_own = true,
    };
    struct altp2m_at from, to;

    if ( gfn_eq(_gfn(new), INVALID_GFN) )
        return old > MAX_GFN ? 0 : altp2m_override(d, view, old, 0, &change);

    altp2m_find(d, view, old, &from);
    altp2m_find(d, view, new, &to);
    if ( !altp2m_has_page(&from.host) ||
         !(to.source.remapped || altp2m_has_frame(&to.source)) )
        return -ESRCH;
    if ( altp2m_own(view, new, to.slot) )
        return -EBUSY;

    change.bare = true;
    change.set_access = ALTP2M_SET;
    change.access = to.access;
    change.target = to.source.gfn;
    if ( change.target != old )
        change.set_target = ALTP2M_SET;
    /* An agent in the guest gets #VE for pages that it remaps itself. */
    if ( current->domain == d )
    {
        change.set_sve = ALTP2M_SET;
        change.sve = false;
    }

    return altp2m_override(d, view, old, 0, &change);
}

int altp2m_op_change_gfn(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_change_gfn *c = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, c->view);

    return c->pad1 || c->pad2 || !view
           ? -EINVAL : change_gfn(d, view, c->old_gfn, c->new_gfn);
}

int altp2m_op_get_idx(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_get_vcpu_p2m_idx *g = altp2m_args(arg);
    const struct vcpu *v = domain_vcpu(d, g->vcpu_id);

    if ( !v )
        return -EINVAL;

    g->altp2m_idx = altp2m_vcpu_idx(v);

    return 0;
}

int altp2m_op_get_state(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_domain_state *s = altp2m_args(arg);

    /* Those of a domain that dies are off, or will be at once. */
    s->state = altp2m_active(d) && !d->is_dying;

    return 0;
}

int altp2m_op_set_state(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_domain_state *s = altp2m_args(arg);

    return altp2m_set_state(d, s->state);
}

/*
 * Makes a view that overrides nothing.  It costs a page of the paging pool.
 * Its access becomes the view's default in versions of Xen where it has an
 * effect on pages (CREATE_SETS_DEFAULT).  In others it is only read back.
 *
 * Returns 0 and the lowest free index, -EINVAL for a wrong access, -EOPNOTSUPP
 * for a default that this CPU can't enforce, -ENOSPC if all are used, -ENOMEM.
 */
int altp2m_op_create(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_view *v = altp2m_args(arg);
    struct altp2m_view *view;
    p2m_access_t access;
    int rc;

    rc = altp2m_check_view_access(d, v->hvmmem_default_access, &access);
    if ( rc == -EOPNOTSUPP && !CREATE_SETS_DEFAULT )
        rc = 0;
    rc = rc ?: altp2m_new_view(d, CREATE_SETS_DEFAULT ? access : NO_DEFAULT,
                               &view);
    if ( rc )
        return rc;

    view->created_access = access;
    altp2m_view_whole(d, view);
    v->view = view->idx;

    return 0;
}

/* Is a vCPU in the view @idx, or does something lead one there? */
static bool in_use(const struct domain *d, unsigned int idx)
{
    const struct vcpu *v;

    for_each_vcpu ( d, v )
        if ( vcpu_altp2m(v).p2midx == idx || v->arch.hvm.step.home == idx )
            return true;

    return (unlikely(d->arch.altp2m->rules) &&
            altp2m_named_by_rule(d->arch.altp2m, idx)) ||
           (altp2m_by_cr3(d) && altp2m_cr3_names(d, idx));
}

/*
 * Destroys a view.  Returns 0; -EBUSY for view 0, for a view that a vCPU is in
 * or goes to when its step ends, for one that a rule or a record of views by
 * CR3 names, and if there is none; -ERESTART: call again to continue.
 */
int altp2m_op_destroy(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_view *v = altp2m_args(arg);
    unsigned int idx = v->view;
    struct altp2m_view *view;

    if ( !idx || idx >= ALTP2M_MAX_VIEWS )
        return -EBUSY;

    /* A dying view is one whose destruction was preempted: continue. */
    view = altp2m_any_view(d->arch.altp2m, idx);

    /* A CPU that guesses may have another @idx than the view's. */
    return !view || in_use(d, view->idx) ? -EBUSY : altp2m_view_free(d, view);
}

/* Puts all vCPUs into a view.  Returns 0, or -EINVAL if it is not visible. */
int altp2m_op_switch(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_view *s = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, s->view);
    struct vcpu *v;

    if ( !view || !view->visible )
        return -EINVAL;

    for_each_vcpu ( d, v )
        altp2m_send(v, view);

    return 0;
}

/*
 * Makes a view visible: the guest may enter it, monitors may put all vCPUs
 * there; or not.  vCPUs that are in the view stay.
 */
int altp2m_op_set_visibility(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_set_visibility *v = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, v->altp2m_idx);

    if ( v->pad || !view )
        return -EINVAL;

    view->visible = v->visible;
    altp2m_publish(d, view);

    return 0;
}
