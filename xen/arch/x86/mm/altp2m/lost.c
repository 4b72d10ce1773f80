/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: remaps that lose their target.
 *
 * When the host has no page at a remap's target any more, the remap is dormant:
 * its gfn shows its own page.  Losses are numbered, listed by number, and an
 * event channel tells whoever wants to know.
 */

#include <xen/event.h>

#include "private.h"

/* A remap has no page to show.  Lock held. */
void altp2m_lost(struct domain *d, struct altp2m_remap *remap)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( remap->dormant )
        return;

    remap->dormant = true;
    remap->number = ++a->lost;
    remap->view->lost++;
    remap->view->nr_dormant++;
    list_move_tail(&remap->lost, &a->losses);

    if ( a->lost_port )
        notify_via_xen_event_channel(d, a->lost_port);
}

/* A remap has a page to show, or is about to go.  Lock held. */
void altp2m_found(struct altp2m_remap *remap)
{
    if ( likely(!remap->dormant) )
        return;

    remap->dormant = false;
    remap->view->nr_dormant--;
}

static void cf_check ignore(struct vcpu *v, unsigned int port)
{
}

/* Nobody is to be told any more.  Takes the lock, and not with event locks. */
void altp2m_lost_off(struct domain *d)
{
    evtchn_port_t port = 0;

    altp2m_lock(d);
    if ( d->arch.altp2m )
    {
        port = d->arch.altp2m->lost_port;
        d->arch.altp2m->lost_port = 0;
    }
    altp2m_unlock(d);

    if ( port )
        free_xen_event_channel(d, port);
}

int altp2m_op_notify_lost(struct domain *d, struct xen_hvm_altp2m_op *op)
{
    struct xen_altp2m_notify_lost *n = (void *)&op->u;
    int port, rc = 0;

    if ( n->on > 1 )
        return -EINVAL;

    if ( !n->on )
    {
        altp2m_lost_off(d);
        return 0;
    }

    port = alloc_unbound_xen_event_channel(d, 0, current->domain->domain_id,
                                           ignore);
    if ( port < 0 )
        return port;

    altp2m_lock(d);
    if ( !altp2m_active(d) )
        rc = -EOPNOTSUPP;
    else if ( d->arch.altp2m->lost_port )
        rc = -EBUSY;
    else
        d->arch.altp2m->lost_port = port;
    altp2m_unlock(d);

    if ( rc )
        free_xen_event_channel(d, port);
    else
        n->port = port;

    return rc;
}

/* The first loss from @number on; the end of the list if there is none. */
static struct list_head *first_loss(struct altp2m_domain *a,
                                    unsigned long number)
{
    struct list_head *at = &a->losses;

    /* What is asked for was most likely lost lately. */
    while ( at->prev != &a->losses &&
            list_entry(at->prev, struct altp2m_remap, lost)->number >= number )
        at = at->prev;

    return at;
}

/* HVMOP_altp2m_read_lost.  Returns whether there may be more.  Lock held. */
int altp2m_read_lost(struct domain *d, struct xen_altp2m_read *r,
                     struct altp2m_records *out)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct list_head *at = first_loss(a, r->next);

    for ( ; at != &a->losses; at = at->next )
    {
        const struct altp2m_remap *remap = list_entry(at, struct altp2m_remap,
                                                      lost);
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

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
