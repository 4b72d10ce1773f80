/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may still hold a translation?  A store that replaces an entry which
 * processors can hold makes all of them unclean; one is clean again once it has
 * invalidated, or is out of the guest and must invalidate before it is back.
 * When a table is freed, or a hypercall returns, all must be clean; and none
 * enters that isn't, of what has returned.
 *
 * The same events come from a debug build's serial log: trace-log.c.
 */
#include <ctype.h>

#include "model.h"

/* What translation depends on: not accessed, dirty and Xen's own bits. */
#define MATTERS 0x800ffffffffff0ffULL

static struct trace own;
struct trace *trace = &own;

void trace_init(struct trace *which, unsigned int cpus)
{
    trace = which ?: &own;
    *trace = (struct trace){ .cpus = cpus };
}

bool trace_clean(void)
{
    unsigned int c;

    for ( c = 0; c < trace->cpus; c++ )
        if ( trace->clean[c] < trace->dirtied &&
             (trace->inside[c] || !trace->asked[c]) )
            return false;

    return true;
}

/* An entry that CPUs may hold is another now. */
void trace_dirty(void)
{
    trace->dirtied = ++trace->now;
}

void trace_store(uint64_t old, uint64_t new, bool cacheable)
{
    if ( cacheable && ((old ^ new) & MATTERS) )
        trace_dirty();
}

void trace_free(bool linked)
{
    if ( !linked )
        return;
    if ( !trace_clean() )
        trace->verdict = "a table is freed that a CPU may still walk";
    trace->settled = trace->dirtied;
}

/* All processors are to invalidate before they enter. */
void trace_mask(void)
{
    unsigned int c;

    for ( c = 0; c < TRACE_CPUS; c++ )
        trace->asked[c] = true;
}

/* One is, for a reason of its own. */
void trace_owes(unsigned int cpu)
{
    trace->asked[cpu] = true;
}

void trace_invalidate(unsigned int cpu)
{
    trace->clean[cpu] = ++trace->now;
    trace->asked[cpu] = false;
}

/*
 * One that has looked at the mask just before it was set enters yet, but is
 * waited for before the operation returns.
 */
void trace_enter(unsigned int cpu)
{
    if ( trace->clean[cpu] < trace->settled )
        trace->verdict = "a CPU enters without the invalidation it owes";
    trace->inside[cpu] = true;
}

void trace_exit(unsigned int cpu)
{
    trace->inside[cpu] = false;
}

void trace_return(void)
{
    if ( !trace_clean() )
        trace->verdict =
            "an operation returns while a CPU may hold a stale entry";
    trace->settled = trace->dirtied;
}

static bool event(char what, unsigned int cpu)
{
    if ( cpu >= TRACE_CPUS )
        return false;

    switch ( what )
    {
    case 's': trace_dirty(); break;
    case 'm': trace_mask(); break;
    case 'i': trace_invalidate(cpu); break;
    case 'j': break;             /* of one context, where there are others */
    case 'e': trace_enter(cpu); break;
    case 'x': trace_exit(cpu); break;
    case 'f': trace_free(true); break;
    case 'r': trace_return(); break;
    default:  return false;
    }
    trace->events[(unsigned char)what]++;

    return true;
}

/* Events as altp2m_trace() tells them.  Returns false for what is none. */
bool trace_events(const char *text)
{
    while ( *text && *text != '\n' && *text != '\r' )
    {
        char *end = (char *)text + 1;
        unsigned long cpu = 0;

        if ( *text == ' ' )
        {
            text++;
            continue;
        }
        if ( strchr("ijex", *text) )
        {
            if ( !isdigit((unsigned char)text[1]) )
                return false;
            cpu = strtoul(text + 1, &end, 10);
        }
        if ( !event(*text, cpu) )
            return false;
        text = end;
    }

    return true;
}
