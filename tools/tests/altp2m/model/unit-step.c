/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests: single steps, who wants them and how they end (mm/altp2m/step.c).
 * How a CPU is made to stop is not here: test-svm-step.c has AMD's way.
 */
#include "unit.h"

#define V(n) (model_domain->vcpu[n])

static struct hvm_vcpu *hvm(unsigned int n)
{
    return &V(n)->arch.hvm;
}

/* The vCPU is in view 1, and in a step to view 2 that began at 0x1000. */
static void fast_step(void)
{
    two_views();
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 2);
    EXPECT(hvm(0)->single_step, true);
}

/* What the next entry of a vCPU does, with this rIP. */
static bool enters(unsigned long rip)
{
    bool stepped;

    caller_is(V(0));
    guest_cpu_user_regs()->rip = rip;
    stepped = hvm(0)->single_step && hvm_step_enters(V(0));
    caller_is(NULL);

    return stepped;
}

/* What a reply does before Xen emulates an instruction for it, at this rIP. */
static void checks(unsigned long rip)
{
    caller_is(V(0));
    guest_cpu_user_regs()->rip = rip;
    hvm_step_check(V(0));
    caller_is(NULL);
}

static void traps(void)
{
    caller_is(V(0));
    hvm_step_done();
    caller_is(NULL);
}

static void is_in(unsigned int view)
{
    EXPECT(vcpu_altp2m(V(0)).p2midx, view);
    ref.in[0] = view;
}

/* With views off, nobody waits for the end of a step between two of them. */
static void test_views_off(void)
{
    two_views();
    hvm_step_toggle(V(0));
    step("state", 0, 0, 0, 0);
    EXPECT(hvm(0)->single_step, true);           /* a monitor's own step */
    hvm_step_toggle(V(0));
    EXPECT(hvm(0)->single_step, false);
    fast_step();
    step("state", 0, 0, 0, 0);
    EXPECT(hvm(0)->single_step, false);
    step("state", 1, 0, 0, 0);
    EXPECT(enters(0x2000), false);
    is_in(0);
}

static void test_trap(void)
{
    fast_step();
    EXPECT(enters(0x1000), true);
    is_in(1);
    traps();
    is_in(2);
    EXPECT(hvm(0)->single_step, false);
    EXPECT(step_events, 0);
    EXPECT(debugger_pauses, 0);
    traps();
    EXPECT(step_events, 0);
}

/* An instruction that Xen carries out moves rIP: no other is let through. */
static void test_no_trap(void)
{
    fast_step();
    EXPECT(enters(0x1000), true);
    EXPECT(enters(0x1000), true);                /* an exit that was retried */
    is_in(1);
    EXPECT(enters(0x1002), false);
    is_in(2);
    EXPECT(hvm(0)->single_step, false);
    /* A reply that moves rIP before the first entry does not end the step. */
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 2);
    EXPECT(enters(0x3000), true);
    is_in(1);
    traps();
    is_in(2);
}

/* The view to go back to stays until then. */
static void test_home_stays(void)
{
    fast_step();
    EXPECT(destroy(2), -EBUSY);
    traps();
    is_in(2);
    step("reply", 1, 0, 0, 0);
    step("destroy", 2, 0, 0, 0);
    EXPECT(hvm(0)->single_step, false);
}

/* There is no such view: one step, in the view that the vCPU is in. */
static void test_no_home(void)
{
    two_views();
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 77);
    EXPECT(enters(0x1000), true);
    traps();
    EXPECT(hvm(0)->single_step, false);
    is_in(1);
}

/* Owners don't end each other's steps. */
static void test_owners(void)
{
    two_views();
    hvm_step_toggle(V(0));
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 2);
    EXPECT(enters(0x1000), true);
    traps();
    is_in(2);
    EXPECT(hvm(0)->single_step, true);           /* the toggled one goes on */
    EXPECT(step_events, 1);
    EXPECT(enters(0x1001), true);
    traps();
    EXPECT(step_events, 2);
    hvm_step_toggle(V(0));
    EXPECT(hvm(0)->single_step, false);

    /* A monitor that has asked by the debugger's operation ends by toggling. */
    hvm_step_begin(V(0), HVM_STEP_DEBUGGER);
    hvm_step_toggle(V(0));
    EXPECT(hvm(0)->single_step, false);

    hvm_step_begin(V(0), HVM_STEP_DEBUGGER);
    model_domain->debugger_attached = true;
    traps();
    EXPECT(step_events, 3);
    EXPECT(debugger_pauses, 1);
    hvm_step_begin_fast(V(0), 1);
    hvm_step_end(V(0), HVM_STEP_MONITOR);
    is_in(1);
    EXPECT(hvm(0)->single_step, true);
    hvm_step_end(V(0), HVM_STEP_ALL);
    EXPECT(hvm(0)->single_step, false);
    model_domain->debugger_attached = false;
}

/* The monitor goes, or a debugger says stop: the vCPU isn't left behind. */
static void test_cancelled(void)
{
    fast_step();
    EXPECT(enters(0x1000), true);
    V(0)->is_running = true;
    hvm_step_end(V(0), HVM_STEP_MONITOR);
    EXPECT(V(0)->is_running, false);             /* it was waited for */
    is_in(2);
    EXPECT(hvm(0)->single_step, false);
    EXPECT(enters(0x1000), false);
}

/*
 * A monitor is asked about an instruction that Xen has carried out.  The step
 * ends after the reply, which names the view of the step again; or right before
 * Xen emulates the next instruction for it.
 */
static void test_asked(void)
{
    typeof(*V(0)->arch.vm_event) asked = { .sync_event = true };
    bool emulates;

    for ( emulates = false; ; emulates = true )
    {
        fast_step();
        EXPECT(enters(0x1000), true);
        V(0)->arch.vm_event = &asked;
        asked.sync_event = true;
        EXPECT(enters(0x1003), false);
        is_in(1);
        step("reply", 1, 0, 0, 0);
        if ( emulates )
            break;
        asked.sync_event = false;
        EXPECT(enters(0x1003), false);
        is_in(2);
        step("state", 0, 0, 0, 0);
    }
    checks(0x1003);
    is_in(2);

    /* The reply begins a step, of the instruction that Xen emulates for it. */
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 2);
    checks(0x1003);
    is_in(1);
    asked.sync_event = false;
    /* What it emulates is an event itself. */
    V(0)->vm_event_pause_count.counter = 1;
    EXPECT(enters(0x1005), false);
    is_in(1);
    step("reply", 1, 0, 0, 0);
    V(0)->vm_event_pause_count.counter = 0;
    EXPECT(enters(0x1005), false);
    is_in(2);
    V(0)->arch.vm_event = NULL;
}

/* An event in a fast step: the next step is to end in the view of the event. */
static void test_again(void)
{
    fast_step();
    EXPECT(enters(0x1000), true);
    hvm_step_begin_fast(V(0), 1);
    step("reply", 0, 0, 0, 0);
    EXPECT(enters(0x1000), true);
    traps();
    is_in(2);

    /* Another home than the view of the step counts. */
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 2);
    hvm_step_begin_fast(V(0), 0);
    traps();
    is_in(0);

    /* The first step had no home. */
    step("reply", 1, 0, 0, 0);
    hvm_step_begin_fast(V(0), 77);
    hvm_step_begin_fast(V(0), 1);
    step("reply", 2, 0, 0, 0);
    traps();
    is_in(1);
}

/* A rule has the vCPU in a step in view 2 that began at 0x1000. */
static void once_in_2(void)
{
    caller_is(V(0));
    altp2m_lock(model_domain);
    altp2m_step_once(V(0), view_at(model_domain, 2));
    altp2m_unlock(model_domain);
    caller_is(NULL);
    is_in(2);
    EXPECT(enters(0x1000), true);
}

/* It is one of view 1. */
static void rule_step(void)
{
    two_views();
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    once_in_2();
}

static void is_over(unsigned int view)
{
    is_in(view);
    EXPECT(hvm(0)->single_step, false);
    EXPECT(step_events, 0);
}

/* Whatever ends a rule's step, the vCPU is back where the rule met it. */
static void test_rule(void)
{
    rule_step();
    EXPECT(destroy(1), -EBUSY);                  /* its home */
    EXPECT(destroy(2), -EBUSY);
    EXPECT(enters(0x1000), true);                /* an exit that was retried */
    is_in(2);
    traps();
    is_over(1);
    step("destroy", 2, 0, 0, 0);
}

static void test_rule_no_trap(void)
{
    rule_step();
    EXPECT(enters(0x1002), false);
    is_over(1);
}

static void test_rule_cancelled(void)
{
    rule_step();
    hvm_step_end(V(0), HVM_STEP_MONITOR);        /* the monitor goes */
    is_over(1);
}

static void test_rule_debugger(void)
{
    rule_step();
    hvm_step_end(V(0), HVM_STEP_ALL);            /* STEP_OFF */
    is_over(1);
}

static void test_rule_views_off(void)
{
    rule_step();
    step("state", 0, 0, 0, 0);
    is_over(0);
    step("state", 1, 0, 0, 0);
    EXPECT(enters(0x2000), false);
    is_in(0);
}

/*
 * A vCPU that is put elsewhere meanwhile is not taken back: the step is over, and
 * its home can go.
 */
static void test_rule_moved(void)
{
    rule_step();
    step("reply", 2, 0, 0, 0);                   /* says where it is: as before */
    EXPECT(enters(0x1000), true);
    is_in(2);
    step("reply", 3, 0, 0, 0);
    is_over(3);
    step("destroy", 1, 0, 0, 0);
    EXPECT(enters(0x1000), false);
    traps();
    is_over(3);
}

/* Nor is one that an operation puts into the view of the step. */
static void test_rule_sent(void)
{
    rule_step();
    step("switch", 2, 0, 0, 0);
    is_over(2);
    step("destroy", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    once_in_2();
    step("switch-vcpu", 2, 0, 0, 0);
    is_over(2);
    EXPECT(enters(0x1000), false);
    is_in(2);
}

/* A reply has the vCPU stepped elsewhere, and then go to the step's view. */
static void test_rule_again(void)
{
    rule_step();
    hvm_step_begin_fast(V(0), 2);
    step("reply", 3, 0, 0, 0);
    EXPECT(enters(0x1000), true);
    traps();
    is_over(1);
}

/* VMFUNC may be the instruction that is stepped. */
static void test_rule_vmfunc(void)
{
    rule_step();
    step("set-vmfunc", 0, 0, 1, 0);
    step("vmfunc", 3, 0, 0, 0);
    cpu_exit(cpu_of(V(0)));
    traps();
    is_over(3);
}

/* The events of a toggled step go on; a reply's fast step takes over. */
static void test_rule_owners(void)
{
    rule_step();
    hvm_step_toggle(V(0));
    traps();
    is_in(1);
    EXPECT(hvm(0)->single_step, true);
    EXPECT(step_events, 1);
    hvm_step_toggle(V(0));
    is_in(1);
    EXPECT(hvm(0)->single_step, false);

    once_in_2();
    hvm_step_begin_fast(V(0), 3);
    step("reply", 0, 0, 0, 0);                   /* and steps there */
    EXPECT(enters(0x1001), true);                /* a reply's rIP */
    EXPECT(destroy(1), 0);
    ref.view[1].live = false;
    traps();
    is_in(3);
    EXPECT(hvm(0)->single_step, false);
}

const struct unit_test step_tests[] = {
    { "step-views-off", test_views_off },
    { "step-trap", test_trap },
    { "step-trap-amd", test_trap, true },
    { "step-no-trap", test_no_trap },
    { "step-home-stays", test_home_stays },
    { "step-no-home", test_no_home },
    { "step-owners", test_owners },
    { "step-cancelled", test_cancelled },
    { "step-asked", test_asked },
    { "step-again", test_again },
    { "step-rule", test_rule },
    { "step-rule-amd", test_rule, true },
    { "step-rule-no-trap", test_rule_no_trap },
    { "step-rule-cancelled", test_rule_cancelled },
    { "step-rule-debugger", test_rule_debugger },
    { "step-rule-views-off", test_rule_views_off },
    { "step-rule-moved", test_rule_moved },
    { "step-rule-sent", test_rule_sent },
    { "step-rule-again", test_rule_again },
    { "step-rule-vmfunc", test_rule_vmfunc },
    { "step-rule-owners", test_rule_owners },
    { NULL },
};
