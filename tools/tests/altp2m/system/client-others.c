/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-access's calls in its altp2m modes; a second monitor on the same guest;
 * and a ring that nobody empties until it is full.
 */
#include "client.h"

static void answer_continue(const vm_event_request_t *request,
                            vm_event_response_t *response)
{
    (void)request;
    answer_flags(response, 0, "as it is");
}

static void access_mode(const char *name, unsigned int access)
{
    tell("mode %s", name);
    call(xc_domain_set_access_required(xch, domid, 0),
         "set_access_required 0");
    views_on(true);
    home_view = make_view("V", XENMEM_access_rwx);
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    set_access(home_view, CODE_GFN, access);
    set_access(home_view, DATA_GFN, access);
    set_access(home_view, last_gfn() + 1, access);
    enter_view(home_view);
    guest_calls(answer_over);
    guest_reads(answer_over, DATA_GFN);
    guest_writes(answer_over, DATA_GFN, DATA_VALUE);
    enter_view(0);
    drop_view(home_view);
    views_on(false);
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    guest_calls(answer_over);
}

void xen_access(void)
{
    monitor_on();
    access_mode("altp2m_write", XENMEM_access_rx);
    access_mode("altp2m_exec", XENMEM_access_rw);
    monitor_off();
    guest_calls(answer_over);
}

void two_monitors(void)
{
    uint32_t remote;
    void *page;

    monitor_on();
    page = xc_monitor_enable(xch, domid, &remote);
    call(page ? 0 : -1, "monitor_enable of a second monitor");
    views_on(true);
    views_on(true);
    home_view = make_view("V", XENMEM_access_rwx);
    set_access(home_view, DATA_GFN, XENMEM_access_rx);
    enter_view(home_view);
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    guest_writes(answer_over, DATA_GFN, DATA_VALUE);
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    monitor_off();

    tell("the second when the first is gone");
    monitor_on();
    guest_writes(answer_continue, OTHER_GFN, OTHER_VALUE);
    enter_view(0);
    drop_view(home_view);
    views_on(false);
    monitor_off();
    call(xc_monitor_disable(xch, domid), "monitor_disable again");
    guest_calls(answer_continue);
}

/* More than the ring has room for. */
#define TIMES 64

/* Whether the guest waits, with nobody there to listen. */
static void toggle_unheard(void)
{
    call(xc_monitor_write_ctrlreg(xch, domid, VM_EVENT_X86_CR4, true, false, 0,
                                  false), "monitor_write_ctrlreg CR4 1");
    tell("guest toggles CR4.TSD, and nobody listens");
    guest_post(guest, 0, COMMAND(CMD_TOGGLE_TSD, TIMES));
    tell("  the guest %s", guest_answers(guest, 0, 1000) ? "is done" :
                           "waits for room");
}

/* Events that the guest doesn't wait for, until there is no room for more. */
void full_ring(void)
{
    monitor_on();
    toggle_unheard();
    tell("  %u events in all", count_events(TIMES));
    call(xc_monitor_write_ctrlreg(xch, domid, VM_EVENT_X86_CR4, false, false,
                                  0, false), "monitor_write_ctrlreg CR4 0");

    tell("the monitor goes while the ring is full");
    toggle_unheard();
    monitor_off();
    tell("  the guest %s", guest_answers(guest, 0, 4000) ? "is done" :
                           "stands still");
}
