/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: pages of a view's own.
 *
 * An own page is one of Xen's heap that the domain owns and no gfn of the
 * host's map names: only entries of the view lead there.  It has a reference
 * count, as Xen holds references to pages of a guest, without the lock, while
 * it carries out an instruction.  The domain's paging pool pays: it gives a
 * page to the heap for each.  So a guest that drives its own views can't take
 * more than its pool.
 */

#include "base.h"

/*
 * Returns a page of the heap that the domain owns and that has no gfn, with
 * OWN_REFERENCES; or NULL.  Nobody knows of it yet.  If it can't be had
 * nevertheless, something is wrong: the page is lost, and the domain ends.
 */
struct page_info *altp2m_domain_page(struct domain *d)
{
    struct page_info *pg = alloc_domheap_page(d, MEMF_no_refcount);

    if ( pg && !get_page_and_type(pg, d, PGT_writable_page) )
    {
        domain_crash(d);
        pg = NULL;
    }

    return pg;
}

void altp2m_put_domain_page(struct page_info *pg)
{
    put_page_alloc_ref(pg);
    put_page_and_type(pg);
}

/*
 * Makes an own page, whose contents are undefined.  The caller gives it to a
 * view or drops it before the lock is free.  Returns 0, -ENOMEM if Xen's heap
 * is used up, -ENOSPC if the pool is.  Lock held.
 */
int altp2m_new_own(struct domain *d, struct altp2m_own **new)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_own *own = altp2m_alloc(d, &a->own);
    int rc = -ENOSPC;

    if ( !own )
        return rc;

    own->host = INVALID_MFN;
    own->page = altp2m_domain_page(d);
    if ( !own->page )
        rc = -ENOMEM;
    else if ( altp2m_charge(d) )
    {
        *new = own;
        return 0;
    }
    else
        altp2m_put_domain_page(own->page);
    altp2m_free(d, &a->own, own);

    return rc;
}

/* Frees an own page, or with NULL none, once CPUs have flushed.  Lock held. */
void altp2m_drop_own(struct domain *d, struct altp2m_own *own)
{
    if ( !own )
        return;

    altp2m_owe_flush(d);
    list_add_tail(&own->limbo, &d->arch.altp2m->owed.own);
}

/*
 * Frees an own page that no CPU uses.  Clears it, as Xen gives pages of a live
 * domain to others as they are.  So one that Xen still has references to, while
 * it carries out an instruction, is held until later; but pages of a dying
 * domain are cleared by Xen.
 */
static void free_one(struct domain *d, struct altp2m_own *own)
{
    struct altp2m_domain *a = d->arch.altp2m;

    list_del(&own->limbo);
    if ( altp2m_own_references(own) == OWN_REFERENCES )
        clear_domain_page(page_to_mfn(own->page));
    else if ( !d->is_dying )
    {
        list_add_tail(&own->limbo, &a->held);
        return;
    }

    altp2m_put_domain_page(own->page);
    altp2m_refund(d);
    altp2m_free(d, &a->own, own);
}

/* Frees the own pages in limbo, after the flush. */
void altp2m_free_own(struct domain *d)
{
    struct altp2m_own *own, *next;

    list_for_each_entry_safe ( own, next, &d->arch.altp2m->owed.own, limbo )
        free_one(d, own);
}

/*
 * Frees own pages that were held, where Xen has no reference any more.  There
 * are few: a vCPU holds one or two.  Lock held.
 */
void altp2m_free_held(struct domain *d)
{
    struct list_head *held = &d->arch.altp2m->held;
    struct list_head *last = held->prev;
    struct altp2m_own *own, *next;

    list_for_each_entry_safe ( own, next, held, limbo )
    {
        bool end = &own->limbo == last;

        free_one(d, own);
        if ( end )
            break;
    }
}

/*
 * Copies the host's page, but for the bytes that are patched.  CPUs may use
 * both pages meanwhile.  Returns whether the own page has changed.
 */
bool altp2m_copy_own(struct altp2m_own *own, mfn_t host)
{
    const uint8_t *from = map_domain_page(host);
    uint8_t *to = __map_domain_page(own->page);
    bool changed = false;
    unsigned int i;

    for ( i = 0; i < PAGE_SIZE; )
    {
        /* A word of the bitmap stands for as many bytes as it has bits. */
        unsigned int n = own->patched[i / BITS_PER_LONG] ? 1 : BITS_PER_LONG;

        if ( !test_bit(i, own->patched) && memcmp(&to[i], &from[i], n) )
        {
            memcpy(&to[i], &from[i], n);
            changed = true;
        }
        i += n;
    }

    unmap_domain_page(to);
    unmap_domain_page(from);

    return changed;
}

/* Replaces bytes, which are patched then. */
void altp2m_patch_own(struct altp2m_own *own, unsigned int offset,
                      const uint8_t *bytes, unsigned int len)
{
    uint8_t *to = __map_domain_page(own->page);
    unsigned int i;

    for ( i = 0; i < len; i++ )
    {
        own->nr_patched += !test_bit(offset + i, own->patched);
        __set_bit(offset + i, own->patched);
        write_atomic(&to[offset + i], bytes[i]);
    }

    unmap_domain_page(to);
}

/*
 * Makes patched bytes those of the host's page again.  With INVALID_MFN they
 * stay, until the page is copied anew.
 */
void altp2m_unpatch_own(struct altp2m_own *own, unsigned int offset,
                        unsigned int len, mfn_t host)
{
    unsigned int i;

    for ( i = offset; i < offset + len; i++ )
    {
        own->nr_patched -= test_bit(i, own->patched);
        __clear_bit(i, own->patched);
    }

    if ( !mfn_eq(host, INVALID_MFN) )
    {
        const uint8_t *from = map_domain_page(host);
        uint8_t *to = __map_domain_page(own->page);

        for ( i = offset; i < offset + len; i++ )
            write_atomic(&to[i], from[i]);

        unmap_domain_page(to);
        unmap_domain_page(from);
    }
}

/* Reads bytes of a page. */
void altp2m_read_page(mfn_t mfn, unsigned int offset, uint8_t *bytes,
                      unsigned int len)
{
    const uint8_t *map = map_domain_page(mfn);

    memcpy(bytes, map + offset, len);
    unmap_domain_page(map);
}
