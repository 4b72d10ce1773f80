/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest-virtual addresses: by which page tables, and which gfns they lead to.
 */
#ifndef XEN_ALTP2M_TRANSLATE_H
#define XEN_ALTP2M_TRANSLATE_H

#include "command.h"
#include "common/domain.h"

/* Neighbouring gfns, in the order of the addresses that lead there. */
struct ranges
{
    struct range *range;
    size_t nr, room;
};

/*
 * What an operand that is a gfn or a range stands for: itself, or with --va
 * what it leads to by the page tables of --cr3, or of a vCPU.  All of it must
 * be mapped.  Complains by itself; an exit code.
 */
int resolve_ranges(struct domain *d, const struct args *args,
                   unsigned int operand, struct ranges *ranges);
/* The same of one range: with --va its gfns must be neighbours. */
int resolve_range(struct domain *d, const struct args *args,
                  unsigned int operand, struct range *range);

/*
 * The byte that an operand names.  Of several operands, only the one that --va
 * stands for is translated.
 */
int resolve_address(struct domain *d, const struct args *args,
                  unsigned int operand, struct address *at);

#endif /* XEN_ALTP2M_TRANSLATE_H */
