/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single steps of a vCPU on AMD CPUs, for monitors and debuggers.
 *
 * There is no monitor trap flag.  A vCPU that is to be stepped is entered with
 * RFLAGS.TF set, and the #DB that ends the instruction (APM Vol. 2, 13.1.4) is
 * intercepted.  The guest must see nothing of that:
 *
 *  - TF is set right before VMRUN and restored right after, so that all of Xen
 *    sees the guest's own TF only.
 *  - The CPU must not deliver anything through the IDT while TF is ours: it
 *    would push our TF.  All exceptions and INTn are intercepted, and injected
 *    at the next entry, which has the guest's own TF.  The delivery of an event
 *    is a step by itself, as it is with the monitor trap flag.  A physical
 *    interrupt ends it: it is pending at the entry, and the CPU takes it after
 *    the event is delivered (15.20).
 *  - Interrupts are held back while a vCPU is stepped, as on Intel.  So are
 *    virtual NMIs, which the CPU would deliver by itself: they are blocked
 *    while the guest runs.
 *  - Instructions that read or load TF are intercepted first, then stepped like
 *    others.  The image that PUSHF leaves is corrected; the TF that POPF and
 *    IRET load is the guest's own from then on.
 *  - SYSCALL copies RFLAGS and then clears bits of it, so that the step would
 *    not end there.  It can't be intercepted.  With EFER.SCE clear it raises
 *    #UD, and Xen emulates it; SYSRET alike.
 *  - An SMI that comes before the trap loses it.  Then rIP, rSP and TF tell
 *    whether an instruction was executed.
 *  - A #DB changes DR6 and DR7 (13.1.1.3, 13.1.1.4): both are restored, and Xen
 *    carries out accesses to them.  The guest gets the #DB if it has other
 *    reasons (breakpoints, its own TF).
 *
 * As on Intel, an instruction that Xen carries out at an intercept (CPUID, I/O,
 * ...) is stepped together with the next one, each iteration of REP is a step,
 * and HLT waits for an interrupt that is delivered only when the stepping is
 * over.  Other than on Intel, a load of SS is stepped together with the next
 * instruction, as the CPU holds the trap back.  STI does not hold it back.
 */

#include <xen/sched.h>

#include <asm/altp2m_names.h>
#include <asm/debugreg.h>
#include <asm/smp.h>
#include <asm/x86_emulate.h>
#include <asm/hvm/emulate.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/step.h>
#include <asm/hvm/support.h>
#include <asm/hvm/svm/emulate.h>
#include <asm/hvm/svm/step.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

#include <irq_vectors.h>

/* Without NMI; without #DF, as exceptions that lead to it are intercepted. */
#define EXCEPTIONS (~((1u << X86_EXC_NMI) | (1u << X86_EXC_DF)))

#define FLAGS_INSNS (GENERAL1_INTERCEPT_PUSHF | GENERAL1_INTERCEPT_POPF | \
                     GENERAL1_INTERCEPT_IRET)

/* MOV to and from DR4 to DR7.  DR4 and DR5 are aliases unless CR4.DE is set. */
#define DR_READS    0x000000f0u
#define DR_WRITES   0x00f00000u

/* Bits of the lower halves that always read as zero (13.1.1). */
#define DR6_ZEROS   0x00001000u
#define DR7_ZEROS   0x0000d000u

#define DR6_BD      0x2000
#define DR6_HITS    (DR_TRAP0 | DR_TRAP1 | DR_TRAP2 | DR_TRAP3 | DR6_BD | \
                     DR_STEP | DR_SWITCH)

#define OPCODE_SYSCALL  X86EMUL_OPC(0x0f, 0x05)
#define OPCODE_SYSRET   X86EMUL_OPC(0x0f, 0x07)
#define OPCODE_READ_DR  X86EMUL_OPC(0x0f, 0x21)
#define OPCODE_WRITE_DR X86EMUL_OPC(0x0f, 0x23)

bool svm_stepping(const struct vcpu *v)
{
    return unlikely(v->arch.hvm.single_step) &&
           !vcpu_nestedhvm(v).nv_guestmode;
}

/*
 * Blocks a virtual NMI that is pending in the CPU, for this entry.  Where the
 * entry delivers another NMI, that blocks it anyway, and has to do so after the
 * exit, too.
 */
static void hold_nmi(struct svm_step *s, struct vmcb_struct *vmcb)
{
    bool delivers_nmi = vmcb->event_inj.v && vmcb->event_inj.type == X86_ET_NMI;

    if ( !vmcb->_vintr.fields.vnmi_enable ||
         !vmcb->_vintr.fields.vnmi_pending ||
         vmcb->_vintr.fields.vnmi_blocking || delivers_nmi )
        return;

    vmcb->_vintr.fields.vnmi_blocking = true;
    vmcb->cleanbits.raw = 0;
    s->nmi_held = s->cached = true;
}

/*
 * Saves the guest's own state, and sets the VMCB up for a trap.  It clears the
 * interrupt shadow, as no manual says whether a CPU that enters with a shadow
 * and TF holds the trap back.  Interrupts are held back without it.
 */
static void set_trap(struct svm_step *s, struct vmcb_struct *vmcb)
{
    vmcb->cleanbits.raw = 0;

    s->tf = vmcb->rflags & X86_EFLAGS_TF;
    s->shadow = vmcb->int_stat.intr_shadow;
    s->rip = vmcb->rip;
    s->rsp = vmcb->rsp;
    s->efer = vmcb_get_efer(vmcb);
    s->dr6 = vmcb_get_dr6(vmcb);
    s->dr7 = vmcb_get_dr7(vmcb);
    s->debugctl = vmcb_get_debugctlmsr(vmcb);
    s->exceptions = vmcb_get_exception_intercepts(vmcb);
    s->general1 = vmcb_get_general1_intercepts(vmcb);
    s->dr_intercepts = vmcb_get_dr_intercepts(vmcb);

    vmcb->rflags |= X86_EFLAGS_TF;
    vmcb->int_stat.intr_shadow = false;
    vmcb_set_efer(vmcb, s->efer & ~EFER_SCE);
    vmcb_set_dr6(vmcb, X86_DR6_DEFAULT);
    vmcb_set_exception_intercepts(vmcb, s->exceptions | EXCEPTIONS);
    vmcb_set_general1_intercepts(
        vmcb,
        (s->general1 | FLAGS_INSNS | GENERAL1_INTERCEPT_SWINT) & ~s->insn);
    vmcb_set_dr_intercepts(vmcb, s->dr_intercepts | DR_READS | DR_WRITES);
    /* With TF and BTF of its own, the guest is stepped by branches. */
    if ( !s->tf )
        vmcb_set_debugctlmsr(vmcb, s->debugctl & ~IA32_DEBUGCTLMSR_BTF);
}

/*
 * Prepares the VMCB for a step, if the vCPU is to be stepped.  The last call
 * before VMRUN, with interrupts off.
 */
void svm_step_enter(struct vcpu *v)
{
    struct svm_step *s = &v->arch.hvm.svm.step;
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    uint32_t insn = s->insn;

    s->entered = SVM_STEP_NO;
    s->insn = 0;

    /* A nested guest has its own VMCB, and is never stepped. */
    if ( vcpu_nestedhvm(v).nv_guestmode )
        return;

    /*
     * Xen sets all clean bits at each exit.  The fields that svm_step_leave()
     * restored have to be loaded again (APM Vol. 2, 15.15).
     */
    if ( s->cached )
        vmcb->cleanbits.raw = 0;
    s->cached = false;

    if ( !svm_stepping(v) )
        return;

    hold_nmi(s, vmcb);

    if ( vmcb->event_inj.v )
    {
        s->entered = SVM_STEP_EVENT;
        send_IPI_self(EVENT_CHECK_VECTOR);
        return;
    }

    if ( s->insn_rip == vmcb->rip )
        s->insn = insn;
    s->entered = SVM_STEP_TRAP;
    s->cached = true;
    set_trap(s, vmcb);
}

/*
 * Was an instruction executed?  The trap reports it, but is lost if an SMI or
 * INIT exits first (APM Vol. 2, 8.5).  Then rIP has moved.  IRET may load the
 * same rIP; then rSP has moved or TF is clear, or the IRET has changed nothing
 * and can be executed again.
 */
static bool was_executed(const struct svm_step *s,
                         const struct cpu_user_regs *regs)
{
    return (s->hits & DR_STEP) || regs->rip != s->rip ||
           regs->rsp != s->rsp || !(regs->rflags & X86_EFLAGS_TF);
}

/*
 * Restores the guest's state, as if TF had not been set.  The first call after
 * an exit.
 */
void svm_step_leave(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct svm_step *s = &v->arch.hvm.svm.step;
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    bool loaded;

    if ( unlikely(s->nmi_held) )
    {
        vmcb->_vintr.fields.vnmi_blocking = false;
        s->nmi_held = false;
    }

    if ( likely(s->entered != SVM_STEP_TRAP) )
        return;

    s->hits = vmcb->exitcode == VMEXIT_EXCEPTION_DB ?
              vmcb_get_dr6(vmcb) & DR6_HITS : 0;
    s->moved = was_executed(s, regs);

    loaded = s->moved && (s->insn & ~GENERAL1_INTERCEPT_PUSHF);
    if ( !loaded )
        regs->rflags = (regs->rflags & ~(uint64_t)X86_EFLAGS_TF) |
                       (s->tf ? X86_EFLAGS_TF : 0);
    if ( !s->moved )
        vmcb->int_stat.intr_shadow = s->shadow;

    vmcb_set_efer(vmcb, s->efer);
    vmcb_set_dr6(vmcb, s->dr6);
    vmcb_set_dr7(vmcb, s->dr7);
    vmcb_set_exception_intercepts(vmcb, s->exceptions);
    vmcb_set_general1_intercepts(vmcb, s->general1);
    vmcb_set_dr_intercepts(vmcb, s->dr_intercepts);
    vmcb_set_debugctlmsr(vmcb, s->debugctl);
}

/* Clears our TF in the image that PUSHF has left on the stack. */
static void fix_image(struct vcpu *v, const struct cpu_user_regs *regs)
{
    const struct svm_step *s = &v->arch.hvm.svm.step;
    /* With SMAP, Xen's access is refused where the user's was not. */
    uint32_t pfec = hvm_get_cpl(v) == 3 ? PFEC_user_mode : 0;
    struct segment_register ss;
    unsigned long at = regs->rsp;
    pagefault_info_t pfinfo;
    uint8_t byte;

    if ( s->tf )
        return;

    hvm_get_segment_register(v, x86_seg_ss, &ss);
    if ( hvm_guest_x86_mode(v) != 8 )
        at = (uint32_t)(ss.base + (ss.db ? regs->esp : regs->sp));

    /* TF is bit 8.  The page is mapped: the CPU has just written to it. */
    if ( hvm_copy_from_guest_linear(&byte, at + 1, 1, pfec, &pfinfo) )
        return;
    byte &= ~(X86_EFLAGS_TF >> 8);
    hvm_copy_to_guest_linear(at + 1, &byte, 1, pfec, &pfinfo);
}

static bool cf_check is_syscall(const struct x86_emulate_state *state,
                                const struct x86_emulate_ctxt *ctxt)
{
    return ctxt->opcode == OPCODE_SYSCALL || ctxt->opcode == OPCODE_SYSRET;
}

static bool cf_check is_soft_interrupt(const struct x86_emulate_state *state,
                                       const struct x86_emulate_ctxt *ctxt)
{
    return ctxt->opcode >= 0xcc && ctxt->opcode <= 0xce;
}

/* Injects a fault.  It pushes RF as set (APM Vol. 2, 3.1.6). */
static void inject_fault(struct cpu_user_regs *regs, unsigned int vector,
                         int ec)
{
    regs->rflags |= X86_EFLAGS_RF;
    hvm_inject_hw_exception(vector, ec);
}

/* Injects what an instruction has raised in Xen's emulator. */
static void inject_raised(struct cpu_user_regs *regs,
                          const struct x86_event *event)
{
    if ( event->type == X86_ET_HW_EXC )
        regs->rflags |= X86_EFLAGS_RF;
    hvm_inject_event(event);
}

/*
 * Has Xen carry out the instruction at rIP, if @validate knows it.  Returns
 * X86EMUL_*; with X86EMUL_RETRY, the guest is to try again.
 */
static int carry_out(struct cpu_user_regs *regs,
                     hvm_emulate_validate_t *validate)
{
    struct hvm_emulate_ctxt ctxt;
    int rc;

    hvm_emulate_init_once(&ctxt, validate, regs);
    rc = hvm_emulate_one(&ctxt, VIO_no_completion);
    if ( rc == X86EMUL_EXCEPTION )
        inject_raised(regs, &ctxt.ctxt.event);
    hvm_emulate_writeback(&ctxt);

    return rc;
}

/* Has Xen inject an INTn, INT3 or INTO. */
static void do_soft_interrupt(struct cpu_user_regs *regs)
{
    switch ( carry_out(regs, is_soft_interrupt) )
    {
    case X86EMUL_OKAY:
    case X86EMUL_EXCEPTION:
    case X86EMUL_RETRY:
        break;

    default:
        inject_fault(regs, X86_EXC_GP, 0);
        break;
    }
}

/*
 * Decodes the MOV DR at rIP, which is to be of @opcode and register @nr.  If
 * another vCPU has replaced it, or its page has to be brought in, the guest is
 * to try again.  If Xen can't read it, the guest gets #GP, rather than to try
 * for ever.  Returns whether it was decoded.
 */
static bool decode_mov_dr(struct cpu_user_regs *regs, unsigned int opcode,
                          unsigned int nr, unsigned int *len, unsigned int *rm)
{
    struct hvm_emulate_ctxt ctxt;
    struct x86_emulate_state *state;
    unsigned int reg;

    hvm_emulate_init_once(&ctxt, NULL, regs);
    hvm_emulate_init_per_insn(&ctxt, NULL, 0);
    state = x86_decode_insn(&ctxt.ctxt, hvmemul_insn_fetch);
    if ( IS_ERR_OR_NULL(state) )
    {
        if ( PTR_ERR(state) == -X86EMUL_EXCEPTION )
            inject_raised(regs, &ctxt.ctxt.event);
        else if ( PTR_ERR(state) != -X86EMUL_RETRY )
            inject_fault(regs, X86_EXC_GP, 0);
        return false;
    }

    *len = x86_insn_length(state, &ctxt.ctxt);
    x86_insn_modrm(state, rm, &reg);
    x86_emulate_free_state(state);

    return ctxt.ctxt.opcode == opcode && reg == nr;
}

/*
 * Ends the step after Xen has carried out an instruction.  If the guest has TF
 * set, Xen has queued the guest's own trap, which clears DR7.GD as any #DB
 * does.
 */
static void carried_out(struct vmcb_struct *vmcb)
{
    if ( vmcb->event_inj.v )
        vmcb_set_dr7(vmcb, vmcb_get_dr7(vmcb) & ~DR_GENERAL_DETECT);
    hvm_step_done();
}

/* Handles a #UD of SYSCALL or SYSRET, as EFER.SCE is clear.  Was it one? */
static bool do_syscall(struct vcpu *v, struct cpu_user_regs *regs)
{
    if ( !(v->arch.hvm.svm.step.efer & EFER_SCE) )
        return false;

    switch ( carry_out(regs, is_syscall) )
    {
    case X86EMUL_OKAY:
        carried_out(v->arch.hvm.svm.vmcb);
        return true;

    case X86EMUL_EXCEPTION:
    case X86EMUL_RETRY:
        return true;
    }

    return false;
}

/* Carries out a MOV to or from DR6 or DR7, which are in the VMCB. */
static void do_mov_dr(struct vcpu *v, struct cpu_user_regs *regs,
                      unsigned int nr, bool write)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    bool wide = hvm_guest_x86_mode(v) == 8;
    unsigned long *gpr, dr6 = vmcb_get_dr6(vmcb), dr7 = vmcb_get_dr7(vmcb);
    unsigned int len, rm;

    if ( nr < 6 && (v->arch.hvm.guest_cr[4] & X86_CR4_DE) )
    {
        inject_fault(regs, X86_EXC_UD, X86_EVENT_NO_EC);
        return;
    }
    if ( vmcb_get_cpl(vmcb) )
    {
        inject_fault(regs, X86_EXC_GP, 0);
        return;
    }
    /* General detect: a fault on any access (APM Vol. 2, 13.1.1.4). */
    if ( dr7 & DR_GENERAL_DETECT )
    {
        vmcb_set_dr7(vmcb, dr7 & ~DR_GENERAL_DETECT);
        vmcb_set_dr6(vmcb, dr6 | DR6_BD);
        inject_fault(regs, X86_EXC_DB, X86_EVENT_NO_EC);
        return;
    }
    if ( !decode_mov_dr(regs, write ? OPCODE_WRITE_DR : OPCODE_READ_DR, nr,
                        &len, &rm) )
        return;

    gpr = decode_gpr(regs, rm & 15);
    if ( !write )
        *gpr = (nr & 1) ? dr7 : dr6;
    else if ( wide && (*gpr >> 32) )
    {
        inject_fault(regs, X86_EXC_GP, 0);
        return;
    }
    else if ( nr & 1 )
        vmcb_set_dr7(vmcb, ((uint32_t)*gpr & ~DR7_ZEROS) | X86_DR7_DEFAULT);
    else
        vmcb_set_dr6(vmcb, ((uint32_t)*gpr & ~DR6_ZEROS) | X86_DR6_DEFAULT);

    __update_guest_eip(regs, len);
    carried_out(vmcb);
}

/* Handles #DB.  Returns false if Xen has to handle it, too. */
static bool debug_exception(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct svm_step *s = &v->arch.hvm.svm.step;
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    uint64_t own = s->hits;

    if ( !s->tf )
        own &= ~(uint64_t)DR_STEP;

    if ( own )
    {
        /* If the guest's registers are not loaded, Xen keeps them. */
        if ( !v->arch.hvm.flag_dr_dirty )
        {
            v->arch.dr6 |= own;
            v->arch.dr7 &= ~DR_GENERAL_DETECT;
        }
        vmcb_set_dr6(vmcb, s->dr6 | own);
        vmcb_set_dr7(vmcb, s->dr7 & ~DR_GENERAL_DETECT);
    }

    if ( !(s->hits & DR_STEP) )
        return false;

    if ( own )
    {
        /* A monitor of #DB gets it first; the step ends with the delivery. */
        if ( v->domain->arch.monitor.debug_exception_enabled )
            return false;
        hvm_inject_hw_exception(X86_EXC_DB, X86_EVENT_NO_EC);
    }

    hvm_step_done();
    return true;
}

/* Injects an exception that is intercepted for the step only.  Was it such? */
static bool reflect(const struct svm_step *s, const struct vmcb_struct *vmcb,
                    struct cpu_user_regs *regs)
{
    unsigned int vector = vmcb->exitcode - VMEXIT_EXCEPTION_DE;

    if ( (s->exceptions >> vector) & 1 )
        return false;

    switch ( vector )
    {
    case X86_EXC_BP:
        return false;

    case X86_EXC_OF:
        do_soft_interrupt(regs);
        break;

    case X86_EXC_PF:
        regs->rflags |= X86_EFLAGS_RF;
        hvm_inject_page_fault(vmcb->exitinfo1, vmcb->exitinfo2);
        break;

    default:
        inject_fault(regs, vector, (X86_EXC_HAVE_EC >> vector) & 1 ?
                                   (int)vmcb->exitinfo1 : X86_EVENT_NO_EC);
        break;
    }

    return true;
}

static bool trap_exit(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct svm_step *s = &v->arch.hvm.svm.step;
    const struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    uint32_t insn = s->insn;

    s->insn = 0;
    if ( s->moved && (insn & GENERAL1_INTERCEPT_PUSHF) )
        fix_image(v, regs);

    switch ( vmcb->exitcode )
    {
    case VMEXIT_EXCEPTION_DB:
        return debug_exception(v, regs);

    case VMEXIT_EXCEPTION_UD:
        return do_syscall(v, regs) || reflect(s, vmcb, regs);

    case VMEXIT_EXCEPTION_DE:
    case VMEXIT_EXCEPTION_BP ... VMEXIT_EXCEPTION_BR:
    case VMEXIT_EXCEPTION_NM ... VMEXIT_EXCEPTION_AC:
    case VMEXIT_EXCEPTION_XF ... VMEXIT_EXCEPTION_DE + 31:
        return reflect(s, vmcb, regs);

    case VMEXIT_PUSHF:
    case VMEXIT_POPF:
        s->insn = vmcb->exitcode == VMEXIT_PUSHF ? GENERAL1_INTERCEPT_PUSHF
                                                 : GENERAL1_INTERCEPT_POPF;
        s->insn_rip = regs->rip;
        return true;

    case VMEXIT_IRET:
        s->insn = GENERAL1_INTERCEPT_IRET;
        s->insn_rip = regs->rip;
        /* Xen may intercept IRET, too, to unblock NMIs. */
        return !(s->general1 & GENERAL1_INTERCEPT_IRET);

    case VMEXIT_SWINT:
        do_soft_interrupt(regs);
        return true;

    case VMEXIT_DR0_READ + 4 ... VMEXIT_DR7_READ:
    case VMEXIT_DR0_WRITE + 4 ... VMEXIT_DR7_WRITE:
        /* Xen intercepts these, too: it is to load the guest's registers. */
        if ( s->dr_intercepts )
            return false;
        do_mov_dr(v, regs, vmcb->exitcode & 7,
                  vmcb->exitcode >= VMEXIT_DR0_WRITE);
        return true;

    case VMEXIT_INTR:
    case VMEXIT_NMI:
    case VMEXIT_SMI:
    case VMEXIT_EXCEPTION_MC:
        /* If one of these comes first, the trap is lost. */
        if ( s->moved )
            hvm_step_done();
        return false;
    }

    return false;
}

static bool event_exit(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    bool pending = vmcb->exit_int_info.v;

    if ( pending )
    {
        /*
         * It was not delivered.  Where the VMCB has no next rIP, Xen has moved
         * rIP past the INTn that it injects: the guest would not execute it
         * again.
         */
        if ( !vmcb->event_inj.v && !cpu_has_svm_nrips )
            vmcb->event_inj = vmcb->exit_int_info;
        return false;
    }

    switch ( vmcb->exitcode )
    {
    case VMEXIT_INTR:
    case VMEXIT_NMI:
    case VMEXIT_SMI:
    case VMEXIT_VINTR:
        hvm_step_done();
        return false;

    case VMEXIT_NPF:
        /* The handler's first instruction has faulted, and will again. */
        hvm_step_done();
        return true;
    }

    return false;
}

/*
 * Handles an exit of a vCPU that was stepped.  Returns true if Xen has nothing
 * left to do for it.  An event whose delivery was interrupted is queued again
 * by now.
 */
bool svm_step_exit(struct vcpu *v, struct cpu_user_regs *regs)
{
    switch ( v->arch.hvm.svm.step.entered )
    {
    case SVM_STEP_TRAP:
        return trap_exit(v, regs);

    case SVM_STEP_EVENT:
        return event_exit(v, regs);

    default:
        return false;
    }
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
