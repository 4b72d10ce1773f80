/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: xen-altp2m patch, unpatch, refresh, break; patched bytes in files. */
#include "library.h"
#include "tool.h"
#include "toolstack.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* mov $7, %eax; ret */
#define CODE       0xc300000007b8ULL
#define RET_OFFSET 5

static struct guest *guest_with_code(void)
{
    struct guest *g = guest_with_views();

    host_write(g, TEST_GPA, CODE);
    return g;
}

static void executes(struct guest *g, uint64_t value)
{
    expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, TEST_GPA))->result[0], value,
                 "value of the code");
}

/* The byte that a view shows. */
static unsigned int shown(struct guest *g, unsigned int view, uint64_t gfn,
                          unsigned int offset)
{
    uint8_t byte;

    expect_library(xenaltp2m_read_page(library(), g->domid, view, gfn, offset,
                                       1, 0, &byte), 0);
    return byte;
}

static void patch(void)
{
    struct guest *g = guest_with_code();
    unsigned int d = g->domid, view = tool_view(g, "--name trap");
    yajl_val list;

    expect_tool(DONE, "would replace 1 bytes at offset 0x1 of gfn 0x800",
                "patch -n %u trap 0x800+1 09", d);
    expect_equal(shown(g, view, 0x800, 1), 7, "byte not patched");
    expect_tool(DONE, "07\n", "patch %u trap 0x800001 09", d);
    expect_equal(shown(g, view, 0x800, 1), 9, "byte patched");
    tool_ok("switch %u trap", d);
    executes(g, 9);
    expect_tool(AGAIN, "--replace", "patch %u trap 0x800+1 0a0b", d);
    expect_tool(DONE, "0900\n", "patch --replace %u trap 0x800+1 0a0b", d);
    executes(g, 0xb0a);

    /* What is looked at knows it; the host's page is as it was. */
    expect_tool(DONE, "bytes of its own", "show %u trap", d);
    expect_tool(DONE, "bytes of its own", "show --kind own %u trap", d);
    expect_tool(DONE, "no such difference", "show --kind stale %u trap", d);
    expect_tool(DONE, "00800000  b8 0a 0b 00", "read %u trap 0x800", d);
    expect_tool(DONE, "00800000  b8 07 00 00", "read %u 0 0x800", d);
    expect_tool(DONE, "shows a page of the view's own", "walk %u trap 0x800",
                d);
    list = member(tool_json("find -j %u 0x800", d), "shown");
    expect_equal(elements(list), 1, "views that show the page");
    expect_equal(member_int(element(list, 0), "view"), 0, "view");
    expect_tool(DONE, "with bytes of its own", "map --ascii %u", d);
    expect_tool(DONE, "pass", "audit %u", d);

    expect_tool(NOT_FOUND, "not patched", "unpatch %u trap 0x800+0", d);
    tool_ok("unpatch %u trap 0x800+1", d);
    executes(g, 0xb07);
    expect_tool(NOT_FOUND, "not patched", "unpatch %u trap 0x800+1 2", d);
    tool_ok("unpatch %u trap 0x800+2", d);
    executes(g, 7);
    expect_tool(DONE, "no difference from the host", "show %u trap", d);
    expect_tool(NOT_FOUND, "no RAM", "patch %u trap 0x90000+0 cc", d);
    tool_ok("remap %u trap 0x801 0x900", d);
    expect_tool(AGAIN, "remaps it", "patch %u trap 0x801+0 cc", d);
    guest_alive(g);
}

static void patch_refresh(void)
{
    struct guest *g = guest_with_code();
    unsigned int d = g->domid, view = tool_view(g, "--name trap");

    tool_ok("patch %u trap 0x800+1 09", d);
    tool_ok("patch --va 0x801010 %u trap 90", d);
    expect_equal(shown(g, view, 0x801, 0x10), 0x90, "byte by its address");
    host_write(g, TEST_GPA + 0x100, 0x55);
    expect_tool(DONE, "1\n", "refresh %u trap", d);
    expect_equal(shown(g, view, 0x800, 0x100), 0x55, "byte copied anew");
    expect_tool(DONE, "0\n", "refresh %u trap 0x800", d);

    expect_ok(host_drop(g, TEST_GFN));
    expect_ok(host_populate(g, TEST_GFN));
    host_write(g, TEST_GPA, CODE);
    expect_tool(DONE, "bytes of its own, to be refreshed",
                "show --kind stale %u trap", d);
    expect_tool(NOT_FOUND, "refresh", "patch %u trap 0x800+2 09", d);
    expect_tool(DONE, "the bytes of 1 pages are left out",
                "save %u trap /tmp/stale.json", d);
    expect_tool(DONE, "1\n", "refresh %u trap 0x800+2", d);
    tool_ok("save %u trap /tmp/fresh.json", d);
    tool_ok("switch %u trap", d);
    executes(g, 9);
    expect_tool(DIFFERENT, "other bytes are patched",
                "diff %u trap /tmp/stale.json", d);
    expect_tool(DONE, "", "diff %u trap /tmp/fresh.json", d);
}

/* More bytes than one call takes, on several pages, with rights of their own. */
static void patch_many(struct guest *g)
{
    for ( unsigned int i = 0; i < XEN_ALTP2M_MAX_PATCHES + 3; i++ )
        tool_ok("patch %u trap 0x%x %02x", g->domid,
                0x800001 + 0x1000 * (i % 4) + 2 * i, i + 9);
    tool_ok("access %u trap 0x802 rwx", g->domid);
}

static void patch_saved(void)
{
    struct guest *g = guest_with_code();
    unsigned int d = g->domid, view = tool_view(g, "--name trap"), again;
    yajl_val list;

    patch_many(g);
    list = member(tool_json("save %u trap", d), "patches");
    expect_equal(member_hex(element(list, 0), "gfn"), 0x800, "gfn");
    expect_equal(member_int(element(list, 0), "offset"), 1, "offset");
    expect(!strcmp(member_text(element(list, 0), "bytes"), "09"), "bytes");
    tool_ok("save %u trap /tmp/trap.json", d);
    tool_ok("destroy %u trap", d);
    again = atoi(tool_ok("load %u /tmp/trap.json", d));
    expect_equal(again, view, "index");
    expect_tool(DONE, "", "diff %u trap /tmp/trap.json", d);
    expect_access(g, again, 0x802, XENMEM_access_rwx);
    tool_ok("switch %u trap", d);
    executes(g, 9);

    /* Into a view that has other bytes, and a page of its own elsewhere. */
    tool_ok("create --name other %u", d);
    tool_ok("patch %u other 0x800+1 0b", d);
    tool_ok("patch %u other 0xa00+1 0b", d);
    tool_ok("load --into other %u /tmp/trap.json", d);
    expect_tool(DONE, "", "diff %u trap other", d);
    expect_equal(shown(g, again + 1, 0xa00, 1), shown(g, 0, 0xa00, 1),
                 "byte that was patched");
    expect_tool(DONE, "pass", "audit %u", d);
    guest_alive(g);
}

/* Where it can't be done all is as it was, bytes too. */
static void patch_load_fails(void)
{
    struct guest *g = guest_with_code();
    unsigned int d = g->domid;

    tool_view(g, "--name trap");
    patch_many(g);
    tool_ok("save %u trap /tmp/trap.json", d);
    expect(shell("sed 's/\"0x803\"/\"0x90000\"/' /tmp/trap.json >/tmp/bad"),
           "sed");
    tool_ok("create --name other %u", d);
    tool_ok("patch %u other 0x800+1 0b", d);
    tool_ok("patch %u other 0xa00+1 0b", d);
    tool_ok("save %u other /tmp/other.json", d);
    expect_tool(NOT_FOUND, "gfn 0x90000; nothing is changed",
                "load --into other %u /tmp/bad", d);
    expect_tool(DONE, "", "diff %u other /tmp/other.json", d);
    expect_tool(NOT_FOUND, "gfn 0x90000; nothing is changed", "load %u /tmp/bad",
                d);
    expect_equal(elements(member(tool_json("list -j %u", d), "views")), 3,
                 "views");
    expect(shell("sed 's/\"bytes\": \"09\"/\"bytes\": \"9\"/' /tmp/trap.json "
                 ">/tmp/bad"), "sed");
    expect_tool(USAGE, "bytes is not", "load %u /tmp/bad", d);
    expect_tool(DONE, "pass", "audit %u", d);
    guest_alive(g);
}

/* ---- break --------------------------------------------------------------- */

#define HITS "/tmp/hits"

/* The lines of what it printed that begin so. */
static unsigned int told(const char *text)
{
    char line[160];
    unsigned int n = 0;
    FILE *f = fopen(HITS, "r");

    while ( f && fgets(line, sizeof(line), f) )
        n += !strncmp(line, text, strlen(text));
    if ( f )
        fclose(f);
    return n;
}

static pid_t start_break(struct guest *g, const char *options,
                         const char *where)
{
    char line[200];
    pid_t child;

    unlink(HITS);
    snprintf(line, sizeof(line), "exec ./xen-altp2m break %s %u %s >" HITS
             " 2>&1", options, g->domid, where);
    child = fork();
    if ( !child )
    {
        execl("/bin/sh", "sh", "-c", line, NULL);
        _exit(127);
    }
    expect(child > 0, "no child");
    for ( unsigned int i = 0; !told("break at"); i++ )
    {
        expect(i < 600 && !waitpid(child, NULL, WNOHANG),
               "no breakpoint is put in");
        usleep(50000);
    }
    return child;
}

static void ends_with(pid_t child, int wanted)
{
    int status;

    expect(waitpid(child, &status, 0) == child && WIFEXITED(status), "status");
    expect_equal(WEXITSTATUS(status), wanted, "status");
}

static unsigned int views_of(struct guest *g)
{
    return elements(member(tool_json("list -j %u", g->domid), "views"));
}

/* Hits are printed; with the program its breakpoints and their views go. */
static void break_serves(void)
{
    struct guest *g = guest_with_code();
    pid_t child = start_break(g, "", "0x800+0 0x800005");

    for ( unsigned int i = 1; i <= 10; i++ )
    {
        executes(g, 7);
        expect_equal(told("hit "), 2 * i, "hits");
        expect_equal(guest_read(g, TEST_GPA) & ~0ULL >> 16, CODE, "code");
    }
    expect_equal(told("hit 2: 0x800+0x5, vCPU 0, rip 0x800005"), 1, "its line");
    expect_tool(DONE, "0x800+0x0\n0x800+0x5\n# 20 hits, 0 of other processes\n",
                "break %u", g->domid);
    expect_tool(AGAIN, "another program has its events", "break %u 0x801+0",
                g->domid);
    expect_tool(DONE, "0x800+0x0\n0x800+0x5\n", "break %u", g->domid);
    /* A second one adds to the breakpoints of the first. */
    tool_ok("break --keep %u 0x801+0", g->domid);
    tool_ok("break --remove %u 0x800+0 0x801+0", g->domid);
    executes(g, 7);
    expect_equal(told("hit "), 21, "hits");
    kill(child, SIGTERM);
    ends_with(child, DONE);
    expect_equal(views_of(g), 1, "views");
    executes(g, 7);
    guest_alive(g);
}

static void break_counts(void)
{
    struct guest *g = guest_with_code();
    pid_t child = start_break(g, "--count 2 --va 0x800005", "");
    uint64_t cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    char options[80];

    executes(g, 7);
    executes(g, 7);
    ends_with(child, DONE);
    expect_equal(told("hit "), 2, "hits");
    expect_equal(views_of(g), 1, "views");

    snprintf(options, sizeof(options), "--only %#llx",
             (unsigned long long)cr3 + 0x1000);
    child = start_break(g, options, "0x800005");
    executes(g, 7);
    expect_equal(told("hit "), 0, "hits of another process");
    expect_tool(DONE, "0x800+0x5\n# 0 hits, 1 of other processes\n",
                "break %u", g->domid);
    expect(YAJL_IS_INTEGER(member(tool_json("break -j %u", g->domid),
                                  "others")), "no count");
    kill(child, SIGINT);
    ends_with(child, DONE);
    expect_equal(views_of(g), 1, "views");
    guest_alive(g);
}

/* However busy the guest is, all goes at the end. */
static void break_busy(void)
{
    struct guest *g = guest_with_code();

    for ( unsigned int i = 0; i < 10; i++ )
    {
        pid_t child = start_break(g, "", "0x800+0");

        guest_post(g, 0, COMMAND(CMD_CALL, TEST_GPA, 1, 100000));
        for ( unsigned int j = 0; told("hit ") < 5; j++ )
        {
            expect(j < 1000, "no hits");
            usleep(20000 + 100 * i);
        }
        kill(child, SIGINT);
        ends_with(child, DONE);
        expect_equal(views_of(g), 1, "views");
        expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    }
    guest_alive(g);
}

/* Events of a program that was killed can be had again, and its breakpoints. */
static void break_taken(void)
{
    struct guest *g = guest_with_code();
    pid_t child = start_break(g, "", "0x800+0"), other;

    executes(g, 7);
    expect_equal(told("hit "), 1, "hits");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    expect(!guest_answers(g, 0, 2000), "nobody waits for an answer");
    expect_tool(AGAIN, "--take takes them", "break %u 0x800+5", g->domid);
    expect_tool(DONE, "0x800+0x0\n# ", "break %u", g->domid);
    child = start_break(g, "--take --count 2", "0x800+5");
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    ends_with(child, DONE);
    expect_equal(told("hit 1: 0x800+0x0"), 1, "hits");
    expect_equal(told("hit 2: 0x800+0x5"), 1, "hits");
    executes(g, 7);
    tool_ok("break --remove %u", g->domid);

    /* Also of one that lives, which ends then. */
    child = start_break(g, "", "0x800+0");
    other = start_break(g, "--take", "0x800+5");
    ends_with(child, DONE);
    executes(g, 7);
    expect_equal(told("hit "), 2, "hits");
    kill(other, SIGINT);
    ends_with(other, DONE);
    tool_ok("break --remove %u", g->domid);
    executes(g, 7);
    guest_alive(g);
}

/* It does not wait for a guest that is no more. */
static void break_ends(void)
{
    struct guest *g = guest_with_code();
    pid_t child = start_break(g, "", "0x800+0");

    guest_destroy(g);
    ends_with(child, DONE);
    expect_equal(told("domain "), 1, "what it says");
}

/* Of a program that was killed they stay, and the guest goes on. */
static void break_kept(void)
{
    struct guest *g = guest_with_code();
    unsigned int d = g->domid;

    expect_tool(DONE, "", "break %u", d);
    expect_tool(NOT_FOUND, "has no breakpoints", "break --remove %u", d);
    expect_tool(DONE, "would put in a breakpoint at 0x800+0x0",
                "break -n %u 0x800+0", d);
    expect_equal(views_of(g), 1, "views");
    tool_ok("break --keep %u 0x800+0 0x800+5", d);
    expect_tool(AGAIN, "there is a breakpoint already",
                "break --keep %u 0x801+0 0x800+0", d);
    expect_equal(elements(member(tool_json("break -j %u", d), "breakpoints")),
                 2, "breakpoints");
    executes(g, 7);
    expect_tool(NOT_FOUND, "there is no breakpoint", "break -r %u 0x800+1", d);
    expect_tool(DONE, "would remove all", "break -r -n %u", d);
    tool_ok("break --remove %u 0x800+0", d);
    expect_tool(DONE, "0x800+0x5\n", "break %u", d);
    tool_ok("break --remove %u", d);
    expect_equal(views_of(g), 1, "views");
    expect_tool(NOT_FOUND, "no RAM", "break --keep %u 0x90000+0", d);
    expect_equal(views_of(g), 1, "views");
    executes(g, 7);
    guest_alive(g);
}

const struct test tests_tool_own[] = {
    { "tool_patch", NEEDS_VIEWS, patch },
    { "tool_patch_refresh", NEEDS_VIEWS, patch_refresh },
    { "tool_patch_saved", NEEDS_VIEWS, patch_saved },
    { "tool_patch_load_fails", NEEDS_VIEWS, patch_load_fails },
    { "tool_break", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_serves },
    { "tool_break_counts", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3,
      break_counts },
    { "tool_break_busy", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_busy },
    { "tool_break_taken", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_taken },
    { "tool_break_ends", NEEDS_VIEWS | NEEDS_MTF, break_ends },
    { "tool_break_kept", NEEDS_VIEWS | NEEDS_MTF | NEEDS_INT3, break_kept },
    { 0 },
};
