/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/cr3.h"
#include "common/number.h"

#define MASK_PCID ~0xfffULL       /* all but a PCID */
#define MASK_KPTI ~0x1fffULL      /* and both page tables of a process */

uint64_t cr3_mask(const struct args *args)
{
    uint64_t mask = args->given[OPT_KPTI] ? MASK_KPTI : MASK_PCID;

    if ( args->given[OPT_MASK] )
        parse_number(args->value[OPT_MASK], UINT64_MAX, &mask);
    return mask;
}

uint64_t only_cr3(const struct args *args)
{
    uint64_t cr3 = 0;

    if ( args->given[OPT_ONLY] )
        parse_number(args->value[OPT_ONLY], UINT64_MAX, &cr3);
    return cr3 & cr3_mask(args);
}
