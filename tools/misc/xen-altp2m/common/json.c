/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/json.h"
#include "common/message.h"
#include "common/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

yajl_gen json_begin(bool indented)
{
    yajl_gen g = checked(yajl_gen_alloc(NULL));

    yajl_gen_config(g, yajl_gen_beautify, indented);
    yajl_gen_config(g, yajl_gen_indent_string, " ");
    return g;
}

/* yajl checks no number that it is given as text. */
void json_raw(yajl_gen g, const char *text, size_t length)
{
    yajl_gen_number(g, text, length);
}

bool json_flush(yajl_gen g, FILE *out)
{
    const unsigned char *text;
    size_t length;

    if ( yajl_gen_get_buf(g, &text, &length) != yajl_gen_status_ok ||
         fwrite(text, 1, length, out) != length )
        return false;
    yajl_gen_clear(g);
    return true;
}

bool json_end(yajl_gen g, FILE *out)
{
    const unsigned char *text;
    size_t length;
    bool good = yajl_gen_get_buf(g, &text, &length) == yajl_gen_status_ok &&
                fwrite(text, 1, length, out) == length &&
                (!length || text[length - 1] == '\n' ||
                 fputc('\n', out) != EOF) && !fflush(out);

    yajl_gen_free(g);
    return good;
}

void json_string(yajl_gen g, const char *value)
{
    if ( value )
        yajl_gen_string(g, (const unsigned char *)value, strlen(value));
    else
        yajl_gen_null(g);
}

void json_key(yajl_gen g, const char *key)
{
    json_string(g, key);
}

void json_map_open(yajl_gen g)
{
    yajl_gen_map_open(g);
}

void json_map_close(yajl_gen g)
{
    yajl_gen_map_close(g);
}

void json_array_open(yajl_gen g, const char *key)
{
    json_key(g, key);
    yajl_gen_array_open(g);
}

void json_array_close(yajl_gen g)
{
    yajl_gen_array_close(g);
}

void json_text(yajl_gen g, const char *key, const char *value)
{
    json_key(g, key);
    json_string(g, value);
}

void json_int(yajl_gen g, const char *key, long long value)
{
    json_key(g, key);
    yajl_gen_integer(g, value);
}

void json_hex(yajl_gen g, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%" PRIx64, value);
    json_text(g, key, text);
}

void json_bool(yajl_gen g, const char *key, bool value)
{
    json_key(g, key);
    yajl_gen_bool(g, value);
}

void json_document(yajl_gen g, const char *kind)
{
    json_map_open(g);
    json_int(g, "schema", SCHEMA);
    json_text(g, "kind", kind);
}

char *read_file(const char *path)
{
    FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
    size_t size = 0, room = 1 << 16, got;
    char *text = checked(malloc(room + 1));

    if ( !f )
    {
        complain(EXIT_USAGE, "can't read %s: %s", path, strerror(errno));
        free(text);
        return NULL;
    }
    while ( (got = fread(text + size, 1, room - size, f)) > 0 )
    {
        size += got;
        if ( size == room )
            text = checked(realloc(text, (room *= 2) + 1));
    }
    text[size] = 0;
    if ( ferror(f) || strlen(text) != size )
    {
        complain(EXIT_USAGE, "%s is not text that can be read", path);
        free(text);
        text = NULL;
    }
    if ( f != stdin )
        fclose(f);
    return text;
}

yajl_val json_get(yajl_val object, const char *key)
{
    const char *path[] = { key, NULL };

    return yajl_tree_get(object, path, yajl_t_any);
}

const char *json_get_text(yajl_val object, const char *key)
{
    return YAJL_GET_STRING(json_get(object, key));
}

bool json_get_hex(yajl_val object, const char *key, uint64_t *value)
{
    const char *text = json_get_text(object, key);

    return text && !strncmp(text, "0x", 2) &&
           parse_number(text, UINT64_MAX, value);
}

bool json_get_int(yajl_val object, const char *key, long long *value)
{
    yajl_val v = json_get(object, key);

    if ( !YAJL_IS_INTEGER(v) )
        return false;
    *value = YAJL_GET_INTEGER(v);
    return true;
}

bool json_get_count(yajl_val object, const char *key, uint64_t *value)
{
    long long number;

    if ( json_get_hex(object, key, value) )
        return true;
    if ( !json_get_int(object, key, &number) || number < 0 )
        return false;
    *value = number;
    return true;
}

bool json_get_bool(yajl_val object, const char *key, bool *value)
{
    yajl_val v = json_get(object, key);

    if ( !YAJL_IS_TRUE(v) && !YAJL_IS_FALSE(v) )
        return false;
    *value = YAJL_IS_TRUE(v);
    return true;
}
