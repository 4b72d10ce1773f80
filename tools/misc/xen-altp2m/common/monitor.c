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

int monitor_open(struct monitor *m, struct domain *d)
{
    uint32_t port;
    void *page;
    int code;

    m->d = d;
    m->events = NULL;
    page = xc_monitor_enable(d->xch, d->domid, &port);
    if ( !page )
        return errno == EBUSY
               ? complain(EXIT_AGAIN, "domain %s: another program has its "
                          "events, or had and was killed", d->text)
               : cant(m, "have its events");
    m->events = xenaltp2m_events_open(d->alt, d->domid, page, port);
    if ( !m->events )
    {
        code = cant(m, "be told of events");
        munmap(page, PAGE_BYTES);
        xc_monitor_disable(d->xch, d->domid);
        return code;
    }
    if ( xc_monitor_software_breakpoint(d->xch, d->domid, true) ||
         xc_monitor_singlestep(d->xch, d->domid, true) )
        return cant(m, "have events of INT3 and of steps");
    return EXIT_DONE;
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
    struct domain *d = m->d;

    if ( !m->events )
        return;
    xc_monitor_singlestep(d->xch, d->domid, false);
    xc_monitor_software_breakpoint(d->xch, d->domid, false);
    xenaltp2m_events_close(m->events);
    xc_monitor_disable(d->xch, d->domid);
}
