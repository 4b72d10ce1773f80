/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A text put together piece by piece, for what there may be 100,000 of: one printf()
 * takes thousands of instructions.  What does not fit is left out.
 */
#ifndef XEN_ALTP2M_LINE_H
#define XEN_ALTP2M_LINE_H

#include <stddef.h>
#include <stdint.h>

struct line
{
    size_t length;
    char text[512];
};

static inline void line_char(struct line *l, char c)
{
    if ( l->length < sizeof(l->text) )
        l->text[l->length++] = c;
}

static inline void line_add(struct line *l, const char *text)
{
    while ( *text )
        line_char(l, *text++);
}

/* Spaces up to that column. */
static inline void line_to(struct line *l, size_t column)
{
    while ( l->length < column && l->length < sizeof(l->text) )
        l->text[l->length++] = ' ';
}

static inline void line_number(struct line *l, uint64_t value, unsigned int base)
{
    char digits[20];
    unsigned int nr = 0;

    do {
        digits[nr++] = "0123456789abcdef"[value % base];
        value /= base;
    } while ( value );
    while ( nr )
        line_char(l, digits[--nr]);
}

static inline void line_int(struct line *l, uint64_t value)
{
    line_number(l, value, 10);
}

static inline void line_hex(struct line *l, uint64_t value)
{
    line_add(l, "0x");
    line_number(l, value, 16);
}

#endif /* XEN_ALTP2M_LINE_H */
