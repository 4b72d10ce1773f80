/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen writes in a guest's place: Xen's own functions as grafted, on the pages
 * that the vCPU's view shows.
 */
#include "unit.h"

#define HVMCOPY_to_guest      1u
#define HVMCOPY_linear        2u
#define PFEC_page_paged       1u
#define PFEC_page_shared      2u
#define PFEC_implicit         4u
#define npfec_kind_with_gla   2
#define gaddr_to_gfn(a)       _gfn((a) >> PAGE_SHIFT)
#define gfn_to_gaddr(g)       (gfn_x(g) << PAGE_SHIFT)
#define is_hvm_vcpu(v)        true
#define hvm_mmio_internal(a)  false
#define p2m_mem_paging_populate(d, g) ((void)(g))
#define hvmemul_read_cache(v, a, b, n)  read_cache(a, b, n)
#define hvmemul_write_cache(v, a, b, n) write_cache(a, b, n)
#define hvm_monitor_check_p2m(a, g, p, k) false
#define dprintk(...)          ((void)0)
#define PRI_mfn               "lx"

/* The frame written to last, and the one that was marked dirty last. */
static unsigned long written, dirty;
static void (*meanwhile)(void);

/* What the emulator has read for an instruction, by address: bytes. */
static unsigned long cached_at;
static uint8_t cached;

static bool read_cache(unsigned long at, void *to, unsigned int size)
{
    if ( size != 1 || at != cached_at )
        return false;
    *(uint8_t *)to = cached;

    return true;
}

static void write_cache(unsigned long at, const void *from, unsigned int size)
{
    cached_at = at;
    cached = *(const uint8_t *)from;
}

#undef paging_mark_dirty
#undef paging_mark_pfn_dirty
#undef __map_domain_page
#undef unmap_domain_page
#define _pfn(p)               (p)
#define __map_domain_page     page_written
#define unmap_domain_page(p)  ((void)(p))

static void paging_mark_dirty(struct domain *d, mfn_t mfn)
{
    dirty = mfn_x(mfn);
}

static void paging_mark_pfn_dirty(struct domain *d, unsigned long pfn)
{
    dirty = host_fact(pfn).mfn;
}

/* Another CPU does something while the page is written. */
static void *page_written(const struct page_info *pg)
{
    written = mfn_x(page_to_mfn(pg));
    if ( meanwhile )
        meanwhile();

    return data_at(written);
}

#include "hvm-copy.c"

#define SHOWN_AT 0u               /* numbers of gfns */
#define FIRST    10u
#define SECOND   11u

/* As dom0 does it. */
static void remap(unsigned int target)
{
    struct vcpu *was = current;

    caller_is(NULL);
    step("remap", 1, SHOWN_AT, target, 0);
    current = was;
}

static void remap_second(void)
{
    meanwhile = NULL;
    remap(SECOND);
}

static void copy_to(unsigned int g)
{
    struct vcpu *v = model_domain->vcpu[0];
    uint64_t value = 0x55;

    written = dirty = ~0UL;
    current = v;
    EXPECT(__hvm_copy(&value, gfns[g] << PAGE_SHIFT, sizeof(value), v,
                      HVMCOPY_to_guest, 0, NULL), HVMTRANS_okay);
    caller_is(NULL);
    EXPECT(dirty, written);
}

/* The page that is written is the one marked, with another shown by then. */
static void test_copy_dirty(void)
{
    two_views();
    enter_all(1);
    copy_to(SHOWN_AT);
    EXPECT(written, host_fact(gfns[SHOWN_AT]).mfn);
    remap(FIRST);
    copy_to(SHOWN_AT);
    EXPECT(written, host_fact(gfns[FIRST]).mfn);
    meanwhile = remap_second;
    copy_to(SHOWN_AT);
    EXPECT(written, host_fact(gfns[FIRST]).mfn);
    EXPECT(meanwhile == NULL, 1);
    copy_to(SHOWN_AT);
    EXPECT(written, host_fact(gfns[SECOND]).mfn);
}

static uint8_t byte_of(unsigned int g, uint32_t pfec)
{
    struct vcpu *v = model_domain->vcpu[0];
    uint8_t byte = 0xee;

    current = v;
    EXPECT(__hvm_copy(&byte, gfns[g] << PAGE_SHIFT, 1, v, 0, pfec, NULL),
           HVMTRANS_okay);
    caller_is(NULL);

    return byte;
}

/*
 * Of a patched page Xen fetches what the view shows, but reads and writes the
 * host's, until the view allows that; and one instruction may do it all.
 */
static void test_copy_own(void)
{
    struct page_info *pg;
    unsigned long own;

    two_views();
    enter_all(1);
    step("patch", 1, FIRST, 0, 3);
    EXPECT(byte_of(FIRST, PFEC_insn_fetch), 21);
    EXPECT(byte_of(FIRST, 0), 0);
    EXPECT(byte_of(FIRST, PFEC_insn_fetch), 21);
    cached_at = ~0UL;
    copy_to(FIRST);
    EXPECT(written, host_fact(gfns[FIRST]).mfn);
    EXPECT(byte_of(FIRST, 0), 0x55);

    cached_at = ~0UL;
    own = oracle(1, FIRST).mfn;
    step("access", 1, FIRST, XENMEM_access_rx, 0);
    EXPECT(byte_of(FIRST, 0), 21);
    copy_to(FIRST);
    EXPECT(written, host_fact(gfns[FIRST]).mfn);
    step("access", 1, FIRST, XENMEM_access_rw, 0);
    current = model_domain->vcpu[0];
    EXPECT(hvm_translate_get_page(current, gfns[FIRST] << PAGE_SHIFT, false,
                                  PFEC_write_access, NULL, &pg, NULL, NULL),
           HVMTRANS_okay);
    caller_is(NULL);
    EXPECT(mfn_x(page_to_mfn(pg)), own);
    put_page(pg);
}

const struct unit_test copy_tests[] = {
    { "copy-own", test_copy_own },
    { "copy-own-amd", test_copy_own, true },
    { "copy-dirty", test_copy_dirty },
    { "copy-dirty-amd", test_copy_dirty, true },
    { NULL },
};
