/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: the log that rules write.  Nobody is asked, the guest goes on, and who has
 * mapped the ring may write to it what he likes.
 */
#include "library.h"
#include "monitor.h"
#include "trace.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xenforeignmemory.h>

#define RECORDS 63               /* of a log of one page */
#define ROUNDS  100
#define COOKIE  0x1122334455667788ULL

/* A guest in a view in which writes to the test page are logged, and a monitor. */
static struct guest *guest_watched(uint16_t *view)
{
    struct guest *g = guest_with_views();
    const struct xenaltp2m_filter filter = { .cookie = COOKIE };

    expect_library(xenaltp2m_watch(library(), g->domid, TEST_GFN,
                                   XEN_ALTP2M_RULE_WRITE, &filter, view), 0);
    monitor_open(g, answer_view_0);
    expect_ok(view_switch(g->domid, *view));
    return g;
}

static xenaltp2m_log *log_of(struct guest *g, unsigned int records)
{
    xenaltp2m_log *log = xenaltp2m_log_open(library(), g->domid, records, 0);

    expect(log, "log: %s", error_name(-errno));
    return log;
}

/* All that is there, of which the first @room are kept. */
static unsigned int read_all(xenaltp2m_log *log,
                             struct xen_altp2m_log_record *list,
                             unsigned int room)
{
    struct xen_altp2m_log_record some[16];
    unsigned int nr = 0;
    int got;

    while ( (got = xenaltp2m_log_read(log, some, 16)) > 0 )
        for ( int i = 0; i < got; i++, nr++ )
            if ( nr < room )
                list[nr] = some[i];
    expect(!got, "reading: %s", error_name(-errno));
    return nr;
}

static void log_write(void)
{
    struct xen_altp2m_log_record r[2];
    uint16_t view;
    struct guest *g = guest_watched(&view);
    xenaltp2m_log *log = log_of(g, RECORDS);
    struct xen_altp2m_capabilities c;

    expect_library(xenaltp2m_capabilities(library(), g->domid, &c), 0);
    expect(c.features & XEN_ALTP2M_HAS_LOG, "no log");
    expect_equal(read_all(log, r, 2), 0, "records before");
    guest_write(g, TEST_GPA + 0x128, 0x1234);
    expect_equal(guest_read(g, TEST_GPA + 0x128), 0x1234, "what was written");
    guest_write(g, TEST_GPA + 4096, 1);
    expect_equal(read_all(log, r, 2), 1, "records");
    expect_equal(r[0].seq, 0, "number");
    expect_equal(r[0].gfn, TEST_GFN, "gfn");
    expect_equal(r[0].offset, 0x128, "offset");
    expect_equal(r[0].access, XEN_ALTP2M_RULE_WRITE, "access");
    expect_equal(r[0].view, view, "view");
    expect_equal(r[0].vcpu, 0, "vCPU");
    expect_equal(r[0].cookie, COOKIE, "cookie");
    expect_equal(XEN_ALTP2M_LOG_CPL(r[0].flags), 0, "CPL");
    expect(r[0].rip < PAYLOAD_END, "rip %#llx", (unsigned long long)r[0].rip);
    expect(r[0].cr3 && r[0].cr3 < PAYLOAD_END, "CR3 %#llx",
           (unsigned long long)r[0].cr3);
    if ( r[0].flags & XEN_ALTP2M_LOG_GLA )
        expect_equal(r[0].gla, TEST_GPA + 0x128, "linear address");
    guest_write(g, TEST_GPA + 8, 5);
    expect_equal(read_all(log, r, 2), 1, "records");
    expect_equal(r[0].seq, 1, "number");
    expect_equal(g->monitor->count, 0, "events");
    expect_view(g, 0, view);
    expect_library(xenaltp2m_log_close(log), 0);
    guest_write(g, TEST_GPA + 8, 6);
    expect_equal(guest_read(g, TEST_GPA + 8), 6, "what was written");
    guest_alive(g);
}

/* A write is two exits and no event, logged or not. */
static void log_exits(void)
{
    const volatile struct payload_slot *s;
    uint16_t view;
    struct guest *g = guest_watched(&view);
    xenaltp2m_log *log = log_of(g, 4095);
    const unsigned int writes = 1 + 2 * ROUNDS;
    struct exits n;

    /* Tables are made for the first. */
    guest_write(g, TEST_GPA, 0);
    expect_equal(read_all(log, NULL, 0), 1, "records");
    trace_start();
    s = guest_do(g, 0, COMMAND(CMD_CHECKSUM, TEST_GPA, 100, ROUNDS));
    n = trace_stop();
    expect_equal(s->result[0], s->result[1], "checksum kept and anew");
    note("%u writes; exits: %llu, nested faults %llu, hypercalls %llu, "
         "interrupts %llu, waits %llu", writes, (unsigned long long)n.all,
         (unsigned long long)n.nested, (unsigned long long)n.hypercalls,
         (unsigned long long)n.interrupts, (unsigned long long)n.waits);
    expect_equal(n.nested, writes, "nested faults");
    expect(n.all - n.hypercalls - n.interrupts - n.waits - n.clock <=
           2 * writes, "more than two exits for each write");
    expect_equal(read_all(log, NULL, 0), writes, "records");
    expect_equal(xenaltp2m_log_lost(log), 0, "records lost");
    expect_equal(g->monitor->count, 0, "events");
    xenaltp2m_log_close(log);
    guest_alive(g);
}

/* Full: the newest are dropped and counted, and the guest does not wait. */
static void log_full(void)
{
    struct xen_altp2m_log_record r[RECORDS + 1];
    uint16_t view;
    struct guest *g = guest_watched(&view);
    xenaltp2m_log *log = log_of(g, RECORDS);

    for ( unsigned int i = 0; i < RECORDS + 7; i++ )
        guest_write(g, TEST_GPA + 8 * i, i);
    expect_equal(xenaltp2m_log_lost(log), 7, "records lost");
    expect_equal(read_all(log, r, RECORDS + 1), RECORDS, "records");
    for ( unsigned int i = 0; i < RECORDS; i++ )
    {
        expect_equal(r[i].seq, i, "number");
        expect_equal(r[i].offset, 8 * i, "offset");
        expect(!i || r[i].tsc > r[i - 1].tsc, "time goes back");
    }
    guest_write(g, TEST_GPA, 1);
    expect_equal(read_all(log, r, 2), 1, "records");
    expect_equal(r[0].seq, RECORDS + 7, "number after those lost");
    expect_equal(xenaltp2m_log_lost(log), 7, "records lost");
    xenaltp2m_log_close(log);
    guest_alive(g);
}

static bool is_readable(const xenaltp2m_log *log)
{
    struct pollfd p = { .fd = xenaltp2m_log_fd(log), .events = POLLIN };

    return poll(&p, 1, 2000) == 1;
}

/* By an event, as the log is open. */
static bool is_woken(xenaltp2m_log *log, int ms)
{
    int rc = xenaltp2m_log_wait(log, ms);

    expect(rc >= 0, "waiting: %s", error_name(-errno));
    return rc;
}

/* Who has read all is woken once, and when the log is closed. */
static void log_events(void)
{
    uint16_t view;
    struct guest *g = guest_watched(&view);
    xenaltp2m_log *log = log_of(g, RECORDS);
    struct xen_altp2m_log_record r;

    xenaltp2m_log_wait(log, 100); /* a freshly bound channel is pending */
    expect_equal(read_all(log, NULL, 0), 0, "records");
    guest_write(g, TEST_GPA, 1);
    expect(is_woken(log, 2000), "no event for the first record");
    guest_write(g, TEST_GPA, 2);
    expect(!is_woken(log, 50), "an event for the second");
    expect_equal(read_all(log, NULL, 0), 2, "records");
    guest_write(g, TEST_GPA, 3);
    expect(is_woken(log, 2000), "no event after all were read");
    expect_ok(view_switch(g->domid, 0));
    expect_ok(view_state_set(g->domid, false));
    expect(is_readable(log), "no event when the log is closed");
    expect(is_woken(log, 0), "it is not closed");
    expect_equal(xenaltp2m_log_read(log, &r, 1), 1, "records");
    expect_library(xenaltp2m_log_read(log, &r, 1), -EPIPE);
    expect_library(xenaltp2m_log_close(log), 0);
    guest_alive(g);
}

/* ---- whoever else maps it ---- */

struct mapping {
    xenforeignmemory_handle *memory;
    xenforeignmemory_resource_handle *resource;
    uint64_t *at;
};

static struct mapping map(uint32_t domid, unsigned int pages)
{
    struct mapping m = { .memory = xenforeignmemory_open(NULL, 0) };
    void *at = NULL;

    if ( m.memory )
        m.resource = xenforeignmemory_map_resource(
            m.memory, domid, XEN_ALTP2M_RESOURCE_LOG, 0, 0, pages, &at,
            PROT_READ | PROT_WRITE, 0);
    m.at = at;
    return m;
}

static void unmap(struct mapping *m)
{
    if ( m->resource )
        xenforeignmemory_unmap_resource(m->memory, m->resource);
    xenforeignmemory_close(m->memory);
}

/* Writes numbers at random, most of them over the header, until it is killed. */
static void scribble(uint64_t *ring, uint64_t seed)
{
    for ( ;; )
    {
        uint64_t value;

        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        value = seed >> 40 & 1 ? ring[1] + (seed >> 41 & 127) - 64 : seed;
        __atomic_store_n(&ring[seed >> 33 & 7 ? seed >> 36 & 7
                                              : seed >> 36 & 1023],
                         value, __ATOMIC_RELAXED);
    }
}

/*
 * A reader that writes numbers at random over all of the ring harms nobody: the
 * guest writes on, and the next log is as if he had never been.
 */
static void log_hostile(void)
{
    uint16_t view;
    struct guest *g = guest_watched(&view);
    xenaltp2m_log *log = log_of(g, 2 * RECORDS);
    uint64_t seed = random_seed(), before;
    pid_t child = fork();
    struct mapping m;
    int status;

    if ( !child )
    {
        m = map(g->domid, 2);
        if ( m.at )
            scribble(m.at, seed);
        _exit(1);
    }
    expect(child > 0, "no child");
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA, 1));
    before = g->slot[0]->rounds;
    guest_await_round(g, before);
    for ( unsigned int i = 0; i < 20; i++ )
    {
        before = g->slot[0]->rounds;
        guest_run(g, 50);
        guest_await_round(g, before);
    }
    expect_equal(waitpid(child, &status, WNOHANG), 0, "the child has ended");
    /* It stays mapped there while the log is closed and opened again. */
    xenaltp2m_log_close(log);
    log = xenaltp2m_log_open(library(), g->domid, 2 * RECORDS,
                             XENALTP2M_REPLACE);
    expect(log, "log: %s", error_name(-errno));
    guest_run(g, 100);
    kill(child, SIGKILL);
    expect_equal(waitpid(child, &status, 0), child, "child");
    xenaltp2m_log_close(log);
    /* He may have written "closed". */
    log = xenaltp2m_log_open(library(), g->domid, 2 * RECORDS,
                             XENALTP2M_REPLACE);
    expect(log, "log: %s", error_name(-errno));
    before = g->slot[0]->rounds;
    guest_await_round(g, before);
    guest_do(g, 0, COMMAND(CMD_NOP));
    expect(read_all(log, NULL, 0), "no records");
    xenaltp2m_log_close(log);
    expect_equal(g->monitor->count, 0, "events");
    expect_audit(g);
    guest_alive(g);
}

/*
 * A monitor that goes and comes back while the guest writes, and keeps what it has
 * mapped: the pool pays for one log.
 */
#define OPENED 30

static void log_reopened(void)
{
    struct xen_altp2m_log_record first;
    uint16_t view;
    struct guest *g = guest_watched(&view);
    struct mapping m[OPENED];
    unsigned int used;
    uint64_t next;

    guest_write(g, TEST_GPA, 0);
    xenaltp2m_log_close(log_of(g, 4 * 64 - 1));
    used = pool_used(g);
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA, 1));
    for ( unsigned int i = 0; i < OPENED; i++ )
    {
        xenaltp2m_log *log = log_of(g, 4 * 64 - 1);

        m[i] = map(g->domid, 4);
        expect(m[i].resource, "mapping: %s", error_name(-errno));
        next = g->slot[0]->rounds;
        guest_await_round(g, next);
        guest_await_round(g, next + 1);
        expect(xenaltp2m_log_read(log, &first, 1) == 1, "no record");
        expect_equal(first.seq, 0, "number of the first record");
        expect_equal(first.gfn, TEST_GFN, "gfn");
        /* Every other one is left open by who is gone. */
        if ( i & 1 )
            expect_library(xenaltp2m_log_close(log), 0);
        else
        {
            xenaltp2m_log *gone = log;

            expect(!xenaltp2m_log_open(library(), g->domid, 1, 0) &&
                   errno == EBUSY, "a second log");
            log = xenaltp2m_log_open(library(), g->domid, 1,
                                     XENALTP2M_REPLACE);
            expect(log, "log: %s", error_name(-errno));
            expect_library(xenaltp2m_log_read(gone, &first, 1), -EPIPE);
            expect_library(xenaltp2m_log_close(gone), 0);
            expect(xenaltp2m_log_read(log, &first, 1) >= 0, "closed");
            expect_library(xenaltp2m_log_close(log), 0);
        }
    }
    guest_do(g, 0, COMMAND(CMD_NOP));
    expect_equal(pool_used(g), used, "pages of the pool in use");
    for ( unsigned int i = 0; i < OPENED; i++ )
        unmap(&m[i]);
    expect_audit(g);
    guest_alive(g);
}

/* The domain ends while its log is mapped: that is told, and nothing stays. */
static void log_domain_ends(void)
{
    struct xen_altp2m_log_record r[2];
    uint16_t view;
    struct guest *g = guest_watched(&view);
    xenaltp2m_log *log = log_of(g, RECORDS);
    uint32_t domid = g->domid;
    xc_dominfo_t info;

    guest_write(g, TEST_GPA, 1);
    monitors_close();
    guest_destroy(g);
    expect_equal(xenaltp2m_log_read(log, r, 2), 1, "records");
    expect_equal(r[0].gfn, TEST_GFN, "gfn");
    expect_library(xenaltp2m_log_read(log, r, 2), -EPIPE);
    expect_library(xenaltp2m_log_close(log), 0);
    for ( unsigned int i = 0; i < 100; i++ )
    {
        if ( xc_domain_getinfo(xch, domid, 1, &info) != 1 ||
             info.domid != domid )
            return;
        usleep(50000);
    }
    fail("domain %u stays", domid);
}

/* What can't be, and what is let be. */
static void log_refused(void)
{
    struct guest *g = guest_with_views();
    struct mapping m = map(g->domid, 1);
    xenaltp2m_log *log;

    expect(!m.resource, "a log that is not open is mapped");
    unmap(&m);
    expect(!xenaltp2m_log_open(library(), g->domid, 0, 0) && errno == EINVAL,
           "a log without records");
    expect(!xenaltp2m_log_open(library(), g->domid, 4096, 0) &&
           errno == EINVAL, "a log of 65 pages");
    expect(!xenaltp2m_log_open(library(), g->domid, 1, 2) && errno == EINVAL,
           "an unknown flag");
    pool_leave(g, 0);
    expect(!xenaltp2m_log_open(library(), g->domid, 4095, 0) &&
           errno == ENOMEM, "a log without memory");
    pool_leave(g, 100);
    log = log_of(g, 4095);
    m = map(g->domid, 65);
    expect(!m.resource, "more is mapped than there is");
    unmap(&m);
    xenaltp2m_log_close(log);
    guest_alive(g);
}

const struct test tests_log[] = {
    { "log_write", NEEDS_VIEWS | NEEDS_MTF, log_write },
    { "log_exits", NEEDS_VIEWS | NEEDS_MTF, log_exits },
    { "log_full", NEEDS_VIEWS | NEEDS_MTF, log_full },
    { "log_events", NEEDS_VIEWS | NEEDS_MTF, log_events },
    { "log_hostile", NEEDS_VIEWS | NEEDS_MTF, log_hostile },
    { "log_reopened", NEEDS_VIEWS | NEEDS_MTF, log_reopened },
    { "log_domain_ends", NEEDS_VIEWS | NEEDS_MTF, log_domain_ends },
    { "log_refused", NEEDS_VIEWS, log_refused },
    { 0 },
};
