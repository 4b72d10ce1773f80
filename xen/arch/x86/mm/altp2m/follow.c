/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: private tables follow the host's.
 *
 * INVARIANT, whenever the host p2m lock is free: a view that a vCPU is in, or
 * that VMFUNC may enter, has its root table.  (View 0 may use the host's.)  In
 * each private table that a walk can reach, each entry is what
 * altp2m_slot_entry() computes.  There is one exception: a leaf with the right
 * frame and rights may still be marked for a recalculation that the host has
 * done.
 *
 * When the host writes an entry, altp2m_entry_written() syncs the entry of each
 * table that mirrors the host's table.  That needs no memory: where a table is
 * missing the entry is made stale, and the next fault makes the table.
 *
 * The README says how CPUs walk meanwhile, and what tables out of date are.
 */

#include "cache.h"

/*
 * The host's entry @idx in the table that @node mirrors has become @host, so
 * that the private table below may have to mirror another table.  Then syncs
 * it, if it is of the lowest level and @n small, or marks it out of date.
 */
static void follow(struct domain *d, struct altp2m_node *node, unsigned int idx,
                   const struct altp2m_lookup *host, unsigned int n)
{
    struct altp2m_node *child = altp2m_child(node, idx);
    mfn_t table;

    if ( altp2m_below_stale(node, child) )
        return;

    table = altp2m_mirrored(host, node->level);
    if ( mfn_eq(table, child->host) && !mfn_eq(table, INVALID_MFN) )
        return;

    if ( child->level || n > FEW_TABLES )
    {
        altp2m_out_of_date(d, child);
        return;
    }

    altp2m_set_mirror(d->arch.altp2m, child, table);
    altp2m_sync_node(d, child);
}

/* A store of the host's. */
struct stored {
    const struct altp2m_format *fmt;
    uint64_t entry;               /* the host's entry now */
    unsigned long idx;            /* its index, as in tables that mirror it */
    bool hole;                    /* the host has nothing there */
    bool plain;                   /* in a 4k table: the host has plain RAM */
    uint64_t simple;              /* a view's entry in simple cases */
};

/* The index of an entry in its table. */
static inline unsigned long entry_index(const uint64_t *entry)
{
    return ((unsigned long)entry & ~PAGE_MASK) / sizeof(*entry);
}

/* Is the host's entry, of a table at @level, plain RAM? */
static always_inline bool plain_ram(const struct altp2m_format *fmt,
                                    uint64_t entry, unsigned int level)
{
    return !level && (entry & fmt->plain_mask) == fmt->plain;
}

static always_inline struct stored stored(const uint64_t *entry,
                                          unsigned int level)
{
    struct stored s = {
        .fmt = altp2m_format(), .entry = read_atomic(entry),
        .idx = entry_index(entry),
    };

    s.hole = altp2m_hole(s.fmt, s.entry);
    s.plain = !s.hole && plain_ram(s.fmt, s.entry, level);
    s.simple = s.hole ? s.fmt->stale : s.entry;

    return s;
}

/*
 * Is @node's entry simple?  It is stale at a hole that the view does not remap,
 * and the host's at plain RAM with no override.
 */
static always_inline bool entry_simple(const struct altp2m_node *node,
                                       const struct stored *s)
{
    altp2m_slot_t slot = node->slot[s->idx];

    if ( s->hole )
        return !(slot & SLOT_BEYOND);

    return s->plain && !slot &&
           slot_access(node->view, 0, p2m_access_rwx) == p2m_access_rwx;
}

/* Stores entry @idx of a view's @table. */
static always_inline void store_entry(struct domain *d,
                                      const struct altp2m_format *fmt,
                                      mfn_t table, unsigned long idx,
                                      uint64_t new)
{
    uint64_t *map = map_domain_page(table);

    altp2m_store(d, fmt, &map[idx], new);
    unmap_domain_page(map);
}

/* Syncs entry @idx of @node, the @n-th.  The host's has become @entry. */
static noinline void follow_slowly(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, uint64_t entry,
                                   unsigned int n)
{
    const struct altp2m_lookup src = {
        .entry = entry,
        .level = node->level,
        .gfn = node_gfn(node, idx),
    };
    enum altp2m_side side;

    /* Nodes below may be gone by now. */
    if ( node->view->dying )
        return;

    if ( node->slot[idx] & SLOT_CHILD )
        follow(d, node, idx, &src, n);

    /* A root may have no table, but tables below. */
    for ( side = SIDE_DATA; side < SIDES; side++ )
        if ( node_has_side(node, side) )
            store_entry(d, altp2m_format(), node_table(node, side), idx,
                        altp2m_slot_entry(d, node, idx, &src, side));
}

/* Follows a store in @node, the @n-th, which has a table. */
static noinline void follow_entry(struct domain *d, struct altp2m_node *node,
                                  const uint64_t *entry, unsigned int n)
{
    const struct stored s = stored(entry, node->level);

    if ( !altp2m_up_to_date(node) )
        return;

    if ( entry_simple(node, &s) && likely(!node_has_sides(node)) )
        store_entry(d, s.fmt, node->table, s.idx, s.simple);
    else
        follow_slowly(d, node, s.idx, s.entry, n);
}

/* Marks the host's tables on the way to @gfn.  Was one not marked before? */
static bool restrict_path(const struct domain *d, unsigned long gfn)
{
    const struct altp2m_format *fmt = altp2m_format();
    mfn_t table = altp2m_host_root(d);
    unsigned int level = ROOT_LEVEL;
    bool new = false;
    uint64_t entry;

    do {
        new |= altp2m_set_restricted(table);
        entry = altp2m_read_entry(table, level_index(gfn, level));
        table = altp2m_frame(entry);
    } while ( altp2m_points(fmt, entry, level--) );

    return new;
}

/*
 * altp2m_access_set(), if @access is not rwx.  Marks the host's tables on the
 * way to @entry restricted; @entry is NULL if it is not known yet.  If one was
 * not marked before, a view may no longer be able to share it: syncs the entry
 * of each view that leads there.  Lock held.
 */
void altp2m_host_restricts(struct p2m_domain *p2m, gfn_t gfn,
                           const void *entry)
{
    struct domain *d = p2m->domain;
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    unsigned int i;

    if ( !p2m_is_hostp2m(p2m) || !hap_enabled(d) ||
         (entry && !altp2m_set_restricted(domain_page_map_to_mfn(entry))) ||
         gfn_eq(gfn, INVALID_GFN) )
        return;

    if ( (!restrict_path(d, gfn_x(gfn)) && !entry) || !a )
        return;

    for_each_view ( a, view, i )
    {
        struct altp2m_node *node = view->dying ? NULL
                                   : altp2m_lowest_node(view, gfn_x(gfn));

        if ( node && node->level )
            altp2m_sync(d, node, level_index(gfn_x(gfn), node->level));
    }

    altp2m_settle(d);
}

/* Follows a store to the host's root. */
static noinline void root_written(struct domain *d, const uint64_t *entry)
{
    const struct stored s = stored(entry, ROOT_LEVEL);
    struct altp2m_view *view;
    unsigned int i;

    d->arch.altp2m->root_entries = 0;
    for_each_view ( d->arch.altp2m, view, i )
        follow_slowly(d, &view->root, s.idx, s.entry, i + 1);
}

/* Cuts off @first's table and all that mirror the same table of the host. */
static void cut_mirrors(struct domain *d, struct altp2m_node *first)
{
    struct altp2m_node *node = first, *next;
    bool more;

    do {
        next = list_entry(node->alike.next, struct altp2m_node, alike);
        more = next != node;

        altp2m_out_of_date(d, node);
        if ( !node->view->dying )
            altp2m_sync_parent(d, node);
        node = next;
    } while ( more );

    d->arch.altp2m->nr_written = 0;
}

/* Follows a store that makes few entries simple, in @node and all alike. */
static noinline void follow_each(struct domain *d, struct altp2m_node *node,
                                 const uint64_t *entry, unsigned int left)
{
    for ( ; left; left--, node = list_next_entry(node, alike) )
        follow_entry(d, node, entry, left);
}

/*
 * After so many entries synced for stores into one host table in a row, its
 * mirrors are cut off: code that stores more writes the whole table.
 */
#ifndef MIRRORED_ENTRIES
#define MIRRORED_ENTRIES 1024u
#endif

/*
 * Follows a store in @first and all others of its ring, @left in all.  Where it
 * makes most entries simple, one in a table out of date is stored too, as no
 * walk reaches it: not to would take longer.
 */
static inline void follow_ring(struct domain *d, struct altp2m_node *first,
                               const uint64_t *entry, unsigned int left)
{
    const struct altp2m_format *fmt = altp2m_format();
    unsigned long idx = entry_index(entry);
    struct list_head *at = &first->alike;
    uint64_t old = 0, new = read_atomic(entry);
    bool simple = true;

    if ( altp2m_hole(fmt, new) )
        new = fmt->stale;
    else
        simple = plain_ram(fmt, new, first->level);

    if ( unlikely(!simple) )
    {
        follow_each(d, first, entry, left);
        return;
    }

    do {
        struct altp2m_node *node = list_entry(at, struct altp2m_node, alike);

        if ( likely(!node->slot[idx] && node->plain) )
            altp2m_replace(d, fmt, &node->plain[idx], new, &old);
        else
            follow_entry(d, node, entry, left);
        at = at->next;
    } while ( --left );

    ASSERT(at == &first->alike);
    if ( old & fmt->present )
        altp2m_owe_flush(d);
}

/* Follows a store to a table that @first mirrors.  Returns who is to flush. */
static inline enum altp2m_flusher
mirrored_written(struct domain *d, struct altp2m_domain *a,
                 struct altp2m_node *first, const uint64_t *entry,
                 enum altp2m_flusher flusher)
{
    if ( unlikely(a->nr_written >= MIRRORED_ENTRIES) )
    {
        cut_mirrors(d, first);
        return FLUSHED_BY_VIEWS;
    }

    a->nr_written += a->nr_alike;
    follow_ring(d, first, entry, a->nr_alike);

    return flusher;
}

/*
 * altp2m_ept_changed() and altp2m_npt_changed(), where there are views.  With
 * FLUSHED_BY_XEN, if the host's entry has changed, the caller makes all CPUs
 * invalidate before it drops the lock.  That also covers the entries computed
 * from it, but not tables cut off: a store that changes nothing may do that.
 */
void altp2m_entry_written(struct p2m_domain *p2m, const void *entry,
                          enum altp2m_flusher flusher)
{
    struct domain *d = p2m->domain;
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *first;
    mfn_t table;

    if ( !p2m_is_hostp2m(p2m) )
        return;

    a->walked.valid = false;
    if ( unlikely(a->owed.flush) )
        altp2m_settle(d);

    table = domain_page_map_to_mfn(entry);
    if ( a->front.tables && (first = altp2m_written(a, table)) )
        flusher = mirrored_written(d, a, first, entry, flusher);
    else if ( mfn_eq(table, altp2m_host_root(d)) )
        root_written(d, entry);
    else
        return;

    if ( flusher == FLUSHED_BY_XEN )
        a->owed.flush = false;
    else if ( a->owed.flush )
        altp2m_settle(d);
    ASSERT(!altp2m_in_limbo(a));
}

/*
 * altp2m_memory_type_changed(), where there are views.  The host has marked its
 * entries, but none without rights, to which views may give rights: if it has
 * restricted access, all views are cut off.  Else those with remaps are.
 */
void altp2m_redo_memory_type(struct domain *d)
{
    altp2m_cut_views(d, altp2m_host_restricted(d) ? 0 : 1);
    altp2m_settle(d);
}
