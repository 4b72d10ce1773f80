/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: operations on ranges of gfns, and on a view's default access.
 *
 * A range is set in steps, from its first gfn on.  A step sets slots of a node
 * that the view has there, or else one slot for the largest aligned part.  A
 * step that fails changes nothing; earlier steps stay done.
 */

#include "ops.h"

struct range {
    unsigned long gfn, count;     /* what is left to do */
};

/*
 * Sets the first part of @range, and removes that part from @range.  Returns 0
 * or -ENOMEM.
 */
static int step(struct domain *d, struct altp2m_view *view, struct range *range,
                const struct altp2m_change *change)
{
    struct altp2m_node *node = altp2m_lowest_node(view, range->gfn);
    unsigned int level = altp2m_level_of(range->gfn, range->count);
    unsigned long done;
    int rc;

    if ( node->level <= level )
    {
        unsigned long nr;

        level = node->level;
        nr = range->count >> (level * TABLE_ORDER);
        done = altp2m_override_slots(d, node, level_index(range->gfn, level),
                                     min_t(unsigned long, nr, TABLE_ENTRIES),
                                     change) * level_span(level);
        if ( !list_empty(&d->arch.altp2m->owed.own) )
            altp2m_settle(d);
    }
    else
    {
        struct altp2m_change rights = *change;

        /* Above level 0 there are no remaps and own pages to clear. */
        rights.set_target = rights.set_own = ALTP2M_KEEP;
        rc = altp2m_override(d, view, range->gfn, level, &rights);
        if ( rc )
            return rc;
        done = level_span(level);
    }

    range->gfn += done;
    range->count -= done;

    return 0;
}

/* Sets @range, which becomes what is left.  Returns 0, -ERESTART or -ENOMEM. */
static int set_range(struct domain *d, struct altp2m_view *view,
                     struct range *range, const struct altp2m_change *change)
{
    int rc = 0;

    while ( range->count && !rc )
    {
        rc = step(d, view, range, change);
        if ( !rc && range->count && hypercall_preempt_check() )
            rc = -ERESTART;
    }

    return rc;
}

int altp2m_op_set_range(struct domain *d, void *arg)
{
    struct xen_altp2m_set_range *s = altp2m_args(arg);
    const struct xen_altp2m_override record = {
        .gfn = s->gfn, .count = s->count, .set = s->set, .clear = s->clear,
        .access = s->access, .sve = s->sve, .pad = s->pad,
    };
    struct range range = { .gfn = s->gfn, .count = s->count };
    struct altp2m_view *view = altp2m_named(d, s->view);
    struct altp2m_change change;
    int rc = altp2m_change_of(d, &record, &change);

    if ( rc )
        return rc;

    if ( s->set & XEN_ALTP2M_REMAP )
        return -EINVAL;

    rc = view ? set_range(d, view, &range, &change) : -ENOENT;

    s->gfn = range.gfn;
    s->count = range.count;

    return rc;
}

/* Returns the first view from @i->at on, leaving out @i->view; or NULL. */
static struct altp2m_view *next_other(const struct domain *d,
                                      struct xen_altp2m_isolate *i)
{
    /* @i->next is a place in the view at @i->at only. */
    for ( ; i->at < ALTP2M_MAX_VIEWS; i->at++, i->next = 0 )
    {
        struct altp2m_view *view = altp2m_named(d, i->at);

        if ( view && i->at != i->view )
            return view;
    }

    return NULL;
}

/* Sets the access of the range in one view, from @i->next on. */
static int isolate_in(struct domain *d, struct altp2m_view *view,
                      struct xen_altp2m_isolate *i, p2m_access_t access)
{
    const struct altp2m_change change = {
        .set_access = ALTP2M_SET, .access = access,
    };
    struct range range = { .gfn = i->gfn + i->next,
                           .count = i->count - i->next };
    int rc = set_range(d, view, &range, &change);

    i->next = range.gfn - i->gfn;

    return rc;
}

/*
 * Sets the access of a range in one view, and another access in all others.
 * The others come first: they lose the rights before @i->view gets them.
 */
static int isolate(struct domain *d, struct xen_altp2m_isolate *i,
                   p2m_access_t access, p2m_access_t others)
{
    struct altp2m_view *view = altp2m_named(d, i->view), *other;
    int rc;

    if ( !view )
        return -ENOENT;

    altp2m_fail_clones(d, NULL);

    while ( !i->last && (other = next_other(d, i)) )
    {
        rc = isolate_in(d, other, i, others);
        if ( rc )
            return rc;

        i->at++;
        i->next = 0;
        if ( hypercall_preempt_check() )
            return -ERESTART;
    }

    i->last = 1;
    i->at = i->view;

    return isolate_in(d, view, i, access);
}

int altp2m_op_isolate(struct domain *d, void *arg)
{
    struct xen_altp2m_isolate *i = altp2m_args(arg);
    p2m_access_t access, others;
    int rc;

    if ( i->pad || i->last > 1 || i->gfn > MAX_GFN ||
         i->count > MAX_GFN - i->gfn + 1 || i->next > i->count ||
         i->others >= XENMEM_access_default )
        return -EINVAL;

    rc = altp2m_check_own_access(d, i->access, &access) ?:
         altp2m_check_own_access(d, i->others, &others);

    return rc ?: isolate(d, i, access, others);
}

int altp2m_op_get_default(struct domain *d, void *arg)
{
    struct xen_altp2m_default *def = altp2m_args(arg);
    const struct altp2m_view *view = altp2m_named(d, def->view);

    if ( def->pad1 || def->pad2 )
        return -EINVAL;

    if ( !view )
        return -ENOENT;

    def->access = altp2m_default_access(view);

    return 0;
}

void altp2m_change_default(struct domain *d, struct altp2m_view *view,
                           p2m_access_t access)
{
    if ( view->default_access == access )
        return;

    view->default_access = access;
    altp2m_fail_clones(d, view);
    altp2m_resync(d, view);
}

int altp2m_op_set_default(struct domain *d, void *arg)
{
    const struct xen_altp2m_default *def = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, def->view);
    p2m_access_t access = NO_DEFAULT;
    int rc = 0;

    if ( def->pad1 || def->pad2 )
        return -EINVAL;

    if ( def->access != XEN_ALTP2M_NO_DEFAULT )
        rc = altp2m_check_own_access(d, def->access, &access);
    if ( rc )
        return rc;

    if ( !view )
        return -ENOENT;

    altp2m_change_default(d, view, access);

    return 0;
}

/* Returns a view's default access, as in public/hvm/altp2m.h. */
uint8_t altp2m_default_access(const struct altp2m_view *view)
{
    return view->default_access == NO_DEFAULT
           ? XEN_ALTP2M_NO_DEFAULT
           : altp2m_xenmem_access(view->default_access);
}
