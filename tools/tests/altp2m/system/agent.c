/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: the operations beyond Xen's own, made by the guest itself, from 64-bit
 * and from 32-bit code: they have one layout.
 */
#include "library.h"

#include <string.h>

#include <xen/xen.h>

enum width { BITS64, BITS32 };

static int guest_op(struct guest *g, enum width width, altp2m_op_t *op)
{
    void *page = host_map(g, PAYLOAD_BUFFER >> 12);
    int rc;

    op->domain = DOMID_SELF;
    memcpy(page, op, sizeof(*op));
    rc = guest_do(g, 0, COMMAND(width == BITS64 ? CMD_HYPERCALL
                                                : CMD_HYPERCALL32,
                                __HYPERVISOR_hvm_op, HVMOP_altp2m,
                                PAYLOAD_BUFFER))->result[0];
    memcpy(op, page, sizeof(*op));
    host_unmap(page);
    return rc;
}

/* The second page of the buffer is for records. */
#define RECORDS (PAYLOAD_BUFFER + 0x1000)

static altp2m_op_t read_op(uint32_t cmd, uint16_t view, unsigned int room)
{
    altp2m_op_t op = op_new(0, cmd);

    *(struct xen_altp2m_read *)&op.u = (struct xen_altp2m_read){
        .view = view, .room = room, .buffer = RECORDS, .last = XEN_ALTP2M_NONE,
    };
    return op;
}

static void apply_by_guest(struct guest *g, enum width w, uint16_t view)
{
    struct xen_altp2m_override *list = host_map(g, RECORDS >> 12);
    altp2m_op_t op = op_new(0, HVMOP_altp2m_apply);
    struct xen_altp2m_apply *apply = (void *)&op.u;

    list[0] = rights_of(TEST_GFN, 4, XENMEM_access_rx);
    list[1] = remap_of(TEST_GFN + 8, 1, TEST_GFN + 9);
    *apply = (struct xen_altp2m_apply){ .view = view, .nr = 2,
                                        .buffer = RECORDS };
    expect_ok(guest_op(g, w, &op));
    /* What the guest remaps, it is told about by #VE. */
    list[1].set |= XEN_ALTP2M_SVE;
    expect_overrides(g, view, list, 2);

    list[1] = rights_of(TEST_GFN, 1, 55);
    expect_rc(guest_op(g, w, &op), -EINVAL);
    expect_equal(apply->failed, 1, "record that is said to be wrong");
    host_unmap(list);
}

static void read_by_guest(struct guest *g, enum width w, uint16_t view)
{
    altp2m_op_t op = read_op(HVMOP_altp2m_read_overrides, view, 8);
    const struct xen_altp2m_read *r = (void *)&op.u;
    struct xen_altp2m_override *list = host_map(g, RECORDS >> 12);

    memset(list, 0, 4096);
    expect_ok(guest_op(g, w, &op));
    expect_equal(r->nr, 2, "records");
    expect(r->next == XEN_ALTP2M_NONE, "there is more");
    expect(list[1].gfn == TEST_GFN + 8 && list[1].target == TEST_GFN + 9,
           "the remap");
    host_unmap(list);
    op = read_op(HVMOP_altp2m_list_views, 0, 8);
    expect_ok(guest_op(g, w, &op));
    expect_equal(r->nr, 2, "views");
}

/* Long ones go on by themselves, whoever makes them. */
static void long_by_guest(struct guest *g, enum width w, uint16_t view)
{
    altp2m_op_t op = op_new(0, HVMOP_altp2m_set_range);
    struct xen_altp2m_set_range *range = (void *)&op.u;
    uint16_t clone;

    /* Not below: the guest needs its own pages. */
    *range = (struct xen_altp2m_set_range){
        .view = view, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rx,
        .gfn = TEST_GFN + 1, .count = 0x1000000,
    };
    expect_ok(guest_op(g, w, &op));
    expect_equal(range->count, 0, "gfns left");
    expect_access(g, view, TEST_GFN + 513, XENMEM_access_rx);

    op = op_new(0, HVMOP_altp2m_clone);
    ((struct xen_altp2m_clone *)&op.u)->view = view;
    expect_ok(guest_op(g, w, &op));
    clone = ((struct xen_altp2m_clone *)&op.u)->clone;
    expect_equal(view_info(g, clone).access_gfns,
                 view_info(g, view).access_gfns, "gfns with an access");
    expect_ok(view_destroy(g->domid, clone));
    expect_audit(g);
}

/* Of views that it may enter, a guest can say by itself which CR3 has them. */
static void cr3_by_guest(struct guest *g, enum width w, uint16_t view)
{
    struct xen_altp2m_cr3_view *list = host_map(g, RECORDS >> 12);
    altp2m_op_t op = op_new(0, HVMOP_altp2m_set_cr3_views);
    struct xen_altp2m_cr3_views *s = (void *)&op.u;

    list[0] = (struct xen_altp2m_cr3_view){ .view = view };
    *s = (struct xen_altp2m_cr3_views){ .other = XEN_ALTP2M_NO_VIEW, .nr = 1,
                                        .buffer = RECORDS };
    expect_ok(view_visible(g->domid, view, false));
    expect_rc(guest_op(g, w, &op), -EPERM);
    expect_equal(s->failed, 0, "record that is wrong");
    expect_ok(view_visible(g->domid, view, true));
    expect_ok(guest_op(g, w, &op));
    expect_view(g, 0, view);
    /* It stays where it is when it may not go there any more. */
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_visible(g->domid, view, false));
    guest_do(g, 0, COMMAND(CMD_LOAD_CR3,
                           guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2]));
    expect_view(g, 0, 0);
    expect_ok(view_visible(g->domid, view, true));

    memset(list, 0, sizeof(*list));
    op = op_new(0, HVMOP_altp2m_get_cr3_views);
    *s = (struct xen_altp2m_cr3_views){ .nr = 4, .buffer = RECORDS };
    expect_ok(guest_op(g, w, &op));
    expect_equal(s->nr, 1, "records");
    expect_equal(list[0].view, view, "view of the record");
    op = op_new(0, HVMOP_altp2m_set_cr3_views);
    s->other = XEN_ALTP2M_NO_VIEW;
    expect_ok(guest_op(g, w, &op));
    host_unmap(list);
}

static void mixed(enum width w)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });
    altp2m_op_t op = op_new(0, HVMOP_altp2m_capabilities);
    const struct xen_altp2m_capabilities *c = (void *)&op.u;
    struct xen_altp2m_set_vcpu *s = (void *)&op.u;
    uint16_t view;

    expect_ok(guest_op(g, w, &op));
    expect_equal(c->mode, XEN_ALTP2M_mixed, "mode");
    expect_equal(c->why_not, 1u << XEN_ALTP2M_WHY_OFF, "reasons");
    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    apply_by_guest(g, w, view);
    read_by_guest(g, w, view);
    long_by_guest(g, w, view);
    cr3_by_guest(g, w, view);

    /* Into a view that it may see, and no other; machine addresses never. */
    op = op_new(0, HVMOP_altp2m_switch_vcpu);
    s->view = view;
    expect_ok(view_visible(g->domid, view, false));
    expect_rc(guest_op(g, w, &op), -EPERM);
    expect_ok(view_visible(g->domid, view, true));
    expect_ok(guest_op(g, w, &op));
    expect_view(g, 0, view);
    op = op_new(0, HVMOP_altp2m_walk);
    expect_rc(guest_op(g, w, &op), -EPERM);
    op = read_op(HVMOP_altp2m_audit, view, 8);
    expect_rc(guest_op(g, w, &op), -EPERM);
    guest_alive(g);
}

static void agent_64(void)
{
    mixed(BITS64);
}

static void agent_32(void)
{
    mixed(BITS32);
}

/* A 32-bit caller has no memory beyond 4 GiB, whatever it says. */
static void agent_32_buffer(void)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .mode = XEN_ALTP2M_mixed });
    altp2m_op_t op;

    expect_ok(view_state_set(g->domid, true));
    op = read_op(HVMOP_altp2m_list_views, 0, 8);
    ((struct xen_altp2m_read *)&op.u)->buffer = 0x100000000ULL + RECORDS;
    expect_rc(guest_op(g, BITS32, &op), -EFAULT);
    op = op_new(0, HVMOP_altp2m_apply);
    *(struct xen_altp2m_apply *)&op.u = (struct xen_altp2m_apply){
        .nr = 1, .buffer = 0x100000000ULL + RECORDS };
    expect_rc(guest_op(g, BITS32, &op), -EFAULT);
    guest_alive(g);
}

static void refused(struct guest *g, enum width w, uint32_t cmd)
{
    altp2m_op_t op = op_new(0, cmd);
    int rc = guest_op(g, w, &op);

    expect(rc == -EPERM, "operation %#x by the guest: %s", cmd, error_name(rc));
}

static void refused_in(unsigned int mode)
{
    struct guest *g = guest_new(&(struct guest_config){ .mode = mode });

    expect_ok(view_state_set(g->domid, true));
    for ( enum width w = BITS64; w <= BITS32; w++ )
        for ( uint32_t cmd = HVMOP_altp2m_capabilities;
              cmd <= HVMOP_altp2m_get_cr3_views; cmd++ )
            refused(g, w, cmd);
    guest_alive(g);
}

static void agent_denied(void)
{
    refused_in(XEN_ALTP2M_external);
    refused_in(XEN_ALTP2M_limited);
}

const struct test tests_agent[] = {
    { "agent_64", NEEDS_VIEWS, agent_64 },
    { "agent_32", NEEDS_VIEWS, agent_32 },
    { "agent_32_buffer", NEEDS_VIEWS, agent_32_buffer },
    { "agent_denied", NEEDS_VIEWS, agent_denied },
    { 0 },
};
