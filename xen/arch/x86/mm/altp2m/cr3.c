/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: views by CR3, that is by process.
 *
 * A record says by value and mask which CR3s it matches, and which view these
 * have.  The first match counts.  A CR3 that no record matches has the domain's
 * other view, or none.
 *
 * A vCPU's home is the view that it is in, or goes back to when its step ends.
 * INVARIANT: at each VM entry a vCPU's home is the view of its CR3, if that has
 * one, unless it was asked to be elsewhere (by hypercall, a monitor's reply or
 * VMFUNC) after CR3 was last loaded and the records were last replaced.  If a
 * monitor is asked about a load, that ends with its reply.
 *
 * These keep it:
 *  - While there are records, a write of CR3 exits, and ends in hvm_set_cr3().
 *  - Records are replaced with the domain paused, and then each vCPU goes to
 *    the view of the CR3 that it has.
 *  - Xen loads CR3 of a vCPU at rest when it starts, resets or restores it.
 *    That ends in altp2m_cr3_set(), which takes the lock.
 *  - Xen writes CR3 while a monitor is asked about it.  Replies name the view
 *    of the event, which is that of the old CR3.  So the vCPU looks once more
 *    when it goes on, in altp2m_cr3_again().
 */

#include <asm/hvm/hvm.h>
#include <asm/vm_event.h>

#include "life.h"

/* Returns the index of @v's view by CR3, or XEN_ALTP2M_NO_VIEW. */
static unsigned int view_of(const struct vcpu *v)
{
    const struct altp2m_cr3 *c = &v->domain->arch.altp2m->cr3;
    uint64_t cr3 = v->arch.hvm.guest_cr[3];
    unsigned int i;

    for ( i = 0; i < c->nr; i++ )
        if ( (cr3 & c->record[i].mask) == c->record[i].value )
            return c->record[i].view;

    return c->other;
}

/*
 * Makes the view of @v's CR3 its home.  Records that the guest has set do not
 * lead where it may not go by now: @v stays.  Lock held, @v is current or at
 * rest.
 */
static void go(struct vcpu *v)
{
    const struct altp2m_cr3 *c = &v->domain->arch.altp2m->cr3;
    unsigned int idx = view_of(v);
    struct altp2m_view *view;

    if ( idx == XEN_ALTP2M_NO_VIEW )
        return;

    view = altp2m_view(v->domain, _view_idx(idx));
    ASSERT(view);                 /* altp2m_cr3_names() keeps it */
    if ( !c->by_guest || altp2m_may_enter(v, view) )
        altp2m_go_home(v, view);
}

/*
 * The current vCPU has loaded CR3, and there are records.  It reads them
 * without the lock, as they change only while it is at rest.  Most loads do not
 * change the view, and take no lock.
 */
void altp2m_cr3_load(struct vcpu *v)
{
    unsigned int idx = view_of(v);

    ASSERT(v == current);
    vcpu_altp2m(v).cr3_asked = v->arch.vm_event && v->arch.vm_event->sync_event;
    if ( idx == XEN_ALTP2M_NO_VIEW || idx == altp2m_home(v) )
        return;

    /* As a fault: it takes back nothing that was lent to others. */
    altp2m_lock_fault(v->domain);
    go(v);
    altp2m_unlock(v->domain);
}

/* The current vCPU has loaded CR3, and a monitor has replied to that. */
void altp2m_cr3_again(struct vcpu *v)
{
    vcpu_altp2m(v).cr3_asked = false;
    if ( altp2m_by_cr3(v->domain) )
        altp2m_cr3_load(v);
}

/*
 * CR3 of @v, which is at rest, has been set.  No lock held.
 *
 * Somebody else may replace the records at the same time.  He holds the lock,
 * and so sees this CR3, or this call sees his records.
 */
void altp2m_cr3_set(struct vcpu *v)
{
    ASSERT(v != current);

    altp2m_lock(v->domain);
    if ( altp2m_by_cr3(v->domain) )
        go(v);
    altp2m_unlock(v->domain);
}

/*
 * Replaces the records by @new, whose views exist, and puts each vCPU into the
 * view of its CR3.  Lock held, domain paused.
 */
void altp2m_cr3_replace(struct domain *d, const struct altp2m_cr3 *new)
{
    bool changes = altp2m_by_cr3(d) != !!new->nr;
    struct vcpu *v;

    d->arch.altp2m->cr3 = *new;
    d->arch.altp2m_cr3 = new->nr;

    for_each_vcpu ( d, v )
    {
        go(v);
        /* Whether writes of CR3 exit is settled together with CR0. */
        if ( changes )
            hvm_update_guest_cr(v, 0);
    }
}

/*
 * Removes the records.  vCPUs stay where they are.  Lock held, domain paused.
 */
void altp2m_cr3_off(struct domain *d)
{
    static const struct altp2m_cr3 none = { .other = XEN_ALTP2M_NO_VIEW };

    altp2m_cr3_replace(d, &none);
}

/* Does a record name the view @idx, which is not 0?  Lock held. */
bool altp2m_cr3_names(const struct domain *d, unsigned int idx)
{
    const struct altp2m_cr3 *c = &d->arch.altp2m->cr3;
    unsigned int i;

    for ( i = 0; i < c->nr; i++ )
        if ( c->record[i].view == idx )
            return true;

    return c->other == idx;
}
