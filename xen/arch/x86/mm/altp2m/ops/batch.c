/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: many changes at once, all or none; in one view, or of one gfn in
 * all.
 *
 * First everything is checked, then everything that needs memory is done, and
 * only then anything is changed.  Of tables that are made for it there are few in
 * one locked section: the first sections only make tables, and begin anew.
 */

#include <xen/event.h>
#include <xen/guest_access.h>

#include "ops.h"

#define KINDS (XEN_ALTP2M_ACCESS | XEN_ALTP2M_SVE | XEN_ALTP2M_REMAP)

struct batch {
    struct domain *d;
    unsigned int idx;
    struct altp2m_view *view;     /* of that index, with the lock held */
    const struct xen_altp2m_override *record;
    unsigned int nr;              /* of records */
    bool dormant;                 /* remaps need no page */
    bool ordered;                 /* no gfn is in two records */
    unsigned int nodes;           /* that large entries cover, all of them */
    struct list_head spare;       /* records of remaps to be used */
    unsigned int sections;        /* that have made tables */
    unsigned long clock;          /* altp2m->clock, when this one began */
    unsigned int failed;          /* the record that an error is about */
};

/* What is to be done with entry by entry. */
typedef int each_t(struct batch *b, unsigned long gfn, unsigned int level,
                   const struct altp2m_change *change);

static enum altp2m_what what(const struct xen_altp2m_override *r, uint8_t kind)
{
    return r->set & kind ? ALTP2M_SET : r->clear & kind ? ALTP2M_CLEAR
                                                        : ALTP2M_KEEP;
}

/* Are the fields of a record possible? */
static bool valid(const struct xen_altp2m_override *r)
{
    if ( (r->set | r->clear) & ~KINDS || r->set & r->clear || r->pad )
        return false;

    if ( !(r->set & XEN_ALTP2M_ACCESS) && r->access )
        return false;

    if ( r->sve > !!(r->set & XEN_ALTP2M_SVE) )
        return false;

    if ( r->gfn > MAX_GFN || r->count > MAX_GFN - r->gfn + 1 )
        return false;

    return !(r->set & XEN_ALTP2M_REMAP) ||
           (r->target <= MAX_GFN && r->count <= MAX_GFN - r->target + 1);
}

/*
 * Translate a record.  @change's target is that of its first gfn.  Returns 0,
 * -EINVAL, or -EOPNOTSUPP for an access that this CPU can't enforce.
 */
int altp2m_change_of(const struct domain *d,
                     const struct xen_altp2m_override *record,
                     struct altp2m_change *change)
{
    if ( !valid(record) )
        return -EINVAL;

    *change = (struct altp2m_change){
        .set_access = what(record, XEN_ALTP2M_ACCESS),
        .set_sve = what(record, XEN_ALTP2M_SVE),
        .set_target = what(record, XEN_ALTP2M_REMAP),
        .sve = record->sve,
        .target = record->target,
    };

    /* Its own page is what a gfn shows anyway. */
    if ( change->set_target == ALTP2M_SET && record->target == record->gfn )
        change->set_target = ALTP2M_CLEAR;

    /* What an agent in the guest remaps, it is told about by #VE. */
    if ( change->set_target == ALTP2M_SET && change->set_sve == ALTP2M_KEEP &&
         current->domain == d )
        change->set_sve = ALTP2M_SET;

    if ( change->set_access != ALTP2M_SET )
        return 0;

    if ( record->access >= XENMEM_access_default )
        return -EINVAL;

    return altp2m_check_access(d, record->access, &change->access);
}

static unsigned int entry_level(const struct altp2m_change *change,
                                unsigned long gfn, unsigned long count)
{
    return change->set_target == ALTP2M_KEEP ? altp2m_level_of(gfn, count) : 0;
}

/* Call @each for all entries of one record, until it returns an error. */
static int for_record(struct batch *b, const struct xen_altp2m_override *r,
                      each_t *each)
{
    struct altp2m_change change;
    unsigned long gfn = r->gfn, left = r->count;
    int rc = altp2m_change_of(b->d, r, &change);

    change.later = b->nodes > FEW_NODES;
    while ( !rc && left )
    {
        unsigned int level = entry_level(&change, gfn, left);

        rc = each(b, gfn, level, &change);
        gfn += level_span(level);
        left -= level_span(level);
        change.target += level_span(level);
    }

    return rc;
}

static int for_all(struct batch *b, each_t *each)
{
    int rc = 0;

    for ( b->failed = 0; b->failed < b->nr; b->failed++ )
    {
        rc = for_record(b, &b->record[b->failed], each);
        if ( rc )
            break;
    }

    return rc;
}

/* What is told apart below a large entry takes time, too. */
static int check_below(struct batch *b, unsigned long gfn, unsigned int level)
{
    unsigned long end = gfn + level_span(level);
    const struct altp2m_node *node = altp2m_next_node(b->view, gfn, level);

    for ( ; node && node->gfn < end;
          node = altp2m_next_node(b->view, node->gfn, node->level) )
        if ( ++b->nodes > ALTP2M_MAX_ENTRIES )
            return -E2BIG;

    return 0;
}

/* A remap needs a page on both ends, unless the caller knows better. */
static int check_one(struct batch *b, unsigned long gfn, unsigned int level,
                     const struct altp2m_change *change)
{
    struct altp2m_source src;

    if ( level )
        return check_below(b, gfn, level);

    if ( change->set_target != ALTP2M_SET || b->dormant )
        return 0;

    altp2m_host_lookup(p2m_get_hostp2m(b->d), change->target, 0, &src);

    return altp2m_page_at(b->d, b->view, gfn) && altp2m_has_frame(b->d, &src)
           ? 0 : -ESRCH;
}

#define TABLES_AT_ONCE 8u
/* So many sections may make tables, lest others drop them again for ever. */
#define MAX_SECTIONS   (2 * ALTP2M_MAX_ENTRIES * ROOT_LEVEL / TABLES_AT_ONCE)

/*
 * What is so already needs nothing, unless what comes before in the batch
 * changes it.  Returns -EAGAIN when the next section is to go on.
 */
static int begin_one(struct batch *b, unsigned long gfn, unsigned int level,
                     const struct altp2m_change *change)
{
    if ( b->ordered && altp2m_is_so(b->view, gfn, level, change) )
        return 0;

    if ( b->d->arch.altp2m->clock - b->clock >= TABLES_AT_ONCE &&
         b->sections < MAX_SECTIONS )
        return -EAGAIN;

    return altp2m_override_begin(b->d, b->view, gfn, level, change, &b->spare);
}

static int commit_one(struct batch *b, unsigned long gfn, unsigned int level,
                      const struct altp2m_change *change)
{
    if ( !altp2m_is_so(b->view, gfn, level, change) )
        altp2m_override_commit(b->d, b->view, gfn, level, change, &b->spare);

    return 0;
}

static int tidy_one(struct batch *b, unsigned long gfn, unsigned int level,
                    const struct altp2m_change *change)
{
    altp2m_tidy(b->d, b->view, gfn, level, false);

    return 0;
}

static int undo_one(struct batch *b, unsigned long gfn, unsigned int level,
                    const struct altp2m_change *change)
{
    altp2m_tidy(b->d, b->view, gfn, level, true);

    return 0;
}

static int apply_all(struct domain *d, void *arg)
{
    struct batch *b = arg;
    unsigned int failed;
    int rc;

    b->view = altp2m_view(d, b->idx);
    if ( !b->view )
        return -ENOENT;

    INIT_LIST_HEAD(&b->spare);
    b->clock = b->d->arch.altp2m->clock;
    b->nodes = 0;

    rc = for_all(b, check_one) ?: for_all(b, begin_one);
    failed = b->failed;
    if ( !rc )
    {
        for_all(b, commit_one);
        for_all(b, tidy_one);
    }
    else if ( rc != -EAGAIN )
        for_all(b, undo_one);
    altp2m_override_end(b->d, &b->spare);
    b->failed = failed;

    return rc;
}

/* Check what can be without the lock, above all that it isn't too much. */
static int check_all(struct batch *b)
{
    unsigned long end = 0;
    unsigned int entries = 0;

    b->ordered = true;

    for ( b->failed = 0; b->failed < b->nr; b->failed++ )
    {
        const struct xen_altp2m_override *r = &b->record[b->failed];
        unsigned long gfn = r->gfn, left = r->count;
        struct altp2m_change change;
        int rc = altp2m_change_of(b->d, r, &change);

        if ( rc )
            return rc;

        if ( gfn < end )
            b->ordered = false;
        end = max(end, gfn + left);

        while ( left )
        {
            unsigned int level = entry_level(&change, gfn, left);

            if ( ++entries > ALTP2M_MAX_ENTRIES )
                return -E2BIG;
            gfn += level_span(level);
            left -= level_span(level);
        }
    }

    return 0;
}

/* A VM fork copies the pages that a remap needs. */
static int bring_in_one(struct batch *b, unsigned long gfn, unsigned int level,
                        const struct altp2m_change *change)
{
    const uint64_t pages[] = { gfn, change->target };

    if ( change->set_target == ALTP2M_SET )
        altp2m_bring_in_slow(b->d, pages, ARRAY_SIZE(pages));

    return 0;
}

/* A copy of the caller's records, for xfree(). */
static int copy_records(const struct xen_altp2m_apply *apply,
                        struct xen_altp2m_override **record)
{
    unsigned int size = apply->nr * sizeof(**record);
    XEN_GUEST_HANDLE(uint8) buffer;

    if ( !altp2m_buffer_ok(apply->buffer, apply->nr, sizeof(**record)) )
        return -EFAULT;

    *record = xmalloc_array(struct xen_altp2m_override, apply->nr);
    if ( apply->nr && !*record )
        return -ENOMEM;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)apply->buffer);

    return copy_from_guest((uint8_t *)*record, buffer, size) ? -EFAULT : 0;
}

int altp2m_op_apply(struct domain *d, void *arg)
{
    struct xen_altp2m_apply *apply = altp2m_args(arg);
    struct xen_altp2m_override *record = NULL;
    struct batch b = {
        .d = d,
        .idx = apply->view,
        .nr = apply->nr,
        .dormant = apply->flags & XEN_ALTP2M_APPLY_DORMANT,
    };
    int rc;

    if ( apply->pad || apply->flags & ~XEN_ALTP2M_APPLY_DORMANT )
        return -EINVAL;

    apply->failed = apply->nr;
    if ( apply->nr > ALTP2M_MAX_ENTRIES )
        return -E2BIG;

    rc = copy_records(apply, &record);
    if ( !rc )
    {
        b.record = record;
        rc = check_all(&b);
        apply->failed = b.failed;
    }
    if ( !rc )
    {
        if ( unlikely(mem_sharing_is_fork(d)) && !b.dormant )
            for_all(&b, bring_in_one);
        do {
            rc = altp2m_section(d, 0, apply_all, &b);
            b.sections++;
        } while ( rc == -EAGAIN && !hypercall_preempt_check() );

        if ( rc == -EAGAIN )
            rc = -ERESTART;
        apply->failed = b.failed;
    }

    xfree(record);

    return rc;
}
