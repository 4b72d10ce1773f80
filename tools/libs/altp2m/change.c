/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: changing what views override. */
#include "private.h"

/* A record that changes nothing is a mistake: EINVAL, as for any other. */
static bool refused(const struct xen_altp2m_override *list, size_t nr,
                    size_t *which)
{
    for ( *which = 0; *which < nr; ++*which )
        if ( !list[*which].count || !(list[*which].set | list[*which].clear) )
        {
            errno = EINVAL;
            return true;
        }

    return false;
}

int xenaltp2m_apply(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    const struct xen_altp2m_override *list, unsigned int nr,
                    unsigned int flags, unsigned int *failed)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_apply, domid);
    struct xen_altp2m_apply *apply = PARAMETERS(&op, apply);
    void *buffer;
    size_t which;
    int rc;

    if ( flags > UINT16_MAX )
    {
        errno = EINVAL;
        return -1;
    }
    if ( refused(list, nr, &which) )
    {
        if ( failed )
            *failed = which;
        return -1;
    }

    buffer = altp2m__alloc(h, nr * sizeof(*list));
    if ( !buffer )
        return -1;

    memcpy(buffer, list, nr * sizeof(*list));
    apply->view = view;
    apply->flags = flags;
    apply->nr = nr;
    apply->buffer = (uintptr_t)buffer;
    apply->failed = nr;

    rc = altp2m__do(h, &op);
    if ( rc && failed )
        *failed = apply->failed;
    altp2m__free(h, buffer);

    return rc;
}

#define LEVELS     4
#define LEVEL_BITS 9

/* gfns in the entry that a range of @left gfns from @gfn on begins with. */
static uint64_t entry_gfns(const struct xen_altp2m_override *o, uint64_t gfn,
                           uint64_t left)
{
    unsigned int level = LEVELS - 1;

    /* Remaps, and own pages that go, are told gfn by gfn. */
    if ( (o->set | o->clear) & XEN_ALTP2M_REMAP ||
         o->clear & XEN_ALTP2M_OWN )
        return 1;

    while ( level && (left < 1ULL << (level * LEVEL_BITS) ||
                      gfn & ((1ULL << (level * LEVEL_BITS)) - 1)) )
        level--;

    return 1ULL << (level * LEVEL_BITS);
}

/* A list that is cut into parts, each of so many entries as a call may have. */
struct cutter {
    const struct xen_altp2m_override *list;
    size_t nr, at;               /* the record that comes next; */
    uint64_t done;               /* and how much of it was taken already */
};

/*
 * The next part.  Returns its records; @first is the record that it begins
 * with, @gfns how many gfns it is about.
 */
static unsigned int cut(struct cutter *c, struct xen_altp2m_override *part,
                        unsigned int max, size_t *first, uint64_t *gfns)
{
    unsigned int records = 0, entries = 0;

    *first = c->at;
    *gfns = 0;

    while ( c->at < c->nr && entries < max && records < max )
    {
        const struct xen_altp2m_override *o = &c->list[c->at];
        uint64_t taken = 0;

        for ( ; entries < max && c->done + taken < o->count; entries++ )
            taken += entry_gfns(o, o->gfn + c->done + taken,
                                o->count - c->done - taken);

        part[records] = *o;
        part[records].gfn += c->done;
        if ( o->set & XEN_ALTP2M_REMAP )
            part[records].target += c->done;
        part[records].count = taken;
        records++;

        *gfns += taken;
        c->done += taken;
        if ( c->done == o->count )
        {
            c->at++;
            c->done = 0;
        }
    }

    return records;
}

static uint64_t total_gfns(const struct xen_altp2m_override *list, size_t nr)
{
    uint64_t total = 0;
    size_t i;

    for ( i = 0; i < nr; i++ )
        total += list[i].count;

    return total;
}

int xenaltp2m_apply_all(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        const struct xen_altp2m_override *list, size_t nr,
                        unsigned int flags, xenaltp2m_progress progress,
                        void *arg, size_t *failed)
{
    struct cutter c = { .list = list, .nr = nr };
    uint64_t done = 0, gfns, total = total_gfns(list, nr);
    struct xen_altp2m_capabilities can;
    struct xen_altp2m_override *part = NULL;
    size_t first = 0;
    int rc = refused(list, nr, &first) ? -1
                                       : xenaltp2m_capabilities(h, domid, &can);

    if ( !rc )
    {
        part = calloc(can.max_entries, sizeof(*part));
        if ( !part )
        {
            errno = ENOBUFS;
            rc = -1;
        }
    }

    while ( !rc && c.at < nr )
    {
        unsigned int records = cut(&c, part, can.max_entries, &first, &gfns);
        unsigned int bad = 0;

        rc = xenaltp2m_apply(h, domid, view, part, records, flags, &bad);
        if ( rc )
            first += bad < records ? bad : 0;
        else
        {
            done += gfns;
            first = c.at;
            if ( progress && progress(arg, done, total) )
            {
                errno = ECANCELED;
                rc = -1;
            }
        }
    }

    if ( rc && failed )
        *failed = first;
    free(part);

    return rc;
}

int xenaltp2m_set_range(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        struct xen_altp2m_override *range)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_set_range, domid);
    struct xen_altp2m_set_range *s = PARAMETERS(&op, set_range);
    size_t which;
    int rc;

    if ( refused(range, 1, &which) )
        return -1;

    *s = (struct xen_altp2m_set_range){
        .view = view, .set = range->set, .clear = range->clear,
        .access = range->access, .sve = range->sve, .gfn = range->gfn,
        .count = range->count,
    };

    rc = altp2m__do(h, &op);
    range->gfn = s->gfn;
    range->count = s->count;

    return rc;
}

int xenaltp2m_isolate(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      uint64_t gfn, uint64_t count, unsigned int access,
                      unsigned int others, uint16_t *at)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_isolate, domid);
    struct xen_altp2m_isolate *i = PARAMETERS(&op, isolate);
    int rc;

    if ( access > UINT8_MAX || others > UINT8_MAX )
    {
        errno = EINVAL;
        return -1;
    }

    *i = (struct xen_altp2m_isolate){
        .view = view, .access = access, .others = others, .gfn = gfn,
        .count = count,
    };

    rc = altp2m__do(h, &op);
    if ( rc && at )
        *at = i->at;

    return rc;
}

int xenaltp2m_set_rules(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        const struct xen_altp2m_rule *rules, unsigned int nr,
                        unsigned int *failed)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_set_rules, domid);
    struct xen_altp2m_set_rules *set = PARAMETERS(&op, set_rules);
    void *buffer;
    int rc;

    if ( failed )
        *failed = nr;
    if ( nr > XEN_ALTP2M_MAX_RULES )
    {
        errno = E2BIG;
        return -1;
    }

    buffer = altp2m__alloc(h, nr * sizeof(*rules));
    if ( !buffer )
        return -1;

    if ( nr )
        memcpy(buffer, rules, nr * sizeof(*rules));
    set->view = view;
    set->nr = nr;
    set->buffer = (uintptr_t)buffer;
    set->failed = nr;

    rc = altp2m__do(h, &op);
    if ( failed )
        *failed = set->failed;
    altp2m__free(h, buffer);

    return rc;
}
