/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: what is forbidden in a view is caught there, and nowhere else. */
#define XC_WANT_COMPAT_DEVICEMODEL_API  /* xc_hvm_inject_trap() */

#include "guest.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CODE_VALUE 0x5eed

static const struct
{
    unsigned int access;
    unsigned int allowed; /* MEM_ACCESS_* */
} rights[] = {
    { XENMEM_access_n, 0 },
    { XENMEM_access_r, MEM_ACCESS_R },
    { XENMEM_access_x, MEM_ACCESS_X },
    { XENMEM_access_rw, MEM_ACCESS_RW },
    { XENMEM_access_rx, MEM_ACCESS_RX },
    { XENMEM_access_rwx, MEM_ACCESS_RWX },
    { XENMEM_access_n2rwx + 1, MEM_ACCESS_R }, /* r_pw, where Xen has it */
};

static void touch(struct guest *g, unsigned int kind, uint64_t gpa)
{
    const volatile struct payload_slot *s;

    switch ( kind )
    {
    case MEM_ACCESS_R:
        expect_equal(guest_read(g, gpa + PAYLOAD_CODE_VALUE), CODE_VALUE,
                     "value read");
        break;

    case MEM_ACCESS_W:
        guest_write(g, gpa + 0x800, 0x77);
        expect_equal(host_read(g, gpa + 0x800), 0x77, "value written");
        host_write(g, gpa + 0x800, 0);
        break;

    default:
        /* Its constant lies in the next page, so this only executes. */
        s = guest_do(g, 0, COMMAND(CMD_EXEC, gpa));
        expect_equal(s->result[0], CODE_VALUE, "value returned");
        break;
    }
}

static void expect_event(struct guest *g, const struct monitor *m,
                         uint16_t view, uint64_t gfn, unsigned int kind)
{
    const vm_event_request_t *e = &m->log[0];

    expect_equal(m->count, 1, "events");
    expect_equal(e->reason, VM_EVENT_REASON_MEM_ACCESS, "reason");
    expect_equal(e->u.mem_access.gfn, gfn, "gfn of the event");
    expect(e->u.mem_access.flags & kind, "flags %#x lack %#x",
           e->u.mem_access.flags, kind);
    expect(e->flags & VM_EVENT_FLAG_ALTERNATE_P2M, "flags %#x tell no view",
           e->flags);
    expect_equal(e->altp2m_idx, view, "view of the event");
    expect_equal(e->vcpu_id, 0, "vCPU of the event");
    expect(e->u.mem_access.flags & MEM_ACCESS_GLA_VALID,
           "flags %#x: no linear address", e->u.mem_access.flags);
    expect_equal(e->u.mem_access.gla >> 12, gfn, "linear address");
    expect_view(g, 0, 0);
}

/* Code whose constant is in the following page: executing reads nothing here. */
static void make_code_apart(struct guest *g, uint64_t gpa)
{
    uint8_t *page = host_map(g, gpa >> 12);
    static const uint8_t code[] = {
        0x48, 0x8b, 0x05, 0xf9, 0x0f, 0, 0, /* mov 0xff9(%rip), %rax */
        0xc3,
    };

    for ( unsigned int i = 0; i < sizeof(code); i++ )
        page[i] = code[i];
    host_unmap(page);
    host_write(g, gpa + 0x1000, CODE_VALUE);
    host_write(g, gpa + PAYLOAD_CODE_VALUE, CODE_VALUE);
}

static void violation_matrix(void)
{
    static const unsigned int kinds[] = { MEM_ACCESS_R, MEM_ACCESS_W,
                                          MEM_ACCESS_X };
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    make_code_apart(g, TEST_GPA);
    for ( unsigned int i = 0; i < sizeof(rights) / sizeof(rights[0]); i++ )
    {
        int rc;

        if ( rights[i].access == XENMEM_access_default )
            continue;
        rc = view_access_set(g->domid, view, TEST_GFN, rights[i].access);
        if ( rc == -EOPNOTSUPP )
            continue;
        expect(!rc, "access %u: %s", rights[i].access, error_name(rc));
        for ( unsigned int j = 0; j < 3; j++ )
        {
            struct monitor *m = monitor_open(g, answer_view_0);

            expect_ok(view_switch(g->domid, view));
            touch(g, kinds[j], TEST_GPA);
            if ( rights[i].allowed & kinds[j] )
                expect(!m->count, "access %u: event %#x without cause",
                       rights[i].access, kinds[j]);
            else
                expect_event(g, m, view, TEST_GFN, kinds[j]);
            expect_access(g, view, TEST_GFN, rights[i].access);
            monitor_close(m);
            expect_ok(view_switch(g->domid, 0));
        }
    }
}

static void violation_not_in_other_view(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);
    struct monitor *m = monitor_open(g, answer_view_0);

    expect_ok(view_access_set(g->domid, a, TEST_GFN, XENMEM_access_r));
    expect_ok(view_switch(g->domid, b));
    guest_write(g, TEST_GPA, 1);
    expect_ok(view_switch(g->domid, 0));
    guest_write(g, TEST_GPA, 2);
    expect_equal(m->count, 0, "events elsewhere");
    expect_ok(view_switch(g->domid, a));
    guest_write(g, TEST_GPA, 3);
    expect_event(g, m, a, TEST_GFN, MEM_ACCESS_W);
    expect_equal(guest_read(g, TEST_GPA), 3, "value");
}

/*
 * Write without read does not exist in hardware.  It is refused, or a read is
 * caught; never the guest's end.
 */
static void violation_write_only(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    for ( unsigned int i = 0; i < 2; i++ )
    {
        unsigned int access = i ? XENMEM_access_wx : XENMEM_access_w;
        struct monitor *m;
        int rc = view_access_set(g->domid, view, TEST_GFN + i, access);

        if ( rc )
        {
            expect_rc(rc, -EOPNOTSUPP);
            expect_access(g, view, TEST_GFN + i, XENMEM_access_rwx);
            continue;
        }
        m = monitor_open(g, answer_view_0);
        expect_ok(view_switch(g->domid, view));
        guest_read(g, TEST_GPA + i * 0x1000);
        expect_event(g, m, view, TEST_GFN + i, MEM_ACCESS_R);
        monitor_close(m);
        expect_ok(view_switch(g->domid, 0));
    }
    guest_alive(g);
}

static void violation_rx2rw(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);
    struct monitor *m = monitor_open(g, answer_view_0);

    expect_ok(view_access_set(g->domid, a, TEST_GFN, XENMEM_access_rx2rw));
    expect_ok(view_access_set(g->domid, b, TEST_GFN, XENMEM_access_rx2rw));
    expect_ok(view_switch(g->domid, a));
    guest_read(g, TEST_GPA);
    expect_access(g, a, TEST_GFN, XENMEM_access_rx2rw);
    guest_write(g, TEST_GPA, 0x31);
    expect_equal(m->count, 0, "events");
    expect_view(g, 0, a);
    expect_access(g, a, TEST_GFN, XENMEM_access_rw);
    expect_access(g, b, TEST_GFN, XENMEM_access_rx2rw);
    expect_access(g, 0, TEST_GFN, XENMEM_access_rwx);
    expect_equal(guest_read(g, TEST_GPA), 0x31, "value");
}

static void violation_n2rwx(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);
    struct monitor *m = monitor_open(g, NULL);

    guest_write(g, TEST_GPA, 0x41);
    expect_ok(view_access_set(g->domid, a, TEST_GFN, XENMEM_access_n2rwx));
    expect_ok(view_access_set(g->domid, b, TEST_GFN, XENMEM_access_n2rwx));
    expect_ok(view_switch(g->domid, a));
    expect_equal(guest_read(g, TEST_GPA), 0x41, "value");
    guest_run(g, 2);
    expect_equal(m->count, 1, "events");
    expect_equal(m->log[0].u.mem_access.gfn, TEST_GFN, "gfn");
    guest_write(g, TEST_GPA, 0x42);
    guest_run(g, 2);
    expect_equal(m->count, 1, "events after the first");
    expect_access(g, a, TEST_GFN, XENMEM_access_rwx);
    expect_access(g, b, TEST_GFN, XENMEM_access_n2rwx);
}

/* Nobody listens, nobody must: the rights go, in that view, for that page. */
static void violation_no_listener(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);

    for ( unsigned int i = 0; i < 2; i++ )
    {
        expect_ok(view_access_set(g->domid, a, TEST_GFN + i, XENMEM_access_r));
        expect_ok(view_access_set(g->domid, b, TEST_GFN + i, XENMEM_access_r));
    }
    expect_ok(view_switch(g->domid, a));
    guest_write(g, TEST_GPA, 0x51);
    expect_equal(guest_read(g, TEST_GPA), 0x51, "value");
    expect_access(g, a, TEST_GFN, XENMEM_access_rwx);
    expect_access(g, a, TEST_GFN + 1, XENMEM_access_r);
    expect_access(g, b, TEST_GFN, XENMEM_access_r);
}

/* The rights a view gives by default are enforced, not only told. */
static void violation_default_access(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t view;

    guest_write(g, TEST_GPA, 0x61);
    view = new_view(g);
    expect_ok(view_access_set(g->domid, view, NO_GFN, XENMEM_access_rx));
    guest_pause(g);
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_WRITE, TEST_GPA, 0x62));
    guest_unpause(g);
    expect(guest_answers(g, 0, 5000), "no answer");
    expect(m->count >= 1, "the first write of the guest was not caught");
    expect_equal(m->log[0].altp2m_idx, view, "view of the event");
    expect(m->log[0].u.mem_access.flags & MEM_ACCESS_W, "flags %#x",
           m->log[0].u.mem_access.flags);
    expect_equal(guest_read(g, TEST_GPA), 0x62, "value");
}

/* Has the vCPU try again. */
static void answer_again(const vm_event_request_t *request,
                         vm_event_response_t *answer)
{
    (void)request;
    (void)answer;
}

/*
 * Rights that are taken away while the guest writes are gone when the operation
 * returns: no write comes after it, until the guest has them back.
 */
static void violation_taken_while_writing(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, answer_again);
    uint16_t view = new_view(g);

    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA, 1));
    for ( unsigned int i = 0; i < 100; i++ )
    {
        uint64_t written;

        guest_await_round(g, g->slot[0]->rounds);
        expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
        written = host_read(g, TEST_GPA + 8);
        usleep(300);
        expect_equal(host_read(g, TEST_GPA + 8), written, "the last write");
        expect_ok(view_access_set(g->domid, view, TEST_GFN,
                                  XENMEM_access_rwx));
    }
    guest_alive(g);
    expect(m->count, "no violation");
}

/* The one event of a delivery that meets the hidden table is of the gate's read. */
static void expect_gate_read(const struct monitor *m, unsigned int count,
                             uint64_t table, unsigned int vector)
{
    const vm_event_request_t *e = &m->log[count - 1];

    expect_equal(m->count, count, "events");
    expect_equal(e->reason, VM_EVENT_REASON_MEM_ACCESS, "reason");
    expect_equal(e->u.mem_access.gfn, table >> 12, "gfn of the event");
    expect_equal(e->u.mem_access.offset, (table & 0xfff) + 16 * vector,
                 "offset of the event");
}

/*
 * A delivery that meets a page which the view hides is begun anew, and is made
 * once: of an INTn, an INT3 and a fault, of which none is a monitor's business.
 */
static void violation_in_delivery(void)
{
    static const struct
    {
        uint8_t code[2];
        unsigned int vector, length; /* of what is pushed */
    } causes[] = {
        { { 0xcd, 31 }, 31, 2 },     /* int $31 */
        { { 0xcc }, 3, 1 },          /* int3 */
        { { 0x0f, 0x0b }, 6, 0 },    /* ud2 */
    };
    struct guest *g = guest_with_views();
    uint64_t table = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[1];
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t view = new_view(g);

    expect_ok(view_access_set(g->domid, view, table >> 12, XENMEM_access_n));
    for ( unsigned int i = 0; i < 9; i++ )
    {
        unsigned int c = i % 3;
        uint64_t word = causes[c].code[0] | causes[c].code[1] << 8;

        host_write(g, TEST_GPA, word);
        expect_ok(view_switch(g->domid, view));
        expect_equal(guest_try(g, 0, COMMAND(CMD_EXEC, TEST_GPA)),
                     causes[c].vector + 1, "exception");
        expect_equal(g->slot[0]->result[0], TEST_GPA + causes[c].length,
                     "rip of the exception");
        expect_gate_read(m, i + 1, table, causes[c].vector);
    }
    guest_alive(g);
}

#define TURNS (TEST_GPA + 0x800)
#define UD    6

/* Waits until the code below counts, which it does until something ends it. */
static void await_turn(struct guest *g)
{
    uint64_t before = host_read(g, TURNS);

    for ( unsigned int ms = 0; host_read(g, TURNS) == before; ms++ )
    {
        expect(ms < PATIENCE_MS, "the guest's code does not count");
        guest_run(g, 1);
    }
}

/*
 * The same of an exception that nothing but Xen makes: no instruction makes it
 * again, so if the first delivery is lost, the guest never hears of it.
 */
static void violation_in_injection(void)
{
    static const uint8_t count[] = {
        0x48, 0xff, 0x05, 0xf9, 0x07, 0, 0, /* incq 0x7f9(%rip): TURNS */
        0xf3, 0x90,                         /* pause: docs/emulators.md */
        0xeb, 0xf5,                         /* jmp to the first */
    };
    struct guest *g = guest_with_views();
    uint64_t table = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[1];
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t view = new_view(g);
    uint8_t *page = host_map(g, TEST_GFN);

    memcpy(page, count, sizeof(count));
    host_unmap(page);
    expect_ok(view_access_set(g->domid, view, table >> 12, XENMEM_access_n));
    for ( unsigned int i = 1; i <= 3; i++ )
    {
        guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
        await_turn(g);
        guest_pause(g);     /* Xen injects when a vCPU begins to run */
        expect_ok(view_switch(g->domid, view));
        expect(!xc_hvm_inject_trap(xch, g->domid, 0, UD, 3 /* exception */,
                                   ~0u, 0, 0), "inject: %s",
               error_name(-errno));
        guest_unpause(g);
        expect(guest_answers(g, 0, PATIENCE_MS), "the exception is lost");
        expect_equal(g->slot[0]->exception, UD + 1, "exception");
        expect(g->slot[0]->result[0] - TEST_GPA < sizeof(count),
               "rip of the exception is %#llx",
               (unsigned long long)g->slot[0]->result[0]);
        expect_gate_read(m, i, table, UD);
    }
    guest_alive(g);
}

const struct test tests_violation[] = {
    { "violation_matrix", NEEDS_VIEWS, violation_matrix },
    { "violation_not_in_other_view", NEEDS_VIEWS, violation_not_in_other_view },
    { "violation_write_only", NEEDS_VIEWS, violation_write_only },
    { "violation_rx2rw", NEEDS_VIEWS, violation_rx2rw },
    { "violation_n2rwx", NEEDS_VIEWS, violation_n2rwx },
    { "violation_no_listener", NEEDS_VIEWS, violation_no_listener },
    { "violation_default_access", NEEDS_VIEWS, violation_default_access },
    { "violation_taken_while_writing", NEEDS_VIEWS,
      violation_taken_while_writing },
    { "violation_in_delivery", NEEDS_VIEWS, violation_in_delivery },
    { "violation_in_injection", NEEDS_VIEWS, violation_in_injection },
    { 0 },
};
