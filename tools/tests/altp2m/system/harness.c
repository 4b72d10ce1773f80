/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line, the list of tests, and how each is run and reported. */
#include "capability.h"
#include "guest.h"
#include "harness.h"
#include "hypercall.h"
#include "library.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int required; /* capabilities whose lack is a failure */

static const struct test *running;

/* Runs it, and compares all tables of its guests with what they have to be. */
static void run_and_audit(void)
{
    running->run();
    expect_audit_of_all();
}

static enum verdict run_one(const struct test *test)
{
    unsigned int missing = test->needs & ~capabilities();

    reason[0] = 0;
    if ( missing )
    {
        snprintf(reason, sizeof(reason), "no %s here",
                 capability_names(missing));
        return (missing & required) ? FAILED : SKIPPED;
    }

    random_seed();
    running = test;
    guarded(run_and_audit);
    return verdict;
}

static unsigned int failures;

static void report(const struct test *test)
{
    static const char *const words[] = {
        [PASSED] = "PASS", [FAILED] = "FAIL", [SKIPPED] = "SKIP",
    };
    uint64_t start = now_ns();
    enum verdict v;

    v = run_one(test);
    if ( v == FAILED )
        failures++;
    printf("TEST %s %s%s%s\n", test->name, words[v], v == PASSED ? "" : ": ",
           v == PASSED ? "" : reason);
    printf("  %s took %llu ms\n", test->name,
           (unsigned long long)((now_ns() - start) / 1000000));
    fflush(stdout);
}

static const struct test *find(const char *name)
{
    for ( unsigned int i = 0; tables[i]; i++ )
        for ( const struct test *t = tables[i]; t->name; t++ )
            if ( !strcmp(t->name, name) )
                return t;
    return NULL;
}

static void each(void (*what)(const struct test *))
{
    for ( unsigned int i = 0; tables[i]; i++ )
        for ( const struct test *t = tables[i]; t->name; t++ )
            what(t);
}

static void list(const struct test *test)
{
    printf("%s\n", test->name);
}

static int usage(const char *program)
{
    fprintf(stderr, "%s [--list] [--seed n] [--require names] "
                    "[test ...]\n"
                    "  --require views,vmfunc,ve,hardware,mtf,int3: fail, rather "
                    "than skip, without these\n", program);
    return 2;
}

int main(int argc, char **argv)
{
    int i;

    for ( i = 1; i < argc && argv[i][0] == '-'; i++ )
    {
        if ( !strcmp(argv[i], "--list") )
        {
            each(list);
            return 0;
        }
        else if ( !strcmp(argv[i], "--seed") && i + 1 < argc )
            seed = strtoull(argv[++i], NULL, 0) | 1;
        else if ( !strcmp(argv[i], "--require") && i + 1 < argc )
            required = capability_parse(argv[++i]);
        else
            return usage(argv[0]);
    }

    hypercall_open();
    printf("  seed %llu, capabilities: %s\n", (unsigned long long)seed,
           capability_names(capabilities()));
    if ( i == argc )
        each(report);
    for ( ; i < argc; i++ )
    {
        const struct test *test = find(argv[i]);

        if ( test )
            report(test);
        else
        {
            printf("TEST %s FAIL: no such test\n", argv[i]);
            failures++;
        }
    }
    return failures ? 1 : 0;
}
