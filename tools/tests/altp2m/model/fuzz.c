/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For libFuzzer.  Of an input's bytes the first four are the configuration;
 * then come records of a kind: a step, foretold and compared as in the other
 * tests, or, where the first byte is odd, a hypercall with raw arguments, whose
 * result nobody knows, but after which everything must be in order.
 */
#include "model.h"

extern bool in_process;

/* Raw arguments change what the model doesn't know of. */
static void call_raw(const uint8_t *data, size_t size, bool compat)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    struct xen_hvm_altp2m_op op = { };
    unsigned int rounds = 0;

    memcpy(&op, data, min(size, sizeof(op)));
    op.version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op.cmd %= 20;
    op.domain = model_domain->domain_id;
    if ( op.cmd == HVMOP_altp2m_set_mem_access_multi )
    {
        /* Handles that reach something, most of the time. */
        struct compat_hvm_altp2m_op *c = (void *)&op;
        char *list = guest_memory + 256 + (op.pad1 & 0xff);
        char *access = guest_memory + 4096 + (op.pad2 & 0xff);

        if ( compat )
        {
            c->u.set_mem_access_multi.pfn_list.c = (uintptr_t)list;
            c->u.set_mem_access_multi.access_list.c = (uintptr_t)access;
        }
        else
        {
            op.u.set_mem_access_multi.pfn_list.p = (void *)list;
            op.u.set_mem_access_multi.access_list.p = (void *)access;
        }
        memcpy(guest_memory + 256, data, min(size, (size_t)2048));
    }
    if ( op.cmd == 19 )
    {
        struct xen_altp2m_set_rules *set = (void *)&op.u;

        op.cmd = HVMOP_altp2m_set_rules;
        set->view %= NR_VIEWS;
        set->nr %= 64;
        set->pad1 = set->pad2 = 0;
        set->buffer = (uintptr_t)guest_memory + 256;
        memset(guest_memory + 256, 0, 64 * sizeof(struct xen_altp2m_rule));
        memcpy(guest_memory + 256, data, min(size, (size_t)2048));
    }
    op.pad1 &= 0x100;
    op.pad2 &= 0x100;

    current->hcall_compat = compat;
    preempt_mask = ~0u;
    memcpy(guest_memory, &op, sizeof(op));
    while ( altp2m_op(arg) == -ERESTART && rounds++ < 8 )
        preempt_mask = ~0u;
    current->hcall_compat = false;
    preempt_mask = 0;
    ASSERT(!model_domain->rcu_locks && !model_domain->pause_count.counter);
    trace_return();
    audit();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step config = { };
    bool raw;

    if ( size < 5 )
        return 0;

    in_process = true;
    config = (struct step){ .a = data[0], .b = data[1], .c = data[2] % 40,
                            .d = (data[3] & 15 ? 0 : 1) | (data[3] >> 6 & 2) };
    raw = data[4] & 1;
    data += 5;
    size -= 5;

    world_init(&config);
    for ( ; size >= 6; data += 6, size -= 6 )
    {
        struct step s = { data[0] % (nr_step_ops - STEP_OPS_OF_TWO), data[1],
                          data[2], data[3], data[4] };

        if ( !raw )
            step_do(s);
        else
        {
            if ( data[0] & 1 )
                caller_is(model_domain->vcpu[data[1] % NR_VCPUS]);
            call_raw(data + 1, size - 1, data[0] & 2);
            caller_is(NULL);
        }
    }
    machine.fail_at = 0;
    /* What the model doesn't know it can't judge. */
    if ( !raw )
        world_end();
    else
        domain_destroy();

    return 0;
}
