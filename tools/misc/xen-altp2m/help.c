/* SPDX-License-Identifier: GPL-2.0-only */
/* What is printed from the table: help and the manual page; and completion. */
#include "command.h"
#include "common/number.h"

#include <ctype.h>
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

/* What operands of that name are, in all subcommands that take them. */
static const struct { const char *word, *text; } operand_texts[] = {
    { "RANGE", "RANGE is GFN, FIRST-LAST (both belong to it), FIRST+PAGES or "
      "FIRST+SIZE, such as 0x40000+1G." },
    { "ADDRESS", "ADDRESS is physical in the guest, 0x800123, or GFN+OFFSET, "
      "0x800+0x123." },
    { "RIGHTS", "RIGHTS are such as rx or r-x, rw, n, rx2rw." },
};

#define OPERAND_TEXTS (sizeof(operand_texts) / sizeof(operand_texts[0]))

void help_overview(void)
{
    printf("usage: xen-altp2m SUBCOMMAND [OPTIONS] DOMAIN ...\n\n"
           "Memory views (altp2m) of Xen domains. DOMAIN and VIEW are names "
           "or numbers.\n\n");
    for ( unsigned int i = 0; i < nr_commands; i++ )
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    printf("\nMore: xen-altp2m help SUBCOMMAND, and xen-altp2m(8).\n\n"
           "Examples:\n"
           "  xen-altp2m check guest\n  xen-altp2m list guest\n"
           "  xen-altp2m map guest\n");
}

void help_command(const struct command *command)
{
    printf("usage: xen-altp2m %s [OPTIONS] %s\n\n%s: %s\n\n", command->name,
           command->usage, command->name, command->summary);
    print_wrapped(command->description, 0);
    for ( unsigned int i = 0; i < OPERAND_TEXTS; i++ )
        if ( strstr(command->usage, operand_texts[i].word) )
            print_wrapped(operand_texts[i].text, 0);
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
            putchar('\n');
        }
}

/* A summary, which begins with a small letter and has no full stop. */
static void print_sentence(const char *summary)
{
    printf("%c", toupper((unsigned char)*summary));
    print_troff(summary + 1);
    printf(".\n");
}

static void manual_command(const struct command *command)
{
    printf(".SS ");
    print_troff(command->name);
    printf("\n");
    print_bold(command->name);
    printf(" [\\fIOPTIONS\\fR] \\fI");
    print_troff(command->usage);
    printf("\\fR\n.PP\n");
    print_sentence(command->summary);
    print_troff(command->description);
    printf("\n");
    for ( unsigned int i = 0; i < OPERAND_TEXTS; i++ )
        if ( strstr(command->usage, operand_texts[i].word) )
        {
            print_troff(operand_texts[i].text);
            printf("\n");
        }
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
    ".TH XEN\\-ALTP2M 8 \"\" \"Xen\" \"Memory views\"\n"
    ".SH NAME\nxen\\-altp2m \\- memory views (altp2m) of Xen domains\n"
    ".SH SYNOPSIS\n\\fBxen\\-altp2m\\fR \\fISUBCOMMAND\\fR "
    "[\\fIOPTIONS\\fR] \\fIDOMAIN\\fR ...\n.br\n"
    "\\fBxen\\-altp2m help\\fR [\\fISUBCOMMAND\\fR]\n"
    ".SH DESCRIPTION\nA view is another map from a guest's physical addresses "
    "to the machine's memory. It is the host's map plus overrides: single pages "
    "with other rights, or with other pages shown in their place. A vCPU runs "
    "in one view at a time. View 0 is the host's own map.\n.PP\n"
    "This tool shows, creates and changes the views of a domain. It runs in "
    "dom0, as root.\n.PP\n"
    "\\fIDOMAIN\\fR and \\fIVIEW\\fR are names or numbers. A page is identified "
    "by its gfn: its physical address in the guest, divided by 4096. Numbers "
    "are decimal, or hexadecimal with 0x. Sizes take the units K, M, G and "
    "T.\n.PP\n"
    "Results go to standard output, messages to standard error. Queries never "
    "change anything.\n"
    ".SH SUBCOMMANDS\n";

static const struct { const char *term, *text; } column_terms[] = {
    { "VIEW, NAME, ROLE", "Index, name and role of the view." },
    { "RIGHTS", "Default rights; none where the host's count." },
    { "VMFUNC", "Whether the guest may switch to the view by VMFUNC." },
    { "VCPUS", "The vCPUs that are in the view." },
    { "PAGES", "Pages with rights of their own." },
    { "REMAPS", "Remapped pages, and pages with bytes of the view's own." },
    { "TABLES", "Private page tables, the root included." },
    { "BYTES", "What the view takes of the domain's paging pool." },
    { "LOST", "How often a remap lost its target, or the guest gave up a page "
      "with bytes of the view's own." },
}, file_terms[] = {
    { "ranges (--file)", "Lines of a range and its rights, or of a range and "
      "its target. A # begins a comment; empty lines are skipped." },
    { "saved views (save, load, diff)", "One JSON object of kind \"view\": "
      "default_access, hidden, overrides, each with gfn, pages, and any of "
      "access, target, suppress_ve and own, and patches, each with gfn, offset "
      "and bytes. A view's rules are saved by rules --json." },
    { "dumps (map --json, map --from)", "One JSON object of kind \"map\": "
      "last_gfn, host, and views, each a saved view with its counters and its "
      "private tables." },
}, exit_terms[] = {
    { "0", "Done." },
    { "1", "A difference was found, or an audit failed." },
    { "2", "The command line, or a file, is wrong." },
    { "3", "There is no such domain, view or page." },
    { "4", "It is not supported here; the message says why." },
    { "5", "It is not permitted." },
    { "6", "It can't be done now: something is in use, or memory is used up." },
    { "130", "A signal interrupted it; what was done is undone." },
};

#define TERMS(list) list, sizeof(list) / sizeof(list[0])

static void manual_term(const char *term, const char *text)
{
    printf(".TP\n");
    print_bold(term);
    putchar('\n');
    print_troff(text);
    putchar('\n');
}

static void manual_terms(const char *section,
                         const typeof(column_terms[0]) *list, unsigned int nr)
{
    printf(".SH %s\n", section);
    for ( unsigned int i = 0; i < nr; i++ )
        manual_term(list[i].term, list[i].text);
}

static void manual_rights(void)
{
    printf(".SH RIGHTS\nRights are given in either form.\n");
    for ( unsigned int i = 0; i < NR_RIGHTS; i++ )
    {
        const char *name = access_name(i), *text = access_text(i);
        char term[24];

        snprintf(term, sizeof(term), "%s, %s", name, text);
        manual_term(strcmp(name, text) ? term : name, right_list[i].meaning);
    }
    manual_term("host, none", "no rights of its own: the view's default, or "
                "the host's");
}

static const char manual_json[] =
    ".PP\nAll JSON begins with \\fBschema\\fR, which is 2, and \\fBkind\\fR. "
    "Addresses (gfns, frames, table entries) are strings such as \"0x800\"; "
    "counts are numbers. Within a schema, keys are only added. Files of schema "
    "1, which has counts as strings too, can still be read. A stream "
    "(\\fBwatch \\-\\-json\\fR, \\fBstat \\-\\-json \\-i\\fR, hits of "
    "\\fBbreak \\-\\-json\\fR) is one object a line.\n";

static const char manual_tail[] =
    ".SH ENVIRONMENT\n.TP\nNO_COLOR\nIf it is set and not empty, no colour is "
    "used unless \\fB\\-\\-colour=always\\fR is given.\n"
    ".SH FILES\n.TP\n/local/domain/\\fIDOMID\\fR/altp2m/\n"
    "Names and roles of views, in xenstore.\n"
    ".SH SEE ALSO\n\\fBxl\\fR(1), \\fBxl.cfg\\fR(5), \\fBlibxenaltp2m\\fR(3)\n";

void print_manual(void)
{
    fputs(manual_head, stdout);
    for ( unsigned int i = 0; i < nr_commands; i++ )
        manual_command(&commands[i]);
    manual_rights();
    manual_terms("COLUMNS OF LIST", TERMS(column_terms));
    manual_terms("FILE FORMATS", TERMS(file_terms));
    fputs(manual_json, stdout);
    manual_terms("EXIT STATUS", TERMS(exit_terms));
    fputs(manual_tail, stdout);
}

/* ---- completion for shells ---------------------------------------------- */

static const char bash_completion[] =
    "# bash completion for xen-altp2m, which itself knows what there is.\n\n"
    "_xen_altp2m()\n{\n"
    "    local word cur=${COMP_WORDS[COMP_CWORD]}\n"
    "    COMPREPLY=()\n"
    "    [ \"$cur\" != = ] || cur=\n"
    "    while IFS= read -r word; do\n"
    "        if [ \"$word\" != :files ]; then\n"
    "            COMPREPLY+=(\"$word\")\n"
    "            continue\n"
    "        fi\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        while IFS= read -r word; do\n"
    "            COMPREPLY+=(\"$word\")\n"
    "        done < <(compgen -f -- \"$cur\")\n"
    "    done < <(xen-altp2m --complete \"$COMP_CWORD\" \"${COMP_WORDS[@]}\" "
    "2>/dev/null)\n"
    "}\n"
    "complete -F _xen_altp2m xen-altp2m\n";

static const char zsh_completion[] =
    "#compdef xen-altp2m\n"
    "# zsh completion for xen-altp2m, which itself knows what there is.\n\n"
    "_xen_altp2m()\n{\n"
    "    local word\n"
    "    local -a found\n"
    "    for word in \"${(@f)$(xen-altp2m --complete $((CURRENT - 1)) "
    "\"${(@)words}\" 2>/dev/null)}\"; do\n"
    "        if [[ $word == :files ]]; then\n"
    "            _files\n"
    "        elif [[ -n $word ]]; then\n"
    "            found+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    (( ! $#found )) || compadd -a found\n"
    "}\n\n"
    "_xen_altp2m \"$@\"\n";

void print_bash_completion(void)
{
    fputs(bash_completion, stdout);
}

void print_zsh_completion(void)
{
    fputs(zsh_completion, stdout);
}
