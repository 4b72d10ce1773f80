/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests: views with x and wx on CPUs without execute-only pages.  Each runs
 * as on AMD; those with "intel" in their name as on an Intel CPU.
 *
 * Numbers of gfns are those of oracle.c: 0x1fe is 10, 0x1ff 11, 0x200 12, 0x201
 * 13, 0x3ff 14.
 */
#include "unit.h"

#define V(n) (model_domain->vcpu[n])
#define READ    1u
#define WRITE   2u
#define EXECUTE 4u

static struct altp2m_view *view(unsigned int idx)
{
    return view_at(model_domain, idx);
}

static enum touch touch(unsigned int vcpu, unsigned long gfn, unsigned int want)
{
    return cpu_touch(cpu_of(V(vcpu)), gfn, want);
}

static enum touch straddle(unsigned int vcpu, unsigned long a, unsigned long b)
{
    return cpu_straddle(cpu_of(V(vcpu)), a, b);
}

/* The step has just been done, and all is as it should be. */
static void looked(void)
{
    unsigned int c;

    for ( c = 0; c < NR_PCPUS; c++ )
        cpu_exit(c);
    check_all();
    audit();
}

static void is_on(unsigned int vcpu, bool execute)
{
    cpu_exit(cpu_of(V(vcpu)));
    EXPECT(altp2m_executes(V(vcpu)), execute);
    looked();
}

/* View 1, which vCPU 0 is in, has @access at 0x1ff. */
static void begin(uint8_t access)
{
    features.exec_only = false;
    two_views();
    step("access", 1, 11, access, 0);
    step("reply", 1, 0, 0, 0);
}

static void test_read(void)
{
    begin(XENMEM_access_x);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    is_on(0, false);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, true);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_OK);
    EXPECT(touch(0, 0x200, READ), TOUCH_OK);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_OK);         /* docs/rights.md */
    EXPECT(touch(0, 0x1ff, WRITE), TOUCH_VIOLATION);
    is_on(0, true);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    is_on(0, false);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x1ff, WRITE), TOUCH_VIOLATION);
    /* Another vCPU has a side of its own. */
    step("reply", 1, 1, 0, 0);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    EXPECT(touch(1, 0x1ff, READ), TOUCH_VIOLATION);
    is_on(0, true);
    is_on(1, false);
}

static void test_wx(void)
{
    begin(XENMEM_access_wx);
    EXPECT(touch(0, 0x1ff, WRITE), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    EXPECT(touch(0, 0x1ff, WRITE), TOUCH_OK);
    is_on(0, true);
    /* A fault that is the type's; AMD tells of a read, too. */
    step("log-dirty-all", 1, 0, 0, 0);
    EXPECT(touch(0, 0x1ff, READ | WRITE), TOUCH_OK);
    is_on(0, true);
}

/* The page that a remap shows is paged out: Xen brings it in, and no event. */
static void test_paged(void)
{
    begin(XENMEM_access_rwx);
    step("remap", 1, 11, 9, 0);
    step("access", 1, 11, XENMEM_access_x, 0);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, true);
    step("host-page", 9, 12, 0, 0);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_MMIO);
    EXPECT(touch(0, 0x1ff, WRITE), TOUCH_VIOLATION);
    is_on(0, true);
    step("host-page", 9, 0, 0, 1);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_OK);
    is_on(0, true);
}

/* Xen carries out no write to a page with wx without an event. */
static void test_told(void)
{
    xenmem_access_t access = XENMEM_access_default;

    begin(XENMEM_access_wx);
    EXPECT(altp2m_vcpu_access(V(0), _gfn(0x1ff), &access), 0);
    EXPECT(access, XENMEM_access_x);
    EXPECT(altp2m_vcpu_access(V(0), _gfn(0x1fe), &access), 0);
    EXPECT(access, XENMEM_access_rwx);
}

/* A list changes both sides of a table. */
static void test_list(void)
{
    begin(XENMEM_access_x);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_OK);
    is_on(0, true);
    step("multi", 1, 8, XENMEM_access_r, 0);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_VIOLATION);
    is_on(0, true);
}

/* Without a listener a violation is forgiven, for good. */
static void test_no_listener(void)
{
    begin(XENMEM_access_wx);
    monitor_listens = false;
    EXPECT(touch(0, 0x1ff, WRITE), TOUCH_OK);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, false);
}

/* By a range, and by the default: the host's tables stay shared. */
static void test_range(void)
{
    begin(XENMEM_access_rwx);
    step("range", 1, 14, 0x17, 0);                   /* x at 0x200 to 0x3ff */
    EXPECT(touch(0, 0x3ff, READ), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x3ff, EXECUTE), TOUCH_OK);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    is_on(0, true);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, false);
    step("set-default", 1, 0, XENMEM_access_x, 0);
    EXPECT(touch(0, 0x9, READ), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x9, EXECUTE), TOUCH_OK);
    EXPECT(touch(0, 0x40000, EXECUTE), TOUCH_OK);
    is_on(0, true);
}

/* However a vCPU enters a view, it is on the data side. */
static void test_switch(void)
{
    begin(XENMEM_access_x);
    step("access", 2, 11, XENMEM_access_x, 0);
    touch(0, 0x1ff, EXECUTE);
    is_on(0, true);
    step("reply", 1, 0, 0, 0);
    is_on(0, false);
    touch(0, 0x1ff, EXECUTE);
    step("reply", 2, 0, 0, 0);
    is_on(0, false);
    touch(0, 0x1ff, EXECUTE);
    is_on(0, true);
    step("switch-vcpu", 1, 0, 0, 0);
    is_on(0, false);
    touch(0, 0x1ff, EXECUTE);
    step("switch", 1, 0, 0, 0);
    is_on(0, false);
    touch(0, 0x1ff, EXECUTE);
    hvm_step_begin_fast(V(0), 2);
    hvm_step_end(V(0), HVM_STEP_FAST);
    ref.in[0] = 2;
    ref.executes[0] = false;
    is_on(0, false);
    step("switch", 0, 0, 0, 0);
    step("destroy", 1, 0, 0, 0);
    step("destroy", 2, 0, 0, 0);
    looked();
}

static void test_vmfunc(void)
{
    begin(XENMEM_access_x);
    step("set-vmfunc", 0, 0, 1, 0);
    touch(0, 0x1ff, EXECUTE);
    is_on(0, true);
    step("vmfunc", 1, 0, 0, 0);                      /* to the same view */
    is_on(0, false);
    touch(0, 0x1ff, EXECUTE);
    step("vmfunc", 2, 0, 0, 0);
    is_on(0, false);
    step("vmfunc", 1, 0, 0, 0);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    /* The same with #VE, where the CPU tells the view. */
    step("notify", 0, 1, 1, 0);
    touch(0, 0x1ff, EXECUTE);
    is_on(0, true);
    step("vmfunc", 1, 0, 0, 0);
    is_on(0, false);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
}

/* #VE tells of violations, and not of fetches that the view allows. */
static void test_ve(void)
{
    begin(XENMEM_access_x);
    step("notify", 0, 1, 1, 0);
    step("sve", 1, 11, 0, 0);
    step("sve", 1, 12, 0, 0);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, true);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    is_on(0, false);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VE);
}

/* No walk gets to the view's tables, and what is changed passes them by. */
static void cut(void)
{
    altp2m_lock(model_domain);
    altp2m_cut_view(model_domain, view(1));
    altp2m_unlock(model_domain);
}

/* What changes is seen on the side that vCPUs are on. */
static void test_changes(void)
{
    begin(XENMEM_access_x);
    touch(0, 0x1ff, EXECUTE);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_OK);
    step("host-page", 10, 8, 0, 0);                  /* a neighbour goes away */
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_MMIO);
    step("host-page", 10, 0, 0, 1);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_OK);
    cut();
    step("host-page", 10, 0, 0, 1);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_OK);
    is_on(0, true);
    step("access", 1, 10, XENMEM_access_r, 0);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_VIOLATION);
    step("remap", 1, 10, 12, 0);
    EXPECT(touch(0, 0x1fe, READ), TOUCH_OK);
    looked();
    step("host-page", 12, 0, 0, 1);                  /* the target */
    EXPECT(touch(0, 0x1fe, READ), TOUCH_OK);
    step("host-page", 11, 0, 0, 1);                  /* the page itself */
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    step("log-dirty-all", 1, 0, 0, 0);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_OK);
    step("host-access", 11, XENMEM_access_rwx, 0, 0);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, false);
    step("access", 1, 11, XENMEM_access_x, 0);
    touch(0, 0x1ff, EXECUTE);
    step("set-default", 1, 0, XENMEM_access_n, 0);
    EXPECT(touch(0, 0x40000, READ), TOUCH_VIOLATION);
    is_on(0, true);
    step("audit", 1, 0, 0, 0);
    step("walk", 1, 11, 0, 0);
    step("multi", 1, 10, XENMEM_access_x, 2);
}

/* The execute side's root goes when there is need, unless a vCPU is there. */
static void test_root(void)
{
    unsigned int i;

    begin(XENMEM_access_x);
    looked();
    EXPECT(node_has_side(&view(1)->root, SIDE_EXECUTE), false);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(node_has_side(&view(1)->root, SIDE_EXECUTE), false);
    touch(0, 0x1ff, EXECUTE);
    EXPECT(view(1)->nr_tables, 8);
    for ( i = 0; i < 4; i++ )
        step("reclaim", 0, 0, 0, 0);
    EXPECT(view(1)->nr_tables, 2);
    is_on(0, true);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    step("reply", 2, 0, 0, 0);
    step("reclaim", 0, 0, 0, 0);
    step("reclaim", 0, 0, 0, 0);
    EXPECT(view(1)->nr_tables, 1);
    looked();
    step("reply", 1, 0, 0, 0);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    EXPECT(view(1)->nr_tables, 8);
}

/* What CPUs have under the address of a page from before it became the root. */
static void test_root_flush(void)
{
    unsigned int c;
    unsigned long mfn;

    begin(XENMEM_access_x);
    /* It invalidates here, for the last time before. */
    EXPECT(touch(0, 0x9, READ), TOUCH_OK);
    c = cpu_of(V(0));
    cpu_exit(c);
    for ( mfn = 1; mfn < 200; mfn++ )
        if ( !frame_table[mfn].used )
            cpu_used_root(c, mfn, 0x200);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    EXPECT(mfn_x(node_table(&view(1)->root, SIDE_EXECUTE)) < 200, true);
    EXPECT(touch(0, 0x200, READ), TOUCH_OK);
}

/* With the pool used up, faults have the reserve; what they need stays. */
static void test_pool(void)
{
    unsigned int i;

    begin(XENMEM_access_x);
    step("access", 1, 18, XENMEM_access_x, 0);       /* 0x3ffff */
    step("access", 1, 24, XENMEM_access_wx, 0);      /* 0x80000 */
    step("reply", 1, 1, 0, 0);
    machine_pool(machine.pool_used);
    for ( i = 0; i < 4; i++ )
    {
        EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
        EXPECT(touch(1, 0x80000, EXECUTE), TOUCH_OK);
        EXPECT(touch(0, 0x3ffff, EXECUTE), TOUCH_OK);
        EXPECT(touch(0, 0x80000, WRITE), TOUCH_OK);
        step("reclaim", 0, 0, 0, 0);
        EXPECT(touch(1, 0x200, EXECUTE), TOUCH_OK);
        EXPECT(straddle(1, 0x1ff, 0x200), TOUCH_OK);
        looked();
    }
}

static void test_straddle(void)
{
    unsigned int nodes;

    begin(XENMEM_access_x);
    nodes = view(1)->nr_nodes;
    EXPECT(straddle(0, 0x1ff, 0x200), TOUCH_OK);
    is_on(0, false);
    EXPECT(V(0)->arch.hvm.single_step, false);
    /* The same address again, if it is there by now, is not on two pages. */
    EXPECT(altp2m_vcpu_of(V(0))->rip, NOT_MOVED);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(straddle(0, 0x1fe, 0x1ff), TOUCH_OK);
    is_on(0, false);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(view(1)->nr_nodes, nodes);
    /* Both pages are on the same side: no step. */
    step("access", 1, 12, XENMEM_access_wx, 0);
    EXPECT(straddle(0, 0x1ff, 0x200), TOUCH_OK);
    is_on(0, true);
    /* The other page can't be executed at all. */
    step("access", 1, 12, XENMEM_access_rw, 0);
    EXPECT(straddle(0, 0x1ff, 0x200), TOUCH_VIOLATION);
    EXPECT(step_events, 0);
}

/* A page of a range, or of the default. */
static void test_straddle_range(void)
{
    unsigned int nodes;

    begin(XENMEM_access_rwx);
    step("range", 1, 14, 0x17, 0);                   /* x at 0x200 to 0x3ff */
    nodes = view(1)->nr_nodes;
    EXPECT(straddle(0, 0x1ff, 0x200), TOUCH_OK);
    is_on(0, false);
    EXPECT(straddle(0, 0x200, 0x40000), TOUCH_OK);
    is_on(0, false);
    EXPECT(touch(0, 0x200, READ), TOUCH_VIOLATION);
    EXPECT(view(1)->nr_nodes, nodes);
    step("set-default", 1, 0, XENMEM_access_wx, 0);
    EXPECT(straddle(0, 0x40000, 0x1ff), TOUCH_OK);
    is_on(0, false);
    EXPECT(touch(0, 0x40000, READ), TOUCH_VIOLATION);
}

/* vCPU 0, in view 1, has fetched what it can't on one side: 0x1ff has x. */
static void begin_step(void)
{
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    caller_is(V(0));
    altp2m_vcpu_of(V(0))->rip = guest_cpu_user_regs()->rip + 1;
    caller_is(NULL);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    EXPECT(altp2m_vcpu_of(V(0))->side, SIDE_STEP);
    EXPECT(V(0)->arch.hvm.single_step, true);
    looked();
}

static void end_step(void)
{
    cpu_exit(cpu_of(V(0)));
    caller_is(V(0));
    hvm_step_done();
    caller_is(NULL);
    EXPECT(V(0)->arch.hvm.single_step, false);
    is_on(0, false);
}

/* Whatever comes between its begin and end, a step is the one vCPU's. */
static void test_stepped(void)
{
    begin(XENMEM_access_x);
    step("access", 1, 10, XENMEM_access_r, 0);
    step("reply", 1, 1, 0, 0);
    step("reply", 1, 2, 0, 0);
    EXPECT(touch(1, 0x1ff, EXECUTE), TOUCH_OK);
    begin_step();
    EXPECT(touch(2, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(touch(2, 0x1ff, WRITE), TOUCH_VIOLATION);
    is_on(1, true);
    EXPECT(touch(1, 0x200, EXECUTE), TOUCH_OK);
    is_on(1, false);
    /* Both pages, and all others, are there for the one instruction. */
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    EXPECT(touch(0, 0x200, WRITE), TOUCH_OK);
    EXPECT(touch(0, 0x40000, EXECUTE), TOUCH_OK);
    /* Changes meanwhile. */
    EXPECT(touch(0, 0x1fe, READ), TOUCH_OK);
    cut();
    step("host-page", 10, 0, 0, 1);
    EXPECT(touch(0, 0x1fe, READ), TOUCH_OK);
    looked();
    step("access", 1, 12, XENMEM_access_x, 0);
    step("reclaim", 0, 0, 0, 0);
    step("reclaim", 0, 0, 0, 0);
    step("host-page", 10, 8, 0, 0);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    step("access", 1, 12, XENMEM_access_rwx, 0);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    EXPECT(altp2m_vcpu_of(V(0))->side, SIDE_STEP);
    looked();
    end_step();
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
}

/* A rule has the vCPU, where it is, execute one instruction in view 2. */
static void begin_rule_step(void)
{
    caller_is(V(0));
    guest_cpu_user_regs()->rip = 0x20000ffe;
    altp2m_lock(model_domain);
    altp2m_step_once(V(0), view(2));
    altp2m_unlock(model_domain);
    EXPECT(altp2m_executes(V(0)), false);
    EXPECT(hvm_step_enters(V(0)), true);
    caller_is(NULL);
}

/* That has come to @rip. */
static void end_rule_step(unsigned long rip, bool execute)
{
    caller_is(V(0));
    guest_cpu_user_regs()->rip = rip;
    hvm_step_done();
    caller_is(NULL);
    EXPECT(altp2m_vcpu_idx(V(0)), 1);
    ref.executes[0] = execute;
    is_on(0, execute);
}

static void test_rule_step(void)
{
    begin(XENMEM_access_x);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, true);
    begin_rule_step();
    end_rule_step(0x20000fff, true);
    begin_rule_step();
    end_rule_step(0x20001001, false);

    /* From the data side; and when the other has been freed. */
    begin_rule_step();
    end_rule_step(0x20000fff, false);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, true);
    begin_rule_step();
    altp2m_lock(model_domain);
    altp2m_detach_sides(model_domain, &view(1)->root);
    altp2m_unlock(model_domain);
    end_rule_step(0x20000fff, false);
}

/* What ends it: a violation, another view. */
static void test_step_over(void)
{
    begin(XENMEM_access_x);
    step("access", 1, 10, XENMEM_access_r, 0);
    begin_step();
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_VIOLATION);
    EXPECT(V(0)->arch.hvm.single_step, false);
    is_on(0, false);
    begin_step();
    step("reply", 2, 0, 0, 0);
    is_on(0, false);
    end_step();
    step("reply", 1, 0, 0, 0);
    /* Xen has done the instruction, and a reply has the next one stepped. */
    begin_step();
    cpu_exit(cpu_of(V(0)));
    hvm_step_begin_fast(V(0), 1);
    is_on(0, false);
    end_step();
    begin_step();
    step("set-vmfunc", 0, 0, 1, 0);
    step("vmfunc", 1, 0, 0, 0);
    is_on(0, false);
    end_step();
    begin_step();
    step("state", 0, 0, 0, 0);
    EXPECT(V(0)->arch.hvm.single_step, false);
}

/*
 * With the pool used up, and what the host may have of the reserve, and all but
 * one vCPU's share of the rest.
 */
static void test_reserve(void)
{
    struct altp2m_domain *a;
    struct page_info *pg;
    unsigned int i, left;

    begin(XENMEM_access_x);
    step("access", 1, 18, XENMEM_access_x, 0);       /* 0x3ffff */
    step("access", 1, 24, XENMEM_access_rwx, 0);     /* 0x80000 */
    step("access", 1, 12, XENMEM_access_rwx, 0);
    step("set-default", 1, 0, XENMEM_access_rw, 0);
    for ( i = 0; i < 4; i++ )
        step("reclaim", 0, 0, 0, 0);
    machine_pool(machine.pool_used);
    caller_is(V(0));
    altp2m_lock(model_domain);
    model_domain->arch.altp2m->use_reserve = true;
    while ( (pg = altp2m_host_page(model_domain)) != NULL )
        page_list_add_tail(pg, &p2m_get_hostp2m(model_domain)->pages);
    model_domain->arch.altp2m->use_reserve = false;
    a = model_domain->arch.altp2m;
    left = a->nr_reserve / model_domain->max_vcpus;
    while ( a->nr_reserve > left )
    {
        page_list_add_tail(page_list_remove_head(&a->reserve),
                           &p2m_get_hostp2m(model_domain)->pages);
        a->nr_reserve--;
        a->nr_pages--;
        a->reserve_size--;
    }
    altp2m_unlock(model_domain);
    caller_is(NULL);
    for ( i = 0; i < 3; i++ )
    {
        EXPECT(straddle(0, 0x1ff, 0x200), TOUCH_OK);
        step("reclaim", 0, 0, 0, 0);
        EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
        EXPECT(straddle(0, 0x1ff, 0x80000), TOUCH_OK);
        EXPECT(straddle(0, 0x80000, 0x3ffff), TOUCH_OK);
        step("reclaim", 0, 0, 0, 0);
    }
}

/* Our own operations give view 0 such a page; Xen's set the host's access. */
static void test_view_0(void)
{
    begin(XENMEM_access_rwx);
    step("access", 0, 11, XENMEM_access_x, 0);       /* refused: see step.c */
    EXPECT(host_fact(0x1ff).access, p2m_access_rwx);
    step("reply", 0, 0, 0, 0);
    step("set-range", 0, 11, XENMEM_access_x, 1);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, true);
    EXPECT(touch(0, 0x200, EXECUTE), TOUCH_OK);
    is_on(0, false);
}

/* Where the host itself restricts. */
static void test_restricted(void)
{
    begin(XENMEM_access_x);
    step("host-access", 10, XENMEM_access_r, 0, 0);
    touch(0, 0x1ff, EXECUTE);
    EXPECT(touch(0, 0x1fe, WRITE), TOUCH_VIOLATION);
    EXPECT(touch(0, 0x1fe, EXECUTE), TOUCH_VIOLATION);
    is_on(0, true);
    step("set-default", 1, 0, XENMEM_access_x, 0);
    EXPECT(touch(0, 0x9, EXECUTE), TOUCH_OK);
    is_on(0, true);
    step("set-default", 1, 0, XENMEM_access_rx, 0);
    EXPECT(touch(0, 0x1fe, EXECUTE), TOUCH_OK);
    is_on(0, false);
}

/* The audit looks at both sides. */
static unsigned int found;

static void count_found(void)
{
    op_t op = read_op(HVMOP_altp2m_audit, 1, 30);
    unsigned int rounds;

    EXPECT(whole(&op, &rounds), 0);
    found = PARAMETERS(&op, read)->nr;
}

static void test_audit(void)
{
    uint64_t *entry, was;

    begin(XENMEM_access_x);
    touch(0, 0x1ff, EXECUTE);
    looked();
    count_found();
    EXPECT(found, 0);
    entry = &table_at(mfn_x(node_table(altp2m_node(view(1), 0, 0),
                                       SIDE_EXECUTE)))[0x1fe];
    was = *entry;
    *entry = was & ~(1UL << 63);                     /* may be executed */
    count_found();
    EXPECT(found, 1);
    *entry = was;
    count_found();
    EXPECT(found, 0);
}

/* A node's tables may be anywhere in the memory that Xen can number. */
static void test_frames(void)
{
    struct altp2m_view view = { .sided = true };
    struct altp2m_node node = { .view = &view, .table = INVALID_MFN };
    unsigned int i, k;

    for ( i = 0; i < SIDES; i++ )
    {
        node_set_table(&node, i, _mfn(0xfedcba987UL - i));
        for ( k = 0; k < SIDES; k++ )
            EXPECT(mfn_x(node_table(&node, k)),
                   k > i ? mfn_x(INVALID_MFN) : 0xfedcba987UL - k);
    }
    for ( i = 0; i < SIDES - 1; i++ )
    {
        EXPECT(node_has_sides(&node), true);
        node_set_table(&node, SIDES - 1 - i, _mfn(0x100000000UL));
        node_set_table(&node, SIDES - 1 - i, INVALID_MFN);
        EXPECT(node_has_side(&node, SIDES - 1 - i), false);
        EXPECT(node_has_sides(&node), i < 1);
    }
    node_set_table(&node, SIDE_STEP, _mfn(0x10000000UL));
    EXPECT(node_has_sides(&node), true);
    EXPECT(node_has_side(&node, SIDE_EXECUTE), false);
}

/* A CPU that has execute-only pages uses one side. */
static void test_one_side(void)
{
    features.exec_only = true;
    two_views();
    step("access", 1, 11, XENMEM_access_wx, 0);      /* refused: see step.c */
    step("access", 1, 11, XENMEM_access_x, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(touch(0, 0x1ff, EXECUTE), TOUCH_OK);
    is_on(0, false);
    EXPECT(touch(0, 0x1ff, READ), TOUCH_VIOLATION);
}

const struct unit_test side_tests[] = {
    { "side-read", test_read, true },
    { "side-read-intel", test_read },
    { "side-wx", test_wx, true },
    { "side-wx-intel", test_wx },
    { "side-paged", test_paged, true },
    { "side-told", test_told, true },
    { "side-told-intel", test_told },
    { "side-list", test_list, true },
    { "side-list-intel", test_list },
    { "side-no-listener", test_no_listener, true },
    { "side-no-listener-intel", test_no_listener },
    { "side-range", test_range, true },
    { "side-range-intel", test_range },
    { "side-switch", test_switch, true },
    { "side-switch-intel", test_switch },
    { "side-vmfunc", test_vmfunc, true },
    { "side-vmfunc-intel", test_vmfunc },
    { "side-ve", test_ve, true },
    { "side-ve-intel", test_ve },
    { "side-changes", test_changes, true, true },
    { "side-changes-intel", test_changes },
    { "side-root", test_root, true },
    { "side-root-flush-intel", test_root_flush },
    { "side-pool", test_pool, true },
    { "side-pool-intel", test_pool },
    { "side-straddle", test_straddle, true },
    { "side-straddle-intel", test_straddle },
    { "side-straddle-range", test_straddle_range, true },
    { "side-stepped", test_stepped, true },
    { "side-stepped-intel", test_stepped },
    { "side-rule-step", test_rule_step, true },
    { "side-rule-step-intel", test_rule_step },
    { "side-step-over", test_step_over, true },
    { "side-step-over-intel", test_step_over },
    { "side-reserve", test_reserve, true },
    { "side-reserve-intel", test_reserve },
    { "side-view-0", test_view_0, true },
    { "side-restricted", test_restricted, true },
    { "side-restricted-intel", test_restricted },
    { "side-audit", test_audit, true },
    { "side-frames", test_frames },
    { "side-one-side-intel", test_one_side },
    { NULL },
};
