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

/* A store of the host's. */
struct stored {
    const struct altp2m_format *fmt;
    uint64_t entry;               /* the host's entry now */
    unsigned int idx;             /* its index, as in tables that mirror it */
    unsigned int few;             /* lower tables that may still be synced */
    bool hole;                    /* the host has nothing there */
    bool plain;                   /* in a 4k table: the host has plain RAM */
    uint64_t simple;              /* a view's entry in simple cases */
};

static inline struct stored stored(uint64_t entry, unsigned int idx)
{
    const struct altp2m_format *fmt = altp2m_format();
    bool hole = altp2m_hole(fmt, entry);

    return (struct stored){
        .fmt = fmt, .entry = entry, .idx = idx, .few = FEW_TABLES,
        .hole = hole,
        .plain = (entry & fmt->plain_mask) == fmt->plain,
        .simple = hole ? fmt->stale : entry,
    };
}

/*
 * The host's entry in the table that @node mirrors has become @host, so that
 * the private table below may have to mirror another table.  Then syncs it,
 * for @s->few tables of the lowest level, or marks it out of date.
 */
static void follow(struct domain *d, struct altp2m_node *node,
                   struct stored *s, const struct altp2m_lookup *host)
{
    struct altp2m_node *child = altp2m_child(node, s->idx);
    mfn_t table;

    if ( altp2m_below_stale(node, child) )
        return;

    table = altp2m_mirrored(host, node->level);
    if ( mfn_eq(table, child->host) && !mfn_eq(table, INVALID_MFN) )
        return;

    if ( child->level || !s->few )
    {
        altp2m_out_of_date(d, child);
        return;
    }

    s->few--;
    altp2m_set_mirror(d->arch.altp2m, child, table);
    altp2m_sync_node(d, child);
}

/*
 * Is @node's entry @s->simple?  It is in two cases: a hole that the view does
 * not remap; plain RAM in a 4k table, with no override.
 */
static inline bool entry_plain(const struct altp2m_node *node,
                               const struct stored *s)
{
    altp2m_slot_t slot = node->slot[s->idx];

    if ( s->hole )
        return !(slot & SLOT_BEYOND);

    return s->plain && !slot && !node->level &&
           slot_access(node->view, 0, p2m_access_rwx) == p2m_access_rwx;
}

/* Computes the entry of @node. */
static noinline uint64_t entry_for(struct domain *d, struct altp2m_node *node,
                                   struct stored *s)
{
    const struct altp2m_lookup src = {
        .entry = s->entry,
        .level = node->level,
        .gfn = node_gfn(node, s->idx),
    };

    if ( node->slot[s->idx] & SLOT_CHILD )
        follow(d, node, s, &src);

    return altp2m_slot_entry(d, node, s->idx, &src);
}

/* Computes the entry of @node, unless its table is out of date. */
static inline bool computed(struct domain *d, struct altp2m_node *node,
                            struct stored *s, uint64_t *new)
{
    if ( node->view->dying || !altp2m_up_to_date(node) )
        return false;

    *new = entry_plain(node, s) ? s->simple : entry_for(d, node, s);

    return true;
}

/* Stores the entry of @node. */
static inline void store_entry(struct domain *d, const struct altp2m_node *node,
                               const struct stored *s, uint64_t new)
{
    uint64_t *map = map_domain_page(node->table);

    altp2m_store(d, s->fmt, &map[s->idx], new);
    unmap_domain_page(map);
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
static noinline void root_written(struct domain *d, struct stored *s)
{
    struct altp2m_view *view;
    unsigned int i;
    uint64_t new;

    /* A root may have no table but tables below, which are synced by now. */
    for_each_view ( d->arch.altp2m, view, i )
        if ( computed(d, &view->root, s, &new) && node_has_table(&view->root) )
            store_entry(d, &view->root, s, new);
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
}

/*
 * After so many entries synced for stores into one host table in a row, its
 * mirrors are cut off: code that stores more writes the whole table.
 */
#ifndef MIRRORED_ENTRIES
#define MIRRORED_ENTRIES 1024u
#endif

/* Follows a store to a lower table.  Returns whether mirrors were cut off. */
static inline bool mirrored_written(struct domain *d, struct stored *s,
                                    struct altp2m_node *first)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *node = first;
    unsigned int n = 0;
    uint64_t new;

    if ( a->written != first )
    {
        a->written = first;
        a->nr_written = 0;
    }
    if ( unlikely(a->nr_written >= MIRRORED_ENTRIES) )
    {
        cut_mirrors(d, first);
        return true;
    }

    do {
        n++;
        ASSERT(node_has_table(node));
        if ( computed(d, node, s, &new) )
            store_entry(d, node, s, new);
        node = list_entry(node->alike.next, struct altp2m_node, alike);
    } while ( node != first );
    a->nr_written += n;

    return false;
}

/*
 * altp2m_entry_written(), for a table that views mirror: @first, or all roots
 * if it is NULL.  FLUSHED_BY_XEN: if the host's entry has changed, the caller
 * makes all CPUs invalidate before it drops the lock.  That also covers the
 * entries computed from the host's.  It does not cover tables cut off: a store
 * that changes nothing may cut them off, too.
 */
static inline void follow_store(struct domain *d, struct altp2m_node *first,
                                const void *entry, enum altp2m_flusher flusher)
{
    struct altp2m_domain *a = d->arch.altp2m;
    bool owed = a->owed.flush, cut = false;
    struct stored s = stored(read_atomic((const uint64_t *)entry),
                             ((unsigned long)entry & ~PAGE_MASK) /
                             sizeof(s.entry));

    if ( first )
        cut = mirrored_written(d, &s, first);
    else
        root_written(d, &s);

    if ( flusher == FLUSHED_BY_XEN && !cut )
        a->owed.flush = owed;
    ASSERT(a->owed.flush || page_list_empty(&a->owed.limbo));
    if ( unlikely(a->owed.flush) )
        altp2m_settle(d);
}

/* altp2m_ept_changed() and altp2m_npt_changed(), where there are views. */
void altp2m_entry_written(struct p2m_domain *p2m, const void *entry,
                          enum altp2m_flusher flusher)
{
    struct domain *d = p2m->domain;
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *first = NULL;
    mfn_t table;

    if ( !p2m_is_hostp2m(p2m) )
        return;

    a->walked.valid = false;
    table = domain_page_map_to_mfn(entry);
    if ( mfn_eq(table, altp2m_host_root(d)) ||
         (a->nr_mirrors && (first = altp2m_last_mirror(a, table))) )
        follow_store(d, first, entry, flusher);
    else if ( a->owed.flush )
        altp2m_settle(d);
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
