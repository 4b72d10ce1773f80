/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercalls through the page that Xen fills. */
#ifndef PAYLOAD_HYPERCALL_H
#define PAYLOAD_HYPERCALL_H

#include <stdint.h>

extern uint8_t hypercall_page[4096];

/* From 32-bit code; in start.S. */
long hypercall32(uint64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                 uint64_t a4, uint64_t a5);

static inline long hypercall64(uint64_t number, uint64_t a1, uint64_t a2,
                               uint64_t a3, uint64_t a4, uint64_t a5)
{
    register uint64_t r10 asm ( "r10" ) = a4;
    register uint64_t r8 asm ( "r8" ) = a5;
    long result;

    asm volatile ( "call *%[page]"
                   : "=a" (result), "+D" (a1), "+S" (a2), "+d" (a3),
                     "+r" (r10), "+r" (r8)
                   : [page] "r" (hypercall_page + number * 32)
                   : "memory", "rcx", "r11" );
    return result;
}

#endif /* PAYLOAD_HYPERCALL_H */
