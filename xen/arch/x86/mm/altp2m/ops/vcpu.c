/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: operations on one vCPU. */

#include "ops.h"

/* Are the arguments right?  Returns 0 and the vCPU, -EINVAL or -ENOENT. */
static int named(const struct domain *d, const struct xen_altp2m_set_vcpu *s,
                 struct vcpu **v)
{
    *v = domain_vcpu(d, s->vcpu);

    return s->pad || s->on > 1 ? -EINVAL : *v ? 0 : -ENOENT;
}

int altp2m_op_set_vcpu_visibility(struct domain *d, void *arg)
{
    const struct xen_altp2m_set_vcpu *s = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, s->view);
    struct vcpu *v;
    int rc = named(d, s, &v);

    if ( rc )
        return rc;

    if ( !view )
        return -ENOENT;

    if ( !s->on )
    {
        rc = altp2m_eptp_list_alloc(v);
        if ( rc )
            return rc;
        __set_bit(view->idx, altp2m_vcpu_of(v)->hidden);
    }
    else
    {
        __clear_bit(view->idx, altp2m_vcpu_of(v)->hidden);
        if ( bitmap_empty(altp2m_vcpu_of(v)->hidden, ALTP2M_MAX_VIEWS) )
            altp2m_eptp_list_free(v);
    }

    altp2m_publish(d, view);

    return 0;
}

int altp2m_op_set_vmfunc(struct domain *d, void *arg)
{
    const struct xen_altp2m_set_vcpu *s = altp2m_args(arg);
    struct vcpu *v;
    int rc = named(d, s, &v);

    if ( !rc && s->view )
        rc = -EINVAL;
    if ( rc || altp2m_vcpu_of(v)->vmfunc == s->on )
        return rc;

    if ( cpu_has_vmx_vmfunc )
        rc = altp2m_make_eptp_list(d);
    if ( rc )
        return rc;

    altp2m_vcpu_of(v)->vmfunc = s->on;
    altp2m_vcpu_sync(v);

    return 0;
}

int altp2m_op_switch_vcpu(struct domain *d, void *arg)
{
    const struct xen_altp2m_set_vcpu *s = altp2m_args(arg);
    struct vcpu *v;
    int rc = named(d, s, &v);

    if ( !rc && s->on )
        rc = -EINVAL;
    if ( rc )
        return rc;

    return altp2m_switch_vcpu(v, _view_idx(s->view),
                              current->domain == d ? ASKED_BY_GUEST
                                                   : ASKED_BY_MONITOR);
}
