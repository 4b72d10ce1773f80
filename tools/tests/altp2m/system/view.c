/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the life of a view; switching; view_hidden; libxenctrl's functions. */
#include "library.h"
#include "refusal.h"
#include "trace.h"

#include <errno.h>
#include <string.h>

#define MAX_VIEWS 1024

static void view_made_and_entered(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);

    expect(a && b && a != b, "views %u and %u", a, b);
    expect_view(g, 0, 0);
    guest_fill(g, TEST_GPA, 16, 3);
    expect_ok(view_switch(g->domid, a));
    expect_view(g, 0, a);
    guest_verify(g, TEST_GPA, 16, 3);
    expect_ok(view_switch(g->domid, b));
    guest_verify(g, TEST_GPA, 16, 3);
    expect_ok(view_switch(g->domid, 0));
    guest_verify(g, TEST_GPA, 16, 3);
}

static uint64_t faults_of_read(struct guest *g, uint64_t pages)
{
    struct exits n;

    trace_start();
    guest_do(g, 0, COMMAND(CMD_SUM, TEST_GPA, pages));
    n = trace_stop();
    expect(n.all, "no exit is traced");
    return n.nested;
}

/* 64 MiB, read for the first time in a view, fault no more than in view 0. */
static void view_made_takes_no_faults(void)
{
    const uint64_t pages = 64 * MIB / 4096;
    struct guest *g = guest_new(&(struct guest_config){ .mib = 80 });
    uint16_t fresh, less;

    expect_ok(view_state_set(g->domid, true));
    guest_fill(g, TEST_GPA, pages, 7);
    expect_equal(faults_of_read(g, pages), 0, "faults in view 0");
    fresh = new_view(g);
    less = new_view(g);
    expect_ok(view_switch(g->domid, fresh));
    expect_equal(faults_of_read(g, pages), 0, "faults in a fresh view");
    /* What is counted can be seen. */
    expect_ok(view_access_set(g->domid, less, TEST_GFN + 9, XENMEM_access_n));
    expect_ok(view_switch(g->domid, less));
    expect_equal(faults_of_read(g, pages), 1, "faults with a page hidden");
}

/* Since Xen 4.19 what a view is created with is the access of its pages. */
static bool created_with_default(void)
{
    return (xc_version(xch, XENVER_version, NULL) & 0xffff) >= 19;
}

/*
 * What a view is created with can be asked for.  Before 4.19 it has no effect,
 * so that clients pass anything, also what the CPU can't enforce.
 */
static void view_made_with_access(void)
{
    struct guest *g = guest_with_views();

    guest_fill(g, TEST_GPA, 16, 3);
    for ( unsigned int access = XENMEM_access_n;
          access <= XENMEM_access_rwx; access++ )
    {
        unsigned int told = 99;
        uint16_t view;
        int rc = view_create(g->domid, access, &view);

        if ( rc == -EOPNOTSUPP && created_with_default() )
            continue;
        expect(!rc, "default access %u: %s", access, error_name(rc));
        expect_ok(view_access_get(g->domid, view, NO_GFN, &told));
        expect_equal(told, access, "the default told");
        expect_access(g, view, TEST_GFN, created_with_default()
                                         ? access : XENMEM_access_rwx);
        expect_access(g, 0, TEST_GFN, XENMEM_access_rwx);
        if ( !created_with_default() )
        {
            expect_ok(view_switch(g->domid, view));
            guest_verify(g, TEST_GPA, 16, 3);
            guest_write(g, TEST_GPA, payload_pattern(TEST_GPA, 3));
            expect_ok(view_switch(g->domid, 0));
        }
        expect_ok(view_destroy(g->domid, view));
    }
    guest_alive(g);
}

static void view_created_until_exhausted(void)
{
    struct guest *g = guest_with_views();
    uint16_t view, last = 0;
    unsigned int count = 0;
    int rc;

    while ( !(rc = view_create(g->domid, XENMEM_access_rwx, &view)) &&
            count < MAX_VIEWS )
    {
        expect_equal(view, ++count, "index");
        last = view;
    }
    note("%u views besides view 0", count);
    expect(count >= 9, "only %u views", count);
    expect(rc == -EINVAL || rc == -ENOSPC || rc == -ENOMEM,
           "one view too many: %s", error_name(rc));
    expect_ok(view_switch(g->domid, last));
    guest_alive(g);
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, last / 2));
    expect_ok(view_create(g->domid, XENMEM_access_rwx, &view));
    expect_equal(view, last / 2, "index of the view made in the gap");
}

/* From Xen 4.21 on a domain is made with the number of views that it may have. */
static void view_number_limited(void)
{
#ifdef ALTP2M_NR
    struct guest *g = guest_new(&(struct guest_config){ .views = 5 });
    struct xen_altp2m_capabilities c;
    uint16_t view;

    expect_library(xenaltp2m_capabilities(library(), g->domid, &c), 0);
    expect_equal(c.max_views, 5, "views told");
    expect_ok(view_state_set(g->domid, true));
    for ( unsigned int i = 1; i < 5; i++ )
        expect_equal(new_view(g), i, "index");
    expect_rc(view_create(g->domid, XENMEM_access_rwx, &view), -ENOSPC);
    expect_library(xenaltp2m_clone(library(), g->domid, 1, &view), -ENOSPC);
    expect_rc(view_switch(g->domid, 5), -EINVAL);
    expect_ok(view_switch(g->domid, 4));
    guest_alive(g);
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, 2));
    expect_equal(new_view(g), 2, "index of the view made in the gap");
#else
    skip("a domain's creator says nothing of it");
#endif
}

static void view_destroyed_forgets(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g), again;
    unsigned int access;

    guest_fill(g, TEST_GPA, 2, 5);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    expect_ok(view_destroy(g->domid, view));
    expect_rc(view_switch(g->domid, view), -EINVAL);
    expect_rc(view_access_get(g->domid, view, TEST_GFN, &access), -EINVAL);

    again = new_view(g);
    expect_equal(again, view, "index");
    expect_access(g, again, TEST_GFN, XENMEM_access_rwx);
    expect_ok(view_switch(g->domid, again));
    guest_verify(g, TEST_GPA, 2, 5);
}

/*
 * A guest that used many views goes, and the next one's views get its pages, roots
 * among them: translations that a CPU kept of the first would show its memory.
 */
static void view_made_of_dead_guests_pages(void)
{
    for ( unsigned int n = 0; n < 3; n++ )
    {
        struct guest *g = guest_with_views();

        guest_fill(g, TEST_GPA, 8, 50 + n);
        for ( unsigned int i = 0; i < 16; i++ )
        {
            expect_ok(view_switch(g->domid, new_view(g)));
            guest_verify(g, TEST_GPA, 8, 50 + n);
        }
        guest_destroy(g);
    }
}

static void view_in_use_stays(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_ok(view_switch(g->domid, view));
    expect_rc(view_destroy(g->domid, view), -EBUSY);
    expect_view(g, 0, view);
    expect_access(g, view, TEST_GFN, XENMEM_access_r);
    guest_alive(g);
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, view));
}

static void view_switched_under_running_guest(void)
{
    struct guest *g = guest_with_views();
    const volatile struct payload_slot *s = g->slot[0];
    uint16_t view = new_view(g);

    guest_write(g, TEST_GPA, 0xa0);
    guest_write(g, TEST_GPA + 0x1000, 0xb1);
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA));
    for ( unsigned int i = 0; i < 100; i++ )
    {
        expect_ok(view_switch(g->domid, (i & 1) ? 0 : view));
        /* A round that has begun before may be over by now. */
        guest_await_round(g, s->rounds);
    }
    guest_alive(g);
    expect(s->values == 2 && !s->lost, "%llu values, not 2",
           (unsigned long long)s->values);
    for ( unsigned int i = 0; i < 2; i++ )
        expect(s->value[i].value == 0xa0 || s->value[i].value == 0xb1,
               "value %#llx", (unsigned long long)s->value[i].value);
}

/*
 * Tables that a CPU walks are made and given back all the time, in a guest that
 * reads more pages than its TLB has room for.
 */
#define SWEPT_MIB 32

static void view_tables_come_and_go(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = SWEPT_MIB + 16 });
    const volatile struct payload_slot *s = g->slot[0];
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    guest_fill(g, TEST_GPA, SWEPT_MIB * 256, 61);
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_SWEEP, TEST_GPA, SWEPT_MIB * 256));
    for ( unsigned int i = 0; i < 400; i++ )
    {
        uint64_t gfn = TEST_GFN + (i % (SWEPT_MIB / 2)) * 512 + 7;

        expect_ok(view_remap(g->domid, view, gfn, gfn + 1));
        guest_run(g, 2);
        expect_ok(view_remap(g->domid, view, gfn, ~0ULL));
    }
    guest_await_round(g, s->rounds);
    guest_alive(g);
    guest_verify(g, TEST_GPA, SWEPT_MIB * 256, 61);
}

static void view_hidden(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g), again;

    expect_ok(view_visible(g->domid, view, false));
    expect_rc(view_switch(g->domid, view), -EINVAL);
    expect_view(g, 0, 0);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_ok(view_visible(g->domid, view, true));
    expect_ok(view_switch(g->domid, view));
    expect_access(g, view, TEST_GFN, XENMEM_access_r);
    guest_alive(g);

    /* A new view is visible, whatever the one before it was. */
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_visible(g->domid, view, false));
    expect_ok(view_destroy(g->domid, view));
    again = new_view(g);
    expect_equal(again, view, "index");
    expect_ok(view_switch(g->domid, again));
}

static void right_view(altp2m_op_t *op)
{
    if ( op->cmd == HVMOP_altp2m_set_visibility )
        op->u.set_visibility.altp2m_idx = 1;
    if ( op->cmd == HVMOP_altp2m_create_p2m )
        op->u.view.view = 0x1234;
}

static void view_refuses(void)
{
#define ROW(cmd, field, value, error)                                     \
        { HVMOP_altp2m_ ## cmd, FIELD(u.field), value, error }
    static const struct refusal rows[] = {
        ROW(create_p2m, view.hvmmem_default_access, XENMEM_access_default + 1,
            -EINVAL),
        ROW(create_p2m, view.hvmmem_default_access, 0xffff, -EINVAL),
        ROW(destroy_p2m, view.view, 0, -EBUSY),
        ROW(destroy_p2m, view.view, 1, -EBUSY),         /* a vCPU is there */
        ROW(destroy_p2m, view.view, 5, -EBUSY),
        ROW(destroy_p2m, view.view, 10, -EBUSY),
        ROW(destroy_p2m, view.view, 511, -EBUSY),
        ROW(destroy_p2m, view.view, 512, -EBUSY),
        ROW(destroy_p2m, view.view, 0x8000, -EBUSY),
        ROW(destroy_p2m, view.view, 0xffff, -EBUSY),
        ROW(switch_p2m, view.view, 2, -EINVAL),
        ROW(switch_p2m, view.view, 10, -EINVAL),
        ROW(switch_p2m, view.view, 511, -EINVAL),
        ROW(switch_p2m, view.view, 512, -EINVAL),
        ROW(switch_p2m, view.view, 513, -EINVAL),
        ROW(switch_p2m, view.view, 0x8000, -EINVAL),
        ROW(switch_p2m, view.view, 0xffff, -EINVAL),
        ROW(set_visibility, set_visibility.altp2m_idx, 2, -EINVAL),
        ROW(set_visibility, set_visibility.altp2m_idx, 512, -EINVAL),
        ROW(set_visibility, set_visibility.altp2m_idx, 0xffff, -EINVAL),
        ROW(set_visibility, set_visibility.pad, 1, -EINVAL),
        ROW(get_p2m_idx, get_vcpu_p2m_idx.vcpu_id, 1, -EINVAL),
        ROW(get_p2m_idx, get_vcpu_p2m_idx.vcpu_id, 0xffffffff, -EINVAL),
        { 0 },
    };
#undef ROW
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g), after;

    expect_ok(view_switch(g->domid, view));
    expect_refusals(g, rows, right_view, by_dom0);
    expect_view(g, 0, view);
    guest_alive(g);
    after = new_view(g);
    expect_equal(after, view + 1, "next index");
    expect_ok(view_switch(g->domid, after));
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, view));
    expect_rc(view_destroy(g->domid, view), -EBUSY);
    guest_alive(g);
}

/* The distribution's library, each of its functions once. */
static void view_by_libxenctrl(void)
{
    struct guest *g = guest_new(NULL);
    uint32_t d = g->domid;
    bool on = false, suppressed = false;
    uint16_t view = 0, index = 0;
    xenmem_access_t access;
    uint64_t gfns[2] = { TEST_GFN + 1, TEST_GFN + 2 };
    uint8_t rights[2] = { XENMEM_access_r, XENMEM_access_rx };
    xen_pfn_t bad_gfn;
    int32_t bad;

    expect(!xc_altp2m_set_domain_state(xch, d, true), "set state");
    expect(!xc_altp2m_get_domain_state(xch, d, &on) && on, "get state");
    expect(!xc_altp2m_create_view(xch, d, XENMEM_access_rwx, &view), "create");
    expect(!xc_altp2m_switch_to_view(xch, d, view), "switch");
    expect(!xc_altp2m_get_vcpu_p2m_idx(xch, d, 0, &index) && index == view,
           "get index");
    expect(!xc_altp2m_set_mem_access(xch, d, view, TEST_GFN, XENMEM_access_r),
           "set access");
    expect(!xc_altp2m_get_mem_access(xch, d, view, TEST_GFN, &access) &&
           access == XENMEM_access_r, "get access");
    expect(!xc_altp2m_set_mem_access_multi(xch, d, view, rights, gfns, 2),
           "set access of many");
    expect_access(g, view, TEST_GFN + 2, XENMEM_access_rx);
    expect(!xc_altp2m_change_gfn(xch, d, view, TEST_GFN + 3, TEST_GFN + 4),
           "change gfn");
    expect(!xc_altp2m_set_suppress_ve(xch, d, view, TEST_GFN, false),
           "set suppress");
    expect(!xc_altp2m_get_suppress_ve(xch, d, view, TEST_GFN, &suppressed) &&
           !suppressed, "get suppress");
    expect(!xc_altp2m_set_supress_ve_multi(xch, d, view, TEST_GFN,
                                           TEST_GFN + 3, true, &bad_gfn, &bad),
           "set suppress of many");
    expect(!xc_altp2m_set_visibility(xch, d, view, true), "set view_hidden");
    expect(!xc_altp2m_switch_to_view(xch, d, 0), "switch back");
    expect(!xc_altp2m_destroy_view(xch, d, view), "destroy");
    expect(!xc_altp2m_set_domain_state(xch, d, false), "off");
    guest_alive(g);
}

const struct test tests_view[] = {
    { "view_made_and_entered", NEEDS_VIEWS, view_made_and_entered },
    { "view_made_takes_no_faults", NEEDS_VIEWS, view_made_takes_no_faults },
    { "view_made_with_access", NEEDS_VIEWS, view_made_with_access },
    { "view_created_until_exhausted", NEEDS_VIEWS, view_created_until_exhausted },
    { "view_number_limited", NEEDS_VIEWS, view_number_limited },
    { "view_destroyed_forgets", NEEDS_VIEWS, view_destroyed_forgets },
    { "view_made_of_dead_guests_pages", NEEDS_VIEWS,
      view_made_of_dead_guests_pages },
    { "view_in_use_stays", NEEDS_VIEWS, view_in_use_stays },
    { "view_switched_under_running_guest", NEEDS_VIEWS, view_switched_under_running_guest },
    { "view_tables_come_and_go", NEEDS_VIEWS, view_tables_come_and_go },
    { "view_hidden", NEEDS_VIEWS, view_hidden },
    { "view_refuses", NEEDS_VIEWS, view_refuses },
    { "view_by_libxenctrl", NEEDS_VIEWS, view_by_libxenctrl },
    { 0 },
};
