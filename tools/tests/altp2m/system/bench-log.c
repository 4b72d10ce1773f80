/* SPDX-License-Identifier: GPL-2.0-only */
/* What writes cost that a rule lets through, with a record in the log and without. */
#include "bench.h"
#include "library.h"

#include <stdio.h>

#define LOG_WRITES 256              /* to as many pages */
#define LOG_PAGES  32               /* room for all of them, each time */

/* Accesses to pages of view 1 are let through in view 0, logged or not. */
static void set_rule(struct guest *g, bool logs)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_rules);
    struct xen_altp2m_set_rules *s = (void *)&op.u;
    struct xen_altp2m_rule *r = xencall_alloc_buffer(xcall, 4096);

    expect(r, "no memory");
    *s = (struct xen_altp2m_set_rules){ .view = 1, .nr = 1,
                                        .buffer = (uintptr_t)r };
    *r = (struct xen_altp2m_rule){
        .gfn = TEST_GFN, .count = LOG_WRITES, .rip_last = XEN_ALTP2M_NONE,
        .offset_last = 0xfff, .cpl = 0xf, .action = XEN_ALTP2M_RULE_ONCE,
        .access = XEN_ALTP2M_RULE_WRITE,
        .flags = logs ? XEN_ALTP2M_RULE_LOG : 0,
    };
    expect_ok(op_do(&op));
    xencall_free_buffer(xcall, r);
}

static void log_anew(struct guest *g)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_log_close);

    expect_ok(op_do(&op));
    op = op_new(g->domid, HVMOP_altp2m_log_open);
    ((struct xen_altp2m_log_open *)&op.u)->pages = LOG_PAGES;
    expect_ok(op_do(&op));
}

static void time_writes(struct guest *g, const char *what, bool anew)
{
    const struct guest_command *c = COMMAND(CMD_FILL, TEST_GPA, LOG_WRITES, 1);
    char key[64];
    uint64_t t[FEW];

    for ( unsigned int i = 0; i < FEW; i++ )
    {
        if ( anew )
            log_anew(g);
        t[i] = guest_do(g, 0, c)->result[0];
    }
    snprintf(key, sizeof(key), "log_%s_256", what);
    put(key, least_of(t, FEW));
    if ( anew )
        log_anew(g);
    snprintf(key, sizeof(key), "log_%s_exits_256", what);
    put(key, exits_of(g, c));
}

void bench_logged(void)
{
    struct guest *g = guest_with_views();

    expect_equal(new_view(g), 1, "view");
    for ( unsigned int i = 0; i < LOG_WRITES; i++ )
        expect_ok(view_access_set(g->domid, 1, TEST_GFN + i, XENMEM_access_rx));
    set_rule(g, false);
    expect_ok(view_switch(g->domid, 1));
    time_writes(g, "once", false);
    set_rule(g, true);
    time_writes(g, "write", true);
    /* There is nobody who reads. */
    for ( unsigned int i = 0; i < LOG_PAGES * 64 / LOG_WRITES; i++ )
        guest_do(g, 0, COMMAND(CMD_FILL, TEST_GPA, LOG_WRITES, 1));
    time_writes(g, "full", false);
}
