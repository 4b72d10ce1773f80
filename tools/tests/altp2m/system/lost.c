/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: remaps whose target goes away are told of. */
#include "library.h"

#include <poll.h>
#include <string.h>

#include <xenevtchn.h>

static xenevtchn_handle *channels(void)
{
    static xenevtchn_handle *handle;

    if ( !handle )
        handle = xenevtchn_open(NULL, 0);
    expect(handle, "no event channels");
    return handle;
}

/* Was there an event on the port in that time?  It is taken if so. */
static bool event_on(xenevtchn_port_or_error_t port, int ms)
{
    struct pollfd p = { .fd = xenevtchn_fd(channels()), .events = POLLIN };

    if ( poll(&p, 1, ms) <= 0 )
        return false;
    expect_equal(xenevtchn_pending(channels()), port, "port");
    xenevtchn_unmask(channels(), port);
    return true;
}

static void lost_events(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    xenevtchn_port_or_error_t local;
    struct xen_altp2m_lost lost[8];
    uint64_t next = 0;
    uint32_t port = 0;

    expect_library(xenaltp2m_notify_lost(library(), g->domid, true, &port), 0);
    expect(port, "no port is told");
    expect_library(xenaltp2m_notify_lost(library(), g->domid, true, &port),
                   -EBUSY);
    local = xenevtchn_bind_interdomain(channels(), g->domid, port);
    expect(local >= 0, "can't bind to port %u: %s", port, error_name(-errno));
    event_on(local, 100); /* a freshly bound one is pending */

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 5));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 6));
    expect(!event_on(local, 50), "an event without a loss");
    expect_ok(host_drop(g, TEST_GFN + 5));
    expect(event_on(local, 2000), "no event after a loss");
    expect_equal(xenaltp2m_read_lost(library(), g->domid, &next, lost, 8), 1,
                 "losses");
    expect(lost[0].view == view && lost[0].gfn == TEST_GFN &&
           lost[0].target == TEST_GFN + 5 && lost[0].dormant &&
           lost[0].number == 1, "the loss");
    expect_equal(xenaltp2m_read_lost(library(), g->domid, &next, lost, 8), 0,
                 "losses read again");

    expect_ok(host_drop(g, TEST_GFN + 6));
    expect(event_on(local, 2000), "no event after another loss");
    expect_equal(xenaltp2m_read_lost(library(), g->domid, &next, lost, 8), 1,
                 "losses since");
    expect_equal(lost[0].gfn, TEST_GFN + 1, "gfn");
    expect_equal(view_info(g, view).dormant, 2, "dormant");
    expect_equal(view_info(g, view).lost, 2, "lost");

    /* What came back is still told to who asks from the start. */
    expect_ok(host_populate(g, TEST_GFN + 5));
    next = 0;
    expect_equal(xenaltp2m_read_lost(library(), g->domid, &next, lost, 1), 1,
                 "losses with room for one");
    expect(!lost[0].dormant && lost[0].gfn == TEST_GFN, "the one come back");
    expect_equal(xenaltp2m_read_lost(library(), g->domid, &next, lost, 1), 1,
                 "the next");
    expect(lost[0].dormant, "the one that is away");

    expect_library(xenaltp2m_notify_lost(library(), g->domid, false, NULL), 0);
    expect_library(xenaltp2m_notify_lost(library(), g->domid, false, NULL), 0);
    expect_ok(host_drop(g, TEST_GFN + 5));
    event_on(local, 50); /* the other end is closed: at most that is told */
    xenevtchn_unbind(channels(), local);
    expect_equal(view_info(g, view).lost, 3, "lost");
    expect_library(xenaltp2m_notify_lost(library(), g->domid, true, &port), 0);
    /* Views turned off close the channel, and the next can be had. */
    expect_ok(view_state_set(g->domid, false));
    expect_ok(view_state_set(g->domid, true));
    expect_library(xenaltp2m_notify_lost(library(), g->domid, true, &port), 0);
    guest_alive(g);
}

/* Nothing is missed because a view's table is not there just now. */
static void lost_without_table(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g), other = new_view(g);
    struct xen_altp2m_lost lost[2];
    uint64_t next = 0;
    unsigned int views = 0;
    uint16_t more;

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 900));
    expect_ok(view_remap(g->domid, other, TEST_GFN, TEST_GFN + 901));
    /* The host needs tables of its own, and views give up theirs. */
    pool_leave(g, 0);
    while ( views < 600 && !view_create(g->domid, XENMEM_access_rwx, &more) )
        views++;
    expect_ok(host_drop(g, TEST_GFN + 900));
    expect_ok(host_drop(g, TEST_GFN + 901));
    expect_equal(xenaltp2m_read_lost(library(), g->domid, &next, lost, 2), 2,
                 "losses");
    expect_equal(view_info(g, view).dormant, 1, "dormant");
    pool_leave(g, 100);
    expect_audit(g);
    guest_alive(g);
}

const struct test tests_lost[] = {
    { "lost_events", NEEDS_VIEWS, lost_events },
    { "lost_without_table", NEEDS_VIEWS, lost_without_table },
    { 0 },
};
