/* SPDX-License-Identifier: GPL-2.0-only */
#include "capability.h"
#include "guest.h"
#include "harness.h"
#include "monitor.h"

#include <stdio.h>
#include <string.h>

#include <xenctrl.h>

static const struct
{
    unsigned int bit;
    const char *name;
} names[] = {
    { NEEDS_VIEWS, "views" }, { NEEDS_VMFUNC, "vmfunc" }, { NEEDS_VE, "ve" },
    { NEEDS_HARDWARE, "hardware" }, { NEEDS_MTF, "mtf" },
    { NEEDS_INT3, "int3" },
};

#define COUNT (sizeof(names) / sizeof(names[0]))

const char *capability_names(unsigned int set)
{
    static char text[128];

    text[0] = 0;
    for ( unsigned int i = 0; i < COUNT; i++ )
        if ( set & names[i].bit )
        {
            if ( text[0] )
                strcat(text, ",");
            strcat(text, names[i].name);
        }
    return text;
}

unsigned int capability_parse(const char *text)
{
    unsigned int set = 0;

    for ( unsigned int i = 0; i < COUNT; i++ )
        if ( strstr(text, names[i].name) )
            set |= names[i].bit;
    return set;
}

/* A switch by VMFUNC that costs much less than an exit makes none. */
static bool vmfunc_is_cheap(struct guest *g)
{
    uint64_t exits = guest_do(g, 0, COMMAND(CMD_CPUID_LOOP, 100))->result[0];
    uint64_t switches =
        guest_do(g, 0, COMMAND(CMD_VMFUNC_LOOP, 1, 0, 100))->result[0];

    return switches < exits / 4;
}

static unsigned int found;

static void probe(void)
{
    struct guest *g = guest_new(NULL);
    uint32_t events = 0;
    uint16_t view;

    if ( view_state_set(g->domid, true) )
        return;
    found |= NEEDS_VIEWS;

    if ( !xc_monitor_get_capabilities(xch, g->domid, &events) &&
         (events & (1u << XEN_DOMCTL_MONITOR_EVENT_SINGLESTEP)) )
        found |= NEEDS_MTF;

    if ( view_create(g->domid, XENMEM_access_rwx, &view) ||
         view_notify_on(g->domid, 0, PAYLOAD_VE_INFO >> 12) )
        return;
    found |= NEEDS_VE;

    if ( guest_try(g, 0, COMMAND(CMD_VMFUNC, 0, view)) )
        return;
    found |= NEEDS_VMFUNC;
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, 0));
    if ( vmfunc_is_cheap(g) )
        found |= NEEDS_HARDWARE;
}

#define INT3 0xcc
#define NOP  0x90
#define RET  0xc3

static struct guest *probed;

/* The INT3 is taken out, and the guest goes on. */
static void answer_int3(const vm_event_request_t *request,
                        vm_event_response_t *answer)
{
    (void)answer;
    if ( request->reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
        host_write(probed, TEST_GPA, NOP | RET << 8);
}

/* Not every CPU looks whether INT3 is intercepted (docs/caveats.md). */
static void probe_int3(void)
{
    struct monitor *m;

    probed = guest_new(NULL);
    m = monitor_open(probed, answer_int3);
    if ( xc_monitor_software_breakpoint(xch, probed->domid, true) )
        return;
    host_write(probed, TEST_GPA, INT3 | RET << 8);
    guest_try(probed, 0, COMMAND(CMD_EXEC, TEST_GPA));
    if ( m->count )
        found |= NEEDS_INT3;
}

static void look(void (*probe_one)(void))
{
    const char *problem = guarded(probe_one);

    if ( problem )
        note("looking for capabilities: %s", problem);
}

unsigned int capabilities(void)
{
    static bool known;

    if ( !known )
    {
        known = true;
        look(probe);
        look(probe_int3);
    }
    return found;
}
