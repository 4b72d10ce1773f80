/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the operations of public/hvm/altp2m.h, by number.
 */

#include "private.h"

/* May it have view 0 say something of its own? */
static bool changes_host_view(const struct xen_hvm_altp2m_op *op)
{
    const void *u = &op->u;

    switch ( op->cmd )
    {
    case HVMOP_altp2m_apply:
        return !((const struct xen_altp2m_apply *)u)->view;

    case HVMOP_altp2m_set_range:
        return !((const struct xen_altp2m_set_range *)u)->view;

    case HVMOP_altp2m_set_default:
        return !((const struct xen_altp2m_default *)u)->view;

    case HVMOP_altp2m_isolate:
        return true;
    }

    return false;
}

/* Returns what the hypercall does: see there.  The caller has been checked. */
int altp2m_extended(struct domain *d, struct xen_hvm_altp2m_op *op)
{
    int rc = changes_host_view(op)
             ? altp2m_section(d, SECTION_PAUSED, altp2m_own_host_view, NULL) : 0;

    if ( rc )
        return rc;

    switch ( op->cmd )
    {
    case HVMOP_altp2m_capabilities:
        return altp2m_op_capabilities(d, op);

    case HVMOP_altp2m_domain_info:
        return altp2m_op_domain_info(d, op);

    case HVMOP_altp2m_list_vcpus:
    case HVMOP_altp2m_list_views:
    case HVMOP_altp2m_read_overrides:
    case HVMOP_altp2m_read_map:
    case HVMOP_altp2m_list_tables:
    case HVMOP_altp2m_read_lost:
    case HVMOP_altp2m_audit:
        return altp2m_op_read(d, op);

    case HVMOP_altp2m_apply:
        return altp2m_op_apply(d, op);

    case HVMOP_altp2m_set_range:
        return altp2m_op_set_range(d, op);

    case HVMOP_altp2m_isolate:
        return altp2m_op_isolate(d, op);

    case HVMOP_altp2m_get_default:
    case HVMOP_altp2m_set_default:
        return altp2m_op_default(d, op);

    case HVMOP_altp2m_clone:
        return altp2m_op_clone(d, op);

    case HVMOP_altp2m_switch_vcpu:
        return altp2m_op_switch_vcpu(d, op);

    case HVMOP_altp2m_set_vmfunc:
        return altp2m_op_set_vmfunc(d, op);

    case HVMOP_altp2m_set_vcpu_visibility:
        return altp2m_op_set_vcpu_visibility(d, op);

    case HVMOP_altp2m_notify_lost:
        return altp2m_op_notify_lost(d, op);

    case HVMOP_altp2m_walk:
        return altp2m_op_walk(d, op);
    }

    return -EOPNOTSUPP;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
