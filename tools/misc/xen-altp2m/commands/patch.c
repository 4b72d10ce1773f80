/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that only a view shows: patch, unpatch, refresh. */
#include "command.h"
#include "common/domain.h"
#include "common/message.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* Where, for the bytes whose number is in the record already. */
static int take_place(struct domain *d, const struct args *args,
                      struct xen_altp2m_patch *p)
{
    struct address at;
    int code = resolve_address(d, args, 2, &at);

    if ( code )
        return code;
    p->gfn = at.gfn;
    p->offset = at.offset;
    if ( p->len > PAGE_BYTES - at.offset )
        return complain(EXIT_USAGE, "%u bytes from offset 0x%x on end behind "
                        "the page", p->len, at.offset);
    return EXIT_DONE;
}

static int needs_own(const struct domain *d)
{
    if ( d->capabilities.features & XEN_ALTP2M_HAS_OWN )
        return EXIT_DONE;
    return complain(EXIT_UNSUPPORTED, "this Xen has no pages of a view's own");
}

/* Why not, in words. */
static int failed(const struct domain *d, const struct view *view,
                  const struct xen_altp2m_patch *p, const char *what)
{
    static const struct { int error, code; const char *text; } reasons[] = {
        { EBUSY, EXIT_AGAIN, "the view remaps it" },
        { EEXIST, EXIT_AGAIN, "a byte there is patched already; --replace does "
          "it all the same" },
        { ENODATA, EXIT_NOT_FOUND, "a byte there is not patched" },
        { ENXIO, EXIT_NOT_FOUND, "there is no RAM of the domain's, or another "
          "page than when it was patched: xen-altp2m refresh" },
        { EAGAIN, EXIT_AGAIN, "the page is being paged in; try again" },
    };

    for ( size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++ )
        if ( errno == reasons[i].error )
            return complain(reasons[i].code, "domain %s, view %s: can't %s gfn "
                            "0x%" PRIx64 ": %s", d->text, view_text(view),
                            what, (uint64_t)p->gfn, reasons[i].text);
    return complain_errno(errno, "domain %s, view %s: can't %s gfn 0x%" PRIx64,
                          d->text, view_text(view), what, (uint64_t)p->gfn);
}

static int patch(struct domain *d, const struct args *args, struct dump *dump,
                 struct view *view)
{
    struct xen_altp2m_patch p = {
        .flags = args->given[OPT_REPLACE] ? XEN_ALTP2M_PATCH_REPLACE : 0,
    };
    char text[2 * sizeof(p.old) + 1];
    int code = needs_own(d);

    (void)dump;
    p.len = parse_bytes(args->operand[3], p.bytes, sizeof(p.bytes));
    code = code ?: take_place(d, args, &p);
    if ( code )
        return code;
    if ( would(args, "replace %u bytes at offset 0x%x of gfn 0x%" PRIx64 " in "
               "view %s of domain %s", p.len, p.offset, (uint64_t)p.gfn,
               view_text(view), d->text) )
        return EXIT_DONE;
    if ( xenaltp2m_patch(d->alt, d->domid, view->index, &p, 1, NULL) )
        return failed(d, view, &p, "patch");
    printf("%s\n", bytes_text(p.old, p.len, text));
    if ( p.access != XENMEM_access_x )
        complain(0, "warning: the rights of gfn 0x%" PRIx64 " are %s: the "
                 "guest can read what is patched, or can't execute it",
                 (uint64_t)p.gfn, access_text(p.access));
    return EXIT_DONE;
}

/* Arguments that are wrong by themselves. */
int check_patch(struct args *args)
{
    struct xen_altp2m_patch p;

    p.len = parse_bytes(args->operand[3], p.bytes, sizeof(p.bytes));
    if ( !p.len )
        return complain(EXIT_USAGE, "'%s' is not 1 to %zu bytes: write each as "
                        "two hexadecimal digits", args->operand[3],
                        sizeof(p.bytes));
    /* An address of the guest's is translated later. */
    return args->given[OPT_VA] ? EXIT_DONE : take_place(NULL, args, &p);
}

int run_patch(const struct args *args)
{
    return on_view(args, patch);
}

/* ---- unpatch ------------------------------------------------------------- */

static int take_count(const struct args *args, struct xen_altp2m_patch *p)
{
    uint64_t count = 1;

    *p = (struct xen_altp2m_patch){ 0 };
    if ( args->nr_operands > 3 &&
         (!parse_number(args->operand[3], sizeof(p->bytes), &count) || !count) )
        return complain(EXIT_USAGE, "'%s' is not a number of bytes from 1 to "
                        "%zu", args->operand[3], sizeof(p->bytes));
    p->len = count;
    return EXIT_DONE;
}

static int unpatch(struct domain *d, const struct args *args,
                   struct dump *dump, struct view *view)
{
    struct xen_altp2m_patch p;
    int code = needs_own(d) ?: take_count(args, &p) ?: take_place(d, args, &p);

    (void)dump;
    if ( code )
        return code;
    if ( would(args, "take back %u bytes at offset 0x%x of gfn 0x%" PRIx64
               " in view %s of domain %s", p.len, p.offset, (uint64_t)p.gfn,
               view_text(view), d->text) )
        return EXIT_DONE;
    if ( xenaltp2m_unpatch(d->alt, d->domid, view->index, &p, 1, NULL) )
        return failed(d, view, &p, "unpatch");
    return EXIT_DONE;
}

int check_unpatch(struct args *args)
{
    struct xen_altp2m_patch p;

    return take_count(args, &p) ?:
           args->given[OPT_VA] ? EXIT_DONE : take_place(NULL, args, &p);
}

int run_unpatch(const struct args *args)
{
    return on_view(args, unpatch);
}

/* ---- refresh ------------------------------------------------------------- */

static int refresh(struct domain *d, const struct args *args,
                   struct dump *dump, struct view *view)
{
    struct range range = { 0, GFN_MAX + 1 };
    uint64_t changed;
    int code = needs_own(d);

    (void)dump;
    if ( !code && args->nr_operands > 2 )
        code = resolve_range(d, args, 2, &range);
    if ( code )
        return code;
    if ( would(args, "copy the host's pages anew where view %s of domain %s is "
               "patched", view_text(view), d->text) )
        return EXIT_DONE;
    if ( xenaltp2m_refresh(d->alt, d->domid, view->index, range.first,
                           range.pages, &changed) )
        return complain_errno(errno, "domain %s, view %s: can't refresh all",
                              d->text, view_text(view));
    printf("%" PRIu64 "\n", changed);
    return EXIT_DONE;
}

int run_refresh(const struct args *args)
{
    return on_view(args, refresh);
}
