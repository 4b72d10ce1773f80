/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: monitors that switch single vCPUs and step over what they caught. */
#include "guest.h"
#include "monitor.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static uint16_t watched; /* the view to go back to */

static void answer_other_view(const vm_event_request_t *request,
                              vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = watched + 1;
}

static void event_switches_vcpu(void)
{
    struct guest *g = guest_with_views();
    uint16_t other;

    watched = new_view(g);
    other = new_view(g);
    expect_equal(other, watched + 1, "index");
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    expect_ok(view_remap(g->domid, other, TEST_GFN + 1, TEST_GFN + 2));
    host_write(g, gpa_of(TEST_GFN + 2), 0x22);
    monitor_open(g, answer_other_view);
    expect_ok(view_switch(g->domid, watched));
    guest_write(g, TEST_GPA, 0x11);
    expect_view(g, 0, other);
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 1)), 0x22, "page there");
    expect_equal(g->monitor->count, 1, "events");
    expect_equal(guest_read(g, TEST_GPA), 0x11, "value");
}

static void answer_bad_view(const vm_event_request_t *request,
                            vm_event_response_t *answer)
{
    static unsigned int turn;

    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    /* First nonsense, which must do nothing; then the way out. */
    answer->altp2m_idx = (turn++ % 3) == 2 ? 0 : (turn & 1) ? 0x8000 : 600;
}

static void event_switches_to_bad_view(void)
{
    struct guest *g = guest_with_views();

    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    monitor_open(g, answer_bad_view);
    expect_ok(view_switch(g->domid, watched));
    guest_write(g, TEST_GPA, 0x12);
    expect_equal(g->monitor->count, 3, "events");
    expect_equal(g->monitor->log[2].altp2m_idx, watched, "view of the third");
    expect_view(g, 0, 0);
}

/* Let the instruction run in view 0, then go back: by single step. */
static void answer_step(const vm_event_request_t *request,
                        vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                     VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
    answer->altp2m_idx = request->reason == VM_EVENT_REASON_SINGLESTEP ?
                         watched : 0;
}

/* The same in one go: the hypervisor takes the vCPU back by itself. */
static void answer_fast_step(const vm_event_request_t *request,
                             vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                     VM_EVENT_FLAG_FAST_SINGLESTEP;
    answer->altp2m_idx = 0;
    answer->u.fast_singlestep.p2midx = watched;
}

/* The same, and the hypervisor carries the instruction out before. */
static void answer_fast_step_emulated(const vm_event_request_t *request,
                                      vm_event_response_t *answer)
{
    answer_fast_step(request, answer);
    answer->flags |= VM_EVENT_FLAG_EMULATE;
}

#define ROUNDS 200

static unsigned int count_reason(const struct monitor *m, uint32_t reason)
{
    unsigned int n = 0;

    for ( unsigned int i = 0; i < m->count && i < MONITOR_LOG; i++ )
        n += m->log[i].reason == reason;
    return n;
}

/*
 * Every write of a guest that keeps a checksum is seen, and none is lost.
 * @listen: the monitor wants to hear of single steps.
 */
static void step_over_checksum(monitor_answer_t answer, unsigned int per_write,
                               bool listen)
{
    struct guest *g = guest_with_views();
    const volatile struct payload_slot *s;
    struct monitor *m;

    watched = new_view(g);
    for ( unsigned int i = 0; i < 512; i++ )
        host_write(g, TEST_GPA + i * 8, i * 7);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    m = monitor_open(g, answer);
    expect(!listen || !xc_monitor_singlestep(xch, g->domid, true),
           "single step: %s", error_name(-errno));
    expect_ok(view_switch(g->domid, watched));
    s = guest_do(g, 0, COMMAND(CMD_CHECKSUM, TEST_GPA, 100, ROUNDS));
    expect_equal(s->result[0], s->result[1], "checksum kept and anew");
    expect_equal(m->count, (1 + 2 * ROUNDS) * per_write, "events");
    expect_equal(count_reason(m, VM_EVENT_REASON_MEM_ACCESS),
                 MONITOR_LOG / per_write, "violations logged");
    expect_view(g, 0, watched);
    expect_access(g, watched, TEST_GFN, XENMEM_access_r);
    guest_alive(g);
}

static void event_single_step(void)
{
    step_over_checksum(answer_step, 2, true);
}

static void event_fast_single_step(void)
{
    step_over_checksum(answer_fast_step, 1, true);
}

/* The vCPU goes back though nobody is told of steps. */
static void event_fast_step_unheard(void)
{
    step_over_checksum(answer_fast_step, 1, false);
}

/*
 * A vCPU that waits to be let go on, by a single step from view 0 to the
 * watched one; the domain is paused.
 */
static struct monitor *fast_step_pending(struct guest *g)
{
    struct monitor *m;

    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    m = monitor_open(g, answer_fast_step);
    expect_ok(view_switch(g->domid, watched));
    guest_post(g, 0, COMMAND(CMD_WRITE, TEST_GPA, 0x61));
    while ( !RING_HAS_UNCONSUMED_REQUESTS(&m->ring) )
        usleep(1000);
    guest_pause(g);
    monitor_serve(m);
    expect_view(g, 0, 0);
    return m;
}

static void goes_on(struct guest *g)
{
    guest_unpause(g);
    expect(guest_answers(g, 0, 5000), "the guest does not go on");
    expect_equal(host_read(g, TEST_GPA), 0x61, "value");
}

/* The view to go back to can't be destroyed before. */
static void event_fast_step_home_stays(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = fast_step_pending(g);

    expect_rc(view_destroy(g->domid, watched), -EBUSY);
    goes_on(g);
    expect_view(g, 0, watched);
    expect_equal(m->count, 1, "events");
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, watched));
    guest_alive(g);
}

/* A debugger's "stop stepping" does not leave the vCPU behind in view 0. */
static void event_fast_step_cancelled(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = fast_step_pending(g);

    expect(!xc_domain_debug_control(xch, g->domid,
                                    XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF, 0),
           "stop: %s", error_name(-errno));
    expect_view(g, 0, watched);
    goes_on(g);
    expect_equal(m->count, 2, "events");
    expect_view(g, 0, watched);
    guest_alive(g);
}

/* Nor does the monitor's end. */
static void event_fast_step_monitor_gone(void)
{
    struct guest *g = guest_with_views();

    monitor_close(fast_step_pending(g));
    expect_view(g, 0, watched);
    expect_ok(view_switch(g->domid, 0));
    goes_on(g);
    guest_alive(g);
}

/* Steps that are events go on behind a fast one. */
static void answer_fast_between(const vm_event_request_t *request,
                                vm_event_response_t *answer)
{
    if ( request->reason == VM_EVENT_REASON_MEM_ACCESS )
    {
        answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                         VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
        answer->altp2m_idx = 0;
    }
    else if ( request->altp2m_idx != watched )
    {
        answer->flags |= VM_EVENT_FLAG_FAST_SINGLESTEP;
        answer->u.fast_singlestep.p2midx = watched;
    }
    else
        answer->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
}

static void event_fast_step_beside_toggled(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m;

    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    m = monitor_open(g, answer_fast_between);
    expect(!xc_monitor_singlestep(xch, g->domid, true), "single step: %s",
           error_name(-errno));
    expect_ok(view_switch(g->domid, watched));
    guest_write(g, TEST_GPA, 0x71);
    expect_equal(m->count, 3, "events");
    expect_equal(m->log[1].altp2m_idx, 0, "view of the first step");
    expect_equal(m->log[2].altp2m_idx, watched, "view of the second");
    expect_view(g, 0, watched);
    guest_alive(g);
}

/*
 * Calls code in the test page, which can't be executed in the watched view.
 * @cr3: its writes of CR3 are events.
 */
static struct monitor *step_over_code(struct guest *g, monitor_answer_t answer,
                                      bool cr3, uint64_t low, uint64_t high)
{
    struct monitor *m;

    host_write(g, TEST_GPA, low);
    host_write(g, TEST_GPA + 8, high);
    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_rw));
    /* Where the hypervisor looks whether to emulate: docs/abi-xen.md. */
    expect_ok(view_access_set(g->domid, watched, watched, XENMEM_access_rw));
    m = monitor_open(g, answer);
    expect(!cr3 || !xc_monitor_write_ctrlreg(xch, g->domid, VM_EVENT_X86_CR3,
                                             true, true, 0, false),
           "CR3: %s", error_name(-errno));
    expect_ok(view_switch(g->domid, watched));
    guest_post(g, 0, COMMAND(CMD_EXEC, TEST_GPA));
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest does not go on");
    expect_view(g, 0, watched);
    return m;
}

/* Each of six instructions is an event. */
static void step_over_six(monitor_answer_t answer)
{
    struct guest *g = guest_with_views();
    /* push %rbx; xor %eax, %eax; cpuid; pop %rbx; mov $7, %eax; ret */
    struct monitor *m = step_over_code(g, answer, false, 0x07b85ba20fc03153,
                                       0xc3000000);

    expect_equal(g->slot[0]->exception, 0, "exception");
    expect_equal(g->slot[0]->result[0], 7, "result");
    expect_equal(m->count, 6, "events");
    guest_alive(g);
}

/* Xen carries one of them out, and the next is not let through with it. */
static void event_fast_step_each_instruction(void)
{
    step_over_six(answer_fast_step);
}

/* Nor is the next one of an instruction that the monitor has Xen emulate. */
static void event_fast_step_emulated(void)
{
    step_over_six(answer_fast_step_emulated);
}

/* Lets an instruction of a page run in view 0; what else it does, too. */
static void answer_fast_step_asked(const vm_event_request_t *request,
                                   vm_event_response_t *answer)
{
    if ( request->reason == VM_EVENT_REASON_MEM_ACCESS )
    {
        answer_fast_step(request, answer);
        return;
    }
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = request->altp2m_idx;
}

/* The instruction is an event by itself, whose answer names the view it is in. */
static void event_fast_step_asked(void)
{
    struct guest *g = guest_with_views();
    /* mov %cr3, %rax; xor $8, %al; mov %rax, %cr3; mov $7, %eax; ret */
    struct monitor *m = step_over_code(g, answer_fast_step_asked, true,
                                       0xd8220f0834d8200f, 0xc300000007b8);

    expect_equal(g->slot[0]->exception, 0, "exception");
    expect_equal(g->slot[0]->result[0], 7, "result");
    expect_equal(count_reason(m, VM_EVENT_REASON_MEM_ACCESS), 5, "violations");
    expect_equal(count_reason(m, VM_EVENT_REASON_WRITE_CTRLREG), 1,
                 "writes of CR3");
    guest_alive(g);
}

static unsigned int between;

/* The way out of a view is by a step that ends in it. */
static void answer_fast_step_nested(const vm_event_request_t *request,
                                    vm_event_response_t *answer)
{
    answer_fast_step(request, answer);
    if ( request->altp2m_idx == watched )
        answer->altp2m_idx = between;
    answer->u.fast_singlestep.p2midx = request->altp2m_idx;
}

/* A step that is asked for in the view of a step: the vCPU goes home still. */
static void event_fast_step_nested(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m;

    watched = new_view(g);
    between = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    expect_ok(view_access_set(g->domid, between, TEST_GFN, XENMEM_access_r));
    m = monitor_open(g, answer_fast_step_nested);
    expect_ok(view_switch(g->domid, watched));
    guest_write(g, TEST_GPA, 0x72);
    expect_view(g, 0, watched);
    expect_equal(m->count, 2, "events");
    expect_equal(m->log[1].altp2m_idx, between, "view of the second");
    guest_alive(g);
}

/* The step is the delivery of the fault. */
static void event_fast_step_fault(void)
{
    struct guest *g = guest_with_views();
    /* ud2 */
    struct monitor *m = step_over_code(g, answer_fast_step, false, 0x0b0f, 0);

    expect_equal(g->slot[0]->exception, 6 + 1, "exception");
    expect_equal(m->count, 1, "events");
    guest_alive(g);
}

/* Step from one write to the test page to the next; events are in view 0. */
static void answer_trace(const vm_event_request_t *request,
                         vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = watched;
    if ( request->reason == VM_EVENT_REASON_MEM_ACCESS )
    {
        answer->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
        answer->altp2m_idx = 0;
    }
}

static struct
{
    uint32_t domid;
    uint64_t hidden;      /* a gfn, or 0 */
    unsigned int met;     /* how often it was */
    bool stepping;
} traced;

/*
 * The same, with another page that is hidden while the guest is stepped.  It is
 * needed to deliver events: each delivery ends half-way, and begins anew in
 * view 0.
 */
static void answer_trace_hidden(const vm_event_request_t *request,
                                vm_event_response_t *answer)
{
    answer_trace(request, answer);
    if ( request->reason != VM_EVENT_REASON_MEM_ACCESS )
        return;
    if ( request->u.mem_access.gfn == traced.hidden )
    {
        answer->flags &= ~VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
        traced.met++;
        return;
    }
    traced.stepping = !traced.stepping;
    expect_ok(view_access_set(traced.domid, watched, traced.hidden,
                              traced.stepping ? XENMEM_access_n
                                              : XENMEM_access_rwx));
}

static struct monitor *trace_begin(struct guest *g)
{
    struct monitor *m;

    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    m = monitor_open(g, traced.hidden ? answer_trace_hidden : answer_trace);
    expect(!xc_monitor_singlestep(xch, g->domid, true), "single step: %s",
           error_name(-errno));
    expect_ok(view_switch(g->domid, watched));
    return m;
}

/* A guest that is stepped sees what it sees otherwise. */
static void step_unseen(unsigned int who, bool hide)
{
    struct guest *g = guest_with_views();
    const struct guest_command *command =
        COMMAND(CMD_FLAGS, TEST_GPA, who);
    const volatile struct payload_slot *s = guest_do(g, 0, command);
    uint64_t traps = s->result[1], digest = s->result[2], looks = s->result[3];
    uint64_t part[PAYLOAD_VALUES];
    struct monitor *m;

    if ( !looks )
        skip("the CPU has no SMAP");
    expect_equal(s->result[0], 0, "TF seen by a guest left alone");
    expect(who != FLAGS_STEPPING || traps >= 8,
           "the guest does not step itself");
    for ( unsigned int i = 0; i < PAYLOAD_VALUES; i++ )
        part[i] = s->value[i].value;
    traced.domid = g->domid;
    traced.met = traced.stepping = 0;
    traced.hidden = hide ? guest_do(g, 0, COMMAND(CMD_FEATURES))->result[1] >> 12
                         : 0;
    m = trace_begin(g);
    s = guest_do(g, 0, command);
    note("%u events", m->count);
    expect_equal(s->result[0], 0, "TF seen");
    for ( unsigned int i = 0; i < s->values && i < PAYLOAD_VALUES; i++ )
        expect(s->value[i].value == part[i], "part %u is different", i);
    expect_equal(s->result[1], traps, "#DB of the guest's own");
    expect_equal(s->result[3], looks, "looks");
    expect_equal(s->result[2], digest, "digest");
    expect_equal(host_read(g, TEST_GPA), 2, "written last");
    expect(m->count > 500, "stepped only %u times", m->count);
    /* INT, INT3, #UD, #PF and #GP are delivered. */
    expect_equal(traced.met, hide ? 5 : 0, "times the hidden page was met");
    guest_alive(g);
}

static void event_step_hides_tf(void)
{
    step_unseen(FLAGS_EVERYWHERE, false);
}

/* Nor does a user, to whose stack the kernel has no access. */
static void event_step_hides_tf_from_user(void)
{
    step_unseen(FLAGS_OF_USER, false);
}

static void event_step_guest_steps(void)
{
    step_unseen(FLAGS_STEPPING, false);
}

static void event_step_delivery_fails(void)
{
    step_unseen(FLAGS_EVERYWHERE, true);
}

/* dom0 has to compete with two vCPUs that are never at rest. */
#define FEW_ROUNDS 50

/* Two vCPUs at a time, each with a checksum of its own to keep. */
static void event_fast_step_two_vcpus(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });
    const volatile struct payload_slot *s;
    struct monitor *m;

    expect_ok(view_state_set(g->domid, true));
    guest_start_vcpu(g, 1);
    watched = new_view(g);
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
    {
        for ( unsigned int i = 0; i < 512; i++ )
            host_write(g, TEST_GPA + vcpu * 4096 + i * 8, i * 7);
        expect_ok(view_access_set(g->domid, watched, TEST_GFN + vcpu,
                                  XENMEM_access_r));
    }
    m = monitor_open(g, answer_fast_step);
    expect(!xc_monitor_singlestep(xch, g->domid, true), "single step: %s",
           error_name(-errno));
    expect_ok(view_switch(g->domid, watched));
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
        guest_post(g, vcpu, COMMAND(CMD_CHECKSUM, TEST_GPA + vcpu * 4096, 100,
                                    FEW_ROUNDS));
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
    {
        expect(guest_answers(g, vcpu, PATIENCE_MS), "vCPU %u does not end", vcpu);
        s = g->slot[vcpu];
        expect(!s->exception, "exception %u", s->exception - 1);
        expect_equal(s->result[0], s->result[1], "checksum kept and anew");
        expect_view(g, vcpu, watched);
    }
    expect_equal(m->count, 2 * (1 + 2 * FEW_ROUNDS), "events");
    guest_alive(g);
}

/* With the monitor that asked for it gone, a vCPU is not stepped any more. */
static void event_step_detach(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m;

    traced.hidden = 0;
    m = trace_begin(g);

    guest_write(g, TEST_GPA, 0x31);
    guest_alive(g);
    expect(m->count > 10, "stepped only %u times", m->count);
    monitor_close(m);
    expect_ok(view_switch(g->domid, 0));
    guest_alive(g);

    m = monitor_open(g, answer_view_0);
    expect(!xc_monitor_singlestep(xch, g->domid, true), "single step: %s",
           error_name(-errno));
    guest_write(g, TEST_GPA, 0x32);
    guest_alive(g);
    expect_equal(m->count, 0, "steps that nobody asked for");
}

/*
 * Views go off between a monitor's answer and the step that it asks for: there
 * is no view to go back to, and the vCPU is not stepped for ever.
 */
static void event_fast_step_views_off(void)
{
    struct guest *g = guest_with_views();
    struct monitor *m = fast_step_pending(g);

    expect_ok(view_state_set(g->domid, false));
    goes_on(g);
    guest_alive(g);
    expect_equal(m->count, 1, "events");
}

/* A monitor that comes and goes leaves the guest and its views as they were. */
static void event_monitor_reopened(void)
{
    struct guest *g = guest_with_views();

    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    for ( unsigned int i = 0; i < 5; i++ )
    {
        struct monitor *m = monitor_open(g, answer_view_0);

        expect_ok(view_switch(g->domid, watched));
        guest_write(g, TEST_GPA, i);
        expect_equal(m->count, 1, "events");
        monitor_close(m);
        expect_access(g, watched, TEST_GFN, XENMEM_access_r);
        guest_alive(g);
    }
}

/*
 * A monitor killed while a vCPU waits for its answer: the next one can take its
 * place, and the domain can be destroyed.
 */
static void event_monitor_dies(void)
{
    struct guest *g = guest_with_views();
    int ready[2], status;
    char byte = 0;
    pid_t child;

    watched = new_view(g);
    expect_ok(view_access_set(g->domid, watched, TEST_GFN, XENMEM_access_r));
    expect(!pipe(ready), "no pipe");
    child = fork();
    if ( !child )
    {
        uint32_t port;

        /* Not fail(): that would end the test twice. */
        if ( !xc_monitor_enable(xch, g->domid, &port) ||
             write(ready[1], "", 1) != 1 )
            _exit(1);
        for ( ; ; )
            pause();
    }
    close(ready[1]);
    expect(child > 0 && read(ready[0], &byte, 1) == 1, "no monitor");
    close(ready[0]);
    expect_ok(view_switch(g->domid, watched));
    guest_post(g, 0, COMMAND(CMD_WRITE, TEST_GPA, 1));
    expect(!guest_answers(g, 0, 50), "nobody holds the guest");
    kill(child, SIGKILL);
    waitpid(child, &status, 0);

    expect(!xc_monitor_disable(xch, g->domid), "monitoring stays: %s",
           error_name(-errno));
    monitor_close(monitor_open(g, answer_view_0));
    expect_access(g, watched, TEST_GFN, XENMEM_access_r);
    guest_destroy(g);
}

const struct test tests_event[] = {
    { "event_switches_vcpu", NEEDS_VIEWS, event_switches_vcpu },
    { "event_switches_to_bad_view", NEEDS_VIEWS, event_switches_to_bad_view },
    { "event_single_step", NEEDS_VIEWS | NEEDS_MTF, event_single_step },
    { "event_fast_single_step", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_single_step },
    { "event_fast_step_unheard", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_unheard },
    { "event_fast_step_home_stays", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_home_stays },
    { "event_fast_step_cancelled", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_cancelled },
    { "event_fast_step_monitor_gone", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_monitor_gone },
    { "event_fast_step_beside_toggled", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_beside_toggled },
    { "event_fast_step_each_instruction", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_each_instruction },
    { "event_fast_step_emulated", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_emulated },
    { "event_fast_step_asked", NEEDS_VIEWS | NEEDS_MTF, event_fast_step_asked },
    { "event_fast_step_nested", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_nested },
    { "event_fast_step_fault", NEEDS_VIEWS | NEEDS_MTF, event_fast_step_fault },
    { "event_step_hides_tf", NEEDS_VIEWS | NEEDS_MTF, event_step_hides_tf },
    { "event_step_hides_tf_from_user", NEEDS_VIEWS | NEEDS_MTF,
      event_step_hides_tf_from_user },
    { "event_step_guest_steps", NEEDS_VIEWS | NEEDS_MTF,
      event_step_guest_steps },
    { "event_step_delivery_fails", NEEDS_VIEWS | NEEDS_MTF,
      event_step_delivery_fails },
    { "event_fast_step_two_vcpus", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_two_vcpus },
    { "event_step_detach", NEEDS_VIEWS | NEEDS_MTF, event_step_detach },
    { "event_fast_step_views_off", NEEDS_VIEWS | NEEDS_MTF,
      event_fast_step_views_off },
    { "event_monitor_reopened", NEEDS_VIEWS, event_monitor_reopened },
    { "event_monitor_dies", NEEDS_VIEWS, event_monitor_dies },
    { 0 },
};
