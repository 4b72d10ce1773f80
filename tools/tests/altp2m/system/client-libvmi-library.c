/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LibVMI itself, by its public interface: the library in the directory that
 * LIBVMI names.
 */
#include "client.h"

#include <libvmi/libvmi.h>
#include <libvmi/events.h>
#include <libvmi/slat.h>

#include <string.h>

static vmi_instance_t vmi;
static vmi_event_t memory, step;
static uint16_t view;
static unsigned int seen;

/* A status; LibVMI says no more. */
#define status(rc, ...) told_status((rc) == VMI_SUCCESS, __VA_ARGS__)

static void told_status(bool good, const char *what, const char *more)
{
    tell("%s%s%s: %s", what, *more ? " " : "", more, good ? "success" :
                                                            "failure");
}

/* Over the instruction in view 0. */
static event_response_t on_memory(vmi_instance_t instance, vmi_event_t *event)
{
    (void)instance;
    seen++;
    tell("event mem_access %s%s%s%s in %s", gfn_name(event->mem_event.gfn),
         event->mem_event.out_access & VMI_MEMACCESS_R ? " r" : "",
         event->mem_event.out_access & VMI_MEMACCESS_W ? " w" : "",
         event->mem_event.out_access & VMI_MEMACCESS_X ? " x" : "",
         view_name(event->slat_id));
    event->slat_id = 0;
    return VMI_EVENT_RESPONSE_SLAT_ID | VMI_EVENT_RESPONSE_TOGGLE_SINGLESTEP;
}

static event_response_t on_step(vmi_instance_t instance, vmi_event_t *event)
{
    (void)instance;
    seen++;
    tell("event singlestep in %s", view_name(event->slat_id));
    event->slat_id = view;
    return VMI_EVENT_RESPONSE_SLAT_ID | VMI_EVENT_RESPONSE_TOGGLE_SINGLESTEP;
}

static unsigned int listen_by_library(void)
{
    unsigned int before = seen;

    if ( vmi_events_listen(vmi, 1) != VMI_SUCCESS )
        tell("vmi_events_listen: failure");
    return seen - before;
}

static void start(void)
{
    uint64_t id = domid;
    vmi_init_error_t error;

    status(vmi_init(&vmi, VMI_XEN, &id, VMI_INIT_DOMAINID | VMI_INIT_EVENTS,
                    NULL, &error), "vmi_init", "");
    listen_for = listen_by_library;
    status(vmi_slat_control(vmi, true), "vmi_slat_control", "1");
    status(vmi_slat_create(vmi, &view), "vmi_slat_create", "V");
    name_view(view, "V");
    memset(&memory, 0, sizeof(memory));
    memset(&step, 0, sizeof(step));
    SETUP_MEM_EVENT(&memory, ~0ULL, VMI_MEMACCESS_RWX, on_memory, 1);
    status(vmi_register_event(vmi, &memory), "vmi_register_event", "memory");
    SETUP_SINGLESTEP_EVENT(&step, 1, on_step, 0);
    status(vmi_register_event(vmi, &step), "vmi_register_event", "step");
    status(vmi_slat_switch(vmi, view), "vmi_slat_switch", "V");
}

static void set_event(uint64_t gfn, vmi_mem_access_t access, const char *name)
{
    status(vmi_set_mem_event(vmi, gfn, access, view), "vmi_set_mem_event",
           name);
}

static void change(uint64_t gfn, uint64_t target, const char *name)
{
    status(vmi_slat_change_gfn(vmi, view, gfn, target), "vmi_slat_change_gfn",
           name);
}

static void use(void)
{
    guest_reads(NULL, DATA_GFN);
    guest_writes(NULL, DATA_GFN, DATA_VALUE);
    guest_reads(NULL, OTHER_GFN);
    guest_calls(NULL);
}

void libvmi_library(void)
{
    uint64_t word = 0;

    start();
    use();
    set_event(DATA_GFN, VMI_MEMACCESS_W, "data w");
    use();
    set_event(DATA_GFN, VMI_MEMACCESS_RWX, "data rwx");
    use();
    set_event(DATA_GFN, VMI_MEMACCESS_N, "data none");
    set_event(CODE_GFN, VMI_MEMACCESS_X, "code x");
    use();
    change(OTHER_GFN, DATA_GFN, "other data");
    use();
    change(OTHER_GFN, ~0ULL, "other ~0");
    change(CODE_GFN, ~0ULL, "code ~0");
    use();
    status(vmi_read_64_pa(vmi, gpa_of(DATA_GFN), &word), "vmi_read_64_pa",
           "data");
    tell("  %#llx", (unsigned long long)word);

    tell("it ends, and the view stays");
    set_event(DATA_GFN, VMI_MEMACCESS_RWX, "data rwx");
    change(OTHER_GFN, DATA_GFN, "other data");
    listen_for = NULL;
    status(vmi_destroy(vmi), "vmi_destroy", "");
    use();
}
