/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: single steps of a vCPU, for both vendors.
 *
 * A step has owners: a debugger, a monitor that is told of each (TOGGLED), and
 * a monitor that lets one instruction run in another view (FAST).  The vCPU is
 * stepped while it has one, and altp2m_step_end() is the only way to lose
 * one.  A fast step has a home, the view that the vCPU is in afterwards: it
 * goes there however the step ends, and the view can't be destroyed before.
 *
 * How a CPU is made to stop after an instruction is its vendor's: the monitor
 * trap flag (vmx_intr_assist()) or RFLAGS.TF (hvm/svm/step.c).
 *
 * The state changes on the vCPU, or with it at rest and the host p2m lock held.
 */

#include <asm/gdbsx.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/monitor.h>
#include <asm/hvm/step.h>

#include "life.h"

/* The home of a step that ends where it is: it names no view. */
#define NOWHERE ALTP2M_MAX_VIEWS

/* A vCPU that waits for a monitor's reply may still be on its way to rest. */
static always_inline void begin_change(struct vcpu *v)
{
    if ( v != current )
        vcpu_pause(v);
    altp2m_lock(v->domain);
}

static void end_change(struct vcpu *v)
{
    altp2m_unlock(v->domain);
    if ( v != current )
        vcpu_unpause(v);
}

/* Steps a vCPU for an owner, other than FAST, until it ends.  No lock held. */
void hvm_step_begin(struct vcpu *v, unsigned int owner)
{
    ASSERT(owner != HVM_STEP_FAST);

    begin_change(v);
    v->arch.hvm.step.owners |= owner;
    v->arch.hvm.single_step = true;
    end_change(v);
}

/*
 * Lets a vCPU execute one instruction, and then puts it into view @home.  If
 * there is no such view it stays in the one it is in.  No lock held.
 */
void hvm_step_begin_fast(struct vcpu *v, unsigned int home)
{
    struct hvm_step *s = &v->arch.hvm.step;

    begin_change(v);
    s->owners |= HVM_STEP_FAST;
    v->arch.hvm.single_step = true;
    s->entered = false;
    s->home = altp2m_view(v->domain, _view_idx(home)) ? home : NOWHERE;
    end_change(v);
}

/*
 * Turns events for single steps on, or off if the vCPU is stepped for events or
 * for a debugger: monitors begin with either, and end with this.  No lock held.
 */
void hvm_step_toggle(struct vcpu *v)
{
    const unsigned int owners = HVM_STEP_TOGGLED | HVM_STEP_DEBUGGER;

    if ( v->arch.hvm.step.owners & owners )
        hvm_step_end(v, owners);
    else
        hvm_step_begin(v, HVM_STEP_TOGGLED);
}

/*
 * Ends the steps of these owners; others' go on.  A vCPU in a fast step goes
 * to its home, or stays if there is no such view any more.  Lock held, on the
 * vCPU or with it at rest.
 */
void altp2m_step_end(struct vcpu *v, unsigned int owners)
{
    struct hvm_step *s = &v->arch.hvm.step;

    if ( s->owners & owners & HVM_STEP_FAST )
    {
        altp2m_go_home(v, _view_idx(s->home));
        s->home = NOWHERE;
    }

    s->owners &= ~owners;
    v->arch.hvm.single_step = s->owners;
}

/* The same.  No lock held. */
void hvm_step_end(struct vcpu *v, unsigned int owners)
{
    if ( !(v->arch.hvm.step.owners & owners) )
        return;

    begin_change(v);
    altp2m_step_end(v, owners);
    end_change(v);
}

/*
 * Returns whether the current vCPU, with an owner of its steps, is to be
 * stepped when it enters the guest next.  An instruction that Xen has carried
 * out at an exit moves rIP with no trap; a fast step is over then, or the
 * instruction behind it would run in the wrong view too.  No lock held.
 */
bool hvm_step_enters(struct vcpu *v)
{
    struct hvm_step *s = &v->arch.hvm.step;
    unsigned long rip = guest_cpu_user_regs()->rip;

    if ( s->owners & HVM_STEP_FAST )
    {
        if ( !s->entered )
            s->rip = rip;
        else if ( s->rip != rip )
            hvm_step_end(v, HVM_STEP_FAST);
        s->entered = true;
    }

    return v->arch.hvm.single_step;
}

/* The current vCPU has done its step, or had an event delivered.  No lock. */
void hvm_step_done(void)
{
    struct vcpu *curr = current;

    hvm_step_end(curr, HVM_STEP_FAST);
    if ( !curr->arch.hvm.single_step )
        return;

    hvm_monitor_debug(guest_cpu_user_regs()->rip,
                      HVM_MONITOR_SINGLESTEP_BREAKPOINT, 0, 0, 0);
    if ( curr->domain->debugger_attached )
        domain_pause_for_debugger();
}
