/* SPDX-License-Identifier: GPL-2.0-only */
/* A look at a domain's counters, and when the next one is due. */
#ifndef XEN_ALTP2M_SAMPLE_H
#define XEN_ALTP2M_SAMPLE_H

#include "command.h"
#include "common/domain.h"

struct domain_counters
{
    uint64_t views, vcpus, pool_total, pool_free, pool_views, tables, remaps,
             dormant, lost, faults;
};

struct sample
{
    uint64_t time_ns;        /* since the machine started */
    struct domain_counters counters;
    struct dump dump;        /* the views, without overrides */
};

int take_sample(struct domain *d, struct sample *s);
void free_sample(struct sample *s);

struct pace
{
    double seconds;
    uint64_t count;          /* looks; 0: until it is ended */
};

int parse_pace(const struct args *args, struct pace *pace);
void wait_seconds(double seconds);

#endif /* XEN_ALTP2M_SAMPLE_H */
