/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: what a monitor answers to events about breakpoints. */
#include "breakpoint.h"

#include <xen/vm_event.h>

#define INT3      0xcc
#define HOST_VIEW 0
#define LONGEST   64               /* bytes written by most instructions */

static void go_on_in(vm_event_response_t *answer, uint16_t view)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = view;
}

/*
 * An INT3.  Ours: the instruction executes in view 0, and the vCPU comes back.
 * It may have been taken back meanwhile: then the guest tries again.
 */
static int on_int3(const xenaltp2m_breakpoints *b,
                   const vm_event_request_t *request,
                   vm_event_response_t *answer)
{
    uint64_t gfn = request->u.software_breakpoint.gfn;
    unsigned int offset = request->data.regs.x86.rip & 0xfff;
    uint8_t patched, byte;

    if ( request->altp2m_idx != b->runs )
        return XENALTP2M_EVENT_OTHER;

    if ( xenaltp2m_read_page(b->h, b->domid, b->runs, gfn, offset, 1,
                             XEN_ALTP2M_READ_PATCHED, &patched) ||
         xenaltp2m_read_page(b->h, b->domid, b->runs, gfn, offset, 1, 0,
                             &byte) )
        return -1;

    if ( patched )
    {
        go_on_in(answer, HOST_VIEW);
        answer->flags |= VM_EVENT_FLAG_FAST_SINGLESTEP;
        answer->u.fast_singlestep.p2midx = b->runs;
        return XENALTP2M_EVENT_HIT;
    }

    /* Behind a prefix there may still be an INT3 of the guest's. */
    return byte != INT3 && request->u.software_breakpoint.insn_length == 1
           ? XENALTP2M_EVENT_HANDLED : XENALTP2M_EVENT_OTHER;
}

/*
 * A write to a page with breakpoints executes in view 0, and then the copies of
 * what it may have written to are made anew.
 */
static int on_access(xenaltp2m_breakpoints *b,
                     const vm_event_request_t *request,
                     vm_event_response_t *answer)
{
    uint64_t gfn = request->u.mem_access.gfn;
    struct altp2m__step *step = &b->step[request->vcpu_id];

    if ( (request->altp2m_idx != b->runs && request->altp2m_idx != b->shows) ||
         !(request->u.mem_access.flags & MEM_ACCESS_W) ||
         !altp2m__has_breakpoints(b, gfn) )
        return XENALTP2M_EVENT_OTHER;

    /* It may go on in another page with breakpoints. */
    *step = (struct altp2m__step){ .on = true, .gfn = gfn, .count = 1 };
    if ( request->u.mem_access.offset > 4096 - LONGEST )
        *step = (struct altp2m__step){ .on = true, .count = b->gfns };
    go_on_in(answer, HOST_VIEW);
    answer->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP;

    return XENALTP2M_EVENT_HANDLED;
}

static int on_step(xenaltp2m_breakpoints *b, const vm_event_request_t *request,
                   vm_event_response_t *answer)
{
    struct altp2m__step *step = &b->step[request->vcpu_id];

    if ( !step->on )
        return XENALTP2M_EVENT_OTHER;

    step->on = false;
    go_on_in(answer, b->runs);
    answer->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP;

    return xenaltp2m_refresh(b->h, b->domid, b->runs, step->gfn, step->count,
                             NULL) ? -1 : XENALTP2M_EVENT_HANDLED;
}

int xenaltp2m_breakpoints_event(xenaltp2m_breakpoints *b,
                                const struct vm_event_st *request,
                                struct vm_event_st *answer)
{
    *answer = *request;
    answer->flags = request->flags & VM_EVENT_FLAG_VCPU_PAUSED;
    if ( request->version != VM_EVENT_INTERFACE_VERSION ||
         request->vcpu_id >= b->vcpus )
    {
        errno = EINVAL;
        return -1;
    }

    switch ( request->reason )
    {
    case VM_EVENT_REASON_SOFTWARE_BREAKPOINT:
        return on_int3(b, request, answer);

    case VM_EVENT_REASON_MEM_ACCESS:
        return on_access(b, request, answer);

    case VM_EVENT_REASON_SINGLESTEP:
        return on_step(b, request, answer);

    default:
        return XENALTP2M_EVENT_OTHER;
    }
}
