/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: tables for faults.  The oldest go when the pool is empty. */

#include "cache.h"

#define SOME_NODES 64u

/*
 * Syncs a view after its default access has changed, and takes out the nodes
 * that only the old default needed.  If there are more than FEW_TABLES tables,
 * or SOME_NODES nodes, cuts the tables off instead: faults then do both.
 */
void altp2m_resync(struct domain *d, struct altp2m_view *view)
{
    struct rb_node *rb, *next;
    bool few = view->nr_tables <= FEW_TABLES && view->nr_nodes <= SOME_NODES;

    if ( !few )
        altp2m_cut_view(d, view);

    altp2m_sync_node(d, &view->root);
    for ( rb = rb_first(&view->nodes); rb && few; rb = next )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        /* altp2m_tidy() frees @node and parents, which come before @node. */
        next = rb_next(rb);
        if ( node->used || !altp2m_tidy(d, node) )
            altp2m_sync_node(d, node);
    }
}

#define ROOM_TABLES 32u

/* Frees the oldest tables, but none on @keep's way to @gfn.  Was one freed? */
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *node, *next;
    unsigned int n = 0;

    list_for_each_entry_safe ( node, next, &a->tables, cached )
    {
        if ( node->view == keep && level_base(gfn, node->level) == node->gfn )
            continue;

        altp2m_detach(d, node);
        node->view->root.seen++;
        if ( !node->view->dying )
            altp2m_sync_parent(d, node);     /* makes the entry stale */
        if ( ++n == ROOM_TABLES )
            break;
    }

    altp2m_settle(d);

    return n;
}

/* Frees tables for the host p2m.  Returns whether the pool may have pages. */
bool altp2m_reclaim(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( !a || !altp2m_locked(d) )
        return false;

    if ( !page_list_empty(&a->owed.limbo) )
    {
        altp2m_settle(d);
        return true;
    }

    return altp2m_make_room(d, NULL, 0);
}

/*
 * Makes the table of @node, or brings it up to date, and has the parent's entry
 * lead there.  Returns @node; NULL if the pool is empty.
 */
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node)
{
    if ( node_has_table(node) )
    {
        altp2m_set_mirror(d->arch.altp2m, node, altp2m_host_table(d, node));
        node->made = node->floor = ++d->arch.altp2m->clock;
        altp2m_sync_table(d, node);
    }
    else if ( altp2m_attach(d, node) )
        return NULL;

    altp2m_sync_parent(d, node);

    return node;
}

/* Must a fault make the table below an entry? */
static bool entry_stale(struct domain *d, struct altp2m_node *node,
                        unsigned int idx)
{
    altp2m_slot_t slot = node->slot[idx];
    struct altp2m_lookup host;

    if ( slot & SLOT_CHILD )
        return altp2m_below_stale(node, altp2m_child(node, idx));

    altp2m_host_of(d, node, idx, &host);

    return !altp2m_shareable(node->view, slot,
                             altp2m_mirrored(&host, node->level));
}

/* Must a fault make the table below the entry for @gfn in a table at @level? */
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    return level && node && altp2m_walkable(node) &&
           entry_stale(d, node, level_index(gfn, level));
}

/*
 * Brings the private tables on the way to @gfn up to date.  Returns 1 if that
 * changed anything, 0 if not, -ENOMEM if the pool is empty and there are no
 * other tables to free.  Lock held.
 */
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn)
{
    struct altp2m_node *node = &view->root;
    unsigned int level;
    int rc = 0;

    for ( level = ROOT_LEVEL; level; level-- )
    {
        unsigned int idx = level_index(gfn, level);
        struct altp2m_node *child = node->slot[idx] & SLOT_CHILD
                                    ? altp2m_child(node, idx) : NULL;
        struct altp2m_node *next = child;

        if ( entry_stale(d, node, idx) )
        {
            /* Only the former default needed @child: see altp2m_resync(). */
            if ( child && !child->used && altp2m_tidy(d, child) )
                return 1;

            do
                next = child ? altp2m_renew(d, child)
                             : altp2m_split(d, node, idx, 0);
            while ( !next && d->arch.altp2m->nr_lent < MAX_LENT &&
                    altp2m_make_room(d, view, gfn) );

            if ( !next )
                return -ENOMEM;

            d->arch.altp2m->filled++;
            view->filled++;
            rc = 1;
        }
        else if ( !next )
            break;

        node = next;
        node->seen = view->root.seen;
    }

    return rc;
}
