/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a domain: this program is its one monitor. */
#ifndef XEN_ALTP2M_MONITOR_H
#define XEN_ALTP2M_MONITOR_H

#include "common/domain.h"

#include <xen/vm_event.h>

struct monitor
{
    struct domain *d;
    xenaltp2m_events *events;    /* or NULL */
    /* Makes the answer to a request. */
    void (*answer)(void *arg, const vm_event_request_t *request,
                   vm_event_response_t *answer);
    void *arg;
};

/*
 * With events of INT3 and of steps.  @take: also if another program has them.
 * Complains by itself; an exit code.
 */
int monitor_open(struct monitor *m, struct domain *d, bool take);
/*
 * Waits a while for an event, and answers it.  False: no event will come, as
 * the domain has ended or another program has taken its events;
 * monitor_leave().
 */
bool monitor_wait(struct monitor *m);
/* Answers those that have come. */
void monitor_answer(struct monitor *m);
/* For a domain that stands still. */
void monitor_close(struct monitor *m);
/* Where they are not ours any more. */
void monitor_leave(struct monitor *m);

#endif /* XEN_ALTP2M_MONITOR_H */
