/* SPDX-License-Identifier: GPL-2.0-only */
/* Which vCPU is running, and how further ones are started. */
#include "guest.h"
#include "hypercall.h"
#include "layout.h"

#include <xen/xen.h>
#include <xen/vcpu.h>
#include <xen/hvm/hvm_vcpu.h>

extern uint8_t stacks[PAYLOAD_MAX_VCPUS][STACK_SIZE];
extern uint8_t tables_root[];
void start_vcpu(void);

static struct vcpu vcpus[PAYLOAD_MAX_VCPUS];

unsigned int this_vcpu_number(void)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);

    return (here - (uint64_t)stacks) >> STACK_SHIFT;
}

struct vcpu *this_vcpu(void)
{
    unsigned int number = this_vcpu_number();
    struct vcpu *v = &vcpus[number];

    v->slot = (void *)(PAYLOAD_SLOTS + number * 4096ULL);
    return v;
}

long vcpu_start(unsigned int number)
{
    static struct vcpu_hvm_context context;
    struct vcpu_hvm_x86_64 *r = &context.cpu_regs.x86_64;
    long rc;

    if ( !number || number >= PAYLOAD_MAX_VCPUS )
        return -1;

    context.mode = VCPU_HVM_MODE_64B;
    r->rip = (uint64_t)start_vcpu;
    /* As after a call: the stack is 16 bytes aligned before it. */
    r->rsp = (uint64_t)stacks[number] + STACK_SIZE;
    r->rflags = 2;
    r->cr0 = 0x80010001;
    r->cr3 = (uint64_t)tables_root;
    r->cr4 = 0x20;
    r->efer = 0x500;

    rc = hypercall64(__HYPERVISOR_vcpu_op, VCPUOP_initialise, number,
                     (uint64_t)&context, 0, 0);
    if ( !rc )
        rc = hypercall64(__HYPERVISOR_vcpu_op, VCPUOP_up, number, 0, 0, 0);
    return rc;
}
