/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: what the operations on patched bytes share. */
#ifndef X86_MM_ALTP2M_OPS_PATCHES_H
#define X86_MM_ALTP2M_OPS_PATCHES_H

#include "ops.h"

struct patching {
    struct altp2m_batch batch;
    struct xen_altp2m_patches *op;
    struct xen_altp2m_patch *record;
    /* The operation, for checked records. */
    int (*fn)(struct domain *d, struct patching *p);
    uint8_t flags;                /* that records may have */
    int again;                    /* the error for bytes in two records */
    bool absent;                  /* a page is to be brought in, that of */
    unsigned long gfn;            /* this gfn */
};

/* The records of @p that are about @at. */
#define for_each_record(p, r, at)                                       \
    for ( (r) = (p)->record; (r) < (p)->record + (p)->op->nr; (r)++ )   \
        if ( (r)->gfn == (at) )

/* ops/patches.c */
bool altp2m_is_patched(const struct altp2m_own *own,
                       const struct xen_altp2m_patch *r, bool all);
void altp2m_read_old(const struct altp2m_own *own, struct xen_altp2m_patch *r);
void altp2m_tell_access(const struct patching *p, unsigned long gfn,
                        p2m_access_t access);
int altp2m_with_records(struct domain *d, struct patching *p);

#endif /* X86_MM_ALTP2M_OPS_PATCHES_H */
