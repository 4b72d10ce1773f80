/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: operations on the log, and its pages as a resource. */

#include "ops.h"
#include "../log.h"

struct opening {
    struct altp2m_log *log;       /* for a domain that never had one */
    unsigned int pages;
    evtchn_port_t port;
    bool begun;
    unsigned int had;             /* pages, when it was begun */
    unsigned int records, serial; /* the result */
};

static int cf_check open(struct domain *d, void *arg)
{
    struct opening *o = arg;
    int rc;

    if ( !d->arch.altp2m_log )
    {
        d->arch.altp2m_log = o->log;
        o->log = NULL;
    }

    if ( !o->begun )
    {
        o->begun = true;
        o->had = d->arch.altp2m_log->nr;
    }

    rc = altp2m_log_start(d, o->pages, o->port, o->had);
    o->records = d->arch.altp2m_log->records;
    o->serial = d->arch.altp2m_log->serial;

    return rc;
}

int altp2m_op_log_open(struct domain *d, void *arg)
{
    struct xen_altp2m_log_open *l = altp2m_args(arg);
    struct opening o = { .pages = l->pages };
    int port, rc;

    if ( current->domain == d )
        return -EPERM;
    if ( !l->pages || l->pages > XEN_ALTP2M_LOG_MAX_PAGES )
        return -EINVAL;

    o.log = xzalloc(struct altp2m_log);
    if ( !o.log )
        return -ENOMEM;

    port = altp2m_new_channel(d);
    if ( port < 0 )
    {
        xfree(o.log);
        return port;
    }

    o.port = port;
    /* If others end this in between, the next log takes the pages. */
    do
        rc = altp2m_section(d, 0, open, &o);
    while ( rc == -ERESTART );
    if ( rc )
        free_xen_event_channel(d, port);
    else
    {
        l->port = port;
        l->records = o.records;
        l->serial = o.serial;
    }
    xfree(o.log);

    return rc;
}

int altp2m_op_log_close(struct domain *d, void *arg)
{
    const struct xen_altp2m_log_close *l = altp2m_args(arg);

    if ( current->domain == d )
        return -EPERM;
    if ( l->pad )
        return -EINVAL;

    altp2m_log_off(d);

    return 0;
}

/* Returns how many frames XENMEM_acquire_resource finds, 0: none.  No lock. */
unsigned int altp2m_log_frames(const struct domain *d, unsigned int id)
{
    const struct altp2m_log *log = read_atomic(&d->arch.altp2m_log);

    return log && !id ? read_atomic(&log->pages) : 0;
}

struct frames {
    unsigned int first, nr;
    xen_pfn_t *mfn;
};

static int cf_check list_frames(struct domain *d, void *arg)
{
    const struct altp2m_log *log = d->arch.altp2m_log;
    const struct frames *f = arg;
    unsigned int i;

    if ( !log || f->first + f->nr > log->pages )
        return -EINVAL;

    for ( i = 0; i < f->nr; i++ )
    {
        unsigned int n = array_index_nospec(f->first + i,
                                            XEN_ALTP2M_LOG_MAX_PAGES);

        f->mfn[i] = mfn_x(page_to_mfn(log->page[n]));
    }

    return f->nr;
}

/*
 * Writes the frames from @frame on to @mfn_list.  @frame + @nr does not
 * overflow.  Returns @nr or an error.  No lock held.
 */
int altp2m_log_acquire(struct domain *d, unsigned int id, unsigned int frame,
                       unsigned int nr, xen_pfn_t *mfn_list)
{
    struct frames f = { .first = frame, .nr = nr, .mfn = mfn_list };

    return id || !altp2m_active(d) ? -EINVAL
                                   : altp2m_section(d, 0, list_frames, &f);
}
