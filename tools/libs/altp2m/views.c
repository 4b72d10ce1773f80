/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: capabilities, and the life of views. */
#include "private.h"

int xenaltp2m_capabilities(xenaltp2m_handle *h, uint32_t domid,
                           struct xen_altp2m_capabilities *capabilities)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_capabilities, domid);
    int rc = altp2m__do(h, &op);

    if ( !rc )
        *capabilities = *PARAMETERS(&op, capabilities);

    return rc;
}

int xenaltp2m_domain_info(xenaltp2m_handle *h, uint32_t domid,
                          struct xen_altp2m_domain_info *info)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_domain_info, domid);
    int rc = altp2m__do(h, &op);

    if ( !rc )
        *info = *PARAMETERS(&op, domain_info);

    return rc;
}

int xenaltp2m_get_state(xenaltp2m_handle *h, uint32_t domid, bool *on)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_get_domain_state, domid);
    int rc = altp2m__do(h, &op);

    if ( !rc )
        *on = op.u.domain_state.state;

    return rc;
}

int xenaltp2m_set_state(xenaltp2m_handle *h, uint32_t domid, bool on)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_set_domain_state, domid);

    op.u.domain_state.state = on;

    return altp2m__do(h, &op);
}

/* Fields are narrower than what callers may pass. */
static int too_large(unsigned int value, unsigned int limit)
{
    if ( value <= limit )
        return 0;

    errno = EINVAL;

    return -1;
}

/* Whether the first call sets the default depends on the version of Xen. */
int xenaltp2m_create(xenaltp2m_handle *h, uint32_t domid, unsigned int access,
                     uint16_t *view)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_create_p2m, domid);
    int rc, error;

    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    rc = altp2m__do(h, &op);
    if ( rc )
        return rc;

    rc = xenaltp2m_set_default(h, domid, op.u.view.view, access);
    if ( rc )
    {
        error = errno;
        xenaltp2m_destroy(h, domid, op.u.view.view);
        errno = error;
        return rc;
    }

    *view = op.u.view.view;

    return 0;
}

int xenaltp2m_destroy(xenaltp2m_handle *h, uint32_t domid, uint16_t view)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_destroy_p2m, domid);

    op.u.view.view = view;

    return altp2m__do(h, &op);
}

int xenaltp2m_switch(xenaltp2m_handle *h, uint32_t domid, uint16_t view)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_switch_p2m, domid);

    op.u.view.view = view;

    return altp2m__do(h, &op);
}

int xenaltp2m_set_visibility(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                             bool visible)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_set_visibility, domid);

    op.u.set_visibility.altp2m_idx = view;
    op.u.set_visibility.visible = visible;

    return altp2m__do(h, &op);
}

int xenaltp2m_get_access(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         uint64_t gfn, unsigned int *access)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_get_mem_access, domid);
    int rc;

    op.u.mem_access.view = view;
    op.u.mem_access.gfn = gfn;
    rc = altp2m__do(h, &op);
    if ( !rc )
        *access = op.u.mem_access.access;

    return rc;
}

int xenaltp2m_enable_notify(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                            uint64_t gfn)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_vcpu_enable_notify, domid);

    op.u.enable_notify.vcpu_id = vcpu;
    op.u.enable_notify.gfn = gfn;

    return altp2m__do(h, &op);
}

int xenaltp2m_disable_notify(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_vcpu_disable_notify, domid);

    op.u.disable_notify.vcpu_id = vcpu;

    return altp2m__do(h, &op);
}

int xenaltp2m_clone(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    uint16_t *clone)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_clone, domid);
    int rc;

    PARAMETERS(&op, clone)->view = view;
    rc = altp2m__do(h, &op);
    if ( !rc )
        *clone = PARAMETERS(&op, clone)->clone;

    return rc;
}

int xenaltp2m_get_default(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                          unsigned int *access)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_get_default, domid);
    int rc;

    PARAMETERS(&op, default)->view = view;
    rc = altp2m__do(h, &op);
    if ( !rc )
        *access = PARAMETERS(&op, default)->access;

    return rc;
}

int xenaltp2m_set_default(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                          unsigned int access)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_set_default, domid);
    int rc = too_large(access, UINT8_MAX);

    if ( rc )
        return rc;

    PARAMETERS(&op, default)->view = view;
    PARAMETERS(&op, default)->access = access;

    return altp2m__do(h, &op);
}

static int set_vcpu(xenaltp2m_handle *h, uint32_t cmd, uint32_t domid,
                    uint32_t vcpu, uint16_t view, bool on)
{
    altp2m_op_t op = altp2m__op(cmd, domid);

    *PARAMETERS(&op, set_vcpu) = (struct xen_altp2m_set_vcpu){
        .vcpu = vcpu, .view = view, .on = on,
    };

    return altp2m__do(h, &op);
}

int xenaltp2m_switch_vcpu(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                          uint16_t view)
{
    return set_vcpu(h, HVMOP_altp2m_switch_vcpu, domid, vcpu, view, false);
}

int xenaltp2m_set_vmfunc(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                         bool on)
{
    return set_vcpu(h, HVMOP_altp2m_set_vmfunc, domid, vcpu, 0, on);
}

int xenaltp2m_set_vcpu_visibility(xenaltp2m_handle *h, uint32_t domid,
                                  uint32_t vcpu, uint16_t view, bool visible)
{
    return set_vcpu(h, HVMOP_altp2m_set_vcpu_visibility, domid, vcpu, view,
                    visible);
}

int xenaltp2m_notify_lost(xenaltp2m_handle *h, uint32_t domid, bool on,
                          uint32_t *port)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_notify_lost, domid);
    int rc;

    PARAMETERS(&op, notify_lost)->on = on;
    rc = altp2m__do(h, &op);
    if ( !rc && on )
        *port = PARAMETERS(&op, notify_lost)->port;

    return rc;
}
