/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: making a view like another.
 *
 * The new view is in the list from the start, so that it follows the host, but
 * it is partial: nobody finds it until it is whole.  It is copied by gfn, in
 * their order, some at a time: what each part says is what the source says then,
 * whatever nodes it has for that.  If that fails, the new view is freed again.
 * How far it is stands in the view, not in the hands of the caller.
 */

#include <xen/event.h>
#include <xen/nospec.h>

#include "private.h"

static int begin(struct domain *d, struct xen_altp2m_clone *c)
{
    struct altp2m_view *from = altp2m_view(d, c->view), *view;
    int rc;

    if ( !from )
        return -ENOENT;

    rc = altp2m_new_view(d, from->default_access, true, &view);
    if ( rc )
        return rc;

    view->created_access = from->created_access;
    view->source = from->idx;
    view->source_serial = from->serial;
    c->clone = view->idx;

    return 0;
}

/* What an earlier part of this operation, or of another like it, made. */
static struct altp2m_view *begun(const struct domain *d,
                                 const struct xen_altp2m_clone *c)
{
    struct altp2m_view *view;

    if ( c->clone >= ALTP2M_MAX_VIEWS )
        return NULL;

    view = altp2m_nth(d->arch.altp2m, c->clone);

    return view && view->partial && view->source == c->view ? view : NULL;
}

/* Copy the next part.  Returns whether there is more, or an error. */
static int copy_next(struct domain *d, struct altp2m_view *view)
{
    struct altp2m_view *from = altp2m_view(d, view->source);
    long copied;

    /* Another view may have its index by now. */
    if ( !from || from->serial != view->source_serial )
        return -ENOENT;

    copied = altp2m_copy(d, view, from, view->gfn);
    if ( copied < 0 )
        return copied;

    view->gfn += copied;
    if ( view->gfn <= MAX_GFN )
        return 1;

    view->partial = false;
    view->visible = from->visible;
    altp2m_publish(d, view);

    return 0;
}

static int undo(struct domain *d, struct altp2m_view *view, int error)
{
    view->error = error;

    return altp2m_free_view(d, view) ?: error;
}

static int clone(struct domain *d, void *arg)
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
        rc = view->error ?: -ENOENT; /* or somebody destroys it */

    return rc ? undo(d, view, rc) : 0;
}

int altp2m_op_clone(struct domain *d, void *arg)
{
    struct xen_altp2m_clone *c = altp2m_args(arg);
    int rc;

    if ( c->pad )
        return -EINVAL;

    rc = altp2m_section(d, 0, clone, c);
    if ( rc && rc != -ERESTART )
        c->clone = 0;

    return rc;
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
