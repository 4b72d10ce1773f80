/* SPDX-License-Identifier: GPL-2.0-only */
/* Running xen-altp2m as a user would, and reading what it prints. */
#ifndef ALTP2M_TEST_TOOL_H
#define ALTP2M_TEST_TOOL_H

#include "guest.h"

#include <yajl/yajl_tree.h>

extern const struct test tests_tool_host[], tests_tool_check[],
    tests_tool_views[], tests_tool_change[], tests_tool_look[],
    tests_tool_own[], tests_tool_fail[];

/* Its exit codes. */
enum { DONE, DIFFERENT, USAGE, NOT_FOUND, UNSUPPORTED, DENIED, AGAIN,
       INTERRUPTED = 130 };

struct ran
{
    int status;
    char *out, *err;  /* until the next run */
};

/* The rest of a command line, through the shell. */
const struct ran *tool(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Fails unless it ends with that status, and says that. */
void expect_tool(int status, const char *words, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Ends with 0 and says nothing on stderr; what it printed. */
const char *tool_ok(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* The same with a JSON document; it is gone with the test. */
yajl_val tool_json(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* What there is below an object or array; fails where there is nothing. */
yajl_val member(yajl_val object, const char *key);
yajl_val element(yajl_val array, unsigned int index);
unsigned int elements(yajl_val array);
const char *member_text(yajl_val object, const char *key);
uint64_t member_hex(yajl_val object, const char *key);
int member_int(yajl_val object, const char *key);

/* A view that the tool makes. */
unsigned int tool_view(struct guest *g, const char *options);

#endif /* ALTP2M_TEST_TOOL_H */
