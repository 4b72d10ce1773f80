/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of subcommands.  Help, the manual page and what shells complete
 * come from it, and arguments are parsed by it.
 */
#ifndef XEN_ALTP2M_COMMAND_H
#define XEN_ALTP2M_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_id
{
    OPT_HELP,
    OPT_JSON,
    OPT_DRY_RUN,
    OPT_NAME,
    OPT_ROLE,
    OPT_ACCESS,
    OPT_HIDDEN,
    OPT_VCPU,
    OPT_OTHERS,
    OPT_BATCH,
    OPT_INTO,
    OPT_OUTPUT,
    OPT_FROM,
    OPT_SVG,
    OPT_HTML,
    OPT_WIDTH,
    OPT_COLOUR,
    OPT_ASCII,
    OPT_INTERVAL,
    OPT_COUNT,
    OPT_RIGHTS,
    OPT_WHY,
    OPT_FRAME,
    OPT_VA,
    OPT_CR3,
    OPT_VA_VCPU,
    OPT_MASK,
    OPT_KPTI,
    OPT_ELSE,
    OPT_REPLACE,
    OPT_REMOVE,
    OPT_KEEP,
    OPT_ONLY,
    OPT_CSV,
    OPT_RECORDS,
    OPT_TAKE,
    NR_OPTIONS
};

/* What stands for the values of an option or operand; completion goes by it. */
struct option_text
{
    char letter;       /* 0: has a long name only */
    const char *name;
    const char *value; /* NULL: takes none */
    const char *help;
};

extern const struct option_text option_texts[NR_OPTIONS];

#define MAX_OPERANDS 17

struct batch;
struct range;

struct args
{
    const struct command *command;
    struct batch *batch;   /* what access and remap are given to set */
    bool given[NR_OPTIONS];
    const char *value[NR_OPTIONS];
    const char *operand[MAX_OPERANDS + 1]; /* the last is NULL */
    unsigned int nr_operands;
};

struct example
{
    const char *arguments; /* after "xen-altp2m " */
    const char *what;
};

struct command
{
    const char *name;
    int (*run)(const struct args *args); /* an exit code */
    /*
     * NULL, or complains of what is wrong in arguments that are good by
     * themselves, before Xen is asked; an exit code.
     */
    int (*check)(struct args *args);
    bool modifies;         /* changes a domain: takes -n */
    const char *usage;     /* operands; [...] may be left out */
    const char *summary;   /* one line */
    const char *description;
    uint64_t options;      /* 1ull << OPT_...; help, and -n, need not be said */
    struct example examples[4];
};

extern const struct command commands[];
extern const unsigned int nr_commands;

const struct command *find_command(const char *name);
/* Does this command take that option? */
bool takes(const struct command *command, enum option_id option);

/* args.c: -1 to go on, or an exit code.  argv[0] is the subcommand. */
int parse_args(const struct command *command, int argc, char **argv,
               struct args *args);

/* "host" or "none": no rights of its own. */
bool no_rights(const char *text);

/* These complain by themselves and return an exit code. */
int take_range(const char *text, struct range *range);
/* @host: "host" and "none" will do, too, and leave *@access alone. */
int take_rights(const char *text, bool host, uint8_t *access);
/* views.c: are --name and --role what may be one? */
int check_labels(const struct args *args);

/* With -n, says "would ..." on stdout, and true. */
bool would(const struct args *args, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* By --colour, the terminal and NO_COLOR; an exit code. */
int want_colour(const struct args *args, bool *colour);

/* help.c */
void help_overview(void);
void help_command(const struct command *command);
void print_manual(void);
void print_bash_completion(void);
void print_zsh_completion(void);

/*
 * complete.c: what the word with that number may become, one a line; words[0]
 * is the name of the program.  ":files" stands for the names of files.
 */
int complete(int argc, char **argv);

/* show.c: "access default_access ...", the kinds of differences. */
const char *kind_words(void);

/* args.c, for completion: usage's word of an operand; NULL if there is none. */
const char *operand_word(const struct command *command, unsigned int operand,
                         size_t *length);
/* The option that an argument names, in any of its forms, or NR_OPTIONS. */
unsigned int option_of(const struct command *command, const char *argument);

/* The functions of the table, each in the file of its subject. */
int run_check(const struct args *args);
int run_on(const struct args *args);
int run_off(const struct args *args);
int run_list(const struct args *args);
int run_create(const struct args *args);
int run_clone(const struct args *args);
int run_destroy(const struct args *args);
int run_switch(const struct args *args);
int run_label(const struct args *args);
int run_access(const struct args *args);
int run_remap(const struct args *args);
int run_isolate(const struct args *args);
int run_rules(const struct args *args);
int run_patch(const struct args *args);
int run_unpatch(const struct args *args);
int run_refresh(const struct args *args);
int run_break(const struct args *args);
int run_show(const struct args *args);
int run_walk(const struct args *args);
int run_find(const struct args *args);
int run_read(const struct args *args);
int run_audit(const struct args *args);
int run_diff(const struct args *args);
int run_save(const struct args *args);
int run_load(const struct args *args);
int run_stat(const struct args *args);
int run_watch(const struct args *args);
int run_map(const struct args *args);
int run_process(const struct args *args);
int run_trace(const struct args *args);

int check_access(struct args *args);
int check_remap(struct args *args);
int check_patch(struct args *args);
int check_unpatch(struct args *args);
int check_break(struct args *args);
int check_label(struct args *args);
int check_rules(struct args *args);
int check_show(struct args *args);
int check_diff(struct args *args);
int check_map(struct args *args);
int check_pace(struct args *args);
int check_process(struct args *args);
int check_trace(struct args *args);

#endif /* XEN_ALTP2M_COMMAND_H */
