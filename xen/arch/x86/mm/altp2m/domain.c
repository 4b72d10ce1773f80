/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: turning the views of a domain on and off. */

#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/step.h>

#include "life.h"
#include "log.h"

/*
 * Ends the reporting of losses.  Returns the event channel that the caller
 * frees after it has dropped the lock, or 0.  Lock held.
 */
static evtchn_port_t lost_take(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    evtchn_port_t port = a ? a->lost_port : 0;

    if ( port )
        a->lost_port = 0;

    return port;
}

/* Ends the reporting of losses, and frees the channel.  No lock held. */
void altp2m_lost_off(struct domain *d)
{
    evtchn_port_t port;

    altp2m_lock(d);
    port = lost_take(d);
    altp2m_unlock(d);

    if ( port )
        free_xen_event_channel(d, port);
}

/* Closes the log, and frees its channel.  No lock held. */
void altp2m_log_off(struct domain *d)
{
    evtchn_port_t port;

    altp2m_lock(d);
    port = altp2m_log_stop(d);
    altp2m_unlock(d);

    if ( port )
        free_xen_event_channel(d, port);
}

/*
 * Allocates the object of a domain's views, so that turning them on takes none
 * of Xen's heap.  Returns 0 or -ENOMEM.
 */
int p2m_init_altp2m(struct domain *d)
{
    if ( !hvm_altp2m_supported() )
        return 0;

    d->arch.altp2m_memory = xzalloc_flex_struct(struct altp2m_domain, vcpu,
                                                d->max_vcpus);

    return d->arch.altp2m_memory ? 0 : -ENOMEM;
}

/*
 * Frees that object, and the log's, if they are there.  Common code calls it by
 * this name.
 */
void p2m_teardown_altp2m(struct domain *d)
{
    ASSERT(!d->arch.altp2m);
    XFREE(d->arch.altp2m_memory);
    XFREE(d->arch.altp2m_log);
}

static void domain_init(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m_memory;

    INIT_LIST_HEAD(&a->spare);
    INIT_PAGE_LIST_HEAD(&a->owed.limbo);
    INIT_LIST_HEAD(&a->owed.own);
    INIT_LIST_HEAD(&a->held);
    INIT_LIST_HEAD(&a->tables);
    INIT_PAGE_LIST_HEAD(&a->reserve);
    altp2m_slab_init(&a->nodes, sizeof(struct altp2m_node));
    altp2m_slab_init(&a->remaps, sizeof(struct altp2m_remap));
    altp2m_slab_init(&a->views, sizeof(struct altp2m_view));
    altp2m_slab_init(&a->own, sizeof(struct altp2m_own));
    d->arch.altp2m = a;
}

/*
 * Frees all views, which no vCPU uses, and what belongs to all.  Returns 0, or
 * -ERESTART: call again.
 */
static int domain_free(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    unsigned int i;
    int rc;

    /* No CPU reads VMFUNC's lists any more: they stay as they are. */
    for_each_view ( a, view, i )
        view->dying = true;

    while ( a->limit )
    {
        rc = altp2m_view_free(d, altp2m_any_view(a, a->limit - 1));
        if ( rc )
            return rc;
        /* To free own pages takes long. */
        if ( !list_empty(&a->owed.own) )
            altp2m_settle(d);
        if ( a->limit && general_preempt_check() )
            return -ERESTART;
    }

    altp2m_settle(d);
    if ( !list_empty(&a->held) )
    {
        altp2m_free_held(d);
        if ( !list_empty(&a->held) )
            return -ERESTART;
    }

    altp2m_free_reserve(d);
    ASSERT(!altp2m_in_limbo(a) && !a->nr_pages);
    altp2m_trace_end(d);

    free_xenheap_page(a->more);
    free_xenheap_page(a->eptp_list);
    free_xenheap_page(a->roots);
    free_xenheap_page(a->mirror);
    free_xenheap_page(a->rules);
    d->arch.altp2m_breakpoints = false;
    d->arch.altp2m = NULL;
    BUILD_BUG_ON(offsetof(struct altp2m_domain, front));
    fill_words(a, 0, offsetof(struct altp2m_domain, lent) / sizeof(uint64_t));
    fill_words(a->vcpu, 0,
               d->max_vcpus * (sizeof(*a->vcpu) / sizeof(uint64_t)));

    return 0;
}

struct state {
    bool on;
    evtchn_port_t lost_port, log_port; /* to be freed */
};

/* Turns views on.  vCPUs still walk the host's tables. */
static int enable(struct domain *d)
{
    struct altp2m_view *view;
    int rc;

    domain_init(d);
    rc = altp2m_make_reserve(d) ?: altp2m_new_view(d, NO_DEFAULT, &view);
    if ( rc )
    {
        domain_free(d);
        return rc;
    }

    d->arch.altp2m_active = true;
    altp2m_view_whole(d, view);

    return 0;
}

static int disable(struct domain *d, struct state *s)
{
    struct vcpu *v;

    if ( altp2m_active(d) )
    {
        if ( altp2m_by_cr3(d) )
            altp2m_cr3_off(d);
        d->arch.altp2m_active = false;
        s->lost_port = lost_take(d);
        s->log_port = altp2m_log_stop(d);
        for_each_vcpu ( d, v )
        {
            altp2m_step_end(v, HVM_STEP_ONCE);
            altp2m_vcpu_off(v);
        }
    }

    return domain_free(d);
}

static int cf_check set_state(struct domain *d, void *arg)
{
    struct state *s = arg;
    int rc = 0;

    /* Frees also what an earlier call, preempted, has left. */
    if ( d->arch.altp2m && !(s->on && altp2m_active(d)) )
        rc = disable(d, s);
    if ( !rc && s->on && !altp2m_active(d) )
        rc = enable(d);

    return rc;
}

/*
 * Turns the views of a domain on, with all vCPUs in view 0, or off.
 *
 * Returns 0, also if they are on or off already; -EINVAL with nested
 * virtualization, or before the domain has its vCPUs; -ESRCH to turn on those
 * of a dying domain; -ENOMEM; -ERESTART: call again to continue.  No lock held.
 */
int altp2m_set_state(struct domain *d, bool on)
{
    struct state s = { .on = on };
    int rc;

    if ( nestedhvm_enabled(d) || !d->vcpu[d->max_vcpus - 1] )
        return -EINVAL;

    rc = altp2m_section(d, SECTION_PAUSED | SECTION_MAY_BE_OFF, set_state, &s);

    /* Takes d->event_lock, which is not taken with the p2m lock held. */
    if ( s.lost_port )
        free_xen_event_channel(d, s.lost_port);
    if ( s.log_port )
        free_xen_event_channel(d, s.log_port);

    /* altp2m_teardown() turns those of a dying domain off. */
    return rc == -ESRCH && !on ? 0 : rc;
}

/* Frees all views of a dying domain.  Sets *@preempted if there are more. */
void altp2m_teardown(struct domain *d, bool *preempted)
{
    unsigned long since = altp2m_sections(d);
    struct vcpu *v;
    int rc;

    altp2m_lost_off(d);
    altp2m_log_off(d);

    altp2m_lock(d);
    altp2m_waited(d, true, since);

    d->arch.altp2m_active = false;
    d->arch.altp2m_cr3 = false;
    altp2m_log_free(d);
    if ( d->arch.altp2m )
    {
        for_each_vcpu ( d, v )
            altp2m_vcpu_off(v);

        do
            rc = domain_free(d);
        while ( rc && !preempted );

        if ( rc )
            *preempted = true;
    }

    altp2m_unlock(d);
}
