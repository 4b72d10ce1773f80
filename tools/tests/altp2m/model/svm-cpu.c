/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A processor that executes an instruction at a time, by the manual (APM Vol.
 * 2, 8, 13.1 and 15): alone, or as the guest of VMRUN with what the VMCB
 * intercepts.
 *
 * It keeps what it has loaded from the VMCB and uses that instead of what is
 * there now wherever the clean bits let it, as a real one may.
 */
#include "svm-cpu.h"

#define FLAGS_LOADED (X86_EFLAGS_CF | X86_EFLAGS_TF | X86_EFLAGS_IF)

struct platform platform;

/* What the CPU has cached of the VMCB, and goes by. */
static struct {
    uint32_t exceptions, general1, dr;
    uint64_t efer, dr6, dr7, debugctl, vintr;
} cached;

/* The guest's exit, if it comes to one. */
static struct vmcb_struct *guest;
static const struct host *host;

static bool leaves(uint64_t code)
{
    guest->exitcode = code;

    return true;
}

static void push(struct cpu *c, uint64_t value)
{
    c->r.rsp -= 8;
    memcpy(&c->stack[c->r.rsp % STACK], &value, 8);
}

uint64_t cpu_read_stack(const struct cpu *c, uint64_t at)
{
    uint64_t value;

    memcpy(&value, &c->stack[at % STACK], 8);

    return value;
}

static uint64_t pop(struct cpu *c)
{
    uint64_t value = cpu_read_stack(c, c->r.rsp);

    c->r.rsp += 8;

    return value;
}

static void deliver(struct cpu *c, unsigned int vector, uint64_t back)
{
    uint64_t rsp = c->r.rsp;

    push(c, rsp);
    push(c, c->r.rflags);
    push(c, back);
    c->r.rflags &= ~(uint64_t)(X86_EFLAGS_TF | X86_EFLAGS_RF);
    if ( platform.gates_mask )
        c->r.rflags &= ~(uint64_t)X86_EFLAGS_IF;
    c->r.rip = 160 + vector % 12 * 8;
    c->shadow = false;
    c->resolved[back % CODE] = true;
    c->done++;
}

void cpu_nmi(struct cpu *c)
{
    c->nmi_blocked = true;
    deliver(c, X86_EXC_NMI, c->r.rip);
}

/* An exception: true if the guest is left for it. */
static bool raise(struct cpu *c, unsigned int vector)
{
    if ( guest && ((cached.exceptions >> vector) & 1) )
    {
        guest->exitinfo1 = 0;
        guest->exitinfo2 = 0x1000 + c->r.rip;
        return leaves(VMEXIT_EXCEPTION_DE + vector);
    }
    c->r.rflags |= X86_EFLAGS_RF;
    deliver(c, vector, c->r.rip);

    return false;
}

/* INT3 and INTO, which are met again if they are intercepted. */
static bool soft_exception(struct cpu *c, unsigned int vector)
{
    if ( guest && ((cached.exceptions >> vector) & 1) )
        return leaves(VMEXIT_EXCEPTION_DE + vector);
    deliver(c, vector, c->r.rip + 1);

    return false;
}

/* MOV from or to DR6 or DR7. */
static bool mov_dr(struct cpu *c, unsigned int nr, bool write)
{
    if ( guest && ((cached.dr >> (nr + (write ? 16 : 0))) & 1) )
        return leaves((write ? VMEXIT_DR0_WRITE : VMEXIT_DR0_READ) + nr);
    if ( c->dr7 & DR_GENERAL_DETECT )
    {
        c->dr7 &= ~(uint64_t)DR_GENERAL_DETECT;
        /* With BS where TF is set, as Xen injects it. */
        c->dr6 |= 0x2000 | (c->r.rflags & X86_EFLAGS_TF ? DR_STEP : 0);
        return raise(c, X86_EXC_DB);
    }
    if ( write && c->r.rax >> 32 )
        return raise(c, X86_EXC_GP);
    if ( !write )
        c->r.rax = nr == 6 ? c->dr6 : c->dr7;
    else if ( nr == 6 )
        c->dr6 = ((uint32_t)c->r.rax & 0xffffefff) | 0xffff0ff0;
    else
        c->dr7 = ((uint32_t)c->r.rax & 0xffff2fff) | 0x400;
    c->r.rip++;

    return false;
}

void cpu_syscall(struct cpu_user_regs *r, enum op op)
{
    if ( op == OP_SYSCALL )
    {
        r->rcx = r->rip + 1;
        r->r11 = r->rflags & ~(uint64_t)X86_EFLAGS_RF;
        r->rip = platform.lstar;
        r->rflags &= ~(platform.sfmask | X86_EFLAGS_RF);
    }
    else
    {
        r->rip = r->rcx;
        r->rflags = (r->r11 & FLAGS_LOADED) | X86_EFLAGS_MBS;
    }
}

static bool intercepted(uint32_t bit)
{
    return guest && (cached.general1 & bit);
}

static void load_flags(struct cpu *c, uint64_t value)
{
    if ( platform.btf )
        value &= ~(uint64_t)X86_EFLAGS_TF;
    c->r.rflags = (value & FLAGS_LOADED) | X86_EFLAGS_MBS;
}

/* One instruction: true if the guest is left, and has not executed it. */
static bool execute(struct cpu *c, bool held)
{
    const struct insn *i = &platform.code[c->r.rip % CODE];
    bool tf = c->r.rflags & X86_EFLAGS_TF, shadow = false, branch = false;
    bool unresolved = !c->resolved[c->r.rip % CODE];
    unsigned int before = c->done;
    uint64_t value;

    switch ( i->op )
    {
    case OP_CARRY:
        c->r.rflags ^= X86_EFLAGS_CF;
        break;
    case OP_PUSH:
        push(c, i->arg);
        break;
    case OP_POP:
        c->r.rax = pop(c);
        break;
    case OP_PUSHF:
        if ( intercepted(GENERAL1_INTERCEPT_PUSHF) )
            return leaves(VMEXIT_PUSHF);
        push(c, c->r.rflags & ~(uint64_t)X86_EFLAGS_RF);
        break;
    case OP_POPF:
        if ( intercepted(GENERAL1_INTERCEPT_POPF) )
            return leaves(VMEXIT_POPF);
        load_flags(c, pop(c));
        break;
    case OP_FRAME:
        value = c->r.rsp;
        push(c, value);
        push(c, i->arg & 0xffff);
        push(c, i->arg >> 16);
        break;
    case OP_IRET:
        if ( intercepted(GENERAL1_INTERCEPT_IRET) )
            return leaves(VMEXIT_IRET);
        c->nmi_blocked = false;
        if ( guest )
            cached.vintr &= ~(uint64_t)VNMI_IS_BLOCKED;
        c->r.rip = pop(c) % CODE - 1;
        load_flags(c, pop(c));
        c->r.rsp = (pop(c) % STACK & ~7ul) + STACK;
        branch = true;
        break;
    case OP_INT:
        if ( intercepted(GENERAL1_INTERCEPT_SWINT) )
            return leaves(VMEXIT_SWINT);
        deliver(c, i->arg, c->r.rip + 1);
        return false;
    case OP_INT3:
        return soft_exception(c, X86_EXC_BP);
    case OP_INTO:
        return soft_exception(c, X86_EXC_OF);
    case OP_FAULT:
        if ( unresolved )
            return raise(c, i->arg);
        break;
    case OP_HOST_FAULT:
        if ( guest && host->host_fault(c->r.rip) )
            return leaves(VMEXIT_NPF);
        break;
    case OP_CPUID:
        if ( guest )
            return leaves(VMEXIT_CPUID);
        c->r.rax = 7;
        break;
    case OP_MOV_SS:
        shadow = true;
        break;
    case OP_STI:
        shadow = !(c->r.rflags & X86_EFLAGS_IF);
        c->r.rflags |= X86_EFLAGS_IF;
        break;
    case OP_CLI:
        c->r.rflags &= ~(uint64_t)X86_EFLAGS_IF;
        break;
    case OP_SET:
        c->r.rax = i->arg;
        c->r.rdx = i->arg % 4;
        break;
    case OP_READ_DR:
    case OP_WRITE_DR:
        value = c->r.rip;
        if ( mov_dr(c, i->arg, i->op == OP_WRITE_DR) )
            return true;
        if ( c->done != before )
            return false;
        c->r.rip = value;
        break;
    case OP_SYSCALL:
    case OP_SYSRET:
        if ( !(c->efer & EFER_SCE) )
        {
            if ( unresolved || platform.sce )
                return raise(c, X86_EXC_UD);
            break;
        }
        cpu_syscall(&c->r, i->op);
        c->r.rip--;
        tf = c->r.rflags & X86_EFLAGS_TF;
        branch = true;
        break;
    case OP_JMP:
        c->r.rip = i->arg - 1;
        branch = true;
        break;
    case OP_REP:
        if ( c->r.rdx && --c->r.rdx )
            c->r.rip--;
        break;
    case OP_WATCHED:
        if ( c->dr7 & 3 )
            c->pending |= DR_TRAP0;
        break;
    default:
        break;
    }

    c->r.rip = (c->r.rip + 1) % CODE;
    c->r.rflags &= ~(uint64_t)X86_EFLAGS_RF;
    c->shadow = shadow;
    if ( tf && i->op != OP_MOV_SS && !held &&
         (branch || !(c->debugctl & IA32_DEBUGCTLMSR_BTF)) )
        c->pending |= DR_STEP;
    c->silent += tf && i->op == OP_MOV_SS;
    c->done++;

    return false;
}

/* Traps come before interrupts: true if the guest is left for one. */
static bool trap(struct cpu *c)
{
    if ( !c->pending )
        return false;
    c->dr6 |= c->pending;
    c->dr7 &= ~(uint64_t)DR_GENERAL_DETECT;
    c->pending = 0;
    if ( guest )
        guest->exitinfo2 = 0;
    if ( guest && ((cached.exceptions >> X86_EXC_DB) & 1) )
        return leaves(VMEXIT_EXCEPTION_DB);
    deliver(c, X86_EXC_DB, c->r.rip);

    return false;
}

/* On its own: an instruction, or what comes before it. */
void cpu_alone(struct cpu *c)
{
    guest = NULL;
    if ( c->pending )
        trap(c);
    else
        execute(c, false);
}

static void load(struct cpu *c, const struct vmcb_struct *vmcb)
{
    if ( !vmcb->cleanbits.intercepts )
    {
        cached.exceptions = vmcb->_exception_intercepts;
        cached.general1 = vmcb->_general1_intercepts;
        cached.dr = vmcb->_dr_intercepts;
    }
    if ( !vmcb->cleanbits.cr )
        cached.efer = vmcb->_efer;
    if ( !vmcb->cleanbits.dr )
    {
        cached.dr6 = vmcb->_dr6;
        cached.dr7 = vmcb->_dr7;
    }
    if ( !vmcb->cleanbits.lbr )
        cached.debugctl = vmcb->_debugctlmsr;
    if ( !vmcb->cleanbits.tpr )
        cached.vintr = vmcb->_vintr.bytes;

    c->efer = cached.efer;
    c->dr6 = cached.dr6;
    c->dr7 = cached.dr7;
    c->debugctl = cached.debugctl;
    c->r.rax = vmcb->rax;
    c->r.rip = vmcb->rip;
    c->r.rsp = vmcb->rsp;
    c->r.rflags = vmcb->rflags;
    c->shadow = vmcb->int_stat.intr_shadow;
}

static void save(const struct cpu *c, struct vmcb_struct *vmcb)
{
    vmcb->_efer = cached.efer = c->efer;
    vmcb->_dr6 = cached.dr6 = c->dr6;
    vmcb->_dr7 = cached.dr7 = c->dr7;
    vmcb->_debugctlmsr = cached.debugctl = c->debugctl;
    vmcb->_vintr.bytes = cached.vintr;
    vmcb->rax = c->r.rax;
    vmcb->rip = c->r.rip;
    vmcb->rsp = c->r.rsp;
    vmcb->rflags = c->r.rflags;
    vmcb->int_stat.intr_shadow = c->shadow;
}

/* An event of the VMCB's: true if it can't be delivered. */
static bool inject(struct cpu *c, struct vmcb_struct *vmcb)
{
    intinfo_t event = vmcb->event_inj;
    bool soft = event.type == 4 ||
                event.vector == X86_EXC_BP || event.vector == X86_EXC_OF;

    vmcb->event_inj.raw = 0;
    if ( host->host_fault(~0u) )
    {
        vmcb->exit_int_info = event;
        return leaves(VMEXIT_NPF);
    }
    if ( event.type == X86_ET_NMI && (cached.vintr & VNMI_IS_ENABLED) )
    {
        cached.vintr |= VNMI_IS_BLOCKED;
        host->nmi(c->done, false);
    }
    deliver(c, event.vector,
            soft && cpu_has_svm_nrips ? vmcb->nextrip : c->r.rip);

    return false;
}

/*
 * Delivers a virtual NMI, if one is pending and not blocked: true if it can't
 * be delivered, and is none any more.
 */
static bool take_nmi(struct cpu *c, struct vmcb_struct *vmcb)
{
    if ( (cached.vintr &
          (VNMI_IS_ENABLED | VNMI_IS_PENDING | VNMI_IS_BLOCKED)) !=
         (VNMI_IS_ENABLED | VNMI_IS_PENDING) )
        return false;

    cached.vintr &= ~(uint64_t)VNMI_IS_PENDING;
    host->nmi(c->done, true);
    if ( host->host_fault(~0u) )
    {
        vmcb->exit_int_info = (intinfo_t){ .vector = X86_EXC_NMI,
                                           .type = X86_ET_NMI, .v = true };
        return leaves(VMEXIT_NPF);
    }
    cached.vintr |= VNMI_IS_BLOCKED;
    cpu_nmi(c);

    return false;
}

/* VMRUN, up to the exit.  What isn't in the VMCB stays in @c. */
void cpu_run(struct cpu *c, struct vmcb_struct *vmcb, const struct host *h)
{
    bool held;

    guest = vmcb;
    host = h;
    load(c, vmcb);
    vmcb->exit_int_info.raw = 0;
    c->pending = 0;
    held = c->shadow && h->shadow_holds_trap;

    if ( vmcb->event_inj.v )
    {
        held = false;
        if ( inject(c, vmcb) )
            goto out;
    }
    for ( ; ; )
    {
        /* SMI is first (8.5), and then nothing keeps the trap. */
        if ( host->smi() )
        {
            leaves(VMEXIT_SMI);
            break;
        }
        if ( trap(c) )
            break;
        if ( take_nmi(c, vmcb) )
            break;
        if ( host->interrupt() )
        {
            leaves(VMEXIT_INTR);
            break;
        }
        if ( execute(c, held) )
            break;
        held = false;
    }

 out:
    save(c, vmcb);
}
