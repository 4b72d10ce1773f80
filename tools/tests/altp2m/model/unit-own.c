/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of a view's own: who pays, who holds them, when they go and go stale. */
#include "unit.h"

#define FIRST 0x210UL             /* many gfns that no other test looks at */

static struct xen_altp2m_patch *records(void)
{
    return buffer();
}

/* Patches or unpatches the records in buffer(). */
static int on_records(uint32_t cmd, unsigned int nr, uint32_t *failed)
{
    op_t op = { .cmd = cmd };
    int rc;

    *PARAMETERS(&op, patches) = (struct xen_altp2m_patches){
        .view = 1, .nr = nr, .buffer = (uintptr_t)buffer() };
    rc = once(&op);
    if ( failed )
        *failed = PARAMETERS(&op, patches)->failed;

    return rc;
}

/* A byte of each of @nr gfns. */
static void fill(unsigned long gfn, unsigned int nr)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        records()[i] = (struct xen_altp2m_patch){
            .gfn = gfn + i, .offset = 5, .len = 1, .bytes[0] = 0xcc };
}

/* So that many gfns of view 1 have own pages. */
static void patch_many(unsigned int nr)
{
    unsigned int i, n;

    for ( i = 0; i < nr; i += n )
    {
        n = min(nr - i, XEN_ALTP2M_MAX_PATCHES + 0u);
        fill(FIRST + i, n);
        EXPECT(on_records(HVMOP_altp2m_patch, n, NULL), 0);
    }
    EXPECT(machine.own, nr);
}

static struct altp2m_own *own_at(unsigned long gfn)
{
    return altp2m_remap(view_at(model_domain, 1), gfn)->own;
}

static uint8_t byte_at(unsigned long gfn)
{
    return data_at(mfn_x(page_to_mfn(own_at(gfn)->page)))[5];
}

/* Each allocation fails in turn, of the heap and of the pool: then nothing is done. */
static void test_own_no_memory(void)
{
    unsigned int nth, used;
    int rc = -ENOMEM;

    two_views();
    used = machine.pool_used;
    for ( nth = 1; rc; nth++ )
    {
        fill(FIRST, 3);
        machine.fail_at = nth;
        rc = on_records(HVMOP_altp2m_patch, 3, NULL);
        machine.fail_at = 0;
        if ( !rc )
            break;
        EXPECT(rc, -ENOMEM);
        EXPECT(machine.pool_used, used);
        EXPECT(machine.own, 0);
        check_all();
        audit();
    }
    ASSERT(nth > 10);
    EXPECT(machine.own, 3);
    fill(FIRST, 3);
    EXPECT(on_records(HVMOP_altp2m_unpatch, 3, NULL), 0);
    EXPECT(machine.pool_used, used);
}

/*
 * The pool pays for each page, and where it has none, tables are freed; but no
 * own page ever is.
 */
static void test_own_pool(void)
{
    struct domain *d = model_domain;
    unsigned int used, rc = 0, n = 0;

    two_views();
    step("access", 2, 23, XENMEM_access_r, 0);
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    used = machine.pool_used;
    fill(FIRST + 1, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    EXPECT(machine.pool_used, used + 1);
    machine_pool(machine.pool_used);
    for ( ; !rc; n++ )
    {
        fill(FIRST + 2 + n, 1);
        rc = on_records(HVMOP_altp2m_patch, 1, NULL);
        audit();
    }
    EXPECT((int)rc, -ENOMEM);
    ASSERT(n > 3);                       /* tables of view 2, and its own */
    EXPECT(machine.own, 1 + n);
    EXPECT(altp2m_any_view(d->arch.altp2m, 2)->nr_tables, 1); /* the root */
    EXPECT(byte_at(FIRST), 0xcc);
    machine_pool(machine.pool_used + 100);
    step("touch-all", 0, 0, 0, 0);
}

/* Where Xen's heap has no page to give back, the pool is smaller from then on. */
static void test_own_pool_smaller(void)
{
    unsigned int limit, used;

    two_views();
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    used = machine.pool_used;
    limit = machine.pool_limit;
    machine.fail_at = 3;                 /* after the records and the edits */
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
    EXPECT(machine.fail_at, 0);
    EXPECT(machine.pool_limit, limit - 1);
    ASSERT(machine.pool_used < used);
}

/* Whoever holds a page keeps it, but not what was on it. */
static void test_own_reference(void)
{
    struct page_info *pg;

    two_views();
    patch_many(1);
    pg = own_at(FIRST)->page;
    ASSERT(get_page(pg, model_domain));
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
    EXPECT(pg->used, true);
    EXPECT(machine.own, 1);
    EXPECT(data_at(mfn_x(page_to_mfn(pg)))[5], 0);
    /* The next one is another. */
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    ASSERT(own_at(FIRST)->page != pg);
    put_page(pg);
    EXPECT(machine.own, 1);
}

static void drop_and_return(bool reclaim)
{
    struct domain *d = model_domain;

    if ( reclaim )
    {
        altp2m_lock(d);
        while ( altp2m_reclaim(d) )
            ;
        altp2m_unlock(d);
    }
    EXPECT(host_set(0x200, ~0UL, 9, p2m_invalid, p2m_access_rwx), 0);
    EXPECT(host_set(0x200, 0x140200, 9, p2m_ram_rw, p2m_access_rwx), 0);
}

static unsigned int refresh_all(unsigned int *changed)
{
    op_t op = { .cmd = HVMOP_altp2m_refresh };
    unsigned int rounds;

    preempt_mask = ~0u;
    *PARAMETERS(&op, refresh) = (struct xen_altp2m_refresh){
        .view = 1, .gfn = 0, .count = MAX_GFN + 1 };
    EXPECT(whole(&op, &rounds), 0);
    preempt_mask = 0;
    EXPECT(PARAMETERS(&op, refresh)->count, 0);
    *changed = PARAMETERS(&op, refresh)->changed;

    return rounds;
}

/*
 * The host drops more pages than it tells views of one by one, and has others
 * there before anybody looks: none of the own pages is shown until refreshed.
 */
static void test_own_dropped(void)
{
    struct domain *d = model_domain;
    unsigned int i, changed;
    struct altp2m_at at;

    two_views();
    patch_many(120);
    drop_and_return(true);
    ASSERT(d->arch.altp2m->redo);
    altp2m_lock(d);
    for ( i = 0; i < 120; i++ )
    {
        altp2m_find(d, view_at(d, 1), FIRST + i, &at);
        ASSERT(!at.source.own);
    }
    altp2m_unlock(d);
    EXPECT(d->arch.altp2m->lost, 120);
    data_at(0x140200 + FIRST - 0x200)[7] = 0x77;
    ASSERT(refresh_all(&changed) > 3);
    EXPECT(changed, 120);
    EXPECT(view_at(d, 1)->nr_dormant, 0);
    EXPECT(byte_at(FIRST), 0xcc);
    EXPECT(data_at(mfn_x(page_to_mfn(own_at(FIRST)->page)))[7], 0x77);
    EXPECT(refresh_all(&changed) > 3, true);
    EXPECT(changed, 0);
    /* With tables that follow at once, the same. */
    drop_and_return(false);
    altp2m_lock(d);
    for ( i = 0; i < 120; i++ )
    {
        altp2m_find(d, view_at(d, 1), FIRST + i, &at);
        ASSERT(!at.source.own);
    }
    altp2m_unlock(d);
    EXPECT(d->arch.altp2m->lost, 240);
}

/* The clone of a view has of a page that is stale one that is. */
static void test_own_clone_stale(void)
{
    struct domain *d = model_domain;
    op_t op = { .cmd = HVMOP_altp2m_clone };
    struct altp2m_at at;

    two_views();
    step("patch", 1, 9, 0, 3);
    step("host-page", 9, 8, 0, 0);
    step("host-page", 9, 0, 0, 1);
    PARAMETERS(&op, clone)->view = 1;
    EXPECT(once(&op), 0);
    ref.view[3] = ref.view[1];
    altp2m_lock(d);
    altp2m_find(d, view_at(d, 3), 9, &at);
    altp2m_unlock(d);
    ASSERT((at.slot & SLOT_REMAP) && !at.source.own);
    EXPECT(view_at(d, 3)->nr_dormant, 1);
    step("refresh", 3, 9, 0, 0);
    EXPECT(view_at(d, 3)->nr_dormant, 0);
    EXPECT(view_at(d, 1)->nr_dormant, 1);
}

/* While a vCPU executes there, the page goes; and no remap has one. */
static void test_own_goes(void)
{
    two_views();
    step("patch", 1, 9, 0, 3);
    enter_all(1);
    EXPECT(cpu_touch(0, 9, 4), TOUCH_OK);
    step("unpatch", 1, 0, 0x20, 3);
    EXPECT(machine.own, 0);
    EXPECT(cpu_touch(0, 9, 4), TOUCH_OK);
    step("remap", 1, 9, 0, 0);
    step("patch", 1, 9, 0, 3);
    EXPECT(machine.own, 0);
}

/* What a device model is to be told of is never hidden from it. */
static void test_own_server(void)
{
    two_views();
    step("ioreq", 0, 0, 0, 0);
    step("host-page", 0, 10, 0, 0);
    step("patch", 1, 0, 0, 3);
    EXPECT(machine.own, 0);
    step("patch", 1, 1, 0, 3);
    EXPECT(machine.own, 1);
    step("host-page", 1, 10, 0, 0);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 1);
    step("touch-all", 0, 0, 0, 0);
    step("read-overrides", 1, 0, 0, 1);
    step("refresh", 1, 1, 0, 0);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 1);
}

/* Log-dirty mode, which concerns as many, drops none. */
static void test_own_log_dirty(void)
{
    struct domain *d = model_domain;
    unsigned int i;
    struct altp2m_at at;

    two_views();
    patch_many(120);
    step("log-dirty-all", 0, 0, 0, 0);
    step("log-dirty-all", 0, 0, 0, 0);
    step("log-dirty", 0, 24, 0, 0);
    altp2m_lock(d);
    for ( i = 0; i < 120; i++ )
    {
        altp2m_find(d, view_at(d, 1), FIRST + i, &at);
        ASSERT(at.source.own);
    }
    altp2m_unlock(d);
    EXPECT(d->arch.altp2m->lost, 0);
}

/* A clone has copies, all or none; and what has many is destroyed in rounds. */
static void test_own_clone(void)
{
    struct domain *d = model_domain;
    unsigned int rounds, used;
    op_t op = { .cmd = HVMOP_altp2m_clone };

    two_views();
    patch_many(100);
    PARAMETERS(&op, clone)->view = 1;
    preempt_mask = ~0u;
    EXPECT(whole(&op, &rounds), 0);
    preempt_mask = 0;
    ASSERT(rounds > 5);
    EXPECT(machine.own, 200);
    EXPECT(view_at(d, 3)->nr_own, 100);
    EXPECT(altp2m_remap(view_at(d, 3), FIRST)->own->nr_patched, 1);
    EXPECT(data_at(mfn_x(page_to_mfn(altp2m_remap(view_at(d, 3), FIRST)
                                     ->own->page)))[5], 0xcc);
    ref.view[3] = ref.view[1];
    audit();

    preempt_mask = ~0u;
    op = (op_t){ .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = 3 };
    EXPECT(whole(&op, &rounds), 0);
    preempt_mask = 0;
    ASSERT(rounds > 1);
    EXPECT(machine.own, 100);
    memset(&ref.view[3], 0, sizeof(ref.view[3]));

    used = machine.pool_used;
    op = (op_t){ .cmd = HVMOP_altp2m_clone };
    PARAMETERS(&op, clone)->view = 1;
    machine_pool(used + 60);
    EXPECT(whole(&op, &rounds), -ENOMEM);
    EXPECT(machine.own, 100);
    ASSERT(machine.pool_used <= used);
    audit();
}

/* What a range loses, and what remaps and the host's access leave. */
static void test_own_stays(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    unsigned int rounds;

    two_views();
    patch_many(200);
    step("host-access", 12, XENMEM_access_r, 0, 0);
    op = (op_t){ .cmd = HVMOP_altp2m_change_gfn,
                 .u.change_gfn = { .view = 1, .old_gfn = FIRST,
                                   .new_gfn = ~0UL } };
    EXPECT(once(&op), 0);
    EXPECT(byte_at(FIRST), 0xcc);
    op.u.change_gfn.new_gfn = 9;
    EXPECT(once(&op), -EBUSY);
    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .gfn = FIRST, .count = 200, .clear = XEN_ALTP2M_REMAP };
    EXPECT(once(&op), 0);
    EXPECT(machine.own, 200);
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .gfn = FIRST, .count = 199, .clear = XEN_ALTP2M_OWN };
    preempt_mask = ~0u;
    EXPECT(whole(&op, &rounds), 0);
    preempt_mask = 0;
    ASSERT(rounds > 3);
    EXPECT(machine.own, 1);
    EXPECT(byte_at(FIRST + 199), 0xcc);
}

/*
 * A fault on an own page is about that page: the host's stays shared, or paged
 * out, and a monitor is told.  A device model isn't given the host's page.
 */
static void test_own_fault(void)
{
    struct vcpu *v = model_domain->vcpu[0];

    two_views();
    step("patch", 1, 5, 0, 3);           /* which is shared */
    step("patch", 1, 9, 0, 3);
    step("host-page", 9, 12, 0, 0);      /* paged out */
    enter_all(1);
    EXPECT(cpu_touch(0, 5, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 9, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 5, 2), TOUCH_VIOLATION);
    EXPECT(cpu_touch(0, 9, 2), TOUCH_VIOLATION);
    EXPECT(host_fact(5).type, p2m_ram_shared);
    EXPECT(host_fact(9).type, p2m_ram_paged);
    cpu_exit(0);
    current = v;
    EXPECT(altp2m_device_sees(v, _gfn(5)), false);
    EXPECT(altp2m_device_sees(v, _gfn(1)), true);
    caller_is(NULL);
}

/* A record that is wrong is named, and none is done. */
static void test_own_records(void)
{
    static const struct { size_t offset; uint64_t value, size; } wrong[] = {
#define WRONG(field, value)                                             \
    { offsetof(struct xen_altp2m_patch, field), value,                  \
      sizeof(records()->field) }
        WRONG(gfn, MAX_GFN + 1), WRONG(len, 0), WRONG(len, 17),
        WRONG(offset, PAGE_SIZE), WRONG(flags, 2), WRONG(pad[0], 1),
        WRONG(pad[1], 1), WRONG(pad[2], 1),
    };
    unsigned int i, cmd, n;
    uint32_t failed;

    two_views();
    for ( cmd = HVMOP_altp2m_patch; cmd <= HVMOP_altp2m_unpatch; cmd++ )
        for ( i = 0; i < ARRAY_SIZE(wrong); i++ )
        {
            fill(FIRST, 3);
            memcpy((uint8_t *)&records()[1] + wrong[i].offset, &wrong[i].value,
                   wrong[i].size);
            EXPECT(on_records(cmd, 3, &failed), -EINVAL);
            EXPECT(failed, 1);
            EXPECT(machine.own, 0);
        }

    fill(FIRST, 1);
    records()->flags = XEN_ALTP2M_PATCH_REPLACE;
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), -EINVAL);
    records()->flags = 0;
    records()->offset = PAGE_SIZE - 16;
    records()->len = 16;
    EXPECT(on_records(HVMOP_altp2m_patch, 1, &failed), 0);
    EXPECT(failed, 1);
    EXPECT(own_at(FIRST)->nr_patched, 16);
    records()->offset++;
    records()->len = 15;
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), -EEXIST);
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
    EXPECT(own_at(FIRST)->nr_patched, 1);
    records()->offset--;
    records()->len = 2;
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), -ENODATA);
    EXPECT(on_records(HVMOP_altp2m_patch, 0, NULL), 0);

    /* A buffer that can't be read, or be written, is told in time. */
    for ( n = 2; n <= 3; n++ )
    {
        fill(FIRST + 1, 1);
        copy_fails_at = n;
        EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), -EFAULT);
        EXPECT(copy_fails_at, 0);
        EXPECT(machine.own, 1);
    }
}

const struct unit_test own_tests[] = {
    { "own-no-memory", test_own_no_memory },
    { "own-no-memory-amd", test_own_no_memory, true },
    { "own-pool", test_own_pool },
    { "own-pool-smaller", test_own_pool_smaller },
    { "own-reference", test_own_reference },
    { "own-reference-amd", test_own_reference, true },
    { "own-dropped", test_own_dropped },
    { "own-dropped-amd", test_own_dropped, true },
    { "own-clone-stale", test_own_clone_stale },
    { "own-server", test_own_server },
    { "own-goes", test_own_goes },
    { "own-goes-amd", test_own_goes, true },
    { "own-log-dirty", test_own_log_dirty },
    { "own-clone", test_own_clone },
    { "own-stays", test_own_stays },
    { "own-fault", test_own_fault },
    { "own-fault-amd", test_own_fault, true },
    { "own-records", test_own_records },
    { NULL },
};
