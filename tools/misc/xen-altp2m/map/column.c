/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in each column of the picture. */
#include "map/map.h"

#include <string.h>

const struct class_style class_styles[NR_CLASSES] = {
    [CLASS_N]       = { 'n', 166, "#d55e00", "--- no access" },
    [CLASS_R]       = { 'r', 36, "#009e73", "r-- read only" },
    [CLASS_W]       = { 'o', 175, "#cc79a7", "-w- write only" },
    [CLASS_RW]      = { 'w', 214, "#e69f00", "rw- no execution" },
    [CLASS_X]       = { 'e', 227, "#f0e442", "--x execute only" },
    [CLASS_RX]      = { 'x', 74, "#56b4e9", "r-x no writing" },
    [CLASS_WX]      = { 'p', 175, "#cc79a7", "-wx no reading" },
    [CLASS_RWX]     = { 'a', 25, "#0072b2", "rwx all, set here" },
    [CLASS_RX2RW]   = { 's', 109, "#7fa6bf", "rx2rw r-x until written" },
    [CLASS_N2RWX]   = { 't', 137, "#b07a4f", "n2rwx --- until used" },
    [CLASS_R_PW]    = { 'v', 29, "#3f7f5f", "r_pw r--, but for page walks" },
    [CLASS_AS_HOST] = { '.', 253, "#dcdcdc", "as the host" },
    [CLASS_NO_PAGE] = { ' ', 0, "#ffffff", "no page" },
};

void make_columns(const struct axis *axis, unsigned int nr,
                  struct column *column)
{
    uint64_t last = axis->segment[0].gfn;

    for ( unsigned int i = 0; i < nr; i++ )
    {
        double middle = axis->total * (i + 0.5) / nr;
        const struct segment *s = axis->segment;
        uint64_t end = axis_gfn(axis, axis->total * (i + 1) / nr);

        while ( s < axis->segment + axis->nr - 1 &&
                middle >= s->at + s->width )
            s++;
        if ( s->cut && end > s->gfn + s->pages )
            end = s->gfn + s->pages; /* what is behind begins a column */
        column[i] = (struct column){ last, end, s->cut };
        last = end;
        /* Where there are more columns than pages, some share a page. */
        if ( column[i].end == column[i].first )
            column[i].end++;
    }
}

/* Calls for each column that the range is in. */
struct place_in
{
    const struct column *column;
    unsigned int nr, at; /* ranges come in order: none begins before this */
};

static bool next_column(struct place_in *p, uint64_t first, uint64_t end,
                        unsigned int *i)
{
    if ( *i >= p->nr )
    {
        while ( p->at < p->nr && p->column[p->at].end <= first )
            p->at++;
        *i = p->at;
    }
    else
        ++*i;
    return *i < p->nr && p->column[*i].first < end;
}

#define for_each_column(i, place, first, end) \
    for ( i = (place)->nr; next_column(place, first, end, &i); )

static enum class class_of(const struct run *run)
{
    return run->access == ACCESS_HOST ? CLASS_AS_HOST : run->access;
}

void view_cells(const struct view *view, const struct column *column,
                unsigned int nr, struct cell *cell)
{
    struct place_in p = { column, nr, 0 };
    enum class rest = view->access == CLASS_RWX || view->access == NO_DEFAULT
                      ? CLASS_AS_HOST : view->access;
    unsigned int i;

    memset(cell, 0, nr * sizeof(*cell));
    for ( size_t j = 0; j < view->runs.nr; j++ )
    {
        const struct run *r = &view->runs.run[j];

        for_each_column ( i, &p, r->gfn, r->gfn + r->pages )
        {
            cell[i].own = true;
            if ( r->access != ACCESS_HOST )
                cell[i].classes |= 1u << class_of(r);
            cell[i].remap |= r->target != NO_GFN;
            cell[i].lost |= r->lost;
        }
    }

    p.at = 0;
    for ( size_t j = 0; j < view->tables.nr; j++ )
    {
        const struct extent *e = &view->tables.extent[j];

        if ( !e->level )
            for_each_column ( i, &p, e->gfn, e->gfn + e->pages )
                cell[i].private = true;
    }

    for ( i = 0; i < nr; i++ )
        if ( !cell[i].classes )
            cell[i].classes = 1u << rest;
}

void host_cells(const struct dump *dump, const struct column *column,
                unsigned int nr, struct cell *cell, uint8_t *level)
{
    struct place_in p = { column, nr, 0 };
    unsigned int i;

    memset(cell, 0, nr * sizeof(*cell));
    memset(level, 0xff, nr);
    for ( size_t j = 0; j < dump->host.nr; j++ )
    {
        const struct extent *e = &dump->host.extent[j];

        for_each_column ( i, &p, e->gfn, e->gfn + e->pages )
        {
            cell[i].classes |= 1u << (e->access == CLASS_RWX ? CLASS_AS_HOST
                                                             : e->access);
            if ( level[i] == 0xff || e->level > level[i] )
                level[i] = e->level;
        }
    }
    for ( i = 0; i < nr; i++ )
        if ( !cell[i].classes )
            cell[i].classes = 1u << CLASS_NO_PAGE;
}

/* From none to all; by this order a cell is shown. */
static const unsigned char order[NR_CLASSES] = {
    CLASS_N, CLASS_N2RWX, CLASS_R, CLASS_R_PW, CLASS_X, CLASS_W, CLASS_RX,
    CLASS_RX2RW, CLASS_RW, CLASS_WX, CLASS_RWX, CLASS_AS_HOST, CLASS_NO_PAGE,
};

enum class shown_class(const struct cell *cell)
{
    unsigned int i = 0;

    while ( !(cell->classes & (1u << order[i])) )
        i++;
    return order[i];
}

bool has_several(const struct cell *cell)
{
    return cell->classes & (cell->classes - 1);
}

static unsigned int column_of(const struct column *column, unsigned int nr,
                              uint64_t gfn)
{
    unsigned int low = 0, high = nr;

    while ( high - low > 1 )
    {
        unsigned int middle = (low + high) / 2;

        if ( column[middle].first <= gfn )
            low = middle;
        else
            high = middle;
    }
    return low;
}

unsigned int view_arcs(const struct view *view, const struct column *column,
                       unsigned int nr, struct arc *arc, unsigned int room)
{
    unsigned int found = 0, last_from = ~0u, last_to = ~0u;

    for ( size_t j = 0; j < view->runs.nr; j++ )
    {
        const struct run *r = &view->runs.run[j];
        uint64_t target = r->own ? r->gfn : r->target;
        unsigned int from, to;

        if ( target == NO_GFN || r->gfn >= column[nr - 1].end ||
             r->gfn + r->pages <= column[0].first )
            continue;
        from = column_of(column, nr, r->gfn);
        to = column_of(column, nr, target);
        if ( from == last_from && to == last_to )
            continue;
        last_from = from;
        last_to = to;
        if ( found < room )
            arc[found] = (struct arc){ from, to, r->gfn, target, r->pages,
                                       r->lost, r->own };
        found++;
    }
    return found;
}
