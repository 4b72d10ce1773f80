/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: capabilities, and lists of vCPUs, views and tables. */

#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/svm/svm.h>

#include "ops.h"
#include "../log.h"
#include "../rules.h"

#define WHY(reason) (1u << XEN_ALTP2M_WHY_ ## reason)

/* Returns why no domain can have views here, or 0. */
static uint32_t why_not_here(void)
{
    if ( !hvm_enabled ||
         !(altp2m_on_intel ? cpu_has_vmx_ept :
                             altp2m_on_amd && cpu_has_svm_npt) )
        return WHY(CPU);

    if ( !hvm_hap_supported() )
        return WHY(HAP);

    return hvm_altp2m_supported() ? 0 : WHY(CMDLINE);
}

/* Returns why a domain cannot have views, or why its views are off.  0: on. */
static uint32_t why_not(const struct domain *d)
{
    uint32_t why = why_not_here();

    if ( !is_hvm_domain(d) )
        return why | WHY(PV) | WHY(OFF);

    if ( !hap_enabled(d) )
        why |= WHY(SHADOW);
    if ( nestedhvm_enabled(d) )
        why |= WHY(NESTED);
    if ( d->arch.hvm.params[HVM_PARAM_ALTP2M] == XEN_ALTP2M_disabled )
        why |= WHY(MODE);
    if ( !altp2m_active(d) )
        why |= WHY(OFF);

    return why;
}

/* Returns the features of views on this CPU, XEN_ALTP2M_HAS_*. */
static uint32_t has(void)
{
    uint32_t mask = XEN_ALTP2M_HAS_VMFUNC | XEN_ALTP2M_HAS_VE |
                    XEN_ALTP2M_HAS_OWN | XEN_ALTP2M_HAS_LOG;

    if ( cpu_has_vmx_vmfunc )
        mask |= XEN_ALTP2M_HAS_VMFUNC_HW;
    if ( cpu_has_vmx_virt_exceptions )
        mask |= XEN_ALTP2M_HAS_VE_HW;
    if ( hvm_is_singlestep_supported() )
        mask |= XEN_ALTP2M_HAS_SINGLE_STEP;
    if ( altp2m_needs_sides(p2m_access_x) )
        mask |= XEN_ALTP2M_HAS_SIDES;

    return mask;
}

/* Returns the accesses that can be enforced, as bits 1 << XENMEM_access_*. */
static uint32_t rights(const struct domain *d)
{
    xenmem_access_t access;
    p2m_access_t a;
    uint32_t mask = 0;

    for ( access = 0; access < XENMEM_access_default; access++ )
        if ( !altp2m_check_view_access(d, access, &a) )
            mask |= 1u << access;

    return mask;
}

/* Works for every domain, whatever it lacks.  Always 0. */
int altp2m_op_capabilities(struct domain *d, void *arg)
{
    struct xen_altp2m_capabilities *c = altp2m_args(arg);

    *c = (struct xen_altp2m_capabilities){
        .interface = XEN_ALTP2M_INTERFACE,
        .why_not = why_not(d),
        .max_views = altp2m_limit(d),
        .max_entries = ALTP2M_MAX_ENTRIES,
        .max_gfn = MAX_GFN,
    };
    if ( is_hvm_domain(d) )
        c->mode = d->arch.hvm.params[HVM_PARAM_ALTP2M];
    if ( why_not_here() )
        return 0;

    c->features = has();
    c->rights = rights(d);
    c->format = altp2m_on_intel ? XEN_ALTP2M_FORMAT_EPT : XEN_ALTP2M_FORMAT_NPT;

    return 0;
}

/* Counts a view's tables, and its root even if it is not made. */
static unsigned int tables(const struct altp2m_view *view)
{
    return view->nr_tables + !node_has_table(&view->root);
}

int altp2m_op_domain_info(struct domain *d, void *arg)
{
    struct xen_altp2m_domain_info *info = altp2m_args(arg);
    const struct altp2m_domain *a = d->arch.altp2m;
    const struct altp2m_view *view;
    unsigned int i;

    memset(info, 0, sizeof(*info));
    info->vcpus = d->max_vcpus;

    for_each_view ( a, view, i )
    {
        if ( view->dying )
            continue;

        info->views += !view->partial;
        info->tables += tables(view);
        info->remaps += view->nr_remaps;
        info->dormant += view->nr_dormant;
    }

    info->pool_views = a->nr_pages;
    if ( d->arch.altp2m_log )
        info->pool_views += d->arch.altp2m_log->nr;
    info->lost = a->lost;
    info->filled = a->filled;
    info->host_max_gfn = p2m_get_hostp2m(d)->max_mapped_pfn;
    /* Xen's total_pages does not include the pages that the p2m has taken. */
    info->pool_total = altp2m_pool(d)->total_pages + altp2m_pool(d)->p2m_pages;
    info->pool_free = altp2m_pool(d)->free_pages;

    return 0;
}

/* HVMOP_altp2m_list_vcpus. */
int altp2m_list_vcpus(struct domain *d, struct xen_altp2m_read *r,
                      struct altp2m_records *out)
{
    for ( ; r->next < d->max_vcpus; r->next++ )
    {
        const struct vcpu *v = domain_vcpu(d, r->next);
        struct xen_altp2m_vcpu *vcpu;

        if ( !v )
            continue;

        vcpu = altp2m_next_record(out);
        if ( !vcpu )
            return 1;

        vcpu->vcpu = v->vcpu_id;
        vcpu->view = altp2m_vcpu_idx(v);
        if ( vcpu_altp2m(v).veinfo_pg )
            vcpu->flags |= XEN_ALTP2M_VCPU_VE;
        if ( altp2m_may_vmfunc(v) )
            vcpu->flags |= XEN_ALTP2M_VCPU_VMFUNC;
        if ( !bitmap_empty(altp2m_vcpu_of(v)->hidden, ALTP2M_MAX_VIEWS) )
            vcpu->flags |= XEN_ALTP2M_VCPU_LIST;
        if ( !is_vcpu_online(v) )
            vcpu->flags |= XEN_ALTP2M_VCPU_DOWN;
    }

    r->next = XEN_ALTP2M_NONE;

    return 0;
}

/* Fills in a record of list_views. */
static void describe_view(const struct domain *d,
                          const struct altp2m_view *view,
                          struct xen_altp2m_view *out)
{
    const struct vcpu *v;

    out->view = view->idx;
    out->flags = view->visible ? XEN_ALTP2M_VIEW_VISIBLE : 0;
    out->default_access = altp2m_default_access(view);
    for_each_vcpu ( d, v )
        if ( altp2m_vcpu_idx(v) == view->idx )
            out->vcpus++;
    out->access_gfns = view->access_gfns;
    out->sve_gfns = view->sve_gfns;
    out->remaps = view->nr_remaps;
    out->dormant = view->nr_dormant;
    out->tables = tables(view);
    out->tables_max = (view->nr_nodes + 1) *
                      (1 + node_has_side(&view->root, SIDE_EXECUTE) +
                       node_has_side(&view->root, SIDE_STEP));
    out->pool_bytes = (view->nr_tables + !mfn_eq(view->spare, INVALID_MFN) +
                       !!altp2m_rules(d->arch.altp2m, view->idx)) *
                      PAGE_SIZE + sizeof(*view) +
                      view->nr_nodes * sizeof(struct altp2m_node) +
                      view->nr_remaps * sizeof(struct altp2m_remap) +
                      view->nr_own * (PAGE_SIZE + sizeof(struct altp2m_own));
    out->filled = view->filled;
    out->lost = view->lost;
}

/* HVMOP_altp2m_list_views. */
int altp2m_list_views(struct domain *d, struct xen_altp2m_read *r,
                      struct altp2m_records *out)
{
    for ( ; r->next < d->arch.altp2m->limit; r->next++ )
    {
        const struct altp2m_view *view = altp2m_named(d, r->next);
        struct xen_altp2m_view *record = view ? altp2m_next_record(out) : NULL;

        if ( record )
            describe_view(d, view, record);
        else if ( view )
            return 1;
    }

    r->next = XEN_ALTP2M_NONE;

    return 0;
}

/*
 * Finds the node after @r's cursor, and moves the cursor there.  The cursor is
 * a gfn and a level + 1; level 0 stands for the beginning, before the root.
 * Returns NULL after the last node, with the cursor at XEN_ALTP2M_NONE.
 */
struct altp2m_node *altp2m_read_node(struct altp2m_view *view,
                                     struct xen_altp2m_read *r)
{
    struct altp2m_node *node = r->level
                               ? altp2m_next_node(view, r->next, r->level - 1)
                               : &view->root;

    r->next = node ? node->gfn : XEN_ALTP2M_NONE;
    r->level = node ? node->level + 1 : r->level;

    return node;
}

/* HVMOP_altp2m_list_tables. */
int altp2m_list_tables(struct domain *d, struct xen_altp2m_read *r,
                       struct altp2m_records *out)
{
    struct altp2m_view *view = altp2m_named(d, r->view);
    struct altp2m_node *node;

    if ( !view )
        return -ENOENT;

    while ( out->nr < out->room && (node = altp2m_read_node(view, r)) )
    {
        struct xen_altp2m_table *table = altp2m_next_record(out);

        table->gfn = node->gfn;
        table->level = node->level;
        table->used = node->used;
        if ( node_has_table(node) || node->level == ROOT_LEVEL )
            table->flags |= XEN_ALTP2M_TABLE_CACHED;
        if ( !mfn_eq(node->host, INVALID_MFN) )
            table->flags |= XEN_ALTP2M_TABLE_MIRRORS;
        if ( node_has_side(node, SIDE_EXECUTE) )
            table->flags |= XEN_ALTP2M_TABLE_EXECUTE;
    }

    return r->next != XEN_ALTP2M_NONE;
}
