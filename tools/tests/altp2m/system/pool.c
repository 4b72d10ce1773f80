/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: what views cost, and what happens when there is no more of it. */
#include "guest.h"
#include "monitor.h"

#include <cpuid.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BIG_MIB   88
#define BIG_PAGES (64 * MIB / 4096)

static struct guest *big_guest(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = BIG_MIB });

    expect_ok(view_state_set(g->domid, true));
    return g;
}

static uint64_t read_all(struct guest *g)
{
    return guest_do(g, 0, COMMAND(CMD_SUM, TEST_GPA, BIG_PAGES))->result[1];
}

/* On QEMU's software CPU the ticks are time, not instructions. */
static bool ticks_are_time(void)
{
    unsigned int brand[13] = { 0 };

    for ( unsigned int i = 0; i < 3; i++ )
        __get_cpuid(0x80000002 + i, &brand[i * 4], &brand[i * 4 + 1],
                    &brand[i * 4 + 2], &brand[i * 4 + 3]);
    return strstr((const char *)brand, "QEMU");
}

/*
 * A guest reads 64 MiB in a view that nobody has used before: it must take no
 * longer than the same again, that is, no exit is made for the view's sake,
 * and the view must then own no more than its root.
 */
static void pool_fresh_view_costs_nothing(void)
{
    struct guest *g = big_guest();
    unsigned int before, after;
    uint64_t exit, warm, fresh;
    uint16_t view;

    exit = guest_do(g, 0, COMMAND(CMD_CPUID_LOOP, 100))->result[0] / 100;
    read_all(g);
    warm = read_all(g);
    before = pool_used(g);
    view = new_view(g);
    expect_ok(view_switch(g->domid, view));
    guest_alive(g); /* the guest's own pages, before the clock runs */
    fresh = read_all(g);
    after = pool_used(g);
    note("64 MiB: %llu ticks in a fresh view, %llu warm; an exit: %llu; "
         "pages of the pool: %u", (unsigned long long)fresh,
         (unsigned long long)warm, (unsigned long long)exit, after - before);
    expect_equal(after - before, 1, "pages that the view owns");
    /* One interrupt may come in between; 32 exits may not. */
    if ( ticks_are_time() )
        return;
    expect(fresh < warm + 8 * exit, "fresh %llu, warm %llu, an exit %llu",
           (unsigned long long)fresh, (unsigned long long)warm,
           (unsigned long long)exit);
}

static uint64_t ticks(void)
{
    uint32_t low, high;

    asm volatile ( "lfence; rdtsc" : "=a" (low), "=d" (high) :: "memory" );
    return ((uint64_t)high << 32) | low;
}

static uint64_t ticks_of_call(struct guest *g, uint16_t view, uint64_t gfn)
{
    uint64_t start = ticks();

    expect_ok(view_access_set(g->domid, view, gfn, XENMEM_access_rx));
    return ticks() - start;
}

/*
 * A list of gfns costs little for each, tables made for the first of 2 MiB and
 * all: of Xen's some 125 ticks, where a single call is 3,000.  libxenctrl's copies
 * come on top, and in a debug build all takes more.
 */
static void pool_list_costs_little(void)
{
    enum { MANY = 1024 };
    static uint64_t gfns[MANY];
    static uint8_t access[MANY];
    struct guest *g = big_guest();
    uint16_t view = new_view(g);
    uint64_t least = ~0ULL, took, call;

    memset(access, XENMEM_access_rx, sizeof(access));
    for ( unsigned int round = 0; round < 3; round++ )
    {
        for ( unsigned int i = 0; i < MANY; i++ )
            gfns[i] = TEST_GFN + round * MANY + i;
        took = ticks();
        expect(!xc_altp2m_set_mem_access_multi(xch, g->domid, view, access,
                                               gfns, MANY),
               "%s", error_name(-errno));
        took = ticks() - took;
        least = took < least ? took : least;
    }
    ticks_of_call(g, view, TEST_GFN + 3 * MANY);
    call = ticks_of_call(g, view, TEST_GFN + 3 * MANY + 1);
    note("%llu ticks a gfn, %llu a call", (unsigned long long)least / MANY,
         (unsigned long long)call);
    expect_access(g, view, TEST_GFN + MANY - 1, XENMEM_access_rx);
    if ( !ticks_are_time() )
        expect(least <= call * MANY / 4,
               "%llu ticks for %u gfns, where a call takes %llu",
               (unsigned long long)least, MANY, (unsigned long long)call);
}

/* Overrides in the same 2 MiB share what they need: three pages at most. */
static void pool_override_costs_path(void)
{
    struct guest *g = big_guest();
    uint16_t view = new_view(g);
    unsigned int before = pool_used(g), one, many;

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    one = pool_used(g) - before;
    for ( unsigned int i = 0; i < 512; i += 3 )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i,
                                  XENMEM_access_r));
    many = pool_used(g) - before;
    note("pages: %u for the first override, %u for 171", one, many);
    /* The tables of the path, and what the overrides are kept in. */
    expect(one <= 4, "%u pages for one override", one);
    expect(many <= one + 8, "%u pages for 171 overrides", many);
}

/*
 * Overrides spread so that each needs pages of its own, until the pool is
 * empty: then that, and no more, is told.
 */
static void pool_exhausted(void)
{
    struct guest *g = big_guest();
    uint16_t view = new_view(g);
    unsigned int set = 0, room = 24;
    const unsigned int pages = BIG_PAGES / 512;
    int rc = 0;

    guest_fill(g, TEST_GPA, BIG_PAGES, 31);
    pool_leave(g, room);
    while ( set < pages &&
            !(rc = view_access_set(g->domid, view, TEST_GFN + set * 512,
                                   XENMEM_access_rx)) )
        set++;
    note("%u of %u overrides with %u free pages", set, pages, room);
    expect(set < pages, "the pool has room for all of them");
    expect_rc(rc, -ENOMEM);
    expect(set >= 8, "only %u overrides", set);

    for ( unsigned int i = 0; i < set; i++ )
        expect_access(g, view, TEST_GFN + i * 512, XENMEM_access_rx);
    expect_access(g, view, TEST_GFN + set * 512, XENMEM_access_rwx);
    guest_alive(g);
    expect_ok(view_switch(g->domid, view));
    guest_verify(g, TEST_GPA, BIG_PAGES, 31);

    /* With room again the next one succeeds. */
    pool_leave(g, 64);
    expect_ok(view_access_set(g->domid, view, TEST_GFN + set * 512,
                              XENMEM_access_rx));
    guest_verify(g, TEST_GPA, BIG_PAGES, 31);
}

/* The guest itself meets the empty pool, in a fresh view. */
static void pool_exhausted_under_guest(void)
{
    struct guest *g = big_guest();
    uint16_t full = new_view(g), fresh = new_view(g);
    unsigned int set = 0;

    guest_fill(g, TEST_GPA, BIG_PAGES, 32);
    pool_leave(g, 16);
    while ( set < BIG_PAGES / 512 &&
            !view_access_set(g->domid, full, TEST_GFN + set * 512,
                             XENMEM_access_rx) )
        set++;
    expect(set < BIG_PAGES / 512, "the pool has room for all overrides");
    expect_ok(view_switch(g->domid, fresh));
    guest_verify(g, TEST_GPA, BIG_PAGES, 32);
    expect_ok(view_switch(g->domid, full));
    guest_verify(g, TEST_GPA, BIG_PAGES, 32);
    expect_ok(view_switch(g->domid, 0));
    guest_verify(g, TEST_GPA, BIG_PAGES, 32);
}

/*
 * Each page that the guest writes to is to be promoted, which needs memory that
 * there is none of: every write is done all the same, and nothing else is kept.
 */
static void pool_exhausted_promotions(void)
{
    struct guest *g = big_guest();
    uint16_t view = new_view(g);

    expect_ok(view_access_set(g->domid, view, ~0ULL, XENMEM_access_rx2rw));
    guest_fill(g, TEST_GPA, BIG_PAGES, 33);
    pool_leave(g, 0);
    expect_ok(view_switch(g->domid, view));
    /* One page in each 2 MiB, the whole round twice. */
    for ( unsigned int round = 0; round < 2; round++ )
        for ( unsigned int i = 0; i < BIG_PAGES / 512; i++ )
            guest_write(g, gpa_of(TEST_GFN + i * 512) + 8, round * 1000 + i);
    for ( unsigned int i = 0; i < BIG_PAGES / 512; i++ )
        expect_equal(guest_read(g, gpa_of(TEST_GFN + i * 512) + 8), 1000 + i,
                     "what the guest wrote");
    guest_verify(g, TEST_GPA, BIG_PAGES, 33);
    expect_access(g, view, TEST_GFN, XENMEM_access_rx2rw);
    /* With memory it stays. */
    pool_leave(g, 200);
    guest_write(g, TEST_GPA, 1);
    expect_access(g, view, TEST_GFN, XENMEM_access_rw);
}

/*
 * The guest's tables are given up as the pool has nothing left, and its monitor
 * is told of a write to a protected page as before.
 */
static void pool_exhausted_rights(void)
{
    struct guest *g = big_guest();
    uint16_t view = new_view(g);
    struct monitor *m = monitor_open(g, answer_view_0);

    guest_fill(g, TEST_GPA, BIG_PAGES, 34);
    pool_leave(g, 60);
    for ( unsigned int i = 0; i < BIG_PAGES / 512; i++ )
        if ( view_access_set(g->domid, view, TEST_GFN + i * 512,
                             XENMEM_access_rx) )
            break;
    pool_leave(g, 0);
    for ( unsigned int i = 0; i < 4; i++ )
    {
        expect_ok(view_switch(g->domid, view));
        guest_read(g, gpa_of(TEST_GFN + i * 512 + 1));
        expect_equal(m->count, i, "events before");
        guest_write(g, gpa_of(TEST_GFN + i * 512), i);
        expect_equal(m->count, i + 1, "events");
    }
    monitor_close(m);
}

/* Creating fails as a whole when there is no page for a view. */
static void pool_exhausted_by_views(void)
{
    struct guest *g = guest_with_views();
    uint16_t view;
    int rc = 0;

    pool_leave(g, 0);
    for ( unsigned int i = 0; i < 600 && !rc; i++ )
        rc = view_create(g->domid, XENMEM_access_rwx, &view);
    expect(rc == -ENOMEM || rc == -EINVAL || rc == -ENOSPC, "%s",
           error_name(rc));
    guest_alive(g);
    pool_leave(g, 200);
    guest_alive(g);
}

/* Views and overrides made and destroyed again and again leave nothing. */
static void pool_views_do_not_leak(void)
{
    struct guest *g = guest_with_views();
    unsigned int before = pool_used(g);

    for ( unsigned int i = 0; i < 40; i++ )
    {
        uint16_t view = new_view(g);

        for ( unsigned int j = 0; j < 3; j++ )
        {
            expect_ok(view_access_set(g->domid, view, TEST_GFN + j * 512,
                                      XENMEM_access_r));
            expect_ok(view_remap(g->domid, view, TEST_GFN + j * 512 + 1,
                                 TEST_GFN + i));
        }
        expect_ok(view_switch(g->domid, view));
        guest_alive(g);
        expect_ok(view_switch(g->domid, 0));
        expect_ok(view_destroy(g->domid, view));
        if ( !i ) /* What is kept from the first time on is not a leak. */
            before = pool_used(g);
    }
    expect_equal(pool_used(g), before, "pages in use");
    expect_ok(view_state_set(g->domid, false));
    expect(pool_used(g) <= before, "more in use with altp2m off");
}

static uint64_t free_pages(void)
{
    xc_physinfo_t info = { 0 };

    expect(!xc_physinfo(xch, &info), "physinfo");
    return info.free_pages + info.scrub_pages;
}

/* Freeing the last of a domain can take until after the hypercall. */
static bool comes_back(uint64_t wanted)
{
    for ( unsigned int i = 0; i < 100; i++ )
    {
        if ( free_pages() >= wanted )
            return true;
        usleep(20000);
    }
    return false;
}

/* A domain that dies with everything live; nothing of it remains. */
static void pool_teardown_with_live_views(void)
{
    uint64_t before = free_pages();

    for ( unsigned int round = 0; round < 4; round++ )
    {
        struct guest *g = guest_with_views();
        uint16_t view = 0;

        for ( unsigned int i = 0; i < 5; i++ )
        {
            view = new_view(g);
            for ( unsigned int j = 0; j < 4; j++ )
            {
                expect_ok(view_access_set(g->domid, view,
                                          TEST_GFN + j * 512 + i,
                                          XENMEM_access_rx));
                expect_ok(view_remap(g->domid, view, TEST_GFN + j * 512 + 100,
                                     TEST_GFN + i));
            }
        }
        expect_ok(view_switch(g->domid, view));
        guest_post(g, 0, COMMAND(CMD_SWEEP, TEST_GPA, 1024));
        guest_run(g, 2);
        guest_destroy(g);
        if ( !round )
            before = free_pages();
    }
    expect(comes_back(before), "%lld pages are missing",
           (long long)(before - free_pages()));
}

const struct test tests_pool[] = {
    { "pool_fresh_view_costs_nothing", NEEDS_VIEWS, pool_fresh_view_costs_nothing },
    { "pool_list_costs_little", NEEDS_VIEWS, pool_list_costs_little },
    { "pool_override_costs_path", NEEDS_VIEWS, pool_override_costs_path },
    { "pool_exhausted", NEEDS_VIEWS, pool_exhausted },
    { "pool_exhausted_under_guest", NEEDS_VIEWS, pool_exhausted_under_guest },
    { "pool_exhausted_promotions", NEEDS_VIEWS, pool_exhausted_promotions },
    { "pool_exhausted_rights", NEEDS_VIEWS, pool_exhausted_rights },
    { "pool_exhausted_by_views", NEEDS_VIEWS, pool_exhausted_by_views },
    { "pool_views_do_not_leak", NEEDS_VIEWS, pool_views_do_not_leak },
    { "pool_teardown_with_live_views", NEEDS_VIEWS, pool_teardown_with_live_views },
    { 0 },
};
