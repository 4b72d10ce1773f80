/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of test-tool, in the order in which they are run. */
#include "tool.h"

const struct test *const tables[] = {
    tests_tool_host, tests_tool_check, tests_tool_views, tests_tool_change,
    tests_tool_own, tests_tool_look, tests_tool_fail,
    NULL,
};
