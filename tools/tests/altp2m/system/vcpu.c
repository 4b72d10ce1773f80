/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: several vCPUs, each in a view of its own. */
#include "guest.h"
#include "monitor.h"

#include <errno.h>

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

static void switch_takes_all_vcpus(void)
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

static void reply_switches_one_vcpu(void)
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

static void expect_only(struct guest *g, unsigned int vcpu,
                        const uint64_t *allowed, unsigned int nr)
{
    const volatile struct payload_slot *s = g->slot[vcpu];

    expect(!s->lost && s->values <= nr, "vCPU %u saw %llu values", vcpu,
           (unsigned long long)s->values);
    for ( unsigned int i = 0; i < s->values; i++ )
    {
        unsigned int j = 0;

        while ( j < nr && allowed[j] != s->value[i].value )
            j++;
        expect(j < nr, "vCPU %u saw %#llx, %llu times", vcpu,
               (unsigned long long)s->value[i].value,
               (unsigned long long)s->value[i].count);
    }
}

/*
 * Each vCPU reads the same gfn in its own view, while dom0 shows now one page
 * there and now another, other ones in each view, and drops and repopulates
 * host pages nearby.  Nobody ever reads what his view never showed.
 */
static void views_side_by_side(void)
{
    struct guest *g = guest_with_two();
    const uint64_t first[] = { 0x100, 0xa0, 0xa1 };
    const uint64_t second[] = { 0x100, 0xb0, 0xb1 };
    unsigned int round = 0;

    separate(g);
    host_write(g, gpa_of(SHOWN_GFN), 0x100);
    for ( unsigned int i = 0; i < 2; i++ )
    {
        host_write(g, gpa_of(SHOWN_GFN + 1 + i), first[1 + i]);
        host_write(g, gpa_of(SHOWN_GFN + 3 + i), second[1 + i]);
        guest_post(g, i, COMMAND(CMD_WATCH, gpa_of(SHOWN_GFN)));
    }

    while ( g->slot[0]->rounds < READS || g->slot[1]->rounds < READS )
    {
        expect(round < 100000, "the guest is slow: %llu and %llu reads",
               (unsigned long long)g->slot[0]->rounds,
               (unsigned long long)g->slot[1]->rounds);
        for ( unsigned int i = 0; i < 2; i++ )
            expect_ok(view_remap(g->domid, view_of_vcpu[i], SHOWN_GFN,
                                 SHOWN_GFN + 1 + i * 2 + (round & 1)));
        if ( !(round % 8) )
        {
            expect_ok(host_drop(g, SHOWN_GFN + 10));
            expect_ok(host_populate(g, SHOWN_GFN + 10));
        }
        guest_run(g, 1);
        round++;
    }
    for ( unsigned int i = 0; i < 2; i++ )
        guest_do(g, i, COMMAND(CMD_NOP));
    expect_only(g, 0, first, 3);
    expect_only(g, 1, second, 3);
    note("%u changes under way", round);
}

const struct test tests_vcpu[] = {
    { "switch_takes_all_vcpus", NEEDS_VIEWS, switch_takes_all_vcpus },
    { "reply_switches_one_vcpu", NEEDS_VIEWS, reply_switches_one_vcpu },
    { "views_side_by_side", NEEDS_VIEWS, views_side_by_side },
    { 0 },
};
