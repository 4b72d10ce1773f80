/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: rights of ranges, of everything, and of everybody else. */
#include "library.h"
#include "refusal.h"
#include "monitor.h"

#include <string.h>

#define GIB_GFNS (1ULL << 18)
#define SEED     51

static int set_range(struct guest *g, uint16_t view,
                     struct xen_altp2m_override range)
{
    return of_library(xenaltp2m_set_range(library(), g->domid, view, &range));
}

static int clear_range(struct guest *g, uint16_t view, uint64_t gfn,
                       uint64_t count)
{
    struct xen_altp2m_override range = range_of(gfn, count);

    range.clear = XEN_ALTP2M_ACCESS | XEN_ALTP2M_SVE | XEN_ALTP2M_REMAP;
    return set_range(g, view, range);
}

/* A range with ragged ends: each part is as large an entry as it can be. */
static void range_ragged(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override parts[] = {
        rights_of(TEST_GFN + 300, 212, XENMEM_access_rx),
        rights_of(TEST_GFN + 512, 512, XENMEM_access_rx),
        rights_of(TEST_GFN + 1024, 5, XENMEM_access_rx),
    };
    struct monitor *m = monitor_open(g, answer_view_0);

    expect_ok(set_range(g, view, rights_of(TEST_GFN + 300, 729,
                                           XENMEM_access_rx)));
    expect_overrides(g, view, parts, 3);
    expect_equal(view_info(g, view).access_gfns, 729, "gfns with an access");
    expect_audit(g);

    expect_ok(view_switch(g->domid, view));
    guest_write(g, gpa_of(TEST_GFN + 299), 1);
    guest_write(g, gpa_of(TEST_GFN + 1029), 1);
    expect_equal(m->count, 0, "violations outside");
    guest_write(g, gpa_of(TEST_GFN + 700), 7);
    expect_equal(m->count, 1, "violations inside");
    expect_equal(m->log[0].u.mem_access.gfn, TEST_GFN + 700, "gfn");
    expect_view(g, 0, 0);
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 700)), 7, "value");

    expect_ok(clear_range(g, view, 0, 1ULL << 36));
    expect_overrides(g, view, NULL, 0);
    expect_equal(view_info(g, view).tables_max, 1, "tables");
    expect_audit(g);
}

/* A gigabyte, and all there is, cost a table or none, and no time. */
static void range_large(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override gib = rights_of(0, GIB_GFNS, XENMEM_access_rx);
    struct xen_altp2m_override all = rights_of(0, 1ULL << 36, XENMEM_access_r);

    expect_ok(set_range(g, view, gib));
    expect_overrides(g, view, &gib, 1);
    expect_equal(view_info(g, view).tables_max, 2, "tables for a gigabyte");
    expect_audit(g);
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect_ok(set_range(g, view, all));
    expect_overrides(g, view, &all, 1);
    expect_equal(view_info(g, view).tables_max, 1, "tables for everything");
    expect_access(g, view, TEST_GFN, XENMEM_access_r);
    expect_audit(g);
    guest_alive(g);
}

/* What is told apart already is changed as it is, remaps stay or go. */
static void range_over_overrides(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override parts[] = {
        rights_of(TEST_GFN, 9, XENMEM_access_rx),
        rights_of(TEST_GFN + 9, 1, XENMEM_access_rx),
        rights_of(TEST_GFN + 10, 502, XENMEM_access_rx),
    };
    struct xen_altp2m_override whole = rights_of(TEST_GFN, 512,
                                                 XENMEM_access_rx);

    parts[1].set |= XEN_ALTP2M_REMAP;
    parts[1].target = TEST_GFN + 600;
    guest_fill(g, TEST_GPA, 1024, SEED);
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 3, XENMEM_access_n));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 9, TEST_GFN + 600));
    expect_ok(set_range(g, view, whole));
    expect_overrides(g, view, parts, 3);
    expect_audit(g);
    expect_ok(view_switch(g->domid, view));
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 9)),
                 payload_pattern(gpa_of(TEST_GFN + 600), SEED), "remapped page");
    whole.clear = XEN_ALTP2M_REMAP;
    expect_ok(set_range(g, view, whole));
    whole.clear = 0;
    expect_overrides(g, view, &whole, 1);
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 9)),
                 payload_pattern(gpa_of(TEST_GFN + 9), SEED), "own page");
    expect_audit(g);
}

static void right_range(altp2m_op_t *op)
{
    struct xen_altp2m_set_range *r = (void *)&op->u;

    r->view = 1;
    r->set = XEN_ALTP2M_ACCESS;
    r->access = XENMEM_access_r;
    r->gfn = TEST_GFN;
    r->count = 8;
}

static void range_refuses(void)
{
#define ROW(field, value, error)                                          \
        { HVMOP_altp2m_set_range, OWN_FIELD(set_range, field), value, error }
    static const struct refusal rows[] = {
        ROW(view, 7, -ENOENT),
        ROW(view, 512, -ENOENT),
        ROW(pad, 1, -EINVAL),
        ROW(gfn, 1ULL << 36, -EINVAL),
        ROW(count, 1ULL << 36, -EINVAL),
        ROW(count, ~0ULL, -EINVAL),
        ROW(access, XENMEM_access_default, -EINVAL),
        ROW(access, 77, -EINVAL),
        ROW(access, XENMEM_access_w, -EOPNOTSUPP),
        ROW(set, XEN_ALTP2M_ACCESS | XEN_ALTP2M_REMAP, -EINVAL),
        ROW(set, 0, -EINVAL),                   /* but there is an access */
        ROW(clear, XEN_ALTP2M_ACCESS, -EINVAL), /* and set */
        ROW(sve, 1, -EINVAL),                   /* but not set */
        { 0 },
    };
#undef ROW
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    expect_refusals(g, rows, right_range, by_dom0);
    /* The library refuses what changes nothing. */
    expect_rc(set_range(g, view, range_of(TEST_GFN, 1)), -EINVAL);
    expect_rc(set_range(g, view, rights_of(TEST_GFN, 0, XENMEM_access_r)),
              -EINVAL);
    expect_overrides(g, view, NULL, 0);
    guest_alive(g);
}

/* A pool that is used up on the way: what is done is told, and stays. */
static void range_without_memory(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 64 });
    struct xen_altp2m_override range = rights_of(TEST_GFN + 1, 7168,
                                                 XENMEM_access_rx);
    uint64_t done;
    uint16_t view;
    int rc;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    /* Three tables and their nodes: but the far end needs another table. */
    pool_leave(g, 4);
    rc = of_library(xenaltp2m_set_range(library(), g->domid, view, &range));
    expect_rc(rc, -ENOMEM);
    done = range.gfn - (TEST_GFN + 1);
    expect_equal(range.gfn + range.count, TEST_GFN + 7169, "the end");
    note("%llu gfns with 4 pages", (unsigned long long)done);
    expect(done > 512 && done < 7168, "%llu gfns are done",
           (unsigned long long)done);
    expect_equal(view_info(g, view).access_gfns, done, "gfns with an access");
    expect_audit(g);
    guest_alive(g);
    pool_leave(g, 100);
    expect_library(xenaltp2m_set_range(library(), g->domid, view, &range), 0);
    expect_equal(range.count, 0, "gfns left");
    expect_equal(view_info(g, view).access_gfns, 7168, "gfns with an access");
    expect_audit(g);
}

static void range_default(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t view = new_view(g);
    unsigned int access = 99;

    no_default(g, view);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rwx));
    expect_library(xenaltp2m_get_default(library(), g->domid, view, &access),
                   0);
    expect_equal(access, XEN_ALTP2M_NO_DEFAULT, "default access");
    expect_library(xenaltp2m_set_default(library(), g->domid, view,
                                         XENMEM_access_rx), 0);
    expect_library(xenaltp2m_get_default(library(), g->domid, view, &access),
                   0);
    expect_equal(access, XENMEM_access_rx, "default access");
    expect_access(g, view, TEST_GFN, XENMEM_access_rwx);
    expect_access(g, view, TEST_GFN + 1, XENMEM_access_rx);
    expect_audit(g);
    /* The guest's own pages, its stack for one, have become read-only too. */
    expect_ok(set_range(g, view, rights_of(0, PAYLOAD_END >> 12,
                                           XENMEM_access_rwx)));
    expect_ok(view_switch(g->domid, view));
    guest_write(g, TEST_GPA, 1);
    expect_equal(m->count, 0, "violations where it is overridden");
    guest_write(g, TEST_GPA + 0x1000, 1);
    expect_equal(m->count, 1, "violations elsewhere");
    expect_library(xenaltp2m_set_default(library(), g->domid, view,
                                         XEN_ALTP2M_NO_DEFAULT), 0);
    expect_library(xenaltp2m_get_default(library(), g->domid, view, &access),
                   0);
    expect_equal(access, XEN_ALTP2M_NO_DEFAULT, "default access");
    expect_access(g, view, TEST_GFN + 1, XENMEM_access_rwx);
    expect_ok(view_switch(g->domid, view));
    guest_write(g, TEST_GPA + 0x2000, 1);
    expect_equal(m->count, 1, "violations without a default");
    expect_audit(g);

    expect_library(xenaltp2m_set_default(library(), g->domid, view,
                                         XENMEM_access_default), -EINVAL);
    expect_library(xenaltp2m_set_default(library(), g->domid, view,
                                         XENMEM_access_w), -EOPNOTSUPP);
    expect_library(xenaltp2m_set_default(library(), g->domid, 7,
                                         XENMEM_access_r), -ENOENT);
    expect_library(xenaltp2m_get_default(library(), g->domid, 7, &access),
                   -ENOENT);
}

/* Rights of a superpage that the guest has written to are gone at once. */
static void range_in_use(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, answer_view_0);
    const uint64_t gfn = TEST_GFN + 512;
    uint16_t view = new_view(g);

    expect_ok(view_switch(g->domid, view));
    guest_write(g, gpa_of(gfn + 7), 1);
    expect_equal(m->count, 0, "violations before");
    expect_ok(set_range(g, view, rights_of(gfn, 512, XENMEM_access_rx)));
    guest_write(g, gpa_of(gfn + 7), 2);
    expect_equal(m->count, 1, "violations");
    expect_view(g, 0, 0);
    expect_audit(g);
}

/* A new default counts at once, also where it cuts off the tables in use. */
static void range_default_cuts_tables(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 32 });
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    no_default(g, view);
    expect_ok(set_range(g, view, rights_of(0, PAYLOAD_END >> 12,
                                           XENMEM_access_rwx)));
    for ( unsigned int i = 0; i < 8; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i * 512,
                                  XENMEM_access_rx));
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 8; i++ )
        guest_write(g, gpa_of(TEST_GFN + i * 512 + 1), i);
    expect_equal(m->count, 0, "violations before");
    expect_library(xenaltp2m_set_default(library(), g->domid, view,
                                         XENMEM_access_rx), 0);
    guest_write(g, gpa_of(TEST_GFN + 5 * 512 + 1), 9);
    expect_equal(m->count, 1, "violations of the new default");
    expect_audit(g);
}

/* Without a default the host's access counts; with one, it doesn't. */
static void range_default_over_host(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t less, all;

    less = new_view(g);
    expect_library(xenaltp2m_create(library(), g->domid, XENMEM_access_rwx,
                                    &all), 0);
    guest_fill(g, TEST_GPA, 1024, SEED);
    expect_ok(xc_set_mem_access(xch, g->domid, XENMEM_access_rx,
                                TEST_GFN + 7, 1) ? -errno : 0);
    expect_ok(view_remap(g->domid, all, TEST_GFN + 7, NO_GFN));
    expect_access(g, less, TEST_GFN + 7, XENMEM_access_rx);
    expect_access(g, all, TEST_GFN + 7, XENMEM_access_rwx);
    expect_ok(view_switch(g->domid, all));
    guest_verify(g, TEST_GPA, 1024, SEED);
    guest_write(g, gpa_of(TEST_GFN + 7), 5);
    guest_write(g, gpa_of(TEST_GFN + 8), 5);
    expect_equal(m->count, 0, "violations with a default");
    expect_audit(g);
    expect_ok(view_switch(g->domid, less));
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 7)), 5, "page");
    expect_equal(m->count, 0, "violations of a read");
    expect_library(xenaltp2m_set_default(library(), g->domid, all,
                                         XEN_ALTP2M_NO_DEFAULT), 0);
    expect_access(g, all, TEST_GFN + 7, XENMEM_access_rx);
    expect_audit(g);
}

/* One view may write to a range, the others, view 0 too, may not see it. */
static void range_isolated(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, answer_view_0);
    uint16_t in = new_view(g), out = new_view(g), at = 99;

    guest_write(g, TEST_GPA, 0xa);
    guest_write(g, TEST_GPA + 0x1000, 0xc);
    expect_library(xenaltp2m_isolate(library(), g->domid, in, TEST_GFN, 512,
                                     XENMEM_access_rw, XENMEM_access_n, &at),
                   0);
    expect_access(g, in, TEST_GFN + 5, XENMEM_access_rw);
    expect_access(g, out, TEST_GFN + 5, XENMEM_access_n);
    expect_access(g, 0, TEST_GFN + 5, XENMEM_access_n);
    expect_access(g, 0, TEST_GFN + 512, XENMEM_access_rwx);
    expect_audit(g);

    expect_ok(view_switch(g->domid, in));
    expect_equal(guest_read(g, TEST_GPA), 0xa, "page in its view");
    guest_write(g, TEST_GPA, 0xb);
    expect_equal(m->count, 0, "violations in its view");
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_access_set(g->domid, 0, TEST_GFN + 1, XENMEM_access_r));
    expect_access(g, 0, TEST_GFN + 1, XENMEM_access_r);
    expect_equal(guest_read(g, TEST_GPA + 0x1000), 0xc, "page let be read");
    expect_equal(m->count, 0, "violations where it is let");

    expect_library(xenaltp2m_isolate(library(), g->domid, 7, TEST_GFN, 1,
                                     XENMEM_access_rw, XENMEM_access_n, &at),
                   -ENOENT);
    expect_library(xenaltp2m_isolate(library(), g->domid, in, TEST_GFN, 1,
                                     XENMEM_access_rw, XENMEM_access_w, &at),
                   -EOPNOTSUPP);
    expect_library(xenaltp2m_isolate(library(), g->domid, in, 1ULL << 36, 1,
                                     XENMEM_access_rw, XENMEM_access_n, &at),
                   -EINVAL);
    expect_access(g, out, TEST_GFN, XENMEM_access_n);
}

static void isolated_violation(const vm_event_request_t *request,
                               vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = 1;
}

/* Who comes too close in view 0 is told of. */
static void range_isolated_in_view_0(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = monitor_open(g, isolated_violation);
    uint16_t in = new_view(g);

    expect_equal(in, 1, "view");
    guest_write(g, TEST_GPA, 0xa);
    expect_library(xenaltp2m_isolate(library(), g->domid, in, TEST_GFN, 1,
                                     XENMEM_access_rw, XENMEM_access_n, NULL),
                   0);
    expect_equal(guest_read(g, TEST_GPA), 0xa, "page, by way of its view");
    expect_equal(m->count, 1, "violations");
    expect_equal(m->log[0].altp2m_idx, 0, "view of the violation");
    expect_view(g, 0, in);
}

const struct test tests_range[] = {
    { "range_ragged", NEEDS_VIEWS, range_ragged },
    { "range_large", NEEDS_VIEWS, range_large },
    { "range_over_overrides", NEEDS_VIEWS, range_over_overrides },
    { "range_refuses", NEEDS_VIEWS, range_refuses },
    { "range_without_memory", NEEDS_VIEWS, range_without_memory },
    { "range_default", NEEDS_VIEWS, range_default },
    { "range_in_use", NEEDS_VIEWS, range_in_use },
    { "range_default_cuts_tables", NEEDS_VIEWS, range_default_cuts_tables },
    { "range_default_over_host", NEEDS_VIEWS, range_default_over_host },
    { "range_isolated", NEEDS_VIEWS, range_isolated },
    { "range_isolated_in_view_0", NEEDS_VIEWS, range_isolated_in_view_0 },
    { 0 },
};
