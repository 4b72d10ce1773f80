/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: operations on views by CR3. */

#include "ops.h"

#define ROOTS_AT_ONCE 8u

/* Bit 63 of a write of CR3 says "keep translations", and is no part of CR3. */
#define CR3_BITS (~(1UL << 63))

struct replacement {
    struct altp2m_cr3 cr3;
    unsigned int failed;          /* the record that an error is about */
};

/* Are the fields of a record valid? */
static bool valid(const struct xen_altp2m_cr3_view *r)
{
    return !r->pad1 && !r->pad2 && !(r->value & ~(r->mask & CR3_BITS));
}

/* The guest's address of the records. */
static XEN_GUEST_HANDLE(uint8) records_at(uint64_t buffer)
{
    XEN_GUEST_HANDLE(uint8) handle;

    set_xen_guest_handle_raw(handle, (uint8_t *)(unsigned long)buffer);

    return handle;
}

/* Copies the caller's records, and checks all but their views. */
static int read_records(const struct xen_altp2m_cr3_views *s,
                        struct replacement *r)
{
    struct altp2m_cr3 *c = &r->cr3;

    if ( s->pad1 || s->pad2 || s->nr > XEN_ALTP2M_CR3_VIEWS_MAX )
        return -EINVAL;

    /* Without records no write of CR3 exits. */
    if ( !s->nr && s->other != XEN_ALTP2M_NO_VIEW )
        return -EINVAL;

    if ( !altp2m_buffer_ok(s->buffer, s->nr, sizeof(*c->record)) ||
         copy_from_guest((uint8_t *)c->record, records_at(s->buffer),
                         s->nr * sizeof(*c->record)) )
        return -EFAULT;

    c->other = s->other;
    for ( c->nr = 0; c->nr < s->nr; c->nr++ )
        if ( !valid(&c->record[c->nr]) )
        {
            r->failed = c->nr;
            return -EINVAL;
        }

    return 0;
}

/*
 * Can a record lead to the view @idx?  Makes the view's root, so that no load
 * of CR3 has to, if *@roots more may be made in this section.  Returns 0,
 * -ENOENT, -EPERM, or -ERESTART: call again.
 */
static int check_view(struct domain *d, unsigned int idx, bool by_guest,
                      unsigned int *roots)
{
    struct altp2m_view *view = altp2m_named(d, idx);
    const struct vcpu *v;

    if ( !view )
        return -ENOENT;

    if ( by_guest )
        for_each_vcpu ( d, v )
            if ( !altp2m_may_enter(v, view) )
                return -EPERM;

    if ( altp2m_view_ready(view) )
        return 0;

    if ( !(*roots)-- )
        return -ERESTART;

    /* Can't fail: the page is there. */
    altp2m_attach_root(d, view);

    return 0;
}

static int cf_check replace(struct domain *d, void *arg)
{
    struct replacement *r = arg;
    const struct altp2m_cr3 *c = &r->cr3;
    unsigned int roots = ROOTS_AT_ONCE;
    int rc = 0;

    for ( r->failed = 0; r->failed < c->nr; r->failed++ )
    {
        rc = check_view(d, c->record[r->failed].view, c->by_guest, &roots);
        if ( rc )
            return rc;
    }

    if ( c->other != XEN_ALTP2M_NO_VIEW )
        rc = check_view(d, c->other, c->by_guest, &roots);
    if ( !rc )
        altp2m_cr3_replace(d, c);

    return rc;
}

int altp2m_op_set_cr3_views(struct domain *d, void *arg)
{
    struct xen_altp2m_cr3_views *s = altp2m_args(arg);
    struct replacement r = { .cr3.by_guest = current->domain == d,
                             .failed = s->nr };
    int rc = read_records(s, &r);

    if ( !rc )
        rc = altp2m_section(d, SECTION_PAUSED, replace, &r);
    s->failed = r.failed;

    return rc;
}

static int cf_check get(struct domain *d, void *arg)
{
    *(struct altp2m_cr3 *)arg = d->arch.altp2m->cr3;

    return 0;
}

int altp2m_op_get_cr3_views(struct domain *d, void *arg)
{
    struct xen_altp2m_cr3_views *s = altp2m_args(arg);
    struct altp2m_cr3 c;
    uint32_t nr;
    int rc;

    if ( s->pad1 || s->pad2 || s->other )
        return -EINVAL;

    rc = altp2m_section(d, 0, get, &c);
    if ( rc )
        return rc;

    nr = min_t(uint32_t, s->nr, c.nr);
    if ( !altp2m_buffer_ok(s->buffer, nr, sizeof(*c.record)) ||
         copy_to_guest(records_at(s->buffer), (const uint8_t *)c.record,
                       nr * sizeof(*c.record)) )
        return -EFAULT;

    s->other = c.nr ? c.other : XEN_ALTP2M_NO_VIEW;
    s->nr = s->failed = c.nr;

    return 0;
}
