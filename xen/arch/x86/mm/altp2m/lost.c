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

/* A remap is lost anew, or about to go.  Lock held. */
void altp2m_forget_loss(struct altp2m_domain *a, struct altp2m_remap *remap)
{
    if ( remap->number )
        rb_erase(&remap->loss, &a->losses);
    remap->number = 0;
}

/* A remap has no page to show.  Lock held. */
void altp2m_lost(struct domain *d, struct altp2m_remap *remap)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct rb_node **link, *parent = NULL;

    if ( remap->dormant )
        return;

    altp2m_forget_loss(a, remap);
    remap->dormant = true;
    remap->number = ++a->lost;
    remap->view->lost++;
    remap->view->nr_dormant++;

    /* No number is higher. */
    for ( link = &a->losses.rb_node; *link; link = &parent->rb_right )
        parent = *link;
    rb_link_node(&remap->loss, parent, link);
    rb_insert_color(&remap->loss, &a->losses);

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

/*
 * Nobody is to be told any more.  Returns the channel to be freed when the lock is
 * dropped, or 0.  Lock held.
 */
evtchn_port_t altp2m_lost_take(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    evtchn_port_t port = a ? a->lost_port : 0;

    if ( port )
        a->lost_port = 0;

    return port;
}

/* The same, with no lock held. */
void altp2m_lost_off(struct domain *d)
{
    evtchn_port_t port;

    altp2m_lock(d);
    port = altp2m_lost_take(d);
    altp2m_unlock(d);

    if ( port )
        free_xen_event_channel(d, port);
}

static int tell(struct domain *d, void *arg)
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

    port = alloc_unbound_xen_event_channel(d, 0, current->domain->domain_id,
                                           ignore);
    if ( port < 0 )
        return port;

    rc = altp2m_section(d, 0, tell, &port);
    if ( rc )
        free_xen_event_channel(d, port);
    else
        n->port = port;

    return rc;
}

/* The first loss from @number on, or NULL. */
static struct altp2m_remap *first_loss(struct altp2m_domain *a,
                                       unsigned long number)
{
    struct rb_node *rb = a->losses.rb_node;
    struct altp2m_remap *found = NULL;

    while ( rb )
    {
        struct altp2m_remap *r = rb_entry(rb, struct altp2m_remap, loss);

        if ( r->number >= number )
        {
            found = r;
            rb = rb->rb_left;
        }
        else
            rb = rb->rb_right;
    }

    return found;
}

/* HVMOP_altp2m_read_lost.  Returns whether there may be more.  Lock held. */
int altp2m_read_lost(struct domain *d, struct xen_altp2m_read *r,
                     struct altp2m_records *out)
{
    struct altp2m_remap *remap = first_loss(d->arch.altp2m, r->next);
    struct rb_node *next;

    for ( ; remap;
          remap = next ? rb_entry(next, struct altp2m_remap, loss) : NULL )
    {
        struct xen_altp2m_lost *lost = altp2m_next_record(out);

        next = rb_next(&remap->loss);
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
