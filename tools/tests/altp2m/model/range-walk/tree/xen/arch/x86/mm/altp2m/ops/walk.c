/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the operation that walks tables for a gfn, as a CPU does. */

#include "ops.h"

struct walk {
    struct xen_altp2m_walk *op;
    struct xen_altp2m_entry entry[XEN_ALTP2M_WALK_SIDES_MAX];
    unsigned int nr;
};

/*
 * Appends the entries of a walk to @gfn.  @which: XEN_ALTP2M_WALK_VIEW starts
 * at the view's root, XEN_ALTP2M_WALK_EXECUTE at the execute side's, others at
 * the host's.  Notes whether the walk ends at a stale entry.
 */
static void walk_from(struct domain *d, struct altp2m_view *view,
                      unsigned long gfn, uint8_t which, struct walk *w)
{
    const struct altp2m_format *fmt = altp2m_format();
    enum altp2m_side side = which == XEN_ALTP2M_WALK_EXECUTE ? SIDE_EXECUTE
                                                             : SIDE_DATA;
    bool own = side == SIDE_EXECUTE || which == XEN_ALTP2M_WALK_VIEW;
    mfn_t table = altp2m_root_table(d, own ? view : NULL, side);
    unsigned int level = ROOT_LEVEL;
    bool down = true;

    for ( ; down; level-- )
    {
        const struct altp2m_node *node = altp2m_node(view, gfn, level);
        struct xen_altp2m_entry *e = &w->entry[w->nr++];
        mfn_t frame;

        *e = (struct xen_altp2m_entry){
            .table = mfn_x(table),
            .index = level_index(gfn, level),
            .walk = which,
            .level = level,
        };
        e->entry = altp2m_read_entry(table, e->index);
        down = altp2m_points(fmt, e->entry, level);
        frame = fmt->type(e->entry) == p2m_invalid ? INVALID_MFN
                                                   : altp2m_frame(e->entry);
        e->frame = mfn_eq(frame, INVALID_MFN) ? XEN_ALTP2M_NONE : mfn_x(frame);

        if ( own && node && mfn_eq(node_table(node, side), table) )
            e->flags |= XEN_ALTP2M_ENTRY_PRIVATE;
        if ( own && !down && altp2m_stale(d, view, gfn, level, side) )
            e->flags |= XEN_ALTP2M_ENTRY_STALE;
        if ( down )
            e->flags |= XEN_ALTP2M_ENTRY_TABLE;
        if ( e->entry & fmt->present )
            e->flags |= XEN_ALTP2M_ENTRY_PRESENT;
        if ( fmt->pending(e->entry) )
            e->flags |= XEN_ALTP2M_ENTRY_PENDING;

        table = frame;
    }
}

static int cf_check do_walk(struct domain *d, void *arg)
{
    struct walk *w = arg;
    struct xen_altp2m_walk *op = w->op;
    struct altp2m_view *view = altp2m_named(d, op->view);
    unsigned long gfn = op->gfn;
    struct altp2m_at at;

    if ( !view )
        return -ENOENT;

    altp2m_find(d, view, gfn, &at);
    if ( view->idx )
        altp2m_attach_root(d, view);    /* has its page: cannot fail */

    walk_from(d, view, gfn, XEN_ALTP2M_WALK_HOST, w);
    walk_from(d, view, gfn, XEN_ALTP2M_WALK_VIEW, w);
    if ( at.source.gfn != gfn )
        walk_from(d, view, at.source.gfn, XEN_ALTP2M_WALK_TARGET, w);
    if ( node_has_side(&view->root, SIDE_EXECUTE) )
        walk_from(d, view, gfn, XEN_ALTP2M_WALK_EXECUTE, w);

    op->host_access =
        altp2m_xenmem_access(altp2m_format()->access(at.host.entry));
    op->access = altp2m_xenmem_access(at.access);
    op->sve = slot_sve(at.slot);
    op->kind = altp2m_kind(at.source.entry);
    altp2m_describe(altp2m_lowest_node(view, gfn), level_index(gfn, at.level),
                    &op->why);

    return 0;
}

int altp2m_op_walk(struct domain *d, void *arg)
{
    struct xen_altp2m_walk *walk = altp2m_args(arg);
    struct walk w = { .op = walk };
    XEN_GUEST_HANDLE(uint8) buffer;
    int rc;

    BUILD_BUG_ON(XEN_ALTP2M_WALK_SIDES_MAX < 4 * (ROOT_LEVEL + 1));

    if ( !altp2m_may_see_frames(d) )
        return -EPERM;

    if ( walk->gfn > MAX_GFN || walk->pad1 || walk->pad2 )
        return -EINVAL;

    if ( !altp2m_buffer_ok(walk->buffer, walk->nr, sizeof(*w.entry)) )
        return -EFAULT;

    rc = altp2m_section(d, 0, do_walk, &w);
    if ( rc )
        return rc;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)walk->buffer);
    walk->nr = min(walk->nr, w.nr);

    return copy_to_guest(buffer, (uint8_t *)w.entry,
                         walk->nr * sizeof(*w.entry)) ? -EFAULT : 0;
}
