/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: what a view overrides. */
#ifndef X86_MM_ALTP2M_TRUTH_H
#define X86_MM_ALTP2M_TRUTH_H

#include "base.h"

/* What a change does to a part of an override. */
enum altp2m_field_op { ALTP2M_KEEP, ALTP2M_CLEAR, ALTP2M_SET };

struct altp2m_change {
    enum altp2m_field_op set_access, set_sve, set_target, set_own;
    p2m_access_t access;
    bool sve;
    bool spares_own;              /* the access of an own page stays */
    bool bare;                    /* refused where there is an own page */
    unsigned long target;
    struct altp2m_own *own;       /* for ALTP2M_SET: belongs to the view then */
};

/* As @access of a change: SLOT_CHOSEN. */
#define ACCESS_CHOSEN ((p2m_access_t)(SLOT_CHOSEN - 1))

/*
 * A change of a view's override (change.c): of one gfn if @level is 0, else of
 * all gfns that an entry at @level covers, and then of rights only.
 */
struct altp2m_edit {
    struct altp2m_view *view;
    unsigned long gfn;
    uint8_t level;
    uint8_t flags;                /* EDIT_* */
    uint8_t record;               /* index of the record in a batch */
    struct altp2m_change change;
};
#define EDIT_NO_TABLES     0x1u       /* faults make the tables */
#define EDIT_STORE_LAST    0x2u       /* altp2m_end() stores the entry */
#define EDIT_MAY_REPEAT  0x4u       /* another edit may be at the same gfn */
#define EDIT_BEGUN     0x8u
#define EDIT_COMMITTED 0x10u

/* The access that SLOT_CHOSEN stands for: executed, and never written. */
static inline p2m_access_t altp2m_chosen_access(void)
{
    return (p2m_rights() & (1u << p2m_access_x)) ||
           altp2m_needs_sides(p2m_access_x) ? p2m_access_x : p2m_access_rx;
}

/* The access that a view gives, where the host gives @host. */
static inline p2m_access_t slot_access(const struct altp2m_view *view,
                                       altp2m_slot_t slot, p2m_access_t host)
{
    if ( slot & SLOT_ACCESS )
        return likely((slot & SLOT_ACCESS) != SLOT_CHOSEN)
               ? (slot & SLOT_ACCESS) - 1 : altp2m_chosen_access();

    return view->default_access == NO_DEFAULT ? host : view->default_access;
}

static inline bool slot_sve(altp2m_slot_t slot)
{
    return (slot & SLOT_SVE) != 0x20;
}

/* The slot of a node for the entry that covers @gfn. */
static inline altp2m_slot_t node_slot(const struct altp2m_node *node,
                                      unsigned long gfn)
{
    return node->slot[level_index(gfn, node->level)];
}

/* Counts that the override of @gfns changes from @old to @new. */
static inline void altp2m_count(struct altp2m_view *view, altp2m_slot_t old,
                                altp2m_slot_t new, unsigned long gfns)
{
    view->changes++;
    if ( !(old & SLOT_ACCESS) != !(new & SLOT_ACCESS) )
        view->access_gfns += new & SLOT_ACCESS ? gfns : -gfns;
    if ( !(old & SLOT_SVE) != !(new & SLOT_SVE) )
        view->sve_gfns += new & SLOT_SVE ? gfns : -gfns;
}

/* Sets a slot.  The table's entry is not brought up to date. */
static inline void altp2m_put_slot(struct altp2m_node *node, unsigned int idx,
                                   altp2m_slot_t slot)
{
    altp2m_slot_t old = node->slot[idx];

    if ( old == slot )
        return;

    altp2m_count(node->view, old, slot, level_span(node->level));
    node->used += !!slot - !!old;
    node->slot[idx] = slot;
}

/* Returns @slot with its bits in @mask kept, cleared, or set to @value. */
static inline altp2m_slot_t field_after(altp2m_slot_t slot,
                                        enum altp2m_field_op op,
                                        altp2m_slot_t mask,
                                        altp2m_slot_t value)
{
    return op == ALTP2M_KEEP
           ? slot : (slot & ~mask) | (op == ALTP2M_SET ? value : 0);
}

/* Returns @slot with @change applied, of which set_own does not count. */
static inline altp2m_slot_t altp2m_slot_after(
    altp2m_slot_t slot, const struct altp2m_change *change)
{
    slot = field_after(slot, change->set_access, SLOT_ACCESS,
                       change->access + 1);
    slot = field_after(slot, change->set_sve, SLOT_SVE,
                       0x20 | (change->sve << 4));

    return field_after(slot, change->set_target, SLOT_REMAP, SLOT_REMAP);
}

/* tree.c */
struct altp2m_node *altp2m_find_node(struct altp2m_view *view,
                                     unsigned long gfn, unsigned int level);
void altp2m_insert_node(struct altp2m_view *view, struct altp2m_node *node);
struct altp2m_node *altp2m_next_node(struct altp2m_view *view,
                                     unsigned long gfn, unsigned int level);
struct altp2m_node *altp2m_lowest_node(struct altp2m_view *view,
                                       unsigned long gfn);
unsigned int altp2m_alike(const struct altp2m_node *node, unsigned int idx);
struct altp2m_node *altp2m_parent(const struct altp2m_node *node);
struct altp2m_node *altp2m_child(struct altp2m_node *node, unsigned int idx);
struct altp2m_view *altp2m_view(const struct domain *d, view_idx_t named);

/* Returns the node at @level that covers @gfn, or NULL. */
static inline struct altp2m_node *altp2m_node(struct altp2m_view *view,
                                              unsigned long gfn,
                                              unsigned int level)
{
    return !level && view->hint && view->hint->gfn == level_base(gfn, 0)
           ? view->hint : altp2m_find_node(view, gfn, level);
}

/* remap.c */
struct altp2m_remap *altp2m_remap(struct altp2m_view *view, unsigned long gfn);
bool altp2m_target_before(const struct altp2m_remap *a,
                          const struct altp2m_remap *b);
void altp2m_take_out_remap(struct domain *d, struct altp2m_remap *r);
void altp2m_drop_remap(struct domain *d, struct altp2m_remap *r);
void altp2m_set_remap(struct domain *d, struct altp2m_remap *r,
                      struct altp2m_view *view, unsigned long gfn,
                      unsigned long target);
void altp2m_lost(struct domain *d, struct altp2m_remap *remap);
void altp2m_found(struct altp2m_remap *remap);

/* Returns the own page at @gfn, whose slot is @slot, or NULL. */
static inline struct altp2m_own *altp2m_own(struct altp2m_view *view,
                                            unsigned long gfn,
                                            altp2m_slot_t slot)
{
    return view->nr_own && (slot & SLOT_REMAP) ? altp2m_remap(view, gfn)->own
                                               : NULL;
}

/* Loops over the children of a node.  @child is below entry @i. */
#define for_each_child(node, child, i)                                  \
    for ( (i) = 0; (node)->level && (i) < TABLE_ENTRIES; (i)++ )        \
        if ( ((node)->slot[i] & SLOT_CHILD) &&                          \
             ((child) = altp2m_child(node, i)) )

#endif /* X86_MM_ALTP2M_TRUTH_H */
