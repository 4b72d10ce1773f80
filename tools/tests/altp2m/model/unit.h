/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of unit tests share: see test-unit.c. */
#ifndef UNIT_H
#define UNIT_H

#include "model.h"

struct unit_test {
    const char *name;
    void (*fn)(void);
    bool amd;
};

/* The last one has no name: unit-extended.c. */
extern const struct unit_test extended_tests[];

#define EXPECT(x, want) do {                                            \
    long got_ = (x), want_ = (want);                                    \
    if ( got_ != want_ )                                                \
        FAIL("%s is %ld, should be %ld", #x, got_, want_);              \
} while ( 0 )

#endif
