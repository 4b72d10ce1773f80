/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of the paging pool for tables that are written whole before a CPU gets
 * to see them: to clear such a page first is most of what it costs.
 *
 * The lock is taken as hap.c takes it for the p2m's pages: the caller may hold
 * it, for log-dirty.
 */

#include <xen/mm.h>
#include <xen/sched.h>

#include <asm/altp2m_names.h>
#include <asm/p2m.h>
#include <asm/paging.h>

#include "../mm-locks.h"

#include "table.h"

/*
 * Returns a page of the pool, as d->arch.paging.alloc_page() does, but does not
 * clear it.  free_page() takes it back.  Returns NULL when the pool is empty,
 * or @d is being torn down.
 */
struct page_info *hap_alloc_table(struct domain *d)
{
    struct page_info *pg = NULL;

    paging_lock_recursive(d);

    if ( !d->is_dying )
        pg = page_list_remove_head(&altp2m_pool(d)->freelist);
    if ( pg )
    {
        altp2m_pool(d)->free_pages--;
        altp2m_pool(d)->total_pages--;
        altp2m_pool(d)->p2m_pages++;
    }

    paging_unlock(d);

    return pg;
}

/*
 * Adds up to @nr pages of the pool to @list, uncleared, and returns their
 * number.
 */
unsigned int hap_alloc_tables(struct domain *d, struct page_list_head *list,
                              unsigned int nr)
{
    struct page_info *pg;
    unsigned int got = 0;

    paging_lock_recursive(d);

    if ( d->is_dying )
        nr = 0;
    while ( got < nr &&
            (pg = page_list_remove_head(&altp2m_pool(d)->freelist)) )
    {
        page_list_add_tail(pg, list);
        got++;
    }
    altp2m_pool(d)->free_pages -= got;
    altp2m_pool(d)->total_pages -= got;
    altp2m_pool(d)->p2m_pages += got;

    paging_unlock(d);

    return got;
}

/*
 * Gives the @nr pages of @list back to the pool, as free_page() does.  Returns
 * false, with nothing done, for a dying domain: its pages do not go to the
 * pool.
 */
bool hap_free_tables(struct domain *d, struct page_list_head *list,
                     unsigned int nr)
{
    bool alive;

    paging_lock_recursive(d);

    alive = !d->is_dying;
    if ( alive )
    {
        altp2m_pool(d)->p2m_pages -= nr;
        altp2m_pool(d)->total_pages += nr;
        altp2m_pool(d)->free_pages += nr;
        page_list_splice(list, &altp2m_pool(d)->freelist);
        INIT_PAGE_LIST_HEAD(list);
    }

    paging_unlock(d);

    return alive;
}

/*
 * Gives a page of the pool to Xen's heap.  It stays charged to the pool, as if
 * the p2m had it: in its place the caller has taken one from the heap.  False:
 * the pool is empty, or @d is being torn down.
 */
bool hap_lend_page(struct domain *d)
{
    struct page_info *pg = hap_alloc_table(d);

    if ( pg )
        free_domheap_page(pg);

    return pg;
}

/*
 * Takes a page from the heap for one that was lent.  If the heap has none, the
 * pool is a page smaller from now on.  A dying domain's pool gets none.
 */
void hap_return_page(struct domain *d)
{
    struct page_info *pg = d->is_dying ? NULL
                                       : alloc_domheap_page(d, MEMF_no_owner);

    paging_lock_recursive(d);

    altp2m_pool(d)->p2m_pages--;
    if ( pg && !d->is_dying )
    {
        page_list_add_tail(pg, &altp2m_pool(d)->freelist);
        altp2m_pool(d)->free_pages++;
        altp2m_pool(d)->total_pages++;
        pg = NULL;
    }

    paging_unlock(d);

    if ( pg )
        free_domheap_page(pg);
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
