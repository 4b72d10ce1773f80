/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations that are preempted, and go on where they stopped. */
#include "unit.h"

/* The continuation of a list: where it goes on is all that is written back. */
static void continue_list(bool compat)
{
    struct domain *d = model_domain;
    uint64_t *list = (uint64_t *)(guest_memory + 4096);
    uint8_t *access = (uint8_t *)(guest_memory + 8192);
    op_t op = op_of(HVMOP_altp2m_set_mem_access_multi), was;
    unsigned int i, rounds = 0;
    int rc;

    for ( i = 0; i < 200; i++ )
    {
        list[i] = 0x200 + i;
        access[i] = XENMEM_access_r;
    }
    op.u.set_mem_access_multi.view = 1;
    op.u.set_mem_access_multi.nr = 200;
    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.access_list.p = access;
    if ( compat )
    {
        struct compat_hvm_altp2m_op *c = (void *)&op;

        c->u.set_mem_access_multi.pfn_list.c = (uintptr_t)list;
        c->u.set_mem_access_multi.access_list.c = (uintptr_t)access;
        memset(c + 1, 0, 0);
    }
    current->hcall_compat = compat;
    preempt_mask = ~0u;
    was = op;
    do {
        rc = raw(&op);
        was.u.set_mem_access_multi.opaque = op.u.set_mem_access_multi.opaque;
        EXPECT(memcmp(&was, &op, sizeof(op)), 0);
        rounds++;
    } while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(rounds, 2);
    for ( i = 0; i < 200; i++ )
    {
        xenmem_access_t a;

        EXPECT(p2m_get_mem_access(d, _gfn(list[i]), &a, 1), 0);
        EXPECT(a, XENMEM_access_r);
    }
    for ( i = 12; i < 14; i++ )          /* 0x200, 0x201 */
    {
        ref.view[1].o[i].has_access = true;
        ref.view[1].o[i].access = p2m_access_r;
    }
    /* A continuation that can't be noted must not look like one. */
    op = was;
    op.u.set_mem_access_multi.opaque = 0;
    preempt_mask = ~0u;
    copy_fails_at = 4;
    EXPECT(call(op), -EFAULT);
    current->hcall_compat = false;
    preempt_mask = 0;
}

static void test_continue_list(void)
{
    two_views();
    continue_list(false);
}

static void test_continue_list_compat(void)
{
    two_views();
    continue_list(true);
}

static void test_continue_sve(void)
{
    op_t op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    unsigned int rounds = 0;
    int rc;

    two_views();
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 0x200;
    op.u.suppress_ve_multi.last_gfn = 0x3ff;
    preempt_mask = ~0u;
    do {
        rc = raw(&op);
        rounds++;
    } while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(rounds, 4);
    EXPECT(op.u.suppress_ve_multi.first_error, 0);
    now_sve(0x200, 0x3ff, false);
    audit();
    preempt_mask = 0;
}

static void many_overrides(unsigned int view)
{
    struct domain *d = model_domain;
    struct altp2m_change c = { .set_access = ALTP2M_SET,
                               .access = p2m_access_r };
    struct altp2m_change r = { .set_target = ALTP2M_SET, .target = 0x201 };
    unsigned int i;

    altp2m_lock(d);
    for ( i = 0; i < 100; i++ )
        EXPECT(altp2m_override(d, view_at(d, view),
                               0x40000 + i * 0x200, 0, &c), 0);
    for ( i = 0; i < 100; i++ )
        EXPECT(altp2m_override(d, view_at(d, view), 0x300 + i, 0, &r), 0);
    altp2m_unlock(d);
}

/* Between the rounds the host's map changes, and no one finds the view. */
static void test_destroy_in_rounds(void)
{
    struct domain *d = model_domain;
    op_t op = op_of(HVMOP_altp2m_destroy_p2m);
    unsigned int rounds = 0;
    int rc;

    two_views();
    many_overrides(1);
    op.u.view.view = 1;
    preempt_mask = ~0u;
    while ( (rc = raw(&op)) == -ERESTART )
    {
        op_t sw = op_of(HVMOP_altp2m_switch_p2m);

        rounds++;
        ref.view[1].live = false;
        sw.u.view.view = 1;
        EXPECT(call(sw), -EINVAL);
        check_all();
        host_set(0x40000 + rounds * 0x200, 0x100001, 0, p2m_ram_rw,
                 p2m_access_r);
        host_set(0x201, ~0UL, 0, p2m_invalid, p2m_access_rwx);
        host_set(0x200, 0x100200, 9, p2m_ram_rw, p2m_access_rwx);
        p2m_memory_type_changed(d);
        altp2m_lock(d);
        altp2m_reclaim(d);
        vmx_domain_update_eptp(d);
        altp2m_unlock(d);
        check_all();
    }
    EXPECT(rc, 0);
    EXPECT(rounds > 2, 1);
    preempt_mask = 0;
    audit();
    EXPECT(raw(&op), -EBUSY);
}

/*
 * Nodes above a node may be freed before it.  Then the host changes a page that
 * the node has in its table, after other tables have gone.
 */
static void test_destroy_from_above(void)
{
    const unsigned long last = 0x40000 + 99 * 0x200;
    struct domain *d = model_domain;
    op_t op = op_of(HVMOP_altp2m_destroy_p2m);
    unsigned long mfn = 0x100001;
    bool alone = false;

    two_views();
    host_set(last + 1, mfn, 0, p2m_ram_rw, p2m_access_rwx);
    enter_all(1);
    many_overrides(1);
    enter_all(0);
    op.u.view.view = 1;
    preempt_mask = ~0u;
    while ( raw(&op) == -ERESTART )
    {
        struct altp2m_node *node =
            altp2m_node(altp2m_any_view(d->arch.altp2m, 1), last, 0);

        ref.view[1].live = false;
        alone |= node && !altp2m_parent(node) &&
                 !mfn_eq(node->host, INVALID_MFN);
        altp2m_lock(d);
        altp2m_reclaim(d);
        altp2m_unlock(d);
        host_set(last + 1, ++mfn, 0, p2m_ram_rw, p2m_access_rwx);
        check_all();
    }
    preempt_mask = 0;
    EXPECT(alone, true);
    audit();
}

static void test_disable_in_rounds(void)
{
    op_t op = op_of(HVMOP_altp2m_set_domain_state);

    two_views();
    many_overrides(1);
    many_overrides(2);
    preempt_mask = 1;
    EXPECT(raw(&op), -ERESTART);
    now_off();
    host_set(0x201, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    check_all();
    check_touching();
    /* Turned on again instead, it ends what was begun first. */
    op.u.domain_state.state = 1;
    preempt_mask = 1;
    EXPECT(raw(&op), -ERESTART);
    EXPECT(raw(&op), 0);
    ref.on = true;
    ref.view[0] = (struct ref_view){ .live = true, .visible = true,
                                     .def = NO_DEFAULT,
                                     .created = p2m_access_rwx };
    check_all();
    audit();
}

static void test_teardown_in_rounds(void)
{
    struct domain *d = model_domain;
    bool preempted = false;
    unsigned int rounds = 0;

    two_views();
    many_overrides(1);
    domain_paused(true);
    d->is_dying = true;
    do {
        preempt_mask = 1;
        preempted = false;
        altp2m_teardown(d, &preempted);
        rounds++;
    } while ( preempted );
    EXPECT(rounds > 1, 1);
    altp2m_teardown(d, NULL);
    d->is_dying = false;
    domain_paused(false);
    now_off();
    audit();
}

/* Views of a domain that dies are off, and its end sees to that. */
static void test_off_while_dying(void)
{
    struct domain *d = model_domain;
    op_t op = op_of(HVMOP_altp2m_set_domain_state);
    bool preempted = false;

    two_views();
    domain_paused(true);
    d->is_dying = true;
    EXPECT(call(op), 0);
    op.cmd = HVMOP_altp2m_get_domain_state;
    op.u.domain_state.state = 1;
    EXPECT(raw(&op), 0);
    EXPECT(op.u.domain_state.state, 0);
    altp2m_teardown(d, &preempted);
    EXPECT(preempted, false);
    op.cmd = HVMOP_altp2m_set_domain_state;
    EXPECT(call(op), 0);
    EXPECT(d->arch.altp2m == NULL, true);
    d->is_dying = false;
    domain_paused(false);
    now_off();
}

/* Destruction doesn't ask to go on where it is not to be cut short. */
static void test_teardown_at_once(void)
{
    struct domain *d = model_domain;
    two_views();
    many_overrides(1);
    domain_paused(true);
    preempt_mask = ~0u;
    altp2m_teardown(d, NULL);
    EXPECT(d->arch.altp2m != NULL, 0);
    preempt_mask = 0;
    domain_paused(false);
    now_off();
}

/* 700 pages with rights of their own, in turns. */
static void fill_view(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    unsigned int i, rounds;

    for ( i = 0; i < 700; i++ )
    {
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS,
            .access = i & 1 ? XENMEM_access_r : XENMEM_access_rx,
            .gfn = 0x200 + i, .count = 1 };
        EXPECT(whole(&op, &rounds), 0);
    }
}

static void test_read_in_rounds(void)
{
    struct xen_altp2m_override *o = buffer();
    unsigned int rounds, i;
    op_t op;

    two_views();
    fill_view();
    preempt_mask = ~0u;
    op = read_op(HVMOP_altp2m_read_overrides, 1, 1000);
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(rounds > 5);
    EXPECT(PARAMETERS(&op, read)->nr, 700);
    EXPECT(PARAMETERS(&op, read)->next, -1);
    for ( i = 0; i < 700; i++ )
        ASSERT(o[i].gfn == 0x200 + i && o[i].count == 1);

    /* One long run, put together across all rounds: each remap is a step. */
    preempt_mask = 0;
    for ( i = 0; i <= 200; i += 100 )
    {
        o[0] = (struct xen_altp2m_override){
            .gfn = 0x1000 + i, .count = 100, .target = 0x2000 + i + i / 200,
            .set = XEN_ALTP2M_REMAP };
        op = (op_t){ .cmd = HVMOP_altp2m_apply };
        *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
            .view = 1, .nr = 1, .flags = XEN_ALTP2M_APPLY_DORMANT,
            .buffer = (uintptr_t)o };
        EXPECT(whole(&op, &rounds), 0);
    }
    preempt_mask = ~0u;
    op = read_op(HVMOP_altp2m_read_overrides, 1, 3);
    PARAMETERS(&op, read)->next = 0x200 + 699;
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(rounds > 2);
    EXPECT(PARAMETERS(&op, read)->nr, 3);
    EXPECT(o[0].count, 1);
    EXPECT(o[1].gfn, 0x1000);
    EXPECT(o[1].count, 200);
    EXPECT(o[1].target, 0x2000);
    EXPECT(o[2].target, 0x2000 + 201);

    /* The last gfn asked for, where there is no room for it. */
    op = read_op(HVMOP_altp2m_read_overrides, 1, 1);
    PARAMETERS(&op, read)->next = 0x1000;
    PARAMETERS(&op, read)->last = 0x1000 + 200;
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(PARAMETERS(&op, read)->nr, 1);
    EXPECT(PARAMETERS(&op, read)->next, 0x1000 + 200);

    /* A page without any right, between holes, is in no run of theirs. */
    host_set(0x5001, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    host_set(0x5002, 0x105002, 0, p2m_ram_rw, p2m_access_n);
    host_set(0x5003, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    op = read_op(HVMOP_altp2m_read_map, 1, 4);
    PARAMETERS(&op, read)->next = 0x5001;
    PARAMETERS(&op, read)->last = 0x5003;
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(PARAMETERS(&op, read)->nr, 3);
    EXPECT(((struct xen_altp2m_map *)o)[1].kind, XEN_ALTP2M_KIND_RAM);
    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .clear = 7, .count = MAX_GFN + 1 };
    preempt_mask = ~0u;
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(rounds > 2);
    EXPECT(view_at(model_domain, 1)->nr_nodes, 0);
    check_all();
    audit();
}

/* Remaps make one run where gfns and targets follow one another. */
static void test_read_remaps(void)
{
    struct xen_altp2m_override *o = buffer();
    op_t op;

    two_views();
    step("remap", 1, 10, 0, 0);   /* gfn 0x1fe shows 0x0 */
    step("remap", 1, 11, 1, 0);   /* gfn 0x1ff shows 0x1 */
    step("remap", 1, 12, 5, 0);   /* gfn 0x200 shows 0x5 */
    step("remap", 1, 13, 9, 0);   /* gfn 0x201 shows 0x9 */
    op = read_op(HVMOP_altp2m_read_overrides, 1, 8);
    EXPECT(once(&op), 0);
    EXPECT(o[0].gfn, 0x1fe);
    EXPECT(o[0].count, 2);
    EXPECT(o[1].gfn, 0x200);
    EXPECT(o[1].count, 1);
    EXPECT(o[2].gfn, 0x201);
    EXPECT(o[2].target, 0x9);
}

static void test_isolate_in_rounds(void)
{
    op_t op = { .cmd = HVMOP_altp2m_isolate };
    struct xen_altp2m_isolate *p = PARAMETERS(&op, isolate);
    unsigned int rounds, i, v;

    two_views();
    *p = (struct xen_altp2m_isolate){
        .view = 1, .access = XENMEM_access_rw, .others = XENMEM_access_n,
        .gfn = 0x1fe, .count = 0x203 };
    preempt_mask = ~0u;
    EXPECT(once(&op), -ERESTART);
    /* The one is given nothing while others still have it. */
    EXPECT(view_at(model_domain, 1)->access_gfns, 0);
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(rounds > 3);
    for ( i = 0; i < NR_GFNS; i++ )
        for ( v = 0; v < 3; v++ )
            if ( gfns[i] >= 0x1fe && gfns[i] < 0x1fe + 0x203 )
            {
                ref.view[v].o[i].has_access = true;
                ref.view[v].o[i].access = v == 1 ? p2m_access_rw : p2m_access_n;
            }
    check_all();
    audit();
}

static op_t clone_op(uint16_t view, uint16_t clone)
{
    op_t op = { .cmd = HVMOP_altp2m_clone };

    PARAMETERS(&op, clone)->view = view;
    PARAMETERS(&op, clone)->clone = clone;

    return op;
}

/* A view goes while its part is half done: the next has all of it done. */
static void test_isolate_one_goes(void)
{
    op_t op = { .cmd = HVMOP_altp2m_isolate };
    op_t gone = { .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = 2 };
    struct xen_altp2m_isolate *p = PARAMETERS(&op, isolate);
    unsigned int i, v;

    two_views();
    step("create", XENMEM_access_rwx, 0, 0, 0);
    *p = (struct xen_altp2m_isolate){
        .view = 1, .access = XENMEM_access_rw, .others = XENMEM_access_n,
        .gfn = 0x1fe, .count = 4,
    };
    do {
        preempt_mask = 1;
        EXPECT(once(&op), -ERESTART);
    } while ( p->at < 2 || !p->next );
    EXPECT(once(&gone), 0);
    EXPECT(once(&op), 0);

    memset(&ref.view[2], 0, sizeof(ref.view[2]));
    for ( i = 0; i < NR_GFNS; i++ )
        for ( v = 0; v < 4; v++ )
            if ( gfns[i] >= 0x1fe && gfns[i] < 0x202 && v != 2 )
            {
                ref.view[v].o[i].has_access = true;
                ref.view[v].o[i].access = v == 1 ? p2m_access_rw : p2m_access_n;
            }
    check_all();
    audit();
}

static void test_clone_in_rounds(void)
{
    op_t op = clone_op(1, 0), other, destroy;
    unsigned int rounds;

    two_views();
    step("set-vmfunc", 0, 0, 1, 0);
    step("access", 1, 12, XENMEM_access_r, 0);
    step("access", 1, 20, XENMEM_access_r, 0);
    step("remap", 1, 13, 1, 0);
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    EXPECT(PARAMETERS(&op, clone)->clone, 3);
    /* Until it is whole nobody finds it, but it follows the host. */
    check_all();
    ASSERT(!view_at(model_domain, 3));
    EXPECT(root_at(model_domain, 3), -1);
    EXPECT(altp2m_switch_vcpu(model_domain->vcpu[0], _view_idx(3), ASKED_BY_TOOLS),
           -ENOENT);
    step("host-page", 13, 0, 0, 1);
    step("host-large", 12, 0, 0, 0);
    /* Whoever names it as of another view doesn't get at it. */
    other = clone_op(2, 3);
    EXPECT(once(&other), -EINVAL);
    other = clone_op(1, 2);
    EXPECT(once(&other), -EINVAL);
    other = clone_op(1, 512);
    EXPECT(once(&other), -EINVAL);
    EXPECT(whole(&op, &rounds), 0);
    ref.view[3] = ref.view[1];
    check_all();
    audit();
    EXPECT(whole(&op, &rounds), -EINVAL);

    /* The one that is copied goes, and so does the copy. */
    op = clone_op(1, 0);
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    destroy = (op_t){ .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = 1 };
    EXPECT(whole(&destroy, &rounds), 0);
    EXPECT(whole(&op, &rounds), -ENOENT);
    EXPECT(PARAMETERS(&op, clone)->clone, 0);
    ref.view[1] = (struct ref_view){ };
    check_all();
    audit();

    /* Or somebody destroys the copy. */
    op = clone_op(3, 0);
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    destroy.u.view.view = PARAMETERS(&op, clone)->clone;
    EXPECT(whole(&destroy, &rounds), 0);
    EXPECT(whole(&op, &rounds), -EINVAL);
    /* Left alone, it goes with the others. */
    op = clone_op(3, 0);
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    audit();
}

/* What there was no memory for on the way is freed, in rounds as well. */
static void test_clone_no_memory(void)
{
    op_t op = clone_op(1, 0);
    unsigned int rounds, used, i;

    two_views();
    for ( i = 0; i < 20; i++ )
    {
        op_t set = { .cmd = HVMOP_altp2m_set_range };

        *PARAMETERS(&set, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
            .gfn = 0x100000 + i * 512, .count = 1 };
        EXPECT(whole(&set, &rounds), 0);
    }
    used = machine.pool_used;
    machine_pool(used + 12);
    preempt_mask = ~0u;
    EXPECT(whole(&op, &rounds), -ENOMEM);
    ASSERT(rounds > 3);
    EXPECT(machine.pool_used, used);
    EXPECT(model_domain->arch.altp2m->limit, 3);
    check_all();
    audit();
}

const struct unit_test rounds_tests[] = {
    { "rounds-list", test_continue_list },
    { "rounds-list-compat", test_continue_list_compat },
    { "rounds-sve", test_continue_sve },
    { "rounds-destroy", test_destroy_in_rounds },
    { "rounds-destroy-from-above", test_destroy_from_above },
    { "rounds-destroy-from-above-amd", test_destroy_from_above, true },
    { "rounds-disable", test_disable_in_rounds },
    { "rounds-teardown", test_teardown_in_rounds },
    { "rounds-off-while-dying", test_off_while_dying },
    { "rounds-none-at-teardown", test_teardown_at_once },
    { "rounds-read", test_read_in_rounds },
    { "rounds-read-remaps", test_read_remaps },
    { "rounds-isolate", test_isolate_in_rounds },
    { "rounds-isolate-one-goes", test_isolate_one_goes },
    { "rounds-clone", test_clone_in_rounds },
    { "rounds-clone-no-memory", test_clone_no_memory },
    { NULL },
};
