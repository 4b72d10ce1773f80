/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Populate on demand, as far as it takes back: the two functions of Xen's own
 * p2m-pod.c, as grafted, that find pages of zeroes.  What was taken is given to
 * others, so no processor may have a translation left that leads there.
 */
#include <asm/p2m-rights.h>

#include "model.h"

#define SUPERPAGE_ORDER       PAGE_ORDER_2M
#define SUPERPAGE_PAGES       (1UL << SUPERPAGE_ORDER)
#define superpage_aligned(x)  (!((x) & (SUPERPAGE_PAGES - 1)))
#define paging_mode_shadow(d) false
#define pod_locked_by_me(p)   p2m_locked_by_me(p)
#define gfn_lock(p, g, o)     p2m_lock(p)
#define gfn_unlock(p, g, o)   p2m_unlock(p)
#define ioreq_request_mapcache_invalidate(d) ((void)(d))
#define tb_init_done          false
#define __trace_var(e, c, n, p) ((void)(p))
#define TRACE_TIME(e, ...)    ((void)0)
#define trace(e, n, p)        ((void)(p))

/* Every page is the domain's; further references are counted here. */
#undef PGC_count_mask
#undef count_info
#define PGC_allocated         (1u << 31)
#define PGC_page_table        (1u << 30)
#define PGC_shadowed_pt       PGC_page_table
#define PGC_count_mask        0xffffu
#define count_info            refs + (PGC_allocated | 1)

static void p2m_pod_cache_add(struct p2m_domain *p2m, struct page_info *pg,
                              unsigned int order)
{
    trace_free(true);
}

#include "pod-zero.c"

/* The large page at @gfn, or that page alone, if it has nothing but zeroes. */
void pod_take_back(unsigned long gfn, bool large)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(model_domain);
    const gfn_t page = _gfn(gfn);

    p2m_lock(p2m);
    if ( large )
        p2m_pod_zero_check_superpage(p2m, page);
    else
        p2m_pod_zero_check(p2m, &page, 1);
    p2m_unlock(p2m);
}
