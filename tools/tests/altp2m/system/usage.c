/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The paging pool as a measure.  The hypervisor tells how large the pool is,
 * not how much of it is in use; but a pool can't be made smaller than what is
 * in use, so making it as small as it gets tells that too, to the page.
 */
#include "guest.h"

#include <errno.h>

#define PAGE 4096

static unsigned int pool_size(struct guest *g)
{
    uint64_t size = 0;

    expect(!xc_get_paging_mempool_size(xch, g->domid, &size),
           "size of the paging pool: %s", error_name(-errno));
    return size / PAGE;
}

static void pool_resize(struct guest *g, unsigned int pages)
{
    expect(!xc_set_paging_mempool_size(xch, g->domid, pages * (uint64_t)PAGE),
           "paging pool of %u pages: %s", pages, error_name(-errno));
}

unsigned int pool_used(struct guest *g)
{
    unsigned int before, used;

    guest_pause(g);
    before = pool_size(g);
    /* Fails where a page in use stands in the way, which is what we want. */
    xc_set_paging_mempool_size(xch, g->domid, 0);
    used = pool_size(g);
    pool_resize(g, before);
    guest_unpause(g);
    return used;
}

void pool_leave(struct guest *g, unsigned int pages)
{
    guest_pause(g); /* or it may need more meanwhile */
    pool_resize(g, pool_used(g) + pages);
    guest_unpause(g);
}
