/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for long mode page tables, as Xen's p2m-pt.c uses them for NPT. */
#ifndef STANDIN_NPT_H
#define STANDIN_NPT_H

#define _PAGE_PRESENT  0x001u
#define _PAGE_RW       0x002u
#define _PAGE_USER     0x004u
#define _PAGE_PWT      0x008u
#define _PAGE_PCD      0x010u
#define _PAGE_ACCESSED 0x020u
#define _PAGE_DIRTY    0x040u
#define _PAGE_PSE      0x080u
#define _PAGE_PAT      0x080u
#define _PAGE_PSE_PAT  0x1000u
#define _PAGE_AVAIL    0xe00u
#define _PAGE_UCM      _PAGE_PCD
#define _PAGE_UC       (_PAGE_PCD | _PAGE_PWT)
#define _PAGE_NX_BIT   (1u << 23)
#define PADDR_MASK     ((1UL << 52) - 1)
#define PAGETABLE_ORDER 9
#define L1_PAGETABLE_ENTRIES 512u
#define L2_PAGETABLE_ENTRIES 512u
#define L3_PAGETABLE_ENTRIES 512u
#define L4_PAGETABLE_ENTRIES 512u
#define L2_PAGETABLE_SHIFT 21
#define L3_PAGETABLE_SHIFT 30
#define L4_PAGETABLE_SHIFT 39
#define l1_table_offset(a) (((a) >> 12) & 511)
#define l2_table_offset(a) (((a) >> 21) & 511)
#define l3_table_offset(a) (((a) >> 30) & 511)
#define l4_table_offset(a) (((a) >> 39) & 511)

/* Flags are bits 63:52 and 11:0 of an entry, side by side. */
#define get_pte_flags(x)  ((unsigned int)(((x) >> 40) & ~0xfffULL) | \
                           (unsigned int)((x) & 0xfff))
#define put_pte_flags(f)  (((uint64_t)((f) & ~0xfffu) << 40) | ((f) & 0xfffu))
#define PTE(m, f) ((((uint64_t)(m) << 12) & PADDR_MASK) | put_pte_flags(f))

typedef struct { uint64_t l1; } l1_pgentry_t;
typedef struct { uint64_t l2; } l2_pgentry_t;
typedef struct { uint64_t l3; } l3_pgentry_t;
typedef struct { uint64_t l4; } l4_pgentry_t;
#define l1e_get_flags(e)   get_pte_flags((e).l1)
#define l2e_get_flags(e)   get_pte_flags((e).l2)
#define l3e_get_flags(e)   get_pte_flags((e).l3)
#define l4e_get_flags(e)   get_pte_flags((e).l4)
#define l1e_get_pfn(e)     (((e).l1 & PADDR_MASK) >> 12)
#define l1e_get_mfn(e)     _mfn(((e).l1 & PADDR_MASK) >> 12)
#define l2e_get_mfn(e)     _mfn(((e).l2 & PADDR_MASK) >> 12)
#define l3e_get_mfn(e)     _mfn(((e).l3 & PADDR_MASK) >> 12)
#define l4e_get_mfn(e)     _mfn(((e).l4 & PADDR_MASK) >> 12)
#define l1e_get_page(e)    mfn_to_page(l1e_get_mfn(e))
#define l1e_from_pfn(m, f) ((l1_pgentry_t){ PTE(m, f) })
#define l2e_from_pfn(m, f) ((l2_pgentry_t){ PTE(m, f) })
#define l3e_from_pfn(m, f) ((l3_pgentry_t){ PTE(m, f) })
#define l1e_from_mfn(m, f) l1e_from_pfn(mfn_x(m), f)
#define l1e_empty()        ((l1_pgentry_t){ 0 })
#define l2e_empty()        ((l2_pgentry_t){ 0 })
#define l3e_empty()        ((l3_pgentry_t){ 0 })
#define l1e_remove_flags(e, f) ((e).l1 &= ~put_pte_flags(f))
#define l1e_add_flags(e, f)    ((e).l1 |= put_pte_flags(f))
#define p2m_flags_to_type(f) ((p2m_type_t)(((f) >> 12) & 0x7f))
#define perms_strictly_increased(a, b) false
#define P2M_DEBUG(...) ((void)0)
#define safe_write_pte(p, n) write_atomic(&(p)->l1, (n).l1)

#define tb_init_done       0
#define __trace_var(...)   ((void)0)
#define paging_mode_enabled(d)   true
#define paging_mode_translate(d) true
#define paging_get_hostmode(v)   true
#define shadow_p2m_init(p)       ((void)0)
void paging_lock(struct domain *d);
void paging_unlock(struct domain *d);
struct p2m_domain;
struct vcpu;
void hap_p2m_init(struct p2m_domain *p2m);
void p2m_pt_init(struct p2m_domain *p2m);
int p2m_pt_handle_deferred_changes(uint64_t gpa);
/* The VMCB. */
typedef struct { uint8_t vector, type; bool v; } intinfo_t;
struct vmcb_struct {
    uint64_t h_cr3;
    uint32_t exceptions, cr_intercepts, asid;
    uint8_t tlb_control;
    intinfo_t event_inj;
};
enum { TLB_CTRL_NO_FLUSH, TLB_CTRL_FLUSH_ALL, TLB_CTRL_FLUSH_ASID = 3 };
#define cpu_has_svm_flushbyasid            true
#define vmcb_get_guest_asid(b)             ((b)->asid)
#define vmcb_set_guest_asid(b, x)          ((b)->asid = (x))
#define vmcb_get_asid(b)                   ((b)->asid)
#define vmcb_set_asid(b, x)                ((b)->asid = (x))
#define vmcb_set_h_cr3(b, x)               ((b)->h_cr3 = (x))
#define vmcb_get_cr_intercepts(b)          ((b)->cr_intercepts)
#define vmcb_set_cr_intercepts(b, x)       ((b)->cr_intercepts = (x))
#define CR_INTERCEPT_CR3_WRITE             (1u << 19)
#define vmcb_get_exception_intercepts(b)   ((b)->exceptions)
#define vmcb_set_exception_intercepts(b, x) ((b)->exceptions = (x))
void hvm_asid_init(int nasids);
void hvm_asid_flush_vcpu_asid(struct hvm_vcpu_asid *asid);
void hvm_asid_flush_vcpu(struct vcpu *v);
void hvm_asid_flush_core(void);
bool hvm_asid_handle_vmenter(struct hvm_vcpu_asid *asid);
void svm_asid_init(const struct cpuinfo_x86 *c);
void svm_asid_handle_vmrun(void);

#endif
