/* SPDX-License-Identifier: GPL-2.0-only */
/* What a view overrides and shows, read in runs: where runs end and go on. */
#include "unit.h"

#define TABLE 0x1000UL            /* where the host has pages of 4k only */

static void set(unsigned long gfn, unsigned long count,
                xenmem_access_t access)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    unsigned int rounds;

    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = access, .gfn = gfn,
        .count = count };
    EXPECT(whole(&op, &rounds), 0);
}

/* The reference model knows nothing of what set() has set. */
static void clear_all(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    unsigned int rounds;

    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .clear = 7, .count = MAX_GFN + 1 };
    EXPECT(whole(&op, &rounds), 0);
    check_all();
    audit();
}

/* Reads; where it goes on must be @next. */
static unsigned int read_runs(uint32_t cmd, unsigned int room,
                              unsigned long first, unsigned long last,
                              unsigned long next)
{
    op_t op = read_op(cmd, 1, room);
    struct xen_altp2m_read *r = PARAMETERS(&op, read);
    unsigned int rounds;

    r->next = first;
    r->last = last;
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(r->next, next);

    return r->nr;
}

static unsigned int read_overrides(unsigned int room, unsigned long first,
                                   unsigned long last, unsigned long next)
{
    return read_runs(HVMOP_altp2m_read_overrides, room, first, last, next);
}

static void is_override(unsigned int i, unsigned long gfn, unsigned long count,
                        unsigned int level)
{
    struct xen_altp2m_override *o = (struct xen_altp2m_override *)buffer() + i;

    EXPECT(o->gfn, gfn);
    EXPECT(o->count, count);
    EXPECT(o->level, level);
}

/* A run goes on in the next node; others begin in a node's last slots. */
static void test_borders(void)
{
    two_views();
    set(0x1fe, 4, XENMEM_access_rx);
    set(0x3f9, 1, XENMEM_access_rx);
    set(0x3ff, 1, XENMEM_access_rx);
    set(0x401, 1, XENMEM_access_rx);
    set(0x5ff, 1, XENMEM_access_rx);
    EXPECT(read_overrides(8, 0, ~0UL, -1), 5);
    is_override(0, 0x1fe, 4, 0);
    is_override(1, 0x3f9, 1, 0);
    is_override(2, 0x3ff, 1, 0);
    is_override(3, 0x401, 1, 0);
    is_override(4, 0x5ff, 1, 0);
    clear_all();
}

/* Overrides of large entries, beside those of pages and by themselves. */
static void test_large(void)
{
    two_views();
    set(0x1ff, 0x202, XENMEM_access_rx);
    set(0x80000, 0x40000, XENMEM_access_rx);
    EXPECT(read_overrides(8, 0x10, ~0UL, -1), 4);
    is_override(0, 0x1ff, 1, 0);
    is_override(1, 0x200, 0x200, 1);
    is_override(2, 0x400, 1, 0);
    is_override(3, 0x80000, 0x40000, 2);

    /* First and last gfn inside one. */
    EXPECT(read_overrides(8, 0x2ab, 0x2cd, -1), 1);
    is_override(0, 0x2ab, 0x23, 1);
    EXPECT(read_overrides(8, 0x2ab, 0x400, -1), 2);
    is_override(0, 0x2ab, 0x155, 1);
    is_override(1, 0x400, 1, 0);
    EXPECT(read_overrides(8, 0x401, 0x80000, -1), 1);
    is_override(0, 0x80000, 1, 2);

    /* A page of one is set otherwise: another node is in its midst. */
    set(0x80207, 1, XENMEM_access_r);
    EXPECT(read_overrides(8, 0x80100, 0x805ff, -1), 5);
    is_override(0, 0x80100, 0x100, 1);
    is_override(1, 0x80200, 7, 0);
    is_override(2, 0x80207, 1, 0);
    is_override(3, 0x80208, 0x1f8, 0);
    is_override(4, 0x80400, 0x200, 1);
    clear_all();
}

/* The last gfn, and the end of the room, inside a run and before one. */
static void test_ends(void)
{
    two_views();
    set(0x1100, 0x20, XENMEM_access_rx);
    set(0x1120, 0x20, XENMEM_access_r);
    set(0x1201, 0x3fe, XENMEM_access_rx);
    set(0x1700, 1, XENMEM_access_rx);
    EXPECT(read_overrides(8, 0x1105, 0x110a, -1), 1);
    is_override(0, 0x1105, 6, 0);
    EXPECT(read_overrides(8, 0x1100, 0x111f, -1), 1);
    is_override(0, 0x1100, 0x20, 0);
    EXPECT(read_overrides(8, 0x1110, 0x1120, -1), 2);
    is_override(1, 0x1120, 1, 0);
    EXPECT(read_overrides(1, 0x1000, ~0UL, 0x1120), 1);
    is_override(0, 0x1100, 0x20, 0);

    /* The only record goes on in a second node; what follows has no room. */
    EXPECT(read_overrides(1, 0x1140, ~0UL, 0x1700), 1);
    is_override(0, 0x1201, 0x3fe, 0);
    EXPECT(read_overrides(1, 0x1600, 0x16ff, -1), 0);
    clear_all();
}

/* More runs in a node than a section has room for, and steps for. */
static void test_many(void)
{
    const struct xen_altp2m_override *o = buffer();
    unsigned int i;

    two_views();
    for ( i = 0; i < 200; i++ )
        set(TABLE + i * 7, 1, i % 3 ? XENMEM_access_rx : XENMEM_access_r);
    preempt_mask = ~0u;
    EXPECT(read_overrides(1000, 0, ~0UL, -1), 200);
    preempt_mask = 0;
    for ( i = 0; i < 200; i++ )
    {
        is_override(i, TABLE + i * 7, 1, 0);
        EXPECT(o[i].access, i % 3 ? XENMEM_access_rx : XENMEM_access_r);
    }
    clear_all();
}

static void is_map(unsigned int i, unsigned long gfn, unsigned long count,
                   unsigned int kind, unsigned int access, unsigned int host)
{
    struct xen_altp2m_map *m = (struct xen_altp2m_map *)buffer() + i;

    EXPECT(m->gfn, gfn);
    EXPECT(m->count, count);
    EXPECT(m->source, gfn);
    EXPECT(m->kind, kind);
    EXPECT(m->access, access);
    EXPECT(m->host_access, host);
}

static void pages(unsigned long gfn, unsigned int nr, p2m_type_t t,
                  p2m_access_t access)
{
    for ( ; nr--; gfn++ )
        EXPECT(host_set(gfn, 0x100000 + gfn, 0, t, access), 0);
}

/* One override, and none, where the host changes, and back. */
static void test_map_host(void)
{
    unsigned int i;

    two_views();
    pages(TABLE, 16, p2m_ram_rw, p2m_access_rwx);
    pages(TABLE + 4, 2, p2m_ram_ro, p2m_access_rwx);
    pages(TABLE + 8, 3, p2m_ram_rw, p2m_access_r);
    set(TABLE + 2, 4, XENMEM_access_rx);
    set(TABLE + 9, 4, XENMEM_access_rx);
    for ( i = 1; i <= 8; i *= 8 )
        EXPECT(read_runs(HVMOP_altp2m_read_map, i, TABLE, TABLE + 15,
                         i == 1 ? TABLE + 2 : -1), i);
    is_map(0, TABLE, 2, XEN_ALTP2M_KIND_RAM, XENMEM_access_rwx,
           XENMEM_access_rwx);
    is_map(1, TABLE + 2, 2, XEN_ALTP2M_KIND_RAM, XENMEM_access_rx,
           XENMEM_access_rwx);
    is_map(2, TABLE + 4, 2, XEN_ALTP2M_KIND_ROM, XENMEM_access_rx,
           XENMEM_access_rwx);
    is_map(3, TABLE + 6, 2, XEN_ALTP2M_KIND_RAM, XENMEM_access_rwx,
           XENMEM_access_rwx);
    is_map(4, TABLE + 8, 1, XEN_ALTP2M_KIND_RAM, XENMEM_access_r,
           XENMEM_access_r);
    is_map(5, TABLE + 9, 2, XEN_ALTP2M_KIND_RAM, XENMEM_access_rx,
           XENMEM_access_r);
    is_map(6, TABLE + 11, 2, XEN_ALTP2M_KIND_RAM, XENMEM_access_rx,
           XENMEM_access_rwx);
    is_map(7, TABLE + 13, 3, XEN_ALTP2M_KIND_RAM, XENMEM_access_rwx,
           XENMEM_access_rwx);
    clear_all();
}

/* A run of many pages, of which the CPU has used each second. */
static void test_map_used(void)
{
    const uint64_t cpu_bits = altp2m_format()->cpu_bits;
    op_t op = read_op(HVMOP_altp2m_read_map, 1, 2);
    struct altp2m_lookup above;
    unsigned int rounds, i;
    uint64_t *table;

    two_views();
    pages(TABLE, 512, p2m_ram_rw, p2m_access_rwx);
    altp2m_lock(model_domain);
    altp2m_host_lookup(model_domain, TABLE, 1, &above);
    altp2m_unlock(model_domain);
    table = map_domain_page(altp2m_frame(above.entry));
    for ( i = 0; i < 512; i += 2 )
        table[i] ^= cpu_bits;
    unmap_domain_page(table);
    set(TABLE + 500, 1, XENMEM_access_rx);

    PARAMETERS(&op, read)->next = TABLE;
    PARAMETERS(&op, read)->last = TABLE + 500;
    preempt_mask = ~0u;
    EXPECT(whole(&op, &rounds), 0);
    preempt_mask = 0;
    /* What the CPU sets ends no step: all is done at once. */
    EXPECT(rounds, 1);
    EXPECT(PARAMETERS(&op, read)->nr, 2);
    is_map(0, TABLE, 500, XEN_ALTP2M_KIND_RAM, XENMEM_access_rwx,
           XENMEM_access_rwx);
    is_map(1, TABLE + 500, 1, XEN_ALTP2M_KIND_RAM, XENMEM_access_rx,
           XENMEM_access_rwx);

    /* The last gfn inside the run. */
    EXPECT(read_runs(HVMOP_altp2m_read_map, 2, TABLE + 1, TABLE + 100, -1), 1);
    is_map(0, TABLE + 1, 100, XEN_ALTP2M_KIND_RAM, XENMEM_access_rwx,
           XENMEM_access_rwx);

    /* Room for the run, which takes several steps, and not for the next. */
    EXPECT(read_runs(HVMOP_altp2m_read_map, 1, TABLE + 1, ~0UL, TABLE + 500),
           1);
    is_map(0, TABLE + 1, 499, XEN_ALTP2M_KIND_RAM, XENMEM_access_rwx,
           XENMEM_access_rwx);
    clear_all();
}

const struct unit_test read_tests[] = {
    { "read-borders", test_borders },
    { "read-large", test_large },
    { "read-ends", test_ends },
    { "read-many", test_many },
    { "read-map-host", test_map_host },
    { "read-map-host-amd", test_map_host, true },
    { "read-map-used", test_map_used },
    { "read-map-used-amd", test_map_used, true },
    { }
};
