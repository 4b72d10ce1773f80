/* SPDX-License-Identifier: GPL-2.0-only */
/* The audit, and the event of a loss, find what they are for. */
#include "unit.h"

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
    EXPECT(view_at(model_domain, 1)->lost, 2);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 1);
    step("read-lost", 0, 0, 0, 0);
    /* What is taken back is no loss any more. */
    step("remap", 1, 10, 0, 1);
    step("read-lost", 0, 0, 0, 0);
    step("state", 0, 0, 0, 0);
    EXPECT(channels.open, 0);
}

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
           512 * (1 + view_at(model_domain, 1)->nr_nodes));
}

#define EXPECT_FOUND(what_, gfn_) do {      \
    look();                                 \
    ASSERT(found);                          \
    EXPECT(first.what, what_);              \
    EXPECT(first.gfn, gfn_);                \
} while ( 0 )

/* What debug builds look at where the lock is dropped: in time, what is wrong is met. */
static void test_audit_now_and_then(void)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(model_domain);
    struct altp2m_view *view;
    unsigned int i;
    uint64_t *entry, was;

    two_views();
    view = view_at(model_domain, 1);
    step("access", 1, 13, XENMEM_access_rx, 0);   /* 0x201 */
    for ( i = 0; i < 10000; i++ )
        EXPECT(altp2m_sample_good(hp2m), true);

    entry = &table_at(mfn_x(altp2m_node(view, 0x200, 0)->table))[1];
    was = *entry;
    *entry = was ^ 2;
    for ( i = 0; i < 100000 && altp2m_sample_good(hp2m); i++ )
        continue;
    EXPECT(i < 100000, true);
    *entry = was;
    for ( i = 0; i < 10000; i++ )
        EXPECT(altp2m_sample_good(hp2m), true);
}

/* Every kind of thing that can be wrong is made so, found, and put right. */
static void test_audit_finds(void)
{
    struct altp2m_view *view;
    struct altp2m_node *leafs, *upper;
    struct altp2m_remap *remap;
    uint64_t *entry, was;
    mfn_t host;

    two_views();
    view = view_at(model_domain, 1);
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
    view = view_at(model_domain, 1);
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
    leafs = altp2m_node(view_at(model_domain, 1), 0x200, 0);
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

/* What is noted of own pages, and whether they are shown. */
static void test_audit_own(void)
{
    struct altp2m_remap *r;
    struct altp2m_view *view;
    uint64_t *entry, was;

    two_views();
    view = view_at(model_domain, 1);
    step("patch", 1, 13, 0, 3);                   /* 0x201 */
    step("access", 1, 13, XENMEM_access_rx, 0);
    r = altp2m_remap(view, 0x201);
    look();
    EXPECT(found, 0);

    r->own->nr_patched++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_OWN, 0x201);
    EXPECT(first.found, 2);
    EXPECT(first.wanted, 1);
    r->own->nr_patched--;
    r->own->page->owner = NULL;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_OWN, 0x201);
    r->own->page->owner = model_domain;
    r->own->page->refs--;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_OWN, 0x201);
    r->own->page->refs++;
    r->own->stale = true;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_OWN, 0x201);
    EXPECT(found, 2);                             /* the entry, too */
    r->own->stale = false;
    view->nr_own++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_COUNT, 3);
    view->nr_own--;
    view->nr_dormant++;
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_COUNT, 4);
    view->nr_dormant--;

    entry = &table_at(mfn_x(altp2m_node(view, 0x200, 0)->table))[1];
    was = *entry;
    *entry = was ^ (1UL << 13);
    EXPECT_FOUND(XEN_ALTP2M_AUDIT_ENTRY, 0x201);
    *entry = was;
    look();
    EXPECT(found, 0);
}

/* What the CPU sets in entries, and what is to be recalculated, is no fault. */
static void test_audit_lets_pass(void)
{
    struct altp2m_view *view;
    uint64_t *entry;

    two_views();
    view = view_at(model_domain, 1);
    step("access", 1, 13, XENMEM_access_rx, 0);
    entry = &table_at(mfn_x(altp2m_node(view, 0x200, 0)->table))[1];
    *entry ^= altp2m_format()->cpu_bits;
    look();
    EXPECT(found, 0);
    step("memory-type", 0, 0, 0, 0);
    look();
    EXPECT(found, 0);
}

const struct unit_test audit_tests[] = {
    { "audit-lost-events", test_lost_events },
    { "audit-finds", test_audit_finds },
    { "audit-now-and-then", test_audit_now_and_then },
    { "audit-lets-pass", test_audit_lets_pass },
    { "audit-own", test_audit_own },
    { "audit-own-amd", test_audit_own, true },
    { "audit-room", test_audit_room },
    { "audit-between", test_audit_between },
    { "audit-redo-removed", test_redo_removed },
    { NULL },
};
