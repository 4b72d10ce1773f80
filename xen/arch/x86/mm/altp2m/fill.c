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

/* Is a vCPU on another side of a view than data?  True if it may be. */
static bool executed_in(const struct domain *d, const struct altp2m_view *view)
{
    const struct vcpu *v;

    for_each_vcpu ( d, v )
        if ( d->arch.altp2m->vcpu[v->vcpu_id].side != SIDE_DATA &&
             altp2m_vcpu_idx(v) == view->idx )
            return true;

    return false;
}

#define ROOM_TABLES 32u

#define ROOM_VIEWS (ROOM_TABLES / 2)

/* Frees other sides' roots of some views, but not of @keep.  Were there any? */
static bool free_roots(struct domain *d, const struct altp2m_view *keep)
{
    struct altp2m_view *view;
    unsigned int i, n = 0;

    for_each_view ( d->arch.altp2m, view, i )
        if ( view != keep && node_has_sides(&view->root) &&
             !executed_in(d, view) )
        {
            altp2m_detach_sides(d, &view->root);
            if ( ++n == ROOM_VIEWS )
                break;
        }

    return n;
}

/*
 * Frees the oldest tables, but none on @keep's way to @gfn; if there are none,
 * roots at which no vCPU can be.  Was one freed?  Not in a dying domain, whose
 * pool gives none: callers would free them all.
 */
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *node, *next;
    unsigned int n = 0;

    if ( d->is_dying )
        return false;

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

    if ( !n )
        n = free_roots(d, keep);
    altp2m_settle(d);

    return n;
}

/* Frees tables for the host p2m.  Returns whether the pool may have pages. */
bool altp2m_reclaim(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( !a || !altp2m_locked(d) )
        return false;

    if ( altp2m_in_limbo(a) )
    {
        altp2m_settle(d);
        return true;
    }

    return altp2m_make_room(d, NULL, 0);
}

/*
 * Makes the table of @node, or brings it up to date; then makes the one of
 * another side, unless that takes long: the next fault does it.  Has the
 * parent's entries lead there.  Returns @node; NULL if the pool is empty.
 */
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node,
                                 enum altp2m_side side)
{
    bool stale = altp2m_below_stale(altp2m_parent(node), node);

    /* Other sides' tables are made anew, by faults there. */
    if ( stale )
        altp2m_detach_sides(d, node);
    if ( stale && altp2m_slow(node) )
        side = SIDE_DATA;

    if ( stale && node_has_table(node) )
    {
        altp2m_set_mirror(d->arch.altp2m, node, altp2m_host_table(d, node));
        node->made = node->floor = ++d->arch.altp2m->clock;
        altp2m_sync_table(d, node);
    }
    else if ( stale && altp2m_attach(d, node) )
        return NULL;

    if ( !node_has_side(node, side) && altp2m_attach_side(d, node, side) )
        side = SIDES;
    altp2m_sync_parent(d, node);

    return side == SIDES ? NULL : node;
}

/* Must a fault on a side make the table below an entry? */
static bool entry_stale(struct domain *d, struct altp2m_node *node,
                        unsigned int idx, enum altp2m_side side)
{
    altp2m_slot_t slot = node->slot[idx];
    struct altp2m_lookup host;

    if ( slot & SLOT_CHILD )
    {
        const struct altp2m_node *child = altp2m_child(node, idx);

        return altp2m_below_stale(node, child) || !node_has_side(child, side);
    }

    altp2m_host_of(d, node, idx, &host);

    return !altp2m_shareable(node->view, slot,
                             altp2m_mirrored(&host, node->level));
}

/* Must a fault make the table below the entry for @gfn in a table at @level? */
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level, enum altp2m_side side)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    return level && node && altp2m_walkable(node) &&
           node_has_side(node, side) &&
           entry_stale(d, node, level_index(gfn, level), side);
}

/*
 * Brings the private tables of a side on the way to @gfn up to date; one that
 * takes long alone.  Returns 1 if that changed anything, 0 if not, -ENOMEM if
 * the pool is empty and there are no other tables to free.  Lock held.
 */
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                enum altp2m_side side)
{
    struct altp2m_node *node = &view->root;
    unsigned int level;
    int rc = 0;

    for ( level = ROOT_LEVEL; level; level-- )
    {
        unsigned int idx = level_index(gfn, level);

        while ( entry_stale(d, node, idx, side) )
        {
            struct altp2m_node *child = node->slot[idx] & SLOT_CHILD
                                        ? altp2m_child(node, idx) : NULL;

            if ( rc && child && altp2m_slow(child) )
                return rc;

            /* Only the former default needed @child: see altp2m_resync(). */
            if ( child && !child->used && altp2m_tidy(d, child) )
                return 1;

            if ( child ? altp2m_renew(d, child, side)
                       : altp2m_split(d, node, idx, 0) )
            {
                d->arch.altp2m->filled++;
                view->filled++;
                rc = 1;
            }
            else if ( d->arch.altp2m->nr_lent >= MAX_LENT ||
                      !altp2m_make_room(d, view, gfn) )
                return -ENOMEM;
        }

        if ( !(node->slot[idx] & SLOT_CHILD) )
            break;

        node = altp2m_child(node, idx);
        node->seen = view->root.seen;
    }

    return rc;
}
