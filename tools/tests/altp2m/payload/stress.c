/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMD_STRESS: the guest drives its own views at random, gives pages up and takes
 * others, switches, and touches what it has changed.
 */
#include "cpu.h"
#include "guest.h"
#include "hypercall.h"
#include "stress.h"

#include <xen/xen.h>
#include <xen/memory.h>

/* A page of arguments for each vCPU, and one of records. */
static uint8_t *buffer(unsigned int page)
{
    return (uint8_t *)PAYLOAD_BUFFER + (2 * this_vcpu_number() + page) * 4096;
}

static void operation(uint64_t *state)
{
    struct xen_hvm_altp2m_op *op = (void *)buffer(0);

    stress_op(op, state, DOMID_SELF, buffer(1));
    if ( stress_random(state, 8) )
        hypercall64(__HYPERVISOR_hvm_op, HVMOP_altp2m, (uint64_t)op, 0, 0, 0);
    else
        hypercall32(__HYPERVISOR_hvm_op, HVMOP_altp2m, (uint64_t)op, 0, 0, 0);
}

/* A balloon: the page goes, and another comes there at once or later. */
static void balloon(uint64_t *state)
{
    xen_pfn_t gfn = stress_gfn(state);
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle_raw(r.extent_start, &gfn);
    if ( stress_random(state, 2) )
        hypercall64(__HYPERVISOR_memory_op, XENMEM_decrease_reservation,
                    (uint64_t)&r, 0, 0, 0);
    r.nr_extents = 1;
    if ( stress_random(state, 4) )
        hypercall64(__HYPERVISOR_memory_op, XENMEM_populate_physmap,
                    (uint64_t)&r, 0, 0, 0);
}

/* A page moves to where there may be no table yet. */
static void move(uint64_t *state)
{
    struct xen_add_to_physmap a = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn,
        .idx = stress_gfn(state),
        .gpfn = stress_random(state, 4) ? stress_gfn(state)
                                        : 0x40000ULL << stress_random(state, 8),
    };

    hypercall64(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uint64_t)&a, 0,
                0, 0);
}

static void one_step(uint64_t *state)
{
    uint64_t gpa = stress_gfn(state) << 12;

    switch ( stress_random(state, 16) )
    {
    case 0 ... 6:
        operation(state);
        break;

    case 7 ... 9:
        read_word(gpa);
        break;

    case 10 ... 11:
        write_word(gpa, *state);
        break;

    case 12 ... 13:
        vmfunc(0, stress_random(state, STRESS_VIEWS));
        break;

    case 14:
        balloon(state);
        break;

    case 15:
        move(state);
        break;
    }
}

/* So many steps; an exception, #VE too, ends one of them and no more. */
void stress_run(struct vcpu *v, uint64_t seed, uint64_t steps)
{
    volatile uint64_t state = seed, done = 0;

    v->ve_action = VE_LEAVE;
    ve_info_release();
    __builtin_setjmp(v->resume);
    while ( done < steps )
    {
        uint64_t next = state;

        done++;
        /* Not what the step makes of it: that may not come to its end. */
        state += 0x9e3779b97f4a7c15ULL;
        v->slot->rounds = done;
        one_step(&next);
        relax();
    }
    v->ve_action = 0;
    v->slot->exception = 0;
}

/*
 * CMD_FLOOD, once: an operation that takes long and one that pauses all other vCPUs,
 * in turn.
 */
void flood(uint64_t view, uint64_t round)
{
    struct xen_hvm_altp2m_op *op = (void *)buffer(0);

    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = DOMID_SELF;
    op->pad1 = op->pad2 = 0;
    if ( round % 4 )
    {
        op->cmd = HVMOP_altp2m_set_suppress_ve_multi;
        op->u.suppress_ve_multi = (struct xen_hvm_altp2m_suppress_ve_multi){
            .view = view, .last_gfn = 0xfff, .suppress_ve = round % 2 };
    }
    else
    {
        op->cmd = HVMOP_altp2m_switch_p2m;
        op->u.view = (struct xen_hvm_altp2m_view){ 0 };
    }
    hypercall64(__HYPERVISOR_hvm_op, HVMOP_altp2m, (uint64_t)op, 0, 0, 0);
}
