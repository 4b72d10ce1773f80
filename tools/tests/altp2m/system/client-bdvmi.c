/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bdvmi: one view, in which every gfn's rights are set at the start; writes
 * that Xen emulates, or leaves out, or gives other data to; exceptions put into
 * the guest, of which the event of the next interrupt tells.
 */
#define XC_WANT_COMPAT_DEVICEMODEL_API  /* xc_hvm_inject_trap() */
#include "client.h"

#include <stdlib.h>

static uint16_t view;

static void start(void)
{
    uint64_t count = GUEST_PAGES;
    uint64_t *gfns = calloc(count, sizeof(*gfns));
    uint8_t *accesses = calloc(count, sizeof(*accesses));
    uint16_t index = 0xffff;

    views_on(true);
    view = make_view("V", XENMEM_access_rwx);
    call(xc_altp2m_get_vcpu_p2m_idx(xch, domid, 0, &index), "get_p2m_idx");
    tell("  view %u", index);
    enter_view(view);
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    call(xc_monitor_emul_unimplemented(xch, domid, true),
         "monitor_emul_unimplemented 1");
    monitor_on();
    call(xc_domain_set_access_required(xch, domid, 0),
         "set_access_required 0");
    call(xc_monitor_inguest_pagefault(xch, domid, true),
         "monitor_inguest_pagefault 1");
    for ( uint64_t i = 0; i < count; i++ )
    {
        gfns[i] = i;
        accesses[i] = XENMEM_access_rwx;
    }
    call(xc_altp2m_set_mem_access_multi(xch, domid, view, accesses, gfns,
                                        count), "set_mem_access_multi V all "
                                                "rwx");
    free(gfns);
    free(accesses);
}

/* Its order: the ring goes before what it told of. */
static void stop(void)
{
    call(xc_monitor_guest_request(xch, domid, false, true, true),
         "monitor_guest_request 0");
    call(xc_monitor_software_breakpoint(xch, domid, false),
         "monitor_software_breakpoint 0");
    call(xc_monitor_inguest_pagefault(xch, domid, false),
         "monitor_inguest_pagefault 0");
    monitor_off();
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    call(xc_monitor_emul_unimplemented(xch, domid, false),
         "monitor_emul_unimplemented 0");
    enter_view(0);
    drop_view(view);
    views_on(false);
}

static void answer_emulate(const vm_event_request_t *request,
                           vm_event_response_t *response)
{
    (void)request;
    answer_flags(response, VM_EVENT_FLAG_EMULATE, "EMULATE");
}

static void answer_no_write(const vm_event_request_t *request,
                            vm_event_response_t *response)
{
    (void)request;
    answer_flags(response, VM_EVENT_FLAG_EMULATE |
                           VM_EVENT_FLAG_EMULATE_NOWRITE, "EMULATE_NOWRITE");
}

static void answer_data(const vm_event_request_t *request,
                        vm_event_response_t *response)
{
    (void)request;
    response->data.emul.read.size = 8;
    *(uint64_t *)response->data.emul.read.data = 0xf00d;
    answer_flags(response, VM_EVENT_FLAG_EMULATE |
                           VM_EVENT_FLAG_SET_EMUL_READ_DATA,
                 "SET_EMUL_READ_DATA");
}

/* The access is left out, and the guest gets a page fault in its place. */
static void answer_trap(const vm_event_request_t *request,
                        vm_event_response_t *response)
{
    if ( request->reason == VM_EVENT_REASON_MEM_ACCESS )
    {
        call(xc_hvm_inject_trap(xch, domid, 0, 14, 3 /* exception */, 2, 0,
                                gpa_of(DATA_GFN)), "hvm_inject_trap 14");
        answer_flags(response, VM_EVENT_FLAG_GET_NEXT_INTERRUPT,
                     "GET_NEXT_INTERRUPT");
    }
    else
        answer_flags(response, 0, "as it is");
}

void bdvmi(void)
{
    start();
    guest_calls(answer_emulate);
    guest_reads(answer_emulate, DATA_GFN);
    set_access(view, DATA_GFN, XENMEM_access_rx);
    guest_writes(answer_no_write, DATA_GFN, 1);
    guest_reads(answer_emulate, DATA_GFN);
    guest_writes(answer_emulate, DATA_GFN, DATA_VALUE + 2);
    guest_reads(answer_emulate, DATA_GFN);
    set_access(view, DATA_GFN, XENMEM_access_n);
    guest_reads(answer_data, DATA_GFN);
    guest_reads(answer_emulate, DATA_GFN);
    tell("a trap in place of an access");
    guest_writes(answer_trap, DATA_GFN, 1);
    set_access(view, DATA_GFN, XENMEM_access_rwx);
    guest_reads(answer_emulate, DATA_GFN);
    stop();
    guest_reads(answer_emulate, DATA_GFN);
}
