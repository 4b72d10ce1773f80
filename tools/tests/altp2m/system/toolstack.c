/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the distribution's toolstack, and views that live meanwhile. */
#include "toolstack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xenstore.h>

#define NAME "altp2m-test"

static void with_views(struct guest *g, uint16_t *view)
{
    expect_ok(view_state_set(g->domid, true));
    *view = new_view(g);
    guest_fill(g, TEST_GPA, 32, 51);
    expect_ok(view_access_set(g->domid, *view, TEST_GFN, XENMEM_access_rx));
    expect_ok(view_remap(g->domid, *view, TEST_GFN + 1, TEST_GFN + 2));
    expect_ok(view_switch(g->domid, *view));
    guest_alive(g);
}

static void clear_away(void)
{
    shell("xl destroy " NAME " >/dev/null 2>&1");
    unlink("/tmp/" NAME ".save");
}

static void expect_gone(uint32_t domid)
{
    xc_dominfo_t info;

    for ( unsigned int i = 0; i < 250; i++ )
    {
        if ( xc_domain_getinfo(xch, domid, 1, &info) != 1 ||
             info.domid != domid )
            return;
        usleep(20000);
    }
    fail("domain %u is still there", domid);
}

static void toolstack_destroy(void)
{
    struct guest *g;
    uint16_t view;

    clear_away();
    g = xl_create(NAME, "");
    with_views(g, &view);
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA));
    expect(shell("xl destroy " NAME), "xl destroy fails");
    for ( unsigned int i = 0; i < g->vcpus; i++ )
    {
        host_unmap((void *)g->slot[i]);
        g->slot[i] = NULL;
    }
    expect_gone(g->domid);
}

static void toolstack_modes(void)
{
    static const struct
    {
        const char *setting;
        uint64_t mode;
    } modes[] = {
        { "altp2m = \"disabled\"\naltp2m_count = 0", XEN_ALTP2M_disabled },
        { "altp2m = \"mixed\"", XEN_ALTP2M_mixed },
        { "altp2m = \"external\"", XEN_ALTP2M_external },
        { "altp2m = \"limited\"", XEN_ALTP2M_limited },
    };

    for ( unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++ )
    {
        uint64_t mode = ~0ULL;
        struct guest *g;

        clear_away();
        g = xl_create(NAME, modes[i].setting);
        expect(!xc_hvm_param_get(xch, g->domid, HVM_PARAM_ALTP2M, &mode),
               "no mode");
        expect_equal(mode, modes[i].mode, "mode");
        expect(view_state_set(g->domid, true) ==
               (modes[i].mode == XEN_ALTP2M_disabled ? -EINVAL : 0),
               "turning altp2m on with %s", modes[i].setting);
        guests_destroy();
    }
    clear_away();
}

static void toolstack_pause_unpause(void)
{
    const volatile struct payload_slot *s;
    struct guest *g;
    uint64_t rounds;
    uint16_t view;

    clear_away();
    g = xl_create(NAME, "");
    with_views(g, &view);
    s = g->slot[0];
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA + 0x1000));
    guest_run(g, 5);
    expect(shell("xl pause " NAME), "xl pause fails");
    rounds = s->rounds;
    guest_run(g, 20);
    expect_equal(s->rounds, rounds, "rounds while paused");
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 3));
    expect(shell("xl unpause " NAME), "xl unpause fails");
    guest_await_round(g, rounds);
    guest_alive(g);
    expect_view(g, 0, view);
    expect_equal(s->values, 2, "values seen");
    expect_equal(s->value[1].value, payload_pattern(TEST_GPA + 0x3000, 51),
                 "value after the change");
    guests_destroy();
    clear_away();
}

uint32_t xl_reboot_guest(struct guest *g, const char *name)
{
    uint32_t first = g->domid, domid;

    guest_post(g, 0, COMMAND(CMD_SHUTDOWN, SHUTDOWN_reboot));
    guest_run(g, 20);
    guests_destroy(); /* lets go of its memory */
    for ( unsigned int i = 0; i < 400; i++ )
    {
        domid = xl_domid(name);
        if ( domid && domid != first )
            return domid;
        usleep(50000);
    }
    fail("the guest does not come back");
}

/* A guest that reboots with views live comes up again, without them. */
static void toolstack_reboot(void)
{
    struct guest *g;
    uint32_t first, domid;
    uint16_t view;
    bool on = true;

    clear_away();
    g = xl_create(NAME, "on_reboot = \"restart\"");
    with_views(g, &view);
    first = g->domid;
    domid = xl_reboot_guest(g, NAME);
    g = guest_adopt(domid);
    expect_ok(view_state_get(domid, &on));
    expect(!on, "altp2m is on after the reboot");
    with_views(g, &view);
    guests_destroy();
    clear_away();
    expect_gone(first);
}

/*
 * The toolstack asks a PVH guest to suspend through xenstore, or by an event
 * channel if it names one there.  The payload knows nothing of xenstore: it
 * makes the channel, we name it.
 */
static evtchn_port_t suspend_channel(struct guest *g, uint8_t *buffer)
{
    struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = 0 };
    struct xs_handle *xs = xs_open(0);
    char path[64], port[16];

    memcpy(buffer, &alloc, sizeof(alloc));
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL,
                                        __HYPERVISOR_event_channel_op,
                                        EVTCHNOP_alloc_unbound,
                                        PAYLOAD_BUFFER))->result[0],
                 0, "making an event channel");
    memcpy(&alloc, buffer, sizeof(alloc));
    snprintf(path, sizeof(path),
             "/local/domain/%u/device/suspend/event-channel", g->domid);
    snprintf(port, sizeof(port), "%u", alloc.port);
    expect(xs && xs_write(xs, XBT_NULL, path, port, strlen(port)),
           "can't write to xenstore");
    xs_close(xs);
    return alloc.port;
}

/* The guest waits to be asked to suspend, and does. */
void xl_save(struct guest *g, const char *name)
{
    uint8_t *buffer = host_map(g, PAYLOAD_BUFFER >> 12);
    struct sched_poll poll = { .nr_ports = 1 };
    evtchn_port_t port = suspend_channel(g, buffer);
    char command[128];
    FILE *xl;

    set_xen_guest_handle_raw(poll.ports, (void *)(PAYLOAD_BUFFER + 0x100));
    memcpy(buffer, &poll, sizeof(poll));
    memcpy(buffer + 0x100, &port, sizeof(port));
    host_unmap(buffer);
    guest_post(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_sched_op, SCHEDOP_poll,
                             PAYLOAD_BUFFER));
    snprintf(command, sizeof(command), "xl save %s /tmp/%s.save", name, name);
    xl = popen(command, "w");
    expect(xl, "can't run xl");
    expect(guest_answers(g, 0, 60000), "the guest is not asked to suspend");
    guest_post(g, 0, COMMAND(CMD_SHUTDOWN, SHUTDOWN_suspend));
    guests_destroy(); /* lets go of its memory */
    expect(!pclose(xl), "xl save fails");
}

/* Saved with views live, restored without: its memory is what the host had. */
static void toolstack_save_restore(void)
{
    struct guest *g;
    uint16_t view;

    clear_away();
    g = xl_create(NAME, "");
    with_views(g, &view);
    guest_write(g, TEST_GPA + 0x1000, 0x777); /* reaches the page behind */
    xl_save(g, NAME);
    expect(shell("xl restore /tmp/" NAME ".save"), "xl restore fails");
    g = guest_adopt(xl_domid(NAME));
    expect_equal(guest_read(g, TEST_GPA + 0x2000), 0x777, "page written to");
    expect_equal(guest_read(g, TEST_GPA + 0x1000),
                 payload_pattern(TEST_GPA + 0x1000, 51), "remapped page");
    guest_verify(g, TEST_GPA + 0x3000, 29, 51);
    with_views(g, &view);
    guests_destroy();
    clear_away();
}

/* A guest that powers itself off with views live is cleared away by xl. */
static void toolstack_shutdown(void)
{
    struct guest *g;
    uint32_t domid;
    uint16_t view;

    clear_away();
    g = xl_create(NAME, "on_poweroff = \"destroy\"");
    with_views(g, &view);
    domid = g->domid;
    guest_post(g, 0, COMMAND(CMD_SHUTDOWN, SHUTDOWN_poweroff));
    guest_run(g, 20);
    guests_destroy(); /* lets go of its memory */
    expect_gone(domid);
    clear_away();
}

static bool output_has(const char *command, const char *text)
{
    char line[256];
    bool found = false;
    FILE *f = popen(command, "r");

    while ( f && fgets(line, sizeof(line), f) )
        found |= strstr(line, text) != NULL;
    if ( f )
        pclose(f);
    return found;
}

/* What does not go together is refused when the guest is made, with the reason. */
static void toolstack_refuses(void)
{
    static const struct
    {
        const char *settings, *reason;
    } refused[] = {
        { "nestedhvm = 1", "nestedhvm and altp2mhvm cannot be used together" },
        { "maxmem = 32", "Cannot enable PoD and ALTP2M at the same time" },
    };

    for ( unsigned int i = 0; i < 2; i++ )
    {
        clear_away();
        xl_write_config(NAME, refused[i].settings);
        expect(output_has("xl create -q /tmp/" NAME ".cfg 2>&1",
                          refused[i].reason),
               "xl does not say: %s", refused[i].reason);
        expect(!xl_domid(NAME), "there is a guest, with %s",
               refused[i].settings);
    }
}

const struct test tests_toolstack[] = {
    { "toolstack_destroy", NEEDS_VIEWS, toolstack_destroy },
    { "toolstack_modes", NEEDS_VIEWS, toolstack_modes },
    { "toolstack_pause_unpause", NEEDS_VIEWS, toolstack_pause_unpause },
    { "toolstack_reboot", NEEDS_VIEWS, toolstack_reboot },
    { "toolstack_save_restore", NEEDS_VIEWS, toolstack_save_restore },
    { "toolstack_shutdown", NEEDS_VIEWS, toolstack_shutdown },
    { "toolstack_refuses", NEEDS_VIEWS, toolstack_refuses },
    { 0 },
};
