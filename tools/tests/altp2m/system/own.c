/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: pages of a view's own.  A view shows a copy of the host's page with some
 * bytes replaced: it is executed there, and nobody else reads it.
 */
#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define VALUE    0x1122334455667788ULL
#define PATCHED  0x99
#define OFFSET   2                  /* of the value in the code */

/* mov $VALUE, %rax; ret */
static void put_code(struct guest *g, uint64_t gpa)
{
    uint8_t code[] = { 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xc3 };
    uint8_t *page = host_map(g, gpa >> 12);
    uint64_t value = VALUE;

    memcpy(code + OFFSET, &value, sizeof(value));
    memcpy(page, code, sizeof(code));
    host_unmap(page);
}

static void executes(struct guest *g, uint64_t gpa, uint64_t value)
{
    expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, gpa))->result[0], value,
                 "value of the code");
}

static struct xen_altp2m_patch byte_of(uint64_t gfn)
{
    return (struct xen_altp2m_patch){
        .gfn = gfn, .offset = OFFSET, .len = 1, .bytes[0] = PATCHED,
    };
}

/* Replaces the lowest byte of the value, in a view. */
static void patch(struct guest *g, uint16_t view, uint64_t gfn)
{
    struct xen_altp2m_patch p = byte_of(gfn);

    expect_library(xenaltp2m_patch(library(), g->domid, view, &p, 1, NULL), 0);
    expect_equal(p.old[0], VALUE & 0xff, "the byte before");
    expect_access(g, view, gfn, p.access);
}

static void unpatch(struct guest *g, uint16_t view, uint64_t gfn)
{
    struct xen_altp2m_patch p = byte_of(gfn);

    expect_library(xenaltp2m_unpatch(library(), g->domid, view, &p, 1, NULL),
                   0);
    expect_equal(p.old[0], PATCHED, "the byte before");
}

static unsigned int shown(struct guest *g, uint16_t view, uint64_t gfn)
{
    uint8_t byte;

    expect_library(xenaltp2m_read_page(library(), g->domid, view, gfn, OFFSET,
                                       1, 0, &byte), 0);
    return byte;
}

/* A view of a guest that may have them. */
static uint16_t own_view(struct guest *g)
{
    struct xen_altp2m_capabilities c;

    expect_library(xenaltp2m_capabilities(library(), g->domid, &c), 0);
    expect(c.features & XEN_ALTP2M_HAS_OWN, "no own pages");
    put_code(g, TEST_GPA);
    return new_view(g);
}

/* It is executed in that view only, and goes with its last byte. */
static void own_code(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = own_view(g);
    unsigned int used = 0;
    uint64_t patched = (VALUE & ~0xffULL) | PATCHED;

    for ( unsigned int i = 0; i < 10; i++ )
    {
        patch(g, view, TEST_GFN);
        expect_equal(shown(g, view, TEST_GFN), PATCHED, "byte of the view");
        expect_equal(shown(g, 0, TEST_GFN), VALUE & 0xff, "byte of view 0");
        executes(g, TEST_GPA, VALUE);
        expect_ok(view_switch(g->domid, view));
        executes(g, TEST_GPA, patched);
        expect_audit(g);
        unpatch(g, view, TEST_GFN);
        executes(g, TEST_GPA, VALUE);
        expect_ok(view_switch(g->domid, 0));
        expect_overrides(g, view, NULL, 0);
        /* With the view's tables, which the guest has used now. */
        if ( !i )
            used = pool_used(g);
    }
    expect_equal(pool_used(g), used, "pages of the pool");
    expect_audit(g);
    guest_alive(g);
}

/* Xen does the read, and the guest goes on in its view. */
static void answer_emulate(const vm_event_request_t *request,
                           vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_EMULATE;
}

/* Who reads it is told of, and Xen reads the host's page for the guest. */
static void own_read(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = own_view(g);
    struct monitor *m = monitor_open(g, answer_emulate);
    uint64_t word = host_read(g, TEST_GPA);
    struct xen_altp2m_patch p = byte_of(TEST_GFN);

    expect_library(xenaltp2m_patch(library(), g->domid, view, &p, 1, NULL), 0);
    if ( p.access != XENMEM_access_x )
        skip("pages that can be executed can be read");
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 1; i <= 10; i++ )
    {
        executes(g, TEST_GPA, (VALUE & ~0xffULL) | PATCHED);
        expect_equal(guest_read(g, TEST_GPA), word, "the word read");
        expect_equal(m->count, i, "events");
    }
    expect_equal(m->log[0].reason, VM_EVENT_REASON_MEM_ACCESS, "reason");
    expect_equal(m->log[0].u.mem_access.gfn, TEST_GFN, "gfn");
    guest_write(g, TEST_GPA + 0x800, 5);
    expect_equal(host_read(g, TEST_GPA + 0x800), 5, "value written");
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rwx));
    expect(guest_read(g, TEST_GPA) != word, "the own page is not read");
    guest_write(g, TEST_GPA + 0x800, 6);
    expect_equal(host_read(g, TEST_GPA + 0x800), 5, "value of the host's page");
    guest_alive(g);
}

/* The host drops the page: another one there is not hidden until refreshed. */
static void own_dropped(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = own_view(g);
    uint64_t changed;

    patch(g, view, TEST_GFN);
    expect_ok(host_drop(g, TEST_GFN));
    expect_ok(host_populate(g, TEST_GFN));
    put_code(g, TEST_GPA);
    expect_ok(view_switch(g->domid, view));
    executes(g, TEST_GPA, VALUE);
    expect_equal(view_info(g, view).dormant, 1, "dormant");
    expect_library(xenaltp2m_refresh(library(), g->domid, view, 0,
                                     TEST_GFN + 1, &changed), 0);
    expect_equal(changed, 1, "pages that have changed");
    executes(g, TEST_GPA, (VALUE & ~0xffULL) | PATCHED);
    expect_audit(g);
}

/* A byte that changes while a vCPU executes it: old or new, and then new. */
static void own_while_executed(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = own_view(g);

    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 200; i++ )
    {
        struct xen_altp2m_patch p = byte_of(TEST_GFN);

        guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
        expect_library(i & 1 ? xenaltp2m_unpatch(library(), g->domid, view, &p,
                                                 1, NULL)
                             : xenaltp2m_patch(library(), g->domid, view, &p, 1,
                                               NULL), 0);
        expect(guest_answers(g, 0, PATIENCE_MS), "no answer");
        executes(g, TEST_GPA, i & 1 ? VALUE : (VALUE & ~0xffULL) | PATCHED);
    }
    guest_alive(g);
}

/* Nothing is left of a domain that ends with own pages, or of its views. */
static void own_ends(void)
{
    for ( unsigned int i = 0; i < 4; i++ )
    {
        struct xen_altp2m_patch p[XEN_ALTP2M_MAX_PATCHES];
        struct guest *g = guest_with_views();
        uint16_t view = new_view(g), copy;
        uint32_t domid = g->domid;
        xc_dominfo_t info;

        for ( unsigned int n = 0; n < XEN_ALTP2M_MAX_PATCHES; n++ )
            p[n] = byte_of(TEST_GFN + n);
        expect_library(xenaltp2m_patch(library(), domid, view, p,
                                       XEN_ALTP2M_MAX_PATCHES, NULL), 0);
        expect_library(xenaltp2m_clone(library(), domid, view, &copy), 0);
        expect_equal(view_info(g, copy).remaps, XEN_ALTP2M_MAX_PATCHES,
                     "own pages of the copy");
        expect_ok(view_switch(domid, view));
        guest_alive(g);
        if ( i & 1 )
        {
            expect_ok(view_state_set(domid, false));
            guest_alive(g);
        }
        guest_destroy(g);
        for ( unsigned int ms = 0; ms < PATIENCE_MS; ms++ )
        {
            if ( xc_domain_getinfo(xch, domid, 1, &info) != 1 ||
                 info.domid != domid )
                break;
            usleep(1000);
        }
        expect(xc_domain_getinfo(xch, domid, 1, &info) != 1 ||
               info.domid != domid, "the domain does not go");
    }
}

const struct test tests_own[] = {
    { "own_code", NEEDS_VIEWS, own_code },
    { "own_read", NEEDS_VIEWS, own_read },
    { "own_dropped", NEEDS_VIEWS, own_dropped },
    { "own_while_executed", NEEDS_VIEWS, own_while_executed },
    { "own_ends", NEEDS_VIEWS, own_ends },
    { 0 },
};
