/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the log, a ring of records that rules write and a monitor
 * reads.
 *
 * The monitor may write anything to the ring at any time.  So Xen reads there
 * one thing only, how much has been read; and that is compared, never an index.
 * A lie costs the liar records, or events.
 *
 * Records are written with the lock held: they have one order, and when the
 * log is closed, no CPU is about to write one.
 */

#include <xen/time.h>

#include "life.h"
#include "log.h"

#define CELLS (PAGE_SIZE / sizeof(struct xen_altp2m_log_record)) /* of a page */

static struct xen_altp2m_log *header(const struct altp2m_log *log)
{
    BUILD_BUG_ON(sizeof(struct xen_altp2m_log) !=
                 sizeof(struct xen_altp2m_log_record));

    return (void *)log->cells[0];
}

/* Has the pool pay for a page, with tables freed to make room if need be. */
static bool pay(struct domain *d)
{
    bool paid;

    do {
        if ( altp2m_in_limbo(d->arch.altp2m) )
            altp2m_settle(d);
        paid = hap_lend_page(d);
    } while ( !paid && altp2m_make_room(d, NULL, 0) );

    return paid;
}

/* Adds a page, which is cleared.  Returns 0 or -ENOMEM. */
static int grow(struct domain *d, struct altp2m_log *log)
{
    struct page_info *pg = altp2m_domain_page(d);
    void *map;

    if ( !pg )
        return -ENOMEM;

    clear_domain_page(page_to_mfn(pg));
    map = __map_domain_page_global(pg);
    if ( !map || !pay(d) )
    {
        if ( map )
            unmap_domain_page_global(map);
        altp2m_put_domain_page(pg);
        return -ENOMEM;
    }

    log->page[log->nr] = pg;
    log->cells[log->nr++] = map;

    return 0;
}

/* Frees pages until there are @nr. */
static void shrink(struct domain *d, struct altp2m_log *log, unsigned int nr)
{
    while ( log->nr > nr )
    {
        unmap_domain_page_global(log->cells[--log->nr]);
        altp2m_put_domain_page(log->page[log->nr]);
        hap_return_page(d);
    }
}

/* Pages added with the lock held: each is cleared, and may free tables. */
#define ADDED_AT_ONCE 4u

/*
 * Opens the log of a domain that has the object for it.  @had: its pages before
 * the first call.  Returns 0; -ERESTART: drop the lock and call again; -EBUSY
 * if it is open; -ENOMEM, with nothing changed.  Lock held.
 */
int altp2m_log_start(struct domain *d, unsigned int pages, evtchn_port_t port,
                     unsigned int had)
{
    struct altp2m_log *log = d->arch.altp2m_log;
    unsigned int most = log->nr + ADDED_AT_ONCE;

    if ( log->pages )
        return -EBUSY;

    while ( log->nr < pages )
    {
        if ( log->nr == most )
            return -ERESTART;
        if ( grow(d, log) )
        {
            /* Nobody has been told of these. */
            shrink(d, log, had);
            return -ENOMEM;
        }
    }

    log->records = pages * CELLS - 1;
    log->next = 1;
    log->prod = log->lost = 0;
    log->port = port;
    *header(log) = (struct xen_altp2m_log){
        .version = XEN_ALTP2M_LOG_VERSION,
        .records = log->records,
        .open = 1,
        .serial = ++log->serial,
    };
    log->pages = pages;

    return 0;
}

/*
 * Closes the log, if it is open.  Returns the event channel that the caller
 * frees after it has dropped the lock, or 0.  Lock held.
 */
evtchn_port_t altp2m_log_stop(struct domain *d)
{
    struct altp2m_log *log = d->arch.altp2m_log;

    if ( !log || !log->pages )
        return 0;

    log->pages = 0;
    write_atomic(&header(log)->open, 0);
    notify_via_xen_event_channel(d, log->port);

    return log->port;
}

/* Writes a record, if the log is open: @r but for seq and tsc.  Lock held. */
void altp2m_log_write(struct domain *d, struct xen_altp2m_log_record *r)
{
    struct altp2m_log *log = d->arch.altp2m_log;
    struct xen_altp2m_log *shared;
    uint64_t at;

    ASSERT(altp2m_locked(d));

    if ( !log || !log->pages )
        return;

    shared = header(log);
    at = log->prod;
    if ( at - read_atomic(&shared->cons) >= log->records )
    {
        write_atomic(&shared->lost, ++log->lost);
        return;
    }

    r->seq = at + log->lost;
    r->tsc = get_cycles();
    log->cells[log->next / CELLS][log->next % CELLS] = *r;
    log->next = log->next < log->records ? log->next + 1 : 1;
    smp_wmb();
    write_atomic(&shared->prod, ++log->prod);

    /*
     * Has all before been read?  Then the reader may wait.  It stores cons,
     * then reads prod.  So cons is read once more, after prod is there.
     */
    smp_mb();
    if ( read_atomic(&shared->cons) == at )
        notify_via_xen_event_channel(d, log->port);
}

/*
 * Frees the log's pages, of a dying domain.  Who maps one keeps it, and with it
 * the dead domain.  Lock held.
 */
void altp2m_log_free(struct domain *d)
{
    if ( d->arch.altp2m_log )
        shrink(d, d->arch.altp2m_log, 0);
}
