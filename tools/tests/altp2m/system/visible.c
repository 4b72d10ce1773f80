/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: what single vCPUs may do, and where they are put. */
#include "library.h"
#include "monitor.h"

#include <stdlib.h>

#define VECTOR_UD 6
#define VE_GFN    (PAYLOAD_VE_INFO >> 12)

static struct guest *guest_with_two(uint16_t *view)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });

    expect_ok(view_state_set(g->domid, true));
    guest_start_vcpu(g, 1);
    *view = new_view(g);
    return g;
}

static int set_vmfunc(struct guest *g, uint32_t vcpu, bool on)
{
    return of_library(xenaltp2m_set_vmfunc(library(), g->domid, vcpu, on));
}

static int show(struct guest *g, uint32_t vcpu, uint16_t view, bool visible)
{
    return of_library(xenaltp2m_set_vcpu_visibility(library(), g->domid, vcpu,
                                                    view, visible));
}

static uint32_t vmfunc(struct guest *g, unsigned int vcpu, uint16_t view)
{
    return guest_try(g, vcpu, COMMAND(CMD_VMFUNC, 0, view));
}

static uint16_t vcpu_flags(struct guest *g, unsigned int vcpu)
{
    struct xen_altp2m_vcpu *list;
    size_t nr;
    uint16_t flags;

    expect_library(xenaltp2m_all_vcpus(library(), g->domid, &list, &nr), 0);
    expect(vcpu < nr, "%zu vCPUs are told of", nr);
    flags = list[vcpu].flags;
    free(list);
    return flags;
}

static void visible_when_one_is_switched(void)
{
    uint16_t view;
    struct guest *g = guest_with_two(&view);

    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 1, view), 0);
    expect_view(g, 0, 0);
    expect_view(g, 1, view);
    expect_equal(view_info(g, view).vcpus, 1, "vCPUs in it");
    /* A monitor may put it where the guest may not go. */
    expect_ok(view_visible(g->domid, view, false));
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 1, 0), 0);
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 0, view), 0);
    expect_view(g, 0, view);
    expect_view(g, 1, 0);
    guest_do(g, 0, COMMAND(CMD_NOP));
    guest_do(g, 1, COMMAND(CMD_NOP));
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 0, 7), -ENOENT);
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 0, 600), -ENOENT);
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 2, 0), -ENOENT);
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, ~0u, 0), -ENOENT);
    expect_view(g, 0, view);
}

/* VMFUNC is there for the one that may, and with no information page. */
static void visible_vmfunc_without_ve(void)
{
    uint16_t view;
    struct guest *g = guest_with_two(&view);
    struct monitor *m = monitor_open(g, answer_view_0);

    expect_equal(vmfunc(g, 0, view), VECTOR_UD + 1, "exception + 1 before");
    expect_ok(set_vmfunc(g, 0, true));
    expect_ok(set_vmfunc(g, 0, true));
    expect_equal(vcpu_flags(g, 0), XEN_ALTP2M_VCPU_VMFUNC, "flags");
    expect_equal(vmfunc(g, 0, view), 0, "exception + 1");
    expect_view(g, 0, view);
    expect_equal(vmfunc(g, 1, view), VECTOR_UD + 1, "exception + 1 elsewhere");
    expect_view(g, 1, 0);
    expect_equal(vmfunc(g, 0, 0), 0, "exception + 1 on the way back");
    expect_view(g, 0, 0);

    /* It takes no #VE: there is nowhere to tell it. */
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rx));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN, false));
    expect_equal(vmfunc(g, 0, view), 0, "exception + 1");
    guest_write(g, TEST_GPA, 5);
    expect_equal(m->count, 1, "violations of the monitor");
    expect_equal(m->log[0].altp2m_idx, view, "view of the violation");

    /* With a page, and without again. */
    expect_ok(view_notify_on(g->domid, 0, VE_GFN));
    expect_equal(vcpu_flags(g, 0), XEN_ALTP2M_VCPU_VMFUNC | XEN_ALTP2M_VCPU_VE,
                 "flags");
    expect_equal(vmfunc(g, 0, view), 0, "exception + 1 with a page");
    expect_ok(view_notify_off(g->domid, 0));
    expect_equal(vmfunc(g, 0, 0), 0, "exception + 1 without it again");
    expect_view(g, 0, 0);
    expect_ok(set_vmfunc(g, 0, false));
    expect_equal(vmfunc(g, 0, view), VECTOR_UD + 1, "exception + 1 after");
    expect_rc(set_vmfunc(g, 2, true), -ENOENT);

    expect_ok(set_vmfunc(g, 0, true));
    expect_ok(view_state_set(g->domid, false));
    expect_equal(vmfunc(g, 0, 0), VECTOR_UD + 1, "exception + 1 while off");
    expect_ok(view_state_set(g->domid, true));
    expect_equal(vmfunc(g, 0, 0), VECTOR_UD + 1, "exception + 1 when on again");
}

/* What is hidden from one vCPU is not from another. */
static void visible_per_vcpu(void)
{
    uint16_t view, other;
    struct guest *g = guest_with_two(&view);

    other = new_view(g);
    for ( unsigned int i = 0; i < 2; i++ )
        expect_ok(set_vmfunc(g, i, true));
    expect_ok(show(g, 0, view, false));
    expect_equal(vcpu_flags(g, 0), XEN_ALTP2M_VCPU_VMFUNC |
                 XEN_ALTP2M_VCPU_LIST, "flags");
    expect_equal(vmfunc(g, 0, view), VECTOR_UD + 1, "exception + 1");
    expect_view(g, 0, 0);
    expect_equal(vmfunc(g, 1, view), 0, "exception + 1 of the other");
    expect_view(g, 1, view);
    expect_equal(vmfunc(g, 0, other), 0, "exception + 1 to another view");
    expect_equal(vmfunc(g, 0, 0), 0, "exception + 1 back");

    /* Views that come and go, and the domain's own say, count as well. */
    expect_ok(view_destroy(g->domid, other));
    expect_equal(vmfunc(g, 0, other), VECTOR_UD + 1, "exception + 1");
    other = new_view(g);
    expect_equal(vmfunc(g, 0, other), 0, "exception + 1 to a new view");
    expect_equal(vmfunc(g, 0, 0), 0, "exception + 1 back");
    expect_ok(view_visible(g->domid, other, false));
    expect_equal(vmfunc(g, 0, other), VECTOR_UD + 1, "exception + 1");
    expect_ok(view_visible(g->domid, other, true));

    expect_ok(show(g, 0, view, true));
    expect_equal(vcpu_flags(g, 0), XEN_ALTP2M_VCPU_VMFUNC, "flags");
    expect_equal(vmfunc(g, 0, view), 0, "exception + 1 when shown again");
    expect_view(g, 0, view);
    expect_rc(show(g, 2, view, true), -ENOENT);
    expect_rc(show(g, 0, 7, true), -ENOENT);
    expect_rc(show(g, 0, 512, false), -ENOENT);
    expect_ok(show(g, 1, other, false));
    guest_do(g, 0, COMMAND(CMD_NOP));
    guest_do(g, 1, COMMAND(CMD_NOP));
}

const struct test tests_visible[] = {
    { "visible_when_one_is_switched", NEEDS_VIEWS, visible_when_one_is_switched },
    { "visible_vmfunc_without_ve", NEEDS_VMFUNC, visible_vmfunc_without_ve },
    { "visible_per_vcpu", NEEDS_VMFUNC, visible_per_vcpu },
    { 0 },
};
