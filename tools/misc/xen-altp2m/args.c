/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses a subcommand's arguments by its entry in the table. */
#include "command.h"
#include "common/message.h"
#include "common/number.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* getopt_long() answers this plus the option's number. */
#define LONG_BASE 256

static void prepare(const struct command *command, char *letters,
                    struct option *longs)
{
    *letters++ = ':';
    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
    {
        const struct option_text *t = &option_texts[i];

        if ( !takes(command, i) )
            continue;
        *longs++ = (struct option){
            t->name, t->value ? required_argument : no_argument, NULL,
            LONG_BASE + i };
        if ( i == OPT_COLOUR ) /* both spellings */
            *longs++ = (struct option){ "color", required_argument, NULL,
                                        LONG_BASE + i };
        if ( !t->letter )
            continue;
        *letters++ = t->letter;
        if ( t->value )
            *letters++ = ':';
    }
    *letters = 0;
    memset(longs, 0, sizeof(*longs));
}

static unsigned int by_letter(int letter)
{
    unsigned int i = 0;

    while ( i < NR_OPTIONS && option_texts[i].letter != letter )
        i++;
    return i;
}

static int usage_error(const struct command *command, const char *format,
                       const char *what)
{
    complain(EXIT_USAGE, format, what);
    return complain(EXIT_USAGE, "usage: xen-altp2m %s [OPTIONS] %s  (try "
                    "xen-altp2m %s --help)", command->name, command->usage,
                    command->name);
}

/* Words of the usage: all, and those that must be given. */
static void count_operands(const char *usage, unsigned int *least,
                           unsigned int *most)
{
    *least = *most = 0;
    for ( const char *p = usage; *p; p += strcspn(p, " "), p += *p == ' ' )
    {
        ++*most;
        if ( *p != '[' )
            ++*least;
    }
}

/*
 * What can be told from an operand's text alone is told before Xen is asked.
 * A domain may have any name; a view's has no digit first, see label.c.
 */
static bool good_operand(const struct command *command, const char *word,
                         size_t length, const char *text)
{
    uint8_t access;
    uint64_t number;
    struct range range;

    if ( !strncmp(word, "GFN", length) )
        return parse_number(text, GFN_MAX, &number);
    if ( !strncmp(word, "RANGE", length) )
        return parse_range(text, &range) ||
               (command->run == run_access && !strcmp(text, "default"));
    if ( !strncmp(word, "TARGET", length) )
        return parse_number(text, GFN_MAX, &number) || !strcmp(text, "none");
    if ( !strncmp(word, "RIGHTS", length) )
        return parse_access(text, &access) || !strcmp(text, "host");
    if ( !strncmp(word, "VIEW", length) && text[0] >= '0' && text[0] <= '9' )
        return parse_number(text, UINT16_MAX, &number) || strchr(text, '.') ||
               strchr(text, '/');
    return true;
}

static const char *what_is(const char *word, size_t length)
{
    static const struct { const char *word, *what; } words[] = {
        { "GFN", "no gfn: a number such as 0x800 is" },
        { "RANGE", "no range of gfns: 0x800, 0x800-0x9ff, 0x800+512 and "
          "0x800+2M are" },
        { "TARGET", "no gfn, and not none" },
        { "RIGHTS", "no rights: r-x, rw, n and host are" },
        { "VIEW", "neither the index nor the name of a view" },
    };

    for ( unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++ )
        if ( !strncmp(word, words[i].word, length) )
            return words[i].what;
    return "wrong";
}

static int check_operands(const struct args *args)
{
    const char *p = args->command->usage;

    for ( unsigned int i = 0; i < args->nr_operands; i++ )
    {
        const char *word = p + strspn(p, " [");
        size_t length = strcspn(word, " ]");

        if ( !good_operand(args->command, word, length, args->operand[i]) )
            return complain(EXIT_USAGE, "'%s' is %s", args->operand[i],
                            what_is(word, length));
        p = word + strcspn(word, " ");
    }
    return -1;
}

static int take_operands(const struct command *command, int argc, char **argv,
                         struct args *args)
{
    unsigned int least, most;

    count_operands(command->usage, &least, &most);
    for ( int i = 0; i < argc; i++ )
    {
        if ( args->nr_operands == most )
            return usage_error(command, "'%s' is one argument too many",
                               argv[i]);
        args->operand[args->nr_operands++] = argv[i];
    }
    if ( args->nr_operands < least )
        return usage_error(command, "%s: arguments are missing",
                           command->name);
    /* A dump in place of a domain moves the others up; map looks itself. */
    return args->given[OPT_FROM] ? -1 : check_operands(args);
}

static int check_values(const struct args *args)
{
    static const unsigned char rights[] = { OPT_ACCESS, OPT_OTHERS };
    uint64_t number;
    uint8_t access;

    for ( unsigned int i = 0; i < sizeof(rights); i++ )
        if ( args->given[rights[i]] &&
             !parse_access(args->value[rights[i]], &access) )
            return complain(EXIT_USAGE, "'%s' is %s", args->value[rights[i]],
                            what_is("RIGHTS", 6));
    if ( args->given[OPT_VCPU] &&
         !parse_number(args->value[OPT_VCPU], 8191, &number) )
        return complain(EXIT_USAGE, "'%s' is no number of a vCPU",
                        args->value[OPT_VCPU]);
    return -1;
}

int parse_args(const struct command *command, int argc, char **argv,
               struct args *args)
{
    char letters[2 * NR_OPTIONS + 2];
    struct option longs[NR_OPTIONS + 2];
    int got;

    *args = (struct args){ .command = command };
    prepare(command, letters, longs);
    opterr = 0;
    optind = 1;
    while ( (got = getopt_long(argc, argv, letters, longs, NULL)) != -1 )
    {
        unsigned int i = got >= LONG_BASE ? (unsigned int)got - LONG_BASE
                                          : by_letter(got);

        if ( got == ':' )
            return usage_error(command, "option '%s' wants a value",
                               argv[optind - 1]);
        if ( got == '?' )
            return usage_error(command, "there is no option '%s' here",
                               argv[optind - 1]);
        args->given[i] = true;
        args->value[i] = optarg;
    }
    if ( args->given[OPT_HELP] )
    {
        help_command(command);
        return EXIT_DONE;
    }
    got = check_values(args);
    return got < 0 ? take_operands(command, argc - optind, argv + optind, args)
                   : got;
}

bool would(const struct args *args, const char *format, ...)
{
    va_list list;

    if ( !args->given[OPT_DRY_RUN] )
        return false;
    printf("would ");
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    return true;
}

int want_colour(const struct args *args, bool *colour)
{
    const char *when = args->value[OPT_COLOUR] ?: "auto";
    const char *no = getenv("NO_COLOR");

    if ( !strcmp(when, "always") )
        *colour = true;
    else if ( !strcmp(when, "never") )
        *colour = false;
    else if ( !strcmp(when, "auto") )
        *colour = isatty(1) && !args->given[OPT_OUTPUT] && !(no && *no);
    else
        return complain(EXIT_USAGE, "--colour takes always, never and auto, "
                        "not '%s'", when);
    return EXIT_DONE;
}
