/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the suppress-#VE bit. */
#include "guest.h"
#include "refusal.h"

#include <errno.h>

static void expect_suppress(struct guest *g, uint16_t view, uint64_t gfn,
                            bool wanted)
{
    bool got = !wanted;
    int rc = view_suppress_get(g->domid, view, gfn, &got);

    expect(!rc, "suppress-#VE of gfn %#llx in view %u: %s",
           (unsigned long long)gfn, view, error_name(rc));
    expect(got == wanted, "suppress-#VE of gfn %#llx in view %u is %d",
           (unsigned long long)gfn, view, got);
}

static void suppress_set_get(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);

    expect_suppress(g, a, TEST_GFN, true);
    expect_ok(view_suppress_set(g->domid, a, TEST_GFN, false));
    expect_suppress(g, a, TEST_GFN, false);
    expect_suppress(g, a, TEST_GFN + 1, true);
    expect_suppress(g, b, TEST_GFN, true);
    expect_ok(view_suppress_set(g->domid, a, TEST_GFN, true));
    expect_suppress(g, a, TEST_GFN, true);
}

/* Rights, remap and this bit are set one without the others. */
static void suppress_apart_from_rights(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rx));
    expect_suppress(g, view, TEST_GFN, true);
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN, false));
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_suppress(g, view, TEST_GFN, false);
}

static int suppress_many(struct guest *g, altp2m_op_t *op, uint16_t view,
                         uint64_t first, uint64_t last, bool on)
{
    *op = op_new(g->domid, HVMOP_altp2m_set_suppress_ve_multi);
    op->u.suppress_ve_multi.view = view;
    op->u.suppress_ve_multi.first_gfn = first;
    op->u.suppress_ve_multi.last_gfn = last;
    op->u.suppress_ve_multi.suppress_ve = on;
    return op_do(op);
}

static void suppress_range(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    altp2m_op_t op;

    expect_ok(suppress_many(g, &op, view, TEST_GFN, TEST_GFN + 700, false));
    expect_equal(op.u.suppress_ve_multi.first_error, 0, "first error");
    expect_suppress(g, view, TEST_GFN, false);
    expect_suppress(g, view, TEST_GFN + 511, false);
    expect_suppress(g, view, TEST_GFN + 700, false);
    expect_suppress(g, view, TEST_GFN + 701, true);
    expect_ok(suppress_many(g, &op, view, TEST_GFN + 2, TEST_GFN + 2, true));
    expect_suppress(g, view, TEST_GFN + 1, false);
    expect_suppress(g, view, TEST_GFN + 2, true);
    guest_alive(g);
}

/* A hole is told of, and does not stop the rest. */
static void suppress_range_with_hole(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    altp2m_op_t op;

    expect_ok(host_drop(g, TEST_GFN + 4));
    expect_ok(suppress_many(g, &op, view, TEST_GFN, TEST_GFN + 9, false));
    expect(op.u.suppress_ve_multi.first_error, "no error told");
    expect_equal(op.u.suppress_ve_multi.first_error_gfn, TEST_GFN + 4,
                 "gfn of the first error");
    expect_suppress(g, view, TEST_GFN + 3, false);
    expect_suppress(g, view, TEST_GFN + 9, false);
}

static void right_suppress(altp2m_op_t *op)
{
    if ( op->cmd == HVMOP_altp2m_set_suppress_ve_multi )
    {
        op->u.suppress_ve_multi.view = 1;
        op->u.suppress_ve_multi.first_gfn = TEST_GFN;
        op->u.suppress_ve_multi.last_gfn = TEST_GFN;
        return;
    }
    op->u.suppress_ve.view = 1;
    op->u.suppress_ve.gfn = TEST_GFN;
}

static void suppress_refuses(void)
{
    static const struct refusal rows[] = {
        { HVMOP_altp2m_set_suppress_ve, FIELD(u.suppress_ve.view), 2, -EINVAL },
        { HVMOP_altp2m_set_suppress_ve, FIELD(u.suppress_ve.view), 0xffff,
          -EINVAL },
        { HVMOP_altp2m_set_suppress_ve, FIELD(u.suppress_ve.pad1), 1, -EINVAL },
        { HVMOP_altp2m_set_suppress_ve, FIELD(u.suppress_ve.pad2), 1, -EINVAL },
        { HVMOP_altp2m_get_suppress_ve, FIELD(u.suppress_ve.view), 2, -EINVAL },
        { HVMOP_altp2m_get_suppress_ve, FIELD(u.suppress_ve.view), 0xffff,
          -EINVAL },
        { HVMOP_altp2m_get_suppress_ve, FIELD(u.suppress_ve.pad1), 1, -EINVAL },
        { HVMOP_altp2m_get_suppress_ve, FIELD(u.suppress_ve.pad2), 1, -EINVAL },
        { HVMOP_altp2m_set_suppress_ve_multi, FIELD(u.suppress_ve_multi.view),
          2, -EINVAL },
        { HVMOP_altp2m_set_suppress_ve_multi, FIELD(u.suppress_ve_multi.view),
          0xffff, -EINVAL },
        { HVMOP_altp2m_set_suppress_ve_multi,
          FIELD(u.suppress_ve_multi.last_gfn), TEST_GFN - 1, -EINVAL },
        { 0 },
    };
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    bool on;
    int rc;

    expect_refusals(g, rows, right_suppress, by_dom0);
    rc = view_suppress_set(g->domid, view, HOLE_GFN, false);
    expect(rc == -ESRCH || rc == -EINVAL, "hole: %s", error_name(rc));
    rc = view_suppress_get(g->domid, view, HOLE_GFN, &on);
    expect(rc == -ESRCH || rc == -EINVAL, "hole: %s", error_name(rc));
    expect_suppress(g, view, TEST_GFN, true);
}

const struct test tests_suppress[] = {
    { "suppress_set_get", NEEDS_VE, suppress_set_get },
    { "suppress_apart_from_rights", NEEDS_VE, suppress_apart_from_rights },
    { "suppress_range", NEEDS_VE, suppress_range },
    { "suppress_range_with_hole", NEEDS_VE, suppress_range_with_hole },
    { "suppress_refuses", NEEDS_VE, suppress_refuses },
    { 0 },
};
