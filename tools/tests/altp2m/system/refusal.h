/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations that have to be refused, as rows. */
#ifndef ALTP2M_TEST_REFUSAL_H
#define ALTP2M_TEST_REFUSAL_H

#include "guest.h"

#include <stddef.h>

/* An operation, a field of it with a value that can't be, and the error. */
struct refusal
{
    uint32_t cmd;
    size_t offset, size;
    uint64_t value;
    int error;
};

#define FIELD(field)                                                      \
    offsetof(altp2m_op_t, field), sizeof(((altp2m_op_t *)0)->field)

/* The same, of one of our own operations: struct xen_altp2m_@type. */
#define OWN_FIELD(type, field)                                            \
    offsetof(altp2m_op_t, u) + offsetof(struct xen_altp2m_ ## type, field), \
    sizeof(((struct xen_altp2m_ ## type *)0)->field)

/* What no operation may have, whoever calls. */
extern const struct refusal envelope_refusals[];

/* Does an operation on that guest; returns its result. */
typedef int (*caller_t)(struct guest *g, altp2m_op_t *op);
int by_dom0(struct guest *g, altp2m_op_t *op);

/*
 * Each of @rows, done by @call, is refused with its error, and its structure is
 * as it was.  @right fills in what the operation needs to be right otherwise;
 * may be NULL.  The last row has no error.
 */
void expect_refusals(struct guest *g, const struct refusal *rows,
                     void (*right)(altp2m_op_t *op), caller_t call);

#endif /* ALTP2M_TEST_REFUSAL_H */
