/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hidden breakpoint: prints each time that a guest executes an instruction.
 * docs/monitors.md explains it.
 *
 *     breakpoint DOMID ADDRESS [HITS]
 *
 * ADDRESS is guest-physical, of the first byte of an instruction.  Ends after
 * so many hits, or at SIGINT or SIGTERM, and leaves the guest as it was.
 *
 *     gcc -o breakpoint breakpoint.c -lxenaltp2m -lxenctrl -lxenevtchn \
 *         -lxendevicemodel
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenaltp2m.h>

#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xen/vm_event.h>

static uint32_t domid;
static unsigned long hits, wanted;  /* wanted 0: no end */
static volatile sig_atomic_t stop;

static xenaltp2m_handle *views;
static xenaltp2m_breakpoints *breakpoints;
static bool turned_on;              /* views, by us */
static xc_interface *xch;
static xendevicemodel_handle *devices;
static xenevtchn_handle *events;
static vm_event_back_ring_t ring;
static void *ring_page;
static int port;

static void answer(const vm_event_request_t *request,
                   vm_event_response_t *response)
{
    int what = xenaltp2m_breakpoints_event(breakpoints, request, response);

    if ( what == XENALTP2M_EVENT_HIT )
    {
        printf("hit %lu: vcpu %u, rip %#" PRIx64 "\n", ++hits,
               request->vcpu_id, request->data.regs.x86.rip);
        fflush(stdout);
        stop |= hits == wanted;
    }
    /* An INT3 that the guest has itself is given back to it. */
    else if ( what == XENALTP2M_EVENT_OTHER &&
              request->reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
        xendevicemodel_inject_event(
            devices, domid, request->vcpu_id, 3,
            request->u.software_breakpoint.type, ~0u,
            request->u.software_breakpoint.insn_length, 0);
}

static void answer_all(void)
{
    while ( RING_HAS_UNCONSUMED_REQUESTS(&ring) )
    {
        vm_event_request_t request;

        xen_rmb();
        request = *RING_GET_REQUEST(&ring, ring.req_cons++);
        ring.sring->req_event = ring.req_cons + 1;
        answer(&request, RING_GET_RESPONSE(&ring, ring.rsp_prod_pvt++));
        RING_PUSH_RESPONSES(&ring);
        xenevtchn_notify(events, port);
    }
}

/* The guest stands still, so that no event comes when nobody answers. */
static void end(void)
{
    if ( !xch || xc_domain_pause(xch, domid) )
        return;
    if ( ring_page )
        answer_all();
    if ( breakpoints )
        xenaltp2m_breakpoints_end(breakpoints);
    if ( ring_page )
    {
        xc_monitor_singlestep(xch, domid, false);
        xc_monitor_software_breakpoint(xch, domid, false);
        xc_monitor_disable(xch, domid);
    }
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

static void monitor(void)
{
    uint32_t remote;

    ring_page = xc_monitor_enable(xch, domid, &remote);
    need(ring_page, "monitoring the guest (does somebody else?)");
    SHARED_RING_INIT((vm_event_sring_t *)ring_page);
    BACK_RING_INIT(&ring, (vm_event_sring_t *)ring_page, XC_PAGE_SIZE);
    port = xenevtchn_bind_interdomain(events, domid, remote);
    need(port >= 0 && !xc_monitor_software_breakpoint(xch, domid, true) &&
         !xc_monitor_singlestep(xch, domid, true), "the guest's events");
}

static void on_signal(int number)
{
    (void)number;
    stop = true;
}

int main(int argc, char **argv)
{
    struct pollfd p = { .events = POLLIN };
    uint64_t address;
    bool on;

    if ( argc < 3 )
        return fprintf(stderr, "usage: breakpoint DOMID ADDRESS [HITS]\n"), 2;
    domid = strtoul(argv[1], NULL, 0);
    address = strtoull(argv[2], NULL, 0);
    wanted = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
    views = xenaltp2m_open(NULL, 0);
    xch = xc_interface_open(NULL, NULL, 0);
    devices = xendevicemodel_open(NULL, 0);
    events = xenevtchn_open(NULL, 0);
    need(views && xch && devices && events, "no connection to Xen");
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    need(!xenaltp2m_get_state(views, domid, &on) &&
         (on || !xenaltp2m_set_state(views, domid, true)),
         "turning views on (xen-altp2m check says why)");
    turned_on = !on;
    breakpoints = xenaltp2m_breakpoints_open(views, domid, 0);
    need(breakpoints, "the views of breakpoints");
    monitor();
    need(!xenaltp2m_breakpoint(breakpoints, address >> XC_PAGE_SHIFT,
                               address & ~XC_PAGE_MASK), "the breakpoint");
    printf("set: domain %u, %#" PRIx64 "\n", domid, address);
    fflush(stdout);

    for ( p.fd = xenevtchn_fd(events); !stop; answer_all() )
        if ( poll(&p, 1, 500) == 1 )
            xenevtchn_unmask(events, xenevtchn_pending(events));

    end();
    printf("%lu hits\n", hits);
    return 0;
}
