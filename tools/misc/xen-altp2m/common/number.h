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

/* Decimal or 0x...; all of the text, and at most @limit. */
bool parse_number(const char *text, uint64_t limit, uint64_t *value);

/* Bytes: a number, or one with a unit (K, M, G, T). */
bool parse_size(const char *text, uint64_t *bytes);

/* A number at the start of a text: returns its end, or NULL if there is none. */
const char *scan_number(const char *text, uint64_t limit, uint64_t *value);

/* GFN, FIRST-LAST (inclusive), FIRST+PAGES or FIRST+SIZE (K, M, G, T). */
bool parse_range(const char *text, struct range *range);

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

/* "gfns 0x800 to 0x9ff (512 pages, 2 MiB)"; valid until the next call. */
const char *range_text(const struct range *range);
/* "2 MiB", rounded to what fits; the buffer is the caller's. */
#define SIZE_TEXT 32
const char *size_text(uint64_t pages, char text[SIZE_TEXT]);

#endif /* XEN_ALTP2M_NUMBER_H */
