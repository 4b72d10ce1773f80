/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the private table of a node. */

#include "cache.h"

/* Gives @node the page @table, to mirror @host, and fills it. */
static void attach(struct domain *d, struct altp2m_node *node, mfn_t table,
                   mfn_t host)
{
    struct altp2m_domain *a = d->arch.altp2m;

    altp2m_set_mirror(a, node, host);
    node->table = table;
    a->clock++;
    if ( node->level < ROOT_LEVEL )
    {
        /* Tables below did not follow the host: they are out of date. */
        node->made = node->floor = a->clock;
        list_add_tail(&node->cached, &a->tables);
        d->arch.altp2m_tables = true;
    }
    node->view->nr_tables++;
    altp2m_fill_table(d, node);
}

/*
 * Makes and fills the private table of a node that is not the root.  The caller
 * then has the parent's entry lead to it.  Returns 0 or -ENOMEM.
 */
int altp2m_attach(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_domain *a = d->arch.altp2m;
    mfn_t table;

    a->mirror = altp2m_heap_page(a->mirror, 0);
    if ( !a->mirror )
        return -ENOMEM;

    table = altp2m_alloc_table(d);
    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    attach(d, node, table, altp2m_host_table(d, node));

    return 0;
}

/*
 * Makes a view's root table, if it has none.  Flushes: CPUs tag translations by
 * the root's address (EPT), and may hold some from when the page was a root
 * before, of any domain.  Returns 0; for view 0 also -ENOMEM.  Other views have
 * their page: @spare.
 */
int altp2m_attach_root(struct domain *d, struct altp2m_view *view)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    mfn_t table = view->spare;

    if ( node_has_table(&view->root) )
        return 0;

    if ( mfn_eq(table, INVALID_MFN) )
        table = altp2m_alloc_table(d);
    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    view->spare = INVALID_MFN;
    attach(d, &view->root, table, altp2m_host_root(d));

    altp2m_format()->flush(hp2m);
    p2m_tlb_flush_sync(hp2m);

    return 0;
}

/* Frees a node's table.  No live entry leads there when the caller is done. */
void altp2m_detach(struct domain *d, struct altp2m_node *node)
{
    mfn_t table = node->table;

    if ( mfn_eq(table, INVALID_MFN) )
        return;

    altp2m_set_mirror(d->arch.altp2m, node, INVALID_MFN);
    node->table = INVALID_MFN;
    if ( node->level < ROOT_LEVEL )
    {
        node->made = 0;
        list_del(&node->cached);
        d->arch.altp2m_tables = !list_empty(&d->arch.altp2m->tables);
    }
    node->view->nr_tables--;
    altp2m_free_table(d, table);
}
