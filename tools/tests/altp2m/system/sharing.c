/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: memory that two guests share, or that is only there once somebody asks,
 * under views that override just these pages.
 */
#include "guest.h"

#include <errno.h>

#define SHOWN_AT (TEST_GFN + 40)

static void sharing_on(struct guest *g)
{
    if ( xc_memshr_control(xch, g->domid, 1) )
        skip("this Xen has no page sharing (%s)", error_name(-errno));
}

static uint64_t nominate(struct guest *g, uint64_t gfn)
{
    uint64_t handle;

    expect(!xc_memshr_nominate_gfn(xch, g->domid, gfn, &handle),
           "can't share gfn %#llx: %s", (unsigned long long)gfn,
           error_name(-errno));
    return handle;
}

/* The page at TEST_GFN is @a's, and shown to @b at the same gfn. */
static void share(struct guest *a, struct guest *b)
{
    uint64_t of_a = nominate(a, TEST_GFN), of_b = nominate(b, TEST_GFN);

    expect(!xc_memshr_share_gfns(xch, a->domid, TEST_GFN, of_a, b->domid,
                                 TEST_GFN, of_b),
           "can't share: %s", error_name(-errno));
}

static void expect_reads(struct guest *g, uint16_t view, uint64_t gfn,
                         uint64_t value)
{
    expect_ok(view_switch(g->domid, view));
    expect_equal(guest_read(g, gpa_of(gfn)), value, "page in the view");
}

/*
 * Shared and written to through each kind of override: the writer gets a page of
 * its own, the other guest keeps the old one, and the overrides stay.
 */
static void sharing_in_views(void)
{
    struct guest *a = guest_with_views(), *b = guest_with_views();
    uint16_t plain, rights, remapped;

    sharing_on(a);
    sharing_on(b);
    plain = new_view(a);
    rights = new_view(a);
    remapped = new_view(a);
    expect_ok(view_access_set(a->domid, rights, TEST_GFN, XENMEM_access_rw));
    expect_ok(view_remap(a->domid, remapped, SHOWN_AT, TEST_GFN));

    for ( uint16_t writer = plain; writer <= remapped; writer++ )
    {
        uint64_t at = writer == remapped ? SHOWN_AT : TEST_GFN;

        host_write(a, TEST_GPA, 0x500 + writer);
        host_write(b, TEST_GPA, 0x500 + writer);
        share(a, b);
        expect_reads(a, plain, TEST_GFN, 0x500 + writer);
        expect_reads(a, rights, TEST_GFN, 0x500 + writer);
        expect_reads(a, remapped, SHOWN_AT, 0x500 + writer);
        expect_equal(guest_read(b, TEST_GPA), 0x500 + writer, "the other's");
        expect_access(a, rights, TEST_GFN, XENMEM_access_rw);

        expect_ok(view_switch(a->domid, writer));
        guest_write(a, gpa_of(at), 0x600 + writer);
        expect_reads(a, 0, TEST_GFN, 0x600 + writer);
        expect_reads(a, plain, TEST_GFN, 0x600 + writer);
        expect_reads(a, rights, TEST_GFN, 0x600 + writer);
        expect_reads(a, remapped, SHOWN_AT, 0x600 + writer);
        expect_equal(guest_read(b, TEST_GPA), 0x500 + writer,
                     "the other's, after the write");
        expect_access(a, rights, TEST_GFN, XENMEM_access_rw);
    }
}

/* Overrides on, and onto, pages that nobody has asked for yet. */
static void sharing_overrides_before_memory(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 32,
                                                        .pod_mib = 20 });
    const uint64_t gfn = 24 * MIB >> 12;
    uint16_t rights, remapped;

    expect_ok(view_state_set(g->domid, true));
    rights = new_view(g);
    remapped = new_view(g);
    expect_ok(view_access_set(g->domid, rights, gfn, XENMEM_access_rw));
    expect_ok(view_access_set(g->domid, rights, gfn + 1, XENMEM_access_r));
    expect_ok(view_remap(g->domid, remapped, TEST_GFN, gfn + 2));

    expect_ok(view_switch(g->domid, rights));
    guest_write(g, gpa_of(gfn), 0x91);
    expect_equal(guest_read(g, gpa_of(gfn + 1)), 0, "a page that is new");
    expect_ok(view_switch(g->domid, remapped));
    guest_write(g, TEST_GPA, 0x92);
    expect_equal(host_read(g, gpa_of(gfn + 2)), 0x92, "page behind the remap");
    expect_equal(guest_read(g, gpa_of(gfn)), 0x91, "page in another view");
    expect_access(g, rights, gfn, XENMEM_access_rw);
    expect_access(g, rights, gfn + 1, XENMEM_access_r);

    /* Taken away again, as a balloon does, and asked for anew. */
    expect_ok(host_drop(g, gfn + 2));
    expect_ok(host_populate(g, gfn + 2));
    host_write(g, gpa_of(gfn + 2), 0x93);
    expect_equal(guest_read(g, TEST_GPA), 0x93, "page populated anew");
}

const struct test tests_sharing[] = {
    { "sharing_in_views", NEEDS_VIEWS, sharing_in_views },
    { "sharing_overrides_before_memory", NEEDS_VIEWS, sharing_overrides_before_memory },
    { 0 },
};
