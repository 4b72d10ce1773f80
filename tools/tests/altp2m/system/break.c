/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: breakpoints of the library.  A hit is an event, and what it answers has
 * the guest go on behind it; no read is one, and none finds the INT3.
 */
#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE  0x1122334455667788ULL
#define OTHER  0x8877665544332211ULL
#define CALLS  20
#define WORDS  64

/* mov $VALUE, %rax; ret */
static const uint8_t code[] = { 0x48, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
                                0x22, 0x11, 0xc3 };
#define VALUE_OFFSET 2
#define RET_OFFSET   10

static struct
{
    xenaltp2m_breakpoints *b;
    unsigned int what[3], failures;     /* by XENALTP2M_EVENT_* */
    vm_event_request_t hit;
} seen;

static void answer_by_library(const vm_event_request_t *request,
                              vm_event_response_t *answer)
{
    int what = xenaltp2m_breakpoints_event(seen.b, request, answer);

    if ( what < 0 )
        seen.failures++;
    else
        seen.what[what]++;
    if ( what == XENALTP2M_EVENT_HIT )
        seen.hit = *request;
}

static void hear(struct guest *g)
{
    monitor_open(g, answer_by_library);
    expect(!xc_monitor_software_breakpoint(xch, g->domid, true),
           "events of INT3: %s", error_name(-errno));
    expect(!xc_monitor_singlestep(xch, g->domid, true), "single step: %s",
           error_name(-errno));
}

static xenaltp2m_breakpoints *open_them(struct guest *g, unsigned int flags)
{
    xenaltp2m_breakpoints *b = xenaltp2m_breakpoints_open(library(), g->domid,
                                                          flags);

    expect(b, "no handle: %s", error_name(-errno));
    return b;
}

/* A guest with the code, and a breakpoint at each of its two instructions. */
static struct guest *guest_with_two(void)
{
    struct guest *g = guest_with_views();
    uint8_t *page = host_map(g, TEST_GFN);

    memcpy(page, code, sizeof(code));
    host_unmap(page);
    memset(&seen, 0, sizeof(seen));
    seen.b = open_them(g, 0);
    expect_library(xenaltp2m_breakpoint(seen.b, TEST_GFN, 0), 0);
    expect_library(xenaltp2m_breakpoint(seen.b, TEST_GFN, RET_OFFSET), 0);
    return g;
}

static void end_them(struct guest *g)
{
    expect_library(xenaltp2m_breakpoints_end(seen.b), 0);
    expect_view(g, 0, 0);
    expect(!xenaltp2m_breakpoints_open(library(), g->domid,
                                       XENALTP2M_ONLY_FIND) &&
           errno == ENOENT, "something is left");
    expect_equal(seen.failures, 0, "failures");
}

static void call(struct guest *g, uint64_t value)
{
    const volatile struct payload_slot *s =
        guest_do(g, 0, COMMAND(CMD_EXEC, TEST_GPA));

    expect_equal(s->result[0], value, "value returned");
}

static void expect_seen(unsigned int hits, unsigned int handled)
{
    expect_equal(seen.what[XENALTP2M_EVENT_HIT], hits, "hits");
    expect_equal(seen.what[XENALTP2M_EVENT_HANDLED], handled, "other events");
    expect_equal(seen.what[XENALTP2M_EVENT_OTHER], 0, "events of others");
}

static void break_hits(void)
{
    struct guest *g = guest_with_two();
    uint64_t words[WORDS];

    for ( unsigned int i = 0; i < WORDS; i++ )
        words[i] = host_read(g, TEST_GPA + 8 * i);
    hear(g);
    for ( unsigned int i = 1; i <= CALLS; i++ )
    {
        call(g, VALUE);
        expect_seen(2 * i, 0);
        expect_equal(seen.hit.data.regs.x86.rip, TEST_GPA + RET_OFFSET, "rip");
        expect_equal(seen.hit.u.software_breakpoint.gfn, TEST_GFN, "gfn");
        /* The guest looks for them: no event, and nothing to be seen. */
        for ( unsigned int j = 0; j < WORDS; j += i )
            expect_equal(guest_read(g, TEST_GPA + 8 * j), words[j], "word");
        expect_seen(2 * i, 0);
    }
    expect_equal(g->monitor->count, 2 * CALLS, "events");
    expect_audit(g);

    expect_library(xenaltp2m_breakpoint_remove(seen.b, TEST_GFN, 0), 0);
    call(g, VALUE);
    expect_seen(2 * CALLS + 1, 0);
    end_them(g);
    call(g, VALUE);
    expect_seen(2 * CALLS + 1, 0);
    guest_alive(g);
}

/* Code that the guest changes runs as it is then, and is hit as before. */
static void break_written(void)
{
    struct guest *g = guest_with_two();

    hear(g);
    call(g, VALUE);
    guest_write(g, TEST_GPA + VALUE_OFFSET, OTHER);
    expect_seen(2, 2);
    expect_equal(host_read(g, TEST_GPA) >> 16, OTHER & ~0ULL >> 16, "host's");
    call(g, OTHER);
    expect_seen(4, 2);
    /* Also from the view that shows, where a read has taken it. */
    expect_equal(guest_read(g, TEST_GPA) >> 16, OTHER & ~0ULL >> 16, "read");
    guest_write(g, TEST_GPA + VALUE_OFFSET, VALUE);
    call(g, VALUE);
    expect_seen(6, 4);
    end_them(g);
    call(g, VALUE);
}

/* A page whose code reads it: that needs both views at once. */
static void break_reads_itself(void)
{
    struct guest *g = guest_with_views();

    memset(&seen, 0, sizeof(seen));
    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, TEST_GPA, 0x1234));
    seen.b = open_them(g, 0);
    expect_library(xenaltp2m_breakpoint(seen.b, TEST_GFN, 7), 0);
    hear(g);
    for ( unsigned int i = 1; i <= CALLS; i++ )
    {
        call(g, 0x1234);
        expect_seen(i, 0);
    }
    expect_equal(g->monitor->count, CALLS, "events");
    end_them(g);
}

/* What Xen has counted since the filter was set. */
static void expect_counts(uint64_t hits, uint64_t others)
{
    uint64_t n[2];

    expect_library(xenaltp2m_breakpoints_counts(seen.b, &n[0], &n[1]), 0);
    expect_equal(n[0], hits, "hits counted");
    expect_equal(n[1], others, "hits of other processes counted");
}

static void break_filter(void)
{
    struct guest *g = guest_with_two();
    uint64_t cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    uint64_t list[2] = { cr3 + 0x1000, cr3 + 0x2000 };

    hear(g);
    expect_library(xenaltp2m_breakpoints_filter(seen.b, list, 2, ~0xfffULL), 0);
    for ( unsigned int i = 0; i < CALLS; i++ )
        call(g, VALUE);
    expect_equal(g->monitor->count, 0, "events of another process");
    expect_counts(0, 2 * CALLS);
    list[1] = cr3;
    expect_library(xenaltp2m_breakpoints_filter(seen.b, list, 2, ~0xfffULL), 0);
    call(g, VALUE);
    expect_seen(2, 0);
    expect_counts(2, 0);
    list[1] = 0;
    expect_library(xenaltp2m_breakpoints_filter(seen.b, list, 2, ~0xfffULL), 0);
    call(g, VALUE);
    expect_seen(2, 0);
    expect_library(xenaltp2m_breakpoints_filter(seen.b, list, 47, ~0xfffULL),
                   -E2BIG);
    expect_library(xenaltp2m_breakpoints_filter(seen.b, NULL, 0, 0), 0);
    call(g, VALUE);
    expect_seen(4, 0);
    end_them(g);
}

/* A page that is guarded in both views stays so, also after a read. */
static void break_guard(void)
{
    struct guest *g = guest_with_two();
    uint16_t views[2];

    xenaltp2m_breakpoints_views(seen.b, &views[0], &views[1]);
    for ( unsigned int i = 0; i < 2; i++ )
        expect_ok(view_access_set(g->domid, views[i], TEST_GFN + 8,
                                  XENMEM_access_n));
    hear(g);
    guest_read(g, TEST_GPA);
    call(g, VALUE);
    expect_equal(g->monitor->count, 2, "events");
    /* Nobody lets it through: the guest waits. */
    guest_post(g, 0, COMMAND(CMD_READ, gpa_of(TEST_GFN + 8)));
    expect(!guest_answers(g, 0, 2000), "the guest reads it");
    expect(seen.what[XENALTP2M_EVENT_OTHER], "no event");
    expect_equal(g->monitor->log[2].u.mem_access.gfn, TEST_GFN + 8, "gfn");
    for ( unsigned int i = 0; i < 2; i++ )
        expect_ok(view_access_set(g->domid, views[i], TEST_GFN + 8,
                                  XENMEM_access_rwx));
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    guest_alive(g);
}

/* They are the domain's: another handle finds them, and can end them. */
static void break_found(void)
{
    struct guest *g = guest_with_two();
    struct xenaltp2m_place *list;
    uint16_t view, again;
    size_t nr;

    xenaltp2m_breakpoints_views(seen.b, &view, NULL);
    xenaltp2m_breakpoints_close(seen.b);
    /* Without a monitor the guest goes on. */
    call(g, VALUE);
    seen.b = open_them(g, XENALTP2M_ONLY_FIND);
    xenaltp2m_breakpoints_views(seen.b, &again, NULL);
    expect_equal(again, view, "view");
    hear(g);
    call(g, VALUE);
    expect_seen(2, 0);
    expect_library(xenaltp2m_breakpoints_list(seen.b, &list, &nr), 0);
    expect_equal(nr, 2, "breakpoints");
    expect(list[0].gfn == TEST_GFN && !list[0].offset && !list[0].dormant &&
           list[1].gfn == TEST_GFN && list[1].offset == RET_OFFSET,
           "other breakpoints");
    free(list);

    expect_ok(host_drop(g, TEST_GFN));
    expect_ok(host_populate(g, TEST_GFN));
    expect_library(xenaltp2m_breakpoints_list(seen.b, &list, &nr), 0);
    expect(nr == 2 && list[0].dormant, "another page has breakpoints");
    free(list);
    end_them(g);
}

/*
 * A hit that is answered while the guest stands still: its step is not done, and
 * has to end in a view.  With the monitor it ends.
 */
static void break_ends_in_step(void)
{
    struct guest *g = guest_with_two();

    hear(g);
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    for ( unsigned int i = 0; !RING_HAS_UNCONSUMED_REQUESTS(&g->monitor->ring);
          i++ )
    {
        expect(i < 1000, "no hit");
        usleep(10000);
    }
    guest_pause(g);
    monitor_serve(g->monitor);
    expect_seen(1, 0);
    expect_library(xenaltp2m_breakpoints_end(seen.b), -EBUSY);
    monitor_close(g->monitor);
    end_them(g);
    guest_unpause(g);
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    call(g, VALUE);
    guest_alive(g);
}

static void break_refuses(void)
{
    struct guest *g = guest_with_two();
    uint16_t runs, shows;

    xenaltp2m_breakpoints_views(seen.b, &runs, &shows);
    expect_library(xenaltp2m_breakpoint(seen.b, TEST_GFN, 0), -EEXIST);
    expect_library(xenaltp2m_breakpoint(seen.b, TEST_GFN, 4096), -EINVAL);
    expect_library(xenaltp2m_breakpoint(seen.b, HOLE_GFN, 0), -ENXIO);
    expect_library(xenaltp2m_breakpoint_remove(seen.b, TEST_GFN, 1), -ENODATA);
    expect_library(xenaltp2m_breakpoint_remove(seen.b, TEST_GFN + 1, 0),
                   -ENODATA);
    expect(!xenaltp2m_breakpoints_open(library(), g->domid, 2) &&
           errno == EINVAL, "a flag that there is not");
    expect_library(xenaltp2m_breakpoint_remove(seen.b, TEST_GFN, 0), 0);
    expect_library(xenaltp2m_breakpoint_remove(seen.b, TEST_GFN, RET_OFFSET),
                   0);
    /* Nothing is left in either view. */
    expect_overrides(g, runs, NULL, 0);
    expect_overrides(g, shows, NULL, 0);
    end_them(g);
    expect_ok(view_state_set(g->domid, false));
    expect(!xenaltp2m_breakpoints_open(library(), g->domid, 0) &&
           errno == EOPNOTSUPP, "views are off");
    guest_alive(g);
}

const struct test tests_break[] = {
    { "break_hits", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_hits },
    { "break_written", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_written },
    { "break_reads_itself", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      break_reads_itself },
    { "break_filter", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_filter },
    { "break_guard", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_guard },
    { "break_found", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_found },
    { "break_ends_in_step", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      break_ends_in_step },
    { "break_refuses", NEEDS_VIEWS | NEEDS_MTF, break_refuses },
    { 0 },
};
