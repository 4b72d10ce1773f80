/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture as SVG. */
#include "map/map.h"
#include "common/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN     16
#define LABEL     170              /* width of what stands left of a row */
#define LABEL_MOST 25              /* characters that fit there */
#define ACROSS    840              /* columns, of a pixel each */
#define WIDTH     (LABEL + ACROSS + 2 * MARGIN)
#define LEFT      (MARGIN + LABEL)
#define TOP        72
#define BAR        18              /* height of a row */
#define STRIPE      4              /* of this, for private tables */
#define GAP         8
#define ARC_ROOM   18
#define ARCS      200
#define LEAST       2              /* a single page must be seen */
#define LETTERED   30              /* from this width on rights are spelt out */
#define EDGE_LEAST  3.0            /* pixels between two superpage edges */

struct sheet
{
    const struct dump *dump;
    FILE *out;
    const struct axis *axis;
    struct column column[ACROSS];
    struct cell cell[ACROSS];
    uint8_t level[ACROSS];
    unsigned int y;
    uint16_t seen;
};

static void escaped(FILE *out, const char *text)
{
    for ( ; *text; text++ )
        switch ( *text )
        {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        default:
            if ( (unsigned char)*text >= ' ' )
                fputc(*text, out);
        }
}

static const char style[] =
    "<style>\n"
    "text{font:12px system-ui,sans-serif;fill:#222}\n"
    ".t{font-size:16px;font-weight:600}.s{fill:#555}\n"
    ".g,.l{font-family:ui-monospace,monospace;font-size:11px}\n"
    ".l{text-anchor:middle;pointer-events:none}.w{fill:#fff}\n"
    ".k{stroke:#888}.e{stroke:#8a8a8a}.p{fill:#333}\n"
    ".a{fill:none;stroke:#111;stroke-width:1.3;marker-end:url(#m)}\n"
    ".x{stroke:#d00;stroke-dasharray:3 2;marker-end:url(#n)}\n"
    ".d{fill:#111}\n"
    "</style>\n"
    "<defs><pattern id=\"h\" width=\"6\" height=\"6\" "
    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
    "<rect width=\"6\" height=\"6\" fill=\"#fff\"/>"
    "<rect width=\"2\" height=\"6\" fill=\"#bbb\"/></pattern>\n"
    "<marker id=\"m\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" "
    "markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
    "<path d=\"M0 0L6 3L0 6z\" fill=\"#111\"/></marker>\n"
    "<marker id=\"n\" viewBox=\"0 0 6 6\" refX=\"3\" refY=\"3\" "
    "markerWidth=\"7\" markerHeight=\"7\">"
    "<path d=\"M0 0L6 6M0 6L6 0\" stroke=\"#d00\" fill=\"none\"/>"
    "</marker></defs>\n";

/* Columns from one up to another: what they cover, for who points at them. */
static void describe(const struct sheet *s, unsigned int from, unsigned int to)
{
    char size[SIZE_TEXT];

    fprintf(s->out, "gfns 0x%" PRIx64 " to 0x%" PRIx64 ", %s: ",
            s->column[from].first, s->column[to - 1].end - 1,
            size_text(s->column[to - 1].end - s->column[from].first, size));
}

/* One class over some columns; @part of @parts of the height. */
static void bar(struct sheet *s, unsigned int from, unsigned int to,
                enum class class, unsigned int part, unsigned int parts)
{
    double height = (double)BAR / parts;

    fprintf(s->out, "<rect x=\"%u\" y=\"%g\" width=\"%u\" height=\"%g\" "
            "fill=\"%s\"><title>", LEFT + from, s->y + part * height,
            to - from < LEAST ? LEAST : to - from, height,
            class_styles[class].rgb);
    describe(s, from, to);
    fprintf(s->out, "%s%s</title></rect>\n", class_styles[class].text,
            s->cell[from].private ? "; private tables" : "");
    if ( to - from < LETTERED || parts > 1 || class >= CLASS_AS_HOST )
        return;
    fprintf(s->out, "<text class=\"l%s\" x=\"%u\" y=\"%u\">%s</text>\n",
            class == CLASS_RWX ? " w" : "", LEFT + (from + to) / 2,
            s->y + 13, access_text(class));
}

static void bars(struct sheet *s, unsigned int from, unsigned int to)
{
    unsigned int parts = __builtin_popcount(s->cell[from].classes), part = 0;

    for ( unsigned int c = 0; c < NR_CLASSES; c++ )
        if ( s->cell[from].classes & (1u << c) )
        {
            bar(s, from, to, c, part++, parts);
            s->seen |= 1u << c;
        }
}

static void hole(struct sheet *s, unsigned int from, unsigned int to)
{
    fprintf(s->out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" "
            "fill=\"%s\"><title>", LEFT + from, s->y, to - from, BAR,
            s->column[from].cut ? "url(#h)" : "#fff");
    describe(s, from, to);
    fprintf(s->out, "no page%s</title></rect>\n",
            s->column[from].cut ? ", cut short" : "");
}

static void stripe(struct sheet *s, unsigned int from, unsigned int to)
{
    fprintf(s->out, "<rect class=\"p\" x=\"%u\" y=\"%u\" width=\"%u\" "
            "height=\"%u\"><title>private tables</title></rect>\n",
            LEFT + from, s->y + BAR - STRIPE, to - from, STRIPE);
}

static bool is_hole(const struct sheet *s, unsigned int i)
{
    return s->dump->has_host && s->level[i] == 0xff && !s->cell[i].own;
}

/* Calls @draw for each stretch of columns that @same finds alike. */
static void stretches(struct sheet *s,
                      bool (*same)(const struct sheet *, unsigned int,
                                   unsigned int),
                      void (*draw)(struct sheet *, unsigned int, unsigned int))
{
    unsigned int from = 0;

    for ( unsigned int i = 1; i <= ACROSS; i++ )
        if ( i == ACROSS || !same(s, from, i) )
        {
            draw(s, from, i);
            from = i;
        }
}

static bool same_cell(const struct sheet *s, unsigned int a, unsigned int b)
{
    return s->cell[a].classes == s->cell[b].classes &&
           s->cell[a].private == s->cell[b].private &&
           is_hole(s, a) == is_hole(s, b) &&
           s->column[a].cut == s->column[b].cut;
}

static void draw_cell(struct sheet *s, unsigned int from, unsigned int to)
{
    if ( is_hole(s, from) )
        hole(s, from, to);
    else
        bars(s, from, to);
}

static bool same_private(const struct sheet *s, unsigned int a, unsigned int b)
{
    return s->cell[a].private == s->cell[b].private;
}

static void draw_private(struct sheet *s, unsigned int from, unsigned int to)
{
    if ( s->cell[from].private )
        stripe(s, from, to);
}

static void row_label(struct sheet *s, const char *text, const char *more)
{
    char shown[LABEL_MOST + 1];

    snprintf(shown, sizeof(shown), "%s", text);
    fprintf(s->out, "<text x=\"%u\" y=\"%u\">", MARGIN, s->y + 13);
    escaped(s->out, shown);
    if ( more && strlen(shown) + strlen(more) < LABEL_MOST )
    {
        fputs(" <tspan class=\"s\">", s->out);
        escaped(s->out, more);
        fputs("</tspan>", s->out);
    }
    fputs("</text>\n", s->out);
}

static double x_of(const struct sheet *s, uint64_t gfn)
{
    return LEFT + axis_at(s->axis, gfn) / s->axis->total * ACROSS;
}

static void draw_arc(struct sheet *s, const struct arc *arc)
{
    unsigned int foot = s->y + BAR;
    double from = x_of(s, arc->gfn) + 0.5, to = x_of(s, arc->target) + 0.5;
    double far = to > from ? to - from : from - to;
    double deep = far < 2 * ARC_ROOM ? 6 + far / 4 : ARC_ROOM;

    if ( arc->own )
    {
        fprintf(s->out, "<circle fill=\"none\" stroke=\"%s\" cx=\"%.1f\" "
                "cy=\"%u\" r=\"3\"><title>0x%" PRIx64 ", %" PRIu64
                " page%s: bytes of its own%s</title></circle>\n",
                arc->lost ? "#d00" : "#111", from, foot + 5, arc->gfn,
                arc->pages, arc->pages == 1 ? "" : "s",
                arc->lost ? ", to be refreshed" : "");
        return;
    }
    fprintf(s->out, "<circle class=\"d\" cx=\"%.1f\" cy=\"%u\" r=\"2\"/>"
            "<path class=\"a%s\" d=\"M%.1f %uC%.1f %.1f %.1f %.1f %.1f %u\">"
            "<title>0x%" PRIx64 " shows the page of 0x%" PRIx64
            ", %" PRIu64 " page%s%s</title></path>\n",
            from, foot, arc->lost ? " x" : "", from, foot,
            from, foot + deep * 1.3, to, foot + deep * 1.3, to, foot + 1,
            arc->gfn, arc->target, arc->pages, arc->pages == 1 ? "" : "s",
            arc->lost ? "; has none now" : "");
}

/* "vCPU 0,1", or NULL; valid until the next call. */
static const char *vcpus_text(const struct view *view)
{
    static char text[24];
    int length = snprintf(text, sizeof(text), "vCPU ");

    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
    {
        int more = snprintf(text + length, sizeof(text) - length, "%s%u",
                            i ? "," : "", view->vcpu[i]);

        if ( length + more >= (int)sizeof(text) )
        {
            snprintf(text, sizeof(text), "%u vCPUs", view->nr_vcpus);
            break;
        }
        length += more;
    }
    return view->nr_vcpus ? text : NULL;
}

static void view_row(struct sheet *s, const struct view *view)
{
    struct arc arcs[ARCS];
    unsigned int all = view_arcs(view, s->column, ACROSS, arcs, ARCS);

    row_label(s, view_text(view), vcpus_text(view));
    view_cells(view, s->column, ACROSS, s->cell);
    stretches(s, same_cell, draw_cell);
    stretches(s, same_private, draw_private);
    for ( unsigned int i = 0; i < all && i < ARCS; i++ )
        draw_arc(s, &arcs[i]);
    if ( all > ARCS )
        fprintf(s->out, "<text class=\"s\" x=\"%u\" y=\"%u\">and %u more"
                "</text>\n", LEFT, s->y + BAR + 14, all - ARCS);
    s->y += BAR + GAP + (all ? ARC_ROOM : 0);
}

/* Where entries of a level begin, if they are far enough apart to be seen. */
static void edges(struct sheet *s, const struct extent *e)
{
    uint64_t step = 1ULL << (9 * e->level);
    double apart = step / s->axis->total * ACROSS;

    if ( !e->level || apart < EDGE_LEAST )
        return;
    for ( uint64_t gfn = e->gfn; gfn < e->gfn + e->pages; gfn += step )
    {
        double x = x_of(s, gfn);

        if ( gfn >= s->column[0].first && gfn < s->column[ACROSS - 1].end )
            fprintf(s->out, "<path class=\"e\" d=\"M%.1f %uv%u\"/>\n", x,
                    s->y, BAR);
    }
}

static bool same_host(const struct sheet *s, unsigned int a, unsigned int b)
{
    return s->cell[a].classes == s->cell[b].classes &&
           s->level[a] == s->level[b] && s->column[a].cut == s->column[b].cut;
}

static void draw_host(struct sheet *s, unsigned int from, unsigned int to)
{
    static const char *const sizes[] = { "4 KiB", "2 MiB", "1 GiB", "512 GiB" };

    if ( s->level[from] == 0xff )
    {
        hole(s, from, to);
        return;
    }
    bars(s, from, to);
    if ( to - from >= 40 )
        fprintf(s->out, "<text class=\"l s\" x=\"%u\" y=\"%u\">%s</text>\n",
                LEFT + (from + to) / 2, s->y + 13, sizes[s->level[from] & 3]);
}

static void host_row(struct sheet *s)
{
    row_label(s, "host", "size of its entries");
    host_cells(s->dump, s->column, ACROSS, s->cell, s->level);
    stretches(s, same_host, draw_host);
    for ( size_t i = 0; i < s->dump->host.nr; i++ )
        edges(s, &s->dump->host.extent[i]);
    s->y += BAR + 2 * GAP;
}

#define TICK_APART 70.0
#define TICK_ROOM   90.0

/* Returns where there is room for the next one. */
static double tick(struct sheet *s, uint64_t gfn, double room)
{
    double x = x_of(s, gfn);

    if ( x < room || x > LEFT + ACROSS - 60 )
        return room;
    fprintf(s->out, "<path class=\"k\" d=\"M%.1f %uv6\"/>"
            "<text class=\"g\" x=\"%.1f\" y=\"%u\">0x%" PRIx64 "</text>\n",
            x, s->y - 8, x + 3, s->y - 4, gfn);
    return x + TICK_ROOM;
}

/* Round gfns, and where something begins behind a cut. */
static void ruler(struct sheet *s)
{
    uint64_t step = round_step(s->axis->total / ACROSS * TICK_APART);
    double room = 0;

    for ( unsigned int i = 0; i < s->axis->nr; i++ )
    {
        const struct segment *g = &s->axis->segment[i];

        if ( g->cut )
            continue;
        room = tick(s, g->gfn, room);
        for ( uint64_t gfn = (g->gfn / step + 1) * step;
              gfn < g->gfn + g->pages; gfn += step )
            room = tick(s, gfn, room);
    }
}

static void legend_entry(struct sheet *s, unsigned int *x, unsigned int width,
                         const char *mark, const char *text)
{
    if ( *x + width > WIDTH - MARGIN )
    {
        *x = MARGIN;
        s->y += 24;
    }
    fprintf(s->out, "<g transform=\"translate(%u %u)\">%s<text x=\"32\" "
            "y=\"12\">%s</text></g>\n", *x, s->y, mark, text);
    *x += width;
}

static void legend(struct sheet *s)
{
    unsigned int x = MARGIN;
    char mark[128];

    s->y += GAP;
    for ( unsigned int c = 0; c <= CLASS_AS_HOST; c++ )
        if ( s->seen & (1u << c) )
        {
            snprintf(mark, sizeof(mark), "<rect width=\"24\" height=\"15\" "
                     "fill=\"%s\"/>", class_styles[c].rgb);
            legend_entry(s, &x, 190, mark, class_styles[c].text);
        }
    legend_entry(s, &x, 190, "<rect width=\"24\" height=\"15\" "
                 "fill=\"#dcdcdc\"/><rect class=\"p\" y=\"11\" width=\"24\" "
                 "height=\"4\"/>", "private page tables");
    legend_entry(s, &x, 240, "<circle class=\"d\" cx=\"2\" cy=\"3\" r=\"2\"/>"
                 "<path class=\"a\" d=\"M2 3C2 18 22 18 22 4\"/>",
                 "shows the page it leads to");
    legend_entry(s, &x, 190, "<path class=\"e\" d=\"M4 0v15M12 0v15M20 0v15\"/>",
                 "edges of superpages");
    legend_entry(s, &x, 190, "<rect width=\"24\" height=\"15\" "
                 "fill=\"url(#h)\"/>", "a hole, cut short");
    s->y += 24 + MARGIN;
}

static void title(struct sheet *s)
{
    uint64_t first = s->column[0].first, end = s->column[ACROSS - 1].end;

    fprintf(s->out, "<text class=\"t\" x=\"%u\" y=\"30\">domain %u ", MARGIN,
            s->dump->domid);
    escaped(s->out, s->dump->name ?: "");
    fprintf(s->out, "</text>\n<text class=\"s\" x=\"%u\" y=\"30\">gfns 0x%" PRIx64
            " to 0x%" PRIx64 ", %u view%s</text>\n", LEFT, first, end - 1,
            s->dump->nr_views, s->dump->nr_views == 1 ? "" : "s");
}

static void body(struct sheet *s)
{
    title(s);
    s->y = TOP;
    ruler(s);
    if ( s->dump->has_host )
        host_row(s);
    for ( unsigned int i = 0; i < s->dump->nr_views; i++ )
        view_row(s, &s->dump->view[i]);
    legend(s);
}

void map_svg(const struct dump *dump, const struct range *only, FILE *out)
{
    struct sheet *s = checked(calloc(1, sizeof(*s)));
    struct axis axis;
    char *text = NULL;
    size_t size;

    make_axis(dump, only, &axis);
    s->dump = dump;
    s->axis = &axis;
    make_columns(&axis, ACROSS, s->column);
    s->out = checked(open_memstream(&text, &size));
    body(s);
    fclose(s->out);
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
            "height=\"%u\" viewBox=\"0 0 %u %u\">\n%s"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "%s</svg>\n", WIDTH, s->y, WIDTH, s->y, style, text);
    free(text);
    free_axis(&axis);
    free(s);
}
