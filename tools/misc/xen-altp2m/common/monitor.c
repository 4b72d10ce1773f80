/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/monitor.h"
#include "common/message.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>

#define PATIENCE_MS 200

#define BREAKPOINT_VECTOR 3
#define NO_ERROR_CODE (~0u)

static int cant(const struct monitor *m, const char *what)
{
    return complain_errno(errno, "domain %s: can't %s", m->d->text, what);
}

int monitor_open(struct monitor *m, struct domain *d)
{
    uint32_t remote;

    m->d = d;
    m->port = -1;
    m->page = NULL;
    m->events = xenevtchn_open(NULL, 0);
    m->devices = xendevicemodel_open(NULL, 0);
    if ( !m->events || !m->devices )
        return cant(m, "open event channels and devices");
    m->page = xc_monitor_enable(d->xch, d->domid, &remote);
    if ( !m->page )
        return errno == EBUSY
               ? complain(EXIT_AGAIN, "domain %s: another program has its "
                          "events, or had and was killed", d->text)
               : cant(m, "have its events");
    SHARED_RING_INIT((vm_event_sring_t *)m->page);
    BACK_RING_INIT(&m->ring, (vm_event_sring_t *)m->page, PAGE_BYTES);
    m->port = xenevtchn_bind_interdomain(m->events, d->domid, remote);
    if ( m->port < 0 )
        return cant(m, "be told of events");
    if ( xc_monitor_software_breakpoint(d->xch, d->domid, true) ||
         xc_monitor_singlestep(d->xch, d->domid, true) )
        return cant(m, "have events of INT3 and of steps");
    return EXIT_DONE;
}

void monitor_answer(struct monitor *m)
{
    bool any = false;

    while ( RING_HAS_UNCONSUMED_REQUESTS(&m->ring) )
    {
        vm_event_request_t request;

        xen_rmb();
        request = *RING_GET_REQUEST(&m->ring, m->ring.req_cons);
        m->ring.req_cons++;
        m->ring.sring->req_event = m->ring.req_cons + 1;
        m->answer(m->arg, &request,
                  RING_GET_RESPONSE(&m->ring, m->ring.rsp_prod_pvt));
        m->ring.rsp_prod_pvt++;
        RING_PUSH_RESPONSES(&m->ring);
        any = true;
    }
    if ( any )
        xenevtchn_notify(m->events, m->port);
}

void monitor_wait(struct monitor *m)
{
    struct pollfd p = { .fd = xenevtchn_fd(m->events), .events = POLLIN };
    int port;

    if ( poll(&p, 1, PATIENCE_MS) == 1 &&
         (port = xenevtchn_pending(m->events)) >= 0 )
        xenevtchn_unmask(m->events, port);
    monitor_answer(m);
}

void monitor_close(struct monitor *m)
{
    struct domain *d = m->d;

    if ( m->page )
    {
        xc_monitor_singlestep(d->xch, d->domid, false);
        xc_monitor_software_breakpoint(d->xch, d->domid, false);
        munmap(m->page, PAGE_BYTES);
        xc_monitor_disable(d->xch, d->domid);
    }
    if ( m->port >= 0 )
        xenevtchn_unbind(m->events, m->port);
    xenevtchn_close(m->events);
    xendevicemodel_close(m->devices);
}

void monitor_give_back(struct monitor *m, const vm_event_request_t *request)
{
    xendevicemodel_inject_event(m->devices, m->d->domid, request->vcpu_id,
                                BREAKPOINT_VECTOR,
                                request->u.software_breakpoint.type,
                                NO_ERROR_CODE,
                                request->u.software_breakpoint.insn_length, 0);
}
