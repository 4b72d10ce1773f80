/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit tests: views by CR3, beside steps, monitors, and what else moves vCPUs. */
#include "unit.h"

#include "step.h"

#define V(n) (model_domain->vcpu[n])

static struct xen_altp2m_cr3_view *records(void)
{
    return buffer();
}

static op_t set_op(unsigned int nr, unsigned int other)
{
    op_t op = { .cmd = HVMOP_altp2m_set_cr3_views };

    *PARAMETERS(&op, cr3_views) = (struct xen_altp2m_cr3_views){
        .nr = nr, .other = other, .buffer = (uintptr_t)buffer(),
    };

    return op;
}

/* Sets @nr of records(); the model is told. */
static void set(unsigned int nr, unsigned int other)
{
    op_t op = set_op(nr, other);
    unsigned int rounds;

    EXPECT(whole(&op, &rounds), 0);
    EXPECT(PARAMETERS(&op, cr3_views)->failed, nr);
    ref_cr3_observe();
}

/* CR3 0x1000 has view 1, 0x2000 view 2. */
static void two_records(unsigned int other)
{
    records()[0] = (struct xen_altp2m_cr3_view){ 0x1000, ~0UL, 1 };
    records()[1] = (struct xen_altp2m_cr3_view){ 0x2000, ~0UL, 2 };
    set(2, other);
}

static void is_in(unsigned int vcpu, unsigned int view)
{
    EXPECT(vcpu_altp2m(V(vcpu)).p2midx, view);
    ref.in[vcpu] = view;
    ref.executes[vcpu] = false;
}

static void load(unsigned int vcpu, uint64_t cr3)
{
    cpu_load_cr3(cpu_of(V(vcpu)), cr3);
    cpu_exit(cpu_of(V(vcpu)));
}

static void test_follows(void)
{
    two_views();
    load(0, 0x2000);                             /* nobody sees it */
    load(1, 0x1000);
    two_records(XEN_ALTP2M_NO_VIEW);
    is_in(0, 2);
    is_in(1, 1);
    is_in(2, 0);
    load(0, 0x1000);
    is_in(0, 1);
    load(0, 0x3000);
    is_in(0, 1);                                 /* it has none: it stays */
    load(2, 0x2000);
    is_in(2, 2);
    two_records(0);
    is_in(0, 0);
    load(0, 0x2000);
    is_in(0, 2);
    load(0, 0x3000);
    is_in(0, 0);
    set(0, XEN_ALTP2M_NO_VIEW);
    is_in(2, 2);
    load(2, 0x1000);
    is_in(2, 2);
    step_judge();
}

/* The first record that matches counts; PCIDs, and KPTI's bit, by masks. */
static void test_masks(void)
{
    two_views();
    records()[0] = (struct xen_altp2m_cr3_view){ 0x5000, ~0xfffUL, 0 };
    records()[1] = (struct xen_altp2m_cr3_view){ 0x4000, ~0x1fffUL, 1 };
    records()[2] = (struct xen_altp2m_cr3_view){ 0, 0, 2 };
    set(3, XEN_ALTP2M_NO_VIEW);
    is_in(0, 2);
    is_in(1, 2);
    is_in(2, 2);
    load(0, 0x4005);
    is_in(0, 1);
    load(0, 0x5805);
    is_in(0, 0);
    load(0, 0x6000);
    is_in(0, 2);
    step_judge();
}

/* What else moves a vCPU holds until the next load. */
static void test_until_next(void)
{
    two_views();
    load(0, 0x1000);
    two_records(XEN_ALTP2M_NO_VIEW);
    step("switch", 0, 0, 0, 0);
    is_in(0, 0);
    load(0, 0x1000);
    is_in(0, 1);
    step("reply", 2, 0, 0, 0);
    is_in(0, 2);
    load(0, 0x3000);
    is_in(0, 2);
    load(0, 0x1000);
    is_in(0, 1);
    step("set-vmfunc", 0, 0, 1, 0);
    EXPECT(cpu_vmfunc(cpu_of(V(0)), 2), true);
    cpu_exit(cpu_of(V(0)));
    is_in(0, 2);
    load(0, 0x1000);
    is_in(0, 1);
    step_judge();
}

/* A monitor is asked about a load, and its reply names the view before it. */
static void test_asked(void)
{
    typeof(*V(0)->arch.vm_event) asked = { .sync_event = true };

    two_views();
    load(0, 0x1000);
    two_records(XEN_ALTP2M_NO_VIEW);
    V(0)->arch.vm_event = &asked;
    load(0, 0x2000);
    is_in(0, 2);
    p2m_altp2m_check(V(0), 1);
    is_in(0, 1);
    asked.sync_event = false;
    caller_is(V(0));
    altp2m_cr3_replied(V(0));
    caller_is(NULL);
    is_in(0, 2);
    /* Once only. */
    step("reply", 1, 0, 0, 0);
    caller_is(V(0));
    altp2m_cr3_replied(V(0));
    caller_is(NULL);
    is_in(0, 1);
    /* It may have a step end elsewhere; and records may be gone by then. */
    asked.sync_event = true;
    load(0, 0x2000);
    p2m_altp2m_check(V(0), 0);
    hvm_step_begin_fast(V(0), 1);
    asked.sync_event = false;
    caller_is(V(0));
    altp2m_cr3_replied(V(0));
    caller_is(NULL);
    is_in(0, 0);
    hvm_step_end(V(0), HVM_STEP_MONITOR);
    is_in(0, 2);
    asked.sync_event = true;
    load(0, 0x1000);
    set(0, XEN_ALTP2M_NO_VIEW);
    asked.sync_event = false;
    p2m_altp2m_check(V(0), 0);
    caller_is(V(0));
    altp2m_cr3_replied(V(0));
    caller_is(NULL);
    is_in(0, 0);
    EXPECT(vcpu_altp2m(V(0)).cr3_asked, false);
    V(0)->arch.vm_event = NULL;
    step_judge();
}

static void resumes(void)
{
    caller_is(V(0));
    altp2m_cr3_replied(V(0));
    caller_is(NULL);
}

/* Xen emulates a load for a monitor's reply, and that is an event, too. */
static void test_asked_in_resume(void)
{
    typeof(*V(0)->arch.vm_event) asked = { .sync_event = true };

    two_views();
    load(0, 0x1000);
    two_records(XEN_ALTP2M_NO_VIEW);
    V(0)->arch.vm_event = &asked;
    V(0)->vm_event_pause_count.counter = 1;
    load(0, 0x2000);
    is_in(0, 2);
    asked.sync_event = false;       /* the end of hvm_vm_event_do_resume() */
    resumes();
    p2m_altp2m_check(V(0), 1);      /* the second reply */
    V(0)->vm_event_pause_count.counter = 0;
    is_in(0, 1);
    resumes();
    is_in(0, 2);
    V(0)->arch.vm_event = NULL;
    step_judge();
}

/* In a fast step the home changes; the step ends there. */
static void test_step(void)
{
    two_views();
    load(0, 0x1000);
    two_records(XEN_ALTP2M_NO_VIEW);
    step("reply", 0, 0, 0, 0);
    hvm_step_begin_fast(V(0), 1);
    caller_is(V(0));
    guest_cpu_user_regs()->rip = 0x1000;
    EXPECT(hvm_step_enters(V(0)), true);
    caller_is(NULL);
    load(0, 0x2000);
    is_in(0, 0);
    EXPECT(destroy(2), -EBUSY);
    caller_is(V(0));
    guest_cpu_user_regs()->rip = 0x1003;         /* Xen has carried it out */
    EXPECT(hvm_step_enters(V(0)), false);
    caller_is(NULL);
    is_in(0, 2);

    /* The home may be the view that it is stepped in. */
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 2);
    load(0, 0x1000);
    hvm_step_end(V(0), HVM_STEP_MONITOR);
    is_in(0, 1);

    /* Records that are replaced meanwhile; and a step that led nowhere. */
    step("reply", 0, 0, 0, 0);
    hvm_step_begin_fast(V(0), 77);
    records()[0] = (struct xen_altp2m_cr3_view){ 0x1000, ~0UL, 1 };
    set(1, XEN_ALTP2M_NO_VIEW);
    is_in(0, 0);
    hvm_step_end(V(0), HVM_STEP_MONITOR);
    is_in(0, 1);
    step_judge();
}

/* A load that leads where the vCPU is changes nothing, and takes no lock. */
static unsigned int unlocks;

static void count_unlock(void)
{
    unlocks++;
}

static void test_no_lock(void)
{
    two_views();
    load(0, 0x1000);
    records()[0] = (struct xen_altp2m_cr3_view){ 0x1000, ~0xfffUL, 1 };
    set(1, XEN_ALTP2M_NO_VIEW);
    is_in(0, 1);
    machine.unlocked = count_unlock;
    unlocks = 0;
    load(0, 0x1001);
    load(0, 0x9000);
    EXPECT(unlocks, 0);
    step("switch", 0, 0, 0, 0);
    is_in(0, 0);
    unlocks = 0;
    load(0, 0x1000);
    EXPECT(unlocks, 1);
    is_in(0, 1);
    machine.unlocked = NULL;
    step_judge();
}

/*
 * A vCPU that loads CR3, ends a step, gets a reply, is emulated, or meets an
 * instruction that is none, takes nothing from one that faults.
 */
static void test_lent(void)
{
    struct cpu_user_regs regs = { };
    const struct altp2m_domain *a;
    xenmem_access_t access;
    unsigned int lent;

    features.vmfunc = false;
    two_views();
    step("set-vmfunc", 0, 1, 1, 0);
    a = model_domain->arch.altp2m;
    load(0, 0x1000);
    two_records(XEN_ALTP2M_NO_VIEW);
    is_in(0, 1);
    step("set-default", 1, 0, XENMEM_access_rx2rw, 0);
    step("reclaim", 0, 0, 0, 0);
    step("reclaim", 0, 0, 0, 0);
    machine_pool(machine.pool_used);
    EXPECT(cpu_touch(cpu_of(V(0)), gfns[12], 2), TOUCH_OK);
    cpu_exit(cpu_of(V(0)));
    lent = a->nr_lent;
    EXPECT(lent > 0, true);
    load(1, 0x2000);
    is_in(1, 2);
    EXPECT(a->nr_lent, lent);
    hvm_step_begin_fast(V(1), 1);
    hvm_step_end(V(1), HVM_STEP_MONITOR);
    is_in(1, 1);
    EXPECT(a->nr_lent, lent);
    p2m_altp2m_check(V(1), 2);
    is_in(1, 2);
    EXPECT(a->nr_lent, lent);
    EXPECT(altp2m_vcpu_access(V(1), _gfn(gfns[12]), &access), 0);
    EXPECT(a->nr_lent, lent);
    current = V(1);
    instruction_mode = 8;
    instruction_opcode = X86EMUL_OPC(0x0f, 0x0b);
    EXPECT(altp2m_ud_intercept(&regs), false);
    caller_is(NULL);
    EXPECT(a->nr_lent, lent);
    step("ask", 1, 0, 0, 0);
    EXPECT(a->nr_lent, 0);
}

/* A vCPU at rest is started, reset or restored. */
static void test_at_rest(void)
{
    two_views();
    two_records(0);
    V(1)->down = true;
    domain_paused(true);
    cpu_restore_cr3(V(1), 0x2000);
    domain_paused(false);
    is_in(1, 2);
    domain_paused(true);
    cpu_restore_cr3(V(1), 0);
    domain_paused(false);
    is_in(1, 0);
    /* One that is down is put where it begins. */
    domain_paused(true);
    cpu_restore_cr3(V(1), 0x3000);
    domain_paused(false);
    records()[0] = (struct xen_altp2m_cr3_view){ 0x3000, ~0UL, 1 };
    set(1, XEN_ALTP2M_NO_VIEW);
    is_in(1, 1);
    V(1)->down = false;
    step_judge();
}

static void refused(op_t op, int want, unsigned int failed)
{
    EXPECT(once(&op), want);
    EXPECT(PARAMETERS(&op, cr3_views)->failed, failed);
}

static void test_refused(void)
{
    const uint64_t far = (uintptr_t)guest_memory + 64 * GUEST_MEMORY;
    struct xen_altp2m_cr3_view *r = records();
    op_t op;

    two_views();
    two_records(XEN_ALTP2M_NO_VIEW);
    r[0] = (struct xen_altp2m_cr3_view){ 0x7000, ~0UL, 1 };
    r[1] = (struct xen_altp2m_cr3_view){ 0x8000, ~0UL, 0 };

    op = set_op(2, XEN_ALTP2M_NO_VIEW);
    PARAMETERS(&op, cr3_views)->pad1 = 1;
    refused(op, -EINVAL, 2);
    op = set_op(2, XEN_ALTP2M_NO_VIEW);
    PARAMETERS(&op, cr3_views)->pad2 = 1;
    refused(op, -EINVAL, 2);
    refused(set_op(17, XEN_ALTP2M_NO_VIEW), -EINVAL, 17);
    refused(set_op(~0u, XEN_ALTP2M_NO_VIEW), -EINVAL, ~0u);
    refused(set_op(0, 0), -EINVAL, 0);
    refused(set_op(2, 3), -ENOENT, 2);
    refused(set_op(2, 0xfffe), -ENOENT, 2);
    op = set_op(2, XEN_ALTP2M_NO_VIEW);
    PARAMETERS(&op, cr3_views)->buffer = far;
    refused(op, -EFAULT, 2);
    PARAMETERS(&op, cr3_views)->buffer = ~0UL - 7;
    refused(op, -EFAULT, 2);
    r[1].pad1 = 1;
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -EINVAL, 1);
    r[1].pad1 = 0;
    r[1].pad2 = 1;
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -EINVAL, 1);
    r[1].pad2 = 0;
    r[1].view = 5;
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -ENOENT, 1);
    r[1].view = 512;
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -ENOENT, 1);
    r[1].view = 0;
    r[1].mask = ~0xfffUL;
    r[1].value = 0x8001;
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -EINVAL, 1);
    r[1] = (struct xen_altp2m_cr3_view){ 1UL << 63, ~0UL, 0 };
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -EINVAL, 1);

    op = (op_t){ .cmd = HVMOP_altp2m_get_cr3_views };
    PARAMETERS(&op, cr3_views)->other = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, cr3_views)->other = 0;
    PARAMETERS(&op, cr3_views)->pad2 = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, cr3_views)->pad2 = 0;
    PARAMETERS(&op, cr3_views)->nr = 2;
    PARAMETERS(&op, cr3_views)->buffer = far;
    EXPECT(once(&op), -EFAULT);
    PARAMETERS(&op, cr3_views)->nr = 0;
    EXPECT(once(&op), 0);
    EXPECT(PARAMETERS(&op, cr3_views)->nr, 2);
    EXPECT(PARAMETERS(&op, cr3_views)->other, XEN_ALTP2M_NO_VIEW);

    /* Nothing of all this was done. */
    load(0, 0x7000);
    is_in(0, 0);
    load(0, 0x2000);
    is_in(0, 2);
    step_judge();
}

/* What a record names can't be destroyed; what none names any more can. */
static void test_busy(void)
{
    struct altp2m_view *view;

    two_views();
    two_records(XEN_ALTP2M_NO_VIEW);
    EXPECT(destroy(1), -EBUSY);
    EXPECT(destroy(2), -EBUSY);
    records()[0] = (struct xen_altp2m_cr3_view){ 0x1000, ~0UL, 0 };
    set(1, 2);
    is_in(0, 2);
    enter_all(0);
    EXPECT(destroy(2), -EBUSY);
    set(1, 0);
    step("destroy", 2, 0, 0, 0);
    /* One that is being destroyed is none that can be named. */
    view = view_at(model_domain, 1);
    view->dying = true;
    records()[0].view = 1;
    refused(set_op(1, 0), -ENOENT, 0);
    view->dying = false;
    step("destroy", 1, 0, 0, 0);
    set(0, XEN_ALTP2M_NO_VIEW);
}

/* A guest names views that all its vCPUs may enter, and loses those it may not. */
static void test_guest(void)
{
    two_views();
    step("hide", 2, 1, 0, 0);
    caller_is(V(0));
    records()[0] = (struct xen_altp2m_cr3_view){ 0x1000, ~0UL, 1 };
    records()[1] = (struct xen_altp2m_cr3_view){ 0x2000, ~0UL, 2 };
    refused(set_op(2, XEN_ALTP2M_NO_VIEW), -EPERM, 1);
    refused(set_op(1, 2), -EPERM, 1);
    caller_is(NULL);
    step("hide", 2, 1, 1, 0);
    caller_is(V(0));
    set(2, 0);
    caller_is(NULL);
    load(0, 0x1000);
    is_in(0, 1);
    step("visible", 2, 0, 0, 0);
    load(0, 0x2000);
    is_in(0, 1);
    step("visible", 2, 1, 0, 0);
    load(0, 0x2000);
    is_in(0, 2);
    step("hide", 1, 0, 0, 0);
    load(0, 0x1000);
    is_in(0, 2);
    load(1, 0x1000);
    is_in(1, 1);
    /* A monitor's lead everywhere. */
    step("visible", 1, 0, 0, 0);
    two_records(XEN_ALTP2M_NO_VIEW);
    load(0, 0x2000);
    is_in(0, 2);
    load(0, 0x1000);
    is_in(0, 1);
    step_judge();
}

/* Records end with views; a monitor's wish doesn't, and goes when it ends. */
static void test_off(void)
{
    two_views();
    monitor_cr3(true);
    load(0, 0x1000);
    two_records(2);
    is_in(0, 1);
    step("state", 0, 0, 0, 0);
    step_judge();
    EXPECT(cpu_cr3_exits(V(0)), true);
    step("state", 1, 0, 0, 0);
    load(0, 0x2000);
    is_in(0, 0);
    monitor_cr3(false);
    EXPECT(cpu_cr3_exits(V(0)), false);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    two_records(XEN_ALTP2M_NO_VIEW);
    is_in(0, 2);
    monitor_cr3(true);
    set(0, XEN_ALTP2M_NO_VIEW);
    EXPECT(cpu_cr3_exits(V(1)), true);
    monitor_cr3(false);
    EXPECT(cpu_cr3_exits(V(1)), false);
    step_judge();
}

/* Views that nobody was in get their roots before, some at a time. */
static void test_roots(void)
{
    struct xen_altp2m_cr3_view *r = records();
    unsigned int i, rounds;
    op_t op;

    two_views();
    for ( i = 0; i < XEN_ALTP2M_CR3_VIEWS_MAX; i++ )
    {
        uint16_t idx;

        EXPECT(create(&idx), 0);
        EXPECT(idx, i + 3);
        r[i] = (struct xen_altp2m_cr3_view){ 0x1000 * i, ~0UL, idx };
    }
    op = set_op(XEN_ALTP2M_CR3_VIEWS_MAX, 1);
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(rounds, 2);
    for ( i = 0; i < XEN_ALTP2M_CR3_VIEWS_MAX; i++ )
        EXPECT(altp2m_view_ready(view_at(model_domain, i + 3)), true);
    EXPECT(vcpu_altp2m(V(0)).p2midx, 3);
    load(0, 0xf000);
    EXPECT(vcpu_altp2m(V(0)).p2midx, 18);
    op = set_op(0, XEN_ALTP2M_NO_VIEW);
    EXPECT(once(&op), 0);
    enter_all(0);
    for ( i = 0; i < XEN_ALTP2M_CR3_VIEWS_MAX; i++ )
        EXPECT(destroy(i + 3), 0);
    step_judge();
}

/* A vCPU that executes stays on its side where its CR3's view is the same. */
static void test_sides(void)
{
    two_views();
    step("access", 1, 11, XENMEM_access_x, 0);
    load(0, 0x1000);
    records()[0] = (struct xen_altp2m_cr3_view){ 0x1000, ~0xfffUL, 1 };
    records()[1] = (struct xen_altp2m_cr3_view){ 0x2000, ~0UL, 0 };
    set(2, XEN_ALTP2M_NO_VIEW);
    is_in(0, 1);
    step("touch", 0, 11, 2, 0);
    cpu_exit(cpu_of(V(0)));
    EXPECT(altp2m_executes(V(0)), true);
    load(0, 0x1001);
    EXPECT(altp2m_executes(V(0)), true);
    load(0, 0x2000);
    EXPECT(altp2m_executes(V(0)), false);
    is_in(0, 0);
    load(0, 0x1000);
    EXPECT(altp2m_executes(V(0)), false);
    is_in(0, 1);
    step_judge();
}

const struct unit_test cr3_tests[] = {
    { "cr3-follows", test_follows },
    { "cr3-follows-amd", test_follows, true },
    { "cr3-masks", test_masks },
    { "cr3-until-next", test_until_next },
    { "cr3-until-next-amd", test_until_next, true },
    { "cr3-asked", test_asked },
    { "cr3-asked-in-resume", test_asked_in_resume },
    { "cr3-step", test_step },
    { "cr3-step-amd", test_step, true },
    { "cr3-no-lock", test_no_lock },
    { "cr3-lent", test_lent },
    { "cr3-at-rest", test_at_rest },
    { "cr3-at-rest-amd", test_at_rest, true },
    { "cr3-refused", test_refused },
    { "cr3-busy", test_busy },
    { "cr3-guest", test_guest },
    { "cr3-off", test_off },
    { "cr3-off-amd", test_off, true },
    { "cr3-roots", test_roots },
    { "cr3-sides-amd", test_sides, true },
    { NULL },
};
