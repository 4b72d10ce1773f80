/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: a guest that may use a device's memory, so that cacheability matters,
 * has its memory types changed and device memory mapped while views live.
 */
#include "guest.h"

#include <errno.h>

#include <xendevicemodel.h>
#include <xen/hvm/dm_op.h>

#define DEVICE_MFN 0xb8        /* the text of the (unused) display */
#define DEVICE_GFN 0x60000
#define SEED       71

static struct guest *guest_with_device_memory(void)
{
    struct guest *g = guest_with_views();

    expect(!xc_domain_iomem_permission(xch, g->domid, DEVICE_MFN, 1, 1),
           "permission: %s", error_name(-errno));
    guest_fill(g, TEST_GPA, 1024, SEED);
    return g;
}

static void pin_type(struct guest *g, uint64_t first, uint64_t last,
                     uint32_t type)
{
    static xendevicemodel_handle *models;

    if ( !models )
        models = xendevicemodel_open(NULL, 0);
    expect(models && !xendevicemodel_pin_memory_cacheattr(
               models, g->domid, first, last, type),
           "memory type: %s", error_name(-errno));
}

static void memtype_in_views(void)
{
    struct guest *g = guest_with_device_memory();
    uint16_t rights = new_view(g), remapped = new_view(g);
    static const struct
    {
        uint64_t first, pages;
    } range[] = { { TEST_GFN, 512 }, { TEST_GFN + 512, 40 },
                  { TEST_GFN + 100, 1 } };

    expect_ok(view_access_set(g->domid, rights, TEST_GFN + 1, XENMEM_access_r));
    expect_ok(view_remap(g->domid, remapped, TEST_GFN + 2, TEST_GFN + 530));
    for ( unsigned int i = 0; i < 3; i++ )
        for ( unsigned int on = 0; on < 2; on++ )
        {
            const uint64_t last = range[i].first + range[i].pages - 1;

            pin_type(g, range[i].first, last,
                     on ? XEN_DMOP_DELETE_MEM_CACHEATTR
                        : XEN_DMOP_MEM_CACHEATTR_UC);
            for ( uint16_t view = 0; view <= remapped; view++ )
            {
                expect_ok(view_switch(g->domid, view));
                guest_verify(g, TEST_GPA, 2, SEED);
                guest_verify(g, TEST_GPA + 3 * 4096, 1021, SEED);
                expect(guest_read(g, gpa_of(TEST_GFN + 2)) ==
                       payload_pattern(gpa_of(view == remapped ? TEST_GFN + 530
                                                        : TEST_GFN + 2), SEED),
                       "wrong page in view %u", view);
            }
        }
    expect_access(g, rights, TEST_GFN + 1, XENMEM_access_r);
}

static void map_device(struct guest *g, bool on)
{
    expect(!xc_domain_memory_mapping(xch, g->domid, DEVICE_GFN, DEVICE_MFN, 1,
                                     on ? DPCI_ADD_MAPPING
                                        : DPCI_REMOVE_MAPPING),
           "device memory: %s", error_name(-errno));
}

/* A device's memory appears in, and goes from, all views at once. */
static void memtype_of_device(void)
{
    struct guest *g = guest_with_device_memory();
    uint16_t plain = new_view(g), rights = new_view(g);

    expect_ok(view_access_set(g->domid, rights, TEST_GFN, XENMEM_access_r));
    for ( unsigned int i = 0; i < 3; i++ )
    {
        map_device(g, true);
        for ( uint16_t view = 0; view <= rights; view++ )
        {
            expect_ok(view_switch(g->domid, view));
            guest_write(g, gpa_of(DEVICE_GFN), 0x0720074107420743ULL + view);
            expect_ok(view_switch(g->domid, plain));
            expect_equal(guest_read(g, gpa_of(DEVICE_GFN)),
                         0x0720074107420743ULL + view, "device's memory");
        }
        /* It is no memory of the guest's: passed over, as a hole is. */
        expect_ok(view_access_set(g->domid, rights, DEVICE_GFN,
                                  XENMEM_access_r));
        expect_ok(view_switch(g->domid, rights));
        guest_write(g, gpa_of(DEVICE_GFN), 0x0720074407200745ULL);
        map_device(g, false);
        for ( uint16_t view = 0; view <= rights; view++ )
        {
            expect_ok(view_switch(g->domid, view));
            expect_equal(guest_read(g, gpa_of(DEVICE_GFN)), -1LL,
                         "nothing is left there");
        }
    }
    expect_access(g, rights, TEST_GFN, XENMEM_access_r);
}

const struct test tests_memtype[] = {
    { "memtype_in_views", NEEDS_VIEWS, memtype_in_views },
    { "memtype_of_device", NEEDS_VIEWS, memtype_of_device },
    { 0 },
};
