/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit tests: the log that rules write, and who reads it. */
#include "unit.h"

#include "log.h"
#include "step.h"

#define V(n) (model_domain->vcpu[n])
#define RULES ((struct xen_altp2m_rule *)buffer())
#define GFN 0x200u
#define COOKIE 0x1234567890abcdefUL
#define RECORDS 63u               /* of a log of one page */

static bool no_log;

/* Sets the only rule of view 1, which logs, and names view 2 if it can. */
static int rule(uint8_t action)
{
    op_t op = op_of(HVMOP_altp2m_set_rules);
    int rc;

    RULES[0] = (struct xen_altp2m_rule){
        .gfn = GFN, .count = 1, .offset_last = 0xfff, .rip_last = ~0UL,
        .access = 7, .cpl = 0xf, .action = action,
        .cookie = no_log ? 0 : COOKIE,
        .view = action == XEN_ALTP2M_RULE_SWITCH ? 2 : 0,
        .step_view = action == XEN_ALTP2M_RULE_ONCE ? 2 : 0,
        .flags = no_log ? 0 : XEN_ALTP2M_RULE_LOG,
    };
    *PARAMETERS(&op, set_rules) = (struct xen_altp2m_set_rules){
        .view = 1, .nr = 1, .buffer = (uintptr_t)buffer() };
    rc = raw(&op);
    if ( rc )
        return rc;
    ref.view[1].nr_rules = 1;
    ref.view[1].rule[0] = RULES[0];

    return 0;
}

/* Views 1 and 2; view 1 lets GFN be executed only, and vCPU 0 is there. */
static void world(void)
{
    two_views();
    step("access", 1, gfn_number(GFN), XENMEM_access_n, 0);
    step("reply", 1, 0, 0, 0);
    monitor_listens = true;
    EXPECT(rule(XEN_ALTP2M_RULE_ONCE), 0);
}

static void open_log(unsigned int pages)
{
    step("log", 1, pages - 1, 0, 0);
    EXPECT(ref.log_open, true);
}

static void close_log(void)
{
    step("log", 0, 0, 0, 0);
}

static enum touch touch(unsigned int want)
{
    enum touch done = cpu_touch(cpu_of(V(0)), GFN, want);

    check_log();

    return done;
}

/* The reader has read so many records, or says so. */
static void read_up_to(uint64_t cons)
{
    log_scribbled(offsetof(struct xen_altp2m_log, cons), &cons, sizeof(cons));
}

static const struct xen_altp2m_log_record *record(unsigned int n)
{
    return (const void *)((uint8_t *)log_header() + 64 * (1 + n % RECORDS));
}

static unsigned int events(void)
{
    return channels.sent[model_domain->arch.altp2m_log->port];
}

static void test_record(void)
{
    const struct xen_altp2m_log_record *r;

    world();
    open_log(1);
    r = record(0);
    touch_rip = 0x4000;
    touch_offset = 0x800;
    touch_gla = 0x7654321800;
    cpu_load_cr3(cpu_of(V(0)), 0x12345000);
    cpu_exit(cpu_of(V(0)));
    instruction_cpl = 3;
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, 1);
    EXPECT(r->seq, 0);
    EXPECT(r->gfn, GFN);
    EXPECT(r->offset, 0x800);
    EXPECT(r->gla, 0x7654321800);
    EXPECT(r->rip, 0x4000);
    EXPECT(r->cr3, 0x12345000);
    EXPECT(r->cookie, COOKIE);
    EXPECT(r->view, 1);
    EXPECT(r->vcpu, 0);
    EXPECT(r->access, XEN_ALTP2M_RULE_WRITE);
    EXPECT(XEN_ALTP2M_LOG_CPL(r->flags), 3);
    EXPECT(XEN_ALTP2M_LOG_WALK(r->flags), XEN_ALTP2M_RULE_DATA);
    EXPECT(r->flags & XEN_ALTP2M_LOG_GLA, XEN_ALTP2M_LOG_GLA);
    touch_gla = 0;
    touch_offset = 0;
    instruction_cpl = 0;
    EXPECT(touch(1), TOUCH_OK);
    EXPECT(record(1)->seq, 1);
    EXPECT(record(1)->flags & ~0xcu, 0);
    EXPECT(record(1)->tsc > r->tsc, true);
    EXPECT(altp2m_vcpu_idx(V(0)), 1);
}

/* Full: the newest is dropped, counted, and missed where it was. */
static void test_full(void)
{
    unsigned int i;

    world();
    open_log(1);
    for ( i = 0; i < RECORDS + 5; i++ )
        EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, RECORDS);
    EXPECT(log_header()->lost, 5);
    EXPECT(record(0)->seq, 0);
    read_up_to(2);
    for ( i = 0; i < 3; i++ )
        EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, RECORDS + 2);
    EXPECT(log_header()->lost, 6);
    EXPECT(record(RECORDS)->seq, RECORDS + 5);
    EXPECT(record(2)->seq, 2);
}

/* An event for the first that is written after all were read, no other. */
static void test_events(void)
{
    world();
    open_log(2);
    touch(2);
    EXPECT(events(), 1);
    touch(2);
    EXPECT(events(), 1);
    read_up_to(1);
    touch(2);
    EXPECT(events(), 1);
    read_up_to(3);
    touch(2);
    EXPECT(events(), 2);
}

/* What no honest reader says: nothing is written anywhere but where it should. */
static void test_liar(void)
{
    static const int64_t lies[] = { 1, 2, -62, -63, -64, -65, 1L << 32,
                                    -(1L << 32), 1L << 62, -1L - (1L << 62) };
    unsigned int i, k;

    world();
    open_log(1);
    for ( i = 0; i < ARRAY_SIZE(lies); i++ )
        for ( k = 0; k < 3; k++ )
        {
            uint64_t all = 0xfffffffffffff000UL + i;

            read_up_to(model_domain->arch.altp2m_log->prod + lies[i]);
            if ( k == 2 )
            {
                log_scribbled(offsetof(struct xen_altp2m_log, prod), &all, 8);
                log_scribbled(offsetof(struct xen_altp2m_log, records), &all,
                              4);
            }
            EXPECT(touch(2), TOUCH_OK);
        }
}

/* No log, none that is open: the access is made, and nothing is written. */
static void test_closed(void)
{
    unsigned int port;

    world();
    EXPECT(touch(2), TOUCH_OK);
    open_log(2);
    port = model_domain->arch.altp2m_log->port;
    EXPECT(log_header()->open, 1);
    EXPECT(touch(2), TOUCH_OK);
    close_log();
    EXPECT(log_header()->open, 0);
    EXPECT(channels.sent[port], 2);
    EXPECT(channels.open, 0);
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(altp2m_log_frames(model_domain, 0), 0);
    close_log();

    /* The next one begins anew, in the same pages. */
    open_log(1);
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(record(0)->seq, 0);
    EXPECT(model_domain->arch.altp2m_log->nr, 2);
    step("log", 1, 0, 0, 0);                     /* -EBUSY */
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, 2);
}

/* Views off close it, and the pages stay. */
static void test_off(void)
{
    unsigned int used;
    xen_pfn_t mfn;

    world();
    step("state", 0, 0, 0, 0);
    used = machine.pool_used;
    world();
    open_log(3);
    step("state", 0, 0, 0, 0);
    EXPECT(machine.pool_used, used + 3);
    EXPECT(channels.open, 0);
    EXPECT(log_header()->open, 0);
    EXPECT(altp2m_log_acquire(model_domain, 0, 0, 1, &mfn), -EINVAL);
    world();
    open_log(3);
    EXPECT(altp2m_log_acquire(model_domain, 0, 2, 1, &mfn), 1);
    model_domain->is_dying = true;
    EXPECT(altp2m_log_acquire(model_domain, 0, 0, 1, &mfn), -ESRCH);
    model_domain->is_dying = false;
}

/* A rule's own view is told, and an event is logged once, however often asked. */
static void test_actions(void)
{
    world();
    open_log(1);
    EXPECT(rule(XEN_ALTP2M_RULE_SWITCH), 0);
    touch_rip = 0x4000;
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(record(0)->view, 1);
    EXPECT(altp2m_vcpu_idx(V(0)), 2);
    step("reply", 1, 0, 0, 0);
    EXPECT(rule(XEN_ALTP2M_RULE_EVENT), 0);
    EXPECT(touch(2), TOUCH_VIOLATION);
    EXPECT(log_header()->prod, 2);
    monitor_listens = false;
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, 3);

    /* By default nothing is. */
    ref.view[1].o[gfn_number(GFN)].access = XENMEM_access_rwx;
    step("access", 1, gfn_number(GFN), XENMEM_access_n, 0);
    no_log = true;
    EXPECT(rule(XEN_ALTP2M_RULE_ONCE), 0);
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, 3);
}

/* Not for a domain about itself. */
static void test_guest(void)
{
    op_t op = op_of(HVMOP_altp2m_log_open);

    world();
    caller_is(V(1));
    PARAMETERS(&op, log_open)->pages = 1;
    EXPECT(raw(&op), -EPERM);
    EXPECT(rule(XEN_ALTP2M_RULE_ONCE), -EPERM);
    caller_is(NULL);
    open_log(1);
    caller_is(V(1));
    op = op_of(HVMOP_altp2m_log_close);
    EXPECT(raw(&op), -EPERM);
    caller_is(NULL);
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, 1);
}

/* All of a log's pages are not made with the lock held once. */
static void test_rounds(void)
{
    struct domain *d = model_domain;
    op_t op = op_of(HVMOP_altp2m_log_close);
    unsigned int had, rounds = 0;
    int rc;

    world();
    open_log(1);
    EXPECT(call(op), 0);
    had = d->arch.altp2m_log->nr;
    do {
        altp2m_lock(d);
        rc = altp2m_log_start(d, 64, 1, had);
        altp2m_unlock(d);
        rounds++;
    } while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(rounds, 16);
    EXPECT(d->arch.altp2m_log->pages, 64);
    d->arch.altp2m_log->pages = 0;
}

/* All pages or none. */
static void test_no_memory(void)
{
    op_t op = op_of(HVMOP_altp2m_log_open);
    struct xen_altp2m_domain_info *info;
    unsigned int used, views;

    world();
    used = machine.pool_used;
    machine_pool(used + 5);
    PARAMETERS(&op, log_open)->pages = 64;
    EXPECT(call(op), -ENOMEM);
    EXPECT(machine.pool_used <= used, true);
    EXPECT(machine.own, 0);
    EXPECT(channels.open, 0);
    check_log();
    machine_pool(used + 100);
    op = op_of(HVMOP_altp2m_domain_info);
    info = PARAMETERS(&op, domain_info);
    EXPECT(once(&op), 0);
    views = info->pool_views;
    open_log(3);
    EXPECT(once(&op), 0);
    EXPECT(info->pool_views, views + 3);
}

/* A pool that has nothing but tables which can be made again. */
static void test_room(void)
{
    world();
    touch(2);
    machine_pool(machine.pool_used);
    open_log(1);
    machine_pool(machine.pool_used + 100);
    EXPECT(touch(2), TOUCH_OK);
    EXPECT(log_header()->prod, 1);
}

const struct unit_test log_tests[] = {
    { "log-record", test_record },
    { "log-record-amd", test_record, true },
    { "log-full", test_full },
    { "log-events", test_events },
    { "log-liar", test_liar },
    { "log-closed", test_closed },
    { "log-off", test_off },
    { "log-actions", test_actions },
    { "log-guest", test_guest },
    { "log-rounds", test_rounds },
    { "log-no-memory", test_no_memory },
    { "log-room", test_room },
    { NULL }
};
