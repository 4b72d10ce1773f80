/* SPDX-License-Identifier: GPL-2.0-only */
/* All that is printed from the table: help, manual page, completion. */
#include "command.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 78

/* Wraps a paragraph. */
static void print_wrapped(const char *text, unsigned int indent)
{
    unsigned int column = 0;

    while ( *text )
    {
        unsigned int length = strcspn(text, " ");

        if ( column && column + 1 + length > WIDTH )
        {
            putchar('\n');
            column = 0;
        }
        if ( !column )
            column = printf("%*s", indent, "");
        else
            column += printf(" ");
        column += printf("%.*s", length, text);
        text += length;
        text += *text == ' ';
    }
    putchar('\n');
}

/* "-a, --access=RIGHTS"; the text is valid until the next call. */
static const char *option_form(const struct option_text *t)
{
    static char form[64];
    char letter[5] = "";

    if ( t->letter )
        snprintf(letter, sizeof(letter), "-%c, ", t->letter);
    snprintf(form, sizeof(form), "%s--%s%s%s", letter, t->name,
             t->value ? "=" : "", t->value ?: "");
    return form;
}

void help_overview(void)
{
    printf("usage: xen-altp2m SUBCOMMAND [OPTIONS] DOMAIN ...\n\n"
           "Memory views (altp2m) of Xen domains. DOMAIN is a name or a "
           "number, VIEW too.\n\n");
    for ( unsigned int i = 0; i < nr_commands; i++ )
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    printf("\nxen-altp2m SUBCOMMAND --help tells more; so does "
           "xen-altp2m(1).\n\nExamples:\n"
           "  xen-altp2m check guest\n  xen-altp2m list guest\n"
           "  xen-altp2m map guest\n");
}

void help_command(const struct command *command)
{
    printf("usage: xen-altp2m %s [OPTIONS] %s\n\n", command->name,
           command->usage);
    print_wrapped(command->description, 0);
    printf("\nOptions:\n");
    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
        if ( takes(command, i) )
        {
            printf("  %s\n", option_form(&option_texts[i]));
            print_wrapped(option_texts[i].help, 6);
        }
    printf("\nExamples:\n");
    for ( const struct example *e = command->examples;
          e < command->examples + 4 && e->arguments; e++ )
        printf("  xen-altp2m %s\n      %s\n", e->arguments, e->what);
}

/* ---- the manual page ---------------------------------------------------- */

/* For troff: a dash is a minus, and no line may begin with a dot or quote. */
static void print_troff(const char *text)
{
    for ( ; *text; text++ )
        if ( *text == '-' )
            fputs("\\-", stdout);
        else if ( *text == '\\' )
            fputs("\\e", stdout);
        else if ( *text == '\'' )
            fputs("\\(aq", stdout);
        else
            putchar(*text);
}

static void print_bold(const char *text)
{
    fputs("\\fB", stdout);
    print_troff(text);
    fputs("\\fR", stdout);
}

static void manual_options(const struct command *command)
{
    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
        if ( takes(command, i) && i != OPT_HELP )
        {
            printf(".TP\n");
            print_bold(option_form(&option_texts[i]));
            putchar('\n');
            print_troff(option_texts[i].help);
            printf(".\n");
        }
}

static void manual_command(const struct command *command)
{
    printf(".SS ");
    print_troff(command->name);
    printf("\n");
    print_bold(command->name);
    printf(" [\\fIOPTIONS\\fR] \\fI");
    print_troff(command->usage);
    printf("\\fR\n.PP\nTo ");
    print_troff(command->summary);
    printf(".\n");
    print_troff(command->description);
    printf("\n");
    manual_options(command);
    printf(".PP\nExamples:\n");
    for ( const struct example *e = command->examples;
          e < command->examples + 4 && e->arguments; e++ )
    {
        printf(".TP\n\\fBxen\\-altp2m ");
        print_troff(e->arguments);
        printf("\\fR\n");
        print_troff(e->what);
        putchar('\n');
    }
}

static const char manual_head[] =
    ".TH XEN\\-ALTP2M 1 \"\" \"Xen\" \"Memory views\"\n"
    ".SH NAME\nxen\\-altp2m \\- memory views (altp2m) of Xen domains\n"
    ".SH SYNOPSIS\n\\fBxen\\-altp2m\\fR \\fISUBCOMMAND\\fR "
    "[\\fIOPTIONS\\fR] \\fIDOMAIN\\fR ...\n"
    ".SH DESCRIPTION\nA view is an alternate map from the physical addresses "
    "of a guest to the machine's: the host's map plus overrides, which give "
    "single pages other rights or show other pages in their place.\n"
    "This tool shows, makes and changes the views of a domain.\n.PP\n"
    "\\fIDOMAIN\\fR is a name or a number, and so is \\fIVIEW\\fR; view 0 is "
    "the host's own map.\nPages are told by gfn, their physical address in "
    "the guest divided by 4096.\nNumbers are decimal, or hexadecimal with "
    "0x.\n.PP\n"
    "Results go to standard output, all else to standard error.\n"
    "With \\fB\\-\\-json\\fR there is one JSON document, or with a stream one "
    "object a line; \\fBschema\\fR tells its version, keys are only ever "
    "added, and what may need 64 bits is a string of hexadecimal digits.\n"
    ".SH SUBCOMMANDS\n";

static const char manual_tail[] =
    ".SH EXIT STATUS\n"
    ".TP\n0\ndone\n"
    ".TP\n1\na difference was found, or an audit failed\n"
    ".TP\n2\nthe command line is wrong\n"
    ".TP\n3\nno such domain or view\n"
    ".TP\n4\nnot supported here; the message says why\n"
    ".TP\n5\nnot permitted\n"
    ".TP\n6\nnot now: in use, or out of memory; try again\n"
    ".SH ENVIRONMENT\n.TP\nNO_COLOR\nif set and not empty, no colour unless "
    "\\fB\\-\\-colour=always\\fR\n"
    ".SH FILES\n.TP\n/local/domain/\\fIDOMID\\fR/altp2m/\n"
    "names and roles of views, in xenstore\n"
    ".SH SEE ALSO\n\\fBxl\\fR(1), \\fBxl.cfg\\fR(5)\n";

void print_manual(void)
{
    fputs(manual_head, stdout);
    for ( unsigned int i = 0; i < nr_commands; i++ )
        manual_command(&commands[i]);
    fputs(manual_tail, stdout);
}

/* ---- completion for bash ------------------------------------------------ */

static const char completion_head[] =
    "# bash completion for xen-altp2m; made from its table of subcommands.\n\n"
    "_xen_altp2m()\n{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local options operands=() word i\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
    "        COMPREPLY=($(compgen -W \"";

static const char completion_middle[] =
    "--help --version\" -- \"$cur\"))\n        return\n    fi\n"
    "    case $prev in\n"
    "    -f|--file|-o|--output|--from)\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
    "    --colour) COMPREPLY=($(compgen -W \"always never auto\" -- \"$cur\"))\n"
    "        return ;;\n"
    "    -a|--access|--others)\n"
    "        COMPREPLY=($(compgen -W \"n r rw rx x rwx\" -- \"$cur\"))\n"
    "        return ;;\n"
    "    esac\n"
    "    case ${COMP_WORDS[1]} in\n";

/* How many operands stand before the word decides what it is. */
static const char completion_tail[] =
    "    *) return ;;\n    esac\n"
    "    case $cur in\n"
    "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")); return ;;\n"
    "    esac\n"
    "    i=0\n"
    "    for word in \"${COMP_WORDS[@]:2:COMP_CWORD-2}\"; do\n"
    "        case $word in -*) ;; *) i=$((i + 1)) ;; esac\n"
    "    done\n"
    "    case ${operands[i]} in\n"
    "    DOMAIN) COMPREPLY=($(compgen -W \"$(xl list 2>/dev/null |\n"
    "        awk 'NR > 2 { print $1 }')\" -- \"$cur\")) ;;\n"
    "    RIGHTS) COMPREPLY=($(compgen -W \"n r rw rx x rwx host\" -- \"$cur\")) "
    ";;\n"
    "    FILE) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
    "    esac\n"
    "}\ncomplete -o filenames -F _xen_altp2m xen-altp2m\n";

static void completion_command(const struct command *command)
{
    printf("    %s) options=\"", command->name);
    for ( unsigned int i = 0; i < NR_OPTIONS; i++ )
        if ( takes(command, i) )
        {
            if ( option_texts[i].letter )
                printf("-%c ", option_texts[i].letter);
            printf("--%s ", option_texts[i].name);
        }
    printf("\"\n        operands=(");
    for ( const char *p = command->usage; *p; p++ )
        if ( *p != '[' && *p != ']' )
            putchar(*p);
    printf(") ;;\n");
}

void print_completion(void)
{
    fputs(completion_head, stdout);
    for ( unsigned int i = 0; i < nr_commands; i++ )
        printf("%s ", commands[i].name);
    fputs(completion_middle, stdout);
    for ( unsigned int i = 0; i < nr_commands; i++ )
        completion_command(&commands[i]);
    fputs(completion_tail, stdout);
}
