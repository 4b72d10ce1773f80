/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What views cost, in ticks of the time stamp counter, by calls that stock Xen
 * has too, but where it has none.  Each figure is a line, "BENCH key value" or "BENCH
 * key n/a: reason"; tools/bench knows what the keys mean.
 *
 * A short call's figure is the median of several; that of a long call, and a
 * guest's, the least of several: in all, what interrupts cost is left out.
 */
#include "bench.h"

#include "../../../../xen/include/public/hvm/altp2m.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xenguest.h>

#define LONG_CALLS 8
#define SOME_RECORDS 128u           /* in one apply */

static uint64_t read_all(struct guest *g)
{
    return do_quietly(g, COMMAND(CMD_SUM, TEST_GPA, BIG_PAGES), 10)->result[1];
}

/* Views until there are @wanted, view 0 apart; how many there are then. */
static unsigned int views_up_to(struct guest *g, unsigned int have,
                                unsigned int wanted, int *rc)
{
    uint16_t view;

    *rc = 0;
    while ( have < wanted &&
            !(*rc = view_create(g->domid, XENMEM_access_rwx, &view)) )
        have++;
    return have;
}

static const char *why_no_view(int rc)
{
    return rc == -ENOMEM ? "the paging pool is exhausted"
                         : "has no more than 10 views";
}

/* ---- life of views ------------------------------------------------------ */

static uint64_t set_state(struct guest *g, bool on)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_domain_state);

    op.u.domain_state.state = on;
    return timed_op(&op);
}

static uint64_t timed_create(struct guest *g, uint16_t *view)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_create_p2m);
    uint64_t took;

    op.u.view.view = 0xffff;
    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    took = timed_op(&op);
    *view = op_buffer()->u.view.view;
    return took;
}

static uint64_t timed_destroy(struct guest *g, uint16_t view)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_destroy_p2m);

    op.u.view.view = view;
    return timed_op(&op);
}

static uint64_t timed_switch(struct guest *g, uint16_t view)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_switch_p2m);

    op.u.view.view = view;
    return timed_op(&op);
}

/* A paused guest: a call's figure has no time in it that the guest ran. */
static void life(void)
{
    struct guest *g = big_guest(4096);
    altp2m_op_t get = op_new(g->domid, HVMOP_altp2m_get_domain_state);
    uint64_t a[TIMES], b[TIMES];
    uint16_t view[FEW];

    guest_pause(g);
    for ( unsigned int i = 0; i < TIMES; i++ )
        a[i] = timed_op(&get);
    put("floor", median(a, TIMES));

    for ( unsigned int i = 0; i < TIMES; i++ )
    {
        a[i] = set_state(g, true);
        b[i] = set_state(g, false);
    }
    put("on_first", a[0]);
    put("on", median(a, TIMES));
    put("off", median(b, TIMES));
    set_state(g, true);

    for ( unsigned int i = 0; i < FEW; i++ )
        a[i] = timed_create(g, &view[i]);
    for ( unsigned int i = 0; i < FEW; i++ )
        b[i] = timed_destroy(g, view[i]);
    put("create", median(a, FEW));
    put("destroy", median(b, FEW));

    for ( unsigned int i = 0; i < FEW; i++ )
    {
        a[i] = timed_create(g, &view[i]);
        a[i] += timed_switch(g, view[i]);
        timed_switch(g, 0);
    }
    put("create_enter", median(a, FEW));

    for ( unsigned int i = 0; i < TIMES; i++ )
    {
        a[i] = timed_switch(g, view[0]);
        b[i] = timed_switch(g, 0);
    }
    put("switch", median(a, TIMES));
    guest_unpause(g);

    expect_ok(view_notify_on(g->domid, 0, PAYLOAD_VE_INFO >> 12));
    for ( unsigned int i = 0; i < FEW; i++ )
        a[i] = guest_do(g, 0, COMMAND(CMD_VMFUNC_LOOP, view[0], 0, 2000))
               ->result[0];
    put("vmfunc_2000", least_of(a, FEW));
    put("vmfunc_exits_2000",
        exits_of(g, COMMAND(CMD_VMFUNC_LOOP, view[0], 0, 2000)));
}

/* ---- #VE ------------------------------------------------------------------ */

#define VES 32

/* From a read that the view forbids to the handler's first instruction. */
static void ve(void)
{
    struct guest *g = guest_with_views();
    const struct guest_command *loop = COMMAND(CMD_VE_LOOP, TEST_GPA, VES);
    uint16_t view = new_view(g);

    expect_ok(view_notify_on(g->domid, 0, PAYLOAD_VE_INFO >> 12));
    guest_fill(g, TEST_GPA, 1, 4);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_n));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN, false));
    expect_ok(view_switch(g->domid, view));
    guest_alive(g);
    put("ve", do_quietly(g, loop, 5)->result[0]);
    put("ve_exits_32", exits_of(g, loop));
}

/* ---- single calls -------------------------------------------------------- */

static uint64_t timed_access(struct guest *g, uint16_t view, uint64_t gfn,
                             unsigned int access)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_mem_access);

    op.u.mem_access.view = view;
    op.u.mem_access.gfn = gfn;
    op.u.mem_access.access = access;
    return timed_op(&op);
}

static uint64_t timed_remap(struct guest *g, uint16_t view, uint64_t gfn,
                            uint64_t target)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_change_gfn);

    op.u.change_gfn.view = view;
    op.u.change_gfn.old_gfn = gfn;
    op.u.change_gfn.new_gfn = target;
    return timed_op(&op);
}

#define MANY 1024u

static uint64_t timed_many(struct guest *g, uint16_t view, uint64_t first,
                           unsigned int access)
{
    static uint64_t *gfns;
    static uint8_t *accesses;
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_mem_access_multi);

    if ( !gfns )
    {
        gfns = xencall_alloc_buffer(xcall, MANY * sizeof(*gfns));
        accesses = xencall_alloc_buffer(xcall, MANY);
    }
    expect(gfns && accesses, "no memory");
    for ( unsigned int i = 0; i < MANY; i++ )
        gfns[i] = first + i;
    memset(accesses, access, MANY);
    op.u.set_mem_access_multi.view = view;
    op.u.set_mem_access_multi.nr = MANY;
    set_xen_guest_handle_raw(op.u.set_mem_access_multi.pfn_list, gfns);
    set_xen_guest_handle_raw(op.u.set_mem_access_multi.access_list, accesses);
    return timed_op(&op);
}

static uint64_t timed_suppress(struct guest *g, uint16_t view, uint64_t first,
                               bool on)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_suppress_ve_multi);

    op.u.suppress_ve_multi.view = view;
    op.u.suppress_ve_multi.first_gfn = first;
    op.u.suppress_ve_multi.last_gfn = first + MANY - 1;
    op.u.suppress_ve_multi.suppress_ve = on;
    return timed_op(&op);
}

static void calls(void)
{
    struct guest *g = big_guest(4096);
    uint64_t a[TIMES], b[TIMES];
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    guest_fill(g, TEST_GPA, BIG_PAGES, 3);
    guest_pause(g);

    for ( unsigned int i = 0; i < TIMES; i++ )
        a[i] = timed_access(g, view, TEST_GFN + i * IN_2MIB, XENMEM_access_rx);
    put("access_first", median(a, TIMES));
    for ( unsigned int i = 0; i < TIMES; i++ )
        a[i] = timed_access(g, view, TEST_GFN + i * IN_2MIB + 7,
                            XENMEM_access_rx);
    put("access", median(a, TIMES));

    for ( unsigned int i = 0; i < LONG_CALLS; i++ )
    {
        uint64_t first = TEST_GFN + (16 + 2 * i) * IN_2MIB;

        a[i] = timed_many(g, view, first, XENMEM_access_rx);
        b[i] = timed_many(g, view, first, XENMEM_access_r);
    }
    put("multi_first_1024", least_of(a, LONG_CALLS));
    put("multi_1024", least_of(b, LONG_CALLS));

    for ( unsigned int i = 0; i < LONG_CALLS; i++ )
    {
        a[i] = timed_suppress(g, view, TEST_GFN + 16 * IN_2MIB, false);
        b[i] = timed_suppress(g, view, TEST_GFN + 16 * IN_2MIB, true);
    }
    put("suppress_1024", (least_of(a, LONG_CALLS) + least_of(b, LONG_CALLS)) / 2);

    for ( unsigned int i = 0; i < TIMES; i++ )
        a[i] = timed_remap(g, view, TEST_GFN + 100 + i, TEST_GFN + 200 + i);
    for ( unsigned int i = 0; i < TIMES; i++ )
        b[i] = timed_remap(g, view, TEST_GFN + 100 + i, NO_GFN);
    put("remap", median(a, TIMES));
    put("remap_undo", median(b, TIMES));
    guest_unpause(g);
}

/* ---- a gigabyte at once ----------------------------------------------------- */

static uint64_t timed_range(struct guest *g, uint16_t view, unsigned int access)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_range);
    const struct xen_altp2m_set_range r = {
        .view = view, .set = XEN_ALTP2M_ACCESS, .access = access,
        .gfn = 0, .count = 1u << 18,
    };

    memcpy(&op.u, &r, sizeof(r));
    return timed_op(&op);
}

/* All of the guest, and more: in a view that says nothing, and then again. */
static void range(void)
{
    struct guest *g = big_guest(4096);
    uint64_t a[FEW], b[FEW];

    expect_ok(view_state_set(g->domid, true));
    guest_pause(g);
    for ( unsigned int i = 0; i < FEW; i++ )
    {
        uint16_t view = new_view(g);

        a[i] = timed_range(g, view, XENMEM_access_rx);
        b[i] = timed_range(g, view, XENMEM_access_r);
    }
    put("range_1g_first", median(a, FEW));
    put("range_1g", median(b, FEW));
    guest_unpause(g);
}

/* ---- the first read in a fresh view --------------------------------------- */

static struct exits traced_read(struct guest *g)
{
    struct exits n;

    trace_start();
    read_all(g);
    n = trace_stop();
    return n;
}

static uint16_t fresh_view(struct guest *g)
{
    uint16_t view = new_view(g);

    expect_ok(view_switch(g->domid, view));
    guest_alive(g);    /* the guest's own pages, before the clock runs */
    return view;
}

static void leave_view(struct guest *g, uint16_t view)
{
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, view));
}

/* What a read in a fresh view, made by @fresh, takes of the pool, and its exits. */
static void reading_takes(struct guest *g, uint16_t (*fresh)(struct guest *g),
                          const char *kind, const char *what)
{
    unsigned int before = pool_used(g);
    uint16_t view = fresh(g);
    struct exits n;
    char key[64];

    read_all(g);
    snprintf(key, sizeof(key), "read_%spool_%s", kind, what);
    put(key, pool_used(g) - before);
    leave_view(g, view);

    view = fresh(g);
    n = traced_read(g);
    snprintf(key, sizeof(key), "read_%sexits_%s", kind, what);
    put(key, n.nested);
    leave_view(g, view);
}

/*
 * A read takes so long that timers fall into many: it is tried often, each time
 * at another phase of theirs, first in a fresh view and then, warm, once more.
 */
static void reading(struct guest *g, const char *pages)
{
    uint64_t fresh = ~0ULL, warm = ~0ULL, took, destroyed[TIMES];
    uint16_t view;
    char key[64];

    expect_ok(view_state_set(g->domid, true));
    read_all(g);
    for ( unsigned int i = 0; i < TIMES; i++ )
    {
        view = fresh_view(g);
        usleep(i * 700);
        fresh = (took = read_all(g)) < fresh ? took : fresh;
        warm = (took = read_all(g)) < warm ? took : warm;
        expect_ok(view_switch(g->domid, 0));
        guest_pause(g);
        destroyed[i] = timed_destroy(g, view);
        guest_unpause(g);
    }
    snprintf(key, sizeof(key), "read_warm_%s", pages);
    put(key, warm);
    snprintf(key, sizeof(key), "read_fresh_%s", pages);
    put(key, fresh);
    snprintf(key, sizeof(key), "destroy_read_%s", pages);
    put(key, median(destroyed, TIMES));

    reading_takes(g, fresh_view, "", pages);
}

static void reading_2m(void)
{
    reading(big_guest(2048), "2m");
}

/* One page of each superpage taken and given back splits it. */
static struct guest *split_guest(void)
{
    struct guest *g = big_guest(2048);

    for ( unsigned int i = 0; i < BIG_PAGES; i += IN_2MIB )
    {
        expect_ok(host_drop(g, TEST_GFN + i + 9));
        expect_ok(host_populate(g, TEST_GFN + i + 9));
    }
    return g;
}

static void reading_4k(void)
{
    reading(split_guest(), "4k");
}

/* ---- changes of the host's map -------------------------------------------- */

#define PLAIN_GFN (TEST_GFN + 8)                /* nothing overridden near */
#define NEAR_GFN  (TEST_GFN + IN_2MIB + 8)      /* its neighbour is, in all */

/* The guest has used what will change, and its neighbour, in each view. */
static void touch(struct guest *g, unsigned int views)
{
    for ( unsigned int i = 1; i <= views; i++ )
    {
        expect_ok(view_switch(g->domid, i));
        guest_read(g, gpa_of(PLAIN_GFN));
        guest_read(g, gpa_of(NEAR_GFN));
    }
    if ( views )
        expect_ok(view_switch(g->domid, 0));
}

/*
 * One gfn dropped and populated, the least of several.  Before each, the guest uses
 * it in all of its @views views: a change may leave a view's tables cut off, and the
 * next would find nothing to bring up to date.
 */
static uint64_t change_host(struct guest *g, uint64_t gfn, unsigned int views)
{
    unsigned int times = views > 9 ? FEW : TIMES;
    uint64_t least = ~0ULL;

    for ( unsigned int i = 0; i < times; i++ )
    {
        uint64_t start, took;
        int rc;

        touch(g, views);
        guest_pause(g);
        wait_for_timer();
        start = ticks();
        rc = host_drop(g, gfn) ?: host_populate(g, gfn);
        took = ticks() - start;
        guest_unpause(g);
        expect_ok(rc);
        least = took < least ? took : least;
    }
    return least;
}

static uint64_t exit_cost(struct guest *g)
{
    uint64_t least = ~0ULL, took;

    for ( unsigned int i = 0; i < TIMES; i++ )
    {
        took = do_quietly(g, COMMAND(CMD_CPUID_LOOP, 40), 5)->result[0];
        least = took < least ? took : least;
    }
    return least;
}

static void split(struct guest *g)
{
    expect_ok(host_drop(g, PLAIN_GFN) ?: host_populate(g, PLAIN_GFN));
    expect_ok(host_drop(g, NEAR_GFN) ?: host_populate(g, NEAR_GFN));
    guest_fill(g, TEST_GPA, 2 * IN_2MIB, 1);
}

static void host_changes(void)
{
    static const unsigned int counts[] = { 0, 1, 9, 64, 511 };
    struct guest *g = guest_new(&(struct guest_config){ .mib = 24,
                                                        .pool_pages = 6000 });
    unsigned int have = 0;
    char key[64], more[64];
    int rc = 0;

    split(g);
    put("host_off", change_host(g, PLAIN_GFN, 0));
    put("entry_off_40", exit_cost(g));
    expect_ok(view_state_set(g->domid, true));

    for ( unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++ )
    {
        unsigned int before = have;

        snprintf(key, sizeof(key), "host_plain_%u", counts[i]);
        snprintf(more, sizeof(more), "host_near_%u", counts[i]);
        have = views_up_to(g, have, counts[i], &rc);
        if ( have < counts[i] )
        {
            none(key, "%s", why_no_view(rc));
            none(more, "%s", why_no_view(rc));
            continue;
        }
        put(key, change_host(g, PLAIN_GFN, have));
        for ( unsigned int v = before + 1; v <= have; v++ )
            expect_ok(view_access_set(g->domid, v, NEAR_GFN + 1,
                                      XENMEM_access_rx));
        put(more, change_host(g, NEAR_GFN, have));
        if ( have == 1 )
            put("entry_1_40", exit_cost(g));
        if ( have == 9 )
            put("entry_9_40", exit_cost(g));
        if ( have == 511 )
            put("entry_511_40", exit_cost(g));
    }
    put("entry_exits_40", exits_of(g, COMMAND(CMD_CPUID_LOOP, 40)));
    if ( have < 511 )
        none("entry_511_40", "%s", why_no_view(rc));
}

/* ---- how many there can be ------------------------------------------------ */

/* The pool that xl gives: 1 MiB a vCPU, and two pages a MiB of memory. */
static void most_views(void)
{
    static const unsigned int mibs[] = { 128, 1024 };
    char key[64];
    int rc;

    for ( unsigned int i = 0; i < 2; i++ )
    {
        /* What counts is the pool: the memory itself is not there to be had. */
        struct guest *g = guest_new(&(struct guest_config){
            .mib = 24, .pool_pages = 256 + 2 * mibs[i] });

        expect_ok(view_state_set(g->domid, true));
        snprintf(key, sizeof(key), "views_%u", mibs[i]);
        put(key, 1 + views_up_to(g, 0, 600, &rc));
        guest_destroy(g);
    }
}

/* ---- a violation, there and back ------------------------------------------- */

#define VIOLATIONS 32

static uint16_t watched_view;

static void emulate(const vm_event_request_t *request,
                    vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_EMULATE;
}

/* In view 0 one instruction is done, and then the vCPU is back. */
static void step(const vm_event_request_t *request,
                 vm_event_response_t *answer)
{
    answer_view_0(request, answer);
    answer->flags |= VM_EVENT_FLAG_FAST_SINGLESTEP;
    answer->u.fast_singlestep.p2midx = watched_view;
}

/* The guest reads @pages that the view hides. */
static void violation(struct guest *g, monitor_answer_t answer,
                      unsigned int pages, const char *key)
{
    struct monitor *m = monitor_open(g, answer);

    put_served(g, COMMAND(CMD_SUM, TEST_GPA, pages), watched_view, FEW, key);
    monitor_close(m);
    expect_ok(view_switch(g->domid, 0));
}

static void violations(void)
{
    struct guest *g = guest_with_views();

    watched_view = new_view(g);
    guest_fill(g, TEST_GPA, VIOLATIONS, 4);
    for ( unsigned int i = 0; i < VIOLATIONS; i++ )
        expect_ok(view_access_set(g->domid, watched_view, TEST_GFN + i,
                                  XENMEM_access_n));
    violation(g, emulate, VIOLATIONS, "violation_32");
    /* The vCPU stays in the other view: one at a time. */
    violation(g, answer_view_0, 1, "violation_view");
    violation(g, step, VIOLATIONS, "violation_step_32");
}

/* ---- a violation that nobody listens for -------------------------------------- */

/* The guest writes to pages, each of which has a right promoted. */
static void promotion(struct guest *g, uint16_t view, unsigned int access,
                      const char *key)
{
    const struct guest_command *fill = COMMAND(CMD_FILL, TEST_GPA, VIOLATIONS);
    uint64_t least = ~0ULL, took;
    char more[64];

    for ( unsigned int round = 0; round <= FEW; round++ )
    {
        for ( unsigned int i = 0; i < VIOLATIONS; i++ )
            expect_ok(view_access_set(g->domid, view, TEST_GFN + i, access));
        guest_alive(g);
        if ( round == FEW )
            break;
        took = do_quietly(g, fill, 10)->result[0];
        least = took < least ? took : least;
    }
    put(key, least);
    snprintf(more, sizeof(more), "%s_exits", key);
    put(more, exits_of(g, fill));
}

static void promotions(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    guest_fill(g, TEST_GPA, VIOLATIONS, 4);
    expect_ok(view_access_set(g->domid, view, TEST_GFN + VIOLATIONS,
                              XENMEM_access_rx));
    expect_ok(view_switch(g->domid, view));
    promotion(g, view, XENMEM_access_rx2rw, "promoted_rx2rw_32");
    promotion(g, view, XENMEM_access_n2rwx, "promoted_n2rwx_32");
    promotion(g, view, XENMEM_access_r, "promoted_unheard_32");
}

/* ---- the first read, where the host restricts a page ------------------------ */

/* A fresh view whose default gives back what the host takes. */
static uint16_t giving_view(struct guest *g)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_default);
    uint16_t view = new_view(g);
    const struct xen_altp2m_default d = { .view = view,
                                          .access = XENMEM_access_rwx };

    memcpy(&op.u, &d, sizeof(d));
    timed_op(&op);
    expect_ok(view_switch(g->domid, view));
    guest_alive(g);
    return view;
}

static void reading_given(struct guest *g, const char *what)
{
    uint64_t fresh = ~0ULL, took;
    uint16_t view;
    char key[64];

    for ( unsigned int i = 0; i < TIMES; i++ )
    {
        view = giving_view(g);
        usleep(i * 700);
        fresh = (took = read_all(g)) < fresh ? took : fresh;
        leave_view(g, view);
    }
    snprintf(key, sizeof(key), "read_given_%s", what);
    put(key, fresh);

    reading_takes(g, giving_view, "given_", what);
}

/* The host restricts nothing, and then one of the pages that are read. */
static void reading_restricted(void)
{
    struct guest *g = split_guest();
    struct monitor *m;

    expect_ok(view_state_set(g->domid, true));
    read_all(g);
    reading_given(g, "all");
    /* Without a monitor the host has no access to set. */
    m = monitor_open(g, emulate);
    expect(!xc_set_mem_access(xch, g->domid, XENMEM_access_r,
                              TEST_GFN + BIG_PAGES / 2, 1),
           "xc_set_mem_access: %s", error_name(-errno));
    monitor_close(m);
    reading_given(g, "restricted");
}

/* ---- log-dirty --------------------------------------------------------------- */

static void logdirty_clean(struct guest *g)
{
    const unsigned long pages = BIG_MIB * MIB / 4096;
    DECLARE_HYPERCALL_BUFFER(unsigned long, bitmap);
    xc_shadow_op_stats_t stats;

    bitmap = xc_hypercall_buffer_alloc_pages(xch, bitmap, 1);
    expect(bitmap, "no memory");
    expect(xc_logdirty_control(xch, g->domid, XEN_DOMCTL_SHADOW_OP_CLEAN,
                               HYPERCALL_BUFFER(bitmap), pages, 0, &stats) >= 0,
           "dirty bitmap: %s", error_name(-errno));
    xc_hypercall_buffer_free_pages(xch, bitmap, 1);
}

/* The bitmap taken, and all of it written again: ticks, and EPT exits of the writes. */
static void logdirty_round(struct guest *g, const char *key)
{
    uint64_t least = ~0ULL;
    char more[64];

    expect(xc_shadow_control(xch, g->domid,
                             XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, NULL, 0) >=
           0, "log-dirty: %s", error_name(-errno));
    for ( unsigned int i = 0; i < FEW; i++ )
    {
        uint64_t start = ticks(), took;

        logdirty_clean(g);
        took = ticks() - start;
        took += do_quietly(g, COMMAND(CMD_FILL, TEST_GPA, BIG_PAGES, i), 10)
                ->result[0];
        if ( i && took < least )
            least = took;
    }
    put(key, least);
    logdirty_clean(g);
    snprintf(more, sizeof(more), "%s_exits", key);
    put(more, exits_of(g, COMMAND(CMD_FILL, TEST_GPA, BIG_PAGES, FEW)));
    xc_shadow_control(xch, g->domid, XEN_DOMCTL_SHADOW_OP_OFF, NULL, 0);
}

/* The guest has read all its memory in each of nine views, and is in one. */
static void nine_views(struct guest *g)
{
    expect_ok(view_state_set(g->domid, true));
    for ( unsigned int i = 0; i < 9; i++ )
    {
        expect_ok(view_switch(g->domid, new_view(g)));
        read_all(g);
    }
    expect_ok(view_switch(g->domid, 1));
}

static void logdirty(void)
{
    struct guest *g = big_guest(4096);

    nine_views(g);
    logdirty_round(g, "logdirty_9");
}

/* ---- live migration ------------------------------------------------------------ */

#define ROUNDS 3

static struct guest *migrated;
static uint64_t fills;

/* Between two batches: the guest always has something to write. */
static int precopy(struct precopy_stats stats, void *data)
{
    struct guest *g = migrated;

    (void)data;
    if ( guest_answers(g, 0, 0) )
        guest_post(g, 0, COMMAND(CMD_FILL, TEST_GPA, BIG_PAGES, ++fills));
    return stats.iteration < ROUNDS ? XGS_POLICY_CONTINUE_PRECOPY
                                    : XGS_POLICY_STOP_AND_COPY;
}

static int suspend(void *data)
{
    (void)data;
    return !xc_domain_shutdown(xch, migrated->domid, SHUTDOWN_suspend);
}

/* There is none. */
static int device_model_logs(uint32_t domid, unsigned int enable, void *data)
{
    (void)domid;
    (void)enable;
    (void)data;
    return 0;
}

/* The sending side, whose receiver takes all and keeps nothing. */
static void migrate(struct guest *g, const char *key)
{
    struct save_callbacks callbacks = {
        .suspend = suspend, .precopy_policy = precopy,
        .switch_qemu_logdirty = device_model_logs,
    };
    int out = open("/dev/null", O_WRONLY);
    uint64_t start = ticks(), took;
    int rc;

    migrated = g;
    fills = 0;
    rc = xc_domain_save(xch, out, g->domid, XCFLAGS_LIVE, &callbacks,
                        XC_STREAM_PLAIN, -1);
    took = ticks() - start;
    expect(!rc, "can't save the guest");
    expect(fills >= ROUNDS, "the guest wrote its memory %llu times",
           (unsigned long long)fills);
    put(key, took);
    close(out);
    guest_destroy(g);
}

static void migration(void)
{
    struct guest *g = guest_new(&(struct guest_config){
        .mib = BIG_MIB, .pool_pages = 4096, .disabled = true });

    migrate(g, "migrate_never");
    g = big_guest(4096);
    nine_views(g);
    migrate(g, "migrate_9");
}

/* ---- the tool ------------------------------------------------------------------ */

#define SCATTERED 100000u
#define DISTANCE  8u

/* Ticks of a command whose output nobody reads, and the KiB that it needed. */
static void timed_tool(struct guest *g, const char *command, const char *view,
                       const char *key)
{
    uint64_t start = ticks();
    struct rusage usage;
    char domain[16], more[64];
    int status;
    pid_t pid;

    snprintf(domain, sizeof(domain), "%u", g->domid);
    pid = fork();
    expect(pid >= 0, "can't fork");
    if ( !pid )
    {
        int out = open("/dev/null", O_WRONLY);

        dup2(out, STDOUT_FILENO);
        execlp("xen-altp2m", "xen-altp2m", command, domain, view, NULL);
        _exit(127);
    }
    expect(wait4(pid, &status, 0, &usage) == pid && !status,
           "xen-altp2m %s: status %#x", command, status);
    put(key, ticks() - start);
    snprintf(more, sizeof(more), "%s_kib", key);
    put(more, usage.ru_maxrss);
}

/* Every eighth gfn, most of which have no page: the view says something all the same. */
static void scatter(struct guest *g, uint16_t view, unsigned int count)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_apply);
    struct xen_altp2m_override *list =
        xencall_alloc_buffer(xcall, SOME_RECORDS * sizeof(*list));
    struct xen_altp2m_apply a = { .view = view, .buffer = (uintptr_t)list };

    expect(list, "no memory");
    for ( unsigned int done = 0; done < count; done += a.nr )
    {
        for ( a.nr = 0; a.nr < SOME_RECORDS && done + a.nr < count; a.nr++ )
            list[a.nr] = (struct xen_altp2m_override){
                .gfn = TEST_GFN + (done + a.nr) * DISTANCE, .count = 1,
                .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rx };
        memcpy(&op.u, &a, sizeof(a));
        expect_ok(op_do(&op));
    }
    xencall_free_buffer(xcall, list);
}

static void tool(void)
{
    struct guest *g = big_guest(6000);
    unsigned int have;
    int rc;

    expect_ok(view_state_set(g->domid, true));
    scatter(g, new_view(g), SCATTERED);
    timed_tool(g, "show", "1", "tool_show");
    timed_tool(g, "save", "1", "tool_save");
    have = views_up_to(g, 1, 511, &rc);
    expect_equal(have, 511, "views");
    timed_tool(g, "list", NULL, "tool_list");
}

/* ---- pages that are executed and not read -------------------------------- */

#define CALLS   100u
#define GUARDED 1000u

/* The first time, the least ticks of several, and the exits. */
static void calling(struct guest *g, const struct guest_command *call,
                    const char *key)
{
    uint64_t least = do_quietly(g, call, 10)->result[1], took;

    put_of(key, "first", least);
    for ( unsigned int i = 0; i < FEW; i++ )
        least = (took = do_quietly(g, call, 10)->result[1]) < least ? took
                                                                    : least;
    put(key, least);
    put_of(key, "exits", exits_of(g, call));
}

static void sides(void)
{
    struct guest *g = big_guest(4096);
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    for ( unsigned int i = 0; i < GUARDED; i++ )
    {
        host_write(g, TEST_GPA + i * 4096ULL, 0xc3);    /* ret */
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i,
                                  XENMEM_access_x));
    }
    expect_ok(view_switch(g->domid, view));
    calling(g, COMMAND(CMD_CALL, TEST_GPA, 1, CALLS), "guarded_call_100");
    calling(g, COMMAND(CMD_CALL, TEST_GPA, GUARDED, 1), "guarded_pages_1000");
}

/* ---- a guest that has nothing to do with views ------------------------------- */

static void never(void)
{
    struct guest *g = guest_new(&(struct guest_config){
        .mib = BIG_MIB, .pool_pages = 2048, .disabled = true });
    uint64_t least = ~0ULL, took;

    put("never_entry_40", exit_cost(g));
    for ( unsigned int i = 0; i < FEW; i++ )
        least = (took = read_all(g)) < least ? took : least;
    put("never_read", least);
    split(g);
    put("never_host", change_host(g, PLAIN_GFN, 0));
    logdirty_round(g, "never_logdirty");
}

/* ---- where the time goes ------------------------------------------------------ */

static void profile_host(struct guest *g, uint64_t gfn, const char *what)
{
    guest_pause(g);
    expect_ok(host_drop(g, gfn) ?: host_populate(g, gfn));
    mark();
    expect_ok(host_drop(g, gfn) ?: host_populate(g, gfn));
    mark();
    guest_unpause(g);
    looked_at(what);
}

static void profile_log_dirty(struct guest *g, const char *clean,
                              const char *what)
{
    expect(xc_shadow_control(xch, g->domid,
                             XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, NULL, 0) >=
           0, "log-dirty: %s", error_name(-errno));
    do_quietly(g, COMMAND(CMD_FILL, TEST_GPA + SOME * 4096, 512, 1), 10);
    logdirty_clean(g);
    do_quietly(g, COMMAND(CMD_FILL, TEST_GPA + SOME * 4096, 512, 2), 10);
    mark();
    logdirty_clean(g);
    mark();
    looked_at(clean);
    quietly_marked(g, COMMAND(CMD_FILL, TEST_GPA, SOME, 3));
    looked_at(what);
    xc_shadow_control(xch, g->domid, XEN_DOMCTL_SHADOW_OP_OFF, NULL, 0);
}

static void profile_guest(struct guest *g)
{
    exit_cost(g);
    quietly_marked(g, COMMAND(CMD_CPUID_LOOP, 40));
    looked_at("cpuid_40");
    profile_log_dirty(g, "logdirty_clean", "logdirty_16");
}

/* Each kind of call once, when it isn't the first of its kind. */
static void profile_calls(struct guest *g)
{
    altp2m_op_t get = op_new(g->domid, HVMOP_altp2m_get_domain_state);
    uint16_t view[2];
    unsigned int i;

    guest_pause(g);
    timed_op(&get);
    looked_at("floor");
    for ( i = 0; i < 2; i++ )
    {
        set_state(g, true);
        looked_at(i ? "on" : "on_first");
        if ( !i )
        {
            set_state(g, false);
            looked_at("off");
        }
    }
    for ( i = 0; i < 2; i++ )
    {
        timed_create(g, &view[i]);
        looked_at(i ? "create" : "create_first");
    }
    timed_destroy(g, view[1]);
    looked_at("destroy");
    for ( i = 0; i < 3; i++ )
    {
        timed_switch(g, i & 1 ? 0 : view[0]);
        looked_at(!i ? "switch_first" : i == 1 ? "switch_back" : "switch");
    }
    for ( i = 0; i < 3; i++ )
    {
        timed_access(g, view[0], TEST_GFN + (i + 1) / 2 * IN_2MIB + i,
                     XENMEM_access_rx);
        looked_at(!i ? "access_very_first" : i == 1 ? "access_first"
                                                    : "access");
    }
    timed_many(g, view[0], TEST_GFN + 4 * IN_2MIB, XENMEM_access_rx);
    looked_at("multi_first_1024");
    timed_many(g, view[0], TEST_GFN + 4 * IN_2MIB, XENMEM_access_r);
    looked_at("multi_1024");
    for ( i = 0; i < 2; i++ )
    {
        timed_remap(g, view[0], TEST_GFN + 4 * IN_2MIB + 100 + i,
                    TEST_GFN + 4 * IN_2MIB + 200 + i);
        looked_at(i ? "remap" : "remap_first");
    }
    timed_remap(g, view[0], TEST_GFN + 4 * IN_2MIB + 100, NO_GFN);
    looked_at("remap_undo");
    guest_unpause(g);
    expect_ok(view_switch(g->domid, 0));
}

static void profile_violations(struct guest *g)
{
    struct monitor *m = monitor_open(g, emulate);
    uint16_t view = new_view(g);

    guest_fill(g, TEST_GPA, SOME, 4);
    for ( unsigned int i = 0; i < SOME; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i,
                                  XENMEM_access_n));
    expect_ok(view_switch(g->domid, view));
    guest_alive(g);
    mark();
    guest_post(g, 0, COMMAND(CMD_SUM, TEST_GPA, SOME));
    while ( !guest_answers(g, 0, 0) )
        monitor_wait(m, 20);
    mark();
    looked_at("violation_16");
    expect_ok(view_switch(g->domid, 0));
    monitor_close(m);
}

/* In a view: log-dirty; #VE and VMFUNC, which are by the CPU where it has them. */
static void profile_view(struct guest *g)
{
    uint16_t view = new_view(g);

    expect_ok(view_switch(g->domid, view));
    profile_log_dirty(g, "logdirty_view_clean", "logdirty_view_16");
    for ( unsigned int i = 0; i < SOME; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i,
                                  XENMEM_access_rx2rw));
    guest_alive(g);
    quietly_marked(g, COMMAND(CMD_FILL, TEST_GPA, SOME, 5));
    looked_at("promoted_16");
    expect_ok(view_notify_on(g->domid, 0, PAYLOAD_VE_INFO >> 12));
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_n));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN, false));
    do_quietly(g, COMMAND(CMD_VE_LOOP, TEST_GPA, SOME), 5);
    quietly_marked(g, COMMAND(CMD_VE_LOOP, TEST_GPA, SOME));
    looked_at("ve_16");
    quietly_marked(g, COMMAND(CMD_VMFUNC_LOOP, view, 0, SOME));
    looked_at("vmfunc_16");
    expect_ok(view_switch(g->domid, 0));
}

/* SOME scattered overrides, as the tool reads them. */
static void profile_reading(struct guest *g)
{
    struct xen_altp2m_read r = {
        .view = new_view(g), .room = SOME_RECORDS, .next = TEST_GFN,
        .last = TEST_GFN + SOME * DISTANCE - 1,
    };
    static const struct { uint32_t cmd; const char *what; } readers[] = {
        { HVMOP_altp2m_read_overrides, "read_overrides_16" },
        { HVMOP_altp2m_read_map, "read_map_16" },
    };
    void *buffer = xencall_alloc_buffer(xcall, SOME_RECORDS *
                                        sizeof(struct xen_altp2m_map));

    expect(buffer, "no memory");
    scatter(g, r.view, SOME);
    r.buffer = (uintptr_t)buffer;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        altp2m_op_t op = op_new(g->domid, readers[i].cmd);

        memcpy(&op.u, &r, sizeof(r));
        timed_op(&op);
        looked_at(readers[i].what);
    }
    xencall_free_buffer(xcall, buffer);
}

static void profile(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = BIG_MIB,
                                                        .pool_pages = 4096 });

    profiling = true;
    split(g);
    profile_host(g, PLAIN_GFN, "host_off");
    profile_guest(g);
    profile_calls(g);
    profile_host(g, PLAIN_GFN, "host_plain");
    expect_ok(view_access_set(g->domid, 1, NEAR_GFN + 1, XENMEM_access_rx));
    profile_host(g, NEAR_GFN, "host_near_1");
    profile_violations(g);
    profile_view(g);
    profile_reading(g);
    profile_breakpoints();
}

int main(int argc, char **argv)
{
    static const struct
    {
        const char *name;
        void (*run)(void);
    } parts[] = {
        { "life", life }, { "calls", calls }, { "range", range },
        { "reading_2m", reading_2m }, { "reading_4k", reading_4k },
        { "reading_restricted", reading_restricted },
        { "host_changes", host_changes }, { "most_views", most_views },
        { "violations", violations }, { "promotions", promotions },
        { "ve", ve }, { "logdirty", logdirty }, { "migration", migration },
        { "tool", tool }, { "sides", sides },
        { "breakpoints", bench_breakpoints }, { "breakpoints", bench_patches },
        { "breakpoints", bench_breakpoints_100 },
        { "breakpoints", bench_patches_100 },
        { "processes", bench_processes }, { "logged", bench_logged },
        { "never", never },
        { "profile", profile },     /* the last: only if asked for */
    };

    hypercall_open();
    for ( unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++ )
    {
        const char *problem;

        for ( int a = 1; a < argc; a++ )
            if ( !strcmp(argv[a], parts[i].name) )
                goto run;
        if ( argc > 1 || parts[i].run == profile )
            continue;
 run:
        problem = guarded(parts[i].run);
        if ( problem )
            printf("BENCH-ERROR %s %s\n", parts[i].name, problem);
        fflush(stdout);
    }
    return 0;
}
