/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the records of the operations on patched bytes.
 *
 * All are copied and checked, and grouped by gfn: a batch has an edit for each.
 * The operation runs again when it needs a page that has to be brought in.
 */

#include "patches.h"

/* Is any, or with @all each, of a record's bytes patched? */
bool altp2m_is_patched(const struct altp2m_own *own,
                       const struct xen_altp2m_patch *r, bool all)
{
    unsigned int i;

    for ( i = r->offset; i < r->offset + r->len; i++ )
        if ( test_bit(i, own->patched) != all )
            return !all;

    return all;
}

/* Reads the bytes of a record that are on the own page. */
void altp2m_read_old(const struct altp2m_own *own, struct xen_altp2m_patch *r)
{
    altp2m_read_page(page_to_mfn(own->page), r->offset, r->old, r->len);
}

/* Fills in the access that a gfn has when the operation is done. */
void altp2m_tell_access(const struct patching *p, unsigned long gfn,
                        p2m_access_t access)
{
    struct xen_altp2m_patch *r;

    for_each_record ( p, r, gfn )
        r->access = altp2m_xenmem_access(access);
}

/* Have two records bytes in common? */
static bool overlap(const struct xen_altp2m_patch *a,
                    const struct xen_altp2m_patch *b)
{
    return a->gfn == b->gfn && a->offset < b->offset + b->len &&
           b->offset < a->offset + a->len;
}

/* Are the fields of a record valid? */
static bool valid(const struct xen_altp2m_patch *r, uint8_t flags)
{
    return r->gfn <= MAX_GFN && r->len && r->len <= sizeof(r->bytes) &&
           r->offset <= PAGE_SIZE - r->len && !(r->flags & ~flags) &&
           !r->pad[0] && !r->pad[1] && !r->pad[2];
}

/* Checks the records by themselves.  The error is about @p->op->failed. */
static int check_records(const struct patching *p)
{
    const struct xen_altp2m_patch *r = p->record;
    unsigned int i, j;

    for ( i = 0; i < p->op->nr; i++ )
    {
        p->op->failed = i;
        if ( !valid(&r[i], p->flags) )
            return -EINVAL;

        for ( j = 0; j < i; j++ )
            if ( !(r[i].flags & XEN_ALTP2M_PATCH_REPLACE) &&
                 overlap(&r[i], &r[j]) )
                return p->again;
    }
    p->op->failed = p->op->nr;

    return 0;
}

/* Makes an edit for each gfn.  Each names the gfn's first record. */
static void make_edits(struct patching *p)
{
    struct altp2m_batch *b = &p->batch;
    unsigned int i, j;

    for ( i = 0; i < p->op->nr; i++ )
    {
        for ( j = 0; j < b->nr && b->edit[j].gfn != p->record[i].gfn; j++ )
            ;
        if ( j == b->nr )
            b->edit[b->nr++] = (struct altp2m_edit){
                .gfn = p->record[i].gfn, .record = i,
            };
    }
}

/* Does the operation, again as long as pages it needs can be brought in. */
static int run(struct domain *d, struct patching *p)
{
    int rc;

    for ( ; ; )
    {
        p->absent = false;
        rc = p->fn(d, p);
        if ( rc != -ENXIO || !p->absent )
            return rc;

        rc = altp2m_bring_page(d, p->gfn);
        if ( rc )
            return rc;
        if ( hypercall_preempt_check() )
            return -ERESTART;
    }
}

/* Does the operation for the records, for which there is room. */
static int do_records(struct domain *d, struct patching *p)
{
    struct xen_altp2m_patches *op = p->op;
    unsigned int size = op->nr * sizeof(*p->record);
    XEN_GUEST_HANDLE(uint8) buffer;
    int rc;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)op->buffer);
    if ( copy_from_guest((uint8_t *)p->record, buffer, size) )
        return -EFAULT;

    rc = check_records(p);
    if ( rc )
        return rc;

    /* A buffer that can't be written is told before anything is changed. */
    if ( copy_to_guest(buffer, (uint8_t *)p->record, size) )
        return -EFAULT;

    make_edits(p);
    rc = run(d, p);
    op->failed = rc ? p->batch.failed : op->nr;
    if ( rc )
        return rc;

    return copy_to_guest(buffer, (uint8_t *)p->record, size) ? -EFAULT : 0;
}

/* do_records(), with memory of Xen's heap for them. */
static int do_many(struct domain *d, struct patching *p)
{
    int rc = -ENOMEM;

    p->record = xmalloc_array(struct xen_altp2m_patch, p->op->nr);
    p->batch.edit = xmalloc_array(struct altp2m_edit, p->op->nr);
    if ( p->record && p->batch.edit )
        rc = do_records(d, p);
    xfree(p->batch.edit);
    xfree(p->record);

    return rc;
}

/* Does @p->fn for the records of @p->op.  Returns the operation's result. */
int altp2m_with_records(struct domain *d, struct patching *p)
{
    struct xen_altp2m_patches *op = p->op;
    struct xen_altp2m_patch record;
    struct altp2m_edit edit;

    if ( op->flags || op->pad )
        return -EINVAL;

    op->failed = op->nr;
    if ( op->nr > XEN_ALTP2M_MAX_PATCHES )
        return -E2BIG;

    if ( !altp2m_buffer_ok(op->buffer, op->nr, sizeof(*p->record)) )
        return -EFAULT;

    if ( op->nr > 1 )
        return do_many(d, p);

    p->record = &record;
    p->batch.edit = &edit;

    return do_records(d, p);
}
