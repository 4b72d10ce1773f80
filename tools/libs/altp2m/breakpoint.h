/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: what the files of breakpoints share. */
#ifndef XENALTP2M_BREAKPOINT_H
#define XENALTP2M_BREAKPOINT_H

#include "private.h"

/* A vCPU that executes a write in view 0, after which pages are refreshed. */
struct altp2m__step {
    bool on;
    uint64_t gfn, count;
};

struct xenaltp2m_breakpoints {
    xenaltp2m_handle *h;
    uint32_t domid;
    uint16_t runs, shows;          /* the views; 0: not made yet */
    uint64_t gfns;                 /* that can be overridden */
    unsigned int vcpus;
    struct altp2m__step *step;     /* by vCPU */
};

/* Has the page some in the view that runs?  No, if that can't be told. */
bool altp2m__has_breakpoints(const xenaltp2m_breakpoints *b, uint64_t gfn);

#endif /* XENALTP2M_BREAKPOINT_H */
