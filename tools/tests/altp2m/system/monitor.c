/* SPDX-License-Identifier: GPL-2.0-only */
#include "guest.h"
#include "harness.h"
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>     /* the macros of rings use it */
#include <sys/mman.h>

#include <xenevtchn.h>

static struct monitor *open_monitor;
static xenevtchn_handle *events;

struct monitor *monitor_open(struct guest *g, monitor_answer_t answer)
{
    struct monitor *m = calloc(1, sizeof(*m));
    uint32_t remote;
    int port;

    if ( !events )
        events = xenevtchn_open(NULL, 0);
    expect(m && events && !open_monitor, "one monitor at a time");

    m->guest = g;
    m->answer = answer;
    m->page = xc_monitor_enable(xch, g->domid, &remote);
    expect(m->page, "can't enable monitoring: %s", error_name(-errno));
    port = xenevtchn_bind_interdomain(events, g->domid, remote);
    expect(port >= 0, "can't bind the monitor's event channel");
    m->port = port;
    SHARED_RING_INIT((vm_event_sring_t *)m->page);
    BACK_RING_INIT(&m->ring, (vm_event_sring_t *)m->page, XC_PAGE_SIZE);

    open_monitor = m;
    g->monitor = m;
    return m;
}

static void take(struct monitor *m, vm_event_request_t *request)
{
    RING_IDX at = m->ring.req_cons;

    *request = *RING_GET_REQUEST(&m->ring, at);
    m->ring.req_cons = at + 1;
    m->ring.sring->req_event = at + 2;
    if ( m->count < MONITOR_LOG )
        m->log[m->count] = *request;
    m->count++;
}

static void put(struct monitor *m, const vm_event_response_t *answer)
{
    RING_IDX at = m->ring.rsp_prod_pvt;

    *RING_GET_RESPONSE(&m->ring, at) = *answer;
    m->ring.rsp_prod_pvt = at + 1;
    RING_PUSH_RESPONSES(&m->ring);
}

bool monitor_serve(struct monitor *m)
{
    bool any = false;

    while ( RING_HAS_UNCONSUMED_REQUESTS(&m->ring) )
    {
        vm_event_request_t request;
        vm_event_response_t answer;

        xen_rmb();
        take(m, &request);
        answer = request;
        answer.flags = request.flags & VM_EVENT_FLAG_VCPU_PAUSED;
        if ( m->answer )
            m->answer(&request, &answer);
        put(m, &answer);
        any = true;
    }
    if ( any )
        xenevtchn_notify(events, m->port);
    return any;
}

bool monitor_wait(struct monitor *m, int ms)
{
    struct pollfd p = { .fd = xenevtchn_fd(events), .events = POLLIN };
    xenevtchn_port_or_error_t port;

    if ( poll(&p, 1, ms) == 1 && (port = xenevtchn_pending(events)) >= 0 )
        xenevtchn_unmask(events, port);
    return monitor_serve(m);
}

void monitor_close(struct monitor *m)
{
    /* Nothing may be left in the ring: its vCPU would stay paused. */
    guest_pause(m->guest);
    monitor_serve(m);
    xenevtchn_unbind(events, m->port);
    munmap(m->page, XC_PAGE_SIZE);
    if ( xc_monitor_disable(xch, m->guest->domid) )
        note("monitoring can't be disabled: %s", error_name(-errno));
    guest_unpause(m->guest);
    m->guest->monitor = NULL;
    open_monitor = NULL;
    free(m);
}

void monitors_close(void)
{
    struct monitor *m = open_monitor;

    if ( !m )
        return;
    xenevtchn_unbind(events, m->port);
    munmap(m->page, XC_PAGE_SIZE);
    xc_monitor_disable(xch, m->guest->domid);
    m->guest->monitor = NULL;
    open_monitor = NULL;
    free(m);
}

void answer_view_0(const vm_event_request_t *request,
                   vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = 0;
}
