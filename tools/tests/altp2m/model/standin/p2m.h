/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for the host p2m's declarations and its lock. */
#ifndef STANDIN_P2M_H
#define STANDIN_P2M_H

/* The numbers are in table entries, so they are Xen's. */
typedef enum {
    p2m_ram_rw, p2m_invalid, p2m_ram_logdirty, p2m_ram_ro, p2m_mmio_dm,
    p2m_mmio_direct, p2m_populate_on_demand, p2m_grant_map_rw,
    p2m_grant_map_ro, p2m_ram_paging_out, p2m_ram_paged, p2m_ram_paging_in,
    p2m_ram_shared, p2m_ram_broken, p2m_map_foreign, p2m_ioreq_server,
} p2m_type_t;

typedef enum {
    p2m_access_n, p2m_access_r, p2m_access_w, p2m_access_rw, p2m_access_x,
    p2m_access_rx, p2m_access_wx, p2m_access_rwx, p2m_access_rx2rw,
    p2m_access_n2rwx, p2m_access_r_pw,
} p2m_access_t;

typedef unsigned int p2m_query_t;
#define P2M_ALLOC   1u
#define P2M_UNSHARE 2u

#define T(t)               (1u << p2m_##t)
#define P2M_IN(t, mask)    ((1u << (t)) & (mask))
#define P2M_PAGING         (T(ram_paging_out) | T(ram_paged) | T(ram_paging_in))
#define P2M_RAM            (T(ram_rw) | T(ram_logdirty) | T(ram_ro) | P2M_PAGING | \
                            T(ram_shared) | T(ioreq_server))
#define p2m_is_hole(t)     P2M_IN(t, T(mmio_dm) | T(invalid))
#define p2m_is_ram(t)      P2M_IN(t, P2M_RAM)
#define p2m_is_any_ram(t)  P2M_IN(t, P2M_RAM | T(grant_map_rw) | T(grant_map_ro) | \
                                     T(map_foreign))
#define p2m_is_pod(t)      P2M_IN(t, T(populate_on_demand))
#define p2m_is_paging(t)   P2M_IN(t, P2M_PAGING)
#define p2m_is_grant(t)    P2M_IN(t, T(grant_map_rw) | T(grant_map_ro))
#define p2m_is_valid(t)    P2M_IN(t, P2M_RAM | T(mmio_dm) | T(mmio_direct))
#define p2m_is_foreign(t)  P2M_IN(t, T(map_foreign))
#define p2m_is_changeable(t) P2M_IN(t, T(ram_rw) | T(ram_logdirty) | T(ioreq_server))
#define p2m_is_pageable(t) P2M_IN(t, T(ram_rw) | T(ram_logdirty))
#define p2m_is_discard_write(t) P2M_IN(t, T(ram_ro) | T(grant_map_ro))
#define p2m_is_shared(t)   P2M_IN(t, T(ram_shared))
#define p2m_allows_invalid_mfn(t) \
    P2M_IN(t, T(populate_on_demand) | T(mmio_direct) | P2M_PAGING)

struct ept_data {
    union {
        struct {
            uint64_t mt : 3, wl : 3, ad : 1, : 5, mfn : 52;
        };
        uint64_t eptp;
    };
    cpumask_var_t invalidate;
};

struct p2m_domain {
    struct { int depth, owner; } lock;
    struct domain *domain;
    int p2m_class;
    p2m_access_t default_access;
    bool global_logdirty;
    unsigned long logdirty_first, logdirty_last;
    pagetable_t phys_table;
    struct page_list_head pages;
    int (*set_entry)(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn,
                     unsigned int order, p2m_type_t t, p2m_access_t a, int sve);
    mfn_t (*get_entry)(struct p2m_domain *p2m, gfn_t gfn, p2m_type_t *t,
                       p2m_access_t *a, p2m_query_t q, unsigned int *order,
                       bool *sve);
    int (*recalc)(struct p2m_domain *p2m, unsigned long gfn);
    void (*enable_hardware_log_dirty)(struct p2m_domain *p2m);
    void (*disable_hardware_log_dirty)(struct p2m_domain *p2m);
    void (*flush_hardware_cached_dirty)(struct p2m_domain *p2m);
    void (*change_entry_type_global)(struct p2m_domain *p2m, p2m_type_t ot,
                                     p2m_type_t nt);
    int (*change_entry_type_range)(struct p2m_domain *p2m, p2m_type_t ot,
                                   p2m_type_t nt, unsigned long first,
                                   unsigned long last);
    void (*memory_type_changed)(struct p2m_domain *p2m);
    void (*write_p2m_entry_pre)(struct domain *d, unsigned long gfn,
                                l1_pgentry_t old, l1_pgentry_t new,
                                unsigned int level);
    void (*write_p2m_entry_post)(struct p2m_domain *p2m, unsigned int oflags);
    void (*tlb_flush)(struct p2m_domain *p2m);
    unsigned int defer_flush;
    bool need_flush, defer_nested_flush;
    bool access_required;
    unsigned long max_mapped_pfn;
    struct ept_data ept;
    struct { void *server; unsigned int flags; unsigned long entry_count; } ioreq;
    struct { unsigned long entry_count; } pod;
};

#define P2M_AUDIT 0
#define p2m_get_hostp2m(d)   ((d)->arch.p2m)
#define p2m_get_pagetable(p) ((p)->phys_table)
#define p2m_is_hostp2m(p)    ((p)->p2m_class == 0)
#define p2m_is_nestedp2m(p)  ((p)->p2m_class != 0)
#define p2m_flush_nestedp2m(d) ((void)0)
#define hap_has_1gb true
#define hap_has_2mb true

/* The lock: who holds it, and that nothing above it is taken first. */
int p2m_init_altp2m(struct domain *d);
void p2m_teardown_altp2m(struct domain *d);
void p2m_lock(struct p2m_domain *p2m);
void p2m_unlock(struct p2m_domain *p2m);
bool p2m_locked_by_me(const struct p2m_domain *p2m);
void p2m_tlb_flush_sync(struct p2m_domain *p2m);

mfn_t p2m_alloc_ptp(struct p2m_domain *p2m, unsigned int level);
void p2m_free_ptp(struct p2m_domain *p2m, struct page_info *pg);
int p2m_set_entry(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn,
                  unsigned int order, p2m_type_t t, p2m_access_t a);
int p2m_is_logdirty_range(struct p2m_domain *p2m, unsigned long first,
                          unsigned long last);
p2m_type_t p2m_recalc_type_range(bool recalc, p2m_type_t t,
                                 struct p2m_domain *p2m, unsigned long first,
                                 unsigned long last);
p2m_type_t p2m_recalc_type(bool recalc, p2m_type_t t, struct p2m_domain *p2m,
                           unsigned long gfn);
int p2m_entry_modify(struct p2m_domain *p2m, p2m_type_t nt, p2m_type_t ot,
                     mfn_t nfn, mfn_t ofn, unsigned int level);
unsigned long p2m_type_to_flags(const struct p2m_domain *p2m, p2m_type_t t,
                                mfn_t mfn, unsigned int level);
int p2m_pod_demand_populate(struct p2m_domain *p2m, gfn_t gfn,
                            unsigned int order);
/* No IOMMU shares these tables. */
#define p2m_get_iommu_flags(t, a, m) ((void)(a), 0u)

int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
                            p2m_type_t *t, struct page_info **pg);

struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn,
                                    p2m_type_t *t, p2m_query_t q);

enum { npfec_kind_unknown, npfec_kind_in_gpt, npfec_kind_with_gla };

struct npfec {
    unsigned int read_access : 1, write_access : 1, insn_fetch : 1, present : 1,
                 gla_valid : 1, kind : 2;
};

/* Device memory that only Xen may write to: none here. */
#define mmio_ro_ranges 0
#define rangeset_contains_singleton(r, n)   false
#define rangeset_overlaps_range(r, a, b)    ((void)(a), false)
#define rangeset_contains_range(r, a, b)    false

/* mem_access.h */
bool xenmem_access_to_p2m_access(const struct p2m_domain *p2m,
                                 xenmem_access_t x, p2m_access_t *a);
mfn_t p2m_get_gfn_type_access(struct p2m_domain *p2m, gfn_t gfn, p2m_type_t *t,
                              p2m_access_t *a, p2m_query_t q,
                              unsigned int *order, bool locked);
long p2m_set_mem_access(struct domain *d, gfn_t gfn, uint32_t nr,
                        uint32_t start, uint32_t mask, xenmem_access_t access,
                        unsigned int idx);
int p2m_get_mem_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                       unsigned int idx);

#endif
