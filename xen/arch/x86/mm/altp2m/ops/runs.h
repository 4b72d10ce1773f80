/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: what the operations share whose records are runs of gfns. */
#ifndef X86_MM_ALTP2M_OPS_RUNS_H
#define X86_MM_ALTP2M_OPS_RUNS_H

#include "ops.h"

#define STEPS 64u                /* in one locked section */

/* A record of a run. */
union run {
    struct {
        uint64_t gfn, count;
        uint64_t page;            /* the target, or the source */
        uint64_t rest;            /* what all of the run has in common */
    };
    struct xen_altp2m_override override;
    struct xen_altp2m_map map;
};

/* What runs say whose slots are @slot: their @rest. */
struct said {
    altp2m_slot_t slot;
    uint64_t rest;
};

/* Returns the space behind the last record, to be filled in for append(). */
static inline union run *new_run(struct altp2m_records *out)
{
    BUILD_BUG_ON(sizeof(union run) != sizeof(struct xen_altp2m_override) ||
                 sizeof(union run) != sizeof(struct xen_altp2m_map));

    return (union run *)out->data + out->nr;
}

/*
 * Appends @run, which is new_run(), or adds it to the last record if it
 * continues that.  @moves: each gfn has another page.  False: no more room.
 */
static inline bool append(struct altp2m_records *out, union run *run,
                          bool moves)
{
    union run *last = run - 1;

    if ( out->nr && last->rest == run->rest &&
         last->gfn + last->count == run->gfn &&
         last->page + (moves ? last->count : 0) == run->page )
        last->count += run->count;
    else if ( out->nr < out->room )
        out->nr++;
    else
        return false;

    return true;
}

/* Returns the first slot of a node from @idx on that is not 0. */
static inline unsigned int used_from(const struct altp2m_node *node,
                                     unsigned int idx)
{
    uint64_t eight;               /* slots */

    for ( ; idx + sizeof(eight) <= TABLE_ENTRIES; idx += sizeof(eight) )
    {
        memcpy(&eight, &node->slot[idx], sizeof(eight));
        if ( eight )
            return idx + __builtin_ctzl(eight) / 8;
    }

    while ( idx < TABLE_ENTRIES && !node->slot[idx] )
        idx++;

    return idx;
}

/* Returns what altp2m_alike() does, sooner.  @slot: of @node, at @idx. */
static inline unsigned int run_end(const struct altp2m_node *node,
                                   unsigned int idx, altp2m_slot_t slot)
{
    if ( !slot )
        return used_from(node, idx);

    return idx + 1 < TABLE_ENTRIES && node->slot[idx + 1] == slot
           ? altp2m_alike(node, idx) : idx + 1;
}

#endif /* X86_MM_ALTP2M_OPS_RUNS_H */
