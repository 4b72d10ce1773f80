/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: hidden breakpoints as DRAKVUF sets them.  A view shows a copy of the
 * page, with INT3 in it, that may be executed and not read.  An INT3 is an event;
 * the vCPU makes one step in the host's map, and comes back.
 */
#define XC_WANT_COMPAT_DEVICEMODEL_API  /* xc_hvm_inject_trap() */

#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>

#define INT3     0xcc
#define VALUE    0x1122334455667788ULL
#define COPY_GFN (TEST_GFN + 2)
#define CALLS    20

/* mov $VALUE, %rax; ret */
static const uint8_t code[] = { 0x48, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
                                0x22, 0x11, 0xc3 };
#define RET_OFFSET 10

static struct
{
    uint32_t domid;
    uint16_t view;
    bool fast;                      /* FAST_SINGLESTEP, not TOGGLE_SINGLESTEP */
    unsigned int hits, steps, reads, writes;
} seen;

static void put(struct guest *g, uint64_t gpa, const uint8_t *bytes,
                size_t size)
{
    uint8_t *page = host_map(g, gpa >> 12);

    memcpy(page + gpa % XC_PAGE_SIZE, bytes, size);
    host_unmap(page);
}

static void put_byte(struct guest *g, uint64_t gpa, uint8_t byte)
{
    put(g, gpa, &byte, 1);
}

/* The one instruction is executed in the host's map. */
static void step_over(vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = 0;
    if ( seen.fast )
    {
        answer->flags |= VM_EVENT_FLAG_FAST_SINGLESTEP;
        answer->u.fast_singlestep.p2midx = seen.view;
    }
    else
        answer->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
}

static void answer_hidden(const vm_event_request_t *request,
                          vm_event_response_t *answer)
{
    switch ( request->reason )
    {
    case VM_EVENT_REASON_SOFTWARE_BREAKPOINT:
        seen.hits++;
        step_over(answer);
        break;

    case VM_EVENT_REASON_SINGLESTEP:
        seen.steps++;
        answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                         VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
        answer->altp2m_idx = seen.view;
        break;

    case VM_EVENT_REASON_MEM_ACCESS:
        if ( request->u.mem_access.flags & MEM_ACCESS_W )
            seen.writes++;
        else
            seen.reads++;
        step_over(answer);
        break;
    }
}

static struct monitor *monitor_int3(struct guest *g, monitor_answer_t answer)
{
    struct monitor *m = monitor_open(g, answer);

    expect(!xc_monitor_software_breakpoint(xch, g->domid, true),
           "events of INT3: %s", error_name(-errno));
    expect(!xc_monitor_singlestep(xch, g->domid, true), "single step: %s",
           error_name(-errno));
    return m;
}

/* A breakpoint on each of the two instructions of the code at TEST_GPA. */
static struct monitor *hide_two(struct guest *g, bool fast)
{
    memset(&seen, 0, sizeof(seen));
    seen.fast = fast;
    put(g, TEST_GPA, code, sizeof(code));
    put(g, gpa_of(COPY_GFN), code, sizeof(code));
    put_byte(g, gpa_of(COPY_GFN), INT3);
    put_byte(g, gpa_of(COPY_GFN) + RET_OFFSET, INT3);
    seen.view = new_view(g);
    expect_ok(view_remap(g->domid, seen.view, TEST_GFN, COPY_GFN));
    expect_ok(view_access_set(g->domid, seen.view, TEST_GFN, XENMEM_access_x));
    expect_ok(view_access_set(g->domid, seen.view, COPY_GFN, XENMEM_access_n));
    return monitor_int3(g, answer_hidden);
}

/* The same, as bytes that only the view shows. */
static struct monitor *patch_two(struct guest *g, bool fast)
{
    struct xen_altp2m_patch p[] = {
        { .gfn = TEST_GFN, .len = 1, .bytes[0] = INT3 },
        { .gfn = TEST_GFN, .offset = RET_OFFSET, .len = 1, .bytes[0] = INT3 },
    };

    memset(&seen, 0, sizeof(seen));
    seen.fast = fast;
    put(g, TEST_GPA, code, sizeof(code));
    seen.view = new_view(g);
    expect_library(xenaltp2m_patch(library(), g->domid, seen.view, p, 2, NULL),
                   0);
    expect_equal(p[0].old[0], code[0], "first byte");
    expect_equal(p[1].old[0], code[RET_OFFSET], "last byte");
    if ( p[0].access != XENMEM_access_x )
        skip("pages that can be executed can be read");
    return monitor_int3(g, answer_hidden);
}

static void expect_hit(const vm_event_request_t *e, unsigned int offset)
{
    expect_equal(e->reason, VM_EVENT_REASON_SOFTWARE_BREAKPOINT, "reason");
    expect_equal(e->altp2m_idx, seen.view, "view of the event");
    expect_equal(e->data.regs.x86.rip, TEST_GPA + offset, "rip of the event");
    expect_equal(e->u.software_breakpoint.gfn, TEST_GFN, "gfn of the event");
    expect_equal(e->u.software_breakpoint.insn_length, 1, "length");
}

static void call(struct guest *g)
{
    const volatile struct payload_slot *s =
        guest_do(g, 0, COMMAND(CMD_EXEC, TEST_GPA));

    expect_equal(s->result[0], VALUE, "value returned");
}

/* Each of so many calls is two hits, and each hit one step. */
static void calls_are_hits(struct guest *g, unsigned int calls)
{
    unsigned int hits = seen.hits, steps = seen.steps;

    for ( unsigned int i = 1; i <= calls; i++ )
    {
        call(g);
        expect_equal(seen.hits, hits + 2 * i, "hits");
        expect_equal(seen.steps, steps + (seen.fast ? 0 : 2 * i), "steps");
        expect_view(g, 0, seen.view);
    }
}

static void hidden(struct monitor *(*hide)(struct guest *g, bool fast),
                   bool fast)
{
    struct guest *g = guest_with_views();
    struct monitor *m = hide(g, fast);
    uint64_t original;

    call(g);
    expect_equal(m->count, 0, "events of the host's map");
    original = host_read(g, TEST_GPA);
    expect_ok(view_switch(g->domid, seen.view));
    calls_are_hits(g, CALLS);
    expect_hit(&m->log[0], 0);
    expect_hit(&m->log[fast ? 1 : 2], RET_OFFSET);
    expect_equal(seen.reads + seen.writes, 0, "violations");
    for ( unsigned int i = 1; i <= CALLS; i++ )
    {
        expect_equal(guest_read(g, TEST_GPA), original, "code as it is read");
        expect_equal(seen.reads, i, "reads");
        calls_are_hits(g, 1);
    }
    guest_write(g, TEST_GPA + 0x800, 0x77);
    expect_equal(seen.writes, 1, "writes");
    expect_equal(host_read(g, TEST_GPA + 0x800), 0x77, "value written");
    calls_are_hits(g, 1);
    guest_alive(g);
}

static void breakpoint_hidden(void)
{
    hidden(hide_two, false);
}

static void breakpoint_hidden_fast(void)
{
    hidden(hide_two, true);
}

static void breakpoint_patched(void)
{
    hidden(patch_two, false);
}

static void breakpoint_patched_fast(void)
{
    hidden(patch_two, true);
}

/* The guest's own INT3 is given back to it. */
static void answer_give_back(const vm_event_request_t *request,
                             vm_event_response_t *answer)
{
    (void)answer;
    if ( request->reason != VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
        return;
    seen.hits++;
    expect(!xc_hvm_inject_trap(xch, seen.domid, request->vcpu_id, 3,
                               request->u.software_breakpoint.type, ~0u,
                               request->u.software_breakpoint.insn_length, 0),
           "inject: %s", error_name(-errno));
}

/*
 * Its handler finds the address behind it, as without a monitor: in the host's
 * map, and where the INT3 is on a page that may only be executed.
 */
static void breakpoint_given_back(void)
{
    struct guest *g = guest_with_views();
    const volatile struct payload_slot *s = g->slot[0];
    uint16_t view = new_view(g);

    memset(&seen, 0, sizeof(seen));
    seen.domid = g->domid;
    put_byte(g, TEST_GPA, 0x90);
    put_byte(g, TEST_GPA + 1, INT3);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_x));
    monitor_int3(g, answer_give_back);
    for ( unsigned int i = 1; i <= CALLS; i++ )
    {
        expect_ok(view_switch(g->domid, i & 1 ? 0 : view));
        expect_equal(guest_try(g, 0, COMMAND(CMD_EXEC, TEST_GPA)), 3 + 1,
                     "exception");
        expect_equal(s->result[0], TEST_GPA + 2, "rip of the exception");
        expect_equal(seen.hits, i, "events");
    }
    guest_alive(g);
}

const struct test tests_breakpoint[] = {
    { "breakpoint_hidden", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      breakpoint_hidden },
    { "breakpoint_hidden_fast", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      breakpoint_hidden_fast },
    { "breakpoint_patched", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      breakpoint_patched },
    { "breakpoint_patched_fast", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      breakpoint_patched_fast },
    { "breakpoint_given_back", NEEDS_VIEWS | NEEDS_INT3,
      breakpoint_given_back },
    { 0 },
};
