/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of unit tests share: see test-unit.c. */
#ifndef UNIT_H
#define UNIT_H

#include "model.h"

struct unit_test {
    const char *name;
    void (*fn)(void);
    bool amd;
    bool watched;                 /* each store: history.c */
};

/*
 * The last one has no name: unit-extended.c, -race.c, -faults.c, -fork.c,
 * -copy.c, -step.c.
 */
extern const struct unit_test extended_tests[], race_tests[], fault_tests[],
                              fork_tests[], copy_tests[], step_tests[];

/* An operation by its name. */
void step(const char *name, uint8_t a, uint8_t b, uint8_t c, uint8_t e);
/* Views 1 and 2 with all rights. */
void two_views(void);

#define EXPECT(x, want) do {                                            \
    long got_ = (x), want_ = (want);                                    \
    if ( got_ != want_ )                                                \
        FAIL("%s is %ld, should be %ld", #x, got_, want_);              \
} while ( 0 )

#endif
