/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequences of steps, each in a process of its own, so that whatever goes wrong
 * in one, it can be run again with steps left out until none can be.
 */
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"

static bool quiet;
static const struct step *doing;
static unsigned int doing_nr, doing_at;
bool in_process;                  /* a failure can't be shrunk: show it all */

void model_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    unsigned int i;

    if ( !quiet )
    {
        va_start(ap, fmt);
        fprintf(stderr, "  step %u, %s:%d: ", doing_at, file, line);
        vfprintf(stderr, fmt, ap);
        fprintf(stderr, "\n");
        va_end(ap);
        for ( i = 0; in_process && doing && i <= doing_at && i < doing_nr; i++ )
        {
            fprintf(stderr, "  %3u ", i);
            step_print(stderr, doing[i]);
        }
    }
    abort();
}

unsigned int random_u32(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;

    return *state >> 33;
}

/* Step 0 is the configuration. */
void run_steps(const struct step *steps, unsigned int nr)
{
    doing = steps;
    doing_nr = nr;
    doing_at = 0;
    world_init(&steps[0]);
    for ( doing_at = 1; doing_at < nr && !race_over(); )
        doing_at += race_or_step(steps + doing_at, nr - doing_at);
    world_end();
}

/* Without what a parent has to flush, but with what was counted. */
void __gcov_dump(void);
void child_exit(void)
{
#ifdef COVERAGE
    __gcov_dump();
#endif
    _exit(0);
}

/*
 * What never ends has failed; by the processor's time, not the wall's.  Mutants
 * ask for less, as sanitizers aren't in them.
 */
void limit_time(void)
{
    const char *seconds = getenv("MODEL_SECONDS");
    rlim_t cpu = seconds ? atoi(seconds) : 20;
    const struct rlimit limit = { cpu, cpu + 1 };

    setrlimit(RLIMIT_CPU, &limit);
}

unsigned int *run_refused;

static bool fails(const struct step *steps, unsigned int nr, bool show)
{
    int status;
    pid_t pid;

    if ( !run_refused )
        run_refused = mmap(NULL, sizeof(*run_refused), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *run_refused = 0;
    machine_reserve();
    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        quiet = !show;
        if ( !show )
            fclose(stderr);
        signal(SIGABRT, SIG_DFL);
        limit_time();
        run_steps(steps, nr);
        *run_refused = machine.refused;
        child_exit();
    }
    waitpid(pid, &status, 0);

    return status;
}

static unsigned int without(const struct step *steps, unsigned int nr,
                            unsigned int from, unsigned int n, struct step *out)
{
    memcpy(out, steps, from * sizeof(*out));
    memcpy(out + from, steps + from + n, (nr - from - n) * sizeof(*out));

    return nr - n;
}

static unsigned int shrink(struct step *steps, unsigned int nr)
{
    struct step *less = calloc(nr, sizeof(*less));
    unsigned int n, from;

    for ( n = nr / 2; n; n /= 2 )
        for ( from = 1; from + n <= nr; )
        {
            without(steps, nr, from, n, less);
            if ( fails(less, nr - n, false) )
            {
                nr -= n;
                memcpy(steps, less, nr * sizeof(*steps));
            }
            else
                from += n;
        }
    free(less);

    return nr;
}

/* Returns 0, or 1 after having shown the shortest sequence that fails. */
int run_shrunk(const struct step *steps, unsigned int nr)
{
    struct step *copy;
    unsigned int i;

    if ( !fails(steps, nr, false) )
        return 0;

    if ( getenv("MODEL_SHRINK") && !atoi(getenv("MODEL_SHRINK")) )
        return 1;
    copy = calloc(nr, sizeof(*copy));
    memcpy(copy, steps, nr * sizeof(*copy));
    nr = shrink(copy, nr);
    fprintf(stderr, "  fails, configuration { 0, %u, %u, %u, %u }, then:\n", copy[0].a,
            copy[0].b, copy[0].c, copy[0].d);
    for ( i = 1; i < nr; i++ )
    {
        fprintf(stderr, "  %3u ", i);
        step_print(stderr, copy[i]);
    }
    fails(copy, nr, true);
    free(copy);

    return 1;
}
