/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the last guarded() run, for those who report it. */
#ifndef ALTP2M_TEST_VERDICT_H
#define ALTP2M_TEST_VERDICT_H

#include <stdint.h>

#define REASON_SIZE 512

enum verdict { RUNNING, PASSED, FAILED, SKIPPED };

extern enum verdict verdict;
extern char reason[REASON_SIZE];
extern uint64_t seed;

#endif /* ALTP2M_TEST_VERDICT_H */
