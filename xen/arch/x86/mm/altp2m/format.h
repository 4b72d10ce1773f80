/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the layout of table entries. */
#ifndef X86_MM_ALTP2M_FORMAT_H
#define X86_MM_ALTP2M_FORMAT_H

#include <xen/domain_page.h>

#include "types.h"

/* What altp2m_host_lookup() finds: the host's entry for a gfn. */
struct altp2m_lookup {
    uint64_t entry;
    unsigned int level;           /* level of the table that has the entry */
    bool pending;                 /* an entry above is to be recalculated */
    bool remapped;                /* @gfn is a remap's target */
    struct page_info *own;        /* the view's own page, or NULL: @entry, of
                                     level 0, leads there */
    unsigned long gfn;
};

/*
 * The layout of table entries: ept.c for Intel, npt.c for AMD.  Entries are
 * read and written whole, as 64 bit numbers.
 */
struct altp2m_format {
    /* CPUs cache only entries that have one of these bits. */
    uint64_t present;
    /* The type and the access in a leaf of the host's. */
    p2m_type_t (*type)(uint64_t entry);
    p2m_access_t (*access)(uint64_t entry);
    /* The rights that a present entry gives the CPU, as p2m_access_rwx bits. */
    unsigned int (*grants)(uint64_t entry);
    /* Is the host to recalculate this present entry, and those below it? */
    bool (*pending)(uint64_t entry);
    /* Returns a leaf for a private table at @level. */
    uint64_t (*leaf)(struct p2m_domain *hp2m, const struct altp2m_lookup *src,
                     unsigned int level, p2m_access_t access, bool sve);
    /*
     * Returns an entry of the host's as it would be if it led to @mfn, a page
     * of a view's own, in place of the page that @entry leads to: RAM with all
     * rights, or ROM where @entry leads to ROM, and not pending.
     */
    uint64_t (*own)(struct p2m_domain *hp2m, uint64_t entry, mfn_t mfn);
    /*
     * Returns an entry that leads to the private @table and takes no rights
     * away.  @host: the host's entry at this place, or 0.
     */
    uint64_t (*link)(mfn_t table, uint64_t host);
    /* Returns @host, which leads to a shared table, with at most @access. */
    uint64_t (*narrow)(uint64_t host, p2m_access_t access, bool sve);
    /*
     * The entry at which CPUs fault, as a private table is missing below, or
     * the host has a hole.  Holes of the host's have no other bits.
     */
    uint64_t stale;
    /* Bits that CPUs set by themselves: accessed and dirty. */
    uint64_t cpu_bits;
    /*
     * If (entry & plain_mask) == plain for a 4k leaf of the host's, leaf()
     * returns that entry for access rwx with #VE suppressed.  Of other levels
     * it says nothing: in NPT, an entry that leads to a table may look so.
     */
    uint64_t plain_mask, plain;
    /* Makes each CPU invalidate before it walks the domain's tables again. */
    void (*flush)(struct p2m_domain *hp2m);
};

extern const struct altp2m_format altp2m_ept, altp2m_npt;

static inline const struct altp2m_format *altp2m_format(void)
{
    return altp2m_on_intel ? &altp2m_ept : &altp2m_npt;
}

/*
 * Both formats have the frame in bits 51:12.  Above the lowest level bit 7 is
 * set in a leaf, and clear in an entry that leads to a table.
 */
#define ENTRY_FRAME   0x000ffffffffff000UL
#define ENTRY_LARGE   0x80UL

/* Does an entry of a table at @level lead to a lower table? */
static inline bool altp2m_points(const struct altp2m_format *fmt,
                                 uint64_t entry, unsigned int level)
{
    return level && (entry & fmt->present) && !(entry & ENTRY_LARGE);
}

/* The frame of an entry, a page's or a table's. */
static inline mfn_t altp2m_frame(uint64_t entry)
{
    return _mfn((entry & ENTRY_FRAME) >> PAGE_SHIFT);
}

/* Reads an entry of a table.  CPUs may set bits of it meanwhile. */
static inline uint64_t altp2m_read_entry(mfn_t table, unsigned int idx)
{
    const uint64_t *map = map_domain_page(table);
    uint64_t entry = read_atomic(&map[idx]);

    unmap_domain_page(map);

    return entry;
}

/* The number of gfns that one entry of a table at @level covers. */
static inline unsigned long level_span(unsigned int level)
{
    return 1UL << (level * TABLE_ORDER);
}

/* The index of @gfn's entry in a table at @level. */
static inline unsigned int level_index(unsigned long gfn, unsigned int level)
{
    return (gfn >> (level * TABLE_ORDER)) & (TABLE_ENTRIES - 1);
}

/* The first gfn of the table at @level that covers @gfn. */
static inline unsigned long level_base(unsigned long gfn, unsigned int level)
{
    return gfn & ~(level_span(level + 1) - 1);
}

/* The level of the largest entry at @gfn that has no more than @count gfns. */
static inline unsigned int altp2m_level_of(unsigned long gfn,
                                           unsigned long count)
{
    unsigned int level = ROOT_LEVEL;

    while ( level && (count < level_span(level) ||
                      (gfn & (level_span(level) - 1))) )
        level--;

    return level;
}

/* The first gfn that entry @idx of a node's table covers. */
static inline unsigned long node_gfn(const struct altp2m_node *node,
                                     unsigned int idx)
{
    return node->gfn + idx * level_span(node->level);
}

/*
 * Returns the node's private table for a side, or INVALID_MFN.  A node has 36
 * bits for two of them: Xen numbers all memory by fewer (pdx).  0 is none.
 */
static inline mfn_t node_table(const struct altp2m_node *node,
                               enum altp2m_side side)
{
    unsigned long pdx = side == SIDE_EXECUTE
                        ? node->execute
                        : ((unsigned long)node->step_high << 28) |
                          node->step_low;

    if ( side == SIDE_DATA )
        return node->table;

    return pdx ? pdx_to_mfn(pdx) : INVALID_MFN;
}

static inline void node_set_table(struct altp2m_node *node,
                                  enum altp2m_side side, mfn_t table)
{
    unsigned long pdx = mfn_eq(table, INVALID_MFN) ? 0 : mfn_to_pdx(table);

    switch ( side )
    {
    case SIDE_DATA:
        node->table = table;
        break;

    case SIDE_EXECUTE:
        node->execute = pdx;
        break;

    case SIDE_STEP:
        node->step_low = pdx;
        node->step_high = pdx >> 28;
        break;
    }
}

/* Has the node a private table for a side?  It may be out of date. */
static inline bool node_has_side(const struct altp2m_node *node,
                                 enum altp2m_side side)
{
    return !mfn_eq(node_table(node, side), INVALID_MFN);
}

/*
 * Has it one for another side than the data side?  Once a view has had one it
 * is @sided: so others cost a test.
 */
static inline bool node_has_sides(const struct altp2m_node *node)
{
    return unlikely(node->view->sided) &&
           (node->execute | node->step_low | node->step_high);
}

/* Has the node a private table? */
static inline bool node_has_table(const struct altp2m_node *node)
{
    return node_has_side(node, SIDE_DATA);
}

#endif /* X86_MM_ALTP2M_FORMAT_H */
