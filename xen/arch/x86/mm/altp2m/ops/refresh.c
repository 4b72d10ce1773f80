/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the operations that copy the host's pages to own pages anew,
 * and that read what a view shows.
 *
 * A page may have to be populated, paged in, or copied from a fork's parent.
 * That is done between locked sections.
 */

#include "ops.h"

#define COPIES 16u                /* pages in one locked section */

/*
 * Finds the host's page at @gfn.  Returns 0; -ENXIO if it is not RAM of the
 * domain's, with *@absent: altp2m_bring_page() may bring it in; -ENOMEM.  Lock
 * held.
 */
int altp2m_page_of(struct domain *d, unsigned long gfn, mfn_t *mfn,
                   bool *absent)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    struct altp2m_lookup src;
    p2m_access_t a;
    p2m_type_t t;
    int rc;

    *absent = false;
    if ( gfn > MAX_GFN )
        return -ENXIO;

    /* The type may be an old one, and is to be what views go by. */
    altp2m_host_lookup(d, gfn, 0, &src);
    if ( altp2m_format()->type(src.entry) == p2m_ioreq_server &&
         (rc = hp2m->recalc(hp2m, gfn)) < 0 )
        return rc;

    *mfn = hp2m->get_entry(hp2m, _gfn(gfn), &t, &a, 0, NULL, NULL);
    if ( p2m_is_ram(t) && !p2m_is_paging(t) && mfn_valid(*mfn) )
        return 0;

    *absent = p2m_is_paging(t) || p2m_is_pod(t) ||
              (p2m_is_hole(t) && mem_sharing_is_fork(d));

    return -ENXIO;
}

/* Brings in a page.  0, -EAGAIN while it is paged in, -ENXIO.  No lock held. */
int altp2m_bring_page(struct domain *d, unsigned long gfn)
{
    struct page_info *pg;
    p2m_type_t t;
    int rc = check_get_page_from_gfn(d, _gfn(gfn), true, &t, &pg);

    if ( rc )
        return rc == -EAGAIN ? rc : -ENXIO;

    put_page(pg);

    return 0;
}

struct refresh {
    struct xen_altp2m_refresh *op;
    unsigned long end;            /* behind the last gfn */
    bool absent;                  /* the page at @op->gfn is to be brought in */
};

/* Copies the host's page.  As altp2m_page_of(); -ENXIO: there is none. */
static int refresh_one(struct domain *d, struct altp2m_remap *r,
                       struct refresh *f)
{
    struct altp2m_node *node = altp2m_node(r->view, r->gfn, 0);
    struct altp2m_lookup src;
    bool changed, dormant;
    mfn_t mfn;
    int rc = altp2m_page_of(d, r->gfn, &mfn, &f->absent);

    if ( !rc )
    {
        altp2m_host_lookup(d, r->gfn, 0, &src);
        rc = altp2m_can_hide(&src) ? 0 : -ENXIO;
    }
    if ( rc )
        return rc;

    dormant = !altp2m_remap_source(d, r->view, r->gfn, &src);
    changed = altp2m_copy_own(r->own, mfn);
    r->own->drops = d->arch.altp2m->drops;
    f->op->changed += changed || dormant;
    if ( dormant )
    {
        r->own->stale = false;
        r->own->host = INVALID_MFN;
        altp2m_remap_source(d, r->view, r->gfn, &src);
        altp2m_sync(d, node, level_index(r->gfn, 0));
    }

    return 0;
}

/* Section: refreshes some own pages.  Returns 1 if there may be more. */
static int cf_check refresh_some(struct domain *d, void *arg)
{
    struct refresh *f = arg;
    struct xen_altp2m_refresh *op = f->op;
    struct altp2m_view *view = altp2m_named(d, op->view);
    struct altp2m_remap *r;
    unsigned int n = 0;

    if ( !view )
        return -ENOENT;

    r = altp2m_rb_first(&view->remaps, struct altp2m_remap, by_gfn, m,
                        m->gfn >= op->gfn);
    for ( ; r && r->gfn < f->end;
          r = altp2m_rb_next(r, struct altp2m_remap, by_gfn) )
    {
        int rc;

        op->gfn = r->gfn;
        if ( n++ == COPIES )
            return 1;

        /* Without a page it stays dormant. */
        rc = r->own ? refresh_one(d, r, f) : 0;
        if ( rc && (rc != -ENXIO || f->absent) )
            return rc;
        op->gfn++;
    }
    op->gfn = f->end;

    return 0;
}

int altp2m_op_refresh(struct domain *d, void *arg)
{
    struct xen_altp2m_refresh *op = altp2m_args(arg);
    struct refresh f = { .op = op, .end = op->gfn + op->count };
    int rc;

    if ( op->pad1 || op->pad2 || op->gfn > MAX_GFN ||
         op->count > MAX_GFN - op->gfn + 1 )
        return -EINVAL;

    for ( ; ; )
    {
        f.absent = false;
        rc = altp2m_section(d, 0, refresh_some, &f);
        if ( rc == -ENXIO && f.absent )
        {
            rc = altp2m_bring_page(d, op->gfn);
            op->gfn += rc == -ENXIO;
            rc = rc == -EAGAIN ? rc : op->gfn < f.end;
        }
        if ( rc <= 0 )
            break;
        if ( hypercall_preempt_check() )
        {
            rc = -ERESTART;
            break;
        }
    }
    op->count = f.end - op->gfn;

    return rc;
}

struct reading_page {
    const struct xen_altp2m_read_page *op;
    uint8_t *bytes;
    unsigned long source;         /* gfn of the page that is shown */
    bool absent;                  /* that page is to be brought in */
};

static void read_patched(const struct altp2m_own *own,
                         const struct reading_page *r)
{
    unsigned int i;

    for ( i = 0; i < r->op->len; i++ )
        r->bytes[i] = own && test_bit(r->op->offset + i, own->patched);
}

/* Section: reads the page that the view shows. */
static int cf_check read_shown(struct domain *d, void *arg)
{
    struct reading_page *r = arg;
    struct altp2m_view *view = altp2m_named(d, r->op->view);
    struct altp2m_at at;
    mfn_t mfn;
    int rc = 0;

    if ( !view )
        return -ENOENT;

    altp2m_find(d, view, r->op->gfn, &at);
    if ( r->op->flags & XEN_ALTP2M_READ_PATCHED )
    {
        read_patched(altp2m_own(view, at.gfn, at.slot), r);
        return 0;
    }

    r->source = at.source.gfn;
    if ( at.source.own )
        mfn = page_to_mfn(at.source.own);
    else
        rc = altp2m_page_of(d, r->source, &mfn, &r->absent);
    if ( !rc )
        altp2m_read_page(mfn, r->op->offset, r->bytes, r->op->len);

    return rc;
}

/* Reads the page into @r->bytes, which has room. */
static int read_bytes(struct domain *d, struct reading_page *r)
{
    int rc;

    for ( ; ; )
    {
        r->absent = false;
        rc = altp2m_section(d, 0, read_shown, r);
        if ( rc != -ENXIO || !r->absent )
            return rc;

        rc = altp2m_bring_page(d, r->source);
        if ( rc )
            return rc;
        if ( hypercall_preempt_check() )
            return -ERESTART;
    }
}

int altp2m_op_read_page(struct domain *d, void *arg)
{
    const struct xen_altp2m_read_page *op = altp2m_args(arg);
    struct reading_page r = { .op = op };
    XEN_GUEST_HANDLE(uint8) buffer;
    int rc;

    if ( op->flags & ~XEN_ALTP2M_READ_PATCHED || op->gfn > MAX_GFN ||
         !op->len || op->offset >= PAGE_SIZE ||
         op->len > PAGE_SIZE - op->offset )
        return -EINVAL;

    if ( !altp2m_buffer_ok(op->buffer, op->len, 1) )
        return -EFAULT;

    r.bytes = xmalloc_array(uint8_t, op->len);
    if ( !r.bytes )
        return -ENOMEM;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)op->buffer);
    rc = read_bytes(d, &r);
    if ( !rc && copy_to_guest(buffer, r.bytes, op->len) )
        rc = -EFAULT;
    xfree(r.bytes);

    return rc;
}
