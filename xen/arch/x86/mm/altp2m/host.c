/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: reading the host's map. */

#include "base.h"

/* A table covers a gigabyte there: often the next lookup is in the same one. */
#define WALKED_LEVEL 1u

/*
 * Reads the host's entry at @level, or a leaf or hole above.  Views must be on:
 * altp2m_entry_written() forgets the table that was walked last.  Lock held.
 */
void altp2m_host_lookup(const struct domain *d, unsigned long gfn,
                        unsigned int level, struct altp2m_lookup *src)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_walked *walked = &d->arch.altp2m->walked;
    unsigned long base = level_base(gfn, WALKED_LEVEL);
    mfn_t table = altp2m_host_root(d);

    *src = (struct altp2m_lookup){ .gfn = gfn, .level = ROOT_LEVEL };

    if ( walked->valid && walked->gfn == base && level <= WALKED_LEVEL )
    {
        src->level = WALKED_LEVEL;
        src->pending = walked->pending;
        table = walked->table;
    }

    for ( ; ; src->level-- )
    {
        src->entry = altp2m_read_entry(table, level_index(gfn, src->level));
        if ( src->level == level ||
             !altp2m_points(fmt, src->entry, src->level) )
            return;

        src->pending |= fmt->pending(src->entry);
        table = altp2m_frame(src->entry);
        if ( src->level == WALKED_LEVEL + 1 )
            *walked = (struct altp2m_walked){
                .table = table, .gfn = base, .pending = src->pending,
                .valid = true,
            };
    }
}

/* Can a remap show the page?  Yes if it is RAM, populated or not. */
bool altp2m_has_frame(const struct altp2m_lookup *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    return p2m_is_ram(t) || p2m_is_pod(t);
}

/* Is there a page of any type, whose rights can be overridden? */
bool altp2m_has_page(const struct altp2m_lookup *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    return p2m_is_any_ram(t) || p2m_is_pod(t);
}

/*
 * Can a view show a page of its own in place of the host's?  Yes if that is RAM
 * of the domain's, be it shared, paged out or not populated.  A page of which a
 * device model handles the writes is not: the own page would take them.
 */
bool altp2m_can_hide(const struct altp2m_lookup *src)
{
    return altp2m_has_frame(src) &&
           altp2m_format()->type(src->entry) != p2m_ioreq_server;
}

/*
 * Returns the frame of @src->gfn, where there is one.  In the entry of a
 * superpage the lowest frame bit may be a PAT bit.
 */
mfn_t altp2m_lookup_frame(const struct altp2m_lookup *src)
{
    unsigned long inside = level_span(src->level) - 1;

    return _mfn((mfn_x(altp2m_frame(src->entry)) & ~inside) |
                (src->gfn & inside));
}

/*
 * Returns the frame of RAM that stays there until another page replaces it; or
 * INVALID_MFN, if what is there may move: it is shared, paged or not populated.
 */
mfn_t altp2m_fixed_frame(const struct altp2m_lookup *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    return p2m_is_shared(t) || p2m_is_paging(t) || p2m_is_pod(t)
           ? INVALID_MFN : altp2m_lookup_frame(src);
}
