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

static uint8_t byte_of(const struct page_info *pg)
{
    return data_at(mfn_x(page_to_mfn(pg)))[5];
}

static uint8_t byte_at(unsigned long gfn)
{
    return byte_of(own_at(gfn)->page);
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
    machine.fail_at = 1;
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
    EXPECT(machine.fail_at, 0);
    EXPECT(machine.pool_limit, limit - 1);
    ASSERT(machine.pool_used < used);
}

/*
 * Xen holds a page while it carries out an instruction: it stays as it is, and
 * is paid for, until Xen has let go of it.
 */
static void test_own_reference(void)
{
    struct page_info *pg;
    unsigned int used;

    two_views();
    used = machine.pool_used;
    patch_many(1);
    pg = own_at(FIRST)->page;
    ASSERT(get_page(pg, model_domain));
    data_at(mfn_x(page_to_mfn(pg)))[7] = 0x77;
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
    EXPECT(pg->used, true);
    EXPECT(data_at(mfn_x(page_to_mfn(pg)))[7], 0x77);
    ASSERT(machine.pool_used > used);
    audit();
    /* The next one is another. */
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    ASSERT(own_at(FIRST)->page != pg);
    EXPECT(machine.own, 2);
    put_page(pg);
    EXPECT(machine.own, 2);
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
    EXPECT(machine.own, 0);
    ASSERT(machine.pool_used <= used);
}

/* Views go off once Xen has let go of the page; those of a dying domain at once. */
static void test_own_held(void)
{
    struct domain *d = model_domain;
    op_t off = op_of(HVMOP_altp2m_set_domain_state);
    bool preempted = false;
    struct page_info *pg;
    unsigned int i;

    for ( i = 0; i < 2; i++ )
    {
        two_views();
        patch_many(1);
        pg = own_at(FIRST)->page;
        ASSERT(get_page(pg, d));
        if ( !i )
        {
            EXPECT(raw(&off), -ERESTART);
            EXPECT(byte_of(pg), 0xcc);
            ASSERT(d->arch.altp2m);
            put_page(pg);
            EXPECT(raw(&off), 0);
        }
        else
        {
            domain_paused(true);
            d->is_dying = true;
            altp2m_teardown(d, &preempted);
            EXPECT(preempted, false);
            EXPECT(byte_of(pg), 0xcc);
            domain_paused(false);
            put_page(pg);
            d->is_dying = false;
        }
        EXPECT(machine.own, 0);
        ASSERT(!d->arch.altp2m);
        now_off();
    }
}

/* A page that can't be had, as nobody but us can hold it yet: the domain ends. */
static void test_own_impossible(void)
{
    two_views();
    machine.refuse_type = true;
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), -ENOMEM);
    machine.refuse_type = false;
    EXPECT(machine.crashed, 1);
    EXPECT(machine.own, 1);
    machine.own = 0;                     /* that page is lost */
    audit();
}

/*
 * A gfn keeps the access that was chosen for its own page, whatever becomes of
 * the host's, and of remaps; until somebody sets another.  Without the own page
 * the chosen access goes.
 */
static void test_own_access(void)
{
    op_t op = { .cmd = HVMOP_altp2m_change_gfn,
                .u.change_gfn = { .view = 1, .old_gfn = 9, .new_gfn = ~0UL } };

    two_views();
    step("patch", 1, 9, 0, 3);
    EXPECT(oracle(1, 9).access, p2m_access_x);
    enter_all(1);
    step("host-access", 9, XENMEM_access_rw, 0, 0);
    EXPECT(cpu_touch(0, 9, 1), TOUCH_VIOLATION);
    EXPECT(once(&op), 0);
    EXPECT(oracle(1, 9).access, p2m_access_x);
    EXPECT(cpu_touch(0, 9, 1), TOUCH_VIOLATION);
    step("unpatch", 1, 0, 0x20, 3);
    EXPECT(machine.own, 0);
    EXPECT(oracle(1, 9).access, p2m_access_rw);

    /* The same one, set by somebody. */
    step("patch", 1, 9, 0, 3);
    step("access", 1, 9, XENMEM_access_x, 0);
    step("unpatch", 1, 0, 0x20, 3);
    EXPECT(machine.own, 0);
    EXPECT(oracle(1, 9).access, p2m_access_x);
}

/* The same on an entry of which the page is one of many, and by a record. */
static void test_own_access_many(void)
{
    struct xen_altp2m_override *r = (void *)(guest_memory + 8192);
    op_t op = { .cmd = HVMOP_altp2m_apply };
    unsigned int n;

    two_views();
    patch_many(2);
    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = 1, .buffer = (uintptr_t)r };
    for ( n = 0; n < 2; n++ )
    {
        *r = n ? (struct xen_altp2m_override){
                     .gfn = FIRST, .count = 2, .clear = XEN_ALTP2M_OWN }
               : (struct xen_altp2m_override){
                     .gfn = FIRST & ~0x1ffUL, .count = 512, .set =
                     XEN_ALTP2M_ACCESS, .access = XENMEM_access_x };
        EXPECT(once(&op), 0);
    }
    EXPECT(machine.own, 0);
    EXPECT(view_at(model_domain, 1)->access_gfns, 512);
    ref.view[1].o[12].has_access = ref.view[1].o[13].has_access = true;
    ref.view[1].o[12].access = ref.view[1].o[13].access = p2m_access_x;
    ref.view[1].o[14].has_access = true;
    ref.view[1].o[14].access = p2m_access_x;

    patch_many(1);                       /* the access is there */
    r->clear = XEN_ALTP2M_OWN;
    EXPECT(once(&op), 0);
    EXPECT(view_at(model_domain, 1)->access_gfns, 512);
}

/* The host's page in place of an own page, by whatever name: refused. */
static void test_own_busy(void)
{
    struct xen_altp2m_override *r = (void *)(guest_memory + 8192);
    op_t op = { .cmd = HVMOP_altp2m_apply };
    uint64_t target;

    two_views();
    patch_many(1);
    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = 1, .buffer = (uintptr_t)r };
    for ( target = FIRST; target < FIRST + 2; target++ )
    {
        *r = (struct xen_altp2m_override){ .gfn = FIRST, .count = 1,
            .set = XEN_ALTP2M_REMAP, .target = target };
        EXPECT(once(&op), -EBUSY);
    }
    op = (op_t){ .cmd = HVMOP_altp2m_change_gfn,
                 .u.change_gfn = { .view = 1, .old_gfn = FIRST + 1,
                                   .new_gfn = FIRST } };
    EXPECT(once(&op), -EBUSY);
    op.u.change_gfn.old_gfn = FIRST;
    EXPECT(once(&op), -EBUSY);
    EXPECT(byte_at(FIRST), 0xcc);
}

/* RAM in place of other RAM, without a hole between: the copy is of neither. */
static void test_own_replaced(void)
{
    two_views();
    step("patch", 1, 9, 0, 3);
    step("host-page", 9, 3, 0, 1);       /* shared, which moves it */
    step("host-page", 9, 0, 0, 2);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 0);
    step("host-page", 9, 11, 0, 2);      /* logged */
    EXPECT(view_at(model_domain, 1)->nr_dormant, 0);
    step("host-page", 9, 0, 0, 3);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 1);
    step("refresh", 1, 9, 0, 0);
    EXPECT(view_at(model_domain, 1)->nr_dormant, 0);
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

/*
 * Two drops, of each of which a part is left: own pages between them aren't
 * concerned, nor those that were copied since.  What is left is done in time.
 */
static void test_own_between(void)
{
    struct domain *d = model_domain;
    unsigned int i;

    two_views();
    EXPECT(host_set(0x600, 0x100600, 9, p2m_ram_rw, p2m_access_rwx), 0);
    patch_many(100);
    for ( i = 0; i < 2; i++ )
    {
        fill(i ? 0x610 : 0x410, i ? 64 : 1);
        EXPECT(on_records(HVMOP_altp2m_patch, i ? 64 : 1, NULL), 0);
    }
    drop_and_return(true);
    EXPECT(host_set(0x600, ~0UL, 9, p2m_invalid, p2m_access_rwx), 0);
    /* The same frames, of which nothing tells that they had gone. */
    EXPECT(host_set(0x600, 0x100600, 9, p2m_ram_rw, p2m_access_rwx), 0);
    ASSERT(d->arch.altp2m->redo);
    altp2m_lock(d);
    while ( d->arch.altp2m->redo )
        altp2m_redo_more(d);
    altp2m_unlock(d);
    EXPECT(d->arch.altp2m->lost, 164);
    EXPECT(view_at(d, 1)->nr_dormant, 164);
    ASSERT(!own_at(0x410)->stale);
    EXPECT(d->arch.altp2m->nr_drops, 0);
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

static void clone_to(unsigned int view, unsigned int to)
{
    op_t op = { .cmd = HVMOP_altp2m_clone };

    PARAMETERS(&op, clone)->view = view;
    EXPECT(once(&op), 0);
    EXPECT(PARAMETERS(&op, clone)->clone, to);
    ref.view[to] = ref.view[view];
}

/* So are its remaps, though tables with many are left to faults. */
static void test_own_clone_remaps(void)
{
    unsigned int g;

    two_views();
    for ( g = 0; g < 16; g++ )
        step("remap", 1, g, 12, 0);
    step("host-page", 12, 8, 0, 0);
    ASSERT(view_at(model_domain, 1)->nr_dormant > 8);
    clone_to(1, 3);
    EXPECT(view_at(model_domain, 3)->nr_dormant,
           view_at(model_domain, 1)->nr_dormant);
}

/*
 * A view is cloned while part of a drop is left, and the clone comes before what
 * is left.  The host has the same frames again: none of them is shown.
 */
static void test_own_clone_dropped(void)
{
    op_t destroy = { .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = 1 };
    struct domain *d = model_domain;
    struct altp2m_at at;
    unsigned int i;

    two_views();
    patch_many(120);
    clone_to(1, 3);
    EXPECT(once(&destroy), 0);
    memset(&ref.view[1], 0, sizeof(ref.view[1]));
    altp2m_lock(d);
    while ( altp2m_reclaim(d) )
        ;
    altp2m_unlock(d);
    EXPECT(host_set(0x200, ~0UL, 9, p2m_invalid, p2m_access_rwx), 0);
    ASSERT(d->arch.altp2m->redo);
    clone_to(3, 1);
    step("audit", 1, 0, 99, 0);
    altp2m_lock(d);
    while ( d->arch.altp2m->redo )
        altp2m_redo_more(d);
    altp2m_unlock(d);
    EXPECT(view_at(d, 1)->nr_dormant, 120);
    EXPECT(host_set(0x200, 0x100200, 9, p2m_ram_rw, p2m_access_rwx), 0);
    altp2m_lock(d);
    for ( i = 0; i < 120; i++ )
    {
        altp2m_find(d, view_at(d, 1), FIRST + i, &at);
        ASSERT(!at.source.own);
    }
    altp2m_unlock(d);
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

/* A write to an own page that nobody forbids is none to the host's page. */
static void test_own_marks(void)
{
    two_views();
    step("patch", 1, 9, 0, 3);
    step("host-page", 9, 11, 0, 0);      /* logged */
    enter_all(1);
    monitor_listens = false;
    EXPECT(cpu_touch(0, 9, 2), TOUCH_OK);
    EXPECT(host_fact(9).type, p2m_ram_logdirty);
}

/*
 * A breakpoint that is put in while Xen is about to emulate what was there: the
 * CPU is to meet it.  The guest's own are none, nor what isn't shown any more.
 */
static void test_own_breakpoint(void)
{
    static const uint8_t int3[] = { 0xcc };
    struct vcpu *v = model_domain->vcpu[0];
    struct cpu_user_regs *regs;

    two_views();
    v->arch.hvm.guest_cr[0] = X86_CR0_PE;
    fill(FIRST, 1);
    records()->bytes[0] = 0x90;
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    enter_all(1);
    current = v;
    regs = guest_cpu_user_regs();
    instruction_cs = FIRST << PAGE_SHIFT;
    regs->rip = 5;
    EXPECT(altp2m_met_breakpoint(v, int3, 1), true);
    EXPECT(altp2m_met_breakpoint(v, int3, 0), false);
    EXPECT(altp2m_met_breakpoint(v, records()->bytes, 1), false);
    regs->rip = 6;
    EXPECT(altp2m_met_breakpoint(v, int3, 1), false);
    regs->rip = PAGE_SIZE + 5;
    EXPECT(altp2m_met_breakpoint(v, int3, 1), false);
    regs->rip = 5;
    v->arch.hvm.guest_cr[0] = 0;
    EXPECT(altp2m_met_breakpoint(v, int3, 1), false);
    v->arch.hvm.guest_cr[0] = X86_CR0_PE;
    caller_is(NULL);
    EXPECT(host_set(FIRST, ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    current = v;
    EXPECT(altp2m_met_breakpoint(v, int3, 1), false);
    instruction_cs = 0;
    v->arch.hvm.guest_cr[0] = 0;
    caller_is(NULL);
}

/* Who may change views, but not map the guest's memory. */
static void test_own_policy(void)
{
    op_t op = op_of(HVMOP_altp2m_read_page);
    unsigned int changed;

    two_views();
    patch_many(1);
    xsm_refuses_maps = true;
    fill(FIRST + 1, 1);
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), -EACCES);
    fill(FIRST, 1);
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), -EACCES);
    *PARAMETERS(&op, read_page) = (struct xen_altp2m_read_page){
        .view = 1, .gfn = FIRST, .len = 1, .buffer = (uintptr_t)buffer() };
    EXPECT(once(&op), -EACCES);
    refresh_all(&changed);
    xsm_refuses_maps = false;
    EXPECT(once(&op), 0);
    EXPECT(machine.own, 1);
}

/* A page at the very end that isn't there, and the operation preempted then. */
static void test_own_last(void)
{
    struct xen_altp2m_patch *r = records();
    unsigned int changed;

    two_views();
    EXPECT(host_set(MAX_GFN, 0x1abcde, 0, p2m_ram_rw, p2m_access_rwx), 0);
    fill(MAX_GFN, 1);
    r->offset = offsets[0];
    EXPECT(on_records(HVMOP_altp2m_patch, 1, NULL), 0);
    EXPECT(host_set(MAX_GFN, ~0UL, 0, p2m_populate_on_demand,
                    p2m_access_rwx), 0);
    populate_fails = true;
    refresh_all(&changed);
    populate_fails = false;
    EXPECT(changed, 0);
    fill(MAX_GFN, 1);
    r->offset = offsets[0];
    EXPECT(on_records(HVMOP_altp2m_unpatch, 1, NULL), 0);
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
    { "own-held", test_own_held },
    { "own-impossible", test_own_impossible },
    { "own-access", test_own_access },
    { "own-access-amd", test_own_access, true },
    { "own-access-many", test_own_access_many },
    { "own-busy", test_own_busy },
    { "own-replaced", test_own_replaced },
    { "own-replaced-amd", test_own_replaced, true },
    { "own-between", test_own_between },
    { "own-dropped", test_own_dropped },
    { "own-dropped-amd", test_own_dropped, true },
    { "own-clone-stale", test_own_clone_stale },
    { "own-clone-remaps", test_own_clone_remaps },
    { "own-clone-dropped", test_own_clone_dropped },
    { "own-server", test_own_server },
    { "own-goes", test_own_goes },
    { "own-goes-amd", test_own_goes, true },
    { "own-log-dirty", test_own_log_dirty },
    { "own-clone", test_own_clone },
    { "own-stays", test_own_stays },
    { "own-fault", test_own_fault },
    { "own-fault-amd", test_own_fault, true },
    { "own-marks", test_own_marks },
    { "own-marks-amd", test_own_marks, true },
    { "own-breakpoint", test_own_breakpoint },
    { "own-policy", test_own_policy },
    { "own-last", test_own_last },
    { "own-records", test_own_records },
    { NULL },
};
