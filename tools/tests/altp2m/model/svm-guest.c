/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest for test-svm-gla: its memory, registers and page tables; and of Xen
 * the decoder, that says of the one instruction what the test says.
 */
#include "svm-guest.h"

#include <stdarg.h>

struct vcpu *current;
bool cpu_has_svm_decode;
FILE *model_console;
static struct domain domain;
struct vcpu vcpu = { .domain = &domain };
struct vmcb_struct vmcb;
struct cpu_user_regs regs;
struct segment_register segs[x86_seg_none];
unsigned int bits;
uint8_t memory[PAGES][PAGE_SIZE];
struct page_info pages[PAGES];
unsigned int remapped[2];
static const struct insn *insn;
unsigned int states;
const char *test;

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

void map_page(unsigned long linear, unsigned int page)
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

void make_guest(unsigned int levels)
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

void put_code(const struct insn *i, unsigned long page,
                     unsigned int offset)
{
    insn = i;
    for ( unsigned int n = 0; n < i->length; n++ )
        memory[page + (offset + n) / PAGE_SIZE]
              [(offset + n) % PAGE_SIZE] = i->code[n];
}

paddr_t entry_of(unsigned long linear, unsigned int level)
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

void instruction(unsigned int levels, const struct insn *i)
{
    make_guest(levels);
    put_code(i, levels ? 0x20 : CODE >> 12, 0);
}

const struct insn load = {
    .code = { 0x8b }, .length = 2, .opcode = 0x8b, .opsize = 32,
    .access = true, .seg = x86_seg_ds, .ea = DATA + 0x128 };
const struct insn store = {
    .code = { 0x89 }, .length = 2, .opcode = 0x89, .opsize = 32,
    .access = true, .write = true, .seg = x86_seg_ds, .ea = DATA + 0x128 };
