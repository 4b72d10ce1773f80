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

struct notify {
    struct vcpu *v;
    struct page_info *pg;
    int error;                    /* why @pg is NULL */
};

static int cf_check notify_on(struct domain *d, void *arg)
{
    const struct notify *n = arg;
    int rc = vcpu_altp2m(n->v).veinfo_pg ? -EEXIST : n->error;

    /* Holes in the host's root do not suppress #VE. */
    if ( !rc && cpu_has_vmx_virt_exceptions )
        rc = altp2m_own_host_view(d, NULL);
    if ( !rc && cpu_has_vmx_vmfunc )
        rc = altp2m_make_eptp_list(d);
    if ( rc )
        return rc;

    vcpu_altp2m(n->v).veinfo_pg = n->pg;
    altp2m_vcpu_sync(n->v);

    return 0;
}

/*
 * Turns #VE on for a vCPU, with its information page, and lets it use VMFUNC.
 * A reference to the page is held until #VE is off.
 *
 * Returns 0; -EEXIST if #VE is on; -EINVAL if there is no such vCPU, or the
 * page is not plain, writable RAM; -ENOMEM; -ERESTART: call again to continue;
 * the errors of check_get_page_from_gfn() and altp2m_section().  No lock held.
 */
int altp2m_op_notify_on(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_vcpu_enable_notify *e = altp2m_args(arg);
    struct notify n = { .v = domain_vcpu(d, e->vcpu_id) };
    p2m_type_t t;
    int rc;

    if ( !n.v || e->pad )
        return -EINVAL;

    n.error = check_get_page_from_gfn(d, _gfn(e->gfn), false, &t, &n.pg);
    if ( n.error )
        n.pg = NULL;
    else if ( !p2m_is_pageable(t) || is_special_page(n.pg) )
        n.error = -EINVAL;

    rc = altp2m_section(d, SECTION_PAUSED, notify_on, &n);
    if ( rc && n.pg )
        put_page(n.pg);

    return rc;
}

/* Turns #VE off for a vCPU, if it is on. */
int altp2m_op_notify_off(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_vcpu_disable_notify *n = altp2m_args(arg);
    struct vcpu *v = domain_vcpu(d, n->vcpu_id);
    struct page_info *pg;

    if ( !v )
        return -EINVAL;

    pg = vcpu_altp2m(v).veinfo_pg;
    if ( !pg )
        return 0;

    /* The CPU must not use the page after its reference is dropped. */
    vcpu_altp2m(v).veinfo_pg = NULL;
    altp2m_vcpu_sync(v);
    put_page(pg);

    return 0;
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

    return rc ?: s->on ? -EINVAL :
           altp2m_switch_vcpu(v, _view_idx(s->view),
                              current->domain == d ? ASKED_BY_GUEST
                                                   : ASKED_BY_TOOLS);
}
