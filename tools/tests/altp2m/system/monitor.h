/* SPDX-License-Identifier: GPL-2.0-only */
/* A small monitor: takes a guest's events, and answers as the test says. */
#ifndef ALTP2M_TEST_MONITOR_H
#define ALTP2M_TEST_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xen/vm_event.h>

struct guest;

#define MONITOR_LOG 64

/* Fills in the answer, which is the request's copy with no flags but paused. */
typedef void (*monitor_answer_t)(const vm_event_request_t *request,
                                 vm_event_response_t *answer);

struct monitor
{
    struct guest *guest;
    void *page;
    vm_event_back_ring_t ring;
    uint32_t port;
    monitor_answer_t answer;

    unsigned int count;                  /* of events so far */
    vm_event_request_t log[MONITOR_LOG]; /* the first of them */
};

struct monitor *monitor_open(struct guest *g, monitor_answer_t answer);
/* Takes what events there are; true if there were any. */
bool monitor_serve(struct monitor *m);
/* The same, once one is announced, or after that time. */
bool monitor_wait(struct monitor *m, int ms);
void monitor_close(struct monitor *m);
void monitors_close(void);

/* An answer for the commonest wish: let the vCPU go on in view 0. */
void answer_view_0(const vm_event_request_t *request,
                   vm_event_response_t *answer);

#endif /* ALTP2M_TEST_MONITOR_H */
