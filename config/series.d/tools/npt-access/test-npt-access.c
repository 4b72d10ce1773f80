/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-npt-access: for every access, type and set of flags that a type gives,
 * an NPT entry gives the guest no right beyond the access, tells the access
 * that was put into it, and keeps the page's type.
 */
#include "harness.h"

static unsigned int failed;

#define CHECK(cond, flags, access) do {                                     \
    if ( !(cond) && ++failed <= 20 )                                        \
        printf("FAIL: %s: flags %#x, access %u\n", #cond, flags, access);   \
} while ( 0 )

/* The accesses that NPT can enforce; the others are refused before. */
static const p2m_access_t expressible[] = {
    p2m_access_n, p2m_access_r, p2m_access_rw, p2m_access_rx, p2m_access_rwx,
    p2m_access_rx2rw, p2m_access_n2rwx, p2m_access_r_pw,
};

/* The rights that a CPU takes from an entry. */
static unsigned int rights(unsigned int flags)
{
    if ( !(flags & _PAGE_PRESENT) )
        return 0;

    return p2m_access_r | (flags & _PAGE_RW ? p2m_access_w : 0) |
           (flags & _PAGE_NX_BIT ? 0 : p2m_access_x);
}

static void check_one(unsigned int flags, p2m_access_t access)
{
    unsigned int put = npt_access_flags(flags, access);

    CHECK(rights(put) == (access_bits(access) & p2m_access_r ?
                          rights(flags) & access_bits(access) : 0),
          flags, access);
    CHECK(npt_access(put) == access, flags, access);
    CHECK(p2m_flags_to_type(put) == p2m_flags_to_type(flags), flags, access);
    CHECK((put & _PAGE_PSE) == (flags & _PAGE_PSE), flags, access);
    CHECK((put & _PAGE_USER) == (flags & _PAGE_USER), flags, access);

    /* What has a page has one with no access, too. */
    if ( flags & _PAGE_PRESENT )
        CHECK(npt_mapped(put) || p2m_flags_to_type(put) == p2m_invalid,
              flags, access);

    /* An access of rwx, which most pages have, leaves an entry as it was. */
    if ( access == p2m_access_rwx )
        CHECK(put == flags, flags, access);
}

/* What can't be expressed is refused, and would get fewer rights, not more. */
static void check_refused(unsigned int flags)
{
    static const p2m_access_t refused[] = {
        p2m_access_w, p2m_access_x, p2m_access_wx,
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(refused); i++ )
        CHECK(!(rights(npt_access_flags(flags, refused[i])) &
                ~access_bits(refused[i])), flags, refused[i]);
}

/*
 * An identity entry, which fills a hole with an access of its own, lets the
 * guest do all.  Else an entry has what it is asked for.
 */
static void check_new(void)
{
    const struct p2m_domain rwx = { p2m_access_rwx }, rx = { p2m_access_rx };
    const unsigned int mmio = _PAGE_PRESENT | _PAGE_RW |
                              (p2m_mmio_direct << 12);
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(expressible); i++ )
    {
        p2m_access_t a = expressible[i];
        unsigned int old = npt_access_flags(mmio, a);

        CHECK(npt_new_access(&rwx, 0, p2m_mmio_direct, a) == p2m_access_rwx,
              0, a);
        CHECK(npt_new_access(&rwx, old, p2m_mmio_direct, p2m_access_r) ==
              p2m_access_r, old, p2m_access_r);
        CHECK(npt_new_access(&rwx, 0, p2m_ram_rw, a) == a, 0, a);

        /* The IOMMU has no writes where the type has none. */
        CHECK(npt_iommu_access(old) == a, old, a);
        CHECK(!(access_bits(npt_iommu_access(
                    npt_access_flags(mmio & ~_PAGE_RW, a))) & p2m_access_w),
              old, a);
    }

    CHECK(npt_new_access(&rx, 0, p2m_mmio_direct, p2m_access_rx) ==
          p2m_access_rx, 0, p2m_access_rx);
}

int main(void)
{
    static const p2m_type_t types[] = {
        p2m_ram_rw, p2m_invalid, p2m_mmio_direct,
    };
    static const unsigned int bits[] = {
        _PAGE_RW, _PAGE_USER, _PAGE_PSE, _PAGE_NX_BIT,
    };
    unsigned int set, t, a, i;

    for ( set = 0; set < 1u << ARRAY_SIZE(bits); set++ )
        for ( t = 0; t < ARRAY_SIZE(types); t++ )
        {
            unsigned int flags = _PAGE_PRESENT | (types[t] << 12);

            for ( i = 0; i < ARRAY_SIZE(bits); i++ )
                if ( set & (1u << i) )
                    flags |= bits[i];

            for ( a = 0; a < ARRAY_SIZE(expressible); a++ )
                check_one(flags, expressible[a]);
            check_refused(flags);
        }

    check_new();

    /* An entry that was never written is no page. */
    CHECK(!npt_mapped(0), 0, 0);
    CHECK(npt_access(0) == p2m_access_rwx, 0, 0);

    printf("%s: %u failures\n", failed ? "FAIL" : "PASS", failed);

    return failed != 0;
}
