/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: what Xen, or a device model, does in a guest's place - instructions that
 * are emulated, string I/O, walks of the guest's page tables - is done to the
 * pages that the vCPU's view shows.
 */
#include "../payload/layout.h"
#include "device.h"
#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <xen/xen.h>

#define SEED  61
#define BYTES 24

/* A view that differs from the host, and in it TEST_GFN shows the next page. */
static struct guest *guest_with_device(uint16_t *view)
{
    struct guest *g = guest_with_views();

    *view = new_view(g);
    guest_fill(g, TEST_GPA, 8, SEED);
    for ( unsigned int i = 0; i < BYTES / 8; i++ )
    {
        host_write(g, TEST_GPA + i * 8, 0x1111111111111111 * (i + 1));
        host_write(g, TEST_GPA + 0x1000 + i * 8, 0x0f0f0f0f00000000 + i);
    }
    expect_ok(view_remap(g->domid, *view, TEST_GFN, TEST_GFN + 1));
    expect_ok(view_access_set(g->domid, *view, TEST_GFN + 3, XENMEM_access_r));
    device_open(g);
    return g;
}

static void expect_written(struct guest *g, uint64_t gpa)
{
    const struct device *d = g->device;
    uint8_t *page = host_map(g, gpa >> 12);
    bool same = !memcmp(page, d->written, BYTES);

    host_unmap(page);
    expect_equal(d->nr_written, BYTES, "bytes written");
    expect(same, "the device got others than those at %#llx: %#x, %#x...",
           (unsigned long long)gpa, d->written[0], d->written[1]);
}

static void device_copies(struct guest *g, unsigned int how, uint64_t gpa)
{
    bool mmio = how == DEVICE_STORE || how == DEVICE_LOAD;

    g->device->nr_written = g->device->nr_read = g->device->by_address = 0;
    guest_do(g, 0, COMMAND(CMD_DEVICE, how, mmio ? DEVICE_GPA : DEVICE_PORT,
                           gpa, BYTES));
}

/* What the device gives is in the page at @gpa, as the host has it. */
static void expect_read(struct guest *g, uint64_t gpa)
{
    uint8_t *page = host_map(g, gpa >> 12);
    unsigned int wrong = 0;

    for ( unsigned int i = 0; i < BYTES; i++ )
        wrong += page[i] != DEVICE_FIRST + i;
    host_unmap(page);
    expect(!wrong, "%u bytes at %#llx are not what was read", wrong,
           (unsigned long long)gpa);
}

/* String I/O from and to a page that the view shows elsewhere, and others. */
static void emulation_string_io(void)
{
    static const unsigned int out[] = { DEVICE_OUTS, DEVICE_STORE };
    static const unsigned int in[] = { DEVICE_INS, DEVICE_LOAD };
    uint16_t view;
    struct guest *g = guest_with_device(&view);

    for ( unsigned int i = 0; i < 2; i++ )
    {
        uint64_t own = host_read(g, TEST_GPA);

        expect_ok(view_switch(g->domid, 0));
        device_copies(g, out[i], TEST_GPA);
        expect_written(g, TEST_GPA);
        expect(g->device->by_address, "the data's address is not used at all");

        expect_ok(view_switch(g->domid, view));
        device_copies(g, out[i], TEST_GPA);
        expect_written(g, TEST_GPA + 0x1000);
        device_copies(g, out[i], TEST_GPA + 0x2000);
        expect_written(g, TEST_GPA + 0x2000);
        expect(g->device->by_address, "the data's address is not used");

        device_copies(g, in[i], TEST_GPA);
        expect_read(g, TEST_GPA + 0x1000);
        expect(host_read(g, TEST_GPA) == own, "the hidden page is written to");
        device_copies(g, in[i], TEST_GPA + 0x2000);
        expect_read(g, TEST_GPA + 0x2000);
    }
    guest_alive(g);
}

#define APIC_GFN 0xfee00

/* What is no memory is given no rights, isn't remapped, and is no target. */
static void expect_no_memory(struct guest *g, uint16_t view, uint64_t gfn)
{
    unsigned int before = 0, access = 0;
    int rc = view_access_get(g->domid, view, gfn, &before);

    expect_rc(view_remap(g->domid, view, gfn, TEST_GFN), -ESRCH);
    expect_rc(view_remap(g->domid, view, TEST_GFN, gfn), -ESRCH);
    expect_ok(view_access_set(g->domid, view, gfn, XENMEM_access_n));
    expect_rc(view_access_get(g->domid, view, gfn, &access), rc);
    expect_equal(access, before, "access");
}

/* A device's registers are reached in a view, whatever it overrides. */
static void emulation_device(void)
{
    uint16_t view;
    struct guest *g = guest_with_device(&view);
    struct monitor *m = monitor_open(g, answer_view_0);

    for ( unsigned int i = 0; i < 4; i++ )
    {
        expect_ok(view_switch(g->domid, (i & 1) ? 0 : view));
        guest_write(g, DEVICE_GPA + 16, 0x1234 + i);
        expect_equal(g->device->last, 0x1234 + i, "value at the device");
        g->device->nr_read = 0;
        expect_equal(guest_read(g, DEVICE_GPA + 8), 0x4746454443424140,
                     "value from the device");
        expect_no_memory(g, view, DEVICE_GPA >> 12);
        expect_no_memory(g, view, APIC_GFN);
    }
    expect_equal(m->count, 0, "events");
    expect_view(g, 0, 0);
}

/* Where the registers are was memory before: a view's override stays behind. */
static void emulation_device_replaces_page(void)
{
    uint16_t view;
    struct guest *g = guest_with_device(&view);

    expect_ok(view_switch(g->domid, view));
    expect_ok(view_access_set(g->domid, view, TEST_GFN + 5, XENMEM_access_rx));
    expect_ok(host_drop(g, TEST_GFN + 5));
    guest_write(g, gpa_of(TEST_GFN + 5), 0x55);  /* nobody's: discarded */
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 5)), -1LL, "nothing there");
    expect_ok(host_populate(g, TEST_GFN + 5));
    expect_access(g, view, TEST_GFN + 5, XENMEM_access_rx);
    host_write(g, gpa_of(TEST_GFN + 5), 0x56);
    expect_equal(guest_read(g, gpa_of(TEST_GFN + 5)), 0x56, "memory again");
}

/*
 * What is written to a page whose writes a device model takes reaches it with the
 * page's own address, by whichever gfn the view shows it; reading is memory's.
 */
static void emulation_writes_taken(void)
{
    uint16_t view;
    struct guest *g = guest_with_device(&view);
    const uint64_t taken = TEST_GPA + 0x1000;
    uint64_t own = host_read(g, TEST_GPA), there = host_read(g, taken);

    device_takes_writes(g->device, TEST_GFN + 1, true);
    for ( unsigned int i = 0; i < 6; i++ )
    {
        bool shown = i & 1;
        uint64_t at = shown ? TEST_GPA : taken;

        expect_ok(view_switch(g->domid, i < 2 ? i : view));
        g->device->last = 0;
        guest_write(g, at + 8 * i, 0x777 + i);
        expect_equal(g->device->last, 0x777 + i, "value at the device");
        expect_equal(g->device->address, taken + 8 * i, "and its address");
        expect_equal(guest_read(g, at), there, "what the guest reads");
        expect_equal(host_read(g, taken), there, "the page itself");
        expect_equal(host_read(g, TEST_GPA), own, "the page not shown");
    }
    device_takes_writes(g->device, TEST_GFN + 1, false);
    guest_write(g, TEST_GPA, 0x888);
    expect_equal(host_read(g, taken), 0x888, "memory again");
    expect_equal(host_read(g, TEST_GPA), own, "the page not shown");
}

/*
 * The view changes while the guest waits for a device's answer, and shows memory
 * now: the answer isn't taken for that of the next access.
 */
static void emulation_view_changes_before_answer(void)
{
    uint16_t view;
    struct guest *g = guest_with_device(&view);
    const shared_iopage_t *requests = g->device->page;
    uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;

    device_takes_writes(g->device, TEST_GFN + 1, true);
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_WRITE, TEST_GPA, 0x777));
    do {
        nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        expect(now_ns() < end, "the device isn't asked");
    } while ( requests->vcpu_ioreq[0].state != STATE_IOREQ_READY );
    expect_ok(view_switch(g->domid, 0));
    expect(guest_answers(g, 0, PATIENCE_MS), "the guest waits for ever");
    expect_equal(g->device->last, 0x777, "value at the device");
    for ( unsigned int i = 0; i < 3; i++ )
    {
        guest_write(g, DEVICE_GPA + 16, 0x1234 + i);
        expect_equal(g->device->last, 0x1234 + i, "what is written next");
        g->device->nr_read = 0;
        expect_equal(guest_read(g, DEVICE_GPA + 8), 0x4746454443424140,
                     "what is read next");
    }
    device_takes_writes(g->device, TEST_GFN + 1, false);
}

/*
 * What is written in the guest's place is logged for the page that the view
 * showed, and for no other.
 */
static void emulation_writes_logged(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    guest_fill(g, TEST_GPA, 4, SEED);
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    host_log_dirty(g, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    for ( unsigned int i = 0; i < 4; i++ )
    {
        bool shown = i & 1;
        uint64_t wrote = TEST_GFN + shown;

        expect_ok(view_switch(g->domid, shown ? view : 0));
        guest_write(g, TEST_GPA, DOMID_SELF |
                                 ((uint64_t)HVM_PARAM_STORE_PFN << 32));
        host_dirty(g, TEST_GFN);
        expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                                            HVMOP_get_param,
                                            TEST_GPA))->result[0], 0,
                     "hypercall");
        expect(host_dirty(g, wrote), "the write isn't logged");
        guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                               HVMOP_get_param, TEST_GPA));
        expect(!host_dirty(g, TEST_GFN + !shown), "the other page is logged");
    }
    host_log_dirty(g, XEN_DOMCTL_SHADOW_OP_OFF);
}

/* Where a violation's event sends the vCPU. */
static uint16_t elsewhere;

static void answer_elsewhere(const vm_event_request_t *request,
                             vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = elsewhere;
}

#define FAR (1ULL << 39)             /* by tables of a test's own */

/* Page tables by which FAR is the 2 MiB of TEST_GPA; the last one. */
static uint64_t map_far(struct guest *g)
{
    uint64_t cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    uint64_t upper = gpa_of(TEST_GFN + 8), last = gpa_of(TEST_GFN + 9);

    host_write(g, last, TEST_GPA | 0x87);
    host_write(g, upper, last | 7);
    host_write(g, cr3 + 8, upper | 7);
    return last;
}

/*
 * Where a monitor wants no events for walks of the guest's page tables, an
 * instruction whose walk violates is emulated: by the rights of the view.
 */
static void emulation_in(struct guest *g, uint16_t view)
{
    uint64_t table = map_far(g);
    struct xen_altp2m_override o[] = {
        rights_of(TEST_GFN, 1, XENMEM_access_n),
        rights_of(table >> 12, 1, XENMEM_access_r),
    };
    struct monitor *m;

    elsewhere = new_view(g);
    host_write(g, TEST_GPA, 0x1234);
    expect_equal(guest_read(g, FAR), 0x1234, "by the other tables");
    m = monitor_open(g, answer_elsewhere);
    expect(!xc_monitor_inguest_pagefault(xch, g->domid, true),
           "no events for walks: %s", error_name(-errno));
    expect_ok(view_switch(g->domid, view));
    guest_pause(g);
    expect_library(xenaltp2m_apply(library(), g->domid, view, o, 2, 0, NULL),
                   0);
    guest_unpause(g);

    guest_write(g, FAR, 0x5678);
    expect_equal(m->count, 1, "events");
    expect_equal(m->log[0].reason, VM_EVENT_REASON_MEM_ACCESS, "its reason");
    expect_equal(m->log[0].u.mem_access.gfn, TEST_GFN, "its gfn");
    expect_equal(m->log[0].altp2m_idx, view, "its view");
    expect(m->log[0].u.mem_access.flags & MEM_ACCESS_W, "it isn't of a write");
    expect_view(g, 0, elsewhere);
    expect_equal(host_read(g, TEST_GPA), 0x5678, "what the guest wrote then");

    /* No more than its own view's. */
    expect_ok(view_switch(g->domid, view));
    guest_pause(g);
    o[0].access = XENMEM_access_rwx;
    expect_library(xenaltp2m_apply(library(), g->domid, view, o, 1, 0, NULL),
                   0);
    guest_unpause(g);
    host_write(g, TEST_GPA, 0x1234);
    guest_write(g, FAR, 0x9abc);
    expect_equal(m->count, 1, "events where all is allowed");
    expect_view(g, 0, view);
    expect_equal(host_read(g, TEST_GPA), 0x9abc, "what the guest wrote last");
    monitor_close(m);
}

static void emulation_in_view(void)
{
    struct guest *g = guest_with_views();

    emulation_in(g, new_view(g));
}

static void emulation_in_view_0(void)
{
    emulation_in(guest_with_views(), 0);
}

/* movl $value, device; mov $value, %eax; ret */
static void make_code(struct guest *g, uint64_t gfn, uint32_t value)
{
    uint8_t *page = host_map(g, gfn);
    const uint32_t device = DEVICE_GPA;

    memcpy(page, "\xc7\x04\x25", 3);
    memcpy(page + 3, &device, 4);
    memcpy(page + 7, &value, 4);
    page[11] = 0xb8;
    memcpy(page + 12, &value, 4);
    page[16] = 0xc3;
    host_unmap(page);
}

/*
 * An instruction that the hypervisor carries out is the one that the view shows:
 * other code at the same address, in a page that differs.
 */
static void emulation_of_code(void)
{
    uint16_t view;
    struct guest *g = guest_with_device(&view);
    const uint64_t code = TEST_GFN + 6;

    make_code(g, code, 0x111);
    make_code(g, code + 1, 0x222);
    expect_ok(view_remap(g->domid, view, code, code + 1));
    for ( unsigned int i = 0; i < 4; i++ )
    {
        uint64_t value = (i & 1) ? 0x222 : 0x111;

        expect_ok(view_switch(g->domid, (i & 1) ? view : 0));
        expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, gpa_of(code)))->result[0],
                     value, "value of the code that ran");
        expect_equal(g->device->last, value, "value at the device");
    }
}

static void patch(struct guest *g, uint16_t view, uint64_t gfn,
                  unsigned int offset, uint32_t value)
{
    struct xen_altp2m_patch p = { .gfn = gfn, .offset = offset, .len = 4 };

    memcpy(p.bytes, &value, sizeof(value));
    expect_library(xenaltp2m_patch(library(), g->domid, view, &p, 1, NULL), 0);
}

/*
 * The same, where the view has bytes of its own.  As data the hypervisor takes
 * the host's page, which the guest finds unchanged.
 */
static void emulation_of_patched_code(void)
{
    uint16_t view;
    struct guest *g = guest_with_device(&view);
    const uint64_t code = TEST_GFN + 6, data = TEST_GFN + 2;

    make_code(g, code, 0x111);
    patch(g, view, code, 7, 0x222);
    patch(g, view, code, 12, 0x222);
    patch(g, view, data, 0, 0x333);
    for ( unsigned int i = 0; i < 4; i++ )
    {
        uint64_t value = (i & 1) ? 0x222 : 0x111;

        expect_ok(view_switch(g->domid, (i & 1) ? view : 0));
        expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, gpa_of(code)))->result[0],
                     value, "value of the code that ran");
        expect_equal(g->device->last, value, "value at the device");
        device_copies(g, DEVICE_OUTS, gpa_of(data));
        expect_written(g, gpa_of(data));
        device_copies(g, DEVICE_INS, gpa_of(data));
        expect_read(g, gpa_of(data));
    }
}

#define PAGE_2M    0x200000ULL
#define LINEAR     (5 * PAGE_2M)
#define ELSEWHERE  (6 * PAGE_2M)
#define ADDRESS(e) ((e) & 0xffffffffff000ULL)

/*
 * A view shows another page table to the vCPU: addresses mean other memory there,
 * to the CPU, and to the hypervisor that takes arguments from there.
 */
static void emulation_page_table(void)
{
    struct guest *g = guest_with_views();
    uint64_t cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2], wanted;
    uint64_t table = ADDRESS(host_read(g, ADDRESS(host_read(g, cr3))));
    uint16_t view = new_view(g);

    for ( unsigned int i = 0; i < 512; i++ )
        host_write(g, TEST_GPA + i * 8, host_read(g, table + i * 8));
    host_write(g, TEST_GPA + LINEAR / PAGE_2M * 8,
               host_read(g, table + ELSEWHERE / PAGE_2M * 8));
    expect_ok(view_remap(g->domid, view, table >> 12, TEST_GFN));

    host_write(g, LINEAR, 0xa);
    host_write(g, ELSEWHERE, 0xb);
    expect_equal(guest_read(g, LINEAR), 0xa, "the page in view 0");
    expect_ok(view_switch(g->domid, view));
    expect_equal(guest_read(g, LINEAR), 0xb, "the page in the view");

    expect(!xc_hvm_param_get(xch, g->domid, HVM_PARAM_STORE_PFN, &wanted),
           "parameter: %s", error_name(-errno));
    guest_write(g, LINEAR, DOMID_SELF | ((uint64_t)HVM_PARAM_STORE_PFN << 32));
    guest_write(g, LINEAR + 8, ~wanted);
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                                        HVMOP_get_param, LINEAR))->result[0],
                 0, "hypercall");
    expect_equal(host_read(g, ELSEWHERE + 8), wanted, "what the guest gets");
    expect_equal(host_read(g, LINEAR), 0xa, "the page not shown");
}

#define PAE_LINEAR (1ULL << 30)       /* by the second of the four entries */

/* Four entries at @top: as the guest's own, but the second leads to @page. */
static void make_pae(struct guest *g, uint64_t top, uint64_t directory,
                     uint64_t page)
{
    uint64_t cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    uint64_t own = ADDRESS(host_read(g, cr3));

    for ( unsigned int i = 0; i < 4; i++ )
        host_write(g, gpa_of(top) + i * 8,
                   ADDRESS(host_read(g, own + i * 8)) | 1);
    host_write(g, gpa_of(top) + 8, gpa_of(directory) | 1);
    host_write(g, gpa_of(directory), page | 0x83);
}

/*
 * The four entries of PAE's top, which the hypervisor loads where the CPU doesn't
 * when the guest turns paging on, are those that the view shows.
 */
static void emulation_pae_entries(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    /* docs/caveats.md */
    if ( guest_do(g, 0, COMMAND(CMD_FEATURES))->result[0] != FEATURE_INTEL )
        skip("the CPU itself reads them here");
    guest_fill(g, TEST_GPA, 4, 0);
    host_write(g, LINEAR, 0xa);
    host_write(g, ELSEWHERE, 0xb);
    make_pae(g, TEST_GFN, TEST_GFN + 1, LINEAR);
    make_pae(g, TEST_GFN + 2, TEST_GFN + 3, ELSEWHERE);
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 2));
    for ( unsigned int i = 0; i < 4; i++ )
    {
        expect_ok(view_switch(g->domid, (i & 1) ? view : 0));
        expect_equal(guest_do(g, 0, COMMAND(CMD_READ_PAE, PAE_LINEAR,
                                            TEST_GPA))->result[0],
                     (i & 1) ? 0xb : 0xa, "what PAE paging reads");
    }
    guest_alive(g);
}

/*
 * The page with these entries is one that is populated when it is first used.  Xen
 * reads it with locks held, under which it can't populate.  Its entries are zeroes,
 * with which the guest does not go far: what counts is that the host does.
 */
static void emulation_pae_on_demand(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 32,
                                                        .pod_mib = 20 });
    uint16_t view;

    if ( guest_do(g, 0, COMMAND(CMD_FEATURES))->result[0] != FEATURE_INTEL )
        skip("the CPU itself reads them here");
    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    guest_fill(g, TEST_GPA, 2, 0);
    make_pae(g, TEST_GFN, TEST_GFN + 1, LINEAR);
    expect_ok(view_remap(g->domid, view, TEST_GFN, 28 * MIB / 4096));
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_READ_PAE, PAE_LINEAR, TEST_GPA));
    expect(!guest_answers(g, 0, 1000), "the guest reads by entries that are 0");
    expect_equal(host_read(g, 28 * MIB), 0, "the page that was populated");
}

/* Pages that are still to be populated when they are first used. */
static uint64_t on_demand(struct guest *g)
{
    uint64_t pages, cached, entries;

    expect(!xc_domain_get_pod_target(xch, g->domid, &pages, &cached, &entries),
           "pages on demand: %s", error_name(-errno));
    return entries;
}

/*
 * A hypercall's argument is at a page that is populated on demand, where the view
 * shows another: that one is used, and the first is not populated for it.
 */
static void emulation_argument_on_demand(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 32,
                                                        .pod_mib = 20 });
    const uint64_t hidden = 28 * MIB;
    uint64_t wanted, before;
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    expect(!xc_hvm_param_get(xch, g->domid, HVM_PARAM_STORE_PFN, &wanted),
           "parameter: %s", error_name(-errno));
    guest_write(g, TEST_GPA, DOMID_SELF | ((uint64_t)HVM_PARAM_STORE_PFN << 32));
    guest_write(g, TEST_GPA + 8, ~wanted);
    expect_ok(view_remap(g->domid, view, hidden >> 12, TEST_GFN));
    expect_ok(view_switch(g->domid, view));
    before = on_demand(g);
    expect(before, "all is populated");
    expect_equal(guest_do(g, 0, COMMAND(CMD_HYPERCALL, __HYPERVISOR_hvm_op,
                                        HVMOP_get_param, hidden))->result[0],
                 0, "hypercall");
    expect_equal(host_read(g, TEST_GPA + 8), wanted, "what the guest gets");
    expect_equal(on_demand(g), before, "pages still to be populated");
}

/* A word that gdbsx reads at an address of the guest's, or writes there. */
static void debugger_moves(struct guest *g, uint64_t address, uint64_t *value,
                           bool write)
{
    struct xen_domctl *op = xencall_alloc_buffer(xcall, sizeof(*op));
    uint64_t *word = xencall_alloc_buffer(xcall, sizeof(*word));

    expect(op && word, "no memory");
    *word = *value;
    memset(op, 0, sizeof(*op));
    op->cmd = XEN_DOMCTL_gdbsx_guestmemio;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = g->domid;
    op->u.gdbsx_guest_memio = (struct xen_domctl_gdbsx_memio){
        .gva = address, .uva = (uintptr_t)word, .len = sizeof(*word),
        .gwr = write,
    };
    expect(!xencall1(xcall, __HYPERVISOR_domctl, (unsigned long)op),
           "debugger: %s", error_name(-errno));
    *value = *word;
    xencall_free_buffer(xcall, word);
    xencall_free_buffer(xcall, op);
}

/* A debugger reads and writes what the vCPU would. */
static void emulation_debugger(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    for ( unsigned int i = 0; i < 4; i++ )
    {
        bool shown = i & 1;
        uint64_t value = 0;

        host_write(g, TEST_GPA, 0xa0);
        host_write(g, TEST_GPA + 0x1000, 0xb0);
        expect_ok(view_switch(g->domid, shown ? view : 0));
        guest_pause(g);
        debugger_moves(g, TEST_GPA, &value, false);
        expect_equal(value, shown ? 0xb0 : 0xa0, "what it reads");
        value = 0xc0 + i;
        debugger_moves(g, TEST_GPA, &value, true);
        guest_unpause(g);
        expect_equal(host_read(g, TEST_GPA), shown ? 0xa0 : value, "the host's page");
        expect_equal(guest_read(g, TEST_GPA), value, "what the guest reads");
    }
}

/* SDM Vol. 3A, 8.2.1 and 8.2.2. */
#define TSS_BYTES   0x68
#define TSS_EDX_EBX 48
#define TSS_BUSY    (1ULL << 41)

/* A GDT at @gpa by which TASK_IN leads to the TSS at @in; none is busy. */
static void make_gdt(struct guest *g, uint64_t gpa, uint64_t out, uint64_t in)
{
    const uint64_t flat = 0x00cf92000000ffff, code = 0x00cf9a000000ffff;
    const uint64_t tss = (0x89ULL << 40) | (TSS_BYTES - 1);

    host_write(g, gpa, 0);
    host_write(g, gpa + TASK_CODE, code);
    host_write(g, gpa + TASK_DATA, flat);
    host_write(g, gpa + TASK_OUT, tss | (out << 16));
    host_write(g, gpa + TASK_IN, tss | (in << 16));
}

static bool task_busy(struct guest *g, uint64_t gdt)
{
    return host_read(g, gdt + TASK_IN) & TSS_BUSY;
}

/*
 * Switching tasks by hardware, which the hypervisor does in the CPU's place, goes
 * by the descriptors that the view shows, and marks those.
 */
static void emulation_task_switch(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    const uint64_t tss = TEST_GPA + TASK_TSS;

    guest_fill(g, TEST_GPA, 5, 0);
    for ( unsigned int i = 0; i < TSS_BYTES; i += 8 )
    {
        host_write(g, tss + i, i == TSS_EDX_EBX ? 0xaULL << 32 : 0);
        host_write(g, tss + 0x1000 + i, i == TSS_EDX_EBX ? 0xbULL << 32 : 0);
    }
    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 1));
    for ( unsigned int i = 0; i < 4; i++ )
    {
        bool shown = i & 1;

        make_gdt(g, TEST_GPA, TEST_GPA + 0x2000, tss);
        make_gdt(g, TEST_GPA + 0x1000, TEST_GPA + 0x2000, tss + 0x1000);
        expect_ok(view_switch(g->domid, shown ? view : 0));
        expect_equal(guest_do(g, 0, COMMAND(CMD_SWITCH_TASK,
                                            TEST_GPA))->result[0],
                     shown ? 0xb : 0xa, "EBX of the task");
        expect_equal(task_busy(g, TEST_GPA), !shown, "busy at the host's");
        expect_equal(task_busy(g, TEST_GPA + 0x1000), shown,
                     "busy at the view's");
    }
    guest_alive(g);
}

const struct test tests_emulation[] = {
    { "emulation_string_io", NEEDS_VIEWS, emulation_string_io },
    { "emulation_device", NEEDS_VIEWS, emulation_device },
    { "emulation_device_replaces_page", NEEDS_VIEWS, emulation_device_replaces_page },
    { "emulation_writes_taken", NEEDS_VIEWS, emulation_writes_taken },
    { "emulation_view_changes_before_answer", NEEDS_VIEWS, emulation_view_changes_before_answer },
    { "emulation_writes_logged", NEEDS_VIEWS, emulation_writes_logged },
    { "emulation_in_view", NEEDS_VIEWS, emulation_in_view },
    { "emulation_in_view_0", NEEDS_VIEWS, emulation_in_view_0 },
    { "emulation_of_code", NEEDS_VIEWS, emulation_of_code },
    { "emulation_of_patched_code", NEEDS_VIEWS, emulation_of_patched_code },
    { "emulation_page_table", NEEDS_VIEWS, emulation_page_table },
    { "emulation_pae_entries", NEEDS_VIEWS, emulation_pae_entries },
    { "emulation_pae_on_demand", NEEDS_VIEWS, emulation_pae_on_demand },
    { "emulation_argument_on_demand", NEEDS_VIEWS, emulation_argument_on_demand },
    { "emulation_debugger", NEEDS_VIEWS, emulation_debugger },
    { "emulation_task_switch", NEEDS_VIEWS, emulation_task_switch },
    { 0 },
};
