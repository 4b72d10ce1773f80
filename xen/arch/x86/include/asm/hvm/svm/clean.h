/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug builds: are the VMCB's clean bits true?  hvm/svm/clean.c. */
#ifndef ASM_X86_HVM_SVM_CLEAN_H
#define ASM_X86_HVM_SVM_CLEAN_H

#include <xen/types.h>

#define SVM_CLEAN_FIELDS 10

struct vcpu;

#ifdef CONFIG_DEBUG

/* What a CPU may have cached of a vCPU's VMCB: the fields as it left them. */
struct svm_clean {
    const void *vmcb;           /* NULL: it was not run yet */
    unsigned int cpu;
    uint64_t field[SVM_CLEAN_FIELDS];
};

void svm_clean_note(struct vcpu *v);
void svm_clean_check(struct vcpu *v);

#else

struct svm_clean { };

static inline void svm_clean_note(struct vcpu *v) {}
static inline void svm_clean_check(struct vcpu *v) {}

#endif

#endif /* ASM_X86_HVM_SVM_CLEAN_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
