/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running tests by name, and reporting: each prints one line, "TEST name PASS",
 * "TEST name FAIL: reason" or "TEST name SKIP: reason".  A test ends by
 * returning, or from any depth by fail() or skip(); the guests and monitors
 * that it made are then done away with for it.
 */
#ifndef ALTP2M_TEST_HARNESS_H
#define ALTP2M_TEST_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a test needs of the machine; probed once, see capability.c. */
#define NEEDS_NOTHING   0u
#define NEEDS_VIEWS     1u
#define NEEDS_VMFUNC    2u
#define NEEDS_VE        4u
#define NEEDS_HARDWARE  8u  /* VMFUNC without exits, rather than emulated */
#define NEEDS_MTF      16u  /* monitor trap flag, or its like */
#define NEEDS_INT3     32u  /* the CPU looks whether INT3 is intercepted */

struct test
{
    const char *name;
    unsigned int needs;
    void (*run)(void);
};

/* Those of a program, NULL at the end. */
extern const struct test *const tables[];

/* One table a file; the last entry has no name. */
extern const struct test tests_state[], tests_view[], tests_access[],
    tests_violation[], tests_remap[], tests_suppress[], tests_host[],
    tests_event[], tests_xenaccess[], tests_memaccess[], tests_pool[],
    tests_vmfunc[], tests_mode[], tests_vcpu[], tests_random[],
    tests_toolstack[], tests_transcript[], tests_exits[], tests_emulation[],
    tests_dirty[], tests_memtype[], tests_sharing[], tests_query[],
    tests_batch[], tests_range[], tests_clone[], tests_lost[], tests_visible[],
    tests_agent[], tests_fork[], tests_shorthand[], tests_gla[],
    tests_side[], tests_own[], tests_rules[], tests_example[],
    tests_breakpoint[], tests_break[], tests_process[], tests_log[];

void fail(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void skip(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The condition, where it stands, and the reason in words. */
#define expect(condition, format, ...)                                    \
    do {                                                                  \
        if ( !(condition) )                                               \
            fail("%s:%d: " format, __FILE__, __LINE__, ##__VA_ARGS__);    \
    } while ( 0 )

#define expect_equal(got, wanted, what)                                   \
    do {                                                                  \
        long long got_ = (got), wanted_ = (wanted);                       \
        if ( got_ != wanted_ )                                            \
            fail("%s:%d: %s: %lld (%#llx), not %lld (%#llx)", __FILE__,   \
                 __LINE__, what, got_, got_, wanted_, wanted_);           \
    } while ( 0 )

/* Results of hypercalls: 0 or a negative error. */
#define expect_rc(call, wanted)                                           \
    do {                                                                  \
        int got_ = (call);                                                \
        if ( got_ != (wanted) )                                           \
            fail("%s:%d: %s: %s, not %s", __FILE__, __LINE__, #call,      \
                 error_name(got_), error_name(wanted));                   \
    } while ( 0 )
#define expect_ok(call) expect_rc(call, 0)

const char *error_name(int rc);

/* Runs it; 0, or why it failed.  Its guests are gone afterwards. */
const char *guarded(void (*run)(void));

/* Reproducible random numbers; the seed is printed, and taken from --seed. */
uint64_t random_seed(void);
uint32_t random_below(uint32_t limit);

uint64_t now_ns(void);

#endif /* ALTP2M_TEST_HARNESS_H */
