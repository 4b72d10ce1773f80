/* SPDX-License-Identifier: GPL-2.0-only */
#include "command.h"

#include <stddef.h>
#include <string.h>

const struct option_text option_texts[NR_OPTIONS] = {
    [OPT_HELP]     = { 'h', "help", NULL, "say what the subcommand does" },
    [OPT_JSON]     = { 'j', "json", NULL, "print JSON, for programs" },
    [OPT_DRY_RUN]  = { 'n', "dry-run", NULL,
                       "say what would be done, and change nothing" },
    [OPT_NAME]     = { 0, "name", "NAME", "a name for the view" },
    [OPT_ROLE]     = { 0, "role", "ROLE", "what the view is for, in a word" },
    [OPT_ACCESS]   = { 'a', "access", "RIGHTS",
                       "default rights: all that is not overridden has "
                       "these, not the host's" },
    [OPT_HIDDEN]   = { 0, "hidden", NULL,
                       "the guest can't switch to it by VMFUNC" },
    [OPT_VCPU]     = { 'v', "vcpu", "VCPU", "this vCPU only" },
    [OPT_OTHERS]   = { 0, "others", "RIGHTS",
                       "rights in all other views (n unless given)" },
    [OPT_BATCH]    = { 'f', "file", "FILE",
                       "take \"RANGE RIGHTS\" or \"RANGE TARGET\" from the "
                       "lines of a file (- for standard input)" },
    [OPT_INTO]     = { 0, "into", "VIEW",
                       "into this view, replacing its overrides" },
    [OPT_OUTPUT]   = { 'o', "output", "FILE", "write there" },
    [OPT_FROM]     = { 0, "from", "FILE",
                       "draw what map --json printed; needs no hypervisor" },
    [OPT_SVG]      = { 0, "svg", NULL, "draw a picture in SVG" },
    [OPT_HTML]     = { 0, "html", NULL,
                       "draw a page with zoom and hover, in one file" },
    [OPT_WIDTH]    = { 'w', "width", "COLUMNS",
                       "columns of text (the terminal's, else 80)" },
    [OPT_COLOUR]   = { 0, "colour", "WHEN",
                       "always, never or auto: on a terminal, unless NO_COLOR "
                       "is set" },
    [OPT_ASCII]    = { 0, "ascii", NULL, "draw with ASCII characters only" },
    [OPT_INTERVAL] = { 'i', "interval", "SECONDS",
                       "time between two looks (1 unless given)" },
    [OPT_COUNT]    = { 'c', "count", "N", "end after so many looks" },
};

#define O(option) (1u << OPT_ ## option)

const struct command commands[] = {
    { "check", run_check, false, "[DOMAIN]",
      "say whether views can be used, and if not, why",
      "Goes through all that views need of the machine, of Xen and, where "
      "DOMAIN is given, of that domain. The first that is missing is named, "
      "with what to do about it. The exit status is 4 then.",
      O(JSON),
      { { "check", "can views be used here at all?" },
        { "check guest", "can they be used with this domain?" } } },

    { "on", run_on, true, "DOMAIN",
      "turn a domain's views on",
      "All vCPUs are then in view 0, the host's own map.",
      0,
      { { "on guest", "begin" } } },

    { "off", run_off, true, "DOMAIN",
      "turn a domain's views off, and so destroy them all",
      "All vCPUs go back to the host's map. Names and roles are forgotten.",
      0,
      { { "off guest", "end; save first what is to be kept" } } },

    { "list", run_list, false, "DOMAIN",
      "list the views of a domain, and what they cost",
      "One line a view: its index, name and role, default rights, whether the "
      "guest may switch to it, the vCPUs that are in it, pages with rights of "
      "their own, remapped pages, private tables, what it takes of the "
      "domain's paging pool, and how often a remap lost its target.",
      O(JSON),
      { { "list guest", "all views" },
        { "list --json guest", "the same for a program" } } },

    { "create", run_create, true, "DOMAIN",
      "make a view",
      "Prints the index of the new view, which shows what the host's map "
      "does. It costs one page.",
      O(JSON) | O(NAME) | O(ROLE) | O(ACCESS) | O(HIDDEN),
      { { "create guest", "a view like the host's" },
        { "create --name trap --role monitor --access rx guest",
          "a view in which nothing can be written" } } },

    { "clone", run_clone, true, "DOMAIN VIEW",
      "make a view with the overrides of another",
      "Prints the index of the new view.",
      O(JSON) | O(NAME) | O(ROLE) | O(HIDDEN),
      { { "clone --name trial guest trap", "a copy to try things in" } } },

    { "destroy", run_destroy, true, "DOMAIN VIEW",
      "destroy a view",
      "Fails, and names them, while vCPUs are in the view. View 0, the "
      "host's, can't be destroyed.",
      0,
      { { "destroy guest trial", "a view by name" },
        { "destroy -n guest 2", "would it be done?" } } },

    { "switch", run_switch, true, "DOMAIN VIEW",
      "put all vCPUs, or one, into a view",
      "The guest need not be paused, and does not notice.",
      O(VCPU),
      { { "switch guest trap", "all vCPUs" },
        { "switch --vcpu 1 guest 0", "vCPU 1 back to the host's map" } } },

    { "label", run_label, true, "DOMAIN VIEW",
      "give a view another name or role",
      "They are kept in xenstore, readable in dom0 only, and shown beside the "
      "index. An empty one is forgotten.",
      O(NAME) | O(ROLE),
      { { "label --name trap --role monitor guest 1", "name a view" },
        { "label --name '' guest 1", "forget the name" } } },

    { "access", run_access, true, "DOMAIN VIEW [RANGE] [RIGHTS]",
      "set rights of pages in a view",
      "RANGE is GFN, FIRST-LAST, FIRST+PAGES or FIRST+SIZE, such as "
      "0x40000+1G; or the word default, for the view's default rights. RIGHTS "
      "are such as rx, r-x, rw, n, rx2rw; the word host ends the override, or the "
      "default. "
      "With --file many ranges are set at once, all or none.",
      O(BATCH),
      { { "access guest trap 0x800 rx", "one page read-only" },
        { "access guest trap 0x40000+1G rw", "no execution in a gigabyte" },
        { "access guest trap default r-x", "default rights" },
        { "access --file pages.txt guest trap", "as a file says" } } },

    { "remap", run_remap, true, "DOMAIN VIEW [RANGE] [TARGET]",
      "show other pages at a range of gfns",
      "TARGET is the gfn whose page is shown at the first gfn of RANGE, the "
      "next ones follow; the word none ends the remap.",
      O(BATCH),
      { { "remap guest trap 0x800 0x801", "one page" },
        { "remap guest trap 0x800+16 0x900", "sixteen pages" },
        { "remap guest trap 0x800 none", "its own page again" } } },

    { "isolate", run_isolate, true, "DOMAIN VIEW RANGE RIGHTS",
      "rights for a range in one view, others in all other views",
      "In one operation: RANGE has RIGHTS in VIEW, and what --others says in "
      "all other views there are, view 0 included.",
      O(OTHERS),
      { { "isolate guest vault 0x900+64 rw",
          "a range that only one view can use" } } },

    { "show", run_show, false, "DOMAIN VIEW [RANGE]",
      "show how a view differs from the host's map",
      "One line for neighbours that are alike: first and last gfn, size, "
      "rights, what is shown there instead, and why. A verdict on pages that "
      "can be written and executed ends it.",
      O(JSON) | O(COLOUR),
      { { "show guest trap", "all differences" },
        { "show guest trap 0x800+512", "of one range" } } },

    { "walk", run_walk, false, "DOMAIN VIEW GFN",
      "show how one gfn is translated, level by level, and why",
      "Host and view side by side: each entry, its bits in words, whether the "
      "table is shared or the view's own; then what decides the result.",
      O(JSON),
      { { "walk guest trap 0x800", "one gfn" } } },

    { "audit", run_audit, false, "DOMAIN [VIEW]",
      "compute all views anew, and compare",
      "Every entry of every private table is compared with what overrides and "
      "host map make of it. The exit status is 1 if any differs.",
      O(JSON),
      { { "audit guest", "all views of a domain" } } },

    { "diff", run_diff, false, "DOMAIN VIEW VIEW",
      "show how two views differ",
      "Either may be a file that save wrote; with two files DOMAIN is a "
      "dash. The exit status is 1 if there are differences.",
      O(JSON),
      { { "diff guest 1 2", "two views" },
        { "diff guest trap trap.json", "what has changed since it was saved" },
        { "diff - old.json new.json", "two files" } } },

    { "save", run_save, false, "DOMAIN VIEW [FILE]",
      "write a view's overrides as JSON",
      "The file can be kept with the monitor's sources: load makes the view "
      "again from it.",
      0,
      { { "save guest trap trap.json", "to a file" },
        { "save guest trap", "to standard output" } } },

    { "load", run_load, true, "DOMAIN FILE",
      "make a view from a saved one",
      "Prints the index of the view. Nothing is changed where not all can be "
      "set.",
      O(JSON) | O(NAME) | O(ROLE) | O(INTO),
      { { "load guest trap.json", "a new view" },
        { "load --into 1 guest trap.json", "replace the overrides of view 1" }
      } },

    { "stat", run_stat, false, "DOMAIN",
      "print counters of a domain and its views",
      "With --interval it goes on, and tells what has changed since.",
      O(JSON) | O(INTERVAL) | O(COUNT),
      { { "stat guest", "once" },
        { "stat --json -i 1 guest", "every second, one JSON object a line" }
      } },

    { "watch", run_watch, false, "DOMAIN",
      "watch views live, on a screen",
      "Read only. q ends it, arrows scroll, p pauses. With --json, or where "
      "standard output is no terminal, one JSON object a line is printed for "
      "each event: views made and gone, vCPUs that switched, remaps lost.",
      O(JSON) | O(INTERVAL) | O(COUNT),
      { { "watch guest", "the screen" },
        { "watch --json guest", "a stream of events" } } },

    { "map", run_map, false, "[DOMAIN] [RANGE]",
      "draw the guest's memory as a picture",
      "One row a view, gfns across, colours and letters for rights, marks and "
      "arcs for remaps, private and shared tables, and the host's superpages. "
      "As text, as SVG or as one HTML page; --json prints the dump that "
      "--from takes.",
      O(JSON) | O(OUTPUT) | O(FROM) | O(SVG) | O(HTML) | O(WIDTH) | O(COLOUR) |
      O(ASCII),
      { { "map guest", "in the terminal" },
        { "map --html -o guest.html guest", "to look at in a browser" },
        { "map --json -o guest.json guest", "keep a dump" },
        { "map --from guest.json --svg -o guest.svg",
          "draw it later, elsewhere" } } },
};

const unsigned int nr_commands = sizeof(commands) / sizeof(commands[0]);

const struct command *find_command(const char *name)
{
    for ( unsigned int i = 0; i < nr_commands; i++ )
        if ( !strcmp(commands[i].name, name) )
            return &commands[i];
    return NULL;
}

bool takes(const struct command *command, enum option_id option)
{
    return option == OPT_HELP ||
           (option == OPT_DRY_RUN && command->modifies) ||
           (command->options & (1u << option));
}
