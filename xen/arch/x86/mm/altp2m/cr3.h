/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: views by CR3. */
#ifndef X86_MM_ALTP2M_CR3_H
#define X86_MM_ALTP2M_CR3_H

#include <public/hvm/altp2m.h>

/* A domain's records.  They are replaced together, with the domain paused. */
struct altp2m_cr3 {
    struct xen_altp2m_cr3_view record[XEN_ALTP2M_CR3_VIEWS_MAX];
    uint16_t other;               /* the view where no record matches, or
                                     XEN_ALTP2M_NO_VIEW */
    uint8_t nr;                   /* of records; 0: off */
    bool by_guest;                /* set by the domain itself */
};

#endif /* X86_MM_ALTP2M_CR3_H */
