/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: pages that may be executed and not read, as those who hide breakpoints
 * guard them.  A CPU does this by itself, or a view has two sides.
 */
#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>

#define VALUE 0x1122334455667788ULL
#define NEXT_GPA (TEST_GPA + 0x1000)
#define NEXT_GFN (TEST_GFN + 1)
#define FLAG_GPA (TEST_GPA + 0x5000)
#define FLAG_GFN (TEST_GFN + 5)

static void put(struct guest *g, uint64_t gpa, const void *code, size_t size)
{
    for ( size_t i = 0; i < size; i++ )
    {
        uint8_t *page = host_map(g, (gpa + i) >> 12);

        page[(gpa + i) & 0xfff] = ((const uint8_t *)code)[i];
        host_unmap(page);
    }
}

/* mov $VALUE, %rax; ret */
static void put_code(struct guest *g, uint64_t gpa)
{
    uint8_t code[] = { 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xc3 };
    uint64_t value = VALUE;

    memcpy(code + 2, &value, sizeof(value));
    put(g, gpa, code, sizeof(code));
}

/* Until the word at FLAG_GPA is not 0: mov FLAG, %rax; test; pause; jz; ret */
static void put_loop(struct guest *g, uint64_t gpa)
{
    uint8_t code[] = { 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x48, 0x85, 0xc0, 0xf3,
                       0x90, 0x74, 0xf2, 0xc3 };
    int32_t away = FLAG_GPA - gpa - 7;

    memcpy(code + 3, &away, sizeof(away));
    put(g, gpa, code, sizeof(code));
    host_write(g, FLAG_GPA, 0);
}

static void executes(struct guest *g, uint64_t gpa)
{
    expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, gpa))->result[0], VALUE,
                 "value of the code");
}

/* A view with that access of TEST_GFN.  Skips where no CPU of this kind can. */
static uint16_t guard_view(struct guest *g, unsigned int access)
{
    uint16_t view = new_view(g);
    int rc = view_access_set(g->domid, view, TEST_GFN, access);

    if ( rc == -EOPNOTSUPP )
        skip("no such access here");
    expect_ok(rc);
    expect_access(g, view, TEST_GFN, access);

    return view;
}

static bool two_sides(struct guest *g)
{
    struct xen_altp2m_capabilities c;

    expect_library(xenaltp2m_capabilities(library(), g->domid, &c), 0);
    return c.features & XEN_ALTP2M_HAS_SIDES;
}

/* Xen does the read, and the guest goes on in its view. */
static void answer_emulate(const vm_event_request_t *request,
                        vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_EMULATE;
    (void)request;
}

static void expect_read(const struct monitor *m, unsigned int nr, uint16_t view)
{
    const vm_event_request_t *e = &m->log[nr - 1];

    expect_equal(m->count, nr, "events");
    expect_equal(e->reason, VM_EVENT_REASON_MEM_ACCESS, "reason");
    expect_equal(e->u.mem_access.gfn, TEST_GFN, "gfn");
    expect_equal(e->altp2m_idx, view, "view");
    expect(e->u.mem_access.flags & MEM_ACCESS_R, "flags %#x",
           e->u.mem_access.flags);
    expect(!(e->u.mem_access.flags & MEM_ACCESS_X), "flags %#x",
           e->u.mem_access.flags);
}

/* Executing is silent, reading from elsewhere is told, over and over. */
static void side_guard(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_x);
    struct monitor *m = monitor_open(g, answer_emulate);

    put_code(g, TEST_GPA);
    put_code(g, NEXT_GPA);
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 20; i++ )
    {
        executes(g, TEST_GPA);
        executes(g, NEXT_GPA);
        expect_equal(m->count, i, "events");
        guest_read(g, TEST_GPA);
        expect_read(m, i + 1, view);
    }
    guest_write(g, TEST_GPA + 0x800, 1);
    expect_equal(m->count, 21, "events");
    expect_view(g, 0, view);
    guest_alive(g);
}

/* Code on such a page that reads the page itself: docs/rights.md. */
static void side_reads_itself(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_x);
    struct monitor *m = monitor_open(g, answer_emulate);

    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, TEST_GPA, VALUE));
    expect_ok(view_switch(g->domid, view));
    executes(g, TEST_GPA);
    expect_equal(m->count, two_sides(g) ? 0 : 1, "events");
    guest_alive(g);
}

/* An instruction that begins there, or ends there. */
static void side_straddles(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_x);
    struct monitor *m = monitor_open(g, answer_emulate);

    for ( unsigned int i = 1; i < 10; i++ )
    {
        put_code(g, NEXT_GPA - i);
        put_code(g, TEST_GPA - i);
        expect_ok(view_switch(g->domid, view));
        executes(g, NEXT_GPA - i);
        executes(g, TEST_GPA - i);
        expect_equal(m->count, i - 1, "events");
        guest_read(g, TEST_GPA + 0x800);
        expect_read(m, i, view);
        expect_ok(view_switch(g->domid, 0));
    }
    guest_alive(g);
}

/* The same, of a page of a range; its neighbours have the access, too. */
static void side_range(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_x);
    struct monitor *m = monitor_open(g, answer_emulate);
    struct xen_altp2m_override r = rights_of(TEST_GFN & ~511ULL, 512,
                                             XENMEM_access_x);

    expect_library(xenaltp2m_set_range(library(), g->domid, view, &r), 0);
    put_code(g, TEST_GPA);
    put_code(g, NEXT_GPA - 4);
    put_code(g, ((TEST_GPA | 0x1fffff) + 1) - 4);   /* leaves the range */
    expect_ok(view_switch(g->domid, view));
    executes(g, TEST_GPA);
    executes(g, NEXT_GPA - 4);
    executes(g, ((TEST_GPA | 0x1fffff) + 1) - 4);
    expect_equal(m->count, 0, "events");
    guest_read(g, TEST_GPA + 0x800);
    expect_read(m, 1, view);
    guest_alive(g);
}

/* A vCPU that is at work on such a page is put into other views, and back. */
static void side_switch(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_x), other = guard_view(g, XENMEM_access_x);
    struct monitor *m = monitor_open(g, answer_emulate);

    put_loop(g, TEST_GPA);
    for ( unsigned int i = 0; i < 10; i++ )
    {
        expect_ok(view_switch(g->domid, view));
        host_write(g, FLAG_GPA, 0);
        guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
        guest_run(g, 2);
        expect_ok(view_switch(g->domid, i & 1 ? view : other));
        guest_run(g, 2);
        expect_ok(view_switch(g->domid, i & 2 ? 0 : view));
        guest_run(g, 2);
        host_write(g, FLAG_GPA, VALUE);
        expect(guest_answers(g, 0, 5000), "no answer");
        expect_equal(g->slot[0]->result[0], VALUE, "value of the code");
    }
    expect_equal(m->count, 0, "events");
    expect_ok(view_switch(g->domid, view));
    guest_read(g, TEST_GPA);
    expect_read(m, 1, view);
}

/* What is changed meanwhile counts for that vCPU, too. */
static void side_changes(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_x);
    struct monitor *m = monitor_open(g, answer_view_0);

    put_loop(g, TEST_GPA);
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    guest_run(g, 2);
    expect_ok(view_remap(g->domid, view, FLAG_GFN, FLAG_GFN + 1));
    host_write(g, FLAG_GPA, VALUE + 1);
    guest_run(g, 2);
    host_write(g, FLAG_GPA + 0x1000, VALUE);
    expect(guest_answers(g, 0, 5000), "no answer");
    expect_equal(g->slot[0]->result[0], VALUE, "value shown by the view");

    expect_ok(view_remap(g->domid, view, FLAG_GFN, NO_GFN));
    host_write(g, FLAG_GPA, 0);
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    guest_run(g, 2);
    expect_equal(m->count, 0, "events");
    expect_ok(view_access_set(g->domid, view, FLAG_GFN, XENMEM_access_n));
    guest_run(g, 2);
    expect_equal(m->count, 1, "events");
    expect_equal(m->log[0].u.mem_access.gfn, FLAG_GFN, "gfn");
    expect_equal(m->log[0].altp2m_idx, view, "view");
    host_write(g, FLAG_GPA, VALUE);
    expect(guest_answers(g, 0, 5000), "no answer");
    guest_alive(g);
}

/* One vCPU executes there, and another one reads. */
static void side_two_vcpus(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });
    struct monitor *m;
    uint16_t view;

    guest_start_vcpu(g, 1);
    expect_ok(view_state_set(g->domid, true));
    view = guard_view(g, XENMEM_access_x);
    m = monitor_open(g, answer_emulate);
    put_loop(g, TEST_GPA);
    put_code(g, NEXT_GPA - 3);
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 1, COMMAND(CMD_EXEC, TEST_GPA));
    guest_run(g, 2);
    for ( unsigned int i = 1; i < 10; i++ )
    {
        executes(g, NEXT_GPA - 3);
        guest_read(g, TEST_GPA + 0x800);
        expect_read(m, i, view);
    }
    host_write(g, FLAG_GPA, VALUE);
    expect(guest_answers(g, 1, 5000), "no answer");
    expect_equal(g->slot[1]->result[0], VALUE, "value of the code");
    guest_alive(g);
}

/* The page may be written by its own code, and by no other. */
static void side_write_execute(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = guard_view(g, XENMEM_access_wx);
    struct monitor *m = monitor_open(g, answer_emulate);
    /* mov $7, 0x7f5(%rip), which is at 0x800; mov $VALUE, %rax; ret */
    static const uint8_t code[] = { 0x48, 0xc7, 0x05, 0xf5, 0x07, 0, 0, 7, 0, 0,
                                    0 };

    put(g, TEST_GPA, code, sizeof(code));
    put_code(g, TEST_GPA + sizeof(code));
    expect_ok(view_switch(g->domid, view));
    executes(g, TEST_GPA);
    expect_equal(host_read(g, TEST_GPA + 0x800), 7, "value written");
    expect_equal(m->count, 0, "events");
    guest_write(g, TEST_GPA + 0x800, 8);
    expect_equal(m->count, 1, "events");
    guest_read(g, TEST_GPA + 0x800);
    expect_equal(m->count, 2, "events");
}

/* The host's own map has one side. */
static void side_host_refuses(void)
{
    struct guest *g = guest_with_views();

    if ( !two_sides(g) )
        skip("the CPU has execute-only pages");
    expect_rc(view_access_set(g->domid, 0, TEST_GFN, XENMEM_access_x),
              -EOPNOTSUPP);
    expect_access(g, 0, TEST_GFN, XENMEM_access_rwx);
    guest_alive(g);
}

const struct test tests_side[] = {
    { "side_guard", NEEDS_VIEWS, side_guard },
    { "side_reads_itself", NEEDS_VIEWS, side_reads_itself },
    { "side_straddles", NEEDS_VIEWS, side_straddles },
    { "side_range", NEEDS_VIEWS, side_range },
    { "side_switch", NEEDS_VIEWS, side_switch },
    { "side_changes", NEEDS_VIEWS, side_changes },
    { "side_two_vcpus", NEEDS_VIEWS, side_two_vcpus },
    { "side_write_execute", NEEDS_VIEWS, side_write_execute },
    { "side_host_refuses", NEEDS_VIEWS, side_host_refuses },
    { 0 },
};
