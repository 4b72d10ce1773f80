/* SPDX-License-Identifier: GPL-2.0-only */
/* Setting many overrides, with progress shown when it takes long. */
#ifndef XEN_ALTP2M_APPLY_H
#define XEN_ALTP2M_APPLY_H

#include "common/domain.h"

/* Overrides to be set or cleared, in order. */
struct batch
{
    struct xen_altp2m_override *record;
    size_t nr, room;
};

/* A record that goes on where the last one ended becomes part of it. */
void batch_add(struct batch *batch, const struct xen_altp2m_override *record);
/* What takes back all overrides of those runs, then what sets these. */
void batch_clear(struct batch *batch, const struct runs *runs);
void batch_set(struct batch *batch, const struct runs *runs);

/*
 * Sets all of them or none.  The hypervisor sees to that where it takes them in
 * one call.  Of more than its max_entries, those already set are put back as
 * they were when one fails or the user interrupts (ECANCELED); it complains if
 * that fails too.  *@failed is the record that the error is about, or
 * batch->nr.  Returns an errno, or 0.
 */
int batch_apply(struct domain *d, unsigned int view, const struct batch *batch,
                unsigned int flags, size_t *failed);

#endif /* XEN_ALTP2M_APPLY_H */
