/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-random [SEED [STEPS [LENGTH [two]]]]: random sequences, with two: of two
 * callers, who overlap now and then.  What is printed on a failure is a seed that
 * shows it again, and the sequence, shrunk.
 */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

static bool two;

static void make(uint64_t seed, struct step *steps, unsigned int nr)
{
    unsigned int i, ops = nr_step_ops - (two ? 0 : STEP_OPS_OF_TWO);

    for ( i = 0; i < nr; i++ )
    {
        struct step *s = &steps[i];

        s->op = random_u32(&seed) % ops;
        s->a = random_u32(&seed);
        s->b = random_u32(&seed);
        s->c = random_u32(&seed);
        s->d = random_u32(&seed);
        /* Most of the time the rare and disruptive is left out. */
        if ( i && s->op == 0 && random_u32(&seed) % 8 )
            s->a = 1;
        if ( two && !(random_u32(&seed) % 8) )
        {
            s->op = step_named("race");
            s->a %= 32;
        }
    }
    steps[0].op = 0;
    /* Half of the pools are small; one run in sixteen watches each store. */
    if ( steps[0].c & 1 )
        steps[0].c = 0;
    else
        steps[0].c %= 40;
    steps[0].d = (steps[0].d % 16 ? 0 : 1) | (steps[0].d & 0x60 ? 0 : 2) |
                 (steps[0].d & 0x80 ? WORLD_PAGING_WRITE : 0);
    steps[1] = (struct step){ .op = 0, .a = 1 };
}

/* So many sequences are run by one process; which one failed is found again. */
#define TOGETHER 16u

static bool all_pass(uint64_t seed, struct step *list, unsigned int length,
                     unsigned int nr)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        fclose(stderr);
        limit_time();
        for ( ; nr--; seed++ )
        {
            make(seed, list, length);
            run_steps(list, length);
        }
        child_exit();
    }
    waitpid(pid, &status, 0);

    return !status;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : time(NULL);
    unsigned long steps = argc > 2 ? strtoul(argv[2], NULL, 0) : 200000;
    unsigned int length = argc > 3 ? strtoul(argv[3], NULL, 0) : 1000;
    const char *name;
    struct step *list = calloc(length, sizeof(*list));
    unsigned long done;
    unsigned int nr, i;
    struct timespec t0, t1;
    double s;

    two = argc > 4 && !strcmp(argv[4], "two");
    name = two ? "random-two" : "random";
    machine_reserve();
    clock_gettime(CLOCK_MONOTONIC, &t0);
    for ( done = 0; done < steps; done += length * nr, seed += nr )
    {
        nr = min(TOGETHER, (unsigned int)((steps - done - 1) / length) + 1);
        if ( all_pass(seed, list, length, nr) )
            continue;

        for ( i = 0; i < nr; i++ )
        {
            make(seed + i, list, length);
            if ( run_shrunk(list, length) )
                break;
        }
        free(list);
        printf("TEST %s FAIL: seed %"PRIu64", length %u%s\n", name, seed + i,
               length, i < nr ? "" : ", after those before it");
        return 1;
    }
    free(list);
    clock_gettime(CLOCK_MONOTONIC, &t1);
    s = t1.tv_sec - t0.tv_sec + (t1.tv_nsec - t0.tv_nsec) / 1e9;
    printf("%s: %lu steps, seeds up to %"PRIu64", %.0f steps a second\n",
           name, done, seed - 1, done / s);
    printf("TEST %s PASS\n", name);

    return 0;
}
