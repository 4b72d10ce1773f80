/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A text put together piece by piece, for what there may be 100,000 of: one
 * printf() takes thousands of instructions.  A piece that does not fit is left
 * out.
 */
#ifndef XEN_ALTP2M_LINE_H
#define XEN_ALTP2M_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct line
{
    char *text;
    size_t room, length;
};

static inline void line_put(struct line *l, const char *text, size_t length)
{
    if ( length > l->room - l->length )
        return;
    memcpy(l->text + l->length, text, length);
    l->length += length;
}

static inline void line_char(struct line *l, char c)
{
    line_put(l, &c, 1);
}

static inline void line_add(struct line *l, const char *text)
{
    line_put(l, text, strlen(text));
}

/* Spaces up to that column. */
static inline void line_to(struct line *l, size_t column)
{
    if ( column > l->room )
        column = l->room;
    if ( column <= l->length )
        return;
    memset(l->text + l->length, ' ', column - l->length);
    l->length = column;
}

static inline void line_int(struct line *l, uint64_t value)
{
    char digits[20];
    unsigned int at = sizeof(digits);

    do {
        digits[--at] = '0' + value % 10;
        value /= 10;
    } while ( value );
    line_put(l, digits + at, sizeof(digits) - at);
}

static inline void line_hex(struct line *l, uint64_t value)
{
    size_t end = l->length + 2 + (67 - __builtin_clzll(value | 1)) / 4;

    if ( end > l->room )
        return;
    line_add(l, "0x");
    for ( size_t i = end; i-- > l->length; value >>= 4 )
        l->text[i] = "0123456789abcdef"[value & 15];
    l->length = end;
}

#endif /* XEN_ALTP2M_LINE_H */
