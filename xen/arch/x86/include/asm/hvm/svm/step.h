/* SPDX-License-Identifier: GPL-2.0-only */
/* Single steps of a vCPU on AMD CPUs, by RFLAGS.TF: hvm/svm/step.c. */
#ifndef ASM_X86_HVM_SVM_STEP_H
#define ASM_X86_HVM_SVM_STEP_H

#include <xen/stdbool.h>
#include <xen/types.h>

struct cpu_user_regs;
struct vcpu;

/* How the guest was entered last, and what its own state is meanwhile. */
struct svm_step {
    enum {
        SVM_STEP_NO,
        SVM_STEP_TRAP,          /* with TF set: #DB ends the step */
        SVM_STEP_EVENT,         /* with an event: its delivery is the step */
    } entered;

    /* The CPU may have cached the VMCB as it was for a step. */
    bool cached;

    /* NMIs are blocked for this entry alone. */
    bool nmi_held;

    /*
     * The intercept that the next entry leaves out: of PUSHF, POPF or IRET, for
     * the instruction at this rIP.
     */
    uint32_t insn;
    uint64_t insn_rip;

    /* The guest's own state at the entry, and its intercepts. */
    bool tf, shadow;
    uint64_t rip, rsp, efer, dr6, dr7, debugctl;
    uint32_t exceptions, general1, dr_intercepts;

    /* Of the exit: what the CPU reported in DR6; was one executed? */
    uint64_t hits;
    bool moved;
};

bool svm_stepping(const struct vcpu *v);
void svm_step_enter(struct vcpu *v);
void svm_step_leave(struct vcpu *v, struct cpu_user_regs *regs);
bool svm_step_exit(struct vcpu *v, struct cpu_user_regs *regs);

#endif /* ASM_X86_HVM_SVM_STEP_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
