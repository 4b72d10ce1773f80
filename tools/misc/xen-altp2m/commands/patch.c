/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that only a view shows: patch, unpatch, refresh. */
#include "command.h"
#include "common/domain.h"
#include "common/message.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes as hexadecimal digits, two each: how many, or 0 for none. */
static unsigned int parse_bytes(const char *text, uint8_t *byte,
                                unsigned int room)
{
    unsigned int n;

    for ( n = 0; *text; text += 2, n++ )
    {
        char digits[3] = { text[0], text[1] };

        if ( n == room || !isxdigit((unsigned char)text[0]) ||
             !isxdigit((unsigned char)text[1]) )
            return 0;
        byte[n] = strtoul(digits, NULL, 16);
    }
    return n;
}

/* GFN, OFFSET, and how many bytes. */
static int take_place(const struct args *args, struct xen_altp2m_patch *p)
{
    const char *wrong = gfn_fault(args->operand[2], "gfn", &p->gfn);
    uint64_t offset;

    if ( wrong )
        return complain(EXIT_USAGE, "'%s' is not a gfn: %s", args->operand[2],
                        wrong);
    if ( !parse_number(args->operand[3], PAGE_BYTES - 1, &offset) )
        return complain(EXIT_USAGE, "'%s' is not an offset in a page (use a "
                        "number up to 0xfff)", args->operand[3]);
    p->offset = offset;
    if ( p->len > PAGE_BYTES - offset )
        return complain(EXIT_USAGE, "%u bytes from offset %s on end behind the "
                        "page", p->len, args->operand[3]);
    return EXIT_DONE;
}

static int needs_own(const struct domain *d)
{
    if ( d->capabilities.features & XEN_ALTP2M_HAS_OWN )
        return EXIT_DONE;
    return complain(EXIT_UNSUPPORTED, "this Xen has no pages of a view's own");
}

static void print_bytes(const uint8_t *byte, unsigned int n)
{
    for ( unsigned int i = 0; i < n; i++ )
        printf("%02x", byte[i]);
    printf("\n");
}

/* Why not, in words. */
static int failed(const struct domain *d, const struct view *view,
                  const struct xen_altp2m_patch *p, const char *what)
{
    static const struct { int error; const char *text; } reasons[] = {
        { EBUSY, "the view remaps it" },
        { EEXIST, "a byte is patched already; --replace does it all the same" },
        { ENODATA, "a byte is not patched" },
        { ENXIO, "there is no RAM of the domain's, or the page is to be "
                 "refreshed" },
        { EAGAIN, "the page is being paged in; try again" },
    };

    for ( size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++ )
        if ( errno == reasons[i].error )
            return complain(errno == ENXIO || errno == ENODATA
                            ? EXIT_NOT_FOUND : EXIT_AGAIN,
                            "domain %s, view %s: can't %s gfn 0x%" PRIx64
                            ": %s", d->text, view_text(view), what,
                            (uint64_t)p->gfn, reasons[i].text);
    return complain_errno(errno, "domain %s, view %s: can't %s gfn 0x%" PRIx64,
                          d->text, view_text(view), what, (uint64_t)p->gfn);
}

static int patch(struct domain *d, const struct args *args, struct dump *dump,
                 struct view *view)
{
    struct xen_altp2m_patch p = {
        .flags = args->given[OPT_REPLACE] ? XEN_ALTP2M_PATCH_REPLACE : 0,
    };
    int code = needs_own(d);

    (void)dump;
    p.len = parse_bytes(args->operand[4], p.bytes, sizeof(p.bytes));
    code = code ?: take_place(args, &p);
    if ( code )
        return code;
    if ( would(args, "replace %u bytes at offset 0x%x of gfn 0x%" PRIx64 " in "
               "view %s of domain %s", p.len, p.offset, (uint64_t)p.gfn,
               view_text(view), d->text) )
        return EXIT_DONE;
    if ( xenaltp2m_patch(d->alt, d->domid, view->index, &p, 1, NULL) )
        return failed(d, view, &p, "patch");
    print_bytes(p.old, p.len);
    if ( p.access != XENMEM_access_x )
        complain(0, "warning: the rights of gfn 0x%" PRIx64 " are %s: the "
                 "guest can read what is patched", (uint64_t)p.gfn,
                 access_text(p.access));
    return EXIT_DONE;
}

/* Arguments that are wrong by themselves. */
int check_patch(struct args *args)
{
    struct xen_altp2m_patch p;

    p.len = parse_bytes(args->operand[4], p.bytes, sizeof(p.bytes));
    if ( !p.len )
        return complain(EXIT_USAGE, "'%s' is not 1 to %zu bytes: write each as "
                        "two hexadecimal digits", args->operand[4],
                        sizeof(p.bytes));
    return take_place(args, &p);
}

int run_patch(const struct args *args)
{
    return on_view(args, patch);
}

/* ---- unpatch ------------------------------------------------------------- */

static int take_unpatch(const struct args *args, struct xen_altp2m_patch *p)
{
    uint64_t count = 1;

    *p = (struct xen_altp2m_patch){ 0 };
    if ( args->nr_operands > 4 &&
         (!parse_number(args->operand[4], sizeof(p->bytes), &count) || !count) )
        return complain(EXIT_USAGE, "'%s' is not a number of bytes from 1 to "
                        "%zu", args->operand[4], sizeof(p->bytes));
    p->len = count;
    return take_place(args, p);
}

static int unpatch(struct domain *d, const struct args *args,
                   struct dump *dump, struct view *view)
{
    struct xen_altp2m_patch p;
    int code = needs_own(d) ?: take_unpatch(args, &p);

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

    return take_unpatch(args, &p);
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
        code = take_range(args->operand[2], &range);
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
