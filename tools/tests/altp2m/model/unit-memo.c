/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entry memo: whatever it has, an entry is what altp2m_slot_entry() computes.
 * All types, accesses and rights of host entries, in pairs, with overrides in pairs.
 */
#include "memo.h"
#include "unit.h"

static const altp2m_slot_t slots[] = {
    0, 0x20, 0x30, p2m_access_n + 1, p2m_access_r + 1, p2m_access_rx + 1,
    p2m_access_rwx + 1, p2m_access_r_pw + 1, 0x20 | (p2m_access_rx + 1),
    0x30 | (p2m_access_rwx + 1),
};

static const p2m_access_t accesses[] = {
    p2m_access_n, p2m_access_r, p2m_access_rx, p2m_access_rwx,
    p2m_access_rx2rw, p2m_access_r_pw,
};

/* A host entry for each @n: its type, access, rights, and what is pending. */
static uint64_t host_entry(unsigned int n, mfn_t mfn, bool large, bool leaf)
{
    static const uint8_t rights[] = { 0, 1, 5, 7 };
    uint64_t frame = (uint64_t)mfn_x(mfn) << PAGE_SHIFT;
    unsigned int type = n % 16, access = n / 16 % ARRAY_SIZE(accesses);
    unsigned int bits = rights[n / 96 % 4];
    bool pending = n / 384 % 2;
    ept_entry_t e = { .epte = frame };

    if ( !leaf )
        type = p2m_ram_rw;
    if ( !cpu_has_vmx )
        return frame | ((uint64_t)type << 52) | (bits ? _PAGE_PRESENT : 0) |
               (bits & 2 ? _PAGE_RW : 0) | (pending ? 0 : _PAGE_USER) |
               (large && leaf ? _PAGE_PSE : 0) |
               (leaf ? (uint64_t)(n % 8) << 9 : 0) |
               (bits & 4 ? 0 : 1UL << 63);

    e.r = bits & 1;
    e.w = bits >> 1;
    e.x = bits >> 2;
    e.emt = pending ? MTRR_NUM_TYPES : X86_MT_WB;
    e.sp = large && leaf;
    e.sa_p2mt = type;
    e.access = leaf ? accesses[access] : p2m_access_rwx;
    e.suppress_ve = 1;

    return e.epte;
}

#define KINDS 768u

static void compare(struct altp2m_node *node, const struct altp2m_lookup *first,
                    const struct altp2m_lookup *second)
{
    unsigned int i, j;

    for ( i = 0; i < ARRAY_SIZE(slots); i++ )
        for ( j = 0; j < ARRAY_SIZE(slots); j++ )
        {
            struct altp2m_memo memo = { };
            uint64_t want;

            node->slot[0] = slots[i];
            node->slot[1] = slots[j];
            altp2m_memo_entry(model_domain, node, 0, first, &memo);
            want = altp2m_slot_entry(model_domain, node, 1, second,
                                     memo.side);
            if ( altp2m_memo_entry(model_domain, node, 1, second, &memo) != want )
                FAIL("slots %x, %x, host entries %lx, %lx, level %u: not %lx",
                     slots[i], slots[j], first->entry, second->entry,
                     node->level, want);
        }
}

/* Pairs of entries of a table at @level; of a level above, they are one. */
static void pairs(struct altp2m_view *view, unsigned int level,
                  unsigned int above, const mfn_t *mfn, bool leaf)
{
    struct altp2m_node node = { .view = view, .level = level,
                                .gfn = 0x40000000 };
    struct altp2m_lookup first = { .level = level + above, .gfn = node.gfn };
    struct altp2m_lookup second = { .level = level + above,
                                    .gfn = node.gfn + level_span(level) };
    unsigned int n, m;

    for ( n = 0; n < KINDS; n++ )
    {
        first.entry = host_entry(n, mfn[0], level + above, leaf);
        second.entry = above ? first.entry
                             : host_entry(n, mfn[1], level, leaf);
        compare(&node, &first, &second);
        for ( m = n % 61; !above && m < KINDS; m += 61 )
        {
            second.entry = host_entry(m, mfn[m % 2], level, leaf);
            compare(&node, &first, &second);
        }
    }
}

static void test_pairs(void)
{
    static const p2m_access_t defaults[] = { NO_DEFAULT, p2m_access_r,
                                             p2m_access_rwx };
    const mfn_t pages[] = { _mfn(0x1234), _mfn(0x5600) };
    const mfn_t large[] = { _mfn(0x1200), _mfn(0x5600) };
    struct altp2m_view *view;
    unsigned int i;

    two_views();
    view = view_at(model_domain, 1);
    for ( i = 0; i < ARRAY_SIZE(defaults); i++ )
    {
        view->default_access = defaults[i];
        pairs(view, 0, 0, pages, true);
        pairs(view, 1, 0, large, true);
        pairs(view, 0, 1, large, true);
        pairs(view, 1, 1, large, true);
    }
    view->default_access = p2m_access_rwx;
}

/* Of two tables the host restricts access in one. */
static void test_tables(void)
{
    static const p2m_access_t defaults[] = { NO_DEFAULT, p2m_access_rx };
    struct altp2m_view *view;
    mfn_t tables[2];
    unsigned int i, r;

    two_views();
    view = view_at(model_domain, 1);
    tables[0] = altp2m_host_root(model_domain);
    tables[1] = altp2m_frame(altp2m_read_entry(tables[0], 0));
    for ( r = 0; r < 2; r++ )
    {
        if ( r )
            altp2m_set_restricted(tables[0]);
        for ( i = 0; i < ARRAY_SIZE(defaults); i++ )
        {
            const mfn_t swapped[] = { tables[1], tables[0] };

            view->default_access = defaults[i];
            pairs(view, 1, 0, tables, false);
            pairs(view, 1, 0, swapped, false);
        }
    }
    view->default_access = p2m_access_rwx;
}

/* Fills a table and compares each entry with what altp2m_slot_entry() computes. */
static void compare_filled(struct altp2m_node *node)
{
    const uint64_t *host = map_domain_page(node->host);
    const uint64_t *map = map_domain_page(node->table);
    struct altp2m_lookup src = { .level = node->level };
    unsigned int i;

    altp2m_fill_table(model_domain, node, SIDE_DATA);
    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        uint64_t want;

        src.entry = host[i];
        src.gfn = node_gfn(node, i);
        want = altp2m_slot_entry(model_domain, node, i, &src, SIDE_DATA);
        if ( map[i] != want )
            FAIL("entry %u is %lx, not %lx: slot %x, host entry %lx", i, map[i],
                 want, node->slot[i], host[i]);
    }
    unmap_domain_page(host);
    unmap_domain_page(map);
}

/* The host has RAM at all entries but one, or one slot overrides. */
static void all_but_one(struct altp2m_node *node, uint64_t *host)
{
    const unsigned int ram = 336;     /* host_entry(): all rights */
    unsigned int i;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
        host[i] = host_entry(ram, _mfn(0x1000 + i), false, true);
    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        host[i] = host_entry(ram + p2m_ram_ro, _mfn(0x1000 + i), false, true);
        compare_filled(node);
        host[i] = host_entry(ram, _mfn(0x1000 + i), false, true);
        node->slot[i] = p2m_access_rx + 1;
        compare_filled(node);
        node->slot[i] = 0;
    }
}

/* A whole table: one entry among holes, a remap among them, then any mixture. */
static void test_fill(void)
{
    struct altp2m_node node = { };
    uint64_t *host, stale;
    unsigned int i, n;

    two_views();
    step("remap", 1, 5, 9, 0);
    altp2m_lock(model_domain);
    node.view = view_at(model_domain, 1);
    node.table = altp2m_alloc_table(model_domain);
    node.host = altp2m_alloc_table(model_domain);
    host = map_domain_page(node.host);
    stale = altp2m_format()->stale;

    for ( i = 0; i < TABLE_ENTRIES; i++ )
        host[i] = i & 1 ? stale : 0;
    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        host[i] = host_entry(n = i * 7 % KINDS, _mfn(0x1234 + i), false, true);
        compare_filled(&node);
        host[i] = i & 1 ? stale : 0;
    }
    node.slot[5] = SLOT_REMAP;
    compare_filled(&node);
    node.slot[5] = 0;
    all_but_one(&node, host);
    node.slot[5] = SLOT_REMAP;

    for ( n = 0; n < 200; n++ )
    {
        unsigned int run = 1u << (n % 6), kinds = 1 + n % 3;

        for ( i = 0; i < TABLE_ENTRIES; i++ )
        {
            unsigned int kind = (i / run * 31 + n) % 5 % (kinds + 1);

            host[i] = kind ? host_entry((n * 5 + kind * 97) % KINDS,
                                        _mfn(0x1000 + i), false, true) : 0;
            if ( i != 5 )
                node.slot[i] = slots[(i / run + n) % kinds % ARRAY_SIZE(slots)];
        }
        compare_filled(&node);
    }

    unmap_domain_page(host);
    altp2m_free_table(model_domain, node.table);
    altp2m_free_table(model_domain, node.host);
    altp2m_unlock(model_domain);
}

const struct unit_test memo_tests[] = {
    { "memo-fill", test_fill },
    { "memo-fill-amd", test_fill, true },
    { "memo-pairs", test_pairs },
    { "memo-pairs-amd", test_pairs, true },
    { "memo-tables", test_tables },
    { "memo-tables-amd", test_tables, true },
    { NULL },
};
