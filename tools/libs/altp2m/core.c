/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: handles, and making a hypercall. */
#include "private.h"

xenaltp2m_handle *xenaltp2m_open(struct xentoollog_logger *logger,
                                 unsigned int flags)
{
    xenaltp2m_handle *h;

    if ( flags )
    {
        errno = EINVAL;
        return NULL;
    }

    h = calloc(1, sizeof(*h));
    if ( !h )
        return NULL;

    h->xcall = xencall_open(logger, 0);
    if ( !h->xcall )
    {
        int saved = errno;

        free(h);
        errno = saved;
        return NULL;
    }

    return h;
}

int xenaltp2m_close(xenaltp2m_handle *h)
{
    unsigned int i;
    int rc;

    if ( !h )
        return 0;

    for ( i = 0; i < ALTP2M__KINDS; i++ )
        if ( h->spare[i] )
            xencall_free_buffer(h->xcall, h->spare[i]);
    rc = xencall_close(h->xcall);
    free(h);

    return rc;
}

altp2m_op_t altp2m__op(uint32_t cmd, uint32_t domid)
{
    altp2m_op_t op;

    memset(&op, 0, sizeof(op));
    op.version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op.cmd = cmd;
    op.domain = domid;
    /* What doesn't fit must not name another domain. */
    if ( op.domain != domid )
        op.domain = DOMID_INVALID;

    return op;
}

/* A buffer begins with this. */
struct altp2m__buffer {
    size_t size;                 /* without it */
    size_t pad;
};

/*
 * Takes a buffer of a handle's kind: the spare one, if it is large enough.
 * libxencall takes and clears pages each time: some 10,000 instructions.
 */
static void *take(xenaltp2m_handle *h, enum altp2m__kind kind, size_t size)
{
    struct altp2m__buffer *b = __atomic_exchange_n(&h->spare[kind], NULL,
                                                   __ATOMIC_ACQUIRE);

    if ( b && b->size < size )
    {
        xencall_free_buffer(h->xcall, b);
        b = NULL;
    }
    if ( !b )
    {
        b = xencall_alloc_buffer(h->xcall, sizeof(*b) + size);
        if ( b )
            b->size = size;
    }

    /* ENOMEM means the domain's paging pool. */
    if ( !b )
        errno = ENOBUFS;

    return b ? b + 1 : NULL;
}

#define KEPT 65536               /* bytes: larger ones are not spared */

static void give_back(xenaltp2m_handle *h, enum altp2m__kind kind, void *buffer)
{
    struct altp2m__buffer *b = (struct altp2m__buffer *)buffer - 1;
    int saved = errno;

    if ( b->size <= KEPT )
        b = __atomic_exchange_n(&h->spare[kind], b, __ATOMIC_ACQ_REL);
    if ( b )
        xencall_free_buffer(h->xcall, b);
    errno = saved;
}

void *altp2m__alloc(xenaltp2m_handle *h, size_t size)
{
    return take(h, ALTP2M__DATA, size);
}

void altp2m__free(xenaltp2m_handle *h, void *buffer)
{
    give_back(h, ALTP2M__DATA, buffer);
}

int altp2m__do(xenaltp2m_handle *h, altp2m_op_t *op)
{
    altp2m_op_t *buffer = take(h, ALTP2M__OP, sizeof(*buffer));
    int rc, saved;

    if ( !buffer )
        return -1;

    *buffer = *op;
    rc = xencall2(h->xcall, __HYPERVISOR_hvm_op, HVMOP_altp2m,
                  (unsigned long)buffer);
    saved = errno;
    *op = *buffer;
    give_back(h, ALTP2M__OP, buffer);
    errno = saved;

    return rc < 0 ? -1 : 0;
}
