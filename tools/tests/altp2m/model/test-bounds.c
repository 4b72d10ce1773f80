/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-bounds: how much is done with the host p2m lock held before it is
 * dropped or the operation can be preempted, where everything is as large as it
 * gets: 512 views, a guest of 1 TiB with 128 vCPUs, a pool of a million pages.
 * docs/bounds.md has the table that this checks.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define MANY      20000u          /* remaps of one target, nodes of one view */
#define SINK      0x3f0000UL      /* the target */
#define FINE      0x40000000UL    /* where view 1 says much: 2 MiB by 2 MiB */
#define GIB       0x40000UL       /* gfns */
#define LAST_GIB  (1023 * GIB)
#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

typedef struct xen_hvm_altp2m_op op_t;

static struct domain *d;
static unsigned long worst;

/*
 * Accesses, of which a table made anew takes some 1,200 to 3,500: what is of one
 * view or fault, and what is of all views at once.
 */
#define ONE       16384u
#define ALL       131072u

static void at_most(const char *what, unsigned long bound)
{
    unsigned long n = visits_longest();

    printf("  %-44s %8lu of %8lu%s\n", what, n, bound,
           n > bound ? "  TOO MUCH" : "");
    fflush(stdout);
    worst += n > bound;
}

static int do_op(op_t *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    int rc;

    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = d->domain_id;
    memcpy(guest_memory, op, sizeof(*op));
    rc = altp2m_op(arg);
    memcpy(op, guest_memory, sizeof(*op));

    return rc;
}

static void *space(void)
{
    return guest_memory + 4096;
}

static struct altp2m_view *view(unsigned int idx)
{
    return view_at(d, idx);
}

static void change(unsigned int idx, unsigned long gfn,
                   const struct altp2m_change *c)
{
    altp2m_lock(d);
    EXPECT(altp2m_override(d, view(idx), gfn, 0, c), 0);
    altp2m_unlock(d);
}

static void set_access(unsigned int idx, unsigned long gfn, p2m_access_t a)
{
    const struct altp2m_change c = { .set_access = ALTP2M_SET, .access = a };

    change(idx, gfn, &c);
}

static void remap(unsigned int idx, unsigned long gfn, unsigned long target)
{
    const struct altp2m_change c = { .set_target = ALTP2M_SET,
                                     .target = target };

    change(idx, gfn, &c);
}

static void host_page(unsigned long gfn, unsigned long mfn, p2m_access_t a)
{
    EXPECT(host_set(gfn, mfn, 0, mfn == ~0UL ? p2m_invalid : p2m_ram_rw, a),
           0);
}

static unsigned long frame_for(unsigned long gfn)
{
    return 0x100000 + (gfn & 0x1fffff);
}

/* Makes a view's root, as a vCPU that enters the view does. */
static void be_entered(unsigned int idx)
{
    altp2m_lock(d);
    EXPECT(altp2m_attach_root(d, view(idx)), 0);
    altp2m_unlock(d);
}

static void turn_on(unsigned int views)
{
    op_t op = { .cmd = HVMOP_altp2m_set_domain_state,
                .u.domain_state.state = 1 };
    unsigned int i;

    EXPECT(do_op(&op), 0);
    for ( i = 1; i < views; i++ )
    {
        op = (op_t){ .cmd = HVMOP_altp2m_create_p2m,
                     .u.view.hvmmem_default_access = XENMEM_access_rwx };
        EXPECT(do_op(&op), 0);
        be_entered(i);
    }
    at_most("altp2m on, create a view", ONE);
}

/* Every view says something at both ends of the guest. */
static void crowd(void)
{
    unsigned int i;

    turn_on(ALTP2M_MAX_VIEWS);
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        set_access(i, 0x200, p2m_access_rx);
        set_access(i, LAST_GIB, p2m_access_r);
        remap(i, 0x201, SINK);
        remap(i, LAST_GIB + 1, SINK);
    }
    at_most("one override", ONE);
}

/* One view has very many tables, and as many remaps to one page. */
static void much(void)
{
    unsigned int i;

    for ( i = 0; i < MANY; i++ )
        remap(1, FINE + i * 512UL, SINK);
    visits_longest();
}

static void fault(unsigned int idx, unsigned long gfn)
{
    int rc;

    do {
        altp2m_lock(d);
        rc = altp2m_fill(d, view(idx), gfn, SIDE_DATA);
        altp2m_unlock(d);
        ASSERT(rc >= 0);
    } while ( rc );
}

/* The same, of a vCPU that is on a side. */
static void fault_on(unsigned int idx, unsigned long gfn, enum altp2m_side side)
{
    int rc;

    do {
        altp2m_lock(d);
        rc = node_has_side(&view(idx)->root, side)
             ? 0 : altp2m_attach_side(d, &view(idx)->root, side);
        rc = rc ?: altp2m_fill(d, view(idx), gfn, side);
        altp2m_unlock(d);
        ASSERT(rc >= 0);
    } while ( rc );
}

/* On all sides that there are. */
static void fault_on_all(unsigned int idx, unsigned long gfn)
{
    fault(idx, gfn);
    if ( !features.vmx )
    {
        fault_on(idx, gfn, SIDE_EXECUTE);
        fault_on(idx, gfn, SIDE_STEP);
    }
}

static void touch_all_views(unsigned long gfn)
{
    unsigned int i;

    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
        fault(i, gfn);
    at_most("fault after that", ONE);
}

static void read_it(uint32_t cmd, uint32_t room)
{
    struct xen_altp2m_read at = { .last = ~0UL };
    bool more;

    do {
        op_t op = { .cmd = cmd };
        struct xen_altp2m_read *r = PARAMETERS(&op, read);

        *r = at;
        r->view = 1;
        r->room = room;
        r->nr = 0;
        r->buffer = (uintptr_t)space();
        EXPECT(do_op(&op), 0);
        more = cmd == HVMOP_altp2m_read_lost ? r->nr == room
                                             : r->next != XEN_ALTP2M_NONE;
        at = *r;
    } while ( more );
}

static void set_host_access(unsigned long gfn, xenmem_access_t access)
{
    EXPECT(p2m_set_mem_access(d, _gfn(gfn), 1, 0, 0, access, 0), 0);
}

#define PAGES 128u

/* The access of PAGES pages, each @step after the one before, by one list. */
static void access_by_list(unsigned int view, unsigned long first,
                           unsigned long step)
{
    op_t op = { .cmd = HVMOP_altp2m_set_mem_access_multi };
    uint64_t *gfn = space();
    uint8_t *access = (uint8_t *)(gfn + PAGES);
    unsigned int i;

    for ( i = 0; i < PAGES; i++ )
    {
        gfn[i] = first + i * step;
        access[i] = XENMEM_access_r;
    }
    op.u.set_mem_access_multi.view = view;
    op.u.set_mem_access_multi.nr = PAGES;
    op.u.set_mem_access_multi.pfn_list.p = gfn;
    op.u.set_mem_access_multi.access_list.p = access;
    EXPECT(do_op(&op), 0);
}

/* All views have a default access, so that the host's counts where it is said. */
static void default_everywhere(uint8_t access)
{
    unsigned int i;

    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        op_t op = { .cmd = HVMOP_altp2m_set_default };

        PARAMETERS(&op, default)->view = i;
        PARAMETERS(&op, default)->access = access;
        EXPECT(do_op(&op), 0);
    }
    at_most("default access of a view", ONE);
}

static void test_crowd(void)
{
    crowd();
    host_page(0x202, ~0UL, p2m_access_rwx);
    at_most("host superpage split, 511 tables below it", ALL);
    touch_all_views(0x200);
    host_page(0x202, frame_for(0x202), p2m_access_rwx);
    at_most("host entry, copied to 511 tables", ALL);
    host_page(SINK, ~0UL, p2m_access_rwx);
    at_most("target of 1,022 remaps gone", ALL);
    touch_all_views(0x201);
    host_page(SINK, frame_for(SINK), p2m_access_rwx);
    at_most("target of 1,022 remaps there again", ALL);
    touch_all_views(0x201);
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
    at_most("log-dirty on", ALL);
    touch_all_views(0x200);
    p2m_change_entry_type_global(d, p2m_ram_logdirty, p2m_ram_rw);
    at_most("log-dirty off", ALL);
    if ( features.vmx )
    {
        p2m_memory_type_changed(d);
        at_most("memory type changed", ALL);
        touch_all_views(0x200);
    }
    read_it(HVMOP_altp2m_list_views, 100);
    at_most("views listed", ONE);
    read_it(HVMOP_altp2m_list_vcpus, 100);
    at_most("vCPUs listed", ONE);
    set_host_access(0x200, XENMEM_access_rx);
    at_most("host access of a page that 511 views override", 4 * ALL);
    access_by_list(0, 0x200, 1);
    at_most("host access of 128 pages, by a list", 4 * ALL);
    default_everywhere(XENMEM_access_r);
    host_page(GIB + 513, ~0UL, p2m_access_rwx);
    visits_longest();
    set_host_access(GIB + 512, XENMEM_access_rx);
    at_most("host access, 511 views with a default", 4 * ALL);
}

static void test_restricted(void)
{
    crowd();
    default_everywhere(XENMEM_access_rwx);
    host_page(0x402, ~0UL, p2m_access_rwx);
    at_most("host superpage split, 511 tables below it", ALL);
    touch_all_views(0x402);
    host_page(0x403, frame_for(0x403), p2m_access_r);
    at_most("the host restricts the first page of a table", ALL);
    touch_all_views(0x403);
    host_page(0x600, frame_for(0x600), p2m_access_r);
    at_most("the same, of a superpage", ALL);
}

static void set_range(unsigned int idx, unsigned long gfn, unsigned long count)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };

    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = idx, .gfn = gfn, .count = count, .set = XEN_ALTP2M_ACCESS,
        .access = XENMEM_access_rx };
    EXPECT(do_op(&op), 0);
}

/* In every view each entry of the root has rights. */
static void test_roots(void)
{
    unsigned int i;

    turn_on(ALTP2M_MAX_VIEWS);
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
        set_range(i, 0, MAX_GFN + 1);
    at_most("access of all gfns", ONE);
    host_page(GIB + 512, frame_for(GIB + 512), p2m_access_n);
    visits_longest();
    if ( features.vmx )
    {
        p2m_memory_type_changed(d);
        at_most("memory type changed, no tables", ALL);
    }
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
        remap(i, 0x201, SINK);
    visits_longest();
    if ( features.vmx )
    {
        p2m_memory_type_changed(d);
        at_most("memory type changed", ALL);
    }
    host_page(SINK, ~0UL, p2m_access_rwx);
    at_most("target of 511 remaps gone", ALL);
}

/* Rights over 128 tables, each of which tells gfns apart. */
static void apply_over(unsigned long gfn)
{
    op_t op = { .cmd = HVMOP_altp2m_apply };
    struct xen_altp2m_override *o = space();

    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = 1, .buffer = (uintptr_t)o };
    *o = (struct xen_altp2m_override){ .gfn = gfn,
        .count = ALTP2M_MAX_ENTRIES * 512UL, .set = XEN_ALTP2M_ACCESS,
        .access = XENMEM_access_r };
    EXPECT(do_op(&op), 0);
    at_most("apply, a record over 128 tables", ALL);
}

/* 128 records, each of which needs tables. */
static void apply_many(unsigned long gfn, unsigned long distance)
{
    op_t op = { .cmd = HVMOP_altp2m_apply };
    struct xen_altp2m_override *o = space();
    unsigned int i;

    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = ALTP2M_MAX_ENTRIES, .buffer = (uintptr_t)o };
    for ( i = 0; i < ALTP2M_MAX_ENTRIES; i++ )
        o[i] = (struct xen_altp2m_override){
            .gfn = gfn + i * distance, .count = 1,
            .set = XEN_ALTP2M_ACCESS | XEN_ALTP2M_REMAP,
            .access = XENMEM_access_rx, .target = SINK };
    EXPECT(do_op(&op), 0);
    at_most("apply, 128 records", ALL);
}

/* A view with 20,000 tables, in each of which one gfn shows the same page. */
static void test_much(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_default };
    struct altp2m_domain *a;
    unsigned int rounds;

    turn_on(2);
    a = d->arch.altp2m;
    much();
    EXPECT(view(1)->nr_remaps, MANY);

    host_page(SINK, ~0UL, p2m_access_rwx);
    at_most("target of 20,000 remaps gone", ONE);
    EXPECT(altp2m_up_to_date(altp2m_node(view(1), FINE, 0)), false);
    ASSERT(a->redo && a->lost < MANY);
    for ( rounds = 0; a->redo; rounds++ )
        read_it(HVMOP_altp2m_list_views, 100);
    EXPECT(a->lost, MANY);
    at_most("views listed, losses noticed", ONE);
    read_it(HVMOP_altp2m_read_lost, 1);
    at_most("losses read, one by one", ONE);
    fault(1, FINE);
    at_most("fault after that", ONE);
    host_page(SINK, frame_for(SINK), p2m_access_rwx);
    at_most("target of 20,000 remaps there again", ONE);
    fault(1, FINE);
    at_most("fault after that", ONE);

    PARAMETERS(&op, default)->view = 1;
    PARAMETERS(&op, default)->access = XENMEM_access_rx;
    EXPECT(do_op(&op), 0);
    at_most("default access of a view", ONE);
    fault(1, FINE);
    at_most("fault after that", ONE);

    read_it(HVMOP_altp2m_audit, 100);
    at_most("audit", 2 * ONE);
    read_it(HVMOP_altp2m_read_overrides, 100);
    at_most("overrides read", ONE);
    read_it(HVMOP_altp2m_read_map, 100);
    at_most("map read", ONE);
    read_it(HVMOP_altp2m_list_tables, 100);
    at_most("tables listed", ONE);

    /* A page of a gigabyte in which every 2 MiB has a table. */
    host_page(FINE + 5, ~0UL, p2m_access_rwx);
    at_most("a page dropped from a gigabyte", ONE);
    fault(1, FINE + 512);
    at_most("fault after that", ONE);
    set_range(1, FINE, 8 * GIB);
    at_most("access of a range over many tables", ONE);

    apply_many(GIB, 512);
    apply_over(GIB);
    apply_many(2 * GIB, GIB);

    op = (op_t){ .cmd = HVMOP_altp2m_clone };
    PARAMETERS(&op, clone)->view = 1;
    EXPECT(do_op(&op), 0);
    at_most("clone", ONE);

    machine_pool(machine.pool_used);
    p2m_lock(p2m_get_hostp2m(d));
    EXPECT(altp2m_reclaim(d), true);
    p2m_unlock(p2m_get_hostp2m(d));
    at_most("tables given up for the host", ONE);
    machine_pool(TABLE_FRAMES - 1);

    /* Many nodes, and hardly a table. */
    p2m_lock(p2m_get_hostp2m(d));
    while ( altp2m_reclaim(d) )
        ;
    p2m_unlock(p2m_get_hostp2m(d));
    visits_longest();
    op = (op_t){ .cmd = HVMOP_altp2m_set_default };
    PARAMETERS(&op, default)->view = 1;
    PARAMETERS(&op, default)->access = XENMEM_access_r;
    EXPECT(do_op(&op), 0);
    at_most("default access of a view whose tables were freed", ONE);
}

/* A list of pages, each in another GiB: three tables for each. */
static void test_list(void)
{
    turn_on(2);
    access_by_list(1, GIB, GIB);
    at_most("access of 128 pages far apart, by a list", ONE);
    EXPECT(view(1)->access_gfns, PAGES);

    /* Each now has its table. */
    access_by_list(1, GIB + 1, GIB);
    at_most("access of 128 pages in 128 tables, by a list", ONE);
}

/*
 * VMFUNC for the first vCPU, with all views new, and a page of the guest's as
 * high as there are; then for all vCPUs, hidden.
 */
static void test_lists(void)
{
    unsigned int i;

    host_page(MAX_GFN, SINK, p2m_access_rwx);
    turn_on(1);
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        op_t op = { .cmd = HVMOP_altp2m_create_p2m,
                    .u.view.hvmmem_default_access = XENMEM_access_rwx };

        EXPECT(do_op(&op), 0);
    }
    for ( i = 0; i < NR_VCPUS; i++ )
    {
        op_t op = { .cmd = HVMOP_altp2m_set_vmfunc };
        int rc;

        PARAMETERS(&op, set_vcpu)->vcpu = i;
        PARAMETERS(&op, set_vcpu)->on = 1;
        do
            rc = do_op(&op);
        while ( rc == -ERESTART );
        EXPECT(rc, 0);
        at_most("VMFUNC allowed", ONE);

        op = (op_t){ .cmd = HVMOP_altp2m_set_vcpu_visibility };
        PARAMETERS(&op, set_vcpu)->vcpu = i;
        PARAMETERS(&op, set_vcpu)->view = 7;
        EXPECT(do_op(&op), 0);
        at_most("a view hidden from a vCPU", ONE);
    }
    altp2m_lock(d);
    altp2m_roots_changed(d);
    altp2m_unlock(d);
    at_most("what roots are walked with changed", ALL);
}

/* Of views by CR3 none has a root, and every vCPU goes to one of them. */
static void test_cr3(void)
{
    struct xen_altp2m_cr3_view *r = space();
    op_t op = { .cmd = HVMOP_altp2m_set_cr3_views };
    unsigned int i;
    int rc;

    turn_on(1);
    for ( i = 0; i <= XEN_ALTP2M_CR3_VIEWS_MAX; i++ )
    {
        op_t make = { .cmd = HVMOP_altp2m_create_p2m,
                      .u.view.hvmmem_default_access = XENMEM_access_rwx };

        EXPECT(do_op(&make), 0);
    }
    for ( i = 0; i < NR_VCPUS; i++ )
        d->vcpu[i]->arch.hvm.guest_cr[3] = i * 0x1000UL;
    for ( i = 0; i < XEN_ALTP2M_CR3_VIEWS_MAX; i++ )
        r[i] = (struct xen_altp2m_cr3_view){ i * 0x1000UL, ~0UL, i + 1 };
    PARAMETERS(&op, cr3_views)->nr = XEN_ALTP2M_CR3_VIEWS_MAX;
    PARAMETERS(&op, cr3_views)->other = XEN_ALTP2M_CR3_VIEWS_MAX + 1;
    PARAMETERS(&op, cr3_views)->buffer = (uintptr_t)r;
    visits_longest();
    do
        rc = do_op(&op);
    while ( rc == -ERESTART );
    EXPECT(rc, 0);
    at_most("views by CR3 set", ONE);
    EXPECT(vcpu_altp2m(d->vcpu[NR_VCPUS - 1]).p2midx,
           XEN_ALTP2M_CR3_VIEWS_MAX + 1);
}

/* ---- the pool is empty, and there are very many tables ---- */

static void guest_reads(unsigned long gfn)
{
    const struct npfec npfec = { .read_access = 1 };
    p2m_access_t access = p2m_access_n;
    unsigned long source = gfn;
    unsigned int order;

    current = d->vcpu[0];
    if ( !altp2m_view_fault_begin(d->vcpu[0], gfn << PAGE_SHIFT, 0, npfec,
                                  &source) )
        altp2m_fault(d->vcpu[0], gfn << PAGE_SHIFT, npfec,
                          p2m_ram_rw, &access, &order);
    caller_is(NULL);
}

/* The number of private tables that are no roots. */
static unsigned int tables_there(void)
{
    const struct altp2m_node *node;
    unsigned int n = 0;

    list_for_each_entry ( node, &d->arch.altp2m->tables, cached )
        n++;

    return n;
}

/* View 2 has the tables, view 1 gives back what the host takes from some pages. */
static void use_up(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_default };
    unsigned int i;

    turn_on(3);
    for ( i = 0; i < MANY; i++ )
        set_access(2, FINE + i * 512UL + 77, p2m_access_rw);
    PARAMETERS(&op, default)->view = 1;
    PARAMETERS(&op, default)->access = XENMEM_access_rwx;
    EXPECT(do_op(&op), 0);
    for ( i = 0; i < 40; i++ )
        host_page(GIB + i * 512, frame_for(GIB + i * 512), p2m_access_r);
    visits_longest();
}

/* Promotes a right of each page of the nodes that are lent. */
static void promote_lent(void)
{
    const struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i, j;

    current = d->vcpu[0];
    for ( i = 0; i < a->nr_lent; i++ )
        for ( j = 0; j < TABLE_ENTRIES && !a->lent[i]->level; j++ )
        {
            p2m_lock(p2m_get_hostp2m(d));
            altp2m_promote(d->vcpu[0], _gfn(node_gfn(a->lent[i], j)),
                           p2m_access_rw);
            p2m_unlock(p2m_get_hostp2m(d));
        }
    caller_is(NULL);
}

/* Faults need nodes, more than may be lent at a time: tables don't help. */
static void test_lent(void)
{
    unsigned int i;

    use_up();
    p2m_altp2m_check(d->vcpu[0], 1);
    machine_pool(machine.pool_used);
    visits_longest();
    for ( i = 0; i < 40; i++ )
    {
        guest_reads(GIB + i * 512);
        promote_lent();
    }
    at_most("fault that takes back what was lent", 2 * ONE);
    EXPECT(tables_there() > MANY / 2, true);
}

/* A promotion needs one page, and the reserve takes all that are freed. */
static void test_promote(void)
{
    unsigned int i, tables;

    use_up();
    p2m_lock(p2m_get_hostp2m(d));
    while ( altp2m_reclaim(d) )
        ;
    p2m_unlock(p2m_get_hostp2m(d));
    machine_pool(machine.pool_used);
    p2m_altp2m_check(d->vcpu[0], 2);
    for ( i = 0; i < MANY && d->arch.altp2m->nr_reserve; i++ )
        guest_reads(FINE + i * 512UL);
    EXPECT(d->arch.altp2m->nr_reserve, 0);
    tables = tables_there();
    visits_longest();
    current = d->vcpu[0];
    p2m_lock(p2m_get_hostp2m(d));
    altp2m_promote(d->vcpu[0], _gfn(LAST_GIB + 5), p2m_access_rwx);
    p2m_unlock(p2m_get_hostp2m(d));
    caller_is(NULL);
    at_most("promotion, with the pool and the reserve empty", ONE);
    EXPECT(tables_there() > tables / 2, true);
}

/* ---- own pages ---- */

/* What is freed at the end of a test. */
static unsigned long teardown = ONE;

/* Patches or unpatches a byte of so many pages as one call can. */
static void on_pages(uint32_t cmd, unsigned int idx, unsigned long gfn,
                     unsigned long distance)
{
    op_t op = { .cmd = cmd };
    struct xen_altp2m_patch *r = space();
    unsigned int i;
    int rc;

    for ( i = 0; i < XEN_ALTP2M_MAX_PATCHES; i++ )
        r[i] = (struct xen_altp2m_patch){ .gfn = gfn + i * distance, .len = 1 };
    do {
        *PARAMETERS(&op, patches) = (struct xen_altp2m_patches){
            .view = idx, .nr = XEN_ALTP2M_MAX_PATCHES,
            .buffer = (uintptr_t)r };
        rc = do_op(&op);
    } while ( rc == -ERESTART );
    EXPECT(rc, 0);
}

/* Some own pages far apart, and all of four tables. */
static void test_own(void)
{
    op_t op = { .cmd = HVMOP_altp2m_refresh };
    unsigned int i;

    turn_on(2);
    on_pages(HVMOP_altp2m_patch, 1, 2 * GIB, GIB);
    at_most("patch, 64 pages far apart", 2 * ALL);
    on_pages(HVMOP_altp2m_unpatch, 1, 2 * GIB, GIB);
    at_most("unpatch, 64 pages", 2 * ALL);
    for ( i = 0; i < 2048; i += XEN_ALTP2M_MAX_PATCHES )
        on_pages(HVMOP_altp2m_patch, 1, GIB + i, 1);
    at_most("patch, 64 pages of a table", 2 * ALL);

    *PARAMETERS(&op, refresh) = (struct xen_altp2m_refresh){
        .view = 1, .count = MAX_GFN + 1 };
    EXPECT(do_op(&op), 0);
    at_most("refresh", 2 * ONE);
    op = (op_t){ .cmd = HVMOP_altp2m_clone };
    PARAMETERS(&op, clone)->view = 1;
    EXPECT(do_op(&op), 0);
    at_most("clone of own pages", 2 * ONE);
    read_it(HVMOP_altp2m_audit, 100);
    at_most("audit of own pages", ALL);
    fault_on_all(1, GIB);
    at_most("fault, a table of own pages", 4 * ONE);
    altp2m_lock(d);
    altp2m_cut_view(d, view(1));
    altp2m_unlock(d);
    visits_longest();
    fault_on_all(1, GIB);
    at_most("fault, a table of own pages out of date", 4 * ONE);

    EXPECT(host_set(GIB, ~0UL, 9, p2m_invalid, p2m_access_rwx), 0);
    at_most("1,024 own pages dropped", ONE);
    be_entered(2);
    fault_on_all(2, GIB);
    fault_on_all(1, GIB);
    at_most("fault after that, a table of own pages", 4 * ONE);
    fault_on_all(1, GIB + 1024);
    visits_longest();
    EXPECT(do_op(&(op_t){ .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = 2 }),
           0);
    at_most("destroy, with own pages", 4 * ONE);
    op = (op_t){ .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = 1, .count = MAX_GFN + 1, .clear = XEN_ALTP2M_OWN };
    EXPECT(do_op(&op), 0);
    at_most("own pages of a range go", 4 * ONE);
    EXPECT(machine.own, 0);
}

/* Four views have own pages in all of the host's 2M page at GIB + 512. */
static void test_own_below(void)
{
    const unsigned long gfn = GIB + 512;
    op_t op = { .cmd = HVMOP_altp2m_set_default };
    unsigned int i, idx;

    turn_on(6);
    EXPECT(host_set(gfn, frame_for(gfn), 9, p2m_ram_rw, p2m_access_rx), 0);
    for ( idx = 1; idx <= 4; idx++ )
    {
        for ( i = 0; i < 512; i += XEN_ALTP2M_MAX_PATCHES )
            on_pages(HVMOP_altp2m_patch, idx, gfn + i, 1);
        fault_on_all(idx, gfn);
    }
    visits_longest();

    host_page(gfn + 5, frame_for(gfn + 5), p2m_access_rwx);
    at_most("host superpage split, own pages of 4 views below", ONE);
    fault_on_all(1, gfn);
    at_most("fault after that", 4 * ONE);
    PARAMETERS(&op, default)->view = 1;
    PARAMETERS(&op, default)->access = XENMEM_access_rx;
    EXPECT(do_op(&op), 0);
    at_most("default access of a view with own pages", ONE);
    fault_on_all(2, gfn);
    visits_longest();
    set_range(2, gfn, 100);
    at_most("access of a range with own pages", ONE);
    fault_on_all(2, gfn);
    visits_longest();
    set_range(2, gfn, 500);
    at_most("access of a larger range with own pages", ONE / 2);
    altp2m_lock(d);
    altp2m_cut_view(d, view(3));
    altp2m_unlock(d);
    visits_longest();
    set_access(3, gfn + 7, p2m_access_rx);
    at_most("override, a table of own pages out of date", ONE);
    teardown = 4 * ONE;
}

/* Each view has an own page at the same gfn. */
static void test_own_everywhere(void)
{
    const unsigned long gfn = GIB + 5;
    op_t op = { .cmd = HVMOP_altp2m_patch };
    struct xen_altp2m_patch *r = space();
    unsigned int i;

    turn_on(ALTP2M_MAX_VIEWS);
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        *r = (struct xen_altp2m_patch){ .gfn = gfn, .len = 1 };
        *PARAMETERS(&op, patches) = (struct xen_altp2m_patches){
            .view = i, .nr = 1, .buffer = (uintptr_t)r };
        EXPECT(do_op(&op), 0);
        fault_on_all(i, gfn);
    }
    host_page(gfn, frame_for(gfn), p2m_access_r);
    visits_longest();
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
        fault_on_all(i, gfn);
    host_page(gfn, frame_for(gfn), p2m_access_rx);
    at_most("host entry, copied to 511 tables with own pages", ALL);
    host_page(gfn, ~0UL, p2m_access_rwx);
    at_most("host entry gone, 511 own pages there", ALL);
    teardown = 2 * ONE;
}

/* All views have as many rules as there can be, of which the last one counts. */
static void test_rules(void)
{
    struct xen_altp2m_rule *r = space();
    op_t op;
    unsigned int i, k;

    turn_on(ALTP2M_MAX_VIEWS);
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        for ( k = 0; k < XEN_ALTP2M_MAX_RULES; k++ )
            r[k] = (struct xen_altp2m_rule){
                .gfn = 0x200, .count = 1, .offset_last = 0xfff, .rip = k,
                .rip_last = k, .access = 7, .cpl = 0xf,
                .action = XEN_ALTP2M_RULE_SWITCH, .view = i == 1 ? 2 : 1 };
        op = (op_t){ .cmd = HVMOP_altp2m_set_rules };
        *PARAMETERS(&op, set_rules) = (struct xen_altp2m_set_rules){
            .view = i, .nr = k, .buffer = (uintptr_t)r };
        EXPECT(do_op(&op), 0);
    }
    at_most("rules set", ONE);
    read_it(HVMOP_altp2m_read_rules, 48);
    at_most("rules read", ONE);
    p2m_altp2m_check(d->vcpu[0], 1);
    visits_longest();
    current = d->vcpu[0];
    guest_cpu_user_regs()->rip = XEN_ALTP2M_MAX_RULES - 1;
    p2m_lock(p2m_get_hostp2m(d));
    EXPECT(altp2m_rule(current, 0x200 << PAGE_SHIFT, 0,
                       (struct npfec){ .read_access = 1 }, true), true);
    p2m_unlock(p2m_get_hostp2m(d));
    caller_is(NULL);
    at_most("the last of 48 rules, a switch", ONE);
    op = (op_t){ .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = 3 };
    EXPECT(do_op(&op), 0);
    at_most("a view destroyed that no rule of 510 names", ONE);
}

/* Its pages are cleared, and tables go for them. */
static void test_log(void)
{
    op_t op = { .cmd = HVMOP_altp2m_log_open };
    unsigned int i;

    turn_on(2);
    for ( i = 0; i < 200; i++ )
        set_access(1, GIB + i * 512UL + 77, p2m_access_rw);
    machine_pool(machine.pool_used);
    visits_longest();
    PARAMETERS(&op, log_open)->pages = XEN_ALTP2M_LOG_MAX_PAGES;
    EXPECT(do_op(&op), 0);
    at_most("log of 64 pages opened, the pool empty", 4 * ONE);
    EXPECT(do_op(&(op_t){ .cmd = HVMOP_altp2m_log_close }), 0);
    machine_pool(TABLE_FRAMES - 1);
}

static const struct unit_test tests[] = {
    { "bound-log", test_log },
    { "bound-log-amd", test_log, true },
    { "bound-crowd", test_crowd },
    { "bound-crowd-amd", test_crowd, true },
    { "bound-restricted", test_restricted },
    { "bound-restricted-amd", test_restricted, true },
    { "bound-roots", test_roots },
    { "bound-roots-amd", test_roots, true },
    { "bound-much", test_much },
    { "bound-much-amd", test_much, true },
    { "bound-lists", test_lists },
    { "bound-list", test_list },
    { "bound-cr3", test_cr3 },
    { "bound-cr3-amd", test_cr3, true },
    { "bound-lent", test_lent },
    { "bound-promote", test_promote },
    { "bound-own", test_own },
    { "bound-own-amd", test_own, true },
    { "bound-own-below", test_own_below },
    { "bound-own-below-amd", test_own_below, true },
    { "bound-own-everywhere", test_own_everywhere },
    { "bound-own-everywhere-amd", test_own_everywhere, true },
    { "bound-rules", test_rules },
};

static int run(const struct unit_test *test)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        struct step config = { .a = CPU_NEWEST, .d = test->amd ? WORLD_AMD : 0 };
        unsigned long gfn;

        limit_time();
        world_init(&config);
        d = model_domain;
        machine_pool(TABLE_FRAMES - 1);
        for ( gfn = GIB; gfn <= LAST_GIB; gfn += GIB )
            EXPECT(host_set(gfn, frame_for(gfn), PAGE_ORDER_1G, p2m_ram_rw,
                            p2m_access_rwx), 0);
        host_page(SINK, frame_for(SINK), p2m_access_rwx);
        visits_longest();
        test->fn();
        visits_longest();
        domain_destroy();
        at_most("teardown", teardown);
        fflush(stdout);
        _exit(!!worst);
    }
    waitpid(pid, &status, 0);
    printf("TEST %s %s\n", test->name, status ? "FAIL" : "PASS");

    return status;
}

int main(int argc, char **argv)
{
    unsigned int i, failed = 0;

    machine_reserve();
    for ( i = 0; i < ARRAY_SIZE(tests); i++ )
        if ( argc < 2 || !strcmp(argv[1], tests[i].name) )
            failed += !!run(&tests[i]);

    return !!failed;
}
