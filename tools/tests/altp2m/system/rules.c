/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: rules of views.  What the guest does is what it would do without views,
 * and the monitor has no event but those that a rule asks for.
 */
#include "library.h"
#include "monitor.h"

#include <errno.h>

#define ROUNDS 200

/* All accesses to the test page, whoever makes them. */
static struct xen_altp2m_rule rule(uint8_t action)
{
    return (struct xen_altp2m_rule){
        .gfn = TEST_GFN, .count = 1, .offset_last = 0xfff,
        .rip_last = XEN_ALTP2M_NONE, .cpl = 0xf, .action = action,
        .access = XEN_ALTP2M_RULE_READ | XEN_ALTP2M_RULE_WRITE |
                  XEN_ALTP2M_RULE_FETCH,
    };
}

static struct xen_altp2m_rule rule_to(uint16_t view)
{
    struct xen_altp2m_rule r = rule(XEN_ALTP2M_RULE_SWITCH);

    r.view = view;
    return r;
}

static struct xen_altp2m_rule rule_in(uint16_t view)
{
    struct xen_altp2m_rule r = rule(XEN_ALTP2M_RULE_ONCE);

    r.step_view = view;
    return r;
}

static int set_rules(struct guest *g, uint16_t view,
                     const struct xen_altp2m_rule *rules, unsigned int nr)
{
    return of_library(xenaltp2m_set_rules(library(), g->domid, view, rules, nr,
                                          NULL));
}

static int set_rule(struct guest *g, uint16_t view, struct xen_altp2m_rule r)
{
    return set_rules(g, view, &r, 1);
}

/* Hits of the rule with that number. */
static uint64_t hits(struct guest *g, uint16_t view, unsigned int nr)
{
    struct xenaltp2m_cursor at = { .next = nr };
    struct xen_altp2m_rule r;

    expect_library(xenaltp2m_read_rules(library(), g->domid, view, &at, &r, 1),
                   1);
    return r.hits;
}

/* A guest in a view in which the test page has that access, and a monitor. */
static struct guest *guest_in(uint16_t *view, unsigned int access,
                              monitor_answer_t answer)
{
    struct guest *g = guest_with_views();

    *view = new_view(g);
    expect_ok(view_access_set(g->domid, *view, TEST_GFN, access));
    monitor_open(g, answer);
    expect_ok(view_switch(g->domid, *view));
    return g;
}

static void rules_switch(void)
{
    uint16_t view, other;
    struct guest *g = guest_in(&view, XENMEM_access_n, answer_view_0);

    other = new_view(g);
    host_write(g, TEST_GPA, 0x22);
    expect_ok(set_rule(g, view, rule_to(other)));
    expect_equal(guest_read(g, TEST_GPA), 0x22, "value");
    expect_view(g, 0, other);
    expect_equal(g->monitor->count, 0, "events");
    expect_equal(hits(g, view, 0), 1, "hits");
    expect_rc(view_destroy(g->domid, view), 0);
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, other));
    guest_alive(g);
}

/* Every write of a guest that keeps a checksum is let through by itself. */
static void rules_once(void)
{
    const volatile struct payload_slot *s;
    uint16_t view;
    struct guest *g = guest_in(&view, XENMEM_access_r, answer_view_0);

    for ( unsigned int i = 0; i < 512; i++ )
        host_write(g, TEST_GPA + i * 8, i * 7);
    expect_ok(set_rule(g, view, rule_in(0)));
    s = guest_do(g, 0, COMMAND(CMD_CHECKSUM, TEST_GPA, 100, ROUNDS));
    expect_equal(s->result[0], s->result[1], "checksum kept and anew");
    expect_equal(g->monitor->count, 0, "events");
    expect_equal(hits(g, view, 0), 1 + 2 * ROUNDS, "hits");
    expect_view(g, 0, view);
    expect_access(g, view, TEST_GFN, XENMEM_access_r);
    guest_alive(g);
}

/* Calls code in the test page, which can't be executed in the guest's view. */
static struct guest *once_over_code(uint16_t *view, uint64_t low, uint64_t high)
{
    struct guest *g = guest_in(view, XENMEM_access_rw, answer_view_0);

    host_write(g, TEST_GPA, low);
    host_write(g, TEST_GPA + 8, high);
    expect_ok(set_rule(g, *view, rule_in(0)));
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    expect_view(g, 0, *view);
    expect_equal(g->monitor->count, 0, "events");
    return g;
}

/* Each of six instructions; Xen carries one of them out. */
static void rules_once_each_instruction(void)
{
    uint16_t view;
    /* push %rbx; xor %eax, %eax; cpuid; pop %rbx; mov $7, %eax; ret */
    struct guest *g = once_over_code(&view, 0x07b85ba20fc03153, 0xc3000000);

    expect_equal(g->slot[0]->exception, 0, "exception");
    expect_equal(g->slot[0]->result[0], 7, "result");
    expect_equal(hits(g, view, 0), 6, "hits");
    guest_alive(g);
}

/* The step is the delivery of the fault. */
static void rules_once_fault(void)
{
    uint16_t view;
    /* ud2 */
    struct guest *g = once_over_code(&view, 0x0b0f, 0);

    expect_equal(g->slot[0]->exception, 6 + 1, "exception");
    expect_equal(hits(g, view, 0), 1, "hits");
    guest_alive(g);
}

/* Answers that the vCPU goes on where it is. */
static void answer_in_place(const vm_event_request_t *request,
                            vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = request->altp2m_idx;
}

/* What the instruction does is an event by itself: the step ends after it. */
static void rules_once_asked(void)
{
    uint16_t view;
    struct guest *g = guest_in(&view, XENMEM_access_rw, answer_in_place);

    /* mov %cr3, %rax; xor $PWT, %al; mov %rax, %cr3; mov $7, %eax; ret */
    host_write(g, TEST_GPA, 0xd8220f0834d8200f);
    host_write(g, TEST_GPA + 8, 0xc300000007b8);
    expect(!xc_monitor_write_ctrlreg(xch, g->domid, VM_EVENT_X86_CR3, true,
                                     true, 0, false),
           "CR3: %s", error_name(-errno));
    expect_ok(set_rule(g, view, rule_in(0)));
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    expect_view(g, 0, view);
    expect_equal(g->slot[0]->result[0], 7, "result");
    expect_equal(g->monitor->count, 1, "events");
    expect_equal(g->monitor->log[0].altp2m_idx, 0, "view of the event");
    expect_equal(hits(g, view, 0), 5, "hits");
    guest_alive(g);
}

/* What the step's view does not allow is reported, and where. */
static void rules_once_violation(void)
{
    uint16_t view, steps;
    struct guest *g = guest_in(&view, XENMEM_access_n, answer_view_0);

    steps = new_view(g);
    host_write(g, TEST_GPA, 0x30);
    expect_ok(view_access_set(g->domid, steps, TEST_GFN, XENMEM_access_r));
    expect_ok(set_rule(g, view, rule_in(steps)));
    expect_ok(set_rule(g, steps, rule_to(0)));
    expect_equal(guest_read(g, TEST_GPA), 0x30, "value");
    expect_view(g, 0, view);
    expect_equal(g->monitor->count, 0, "events");
    guest_write(g, TEST_GPA, 0x31);
    expect_equal(g->monitor->count, 1, "events");
    expect_equal(g->monitor->log[0].altp2m_idx, steps, "view of the event");
    expect_view(g, 0, 0);              /* where the monitor has put it */
    expect_equal(hits(g, steps, 0), 0, "hits of the step's view");
    expect_rc(view_destroy(g->domid, steps), -EBUSY);
    guest_alive(g);
}

static void rules_event(void)
{
    struct xen_altp2m_rule rules[2];
    uint16_t view, other;
    struct guest *g = guest_in(&view, XENMEM_access_n, answer_view_0);

    other = new_view(g);
    rules[0] = rule(XEN_ALTP2M_RULE_EVENT);
    rules[0].offset = rules[0].offset_last = 0x108;
    rules[1] = rule_to(other);
    expect_ok(set_rules(g, view, rules, 2));
    guest_read(g, TEST_GPA + 0x100);
    expect_equal(g->monitor->count, 0, "events");
    expect_view(g, 0, other);
    expect_ok(view_switch(g->domid, view));
    guest_read(g, TEST_GPA + 0x108);
    expect_equal(g->monitor->count, 1, "events");
    expect_view(g, 0, 0);
    expect_equal(hits(g, view, 0), 1, "hits of the first");
    expect_equal(hits(g, view, 1), 1, "hits of the second");
    guest_alive(g);
}

/* The code at a page reads it, and each view lets it do only one of these. */
static void rules_to_and_fro(void)
{
    struct xen_altp2m_rule back;
    uint16_t view, other;
    struct guest *g = guest_in(&view, XENMEM_access_n, answer_view_0);

    other = new_view(g);
    expect_ok(view_access_set(g->domid, other, TEST_GFN, XENMEM_access_n));
    back = rule_to(view);
    expect_ok(set_rule(g, view, rule_to(other)));
    expect_ok(set_rule(g, other, back));
    guest_write(g, TEST_GPA, 0x41);
    expect_equal(g->monitor->count, 1, "events");
    expect_equal(g->monitor->log[0].altp2m_idx, other, "view of the event");
    expect_equal(hits(g, view, 0), 1, "hits there");
    expect_equal(hits(g, other, 0), 1, "hits of the way back");
    expect_equal(host_read(g, TEST_GPA), 0x41, "value");
    guest_alive(g);
}

static void rules_to_and_fro_stepped(void)
{
    struct xen_altp2m_rule back;
    uint16_t view, other;
    struct guest *g = guest_in(&view, XENMEM_access_n, answer_view_0);

    other = new_view(g);
    expect_ok(view_access_set(g->domid, other, TEST_GFN, XENMEM_access_n));
    back = rule_to(view);
    back.flags = XEN_ALTP2M_RULE_ELSE_ONCE;
    expect_ok(set_rule(g, view, rule_to(other)));
    expect_ok(set_rule(g, other, back));
    guest_write(g, TEST_GPA, 0x42);
    expect_equal(g->monitor->count, 0, "events");
    expect_equal(host_read(g, TEST_GPA), 0x42, "value");
    expect_view(g, 0, other);
    guest_alive(g);
}

/* The page tables of the guest are walked: that is told from its own reads. */
static void rules_walk(void)
{
    struct xen_altp2m_rule r;
    uint64_t root, gfn;
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g), other = new_view(g);

    root = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    gfn = root >> 12;
    expect_ok(view_access_set(g->domid, view, gfn, XENMEM_access_n));
    r = rule_to(other);
    r.gfn = gfn;
    r.walk = XEN_ALTP2M_RULE_WALK;
    r.cr3 = root;
    r.cr3_mask = ~0xfffULL;
    expect_ok(set_rule(g, view, r));
    monitor_open(g, answer_view_0);
    expect_ok(view_switch(g->domid, view));
    guest_read(g, TEST_GPA);
    expect_view(g, 0, other);
    expect_equal(g->monitor->count, 0, "events");
    expect_equal(hits(g, view, 0), 1, "hits");
}

/* A view with INT3 in place of the first byte of code that returns 7. */
static struct guest *guest_at_breakpoint(uint16_t *view)
{
    struct xen_altp2m_patch patch = {
        .gfn = TEST_GFN, .len = 1, .bytes = { 0xcc } };
    struct guest *g = guest_in(view, XENMEM_access_rwx, answer_view_0);

    /* mov $7, %eax; ret */
    host_write(g, TEST_GPA, 0xc300000007b8);
    expect_library(xenaltp2m_patch(library(), g->domid, *view, &patch, 1,
                                   NULL), 0);
    expect_equal(patch.old[0], 0xb8, "byte replaced");
    return g;
}

static void call_it(struct guest *g)
{
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    expect_equal(g->slot[0]->exception, 0, "exception");
    expect_equal(g->slot[0]->result[0], 7, "result");
}

/* The rule is about the INT3, not about what else is executed there. */
static struct xen_altp2m_rule at_breakpoint(struct xen_altp2m_rule r)
{
    r.offset_last = 0;
    r.access = XEN_ALTP2M_RULE_BREAKPOINT;
    return r;
}

static void rules_breakpoint(void)
{
    uint16_t view, other;
    struct guest *g = guest_at_breakpoint(&view);

    other = new_view(g);
    expect_ok(set_rule(g, view, at_breakpoint(rule_to(other))));
    call_it(g);
    expect_view(g, 0, other);
    expect_equal(hits(g, view, 0), 1, "hits");
    expect_equal(g->monitor->count, 0, "events");
    guest_alive(g);
}

/* By a rule, and where nobody says anything; a monitor hears of it else. */
static void rules_breakpoint_once(void)
{
    uint16_t view;
    struct guest *g = guest_at_breakpoint(&view);

    expect_ok(set_rule(g, view, at_breakpoint(rule_in(0))));
    call_it(g);
    expect_view(g, 0, view);
    expect_equal(hits(g, view, 0), 1, "hits");
    expect_ok(set_rules(g, view, NULL, 0));
    call_it(g);
    expect_view(g, 0, view);
    expect_equal(g->monitor->count, 0, "events");

    expect(!xc_monitor_software_breakpoint(xch, g->domid, true), "INT3: %s",
           error_name(-errno));
    call_it(g);
    expect_equal(g->monitor->count, 1, "events");
    expect_equal(g->monitor->log[0].reason, VM_EVENT_REASON_SOFTWARE_BREAKPOINT,
                 "reason");
    expect_view(g, 0, 0);
    guest_alive(g);
}

static void rules_refuse(void)
{
    struct xen_altp2m_rule r[XEN_ALTP2M_MAX_RULES + 1];
    uint16_t view, other;
    struct guest *g = guest_in(&view, XENMEM_access_n, answer_view_0);

    other = new_view(g);
    for ( unsigned int i = 0; i <= XEN_ALTP2M_MAX_RULES; i++ )
        r[i] = rule_to(other);
    expect_ok(set_rules(g, view, r, XEN_ALTP2M_MAX_RULES));
    expect_rc(set_rules(g, view, r, XEN_ALTP2M_MAX_RULES + 1), -E2BIG);
    expect_rc(view_destroy(g->domid, other), -EBUSY);
    r[0].view = view;
    expect_rc(set_rules(g, view, r, 1), -EINVAL);
    r[0].view = 500;
    expect_rc(set_rules(g, view, r, 1), -ENOENT);
    r[0] = rule(0);
    expect_rc(set_rules(g, view, r, 1), -EINVAL);
    expect_rc(set_rules(g, 500, r, 0), -ENOENT);
    expect_ok(set_rules(g, view, r, 0));
    expect_ok(view_destroy(g->domid, other));
    expect_ok(view_switch(g->domid, 0));
    guest_alive(g);
}

const struct test tests_rules[] = {
    { "rules_switch", NEEDS_VIEWS, rules_switch },
    { "rules_once", NEEDS_VIEWS | NEEDS_MTF, rules_once },
    { "rules_once_each_instruction", NEEDS_VIEWS | NEEDS_MTF,
      rules_once_each_instruction },
    { "rules_once_fault", NEEDS_VIEWS | NEEDS_MTF, rules_once_fault },
    { "rules_once_asked", NEEDS_VIEWS | NEEDS_MTF, rules_once_asked },
    { "rules_once_violation", NEEDS_VIEWS | NEEDS_MTF, rules_once_violation },
    { "rules_event", NEEDS_VIEWS, rules_event },
    { "rules_to_and_fro", NEEDS_VIEWS, rules_to_and_fro },
    { "rules_to_and_fro_stepped", NEEDS_VIEWS | NEEDS_MTF,
      rules_to_and_fro_stepped },
    { "rules_walk", NEEDS_VIEWS, rules_walk },
    { "rules_breakpoint", NEEDS_VIEWS | NEEDS_INT3, rules_breakpoint },
    { "rules_breakpoint_once", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      rules_breakpoint_once },
    { "rules_refuse", NEEDS_VIEWS, rules_refuse },
    { NULL, 0, NULL },
};
