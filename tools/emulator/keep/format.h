/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two formats of nested tables, as far as a CPU that keeps translations has
 * to know them.  Rights are those of an EPT entry: R, W, X, and XU for fetches of
 * user code with mode-based execute control.
 */
#ifndef KEEP_FORMAT_H
#define KEEP_FORMAT_H

enum { R = 1, W = 2, X = 4, XU = 0x400 };

static const Bit64u FRAME = BX_CONST64(0x000ffffffffff000);
static const Bit64u LARGE = 0x80;

/* Address bits that the CPU doesn't have. */
static inline Bit64u reserved_frame() { return BX_PHY_ADDRESS_RESERVED_BITS & FRAME; }

static inline unsigned shift(unsigned level) { return 12 + 9 * level; }
static inline Bit64u offset_in(unsigned level) { return (BX_CONST64(1) << shift(level)) - 1; }

/* SDM Vol. 3C, 29.3.2 and 29.3.3.1 */
struct Ept {
    static constexpr const char *name = "EPT";
    static const Bit64u accessed = 0x100, dirty = 0x200, memory_type = 0x78;
    static const bool logs_dirty = true;

    /* A fault does not make the CPU look at the tables again: 29.4.3.1. */
    static const bool looks_again = false;

    static Bit32u rights(Bit64u e, bool mbe)
    {
        return e & (mbe ? R | W | X | XU : R | W | X);
    }

    static Bit32u all(bool mbe) { return rights(~BX_CONST64(0), mbe); }
    static bool present(Bit64u e, bool mbe) { return rights(e, mbe); }

    static bool bad(Bit64u e, unsigned level)
    {
        unsigned type = (e >> 3) & 7;

        if ((e & (R | W)) == W || type == 2 || type == 3 || type == 7 || (e & reserved_frame()))
            return true;
        if (!level)
            return false;
        if (e & LARGE)
            return level > 2 || (e & FRAME & offset_in(level));
        return (e >> 3) & 0xf;
    }

    /* An entry that gives @rights and leads to @table. */
    static Bit64u made_up(Bit32u rights, Bit64u table) { return rights | table | accessed; }
};

/* APM Vol. 2, 5.3 and 15.25: entries as of the host's long mode. */
struct Npt {
    static constexpr const char *name = "NPT";
    static const Bit64u accessed = 0x20, dirty = 0x40, memory_type = 0x18;
    static const bool logs_dirty = false;     /* no hypervisor here reads it */

    /* Rights that were added are found without a flush: 5.5.3. */
    static const bool looks_again = true;

    /* Nested walks are a user's: without U nothing is allowed (15.25.6). */
    static Bit32u rights(Bit64u e, bool)
    {
        return !(e & 4) ? 0 : R | (e & 2) | (e >> 63 ? 0 : X);
    }

    static Bit32u all(bool) { return R | W | X; }
    static bool present(Bit64u e, bool) { return e & 1; }

    static bool bad(Bit64u e, unsigned level)
    {
        if (e & reserved_frame())
            return true;
        /* Bit 12 of a large page's entry is part of its memory type. */
        return level && (e & LARGE) && (level > 2 || (e & FRAME & offset_in(level) & ~BX_CONST64(0x1000)));
    }

    static Bit64u made_up(Bit32u rights, Bit64u table)
    {
        return 1 | (rights & R ? 4 : 0) | (rights & W) | (rights & X ? 0 : BX_CONST64(1) << 63) |
               table | accessed;
    }
};

#endif
