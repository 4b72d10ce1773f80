/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the entry memo.  altp2m_slot_entry() is slow, and a table's
 * entries are much alike.  The memo is the entry computed last, and what it was
 * computed from.  An entry whose slot is the same, and whose host entry differs
 * in its frame only, differs from the memo in its frame only.
 *
 * A memo is of one table, and valid as long as its view's default access and
 * what the host restricts stay as they are.
 */
#ifndef X86_MM_ALTP2M_MEMO_H
#define X86_MM_ALTP2M_MEMO_H

#include "cache.h"

struct altp2m_memo {
    uint64_t host, entry;
    uint64_t fixed;               /* bits of @host that may not differ */
    unsigned long gfn;
    unsigned long step;           /* mask: ~0 in a superpage of the host's, in
                                     which frames go on with gfns, else 0 */
    enum altp2m_side side;        /* set by the caller */
    altp2m_slot_t slot;
    bool valid;                   /* entries can be derived from it */
};

uint64_t altp2m_memo_compute(struct domain *d, struct altp2m_node *node,
                             unsigned int idx,
                             const struct altp2m_lookup *host,
                             struct altp2m_memo *memo);

/* Can the entry for @host be derived, if the slot is the memo's? */
static inline bool memo_fits(const struct altp2m_memo *memo, uint64_t host)
{
    return memo->valid && !((host ^ memo->host) & memo->fixed);
}

static inline uint64_t memo_derive(const struct altp2m_memo *memo,
                                   uint64_t host, unsigned long gfn)
{
    return (memo->entry ^ host ^ memo->host) +
           (((gfn - memo->gfn) & memo->step) << PAGE_SHIFT);
}

/* altp2m_slot_entry(), faster.  The caller begins with all but @side zeroes. */
static inline uint64_t altp2m_memo_entry(struct domain *d,
                                         struct altp2m_node *node,
                                         unsigned int idx,
                                         const struct altp2m_lookup *host,
                                         struct altp2m_memo *memo)
{
    const struct altp2m_format *fmt = altp2m_format();

    /* A hole of the host's that the view does not remap. */
    if ( altp2m_hole(fmt, host->entry) && !(node->slot[idx] & SLOT_BEYOND) )
        return fmt->stale;

    if ( memo_fits(memo, host->entry) && memo->slot == node->slot[idx] )
        return memo_derive(memo, host->entry, host->gfn);

    return altp2m_memo_compute(d, node, idx, host, memo);
}

#endif /* X86_MM_ALTP2M_MEMO_H */
