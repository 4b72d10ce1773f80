/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: what a device model does to keep a display up to date, with views that
 * hold overrides: it asks which pages of a range were written to.
 */
#include "guest.h"

#include <errno.h>
#include <string.h>

#include <xendevicemodel.h>

#define FRAMES 64

static bool bitmap[FRAMES];

static void track(struct guest *g, unsigned int frames)
{
    static xendevicemodel_handle *models;
    unsigned long words[FRAMES / 64 + 1] = { 0 };

    if ( !models )
        models = xendevicemodel_open(NULL, 0);
    expect(models && !xendevicemodel_track_dirty_vram(
               models, g->domid, frames ? TEST_GFN : 0, frames, words),
           "tracking: %s", error_name(-errno));
    for ( unsigned int i = 0; i < frames; i++ )
        bitmap[i] = words[i / 64] >> (i % 64) & 1;
}

/* Just these two pages (or one, or ~0) are dirty since the last time. */
static void expect_dirty(struct guest *g, unsigned int a, unsigned int b,
                         const char *where)
{
    track(g, FRAMES);
    for ( unsigned int i = 0; i < FRAMES; i++ )
        expect(bitmap[i] == (i == a || i == b), "page %u is %sdirty, %s", i,
               bitmap[i] ? "" : "not ", where);
}

#define NONE (~0u)

/* Each write is seen, again and again: a display that is not frozen. */
static void draw(struct guest *g, const char *where)
{
    expect_dirty(g, NONE, NONE, where);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        guest_write(g, gpa_of(TEST_GFN + 5), i);
        guest_write(g, gpa_of(TEST_GFN + 9 + i), i);
        expect_dirty(g, 5, 9 + i, where);
        guest_read(g, gpa_of(TEST_GFN + 7));
        expect_dirty(g, NONE, NONE, where);
        expect_equal(host_read(g, gpa_of(TEST_GFN + 5)), i, "what is drawn");
    }
}

static void dirty_display_in_views(void)
{
    struct guest *g = guest_with_views();
    uint16_t plain = new_view(g), rights = new_view(g), remapped = new_view(g);
    const uint64_t elsewhere = TEST_GFN + 600;

    expect_ok(view_access_set(g->domid, rights, TEST_GFN + 20,
                              XENMEM_access_rx));
    expect_ok(view_remap(g->domid, remapped, elsewhere, TEST_GFN + 30));
    expect_ok(view_switch(g->domid, plain));
    guest_fill(g, TEST_GPA, FRAMES, 1);

    track(g, FRAMES);
    for ( unsigned int i = 0; i < FRAMES; i++ )
        expect(bitmap[i], "page %u is not dirty at first", i);
    draw(g, "a plain view");
    expect_ok(view_switch(g->domid, rights));
    draw(g, "a view with rights");
    expect_ok(view_switch(g->domid, 0));
    draw(g, "view 0");
    expect_ok(view_switch(g->domid, remapped));
    draw(g, "a view with a remap");
    for ( unsigned int i = 0; i < 3; i++ )
    {
        guest_write(g, gpa_of(elsewhere), 0x100 + i);
        expect_dirty(g, 30, NONE, "written through a remap");
        expect_equal(host_read(g, gpa_of(TEST_GFN + 30)), 0x100 + i, "value");
    }
    expect_access(g, rights, TEST_GFN + 20, XENMEM_access_rx);

    track(g, 0);
    for ( uint16_t view = 0; view <= remapped; view++ )
    {
        expect_ok(view_switch(g->domid, view));
        guest_write(g, TEST_GPA, 0x200 + view);
        expect_equal(host_read(g, TEST_GPA), 0x200 + view, "value afterwards");
    }
}

/* A view made, changed and destroyed while the display is tracked. */
static void dirty_display_while_views_change(void)
{
    struct guest *g = guest_with_views();

    guest_fill(g, TEST_GPA, FRAMES, 1);
    track(g, FRAMES);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        uint16_t view = new_view(g);

        expect_ok(view_switch(g->domid, view));
        guest_write(g, gpa_of(TEST_GFN + 1), i);
        expect_dirty(g, 1, NONE, "a view made meanwhile");
        expect_ok(view_access_set(g->domid, view, TEST_GFN + 2,
                                  XENMEM_access_rx));
        guest_write(g, gpa_of(TEST_GFN + 3), i);
        expect_dirty(g, 3, NONE, "an override next to it");
        expect_ok(view_access_set(g->domid, view, TEST_GFN + 2,
                                  XENMEM_access_default));
        guest_write(g, gpa_of(TEST_GFN + 2), i);
        expect_dirty(g, 2, NONE, "the override taken back");
        expect_ok(view_switch(g->domid, 0));
        expect_ok(view_destroy(g->domid, view));
        guest_write(g, gpa_of(TEST_GFN + 4), i);
        expect_dirty(g, 4, NONE, "the view destroyed");
    }
    track(g, 0);
    guest_write(g, TEST_GPA, 1);
}

const struct test tests_dirty[] = {
    { "dirty_display_in_views", NEEDS_VIEWS, dirty_display_in_views },
    { "dirty_display_while_views_change", NEEDS_VIEWS, dirty_display_while_views_change },
    { 0 },
};
