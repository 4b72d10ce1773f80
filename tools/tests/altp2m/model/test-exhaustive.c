/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-exhaustive [DEPTH]: all sequences of a few operations on a tiny domain,
 * around the edges of tables and large pages.  Views 1 and 2 are there; every
 * sequence ends with a guest touching everything.
 *
 * test-exhaustive two [SHARE]: all pairs of other operations at once, the second
 * at every point of the first where the lock isn't held, by dom0 and by the guest;
 * or only one pair in SHARE.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"

/* Numbers of gfns are those of oracle.c: 0x1ff is 11, 0x200 12, 0x400 15. */
static const struct { const char *op; uint8_t a, b, c, d; } alphabet[] = {
    { "access", 1, 11, 1, 0 },       /* r at the end of a table */
    { "access", 1, 12, 0, 0 },       /* n in a large page */
    { "access", 2, 12, 7, 0 },       /* another view, rwx */
    { "access", 1, 12, 10, 0 },      /* default: given up */
    { "default", 1, 0, 1, 0 },
    { "default", 1, 0, 7, 0 },
    { "remap", 1, 11, 12, 0 },       /* a 4k page shows part of a large one */
    { "remap", 1, 12, 11, 0 },
    { "remap", 2, 12, 15, 0 },       /* populated on demand */
    { "remap", 1, 12, 0, 1 },
    { "sve", 1, 12, 0, 0 },
    { "range", 1, 12, 1, 0 },        /* r for 2M */
    { "range", 1, 12, 8, 0 },        /* given up */
    { "range", 2, 12, 2, 1 },        /* rx for 1G */
    { "host-page", 12, 0, 0, 1 },    /* splits the large page */
    { "host-page", 11, 8, 0, 0 },    /* goes away */
    { "host-large", 12, 0, 0, 0 },   /* merges it */
    { "host-large", 12, 3, 0, 0 },   /* goes away */
    { "host-large", 15, 0, 0, 1 },   /* 1G over it all */
    { "host-access", 12, 0, 0, 0 },  /* the host itself restricts */
    { "log-dirty", 10, 15, 0, 0 },
    { "log-dirty-all", 0, 0, 0, 0 },
    { "memory-type", 0, 0, 0, 0 },
    { "recalc", 12, 0, 0, 0 },
    { "destroy", 1, 0, 0, 0 },
    { "create", 7, 0, 0, 0 },
    { "reclaim", 0, 0, 0, 0 },
    { "touch", 0, 12, 1, 0 },
    { "access", 1, 12, 4, 0 },       /* x: by two sides, but on the first CPU */
    { "touch", 0, 12, 2, 0 },        /* executes */
};
#define LETTERS ARRAY_SIZE(alphabet)

static struct step letters[LETTERS];

static void look_up_letters(void)
{
    unsigned int i;

    for ( i = 0; i < LETTERS; i++ )
        letters[i] = (struct step){ step_named(alphabet[i].op), alphabet[i].a,
                                    alphabet[i].b, alphabet[i].c,
                                    alphabet[i].d };
}

static unsigned int spell(unsigned long word, unsigned int depth,
                          struct step *s)
{
    /* Intel, AMD; other memory, and a pool of a few pages. */
    static const struct step config[] = {
        { .a = CPU_IOMMU, .d = WORLD_WATCHED }, { .a = CPU_IOMMU, .b = 1, .c = 2 }, { .d = WORLD_AMD | WORLD_WATCHED },
        { .b = 1, .c = 2, .d = WORLD_AMD },
    };
    unsigned int n = 0;

    s[n++] = config[word % ARRAY_SIZE(config)];
    word /= ARRAY_SIZE(config);
    s[n++] = (struct step){ step_named("state"), 1 };
    s[n++] = (struct step){ step_named("create"), 7 };
    s[n++] = (struct step){ step_named("create"), 7 };
    s[n++] = (struct step){ step_named("set-default"), 2, 0, 5 };
    s[n++] = (struct step){ step_named("reply"), 1, 0 };
    for ( ; depth; depth--, word /= LETTERS )
        s[n++] = letters[word % LETTERS];

    return n;
}

/* ---- two at once ---- */

/* What comes before, for some of them. */
static const struct { const char *op; uint8_t a, b, c, d; } before[] = {
    { "touch-all", 0, 0, 0, 0 },
    { "notify", 0, 1, 1, 0 },
    { "set-vmfunc", 0, 0, 1, 0 },
    { "hide", 2, 0, 0, 0 },
    { "set-range", 1, 0, 0x21, 1 },   /* r for the first 512, */
    { "access", 1, 11, 0, 0 },        /* and n for the last */
    { "remap", 1, 11, 12, 0 },
    { "reclaim", 0, 0, 0, 0 },        /* tables are given up */
    { "load-cr3", 1, 1, 1, 0 },
    { "set-cr3-views", 2, 1, 0xc0, 0x10 },
};

static const struct { const char *op; uint8_t a, b, c, d; } pairs[] = {
    { "state", 0, 0, 0, 0 },          /* off */
    { "state", 1, 0, 0, 0 },
    { "die", 0, 0, 0, 0 },
    { "create", 7, 1, 0, 0 },
    { "destroy", 2, 0, 0, 0 },
    { "destroy", 3, 0, 0, 0 },        /* what another may be making */
    { "clone", 1, 0, 0, 0 },
    { "switch", 1, 0, 0, 0 },
    { "switch", 2, 0, 0, 0 },
    { "switch-vcpu", 1, 0, 0, 0 },
    { "reply", 2, 1, 1, 0 },
    { "vmfunc", 1, 0, 0, 0 },
    { "visible", 1, 0, 0, 0 },
    { "hide", 1, 0, 0, 0 },
    { "hide", 2, 0, 1, 0 },
    { "set-vmfunc", 0, 0, 0, 0 },
    { "notify", 0, 1, 1, 0 },
    { "notify", 0, 1, 0, 0 },
    { "notify", 0, 0, 1, 0 },         /* with another page */
    { "notify-lost", 1, 0, 0, 0 },
    { "notify-lost", 0, 0, 0, 0 },
    { "access", 1, 11, 1, 0 },        /* the last becomes like its neighbours */
    { "access", 1, 12, 0, 0 },
    { "access", 1, 11, 4, 0 },        /* x */
    { "access", 0, 12, 1, 0 },
    { "multi", 1, 11, 1, 0 },
    { "set-range", 1, 0, 0x2a, 1 },
    { "set-range", 1, 11, 1, 1 },
    { "set-default", 1, 0, 5, 0 },
    { "default", 1, 0, 7, 0 },
    { "remap", 1, 11, 0, 1 },
    { "remap", 1, 12, 6, 0 },
    { "remap", 0, 11, 12, 0 },
    { "isolate", 1, 12, 7, 0x10 },
    { "ask", 1, 11, 0, 0 },
    { "host-page", 12, 0, 0, 1 },
    { "host-page", 11, 8, 0, 0 },
    { "host-large", 12, 3, 0, 0 },
    { "host-access", 12, 2, 0, 0 },
    { "log-dirty-all", 0, 0, 0, 0 },
    { "memory-type", 0, 0, 0, 0 },
    { "recalc", 12, 0, 0, 0 },
    { "reclaim", 0, 0, 0, 0 },
    { "touch", 0, 11, 1, 0 },
    { "touch", 1, 11, 1, 0 },
    { "touch", 1, 12, 2, 0 },
    { "touch", 0, 11, 2, 0 },
    { "touch", 0, 6, 0, 0 },          /* a device's page */
    { "touch", 1, 6, 0, 0 },
    { "cpu", 0, 1, 3, 0 },
    /* Views by CR3: of two CR3s, by two masks; of others; none. */
    { "set-cr3-views", 2, 1, 0xc1, 0x10 },
    { "set-cr3-views", 1, 2, 0xc2, 0x1a },
    { "set-cr3-views", 0, 0, 0, 0 },
    { "load-cr3", 0, 2, 1, 0 },
    { "load-cr3", 1, 3, 1, 0 },
    { "load-cr3", 1, 1, 0, 0 },       /* at rest */
};
#define PAIRS ARRAY_SIZE(pairs)
#define WAYS  16u                     /* machine, preemption, before, callers */

static struct step entry(const char *op, uint8_t a, uint8_t b, uint8_t c,
                         uint8_t d)
{
    return (struct step){ step_named(op), a, b, c, d };
}

static unsigned int spell_two(unsigned int pair, unsigned int way,
                              unsigned int point, struct step *s)
{
    static const struct step config[] = { { .a = CPU_ALL }, { .d = WORLD_AMD } };
    unsigned int n = 0, i;

    s[n++] = config[way & 1];
    s[n++] = entry("state", 1, 0, 0, 0);
    s[n++] = entry("create", 7, 0, 0, 0);
    s[n++] = entry("create", 5, 0, 0, 0);
    for ( i = 0; i < ARRAY_SIZE(before) && (way & 2); i++ )
        s[n++] = entry(before[i].op, before[i].a, before[i].b, before[i].c,
                       before[i].d);
    s[n++] = entry("reply", 1, 0, 0, 0);
    s[n++] = entry("reply", 1, 1, 0, 0);
    /* Often, or at all times. */
    s[n++] = entry("preempt", way & 4 ? 0xff : 0, way & 4 ? 0xff : 0, 0, 0);
    s[n++] = entry("race", point, way & 8 ? 2 : 3, 0, 0);
    for ( i = 0; i < 2; i++, pair /= PAIRS )
        s[n++] = entry(pairs[pair % PAIRS].op, pairs[pair % PAIRS].a,
                       pairs[pair % PAIRS].b, pairs[pair % PAIRS].c,
                       pairs[pair % PAIRS].d);

    return n;
}

/* Every point of one pair. */
static void two_at_once(unsigned int pair, bool find)
{
    unsigned int way, point, n;
    struct step s[32];

    for ( way = 0; way < WAYS; way++ )
    {
        point = 0;
        do {
            n = spell_two(pair, way, point, s);
            if ( find && run_shrunk(s, n) )
                return;
            run_steps(s, n);
        } while ( ++point < race_points );
    }
}

static int all_pairs(unsigned int share)
{
    unsigned int pair, tried = 0, failed = 0;
    int status;

    for ( pair = 0; pair < PAIRS * PAIRS; pair++ )
    {
        pid_t pid;

        if ( (pair * 2654435761u >> 8) % share )
            continue;
        fflush(stdout);
        pid = fork();
        if ( !pid )
        {
            fclose(stderr);
            two_at_once(pair, false);
            child_exit();
        }
        waitpid(pid, &status, 0);
        tried++;
        if ( !status )
            continue;
        two_at_once(pair, true);
        failed++;
        printf("TEST two-at-once FAIL: %s and %s\n", pairs[pair % PAIRS].op,
               pairs[pair / PAIRS].op);
        if ( !getenv("MODEL_ALL") )
            return 1;
    }
    printf("two at once: %u pairs\n", tried);
    if ( !failed )
        printf("TEST two-at-once PASS\n");

    return !!failed;
}

/* A share of the words in one process; which one failed is found again. */
static void share(unsigned long first, unsigned long last, unsigned int depth)
{
    struct step s[16];
    unsigned long word;

    for ( word = first; word < last; word++ )
        run_steps(s, spell(word, depth, s));
}

int main(int argc, char **argv)
{
    unsigned int depth = argc > 1 ? atoi(argv[1]) : 2, i;
    unsigned long words = 4, word, step = 500;
    struct step s[16];
    int status;

    machine_reserve();
    if ( argc > 1 && !strcmp(argv[1], "two") )
        return all_pairs(argc > 2 ? atoi(argv[2]) : 1);

    look_up_letters();
    for ( i = 0; i < depth; i++ )
        words *= LETTERS;

    for ( word = 0; word < words; word += step )
    {
        unsigned long last = min(word + step, words);
        pid_t pid = fork();

        if ( !pid )
        {
            fclose(stderr);
            limit_time();
            share(word, last, depth);
            child_exit();
        }
        waitpid(pid, &status, 0);
        if ( !status )
            continue;
        for ( ; word < last; word++ )
            if ( run_shrunk(s, spell(word, depth, s)) )
                break;
        printf("TEST exhaustive FAIL: word %lu of depth %u\n", word, depth);
        return 1;
    }
    printf("exhaustive: %lu sequences of depth %u\n", words, depth);
    printf("TEST exhaustive PASS\n");

    return 0;
}
