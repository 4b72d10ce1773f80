/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the log of a domain. */
#ifndef X86_MM_ALTP2M_LOG_H
#define X86_MM_ALTP2M_LOG_H

#include <xen/mm.h>

#include <public/event_channel.h>
#include <public/hvm/altp2m.h>

/*
 * Pages that a monitor may have mapped, so that they can't be taken back: they
 * stay until the domain ends.  All that Xen goes by is in here; in the pages it
 * only writes, but for the reader's index.  Guarded by the lock.
 */
struct altp2m_log {
    unsigned int nr;              /* pages that there are */
    unsigned int pages;           /* of these, in the ring; 0: it is closed */
    unsigned int records;         /* that the ring has room for */
    unsigned int next;            /* the cell of the next record */
    unsigned int serial;          /* times it was opened */
    uint64_t prod, lost;          /* written and dropped, since it is open */
    evtchn_port_t port;
    struct page_info *page[XEN_ALTP2M_LOG_MAX_PAGES];
    struct xen_altp2m_log_record *cells[XEN_ALTP2M_LOG_MAX_PAGES]; /* by page */
};

/* log.c */
int altp2m_log_start(struct domain *d, unsigned int pages, evtchn_port_t port,
                     unsigned int had);
evtchn_port_t altp2m_log_stop(struct domain *d);
void altp2m_log_write(struct domain *d, struct xen_altp2m_log_record *r);
void altp2m_log_free(struct domain *d);

#endif /* X86_MM_ALTP2M_LOG_H */
