/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: private tables that mirror a table of the host's, and whether they are
 * up to date.
 */

#include "cache.h"

/* Returns the tree of the nodes whose host table has @host's hash. */
static struct rb_root *mirror_tree(struct altp2m_domain *a, mfn_t host)
{
    unsigned long h = mfn_x(host) ^ (mfn_x(host) >> TABLE_ORDER);

    return &a->mirror[h % (PAGE_SIZE / sizeof(*a->mirror))];
}

/* Compares a node with (@host, @idx): the order of these trees. */
static int mirror_cmp(const struct altp2m_node *n, mfn_t host, unsigned int idx)
{
    if ( !mfn_eq(n->host, host) )
        return mfn_x(n->host) < mfn_x(host) ? -1 : 1;

    return (int)n->view->idx - (int)idx;
}

/* Returns a node that mirrors @host, or NULL.  node->alike leads to the others. */
struct altp2m_node *altp2m_find_mirror(struct altp2m_domain *a, mfn_t host)
{
    struct rb_node *rb = mirror_tree(a, host)->rb_node;

    while ( rb )
    {
        struct altp2m_node *n = rb_entry(rb, struct altp2m_node, mirror);

        if ( mfn_eq(n->host, host) )
            return n;
        rb = mfn_x(n->host) < mfn_x(host) ? rb->rb_right : rb->rb_left;
    }

    return NULL;
}

static void mirror_drop(struct altp2m_domain *a, struct altp2m_node *node)
{
    if ( a->written == node )
        a->written = NULL;
    rb_erase(&node->mirror, mirror_tree(a, node->host));
    list_del(&node->alike);
    node->host = INVALID_MFN;
    a->nr_mirrors--;
}

static void mirror_add(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host)
{
    struct rb_root *root = mirror_tree(a, host);
    struct rb_node **link = &root->rb_node, *parent = NULL;
    struct altp2m_node *alike = NULL;

    while ( *link )
    {
        struct altp2m_node *n = rb_entry(*link, struct altp2m_node, mirror);
        int cmp = mirror_cmp(n, host, node->view->idx);

        /*
         * A page is the host's table at one gfn only: there was one before, and
         * what mirrored that is out of date.
         */
        if ( !cmp )
        {
            ASSERT(!altp2m_current(n));
            mirror_drop(a, n);
            link = &root->rb_node;
            parent = NULL;
            alike = NULL;
            continue;
        }

        if ( mfn_eq(n->host, host) )
            alike = n;
        parent = *link;
        link = cmp > 0 ? &parent->rb_left : &parent->rb_right;
    }

    node->host = host;
    if ( alike )
        list_add_tail(&node->alike, &alike->alike);
    else
        INIT_LIST_HEAD(&node->alike);
    rb_link_node(&node->mirror, parent, link);
    rb_insert_color(&node->mirror, root);
    a->nr_mirrors++;
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
 * Is @node's table up to date?  Then it follows the host.  Always true of a root,
 * made or not.
 */
bool altp2m_current(struct altp2m_node *node)
{
    struct altp2m_node *parent;

    if ( node->level == ROOT_LEVEL || node->seen == node->view->cuts )
        return true;

    parent = altp2m_node(node->view, node->gfn, node->level + 1);
    if ( altp2m_below_stale(parent, node) || !altp2m_current(parent) )
        return false;

    node->seen = node->view->cuts;

    return true;
}

mfn_t altp2m_mirrored(const struct altp2m_source *host, unsigned int level)
{
    return host->level == level &&
           altp2m_points(altp2m_format(), host->entry, level)
           ? altp2m_frame(host->entry) : INVALID_MFN;
}

void altp2m_map_host(struct domain *d, const struct altp2m_node *node,
                     struct host_entries *h)
{
    h->mirror = NULL;
    if ( !mfn_eq(node->host, INVALID_MFN) )
        h->mirror = map_domain_page(node->host);
    else
        altp2m_host_lookup(p2m_get_hostp2m(d), node->gfn, node->level + 1,
                           &h->above);
}

void altp2m_unmap_host(struct host_entries *h)
{
    if ( h->mirror )
        unmap_domain_page(h->mirror);
}

/* Has the node a table that is up to date, so that CPUs may walk it? */
bool altp2m_in_use(struct altp2m_node *node)
{
    return node_has_table(node) && altp2m_current(node);
}

void altp2m_host_of(struct domain *d, const struct altp2m_node *node,
                    unsigned int idx, struct altp2m_source *host)
{
    unsigned long gfn = node_gfn(node, idx);

    if ( mfn_eq(node->host, INVALID_MFN) )
        altp2m_host_lookup(p2m_get_hostp2m(d), gfn, node->level, host);
    else
    {
        const uint64_t *mirror = map_domain_page(node->host);

        *host = (struct altp2m_source){ .entry = mirror[idx], .gfn = gfn,
                                        .level = node->level };
        unmap_domain_page(mirror);
    }
    host->pending = false;
}

/* Reads the host's leaf or hole for @gfn: from a mirror, if the view has one. */
void altp2m_host_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, struct altp2m_source *host)
{
    struct altp2m_node *node = altp2m_node(view, gfn, 0);

    if ( node && altp2m_in_use(node) )
        altp2m_host_of(d, node, level_index(gfn, 0), host);
    else
        altp2m_host_lookup(p2m_get_hostp2m(d), gfn, 0, host);
}
