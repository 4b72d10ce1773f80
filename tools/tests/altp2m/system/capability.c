/* SPDX-License-Identifier: GPL-2.0-only */
#include "capability.h"
#include "guest.h"
#include "harness.h"

#include <cpuid.h>
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

bool on_qemu_cpu(void)
{
    unsigned int brand[13] = { 0 };

    for ( unsigned int i = 0; i < 3; i++ )
        __get_cpuid(0x80000002 + i, &brand[i * 4], &brand[i * 4 + 1],
                    &brand[i * 4 + 2], &brand[i * 4 + 3]);
    return strstr((const char *)brand, "QEMU");
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
    if ( !on_qemu_cpu() )
        found |= NEEDS_INT3;

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

unsigned int capabilities(void)
{
    static bool known;
    const char *problem;

    if ( !known )
    {
        known = true;
        problem = guarded(probe);
        if ( problem )
            note("looking for capabilities: %s", problem);
    }
    return found;
}
