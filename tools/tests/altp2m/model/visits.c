/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts the work done under the host p2m lock: loads and stores of the memory
 * that tables, nodes and remaps are in; and of the guest's pages, each of which
 * counts whole, however little of it is read or written.
 *
 * The files under test are compiled with -fsanitize=thread, which makes the
 * compiler call a function for each access; these are the functions.  Counting
 * starts anew where the lock is taken, and where a long operation asks whether
 * it should be preempted.
 */
#include "model.h"

#if NR_VCPUS < 128
/* Not built with the compiler's calls: nothing is counted. */
void visits_begin(void) {}
void visits_end(void) {}
#else

static unsigned long visits, longest, touched;

void visits_begin(void)
{
    longest = max(longest, visits);
    visits = 0;
}

void visits_end(void)
{
    visits_begin();
}

unsigned long visits_longest(void)
{
    unsigned long was;

    visits_begin();
    was = longest;
    longest = 0;

    return was;
}

/* All that the code under test read and wrote since this was asked last, anywhere. */
unsigned long visits_touched(void)
{
    unsigned long was = touched;

    touched = 0;

    return was;
}

static void visit(const void *p)
{
    touched++;
    visits += (unsigned long)((const char *)p - table_memory) <
              TABLE_FRAMES * PAGE_SIZE;
}

#define ACCESS(name) void __tsan_ ## name(void *p); \
                     void __tsan_ ## name(void *p) { visit(p); }
#define SIZES(name) ACCESS(name ## 1) ACCESS(name ## 2) ACCESS(name ## 4) \
                    ACCESS(name ## 8) ACCESS(name ## 16)
SIZES(read)
SIZES(write)
SIZES(unaligned_read)
SIZES(unaligned_write)

void __tsan_read_range(void *p, unsigned long size);
void __tsan_read_range(void *p, unsigned long size)
{
    unsigned long i;

    for ( i = 0; i < size; i += 8 )
        visit((char *)p + i);
}

void __tsan_write_range(void *p, unsigned long size);
void __tsan_write_range(void *p, unsigned long size)
{
    __tsan_read_range(p, size);
}

/* write_atomic(). */
void visits_store(const volatile void *p)
{
    visit((const void *)p);
}

void visits_page(void)
{
    visits += PAGE_SIZE / 8;
}

void __tsan_init(void);
void __tsan_init(void)
{
}

/* Atomic instructions are on other memory. */
uint64_t __tsan_atomic64_exchange(volatile uint64_t *p, uint64_t v, int order);
uint64_t __tsan_atomic64_exchange(volatile uint64_t *p, uint64_t v, int order)
{
    uint64_t old = *p;

    *p = v;

    return old;
}

int __tsan_atomic64_compare_exchange_strong(volatile uint64_t *p,
                                            uint64_t *old, uint64_t new,
                                            int order, int fail);
int __tsan_atomic64_compare_exchange_strong(volatile uint64_t *p,
                                            uint64_t *old, uint64_t new,
                                            int order, int fail)
{
    bool same = *p == *old;

    if ( same )
        *p = new;
    else
        *old = *p;

    return same;
}

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
}

#endif
