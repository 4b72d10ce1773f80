/* SPDX-License-Identifier: GPL-2.0-only */
#include "command.h"

#include <stddef.h>
#include <string.h>

const struct option_text option_texts[NR_OPTIONS] = {
    [OPT_HELP]     = { 'h', "help", NULL, "Print this help." },
    [OPT_JSON]     = { 'j', "json", NULL, "Print JSON, for programs." },
    [OPT_DRY_RUN]  = { 'n', "dry-run", NULL,
                       "Say what would be done, and change nothing." },
    [OPT_NAME]     = { 0, "name", "NAME", "Give the view this name." },
    [OPT_ROLE]     = { 0, "role", "ROLE",
                       "Say in one word what the view is for." },
    [OPT_ACCESS]   = { 'a', "access", "RIGHTS",
                       "Default rights: pages without rights of their own have "
                       "these, whatever the host gives them." },
    [OPT_HIDDEN]   = { 0, "hidden", NULL,
                       "The guest can't switch to the view by VMFUNC." },
    [OPT_VCPU]     = { 'v', "vcpu", "VCPU", "Only this vCPU." },
    [OPT_OTHERS]   = { 0, "others", "RIGHTS",
                       "Rights in all other views. The default is n." },
    [OPT_BATCH]    = { 'f', "file", "FILE",
                       "Read lines of \"RANGE RIGHTS\", \"RANGE TARGET\" or "
                       "rules from this file; - is standard input." },
    [OPT_INTO]     = { 0, "into", "VIEW",
                       "Replace the overrides of this view." },
    [OPT_OUTPUT]   = { 'o', "output", "FILE",
                       "Write to this file; - is standard output." },
    [OPT_FROM]     = { 0, "from", "FILE",
                       "Draw a dump that map --json printed. Needs no "
                       "hypervisor." },
    [OPT_SVG]      = { 0, "svg", NULL, "Draw a picture in SVG." },
    [OPT_HTML]     = { 0, "html", NULL,
                       "Draw one self-contained HTML page, with zoom and "
                       "hover." },
    [OPT_WIDTH]    = { 'w', "width", "COLUMNS",
                       "Columns of text. The default is the terminal's width, "
                       "or 80." },
    [OPT_COLOUR]   = { 0, "colour", "WHEN",
                       "always, never or auto. auto, the default, uses colour "
                       "on a terminal unless NO_COLOR is set." },
    [OPT_ASCII]    = { 0, "ascii", NULL, "Draw with ASCII characters only." },
    [OPT_INTERVAL] = { 'i', "interval", "SECONDS",
                       "Time between two looks. The default is 1." },
    [OPT_COUNT]    = { 'c', "count", "N",
                       "End after this many looks, hits or records." },
    [OPT_RIGHTS]   = { 0, "rights", "RIGHTS",
                       "Only pages that have these rights in the view." },
    [OPT_WHY]      = { 0, "kind", "KIND",
                       "Only differences of this kind: access, default_access, "
                       "remap, lost, suppress_ve, no_page, own or stale." },
    [OPT_FRAME]    = { 0, "frame", NULL,
                       "The number is a frame of the machine, not a gfn." },
    [OPT_VA]       = { 0, "va", "ADDRESS",
                       "Instead of the gfn, range or address: a guest-virtual "
                       "one, FIRST-LAST, or ADDRESS+SIZE; of bytes, not "
                       "pages." },
    [OPT_CR3]      = { 0, "cr3", "CR3",
                       "Translate --va by the page tables at this address." },
    [OPT_VA_VCPU]  = { 0, "vcpu", "VCPU",
                       "Translate --va as this vCPU does now. The default is "
                       "vCPU 0." },
    [OPT_MASK]     = { 'm', "mask", "MASK",
                       "The bits of CR3 that must match. The default is all "
                       "but the lowest 12, which may hold a PCID." },
    [OPT_KPTI]     = { 0, "kpti", NULL,
                       "A mask for Linux with KPTI: also the process's other "
                       "page tables match, which differ in bit 12." },
    [OPT_ELSE]     = { 0, "else", "VIEW",
                       "The view of all CR3s without a record; none leaves "
                       "vCPUs where they are." },
    [OPT_REPLACE]  = { 0, "replace", NULL,
                       "Also bytes that are patched already." },
    [OPT_REMOVE]   = { 'r', "remove", NULL,
                       "Remove these breakpoints; without an address, all." },
    [OPT_KEEP]     = { 'k', "keep", NULL,
                       "Put breakpoints in and end: another program is the "
                       "domain's monitor, and has the hits." },
    [OPT_ONLY]     = { 0, "only", "CR3",
                       "Only vCPUs with this CR3; of break, for all "
                       "breakpoints of the domain." },
    [OPT_CSV]      = { 0, "csv", NULL,
                       "Print a table of values with commas, the first line "
                       "their names." },
    [OPT_RECORDS]  = { 0, "records", "N",
                       "Have room for so many records that are not printed "
                       "yet, 4095 at most. The default is 1023." },
    [OPT_TAKE]     = { 0, "take", NULL,
                       "Take the log, or the events, from a program that has "
                       "them; also from one that was killed." },
};

#define O(option) (1ull << OPT_ ## option)
#define O_VA      (O(VA) | O(CR3) | O(VA_VCPU))

const struct command commands[] = {
    { "check", run_check, NULL, false, "[DOMAIN]",
      "say whether views can be used, and if not, why",
      "Checks every condition that views need: the machine, Xen, and with "
      "DOMAIN that domain. It stops at the first that does not hold, and says "
      "what to do about it; the exit status is then 4. With DOMAIN it also "
      "warns when the domain's paging pool is small.",
      O(JSON),
      { { "check", "can views be used on this machine?" },
        { "check guest", "can they be used with this domain?" } } },

    { "on", run_on, NULL, true, "DOMAIN",
      "turn a domain's views on",
      "All vCPUs are then in view 0, which is the host's own map.",
      0,
      { { "on guest", "turn views on" } } },

    { "off", run_off, NULL, true, "DOMAIN",
      "turn a domain's views off, which destroys them all",
      "All vCPUs return to the host's map. Names and roles are deleted.",
      0,
      { { "off guest", "turn views off; save first what you want to keep" } } },

    { "list", run_list, NULL, false, "DOMAIN",
      "list the views of a domain, and what they cost",
      "Prints one line for each view, then how the domain's paging pool is "
      "used, then which vCPUs may use VMFUNC. The manual page describes the "
      "columns.",
      O(JSON),
      { { "list guest", "all views" },
        { "list --json guest", "the same, for a program" } } },

    { "create", run_create, NULL, true, "DOMAIN",
      "create a view",
      "Prints the index of the new view. It shows what the host's map shows, "
      "and costs one page.",
      O(JSON) | O(NAME) | O(ROLE) | O(ACCESS) | O(HIDDEN),
      { { "create guest", "a view like the host's map" },
        { "create --name trap --role monitor --access rx guest",
          "a view in which nothing can be written" } } },

    { "clone", run_clone, NULL, true, "DOMAIN VIEW",
      "create a view with the overrides of another",
      "Prints the index of the new view.",
      O(JSON) | O(NAME) | O(ROLE) | O(HIDDEN),
      { { "clone --name trial guest trap", "a copy to experiment with" } } },

    { "destroy", run_destroy, NULL, true, "DOMAIN VIEW",
      "destroy a view",
      "Fails while vCPUs are in the view, and names them. View 0, the host's "
      "map, can't be destroyed.",
      0,
      { { "destroy guest trial", "destroy a view by its name" },
        { "destroy -n guest 2", "say whether it would be destroyed" } } },

    { "switch", run_switch, NULL, true, "DOMAIN VIEW",
      "put all vCPUs, or one, into a view",
      "The guest need not be paused, and does not notice.",
      O(VCPU),
      { { "switch guest trap", "all vCPUs" },
        { "switch --vcpu 1 guest 0", "vCPU 1 returns to the host's map" } } },

    { "process", run_process, check_process, true, "DOMAIN [CR3] [VIEW]",
      "give a process a view, by its CR3; or list such views",
      "A vCPU that loads CR3 is put into the view that a record gives it. With "
      "CR3 and VIEW a record is added, in front, or replaced; the word none "
      "for VIEW removes it, and for CR3 removes all records. Without these it "
      "lists the records, and the CR3 of each vCPU. While there are records, "
      "each write of CR3 by the guest costs an exit.",
      O(JSON) | O(MASK) | O(KPTI) | O(ELSE),
      { { "process guest", "records, and which process runs on which vCPU" },
        { "process --else 0 guest 0x1a2b000 trap",
          "one process is in view trap, all others in view 0" },
        { "process --kpti guest 0x1a2b000 trap", "the same under KPTI" },
        { "process guest none", "no records any more" } } },

    { "label", run_label, check_label, true, "DOMAIN VIEW",
      "change the name or role of a view",
      "Names and roles are kept in xenstore, readable in dom0 only, and shown "
      "beside the index. An empty name or role is deleted.",
      O(NAME) | O(ROLE),
      { { "label --name trap --role monitor guest 1", "name a view" },
        { "label --name '' guest 1", "delete the name" } } },

    { "access", run_access, check_access, true, "DOMAIN VIEW [RANGE] [RIGHTS]",
      "set the rights of pages in a view",
      "In place of RANGE, the word default stands for the view's default "
      "rights. The word host removes the override. With --file, many ranges "
      "are set at once: all of them or none. Ctrl-C then undoes what was done.",
      O(BATCH) | O_VA,
      { { "access guest trap 0x800 rx", "make one page read-only" },
        { "access guest trap 0x40000+1G rw", "forbid execution in a gigabyte" },
        { "access --va 0xffffffff81000000+4K guest trap rx",
          "make the page at a kernel address read-only" },
        { "access --file pages.txt guest trap", "set what a file lists" } } },

    { "remap", run_remap, check_remap, true, "DOMAIN VIEW [RANGE] [TARGET]",
      "show other pages at a range of gfns",
      "TARGET is the gfn whose page is shown at the first gfn of RANGE; the "
      "following gfns show the following pages. The word none removes the "
      "remap. All gfns are remapped or none; Ctrl-C undoes what was done.",
      O(BATCH) | O_VA,
      { { "remap guest trap 0x800 0x801", "remap one page" },
        { "remap guest trap 0x800+16 0x900", "remap sixteen pages" },
        { "remap guest trap 0x800 none", "show the page's own content again" }
      } },

    { "isolate", run_isolate, NULL, true, "DOMAIN VIEW RANGE RIGHTS",
      "set rights in one view, and other rights in all other views",
      "RANGE gets RIGHTS in VIEW, and the rights of --others in every other "
      "view, view 0 included.",
      O(OTHERS) | O_VA,
      { { "isolate guest vault 0x900+64 rw",
          "give a range to one view only" } } },

    { "rules", run_rules, check_rules, true, "DOMAIN VIEW [RULE]",
      "list or replace the rules of a view",
      "A rule says what Xen does about an access that violates the view's "
      "rights, without an event for the monitor. It is \"RANGE ACCESS "
      "[CONDITION...] ACTION\". RANGE may be any. ACCESS is letters of rwxb: "
      "read, write, execute, breakpoint. "
      "Conditions are offset=FIRST-LAST, cpl=0,3, cr3=VALUE/MASK, "
      "rip=FIRST-LAST, walk or data. The action is event, switch=VIEW, or "
      "once=VIEW: only this one instruction runs in that view. switch takes "
      "else-once=VIEW, for where two views disagree. With log, or log=COOKIE, "
      "each hit is a record that trace prints. The first rule that holds "
      "counts. The rules given replace those of the view, and none removes "
      "them. --file takes what this command printed, also as JSON.",
      O(JSON) | O(BATCH),
      { { "rules guest trap", "list the rules, and how often each was met" },
        { "rules guest trap '0x800 rw once=steps'",
          "let reads and writes of a page through, one at a time" },
        { "rules --file rules.txt guest trap", "replace them by a file's" },
        { "rules guest trap none", "remove all" } } },

    { "trace", run_trace, check_trace, true, "DOMAIN [GFN] [ACCESS]",
      "print the log that rules write, while the guest goes on",
      "Prints a line for each hit of a rule that has log, until Ctrl-C or the "
      "domain's end. With GFN it makes a view in which accesses to that page "
      "are logged, and has all vCPUs in it meanwhile, or with --only those that "
      "run one process. ACCESS is letters of rwx: read, write, execute; the "
      "default is w. The guest does not wait: what there is no room for is "
      "lost, and counted.",
      O(JSON) | O(CSV) | O(COUNT) | O(ONLY) | O(MASK) | O(KPTI) | O(RECORDS) |
      O(TAKE) | O_VA,
      { { "trace guest", "what the rules of its views log" },
        { "trace guest 0x800", "who writes to a page" },
        { "trace --csv --only 0x1a2b000 guest 0x800 rw >accesses.csv",
          "the accesses of one process, as a table" } } },

    { "patch", run_patch, check_patch, true, "DOMAIN VIEW ADDRESS BYTES",
      "replace bytes of a page that only the view shows",
      "BYTES are up to 16, each two hexadecimal digits. The view shows a copy "
      "of the page with these bytes in it; nothing else has that copy. If the "
      "view does not set the page's rights yet, it may be executed and not "
      "read. Prints the bytes that were there.",
      O(REPLACE) | O_VA,
      { { "patch guest trap 0x800+0x123 9090", "two bytes of a page" },
        { "patch --va 0xffffffff81000123 guest trap cc",
          "a byte of the kernel's" } } },

    { "unpatch", run_unpatch, check_unpatch, true,
      "DOMAIN VIEW ADDRESS [COUNT]",
      "take patched bytes back",
      "COUNT of them, or one. They become those of the host's page again. With "
      "the last one the copy goes, and the rights that were set for it.",
      O_VA,
      { { "unpatch guest trap 0x800+0x123 2", "two bytes" } } },

    { "refresh", run_refresh, NULL, true, "DOMAIN VIEW [RANGE]",
      "copy the host's pages anew where a view is patched",
      "Patched bytes stay. Prints how many pages have changed.",
      O_VA,
      { { "refresh guest trap", "all pages of the view's own" } } },

    { "break", run_break, check_break, true, "DOMAIN [ADDRESS...]",
      "stop at instructions, unseen by the guest",
      "Puts a breakpoint at the first byte of each of these instructions, and "
      "prints each time that a vCPU executes one, until Ctrl-C: then it removes "
      "them. Who reads the code reads what was there. Without an address it "
      "lists the domain's breakpoints, and how often they were met. vCPUs run "
      "in a view of breakpoints meanwhile, by its rules.",
      O(JSON) | O(COUNT) | O(REMOVE) | O(KEEP) | O(ONLY) | O(MASK) | O(KPTI) |
      O(TAKE) | O_VA,
      { { "break guest 0x800123", "print each hit" },
        { "break --only 0x1a2b000 --va 0xffffffff81000123 guest",
          "a kernel function, when one process is in it" },
        { "break guest", "list those there are" },
        { "break --remove guest", "remove all, also of a program that died" }
      } },

    { "show", run_show, check_show, false, "DOMAIN VIEW [RANGE]",
      "show how a view differs from the host's map",
      "Prints one line for each run of pages that are alike: first and last "
      "gfn, size, rights, the gfn shown there, and why. The last line counts "
      "the pages that can be both written and executed.",
      O(JSON) | O(COLOUR) | O(RIGHTS) | O(WHY) | O_VA,
      { { "show guest trap", "all differences" },
        { "show guest trap 0x800+512", "the differences in a range" },
        { "show --kind remap guest trap", "only the remaps" },
        { "show --rights r-x guest trap", "only what can't be written" } } },

    { "walk", run_walk, NULL, false, "DOMAIN VIEW GFN",
      "show how one gfn is translated, level by level, and why",
      "Prints host and view side by side: each entry, its bits in words, and "
      "whether its table is shared or private. Then it says what decides the "
      "result.",
      O(JSON) | O_VA,
      { { "walk guest trap 0x800", "one gfn" },
        { "walk --va 0x7ffe1000 --vcpu 1 guest trap",
          "the page at an address of the process that vCPU 1 runs" } } },

    { "find", run_find, NULL, false, "DOMAIN GFN",
      "list which views show a page, and where",
      "Prints a line for each gfn of each view that shows the page which the "
      "host has at GFN: at GFN itself where the view doesn't remap it, and at "
      "gfns remapped to it. The exit status is 3 if no view shows it.",
      O(JSON) | O(FRAME) | O_VA,
      { { "find guest 0x801", "who shows the page of gfn 0x801?" },
        { "find --frame guest 0x38801", "the same, for a frame of the machine" }
      } },

    { "read", run_read, NULL, false, "DOMAIN VIEW GFN",
      "print the content of a page as a view shows it",
      "A remapped gfn has the content of the page that the view shows there. "
      "Rights don't matter. Lines that repeat the one before are left out, and "
      "a * stands for them.",
      O(JSON) | O_VA,
      { { "read guest trap 0x800", "one page" },
        { "read --va 0xffffffff81000000 guest trap",
          "the page at a kernel address" } } },

    { "audit", run_audit, NULL, false, "DOMAIN [VIEW]",
      "recompute all views and compare",
      "Compares every entry of every private table with what the overrides and "
      "the host's map say it should be. The exit status is 1 if any differs.",
      O(JSON),
      { { "audit guest", "all views of a domain" } } },

    { "diff", run_diff, check_diff, false, "[DOMAIN] VIEW VIEW",
      "show how two views differ",
      "Either view may be a file that save wrote; two files need no DOMAIN. A "
      "name with a dot or a slash is a file. The exit status is 1 if the views "
      "differ.",
      O(JSON),
      { { "diff guest 1 2", "two views" },
        { "diff guest trap trap.json", "what has changed since it was saved" },
        { "diff old.json new.json", "two files" } } },

    { "save", run_save, NULL, false, "DOMAIN VIEW [FILE]",
      "write a view's overrides as JSON",
      "Writes to FILE, or to standard output. load creates the view again from "
      "the file, which can be kept with the monitor's sources.",
      0,
      { { "save guest trap trap.json", "to a file" },
        { "save guest trap", "to standard output" } } },

    { "load", run_load, NULL, true, "DOMAIN FILE",
      "create a view from a saved one",
      "Prints the index of the view. If not everything can be set, or on "
      "Ctrl-C, nothing is changed.",
      O(JSON) | O(NAME) | O(ROLE) | O(INTO),
      { { "load guest trap.json", "create a view" },
        { "load --into 1 guest trap.json", "replace the overrides of view 1" }
      } },

    { "stat", run_stat, check_pace, false, "DOMAIN",
      "print the counters of a domain and its views",
      "With --interval it repeats, and prints what has changed.",
      O(JSON) | O(INTERVAL) | O(COUNT),
      { { "stat guest", "once" },
        { "stat --json -i 1 guest", "every second, one JSON object a line" }
      } },

    { "watch", run_watch, check_pace, false, "DOMAIN",
      "watch views live, on a screen",
      "Changes nothing. q ends it, arrows scroll, p pauses; it also ends at the "
      "end of its input. With --json, or when standard output is not a "
      "terminal, it prints one JSON object a line for each event: views made "
      "and gone, vCPUs that switched, remaps lost. An event happened between "
      "two looks, of which it has the times.",
      O(JSON) | O(INTERVAL) | O(COUNT),
      { { "watch guest", "the screen" },
        { "watch --json guest", "a stream of events" } } },

    { "map", run_map, check_map, false, "[DOMAIN] [RANGE]",
      "draw the guest's memory as a picture",
      "Draws one row for each view, with gfns from left to right: colours and "
      "letters for rights, arcs for remaps, marks for private tables and for "
      "the host's superpages. The picture is text, SVG or one HTML page; "
      "--json prints the dump that --from reads.",
      O(JSON) | O(OUTPUT) | O(FROM) | O(SVG) | O(HTML) | O(WIDTH) | O(COLOUR) |
      O(ASCII) | O_VA,
      { { "map guest", "in the terminal" },
        { "map --html -o guest.html guest", "to look at in a browser" },
        { "map --json -o guest.json guest", "keep a dump" },
        { "map --from guest.json --svg -o guest.svg",
          "draw it later, on any machine" } } },
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
           (command->options & (1ull << option));
}
