/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A processor, as far as RFLAGS.TF and single steps go: svm-cpu.c.  It runs a
 * program by itself, which is the reference, or as the guest of VMRUN.
 */
#ifndef SVM_CPU_H
#define SVM_CPU_H

#include "standin/svm-step.h"

#define CODE  256                 /* instructions, each of a byte */
#define STACK 1024                /* bytes, used as a ring */

enum op {
    OP_NOP, OP_CARRY, OP_PUSH, OP_POP, OP_PUSHF, OP_POPF, OP_FRAME, OP_IRET,
    OP_INT, OP_INT3, OP_INTO, OP_FAULT, OP_HOST_FAULT, OP_CPUID, OP_MOV_SS,
    OP_STI, OP_CLI, OP_SET, OP_READ_DR, OP_WRITE_DR, OP_SYSCALL, OP_SYSRET,
    OP_JMP, OP_REP, OP_WATCHED, NR_OPS
};

struct insn { enum op op; unsigned int arg; };

/* All that a guest can see of itself, and what is between two instructions. */
struct cpu {
    struct cpu_user_regs r;
    uint64_t efer, dr6, dr7, debugctl;
    bool shadow, nmi_blocked;
    uint8_t stack[STACK];
    bool resolved[CODE];          /* what makes an instruction fault, once */

    uint64_t pending;             /* traps of the last instruction, as in DR6 */
    unsigned int done;            /* instructions and deliveries, ever */
    unsigned int silent;          /* of these with TF set, but no trap */
};

/* What is true of all runs of a program, and what the test decides. */
struct platform {
    struct insn code[CODE];
    uint64_t lstar, sfmask;
    bool gates_mask;              /* interrupt gates, not trap gates */
    bool vnmi;                    /* NMIs are virtual */
    bool sce;                     /* SYSCALL is on; else it faults only once */
    bool btf;                     /* the guest has BTF set, and no TF */
};
extern struct platform platform;

/* Virtual NMIs in a VMCB (15.21.10). */
#define VNMI_IS_PENDING  (1u << 11)
#define VNMI_IS_BLOCKED  (1u << 12)
#define VNMI_IS_ENABLED  (1u << 26)

/* What the host does to a guest: asked at each boundary of instructions. */
struct host {
    bool shadow_holds_trap;       /* that of VMRUN, as that of MOV SS */
    bool (*smi)(void), (*interrupt)(void);
    bool (*host_fault)(unsigned int rip);   /* also of a delivery: rip ~0 */
    /* A virtual NMI is taken by the CPU itself, or its delivery repeated. */
    void (*nmi)(unsigned int done, bool by_itself);
};

void cpu_alone(struct cpu *c);
void cpu_nmi(struct cpu *c);
void cpu_run(struct cpu *c, struct vmcb_struct *vmcb, const struct host *host);
void cpu_syscall(struct cpu_user_regs *r, enum op op);
uint64_t cpu_read_stack(const struct cpu *c, uint64_t at);

#endif
