/* SPDX-License-Identifier: GPL-2.0-only */
/* The few instructions that C has no word for. */
#ifndef PAYLOAD_CPU_H
#define PAYLOAD_CPU_H

#include <stdint.h>

static inline uint64_t ticks(void)
{
    uint32_t low, high;

    asm volatile ( "lfence; rdtsc" : "=a" (low), "=d" (high) :: "memory" );
    return ((uint64_t)high << 32) | low;
}

static inline void cpuid(uint32_t leaf, uint32_t out[4])
{
    asm volatile ( "cpuid"
                   : "=a" (out[0]), "=b" (out[1]), "=c" (out[2]), "=d" (out[3])
                   : "a" (leaf), "c" (0) );
}

static inline uint64_t read_cr3(void)
{
    uint64_t value;

    asm volatile ( "mov %%cr3, %0" : "=r" (value) );
    return value;
}

static inline void write_cr3(uint64_t value)
{
    asm volatile ( "mov %0, %%cr3" :: "r" (value) : "memory" );
}

#define CR4_TSD  4ULL
#define CR4_SMAP (1ULL << 21)

#define CPUID_SMAP (1u << 20) /* leaf 7, EBX */

static inline uint64_t read_cr4(void)
{
    uint64_t value;

    asm volatile ( "mov %%cr4, %0" : "=r" (value) );
    return value;
}

static inline void write_cr4(uint64_t value)
{
    asm volatile ( "mov %0, %%cr4" :: "r" (value) );
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
    asm volatile ( "wrmsr" :: "c" (msr), "a" ((uint32_t)value),
                              "d" ((uint32_t)(value >> 32)) : "memory" );
}

static inline void put_char(char c)
{
    asm volatile ( "outb %%al, $0xe9" :: "a" (c) );
}

static inline void interrupts_on(void)
{
    asm volatile ( "sti" ::: "memory" );
}

/* We wait: on an emulator with one thread for all CPUs, the next one's turn. */
static inline void relax(void)
{
    asm volatile ( "pause" ::: "memory" );
}

static inline void vmfunc(uint32_t leaf, uint32_t view)
{
    asm volatile ( ".byte 0x0f, 0x01, 0xd4"
                   :: "a" (leaf), "c" (view) : "memory" );
}

static inline uint64_t read_word(uint64_t gpa)
{
    return *(volatile uint64_t *)gpa;
}

static inline void write_word(uint64_t gpa, uint64_t value)
{
    *(volatile uint64_t *)gpa = value;
}

#endif /* PAYLOAD_CPU_H */
