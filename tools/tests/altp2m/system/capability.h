/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine and this hypervisor can do, found by trying. */
#ifndef ALTP2M_TEST_CAPABILITY_H
#define ALTP2M_TEST_CAPABILITY_H

#include <stdbool.h>

/*
 * True on QEMU's software CPU: its ticks are time, not instructions, and INT3
 * passes by the hypervisor (docs/caveats.md).
 */
bool on_qemu_cpu(void);

unsigned int capabilities(void);
const char *capability_names(unsigned int set);
unsigned int capability_parse(const char *names);

#endif /* ALTP2M_TEST_CAPABILITY_H */
