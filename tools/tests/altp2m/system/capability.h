/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine and this hypervisor can do, found by trying. */
#ifndef ALTP2M_TEST_CAPABILITY_H
#define ALTP2M_TEST_CAPABILITY_H

unsigned int capabilities(void);
const char *capability_names(unsigned int set);
unsigned int capability_parse(const char *names);

#endif /* ALTP2M_TEST_CAPABILITY_H */
