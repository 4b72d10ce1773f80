/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: what xen-altp2m says, and how it ends, where Xen refuses a call. */
#include "tool.h"
#include "toolstack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenaltp2m.h>

#define NAME  "moody"
#define SAVED "/tmp/fail.json"

static const struct
{
    int error, status;
    const char *words;
} meanings[] = {
    { ESRCH, NOT_FOUND, "the domain is gone" },
    { ENOENT, NOT_FOUND, "the view is gone" },
    { ENXIO, NOT_FOUND, "there is no" }, /* page; remap has its own words */
    { EINVAL, USAGE, "does not take such a value" },
    { EOPNOTSUPP, UNSUPPORTED, "xen-altp2m check says which" },
    { ENOSYS, UNSUPPORTED, "does not have the operation" },
    { EPERM, DENIED, "run this as root in dom0" },
    { EACCES, DENIED, "run this as root in dom0" },
    { EBUSY, AGAIN, "it is in use" },
    { EAGAIN, AGAIN, "try again" },
    { ENOMEM, AGAIN, "the domain's paging pool is used up" },
    { ENOBUFS, AGAIN, "dom0 has no memory" },
    { E2BIG, USAGE, "too many smaller overrides" },
    { ENOSPC, AGAIN, "as many views as it can have" },
    { EFAULT, AGAIN, "this program's memory" },
};

#define MEANINGS (sizeof(meanings) / sizeof(meanings[0]))

/* Each call that a subcommand makes, and what its message is about. */
static const struct
{
    unsigned int cmd;
    const char *about, *arguments;
} calls[] = {
    { HVMOP_altp2m_domain_info, "list its views", "list %u" },
    { HVMOP_altp2m_list_views, "list its views", "list " NAME },
    { HVMOP_altp2m_list_vcpus, "list its vCPUs", "show %u trap" },
    { HVMOP_altp2m_read_overrides, "view 1 trap", "show %u trap" },
    { HVMOP_altp2m_read_overrides, "view 1 trap", "save %u trap" },
    { HVMOP_altp2m_read_overrides, "view 1 trap", "diff %u trap 0" },
    { HVMOP_altp2m_read_overrides, "view 0", "find %u 0x800" },
    { HVMOP_altp2m_read_map, "view 1 trap", "show %u trap" },
    { HVMOP_altp2m_read_map, "view 1 trap", "read %u trap 0x800" },
    { HVMOP_altp2m_read_map, "host's map", "map %u" },
    { HVMOP_altp2m_list_tables, "view 0", "map %u" },
    { HVMOP_altp2m_walk, "view 1 trap", "walk %u trap 0x800" },
    { HVMOP_altp2m_audit, "view 1 trap", "audit %u trap" },
    { HVMOP_altp2m_domain_info, "its counters", "stat %u" },
    { HVMOP_altp2m_set_domain_state, "turn views off", "off %u" },
    { HVMOP_altp2m_create_p2m, "create a view", "create %u" },
    { HVMOP_altp2m_create_p2m, "create a view", "load --name other %u " SAVED },
    { HVMOP_altp2m_set_visibility, "hide view 2", "create --hidden %u" },
    { HVMOP_altp2m_clone, "view 1 trap", "clone %u trap" },
    { HVMOP_altp2m_destroy_p2m, "view 1 trap", "destroy %u trap" },
    { HVMOP_altp2m_switch_p2m, "view 1 trap", "switch %u trap" },
    { HVMOP_altp2m_switch_vcpu, "vCPU 0 into view 1 trap",
      "switch --vcpu 0 %u trap" },
    { HVMOP_altp2m_set_range, "view 1 trap: can't set gfns 0x800",
      "access %u trap 0x800+2 rx" },
    { HVMOP_altp2m_set_default, "view 1 trap", "access %u trap default rx" },
    { HVMOP_altp2m_apply, "view 1 trap: can't remap gfns 0x800",
      "remap %u trap 0x800 0x801" },
    { HVMOP_altp2m_apply, "load " SAVED "; nothing is changed",
      "load --into trap %u " SAVED },
    { HVMOP_altp2m_isolate, "isolate gfns 0x800 to 0x800",
      "isolate %u trap 0x800 rx" },
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* The domain is named in the one way, and what it is about as well. */
static void expect_said(const struct ran *ran, const struct guest *g,
                        unsigned int call, unsigned int error)
{
    char domain[64];
    bool no_page = meanings[error].error == ENXIO;

    snprintf(domain, sizeof(domain), "xen-altp2m: domain %u " NAME, g->domid);
    expect(ran->status == meanings[error].status, "%s, error %d: status %d: "
           "%.300s", calls[call].arguments, meanings[error].error,
           ran->status, ran->err);
    expect(!strncmp(ran->err, domain, strlen(domain)) &&
           strstr(ran->err, calls[call].about) &&
           strstr(ran->err, no_page ? "there is no" : meanings[error].words),
           "%s, error %d: says %.300s", calls[call].arguments,
           meanings[error].error, ran->err);
}

/*
 * Three errors of each call, so that each error is met by several of them, and no
 * boot gets longer by a minute.
 */
static void in_words(void)
{
    struct guest *g = guest_with_views();
    char fails[32];

    expect(shell("xenstore-write /local/domain/%u/name " NAME, g->domid),
           "the guest can't be given a name");
    tool_view(g, "--name trap");
    tool_ok("access %u trap 0x800 rx", g->domid);
    tool_ok("save %u trap " SAVED, g->domid);
    tool_ok("switch %u 0", g->domid);
    for ( unsigned int call = 0; call < CALLS; call++ )
        for ( unsigned int i = 0; i < 3; i++ )
        {
            unsigned int error = (3 * call + i) % MEANINGS;
            const struct ran *ran;

            snprintf(fails, sizeof(fails), "%u %d", calls[call].cmd,
                     meanings[error].error);
            setenv("CALL_FAILS", fails, 1);
            setenv("LD_PRELOAD", "/tests/call-fails.so", 1);
            ran = tool(calls[call].arguments, g->domid);
            unsetenv("LD_PRELOAD");
            expect_said(ran, g, call, error);
        }
    /* Nothing is left behind, nor gone. */
    expect_equal(elements(member(tool_json("list -j %u", g->domid), "views")),
                 2, "views");
    expect_tool(DONE, "", "diff %u trap " SAVED, g->domid);
    guest_alive(g);
}

const struct test tests_tool_fail[] = {
    { "tool_fail_in_words", NEEDS_VIEWS, in_words },
    { 0 },
};
