/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: views of VM forks.  A fork's page is copied from its parent when it is
 * first asked for, which includes an operation that names it; resetting the fork
 * drops what it has copied, and its views go on.
 */
#include "library.h"
#include "monitor.h"

#include <errno.h>

#define SEED  71
#define PAGES 64

static uint64_t pattern(uint64_t gfn)
{
    return payload_pattern(gpa_of(gfn), SEED);
}

/* A guest with a pattern in its pages, and a fork of it with views on. */
static struct guest *new_fork(struct guest **parent)
{
    struct guest *g = guest_with_views();

    if ( guest_do(g, 0, COMMAND(CMD_FEATURES))->result[0] != FEATURE_INTEL )
        skip("Xen forks guests on Intel only");
    guest_fill(g, TEST_GPA, PAGES, SEED);
    *parent = g;
    g = guest_fork(g);
    expect_ok(view_state_set(g->domid, true));
    return g;
}

static void expect_reads(struct guest *g, uint64_t gfn, uint64_t as_gfn)
{
    expect_equal(guest_read(g, gpa_of(gfn)), pattern(as_gfn), "page read");
}

/* The parent's memory is as it was: the fork's writes are its own. */
static void expect_parent(struct guest *parent)
{
    for ( unsigned int i = 0; i < PAGES; i++ )
        expect_equal(host_read(parent, gpa_of(TEST_GFN + i)),
                     pattern(TEST_GFN + i), "page of the parent");
}

/* Rights of pages that aren't copied yet, by each operation that sets them. */
static void fork_rights(void)
{
    struct guest *parent, *g = new_fork(&parent);
    const uint64_t list[] = { TEST_GFN + 2, TEST_GFN + 3 };
    const uint8_t rights[] = { XENMEM_access_r, XENMEM_access_rw };
    const struct xen_altp2m_override ours =
        rights_of(TEST_GFN + 4, 2, XENMEM_access_r);
    uint16_t view = new_view(g);
    struct monitor *m;
    bool on;

    expect_access(g, view, TEST_GFN, XENMEM_access_rwx);
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 1, XENMEM_access_rx));
    expect_access(g, view, TEST_GFN + 1, XENMEM_access_rx);
    expect_ok(view_access_set_many(g->domid, view, list, rights, 2));
    expect_access(g, view, TEST_GFN + 2, XENMEM_access_r);
    expect_access(g, view, TEST_GFN + 3, XENMEM_access_rw);
    expect_library(xenaltp2m_apply(library(), g->domid, view, &ours, 1, 0,
                                   NULL), 0);
    expect_access(g, view, TEST_GFN + 4, XENMEM_access_r);
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN + 6, false));
    expect_ok(view_suppress_get(g->domid, view, TEST_GFN + 6, &on));
    expect(!on, "suppress #VE of a page that wasn't copied");
    expect_ok(view_access_set(g->domid, 0, TEST_GFN + 7, XENMEM_access_r));
    expect_access(g, 0, TEST_GFN + 7, XENMEM_access_r);

    m = monitor_open(g, answer_view_0);
    for ( unsigned int i = 1; i <= 5; i++ )
    {
        unsigned int events = m->count;
        bool writable = i == 3;

        expect_ok(view_switch(g->domid, view));
        expect_reads(g, TEST_GFN + i, TEST_GFN + i);
        guest_write(g, gpa_of(TEST_GFN + i), i);
        expect_equal(m->count - events, !writable, "events for the page");
        expect_equal(host_read(g, gpa_of(TEST_GFN + i)), i, "what is written");
    }
    monitor_close(m);
    expect_audit(g);
    expect_parent(parent);
}

/* Remaps between pages that aren't copied yet, also by a batch. */
static void fork_remaps(void)
{
    struct guest *parent, *g = new_fork(&parent);
    const struct xen_altp2m_override ours =
        remap_of(TEST_GFN + 4, 4, TEST_GFN + 20);
    uint16_t view = new_view(g);

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 10));
    expect_library(xenaltp2m_apply(library(), g->domid, view, &ours, 1, 0,
                                   NULL), 0);
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 10);
    for ( unsigned int i = 0; i < 4; i++ )
        expect_reads(g, TEST_GFN + 4 + i, TEST_GFN + 20 + i);
    guest_write(g, TEST_GPA, 0x55);
    expect_equal(host_read(g, gpa_of(TEST_GFN + 10)), 0x55, "target's page");
    expect_ok(view_switch(g->domid, 0));
    expect_reads(g, TEST_GFN, TEST_GFN);
    expect_audit(g);
    expect_parent(parent);
}

static void reset(struct guest *g)
{
    expect(!xc_memshr_fork_reset(xch, g->domid, true, true),
           "can't reset the fork: %s", error_name(-errno));
}

/* After a reset all is to be copied again, and the overrides hold. */
static void fork_reset(void)
{
    struct guest *parent, *g = new_fork(&parent);
    uint16_t view = new_view(g);
    struct monitor *m;

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 10));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 11));
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 2, XENMEM_access_r));
    m = monitor_open(g, answer_view_0);
    for ( unsigned int round = 0; round < 3; round++ )
    {
        expect_ok(view_switch(g->domid, view));
        expect_reads(g, TEST_GFN, TEST_GFN + 10);
        guest_write(g, TEST_GPA, 0x66);
        guest_write(g, TEST_GPA + 0x1000, 0x67);
        expect_equal(host_read(g, gpa_of(TEST_GFN + 10)), 0x66, "target");
        expect_equal(host_read(g, gpa_of(TEST_GFN + 11)), 0x67, "target");
        guest_write(g, gpa_of(TEST_GFN + 2), 0x68);
        expect_equal(m->count, round + 1, "events for the page without w");
        expect_view(g, 0, 0);
        expect_reads(g, TEST_GFN, TEST_GFN);
        reset(g);
        expect_equal(view_info(g, view).lost, 0, "remaps lost by the reset");
        expect_audit(g);
        expect_parent(parent);
    }
    expect_access(g, view, TEST_GFN + 2, XENMEM_access_r);
    monitor_close(m);
}

/* The parent loses a page that the fork has dropped, and a remap shows there. */
static void fork_parent_loses(void)
{
    struct guest *parent, *g = new_fork(&parent);
    uint16_t view = new_view(g);

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 10));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 11));
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 10);
    /* A reset drops what is the fork's own. */
    guest_write(g, TEST_GPA, 0x78);
    reset(g);
    expect_ok(view_switch(g->domid, view));
    expect_ok(host_drop(parent, TEST_GFN + 10));
    expect_audit(g);
    expect_reads(g, TEST_GFN, TEST_GFN);
    expect_reads(g, TEST_GFN + 1, TEST_GFN + 11);
    expect_equal(view_info(g, view).lost, 1, "remaps lost");
    expect_audit(g);
}

/* Dom0 shows the fork a shared page, at a gfn that is remapped to none yet. */
static void fork_is_shown_shared(void)
{
    struct guest *parent, *g = new_fork(&parent);
    uint16_t view = new_view(g);
    uint64_t handle;

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 10));
    guest_write(g, TEST_GPA, 0x76);
    expect_ok(view_switch(g->domid, view));
    guest_write(g, TEST_GPA, 0x77);
    reset(g);
    expect(!xc_memshr_nominate_gfn(xch, parent->domid, TEST_GFN + 20, &handle),
           "can't share: %s", error_name(-errno));
    expect(!xc_memshr_add_to_physmap(xch, parent->domid, TEST_GFN + 20, handle,
                                     g->domid, TEST_GFN),
           "can't show the fork a page: %s", error_name(-errno));
    expect_ok(view_switch(g->domid, 0));
    expect_reads(g, TEST_GFN, TEST_GFN + 20);
    guest_write(g, TEST_GPA, 0x79);
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 10);
    expect_audit(g);
    expect_parent(parent);
}

/* Both have views; the fork ends in one of its own, and its parent goes on. */
static void fork_ends(void)
{
    struct guest *parent, *g = new_fork(&parent);
    uint16_t view = new_view(g), of_parent = new_view(parent);

    expect_ok(view_remap(parent->domid, of_parent, TEST_GFN, TEST_GFN + 1));
    expect_ok(view_switch(parent->domid, of_parent));
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 10));
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 2, XENMEM_access_r));
    expect_ok(view_notify_on(g->domid, 0, PAYLOAD_VE_INFO >> 12));
    expect_ok(view_switch(g->domid, view));
    expect_reads(g, TEST_GFN, TEST_GFN + 10);
    guest_write(g, gpa_of(TEST_GFN + 3), 0x77);
    guest_destroy(g);

    guest_alive(parent);
    expect_reads(parent, TEST_GFN, TEST_GFN + 1);
    for ( unsigned int i = 1; i < PAGES; i++ )
        expect_reads(parent, TEST_GFN + i, TEST_GFN + i);
    guest_write(parent, gpa_of(TEST_GFN + 3), 0x78);
    expect_equal(host_read(parent, gpa_of(TEST_GFN + 3)), 0x78, "written");
    expect_audit(parent);
}

const struct test tests_fork[] = {
    { "fork_rights", NEEDS_VIEWS, fork_rights },
    { "fork_remaps", NEEDS_VIEWS, fork_remaps },
    { "fork_reset", NEEDS_VIEWS, fork_reset },
    { "fork_parent_loses", NEEDS_VIEWS, fork_parent_loses },
    { "fork_is_shown_shared", NEEDS_VIEWS, fork_is_shown_shared },
    { "fork_ends", NEEDS_VIEWS, fork_ends },
    { 0 },
};
