/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the host's map, and entries of the host's that are special. */
#include "unit.h"

static bool overrides_nothing(unsigned int view)
{
    struct domain *d = model_domain;
    const struct altp2m_view *v = view_at(d, view);

    return !v->root.used && !v->access_gfns && !v->sve_gfns && !v->nr_remaps;
}

/* What a client sets in the host's map counts everywhere, whatever was said. */
static void test_host_access_counts(void)
{
    struct domain *d = model_domain;
    unsigned int level;

    two_views();
    step("access", 1, 0, XENMEM_access_n, 0);
    step("remap", 2, 0, 1, 0);
    step("sve", 2, 0, 0, 0);
    step("remap", 0, 0, 1, 0);
    step("range", 1, 12, 1, 0);                 /* r, for 2M */
    step("host-access", 0, XENMEM_access_rx, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 0, 2), TOUCH_VIOLATION);
    EXPECT(slot_sve(lookup_at(view_at(d, 2), 0, &level)), false);
    step("host-access", 13, XENMEM_access_rwx, 0, 0);
    EXPECT(cpu_touch(0, 0x201, 2), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    /* By way of view 0 as well, also where that has had its own say. */
    step("remap", 0, 0, 1, 0);
    step("access", 0, 0, XENMEM_access_rwx, 0);
    step("access", 0, 12, XENMEM_access_rwx, 0);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_OK);
    EXPECT(view_at(d, 0)->nr_remaps, 0);
    /* No other change of the host's does that. */
    step("access", 1, 0, XENMEM_access_r, 0);
    step("host-page", 0, 0, 3, 1);
    EXPECT(cpu_touch(0, 0, 4), TOUCH_VIOLATION);
    /* With a default it counts too, and is as another override from then on. */
    step("set-default", 1, 0, XENMEM_access_r, 0);
    step("host-access", 1, XENMEM_access_rwx, 0, 0);
    EXPECT(cpu_touch(0, 1, 2), TOUCH_OK);
    EXPECT(cpu_touch(0, 9, 2), TOUCH_VIOLATION);
}

/* All of the guest, as a client does at its end: nothing is left. */
static void test_host_access_of_all(void)
{
    struct domain *d = model_domain;
    unsigned long gfn;
    unsigned int g;

    two_views();
    /* With one, what the host is given would be said there too. */
    step("set-default", 1, 0, 0, 1);
    step("set-default", 2, 0, 0, 1);
    for ( g = 0; g < NR_GFNS; g += 2 )
    {
        step("access", 1, g, XENMEM_access_r, 0);
        step("remap", 2, g, 0, 0);
    }
    step("range", 1, 15, 4, 1);
    for ( g = 0; g < NR_GFNS; g++ )
        step("host-access", g, XENMEM_access_rwx, 0, 0);
    for ( gfn = 0; gfn < 0x40000; gfn++ )
        EXPECT(p2m_set_mem_access(d, _gfn(gfn), 1, 0, 0, XENMEM_access_rwx, 0),
               0);
    for ( g = 0; g < NR_GFNS; g++ )
        step("host-access", g, XENMEM_access_rwx, 0, 0);
    EXPECT(overrides_nothing(1) && overrides_nothing(2), true);
}

/*
 * A remapped page whose rights are the host's: no CPU finds the new rights with the
 * page that it showed before.
 */
static void test_host_access_at_once(void)
{
    struct domain *d = model_domain;
    const struct altp2m_change remap = {
        .set_target = ALTP2M_SET, .target = 0x40000 };

    two_views();
    /* Without a default. */
    step("set-default", 1, 0, 0, 1);
    step("set-default", 2, 0, 0, 1);
    step("host-access", 14, XENMEM_access_rx, 0, 0);
    altp2m_lock(d);
    EXPECT(altp2m_override(d, view_at(d, 1), gfns[14], 0, &remap), 0);
    altp2m_unlock(d);
    ref.view[1].o[14].has_target = true;
    ref.view[1].o[14].target = 0x40000;
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, gfns[14], 1), TOUCH_OK);
    history_begin();
    EXPECT(p2m_set_mem_access(d, _gfn(gfns[14]), 1, 0, 0, XENMEM_access_rwx, 0),
           0);
    history_end();
    memset(&ref.view[1].o[14], 0, sizeof(ref.view[1].o[14]));
}

/* Views and host change together, or not at all. */
static void test_host_access_no_memory(void)
{
    unsigned int n;

    two_views();
    step("range", 1, 12, 1, 0);
    step("range", 2, 12, 0, 1);
    for ( n = 0; n < 12; n++ )
    {
        machine_pool(machine.pool_used + n);
        step("host-access", 12, XENMEM_access_rx, 0, 0);
    }
    EXPECT(machine.refused > 0, true);
    machine_pool(4000);
    step("host-access", 12, XENMEM_access_rx, 0, 0);
    EXPECT(host_fact(0x200).access, p2m_access_rx);
}

static void test_beyond_max_gfn(void)
{
    struct domain *d = model_domain;
    struct npfec w = { .write_access = 1 };
    struct vcpu *v = d->vcpu[0];
    p2m_access_t a = p2m_access_n;
    unsigned long gfn = MAX_GFN + 1;
    unsigned int order = 9;
    p2m_type_t t;

    two_views();
    current = v;
    EXPECT(altp2m_fault_begin(v, (paddr_t)(MAX_GFN + 1) << PAGE_SHIFT, 0, w,
                              &gfn), 0);
    EXPECT(gfn, MAX_GFN + 1);
    EXPECT(altp2m_fault(v, (paddr_t)(MAX_GFN + 1) << PAGE_SHIFT, w,
                        p2m_invalid, &a, &order), 0);
    EXPECT(a, p2m_access_n);
    EXPECT(order, 9);
    p2m_lock(p2m_get_hostp2m(d));
    EXPECT(altp2m_inject_ve(v, (paddr_t)(MAX_GFN + 1) << PAGE_SHIFT, 0, w,
                            p2m_access_n), 0);
    altp2m_get_entry(v, _gfn(MAX_GFN + 1), &t, &a);
    EXPECT(t, p2m_mmio_dm);
    p2m_unlock(p2m_get_hostp2m(d));
    EXPECT(altp2m_gfn(v, _gfn(MAX_GFN + 1)).g, MAX_GFN + 1);
    caller_is(NULL);
}

/* The host marks no page that nobody may access, but a view gives access. */
static void test_memory_type_hidden(void)
{
    struct domain *d = model_domain;
    unsigned int g;

    d->iommu = true;
    two_views();
    step("host-access", 12, XENMEM_access_n, 0, 0);
    step("access", 1, 12, XENMEM_access_rwx, 0);
    step("reply", 1, 0, 0, 0);
    for ( g = 14; g < NR_GFNS - 4; g += 2 )
    {
        step("access", 1, g, XENMEM_access_r, 0);
        cpu_touch(0, gfns[g], 1);
    }
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    EXPECT(view_at(d, 1)->nr_tables > 4, true);
    step("memory-type", 0, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x201, 1), TOUCH_OK);
    check_all();
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
}

/* A view remaps a gfn, and the host's root has nothing there to be marked. */
static void test_memory_type_remapped(void)
{
    struct domain *d = model_domain;
    d->iommu = true;
    two_views();
    step("remap", 1, 27, 12, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, gfns[27], 1), TOUCH_OK);
    step("memory-type", 0, 0, 0, 0);
    check_all();
    EXPECT(cpu_touch(0, gfns[27], 1), TOUCH_OK);
}

/* A large page whose rights leave only execution, and which must be split. */
static void test_shatter_execute_only(void)
{
    struct domain *d = model_domain;
    d->arch.hvm.vmx.exec_sp = false;
    host_set(0x200, 0x100200, 9, p2m_ram_rw, p2m_access_rwx);
    step("state", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("set-default", 1, 0, XENMEM_access_x, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x201, 4), TOUCH_OK);
}

/* Log-dirty faults are Xen's, also where violations are the guest's. */
static void test_log_dirty_no_ve(void)
{
    two_views();
    step("notify", 0, 0, 1, 0);
    step("sve", 1, 12, 0, 0);
    step("log-dirty-all", 0, 0, 0, 0);
    step("recalc", 12, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_OK);
}

/* A page that nobody may access is marked, and its type computed, as others. */
static void test_recalc_hidden(void)
{
    two_views();
    step("host-access", 10, XENMEM_access_n, 0, 0);
    step("log-dirty-all", 0, 0, 0, 0);
    step("recalc", 9, 0, 0, 0);
    EXPECT(host_fact(0x1fe).type, p2m_ram_logdirty);
    step("recalc", 10, 0, 0, 0);
    EXPECT(host_fact(0x1fe).type, p2m_ram_logdirty);
    step("log-dirty-all", 0, 0, 0, 0);
    step("recalc", 10, 0, 0, 0);
    EXPECT(host_fact(0x1fe).type, p2m_ram_rw);
}

/* A remap's target gets the rights that alone the view leaves: on a fault. */
static void test_recalc_rights(void)
{
    two_views();
    step("ioreq", 0, 0, 0, 0);
    step("host-page", 1, 10, 0, 0);             /* p2m_ioreq_server */
    step("remap", 1, 0, 1, 0);
    step("access", 1, 0, XENMEM_access_x, 0);
    step("ioreq", 0, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(host_fact(1).type, p2m_ram_rw);
    EXPECT(cpu_touch(0, 0, 4), TOUCH_OK);
    EXPECT(cpu_touch(0, 0, 1), TOUCH_VIOLATION);
}

/*
 * Plain entries are told by their bits alone, which must be where Xen has them:
 * this costs only time when it is wrong, and no walk would show it.
 */
static void test_plain_entries(void)
{
    struct domain *d = model_domain;
    static const struct { p2m_type_t t; p2m_access_t a; bool plain; } of[] = {
        { p2m_ram_rw, p2m_access_rwx, true },
        { p2m_ram_rw, p2m_access_rx, false },
        { p2m_ram_rw, p2m_access_rx2rw, false },
        { p2m_ram_logdirty, p2m_access_rwx, false },
        { p2m_grant_map_rw, p2m_access_rwx, false },
    };
    unsigned int i;

    features.ad = true;
    for ( i = 0; i < ARRAY_SIZE(of); i++ )
    {
        struct walk w;

        EXPECT(host_set(9, 0x123456, 0, of[i].t, of[i].a), 0);
        w = walk_any(mfn_x(altp2m_host_root(d)), 9);
        EXPECT(w.mfn, 0x123456);
        EXPECT((w.entry & altp2m_format()->plain_mask) == altp2m_format()->plain,
               of[i].plain);
    }
    features.ad = false;
}

/* A page of zeroes is taken back, in views as well; one with rights isn't. */
static void test_take_back(void)
{
    two_views();
    step("access", 1, 13, XENMEM_access_rw, 0);      /* 0x201, a large page */
    step("remap", 2, 11, 10, 0);
    step("reply", 2, 0, 0, 0);
    step("touch-all", 0, 0, 0, 0);
    step("take-back", 10, 0, 0, 0);                  /* 0x1fe */
    EXPECT(host_fact(0x1fe).type, p2m_populate_on_demand);
    step("take-back", 12, 1, 0, 0);
    EXPECT(host_fact(0x201).type, p2m_populate_on_demand);
    step("touch-all", 0, 0, 0, 0);
    EXPECT(host_fact(0x201).type, p2m_ram_rw);
    step("host-access", 10, XENMEM_access_rx, 0, 0);
    step("take-back", 10, 0, 0, 0);
    EXPECT(host_fact(0x1fe).type, p2m_ram_rw);
    step("host-access", 13, XENMEM_access_rx, 0, 0);
    step("take-back", 12, 1, 0, 0);
    EXPECT(host_fact(0x201).type, p2m_ram_rw);
    step("touch-all", 0, 0, 0, 0);
}

/* Is gfn 0x1fe, of access @a, taken back where the default is @back? */
static bool is_taken(p2m_access_t a, p2m_access_t back)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(model_domain);
    bool taken;

    EXPECT(host_set(0x1fe, 0x100004, 0, p2m_ram_rw, a), 0);
    p2m->default_access = back;
    step("take-back", 10, 0, 0, 0);
    taken = host_fact(0x1fe).type == p2m_populate_on_demand;
    p2m->default_access = p2m_access_rwx;

    return taken;
}

/* After a default is set, what has more rights, or the same, can be taken back. */
static void test_take_back_default(void)
{
    const p2m_access_t r = p2m_access_r, rw = p2m_access_rw,
                       rx = p2m_access_rx, n = p2m_access_n,
                       rwx = p2m_access_rwx;

    EXPECT(is_taken(rwx, r), true);
    EXPECT(is_taken(rwx, p2m_access_n2rwx), true);
    EXPECT(is_taken(rx, r), true);
    EXPECT(is_taken(r, r), true);
    EXPECT(is_taken(p2m_access_n2rwx, n), true);
    EXPECT(is_taken(p2m_access_rx2rw, r), true);
    EXPECT(is_taken(p2m_access_n2rwx, p2m_access_n2rwx), true);
    EXPECT(is_taken(r, rx), false);
    EXPECT(is_taken(rw, rx), false);
    EXPECT(is_taken(n, r), false);
    EXPECT(is_taken(rx, p2m_access_rx2rw), false);
    EXPECT(is_taken(n, p2m_access_n2rwx), false);
    /* A large page. */
    p2m_get_hostp2m(model_domain)->default_access = r;
    step("take-back", 12, 1, 0, 0);
    EXPECT(host_fact(0x201).type, p2m_populate_on_demand);
    p2m_get_hostp2m(model_domain)->default_access = rwx;
}

/* A superpage that nobody may access is in the IOMMU's tables all the same. */
static void test_iommu_hidden(void)
{
    struct domain *d = model_domain;
    unsigned int order;

    d->iommu_tables = true;
    for ( order = PAGE_ORDER_2M; order <= PAGE_ORDER_1G; order += 9 )
    {
        EXPECT(host_set(0x4000000, 0x40000, order, p2m_ram_rw, p2m_access_n),
               0);
        d->iommu_unmapped = 0;
        EXPECT(host_set(0x4000000, ~0UL, order, p2m_invalid, p2m_access_rwx),
               0);
        EXPECT(d->iommu_unmapped, 1UL << order);
    }
    d->iommu_tables = false;
}

/*
 * An identity entry is made with an access for the IOMMU.  EPT gives the guest no
 * more; NPT gives it all, until somebody sets its access.
 */
static void test_identity(void)
{
    static const p2m_access_t a[] = {
        p2m_access_rw, p2m_access_r, p2m_access_n,
    };
    const unsigned long gfn = gfns[12], mfn = MFN_MMIO + 12;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(a); i++ )
    {
        EXPECT(host_set(gfn, ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
        EXPECT(host_set(gfn, mfn, 0, p2m_mmio_direct, a[i]), 0);
        EXPECT(host_fact(gfn).type, p2m_mmio_direct);
        EXPECT(host_fact(gfn).access,
               features.vmx ? a[i] : p2m_access_rwx);
        step("host-access", 12, XENMEM_access_rx, 0, 0);
        EXPECT(host_fact(gfn).access, p2m_access_rx);
        step("host-access", 12, XENMEM_access_n, 0, 0);
        step("host-access", 12, XENMEM_access_r, 0, 0);
        EXPECT(host_fact(gfn).access, p2m_access_r);
    }
    /* What is mapped while a default is set has that. */
    EXPECT(host_set(gfn, ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    p2m_get_hostp2m(model_domain)->default_access = p2m_access_rx;
    EXPECT(host_set(gfn, mfn, 0, p2m_mmio_direct, p2m_access_rx), 0);
    EXPECT(host_fact(gfn).access, p2m_access_rx);
    p2m_get_hostp2m(model_domain)->default_access = p2m_access_rwx;
}

const struct unit_test host_tests[] = {
    { "host-access-counts", test_host_access_counts },
    { "host-access-counts-amd", test_host_access_counts, true },
    { "host-access-of-all", test_host_access_of_all },
    { "host-access-no-memory", test_host_access_no_memory },
    { "host-access-at-once", test_host_access_at_once },
    { "host-access-at-once-amd", test_host_access_at_once, true },
    { "host-beyond-max-gfn", test_beyond_max_gfn },
    { "host-memory-type-hidden", test_memory_type_hidden },
    { "host-memory-type-remapped", test_memory_type_remapped },
    { "host-shatter-execute-only", test_shatter_execute_only },
    { "host-log-dirty-no-ve", test_log_dirty_no_ve },
    { "host-recalc-rights", test_recalc_rights },
    { "host-plain-entries", test_plain_entries },
    { "host-plain-entries-amd", test_plain_entries, true },
    { "host-recalc-hidden-amd", test_recalc_hidden, true },
    { "host-take-back", test_take_back },
    { "host-take-back-amd", test_take_back, true },
    { "host-take-back-default", test_take_back_default },
    { "host-take-back-default-amd", test_take_back_default, true },
    { "host-iommu-hidden-amd", test_iommu_hidden, true },
    { "host-identity", test_identity },
    { "host-identity-amd", test_identity, true },
    { NULL },
};
