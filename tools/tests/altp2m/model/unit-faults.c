/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests of nested faults: what they are about when the vCPU has the lock at
 * last, and that they are dealt with where the paging pool has nothing left.
 */
#include "unit.h"

/* ---- a fault that is over ---- */

static void other_vcpu_reads(void)
{
    EXPECT(cpu_touch(0, 6, 1), TOUCH_OK);
}

/* Two vCPUs fault at one table that was given up, at a page that isn't RAM. */
static void test_fault_is_over(void)
{
    struct domain *d = model_domain;

    two_views();
    step("access", 1, 0, XENMEM_access_r, 0);
    step("reply", 1, 0, 0, 0);
    step("reply", 1, 1, 0, 0);
    altp2m_lock(d);
    altp2m_make_room(d, NULL, 0);
    altp2m_unlock(d);
    cpu_meanwhile = other_vcpu_reads;
    EXPECT(cpu_touch(1, 6, 1), TOUCH_OK);
    ASSERT(!cpu_meanwhile);
}

static void remap_is_undone(void)
{
    struct domain *d = model_domain;
    struct xen_hvm_altp2m_op op = {
        .version = HVMOP_ALTP2M_INTERFACE_VERSION,
        .cmd = HVMOP_altp2m_change_gfn,
        .domain = d->domain_id,
    };
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };

    op.u.change_gfn.view = 1;
    op.u.change_gfn.old_gfn = 0x1fe;
    op.u.change_gfn.new_gfn = ~0UL;
    memcpy(guest_memory, &op, sizeof(op));
    caller_is(NULL);
    EXPECT(altp2m_op(arg), 0);
    memset(&ref.view[1].o[gfn_number(0x1fe)], 0, sizeof(struct ref_override));
    /* Xen lets one more pass after it has marked entries; that one has been. */
    d->vcpu[0]->arch.hvm.vmx.ept_spurious_misconfig = 0;
}

/* A malformed entry that is no more, as the remap was undone meanwhile. */
static void test_misconfig_is_over(void)
{
    struct domain *d = model_domain;
    struct p2m_domain *p2m = p2m_get_hostp2m(d);

    two_views();
    step("remap", 1, 10, 22, 0);  /* gfn 0x1fe shows 0x40200 */
    step("reply", 1, 0, 0, 0);
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
    /* Only what is marked for the target is left. */
    p2m_lock(p2m);
    p2m->recalc(p2m, 0x1fe);
    p2m_unlock(p2m);
    EXPECT(walk_any(altp2m_root(d->vcpu[0]) >> 12 & 0xffffffffff, 0x1fe).end,
           WALK_MISCONFIG);
    cpu_meanwhile = remap_is_undone;
    EXPECT(cpu_touch(0, 0x1fe, 1), TOUCH_OK);
    ASSERT(!cpu_meanwhile);
}

const struct unit_test fault_tests[] = {
    { "fault-is-over", test_fault_is_over },
    { "fault-is-over-amd", test_fault_is_over, true },
    { "misconfig-is-over", test_misconfig_is_over },
    { "misconfig-is-over-amd", test_misconfig_is_over, true },
    { NULL },
};
