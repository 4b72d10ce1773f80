/* SPDX-License-Identifier: GPL-2.0-only */
/* The picture on a terminal. */
#include "map/map.h"
#include "common/message.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX  20
#define ARC_LINES  3
#define ARCS       64

struct sheet
{
    const struct dump *dump;
    const struct text_style *style;
    FILE *out;
    unsigned int label, nr;      /* widths */
    struct column *column;
    struct cell *cell;
    uint8_t *level;
    uint16_t seen;               /* classes, for the legend */
    bool seen_several, seen_remap, seen_lost, seen_cut, seen_capital, seen_own;
};

/* Things that are drawn otherwise where there are only ASCII characters. */
enum glyph { G_SHARED, G_PRIVATE, G_CUT, G_TICK, G_LEFT, G_RIGHT, G_LINE,
             G_TO_LEFT, G_TO_RIGHT, G_SAME, G_LOST };

static const struct { const char *unicode, *ascii; } glyphs[] = {
    [G_SHARED]   = { "·", "." },
    [G_PRIVATE]  = { ":", ":" },
    [G_CUT]      = { "┊", "|" },
    [G_TICK]     = { "╷", "'" },
    [G_RIGHT]    = { "╰", "`" }, /* an arc begins here, and goes right */
    [G_LEFT]     = { "╯", "'" },
    [G_LINE]     = { "─", "-" },
    [G_TO_LEFT]  = { "◂", "<" },
    [G_TO_RIGHT] = { "▸", ">" },
    [G_SAME]     = { "↺", "o" },
    [G_LOST]     = { "×", "!" },
};

static void glyph(const struct sheet *s, enum glyph g)
{
    fputs(s->style->ascii ? glyphs[g].ascii : glyphs[g].unicode, s->out);
}

static void paint(const struct sheet *s, enum class class)
{
    if ( s->style->colour )
        fprintf(s->out, "\033[48;5;%u;38;5;%um", class_styles[class].colour,
                class == CLASS_RWX ? 231 : 16);
}

static void plain(const struct sheet *s)
{
    if ( s->style->colour )
        fputs("\033[0m", s->out);
}

static void label(const struct sheet *s, const char *text)
{
    fprintf(s->out, "%-*.*s ", s->label, s->label, text);
}

static void title(const struct sheet *s)
{
    uint64_t first = s->column[0].first;
    uint64_t end = s->column[s->nr - 1].end;
    char size[SIZE_TEXT];

    fprintf(s->out, "domain %u%s%s, gfns 0x%" PRIx64 " to 0x%" PRIx64,
            s->dump->domid, s->dump->name ? " " : "", s->dump->name ?: "",
            first, end - 1);
    if ( end - first < s->nr )
    {
        fprintf(s->out, "; a page is at least %" PRIu64 " columns\n\n",
                s->nr / (end - first));
        return;
    }
    /* What a column stands for, if all but holes stand for the same. */
    for ( unsigned int i = 0; i < s->nr; i++ )
        if ( !s->column[i].cut )
        {
            fprintf(s->out, "; a column is %s",
                    size_text(s->column[i].end - s->column[i].first, size));
            break;
        }
    fputs("\n\n", s->out);
}

#define TICK_APART 9

/*
 * The mark for a column, or NO_GFN: a round gfn, or what comes behind a cut; of
 * several columns of one page, the first has it.
 */
static uint64_t tick(const struct sheet *s, unsigned int i, uint64_t step)
{
    const struct column *c = &s->column[i];
    uint64_t round = (c->first + step - 1) / step * step;

    if ( c->cut )
        return NO_GFN;
    if ( !i || s->column[i - 1].cut )
        return c->first;
    if ( s->column[i - 1].first == c->first )
        return NO_GFN;
    return round < c->end ? round : NO_GFN;
}

/* gfns above the columns that they are in, as far as there is room. */
static void ruler(const struct sheet *s, const struct axis *axis)
{
    uint64_t step = round_step(axis->total / s->nr * TICK_APART);
    unsigned int at = 0;
    char text[24];

    label(s, "");
    for ( unsigned int i = 0; i < s->nr; i++ )
    {
        uint64_t gfn = tick(s, i, step);

        if ( (at && i <= at) || gfn == NO_GFN )
            continue;
        snprintf(text, sizeof(text), "0x%" PRIx64, gfn);
        if ( i + strlen(text) + 1 > s->nr )
            break;
        fprintf(s->out, "%*s", i - at, "");
        glyph(s, G_TICK);
        fputs(text, s->out);
        at = i + 1 + strlen(text);
    }
    fputc('\n', s->out);
}

static void host_row(struct sheet *s)
{
    static const char sizes[] = "kMGT";

    label(s, "host");
    host_cells(s->dump, s->column, s->nr, s->cell, s->level);
    for ( unsigned int i = 0; i < s->nr; i++ )
    {
        enum class class = shown_class(&s->cell[i]);

        if ( s->column[i].cut && class == CLASS_NO_PAGE )
        {
            glyph(s, G_CUT);
            s->seen_cut = true;
            continue;
        }
        if ( class != CLASS_NO_PAGE )
        {
            paint(s, class);
            fputc(sizes[s->level[i] & 3], s->out);
            plain(s);
        }
        else
            fputc(' ', s->out);
    }
    fputc('\n', s->out);
}

static void view_cell(struct sheet *s, unsigned int i)
{
    const struct cell *cell = &s->cell[i];
    enum class class = shown_class(cell);
    char letter = class_styles[class].letter;
    /* Host pages were found before; where there is none, nothing is shown. */
    bool page = !s->dump->has_host || s->level[i] != 0xff;

    if ( !page && !cell->own )
    {
        if ( s->column[i].cut )
            glyph(s, G_CUT);
        else
            fputc(' ', s->out);
        return;
    }
    s->seen |= cell->classes;
    paint(s, class);
    if ( has_several(cell) )
    {
        letter = '*';
        s->seen_several = true;
    }
    if ( class == CLASS_AS_HOST )
        glyph(s, cell->private ? G_PRIVATE : G_SHARED);
    else
        fputc(cell->private ? toupper(letter) : letter, s->out);
    s->seen_capital |= cell->private && class != CLASS_AS_HOST;
    plain(s);
}


static bool place_arc(unsigned char *line, const struct arc *arc)
{
    unsigned int low = arc->from < arc->to ? arc->from : arc->to;
    unsigned int high = arc->from < arc->to ? arc->to : arc->from;

    for ( unsigned int i = low; i <= high; i++ )
        if ( line[i] )
            return false;
    if ( low == high )
    {
        line[low] = (arc->lost ? G_LOST : G_SAME) + 1;
        return true;
    }
    memset(line + low, G_LINE + 1, high - low);
    line[arc->from] = (arc->from < arc->to ? G_RIGHT : G_LEFT) + 1;
    line[arc->to] = (arc->lost ? G_LOST :
                     arc->from < arc->to ? G_TO_RIGHT : G_TO_LEFT) + 1;
    return true;
}

static void print_arcs(struct sheet *s, const unsigned char *line,
                       unsigned int left_out)
{
    unsigned int end = s->nr;

    while ( end && !line[end - 1] )
        end--;
    label(s, "");
    for ( unsigned int i = 0; i < end; i++ )
        if ( line[i] )
            glyph(s, line[i] - 1);
        else
            fputc(' ', s->out);
    if ( left_out )
        fprintf(s->out, "  +%u", left_out);
    fputc('\n', s->out);
}

static void arc_rows(struct sheet *s, const struct view *view)
{
    unsigned char *lines = checked(calloc(ARC_LINES, s->nr));
    struct arc arcs[ARCS];
    unsigned int used = 0, placed = 0, line;
    unsigned int all = view_arcs(view, s->column, s->nr, arcs, ARCS);

    for ( unsigned int i = 0; i < all && i < ARCS; i++ )
        for ( line = 0; line < ARC_LINES; line++ )
            if ( place_arc(lines + line * s->nr, &arcs[i]) )
            {
                placed++;
                if ( used < line + 1 )
                    used = line + 1;
                s->seen_remap = true;
                s->seen_lost |= arcs[i].lost;
                s->seen_own |= arcs[i].own;
                break;
            }
    for ( line = 0; line < used; line++ )
        print_arcs(s, lines + line * s->nr,
                   line + 1 == used ? all - placed : 0);
    free(lines);
}

static void view_row(struct sheet *s, const struct view *view)
{
    label(s, view_text(view));
    view_cells(view, s->column, s->nr, s->cell);
    for ( unsigned int i = 0; i < s->nr; i++ )
        view_cell(s, i);
    fputc('\n', s->out);
    arc_rows(s, view);
}

static void legend(struct sheet *s)
{
    fputc('\n', s->out);
    for ( unsigned int c = 0; c < CLASS_AS_HOST; c++ )
        if ( s->seen & (1u << c) )
        {
            fputs("  ", s->out);
            paint(s, c);
            fputc(class_styles[c].letter, s->out);
            plain(s);
            fprintf(s->out, "  %s\n", class_styles[c].text);
        }
    if ( s->seen_several )
        fputs("  *  several; the colour is of the fewest rights\n", s->out);
    if ( s->seen_capital )
        fputs("  CAPITALS: the view has page tables of its own there\n",
              s->out);
    fputs("  ", s->out);
    glyph(s, G_SHARED);
    fputs("  as the host, by the host's tables; ", s->out);
    glyph(s, G_PRIVATE);
    fputs("  as the host, by private tables\n", s->out);
    if ( s->dump->has_host )
        fputs("  k M G  the host's pages: 4 KiB, 2 MiB, 1 GiB entries\n",
              s->out);
    if ( s->seen_cut )
    {
        fputs("  ", s->out);
        glyph(s, G_CUT);
        fputs("  a hole, cut short\n", s->out);
    }
    if ( s->seen_remap )
    {
        fputs("  ", s->out);
        glyph(s, G_RIGHT);
        glyph(s, G_LINE);
        glyph(s, G_TO_RIGHT);
        fputs(" shows the page it leads to; ", s->out);
        glyph(s, G_SAME);
        fputs(" of the same column", s->out);
        if ( s->seen_own )
            fputs(", or with bytes of its own", s->out);
        if ( s->seen_lost )
        {
            fputs("; ", s->out);
            glyph(s, G_LOST);
            fputs(" has none now", s->out);
        }
        fputc('\n', s->out);
    }
}

static unsigned int label_width(const struct dump *dump)
{
    unsigned int width = 8;

    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        unsigned int wanted = strlen(view_text(&dump->view[i]));

        if ( wanted > width )
            width = wanted > LABEL_MAX ? LABEL_MAX : wanted;
    }
    return width;
}

void map_text(const struct dump *dump, const struct range *only,
              const struct text_style *style, FILE *out)
{
    struct sheet s = { .dump = dump, .style = style, .out = out };
    struct axis axis;

    s.label = label_width(dump);
    s.nr = style->width > s.label + 11 ? style->width - s.label - 1 : 10;
    s.column = checked(calloc(s.nr, sizeof(*s.column)));
    s.cell = checked(calloc(s.nr, sizeof(*s.cell)));
    s.level = checked(calloc(s.nr, 1));

    make_axis(dump, only, &axis);
    make_columns(&axis, s.nr, s.column);
    title(&s);
    ruler(&s, &axis);
    if ( dump->has_host )
        host_row(&s);
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        view_row(&s, &dump->view[i]);
    legend(&s);

    free_axis(&axis);
    free(s.column);
    free(s.cell);
    free(s.level);
}
