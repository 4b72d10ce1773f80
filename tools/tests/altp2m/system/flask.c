/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: with a policy loaded, it decides who may use views.  The policy is Xen's
 * own and tools/tests/altp2m/flask/views.te.  Run in a boot of their own, in which
 * the policy comes late: from the first of them.
 */
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>

#define POLICY "/tests/xenpolicy"
#define LABEL  "system_u:system_r:"

static void load_policy(void)
{
    static bool loaded;
    static char policy[1 << 20];
    size_t size;
    FILE *f;

    if ( loaded )
        return;
    f = fopen(POLICY, "r");
    expect(f, "no %s", POLICY);
    size = fread(policy, 1, sizeof(policy), f);
    fclose(f);
    expect(size && size < sizeof(policy), "a policy of %zu bytes", size);
    expect(!xc_flask_load(xch, policy, size), "loading the policy: %s",
           error_name(-errno));
    expect_equal(xc_flask_getenforce(xch), 1, "enforcing");
    loaded = true;
}

static uint32_t label(const char *type)
{
    char context[64];
    uint32_t sid;
    int rc;

    load_policy();
    snprintf(context, sizeof(context), LABEL "%s", type);
#ifdef LABEL_IS_STRING
    rc = xc_flask_context_to_sid(xch, context, &sid);
#else
    rc = xc_flask_context_to_sid(xch, context, strlen(context), &sid);
#endif
    expect(!rc, "no label %s: %s", context, error_name(-errno));
    return sid;
}

static struct guest *labelled(const char *type, unsigned int mode)
{
    return guest_new(&(struct guest_config){
        .ssid = label(type), .mode = mode, .disabled = !mode });
}

/* Each operation from outside: allowed by the policy, or refused by it. */
static void expect_outside(struct guest *g, bool allowed)
{
    for ( uint32_t cmd = HVMOP_altp2m_get_domain_state;
          cmd <= HVMOP_altp2m_set_visibility; cmd++ )
    {
        altp2m_op_t op = op_new(g->domid, cmd);
        int rc;

        if ( cmd == HVMOP_altp2m_set_domain_state )
            op.u.domain_state.state = 1; /* as it is */
        rc = op_do(&op);
        if ( allowed )
            expect(rc != -EACCES && rc != -EPERM, "operation %u: %s", cmd,
                   error_name(rc));
        else
            expect(rc == -EACCES, "operation %u: %s", cmd, error_name(rc));
    }
}

static int by_guest(struct guest *g, uint32_t cmd)
{
    altp2m_op_t *op = host_map(g, PAYLOAD_BUFFER >> 12);

    *op = op_new(0, cmd);
    op->domain = DOMID_SELF;
    op->u.domain_state.state = 1;
    host_unmap(op);
    return guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                                  HVMOP_altp2m, PAYLOAD_BUFFER))->result[0];
}

/*
 * The mode itself is what a policy may refuse.  Where it is said when a domain is
 * created, nobody may set it later, and the policy is not asked.
 */
static void flask_refuses_mode(void)
{
#ifdef XEN_DOMCTL_ALTP2M_mode
    const int refused = EEXIST;
#else
    const int refused = EACCES;
#endif
    struct guest *g = labelled("viewless_t", 0);
    uint64_t mode;

    expect(xc_hvm_param_set(xch, g->domid, HVM_PARAM_ALTP2M,
                            XEN_ALTP2M_external) && errno == refused,
           "setting the mode: %s", error_name(-errno));
    expect(!xc_hvm_param_get(xch, g->domid, HVM_PARAM_ALTP2M, &mode) && !mode,
           "there is a mode");
    guest_alive(g);
}

static void flask_refuses_operations(void)
{
    struct guest *g = labelled("unviewed_t", XEN_ALTP2M_mixed);
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_domain_state);

    op.u.domain_state.state = 1;
    expect_rc(op_do(&op), -EACCES);
    expect_rc(by_guest(g, HVMOP_altp2m_set_domain_state), -EACCES);
    op.cmd = HVMOP_altp2m_get_domain_state;
    expect_rc(op_do(&op), -EACCES);
    guest_alive(g);
}

/* Allowed from outside, to a guest that may not: whatever the mode says. */
static void flask_allows_outside(void)
{
    static const unsigned int modes[] = { XEN_ALTP2M_mixed, XEN_ALTP2M_external,
                                          XEN_ALTP2M_limited };

    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct guest *g = labelled("viewed_t", modes[i]);
        uint16_t view;

        expect_ok(view_state_set(g->domid, true));
        view = new_view(g);
        expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rx));
        expect_outside(g, true);
        expect_ok(view_switch(g->domid, view));
        guest_alive(g);
        expect_rc(by_guest(g, HVMOP_altp2m_get_domain_state),
                  modes[i] == XEN_ALTP2M_mixed ? -EACCES : -EPERM);
        guest_destroy(g);
    }
}

/* The policy changes under live views. */
static void flask_changes_its_mind(void)
{
    struct guest *g = labelled("viewed_t", XEN_ALTP2M_external);
    char name[] = "views_allowed";
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    expect_ok(view_switch(g->domid, view));
    expect(!xc_flask_setbool(xch, name, 0, 1), "boolean: %s",
           error_name(-errno));
    expect_outside(g, false);
    guest_alive(g);
    expect(!xc_flask_setbool(xch, name, 1, 1), "boolean: %s",
           error_name(-errno));
    expect_view(g, 0, view);
    expect_ok(view_state_set(g->domid, false));
}

/* Policy and mode both have to allow what a guest does to itself. */
static void flask_allows_guest(void)
{
    static const struct
    {
        unsigned int mode;
        int state, notify;
    } wanted[] = {
        { XEN_ALTP2M_mixed, 0, 0 },
        { XEN_ALTP2M_external, -EPERM, -EPERM },
        { XEN_ALTP2M_limited, -EPERM, 0 },
    };

    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct guest *g = labelled("selfviewed_t", wanted[i].mode);
        altp2m_op_t *op;

        expect_ok(view_state_set(g->domid, true));
        expect_rc(by_guest(g, HVMOP_altp2m_get_domain_state), wanted[i].state);
        op = host_map(g, PAYLOAD_BUFFER >> 12);
        *op = op_new(0, HVMOP_altp2m_vcpu_enable_notify);
        op->domain = DOMID_SELF;
        op->u.enable_notify.gfn = PAYLOAD_VE_INFO >> 12;
        host_unmap(op);
        expect_equal((int)guest_do(g, 0, COMMAND(
                         CMD_HYPERCALL, __HYPERVISOR_hvm_op, HVMOP_altp2m,
                         PAYLOAD_BUFFER))->result[0],
                     wanted[i].notify, "enabling notification");
        guest_destroy(g);
    }
}

static const struct test tests_flask[] = {
    { "flask_refuses_mode", NEEDS_NOTHING, flask_refuses_mode },
    { "flask_refuses_operations", NEEDS_NOTHING, flask_refuses_operations },
    { "flask_allows_outside", NEEDS_NOTHING, flask_allows_outside },
    { "flask_changes_its_mind", NEEDS_NOTHING, flask_changes_its_mind },
    { "flask_allows_guest", NEEDS_NOTHING, flask_allows_guest },
    { 0 },
};

const struct test *const tables[] = { tests_flask, NULL };
