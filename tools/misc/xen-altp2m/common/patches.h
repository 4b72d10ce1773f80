/* SPDX-License-Identifier: GPL-2.0-only */
/* The bytes that only a view shows: read from Xen, put in, taken back. */
#ifndef XEN_ALTP2M_PATCHES_H
#define XEN_ALTP2M_PATCHES_H

#include "common/domain.h"

/*
 * Reads those of all own pages of a view of @d into @view->patches.  Pages that
 * are to be refreshed show none: they are left out, and counted.  Complains by
 * itself; an exit code.
 */
int fetch_patches(struct domain *d, struct view *view, size_t *left_out);

/*
 * Puts all of them in; what is patched already is replaced.  Returns an errno,
 * or 0; on error some are in, and *@where is the gfn that it is about, or
 * NO_GFN.
 */
int set_patches(struct domain *d, unsigned int view,
                const struct patches *patches, uint64_t *where);

#endif /* XEN_ALTP2M_PATCHES_H */
