/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: computing the entries of a whole table, by the entry memo. */

#include "memo.h"

/* Computes an entry, and makes it the memo. */
uint64_t altp2m_memo_compute(struct domain *d, struct altp2m_node *node,
                             unsigned int idx,
                             const struct altp2m_lookup *host,
                             struct altp2m_memo *memo)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    uint64_t new = altp2m_slot_entry(d, node, idx, host, memo->side);
    bool super = host->level > node->level;
    bool derivable = false;

    /* Whether a table is shared may depend on which table it is. */
    if ( (host->entry & fmt->present) && (new & ENTRY_FRAME) )
        derivable = altp2m_points(fmt, host->entry, host->level)
                    ? !altp2m_gives_back(node->view, slot) ||
                      !altp2m_host_restricted(d)
                    : p2m_is_ram(fmt->type(host->entry));

    *memo = (struct altp2m_memo){
        .host = host->entry,
        .entry = new,
        .fixed = super ? ~0UL : ~ENTRY_FRAME,
        .gfn = host->gfn,
        .step = super ? ~0UL : 0,
        .side = memo->side,
        .slot = slot,
        .valid = derivable && !(slot & SLOT_BEYOND),
    };

    return new;
}

/* Entries derived at a time, in a table that CPUs do not walk yet. */
#define FILL_STEP 8u

/* Reads eight slots of a node, from @i on. */
static inline uint64_t slots_at(const struct altp2m_node *node, unsigned int i)
{
    uint64_t slots;

    BUILD_BUG_ON(FILL_STEP != sizeof(slots));
    memcpy(&slots, &node->slot[i], sizeof(slots));

    return slots;
}

/* Returns eight slots with the memo's override. */
static inline uint64_t memo_slots(const struct altp2m_memo *memo)
{
    return memo->slot * (~0UL / 0xff);
}

/*
 * Derives entries from @i on in the span of the host's superpage, or of a hole,
 * eight at a time, as long as all of them can be; into a table that is not in
 * use.  Returns the first index not written.  Not inline: as it is, it has a
 * register for each of its variables.
 */
static noinline unsigned int fill_spanned(uint64_t *map,
                                          const struct altp2m_node *node,
                                          unsigned int i,
                                          const struct altp2m_memo *memo)
{
    const uint64_t slots = memo_slots(memo);
    uint64_t value = memo_derive(memo, memo->host, node_gfn(node, i));
    uint64_t step = (level_span(node->level) << PAGE_SHIFT) & memo->step;

    for ( ; i < TABLE_ENTRIES && slots_at(node, i) == slots; i += FILL_STEP )
    {
        uint64_t *entry = &map[i];

        entry[0] = value;
        entry[1] = value += step;
        entry[2] = value += step;
        entry[3] = value += step;
        entry[4] = value += step;
        entry[5] = value += step;
        entry[6] = value += step;
        entry[7] = value += step;
        value += step;
    }

    return i;
}

/*
 * Stores eight of @host's entries, xored with @differs.  Returns whether they
 * can be derived: they have @like's bits where @fixed has bits.
 */
static inline bool fill_alike(uint64_t *entry, const uint64_t *host,
                              uint64_t differs, uint64_t like, uint64_t fixed)
{
    return !((((entry[0] = host[0] ^ differs) ^ like) |
              ((entry[1] = host[1] ^ differs) ^ like) |
              ((entry[2] = host[2] ^ differs) ^ like) |
              ((entry[3] = host[3] ^ differs) ^ like) |
              ((entry[4] = host[4] ^ differs) ^ like) |
              ((entry[5] = host[5] ^ differs) ^ like) |
              ((entry[6] = host[6] ^ differs) ^ like) |
              ((entry[7] = host[7] ^ differs) ^ like)) & fixed);
}

/*
 * As fill_spanned(), from the entries of the host's table @host.  What is
 * stored from the index returned on means nothing.
 */
static noinline unsigned int fill_mirrored(uint64_t *map,
                                           const struct altp2m_node *node,
                                           unsigned int i, const uint64_t *host,
                                           const struct altp2m_memo *memo)
{
    const uint64_t slots = memo_slots(memo), fixed = memo->fixed;
    const uint64_t like = memo->entry, differs = memo->host ^ like;

    while ( i < TABLE_ENTRIES && slots_at(node, i) == slots &&
            fill_alike(&map[i], &host[i], differs, like, fixed) )
        i += FILL_STEP;

    return i;
}

/* Has the host nothing at eight entries, which it has at @host? */
static inline bool holes(const uint64_t *host, uint64_t stale)
{
    return !((host[0] | host[1] | host[2] | host[3] | host[4] | host[5] |
              host[6] | host[7]) & ~stale);
}

/* As fill_spanned(), for holes of the host that the view does not remap. */
static unsigned int fill_holes(uint64_t *map, const struct altp2m_node *node,
                               unsigned int first, const struct host_entries *h)
{
    const uint64_t all = ~0UL / 0xff, stale = altp2m_format()->stale;
    unsigned int i = first;

    if ( !h->mirror && (h->above.entry & ~stale) )
        return i;

    while ( i < TABLE_ENTRIES && !(slots_at(node, i) & (SLOT_BEYOND * all)) &&
            (!h->mirror || holes(&h->mirror[i], stale)) )
        i += FILL_STEP;

    fill_words(&map[first], stale, i - first);

    return i;
}

static void fill_by_memo(struct domain *d, struct altp2m_node *node,
                         enum altp2m_side side, uint64_t *map,
                         const struct host_entries *h)
{
    struct altp2m_memo memo = { .side = side };
    struct altp2m_lookup host;
    unsigned int i;

    /* Most often all entries are like the first. */
    altp2m_host_entry(h, node, 0, &host);
    altp2m_memo_entry(d, node, 0, &host, &memo);

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        if ( !(i % FILL_STEP) )
            i = fill_holes(map, node, i, h);
        if ( memo.valid && !(i % FILL_STEP) )
            i = h->mirror ? fill_mirrored(map, node, i, h->mirror, &memo)
                          : fill_spanned(map, node, i, &memo);
        if ( i == TABLE_ENTRIES )
            break;

        altp2m_host_entry(h, node, i, &host);
        map[i] = altp2m_memo_entry(d, node, i, &host, &memo);
    }
}

/*
 * Fills a root that overrides nothing, and returns true, if the host's, @host,
 * has few entries: a page that a guest puts at a high gfn makes it have many.
 */
static bool fill_root(struct domain *d, struct altp2m_node *root,
                      enum altp2m_side side, uint64_t *map,
                      const uint64_t *host)
{
    const uint64_t stale = altp2m_format()->stale;
    unsigned int *entries = &d->arch.altp2m->root_entries;
    unsigned int i, nr = *entries ?: TABLE_ENTRIES;

    while ( nr && !(host[nr - 1] & ~stale) )
        nr--;
    *entries = nr;
    if ( nr > FILL_STEP )
        return false;

    for ( i = 0; i < nr; i++ )
    {
        const struct altp2m_lookup at = {
            .entry = host[i], .level = ROOT_LEVEL, .gfn = node_gfn(root, i),
        };

        map[i] = altp2m_slot_entry(d, root, i, &at, side);
    }

    fill_words(&map[nr], stale, TABLE_ENTRIES - nr);

    return true;
}

/*
 * Sets @node->plain, after all its entries have been computed.  A page out of
 * the directmap has none, and is mapped each time.  What this saves is measured
 * on emulated CPUs only.
 */
static void note_plain(struct altp2m_node *node)
{
    if ( node->level )
        return;

    node->plain = NULL;
    if ( !node_has_sides(node) &&
         slot_access(node->view, 0, p2m_access_rwx) == p2m_access_rwx &&
         arch_mfns_in_directmap(mfn_x(node->table), 1) )
        node->plain = page_to_virt(mfn_to_page(node->table));
}

/* Computes all entries of a table that is not in use. */
void altp2m_fill_table(struct domain *d, struct altp2m_node *node,
                       enum altp2m_side side)
{
    struct host_entries h;
    uint64_t *map = map_domain_page(node_table(node, side));

    altp2m_map_host(d, node, &h);

    if ( node->level != ROOT_LEVEL || node->used ||
         !fill_root(d, node, side, map, h.mirror) )
        fill_by_memo(d, node, side, map, &h);

    altp2m_unmap_host(&h);
    unmap_domain_page(map);
    note_plain(node);
}

static void sync_side(struct domain *d, struct altp2m_node *node,
                      enum altp2m_side side)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_memo memo = { .side = side };
    struct host_entries h;
    uint64_t *map = map_domain_page(node_table(node, side));
    unsigned int i;

    altp2m_map_host(d, node, &h);

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        struct altp2m_lookup host;

        altp2m_host_entry(&h, node, i, &host);
        altp2m_store(d, fmt, &map[i],
                     altp2m_memo_entry(d, node, i, &host, &memo));
    }

    altp2m_unmap_host(&h);
    unmap_domain_page(map);
}

/* Brings all entries of a node's tables up to date.  CPUs may walk these. */
void altp2m_sync_table(struct domain *d, struct altp2m_node *node)
{
    enum altp2m_side side;

    sync_side(d, node, SIDE_DATA);
    note_plain(node);
    if ( likely(!node_has_sides(node)) )
        return;

    for ( side = SIDE_EXECUTE; side < SIDES; side++ )
        if ( node_has_side(node, side) )
            sync_side(d, node, side);
}
