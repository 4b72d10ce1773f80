/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks of the tables as they are in memory, and rights on the way. */
#ifndef KEEP_WALK_H
#define KEEP_WALK_H

#include "cache.h"
#include "format.h"

/* From the table at @level on, which entries above give @upper. */
template <class F> Now walk_from(BX_CPU_C *cpu, Bit64u table, unsigned level, Bit32u upper,
                                 Bit64u gpa, bool mbe)
{
    Now n = { };

    n.accessed = true;
    n.upper = upper;
    for (;; level--)
    {
        n.level = level;
        n.reached[level] = true;
        n.table[level] = table;
        n.above[level] = n.upper;
        n.entry = n.value[level] = read_entry(cpu, table + ((gpa >> shift(level)) & 0x1ff) * 8);

        if (!F::present(n.entry, mbe))
            n.is = Now::ABSENT;
        else if (F::bad(n.entry, level))
            n.is = Now::BAD;
        else
        {
            if (!(n.entry & F::accessed))
                n.accessed = false;
            n.is = Now::MAPPED;
            if (level && !(n.entry & LARGE))
            {
                n.upper &= F::rights(n.entry, mbe);
                table = n.entry & FRAME;
                continue;
            }
        }
        return n;
    }
}

template <class F> Now walk_root(BX_CPU_C *cpu, Bit64u root, Bit64u gpa, bool mbe)
{
    return walk_from<F>(cpu, root, LEVELS - 1, F::all(mbe), gpa, mbe);
}

static inline Bit64u frame_of(Bit64u entry, unsigned level, Bit64u gpa)
{
    return ((entry & ~offset_in(level)) | (gpa & offset_in(level))) & FRAME;
}

#endif
