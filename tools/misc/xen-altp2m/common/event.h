/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened to a domain's views between two looks. */
#ifndef XEN_ALTP2M_EVENT_H
#define XEN_ALTP2M_EVENT_H

#include "common/sample.h"

enum event_kind
{
    EVENT_VIEW_MADE, EVENT_VIEW_GONE, EVENT_SWITCHED, EVENT_LOST, EVENT_FAULTS
};

struct event
{
    enum event_kind kind;
    uint64_t time_ns;
    unsigned int view;       /* made, gone, lost, faults; switched: into */
    unsigned int vcpu, from; /* switched */
    uint64_t gfn, target;    /* lost */
    uint64_t count;          /* faults: that made tables anew */
};

typedef void (*event_taker)(void *arg, const struct event *event);

struct events
{
    uint64_t next_lost;      /* where to go on reading lost remaps */
    event_taker take;
    void *arg;
};

/* What was lost before is passed over. */
int events_begin(struct domain *d, struct events *e);
int events_between(struct domain *d, struct events *e,
                   const struct sample *before, const struct sample *now);

void json_event(const struct domain *d, const struct event *event);
/* In words; valid until the next call. */
const char *event_text(const struct event *event);

#endif /* XEN_ALTP2M_EVENT_H */
