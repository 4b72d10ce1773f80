/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For test-svm-gla: a walk of the guest's page tables that changes nothing in
 * them has the instruction carried out; all others are violations.
 */
#include "svm-guest.h"

static xenmem_access_t rights[PAGES];   /* of the view */
static unsigned int carried_out;
static int outcome;                     /* X86EMUL_* */
static bool stepped;
static unsigned int steps;
static struct vm_event_domain { int id; } ring;
static typeof(*vcpu.arch.vm_event) vm_event;

int altp2m_vcpu_access(struct vcpu *v, gfn_t gfn, xenmem_access_t *access)
{
    if ( gfn.gfn >= PAGES )
        return -ESRCH;
    *access = rights[gfn.gfn];

    return 0;
}

unsigned int cpl;
static bool not_executable;             /* the code, by the guest's tables */
static const uint8_t *replaced;         /* the code, by another vCPU */

/* Xen's own, which looks at the rights that the guest's tables give. */
int hvm_copy_from_guest_linear(void *to, unsigned long at, unsigned int size,
                               uint32_t pfec, pagefault_info_t *info)
{
    uint8_t code[SVM_MAX_INSN];

    if ( pfec != (PFEC_page_present | PFEC_insn_fetch |
                  (cpl == 3 ? PFEC_user_mode : 0)) )
        FAIL("code is fetched as by %#x", pfec);
    if ( not_executable )
        return 1;
    if ( replaced )
        memcpy(to, replaced, size);
    else if ( svm_read_code(&vcpu, at, code) >= size )
        memcpy(to, code, size);

    return HVMTRANS_okay;
}

/* The emulator has the very bytes that were looked at, and asks for rights. */
int svm_carry_out(struct cpu_user_regs *r,
                  bool (*validate)(const struct x86_emulate_state *,
                                   const struct x86_emulate_ctxt *))
{
    const struct hvm_vcpu_io *io = &vcpu.arch.hvm.hvm_io;

    if ( r != &regs || validate || !vm_event.send_event )
        FAIL("carried out in another way");
    if ( !io->mmio_insn_bytes )
        FAIL("the emulator reads the code anew");
    carried_out++;

    return outcome;
}

bool svm_stepping(const struct vcpu *v)
{
    return stepped;
}

void svm_step_carried_out(struct vcpu *v)
{
    steps++;
}

static paddr_t table(unsigned long linear)
{
    return entry_of(linear, 1);
}

static void set_bits(paddr_t entry, uint64_t set, uint64_t clear)
{
    uint8_t *at = &memory[entry >> PAGE_SHIFT][entry & ~PAGE_MASK];

    *at = (*at | set) & ~clear;
}

/* All that the walks for an address read is accessed, and may be dirty. */
static void walked(unsigned long linear, unsigned int levels, bool dirty)
{
    for ( unsigned int level = 1; level <= levels; level++ )
        if ( levels != 3 || level < 3 )
            set_bits(entry_of(linear, level), _PAGE_ACCESSED, 0);
    if ( dirty )
        set_bits(table(linear), _PAGE_DIRTY, 0);
}

/* The instruction's walks change nothing; the page of DATA's tables is guarded. */
static void prepare(unsigned int levels, const struct insn *i)
{
    instruction(levels, i);
    walked(CODE, levels, false);
    walked(CODE + PAGE_SIZE, levels, false);
    walked(DATA, levels, true);
    walked(DATA + PAGE_SIZE, levels, true);
    vcpu.domain->vm_event_monitor = &ring;
    vcpu.domain->arch.monitor.inguest_pagefault_disabled = false;
    vcpu.arch.vm_event = &vm_event;
    for ( unsigned int p = 0; p < PAGES; p++ )
        rights[p] = XENMEM_access_rwx;
    rights[table(DATA) >> PAGE_SHIFT] = XENMEM_access_r;
    outcome = X86EMUL_OKAY;
}

#define expect_walk(wanted) expect_walk_at(__LINE__, table(DATA), WALK, wanted)
static void expect_walk_at(int line, paddr_t gpa, struct npfec npfec,
                           bool wanted)
{
    static uint8_t before[PAGES][PAGE_SIZE];
    bool done;

    carried_out = 0;
    memcpy(before, memory, sizeof(memory));
    done = svm_walk_only(&vcpu, &regs, gpa, npfec);
    if ( done != wanted )
        FAIL("line %d: %s", line, done ? "no violation" : "a violation");
    if ( done && carried_out != 1 )
        FAIL("line %d: carried out %u times", line, carried_out);
    if ( vm_event.send_event )
        FAIL("line %d: the emulator asks for rights from now on", line);
    if ( memcmp(before, memory, sizeof(memory)) )
        FAIL("line %d: the guest's memory has changed", line);
    for ( unsigned int i = 0; i < PAGES; i++ )
        if ( pages[i].users )
            FAIL("line %d: page %#x is held", line, i);
}

/* Accessed and dirty bits. */
static void bits_that_are_set(void)
{
    static const unsigned int levels[] = { 4, 3, 2 };

    for ( unsigned int n = 0; n < 3; n++ )
    {
        prepare(levels[n], &load);
        expect_walk(true);
        set_bits(table(DATA), 0, _PAGE_DIRTY);
        expect_walk(true);
        set_bits(table(DATA), 0, _PAGE_ACCESSED);
        expect_walk(false);

        prepare(levels[n], &store);
        expect_walk(true);
        set_bits(table(DATA), 0, _PAGE_DIRTY);
        expect_walk(false);
        rights[table(DATA) >> PAGE_SHIFT] = XENMEM_access_rwx;
        rights[entry_of(DATA, 2) >> PAGE_SHIFT] = XENMEM_access_r;
        expect_walk_at(__LINE__, entry_of(DATA, 2), WALK, true);

        /* They may be set in tables that may be written to. */
        prepare(levels[n], &load);
        set_bits(entry_of(DATA, 2), 0, _PAGE_ACCESSED);
        expect_walk(true);
        rights[entry_of(DATA, 2) >> PAGE_SHIFT] = XENMEM_access_rx;
        expect_walk(false);
    }
}

static void rights_of_tables(void)
{
    static const xenmem_access_t none[] = {
        XENMEM_access_n, XENMEM_access_x, XENMEM_access_rw, XENMEM_access_rwx,
        XENMEM_access_n2rwx, XENMEM_access_rx2rw };

    prepare(4, &load);
    rights[table(DATA) >> PAGE_SHIFT] = XENMEM_access_rx;
    expect_walk(true);
    rights[table(DATA) >> PAGE_SHIFT] = XENMEM_access_r_pw;
    expect_walk(true);
    for ( unsigned int i = 0; i < ARRAY_SIZE(none); i++ )
    {
        rights[table(DATA) >> PAGE_SHIFT] = none[i];
        expect_walk(false);
    }

    /* The four entries of PAE mode's top table have no such bits. */
    prepare(3, &load);
    rights[entry_of(DATA, 3) >> PAGE_SHIFT] = XENMEM_access_r;
    expect_walk_at(__LINE__, entry_of(DATA, 3), WALK, true);

    /* Another table must not even be read. */
    prepare(4, &load);
    rights[entry_of(DATA, 2) >> PAGE_SHIFT] = XENMEM_access_n;
    expect_walk(false);

    /* Nor the code be executed. */
    prepare(4, &load);
    rights[0x20] = XENMEM_access_rw;
    expect_walk(false);
    prepare(4, &load);
    regs.rip = CODE + 0xfff;
    put_code(&load, 0x20, 0xfff);
    expect_walk(true);
    rights[0x21] = XENMEM_access_r;
    expect_walk(false);

    /* Nor may it be by the guest's own tables; and not be another by now. */
    prepare(4, &load);
    cpl = 3;
    expect_walk(true);
    not_executable = true;
    expect_walk(false);
    not_executable = false;
    replaced = (const uint8_t[]){ 0x89, 0 };
    expect_walk(false);
    replaced = NULL;
    cpl = 0;

    /* What the data may be is for the emulator to ask. */
    prepare(4, &store);
    rights[0x28] = XENMEM_access_n;
    expect_walk(true);
}

static void instructions(void)
{
    static const unsigned int system[] = {
        0xf4, X86EMUL_OPC(0x0f, 0x01), X86EMUL_OPC(0x0f, 0x05),
        X86EMUL_OPC(0x0f, 0x20), X86EMUL_OPC(0x0f, 0x23),
        X86EMUL_OPC(0x0f, 0x30), X86EMUL_OPC(0x0f, 0xa2) };
    struct insn i = load;

    /* Across the end of a page. */
    i.ea = DATA + 0xffd;
    prepare(4, &i);
    expect_walk(false);
    i.ea = DATA + 0xffc;
    prepare(4, &i);
    expect_walk(true);

    /* Two operands; strings; what is not described. */
    i = (struct insn){ .code = { 0xff }, .length = 2, .opcode = 0xff, .reg = 6,
                       .opsize = 64, .seg = x86_seg_ds, .ea = DATA,
                       .access = true };
    prepare(4, &i);
    regs.rsp = DATA + 0x800;
    expect_walk(false);
    i = (struct insn){ .code = { 0xab }, .length = 1, .opcode = 0xab,
                       .opsize = 64 };
    prepare(4, &i);
    regs.rdi = DATA;
    expect_walk(false);
    i = load;
    i.opcode = 0x8e;
    prepare(4, &i);
    expect_walk(false);

    /* System instructions, which monitors may listen to. */
    i = load;
    i.access = false;
    i.seg = 0;
    for ( unsigned int n = 0; n < ARRAY_SIZE(system); n++ )
    {
        i.opcode = system[n];
        prepare(4, &i);
        expect_walk(false);
    }

    /* PUSH, and an instruction without an operand. */
    i = (struct insn){ .code = { 0x50 }, .length = 1, .opcode = 0x50,
                       .opsize = 64 };
    prepare(4, &i);
    regs.rsp = DATA + 0x800;
    expect_walk(true);
    set_bits(table(DATA), 0, _PAGE_DIRTY);
    expect_walk(false);
    i.opcode = 0x90;
    expect_walk(true);

    /* A walk for the code. */
    prepare(4, &i);
    rights[table(DATA) >> PAGE_SHIFT] = XENMEM_access_rwx;
    rights[table(CODE) >> PAGE_SHIFT] = XENMEM_access_r;
    expect_walk_at(__LINE__, table(CODE), WALK, true);
    set_bits(table(CODE), 0, _PAGE_ACCESSED);
    expect_walk_at(__LINE__, table(CODE), WALK, false);
}

static void others(void)
{
    static const int outcomes[] = { X86EMUL_OKAY, X86EMUL_EXCEPTION,
                                    X86EMUL_RETRY, X86EMUL_UNHANDLEABLE, 5 };

    prepare(4, &load);
    expect_walk_at(__LINE__, 0x28128, READ, false);
    expect_walk_at(__LINE__, HOLE << 12, WALK, false);
    for ( unsigned int i = 0; i < ARRAY_SIZE(outcomes); i++ )
    {
        outcome = outcomes[i];
        expect_walk(i < 3);
    }

    /* Of a vCPU that is stepped, it is the step. */
    prepare(4, &load);
    stepped = true;
    steps = 0;
    expect_walk(true);
    outcome = X86EMUL_RETRY;
    expect_walk(true);
    stepped = false;
    if ( steps != 1 )
        FAIL("%u steps", steps);

    /* Nobody to be asked, or somebody else; a nested guest; a delivery. */
    prepare(4, &load);
    vcpu.domain->vm_event_monitor = NULL;
    expect_walk(false);
    prepare(4, &load);
    vcpu.arch.vm_event = NULL;
    expect_walk(false);
    prepare(4, &load);
    vcpu.domain->arch.monitor.inguest_pagefault_disabled = true;
    expect_walk(false);
    prepare(4, &load);
    vcpu.arch.avcpu.veinfo_pg = &pages[1];
    expect_walk(false);
    prepare(4, &load);
    vcpu.arch.hvm.nested = true;
    expect_walk(false);
    prepare(4, &load);
    vmcb.exit_int_info.v = true;
    expect_walk(false);
}

void walk_only_tests(void)
{
    static const struct { const char *name; void (*run)(void); } tests[] = {
        { "bits_that_are_set", bits_that_are_set },
        { "rights_of_tables", rights_of_tables },
        { "instructions", instructions }, { "others", others },
    };

    for ( unsigned int i = 0; i < ARRAY_SIZE(tests); i++ )
    {
        test = tests[i].name;
        tests[i].run();
    }
}
