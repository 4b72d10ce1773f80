/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: what an entry of a private table must be.
 */

#include "cache.h"

bool altp2m_remap_source(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn, struct altp2m_source *src)
{
    struct altp2m_remap *r = altp2m_remap(view, gfn);

    ASSERT(r);
    altp2m_host_lookup(d, r->target, 0, src);
    src->remapped = true;

    if ( altp2m_has_frame(d, src) )
    {
        altp2m_found(r);
        return true;
    }

    altp2m_lost(d, r);

    return false;
}

/* The gfn whose frame @view shows at @gfn. */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn)
{
    struct altp2m_source src;
    unsigned int level;

    if ( gfn <= MAX_GFN && (altp2m_lookup(view, gfn, &level) & SLOT_REMAP) &&
         altp2m_remap_source(d, view, gfn, &src) )
        return src.gfn;

    return gfn;
}

/*
 * Has the host's @table, or one below it, had an entry that restricts access?
 * All tables above it then have, too: altp2m_host_restricts().
 */
static bool restricted(mfn_t table)
{
    return test_bit(_PGT_restricted, &mfn_to_page(table)->u.inuse.type_info);
}

/* The host's root says it of the whole map. */
bool altp2m_host_restricted(const struct domain *d)
{
    return restricted(altp2m_host_root(d));
}

/*
 * Can what a view says be put on the entry that leads to the host's @table, with
 * the table shared?  It can when it takes rights from all below alike.  Where the
 * host restricts some, the view may have to give some back; and #VE, and that CPUs
 * may write while they walk the guest's tables, is said in leaves.  @table is
 * INVALID_MFN where the host has an entry for all.
 */
bool altp2m_shareable(const struct altp2m_view *view, altp2m_slot_t slot,
                      mfn_t table)
{
    p2m_access_t access = slot_access(view, slot, p2m_access_rwx);

    if ( mfn_eq(table, INVALID_MFN) )
        return true;

    if ( access == p2m_access_r_pw && has_paging_write )
        return false;

    if ( !access_bits(access) )
        return true;

    return slot_sve(slot) && !(altp2m_gives_back(view, slot) && restricted(table));
}

static uint64_t child_entry(struct altp2m_node *node, unsigned int idx,
                            const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_node *child = altp2m_child(node, idx);

    if ( altp2m_below_stale(node, child) )
        return fmt->stale;

    return fmt->link(child->table, mfn_eq(child->host, INVALID_MFN)
                                   ? 0 : host->entry);
}

/* What an entry has to be: section by section the definition of a view. */
uint64_t altp2m_slot_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    p2m_access_t access;
    struct altp2m_source target;

    /* Since the floor was raised no table was made: none below is up to date. */
    if ( slot & SLOT_CHILD )
        return node->floor == d->arch.altp2m->clock
               ? fmt->stale : child_entry(node, idx, host);

    if ( host->level == node->level &&
         altp2m_points(fmt, host->entry, host->level) )
        return altp2m_shareable(node->view, slot, altp2m_frame(host->entry))
               ? fmt->narrow(host->entry,
                               slot_access(node->view, slot, p2m_access_rwx),
                               slot_sve(slot))
               : fmt->stale;

    access = slot_access(node->view, slot, fmt->access(host->entry));

    if ( (slot & SLOT_REMAP) &&
         altp2m_remap_source(d, node->view, node->gfn + idx, &target) )
        host = &target;

    return fmt->leaf(p2m_get_hostp2m(d), host, node->level, access,
                     slot_sve(slot));
}

/*
 * Finds what @view has at @gfn: nothing, and a hole with all rights, where no table
 * reaches.  A remap that has lost its target, or has it again, is noted.  Lock held.
 */
void altp2m_find(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                 struct altp2m_at *at)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_node *node;
    struct altp2m_source target;

    at->view = view;
    at->gfn = gfn;
    at->slot = 0;
    at->level = ROOT_LEVEL;
    at->host = (struct altp2m_source){ .entry = fmt->stale, .gfn = gfn };
    at->access = p2m_access_rwx;

    if ( gfn <= MAX_GFN )
    {
        at->slot = altp2m_lookup(view, gfn, &at->level);
        node = at->level ? NULL : altp2m_node(view, gfn, 0);
        if ( node && altp2m_in_use(node) )
            altp2m_host_of(d, node, level_index(gfn, 0), &at->host);
        else
            altp2m_host_lookup(d, gfn, 0, &at->host);
        at->access = slot_access(view, at->slot, fmt->access(at->host.entry));
    }

    at->source = at->host;
    if ( (at->slot & SLOT_REMAP) && altp2m_remap_source(d, view, gfn, &target) )
        at->source = target;
}

/*
 * View 0's access is the host's own, unless operations of public/hvm/altp2m.h
 * have given the view another, for @gfn or for all.  Lock held.
 */
bool altp2m_is_host(struct altp2m_view *view, unsigned long gfn)
{
    unsigned int level;

    return !view->idx &&
           (gfn > MAX_GFN ||
            (view->default_access == NO_DEFAULT &&
             !(altp2m_lookup(view, gfn, &level) & SLOT_ACCESS)));
}
