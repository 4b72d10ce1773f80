/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hidden breakpoint: prints each time that a guest executes an instruction.
 * docs/monitors.md explains it.
 *
 *     breakpoint DOMID ADDRESS
 *
 * ADDRESS is guest-physical, of the first byte of an instruction.  Ends at
 * SIGINT or SIGTERM, and leaves the guest as it was; or with the guest.
 *
 *     gcc -o breakpoint breakpoint.c -lxenaltp2m -lxenctrl
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <xenaltp2m.h>

#include <xenctrl.h>
#include <xen/vm_event.h>

static uint32_t domid;
static unsigned long hits;
static volatile sig_atomic_t stop;

static xenaltp2m_handle *views;
static xenaltp2m_breakpoints *breakpoints;
static xenaltp2m_events *events;
static bool turned_on;              /* views, by us */
static xc_interface *xch;
static void *ring;                  /* of events, while we are its monitor */

/* Answers the next event: 1.  0: there is none in time; -1: none will come. */
static int answer_next(int timeout_ms)
{
    vm_event_request_t request;
    vm_event_response_t response;
    int rc = xenaltp2m_events_next(events, &request, timeout_ms), what;

    if ( rc != 1 )
        return rc;

    what = xenaltp2m_breakpoints_event(breakpoints, &request, &response);
    if ( what == XENALTP2M_EVENT_HIT )
    {
        printf("hit %lu: vcpu %u, rip %#" PRIx64 "\n", ++hits,
               request.vcpu_id, request.data.regs.x86.rip);
    }
    else if ( what == XENALTP2M_EVENT_OTHER )
        xenaltp2m_events_give_back(events, &request);
    xenaltp2m_events_answer(events, &response);

    return 1;
}

/*
 * The guest stands still, so that no event comes when nobody answers.  With the
 * monitor ends what it has asked for, also a step that is not done yet.
 */
static void end(void)
{
    if ( !xch || xc_domain_pause(xch, domid) )
        return;
    while ( events && answer_next(0) == 1 )
        ;
    if ( ring )
    {
        xenaltp2m_events_close(events);
        xc_monitor_disable(xch, domid);
    }
    if ( breakpoints )
        xenaltp2m_breakpoints_end(breakpoints);
    if ( turned_on )
        xenaltp2m_set_state(views, domid, false);
    xc_domain_unpause(xch, domid);
}

static void need(bool done, const char *what)
{
    if ( done )
        return;
    perror(what);
    end();
    exit(1);
}

static void on_signal(int number)
{
    (void)number;
    stop = true;
}

int main(int argc, char **argv)
{
    uint64_t address;
    uint32_t port;
    bool on;
    int rc = 0;

    if ( argc != 3 )
        return fprintf(stderr, "usage: breakpoint DOMID ADDRESS\n"), 2;
    domid = strtoul(argv[1], NULL, 0);
    address = strtoull(argv[2], NULL, 0);
    views = xenaltp2m_open(NULL, 0);
    xch = xc_interface_open(NULL, NULL, 0);
    need(views && xch, "no connection to Xen");
    setlinebuf(stdout);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    need(!xenaltp2m_get_state(views, domid, &on) &&
         (on || !xenaltp2m_set_state(views, domid, true)),
         "turning views on (xen-altp2m check says why)");
    turned_on = !on;
    ring = xc_monitor_enable(xch, domid, &port);
    need(ring, "monitoring the guest (does somebody else?)");
    events = xenaltp2m_events_open(views, domid, ring, port);
    need(events && !xc_monitor_software_breakpoint(xch, domid, true) &&
         !xc_monitor_singlestep(xch, domid, true), "the guest's events");
    breakpoints = xenaltp2m_breakpoints_open(views, domid, 0);
    need(breakpoints &&
         !xenaltp2m_breakpoint(breakpoints, address >> XC_PAGE_SHIFT,
                               address & ~XC_PAGE_MASK), "the breakpoint");
    printf("set: domain %u, %#" PRIx64 "\n", domid, address);

    while ( !stop && (rc = answer_next(500)) >= 0 )
        ;
    if ( rc >= 0 ) /* the guest is still there, and its events are ours */
        end();
    printf("%lu hits\n", hits);
    return 0;
}
