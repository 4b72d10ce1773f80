/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: operations that report remaps whose target has no RAM.
 *
 * Losses are listed by number.  An event channel is notified of each.
 */

#include "ops.h"

static void cf_check ignore(struct vcpu *v, unsigned int port)
{
}

/*
 * Makes an event channel that the current domain can bind, for Xen to notify.
 * Returns its port, or an error.  Of functions like ignore() Xen can have seven
 * in all, and stops at one more.
 */
int altp2m_new_channel(struct domain *d)
{
    return alloc_unbound_xen_event_channel(d, 0, current->domain->domain_id,
                                           ignore);
}

/* Section: makes a port the one that is notified. */
static int cf_check set_port(struct domain *d, void *arg)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( a->lost_port )
        return -EBUSY;
    a->lost_port = *(const int *)arg;

    return 0;
}

int altp2m_op_notify_lost(struct domain *d, void *arg)
{
    struct xen_altp2m_notify_lost *n = altp2m_args(arg);
    int port, rc;

    if ( n->on > 1 )
        return -EINVAL;

    if ( !n->on )
    {
        altp2m_lost_off(d);
        return 0;
    }

    port = altp2m_new_channel(d);
    if ( port < 0 )
        return port;

    rc = altp2m_section(d, 0, set_port, &port);
    if ( rc )
        free_xen_event_channel(d, port);
    else
        n->port = port;

    return rc;
}

/* HVMOP_altp2m_read_lost. */
int altp2m_read_lost(struct domain *d, struct xen_altp2m_read *r,
                     struct altp2m_records *out)
{
    struct altp2m_remap *remap =
        altp2m_rb_first(&d->arch.altp2m->losses, struct altp2m_remap, loss, n,
                        n->number >= r->next);

    for ( ; remap; remap = altp2m_rb_next(remap, struct altp2m_remap, loss) )
    {
        struct xen_altp2m_lost *lost = altp2m_next_record(out);

        if ( !lost )
            return 1;

        lost->number = remap->number;
        lost->gfn = remap->gfn;
        lost->target = remap->target;
        lost->view = remap->view->idx;
        lost->dormant = remap->dormant;
        r->next = remap->number + 1;
    }

    return 0;
}
