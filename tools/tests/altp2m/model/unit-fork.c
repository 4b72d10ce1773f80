/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VM forks: pages that are holes of the fork's map until somebody asks for them.
 * The parent has pages at gfns 7 to 9; the fork, none at 7 and 9.
 */
#include "step.h"
#include "unit.h"

/* Numbers of gfns, as steps want them. */
#define OWED   7u
#define OWED_2 9u

static struct domain *forked(void)
{
    struct domain *d = model_domain;

    two_views();
    host_fork();
    EXPECT(host_set(gfns[OWED_2], ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    EXPECT(host_fact(gfns[OWED]).type, p2m_mmio_dm);
    EXPECT(host_fact(gfns[OWED_2]).type, p2m_mmio_dm);

    return d;
}

/* What a reset does to a page that was copied. */
static void drop(unsigned int g)
{
    EXPECT(host_set(gfns[g], ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    audit();
    check_all();
}

/* A fork in view 1, which remaps OWED to OWED_2, a hole since a reset. */
static struct domain *forked_and_remapped(void)
{
    struct domain *d = forked();

    step("remap", 1, OWED, OWED_2, 0);
    enter_all(1);
    drop(OWED_2);

    return d;
}

/* Each operation that names a page has it; the steps say what comes of it. */
static void test_fork_rights(void)
{
    forked();
    step("access", 1, OWED, XENMEM_access_r, 0);
    EXPECT(host_fact(gfns[OWED]).type, p2m_ram_shared);
    EXPECT(oracle(1, OWED).access, p2m_access_r);
    step("sve", 1, OWED_2, 0, 0);
    EXPECT(host_fact(gfns[OWED_2]).type, p2m_ram_shared);
    EXPECT(oracle(1, OWED_2).sve, 0);
    drop(OWED);
    drop(OWED_2);
    step("ask", 1, OWED, 0, 0);
    EXPECT(host_fact(gfns[OWED]).type, p2m_ram_shared);
    EXPECT(oracle(1, OWED).access, p2m_access_r);
}

/* Remapped from and to pages that aren't there yet, and are gone again. */
static void test_fork_remaps(void)
{
    struct domain *d = forked();

    step("remap", 1, OWED, OWED_2, 0);
    EXPECT(oracle(1, OWED).source, gfns[OWED_2]);
    EXPECT(host_fact(gfns[OWED]).type, p2m_ram_shared);
    EXPECT(host_fact(gfns[OWED_2]).type, p2m_ram_shared);
    enter_all(1);
    EXPECT(cpu_touch(0, gfns[OWED], 1), TOUCH_OK);

    drop(OWED_2);
    EXPECT(d->arch.altp2m->lost, 0);
    EXPECT(cpu_touch(0, gfns[OWED], 1), TOUCH_OK);
    EXPECT(host_fact(gfns[OWED_2]).type, p2m_ram_shared);
    EXPECT(cpu_touch(0, gfns[OWED], 2), TOUCH_OK);
    EXPECT(host_fact(gfns[OWED_2]).type, p2m_ram_rw);
    cpu_exit(0);

}

/* A remap's target is a hole.  The vCPU touches the gfn.  Is the remap lost? */
static void touch_remapped(bool gone)
{
    struct altp2m_domain *a = model_domain->arch.altp2m;
    unsigned long lost = a->lost;

    ref.view[1].o[OWED].gone = gone;
    EXPECT(cpu_touch(0, gfns[OWED], 1), TOUCH_OK);
    EXPECT(a->lost, lost + gone);
    cpu_exit(0);
    audit();
    check_all();
}

/* The parent ends after pages were dropped that it had. */
static void test_fork_parent_dies(void)
{
    struct domain *d = forked_and_remapped();
    p2m_access_t a;
    p2m_type_t t;

    touch_remapped(false);
    drop(OWED_2);
    d->parent->is_dying = true;
    audit();
    check_all();
    touch_remapped(true);
    drop(OWED);
    EXPECT(altp2m_gfn(d->vcpu[0], _gfn(gfns[OWED])).g, gfns[OWED]);

    /* Now it has the page, but nobody asks while the remap is dormant. */
    d->parent->is_dying = false;
    EXPECT(cpu_touch(0, gfns[OWED], 1), TOUCH_OK);
    cpu_exit(0);
    EXPECT(d->arch.altp2m->lost, 1);
    p2m_get_gfn_type_access(p2m_get_hostp2m(d), _gfn(gfns[OWED_2]), &t, &a,
                            P2M_ALLOC, NULL, false);
    EXPECT(t, p2m_ram_shared);
    audit();
    check_all();
    EXPECT(altp2m_gfn(d->vcpu[0], _gfn(gfns[OWED])).g, gfns[OWED_2]);
    ref.view[1].o[OWED].gone = false;
    drop(OWED_2);
    touch_remapped(false);
}

/* The page is not copied for want of memory: that is no loss. */
static void test_fork_no_memory(void)
{
    struct domain *d = forked_and_remapped();

    fork_error = -ENOMEM;
    EXPECT(altp2m_gfn(d->vcpu[0], _gfn(gfns[OWED])).g, gfns[OWED_2]);
    fork_error = 0;
    touch_remapped(false);
}

/* It is no fork any more. */
static void test_fork_ends(void)
{
    struct domain *d = forked_and_remapped();

    EXPECT(d->arch.altp2m->lost, 0);
    altp2m_fork_ends(d);
    EXPECT(mem_sharing_is_fork(d), false);
    EXPECT(d->arch.altp2m->lost, 1);
    audit();
    check_all();
    EXPECT(cpu_touch(0, gfns[OWED], 1), TOUCH_OK);
    cpu_exit(0);
}

/* A remap to what a remap shows that is not copied. */
static void test_fork_remap_of_remap(void)
{
    forked();
    step("remap", 1, OWED, OWED_2, 0);
    drop(OWED_2);
    step("remap", 1, 3, OWED, 0);
    EXPECT(oracle(1, 3).source, gfns[OWED_2]);
}

/* A remap and nothing else, by an operation of ours. */
static int remap_alone(unsigned int view, unsigned int g, unsigned int target)
{
    struct xen_hvm_altp2m_op op = { .cmd = HVMOP_altp2m_apply };
    struct xen_altp2m_apply *apply = (void *)&op.u;
    struct xen_altp2m_override *record = (void *)(guest_memory + PAGE_SIZE);

    *record = (struct xen_altp2m_override){
        .set = XEN_ALTP2M_REMAP, .gfn = gfns[g], .target = gfns[target],
        .count = 1,
    };
    *apply = (struct xen_altp2m_apply){
        .view = view, .nr = 1, .buffer = (unsigned long)record,
    };

    return step_call(&op);
}

/* The rights of a remap with none of its own are those at its gfn. */
static void test_fork_own_rights(void)
{
    struct domain *d = forked();
    struct vcpu *v = d->vcpu[0];
    xenmem_access_t access;

    step("set-default", 2, 0, 0, 1);
    /* Of every page that is copied. */
    p2m_get_hostp2m(d)->default_access = p2m_access_rx;
    EXPECT(remap_alone(2, OWED, OWED_2), 0);
    ref.view[2].o[OWED] = (struct ref_override){
        .has_target = true, .target = gfns[OWED_2],
    };
    EXPECT(host_fact(gfns[OWED]).type, p2m_ram_shared);
    EXPECT(host_fact(gfns[OWED_2]).type, p2m_ram_shared);
    enter_all(2);
    drop(OWED);
    drop(OWED_2);
    EXPECT(cpu_touch(0, gfns[OWED], 2), TOUCH_VIOLATION);
    cpu_exit(0);
    drop(OWED);
    EXPECT(altp2m_gfn(v, _gfn(gfns[OWED])).g, gfns[OWED_2]);
    EXPECT(altp2m_vcpu_access(v, _gfn(gfns[OWED]), &access), 0);
    EXPECT(access, XENMEM_access_rx);
}

/*
 * A page is written to that a view remaps elsewhere, to a page that is not
 * copied: it is unshared with its lock held, after which no p2m lock may come.
 * Dom0 shares a page with the fork, with that lock held too.
 */
static void test_fork_unshare(void)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(forked());

    EXPECT(remap_alone(1, OWED, OWED_2), 0);
    ref.view[1].o[OWED] = (struct ref_override){
        .has_target = true, .target = gfns[OWED_2],
    };
    drop(OWED_2);
    EXPECT(host_fact(gfns[OWED]).type, p2m_ram_shared);
    EXPECT(cpu_touch(0, gfns[OWED], 2), TOUCH_OK);   /* in view 0 */
    EXPECT(host_fact(gfns[OWED]).type, p2m_ram_rw);
    cpu_exit(0);

    drop(OWED);
    p2m_lock(p2m);
    page_locked = true;
    EXPECT(p2m_set_entry(p2m, _gfn(gfns[OWED]), _mfn(0x310007), 0,
                         p2m_ram_shared, p2m_access_rwx), 0);
    page_locked = false;
    p2m_unlock(p2m);
}

const struct unit_test fork_tests[] = {
    { "fork-unshare", test_fork_unshare },
    { "fork-rights", test_fork_rights },
    { "fork-rights-amd", test_fork_rights, true },
    { "fork-remaps", test_fork_remaps },
    { "fork-remaps-amd", test_fork_remaps, true },
    { "fork-parent-dies", test_fork_parent_dies },
    { "fork-parent-dies-amd", test_fork_parent_dies, true },
    { "fork-no-memory", test_fork_no_memory },
    { "fork-ends", test_fork_ends },
    { "fork-ends-amd", test_fork_ends, true },
    { "fork-remap-of-remap", test_fork_remap_of_remap },
    { "fork-own-rights", test_fork_own_rights },
    { "fork-own-rights-amd", test_fork_own_rights, true },
    { NULL },
};
