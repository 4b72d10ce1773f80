/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: many overrides at once, all or none. */
#include "library.h"
#include "monitor.h"

#include <stdlib.h>
#include <string.h>

#define SEED 41

static int apply(struct guest *g, uint16_t view,
                 const struct xen_altp2m_override *list, unsigned int nr)
{
    return of_library(xenaltp2m_apply(library(), g->domid, view, list, nr, 0,
                                      NULL));
}

static void batch_sets_each(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override list[] = {
        rights_of(TEST_GFN, 3, XENMEM_access_rx),
        remap_of(TEST_GFN + 8, 2, TEST_GFN + 20),
        rights_of(TEST_GFN + 512, 512, XENMEM_access_r),
    };
    const struct xen_altp2m_override end[] = {
        { .gfn = TEST_GFN, .count = 1, .set = XEN_ALTP2M_ACCESS,
          .access = XENMEM_access_rx },
        { .gfn = TEST_GFN + 2, .count = 1, .set = XEN_ALTP2M_ACCESS,
          .access = XENMEM_access_rx },
    };
    struct xen_altp2m_override undo[4];

    guest_fill(g, TEST_GPA, 1024, SEED);
    expect_ok(apply(g, view, list, 3));
    expect_overrides(g, view, list, 3);
    expect_audit(g);
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 2; i++ )
        expect_equal(guest_read(g, gpa_of(TEST_GFN + 8 + i)),
                     payload_pattern(gpa_of(TEST_GFN + 20 + i), SEED),
                     "remapped page");
    expect_access(g, view, TEST_GFN + 1023, XENMEM_access_r);

    /* Of a superpage's rights one page can be taken out, and all go back. */
    undo[0] = range_of(TEST_GFN + 1, 1);
    undo[1] = range_of(TEST_GFN + 8, 2);
    undo[2] = range_of(TEST_GFN + 512, 512);
    undo[0].clear = undo[2].clear = XEN_ALTP2M_ACCESS;
    undo[1].clear = XEN_ALTP2M_REMAP;
    expect_ok(apply(g, view, undo, 3));
    expect_overrides(g, view, end, 2);
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 8)),
                 payload_pattern(gpa_of(TEST_GFN + 8), SEED), "own page");
    undo[3] = range_of(TEST_GFN, 3);
    undo[3].clear = XEN_ALTP2M_ACCESS;
    expect_ok(apply(g, view, &undo[3], 1));
    expect_overrides(g, view, NULL, 0);
    expect_equal(view_info(g, view).tables_max, 1, "tables of an empty view");
    expect_audit(g);
}

/* The later of two records about one gfn counts. */
static void batch_in_order(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override list[] = {
        rights_of(TEST_GFN, 1, XENMEM_access_r),
        rights_of(TEST_GFN, 512, XENMEM_access_rx),
        rights_of(TEST_GFN + 5, 1, XENMEM_access_n),
        range_of(TEST_GFN + 6, 1),
        rights_of(TEST_GFN + 5, 1, XENMEM_access_rx),
    };

    list[3].clear = XEN_ALTP2M_ACCESS;
    expect_ok(apply(g, view, list, 5));
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect_access(g, view, TEST_GFN + 5, XENMEM_access_rx);
    expect_access(g, view, TEST_GFN + 6, XENMEM_access_rwx);
    expect_access(g, view, TEST_GFN + 511, XENMEM_access_rx);
    expect_audit(g);
}

/* A record that is wrong, wherever it is, has none done, and is named. */
static void batch_refuses(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override good = rights_of(TEST_GFN, 2, XENMEM_access_r);
    struct { struct xen_altp2m_override o; int rc; } bad[] = {
        { rights_of(TEST_GFN + 9, 1, XENMEM_access_default), -EINVAL },
        { rights_of(TEST_GFN + 9, 1, 77), -EINVAL },
        { rights_of(TEST_GFN + 9, 1, XENMEM_access_w), -EOPNOTSUPP },
        { rights_of(1ULL << 36, 1, XENMEM_access_r), -EINVAL },
        { rights_of((1ULL << 36) - 1, 2, XENMEM_access_r), -EINVAL },
        { rights_of(TEST_GFN, ~0ULL, XENMEM_access_r), -EINVAL },
        { rights_of(TEST_GFN + 1, 400, XENMEM_access_r), -E2BIG },
        { remap_of(TEST_GFN + 9, 1, 1ULL << 36), -EINVAL },
        { remap_of(TEST_GFN + 9, 1, HOLE_GFN), -ENXIO },
        { remap_of(HOLE_GFN, 1, TEST_GFN), -ENXIO },
        { { .gfn = TEST_GFN, .count = 1 }, -EINVAL },
        { { .gfn = TEST_GFN, .set = XEN_ALTP2M_ACCESS }, -EINVAL },
        { { .gfn = TEST_GFN, .count = 1, .set = 16 }, -EINVAL },
        { { .gfn = TEST_GFN, .count = 1, .set = 1, .clear = 1 }, -EINVAL },
        { { .gfn = TEST_GFN, .count = 1, .set = 2, .sve = 2 }, -EINVAL },
        { { .gfn = TEST_GFN, .count = 1, .sve = 1 }, -EINVAL },
        { { .gfn = TEST_GFN, .count = 1, .access = 1 }, -EINVAL },
        { { .gfn = TEST_GFN, .count = 1, .pad = 1 }, -EINVAL },
    };
    unsigned int before = pool_used(g), failed;

    for ( size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        struct xen_altp2m_override list[] = { good, bad[i].o, good };
        int rc = of_library(xenaltp2m_apply(library(), g->domid, view, list, 3,
                                            0, &failed));

        expect(rc == bad[i].rc, "bad record %zu: %s, not %s", i,
               error_name(rc), error_name(bad[i].rc));
        expect_equal(failed, 1, "record that is said to be wrong");
        expect_overrides(g, view, NULL, 0);
    }
    expect_equal(pool_used(g), before, "pages of the pool");
    expect_library(xenaltp2m_apply(library(), g->domid, 7, &good, 1, 0,
                                   &failed), -ENOENT);
    expect_equal(failed, 1, "no record is wrong");
    expect_library(xenaltp2m_apply(library(), g->domid, view, &good, 1, 2,
                                   NULL), -EINVAL);
    expect_ok(apply(g, view, &good, 0));
    expect_ok(apply(g, view, &good, 1));
    guest_alive(g);
}

/* Without the memory for all of them, there is none of them. */
static void batch_without_memory(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 88 });
    struct xen_altp2m_override list[32];
    uint16_t view;
    unsigned int used;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    for ( unsigned int i = 0; i < 32; i++ )
        list[i] = rights_of(TEST_GFN + i * 512, 1, XENMEM_access_rx);
    pool_leave(g, 20);
    used = view_info(g, view).tables;
    expect_rc(apply(g, view, list, 32), -ENOMEM);
    expect_overrides(g, view, NULL, 0);
    expect_equal(view_info(g, view).tables, used, "tables of the view");
    expect_audit(g);
    guest_alive(g);

    pool_leave(g, 200);
    expect_ok(apply(g, view, list, 32));
    expect_overrides(g, view, list, 32);
    expect_audit(g);
}

/* As many as a monitor may want, in as many calls as it takes. */
#define MANY 4096

static int count_calls(void *arg, uint64_t done, uint64_t total)
{
    (*(unsigned int *)arg)++;
    return done > total ? -1 : 0;
}

static int stop_soon(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)total;
    return done >= 1000;
}

static void batch_in_parts(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 64 });
    struct xen_altp2m_override *list = calloc(MANY, sizeof(*list)), *back;
    unsigned int calls = 0;
    uint16_t view, other;
    size_t failed, nr;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    other = new_view(g);
    for ( unsigned int i = 0; i < MANY; i++ )
        list[i] = rights_of(TEST_GFN + i, 1, i & 1 ? XENMEM_access_r
                                                   : XENMEM_access_rx);
    expect_library(xenaltp2m_apply_all(library(), g->domid, view, list, MANY, 0,
                                       count_calls, &calls, &failed), 0);
    expect(calls >= MANY / 512 && calls <= MANY / 64, "%u calls", calls);
    expect_equal(view_info(g, view).access_gfns, MANY, "gfns with an access");
    expect_audit(g);

    /* What is read is what can be applied: the same view, gfn by gfn. */
    expect_library(xenaltp2m_all_overrides(library(), g->domid, view, 0,
                                           XEN_ALTP2M_NONE, &back, &nr), 0);
    expect_library(xenaltp2m_apply_all(library(), g->domid, other, back, nr, 0,
                                       NULL, NULL, NULL), 0);
    expect_overrides(g, other, back, nr);
    free(back);

    expect_library(xenaltp2m_apply_all(library(), g->domid, view, list, MANY, 0,
                                       stop_soon, NULL, &failed), -ECANCELED);
    expect(failed >= 1000 && failed < 2000, "stopped at %zu", failed);
    list[3000].access = 99;
    expect_library(xenaltp2m_apply_all(library(), g->domid, view, list, MANY, 0,
                                       NULL, NULL, &failed), -EINVAL);
    expect_equal(failed, 3000, "record that is said to be wrong");
    free(list);
    guest_alive(g);
}

/* A remap to where there is nothing, kept until there is. */
static void batch_dormant(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_override o = remap_of(TEST_GFN, 1, TEST_GFN + 5), *back;
    size_t nr;

    guest_fill(g, TEST_GPA, 16, SEED);
    expect_ok(host_drop(g, TEST_GFN + 5));
    expect_rc(apply(g, view, &o, 1), -ENXIO);
    expect_library(xenaltp2m_apply(library(), g->domid, view, &o, 1,
                                   XEN_ALTP2M_APPLY_DORMANT, NULL), 0);
    expect_library(xenaltp2m_all_overrides(library(), g->domid, view, 0,
                                           XEN_ALTP2M_NONE, &back, &nr), 0);
    expect(nr == 1 && back[0].dormant && back[0].target == TEST_GFN + 5,
           "the dormant remap");
    free(back);
    expect_ok(view_switch(g->domid, view));
    expect_equal(guest_read(g, TEST_GPA), payload_pattern(TEST_GPA, SEED),
                 "own page");
    expect_ok(host_populate(g, TEST_GFN + 5));
    host_write(g, gpa_of(TEST_GFN + 5), 0x55);
    expect_equal(guest_read(g, TEST_GPA), 0x55, "the target's page");
    expect_equal(view_info(g, view).dormant, 0, "dormant");
    expect_audit(g);
}

const struct test tests_batch[] = {
    { "batch_sets_each", NEEDS_VIEWS, batch_sets_each },
    { "batch_in_order", NEEDS_VIEWS, batch_in_order },
    { "batch_refuses", NEEDS_VIEWS, batch_refuses },
    { "batch_without_memory", NEEDS_VIEWS, batch_without_memory },
    { "batch_in_parts", NEEDS_VIEWS, batch_in_parts },
    { "batch_dormant", NEEDS_VIEWS, batch_dormant },
    { 0 },
};
