/* SPDX-License-Identifier: GPL-2.0-only */
/* A monitor on a guest that xl saves, restores or reboots meanwhile. */
#include "client.h"
#include "toolstack.h"

#include <unistd.h>

#define NAME "client"

/* Looks at a page that the guest writes to. */
static void watch(struct guest *g)
{
    guest = g;
    domid = g->domid;
    monitor_on();
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    views_on(true);
    home_view = make_view("V", XENMEM_access_rwx);
    set_access(home_view, DATA_GFN, XENMEM_access_rx);
    change_gfn(home_view, OTHER_GFN, DATA_GFN);
    enter_view(home_view);
    guest_writes(answer_over, DATA_GFN, DATA_VALUE);
    guest_reads(answer_over, OTHER_GFN);
}

static void let_go(void)
{
    enter_view(0);
    drop_view(home_view);
    views_on(false);
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    monitor_off();
}

static struct guest *new_guest(const char *settings)
{
    struct guest *g;

    shell("xl destroy " NAME " 2>/dev/null");
    g = xl_create(NAME, settings);
    guest_write(g, gpa_of(OTHER_GFN), OTHER_VALUE);
    return g;
}

static void end(void)
{
    let_go();
    guest_reads(answer_over, OTHER_GFN);
    guests_destroy();
    shell("xl destroy " NAME);
}

void xl_saves(void)
{
    struct guest *g = new_guest("");

    watch(g);
    tell("xl save");
    xl_save(g, NAME);
    let_go();
    tell("xl restore");
    expect(shell("xl restore /tmp/" NAME ".save"), "xl restore fails");
    unlink("/tmp/" NAME ".save");
    g = guest_adopt(xl_domid(NAME));
    guest = g;
    guest_reads(answer_over, DATA_GFN);
    guest_reads(answer_over, OTHER_GFN);
    watch(g);
    end();
}

void xl_reboots(void)
{
    struct guest *g = new_guest("on_reboot = \"restart\"");
    uint32_t next;

    watch(g);
    tell("the guest reboots");
    next = xl_reboot_guest(g, NAME);
    let_go();
    tell("the guest is back");
    watch(guest_adopt(next));
    end();
}
