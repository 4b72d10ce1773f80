/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stress: two programs drive the same domain at random, with all operations there
 * are, while it drives itself on two vCPUs, in a pool that it exhausts.  What is
 * held: Xen lives, the guest lives or is destroyed, nothing of it is left over, and
 * what Xen itself computes anew of its views is what it has.
 *
 * stress=N on dom0's command line has it do that many rounds.
 */
#include "guest.h"
#include "../payload/stress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 4u
#define STEPS  800u  /* of each program */
#define POOL   160u   /* pages */
#define LEFT   16u    /* pages of Xen's that may be in use for something else */

static uint64_t state;

static void host_operation(struct guest *g)
{
    xen_pfn_t gfn = stress_gfn(&state);

    switch ( stress_random(&state, 8) )
    {
    case 0 ... 1:
        xc_domain_decrease_reservation_exact(xch, g->domid, 1, 0, &gfn);
        break;

    case 2 ... 3:
        xc_domain_populate_physmap_exact(xch, g->domid, 1, 0, 0, &gfn);
        break;

    case 4:
        xc_set_mem_access(xch, g->domid, stress_random(&state, 8), gfn, 1);
        break;

    case 5:
        xc_set_paging_mempool_size(xch, g->domid,
                                   (uint64_t)(POOL / 2 + stress_random(&state, POOL)) *
                                   4096);
        break;

    case 6:
        xc_shadow_control(xch, g->domid, stress_random(&state, 2)
                                         ? XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY
                                         : XEN_DOMCTL_SHADOW_OP_OFF, NULL, 0);
        break;

    case 7:
        if ( !xc_domain_pause(xch, g->domid) )
            xc_domain_unpause(xch, g->domid);
        break;
    }
}

/* What Xen finds wrong with a view that it looks at. */
static bool found_wrong(const altp2m_op_t *op)
{
    const struct xen_altp2m_read *r = (const void *)&op->u;
    const struct xen_altp2m_mismatch *m = (const void *)(uintptr_t)r->buffer;

    if ( op->cmd != HVMOP_altp2m_audit || !r->nr )
        return false;
    note("audit: view %u gfn %#llx level %u: kind %u, %#llx and not %#llx",
         r->view, (unsigned long long)m->gfn, m->level, m->what,
         (unsigned long long)m->found, (unsigned long long)m->wanted);
    return true;
}

/* One of the two programs; it may destroy the domain at its end. */
static int drive(struct guest *g, bool destroys)
{
    void *buffer;
    int rc;

    hypercall_open();
    buffer = xencall_alloc_buffer_pages(xcall, 1);
    for ( unsigned int step = 0; buffer && step < STEPS; step++ )
    {
        altp2m_op_t op;

        if ( !stress_random(&state, 8) )
        {
            host_operation(g);
            continue;
        }
        stress_op(&op, &state, g->domid, buffer);
        rc = op_do(&op);
        if ( !rc && found_wrong(&op) )
            return 1;
    }
    if ( destroys )
        xc_domain_destroy(xch, g->domid);
    return !buffer;
}

static pid_t start(struct guest *g, bool destroys)
{
    uint64_t seed = ((uint64_t)random_below(~0u) << 32) | random_below(~0u);
    pid_t child = fork();

    expect(child >= 0, "can't fork");
    if ( child )
        return child;
    state = seed;
    _exit(drive(g, destroys));
}

static void await(pid_t child)
{
    int status = 0;

    expect(waitpid(child, &status, 0) == child, "no program");
    expect(!status, "one of the programs ends with status %#x", status);
}

static void expect_gone(uint32_t domid)
{
    uint64_t end = now_ns() + 20000000000ULL;
    xc_dominfo_t info;

    while ( xc_domain_getinfo(xch, domid, 1, &info) == 1 &&
            info.domid == domid )
    {
        expect(now_ns() < end, "domain %u is destroyed, and stays", domid);
        usleep(1000);
    }
}

static void one_round(bool destroys)
{
    struct guest *g = guest_new(&(struct guest_config){
        .mode = XEN_ALTP2M_mixed, .vcpus = 2, .mib = 24, .pool_pages = POOL });
    uint32_t domid = g->domid;
    pid_t child[2];

    guest_start_vcpu(g, 1);
    expect_ok(view_state_set(domid, true));
    for ( unsigned int i = 0; i < 2; i++ )
        guest_post(g, i, COMMAND(CMD_STRESS, random_below(~0u),
                                 destroys ? ~0ULL : STEPS));
    child[0] = start(g, destroys);
    child[1] = start(g, false);
    if ( destroys )
    {
        g->live = false;
        guest_destroy(g); /* lets go of its memory */
    }
    await(child[0]);
    await(child[1]);
    if ( !destroys )
    {
        for ( unsigned int i = 0; i < 2; i++ )
            expect(guest_answers(g, i, 60000), "vCPU %u stands still in step %llu",
                   i, (unsigned long long)g->slot[i]->rounds);
        guest_destroy(g);
    }
    expect_gone(domid);
}

/*
 * The host's free pages, when they no longer become more: the last of a domain
 * that is gone already are freed a moment later.
 */
static uint64_t free_pages(void)
{
    xc_physinfo_t info = { 0 };
    uint64_t most = 0;

    for ( unsigned int same = 0; same < 20; same++ )
    {
        expect(!xc_physinfo(xch, &info), "no figures of memory");
        if ( info.free_pages > most )
        {
            most = info.free_pages;
            same = 0;
        }
        usleep(50000);
    }

    return most;
}

/* How many pages fewer than @before are free?  Late ones get 10 s more. */
static int64_t lost_since(uint64_t before)
{
    uint64_t end = now_ns() + 10000000000ULL;
    int64_t lost;

    do
        lost = before - free_pages();
    while ( lost > (int64_t)LEFT && now_ns() < end );

    return lost;
}

static void two_programs(void)
{
    const char *told = getenv("stress");
    unsigned int rounds = told ? (unsigned int)atoi(told) : ROUNDS;
    uint64_t before = 0;
    int64_t lost;

    for ( unsigned int i = 0; i < rounds; i++ )
    {
        one_round(i & 1);
        /* The first ones have Xen's heap grow. */
        if ( i == 1 )
            before = free_pages();
    }
    lost = lost_since(before);
    note("%u rounds of two programs, %u steps each; %lld pages less are free",
         rounds, STEPS, (long long)lost);
    expect(rounds < 3 || lost <= (int64_t)LEFT, "%lld pages are lost", (long long)lost);
}

static const struct test tests_stress[] = {
    { "stress_two_programs", NEEDS_VIEWS, two_programs },
    { 0 },
};

const struct test *const tables[] = { tests_stress, NULL };
