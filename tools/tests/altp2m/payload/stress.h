/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random operations on views, the same for a guest that makes them itself and for
 * programs in dom0.  What they are about are gfns that the payload doesn't need.
 */
#ifndef ALTP2M_TEST_STRESS_H
#define ALTP2M_TEST_STRESS_H

#include <stdint.h>

#include <xen/hvm/hvm_op.h>

#include "../../../../xen/include/public/hvm/altp2m.h"
#include "protocol.h"

#define STRESS_GFN    0x800u
#define STRESS_GFNS   0x600u
#define STRESS_VIEWS  6u
#define STRESS_RECORDS 64u

static inline uint32_t stress_random(uint64_t *state, uint32_t limit)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (*state >> 33) % limit;
}

/* Mostly the same few, around the edges of a table. */
static inline uint64_t stress_gfn(uint64_t *state)
{
    static const uint32_t edge[] = { 0, 0x1fc, 0x200, 0x3fc };

    return STRESS_GFN + (stress_random(state, 8)
                         ? edge[stress_random(state, 4)] + stress_random(state, 8)
                         : stress_random(state, STRESS_GFNS));
}

static inline uint64_t stress_count(uint64_t *state)
{
    static const uint32_t counts[] = { 1, 2, 7, 100, 512, 1024 };

    return counts[stress_random(state, 6)];
}

static inline void stress_record(struct xen_altp2m_override *r, uint64_t *state)
{
    *r = (struct xen_altp2m_override){
        .gfn = stress_gfn(state), .count = 1 + stress_random(state, 4),
        .set = 1u << stress_random(state, 3),
    };
    if ( stress_random(state, 2) )
        r->clear = ~r->set & 7;
    if ( r->set & XEN_ALTP2M_ACCESS )
        r->access = stress_random(state, 10);
    if ( r->set & XEN_ALTP2M_SVE )
        r->sve = stress_random(state, 2);
    if ( r->set & XEN_ALTP2M_REMAP )
        r->target = stress_gfn(state);
}

/* Which, and how often. */
static inline uint32_t stress_command(uint64_t *state)
{
    static const uint16_t often[] = {
        HVMOP_altp2m_set_mem_access, HVMOP_altp2m_set_mem_access,
        HVMOP_altp2m_set_mem_access_multi, HVMOP_altp2m_change_gfn,
        HVMOP_altp2m_change_gfn, HVMOP_altp2m_switch_p2m,
        HVMOP_altp2m_switch_vcpu, HVMOP_altp2m_create_p2m,
        HVMOP_altp2m_create_p2m, HVMOP_altp2m_clone, HVMOP_altp2m_destroy_p2m,
        HVMOP_altp2m_destroy_p2m, HVMOP_altp2m_set_range,
        HVMOP_altp2m_apply, HVMOP_altp2m_vcpu_enable_notify,
        HVMOP_altp2m_vcpu_disable_notify,
    };

    if ( stress_random(state, 3) )
        return often[stress_random(state, 16)];
    if ( stress_random(state, 2) )
        return HVMOP_altp2m_get_domain_state + stress_random(state, 16);

    return HVMOP_altp2m_capabilities +
           stress_random(state, HVMOP_altp2m_read_rules -
                                HVMOP_altp2m_capabilities + 1);
}

/* Without events, which a domain can't ask for itself. */
static inline void stress_rule(struct xen_altp2m_rule *r, uint64_t *state)
{
    *r = (struct xen_altp2m_rule){
        .gfn = stress_gfn(state), .count = 1, .offset_last = 0xfff,
        .rip_last = XEN_ALTP2M_NONE, .access = 1 + stress_random(state, 7),
        .cpl = 0xf, .action = XEN_ALTP2M_RULE_SWITCH,
        .view = stress_random(state, STRESS_VIEWS),
    };
    if ( stress_random(state, 2) )
    {
        r->action = XEN_ALTP2M_RULE_ONCE;
        r->step_view = r->view;
        r->view = 0;
    }
}

static inline void stress_extended(struct xen_hvm_altp2m_op *op,
                                   uint64_t *state, void *buffer)
{
    uint16_t view = stress_random(state, STRESS_VIEWS);
    unsigned int i;

    switch ( op->cmd )
    {
    case HVMOP_altp2m_apply:
        for ( i = 0; i < 8; i++ )
            stress_record((struct xen_altp2m_override *)buffer + i, state);
        *(struct xen_altp2m_apply *)&op->u = (struct xen_altp2m_apply){
            .view = view, .flags = stress_random(state, 2),
            .nr = 1 + stress_random(state, 8), .buffer = (uintptr_t)buffer };
        break;

    case HVMOP_altp2m_set_range:
    {
        struct xen_altp2m_override r;

        stress_record(&r, state);
        *(struct xen_altp2m_set_range *)&op->u = (struct xen_altp2m_set_range){
            .view = view, .set = r.set & ~XEN_ALTP2M_REMAP, .clear = r.clear,
            .access = r.access, .sve = r.sve,
            .gfn = r.gfn & ~(uint64_t)(stress_random(state, 2) ? 0x1ff : 0),
            .count = stress_count(state) };
        break;
    }

    case HVMOP_altp2m_set_rules:
        for ( i = 0; i < 4; i++ )
            stress_rule((struct xen_altp2m_rule *)buffer + i, state);
        *(struct xen_altp2m_set_rules *)&op->u = (struct xen_altp2m_set_rules){
            .view = view, .nr = stress_random(state, 4),
            .buffer = (uintptr_t)buffer };
        break;

    case HVMOP_altp2m_isolate:
        *(struct xen_altp2m_isolate *)&op->u = (struct xen_altp2m_isolate){
            .view = view, .access = 7, .others = stress_random(state, 8),
            .gfn = stress_gfn(state), .count = stress_count(state) };
        break;

    case HVMOP_altp2m_set_default:
        *(struct xen_altp2m_default *)&op->u = (struct xen_altp2m_default){
            .view = view, .access = stress_random(state, 8) };
        break;

    case HVMOP_altp2m_clone:
        ((struct xen_altp2m_clone *)&op->u)->view = view;
        break;

    case HVMOP_altp2m_switch_vcpu:
    case HVMOP_altp2m_set_vcpu_visibility:
        *(struct xen_altp2m_set_vcpu *)&op->u = (struct xen_altp2m_set_vcpu){
            .vcpu = stress_random(state, 2), .view = view,
            .on = op->cmd == HVMOP_altp2m_set_vcpu_visibility &&
                  stress_random(state, 3) };
        break;

    case HVMOP_altp2m_set_vmfunc:
        *(struct xen_altp2m_set_vcpu *)&op->u = (struct xen_altp2m_set_vcpu){
            .vcpu = stress_random(state, 2), .on = stress_random(state, 4) > 0 };
        break;

    case HVMOP_altp2m_notify_lost:
        ((struct xen_altp2m_notify_lost *)&op->u)->on = stress_random(state, 2);
        break;

    case HVMOP_altp2m_walk:
        *(struct xen_altp2m_walk *)&op->u = (struct xen_altp2m_walk){
            .view = view, .nr = XEN_ALTP2M_WALK_MAX, .gfn = stress_gfn(state),
            .buffer = (uintptr_t)buffer };
        break;

    default:    /* those that read */
        *(struct xen_altp2m_read *)&op->u = (struct xen_altp2m_read){
            .view = view, .room = 1 + stress_random(state, STRESS_RECORDS),
            .buffer = (uintptr_t)buffer, .last = XEN_ALTP2M_NONE };
        break;
    }
}

/* The next operation about domain @domid; @buffer is a page of the caller's. */
static inline void stress_op(struct xen_hvm_altp2m_op *op, uint64_t *state,
                             uint16_t domid, void *buffer)
{
    uint16_t view = stress_random(state, STRESS_VIEWS);
    uint64_t gfn = stress_gfn(state);
    unsigned int i;

    *op = (struct xen_hvm_altp2m_op){
        .version = HVMOP_ALTP2M_INTERFACE_VERSION,
        .cmd = stress_command(state), .domain = domid };

    switch ( op->cmd )
    {
    case HVMOP_altp2m_set_domain_state:
        op->u.domain_state.state = stress_random(state, 8) > 0;
        break;

    case HVMOP_altp2m_vcpu_enable_notify:
        op->u.enable_notify.vcpu_id = stress_random(state, 2);
        op->u.enable_notify.gfn = stress_random(state, 4)
            ? (PAYLOAD_VE_INFO >> 12) + op->u.enable_notify.vcpu_id : gfn;
        break;

    case HVMOP_altp2m_vcpu_disable_notify:
        op->u.disable_notify.vcpu_id = stress_random(state, 2);
        break;

    case HVMOP_altp2m_create_p2m:
        op->u.view.hvmmem_default_access = stress_random(state, 4)
                                           ? 7 : stress_random(state, 12);
        break;

    case HVMOP_altp2m_destroy_p2m:
    case HVMOP_altp2m_switch_p2m:
        op->u.view.view = view;
        break;

    case HVMOP_altp2m_set_suppress_ve:
    case HVMOP_altp2m_get_suppress_ve:
        op->u.suppress_ve.view = view;
        op->u.suppress_ve.suppress_ve = stress_random(state, 2);
        op->u.suppress_ve.gfn = gfn;
        break;

    case HVMOP_altp2m_set_suppress_ve_multi:
        op->u.suppress_ve_multi.view = view;
        op->u.suppress_ve_multi.suppress_ve = stress_random(state, 2);
        op->u.suppress_ve_multi.first_gfn = gfn;
        op->u.suppress_ve_multi.last_gfn = gfn + stress_count(state);
        break;

    case HVMOP_altp2m_set_mem_access:
    case HVMOP_altp2m_get_mem_access:
        op->u.mem_access.view = view;
        op->u.mem_access.access = stress_random(state, 12);
        op->u.mem_access.gfn = stress_random(state, 32) ? gfn : ~0ULL;
        break;

    case HVMOP_altp2m_set_mem_access_multi:
        op->u.set_mem_access_multi.view = view;
        op->u.set_mem_access_multi.nr = 1 + stress_random(state, 200);
        for ( i = 0; i < 200; i++ )
        {
            ((uint64_t *)buffer)[i] = gfn + i % 150;
            ((uint8_t *)buffer + 2048)[i] = i & 1 ? 7 : 5;
        }
        set_xen_guest_handle_raw(op->u.set_mem_access_multi.pfn_list, buffer);
        set_xen_guest_handle_raw(op->u.set_mem_access_multi.access_list,
                                 (uint8_t *)buffer + 2048);
        break;

    case HVMOP_altp2m_change_gfn:
        op->u.change_gfn.view = view;
        op->u.change_gfn.old_gfn = gfn;
        op->u.change_gfn.new_gfn = stress_random(state, 3) ? stress_gfn(state)
                                                           : ~0ULL;
        break;

    case HVMOP_altp2m_get_p2m_idx:
        op->u.get_vcpu_p2m_idx.vcpu_id = stress_random(state, 2);
        break;

    case HVMOP_altp2m_set_visibility:
        op->u.set_visibility.altp2m_idx = view;
        op->u.set_visibility.visible = stress_random(state, 3) > 0;
        break;

    case HVMOP_altp2m_get_domain_state:
        break;

    default:
        stress_extended(op, state, buffer);
        break;
    }
}

#endif /* ALTP2M_TEST_STRESS_H */
