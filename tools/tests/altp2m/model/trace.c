/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may still hold a translation?  A store that replaces an entry which
 * processors can hold makes all of them unclean; one is clean again once it has
 * invalidated, or is out of the guest and must invalidate before it is back.
 * When a table is freed, or a hypercall returns, all must be clean.
 *
 * The same events come from a debug build's serial log: main-trace.c.
 */
#include "model.h"

/* What translation depends on: not accessed, dirty and Xen's own bits. */
#define MATTERS 0x800ffffffffff0ffULL

static unsigned long now, dirtied, clean[NR_CPUS];
static bool inside[NR_CPUS], asked[NR_CPUS];
static FILE *out;
const char *trace_verdict;

#define LOG(...) do { if ( out ) fprintf(out, "altp2m-trace: " __VA_ARGS__); } \
                 while ( 0 )

void trace_init(FILE *log)
{
    unsigned int c;

    now = dirtied = 0;
    for ( c = 0; c < NR_CPUS; c++ )
    {
        clean[c] = 0;
        inside[c] = asked[c] = false;
    }
    trace_verdict = NULL;
    out = log;
}

static bool all_clean(void)
{
    unsigned int c;

    for ( c = 0; c < NR_PCPUS; c++ )
        if ( clean[c] < dirtied && (inside[c] || !asked[c]) )
            return false;

    return true;
}

void trace_store(unsigned long table, unsigned int idx, uint64_t old,
                 uint64_t new, bool cacheable)
{
    LOG("store %lx %u %"PRIx64" %"PRIx64" %d\n", table, idx, old, new,
        cacheable);
    if ( cacheable && ((old ^ new) & MATTERS) )
        dirtied = ++now;
}

void trace_free(unsigned long mfn, bool linked)
{
    LOG("free %lx %d\n", mfn, linked);
    if ( linked && !all_clean() )
        trace_verdict = "a table is freed that a CPU may still walk";
}

/* All processors are to invalidate before they enter. */
void trace_mask(void)
{
    unsigned int c;

    LOG("mask\n");
    for ( c = 0; c < NR_CPUS; c++ )
        asked[c] = true;
}

/* One is, for a reason of its own. */
void trace_owes(unsigned int cpu)
{
    LOG("owes %u\n", cpu);
    asked[cpu] = true;
}

void trace_invalidate(unsigned int cpu)
{
    LOG("invept %u\n", cpu);
    clean[cpu] = ++now;
    asked[cpu] = false;
}

void trace_enter(unsigned int cpu)
{
    LOG("enter %u\n", cpu);
    if ( asked[cpu] )
        trace_verdict = "a CPU enters without the invalidation it owes";
    inside[cpu] = true;
}

void trace_exit(unsigned int cpu)
{
    LOG("exit %u\n", cpu);
    inside[cpu] = false;
}

void trace_return(void)
{
    LOG("return\n");
    if ( !all_clean() )
        trace_verdict = "an operation returns while a CPU may hold a stale entry";
}
