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

/* May @v use VMFUNC?  On it, or with the lock held. */
bool altp2m_may_vmfunc(const struct vcpu *v)
{
    return vcpu_altp2m(v).veinfo_pg ||
           (v->domain->arch.altp2m && rights_of(v)->vmfunc);
}

/*
 * Must #UD of @v exit?  Xen emulates VMFUNC where the CPU has none, the other
 * vendor's instructions if the domain's CPUID policy claims that vendor, and
 * whatever follows the forced emulation prefix.  On @v, or with it paused.  The
 * lock need not be held: it keeps views from being turned off meanwhile.
 */
bool altp2m_ud_exits(const struct vcpu *v)
{
    struct domain *d = v->domain;
    bool vmfunc;

    p2m_lock(p2m_get_hostp2m(d));
    vmfunc = !cpu_has_vmx_vmfunc && altp2m_may_vmfunc(v);
    p2m_unlock(p2m_get_hostp2m(d));

    return vmfunc || opt_hvm_fep ||
           d->arch.cpu_policy->x86_vendor != boot_cpu_data.x86_vendor;
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

/*
 * Have @v's CPU know all that it is given for it, before it runs @v again: the
 * root it walks, the index of the view and the list that VMFUNC reads, the #VE
 * page, and what it exits for.  All is computed anew.  Lock held, @v is current or
 * at rest.
 */
void altp2m_vcpu_sync(struct vcpu *v)
{
    ASSERT(altp2m_locked(v->domain));

    alternative_vcall(hvm_funcs.altp2m_vcpu_update_p2m, v);
}

/* @v's registers were loaded: its view is what it was.  @v is at rest. */
void altp2m_vcpu_restored(struct vcpu *v)
{
    altp2m_lock(v->domain);
    altp2m_vcpu_sync(v);
    altp2m_unlock(v->domain);
}

/* @v is paused, or current.  Lock held. */
static void list_free(struct vcpu *v)
{
    struct altp2m_vcpu *r = rights_of(v);
    struct page_info *pg = r->list;

    if ( !pg )
        return;

    /* The CPU forgets the list before its page goes. */
    r->list = NULL;
    altp2m_vcpu_sync(v);
    altp2m_free_table(v->domain, page_to_mfn(pg));
}

static int list_alloc(struct vcpu *v)
{
    struct altp2m_domain *a = v->domain->arch.altp2m;
    struct altp2m_vcpu *r = rights_of(v);
    uint64_t *list;
    mfn_t mfn;
    int rc;

    /* Where VMFUNC is emulated, nobody would read it. */
    if ( r->list || !cpu_has_vmx_vmfunc )
        return 0;

    rc = altp2m_make_eptp_list(v->domain);
    if ( rc )
        return rc;

    mfn = altp2m_alloc_table(v->domain);
    if ( mfn_eq(mfn, INVALID_MFN) )
        return -ENOMEM;

    list = map_domain_page(mfn);
    memcpy(list, a->eptp_list, PAGE_SIZE);
    unmap_domain_page(list);

    r->list = mfn_to_page(mfn);
    altp2m_vcpu_sync(v);

    return 0;
}

/* Views are turned off: take from a vCPU at rest what it has.  Lock held. */
void altp2m_vcpu_off(struct vcpu *v)
{
    struct altp2m_vcpu *r = rights_of(v);
    struct page_info *ve = vcpu_altp2m(v).veinfo_pg, *list = r->list;

    vcpu_altp2m(v).p2midx = 0;
    vcpu_altp2m(v).veinfo_pg = NULL;
    r->vmfunc = false;
    r->list = NULL;
    bitmap_zero(r->hidden, ALTP2M_MAX_VIEWS);

    /* The CPU forgets the pages before they go. */
    altp2m_vcpu_sync(v);
    if ( list )
        altp2m_free_table(v->domain, page_to_mfn(list));
    if ( ve )
        put_page(ve);
}

struct notify {
    struct vcpu *v;
    struct page_info *pg;
    int error;                    /* why there is no page */
};

static int notify_on(struct domain *d, void *arg)
{
    const struct notify *n = arg;
    int rc = vcpu_altp2m(n->v).veinfo_pg ? -EEXIST : n->error;

    /* Holes in the host's root don't suppress #VE. */
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
 * Have violations told to vCPU @v by #VE, with the information page at @gfn,
 * and let it use VMFUNC.  The page is held until altp2m_notify_off().
 *
 * Returns 0; -EEXIST if that is so already; -EINVAL for a page that isn't
 * plain, writable RAM; -ENOMEM; -ERESTART when called again goes on; what
 * check_get_page_from_gfn() and altp2m_section() say.  No lock held.
 */
int altp2m_notify_on(struct vcpu *v, gfn_t gfn)
{
    struct notify n = { .v = v };
    p2m_type_t t;
    int rc;

    n.error = check_get_page_from_gfn(v->domain, gfn, false, &t, &n.pg);
    if ( n.error )
        n.pg = NULL;
    else if ( !p2m_is_pageable(t) || is_special_page(n.pg) )
        n.error = -EINVAL;

    rc = altp2m_section(v->domain, SECTION_PAUSED, notify_on, &n);
    if ( rc && n.pg )
        put_page(n.pg);

    return rc;
}

static int notify_off(struct domain *d, void *arg)
{
    struct vcpu *v = arg;
    struct page_info *pg = vcpu_altp2m(v).veinfo_pg;

    if ( !pg )
        return 0;

    /* The CPU forgets the page before its reference goes. */
    vcpu_altp2m(v).veinfo_pg = NULL;
    altp2m_vcpu_sync(v);
    put_page(pg);

    return 0;
}

/* Undo altp2m_notify_on().  Returns 0, also if there is nothing to undo. */
int altp2m_notify_off(struct vcpu *v)
{
    return altp2m_section(v->domain, SECTION_PAUSED, notify_off, v);
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

    if ( rights_of(s->v)->vmfunc == s->to->on )
        return 0;

    if ( cpu_has_vmx_vmfunc )
        rc = altp2m_make_eptp_list(d);
    if ( rc )
        return rc;

    rights_of(s->v)->vmfunc = s->to->on;
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

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
