/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: xen-altp2m on, off, list, create, clone, destroy, switch, label. */
#include "tool.h"
#include "toolstack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void on_off(void)
{
    struct guest *g = guest_new(NULL);
    bool on = true;

    expect_tool(DONE, "would turn the views", "on -n %u", g->domid);
    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "a dry run turned views on");
    tool_ok("on %u", g->domid);
    expect_ok(view_state_get(g->domid, &on));
    expect(on, "views are off");
    tool_view(g, "--name trap");
    tool_ok("off %u", g->domid);
    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "views are on");
    /* Nor is the name of then known any more. */
    tool_ok("on %u", g->domid);
    tool_view(g, "");
    expect_tool(NOT_FOUND, "no view 'trap'", "show %u trap", g->domid);
    guest_alive(g);
}

static void not_found(void)
{
    struct guest *g = guest_with_views();

    expect_tool(NOT_FOUND, "no domain 'nobody'", "list nobody");
    expect_tool(NOT_FOUND, "no domain '32751'", "list 32751");
    expect_tool(NOT_FOUND, "no domain", "list 12x");
    expect_tool(NOT_FOUND, "no view '7'", "show %u 7", g->domid);
    expect_tool(NOT_FOUND, "no view 'trap'", "destroy %u trap", g->domid);
    expect_tool(USAGE, "not the index or name", "show %u 1x",
                g->domid);
    expect_tool(NOT_FOUND, "no vCPU 3", "switch --vcpu 3 %u 0", g->domid);
}

static void list(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, "--name trap --role monitor");
    yajl_val v, c, p;

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 2));
    expect_ok(view_switch(g->domid, view));
    expect_tool(DONE, "trap monitor none   yes    0", "list %u", g->domid);
    expect_tool(DONE, "VMFUNC: not enabled", "list %u", g->domid);
    p = member(tool_json("list --json %u", g->domid), "pool");
    expect_equal(member_int(p, "total_bytes") - member_int(p, "free_bytes"),
                 pool_used(g) * 4096, "bytes of the pool in use");
    expect(member_int(p, "views_bytes") >= 3 * 4096, "bytes for views");
    v = member(tool_json("list --json %u", g->domid), "views");
    expect_equal(elements(v), 2, "views");
    expect_equal(elements(member(element(v, 0), "vcpus")), 0, "vCPUs in 0");
    v = element(v, 1);
    c = member(v, "counters");
    expect_equal(member_int(v, "view"), view, "index");
    expect(!strcmp(member_text(v, "name"), "trap") &&
           !strcmp(member_text(v, "role"), "monitor") &&
           !strcmp(member_text(v, "default_access"), "none"), "labels");
    expect_equal(elements(member(v, "vcpus")), 1, "vCPUs in it");
    expect_equal(member_int(c, "access_gfns"), 2, "pages with rights");
    expect_equal(member_int(c, "remaps"), 1, "remaps");
    expect(member_int(c, "tables") >= 3, "%d private tables",
           member_int(c, "tables"));
    expect(member_int(c, "pool_bytes") >= 3 * 4096, "bytes of the pool");
    guest_alive(g);
}

static void create(void)
{
    struct guest *g = guest_with_views();
    uint16_t got;
    unsigned int view;

    expect_tool(DONE, "would create a view", "create -n --access rx %u",
                g->domid);
    expect_equal(elements(member(tool_json("list -j %u", g->domid), "views")),
                 1, "views after a dry run");
    view = tool_view(g, "--access rx --name a");
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    expect_tool(USAGE, "has the name 'a' already", "create --name a %u",
                g->domid);
    expect_tool(USAGE, "is not a name", "create --name 1a %u", g->domid);
    expect_tool(USAGE, "is not a role", "create --role 'a b' %u", g->domid);
    expect_equal(member_int(tool_json("create --json %u", g->domid), "view"),
                 view + 1, "the next");
    /* A hidden one: the guest can't go there, a vCPU can be put there. */
    view = tool_view(g, "--hidden");
    expect_tool(USAGE, "is hidden", "switch %u %u", g->domid, view);
    tool_ok("switch --vcpu 0 %u %u", g->domid, view);
    expect_ok(view_index(g->domid, 0, &got));
    expect_equal(got, view, "view of vCPU 0");
    guest_alive(g);
}

/* An access that the CPU can't enforce is refused, and why is said. */
static void create_unsupported(void)
{
    struct guest *g = guest_with_views();

    /* Write only: neither vendor has it. */
    expect_tool(UNSUPPORTED, "can't enforce -w-", "create --access w %u",
                g->domid);
    expect_equal(elements(member(tool_json("list -j %u", g->domid), "views")),
                 1, "views");
}

static void clone(void)
{
    struct guest *g = guest_with_views();
    unsigned int from = tool_view(g, "--access rx --role r"), to;

    expect_ok(view_access_set(g->domid, from, TEST_GFN, XENMEM_access_n));
    expect_ok(view_remap(g->domid, from, TEST_GFN + 1, TEST_GFN + 2));
    expect_tool(DONE, "would create a view like 1 [r]", "clone -n %u %u",
                g->domid, from);
    to = member_int(tool_json("clone --json --name copy %u %u", g->domid,
                              from), "view");
    expect(to != from, "the same");
    expect_tool(DONE, "", "diff %u %u copy", g->domid, from);
    expect_access(g, to, TEST_GFN, XENMEM_access_n);
    expect_access(g, to, TEST_GFN + 3, XENMEM_access_rx);
    expect_tool(DONE, "copy", "list %u", g->domid);
}

static void destroy(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });
    unsigned int view, got;

    guest_start_vcpu(g, 1);
    expect_ok(view_state_set(g->domid, true));
    view = tool_view(g, "--name busy");
    tool_ok("switch --vcpu 1 %u busy", g->domid);
    expect_tool(AGAIN, "in use by vCPU 1", "destroy %u busy", g->domid);
    expect_tool(AGAIN, "switch --vcpu 1", "destroy %u busy", g->domid);
    expect_access(g, view, TEST_GFN, XENMEM_access_rwx);
    expect_tool(USAGE, "can't be destroyed", "destroy %u 0", g->domid);
    tool_ok("switch %u 0", g->domid);
    expect_tool(DONE, "would destroy view 1 busy", "destroy -n %u busy",
                g->domid);
    tool_ok("destroy %u busy", g->domid);
    expect(view_access_get(g->domid, view, TEST_GFN, &got), "still there");
    /* The next view of that index has not its name. */
    expect_equal(tool_view(g, ""), view, "index");
    expect_tool(NOT_FOUND, "no view 'busy'", "show %u busy", g->domid);
    guest_alive(g);
}

static void switching(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });
    unsigned int view;

    guest_start_vcpu(g, 1);
    expect_ok(view_state_set(g->domid, true));
    view = tool_view(g, "");
    expect_tool(DONE, "would put", "switch -n %u %u", g->domid, view);
    expect_view(g, 0, 0);
    tool_ok("switch %u %u", g->domid, view);
    expect_view(g, 0, view);
    expect_view(g, 1, view);
    tool_ok("switch -v 1 %u 0", g->domid);
    expect_view(g, 0, view);
    expect_view(g, 1, 0);
    guest_alive(g);
}

static void label(void)
{
    struct guest *g = guest_with_views();

    tool_view(g, "");
    expect_tool(USAGE, "--name or --role", "label %u 1", g->domid);
    tool_ok("label --name trap %u 1", g->domid);
    tool_ok("label --role monitor %u trap", g->domid);
    expect_tool(DONE, "1 trap monitor", "list %u", g->domid);
    tool_ok("label --name '' %u trap", g->domid);
    expect_tool(DONE, "1 -    monitor", "list %u", g->domid);
    tool_ok("label --name trap %u 1", g->domid); /* its own name is free */
    tool_ok("label --name trap %u 1", g->domid);
    /* Neither the guest nor other domains can read it. */
    expect(shell("xenstore-ls -p /local/domain/%u/altp2m | grep -q "
                 "'name = \"trap\".*(n0)'", g->domid), "permissions");
}

/* A pool that xl makes too small is warned of, and no other. */
static void small_pool(void)
{
    shell("xl destroy tool-pool >/dev/null 2>&1");
    xl_create("tool-pool", "memory = 64");
    expect_tool(DONE, "Views can be used; they are off now: xen-altp2m on "
                "tool-pool", "check tool-pool");
    expect(!strstr(tool_ok("check tool-pool"), "warn"), "a warning");
    expect_equal(member_int(tool_json("check -j tool-pool"), "pool_pages"),
                 256 + 64, "pages by the toolstack");
    guests_destroy();
    expect(shell("xl destroy tool-pool"), "xl destroy fails");

    xl_write_config("tool-pool", "memory = 64");
    expect(shell("sed -i /vcpus/d /tmp/tool-pool.cfg && "
                 "xl create -q /tmp/tool-pool.cfg"), "xl create fails");
    /* xl gave nothing for vCPUs that it was not told of; since 4.23 it does. */
    if ( member_int(tool_json("check -j tool-pool"), "pool_pages") == 256 + 64 )
        expect(!strstr(tool_ok("check tool-pool"), "warn"), "a warning");
    else
    {
        expect_tool(DONE, "paging pool is small: 64 pages for 1 vCPU",
                    "check tool-pool");
        expect(strstr(member_text(tool_json("check -j tool-pool"), "warning"),
                      "vcpus="), "no warning");
    }
    expect(shell("xl destroy tool-pool"), "xl destroy fails");
}

/* A guest of the toolstack's, by its name; nothing of ours is left behind. */
static void by_name(void)
{
    uint32_t domid;

    shell("xl destroy tool-guest >/dev/null 2>&1");
    domid = xl_create("tool-guest", "")->domid;
    tool_ok("on tool-guest");
    tool_ok("create --name trap tool-guest");
    expect_tool(DONE, "trap", "list tool-guest");
    expect_tool(DONE, "of domain", "show tool-guest trap");
    expect(!strcmp(member_text(tool_json("list -j tool-guest"),
                               "domain_name"), "tool-guest"), "name");
    guests_destroy();
    expect(shell("xl destroy tool-guest"), "xl destroy fails");
    expect_tool(NOT_FOUND, "no domain 'tool-guest'", "list tool-guest");
    expect(!shell("xenstore-ls /local/domain/%u/altp2m >/dev/null 2>&1", domid),
           "names are left in xenstore");
}

static void process(void)
{
    struct guest *g = guest_with_views();
    unsigned int view = tool_view(g, "--name trap");
    yajl_val r;

    expect_tool(DONE, "stay where they are", "process %u", g->domid);
    expect_tool(DONE, "would put CR3 0x1a2b000, by mask 0xfffffffffffff000",
                "process -n %u 0x1a2b000 trap", g->domid);
    tool_ok("process --else 0 %u 0x1a2b123 trap", g->domid);
    expect_tool(DONE, "0x1a2b000 0xfffffffffffff000    1 trap", "process %u",
                g->domid);
    expect_tool(DONE, "other CR3s: view 0", "process %u", g->domid);
    tool_ok("process --kpti %u 0x1a2d000 0", g->domid);
    r = tool_json("process --json %u", g->domid);
    expect_equal(member_int(r, "else"), 0, "view of all others");
    expect_equal(elements(member(r, "vcpus")), 1, "vCPUs");
    r = member(r, "records");
    expect_equal(elements(r), 2, "records");
    expect_equal(member_hex(element(r, 0), "cr3"), 0x1a2c000, "the last one");
    expect_equal(member_hex(element(r, 0), "mask"), ~0x1fffULL, "its mask");
    expect_equal(member_int(element(r, 1), "view"), view, "view of the first");
    expect_tool(AGAIN, "a CR3 (xen-altp2m process", "destroy %u trap",
                g->domid);
    expect_tool(NOT_FOUND, "no record of CR3", "process %u 0x1a2d000 none",
                g->domid);
    tool_ok("process --kpti %u 0x1a2d000 none", g->domid);
    tool_ok("process --else none %u", g->domid);
    expect_tool(DONE, "stay where they are", "process %u", g->domid);
    expect_tool(NOT_FOUND, "no view 'trip'", "process %u 0x1000 trip",
                g->domid);
    tool_ok("process %u none", g->domid);
    tool_ok("destroy %u trap", g->domid);
    guest_alive(g);
}

/* How a trace of the test page ends that gets a signal. */
static int trace_killed(struct guest *g, const char *name)
{
    char line[160];

    snprintf(line, sizeof(line), "./xen-altp2m trace %u %#llx >/dev/null 2>&1 "
             "& sleep 2; kill -%s $!; wait $!", g->domid, TEST_GFN, name);
    return WEXITSTATUS(system(line));
}

/* The log of a page, in each form; and that it leaves nothing behind. */
static void trace_page(void)
{
    struct guest *g = guest_with_views();
    const struct ran *r;

    expect_tool(DONE, "would print the log", "trace -n %u", g->domid);
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA, 1));
    r = tool("trace --count 3 %u %#llx", g->domid, TEST_GFN);
    expect_equal(r->status, DONE, "status");
    expect(strstr(r->out, "0: vCPU 0, view 1, w 0x800+0x8"), "'%s'", r->out);
    expect(strstr(r->out, "\n2: vCPU 0, view 1, w 0x800+0x8"), "'%s'", r->out);
    expect(!strstr(r->out, "\n3: "), "'%s'", r->out);
    expect_tool(DONE, "\"access\":\"r\"", "trace --json -c 1 %u %#llx r",
                g->domid, TEST_GFN);
    r = tool("trace --csv -c 1 %u %#llx rw", g->domid, TEST_GFN);
    expect(!strncmp(r->out, "seq,tsc,vcpu,view,access,gfn,offset,gla,rip,cr3,"
                    "cpl,walk,cookie\n0,", 66), "'%s'", r->out);

    /* A signal ends it as well, and a log that somebody left open is taken. */
    expect_equal(trace_killed(g, "TERM"), DONE, "status");
    expect_view(g, 0, 0);
    expect_equal(trace_killed(g, "KILL"), 128 + 9, "status");
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, 1));
    expect_tool(AGAIN, "--take takes it", "trace -c 1 %u %#llx", g->domid,
                TEST_GFN);
    expect_tool(DONE, "0: vCPU 0", "trace --take -c 1 %u %#llx", g->domid,
                TEST_GFN);
    guest_do(g, 0, COMMAND(CMD_NOP));
    expect_view(g, 0, 0);
    expect_rc(view_destroy(g->domid, 1), -EBUSY); /* there is none */

    /* What rules log. */
    expect_equal(tool_view(g, "--name trap"), 1, "view");
    tool_ok("rules %u trap '0x800 w once=0 log=0x77'", g->domid);
    expect_tool(DONE, "once=0 log=0x77", "rules %u trap", g->domid);
    tool_ok("access %u trap 0x800 rx", g->domid);
    tool_ok("switch %u trap", g->domid);
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA, 1));
    expect_tool(DONE, "cookie 0x77", "trace -c 1 %u", g->domid);
    guest_do(g, 0, COMMAND(CMD_NOP));
    guest_alive(g);
}

const struct test tests_tool_views[] = {
    { "tool_on_off", NEEDS_VIEWS, on_off },
    { "tool_not_found", NEEDS_VIEWS, not_found },
    { "tool_list", NEEDS_VIEWS, list },
    { "tool_create", NEEDS_VIEWS, create },
    { "tool_create_unsupported", NEEDS_VIEWS, create_unsupported },
    { "tool_clone", NEEDS_VIEWS, clone },
    { "tool_destroy", NEEDS_VIEWS, destroy },
    { "tool_switch", NEEDS_VIEWS, switching },
    { "tool_label", NEEDS_VIEWS, label },
    { "tool_by_name", NEEDS_VIEWS, by_name },
    { "tool_small_pool", NEEDS_VIEWS, small_pool },
    { "tool_process", NEEDS_VIEWS, process },
    { "tool_trace", NEEDS_VIEWS | NEEDS_MTF, trace_page },
    { 0 },
};
