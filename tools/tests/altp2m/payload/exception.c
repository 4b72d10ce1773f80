/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions: a virtualization exception (#VE) is recorded and resumed from;
 * any other ends the running command, whose answer then carries the vector.
 */
#include <stdbool.h>

#include "cpu.h"
#include "guest.h"
#include "layout.h"

struct gate
{
    uint16_t offset0, selector, flags, offset1;
    uint32_t offset2, zero;
};

/* The architecture's layout of the #VE information page. */
struct ve_info
{
    uint32_t reason, busy;
    uint64_t qualification, gla, gpa;
    uint16_t view;
};

extern const uint8_t exception_stubs[], ve_timed[];
extern volatile uint64_t ve_entered;
void exception(struct frame *frame);

/* A page of its own, for a test to take rights from. */
static struct
{
    struct gate gate[VECTORS];
} __attribute__((aligned(4096))) idt;

static void set_gate(unsigned int vector, uint64_t to)
{
    idt.gate[vector] = (struct gate){
        .offset0 = to, .offset1 = to >> 16, .flags = 0x8e00,
        .selector = vector == VECTOR_VE ? SEL_CODE_VE : SEL_CODE64 };
}

static uint64_t stub_of(unsigned int vector)
{
    return (uint64_t)exception_stubs + vector * 16;
}

void exceptions_load(void)
{
    struct
    {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = { sizeof(idt.gate) - 1,
                                          (uint64_t)idt.gate };

    for ( unsigned int i = 0; i < VECTORS; i++ )
        set_gate(i, stub_of(i));

    asm volatile ( "lidt %0" :: "m" (pointer) );
}

uint64_t exceptions_table(void)
{
    return (uint64_t)idt.gate;
}

static volatile struct ve_info *ve_info(void)
{
    return (void *)(PAYLOAD_VE_INFO + this_vcpu_number() * 4096ULL);
}

/* Memory isn't zero when a guest gets it, and not zero means busy. */
void ve_info_release(void)
{
    ve_info()->busy = 0;
}

/*
 * The least ticks from before a read that takes #VE to its handler, without those that
 * it takes to read the counter, which may be an exit of its own; vCPU 0.
 */
uint64_t ve_loop(uint64_t gpa, uint64_t rounds)
{
    uint64_t least = ~0ULL, reading = ~0ULL, start, took;

    _Static_assert(FIRST_VE_INFO == PAYLOAD_VE_INFO, "vCPU 0's page");
    ve_info_release();
    set_gate(VECTOR_VE, (uint64_t)ve_timed);
    while ( rounds-- )
    {
        start = ticks();
        took = ticks() - start;
        reading = took < reading ? took : reading;
        ve_entered = ~0ULL;
        start = ticks();
        /* TIMED_READ_BYTES. */
        asm volatile ( "mov (%%rdi), %%rax" :: "D" (gpa) : "rax", "memory" );
        took = ve_entered - start;
        least = took < least ? took : least;
    }
    set_gate(VECTOR_VE, stub_of(VECTOR_VE));

    return least - reading;
}

static void virtualization_exception(struct vcpu *v)
{
    volatile struct ve_info *info = ve_info();
    struct payload_ve *seen = &v->slot->ve;

    seen->reason = info->reason;
    seen->busy = info->busy;
    seen->qualification = info->qualification;
    seen->gla = info->gla;
    seen->gpa = info->gpa;
    seen->view = info->view;
    seen->count++;

    if ( v->ve_action & VE_SWITCH )
        vmfunc(0, v->ve_view);
    if ( !(v->ve_action & VE_STAY_BUSY) )
        info->busy = 0;
}

/* Where a failed command goes on, with the CS that commands have. */
static void leave(void)
{
    __builtin_longjmp(this_vcpu()->resume, 1);
}

/*
 * What VMRUN injects as an interrupt QEMU may deliver once more before the next exit
 * (docs/emulators.md): a #VE is none if it interrupts the handler of #VE, which CS
 * tells, or comes after it: who delivers one marks the page busy.
 */
void exception(struct frame *frame)
{
    struct vcpu *v = this_vcpu();

    if ( frame->vector == VECTOR_VE )
    {
        if ( frame->cs == SEL_CODE_VE || !ve_info()->busy )
            return;
        virtualization_exception(v);
        if ( !(v->ve_action & VE_LEAVE) )
            return;
    }

    if ( v->on_exception )
    {
        v->on_exception(frame);
        return;
    }

    v->slot->exception = frame->vector + 1;
    v->slot->result[0] = frame->rip;
    frame->cs = SEL_CODE64;
    frame->rip = (uint64_t)leave;
}
