/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: xen-altp2m access, remap, isolate; save and load. */
#include "tool.h"
#include "toolstack.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void access_one(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, "--name trap"), d = g->domid;

    expect_tool(DONE, "would give gfns 0x800 to 0x800 (1 page, 4 KiB)",
                "access -n %u trap 0x800 rx", d);
    expect_access(g, view, 0x800, XENMEM_access_rwx);
    tool_ok("access %u trap 0x800 rx", d);
    tool_ok("access %u trap 0x810-0x81f r--", d);
    tool_ok("access %u trap 2080+32K n", d);
    expect_access(g, view, 0x800, XENMEM_access_rx);
    expect_access(g, view, 0x80f, XENMEM_access_rwx);
    expect_access(g, view, 0x810, XENMEM_access_r);
    expect_access(g, view, 0x81f, XENMEM_access_r);
    expect_access(g, view, 0x820, XENMEM_access_n);
    expect_access(g, view, 0x827, XENMEM_access_n);
    expect_access(g, view, 0x828, XENMEM_access_rwx);
    expect_access(g, 0, 0x800, XENMEM_access_rwx);
    tool_ok("access %u trap 0x810-0x817 host", d);
    expect_access(g, view, 0x817, XENMEM_access_rwx);
    expect_access(g, view, 0x818, XENMEM_access_r);
    tool_ok("access %u trap default r-x", d);
    expect_access(g, view, 0x828, XENMEM_access_rx);
    tool_ok("access %u trap default host", d);
    expect_access(g, view, 0x828, XENMEM_access_rwx);
    expect_tool(USAGE, "is not a range", "access %u trap 12x rx", d);
    expect_tool(USAGE, "needs a range and rights", "access %u trap 12", d);
    expect_tool(UNSUPPORTED, "can't enforce", "access %u trap 0x800 w", d);
    expect_access(g, view, 0x800, XENMEM_access_rx);
    guest_alive(g);
}

/* How the hypervisor keeps what a view says: records of one view. */
static yajl_val overrides(struct guest *g, unsigned int view)
{
    return member(tool_json("save %u %u", g->domid, view), "overrides");
}

/* A gigabyte is one call, and one entry in a table of 1 GiB entries. */
static void access_gigabyte(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, ""), before = pool_used(g), after;
    yajl_val o;

    expect_tool(DONE, "has no page there", "access %u %u 0x40000+1G r",
                g->domid, view);
    after = pool_used(g);
    o = overrides(g, view);
    expect_equal(elements(o), 1, "records");
    expect_equal(member_hex(element(o, 0), "gfn"), 0x40000, "first gfn");
    expect_equal(member_int(element(o, 0), "pages"), 0x40000, "pages");
    expect_equal(member_int(element(o, 0), "level"), 2, "level");
    expect(after - before <= 4, "it took %u pages", after - before);
    note("a gigabyte: %u page(s) of the pool", after - before);
    /* One page of it: the rest keeps what it has. */
    expect_tool(DONE, "has no page there", "access %u %u 0x50000 host",
                g->domid, view);
    o = overrides(g, view);
    expect_equal(member_hex(element(o, 0), "gfn"), 0x40000, "first gfn");
    guest_alive(g);
}

#define MANY 262144

/* Lines that can't be merged: no two neighbours are alike. */
static void write_many(const char *path, unsigned int nr)
{
    FILE *f = fopen(path, "w");

    expect(f, "can't write %s", path);
    fprintf(f, "# %u pages\n", nr);
    for ( unsigned int i = 0; i < nr; i++ )
        fprintf(f, "0x%x %s\n", 0x40000 + i, i % 2 ? "rx" : "r");
    fclose(f);
}

static void access_long_list(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .pool_pages = 3072 });
    unsigned int view;
    uint64_t start, ms;
    const struct ran *ran;
    yajl_val c;

    expect_ok(view_state_set(g->domid, true));
    view = tool_view(g, "");
    write_many("/tmp/many", MANY);
    expect_tool(DONE, "would change 262144 pages", "access -n -f /tmp/many "
                "%u %u", g->domid, view);
    start = now_ns();
    ran = tool("access --file /tmp/many %u %u", g->domid, view);
    ms = (now_ns() - start) / 1000000;
    unlink("/tmp/many");
    expect(ran->status == DONE && !*ran->out, "status %d: %.300s",
           ran->status, ran->err);
    note("%u pages by the batch call: %llu ms, of which the tool says: %s",
         MANY, (unsigned long long)ms, *ran->err ? ran->err : "nothing");
    /* Reading the file is not what progress is shown of. */
    if ( strstr(ran->err, " of 262144 pages") )
        note("progress is shown");
    else
        expect(ms < 4000, "%llu ms, and no progress shown",
               (unsigned long long)ms);
    c = member(element(member(tool_json("list -j %u", g->domid), "views"), 1),
               "counters");
    expect_equal(member_int(c, "access_gfns"), MANY, "pages with rights");
    expect_tool(DONE, "pass: 2 views", "audit %u", g->domid);

    /* A gigabyte over all these is too much for a batch, not for a range. */
    expect(shell("printf '0x100 n\\n0x40000+1G rw\\n' >/tmp/big"), "no file");
    expect_tool(USAGE, "set that range by itself", "access -f /tmp/big %u %u",
                g->domid, view);
    expect_access(g, view, 0x100, XENMEM_access_rwx);
    expect_tool(DONE, "", "access %u %u 0x40000+1G rw", g->domid, view);
    expect_equal(elements(overrides(g, view)), 1, "records");
    guest_alive(g);
}

/* A bad line in a file: named, and nothing is changed. */
static void access_bad_file(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, "");

    expect(shell("printf '0x800 rx\\n0x801 ry\\n' >/tmp/bad"), "no file");
    expect_tool(USAGE, "line 2; nothing is changed", "access -f /tmp/bad %u %u",
                g->domid, view);
    expect(shell("printf '0x800 rx\\n\\n# x\\n0x801\\n' >/tmp/bad"), "no file");
    expect_tool(USAGE, "line 4; nothing is changed", "access -f /tmp/bad %u %u",
                g->domid, view);
    expect_tool(USAGE, "can't read", "access -f /nowhere %u %u", g->domid,
                view);
    expect(shell("printf '0x800 rx\\n0x801 w\\n' >/tmp/bad"), "no file");
    expect_tool(UNSUPPORTED, "can't enforce -w-", "access -f /tmp/bad %u %u",
                g->domid, view);
    expect_access(g, view, 0x800, XENMEM_access_rwx);
    expect(shell("printf '0x800 rx # one\\n' >/tmp/bad"), "no file");
    tool_ok("access -f - %u %u </tmp/bad", g->domid, view);
    expect_access(g, view, 0x800, XENMEM_access_rx);
}

/* Rights can be given where there is no memory, and that is said. */
static void access_beyond(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, ""), d = g->domid;

    expect_tool(DONE, "beyond the memory of domain",
                "access %u %u 0x10000000+16 r", d, view);
    expect_tool(DONE, "beyond the memory of domain",
                "isolate -n %u %u 0x10000000 r", d, view);
    expect_tool(DONE, "has no page there", "show %u %u 0x40000+16", d, view);
    expect(shell("printf '0x800 r\\n0x10000000 r\\n' >/tmp/far"), "no file");
    expect_tool(DONE, "1 of 2 ranges lie beyond", "access -f /tmp/far %u %u", d,
                view);
    tool_ok("access %u %u 0x800-0x900 ---", d, view);
    expect_access(g, view, 0x800, XENMEM_access_n);
}

/* The tool as a child; its messages go to ERRORS. */
#define ERRORS "/tmp/interrupted"

static pid_t start(char *const *arguments)
{
    pid_t child = fork();

    if ( !child )
    {
        int fd = open(ERRORS, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        dup2(fd, 2);
        execv("./xen-altp2m", arguments);
        _exit(127);
    }
    expect(child > 0, "no child");
    return child;
}

static int rights_in(struct guest *g, unsigned int view)
{
    yajl_val v = member(tool_json("list -j %u", g->domid), "views");

    return elements(v) > view
           ? member_int(member(element(v, view), "counters"), "access_gfns")
           : 0;
}

/* Sends a signal when that much is done; the status it ends with. */
static int interrupt(struct guest *g, unsigned int view, pid_t child,
                     int before, int signal)
{
    int status;

    /* It reads a long file first, and is given the time to do so. */
    for ( unsigned int i = 0; rights_in(g, view) <= before; i++ )
    {
        expect(!waitpid(child, &status, WNOHANG), "it has ended: %#x", status);
        expect(i < 600, "it does not begin");
        usleep(100000);
    }
    expect_ok(kill(child, signal));
    expect(waitpid(child, &status, 0) == child, "lost");
    expect(WIFEXITED(status), "it is ended by a signal: %#x", status);
    return WEXITSTATUS(status);
}

/* What interrupts all or none of it leaves none. */
static void access_interrupted(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct guest *g = guest_new(&(struct guest_config){ .pool_pages = 3072 });
    unsigned int view;
    char domain[12], index[12];

    expect_ok(view_state_set(g->domid, true));
    view = tool_view(g, "");
    snprintf(domain, sizeof(domain), "%u", g->domid);
    snprintf(index, sizeof(index), "%u", view);
    tool_ok("access %u %u 0x800+4 rx", g->domid, view);
    tool_ok("save %u %u /tmp/before.json", g->domid, view);
    write_many("/tmp/many", MANY / 2);
    for ( unsigned int i = 0; i < sizeof(signals) / sizeof(signals[0]); i++ )
    {
        char *access[] = { "xen-altp2m", "access", "-f", "/tmp/many", domain,
                           index, NULL };

        expect_equal(interrupt(g, view, start(access), 4, signals[i]),
                     INTERRUPTED, "status");
        expect(shell("grep -q 'nothing is changed: interrupted' " ERRORS),
               "it does not say so");
        expect_tool(DONE, "", "diff %u %u /tmp/before.json", g->domid, view);
    }

    /* A view that is loaded goes away; one that is loaded into stays. */
    expect_tool(DONE, "", "access -f /tmp/many %u %u", g->domid, view);
    tool_ok("save %u %u /tmp/many.json", g->domid, view);
    {
        char *load[] = { "xen-altp2m", "load", domain, "/tmp/many.json", NULL };
        char *into[] = { "xen-altp2m", "load", "--into", "2", domain,
                         "/tmp/many.json", NULL };

        expect_equal(interrupt(g, 2, start(load), 0, SIGINT), INTERRUPTED,
                     "status of load");
        expect_equal(elements(member(tool_json("list -j %u", g->domid),
                                     "views")), 2, "views");
        expect_equal(tool_view(g, ""), 2, "index");
        tool_ok("access %u 2 0x900+8 n", g->domid);
        expect_equal(interrupt(g, 2, start(into), 8, SIGTERM), INTERRUPTED,
                     "status of load --into");
        expect_equal(rights_in(g, 2), 8, "pages with rights");
        expect_access(g, 2, 0x907, XENMEM_access_n);
    }
    unlink("/tmp/many");
    unlink("/tmp/many.json");
    expect_tool(DONE, "pass", "audit %u", g->domid);
    guest_alive(g);
}

static void remap(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, ""), d = g->domid;

    guest_fill(g, TEST_GPA, 128, 3);
    expect_tool(DONE, "would show", "remap -n %u %u 0x800 0x810", d, view);
    tool_ok("remap %u %u 0x800+4 0x810", d, view);
    tool_ok("switch %u %u", d, view);
    for ( unsigned int i = 0; i < 4; i++ )
        expect_equal(guest_read(g, gpa_of(0x800 + i)),
                     payload_pattern(gpa_of(0x810 + i), 3), "remapped page");
    expect_equal(guest_read(g, gpa_of(0x804)),
                 payload_pattern(gpa_of(0x804), 3), "its neighbour");
    tool_ok("remap %u %u 0x801 none", d, view);
    expect_equal(guest_read(g, gpa_of(0x801)),
                 payload_pattern(gpa_of(0x801), 3), "its own page again");
    /* All or none: there is no page at the end of that target. */
    expect_tool(NOT_FOUND, "not a page of RAM", "remap %u %u 0x820+2 0xfff0000",
                d, view);
    expect_equal(guest_read(g, gpa_of(0x820)),
                 payload_pattern(gpa_of(0x820), 3), "page not remapped");
    expect(shell("printf '0x830 0x840\\n0x831 0x841\\n0x832 0x850' >/tmp/r"),
           "no file");
    tool_ok("remap -f /tmp/r %u %u", d, view);
    expect_equal(guest_read(g, gpa_of(0x832)),
                 payload_pattern(gpa_of(0x850), 3), "by file");
    expect_tool(DONE, "pass", "audit %u", d);
}

/* More than one call takes, and the last fails: all is put back. */
static void remap_undone(void)
{
    struct guest *g = guest_with_views();
    FILE *f = fopen("/tmp/r", "w");

    expect(f, "no file");
    tool_view(g, "--name trap");
    tool_ok("access %u trap 0x800-0x80f rx", g->domid);
    tool_ok("remap %u trap 0x810+2 0xf00", g->domid);
    tool_ok("save %u trap /tmp/before.json", g->domid);
    for ( unsigned int i = 0; i < 300; i++ )
        fprintf(f, "0x%x 0x%x\n", 0x800 + i, 0xa00 + 2 * i);
    fprintf(f, "0x9ff 0xfff0000\n");
    fclose(f);
    expect_tool(NOT_FOUND, "at gfn 0x9ff; nothing is changed",
                "remap -f /tmp/r %u trap", g->domid);
    expect_tool(DONE, "", "diff %u trap /tmp/before.json", g->domid);
    expect_tool(DONE, "pass", "audit %u", g->domid);
}

static void isolate(void)
{
    struct guest *g = guest_with_views();
    unsigned int a = tool_view(g, ""), b = tool_view(g, "--name vault");

    expect_tool(DONE, "would give gfns 0x900 to 0x93f",
                "isolate -n %u vault 0x900+64 rw", g->domid);
    expect_access(g, a, 0x900, XENMEM_access_rwx);
    tool_ok("isolate %u vault 0x900+64 rw --others r", g->domid);
    expect_access(g, b, 0x900, XENMEM_access_rw);
    expect_access(g, b, 0x93f, XENMEM_access_rw);
    expect_access(g, b, 0x940, XENMEM_access_rwx);
    expect_access(g, a, 0x900, XENMEM_access_r);
    expect_access(g, 0, 0x93f, XENMEM_access_r);
    expect_access(g, 0, 0x940, XENMEM_access_rwx);
    tool_ok("isolate %u vault 0x900+64 rw", g->domid);
    expect_access(g, a, 0x93f, XENMEM_access_n);
    expect_tool(USAGE, "'host' is not rights", "isolate %u vault 0x900 host",
                g->domid);
    expect_tool(UNSUPPORTED, "can't enforce -w-",
                "isolate %u vault 0x900+64 r --others w", g->domid);
    expect_access(g, b, 0x900, XENMEM_access_rw);
    guest_alive(g);
}

/* ---- rules -------------------------------------------------------------- */

/* What is listed is what can be set, as text and as JSON. */
static void rules(void)
{
    struct guest *g = guest_with_views();
    unsigned int d = g->domid, a = tool_view(g, "--name shows");
    unsigned int b = tool_view(g, "--name trap");

    expect_equal(a, 1, "index");
    expect_tool(DONE, "", "rules %u trap", d);
    expect_tool(DONE, "would replace the rules of view 2 trap",
                "rules -n %u trap '0x800 rw switch=shows'", d);
    expect_tool(DONE, "", "rules %u trap", d);
    tool_ok("rules %u trap '0x800 rw switch=shows'", d);
    tool_ok("access %u trap 0x800 n", d);
    tool_ok("switch %u trap", d);
    guest_read(g, TEST_GPA);
    expect_view(g, 0, a);
    expect_tool(DONE, "0x800 rw switch=1  # 1 hits", "rules %u trap", d);
    tool_ok("switch %u 0", d);
    expect_tool(AGAIN, "a rule (xen-altp2m rules)", "destroy %u 1", d);

    expect(shell("printf '0x800 x cpl=3 cr3=0x5000/0xf000 event\\n"
                 "any w offset=8-15 walk switch=shows # on\\n' >/tmp/rules"),
           "file");
    tool_ok("rules --file /tmp/rules %u trap", d);
    tool_ok("rules %u trap >/tmp/text", d);
    tool_ok("rules --json %u trap >/tmp/json", d);
    tool_ok("rules %u trap none", d);
    expect_tool(DONE, "", "rules %u trap", d);
    tool_ok("rules -f /tmp/json %u trap", d);
    tool_ok("rules %u trap >/tmp/again", d);
    expect(shell("cmp /tmp/text /tmp/again"), "JSON is read as other rules");
    tool_ok("rules -f /tmp/text %u trap", d);
    tool_ok("rules %u trap >/tmp/again", d);
    expect(shell("cmp /tmp/text /tmp/again"), "text is read as other rules");
    expect_equal(elements(member(tool_json("rules -j %u trap", d), "rules")), 2,
                 "rules");

    expect_tool(NOT_FOUND, "nowhere", "rules %u trap 'any r switch=nowhere'",
                d);
    expect_tool(USAGE, "because of rule 1", "rules %u trap 'any r switch=trap'",
                d);
    expect_equal(elements(member(tool_json("rules -j %u trap", d), "rules")), 2,
                 "rules");
    tool_ok("destroy %u trap", d);
    tool_ok("destroy %u shows", d);
    expect_equal(b, 2, "index");
    guest_alive(g);
}

/* ---- save and load ------------------------------------------------------ */

/* A view with some of everything. */
static unsigned int rich_view(struct guest *g)
{
    unsigned int view = tool_view(g, "--name rich --role test --access rx");

    tool_ok("access %u rich 0x800-0x80f r", g->domid);
    tool_ok("access %u rich 0x810 n", g->domid);
    expect_tool(DONE, "has no page there", "access %u rich 0x40000+1G rw",
                g->domid);
    tool_ok("remap %u rich 0x820+4 0x900", g->domid);
    tool_ok("remap %u rich 0x80f 0x910", g->domid);
    expect_ok(view_suppress_set(g->domid, view, 0x830, false));
    return view;
}

static void save_load(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = rich_view(g), again, access[2];
    uint8_t before[0x1000];
    uint64_t reads[8];

    guest_fill(g, TEST_GPA, 512, 8);
    tool_ok("save %u rich /tmp/rich.json", g->domid);
    expect(shell("rm -f /tmp/null; mknod /tmp/null c 1 3"), "no device");
    tool_ok("save %u rich /tmp/null", g->domid);
    expect(shell("[ -c /tmp/null ]"), "the device is replaced");
    expect_tool(DONE, "", "diff %u rich /tmp/rich.json", g->domid);
    for ( unsigned int gfn = 0; gfn < 0x1000; gfn++ )
        before[gfn] = view_access_get(g->domid, view, gfn, &access[0])
                      ? 0xff : access[0];
    tool_ok("switch %u rich", g->domid);
    for ( unsigned int i = 0; i < 8; i++ )
        reads[i] = guest_read(g, gpa_of(0x81e + i));
    tool_ok("switch %u 0", g->domid);
    tool_ok("destroy %u rich", g->domid);

    expect_tool(DONE, "would create a view", "load -n %u /tmp/rich.json",
                g->domid);
    again = atoi(tool_ok("load %u /tmp/rich.json", g->domid));
    /* By what the tool says, by what the hypervisor says, gfn by gfn ... */
    expect_tool(DONE, "", "diff %u rich /tmp/rich.json", g->domid);
    for ( unsigned int gfn = 0; gfn < 0x1000; gfn++ )
    {
        access[1] = 0xff;
        if ( view_access_get(g->domid, again, gfn, &access[1]) )
            access[1] = 0xff;
        expect(before[gfn] == access[1], "gfn %#x: access %u, was %u", gfn,
               access[1], before[gfn]);
    }
    /* ... and by what the guest reads. */
    tool_ok("switch %u rich", g->domid);
    for ( unsigned int i = 0; i < 8; i++ )
        expect_equal(guest_read(g, gpa_of(0x81e + i)), reads[i], "value");
    expect_tool(DONE, "pass", "audit %u", g->domid);
    guest_alive(g);
}

static void load_into(void)
{
    struct guest *g = guest_with_views();
    unsigned int other;

    rich_view(g);
    tool_ok("save %u rich /tmp/rich.json", g->domid);
    other = tool_view(g, "--name other");
    tool_ok("access %u other 0xa00+16 n", g->domid);
    tool_ok("load --into other %u /tmp/rich.json", g->domid);
    expect_tool(DONE, "", "diff %u rich other", g->domid);
    expect_access(g, other, 0xa00, XENMEM_access_rx);
    /* The name is taken: the new view gets none, and that is said. */
    expect_tool(DONE, "has the name 'rich' already", "load %u /tmp/rich.json",
                g->domid);
    expect_tool(DONE, "", "diff %u rich 3", g->domid);
}

/* Where it can't be done nothing is changed: no view is left. */
static void load_fails(void)
{
    struct guest *g = guest_with_views();

    rich_view(g);
    tool_ok("save %u rich /tmp/rich.json", g->domid);
    tool_ok("save %u 0 /tmp/empty.json", g->domid);
    pool_leave(g, 2);
    expect_tool(AGAIN, "paging pool is used up", "load %u /tmp/rich.json",
                g->domid);
    pool_leave(g, 200);
    expect_equal(elements(member(tool_json("list -j %u", g->domid), "views")),
                 2, "views");
    expect(shell("sed s/0x900/0xzz/ /tmp/rich.json >/tmp/bad.json"), "sed");
    expect_tool(USAGE, "target is not", "load %u /tmp/bad.json", g->domid);
    expect(shell("sed 's/\"rw\"/\"w\"/' /tmp/rich.json >/tmp/bad.json"), "sed");
    expect_tool(UNSUPPORTED, "rights -w-", "load %u /tmp/bad.json", g->domid);
    expect_equal(elements(member(tool_json("list -j %u", g->domid), "views")),
                 2, "views");
}

const struct test tests_tool_change[] = {
    { "tool_access", NEEDS_VIEWS, access_one },
    { "tool_access_gigabyte", NEEDS_VIEWS, access_gigabyte },
    { "tool_access_long_list", NEEDS_VIEWS, access_long_list },
    { "tool_access_bad_file", NEEDS_VIEWS, access_bad_file },
    { "tool_access_beyond", NEEDS_VIEWS, access_beyond },
    { "tool_access_interrupted", NEEDS_VIEWS, access_interrupted },
    { "tool_remap", NEEDS_VIEWS, remap },
    { "tool_remap_undone", NEEDS_VIEWS, remap_undone },
    { "tool_isolate", NEEDS_VIEWS, isolate },
    { "tool_rules", NEEDS_VIEWS, rules },
    { "tool_save_load", NEEDS_VIEWS, save_load },
    { "tool_load_into", NEEDS_VIEWS, load_into },
    { "tool_load_fails", NEEDS_VIEWS, load_fails },
    { 0 },
};
