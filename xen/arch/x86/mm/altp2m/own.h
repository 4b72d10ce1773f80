/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: pages of a view's own. */
#ifndef X86_MM_ALTP2M_OWN_H
#define X86_MM_ALTP2M_OWN_H

#include "format.h"

/* Of a page that nobody else holds: the allocation's, and that of its type. */
#define OWN_REFERENCES 2u

static inline unsigned int altp2m_own_references(const struct altp2m_own *own)
{
    return read_atomic(&own->page->count_info) & PGC_count_mask;
}

/* hap/table.c: pages of the pool, in place of pages of the heap. */
bool hap_lend_page(struct domain *d);
void hap_return_page(struct domain *d);

/* own.c */
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
