/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two callers at once: at a chosen point of one operation, where it doesn't hold
 * the lock, another CPU does a whole operation of its own.
 */
#include "unit.h"

static unsigned int meanwhile_done;
static void (*meanwhile)(void);

/* Another CPU, dom0's, gets the lock that has just become free. */
static void elsewhere(void)
{
    struct vcpu *was = current;

    machine.unlocked = NULL;
    caller_is(NULL);
    meanwhile();
    current = was;
    meanwhile_done++;
}

static void at_unlock(void (*fn)(void))
{
    meanwhile = fn;
    machine.unlocked = elsewhere;
}

static void take_pages(void)
{
    uint16_t idx;

    EXPECT(altp2m_create_view(model_domain, &idx, XENMEM_access_rwx), 0);
    EXPECT(altp2m_destroy_view(model_domain, idx), 0);
}

/*
 * A promotion fails for want of memory and gives back the tables that it had got
 * by then, which were in use.  Another CPU must not get them before all CPUs
 * that may walk them have flushed.
 */
static void test_promotion_settles(void)
{
    struct domain *d = model_domain;
    struct vcpu *v = d->vcpu[0];

    two_views();
    step("set-default", 1, 0, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(altp2m_vcpu_idx(v), 1);
    EXPECT(altp2m_switch_domain(d, 1), 0);
    ref.in[0] = ref.in[1] = ref.in[2] = 1;
    cpu_enter(0);
    cpu_enter(1);
    /* A page for nodes, and one table of the two that it takes. */
    machine_pool(machine.pool_used + 2);

    cpu_exit(0);
    current = v;
    p2m_lock(p2m_get_hostp2m(d));
    altp2m_promote(v, _gfn(0x200), p2m_access_rw);
    at_unlock(take_pages);
    p2m_unlock(p2m_get_hostp2m(d));
    caller_is(NULL);

    EXPECT(meanwhile_done, 1);
    if ( trace->verdict )
        FAIL("%s", trace->verdict);
}

const struct unit_test race_tests[] = {
    { "promotion-settles", test_promotion_settles },
    { "promotion-settles-amd", test_promotion_settles, true },
    { NULL },
};
