/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/sample.h"
#include "common/message.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

int take_sample(struct domain *d, struct sample *s)
{
    struct xen_altp2m_domain_info info;
    struct timespec now;

    *s = (struct sample){ 0 };
    if ( xenaltp2m_domain_info(d->alt, d->domid, &info) )
        return complain_errno(errno, "domain %s: can't read its counters",
                              d->text);
    clock_gettime(CLOCK_MONOTONIC, &now);
    s->time_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
    s->counters = (struct domain_counters){
        .views = info.views, .vcpus = info.vcpus,
        .pool_total = info.pool_total, .pool_free = info.pool_free,
        .pool_views = info.pool_views, .tables = info.tables,
        .remaps = info.remaps, .dormant = info.dormant, .lost = info.lost,
        .faults = info.filled,
    };
    return fetch(d, 0, &s->dump);
}

void free_sample(struct sample *s)
{
    free_dump(&s->dump);
    *s = (struct sample){ 0 };
}

int parse_pace(const struct args *args, struct pace *pace)
{
    const char *text = args->value[OPT_INTERVAL] ?: "1";
    char *end;

    *pace = (struct pace){ 0 };
    pace->seconds = strtod(text, &end);
    if ( end == text || *end || !(pace->seconds >= 0.05) ||
         pace->seconds > 86400 )
        return complain(EXIT_USAGE, "'%s' is not an interval (use 0.05 to "
                        "86400 seconds)", text);
    if ( args->given[OPT_COUNT] &&
         (!parse_number(args->value[OPT_COUNT], UINT32_MAX, &pace->count) ||
          !pace->count) )
        return complain(EXIT_USAGE, "'%s' is not a number of looks",
                        args->value[OPT_COUNT]);
    return EXIT_DONE;
}

int check_pace(struct args *args)
{
    struct pace pace;

    return parse_pace(args, &pace);
}

void wait_seconds(double seconds)
{
    struct timespec t = { .tv_sec = seconds,
                          .tv_nsec = (seconds - (time_t)seconds) * 1e9 };

    while ( nanosleep(&t, &t) && errno == EINTR )
        ;
}
