/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: another frame behind a gfn, in one view. */
#include "guest.h"
#include "refusal.h"

#include <errno.h>

#define SEED     11

static uint64_t pattern(uint64_t gfn)
{
    return payload_pattern(gpa_of(gfn), SEED);
}

static struct guest *filled_guest(uint16_t *view)
{
    struct guest *g = guest_with_views();

    *view = new_view(g);
    guest_fill(g, TEST_GPA, 1024, SEED);
    return g;
}

static void expect_reads(struct guest *g, uint64_t gfn, uint64_t as_gfn)
{
    expect_equal(guest_read(g, gpa_of(gfn)), pattern(as_gfn), "page read");
}

static void remap_shows_target(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 5));
    expect_reads(g, TEST_GFN, TEST_GFN);
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 5);
    expect_reads(g, TEST_GFN + 1, TEST_GFN + 1);
    expect_reads(g, TEST_GFN + 5, TEST_GFN + 5);

    /* A write goes where the view points. */
    guest_write(g, gpa_of(TEST_GFN), 0x99);
    expect_equal(host_read(g, gpa_of(TEST_GFN + 5)), 0x99, "target");
    expect_equal(host_read(g, gpa_of(TEST_GFN)), pattern(TEST_GFN), "own page");

    expect_ok(view_remap(g->domid, view, TEST_GFN, NO_GFN));
    expect_reads(g, TEST_GFN, TEST_GFN);
}

static void remap_again(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 1; i < 20; i++ )
    {
        expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + i * 37));
        expect_reads(g, TEST_GFN, TEST_GFN + i * 37);
    }
    /* To itself is to what it shows. */
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN));
    expect_reads(g, TEST_GFN, TEST_GFN + 19 * 37);
}

/* Undoing what was never done is no error, and leaves neighbours alone. */
static void remap_undo_nothing(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rx));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, NO_GFN));
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect_ok(view_switch(g->domid, view));
    guest_verify(g, TEST_GPA, 16, SEED);
}

static bool suppressed(struct guest *g, uint16_t view, uint64_t gfn)
{
    bool suppress;

    expect_ok(view_suppress_get(g->domid, view, gfn, &suppress));
    return suppress;
}

/*
 * A remap brings the rights that its target has in the view, and takes those
 * that were there before; they can be others afterwards.
 */
static void remap_replaces_rights(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_n));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN, false));
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 3, XENMEM_access_rx));
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 3));
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect(suppressed(g, view, TEST_GFN), "#VE is left from before");
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 3, XENMEM_access_r));
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 3);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_access(g, view, TEST_GFN, XENMEM_access_r);
    expect_reads(g, TEST_GFN, TEST_GFN + 3);
}

/* How clients take a trap away: everything goes, where nothing is remapped too. */
static void remap_undo_takes_rights(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_n));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN, false));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 3));
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 1, XENMEM_access_n));
    expect_ok(view_remap(g->domid, view, TEST_GFN, NO_GFN));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, NO_GFN));
    expect_access(g, view, TEST_GFN, XENMEM_access_rwx);
    expect_access(g, view, TEST_GFN + 1, XENMEM_access_rwx);
    expect(suppressed(g, view, TEST_GFN), "#VE is left");
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN);
    expect_reads(g, TEST_GFN + 1, TEST_GFN + 1);
    guest_write(g, gpa_of(TEST_GFN), 5);
}

/* A remap shows what its target shows in the view then. */
static void remap_of_remap(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 2));
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 2);
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, NO_GFN));
    expect_reads(g, TEST_GFN, TEST_GFN + 2);
    expect_reads(g, TEST_GFN + 1, TEST_GFN + 1);
}

static void right_remap(altp2m_op_t *op)
{
    op->u.change_gfn.view = 1;
    op->u.change_gfn.old_gfn = TEST_GFN;
    op->u.change_gfn.new_gfn = TEST_GFN + 2;
}

static void remap_refuses(void)
{
    static const struct refusal rows[] = {
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.view), 2, -EINVAL },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.view), 512, -EINVAL },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.view), 0xffff, -EINVAL },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.new_gfn), HOLE_GFN,
          -ESRCH },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.old_gfn), HOLE_GFN,
          -ESRCH },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.new_gfn), 1ULL << 40,
          -ESRCH },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.old_gfn), 1ULL << 40,
          -ESRCH },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.pad1), 1, -EINVAL },
        { HVMOP_altp2m_change_gfn, FIELD(u.change_gfn.pad2), 1, -EINVAL },
        { 0 },
    };
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect_equal(view, 1, "the view");
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    expect_refusals(g, rows, right_remap, by_dom0);
    expect_ok(view_remap(g->domid, view, 1ULL << 40, NO_GFN));
    expect_ok(view_remap(g->domid, view, HOLE_GFN, NO_GFN));

    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 1);
}

/* Other code at the same address: what hidden breakpoints are made of. */
static void remap_code(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, TEST_GPA, 0x111));
    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, TEST_GPA + 0x1000, 0x222));
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    for ( unsigned int i = 0; i < 4; i++ )
    {
        expect_ok(view_switch(g->domid, (i & 1) ? view : 0));
        expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, TEST_GPA))->result[0],
                     (i & 1) ? 0x222 : 0x111, "value returned by the code");
    }
}

static void remap_of_all_pages(void)
{
    uint16_t view;
    struct guest *g = filled_guest(&view);

    for ( unsigned int i = 0; i < 512; i++ )
        expect_ok(view_remap(g->domid, view, TEST_GFN + i,
                             TEST_GFN + 1023 - i));
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 512; i += 7 )
        expect_reads(g, TEST_GFN + i, TEST_GFN + 1023 - i);
    for ( unsigned int i = 0; i < 512; i += 2 )
        expect_ok(view_remap(g->domid, view, TEST_GFN + i, NO_GFN));
    for ( unsigned int i = 0; i < 512; i += 7 )
        expect_reads(g, TEST_GFN + i,
                     (i & 1) ? TEST_GFN + 1023 - i : TEST_GFN + i);
}

/*
 * What the guest gives to Xen, and gets from it, is in the page that its view
 * shows: a hypercall's argument in a remapped page.
 */
static void remap_seen_by_xen(void)
{
    uint64_t gpa = gpa_of(TEST_GFN), own, wanted;
    uint16_t view;
    struct guest *g = filled_guest(&view);

    expect(!xc_hvm_param_get(xch, g->domid, HVM_PARAM_STORE_PFN, &wanted),
           "parameter: %s", error_name(-errno));
    own = host_read(g, gpa + 8);
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 5));
    expect_ok(view_switch(g->domid, view));

    guest_write(g, gpa, DOMID_SELF | ((uint64_t)HVM_PARAM_STORE_PFN << 32));
    guest_write(g, gpa + 8, ~wanted);
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                                        HVMOP_get_param, gpa))->result[0], 0,
                 "hypercall");
    expect_equal(guest_read(g, gpa + 8), wanted, "what the guest gets");
    expect_equal(host_read(g, gpa_of(TEST_GFN + 5) + 8), wanted, "target");
    expect_equal(host_read(g, gpa + 8), own, "own page");
}

const struct test tests_remap[] = {
    { "remap_shows_target", NEEDS_VIEWS, remap_shows_target },
    { "remap_again", NEEDS_VIEWS, remap_again },
    { "remap_undo_nothing", NEEDS_VIEWS, remap_undo_nothing },
    { "remap_replaces_rights", NEEDS_VIEWS, remap_replaces_rights },
    { "remap_undo_takes_rights", NEEDS_VIEWS, remap_undo_takes_rights },
    { "remap_of_remap", NEEDS_VIEWS, remap_of_remap },
    { "remap_refuses", NEEDS_VIEWS, remap_refuses },
    { "remap_code", NEEDS_VIEWS, remap_code },
    { "remap_of_all_pages", NEEDS_VIEWS, remap_of_all_pages },
    { "remap_seen_by_xen", NEEDS_VIEWS, remap_seen_by_xen },
    { 0 },
};
