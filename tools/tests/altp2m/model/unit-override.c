/* SPDX-License-Identifier: GPL-2.0-only */
/* Rights and remaps of pages and ranges, and how few entries say them. */
#include "unit.h"

static void test_shared_target(void)
{
    struct domain *d = model_domain;
    unsigned int i;

    two_views();
    for ( i = 0; i < 4; i++ )
    {
        step("remap", 1, 10 + i, 9, 0);
        step("remap", 2, 10 + i, 9, 0);
    }
    step("remap", 1, 10, 0, 0);          /* another target instead */
    step("host-page", 9, 8, 0, 0);       /* the target goes away */
    EXPECT(d->arch.altp2m->lost, 7);
    step("host-page", 9, 0, 0, 1);       /* and comes back, elsewhere */
    step("touch-all", 0, 0, 0, 0);
    EXPECT(d->arch.altp2m->lost, 7);
}

static p2m_access_t access_in(unsigned int view, unsigned int g)
{
    struct domain *d = model_domain;
    altp2m_slot_t slot;
    unsigned int level;

    slot = lookup_at(view_at(d, view), gfns[g], &level);

    return slot & SLOT_ACCESS ? (slot & SLOT_ACCESS) - 1 : p2m_access_rwx;
}

/* A remap brings the rights of its target, and nothing survives its undoing. */
static void test_remap_replaces(void)
{
    struct domain *d = model_domain;
    unsigned int level, used;

    two_views();
    used = machine.pool_used;
    step("access", 1, 0, XENMEM_access_n, 0);
    step("sve", 1, 0, 0, 0);
    step("access", 1, 1, XENMEM_access_rx, 0);
    step("remap", 1, 0, 1, 0);
    EXPECT(access_in(1, 0), p2m_access_rx);
    EXPECT(slot_sve(lookup_at(view_at(d, 1), 0, &level)), true);
    step("access", 1, 0, XENMEM_access_r, 0);
    step("remap", 1, 0, 1, 0);                  /* as it was */
    EXPECT(access_in(1, 0), p2m_access_rx);
    step("access", 1, 1, XENMEM_access_r, 0);   /* its own affair */
    EXPECT(access_in(1, 0), p2m_access_rx);
    step("sve", 1, 0, 0, 0);
    step("remap", 1, 0, 0, 1);
    step("remap", 1, 1, 0, 1);                  /* never remapped */
    EXPECT(lookup_at(view_at(d, 1), 0, &level), 0);
    EXPECT(machine.pool_used, used);
}

/* What the target shows counts, as of now; and it may be what the gfn has. */
static void test_remap_of_remap(void)
{
    struct domain *d = model_domain;
    two_views();
    step("remap", 1, 0, 1, 0);
    step("remap", 1, 9, 0, 0);
    EXPECT(altp2m_remap(view_at(d, 1), 9)->target, 1);
    step("remap", 1, 0, 0, 1);
    EXPECT(altp2m_remap(view_at(d, 1), 9)->target, 1);
    step("remap", 1, 9, 9, 0);                  /* itself: nothing new */
    EXPECT(altp2m_remap(view_at(d, 1), 9)->target, 1);
    step("remap", 1, 1, 9, 0);                  /* its own page, by a detour */
    EXPECT(altp2m_remap(view_at(d, 1), 1) == NULL, true);
    step("remap", 1, 10, 10, 0);
    EXPECT(altp2m_remap(view_at(d, 1), 0x1fe) == NULL, true);
}

/* The host's default access is one as others, and stays when that changes. */
static void test_access_default(void)
{
    two_views();
    step("access", 1, 0, XENMEM_access_r, 0);
    step("default", 0, 0, XENMEM_access_rx, 0);
    step("access", 1, 0, XENMEM_access_default, 0);
    EXPECT(access_in(1, 0), p2m_access_rx);
    step("default", 0, 0, XENMEM_access_rwx, 0);
    EXPECT(access_in(1, 0), p2m_access_rx);
}

/*
 * A view has a default access or none: then the host's counts, and what it was
 * made with can only be asked for.  A default gives back what the host takes.
 */
static void test_no_default(void)
{
    struct domain *d = model_domain;
    unsigned int a;

    step("state", 1, 0, 0, 0);
    for ( a = 0; a < XENMEM_access_default; a++ )
    {
        step("create", a, 0, 0, 0);
        step("ask", 1, 0, 0, 0);
        if ( view_at(d, 1) )
            step("destroy", 1, 0, 0, 0);
    }
    step("create", XENMEM_access_rx, 0, 0, 0);
    step("set-default", 1, 0, 0, 1);
    step("host-access", 0, XENMEM_access_r, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0, 4), TOUCH_VIOLATION);
    EXPECT(cpu_touch(0, 1, 2), TOUCH_OK);
    step("set-default", 1, 0, XENMEM_access_rwx, 0);
    EXPECT(cpu_touch(0, 0, 2), TOUCH_OK);
    step("host-page", 1, 0, 5, 0);              /* n */
    EXPECT(cpu_touch(0, 1, 2), TOUCH_OK);
    step("clone", 1, 0, 0, 0);
    step("set-default", 1, 0, 0, 1);
    step("ask", 1, 0, 0, 0);
    step("ask", 2, 0, 0, 0);
    EXPECT(cpu_touch(0, 1, 1), TOUCH_VIOLATION);
}

#define LISTED 4096u

/* set_mem_access_multi of @nr gfns from @first on, in view 1. */
static void set_all(unsigned long first, unsigned long nr, uint8_t access)
{
    struct domain *d = model_domain;
    uint64_t *list = (uint64_t *)(guest_memory + 4096);
    uint8_t *accesses = (uint8_t *)(list + LISTED);
    op_t op = op_of(HVMOP_altp2m_set_mem_access_multi);
    unsigned int i, g;

    memset(accesses, access, LISTED);
    op.u.set_mem_access_multi.view = 1;
    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.access_list.p = accesses;
    for ( i = 0; i < nr; i++ )
    {
        list[i % LISTED] = first + i;
        if ( (i + 1) % LISTED && i + 1 != nr )
            continue;
        op.u.set_mem_access_multi.nr = i % LISTED + 1;
        op.u.set_mem_access_multi.opaque = 0;
        EXPECT(call(op), 0);
        /* Those on the way to where it is just now, and no more. */
        EXPECT(view_at(d, 1)->nr_tables <= 5, true);
    }
    for ( g = 0; g < NR_GFNS; g++ )
        if ( gfns[g] >= first && gfns[g] < first + nr )
        {
            xenmem_access_to_p2m_access(p2m_get_hostp2m(d), access,
                                        &ref.view[1].o[g].access);
            ref.view[1].o[g].has_access = true;
        }
    check_all();
    audit();
}

/*
 * 4 GiB, mapped by 4 KiB, gfn by gfn: equal neighbours become one entry, and
 * what they took goes, whatever they are set to.
 */
static void test_equal_neighbours(void)
{
    struct domain *d = model_domain;
    const unsigned long first = 0x40000, nr = 4UL << 18;
    unsigned long gfn;
    unsigned int used;

    machine_pool(12000);
    step("host-large", 20, 0, 0, 1);            /* 1G at 0x40000 */
    for ( gfn = first; gfn < first + nr; gfn += 512 )
    {
        EXPECT(host_set(gfn, 0x200000 + gfn - first, 9, p2m_ram_rw,
                        p2m_access_rwx), 0);
        EXPECT(host_set(gfn, 0x200000 + gfn - first, 0, p2m_ram_rw,
                        p2m_access_rwx), 0);
    }
    two_views();
    used = machine.pool_used;
    step("reply", 1, 0, 0, 0);
    set_all(first, nr, XENMEM_access_rwx);
    EXPECT(machine.pool_used <= used + 3, true);
    EXPECT(view_at(d, 1)->nr_nodes, 1);
    set_all(first, nr, XENMEM_access_rx);
    EXPECT(machine.pool_used <= used + 3, true);
    EXPECT(view_at(d, 1)->access_gfns, nr);
}

/* Whichever operation makes them equal, the last of them ends the table. */
static void test_merge_by_any(void)
{
    struct domain *d = model_domain;
    unsigned int used, i;
    op_t op;

    two_views();
    used = machine.pool_used;
    step("access", 1, 12, XENMEM_access_r, 0);
    set_all(0x200, 512, XENMEM_access_rx);
    EXPECT(altp2m_node(view_at(d, 1), 0x200, 0) == NULL, true);
    step("remap", 1, 12, 1, 0);
    EXPECT(altp2m_node(view_at(d, 1), 0x200, 0) != NULL, true);
    step("access", 1, 12, XENMEM_access_rx, 0);
    EXPECT(altp2m_node(view_at(d, 1), 0x200, 0) != NULL, true);
    step("remap", 1, 12, 0, 1);
    step("access", 1, 12, XENMEM_access_rx, 0);
    EXPECT(altp2m_node(view_at(d, 1), 0x200, 0) == NULL, true);
    /* The host has one entry there, which can say #VE as well. */
    op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 0x200;
    op.u.suppress_ve_multi.last_gfn = 0x3ff;
    EXPECT(call(op), 0);
    for ( i = 12; i < 15; i++ )
    {
        ref.view[1].o[i].has_sve = true;
        ref.view[1].o[i].sve = false;
    }
    EXPECT(altp2m_node(view_at(d, 1), 0x200, 0) == NULL, true);
    check_all();
    for ( i = 0x200; i < 0x400; i++ )
        EXPECT(p2m_set_mem_access(d, _gfn(i), 1, 0, 0, XENMEM_access_rwx, 0),
               0);
    for ( i = 12; i < 15; i++ )
        ref.view[1].o[i].has_access = false;
    check_all();
    op.u.suppress_ve_multi.suppress_ve = 1;
    EXPECT(call(op), 0);
    for ( i = 12; i < 15; i++ )
        ref.view[1].o[i].sve = true;
    EXPECT(machine.pool_used <= used + 8, true);
}

/*
 * A range whose pages were told apart, and which only leaves can say: right for
 * a moment, then left for a fault.
 */
static void test_range_given_up(void)
{
    two_views();
    step("access", 1, 12, XENMEM_access_rw, 0);
    step("range", 1, 12, 2, 3);                 /* rx and #VE, of a gigabyte */
    step("touch-all", 0, 0, 0, 0);
}

/* An aligned gigabyte is one entry; all of it 512 entries of the root. */
static void test_range_is_one_entry(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    const struct altp2m_view *view;
    unsigned int before, rounds, i;

    two_views();
    view = view_at(model_domain, 1);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rx,
        .gfn = 0x40000, .count = 0x40000 };
    before = machine.allocs;
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(rounds, 1);
    EXPECT(view->nr_nodes, 1);
    ASSERT(machine.allocs - before <= 4);   /* a hash for the first override */
    EXPECT(view->access_gfns, 0x40000);
    for ( i = 0; i < NR_GFNS; i++ )
        if ( gfns[i] >= 0x40000 && gfns[i] < 0x80000 )
        {
            ref.view[1].o[i].has_access = true;
            ref.view[1].o[i].access = p2m_access_rx;
        }
    check_all();

    /* Said page by page it becomes one again. */
    for ( i = 0; i < 512; i++ )
    {
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
            .gfn = 0x40000 + i, .count = 1 };
        EXPECT(whole(&op, &rounds), 0);
    }
    EXPECT(view->nr_nodes, 2);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .clear = XEN_ALTP2M_ACCESS, .gfn = 0x40000,
        .count = 0x40000 };
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(view->nr_nodes, 0);
    memset(&ref.view[1].o, 0, sizeof(ref.view[1].o));
    check_all();
    audit();
}

/*
 * Where the host has no tables at all yet a view may have some, and even before
 * it has a root: they follow when the host makes its own.
 */
static void test_range_before_host(void)
{
    const unsigned long gfn = 2 * level_span(ROOT_LEVEL);
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    const struct altp2m_view *view;
    unsigned int rounds;
    struct walk w;

    step("state", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 1, 0, 0);
    view = view_at(model_domain, 1);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
        .gfn = gfn, .count = 1 };
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(mfn_eq(view->root.table, INVALID_MFN));
    EXPECT(host_set(gfn, 0x123456, 0, p2m_ram_rw, p2m_access_rwx), 0);
    EXPECT(host_set(gfn + 1, 0x123458, 0, p2m_ram_rw, p2m_access_rwx), 0);
    audit();
    step("reply", 1, 0, 0, 0);
    w = walk_any(mfn_x(view->root.table), gfn);
    EXPECT(w.end, WALK_ABSENT);
    altp2m_lock(model_domain);
    EXPECT(altp2m_fill(model_domain, view_at(model_domain, 1), gfn, SIDE_DATA), 1);
    altp2m_unlock(model_domain);
    w = walk_any(mfn_x(view->root.table), gfn);
    EXPECT(w.mfn, 0x123456);
    EXPECT(w.rights, 1);
    w = walk_any(mfn_x(view->root.table), gfn + 1);
    EXPECT(w.mfn, 0x123458);
    EXPECT(w.rights, 7);
}

static void test_default_of_many(void)
{
    struct altp2m_view *view;
    unsigned int i, rounds;
    op_t op;

    two_views();
    view = view_at(model_domain, 1);
    for ( i = 0; i < 90; i++ )
    {
        op = (op_t){ .cmd = HVMOP_altp2m_set_range };
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rwx,
            .gfn = 0x100000 + i * 512, .count = 1 };
        EXPECT(whole(&op, &rounds), 0);
    }
    step("access", 1, 24, XENMEM_access_rwx, 0);
    EXPECT(view->nr_tables, view->nr_nodes + 1);
    step("set-default", 1, 0, XENMEM_access_rx, 0);
    /* So many are left for faults to bring up to date. */
    EXPECT(view->nr_tables, view->nr_nodes + 1);
    EXPECT(altp2m_up_to_date(altp2m_node(view, 0x100000, 0)), false);
    step("touch-all", 0, 0, 0, 0);
    step("audit", 1, 0, 5, 0);
}

const struct unit_test override_tests[] = {
    { "override-shared-target", test_shared_target },
    { "override-remap-replaces", test_remap_replaces },
    { "override-remap-of-remap", test_remap_of_remap },
    { "override-access-default", test_access_default },
    { "override-equal-neighbours", test_equal_neighbours },
    { "override-merge-by-any", test_merge_by_any },
    { "override-merge-by-any-amd", test_merge_by_any, true },
    { "override-no-default", test_no_default },
    { "override-no-default-amd", test_no_default, true },
    { "override-range-given-up", test_range_given_up, false, true },
    { "override-range-given-up-amd", test_range_given_up, true, true },
    { "override-range-is-one-entry", test_range_is_one_entry },
    { "override-range-before-host", test_range_before_host },
    { "override-range-before-host-amd", test_range_before_host, true },
    { "override-default-cuts-off", test_default_of_many },
    { NULL },
};
