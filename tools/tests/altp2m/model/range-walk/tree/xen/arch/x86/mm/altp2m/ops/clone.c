/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the operation that copies a view.
 *
 * The copy follows the host from the start.  It is marked partial: no operation
 * finds it until it is whole.  Overrides are copied by gfn, some in each locked
 * section, as the source has them then.  Progress is kept in the copy, as the
 * caller could change its buffer.  If the operation fails, the copy is freed.
 */

#include "ops.h"

/*
 * Makes clones of @from that are under way fail; with NULL, all that are under
 * way: a change of a whole view does not reach a partial one.  Lock held.
 */
void altp2m_fail_clones(const struct domain *d, const struct altp2m_view *from)
{
    struct altp2m_view *view;
    unsigned int i;

    for_each_view ( d->arch.altp2m, view, i )
        if ( view->partial && (!from || view->clone_serial == from->serial) )
            view->clone_serial = 0;
}

/* Makes the partial view. */
static int begin(struct domain *d, struct xen_altp2m_clone *c)
{
    struct altp2m_view *from = altp2m_named(d, c->view), *view;
    int rc;

    if ( !from )
        return -ENOENT;

    rc = altp2m_new_view(d, from->default_access, &view);
    if ( rc )
        return rc;

    view->created_access = from->created_access;
    view->clone_of = from->idx;
    view->clone_serial = from->serial;
    c->clone = view->idx;

    return 0;
}

/* Returns the partial view that an earlier call made, or NULL. */
static struct altp2m_view *begun(const struct domain *d,
                                 const struct xen_altp2m_clone *c)
{
    struct altp2m_view *view;

    if ( c->clone >= ALTP2M_MAX_VIEWS )
        return NULL;

    view = altp2m_any_view(d->arch.altp2m, c->clone);

    return view && view->partial && view->clone_of == c->view ? view : NULL;
}

/* Copies a part.  Returns 1 if there is more, 0 at the end, or an error. */
static int copy_next(struct domain *d, struct altp2m_view *view)
{
    struct altp2m_view *from = altp2m_named(d, view->clone_of);
    long copied;

    if ( !view->clone_serial )
        return -EBUSY;

    /* Its index may belong to another view by now. */
    if ( !from || from->serial != view->clone_serial )
        return -ENOENT;

    copied = altp2m_copy(d, view, from, view->clone_gfn);
    if ( copied < 0 )
        return copied;

    view->clone_gfn += copied;
    if ( view->clone_gfn <= MAX_GFN )
        return 1;

    view->visible = from->visible;
    altp2m_view_whole(d, view);

    return 0;
}

/* Frees the partial view.  Returns @error, or -ERESTART to be called again. */
static int undo(struct domain *d, struct altp2m_view *view, int error,
                struct xen_altp2m_clone *c)
{
    int rc;

    view->clone_error = error;
    rc = altp2m_view_free(d, view);
    if ( rc )
        return rc;
    c->clone = 0;

    return error;
}

static int cf_check clone(struct domain *d, void *arg)
{
    struct xen_altp2m_clone *c = arg;
    struct altp2m_view *view;
    int rc = c->clone ? 0 : begin(d, c);

    if ( rc )
        return rc;

    view = begun(d, c);
    if ( !view )
        return -EINVAL;

    while ( !view->dying && (rc = copy_next(d, view)) > 0 )
        if ( hypercall_preempt_check() )
            return -ERESTART;

    if ( view->dying )
        rc = view->clone_error ?: -ENOENT; /* another caller destroys it */

    return rc ? undo(d, view, rc, c) : 0;
}

int altp2m_op_clone(struct domain *d, void *arg)
{
    struct xen_altp2m_clone *c = altp2m_args(arg);

    return c->pad ? -EINVAL : altp2m_section(d, 0, clone, c);
}
