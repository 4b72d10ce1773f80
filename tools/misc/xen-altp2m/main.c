/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-altp2m: memory views of Xen domains on the command line.  command.c
 * lists the subcommands; each has its function in the file of its subject.
 */
#include "command.h"
#include "common/message.h"
#include "common/nearest.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#ifndef VERSION
#define VERSION "1"
#endif

/* What was printed has to arrive; that a pager was left is no error. */
static int finish(int code)
{
    if ( (fflush(stdout) || ferror(stdout)) && errno != EPIPE && !code )
        return complain(EXIT_AGAIN, "can't write: %s", strerror(errno));
    return code;
}

static int main_option(const char *option)
{
    if ( !strcmp(option, "--help") || !strcmp(option, "-h") )
        help_overview();
    else if ( !strcmp(option, "--version") )
        printf("xen-altp2m %s\n", VERSION);
    /* For the build. */
    else if ( !strcmp(option, "--print-manual") )
        print_manual();
    else if ( !strcmp(option, "--print-bash-completion") )
        print_bash_completion();
    else if ( !strcmp(option, "--print-zsh-completion") )
        print_zsh_completion();
    else
        return complain(EXIT_USAGE, "there is no option '%s' in front of a "
                        "subcommand; try xen-altp2m help", option);
    return EXIT_DONE;
}

static const struct command *command_named(const char *name)
{
    const struct command *command = find_command(name);
    struct nearest nearest = { .typed = name };

    if ( command )
        return command;
    for ( unsigned int i = 0; i < nr_commands; i++ )
        nearest_offer(&nearest, commands[i].name);
    complain(EXIT_USAGE, "there is no subcommand '%s'%s%s", name,
             nearest_text(&nearest),
             nearest.best ? "" : "; xen-altp2m help lists them");
    return NULL;
}

/* help [SUBCOMMAND] */
static int help(int argc, char **argv)
{
    const char *name = argc && strcmp(argv[0], "help") ? argv[0] : NULL;
    const struct command *command;

    if ( argc > 1 )
        return complain(EXIT_USAGE, "help takes one subcommand");
    command = name ? command_named(name) : NULL;
    if ( name && !command )
        return EXIT_USAGE;
    if ( command )
        help_command(command);
    else
        help_overview();
    return EXIT_DONE;
}

static int nothing_given(void)
{
    complain(EXIT_USAGE, "a subcommand is missing; there are:");
    for ( unsigned int i = 0; i < nr_commands; i++ )
        fprintf(stderr, "  %-9s %s\n", commands[i].name, commands[i].summary);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const struct command *command;
    struct args args;
    int code;

    setlocale(LC_CTYPE, "");
    if ( argc < 2 )
        return nothing_given();
    if ( !strcmp(argv[1], "--complete") )
        return finish(complete(argc - 2, argv + 2));
    if ( argv[1][0] == '-' )
        return finish(main_option(argv[1]));
    if ( !strcmp(argv[1], "help") )
        return finish(help(argc - 2, argv + 2));

    command = command_named(argv[1]);
    if ( !command )
        return EXIT_USAGE;
    code = parse_args(command, argc - 1, argv + 1, &args);
    if ( code < 0 )
        code = command->run(&args);
    return finish(code);
}
