/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that does as it is told: each vCPU waits for a command in its slot,
 * carries it out and answers.
 */
#include "cpu.h"
#include "guest.h"
#include "hypercall.h"

#include <xen/xen.h>
#include <xen/sched.h>

void boot_main(void);
void vcpu_main(void);

static __attribute__((noreturn)) void serve(void)
{
    struct vcpu *v = this_vcpu();
    struct payload_slot *slot = v->slot;

    slot->answered = sequence(slot);
    __atomic_store_n(&slot->magic, PAYLOAD_MAGIC, __ATOMIC_RELEASE);

    for ( ; ; )
    {
        uint32_t taken = sequence(slot);

        if ( taken == slot->answered )
        {
            relax();
            hypercall64(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0);
            continue;
        }
        /*
         * Nothing interrupts us; but a guest with interrupts off for good is
         * not what an emulator's authors tried, and Bochs then keeps the
         * hypervisor's timer from ending our turn.  An exception turns them off.
         */
        interrupts_on();
        slot->exception = 0;
        if ( !__builtin_setjmp(v->resume) )
            command_run(v, taken);
        command_answer(slot, taken);
    }
}

void vcpu_main(void)
{
    exceptions_load();
    serve();
}

void boot_main(void)
{
    print(xen_find() ? "payload: up\n" : "payload: no Xen found\n");
    vcpu_main();
}
