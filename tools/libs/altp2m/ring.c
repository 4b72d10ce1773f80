/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: the ring of a monitor's events, and waiting for channels. */
#include "private.h"

#include <poll.h>
#include <sys/mman.h>

#include <xenctrl.h>             /* barriers, which the ring's macros use */
#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xen/event_channel.h>
#include <xen/vm_event.h>

#define BREAKPOINT_VECTOR 3
#define NO_ERROR_CODE (~0u)
#define LOOK_MS 1000             /* what closes a channel sends no event */

struct xenaltp2m_events {
    xenaltp2m_handle *h;
    uint32_t domid;
    int port;
    void *page;
    vm_event_back_ring_t ring;
    xenevtchn_handle *channels;
    xendevicemodel_handle *devices;
};

int altp2m__wait(xenevtchn_handle *channels, int timeout_ms,
                 bool (*over)(const void *arg), const void *arg)
{
    struct pollfd p = { .fd = xenevtchn_fd(channels), .events = POLLIN };
    xenevtchn_port_or_error_t port;
    int rc, ms;

    do {
        ms = timeout_ms < 0 || timeout_ms > LOOK_MS ? LOOK_MS : timeout_ms;
        rc = poll(&p, 1, ms);
        if ( rc < 0 )
            return errno == EINTR ? 0 : -1;
        if ( rc )
        {
            port = xenevtchn_pending(channels);
            return port < 0 || xenevtchn_unmask(channels, port) ? -1 : 1;
        }
        if ( over(arg) )
            return 2;
        if ( timeout_ms > 0 )
            timeout_ms -= ms;
    } while ( timeout_ms );

    return 0;
}

static int open_all(xenaltp2m_events *e, uint32_t remote)
{
    e->channels = xenevtchn_open(NULL, 0);
    if ( !e->channels )
        return -1;

    e->devices = xendevicemodel_open(NULL, 0);
    if ( !e->devices )
        return -1;

    e->port = xenevtchn_bind_interdomain(e->channels, e->domid, remote);

    return e->port < 0 ? -1 : 0;
}

/* All but the page. */
static void drop(xenaltp2m_events *e)
{
    int saved = errno;

    if ( e->devices )
        xendevicemodel_close(e->devices);
    if ( e->channels )
        xenevtchn_close(e->channels);
    free(e);
    errno = saved;
}

xenaltp2m_events *xenaltp2m_events_open(xenaltp2m_handle *h, uint32_t domid,
                                        void *page, uint32_t port)
{
    xenaltp2m_events *e = calloc(1, sizeof(*e));

    if ( !e )
    {
        errno = ENOBUFS;
        return NULL;
    }

    e->h = h;
    e->domid = domid;
    e->page = page;
    SHARED_RING_INIT((vm_event_sring_t *)page);
    BACK_RING_INIT(&e->ring, (vm_event_sring_t *)page, XC_PAGE_SIZE);
    if ( open_all(e, port) )
    {
        drop(e);
        return NULL;
    }

    return e;
}

void xenaltp2m_events_close(xenaltp2m_events *e)
{
    if ( !e )
        return;

    munmap(e->page, XC_PAGE_SIZE);
    drop(e);
}

int xenaltp2m_events_fd(const xenaltp2m_events *e)
{
    return xenevtchn_fd(e->channels);
}

/* Xen has closed its end, with the domain or as somebody has asked for it. */
static bool is_closed(const void *arg)
{
    const xenaltp2m_events *e = arg;
    struct evtchn_status *s = altp2m__alloc(e->h, sizeof(*s));
    bool closed;

    if ( !s )
        return false;

    *s = (struct evtchn_status){ .dom = DOMID_SELF, .port = e->port };
    closed = !xencall2(e->h->xcall, __HYPERVISOR_event_channel_op,
                       EVTCHNOP_status, (uintptr_t)s) &&
             s->status != EVTCHNSTAT_interdomain;
    altp2m__free(e->h, s);

    return closed;
}

int xenaltp2m_events_next(xenaltp2m_events *e, struct vm_event_st *request,
                          int timeout_ms)
{
    int rc;

    while ( !RING_HAS_UNCONSUMED_REQUESTS(&e->ring) )
    {
        rc = altp2m__wait(e->channels, timeout_ms, is_closed, e);
        if ( rc == 2 )
        {
            errno = EPIPE;
            return -1;
        }
        if ( rc <= 0 )
            return rc;
    }

    xen_rmb();
    *request = *RING_GET_REQUEST(&e->ring, e->ring.req_cons);
    e->ring.req_cons++;

    return 1;
}

int xenaltp2m_events_answer(xenaltp2m_events *e,
                            const struct vm_event_st *answer)
{
    *RING_GET_RESPONSE(&e->ring, e->ring.rsp_prod_pvt) = *answer;
    e->ring.rsp_prod_pvt++;
    RING_PUSH_RESPONSES(&e->ring);

    return xenevtchn_notify(e->channels, e->port);
}

int xenaltp2m_events_give_back(xenaltp2m_events *e,
                               const struct vm_event_st *request)
{
    if ( request->reason != VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
    {
        errno = EINVAL;
        return -1;
    }

    return xendevicemodel_inject_event(
        e->devices, e->domid, request->vcpu_id, BREAKPOINT_VECTOR,
        request->u.software_breakpoint.type, NO_ERROR_CODE,
        request->u.software_breakpoint.insn_length, 0);
}
