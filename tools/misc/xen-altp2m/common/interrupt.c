/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* With SIGPIPE: a reader of the progress that goes away ends nothing. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static struct sigaction before[SIGNALS];
static unsigned int depth;
static volatile sig_atomic_t noted;

static void note(int signal)
{
    if ( signal != SIGPIPE )
        noted = 1;
}

void interrupts_hold(void)
{
    struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };

    if ( depth++ )
        return;
    noted = 0;
    for ( unsigned int i = 0; i < SIGNALS; i++ )
    {
        sigaction(signals[i], &action, &before[i]);
        /* nohup(1), and a shell's jobs in the background, want it ignored. */
        if ( before[i].sa_handler == SIG_IGN )
            sigaction(signals[i], &before[i], NULL);
    }
}

void interrupts_release(void)
{
    if ( --depth )
        return;
    for ( unsigned int i = 0; i < SIGNALS; i++ )
        sigaction(signals[i], &before[i], NULL);
}

bool interrupted(void)
{
    return noted;
}
