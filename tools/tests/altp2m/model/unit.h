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

/* A table for each unit-*.c; the last one in it has no name. */
extern const struct unit_test
    refused_tests[], rounds_tests[], override_tests[], batch_tests[],
    host_tests[], guest_tests[], views_tests[], trace_tests[], audit_tests[],
    race_tests[], fault_tests[], fork_tests[], copy_tests[], step_tests[], io_tests[],
    share_tests[], memo_tests[], side_tests[], own_tests[], rules_tests[],
    breakpoint_tests[], cr3_tests[], log_tests[], read_tests[];

typedef struct xen_hvm_altp2m_op op_t;

#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

/* Hypercalls: test-unit.c. */
op_t op_of(uint32_t cmd);
op_t read_op(uint32_t cmd, uint16_t view, uint32_t room);
int raw(op_t *op);
int call(op_t op);
int once(op_t *op);
int whole(op_t *op, unsigned int *rounds);
void *buffer(void);

/* Operations in the midst of others, whose arguments stay. */
int create(uint16_t *idx);
int destroy(unsigned int view);
int switch_all(unsigned int view);
void enter_all(unsigned int view);   /* the same, and it must succeed */
int hide(unsigned int view);

/* A step by the name of its operation. */
void step(const char *name, uint8_t a, uint8_t b, uint8_t c, uint8_t e);
/* Views 1 and 2 with all rights. */
void two_views(void);

/* The model is told what a test has done by itself. */
void now_sve(unsigned long first, unsigned long last, bool sve);
void now_off(void);

#define EXPECT(x, want) do {                                            \
    long got_ = (x), want_ = (want);                                    \
    if ( got_ != want_ )                                                \
        FAIL("%s is %ld, should be %ld", #x, got_, want_);              \
} while ( 0 )

#endif
