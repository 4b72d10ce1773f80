/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: changing what a view overrides.
 *
 * Everything that needs memory is done before anything is changed
 * (altp2m_override_begin()).  What follows cannot fail.  A batch does these as
 * separate steps: it begins all changes, commits all, then tidies up after all.
 */

#include "change.h"

/*
 * Undo the splits that were made for @gfn below @top: the slots still say what
 * they were made from.
 */
static void unsplit(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, unsigned int top)
{
    unsigned int level;

    for ( level = 0; level < top; level++ )
    {
        struct altp2m_node *node = altp2m_node(view, gfn, level);

        if ( node )
            altp2m_merge(d, node, node->slot[level_index(gfn, level)]);
    }
}

/*
 * The node at @level for @gfn, with every private table on the way there, unless
 * these are left to faults (@later).  NULL when the pool can't give them; then
 * nothing has changed.
 */
struct altp2m_node *altp2m_reserve(struct domain *d, struct altp2m_view *view,
                                   unsigned long gfn, unsigned int level,
                                   bool later)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);
    unsigned int l, top = 0;

    if ( node && (later ? level < ROOT_LEVEL
                        : node_has_table(node) && altp2m_current(node)) )
        return node;

    /* View 0 was made anew after altp2m_own_host_view(). */
    if ( !view->idx && !node_has_table(&view->root) )
        return NULL;

    for ( l = ROOT_LEVEL, node = &view->root; l > level; l-- )
    {
        unsigned int idx = level_index(gfn, l);
        struct altp2m_node *child;

        if ( !(node->slot[idx] & SLOT_CHILD) )
        {
            child = altp2m_split(d, node, idx, later);
            top = top ?: l;
        }
        else
        {
            child = altp2m_node(view, gfn, l - 1);
            if ( !later && altp2m_below_stale(node, child) )
                child = altp2m_renew(d, node, idx, child);
        }

        if ( !child )
        {
            unsplit(d, view, gfn, top);
            return NULL;
        }
        node = child;
    }

    return node;
}

/* Do all slots of a node say the same, and something that its parent's can? */
static bool uniform(const struct altp2m_node *node)
{
    const uint64_t all = node->slot[0] * (~0UL / 0xff); /* a slot a byte */
    uint64_t slots;
    unsigned int i;

    if ( !node->used )
        return true;

    if ( node->used < TABLE_ENTRIES ||
         (node->slot[0] & (SLOT_CHILD | SLOT_REMAP)) )
        return false;

    for ( i = 0; i < TABLE_ENTRIES; i += sizeof(slots) )
    {
        memcpy(&slots, &node->slot[i], sizeof(slots));
        if ( slots != all )
            return false;
    }

    return true;
}

/*
 * Can one entry further up say for all what the slots of a node do?  Where the
 * host has a table there, only what need not be said in leaves.
 */
static bool mergeable(struct domain *d, struct altp2m_node *node)
{
    return uniform(node) && altp2m_node_shareable(d, node, node->slot[0]);
}

/* How many slots of a word have any of the bits of @mask, not SLOT_CHILD? */
static unsigned long slots_with(uint64_t slots, altp2m_slot_t mask)
{
    const uint64_t all = ~0UL / 0xff;          /* a slot a byte */

    return hweight64(((slots & (mask * all)) + 0x7f * all) & (0x80 * all));
}

/*
 * altp2m_set_slot() for all slots of a node but those that lead to one, eight at a
 * time: they keep the bits @kept, and get @set.
 */
static void change_slots(struct altp2m_node *node, altp2m_slot_t kept,
                         altp2m_slot_t set)
{
    const uint64_t all = ~0UL / 0xff;
    unsigned int i, used = 0;
    unsigned long access = 0, sve = 0, span = level_span(node->level);

    for ( i = 0; i < TABLE_ENTRIES; i += sizeof(uint64_t) )
    {
        uint64_t old, new, children;

        memcpy(&old, &node->slot[i], sizeof(old));
        children = ((old & (SLOT_CHILD * all)) >> 7) * 0xff;
        new = (old & (kept * all | children)) | (set * all & ~children);
        if ( new == old )
            continue;

        memcpy(&node->slot[i], &new, sizeof(new));
        used += slots_with(new & ~children, 0x7f) -
                slots_with(old & ~children, 0x7f);
        access += slots_with(new, SLOT_ACCESS) - slots_with(old, SLOT_ACCESS);
        sve += slots_with(new, SLOT_SVE) - slots_with(old, SLOT_SVE);
    }

    node->used += used;
    node->view->access_gfns += access * span;
    node->view->sve_gfns += sve * span;
    node->view->changes++;
}

/*
 * Apply a change of rights to all that is overridden below an entry.  Their
 * tables are brought up to date by tidy_below().
 */
static void apply_below(struct altp2m_node *node,
                        const struct altp2m_change *change)
{
    unsigned int i;

    change_slots(node, altp2m_changed(0x7f, change),
                 altp2m_changed(0, change));

    for ( i = 0; node->level && i < TABLE_ENTRIES; i++ )
        if ( node->slot[i] & SLOT_CHILD )
            apply_below(altp2m_child(node, i), change);
}

/* After apply_below(): take out what an entry further up can say as well. */
static void tidy_below(struct domain *d, struct altp2m_node *node)
{
    unsigned int i;

    for ( i = 0; node->level && i < TABLE_ENTRIES; i++ )
        if ( node->slot[i] & SLOT_CHILD )
            tidy_below(d, altp2m_child(node, i));

    if ( uniform(node) )
        altp2m_merge(d, node, node->slot[0]);
    else
        altp2m_sync_node(d, node);
}

/*
 * The end of every change, at @gfn and @level: take out nodes whose slots have
 * become all the same.  One that says what only leaves can say is left, as a
 * fault would bring it back; but not to @undo what was begun and not committed.
 */
void altp2m_tidy(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                 unsigned int level, bool undo)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    if ( !undo && node && (node->slot[level_index(gfn, level)] & SLOT_CHILD) )
        tidy_below(d, altp2m_node(view, gfn, level - 1));

    for ( ; level < ROOT_LEVEL; level++ )
    {
        node = altp2m_node(view, gfn, level);
        if ( !node )
            continue;

        if ( !(undo ? uniform(node) : mergeable(d, node)) )
            return;

        altp2m_merge(d, node, node->slot[0]);
    }
}

/* Would a change make no difference? */
bool altp2m_is_so(struct altp2m_view *view, unsigned long gfn,
                  unsigned int level, const struct altp2m_change *change)
{
    unsigned int found;
    altp2m_slot_t slot;

    if ( change->set_target == ALTP2M_SET )
        return false;

    slot = altp2m_lookup(view, gfn, &found);

    return found >= level && altp2m_changed(slot, change) == slot;
}

/*
 * Get what a change will need: the tables on the way, and for a new remap a
 * record, which waits in @spare.  Returns 0, or -ENOMEM with nothing got.
 */
int altp2m_override_begin(struct domain *d, struct altp2m_view *view,
                          unsigned long gfn, unsigned int level,
                          const struct altp2m_change *change,
                          struct list_head *spare)
{
    struct altp2m_remap *remap = NULL;

    ASSERT(altp2m_locked(d));
    ASSERT(!level || change->set_target == ALTP2M_KEEP);
    ASSERT(!(gfn & (level_span(level) - 1)));

    if ( change->set_target == ALTP2M_SET && !altp2m_remap(view, gfn) )
    {
        remap = altp2m_new_remap(d);
        if ( !remap )
            return -ENOMEM;
    }

    if ( !altp2m_reserve(d, view, gfn, level, change->later) )
    {
        if ( remap )
            altp2m_free(d, &d->arch.altp2m->remaps, remap);
        return -ENOMEM;
    }

    if ( remap )
        list_add(&remap->spare, spare);

    return 0;
}

static void commit_target(struct domain *d, struct altp2m_view *view,
                          unsigned long gfn, const struct altp2m_change *change,
                          struct list_head *spare)
{
    struct altp2m_remap *remap = altp2m_remap(view, gfn);

    if ( change->set_target == ALTP2M_CLEAR )
    {
        /* A later change of a batch may set one here, and has got none. */
        if ( remap )
        {
            altp2m_take_out_remap(d, remap);
            list_add(&remap->spare, spare);
        }
        return;
    }

    if ( remap )
        altp2m_take_out_remap(d, remap);
    else
    {
        remap = list_first_entry(spare, struct altp2m_remap, spare);
        list_del(&remap->spare);
    }
    altp2m_set_remap(d, remap, view, gfn, change->target);
}

/*
 * Make a change for which altp2m_override_begin() has got what it needs.  It
 * can't fail.  altp2m_tidy() is owed, and altp2m_override_end() after the last.
 */
void altp2m_override_commit(struct domain *d, struct altp2m_view *view,
                            unsigned long gfn, unsigned int level,
                            const struct altp2m_change *change,
                            struct list_head *spare)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);
    unsigned int idx = level_index(gfn, level);

    if ( change->set_target != ALTP2M_KEEP )
        commit_target(d, view, gfn, change, spare);

    if ( node->slot[idx] & SLOT_CHILD )
    {
        /* Of many tables, faults redo those that guests need. */
        if ( level > 1 || change->later )
            altp2m_cut(d, node, idx);
        apply_below(altp2m_node(view, gfn, level - 1), change);
    }
    else
    {
        altp2m_set_slot(node, idx, change);
        if ( !change->unseen )
            altp2m_sync(d, node, idx);
    }
}

/* Give back the records that were not needed. */
void altp2m_override_end(struct domain *d, struct list_head *spare)
{
    struct altp2m_remap *remap, *next;

    list_for_each_entry_safe ( remap, next, spare, spare )
        altp2m_free(d, &d->arch.altp2m->remaps, remap);
}

/*
 * Change what @view overrides for the @gfn, or (rights only) for the whole
 * aligned range that an entry at @level covers.
 *
 * Returns 0, or -ENOMEM with nothing changed.  Lock held.
 */
int altp2m_override(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, unsigned int level,
                    const struct altp2m_change *change)
{
    LIST_HEAD(spare);
    int rc;

    /* What is so already needs no path built for it. */
    if ( altp2m_is_so(view, gfn, level, change) )
        return 0;

    rc = altp2m_override_begin(d, view, gfn, level, change, &spare);
    if ( rc )
        return rc;

    altp2m_override_commit(d, view, gfn, level, change, &spare);
    altp2m_tidy(d, view, gfn, level, false);
    altp2m_override_end(d, &spare);

    return 0;
}
