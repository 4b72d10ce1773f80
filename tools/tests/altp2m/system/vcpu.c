/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: several vCPUs, each in a view of its own. */
#include "guest.h"
#include "monitor.h"

#include <errno.h>
#include <stdlib.h>

#define TRIGGER_GFN (TEST_GFN + 64) /* a write here asks for one's own view */
#define SHOWN_GFN   TEST_GFN
#define READS       1000000ULL

static uint16_t view_of_vcpu[PAYLOAD_MAX_VCPUS];

static void answer_own_view(const vm_event_request_t *request,
                            vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = view_of_vcpu[request->vcpu_id];
}

static struct guest *guest_with_two(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });

    expect_ok(view_state_set(g->domid, true));
    guest_start_vcpu(g, 1);
    return g;
}

static void vcpu_all_switched(void)
{
    struct guest *g = guest_with_two();
    uint16_t view = new_view(g);

    host_write(g, gpa_of(SHOWN_GFN), 1);
    host_write(g, gpa_of(SHOWN_GFN + 1), 2);
    expect_ok(view_remap(g->domid, view, SHOWN_GFN, SHOWN_GFN + 1));
    for ( unsigned int i = 0; i < 10; i++ )
    {
        expect_ok(view_switch(g->domid, (i & 1) ? 0 : view));
        for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
        {
            expect_view(g, vcpu, (i & 1) ? 0 : view);
            expect_equal(guest_do(g, vcpu, COMMAND(CMD_READ,
                                                   gpa_of(SHOWN_GFN)))
                         ->result[0], (i & 1) ? 1 : 2, "page");
        }
    }
}

/* Leaves vCPU n in view_of_vcpu[n], by the monitor's answers. */
static void separate(struct guest *g)
{
    uint16_t gate = new_view(g);
    struct monitor *m = monitor_open(g, answer_own_view);

    view_of_vcpu[0] = new_view(g);
    view_of_vcpu[1] = new_view(g);
    expect_ok(view_access_set(g->domid, gate, TRIGGER_GFN, XENMEM_access_r));
    expect_ok(view_switch(g->domid, gate));
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
    {
        guest_do(g, vcpu, COMMAND(CMD_WRITE, gpa_of(TRIGGER_GFN)));
        expect_view(g, vcpu, view_of_vcpu[vcpu]);
        expect_equal(m->log[vcpu].vcpu_id, vcpu, "vCPU of the event");
    }
    monitor_close(m);
}

static void vcpu_switched_by_reply(void)
{
    struct guest *g = guest_with_two();

    separate(g);
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
        expect_view(g, vcpu, view_of_vcpu[vcpu]);
    expect_rc(view_destroy(g->domid, view_of_vcpu[0]), -EBUSY);
    expect_rc(view_destroy(g->domid, view_of_vcpu[1]), -EBUSY);
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_destroy(g->domid, view_of_vcpu[0]));
    expect_ok(view_destroy(g->domid, view_of_vcpu[1]));
}

/*
 * What a vCPU is to see at SHOWN_GFN.  Each of the two owns one half of the word
 * there, which holds the number of the change that shows it; in a page that
 * isn't for a vCPU its half is one that is never begun.
 */
#define NOT_FOR_YOU 0xffffffffu
#define TARGET(vcpu, i) (SHOWN_GFN + 1 + (vcpu) * 2 + (i))

static uint32_t number[2];       /* of each vCPU's last change */

static void write_half(struct guest *g, uint64_t gfn, unsigned int vcpu,
                       uint32_t value)
{
    uint64_t word = host_read(g, gpa_of(gfn)), mask = 0xffffffffULL << vcpu * 32;

    host_write(g, gpa_of(gfn), (word & ~mask) | (uint64_t)value << vcpu * 32);
}

static void fresh_page(struct guest *g, uint64_t gfn)
{
    host_write(g, gpa_of(gfn), ~0ULL);
}

/* The page at @gfn will be what the next change shows. */
static void begin(struct guest *g, unsigned int vcpu, uint64_t gfn)
{
    write_half(g, gfn, vcpu, ++number[vcpu]);
    __atomic_store_n(&g->slot[vcpu]->begun, number[vcpu], __ATOMIC_SEQ_CST);
}

static void end(struct guest *g, unsigned int vcpu)
{
    __atomic_store_n(&g->slot[vcpu]->done, number[vcpu], __ATOMIC_SEQ_CST);
}

static void show(struct guest *g, unsigned int vcpu, unsigned int i)
{
    begin(g, vcpu, TARGET(vcpu, i));
    expect_ok(view_remap(g->domid, view_of_vcpu[vcpu], SHOWN_GFN,
                         TARGET(vcpu, i)));
    end(g, vcpu);
}

/* The view's own page shows again: its remap is taken back, or its target. */
static void show_own(struct guest *g, unsigned int vcpu, bool drop)
{
    begin(g, vcpu, SHOWN_GFN);
    if ( drop )
        expect_ok(host_drop(g, TARGET(vcpu, 1)));
    else
        expect_ok(view_remap(g->domid, view_of_vcpu[vcpu], SHOWN_GFN, NO_GFN));
    end(g, vcpu);
}

static void change_all(struct guest *g)
{
    for ( unsigned int i = 0; i < 2; i++ )
        for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
            show(g, vcpu, i);

    /* Nobody sees this one now: it can be another. */
    expect_ok(host_drop(g, SHOWN_GFN));
    expect_ok(host_populate(g, SHOWN_GFN));
    fresh_page(g, SHOWN_GFN);

    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
        show_own(g, vcpu, true);
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
    {
        show(g, vcpu, 0);
        expect_ok(host_populate(g, TARGET(vcpu, 1)));
        fresh_page(g, TARGET(vcpu, 1));
        show_own(g, vcpu, false);
    }
}

static void expect_order(struct guest *g, unsigned int vcpu)
{
    const volatile struct payload_slot *s = g->slot[vcpu];

    guest_do(g, vcpu, COMMAND(CMD_NOP));
    expect(s->rounds >= READS, "vCPU %u: %llu reads", vcpu,
           (unsigned long long)s->rounds);
    expect(!s->lost, "vCPU %u: %llu reads of what was not shown at that time, "
           "first %#llx, done and begun %#llx", vcpu,
           (unsigned long long)s->lost, (unsigned long long)s->value[0].value,
           (unsigned long long)s->value[1].value);
}

/*
 * Each vCPU reads the same gfn in its own view, a million times and more, while
 * dom0 changes what the two views and the host have there.  No read ends with
 * what its view had stopped to show before it began, or had not begun to show.
 */
#define CHANGES 100

static void vcpu_views_side_by_side(void)
{
    struct guest *g = guest_with_two();

    separate(g);
    for ( uint64_t gfn = SHOWN_GFN; gfn <= TARGET(1, 1); gfn++ )
        fresh_page(g, gfn);
    number[0] = number[1] = 0;
    for ( unsigned int vcpu = 0; vcpu < 2; vcpu++ )
    {
        g->slot[vcpu]->begun = g->slot[vcpu]->done = 0;
        write_half(g, SHOWN_GFN, vcpu, 0);
        guest_post(g, vcpu, COMMAND(CMD_WATCH_ORDER, gpa_of(SHOWN_GFN),
                                    vcpu * 32));
    }

    while ( g->slot[0]->rounds < READS || g->slot[1]->rounds < READS ||
            number[0] < CHANGES )
    {
        expect(number[0] < 1000000, "the guest is slow: %llu and %llu reads",
               (unsigned long long)g->slot[0]->rounds,
               (unsigned long long)g->slot[1]->rounds);
        change_all(g);
    }
    note("%u and %u changes, %llu and %llu reads", number[0], number[1],
         (unsigned long long)g->slot[0]->rounds,
         (unsigned long long)g->slot[1]->rounds);
    expect_order(g, 0);
    expect_order(g, 1);
}

/* Has vCPU 0 run on the CPU @cpu only. */
static void pin(struct guest *g, unsigned int cpu)
{
    xc_cpumap_t hard = xc_cpumap_alloc(xch), soft = xc_cpumap_alloc(xch);

    expect(hard && soft, "no memory for a set of CPUs");
    xc_cpumap_setcpu(cpu, hard);
    expect(!xc_vcpu_setaffinity(xch, g->domid, 0, hard, soft,
                                XEN_VCPUAFFINITY_HARD),
           "CPU %u: %s", cpu, error_name(-errno));
    free(hard);
    free(soft);
}

/*
 * A CPU that a vCPU has left may keep translations, and drops them before the
 * vCPU comes back, if its view has changed meanwhile.
 */
static void vcpu_moved_between_cpus(void)
{
    struct guest *g = guest_with_views();
    const unsigned int cpus = xc_get_online_cpus(xch) > 1 ? 2 : 1;
    uint16_t view = new_view(g);

    for ( unsigned int i = 0; i < 2; i++ )
        host_write(g, gpa_of(SHOWN_GFN + i), 0xa0 + i);
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 20; i++ )
    {
        const uint64_t was = i & 1;

        for ( unsigned int cpu = 0; cpu < cpus; cpu++ )
        {
            pin(g, cpu);
            expect_equal(guest_read(g, gpa_of(SHOWN_GFN)), 0xa0 + was,
                         "page before");
        }
        expect_ok(view_remap(g->domid, view, SHOWN_GFN,
                             was ? NO_GFN : SHOWN_GFN + 1));
        for ( unsigned int cpu = 0; cpu < cpus; cpu++ )
        {
            pin(g, cpu);
            expect_equal(guest_read(g, gpa_of(SHOWN_GFN)), 0xa1 - was,
                         "page after");
        }
    }
}

const struct test tests_vcpu[] = {
    { "vcpu_all_switched", NEEDS_VIEWS, vcpu_all_switched },
    { "vcpu_switched_by_reply", NEEDS_VIEWS, vcpu_switched_by_reply },
    { "vcpu_views_side_by_side", NEEDS_VIEWS, vcpu_views_side_by_side },
    { "vcpu_moved_between_cpus", NEEDS_VIEWS, vcpu_moved_between_cpus },
    { 0 },
};
