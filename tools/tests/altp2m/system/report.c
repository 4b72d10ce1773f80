/* SPDX-License-Identifier: GPL-2.0-only */
/* How a test ends: by returning, by fail() or by skip(), from any depth. */
#include "device.h"
#include "guest.h"
#include "harness.h"
#include "monitor.h"
#include "verdict.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum verdict verdict;
char reason[REASON_SIZE];
uint64_t seed = 20151;

static jmp_buf test_end;
static uint64_t random_state;

static void __attribute__((noreturn)) finish(enum verdict v, const char *format,
                                             va_list args)
{
    verdict = v;
    vsnprintf(reason, sizeof(reason), format, args);
    longjmp(test_end, 1);
}

void fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finish(FAILED, format, args);
}

void skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finish(SKIPPED, format, args);
}

void note(const char *format, ...)
{
    va_list args;

    printf("  ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

const char *error_name(int rc)
{
    static char text[2][64];
    static unsigned int turn;
    const char *name;

    if ( rc == 0 )
        return "success";

    turn ^= 1;
    name = strerrorname_np(-rc);
    if ( rc < 0 && name )
        snprintf(text[turn], sizeof(text[turn]), "-%s", name);
    else
        snprintf(text[turn], sizeof(text[turn]), "%d", rc);
    return text[turn];
}

uint64_t random_seed(void)
{
    random_state = seed;
    return seed;
}

/* xorshift64*; good enough to choose operations, and the same everywhere. */
uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return ((random_state * 0x2545f4914f6cdd1dULL >> 32) * limit) >> 32;
}

uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

const char *guarded(void (*run)(void))
{
    verdict = RUNNING;
    if ( !setjmp(test_end) )
    {
        run();
        verdict = PASSED;
    }
    devices_close();
    monitors_close();
    guests_destroy();
    return verdict == PASSED ? NULL : reason;
}
