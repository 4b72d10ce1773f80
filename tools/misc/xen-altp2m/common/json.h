/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing and reading JSON, by yajl.  Addresses (gfns, frames, entries) are
 * strings, "0x..."; counts are numbers.
 */
#ifndef XEN_ALTP2M_JSON_H
#define XEN_ALTP2M_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <yajl/yajl_gen.h>
#include <yajl/yajl_tree.h>

/* ---- writing: to a file, indented, or one object a line ---- */

yajl_gen json_begin(bool indented);
/* Writes what there is so far; false if it can't be written. */
bool json_flush(yajl_gen g, FILE *out);
/* Writes it and frees it; false if it can't be written. */
bool json_end(yajl_gen g, FILE *out);

void json_key(yajl_gen g, const char *key);
void json_string(yajl_gen g, const char *value); /* NULL: null */
void json_map_open(yajl_gen g);
void json_map_close(yajl_gen g);
void json_array_open(yajl_gen g, const char *key);
void json_array_close(yajl_gen g);

/*
 * A value as it is, with what beautifies it, or several and all between them.
 */
void json_raw(yajl_gen g, const char *text, size_t length);

/* A key with its value. */
void json_text(yajl_gen g, const char *key, const char *value);
void json_int(yajl_gen g, const char *key, long long value); /* a count */
void json_hex(yajl_gen g, const char *key, uint64_t value); /* an address */
void json_bool(yajl_gen g, const char *key, bool value);

/* An object that begins with the schema, and says of what kind it is. */
void json_document(yajl_gen g, const char *kind);

/* ---- reading: NULL or false where it isn't so ---- */

/* Files say this first; within a version, keys are only added. */
#define SCHEMA 2

/* All of a file, "-" for standard input; complains by itself. */
char *read_file(const char *path);

yajl_val json_get(yajl_val object, const char *key);
const char *json_get_text(yajl_val object, const char *key);
bool json_get_hex(yajl_val object, const char *key, uint64_t *value);
/* A count: a number, or a string as schema 1 has it. */
bool json_get_count(yajl_val object, const char *key, uint64_t *value);
bool json_get_int(yajl_val object, const char *key, long long *value);
bool json_get_bool(yajl_val object, const char *key, bool *value);

#endif /* XEN_ALTP2M_JSON_H */
