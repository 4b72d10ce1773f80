/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a domain: this program is its monitor, of which there is one. */
#ifndef XEN_ALTP2M_MONITOR_H
#define XEN_ALTP2M_MONITOR_H

#include "common/domain.h"

#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xen/vm_event.h>

struct monitor
{
    struct domain *d;
    xenevtchn_handle *events;
    xendevicemodel_handle *devices;
    int port;                    /* or -1 */
    void *page;                  /* of the ring */
    vm_event_back_ring_t ring;
    /* Makes the answer to a request. */
    void (*answer)(void *arg, const vm_event_request_t *request,
                   vm_event_response_t *answer);
    void *arg;
};

/* With events of INT3 and of steps.  Complains by itself; an exit code. */
int monitor_open(struct monitor *m, struct domain *d);
/* Waits a while for events, and answers them. */
void monitor_wait(struct monitor *m);
/* Answers those that have come. */
void monitor_answer(struct monitor *m);
/* For a domain that stands still. */
void monitor_close(struct monitor *m);

/* Has the guest see its own INT3. */
void monitor_give_back(struct monitor *m, const vm_event_request_t *request);

#endif /* XEN_ALTP2M_MONITOR_H */
