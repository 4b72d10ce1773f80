/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: xen-altp2m check, with each precondition failing on purpose. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

#include <xenctrl.h>

/* What was this hypervisor started as?  The tests of a boot go by it. */
static bool on_command_line(const char *word)
{
    static char line[1024];

    expect(xc_version(xch, XENVER_commandline, line) >= 0,
           "Xen does not tell its command line");
    return strstr(line, word);
}

static bool stock(void)
{
    xen_extraversion_t extra;

    expect(xc_version(xch, XENVER_extraversion, &extra) >= 0,
           "Xen does not tell its version");
    return strstr(extra, "-stock");
}

static void expect_failed(const char *condition, const char *remedy,
                          const char *domain)
{
    yajl_val answer;

    expect_tool(UNSUPPORTED, "FAIL  ", "check %s", domain);
    expect_tool(UNSUPPORTED, remedy, "check %s", domain);
    answer = tool_json("check --json %s", domain);
    expect(!strcmp(member_text(answer, "failed"), condition),
           "'%s' fails, not '%s'", member_text(answer, "failed"), condition);
    expect(strstr(member_text(answer, "remedy"), remedy), "the remedy is '%s'",
           member_text(answer, "remedy"));
    expect(YAJL_IS_FALSE(member(answer, "usable")), "usable all the same");
}

/* On whatever the boot is: good, without altp2m=1, without HAP, or stock. */
static void check_host(void)
{
    yajl_val answer;

    if ( stock() )
    {
        expect_failed("operations", "Boot the hypervisor that comes with", "");
        expect_tool(UNSUPPORTED, "Boot the hypervisor that comes with", "on 0");
    }
    else if ( on_command_line("hap=0") )
        expect_failed("hap", "Take hap=0", "");
    else if ( on_command_line("altp2m=0") )
        expect_failed("cmdline", "Add altp2m=1", "");
    else
    {
        expect_tool(DONE, "Views can be used.", "check");
        answer = tool_json("check --json");
        expect(YAJL_IS_NULL(member(answer, "failed")) &&
               YAJL_IS_TRUE(member(answer, "usable")), "not usable");
        expect(elements(member(member(answer, "features"), "rights")) >= 4,
               "fewer than four rights");
    }
}

static uint32_t bare_domid;

/* A domain that is only made, never built; bare_domid, if Xen makes it. */
static int make_bare(uint32_t flags)
{
    static uint32_t next = 0x6000;
    struct xen_domctl_createdomain create = {
        .flags = flags,
        .max_vcpus = 1,
        .max_evtchn_port = -1,
        .max_grant_frames = 4,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = flags & XEN_DOMCTL_CDF_hvm
                                ? XEN_X86_EMU_LAPIC : 0,
    };

    /* Versions of Xen differ in how to ask for any number that is free. */
    bare_domid = next++;
    return xc_domain_create(xch, &bare_domid, &create);
}

/* Skips the test where this Xen makes no such domains at all. */
static void need_bare(uint32_t flags, const char *why)
{
    if ( make_bare(flags) )
        skip("%s", why);
    xc_domain_destroy(xch, bare_domid);
}

static const char *bare_domain(uint32_t flags)
{
    static char text[12];

    expect(!make_bare(flags), "can't create a domain with flags %#x", flags);
    snprintf(text, sizeof(text), "%u", bare_domid);
    return text;
}

static void expect_bare(uint32_t flags, const char *condition,
                        const char *remedy)
{
    const char *domain = bare_domain(flags);
    /* Whatever fails, the domain goes first. */
    const struct ran *ran = tool("check %s", domain);
    int status = ran->status;
    bool fail_line = strstr(ran->out, "FAIL  "), says = strstr(ran->out, remedy);
    yajl_val answer = tool_json("check --json %s", domain);
    char failed[32];

    snprintf(failed, sizeof(failed), "%s", member_text(answer, "failed"));
    ran = tool("list %s", domain);
    xc_domain_destroy(xch, bare_domid);
    expect(status == UNSUPPORTED && fail_line, "check: status %d", status);
    expect(says, "check does not say '%s'", remedy);
    expect(!strcmp(failed, condition), "'%s' fails, not '%s'", failed,
           condition);
    expect(ran->status == UNSUPPORTED && strstr(ran->err, remedy),
           "list: status %d: %.200s", ran->status, ran->err);
}

#define HVM (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap)

static void check_pv(void)
{
    expect_bare(0, "domain-type", "type=\"pvh\"");
    expect_failed("domain-type", "type=\"pvh\"", "0"); /* dom0 itself */
}

static void check_shadow(void)
{
    need_bare(XEN_DOMCTL_CDF_hvm, "this Xen is built without shadow paging");
    expect_bare(XEN_DOMCTL_CDF_hvm, "domain-hap", "Take hap=0");
}

/* From 4.19 on, Xen wants more of a CPU for nested guests than QEMU's has. */
static void check_nested(void)
{
    uint32_t flags = HVM | XEN_DOMCTL_CDF_nested_virt;

    need_bare(flags, "no nested guests on this CPU");
    expect_bare(flags, "nested", "Take nestedhvm=1");
}

static void check_disabled(void)
{
    expect_bare(HVM, "mode", "altp2m=\"external\"");
}

/* Off is not unusable, and check says how to turn them on. */
static void check_off(void)
{
    struct guest *g = guest_new(NULL);
    char remedy[32];

    snprintf(remedy, sizeof(remedy), "xen-altp2m on %u", g->domid);
    expect_tool(DONE, remedy, "check %u", g->domid);
    expect_tool(UNSUPPORTED, remedy, "list %u", g->domid);
    expect(YAJL_IS_FALSE(member(tool_json("check -j %u", g->domid), "on")),
           "on");
    tool_ok("on %u", g->domid);
    expect_tool(DONE, "and are on", "check %u", g->domid);
    expect(YAJL_IS_TRUE(member(tool_json("check -j %u", g->domid), "on")),
           "off");
}

const struct test tests_tool_host[] = {
    { "tool_check_host", NEEDS_NOTHING, check_host },
    { 0 },
};

const struct test tests_tool_check[] = {
    { "tool_check_pv", NEEDS_VIEWS, check_pv },
    { "tool_check_shadow", NEEDS_VIEWS, check_shadow },
    { "tool_check_nested", NEEDS_VIEWS, check_nested },
    { "tool_check_disabled", NEEDS_VIEWS, check_disabled },
    { "tool_check_off", NEEDS_VIEWS, check_off },
    { 0 },
};
