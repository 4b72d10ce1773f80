/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the guest switches by itself (VMFUNC), and takes violations (#VE). */
#include "guest.h"
#include "monitor.h"
#include "refusal.h"

#include <errno.h>

#define VECTOR_UD 6
#define VE_GFN    (PAYLOAD_VE_INFO >> 12)
#define REASON_EPT_VIOLATION 48

static struct guest *guest_with_vmfunc(uint16_t *view)
{
    struct guest *g = guest_with_views();

    *view = new_view(g);
    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    return g;
}

static void vmfunc_switches(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);

    guest_write(g, TEST_GPA, 0xa);
    guest_write(g, TEST_GPA + 0x1000, 0xb);
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    for ( unsigned int i = 0; i < 3; i++ )
    {
        guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
        expect_view(g, 0, view);
        expect_equal(guest_read(g, TEST_GPA), 0xb, "page there");
        expect_rc(view_destroy(g->domid, view), -EBUSY);
        guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, 0));
        expect_view(g, 0, 0);
        expect_equal(guest_read(g, TEST_GPA), 0xa, "page in view 0");
    }
    expect_equal(guest_do(g, 0, COMMAND(CMD_VMFUNC_READ, view, TEST_GPA, 0))
                 ->result[0], 0xb, "page read in passing");
    expect_ok(view_destroy(g->domid, view));
    expect_equal(guest_try(g, 0, COMMAND(CMD_VMFUNC, 0, view)), VECTOR_UD + 1,
                 "exception + 1 from a view that was destroyed");
    expect_view(g, 0, 0);
}

/* A view changes while no vCPU is in it.  Translations of it may be in TLBs. */
static void vmfunc_sees_changes(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);

    for ( unsigned int i = 0; i < 4; i++ )
        guest_write(g, gpa_of(TEST_GFN + i), 10 + i);
    for ( unsigned int i = 0; i < 4; i++ )
    {
        expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + i));
        expect_view(g, 0, 0);
        expect_equal(guest_do(g, 0, COMMAND(CMD_VMFUNC_READ, view, TEST_GPA, 0))
                     ->result[0], 10 + i, "page read in passing");
    }
}

/* What a guest may not enter it does not enter, and is told so by #UD. */
static void vmfunc_refused(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);
    static const struct
    {
        uint32_t leaf, view;
    } bad[] = { { 0, 7 }, { 0, 511 }, { 0, 512 }, { 0, 0xffffffff },
                { 1, 0 }, { 63, 0 } };

    for ( unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        uint32_t e = guest_try(g, 0, COMMAND(CMD_VMFUNC, bad[i].leaf,
                                             bad[i].view));

        expect(e == VECTOR_UD + 1, "VMFUNC %u, %u: exception %d", bad[i].leaf,
               bad[i].view, (int)e - 1);
        expect_view(g, 0, 0);
    }
    expect_ok(view_visible(g->domid, view, false));
    expect_equal(guest_try(g, 0, COMMAND(CMD_VMFUNC, 0, view)), VECTOR_UD + 1,
                 "exception + 1 from a hidden view");
    expect_view(g, 0, 0);
    expect_ok(view_visible(g->domid, view, true));
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    expect_view(g, 0, view);
}

/* With altp2m off the instruction is not there. */
static void vmfunc_while_off(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);

    expect_ok(view_state_set(g->domid, false));
    expect_equal(guest_try(g, 0, COMMAND(CMD_VMFUNC, 0, 0)), VECTOR_UD + 1,
                 "exception + 1");
    guest_alive(g);
}

#define SWITCHES 100000

static void vmfunc_makes_no_exits(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);
    uint64_t exit, all;

    exit = guest_do(g, 0, COMMAND(CMD_CPUID_LOOP, 100))->result[0] / 100;
    all = guest_do(g, 0, COMMAND(CMD_VMFUNC_LOOP, view, 0, SWITCHES))->result[0];
    note("%u switches: %llu ticks; one exit: %llu", SWITCHES,
         (unsigned long long)all, (unsigned long long)exit);
    expect(all < exit * SWITCHES / 20, "%llu ticks a switch, %llu an exit",
           (unsigned long long)all / SWITCHES, (unsigned long long)exit);
    expect_view(g, 0, 0);
    guest_alive(g);
}

static void right_notify(altp2m_op_t *op)
{
    if ( op->cmd == HVMOP_altp2m_vcpu_enable_notify )
        op->u.enable_notify.gfn = VE_GFN;
}

static void vmfunc_notify_refuses(void)
{
#define ROW(what, field, value, error)                                    \
        { HVMOP_altp2m_vcpu_ ## what ## _notify, FIELD(u.what ## _notify.field), \
          value, error }
    static const struct refusal rows[] = {
        ROW(enable, pad, 1, -EINVAL),
        ROW(enable, vcpu_id, 1, -EINVAL),
        ROW(enable, vcpu_id, 0xffffffff, -EINVAL),
        ROW(enable, gfn, HOLE_GFN, -EINVAL),
        ROW(disable, vcpu_id, 1, -EINVAL),
        ROW(disable, vcpu_id, 0xffffffff, -EINVAL),
        { 0 },
    };
#undef ROW
    struct guest *g = guest_with_views();
    uint32_t d = g->domid;

    expect_refusals(g, rows, right_notify, by_dom0);
    expect_ok(view_notify_off(d, 0));

    expect_ok(view_notify_on(d, 0, VE_GFN));
    expect_rc(view_notify_on(d, 0, VE_GFN + 1), -EEXIST);
    expect_ok(view_notify_off(d, 0));
    expect_ok(view_notify_off(d, 0));
    expect_ok(view_notify_on(d, 0, VE_GFN + 1));
    guest_alive(g);
}

/* Rights are taken from a page in a view where its violation may be a #VE. */
static struct guest *guest_with_ve(uint16_t *view, bool suppressed)
{
    struct guest *g = guest_with_vmfunc(view);

    expect_ok(view_access_set(g->domid, *view, TEST_GFN, XENMEM_access_rx));
    expect_ok(view_suppress_set(g->domid, *view, TEST_GFN, suppressed));
    return g;
}

#define QUALIFICATION_GLA_VALID (1u << 7)

static void vmfunc_ve_delivered(void)
{
    uint16_t view;
    struct guest *g = guest_with_ve(&view, false);
    struct monitor *m = monitor_open(g, answer_view_0);
    const volatile struct payload_ve *ve = &g->slot[0]->ve;

    for ( unsigned int i = 1; i <= 3; i++ )
    {
        guest_do(g, 0, COMMAND(CMD_VE_SETUP, VE_SWITCH, 0));
        guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
        guest_write(g, TEST_GPA + 0x128, i);
        expect_equal(ve->count, 1, "#VE taken");
        expect_equal(ve->reason, REASON_EPT_VIOLATION, "reason");
        expect_equal(ve->busy, 0xffffffff, "busy word");
        expect_equal(ve->gpa, TEST_GPA + 0x128, "physical address");
        expect(ve->qualification & QUALIFICATION_GLA_VALID,
               "qualification %#llx: no linear address",
               (unsigned long long)ve->qualification);
        expect_equal(ve->gla, TEST_GPA + 0x128, "linear address");
        expect_equal(ve->view, view, "view");
        expect(ve->qualification & 2, "qualification %#llx is no write",
               (unsigned long long)ve->qualification);
        expect_view(g, 0, 0);
        expect_equal(host_read(g, TEST_GPA + 0x128), i, "value");
    }
    expect_equal(m->count, 0, "events of the monitor");
}

/* While the page is busy a violation is an ordinary one. */
static void vmfunc_ve_busy(void)
{
    uint16_t view;
    struct guest *g = guest_with_ve(&view, false);
    struct monitor *m = monitor_open(g, answer_view_0);
    const volatile struct payload_ve *ve = &g->slot[0]->ve;

    guest_do(g, 0, COMMAND(CMD_VE_SETUP, VE_SWITCH | VE_STAY_BUSY, 0));
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    guest_write(g, TEST_GPA, 1);
    expect_equal(ve->count, 1, "#VE taken");
    expect_equal(m->count, 0, "events");
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    guest_write(g, TEST_GPA, 2);
    expect_equal(ve->count, 1, "#VE taken with the page busy");
    expect_equal(m->count, 1, "events with the page busy");
    expect_equal(m->log[0].u.mem_access.gfn, TEST_GFN, "gfn");
    expect_equal(guest_read(g, TEST_GPA), 2, "value");
}

/*
 * A violation while an event is delivered is an ordinary one, or the event would
 * be lost: the table of handlers is out of reach in the view.
 */
static void vmfunc_ve_not_in_delivery(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);
    uint64_t gfn = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[1] >> 12;
    struct monitor *m = monitor_open(g, answer_view_0);

    expect_ok(view_access_set(g->domid, view, gfn, XENMEM_access_n));
    expect_ok(view_suppress_set(g->domid, view, gfn, false));
    guest_do(g, 0, COMMAND(CMD_VE_SETUP, VE_SWITCH, 0));
    for ( unsigned int i = 0; i < 3; i++ )
    {
        guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
        expect_equal(guest_try(g, 0, COMMAND(CMD_TRAP)), VECTOR_UD + 1,
                     "exception + 1");
        expect_equal(g->slot[0]->ve.count, 0, "#VE taken");
        expect_equal(m->count, i + 1, "events");
        expect_equal(m->log[i].u.mem_access.gfn, gfn, "gfn");
        expect_view(g, 0, 0);
    }
}

static void vmfunc_ve_suppressed(void)
{
    uint16_t view;
    struct guest *g = guest_with_ve(&view, true);
    struct monitor *m = monitor_open(g, answer_view_0);

    guest_do(g, 0, COMMAND(CMD_VE_SETUP, VE_SWITCH, 0));
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    guest_write(g, TEST_GPA, 1);
    expect_equal(g->slot[0]->ve.count, 0, "#VE taken");
    expect_equal(m->count, 1, "events");
}

/* The information page can't be taken away from under the CPU. */
static void vmfunc_ve_page_dropped(void)
{
    uint16_t view;
    struct guest *g = guest_with_ve(&view, false);

    monitor_open(g, answer_view_0);
    guest_do(g, 0, COMMAND(CMD_VE_SETUP, VE_SWITCH, 0));
    host_drop(g, VE_GFN);
    host_populate(g, VE_GFN);
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    guest_write(g, TEST_GPA, 1);
    expect_equal(guest_read(g, TEST_GPA), 1, "value");
    expect_ok(view_notify_off(g->domid, 0));
    guest_alive(g);
}

/* What VMFUNC reads says, as the VMCS does, whether A and D bits are kept. */
static void vmfunc_logs_dirty(void)
{
    uint16_t view;
    struct guest *g = guest_with_vmfunc(&view);

    guest_fill(g, TEST_GPA, 16, 5);
    host_log_dirty(g, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        host_dirty(g, 0);
        guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
        guest_write(g, gpa_of(TEST_GFN + i), i);
        guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, 0));
        expect(host_dirty(g, TEST_GFN + i),
               "a write after VMFUNC is not logged, round %u", i);
    }
    host_log_dirty(g, XEN_DOMCTL_SHADOW_OP_OFF);
    guest_alive(g);
}

const struct test tests_vmfunc[] = {
    { "vmfunc_switches", NEEDS_VMFUNC, vmfunc_switches },
    { "vmfunc_sees_changes", NEEDS_VMFUNC, vmfunc_sees_changes },
    { "vmfunc_refused", NEEDS_VMFUNC, vmfunc_refused },
    { "vmfunc_logs_dirty", NEEDS_VMFUNC, vmfunc_logs_dirty },
    { "vmfunc_while_off", NEEDS_VMFUNC, vmfunc_while_off },
    { "vmfunc_makes_no_exits", NEEDS_HARDWARE, vmfunc_makes_no_exits },
    { "vmfunc_notify_refuses", NEEDS_VE, vmfunc_notify_refuses },
    { "vmfunc_ve_delivered", NEEDS_VE | NEEDS_VMFUNC, vmfunc_ve_delivered },
    { "vmfunc_ve_busy", NEEDS_VE | NEEDS_VMFUNC, vmfunc_ve_busy },
    { "vmfunc_ve_not_in_delivery", NEEDS_VE | NEEDS_VMFUNC, vmfunc_ve_not_in_delivery },
    { "vmfunc_ve_suppressed", NEEDS_VE | NEEDS_VMFUNC, vmfunc_ve_suppressed },
    { "vmfunc_ve_page_dropped", NEEDS_VE | NEEDS_VMFUNC, vmfunc_ve_page_dropped },
    { 0 },
};
