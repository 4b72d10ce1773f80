/* SPDX-License-Identifier: GPL-2.0-only */
#include "bench.h"
#include "library.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SERVED_MS 120000

void put(const char *key, uint64_t value)
{
    printf("BENCH %s %llu\n", key, (unsigned long long)value);
    fflush(stdout);
}

void put_of(const char *key, const char *what, uint64_t value)
{
    char whole[64];

    snprintf(whole, sizeof(whole), "%s_%s", key, what);
    put(whole, value);
}

void none(const char *key, const char *format, ...)
{
    va_list args;

    printf("BENCH %s n/a: ", key);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

uint64_t ticks(void)
{
    uint32_t low, high;

    asm volatile ( "lfence; rdtsc" : "=a" (low), "=d" (high) :: "memory" );
    return ((uint64_t)high << 32) | low;
}

void wait_for_timer(void)
{
    struct timespec before, now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &before);
    do
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    while ( now.tv_sec == before.tv_sec && now.tv_nsec == before.tv_nsec );
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

uint64_t median(uint64_t *t, unsigned int n)
{
    qsort(t, n, sizeof(*t), compare);
    return t[n / 2];
}

uint64_t least_of(const uint64_t *t, unsigned int n)
{
    uint64_t least = t[0];

    for ( unsigned int i = 1; i < n; i++ )
        least = t[i] < least ? t[i] : least;
    return least;
}

bool profiling;

altp2m_op_t *op_buffer(void)
{
    static altp2m_op_t *op;

    if ( !op )
        op = xencall_alloc_buffer(xcall, sizeof(*op));
    expect(op, "no memory");
    return op;
}

uint64_t timed_op(const altp2m_op_t *op)
{
    altp2m_op_t *o = op_buffer();
    uint64_t start, took;
    int rc;

    *o = *op;
    wait_for_timer();
    mark();
    start = ticks();
    rc = hvm_op_raw(HVMOP_altp2m, o);
    took = ticks() - start;
    mark();
    expect(!rc, "operation %u: %s", op->cmd, error_name(rc));
    return took;
}

struct guest *big_guest(unsigned int pool_pages)
{
    return guest_new(&(struct guest_config){ .mib = BIG_MIB,
                                             .pool_pages = pool_pages });
}

bool is_ours(struct guest *g)
{
    struct xen_altp2m_capabilities c;

    return !xenaltp2m_capabilities(library(), g->domid, &c);
}

const volatile struct payload_slot *
do_quietly(struct guest *g, const struct guest_command *c, unsigned int ms)
{
    guest_post(g, 0, c);
    usleep(ms * 1000);
    expect(guest_answers(g, 0, 10000), "the guest stands still (command %u)",
           c->command);
    expect(!g->slot[0]->exception, "exception in command %u", c->command);
    return g->slot[0];
}

uint64_t exits_for(const struct exits *n)
{
    return n->all - n->hypercalls - n->interrupts - n->waits - n->clock;
}

uint64_t exits_of(struct guest *g, const struct guest_command *c)
{
    struct exits n;

    trace_start();
    do_quietly(g, c, 10);
    n = trace_stop();
    return exits_for(&n);
}

/* The guest is busy with it until it has answered; who asks the monitor waits. */
static void serve_until_done(struct guest *g, const struct guest_command *c)
{
    uint64_t end = now_ns() + SERVED_MS * 1000000ULL;

    guest_post(g, 0, c);
    while ( !guest_answers(g, 0, 0) )
    {
        expect(now_ns() < end, "the guest stands still (command %u)",
               c->command);
        monitor_wait(g->monitor, 20);
    }
    expect(!g->slot[0]->exception, "exception %u in command %u",
           g->slot[0]->exception - 1, c->command);
}

uint64_t put_served(struct guest *g, const struct guest_command *c,
                    uint16_t view, unsigned int more, const char *key)
{
    uint64_t least = ~0ULL, took;
    unsigned int before = 0;
    struct exits n;

    for ( unsigned int round = 0; round <= more; round++ )
    {
        expect_ok(view_switch(g->domid, view));
        guest_alive(g);
        before = g->monitor->count;
        if ( round == more )
            trace_start();
        serve_until_done(g, c);
        took = g->slot[0]->result[1];
        least = took < least ? took : least;
    }
    n = trace_stop();
    put(key, least);
    put_of(key, "exits", exits_for(&n));
    put_of(key, "events", g->monitor->count - before);
    return g->slot[0]->result[0];
}

/* The first place: nop; ret.  The other: ret. */
void put_code(struct guest *g, uint64_t gfn, unsigned int pages)
{
    for ( unsigned int i = 0; i < pages; i++ )
    {
        uint8_t *page = host_map(g, gfn + i);

        memset(page, 0x90, XC_PAGE_SIZE);
        page[CODE_HIT + 1] = page[CODE_FREE] = 0xc3;
        host_unmap(page);
    }
}

void looked_at(const char *what)
{
    printf("PROFILE %s\n", what);
    fflush(stdout);
}

void quietly_marked(struct guest *g, const struct guest_command *c)
{
    mark();
    do_quietly(g, c, 5);
    mark();
}
