/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: memory.
 *
 * Table pages, and small objects packed into pages, come from the domain's
 * paging pool.  When it is empty, functions here return NULL or INVALID_MFN.
 *
 * The README says what the reserve is for.
 */

#include "base.h"

/* Pages for each vCPU that are not for the host's tables; and where there are
   sides: an instruction on two pages may need tables on all of them. */
#define RESERVE_VIEWS 4u
#define RESERVE_SIDES 16u
#define RESERVE_HOST 4u           /* for each vCPU, which the host may take */

static unsigned int views_share(const struct domain *d)
{
    return d->max_vcpus * (altp2m_needs_sides(p2m_access_x) ? RESERVE_SIDES
                                                            : RESERVE_VIEWS);
}

/* At the start of each page of objects. */
struct slab_page {
    struct list_head link;        /* in slab->partial, unless full */
    struct page_info *pg;
    void *free;                   /* first free object; each holds the next */
    unsigned int fresh;           /* offset of the first one never used */
    unsigned int used;
};

static struct page_info *reserve_get(struct altp2m_domain *a)
{
    struct page_info *pg = page_list_remove_head(&a->reserve);

    if ( pg )
        a->nr_reserve--;

    return pg;
}

static struct page_info *pool_get(struct domain *d)
{
    struct page_info *pg;

    ASSERT(altp2m_locked(d));

    /* Pages in limbo may be all that the pool lacks. */
    if ( unlikely(altp2m_in_limbo(d->arch.altp2m)) )
        altp2m_settle(d);
    pg = hap_alloc_table(d);
    if ( pg )
        d->arch.altp2m->nr_pages++;
    else if ( d->arch.altp2m->use_reserve )
        pg = reserve_get(d->arch.altp2m);

    return pg;
}

static void pool_put(struct domain *d, struct page_info *pg)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( unlikely(a->nr_reserve < a->reserve_size) )
    {
        page_list_add_tail(pg, &a->reserve);
        a->nr_reserve++;
        return;
    }

    a->nr_pages--;
    d->arch.paging.free_page(d, pg);
}

/*
 * Gives a page of the pool to Xen's heap, in place of one that the caller has
 * taken there.  False: the pool is empty.
 */
bool altp2m_charge(struct domain *d)
{
    if ( unlikely(altp2m_in_limbo(d->arch.altp2m)) )
        altp2m_settle(d);
    if ( !hap_lend_page(d) )
        return false;
    d->arch.altp2m->nr_pages++;

    return true;
}

/* Takes a page from Xen's heap back into the pool, for altp2m_charge(). */
void altp2m_refund(struct domain *d)
{
    hap_return_page(d);
    d->arch.altp2m->nr_pages--;
}

/* Notes that a node is not lent any more: altp2m_recall() leaves it. */
void altp2m_not_lent(struct altp2m_domain *a, struct altp2m_node *node)
{
    unsigned int i;

    if ( likely(!node->lent) )
        return;

    for ( i = 0; a->lent[i] != node; i++ )
        ASSERT(i < a->nr_lent);

    a->nr_lent--;
    memmove(&a->lent[i], &a->lent[i + 1],
            (a->nr_lent - i) * sizeof(a->lent[0]));
    node->lent = false;
}

/* Fills the reserve up, as far as the pool has pages.  Lock held. */
void altp2m_refill(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int got = hap_alloc_tables(d, &a->reserve,
                                        a->reserve_size - a->nr_reserve);

    a->nr_reserve += got;
    a->nr_pages += got;

    /* When it is full again, nodes that were lent stay. */
    while ( a->nr_reserve == a->reserve_size && a->nr_lent )
        altp2m_not_lent(a, a->lent[a->nr_lent - 1]);
}

/* Makes the reserve for a domain's vCPUs.  Returns 0 or -ENOMEM.  Lock held. */
int altp2m_make_reserve(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    a->reserve_size = views_share(d) + d->max_vcpus * RESERVE_HOST;
    altp2m_refill(d);

    return a->nr_reserve == a->reserve_size ? 0 : -ENOMEM;
}

void altp2m_free_reserve(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct page_info *pg;

    a->reserve_size = 0;
    if ( hap_free_tables(d, &a->reserve, a->nr_reserve) )
    {
        a->nr_pages -= a->nr_reserve;
        a->nr_reserve = 0;
    }
    while ( (pg = reserve_get(a)) )
        pool_put(d, pg);
}

/* Returns a cleared page of the reserve for a table of the host's, or NULL. */
struct page_info *altp2m_host_page(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct page_info *pg;

    if ( !a || !altp2m_locked(d) || !a->use_reserve ||
         a->nr_reserve <= views_share(d) )
        return NULL;

    pg = reserve_get(a);
    a->nr_pages--;
    clear_domain_page(page_to_mfn(pg));

    return pg;
}

void altp2m_slab_init(struct altp2m_slab *slab, unsigned int size)
{
    INIT_LIST_HEAD(&slab->partial);
    slab->size = ROUNDUP(size, sizeof(uint64_t));
    slab->pages = 0;
}

static struct slab_page *slab_grow(struct domain *d, struct altp2m_slab *slab)
{
    struct page_info *pg = pool_get(d);
    struct slab_page *page;

    if ( !pg )
        return NULL;

    page = __map_domain_page_global(pg);
    if ( !page )
    {
        pool_put(d, pg);
        return NULL;
    }

    page->pg = pg;
    page->used = 0;
    page->free = NULL;
    page->fresh = ROUNDUP(sizeof(*page), sizeof(uint64_t));

    list_add(&page->link, &slab->partial);
    slab->pages++;

    return page;
}

static bool slab_full(const struct altp2m_slab *slab,
                      const struct slab_page *page)
{
    return !page->free && page->fresh + slab->size > PAGE_SIZE;
}

/* Returns a zeroed object, or NULL without memory. */
void *altp2m_alloc(struct domain *d, struct altp2m_slab *slab)
{
    struct slab_page *page = list_first_entry_or_null(&slab->partial,
                                                      struct slab_page, link);
    void **obj;

    if ( !page && !(page = slab_grow(d, slab)) )
        return NULL;

    obj = page->free;
    if ( obj )
        page->free = *obj;
    else
    {
        obj = (void *)page + page->fresh;
        page->fresh += slab->size;
    }

    page->used++;
    if ( slab_full(slab, page) )
        list_del(&page->link);
    fill_words(obj, 0, slab->size / sizeof(uint64_t));

    return obj;
}

void altp2m_free(struct domain *d, struct altp2m_slab *slab, void *obj)
{
    struct slab_page *page = (void *)((unsigned long)obj & PAGE_MASK);
    struct page_info *pg = page->pg;

    if ( slab_full(slab, page) )
        list_add(&page->link, &slab->partial);

    if ( --page->used )
    {
        *(void **)obj = page->free;
        page->free = obj;
        return;
    }

    list_del(&page->link);
    unmap_domain_page_global(page);
    slab->pages--;
    pool_put(d, pg);
}

/* Returns a page, not cleared, or INVALID_MFN if the pool is empty. */
mfn_t altp2m_alloc_table(struct domain *d)
{
    struct page_info *pg = pool_get(d);

    return pg ? page_to_mfn(pg) : INVALID_MFN;
}

/* Frees a table, which stays in limbo until altp2m_settle() has flushed. */
void altp2m_free_table(struct domain *d, mfn_t mfn)
{
    altp2m_owe_flush(d);
    page_list_add_tail(mfn_to_page(mfn), &d->arch.altp2m->owed.limbo);
}

/*
 * Debug builds fill a freed table with entries that CPUs refuse: memory type 7
 * (SDM Vol. 3C, 29.3.3.1), reserved address bits (APM Vol. 2, 5.4.1).
 */
static void poison(struct page_info *pg)
{
#ifdef CONFIG_DEBUG
    void *map = __map_domain_page(pg);

    memset(map, 0xff, PAGE_SIZE);
    unmap_domain_page(map);
#endif
}

/*
 * Pays the debt: CPUs flush before the lock is free.  If tables or own pages
 * are in limbo, CPUs flush now, and the pool gets these back.  Both always owe
 * a flush: altp2m_free_table(), altp2m_drop_own().
 */
void altp2m_settle(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    struct page_info *pg;

    ASSERT(altp2m_locked(d));
    ASSERT(a->owed.flush || !altp2m_in_limbo(a));

    if ( !a->owed.flush )
        return;

    a->owed.flush = false;
    altp2m_format()->flush(hp2m);
    if ( likely(!altp2m_in_limbo(a)) )
        return;

    p2m_tlb_flush_sync(hp2m);

    while ( (pg = page_list_remove_head(&a->owed.limbo)) )
    {
        altp2m_trace(d, ALTP2M_FREED);
        poison(pg);
        pool_put(d, pg);
    }
    altp2m_free_own(d);
}

/* Is there no debt, so that the lock of @p2m can be dropped? */
bool altp2m_settled(const struct p2m_domain *p2m)
{
    const struct altp2m_domain *a = p2m->domain->arch.altp2m;

    return !a || !p2m_is_hostp2m(p2m) || !a->owed.flush;
}
