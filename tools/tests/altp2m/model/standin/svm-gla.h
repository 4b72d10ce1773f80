/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hvm/svm/gla.c and operands.c need of Xen's headers: see test-svm-gla.c.
 * The decoder is the test's: it says of each instruction what Xen's would.
 */
#ifndef STANDIN_SVM_GLA_H
#define STANDIN_SVM_GLA_H

#include "base.h"

#define PAGE_SHIFT      12
#define PAGE_SIZE       (1UL << PAGE_SHIFT)
#define PAGE_MASK       (~(PAGE_SIZE - 1))
#define PADDR_MASK      ((1UL << 52) - 1)
#define _PAGE_PRESENT   0x01u
#define _PAGE_PSE       0x80u
#define X86_CR0_PG      0x80000000u
#define X86_CR4_PSE     0x10u
#define X86_CR4_PAE     0x20u

typedef struct { unsigned long gfn; } gfn_t;
#define _gfn(n)         ((gfn_t){ n })
#define gfn_x(g)        ((g).gfn)
#define gaddr_to_gfn(a) _gfn((a) >> PAGE_SHIFT)
typedef int p2m_type_t;

enum { npfec_kind_unknown, npfec_kind_in_gpt, npfec_kind_with_gla };
struct npfec {
    unsigned int read_access : 1, write_access : 1, insn_fetch : 1, present : 1,
                 gla_valid : 1, kind : 2;
};

struct cpu_user_regs {
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, rip;
};

enum x86_segment {
    x86_seg_cs, x86_seg_es, x86_seg_ss, x86_seg_ds, x86_seg_fs, x86_seg_gs,
    x86_seg_none,
};
struct segment_register { uint64_t base; bool l, db, no_access; };

struct vmcb_struct {
    struct { bool v; } exit_int_info;
    uint8_t guest_ins_len, guest_ins[15];
};

struct domain { int id; };
struct vcpu {
    struct domain *domain;
    struct {
        struct {
            unsigned long guest_cr[5];
            bool lma, nested;
            struct { struct vmcb_struct *vmcb; } svm;
        } hvm;
    } arch;
};
extern struct vcpu *current;
#define hvm_long_mode_active(v) ((v)->arch.hvm.lma)
#define hvm_paging_enabled(v)   (!!((v)->arch.hvm.guest_cr[0] & X86_CR0_PG))
#define hvm_pae_enabled(v)      (hvm_paging_enabled(v) && \
                                 ((v)->arch.hvm.guest_cr[4] & X86_CR4_PAE))
#define nestedhvm_vcpu_in_guestmode(v) ((v)->arch.hvm.nested)
extern bool cpu_has_svm_decode;

/* ---- memory and registers: test-svm-gla.c ---- */
struct page_info { unsigned int users; };
gfn_t altp2m_gfn(const struct vcpu *v, gfn_t gfn);
bool altp2m_read_seen(struct vcpu *v, paddr_t gpa, void *data,
                      unsigned int size);
struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn,
                                    p2m_type_t *t, unsigned int flags);
const void *__map_domain_page(struct page_info *page);
void unmap_domain_page(const void *map);
void put_page(struct page_info *page);
struct cpu_user_regs *guest_cpu_user_regs(void);
uint64_t *decode_gpr(struct cpu_user_regs *regs, unsigned int nr);
void hvm_get_segment_register(struct vcpu *v, enum x86_segment seg,
                              struct segment_register *reg);
enum hvm_access_type { hvm_access_insn_fetch, hvm_access_read, hvm_access_write };
bool hvm_virtual_to_linear_addr(enum x86_segment seg,
                                const struct segment_register *reg,
                                unsigned long offset, unsigned int bytes,
                                enum hvm_access_type type,
                                const struct segment_register *cs,
                                unsigned long *linear);

/* ---- decoding ---- */
#define X86EMUL_OKAY         0
#define X86EMUL_UNHANDLEABLE 1
#define X86EMUL_OPC_EXT_MASK 0xffff0000
#define X86EMUL_OPC(ext, byte) ((uint8_t)(byte) | (uint32_t)(ext) << 16)
#define ERR_PTR(e)           ((void *)(long)(e))
#define IS_ERR_OR_NULL(p)    (!(p) || (unsigned long)(p) > -4096UL)
struct x86_emulate_ctxt {
    struct cpu_user_regs *regs;
    unsigned int opcode, addr_size, sp_size;
};
struct hvm_emulate_ctxt {
    struct x86_emulate_ctxt ctxt;
    struct segment_register seg_reg[x86_seg_none];
    uint8_t insn_buf[16];
    unsigned long insn_buf_eip;
    unsigned int insn_buf_bytes;
};
struct x86_emulate_state;
void hvm_emulate_init_once(struct hvm_emulate_ctxt *c, void *validate,
                           struct cpu_user_regs *regs);
void hvm_emulate_init_per_insn(struct hvm_emulate_ctxt *c, const uint8_t *code,
                               unsigned int size);
struct x86_emulate_state *
x86_decode_insn(struct x86_emulate_ctxt *ctxt,
                int (*fetch)(unsigned long offset, void *data,
                             unsigned int bytes,
                             struct x86_emulate_ctxt *ctxt));
unsigned int x86_insn_opsize(const struct x86_emulate_state *state);
int x86_insn_modrm(const struct x86_emulate_state *state, unsigned int *rm,
                   unsigned int *reg);
unsigned long x86_insn_operand_ea(const struct x86_emulate_state *state,
                                  enum x86_segment *seg);
unsigned int x86_insn_length(const struct x86_emulate_state *state,
                             const struct x86_emulate_ctxt *ctxt);
bool x86_insn_is_mem_access(const struct x86_emulate_state *state,
                            const struct x86_emulate_ctxt *ctxt);
bool x86_insn_is_mem_write(const struct x86_emulate_state *state,
                           const struct x86_emulate_ctxt *ctxt);
void x86_emulate_free_state(struct x86_emulate_state *state);

#include <asm/hvm/svm/gla.h>
bool svm_altp2m_gla(paddr_t gpa, struct npfec npfec, unsigned long *gla);

#endif
