/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: what an entry should be, for an audit.  The definition of a
 * view is stated here a second time, in its plainest form.
 */

#include "ops.h"

/*
 * Does the view show an own page, where the host has @host?  Yes, if that is
 * the domain's RAM, and still the page that was copied.
 */
static bool shows_own(const struct domain *d, const struct altp2m_remap *r,
                      const struct altp2m_lookup *host)
{
    unsigned long inside = level_span(host->level) - 1;
    mfn_t frame = _mfn((mfn_x(altp2m_frame(host->entry)) & ~inside) |
                       (r->gfn & inside));

    if ( r->own->stale || altp2m_dropped(d->arch.altp2m, r) )
        return false;

    switch ( altp2m_format()->type(host->entry) )
    {
    case p2m_ram_rw:
    case p2m_ram_logdirty:
    case p2m_ram_ro:
        return mfn_eq(r->own->host, INVALID_MFN) ||
               mfn_eq(r->own->host, frame);

    case p2m_populate_on_demand:
    case p2m_ram_shared:
    case p2m_ram_paging_out:
    case p2m_ram_paged:
    case p2m_ram_paging_in:
        return true;

    default:
        return false;
    }
}

/* Returns the host's entry for the page that the view shows at @gfn. */
static struct altp2m_lookup shown(struct domain *d, struct altp2m_view *view,
                                  unsigned long gfn, altp2m_slot_t slot,
                                  const struct altp2m_lookup *host)
{
    struct altp2m_lookup source = *host;
    const struct altp2m_remap *remap = slot & SLOT_REMAP
                                       ? altp2m_remap(view, gfn) : NULL;

    /* The entries on the way to this table are marked pending themselves. */
    source.pending = false;

    if ( remap && remap->own )
    {
        if ( shows_own(d, remap, host) )
            source = (struct altp2m_lookup){
                .entry = altp2m_format()->own(p2m_get_hostp2m(d),
                                              host->entry,
                                              page_to_mfn(remap->own->page)),
                .own = remap->own->page,
                .gfn = gfn,
            };
    }
    else if ( remap )
    {
        struct altp2m_lookup target;

        altp2m_host_lookup(d, remap->target, 0, &target);
        target.remapped = true;
        if ( altp2m_remap_shows(d, remap, &target) )
            source = target;
    }

    return source;
}

/* Returns what is left of @access on a side.  Sets *@sve if that is less. */
static p2m_access_t on_side(enum altp2m_side side, p2m_access_t access,
                            bool *sve)
{
    unsigned int bits = access_bits(access);

    if ( !altp2m_needs_sides(access) &&
         (side != SIDE_EXECUTE || !(bits & p2m_access_x)) )
        return access;

    *sve = true;
    if ( altp2m_needs_sides(access) )
        return side == SIDE_DATA ? p2m_access_n : bits | p2m_access_r;

    return bits & ~p2m_access_x;
}

/*
 * Returns the entry that the view's definition gives: a leaf with page, rights
 * and #VE; or the host's, which leads to a table, with rights.
 */
static uint64_t own(struct domain *d, const struct altp2m_node *node,
                    unsigned int idx, const struct altp2m_lookup *host,
                    enum altp2m_side side)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    bool leads = host->level == node->level &&
                 altp2m_points(fmt, host->entry, host->level);
    p2m_access_t access = slot_access(node->view, slot,
                                      leads ? p2m_access_rwx
                                            : fmt->access(host->entry));
    bool sve = slot_sve(slot);
    struct altp2m_lookup source;

    if ( leads && !altp2m_shareable(node->view, slot,
                                    altp2m_frame(host->entry)) )
        return fmt->stale;

    access = on_side(side, access, &sve);
    if ( leads )
        return fmt->narrow(host->entry, access, sve);

    source = shown(d, node->view, node_gfn(node, idx), slot, host);

    return fmt->leaf(p2m_get_hostp2m(d), &source, node->level, access, sve);
}

/* Returns the entry that leads to the table one level down. */
static uint64_t child(const struct altp2m_node *node, unsigned long gfn,
                      const struct altp2m_lookup *host, enum altp2m_side side)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_node *below = altp2m_node(node->view, gfn,
                                                  node->level - 1);
    mfn_t mirrored = altp2m_mirrored(host, node->level);

    if ( !below || altp2m_below_stale(node, below) ||
         !node_has_side(below, side) )
        return fmt->stale;

    return fmt->link(node_table(below, side),
                     mfn_eq(mirrored, INVALID_MFN) ? 0 : host->entry);
}

/* Returns what an entry of @node's table on a side should be. */
uint64_t altp2m_audit_entry(struct domain *d, const struct altp2m_node *node,
                            unsigned int idx, const struct altp2m_lookup *host,
                            enum altp2m_side side)
{
    return node->slot[idx] & SLOT_CHILD
           ? child(node, node_gfn(node, idx), host, side)
           : own(d, node, idx, host, side);
}
