/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: what single vCPUs may do.  VMFUNC is allowed vCPU by vCPU, and
 * visible views can be hidden from one.
 *
 * CPUs with VMFUNC read the views that they may switch to from a list of EPTPs.
 * A vCPU from which nothing is hidden uses the domain's; any other has its own.
 */

#include <xen/bitops.h>
#include <xen/domain_page.h>
#include <xen/nospec.h>

#include <asm/hvm/hvm.h>
#include <asm/hvm/vmx/vmcs.h>

#include "private.h"

static struct altp2m_vcpu *rights_of(const struct vcpu *v)
{
    return &v->domain->arch.altp2m->vcpu[v->vcpu_id];
}

/* May the guest switch @v to a view?  Lock held. */
bool altp2m_visible(const struct vcpu *v, const struct altp2m_view *view)
{
    return view->visible && !test_bit(view->idx, rights_of(v)->hidden);
}

/* May @v use VMFUNC?  On it, or with it paused. */
bool altp2m_may_vmfunc(const struct vcpu *v)
{
    return vcpu_altp2m(v).veinfo_pg ||
           (v->domain->arch.altp2m && rights_of(v)->vmfunc);
}

/* What VMFUNC on @v may switch to, as the CPU reads it. */
paddr_t altp2m_eptp_list(const struct vcpu *v)
{
    const struct page_info *pg = rights_of(v)->list;

    return pg ? page_to_maddr(pg)
              : virt_to_maddr(v->domain->arch.altp2m->eptp_list);
}

/* A view's EPTP has changed for all vCPUs that it isn't hidden from. */
void altp2m_publish_vcpus(struct domain *d, unsigned int idx, uint64_t root)
{
    struct vcpu *v;

    for_each_vcpu ( d, v )
    {
        const struct altp2m_vcpu *r = rights_of(v);
        uint64_t *list;

        if ( likely(!r->list) )
            continue;

        list = __map_domain_page(r->list);
        write_atomic(&list[idx], test_bit(idx, r->hidden) ? ~0UL : root);
        unmap_domain_page(list);
    }
}

/* A view goes: the next with its index is hidden from none. */
void altp2m_unhide(struct domain *d, unsigned int idx)
{
    struct vcpu *v;

    for_each_vcpu ( d, v )
        __clear_bit(idx, rights_of(v)->hidden);
}

static void update_cpu(struct vcpu *v)
{
    alternative_vcall(hvm_funcs.altp2m_vcpu_update_vmfunc_ve, v);
}

/* @v is paused, or current. */
static void list_free(struct vcpu *v)
{
    struct altp2m_vcpu *r = rights_of(v);
    struct page_info *pg = r->list;

    if ( !pg )
        return;

    /* The CPU forgets the list before its page goes. */
    r->list = NULL;
    if ( altp2m_may_vmfunc(v) )
        update_cpu(v);
    altp2m_free_table(v->domain, page_to_mfn(pg));
}

static int list_alloc(struct vcpu *v)
{
    struct altp2m_domain *a = v->domain->arch.altp2m;
    struct altp2m_vcpu *r = rights_of(v);
    uint64_t *list;
    mfn_t mfn;

    /* Where VMFUNC is emulated, nobody would read it. */
    if ( r->list || !cpu_has_vmx_vmfunc )
        return 0;

    if ( altp2m_make_eptp_list(v->domain) )
        return -ENOMEM;

    mfn = altp2m_alloc_table(v->domain);
    if ( mfn_eq(mfn, INVALID_MFN) )
        return -ENOMEM;

    list = map_domain_page(mfn);
    memcpy(list, a->eptp_list, PAGE_SIZE);
    unmap_domain_page(list);

    r->list = mfn_to_page(mfn);
    if ( altp2m_may_vmfunc(v) )
        update_cpu(v);

    return 0;
}

/* Views are turned off: no vCPU runs. Lock held. */
void altp2m_vcpus_off(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu ( d, v )
    {
        struct altp2m_vcpu *r = rights_of(v);

        if ( r->vmfunc )
        {
            r->vmfunc = false;
            update_cpu(v);
        }
        list_free(v);
        bitmap_zero(r->hidden, ALTP2M_MAX_VIEWS);
    }
}

static int set_visible(struct vcpu *v, struct altp2m_view *view,
                       bool visible)
{
    struct altp2m_vcpu *r = rights_of(v);

    if ( !visible )
    {
        int rc = list_alloc(v);

        if ( rc )
            return rc;
        __set_bit(view->idx, r->hidden);
    }
    else
    {
        __clear_bit(view->idx, r->hidden);
        if ( bitmap_empty(r->hidden, ALTP2M_MAX_VIEWS) )
            list_free(v);
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

int altp2m_op_set_vcpu_visibility(struct domain *d,
                                  struct xen_hvm_altp2m_op *op)
{
    const struct xen_altp2m_set_vcpu *s = (const void *)&op->u;
    struct altp2m_view *view;
    int rc;
    struct vcpu *v = named(d, s, &rc);

    if ( !v )
        return rc;

    rc = domain_pause_except_self(d);
    if ( rc )
        return rc;

    altp2m_lock(d);
    view = altp2m_view(d, s->view);
    rc = view ? set_visible(v, view, s->on) : -ENOENT;
    altp2m_unlock(d);

    domain_unpause_except_self(d);

    return rc;
}

int altp2m_op_set_vmfunc(struct domain *d, struct xen_hvm_altp2m_op *op)
{
    const struct xen_altp2m_set_vcpu *s = (const void *)&op->u;
    int rc;
    struct vcpu *v = named(d, s, &rc);

    if ( !v )
        return rc;

    if ( s->view )
        return -EINVAL;

    rc = domain_pause_except_self(d);
    if ( rc )
        return rc;

    altp2m_lock(d);
    if ( !altp2m_active(d) )
        rc = -EOPNOTSUPP;
    else if ( rights_of(v)->vmfunc != s->on )
    {
        if ( cpu_has_vmx_vmfunc )
            rc = altp2m_make_eptp_list(d);
        if ( !rc )
        {
            rights_of(v)->vmfunc = s->on;
            update_cpu(v);
        }
    }
    altp2m_unlock(d);

    domain_unpause_except_self(d);

    return rc;
}

/* Only the one is stopped, unless the domain does it itself: no two at once. */
static int pause_one(struct vcpu *v)
{
    if ( v->domain == current->domain )
        return domain_pause_except_self(v->domain);

    vcpu_pause(v);

    return 0;
}

static void unpause_one(struct vcpu *v)
{
    if ( v->domain == current->domain )
        domain_unpause_except_self(v->domain);
    else
        vcpu_unpause(v);
}

int altp2m_op_switch_vcpu(struct domain *d, struct xen_hvm_altp2m_op *op)
{
    const struct xen_altp2m_set_vcpu *s = (const void *)&op->u;
    bool guest = current->domain == d;
    int rc;
    struct vcpu *v = named(d, s, &rc);

    if ( !v )
        return rc;

    if ( s->on )
        return -EINVAL;

    rc = pause_one(v);
    if ( rc )
        return rc;

    if ( !altp2m_switch_vcpu(v, s->view, guest) )
    {
        altp2m_lock(d);
        rc = altp2m_view(d, s->view) ? -EPERM : -ENOENT;
        altp2m_unlock(d);
    }

    unpause_one(v);

    return rc;
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
