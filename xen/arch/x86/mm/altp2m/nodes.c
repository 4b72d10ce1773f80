/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: splitting an entry into a node, and merging it again. */

#include "cache.h"

/*
 * Gives an entry a node, whose slots all have the entry's override; and a
 * table, unless @flags has EDIT_NO_TABLES.  NULL: pool empty, or MAX_LENT nodes
 * lent.
 */
struct altp2m_node *altp2m_split(struct domain *d, struct altp2m_node *parent,
                                 unsigned int idx, unsigned int flags)
{
    struct altp2m_domain *a = d->arch.altp2m;
    altp2m_slot_t slot = parent->slot[idx];
    bool lent = a->use_reserve || (parent->level < ROOT_LEVEL && parent->lent);
    struct altp2m_node *node;

    ASSERT(parent->level && !(slot & SLOT_BEYOND));

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
    if ( slot )
        memset(node->slot, slot, sizeof(node->slot));

    if ( !(flags & EDIT_NO_TABLES) && altp2m_attach(d, node) )
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
        node->lent = true;
        a->lent[a->nr_lent++] = node;
    }

    return node;
}

/* Frees a node, and its table, to which no live entry leads. */
void altp2m_free_node(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_view *view = node->view;

    if ( view->hint == node )
        view->hint = NULL;
    altp2m_not_lent(d->arch.altp2m, node);
    rb_erase(&node->rb, &view->nodes);
    view->nr_nodes--;
    altp2m_detach(d, node);
    altp2m_free(d, &d->arch.altp2m->nodes, node);
}

/* Frees a node whose slots are all alike: its parent's slot becomes that. */
void altp2m_merge(struct domain *d, struct altp2m_node *node)
{
    altp2m_slot_t slot = node->slot[0];
    struct altp2m_node *parent = altp2m_parent(node);
    unsigned int idx = level_index(node->gfn, parent->level);

    ASSERT(!(slot & SLOT_BEYOND));

    altp2m_count(node->view, slot, 0, level_span(parent->level));
    altp2m_put_slot(parent, idx, slot);
    altp2m_sync(d, parent, idx);
    altp2m_free_node(d, node);
}

/* Takes back all lent nodes, and the rights set there.  Were there any? */
bool altp2m_recall(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( !a->nr_lent )
        return false;

    /* The newest first: a node is older than those below it. */
    while ( a->nr_lent )
    {
        struct altp2m_node *node = a->lent[a->nr_lent - 1];

        altp2m_change_slots(node, 0, node->lent_slot);
        altp2m_merge(d, node);
    }

    a->recalled++;
    altp2m_settle(d);

    return true;
}

/* Are all slots alike, with rights only: can the parent's slot replace them? */
bool altp2m_uniform(const struct altp2m_node *node)
{
    return !node->used ||
           (node->used == TABLE_ENTRIES &&
            node->slot[0] == node->slot[TABLE_ENTRIES - 1] &&
            altp2m_alike(node, 0) == TABLE_ENTRIES);
}

/*
 * Merges @node, then its parents, as long as all slots of a node are alike and
 * the entry above can express their override.  A uniform node whose override
 * only leaves can express stays: the next fault would make the node again.
 * Returns whether @node was merged.
 */
bool altp2m_tidy(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_node *parent, *lowest = node;

    for ( ; node->level < ROOT_LEVEL && altp2m_uniform(node) &&
            altp2m_shareable(node->view, node->slot[0],
                             altp2m_walkable(node)
                             ? node->host : altp2m_host_table(d, node));
          node = parent )
    {
        parent = altp2m_parent(node);
        altp2m_merge(d, node);
    }

    return node != lowest;
}
