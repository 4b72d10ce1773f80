/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses a subcommand's arguments by its entry in the table. */
#include "command.h"
#include "common/domain.h"
#include "common/message.h"
#include "common/nearest.h"
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

/* Can the last operand be given several times? */
static bool repeats(const char *usage)
{
    return strstr(usage, "...]");
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
    if ( repeats(usage) )
        *most = MAX_OPERANDS;
}

/* Both stand for what the host has. */
bool no_rights(const char *text)
{
    return !strcmp(text, "host") || !strcmp(text, "none");
}

int take_range(const char *text, struct range *range)
{
    const char *wrong = range_fault(text, range);

    return wrong ? complain(EXIT_USAGE, "'%s' is not a range of gfns: %s (use "
                            "0x800, 0x800-0x9ff, 0x800+512 or 0x800+2M)", text,
                            wrong)
                 : EXIT_DONE;
}

int take_rights(const char *text, bool host, uint8_t *access)
{
    if ( parse_access(text, access) || (host && no_rights(text)) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not rights (use %s, or the form "
                    "r-x%s)", text, rights_words(),
                    host ? "; or host, for none of its own" : "");
}

static int take_gfn(const struct args *args, const char *text, bool target)
{
    const char *name = args->given[OPT_FRAME] ? "frame" : "gfn", *wrong;
    uint64_t gfn;

    wrong = gfn_fault(text, name, &gfn);
    if ( !wrong || (target && !strcmp(text, "none")) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not a %s: %s (use a number such as "
                    "0x800%s)", text, name, wrong, target ? ", or none" : "");
}

static int take_address(const char *text)
{
    struct address at;
    const char *wrong = address_fault(text, &at);

    return wrong ? complain(EXIT_USAGE, "'%s' is not an address: %s (use the "
                            "physical one, 0x800123, or GFN+OFFSET, "
                            "0x800+0x123)", text, wrong)
                 : EXIT_DONE;
}

/* A view's name has no digit first: see label.c; a file's may have. */
static int take_view(const char *text)
{
    uint64_t number;

    if ( text[0] < '0' || text[0] > '9' || strpbrk(text, "./") ||
         parse_number(text, UINT16_MAX, &number) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not the index or name of a view",
                    text);
}

static int take_cr3(const char *text)
{
    uint64_t cr3;

    if ( parse_number(text, UINT64_MAX >> 1, &cr3) || !strcmp(text, "none") )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not a CR3 (use a number such as "
                    "0x1a2b000, or none)", text);
}

/*
 * What can be told from an operand's text alone is told before Xen is asked.
 * A domain may have any name.
 */
static int check_operand(const struct args *args, const char *word,
                         size_t length, const char *text)
{
    const struct command *command = args->command;
    struct range range;
    uint8_t access;

    if ( !strncmp(word, "GFN", length) )
        return take_gfn(args, text, false);
    if ( !strncmp(word, "TARGET", length) )
        return take_gfn(args, text, true);
    if ( !strncmp(word, "RANGE", length) )
        return command->run == run_access && !strcmp(text, "default")
               ? EXIT_DONE : take_range(text, &range);
    if ( !strncmp(word, "ADDRESS", length) )
        return take_address(text);
    if ( !strncmp(word, "RIGHTS", length) )
        return take_rights(text, command->run == run_access, &access);
    if ( !strncmp(word, "VIEW", length) )
        return take_view(text);
    if ( !strncmp(word, "CR3", length) )
        return take_cr3(text);
    return EXIT_DONE;
}

const char *operand_word(const struct command *command, unsigned int operand,
                         size_t *length)
{
    const char *p = command->usage, *last = p;

    while ( operand-- && *p )
    {
        last = p;
        p += strcspn(p, " "), p += *p == ' ';
    }
    if ( !*p && repeats(command->usage) )
        p = last;
    p += strspn(p, "[");
    *length = strcspn(p, " .]");
    return *length ? p : NULL;
}

/* The operand that --va stands in place of; NR if there is none. */
static unsigned int place_of_va(const struct command *command)
{
    size_t length;
    const char *word;
    unsigned int i = 0;

    while ( (word = operand_word(command, i, &length)) &&
            strncmp(word, "GFN", length) && strncmp(word, "RANGE", length) &&
            strncmp(word, "ADDRESS", length) )
        i++;
    return i;
}

static int check_operands(const struct args *args)
{
    for ( unsigned int i = 0; i < args->nr_operands; i++ )
    {
        size_t length;
        const char *word = operand_word(args->command, i, &length);
        int code = args->given[OPT_VA] && i == place_of_va(args->command)
                   ? EXIT_DONE
                   : check_operand(args, word, length, args->operand[i]);

        if ( code )
            return code;
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
        if ( least <= va )
            least = repeats(command->usage) ? va + 1 : most;
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
    const char *text = args->value[OPT_VA], *wrong;
    struct va_range range;
    uint64_t number;

    wrong = text ? va_range_fault(text, &range) : NULL;
    if ( wrong )
        return complain(EXIT_USAGE, "'%s' is not a range of addresses: %s (use "
                        "0x1000, 0x1000-0x1fff or 0x1000+4K)", text, wrong);
    if ( text && strstr(args->command->usage, "ADDRESS") &&
         range.first != range.last )
        return complain(EXIT_USAGE, "'%s' is more than the address of a byte",
                        text);
    if ( args->given[OPT_VA] && args->given[OPT_BATCH] )
        return complain(EXIT_USAGE, "give one of --va and --file");
    if ( args->given[OPT_VA] && args->given[OPT_FRAME] )
        return complain(EXIT_USAGE, "give one of --frame and --va");
    if ( args->given[OPT_VA] && args->given[OPT_FROM] )
        return complain(EXIT_USAGE, "give one of --from and --va: a dump has "
                        "no page tables of the guest's");
    if ( (args->given[OPT_CR3] || args->given[OPT_VA_VCPU]) &&
         !args->given[OPT_VA] )
        return complain(EXIT_USAGE, "--cr3 and --vcpu say how --va is "
                        "translated: give --va");
    if ( args->given[OPT_CR3] &&
         !parse_number(args->value[OPT_CR3], UINT64_MAX, &number) )
        return complain(EXIT_USAGE, "'%s' is not an address",
                        args->value[OPT_CR3]);
    return EXIT_DONE;
}

static int check_mask(const struct args *args)
{
    uint64_t mask;

    if ( args->given[OPT_MASK] && args->given[OPT_KPTI] )
        return complain(EXIT_USAGE, "give one of --mask and --kpti");
    if ( args->given[OPT_MASK] &&
         !parse_number(args->value[OPT_MASK], UINT64_MAX, &mask) )
        return complain(EXIT_USAGE, "'%s' is not a mask (use a number such as "
                        "0xfffffffffffff000)", args->value[OPT_MASK]);
    return args->given[OPT_ELSE] && strcmp(args->value[OPT_ELSE], "none")
           ? take_view(args->value[OPT_ELSE]) : EXIT_DONE;
}

static int check_only(const struct args *args)
{
    uint64_t cr3;

    if ( args->given[OPT_ONLY] &&
         !parse_number(args->value[OPT_ONLY], UINT64_MAX >> 1, &cr3) )
        return complain(EXIT_USAGE, "'%s' is not a CR3 (use a number such as "
                        "0x1a2b000)", args->value[OPT_ONLY]);
    if ( takes(args->command, OPT_ONLY) && !args->given[OPT_ONLY] &&
         (args->given[OPT_MASK] || args->given[OPT_KPTI]) )
        return complain(EXIT_USAGE, "a mask is for a CR3: give --only");
    return EXIT_DONE;
}

static int check_vcpu(const char *text)
{
    uint64_t number;

    if ( !text || parse_number(text, 8191, &number) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not the number of a vCPU", text);
}

static int check_values(const struct args *args)
{
    static const unsigned char rights[] = { OPT_ACCESS, OPT_OTHERS,
                                            OPT_RIGHTS };
    bool colour;
    uint8_t access;
    int code = check_va(args) ?: check_mask(args) ?: check_only(args);

    for ( unsigned int i = 0; !code && i < sizeof(rights); i++ )
        if ( args->given[rights[i]] )
            code = take_rights(args->value[rights[i]], rights[i] == OPT_ACCESS,
                               &access);
    code = code ?: check_vcpu(args->value[OPT_VCPU]);
    code = code ?: check_vcpu(args->value[OPT_VA_VCPU]);
    code = code ?: check_labels(args);
    if ( !code && args->given[OPT_INTO] )
        code = take_view(args->value[OPT_INTO]);
    return code ?: want_colour(args, &colour);
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
    if ( got )
        return got;
    got = take_operands(command, argc - optind, argv + optind, args);
    if ( got < 0 && command->check )
        got = command->check(args) ?: -1;
    return got;
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
