/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests of what views share where the host itself restricts access: all of
 * the host's tables but the restricted ones.
 */
#include "unit.h"

#define TABLES   8u               /* of 4k entries, at gfns of no other test */
#define FIRST    0x100000UL
#define END      (FIRST + TABLES * 512)
#define PAGE     (FIRST + 3 * 512 + 7)

static void host(unsigned long gfn, unsigned int order, p2m_access_t access)
{
    EXPECT(host_set(gfn, gfn, order, p2m_ram_rw, access), 0);
}

/* Views 1 and 2 have a root, and no default access. */
static void begin(void)
{
    unsigned long gfn;

    for ( gfn = FIRST; gfn < END; gfn++ )
        host(gfn, 0, p2m_access_rwx);
    two_views();
    step("set-default", 1, 0, 0, 1);
    step("set-default", 2, 0, 0, 1);
    step("reply", 1, 0, 0, 0);
    step("reply", 2, 0, 0, 0);
}

static struct altp2m_view *view(unsigned int idx)
{
    return view_at(model_domain, idx);
}

static unsigned int rights(unsigned int idx, unsigned long gfn)
{
    struct walk w = walk_any(mfn_x(view(idx)->root.table), gfn);

    return w.end == WALK_OK ? w.rights : 0;
}

/* Everything is read; of @gfn the rights must be these, elsewhere @others. */
static void read_all(unsigned int idx, unsigned long restricted,
                     unsigned int those, unsigned int others)
{
    unsigned long gfn;
    int rc;

    for ( gfn = FIRST; gfn < END; gfn++ )
    {
        do {
            altp2m_lock_fault(model_domain);
            rc = altp2m_fill(model_domain, view(idx), gfn, SIDE_DATA);
            altp2m_unlock(model_domain);
            ASSERT(rc >= 0);
        } while ( rc );

        EXPECT(rights(idx, gfn), gfn == restricted ? those : others);
    }
    audit();
}

static void set_default(unsigned int idx, unsigned int access)
{
    step("set-default", idx, 0, access, 0);
}

/*
 * A view whose default gives back what the host takes has tables of its own on
 * the way to what the host restricts, and nowhere else.
 */
static void test_restricted_alone(void)
{
    begin();
    set_default(1, XENMEM_access_rwx);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 1);
    host(PAGE, 0, p2m_access_r);
    /* Cut off in one entry, and filled in when somebody comes. */
    EXPECT(view(1)->nr_tables, 1);
    EXPECT(rights(1, PAGE), 0);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 4);
    host(PAGE + 1, 0, p2m_access_rx);
    host(PAGE, 0, p2m_access_rwx);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 4);
    host(PAGE + 512, 0, p2m_access_n);
    EXPECT(rights(1, PAGE + 511), 0);
    EXPECT(rights(1, PAGE - 512), 7);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 5);
    /* One that has no default shares all. */
    host(PAGE + 1, 0, p2m_access_rwx);
    read_all(2, PAGE + 512, 0, 7);
    EXPECT(view(2)->nr_tables, 1);
}

/* It was restricted before there were views, and before this one's default. */
static void test_restricted_before(void)
{
    host(PAGE, 0, p2m_access_r);
    begin();
    host(PAGE, 0, p2m_access_r);
    read_all(2, PAGE, 1, 7);
    set_default(2, XENMEM_access_rwx);
    read_all(2, 0, 0, 7);
    EXPECT(view(2)->nr_tables, 4);
    /* Where nobody has any right, nothing has to be given back. */
    set_default(2, XENMEM_access_n);
    read_all(2, 0, 0, 0);
    EXPECT(view(2)->nr_tables, 1);
    set_default(2, XENMEM_access_rx);
    read_all(2, 0, 0, 5);
    EXPECT(view(2)->nr_tables, 4);
    step("set-default", 2, 0, 0, 1);
    read_all(2, PAGE, 1, 7);
    EXPECT(view(2)->nr_tables, 1);
}

static void set_range(unsigned int idx, unsigned long gfn, unsigned long count)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };

    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = idx, .set = XEN_ALTP2M_ACCESS, .access = XENMEM_access_rwx,
        .gfn = gfn, .count = count };
    EXPECT(once(&op), 0);
}

/* The same of a range: a gigabyte, in one entry. */
static void test_restricted_range(void)
{
    begin();
    set_range(1, FIRST, 0x40000);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 2);
    host(PAGE, 0, p2m_access_r);
    EXPECT(rights(1, FIRST), 0);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 4);
    host(PAGE, 0, p2m_access_n);
    read_all(1, 0, 0, 7);
    /* A range beside it is put together again. */
    set_range(1, FIRST + 512, 511);
    set_range(1, FIRST + 1023, 1);
    EXPECT(view(1)->nr_tables, 4);
}

/* A table made from a restricted superpage is restricted; a new one is not. */
static void test_restricted_superpage(void)
{
    unsigned long large = PAGE & ~511UL;

    begin();
    host(large, 9, p2m_access_r);
    set_default(1, XENMEM_access_rwx);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 3);
    host(PAGE, 0, p2m_access_rwx);
    read_all(1, 0, 0, 7);
    EXPECT(view(1)->nr_tables, 4);
    host(large, 9, p2m_access_rwx);
    host(PAGE + 1, 0, p2m_access_rwx);
    set_default(2, XENMEM_access_rwx);
    read_all(2, 0, 0, 7);
    EXPECT(view(2)->nr_tables, 3);
}

/* A gigabyte with restricted access, split into pages. */
static void test_restricted_gigabyte(void)
{
    begin();
    host(FIRST, 18, p2m_access_r);
    host(PAGE, 0, p2m_access_rwx);
    set_default(1, XENMEM_access_rwx);
    read_all(1, 0, 0, 7);
    read_all(2, PAGE, 7, 1);
    EXPECT(view(2)->nr_tables, 1);
}

/*
 * Roots of views with and without a default, where the host's has few entries,
 * and a hole between.
 */
static void test_root(void)
{
    uint64_t *root = map_domain_page(altp2m_host_root(model_domain));
    unsigned int i;

    host(0x10000000, 0, p2m_access_rwx);
    /* Two gfns go before views are on, and the host's tables there. */
    for ( i = NR_GFNS - 2; i < NR_GFNS; i++ )
    {
        EXPECT(host_set(gfns[i], ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
        root[level_index(gfns[i], ROOT_LEVEL)] = 0;
    }
    unmap_domain_page(root);
    step("state", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 1, 0, 0);    /* roots come later */
    step("create", XENMEM_access_rwx, 1, 0, 0);
    step("set-default", 1, 0, XENMEM_access_r, 0);
    step("set-default", 2, 0, 0, 1);
    step("reply", 1, 0, 0, 0);
    step("reply", 2, 0, 0, 0);
    EXPECT(model_domain->arch.altp2m->root_entries, 3);
    EXPECT(rights(1, gfns[12]), 1);
    EXPECT(rights(2, gfns[12]), 7);
    audit();
}

const struct unit_test share_tests[] = {
    { "share-root", test_root },
    { "share-root-amd", test_root, true },
    { "share-restricted-alone", test_restricted_alone },
    { "share-restricted-alone-amd", test_restricted_alone, true },
    { "share-restricted-before", test_restricted_before },
    { "share-restricted-before-amd", test_restricted_before, true },
    { "share-restricted-range", test_restricted_range },
    { "share-restricted-range-amd", test_restricted_range, true },
    { "share-restricted-superpage", test_restricted_superpage },
    { "share-restricted-superpage-amd", test_restricted_superpage, true },
    { "share-restricted-gigabyte", test_restricted_gigabyte },
    { "share-restricted-gigabyte-amd", test_restricted_gigabyte, true },
    { NULL },
};
