/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the host's map changes under live views, and nothing is lost. */
#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xendevicemodel.h>
#include <xengnttab.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#define SEED 21

/*
 * Three views that differ around TEST_GFN: one has nothing there, one has fewer
 * rights on it, one shows it at another gfn; the last two have a further
 * override each that no change below has to do with.
 */
struct views
{
    struct guest *g;
    uint16_t plain, rights, remapped;
};

#define SHOWN_AT (TEST_GFN + 40) /* the third view shows TEST_GFN here */
#define FAR_GFN  (TEST_GFN + 700)

static void views_make(struct views *v, struct guest *g)
{
    v->g = g;
    expect_ok(view_state_set(g->domid, true));
    v->plain = new_view(g);
    v->rights = new_view(g);
    v->remapped = new_view(g);
    guest_fill(g, TEST_GPA, 1024, SEED);
    expect_ok(view_access_set(g->domid, v->rights, TEST_GFN, XENMEM_access_rx));
    expect_ok(view_access_set(g->domid, v->rights, FAR_GFN, XENMEM_access_r));
    expect_ok(view_remap(g->domid, v->remapped, SHOWN_AT, TEST_GFN));
    expect_ok(view_remap(g->domid, v->remapped, FAR_GFN, FAR_GFN + 1));
    expect_ok(view_access_set(g->domid, v->remapped, SHOWN_AT,
                              XENMEM_access_rx));

    /* Every view has seen these pages, as one in use would have. */
    for ( uint16_t view = 0; view <= v->remapped; view++ )
    {
        expect_ok(view_switch(g->domid, view));
        guest_do(g, 0, COMMAND(CMD_SUM, TEST_GPA, 1024));
    }
    expect_ok(view_switch(g->domid, 0));
}

#define ALL_GFNS 0x4000 /* all RAM of the guest, and holes */

static void expect_value(struct guest *g, uint16_t view, uint64_t gfn,
                         uint64_t value)
{
    uint64_t got;

    expect_ok(view_switch(g->domid, view));
    got = guest_read(g, gpa_of(gfn));
    expect(got == value, "gfn %#llx in view %u reads %#llx, not %#llx",
           (unsigned long long)gfn, view, (unsigned long long)got,
           (unsigned long long)value);
}

static void expect_pattern(struct guest *g, uint16_t view, uint64_t gfn,
                           uint64_t as_gfn)
{
    expect_value(g, view, gfn, payload_pattern(gpa_of(as_gfn), SEED));
}

/* What no change to TEST_GFN may touch. */
static void expect_rest_intact(const struct views *v)
{
    expect_access(v->g, v->rights, TEST_GFN, XENMEM_access_rx);
    expect_access(v->g, v->rights, FAR_GFN, XENMEM_access_r);
    expect_access(v->g, v->remapped, SHOWN_AT, XENMEM_access_rx);
    expect_access(v->g, v->plain, TEST_GFN, XENMEM_access_rwx);
    expect_pattern(v->g, v->remapped, FAR_GFN, FAR_GFN + 1);
    expect_pattern(v->g, v->rights, FAR_GFN, FAR_GFN);
    expect_pattern(v->g, v->plain, TEST_GFN + 1, TEST_GFN + 1);
}

/* Dropped and repopulated: new contents in every view, all overrides kept. */
static void host_drops_page(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(host_drop(v.g, TEST_GFN));
    expect_ok(host_populate(v.g, TEST_GFN));
    host_write(v.g, TEST_GPA, 0xfeed);

    expect_value(v.g, 0, TEST_GFN, 0xfeed);
    expect_value(v.g, v.plain, TEST_GFN, 0xfeed);
    expect_value(v.g, v.rights, TEST_GFN, 0xfeed);
    expect_rest_intact(&v);
}

/*
 * Its target gone, a remap falls back to its own frame, alone; the rights
 * stay.  While the target is away the page reads as the host has it.
 */
static void host_drops_remap_target(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_pattern(v.g, v.remapped, SHOWN_AT, TEST_GFN);
    expect_ok(host_drop(v.g, TEST_GFN));
    expect_pattern(v.g, v.remapped, SHOWN_AT, SHOWN_AT);
    expect_ok(host_populate(v.g, TEST_GFN));
    host_write(v.g, TEST_GPA, 0xbeef);
    expect_value(v.g, v.plain, TEST_GFN, 0xbeef);
    expect_rest_intact(&v);
}

static void host_drops_remapped_gfn(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(host_drop(v.g, SHOWN_AT));
    expect_ok(host_populate(v.g, SHOWN_AT));
    host_write(v.g, gpa_of(SHOWN_AT), 0xcafe);
    expect_value(v.g, v.plain, SHOWN_AT, 0xcafe);
    expect_pattern(v.g, v.remapped, SHOWN_AT, TEST_GFN);
    expect_rest_intact(&v);
}

/* The same many times, while the guest runs in the view concerned. */
static void host_drops_under_running_guest(void)
{
    struct views v;
    const volatile struct payload_slot *s;

    views_make(&v, guest_new(NULL));
    s = v.g->slot[0];
    expect_ok(view_switch(v.g->domid, v.rights));
    guest_post(v.g, 0, COMMAND(CMD_WATCH, gpa_of(FAR_GFN)));
    for ( unsigned int i = 0; i < 100; i++ )
    {
        uint64_t gfn = TEST_GFN + (i % 10) * 3;

        expect_ok(host_drop(v.g, gfn));
        expect_ok(host_populate(v.g, gfn));
        host_write(v.g, gpa_of(gfn), i);
    }
    guest_run(v.g, 2);
    expect(s->rounds, "the guest stood still");
    guest_alive(v.g);
    expect(s->values == 1 && !s->lost &&
           s->value[0].value == payload_pattern(gpa_of(FAR_GFN), SEED),
           "the guest saw another page");
    for ( unsigned int i = 90; i < 100; i++ )
        expect_value(v.g, v.plain, TEST_GFN + (i % 10) * 3, i);
    expect_rest_intact(&v);
}

/* One page of a superpage taken and given back splits it, in all views. */
static void host_splits_superpage(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(host_drop(v.g, TEST_GFN + 300));
    expect_ok(host_drop(v.g, FAR_GFN + 2));
    expect_ok(host_populate(v.g, TEST_GFN + 300));
    expect_ok(host_populate(v.g, FAR_GFN + 2));
    expect_rest_intact(&v);
    for ( uint16_t view = 0; view <= v.rights; view++ )
    {
        expect_ok(view_switch(v.g->domid, view));
        guest_verify(v.g, TEST_GPA, 300, SEED);
        guest_verify(v.g, TEST_GPA + 301 * 4096, FAR_GFN + 2 - TEST_GFN - 301,
                     SEED);
    }
    expect_pattern(v.g, v.remapped, SHOWN_AT, TEST_GFN);
}

/* A whole superpage exchanged for another one. */
static void host_exchanges_superpage(void)
{
    struct views v;
    xen_pfn_t at = TEST_GFN;

    views_make(&v, guest_new(NULL));
    for ( unsigned int i = 0; i < 512; i++ )
        expect_ok(host_drop(v.g, TEST_GFN + i));
    expect(!xc_domain_populate_physmap_exact(xch, v.g->domid, 1, 9, 0, &at),
           "can't populate a superpage: %s", error_name(-errno));
    for ( unsigned int i = 0; i < 512; i++ )
        host_write(v.g, gpa_of(TEST_GFN + i), 1000 + i);

    for ( uint16_t view = 0; view <= v.rights; view++ )
        for ( unsigned int i = 0; i < 512; i += 73 )
            expect_value(v.g, view, TEST_GFN + i, 1000 + i);
    expect_access(v.g, v.rights, TEST_GFN, XENMEM_access_rx);
    expect_access(v.g, v.rights, FAR_GFN, XENMEM_access_r);
    expect_access(v.g, v.remapped, SHOWN_AT, XENMEM_access_rx);
    expect_pattern(v.g, v.remapped, FAR_GFN, FAR_GFN + 1);
}

/*
 * Tables of the host's are given back, as a superpage takes the place of pages
 * that the guest reads, and CPUs may still know the way to them.
 */
#define REGIONS 8

static void host_replaces_tables(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 32 });

    expect_ok(view_state_set(g->domid, true));
    expect_ok(view_switch(g->domid, new_view(g)));
    expect(!xc_domain_setmaxmem(xch, g->domid, (40 + 2 * REGIONS) * 1024),
           "more memory: %s", error_name(-errno));
    for ( unsigned int i = 0; i < REGIONS; i++ )
    {
        expect_ok(host_drop(g, TEST_GFN + i * 512 + 5));
        expect_ok(host_populate(g, TEST_GFN + i * 512 + 5));
    }
    guest_post(g, 0, COMMAND(CMD_SWEEP, TEST_GPA, REGIONS * 512));
    for ( unsigned int i = 0; i < REGIONS; i++ )
    {
        xen_pfn_t at = TEST_GFN + i * 512;

        guest_await_round(g, g->slot[0]->rounds);
        expect(!xc_domain_populate_physmap_exact(xch, g->domid, 1, 9, 0, &at),
               "can't populate a superpage: %s", error_name(-errno));
    }
    guest_alive(g);
    for ( unsigned int i = 0; i < REGIONS; i++ )
        host_write(g, gpa_of(TEST_GFN + i * 512 + 7), i);
    for ( unsigned int i = 0; i < REGIONS; i++ )
        expect_equal(guest_read(g, gpa_of(TEST_GFN + i * 512 + 7)), i,
                     "the page that is there now");
}

static void set_host_access(struct guest *g, xenmem_access_t access,
                            uint64_t gfn, uint32_t nr)
{
    expect(!xc_set_mem_access(xch, g->domid, access, gfn, nr),
           "host rights: %s", error_name(-errno));
}

/*
 * A page that the host's own access hides, and a view shows, becomes another.
 * No CPU has cached the host's entry, so that Xen flushes nothing for it, nor for
 * a second page that is hidden as well.
 */
static void host_drops_hidden_page(void)
{
    const uint64_t gfn = TEST_GFN + 5; /* no remap's target */
    struct views v;

    views_make(&v, guest_new(NULL));
    monitor_open(v.g, answer_view_0); /* host rights ask for a listener */
    set_host_access(v.g, XENMEM_access_n, gfn, 2);
    expect_ok(view_access_set(v.g->domid, v.plain, gfn, XENMEM_access_rwx));
    host_write(v.g, gpa_of(gfn), 1);
    expect_value(v.g, v.plain, gfn, 1);
    /* Another page is given back after it, and is taken first. */
    expect_ok(host_drop(v.g, gfn));
    expect_ok(host_drop(v.g, gfn + 1));
    expect_ok(host_populate(v.g, gfn));
    host_write(v.g, gpa_of(gfn), 2);
    /* Nothing else is done to views until then, which would flush. */
    expect_equal(guest_read(v.g, gpa_of(gfn)), 2, "the page that is there now");
    guest_alive(v.g);
}

/* The same, where it is a remap's target: that falls back to its own page. */
static void host_drops_hidden_target(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    monitor_open(v.g, answer_view_0);
    set_host_access(v.g, XENMEM_access_n, TEST_GFN, 1);
    expect_pattern(v.g, v.remapped, SHOWN_AT, TEST_GFN);
    expect_ok(host_drop(v.g, TEST_GFN));
    /* Nothing else is done to views until then, which would flush. */
    expect_equal(guest_read(v.g, gpa_of(SHOWN_AT)),
                 payload_pattern(gpa_of(SHOWN_AT), SEED), "its own page");
    guest_alive(v.g);
}

/*
 * A hole has no access, but setting one takes away what a view shows there.
 * The host's map doesn't change, so that Xen flushes nothing.
 */
static void host_access_of_hole(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    monitor_open(v.g, answer_view_0);
    expect_ok(host_drop(v.g, SHOWN_AT));
    expect_pattern(v.g, v.remapped, SHOWN_AT, TEST_GFN);
    set_host_access(v.g, XENMEM_access_rwx, SHOWN_AT, 1);
    /* Nothing else is done to views until then, which would flush. */
    expect_equal(guest_read(v.g, gpa_of(SHOWN_AT)), -1LL, "what is there now");
    guest_alive(v.g);
    expect_audit(v.g);
}

/*
 * Rights that a client sets in the host's map count in every view, whatever it
 * said of these pages before; elsewhere nothing changes.
 */
static void host_changes_access(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    monitor_open(v.g, answer_view_0); /* host rights ask for a listener */
    set_host_access(v.g, XENMEM_access_r, TEST_GFN, 3);
    expect_access(v.g, v.plain, TEST_GFN, XENMEM_access_r);
    expect_access(v.g, v.plain, TEST_GFN + 2, XENMEM_access_r);
    expect_access(v.g, v.plain, TEST_GFN + 3, XENMEM_access_rwx);
    expect_access(v.g, v.rights, TEST_GFN, XENMEM_access_r);
    expect_access(v.g, v.rights, TEST_GFN + 1, XENMEM_access_r);
    set_host_access(v.g, XENMEM_access_rwx, TEST_GFN, 3);
    expect_access(v.g, v.rights, TEST_GFN, XENMEM_access_rwx);
    expect_access(v.g, v.rights, FAR_GFN, XENMEM_access_r);
    expect_ok(view_switch(v.g->domid, v.plain));
    guest_write(v.g, TEST_GPA, 5);
    /* Remaps go with it; #VE stays; and the view can speak again. */
    expect_ok(view_suppress_set(v.g->domid, v.remapped, SHOWN_AT, false));
    set_host_access(v.g, XENMEM_access_rwx, SHOWN_AT, 1);
    expect_access(v.g, v.remapped, SHOWN_AT, XENMEM_access_rwx);
    expect_pattern(v.g, v.remapped, SHOWN_AT, SHOWN_AT);
    expect_pattern(v.g, v.remapped, FAR_GFN, FAR_GFN + 1);
    expect_equal(view_info(v.g, v.remapped).sve_gfns, 1, "#VE");
    expect_ok(view_access_set(v.g->domid, v.remapped, SHOWN_AT,
                              XENMEM_access_rx));
    expect_access(v.g, v.remapped, SHOWN_AT, XENMEM_access_rx);
    expect_access(v.g, 0, SHOWN_AT, XENMEM_access_rwx);
    expect_audit(v.g);
}

/*
 * How clients leave: rwx for all of the guest.  Then views say nothing any more,
 * and have no tables left for it.
 */
static void host_access_of_all(void)
{
    struct guest *g = guest_new(NULL);
    struct views v;

    views_make(&v, g);
    no_default(g, v.plain);
    no_default(g, v.rights);
    monitor_open(g, answer_view_0);
    for ( unsigned int i = 0; i < 1024; i++ )
    {
        expect_ok(view_access_set(g->domid, v.plain, TEST_GFN + i,
                                  XENMEM_access_n));
        if ( !(i % 3) )
            expect_ok(view_remap(g->domid, v.rights, TEST_GFN + i,
                                 TEST_GFN + 1023 - i));
    }
    expect_library(xenaltp2m_set_default(library(), g->domid, v.remapped,
                                         XENMEM_access_rx), 0);
    set_host_access(g, XENMEM_access_rwx, 0, ALL_GFNS);
    for ( uint16_t view = v.plain; view <= v.rights; view++ )
    {
        struct xen_altp2m_view info = view_info(g, view);

        expect_equal(info.access_gfns, 0, "gfns with rights");
        expect_equal(info.remaps, 0, "remaps");
        expect_equal(info.tables, 1, "tables");
        expect_ok(view_switch(g->domid, view));
        guest_verify(g, TEST_GPA, 1024, SEED);
    }
    /* The host's word counts in a view with a default too. */
    expect_access(g, v.remapped, TEST_GFN + 5, XENMEM_access_rwx);
    expect_equal(view_info(g, v.remapped).remaps, 0, "remaps");
    expect_ok(view_switch(g->domid, v.remapped));
    guest_write(g, gpa_of(TEST_GFN + 5), 1);
    expect_audit(g);
}

/* Writes made in a view are logged as any others, again and again. */
static void host_logs_dirty(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(view_switch(v.g->domid, v.plain));
    host_log_dirty(v.g, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        host_dirty(v.g, 0);
        guest_read(v.g, gpa_of(TEST_GFN + 7));
        expect(!host_dirty(v.g, TEST_GFN + 7), "a read makes dirty, round %u", i);
        guest_write(v.g, gpa_of(TEST_GFN + 7), i);
        expect(host_dirty(v.g, TEST_GFN + 7), "a write is not logged, round %u", i);
        expect_equal(host_read(v.g, gpa_of(TEST_GFN + 7)), i, "value");
    }
    host_log_dirty(v.g, XEN_DOMCTL_SHADOW_OP_OFF);
    guest_write(v.g, gpa_of(TEST_GFN + 7), 0x77);
    expect_value(v.g, 0, TEST_GFN + 7, 0x77);
    expect_rest_intact(&v);
    expect_pattern(v.g, v.remapped, SHOWN_AT, TEST_GFN);
}

/* A write through a remap dirties the page that it reaches. */
static void host_logs_dirty_through_remap(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(view_switch(v.g->domid, v.remapped));
    host_log_dirty(v.g, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    host_dirty(v.g, 0);
    guest_write(v.g, gpa_of(FAR_GFN), 0x66);
    expect(host_dirty(v.g, FAR_GFN + 1), "the page written to is not logged");
    expect_equal(host_read(v.g, gpa_of(FAR_GFN + 1)), 0x66, "value");
    host_log_dirty(v.g, XEN_DOMCTL_SHADOW_OP_OFF);
    guest_alive(v.g);
}

static int set_type(struct guest *g, hvmmem_type_t type, uint64_t gfn)
{
    static xendevicemodel_handle *handle;

    if ( !handle )
        handle = xendevicemodel_open(NULL, 0);
    return xendevicemodel_set_mem_type(handle, g->domid, type, gfn, 1) ?
           -errno : 0;
}

/* Read-only memory: writes are dropped, in a view too. */
static void host_changes_type(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(set_type(v.g, HVMMEM_ram_ro, TEST_GFN + 2));
    expect_ok(view_switch(v.g->domid, v.plain));
    guest_write(v.g, gpa_of(TEST_GFN + 2), 0x55);
    expect_pattern(v.g, v.plain, TEST_GFN + 2, TEST_GFN + 2);
    expect_ok(set_type(v.g, HVMMEM_ram_rw, TEST_GFN + 2));
    expect_ok(view_switch(v.g->domid, v.plain));
    guest_write(v.g, gpa_of(TEST_GFN + 2), 0x56);
    expect_value(v.g, v.rights, TEST_GFN + 2, 0x56);
    expect_rest_intact(&v);
}

/* A foreign map sees what the guest writes in a view, and the other way. */
static void host_maps_page(void)
{
    struct views v;
    volatile uint64_t *page;

    views_make(&v, guest_new(NULL));
    page = host_map(v.g, TEST_GFN + 9);
    expect_ok(view_switch(v.g->domid, v.rights));
    guest_write(v.g, gpa_of(TEST_GFN + 9), 0x91);
    expect_equal(*page, 0x91, "the guest's value, mapped");
    *page = 0x92;
    expect_value(v.g, v.plain, TEST_GFN + 9, 0x92);
    host_unmap((void *)page);
    expect_rest_intact(&v);
}

/* Memory that is not there yet appears in whichever view asks first. */
static void host_populates_on_demand(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 32,
                                                        .pod_mib = 20 });
    const uint64_t gpa = 24 * MIB;
    uint16_t a, b;

    expect_ok(view_state_set(g->domid, true));
    a = new_view(g);
    b = new_view(g);
    expect_ok(view_switch(g->domid, a));
    guest_write(g, gpa, 0x81);
    expect_ok(view_switch(g->domid, b));
    expect_equal(guest_read(g, gpa), 0x81, "page populated in another view");
    guest_write(g, gpa + 0x201000, 0x82);
    expect_ok(view_switch(g->domid, 0));
    expect_equal(guest_read(g, gpa + 0x201000), 0x82, "in the host's map");
}

/* The guest's own hypercall on one gfn of its memory. */
static void guest_reserves(struct guest *g, unsigned int op, uint64_t gfn)
{
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
    uint8_t *page = host_map(g, PAYLOAD_BUFFER >> 12);

    set_xen_guest_handle_raw(r.extent_start, (void *)(PAYLOAD_BUFFER + 0x100));
    memcpy(page, &r, sizeof(r));
    memcpy(page + 0x100, &gfn, sizeof(gfn));
    host_unmap(page);
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_memory_op,
                                        op, PAYLOAD_BUFFER))->result[0], 1,
                 "extents that the guest gave or got");
}

/* A guest that gives memory back and takes it again, in a view. */
static void host_lets_guest_balloon(void)
{
    struct views v;

    views_make(&v, guest_new(NULL));
    expect_ok(view_switch(v.g->domid, v.plain));
    for ( unsigned int i = 0; i < 8; i++ )
    {
        uint64_t gfn = i & 1 ? TEST_GFN : SHOWN_AT;

        guest_reserves(v.g, XENMEM_decrease_reservation, gfn);
        guest_reserves(v.g, XENMEM_populate_physmap, gfn);
        guest_write(v.g, gpa_of(gfn), 0x300 + i);
    }
    expect_value(v.g, v.rights, TEST_GFN, 0x307);
    expect_value(v.g, 0, SHOWN_AT, 0x306);
    expect_rest_intact(&v);
}

#define GRANT_TABLE (PAYLOAD_BUFFER + 0x8000)
#define GRANT_REF   8

/* The guest's grant table appears in its memory, and one page is granted. */
static void guest_grants(struct guest *g, uint64_t gfn)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table,
        .gpfn = GRANT_TABLE >> 12,
    };
    grant_entry_v1_t entry = { .flags = GTF_permit_access, .frame = gfn };
    uint64_t words[1];
    void *page = host_map(g, PAYLOAD_BUFFER >> 12);

    memcpy(page, &map, sizeof(map));
    host_unmap(page);
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_memory_op,
                                        XENMEM_add_to_physmap,
                                        PAYLOAD_BUFFER))->result[0], 0,
                 "mapping the grant table");
    _Static_assert(sizeof(entry) == sizeof(words), "one word an entry");
    memcpy(words, &entry, sizeof(words));
    guest_write(g, GRANT_TABLE + GRANT_REF * sizeof(entry), words[0]);
}

/* Granted memory stays what the guest sees, in whatever view it runs. */
static void host_maps_grant(void)
{
    xengnttab_handle *grants = xengnttab_open(NULL, 0);
    volatile uint64_t *page;
    struct views v;

    views_make(&v, guest_new(NULL));
    expect(grants, "no grant device");
    expect_ok(view_switch(v.g->domid, v.plain));
    guest_grants(v.g, TEST_GFN + 9);
    page = xengnttab_map_grant_ref(grants, v.g->domid, GRANT_REF,
                                   PROT_READ | PROT_WRITE);
    expect(page, "can't map the grant: %s", error_name(-errno));
    *page = 0x501;
    expect_value(v.g, v.plain, TEST_GFN + 9, 0x501);
    expect_value(v.g, v.rights, TEST_GFN + 9, 0x501);
    guest_write(v.g, gpa_of(TEST_GFN + 9), 0x502);
    expect_equal(*page, 0x502, "the guest's value, mapped by grant");
    xengnttab_unmap(grants, (void *)page, 1);
    xengnttab_close(grants);
    expect_rest_intact(&v);
}

static void host_shares_page(void)
{
    struct guest *g = guest_new(NULL);
    uint64_t handle;

    if ( xc_memshr_control(xch, g->domid, 1) )
        skip("this Xen has no page sharing (%s)", error_name(-errno));
    expect_ok(view_state_set(g->domid, true));
    guest_write(g, TEST_GPA, 0x71);
    expect(!xc_memshr_nominate_gfn(xch, g->domid, TEST_GFN, &handle),
           "can't share a page: %s", error_name(-errno));
    expect_ok(view_switch(g->domid, new_view(g)));
    expect_equal(guest_read(g, TEST_GPA), 0x71, "shared page");
    guest_write(g, TEST_GPA, 0x72);
    expect_ok(view_switch(g->domid, 0));
    expect_equal(guest_read(g, TEST_GPA), 0x72, "page after the write");
}

const struct test tests_host[] = {
    { "host_drops_page", NEEDS_VIEWS, host_drops_page },
    { "host_drops_remap_target", NEEDS_VIEWS, host_drops_remap_target },
    { "host_drops_remapped_gfn", NEEDS_VIEWS, host_drops_remapped_gfn },
    { "host_drops_hidden_page", NEEDS_VIEWS, host_drops_hidden_page },
    { "host_drops_hidden_target", NEEDS_VIEWS, host_drops_hidden_target },
    { "host_access_of_hole", NEEDS_VIEWS, host_access_of_hole },
    { "host_drops_under_running_guest", NEEDS_VIEWS,
      host_drops_under_running_guest },
    { "host_splits_superpage", NEEDS_VIEWS, host_splits_superpage },
    { "host_exchanges_superpage", NEEDS_VIEWS, host_exchanges_superpage },
    { "host_replaces_tables", NEEDS_VIEWS, host_replaces_tables },
    { "host_changes_access", NEEDS_VIEWS, host_changes_access },
    { "host_access_of_all", NEEDS_VIEWS, host_access_of_all },
    { "host_logs_dirty", NEEDS_VIEWS, host_logs_dirty },
    { "host_logs_dirty_through_remap", NEEDS_VIEWS,
      host_logs_dirty_through_remap },
    { "host_changes_type", NEEDS_VIEWS, host_changes_type },
    { "host_maps_page", NEEDS_VIEWS, host_maps_page },
    { "host_lets_guest_balloon", NEEDS_VIEWS, host_lets_guest_balloon },
    { "host_maps_grant", NEEDS_VIEWS, host_maps_grant },
    { "host_populates_on_demand", NEEDS_VIEWS, host_populates_on_demand },
    { "host_shares_page", NEEDS_VIEWS, host_shares_page },
    { 0 },
};
