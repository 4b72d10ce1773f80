/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads the payload into a domain by hand.  libxenguest puts pages right below
 * 4 GiB, and what goes through all gfns up to the highest, as xen-access does, takes
 * minutes then; here nothing is above the guest's memory.
 */
#ifndef ALTP2M_TEST_LOADER_H
#define ALTP2M_TEST_LOADER_H

#include <stdint.h>

/* Memory, program and registers; 0, or -1 and errno. */
int loader_build(uint32_t domid, unsigned int mib, const char *path);

#endif /* ALTP2M_TEST_LOADER_H */
