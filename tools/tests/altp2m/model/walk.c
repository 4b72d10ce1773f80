/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks of nested page tables, as the manuals define them and nothing of ours
 * does: Intel SDM Vol. 3C, 29.3; AMD APM Vol. 2, 5.3 and 15.25.
 */
#include "model.h"

#define BITS(e, hi, lo) (((e) >> (lo)) & ((1ULL << ((hi) - (lo) + 1)) - 1))

/* 29.3.3.1: combinations that are no permission. */
static bool ept_bad_rights(unsigned int rwx)
{
    return rwx == 2 || rwx == 6 || (rwx == 4 && !features.exec_only);
}

static bool ept_bad_leaf(uint64_t e, unsigned int level)
{
    unsigned int emt = BITS(e, 5, 3);

    if ( emt == 2 || emt == 3 || emt == 7 )
        return true;

    /* The low address bits of a large page are reserved. */
    return level && (BITS(e, 51, 12) & ((1UL << (9 * level)) - 1));
}

static bool ept_misconfigured(uint64_t e, unsigned int level, bool leaf)
{
    if ( ept_bad_rights(e & 7) )
        return true;

    if ( leaf )
        return ept_bad_leaf(e, level);

    /* Bits 7:3 of an entry that leads on are reserved; 7 is clear here but
       at the top, where there are no large pages. */
    return BITS(e, 6, 3) || (level == 3 && (e & 0x80));
}

/*
 * May a processor remember anything of this entry?  SDM 28.3.3.2: only if it is
 * valid; APM: only if it is present, and to a user.
 */
bool may_be_held(uint64_t e, unsigned int level)
{
    bool leaf = !level || (e & 0x80);

    if ( !features.vmx )
        return (e & 5) == 5;

    return (e & 7) && !ept_misconfigured(e, level, leaf);
}

/* Bit 58 of a leaf stands in for bit 1 where the CPU writes as it walks. */
static unsigned int ept_grants(uint64_t e, bool leaf)
{
    unsigned int rights = e & 7;

    if ( features.paging_write && ((e & 2) || (leaf && BITS(e, 58, 58))) )
        rights |= RIGHT_WALKS;

    return rights;
}

struct walk walk_ept(unsigned long root, unsigned long gfn)
{
    struct walk w = { .rights = 7 | RIGHT_WALKS };
    unsigned long table = root;

    for ( w.level = 3; ; w.level-- )
    {
        uint64_t e = table_at(table)[(gfn >> (9 * w.level)) & 511];
        bool leaf = !w.level || (w.level < 3 && (e & 0x80));

        w.table[3 - w.level] = table;
        w.entry = e;
        w.suppress = e >> 63;

        if ( !(e & 7) )
        {
            w.end = WALK_ABSENT;
            w.rights = 0;
            return w;
        }
        if ( ept_misconfigured(e, w.level, leaf) )
        {
            w.end = WALK_MISCONFIG;
            return w;
        }
        w.rights &= ept_grants(e, leaf);
        if ( leaf )
        {
            w.end = WALK_OK;
            w.emt = BITS(e, 5, 3);
            w.ipat = BITS(e, 6, 6);
            w.mfn = BITS(e, 51, 12) + (gfn & ((1UL << (9 * w.level)) - 1));
            return w;
        }
        table = BITS(e, 51, 12);
    }
}

/* Present 0, write 1, user 2, large 7, no execute 63; a reserved bit faults. */
struct walk walk_npt(unsigned long root, unsigned long gfn)
{
    struct walk w = { .rights = 7 };
    unsigned long table = root;

    for ( w.level = 3; ; w.level-- )
    {
        uint64_t e = table_at(table)[(gfn >> (9 * w.level)) & 511];
        bool leaf = !w.level || (w.level < 3 && (e & 0x80));

        w.table[3 - w.level] = table;
        w.entry = e;

        if ( !(e & 1) )
        {
            w.end = WALK_ABSENT;
            w.rights = 0;
            return w;
        }
        /* Nested accesses are user accesses: 15.25.5. */
        if ( !(e & 4) || (w.level == 3 && (e & 0x80)) ||
             (leaf && w.level && BITS(e, 51, 13) << 13 >> 12 &
              ((1UL << (9 * w.level)) - 1)) )
        {
            w.end = WALK_MISCONFIG;
            return w;
        }
        w.rights &= 1 | (e & 2) | (e >> 63 ? 0 : 4);
        if ( leaf )
        {
            w.end = WALK_OK;
            w.mfn = (BITS(e, 51, 12) & ~((1UL << (9 * w.level)) - 1)) +
                    (gfn & ((1UL << (9 * w.level)) - 1));
            return w;
        }
        table = BITS(e, 51, 12);
    }
}

struct walk walk_any(unsigned long root, unsigned long gfn)
{
    return altp2m_format() == &altp2m_ept ? walk_ept(root, gfn)
                                          : walk_npt(root, gfn);
}
