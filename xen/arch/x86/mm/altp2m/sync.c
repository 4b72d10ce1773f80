/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: private tables brought up to date, or cut off. */

#include "cache.h"

/* Marks @child's table, and all below, out of date. */
void altp2m_out_of_date(struct domain *d, struct altp2m_node *child)
{
    altp2m_set_mirror(d->arch.altp2m, child, INVALID_MFN);
    child->made = 0;
    child->view->root.seen++;
}

/* Brings the entry that leads to @node's table up to date. */
void altp2m_sync_parent(struct domain *d, struct altp2m_node *node)
{
    altp2m_sync(d, altp2m_parent(node),
                level_index(node->gfn, node->level + 1));
}

/* Cuts off the table below entry @idx of @node: the entry becomes stale. */
void altp2m_cut(struct domain *d, struct altp2m_node *node, unsigned int idx)
{
    struct altp2m_node *child = altp2m_child(node, idx);

    if ( altp2m_below_stale(node, child) )
        return;

    altp2m_out_of_date(d, child);
    altp2m_sync(d, node, idx);
}

/*
 * Brings a private table up to date, if a walk can reach it; or cuts it off, if
 * that is quicker.
 */
void altp2m_sync_node(struct domain *d, struct altp2m_node *node)
{
    if ( !altp2m_walkable(node) )
        return;

    if ( altp2m_slow(node) )
    {
        altp2m_out_of_date(d, node);
        altp2m_sync_parent(d, node);
    }
    else
        altp2m_sync_table(d, node);
}

/* Returns the host's table for @node's span, or INVALID_MFN. */
mfn_t altp2m_host_table(struct domain *d, const struct altp2m_node *node)
{
    struct altp2m_lookup host;

    altp2m_host_lookup(d, node->gfn, node->level + 1, &host);

    return altp2m_mirrored(&host, node->level + 1);
}

static always_inline bool sync_side(struct domain *d, struct altp2m_node *node,
                                    unsigned int idx,
                                    const struct altp2m_lookup *host,
                                    enum altp2m_side side)
{
    uint64_t *map = map_domain_page(node_table(node, side));
    bool changed = altp2m_store(d, altp2m_format(), &map[idx],
                                altp2m_slot_entry(d, node, idx, host, side));

    unmap_domain_page(map);

    return changed;
}

/* Brings one entry up to date, on all sides.  Returns whether one changed. */
bool altp2m_sync(struct domain *d, struct altp2m_node *node, unsigned int idx)
{
    struct altp2m_lookup host;
    enum altp2m_side side;
    bool changed;

    if ( !altp2m_walkable(node) )
        return false;

    altp2m_host_of(d, node, idx, &host);
    changed = sync_side(d, node, idx, &host, SIDE_DATA);
    if ( likely(!node_has_sides(node)) )
        return changed;

    for ( side = SIDE_EXECUTE; side < SIDES; side++ )
        if ( node_has_side(node, side) )
            changed |= sync_side(d, node, idx, &host, side);

    return changed;
}

/* Cuts off all tables of a view but the root. */
void altp2m_cut_view(struct domain *d, struct altp2m_view *view)
{
    unsigned long span = level_span(ROOT_LEVEL);
    struct altp2m_node *node;

    view->root.floor = ++d->arch.altp2m->clock;
    view->root.seen++;

    /* Of the nodes at a gfn the one below the root comes first. */
    for ( node = altp2m_next_node(view, 0, ROOT_LEVEL); node;
          node = altp2m_next_node(view, node->gfn | (span - 1), 0) )
        altp2m_sync(d, &view->root, level_index(node->gfn, ROOT_LEVEL));
}

/* Cuts off the views that have at least @remaps remaps. */
void altp2m_cut_views(struct domain *d, unsigned int remaps)
{
    struct altp2m_view *view;
    unsigned int i;

    for_each_view ( d->arch.altp2m, view, i )
        if ( !view->dying && view->nr_remaps >= remaps )
            altp2m_cut_view(d, view);
}
