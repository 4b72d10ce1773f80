/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: views by CR3. */
#include "private.h"

int xenaltp2m_set_cr3_views(xenaltp2m_handle *h, uint32_t domid,
                            const struct xen_altp2m_cr3_view *list,
                            unsigned int nr, uint16_t other,
                            unsigned int *failed)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_set_cr3_views, domid);
    struct xen_altp2m_cr3_views *set = PARAMETERS(&op, cr3_views);
    void *buffer = altp2m__alloc(h, nr * sizeof(*list));
    int rc;

    if ( !buffer )
        return -1;

    if ( nr )
        memcpy(buffer, list, nr * sizeof(*list));
    set->other = other;
    set->nr = nr;
    set->buffer = (uintptr_t)buffer;
    set->failed = nr;

    rc = altp2m__do(h, &op);
    if ( rc && failed )
        *failed = set->failed;
    altp2m__free(h, buffer);

    return rc;
}

int xenaltp2m_get_cr3_views(xenaltp2m_handle *h, uint32_t domid,
                            struct xen_altp2m_cr3_view *list,
                            unsigned int room, uint16_t *other)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_get_cr3_views, domid);
    struct xen_altp2m_cr3_views *get = PARAMETERS(&op, cr3_views);
    void *buffer = altp2m__alloc(h, room * sizeof(*list));
    int rc;

    if ( !buffer )
        return -1;

    get->nr = room;
    get->buffer = (uintptr_t)buffer;
    rc = altp2m__do(h, &op);
    if ( !rc )
    {
        rc = get->nr;
        if ( room )
            memcpy(list, buffer,
                   (get->nr < room ? get->nr : room) * sizeof(*list));
        if ( other )
            *other = get->other;
    }
    altp2m__free(h, buffer);

    return rc;
}
