/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: changing many slots at once. */

#include "change.h"
#include "memo.h"

/* If more slots change than these, the whole table is synced. */
#define FEW 8u

/* Remaps and own pages changed or dropped at a time. */
#define SOME_REMAPS 64u

/*
 * Changes up to @nr slots of a node from @idx on, but none from the first with
 * SLOT_CHILD on, and none after SOME_REMAPS.  Needs no memory.  Returns the
 * number of slots.
 */
unsigned int altp2m_override_slots(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, unsigned int nr,
                                   const struct altp2m_change *change)
{
    unsigned int i, remaps = 0;

    for ( i = 0; i < nr && idx + i < TABLE_ENTRIES && remaps < SOME_REMAPS;
          i++ )
    {
        unsigned long gfn = node_gfn(node, idx + i);
        altp2m_slot_t slot = node->slot[idx + i];
        const struct altp2m_change *now;
        struct altp2m_change here;

        if ( slot & SLOT_CHILD )
            break;

        now = altp2m_change_now(node->view, gfn, slot, change, &here);
        remaps += !!(slot & SLOT_REMAP);
        if ( (slot & SLOT_REMAP) && now->set_target == ALTP2M_CLEAR )
            altp2m_drop_remap(d, altp2m_remap(node->view, gfn));
        altp2m_put_slot(node, idx + i, altp2m_slot_after(slot, now));
        if ( nr <= FEW )
            altp2m_sync(d, node, idx + i);
    }

    if ( nr > FEW )
        altp2m_sync_node(d, node);
    altp2m_tidy(d, node);

    return i;
}

/*
 * Frees up to @max nodes and remaps of a view that no CPU uses any more.
 * Returns what is left of @max: 0 if there may be more to free.
 */
unsigned int altp2m_free_overrides(struct domain *d, struct altp2m_view *view,
                                   unsigned int max)
{
    struct rb_node *rb;

    for ( ; max && (rb = rb_first(&view->remaps)); max-- )
        altp2m_drop_remap(d, rb_entry(rb, struct altp2m_remap, by_gfn));

    for ( ; max && (rb = rb_first(&view->nodes)); max-- )
        altp2m_free_node(d, rb_entry(rb, struct altp2m_node, rb));

    return max;
}

/* Counts as altp2m_put_slot() does, for @nr slots of a 4k table. */
static noinline void count_slots(struct altp2m_node *node, altp2m_slot_t old,
                                 altp2m_slot_t new, unsigned int nr)
{
    altp2m_count(node->view, old, new, nr);
    node->used += (!!new - !!old) * nr;
}

/*
 * altp2m_override() of rights for several pages: the first ones of the list
 * @gfn, up to one that is not in the same private table or is no page of the
 * host's.  Needs no memory.  Returns how many: none if no table is up to date,
 * or another side has one.
 */
unsigned int altp2m_override_run(struct domain *d, struct altp2m_view *view,
                                 const uint64_t *gfn, unsigned int nr,
                                 const struct altp2m_change *change)
{
    struct altp2m_node *node = altp2m_node(view, gfn[0], 0);
    const altp2m_slot_t kept = altp2m_slot_after(0xff, change);
    const altp2m_slot_t set = altp2m_slot_after(0, change);
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t was = 0;        /* the slot that became memo.slot */
    struct host_entries h;
    struct altp2m_memo memo = { };
    unsigned int i, same = 0;     /* more slots changed so, not counted yet */
    unsigned long first;
    uint64_t *map;

    ASSERT(change->set_target == ALTP2M_KEEP);

    if ( !node || !altp2m_walkable(node) || node_has_sides(node) )
        return 0;

    first = node->gfn;
    map = map_domain_page(node->table);
    altp2m_map_host(d, node, &h);

    for ( i = 0; i < nr && gfn[i] - first < TABLE_ENTRIES; i++ )
    {
        unsigned int idx = array_index_nospec(gfn[i] - first, TABLE_ENTRIES);
        uint64_t entry = h.mirror ? h.mirror[idx] : h.above.entry;
        struct altp2m_lookup host;

        /* The memo's host entry has a page, so this one has too. */
        if ( node->slot[idx] == was && memo_fits(&memo, entry) )
        {
            node->slot[idx] = memo.slot;
            same++;
            altp2m_store(d, fmt, &map[idx],
                         memo_derive(&memo, entry, gfn[i]));
            continue;
        }

        altp2m_host_entry(&h, node, idx, &host);
        if ( !altp2m_has_page(&host) )
            break;

        count_slots(node, was, memo.slot, same);
        same = 0;
        was = node->slot[idx];
        altp2m_put_slot(node, idx, (was & kept) | set);
        altp2m_store(d, fmt, &map[idx],
                     altp2m_memo_entry(d, node, idx, &host, &memo));
    }

    count_slots(node, was, memo.slot, same);
    altp2m_unmap_host(&h);
    unmap_domain_page(map);
    altp2m_tidy(d, node);

    return i;
}
