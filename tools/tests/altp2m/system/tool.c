/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define TOOL "./xen-altp2m"
#define OUT  "/tmp/tool.out"
#define ERR  "/tmp/tool.err"

static struct ran ran;
static char command[1024];

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    expect(f, "can't read %s", path);
    if ( getdelim(&text, &size, 0, f) < 0 )
    {
        text = realloc(text, 1);
        expect(text, "no memory");
        *text = 0;
    }
    fclose(f);
    return text;
}

static const struct ran *run(const char *format, va_list args)
{
    char arguments[800];
    int status;

    vsnprintf(arguments, sizeof(arguments), format, args);
    snprintf(command, sizeof(command), "{ " TOOL " %s; } >" OUT " 2>" ERR,
             arguments);
    fflush(NULL);
    status = system(command);
    free(ran.out);
    free(ran.err);
    ran.out = read_all(OUT);
    ran.err = read_all(ERR);
    expect(WIFEXITED(status), "%s: signal %d", command, WTERMSIG(status));
    ran.status = WEXITSTATUS(status);
    return &ran;
}

const struct ran *tool(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    run(format, args);
    va_end(args);
    return &ran;
}

void expect_tool(int status, const char *words, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    run(format, args);
    va_end(args);
    expect(ran.status == status, "%s: status %d, not %d: %.200s", command,
           ran.status, status, ran.err);
    expect(strstr(ran.out, words) || strstr(ran.err, words),
           "%s: does not say '%s' but: %.200s%.200s", command, words, ran.err,
           ran.out);
}

static void expect_good(void)
{
    expect(ran.status == DONE && !*ran.err, "%s: status %d: %.300s", command,
           ran.status, ran.err);
}

const char *tool_ok(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    run(format, args);
    va_end(args);
    expect_good();
    return ran.out;
}

/* Addresses are strings in hexadecimal; numbers are numbers. */
static void expect_type(const char *key, yajl_val v)
{
    static const char *const addresses[] = {
        "gfn", "target", "source", "last_gfn", "frame", "entry", "table",
        "found", "wanted", "rip", "rip_last", "cr3", "cr3_mask", "mask",
        "gla", "log", "cookie",
    };
    const char *text = YAJL_GET_STRING(v);
    bool address = false;

    for ( size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++ )
        address |= !strcmp(key, addresses[i]);
    if ( text )
        expect(!strncmp(text, "0x", 2) == address &&
               (!*text || text[strspn(text, "0123456789")] ||
                !strcmp(key, "bytes")),
               "%s: '%s' is '%.40s'", command, key, text);
    expect(!YAJL_IS_NUMBER(v) || !address, "%s: '%s' is a number", command,
           key);
    for ( size_t i = 0; YAJL_IS_ARRAY(v) && i < v->u.array.len; i++ )
        expect_type(key, v->u.array.values[i]);
    for ( size_t i = 0; YAJL_IS_OBJECT(v) && i < v->u.object.len; i++ )
        expect_type(v->u.object.keys[i], v->u.object.values[i]);
}

yajl_val tool_json(const char *format, ...)
{
    static yajl_val document;
    char error[128] = "";
    va_list args;

    va_start(args, format);
    run(format, args);
    va_end(args);
    expect(ran.status <= DIFFERENT || *ran.out, "%s: status %d: %.300s",
           command, ran.status, ran.err);
    if ( document )
        yajl_tree_free(document);
    document = yajl_tree_parse(ran.out, error, sizeof(error));
    expect(document, "%s: prints what is not JSON: %s", command, error);
    expect(YAJL_IS_OBJECT(document) && document->u.object.len &&
           !strcmp(document->u.object.keys[0], "schema") &&
           YAJL_GET_INTEGER(document->u.object.values[0]) == 2,
           "%s: the schema is not first", command);
    expect_type("", document);
    return document;
}

yajl_val member(yajl_val object, const char *key)
{
    const char *path[] = { key, NULL };
    yajl_val v = yajl_tree_get(object, path, yajl_t_any);

    expect(v, "%s: no '%s' in: %.300s", command, key, ran.out);
    return v;
}

unsigned int elements(yajl_val array)
{
    expect(YAJL_IS_ARRAY(array), "%s: no array in: %.300s", command, ran.out);
    return array->u.array.len;
}

yajl_val element(yajl_val array, unsigned int index)
{
    expect(index < elements(array), "%s: no element %u in: %.300s", command,
           index, ran.out);
    return array->u.array.values[index];
}

const char *member_text(yajl_val object, const char *key)
{
    const char *text = YAJL_GET_STRING(member(object, key));

    return text ? text : "";
}

uint64_t member_hex(yajl_val object, const char *key)
{
    const char *text = member_text(object, key);

    expect(!strncmp(text, "0x", 2), "%s: '%s' is '%s'", command, key, text);
    return strtoull(text, NULL, 16);
}

int member_int(yajl_val object, const char *key)
{
    yajl_val v = member(object, key);

    expect(YAJL_IS_INTEGER(v), "%s: '%s' is no number", command, key);
    return YAJL_GET_INTEGER(v);
}

unsigned int tool_view(struct guest *g, const char *options)
{
    return atoi(tool_ok("create %s %u", options, g->domid));
}
