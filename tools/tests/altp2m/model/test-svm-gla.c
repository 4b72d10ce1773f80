/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-svm-gla: which linear address a nested page fault is reported at
 * (hvm/svm/gla.c and operands.c, the very files).
 *
 * A guest of 64 pages with page tables in each of the formats.  An instruction
 * is its bytes, and what Xen's decoder says of it.  After each question no byte
 * of the guest's memory has changed and no page is held.
 */
#include "standin/svm-gla.h"

#include <stdarg.h>

#define PAGES     64
#define TABLES    0x10            /* the root and those below, from this page */
#define CODE      0x100000UL      /* linear, in page 0x20 */
#define DATA      0x203000UL      /* linear, in page 0x28, and the next */
#define OTHER     0x404000UL      /* linear, in page 0x2a, not the next */
#define ALIAS     0x406000UL      /* linear, in page 0x28 as well */
#define HOLE      0x3ff           /* no page */

struct insn {
    uint8_t code[15];
    unsigned int length, opcode, opsize, mod, reg;
    bool access, write;
    enum x86_segment seg;         /* of what is named; none if that is 0 */
    uint64_t ea;
};

struct vcpu *current;
bool cpu_has_svm_decode;
FILE *model_console;
static struct domain domain;
static struct vcpu vcpu = { .domain = &domain };
static struct vmcb_struct vmcb;
static struct cpu_user_regs regs;
static struct segment_register segs[x86_seg_none];
static unsigned int bits;         /* of code: 16, 32, 64 */
static uint8_t memory[PAGES][PAGE_SIZE], before[PAGES][PAGE_SIZE];
static struct page_info pages[PAGES];
static unsigned int remapped[2];  /* the view shows the second at the first */
static const struct insn *insn;
static unsigned int states;
static const char *test;

void model_fail(const char *file, int line, const char *fmt, ...)
{
    va_list args;

    printf("TEST svm-gla FAIL: %s, %s:%d: ", test, file, line);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    printf("\n");
    exit(1);
}

/* ---- memory ---- */

/* Never: what it can't read is read as all memory is. */
bool altp2m_read_seen(struct vcpu *v, paddr_t gpa, void *data,
                      unsigned int size)
{
    return false;
}

gfn_t altp2m_gfn(const struct vcpu *v, gfn_t gfn)
{
    return remapped[0] && gfn.gfn == remapped[0] ? _gfn(remapped[1]) : gfn;
}

struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn,
                                    p2m_type_t *t, unsigned int flags)
{
    if ( flags )
        FAIL("pages are brought in");
    if ( gfn >= PAGES )
        return NULL;
    pages[gfn].users++;

    return &pages[gfn];
}

const void *__map_domain_page(struct page_info *page)
{
    page->users += 100;

    return memory[page - pages];
}

void unmap_domain_page(const void *map)
{
    pages[((const uint8_t *)map - memory[0]) / PAGE_SIZE].users -= 100;
}

void put_page(struct page_info *page)
{
    page->users--;
}

/* ---- registers ---- */

struct cpu_user_regs *guest_cpu_user_regs(void)
{
    return &regs;
}

uint64_t *decode_gpr(struct cpu_user_regs *r, unsigned int nr)
{
    return &r->rax + nr;
}

void hvm_get_segment_register(struct vcpu *v, enum x86_segment seg,
                              struct segment_register *reg)
{
    *reg = segs[seg];
}

bool hvm_virtual_to_linear_addr(enum x86_segment seg,
                                const struct segment_register *reg,
                                unsigned long offset, unsigned int bytes,
                                enum hvm_access_type type,
                                const struct segment_register *cs,
                                unsigned long *linear)
{
    bool based = bits != 64 || seg == x86_seg_fs || seg == x86_seg_gs;

    *linear = (based ? reg->base : 0) + offset;
    if ( bits != 64 )
        *linear = (uint32_t)*linear;

    return !(reg->no_access && type != hvm_access_insn_fetch);
}

/* ---- Xen's decoder ---- */

void hvm_emulate_init_once(struct hvm_emulate_ctxt *c, void *validate,
                           struct cpu_user_regs *r)
{
    memset(c, 0, sizeof(*c));
    c->ctxt.regs = r;
}

void hvm_emulate_init_per_insn(struct hvm_emulate_ctxt *c, const uint8_t *code,
                               unsigned int size)
{
    ASSERT(size && size <= 15);
    c->ctxt.addr_size = c->ctxt.sp_size = bits;
    c->insn_buf_eip = c->ctxt.regs->rip;
    c->insn_buf_bytes = size;
    memcpy(c->insn_buf, code, size);
}

struct x86_emulate_state *
x86_decode_insn(struct x86_emulate_ctxt *ctxt,
                int (*fetch)(unsigned long, void *, unsigned int,
                             struct x86_emulate_ctxt *))
{
    for ( unsigned int i = 0; i < insn->length; i++ )
    {
        uint8_t byte;

        if ( fetch(ctxt->regs->rip + i, &byte, 1, ctxt) != X86EMUL_OKAY ||
             byte != insn->code[i] )
            return ERR_PTR(-X86EMUL_UNHANDLEABLE);
    }
    ctxt->opcode = insn->opcode;
    states++;

    return (void *)insn;
}

unsigned int x86_insn_opsize(const struct x86_emulate_state *state)
{
    return insn->opsize;
}

int x86_insn_modrm(const struct x86_emulate_state *state, unsigned int *rm,
                   unsigned int *reg)
{
    *reg = insn->reg;

    return insn->mod;
}

unsigned long x86_insn_operand_ea(const struct x86_emulate_state *state,
                                  enum x86_segment *seg)
{
    *seg = insn->seg ? insn->seg : x86_seg_none;

    return insn->ea;
}

unsigned int x86_insn_length(const struct x86_emulate_state *state,
                             const struct x86_emulate_ctxt *ctxt)
{
    return insn->length;
}

bool x86_insn_is_mem_access(const struct x86_emulate_state *state,
                            const struct x86_emulate_ctxt *ctxt)
{
    return insn->access;
}

bool x86_insn_is_mem_write(const struct x86_emulate_state *state,
                           const struct x86_emulate_ctxt *ctxt)
{
    return insn->write;
}

void x86_emulate_free_state(struct x86_emulate_state *state)
{
    states--;
}

/* ---- the guest ---- */

static unsigned int next_table;

/* Which page an address leads to, and HOLE otherwise. */
static void map_page(unsigned long linear, unsigned int page)
{
    bool lma = vcpu.arch.hvm.lma;
    bool pae = vcpu.arch.hvm.guest_cr[4] & X86_CR4_PAE;
    unsigned int width = pae ? 9 : 10, size = pae ? 8 : 4;
    uint8_t *table = memory[TABLES];

    for ( unsigned int level = lma ? 4 : pae ? 3 : 2; ; level-- )
    {
        unsigned long index = (linear >> (12 + (level - 1) * width)) &
                              ((1u << width) - 1);
        uint64_t entry = 0;

        memcpy(&entry, table + index * size, size);
        if ( level == 1 )
        {
            entry = (uint64_t)page << 12 | _PAGE_PRESENT;
            memcpy(table + index * size, &entry, size);
            return;
        }
        if ( !entry )
        {
            ASSERT(next_table < 0x20);
            entry = (uint64_t)next_table++ << 12 | _PAGE_PRESENT;
            memcpy(table + index * size, &entry, size);
        }
        table = memory[entry >> 12];
    }
}

/* Levels of the tables: 4, 3 (PAE), 2, 0 (paging is off). */
static void make_guest(unsigned int levels)
{
    memset(memory, 0, sizeof(memory));
    memset(&vcpu.arch, 0, sizeof(vcpu.arch));
    memset(&vmcb, 0, sizeof(vmcb));
    memset(segs, 0, sizeof(segs));
    memset(&regs, 0, sizeof(regs));
    current = &vcpu;
    cpu_has_svm_decode = false;
    remapped[0] = 0;
    vcpu.arch.hvm.svm.vmcb = &vmcb;
    vcpu.arch.hvm.lma = levels == 4;
    vcpu.arch.hvm.guest_cr[0] = levels ? X86_CR0_PG : 0;
    vcpu.arch.hvm.guest_cr[4] = levels > 2 ? X86_CR4_PAE : X86_CR4_PSE;
    vcpu.arch.hvm.guest_cr[3] = TABLES << 12;
    bits = levels == 4 ? 64 : 32;
    regs.rip = CODE;
    if ( !levels )
        return;

    next_table = TABLES + 1;
    map_page(CODE, 0x20);
    map_page(CODE + PAGE_SIZE, 0x21);
    map_page(DATA - PAGE_SIZE, 0x27);
    map_page(DATA, 0x28);
    map_page(DATA + PAGE_SIZE, 0x29);
    map_page(OTHER, 0x2a);
    map_page(OTHER + PAGE_SIZE, 0x2c);
    map_page(ALIAS, 0x28);
}

static void put_code(const struct insn *i, unsigned long page,
                     unsigned int offset)
{
    insn = i;
    for ( unsigned int n = 0; n < i->length; n++ )
        memory[page + (offset + n) / PAGE_SIZE]
              [(offset + n) % PAGE_SIZE] = i->code[n];
}

#define NONE (~0UL)
#define READ  ((struct npfec){ .read_access = 1, .kind = npfec_kind_with_gla })
#define WRITE ((struct npfec){ .read_access = 1, .write_access = 1, \
                               .kind = npfec_kind_with_gla })
#define FETCH ((struct npfec){ .insn_fetch = 1, .kind = npfec_kind_with_gla })
#define WALK  ((struct npfec){ .read_access = 1, .write_access = 1, \
                               .kind = npfec_kind_in_gpt })

#define expect_gla(gpa, npfec, wanted) \
    expect_gla_at(__LINE__, gpa, npfec, wanted)
static void expect_gla_at(int line, paddr_t gpa, struct npfec npfec,
                          unsigned long wanted)
{
    unsigned long gla = 0x5a5a;
    bool found;

    memcpy(before, memory, sizeof(memory));
    found = svm_altp2m_gla(gpa, npfec, &gla);
    if ( !found && gla != 0x5a5a )
        FAIL("line %d: not found, but set", line);
    if ( (found ? gla : NONE) != wanted )
        FAIL("line %d: %#lx, not %#lx", line, found ? gla : NONE, wanted);
    if ( memcmp(before, memory, sizeof(memory)) )
        FAIL("line %d: the guest's memory has changed", line);
    for ( unsigned int i = 0; i < PAGES; i++ )
        if ( pages[i].users )
            FAIL("line %d: page %#x is held", line, i);
    if ( states )
        FAIL("line %d: the decoder's state is held", line);
}

/* The instruction at CODE, in a guest with that many levels of tables. */
static void instruction(unsigned int levels, const struct insn *i)
{
    make_guest(levels);
    put_code(i, levels ? 0x20 : CODE >> 12, 0);
}

/* MOV between a register and memory; ADD to memory. */
static const struct insn load = {
    .code = { 0x8b }, .length = 2, .opcode = 0x8b, .opsize = 32,
    .access = true, .seg = x86_seg_ds, .ea = DATA + 0x128 };
static const struct insn store = {
    .code = { 0x89 }, .length = 2, .opcode = 0x89, .opsize = 32,
    .access = true, .write = true, .seg = x86_seg_ds, .ea = DATA + 0x128 };

static void named(void)
{
    static const unsigned int levels[] = { 4, 3, 2 };
    struct insn i;

    for ( unsigned int n = 0; n < 3; n++ )
    {
        instruction(levels[n], &load);
        expect_gla(0x28128, READ, DATA + 0x128);
        expect_gla(0x2812b, READ, DATA + 0x12b);
        expect_gla(0x2812c, READ, NONE);
        expect_gla(0x28127, READ, NONE);
        expect_gla(0x29128, READ, NONE);
        /* A load does not write. */
        expect_gla(0x28128, WRITE, NONE);

        instruction(levels[n], &store);
        expect_gla(0x28128, WRITE, DATA + 0x128);
    }

    /* Bases count outside of 64-bit code, and those of FS and GS everywhere. */
    i = load;
    i.seg = x86_seg_fs;
    i.ea = 0x100;
    instruction(4, &i);
    segs[x86_seg_fs].base = DATA;
    expect_gla(0x28100, READ, DATA + 0x100);
    i.seg = x86_seg_es;
    i.ea = 0x20;
    instruction(2, &i);
    segs[x86_seg_es].base = DATA + 0x1000;
    expect_gla(0x29020, READ, DATA + 0x1020);
    segs[x86_seg_es].base = DATA;
    segs[x86_seg_es].no_access = true;
    expect_gla(0x28020, READ, NONE);

    /* Long ones, of the two-byte opcodes and of the x87. */
    i = load;
    i.opcode = X86EMUL_OPC(0x0f, 0x10);
    instruction(4, &i);
    expect_gla(0x28130, READ, DATA + 0x130);
    expect_gla(0x28168, READ, NONE);
    i.opcode = 0xdd;
    instruction(4, &i);
    expect_gla(0x28193, READ, DATA + 0x193);
    i.opcode = X86EMUL_OPC(0x0f, 0xae);
    instruction(4, &i);
    expect_gla(0x29000, READ, DATA + 0x1000);
    i.opcode = X86EMUL_OPC(0x0f, 0xc7);
    instruction(4, &i);
    expect_gla(0x29000, READ, DATA + 0x1000);
    i.reg = 1;
    instruction(4, &i);
    expect_gla(0x29000, READ, NONE);
    expect_gla(0x28137, READ, DATA + 0x137);

    /* It has a ModRM byte, and accesses nothing. */
    i = load;
    i.opcode = 0x8d;
    i.access = false;
    instruction(4, &i);
    expect_gla(0x28128, READ, NONE);
}

static void straddling(void)
{
    struct insn i = load;

    i.ea = DATA - 2;
    instruction(4, &i);
    expect_gla(0x27ffe, READ, DATA - 2);
    expect_gla(0x28000, READ, DATA);
    expect_gla(0x28001, READ, DATA + 1);
    expect_gla(0x28002, READ, NONE);

    /* The tables may lead anywhere. */
    i.ea = OTHER + 0xffd;
    instruction(4, &i);
    expect_gla(0x2c000, READ, OTHER + 0x1000);
    expect_gla(0x2b000, READ, NONE);

    /* At the end of the addresses. */
    i.ea = 0xfffffffe;
    instruction(2, &i);
    map_page(0xfffff000, 0x30);
    map_page(0, 0x31);
    expect_gla(0x30fff, READ, 0xffffffff);
    expect_gla(0x31001, READ, 1);
}

static void bit_strings(void)
{
    static const unsigned int opcodes[] = { 0xa3, 0xab, 0xb3, 0xbb };

    for ( unsigned int n = 0; n < 4; n++ )
    {
        struct insn i = {
            .code = { 0x0f, opcodes[n] }, .length = 3, .access = true,
            .write = true, .opcode = X86EMUL_OPC(0x0f, opcodes[n]),
            .opsize = 64, .reg = 1, .seg = x86_seg_ds, .ea = DATA + 0x100 };

        instruction(4, &i);
        regs.rcx = 64 * 4 + 3;
        expect_gla(0x28120, WRITE, DATA + 0x120);
        expect_gla(0x28100, WRITE, NONE);
        regs.rcx = -1;
        expect_gla(0x280f8, WRITE, DATA + 0xf8);
        i.opsize = 32;
        regs.rcx = 0x70000000ffffffff;
        expect_gla(0x280fc, WRITE, DATA + 0xfc);
        i.opsize = 16;
        regs.rcx = 0x7ffff8010;
        expect_gla(0x27102, WRITE, DATA - 0x1000 + 0x102);
        regs.rcx = 0x7ffff0010;
        expect_gla(0x28102, WRITE, DATA + 0x102);
    }
}

static void stack(void)
{
    struct insn i = { .code = { 0x50 }, .length = 1, .opcode = 0x50,
                      .opsize = 32 };

    /* In 64-bit code words are of 64 bits. */
    instruction(4, &i);
    regs.rsp = DATA + 0x108;
    expect_gla(0x28100, WRITE, DATA + 0x100);
    expect_gla(0x28107, WRITE, DATA + 0x107);
    expect_gla(0x28108, WRITE, NONE);
    i.opcode = 0x58;
    expect_gla(0x28108, READ, DATA + 0x108);
    expect_gla(0x28108, WRITE, NONE);
    expect_gla(0x28107, READ, NONE);
    i.opcode = 0xc9;
    regs.rbp = OTHER + 0x10;
    expect_gla(0x2a010, READ, OTHER + 0x10);
    expect_gla(0x28108, READ, NONE);
    i.opcode = 0xe8;
    expect_gla(0x28100, WRITE, DATA + 0x100);
    i.opcode = 0xc3;
    expect_gla(0x28108, READ, DATA + 0x108);

    /* PUSH of memory reads there; POP to memory writes there. */
    i = (struct insn){ .code = { 0xff }, .length = 2, .opcode = 0xff, .reg = 6,
                       .opsize = 64, .seg = x86_seg_ds, .ea = OTHER + 8,
                       .access = true };
    expect_gla(0x2a008, READ, NONE);
    put_code(&i, 0x20, 0);
    expect_gla(0x2a008, READ, OTHER + 8);
    expect_gla(0x2a008, WRITE, NONE);
    expect_gla(0x28100, WRITE, DATA + 0x100);
    i.reg = 14;                                 /* with REX.R */
    expect_gla(0x28100, WRITE, DATA + 0x100);
    i.reg = 2;
    expect_gla(0x2a008, READ, OTHER + 8);
    i.reg = 4;
    expect_gla(0x2a008, READ, OTHER + 8);
    expect_gla(0x28100, WRITE, NONE);
    i.reg = 3;
    expect_gla(0x2a008, READ, NONE);
    i.opcode = 0x8f;
    i.reg = 0;
    expect_gla(0x2a008, WRITE, OTHER + 8);
    expect_gla(0x28108, READ, DATA + 0x108);

    /* 16-bit code: SP wraps, and the segment has a base. */
    i = (struct insn){ .code = { 0x60 }, .length = 1, .opcode = 0x60,
                       .opsize = 16 };
    instruction(2, &i);
    bits = 16;
    segs[x86_seg_cs].base = CODE;
    regs.rip = 0;
    segs[x86_seg_ss].base = DATA - 0xf000;
    regs.rsp = 0x12340004;
    map_page(DATA - 0xf000, 0x30);
    expect_gla(0x28ff4, WRITE, DATA + 0xff4);
    i.opcode = 0x61;
    expect_gla(0x30004, READ, DATA - 0xf000 + 4);
    expect_gla(0x30013, READ, DATA - 0xf000 + 0x13);
    expect_gla(0x30014, READ, NONE);
}

static void strings(void)
{
    struct insn i = { .code = { 0xf3, 0xa5 }, .length = 2, .opcode = 0xa5,
                      .opsize = 64 };

    instruction(4, &i);
    regs.rsi = DATA + 0x10;
    regs.rdi = OTHER + 0x20;
    expect_gla(0x28010, READ, DATA + 0x10);
    expect_gla(0x2a020, WRITE, OTHER + 0x20);
    expect_gla(0x28010, WRITE, NONE);
    i.opcode = 0xa4;
    expect_gla(0x28011, READ, NONE);
    i.opcode = 0xa7;
    expect_gla(0x2a020, READ, OTHER + 0x20);
    expect_gla(0x2a020, WRITE, NONE);
    i.opcode = 0xab;
    expect_gla(0x2a020, WRITE, OTHER + 0x20);
    expect_gla(0x28010, READ, NONE);
    i.opcode = 0xaf;
    expect_gla(0x2a020, READ, OTHER + 0x20);
    i.opcode = 0xad;
    expect_gla(0x28010, READ, DATA + 0x10);

    /* Both lead there: which of them was it? */
    i.opcode = 0xa5;
    regs.rdi = ALIAS + 0x10;
    expect_gla(0x28010, READ, NONE);
    expect_gla(0x28010, WRITE, ALIAS + 0x10);
    regs.rdi = DATA + 0x10;
    expect_gla(0x28010, READ, DATA + 0x10);

    i.opcode = 0xd7;
    regs.rbx = DATA;
    regs.rax = 0x12fe;
    expect_gla(0x280fe, READ, DATA + 0xfe);

    /* Prefixes: other segments, shorter addresses. */
    i = (struct insn){ .code = { 0x64, 0x67, 0x48, 0xad }, .length = 4,
                       .opcode = 0xad, .opsize = 64 };
    instruction(4, &i);
    segs[x86_seg_fs].base = DATA;
    regs.rsi = 0xff00000040;
    expect_gla(0x28040, READ, DATA + 0x40);
    i.code[0] = 0x26;                           /* ignored in 64-bit code */
    put_code(&i, 0x20, 0);
    segs[x86_seg_es].base = DATA;
    regs.rsi = OTHER;
    expect_gla(0x2a000, READ, OTHER);
    i = (struct insn){ .code = { 0x2e, 0x67, 0x66, 0xa5 }, .length = 4,
                       .opcode = 0xa5, .opsize = 16 };
    instruction(3, &i);
    segs[x86_seg_cs].base = DATA;
    segs[x86_seg_es].base = OTHER;
    map_page(DATA + CODE, 0x20);
    regs.rsi = 0x70008;
    regs.rdi = 0x80004;
    expect_gla(0x28008, READ, DATA + 8);
    expect_gla(0x2a004, WRITE, OTHER + 4);
}

/* The CPU itself accesses memory, or more than is looked at. */
static void implied(void)
{
    static const struct { unsigned int opcode, reg, mod; } opcodes[] = {
        { 0x8e }, { 0x07 }, { 0x17 }, { 0x1f }, { 0xc4 }, { 0xc5 }, { 0x9a },
        { 0xea }, { 0xca }, { 0xcb }, { 0xcc }, { 0xcd }, { 0xce }, { 0xcf },
        { 0xf1 }, { 0x6c }, { 0x6f }, { 0xe4 }, { 0xef }, { 0xc8 }, { 0xff, 3 },
        { 0xff, 5 }, { 0xff, 13 }, { X86EMUL_OPC(0x0f, 0), 2 },
        { X86EMUL_OPC(0x0f, 0), 5 }, { X86EMUL_OPC(0x0f, 1), 7, 3 },
        { X86EMUL_OPC(0x0f, 2) }, { X86EMUL_OPC(0x0f, 3) },
        { X86EMUL_OPC(0x0f, 0xa1) }, { X86EMUL_OPC(0x0f, 0xa9) },
        { X86EMUL_OPC(0x0f, 0xaa) }, { X86EMUL_OPC(0x0f, 0xb2) },
        { X86EMUL_OPC(0x0f, 0xb5) }, { X86EMUL_OPC(0x0f, 0xf7) | 0x1100 },
        { X86EMUL_OPC(0x0f38, 0x92) | 0x1100 },
        { X86EMUL_OPC(0x0f38, 0xa1) | 0x2100 }, { X86EMUL_OPC(0x0f38, 0xf8) },
    };
    struct insn i = load;

    for ( unsigned int n = 0; n < ARRAY_SIZE(opcodes); n++ )
    {
        i.opcode = opcodes[n].opcode;
        i.reg = opcodes[n].reg;
        i.mod = opcodes[n].mod;
        instruction(4, &i);
        regs.rsp = DATA + 0x128;
        expect_gla(0x28128, READ, NONE);
    }

    /* BOUND reads two operands, one after the other. */
    i.opcode = 0x62;
    i.opsize = 32;
    instruction(3, &i);
    expect_gla(0x2812c, READ, DATA + 0x12c);
    expect_gla(0x28130, READ, NONE);

    /* SLDT and STR write there; SGDT does. */
    i.write = true;
    i.opcode = X86EMUL_OPC(0x0f, 0);
    i.reg = 1;
    i.mod = 0;
    instruction(4, &i);
    expect_gla(0x28128, WRITE, DATA + 0x128);
    i.opcode = X86EMUL_OPC(0x0f, 1);
    expect_gla(0x28128, WRITE, DATA + 0x128);

    /* An event was being delivered. */
    instruction(4, &store);
    vmcb.exit_int_info.v = true;
    expect_gla(0x28128, WRITE, NONE);
    expect_gla(0x20000, FETCH, CODE);
}

static void fetches(void)
{
    instruction(4, &load);
    expect_gla(0x20000, FETCH, CODE);
    expect_gla(0x20001, FETCH, CODE + 1);
    expect_gla(0x28128, FETCH, NONE);

    /* A line at once; no further than an instruction's length. */
    regs.rip = CODE + 0x75;
    expect_gla(0x20040, FETCH, CODE + 0x40);
    expect_gla(0x2003f, FETCH, NONE);
    expect_gla(0x20083, FETCH, CODE + 0x83);
    expect_gla(0x20084, FETCH, NONE);

    /* Across the end of a page; the next may be anywhere. */
    regs.rip = CODE + 0xffe;
    expect_gla(0x21000, FETCH, CODE + 0x1000);
    map_page(CODE + 0x1000, 0x24);
    expect_gla(0x24000, FETCH, CODE + 0x1000);
    expect_gla(0x21000, FETCH, NONE);
    regs.rip = CODE + 0xff1;
    expect_gla(0x24000, FETCH, NONE);

    /* The base of CS. */
    instruction(2, &load);
    segs[x86_seg_cs].base = CODE;
    regs.rip = 4;
    expect_gla(0x20004, FETCH, CODE + 4);

    /* Without paging. */
    make_guest(0);
    regs.rip = 0x20010;
    expect_gla(0x20010, FETCH, 0x20010);

    /* Past 4 GiB code goes on at 0. */
    instruction(3, &load);
    map_page(0xfffff000, 0x24);
    map_page(0, 0x25);
    put_code(&load, 0x24, 0xfff);
    regs.rip = 0xffffffff;
    expect_gla(0x28128, READ, DATA + 0x128);
}

/* Where the entry is, of that level, for an address. */
static paddr_t entry_of(unsigned long linear, unsigned int level)
{
    bool pae = vcpu.arch.hvm.guest_cr[4] & X86_CR4_PAE;
    unsigned int width = pae ? 9 : 10, size = pae ? 8 : 4;
    paddr_t at = TABLES << 12;

    for ( unsigned int l = vcpu.arch.hvm.lma ? 4 : pae ? 3 : 2; ; l-- )
    {
        uint64_t entry = 0;

        at += ((linear >> (12 + (l - 1) * width)) & ((1u << width) - 1)) * size;
        if ( l == level )
            return at;
        memcpy(&entry, memory[at >> 12] + at % PAGE_SIZE, size);
        at = entry & PAGE_MASK;
    }
}

static void walks(void)
{
    static const unsigned int levels[] = { 4, 3, 2 };
    struct insn i;

    for ( unsigned int n = 0; n < 3; n++ )
    {
        instruction(levels[n], &load);
        expect_gla(entry_of(DATA, 1), WALK, DATA + 0x128);
        expect_gla(entry_of(DATA, 1) + 3, WALK, DATA + 0x128);
        expect_gla(entry_of(CODE, 1), WALK, CODE);
        expect_gla(entry_of(OTHER, 1), WALK, NONE);
        expect_gla(0x28128, WALK, NONE);
        /* It was read for the code, and for the data. */
        expect_gla(entry_of(DATA, levels[n]), WALK, NONE);
        expect_gla(entry_of(CODE, levels[n]),
                   ((struct npfec){ .insn_fetch = 1,
                                    .kind = npfec_kind_in_gpt }), CODE);
    }

    instruction(4, &load);
    expect_gla(entry_of(DATA, 2), WALK, DATA + 0x128);
    /* Reading any entry writes, whatever is done with the page. */
    i = load;
    i.ea = (uint64_t)HOLE << 30;
    instruction(4, &i);
    expect_gla(entry_of(DATA, 1), WALK, NONE);

    /* Two operands below one entry. */
    i = (struct insn){ .code = { 0xa4 }, .length = 1, .opcode = 0xa4,
                       .opsize = 8 };
    instruction(4, &i);
    regs.rsi = OTHER;
    regs.rdi = ALIAS;
    expect_gla(entry_of(OTHER, 1), WALK, OTHER);
    expect_gla(entry_of(ALIAS, 1), WALK, ALIAS);
    expect_gla(entry_of(OTHER, 2), WALK, NONE);

    /* What can't be described had walks that are not known either. */
    i = load;
    i.opcode = 0x8e;
    instruction(4, &i);
    expect_gla(entry_of(DATA, 1), WALK, NONE);
    expect_gla(entry_of(CODE, 1), WALK, NONE);
}

static void large_pages(void)
{
    uint64_t entry;

    instruction(4, &load);
    entry = 0x200000 | _PAGE_PSE | _PAGE_PRESENT;
    memcpy(memory[entry_of(DATA, 2) >> 12] + entry_of(DATA, 2) % PAGE_SIZE,
           &entry, 8);
    expect_gla(0x203128, READ, DATA + 0x128);
    entry = 1UL << 63 | 0x40000000 | _PAGE_PSE | _PAGE_PRESENT;
    memcpy(memory[entry_of(DATA, 3) >> 12] + entry_of(DATA, 3) % PAGE_SIZE,
           &entry, 8);
    put_code(&load, 0x20, 0);
    vmcb.guest_ins_len = load.length;
    memcpy(vmcb.guest_ins, load.code, 15);
    cpu_has_svm_decode = true;
    expect_gla(0x40203128, READ, DATA + 0x128);

    /* 4 MiB, above 4 GiB: bits 39:32 are in 20:13. */
    instruction(2, &load);
    vmcb.guest_ins_len = load.length;
    memcpy(vmcb.guest_ins, load.code, 15);
    cpu_has_svm_decode = true;
    entry = 0x00800000 | 0x13 << 13 | _PAGE_PSE | _PAGE_PRESENT;
    memcpy(memory[TABLES], &entry, 4);
    expect_gla(0x1300a03128, READ, DATA + 0x128);
    /* Without PSE the bit says nothing. */
    vcpu.arch.hvm.guest_cr[4] = 0;
    expect_gla(0x1300a03128, READ, NONE);
}

static void code_bytes(void)
{
    /* The CPU says what it executed, whatever is there by now. */
    instruction(4, &load);
    vmcb.guest_ins_len = load.length;
    memcpy(vmcb.guest_ins, load.code, 15);
    memory[0x20][0] = 0x90;
    expect_gla(0x28128, READ, NONE);
    cpu_has_svm_decode = true;
    expect_gla(0x28128, READ, DATA + 0x128);
    vmcb.guest_ins_len = 1;
    expect_gla(0x28128, READ, NONE);
    vmcb.guest_ins_len = 0;
    expect_gla(0x28128, READ, NONE);

    /* It goes on in another page. */
    make_guest(4);
    map_page(CODE + 0x1000, 0x24);
    regs.rip = CODE + 0xfff;
    put_code(&load, 0x20, 0xfff);
    memory[0x24][0] = load.code[1];
    memory[0x21][0] = 0x77;
    expect_gla(0x28128, READ, DATA + 0x128);
    map_page(CODE + 0x1000, HOLE);
    expect_gla(0x28128, READ, NONE);

    /* Nothing can be read. */
    instruction(4, &load);
    map_page(CODE, HOLE);
    expect_gla(0x28128, READ, NONE);
    instruction(4, &load);
    vcpu.arch.hvm.guest_cr[3] = (unsigned long)HOLE << 12;
    expect_gla(0x28128, READ, NONE);
}

/* Tables and code are those that the view shows; a gpa is a gpa. */
static void in_a_view(void)
{
    instruction(4, &load);
    remapped[0] = 0x28;
    remapped[1] = 0x2a;
    expect_gla(0x28128, READ, DATA + 0x128);
    expect_gla(0x2a128, READ, NONE);

    instruction(4, &load);
    memcpy(memory[0x30], memory[0x20], PAGE_SIZE);
    memory[0x20][0] = 0x90;
    remapped[0] = 0x20;
    remapped[1] = 0x30;
    expect_gla(0x28128, READ, DATA + 0x128);

    instruction(4, &load);
    remapped[0] = entry_of(DATA, 1) >> 12;
    remapped[1] = 0x31;
    memcpy(memory[0x31], memory[remapped[0]], PAGE_SIZE);
    memset(memory[remapped[0]], 0, PAGE_SIZE);
    expect_gla(0x28128, READ, DATA + 0x128);

    /* In a nested guest, and of an unknown kind, there is none. */
    instruction(4, &load);
    vcpu.arch.hvm.nested = true;
    expect_gla(0x28128, READ, NONE);
    instruction(4, &load);
    expect_gla(0x28128, ((struct npfec){ .read_access = 1 }), NONE);
}

int main(void)
{
    static const struct { const char *name; void (*run)(void); } tests[] = {
        { "named", named }, { "straddling", straddling },
        { "bit_strings", bit_strings }, { "stack", stack },
        { "strings", strings }, { "implied", implied }, { "fetches", fetches },
        { "walks", walks }, { "large_pages", large_pages },
        { "code_bytes", code_bytes }, { "in_a_view", in_a_view },
    };

    for ( unsigned int i = 0; i < ARRAY_SIZE(tests); i++ )
    {
        test = tests[i].name;
        tests[i].run();
    }
    printf("TEST svm-gla PASS\n");

    return 0;
}
