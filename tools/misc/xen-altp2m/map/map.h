/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The picture of a domain's views.  What is in a column is found once, in
 * map-column.c; map-text.c and map-svg.c put it on a terminal and on paper,
 * and map.js in a browser, by the same rules.
 */
#ifndef XEN_ALTP2M_MAP_H
#define XEN_ALTP2M_MAP_H

#include "common/dump.h"

#include <stdio.h>

/* What a page has in a view; a column may have several. */
enum class
{
    CLASS_N, CLASS_R, CLASS_W, CLASS_RW, CLASS_X, CLASS_RX, CLASS_WX,
    CLASS_RWX, CLASS_RX2RW, CLASS_N2RWX, CLASS_R_PW, /* as XENMEM_access_* */
    CLASS_AS_HOST,                       /* nothing of its own */
    CLASS_NO_PAGE,
    NR_CLASSES
};

struct class_style
{
    char letter;            /* in text */
    unsigned char colour;   /* of the 256 that terminals have */
    const char *rgb;        /* in pictures */
    const char *text;
};

/* Told apart by those who see fewer colours, too. */
extern const struct class_style class_styles[NR_CLASSES];

/*
 * Where gfns are across the picture: as they are, but for holes that would
 * leave no room for the rest, which are cut down.
 */
struct segment
{
    uint64_t gfn, pages;
    double at, width;       /* in units of one page that isn't cut */
    bool cut;
};

struct axis
{
    struct segment *segment;
    unsigned int nr;
    double total;
};

void make_axis(const struct dump *dump, const struct range *only,
               struct axis *axis);
void free_axis(struct axis *axis);
/* Between two marks of the axis: a power of two, and no less than that. */
uint64_t round_step(double pages);
uint64_t axis_gfn(const struct axis *axis, double at);
double axis_at(const struct axis *axis, uint64_t gfn);

/* A column of the picture: gfns from first up to, not including, end. */
struct column
{
    uint64_t first, end;
    bool cut;               /* stands for a hole that is cut down */
};

struct cell
{
    uint16_t classes;       /* mask of 1 << enum class */
    bool own;               /* something is overridden */
    bool private;           /* the view has its own table of the lowest level */
    bool remap, lost;
};

void make_columns(const struct axis *axis, unsigned int nr,
                  struct column *column);
void view_cells(const struct view *view, const struct column *column,
                unsigned int nr, struct cell *cell);
/* The host's; of each column the largest level as well, or 0xff. */
void host_cells(const struct dump *dump, const struct column *column,
                unsigned int nr, struct cell *cell, uint8_t *level);

/* The one class that a cell is shown as: the fewest rights. */
enum class shown_class(const struct cell *cell);
bool has_several(const struct cell *cell);

/* A remap as it is drawn, from column to column; or an own page, at one. */
struct arc
{
    unsigned int from, to;
    uint64_t gfn, target, pages;
    bool lost;
    bool own;               /* bytes of its own, shown at the gfn itself */
};

/*
 * Up to @room of the view's, one for each pair of columns; how many there are.
 */
unsigned int view_arcs(const struct view *view, const struct column *column,
                       unsigned int nr, struct arc *arc, unsigned int room);

struct text_style
{
    unsigned int width;
    bool colour, ascii;
};

void map_text(const struct dump *dump, const struct range *only,
              const struct text_style *style, FILE *out);
void map_svg(const struct dump *dump, const struct range *only, FILE *out);
void map_html(const struct dump *dump, FILE *out);

#endif /* XEN_ALTP2M_MAP_H */
