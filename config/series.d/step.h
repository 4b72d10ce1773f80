/* SPDX-License-Identifier: GPL-2.0-only */
/* Single steps of a vCPU, by whatever stops its CPU. */
#ifndef ASM_X86_HVM_STEP_H
#define ASM_X86_HVM_STEP_H

#include <xen/sched.h>
#include <xen/vm_event.h>

#include <asm/gdbsx.h>
#include <asm/hvm/monitor.h>
#include <asm/vm_event.h>

/* Is the current vCPU to be stepped at its next VM entry? */
static inline bool hvm_step_enters(const struct vcpu *v)
{
    return v->arch.hvm.single_step;
}

/* The current vCPU has executed an instruction: tells who wants to know. */
static inline void hvm_step_done(void)
{
    struct vcpu *curr = current;

    if ( !curr->arch.hvm.single_step )
        return;

    if ( vm_event_is_enabled(curr) )
        hvm_monitor_debug(guest_cpu_user_regs()->rip,
                          HVM_MONITOR_SINGLESTEP_BREAKPOINT, 0, 0, 0);

    if ( curr->domain->debugger_attached )
        domain_pause_for_debugger();
}

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
