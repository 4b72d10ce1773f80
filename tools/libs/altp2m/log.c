/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: the log that rules write. */
#include "private.h"

#include <sys/mman.h>

#include <xenforeignmemory.h>

#define CELL  sizeof(struct xen_altp2m_log_record)
#define CELLS (4096 / CELL)      /* of a page; the first of all is the header */

struct xenaltp2m_log {
    xenaltp2m_handle *h;
    uint32_t domid, records, serial;
    xenevtchn_handle *channels;
    xenforeignmemory_handle *memory;
    xenforeignmemory_resource_handle *resource;
    struct xen_altp2m_log *header;
    uint64_t cons;               /* read so far: the header's is for Xen */
};

static int close_in_xen(xenaltp2m_handle *h, uint32_t domid)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_log_close, domid);

    return altp2m__do(h, &op);
}

static int open_in_xen(struct xenaltp2m_log *log, unsigned int pages,
                       unsigned int flags, uint32_t *port)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_log_open, log->domid);
    struct xen_altp2m_log_open *l = PARAMETERS(&op, log_open);

    l->pages = pages;
    if ( altp2m__do(log->h, &op) )
    {
        if ( errno != EBUSY || !(flags & XENALTP2M_REPLACE) ||
             close_in_xen(log->h, log->domid) || altp2m__do(log->h, &op) )
            return -1;
    }
    *port = l->port;
    log->records = l->records;
    log->serial = l->serial;

    return 0;
}

static int map(struct xenaltp2m_log *log, unsigned int pages)
{
    void *at = NULL;

    log->resource = xenforeignmemory_map_resource(
        log->memory, log->domid, XEN_ALTP2M_RESOURCE_LOG, 0, 0, pages, &at,
        PROT_READ | PROT_WRITE, 0);
    log->header = at;

    return log->resource ? 0 : -1;
}

/* Frees what is there, and keeps errno. */
static void drop(struct xenaltp2m_log *log)
{
    int saved = errno;

    if ( log->channels )
        xenevtchn_close(log->channels);
    if ( log->resource )
        xenforeignmemory_unmap_resource(log->memory, log->resource);
    if ( log->memory )
        xenforeignmemory_close(log->memory);
    free(log);
    errno = saved;
}

xenaltp2m_log *xenaltp2m_log_open(xenaltp2m_handle *h, uint32_t domid,
                                  unsigned int records, unsigned int flags)
{
    unsigned int pages = records / CELLS + 1;
    struct xenaltp2m_log *log;
    uint32_t port;
    int saved;

    if ( !records || pages > XEN_ALTP2M_LOG_MAX_PAGES ||
         (flags & ~XENALTP2M_REPLACE) )
    {
        errno = EINVAL;
        return NULL;
    }

    log = calloc(1, sizeof(*log));
    if ( !log )
    {
        errno = ENOBUFS;
        return NULL;
    }
    log->h = h;
    log->domid = domid;
    log->memory = xenforeignmemory_open(NULL, 0);
    log->channels = log->memory ? xenevtchn_open(NULL, 0) : NULL;
    if ( !log->channels || open_in_xen(log, pages, flags, &port) )
    {
        drop(log);
        return NULL;
    }

    if ( map(log, pages) ||
         xenevtchn_bind_interdomain(log->channels, domid, port) < 0 )
    {
        saved = errno;
        close_in_xen(h, domid);
        errno = saved;
        drop(log);
        return NULL;
    }

    return log;
}

/* The ring is somebody else's if the log was closed and opened again. */
static bool is_ours(const xenaltp2m_log *log)
{
    return __atomic_load_n(&log->header->serial, __ATOMIC_ACQUIRE) ==
           log->serial;
}

static bool is_open(const xenaltp2m_log *log)
{
    return __atomic_load_n(&log->header->open, __ATOMIC_ACQUIRE) &&
           is_ours(log);
}

int xenaltp2m_log_close(xenaltp2m_log *log)
{
    int rc = 0;

    if ( !log )
        return 0;

    if ( is_open(log) )
        rc = close_in_xen(log->h, log->domid);
    drop(log);

    return rc;
}

int xenaltp2m_log_fd(const xenaltp2m_log *log)
{
    return xenevtchn_fd(log->channels);
}

static bool is_closed(const void *log)
{
    return !is_open(log);
}

int xenaltp2m_log_wait(xenaltp2m_log *log, int timeout_ms)
{
    int rc = altp2m__wait(log->channels, timeout_ms, is_closed, log);

    return rc > 0 ? 1 : rc;
}

uint64_t xenaltp2m_log_lost(const xenaltp2m_log *log)
{
    return __atomic_load_n(&log->header->lost, __ATOMIC_ACQUIRE);
}

int xenaltp2m_log_read(xenaltp2m_log *log, struct xen_altp2m_log_record *list,
                       unsigned int room)
{
    const struct xen_altp2m_log_record *cell = (const void *)log->header;
    bool open = is_open(log);
    uint64_t prod = __atomic_load_n(&log->header->prod, __ATOMIC_ACQUIRE);
    unsigned int nr = 0;

    if ( !is_ours(log) )
    {
        errno = EPIPE;
        return -1;
    }
    /* Somebody else who maps it has written there. */
    if ( prod - log->cons > log->records )
    {
        errno = EPROTO;
        return -1;
    }
    if ( prod == log->cons && !open )
    {
        errno = EPIPE;
        return -1;
    }

    for ( ; nr < room && log->cons != prod; nr++ )
        list[nr] = cell[1 + log->cons++ % log->records];
    __atomic_store_n(&log->header->cons, log->cons, __ATOMIC_RELEASE);
    /* Before prod is read the next time: so Xen sees cons, or this prod. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);

    return nr;
}

/* What is left to a page whose accesses are watched: no write without read. */
static unsigned int rest(unsigned int access)
{
    unsigned int left = XENALTP2M_RWX;

    if ( access & XEN_ALTP2M_RULE_READ )
        left &= ~XENALTP2M_RW;
    if ( access & XEN_ALTP2M_RULE_WRITE )
        left &= ~XENALTP2M_W;
    if ( access & XEN_ALTP2M_RULE_FETCH )
        left &= ~XENALTP2M_X;

    return left;
}

int xenaltp2m_watch(xenaltp2m_handle *h, uint32_t domid, uint64_t gfn,
                    unsigned int access, const struct xenaltp2m_filter *filter,
                    uint16_t *view)
{
    static const struct xenaltp2m_filter all;
    const unsigned int every = XEN_ALTP2M_RULE_READ | XEN_ALTP2M_RULE_WRITE |
                               XEN_ALTP2M_RULE_FETCH;
    const struct xenaltp2m_filter *f = filter ?: &all;
    struct xen_altp2m_rule rule[2] = { {
        .gfn = gfn, .count = 1, .cr3 = f->cr3 & f->cr3_mask,
        .cr3_mask = f->cr3_mask, .rip = f->rip,
        .rip_last = f->rip_last ?: XEN_ALTP2M_NONE, .offset = f->offset,
        .offset_last = f->offset_last ?: 4095, .access = access,
        .cpl = f->cpl ?: 0xf, .action = XEN_ALTP2M_RULE_ONCE,
        .flags = XEN_ALTP2M_RULE_LOG, .cookie = f->cookie,
    }, {
        /* Whatever else the page's rights stop goes through unseen. */
        .gfn = gfn, .count = 1, .rip_last = XEN_ALTP2M_NONE,
        .offset_last = 4095, .access = every, .cpl = 0xf,
        .action = XEN_ALTP2M_RULE_ONCE,
    } };
    int saved;

    if ( !access || (access & ~every) )
    {
        errno = EINVAL;
        return -1;
    }

    if ( xenaltp2m_create(h, domid, XENALTP2M_HOST, view) )
        return -1;
    if ( !xenaltp2m_set_rules(h, domid, *view, rule, 2, NULL) &&
         !xenaltp2m_set_access(h, domid, *view, gfn, rest(access)) )
        return 0;

    saved = errno;
    xenaltp2m_destroy(h, domid, *view);
    errno = saved;

    return -1;
}
