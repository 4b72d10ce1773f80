/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the operation that reads what a view shows, run by run. */

#include "runs.h"

#define ENTRIES 64u              /* of the host's, looked at in one step */

/* Where read_map is. */
struct map_at {
    unsigned long gfn, last;
    unsigned int steps;           /* left: runs */
    unsigned long end;            /* of the span of @node and @host, but not
                                     beyond @last */
    const struct altp2m_node *node;   /* has the slots */
    struct host_entries host;     /* @mirror is the host's 4k table */
    uint8_t table_level;          /* as in a record */
    uint8_t kind;                 /* what the host's @entry means */
    p2m_access_t access;
    uint64_t entry;
    uint64_t alike;               /* entries with the same of these bits mean
                                     the same */
    struct said none, some;       /* without an override; with the last one */
};

/* Returns what runs say whose slots are @slot, but for what a remap changes. */
static struct said say(const struct map_at *at, altp2m_slot_t slot)
{
    p2m_access_t access = slot_access(at->node->view, slot, at->access);
    const union run run = {
        .map = {
            .kind = at->kind,
            .access = altp2m_xenmem_access(access),
            .host_access = altp2m_xenmem_access(at->access),
            .level = at->host.mirror ? 0 : at->host.above.level,
            .flags = (slot ? XEN_ALTP2M_MAP_OVERRIDDEN : 0) |
                     (slot_sve(slot) ? XEN_ALTP2M_MAP_SVE : 0),
            .table_level = at->table_level,
        },
    };

    return (struct said){ slot, run.rest };
}

/* Notes what the host's @entry means. */
static void note_host(struct map_at *at, uint64_t entry)
{
    const struct altp2m_format *fmt = altp2m_format();

    at->kind = altp2m_kind(entry);
    at->access = fmt->access(entry);
    at->entry = entry;
    /* Without a right, only the frame may tell a page from a hole. */
    at->alike = entry & fmt->present ? ~(ENTRY_FRAME | fmt->cpu_bits) : ~0UL;
    at->none = at->some = say(at, 0);
}

/* Finds the node and the entries of the host for the gfn that @at is at. */
static void go_on(struct domain *d, struct altp2m_view *view, struct map_at *at)
{
    const struct altp2m_node *node = altp2m_lowest_node(view, at->gfn);
    struct altp2m_lookup *above = &at->host.above;
    unsigned long span;
    mfn_t table;

    altp2m_unmap_host(&at->host);
    altp2m_host_lookup(d, at->gfn, 1, above);
    table = altp2m_mirrored(above, 1);
    at->host.mirror = mfn_eq(table, INVALID_MFN) ? NULL
                                                 : map_domain_page(table);
    span = level_span(min(node->level + 1u, above->level));
    at->end = min(at->gfn | (span - 1), at->last) + 1;

    at->node = node;
    while ( node->level < ROOT_LEVEL && !node_has_table(node) )
        node = altp2m_parent(node);
    at->table_level = node->level;
    note_host(at, at->host.mirror ? at->host.mirror[level_index(at->gfn, 0)]
                                  : above->entry);
}

/*
 * Returns how many of the @nr entries of the host's from @gfn on mean what the
 * first one does, which it notes; or of some of them.
 */
static unsigned long alike_host(struct map_at *at, unsigned long gfn,
                                unsigned long nr)
{
    const uint64_t *host = &at->host.mirror[level_index(gfn, 0)];
    unsigned long i;

    nr = min_t(unsigned long, nr, ENTRIES);
    for ( i = 0; i < nr; i++ )
        if ( (host[i] ^ at->entry) & at->alike )
        {
            if ( i )
                break;
            note_host(at, *host);
        }

    return i;
}

/* Fills in what a remap of the record's gfn changes in it. */
static void say_remap(struct domain *d, struct altp2m_view *view,
                      struct xen_altp2m_map *m)
{
    struct altp2m_lookup target;

    if ( altp2m_remap_source(d, view, m->gfn, &target) )
    {
        m->source = target.gfn;
        m->kind = altp2m_kind(target.entry);
    }
    m->flags |= target.own ? XEN_ALTP2M_MAP_OWN
                : m->source == m->gfn ? XEN_ALTP2M_MAP_DORMANT
                                      : XEN_ALTP2M_MAP_REMAPPED;
}

/* Appends runs from @at on, to where go_on() is due.  False: no more room. */
static bool read_span(struct domain *d, struct map_at *at,
                      struct altp2m_records *out)
{
    const struct altp2m_node *node = at->node;
    unsigned long gfn = at->gfn, end = at->end, nr;
    unsigned int steps = at->steps;
    bool room = true;

    for ( ; steps && gfn < end; steps--, gfn += nr )
    {
        unsigned int idx = level_index(gfn, node->level);
        altp2m_slot_t slot = node->slot[idx];
        union run *run = new_run(out);

        if ( slot & SLOT_CHILD )
            break;

        nr = min(node_gfn(node, run_end(node, idx, slot)), end) - gfn;
        if ( at->host.mirror )
            nr = alike_host(at, gfn, nr);
        if ( slot && slot != at->some.slot )
            at->some = say(at, slot);

        run->gfn = run->page = gfn;
        run->count = nr;
        run->rest = slot ? at->some.rest : at->none.rest;
        if ( slot & SLOT_REMAP )
            say_remap(d, node->view, &run->map);
        room = append(out, run, true);
        if ( !room )
            break;
    }
    at->gfn = gfn;
    at->steps = steps;

    return room;
}

/* HVMOP_altp2m_read_map. */
int altp2m_read_map(struct domain *d, struct xen_altp2m_read *r,
                    struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    struct map_at at = {
        .gfn = r->next,
        .last = min_t(uint64_t, r->last, p2m_get_hostp2m(d)->max_mapped_pfn),
        .steps = STEPS,
    };
    bool room = true;

    if ( !view )
        return -ENOENT;

    while ( room && at.steps && at.gfn <= at.last )
    {
        go_on(d, view, &at);
        room = read_span(d, &at, out);
    }
    altp2m_unmap_host(&at.host);

    r->next = at.gfn > at.last ? XEN_ALTP2M_NONE : at.gfn;

    return at.gfn <= at.last;
}
