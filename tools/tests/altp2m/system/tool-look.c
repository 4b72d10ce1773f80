/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: xen-altp2m show, walk, audit, diff, stat, map, watch; none changes. */
#include "tool.h"
#include "toolstack.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct guest *with_trap(void)
{
    struct guest *g = guest_with_views();

    tool_view(g, "--name trap --role monitor");
    tool_ok("access %u trap 0x800-0x803 rx", g->domid);
    tool_ok("remap %u trap 0x803+2 0x900", g->domid);
    return g;
}

static void expect_difference(yajl_val d, uint64_t gfn, uint64_t pages,
                              const char *access, const char *why)
{
    const char *first = YAJL_GET_STRING(element(member(d, "why"), 0));

    expect_equal(member_hex(d, "gfn"), gfn, "first gfn");
    expect_equal(member_int(d, "pages"), pages, "pages");
    expect(!strcmp(member_text(d, "access"), access), "gfn %#llx: %s, not %s",
           (unsigned long long)gfn, member_text(d, "access"), access);
    expect(first && !strcmp(first, why), "why: %s", first);
}

/* Neighbours merged, cut where anything differs, each with its reason. */
static void show(void)
{
    struct guest *g = with_trap();
    yajl_val list;

    list = member(tool_json("show --json %u trap", g->domid), "differences");
    expect_equal(elements(list), 3, "differences");
    expect_difference(element(list, 0), 0x800, 3, "rx", "access");
    expect_difference(element(list, 1), 0x803, 1, "rx", "access");
    expect_equal(member_hex(element(list, 1), "target"), 0x900, "target");
    expect_difference(element(list, 2), 0x804, 1, "rwx", "remap");
    expect_equal(member_hex(element(list, 2), "target"), 0x901, "target");
    expect_tool(DONE, "0x803", "show %u trap 0x803-0x810", g->domid);
    expect_equal(elements(member(tool_json("show -j %u trap 0x803-0x810",
                                           g->domid), "differences")), 2,
                 "differences in the range");
    expect_tool(DONE, "no difference from the host", "show %u 0", g->domid);
    expect_tool(DONE, "W+X:", "show %u trap", g->domid);
    expect_tool(DONE, "rights set here, remapped", "show %u trap", g->domid);

    /* Default rights make a difference wherever there are pages. */
    tool_ok("access %u trap default rx", g->domid);
    list = member(tool_json("show -j %u trap 0x805-0x80f", g->domid),
                  "differences");
    expect_equal(elements(list), 1, "differences");
    expect_difference(element(list, 0), 0x805, 11, "rx", "default_access");
    expect_tool(DONE, "W+X: 0 pages", "show %u trap", g->domid);
    guest_alive(g);
}

static void show_lost(void)
{
    struct guest *g = with_trap();

    expect_ok(host_drop(g, 0x901));
    expect_tool(DONE, "remap lost", "show %u trap", g->domid);
    expect_tool(DONE, "has none now", "walk %u trap 0x804", g->domid);
    expect_ok(host_populate(g, 0x901));
    expect(!strstr(tool_ok("show %u trap", g->domid), "remap lost"),
           "still lost");
}

static yajl_val last_entry(yajl_val walk, const char *which)
{
    yajl_val list = member(walk, "entries"), found = NULL;

    for ( unsigned int i = 0; i < elements(list); i++ )
        if ( !strcmp(member_text(element(list, i), "walk"), which) )
            found = element(list, i);
    expect(found, "no walk '%s'", which);
    return found;
}

static void walk(void)
{
    struct guest *g = with_trap();
    yajl_val w;
    uint64_t frame;

    w = tool_json("walk --json %u trap 0x800", g->domid);
    expect(!strcmp(member_text(w, "access"), "rx"), "access");
    expect(!strcmp(member_text(w, "host_access"), "rwx"), "host's access");
    expect(!strcmp(member_text(member(w, "override"), "access"), "rx"), "why");
    /* The view's own leaf, with the host's frame, and fewer rights. */
    expect_equal(member_int(last_entry(w, "view"), "level"), 0, "level");
    expect(YAJL_IS_TRUE(member(last_entry(w, "view"), "private")), "shared");
    expect(!strncmp(member_text(last_entry(w, "view"), "decoded"), "r-x", 3),
           "decoded as %s", member_text(last_entry(w, "view"), "decoded"));
    /* Superpages of the host's may be kept from being executed as such. */
    expect(!strncmp(member_text(last_entry(w, "host"), "decoded"), "rw", 2),
           "decoded as %s", member_text(last_entry(w, "host"), "decoded"));

    /*
     * Far from any override the view goes by the host's own table: one for
     * 4 KiB pages, as a hole in it keeps it from being a superpage.
     */
    expect_ok(host_drop(g, 0x600));
    w = tool_json("walk --json %u trap 0x601", g->domid);
    expect_equal(member_int(last_entry(w, "view"), "level"), 0, "level");
    expect(YAJL_IS_FALSE(member(last_entry(w, "view"), "private")), "private");
    expect_equal(member_hex(last_entry(w, "view"), "entry"),
                 member_hex(last_entry(w, "host"), "entry"), "entry");

    /* A remap leads to the frame that the host has at the target. */
    w = tool_json("walk --json %u trap 0x804", g->domid);
    frame = member_hex(last_entry(w, "view"), "frame");
    expect_equal(member_hex(member(w, "override"), "target"), 0x901, "target");
    w = tool_json("walk --json %u 0 0x901", g->domid);
    /* A superpage of the host's begins before. */
    expect_equal(frame, member_hex(last_entry(w, "host"), "frame") +
                 (member_int(last_entry(w, "host"), "level") ? 0x901 % 512 : 0),
                 "frame");
    expect_tool(DONE, "rights are set here: r-x", "walk %u trap 0x800",
                g->domid);
    expect_tool(DONE, "private table", "walk %u trap 0x800", g->domid);
    expect_tool(DONE, "shows the page of gfn 0x901", "walk %u trap 0x804",
                g->domid);
    guest_alive(g);
}

/* Only differences of one kind, or with the same rights. */
static void show_filtered(void)
{
    struct guest *g = with_trap();
    yajl_val list;

    list = member(tool_json("show -j --kind remap %u trap", g->domid),
                  "differences");
    expect_equal(elements(list), 2, "remaps");
    expect_difference(element(list, 0), 0x803, 1, "rx", "access");
    list = member(tool_json("show -j --rights r-x %u trap", g->domid),
                  "differences");
    expect_equal(elements(list), 2, "ranges that can't be written");
    expect_difference(element(list, 1), 0x803, 1, "rx", "access");
    expect_tool(DONE, "no such difference", "show --kind lost %u trap",
                g->domid);
    expect_tool(USAGE, "not a kind of difference", "show --kind all %u trap",
                g->domid);
    expect_tool(DONE, "W+X:", "show --kind lost %u trap", g->domid);
}

/* Who shows a page, and where: by gfn, and by the frame that it is in. */
static void find(void)
{
    struct guest *g = with_trap();
    const char *frame;
    char text[24];
    yajl_val list;

    tool_ok("create --name other %u", g->domid);
    tool_ok("remap %u other 0x901 0xa00", g->domid);
    list = member(tool_json("find -j %u 0x901", g->domid), "shown");
    expect_equal(elements(list), 3, "places");
    expect_equal(member_int(element(list, 0), "view"), 0, "view");
    expect_equal(member_hex(element(list, 0), "gfn"), 0x901, "gfn");
    expect(YAJL_IS_FALSE(member(element(list, 0), "remapped")), "remapped");
    expect_equal(member_int(element(list, 1), "view"), 1, "view");
    expect_equal(member_hex(element(list, 1), "gfn"), 0x901, "gfn");
    expect_equal(member_hex(element(list, 2), "gfn"), 0x804, "gfn");
    expect(YAJL_IS_TRUE(member(element(list, 2), "remapped")), "not remapped");
    /* In the other view nothing shows it. */
    expect_tool(DONE, "0xa00", "find %u 0xa00", g->domid);
    expect_tool(DONE, "0x901         rwx    remapped", "find %u 0xa00",
                g->domid);
    frame = member_text(tool_json("find -j %u 0x901", g->domid), "frame");
    snprintf(text, sizeof(text), "%s", frame);
    expect_equal(member_hex(tool_json("find -j --frame %u %s", g->domid, text),
                            "gfn"), 0x901, "gfn of the frame");
    expect_tool(NOT_FOUND, "no page at gfn", "find %u 0x90000", g->domid);
    expect_tool(NOT_FOUND, "no page in frame", "find --frame %u 0xfffffff",
                g->domid);
    guest_alive(g);
}

static uint64_t first_word(const char *bytes)
{
    uint64_t word = 0;

    for ( int i = 7; i >= 0; i-- )
    {
        unsigned int byte = 0;

        sscanf(bytes + 2 * i, "%2x", &byte);
        word = word << 8 | byte;
    }
    return word;
}

/* A page as the view shows it, whatever its rights are. */
static void read_pages(void)
{
    struct guest *g = with_trap();
    yajl_val page;

    guest_fill(g, TEST_GPA, 512, 4);
    page = tool_json("read -j %u trap 0x803", g->domid);
    expect_equal(strlen(member_text(page, "bytes")), 8192, "digits");
    expect_equal(first_word(member_text(page, "bytes")),
                 payload_pattern(gpa_of(0x900), 4), "content of a remapped page");
    expect_equal(member_hex(page, "source"), 0x900, "source");
    page = tool_json("read -j %u 0 0x803", g->domid);
    expect_equal(first_word(member_text(page, "bytes")),
                 payload_pattern(gpa_of(0x803), 4), "content in view 0");
    tool_ok("access %u trap 0x805 n", g->domid);
    /* A debug Xen leaves no zeroes in a page. */
    guest_write(g, gpa_of(0x805) + 0x100, 0x6b6f203a6e6578ull);
    guest_write(g, gpa_of(0x805) + 0x108, 0);
    expect_tool(DONE, "00805100  78 65 6e 3a 20 6f 6b 00  00 00 00 00 00 00 00 "
                "00  |xen: ok.........|", "read %u trap 0x805", g->domid);
    expect_tool(DONE, "\n*\n", "read %u trap 0x805", g->domid);
    expect_tool(DONE, "shows the page of gfn 0x901", "read %u trap 0x804",
                g->domid);
    expect_tool(NOT_FOUND, "no memory at gfn", "read %u trap 0x90000",
                g->domid);
    guest_alive(g);
}

/* Four levels of tables, of the guest's own making: four pages at 2 MiB. */
#define ROOT 0xa00

static void make_tables(struct guest *g)
{
    static const uint64_t leads_to[] = { 0x812, 0x813, 0x820, 0x814 };

    guest_fill(g, gpa_of(ROOT), 4, 0);
    for ( unsigned int i = 0; i < 4 * 512; i++ )
        host_write(g, gpa_of(ROOT) + 8 * i, 0);
    for ( unsigned int i = 0; i < 3; i++ )
        host_write(g, gpa_of(ROOT + i) + (i == 2 ? 8 : 0),
                   gpa_of(ROOT + i + 1) | 3);
    host_write(g, gpa_of(ROOT + 2) + 16, 0x800000 | 0x83); /* 2 MiB at 4 MiB */
    for ( unsigned int i = 0; i < 4; i++ )
        host_write(g, gpa_of(ROOT + 3) + 8 * i, gpa_of(leads_to[i]) | 3);
}

/* Addresses of the guest's wherever a gfn is taken. */
static void virtual_addresses(void)
{
    struct guest *g = with_trap();
    unsigned int d = g->domid;
    yajl_val o;

    make_tables(g);
    /* As vCPU 0 runs: where its addresses lead, the guest itself can tell. */
    expect_tool(DONE, "gfn 0x800 of domain", "walk --va 0x800123 %u trap", d);
    expect_tool(NOT_FOUND, "no vCPU 3", "walk --va 0x800000 --vcpu 3 %u trap",
                d);
    expect_tool(DONE, "gfn 0x820 of domain",
                "walk --va 0x202fff --cr3 0xa00000 %u trap", d);
    expect_tool(DONE, "gfn 0x805 of domain",
                "walk --va 0x405010 --cr3 0xa00000 %u trap", d);
    expect_tool(NOT_FOUND, "address 0x204000 is not mapped",
                "access --va 0x200000+20K --cr3 0xa00000 %u trap r", d);
    expect_access(g, 1, 0x812, XENMEM_access_rwx);
    tool_ok("access --va 0x200000+12K --cr3 0xa00000 %u trap ---", d);
    expect_access(g, 1, 0x812, XENMEM_access_n);
    expect_access(g, 1, 0x813, XENMEM_access_n);
    expect_access(g, 1, 0x820, XENMEM_access_n);
    expect_access(g, 1, 0x814, XENMEM_access_rwx);
    tool_ok("remap --va 0x200000-0x203fff --cr3 0xa00000 %u trap 0x880", d);
    o = member(tool_json("show -j --kind remap %u trap 0x812-0x820", d),
               "differences");
    expect_equal(elements(o), 3, "remaps");
    expect_equal(member_hex(element(o, 0), "target"), 0x880, "of 0x812");
    expect_equal(member_int(element(o, 0), "pages"), 2, "pages");
    expect_equal(member_hex(element(o, 1), "target"), 0x883, "of 0x814");
    expect_equal(member_hex(element(o, 2), "target"), 0x882, "of 0x820");
    expect_tool(USAGE, "leads to 3 ranges",
                "isolate --va 0x200000+16K --cr3 0xa00000 %u trap r", d);
    expect_tool(DONE, "would give gfns 0x812 to 0x813",
                "isolate -n --va 0x200000+8K --cr3 0xa00000 %u trap r", d);
    expect_tool(DONE, "gfn 0x813", "find --va 0x201000 --cr3 0xa00000 %u", d);
    expect_tool(DONE, "shows the page of gfn 0x882",
                "read --va 0x202000 --cr3 0xa00000 %u trap", d);
    expect_tool(DONE, "gfns 0x812 to 0x813",
                "map -w 80 --va 0x200000+8K --cr3 0xa00000 %u", d);
    expect_tool(USAGE, "leads to 3 ranges",
                "map --va 0x200000+16K --cr3 0xa00000 %u", d);
    guest_alive(g);
}

static void audit(void)
{
    struct guest *g = with_trap();
    yajl_val a;

    expect_tool(DONE, "pass: 2 views", "audit %u", g->domid);
    expect_tool(DONE, "pass: 1 view,", "audit %u trap", g->domid);
    a = tool_json("audit --json %u", g->domid);
    expect(YAJL_IS_TRUE(member(a, "pass")), "does not pass");
    expect_equal(elements(member(a, "mismatches")), 0, "mismatches");
    /* Two roots, and the three tables on the way to the overrides. */
    expect_equal(member_int(a, "checked"), 5 * 512, "entries looked at");
    guest_alive(g);
}

static void diff(void)
{
    struct guest *g = with_trap();
    yajl_val list, d;

    tool_ok("clone %u trap --name copy", g->domid);
    expect_tool(DONE, "", "diff %u trap copy", g->domid);
    tool_ok("access %u copy 0x801 n", g->domid);
    expect_tool(DIFFERENT, "r-x", "diff %u trap copy", g->domid);
    list = member(tool_json("diff -j %u trap copy", g->domid), "differences");
    expect_equal(elements(list), 1, "differences");
    d = element(list, 0);
    expect_equal(member_hex(d, "gfn"), 0x801, "gfn");
    expect(!strcmp(member_text(member(d, "second"), "access"), "n"), "access");
}

static void stat(void)
{
    struct guest *g = with_trap();
    const char *text;
    unsigned int lines = 0;
    yajl_val s;

    s = tool_json("stat --json %u", g->domid);
    expect_equal(member_int(s, "views"), 2, "views");
    expect_equal(member_int(s, "vcpus"), 1, "vCPUs");
    expect_equal(member_int(s, "remaps"), 2, "remaps");
    expect_equal(member_int(s, "pool_total") - member_int(s, "pool_free"),
                 pool_used(g), "pages used");
    expect(member_int(s, "pool_views") >= 5, "pages for views");
    expect_tool(DONE, "remapped pages", "stat %u", g->domid);
    /* A stream: an object a line. */
    text = tool_ok("stat --json -i 0.05 -c 3 %u", g->domid);
    for ( ; *text; text = strchr(text, '\n') + 1 )
    {
        expect(!strncmp(text, "{\"schema\":2,", 12), "line: %.60s", text);
        lines++;
    }
    expect_equal(lines, 3, "lines");
}

static void map(void)
{
    struct guest *g = with_trap();
    const char *text;
    yajl_val m, v;

    m = tool_json("map --json %u", g->domid);
    expect(elements(member(m, "host")) >= 1, "no pages of the host");
    v = element(member(m, "views"), 1);
    expect_equal(elements(member(v, "overrides")), 3, "overrides");
    /* 2 MiB by a private table of 4 KiB entries, 1 GiB and 512 GiB above. */
    expect_equal(elements(member(v, "private")), 3, "private tables");
    expect_equal(member_hex(element(member(v, "private"), 0), "gfn"), 0x800,
                 "gfn of the lowest");

    text = tool_ok("map --ascii %u", g->domid);
    for ( const char *line = text; *line; line = strchr(line, '\n') + 1 )
        expect(strcspn(line, "\n") <= 80, "line: %.100s", line);
    expect(strstr(text, "\n1 trap [monitor]") && !strchr(text, '\033'),
           "no row for the view, or colour: %.300s", text);
    expect_tool(DONE, "r-x no writing", "map %u", g->domid);
    /* What it is drawn from live and from a dump is the same. */
    expect(shell("./xen-altp2m map %u -j -o /tmp/m.json && "
                 "./xen-altp2m map %u --svg -o /tmp/1.svg && "
                 "./xen-altp2m map --from /tmp/m.json --svg -o /tmp/2.svg && "
                 "cmp /tmp/1.svg /tmp/2.svg", g->domid, g->domid),
           "SVG live and from a dump differ");
    expect_tool(DONE, "</html>", "map --html %u", g->domid);
    expect_tool(DONE, "gfns 0x800 to 0x80f", "map %u 0x800+16", g->domid);
    guest_alive(g);
}

/* ---- watch -------------------------------------------------------------- */

#define EVENTS "/tmp/events"

static bool has_event(const char *text, const char *event, const char *more)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
    for ( ; *text; text += strcspn(text, "\n"), text += *text == '\n' )
    {
        char line[256];

        snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
        if ( strstr(line, wanted) && strstr(line, more) )
            return !strncmp(line, "{\"schema\":2,", 12);
    }
    return false;
}

/* Waits for an event with that text; false if there is none in time. */
static bool await_event(const char *event, const char *more, unsigned int ms)
{
    static char text[16384];

    for ( unsigned int i = 0; i < ms; i += 50 )
    {
        FILE *f = fopen(EVENTS, "r");
        size_t size = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

        text[size] = 0;
        if ( f )
            fclose(f);
        if ( has_event(text, event, more) )
            return true;
        usleep(50000);
    }
    return false;
}

/* Things that happen while it looks on are told, each on a line. */
static void watch_stream(void)
{
    struct guest *g = with_trap();
    bool seen = false;

    unlink(EVENTS);
    expect(shell("(./xen-altp2m watch --json -i 0.1 %u >" EVENTS "; "
                 "echo $? >" EVENTS ".rc) 2>/dev/null &", g->domid),
           "can't watch");
    /* When it has begun isn't told: switch until it is seen. */
    for ( unsigned int i = 0; i < 20 && !seen; i++ )
    {
        tool_ok("switch %u 0", g->domid);
        usleep(300000);
        tool_ok("switch %u trap", g->domid);
        seen = await_event("switched", "\"view\":1,\"vcpu\":0,\"from\":0", 1000);
    }
    expect(seen, "no switch");
    tool_view(g, "");
    expect(await_event("view_made", "\"view\":2", 10000), "no view made");
    tool_ok("destroy %u 2", g->domid);
    expect(await_event("view_gone", "\"view\":2", 10000), "no view gone");
    expect_ok(host_drop(g, 0x900));
    expect(await_event("remap_lost", "\"gfn\":\"0x803\"", 10000),
           "no remap lost");
    /* That the views go away ends it, and that is an error. */
    tool_ok("switch %u 0", g->domid);
    tool_ok("off %u", g->domid);
    for ( unsigned int i = 0; i < 100 && access(EVENTS ".rc", F_OK); i++ )
        usleep(100000);
    expect(shell("grep -qx 4 " EVENTS ".rc"), "it did not end by status 4");
    unlink(EVENTS ".rc");
}

/* Reads what a terminal shows until it has shown the words. */
static bool shows(int terminal, const char *words, char *seen, size_t size)
{
    size_t length = strlen(seen);

    for ( unsigned int i = 0; i < 300; i++ )
    {
        fd_set set;
        struct timeval t = { .tv_usec = 100000 };
        ssize_t got;

        if ( strstr(seen, words) )
            return true;
        FD_ZERO(&set);
        FD_SET(terminal, &set);
        if ( select(terminal + 1, &set, NULL, NULL, &t) != 1 )
            continue;
        got = read(terminal, seen + length, size - 1 - length);
        if ( got <= 0 )
            return false;
        length += got;
        seen[length] = 0;
    }
    return false;
}

/* watch on a terminal of that size; @no_input: its input ends at once. */
static pid_t watch_on(struct guest *g, unsigned short rows,
                      unsigned short columns, const char *count,
                      bool no_input, int *terminal)
{
    struct winsize size = { .ws_row = rows, .ws_col = columns };
    char domain[12];
    pid_t child;

    snprintf(domain, sizeof(domain), "%u", g->domid);
    child = forkpty(terminal, NULL, NULL, &size);
    if ( !child )
    {
        setenv("TERM", "xterm", 1);
        if ( no_input )
            dup2(open("/dev/null", O_RDONLY), 0);
        execl("./xen-altp2m", "xen-altp2m", "watch", "-i", "0.2", "-c", count,
              domain, NULL);
        _exit(127);
    }
    expect(child > 0, "no terminal");
    return child;
}

/* Reads what it still writes, or it would wait for that. */
static void expect_end(pid_t child, int terminal, const char *what)
{
    static char seen[65536];
    int status;

    seen[0] = 0;
    shows(terminal, "never shown", seen, sizeof(seen));
    for ( unsigned int i = 0; i < 100; i++ )
    {
        pid_t got = waitpid(child, &status, WNOHANG);

        expect(got >= 0, "lost");
        if ( got )
        {
            close(terminal);
            expect(WIFEXITED(status) && !WEXITSTATUS(status), "%s: status %#x",
                   what, status);
            return;
        }
        usleep(100000);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    close(terminal);
    fail("%s: it does not end", what);
}

/* On a terminal it is a screen, and a key ends it. */
static void watch_screen(void)
{
    static char seen[65536];
    struct guest *g = with_trap();
    int terminal;
    bool views, event, which;
    pid_t child = watch_on(g, 24, 80, "1000", false, &terminal);

    seen[0] = 0;
    views = shows(terminal, "monitor", seen, sizeof(seen));
    which = shows(terminal, "views 1 to 2 of 2", seen, sizeof(seen));
    tool_ok("switch %u trap", g->domid);
    event = shows(terminal, "vCPU 0 went from view 0 to view 1", seen,
                  sizeof(seen));
    expect(write(terminal, "q", 1) == 1, "can't type");
    expect_end(child, terminal, "q");
    expect(views, "the view is not on the screen: %.300s", seen);
    expect(which, "it does not say which views are shown: %.300s", seen);
    expect(event, "the switch is not on the screen");
    guest_alive(g);
}

/* It ends with its input, and fits where there is little room. */
static void watch_terminals(void)
{
    static const struct { unsigned short rows, columns; } sizes[] = {
        { 50, 200 }, { 24, 80 }, { 8, 30 }, { 5, 12 }, { 3, 5 }, { 1, 1 },
    };
    static char seen[65536];
    struct guest *g = with_trap();
    int terminal;
    pid_t child;

    child = watch_on(g, 24, 80, "100000", true, &terminal);
    expect_end(child, terminal, "the end of the input");

    for ( unsigned int i = 0; i < 20; i++ )
        tool_view(g, "");
    for ( unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        child = watch_on(g, sizes[i].rows, sizes[i].columns, "3", false,
                         &terminal);
        expect_end(child, terminal, "a terminal of another size");
    }
    /* 22 views, of which 24 lines have room for 14; to the last by keys. */
    child = watch_on(g, 24, 80, "100000", false, &terminal);
    seen[0] = 0;
    expect(shows(terminal, "views 1 to 14 of 22", seen, sizeof(seen)),
           "which are shown: %.300s", seen);
    expect(write(terminal, "\033[6~\033[6~\f", 9) == 9, "can't type");
    expect(shows(terminal, "views 9 to 22 of 22", seen, sizeof(seen)),
           "which are shown, after paging down");
    expect(write(terminal, "q", 1) == 1, "can't type");
    expect_end(child, terminal, "q");
}

/* What happens between two looks is counted where it can't be told. */
static void watch_between(void)
{
    struct guest *g = with_trap();

    unlink(EVENTS);
    expect(shell("./xen-altp2m watch --json -i 3 %u >" EVENTS " &", g->domid),
           "can't watch");
    sleep(2);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        expect_ok(host_drop(g, 0x900));
        expect_ok(host_populate(g, 0x900));
    }
    expect(await_event("remap_lost", "\"gfn\":\"0x803\"", 20000), "no loss");
    expect(await_event("remap_lost_between", "\"view\":1,\"count\":2", 20000),
           "the losses in between are not counted");
    /* Both looks have their time. */
    expect(shell("sed -n 's/.*since_ns\":\\([0-9]*\\),\"time_ns\":\\([0-9]*\\),.*/"
                 "\\1 \\2/p' " EVENTS " | awk '$1 >= $2 { bad = 1 } "
                 "END { exit bad || !NR }'"), "times of looks");
    tool_ok("off %u", g->domid);
}

const struct test tests_tool_look[] = {
    { "tool_show", NEEDS_VIEWS, show },
    { "tool_show_lost", NEEDS_VIEWS, show_lost },
    { "tool_show_filtered", NEEDS_VIEWS, show_filtered },
    { "tool_find", NEEDS_VIEWS, find },
    { "tool_read", NEEDS_VIEWS, read_pages },
    { "tool_virtual_addresses", NEEDS_VIEWS, virtual_addresses },
    { "tool_walk", NEEDS_VIEWS, walk },
    { "tool_audit", NEEDS_VIEWS, audit },
    { "tool_diff", NEEDS_VIEWS, diff },
    { "tool_stat", NEEDS_VIEWS, stat },
    { "tool_map", NEEDS_VIEWS, map },
    { "tool_watch_stream", NEEDS_VIEWS, watch_stream },
    { "tool_watch_between", NEEDS_VIEWS, watch_between },
    { "tool_watch_screen", NEEDS_VIEWS, watch_screen },
    { "tool_watch_terminals", NEEDS_VIEWS, watch_terminals },
    { 0 },
};
