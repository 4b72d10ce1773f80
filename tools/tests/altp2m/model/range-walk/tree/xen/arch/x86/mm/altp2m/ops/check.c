/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: debug builds audit tables.  The invariant of follow.c holds
 * when the host p2m lock is dropped: there, now and then, a table is audited.
 */

#include <xen/random.h>

#include "ops.h"

#define CHECK_UNLOCKS 32u         /* one unlock of so many */

/*
 * Audits a table of the view @idx, or of the next one: the first after some
 * gfn, more often a low one, or the root.  Keeps the counters of a caller's
 * audit.  Returns false, and logs why, if the table is wrong.
 */
static noinline bool check_one(struct domain *d, unsigned int idx)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_records out = {
        .size = sizeof(struct xen_altp2m_mismatch),
        .room = 1,
    };
    const struct xen_altp2m_mismatch *m = (const void *)out.data;
    struct altp2m_counted counted = a->counted;
    struct xen_altp2m_read r = {
        .level = 1 + get_random() % ROOT_LEVEL,
        .next = get_random() >> (get_random() % 24),
    };

    altp2m_next_view(a, &idx);
    r.view = idx;
    if ( !altp2m_audit_table(d, &r, &out) )
    {
        r.level = 0;
        r.next = 0;
        altp2m_audit_table(d, &r, &out);
    }
    a->counted = counted;

    if ( out.nr )
        printk(XENLOG_ERR "%pd: a view's table at gfn %#"PRIx64" level %u: "
               "check %u finds %#"PRIx64", not %#"PRIx64"\n", d, m->gfn,
               m->level, m->what, m->found, m->wanted);

    return !out.nr;
}

/* Audits a table now and then.  Returns false if it is wrong.  Lock held. */
bool altp2m_sample_good(struct p2m_domain *p2m)
{
    struct domain *d = p2m->domain;
    const struct altp2m_domain *a = d->arch.altp2m;

    return !a || !a->limit || !p2m_is_hostp2m(p2m) || d->is_dying ||
           get_random() % CHECK_UNLOCKS ||
           check_one(d, get_random() % a->limit);
}
