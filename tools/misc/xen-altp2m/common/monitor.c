/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/monitor.h"
#include "common/message.h"

#include <errno.h>
#include <sys/mman.h>

#define PATIENCE_MS 200

static int cant(const struct monitor *m, const char *what)
{
    return complain_errno(errno, "domain %s: can't %s", m->d->text, what);
}

void monitor_leave(struct monitor *m)
{
    xenaltp2m_events_close(m->events);
    m->events = NULL;
}

static void disable(struct monitor *m)
{
    monitor_leave(m);
    xc_monitor_disable(m->d->xch, m->d->domid);
}

/* 0, or -1 with errno: then nobody has the events. */
static int enable(struct monitor *m)
{
    struct domain *d = m->d;
    uint32_t port;
    void *page = xc_monitor_enable(d->xch, d->domid, &port);
    int saved;

    if ( !page )
        return -1;
    m->events = xenaltp2m_events_open(d->alt, d->domid, page, port);
    if ( m->events )
        return 0;
    saved = errno;
    munmap(page, PAGE_BYTES);
    xc_monitor_disable(d->xch, d->domid);
    errno = saved;
    return -1;
}

/*
 * From another program.  vCPUs whose event it has not answered try again: with
 * answers that nobody asked for, after which the ring can't be used any more.
 */
static int take_over(struct monitor *m)
{
    vm_event_response_t answer = { .version = VM_EVENT_INTERFACE_VERSION,
                                   .flags = VM_EVENT_FLAG_VCPU_PAUSED };
    struct xen_altp2m_domain_info info;

    if ( xc_monitor_disable(m->d->xch, m->d->domid) || enable(m) )
        return -1;
    if ( !xenaltp2m_domain_info(m->d->alt, m->d->domid, &info) )
        for ( ; answer.vcpu_id < info.vcpus; answer.vcpu_id++ )
            xenaltp2m_events_answer(m->events, &answer);
    disable(m);
    return enable(m);
}

static int open_ring(struct monitor *m, bool take)
{
    struct domain *d = m->d;
    int rc = enable(m);

    if ( rc && errno == EBUSY && take )
        rc = take_over(m);
    if ( rc && errno == EBUSY )
        return complain(EXIT_AGAIN, "domain %s: another program has its "
                        "events, for which --keep puts breakpoints in; or it "
                        "was killed, then --take takes them", d->text);
    if ( rc )
        return cant(m, "have its events");
    if ( xc_monitor_software_breakpoint(d->xch, d->domid, true) ||
         xc_monitor_singlestep(d->xch, d->domid, true) )
        return cant(m, "have events of INT3 and of steps");
    return EXIT_DONE;
}

int monitor_open(struct monitor *m, struct domain *d, bool take)
{
    int code;

    m->d = d;
    m->events = NULL;
    /* What happens before the ring is ready is lost. */
    if ( xc_domain_pause(d->xch, d->domid) )
        return cant(m, "stop it");
    code = open_ring(m, take);
    xc_domain_unpause(d->xch, d->domid);
    return code;
}

/* 1; 0: none has come; -1: none will. */
static int answer_next(struct monitor *m, int timeout_ms)
{
    vm_event_request_t request;
    vm_event_response_t answer;
    int rc = xenaltp2m_events_next(m->events, &request, timeout_ms);

    if ( rc != 1 )
        return rc;
    m->answer(m->arg, &request, &answer);
    xenaltp2m_events_answer(m->events, &answer);
    return 1;
}

void monitor_answer(struct monitor *m)
{
    while ( m->events && answer_next(m, 0) == 1 )
        ;
}

bool monitor_wait(struct monitor *m)
{
    return answer_next(m, PATIENCE_MS) >= 0;
}

void monitor_close(struct monitor *m)
{
    if ( m->events )
        disable(m);
}
