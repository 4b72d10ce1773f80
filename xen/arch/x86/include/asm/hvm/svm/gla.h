/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linear addresses that an instruction uses, and where they lead:
 * hvm/svm/operands.c, walk.c, gla.c.
 */
#ifndef ASM_X86_HVM_SVM_GLA_H
#define ASM_X86_HVM_SVM_GLA_H

#include <xen/stdbool.h>
#include <xen/types.h>

struct cpu_user_regs;
struct vcpu;

/* The longest instruction (APM Vol. 3, 1.1), in bytes. */
#define SVM_MAX_INSN 15

/* Memory that an instruction names, or that PUSH and the like imply. */
struct svm_operand {
    unsigned long linear;
    unsigned int bytes;           /* at least those that are accessed */
    bool write;                   /* or read and write */
};

struct svm_operands {
    unsigned int length;          /* of the instruction, in bytes */
    unsigned int nr;
    struct svm_operand op[2];
};

bool svm_find_operands(struct cpu_user_regs *regs, const uint8_t *code,
                       unsigned int size, struct svm_operands *found);

/* A walk of the guest's page tables. */
struct svm_walk {
    paddr_t entry;                /* of the caller: is this entry read? */
    bool entry_read;
    paddr_t gpa;                  /* what it leads to */
};

bool svm_walk(struct vcpu *v, unsigned long linear, struct svm_walk *w);
unsigned int svm_read_code(struct vcpu *v, unsigned long linear, uint8_t *code);

#endif /* ASM_X86_HVM_SVM_GLA_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
