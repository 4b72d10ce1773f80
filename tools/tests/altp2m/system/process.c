/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: views by CR3.  The guest's processes are copies of its top page table, so
 * that they differ in CR3 only.
 */
#include "capability.h"
#include "library.h"
#include "monitor.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include <xen/hvm/save.h>

/* One page that each view shows differently, and what they show. */
#define SHOWN_GFN   TEST_GFN
#define SHOWN_GPA   gpa_of(SHOWN_GFN)
#define VALUE(view) (100 + (view))       /* view 0: the host's own page */

/* Processes; the other page tables of each, under KPTI, are the next page. */
#define ROOT_GFN    (TEST_GFN + 16)
#define CR3(n)      gpa_of(ROOT_GFN + 2 * (n))
#define CR3_USER(n) (CR3(n) + 0x1000)
#define PROCESSES   3

#define EXACT       (~0ULL)
#define NO_PCID     (~0xfffULL)
#define KPTI        (~0x1fffULL)

#define LOADS       100

static uint64_t boot_cr3;

/* Views 1 and 2 show pages of their own. */
static void make_processes(struct guest *g)
{
    uint8_t *root;

    boot_cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    root = host_map(g, boot_cr3 >> 12);
    for ( unsigned int i = 0; i < 2 * PROCESSES; i++ )
    {
        uint8_t *copy = host_map(g, ROOT_GFN + i);

        memcpy(copy, root, 4096);
        host_unmap(copy);
    }
    host_unmap(root);

    for ( unsigned int view = 0; view <= 2; view++ )
        host_write(g, gpa_of(SHOWN_GFN + view), VALUE(view));
    for ( unsigned int view = 1; view <= 2; view++ )
    {
        expect_equal(new_view(g), view, "view");
        expect_ok(view_remap(g->domid, view, SHOWN_GFN, SHOWN_GFN + view));
    }
}

static struct guest *guest_with_processes(unsigned int vcpus)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = vcpus });

    expect_ok(view_state_set(g->domid, true));
    for ( unsigned int vcpu = 1; vcpu < vcpus; vcpu++ )
        guest_start_vcpu(g, vcpu);
    make_processes(g);
    return g;
}

static int set(struct guest *g, const struct xen_altp2m_cr3_view *list,
               unsigned int nr, uint16_t other)
{
    return of_library(xenaltp2m_set_cr3_views(library(), g->domid, list, nr,
                                              other, NULL));
}

/* Process 0 has @first, process 1 @second. */
static void set_two(struct guest *g, uint16_t first, uint16_t second,
                    uint16_t other)
{
    const struct xen_altp2m_cr3_view list[] = {
        { .value = CR3(0), .mask = EXACT, .view = first },
        { .value = CR3(1), .mask = EXACT, .view = second },
    };

    expect_ok(set(g, list, 2, other));
}

static void set_none(struct guest *g)
{
    expect_ok(set(g, NULL, 0, XEN_ALTP2M_NO_VIEW));
}

static void load(struct guest *g, unsigned int vcpu, uint64_t cr3)
{
    expect_equal(guest_do(g, vcpu, COMMAND(CMD_LOAD_CR3, cr3))->result[0], cr3,
                 "CR3");
}

static uint64_t shown(struct guest *g, unsigned int vcpu)
{
    return guest_do(g, vcpu, COMMAND(CMD_READ, SHOWN_GPA))->result[0];
}

static void expect_in(struct guest *g, unsigned int vcpu, uint16_t view)
{
    expect_view(g, vcpu, view);
    expect_equal(shown(g, vcpu), VALUE(view), "page that the vCPU is shown");
}

static void process_has_its_view(void)
{
    struct guest *g = guest_with_processes(2);

    set_two(g, 1, 2, 0);
    for ( unsigned int i = 0; i < 20; i++ )
    {
        load(g, 0, CR3(i & 1));
        load(g, 1, CR3(~i & 1));
        expect_in(g, 0, 1 + (i & 1));
        expect_in(g, 1, 2 - (i & 1));
        load(g, 1, CR3(2));
        expect_in(g, 1, 0);
        expect_equal(guest_do(g, 0, COMMAND(CMD_CR3_READ, CR3(~i & 1),
                                            SHOWN_GPA, CR3(i & 1)))->result[0],
                     VALUE(2 - (i & 1)), "page of the other process");
        expect_in(g, 0, 1 + (i & 1));
    }
    /* Without records nothing moves any more. */
    set_none(g);
    load(g, 0, CR3(0));
    expect_in(g, 0, 2);
    load(g, 0, boot_cr3);
    expect_in(g, 0, 2);
    expect_audit(g);
}

/* Who was there before the records came is where they say at once. */
static void process_found(void)
{
    struct guest *g = guest_with_processes(2);

    load(g, 0, CR3(0));
    load(g, 1, CR3(1));
    expect_in(g, 0, 0);
    set_two(g, 1, 2, XEN_ALTP2M_NO_VIEW);
    expect_in(g, 0, 1);
    expect_in(g, 1, 2);
    set_two(g, 2, 2, XEN_ALTP2M_NO_VIEW);
    expect_in(g, 0, 2);
    expect_in(g, 1, 2);
    load(g, 1, CR3(2));
    expect_in(g, 1, 2);              /* no record, and no view for others */
    set_two(g, 1, 1, 0);
    expect_in(g, 0, 1);
    expect_in(g, 1, 0);
}

/* Bits of a PCID, and the second page tables of KPTI, by masks. */
static void process_masks(void)
{
    struct guest *g = guest_with_processes(1);
    const struct xen_altp2m_cr3_view list[] = {
        { .value = CR3(0), .mask = KPTI, .view = 1 },
        { .value = CR3(1), .mask = NO_PCID, .view = 2 },
    };

    expect_ok(set(g, list, 2, 0));
    load(g, 0, CR3(0));
    expect_in(g, 0, 1);
    load(g, 0, CR3(1));
    expect_in(g, 0, 2);
    load(g, 0, CR3_USER(0));
    expect_in(g, 0, 1);
    load(g, 0, CR3_USER(1));
    expect_in(g, 0, 0);
    load(g, 0, CR3(1) | 0x18);       /* PWT and PCD: no part of the address */
    expect_in(g, 0, 2);
    load(g, 0, CR3_USER(0) | 0x18);
    expect_in(g, 0, 1);
    load(g, 0, CR3(2));
    expect_in(g, 0, 0);
}

static void process_until_next_load(void)
{
    struct guest *g = guest_with_processes(1);

    set_two(g, 1, 2, XEN_ALTP2M_NO_VIEW);
    load(g, 0, CR3(0));
    expect_in(g, 0, 1);
    expect_ok(view_switch(g->domid, 0));
    expect_in(g, 0, 0);
    load(g, 0, CR3(0));
    expect_in(g, 0, 1);
    expect_library(xenaltp2m_switch_vcpu(library(), g->domid, 0, 2), 0);
    expect_in(g, 0, 2);
    load(g, 0, CR3(2));
    expect_in(g, 0, 2);
    load(g, 0, CR3(0));
    expect_in(g, 0, 1);
}

static struct hvm_hw_cpu registers_of(struct guest *g, unsigned int vcpu)
{
    struct hvm_hw_cpu cpu;

    expect(!xc_domain_hvm_getcontext_partial(xch, g->domid, HVM_SAVE_CODE(CPU),
                                             vcpu, &cpu, sizeof(cpu)),
           "registers of vCPU %u: %s", vcpu, error_name(-errno));
    return cpu;
}

static uint64_t cr3_of(struct guest *g, unsigned int vcpu)
{
    return registers_of(g, vcpu).cr3;
}

/*
 * Two vCPUs load CR3 as fast as they can while records are replaced: each is in the
 * view that the records of now have for it, whenever it is looked at.
 */
#define REPLACEMENTS 60

static void process_replaced(void)
{
    struct guest *g = guest_with_processes(2);
    uint64_t before = 0;

    set_two(g, 1, 2, XEN_ALTP2M_NO_VIEW);
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
        guest_post(g, vcpu, COMMAND(CMD_CR3_FLOOD, CR3(0), CR3(1), SHOWN_GPA));
    for ( unsigned int i = 0; i < REPLACEMENTS; i++ )
    {
        uint16_t first = 1 + (i & 1);

        guest_await_round(g, before);
        before = g->slot[0]->rounds;
        set_two(g, first, 3 - first, XEN_ALTP2M_NO_VIEW);
        guest_pause(g);
        for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
        {
            uint64_t cr3 = cr3_of(g, vcpu);

            if ( cr3 == CR3(0) || cr3 == CR3(1) )
                expect_view(g, vcpu, cr3 == CR3(0) ? first : 3 - first);
        }
        guest_unpause(g);
    }
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
    {
        const volatile struct payload_slot *s = guest_do(g, vcpu,
                                                         COMMAND(CMD_NOP));

        expect(s->rounds > REPLACEMENTS, "vCPU %u loaded CR3 %llu times", vcpu,
               (unsigned long long)s->rounds);
        for ( unsigned int i = 0; i < s->values; i++ )
            expect(s->value[i].value == VALUE(1) ||
                   s->value[i].value == VALUE(2),
                   "vCPU %u was shown %llu", vcpu,
                   (unsigned long long)s->value[i].value);
        expect_in(g, vcpu, (s->last == CR3(0)) == (REPLACEMENTS & 1) ? 1 : 2);
    }
    expect_audit(g);
}

static uint64_t traced_loads(struct guest *g)
{
    trace_start();
    guest_do(g, 0, COMMAND(CMD_CR3_LOOP, CR3(0), CR3(1), LOADS));
    return trace_stop().registers;
}

static int monitor_cr3(struct guest *g, bool on)
{
    return xc_monitor_write_ctrlreg(xch, g->domid, VM_EVENT_X86_CR3, on, true,
                                    0, false) ? -errno : 0;
}

/* Writes of CR3 exit while there are records, or somebody else wants them to. */
static void process_exits_only_with_records(void)
{
    struct guest *g = guest_with_processes(1);
    struct monitor *m;

    expect_equal(traced_loads(g), 0, "exits before");
    set_two(g, 1, 1, XEN_ALTP2M_NO_VIEW);
    expect_equal(traced_loads(g), LOADS, "exits with records");
    set_none(g);
    expect_equal(traced_loads(g), 0, "exits without records");
    set_two(g, 1, 2, 0);
    expect_equal(traced_loads(g), LOADS, "exits with records again");
    expect_ok(view_state_set(g->domid, false));
    expect_equal(traced_loads(g), 0, "exits with views off");

    expect_ok(view_state_set(g->domid, true));
    m = monitor_open(g, NULL);
    expect_ok(monitor_cr3(g, true));
    expect_equal(new_view(g), 1, "view");
    load(g, 0, CR3(0));
    expect_equal(m->count, 1, "events without records");
    set_two(g, 1, 1, XEN_ALTP2M_NO_VIEW);
    load(g, 0, CR3(1));
    expect_equal(m->count, 2, "events with records");
    expect_view(g, 0, 1);
    /* A reply names the view of the event, which is the one before the write. */
    m->answer = answer_view_0;
    load(g, 0, CR3(0));
    expect_equal(m->count, 3, "events with records");
    expect_view(g, 0, 1);
    m->answer = NULL;
    set_none(g);
    load(g, 0, CR3(1));
    expect_equal(m->count, 4, "events after records");
    set_two(g, 1, 1, XEN_ALTP2M_NO_VIEW);
    expect_ok(monitor_cr3(g, false));
    load(g, 0, CR3(0));
    expect_equal(m->count, 4, "events after the monitor's wish");
    expect_equal(traced_loads(g), LOADS, "exits with records alone");
    set_none(g);
    expect_equal(traced_loads(g), 0, "exits in the end");
    guest_alive(g);
}

/* What a record names stays; what no record can name is refused. */
static void process_names_views(void)
{
    struct guest *g = guest_with_processes(1);
    struct xen_altp2m_cr3_view r = { .value = CR3(0), .mask = EXACT,
                                     .view = 1 }, got[2];
    unsigned int failed = 9;
    uint16_t other = 9;

    expect_ok(set(g, &r, 1, 2));
    expect_ok(view_switch(g->domid, 0));
    expect_rc(view_destroy(g->domid, 1), -EBUSY);
    expect_rc(view_destroy(g->domid, 2), -EBUSY);

    r.view = 3;
    expect_library(xenaltp2m_set_cr3_views(library(), g->domid, &r, 1, 0,
                                           &failed), -ENOENT);
    expect_equal(failed, 0, "record that is wrong");
    r.view = 1;
    expect_rc(set(g, &r, 1, 3), -ENOENT);
    r.value |= 1;
    r.mask = NO_PCID;
    expect_rc(set(g, &r, 1, 0), -EINVAL);
    r = (struct xen_altp2m_cr3_view){ .value = 1ULL << 63, .mask = EXACT };
    expect_rc(set(g, &r, 1, 0), -EINVAL);
    expect_rc(set(g, NULL, 0, 0), -EINVAL);

    expect_library(xenaltp2m_get_cr3_views(library(), g->domid, got, 2,
                                           &other), 1);
    expect_equal(got[0].value, CR3(0), "CR3 of the record");
    expect_equal(got[0].mask, EXACT, "mask of the record");
    expect_equal(got[0].view, 1, "view of the record");
    expect_equal(other, 2, "view of all others");
    expect_library(xenaltp2m_get_cr3_views(library(), g->domid, NULL, 0,
                                           NULL), 1);

    set_none(g);
    expect_ok(view_destroy(g->domid, 1));
    expect_ok(view_destroy(g->domid, 2));
    expect_ok(view_state_set(g->domid, false));
    expect_library(xenaltp2m_get_cr3_views(library(), g->domid, NULL, 0,
                                           NULL), -EOPNOTSUPP);
    expect_ok(view_state_set(g->domid, true));
    expect_library(xenaltp2m_get_cr3_views(library(), g->domid, NULL, 0,
                                           &other), 0);
    expect_equal(other, XEN_ALTP2M_NO_VIEW, "view of all others");
    guest_alive(g);
}

/* A vCPU that isn't there yet, and one that starts. */
static void process_vcpu_starts(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });
    struct xen_altp2m_cr3_view r = { .mask = EXACT };

    expect_ok(view_state_set(g->domid, true));
    make_processes(g);
    r.value = boot_cr3;
    r.view = 1;
    expect_ok(set(g, &r, 1, 2));
    expect_view(g, 0, 1);
    expect_view(g, 1, 2);            /* its CR3 is 0 yet */
    guest_start_vcpu(g, 1);
    expect_in(g, 1, 1);
    load(g, 1, CR3(1));
    expect_in(g, 1, 2);
}

/* What Xen takes as the state of a domain: here of one vCPU's registers. */
struct context
{
    struct hvm_save_descriptor header_d;
    HVM_SAVE_TYPE(HEADER) header;
    struct hvm_save_descriptor cpu_d;
    HVM_SAVE_TYPE(CPU) cpu;
    struct hvm_save_descriptor end_d;
    HVM_SAVE_TYPE(END) end;
};

static void restore(struct guest *g, const struct hvm_hw_cpu *cpu)
{
    struct context c = {
        .cpu_d = { HVM_SAVE_CODE(CPU), 0, HVM_SAVE_LENGTH(CPU) }, .cpu = *cpu,
        .end_d = { HVM_SAVE_CODE(END), 0, HVM_SAVE_LENGTH(END) },
    };
    int size = xc_domain_hvm_getcontext(xch, g->domid, NULL, 0);
    uint8_t *whole = size > 0 ? malloc(size) : NULL;

    expect(whole && xc_domain_hvm_getcontext(xch, g->domid, whole, size) > 0,
           "state of the domain: %s", error_name(-errno));
    memcpy(&c, whole, sizeof(c.header_d) + sizeof(c.header));
    free(whole);
    expect(!xc_domain_hvm_setcontext(xch, g->domid, (void *)&c, sizeof(c)),
           "state is refused: %s", error_name(-errno));
}

/* A vCPU whose state is loaded has its CR3 loaded. */
static void process_restored(void)
{
    struct guest *g = guest_with_processes(1);
    struct hvm_hw_cpu cpu;

    set_two(g, 1, 2, XEN_ALTP2M_NO_VIEW);
    load(g, 0, CR3(0));
    expect_in(g, 0, 1);
    guest_pause(g);
    cpu = registers_of(g, 0);
    cpu.cr3 = CR3(1);
    restore(g, &cpu);
    expect_view(g, 0, 2);
    guest_unpause(g);
    expect_in(g, 0, 2);
    expect_equal(cr3_of(g, 0), CR3(1), "CR3");
    load(g, 0, CR3(0));
    expect_in(g, 0, 1);
}

static uint16_t watched;

static void answer_step(const vm_event_request_t *request,
                        vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                     VM_EVENT_FLAG_FAST_SINGLESTEP;
    answer->altp2m_idx = 0;
    answer->u.fast_singlestep.p2midx = watched;
}

/* mov $CR3, %rax; mov %rax, %cr3; ret */
#define CODE_GFN (TEST_GFN + 8)

static void make_loader(struct guest *g, uint64_t cr3)
{
    uint8_t *page = host_map(g, CODE_GFN);

    memcpy(page, "\x48\xb8", 2);
    memcpy(page + 2, &cr3, 8);
    memcpy(page + 10, "\x0f\x22\xd8\xc3", 4);
    host_unmap(page);
}

/*
 * An instruction is let through in view 0 for a step, and loads CR3: the vCPU is
 * then at home in the new process's view, and not where the step began.
 */
static void process_loaded_in_step(void)
{
    struct guest *g = guest_with_processes(1);
    struct monitor *m;

    make_loader(g, CR3(1));
    watched = 1;
    set_two(g, watched, 2, XEN_ALTP2M_NO_VIEW);
    expect_ok(view_access_set(g->domid, watched, CODE_GFN, XENMEM_access_rw));
    m = monitor_open(g, answer_step);
    load(g, 0, CR3(0));
    guest_do(g, 0, COMMAND(CMD_EXEC, gpa_of(CODE_GFN)));
    expect_equal(m->count, 2, "instructions that were stepped");
    expect_in(g, 0, 2);
    expect_equal(cr3_of(g, 0), CR3(1), "CR3");
    guest_alive(g);
}

/* A fork begins without, and has its own. */
static void process_fork(void)
{
    struct guest *parent = guest_with_processes(1), *g;

    if ( guest_do(parent, 0, COMMAND(CMD_FEATURES))->result[0] !=
         FEATURE_INTEL )
        skip("Xen forks guests on Intel only");
    load(parent, 0, CR3(0));
    set_two(parent, 1, 2, 0);
    g = guest_fork(parent);
    expect_ok(view_state_set(g->domid, true));
    expect_library(xenaltp2m_get_cr3_views(library(), g->domid, NULL, 0,
                                           NULL), 0);
    expect_in(g, 0, 0);
    for ( unsigned int view = 1; view <= 2; view++ )
    {
        expect_equal(new_view(g), view, "view");
        expect_ok(view_remap(g->domid, view, SHOWN_GFN, SHOWN_GFN + view));
    }
    set_two(g, 2, 1, XEN_ALTP2M_NO_VIEW);
    expect_in(g, 0, 2);
    load(g, 0, CR3(1));
    expect_in(g, 0, 1);
    expect_view(parent, 0, 1);
    guest_alive(g);
}

const struct test tests_process[] = {
    { "process_has_its_view", NEEDS_VIEWS, process_has_its_view },
    { "process_found", NEEDS_VIEWS, process_found },
    { "process_masks", NEEDS_VIEWS, process_masks },
    { "process_until_next_load", NEEDS_VIEWS, process_until_next_load },
    { "process_replaced", NEEDS_VIEWS, process_replaced },
    { "process_exits_only_with_records", NEEDS_VIEWS,
      process_exits_only_with_records },
    { "process_names_views", NEEDS_VIEWS, process_names_views },
    { "process_vcpu_starts", NEEDS_VIEWS, process_vcpu_starts },
    { "process_restored", NEEDS_VIEWS, process_restored },
    { "process_loaded_in_step", NEEDS_VIEWS | NEEDS_MTF,
      process_loaded_in_step },
    { "process_fork", NEEDS_VIEWS, process_fork },
    { 0 },
};
