/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests of nested faults: what they are about when the vCPU has the lock at
 * last, and that they are dealt with where the paging pool has nothing left.
 */
#include "step.h"
#include "unit.h"

/* ---- a fault that is over ---- */

static void other_vcpu_reads(void)
{
    EXPECT(cpu_touch(0, 6, 1), TOUCH_OK);
}

/* Two vCPUs fault at one table that was given up, at a page that isn't RAM. */
static void test_fault_is_over(void)
{
    struct domain *d = model_domain;

    two_views();
    step("access", 1, 0, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    step("reply", 1, 1, 0, 0);
    altp2m_lock(d);
    altp2m_make_room(d, NULL, 0);
    altp2m_unlock(d);
    cpu_meanwhile = other_vcpu_reads;
    EXPECT(cpu_touch(1, 6, 1), TOUCH_OK);
    ASSERT(!cpu_meanwhile);
}

static void remap_is_undone(void)
{
    struct domain *d = model_domain;
    struct xen_hvm_altp2m_op op = {
        .version = HVMOP_ALTP2M_INTERFACE_VERSION,
        .cmd = HVMOP_altp2m_change_gfn,
        .domain = d->domain_id,
    };
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };

    op.u.change_gfn.view = 1;
    op.u.change_gfn.old_gfn = 0x1fe;
    op.u.change_gfn.new_gfn = ~0UL;
    memcpy(guest_memory, &op, sizeof(op));
    caller_is(NULL);
    EXPECT(altp2m_op(arg), 0);
    memset(&ref.view[1].o[gfn_number(0x1fe)], 0, sizeof(struct ref_override));
    /* Xen lets one more pass after it has marked entries; that one has been. */
    d->vcpu[0]->arch.hvm.vmx.ept_spurious_misconfig = 0;
}

/* A malformed entry that is no more, as the remap was undone meanwhile. */
static void test_misconfig_is_over(void)
{
    struct domain *d = model_domain;
    struct p2m_domain *p2m = p2m_get_hostp2m(d);

    two_views();
    step("remap", 1, 10, 22, 0);  /* gfn 0x1fe shows 0x40200 */
    step("reply", 1, 0, 0, 0);
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
    /* Only what is marked for the target is left. */
    p2m_lock(p2m);
    p2m->recalc(p2m, 0x1fe);
    p2m_unlock(p2m);
    EXPECT(walk_any(altp2m_root(d->vcpu[0]) >> 12 & 0xffffffffff, 0x1fe).end,
           WALK_MISCONFIG);
    cpu_meanwhile = remap_is_undone;
    EXPECT(cpu_touch(0, 0x1fe, 1), TOUCH_OK);
    ASSERT(!cpu_meanwhile);
}

/* What was pending on the way is done, and the leaf gives no rights. */
static void test_misconfig_no_rights(void)
{
    struct domain *d = model_domain;
    struct p2m_domain *p2m = p2m_get_hostp2m(d);

    two_views();
    step("remap", 1, 10, 22, 0);  /* gfn 0x1fe shows 0x40200 */
    step("access", 1, 10, XENMEM_access_n, 0);
    step("reply", 1, 0, 0, 0);
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
    /* Nothing is marked for the target. */
    p2m_lock(p2m);
    p2m->recalc(p2m, 0x40200);
    p2m_unlock(p2m);
    d->vcpu[0]->arch.hvm.vmx.ept_spurious_misconfig = 0;
    EXPECT(cpu_touch(0, 0x1fe, 1), TOUCH_VIOLATION);
}

/*
 * A page that the host lets nobody access has its mark for recalculation, and the
 * view gives it rights: writes are logged before they are let through.
 */
static void test_hidden_pending(void)
{
    struct domain *d = model_domain;
    struct p2m_domain *p2m = p2m_get_hostp2m(d);

    two_views();
    step("host-access", 12, XENMEM_access_n, 0, 0);   /* gfn 0x200 */
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
    /* The marks come down to 0x200's own entry, and its neighbour's is gone. */
    p2m_lock(p2m);
    p2m->recalc(p2m, 0x201);
    p2m_unlock(p2m);
    step("access", 1, 12, XENMEM_access_rwx, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(walk_any(mfn_x(view_at(d, 1)->root.table), 0x200).end, WALK_MISCONFIG);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_OK);
}

/* ---- no memory ---- */

/* Everything that a pool of the domain has to give, views' tables included. */
static void use_pool_up(void)
{
    step("reclaim", 0, 0, 0, 0);
    step("reclaim", 0, 0, 0, 0);
    machine_pool(machine.pool_used);
}

/* The pool of a dying domain gives nothing: no table is freed for it. */
static void test_no_room(void)
{
    struct domain *d = model_domain;
    unsigned int tables;

    two_views();
    step("access", 1, 12, XENMEM_access_r, 0);
    tables = view_at(d, 1)->nr_tables;
    ASSERT(tables > 1);
    altp2m_lock(d);
    d->is_dying = true;
    EXPECT(altp2m_reclaim(d), false);
    d->is_dying = false;
    altp2m_unlock(d);
    EXPECT(view_at(d, 1)->nr_tables, tables);
}

/* Tables that were given up come back from the reserve, for one or for many. */
static void test_no_memory(void)
{
    two_views();
    step("access", 1, 0, XENMEM_access_rx, 0);
    step("access", 1, 12, XENMEM_access_r, 0);
    step("access", 1, 19, XENMEM_access_r, 0);
    step("access", 1, 26, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    EXPECT(cpu_touch(0, 0x0, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x40000, 1), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x8000000, 1), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    /* An override that is there is changed in place. */
    monitor_listens = false;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_OK);
    EXPECT(ref.view[1].o[12].lent, false);
    EXPECT(ref.view[1].o[12].access, p2m_access_rwx);
}

static unsigned int reserve_of(void)
{
    return model_domain->arch.altp2m->nr_reserve;
}

/* A right that is promoted without memory lasts until somebody looks. */
static void test_promotion_lent(void)
{
    static const unsigned int g[] = { 0, 12, 19, 23 };
    unsigned int full, i;

    two_views();
    full = reserve_of();
    step("set-default", 1, 0, XENMEM_access_rx2rw, 0);
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    for ( i = 0; i < ARRAY_SIZE(g); i++ )
    {
        EXPECT(cpu_touch(0, gfns[g[i]], 2), TOUCH_OK);
        EXPECT(ref.view[1].o[g[i]].lent, true);
    }
    EXPECT(reserve_of() < full, true);
    check_all();
    /* dom0 asks: rx2rw again, and all memory is back. */
    step("ask", 1, 0, 0, 0);
    EXPECT(reserve_of(), full);
    EXPECT(ref.view[1].o[0].has_access, false);
    EXPECT(access_at(model_domain, view_at(model_domain, 1), 0),
           p2m_access_rx2rw);
    /* With memory again it stays. */
    EXPECT(cpu_touch(0, 0, 2), TOUCH_OK);
    machine_pool(machine.pool_used + 100);
    EXPECT(cpu_touch(0, gfns[12], 2), TOUCH_OK);
    EXPECT(reserve_of(), full);
    EXPECT(ref.view[1].o[0].has_access, true);
    EXPECT(ref.view[1].o[0].lent, false);
}

/* The host's access is set where a node is lent, by a caller that is not ours. */
static void test_host_access_lent(void)
{
    two_views();
    step("set-default", 1, 0, XENMEM_access_rx2rw, 0);
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    EXPECT(cpu_touch(0, gfns[12], 2), TOUCH_OK);
    EXPECT(ref.view[1].o[12].lent, true);
    cpu_exit(0);
    machine_pool(machine.pool_used + 100);
    step("host-access", 13, XENMEM_access_r, 0, 0);
    EXPECT(access_at(model_domain, view_at(model_domain, 1), gfns[13]),
           p2m_access_r);
    step("ask", 1, 0, 0, 0);
    EXPECT(access_at(model_domain, view_at(model_domain, 1), gfns[13]),
           p2m_access_r);
}

/*
 * More is promoted than can be lent at a time.  What is made below a node that is
 * lent goes with it, if there was memory for that or not.
 */
static void test_promotions_lent(void)
{
    struct domain *d = model_domain;
    unsigned int full, g;

    two_views();
    full = reserve_of();
    step("set-default", 1, 0, XENMEM_access_rx2rw, 0);
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    for ( g = 0; g < NR_GFNS; g++ )
        if ( host_fact(gfns[g]).type == p2m_ram_rw )
            EXPECT(cpu_touch(0, gfns[g], 2), TOUCH_OK);
    EXPECT(d->arch.altp2m->recalled > 0, true);
    step("ask", 1, 0, 0, 0);
    EXPECT(reserve_of(), full);

    EXPECT(cpu_touch(0, 0, 2), TOUCH_OK);
    cpu_exit(0);
    machine_pool(machine.pool_used + 1);
    current = d->vcpu[0];
    p2m_lock(p2m_get_hostp2m(d));
    altp2m_promote(current, _gfn(0x200), p2m_access_rw);
    p2m_unlock(p2m_get_hostp2m(d));
    caller_is(NULL);
    step("ask", 1, 0, 0, 0);
    EXPECT(access_at(d, view_at(d, 1), 0x200), p2m_access_rx2rw);
}

/* Does vCPU 0's fault end before Xen reads the host's entry? */
static bool ends_at_once(unsigned long gfn, struct npfec npfec)
{
    struct vcpu *v = model_domain->vcpu[0];
    unsigned long source = gfn;
    p2m_access_t access;
    unsigned int order;
    bool done;

    current = v;
    done = altp2m_view_fault_begin(v, gfn << PAGE_SHIFT, 0, npfec, &source);
    if ( !done )
        altp2m_fault(v, gfn << PAGE_SHIFT, npfec, p2m_ram_rw, &access,
                          &order);
    caller_is(NULL);

    return done;
}

/* Has the view no part in a fault of vCPU 0's? */
static bool skips(unsigned long gfn, struct npfec npfec, p2m_type_t type)
{
    struct vcpu *v = model_domain->vcpu[0];
    bool skipped;

    current = v;
    altp2m_lock_fault(model_domain);
    skipped = altp2m_skip_fault(v, gfn << PAGE_SHIFT, npfec, type);
    if ( !skipped )
        altp2m_unlock(model_domain);
    caller_is(NULL);

    return skipped;
}

/* Nor has it where its CPUs use the host's own entry, of RAM. */
static void test_shared(void)
{
    const struct npfec w = { .write_access = 1 }, x = { .insn_fetch = 1 };
    struct altp2m_vcpu *r;

    two_views();
    step("access", 1, 12, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    r = altp2m_vcpu_of(model_domain->vcpu[0]);
    EXPECT(skips(0x40000, w, p2m_ram_rw), true);
    EXPECT(skips(0x40000, w, p2m_ram_logdirty), true);
    EXPECT(skips(0x40000, w, p2m_mmio_dm), false);
    EXPECT(skips(0x40000, x, p2m_ram_rw), false);
    EXPECT(skips(gfns[12], w, p2m_ram_rw), false);
    r->side = SIDE_EXECUTE;
    EXPECT(skips(0x40000, w, p2m_ram_rw), false);
    r->side = SIDE_DATA;
}

/* Violations that concern nobody but the view need nothing of Xen. */
static void test_at_once(void)
{
    const struct npfec r = { .read_access = 1 }, w = { .write_access = 1 };
    struct p2m_domain *hp2m = p2m_get_hostp2m(model_domain);
    unsigned int i;

    two_views();
    for ( i = 12; i < 16; i++ )
        step("access", 1, i, i == 12 ? XENMEM_access_rx2rw : XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(ends_at_once(gfns[16], w), false);           /* no violation */
    EXPECT(ends_at_once(gfns[12], r), false);
    EXPECT(ends_at_once(gfns[12], w), true);
    ref_promoted(1, 12, p2m_access_rw);
    EXPECT(ends_at_once(gfns[13], w), false);           /* the monitor is asked */
    monitor_listens = built_events = false;             /* nobody is ever asked */
    EXPECT(ends_at_once(gfns[12], w), false);
    EXPECT(ends_at_once(gfns[13], w), false);
    built_events = true;
    EXPECT(ends_at_once(gfns[13], w), true);
    ref_promoted(1, 13, p2m_access_rwx);
    hp2m->access_required = true;
    EXPECT(ends_at_once(gfns[14], w), false);
    hp2m->access_required = false;
    /* What is Xen's to do first: dirty pages, others than RAM. */
    EXPECT(host_set(gfns[14], 0x100004, 0, p2m_ram_logdirty, p2m_access_rwx), 0);
    EXPECT(ends_at_once(gfns[14], w), false);
    EXPECT(host_set(gfns[14], ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    EXPECT(ends_at_once(gfns[14], w), false);
    /* It is the page that is shown which counts. */
    step("remap", 1, 15, 16, 0);
    step("access", 1, 15, XENMEM_access_r, 0);
    EXPECT(host_set(gfns[16], 0x100006, 0, p2m_ram_logdirty, p2m_access_rwx), 0);
    EXPECT(ends_at_once(gfns[15], w), false);
    EXPECT(host_set(gfns[16], 0x100006, 0, p2m_ram_rw, p2m_access_rwx), 0);
    EXPECT(host_set(gfns[15], ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    EXPECT(ends_at_once(gfns[15], w), true);
    ref_promoted(1, 15, p2m_access_rwx);
}

/* vCPU 0 has a nested fault. */
static void fault(unsigned long gfn, struct npfec npfec)
{
    unsigned long source = gfn;
    p2m_access_t access;
    unsigned int order;

    current = model_domain->vcpu[0];
    EXPECT(altp2m_view_fault_begin(current, gfn << PAGE_SHIFT, 0, npfec, &source),
           false);
    EXPECT(altp2m_fault(current, gfn << PAGE_SHIFT, npfec, p2m_ram_rw,
                             &access, &order), true);
    caller_is(NULL);
}

/*
 * A view gives back what the host takes, at more places than nodes can be lent
 * for.  Each of them is reached without memory.
 */
static void test_faults_lent(void)
{
    struct domain *d = model_domain;
    unsigned long gfn;
    unsigned int full;

    two_views();
    full = reserve_of();
    step("set-default", 1, 0, XENMEM_access_rwx, 0);
    for ( gfn = 0x1000000; gfn < 0x1000000 + 40 * 512; gfn += 512 )
        EXPECT(host_set(gfn, 0x100000, 0, p2m_ram_rw, p2m_access_r), 0);
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    for ( gfn = 0x1000000; gfn < 0x1000000 + 40 * 512; gfn += 512 )
    {
        fault(gfn, (struct npfec){ .write_access = 1 });
        EXPECT(walk_any(mfn_x(view_at(d, 1)->root.table), gfn).end, WALK_OK);
    }
    EXPECT(d->arch.altp2m->recalled > 0, true);
    step("ask", 1, 0, 0, 0);
    EXPECT(reserve_of(), full);
}

/* A guest that has used its pool up writes to no page that is protected. */
static void test_no_memory_no_rights(void)
{
    unsigned long gfn;
    int rc = 0;

    two_views();
    step("access", 1, 12, XENMEM_access_rx, 0);
    step("reply", 1, 0, 0, 0);
    machine_pool(machine.pool_used + 64);
    EXPECT(cpu_touch(0, 0x201, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    /* It moves a page from one empty GiB to the next, and tables stay. */
    for ( gfn = 1UL << 30; !rc; gfn += 1UL << 18 )
    {
        rc = host_set(gfn, 0x1f0000, 0, p2m_ram_rw, p2m_access_rwx);
        if ( !rc )
            host_set(gfn, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    }
    EXPECT(rc, -ENOMEM);
    EXPECT(cpu_touch(0, 0x201, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
}

/* A superpage of the host's is split from the reserve, which is left with half. */
static void test_no_memory_shatter(void)
{
    unsigned int full;

    step("state", 1, 0, 0, 0);
    full = reserve_of();
    model_domain->arch.hvm.vmx.exec_sp = false;
    EXPECT(host_set(0x80000, 0x80000, PAGE_ORDER_1G, p2m_ram_rw,
                    p2m_access_rwx), 0);
    use_pool_up();
    EXPECT(cpu_touch(0, 0x80000, 4), TOUCH_OK);
    EXPECT(reserve_of(), full - 2);
    /* Others have none of it. */
    EXPECT(host_set(1UL << 30, 0x1f0000, 0, p2m_ram_rw, p2m_access_rwx),
           -ENOMEM);
    EXPECT(reserve_of(), full - 2);
    machine_pool(machine.pool_used + 100);
    step("ask", 0, 0, 0, 0);
    EXPECT(reserve_of(), full);
}

/*
 * A gigabyte of which two pages are logged: populated while they were, and marked
 * as a whole when all logging else has ended.  Its entry must be split.
 */
static void log_part(unsigned long gfn)
{
    struct domain *d = model_domain;

    p2m_change_type_range(d, gfn + 1, gfn + 3, p2m_ram_rw, p2m_ram_logdirty);
    EXPECT(host_set(gfn, gfn, PAGE_ORDER_1G, p2m_ram_rw, p2m_access_rwx), 0);
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
    p2m_change_entry_type_global(d, p2m_ram_logdirty, p2m_ram_rw);
}

/*
 * Where the host's entry is pending and has to be split, that is done from the
 * reserve, also for a vCPU that uses the host's entry as it is.
 */
static void test_no_memory_deferred(void)
{
    unsigned int full, c;

    two_views();
    step("reply", 1, 0, 0, 0);    /* vCPU 1 stays in view 0 */
    full = reserve_of();
    for ( c = 0; c < 2; c++ )
    {
        log_part(0x80000);
        use_pool_up();
        EXPECT(cpu_touch(c, 0x80000, 1), TOUCH_OK);
        EXPECT(reserve_of(), full - 2);
        machine_pool(machine.pool_used + 100);
        step("ask", 0, 0, 0, 0);
        EXPECT(reserve_of(), full);
    }
}

/* With the host's part of the reserve gone, too, a violation of a view is told. */
static void test_no_memory_not_needed(void)
{
    struct domain *d = model_domain;
    unsigned long gfn = 1UL << 30;

    two_views();
    log_part(0);
    step("remap", 1, 10, 22, 0);  /* gfn 0x1fe shows 0x40200 */
    step("access", 1, 10, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    altp2m_lock(d);
    d->arch.altp2m->use_reserve = true;
    while ( !p2m_set_entry(p2m_get_hostp2m(d), _gfn(gfn), _mfn(0x1f0000), 0,
                           p2m_ram_rw, p2m_access_rwx) )
        gfn += 1UL << 18;
    d->arch.altp2m->use_reserve = false;
    altp2m_unlock(d);
    EXPECT(cpu_touch(0, 0x1fe, 2), TOUCH_VIOLATION);
    /* Who has the host's own entry there gets no further. */
    EXPECT(cpu_touch(1, 0x1fe, 2), TOUCH_NOMEM);
}

/*
 * One instruction that reads all of these, each behind tables of the view's own: it
 * is done when no read of a round faults.
 */
static bool read_at_once(const unsigned long *gfn, unsigned int nr)
{
    unsigned int round, i;

    for ( round = 0; round < 8; round++ )
    {
        unsigned long before = spurious;

        for ( i = 0; i < nr; i++ )
            EXPECT(cpu_touch(0, gfn[i], 1), TOUCH_OK);
        if ( spurious == before )
            return true;
    }

    return false;
}

/* What the reserve has tables for can be needed at a time, again and again. */
static void test_no_memory_at_once(void)
{
    static const unsigned int at[] = { 0, 12, 19, 24, 26, 27 };
    unsigned long read[ARRAY_SIZE(at)];
    unsigned int i, rounds;

    two_views();
    for ( i = 0; i < ARRAY_SIZE(at); i++ )
    {
        step("access", 1, at[i], XENMEM_access_r, 0);
        read[i] = gfns[at[i]];
    }
    step("reply", 1, 0, 0, 0);
    use_pool_up();
    for ( rounds = 0; rounds < 3; rounds++ )
    {
        EXPECT(read_at_once(read, ARRAY_SIZE(read)), true);
        altp2m_lock(model_domain);
        altp2m_make_room(model_domain, NULL, 0);
        altp2m_unlock(model_domain);
    }
}

/* Without memory for the reserve, views stay off. */
static void test_no_reserve(void)
{
    unsigned int used = machine.pool_used;

    machine_pool(used + 8);
    step("state", 1, 0, 0, 0);
    EXPECT(altp2m_active(model_domain), false);
    EXPECT(machine.pool_used, used);
}

static bool reported_rights(unsigned int access)
{
    op_t op = { .cmd = HVMOP_altp2m_capabilities };
    const struct xen_altp2m_capabilities *c = (const void *)&op.u;

    EXPECT(step_call(&op), 0);

    return c->rights & (1u << access);
}

#define R_PW (XENMEM_access_n2rwx + 1)

/* @walks: what becomes of a write that the CPU does as it walks. */
static void expect_r_pw(unsigned long gfn, enum touch walks)
{
    EXPECT(cpu_touch(0, gfn, RIGHT_WALKS), walks);
    EXPECT(cpu_touch(0, gfn, 1), TOUCH_OK);
    EXPECT(cpu_touch(0, gfn, 2), TOUCH_VIOLATION);
    EXPECT(cpu_touch(0, gfn, 4), TOUCH_VIOLATION);
    EXPECT(cpu_touch(0, gfn, RIGHT_WALKS), walks);
}

/*
 * r_pw is r, in a view of its own right, by a default, for a large page and as the
 * host's; but a CPU that can may write to what it walks.
 */
static void r_pw_everywhere(enum touch walks)
{
    step("access", 1, 0, R_PW, 0);
    step("range", 1, 12, 7, 0);
    step("remap", 1, 1, 0, 0);
    step("access", 1, 1, R_PW, 0);
    step("host-access", 18, R_PW, 0, 0);
    step("reply", 1, 0, 0, 0);
    expect_r_pw(0, walks);
    expect_r_pw(1, walks);
    expect_r_pw(0x201, walks);
    expect_r_pw(0x3ffff, walks);
    step("set-default", 2, 0, R_PW, 0);
    step("reply", 2, 0, 0, 0);
    expect_r_pw(0x40201 - 1, walks);
    expect_r_pw(0x8000000, walks);
    EXPECT(access_at(model_domain, view_at(model_domain, 2), 9),
           p2m_access_r_pw);
}

static void test_r_pw(void)
{
    two_views();
    EXPECT(reported_rights(R_PW), HAS_R_PW);
    if ( HAS_R_PW )
        r_pw_everywhere(TOUCH_VIOLATION);
}

static void test_r_pw_walks(void)
{
    if ( !HAS_R_PW )
        return;

    features.paging_write = true;
    two_views();
    r_pw_everywhere(TOUCH_OK);
}

/* What the type forbids is Xen's to handle, though a CPU writes as it walks. */
static void test_r_pw_types(void)
{
    if ( !HAS_R_PW )
        return;

    features.paging_write = true;
    two_views();
    step("set-default", 1, 0, R_PW, 0);
    step("notify", 0, 0, 1, 0);
    step("sve", 1, 12, 0, 0);
    step("access", 1, 12, R_PW, 0);
    step("log-dirty-all", 0, 0, 0, 0);
    step("recalc", 12, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 2, RIGHT_WALKS), TOUCH_MMIO);
    EXPECT(cpu_touch(0, 0x200, RIGHT_WALKS), TOUCH_OK);
    EXPECT(host_fact(0x200).type, p2m_ram_rw);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
}

/* To make room for a walk takes no table that the walk needs. */
static void test_room(void)
{
    struct domain *d = model_domain;
    struct altp2m_view *view;

    two_views();
    step("access", 1, 0, XENMEM_access_rw, 0);
    step("access", 1, 12, XENMEM_access_rw, 0);
    view = view_at(d, 1);
    altp2m_lock(d);
    while ( altp2m_make_room(d, view, gfns[0]) )
        continue;
    altp2m_unlock(d);
    EXPECT(walk_any(mfn_x(view->root.table), gfns[0]).end, WALK_OK);
}

const struct unit_test fault_tests[] = {
    { "faults-at-once", test_at_once },
    { "faults-at-once-amd", test_at_once, true },
    { "faults-shared", test_shared },
    { "faults-no-room", test_no_room },
    { "faults-no-memory", test_no_memory },
    { "faults-no-memory-amd", test_no_memory, true },
    { "faults-promotion-lent", test_promotion_lent },
    { "faults-promotion-lent-amd", test_promotion_lent, true },
    { "faults-host-access-lent", test_host_access_lent },
    { "faults-host-access-lent-amd", test_host_access_lent, true },
    { "faults-promotions-lent", test_promotions_lent },
    { "faults-promotions-lent-amd", test_promotions_lent, true },
    { "faults-lent", test_faults_lent },
    { "faults-lent-amd", test_faults_lent, true },
    { "faults-no-memory-no-rights", test_no_memory_no_rights },
    { "faults-no-memory-no-rights-amd", test_no_memory_no_rights, true },
    { "faults-no-memory-shatter", test_no_memory_shatter },
    { "faults-no-memory-deferred", test_no_memory_deferred },
    { "faults-no-memory-deferred-amd", test_no_memory_deferred, true },
    { "faults-no-memory-not-needed-amd", test_no_memory_not_needed, true },
    { "faults-no-memory-at-once", test_no_memory_at_once },
    { "faults-no-memory-at-once-amd", test_no_memory_at_once, true },
    { "faults-no-reserve", test_no_reserve },
    { "faults-fault-is-over", test_fault_is_over },
    { "faults-fault-is-over-amd", test_fault_is_over, true },
    { "faults-misconfig-is-over", test_misconfig_is_over },
    { "faults-misconfig-is-over-amd", test_misconfig_is_over, true },
    { "faults-misconfig-no-rights", test_misconfig_no_rights },
    { "faults-misconfig-no-rights-amd", test_misconfig_no_rights, true },
    { "faults-hidden-pending-amd", test_hidden_pending, true },
    { "faults-r-pw", test_r_pw },
    { "faults-r-pw-amd", test_r_pw, true },
    { "faults-r-pw-walks", test_r_pw_walks },
    { "faults-r-pw-types", test_r_pw_types },
    { "faults-room", test_room },
    { "faults-room-amd", test_room, true },
    { NULL },
};
