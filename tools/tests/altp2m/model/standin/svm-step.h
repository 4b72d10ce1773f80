/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hvm/svm/step.c and clean.c need of Xen's headers: see test-svm-step.c.
 * Exit codes, intercepts and the VMCB's fields are those of APM Vol. 2,
 * appendix B and C.
 */
#ifndef STANDIN_SVM_STEP_H
#define STANDIN_SVM_STEP_H

#include "base.h"

struct vcpu;

struct cpu_user_regs {
    uint64_t rax, rcx, rdx, r11;
    union { uint64_t rsp; uint32_t esp; uint16_t sp; };
    uint64_t rip;
    union { uint64_t rflags; uint32_t eflags; };
};

enum {
    X86_EXC_DE, X86_EXC_DB, X86_EXC_NMI, X86_EXC_BP, X86_EXC_OF, X86_EXC_UD = 6,
    X86_EXC_DF = 8, X86_EXC_GP = 13, X86_EXC_PF = 14, X86_EXC_AC = 17,
    X86_EXC_MC = 18,
};
#define X86_EXC_HAVE_EC     0x00227d00u
#define X86_EVENT_NO_EC     (-1)
#define X86_EFLAGS_CF       0x001u
#define X86_EFLAGS_MBS      0x002u
#define X86_EFLAGS_TF       0x100u
#define X86_EFLAGS_IF       0x200u
#define X86_EFLAGS_RF       0x10000u
#define X86_CR4_DE          0x8u
#define EFER_SCE            1u
#define IA32_DEBUGCTLMSR_BTF 2u

#define DR_TRAP0            0x1u
#define DR_TRAP1            0x2u
#define DR_TRAP2            0x4u
#define DR_TRAP3            0x8u
#define DR_STEP             0x4000u
#define DR_SWITCH           0x8000u
#define DR_GENERAL_DETECT   0x2000u
#define X86_DR6_DEFAULT     0xffff0ff0u
#define X86_DR7_DEFAULT     0x400u

#define GENERAL1_INTERCEPT_PUSHF (1u << 16)
#define GENERAL1_INTERCEPT_POPF  (1u << 17)
#define GENERAL1_INTERCEPT_CPUID (1u << 18)
#define GENERAL1_INTERCEPT_IRET  (1u << 20)
#define GENERAL1_INTERCEPT_SWINT (1u << 21)

enum {
    VMEXIT_DR0_READ = 0x20, VMEXIT_DR7_READ = 0x27,
    VMEXIT_DR0_WRITE = 0x30, VMEXIT_DR7_WRITE = 0x37,
    VMEXIT_EXCEPTION_DE = 0x40, VMEXIT_EXCEPTION_DB, VMEXIT_EXCEPTION_NMI,
    VMEXIT_EXCEPTION_BP, VMEXIT_EXCEPTION_OF, VMEXIT_EXCEPTION_BR,
    VMEXIT_EXCEPTION_UD, VMEXIT_EXCEPTION_NM, VMEXIT_EXCEPTION_AC = 0x51,
    VMEXIT_EXCEPTION_MC, VMEXIT_EXCEPTION_XF,
    VMEXIT_INTR = 0x60, VMEXIT_NMI, VMEXIT_SMI, VMEXIT_VINTR = 0x64,
    VMEXIT_PUSHF = 0x70, VMEXIT_POPF, VMEXIT_CPUID, VMEXIT_IRET = 0x74,
    VMEXIT_SWINT, VMEXIT_NPF = 0x400,
};

#define X86_EVENTTYPE_NMI 2
#define X86_ET_NMI      X86_EVENTTYPE_NMI
#define X86_EVENTTYPE_HW_EXCEPTION 3
#define X86_ET_HW_EXC   X86_EVENTTYPE_HW_EXCEPTION
typedef union {
    struct { uint8_t vector, type:3; bool ev:1, v:1; uint32_t ec; };
    uint64_t raw;
} intinfo_t;
typedef union {
    struct {
        bool intercepts:1, iopm:1, asid:1, tpr:1, np:1, cr:1, dr:1, dt:1, seg:1,
             cr2:1, lbr:1;
    };
    uint32_t raw;
} vmcbcleanbits_t;

struct vmcb_struct {
    uint32_t _dr_intercepts, _exception_intercepts, _general1_intercepts;
    union { uint32_t _guest_asid, _asid; }; /* by version */
    struct { bool intr_shadow; } int_stat;
    union {
        uint64_t bytes;
        struct {
            uint64_t :11, vnmi_pending:1, vnmi_blocking:1, :13, vnmi_enable:1;
        } fields;
    } _vintr;
    uint64_t exitcode, exitinfo1, exitinfo2;
    intinfo_t exit_int_info, event_inj;
    uint64_t _np_ctrl, _h_cr3;
    vmcbcleanbits_t cleanbits;
    uint64_t nextrip;
    uint64_t _efer, _dr6, _dr7, rflags, rip, rsp, rax, _debugctlmsr;
};

#define FIELD_ACCESS(name, bit)                                               \
    static inline void vmcb_set_ ## name(struct vmcb_struct *vmcb,            \
                                         typeof(vmcb->_ ## name) value)       \
    {                                                                         \
        vmcb->_ ## name = value;                                              \
        vmcb->cleanbits.bit = false;                                          \
    }                                                                         \
    static inline uint64_t vmcb_get_ ## name(const struct vmcb_struct *vmcb)  \
    {                                                                         \
        return vmcb->_ ## name;                                               \
    }
FIELD_ACCESS(dr_intercepts, intercepts)
FIELD_ACCESS(exception_intercepts, intercepts)
FIELD_ACCESS(general1_intercepts, intercepts)
FIELD_ACCESS(efer, cr)
FIELD_ACCESS(dr6, dr)
FIELD_ACCESS(dr7, dr)
FIELD_ACCESS(debugctlmsr, lbr)
#define vmcb_get_cpl(vmcb) 0
/*
 * As Xen's copies see it: with SMAP they reach a user's stack only as the user.
 */
extern unsigned int stack_cpl;
#define hvm_get_cpl(v)     (stack_cpl)
#define PFEC_user_mode     (1u << 2)

#include <asm/hvm/svm/clean.h>
#include <asm/hvm/svm/step.h>

struct domain {
    bool debugger_attached;
    struct { struct { bool debug_exception_enabled; } monitor; } arch;
};

struct vcpu {
    struct domain *domain;
    struct {
        uint64_t dr6, dr7;
        struct {
            bool single_step, flag_dr_dirty;
            unsigned long guest_cr[5];
            struct { bool nv_guestmode; } nvcpu;
            struct {
                struct vmcb_struct *vmcb;
                struct svm_step step;
                struct svm_clean clean;
            } svm;
        } hvm;
    } arch;
};
#define vcpu_nestedhvm(vcpu) ((vcpu)->arch.hvm.nvcpu)

/* ---- what of Xen is called: test-svm-step.c ---- */
extern bool cpu_has_svm_nrips;
extern unsigned int lies;
#define smp_processor_id()     0u
#define WARN_ON(x)             (lies += (x))
#define EVENT_CHECK_VECTOR     0xfe
void send_IPI_self(int vector);
struct cpu_user_regs *guest_cpu_user_regs(void);
uint64_t *decode_gpr(struct cpu_user_regs *regs, unsigned int nr);
void __update_guest_eip(struct cpu_user_regs *regs, unsigned int len);
void hvm_inject_hw_exception(unsigned int vector, int ec);
void hvm_inject_page_fault(int ec, uint64_t cr2);
void hvm_step_done(void);

/* 64 bit code, flat segments. */
#define hvm_guest_x86_mode(vcpu) 8
enum { x86_seg_ss };
struct segment_register { uint64_t base; bool db; };
#define hvm_get_segment_register(vcpu, seg, reg) \
    (*(reg) = (struct segment_register){ 0 })
typedef struct { int dummy; } pagefault_info_t;
int hvm_copy_from_guest_linear(void *to, unsigned long at, unsigned int size,
                               uint32_t pfec, pagefault_info_t *info);
int hvm_copy_to_guest_linear(unsigned long at, void *from, unsigned int size,
                             uint32_t pfec, pagefault_info_t *info);

enum { X86EMUL_OKAY, X86EMUL_UNHANDLEABLE, X86EMUL_EXCEPTION, X86EMUL_RETRY };
#define X86EMUL_OPC(prefix, opcode) ((prefix) << 8 | (opcode))
struct x86_event { uint8_t vector, type; };
struct x86_emulate_ctxt { unsigned int opcode; struct x86_event event; };
struct x86_emulate_state;
typedef bool hvm_emulate_validate_t(const struct x86_emulate_state *,
                                    const struct x86_emulate_ctxt *);
struct hvm_emulate_ctxt {
    struct x86_emulate_ctxt ctxt;
    hvm_emulate_validate_t *validate;
};
#define hvm_emulate_init_once(ctxt, known, regs)       \
    ((void)((ctxt)->validate = (known)))
#define hvm_emulate_init_per_insn(ctxt, bytes, size)   ((void)0)
#define hvm_emulate_writeback(ctxt)                    ((void)(ctxt))
#define hvmemul_insn_fetch                             0
#define VIO_no_completion                              0
#define PTR_ERR(p)                                     ((long)(p))
#define IS_ERR_OR_NULL(p)                              (PTR_ERR(p) <= 0)
struct x86_emulate_state *x86_decode_insn(struct x86_emulate_ctxt *ctxt,
                                          int fetch);
#define x86_insn_length(state, ctxt)                   1u
void x86_insn_modrm(const struct x86_emulate_state *state, unsigned int *rm,
                    unsigned int *reg);
#define x86_emulate_free_state(state)                  ((void)0)
int hvm_emulate_one(struct hvm_emulate_ctxt *ctxt, int completion);
void hvm_inject_event(const struct x86_event *event);

#endif
