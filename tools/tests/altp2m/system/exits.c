/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: which VM exits VMFUNC costs, counted by Xen's own trace. */
#include "capability.h"
#include "guest.h"
#include "trace.h"

#define VE_GFN   (PAYLOAD_VE_INFO >> 12)
#define SWITCHES 100000
#define EMULATED 1000
#define TRAPS    50

/*
 * No exit is due to a switch: what the guest exits for in the meantime is
 * interrupts, and hypercalls while it waits for a command.
 */
static void exits_of_vmfunc_counted(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct exits n;

    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    trace_start();
    guest_do(g, 0, COMMAND(CMD_VMFUNC_LOOP, view, 0, SWITCHES));
    n = trace_stop();
    note("%u switches; exits: %llu, for VMFUNC %llu, exceptions %llu, nested "
         "faults %llu, hypercalls %llu, interrupts %llu", SWITCHES,
         (unsigned long long)n.all, (unsigned long long)n.vmfunc,
         (unsigned long long)n.exceptions, (unsigned long long)n.nested,
         (unsigned long long)n.hypercalls, (unsigned long long)n.interrupts);
    expect(n.hypercalls, "nothing is traced");
    expect_equal(n.vmfunc, 0, "exits for VMFUNC");
    expect_equal(n.exceptions, 0, "exits for exceptions");
    expect_equal(n.nested, 0, "exits for nested faults");
    expect_equal(n.all, n.hypercalls + n.interrupts, "all exits");
    expect(n.interrupts < SWITCHES / 100, "too many interrupts to tell");
    guest_alive(g);
}

/* Where the hypervisor emulates it, each is an exit, and the trace shows it. */
static void exits_of_vmfunc_emulated(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct exits n;

    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    trace_start();
    guest_do(g, 0, COMMAND(CMD_VMFUNC_LOOP, view, 0, EMULATED));
    n = trace_stop();
    note("%u switches; exits: %llu, exceptions %llu", EMULATED,
         (unsigned long long)n.all, (unsigned long long)n.exceptions);
    expect_equal(n.exceptions,
                 capabilities() & NEEDS_HARDWARE ? 0 : EMULATED,
                 "exits for exceptions");
    expect_equal(n.nested, 0, "exits for nested faults");
}

static uint64_t traced_traps(struct guest *g)
{
    trace_start();
    for ( unsigned int i = 0; i < TRAPS; i++ )
        expect_equal(guest_try(g, 0, COMMAND(CMD_TRAP)), 6 + 1,
                     "exception + 1");
    return trace_stop().exceptions;
}

/* #UD goes through the hypervisor only for a vCPU whose VMFUNC it emulates. */
static void exits_of_ud_where_used(void)
{
    struct guest *g = guest_with_views();
    uint64_t wanted = capabilities() & NEEDS_HARDWARE ? 0 : TRAPS;

    expect_equal(traced_traps(g), 0, "exits for #UD before");
    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    expect_equal(traced_traps(g), wanted, "exits for #UD with VMFUNC");
    expect_ok(view_notify_off(g->domid, 0));
    expect_equal(traced_traps(g), 0, "exits for #UD after");
    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    expect_ok(view_state_set(g->domid, false));
    expect_equal(traced_traps(g), 0, "exits for #UD with views off");
}

/*
 * A guest whose CPUID claims the other vendor's CPU has its #UD intercepted for
 * that vendor's instructions, whatever becomes of VMFUNC.
 */
static void exits_of_ud_for_other_vendor(void)
{
    struct guest *g;

    if ( (xc_version(xch, XENVER_version, NULL) & 0xffff) >= 22 )
        skip("since 4.22 Xen has no guests of another vendor");
    g = guest_new(&(struct guest_config){ .other_vendor = true });
    expect_equal(traced_traps(g), TRAPS, "exits for #UD without views");
    expect_ok(view_state_set(g->domid, true));
    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    expect_equal(traced_traps(g), TRAPS, "exits for #UD with VMFUNC");
    expect_ok(view_notify_off(g->domid, 0));
    expect_equal(traced_traps(g), TRAPS, "exits for #UD after");
    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    expect_ok(view_state_set(g->domid, false));
    expect_equal(traced_traps(g), TRAPS, "exits for #UD with views off");
}

const struct test tests_exits[] = {
    { "exits_of_vmfunc_counted", NEEDS_HARDWARE, exits_of_vmfunc_counted },
    { "exits_of_vmfunc_emulated", NEEDS_VMFUNC, exits_of_vmfunc_emulated },
    { "exits_of_ud_where_used", NEEDS_VMFUNC, exits_of_ud_where_used },
    { "exits_of_ud_for_other_vendor", NEEDS_VMFUNC,
      exits_of_ud_for_other_vendor },
    { 0 },
};
