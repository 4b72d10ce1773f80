/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that an instruction accesses, found without carrying it out.
 *
 * Xen's decoder reads the instruction and computes the address of the operand
 * that ModRM or an offset names.  Operands that are implied (of string
 * instructions, on the stack) are added here.  No memory of the guest is read,
 * and nothing of it changes.
 *
 * An instruction is not described at all if the CPU also accesses memory that
 * it does not name, as segment descriptors, or more than two operands.
 */

#include <xen/err.h>
#include <xen/lib.h>
#include <xen/sched.h>

#include <asm/x86_emulate.h>
#include <asm/hvm/emulate.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/support.h>
#include <asm/hvm/svm/gla.h>

/* An opcode without what says how it is encoded, and which prefix it has. */
#define PLAIN_MASK (X86EMUL_OPC_EXT_MASK | 0xff)
#define OPC_0F(byte)   X86EMUL_OPC(0x0f, byte)
#define OPC_0F38(byte) X86EMUL_OPC(0x0f38, byte)

/* An instruction that is looked at. */
struct insn {
    struct hvm_emulate_ctxt *ctxt;
    const struct x86_emulate_state *state;
    struct svm_operands *found;
    unsigned int opcode;          /* PLAIN_MASK */
    unsigned int bytes;           /* the operand size */
    enum x86_segment seg;         /* of string instructions' rSI, and of XLAT */
    unsigned int addr_size;       /* in bits */
};

static unsigned long truncated(unsigned long offset, unsigned int bits)
{
    return bits == 64 ? offset : offset & ((1UL << bits) - 1);
}

static int cf_check fetch(unsigned long offset, void *data, unsigned int bytes,
                          struct x86_emulate_ctxt *ctxt)
{
    const struct hvm_emulate_ctxt *c =
        container_of(ctxt, struct hvm_emulate_ctxt, ctxt);
    unsigned long at = offset - c->insn_buf_eip;

    if ( at > c->insn_buf_bytes || bytes > c->insn_buf_bytes - at )
        return X86EMUL_UNHANDLEABLE;
    memcpy(data, &c->insn_buf[at], bytes);

    return X86EMUL_OKAY;
}

/*
 * Adds an operand.  Where a segment does not allow the access, the instruction
 * raises an exception, and accesses nothing there.
 */
static void add(const struct insn *i, enum x86_segment seg,
                unsigned long offset, unsigned int bytes, bool write)
{
    struct svm_operands *found = i->found;
    struct segment_register reg;
    unsigned long linear;

    hvm_get_segment_register(current, seg, &reg);
    if ( !hvm_virtual_to_linear_addr(seg, &reg, offset, 1,
                                     write ? hvm_access_write : hvm_access_read,
                                     &i->ctxt->seg_reg[x86_seg_cs], &linear) )
        return;

    ASSERT(found->nr < ARRAY_SIZE(found->op));
    found->op[found->nr++] = (struct svm_operand){
        .linear = linear, .bytes = bytes, .write = write,
    };
}

/* Adds @count words that are read from the stack at @offset, or written. */
static void add_stack(const struct insn *i, unsigned long offset,
                      unsigned int count, bool write)
{
    unsigned int bytes = i->bytes;

    /* In 64-bit mode there are no PUSH and POP of 32 bits. */
    if ( i->ctxt->ctxt.addr_size == 64 && bytes == 4 )
        bytes = 8;
    bytes *= count;
    add(i, x86_seg_ss,
        truncated(write ? offset - bytes : offset, i->ctxt->ctxt.sp_size),
        bytes, write);
}

static void add_push(const struct insn *i)
{
    add_stack(i, i->ctxt->ctxt.regs->rsp, 1, true);
}

static void add_pop(const struct insn *i)
{
    add_stack(i, i->ctxt->ctxt.regs->rsp, 1, false);
}

/* Adds what a string instruction reads at rSI, or XLAT in its table. */
static void add_source(const struct insn *i, unsigned long offset,
                       unsigned int bytes)
{
    add(i, i->seg, truncated(offset, i->addr_size), bytes, false);
}

/* Adds what a string instruction accesses at rDI. */
static void add_destination(const struct insn *i, unsigned int bytes,
                            bool write)
{
    add(i, x86_seg_es, truncated(i->ctxt->ctxt.regs->rdi, i->addr_size), bytes,
        write);
}

/*
 * Returns the distance in bytes, from what ModRM names, of the word with the
 * bit whose signed number is in register @nr.
 */
static long word_of_bit(const struct insn *i, unsigned int nr)
{
    unsigned int unused = 64 - i->bytes * 8;
    long bit = *decode_gpr(i->ctxt->ctxt.regs, nr) << unused;
    unsigned int log = i->bytes == 8 ? 6 : i->bytes == 4 ? 5 : 4;

    return (bit >> unused >> log) * (long)i->bytes;
}

/* Adds the operand that ModRM or an offset names, if it is in memory. */
static void add_named(const struct insn *i, bool write)
{
    unsigned int bytes = i->bytes, reg = 0;
    enum x86_segment seg;
    unsigned long offset = x86_insn_operand_ea(i->state, &seg);

    if ( seg == x86_seg_none )
        return;
    x86_insn_modrm(i->state, NULL, &reg);

    switch ( i->opcode )
    {
    case OPC_0F(0xa3): case OPC_0F(0xab): /* BT, BTS, */
    case OPC_0F(0xb3): case OPC_0F(0xbb): /* BTR, BTC by a register */
        offset = truncated(offset + word_of_bit(i, reg), i->addr_size);
        break;

    case OPC_0F(0xc7):                    /* CMPXCHG16B; XSAVES, XSAVEC */
        bytes = (reg & 7) == 1 ? 16 : PAGE_SIZE;
        break;

    case OPC_0F(0xae):                    /* FXSAVE, XSAVE and the like */
        bytes = PAGE_SIZE;
        break;

    case 0x62:                            /* BOUND reads two */
        bytes *= 2;
        break;

    case 0xd8 ... 0xdf:                   /* FNSAVE is the longest */
        bytes = 108;
        break;

    default:
        if ( i->opcode & X86EMUL_OPC_EXT_MASK )
            bytes = 64;
        break;
    }

    add(i, seg, offset, bytes, write);
}

/* Handles opcodes that use the stack.  Returns whether it is such a one. */
static bool find_on_stack(const struct insn *i)
{
    unsigned int reg = 0;

    x86_insn_modrm(i->state, NULL, &reg);

    switch ( i->opcode )
    {
    case 0x06: case 0x0e: case 0x16: case 0x1e: /* PUSH of all kinds */
    case OPC_0F(0xa0): case OPC_0F(0xa8):
    case 0x50 ... 0x57: case 0x68: case 0x6a: case 0x9c:
    case 0xe8:                                  /* CALL, near */
        add_push(i);
        return true;

    case 0x60:                                  /* PUSHA */
        add_stack(i, i->ctxt->ctxt.regs->rsp, 8, true);
        return true;

    case 0x61:                                  /* POPA */
        add_stack(i, i->ctxt->ctxt.regs->rsp, 8, false);
        return true;

    case 0x58 ... 0x5f: case 0x9d:              /* POP, POPF */
    case 0xc2 ... 0xc3:                         /* RET, near */
        add_pop(i);
        return true;

    case 0xc9:                                  /* LEAVE */
        add_stack(i, i->ctxt->ctxt.regs->rbp, 1, false);
        return true;

    case 0x8f:                                  /* POP to memory */
        add_pop(i);
        add_named(i, true);
        return true;

    case 0xff:                                  /* CALL and PUSH of memory */
        if ( (reg & 7) != 2 && (reg & 7) != 6 )
            return false;
        add_push(i);
        add_named(i, false);
        return true;
    }

    return false;
}

/* Handles string instructions and XLAT.  Returns whether it is such a one. */
static bool find_implied(const struct insn *i)
{
    const struct cpu_user_regs *regs = i->ctxt->ctxt.regs;
    unsigned int bytes = i->opcode & 1 ? i->bytes : 1;

    switch ( i->opcode )
    {
    case 0xa4: case 0xa5: /* MOVS */
    case 0xa6: case 0xa7: /* CMPS */
        add_source(i, regs->rsi, bytes);
        add_destination(i, bytes, i->opcode < 0xa6);
        return true;

    case 0xaa: case 0xab: /* STOS */
    case 0xae: case 0xaf: /* SCAS */
        add_destination(i, bytes, i->opcode < 0xae);
        return true;

    case 0xac: case 0xad: /* LODS */
        add_source(i, regs->rsi, bytes);
        return true;

    case 0xd7:            /* XLAT */
        add_source(i, regs->rbx + (uint8_t)regs->rax, 1);
        return true;
    }

    return false;
}

/*
 * Does the CPU access memory for the instruction that is not an operand of it,
 * or operands that are not found here?
 */
static bool is_beyond_us(const struct insn *i)
{
    unsigned int reg = 0, mod = x86_insn_modrm(i->state, NULL, &reg);

    switch ( i->opcode )
    {
    case 0x07: case 0x17: case 0x1f: case 0x8e:    /* loads of segments */
    case OPC_0F(0xa1): case OPC_0F(0xa9): case 0xc4: case 0xc5:
    case OPC_0F(0xb2): case OPC_0F(0xb4): case OPC_0F(0xb5):
    case 0x9a: case 0xea: case 0xca: case 0xcb:    /* far transfers */
    case 0xcc ... 0xcf: case 0xf1:                 /* INT, IRET */
    case OPC_0F(0x02): case OPC_0F(0x03):          /* LAR, LSL */
    case OPC_0F(0xaa):                             /* RSM */
    case 0x6c ... 0x6f: case 0xe4 ... 0xe7:        /* I/O: the TSS's bitmap */
    case 0xec ... 0xef:
    case 0xc8:                                     /* ENTER copies frames */
    case OPC_0F(0xf7):                             /* MASKMOVQ, ...DQU: rDI */
    case OPC_0F38(0x90) ... OPC_0F38(0x93):        /* gather */
    case OPC_0F38(0xa0) ... OPC_0F38(0xa3):        /* scatter */
    case OPC_0F38(0xc6): case OPC_0F38(0xc7):      /* and their prefetches */
    case OPC_0F38(0xf8):                           /* MOVDIR64B, ENQCMD */
        return true;

    case OPC_0F(0x00):                             /* LLDT, LTR, VERR, VERW */
        return (reg & 7) > 1;

    case OPC_0F(0x01):                             /* MONITOR, CLZERO: rAX */
        return mod == 3;

    case 0xff:                                     /* far, of memory */
        return (reg & 7) == 3 || (reg & 7) == 5;
    }

    return false;
}

/* Reads the prefixes that Xen's decoder does not tell about. */
static void read_prefixes(struct insn *i, const uint8_t *code,
                          unsigned int size)
{
    bool wide = i->addr_size == 64;

    for ( ; size; code++, size-- )
        switch ( *code )
        {
        case 0x26: i->seg = wide ? i->seg : x86_seg_es; break;
        case 0x2e: i->seg = wide ? i->seg : x86_seg_cs; break;
        case 0x36: i->seg = wide ? i->seg : x86_seg_ss; break;
        case 0x3e: i->seg = wide ? i->seg : x86_seg_ds; break;
        case 0x64: i->seg = x86_seg_fs; break;
        case 0x65: i->seg = x86_seg_gs; break;
        case 0x67:
            i->addr_size = i->ctxt->ctxt.addr_size == 32 ? 16 : 32;
            break;
        case 0x40 ... 0x4f:
            if ( !wide )
                return;
            break;
        case 0x66: case 0xf0: case 0xf2: case 0xf3:
            break;
        default:
            return;
        }
}

/*
 * Finds the memory that the current vCPU's instruction @code, of up to @size
 * bytes, accesses with registers @regs.  Returns false if that is not known.
 */
bool svm_find_operands(struct cpu_user_regs *regs, const uint8_t *code,
                       unsigned int size, struct svm_operands *found)
{
    struct hvm_emulate_ctxt ctxt;
    struct x86_emulate_state *state;
    struct insn i = { .ctxt = &ctxt, .found = found, .seg = x86_seg_ds };
    bool known;

    found->nr = 0;
    if ( !size )
        return false;

    hvm_emulate_init_once(&ctxt, NULL, regs);
    hvm_emulate_init_per_insn(&ctxt, code, size);
    state = x86_decode_insn(&ctxt.ctxt, fetch);
    if ( IS_ERR_OR_NULL(state) )
        return false;

    i.state = state;
    i.opcode = ctxt.ctxt.opcode & PLAIN_MASK;
    i.bytes = x86_insn_opsize(state) / 8;
    i.addr_size = ctxt.ctxt.addr_size;
    read_prefixes(&i, code, size);
    found->length = x86_insn_length(state, &ctxt.ctxt);

    known = !is_beyond_us(&i);
    if ( known && !find_on_stack(&i) && !find_implied(&i) &&
         x86_insn_is_mem_access(state, &ctxt.ctxt) )
        add_named(&i, x86_insn_is_mem_write(state, &ctxt.ctxt));

    x86_emulate_free_state(state);

    return known;
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
