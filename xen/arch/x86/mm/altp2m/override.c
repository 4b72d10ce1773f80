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
 * (reserve()); what follows can't fail.
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

static bool target_before(const struct altp2m_remap *a,
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

static void remap_insert(struct altp2m_domain *a, struct altp2m_remap *r)
{
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
        link = target_before(r, rb_entry(parent, struct altp2m_remap,
                                         by_target))
               ? &parent->rb_left : &parent->rb_right;
    }
    rb_link_node(&r->by_target, parent, link);
    rb_insert_color(&r->by_target, &a->targets);
}

static void remap_remove(struct domain *d, struct altp2m_remap *r)
{
    rb_erase(&r->by_gfn, &r->view->remaps);
    rb_erase(&r->by_target, &d->arch.altp2m->targets);
    altp2m_free(d, &d->arch.altp2m->remaps, r);
}

static struct altp2m_node *node_parent(const struct altp2m_node *node)
{
    return altp2m_node(node->view, node->gfn, node->level + 1);
}

static void slot_set(struct altp2m_node *node, unsigned int idx,
                     altp2m_slot_t slot)
{
    node->used += !!slot - !!node->slot[idx];
    node->slot[idx] = slot;
}

/*
 * Give an entry of a private table a node, and private table, of its own.  The
 * slots start as what the entry said for all of them.
 */
struct altp2m_node *altp2m_split(struct domain *d, struct altp2m_node *parent,
                                 unsigned int idx)
{
    struct altp2m_domain *a = d->arch.altp2m;
    altp2m_slot_t slot = parent->slot[idx];
    struct altp2m_node *node;

    ASSERT(parent->level && !(slot & (SLOT_CHILD | SLOT_REMAP)));

    node = altp2m_alloc(d, &a->nodes);
    if ( !node )
        return NULL;

    node->view = parent->view;
    node->level = parent->level - 1;
    node->gfn = parent->gfn + idx * level_span(parent->level);
    node->table = INVALID_MFN;
    node->host = INVALID_MFN;
    node->used = slot ? TABLE_ENTRIES : 0;
    memset(node->slot, slot, sizeof(node->slot));

    if ( altp2m_attach(d, node) )
    {
        altp2m_free(d, &a->nodes, node);
        return NULL;
    }

    node_insert(parent->view, node);
    slot_set(parent, idx, SLOT_CHILD);
    altp2m_sync(d, parent, idx);

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
    rb_erase(&node->rb, &view->nodes);
    slot_set(parent, idx, slot);
    altp2m_sync(d, parent, idx);
    altp2m_detach(d, node);
    altp2m_free(d, &d->arch.altp2m->nodes, node);
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
 * The node at @level for @gfn, with every private table on the way there.
 * NULL when the pool can't give them; then nothing has changed.
 */
static struct altp2m_node *reserve(struct domain *d, struct altp2m_view *view,
                                   unsigned long gfn, unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);
    unsigned int l, top = 0;

    if ( node && !mfn_eq(node->table, INVALID_MFN) )
        return node;

    for ( l = ROOT_LEVEL, node = &view->root; l > level; l-- )
    {
        unsigned int idx = level_index(gfn, l);
        struct altp2m_node *child;

        if ( !(node->slot[idx] & SLOT_CHILD) )
        {
            child = altp2m_split(d, node, idx);
            top = top ?: l;
        }
        else
        {
            child = altp2m_node(view, gfn, l - 1);
            if ( mfn_eq(child->table, INVALID_MFN) )
            {
                if ( altp2m_attach(d, child) )
                    child = NULL;
                else
                    altp2m_sync(d, node, idx);
            }
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

static altp2m_slot_t apply(altp2m_slot_t slot,
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
    slot_set(node, idx, apply(node->slot[idx], change));
}

/* Apply a change of rights to all that is overridden below an entry. */
static void apply_below(struct domain *d, struct altp2m_node *node,
                        const struct altp2m_change *change)
{
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        if ( node->slot[i] & SLOT_CHILD )
            apply_below(d, altp2m_node(node->view, node->gfn +
                                       i * level_span(node->level),
                                       node->level - 1), change);
        else
            altp2m_set_slot(node, i, change);
    }

    for ( i = 1; i < TABLE_ENTRIES; i++ )
        if ( node->slot[i] != node->slot[0] )
            break;

    if ( i == TABLE_ENTRIES && !(node->slot[0] & (SLOT_CHILD | SLOT_REMAP)) )
        node_merge(d, node, node->slot[0]);
    else
        altp2m_sync_node(d, node);
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
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_remap *remap = NULL;
    struct altp2m_node *node;
    unsigned int idx = level_index(gfn, level), found;
    altp2m_slot_t slot;

    ASSERT(altp2m_locked(d));
    ASSERT(!level || change->set_target == ALTP2M_KEEP);
    ASSERT(!(gfn & (level_span(level) - 1)));

    /* What is so already needs no path built for it. */
    slot = altp2m_lookup(view, gfn, &found);
    if ( found >= level && change->set_target != ALTP2M_SET &&
         apply(slot, change) == slot )
        return 0;

    if ( change->set_target != ALTP2M_KEEP )
        remap = altp2m_remap(view, gfn);

    if ( change->set_target == ALTP2M_SET && !remap )
    {
        remap = altp2m_alloc(d, &a->remaps);
        if ( !remap )
            return -ENOMEM;
        RB_CLEAR_NODE(&remap->by_gfn);
    }

    node = reserve(d, view, gfn, level);
    if ( !node )
    {
        if ( remap && RB_EMPTY_NODE(&remap->by_gfn) )
            altp2m_free(d, &a->remaps, remap);
        return -ENOMEM;
    }

    if ( change->set_target == ALTP2M_SET )
    {
        if ( !RB_EMPTY_NODE(&remap->by_gfn) )
        {
            rb_erase(&remap->by_gfn, &view->remaps);
            rb_erase(&remap->by_target, &a->targets);
        }
        remap->view = view;
        remap->gfn = gfn;
        remap->target = change->target;
        remap->dormant = false;
        remap_insert(a, remap);
    }
    else if ( remap && change->set_target == ALTP2M_CLEAR )
        remap_remove(d, remap);

    if ( node->slot[idx] & SLOT_CHILD )
        apply_below(d, altp2m_node(view, gfn, level - 1), change);
    else
    {
        altp2m_set_slot(node, idx, change);
        altp2m_sync(d, node, idx);
    }
    altp2m_prune(d, node);

    return 0;
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

        rb_erase(rb, &view->nodes);
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
