/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host p2m above the table format: what of Xen's p2m.c, p2m-pod.c and
 * mem_access.c is called here, with the calls into views where the semantic
 * patches put them.  The format itself is Xen's own file, with ours grafted.
 */
#include "model.h"

static struct p2m_domain host;
unsigned int host_refused;

mfn_t p2m_alloc_ptp(struct p2m_domain *p2m, unsigned int level)
{
    struct domain *d = p2m->domain;
    struct page_info *pg = d->arch.paging.alloc_page(d);

    while ( !pg && altp2m_reclaim(d) )
        pg = d->arch.paging.alloc_page(d);
    if ( !pg )
        pg = altp2m_host_page(d);
    if ( !pg )
    {
        host_refused++;
        return INVALID_MFN;
    }
    page_list_add_tail(pg, &p2m->pages);
    pg->u.inuse.type_info = 1;

    return page_to_mfn(pg);
}

void p2m_free_ptp(struct p2m_domain *p2m, struct page_info *pg)
{
    page_list_del(pg, &p2m->pages);
    p2m->domain->arch.paging.free_page(p2m->domain, pg);
}

int p2m_set_entry(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn,
                  unsigned int order, p2m_type_t t, p2m_access_t a)
{
    unsigned long todo = 1UL << order, n;
    int rc = 0;

    ASSERT(p2m_locked_by_me(p2m));

    for ( ; todo; todo -= n )
    {
        unsigned long mask = gfn_x(gfn) | todo |
                             (mfn_eq(mfn, INVALID_MFN) ? 0 : mfn_x(mfn));
        unsigned int o = !(mask & ((1UL << PAGE_ORDER_1G) - 1))
                         ? PAGE_ORDER_1G
                         : !(mask & ((1UL << PAGE_ORDER_2M) - 1))
                           ? PAGE_ORDER_2M : PAGE_ORDER_4K;
        int one = p2m->set_entry(p2m, gfn, mfn, o, t, a, -1);

        rc = one ?: rc;
        n = 1UL << o;
        gfn = gfn_add(gfn, n);
        if ( !mfn_eq(mfn, INVALID_MFN) )
            mfn = mfn_add(mfn, n);
    }

    return rc;
}

int p2m_is_logdirty_range(struct p2m_domain *p2m, unsigned long first,
                          unsigned long last)
{
    if ( p2m->global_logdirty ||
         (first >= p2m->logdirty_first && last <= p2m->logdirty_last) )
        return 1;

    return first <= p2m->logdirty_last && last >= p2m->logdirty_first ? -1 : 0;
}

p2m_type_t p2m_recalc_type_range(bool recalc, p2m_type_t t,
                                 struct p2m_domain *p2m, unsigned long first,
                                 unsigned long last)
{
    if ( !recalc || !p2m_is_changeable(t) ||
         (t == p2m_ioreq_server && p2m->ioreq.server) )
        return t;

    return p2m_is_logdirty_range(p2m, first, last) ? p2m_ram_logdirty
                                                   : p2m_ram_rw;
}

p2m_type_t p2m_recalc_type(bool recalc, p2m_type_t t, struct p2m_domain *p2m,
                           unsigned long gfn)
{
    return p2m_recalc_type_range(recalc, t, p2m, gfn, gfn);
}

/* Xen counts foreign and ioreq server pages here. */
int p2m_entry_modify(struct p2m_domain *p2m, p2m_type_t nt, p2m_type_t ot,
                     mfn_t nfn, mfn_t ofn, unsigned int level)
{
    return 0;
}

/* Memory that was promised is given: the frames of the same number. */
int p2m_pod_demand_populate(struct p2m_domain *p2m, gfn_t gfn,
                            unsigned int order)
{
    unsigned long first = gfn_x(gfn) & ~((1UL << order) - 1);

    return !p2m_set_entry(p2m, _gfn(first), _mfn(0x200000 + (first & 0xfffff)),
                          order, p2m_ram_rw, p2m->default_access);
}

/* ---- VM forks ---- */

bool page_locked;
int fork_error;

static struct domain parent_domain;
static struct p2m_domain parent_p2m;

#define MFN_PARENT 0x300000UL

bool parent_has(unsigned long gfn)
{
    return !parent_domain.is_dying && gfn >= 0x7 && gfn <= 0x9;
}

/* The domain is a fork from now on. */
void host_fork(void)
{
    parent_p2m = (struct p2m_domain){ .domain = &parent_domain };
    parent_domain = (struct domain){ .arch.p2m = &parent_p2m };
    model_domain->parent = &parent_domain;
}

int mem_sharing_fork_page(struct domain *d, gfn_t gfn, bool unsharing)
{
    bool has;

    ASSERT(p2m_locked_by_me(&host));
    if ( !mem_sharing_is_fork(d) )
        return -ENOENT;

    p2m_lock(&parent_p2m);
    has = parent_has(gfn_x(gfn));
    p2m_unlock(&parent_p2m);
    if ( !has )
        return -ENOENT;
    if ( fork_error )
        return fork_error;

    return host.set_entry(&host, gfn, _mfn(MFN_PARENT + gfn_x(gfn)), 0,
                          unsharing ? p2m_ram_rw : p2m_ram_shared,
                          host.default_access, -1);
}

mfn_t get_gfn_type_access(struct p2m_domain *p2m, unsigned long gfn,
                          p2m_type_t *t, p2m_access_t *a, p2m_query_t q,
                          unsigned int *order)
{
    mfn_t mfn;

    p2m_lock(p2m);
    mfn = p2m->get_entry(p2m, _gfn(gfn), t, a, q, order, NULL);
    if ( (q & P2M_ALLOC) && p2m_is_hole(*t) &&
         mem_sharing_is_fork(p2m->domain) &&
         !mem_sharing_fork_page(p2m->domain, _gfn(gfn), q & P2M_UNSHARE) )
        mfn = p2m->get_entry(p2m, _gfn(gfn), t, a, q, order, NULL);
    if ( (q & P2M_UNSHARE) && p2m_is_shared(*t) )
    {
        /* As in __mem_sharing_unshare_page(). */
        page_locked = true;
        p2m_set_entry(p2m, _gfn(gfn), mfn_add(mfn, 0x10000), 0, p2m_ram_shared,
                      *a);
        page_locked = false;
        p2m_set_entry(p2m, _gfn(gfn), mfn_add(mfn, 0x10000), 0, p2m_ram_rw, *a);
        mfn = p2m->get_entry(p2m, _gfn(gfn), t, a, 0, order, NULL);
    }

    return mfn;
}

void put_gfn(struct p2m_domain *p2m)
{
    p2m_unlock(p2m);
}

mfn_t p2m_get_gfn_type_access(struct p2m_domain *p2m, gfn_t gfn, p2m_type_t *t,
                              p2m_access_t *a, p2m_query_t q,
                              unsigned int *order, bool locked)
{
    mfn_t mfn = get_gfn_type_access(p2m, gfn_x(gfn), t, a, q, order);

    if ( !locked )
        put_gfn(p2m);

    return mfn;
}

static const p2m_access_t to_p2m[] = {
    [XENMEM_access_n] = p2m_access_n,     [XENMEM_access_r] = p2m_access_r,
    [XENMEM_access_w] = p2m_access_w,     [XENMEM_access_rw] = p2m_access_rw,
    [XENMEM_access_x] = p2m_access_x,     [XENMEM_access_rx] = p2m_access_rx,
    [XENMEM_access_wx] = p2m_access_wx,   [XENMEM_access_rwx] = p2m_access_rwx,
    [XENMEM_access_rx2rw] = p2m_access_rx2rw,
    [XENMEM_access_n2rwx] = p2m_access_n2rwx,
    /* Before the default in later versions of Xen, and else not looked at. */
    [XENMEM_access_n2rwx + 1] = p2m_access_r_pw,
};

bool xenmem_access_to_p2m_access(const struct p2m_domain *p2m,
                                 xenmem_access_t x, p2m_access_t *a)
{
    if ( x > XENMEM_access_default )
        return false;
    *a = x < XENMEM_access_default ? to_p2m[x] : p2m->default_access;

    return true;
}

/* The host's own access, or its default for INVALID_GFN. */
long p2m_set_mem_access(struct domain *d, gfn_t gfn, uint32_t nr,
                        uint32_t start, uint32_t mask, xenmem_access_t access,
                        unsigned int idx)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    p2m_access_t a;
    long rc = 0;

    ASSERT(!idx && nr == 1);
    if ( !xenmem_access_to_p2m_access(p2m, access, &a) )
        return -EINVAL;

    if ( gfn_eq(gfn, INVALID_GFN) )
    {
        p2m->default_access = a;
        return 0;
    }

    p2m_lock(p2m);
    rc = altp2m_set_host_access(p2m, gfn, a);
    p2m_unlock(p2m);

    return rc;
}

int p2m_get_mem_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                       unsigned int idx)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    p2m_access_t a;
    p2m_type_t t;
    mfn_t mfn;
    unsigned int i;

    if ( idx )
        return altp2m_get_mem_access(d, gfn, access, _view_idx(idx));

    if ( gfn_eq(gfn, INVALID_GFN) )
        a = p2m->default_access;
    else
    {
        p2m_lock(p2m);
        mfn = p2m->get_entry(p2m, gfn, &t, &a, 0, NULL, NULL);
        p2m_unlock(p2m);
        if ( mfn_eq(mfn, INVALID_MFN) )
            return -ESRCH;
    }
    for ( i = 0; i < ARRAY_SIZE(to_p2m); i++ )
        if ( to_p2m[i] == a )
            *access = i;

    return 0;
}

int p2m_change_type_one(struct domain *d, unsigned long gfn, p2m_type_t ot,
                        p2m_type_t nt)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    p2m_access_t a;
    p2m_type_t t;
    mfn_t mfn;
    int rc = -EBUSY;

    p2m_lock(p2m);
    mfn = p2m->get_entry(p2m, _gfn(gfn), &t, &a, 0, NULL, NULL);
    if ( t == ot )
        rc = p2m_set_entry(p2m, _gfn(gfn), mfn, PAGE_ORDER_4K, nt,
                           p2m->default_access);
    p2m_unlock(p2m);

    return rc;
}

void p2m_change_type_range(struct domain *d, unsigned long first,
                           unsigned long end, p2m_type_t ot, p2m_type_t nt)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    unsigned long last = min(end - 1, p2m->max_mapped_pfn);

    p2m_lock(p2m);
    if ( !first && last == p2m->max_mapped_pfn )
        p2m->change_entry_type_global(p2m, ot, nt);
    else if ( first < last )
        p2m->change_entry_type_range(p2m, ot, nt, first, last);
    p2m->logdirty_first = nt == p2m_ram_logdirty ? first : ~0UL;
    p2m->logdirty_last = nt == p2m_ram_logdirty ? last : 0;
    altp2m_targets_changed(d, _gfn(first), _gfn(end - 1));
    p2m_unlock(p2m);
}

void p2m_change_entry_type_global(struct domain *d, p2m_type_t ot,
                                  p2m_type_t nt)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);

    p2m_lock(p2m);
    p2m->change_entry_type_global(p2m, ot, nt);
    if ( ot != nt )
        p2m->global_logdirty = nt == p2m_ram_logdirty;
    altp2m_targets_changed(d, _gfn(0), INVALID_GFN);
    p2m_unlock(p2m);
}

void p2m_memory_type_changed(struct domain *d)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);

    p2m_lock(p2m);
    if ( p2m->memory_type_changed )
    {
        p2m->memory_type_changed(p2m);
        altp2m_memory_type_changed(d);
    }
    p2m_unlock(p2m);
}

int p2m_finish_type_change(struct domain *d, gfn_t first, unsigned long nr)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    unsigned long gfn = gfn_x(first);
    int rc = 0;

    p2m_lock(p2m);
    for ( ; nr-- && rc >= 0 && gfn <= p2m->max_mapped_pfn; gfn++ )
        rc = p2m->recalc(p2m, gfn);
    p2m_unlock(p2m);

    return rc < 0 ? rc : 0;
}

int host_set(unsigned long gfn, unsigned long mfn, unsigned int order,
             p2m_type_t t, p2m_access_t a)
{
    int rc;

    p2m_lock(&host);
    rc = p2m_set_entry(&host, _gfn(gfn), _mfn(mfn), order, t, a);
    ref_drops();
    p2m_unlock(&host);

    return rc;
}

void host_init(struct domain *d)
{
    mfn_t root;

    memset(&host, 0, sizeof(host));
    host.domain = d;
    host.default_access = p2m_access_rwx;
    host.logdirty_first = ~0UL;
    INIT_PAGE_LIST_HEAD(&host.pages);
    d->arch.p2m = &host;
    if ( ept_p2m_init(&host) )
        FAIL("no memory for the test itself");
    if ( !features.vmx )
    {
        host.memory_type_changed = NULL;
        p2m_pt_init(&host);
    }
    root = p2m_alloc_ptp(&host, 4);
    host.phys_table = pagetable_from_mfn(root);
    host.ept.mfn = mfn_x(root);
}

void host_destroy(struct domain *d)
{
    struct page_info *pg;

    while ( (pg = page_list_remove_head(&host.pages)) )
        d->arch.paging.free_page(d, pg);
    ept_p2m_uninit(&host);
}

/* NPT: whoever takes a present entry away flushes at once. */
static void npt_written(struct p2m_domain *p2m, unsigned int oflags)
{
    if ( oflags & _PAGE_PRESENT )
        guest_flush_tlb_mask(p2m->domain, p2m->domain->dirty_cpumask);
}

static void no_flush(struct p2m_domain *p2m)
{
}

void hap_p2m_init(struct p2m_domain *p2m)
{
    p2m->write_p2m_entry_post = npt_written;
    p2m->tlb_flush = no_flush;
}
