/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LibVMI: views ("slat"), each made with a default access that one of its
 * versions passes; memory events in a view and in the host's map, stepped over
 * by taking the rights off for an instruction; and its end, which takes back
 * what it did in views by nothing but xc_set_mem_access() on all gfns.
 */
#include "client.h"

static uint16_t view;       /* where the event's gfn has its rights */
static unsigned int rights; /* to be given back after the step */
static uint64_t stepped;    /* that gfn, while it is stepped over */

/* vmi_set_mem_event(): view 0 is the host's map. */
static void set_mem_event(uint64_t gfn, unsigned int access)
{
    if ( view )
        set_access(view, gfn, access);
    else
        host_access(gfn, access);
}

static void watch(uint16_t in, uint64_t gfn, unsigned int access)
{
    view = in;
    rights = access;
    stepped = 0;
    set_mem_event(gfn, access);
}

/* vmi_step_event(): the event off, a step, the event on again. */
static void answer_stepping(const vm_event_request_t *request,
                            vm_event_response_t *response)
{
    if ( request->reason == VM_EVENT_REASON_SINGLESTEP )
        set_mem_event(stepped, rights);
    else
    {
        stepped = request->u.mem_access.gfn;
        set_mem_event(stepped, XENMEM_access_rwx);
    }
    answer_step(response);
}

/* An event is cleared by the first that comes. */
static void answer_clearing(const vm_event_request_t *request,
                            vm_event_response_t *response)
{
    if ( request->reason == VM_EVENT_REASON_MEM_ACCESS )
        set_mem_event(request->u.mem_access.gfn, XENMEM_access_rwx);
    answer_flags(response, 0, "as it is");
}

static void attach(void)
{
    monitor_on();
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
}

/* vmi_destroy(). */
static void detach(bool to_last)
{
    pause_guest();
    listen(answer_clearing);
    host_access_all(to_last, XENMEM_access_rwx);
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    monitor_off();
    unpause_guest();
}

static void use(void)
{
    guest_reads(answer_clearing, DATA_GFN);
    guest_writes(answer_clearing, OTHER_GFN, OTHER_VALUE);
    guest_calls(answer_clearing);
}

/* From Xen 4.19 on a view's access is that of its pages. */
static bool is_default(void)
{
    return (xc_version(xch, XENVER_version, NULL) & 0xffff) >= 19;
}

static void with_default(const char *name, unsigned int access)
{
    uint16_t made;

    tell("a slat made with %s", access_name(access));
    made = make_view(name, access);
    get_access(made, NO_GFN);
    if ( access == XENMEM_access_n && is_default() )
        tag("n-large-page");
    enter_view(made);
    view = made;
    use();
    watch(made, DATA_GFN, XENMEM_access_rx);
    guest_reads(answer_stepping, DATA_GFN);
    guest_writes(answer_stepping, DATA_GFN, DATA_VALUE);
    guest_writes(answer_stepping, DATA_GFN, DATA_VALUE);
    watch(made, DATA_GFN, XENMEM_access_n);
    guest_reads(answer_stepping, DATA_GFN);
    watch(made, DATA_GFN, XENMEM_access_rx);
    guest_writes(answer_clearing, DATA_GFN, DATA_VALUE);
    guest_writes(answer_clearing, DATA_GFN, DATA_VALUE);
    change_gfn(made, DATA_GFN, OTHER_GFN);
    guest_reads(answer_clearing, DATA_GFN);
    change_gfn(made, DATA_GFN, NO_GFN);
    guest_reads(answer_clearing, DATA_GFN);
    enter_view(0);
    tag(NULL);
    use();
    drop_view(made);
}

static void in_view_0(void)
{
    tell("events in the host's map");
    watch(0, DATA_GFN, XENMEM_access_rx);
    guest_reads(answer_stepping, DATA_GFN);
    guest_writes(answer_stepping, DATA_GFN, DATA_VALUE);
    guest_writes(answer_clearing, DATA_GFN, DATA_VALUE);
    guest_writes(answer_clearing, DATA_GFN, DATA_VALUE);
    watch(0, CODE_GFN, XENMEM_access_rw);
    guest_calls(answer_stepping);
    guest_calls(answer_clearing);
    guest_calls(answer_clearing);
}

/* Rights of the host's map are those of a view, whatever it had before. */
static void host_after_view(void)
{
    uint16_t made;

    tell("the host's map after a view's own rights");
    made = make_view("L", XENMEM_access_rwx);
    enter_view(made);
    set_access(made, DATA_GFN, XENMEM_access_rx);
    watch(0, DATA_GFN, XENMEM_access_n);
    get_access(made, DATA_GFN);
    guest_reads(answer_clearing, DATA_GFN);
    get_access(made, DATA_GFN);
    guest_writes(answer_clearing, DATA_GFN, DATA_VALUE);
    set_access(made, DATA_GFN, XENMEM_access_n);
    set_access(made, DATA_GFN, XENMEM_access_default);
    guest_reads(answer_clearing, DATA_GFN);
    enter_view(0);
    drop_view(made);
    drop_view(made);
}

void libvmi(void)
{
    attach();
    in_view_0();
    views_on(true);
    with_default("A", XENMEM_access_rwx);
    with_default("B", XENMEM_access_r);
    with_default("C", XENMEM_access_n);
    host_after_view();
    views_on(false);
    detach(false);
    use();
}

/* Leaves with a view still there, in which the guest is, and comes again. */
void libvmi_leaves(void)
{
    uint16_t made;

    attach();
    views_on(true);
    made = make_view("A", XENMEM_access_rwx);
    enter_view(made);
    watch(made, DATA_GFN, XENMEM_access_n);
    change_gfn(made, OTHER_GFN, DATA_GFN);
    set_access(made, OTHER_GFN, XENMEM_access_rx);
    guest_reads(answer_stepping, DATA_GFN);
    guest_writes(answer_stepping, OTHER_GFN, OTHER_VALUE + 1);
    detach(true);
    get_access(made, DATA_GFN);
    get_access(made, OTHER_GFN);
    use();

    tell("the next client");
    attach();
    use();
    watch(0, DATA_GFN, XENMEM_access_rx);
    guest_writes(answer_stepping, DATA_GFN, DATA_VALUE);
    enter_view(0);
    drop_view(made);
    views_on(false);
    detach(false);
    use();
}
