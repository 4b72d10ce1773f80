/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses a subcommand's arguments by its entry in the table. */
#include "command.h"
#include "common/message.h"
#include "common/nearest.h"
#include "common/number.h"
#include "common/translate.h"

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
                    "xen-altp2m help %s)", command->name, command->usage,
                    command->name);
}

unsigned int option_of(const struct command *command, const char *argument)
{
    size_t length = strcspn(argument, "=");
    unsigned int found = NR_OPTIONS;

    if ( argument[0] != '-' || !argument[1] )
        return NR_OPTIONS;
    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
    {
        const struct option_text *t = &option_texts[i];

        if ( !takes(command, i) )
            continue;
        if ( argument[1] != '-' )
        {
            if ( t->letter == argument[1] && !argument[2] )
                return i;
        }
        else if ( !strncmp(argument + 2, t->name, length - 2) )
        {
            if ( strlen(t->name) == length - 2 )
                return i;
            found = found == NR_OPTIONS ? i : found; /* an abbreviation */
        }
    }
    return found;
}

/*
 * Rights as they are printed, such as --- and --x, would be taken for options.
 * Where they are no option's value they become the other form, n and x.
 */
static void rights_as_operands(const struct command *command, int argc,
                               char **argv)
{
    uint8_t access;

    for ( int i = 1; i < argc && strcmp(argv[i], "--"); i++ )
    {
        unsigned int before = option_of(command, argv[i - 1]);

        if ( i > 1 && before < NR_OPTIONS && option_texts[before].value &&
             !strchr(argv[i - 1], '=') )
            continue;
        if ( argv[i][0] == '-' && parse_access(argv[i], &access) )
            argv[i] = (char *)access_name(access);
    }
}

static int unknown_option(const struct command *command, const char *option)
{
    struct nearest nearest = { .typed = option };
    char names[NR_OPTIONS][24];

    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
    {
        if ( !takes(command, i) )
            continue;
        snprintf(names[i], sizeof(names[i]), "--%s", option_texts[i].name);
        nearest_offer(&nearest, names[i]);
    }
    complain(EXIT_USAGE, "%s has no option '%s'%s", command->name, option,
             nearest_text(&nearest));
    return complain(EXIT_USAGE, "try xen-altp2m help %s", command->name);
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

/* Both stand for what the host has. */
bool no_rights(const char *text)
{
    return !strcmp(text, "host") || !strcmp(text, "none");
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
        return parse_access(text, &access) || no_rights(text);
    if ( !strncmp(word, "VIEW", length) && text[0] >= '0' && text[0] <= '9' )
        return parse_number(text, UINT16_MAX, &number) || strchr(text, '.') ||
               strchr(text, '/');
    return true;
}

const char *operand_word(const struct command *command, unsigned int operand,
                         size_t *length)
{
    const char *p = command->usage;

    while ( operand-- && *p )
        p += strcspn(p, " "), p += *p == ' ';
    p += strspn(p, "[");
    *length = strcspn(p, " ]");
    return *length ? p : NULL;
}

static const char *what_is(const char *word, size_t length)
{
    static const struct { const char *word, *what; } words[] = {
        { "GFN", "not a gfn (use a number such as 0x800)" },
        { "RANGE", "not a range of gfns (use 0x800, 0x800-0x9ff, 0x800+512 or "
          "0x800+2M)" },
        { "TARGET", "not a gfn (use a number such as 0x800, or none)" },
        { "RIGHTS", "not rights (use r-x, rw, n or host)" },
        { "VIEW", "not the index or name of a view" },
    };

    for ( unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++ )
        if ( !strncmp(word, words[i].word, length) )
            return words[i].what;
    return "wrong";
}

/* The operand that --va stands in place of; NR if there is none. */
static unsigned int place_of_va(const struct command *command)
{
    size_t length;
    const char *word;
    unsigned int i = 0;

    while ( (word = operand_word(command, i, &length)) &&
            strncmp(word, "GFN", length) && strncmp(word, "RANGE", length) )
        i++;
    return i;
}

static int check_operands(const struct args *args)
{
    for ( unsigned int i = 0; i < args->nr_operands; i++ )
    {
        size_t length;
        const char *word = operand_word(args->command, i, &length);

        if ( args->given[OPT_VA] && i == place_of_va(args->command) )
            continue;
        if ( !good_operand(args->command, word, length, args->operand[i]) )
            return complain(EXIT_USAGE, "'%s' is %s", args->operand[i],
                            what_is(word, length));
    }
    return -1;
}

static int take_operands(const struct command *command, int argc, char **argv,
                         struct args *args)
{
    unsigned int least, most, va = MAX_OPERANDS;

    count_operands(command->usage, &least, &most);
    if ( args->given[OPT_VA] )
    {
        va = place_of_va(command);
        /* What follows it belongs to it: it isn't left out either. */
        if ( least < most )
            least = most;
    }
    for ( int i = 0; i < argc; i++ )
    {
        if ( args->nr_operands == va )
            args->operand[args->nr_operands++] = args->value[OPT_VA];
        if ( args->nr_operands == most )
            return usage_error(command, "'%s' is one argument too many",
                               argv[i]);
        args->operand[args->nr_operands++] = argv[i];
    }
    if ( args->nr_operands == va )
        args->operand[args->nr_operands++] = args->value[OPT_VA];
    if ( args->nr_operands < least )
        return usage_error(command, "%s: arguments are missing",
                           command->name);
    /* A dump in place of a domain moves the others up; map looks itself. */
    return args->given[OPT_FROM] ? -1 : check_operands(args);
}

/* --va, and what goes with it. */
static int check_va(const struct args *args)
{
    struct va_range range;
    uint64_t number;

    if ( args->given[OPT_VA] && !parse_va_range(args->value[OPT_VA], &range) )
        return complain(EXIT_USAGE, "'%s' is not a range of addresses (use "
                        "0x1000, 0x1000-0x1fff or 0x1000+4K)",
                        args->value[OPT_VA]);
    if ( args->given[OPT_VA] && args->given[OPT_BATCH] )
        return complain(EXIT_USAGE, "give one of --va and --file");
    if ( (args->given[OPT_CR3] || args->given[OPT_VA_VCPU]) &&
         !args->given[OPT_VA] )
        return complain(EXIT_USAGE, "--cr3 and --vcpu say how --va is "
                        "translated: give --va");
    if ( args->given[OPT_CR3] &&
         !parse_number(args->value[OPT_CR3], UINT64_MAX, &number) )
        return complain(EXIT_USAGE, "'%s' is not an address",
                        args->value[OPT_CR3]);
    return -1;
}

static int check_values(const struct args *args)
{
    static const unsigned char rights[] = { OPT_ACCESS, OPT_OTHERS,
                                            OPT_RIGHTS };
    static const unsigned char vcpus[] = { OPT_VCPU, OPT_VA_VCPU };
    uint64_t number;
    uint8_t access;

    for ( unsigned int i = 0; i < sizeof(rights); i++ )
        if ( args->given[rights[i]] &&
             !parse_access(args->value[rights[i]], &access) &&
             !(rights[i] == OPT_ACCESS && no_rights(args->value[rights[i]])) )
            return complain(EXIT_USAGE, "'%s' is %s", args->value[rights[i]],
                            what_is("RIGHTS", 6));
    for ( unsigned int i = 0; i < sizeof(vcpus); i++ )
        if ( args->given[vcpus[i]] &&
             !parse_number(args->value[vcpus[i]], 8191, &number) )
            return complain(EXIT_USAGE, "'%s' is not the number of a vCPU",
                            args->value[vcpus[i]]);
    return check_va(args);
}

int parse_args(const struct command *command, int argc, char **argv,
               struct args *args)
{
    char letters[2 * NR_OPTIONS + 2];
    struct option longs[NR_OPTIONS + 2];
    int got;

    *args = (struct args){ .command = command };
    prepare(command, letters, longs);
    rights_as_operands(command, argc, argv);
    opterr = 0;
    optind = 1;
    while ( (got = getopt_long(argc, argv, letters, longs, NULL)) != -1 )
    {
        unsigned int i = got >= LONG_BASE ? (unsigned int)got - LONG_BASE
                                          : by_letter(got);

        if ( got == ':' )
            return usage_error(command, "option '%s' needs a value",
                               argv[optind - 1]);
        if ( got == '?' )
            return unknown_option(command, argv[optind - 1]);
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
