/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the library's calls for what most programs do. */
#include "library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* One gfn: its rights and its remap, set and taken back. */
static void shorthand_gfn(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    unsigned int access;

    expect_library(xenaltp2m_set_access(library(), g->domid, view, TEST_GFN,
                                        XENALTP2M_RX), 0);
    expect_library(xenaltp2m_get_access(library(), g->domid, view, TEST_GFN,
                                        &access), 0);
    expect_equal(access, XENALTP2M_RX, "access");
    expect_access(g, view, TEST_GFN + 1, XENMEM_access_rwx);
    expect_access(g, 0, TEST_GFN, XENMEM_access_rwx);
    expect_library(xenaltp2m_set_access(library(), g->domid, view, TEST_GFN,
                                        XENALTP2M_HOST), 0);
    expect_overrides(g, view, NULL, 0);
    expect_library(xenaltp2m_set_access(library(), g->domid, view, TEST_GFN,
                                        12), -EINVAL);
    expect_library(xenaltp2m_set_access(library(), g->domid, view, TEST_GFN,
                                        300), -EINVAL);
    expect_library(xenaltp2m_set_access(library(), g->domid, 9, TEST_GFN,
                                        XENALTP2M_R), -ENOENT);
    expect_library(xenaltp2m_set_access(library(), 999, view, TEST_GFN,
                                        XENALTP2M_R), -ESRCH);

    guest_fill(g, TEST_GPA, 16, 3);
    expect_library(xenaltp2m_remap(library(), g->domid, view, TEST_GFN,
                                   TEST_GFN + 5), 0);
    expect_ok(view_switch(g->domid, view));
    expect_equal(guest_read(g, TEST_GPA),
                 payload_pattern(gpa_of(TEST_GFN + 5), 3), "page shown");
    expect_library(xenaltp2m_remap(library(), g->domid, view, TEST_GFN,
                                   XEN_ALTP2M_NONE), 0);
    expect_equal(guest_read(g, TEST_GPA), payload_pattern(TEST_GPA, 3),
                 "its own page again");
    expect_library(xenaltp2m_remap(library(), g->domid, view, TEST_GFN,
                                   0x90000), -ENXIO);
    guest_alive(g);
}

/* Whoever reads the test page in a view goes on in another. */
static void switch_by_rule(struct guest *g, uint16_t view, uint16_t to)
{
    const struct xen_altp2m_rule rule = {
        .gfn = TEST_GFN, .count = 1, .offset_last = 0xfff,
        .rip_last = XEN_ALTP2M_NONE, .access = XEN_ALTP2M_RULE_READ,
        .cpl = 0xf, .action = XEN_ALTP2M_RULE_SWITCH, .view = to,
    };

    expect_library(xenaltp2m_set_rules(library(), g->domid, view, &rule, 1,
                                       NULL), 0);
}

static void shorthand_vcpus(void)
{
    struct guest *g = guest_with_views();
    uint16_t views[3] = { new_view(g), new_view(g), new_view(g) }, in = 9;
    struct xen_altp2m_cr3_view cr3 = { .value = 0x5000, .mask = ~0ULL };
    size_t nr;
    struct xen_altp2m_view *list;

    expect_ok(view_switch(g->domid, views[1]));
    expect_library(xenaltp2m_get_vcpu_view(library(), g->domid, 0, &in), 0);
    expect_equal(in, views[1], "view of vCPU 0");
    expect_library(xenaltp2m_get_vcpu_view(library(), g->domid, 7, &in),
                   -ENOENT);

    /* The one that it is in goes, too, and one that a rule leads to. */
    switch_by_rule(g, views[2], views[0]);
    expect_rc(view_destroy(g->domid, views[0]), -EBUSY);
    expect_library(xenaltp2m_destroy_all(library(), g->domid), 0);
    expect_library(xenaltp2m_all_views(library(), g->domid, &list, &nr), 0);
    expect_equal(nr, 1, "views");
    free(list);
    expect_view(g, 0, 0);
    expect_library(xenaltp2m_destroy_all(library(), g->domid), 0);

    /* Nor do views by CR3 keep any, or take vCPUs back. */
    cr3.view = new_view(g);
    expect_library(xenaltp2m_set_cr3_views(library(), g->domid, &cr3, 1,
                                           new_view(g), NULL), 0);
    expect_library(xenaltp2m_destroy_all(library(), g->domid), 0);
    expect_library(xenaltp2m_all_views(library(), g->domid, &list, &nr), 0);
    expect_equal(nr, 1, "views");
    free(list);
    expect_library(xenaltp2m_get_cr3_views(library(), g->domid, NULL, 0, NULL),
                   0);
    expect_view(g, 0, 0);

    /* No rule of view 0 takes a vCPU back into one. */
    expect_ok(view_access_set(g->domid, 0, TEST_GFN, XENMEM_access_n));
    switch_by_rule(g, 0, new_view(g));
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA));
    do
        expect_library(xenaltp2m_get_vcpu_view(library(), g->domid, 0, &in), 0);
    while ( !in );
    expect_library(xenaltp2m_destroy_all(library(), g->domid), 0);
    guest_alive(g);
    expect_ok(view_state_set(g->domid, false));
    expect_library(xenaltp2m_destroy_all(library(), g->domid), -EOPNOTSUPP);
    guest_alive(g);
}

/*
 * This process without memory is told apart from a domain without: nothing is
 * set.  The first call has the stack take what it needs; the buffer that its
 * handle keeps is too small for the second.
 */
static void shorthand_no_memory(void)
{
    struct guest *g = guest_with_views();
    xenaltp2m_handle *h = xenaltp2m_open(NULL, 0);
    uint16_t view = new_view(g);
    struct xen_altp2m_override list[128];
    struct rlimit limit, none;
    int rc;

    for ( unsigned int i = 0; i < 128; i++ )
        list[i] = rights_of(TEST_GFN + 2 * i, 1, XENALTP2M_R);
    expect(h, "handle");
    expect_library(xenaltp2m_apply(h, g->domid, 9, list, 1, 0, NULL), -ENOENT);
    expect_ok(getrlimit(RLIMIT_AS, &limit));
    none = limit;
    none.rlim_cur = 0;
    expect_ok(setrlimit(RLIMIT_AS, &none));
    rc = xenaltp2m_apply(h, g->domid, view, list, 128, 0, NULL) ? -errno : 0;
    expect_ok(setrlimit(RLIMIT_AS, &limit));
    expect_equal(rc, -ENOBUFS, "result without memory");
    expect_overrides(g, view, NULL, 0);
    expect_library(xenaltp2m_apply(h, g->domid, view, list, 128, 0, NULL), 0);
    expect_overrides(g, view, list, 128);
    expect_ok(xenaltp2m_close(h));
}

/* Every right there is, in both forms and back. */
static void shorthand_rights(void)
{
    unsigned int access;

    for ( unsigned int i = 0; i <= XENALTP2M_R_PW; i++ )
    {
        expect_ok(xenaltp2m_access_parse(xenaltp2m_access_name(i), &access));
        expect_equal(access, i, "right by its name");
        expect_ok(xenaltp2m_access_parse(xenaltp2m_access_text(i), &access));
        expect_equal(access, i, "right by its text");
    }
    expect(!strcmp(xenaltp2m_access_text(XENMEM_access_rx), "r-x") &&
           !strcmp(xenaltp2m_access_name(XENMEM_access_rw), "rw"), "texts");
    expect_ok(xenaltp2m_access_parse("host", &access));
    expect_equal(access, XENALTP2M_HOST, "host");
    expect_library(xenaltp2m_access_parse("xr", &access), -EINVAL);
}

const struct test tests_shorthand[] = {
    { "shorthand_gfn", NEEDS_VIEWS, shorthand_gfn },
    { "shorthand_vcpus", NEEDS_VIEWS, shorthand_vcpus },
    { "shorthand_no_memory", NEEDS_VIEWS, shorthand_no_memory },
    { "shorthand_rights", NEEDS_NOTHING, shorthand_rights },
    { 0 },
};
