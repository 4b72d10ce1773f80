/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the operation that makes many changes of a view, all or none.
 *
 * It checks all changes, begins all, and then commits all.  One locked section
 * makes a few tables only.  A section that would make more ends, and the next
 * one begins anew: it finds the tables made.
 */

#include "ops.h"

#define KINDS (XEN_ALTP2M_ACCESS | XEN_ALTP2M_SVE | XEN_ALTP2M_REMAP | \
               XEN_ALTP2M_OWN)

static enum altp2m_field_op field_op(const struct xen_altp2m_override *r,
                                     uint8_t kind)
{
    return r->set & kind ? ALTP2M_SET : r->clear & kind ? ALTP2M_CLEAR
                                                        : ALTP2M_KEEP;
}

/* Are the fields of a record valid? */
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
 * Translates a record.  @change's target is that of its first gfn.  Returns 0,
 * -EINVAL, or -EOPNOTSUPP for an access that this CPU can't enforce.
 */
int altp2m_change_of(const struct domain *d,
                     const struct xen_altp2m_override *record,
                     struct altp2m_change *change)
{
    if ( !valid(record) )
        return -EINVAL;

    *change = (struct altp2m_change){
        .set_access = field_op(record, XEN_ALTP2M_ACCESS),
        .set_sve = field_op(record, XEN_ALTP2M_SVE),
        .set_target = field_op(record, XEN_ALTP2M_REMAP),
        /* To set it keeps it: own pages are made by patching. */
        .set_own = record->clear & XEN_ALTP2M_OWN ? ALTP2M_CLEAR : ALTP2M_KEEP,
        .sve = record->sve,
        .target = record->target,
    };

    /* To show the host's page of the gfn, it needs no remap. */
    change->bare = change->set_target == ALTP2M_SET;
    if ( change->bare && record->target == record->gfn )
        change->set_target = ALTP2M_CLEAR;

    /* An agent in the guest gets #VE for pages that it remaps itself. */
    if ( change->set_target == ALTP2M_SET && change->set_sve == ALTP2M_KEEP &&
         current->domain == d )
        change->set_sve = ALTP2M_SET;

    if ( change->set_access != ALTP2M_SET )
        return 0;

    return altp2m_check_own_access(d, record->access, &change->access);
}

/* Counts the nodes below a large entry.  -E2BIG: too many for one section. */
static int check_below(struct altp2m_batch *b, const struct altp2m_edit *e)
{
    unsigned long end = e->gfn + level_span(e->level);
    const struct altp2m_node *node = altp2m_next_node(e->view, e->gfn,
                                                      e->level);

    for ( ; node && node->gfn < end;
          node = altp2m_next_node(e->view, node->gfn, node->level) )
        if ( ++b->nodes > ALTP2M_MAX_ENTRIES )
            return -E2BIG;

    return 0;
}

/*
 * Can this edit be made?  A remap needs a page at both gfns, unless the caller
 * allows dormant ones.
 */
static int cf_check check_edit(struct domain *d, struct altp2m_batch *b,
                               struct altp2m_edit *e)
{
    struct altp2m_lookup src;
    struct altp2m_at at;

    if ( e->level )
        return check_below(b, e);

    if ( e->change.set_target != ALTP2M_SET || b->dormant )
        return 0;

    altp2m_host_lookup(d, e->change.target, 0, &src);

    altp2m_find(d, e->view, e->gfn, &at);

    return altp2m_has_page(&at.host) && altp2m_has_frame(&src) ? 0 : -ENXIO;
}

/* After so many, none ends early: others could free the tables each time. */
#define MAX_SECTIONS   (2 * ALTP2M_MAX_ENTRIES * ROOT_LEVEL / TABLES_AT_ONCE)

/* Checks all edits, then begins all.  -EAGAIN: too many tables were made. */
static int begin_all(struct domain *d, struct altp2m_batch *b,
                     struct altp2m_view *view)
{
    const struct altp2m_domain *a = d->arch.altp2m;
    unsigned long clock = a->clock;
    struct altp2m_edit *e;
    int rc = 0;

    b->nodes = 0;
    for_each_edit ( b, e )
        e->view = view;

    for_each_edit ( b, e )
    {
        b->failed = e->record;
        rc = b->check(d, b, e);
        if ( rc )
            return rc;
    }

    for_each_edit ( b, e )
    {
        b->failed = e->record;
        e->flags = (b->ordered ? 0 : EDIT_MAY_REPEAT) |
                   (b->nodes > FEW_NODES ? EDIT_NO_TABLES : 0);
        rc = a->clock - clock >= TABLES_AT_ONCE && b->sections < MAX_SECTIONS
             ? -EAGAIN : altp2m_begin(d, e);
        if ( rc )
            return rc;
    }

    return 0;
}

static int cf_check apply_all(struct domain *d, void *arg)
{
    struct altp2m_view *view;
    struct altp2m_batch *b = arg;
    struct altp2m_edit *e;
    int rc;

    view = altp2m_named(d, b->idx);
    if ( !view )
        return -ENOENT;
    if ( altp2m_view_0_rootless(view) )
        return -ERESTART;

    rc = begin_all(d, b, view);
    if ( !rc && b->ready )
        rc = b->ready(d, b);
    if ( !rc )
        for_each_edit ( b, e )
            altp2m_commit(d, e);

    for_each_edit ( b, e )
    {
        /*
         * -EAGAIN: the tables stay, and the next section finds them.  After an
         * error altp2m_end() frees those that any section has made.
         */
        if ( rc )
            e->flags = rc == -EAGAIN ? 0 : EDIT_BEGUN;
        altp2m_end(d, e);
    }

    return rc;
}

/*
 * Makes all edits of a batch, or none.  Returns 0, an error of @b->check or
 * @b->ready, or one of altp2m_section(); -ENOENT without the view; -ENOMEM;
 * -ERESTART: call again.  No lock held.
 */
int altp2m_run_batch(struct domain *d, struct altp2m_batch *b)
{
    int rc;

    do {
        rc = altp2m_section(d, 0, apply_all, b);
        b->sections++;
    } while ( rc == -EAGAIN && !hypercall_preempt_check() );

    return rc == -EAGAIN ? -ERESTART : rc;
}

/* Translates the records into edits.  The error is about @b->failed. */
static int translate(const struct domain *d, struct altp2m_batch *b,
                     const struct xen_altp2m_override *record, unsigned int nr)
{
    unsigned long end = 0;

    for ( ; b->failed < nr; b->failed++ )
    {
        unsigned long gfn = record[b->failed].gfn;
        unsigned long left = record[b->failed].count;
        struct altp2m_change change;
        int rc = altp2m_change_of(d, &record[b->failed], &change);

        if ( rc )
            return rc;

        if ( gfn < end )
            b->ordered = false;
        end = max(end, gfn + left);

        while ( left )
        {
            unsigned int level = change.set_target == ALTP2M_KEEP &&
                                 change.set_own == ALTP2M_KEEP
                                 ? altp2m_level_of(gfn, left) : 0;

            if ( b->nr == ALTP2M_MAX_ENTRIES )
                return -E2BIG;

            b->edit[b->nr++] = (struct altp2m_edit){
                .gfn = gfn, .level = level, .record = b->failed,
                .change = change,
            };
            gfn += level_span(level);
            left -= level_span(level);
            change.target += level_span(level);
        }
    }

    return 0;
}

/* Brings in the pages that remaps need, in a VM fork. */
static void bring_in_all(struct domain *d, const struct altp2m_batch *b)
{
    const struct altp2m_edit *e;

    for_each_edit ( b, e )
    {
        const uint64_t pages[] = { e->gfn, e->change.target };

        if ( e->change.set_target == ALTP2M_SET && !b->dormant )
            altp2m_bring_in(d, pages, ARRAY_SIZE(pages));
    }
}

/* Copies the caller's records.  The caller frees *@record by xfree(). */
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
    struct altp2m_batch b = {
        .idx = apply->view,
        .check = check_edit,
        .dormant = apply->flags & XEN_ALTP2M_APPLY_DORMANT,
        .ordered = true,
    };
    int rc;

    if ( apply->pad || apply->flags & ~XEN_ALTP2M_APPLY_DORMANT )
        return -EINVAL;

    apply->failed = apply->nr;
    if ( apply->nr > ALTP2M_MAX_ENTRIES )
        return -E2BIG;

    rc = copy_records(apply, &record);
    if ( rc )
        goto out;

    rc = -ENOMEM;
    b.edit = xmalloc_array(struct altp2m_edit, ALTP2M_MAX_ENTRIES);
    if ( !b.edit )
        goto out;

    rc = translate(d, &b, record, apply->nr);
    if ( !rc )
    {
        bring_in_all(d, &b);
        rc = altp2m_run_batch(d, &b);
    }
    apply->failed = rc ? b.failed : apply->nr;

 out:
    xfree(b.edit);
    xfree(record);

    return rc;
}
