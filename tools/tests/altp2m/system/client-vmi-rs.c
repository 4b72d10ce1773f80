/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmi-rs: events of page walks filtered out, events of instructions that Xen
 * can't emulate, registers set by the answer, and writes denied.
 */
#include "client.h"

static uint16_t view;
static uint64_t max_kib;

static void start(void)
{
    xc_domaininfo_t info;

    call(xc_domain_getinfolist(xch, domid, 1, &info), "getinfolist");
    max_kib = info.max_pages << (XC_PAGE_SHIFT - 10);
    call(xc_domain_setmaxmem(xch, domid, ~0ULL), "setmaxmem ~0");
    monitor_on();
    views_on(true);
    call(xc_monitor_inguest_pagefault(xch, domid, true),
         "monitor_inguest_pagefault 1");
    call(xc_monitor_emul_unimplemented(xch, domid, true),
         "monitor_emul_unimplemented 1");
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    view = make_view("V", XENMEM_access_rwx);
    enter_view(view);
}

static void stop(void)
{
    pause_guest();
    enter_view(0);
    drop_view(view);
    views_on(false);
    call(xc_domain_setmaxmem(xch, domid, max_kib), "setmaxmem as before");
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    call(xc_monitor_emul_unimplemented(xch, domid, false),
         "monitor_emul_unimplemented 0");
    call(xc_monitor_inguest_pagefault(xch, domid, false),
         "monitor_inguest_pagefault 0");
    monitor_off();
    unpause_guest();
}

/* Over a page that is watched, in view 0, for one instruction. */
static void answer_fast(const vm_event_request_t *request,
                        vm_event_response_t *response)
{
    (void)request;
    answer_view(response, 0);
    response->u.fast_singlestep.p2midx = view;
    answer_flags(response, VM_EVENT_FLAG_FAST_SINGLESTEP, "FAST_SINGLESTEP V");
}

/* Xen emulates it; what it can't is another event, and is stepped over. */
static void answer_emulate(const vm_event_request_t *request,
                           vm_event_response_t *response)
{
    if ( request->reason == VM_EVENT_REASON_EMUL_UNIMPLEMENTED )
        answer_fast(request, response);
    else
        answer_flags(response, VM_EVENT_FLAG_EMULATE, "EMULATE");
}

/* The function returns at once, with a value of ours. */
static void answer_registers(const vm_event_request_t *request,
                             vm_event_response_t *response)
{
    response->data.regs.x86 = request->data.regs.x86;
    response->data.regs.x86.rax = 0xface;
    response->data.regs.x86.rip += RET_OFFSET;
    response->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    response->altp2m_idx = 0;
    answer_flags(response, VM_EVENT_FLAG_SET_REGISTERS,
                 "SET_REGISTERS, ALTERNATE_P2M 0");
}

static void answer_deny(const vm_event_request_t *request,
                        vm_event_response_t *response)
{
    (void)request;
    answer_flags(response, VM_EVENT_FLAG_DENY, "DENY");
}

static void answer_continue(const vm_event_request_t *request,
                            vm_event_response_t *response)
{
    (void)request;
    answer_flags(response, 0, "as it is");
}

/* CPUID is skipped, and names nobody. */
static void answer_cpuid(const vm_event_request_t *request,
                         vm_event_response_t *response)
{
    response->data.regs.x86 = request->data.regs.x86;
    response->data.regs.x86.rbx = 0;
    response->data.regs.x86.rip += request->u.cpuid.insn_length;
    answer_flags(response, VM_EVENT_FLAG_SET_REGISTERS, "SET_REGISTERS");
}

static void watch_data(void)
{
    tell("a watched page");
    set_access(view, DATA_GFN, XENMEM_access_rx);
    guest_writes(answer_fast, DATA_GFN, DATA_VALUE + 1);
    guest_writes(answer_emulate, DATA_GFN, DATA_VALUE);
    guest_reads(answer_fast, DATA_GFN);
    set_access(view, DATA_GFN, XENMEM_access_n);
    guest_reads(answer_emulate, DATA_GFN);
    guest_reads(answer_fast, DATA_GFN);
    set_access(view, DATA_GFN, XENMEM_access_rwx);
    guest_reads(answer_fast, DATA_GFN);
}

/*
 * The guest's own page table: no event of the CPU's walks.  On AMD each walk is
 * a write, so that Xen would have to emulate whatever the guest does.
 */
static void watch_table(void)
{
    uint64_t table;

    guest_do(guest, 0, COMMAND(CMD_FEATURES));
    table = guest->slot[0]->result[2] >> 12;
    name_gfn(table, "table");
    tell("a watched page table");
    tag("amd-walks-write");
    if ( guest->slot[0]->result[0] == FEATURE_AMD )
    {
        tell("  not here");
        tag(NULL);
        return;
    }
    set_access(view, table, XENMEM_access_r);
    guest_reads(answer_emulate, DATA_GFN);
    guest_calls(answer_emulate);
    set_access(view, table, XENMEM_access_rwx);
    tag(NULL);
}

static void answers(void)
{
    tell("registers set by the answer");
    set_access(view, CODE_GFN, XENMEM_access_rw);
    guest_calls(answer_registers);
    enter_view(view);
    set_access(view, CODE_GFN, XENMEM_access_rwx);
    guest_calls(answer_continue);

    tell("writes to CR4");
    call(xc_monitor_write_ctrlreg(xch, domid, VM_EVENT_X86_CR4, true, true, 0,
                                  false), "monitor_write_ctrlreg CR4 1");
    guest_does(answer_deny, "toggles CR4.TSD", COMMAND(CMD_TOGGLE_TSD, 1));
    guest_does(answer_continue, "toggles CR4.TSD", COMMAND(CMD_TOGGLE_TSD, 1));
    guest_does(answer_continue, "toggles CR4.TSD", COMMAND(CMD_TOGGLE_TSD, 1));
    call(xc_monitor_write_ctrlreg(xch, domid, VM_EVENT_X86_CR4, false, true, 0,
                                  false), "monitor_write_ctrlreg CR4 0");
    guest_does(answer_continue, "toggles CR4.TSD", COMMAND(CMD_TOGGLE_TSD, 1));
    guest_does(answer_continue, "toggles CR4.TSD", COMMAND(CMD_TOGGLE_TSD, 1));

    tell("CPUID");
    call(xc_monitor_cpuid(xch, domid, true), "monitor_cpuid 1");
    guest_does(answer_cpuid, "asks CPUID whose the CPU is",
               COMMAND(CMD_FEATURES));
    call(xc_monitor_cpuid(xch, domid, false), "monitor_cpuid 0");
}

static void breakpoint(void)
{
    uint64_t shadow;

    tell("a breakpoint");
    call(xc_monitor_software_breakpoint(xch, domid, true),
         "monitor_software_breakpoint 1");
    shadow = add_page("shadow");
    copy_page(CODE_GFN, shadow);
    change_gfn(view, CODE_GFN, shadow);
    tag("amd-int3");
    put_byte(gpa_of(shadow), 0xcc);
    guest_calls(answer_fast);
    guest_calls(answer_fast);
    tag(NULL);
    change_gfn(view, CODE_GFN, NO_GFN);
    guest_calls(answer_fast);
    call(xc_monitor_software_breakpoint(xch, domid, false),
         "monitor_software_breakpoint 0");
    take_page(shadow);
}

/* Who is not to be told of steps doesn't ask for their events. */
static void step_unasked(void)
{
    tell("fast steps, and no events of steps");
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    set_access(view, DATA_GFN, XENMEM_access_rx);
    tag("fast-step-ends");
    guest_writes(answer_fast, DATA_GFN, DATA_VALUE);
    guest_writes(answer_fast, DATA_GFN, DATA_VALUE);
    tag(NULL);
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    enter_view(view);
    set_access(view, DATA_GFN, XENMEM_access_rwx);
}

void vmi_rs(void)
{
    start();
    watch_data();
    watch_table();
    answers();
    breakpoint();
    step_unasked();
    stop();
    guest_calls(answer_continue);
}
