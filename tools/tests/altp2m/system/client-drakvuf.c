/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DRAKVUF: breakpoints in shadow pages that a view shows in place of the
 * guest's own, in three views.  X is where the guest runs: a page with a
 * breakpoint is its shadow, to be executed only.  R is entered when the guest
 * finds the shadow at its own gfn, and shows it a page of ones.  RX is for
 * processes that aren't looked at.
 */
#include "client.h"

#include <stdio.h>

#define INT3 0xcc

static uint16_t view_x, view_r, view_rx;
static uint64_t sink, shadow;
static uint64_t max_kib;
static bool fast;           /* FAST_SINGLESTEP rather than TOGGLE_SINGLESTEP */
static bool refresh;        /* the step writes to a page with traps */
static bool traps[2];       /* at code+0 and code+RET_OFFSET */

static uint64_t trap_offset(unsigned int i)
{
    return i ? RET_OFFSET : 0;
}

static void write_traps(void)
{
    for ( unsigned int i = 0; i < 2; i++ )
        if ( traps[i] )
            put_byte(gpa_of(shadow) + trap_offset(i), INT3);
}

static void answer(const vm_event_request_t *request,
                   vm_event_response_t *response)
{
    if ( request->reason == VM_EVENT_REASON_SINGLESTEP )
    {
        if ( refresh )
        {
            refresh = false;
            pause_guest();
            copy_page(CODE_GFN, shadow);
            write_traps();
            unpause_guest();
        }
        answer_view(response, view_x);
        answer_step(response);
    }
    else if ( request->reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT && fast )
    {
        answer_view(response, 0);
        response->u.fast_singlestep.p2midx = view_x;
        answer_flags(response, VM_EVENT_FLAG_FAST_SINGLESTEP,
                     "FAST_SINGLESTEP X");
    }
    else if ( request->reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
    {
        answer_view(response, 0);
        answer_step(response);
    }
    else if ( request->u.mem_access.gfn == CODE_GFN )
    {
        refresh = request->u.mem_access.flags & MEM_ACCESS_W;
        answer_view(response, 0);
        answer_step(response);
    }
    else if ( request->u.mem_access.flags & MEM_ACCESS_W )
        answer_flags(response, VM_EVENT_FLAG_EMULATE |
                               VM_EVENT_FLAG_EMULATE_NOWRITE,
                     "EMULATE_NOWRITE");
    else
    {
        answer_view(response, view_r);
        answer_step(response);
    }
}

static void start(void)
{
    uint64_t mode = 0;
    xc_domaininfo_t info;

    monitor_on();
    call(xc_domain_getinfolist(xch, domid, 1, &info), "getinfolist");
    max_kib = info.max_pages << (XC_PAGE_SHIFT - 10);
    call(xc_monitor_singlestep(xch, domid, true), "monitor_singlestep 1");
    call(xc_domain_setmaxmem(xch, domid, ~0ULL), "setmaxmem ~0");
    sink = add_page("sink");
    fill_page(sink, 0xff);
    call(xc_hvm_param_get(xch, domid, HVM_PARAM_ALTP2M, &mode),
         "hvm_param_get ALTP2M");
    if ( mode != XEN_ALTP2M_external )
        call(xc_hvm_param_set(xch, domid, HVM_PARAM_ALTP2M,
                              XEN_ALTP2M_external), "hvm_param_set ALTP2M");
    views_on(true);
    view_x = make_view("X", XENMEM_access_rwx);
    view_r = make_view("R", XENMEM_access_rwx);
    view_rx = make_view("RX", XENMEM_access_rwx);
    call(xc_monitor_software_breakpoint(xch, domid, true),
         "monitor_software_breakpoint 1");
    set_access(view_x, sink, XENMEM_access_n);
    set_access(view_rx, sink, XENMEM_access_n);
    enter_view(view_x);
}

/* The guards come after the remaps, which take rights away. */
static void activate_shadow(void)
{
    copy_page(CODE_GFN, shadow);
    change_gfn(view_x, CODE_GFN, shadow);
    change_gfn(view_r, shadow, sink);
    change_gfn(view_rx, shadow, sink);
    write_traps();
    set_access(view_x, CODE_GFN, XENMEM_access_x);
    set_access(view_x, shadow, XENMEM_access_n);
    set_access(view_rx, CODE_GFN, XENMEM_access_rx);
    set_access(view_rx, shadow, XENMEM_access_n);
}

/* A breakpoint on an instruction; the page's first one makes the shadow. */
static void insert(unsigned int i)
{
    bool first = !traps[0] && !traps[1];

    tell("insert a trap at code+%u", (unsigned int)trap_offset(i));
    traps[i] = true;
    if ( !shadow )
        shadow = add_page("shadow");
    if ( first )
        activate_shadow();
    else
        put_byte(gpa_of(shadow) + trap_offset(i), INT3);
}

static void take_out(unsigned int i)
{
    uint64_t offset = trap_offset(i);

    tell("remove the trap at code+%u", (unsigned int)offset);
    traps[i] = false;
    put_byte(gpa_of(shadow) + offset, get_byte(gpa_of(CODE_GFN) + offset));
    if ( traps[0] || traps[1] )
        return;
    change_gfn(view_x, CODE_GFN, NO_GFN);
    change_gfn(view_x, shadow, NO_GFN);
    change_gfn(view_rx, CODE_GFN, NO_GFN);
    change_gfn(view_rx, shadow, NO_GFN);
}

static void close_down(void)
{
    pause_guest();
    listen(answer);
    enter_view(0);
    drop_view(view_x);
    drop_view(view_r);
    drop_view(view_rx);
    views_on(false);
    host_access_all(false, XENMEM_access_rwx);
    call(xc_monitor_software_breakpoint(xch, domid, false),
         "monitor_software_breakpoint 0");
    call(xc_monitor_singlestep(xch, domid, false), "monitor_singlestep 0");
    monitor_off();
    if ( shadow )
        take_page(shadow);
    take_page(sink);
    shadow = 0;
    traps[0] = traps[1] = false;
    call(xc_domain_setmaxmem(xch, domid, max_kib), "setmaxmem as before");
    unpause_guest();
}

static void execute(void)
{
    tag(traps[0] || traps[1] ? "amd-int3" : NULL);
    guest_calls(answer);
    tag(NULL);
}

static void session(void)
{
    start();
    execute();
    insert(0);
    execute();
    tell("the guest looks for the trap");
    guest_reads(answer, CODE_GFN);
    guest_reads(answer, shadow);
    guest_writes(answer, shadow, 0);
    guest_reads(answer, shadow);
    tell("the guest writes to the page with the trap");
    guest_does(answer, "writes code+1024",
               COMMAND(CMD_WRITE, gpa_of(CODE_GFN) + 1024, 1));
    execute();
    insert(1);
    execute();
    take_out(1);
    execute();
    take_out(0);
    execute();
    guest_reads(answer, CODE_GFN);
    insert(0);
    execute();
    tell("a process that is not looked at");
    enter_view(view_rx);
    guest_calls(answer);
    guest_reads(answer, CODE_GFN);
    guest_does(answer, "writes code+1024",
               COMMAND(CMD_WRITE, gpa_of(CODE_GFN) + 1024, 2));
    execute();
    take_out(0);
    execute();
    insert(0);
    close_down();
    guest_calls(answer);
}

void drakvuf(void)
{
    session();
    tell("start again");
    start();
    insert(0);
    execute();
    close_down();
    guest_calls(answer);
}

void drakvuf_fast(void)
{
    fast = true;
    session();
}
