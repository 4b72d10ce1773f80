/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A view as its difference from the host.  The hypervisor tells what the view
 * shows and what it overrides; both come in order, and are gone through
 * together, so that each difference has its reason beside it.  Each is printed
 * as soon as it is known to be whole: there may be any number.
 */
#include "command.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/line.h"
#include "common/message.h"
#include "common/parts.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum why
{
    WHY_ACCESS  = 1, /* rights are overridden */
    WHY_DEFAULT = 2, /* the view's default rights */
    WHY_REMAP   = 4,
    WHY_LOST    = 8, /* remapped, but the target has no page */
    WHY_VE      = 16,
    WHY_NO_PAGE = 32, /* overridden for when there is one */
};

static const struct { unsigned int bit; const char *key, *text; } reasons[] = {
    { WHY_ACCESS, "access", "rights set here" },
    { WHY_DEFAULT, "default_access", "default rights" },
    { WHY_REMAP, "remap", "remapped" },
    { WHY_LOST, "lost", "remap lost: no page at the target" },
    { WHY_VE, "suppress_ve", "#VE set here" },
    { WHY_NO_PAGE, "no_page", "no page here now" },
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

struct difference
{
    uint64_t gfn, pages, target;
    uint8_t access, host;    /* ACCESS_HOST: there is no page */
    int8_t sve;
    unsigned int why;
};

/* Which differences are wanted. */
struct filter
{
    unsigned int why;        /* some of these reasons; 0: any */
    bool by_access;
    uint8_t access;
};

struct picture
{
    const struct dump *dump;
    const struct view *view;
    struct filter only;
    bool colour;
    yajl_gen json;           /* or NULL: text */
    struct difference last;  /* which may go on */
    bool any;                /* is there one? */
    unsigned long printed;   /* without it */
    uint64_t wx, host_wx;    /* pages writable and executable */
};

static void print_difference(struct picture *p);

static bool goes_on(const struct difference *a, const struct difference *b)
{
    return a->gfn + a->pages == b->gfn && a->access == b->access &&
           a->host == b->host && a->sve == b->sve && a->why == b->why &&
           (a->target == NO_GFN ? b->target == NO_GFN
                                : a->target + a->pages == b->target);
}

static bool wanted(const struct filter *f, const struct difference *d)
{
    return (!f->why || (d->why & f->why)) &&
           (!f->by_access || d->access == f->access);
}

static void add(struct picture *p, const struct difference *d)
{
    if ( !wanted(&p->only, d) )
        return;
    if ( p->any && goes_on(&p->last, d) )
    {
        p->last.pages += d->pages;
        return;
    }
    if ( p->any )
        print_difference(p);
    p->last = *d;
    p->any = true;
}

/* rwx, and n2rwx in the end. */
static bool is_wx(uint8_t access)
{
    return access == XENMEM_access_rwx || access == XENMEM_access_wx;
}

/* What there is of [gfn, gfn + pages), all alike in the map and in the run. */
static void piece(struct picture *p, uint64_t gfn, uint64_t pages,
                  const struct xen_altp2m_map *map, const struct run *run)
{
    bool page = map && map->kind != XEN_ALTP2M_KIND_HOLE;
    struct difference d = {
        .gfn = gfn, .pages = pages, .target = NO_GFN, .sve = -1,
        .access = page ? map->access : ACCESS_HOST,
        .host = page ? map->host_access : ACCESS_HOST,
    };

    if ( page && is_wx(map->access) )
        p->wx += pages;
    if ( page && is_wx(map->host_access) )
        p->host_wx += pages;

    if ( run )
    {
        if ( run->access != ACCESS_HOST )
        {
            d.why |= WHY_ACCESS;
            if ( !page )
                d.access = run->access;
        }
        if ( run->target != NO_GFN )
        {
            d.why |= run->lost ? WHY_LOST : WHY_REMAP;
            d.target = run->target + (gfn - run->gfn);
        }
        if ( run->sve >= 0 )
        {
            d.why |= WHY_VE;
            d.sve = run->sve;
        }
        if ( !page )
            d.why |= WHY_NO_PAGE;
    }
    if ( page && d.access != d.host && !(d.why & WHY_ACCESS) )
        d.why |= WHY_DEFAULT;
    if ( d.why )
        add(p, &d);
}

static void compare(const struct range *range, struct map_parts *maps,
                    struct run_parts *runs, struct picture *p)
{
    uint64_t at = range->first, end = range->first + range->pages;
    const struct xen_altp2m_map *map = next_map(maps);
    const struct run *run = next_run(runs);

    while ( at < end && !maps->p.code && !runs->p.code )
    {
        const struct xen_altp2m_map *in_map = NULL;
        const struct run *in_run = NULL;
        uint64_t next = end;

        while ( map && map->gfn + map->count <= at )
            map = next_map(maps);
        while ( run && run->gfn + run->pages <= at )
            run = next_run(runs);
        /* Up to where something begins or ends. */
        if ( map && map->gfn <= at )
        {
            in_map = map;
            next = map->gfn + map->count;
        }
        else if ( map )
            next = map->gfn;
        if ( next > end )
            next = end;
        if ( run && run->gfn <= at )
        {
            in_run = run;
            if ( next > run->gfn + run->pages )
                next = run->gfn + run->pages;
        }
        else if ( run && next > run->gfn )
            next = run->gfn;
        piece(p, at, next - at, in_map, in_run);
        at = next;
    }
}

/* ---- output ------------------------------------------------------------- */

static void add_why(struct line *l, unsigned int why)
{
    const char *between = "";

    for ( unsigned int i = 0; i < REASONS; i++ )
        if ( why & reasons[i].bit )
        {
            line_add(l, between);
            line_add(l, reasons[i].text);
            between = ", ";
        }
}

static void print_head(const struct picture *p)
{
    printf("view %s of domain %u%s%s: default rights %s%s\n",
           view_text(p->view), p->dump->domid, p->dump->name ? " " : "",
           p->dump->name ?: "", default_text(p->view->access),
           p->any ? "" : p->only.why || p->only.by_access
                         ? "; no such difference from the host"
                         : "; no difference from the host");
    if ( p->any )
        printf("FIRST       LAST             SIZE  RIGHTS HOST   SHOWS       "
               "WHY\n");
}

/* A word in a column of that width, and the space behind; bold: by the terminal. */
static void add_word(struct line *l, const char *word, size_t width, bool bold)
{
    size_t end = l->length + width;

    if ( bold )
    {
        line_add(l, "\033[1m");
        end += strlen("\033[1m");
    }
    line_add(l, word);
    line_to(l, end);
    if ( bold )
        line_add(l, "\033[0m");
    line_char(l, ' ');
}

static void add_gfn(struct line *l, uint64_t gfn, size_t width)
{
    size_t end = l->length + width;

    line_hex(l, gfn);
    line_to(l, end);
    line_char(l, ' ');
}

static void print_text(const struct difference *d, bool colour)
{
    char size[SIZE_TEXT];
    struct line l;

    l.length = 0;
    add_gfn(&l, d->gfn, 11);
    add_gfn(&l, d->gfn + d->pages - 1, 11);
    size_text(d->pages, size);
    line_to(&l, l.length + 9 - (strlen(size) < 9 ? strlen(size) : 9));
    line_add(&l, size);
    line_add(&l, "  ");
    add_word(&l, d->access == ACCESS_HOST ? "-" : access_text(d->access), 6,
             colour && d->access != d->host);
    add_word(&l, d->host == ACCESS_HOST ? "-" : access_text(d->host), 6, false);
    if ( d->target != NO_GFN )
        add_gfn(&l, d->target, 11);
    else
        add_word(&l, "-", 11, false);
    add_why(&l, d->why);
    if ( d->sve >= 0 )
        line_add(&l, d->sve ? " (suppressed)" : " (not suppressed)");
    line_char(&l, '\n');
    fwrite_unlocked(l.text, 1, l.length, stdout);
}

static void print_sums(const struct picture *p)
{
    char size[SIZE_TEXT], host[SIZE_TEXT];

    /* Pages that can be both written and executed. */
    printf("W+X: %" PRIu64 " pages (%s), by the host's map %" PRIu64 " (%s)\n",
           p->wx, size_text(p->wx, size), p->host_wx,
           size_text(p->host_wx, host));
}

static void json_difference(yajl_gen g, const struct difference *d)
{
    json_map_open(g);
    json_hex(g, "gfn", d->gfn);
    json_int(g, "pages", d->pages);
    json_text(g, "access",
              d->access == ACCESS_HOST ? NULL : access_name(d->access));
    json_text(g, "host_access",
              d->host == ACCESS_HOST ? NULL : access_name(d->host));
    if ( d->target != NO_GFN )
        json_hex(g, "target", d->target);
    if ( d->sve >= 0 )
        json_bool(g, "suppress_ve", d->sve);
    json_array_open(g, "why");
    for ( unsigned int i = 0; i < REASONS; i++ )
        if ( d->why & reasons[i].bit )
            json_string(g, reasons[i].key);
    json_array_close(g);
    json_map_close(g);
}

static void json_head(yajl_gen g, const struct picture *p)
{
    json_document(g, "show");
    json_int(g, "domain", p->dump->domid);
    json_text(g, "domain_name", p->dump->name);
    json_int(g, "view", p->view->index);
    json_text(g, "name", p->view->name);
    json_text(g, "role", p->view->role);
    json_text(g, "default_access", default_name(p->view->access));
    json_array_open(g, "differences");
}

static void json_sums(yajl_gen g, const struct picture *p)
{
    json_array_close(g);
    json_int(g, "writable_executable", p->wx);
    json_int(g, "host_writable_executable", p->host_wx);
    json_map_close(g);
    json_end(g, stdout);
}

#define AT_ONCE 256 /* differences in memory, as JSON */

/* The last difference, before which comes the head, if it is the first. */
static void print_difference(struct picture *p)
{
    if ( !p->json )
    {
        if ( !p->printed++ )
            print_head(p);
        print_text(&p->last, p->colour);
        return;
    }
    if ( !p->printed++ )
        json_head(p->json, p);
    json_difference(p->json, &p->last);
    if ( p->printed % AT_ONCE == 0 )
        json_flush(p->json, stdout);
}

static void print_end(struct picture *p)
{
    if ( p->any )
        print_difference(p);
    else if ( p->json )
        json_head(p->json, p);
    else
        print_head(p);
    if ( p->json )
        json_sums(p->json, p);
    else
        print_sums(p);
}

const char *kind_words(void)
{
    static char words[96];
    size_t length = 0;

    for ( unsigned int i = 0; i < REASONS; i++ )
        length += snprintf(words + length, sizeof(words) - length, "%s%s",
                           i ? " " : "", reasons[i].key);
    return words;
}

static unsigned int reason_of(const char *kind)
{
    for ( unsigned int i = 0; i < REASONS; i++ )
        if ( !strcmp(kind, reasons[i].key) )
            return reasons[i].bit;
    return 0;
}

int check_show(struct args *args)
{
    const char *kind = args->value[OPT_WHY];

    if ( !kind || reason_of(kind) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "'%s' is not a kind of difference (use %s)",
                    kind, kind_words());
}

/* What is wrong with a part is told; the parts before it were printed. */
static int print_picture(struct domain *d, const struct range *range,
                         struct picture *p)
{
    struct run_parts *runs = checked(malloc(sizeof(*runs)));
    struct map_parts *maps = checked(malloc(sizeof(*maps)));
    int code = begin_runs(runs, d, p->view->index, range) ?:
               begin_map(maps, d, p->view->index, range);

    if ( !code )
    {
        compare(range, maps, runs, p);
        code = runs->p.code ?: maps->p.code;
    }
    if ( !code )
        print_end(p);
    else if ( p->json )
        yajl_gen_free(p->json);
    free(runs);
    free(maps);
    return code;
}

static int show(struct domain *d, const struct args *args, struct dump *dump,
                struct view *view)
{
    struct range range = { 0, GFN_MAX + 1 };
    struct picture p = { .dump = dump, .view = view };

    want_colour(args, &p.colour);
    if ( args->operand[2] )
    {
        int code = resolve_range(d, args, 2, &range);

        if ( code )
            return code;
        warn_without_pages(d, dump, &range);
    }
    if ( args->given[OPT_RIGHTS] )
        p.only.by_access = parse_access(args->value[OPT_RIGHTS],
                                        &p.only.access);
    if ( args->given[OPT_WHY] )
        p.only.why = reason_of(args->value[OPT_WHY]);
    if ( args->given[OPT_JSON] )
        p.json = json_begin(true);
    return print_picture(d, &range, &p);
}

int run_show(const struct args *args)
{
    return on_view(args, show);
}
