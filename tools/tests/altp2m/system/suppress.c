/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the suppress-#VE bit. */
#include "guest.h"

#include <errno.h>

#define HOLE_GFN 0x90000

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

static void suppress_refuses(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    uint32_t d = g->domid;
    altp2m_op_t op;
    bool on;
    int rc;

    expect_rc(view_suppress_set(d, view + 1, TEST_GFN, false), -EINVAL);
    expect_rc(view_suppress_set(d, 0xffff, TEST_GFN, false), -EINVAL);
    expect_rc(view_suppress_get(d, view + 1, TEST_GFN, &on), -EINVAL);
    expect_rc(view_suppress_get(d, 0xffff, TEST_GFN, &on), -EINVAL);
    rc = view_suppress_set(d, view, HOLE_GFN, false);
    expect(rc == -ESRCH || rc == -EINVAL, "hole: %s", error_name(rc));
    rc = view_suppress_get(d, view, HOLE_GFN, &on);
    expect(rc == -ESRCH || rc == -EINVAL, "hole: %s", error_name(rc));

    expect_rc(suppress_many(g, &op, view, TEST_GFN + 1, TEST_GFN, false),
              -EINVAL);
    expect_rc(suppress_many(g, &op, view + 1, TEST_GFN, TEST_GFN, false),
              -EINVAL);
    expect_rc(suppress_many(g, &op, 0xffff, TEST_GFN, TEST_GFN, false),
              -EINVAL);

    for ( unsigned int i = 0; i < 2; i++ )
    {
        op = op_new(d, i ? HVMOP_altp2m_set_suppress_ve :
                           HVMOP_altp2m_get_suppress_ve);
        op.u.suppress_ve.view = view;
        op.u.suppress_ve.gfn = TEST_GFN;
        op.u.suppress_ve.pad1 = 1;
        expect_rc(op_do(&op), -EINVAL);
        op.u.suppress_ve.pad1 = 0;
        op.u.suppress_ve.pad2 = 1;
        expect_rc(op_do(&op), -EINVAL);
    }
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
