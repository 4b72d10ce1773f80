/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two callers at once: at a chosen point of one operation, where it doesn't hold
 * the lock, another CPU does a whole operation of its own.
 */
#include "log.h"
#include "step.h"
#include "unit.h"

static unsigned int skipped, meanwhile_done;
static void (*meanwhile)(void);

/* Another CPU, dom0's, gets the lock that has just become free. */
static void elsewhere(void)
{
    struct vcpu *was = current;

    if ( skipped )
    {
        skipped--;
        return;
    }

    machine.unlocked = NULL;
    caller_is(NULL);
    meanwhile();
    current = was;
    meanwhile_done++;
}

/* The next time but @skip that the lock becomes free. */
static void at_unlock(unsigned int skip, void (*fn)(void))
{
    skipped = skip;
    meanwhile = fn;
    machine.unlocked = elsewhere;
}

/*
 * Do @op with @other at each point where @op has just dropped the lock, and see
 * after each time what has come of it.  Views are on, and off again afterwards.
 */
static void race(void (*op)(void), void (*other)(void), void (*after)(void))
{
    unsigned int skip, done;

    for ( skip = 0; ; skip++ )
    {
        two_views();
        done = meanwhile_done;
        at_unlock(skip, other);
        op();
        machine.unlocked = NULL;
        after();
        step("state", 0, 0, 0, 0);
        if ( meanwhile_done == done )
            break;
    }
    EXPECT(skip > 0, 1);
}

static void take_pages(void)
{
    uint16_t idx;

    EXPECT(create(&idx), 0);
    EXPECT(destroy(idx), 0);
}

/*
 * A promotion fails for want of memory and gives back the tables that it had got
 * by then, which were in use.  Another CPU must not get them before all CPUs
 * that may walk them have flushed.
 */
static void test_promotion_settles(void)
{
    struct domain *d = model_domain;
    struct vcpu *v = d->vcpu[0];

    two_views();
    step("set-default", 1, 0, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(altp2m_vcpu_idx(v), 1);
    enter_all(1);
    cpu_enter(0);
    cpu_enter(1);
    /* A page for nodes, and one table of the two that it takes. */
    machine_pool(machine.pool_used + 2);

    cpu_exit(0);
    current = v;
    p2m_lock(p2m_get_hostp2m(d));
    altp2m_promote(v, _gfn(0x200), p2m_access_rw);
    at_unlock(0, take_pages);
    p2m_unlock(p2m_get_hostp2m(d));
    caller_is(NULL);

    EXPECT(meanwhile_done, 1);
    if ( trace->verdict )
        FAIL("%s", trace->verdict);

    /* And what was there already is flushed. */
    machine_pool(machine.pool_used + 64);
    step("access", 1, 12, XENMEM_access_r, 0);
    current = v;
    p2m_lock(p2m_get_hostp2m(d));
    altp2m_promote(v, _gfn(gfns[12]), p2m_access_rw);
    p2m_unlock(p2m_get_hostp2m(d));
    caller_is(NULL);
    ref_promoted(1, 12, p2m_access_rw);
}

/* ---- #VE pages ---- */

static int result;

static void notify_on(void)
{
    op_t op = { .cmd = HVMOP_altp2m_vcpu_enable_notify,
                .u.enable_notify = { .vcpu_id = 0, .gfn = gfns[1] } };

    result = step_call(&op);
}

static void notify_off(void)
{
    op_t op = { .cmd = HVMOP_altp2m_vcpu_disable_notify };

    EXPECT(altp2m_section(model_domain, SECTION_PAUSED, altp2m_op_notify_off,
                          &op), 0);
}

static void views_off(void)
{
    EXPECT(altp2m_set_state(model_domain, false), 0);
}

static void domain_dies(void)
{
    bool preempted = false;

    model_domain->is_dying = true;
    altp2m_teardown(model_domain, &preempted);
    EXPECT(preempted, false);
}

/* The CPU writes to the page of which views hold a reference, or to none. */
static void check_ve_page(void)
{
    struct vcpu *v = model_domain->vcpu[0];
    const struct page_info *pg = vcpu_altp2m(v).veinfo_pg;
    bool ve;

    cpu_resume(v);
    ve = v->arch.hvm.vmx.secondary_exec_control &
              SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS;

    EXPECT(mfn_to_page(_mfn(host_fact(gfns[1]).mfn))->refs, pg ? 1 : 0);
    EXPECT(pg && !altp2m_active(model_domain), 0);
    if ( !features.vmx )
        return;
    EXPECT(ve, pg && cpu_has_vmx_virt_exceptions);
    if ( ve )
        EXPECT(v->arch.hvm.vmx.vmcs[VIRT_EXCEPTION_INFO] == page_to_maddr(pg), 1);
}

static void test_notify_against_off(void)
{
    race(notify_on, views_off, check_ve_page);
}

static void test_notify_against_notify(void)
{
    race(notify_on, notify_off, check_ve_page);
}

static void test_notify_against_death(void)
{
    two_views();
    at_unlock(0, domain_dies);
    notify_on();
    EXPECT(meanwhile_done, 1);
    EXPECT(result, -ESRCH);
    check_ve_page();
    model_domain->is_dying = false;
    step("state", 0, 0, 0, 0);
}

/* ---- who is told of losses ---- */

static void tell_losses(void)
{
    op_t op = { .cmd = HVMOP_altp2m_notify_lost };

    ((struct xen_altp2m_notify_lost *)&op.u)->on = 1;
    altp2m_op_notify_lost(model_domain, &op);
}

static void check_channel(void)
{
    EXPECT(!channels.open, !altp2m_active(model_domain));
}

/* Views that go off leave no event channel open. */
static void test_losses_against_off(void)
{
    race(views_off, tell_losses, check_channel);
}

/* ---- the log ---- */

static bool meanwhile_died;

static void open_log(void)
{
    op_t op = { .cmd = HVMOP_altp2m_log_open };

    PARAMETERS(&op, log_open)->pages = 2;
    altp2m_op_log_open(model_domain, &op);
}

static void close_log(void)
{
    altp2m_log_off(model_domain);
}

/* There is a channel just as long as there is a log. */
static void check_log_channel(void)
{
    const struct altp2m_log *log = model_domain->arch.altp2m_log;

    EXPECT(channels.open, log && log->pages ? 1u << log->port : 0);
    EXPECT(log ? log->nr : 0, log && !meanwhile_died ? 2 : 0);
    ref_log_observe();
}

static void test_log_against_log(void)
{
    race(open_log, open_log, check_log_channel);
    race(open_log, close_log, check_log_channel);
    race(close_log, open_log, check_log_channel);
}

static void test_log_against_off(void)
{
    race(open_log, views_off, check_log_channel);
    race(views_off, open_log, check_log_channel);
    race(views_off, close_log, check_log_channel);
}

static void test_log_against_death(void)
{
    two_views();
    open_log();
    at_unlock(0, domain_dies);
    open_log();
    EXPECT(meanwhile_done, 1);
    meanwhile_died = true;
    model_domain->is_dying = false;
    check_log_channel();
    step("state", 0, 0, 0, 0);
}

/* ---- the view a vCPU is in ---- */

static void switch_to_1(void)
{
    EXPECT(switch_all(1), 0);
}

static void switch_to_2(void)
{
    EXPECT(switch_all(2), 0);
}

/* Each vCPU's CPU walks the view that it is said to be in. */
static void check_switched(void)
{
    struct vcpu *v;

    for_each_vcpu ( model_domain, v )
    {
        cpu_resume(v);
        EXPECT((features.vmx ? v->arch.hvm.vmx.vmcs[EPT_POINTER]
                             : v->arch.hvm.svm.vmcb->h_cr3) == altp2m_root(v),
               true);
    }
}

static void test_switch_against_switch(void)
{
    race(switch_to_1, switch_to_2, check_switched);
}

/*
 * Where the CPU doesn't tell the index, the view that VMFUNC chose is looked for.
 * Others may go meanwhile: they aren't looked at.  One that was hidden since is
 * found.
 */
static void test_exit_while_views_go(void)
{
    struct altp2m_view **gone, *view;

    features.virt_exceptions = false;
    two_views();
    step("notify", 0, 1, 1, 0);
    EXPECT(cpu_vmfunc(0, 2), true);
    EXPECT(hide(2), 0);

    gone = &model_domain->arch.altp2m->few[1];
    view = *gone;
    *gone = (struct altp2m_view *)PAGE_SIZE;
    cpu_exit(0);
    *gone = view;

    EXPECT(altp2m_vcpu_idx(model_domain->vcpu[0]), 2);
    ref.in[0] = 2;
    ref.view[2].visible = false;
}

/* ---- patched bytes, and views go off and on again ---- */

static void patch_1(void)
{
    op_t op = { .cmd = HVMOP_altp2m_patch };

    *(struct xen_altp2m_patch *)buffer() = (struct xen_altp2m_patch){
        .gfn = 0x210, .offset = 5, .len = 1, .bytes[0] = 0xcc };
    *PARAMETERS(&op, patches) = (struct xen_altp2m_patches){
        .view = 1, .nr = 1, .buffer = (uintptr_t)buffer() };
    result = step_call(&op);
}

static void views_off_and_on(void)
{
    uint16_t idx;

    EXPECT(altp2m_set_state(model_domain, false), 0);
    EXPECT(altp2m_set_state(model_domain, true), 0);
    EXPECT(create(&idx), 0);
    EXPECT(idx, 1);
}

/* A view that shows an INT3 hears of it. */
static void check_intercepted(void)
{
    const struct altp2m_view *view = view_at(model_domain, 1);

    EXPECT(result, 0);
    EXPECT(view->nr_own && !altp2m_int3_exits(model_domain), false);
}

static void test_patch_against_off(void)
{
    race(patch_1, views_off_and_on, check_intercepted);
}

/* ---- a clone, and its source changes ---- */

#define BASE 0x100000UL               /* a gfn where a GiB begins */

static void forbid(unsigned int view, unsigned long gfn, unsigned long count,
                   bool on)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };

    *(struct xen_altp2m_set_range *)&op.u = (struct xen_altp2m_set_range){
        .view = view, .gfn = gfn, .count = count,
        .set = on ? XEN_ALTP2M_ACCESS : 0, .access = on ? XENMEM_access_n : 0,
        .clear = on ? 0 : XEN_ALTP2M_ACCESS,
    };
    EXPECT(step_call(&op), 0);
}

/* Are all of these forbidden in a view? */
static bool forbidden(unsigned int view, unsigned long gfn, unsigned long count)
{
    unsigned int level;

    for ( ; count--; gfn++ )
        if ( (lookup_at(view_at(model_domain, view), gfn, &level) &
              SLOT_ACCESS) != p2m_access_n + 1 )
            return false;

    return true;
}

/*
 * Clone view 1, which has a few pages forbidden, and preempt that after @parts
 * parts: a change then makes nodes of the source come or go.  Whatever was
 * forbidden all the time is forbidden in the clone.  Returns whether it was
 * preempted.
 */
static bool clone_while(unsigned int parts, unsigned long held,
                        unsigned long first, unsigned long count, bool on)
{
    op_t op = { .cmd = HVMOP_altp2m_clone };
    struct xen_altp2m_clone *c = (void *)&op.u;
    bool preempted;
    int rc;

    c->view = 1;
    preempt_mask = 1u << parts;
    rc = once(&op);
    preempted = rc == -ERESTART;
    preempt_mask = 0;
    if ( preempted )
        forbid(1, first, count, on);
    while ( rc == -ERESTART )
        rc = once(&op);
    EXPECT(rc, 0);
    EXPECT(forbidden(c->clone, BASE, held), true);
    /* What comes after what was copied by then is as it is now. */
    if ( on )
        EXPECT(forbidden(c->clone, BASE + 1024, 1) >=
               (preempted && parts < 2 && count > 1024), true);
    audit();
    EXPECT(destroy(c->clone), 0);

    return preempted;
}

static void test_clone_against_change(void)
{
    unsigned int parts;
    bool preempted = true;

    two_views();
    for ( parts = 0; preempted; parts++ )
    {
        /* One page more: 2 MiB are one entry now. */
        forbid(1, BASE, 511, true);
        preempted = clone_while(parts, 511, BASE + 511, 1, true);
        /* One less: they are told apart. */
        forbid(1, BASE, 512, true);
        preempted |= clone_while(parts, 511, BASE + 511, 1, false);
        forbid(1, BASE, 512, false);
        /* A gigabyte becomes one entry when its first pages are copied. */
        forbid(1, BASE, 1, true);
        preempted |= clone_while(parts, 1, BASE, 1UL << 18, true);
        preempted |= clone_while(parts, 1, BASE + 1, 1024, false);
        forbid(1, BASE, 1UL << 18, false);
    }
    EXPECT(parts > 3, true);
}

/*
 * The host's access of a gfn is set, of which a preempted clone has nothing yet.
 * Then the source's pages around it become one entry.
 */
static void test_clone_against_host_access(void)
{
    op_t op = { .cmd = HVMOP_altp2m_clone };
    struct xen_altp2m_clone *c = (void *)&op.u;
    struct altp2m_view *clone;
    int rc;

    two_views();
    step("set-default", 1, 0, XENMEM_access_rwx, 0);
    forbid(1, 0, 1, true);
    c->view = 1;
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    preempt_mask = 0;
    clone = altp2m_any_view(model_domain->arch.altp2m, c->clone);
    ASSERT(clone->partial && clone->clone_gfn <= 0x200);
    EXPECT(p2m_set_mem_access(model_domain, _gfn(0x200), 1, 0, 0,
                              XENMEM_access_r, 0), 0);
    forbid(1, 0x200, 512, true);
    do
        rc = once(&op);
    while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(forbidden(c->clone, 0x200, 512), true);
    audit();
    step("state", 0, 0, 0, 0);
}

/* Begins to clone view 1, which has no default, and stops half way. */
static op_t half_a_clone(void)
{
    op_t op = { .cmd = HVMOP_altp2m_clone };

    step("set-default", 1, 0, 0, 1);
    PARAMETERS(&op, clone)->view = 1;
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    preempt_mask = 0;

    return op;
}

/* Goes on with a clone.  If it fails, there is no new view. */
static void goes_on(op_t op, int rc)
{
    EXPECT(step_call(&op), rc);
    EXPECT(!!altp2m_any_view(model_domain->arch.altp2m, 3), !rc);
    if ( !rc )
        EXPECT(destroy(PARAMETERS(&op, clone)->clone), 0);
    audit();
}

/* What is copied so far would not have the default that its source has now. */
static void test_clone_against_default(void)
{
    op_t op, classic = { .cmd = HVMOP_altp2m_set_mem_access };

    two_views();
    step("access", 1, 0, XENMEM_access_n, 0);
    classic.u.mem_access.view = 1;
    classic.u.mem_access.gfn = gfn_x(INVALID_GFN);
    classic.u.mem_access.access = XENMEM_access_rx;

    op = half_a_clone();
    step("set-default", 1, 0, XENMEM_access_rwx, 0);
    goes_on(op, -EBUSY);
    op = half_a_clone();
    EXPECT(step_call(&classic), 0);
    goes_on(op, -EBUSY);

    /* Other views' defaults, and one that stays, harm no clone. */
    op = half_a_clone();
    step("set-default", 2, 0, XENMEM_access_r, 0);
    step("set-default", 1, 0, 0, 1);
    goes_on(op, 0);
}

/* What is copied so far has rights that no view but one may have now. */
static void test_clone_against_isolate(void)
{
    op_t op, isolate = { .cmd = HVMOP_altp2m_isolate };

    two_views();
    forbid(1, BASE, 1, true);
    forbid(1, BASE + (1UL << 18), 1, true);
    *PARAMETERS(&isolate, isolate) = (struct xen_altp2m_isolate){
        .view = 2, .access = XENMEM_access_rwx, .others = XENMEM_access_n,
        .gfn = 0x100, .count = 1,
    };

    op = half_a_clone();
    EXPECT(step_call(&isolate), 0);
    goes_on(op, -EBUSY);
}

/* VMFUNC, turned on meanwhile, does not reach a clone that is under way. */
static void test_clone_against_vmfunc(void)
{
    op_t op;

    two_views();
    step("access", 1, 0, XENMEM_access_n, 0);
    op = half_a_clone();
    step("notify", 0, 1, 1, 0);
    EXPECT(cpu_vmfunc(0, PARAMETERS(&op, clone)->clone), false);
    goes_on(op, 0);
}

/* ---- view 0 is given tables, and views go off and on ---- */

static void forbid_in_host_view(void)
{
    forbid(0, BASE, 1UL << 18, true);
}

static void apply_to_host_view(void)
{
    struct xen_altp2m_override *o = (void *)(guest_memory + 4096);
    op_t op = { .cmd = HVMOP_altp2m_apply };
    int rc;

    *(struct xen_altp2m_apply *)&op.u = (struct xen_altp2m_apply){
        .nr = 1, .buffer = (uintptr_t)o };
    *o = (struct xen_altp2m_override){ .gfn = BASE, .count = 1UL << 18,
        .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_n };
    do
        rc = once(&op);
    while ( rc == -ERESTART );
    EXPECT(rc, 0);
}

static void suppress_in_host_view(void)
{
    op_t op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    int rc;

    op.u.suppress_ve_multi.first_gfn = 0x200;
    op.u.suppress_ve_multi.last_gfn = 0x2ff;
    do
        rc = raw(&op);
    while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(op.u.suppress_ve_multi.first_error, 0);
}

static void off_and_on(void)
{
    views_off();
    EXPECT(altp2m_set_state(model_domain, true), 0);
}

/* CPUs walk what view 0 overrides. */
static void check_host_view(void)
{
    const struct altp2m_view *view = view_at(model_domain, 0);

    EXPECT(view->root.used && !node_has_table(&view->root), false);
}

static void test_host_view_against_off(void)
{
    race(forbid_in_host_view, off_and_on, check_host_view);
    race(apply_to_host_view, off_and_on, check_host_view);
    race(suppress_in_host_view, off_and_on, check_host_view);
}

/* A view that takes the index of the source is another view. */
static void test_clone_of_another(void)
{
    op_t op = { .cmd = HVMOP_altp2m_clone };
    struct xen_altp2m_clone *c = (void *)&op.u;
    uint16_t idx;

    two_views();
    forbid(1, BASE, 1, true);
    c->view = 1;
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    EXPECT(destroy(1), 0);
    EXPECT(create(&idx), 0);
    EXPECT(idx, 1);
    EXPECT(once(&op), -ENOENT);
    EXPECT(c->clone, 0);
}

const struct unit_test race_tests[] = {
    { "race-promotion-settles", test_promotion_settles },
    { "race-promotion-settles-amd", test_promotion_settles, true },
    { "race-notify-against-off", test_notify_against_off },
    { "race-notify-against-off-amd", test_notify_against_off, true },
    { "race-notify-against-notify", test_notify_against_notify },
    { "race-notify-against-notify-amd", test_notify_against_notify, true },
    { "race-notify-against-death", test_notify_against_death },
    { "race-notify-against-death-amd", test_notify_against_death, true },
    { "race-log-against-log", test_log_against_log },
    { "race-log-against-off", test_log_against_off },
    { "race-log-against-death", test_log_against_death },
    { "race-losses-against-off", test_losses_against_off },
    { "race-patch-against-off", test_patch_against_off },
    { "race-switch-against-switch", test_switch_against_switch },
    { "race-switch-against-switch-amd", test_switch_against_switch, true },
    { "race-exit-while-views-go", test_exit_while_views_go },
    { "race-clone-against-change", test_clone_against_change },
    { "race-clone-against-change-amd", test_clone_against_change, true },
    { "race-clone-against-host-access", test_clone_against_host_access },
    { "race-clone-against-default", test_clone_against_default },
    { "race-clone-against-isolate", test_clone_against_isolate },
    { "race-clone-against-vmfunc", test_clone_against_vmfunc },
    { "race-clone-of-another", test_clone_of_another },
    { "race-host-view-against-off", test_host_view_against_off },
    { "race-host-view-against-off-amd", test_host_view_against_off, true },
    { NULL },
};
