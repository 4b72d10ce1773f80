/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit tests: INT3 that views show in place of a byte of the guest's code. */
#include "unit.h"

#include "step.h"

#define V(n) (model_domain->vcpu[n])
/* A gfn that no other test looks at, and the byte there that is patched. */
#define GFN 0x210UL
#define AT  (GFN << PAGE_SHIFT | 5)

static struct hvm_vcpu *hvm(void)
{
    return &V(0)->arch.hvm;
}

static int patches(uint32_t cmd, unsigned int view)
{
    op_t op = { .cmd = cmd };

    *(struct xen_altp2m_patch *)buffer() = (struct xen_altp2m_patch){
        .gfn = GFN, .offset = 5, .len = 1, .bytes[0] = 0xcc };
    *PARAMETERS(&op, patches) = (struct xen_altp2m_patches){
        .view = view, .nr = 1, .buffer = (uintptr_t)buffer() };

    return once(&op);
}

static uint16_t rule_flags;

/* Sets the only rule of a view; 0: none. */
static void set_rule(unsigned int view, uint8_t action, uint8_t access)
{
    op_t op = op_of(HVMOP_altp2m_set_rules);
    struct xen_altp2m_rule r = {
        .gfn = GFN, .count = 1, .offset = 5, .offset_last = 5,
        .rip_last = ~0UL, .cpl = 0xf, .action = action, .access = access,
        .flags = rule_flags,
    };

    if ( action == XEN_ALTP2M_RULE_SWITCH )
        r.view = 2;
    if ( action == XEN_ALTP2M_RULE_ONCE )
        r.step_view = 2;
    *(struct xen_altp2m_rule *)buffer() = r;
    *PARAMETERS(&op, set_rules) = (struct xen_altp2m_set_rules){
        .view = view, .nr = !!action, .buffer = (uintptr_t)buffer() };
    EXPECT(raw(&op), 0);
}

static uint64_t hits(void)
{
    op_t op = read_op(HVMOP_altp2m_read_rules, 1, 1);

    EXPECT(once(&op), 0);

    return ((struct xen_altp2m_rule *)buffer())->hits;
}

/* The bytes of the guest's own that are there. */
static void code(uint8_t first, uint8_t second)
{
    uint8_t *page = data_at(host_fact(GFN).mfn);

    page[5] = first;
    page[6] = second;
}

/* Views 1 to 3; view 1 has the breakpoint, and vCPU 0 is there. */
static void world(void)
{
    two_views();
    step("create", XENMEM_access_rwx, 0, 0, 0);
    EXPECT(altp2m_int3_exits(model_domain), false);
    EXPECT(patches(HVMOP_altp2m_patch, 1), 0);
    EXPECT(altp2m_int3_exits(model_domain), true);
    step("reply", 1, 0, 0, 0);
    instruction_mode = 8;
    monitor_listens = model_domain->arch.monitor.software_breakpoint_enabled =
        true;
}

/* vCPU 0 has met an INT3.  Is all done that there is to do? */
static bool meets(void)
{
    bool done;

    caller_is(V(0));
    guest_cpu_user_regs()->rip = AT;
    done = altp2m_breakpoint(V(0));
    caller_is(NULL);

    return done;
}

static void is_in(unsigned int view, bool stepped)
{
    EXPECT(altp2m_vcpu_idx(V(0)), view);
    EXPECT(hvm()->single_step, stepped);
    ref.in[0] = view;
}

/* It is logged as what it is, with where it is. */
static void test_logged(void)
{
    const struct xen_altp2m_log_record *r;

    world();
    step("log", 1, 0, 0, 0);
    rule_flags = XEN_ALTP2M_RULE_LOG;
    set_rule(1, XEN_ALTP2M_RULE_SWITCH, XEN_ALTP2M_RULE_BREAKPOINT);
    EXPECT(meets(), true);
    is_in(2, false);
    r = (const void *)(log_header() + 1);
    EXPECT(log_header()->prod, 1);
    EXPECT(r->access, XEN_ALTP2M_RULE_BREAKPOINT);
    EXPECT(r->gfn, GFN);
    EXPECT(r->offset, 5);
    EXPECT(r->gla, AT);
    EXPECT(r->rip, AT);
    EXPECT(r->flags & XEN_ALTP2M_LOG_GLA, XEN_ALTP2M_LOG_GLA);
    EXPECT(r->view, 1);
}

static void traps(void)
{
    caller_is(V(0));
    hvm_step_done();
    caller_is(NULL);
}

static void test_rules(void)
{
    world();
    EXPECT(meets(), false);
    set_rule(1, XEN_ALTP2M_RULE_EVENT, XEN_ALTP2M_RULE_BREAKPOINT);
    EXPECT(meets(), false);
    EXPECT(hits(), 1);
    set_rule(1, XEN_ALTP2M_RULE_SWITCH, XEN_ALTP2M_RULE_FETCH);
    EXPECT(meets(), false);
    EXPECT(hits(), 0);
    is_in(1, false);

    set_rule(1, XEN_ALTP2M_RULE_SWITCH, XEN_ALTP2M_RULE_BREAKPOINT);
    EXPECT(meets(), true);
    is_in(2, false);
    EXPECT(hits(), 1);
    step("reply", 1, 0, 0, 0);
    set_rule(1, XEN_ALTP2M_RULE_ONCE, XEN_ALTP2M_RULE_BREAKPOINT);
    EXPECT(meets(), true);
    is_in(2, true);
    traps();
    is_in(1, false);
    set_rule(1, 0, 0);
}

/* Nobody hears of it: the guest goes on, with the instruction that was there. */
static void test_unheard(void)
{
    bool *hears = &model_domain->arch.monitor.software_breakpoint_enabled;

    world();
    *hears = false;
    EXPECT(meets(), true);
    is_in(0, true);
    traps();
    is_in(1, false);

    set_rule(1, XEN_ALTP2M_RULE_EVENT, XEN_ALTP2M_RULE_BREAKPOINT);
    *hears = true;
    monitor_listens = false;
    EXPECT(meets(), true);
    EXPECT(hits(), 1);
    is_in(0, true);
    traps();
    is_in(1, false);
    set_rule(1, 0, 0);

    features.no_steps = true;
    EXPECT(meets(), false);
    features.no_steps = false;
    /* View 0 has it, too. */
    EXPECT(patches(HVMOP_altp2m_patch, 0), 0);
    step("reply", 0, 0, 0, 0);
    EXPECT(meets(), false);
    is_in(0, false);
}

/* A guest that must not outlive its monitor ends there. */
static void test_required(void)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(model_domain);

    world();
    hp2m->access_required = true;
    EXPECT(meets(), false);
    EXPECT(machine.crashed, 0);
    set_rule(1, XEN_ALTP2M_RULE_SWITCH, XEN_ALTP2M_RULE_BREAKPOINT);
    monitor_listens = false;
    EXPECT(meets(), true);
    is_in(2, false);
    EXPECT(machine.crashed, 0);
    step("reply", 1, 0, 0, 0);
    set_rule(1, 0, 0);
    EXPECT(meets(), true);
    EXPECT(machine.crashed, 1);
    is_in(1, false);
    hp2m->access_required = false;
}

/* Another vCPU has changed the guest's tables since the CPU met it. */
static void test_walk_fails(void)
{
    world();
    walk_fails = true;
    EXPECT(meets(), true);
    is_in(1, false);
    walk_fails = false;
    EXPECT(meets(), false);
    step("state", 0, 0, 0, 0);
    walk_fails = true;
    EXPECT(meets(), false);
    walk_fails = false;
}

/* It was taken back after the CPU has met it. */
static void test_taken_back(void)
{
    world();
    EXPECT(patches(HVMOP_altp2m_unpatch, 1), 0);
    code(0x90, 0x90);
    EXPECT(meets(), true);
    is_in(1, false);
    step("reply", 2, 0, 0, 0);
    EXPECT(meets(), true);

    /* But one of the guest's own is there, with prefixes or without. */
    code(0xcc, 0x90);
    EXPECT(meets(), false);
    code(0xf3, 0xcc);
    EXPECT(meets(), false);
    code(0x48, 0xcc);
    EXPECT(meets(), false);
    instruction_mode = 4;
    EXPECT(meets(), true);
    code(0x48, 0x90);
    instruction_mode = 8;
    EXPECT(meets(), true);
    step("state", 0, 0, 0, 0);
    EXPECT(altp2m_int3_exits(model_domain), false);
    EXPECT(meets(), false);
}

/* A patch of no byte succeeds, and has no INT3 exit. */
static void test_none(void)
{
    op_t op = { .cmd = HVMOP_altp2m_patch };

    two_views();
    PARAMETERS(&op, patches)->view = 1;
    EXPECT(once(&op), 0);
    EXPECT(altp2m_int3_exits(model_domain), false);
    PARAMETERS(&op, patches)->view = 3;
    EXPECT(once(&op), -ENOENT);
}

/* In the middle of a step: its home is where the vCPU goes. */
static void test_in_step(void)
{
    world();
    monitor_listens = false;
    hvm_step_begin_fast(V(0), 3);
    EXPECT(meets(), true);
    is_in(0, true);
    traps();
    is_in(3, false);

    step("reply", 2, 0, 0, 0);
    caller_is(V(0));
    altp2m_lock(model_domain);
    altp2m_step_once(V(0), view_at(model_domain, 1));
    altp2m_unlock(model_domain);
    caller_is(NULL);
    EXPECT(meets(), true);
    is_in(0, true);
    traps();
    is_in(2, false);
}

const struct unit_test breakpoint_tests[] = {
    { "breakpoint-logged", test_logged },
    { "breakpoint-rules", test_rules },
    { "breakpoint-rules-amd", test_rules, true },
    { "breakpoint-unheard", test_unheard },
    { "breakpoint-unheard-amd", test_unheard, true },
    { "breakpoint-required", test_required },
    { "breakpoint-walk-fails", test_walk_fails },
    { "breakpoint-taken-back", test_taken_back },
    { "breakpoint-taken-back-amd", test_taken_back, true },
    { "breakpoint-none", test_none },
    { "breakpoint-in-step", test_in_step },
    { NULL },
};
