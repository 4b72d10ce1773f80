/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the tree of a view's overrides.
 *
 * Nodes form a radix tree of the shape of the page tables, found by (gfn,
 * level).  A slot either overrides the whole span of its entry or, with
 * SLOT_CHILD, leaves that to the node below.  It never does both: the first
 * slot without SLOT_CHILD on the way down is the whole answer.
 */

#include "truth.h"

/* The order of view->nodes: by gfn, then by level, the highest first. */
static int node_cmp(const struct altp2m_node *n, unsigned long gfn,
                    unsigned int level)
{
    if ( gfn != n->gfn )
        return gfn < n->gfn ? -1 : 1;

    return (int)n->level - (int)level;
}

/* altp2m_node(), where the hint does not help.  Sets the hint. */
struct altp2m_node *altp2m_find_node(struct altp2m_view *view,
                                     unsigned long gfn, unsigned int level)
{
    unsigned long base = level_base(gfn, level);
    struct rb_node *rb = view->nodes.rb_node;

    if ( level == ROOT_LEVEL )
        return &view->root;

    while ( rb )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);
        int order = node_cmp(node, base, level);

        if ( !order )
        {
            if ( !level )
                view->hint = node;
            return node;
        }
        rb = order < 0 ? rb->rb_left : rb->rb_right;
    }

    return NULL;
}

/* Adds a node to its view's tree. */
void altp2m_insert_node(struct altp2m_view *view, struct altp2m_node *node)
{
    altp2m_rb_insert(&view->nodes, struct altp2m_node, rb, node, n,
                     node_cmp(n, node->gfn, node->level) < 0);
}

/* Returns the first node after (@gfn, @level) in view->nodes, or NULL. */
struct altp2m_node *altp2m_next_node(struct altp2m_view *view,
                                     unsigned long gfn, unsigned int level)
{
    return altp2m_rb_first(&view->nodes, struct altp2m_node, rb, n,
                           node_cmp(n, gfn, level) < 0);
}

/* Returns the node that has the slot with the override of @gfn. */
struct altp2m_node *altp2m_lowest_node(struct altp2m_view *view,
                                       unsigned long gfn)
{
    struct altp2m_node *node = altp2m_node(view, gfn, 0);

    if ( node )
        return node;

    node = &view->root;
    while ( node_slot(node, gfn) & SLOT_CHILD )
        node = altp2m_node(view, gfn, node->level - 1);

    return node;
}

/* Returns the end of the slots alike from @idx on.  Remaps are never alike. */
unsigned int altp2m_alike(const struct altp2m_node *node, unsigned int idx)
{
    const uint64_t all = node->slot[idx] * (~0UL / 0xff); /* a slot a byte */
    uint64_t slots;

    if ( node->slot[idx] & SLOT_BEYOND )
        return idx + 1;

    for ( ; idx < TABLE_ENTRIES; idx = (idx | 7) + 1 )
    {
        memcpy(&slots, &node->slot[idx & ~7u], sizeof(slots));
        slots = (slots ^ all) >> (8 * (idx & 7));
        if ( slots )
            return idx + __builtin_ctzl(slots) / 8;
    }

    return TABLE_ENTRIES;
}

/* Counts slots in a word that have a bit of @mask, which has no SLOT_CHILD. */
static unsigned long slots_with(uint64_t slots, altp2m_slot_t mask)
{
    const uint64_t all = ~0UL / 0xff;          /* a slot a byte */

    return hweight64(((slots & (mask * all)) + 0x7f * all) & (0x80 * all));
}

/* Clears all bits but @kept, sets @set, in all slots without SLOT_CHILD. */
void altp2m_change_slots(struct altp2m_node *node, altp2m_slot_t kept,
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

/* Returns the node one level up.  @node is not the root. */
struct altp2m_node *altp2m_parent(const struct altp2m_node *node)
{
    return altp2m_node(node->view, node->gfn, node->level + 1);
}

/* Returns the node below entry @idx, which has SLOT_CHILD. */
struct altp2m_node *altp2m_child(struct altp2m_node *node, unsigned int idx)
{
    return altp2m_node(node->view, node_gfn(node, idx), node->level - 1);
}

/*
 * Returns a view that is on, whole and not being destroyed, or NULL.  Lock
 * held, or the current vCPU is in the view.
 */
struct altp2m_view *altp2m_view(const struct domain *d, view_idx_t named)
{
    unsigned int idx = view_idx_x(named);
    struct altp2m_view *view;

    if ( !altp2m_active(d) || idx >= ALTP2M_MAX_VIEWS )
        return NULL;

    view = altp2m_any_view(d->arch.altp2m, idx);

    return view && !view->dying && !view->partial ? view : NULL;
}
