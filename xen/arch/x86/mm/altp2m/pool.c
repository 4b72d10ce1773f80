/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: memory.
 *
 * Everything that grows with what a monitor, or a guest allowed to drive its
 * own views, sets comes from the domain's paging pool: table pages, and small
 * objects packed into pages.  A pool that runs out is NULL or INVALID_MFN here.
 */

#include <xen/list.h>

#include "private.h"

/* At the start of each page of objects. */
struct slab_page {
    struct list_head link;        /* in slab->partial, unless full */
    struct page_info *pg;
    void *free;                   /* first free object; each holds the next, and
                                     is zeroes else */
    unsigned int fresh;           /* offset of the first one never used, with
                                     what was in the page before */
    unsigned int used;
};

static struct page_info *pool_get(struct domain *d)
{
    struct page_info *pg;

    ASSERT(altp2m_locked(d));

    /* Dropped tables are ours already: look there before asking for more. */
    if ( unlikely(!page_list_empty(&d->arch.altp2m->owed.limbo)) )
        altp2m_settle(d);
    pg = hap_alloc_table(d);
    if ( pg )
        d->arch.altp2m->nr_pages++;

    return pg;
}

static void pool_put(struct domain *d, struct page_info *pg)
{
    d->arch.altp2m->nr_pages--;
    d->arch.paging.free_page(d, pg);
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

/* A zeroed object, or NULL when the paging pool is empty. */
void *altp2m_alloc(struct domain *d, struct altp2m_slab *slab)
{
    struct slab_page *page = list_first_entry_or_null(&slab->partial,
                                                      struct slab_page, link);
    void **obj;

    if ( !page && !(page = slab_grow(d, slab)) )
        return NULL;

    obj = page->free;
    if ( obj )
    {
        page->free = *obj;
        *obj = NULL;
    }
    else
    {
        obj = (void *)page + page->fresh;
        page->fresh += slab->size;
        clear(obj, slab->size);
    }

    page->used++;
    if ( slab_full(slab, page) )
        list_del(&page->link);

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
        clear(obj, slab->size);
        *(void **)obj = page->free;
        page->free = obj;
        return;
    }

    list_del(&page->link);
    unmap_domain_page_global(page);
    slab->pages--;
    pool_put(d, pg);
}

/*
 * A page for a private table, with whatever was in it.  INVALID_MFN when the
 * paging pool is empty.
 */
mfn_t altp2m_alloc_table(struct domain *d)
{
    struct page_info *pg = pool_get(d);

    return pg ? page_to_mfn(pg) : INVALID_MFN;
}

/*
 * Give a table back that no live entry leads to.  CPUs may still walk it: it
 * waits in limbo until altp2m_settle() has seen the flush done.
 */
void altp2m_free_table(struct domain *d, mfn_t mfn)
{
    altp2m_owe_flush(d);
    page_list_add_tail(mfn_to_page(mfn), &d->arch.altp2m->owed.limbo);
}

/*
 * Pay what is owed.  CPUs are made to flush when the host p2m lock is dropped at
 * the latest; if tables wait for that, it is done now, and waited for, and the
 * tables go back to the pool.
 */
void altp2m_settle(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    struct page_info *pg;

    ASSERT(altp2m_locked(d));

    if ( a->owed.flush )
    {
        a->owed.flush = false;
        altp2m_format()->flush(hp2m);
    }

    if ( likely(page_list_empty(&a->owed.limbo)) )
        return;

    p2m_tlb_flush_sync(hp2m);

    while ( (pg = page_list_remove_head(&a->owed.limbo)) )
    {
        altp2m_trace(d, ALTP2M_FREED);
        pool_put(d, pg);
    }
}

/* Is nothing owed, so that the lock of @p2m can be dropped? */
bool altp2m_settled(const struct p2m_domain *p2m)
{
    const struct altp2m_domain *a = p2m->domain->arch.altp2m;

    return !a || !p2m_is_hostp2m(p2m) ||
           (!a->owed.flush && page_list_empty(&a->owed.limbo));
}

void altp2m_unlock(struct domain *d)
{
    if ( d->arch.altp2m )
        altp2m_settle(d);

    p2m_unlock(p2m_get_hostp2m(d));
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
