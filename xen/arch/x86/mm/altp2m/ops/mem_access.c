/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: hvm_op.h's operations on the access of pages.
 *
 * View 0 is the host's map: setting an access there sets the host's.
 */

#include <compat/hvm/hvm_op.h>

#include "ops.h"

/* As p2m_check_access().  In view 0 the access becomes the host's. */
static int check_access(const struct domain *d, const struct altp2m_view *view,
                        xenmem_access_t access, p2m_access_t *out)
{
    return view->idx ? altp2m_check_view_access(d, access, out)
                     : p2m_check_access(d, access, out);
}

/*
 * Sets the access of one page, or for INVALID_GFN the view's default.  In view
 * 0 it sets the host's.  Does nothing for a hole.  Lock held.
 */
static int set_access(struct domain *d, struct altp2m_view *view,
                      unsigned long gfn, xenmem_access_t access)
{
    struct altp2m_change change = { .set_access = ALTP2M_SET };
    int rc = check_access(d, view, access, &change.access);
    struct altp2m_at at;

    if ( rc )
        return rc;

    if ( !view->idx )
        return p2m_set_mem_access(d, _gfn(gfn), 1, 0, 0, access, 0);

    if ( gfn_eq(_gfn(gfn), INVALID_GFN) )
    {
        altp2m_change_default(d, view, change.access);
        return 0;
    }

    if ( gfn > MAX_GFN )
        return -EINVAL;

    altp2m_find(d, view, gfn, &at);

    return altp2m_has_page(&at.host)
           ? altp2m_override(d, view, gfn, 0, &change) : 0;
}

int altp2m_op_set_access(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_mem_access *m = altp2m_args(arg);
    struct altp2m_view *view = altp2m_named(d, m->view);

    return m->pad || !view ? -EINVAL
                           : set_access(d, view, m->gfn, m->access);
}

/*
 * Sets the access of @gfn[0], and of those after it that get the same access
 * and are in the same private table.  Returns how many, or an error.
 */
static int set_access_some(struct domain *d, struct altp2m_view *view,
                           const uint64_t *gfn, const uint8_t *access,
                           unsigned int nr)
{
    struct altp2m_change change = { .set_access = ALTP2M_SET };
    unsigned int same = 1, done = 0;
    int rc = check_access(d, view, access[0], &change.access);

    if ( rc )
        return rc;

    while ( same < nr && access[same] == access[0] )
        same++;

    if ( view->idx && gfn[0] <= MAX_GFN )
        done = altp2m_override_run(d, view, gfn, same, &change);
    if ( done )
        return done;

    rc = set_access(d, view, gfn[0], access[0]);

    return rc ?: 1;
}

/* A part of the lists of set_mem_access_multi. */
struct access_batch {
    unsigned int view, nr;
    uint64_t gfn[BATCH];
    uint8_t access[BATCH];
};

/*
 * Section: sets the access of a batch, or of its first part if that makes many
 * tables.  Returns how many, or the first error.
 */
static int cf_check set_access_batch(struct domain *d, void *arg)
{
    const struct access_batch *b = arg;
    struct altp2m_view *view = altp2m_named(d, b->view);
    unsigned long clock = d->arch.altp2m->clock;
    unsigned int i;
    int rc;

    if ( !view )
        return -EINVAL;

    for ( i = 0; i < b->nr; i += rc )
    {
        if ( d->arch.altp2m->clock - clock >= TABLES_AT_ONCE )
            break;

        rc = set_access_some(d, view, b->gfn + i, b->access + i, b->nr - i);
        if ( rc < 0 )
            return rc;
    }

    return i;
}

/*
 * Translates the arguments of set_mem_access_multi from a 32 bit caller.  No
 * other operation's layout differs: this one has handles, which are shorter.
 */
static void from_compat(altp2m_op_t *op)
{
    struct compat_hvm_altp2m_op c;

    BUILD_BUG_ON(sizeof(c) != sizeof(*op));
    BUILD_BUG_ON(offsetof(typeof(c), u.set_mem_access_multi.opaque) !=
                 offsetof(altp2m_op_t, u.set_mem_access_multi.opaque));

    memcpy(&c, op, sizeof(c));
    guest_from_compat_handle(op->u.set_mem_access_multi.pfn_list,
                             c.u.set_mem_access_multi.pfn_list);
    guest_from_compat_handle(op->u.set_mem_access_multi.access_list,
                             c.u.set_mem_access_multi.access_list);
}

/* Begins at element @m->opaque of the lists, and keeps the progress there. */
int altp2m_op_set_access_multi(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_set_mem_access_multi *m = altp2m_args(arg);
    struct access_batch b = { .view = m->view };
    unsigned int most = m->view ? BATCH : 1; /* the host's: for all views */
    int rc;

    if ( current->hcall_compat )
        from_compat(arg);

    if ( m->pad || m->opaque > m->nr )
        return -EINVAL;

    /* An empty batch: if the view is wrong, that error comes before others. */
    rc = altp2m_section(d, 0, set_access_batch, &b);

    while ( !rc && m->opaque < m->nr )
    {
        b.nr = min_t(uint64_t, most, m->nr - m->opaque);
        if ( copy_from_guest_offset(b.gfn, m->pfn_list, m->opaque, b.nr) ||
             copy_from_guest_offset(b.access, m->access_list, m->opaque, b.nr) )
        {
            /* One by one: elements before the unreadable one are set. */
            if ( b.nr == 1 )
                return -EFAULT;
            most = 1;
            continue;
        }

        altp2m_bring_in(d, b.gfn, b.nr);
        rc = altp2m_section(d, 0, set_access_batch, &b);
        if ( rc < 0 )
            break;

        m->opaque += rc;
        rc = 0;
        if ( m->opaque < m->nr && hypercall_preempt_check() )
            return -ERESTART;
    }

    return rc;
}

/*
 * Reads the access that a view gives to a page.  INVALID_GFN: its default
 * access, or without one the access that it was created with.
 *
 * Returns 0, -EINVAL if there is no view, -ESRCH for a hole.  No lock held.
 */
int altp2m_get_mem_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                          view_idx_t idx)
{
    struct altp2m_view *view;
    struct altp2m_at at;
    int rc = 0;

    altp2m_lock(d);

    view = altp2m_view(d, idx);
    if ( !view )
        rc = -EINVAL;
    else if ( gfn_eq(gfn, INVALID_GFN) )
        *access = altp2m_xenmem_access(view->default_access == NO_DEFAULT
                                       ? view->created_access
                                       : view->default_access);
    else
    {
        altp2m_find(d, view, gfn_x(gfn), &at);
        *access = altp2m_xenmem_access(at.access);
        if ( altp2m_format()->type(at.host.entry) == p2m_invalid )
            rc = -ESRCH;
    }

    altp2m_unlock(d);

    return rc;
}

/* Where view 0 has no override, returns what the host's map has. */
int altp2m_op_get_access(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_mem_access *m = altp2m_args(arg);
    struct altp2m_view *view;
    xenmem_access_t access;
    bool host = false;
    int rc;

    if ( m->pad )
        return -EINVAL;

    if ( !m->view )
    {
        altp2m_lock(d);
        view = altp2m_named(d, 0);
        host = !view || altp2m_access_is_host(view, m->gfn);
        altp2m_unlock(d);
    }

    rc = host ? p2m_get_mem_access(d, _gfn(m->gfn), &access, 0)
              : altp2m_get_mem_access(d, _gfn(m->gfn), &access,
                                      _view_idx(m->view));
    if ( !rc )
        m->access = access;

    return rc;
}
