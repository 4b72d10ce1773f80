/* SPDX-License-Identifier: GPL-2.0-only */
/* As many views as there can be: what they cost, indexes, roots. */
#include "unit.h"

/* docs/differences.md: a table and a sixth of a page for each 2M more. */
static void test_costs_of_more(void)
{
    static const struct { uint8_t g, pages; } more[] = {
        { 12, 1 }, { 15, 1 }, { 18, 1 },    /* with those on the way: six */
        { 19, 3 },                          /* another 1G, two nodes more */
    };
    unsigned int i, used;

    two_views();
    step("access", 1, 0, XENMEM_access_rw, 0);
    for ( i = 0; i < ARRAY_SIZE(more); i++ )
    {
        used = machine.pool_used;
        step("access", 1, more[i].g, XENMEM_access_rw, 0);
        EXPECT(machine.pool_used, used + more[i].pages);
    }
}

/* What Xen's heap has to give, a domain has had since it was created. */
static void test_on_takes_no_heap(void)
{
    unsigned int heap = machine.heap;

    step("state", 1, 0, 0, 0);
    EXPECT(machine.heap, heap);
    step("state", 0, 0, 0, 0);
    EXPECT(machine.heap, heap);
}

static void test_all_indexes(void)
{
    op_t op = op_of(HVMOP_altp2m_create_p2m);
    unsigned int i;

    step("state", 1, 0, 0, 0);
    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        EXPECT(raw(&op), 0);
        EXPECT(op.u.view.view, i);
    }
    EXPECT(raw(&op), -ENOSPC);
    op = op_of(HVMOP_altp2m_destroy_p2m);
    op.u.view.view = 300;
    EXPECT(call(op), 0);
    op = op_of(HVMOP_altp2m_create_p2m);
    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    EXPECT(raw(&op), 0);
    EXPECT(op.u.view.view, 300);
    op = op_of(HVMOP_altp2m_set_domain_state);
    EXPECT(call(op), 0);
    now_off();
}

/* Nothing is shared by mistake: a view costs what it overrides. */
static void test_costs(void)
{
    unsigned int used;

    step("state", 1, 0, 0, 0);
    used = machine.pool_used;
    step("create", XENMEM_access_r, 0, 0, 0);
    step("set-default", 1, 0, XENMEM_access_r, 0);
    EXPECT(machine.pool_used, used + 1);
    /* A fresh view takes no fault of its own. */
    step("reply", 1, 0, 0, 0);
    spurious = 0;
    cpu_touch(0, 0x0, 1);
    cpu_touch(0, 0x200, 1);
    cpu_touch(0, 0x40000, 1);
    EXPECT(spurious, 0);
    /* One override: three tables, and one page of small objects. */
    used = machine.pool_used;
    step("access", 1, 0, XENMEM_access_rw, 0);
    EXPECT(machine.pool_used, used + 4);
    used = machine.pool_used;
    step("access", 1, 1, XENMEM_access_rw, 0);
    EXPECT(machine.pool_used, used);
    /* 2M at once: nothing below is copied. */
    step("range", 1, 12, 1, 0);
    EXPECT(machine.pool_used, used);
    step("remap", 1, 0, 0, 1);
    step("remap", 1, 1, 0, 1);
    step("range", 1, 12, 8, 0);
    EXPECT(machine.pool_used, used - 4);
}

static bool has_root(unsigned int view)
{
    struct domain *d = model_domain;
    return !mfn_eq(view_at(d, view)->root.table, INVALID_MFN);
}

/*
 * Tables are made when a CPU may walk them: a view's at the first switch, which
 * can't fail then; view 0's once it says something of its own.
 */
static void test_late_roots(void)
{
    struct domain *d = model_domain;
    unsigned int used, limit = machine.pool_limit, i;

    step("state", 1, 0, 0, 0);
    for ( i = 0; i < 3; i++ )
        step("create", XENMEM_access_rwx, 1, 0, 0);
    EXPECT(has_root(0) || has_root(1) || has_root(2) || has_root(3), false);
    EXPECT(root_at(d, 0) == altp2m_root(d->vcpu[0]), true);
    EXPECT(root_at(d, 1) == ~0UL, true);

    /* What is overridden and what the host does before are in the first root. */
    step("access", 1, 0, XENMEM_access_r, 0);
    step("host-page", 1, 0, 0, 0);
    EXPECT(has_root(1), false);

    used = machine.pool_limit = machine.pool_used;
    step("switch", 1, 0, 0, 0);
    step("reply", 2, 0, 0, 0);
    EXPECT(has_root(1) && has_root(2), true);
    EXPECT(machine.pool_used, used);

    /* A page for view 0's root isn't there: nothing has changed. */
    step("remap", 0, 0, 1, 0);
    EXPECT(has_root(0), false);
    machine.pool_limit = limit;
    step("switch", 0, 0, 0, 0);
    step("remap", 0, 0, 1, 0);
    EXPECT(has_root(0) && view_at(d, 0)->root.used, true);

    /* Views that VMFUNC may enter have theirs. */
    step("notify", 0, 12, 1, 0);
    EXPECT(has_root(3), features.vmfunc);
}

/* A view whose index and root page come back in a new life. */
static void test_root_reused(void)
{
    two_views();
    step("reply", 1, 0, 0, 0);
    step("remap", 1, 12, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    step("reply", 0, 0, 0, 0);
    step("destroy", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
}

/* The same across a time without views, when other contexts aren't emptied. */
static void test_root_reused_later(void)
{
    unsigned int i;

    for ( i = 0; i < 4; i++ )
    {
        two_views();
        step("remap", 1, 12, 0, 0);
        step("remap", 2, 12, 0, 0);
        step("reply", 1 + i % 2, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("state", 0, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        two_views();
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("reply", 1, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("reply", 2, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("state", 0, 0, 0, 0);
    }
}

/* A view's root page was another domain's root, since a view here had it. */
static void test_root_of_another_domain(void)
{
    mfn_t root;

    two_views();
    step("access", 2, 12, XENMEM_access_r, 0);
    root = view_at(model_domain, 2)->root.table;
    step("destroy", 2, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);    /* flushes what is owed */
    cpu_used_root(0, mfn_x(root), 0x200);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    EXPECT(mfn_x(view_at(model_domain, 2)->root.table), mfn_x(root));
    step("reply", 2, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
}

/* While views are on there is one INVEPT for all; a moved vCPU needs none. */
static void test_flush_after_move(void)
{
    two_views();
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    cpu_migrate(0, 3);
    EXPECT(cpu_touch(3, 0x200, 1), TOUCH_OK);
    step("remap", 1, 12, 0, 0);
    cpu_migrate(3, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
}

/* View 0 stays, also when no vCPU is in it, and no step ends there. */
static void test_host_stays(void)
{
    struct vcpu *v;

    two_views();
    for_each_vcpu ( model_domain, v )
        v->arch.hvm.step.home = ALTP2M_MAX_VIEWS;
    enter_all(1);
    EXPECT(destroy(0), -EBUSY);
    ASSERT(view_at(model_domain, 0));
}

/* The host's root gets an entry behind its last, after a view's was filled. */
static void root_grows(unsigned int entry)
{
    const unsigned long gfn = entry * level_span(ROOT_LEVEL);
    unsigned int i;

    two_views();
    enter_all(1);
    EXPECT(host_set(gfn, 0x123456, 0, p2m_ram_rw, p2m_access_rwx), 0);
    enter_all(2);
    for ( i = 1; i < 3; i++ )
        EXPECT(walk_any(mfn_x(view_at(model_domain, i)->root.table), gfn).mfn,
               0x123456);
}

static void test_root_grows(void)
{
    root_grows(2);
}

static void test_root_grows_far(void)
{
    root_grows(9);
}

const struct unit_test views_tests[] = {
    { "views-cost-of-more", test_costs_of_more },
    { "views-on-takes-no-heap", test_on_takes_no_heap },
    { "views-all-indexes", test_all_indexes },
    { "views-cost", test_costs },
    { "views-late-roots", test_late_roots },
    { "views-root-reused", test_root_reused },
    { "views-root-reused-later", test_root_reused_later },
    { "views-root-of-another-domain", test_root_of_another_domain },
    { "views-flush-after-move", test_flush_after_move },
    { "views-host-stays", test_host_stays },
    { "views-root-grows", test_root_grows },
    { "views-root-grows-amd", test_root_grows, true },
    { "views-root-grows-far", test_root_grows_far },
    { "views-root-grows-far-amd", test_root_grows_far, true },
    { NULL },
};
