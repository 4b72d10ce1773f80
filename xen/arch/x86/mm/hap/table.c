/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of the paging pool for tables that are written whole before a CPU gets
 * to see them: to clear such a page first is most of what it costs.
 */

#include <xen/mm.h>
#include <xen/sched.h>

#include <asm/altp2m_names.h>

#include "../altp2m/private.h"

/*
 * As d->arch.paging.alloc_page(), but with whatever is in the page.  It is given
 * back by free_page().  NULL when the pool is empty, or @d is being torn down.
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
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
