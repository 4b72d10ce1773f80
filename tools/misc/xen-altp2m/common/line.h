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

#define HEX_TEXT 18 /* characters at most */

/* The two digits of each byte. */
#define HEX_ROW(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" \
                   d "8" d "9" d "a" d "b" d "c" d "d" d "e" d "f"
#define HEX_PAIRS HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") \
                  HEX_ROW("4") HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") \
                  HEX_ROW("8") HEX_ROW("9") HEX_ROW("a") HEX_ROW("b") \
                  HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f")

/* Writes "0x..." there, without an end; returns how many characters. */
static inline size_t put_hex(char *text, uint64_t value)
{
    size_t length = 2 + (67 - __builtin_clzll(value | 1)) / 4;
    char *at = text + length;

    for ( ; value > 15; value >>= 8 )
        memcpy(at -= 2, HEX_PAIRS + 2 * (value & 255), 2);
    if ( at > text + 2 )
        *--at = HEX_PAIRS[2 * value + 1];
    memcpy(text, "0x", 2);
    return length;
}

static inline void line_hex(struct line *l, uint64_t value)
{
    char text[HEX_TEXT];

    line_put(l, text, put_hex(text, value));
}

#endif /* XEN_ALTP2M_LINE_H */
