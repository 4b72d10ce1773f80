/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The demonstration: what views are, step by step, on a guest made by xl.  Its
 * lines begin with "demo: "; the exit status is 0 if every step held.
 */
#include "monitor.h"
#include "say.h"
#include "toolstack.h"

#include <string.h>

#define NAME   "demo"
#define READS  (TEST_GPA)             /* the page that the guest reads */
#define OTHER  (TEST_GPA + 0x1000)    /* what it is shown instead */
#define WRITES (TEST_GPA + 0x5000)    /* the page that becomes read-only */
#define DROPS  (TEST_GPA + 0x300000)  /* the page that the host drops */
#define BIG    4096                   /* pages that the guest reads, 16 MiB */

static struct guest *g;
static uint16_t fresh, guarding, remapping;

static void step_create(void)
{
    shell("xl destroy " NAME " >/dev/null 2>&1");
    g = xl_create(NAME, "memory = 32");
    say("   xl create: domain %u, altp2m=\"external\", 32 MiB, is running",
        g->domid);
    expect_ok(view_state_set(g->domid, true));
    say("   altp2m is on; the guest runs in view 0, the host's own map");
}

/* The counter of pages that views own: here, what the pool lost meanwhile. */
static unsigned int pages_of_views(unsigned int used_before)
{
    return pool_used(g) - used_before;
}

static void step_fresh_view(void)
{
    const volatile struct payload_slot *s = g->slot[0];
    uint64_t rounds;
    unsigned int used;

    guest_fill(g, TEST_GPA, BIG, 1);
    guest_post(g, 0, COMMAND(CMD_SWEEP, TEST_GPA, BIG));
    guest_run(g, 40);
    guest_await_round(g, 0);
    used = pool_used(g);
    rounds = s->rounds;
    say("   the guest reads 16 MiB over and over: %llu rounds, %llu ticks each",
        (unsigned long long)rounds, (unsigned long long)s->fastest);

    fresh = new_view(g);
    expect_ok(view_switch(g->domid, fresh));
    guest_run(g, 40);
    guest_await_round(g, rounds);
    say("   view %u created and switched to: the guest, never stopped, is at "
        "round %llu", fresh, (unsigned long long)s->rounds);
    expect_view(g, 0, fresh);
    expect(s->values == 1 && !s->lost, "the guest read something else");
    say("   it reads the same data there; the view costs %u page(s)",
        pages_of_views(used));
    guest_alive(g);
    expect_ok(view_switch(g->domid, 0));
}

static void step_violation(void)
{
    struct monitor *m = monitor_open(g, answer_view_0);

    guarding = new_view(g);
    expect_ok(view_access_set(g->domid, guarding, WRITES >> 12,
                              XENMEM_access_rx));
    say("   gfn %#llx is read-only in view %u, and in no other",
        WRITES >> 12, guarding);
    expect_ok(view_switch(g->domid, fresh));
    guest_write(g, WRITES, 0x1111);
    expect_equal(m->count, 0, "events in the other view");
    say("   the guest writes to it in view %u: no event", fresh);
    expect_ok(view_switch(g->domid, guarding));
    guest_write(g, WRITES, 0x2222);
    expect_equal(m->count, 1, "events");
    expect_equal(m->log[0].u.mem_access.gfn, WRITES >> 12, "gfn");
    expect(m->log[0].u.mem_access.flags & MEM_ACCESS_W, "no write");
    expect_equal(m->log[0].altp2m_idx, guarding, "view");
    say("   the guest writes to it in view %u: caught, gfn %#llx, view %u",
        guarding, (unsigned long long)m->log[0].u.mem_access.gfn,
        m->log[0].altp2m_idx);
    expect_view(g, 0, 0);
    expect_equal(guest_read(g, WRITES), 0x2222, "value written");
    say("   the monitor's answer let it go on in view 0, and the write is done");
    monitor_close(m);
}

static void step_remap(void)
{
    remapping = new_view(g);
    guest_write(g, READS, 0xaaaa);
    guest_write(g, OTHER, 0xbbbb);
    expect_ok(view_remap(g->domid, remapping, READS >> 12, OTHER >> 12));
    say("   in view %u gfn %#llx shows the page of gfn %#llx", remapping,
        READS >> 12, OTHER >> 12);
    expect_equal(guest_read(g, READS), 0xaaaa, "value in view 0");
    say("   view 0: the guest reads %#llx at %#llx", guest_read(g, READS) + 0ULL,
        READS);
    expect_ok(view_switch(g->domid, remapping));
    expect_equal(guest_read(g, READS), 0xbbbb, "value in the view");
    say("   view %u: the guest reads %#llx at %#llx, the same address",
        remapping, guest_read(g, READS) + 0ULL, READS);
    expect_ok(view_switch(g->domid, 0));
}

static void step_host_change(void)
{
    const uint64_t gfn = DROPS >> 12;

    expect_ok(view_access_set(g->domid, guarding, gfn, XENMEM_access_rx));
    expect_ok(view_remap(g->domid, remapping, gfn + 1, OTHER >> 12));
    expect_ok(host_drop(g, gfn));
    expect_ok(host_populate(g, gfn));
    host_write(g, DROPS, 0xcccc);
    say("   the host dropped gfn %#llx and populated it anew, three views live",
        (unsigned long long)gfn);
    for ( uint16_t view = 0; view <= remapping; view++ )
    {
        expect_ok(view_switch(g->domid, view));
        expect_equal(guest_read(g, DROPS), 0xcccc, "value of the new page");
    }
    say("   the guest reads the new page in views 0 to %u", remapping);
    expect_equal(guest_read(g, DROPS + 0x1000), 0xbbbb, "remap nearby");
    expect_equal(guest_read(g, READS), 0xbbbb, "remap");
    expect_access(g, guarding, gfn, XENMEM_access_rx);
    expect_access(g, guarding, WRITES >> 12, XENMEM_access_rx);
    say("   and no override is lost: rights and remaps are as they were");
    expect_ok(view_switch(g->domid, 0));
}

/* What a user would type, and what the tool answers. */
static void say_tool(const char *arguments)
{
    char line[256];
    FILE *f;

    snprintf(line, sizeof(line), "./xen-altp2m %s", arguments);
    say("   $ %s", line + 2);
    f = popen(line, "r");
    expect(f, "can't run it");
    while ( fgets(line, sizeof(line), f) )
    {
        line[strcspn(line, "\n")] = 0;
        say("   %s", line);
    }
    expect(pclose(f) == 0, "xen-altp2m %s fails", arguments);
}

static void step_tool(void)
{
    expect(shell("./xen-altp2m label " NAME " %u --name guard --role monitor "
                 "&& ./xen-altp2m label " NAME " %u --name decoy", guarding,
                 remapping), "views take no name");
    say_tool("list " NAME);
    say_tool("show " NAME " guard");
    say_tool("show " NAME " decoy");
    say_tool("map --ascii --width 76 " NAME);
    say_tool("audit " NAME);
}

static void step_page_counts(void)
{
    static uint16_t *const views[] = { &remapping, &guarding, &fresh };
    static const char *const what[] = {
        "two remaps, in two 2 MiB regions", "rights on two pages, in two 2 MiB "
        "regions", "no override" };

    for ( unsigned int i = 0; i < 3; i++ )
    {
        unsigned int before = pool_used(g);

        expect_ok(view_destroy(g->domid, *views[i]));
        say("   view %u (%s) owned %u page(s)", *views[i], what[i],
            before - pool_used(g));
    }
    expect_ok(view_state_set(g->domid, false));
    guest_alive(g);
    guests_destroy();
    expect(shell("xl destroy " NAME), "xl destroy fails");
    say("   altp2m off, the guest alive to the end, and destroyed");
}

static const struct step steps[] = {
    { "a guest, made by xl", step_create },
    { "a fresh view, under a running guest", step_fresh_view },
    { "a page made read-only in one view", step_violation },
    { "a gfn remapped in one view", step_remap },
    { "the host drops and repopulates a page", step_host_change },
    { "the views, as xen-altp2m shows them", step_tool },
    { "what each view owned", step_page_counts },
};

int main(void)
{
    int status;

    hypercall_open();
    status = say_steps(steps, sizeof(steps) / sizeof(steps[0]));
    if ( status )
        shell("xl destroy " NAME " >/dev/null 2>&1");
    return status;
}
