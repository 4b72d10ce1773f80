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
    int rc;

    if ( !h )
        return 0;

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

int altp2m__do(xenaltp2m_handle *h, altp2m_op_t *op)
{
    altp2m_op_t *buffer = altp2m__alloc(h, sizeof(*buffer));
    int rc, saved;

    if ( !buffer )
        return -1;

    *buffer = *op;
    rc = xencall2(h->xcall, __HYPERVISOR_hvm_op, HVMOP_altp2m,
                  (unsigned long)buffer);
    saved = errno;
    *op = *buffer;
    altp2m__free(h, buffer);
    errno = saved;

    return rc < 0 ? -1 : 0;
}

void *altp2m__alloc(xenaltp2m_handle *h, size_t size)
{
    void *buffer = xencall_alloc_buffer(h->xcall, size ? size : 1);

    /* ENOMEM means the domain's paging pool. */
    if ( !buffer )
        errno = ENOBUFS;

    return buffer;
}

void altp2m__free(xenaltp2m_handle *h, void *buffer)
{
    int saved = errno;

    xencall_free_buffer(h->xcall, buffer);
    errno = saved;
}
