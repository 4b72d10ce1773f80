/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: pages of a view's own. */
#ifndef X86_MM_ALTP2M_OWN_H
#define X86_MM_ALTP2M_OWN_H

#include "format.h"

/* A page of a view's own: a copy of the host's with some bytes replaced. */
struct altp2m_own {
    struct list_head limbo;       /* in owed.own, then perhaps in altp2m->held,
                                     when no entry leads there */
    struct page_info *page;
    unsigned long drops;          /* altp2m->drops when it was copied last */
    mfn_t host;                   /* the page that it is a copy of; INVALID_MFN
                                     while that may move: it is shared, say */
    bool stale;                   /* that page is gone */
    unsigned int nr_patched;      /* bits set in @patched */
    DECLARE_BITMAP(patched, PAGE_SIZE); /* by byte */
};

/* Of a page that nobody else holds: the allocation's, and that of its type. */
#define OWN_REFERENCES 2u

static inline unsigned int altp2m_own_references(const struct altp2m_own *own)
{
    return read_atomic(&own->page->count_info) & PGC_count_mask;
}

/* Do tables or pages wait for the flush that is owed? */
static inline bool altp2m_in_limbo(const struct altp2m_domain *a)
{
    return !page_list_empty(&a->owed.limbo) || !list_empty(&a->owed.own);
}

/* pool.c: what the pool gives for a page of the heap. */
bool altp2m_charge(struct domain *d);
void altp2m_refund(struct domain *d);

/* own.c */
struct page_info *altp2m_domain_page(struct domain *d);
void altp2m_put_domain_page(struct page_info *pg);
int altp2m_new_own(struct domain *d, struct altp2m_own **new);
void altp2m_drop_own(struct domain *d, struct altp2m_own *own);
void altp2m_free_own(struct domain *d);
void altp2m_free_held(struct domain *d);
bool altp2m_copy_own(struct altp2m_own *own, mfn_t host);
void altp2m_patch_own(struct altp2m_own *own, unsigned int offset,
                      const uint8_t *bytes, unsigned int len);
void altp2m_unpatch_own(struct altp2m_own *own, unsigned int offset,
                        unsigned int len, mfn_t host);
void altp2m_read_page(mfn_t mfn, unsigned int offset, uint8_t *bytes,
                      unsigned int len);

#endif /* X86_MM_ALTP2M_OWN_H */
