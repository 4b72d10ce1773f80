/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of what is beyond Xen's own operations go through libxenaltp2m. */
#ifndef ALTP2M_TEST_LIBRARY_H
#define ALTP2M_TEST_LIBRARY_H

#include <errno.h>

#include <xenaltp2m.h>

#include "guest.h"

/* The library's handle. */
xenaltp2m_handle *library(void);

/* What a function of it returned, or its error, negative. */
static inline int of_library(int rc)
{
    return rc < 0 ? -errno : rc;
}
#define expect_library(call, wanted) expect_rc(of_library(call), wanted)

/* A range, with no say yet. */
struct xen_altp2m_override range_of(uint64_t gfn, uint64_t count);
/* The same with rights, or with a remap. */
struct xen_altp2m_override rights_of(uint64_t gfn, uint64_t count,
                                     unsigned int access);
struct xen_altp2m_override remap_of(uint64_t gfn, uint64_t count,
                                    uint64_t target);

/* Fails unless @view's overrides are exactly these. */
void expect_overrides(struct guest *g, uint16_t view,
                      const struct xen_altp2m_override *list, size_t nr);
/* Fails if an audit of any view finds something. */
void expect_audit(struct guest *g);
/* The same, of all guests that have views which may be audited. */
void expect_audit_of_all(void);
/*
 * Takes away the default access with which Xen's own call makes views from Xen 4.19
 * on: the host's counts, as in earlier ones.
 */
void no_default(struct guest *g, uint16_t view);
/* What is said of one view. */
struct xen_altp2m_view view_info(struct guest *g, uint16_t view);

#endif /* ALTP2M_TEST_LIBRARY_H */
