/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Levels of tables, and rights: for every gfn and level, where its entry is and
 * what that covers; for every range, the largest entry at its beginning; for
 * every override, default and host's access, what counts.
 *
 * Refuted: base-of-entry level-unaligned promoted-early default-over-override
 */
#include "truth.h"
#include "prove.h"

static void places(void)
{
    unsigned long gfn = any_u64();
    unsigned int level = any_up_to(ROOT_LEVEL);
    unsigned int idx = level_index(gfn, level);
    unsigned long base = level_base(gfn, level), first;
    struct altp2m_node node = { .level = level, .gfn = base };

    given(gfn <= MAX_GFN);
    first = node_gfn(&node, idx);

    claim(idx < TABLE_ENTRIES, "an index is one of the table's");
    claim(base <= gfn && gfn - base < level_span(level + 1),
          "a table covers the gfn");
    claim(!(base & (level_span(level + 1) - 1)), "a table is aligned");
    claim(first <= gfn && gfn - first < level_span(level),
          "the entry covers the gfn");
    claim(!level || first == level_base(gfn, level - 1),
          "the table below begins where its entry does");
}

static void largest(void)
{
    unsigned long gfn = any_u64(), count = any_u64();
    unsigned int level;

    given(gfn <= MAX_GFN && count && count <= MAX_GFN + 1 - gfn);
    level = altp2m_level_of(gfn, count);

    claim(level <= ROOT_LEVEL, "there is such a level");
    claim(!(gfn & (level_span(level) - 1)), "the entry is aligned");
    claim(level_span(level) <= count, "the entry is within the range");
    claim(level == ROOT_LEVEL || level_span(level + 1) > count ||
          (gfn & (level_span(level + 1) - 1)), "no larger one would do");
}

static void rights(void)
{
    struct altp2m_view view = { .default_access = any_up_to(NO_DEFAULT) };
    p2m_access_t host = any_up_to(p2m_access_r_pw), access;
    altp2m_slot_t slot = any_uint();
    unsigned int bits;

    given((slot & SLOT_ACCESS) <= p2m_access_r_pw + 1);
    given(view.default_access <= p2m_access_r_pw ||
          view.default_access == NO_DEFAULT);
    access = slot_access(&view, slot, host);
    bits = access_bits(access);

    claim(access <= p2m_access_r_pw, "it is an access");
    claim(!(slot & SLOT_ACCESS) || access == (slot & SLOT_ACCESS) - 1,
          "an override counts");
    claim((slot & SLOT_ACCESS) || view.default_access == NO_DEFAULT ||
          access == view.default_access, "else the default");
    claim((slot & SLOT_ACCESS) || view.default_access != NO_DEFAULT ||
          access == host, "else the host's");
    claim(bits <= p2m_access_rwx, "rights are read, write and execute");
    claim(access > p2m_access_rwx || bits == access, "an access is its bits");
    claim(access <= p2m_access_rwx || !(bits & p2m_access_w),
          "nobody may write before a promotion");
}

int main(void)
{
    places();
    largest();
    rights();

    return 0;
}
