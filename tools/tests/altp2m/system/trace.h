/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits of guests, as Xen's own trace buffers tell them. */
#ifndef ALTP2M_TEST_TRACE_H
#define ALTP2M_TEST_TRACE_H

#include <stdint.h>

struct exits
{
    uint64_t all;
    uint64_t nested;   /* nested page faults, EPT misconfigurations included */
    uint64_t vmfunc;   /* VMFUNC that the CPU did not carry out */
    uint64_t exceptions;
    uint64_t hypercalls;
    uint64_t interrupts;
    uint64_t waits;    /* PAUSE, HLT */
    uint64_t clock;    /* RDTSC */
    uint64_t registers; /* accesses to control registers */
};

/* Counts from now on. */
void trace_start(void);
/* What there was since then; fails if the buffer could not hold it. */
struct exits trace_stop(void);

#endif /* ALTP2M_TEST_TRACE_H */
