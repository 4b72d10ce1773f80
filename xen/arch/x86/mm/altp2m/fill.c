/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: filling in the tables that a fault needs, and freeing old ones.
 *
 * When the pool is empty the oldest tables are freed: they can be made again.
 */

#include "cache.h"

/*
 * Bring a table up to date that is there but out of date.  Its parent's is up to
 * date, and whoever calls then has the entry lead to it.
 */
static void remake(struct domain *d, struct altp2m_node *node)
{
    altp2m_set_mirror(d->arch.altp2m, node, altp2m_host_table(d, node));
    node->made = node->floor = ++d->arch.altp2m->clock;
    altp2m_sync_table(d, node);
}

/* Have the parent's entry of a table fault, and free it. */
static void give_up(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_view *view = node->view;

    altp2m_detach(d, node);
    view->cuts++;
    if ( !view->dying )
        altp2m_sync(d, altp2m_node(view, node->gfn, node->level + 1),
                    level_index(node->gfn, node->level + 1));
}

/*
 * What @view says of everything has changed: its default access.  All but a few
 * tables are left for faults to redo; so are nodes that were there for the old
 * default alone.
 */
void altp2m_resync(struct domain *d, struct altp2m_view *view)
{
    struct rb_node *rb, *next;

    if ( view->nr_tables > FEW_TABLES )
        altp2m_cut_view(d, view);

    altp2m_sync_node(d, &view->root);
    for ( rb = rb_first(&view->nodes);
          rb && view->nr_tables <= FEW_TABLES; rb = next )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        next = rb_next(rb);
        if ( !node->used && altp2m_node_shareable(d, node, 0) )
            altp2m_prune(d, node);
        else
            altp2m_sync_node(d, node);
    }
}

#define ROOM_TABLES 32u

/*
 * Have views give up some tables for others to use, the oldest ones, but not what
 * @keep needs at @gfn.  Returns whether that gained anything.
 */
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

        give_up(d, node);
        if ( ++n == ROOM_TABLES )
            break;
    }

    altp2m_settle(d);

    return n;
}

/*
 * The host p2m can't get a page from the paging pool.  Returns whether it is
 * worth asking again.  Lock held, or no views.
 */
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
 * Make the table of @child, which is below entry @idx of @node's and is missing
 * or out of date, and have the entry lead there.  NULL if there is no memory.
 */
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node,
                                 unsigned int idx, struct altp2m_node *child)
{
    if ( node_has_table(child) )
        remake(d, child);
    else if ( altp2m_attach(d, child) )
        return NULL;

    altp2m_sync(d, node, idx);

    return child;
}

/* The child of an entry whose table isn't usable, made anew; NULL if it can't. */
static struct altp2m_node *fill_entry(struct domain *d,
                                      struct altp2m_node *node,
                                      unsigned int idx)
{
    return node->slot[idx] & SLOT_CHILD
           ? altp2m_renew(d, node, idx, altp2m_child(node, idx))
           : altp2m_split(d, node, idx, false);
}

static bool entry_stale(struct domain *d, struct altp2m_node *node,
                        unsigned int idx)
{
    altp2m_slot_t slot = node->slot[idx];
    struct altp2m_source host;

    if ( slot & SLOT_CHILD )
        return altp2m_below_stale(node, altp2m_child(node, idx));

    altp2m_host_of(d, node, idx, &host);

    return !altp2m_shareable(node->view, slot, altp2m_mirrored(&host, node->level));
}

/* Is a view's entry for @gfn, in its table at @level, to be filled in? */
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    return level && node && altp2m_in_use(node) &&
           entry_stale(d, node, level_index(gfn, level));
}

/* Take out the node at @level for @gfn if the view needs none there. */
static bool drop_unneeded(struct domain *d, struct altp2m_view *view,
                          unsigned long gfn, unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    if ( node->used || !altp2m_node_shareable(d, node, 0) )
        return false;

    altp2m_prune(d, node);

    return true;
}

/*
 * Bring the private tables on the way to @gfn up to date: 1 if that changed
 * anything, 0 if not, -ENOMEM if the pool has nothing left to give, not even by
 * dropping other tables.  Lock held.
 */
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn)
{
    struct altp2m_node *node = &view->root;
    unsigned int level;
    int rc = 0;

    for ( level = ROOT_LEVEL; level; level-- )
    {
        unsigned int idx = level_index(gfn, level);
        struct altp2m_node *child;

        if ( entry_stale(d, node, idx) )
        {
            /* It was there for a default access that is another now. */
            if ( (node->slot[idx] & SLOT_CHILD) &&
                 drop_unneeded(d, view, gfn, level - 1) )
                return 1;

            do
                child = fill_entry(d, node, idx);
            while ( !child && altp2m_make_room(d, view, gfn) );

            if ( !child )
                return -ENOMEM;

            d->arch.altp2m->filled++;
            view->filled++;
            rc = 1;
        }
        else if ( node->slot[idx] & SLOT_CHILD )
            child = altp2m_node(view, gfn, level - 1);
        else
            break;

        node = child;
    }

    return rc;
}
