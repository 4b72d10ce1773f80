/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of test-altp2m, in the order in which they are run. */
#include "harness.h"

const struct test *const tables[] = {
    tests_state, tests_view, tests_access, tests_violation, tests_remap,
    tests_suppress, tests_host, tests_event, tests_xenaccess, tests_memaccess,
    tests_pool, tests_vmfunc, tests_mode, tests_vcpu, tests_random,
    tests_toolstack, tests_transcript, tests_exits, tests_emulation,
    tests_dirty, tests_memtype, tests_sharing, tests_query, tests_batch,
    tests_range, tests_clone, tests_lost, tests_visible, tests_agent,
    tests_fork, tests_shorthand, tests_gla, tests_side, tests_own,
    tests_rules, tests_example, tests_breakpoint, tests_break,
    tests_process, tests_log,
    NULL,
};
