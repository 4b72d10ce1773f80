/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: pages of a view's own. */
#include "private.h"

/* What was there before and the access are in the list, if all are done. */
static int on_records(xenaltp2m_handle *h, altp2m_op_t *op, uint16_t view,
                      struct xen_altp2m_patch *list, unsigned int nr,
                      unsigned int *failed)
{
    struct xen_altp2m_patches *patches = PARAMETERS(op, patches);
    void *buffer = altp2m__alloc(h, nr * sizeof(*list));
    int rc;

    if ( !buffer )
        return -1;

    memcpy(buffer, list, nr * sizeof(*list));
    patches->view = view;
    patches->nr = nr;
    patches->buffer = (uintptr_t)buffer;
    patches->failed = nr;

    rc = altp2m__do(h, op);
    if ( rc && failed )
        *failed = patches->failed;
    if ( !rc )
        memcpy(list, buffer, nr * sizeof(*list));
    altp2m__free(h, buffer);

    return rc;
}

int xenaltp2m_patch(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    struct xen_altp2m_patch *list, unsigned int nr,
                    unsigned int *failed)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_patch, domid);

    return on_records(h, &op, view, list, nr, failed);
}

int xenaltp2m_unpatch(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      struct xen_altp2m_patch *list, unsigned int nr,
                      unsigned int *failed)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_unpatch, domid);

    return on_records(h, &op, view, list, nr, failed);
}

int xenaltp2m_refresh(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      uint64_t gfn, uint64_t count, uint64_t *changed)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_refresh, domid);
    struct xen_altp2m_refresh *r = PARAMETERS(&op, refresh);
    int rc;

    *r = (struct xen_altp2m_refresh){ .view = view, .gfn = gfn,
                                      .count = count };
    rc = altp2m__do(h, &op);
    if ( changed )
        *changed = r->changed;

    return rc;
}

int xenaltp2m_read_page(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        uint64_t gfn, unsigned int offset, unsigned int len,
                        unsigned int flags, void *to)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_read_page, domid);
    void *buffer;
    int rc;

    if ( offset > UINT16_MAX || len > UINT16_MAX || flags > UINT16_MAX )
    {
        errno = EINVAL;
        return -1;
    }

    buffer = altp2m__alloc(h, len);
    if ( !buffer )
        return -1;

    *PARAMETERS(&op, read_page) = (struct xen_altp2m_read_page){
        .view = view, .flags = flags, .offset = offset, .len = len,
        .gfn = gfn, .buffer = (uintptr_t)buffer,
    };
    rc = altp2m__do(h, &op);
    if ( !rc )
        memcpy(to, buffer, len);
    altp2m__free(h, buffer);

    return rc;
}
