/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: debug builds compare tables with what they have to be, again and
 * again.
 *
 * The invariant of follow.c holds whenever the host p2m lock is free.  All who hold
 * it drop it in one function of Xen's.  There, now and then, a table of a view is
 * audited, each time another.
 */

#include "ops.h"

#define CHECK_UNLOCKS 32u         /* one unlock of so many */

/* Returns the next of a sequence without an order.  It doesn't matter which. */
static unsigned int another(void)
{
    static unsigned int seed = 1;

    seed = seed * 1103515245 + 12345;

    return seed >> 8;
}

/*
 * Audits a table of @idx or the first view after it: that which the view has at a
 * gfn, more often a low one, or its root.  A caller's own audit goes on counting
 * where it was.
 */
static void check_one(struct domain *d, unsigned int idx,
                      struct altp2m_records *out)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_counted counted = a->counted;
    struct xen_altp2m_read r = {
        .level = 1 + another() % ROOT_LEVEL,
        .next = another() >> (another() % 24),
    };

    while ( idx < a->limit && !altp2m_view(d, idx) )
        idx++;
    r.view = idx;
    if ( idx < a->limit && !altp2m_audit_table(d, &r, out) )
    {
        r.level = 0;
        r.next = 0;
        altp2m_audit_table(d, &r, out);
    }
    a->counted = counted;
}

/*
 * Compares a table of a view with its definition, now and then.  Returns false, and
 * says what differs, if it is not what it has to be.  The lock of @p2m is about to be
 * free.
 */
bool altp2m_sample_good(struct p2m_domain *p2m)
{
    struct domain *d = p2m->domain;
    const struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_records out = {
        .size = sizeof(struct xen_altp2m_mismatch),
        .room = 1,
    };
    const struct xen_altp2m_mismatch *m = (const void *)out.data;

    if ( !a || !a->limit || !p2m_is_hostp2m(p2m) || d->is_dying ||
         another() % CHECK_UNLOCKS )
        return true;

    check_one(d, another() % a->limit, &out);
    if ( !out.nr )
        return true;

    printk(XENLOG_ERR "%pd: a view's table at gfn %#"PRIx64" level %u: check %u "
           "finds %#"PRIx64", not %#"PRIx64"\n", d, m->gfn, m->level, m->what,
           m->found, m->wanted);

    return false;
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
