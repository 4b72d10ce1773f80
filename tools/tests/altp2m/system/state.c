/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: altp2m on and off, and arguments that every operation checks. */
#include "guest.h"
#include "refusal.h"

#include <errno.h>
#include <stddef.h>

static void expect_state(struct guest *g, bool wanted)
{
    bool on = !wanted;

    expect_ok(view_state_get(g->domid, &on));
    expect_equal(on, wanted, "state");
}

static void state_on_off(void)
{
    struct guest *g = guest_new(NULL);

    expect_state(g, false);
    expect_ok(view_state_set(g->domid, true));
    expect_state(g, true);
    expect_ok(view_state_set(g->domid, true));
    expect_state(g, true);
    expect_view(g, 0, 0);
    guest_alive(g);
    expect_ok(view_state_set(g->domid, false));
    expect_state(g, false);
    expect_ok(view_state_set(g->domid, false));
    guest_alive(g);
}

/* Off and on again must leave neither views nor overrides behind. */
static void state_off_forgets(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g), again;

    guest_fill(g, TEST_GPA, 4, 1);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 1, TEST_GFN + 2));
    expect_ok(view_switch(g->domid, view));
    expect_equal(guest_read(g, TEST_GPA + 0x1000),
                 payload_pattern(TEST_GPA + 0x2000, 1), "remapped page");

    expect_ok(view_state_set(g->domid, false));
    guest_verify(g, TEST_GPA, 4, 1);
    guest_write(g, TEST_GPA, 7);

    expect_ok(view_state_set(g->domid, true));
    expect_view(g, 0, 0);
    expect_rc(view_switch(g->domid, view), -EINVAL);
    again = new_view(g);
    expect_equal(again, view, "first view after off and on");
    expect_access(g, again, TEST_GFN, XENMEM_access_rwx);
    expect_ok(view_switch(g->domid, again));
    expect_equal(guest_read(g, TEST_GPA + 0x1000),
                 payload_pattern(TEST_GPA + 0x1000, 1), "page of the new view");
}

static void state_off_under_running_guest(void)
{
    struct guest *g = guest_new(NULL);
    const volatile struct payload_slot *s = g->slot[0];

    guest_write(g, TEST_GPA, 0x11);
    guest_write(g, TEST_GPA + 0x1000, 0x22);
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA));
    for ( unsigned int i = 0; i < 30; i++ )
    {
        uint16_t view;

        expect_ok(view_state_set(g->domid, true));
        view = new_view(g);
        expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
        expect_ok(view_switch(g->domid, view));
        guest_await_round(g, s->rounds);
        expect_ok(view_state_set(g->domid, false));
        /* On one CPU the guest runs only while we wait. */
        guest_await_round(g, s->rounds);
    }
    guest_alive(g);
    expect(s->values == 2 && !s->lost, "the guest saw %llu values",
           (unsigned long long)s->values);
    for ( unsigned int i = 0; i < 2; i++ )
        expect(s->value[i].value == 0x11 || s->value[i].value == 0x22,
               "the guest saw %#llx", (unsigned long long)s->value[i].value);
}

static void state_refuses(void)
{
    struct guest *g = guest_with_views();
    altp2m_op_t op;

    expect_refusals(g, envelope_refusals, NULL, by_dom0);
    op = op_new(0x7000, HVMOP_altp2m_get_domain_state);
    expect_rc(op_do(&op), -ESRCH);
    op = op_new(0, HVMOP_altp2m_set_domain_state); /* dom0 is not HVM */
    expect_rc(op_do(&op), -EOPNOTSUPP);
    expect_rc(hvm_op_raw(HVMOP_altp2m, NULL), -EFAULT);
    expect_state(g, true);
}

static void state_off_refuses_operations(void)
{
    struct guest *g = guest_new(NULL);

    for ( uint32_t cmd = HVMOP_altp2m_vcpu_enable_notify;
          cmd <= HVMOP_altp2m_set_visibility; cmd++ )
    {
        altp2m_op_t op = op_new(g->domid, cmd);
        int rc = op_do(&op);

        expect(rc == -EOPNOTSUPP, "operation %u while off: %s", cmd,
               error_name(rc));
    }
    expect_state(g, false);
    guest_alive(g);
}

static void state_mode_disabled(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .disabled = true });
    bool on;

    expect_rc(view_state_set(g->domid, true), -EINVAL);
    expect_rc(view_state_get(g->domid, &on), -EINVAL);
    guest_alive(g);
}

static void state_mode_set_once(void)
{
    struct guest *g = guest_new(NULL);
    uint64_t mode = 0;

    expect(xc_hvm_param_set(xch, g->domid, HVM_PARAM_ALTP2M, XEN_ALTP2M_mixed),
           "the mode could be changed");
    expect_equal(errno, EEXIST, "changing the mode");
    expect(!xc_hvm_param_get(xch, g->domid, HVM_PARAM_ALTP2M, &mode), "mode");
    expect_equal(mode, XEN_ALTP2M_external, "mode after that");
}

const struct test tests_state[] = {
    { "state_on_off", NEEDS_VIEWS, state_on_off },
    { "state_off_forgets", NEEDS_VIEWS, state_off_forgets },
    { "state_off_under_running_guest", NEEDS_VIEWS,
      state_off_under_running_guest },
    { "state_refuses", NEEDS_VIEWS, state_refuses },
    { "state_off_refuses_operations", NEEDS_VIEWS, state_off_refuses_operations },
    { "state_mode_disabled", NEEDS_VIEWS, state_mode_disabled },
    { "state_mode_set_once", NEEDS_VIEWS, state_mode_set_once },
    { 0 },
};
