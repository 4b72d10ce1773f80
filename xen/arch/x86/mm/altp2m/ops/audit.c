/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the operation that compares tables with a view's definition.
 *
 * The invariant of follow.c is stated here a second time.  For every entry the
 * host's tables and the tree of overrides are walked from their roots.  What is
 * kept for speed (mirrors, hints, counters) is not used, but compared, too.
 */

#include "ops.h"

/*
 * The comparisons of a node are numbered from 1.  When the buffer is full, the
 * cursor @next gets, from this bit on, the number of the comparison with which
 * the next call begins.  The bits below have the node's first gfn.
 */
#define CHECK_SHIFT 40

struct audit {
    struct domain *d;
    struct altp2m_view *view;
    struct altp2m_node *node;
    struct altp2m_records *out;
    enum altp2m_side side;        /* whose entries are compared */
    bool walked;                  /* a walk reaches the node's table */
    unsigned int nr;              /* number of the last comparison */
    unsigned int first;           /* the comparison to begin with */
    unsigned int stop;            /* the first without room for its record */
};

/* Is the next comparison to be left out now?  If so, counts it as done. */
static bool skip(struct audit *a)
{
    if ( a->nr + 1 >= a->first && !a->stop )
        return false;

    a->nr++;

    return true;
}

/* Makes the next comparison, and appends a record if the two differ. */
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

/*
 * Is the entry @found as good as the entry @wanted?  Of an entry that is not
 * present CPUs use only the bit that suppresses #VE.  An entry that faults
 * until it is recalculated needs only the right frame.
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

/* Compares one entry of a table. */
static void check_entry(struct audit *a, unsigned int idx, uint64_t found)
{
    unsigned long gfn = node_gfn(a->node, idx);
    struct altp2m_lookup host;
    uint64_t wanted;

    if ( skip(a) )
        return;

    altp2m_host_lookup(a->d, gfn, a->node->level, &host);
    wanted = altp2m_audit_entry(a->d, a->node, idx, &host, a->side);
    if ( as_good(found, wanted, host.pending) )
        found = wanted;
    report(a, XEN_ALTP2M_AUDIT_ENTRY, gfn, found, wanted);
}

/* Compares SLOT_REMAP of each slot with the view's tree of remaps. */
static void check_remaps(struct audit *a)
{
    const struct altp2m_node *node = a->node;
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        unsigned long gfn = node_gfn(node, i);
        bool remapped = node->slot[i] & SLOT_REMAP;

        if ( !skip(a) )
            report(a, XEN_ALTP2M_AUDIT_REMAP, gfn, remapped,
                   !node->level && altp2m_remap(a->view, gfn));
    }
}

/*
 * Compares what is noted of own pages with what they are: how many bytes are
 * patched; bits above, whether it is stale and shown, and whose it is.
 */
static void check_own(struct audit *a)
{
    const struct altp2m_node *node = a->node;
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES && !node->level; i++ )
    {
        unsigned long gfn = node_gfn(node, i);
        const struct altp2m_own *own;
        const struct altp2m_remap *r;
        uint64_t found;

        if ( skip(a) )
            continue;

        r = node->slot[i] & SLOT_REMAP ? altp2m_remap(a->view, gfn) : NULL;
        own = r ? r->own : NULL;
        found = own ? own->nr_patched : 0;
        if ( own && ((own->stale && !r->dormant) || r->target != gfn) )
            found |= 1u << 16;
        if ( own &&
             (page_get_owner(own->page) != a->d ||
              altp2m_own_references(own) < OWN_REFERENCES) )
            found |= 1u << 17;
        report(a, XEN_ALTP2M_AUDIT_OWN, gfn, found,
               own ? bitmap_weight(own->patched, PAGE_SIZE) : 0);
    }
}

/* Compares a node's counter, its mirror, and its parent's slot. */
static void check_node(struct audit *a)
{
    const struct altp2m_node *node = a->node, *parent;
    unsigned int i, used = 0;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
        used += node->slot[i] != 0;
    report(a, XEN_ALTP2M_AUDIT_USED, node->gfn, node->used, used);

    if ( a->walked )
        report(a, XEN_ALTP2M_AUDIT_MIRROR, node->gfn, mfn_x(node->host),
               mfn_x(node->level == ROOT_LEVEL
                     ? altp2m_host_root(a->d) : altp2m_host_table(a->d, node)));

    if ( node->level == ROOT_LEVEL )
        return;

    parent = altp2m_parent(node);
    report(a, XEN_ALTP2M_AUDIT_TREE, node->gfn,
           parent ? parent->slot[level_index(node->gfn, parent->level)] : 0,
           SLOT_CHILD);
}

/* Adds the overrides of a node to the counters. */
static void count_node(struct altp2m_counted *c, const struct altp2m_node *node)
{
    const struct altp2m_remap *r;
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        altp2m_slot_t slot = node->slot[i];

        r = slot & SLOT_REMAP ? altp2m_remap(node->view, node_gfn(node, i))
                              : NULL;
        c->own += r && r->own;
        c->dormant += r && r->dormant;
        c->access += slot & SLOT_ACCESS ? level_span(node->level) : 0;
        c->sve += slot & SLOT_SVE ? level_span(node->level) : 0;
        c->remaps += !!(slot & SLOT_REMAP);
    }
    c->gfn = node->gfn;
    c->level = node->level;
}

/* Adds @node to the counters, once.  False if nodes before were not added. */
static bool count_once(struct altp2m_counted *c, struct altp2m_view *view,
                       const struct altp2m_node *node)
{
    bool root = node->level == ROOT_LEVEL;

    if ( c->serial == view->serial && c->changes == view->changes &&
         c->gfn == node->gfn && c->level == node->level )
        return true;

    if ( root )
        *c = (struct altp2m_counted){ .serial = view->serial,
                                      .changes = view->changes };
    else if ( c->serial != view->serial || c->changes != view->changes ||
              altp2m_next_node(view, c->gfn, c->level) != node )
        return false;

    count_node(c, node);

    return true;
}

/*
 * Counts the view's overrides anew, one node in each call, and compares them
 * with the view's counters after the last node, unless the view has changed.
 */
static void check_counts(struct audit *a)
{
    struct altp2m_counted *c = &a->d->arch.altp2m->counted;
    const struct altp2m_node *node = a->node;
    bool whole;

    if ( node->level == ROOT_LEVEL && !a->first )
        c->serial = 0;
    whole = count_once(c, a->view, node) &&
            !altp2m_next_node(a->view, node->gfn, node->level);

    report(a, XEN_ALTP2M_AUDIT_COUNT, 0, a->view->access_gfns,
           whole ? c->access : a->view->access_gfns);
    report(a, XEN_ALTP2M_AUDIT_COUNT, 1, a->view->sve_gfns,
           whole ? c->sve : a->view->sve_gfns);
    report(a, XEN_ALTP2M_AUDIT_COUNT, 2, a->view->nr_remaps,
           whole ? c->remaps : a->view->nr_remaps);
    report(a, XEN_ALTP2M_AUDIT_COUNT, 3, a->view->nr_own,
           whole ? c->own : a->view->nr_own);
    report(a, XEN_ALTP2M_AUDIT_COUNT, 4, a->view->nr_dormant,
           whole ? c->dormant : a->view->nr_dormant);
}

/*
 * Does a walk on the side reach the node's table?  If not, its contents do not
 * matter.
 */
static bool walked(const struct audit *a)
{
    mfn_t table = node_table(&a->view->root, a->side);
    unsigned int level;

    for ( level = ROOT_LEVEL;
          level > a->node->level && !mfn_eq(table, INVALID_MFN); level-- )
    {
        uint64_t entry = altp2m_read_entry(table, level_index(a->node->gfn,
                                                              level));

        table = altp2m_points(altp2m_format(), entry, level)
                ? altp2m_frame(entry) : INVALID_MFN;
    }

    return !mfn_eq(table, INVALID_MFN) &&
           mfn_eq(table, node_table(a->node, a->side));
}

/* Compares all entries of a table that a walk reaches. */
static void check_table(struct audit *a)
{
    const uint64_t *map;
    unsigned int i;

    if ( !walked(a) )
        return;

    map = map_domain_page(node_table(a->node, a->side));
    for ( i = 0; i < TABLE_ENTRIES; i++ )
        check_entry(a, i, read_atomic(&map[i]));
    unmap_domain_page(map);
}

/* Finds the node to continue with, or the next one.  False after the last. */
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
    a->node = altp2m_read_node(a->view, r);

    return a->node;
}

/* Compares one table.  Lock held. */
int altp2m_audit_table(struct domain *d, struct xen_altp2m_read *r,
                       struct altp2m_records *out)
{
    struct audit a = { .d = d, .view = altp2m_named(d, r->view), .out = out };

    if ( !a.view )
        return -ENOENT;

    if ( !find_node(&a, r) )
        return 0;

    a.walked = walked(&a);
    check_node(&a);
    check_remaps(&a);
    check_own(&a);
    for ( a.side = SIDE_DATA; a.side < SIDES; a.side++ )
        check_table(&a);
    check_counts(&a);
    if ( a.stop )
        r->next |= (uint64_t)a.stop << CHECK_SHIFT;
    else
        r->checked += TABLE_ENTRIES;

    return 1;
}

/* HVMOP_altp2m_audit: compares one table in each call. */
int altp2m_audit(struct domain *d, struct xen_altp2m_read *r,
                 struct altp2m_records *out)
{
    return altp2m_may_see_frames(d) ? altp2m_audit_table(d, r, out) : -EPERM;
}
