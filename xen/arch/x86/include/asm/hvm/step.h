/* SPDX-License-Identifier: GPL-2.0-only */
/* Single steps of a vCPU, who wants them, how they end: mm/altp2m/step.c. */
#ifndef ASM_X86_HVM_STEP_H
#define ASM_X86_HVM_STEP_H

#include <xen/stdbool.h>
#include <xen/types.h>

struct vcpu;

/* Owners of a step.  The vCPU is stepped while it has one. */
#define HVM_STEP_DEBUGGER 0x1u  /* XEN_DOMCTL_debug_op */
#define HVM_STEP_TOGGLED  0x2u  /* a monitor: each step is an event */
#define HVM_STEP_FAST     0x4u  /* a monitor: one step, then to another view */
#define HVM_STEP_SIDE     0x8u  /* views: one, on a view's step side */
#define HVM_STEP_RULE     0x10u /* a view's rule: one step in another view */
#define HVM_STEP_HOMED    (HVM_STEP_FAST | HVM_STEP_RULE)
#define HVM_STEP_ONCE     (HVM_STEP_HOMED | HVM_STEP_SIDE)
#define HVM_STEP_MONITOR  (HVM_STEP_TOGGLED | HVM_STEP_HOMED)
#define HVM_STEP_ALL      (HVM_STEP_MONITOR | HVM_STEP_DEBUGGER)

/* hvm_vcpu.single_step says whether there is an owner. */
struct hvm_step {
    uint8_t owners;
    bool entered;               /* a step of one: it has begun */
    bool executes;              /* a rule's step: from home's execute side */
    uint16_t home;              /* a step with a home: the view it ends in */
    uint16_t view;              /* a rule's step: the view it is in */
    unsigned long rip;          /* a step of one: where it began, if it has */
};

void hvm_step_begin(struct vcpu *v, unsigned int owner);
void hvm_step_begin_fast(struct vcpu *v, unsigned int home);
void hvm_step_toggle(struct vcpu *v);
void hvm_step_end(struct vcpu *v, unsigned int owners);
void hvm_step_check(struct vcpu *v);
bool hvm_step_enters(struct vcpu *v);
void hvm_step_done(void);

#endif /* ASM_X86_HVM_STEP_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
