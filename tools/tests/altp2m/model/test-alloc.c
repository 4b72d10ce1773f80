/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-alloc: every allocation of every operation fails in turn, until none is
 * left to fail.  The result must be -ENOMEM with nothing changed, or success;
 * nothing may be lost.  The same with a pool that has just so many pages left,
 * which goes on failing.  In both formats.
 */
#include "model.h"

/* Circumstances in which each operation is tried. */
static const struct { const char *op; uint8_t a, b, c, d; } before[][5] = {
    { { NULL } },
    { { "access", 1, 11, 1, 0 }, { NULL } },
    { { "access", 1, 12, 1, 0 }, { "remap", 1, 13, 1, 0 }, { NULL } },
    { { "range", 1, 12, 1, 0 }, { "reclaim", 0, 0, 0, 0 }, { NULL } },
    { { "access", 2, 12, 1, 0 }, { "access", 1, 12, 1, 0 },
      { "reclaim", 0, 0, 0, 0 }, { "reclaim", 0, 0, 0, 0 }, { NULL } },
    { { "access", 1, 11, 4, 0 }, { "range", 1, 12, 0x17, 0 },
      { "touch", 0, 12, 2, 0 }, { NULL } },
};

static const struct { const char *op; uint8_t a, b, c, d; } tried[] = {
    { "state", 0, 0, 0, 0 }, { "state", 1, 0, 0, 0 }, { "create", 7, 0, 0, 0 },
    { "destroy", 1, 0, 0, 0 }, { "switch", 2, 0, 0, 0 },
    { "access", 1, 12, 1, 0 }, { "access", 1, 13, 0, 0 },
    { "access", 2, 26, 0, 0 }, { "access", 1, 12, 10, 0 },
    { "access", 0, 12, 1, 0 }, { "default", 1, 0, 1, 0 },
    { "multi", 1, 10, 1, 3 }, { "multi", 1, 10, 1, 0 },
    { "remap", 1, 12, 11, 0 }, { "remap", 2, 13, 15, 0 },
    { "remap", 1, 13, 0, 1 }, { "sve", 1, 12, 0, 0 },
    { "sve-multi", 1, 10, 0, 4 }, { "range", 1, 12, 1, 0 },
    { "range", 1, 12, 1, 2 }, { "range", 1, 12, 8, 1 },
    { "notify", 0, 0, 1, 0 }, { "host-page", 12, 0, 0, 0 },
    { "host-page", 26, 0, 0, 0 }, { "host-large", 12, 0, 0, 0 },
    { "host-access", 12, 0, 0, 0 }, { "memory-type", 0, 0, 0, 0 },
    { "recalc", 12, 0, 0, 0 }, { "touch", 0, 12, 1, 0 },
    { "touch", 0, 15, 0, 0 }, { "touch-all", 0, 0, 0, 0 },
    { "touch", 0, 11, 2, 0 }, { "straddle", 0, 11, 10, 0 },
    { "straddle", 0, 12, 10, 0 },
    { "set-range", 1, 12, 13, 1 }, { "set-range", 1, 11, 45, 3 },
    { "apply", 1, 12, 3, 1 }, { "apply", 1, 10, 27, 4 },
    { "isolate", 1, 12, 3, 1 }, { "set-default", 1, 0, 5, 0 },
    { "clone", 1, 0, 0, 0 }, { "hide", 1, 0, 0, 0 },
    { "set-vmfunc", 0, 0, 1, 0 }, { "notify-lost", 1, 0, 0, 0 },
    { "read-overrides", 1, 0, 1, 1 }, { "read-map", 1, 0, 1, 0 },
    { "read-lists", 1, 0, 1, 0 }, { "read-lost", 0, 0, 1, 0 },
    { "walk", 1, 12, 0, 0 }, { "audit", 1, 0, 1, 0 }, { "ask", 1, 12, 0, 0 },
    { "visible", 1, 0, 0, 0 }, { "switch-vcpu", 2, 0, 0, 0 },
    { "reply", 2, 0, 0, 0 }, { "log-dirty", 10, 15, 0, 0 },
    { "type-one", 12, 1, 0, 0 },
    { "take-back", 12, 1, 0, 0 }, { "log", 1, 2, 0, 0 },
};

static unsigned int build(unsigned int b, unsigned int t, bool amd,
                          struct step *s)
{
    unsigned int n = 0, i;

    s[n++] = (struct step){ .a = CPU_IOMMU, .d = amd ? WORLD_AMD : 0 };
    s[n++] = (struct step){ step_named("state"),
                            strcmp(tried[t].op, "state") || !tried[t].a };
    s[n++] = (struct step){ step_named("create"), 7 };
    s[n++] = (struct step){ step_named("create"), 7 };
    s[n++] = (struct step){ step_named("set-default"), 2, 0, 5 };
    s[n++] = (struct step){ step_named("reply"), 1, 0 };
    for ( i = 0; before[b][i].op; i++ )
        s[n++] = (struct step){ step_named(before[b][i].op), before[b][i].a,
                                before[b][i].b, before[b][i].c,
                                before[b][i].d };

    return n;
}

/* @circumstance: "fail" for the nth allocation, "pool" for pages left. */
static int try(unsigned int b, unsigned int t, bool amd,
               const char *circumstance, unsigned int nth)
{
    struct step s[16];
    unsigned int n = build(b, t, amd, s);

    s[n++] = (struct step){ step_named(circumstance), nth, 2 };
    s[n++] = (struct step){ step_named(tried[t].op), tried[t].a, tried[t].b,
                            tried[t].c, tried[t].d };
    s[n++] = (struct step){ step_named("touch-all") };

    return run_shrunk(s, n);
}

static unsigned int runs, most;

static int try_all(unsigned int b, unsigned int t, bool amd,
                   const char *circumstance)
{
    unsigned int nth, limit = circumstance[0] == 'f' ? 64 : 32;

    for ( nth = 0; nth < limit; nth++ )
    {
        runs++;
        if ( try(b, t, amd, circumstance, nth) )
            return 1;
        most = max(most, nth);
        if ( !*run_refused )
            return 0;
    }
    /* More than all that can be left in the pool may be wanted. */
    if ( circumstance[0] != 'f' )
        return 0;
    fprintf(stderr, "  '%s' always finds one more to fail\n", tried[t].op);

    return 1;
}

int main(void)
{
    unsigned int b, t, failed = 0;

    for ( t = 0; t < ARRAY_SIZE(tried) && !failed; t++ )
        for ( b = 0; b < ARRAY_SIZE(before) && !failed; b++ )
            failed = try_all(b, t, false, "fail") ||
                     try_all(b, t, true, "fail") ||
                     try_all(b, t, false, "pool") ||
                     try_all(b, t, true, "pool");

    printf("alloc: %u runs, up to %u allocations in one\n", runs, most);
    printf("TEST alloc %s\n", failed ? "FAIL" : "PASS");

    return failed;
}
