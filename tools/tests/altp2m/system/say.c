/* SPDX-License-Identifier: GPL-2.0-only */
#include "say.h"
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>

static const struct step *step;
static unsigned int count, reached;
static uint64_t started;

void say(const char *format, ...)
{
    va_list args;

    printf("demo: ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

static void all_steps(void)
{
    for ( ; reached < count; reached++ )
    {
        say("%u. %s", reached + 1, step[reached].title);
        step[reached].run();
        say("   holds; %llu ms since the start",
            (unsigned long long)(now_ns() - started) / 1000000);
    }
}

int say_steps(const struct step *steps, unsigned int nr)
{
    const char *problem;

    step = steps;
    count = nr;
    started = now_ns();
    problem = guarded(all_steps);
    if ( problem )
    {
        say("   DOES NOT HOLD: %s", problem);
        say("Step %u, \"%s\", did not hold; the steps before it did.",
            reached + 1, steps[reached].title);
        return 1;
    }
    say("All %u steps held.", nr);
    return 0;
}
