/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: operations on one vCPU: its view, VMFUNC, and the views it may enter.
 */

#include "ops.h"

static int set_visible(struct vcpu *v, struct altp2m_view *view,
                       bool visible)
{
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);

    if ( !visible )
    {
        int rc = altp2m_list_alloc(v);

        if ( rc )
            return rc;
        __set_bit(view->idx, r->hidden);
    }
    else
    {
        __clear_bit(view->idx, r->hidden);
        if ( bitmap_empty(r->hidden, ALTP2M_MAX_VIEWS) )
            altp2m_list_free(v);
    }

    altp2m_publish(v->domain, view);

    return 0;
}

/* The vCPU that @op names, or NULL if its fields can't be; *@rc says why. */
static struct vcpu *named(const struct domain *d,
                          const struct xen_altp2m_set_vcpu *s, int *rc)
{
    struct vcpu *v = domain_vcpu(d, s->vcpu);

    *rc = s->pad || s->on > 1 ? -EINVAL : v ? 0 : -ENOENT;

    return *rc ? NULL : v;
}

struct setting {
    struct vcpu *v;
    const struct xen_altp2m_set_vcpu *to;
};

static int set_visibility(struct domain *d, void *arg)
{
    const struct setting *s = arg;
    struct altp2m_view *view = altp2m_view(d, s->to->view);

    return view ? set_visible(s->v, view, s->to->on) : -ENOENT;
}

int altp2m_op_set_vcpu_visibility(struct domain *d, void *arg)
{
    struct setting s = { .to = altp2m_args(arg) };
    int rc;

    s.v = named(d, s.to, &rc);

    return s.v ? altp2m_section(d, SECTION_PAUSED, set_visibility, &s) : rc;
}

static int set_vmfunc(struct domain *d, void *arg)
{
    const struct setting *s = arg;
    int rc = 0;

    if ( altp2m_vcpu_of(s->v)->vmfunc == s->to->on )
        return 0;

    if ( cpu_has_vmx_vmfunc )
        rc = altp2m_make_eptp_list(d);
    if ( rc )
        return rc;

    altp2m_vcpu_of(s->v)->vmfunc = s->to->on;
    altp2m_vcpu_sync(s->v);

    return 0;
}

int altp2m_op_set_vmfunc(struct domain *d, void *arg)
{
    struct setting s = { .to = altp2m_args(arg) };
    int rc;

    s.v = named(d, s.to, &rc);
    if ( !s.v )
        return rc;

    return s.to->view ? -EINVAL
                      : altp2m_section(d, SECTION_PAUSED, set_vmfunc, &s);
}

int altp2m_op_switch_vcpu(struct domain *d, void *arg)
{
    const struct xen_altp2m_set_vcpu *s = altp2m_args(arg);
    int rc;
    struct vcpu *v = named(d, s, &rc);

    if ( !v )
        return rc;

    return s->on ? -EINVAL
                 : altp2m_enter(v, s->view, current->domain == d);
}
