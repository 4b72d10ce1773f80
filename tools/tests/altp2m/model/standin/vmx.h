/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for what Xen declares of the processor: EPT, VMCS, emulation. */
#ifndef STANDIN_VMX_H
#define STANDIN_VMX_H

/* An entry is as this version of Xen has it. */
#include "ept-entry.h"

#define EPT_TABLE_ORDER       9
#define EPT_PAGETABLE_ENTRIES 512
#define EPT_DEFAULT_MT        6
void ept_p2m_type_to_flags(const struct p2m_domain *p2m, ept_entry_t *entry);
int epte_get_entry_emt(struct domain *d, gfn_t gfn, mfn_t mfn,
                       unsigned int order, bool *ipat, p2m_type_t type);
void ept_sync_domain(struct p2m_domain *p2m);
int ept_p2m_init(struct p2m_domain *p2m);
void ept_p2m_uninit(struct p2m_domain *p2m);
bool ept_handle_misconfig(uint64_t gpa);

enum { MTRR_TYPE_UNCACHABLE, MTRR_TYPE_WRCOMB, MTRR_TYPE_WRTHROUGH = 4,
       MTRR_TYPE_WRPROT, MTRR_TYPE_WRBACK, MTRR_NUM_TYPES };
#define PAT_TYPE_UC_MINUS 7
/* By their later names. */
#define X86_MT_UC  MTRR_TYPE_UNCACHABLE
#define X86_MT_WC  MTRR_TYPE_WRCOMB
#define X86_MT_WT  MTRR_TYPE_WRTHROUGH
#define X86_MT_WP  MTRR_TYPE_WRPROT
#define X86_MT_WB  MTRR_TYPE_WRBACK
#define X86_MT_UCM PAT_TYPE_UC_MINUS
extern struct mtrr_state mtrr_state;
int mtrr_get_type(const struct mtrr_state *m, paddr_t pa, unsigned int order);
#define hvm_get_mem_pinned_cacheattr(d, g, o) ((void)(g), -ENXIO)

/* What the processor can do: part of a test's configuration. */
struct model_features {
    bool vmx, ad, exec_only, pml, vmfunc, virt_exceptions;
    bool paging_write;            /* where Xen has the access r_pw */
    bool no_extensions, no_hap;   /* or switched off */
    bool no_steps;
};
extern struct model_features features;
#define cpu_has_vmx             features.vmx
#define cpu_has_svm             (!features.vmx)
#define using_vmx()             cpu_has_vmx
#define using_svm()             cpu_has_svm
#define cpu_has_vmx_ept         (!features.no_extensions)
#define cpu_has_svm_npt         (!features.no_extensions)
#define hvm_enabled             (!features.no_extensions)
#define hvm_hap_supported()     (!features.no_hap)
#define hvm_is_singlestep_supported() (!features.no_steps)
#define cpu_has_vmx_ept_ad      features.ad
#define cpu_has_vmx_ept_exec_only_supported features.exec_only
/* Does this version of Xen have it? */
#define HAS_R_PW (XENMEM_access_default > XENMEM_access_n2rwx + 1)
#define cpu_has_vmx_ept_paging_write features.paging_write
#define cpu_has_vmx_pml         features.pml
#define cpu_has_vmx_vmfunc      features.vmfunc
#define cpu_has_vmx_virt_exceptions features.virt_exceptions
#define opt_hvm_fep             false
#define XEN_DMOP_IOREQ_MEM_ACCESS_WRITE 2u

#define vmx_domain_pml_enabled(d) ((d)->arch.hvm.vmx.status & 1)
bool vmx_domain_enable_pml(struct domain *d);
void vmx_domain_disable_pml(struct domain *d);
#define vmx_domain_flush_pml_buffers(d) ((void)0)
#define vmx_vcpu_pml_enabled(v) vmx_domain_pml_enabled((v)->domain)
#define NR_PML_ENTRIES          512u
#define paging_mark_pfn_dirty(d, p) ((void)(p))
void vmx_domain_update_eptp(struct domain *d);

enum { EPT_POINTER, EPTP_INDEX, EPTP_LIST_ADDR, VM_FUNCTION_CONTROL,
       VIRT_EXCEPTION_INFO, EXIT_QUALIFICATION, GUEST_LINEAR_ADDRESS,
       GUEST_PHYSICAL_ADDRESS, GUEST_PML_INDEX };
#define SECONDARY_EXEC_ENABLE_VM_FUNCTIONS    0x2000u
#define SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS 0x40000u
#define VMX_VMFUNC_EPTP_SWITCHING             1
/* For PML's buffer, which later versions of Xen empty beside the EPT code. */
#define vmx_vmcs_enter(v) ((void)(v))
#define vmx_vmcs_exit(v)  ((void)(v))
void __vmwrite(unsigned int field, unsigned long value);
void __vmread(unsigned int field, unsigned long *value);
#define CPU_BASED_CR3_LOAD_EXITING            0x8000u
enum { VM_EVENT_X86_CR0, VM_EVENT_X86_CR3 };
#define monitor_ctrlreg_bitmask(index)        (1u << (index))
void hvm_update_guest_cr(struct vcpu *v, unsigned int cr);
void vmx_update_exception_bitmap(struct vcpu *v);
void vmx_update_secondary_exec_control(struct vcpu *v);
#define paging_mark_dirty(d, m) ((void)(m))

#define X86_EXC_UD            6
#define X86_EXC_GP            13
#define X86_EXC_VE            20
#define X86_EVENT_NO_EC       (-1)
#define X86_CR0_PE            1
#define X86_EFLAGS_RF         0x10000
#define X86_EVENTTYPE_EXT_INTR 0
#define X86_ET_EXT_INTR       X86_EVENTTYPE_EXT_INTR
void hvm_inject_hw_exception(unsigned int trap, int ec);
bool hvm_event_pending(const struct vcpu *v);
struct cpu_user_regs *guest_cpu_user_regs(void);

enum { STATE_IOREQ_NONE, STATE_IOREQ_READY, STATE_IOREQ_INPROCESS,
       STATE_IORESP_READY };

/* The instruction emulator: what it is called for is noted. */
struct x86_event { int dummy; };
struct x86_emulate_state { unsigned int mod, rm, reg; };
struct x86_emulate_ctxt { unsigned int opcode; struct x86_event event; };
struct hvm_emulate_ctxt {
    struct x86_emulate_ctxt ctxt;
    bool (*validate)(const struct x86_emulate_state *,
                     const struct x86_emulate_ctxt *);
    struct cpu_user_regs *regs;
};
enum { X86EMUL_OKAY, X86EMUL_UNHANDLEABLE, X86EMUL_EXCEPTION, X86EMUL_RETRY,
       X86EMUL_UNIMPLEMENTED };
enum { VIO_no_completion };
#define X86EMUL_OPC(a, b) (((a) << 8) | (b))
int x86_insn_modrm(const struct x86_emulate_state *s, unsigned int *rm,
                   unsigned int *reg);
void hvm_emulate_init_once(struct hvm_emulate_ctxt *c,
                           bool (*validate)(const struct x86_emulate_state *,
                                            const struct x86_emulate_ctxt *),
                           struct cpu_user_regs *regs);
int hvm_emulate_one(struct hvm_emulate_ctxt *c, int completion);
void hvm_inject_event(const struct x86_event *e);
void hvm_emulate_writeback(struct hvm_emulate_ctxt *c);

extern unsigned int instruction_mode, instruction_shadow, instruction_cpl;
extern unsigned long instruction_cs;
#define raise_softirq(nr) ((void)0)
#define PFEC_insn_fetch (1u << 4)
#define PFEC_write_access (1u << 1)
#define PFEC_user_mode  (1u << 2)
#define PFEC_page_present (1u << 0)
/* Have the guest's page tables nothing where its instruction is? */
extern bool walk_fails;
#define paging_gva_to_gfn(v, a, pfec) \
    ((void)(pfec), walk_fails ? ~0UL : (a) >> PAGE_SHIFT)
#define hvm_get_cpl(v)  (instruction_cpl)
struct segment_register { unsigned long base; };
enum { x86_seg_cs };
/* The only one that is asked for is CS. */
#define hvm_get_segment_register(v, seg, reg) \
    ((reg)->base = instruction_cs)
#define X86_EFLAGS_TF   0x100

/* Is Xen built with events?  Does a monitor listen?  Else violations are forgiven. */
extern bool built_events, monitor_listens;
#define CONFIG_VM_EVENT built_events
#define vm_event_check_ring(ring) (monitor_listens)
enum hvm_translation_result {
    HVMTRANS_okay, HVMTRANS_bad_linear_to_gfn, HVMTRANS_bad_gfn_to_mfn,
    HVMTRANS_unhandleable, HVMTRANS_gfn_paged_out, HVMTRANS_gfn_shared,
    HVMTRANS_need_retry,
};
typedef struct { unsigned long linear; int ec; } pagefault_info_t;
#define hvm_guest_x86_mode(v)   (instruction_mode)
#define is_canonical_address(a) ((long)(a) >> 47 == 0 || (long)(a) >> 47 == -1)

struct hvm_function_table {
    bool altp2m_supported;
    unsigned int (*get_interrupt_shadow)(struct vcpu *v);
    void (*altp2m_vcpu_update_p2m)(struct vcpu *v);
};
extern struct hvm_function_table hvm_funcs;
#define hvm_altp2m_supported()   (hvm_funcs.altp2m_supported)
#define alternative_vcall(f, ...) f(__VA_ARGS__)
#define alternative_call(f, ...)  f(__VA_ARGS__)

#endif
