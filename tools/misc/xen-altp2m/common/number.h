/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, ranges of gfns and rights, as text; bad ones are refused. */
#ifndef XEN_ALTP2M_NUMBER_H
#define XEN_ALTP2M_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* gfns are 4 KiB pages; four levels of tables reach this one. */
#define GFN_MAX ((1ULL << 36) - 1)
#define NO_GFN  (~0ULL)
#define VIEWS_MAX 512
#define PAGE_BYTES 4096ULL

/* A page without an override: whatever the host has. */
#define ACCESS_HOST 0xff

struct range
{
    uint64_t first, pages;
};

/* Bytes, from the first to the last. */
struct va_range
{
    uint64_t first, last;
};

/* A byte of the guest's memory. */
struct address
{
    uint64_t gfn;
    unsigned int offset;
};

/* Decimal or 0x...; all of the text, and at most @limit. */
bool parse_number(const char *text, uint64_t limit, uint64_t *value);

/*
 * A number at the start of a text: returns its end, or NULL if there is none.
 */
const char *scan_number(const char *text, uint64_t limit, uint64_t *value);

/*
 * These return NULL, or what is wrong with the text, in words that are valid
 * until the next call.
 */

/* @name: what messages call the number, such as "gfn". */
const char *gfn_fault(const char *text, const char *name, uint64_t *gfn);
/* GFN, FIRST-LAST (inclusive), FIRST+PAGES or FIRST+SIZE (K, M, G, T). */
const char *range_fault(const char *text, struct range *range);
/* ADDRESS, FIRST-LAST (inclusive) or ADDRESS+SIZE; sizes are of bytes. */
const char *va_range_fault(const char *text, struct va_range *range);
/* GFN+OFFSET, or the physical address in the guest. */
const char *address_fault(const char *text, struct address *at);

/*
 * What there is to say of each right, by its number.  Messages, completion and
 * the manual page come from this table; the names are the library's.
 */
#define NR_RIGHTS 11

struct right
{
    bool common;            /* is offered: there is a CPU that can enforce it */
    const char *meaning;
};

extern const struct right right_list[NR_RIGHTS];

/* "n r rw ...": those that are offered. */
const char *rights_words(void);

/* rwx, r-x, rx, n, ---, rx2rw, n2rwx, r_pw: an XENMEM_access_*. */
bool parse_access(const char *text, uint8_t *access);

/* Of an XENMEM_access_* or ACCESS_HOST: "rx", for programs. */
const char *access_name(uint8_t access);
/* "r-x", for people. */
const char *access_text(uint8_t access);
/* The same of a view's default rights; "none" where there are none. */
#define NO_DEFAULT ACCESS_HOST
const char *default_name(uint8_t access);
const char *default_text(uint8_t access);

/* Bytes, each two hexadecimal digits: how many; 0: none, or too many. */
unsigned int parse_bytes(const char *text, uint8_t *byte, unsigned int room);
/* The same the other way; @text has room for two digits each, and returns. */
const char *bytes_text(const uint8_t *byte, unsigned int nr, char *text);

/* "gfns 0x800 to 0x9ff (512 pages, 2 MiB)"; valid until the next call. */
const char *range_text(const struct range *range);
/* "2 MiB", rounded to what fits; the buffer is the caller's. */
#define SIZE_TEXT 32
const char *size_text(uint64_t pages, char text[SIZE_TEXT]);

#endif /* XEN_ALTP2M_NUMBER_H */
