/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: changing what a view overrides.
 *
 * altp2m_begin() takes all memory that a change needs, altp2m_commit() changes
 * the slots and can't fail, altp2m_end() takes out what is not needed any more.
 * A batch begins all its changes, then commits all, then ends all.
 */

#include "change.h"

/*
 * Returns the node at @level for @gfn.  Makes the nodes on the way there, and
 * their private tables, unless @flags has EDIT_NO_TABLES.  NULL when the pool
 * is empty: nodes made until then stay.
 */
struct altp2m_node *altp2m_reserve(struct domain *d, struct altp2m_view *view,
                                   unsigned long gfn, unsigned int level,
                                   unsigned int flags)
{
    struct altp2m_node *child, *node = altp2m_node(view, gfn, level);
    bool later = flags & EDIT_NO_TABLES;

    if ( node && (later ? level < ROOT_LEVEL : altp2m_walkable(node)) )
        return node;

    ASSERT(view->idx || node_has_table(&view->root));

    for ( node = &view->root; node && node->level > level; node = child )
    {
        unsigned int idx = level_index(gfn, node->level);

        if ( !(node->slot[idx] & SLOT_CHILD) )
            child = altp2m_split(d, node, idx, flags);
        else
        {
            child = altp2m_child(node, idx);
            if ( !later && altp2m_below_stale(node, child) &&
                 !altp2m_slow(child) )
                child = altp2m_renew(d, child, SIDE_DATA);
        }
    }

    return node;
}

/* Changes the rights of all slots of @node and below.  tidy_below() is owed. */
static void apply_below(struct altp2m_node *node,
                        const struct altp2m_change *change)
{
    struct altp2m_node *child;
    unsigned int i;

    altp2m_change_slots(node, altp2m_slot_after(0x7f, change),
                        altp2m_slot_after(0, change));

    for_each_child ( node, child, i )
        apply_below(child, change);
}

/* After apply_below(): merges uniform nodes, syncs other tables. */
static void tidy_below(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_node *child;
    unsigned int i;

    for_each_child ( node, child, i )
        tidy_below(d, child);

    if ( altp2m_uniform(node) )
        altp2m_merge(d, node);
    else
        altp2m_sync_node(d, node);
}

/* Takes out the nodes that altp2m_begin() made: their slots are alike. */
static void undo(struct domain *d, const struct altp2m_edit *e)
{
    unsigned int level;

    for ( level = e->level; level < ROOT_LEVEL; level++ )
    {
        struct altp2m_node *node = altp2m_node(e->view, e->gfn, level);

        if ( node && !altp2m_uniform(node) )
            break;
        if ( node )
            altp2m_merge(d, node);
    }
}

/*
 * altp2m_new_own() for @gfn of @view, with tables freed to make room in the
 * pool.  Returns 0 or -ENOMEM.
 */
int altp2m_make_own(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, struct altp2m_own **own)
{
    int rc;

    do
        rc = altp2m_new_own(d, own);
    while ( rc == -ENOSPC && altp2m_make_room(d, view, gfn) );

    return rc ? -ENOMEM : 0;
}

/*
 * altp2m_change_now(), where own pages may be about: of set_target and set_own
 * one counts, in set_target.  An own page stays where remaps go, and takes the
 * access that was chosen for it along when it goes itself.
 */
const struct altp2m_change *altp2m_change_own(
    struct altp2m_view *view, unsigned long gfn, altp2m_slot_t slot,
    const struct altp2m_change *change, struct altp2m_change *here)
{
    bool own = altp2m_own(view, gfn, slot);

    *here = *change;
    if ( here->set_own == ALTP2M_SET ||
         (own && here->set_target != ALTP2M_SET) )
        here->set_target = here->set_own;
    if ( !own )
        return here;

    if ( here->set_target == ALTP2M_KEEP && here->spares_own )
        here->set_access = ALTP2M_KEEP;
    if ( here->set_target != ALTP2M_KEEP && here->set_access == ALTP2M_KEEP &&
         (slot & SLOT_ACCESS) == SLOT_CHOSEN )
        here->set_access = ALTP2M_CLEAR;

    return here;
}

/* Would the change leave the view, whose lowest node is @node, as it is? */
static bool is_noop(const struct altp2m_edit *e, const struct altp2m_node *node,
                    const struct altp2m_change *change)
{
    altp2m_slot_t slot = node_slot(node, e->gfn);

    return change->set_target != ALTP2M_SET && node->level >= e->level &&
           altp2m_slot_after(slot, change) == slot;
}

/* Is the host's page to be shown in place of an own page that stays? */
static bool is_busy(const struct altp2m_edit *e, altp2m_slot_t slot)
{
    return altp2m_own(e->view, e->gfn, slot) &&
           e->change.set_own != ALTP2M_CLEAR &&
           (e->change.set_target == ALTP2M_SET || e->change.bare);
}

/*
 * Takes all memory that a change needs: for tables, and for the record of a new
 * remap or own page.  Returns 0; -EBUSY for a remap where there is an own page;
 * -ENOMEM.  altp2m_end() is owed.  Lock held.
 */
int altp2m_begin(struct domain *d, struct altp2m_edit *e)
{
    bool remaps = e->change.set_target == ALTP2M_SET ||
                  e->change.set_own == ALTP2M_SET;
    const struct altp2m_node *node = altp2m_lowest_node(e->view, e->gfn);
    altp2m_slot_t slot = node_slot(node, e->gfn);
    struct altp2m_change here;

    ASSERT(altp2m_locked(d));
    ASSERT(!e->level || !remaps);
    ASSERT(!(e->gfn & (level_span(e->level) - 1)));

    if ( is_busy(e, slot) )
        return -EBUSY;

    if ( !remaps && !(e->flags & EDIT_MAY_REPEAT) &&
         is_noop(e, node, altp2m_change_now(e->view, e->gfn, slot, &e->change,
                                            &here)) )
        return 0;

    e->flags |= EDIT_BEGUN;
    if ( remaps && !altp2m_remap(e->view, e->gfn) )
    {
        struct altp2m_remap *remap = altp2m_alloc(d, &d->arch.altp2m->remaps);

        if ( !remap )
            return -ENOMEM;
        list_add(&remap->spare, &d->arch.altp2m->spare);
    }

    return altp2m_reserve(d, e->view, e->gfn, e->level, e->flags)
           ? 0 : -ENOMEM;
}

/* Removes the remap or own page, and makes the one that @change sets. */
static void commit_target(struct domain *d, const struct altp2m_edit *e,
                          const struct altp2m_change *change)
{
    struct list_head *spare = &d->arch.altp2m->spare;
    struct altp2m_remap *remap = altp2m_remap(e->view, e->gfn);

    if ( remap )
    {
        altp2m_take_out_remap(d, remap);
        altp2m_drop_own(d, remap->own);
        list_add(&remap->spare, spare);
    }

    if ( change->set_target == ALTP2M_SET )
    {
        bool own = change->set_own == ALTP2M_SET;

        remap = list_first_entry(spare, struct altp2m_remap, spare);
        list_del(&remap->spare);
        remap->own = own ? change->own : NULL;
        altp2m_set_remap(d, remap, e->view, e->gfn,
                         own ? e->gfn : change->target);
    }
}

/* Makes a change that was begun.  Can't fail. */
void altp2m_commit(struct domain *d, struct altp2m_edit *e)
{
    unsigned int idx = level_index(e->gfn, e->level);
    const struct altp2m_change *change;
    struct altp2m_change here;
    struct altp2m_lookup src;
    struct altp2m_node *node;

    if ( !(e->flags & EDIT_BEGUN) )
        return;

    e->flags |= EDIT_COMMITTED;
    node = altp2m_lowest_node(e->view, e->gfn);
    change = altp2m_change_now(e->view, e->gfn, node_slot(node, e->gfn),
                               &e->change, &here);
    if ( (e->flags & EDIT_MAY_REPEAT) && is_noop(e, node, change) )
        return;

    if ( change->set_target != ALTP2M_KEEP )
        commit_target(d, e, change);

    if ( node->level != e->level )
        node = altp2m_node(e->view, e->gfn, e->level);
    if ( node->slot[idx] & SLOT_CHILD )
    {
        /* Many tables are cut off: faults redo those that the guest needs. */
        if ( e->level > 1 || (e->flags & EDIT_NO_TABLES) )
            altp2m_cut(d, node, idx);
        apply_below(altp2m_child(node, idx), change);
    }
    else
    {
        altp2m_put_slot(node, idx, altp2m_slot_after(node->slot[idx], change));
        if ( change->set_target == ALTP2M_SET && !altp2m_walkable(node) )
            altp2m_remap_source(d, e->view, e->gfn, &src); /* a loss counts */
        if ( !(e->flags & EDIT_STORE_LAST) )
            altp2m_sync(d, node, idx);
    }
}

/* Ends a change after all commits of a batch.  Undoes what is not committed. */
void altp2m_end(struct domain *d, struct altp2m_edit *e)
{
    unsigned int flags = e->flags, idx = level_index(e->gfn, e->level);
    struct altp2m_remap *remap, *next;
    struct altp2m_node *node;

    list_for_each_entry_safe ( remap, next, &d->arch.altp2m->spare, spare )
    {
        list_del(&remap->spare);
        altp2m_free(d, &d->arch.altp2m->remaps, remap);
    }

    e->flags = 0;
    if ( !(flags & EDIT_BEGUN) )
        return;

    if ( !(flags & EDIT_COMMITTED) )
    {
        undo(d, e);
        return;
    }

    node = altp2m_node(e->view, e->gfn, e->level);
    if ( !node )
        return; /* another change of the batch has taken it out */

    if ( node->slot[idx] & SLOT_CHILD )
        tidy_below(d, altp2m_child(node, idx));
    else if ( flags & EDIT_STORE_LAST )
        altp2m_sync(d, node, idx);
    altp2m_tidy(d, node);
}

/*
 * altp2m_override() of rights, where a table that is up to date has the entry:
 * needs no memory.  Returns whether it is so.
 */
static bool change_slot(struct domain *d, struct altp2m_view *view,
                        unsigned long gfn, unsigned int level,
                        const struct altp2m_change *change)
{
    struct altp2m_node *node = altp2m_lowest_node(view, gfn);
    unsigned int idx = level_index(gfn, level);

    if ( node->level != level || !altp2m_walkable(node) )
        return false;

    altp2m_put_slot(node, idx, altp2m_slot_after(node->slot[idx], change));
    altp2m_sync(d, node, idx);
    altp2m_tidy(d, node);

    return true;
}

/*
 * Changes what @view overrides for @gfn, or (rights only) for the whole aligned
 * range that an entry at @level covers.
 *
 * Returns 0, -EBUSY for a remap where there is an own page, -ENOMEM; on error
 * with nothing changed.  Lock held.
 */
int altp2m_override(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, unsigned int level,
                    const struct altp2m_change *change)
{
    struct altp2m_edit e = {
        .view = view, .gfn = gfn, .level = level, .change = *change,
    };
    int rc;

    if ( change->set_target == ALTP2M_KEEP &&
         change_slot(d, view, gfn, level, change) )
        return 0;

    rc = altp2m_begin(d, &e);
    if ( !rc )
        altp2m_commit(d, &e);
    altp2m_end(d, &e);

    return rc;
}
