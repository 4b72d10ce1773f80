/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests of the operations of public/hvm/altp2m.h: what has to be refused,
 * what goes on where it stopped, and that an audit finds what is wrong.
 */
#include "unit.h"

typedef struct xen_hvm_altp2m_op op_t;

#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

static int once(op_t *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    int rc;

    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = model_domain->domain_id;
    memcpy(guest_memory, op, sizeof(*op));
    rc = altp2m_op(arg);
    memcpy(op, guest_memory, sizeof(*op));

    return rc;
}

static int whole(op_t *op, unsigned int *rounds)
{
    int rc;

    *rounds = 0;
    do {
        rc = once(op);
        ++*rounds;
    } while ( rc == -ERESTART );

    return rc;
}

static void *buffer(void)
{
    return guest_memory + 4096;
}

static op_t read_op(uint32_t cmd, uint16_t view, uint32_t room)
{
    op_t op = { .cmd = cmd };

    *PARAMETERS(&op, read) = (struct xen_altp2m_read){
        .view = view, .room = room, .buffer = (uintptr_t)buffer(),
        .last = ~0UL,
    };

    return op;
}

/* ---- capabilities ---- */

static uint32_t why_not(void)
{
    op_t op = { .cmd = HVMOP_altp2m_capabilities };

    EXPECT(once(&op), 0);
    EXPECT(PARAMETERS(&op, capabilities)->interface, XEN_ALTP2M_INTERFACE);
    EXPECT(PARAMETERS(&op, capabilities)->max_entries, ALTP2M_MAX_ENTRIES);

    return PARAMETERS(&op, capabilities)->why_not;
}

#define WHY(reason) (1u << XEN_ALTP2M_WHY_ ## reason)

static void test_why_not(void)
{
    struct domain *d = model_domain;
    op_t op = { .cmd = HVMOP_altp2m_domain_info };

    EXPECT(why_not(), WHY(OFF));
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_disabled;
    EXPECT(why_not(), WHY(OFF) | WHY(MODE));
    EXPECT(once(&op), -EOPNOTSUPP);
    /* Not for a domain that may have none, by itself. */
    caller_is(d->vcpu[0]);
    op.cmd = HVMOP_altp2m_capabilities;
    EXPECT(once(&op), -EPERM);
    caller_is(NULL);
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_mixed;
    d->nested = true;
    EXPECT(why_not(), WHY(OFF) | WHY(NESTED));
    d->nested = false;
    d->shadow = true;
    EXPECT(why_not(), WHY(OFF) | WHY(SHADOW));
    d->shadow = false;
    d->hvm = false;
    EXPECT(why_not(), WHY(OFF) | WHY(PV));
    d->hvm = true;
    hvm_funcs.altp2m_supported = false;
    EXPECT(why_not(), WHY(OFF) | WHY(CMDLINE));
    op.cmd = HVMOP_altp2m_domain_info;
    EXPECT(once(&op), -EOPNOTSUPP);
    features.no_hap = true;
    EXPECT(why_not(), WHY(OFF) | WHY(HAP));
    features.no_extensions = true;
    EXPECT(why_not(), WHY(OFF) | WHY(CPU));
    features.no_hap = features.no_extensions = false;
    hvm_funcs.altp2m_supported = true;
    two_views();
    EXPECT(why_not(), 0);
}

/* ---- arguments ---- */

static void test_extended_refused(void)
{
    op_t op;

    two_views();
    op = read_op(HVMOP_altp2m_list_views, 0, 0);
    EXPECT(once(&op), -EINVAL);
    op = read_op(HVMOP_altp2m_list_views, 0, 1);
    PARAMETERS(&op, read)->pad1 = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, read)->pad1 = 0;
    PARAMETERS(&op, read)->pad2 = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, read)->pad2 = 0;
    PARAMETERS(&op, read)->nr = 2;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, read)->nr = 0;
    PARAMETERS(&op, read)->level = ROOT_LEVEL + 2;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, read)->level = 0;
    PARAMETERS(&op, read)->buffer = 64;
    EXPECT(once(&op), -EFAULT);
    PARAMETERS(&op, read)->buffer = ~0UL;
    EXPECT(once(&op), -EFAULT);
    /* Also where there is nothing to write there. */
    op = read_op(HVMOP_altp2m_read_overrides, 1, 1);
    PARAMETERS(&op, read)->buffer = (1UL << 32) - 8;
    EXPECT(once(&op), 0);
    current->hcall_compat = true;
    EXPECT(once(&op), -EFAULT);
    current->hcall_compat = false;

    op = (op_t){ .cmd = HVMOP_altp2m_apply };
    PARAMETERS(&op, apply)->pad = 1;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_apply };
    PARAMETERS(&op, apply)->flags = 2;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_apply };
    PARAMETERS(&op, apply)->nr = ALTP2M_MAX_ENTRIES + 1;
    EXPECT(once(&op), -E2BIG);
    EXPECT(PARAMETERS(&op, apply)->failed, ALTP2M_MAX_ENTRIES + 1);
    PARAMETERS(&op, apply)->nr = 1;
    PARAMETERS(&op, apply)->buffer = ~0UL;
    EXPECT(once(&op), -EFAULT);
    PARAMETERS(&op, apply)->buffer = 64;
    EXPECT(once(&op), -EFAULT);

    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    PARAMETERS(&op, set_range)->pad = 1;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_isolate };
    PARAMETERS(&op, isolate)->pad = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, isolate)->pad = 0;
    PARAMETERS(&op, isolate)->last = 2;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, isolate)->last = 0;
    PARAMETERS(&op, isolate)->next = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, isolate)->next = 0;
    PARAMETERS(&op, isolate)->gfn = MAX_GFN + 1;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_set_default };
    PARAMETERS(&op, default)->pad1 = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, default)->pad1 = 0;
    PARAMETERS(&op, default)->pad2 = 1;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_switch_vcpu };
    PARAMETERS(&op, set_vcpu)->on = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, set_vcpu)->on = 2;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, set_vcpu)->on = 0;
    PARAMETERS(&op, set_vcpu)->pad = 1;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_set_vmfunc };
    PARAMETERS(&op, set_vcpu)->view = 1;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_notify_lost };
    PARAMETERS(&op, notify_lost)->on = 2;
    EXPECT(once(&op), -EINVAL);
    op = (op_t){ .cmd = HVMOP_altp2m_walk };
    PARAMETERS(&op, walk)->pad1 = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, walk)->pad1 = 0;
    PARAMETERS(&op, walk)->pad2 = 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, walk)->pad2 = 0;
    PARAMETERS(&op, walk)->gfn = MAX_GFN + 1;
    EXPECT(once(&op), -EINVAL);
    PARAMETERS(&op, walk)->gfn = 0;
    PARAMETERS(&op, walk)->nr = 1;
    PARAMETERS(&op, walk)->buffer = ~0UL;
    EXPECT(once(&op), -EFAULT);
    PARAMETERS(&op, walk)->buffer = 64;
    EXPECT(once(&op), -EFAULT);
    op = (op_t){ .cmd = HVMOP_altp2m_audit + 1 };
    EXPECT(once(&op), -EOPNOTSUPP);
    check_all();
}

/* Each copy of a call fails in turn: nothing has changed, nothing is lost. */
static void test_extended_copies(void)
{
    struct xen_altp2m_override *o = buffer();
    op_t op;
    unsigned int i;

    two_views();
    step("access", 1, 12, XENMEM_access_r, 0);
    step("access", 1, 20, XENMEM_access_r, 0);
    for ( i = 1; i <= 3; i++ )
    {
        op = read_op(HVMOP_altp2m_read_overrides, 1, 4);
        copy_fails_at = i;
        EXPECT(once(&op), -EFAULT);
    }
    copy_fails_at = 0;
    /* Going on, the last record is read again. */
    op = read_op(HVMOP_altp2m_read_overrides, 1, 4);
    PARAMETERS(&op, read)->nr = 1;
    copy_fails_at = 2;
    EXPECT(once(&op), -EFAULT);

    *o = (struct xen_altp2m_override){ .gfn = 0x200, .count = 1,
                                       .set = XEN_ALTP2M_ACCESS,
                                       .access = XENMEM_access_rx };
    op = (op_t){ .cmd = HVMOP_altp2m_apply };
    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = 1, .buffer = (uintptr_t)o };
    copy_fails_at = 2;
    EXPECT(once(&op), -EFAULT);
    copy_fails_at = 0;
    check_all();
    audit();
}

static void test_pause_later_extended(void)
{
    static const uint32_t cmds[] = { HVMOP_altp2m_switch_vcpu,
                                     HVMOP_altp2m_set_vmfunc,
                                     HVMOP_altp2m_set_vcpu_visibility };
    unsigned int i;

    two_views();
    caller_is(model_domain->vcpu[0]);
    pause_fails = true;
    for ( i = 0; i < ARRAY_SIZE(cmds); i++ )
    {
        op_t op = { .cmd = cmds[i] };

        PARAMETERS(&op, set_vcpu)->vcpu = 1;
        EXPECT(once(&op), -ERESTART);
    }
    pause_fails = false;
    caller_is(NULL);
    check_all();
}

/* ---- in rounds ---- */

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

    /* One long run, put together across all rounds. */
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){ 0 };
    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
        .gfn = 0x201, .count = 698 };
    preempt_mask = 0;
    EXPECT(whole(&op, &rounds), 0);
    preempt_mask = ~0u;
    op = read_op(HVMOP_altp2m_read_overrides, 1, 2);
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(rounds > 2);
    EXPECT(PARAMETERS(&op, read)->nr, 2);
    EXPECT(o[0].count, 1);
    EXPECT(o[1].gfn, 0x201);
    EXPECT(o[1].count, 699);
    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .clear = 7, .count = MAX_GFN + 1 };
    preempt_mask = ~0u;
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(rounds > 2);
    EXPECT(altp2m_view(model_domain, 1)->nr_nodes, 0);
    check_all();
    audit();
}

/* An aligned gigabyte is one entry; all of it 512 entries of the root. */
static void test_range_is_one_entry(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    const struct altp2m_view *view;
    unsigned int before, rounds, i;

    two_views();
    view = altp2m_view(model_domain, 1);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rx,
        .gfn = 0x40000, .count = 0x40000 };
    before = machine.allocs;
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(rounds, 1);
    EXPECT(view->nr_nodes, 1);
    ASSERT(machine.allocs - before <= 4);   /* a hash for the first override */
    EXPECT(view->access_gfns, 0x40000);
    for ( i = 0; i < NR_GFNS; i++ )
        if ( gfns[i] >= 0x40000 && gfns[i] < 0x80000 )
        {
            ref.view[1].o[i].has_access = true;
            ref.view[1].o[i].access = p2m_access_rx;
        }
    check_all();

    /* Said page by page it becomes one again. */
    for ( i = 0; i < 512; i++ )
    {
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
            .gfn = 0x40000 + i, .count = 1 };
        EXPECT(whole(&op, &rounds), 0);
    }
    EXPECT(view->nr_nodes, 2);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .clear = XEN_ALTP2M_ACCESS, .gfn = 0x40000,
        .count = 0x40000 };
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(view->nr_nodes, 0);
    memset(&ref.view[1].o, 0, sizeof(ref.view[1].o));
    check_all();
    audit();
}

/*
 * Where the host has no tables at all yet a view may have some, and even before
 * it has a root: they follow when the host makes its own.
 */
static void test_range_before_host(void)
{
    const unsigned long gfn = 2 * level_span(ROOT_LEVEL);
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    const struct altp2m_view *view;
    unsigned int rounds;
    struct walk w;

    step("state", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 1, 0, 0);
    view = altp2m_view(model_domain, 1);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
        .gfn = gfn, .count = 1 };
    EXPECT(whole(&op, &rounds), 0);
    ASSERT(mfn_eq(view->root.table, INVALID_MFN));
    EXPECT(host_set(gfn, 0x123456, 0, p2m_ram_rw, p2m_access_rwx), 0);
    EXPECT(host_set(gfn + 1, 0x123458, 0, p2m_ram_rw, p2m_access_rwx), 0);
    audit();
    step("reply", 1, 0, 0, 0);
    w = walk_any(mfn_x(view->root.table), gfn);
    EXPECT(w.end, WALK_ABSENT);
    altp2m_lock(model_domain);
    EXPECT(altp2m_fill(model_domain, altp2m_view(model_domain, 1), gfn), 1);
    altp2m_unlock(model_domain);
    w = walk_any(mfn_x(view->root.table), gfn);
    EXPECT(w.mfn, 0x123456);
    EXPECT(w.rights, 1);
    w = walk_any(mfn_x(view->root.table), gfn + 1);
    EXPECT(w.mfn, 0x123458);
    EXPECT(w.rights, 7);
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
    EXPECT(altp2m_view(model_domain, 1)->access_gfns, 0);
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
    ASSERT(!altp2m_view(model_domain, 3));
    EXPECT(altp2m_root_of(model_domain, 3), -1);
    EXPECT(altp2m_switch_vcpu(model_domain->vcpu[0], 3, false), false);
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

/* ---- batches ---- */

static void batch(op_t *op, unsigned int nr)
{
    *op = (op_t){ .cmd = HVMOP_altp2m_apply };
    *PARAMETERS(op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = nr, .buffer = (uintptr_t)buffer() };
}

/*
 * Each allocation of a batch fails in turn: then nothing at all has changed,
 * private tables included.
 */
static void test_batch_no_memory(void)
{
    struct xen_altp2m_override *o = buffer();
    const struct altp2m_view *view;
    unsigned int i, nth, used;
    op_t op;
    int rc = -ENOMEM;

    two_views();
    view = altp2m_view(model_domain, 1);
    for ( nth = 1; rc; nth++ )
    {
        for ( i = 0; i < 6; i++ )
            o[i] = (struct xen_altp2m_override){
                .gfn = 0x100000 + i * 600, .count = 1, .set = XEN_ALTP2M_ACCESS,
                .access = XENMEM_access_r };
        o[6] = (struct xen_altp2m_override){
            .gfn = 0x200, .count = 2, .target = 0, .set = XEN_ALTP2M_REMAP };
        used = machine.pool_used;
        machine.fail_at = nth;
        batch(&op, 7);
        rc = once(&op);
        machine.fail_at = 0;
        if ( !rc )
            break;
        EXPECT(rc, -ENOMEM);
        EXPECT(machine.pool_used, used);
        EXPECT(view->nr_nodes, 0);
        check_all();
        audit();
    }
    ASSERT(nth > 12);
    EXPECT(view->access_gfns, 6);
    EXPECT(view->nr_remaps, 2);
    for ( i = 0; i < 2; i++ )
    {
        ref.view[1].o[12 + i].has_target = true;  /* 0x200, 0x201 */
        ref.view[1].o[12 + i].target = i;
    }
}

/* A large entry over much that is told apart is for set_range. */
static void test_batch_too_big(void)
{
    struct xen_altp2m_override *o = buffer();
    const struct altp2m_view *view;
    unsigned int i, rounds;
    op_t op;

    two_views();
    view = altp2m_view(model_domain, 1);
    for ( i = 0; i < ALTP2M_MAX_ENTRIES + 1; i++ )
    {
        op = (op_t){ .cmd = HVMOP_altp2m_set_range };
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
            .gfn = 0x100000 + i * 512, .count = 1 };
        EXPECT(whole(&op, &rounds), 0);
    }
    o[0] = (struct xen_altp2m_override){ .gfn = 0x100000, .count = 0x40000,
                                         .set = XEN_ALTP2M_ACCESS,
                                         .access = XENMEM_access_rx };
    o[1] = (struct xen_altp2m_override){ .gfn = 0x100000, .count = 512,
                                         .set = XEN_ALTP2M_ACCESS,
                                         .access = XENMEM_access_rx };
    batch(&op, 1);
    EXPECT(once(&op), -E2BIG);
    EXPECT(PARAMETERS(&op, apply)->failed, 0);
    EXPECT(view->access_gfns, ALTP2M_MAX_ENTRIES + 1);
    o[0] = o[1];
    batch(&op, 1);
    EXPECT(once(&op), 0);
    EXPECT(view->access_gfns, ALTP2M_MAX_ENTRIES + 512);
    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .clear = XEN_ALTP2M_ACCESS, .gfn = 0x100000,
        .count = 0x40000 };
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(view->nr_nodes, 0);
    check_all();
    audit();
}

/* Later records count, and what is so already needs no memory. */
static void test_batch_in_order(void)
{
    struct xen_altp2m_override *o = buffer();
    const struct altp2m_view *view;
    unsigned int level;
    op_t op;

    two_views();
    view = altp2m_view(model_domain, 1);
    o[0] = (struct xen_altp2m_override){ .gfn = 0x200, .count = 512,
                                         .set = XEN_ALTP2M_ACCESS,
                                         .access = XENMEM_access_r };
    o[1] = o[0];
    o[1].gfn = 0x205;
    o[1].count = 1;
    o[1].access = XENMEM_access_rx;
    o[2] = o[1];
    o[2].gfn = 0x206;
    o[2].set = o[2].access = 0;
    o[2].clear = XEN_ALTP2M_ACCESS;
    o[3] = o[1];
    o[3].gfn = 0x207;
    o[4] = o[3];
    o[4].access = XENMEM_access_r;
    batch(&op, 5);
    EXPECT(once(&op), 0);
    EXPECT(altp2m_lookup((void *)view, 0x200, &level), p2m_access_r + 1);
    EXPECT(altp2m_lookup((void *)view, 0x205, &level), p2m_access_rx + 1);
    EXPECT(altp2m_lookup((void *)view, 0x206, &level), 0);
    EXPECT(altp2m_lookup((void *)view, 0x207, &level), p2m_access_r + 1);
    EXPECT(view->access_gfns, 511);

    /* A whole range over what is told apart, and the same again. */
    batch(&op, 1);
    EXPECT(once(&op), 0);
    EXPECT(view->access_gfns, 512);
    EXPECT(view->nr_nodes, 2);
    machine_pool(machine.pool_used);
    batch(&op, 1);
    EXPECT(once(&op), 0);
    machine_pool(machine.pool_used + 100);
    o[0].set = 0;
    o[0].access = 0;
    o[0].clear = 7;
    o[0].count = 128;
    batch(&op, 1);
    EXPECT(once(&op), 0);
    o[0].gfn = 0x280;
    o[0].count = 384;
    EXPECT(once(&op), -E2BIG);
    EXPECT(PARAMETERS(&op, apply)->failed, 0);
    o[0].gfn = 0x200;
    o[0].count = 512;
    o[0].clear = XEN_ALTP2M_ACCESS;
    EXPECT(once(&op), 0);
    EXPECT(view->nr_nodes, 0);
    check_all();
    audit();
}

static struct xen_altp2m_override rights(uint64_t gfn, uint64_t count,
                                         uint8_t access)
{
    return (struct xen_altp2m_override){ .gfn = gfn, .count = count,
                                         .set = XEN_ALTP2M_ACCESS,
                                         .access = access };
}

/* What is so before a batch needn't be so when its turn comes. */
static void test_batch_so_before(void)
{
    struct xen_altp2m_override *o = buffer();
    struct altp2m_view *view;
    unsigned int level;
    op_t op;

    two_views();
    view = altp2m_view(model_domain, 1);
    o[0] = rights(0x200, 512, XENMEM_access_r);
    batch(&op, 1);
    EXPECT(once(&op), 0);
    o[0].access = XENMEM_access_rx;
    o[1] = rights(0x205, 1, XENMEM_access_r);
    batch(&op, 2);
    EXPECT(once(&op), 0);
    EXPECT(altp2m_lookup(view, 0x204, &level), p2m_access_rx + 1);
    EXPECT(altp2m_lookup(view, 0x205, &level), p2m_access_r + 1);
    EXPECT(altp2m_lookup(view, 0x206, &level), p2m_access_rx + 1);
    EXPECT(view->access_gfns, 512);
    o[0] = (struct xen_altp2m_override){ .gfn = 0x200, .count = 512,
                                         .clear = XEN_ALTP2M_ACCESS };
    batch(&op, 1);
    EXPECT(once(&op), 0);
    EXPECT(view->nr_nodes, 0);
    check_all();
    audit();
}

/* One record takes back the remap that the next one sets. */
static void test_batch_remap_again(void)
{
    struct xen_altp2m_override *o = buffer();
    struct altp2m_view *view;
    op_t op;

    two_views();
    view = altp2m_view(model_domain, 1);
    step("remap", 1, 12, 13, 0);                  /* 0x200 shows 0x201 */
    o[0] = (struct xen_altp2m_override){ .gfn = 0x200, .count = 1,
                                         .clear = XEN_ALTP2M_REMAP };
    o[1] = (struct xen_altp2m_override){ .gfn = 0x200, .count = 1, .target = 1,
                                         .set = XEN_ALTP2M_REMAP };
    batch(&op, 2);
    EXPECT(once(&op), 0);
    EXPECT(view->nr_remaps, 1);
    EXPECT(altp2m_remap(view, 0x200)->target, 1);
    ref.view[1].o[12].target = 1;
    check_all();
    audit();
}

/* ---- default access of many tables ---- */

static void test_default_of_many(void)
{
    struct altp2m_view *view;
    unsigned int i, rounds;
    op_t op;

    two_views();
    view = altp2m_view(model_domain, 1);
    for ( i = 0; i < 90; i++ )
    {
        op = (op_t){ .cmd = HVMOP_altp2m_set_range };
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rwx,
            .gfn = 0x100000 + i * 512, .count = 1 };
        EXPECT(whole(&op, &rounds), 0);
    }
    step("access", 1, 24, XENMEM_access_rwx, 0);
    EXPECT(view->nr_tables, view->nr_nodes + 1);
    step("set-default", 1, 0, XENMEM_access_rx, 0);
    /* So many are left for faults to bring up to date. */
    EXPECT(view->nr_tables, view->nr_nodes + 1);
    EXPECT(altp2m_current(altp2m_node(view, 0x100000, 0)), false);
    step("touch-all", 0, 0, 0, 0);
    step("audit", 1, 0, 5, 0);
}

/* ---- losses ---- */

static void test_lost_events(void)
{
    op_t op = { .cmd = HVMOP_altp2m_notify_lost };

    two_views();
    PARAMETERS(&op, notify_lost)->on = 1;
    EXPECT(once(&op), 0);
    ref.told = true;
    step("remap", 1, 10, 9, 0);
    step("remap", 2, 10, 9, 0);
    EXPECT(channels.events, 0);
    step("host-page", 9, 8, 0, 0);
    EXPECT(channels.events, 2);
    step("read-lost", 0, 0, 0, 0);
    step("host-page", 9, 0, 0, 1);
    step("read-lost", 0, 0, 0, 0);
    EXPECT(channels.events, 2);
    /* A second time counts anew, also where there is no table just now. */
    step("reclaim", 0, 0, 0, 0);
    step("reclaim", 0, 0, 0, 0);
    step("host-page", 9, 8, 0, 0);
    EXPECT(channels.events, 4);
    EXPECT(model_domain->arch.altp2m->lost, 4);
    EXPECT(altp2m_view(model_domain, 1)->lost, 2);
    EXPECT(altp2m_view(model_domain, 1)->nr_dormant, 1);
    step("read-lost", 0, 0, 0, 0);
    /* What is taken back is no loss any more. */
    step("remap", 1, 10, 0, 1);
    step("read-lost", 0, 0, 0, 0);
    step("state", 0, 0, 0, 0);
    EXPECT(channels.open, 0);
}

/* ---- audit ---- */

static unsigned int found;
static struct xen_altp2m_mismatch first;

/* All that an audit of view 1 finds. */
static void look(void)
{
    op_t op = read_op(HVMOP_altp2m_audit, 1, 100);

    EXPECT(once(&op), 0);
    found = PARAMETERS(&op, read)->nr;
    first = *(struct xen_altp2m_mismatch *)buffer();
    EXPECT(PARAMETERS(&op, read)->next, -1);
    EXPECT(PARAMETERS(&op, read)->checked,
           512 * (1 + altp2m_view(model_domain, 1)->nr_nodes));
}

#define EXPECT_FOUND(what_, gfn_) do {      \
    look();                                 \
    ASSERT(found);                          \
    EXPECT(first.what, what_);              \
    EXPECT(first.gfn, gfn_);                \
} while ( 0 )

/* Every kind of thing that can be wrong is made so, found, and put right. */
static void test_audit_finds(void)
{
    struct altp2m_view *view;
    struct altp2m_node *leafs, *upper;
    struct altp2m_remap *remap;
    uint64_t *entry, was;
    mfn_t host;

    two_views();
    view = altp2m_view(model_domain, 1);
    step("access", 1, 13, XENMEM_access_rx, 0);   /* 0x201 */
    step("remap", 1, 12, 1, 0);                   /* 0x200 */
    leafs = altp2m_node(view, 0x200, 0);
    upper = altp2m_node(view, 0x200, 1);
    remap = altp2m_remap(view, 0x200);
    look();
    EXPECT(found, 0);

    /* Another frame, more rights, less rights, in a leaf and in a shared way. */
    entry = &table_at(mfn_x(leafs->table))[1];
    was = *entry;
    *entry = was ^ (1UL << 13);
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0x201);
    EXPECT(first.found ^ first.wanted, 1UL << 13);
    *entry = was ^ 2;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0x201);
    *entry = 0;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0x201);
    *entry = was;
    entry = &table_at(mfn_x(leafs->table))[0];
    was = *entry;
    *entry = was ^ (1UL << 12);
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0x200);
    *entry = was;
    entry = &table_at(mfn_x(upper->table))[2];
    was = *entry;
    *entry = was ^ 2;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0x400);
    *entry = was;
    entry = &table_at(mfn_x(view->root.table))[0];
    was = *entry;
    *entry = view->root.host.m << 12 | 7;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0);
    *entry = was;
    look();
    EXPECT(found, 0);

    host = upper->host;
    upper->host = view->root.host;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_MIRROR, 0);
    upper->host = host;

    leafs->used++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_USED, 0x200);
    leafs->used--;

    view->access_gfns++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_COUNT, 0);
    view->access_gfns--;
    view->sve_gfns++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_COUNT, 1);
    view->sve_gfns--;
    view->nr_remaps++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_COUNT, 2);
    view->nr_remaps--;

    remap->gfn++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_REMAP, 0x200);
    remap->gfn--;

    upper->slot[1] = 0;
    upper->used--;
    look();
    ASSERT(found);
    upper->slot[1] = SLOT_CHILD;
    upper->used++;
    look();
    EXPECT(found, 0);
}

/* What changes between two parts of an audit is no difference. */
static void test_audit_between(void)
{
    op_t op = read_op(HVMOP_altp2m_audit, 1, 100), range = {
        .cmd = HVMOP_altp2m_set_range };
    unsigned int rounds;

    two_views();
    step("access", 1, 13, XENMEM_access_rx, 0);
    preempt_mask = 1;
    EXPECT(once(&op), -ERESTART);
    *PARAMETERS(&range, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r,
        .gfn = 5 * level_span(ROOT_LEVEL), .count = level_span(ROOT_LEVEL) };
    EXPECT(whole(&range, &rounds), 0);
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(PARAMETERS(&op, read)->nr, 0);
}

/* A remap that is still to be looked at is taken back. */
static void test_redo_removed(void)
{
    struct altp2m_change change = { .set_target = ALTP2M_SET, .target = 9 };
    struct altp2m_domain *a;
    struct altp2m_view *view;
    unsigned int i;

    two_views();
    a = model_domain->arch.altp2m;
    view = altp2m_view(model_domain, 1);
    for ( i = 0; i < 300; i++ )
    {
        altp2m_lock(model_domain);
        EXPECT(altp2m_override(model_domain, view, 0x1000 + i * 512UL,
                               0, &change), 0);
        altp2m_unlock(model_domain);
    }
    EXPECT(host_set(9, ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    ASSERT(a->redo && a->lost < 300);
    change.set_target = ALTP2M_CLEAR;
    altp2m_lock(model_domain);
    EXPECT(altp2m_override(model_domain, view, a->redo->gfn, 0, &change), 0);
    while ( a->redo )
        altp2m_redo_more(model_domain);
    altp2m_unlock(model_domain);
    EXPECT(view->nr_dormant, 299);
    audit();
}

/* However little room a call has, each difference is told once. */
static void test_audit_room(void)
{
    static const unsigned int rooms[] = { 1, 2, 7, 31, 32, 33, 200 };
    unsigned int i, j, told;
    struct altp2m_node *leafs;
    uint64_t *map;

    two_views();
    step("access", 1, 13, XENMEM_access_rx, 0);   /* 0x201 */
    leafs = altp2m_node(altp2m_view(model_domain, 1), 0x200, 0);
    map = table_at(mfn_x(leafs->table));
    leafs->used++;
    for ( i = 0; i < 100; i++ )
        map[5 * i] ^= 1UL << 20;

    for ( i = 0; i < ARRAY_SIZE(rooms); i++ )
    {
        op_t op = read_op(HVMOP_altp2m_audit, 1, rooms[i]);
        struct xen_altp2m_read *r = PARAMETERS(&op, read);
        const struct xen_altp2m_mismatch *m = (const void *)buffer();

        for ( told = 0; r->next != XEN_ALTP2M_NONE; )
        {
            r->nr = 0;
            EXPECT(once(&op), 0);
            for ( j = 0; j < r->nr; j++, told++ )
                EXPECT(m[j].gfn, 0x200 + (told ? 5 * (told - 1) : 0));
        }
        EXPECT(told, 101);
        EXPECT(r->checked, 512 * 4);
    }

    leafs->used--;
    for ( i = 0; i < 100; i++ )
        map[5 * i] ^= 1UL << 20;
}

/* Where in a buffer a record is may take more than 32 bits to say. */
static void test_read_far(void)
{
    op_t op = read_op(HVMOP_altp2m_read_overrides, 1, 1U << 30);

    two_views();
    step("access", 1, 13, XENMEM_access_rx, 0);
    PARAMETERS(&op, read)->nr = (1U << 29) + 1;
    EXPECT(once(&op), -EFAULT);
}

/* What the CPU sets in entries, and what is to be recalculated, is no fault. */
static void test_audit_lets_pass(void)
{
    struct altp2m_view *view;
    uint64_t *entry;

    two_views();
    view = altp2m_view(model_domain, 1);
    step("access", 1, 13, XENMEM_access_rx, 0);
    entry = &table_at(mfn_x(altp2m_node(view, 0x200, 0)->table))[1];
    *entry ^= altp2m_format()->cpu_bits;
    look();
    EXPECT(found, 0);
    step("memory-type", 0, 0, 0, 0);
    look();
    EXPECT(found, 0);
}

/* Who is the domain's device model may do all else, but sees no frames. */
static void test_frames_not_for_stubs(void)
{
    static const uint32_t cmds[] = { HVMOP_altp2m_walk, HVMOP_altp2m_audit };
    unsigned int i;

    two_views();
    for ( i = 0; i < ARRAY_SIZE(cmds); i++ )
    {
        op_t op = { .cmd = cmds[i] };

        if ( cmds[i] == HVMOP_altp2m_audit )
            *PARAMETERS(&op, read) = (struct xen_altp2m_read){
                .view = 1, .room = 1,
                .buffer = (uintptr_t)(guest_memory + PAGE_SIZE) };
        dom0->target = model_domain;
        EXPECT(once(&op), -EPERM);
        dom0->target = NULL;
        EXPECT(once(&op), 0);
    }
}

const struct unit_test extended_tests[] = {
    { "frames-not-for-stubs", test_frames_not_for_stubs },
    { "why-not", test_why_not },
    { "extended-refused", test_extended_refused },
    { "extended-copies", test_extended_copies },
    { "pause-later-extended", test_pause_later_extended },
    { "read-in-rounds", test_read_in_rounds },
    { "range-is-one-entry", test_range_is_one_entry },
    { "range-before-host", test_range_before_host },
    { "range-before-host-amd", test_range_before_host, true },
    { "isolate-in-rounds", test_isolate_in_rounds },
    { "isolate-one-goes", test_isolate_one_goes },
    { "clone-in-rounds", test_clone_in_rounds },
    { "clone-no-memory", test_clone_no_memory },
    { "batch-no-memory", test_batch_no_memory },
    { "batch-in-order", test_batch_in_order },
    { "batch-so-before", test_batch_so_before },
    { "batch-remap-again", test_batch_remap_again },
    { "batch-too-big", test_batch_too_big },
    { "default-of-many", test_default_of_many },
    { "lost-events", test_lost_events },
    { "audit-finds", test_audit_finds },
    { "audit-lets-pass", test_audit_lets_pass },
    { "audit-room", test_audit_room },
    { "audit-between", test_audit_between },
    { "redo-removed", test_redo_removed },
    { "read-far", test_read_far },
    { NULL },
};
