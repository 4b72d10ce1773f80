/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the options.  KEEP=all switches everything on; KEEP="leaves ahead=2" just
 * these.  KEEP_LOG names the file that reports are added to.
 */
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "bochs.h"
#include "keep.h"
#include "settings.h"

keep_settings keep_set;

static void option(const char *name, unsigned value)
{
    keep_settings &s = keep_set;

    s.on = true;
    if (!strcmp(name, "all"))
        s.leaves = s.links = s.aliases = s.clean = true;
    else if (!strcmp(name, "leaves"))
        s.leaves = value;
    else if (!strcmp(name, "links"))
        s.links = value;
    else if (!strcmp(name, "aliases"))
        s.aliases = value;
    else if (!strcmp(name, "clean"))
        s.clean = value;
    else if (!strcmp(name, "ahead"))
        s.ahead = value;
    else if (!strcmp(name, "asids"))
        s.asids = value;
    else if (!strcmp(name, "grace"))
        s.grace = value;
    else if (!strcmp(name, "late"))
        s.late = value;
    else
    {
        fprintf(stderr, "KEEP: no option '%s'; there are: all leaves links "
                        "aliases clean ahead= asids= grace= late=\n", name);
        exit(2);
    }
}

/* The machine is stopped from outside at the end of each run. */
static void stopped(int)
{
    keep_summary();
    _exit(143);
}

void keep_init()
{
    const char *words = getenv("KEEP"), *log = getenv("KEEP_LOG");

    if (!words || !*words)
        return;

    keep_set.grace = 1000;
    std::string text(words);
    for (char *word = strtok(&text[0], " ,"); word; word = strtok(NULL, " ,"))
    {
        char *value = strchr(word, '=');

        if (value)
            *value++ = 0;
        option(word, value ? strtoul(value, NULL, 0) : 1);
    }

    keep_set.log = log ? fopen(log, "a") : stderr;
    if (!keep_set.log)
    {
        perror(log);
        exit(2);
    }
    setvbuf(keep_set.log, NULL, _IOLBF, 1 << 16);
    signal(SIGTERM, stopped);
}

bool keep_clean_bits() { return keep_set.clean; }

Bit32u keep_asids(Bit32u otherwise)
{
    return keep_set.asids ? keep_set.asids : otherwise;
}
