/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The linear address of a nested page fault.
 *
 * AMD CPUs report the guest-physical address only.  A fetch was made at rIP or
 * in the page after it.  For other accesses the operands of the instruction
 * are found (operands.c), and for each the guest's page tables walked (walk.c).
 * The address is known if one walk leads to the address that faulted; or, where
 * the CPU faulted as it walked, if one reads the table entry there.
 *
 * All else has no linear address here: the CPU's own accesses (delivery of an
 * event, descriptors, the TSS), instructions that operands.c does not know, and
 * cases in which two addresses would do.
 *
 * Other vCPUs may change the code and the tables at any time.  The answer is
 * true of the tables at the time of the walk.
 *
 * At most eight addresses are walked for: two pages each of the code, twice,
 * and of two operands.
 */

#include <xen/lib.h>
#include <xen/sched.h>

#include <asm/altp2m.h>
#include <asm/page.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/support.h>
#include <asm/hvm/svm/gla.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

/* Fetches may be of a whole line, from its start. */
#define FETCH_LINE 64UL

/* What is looked for, and found so far. */
struct search {
    struct vcpu *v;
    paddr_t gpa;
    struct npfec npfec;
    unsigned int addresses;       /* that explain the fault */
    unsigned long gla;            /* the first of them */
};

/* Notes that the access was at @gla. */
static void explain(struct search *s, unsigned long gla)
{
    if ( s->addresses && s->gla == gla )
        return;
    if ( !s->addresses++ )
        s->gla = gla;
}

/* Does an access to @bytes at @linear, all in one page, explain the fault? */
static void look_in_page(struct search *s, unsigned long linear,
                         unsigned int bytes)
{
    struct svm_walk w = { .entry = s->gpa };
    unsigned long gla;

    if ( !hvm_long_mode_active(s->v) )
        linear = (uint32_t)linear;

    if ( s->npfec.kind == npfec_kind_in_gpt )
    {
        svm_walk(s->v, linear, &w);
        if ( w.entry_read )
            explain(s, linear);
        return;
    }

    gla = (linear & PAGE_MASK) | (s->gpa & ~PAGE_MASK);
    if ( gla - linear < bytes && svm_walk(s->v, gla, &w) && w.gpa == s->gpa )
        explain(s, gla);
}

static void look(struct search *s, unsigned long linear, unsigned int bytes)
{
    while ( bytes )
    {
        unsigned int n = min(bytes, (unsigned int)(PAGE_SIZE -
                                                   (linear & ~PAGE_MASK)));

        look_in_page(s, linear, n);
        linear += n;
        bytes -= n;
    }
}

/* Looks at the operands of the instruction at @linear, where rIP points. */
static void look_at_operands(struct search *s, unsigned long linear)
{
    bool walks = s->npfec.kind == npfec_kind_in_gpt;
    struct svm_operands found;
    uint8_t code[SVM_MAX_INSN];
    unsigned int i, size = svm_read_code(s->v, linear, code);

    if ( !svm_find_operands(guest_cpu_user_regs(), code, size, &found) )
    {
        s->addresses = 0;
        return;
    }

    /* The CPU may have walked to fetch it: no bit of the exit tells. */
    if ( walks )
        look(s, linear, found.length);

    for ( i = 0; i < found.nr; i++ )
        if ( walks || !s->npfec.write_access || found.op[i].write )
            look(s, found.op[i].linear, found.op[i].bytes);
}

/*
 * Finds the linear address whose translation is @gpa, at which the current
 * vCPU's access @npfec has faulted.  Returns false if it is not known.  Lock
 * held.
 */
bool svm_altp2m_gla(paddr_t gpa, struct npfec npfec, unsigned long *gla)
{
    struct search s = { .v = current, .gpa = gpa, .npfec = npfec };
    struct segment_register cs;
    unsigned long linear;

    /* A nested guest's tables are in its own host's memory. */
    if ( nestedhvm_vcpu_in_guestmode(s.v) ||
         npfec.kind == npfec_kind_unknown )
        return false;

    hvm_get_segment_register(s.v, x86_seg_cs, &cs);
    if ( !hvm_virtual_to_linear_addr(x86_seg_cs, &cs,
                                     guest_cpu_user_regs()->rip, 1,
                                     hvm_access_insn_fetch, &cs, &linear) )
        return false;

    if ( npfec.insn_fetch && npfec.kind == npfec_kind_in_gpt )
        look(&s, linear, SVM_MAX_INSN);
    else if ( npfec.insn_fetch )
        look(&s, linear & -FETCH_LINE,
             (linear & (FETCH_LINE - 1)) + SVM_MAX_INSN);
    /* Else an event was being delivered: those accesses are the CPU's own. */
    else if ( !s.v->arch.hvm.svm.vmcb->exit_int_info.v )
        look_at_operands(&s, linear);

    if ( s.addresses != 1 )
        return false;

    *gla = s.gla;

    return true;
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
