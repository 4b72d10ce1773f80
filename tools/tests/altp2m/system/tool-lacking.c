/* SPDX-License-Identifier: GPL-2.0-only */
/* For boots on which the host lacks something that views need. */
#include "tool.h"

const struct test *const tables[] = {
    tests_tool_host,
    NULL,
};
