/* SPDX-License-Identifier: GPL-2.0-only */
/* What the payload's files share. */
#ifndef PAYLOAD_GUEST_H
#define PAYLOAD_GUEST_H

#include "protocol.h"

/* Registers as an exception finds them. */
struct frame
{
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx,
             rax, vector, error, rip, cs, rflags, rsp, ss;
};

/* A vCPU's own state; its stack tells which one it is. */
struct vcpu
{
    struct payload_slot *slot;
    uint32_t ve_action, ve_view;
    void *resume[5];            /* __builtin_setjmp: where a failed command ends */
    void (*on_exception)(struct frame *frame); /* unless it ends the command */
};

struct vcpu *this_vcpu(void);
unsigned int this_vcpu_number(void);

/* exception.c */
void exceptions_load(void);
uint64_t exceptions_table(void);
void ve_info_release(void);   /* #VE can be taken again */
uint64_t ve_loop(uint64_t gpa, uint64_t rounds);

/* xen.c */
int xen_find(void);           /* makes hypercalls possible; 0 without Xen */
void print(const char *s);    /* on the debug port */

/* start.S */
void checksum_flat(uint64_t page, uint64_t words, uint64_t rounds);
uint32_t read_pae(uint32_t address, uint32_t cr3);
uint32_t switch_task(uint32_t gdt);

/* command.c */
uint32_t sequence(const struct payload_slot *slot);
void command_answer(struct payload_slot *slot, uint32_t taken);
void command_run(struct vcpu *v, uint32_t taken);

/* flags.c */
void flags_run(struct vcpu *v, uint64_t gpa, uint64_t what);

/* stress.c */
void stress_run(struct vcpu *v, uint64_t seed, uint64_t steps);
void flood(uint64_t view, uint64_t round);

/* device.c */
void device_copy(const uint64_t *arg);

/* transcript.c: how long the text is that it leaves at @gpa. */
uint64_t transcript(uint64_t gpa);

/* smp.c */
long vcpu_start(unsigned int number);

#endif /* PAYLOAD_GUEST_H */
