/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the entry memo, by which one entry is derived from another.
 *
 * The memo (struct made) has the last entry that was computed and what it was
 * computed from.  Where the next entry differs in its frame only, it is derived
 * from the memo, and a whole table in steps of eight entries.
 */

#include "cache.h"

uint64_t altp2m_make_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_source *host,
                           struct made *made)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    uint64_t new = altp2m_slot_entry(d, node, idx, host);
    p2m_type_t t = fmt->type(host->entry);
    bool hole = t == p2m_invalid;
    bool table = altp2m_points(fmt, host->entry, host->level);

    made->valid = !(slot & (SLOT_CHILD | SLOT_REMAP)) &&
                  (hole ||
                   ((host->entry & fmt->present) && (new & ENTRY_FRAME) &&
                    (table ? !altp2m_gives_back(node->view, slot) ||
                             !altp2m_host_restricted(d)
                           : p2m_is_ram(t))));
    made->host = host->entry;
    made->entry = new;
    made->frame = hole || host->level > node->level ? 0 : ENTRY_FRAME;
    made->step = !hole && host->level > node->level ? ~0UL : 0;
    made->gfn = host->gfn;
    made->def = node->view->default_access;
    made->slot = slot;

    return new;
}

/* Do eight host entries differ from @host in @frame's bits only? */
static inline bool alike(const uint64_t *entry, uint64_t host, uint64_t frame)
{
    BUILD_BUG_ON(FILL_STEP != 8);

    return !(((entry[0] ^ host) | (entry[1] ^ host) | (entry[2] ^ host) |
              (entry[3] ^ host) | (entry[4] ^ host) | (entry[5] ^ host) |
              (entry[6] ^ host) | (entry[7] ^ host)) & ~frame);
}

static inline bool all_are(const uint64_t *entry, uint64_t value)
{
    return entry[0] == value && entry[1] == value && entry[2] == value &&
           entry[3] == value && entry[4] == value && entry[5] == value &&
           entry[6] == value && entry[7] == value;
}

static inline void fill_changed(uint64_t *entry, const uint64_t *from,
                                uint64_t change)
{
    entry[0] = from[0] ^ change;
    entry[1] = from[1] ^ change;
    entry[2] = from[2] ^ change;
    entry[3] = from[3] ^ change;
    entry[4] = from[4] ^ change;
    entry[5] = from[5] ^ change;
    entry[6] = from[6] ^ change;
    entry[7] = from[7] ^ change;
}

/*
 * Writes entries from @i on, as long as they can be derived from @made, in steps,
 * into a table that is not in use.  Returns the first index not written.
 */
static unsigned int fill_like(uint64_t *map, const struct altp2m_node *node,
                              unsigned int i, const struct host_entries *h,
                              const struct made *made)
{
    const uint64_t all = ~0UL / 0xff;          /* a slot in each byte */
    uint64_t slots, step = level_span(node->level) << PAGE_SHIFT;

    for ( ; i < TABLE_ENTRIES; i += FILL_STEP )
    {
        memcpy(&slots, &node->slot[i], sizeof(slots));
        if ( slots != made->slot * all )
            break;

        if ( !h->mirror )
            fill(&map[i],
                 made->entry + (((node_gfn(node, i) - made->gfn) & made->step)
                                << PAGE_SHIFT),
                 step & made->step);
        else if ( !made->frame )
        {
            if ( !all_are(&h->mirror[i], made->host) )
                break;
            fill(&map[i], made->entry, 0);
        }
        else if ( alike(&h->mirror[i], made->host, made->frame) )
            fill_changed(&map[i], &h->mirror[i], made->host ^ made->entry);
        else
            break;
    }

    return i;
}

/* Computes all entries of a table that is not in use. */
void altp2m_fill_table(struct domain *d, struct altp2m_node *node)
{
    struct made made = { };
    struct host_entries h;
    uint64_t *map = map_domain_page(node->table);
    unsigned int i;

    altp2m_map_host(d, node, &h);

    for ( i = 0; i < TABLE_ENTRIES; )
    {
        struct altp2m_source host;

        if ( made.valid && !(i % FILL_STEP) )
        {
            i = fill_like(map, node, i, &h, &made);
            if ( i == TABLE_ENTRIES )
                break;
        }

        altp2m_host_entry(&h, node, i, &host);
        write_atomic(&map[i], entry_like(d, node, i, &host, &made));
        i++;
    }

    altp2m_unmap_host(&h);
    unmap_domain_page(map);
}
