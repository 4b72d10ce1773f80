/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-exhaustive [DEPTH]: all sequences of a few operations on a tiny domain,
 * around the edges of tables and large pages.  Views 1 and 2 are there; every
 * sequence ends with a guest touching everything.
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
        { .a = 0xe9, .d = 1 }, { .a = 0xe9, .b = 1, .c = 2 }, { .d = 3 },
        { .b = 1, .c = 2, .d = 2 },
    };
    unsigned int n = 0;

    s[n++] = config[word % ARRAY_SIZE(config)];
    word /= ARRAY_SIZE(config);
    s[n++] = (struct step){ step_named("state"), 1 };
    s[n++] = (struct step){ step_named("create"), 7 };
    s[n++] = (struct step){ step_named("create"), 5 };
    s[n++] = (struct step){ step_named("reply"), 1, 0 };
    for ( ; depth; depth--, word /= LETTERS )
        s[n++] = letters[word % LETTERS];

    return n;
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

    look_up_letters();
    machine_reserve();
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
