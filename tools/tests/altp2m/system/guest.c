/* SPDX-License-Identifier: GPL-2.0-only */
/* Making payload guests, and talking to them. */
#include "device.h"
#include "guest.h"
#include "loader.h"
#include "monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <xenforeignmemory.h>
#include <xenguest.h>

#define MAX_GUESTS      4
#define ANSWER_MS   20000
#define PAGE         4096

const char *payload_path = "/tests/guest";

static struct guest guests[MAX_GUESTS];

static xenforeignmemory_handle *foreign(void)
{
    static xenforeignmemory_handle *handle;

    if ( !handle )
        handle = xenforeignmemory_open(NULL, 0);
    return handle;
}

void *host_map(struct guest *g, uint64_t gfn)
{
    xen_pfn_t pfn = gfn;
    int error = 0;
    void *page = xenforeignmemory_map(foreign(), g->domid,
                                      PROT_READ | PROT_WRITE, 1, &pfn, &error);

    expect(page && !error, "can't map gfn %#llx of the guest",
           (unsigned long long)gfn);
    return page;
}

void host_unmap(void *page)
{
    xenforeignmemory_unmap(foreign(), page, 1);
}

uint64_t host_read(struct guest *g, uint64_t gpa)
{
    uint8_t *page = host_map(g, gpa >> 12);
    uint64_t value = *(volatile uint64_t *)(page + gpa % PAGE);

    host_unmap(page);
    return value;
}

void host_write(struct guest *g, uint64_t gpa, uint64_t value)
{
    uint8_t *page = host_map(g, gpa >> 12);

    *(volatile uint64_t *)(page + gpa % PAGE) = value;
    host_unmap(page);
}

int host_drop(struct guest *g, uint64_t gfn)
{
    xen_pfn_t pfn = gfn;

    return xc_domain_decrease_reservation_exact(xch, g->domid, 1, 0, &pfn) ?
           -errno : 0;
}

int host_populate(struct guest *g, uint64_t gfn)
{
    xen_pfn_t pfn = gfn;

    return xc_domain_populate_physmap_exact(xch, g->domid, 1, 0, 0, &pfn) ?
           -errno : 0;
}

void host_log_dirty(struct guest *g, unsigned int op)
{
    expect(xc_shadow_control(xch, g->domid, op, NULL, 0) >= 0,
           "log-dirty: %s", error_name(-errno));
}

bool host_dirty(struct guest *g, uint64_t gfn)
{
    const unsigned long pages = 4096 * 8;
    DECLARE_HYPERCALL_BUFFER(unsigned long, bitmap);
    xc_shadow_op_stats_t stats;
    bool found;

    bitmap = xc_hypercall_buffer_alloc_pages(xch, bitmap, 1);
    expect(bitmap, "no memory");
    memset(bitmap, 0, 4096);
    expect(xc_logdirty_control(xch, g->domid, XEN_DOMCTL_SHADOW_OP_CLEAN,
                               HYPERCALL_BUFFER(bitmap), pages, 0, &stats) >= 0,
           "dirty bitmap: %s", error_name(-errno));
    found = bitmap[gfn / 64] >> (gfn % 64) & 1;
    xc_hypercall_buffer_free_pages(xch, bitmap, 1);
    return found;
}

/* Everything up to a loaded, paused domain. */
static int build(struct guest *g, const struct guest_config *c)
{
    struct xc_dom_image *dom;
    int rc = -1;

    if ( c->low )
        return loader_build(g->domid, g->mib, payload_path);

    dom = xc_dom_allocate(xch, "", NULL);
    if ( !dom )
        return -1;

    dom->container_type = XC_DOM_HVM_CONTAINER;
    dom->max_vcpus = g->vcpus;
    dom->target_pages = (c->pod_mib ?: g->mib) * (MIB / PAGE);
    dom->mmio_start = 0xfc000000;
    dom->mmio_size = (1ULL << 32) - dom->mmio_start;
    dom->lowmem_end = g->mib * MIB;

    if ( xc_dom_kernel_file(dom, payload_path) ||
         xc_dom_boot_xen_init(dom, xch, g->domid) ||
         xc_dom_parse_image(dom) ||
         xc_dom_mem_init(dom, g->mib) ||
         xc_dom_boot_mem_init(dom) ||
         xc_dom_build_image(dom) ||
         xc_dom_boot_image(dom) )
        goto out;
    rc = 0;

 out:
    xc_dom_release(dom);
    return rc;
}

/* Leaf 0 has the vendor's name in EBX, EDX and ECX. */
static void change_vendor(xen_cpuid_leaf_t *leaf)
{
    const char *name = leaf->b == 0x756e6547 /* Genu */ ? "AuthcAMDenti"
                                                        : "GenuntelineI";

    memcpy(&leaf->b, name, 4);
    memcpy(&leaf->c, name + 4, 4);
    memcpy(&leaf->d, name + 8, 4);
}

static int claim_other_vendor(uint32_t domid)
{
    uint32_t nr = 0, msrs = 0;
    xc_cpu_policy_t *policy = xc_cpu_policy_init();
    xen_cpuid_leaf_t *leaves = NULL;
    int rc = -1;

    if ( policy && !xc_cpu_policy_get_size(xch, &nr, &msrs) &&
         !xc_cpu_policy_get_domain(xch, domid, policy) )
        leaves = calloc(nr, sizeof(*leaves));
    if ( leaves )
    {
        msrs = 0;
        rc = xc_cpu_policy_serialise(xch, policy, leaves, &nr, NULL, &msrs);
    }
    if ( !rc )
    {
        change_vendor(&leaves[0]);
        rc = xc_cpu_policy_update_cpuid(xch, policy, leaves, 1) ?:
             xc_cpu_policy_set_domain(xch, domid, policy);
    }
    free(leaves);
    if ( policy )
        xc_cpu_policy_destroy(policy);
    return rc;
}

static int make_domain(struct guest *g, const struct guest_config *c)
{
    struct xen_domctl_createdomain create = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .ssidref = c->ssid,
        .max_vcpus = g->vcpus,
        .max_evtchn_port = -1,
        .max_grant_frames = 4,
        .max_maptrack_frames = 0,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = XEN_X86_EMU_LAPIC,
    };
    unsigned int mode = c->disabled ? XEN_ALTP2M_disabled :
                        c->mode ?: XEN_ALTP2M_external;

#ifdef XEN_DOMCTL_ALTP2M_mode   /* a domain is made with it, and then has it */
#ifdef ALTP2M_NR
    create.altp2m.opts = XEN_DOMCTL_ALTP2M_mode(mode);
    create.altp2m.nr = mode ? c->views ?: 512 : 0;
#else
    create.altp2m_opts = XEN_DOMCTL_ALTP2M_mode(mode);
#endif
    mode = 0;
#endif
#ifdef DOMID_ANY    /* 0 would be dom0 */
    g->domid = DOMID_ANY;
#endif
    if ( xc_domain_create(xch, &g->domid, &create) )
        return -1;
    g->live = true;

    if ( xc_domain_max_vcpus(xch, g->domid, g->vcpus) ||
         xc_domain_setmaxmem(xch, g->domid, (g->mib + 2) * 1024) ||
         xc_set_paging_mempool_size(xch, g->domid,
                                    (c->pool_pages ?: 1024) * PAGE) ||
         (c->other_vendor && claim_other_vendor(g->domid)) )
        return -1;
    return mode ? xc_hvm_param_set(xch, g->domid, HVM_PARAM_ALTP2M, mode) : 0;
}

static void map_slots(struct guest *g)
{
    for ( unsigned int i = 0; i < g->vcpus; i++ )
        g->slot[i] = host_map(g, (PAYLOAD_SLOTS >> 12) + i);
}

static void await_magic(struct guest *g, unsigned int vcpu)
{
    uint64_t end = now_ns() + ANSWER_MS * 1000000ULL;

    while ( __atomic_load_n(&g->slot[vcpu]->magic, __ATOMIC_ACQUIRE) !=
            PAYLOAD_MAGIC )
    {
        expect(now_ns() < end, "vCPU %u of the guest does not come up", vcpu);
        nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
    }
}

static struct guest *free_guest(void)
{
    for ( unsigned int i = 0; i < MAX_GUESTS; i++ )
        if ( !guests[i].vcpus )
            return &guests[i];
    fail("more than %d guests at once", MAX_GUESTS);
}

struct guest *guest_new(const struct guest_config *config)
{
    static const struct guest_config plain;
    const struct guest_config *c = config ?: &plain;
    struct guest *g = free_guest();

    *g = (struct guest){ .vcpus = c->vcpus ?: 1, .mib = c->mib ?: 16 };
    expect(!make_domain(g, c), "can't create a domain: %s",
           error_name(-errno));
    expect(!build(g, c), "can't build a guest: %s", error_name(-errno));
    map_slots(g);
    expect(!xc_domain_unpause(xch, g->domid), "can't start the guest");
    await_magic(g, 0);
    return g;
}

struct guest *guest_with_views(void)
{
    struct guest *g = guest_new(NULL);

    expect_ok(view_state_set(g->domid, true));
    return g;
}

struct guest *guest_fork(struct guest *parent)
{
    static const struct guest_config plain;
    struct guest *g = free_guest();

    *g = (struct guest){ .vcpus = parent->vcpus, .mib = parent->mib };
    expect(!make_domain(g, &plain), "can't create a domain: %s",
           error_name(-errno));
    expect(!xc_memshr_fork(xch, parent->domid, g->domid, true, false),
           "can't fork: %s", error_name(-errno));
    map_slots(g);
    expect(!xc_domain_unpause(xch, g->domid), "can't start the fork");
    return g;
}

struct guest *guest_adopt(uint32_t domid)
{
    struct guest *g = free_guest();

    *g = (struct guest){ .domid = domid, .vcpus = 1 };
    map_slots(g);
    await_magic(g, 0);
    return g;
}

void guest_destroy(struct guest *g)
{
    int rc = 0;

    for ( unsigned int i = 0; i < g->vcpus; i++ )
        if ( g->slot[i] )
            host_unmap((void *)g->slot[i]);
    if ( g->live )
        rc = xc_domain_destroy(xch, g->domid);
    *g = (struct guest){ 0 };
    expect(!rc, "can't destroy the guest: %s", error_name(-errno));
}

/*
 * After a test, however it ended: nothing here may fail it again.  Forks go before
 * their parents.
 */
void guests_each(void (*fn)(struct guest *g))
{
    for ( unsigned int i = 0; i < MAX_GUESTS; i++ )
        if ( guests[i].vcpus )
            fn(&guests[i]);
}

void guests_destroy(void)
{
    for ( unsigned int i = MAX_GUESTS; i--; )
    {
        struct guest *g = &guests[i];

        for ( unsigned int j = 0; j < g->vcpus; j++ )
            if ( g->slot[j] )
                host_unmap((void *)g->slot[j]);
        if ( g->live && xc_domain_destroy(xch, g->domid) )
            note("domain %u can't be destroyed", g->domid);
        *g = (struct guest){ 0 };
    }
}

void guest_pause(struct guest *g)
{
    expect(!xc_domain_pause(xch, g->domid), "can't pause the guest");
}

void guest_unpause(struct guest *g)
{
    expect(!xc_domain_unpause(xch, g->domid), "can't unpause the guest");
}

static bool answered(struct guest *g, unsigned int vcpu)
{
    volatile struct payload_slot *slot = g->slot[vcpu];

    return __atomic_load_n(&slot->answered, __ATOMIC_ACQUIRE) == slot->sequence;
}

/* Does for the guest what it waits for; false if that is nothing. */
static bool serve(struct guest *g)
{
    bool any = g->monitor && monitor_serve(g->monitor);

    return (g->device && device_serve(g->device)) || any;
}

bool guest_answers(struct guest *g, unsigned int vcpu, unsigned int ms)
{
    uint64_t start = now_ns(), end = start + ms * 1000000ULL;

    while ( !answered(g, vcpu) )
    {
        if ( now_ns() >= end )
            return false;
        if ( !serve(g) )
            nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
        else if ( now_ns() < start + 5 * ms * 1000000ULL )
            /* As long as there are events, it is only slow. */
            end = now_ns() + ms * 1000000ULL;
    }
    serve(g);
    return true;
}

static bool still_running(struct guest *g)
{
    xc_dominfo_t info;

    return xc_domain_getinfo(xch, g->domid, 1, &info) == 1 &&
           info.domid == g->domid && !info.crashed && !info.shutdown;
}

/* Why a guest is silent is worth more than that it is. */
static void explain_silence(struct guest *g, unsigned int vcpu)
{
    unsigned int command = g->slot[vcpu]->command;
    xc_dominfo_t info;

    if ( xc_domain_getinfo(xch, g->domid, 1, &info) != 1 ||
         info.domid != g->domid )
        fail("the guest is gone (command %u)", command);
    if ( info.crashed || info.shutdown )
        fail("the guest has %s (command %u)",
             info.crashed ? "crashed" : "shut down", command);
    fail("vCPU %u does not answer command %u%s", vcpu, command,
         info.paused ? ", it is paused" : "");
}

static void await_answer(struct guest *g, unsigned int vcpu)
{
    unsigned int waited = 0;

    while ( !guest_answers(g, vcpu, ANSWER_MS / 20) )
        if ( ++waited == 20 || !still_running(g) )
            explain_silence(g, vcpu);
}

/* The guest may still be reading the command before this one. */
void guest_post(struct guest *g, unsigned int vcpu,
                const struct guest_command *c)
{
    volatile struct payload_slot *slot = g->slot[vcpu];

    if ( !answered(g, vcpu) )
        await_answer(g, vcpu);
    slot->command = c->command;
    for ( unsigned int i = 0; i < PAYLOAD_ARGS; i++ )
        slot->argument[i] = c->argument[i];
    __atomic_store_n(&slot->sequence, slot->sequence + 1, __ATOMIC_RELEASE);
}

uint32_t guest_try(struct guest *g, unsigned int vcpu,
                   const struct guest_command *c)
{
    guest_post(g, vcpu, c);
    await_answer(g, vcpu);
    return g->slot[vcpu]->exception;
}

const volatile struct payload_slot *guest_do(struct guest *g,
                                             unsigned int vcpu,
                                             const struct guest_command *c)
{
    uint32_t exception = guest_try(g, vcpu, c);

    expect(!exception, "exception %u in the guest at %#llx, command %u",
           exception - 1, (unsigned long long)g->slot[vcpu]->result[0],
           c->command);
    return g->slot[vcpu];
}

uint64_t guest_read(struct guest *g, uint64_t gpa)
{
    return guest_do(g, 0, COMMAND(CMD_READ, gpa))->result[0];
}

void guest_write(struct guest *g, uint64_t gpa, uint64_t value)
{
    guest_do(g, 0, COMMAND(CMD_WRITE, gpa, value));
}

void guest_fill(struct guest *g, uint64_t gpa, uint64_t pages, uint64_t seed)
{
    guest_do(g, 0, COMMAND(CMD_FILL, gpa, pages, seed));
}

void guest_verify(struct guest *g, uint64_t gpa, uint64_t pages, uint64_t seed)
{
    const volatile struct payload_slot *s =
        guest_do(g, 0, COMMAND(CMD_VERIFY, gpa, pages, seed));

    expect(!s->result[0], "the guest reads %llu wrong pages, first %#llx: "
           "%#llx", (unsigned long long)s->result[0],
           (unsigned long long)s->result[1], (unsigned long long)s->result[2]);
}

void guest_alive(struct guest *g)
{
    guest_do(g, 0, COMMAND(CMD_NOP));
}

void guest_run(struct guest *g, unsigned int ms)
{
    uint64_t end = now_ns() + ms * 1000000ULL;

    while ( now_ns() < end )
        if ( !serve(g) )
            nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
}

void guest_await_round(struct guest *g, uint64_t before)
{
    const volatile struct payload_slot *s = g->slot[0];

    for ( unsigned int ms = 0; s->rounds == before; ms++ )
    {
        expect(ms < PATIENCE_MS, "the guest stands still in round %llu",
               (unsigned long long)before);
        guest_run(g, 1);
    }
}

void guest_start_vcpu(struct guest *g, unsigned int vcpu)
{
    expect_equal(guest_do(g, 0, COMMAND(CMD_START_VCPU, vcpu))->result[0], 0,
                 "starting a vCPU");
    await_magic(g, vcpu);
}

void expect_access(struct guest *g, uint16_t view, uint64_t gfn,
                   unsigned int access)
{
    unsigned int got = 0xffff;
    int rc = view_access_get(g->domid, view, gfn, &got);

    expect(!rc, "access of gfn %#llx in view %u: %s", (unsigned long long)gfn,
           view, error_name(rc));
    expect(got == access, "access of gfn %#llx in view %u is %u, not %u",
           (unsigned long long)gfn, view, got, access);
}

void expect_view(struct guest *g, unsigned int vcpu, uint16_t view)
{
    uint16_t got = 0xffff;

    expect_ok(view_index(g->domid, vcpu, &got));
    expect_equal(got, view, "view of the vCPU");
}

uint16_t new_view(struct guest *g)
{
    uint16_t view = 0xffff;

    expect_ok(view_create(g->domid, XENMEM_access_rwx, &view));
    return view;
}
