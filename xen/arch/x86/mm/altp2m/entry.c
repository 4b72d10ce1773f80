/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: what an entry of a private table must be. */

#include "cache.h"

/*
 * Does the remap show its target?  A hole of a VM fork may be a page that is
 * not copied yet: a fault finds out, and makes the remap dormant if it is not.
 */
bool altp2m_remap_shows(const struct domain *d, const struct altp2m_remap *r,
                        const struct altp2m_lookup *target)
{
    return altp2m_has_frame(target) ||
           (unlikely(mem_sharing_is_fork(d)) && !r->dormant &&
            p2m_is_hole(altp2m_format()->type(target->entry)));
}

/*
 * Does a record with an own page show it, where the host has @host?  Not once
 * the host has had no RAM there, or other RAM.
 */
static bool own_shows(const struct domain *d, const struct altp2m_remap *r,
                      const struct altp2m_lookup *host)
{
    mfn_t frame = altp2m_fixed_frame(host);

    return !r->own->stale && altp2m_can_hide(host) &&
           !altp2m_dropped(d->arch.altp2m, r) &&
           (mfn_eq(frame, r->own->host) || mfn_eq(frame, INVALID_MFN) ||
            mfn_eq(r->own->host, INVALID_MFN));
}

/* Makes *@src, the host's entry, that for the own page in its place. */
static void own_entry(const struct domain *d, const struct altp2m_own *own,
                      struct altp2m_lookup *src)
{
    src->entry = altp2m_format()->own(p2m_get_hostp2m(d), src->entry,
                                      page_to_mfn(own->page));
    src->level = 0;
    src->pending = false;
    src->own = own->page;
}

/*
 * Reads the host's entry for the page that the remap of @gfn shows, or makes
 * the one for its own page.  Returns whether the remap shows it.  Notes that
 * the remap is dormant now, or is not.
 */
bool altp2m_remap_source(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn, struct altp2m_lookup *src)
{
    struct altp2m_remap *r = altp2m_remap(view, gfn);

    ASSERT(r);
    altp2m_host_lookup(d, r->target, 0, src);

    if ( r->own ? !own_shows(d, r, src) : !altp2m_remap_shows(d, r, src) )
    {
        if ( r->own )
            r->own->stale = true;
        altp2m_lost(d, r);
        return false;
    }

    if ( r->own )
    {
        r->own->host = altp2m_fixed_frame(src);
        own_entry(d, r->own, src);
    }
    else
        src->remapped = true;
    altp2m_found(r);

    return true;
}

/*
 * Set in a host table's page type once that table, or one below it, has had an
 * entry that restricts access.  p2m_alloc_ptp() clears it when it allocates the
 * page.  The bit is free there: only PV guests pin pages.
 */
#define _PGT_restricted _PGT_pinned

/* Sets the bit.  Returns whether it was clear. */
bool altp2m_set_restricted(mfn_t table)
{
    return !test_and_set_bit(_PGT_restricted,
                             &mfn_to_page(table)->u.inuse.type_info);
}

static bool restricted(mfn_t table)
{
    return test_bit(_PGT_restricted, &mfn_to_page(table)->u.inuse.type_info);
}

/* Has the host's map had an entry that restricts access? */
bool altp2m_host_restricted(const struct domain *d)
{
    return restricted(altp2m_host_root(d));
}

/*
 * Can a view share the host's @table, and express its override by the entry
 * that leads there?  CPUs AND the rights along a walk, so that entry can take
 * rights from all gfns below.  It cannot give back what the host restricts,
 * permit #VE, or grant paging writes.  True for INVALID_MFN: no table.
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

    return slot_sve(slot) &&
           !(altp2m_gives_back(view, slot) && restricted(table));
}

static uint64_t child_entry(struct altp2m_node *node, unsigned int idx,
                            const struct altp2m_lookup *host,
                            enum altp2m_side side)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_node *child = altp2m_child(node, idx);

    if ( altp2m_below_stale(node, child) || !node_has_side(child, side) )
        return fmt->stale;

    return fmt->link(node_table(child, side), mfn_eq(child->host, INVALID_MFN)
                                   ? 0 : host->entry);
}

/* The access that a view gives at the host's leaf or hole @host. */
static inline p2m_access_t leaf_access(const struct altp2m_format *fmt,
                                       const struct altp2m_view *view,
                                       altp2m_slot_t slot, uint64_t host)
{
    p2m_access_t access = slot_access(view, slot, NO_DEFAULT);

    return access != NO_DEFAULT ? access : fmt->access(host);
}

/* Is #VE suppressed where a side gives @given of the view's @access? */
static inline bool side_sve(altp2m_slot_t slot, p2m_access_t access,
                            p2m_access_t given)
{
    return slot_sve(slot) || given != access;
}

/*
 * Computes what an entry must be on a side: the definition of a view, in the
 * README.  Where a side has not all rights of the view, faults come to Xen: #VE
 * is suppressed.
 */
uint64_t altp2m_slot_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_lookup *host,
                           enum altp2m_side side)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    p2m_access_t access, given;
    struct altp2m_lookup target;

    /* No table was made since the floor rose: all below are out of date. */
    if ( slot & SLOT_CHILD )
        return node->floor == d->arch.altp2m->clock
               ? fmt->stale : child_entry(node, idx, host, side);

    if ( host->level == node->level &&
         altp2m_points(fmt, host->entry, host->level) )
    {
        if ( !altp2m_shareable(node->view, slot, altp2m_frame(host->entry)) )
            return fmt->stale;

        access = slot_access(node->view, slot, p2m_access_rwx);
        given = altp2m_side_access(access, side);

        return fmt->narrow(host->entry, given, side_sve(slot, access, given));
    }

    access = leaf_access(fmt, node->view, slot, host->entry);
    given = altp2m_side_access(access, side);

    if ( (slot & SLOT_REMAP) &&
         altp2m_remap_source(d, node->view, node->gfn + idx, &target) )
        host = &target;

    return fmt->leaf(p2m_get_hostp2m(d), host, node->level, given,
                     side_sve(slot, access, given));
}

/*
 * Finds what @view has at @gfn: above MAX_GFN a hole.  May find that a remap is
 * dormant now, and count the loss.  Lock held.
 */
void altp2m_find(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                 struct altp2m_at *at)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_lookup target;
    struct altp2m_node *node;

    at->view = view;
    at->gfn = gfn;

    if ( unlikely(gfn > MAX_GFN) )
    {
        at->slot = 0;
        at->level = ROOT_LEVEL;
        at->access = p2m_access_rwx;
        at->host = (struct altp2m_lookup){ .entry = fmt->stale, .gfn = gfn };
        at->source = at->host;
        return;
    }

    node = altp2m_lowest_node(view, gfn);
    at->level = node->level;
    at->slot = node_slot(node, gfn);
    if ( !at->level && altp2m_walkable(node) )
        altp2m_host_of(d, node, level_index(gfn, 0), &at->host);
    else
        altp2m_host_lookup(d, gfn, 0, &at->host);
    at->access = leaf_access(fmt, view, at->slot, at->host.entry);

    at->source = at->host;
    if ( (at->slot & SLOT_REMAP) &&
         altp2m_remap_source(d, view, gfn, &target) )
        at->source = target;
}

/*
 * Is @view view 0, and the access of @gfn there the host's own?  In view 0 only
 * operations of public/hvm/altp2m.h override access.  Lock held.
 */
bool altp2m_access_is_host(struct altp2m_view *view, unsigned long gfn)
{
    return !view->idx &&
           (gfn > MAX_GFN ||
            (view->default_access == NO_DEFAULT &&
             !(node_slot(altp2m_lowest_node(view, gfn), gfn) & SLOT_ACCESS)));
}
