/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: operations that read many records; and the one that reads what
 * a view overrides.
 *
 * Some records are collected with the lock held, and copied to the caller after
 * it is dropped.  A record of a run of gfns may continue in the next part,
 * which begins by reading the caller's last record back.
 */

#include "runs.h"

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

/* Where read_overrides is. */
struct overrides_at {
    unsigned long gfn, last;
    unsigned int steps;           /* left: a node or a run is one */
};

/*
 * Appends the overrides of @node from @at on, to where another node has them.
 * False: there is no more room.
 */
static bool read_node(struct domain *d, const struct altp2m_node *node,
                      struct overrides_at *at, struct altp2m_records *out)
{
    unsigned int idx = level_index(at->gfn, node->level);
    struct said said = { };       /* of the last override, unless a remap */
    struct altp2m_lookup src;

    for ( ; at->steps; at->steps-- )
    {
        union run *run = new_run(out);
        altp2m_slot_t slot;

        idx = used_from(node, idx);
        at->gfn = max(at->gfn, node_gfn(node, idx));
        if ( at->gfn > at->last || idx == TABLE_ENTRIES ||
             (node->slot[idx] & SLOT_CHILD) )
            break;

        slot = node->slot[idx];
        if ( slot & SLOT_REMAP )  /* dormant now? */
            altp2m_remap_source(d, node->view, at->gfn, &src);
        if ( slot != said.slot || (slot & SLOT_REMAP) )
        {
            altp2m_describe(node, idx, &run->override);
            said = (struct said){ slot, run->rest };
        }
        else
        {
            run->page = 0;
            run->rest = said.rest;
        }

        idx = run_end(node, idx, slot);
        run->gfn = at->gfn;
        run->count = min(node_gfn(node, idx), at->last + 1) - at->gfn;
        if ( !append(out, run, run->override.set & XEN_ALTP2M_REMAP) )
            return false;
        at->gfn += run->count;
    }

    return true;
}

/* HVMOP_altp2m_read_overrides. */
int altp2m_read_overrides(struct domain *d, struct xen_altp2m_read *r,
                          struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    struct overrides_at at = {
        .gfn = r->next, .last = min_t(uint64_t, r->last, MAX_GFN),
        .steps = STEPS,
    };
    bool room = true;

    if ( !view )
        return -ENOENT;

    while ( room && at.steps && at.gfn <= at.last )
    {
        at.steps--;
        room = read_node(d, altp2m_lowest_node(view, at.gfn), &at, out);
    }

    r->next = at.gfn > at.last ? XEN_ALTP2M_NONE : at.gfn;

    return at.gfn <= at.last;
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
