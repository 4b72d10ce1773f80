/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: copying overrides from one view to another. */

#include "change.h"

/* Copies at most so many own pages at a time. */
#define SOME_OWN 16u

/* Copies an own page.  Returns 0 or -ENOMEM. */
static int copy_own(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, const struct altp2m_own *from,
                    struct altp2m_own **to)
{
    int rc = altp2m_make_own(d, view, gfn, to);

    if ( rc )
        return rc;

    copy_domain_page(page_to_mfn((*to)->page), page_to_mfn(from->page));
    memcpy((*to)->patched, from->patched, sizeof(from->patched));
    (*to)->nr_patched = from->nr_patched;
    (*to)->drops = from->drops;
    (*to)->stale = from->stale;
    (*to)->host = from->host;

    return 0;
}

/* Copies one slot, and its remap or own page. */
static int copy_slot(struct domain *d, struct altp2m_node *node,
                     unsigned int idx, altp2m_slot_t slot,
                     struct altp2m_view *from)
{
    unsigned long gfn = node_gfn(node, idx);
    struct altp2m_lookup src;

    ASSERT(!(node->slot[idx] & SLOT_CHILD));

    if ( slot & SLOT_REMAP )
    {
        const struct altp2m_remap *old = altp2m_remap(from, gfn);
        struct altp2m_remap *r = altp2m_alloc(d, &d->arch.altp2m->remaps);

        if ( !r )
            return -ENOMEM;
        if ( old->own && copy_own(d, node->view, gfn, old->own, &r->own) )
        {
            altp2m_free(d, &d->arch.altp2m->remaps, r);
            return -ENOMEM;
        }
        altp2m_set_remap(d, r, node->view, gfn, old->target);
        /*
         * A table that is left to faults does not find out whether this one is
         * dormant.  Of an own page altp2m_redo_more() may be past it.
         */
        if ( r->own )
            altp2m_remap_source(d, node->view, gfn, &src);
        else if ( old->dormant )
            altp2m_lost(d, r);
    }
    altp2m_put_slot(node, idx, slot);

    return 0;
}

/* Copies slots from @idx up to a child.  Returns how many, or -ENOMEM. */
static int copy_slots(struct domain *d, struct altp2m_view *view,
                      const struct altp2m_node *from, unsigned int idx)
{
    struct altp2m_node *node = NULL;
    unsigned int i, own = view->nr_own;

    for ( i = idx; i < TABLE_ENTRIES && !(from->slot[i] & SLOT_CHILD) &&
                   view->nr_own - own < SOME_OWN; i++ )
    {
        if ( !from->slot[i] )
            continue;

        if ( !node )
            node = altp2m_reserve(d, view, from->gfn, from->level, 0);
        if ( !node || copy_slot(d, node, i, from->slot[i], from->view) )
            return -ENOMEM;
    }

    if ( node )
    {
        altp2m_sync_node(d, node);
        altp2m_tidy(d, node);
    }

    return i - idx;
}

/* Sets the override of one entry to @slot, which has no SLOT_REMAP. */
static int copy_part(struct domain *d, struct altp2m_view *view,
                     unsigned long gfn, unsigned int level, altp2m_slot_t slot)
{
    const struct altp2m_change change = {
        .set_access = slot & SLOT_ACCESS ? ALTP2M_SET : ALTP2M_KEEP,
        .access = (slot & SLOT_ACCESS) - 1,
        .set_sve = slot & SLOT_SVE ? ALTP2M_SET : ALTP2M_KEEP,
        .sve = slot_sve(slot),
    };

    return altp2m_override(d, view, gfn, level, &change);
}

/*
 * Copies overrides of @gfn, and of some gfns after it, to @view, which has none
 * there.  Returns how many gfns, or -ENOMEM with part of them copied.
 */
long altp2m_copy(struct domain *d, struct altp2m_view *view,
                 struct altp2m_view *from, unsigned long gfn)
{
    const struct altp2m_node *node = altp2m_lowest_node(from, gfn);
    unsigned int level = node->level;
    unsigned long last = gfn | (level_span(level) - 1);
    long rc;

    if ( !(gfn & (level_span(level) - 1)) )
    {
        rc = copy_slots(d, view, node, level_index(gfn, level));

        return rc < 0 ? rc : rc * level_span(level);
    }

    /* @from has merged slots since the first ones of them were copied. */
    level = altp2m_level_of(gfn, last - gfn + 1);
    rc = copy_part(d, view, gfn, level, node_slot(node, gfn));

    return rc ?: level_span(level);
}
