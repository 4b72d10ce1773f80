/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/line.h"
#include "common/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenaltp2m.h>

const char *scan_number(const char *text, uint64_t limit, uint64_t *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    unsigned long long got;
    char *end;

    if ( hex ? !isxdigit((unsigned char)*digits)
             : !isdigit((unsigned char)*digits) )
        return NULL;
    errno = 0;
    got = strtoull(digits, &end, hex ? 16 : 10);
    if ( errno || got > limit )
        return NULL;
    *value = got;
    return end;
}

bool parse_number(const char *text, uint64_t limit, uint64_t *value)
{
    uint64_t got;
    const char *end = scan_number(text, limit, &got);

    if ( !end || *end )
        return false;
    *value = got;
    return true;
}

/*
 * A number and its unit, of which @shift is the power of two; 0: it has none.
 */
static bool parse_unit(const char *text, uint64_t *value, unsigned int *shift)
{
    static const char units[] = "KMGT";
    const char *end = scan_number(text, UINT64_MAX, value), *unit;

    *shift = 0;
    if ( !end )
        return false;
    if ( !*end )
        return true;
    unit = strchr(units, toupper((unsigned char)*end));
    if ( !unit || end[1] )
        return false;
    *shift = 10 * (unit - units + 1);
    return *value <= UINT64_MAX >> *shift;
}

/* What a number or range says wrongly; valid until the next call. */
static const char *fault(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static const char *fault(const char *format, ...)
{
    static char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return text;
}

static bool all_digits(const char *text, size_t length, int (*is)(int))
{
    size_t i = 0;

    while ( i < length && is((unsigned char)text[i]) )
        i++;
    return length && i == length;
}

/* What ranges are of. */
struct kind
{
    const char *name;
    uint64_t max;
    uint64_t unit;          /* bytes, of which a size must be a multiple */
    const char *amounts;    /* what a + may be followed by */
};

static const struct kind gfns = {
    "gfn", GFN_MAX, PAGE_BYTES,
    "a number of pages, or a size such as 4K, 2M or 1G",
}, addresses = {
    "address", UINT64_MAX, 1, "a number of bytes, or a size such as 4K or 2M",
};

/* One number of @length characters. */
static const char *edge_fault(const char *text, size_t length,
                              const struct kind *kind, uint64_t *value)
{
    bool hex = length > 2 && text[0] == '0' && tolower(text[1]) == 'x';
    const char *end;

    *value = 0;
    end = scan_number(text, UINT64_MAX, value);
    if ( !length )
        return "a number is missing";
    if ( end ? end == text + length && *value > kind->max
             : hex ? all_digits(text + 2, length - 2, isxdigit)
                   : all_digits(text, length, isdigit) )
        return fault("%.*s is above 0x%" PRIx64 ", the highest %s",
                     (int)length, text, kind->max, kind->name);
    if ( end == text + length )
        return NULL;
    if ( all_digits(text, length, isxdigit) )
        return fault("%.*s is not a number; 0x%.*s is", (int)length, text,
                     (int)length, text);
    return fault("%.*s is not a number", (int)length, text);
}

/* What follows the + of a range, of which *@last then is the end. */
static const char *amount_fault(const char *text, const struct kind *kind,
                                uint64_t first, uint64_t *last)
{
    unsigned int shift;
    uint64_t amount;

    if ( !*text )
        return "a number is missing after +";
    if ( !parse_unit(text, &amount, &shift) )
        return fault("%s is not %s", text, kind->amounts);
    if ( shift && (amount << shift) % kind->unit )
        return fault("%s is not a multiple of 4K, the size of a page", text);
    if ( shift )
        amount = (amount << shift) / kind->unit;
    if ( !amount )
        return "it is empty";
    if ( amount - 1 > kind->max - first )
        return fault("it ends above 0x%" PRIx64 ", the highest %s", kind->max,
                     kind->name);
    *last = first + amount - 1;
    return NULL;
}

static const char *span_fault(const char *text, const struct kind *kind,
                              uint64_t *first, uint64_t *last)
{
    size_t length = strcspn(text, "-+");
    const char *rest = text + length + 1;
    const char *wrong = edge_fault(text, length, kind, first);

    *last = *first;
    if ( wrong || !text[length] )
        return wrong;
    if ( text[length] == '+' )
        return amount_fault(rest, kind, *first, last);
    wrong = edge_fault(rest, strlen(rest), kind, last);
    if ( !wrong && *last < *first )
        wrong = fault("its end, %s, is below its start, %.*s", rest,
                      (int)length, text);
    return wrong;
}

const char *gfn_fault(const char *text, const char *name, uint64_t *gfn)
{
    struct kind kind = gfns;

    kind.name = name;
    return edge_fault(text, strlen(text), &kind, gfn);
}

const char *range_fault(const char *text, struct range *range)
{
    uint64_t last;
    const char *wrong = span_fault(text, &gfns, &range->first, &last);

    range->pages = last - range->first + 1;
    return wrong;
}

const char *va_range_fault(const char *text, struct va_range *range)
{
    return span_fault(text, &addresses, &range->first, &range->last);
}

const char *address_fault(const char *text, struct address *at)
{
    const char *plus = strchr(text, '+'), *wrong;
    uint64_t number;

    if ( !plus )
    {
        wrong = edge_fault(text, strlen(text), &addresses, &number);
        if ( wrong )
            return wrong;
        *at = (struct address){ number / PAGE_BYTES, number % PAGE_BYTES };
        return at->gfn > GFN_MAX ? "it lies beyond the highest gfn" : NULL;
    }
    wrong = edge_fault(text, plus - text, &gfns, &at->gfn);
    if ( wrong )
        return wrong;
    if ( !parse_number(plus + 1, PAGE_BYTES - 1, &number) )
        return "behind the + there is no offset in a page, up to 0xfff";
    at->offset = number;
    return NULL;
}

/* ---- rights ------------------------------------------------------------- */

const struct right right_list[NR_RIGHTS] = {
    [XENALTP2M_N] = { true, "no access" },
    [XENALTP2M_R] = { true, "read only" },
    [XENALTP2M_W] = { false, "write only; no CPU can enforce it exactly" },
    [XENALTP2M_RW] = { true, "no execution" },
    [XENALTP2M_X] = { true, "execute only; not on AMD" },
    [XENALTP2M_RX] = { true, "no writing" },
    [XENALTP2M_WX] = { false, "no reading; no CPU can enforce it exactly" },
    [XENALTP2M_RWX] = { true, "all access" },
    [XENALTP2M_RX2RW] = { true, "r-x until the page is written, then rw-" },
    [XENALTP2M_N2RWX] = { true, "no access until the page is used, then rwx" },
    [XENALTP2M_R_PW] = { false, "read only, but the CPU's page walks may set "
                                "bits; from Xen 4.20 on" },
};

const char *rights_words(void)
{
    static char words[80];
    size_t length = 0;

    for ( unsigned int i = 0; i < NR_RIGHTS; i++ )
        if ( right_list[i].common )
            length += snprintf(words + length, sizeof(words) - length, "%s%s",
                               length ? " " : "", access_name(i));
    return words;
}

bool parse_access(const char *text, uint8_t *access)
{
    unsigned int got;

    if ( xenaltp2m_access_parse(text, &got) || got == XENALTP2M_HOST )
        return false;
    *access = got;
    return true;
}

const char *access_name(uint8_t access)
{
    return xenaltp2m_access_name(access);
}

const char *access_text(uint8_t access)
{
    return xenaltp2m_access_text(access);
}

const char *default_name(uint8_t access)
{
    return access == NO_DEFAULT ? "none" : access_name(access);
}

const char *default_text(uint8_t access)
{
    return access == NO_DEFAULT ? "none" : access_text(access);
}

const char *range_text(const struct range *range)
{
    static char text[96];
    char size[SIZE_TEXT];

    snprintf(text, sizeof(text), "gfns 0x%" PRIx64 " to 0x%" PRIx64
             " (%" PRIu64 " page%s, %s)", range->first,
             range->first + range->pages - 1, range->pages,
             range->pages == 1 ? "" : "s", size_text(range->pages, size));
    return text;
}

const char *size_text(uint64_t pages, char text[SIZE_TEXT])
{
    static const char units[] = "KMGTP";
    uint64_t kib = pages * 4, unit = 0, rest = 0;
    struct line l = { .text = text, .room = SIZE_TEXT - 1 };

    while ( kib >= 1024 && units[unit + 1] )
    {
        rest = kib % 1024;
        kib /= 1024;
        unit++;
    }
    line_int(&l, kib);
    if ( rest )
    {
        line_char(&l, '.');
        line_int(&l, rest * 10 / 1024);
    }
    line_char(&l, ' ');
    line_char(&l, units[unit]);
    line_add(&l, "iB");
    text[l.length] = '\0';
    return text;
}

unsigned int parse_bytes(const char *text, uint8_t *byte, unsigned int room)
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

const char *bytes_text(const uint8_t *byte, unsigned int nr, char *text)
{
    for ( unsigned int i = 0; i < nr; i++ )
        snprintf(text + 2 * i, 3, "%02x", byte[i]);
    return text;
}
