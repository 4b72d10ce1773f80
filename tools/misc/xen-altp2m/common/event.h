/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened to a domain's views between two looks. */
#ifndef XEN_ALTP2M_EVENT_H
#define XEN_ALTP2M_EVENT_H

#include "common/sample.h"

enum event_kind
{
    EVENT_VIEW_MADE, EVENT_VIEW_GONE, EVENT_SWITCHED, EVENT_LOST,
    EVENT_LOST_BETWEEN, EVENT_FAULTS
};

struct event
{
    enum event_kind kind;
    uint64_t since_ns, time_ns; /* it happened between these looks */
    unsigned int view;       /* made, gone, lost, faults; switched: into */
    unsigned int vcpu, from; /* switched */
    uint64_t gfn, target;    /* lost */
    uint64_t count;          /* faults: that rebuilt tables; lost between:
                                losses of which there is no record any more */
};

typedef void (*event_taker)(void *arg, const struct event *event);

struct events
{
    uint64_t next_lost;      /* where to go on reading lost remaps */
    struct { uint64_t told, base; } lost[VIEWS_MAX]; /* of each view */
    event_taker take;
    void *arg;
};

/*
 * Begins at a first look.  What was lost before is passed over.
 *
 * What is told is what differs between two looks.  A vCPU that went to another
 * view and came back in between is not seen.  A remap that was lost and found
 * again, or taken back, is counted (EVENT_LOST_BETWEEN).  A view that was
 * destroyed and made again is told where its counters have gone back.
 */
int events_begin(struct domain *d, struct events *e,
                 const struct sample *first);
int events_between(struct domain *d, struct events *e,
                   const struct sample *before, const struct sample *now);

void json_event(const struct domain *d, const struct event *event);
/* In words; valid until the next call. */
const char *event_text(const struct event *event);

#endif /* XEN_ALTP2M_EVENT_H */
