/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-svm-step: a guest that is stepped by RFLAGS.TF (hvm/svm/step.c, the very
 * file) sees what it sees by itself.
 *
 *     test-svm-step [SEED [PROGRAMS [trace]]]
 *
 * Programs of all that reads, loads or clears TF, by hand and at random, run
 * as the guest of what is here of Xen's exit handler, stepped now and then;
 * SMIs, interrupts, NMIs and nested faults come as they like.  At each exit
 * the guest is compared with the same program on a processor of its own
 * (svm-cpu.c), after as many instructions.  Each of them is one step, or one
 * together with the next where step.c says so.  The clean bits are held to be
 * true both by the processor, which makes use of them, and by clean.c, the
 * checker of debug builds.
 */
#include "svm-cpu.h"

#include <stdarg.h>

#define DR7_ACTIVE  0xff
#define MAX_DONE    400
#define MAX_ENTRIES 10000

bool cpu_has_svm_nrips;
unsigned int lies;
FILE *model_console;
static bool told;

static struct domain domain;
static struct vmcb_struct vmcb;
static struct vcpu vcpu = { .domain = &domain };
static struct cpu cpu;
static uint64_t random_state, seed;

/* The same program by itself. */
static struct cpu ref;

/* What the host is about to do. */
static bool ipi, shadow_made_up, shadow_holds;
static unsigned int host_faults;
static struct {
    unsigned int smi, interrupt, toggle, fault, nmi, patch, retry, away;
} chance;
static int unreadable;            /* X86EMUL_*: what reading code fails with */

/* Where the CPU has taken NMIs by itself, and the reference not yet. */
static unsigned int nmi_at[8], nmis;

/* Instructions and deliveries that no step was reported for. */
static unsigned int reported, joined;
static unsigned int steps, taken;

void model_fail(const char *file, int line, const char *fmt, ...)
{
    va_list args;

    printf("TEST svm-step FAIL: seed %" PRIu64 " %s:%d: ", seed, file, line);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
    exit(1);
}

static unsigned int pick(unsigned int n)
{
    random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;

    return (random_state >> 33) % n;
}

static bool happens(unsigned int permille)
{
    return permille && pick(1000) < permille;
}

/* ---- what step.c calls ---- */

void send_IPI_self(int vector)
{
    ASSERT(vector == EVENT_CHECK_VECTOR);
    ipi = true;
}

struct cpu_user_regs *guest_cpu_user_regs(void)
{
    return &cpu.r;
}

uint64_t *decode_gpr(struct cpu_user_regs *regs, unsigned int nr)
{
    return &regs->rax;
}

static void restore_debug_registers(void)
{
    if ( vcpu.arch.hvm.flag_dr_dirty )
        return;
    vcpu.arch.hvm.flag_dr_dirty = true;
    vmcb_set_dr_intercepts(&vmcb, 0);
    vmcb_set_dr6(&vmcb, vcpu.arch.dr6);
    vmcb_set_dr7(&vmcb, vcpu.arch.dr7);
}

static void inject(unsigned int vector, unsigned int type, unsigned int length)
{
    if ( vector == X86_EXC_DB && (cpu.r.rflags & X86_EFLAGS_TF) )
    {
        restore_debug_registers();
        vmcb_set_dr6(&vmcb, vmcb_get_dr6(&vmcb) | DR_STEP);
    }
    vmcb.event_inj = (intinfo_t){ .vector = vector, .type = type, .v = true };
    if ( cpu_has_svm_nrips )
        vmcb.nextrip = cpu.r.rip + length;
    else
        cpu.r.rip += length;
}

void hvm_inject_hw_exception(unsigned int vector, int ec)
{
    inject(vector, 3, 0);
}

void hvm_inject_page_fault(int ec, uint64_t cr2)
{
    inject(X86_EXC_PF, 3, 0);
}

/* Xen has carried out an instruction. */
void __update_guest_eip(struct cpu_user_regs *regs, unsigned int len)
{
    regs->rip = (regs->rip + len) % CODE;
    regs->rflags &= ~(uint64_t)X86_EFLAGS_RF;
    vmcb.int_stat.intr_shadow = false;
    cpu.done++;
    if ( regs->rflags & X86_EFLAGS_TF )
        hvm_inject_hw_exception(X86_EXC_DB, X86_EVENT_NO_EC);
}

unsigned int stack_cpl;

/* May Xen access the stack so?  The guest has SMAP. */
static bool stack_refused(uint32_t pfec)
{
    return stack_cpl == 3 && !(pfec & PFEC_user_mode);
}

int hvm_copy_from_guest_linear(void *to, unsigned long at, unsigned int size,
                               uint32_t pfec, pagefault_info_t *info)
{
    if ( stack_refused(pfec) )
        return 1;

    memcpy(to, &cpu.stack[at % STACK], size);

    return 0;
}

int hvm_copy_to_guest_linear(unsigned long at, void *from, unsigned int size,
                             uint32_t pfec, pagefault_info_t *info)
{
    if ( stack_refused(pfec) )
        return 1;

    memcpy(&cpu.stack[at % STACK], from, size);

    return 0;
}

static unsigned int opcode(enum op op)
{
    return op == OP_INT3 ? 0xcc : op == OP_INT ? 0xcd : op == OP_INTO ? 0xce
         : op == OP_SYSCALL ? 0x0f05 : op == OP_SYSRET ? 0x0f07
         : op == OP_READ_DR ? 0x0f21 : op == OP_WRITE_DR ? 0x0f23 : 0x90;
}

static const struct insn *insn_now(void)
{
    return &platform.code[cpu.r.rip % CODE];
}

/*
 * What an attempt of Xen's to read an instruction comes to: another try, now
 * and then, or what failing() wants.
 */
static int reads(struct x86_emulate_ctxt *ctxt)
{
    int rc = unreadable ?: happens(chance.retry) ? X86EMUL_RETRY : X86EMUL_OKAY;

    ctxt->opcode = opcode(insn_now()->op);
    ctxt->event = (struct x86_event){ X86_EXC_PF, X86_ET_HW_EXC };

    return rc;
}

struct x86_emulate_state *x86_decode_insn(struct x86_emulate_ctxt *ctxt,
                                          int fetch)
{
    int rc = reads(ctxt);

    return rc ? (void *)(long)-rc : (void *)ctxt;
}

void x86_insn_modrm(const struct x86_emulate_state *state, unsigned int *rm,
                    unsigned int *reg)
{
    *rm = 0;
    *reg = insn_now()->arg;
}

void hvm_inject_event(const struct x86_event *event)
{
    inject(event->vector, event->type, 0);
}

int hvm_emulate_one(struct hvm_emulate_ctxt *ctxt, int completion)
{
    const struct insn *i = insn_now();
    int rc = reads(&ctxt->ctxt);

    if ( rc )
        return rc;
    if ( !ctxt->validate(NULL, &ctxt->ctxt) )
        return X86EMUL_UNHANDLEABLE;

    switch ( i->op )
    {
    case OP_INT:
        inject(i->arg, 4, 1);
        break;
    case OP_INT3:
    case OP_INTO:
        inject(i->op == OP_INT3 ? X86_EXC_BP : X86_EXC_OF, 3, 1);
        break;
    default:
        ASSERT(vmcb._efer & EFER_SCE);
        cpu_syscall(&cpu.r, i->op);
        cpu.r.rip %= CODE;
        vmcb.int_stat.intr_shadow = false;
        cpu.done++;
        if ( cpu.r.rflags & X86_EFLAGS_TF )
            inject(X86_EXC_DB, 3, 0);
        break;
    }

    return X86EMUL_OKAY;
}

/*
 * One instruction or delivery since the last, but for those that are joined;
 * these alone where an interrupt comes in between.
 */
void hvm_step_done(void)
{
    unsigned int new = cpu.done - reported;

    if ( new != joined + 1 && (!joined || new != joined) )
        FAIL("a step of %u and %u more at rip %" PRIu64,
             cpu.done - reported - joined, joined, cpu.r.rip);
    reported = cpu.done;
    joined = 0;
    steps++;
}

/* ---- what the host does ---- */

static bool smi(void)
{
    const struct svm_step *s = &vcpu.arch.hvm.svm.step;

    /* A trap of the guest's own is lost on a real machine too. */
    if ( cpu.pending && (cpu.pending != DR_STEP ||
                         s->entered != SVM_STEP_TRAP || s->tf) )
        return false;

    return happens(chance.smi);
}

static bool interrupt(void)
{
    bool now = ipi || happens(chance.interrupt);

    ipi = false;

    return now || cpu.done > MAX_DONE;
}

static bool host_fault(unsigned int rip)
{
    /* The same one doesn't come again for ever. */
    if ( host_faults || !happens(rip == ~0u ? chance.fault : 700) )
    {
        host_faults = 0;
        return false;
    }
    host_faults++;

    return true;
}

static void nmi(unsigned int done, bool by_itself)
{
    if ( by_itself && vcpu.arch.hvm.svm.step.entered != SVM_STEP_NO )
        FAIL("an NMI is taken at rip %" PRIu64 ", in a step", cpu.r.rip);
    taken += by_itself;
    /* The delivery that is repeated is the last. */
    if ( by_itself || !nmis || nmi_at[nmis - 1] != done )
    {
        ASSERT(nmis < ARRAY_SIZE(nmi_at));
        nmi_at[nmis++] = done;
    }
}

static struct host host = { false, smi, interrupt, host_fault, nmi };

/* ---- the guest beside the reference ---- */

#define SAME(what, x, y) do {                                               \
    uint64_t x_ = (x), y_ = (y);                                            \
    if ( x_ != y_ )                                                         \
        FAIL("%s is %#" PRIx64 ", by itself %#" PRIx64 ", after %u at %"    \
             PRIu64, what, x_, y_, cpu.done, cpu.r.rip);                    \
} while ( 0 )

static void compare(void)
{
    bool dirty = vcpu.arch.hvm.flag_dr_dirty;
    unsigned int i, next = 0;

    while ( ref.done < cpu.done )
    {
        if ( next < nmis && ref.done == nmi_at[next] && !ref.pending )
        {
            next++;
            cpu_nmi(&ref);
            continue;
        }
        if ( told )
            printf("    by itself: rip %" PRIu64 ", %u done\n", ref.r.rip,
                   ref.done);
        cpu_alone(&ref);
    }
    ASSERT(ref.done == cpu.done && next == nmis);
    nmis = 0;
    SAME("#DB pending", 0, ref.pending);
    SAME("rip", cpu.r.rip, ref.r.rip);
    SAME("rsp", cpu.r.rsp, ref.r.rsp);
    SAME("rflags", cpu.r.rflags | X86_EFLAGS_MBS, ref.r.rflags);
    SAME("rax", cpu.r.rax, ref.r.rax);
    SAME("rcx", cpu.r.rcx, ref.r.rcx);
    SAME("rdx", cpu.r.rdx, ref.r.rdx);
    SAME("r11", cpu.r.r11, ref.r.r11);
    SAME("efer", vmcb._efer, ref.efer);
    SAME("dr6", dirty ? vmcb._dr6 : vcpu.arch.dr6, ref.dr6);
    SAME("dr7", dirty ? vmcb._dr7 : vcpu.arch.dr7, ref.dr7);
    if ( platform.vnmi )
        SAME("NMIs blocked", !!(vmcb._vintr.bytes & VNMI_IS_BLOCKED),
             ref.nmi_blocked);
    SAME("debugctl", vmcb._debugctlmsr, ref.debugctl);
    if ( !shadow_made_up )
        SAME("shadow", vmcb.int_stat.intr_shadow, ref.shadow);
    for ( i = 0; i < CODE; i++ )
        SAME("fault", cpu.resolved[i], ref.resolved[i]);
    for ( i = 0; i < STACK; i += 8 )
        SAME("stack", cpu_read_stack(&cpu, i), cpu_read_stack(&ref, i));
}

/* ---- what is here of Xen: svm_vmexit_handler() ---- */

static bool requeued(intinfo_t event)
{
    bool stepped = vcpu.arch.hvm.svm.step.entered != SVM_STEP_NO;
    bool soft = event.type == 4 ||
                (event.type == 3 && (event.vector == X86_EXC_BP ||
                                     event.vector == X86_EXC_OF));

    /* Without the next rIP Xen loses one; step.c has to do better. */
    return event.v && (!soft || (!cpu_has_svm_nrips && !stepped));
}

static void handle_exit(void)
{
    struct cpu_user_regs *regs = &cpu.r;

    switch ( vmcb.exitcode )
    {
    case VMEXIT_EXCEPTION_DB:
        /* Its own: what it reports is the guest's. */
        if ( !vcpu.arch.hvm.flag_dr_dirty )
        {
            vcpu.arch.dr6 |= vmcb._dr6;
            vcpu.arch.dr7 &= ~(uint64_t)DR_GENERAL_DETECT;
        }
        if ( vmcb.exitinfo2 )
            regs->rflags |= X86_EFLAGS_RF;
        vmcb.event_inj = (intinfo_t){ .vector = X86_EXC_DB, .type = 3,
                                      .v = true };
        break;
    case VMEXIT_EXCEPTION_BP:
        inject(X86_EXC_BP, 3, 1);
        break;
    case VMEXIT_EXCEPTION_UD:
        regs->rflags |= X86_EFLAGS_RF;
        hvm_inject_hw_exception(X86_EXC_UD, X86_EVENT_NO_EC);
        break;
    case VMEXIT_CPUID:
        regs->rax = 7;
        joined++;
        __update_guest_eip(regs, 1);
        if ( vmcb.event_inj.v )
            vmcb_set_dr7(&vmcb, vmcb._dr7 & ~(uint64_t)DR_GENERAL_DETECT);
        break;
    case VMEXIT_IRET:
        vmcb_set_general1_intercepts(
            &vmcb, vmcb._general1_intercepts & ~GENERAL1_INTERCEPT_IRET);
        vmcb.int_stat.intr_shadow = true;
        shadow_made_up = true;
        break;
    case VMEXIT_DR0_READ ... VMEXIT_DR7_READ:
    case VMEXIT_DR0_WRITE ... VMEXIT_DR7_WRITE:
        restore_debug_registers();
        break;
    case VMEXIT_INTR:
    case VMEXIT_SMI:
    case VMEXIT_NPF:
        break;
    default:
        FAIL("exit %#" PRIx64 " at %" PRIu64, vmcb.exitcode, regs->rip);
    }
}

static void leave(void)
{
    const struct svm_step *s = &vcpu.arch.hvm.svm.step;
    unsigned int before = ref.done;

    cpu.r.rax = vmcb.rax;
    cpu.r.rip = vmcb.rip;
    cpu.r.rsp = vmcb.rsp;
    cpu.r.rflags = vmcb.rflags;
    if ( told )
        printf("exit %#" PRIx64 " of entry %u at rip %" PRIu64 ", %u done\n",
               vmcb.exitcode, s->entered, cpu.r.rip, cpu.done);
    svm_clean_note(&vcpu);
    svm_step_leave(&vcpu, &cpu.r);
    vmcb.cleanbits.raw = ~0u;
    if ( requeued(vmcb.exit_int_info) )
        vmcb.event_inj = vmcb.exit_int_info;
    if ( cpu.done != before )
        shadow_made_up = false;
    if ( s->entered == SVM_STEP_TRAP )
        joined += cpu.silent;
    cpu.silent = 0;
    /* An SMI has lost the trap of a JMP to itself, or an iteration of REP. */
    if ( vmcb.exitcode == VMEXIT_SMI && s->entered == SVM_STEP_TRAP &&
         vmcb.rip == s->rip && vmcb.rsp == s->rsp && cpu.done != before )
    {
        joined++;
        shadow_made_up = s->shadow;
    }
    if ( !svm_step_exit(&vcpu, &cpu.r) )
        handle_exit();

    if ( s->entered == SVM_STEP_NO )
    {
        reported = cpu.done;
        joined = 0;
    }
    else if ( cpu.done - reported != joined )
        FAIL("%u steps not reported at rip %" PRIu64,
             cpu.done - reported - joined, cpu.r.rip);
    if ( !vmcb.event_inj.v )
        compare();
}

/* Nothing is stepped: what the monitor or the guest's other vCPUs may do. */
static void between_steps(void)
{
    if ( !platform.vnmi && happens(chance.nmi) &&
         !(vmcb._general1_intercepts & GENERAL1_INTERCEPT_IRET) )
    {
        cpu_nmi(&ref);
        inject(X86_EXC_NMI, X86_ET_NMI, 0);
        vmcb_set_general1_intercepts(
            &vmcb, vmcb._general1_intercepts | GENERAL1_INTERCEPT_IRET);
    }
    else if ( happens(chance.patch) )
        platform.code[cpu.r.rip % CODE] = (struct insn){ OP_POP };
}

/* Another vCPU has run: Xen has saved the debug registers, active or not. */
static void save_debug_registers(void)
{
    if ( !vcpu.arch.hvm.flag_dr_dirty || (vmcb_get_dr7(&vmcb) & DR7_ACTIVE) )
        return;
    vcpu.arch.hvm.flag_dr_dirty = false;
    vmcb_set_dr_intercepts(&vmcb, ~0u);
    vcpu.arch.dr6 = vmcb_get_dr6(&vmcb);
    vcpu.arch.dr7 = vmcb_get_dr7(&vmcb);
}

static void enter(void)
{
    const struct svm_step *s = &vcpu.arch.hvm.svm.step;

    if ( happens(chance.away) )
        save_debug_registers();

    if ( happens(chance.toggle) )
        vcpu.arch.hvm.single_step ^= true;
    if ( !vcpu.arch.hvm.single_step && !vmcb.event_inj.v )
        between_steps();
    /*
     * It may be pending since before the step, and the CPU not have taken it.
     */
    if ( platform.vnmi && happens(chance.nmi) )
    {
        vmcb._vintr.bytes |= VNMI_IS_PENDING;
        vmcb.cleanbits.tpr = false;
    }

    vmcb.rax = cpu.r.rax;
    vmcb.rip = cpu.r.rip;
    vmcb.rsp = cpu.r.rsp;
    vmcb.rflags = cpu.r.rflags | X86_EFLAGS_MBS;
    svm_step_enter(&vcpu);
    svm_clean_check(&vcpu);
    if ( lies )
        FAIL("clean bits lie, and the checker says so");
    /* No manual says whether it does; nor for traps of the guest's own. */
    host.shadow_holds_trap = shadow_holds &&
                             s->entered == SVM_STEP_TRAP && !s->tf;
    cpu_run(&cpu, &vmcb, &host);
}

/* ---- programs ---- */

static unsigned int some_flags(void)
{
    return X86_EFLAGS_MBS | (pick(2) ? X86_EFLAGS_IF : 0) |
           (!platform.btf && !pick(3) ? X86_EFLAGS_TF : 0);
}

static struct insn some_insn(void)
{
    static const unsigned int faults[] = { X86_EXC_DE, X86_EXC_UD, 11,
                                           X86_EXC_GP, X86_EXC_PF, 16 };
    static const unsigned int values[] = { 1, 2, 3, 0x403, 0x2400, 0x400 };
    struct insn i = { pick(NR_OPS) };

    switch ( i.op )
    {
    case OP_PUSH:
        i.arg = some_flags();
        break;
    case OP_FRAME:
        i.arg = some_flags() | pick(150) << 16;
        break;
    case OP_INT:
        i.arg = 0x20 + pick(12);
        break;
    case OP_FAULT:
        i.arg = faults[pick(ARRAY_SIZE(faults))];
        break;
    case OP_SET:
        /* With BTF no trap of the guest's own, which would clear it. */
        i.arg = platform.btf ? 0x400 : values[pick(ARRAY_SIZE(values))];
        break;
    case OP_READ_DR:
    case OP_WRITE_DR:
        i.arg = 6 + pick(2);
        if ( platform.btf )
            i.op = OP_READ_DR;
        break;
    case OP_JMP:
        i.arg = pick(150);
        break;
    default:
        break;
    }

    return i;
}

static void make_program(void)
{
    unsigned int i;

    platform.sce = pick(4);
    platform.btf = !pick(8);
    platform.lstar = 150;
    platform.sfmask = pick(2) ? X86_EFLAGS_TF | X86_EFLAGS_IF : X86_EFLAGS_IF;
    platform.gates_mask = pick(2);
    platform.vnmi = pick(2);
    cpu_has_svm_nrips = pick(2);
    for ( i = 0; i < CODE; i++ )
        platform.code[i] = some_insn();
    platform.code[149] = (struct insn){ OP_JMP, 0 };
    platform.code[157] = (struct insn){ OP_SYSRET };
    platform.code[159] = (struct insn){ OP_JMP, 0 };
    for ( i = 160; i < CODE; i += 8 )
        platform.code[i + pick(6) + 2] = (struct insn){ OP_IRET };
    platform.code[255] = (struct insn){ OP_IRET };
}

static void make_guest(void)
{
    memset(&cpu, 0, sizeof(cpu));
    cpu.r.rsp = STACK;
    cpu.r.rflags = X86_EFLAGS_MBS;
    cpu.efer = platform.sce ? EFER_SCE : 0;
    cpu.dr6 = X86_DR6_DEFAULT;
    cpu.dr7 = X86_DR7_DEFAULT;
    cpu.debugctl = platform.btf ? IA32_DEBUGCTLMSR_BTF : 0;
    ref = cpu;

    memset(&vmcb, 0, sizeof(vmcb));
    memset(&vcpu.arch, 0, sizeof(vcpu.arch));
    vcpu.arch.hvm.svm.vmcb = &vmcb;
    vcpu.arch.hvm.flag_dr_dirty = pick(2);
    vcpu.arch.hvm.single_step = pick(2);
    vcpu.arch.dr6 = cpu.dr6;
    vcpu.arch.dr7 = cpu.dr7;
    vmcb._efer = cpu.efer;
    vmcb._dr6 = cpu.dr6;
    vmcb._dr7 = cpu.dr7;
    vmcb._debugctlmsr = cpu.debugctl;
    vmcb._dr_intercepts = vcpu.arch.hvm.flag_dr_dirty ? 0 : ~0u;
    vmcb._general1_intercepts = GENERAL1_INTERCEPT_CPUID;
    vmcb._vintr.bytes = platform.vnmi ? VNMI_IS_ENABLED : 0;
    vmcb._exception_intercepts = 1u << X86_EXC_DB | 1u << X86_EXC_MC |
                                 (pick(2) ? 1u << X86_EXC_BP : 0) |
                                 (pick(2) ? 1u << X86_EXC_UD : 0);
    reported = joined = host_faults = nmis = 0;
    ipi = shadow_made_up = false;
    shadow_holds = pick(2);

    chance.smi = pick(2) * 60;
    chance.interrupt = pick(3) * 60;
    chance.toggle = pick(3) * 80;
    chance.fault = pick(2) * 200;
    chance.nmi = pick(2) * 50;
    chance.patch = pick(2) * 50;
    chance.retry = pick(2) * 200;
    chance.away = pick(2) * 100;
}

/*
 * The instruction at 0 is stepped, and @code is there when Xen looks, or what
 * Xen makes of the attempt to read it is @rc.  The guest gets exception
 * @vector, or, with 0, is to try again.
 */
static void looked_at(struct insn insn, struct insn code, int rc,
                      unsigned int vector)
{
    make_program();
    platform.sce = true;
    platform.btf = false;
    platform.code[0] = insn;
    make_guest();
    memset(&chance, 0, sizeof(chance));
    vcpu.arch.hvm.flag_dr_dirty = vcpu.arch.hvm.single_step = true;
    vmcb._dr_intercepts = 0;

    enter();
    platform.code[0] = code;
    unreadable = rc;
    leave();
    unreadable = X86EMUL_OKAY;
    if ( cpu.r.rip || cpu.done )
        FAIL("exit %#" PRIx64 ": carried out", vmcb.exitcode);
    if ( vmcb.event_inj.v ? vmcb.event_inj.vector != vector : vector )
        FAIL("exit %#" PRIx64 ": event %#" PRIx64 ", not vector %u",
             vmcb.exitcode, vmcb.event_inj.raw, vector);
    if ( vector && !(cpu.r.rflags & X86_EFLAGS_RF) )
        FAIL("exit %#" PRIx64 ": a fault without RF", vmcb.exitcode);
}

/* What Xen has to read, and can't, or not any more. */
static void failing(void)
{
    static const struct insn code[] = {
        { OP_READ_DR, 6 }, { OP_WRITE_DR, 7 }, { OP_SYSCALL }, { OP_INT, 0x20 },
    };
    static const unsigned int otherwise[] = {
        X86_EXC_GP, X86_EXC_GP, X86_EXC_UD, X86_EXC_GP,
    };
    static const struct insn replaced[] = {
        { OP_POP }, { OP_READ_DR, 7 }, { OP_WRITE_DR, 6 },
    };

    for ( unsigned int i = 0; i < ARRAY_SIZE(code); i++ )
    {
        looked_at(code[i], code[i], X86EMUL_UNHANDLEABLE, otherwise[i]);
        looked_at(code[i], code[i], X86EMUL_EXCEPTION, X86_EXC_PF);
        looked_at(code[i], code[i], X86EMUL_RETRY, 0);
    }
    for ( unsigned int i = 0; i < ARRAY_SIZE(replaced); i++ )
        for ( unsigned int j = 0; j < 2; j++ )
            looked_at(code[j], replaced[i], X86EMUL_OKAY, 0);
}

int main(int argc, char **argv)
{
    unsigned int n = argc > 2 ? atoi(argv[2]) : 10000, entries;
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;

    told = argc > 3;
    failing();
    for ( seed = first; seed < first + n; seed++ )
    {
        random_state = seed;
        stack_cpl = seed % 2 ? 3 : 0;
        pick(1);
        make_program();
        make_guest();
        for ( entries = 0; cpu.done < MAX_DONE; entries++ )
        {
            if ( entries == MAX_ENTRIES )
                FAIL("no progress at rip %" PRIu64 ", exit %#" PRIx64,
                     cpu.r.rip, vmcb.exitcode);
            enter();
            leave();
        }
    }
    if ( argc <= 1 && steps < 50 * n )
        FAIL("only %u steps in %u programs", steps, n);
    if ( argc <= 1 && taken < n / 2 )
        FAIL("the CPU took only %u NMIs in %u programs", taken, n);
    printf("TEST svm-step PASS\n");

    return 0;
}
