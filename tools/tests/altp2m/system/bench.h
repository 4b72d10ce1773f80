/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the benchmark share: how ticks, exits and events are measured. */
#ifndef ALTP2M_TEST_BENCH_H
#define ALTP2M_TEST_BENCH_H

#include "guest.h"
#include "monitor.h"
#include "trace.h"

#define BIG_MIB    88
#define BIG_PAGES  (64 * MIB / 4096)
#define IN_2MIB    512u
#define TIMES      15
#define FEW        5

/* Prints a figure, or that there is none, and why. */
void put(const char *key, uint64_t value);
void none(const char *key, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same with a key in two parts. */
void put_of(const char *key, const char *what, uint64_t value);

uint64_t ticks(void);
/*
 * Returns just after one of dom0's timer interrupts, with the next as far off as
 * can be.  Calls of the same length, one after the other, may each meet one
 * otherwise, in every round.
 */
void wait_for_timer(void);
/* Sorts. */
uint64_t median(uint64_t *t, unsigned int n);
uint64_t least_of(const uint64_t *t, unsigned int n);

/* Where tools/bench profile begins and ends to look: no operation elsewhere. */
extern bool profiling;

static inline void mark(void)
{
    if ( profiling )
        asm volatile ( "xchg %%bx, %%bx" ::: "memory" );
}

/* Says what the last two marks were about. */
void looked_at(const char *what);
void quietly_marked(struct guest *g, const struct guest_command *c);
#define SOME 16u                    /* of what is done in a loop */

/* The operation is in a buffer that Xen can reach: no copy is measured. */
altp2m_op_t *op_buffer(void);
uint64_t timed_op(const altp2m_op_t *op);

struct guest *big_guest(unsigned int pool_pages);
/* Whether this Xen has operations beyond those of stock Xen. */
bool is_ours(struct guest *g);

/* The guest works undisturbed: nobody looks before it is likely to be done. */
const volatile struct payload_slot *
do_quietly(struct guest *g, const struct guest_command *c, unsigned int ms);
/* Of what was done: not of timers, of waiting for the next command, and of measuring. */
uint64_t exits_for(const struct exits *n);
uint64_t exits_of(struct guest *g, const struct guest_command *c);

/*
 * What a command takes that the guest's monitor may be asked about, begun in
 * @view: the least ticks (result[1]) of 1 + @more times, and the exits and events
 * of the last.  Returns that one's result[0].
 */
uint64_t put_served(struct guest *g, const struct guest_command *c,
                    uint16_t view, unsigned int more, const char *key);

/*
 * Code at @pages' beginning, and how often it is called.  The first of two places
 * has a breakpoint where there are some.
 */
#define CODE_PAGES  8u
#define CODE_CALLS  4u
#define CODE_HIT    0u
#define CODE_FREE   0x800u
void put_code(struct guest *g, uint64_t gfn, unsigned int pages);
/* Calls it. */
#define CALL_CODE(offset, read)                                               \
    COMMAND(CMD_CALL, TEST_GPA + (offset), CODE_PAGES, CODE_CALLS, read)

#define INT3 0xcc

/* A monitor of all that a breakpoint may be; *@hits: whether INT3 is an event. */
struct monitor *monitor_all(struct guest *g, monitor_answer_t answer,
                            bool *hits);
/* Calls of code with breakpoints, each an event, as on stock Xen. */
void put_called_by_others(struct guest *g, const char *key);

/* ---- the parts ---- */

void bench_breakpoints(void);
void bench_breakpoints_100(void);
void bench_patches(void);
void bench_patches_100(void);
void bench_processes(void);
void bench_logged(void);
void profile_breakpoints(void);

#endif /* ALTP2M_TEST_BENCH_H */
