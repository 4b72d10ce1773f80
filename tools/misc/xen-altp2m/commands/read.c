/* SPDX-License-Identifier: GPL-2.0-only */
/* The content of a page, as a view shows it. */
#include "command.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/message.h"
#include "common/translate.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 16

/* A line of the dump: where it is, its bytes, and these as text. */
static void print_line(uint64_t address, const unsigned char *byte)
{
    printf("%08" PRIx64 " ", address);
    for ( unsigned int i = 0; i < LINE; i++ )
        printf("%s %02x", i == LINE / 2 ? " " : "", byte[i]);
    printf("  |");
    for ( unsigned int i = 0; i < LINE; i++ )
        putchar(byte[i] < 0x80 && isprint(byte[i]) ? byte[i] : '.');
    printf("|\n");
}

static void print_page(uint64_t address, const unsigned char *page)
{
    bool left_out = false;

    for ( unsigned int at = 0; at < PAGE_BYTES; at += LINE )
    {
        bool same = at && !memcmp(page + at, page + at - LINE, LINE);

        if ( !same )
            print_line(address + at, page + at);
        else if ( !left_out )
            printf("*\n");
        left_out = same;
    }
}

static void json_page(const struct domain *d, const struct view *view,
                      const struct xen_altp2m_map *map,
                      const unsigned char *page)
{
    char bytes[2 * PAGE_BYTES + 1];
    yajl_gen g = json_begin(true);

    for ( unsigned int i = 0; i < PAGE_BYTES; i++ )
        snprintf(bytes + 2 * i, 3, "%02x", page[i]);
    json_document(g, "page");
    json_int(g, "domain", d->domid);
    json_int(g, "view", view->index);
    json_hex(g, "gfn", map->gfn);
    json_hex(g, "source", map->source);
    json_text(g, "bytes", bytes);
    json_map_close(g);
    json_end(g, stdout);
}

/* What the view shows at the gfn.  Nothing is populated by looking at it. */
static int source_of(struct domain *d, const struct view *view, uint64_t gfn,
                     struct xen_altp2m_map *map)
{
    struct xen_altp2m_map *list;
    size_t nr;

    if ( xenaltp2m_all_map(d->alt, d->domid, view->index, gfn, gfn, &list,
                           &nr) )
        return complain_errno(errno, "domain %s, view %s: can't read its map",
                              d->text, view_text(view));
    *map = (struct xen_altp2m_map){ .kind = XEN_ALTP2M_KIND_HOLE };
    if ( nr )
        *map = list[0];
    free(list);
    if ( map->kind == XEN_ALTP2M_KIND_HOLE ||
         map->kind == XEN_ALTP2M_KIND_MMIO )
        return complain(EXIT_NOT_FOUND, "domain %s, view %s: there is no memory "
                        "at gfn 0x%" PRIx64, d->text, view_text(view), gfn);
    if ( map->kind == XEN_ALTP2M_KIND_PAGED )
        return complain(EXIT_NOT_FOUND, "domain %s, view %s: the page at gfn 0x%"
                        PRIx64 " is not populated yet", d->text,
                        view_text(view), gfn);
    return EXIT_DONE;
}

/* The page with replaced bytes, until the next call; or NULL, errno set. */
static const unsigned char *own_page(struct domain *d, const struct view *view,
                                     uint64_t gfn)
{
    static unsigned char page[PAGE_BYTES];

    return xenaltp2m_read_page(d->alt, d->domid, view->index, gfn, 0,
                               sizeof(page), 0, page) ? NULL : page;
}

static int read_page(struct domain *d, const struct args *args,
                     struct dump *dump, struct view *view)
{
    struct xen_altp2m_map map;
    const unsigned char *page;
    struct range at;
    int code = resolve_range(d, args, 2, &at);

    (void)dump;
    code = code ?: source_of(d, view, at.first, &map);
    if ( code )
        return code;
    page = map.flags & XEN_ALTP2M_MAP_OWN ? own_page(d, view, map.gfn)
                                          : map_page(d, map.source);
    if ( !page )
        return complain_errno(errno, "domain %s: can't map gfn 0x%" PRIx64,
                              d->text, (uint64_t)map.source);
    if ( args->given[OPT_JSON] )
        json_page(d, view, &map, page);
    else
    {
        if ( map.source != map.gfn )
            printf("gfn 0x%" PRIx64 " shows the page of gfn 0x%" PRIx64 "\n",
                   (uint64_t)map.gfn, (uint64_t)map.source);
        print_page(map.gfn * PAGE_BYTES, page);
    }
    if ( !(map.flags & XEN_ALTP2M_MAP_OWN) )
        unmap_page(d, page);
    return EXIT_DONE;
}

int run_read(const struct args *args)
{
    return on_view(args, read_page);
}
