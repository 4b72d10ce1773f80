/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-altp2m: memory views of Xen domains on the command line.  Which
 * subcommands there are is told in command.c; each has its function in the
 * file of its subject.
 */
#include "command.h"
#include "common/message.h"

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
    if ( fflush(stdout) && errno != EPIPE )
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
    else if ( !strcmp(option, "--print-completion") )
        print_completion();
    else
        return complain(EXIT_USAGE, "there is no option '%s'; try xen-altp2m "
                        "--help", option);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    const struct command *command;
    struct args args;
    int code;

    setlocale(LC_CTYPE, "");
    if ( argc < 2 )
    {
        complain(EXIT_USAGE, "a subcommand is missing; these there are:");
        for ( unsigned int i = 0; i < nr_commands; i++ )
            fprintf(stderr, "  %-9s %s\n", commands[i].name,
                    commands[i].summary);
        return EXIT_USAGE;
    }
    if ( argv[1][0] == '-' )
        return finish(main_option(argv[1]));
    if ( !strcmp(argv[1], "help") && argc == 2 )
    {
        help_overview();
        return finish(EXIT_DONE);
    }

    command = find_command(argv[1]);
    if ( !command )
        return complain(EXIT_USAGE, "there is no subcommand '%s'; xen-altp2m "
                        "--help lists them", argv[1]);
    code = parse_args(command, argc - 1, argv + 1, &args);
    if ( code < 0 )
        code = command->run(&args);
    return finish(code);
}
