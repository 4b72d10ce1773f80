/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What shells complete.  They ask with the words of the command line, as their
 * own functions (help.c prints them) can't know the table, domains and views.
 */
#include "command.h"
#include "common/domain.h"
#include "common/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line
{
    const struct command *command;
    const char *current;        /* the word to be completed, as far as typed */
    const char *operand[MAX_OPERANDS + 1];
    unsigned int nr_operands;   /* before the current word */
    unsigned int option;        /* whose value it is, or NR_OPTIONS */
};

static void offer(const struct line *l, const char *word)
{
    if ( !strncmp(word, l->current, strlen(l->current)) )
        puts(word);
}

static void offer_words(const struct line *l, const char *words)
{
    char *copy = checked(strdup(words)), *save;

    for ( char *word = strtok_r(copy, " ", &save); word;
          word = strtok_r(NULL, " ", &save) )
        offer(l, word);
    free(copy);
}

static void offer_domains(const struct line *l)
{
    struct xs_handle *store = xs_open(0);
    unsigned int nr = 0, length;
    char **list = store ? xs_directory(store, XBT_NULL, "/local/domain", &nr)
                        : NULL;

    for ( unsigned int i = 0; i < nr; i++ )
    {
        char path[64], *name;

        /* dom0 has no views. */
        if ( !strcmp(list[i], "0") )
            continue;
        snprintf(path, sizeof(path), "/local/domain/%.12s/name", list[i]);
        name = xs_read(store, XBT_NULL, path, &length);
        offer(l, name ?: list[i]);
        free(name);
    }
    free(list);
    if ( store )
        xs_close(store);
}

/* By name where they have one, as that is what people remember. */
static void offer_views(const struct line *l)
{
    struct domain d = { 0 };
    struct dump dump = { 0 };

    /* What fails here is said when the command is run. */
    if ( l->nr_operands && freopen("/dev/null", "w", stderr) &&
         !open_domain(&d, l->operand[0]) && !fetch(&d, 0, &dump) )
        for ( unsigned int i = 0; i < dump.nr_views; i++ )
        {
            char index[12];

            snprintf(index, sizeof(index), "%u", dump.view[i].index);
            offer(l, dump.view[i].name ?: index);
        }
    free_dump(&dump);
    close_domain(&d);
}

static void offer_kind(const struct line *l, const char *word, size_t length)
{
    char kind[16];

    snprintf(kind, sizeof(kind), "%.*s", (int)length, word);
    if ( !strcmp(kind, "DOMAIN") )
        offer_domains(l);
    else if ( !strcmp(kind, "VIEW") )
        offer_views(l);
    else if ( !strcmp(kind, "RIGHTS") )
    {
        offer_words(l, rights_words());
        if ( l->option == NR_OPTIONS ? l->command->run == run_access
                                     : l->option == OPT_ACCESS )
            offer(l, "host");
    }
    else if ( !strcmp(kind, "KIND") )
        offer_words(l, kind_words());
    else if ( !strcmp(kind, "TARGET") || !strcmp(kind, "CR3") )
        offer(l, "none");
    else if ( !strcmp(kind, "WHEN") )
        offer_words(l, "always never auto");
    else if ( !strcmp(kind, "RANGE") && l->command->run == run_access )
        offer(l, "default");
    else if ( !strcmp(kind, "FILE") )
        puts(":files");
}

static void offer_options(const struct line *l)
{
    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
    {
        char word[40];

        if ( !takes(l->command, i) )
            continue;
        snprintf(word, sizeof(word), "--%s", option_texts[i].name);
        offer(l, word);
    }
}

/* bash makes three words of --option=value. */
static const char *value_of(int argc, char **argv, int at)
{
    if ( at > 1 && !strcmp(argv[at], "=") )
        return "";
    return at < argc ? argv[at] : "";
}

static void read_line(struct line *l, int argc, char **argv, int at)
{
    l->current = value_of(argc, argv, at);
    for ( int i = 2; i < at && i < argc; i++ )
    {
        unsigned int option = option_of(l->command, argv[i]);
        const char *equals = strchr(argv[i], '=');

        if ( option == NR_OPTIONS )
        {
            if ( argv[i][0] != '-' && l->nr_operands < MAX_OPERANDS )
                l->operand[l->nr_operands++] = argv[i];
            continue;
        }
        if ( !option_texts[option].value || (equals && equals != argv[i]) )
            continue;
        if ( i + 1 < at && !strcmp(argv[i + 1], "=") )
            i++;
        if ( i + 1 < at )
            i++;                /* its value */
        else
            l->option = option; /* is to be completed */
    }
    /* --option= itself is the current word. */
    if ( at < argc && at > 1 && !strcmp(argv[at], "=") )
        l->option = option_of(l->command, argv[at - 1]);
}

static void offer_all(const struct line *l)
{
    const char *word;
    size_t length;

    if ( l->option < NR_OPTIONS )
    {
        word = option_texts[l->option].value;
        offer_kind(l, word, strlen(word));
        return;
    }
    if ( l->current[0] == '-' )
        offer_options(l);
    word = operand_word(l->command, l->nr_operands, &length);
    if ( word )
        offer_kind(l, word, length);
    /* A saved view can stand for one that is; two need no domain. */
    if ( word && l->command->run == run_diff && l->current[0] != '-' )
        puts(":files");
}

/* NUMBER WORDS... */
int complete(int argc, char **argv)
{
    struct line l = { .option = NR_OPTIONS, .current = "" };
    uint64_t at;

    if ( argc < 2 || !parse_number(argv[0], 1024, &at) || !at )
        return EXIT_USAGE;
    argc--;
    argv++;
    if ( at == 1 || (at == 2 && argc > 1 && !strcmp(argv[1], "help")) )
    {
        l.current = value_of(argc, argv, at);
        for ( unsigned int i = 0; i < nr_commands; i++ )
            offer(&l, commands[i].name);
        if ( at == 1 )
            offer_words(&l, "help --help --version");
        return EXIT_DONE;
    }
    l.command = argc > 1 ? find_command(argv[1]) : NULL;
    if ( !l.command )
        return EXIT_DONE;
    read_line(&l, argc, argv, at);
    offer_all(&l);
    return EXIT_DONE;
}
