/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for Xen's basics: types, assertions, atomics, containers. */
#ifndef STANDIN_BASE_H
#define STANDIN_BASE_H

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef bool bool_t;
typedef uint64_t paddr_t;

/* Xen has one that user space has not. */
#ifndef ERESTART
#define ERESTART 85
#endif

#define likely(x)       __builtin_expect(!!(x), 1)
#define unlikely(x)     __builtin_expect(!!(x), 0)
#define cf_check
#define always_inline   inline
#define noinline        __attribute__((noinline))
#define __read_mostly
#define __init
#define fallthrough     __attribute__((fallthrough))
#define __packed        __attribute__((packed))
#define __must_check    __attribute__((warn_unused_result))
#define prefetch(x)     ((void)(x))
#define EXPORT_SYMBOL(x)
#define this_cpu(x)     (x)

/* Whatever goes wrong ends here: see report.c. */
void __attribute__((noreturn, format(printf, 3, 4)))
model_fail(const char *file, int line, const char *fmt, ...);
#define FAIL(...) model_fail(__FILE__, __LINE__, __VA_ARGS__)
#define ASSERT(x) do { if ( !(x) ) FAIL("assertion: %s", #x); } while ( 0 )
#define BUG_ON(x) do { if ( x ) FAIL("BUG_ON: %s", #x); } while ( 0 )
#define BUG()     FAIL("BUG")
#define ASSERT_UNREACHABLE() FAIL("unreachable")
#define BUILD_BUG_ON(x) _Static_assert(!(x), #x)
#define BUILD_BUG_ON_ZERO(x) (sizeof(struct { _Static_assert(!(x), #x); }))

#define min(a, b) \
    ({ typeof(a) a_ = (a); typeof(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b) \
    ({ typeof(a) a_ = (a); typeof(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define min_t(t, a, b) ({ t a_ = (a); t b_ = (b); a_ < b_ ? a_ : b_; })
/*
 * Of a macro that is defined as 1, the first argument of SECOND() is two; an
 * option that tests turn off is defined as the name of a variable.
 */
#define IF_1            0,
#define IF_built_events 0, built_events,
#define SECOND(a, b, ...) b
#define ENABLED(value)  SECOND(value 1, 0)
#define ENABLED_(value) ENABLED(IF_ ## value)
#define IS_ENABLED(x)   ENABLED_(x)
#define IS_ALIGNED(x, n) (!((x) & ((n) - 1)))
#define ROUNDUP(x, a)  (((x) + (a) - 1) & ~((a) - 1))
#define ARRAY_SIZE(x)  (sizeof(x) / sizeof((x)[0]))
#define container_of(p, t, m) ((t *)((char *)(p) - offsetof(t, m)))
#define DIV_ROUND_UP(x, y) (((x) + (y) - 1) / (y))
#define BITS_PER_LONG 64
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, 64)
#define DECLARE_BITMAP(name, n) unsigned long name[BITS_TO_LONGS(n)]
static inline unsigned int bitmap_weight(const unsigned long *map,
                                         unsigned int n)
{
    unsigned int i, weight = 0;

    for ( i = 0; i < n / BITS_PER_LONG; i++ )
        weight += __builtin_popcountl(map[i]);

    return weight;
}
static inline bool test_bit(unsigned int n, const unsigned long *map)
{
    return map[n / 64] >> (n % 64) & 1;
}
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))
static inline void __set_bit(unsigned int n, unsigned long *map)
{
    map[n / 64] |= 1UL << (n % 64);
}
static inline bool test_and_set_bit(unsigned int n, unsigned long *map)
{
    bool was = test_bit(n, map);

    __set_bit(n, map);

    return was;
}
static inline void __clear_bit(unsigned int n, unsigned long *map)
{
    map[n / 64] &= ~(1UL << (n % 64));
}
static inline void bitmap_zero(unsigned long *map, unsigned int n)
{
    memset(map, 0, BITS_TO_LONGS(n) * sizeof(*map));
}
static inline void bitmap_copy(unsigned long *to, const unsigned long *from,
                               unsigned int n)
{
    memcpy(to, from, BITS_TO_LONGS(n) * sizeof(*to));
}
static inline bool bitmap_empty(const unsigned long *map, unsigned int n)
{
    for ( unsigned int i = 0; i < BITS_TO_LONGS(n); i++ )
        if ( map[i] )
            return false;

    return true;
}
#define block_lock_speculation() ((void)0)
#define array_index_nospec(i, n) ((i) < (n) ? (i) : 0)

/*
 * Every store that must be seen whole goes through here, so that its history
 * can be kept: see machine.c.
 */
void model_store(volatile void *p, uint64_t value, size_t size);
#define write_atomic(p, v) model_store(p, (uint64_t)(v), sizeof(*(p)))
#define read_atomic(p)     (*(const volatile typeof(*(p)) *)(p))
#define cmpxchg(p, o, n)   __sync_val_compare_and_swap(p, o, n)
#define xchg(p, v)         __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
/* Each reading is another one. */
extern uint64_t model_tsc;
#define get_cycles()       (++model_tsc)
#define smp_wmb()          __sync_synchronize()
#define smp_mb()           __sync_synchronize()
#define cpu_relax()

/* What Xen says, if a test wants to know. */
extern FILE *model_console;
#define printk(...) \
    ((void)(model_console && fprintf(model_console, __VA_ARGS__)))
#define XENLOG_DEBUG  ""
typedef int spinlock_t;
#define SPIN_LOCK_UNLOCKED 0
#define spin_lock_irqsave(l, f) \
    do { f = ++*(l); ASSERT(f == 1); } while ( 0 )
#define spin_unlock_irqrestore(l, f) ((void)(f), (void)--*(l))
#define gprintk(...)  ((void)0)
#define gdprintk(...) ((void)0)
#define XENLOG_ERR
#define register_keyhandler(...) ((void)0)
#define process_pending_softirqs() ((void)0)

#endif
