/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By XENMEM_access_*, whose values are Xen's public interface. */
static const struct
{
    const char *name, *text;
} rights[] = {
    { "n", "---" }, { "r", "r--" }, { "w", "-w-" }, { "rw", "rw-" },
    { "x", "--x" }, { "rx", "r-x" }, { "wx", "-wx" }, { "rwx", "rwx" },
    { "rx2rw", "rx2rw" }, { "n2rwx", "n2rwx" },
    { "r_pw", "r_pw" }, /* from Xen 4.20 on */
};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

/* A number at the start of the text; NULL if there is none, else its end. */
static const char *scan(const char *text, uint64_t limit, uint64_t *value)
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
    const char *end = scan(text, limit, &got);

    if ( !end || *end )
        return false;
    *value = got;
    return true;
}

/* Pages, or a size in bytes with its unit. */
static bool parse_pages(const char *text, uint64_t *pages)
{
    static const char units[] = "KMGT";
    const char *end = scan(text, UINT64_MAX, pages), *unit;
    unsigned int shift;

    if ( !end )
        return false;
    if ( !*end )
        return true;
    unit = strchr(units, toupper((unsigned char)*end));
    if ( !unit || end[1] )
        return false;
    shift = 10 * (unit - units + 1);
    if ( *pages > UINT64_MAX >> shift || (*pages << shift) % PAGE_BYTES )
        return false;
    *pages = (*pages << shift) / PAGE_BYTES;
    return true;
}

bool parse_range(const char *text, struct range *range)
{
    uint64_t first, last, pages = 1;
    const char *end = scan(text, GFN_MAX, &first);

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
    for ( unsigned int i = 0; i < RIGHTS; i++ )
        if ( !strcmp(text, rights[i].name) || !strcmp(text, rights[i].text) )
        {
            *access = i;
            return true;
        }
    return false;
}

const char *access_name(uint8_t access)
{
    return access < RIGHTS ? rights[access].name : "host";
}

const char *access_text(uint8_t access)
{
    return access < RIGHTS ? rights[access].text : "host";
}

const char *default_name(uint8_t access)
{
    return access == NO_DEFAULT ? "none" : access_name(access);
}

const char *default_text(uint8_t access)
{
    return access == NO_DEFAULT ? "none" : access_text(access);
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
