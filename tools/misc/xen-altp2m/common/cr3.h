/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XEN_ALTP2M_CR3_H
#define XEN_ALTP2M_CR3_H

#include "command.h"

/* The bits of CR3 that count, by --mask and --kpti; all but a PCID's. */
uint64_t cr3_mask(const struct args *args);

/* Of --only, those bits. */
uint64_t only_cr3(const struct args *args);

#endif /* XEN_ALTP2M_CR3_H */
