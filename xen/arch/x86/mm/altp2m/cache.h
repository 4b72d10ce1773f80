/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: private tables. */
#ifndef X86_MM_ALTP2M_CACHE_H
#define X86_MM_ALTP2M_CACHE_H

#include "truth.h"

/* May the view give rights that the host does not give? */
static inline bool altp2m_gives_back(const struct altp2m_view *view,
                                     altp2m_slot_t slot)
{
    return ((slot & SLOT_ACCESS) || view->default_access != NO_DEFAULT) &&
           access_bits(slot_access(view, slot, p2m_access_rwx));
}

/* Has the host nothing where its entry is @host? */
static inline bool altp2m_hole(const struct altp2m_format *fmt, uint64_t host)
{
    return !(host & ~fmt->stale);
}

/* What a view has at a gfn: altp2m_find(). */
struct altp2m_at {
    struct altp2m_view *view;
    unsigned long gfn;
    altp2m_slot_t slot;           /* the override */
    unsigned int level;           /* of the node that has the slot */
    struct altp2m_lookup host;    /* the host's leaf or hole for @gfn */
    struct altp2m_lookup source;  /* ... and for the gfn whose page is shown */
    p2m_access_t access;          /* the view's, effective */
};

/* What the host has in the span of a private table. */
struct host_entries {
    const uint64_t *mirror;       /* the host's table, or NULL: it has none */
    struct altp2m_lookup above;   /* if NULL: the host's superpage or hole */
};

/* Sets *@host to the host's entry for entry @idx of @node. */
static inline void altp2m_host_entry(const struct host_entries *h,
                                     const struct altp2m_node *node,
                                     unsigned int idx,
                                     struct altp2m_lookup *host)
{
    if ( h->mirror )
        *host = (struct altp2m_lookup){ .entry = h->mirror[idx],
                                        .level = node->level };
    else
        *host = h->above;
    host->gfn = node_gfn(node, idx);
    host->pending = false;        /* the entry above has the mark: fmt->link */
}

/* mirror.c */
struct altp2m_node *altp2m_find_mirror(struct altp2m_domain *a, mfn_t host,
                                       unsigned int idx);
struct altp2m_node *altp2m_find_written(struct altp2m_domain *a, mfn_t host);
void altp2m_set_mirror(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host);
bool altp2m_below_stale(const struct altp2m_node *node,
                        const struct altp2m_node *child);
bool altp2m_check_up_to_date(struct altp2m_node *node);
mfn_t altp2m_mirrored(const struct altp2m_lookup *host, unsigned int level);
void altp2m_map_host(struct domain *d, const struct altp2m_node *node,
                     struct host_entries *h);
void altp2m_unmap_host(struct host_entries *h);
void altp2m_host_of(struct domain *d, const struct altp2m_node *node,
                    unsigned int idx, struct altp2m_lookup *host);

/* Is @node's table up to date?  True for a root even without a table. */
static inline bool altp2m_up_to_date(struct altp2m_node *node)
{
    return node->seen == node->view->root.seen || altp2m_check_up_to_date(node);
}

/* Has the node a table that is up to date, so that CPUs may walk it? */
static inline bool altp2m_walkable(struct altp2m_node *node)
{
    return node_has_table(node) && altp2m_up_to_date(node);
}

/* Returns the tree of the nodes whose host table has the hash of @host. */
static inline struct rb_root *altp2m_mirror_tree(struct altp2m_domain *a,
                                                 mfn_t host)
{
    unsigned long h = mfn_x(host) ^ (mfn_x(host) >> TABLE_ORDER);

    return &a->mirror[h % (PAGE_SIZE / sizeof(*a->mirror))];
}

/* Returns a node that mirrors @host, to which the host has stored; or NULL. */
static inline struct altp2m_node *altp2m_written(struct altp2m_domain *a,
                                                 mfn_t host)
{
    if ( mfn_eq(a->written, host) && a->first )
        return a->first;

    return RB_EMPTY_ROOT(altp2m_mirror_tree(a, host))
           ? NULL : altp2m_find_written(a, host);
}

/* entry.c */
bool altp2m_remap_shows(const struct domain *d, const struct altp2m_remap *r,
                        const struct altp2m_lookup *target);
bool altp2m_remap_source(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn, struct altp2m_lookup *src);
bool altp2m_set_restricted(mfn_t table);
bool altp2m_host_restricted(const struct domain *d);
bool altp2m_shareable(const struct altp2m_view *view, altp2m_slot_t slot,
                      mfn_t table);
uint64_t altp2m_slot_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_lookup *host,
                           enum altp2m_side side);
void altp2m_find(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                 struct altp2m_at *at);
bool altp2m_access_is_host(struct altp2m_view *view, unsigned long gfn);

/*
 * Stores an entry of a view's table.  Nothing else does, once CPUs may walk the
 * table.  Sets in *@old the bits that the entry had: if it was present, and has
 * changed, the caller owes a flush.
 */
static always_inline void altp2m_replace(struct domain *d,
                                         const struct altp2m_format *fmt,
                                         uint64_t *entry, uint64_t new,
                                         uint64_t *old)
{
    ASSERT(altp2m_locked(d) && IS_ALIGNED((unsigned long)entry, sizeof(new)));
    /* CPUs refuse an entry that lets write and not read (29.3.3.1). */
    ASSERT((fmt->grants(new) & p2m_access_rw) != p2m_access_w);

    if ( IS_ENABLED(CONFIG_DEBUG) && *entry != new &&
         (*entry & fmt->present) && !fmt->pending(*entry) )
        altp2m_trace(d, ALTP2M_STORED);

    *old |= *entry;
    write_atomic(entry, new);
}

/* altp2m_replace(), if that changes anything, and its flush.  Did it? */
static inline bool altp2m_store(struct domain *d,
                                const struct altp2m_format *fmt,
                                uint64_t *entry, uint64_t new)
{
    uint64_t old = 0;

    if ( *entry == new )
        return false;

    altp2m_replace(d, fmt, entry, new, &old);
    if ( old & fmt->present )
        altp2m_owe_flush(d);

    return true;
}

/* memo.c */
void altp2m_fill_table(struct domain *d, struct altp2m_node *node,
                       enum altp2m_side side);
void altp2m_sync_table(struct domain *d, struct altp2m_node *node);

/* A change that concerns more tables than these leaves them to faults. */
#define FEW_TABLES 4u

/* In a view with more remaps and own pages, each may be in one table. */
#ifndef FEW_REMAPS
#define FEW_REMAPS 8u
#endif

/*
 * Does it take long to compute all entries of @node's table?  Each remap has to
 * be looked for.  Then it is done by faults only, one table and side at a time.
 */
static inline bool altp2m_slow(const struct altp2m_node *node)
{
    return !node->level && node->view->nr_remaps > FEW_REMAPS;
}

/* sync.c */
void altp2m_out_of_date(struct domain *d, struct altp2m_node *child);
void altp2m_sync_parent(struct domain *d, struct altp2m_node *node);
void altp2m_cut(struct domain *d, struct altp2m_node *node, unsigned int idx);
void altp2m_sync_node(struct domain *d, struct altp2m_node *node);
mfn_t altp2m_host_table(struct domain *d, const struct altp2m_node *node);
bool altp2m_sync(struct domain *d, struct altp2m_node *node, unsigned int idx);
void altp2m_cut_view(struct domain *d, struct altp2m_view *view);
void altp2m_cut_views(struct domain *d, unsigned int remaps);

/* targets.c */
void altp2m_redo_more(struct domain *d);
bool altp2m_is_dropped(const struct altp2m_domain *a,
                       const struct altp2m_remap *r);

/* Has the host dropped the page that was copied, and nobody looked yet? */
static inline bool altp2m_dropped(const struct altp2m_domain *a,
                                  const struct altp2m_remap *r)
{
    return unlikely(a->nr_drops) && altp2m_is_dropped(a, r);
}

/* tables.c */
int altp2m_attach(struct domain *d, struct altp2m_node *node);
int altp2m_attach_root(struct domain *d, struct altp2m_view *view);
int altp2m_attach_side(struct domain *d, struct altp2m_node *node,
                       enum altp2m_side side);
void altp2m_detach_sides(struct domain *d, struct altp2m_node *node);
void altp2m_detach(struct domain *d, struct altp2m_node *node);

/* nodes.c */
struct altp2m_node *altp2m_split(struct domain *d, struct altp2m_node *parent,
                                 unsigned int idx, unsigned int flags);
void altp2m_free_node(struct domain *d, struct altp2m_node *node);
void altp2m_merge(struct domain *d, struct altp2m_node *node);
bool altp2m_recall(struct domain *d);
bool altp2m_uniform(const struct altp2m_node *node);
bool altp2m_tidy(struct domain *d, struct altp2m_node *node);

/* fill.c */
void altp2m_resync(struct domain *d, struct altp2m_view *view);
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn);
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node,
                                 enum altp2m_side side);
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level, enum altp2m_side side);
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                enum altp2m_side side);

#endif /* X86_MM_ALTP2M_CACHE_H */
