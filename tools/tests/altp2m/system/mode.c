/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: operations made by the guest itself, from 64-bit and from 32-bit code
 * (the compat path), as far as the mode allows them.
 */
#include "guest.h"
#include "refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xen/xen.h>

/* In a 32-bit caller's structure each handle is 32 bits wide. */
struct many32
{
    uint16_t view, pad;
    uint32_t nr;
    uint64_t opaque;
    uint32_t pfn_list, access_list;
} __attribute__((packed, aligned(4)));

enum width { BITS64, BITS32 };

static const enum payload_command hypercall_by[] = {
    [BITS64] = CMD_HYPERCALL, [BITS32] = CMD_HYPERCALL32,
};

static int guest_op(struct guest *g, enum width width, altp2m_op_t *op)
{
    void *page = host_map(g, PAYLOAD_BUFFER >> 12);
    int rc;

    op->domain = DOMID_SELF;
    memcpy(page, op, sizeof(*op));
    rc = guest_do(g, 0, COMMAND(hypercall_by[width], __HYPERVISOR_hvm_op,
                                HVMOP_altp2m, PAYLOAD_BUFFER))->result[0];
    memcpy(op, page, sizeof(*op));
    host_unmap(page);
    return rc;
}

static int guest_state(struct guest *g, enum width w, bool on)
{
    altp2m_op_t op = op_new(0, HVMOP_altp2m_set_domain_state);

    op.u.domain_state.state = on;
    return guest_op(g, w, &op);
}

static int guest_simple(struct guest *g, enum width w, uint32_t cmd,
                        uint16_t view, uint16_t access)
{
    altp2m_op_t op = op_new(0, cmd);

    op.u.view.view = view;
    op.u.view.hvmmem_default_access = access;
    return guest_op(g, w, &op);
}

static int guest_access(struct guest *g, enum width w, uint16_t view,
                        uint64_t gfn, unsigned int access)
{
    altp2m_op_t op = op_new(0, HVMOP_altp2m_set_mem_access);

    op.u.mem_access.view = view;
    op.u.mem_access.gfn = gfn;
    op.u.mem_access.access = access;
    return guest_op(g, w, &op);
}

/* What a guest in mixed mode does, checked from outside. */
static void mixed(enum width w)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });
    altp2m_op_t op;
    uint16_t view;

    expect_ok(guest_state(g, w, true));
    op = op_new(0, HVMOP_altp2m_get_domain_state);
    expect_ok(guest_op(g, w, &op));
    expect_equal(op.u.domain_state.state, 1, "state");

    op = op_new(0, HVMOP_altp2m_create_p2m);
    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    expect_ok(guest_op(g, w, &op));
    view = op.u.view.view;
    expect_ok(guest_access(g, w, view, TEST_GFN, XENMEM_access_rx));
    expect_access(g, view, TEST_GFN, XENMEM_access_rx);
    op = op_new(0, HVMOP_altp2m_get_mem_access);
    op.u.mem_access.view = view;
    op.u.mem_access.gfn = TEST_GFN;
    expect_ok(guest_op(g, w, &op));
    expect_equal(op.u.mem_access.access, XENMEM_access_rx, "access");

    guest_write(g, TEST_GPA + 0x2000, 0x2222);
    op = op_new(0, HVMOP_altp2m_change_gfn);
    op.u.change_gfn.view = view;
    op.u.change_gfn.old_gfn = TEST_GFN + 1;
    op.u.change_gfn.new_gfn = TEST_GFN + 2;
    expect_ok(guest_op(g, w, &op));
    expect_ok(guest_simple(g, w, HVMOP_altp2m_switch_p2m, view, 0));
    expect_view(g, 0, view);
    expect_equal(guest_read(g, TEST_GPA + 0x1000), 0x2222, "remapped page");
    op = op_new(0, HVMOP_altp2m_get_p2m_idx);
    expect_ok(guest_op(g, w, &op));
    expect_equal(op.u.get_vcpu_p2m_idx.altp2m_idx, view, "index");

    expect_rc(guest_simple(g, w, HVMOP_altp2m_destroy_p2m, view, 0), -EBUSY);
    expect_ok(guest_simple(g, w, HVMOP_altp2m_switch_p2m, 0, 0));
    op = op_new(0, HVMOP_altp2m_set_visibility);
    op.u.set_visibility.altp2m_idx = view;
    expect_ok(guest_op(g, w, &op));
    expect_rc(guest_simple(g, w, HVMOP_altp2m_switch_p2m, view, 0), -EINVAL);
    expect_ok(guest_simple(g, w, HVMOP_altp2m_destroy_p2m, view, 0));
    expect_ok(guest_state(g, w, false));
    guest_alive(g);
}

static void mode_mixed_64(void)
{
    mixed(BITS64);
}

static void mode_mixed_32(void)
{
    mixed(BITS32);
}

#define MANY    3000
#define GFNS    (PAYLOAD_BUFFER + 0x1000)
#define RIGHTS  (PAYLOAD_BUFFER + 0x8000)

static void fill_lists(struct guest *g)
{
    random_seed();
    for ( unsigned int page = 0; page < 6; page++ )
    {
        uint64_t *gfns = host_map(g, (GFNS >> 12) + page);

        for ( unsigned int i = 0; i < 512; i++ )
            gfns[i] = TEST_GFN + (page * 512 + i) % 1024;
        host_unmap(gfns);
    }
    for ( unsigned int i = 0; i < MANY; i += 8 )
        host_write(g, RIGHTS + i, random_below(2) ? 0x0505050505050505 :
                                                    0x0303030303030303);
}

static void many(enum width w)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });
    altp2m_op_t op = op_new(0, HVMOP_altp2m_set_mem_access_multi);
    struct many32 *narrow = (void *)&op.u;
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    fill_lists(g);
    op.u.set_mem_access_multi.view = view;
    op.u.set_mem_access_multi.nr = MANY;
    if ( w == BITS32 )
    {
        narrow->pfn_list = GFNS;
        narrow->access_list = RIGHTS;
    }
    else
    {
        set_xen_guest_handle_raw(op.u.set_mem_access_multi.pfn_list,
                                 (void *)GFNS);
        set_xen_guest_handle_raw(op.u.set_mem_access_multi.access_list,
                                 (void *)RIGHTS);
    }
    expect_ok(guest_op(g, w, &op));
    for ( unsigned int i = MANY - 1024; i < MANY; i++ )
    {
        uint64_t rights = host_read(g, RIGHTS + (i & ~7u));

        expect_access(g, view, TEST_GFN + i % 1024,
                      rights >> (i % 8 * 8) & 0xff);
    }
    op.u.set_mem_access_multi.opaque = MANY + 1;
    expect_rc(guest_op(g, w, &op), -EINVAL);
    op.u.set_mem_access_multi.opaque = 0;
    op.u.set_mem_access_multi.pad = 1;
    expect_rc(guest_op(g, w, &op), -EINVAL);
}

static void mode_list_64(void)
{
    many(BITS64);
}

static void mode_list_32(void)
{
    many(BITS32);
}

static int by_guest_32(struct guest *g, altp2m_op_t *op)
{
    return guest_op(g, BITS32, op);
}

/* From 32 bits the same arguments are refused as from 64. */
static void mode_refuses_32(void)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });

    expect_refusals(g, envelope_refusals, NULL, by_guest_32);
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL32, __HYPERVISOR_hvm_op,
                                        HVMOP_altp2m, 0x80000000))->result[0],
                 -EFAULT, "bad address");
    guest_alive(g);
}

/* Every operation, tried by the guest. */
static void expect_all(struct guest *g, uint32_t except, int wanted)
{
    for ( enum width w = BITS64; w <= BITS32; w++ )
        for ( uint32_t cmd = HVMOP_altp2m_get_domain_state;
              cmd <= HVMOP_altp2m_set_visibility; cmd++ )
        {
            altp2m_op_t op = op_new(0, cmd);
            int rc;

            if ( cmd == except )
                continue;
            rc = guest_op(g, w, &op);
            expect(rc == wanted, "operation %u by the guest: %s, not %s", cmd,
                   error_name(rc), error_name(wanted));
        }
}

static void mode_external_denies_guest(void)
{
    struct guest *g = guest_with_views();
    bool on = false;

    expect_all(g, 0, -EPERM);
    expect_ok(view_state_get(g->domid, &on));
    expect(on, "the guest turned altp2m off");
}

static void mode_limited_denies_guest(void)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_limited });
    altp2m_op_t op;
    int rc;

    expect_ok(view_state_set(g->domid, true));
    expect_all(g, HVMOP_altp2m_vcpu_enable_notify, -EPERM);
    op = op_new(0, HVMOP_altp2m_vcpu_enable_notify);
    op.u.enable_notify.gfn = PAYLOAD_VE_INFO >> 12;
    rc = guest_op(g, BITS64, &op);
    /* Allowed; but there may be no #VE here. */
    expect(rc == 0 || rc == -EOPNOTSUPP, "enabling notification: %s",
           error_name(rc));
}

/* Another domain is none of a guest's business, whatever its own mode. */
static void mode_mixed_is_for_oneself(void)
{
    struct guest *a =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });
    struct guest *b =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });
    altp2m_op_t *page = host_map(a, PAYLOAD_BUFFER >> 12);
    long long rc;
    bool on = true;

    *page = op_new(b->domid, HVMOP_altp2m_set_domain_state);
    page->u.domain_state.state = 1;
    rc = (int64_t)guest_do(a, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                                         HVMOP_altp2m, PAYLOAD_BUFFER))
         ->result[0];
    host_unmap(page);
    expect_equal(rc, -EPERM, "operation on another domain");
    expect_ok(view_state_get(b->domid, &on));
    expect(!on, "altp2m of the other domain is on");
}

/* ---- a guest that floods its own operations ---- */

#define FLOODERS 3u
#define CALLS    40u
/*
 * An emulator runs its CPUs in turns: one may have to stop after it has asked and
 * before it is in the queue, and another makes so many sections in its turn.
 */
#define TURN     512u

/* Sections that others' have let pass at most, by what a debug Xen says. */
struct overtaken { bool told; unsigned int plain, paused; };

static struct overtaken overtaken(uint32_t domid)
{
    static char text[1 << 18];
    unsigned int size = sizeof(text) - 1, index = 0;
    struct overtaken most = { false };
    char word[40];

    expect(!xc_readconsolering(xch, text, &size, 0, 0, &index), "no console");
    text[size] = 0;
    most.told = strstr(text, "altp2m-overtaken ");
    snprintf(word, sizeof(word), "altp2m-overtaken d%u: ", domid);
    for ( const char *at = text; (at = strstr(at, word)); at++ )
        expect(sscanf(at + strlen(word), "%u paused %u", &most.plain,
                      &most.paused) == 2, "can't read: %.60s", at);
    return most;
}

/*
 * All vCPUs make operations without end; dom0's are done in between.  What one
 * that waits lets pass is what docs/bounds.md says.
 */
static void mode_mixed_flood(void)
{
    struct guest *g = guest_new(&(struct guest_config){
        .mode = XEN_ALTP2M_mixed, .vcpus = FLOODERS });
    xc_physinfo_t machine = { 0 };
    struct overtaken most;
    unsigned int others;
    uint16_t view;

    expect(!xc_physinfo(xch, &machine), "physinfo");
    others = machine.nr_cpus - 1;
    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    for ( unsigned int i = 0; i < FLOODERS; i++ )
    {
        if ( i )
            guest_start_vcpu(g, i);
        guest_post(g, i, COMMAND(CMD_FLOOD, view));
        expect(guest_answers(g, i, PATIENCE_MS), "vCPU %u does nothing", i);
        for ( unsigned int ms = 0; !g->slot[i]->rounds; ms++ )
        {
            expect(ms < PATIENCE_MS, "vCPU %u makes no operations", i);
            guest_run(g, 1);
        }
    }

    for ( unsigned int i = 0; i < CALLS; i++ )
    {
        uint16_t other = new_view(g);

        expect_ok(view_switch(g->domid, other));
        expect_ok(view_switch(g->domid, 0));
        /* The guest switches, too. */
        while ( view_destroy(g->domid, other) )
            expect_ok(view_switch(g->domid, 0));
    }

    most = overtaken(g->domid);
    guest_destroy(g);
    note("%u vCPUs, %u other CPUs: %u sections came first, or %u where the domain"
         " had to be paused%s", FLOODERS, others, most.plain, most.paused,
         most.told ? "" : " (Xen doesn't tell)");
    expect(most.plain <= 2 * others + TURN, "%u sections came first",
           most.plain);
    expect(most.paused <= 2 * others * FLOODERS + TURN,
           "%u sections came before the domain was paused", most.paused);
}

const struct test tests_mode[] = {
    { "mode_mixed_64", NEEDS_VIEWS, mode_mixed_64 },
    { "mode_mixed_32", NEEDS_VIEWS, mode_mixed_32 },
    { "mode_list_64", NEEDS_VIEWS, mode_list_64 },
    { "mode_list_32", NEEDS_VIEWS, mode_list_32 },
    { "mode_refuses_32", NEEDS_VIEWS, mode_refuses_32 },
    { "mode_external_denies_guest", NEEDS_VIEWS, mode_external_denies_guest },
    { "mode_limited_denies_guest", NEEDS_VIEWS, mode_limited_denies_guest },
    { "mode_mixed_is_for_oneself", NEEDS_VIEWS, mode_mixed_is_for_oneself },
    { "mode_mixed_flood", NEEDS_VIEWS, mode_mixed_flood },
    { 0 },
};
