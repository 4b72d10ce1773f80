/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for domains, vCPUs, processors and what is asked of them. */
#ifndef STANDIN_DOMAIN_H
#define STANDIN_DOMAIN_H

#define NR_CPUS  4
#define DOM0_CPU 3                /* the others run one vCPU each */

struct domain;
typedef struct { unsigned long bits; } cpumask_t;
typedef cpumask_t *cpumask_var_t;
void cpumask_setall(cpumask_t *m);
#define cpumask_test_cpu(c, m)     (((m)->bits >> (c)) & 1)
#define cpumask_clear_cpu(c, m)    ((m)->bits &= ~(1UL << (c)))
#define zalloc_cpumask_var(m)      ((*(m) = calloc(1, sizeof(cpumask_t))) != NULL)
#define free_cpumask_var(m)        free(m)
void on_selected_cpus(const cpumask_t *mask, void (*f)(void *), void *arg,
                      int wait);

void guest_flush_tlb_mask(const struct domain *d, const cpumask_t *mask);

struct p2m_domain;
struct altp2m_domain;
struct altp2m_log;

typedef struct { int counter; } atomic_t;
#define atomic_read(a) ((a)->counter)

struct mtrr_state { uint8_t def_type, low_type; };

struct vcpu;

struct altp2mvcpu {
    struct page_info *veinfo_pg;
    uint16_t p2midx;
    bool vmcs_due;
    bool cr3_asked;
};

struct vmx_vcpu {
    uint32_t secondary_exec_control;
    uint32_t exception_bitmap, exec_control;
    bool ept_spurious_misconfig;
    unsigned long vmcs[16];       /* see vmx.h for what is where */
    struct page_info *pml_pg;
};

typedef struct {
    uint64_t addr, data;
    uint32_t size, count;
    unsigned int type, dir, state;
    bool df, data_is_ptr;
} ioreq_t;
struct vcpu_io { ioreq_t req; bool suspended; };

struct hvm_vcpu_asid { uint64_t generation; uint32_t asid; };

#include <asm/hvm/step.h>
/* What a monitor and a debugger are told of single steps: counted. */
extern unsigned int step_events, debugger_pauses;
enum { HVM_MONITOR_SINGLESTEP_BREAKPOINT = 1 };
int hvm_monitor_debug(unsigned long rip, int type, unsigned int trap,
                      unsigned int length, unsigned int pending);
void domain_pause_for_debugger(void);

struct vmcb_struct;
struct svm_vcpu { struct vmcb_struct *vmcb; unsigned int launch_core; };

struct hvm_vcpu {
    struct altp2mvcpu avcpu;
    struct hvm_vcpu_asid n1asid;
    struct { struct hvm_vcpu_asid nv_n2asid; } nvcpu;
    unsigned long guest_cr[5];
    struct mtrr_state mtrr;
    struct vmx_vcpu vmx;
    struct svm_vcpu svm;
    bool single_step;
    struct hvm_step step;
};

struct vcpu {
    unsigned int vcpu_id;
    struct domain *domain;
    bool hcall_compat, down;
    bool is_running;
    unsigned int paused;
    atomic_t vm_event_pause_count;
    struct vcpu_io io;
    struct {
        struct hvm_vcpu hvm;
        struct { bool send_event, sync_event; } *vm_event;
    } arch;
};

#define vcpu_altp2m(v) ((v)->arch.hvm.avcpu)
#define vcpu_nestedhvm(v) ((v)->arch.hvm.nvcpu)
#define nestedhvm_vcpu_in_guestmode(v) false

typedef uint16_t domid_t;

struct vmx_domain { bool exec_sp; unsigned int status; };

struct paging_domain {
    struct page_info *(*alloc_page)(struct domain *d);
    void (*free_page)(struct domain *d, struct page_info *pg);
    /* In later versions of Xen, not of HAP alone. */
    union {
        struct { unsigned int total_pages, free_pages, p2m_pages; } hap;
        struct { unsigned int total_pages, free_pages, p2m_pages; };
    };
};

struct cpu_policy { uint8_t x86_vendor; };
extern struct cpuinfo_x86 { uint8_t x86_vendor; } boot_cpu_data;

struct arch_domain {
    struct p2m_domain *p2m;
    struct cpu_policy *cpu_policy;
    struct paging_domain paging;
    struct altp2m_domain *altp2m, *altp2m_memory;
    struct altp2m_log *altp2m_log;
    bool altp2m_active;
    bool altp2m_remaps, altp2m_breakpoints, altp2m_used;
    bool altp2m_cr3;
    struct {
        bool software_breakpoint_enabled;
        uint32_t write_ctrlreg_enabled;
    } monitor;
    unsigned long altp2m_sections, altp2m_overtaken[2];
    struct {
        uint64_t params[64];
        struct vmx_domain vmx;
    } hvm;
};

struct domain {
    domid_t domain_id;
    bool is_dying, hvm, nested, shadow;
    bool iommu, cache_flush;      /* memory types matter */
    bool iommu_tables;            /* it has tables of its own */
    unsigned long iommu_unmapped; /* pages taken out of these */
    bool privileged, debugger_attached;
    struct domain *target;        /* that it is the device model of */
    unsigned int rcu_locks;       /* references that hypercalls hold just now */
    unsigned int max_vcpus;
    struct vcpu **vcpu;
    atomic_t pause_count;
    cpumask_t *dirty_cpumask;
    struct arch_domain arch;
    struct domain *parent;        /* it is a fork of */
};

/* Forks: host.c. */
#define mem_sharing_is_fork(d) ((d)->parent != NULL)
int mem_sharing_fork_page(struct domain *d, gfn_t gfn, bool unsharing);

extern struct vcpu *current;
extern struct domain *model_domain;
/* table.c: much, where few views are much. */
extern unsigned int model_mirrored_entries, model_few_remaps;
#define smp_processor_id()   model_cpu()
unsigned int model_cpu(void);

#define for_each_vcpu(d, v) \
    for ( unsigned int i_ = 0; \
          i_ < (d)->max_vcpus && ((v) = (d)->vcpu[i_], true); i_++ )
#define for_each_domain(d) for ( (d) = model_domain; (d); (d) = NULL )
static inline struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
    return id < d->max_vcpus ? d->vcpu[id] : NULL;
}

/* Pausing waits for running vCPUs: with the p2m lock held it never returns. */
void domain_pause(struct domain *d);
void domain_unpause(struct domain *d);
int domain_pause_except_self(struct domain *d);
void domain_unpause_except_self(struct domain *d);
void vcpu_pause(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
#define vcpu_runnable(v)  (!(v)->down && !(v)->paused)
#define is_vcpu_online(v) (!(v)->down)

/* Event channels: how many there are, and how often they were used. */
typedef void xen_event_notification(struct vcpu *v, unsigned int port);
int alloc_unbound_xen_event_channel(struct domain *d, unsigned int vcpu,
                                    domid_t remote,
                                    xen_event_notification *function);
void free_xen_event_channel(struct domain *d, int port);
void notify_via_xen_event_channel(struct domain *d, int port);
struct domain *rcu_lock_domain_by_any_id(domid_t id);
void rcu_unlock_domain(struct domain *d);
#define rcu_read_lock(l)   ((void)0)
#define rcu_read_unlock(l) ((void)0)

/* Long operations ask; the answers are part of a test. */
bool model_preempt(void);
#define general_preempt_check()   model_preempt()
#define hypercall_preempt_check() model_preempt()
unsigned int get_random(void);

#define is_hvm_domain(d)     ((d)->hvm)
#define hap_enabled(d)       ((d)->hvm && !(d)->shadow)
#define paging_mode_hap(d)   true
#define nestedhvm_enabled(d) ((d)->nested)
#define is_iommu_enabled(d)  ((d)->iommu)
#define cache_flush_permitted(d) ((d)->cache_flush)
#define iommu_snoop          false
#define iommu_use_hap_pt(d)  false
#define need_iommu_pt_sync(d) ((d)->iommu_tables)
#define iommu_dont_flush_iotlb false
#define iommu_sync_cache(p, n) ((void)0)
#define iommu_iotlb_flush(...) 0
#define iommu_legacy_map(...)  0
#define iommu_legacy_unmap(d, dfn, nr) ((d)->iommu_unmapped += (nr), 0)
#define IOMMU_FLUSHF_added    1
#define IOMMU_FLUSHF_modified 2
#define IOMMUF_readable       1
#define IOMMUF_writable       2

#endif
