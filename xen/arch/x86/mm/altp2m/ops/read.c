/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: operations that read many records: a view's overrides, its map.
 *
 * Some records are collected with the lock held, and copied to the caller after
 * it is dropped.  A record of a run of gfns may continue in the next part,
 * which begins by reading the caller's last record back.
 */

#include "ops.h"

#define STEPS   64u              /* in one locked section */
#define ENTRIES 64u              /* of the host's, looked at in one step */

/* Returns the record at index @nr. */
static void *record(struct altp2m_records *out, unsigned int nr)
{
    return (uint8_t *)out->data + nr * out->size;
}

/* Appends a zeroed record.  NULL: there is no more room. */
void *altp2m_next_record(struct altp2m_records *out)
{
    if ( out->nr == out->room )
        return NULL;

    return memset(record(out, out->nr++), 0, out->size);
}

/* A struct xen_altp2m_override or xen_altp2m_map: a run of gfns. */
struct run {
    uint64_t gfn, count, page;    /* @page: the target, or the source */
    uint64_t rest;                /* what all of the run has in common */
};

/*
 * Appends the run that is behind the last record, or adds it to that record if
 * it continues that.  @moves: each gfn has another page.  False: no more room.
 */
static bool append(struct altp2m_records *out, bool moves)
{
    struct run *run = record(out, out->nr), *last = run - 1;

    BUILD_BUG_ON(sizeof(*run) != sizeof(struct xen_altp2m_override) ||
                 sizeof(*run) != sizeof(struct xen_altp2m_map));

    if ( out->nr && last->gfn + last->count == run->gfn &&
         last->page + (moves ? last->count : 0) == run->page &&
         last->rest == run->rest )
        last->count += run->count;
    else if ( out->nr < out->room )
        out->nr++;
    else
        return false;

    return true;
}

/* Fills in a record of the override in slot @idx of @node. */
void altp2m_describe(const struct altp2m_node *node, unsigned int idx,
                     struct xen_altp2m_override *o)
{
    altp2m_slot_t slot = node->slot[idx];

    *o = (struct xen_altp2m_override){
        .gfn = node_gfn(node, idx),
        .count = level_span(node->level),
        .set = (slot & SLOT_ACCESS ? XEN_ALTP2M_ACCESS : 0) |
               (slot & SLOT_SVE ? XEN_ALTP2M_SVE : 0),
        .sve = (slot & SLOT_SVE) && slot_sve(slot),
        .level = node->level,
    };

    if ( slot & SLOT_ACCESS )
        o->access = altp2m_xenmem_access(slot_access(node->view, slot,
                                                     p2m_access_n));
    if ( slot & SLOT_REMAP )
    {
        const struct altp2m_remap *remap = altp2m_remap(node->view, o->gfn);

        o->set |= remap->own ? XEN_ALTP2M_OWN : XEN_ALTP2M_REMAP;
        o->target = remap->own ? 0 : remap->target;
        o->dormant = remap->dormant;
    }
}

/* HVMOP_altp2m_read_overrides. */
int altp2m_read_overrides(struct domain *d, struct xen_altp2m_read *r,
                          struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    unsigned long last = min_t(uint64_t, r->last, MAX_GFN), gfn = r->next, end;
    unsigned int i;

    if ( !view )
        return -ENOENT;

    for ( i = 0; i < STEPS && gfn <= last; i++, gfn = end )
    {
        const struct altp2m_node *node = altp2m_lowest_node(view, gfn);
        unsigned int idx = level_index(gfn, node->level);
        bool remap = node->slot[idx] & SLOT_REMAP;
        struct xen_altp2m_override *o = record(out, out->nr);
        struct altp2m_lookup src;

        end = min(node_gfn(node, altp2m_alike(node, idx)), last + 1);
        if ( !node->slot[idx] )
            continue;

        if ( remap )
            altp2m_remap_source(d, view, gfn, &src);   /* dormant now? */
        altp2m_describe(node, idx, o);
        o->gfn = gfn;
        o->count = end - gfn;
        if ( !append(out, o->set & XEN_ALTP2M_REMAP) )
            break;
    }

    r->next = gfn > last ? XEN_ALTP2M_NONE : gfn;

    return gfn <= last;
}

/* Returns the kind of the page of a host's entry, XEN_ALTP2M_KIND_*. */
uint8_t altp2m_kind(uint64_t entry)
{
    p2m_type_t t = altp2m_format()->type(entry);

    return t == p2m_ram_rw ? XEN_ALTP2M_KIND_RAM :
           p2m_is_hole(t) ? XEN_ALTP2M_KIND_HOLE :
           p2m_is_paging(t) || p2m_is_pod(t) ? XEN_ALTP2M_KIND_PAGED :
           p2m_is_shared(t) ? XEN_ALTP2M_KIND_SHARED :
           t == p2m_ram_ro ? XEN_ALTP2M_KIND_ROM :
           p2m_is_ram(t) ? XEN_ALTP2M_KIND_RAM :
           p2m_is_any_ram(t) ? XEN_ALTP2M_KIND_GRANT :
           t == p2m_mmio_direct ? XEN_ALTP2M_KIND_MMIO : XEN_ALTP2M_KIND_HOLE;
}

/* Where read_map is. */
struct map_at {
    const struct altp2m_node *node;   /* has the slots */
    struct host_entries host;     /* @mirror is the host's 4k table */
    unsigned long end;            /* of the span of both */
    uint8_t table_level;          /* as in a record */
};

/* Goes on to @gfn, where another node or another entry of the host begins. */
static void go_to(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  struct map_at *at)
{
    const struct altp2m_node *node = altp2m_lowest_node(view, gfn);
    struct altp2m_lookup *above = &at->host.above;
    mfn_t table;

    altp2m_unmap_host(&at->host);
    altp2m_host_lookup(d, gfn, 1, above);
    table = altp2m_mirrored(above, 1);
    at->host.mirror = mfn_eq(table, INVALID_MFN) ? NULL
                                                 : map_domain_page(table);
    at->end = (gfn | (level_span(min(node->level + 1u, above->level)) - 1)) + 1;

    at->node = node;
    while ( node->level < ROOT_LEVEL && !node_has_table(node) )
        node = altp2m_parent(node);
    at->table_level = node->level;
}

/* Fills in a record of read_map for @gfn, and those after it that are alike. */
static void describe_map(struct domain *d, const struct map_at *at,
                         unsigned long gfn, struct xen_altp2m_map *m)
{
    struct altp2m_view *view = at->node->view;
    unsigned int idx = level_index(gfn, at->node->level);
    altp2m_slot_t slot = at->node->slot[idx];
    unsigned long most = min(node_gfn(at->node, altp2m_alike(at->node, idx)),
                             at->end) - gfn;
    bool table = at->host.mirror;
    const uint64_t *host = table ? &at->host.mirror[level_index(gfn, 0)]
                                 : &at->host.above.entry;
    const struct altp2m_format *fmt = altp2m_format();
    p2m_access_t access = fmt->access(*host);
    /* Without a right, only the frame may tell a page from a hole. */
    uint64_t alike = *host & fmt->present ? ~ENTRY_FRAME : ~0UL;
    struct altp2m_lookup target;

    m->gfn = m->source = gfn;
    m->kind = altp2m_kind(*host);
    m->access = altp2m_xenmem_access(slot_access(view, slot, access));
    m->host_access = altp2m_xenmem_access(access);
    m->level = table ? 0 : at->host.above.level;
    m->flags = (slot ? XEN_ALTP2M_MAP_OVERRIDDEN : 0) |
               (slot_sve(slot) ? XEN_ALTP2M_MAP_SVE : 0);
    m->table_level = at->table_level;
    m->pad = 0;
    m->count = table ? 1 : most;
    while ( m->count < min_t(unsigned long, most, ENTRIES) &&
            !((host[m->count] ^ *host) & alike) )
        m->count++;

    if ( !(slot & SLOT_REMAP) )
        return;

    if ( altp2m_remap_source(d, view, gfn, &target) )
    {
        m->source = target.gfn;
        m->kind = altp2m_kind(target.entry);
    }
    m->flags |= target.own ? XEN_ALTP2M_MAP_OWN
                : m->source == gfn ? XEN_ALTP2M_MAP_DORMANT
                                   : XEN_ALTP2M_MAP_REMAPPED;
}

/* HVMOP_altp2m_read_map. */
int altp2m_read_map(struct domain *d, struct xen_altp2m_read *r,
                    struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    unsigned long last = min_t(uint64_t, r->last,
                               p2m_get_hostp2m(d)->max_mapped_pfn);
    unsigned long gfn = r->next, end;
    struct map_at at = { };
    unsigned int i;

    if ( !view )
        return -ENOENT;

    for ( i = 0; i < STEPS && gfn <= last; i++, gfn = end )
    {
        struct xen_altp2m_map *m = record(out, out->nr);

        if ( gfn >= at.end || (node_slot(at.node, gfn) & SLOT_CHILD) )
            go_to(d, view, gfn, &at);
        describe_map(d, &at, gfn, m);
        end = min(gfn + m->count, last + 1);
        m->count = end - gfn;
        if ( !append(out, true) )
            break;
    }
    altp2m_unmap_host(&at.host);

    r->next = gfn > last ? XEN_ALTP2M_NONE : gfn;

    return gfn <= last;
}

/* An operation that reads records. */
struct reader {
    altp2m_reader_t *read;
    unsigned int size;
    bool runs;                    /* a record may continue in the next part */
};

#define FIRST HVMOP_altp2m_list_vcpus
#define READER(name, type, runs) \
    [HVMOP_altp2m_ ## name - FIRST] = { altp2m_ ## name, \
                                        sizeof(struct xen_altp2m_ ## type), \
                                        runs }

static const struct reader readers[] = {
    READER(list_vcpus, vcpu, false),
    READER(list_views, view, false),
    READER(read_overrides, override, true),
    READER(read_map, map, true),
    READER(list_tables, table, false),
    READER(read_lost, lost, false),
    READER(audit, mismatch, false),
    READER(read_rules, rule, false),
};

struct reading {
    const struct reader *reader;
    struct xen_altp2m_read *r;
    struct altp2m_records out;
};

static int cf_check read_locked(struct domain *d, void *arg)
{
    struct reading *reading = arg;

    altp2m_redo_more(d);

    return reading->reader->read(d, reading->r, &reading->out);
}

/* Reads one part.  Returns 1 if there may be more, 0, or an error. */
static int read_some(struct domain *d, const struct reader *reader,
                     struct xen_altp2m_read *r)
{
    struct reading reading;       /* not cleared: it is large */
    struct altp2m_records *out = &reading.out;
    XEN_GUEST_HANDLE(uint8) buffer;
    unsigned long at;             /* offset in the buffer, may exceed 4 GiB */
    int more;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)r->buffer);

    reading.reader = reader;
    reading.r = r;
    out->size = reader->size;
    out->nr = 0;
    if ( reader->runs && r->nr )
    {
        r->nr--;
        out->nr = 1;
    }
    at = (unsigned long)r->nr * out->size;
    if ( out->nr && copy_from_guest_offset((uint8_t *)out->data, buffer, at,
                                           out->size) )
        return -EFAULT;
    out->room = min_t(unsigned int, r->room - r->nr,
                      sizeof(out->data) / out->size - 1);

    more = altp2m_section(d, 0, read_locked, &reading);
    if ( more < 0 )
        return more;

    if ( copy_to_guest_offset(buffer, at, (uint8_t *)out->data,
                              out->nr * out->size) )
        return -EFAULT;
    r->nr += out->nr;

    return more;
}

/* Can a caller's buffer of @nr records of @size be at this address? */
bool altp2m_buffer_ok(uint64_t buffer, uint32_t nr, unsigned int size)
{
    uint64_t end = buffer + (uint64_t)nr * size;

    return end >= buffer && (!current->hcall_compat || end <= 1UL << 32);
}

int altp2m_op_read(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_op *op = arg;
    struct xen_altp2m_read *r = altp2m_args(arg);
    const struct reader *reader =
        &readers[array_index_nospec(op->cmd - FIRST, ARRAY_SIZE(readers))];
    struct xen_altp2m_read was;
    int more;

    if ( r->pad1 || r->pad2 || !r->room || r->nr > r->room ||
         r->level > ROOT_LEVEL + 1 )
        return -EINVAL;

    if ( !altp2m_buffer_ok(r->buffer, r->room, reader->size) )
        return -EFAULT;

    for ( ; ; )
    {
        was = *r;
        more = read_some(d, reader, r);
        /* The next call reads again what this one could not hand over. */
        if ( more < 0 )
            *r = was;
        if ( more <= 0 )
            return more;

        /* Full, and the last record does not continue. */
        if ( r->nr == r->room && (!reader->runs || r->next == was.next) )
            return 0;

        if ( hypercall_preempt_check() )
            return -ERESTART;
    }
}
