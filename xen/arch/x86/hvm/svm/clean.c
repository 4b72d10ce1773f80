/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug builds: are the VMCB's clean bits true?
 *
 * At VMRUN a CPU may use what it has cached of a VMCB instead of what is there,
 * for those fields that the clean bits call unchanged since it ran that VMCB
 * last (APM Vol. 2, 15.15).  Emulated CPUs load all of it each time, so that a
 * field which is changed behind the bits' back is seen on real ones only.  Here
 * the fields that views and single steps change are compared at each entry with
 * what they were at the last exit.
 */

#include <xen/lib.h>
#include <xen/sched.h>

#include <asm/altp2m_names.h>
#include <asm/hvm/svm/clean.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

#define FIELD(name, bit) \
    { #name, offsetof(struct vmcb_struct, _ ## name), \
      sizeof(((struct vmcb_struct *)NULL)->_ ## name), \
      { .bit = true } }

static const struct {
    const char *name;
    uint16_t offset, size;
    vmcbcleanbits_t bit;
} fields[SVM_CLEAN_FIELDS] = {
    FIELD(dr_intercepts, intercepts),
    FIELD(exception_intercepts, intercepts),
    FIELD(general1_intercepts, intercepts),
    FIELD(asid, asid),
    FIELD(np_ctrl, np),
    FIELD(h_cr3, np),
    FIELD(efer, cr),
    FIELD(dr6, dr),
    FIELD(dr7, dr),
    FIELD(debugctlmsr, lbr),
};

static uint64_t read_field(const struct vmcb_struct *vmcb, unsigned int i)
{
    uint64_t value = 0;

    memcpy(&value, (const uint8_t *)vmcb + fields[i].offset, fields[i].size);

    return value;
}

/*
 * Notes which fields of the VMCB the CPU may have cached.  The first call after
 * an exit.
 */
void svm_clean_note(struct vcpu *v)
{
    struct svm_clean *c = &v->arch.hvm.svm.clean;
    unsigned int i;

    c->vmcb = v->arch.hvm.svm.vmcb;
    c->cpu = smp_processor_id();
    for ( i = 0; i < SVM_CLEAN_FIELDS; i++ )
        c->field[i] = read_field(c->vmcb, i);
}

/*
 * Reports a clean bit that is set though its fields have changed.  The last
 * call before VMRUN.
 */
void svm_clean_check(struct vcpu *v)
{
    const struct svm_clean *c = &v->arch.hvm.svm.clean;
    const struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    bool lie = false;
    unsigned int i;

    /* With another VMCB or CPU than at its last exit, nothing is known. */
    if ( c->vmcb != vmcb || c->cpu != smp_processor_id() )
        return;

    for ( i = 0; i < SVM_CLEAN_FIELDS; i++ )
        if ( (vmcb->cleanbits.raw & fields[i].bit.raw) &&
             read_field(vmcb, i) != c->field[i] )
        {
            printk(XENLOG_ERR
                   "%pv: VMCB %s is %#"PRIx64", was %#"PRIx64", called clean\n",
                   v, fields[i].name, read_field(vmcb, i), c->field[i]);
            lie = true;
        }

    WARN_ON(lie);
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
