/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
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

/* A number and its unit, of which @shift is the power of two; 0: it has none. */
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

bool parse_size(const char *text, uint64_t *bytes)
{
    unsigned int shift;

    if ( !parse_unit(text, bytes, &shift) )
        return false;
    *bytes <<= shift;
    return true;
}

/* Pages, or a size in bytes with its unit. */
static bool parse_pages(const char *text, uint64_t *pages)
{
    unsigned int shift;

    if ( !parse_unit(text, pages, &shift) )
        return false;
    if ( !shift )
        return true;
    if ( (*pages << shift) % PAGE_BYTES )
        return false;
    *pages = (*pages << shift) / PAGE_BYTES;
    return true;
}

bool parse_range(const char *text, struct range *range)
{
    uint64_t first, last, pages = 1;
    const char *end = scan_number(text, GFN_MAX, &first);

    if ( !end )
        return false;
    if ( *end == '-' )
    {
        if ( !parse_number(end + 1, GFN_MAX, &last) || last < first )
            return false;
        pages = last - first + 1;
    }
    else if ( *end == '+' )
    {
        if ( !parse_pages(end + 1, &pages) || !pages ||
             pages > GFN_MAX - first + 1 )
            return false;
    }
    else if ( *end )
        return false;
    *range = (struct range){ first, pages };
    return true;
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

    while ( kib >= 1024 && units[unit + 1] )
    {
        rest = kib % 1024;
        kib /= 1024;
        unit++;
    }
    if ( rest )
        snprintf(text, SIZE_TEXT, "%" PRIu64 ".%" PRIu64 " %ciB", kib,
                 rest * 10 / 1024, units[unit]);
    else
        snprintf(text, SIZE_TEXT, "%" PRIu64 " %ciB", kib, units[unit]);
    return text;
}
