/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the overrides of a view.
 *
 * Nodes form a radix tree of the shape of the page tables, found by (gfn,
 * level).  A slot either overrides the whole span of its entry or, with
 * SLOT_CHILD, leaves it to the node below; it never does both, so the slot
 * found first on the way down is the whole answer.
 *
 * Everything that needs memory is done before anything is changed
 * (reserve()); what follows can't fail.  For many changes at a time these are
 * separate steps: begin all, commit all, then tidy up after all.
 */

#include "private.h"

/* In gfn order; of nodes with the same start, the larger comes first. */
static int node_cmp(const struct altp2m_node *n, unsigned long gfn,
                    unsigned int level)
{
    if ( gfn != n->gfn )
        return gfn < n->gfn ? -1 : 1;

    return (int)n->level - (int)level;
}

/* The node at @level that covers @gfn, or NULL. */
struct altp2m_node *altp2m_node(struct altp2m_view *view, unsigned long gfn,
                                unsigned int level)
{
    unsigned long base = level_base(gfn, level);
    struct rb_node *rb = view->nodes.rb_node;

    if ( level == ROOT_LEVEL )
        return &view->root;

    if ( !level && view->hint && view->hint->gfn == base )
        return view->hint;

    while ( rb )
    {
        struct altp2m_node *n = rb_entry(rb, struct altp2m_node, rb);
        int cmp = node_cmp(n, base, level);

        if ( !cmp )
        {
            if ( !level )
                view->hint = n;
            return n;
        }
        rb = cmp < 0 ? rb->rb_left : rb->rb_right;
    }

    return NULL;
}

static void node_insert(struct altp2m_view *view, struct altp2m_node *node)
{
    struct rb_node **link = &view->nodes.rb_node, *parent = NULL;

    while ( *link )
    {
        parent = *link;
        link = node_cmp(rb_entry(parent, struct altp2m_node, rb), node->gfn,
                        node->level) < 0 ? &parent->rb_left
                                         : &parent->rb_right;
    }
    rb_link_node(&node->rb, parent, link);
    rb_insert_color(&node->rb, &view->nodes);
}

/* The first node after that of (@gfn, @level), whether there is that or not. */
struct altp2m_node *altp2m_next_node(struct altp2m_view *view,
                                     unsigned long gfn, unsigned int level)
{
    struct rb_node *rb = view->nodes.rb_node;
    struct altp2m_node *found = NULL;

    while ( rb )
    {
        struct altp2m_node *n = rb_entry(rb, struct altp2m_node, rb);

        if ( node_cmp(n, gfn, level) < 0 )
        {
            found = n;
            rb = rb->rb_left;
        }
        else
            rb = rb->rb_right;
    }

    return found;
}

/* The slot that decides about @gfn, and its level. */
altp2m_slot_t altp2m_lookup(struct altp2m_view *view, unsigned long gfn,
                            unsigned int *level)
{
    const struct altp2m_node *n = altp2m_node(view, gfn, 0);
    unsigned int l = 0;

    if ( !n )
        for ( l = ROOT_LEVEL, n = &view->root;
              n->slot[level_index(gfn, l)] & SLOT_CHILD; )
        {
            n = altp2m_node(view, gfn, --l);
            ASSERT(n);
        }

    *level = l;

    return n->slot[level_index(gfn, l)];
}

struct altp2m_remap *altp2m_remap(struct altp2m_view *view, unsigned long gfn)
{
    struct rb_node *rb = view->remaps.rb_node;

    while ( rb )
    {
        struct altp2m_remap *r = rb_entry(rb, struct altp2m_remap, by_gfn);

        if ( gfn == r->gfn )
            return r;
        rb = gfn < r->gfn ? rb->rb_left : rb->rb_right;
    }

    return NULL;
}

/* The order of altp2m->targets. */
bool altp2m_target_before(const struct altp2m_remap *a,
                          const struct altp2m_remap *b)
{
    if ( a->target != b->target )
        return a->target < b->target;

    if ( a->view != b->view )
        return a->view->idx < b->view->idx;

    return a->gfn < b->gfn;
}

/* The remap with the lowest target not below @target, or NULL. */
struct altp2m_remap *altp2m_first_target(struct altp2m_domain *a,
                                         unsigned long target)
{
    struct rb_node *rb = a->targets.rb_node;
    struct altp2m_remap *found = NULL;

    while ( rb )
    {
        struct altp2m_remap *r = rb_entry(rb, struct altp2m_remap, by_target);

        if ( r->target >= target )
        {
            found = r;
            rb = rb->rb_left;
        }
        else
            rb = rb->rb_right;
    }

    return found;
}

static void remap_insert(struct domain *d, struct altp2m_remap *r)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct rb_node **link = &r->view->remaps.rb_node, *parent = NULL;

    while ( *link )
    {
        parent = *link;
        link = r->gfn < rb_entry(parent, struct altp2m_remap, by_gfn)->gfn
               ? &parent->rb_left : &parent->rb_right;
    }
    rb_link_node(&r->by_gfn, parent, link);
    rb_insert_color(&r->by_gfn, &r->view->remaps);

    for ( link = &a->targets.rb_node, parent = NULL; *link; )
    {
        parent = *link;
        link = altp2m_target_before(r, rb_entry(parent, struct altp2m_remap,
                                                by_target))
               ? &parent->rb_left : &parent->rb_right;
    }
    rb_link_node(&r->by_target, parent, link);
    rb_insert_color(&r->by_target, &a->targets);
    r->view->nr_remaps++;
    r->view->changes++;
    d->arch.altp2m_remaps = true;
}

static void remap_take_out(struct domain *d, struct altp2m_remap *r)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( a->redo == r )
    {
        struct rb_node *next = rb_next(&r->by_target);

        a->redo = next ? rb_entry(next, struct altp2m_remap, by_target) : NULL;
    }
    rb_erase(&r->by_gfn, &r->view->remaps);
    rb_erase(&r->by_target, &a->targets);
    d->arch.altp2m_remaps = !RB_EMPTY_ROOT(&a->targets);
    altp2m_found(r);
    altp2m_forget_loss(a, r);
    r->view->nr_remaps--;
    r->view->changes++;
}

static void remap_remove(struct domain *d, struct altp2m_remap *r)
{
    remap_take_out(d, r);
    altp2m_free(d, &d->arch.altp2m->remaps, r);
}

/* A record that is in no tree yet; NULL when the pool can't give it. */
static struct altp2m_remap *remap_new(struct domain *d)
{
    return altp2m_alloc(d, &d->arch.altp2m->remaps);
}

static void remap_set(struct domain *d, struct altp2m_remap *r,
                      struct altp2m_view *view, unsigned long gfn,
                      unsigned long target)
{
    r->view = view;
    r->gfn = gfn;
    r->target = target;
    r->dormant = false;
    remap_insert(d, r);
}

static struct altp2m_node *node_parent(const struct altp2m_node *node)
{
    return altp2m_node(node->view, node->gfn, node->level + 1);
}

/*
 * Nodes that faults make are lent to them: taken back before anybody else looks,
 * or when another fault is in need, unless the pool has filled the reserve up
 * again by then.  So many at most, as all go at once.
 */
#define MAX_LENT 16u

static void no_more_lent(struct altp2m_domain *a, struct altp2m_node *node)
{
    if ( !list_empty(&node->lent) )
    {
        list_del_init(&node->lent);
        a->nr_lent--;
    }
}

/* What was lent is paid for. */
void altp2m_keep(struct altp2m_domain *a)
{
    while ( !list_empty(&a->lent) )
        no_more_lent(a, list_first_entry(&a->lent, struct altp2m_node, lent));
}

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
    node->gfn = parent->gfn + idx * level_span(parent->level);
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

    node_insert(parent->view, node);
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
static void node_merge(struct domain *d, struct altp2m_node *node,
                       altp2m_slot_t slot)
{
    struct altp2m_view *view = node->view;
    struct altp2m_node *parent = node_parent(node);
    unsigned int idx = level_index(node->gfn, parent->level);

    ASSERT(!(slot & (SLOT_CHILD | SLOT_REMAP)));

    if ( view->hint == node )
        view->hint = NULL;
    no_more_lent(d->arch.altp2m, node);
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
        node_merge(d, node, node->lent_slot);
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
        struct altp2m_node *parent = node_parent(node);

        node_merge(d, node, 0);
        node = parent;
    }
}

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
            node_merge(d, node, node->slot[level_index(gfn, level)]);
    }
}

/*
 * The node at @level for @gfn, with every private table on the way there, unless
 * these are left to faults (@later).  NULL when the pool can't give them; then
 * nothing has changed.
 */
static struct altp2m_node *reserve(struct domain *d, struct altp2m_view *view,
                                   unsigned long gfn, unsigned int level,
                                   bool later)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);
    unsigned int l, top = 0;

    if ( node && (later ? level < ROOT_LEVEL
                        : !mfn_eq(node->table, INVALID_MFN) &&
                          altp2m_current(node)) )
        return node;

    /* View 0 was made anew after altp2m_own_host_view(). */
    if ( !view->idx && mfn_eq(view->root.table, INVALID_MFN) )
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

/* A slot with a change made: some bits are kept, others become what it says. */
altp2m_slot_t altp2m_changed(altp2m_slot_t slot,
                             const struct altp2m_change *change)
{
    if ( change->set_access != ALTP2M_KEEP )
        slot &= ~SLOT_ACCESS;
    if ( change->set_access == ALTP2M_SET )
        slot |= change->access + 1;

    if ( change->set_sve != ALTP2M_KEEP )
        slot &= ~SLOT_SVE;
    if ( change->set_sve == ALTP2M_SET )
        slot |= 0x20 | (change->sve << 4);

    if ( change->set_target != ALTP2M_KEEP )
        slot &= ~SLOT_REMAP;
    if ( change->set_target == ALTP2M_SET )
        slot |= SLOT_REMAP;

    return slot;
}

void altp2m_set_slot(struct altp2m_node *node, unsigned int idx,
                     const struct altp2m_change *change)
{
    altp2m_put_slot(node, idx, altp2m_changed(node->slot[idx], change));
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

static struct altp2m_node *child_of(struct altp2m_node *node, unsigned int idx)
{
    return altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                       node->level - 1);
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
            apply_below(child_of(node, i), change);
}

/* After apply_below(): take out what an entry further up can say as well. */
static void tidy_below(struct domain *d, struct altp2m_node *node)
{
    unsigned int i;

    for ( i = 0; node->level && i < TABLE_ENTRIES; i++ )
        if ( node->slot[i] & SLOT_CHILD )
            tidy_below(d, child_of(node, i));

    if ( uniform(node) )
        node_merge(d, node, node->slot[0]);
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

        node_merge(d, node, node->slot[0]);
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
        remap = remap_new(d);
        if ( !remap )
            return -ENOMEM;
    }

    if ( !reserve(d, view, gfn, level, change->later) )
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
            remap_take_out(d, remap);
            list_add(&remap->spare, spare);
        }
        return;
    }

    if ( remap )
        remap_take_out(d, remap);
    else
    {
        remap = list_first_entry(spare, struct altp2m_remap, spare);
        list_del(&remap->spare);
    }
    remap_set(d, remap, view, gfn, change->target);
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

/* So few are brought up to date one by one, more with the whole table. */
#define FEW 8u

/*
 * Change the slots of a node from @idx on, up to @nr of them, but not beyond one
 * that has a node below.  Needs no memory.  Returns how many that were;
 * altp2m_tidy() is owed.
 */
unsigned int altp2m_override_slots(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, unsigned int nr,
                                   const struct altp2m_change *change)
{
    unsigned int i;

    for ( i = 0; i < nr && idx + i < TABLE_ENTRIES; i++ )
    {
        altp2m_slot_t slot = node->slot[idx + i];

        if ( slot & SLOT_CHILD )
            break;

        if ( (slot & SLOT_REMAP) && change->set_target == ALTP2M_CLEAR )
            remap_remove(d, altp2m_remap(node->view, node->gfn + idx + i));
        altp2m_set_slot(node, idx + i, change);
        if ( nr <= FEW )
            altp2m_sync(d, node, idx + i);
    }

    if ( nr > FEW )
        altp2m_sync_node(d, node);

    return i;
}

static int copy_slot(struct domain *d, struct altp2m_node *node,
                     unsigned int idx, altp2m_slot_t slot,
                     struct altp2m_view *from)
{
    unsigned long gfn = node->gfn + idx * level_span(node->level);

    if ( slot & SLOT_REMAP )
    {
        struct altp2m_remap *r = remap_new(d);

        if ( !r )
            return -ENOMEM;
        remap_set(d, r, node->view, gfn, altp2m_remap(from, gfn)->target);
    }
    altp2m_put_slot(node, idx, slot);

    return 0;
}

/*
 * Copy the slots of @from from @idx on, but not beyond one with a node below.
 * Returns how many that were.
 */
static int copy_slots(struct domain *d, struct altp2m_view *view,
                      const struct altp2m_node *from, unsigned int idx)
{
    struct altp2m_node *node = NULL;
    unsigned int i;

    for ( i = idx; i < TABLE_ENTRIES && !(from->slot[i] & SLOT_CHILD); i++ )
    {
        if ( !from->slot[i] )
            continue;

        if ( !node )
            node = reserve(d, view, from->gfn, from->level, false);
        if ( !node || copy_slot(d, node, i, from->slot[i], from->view) )
            return -ENOMEM;
    }

    if ( node )
    {
        altp2m_sync_node(d, node);
        altp2m_tidy(d, view, from->gfn, from->level, false);
    }

    return i - idx;
}

/* Have [@gfn, @gfn + its span at @level) say @slot, which remaps nothing. */
static int copy_part(struct domain *d, struct altp2m_view *view,
                     unsigned long gfn, unsigned int level, altp2m_slot_t slot)
{
    struct altp2m_node *node;

    if ( !slot )
        return 0;

    node = reserve(d, view, gfn, level, false);
    if ( !node )
        return -ENOMEM;

    altp2m_put_slot(node, level_index(gfn, level), slot);
    altp2m_sync(d, node, level_index(gfn, level));
    altp2m_tidy(d, view, gfn, level, false);

    return 0;
}

/*
 * Have @view, which says nothing of @gfn and all above yet, say what @from says
 * of @gfn and some after it.  Returns how many gfns that were, or -ENOMEM: partly
 * done.
 */
long altp2m_copy(struct domain *d, struct altp2m_view *view,
                 struct altp2m_view *from, unsigned long gfn)
{
    unsigned int level;
    altp2m_slot_t slot = altp2m_lookup(from, gfn, &level);
    unsigned long last = gfn | (level_span(level) - 1);
    long rc;

    if ( !(gfn & (level_span(level) - 1)) )
    {
        rc = copy_slots(d, view, altp2m_node(from, gfn, level),
                        level_index(gfn, level));

        return rc < 0 ? rc : rc * level_span(level);
    }

    /* When what comes before was copied, @from told more apart here. */
    level = altp2m_level_of(gfn, last - gfn + 1);
    rc = copy_part(d, view, gfn, level, slot);

    return rc ?: level_span(level);
}

/*
 * Free up to @max nodes and remaps of a view that no CPU uses any more.
 * Returns how many of those @max were not needed: not 0 means done.
 */
unsigned int altp2m_free_overrides(struct domain *d, struct altp2m_view *view,
                                   unsigned int max)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct rb_node *rb;

    view->hint = NULL;

    for ( ; max && (rb = rb_first(&view->remaps)); max-- )
        remap_remove(d, rb_entry(rb, struct altp2m_remap, by_gfn));

    /* The root entries lead nowhere any more: no order to keep. */
    for ( ; max && (rb = rb_first(&view->nodes)); max-- )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        no_more_lent(a, node);
        rb_erase(rb, &view->nodes);
        view->nr_nodes--;
        altp2m_detach(d, node);
        altp2m_free(d, &a->nodes, node);
    }

    return max;
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
