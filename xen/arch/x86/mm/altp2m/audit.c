/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: are the tables what they should be?
 *
 * This states the invariant of table.c a second time, from the other end: by
 * walks from the roots, of the host and of the tree of overrides, for every
 * entry; nothing that is kept for speed (mirrors, hints, counts, entries made
 * alike) is relied on, and it is itself compared.
 */

#include "private.h"

/*
 * The comparisons of a node have numbers, from 1 on.  Records that have no room
 * are for the next call: @next then has the comparison to go on with, above the
 * first gfn of the node.
 */
#define CHECK_SHIFT 40

struct audit {
    struct domain *d;
    struct altp2m_view *view;
    struct altp2m_node *node;
    struct altp2m_records *out;
    bool walked;                  /* CPUs get to the node's table */
    unsigned int nr;              /* of the last comparison */
    unsigned int first;           /* the comparison to begin with */
    unsigned int stop;            /* the first without room for its record */
};

/* Is the next comparison none of this call's?  Then it is passed over. */
static bool skip(struct audit *a)
{
    if ( a->nr + 1 >= a->first && !a->stop )
        return false;

    a->nr++;

    return true;
}

/* Compare, and write a record if the two differ. */
static void report(struct audit *a, uint8_t what, unsigned long gfn,
                   uint64_t found, uint64_t wanted)
{
    struct xen_altp2m_mismatch *m;

    if ( skip(a) )
        return;

    a->nr++;
    if ( found == wanted )
        return;

    m = altp2m_next_record(a->out);
    if ( !m )
    {
        a->stop = a->nr;
        return;
    }

    m->gfn = gfn;
    m->found = found;
    m->wanted = wanted;
    m->what = what;
    m->level = a->node->level;
}

/* The host's entry for @gfn, not lower than in a table at @level. */
static struct altp2m_source host_entry(struct audit *a, unsigned long gfn,
                                       unsigned int level)
{
    struct altp2m_source host;

    altp2m_host_lookup(p2m_get_hostp2m(a->d), gfn, level, &host);

    return host;
}

/* The host's table that is covered by one at @level, INVALID_MFN for none. */
static mfn_t host_table(struct audit *a, unsigned long gfn, unsigned int level)
{
    struct altp2m_source host;

    if ( level == ROOT_LEVEL )
        return pagetable_get_mfn(p2m_get_pagetable(p2m_get_hostp2m(a->d)));

    host = host_entry(a, gfn, level + 1);

    return host.level == level + 1 &&
           altp2m_points(altp2m_format(), host.entry, host.level)
           ? altp2m_frame(host.entry) : INVALID_MFN;
}

/* Where the host has what shows at @gfn: there, or where the view remaps it. */
static struct altp2m_source shown(struct audit *a, unsigned long gfn,
                                  altp2m_slot_t slot,
                                  const struct altp2m_source *host)
{
    struct altp2m_source source = *host;
    const struct altp2m_remap *remap = slot & SLOT_REMAP
                                       ? altp2m_remap(a->view, gfn) : NULL;

    /* What is pending further up, the entries on the way here say. */
    source.pending = false;

    if ( remap )
    {
        struct altp2m_source target = host_entry(a, remap->target, 0);

        target.remapped = true;
        if ( altp2m_has_frame(a->d, &target) )
            source = target;
    }

    return source;
}

/*
 * What shows in an entry that doesn't lead to a table: the page, rights and #VE
 * that the view's definition gives.
 */
static uint64_t leaf(struct audit *a, unsigned long gfn, altp2m_slot_t slot,
                     const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_source source = shown(a, gfn, slot, host);

    return fmt->leaf(p2m_get_hostp2m(a->d), &source, a->node->level,
                     slot_access(a->view, slot, fmt->access(host->entry)),
                     slot_sve(slot));
}

static uint64_t child(struct audit *a, unsigned long gfn,
                      const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_node *below = altp2m_node(a->view, gfn,
                                                  a->node->level - 1);
    bool mirrors = host->level == a->node->level &&
                   altp2m_points(fmt, host->entry, host->level);

    if ( !below || altp2m_below_stale(a->node, below) )
        return fmt->stale;

    return fmt->link(below->table, mirrors ? host->entry : 0);
}

/*
 * May an entry be @found where it should be @wanted?  Of one that isn't present
 * CPUs look only at what a stale one has: suppress #VE.  One that they can't use
 * before it is recalculated needs only the right frame.
 */
static bool as_good(uint64_t found, uint64_t wanted, bool pending)
{
    const struct altp2m_format *fmt = altp2m_format();
    uint64_t differs = (found ^ wanted) & ~fmt->cpu_bits;

    if ( !((found | wanted) & fmt->present) )
        return !(differs & fmt->stale);

    if ( pending || fmt->pending(found) )
        return !(found & fmt->present) == !(wanted & fmt->present) &&
               mfn_eq(altp2m_frame(found), altp2m_frame(wanted));

    return !differs;
}

static void check_entry(struct audit *a, unsigned int idx, uint64_t found)
{
    const struct altp2m_format *fmt = altp2m_format();
    unsigned int level = a->node->level;
    unsigned long gfn = a->node->gfn + idx * level_span(level);
    altp2m_slot_t slot = a->node->slot[idx];
    struct altp2m_source host;
    uint64_t wanted;

    if ( skip(a) )
        return;

    host = host_entry(a, gfn, level);
    if ( slot & SLOT_CHILD )
        wanted = child(a, gfn, &host);
    else if ( host.level != level || !altp2m_points(fmt, host.entry, level) )
        wanted = leaf(a, gfn, slot, &host);
    else if ( altp2m_shareable(a->view, slot, altp2m_frame(host.entry)) )
        wanted = fmt->narrow(host.entry,
                             slot_access(a->view, slot, p2m_access_rwx),
                             slot_sve(slot));
    else
        wanted = fmt->stale;

    if ( as_good(found, wanted, host.pending) )
        found = wanted;
    report(a, XEN_ALTP2M_AUDIT_ENTRY, gfn, found, wanted);
}

/* What says that there is a remap, and where it goes, are two things. */
static void check_remaps(struct audit *a)
{
    const struct altp2m_node *node = a->node;
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        unsigned long gfn = node->gfn + i * level_span(node->level);
        bool remapped = node->slot[i] & SLOT_REMAP;

        if ( !skip(a) )
            report(a, XEN_ALTP2M_AUDIT_REMAP, gfn, remapped,
                   !node->level && altp2m_remap(a->view, gfn));
    }
}

/* How a node hangs in its view's tree, and what it claims of the host. */
static void check_node(struct audit *a)
{
    const struct altp2m_node *node = a->node, *parent;
    unsigned int i, used = 0;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
        used += node->slot[i] != 0;
    report(a, XEN_ALTP2M_AUDIT_USED, node->gfn, node->used, used);

    if ( a->walked )
        report(a, XEN_ALTP2M_AUDIT_MIRROR, node->gfn, mfn_x(node->host),
               mfn_x(host_table(a, node->gfn, node->level)));

    if ( node->level == ROOT_LEVEL )
        return;

    parent = altp2m_node(a->view, node->gfn, node->level + 1);
    report(a, XEN_ALTP2M_AUDIT_TREE, node->gfn,
           parent ? parent->slot[level_index(node->gfn, parent->level)] : 0,
           SLOT_CHILD);
}

static void count_node(struct altp2m_counted *c, const struct altp2m_node *node)
{
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        altp2m_slot_t slot = node->slot[i];

        c->access += slot & SLOT_ACCESS ? level_span(node->level) : 0;
        c->sve += slot & SLOT_SVE ? level_span(node->level) : 0;
        c->remaps += !!(slot & SLOT_REMAP);
    }
    c->gfn = node->gfn;
    c->level = node->level;
}

/* Count @node, unless it was.  Returns false if one before it wasn't. */
static bool counted(struct altp2m_counted *c, struct altp2m_view *view,
                    const struct altp2m_node *node)
{
    bool root = node->level == ROOT_LEVEL;

    if ( c->view == view && c->changes == view->changes &&
         c->gfn == node->gfn && c->level == node->level )
        return true;

    if ( root )
        *c = (struct altp2m_counted){ .view = view, .changes = view->changes };
    else if ( c->view != view || c->changes != view->changes ||
              altp2m_next_node(view, c->gfn, c->level) != node )
        return false;

    count_node(c, node);

    return true;
}

/*
 * What the view says it overrides, counted once more: a node in each call, and
 * compared after the last, if the view is what it was then.
 */
static void check_counts(struct audit *a)
{
    struct altp2m_counted *c = &a->d->arch.altp2m->counted;
    const struct altp2m_node *node = a->node;
    bool whole;

    if ( node->level == ROOT_LEVEL && !a->first )
        c->view = NULL;
    whole = counted(c, a->view, node) &&
            !altp2m_next_node(a->view, node->gfn, node->level);

    report(a, XEN_ALTP2M_AUDIT_COUNT, 0, a->view->access_gfns,
           whole ? c->access : a->view->access_gfns);
    report(a, XEN_ALTP2M_AUDIT_COUNT, 1, a->view->sve_gfns,
           whole ? c->sve : a->view->sve_gfns);
    report(a, XEN_ALTP2M_AUDIT_COUNT, 2, a->view->nr_remaps,
           whole ? c->remaps : a->view->nr_remaps);
}

/* Does a walk of the view get to the node's table?  Else it may say anything. */
static bool walked(const struct audit *a)
{
    mfn_t table = a->view->root.table;
    unsigned int level;

    for ( level = ROOT_LEVEL;
          level > a->node->level && !mfn_eq(table, INVALID_MFN); level-- )
    {
        const uint64_t *map = map_domain_page(table);
        uint64_t entry = read_atomic(&map[level_index(a->node->gfn, level)]);

        unmap_domain_page(map);
        table = altp2m_points(altp2m_format(), entry, level)
                ? altp2m_frame(entry) : INVALID_MFN;
    }

    return !mfn_eq(table, INVALID_MFN) && mfn_eq(table, a->node->table);
}

static void check_table(struct audit *a)
{
    const uint64_t *map;
    unsigned int i;

    if ( !a->walked )
        return;

    map = map_domain_page(a->node->table);
    for ( i = 0; i < TABLE_ENTRIES; i++ )
        check_entry(a, i, read_atomic(&map[i]));
    unmap_domain_page(map);
}

/* The node to go on with, or the next one.  Returns false after the last. */
static bool find_node(struct audit *a, struct xen_altp2m_read *r)
{
    if ( r->next == XEN_ALTP2M_NONE )
        return false;

    a->first = r->next >> CHECK_SHIFT;
    r->next &= (1UL << CHECK_SHIFT) - 1;

    if ( a->first && r->level )
        a->node = altp2m_node(a->view, r->next, r->level - 1);
    if ( a->node )
        return true;

    a->first = 0;

    return altp2m_read_node(a->view, r, &a->node);
}

/* HVMOP_altp2m_audit: one table at a time. */
int altp2m_audit(struct domain *d, struct xen_altp2m_read *r,
                 struct altp2m_records *out)
{
    struct audit a = { .d = d, .view = altp2m_view(d, r->view), .out = out };

    if ( !altp2m_may_see_frames(d) )
        return -EPERM;

    if ( !a.view )
        return -ENOENT;

    if ( !find_node(&a, r) )
        return 0;

    a.walked = walked(&a);
    check_node(&a);
    check_remaps(&a);
    check_table(&a);
    check_counts(&a);
    if ( a.stop )
        r->next |= (uint64_t)a.stop << CHECK_SHIFT;
    else
        r->checked += TABLE_ENTRIES;

    return 1;
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
