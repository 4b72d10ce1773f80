/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks of the guest's page tables that change nothing in them.
 *
 * An AMD CPU takes its walks of the guest's tables for writes (APM Vol. 2,
 * 15.25.5).  If a monitor takes the right to write away from a page of tables,
 * each walk that reads it is a nested fault; an Intel CPU faults only when it
 * has to set an accessed or dirty bit.  Here Xen walks in the CPU's place: if
 * no such bit has to be set in a page that must not be written to, it carries
 * the instruction out.  Else the fault is a violation, as any other.
 *
 * A monitor must miss nothing by that, whatever the guest's other vCPUs do at
 * the same time:
 *
 *  - The emulator gets the bytes that were looked at, and asks for rights where
 *    it makes the access (hvm_monitor_check_p2m()), not only here.
 *  - There is one operand at most, in one page, and no string instruction:
 *    of others the emulator may make a part without asking, or later, when a
 *    device model has answered.
 *  - The code is read from a page that may be executed, by the view and by the
 *    guest: the CPU may not have got so far.
 *  - No system instruction is carried out, as monitors listen to some of them.
 *
 * What another vCPU can do, by changing tables between the look and the walk,
 * is to have an accessed or dirty bit set without an event.
 */

#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/vm_event.h>

#include <asm/altp2m.h>
#include <asm/altp2m_names.h>
#include <asm/vm_event.h>
#include <asm/x86_emulate.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/hvm/svm/gla.h>
#include <asm/hvm/svm/step.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

#define BIT_OF(name) (1u << XENMEM_access_ ## name)
#define CAN_WRITE    (BIT_OF(w) | BIT_OF(rw) | BIT_OF(wx) | BIT_OF(rwx))
#define CAN_EXECUTE  (BIT_OF(x) | BIT_OF(rx) | BIT_OF(wx) | BIT_OF(rwx) | \
                      BIT_OF(rx2rw))
/* Reading and writing leave these as they are. */
#define IS_GUARDED   (BIT_OF(r) | BIT_OF(rx) | BIT_OF(r_pw))
#define CAN_READ     (IS_GUARDED | BIT_OF(rw) | BIT_OF(rwx))

/* Does the vCPU have one of these rights at @gpa? */
static bool has_right(struct vcpu *v, paddr_t gpa, unsigned int rights)
{
    xenmem_access_t access;

    return !altp2m_vcpu_access(v, gaddr_to_gfn(gpa), &access) &&
           ((rights >> access) & 1);
}

/* Is there a monitor for the emulator to ask, and nobody else to be asked? */
static bool has_monitor(const struct vcpu *v)
{
    const struct domain *d = v->domain;

    return v->arch.vm_event && vm_event_check_ring(d->vm_event_monitor) &&
           !d->arch.monitor.inguest_pagefault_disabled &&
           !vcpu_altp2m(v).veinfo_pg;
}

/*
 * Does an access to @linear lead through tables that the vCPU may read, and
 * write to where the CPU does?
 */
static bool may_walk(struct vcpu *v, unsigned long linear, struct svm_walk *w)
{
    unsigned int i;

    svm_walk(v, linear, w);
    for ( i = 0; i < w->nr; i++ )
        if ( !has_right(v, w->at[i], w->sets[i] ? CAN_WRITE : CAN_READ) )
            return false;

    return true;
}

/*
 * May the vCPU fetch @bytes of @code at @linear, by what the view and the guest
 * itself say?  They are in two pages at most.
 */
static bool may_fetch(struct vcpu *v, unsigned long linear, const uint8_t *code,
                      unsigned int bytes)
{
    unsigned long last = linear + bytes - 1, at[] = { linear, last };
    uint32_t pfec = PFEC_page_present | PFEC_insn_fetch |
                    (hvm_get_cpl(v) == 3 ? PFEC_user_mode : 0);
    uint8_t fetched[SVM_MAX_INSN];
    pagefault_info_t pfinfo;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(at); i++ )
    {
        struct svm_walk w = {};

        if ( !may_walk(v, at[i], &w) || !has_right(v, w.gpa, CAN_EXECUTE) )
            return false;
    }

    return hvm_copy_from_guest_linear(fetched, linear, bytes, pfec, &pfinfo) ==
           HVMTRANS_okay && !memcmp(fetched, code, bytes);
}

/*
 * Has Xen's emulator carry out the instruction @code at rIP, with rights asked
 * for.  Returns false if it can't: then nothing has been done.
 */
static bool carry_out(struct vcpu *v, struct cpu_user_regs *regs,
                      const uint8_t *code, unsigned int size)
{
    struct hvm_vcpu_io *hvio = &v->arch.hvm.hvm_io;
    int rc;

    BUILD_BUG_ON(sizeof(hvio->mmio_insn) < SVM_MAX_INSN);
    memcpy(hvio->mmio_insn, code, size);
    hvio->mmio_insn_bytes = size;

    v->arch.vm_event->send_event = true;
    rc = svm_carry_out(regs, NULL);
    v->arch.vm_event->send_event = false;

    if ( rc == X86EMUL_OKAY && svm_stepping(v) )
        svm_step_carried_out(v);

    return rc == X86EMUL_OKAY || rc == X86EMUL_EXCEPTION ||
           rc == X86EMUL_RETRY;
}

/*
 * Handles a nested fault that the current vCPU's CPU had as it walked the
 * guest's page tables, at @gpa, if the walk changes nothing there.  Returns
 * false if it is to be handled as a violation.  No lock held.
 */
bool svm_walk_only(struct vcpu *v, struct cpu_user_regs *regs, paddr_t gpa,
                   struct npfec npfec)
{
    struct svm_operands found;
    struct segment_register cs;
    uint8_t code[SVM_MAX_INSN];
    unsigned long linear;
    unsigned int size;

    if ( npfec.kind != npfec_kind_in_gpt || !has_monitor(v) ||
         nestedhvm_vcpu_in_guestmode(v) ||
         v->arch.hvm.svm.vmcb->exit_int_info.v ||
         !has_right(v, gpa, IS_GUARDED) )
        return false;

    hvm_get_segment_register(v, x86_seg_cs, &cs);
    if ( !hvm_virtual_to_linear_addr(x86_seg_cs, &cs, regs->rip, 1,
                                     hvm_access_insn_fetch, &cs, &linear) )
        return false;

    size = svm_read_code(v, linear, code);
    if ( !svm_find_operands(regs, code, size, &found) || found.string ||
         found.system || found.nr > 1 ||
         !may_fetch(v, linear, code, found.length) )
        return false;

    if ( found.nr )
    {
        const struct svm_operand *op = &found.op[0];
        struct svm_walk w = { .write = op->write };

        if ( (op->linear & ~PAGE_MASK) + op->bytes > PAGE_SIZE ||
             !may_walk(v, op->linear, &w) )
            return false;
    }

    return carry_out(v, regs, code, size);
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
