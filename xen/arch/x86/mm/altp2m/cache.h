/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: private tables.
 */
#ifndef X86_MM_ALTP2M_CACHE_H
#define X86_MM_ALTP2M_CACHE_H

#include "truth.h"

/*
 * A bit of the type of the host's table pages.  Only PV guests pin pages, and
 * p2m_alloc_ptp() clears it.
 */
#define _PGT_restricted _PGT_pinned

/* Can rights that a view gives be more than the host's? */
static inline bool altp2m_gives_back(const struct altp2m_view *view, altp2m_slot_t slot)
{
    return ((slot & SLOT_ACCESS) || view->default_access != NO_DEFAULT) &&
           access_bits(slot_access(view, slot, p2m_access_rwx));
}

/* What the host has for each entry of a private table. */
struct host_entries {
    const uint64_t *mirror;       /* its table, or NULL, and then: */
    struct altp2m_source above;   /* the superpage or hole that covers all */
};

static inline void altp2m_host_entry(const struct host_entries *h,
                                     const struct altp2m_node *node, unsigned int idx,
                                     struct altp2m_source *host)
{
    if ( h->mirror )
        *host = (struct altp2m_source){ .entry = h->mirror[idx],
                                        .level = node->level };
    else
        *host = h->above;
    host->gfn = node_gfn(node, idx);
    host->pending = false;        /* the entries on the way here say so */
}

/* mirror.c */
struct altp2m_node *altp2m_find_mirror(struct altp2m_domain *a, mfn_t host);
void altp2m_set_mirror(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host);
bool altp2m_below_stale(const struct altp2m_node *node,
                        const struct altp2m_node *child);
bool altp2m_current(struct altp2m_node *node);
mfn_t altp2m_mirrored(const struct altp2m_source *host, unsigned int level);
void altp2m_map_host(struct domain *d, const struct altp2m_node *node,
                     struct host_entries *h);
void altp2m_unmap_host(struct host_entries *h);
bool altp2m_in_use(struct altp2m_node *node);
void altp2m_host_of(struct domain *d, const struct altp2m_node *node,
                    unsigned int idx, struct altp2m_source *host);
void altp2m_host_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, struct altp2m_source *host);

/* The same; most often it is that of the store before. */
static inline struct altp2m_node *altp2m_last_mirror(struct altp2m_domain *a,
                                                     mfn_t host)
{
    if ( a->written && mfn_eq(a->written->host, host) )
        return a->written;

    return altp2m_find_mirror(a, host);
}

/* entry.c */
bool altp2m_remap_source(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn, struct altp2m_source *src);
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn);
bool altp2m_host_restricted(const struct domain *d);
bool altp2m_shareable(const struct altp2m_view *view, altp2m_slot_t slot,
                      mfn_t table);
uint64_t altp2m_slot_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_source *host);
p2m_access_t altp2m_effective(struct domain *d, struct altp2m_view *view,
                              unsigned long gfn);
bool altp2m_page_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn);
bool altp2m_is_host(struct altp2m_view *view, unsigned long gfn);

/* CPUs hold nothing of an entry that faults for recalculation. */
static inline void altp2m_trace_store(const struct domain *d, uint64_t old)
{
#ifdef CONFIG_DEBUG
    const struct altp2m_format *fmt = altp2m_format();

    if ( (old & fmt->present) && !fmt->pending(old) )
        altp2m_trace(d, ALTP2M_STORED);
#endif
}

/*
 * The one place that stores a view's entry in a table that may be in use.
 * Returns whether it changed.
 */
static inline bool altp2m_store(struct domain *d,
                                const struct altp2m_format *fmt,
                                uint64_t *entry, uint64_t new)
{
    uint64_t old = *entry;

    if ( old == new )
        return false;

    write_atomic(entry, new);
    altp2m_trace_store(d, old);
    if ( old & fmt->present )
        altp2m_owe_flush(d);

    return true;
}

/*
 * How an entry was made, so that the next can be made like it: altp2m_slot_entry()
 * copies the frame of a host entry for RAM, or for a lower table, and looks at
 * nothing else that differs between two such entries that differ in their frame
 * only.  Of the gfns in a superpage each has the next frame.  A lower table may
 * be one that is restricted.
 */
struct made {
    uint64_t host, entry;
    uint64_t frame;               /* bits of @host that may be others */
    unsigned long gfn, step;      /* @step: a mask, for gfns of a superpage */
    p2m_access_t def;             /* the view's default access */
    altp2m_slot_t slot;
    bool valid;
};

/* memo.c */
uint64_t altp2m_make_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_source *host,
                           struct made *made);
void altp2m_fill_table(struct domain *d, struct altp2m_node *node);

/*
 * Most entries need no making.  Where the host has nothing, a view has nothing
 * but what a remap shows; and where nothing is overridden or restricted, plain
 * RAM of the host's is in a 4k table as it is in the host's.  @host: the host's
 * entry, of a table at the same level.
 */
static inline bool entry_plain(const struct altp2m_format *fmt,
                               const struct altp2m_node *node,
                               unsigned int idx, uint64_t host, uint64_t *new)
{
    altp2m_slot_t slot = node->slot[idx];

    if ( !(host & ~fmt->stale) )
    {
        *new = fmt->stale;
        return !(slot & (SLOT_CHILD | SLOT_REMAP));
    }

    *new = host;

    return !slot && !node->level &&
           slot_access(node->view, 0, p2m_access_rwx) == p2m_access_rwx &&
           (host & fmt->plain_mask) == fmt->plain;
}

/* Is the entry made like the last, if its slot is? */
static inline bool host_like(const struct made *made, uint64_t host)
{
    return made->valid && !((host ^ made->host) & ~made->frame);
}

static inline uint64_t made_like(const struct made *made, uint64_t host,
                                 unsigned long gfn)
{
    return (made->entry ^ host ^ made->host) +
           (((gfn - made->gfn) & made->step) << PAGE_SHIFT);
}

/* altp2m_slot_entry(), for many at a time; @made starts as not valid. */
static inline uint64_t entry_like(struct domain *d, struct altp2m_node *node,
                                  unsigned int idx,
                                  const struct altp2m_source *host,
                                  struct made *made)
{
    if ( host_like(made, host->entry) && made->slot == node->slot[idx] &&
         made->def == node->view->default_access )
        return made_like(made, host->entry, host->gfn);

    return altp2m_make_entry(d, node, idx, host, made);
}

#define FEW_TABLES 4u

/* sync.c */
void altp2m_out_of_date(struct domain *d, struct altp2m_node *child);
void altp2m_cut(struct domain *d, struct altp2m_node *node, unsigned int idx);
void altp2m_sync_table(struct domain *d, struct altp2m_node *node);
void altp2m_sync_node(struct domain *d, struct altp2m_node *node);
mfn_t altp2m_host_table(struct domain *d, const struct altp2m_node *node);
bool altp2m_sync(struct domain *d, struct altp2m_node *node, unsigned int idx);
void altp2m_cut_view(struct domain *d, struct altp2m_view *view);
bool altp2m_node_shareable(struct domain *d, struct altp2m_node *node,
                           altp2m_slot_t slot);

/* follow.c */
void altp2m_redo_views(struct domain *d, bool remaps);

/* targets.c */
void altp2m_redo_more(struct domain *d);

/* tables.c */
int altp2m_attach(struct domain *d, struct altp2m_node *node);
int altp2m_attach_root(struct domain *d, struct altp2m_view *view);
void altp2m_detach(struct domain *d, struct altp2m_node *node);

/* nodes.c */
struct altp2m_node *altp2m_split(struct domain *d, struct altp2m_node *parent,
                                 unsigned int idx, bool later);
void altp2m_merge(struct domain *d, struct altp2m_node *node,
                  altp2m_slot_t slot);
bool altp2m_recall(struct domain *d);
void altp2m_prune(struct domain *d, struct altp2m_node *node);

/* fill.c */
void altp2m_resync(struct domain *d, struct altp2m_view *view);
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn);
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node,
                                 unsigned int idx, struct altp2m_node *child);
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level);
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn);

#endif /* X86_MM_ALTP2M_CACHE_H */
