/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of overrides: all of it or nothing, in the order of the list. */
#include "unit.h"

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
    view = view_at(model_domain, 1);
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

/* A remap without a page is a loss also where the list leaves tables to faults. */
static void test_batch_dormant(void)
{
    struct xen_altp2m_override *o = buffer();
    unsigned int i, rounds;
    op_t op;

    two_views();
    for ( i = 0; i < 8; i++ )
    {
        op = (op_t){ .cmd = HVMOP_altp2m_set_range };
        *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
            .view = 1, .gfn = 0x100007 + i * 512, .count = 1,
            .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rw };
        EXPECT(whole(&op, &rounds), 0);
    }
    o[0] = (struct xen_altp2m_override){ .gfn = 0x300, .count = 1,
        .set = XEN_ALTP2M_REMAP, .target = 0x345678 };
    o[1] = (struct xen_altp2m_override){ .gfn = 0x100000, .count = 1UL << 18,
        .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_r };
    batch(&op, 2);
    PARAMETERS(&op, apply)->flags = XEN_ALTP2M_APPLY_DORMANT;
    EXPECT(whole(&op, &rounds), 0);
    EXPECT(model_domain->arch.altp2m->lost, 1);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 1);
}

/* One that is preempted, and then can't be done, leaves no nodes. */
static void test_batch_fails_later(void)
{
    struct xen_altp2m_override *o = buffer();
    unsigned int i;
    op_t op;

    two_views();
    for ( i = 0; i < 30; i++ )
        o[i] = (struct xen_altp2m_override){
            .gfn = 0x100000 + i * 512, .count = 1, .set = XEN_ALTP2M_ACCESS,
            .access = XENMEM_access_r };
    o[30] = (struct xen_altp2m_override){
        .gfn = 0x200, .count = 1, .target = 0x201, .set = XEN_ALTP2M_REMAP };
    batch(&op, 31);
    preempt_mask = ~0u;
    EXPECT(once(&op), -ERESTART);
    preempt_mask = 0;
    EXPECT(view_at(model_domain, 1)->nr_nodes >= 8, true);
    host_set(0x201, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    EXPECT(once(&op), -ENXIO);
    EXPECT(PARAMETERS(&op, apply)->failed, 30);
    EXPECT(view_at(model_domain, 1)->nr_nodes, 0);
    audit();
}

/* A large entry over much that is told apart is for set_range. */
static void test_batch_too_big(void)
{
    struct xen_altp2m_override *o = buffer();
    const struct altp2m_view *view;
    unsigned int i, rounds;
    op_t op;

    two_views();
    view = view_at(model_domain, 1);
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
    view = view_at(model_domain, 1);
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
    EXPECT(lookup_at((void *)view, 0x200, &level), p2m_access_r + 1);
    EXPECT(lookup_at((void *)view, 0x205, &level), p2m_access_rx + 1);
    EXPECT(lookup_at((void *)view, 0x206, &level), 0);
    EXPECT(lookup_at((void *)view, 0x207, &level), p2m_access_r + 1);
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
    view = view_at(model_domain, 1);
    o[0] = rights(0x200, 512, XENMEM_access_r);
    batch(&op, 1);
    EXPECT(once(&op), 0);
    o[0].access = XENMEM_access_rx;
    o[1] = rights(0x205, 1, XENMEM_access_r);
    batch(&op, 2);
    EXPECT(once(&op), 0);
    EXPECT(lookup_at(view, 0x204, &level), p2m_access_rx + 1);
    EXPECT(lookup_at(view, 0x205, &level), p2m_access_r + 1);
    EXPECT(lookup_at(view, 0x206, &level), p2m_access_rx + 1);
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
    view = view_at(model_domain, 1);
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

const struct unit_test batch_tests[] = {
    { "batch-no-memory", test_batch_no_memory },
    { "batch-fails-later", test_batch_fails_later },
    { "batch-dormant-unseen", test_batch_dormant },
    { "batch-in-order", test_batch_in_order },
    { "batch-so-before", test_batch_so_before },
    { "batch-remap-again", test_batch_remap_again },
    { "batch-too-big", test_batch_too_big },
    { NULL },
};
