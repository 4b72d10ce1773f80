/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the root of each view, and the EPTP lists that VMFUNC reads.
 *
 * A vCPU from which a view is hidden has its own list, others the domain's.
 */

#include "life.h"

/*
 * Returns the table at which walks of a view's side start; of the host's, if
 * the view is NULL, or has no root.
 */
mfn_t altp2m_root_table(const struct domain *d, const struct altp2m_view *view,
                        enum altp2m_side side)
{
    if ( !view || !node_has_table(&view->root) )
        return altp2m_host_root(d);

    ASSERT(node_has_side(&view->root, side));

    return node_has_side(&view->root, side) ? node_table(&view->root, side)
                                            : view->root.table;
}

/* Returns its nCR3, or its EPTP, which is as the host's (SDM 3C, 25.6.11). */
static uint64_t root_of(const struct domain *d, const struct altp2m_view *view,
                        enum altp2m_side side)
{
    return mfn_to_maddr(altp2m_root_table(d, view, side)) |
           (altp2m_on_intel ? p2m_get_hostp2m(d)->ept.eptp & ~PAGE_MASK : 0);
}

/* Puts a view's EPTP into the lists of vCPUs, unless it is hidden from them. */
static void publish_vcpus(struct domain *d, const struct altp2m_view *view,
                          uint64_t root)
{
    unsigned int idx = view->idx;
    struct vcpu *v;

    for_each_vcpu ( d, v )
    {
        const struct altp2m_vcpu *r = altp2m_vcpu_of(v);
        uint64_t *list;

        if ( likely(!r->list) )
            continue;

        list = __map_domain_page(r->list);
        write_atomic(&list[idx], test_bit(idx, r->hidden) ? ~0UL : root);
        unmap_domain_page(list);
    }
}

/* Is the view one that VMFUNC may reach, if it is not hidden from the vCPU? */
static bool listed(const struct altp2m_view *view)
{
    return view->visible && !view->dying && !view->partial;
}

/* Updates VMFUNC's lists, if there are any, for one view.  Lock held. */
void altp2m_publish(struct domain *d, struct altp2m_view *view)
{
    struct altp2m_domain *a = d->arch.altp2m;
    uint64_t root = ~0UL;

    if ( !a->eptp_list )
        return;

    /* Can't fail: the page is there, and view 0 needs none. */
    if ( listed(view) &&
         (altp2m_view_ready(view) || !altp2m_attach_root(d, view)) )
        root = root_of(d, view, SIDE_DATA);

    write_atomic(&a->eptp_list[view->idx], root);
    publish_vcpus(d, view, root);

    /* A vCPU may be in a view that is hidden now: keep its root. */
    if ( root != ~0UL || view->dying )
        write_atomic(&a->roots[view->idx], root);
}

/* The A/D bits of the host's EPTP have changed.  Lock held. */
void altp2m_roots_changed(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    unsigned int i;

    if ( !a )
        return;

    for_each_view ( a, view, i )
        altp2m_publish(d, view);
}

/* Returns EPTP or nCR3 of @v: current, or at rest and the lock held. */
uint64_t altp2m_root(const struct vcpu *v)
{
    const struct domain *d = v->domain;

    return altp2m_active(d)
           ? root_of(d, altp2m_any_view(d->arch.altp2m, altp2m_vcpu_idx(v)),
                     altp2m_vcpu_of(v)->side)
           : root_of(d, NULL, SIDE_DATA);
}

/* Is @v on another side than data?  @v is current, or at rest. */
bool altp2m_executes(const struct vcpu *v)
{
    return altp2m_vcpu_of(v)->side != SIDE_DATA;
}

/*
 * Returns the view of a root that the current vCPU's CPU walks after VMFUNC,
 * where the CPU doesn't report the index.  VMFUNC leads to the data side.  No
 * lock held: views other than its own may be freed meanwhile, so it reads roots
 * only.
 */
view_idx_t altp2m_find_root(struct vcpu *v, uint64_t root)
{
    const uint64_t *roots = v->domain->arch.altp2m->roots;
    unsigned int i;

    if ( likely(root == altp2m_root(v)) )
        return _view_idx(altp2m_vcpu_idx(v));

    altp2m_vcpu_of(v)->side = SIDE_DATA;
    for ( i = 0; i < ALTP2M_MAX_VIEWS; i++ )
        if ( read_atomic(&roots[i]) == root )
            return _view_idx(i);

    return _view_idx(altp2m_vcpu_idx(v));
}

#define ROOTS_AT_ONCE 8u

/* Makes some roots of visible views.  Returns 0, or -ERESTART: call again. */
static int attach_roots(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i, left = ROOTS_AT_ONCE;
    struct altp2m_view *view;

    for_each_view ( a, view, i )
    {
        if ( altp2m_view_ready(view) || !listed(view) )
            continue;

        if ( !left-- )
            return -ERESTART;
        altp2m_attach_root(d, view);
    }

    return 0;
}

/*
 * Makes VMFUNC's list and the list of roots.  Returns 0, also if they exist,
 * -ENOMEM, or -ERESTART: call again to continue.  Lock held.
 */
int altp2m_make_eptp_list(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( a->eptp_list )
        return 0;

    if ( attach_roots(d) )
        return -ERESTART;

    BUILD_BUG_ON(ALTP2M_MAX_VIEWS * sizeof(*a->roots) != PAGE_SIZE);
    a->roots = altp2m_heap_page(a->roots, 0xff);
    if ( a->roots )
        a->eptp_list = altp2m_heap_page(NULL, 0xff);
    if ( !a->eptp_list )
        return -ENOMEM;

    altp2m_roots_changed(d);

    return 0;
}

/* Returns the address of the list that VMFUNC on @v reads. */
paddr_t altp2m_eptp_list(const struct vcpu *v)
{
    const struct page_info *pg = altp2m_vcpu_of(v)->list;

    return pg ? page_to_maddr(pg)
              : virt_to_maddr(v->domain->arch.altp2m->eptp_list);
}

/*
 * Computes all that a CPU is given for @v: the root, the view's index, VMFUNC's
 * list, the #VE page, intercepts.  Lock held, @v is current or at rest.
 */
void altp2m_vcpu_sync(struct vcpu *v)
{
    ASSERT(altp2m_locked(v->domain));

    alternative_vcall(hvm_funcs.altp2m_vcpu_update_p2m, v);
}

/* Frees @v's own list.  Lock held, @v is current or at rest. */
void altp2m_eptp_list_free(struct vcpu *v)
{
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);
    struct page_info *pg = r->list;

    if ( !pg )
        return;

    /* The CPU forgets the list before its page goes. */
    r->list = NULL;
    altp2m_vcpu_sync(v);
    altp2m_free_table(v->domain, page_to_mfn(pg));
}

/* Makes @v's own list.  Returns as altp2m_make_eptp_list() does. */
int altp2m_eptp_list_alloc(struct vcpu *v)
{
    struct altp2m_domain *a = v->domain->arch.altp2m;
    struct altp2m_vcpu *r = altp2m_vcpu_of(v);
    uint64_t *list;
    mfn_t mfn;
    int rc;

    /* Nothing reads it where VMFUNC is emulated. */
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
