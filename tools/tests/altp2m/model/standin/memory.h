/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-ins for Xen's memory: frames by number, of which those that hold tables
 * have content, and mappings that are counted.
 */
#ifndef STANDIN_MEMORY_H
#define STANDIN_MEMORY_H

#define PAGE_SHIFT    12
#define PAGE_SIZE     (1UL << PAGE_SHIFT)
#define PAGE_MASK     (~(PAGE_SIZE - 1))
#define PFN_DOWN(x)   ((x) >> PAGE_SHIFT)
#define PAGE_ORDER_4K 0
#define PAGE_ORDER_2M 9
#define PAGE_ORDER_1G 18

typedef struct { unsigned long m; } mfn_t;
typedef struct { unsigned long g; } gfn_t;
typedef struct { unsigned long d; } dfn_t;
#define TYPE_SAFE(type, name)                                           \
    typedef struct { type x; } name ## _t;                              \
    static inline name ## _t _ ## name(type x) { return (name ## _t){ x }; } \
    static inline type name ## _x(name ## _t n) { return n.x; }
#define _mfn(x)       ((mfn_t){ x })
#define mfn_x(x)      ((x).m)
#define mfn_eq(a, b)  ((a).m == (b).m)
#define mfn_add(x, n) _mfn((x).m + (n))
#define INVALID_MFN   _mfn(~0UL)
#define _gfn(x)       ((gfn_t){ x })
#define gfn_x(x)      ((x).g)
#define gfn_eq(a, b)  ((a).g == (b).g)
#define gfn_add(x, n) _gfn((x).g + (n))
#define INVALID_GFN   _gfn(~0UL)
#define INVALID_GFN_INITIALIZER { ~0UL }
#define gfn_to_gaddr(x) ((paddr_t)gfn_x(x) << PAGE_SHIFT)
#define _pfn(x)       (x)
#define _dfn(x)       ((dfn_t){ x })

struct domain;

struct page_info {
    struct list_head list;
    uint32_t refs;
#define count_info refs
    uint32_t maps;                /* mappings of it just now */
    bool used;                    /* of the pool or the heap, and not free */
    bool touched;                 /* it has content */
    bool shown;                   /* an entry was made to lead to this own page */
    bool special;
    struct domain *owner;
    union {
        struct { unsigned long type_info; } inuse;
    } u;
};
#define _PGT_pinned    59
#define PGC_count_mask (~0u)

/* Frame numbers: tables, data of the guest, device memory. */
#ifndef TABLE_FRAMES
#define TABLE_FRAMES   16384UL
#endif
#define MFN_LIMIT      (1UL << 22)
#define MFN_MMIO       (MFN_LIMIT + 0x1000)
#define MFN_OWN        0x380000UL /* of the heap: a view's own pages */
#define OWN_FRAMES     0x1000UL
extern struct page_info *frame_table;
extern char *table_memory;

#define mfn_valid(m)   (mfn_x(m) < MFN_LIMIT)
#define mfn_to_page(m) (&frame_table[mfn_x(m)])
#define page_to_mfn(p) _mfn((unsigned long)((p) - frame_table))
#define page_to_maddr(p) ((paddr_t)mfn_x(page_to_mfn(p)) << PAGE_SHIFT)
#define page_to_virt(p) ((void *)table_at(mfn_x(page_to_mfn(p))))
/* As if the machine had frames that Xen does not keep mapped. */
#define arch_mfns_in_directmap(mfn, nr) ((mfn) % 4 != 3)
#define mfn_to_pdx(m)  mfn_x(m)
#define pdx_to_mfn(p)  _mfn(p)
#define mfn_to_maddr(m) ((paddr_t)mfn_x(m) << PAGE_SHIFT)
#define is_special_page(p) ((p)->special)

struct page_list_head { struct list_head l; };
#define INIT_PAGE_LIST_HEAD(h) INIT_LIST_HEAD(&(h)->l)
#define page_list_empty(h)     list_empty(&(h)->l)
void page_list_add_tail(struct page_info *pg, struct page_list_head *h);
#define page_list_del(p, h)    list_del(&(p)->list)
static inline struct page_info *page_list_remove_head(struct page_list_head *h)
{
    struct page_info *pg = list_first_entry_or_null(&h->l, struct page_info,
                                                    list);

    if ( pg )
        list_del(&pg->list);

    return pg;
}

void *map_domain_page(mfn_t mfn);
void unmap_domain_page(const void *p);
void *map_domain_page_global(mfn_t mfn);
void unmap_domain_page_global(const void *p);
mfn_t domain_page_map_to_mfn(const void *p);
#define __map_domain_page(pg)        map_domain_page(page_to_mfn(pg))
#define __map_domain_page_global(pg) map_domain_page_global(page_to_mfn(pg))

/* Xen's heap: counted, and made to fail on request. */
void *alloc_xenheap_page(void);
void free_xenheap_page(void *p);
void *model_alloc(size_t size);
void xfree(void *p);
#define xmalloc_array(type, n) ((type *)model_alloc((n) * sizeof(type)))
#define xzalloc_flex_struct(type, field, nr) ({                         \
    type *p_ = model_alloc(offsetof(type, field[nr]));                  \
    p_ ? memset(p_, 0, offsetof(type, field[nr])) : NULL; })
#define xzalloc(type) ({                                                \
    type *p_ = model_alloc(sizeof(type));                               \
    p_ ? memset(p_, 0, sizeof(type)) : NULL; })
#define XFREE(p)        (xfree(p), (p) = NULL)
#define clear_page(p)   memset(p, 0, PAGE_SIZE)
void clear_domain_page(mfn_t mfn);
void copy_domain_page(mfn_t to, mfn_t from);
uint64_t *table_at(unsigned long mfn);

/* Pages of the heap that a domain owns. */
#define MEMF_no_refcount   1u
#define PGT_writable_page  1u
struct page_info *alloc_domheap_page(struct domain *d, unsigned int flags);
bool get_page(struct page_info *pg, const struct domain *d);
bool get_page_and_type(struct page_info *pg, const struct domain *d,
                       unsigned long type);
#define page_get_owner(pg) ((pg)->owner)
void domain_crash(struct domain *d);
void put_page_alloc_ref(struct page_info *pg);
void put_page_and_type(struct page_info *pg);
#define virt_to_maddr(p) ((paddr_t)(uintptr_t)(p))

void put_page(struct page_info *pg);
struct domain *page_get_owner_and_reference(struct page_info *pg);

typedef struct { mfn_t mfn; } pagetable_t;
#define pagetable_get_mfn(t)  ((t).mfn)
#define pagetable_get_pfn(t)  mfn_x((t).mfn)
#define pagetable_from_mfn(m) ((pagetable_t){ m })

#endif
