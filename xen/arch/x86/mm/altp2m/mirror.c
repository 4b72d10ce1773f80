/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: which table mirrors which, and whether it is up to date. */

#include "cache.h"

/* Is @n before (@host, view @idx) in these trees? */
static bool mirror_before(const struct altp2m_node *n, mfn_t host,
                          unsigned int idx)
{
    return !mfn_eq(n->host, host) ? mfn_x(n->host) < mfn_x(host)
                                  : n->view->idx < idx;
}

/* Returns the first node that mirrors @host, in view @idx or above, or NULL. */
struct altp2m_node *altp2m_find_mirror(struct altp2m_domain *a, mfn_t host,
                                       unsigned int idx)
{
    struct altp2m_node *node =
        altp2m_rb_first(altp2m_mirror_tree(a, host), struct altp2m_node, mirror,
                        n, !mirror_before(n, host, idx));

    return node && mfn_eq(node->host, host) ? node : NULL;
}

/* altp2m_written(), where it is not known.  Stores to another table begin. */
struct altp2m_node *altp2m_find_written(struct altp2m_domain *a, mfn_t host)
{
    struct altp2m_node *node = altp2m_find_mirror(a, host, 0);
    const struct list_head *at;

    if ( !node )
        return NULL;

    a->first = node;
    if ( !mfn_eq(a->written, host) )
    {
        a->written = host;
        a->nr_written = 0;
        a->nr_alike = 1;
        list_for_each ( at, &node->alike )
            a->nr_alike++;
    }

    return node;
}

static void mirror_drop(struct altp2m_domain *a, struct altp2m_node *node)
{
    if ( a->first == node )
        a->first = NULL;
    a->nr_alike -= mfn_eq(a->written, node->host);
    rb_erase(&node->mirror, altp2m_mirror_tree(a, node->host));
    list_del(&node->alike);
    node->host = INVALID_MFN;
}

static void mirror_add(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host)
{
    struct altp2m_node *alike;

    /* @alike, out of date, is from when the host had @host at another gfn. */
    alike = altp2m_find_mirror(a, host, node->view->idx);
    if ( alike && alike->view == node->view )
    {
        ASSERT(!altp2m_up_to_date(alike));
        mirror_drop(a, alike);
    }

    alike = altp2m_find_mirror(a, host, 0);
    a->nr_alike += mfn_eq(a->written, host);
    node->host = host;
    if ( alike )
        list_add_tail(&node->alike, &alike->alike);
    else
        INIT_LIST_HEAD(&node->alike);
    altp2m_rb_insert(altp2m_mirror_tree(a, host), struct altp2m_node, mirror,
                     node, n, mirror_before(node, n->host, n->view->idx));
}

/* Sets the host table that @node mirrors, or INVALID_MFN. */
void altp2m_set_mirror(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host)
{
    if ( node->level == ROOT_LEVEL )
    {
        node->host = host;
        return;
    }

    if ( !mfn_eq(node->host, INVALID_MFN) )
        mirror_drop(a, node);
    if ( !mfn_eq(host, INVALID_MFN) )
        mirror_add(a, node, host);
}

/* Is the table of @child, one level below @node, missing or out of date? */
bool altp2m_below_stale(const struct altp2m_node *node,
                        const struct altp2m_node *child)
{
    return !node_has_table(child) || child->made < node->floor;
}

/*
 * altp2m_up_to_date(), where it is not known.  A root always is.  In a dying
 * view parents are freed first.
 */
bool altp2m_check_up_to_date(struct altp2m_node *node)
{
    struct altp2m_node *parent = altp2m_parent(node);

    if ( !parent || altp2m_below_stale(parent, node) ||
         !altp2m_up_to_date(parent) )
        return false;

    node->seen = node->view->root.seen;

    return true;
}

/* Returns the table to which @host leads if it is at @level, or INVALID_MFN. */
mfn_t altp2m_mirrored(const struct altp2m_lookup *host, unsigned int level)
{
    return host->level == level &&
           altp2m_points(altp2m_format(), host->entry, level)
           ? altp2m_frame(host->entry) : INVALID_MFN;
}

/* Finds what the host has for a node's entries.  Owed: altp2m_unmap_host(). */
void altp2m_map_host(struct domain *d, const struct altp2m_node *node,
                     struct host_entries *h)
{
    h->mirror = NULL;
    if ( !mfn_eq(node->host, INVALID_MFN) )
        h->mirror = map_domain_page(node->host);
    else
        altp2m_host_lookup(d, node->gfn, node->level + 1, &h->above);
}

void altp2m_unmap_host(struct host_entries *h)
{
    if ( h->mirror )
        unmap_domain_page(h->mirror);
}

/* Reads what the host has for one entry of a node. */
void altp2m_host_of(struct domain *d, const struct altp2m_node *node,
                    unsigned int idx, struct altp2m_lookup *host)
{
    struct host_entries h;

    altp2m_map_host(d, node, &h);
    altp2m_host_entry(&h, node, idx, host);
    altp2m_unmap_host(&h);
}
