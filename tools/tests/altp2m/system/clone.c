/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: a view made like another. */
#include "library.h"
#include "refusal.h"

#include <stdlib.h>

#define SEED 61

static int clone(struct guest *g, uint16_t view, uint16_t *new)
{
    return of_library(xenaltp2m_clone(library(), g->domid, view, new));
}

static void clone_is_alike(void)
{
    struct guest *g = guest_with_views();
    uint16_t view, new = 99;
    struct xen_altp2m_override *list;
    size_t nr;

    guest_fill(g, TEST_GPA, 1024, SEED);
    expect_library(xenaltp2m_create(library(), g->domid, XENMEM_access_rw,
                                    &view), 0);
    expect_ok(view_visible(g->domid, view, false));
    for ( unsigned int i = 0; i < 100; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i * 9,
                                  XENMEM_access_rwx));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 4, TEST_GFN + 700));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN + 5, false));
    expect_ok(clone(g, view, &new));
    expect_equal(new, view + 1, "index");
    expect_library(xenaltp2m_all_overrides(library(), g->domid, view, 0,
                                           XEN_ALTP2M_NONE, &list, &nr), 0);
    expect_overrides(g, new, list, nr);
    free(list);
    expect_equal(view_info(g, new).default_access, XENMEM_access_rw,
                 "default access");
    expect_equal(view_info(g, new).flags, 0, "flags: hidden, too");
    expect_audit(g);

    /* Each is on its own from then on. */
    expect_ok(view_remap(g->domid, view, TEST_GFN + 4, NO_GFN));
    expect_library(xenaltp2m_set_default(library(), g->domid, new,
                                         XENMEM_access_rwx), 0);
    expect_ok(view_visible(g->domid, new, true));
    expect_ok(view_switch(g->domid, new));
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 4)),
                 payload_pattern(gpa_of(TEST_GFN + 700), SEED), "page");
    expect_ok(view_destroy(g->domid, view));
    expect_audit(g);
    guest_alive(g);
}

static void right_clone(altp2m_op_t *op)
{
    ((struct xen_altp2m_clone *)&op->u)->view = 1;
}

static void clone_refuses(void)
{
#define ROW(field, value, error)                                          \
        { HVMOP_altp2m_clone, OWN_FIELD(clone, field), value, error }
    static const struct refusal rows[] = {
        ROW(view, 7, -ENOENT),
        ROW(view, 512, -ENOENT),
        ROW(view, 0xffff, -ENOENT),
        ROW(clone, 1, -EINVAL),     /* nobody has begun these */
        ROW(clone, 512, -EINVAL),
        ROW(pad, 1, -EINVAL),
        { 0 },
    };
#undef ROW
    struct guest *g = guest_new(&(struct guest_config){ .mib = 88 });
    uint16_t view, new = 99;
    unsigned int used;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    expect_refusals(g, rows, right_clone, by_dom0);

    for ( unsigned int i = 0; i < 30; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i * 512,
                                  XENMEM_access_rx));
    pool_leave(g, 12);
    used = pool_used(g);
    expect_rc(clone(g, view, &new), -ENOMEM);
    expect_equal(pool_used(g), used, "pages of the pool");
    expect_rc(view_destroy(g->domid, view + 1), -EBUSY);
    pool_leave(g, 200);
    expect_ok(clone(g, view, &new));
    expect_equal(view_info(g, new).access_gfns, 30, "gfns with an access");
    expect_audit(g);
    guest_alive(g);
}

/* View 0's own overrides are cloned, and not the host's. */
static void clone_view_0(void)
{
    struct guest *g = guest_with_views();
    struct xen_altp2m_override o = rights_of(TEST_GFN, 1, XENMEM_access_r);
    uint16_t new;

    expect_library(xenaltp2m_apply(library(), g->domid, 0, &o, 1, 0, NULL), 0);
    expect_ok(clone(g, 0, &new));
    expect_overrides(g, new, &o, 1);
    expect_access(g, new, TEST_GFN + 1, XENMEM_access_rwx);
    expect_ok(view_switch(g->domid, new));
    guest_alive(g);
}

const struct test tests_clone[] = {
    { "clone_is_alike", NEEDS_VIEWS, clone_is_alike },
    { "clone_refuses", NEEDS_VIEWS, clone_refuses },
    { "clone_view_0", NEEDS_VIEWS, clone_view_0 },
    { 0 },
};
