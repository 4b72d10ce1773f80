/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: reading the host's map, rights, memory. */
#ifndef X86_MM_ALTP2M_BASE_H
#define X86_MM_ALTP2M_BASE_H

#include <xen/event.h>
#include <xen/mem_access.h>
#include <xen/softirq.h>
#include <xen/xmalloc.h>

#include <asm/altp2m_names.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/vmx/vmx.h>
#include <asm/mem_sharing.h>
#include <asm/npt-access.h>
#include <asm/p2m.h>
#include <asm/p2m-rights.h>

#include "../hap/table.h"
#include "../mm-locks.h"
#include "../p2m.h"

#include "own.h"

/*
 * Returns the first object @n of a tree for which the expression @cond is true,
 * or NULL.  @cond is true for all objects after that one, and for none before.
 */
#define altp2m_rb_first(tree, type, member, n, cond) ({                 \
    struct rb_node *rb_ = (tree)->rb_node;                              \
    type *n, *found_ = NULL;                                            \
                                                                        \
    while ( rb_ )                                                       \
    {                                                                   \
        n = rb_entry(rb_, type, member);                                \
        found_ = (cond) ? n : found_;                                   \
        rb_ = found_ == n ? rb_->rb_left : rb_->rb_right;               \
    }                                                                   \
    found_; })

/* Inserts @obj into a tree, before each object @n for which @before is true. */
#define altp2m_rb_insert(tree, type, member, obj, n, before) do {       \
    struct rb_node **link_ = &(tree)->rb_node, *parent_ = NULL;         \
                                                                        \
    while ( *link_ )                                                    \
    {                                                                   \
        type *n = rb_entry(*link_, type, member);                       \
                                                                        \
        parent_ = *link_;                                               \
        link_ = (before) ? &parent_->rb_left : &parent_->rb_right;      \
    }                                                                   \
    rb_link_node(&(obj)->member, parent_, link_);                       \
    rb_insert_color(&(obj)->member, tree);                              \
} while ( false )

/* Returns the object after @obj in its tree, or NULL. */
#define altp2m_rb_next(obj, type, member) ({                            \
    struct rb_node *next_ = rb_next(&(obj)->member);                    \
                                                                        \
    next_ ? rb_entry(next_, type, member) : NULL; })

/* Fills @nr words at @obj with @value, which memset() has no way to do. */
static inline void fill_words(void *obj, uint64_t value, unsigned long nr)
{
    asm volatile ( "rep stosq" : "+D" (obj), "+c" (nr) : "a" (value)
                   : "memory" );
}

/* Translates an access for a hypercall's result: it has the same number. */
static inline xenmem_access_t altp2m_xenmem_access(p2m_access_t access)
{
    BUILD_BUG_ON(XENMEM_access_w != 0U + p2m_access_w ||
                 XENMEM_access_x != 0U + p2m_access_x ||
                 XENMEM_access_n2rwx != 0U + p2m_access_n2rwx ||
                 XENMEM_access_r_pw != 0U + p2m_access_r_pw);

    return (xenmem_access_t)access;
}

/*
 * Does an access need two sides?  x and wx do, where the CPU can't enforce x.
 * Instructions across the boundary of such a page have to be stepped.
 */
static inline bool altp2m_needs_sides(p2m_access_t access)
{
    return (access == p2m_access_x || access == p2m_access_wx) &&
           !(p2m_rights() & (1u << p2m_access_x)) &&
           hvm_is_singlestep_supported();
}

/* p2m_check_access() for a view, which has two sides if they are needed. */
static inline int altp2m_check_view_access(const struct domain *d,
                                           xenmem_access_t access,
                                           p2m_access_t *out)
{
    int rc = p2m_check_access(d, access, out);

    return unlikely(rc == -EOPNOTSUPP) && altp2m_needs_sides(*out) ? 0 : rc;
}

/*
 * Returns @access as Xen judges accesses by it, and tells of it: without sides
 * there is no wx.
 */
static inline p2m_access_t altp2m_told_access(p2m_access_t access)
{
    return altp2m_needs_sides(access) ? p2m_access_x : access;
}

/* Returns the access on a side of a view that gives @access. */
static inline p2m_access_t altp2m_side_access(p2m_access_t access,
                                              enum altp2m_side side)
{
    if ( altp2m_needs_sides(access) )
        return side == SIDE_DATA ? p2m_access_n : access | p2m_access_r;

    if ( side != SIDE_EXECUTE )
        return access;

    switch ( access )
    {
    case p2m_access_rx:
    case p2m_access_rx2rw:
        return p2m_access_r;

    default:
        return access == p2m_access_rwx ? p2m_access_rw : access;
    }
}

/* Returns the root of the host's tables. */
static inline mfn_t altp2m_host_root(const struct domain *d)
{
    return pagetable_get_mfn(p2m_get_pagetable(p2m_get_hostp2m(d)));
}

/* Does this CPU hold the host p2m lock? */
static inline bool altp2m_locked(const struct domain *d)
{
    return p2m_locked_by_me(p2m_get_hostp2m(d));
}

/* Notes that an entry has changed which CPUs may have cached. */
static inline void altp2m_owe_flush(struct domain *d)
{
    d->arch.altp2m->owed.flush = true;
}

/* Returns @page, or if that is NULL a new page filled with @byte, or NULL. */
static inline void *altp2m_heap_page(void *page, int byte)
{
    if ( !page && (page = alloc_xenheap_page()) != NULL )
        memset(page, byte, PAGE_SIZE);

    return page;
}

/*
 * May the caller learn machine addresses of @d?  A domain may not learn its
 * own, nor may the domain of its device model.
 */
static inline bool altp2m_may_see_frames(const struct domain *d)
{
    return current->domain != d && current->domain->target != d;
}

/* Returns view @idx < ALTP2M_MAX_VIEWS, be it dying or partial, or NULL. */
static inline struct altp2m_view *altp2m_any_view(const struct altp2m_domain *a,
                                                  unsigned int idx)
{
    if ( idx < FEW_VIEWS )
        return a->few[array_index_nospec(idx, FEW_VIEWS)];

    return a->more ? a->more[array_index_nospec(idx, ALTP2M_MAX_VIEWS)] : NULL;
}

/* Returns the first view at *@idx or above, and its index there; or NULL. */
static inline struct altp2m_view *altp2m_next_view(
    const struct altp2m_domain *a, unsigned int *idx)
{
    struct altp2m_view *view = NULL;

    while ( *idx < a->limit && !(view = altp2m_any_view(a, *idx)) )
        ++*idx;

    return view;
}

/* Loops over all views, partial and dying ones too.  @i is the index. */
#define for_each_view(a, view, i)                                       \
    for ( (i) = 0; ((view) = altp2m_next_view(a, &(i))); (i)++ )

/* host.c */
void altp2m_host_lookup(const struct domain *d, unsigned long gfn,
                        unsigned int level, struct altp2m_lookup *src);
bool altp2m_has_frame(const struct altp2m_lookup *src);
bool altp2m_has_page(const struct altp2m_lookup *src);
bool altp2m_can_hide(const struct altp2m_lookup *src);
mfn_t altp2m_lookup_frame(const struct altp2m_lookup *src);
mfn_t altp2m_fixed_frame(const struct altp2m_lookup *src);

/* pool.c */
void altp2m_refill(struct domain *d);
int altp2m_make_reserve(struct domain *d);
void altp2m_free_reserve(struct domain *d);
void altp2m_slab_init(struct altp2m_slab *slab, unsigned int size);
void *altp2m_alloc(struct domain *d, struct altp2m_slab *slab);
void altp2m_free(struct domain *d, struct altp2m_slab *slab, void *obj);
mfn_t altp2m_alloc_table(struct domain *d);
void altp2m_free_table(struct domain *d, mfn_t mfn);
void altp2m_settle(struct domain *d);
void altp2m_not_lent(struct altp2m_domain *a, struct altp2m_node *node);

#endif /* X86_MM_ALTP2M_BASE_H */
