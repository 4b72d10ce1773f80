/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: single steps of a vCPU, for both vendors.
 *
 * Owners have a vCPU stepped: a debugger (HVM_STEP_DEBUGGER), a monitor that
 * gets an event after each instruction (HVM_STEP_TOGGLED), an instruction that
 * two sides of a view can't execute (HVM_STEP_SIDE), and who lets one
 * instruction run in another view: a monitor (HVM_STEP_FAST), or a rule of the
 * vCPU's view (HVM_STEP_RULE).  The vCPU is stepped while it has an owner.
 * Only altp2m_step_end() takes owners away.  However a step of the last two
 * kinds ends, the vCPU goes to its home view.
 *
 * Each vendor's code stops its CPU after an instruction: by the monitor trap
 * flag (vmx_intr_assist()), by RFLAGS.TF (hvm/svm/step.c).
 *
 * v->arch.hvm.step changes on the vCPU itself, or at rest with the lock held.
 */

#include <asm/gdbsx.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/monitor.h>
#include <asm/hvm/step.h>
#include <asm/vm_event.h>

#include "cpu.h"
#include "life.h"

/* No view's index: after the step the vCPU stays in the view it is in. */
#define NOWHERE ALTP2M_MAX_VIEWS

/*
 * Brings a vCPU to rest, unless it is the current one, and takes the lock.  A
 * vCPU that waits for a monitor's reply may still run for a moment.  Takes back
 * nothing that was lent to faults: vCPUs that are stepped come here often.
 */
static always_inline void begin_change(struct vcpu *v)
{
    if ( v != current )
        vcpu_pause(v);
    altp2m_lock_fault(v->domain);
}

static void end_change(struct vcpu *v)
{
    altp2m_unlock(v->domain);
    if ( v != current )
        vcpu_unpause(v);
}

/*
 * Has a vCPU stepped for @owner, whose steps have no home, until
 * hvm_step_end().  No lock held.
 */
void hvm_step_begin(struct vcpu *v, unsigned int owner)
{
    ASSERT(!(owner & HVM_STEP_HOMED));

    begin_change(v);
    v->arch.hvm.step.owners |= owner;
    v->arch.hvm.single_step = true;
    end_change(v);
}

/*
 * Returns the view in which a fast step to @home ends: NOWHERE if @home does
 * not exist.  Monitors take the view of the event for the home.  In an event of
 * a vCPU that is in a step with a home already, that is the view of that step,
 * and the vCPU would never go home.  So the first home counts then.  Lock held.
 */
static unsigned int find_home(const struct vcpu *v, unsigned int home)
{
    const struct hvm_step *s = &v->arch.hvm.step;

    if ( (s->owners & HVM_STEP_HOMED) && s->home != NOWHERE &&
         home == altp2m_vcpu_idx(v) )
        return s->home;

    return altp2m_view(v->domain, _view_idx(home)) ? home : NOWHERE;
}

/*
 * Has a vCPU execute one instruction, and then enter the view @home.  If that
 * view does not exist, the vCPU stays in its view.  Takes over from a rule that
 * has the vCPU stepped: its violation was reported, and this is the reply.  No
 * lock held.
 */
void hvm_step_begin_fast(struct vcpu *v, unsigned int home)
{
    struct hvm_step *s = &v->arch.hvm.step;

    begin_change(v);
    /* An instruction of two pages that has not been executed comes back. */
    altp2m_step_end(v, HVM_STEP_SIDE);
    s->home = find_home(v, home);
    s->owners = (s->owners & ~HVM_STEP_RULE) | HVM_STEP_FAST;
    v->arch.hvm.single_step = true;
    s->entered = false;
    end_change(v);
}

/* Has the current vCPU, which is on SIDE_STEP, leave it after a step. */
void altp2m_step_side(struct vcpu *v)
{
    struct hvm_step *s = &v->arch.hvm.step;

    s->owners |= HVM_STEP_SIDE;
    v->arch.hvm.single_step = true;
    s->entered = false;
}

/*
 * Has the current vCPU execute one instruction in @view, and then come back to
 * the view that it is in; or, if it is in a step with a home, to that.  Lock
 * held.
 */
void altp2m_step_once(struct vcpu *v, struct altp2m_view *view)
{
    struct hvm_step *s = &v->arch.hvm.step;

    if ( !(s->owners & HVM_STEP_FAST) )
    {
        if ( !(s->owners & HVM_STEP_RULE) || s->view != altp2m_vcpu_idx(v) )
        {
            s->home = altp2m_vcpu_idx(v);
            s->executes = altp2m_vcpu_of(v)->side == SIDE_EXECUTE;
        }
        s->owners |= HVM_STEP_RULE;
        s->view = view->idx;
    }
    v->arch.hvm.single_step = true;
    s->entered = false;
    altp2m_enter_view(v, view);
}

/*
 * Turns events for single steps on; or off, if the vCPU is stepped for events
 * or for a debugger: monitors begin steps by either operation, and end both by
 * this one.  No lock held.
 */
void hvm_step_toggle(struct vcpu *v)
{
    const unsigned int owners = HVM_STEP_TOGGLED | HVM_STEP_DEBUGGER;

    if ( v->arch.hvm.step.owners & owners )
        hvm_step_end(v, owners);
    else
        hvm_step_begin(v, HVM_STEP_TOGGLED);
}

/* Is @v in its view for one instruction only?  Lock held, or @v is current. */
bool altp2m_stepped_over(const struct vcpu *v)
{
    const struct hvm_step *s = &v->arch.hvm.step;

    return (s->owners & HVM_STEP_FAST) ||
           ((s->owners & HVM_STEP_RULE) && s->view == altp2m_vcpu_idx(v));
}

/*
 * Puts a vCPU whose step is over into its home view.  Most code on a page that
 * can't be read goes on there: so after a rule's step from the execute side the
 * vCPU is there at once, unless it has left the page.  A wrong guess costs an
 * exit.  Lock held; the vCPU is current or at rest.
 */
static void enter_home(struct vcpu *v, struct altp2m_view *home)
{
    const struct hvm_step *s = &v->arch.hvm.step;

    if ( (s->owners & HVM_STEP_RULE) && s->executes && v == current &&
         node_has_side(&home->root, SIDE_EXECUTE) &&
         PFN_DOWN(s->rip) == PFN_DOWN(guest_cpu_user_regs()->rip) )
        altp2m_enter_side(v, home, SIDE_EXECUTE);
    else
        altp2m_enter_view(v, home);
}

/*
 * Takes away @owners (HVM_STEP_*) of a vCPU's steps.  With one that has a home,
 * the vCPU enters its home view, if that exists.  After a rule's step it does
 * not if it has left the step's view meanwhile, by VMFUNC.  With HVM_STEP_SIDE,
 * it leaves SIDE_STEP.  Lock held; the vCPU is current or at rest.
 */
void altp2m_step_end(struct vcpu *v, unsigned int owners)
{
    struct hvm_step *s = &v->arch.hvm.step;

    if ( s->owners & owners & HVM_STEP_HOMED )
    {
        struct altp2m_view *home = altp2m_view(v->domain, _view_idx(s->home));

        if ( home && altp2m_stepped_over(v) )
            enter_home(v, home);
        s->home = NOWHERE;
    }
    if ( s->owners & owners & HVM_STEP_SIDE )
    {
        altp2m_vcpu_of(v)->rip = NOT_MOVED;
        if ( altp2m_vcpu_of(v)->side == SIDE_STEP )
            altp2m_enter_side(v, altp2m_any_view(v->domain->arch.altp2m,
                                                 altp2m_vcpu_idx(v)),
                              SIDE_DATA);
    }

    s->owners &= ~owners;
    v->arch.hvm.single_step = s->owners;
}

/* Returns the index of @v's home.  Lock held, or @v is current. */
unsigned int altp2m_home(const struct vcpu *v)
{
    const struct hvm_step *s = &v->arch.hvm.step;

    return altp2m_stepped_over(v) && s->home != NOWHERE ? s->home
                                                        : altp2m_vcpu_idx(v);
}

/*
 * Puts @v, which is current or at rest, into the view @home; after a step, if
 * it is in its view for one instruction only.  Lock held.
 */
void altp2m_go_home(struct vcpu *v, struct altp2m_view *home)
{
    if ( altp2m_stepped_over(v) )
    {
        v->arch.hvm.step.home = home->idx;
        v->arch.hvm.step.executes = false;
    }
    else
        altp2m_send(v, home);
}

/* altp2m_step_end() with no lock held, if the vCPU has such an owner. */
void hvm_step_end(struct vcpu *v, unsigned int owners)
{
    if ( !(v->arch.hvm.step.owners & owners) )
        return;

    begin_change(v);
    altp2m_step_end(v, owners);
    end_change(v);
}

/*
 * Begins a step of one instruction at rIP, or ends one that began elsewhere.
 * When Xen carries out an instruction, rIP moves and no trap follows: the next
 * instruction would run in the wrong view, or on SIDE_STEP, too.  Called at VM
 * entry, and before Xen emulates an instruction for a monitor's reply.  The
 * vCPU is current.  No lock held.
 */
void hvm_step_check(struct vcpu *v)
{
    struct hvm_step *s = &v->arch.hvm.step;
    unsigned long rip = guest_cpu_user_regs()->rip;

    if ( !(s->owners & HVM_STEP_ONCE) )
        return;

    if ( !s->entered )
        s->rip = rip;
    else if ( s->rip != rip )
        hvm_step_end(v, HVM_STEP_ONCE);
    s->entered = true;
}

/*
 * Is a monitor asked about the current vCPU?  If Xen carries out an instruction
 * for a reply, and that is an event itself, sync_event is false already, but
 * the vCPU waits.
 */
static bool is_asked(const struct vcpu *v)
{
    return (v->arch.vm_event && v->arch.vm_event->sync_event) ||
           atomic_read(&v->vm_event_pause_count);
}

/*
 * Returns whether the current vCPU is to be stepped at its next VM entry.
 * Called there, if it has an owner of steps.  No lock held.
 *
 * While a monitor is asked, the vCPU does not enter the guest, and its step
 * goes on: the reply is to find it in the view that the event names.  Most
 * replies name that view again, and a vCPU whose step is over would stay there.
 */
bool hvm_step_enters(struct vcpu *v)
{
    if ( is_asked(v) )
        return false;

    hvm_step_check(v);

    return v->arch.hvm.single_step;
}

/*
 * Handles the trap after a step: the current vCPU has executed an instruction,
 * or an event was delivered to it.  No lock held.
 */
void hvm_step_done(void)
{
    struct vcpu *curr = current;

    hvm_step_end(curr, HVM_STEP_ONCE);
    if ( !curr->arch.hvm.single_step )
        return;

    hvm_monitor_debug(guest_cpu_user_regs()->rip,
                      HVM_MONITOR_SINGLESTEP_BREAKPOINT, 0, 0, 0);
    if ( curr->domain->debugger_attached )
        domain_pause_for_debugger();
}
