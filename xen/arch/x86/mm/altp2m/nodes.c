/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: splitting an entry into a node of its own, and merging it again.
 */

#include "cache.h"

/*
 * Nodes that faults make are lent to them: taken back before anybody else looks,
 * or when another fault is in need, unless the pool has filled the reserve up
 * again by then.  So many at most, as all go at once.
 */
#define MAX_LENT 16u

/*
 * Give an entry of a private table a node of its own, with its private table unless
 * that is left to faults (@later).  The slots start as what the entry said for all
 * of them.
 */
struct altp2m_node *altp2m_split(struct domain *d, struct altp2m_node *parent,
                                 unsigned int idx, bool later)
{
    struct altp2m_domain *a = d->arch.altp2m;
    altp2m_slot_t slot = parent->slot[idx];
    bool lent = a->dip || !list_empty(&parent->lent);
    struct altp2m_node *node;

    ASSERT(parent->level && !(slot & (SLOT_CHILD | SLOT_REMAP)));

    if ( lent && a->nr_lent >= MAX_LENT )
        return NULL;

    node = altp2m_alloc(d, &a->nodes);
    if ( !node )
        return NULL;

    node->view = parent->view;
    node->level = parent->level - 1;
    node->gfn = node_gfn(parent, idx);
    node->table = INVALID_MFN;
    node->host = INVALID_MFN;
    node->used = slot ? TABLE_ENTRIES : 0;
    INIT_LIST_HEAD(&node->lent);
    if ( slot )
        memset(node->slot, slot, sizeof(node->slot));

    if ( !later && altp2m_attach(d, node) )
    {
        altp2m_free(d, &a->nodes, node);
        return NULL;
    }

    altp2m_insert_node(parent->view, node);
    node->view->nr_nodes++;
    altp2m_count(node->view, 0, slot, level_span(parent->level));
    altp2m_put_slot(parent, idx, SLOT_CHILD);
    altp2m_sync(d, parent, idx);

    if ( lent )
    {
        node->lent_slot = slot;
        list_add(&node->lent, &a->lent);
        a->nr_lent++;
    }

    return node;
}

/* Take a node out whose slots all say the same: its parent's can say that. */
void altp2m_merge(struct domain *d, struct altp2m_node *node,
                  altp2m_slot_t slot)
{
    struct altp2m_view *view = node->view;
    struct altp2m_node *parent = altp2m_parent(node);
    unsigned int idx = level_index(node->gfn, parent->level);

    ASSERT(!(slot & (SLOT_CHILD | SLOT_REMAP)));

    if ( view->hint == node )
        view->hint = NULL;
    altp2m_not_lent(d->arch.altp2m, node);
    rb_erase(&node->rb, &view->nodes);
    view->nr_nodes--;
    altp2m_count(view, slot, 0, level_span(parent->level));
    altp2m_put_slot(parent, idx, slot);
    altp2m_sync(d, parent, idx);
    altp2m_detach(d, node);
    altp2m_free(d, &d->arch.altp2m->nodes, node);
}

/*
 * Take back what was lent to faults: the rights promoted there are forgotten.
 * Returns whether there was anything.  Lock held.
 */
bool altp2m_recall(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( list_empty(&a->lent) )
        return false;

    /* A node was made before those below it, and goes after them. */
    while ( !list_empty(&a->lent) )
    {
        struct altp2m_node *node =
            list_first_entry(&a->lent, struct altp2m_node, lent);
        unsigned int i;

        for ( i = 0; i < TABLE_ENTRIES; i++ )
            altp2m_put_slot(node, i, node->lent_slot);
        altp2m_merge(d, node, node->lent_slot);
    }

    a->recalled++;
    altp2m_settle(d);

    return true;
}

/* Take out @node, and then its parents, for as long as they are empty. */
void altp2m_prune(struct domain *d, struct altp2m_node *node)
{
    while ( !node->used && node->level < ROOT_LEVEL )
    {
        struct altp2m_node *parent = altp2m_parent(node);

        altp2m_merge(d, node, 0);
        node = parent;
    }
}
