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
        a->front.tables = true;
    }
    node->view->nr_tables++;
    altp2m_fill_table(d, node, SIDE_DATA);
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
 * Flushes after a root was made: CPUs tag translations by the root's address
 * (EPT), and may hold some from when the page was a root before, of any domain.
 */
static void flush_root(struct domain *d)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);

    altp2m_format()->flush(hp2m);
    p2m_tlb_flush_sync(hp2m);
}

/*
 * Makes a view's root table, if it has none, and flushes.  Returns 0; for view
 * 0 also -ENOMEM.  Other views have their page: @spare.
 */
int altp2m_attach_root(struct domain *d, struct altp2m_view *view)
{
    mfn_t table = view->spare;

    if ( node_has_table(&view->root) )
        return 0;

    if ( mfn_eq(table, INVALID_MFN) )
        table = altp2m_alloc_table(d);
    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    view->spare = INVALID_MFN;
    attach(d, &view->root, table, altp2m_host_root(d));
    flush_root(d);

    return 0;
}

/*
 * Makes another side's table of a node whose own is up to date.  The caller
 * then has the entry of the parent's, if any, lead there.  0 or -ENOMEM.
 */
int altp2m_attach_side(struct domain *d, struct altp2m_node *node,
                       enum altp2m_side side)
{
    mfn_t table = altp2m_alloc_table(d);

    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    node->view->sided = true;
    node_set_table(node, side, table);
    node->view->nr_tables++;
    altp2m_fill_table(d, node, side);
    if ( node->level == ROOT_LEVEL )
        flush_root(d);

    return 0;
}

static void free_side(struct domain *d, struct altp2m_node *node,
                      enum altp2m_side side)
{
    altp2m_free_table(d, node_table(node, side));
    node_set_table(node, side, INVALID_MFN);
    node->view->nr_tables--;
}

/* Frees the tables of a node that are not the data side's. */
void altp2m_detach_sides(struct domain *d, struct altp2m_node *node)
{
    enum altp2m_side side;

    for ( side = SIDE_EXECUTE; side < SIDES; side++ )
        if ( node_has_side(node, side) )
            free_side(d, node, side);
}

/* Frees a node's tables.  No live entry leads there when the caller is done. */
void altp2m_detach(struct domain *d, struct altp2m_node *node)
{
    if ( !node_has_table(node) )
        return;

    altp2m_detach_sides(d, node);
    altp2m_set_mirror(d->arch.altp2m, node, INVALID_MFN);
    if ( node->level < ROOT_LEVEL )
    {
        node->made = 0;
        node->plain = NULL;
        list_del(&node->cached);
        d->arch.altp2m->front.tables =
            !list_empty(&d->arch.altp2m->tables);
    }
    free_side(d, node, SIDE_DATA);
}
