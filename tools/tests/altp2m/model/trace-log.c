/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace-log < LOG: judges what a debug build has told on its serial line of the
 * translations of each domain (altp2m_trace()), by the checker that judges the
 * model tests' own events.
 */
#include <ctype.h>
#include <stdarg.h>

#include "model.h"

#define MARK "altp2m-trace d"
#define DOMAINS 4096u

void model_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    exit(2);
}

static struct trace *of_domain[DOMAINS];
static unsigned long lines, domains;

/* The trace of the domain that a line is about, and where its events begin. */
static const char *line_of(const char *line)
{
    const char *mark = strstr(line, MARK);
    unsigned long domain;
    char *end;

    if ( !mark )
        return NULL;
    domain = strtoul(mark + strlen(MARK), &end, 10);
    if ( *end != ':' || domain >= DOMAINS )
        return "?";
    if ( of_domain[domain] )
        trace = of_domain[domain];
    else
    {
        of_domain[domain] = malloc(sizeof(struct trace));
        trace_init(of_domain[domain], TRACE_CPUS);
        domains++;
    }
    lines++;

    return end + 1;
}

/* A trace in which something never happens has not been judged. */
static const char *missing(void)
{
    static const char *const names[] = {
        "s", "a store", "m", "a mask set", "i", "an invalidation", "e",
        "an entry", "x", "an exit", "f", "a table freed", "r", "a return",
    };
    unsigned int i, d;

    for ( i = 0; i < ARRAY_SIZE(names); i += 2 )
    {
        unsigned long sum = 0;

        for ( d = 0; d < DOMAINS; d++ )
            if ( of_domain[d] )
                sum += of_domain[d]->events[(unsigned char)names[i][0]];
        if ( !sum )
            return names[i + 1];
        printf("%s%s %lu", i ? ", " : "trace: ", names[i + 1], sum);
    }
    printf("; %lu lines, %lu domains\n", lines, domains);

    return NULL;
}

int main(void)
{
    char line[4096];
    const char *events, *none;

    while ( fgets(line, sizeof(line), stdin) )
    {
        events = line_of(line);
        if ( !events )
            continue;
        if ( !trace_events(events) )
        {
            printf("TEST trace FAIL: no trace: %s", strstr(line, MARK));
            return 1;
        }
        if ( trace->verdict )
        {
            printf("TEST trace FAIL: %s: %s", trace->verdict,
                   strstr(line, MARK));
            return 1;
        }
    }
    none = missing();
    if ( none )
        printf("\nTEST trace FAIL: it never has %s\n", none);
    else
        printf("TEST trace PASS\n");

    return !!none;
}
