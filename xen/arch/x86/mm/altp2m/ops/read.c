/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: operations that read many records: a view's overrides, its map.
 *
 * Some records are collected with the lock held, and copied to the caller after
 * it is dropped.  A record of a run of gfns may continue in the next part,
 * which begins by reading the caller's last record back.
 */

#include "ops.h"

#define LOOKUPS 64u              /* in one locked section */

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

/* Returns the last record, or NULL. */
static void *last_record(struct altp2m_records *out)
{
    return out->nr ? record(out, out->nr - 1) : NULL;
}

/* Fills in a record from @at's override. */
void altp2m_describe(const struct altp2m_at *at, struct xen_altp2m_override *o)
{
    memset(o, 0, sizeof(*o));
    o->gfn = at->gfn;
    o->level = at->level;

    if ( at->slot & SLOT_ACCESS )
    {
        o->set |= XEN_ALTP2M_ACCESS;
        o->access = altp2m_xenmem_access((at->slot & SLOT_ACCESS) - 1);
    }
    if ( at->slot & SLOT_SVE )
    {
        o->set |= XEN_ALTP2M_SVE;
        o->sve = slot_sve(at->slot);
    }
    if ( at->slot & SLOT_REMAP )
    {
        const struct altp2m_remap *remap = altp2m_remap(at->view, at->gfn);

        o->set |= XEN_ALTP2M_REMAP;
        o->target = remap->target;
        o->dormant = remap->dormant;
    }
}

/* Does the run of @last continue with @o? */
static bool override_goes_on(const struct xen_altp2m_override *last,
                             const struct xen_altp2m_override *o)
{
    return last && last->gfn + last->count == o->gfn &&
           last->set == o->set && last->access == o->access &&
           last->sve == o->sve && last->level == o->level &&
           last->dormant == o->dormant &&
           (!(o->set & XEN_ALTP2M_REMAP) ||
            last->target + last->count == o->target);
}

/* HVMOP_altp2m_read_overrides. */
int altp2m_read_overrides(struct domain *d, struct xen_altp2m_read *r,
                          struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    unsigned long last = min_t(uint64_t, r->last, MAX_GFN), gfn = r->next;
    unsigned int i;

    if ( !view )
        return -ENOENT;

    for ( i = 0; i < LOOKUPS && gfn <= last; i++ )
    {
        const struct altp2m_node *node = altp2m_lowest_node(view, gfn);
        unsigned long end = min(gfn | (level_span(node->level) - 1), last);
        altp2m_slot_t slot = node_slot(node, gfn);

        if ( slot )
        {
            struct xen_altp2m_override *prev = last_record(out), o, *new;
            struct altp2m_at at = { .view = view, .gfn = gfn, .slot = slot,
                                    .level = node->level };

            if ( slot & SLOT_REMAP )        /* is it dormant now? */
                altp2m_remap_source(d, view, gfn, &at.source);
            altp2m_describe(&at, &o);
            o.count = end - gfn + 1;
            if ( override_goes_on(prev, &o) )
                prev->count += o.count;
            else if ( (new = altp2m_next_record(out)) != NULL )
                *new = o;
            else
                break;
        }
        gfn = end + 1;
    }

    r->next = gfn > last ? XEN_ALTP2M_NONE : gfn;

    return gfn <= last;
}

/* Returns the kind of a page, XEN_ALTP2M_KIND_*. */
uint8_t altp2m_kind(const struct altp2m_lookup *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    if ( p2m_is_paging(t) || p2m_is_pod(t) )
        return XEN_ALTP2M_KIND_PAGED;
    if ( p2m_is_shared(t) )
        return XEN_ALTP2M_KIND_SHARED;
    if ( t == p2m_ram_ro )
        return XEN_ALTP2M_KIND_ROM;
    if ( p2m_is_ram(t) )
        return XEN_ALTP2M_KIND_RAM;
    if ( p2m_is_any_ram(t) )
        return XEN_ALTP2M_KIND_GRANT;

    return t == p2m_mmio_direct ? XEN_ALTP2M_KIND_MMIO : XEN_ALTP2M_KIND_HOLE;
}

/* Returns the lowest level >= @level at which the view has a table for @gfn. */
static unsigned int table_level(struct altp2m_view *view, unsigned long gfn,
                                unsigned int level)
{
    while ( level < ROOT_LEVEL )
    {
        const struct altp2m_node *node = altp2m_node(view, gfn, level);

        if ( node && node_has_table(node) )
            break;
        level++;
    }

    return level;
}

/* Fills in a record of read_map for the entry that covers @gfn. */
static void describe_map(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn, struct xen_altp2m_map *m)
{
    struct altp2m_at at;
    unsigned long span;

    altp2m_find(d, view, gfn, &at);
    span = level_span(min(at.level, at.host.level));

    *m = (struct xen_altp2m_map){
        .gfn = gfn,
        .count = span - (gfn & (span - 1)),
        .source = at.source.gfn,
        .kind = altp2m_kind(&at.source),
        .level = at.host.level,
        .host_access =
            altp2m_xenmem_access(altp2m_format()->access(at.host.entry)),
        .access = altp2m_xenmem_access(at.access),
        .table_level = table_level(view, gfn, at.level),
        .flags = (at.slot ? XEN_ALTP2M_MAP_OVERRIDDEN : 0) |
                 (slot_sve(at.slot) ? XEN_ALTP2M_MAP_SVE : 0),
    };
    if ( at.slot & SLOT_REMAP )
        m->flags |= m->source == gfn ? XEN_ALTP2M_MAP_DORMANT
                                     : XEN_ALTP2M_MAP_REMAPPED;
}

/* Does the run of @last continue with @m? */
static bool map_goes_on(const struct xen_altp2m_map *last,
                        const struct xen_altp2m_map *m)
{
    return last->gfn + last->count == m->gfn &&
           last->source + last->count == m->source && last->kind == m->kind &&
           last->access == m->access && last->host_access == m->host_access &&
           last->level == m->level && last->flags == m->flags &&
           last->table_level == m->table_level;
}

/* HVMOP_altp2m_read_map. */
int altp2m_read_map(struct domain *d, struct xen_altp2m_read *r,
                    struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    unsigned long last = min_t(uint64_t, r->last,
                               p2m_get_hostp2m(d)->max_mapped_pfn);
    unsigned long gfn = r->next;
    unsigned int i;

    if ( !view )
        return -ENOENT;

    for ( i = 0; i < LOOKUPS && gfn <= last; i++ )
    {
        struct xen_altp2m_map *prev = last_record(out), *new, m;

        describe_map(d, view, gfn, &m);
        m.count = min_t(uint64_t, m.count, last - gfn + 1);

        if ( prev && map_goes_on(prev, &m) )
            prev->count += m.count;
        else if ( (new = altp2m_next_record(out)) != NULL )
            *new = m;
        else
            break;
        gfn += m.count;
    }

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
    struct reading reading = { .reader = reader, .r = r,
                               .out.size = reader->size };
    struct altp2m_records *out = &reading.out;
    XEN_GUEST_HANDLE(uint8) buffer;
    unsigned long at;             /* offset in the buffer, may exceed 4 GiB */
    int more;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)r->buffer);

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
                      sizeof(out->data) / out->size);

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
