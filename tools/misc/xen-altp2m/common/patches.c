/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/patches.h"
#include "common/message.h"
#include "common/parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------ */

/* Adds bytes of a page, those that are patched, as many in one as fit. */
static void add_page(struct patches *patches, uint64_t gfn,
                     const uint8_t *page, const uint8_t *patched)
{
    struct patch p = { .gfn = gfn };

    for ( unsigned int i = 0; i < PAGE_BYTES; i++ )
    {
        if ( !patched[i] )
            continue;
        if ( p.len && (p.offset + p.len != i || p.len == sizeof(p.byte)) )
        {
            add_patch(patches, &p);
            p.len = 0;
        }
        if ( !p.len )
            p.offset = i;
        p.byte[p.len++] = page[i];
    }
    if ( p.len )
        add_patch(patches, &p);
}

static int fetch_page(struct domain *d, unsigned int view, uint64_t gfn,
                      struct patches *patches)
{
    uint8_t page[PAGE_BYTES], patched[PAGE_BYTES];

    if ( xenaltp2m_read_page(d->alt, d->domid, view, gfn, 0, sizeof(page), 0,
                             page) ||
         xenaltp2m_read_page(d->alt, d->domid, view, gfn, 0, sizeof(patched),
                             XEN_ALTP2M_READ_PATCHED, patched) )
        return complain_errno(errno, "domain %s, view %s: can't read gfn 0x%"
                              PRIx64, d->text, labelled(d, view), gfn);
    add_page(patches, gfn, page, patched);
    return EXIT_DONE;
}

int fetch_patches(struct domain *d, struct view *view, size_t *left_out)
{
    struct run_parts *parts;
    const struct xen_altp2m_override *run;
    int code;

    view->patches = (struct patches){ 0 };
    *left_out = 0;
    /* To read all overrides takes long: most views have no such pages. */
    if ( !view->counters.remaps )
        return EXIT_DONE;

    parts = checked(malloc(sizeof(*parts)));
    code = begin_runs(parts, d, view->index, &(struct range){ 0, GFN_MAX + 1 });
    while ( !code && (run = next_run(parts)) != NULL )
    {
        if ( !(run->set & XEN_ALTP2M_OWN) )
            continue;
        if ( run->dormant )
            *left_out += run->count;
        else
            for ( uint64_t i = 0; !code && i < run->count; i++ )
                code = fetch_page(d, view->index, run->gfn + i,
                                  &view->patches);
    }
    code = code ?: parts->p.code;
    free(parts);
    return code;
}

/* ---- putting in --------------------------------------------------------- */

int set_patches(struct domain *d, unsigned int view,
                const struct patches *patches, uint64_t *where)
{
    struct xen_altp2m_patch list[XEN_ALTP2M_MAX_PATCHES];

    *where = NO_GFN;
    for ( size_t done = 0; done < patches->nr; )
    {
        unsigned int nr = 0, failed = XEN_ALTP2M_MAX_PATCHES;

        for ( ; nr < XEN_ALTP2M_MAX_PATCHES && done < patches->nr; nr++ )
        {
            const struct patch *p = &patches->patch[done++];

            list[nr] = (struct xen_altp2m_patch){
                .gfn = p->gfn, .offset = p->offset, .len = p->len,
                .flags = XEN_ALTP2M_PATCH_REPLACE };
            memcpy(list[nr].bytes, p->byte, p->len);
        }
        if ( !xenaltp2m_patch(d->alt, d->domid, view, list, nr, &failed) )
            continue;
        if ( failed < nr )
            *where = list[failed].gfn;
        return errno;
    }
    return 0;
}
