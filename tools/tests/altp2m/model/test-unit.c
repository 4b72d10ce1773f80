/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-unit: what random steps reach seldom or not at all.  Arguments that have
 * to be refused, copies that fail, long operations cut short, races told by
 * hand, and known bugs of the past: docs/model.md has the table.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

typedef struct xen_hvm_altp2m_op op_t;

static struct domain *d;
static struct step config = { .a = 0xb9 };

static int raw(op_t *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    int rc;

    memcpy(guest_memory, op, sizeof(*op));
    rc = altp2m_op(arg);
    ASSERT(!d->rcu_locks);
    memcpy(op, guest_memory, sizeof(*op));

    return rc;
}

static op_t op_of(uint32_t cmd)
{
    return (op_t){ .version = HVMOP_ALTP2M_INTERFACE_VERSION, .cmd = cmd,
                   .domain = d->domain_id };
}

static int call(op_t op)
{
    return raw(&op);
}

void step(const char *name, uint8_t a, uint8_t b, uint8_t c, uint8_t e)
{
    step_do((struct step){ step_named(name), a, b, c, e });
}

/* Views 1 and 2 with all rights. */
void two_views(void)
{
    step("state", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
}

/* What a test has done by itself, for the model. */
static void now_sve(unsigned long first, unsigned long last, bool sve)
{
    unsigned int g;

    for ( g = 0; g < NR_GFNS; g++ )
        if ( gfns[g] >= first && gfns[g] <= last &&
             host_fact(gfns[g]).type == p2m_ram_rw )
        {
            ref.view[1].o[g].has_sve = true;
            ref.view[1].o[g].sve = sve;
        }
}

static void now_off(void)
{
    unsigned int i;

    memset(&ref, 0, sizeof(ref));
    ref.view[0].def = NO_DEFAULT;
    ref.view[0].created = p2m_access_rwx;
    for ( i = 0; i < NR_VCPUS; i++ )
    {
        d->vcpu[i]->arch.hvm.avcpu.p2midx = 0;
        vmx_altp2m_sync(d->vcpu[i]);
    }
}

/* ---- arguments ---- */

static void test_refused_envelope(void)
{
    op_t op = op_of(HVMOP_altp2m_get_domain_state);

    op.pad1 = 1;
    EXPECT(call(op), -EINVAL);
    op.pad1 = 0;
    op.pad2 = 1;
    EXPECT(call(op), -EINVAL);
    op.pad2 = 0;
    op.version++;
    EXPECT(call(op), -EINVAL);
    op.version--;
    op.cmd = 0;
    EXPECT(call(op), -EOPNOTSUPP);
    op.cmd = HVMOP_altp2m_set_visibility + 1;
    EXPECT(call(op), -EOPNOTSUPP);
    op.cmd = HVMOP_altp2m_get_domain_state;
    op.domain = 77;
    EXPECT(call(op), -ESRCH);
    op.domain = d->domain_id;
    d->hvm = false;
    EXPECT(call(op), -EOPNOTSUPP);
    d->hvm = true;
    /* Not supported comes before all else that is wrong. */
    hvm_funcs.altp2m_supported = false;
    EXPECT(call(op), -EOPNOTSUPP);
    op.pad1 = 1;
    EXPECT(call(op), -EOPNOTSUPP);
    op.pad1 = 0;
    copy_fails_at = 1;
    EXPECT(call(op), -EOPNOTSUPP);
    op.domain = 77;
    EXPECT(call(op), -EOPNOTSUPP);
    op.domain = d->domain_id;
    hvm_funcs.altp2m_supported = true;
    EXPECT(call(op), 0);
}

static void test_refused_mode(void)
{
    op_t op = op_of(HVMOP_altp2m_set_domain_state);
    struct vcpu *last = d->vcpu[d->max_vcpus - 1];

    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_disabled;
    EXPECT(call(op), -EINVAL);
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = 4;
    EXPECT(call(op), -EPERM);
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_mixed;
    op.u.domain_state.state = 1;
    d->nested = true;
    EXPECT(call(op), -EINVAL);
    d->nested = false;
    d->vcpu[d->max_vcpus - 1] = NULL;
    EXPECT(call(op), -EINVAL);
    d->vcpu[d->max_vcpus - 1] = last;
    d->is_dying = true;
    EXPECT(call(op), -ESRCH);
    d->is_dying = false;
}

static void test_refused_padding(void)
{
    op_t op;

    two_views();
    op = op_of(HVMOP_altp2m_set_mem_access);
    op.u.mem_access.pad = 1;
    EXPECT(call(op), -EINVAL);
    op.cmd = HVMOP_altp2m_get_mem_access;
    EXPECT(call(op), -EINVAL);
    op = op_of(HVMOP_altp2m_change_gfn);
    op.u.change_gfn.pad1 = 1;
    EXPECT(call(op), -EINVAL);
    op.u.change_gfn.pad1 = 0;
    op.u.change_gfn.pad2 = 1;
    EXPECT(call(op), -EINVAL);
    op = op_of(HVMOP_altp2m_set_suppress_ve);
    op.u.suppress_ve.pad1 = 1;
    EXPECT(call(op), -EINVAL);
    op.u.suppress_ve.pad1 = 0;
    op.u.suppress_ve.pad2 = 1;
    EXPECT(call(op), -EINVAL);
    op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.pad1 = 1;
    EXPECT(call(op), -EINVAL);
    op = op_of(HVMOP_altp2m_set_mem_access_multi);
    op.u.set_mem_access_multi.pad = 1;
    EXPECT(call(op), -EINVAL);
    op = op_of(HVMOP_altp2m_vcpu_enable_notify);
    op.u.enable_notify.pad = 1;
    EXPECT(call(op), -EINVAL);
    op = op_of(HVMOP_altp2m_set_visibility);
    op.u.set_visibility.altp2m_idx = 1;
    op.u.set_visibility.pad = 1;
    EXPECT(call(op), -EINVAL);
}

static void test_refused_gfn(void)
{
    op_t op;

    two_views();
    op = op_of(HVMOP_altp2m_set_mem_access);
    op.u.mem_access.view = 1;
    op.u.mem_access.gfn = MAX_GFN + 1;
    EXPECT(call(op), -EINVAL);
    op.cmd = HVMOP_altp2m_get_mem_access;
    EXPECT(call(op), -ESRCH);
    op = op_of(HVMOP_altp2m_change_gfn);
    op.u.change_gfn.view = 1;
    op.u.change_gfn.old_gfn = MAX_GFN + 1;
    EXPECT(call(op), -ESRCH);
    op.u.change_gfn.new_gfn = ~0UL;
    EXPECT(call(op), 0);
    op.u.change_gfn.old_gfn = 0;
    op.u.change_gfn.new_gfn = MAX_GFN + 1;
    EXPECT(call(op), -ESRCH);
    op = op_of(HVMOP_altp2m_set_suppress_ve);
    op.u.suppress_ve.view = 1;
    op.u.suppress_ve.gfn = MAX_GFN + 1;
    EXPECT(call(op), -ESRCH);
    op.cmd = HVMOP_altp2m_get_suppress_ve;
    EXPECT(call(op), -ESRCH);
    op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 5;
    op.u.suppress_ve_multi.last_gfn = 4;
    EXPECT(call(op), -EINVAL);
    op.u.suppress_ve_multi.first_gfn = MAX_GFN + 1;
    op.u.suppress_ve_multi.last_gfn = ~0UL;
    EXPECT(call(op), -EINVAL);
}

/* Beyond the last page nothing is looked at, and the end is told as it was. */
static void test_sve_multi_beyond(void)
{
    op_t op;

    machine_pool(machine.pool_used + 100);
    host_set(0x8000000, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    two_views();
    p2m_get_hostp2m(d)->max_mapped_pfn = 0x9;
    op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 0xa;
    op.u.suppress_ve_multi.last_gfn = ~0UL;
    EXPECT(raw(&op), 0);
    EXPECT(op.u.suppress_ve_multi.first_error, -ESRCH);
    EXPECT(op.u.suppress_ve_multi.first_error_gfn, 0xa);
    EXPECT(op.u.suppress_ve_multi.first_gfn, MAX_GFN + 1);

    /* Of two errors the first is told. */
    p2m_get_hostp2m(d)->max_mapped_pfn = 0x7ffffff;
    op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 0x7fffffe;
    op.u.suppress_ve_multi.last_gfn = 0x80000ff;
    EXPECT(raw(&op), 0);
    EXPECT(op.u.suppress_ve_multi.first_error_gfn, 0x7fffffe);
    op.u.suppress_ve_multi.first_gfn = 0x7ffffff;
    op.u.suppress_ve_multi.first_error = 0;
    EXPECT(raw(&op), 0);
    EXPECT(op.u.suppress_ve_multi.first_error_gfn, 0x8000000);
    now_sve(0x7ffffff, 0x7ffffff, false);
}

static void test_copy_fails(void)
{
    uint64_t *list = (uint64_t *)(guest_memory + 4096);
    uint8_t *access = (uint8_t *)(guest_memory + 8192);
    op_t op, get;
    unsigned int i;

    two_views();
    op = op_of(HVMOP_altp2m_set_mem_access_multi);
    op.u.set_mem_access_multi.view = 1;
    op.u.set_mem_access_multi.nr = 1;
    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.access_list.p = access;
    list[0] = 1;
    access[0] = XENMEM_access_r;
    for ( i = 1; i <= 3; i++ )
    {
        copy_fails_at = i;
        EXPECT(call(op), -EFAULT);
        check_all();
    }
    op.u.set_mem_access_multi.pfn_list.p = (void *)8;
    EXPECT(call(op), -EFAULT);

    /* A result that can't be given. */
    get = op_of(HVMOP_altp2m_get_domain_state);
    copy_fails_at = 2;
    EXPECT(call(get), -EFAULT);

    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.opaque = 2;
    EXPECT(call(op), -EINVAL);
    op.u.set_mem_access_multi.opaque = 0;
    op.u.set_mem_access_multi.view = 3;
    EXPECT(call(op), -EINVAL);
    /* That there is no such view comes first, even of an empty list. */
    op.u.set_mem_access_multi.pfn_list.p = (void *)8;
    EXPECT(call(op), -EINVAL);
    op.u.set_mem_access_multi.nr = 0;
    EXPECT(call(op), -EINVAL);
    op.u.set_mem_access_multi.view = 1;
    EXPECT(call(op), 0);

    /* A list is done up to where it can't be read any more. */
    list = (uint64_t *)(guest_memory + GUEST_MEMORY) - 2;
    list[0] = 0;
    list[1] = 1;
    access[1] = access[2] = XENMEM_access_r;
    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.nr = 3;
    EXPECT(call(op), -EFAULT);
    for ( i = 0; i < 2; i++ )
    {
        ref.view[1].o[i].has_access = true;
        ref.view[1].o[i].access = p2m_access_r;
    }
    check_all();
}

/* The continuation of a list: where it goes on is all that is written back. */
static void continue_list(bool compat)
{
    uint64_t *list = (uint64_t *)(guest_memory + 4096);
    uint8_t *access = (uint8_t *)(guest_memory + 8192);
    op_t op = op_of(HVMOP_altp2m_set_mem_access_multi), was;
    unsigned int i, rounds = 0;
    int rc;

    for ( i = 0; i < 200; i++ )
    {
        list[i] = 0x200 + i;
        access[i] = XENMEM_access_r;
    }
    op.u.set_mem_access_multi.view = 1;
    op.u.set_mem_access_multi.nr = 200;
    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.access_list.p = access;
    if ( compat )
    {
        struct compat_hvm_altp2m_op *c = (void *)&op;

        c->u.set_mem_access_multi.pfn_list.c = (uintptr_t)list;
        c->u.set_mem_access_multi.access_list.c = (uintptr_t)access;
        memset(c + 1, 0, 0);
    }
    current->hcall_compat = compat;
    preempt_mask = ~0u;
    was = op;
    do {
        rc = raw(&op);
        was.u.set_mem_access_multi.opaque = op.u.set_mem_access_multi.opaque;
        EXPECT(memcmp(&was, &op, sizeof(op)), 0);
        rounds++;
    } while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(rounds, 4);
    for ( i = 0; i < 200; i++ )
    {
        xenmem_access_t a;

        EXPECT(p2m_get_mem_access(d, _gfn(list[i]), &a, 1), 0);
        EXPECT(a, XENMEM_access_r);
    }
    for ( i = 12; i < 14; i++ )          /* 0x200, 0x201 */
    {
        ref.view[1].o[i].has_access = true;
        ref.view[1].o[i].access = p2m_access_r;
    }
    /* A continuation that can't be noted must not look like one. */
    op = was;
    op.u.set_mem_access_multi.opaque = 0;
    preempt_mask = ~0u;
    copy_fails_at = 4;
    EXPECT(call(op), -EFAULT);
    current->hcall_compat = false;
    preempt_mask = 0;
}

static void test_continue_list(void)
{
    two_views();
    continue_list(false);
}

static void test_continue_list_compat(void)
{
    two_views();
    continue_list(true);
}

static void test_continue_sve(void)
{
    op_t op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    unsigned int rounds = 0;
    int rc;

    two_views();
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 0x200;
    op.u.suppress_ve_multi.last_gfn = 0x3ff;
    preempt_mask = ~0u;
    do {
        rc = raw(&op);
        rounds++;
    } while ( rc == -ERESTART );
    EXPECT(rc, 0);
    EXPECT(rounds, 8);
    EXPECT(op.u.suppress_ve_multi.first_error, 0);
    now_sve(0x200, 0x3ff, false);
    audit();
    preempt_mask = 0;
}

/* ---- long operations, cut short ---- */

static void many_overrides(unsigned int view)
{
    struct altp2m_change c = { .set_access = ALTP2M_SET,
                               .access = p2m_access_r };
    struct altp2m_change r = { .set_target = ALTP2M_SET, .target = 0x201 };
    unsigned int i;

    altp2m_lock(d);
    for ( i = 0; i < 100; i++ )
        EXPECT(altp2m_override(d, altp2m_view(d, view),
                               0x40000 + i * 0x200, 0, &c), 0);
    for ( i = 0; i < 100; i++ )
        EXPECT(altp2m_override(d, altp2m_view(d, view), 0x300 + i, 0, &r), 0);
    altp2m_unlock(d);
}

/* Between the rounds the host's map changes, and no one finds the view. */
static void test_destroy_in_rounds(void)
{
    op_t op = op_of(HVMOP_altp2m_destroy_p2m);
    unsigned int rounds = 0;
    int rc;

    two_views();
    many_overrides(1);
    op.u.view.view = 1;
    preempt_mask = ~0u;
    while ( (rc = raw(&op)) == -ERESTART )
    {
        op_t sw = op_of(HVMOP_altp2m_switch_p2m);

        rounds++;
        ref.view[1].live = false;
        sw.u.view.view = 1;
        EXPECT(call(sw), -EINVAL);
        check_all();
        host_set(0x40000 + rounds * 0x200, 0x100001, 0, p2m_ram_rw,
                 p2m_access_r);
        host_set(0x201, ~0UL, 0, p2m_invalid, p2m_access_rwx);
        host_set(0x200, 0x100200, 9, p2m_ram_rw, p2m_access_rwx);
        p2m_memory_type_changed(d);
        altp2m_lock(d);
        altp2m_reclaim(d);
        vmx_domain_update_eptp(d);
        altp2m_unlock(d);
        check_all();
    }
    EXPECT(rc, 0);
    EXPECT(rounds > 2, 1);
    preempt_mask = 0;
    audit();
    EXPECT(raw(&op), -EBUSY);
}

static void test_disable_in_rounds(void)
{
    op_t op = op_of(HVMOP_altp2m_set_domain_state);

    two_views();
    many_overrides(1);
    many_overrides(2);
    preempt_mask = 1;
    EXPECT(raw(&op), -ERESTART);
    now_off();
    host_set(0x201, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    check_all();
    check_touching();
    /* Turned on again instead, it ends what was begun first. */
    op.u.domain_state.state = 1;
    preempt_mask = 1;
    EXPECT(raw(&op), -ERESTART);
    EXPECT(raw(&op), 0);
    ref.on = true;
    ref.view[0] = (struct ref_view){ .live = true, .visible = true,
                                     .def = NO_DEFAULT,
                                     .created = p2m_access_rwx };
    check_all();
    audit();
}

static void test_teardown_in_rounds(void)
{
    bool preempted = false;
    unsigned int rounds = 0;

    two_views();
    many_overrides(1);
    domain_paused(true);
    d->is_dying = true;
    do {
        preempt_mask = 1;
        preempted = false;
        altp2m_teardown(d, &preempted);
        rounds++;
    } while ( preempted );
    EXPECT(rounds > 1, 1);
    altp2m_teardown(d, NULL);
    d->is_dying = false;
    domain_paused(false);
    now_off();
    audit();
}

/* Destruction doesn't ask to go on where it is not to be cut short. */
static void test_teardown_at_once(void)
{
    two_views();
    many_overrides(1);
    domain_paused(true);
    preempt_mask = ~0u;
    altp2m_teardown(d, NULL);
    EXPECT(d->arch.altp2m != NULL, 0);
    preempt_mask = 0;
    domain_paused(false);
    now_off();
}

/* Another vCPU of the domain is at it: to be tried again. */
static void test_pause_later(void)
{
    op_t op = op_of(HVMOP_altp2m_set_domain_state);

    op.u.domain_state.state = 1;
    pause_fails = true;
    EXPECT(call(op), -ERESTART);
    pause_fails = false;
    two_views();
    pause_fails = true;
    op = op_of(HVMOP_altp2m_destroy_p2m);
    op.u.view.view = 1;
    EXPECT(call(op), -ERESTART);
    op = op_of(HVMOP_altp2m_switch_p2m);
    op.u.view.view = 1;
    EXPECT(call(op), -ERESTART);
    pause_fails = false;
    check_all();
}

/* ---- targets that many show ---- */

static void test_shared_target(void)
{
    unsigned int i;

    two_views();
    for ( i = 0; i < 4; i++ )
    {
        step("remap", 1, 10 + i, 9, 0);
        step("remap", 2, 10 + i, 9, 0);
    }
    step("remap", 1, 10, 0, 0);          /* another target instead */
    step("host-page", 9, 8, 0, 0);       /* the target goes away */
    EXPECT(d->arch.altp2m->lost, 7);
    step("host-page", 9, 0, 0, 1);       /* and comes back, elsewhere */
    step("touch-all", 0, 0, 0, 0);
    EXPECT(d->arch.altp2m->lost, 7);
}

static p2m_access_t access_in(unsigned int view, unsigned int g)
{
    altp2m_slot_t slot;
    unsigned int level;

    slot = altp2m_lookup(altp2m_view(d, view), gfns[g], &level);

    return slot & SLOT_ACCESS ? (slot & SLOT_ACCESS) - 1 : p2m_access_rwx;
}

/* A remap brings the rights of its target, and nothing survives its undoing. */
static void test_remap_replaces(void)
{
    unsigned int level, used;

    two_views();
    used = machine.pool_used;
    step("access", 1, 0, XENMEM_access_n, 0);
    step("sve", 1, 0, 0, 0);
    step("access", 1, 1, XENMEM_access_rx, 0);
    step("remap", 1, 0, 1, 0);
    EXPECT(access_in(1, 0), p2m_access_rx);
    EXPECT(slot_sve(altp2m_lookup(altp2m_view(d, 1), 0, &level)), true);
    step("access", 1, 0, XENMEM_access_r, 0);
    step("remap", 1, 0, 1, 0);                  /* as it was */
    EXPECT(access_in(1, 0), p2m_access_rx);
    step("access", 1, 1, XENMEM_access_r, 0);   /* its own affair */
    EXPECT(access_in(1, 0), p2m_access_rx);
    step("sve", 1, 0, 0, 0);
    step("remap", 1, 0, 0, 1);
    step("remap", 1, 1, 0, 1);                  /* never remapped */
    EXPECT(altp2m_lookup(altp2m_view(d, 1), 0, &level), 0);
    EXPECT(machine.pool_used, used);
}

/* What the target shows counts, as of now; and it may be what the gfn has. */
static void test_remap_of_remap(void)
{
    two_views();
    step("remap", 1, 0, 1, 0);
    step("remap", 1, 9, 0, 0);
    EXPECT(altp2m_remap(altp2m_view(d, 1), 9)->target, 1);
    step("remap", 1, 0, 0, 1);
    EXPECT(altp2m_remap(altp2m_view(d, 1), 9)->target, 1);
    step("remap", 1, 9, 9, 0);                  /* itself: nothing new */
    EXPECT(altp2m_remap(altp2m_view(d, 1), 9)->target, 1);
    step("remap", 1, 1, 9, 0);                  /* its own page, by a detour */
    EXPECT(altp2m_remap(altp2m_view(d, 1), 1) == NULL, true);
    step("remap", 1, 10, 10, 0);
    EXPECT(altp2m_remap(altp2m_view(d, 1), 0x1fe) == NULL, true);
}

/* The host's default access is one as others, and stays when that changes. */
static void test_access_default(void)
{
    two_views();
    step("access", 1, 0, XENMEM_access_r, 0);
    step("default", 0, 0, XENMEM_access_rx, 0);
    step("access", 1, 0, XENMEM_access_default, 0);
    EXPECT(access_in(1, 0), p2m_access_rx);
    step("default", 0, 0, XENMEM_access_rwx, 0);
    EXPECT(access_in(1, 0), p2m_access_rx);
}

/*
 * A view has a default access or none: then the host's counts, and what it was
 * made with can only be asked for.  A default gives back what the host takes.
 */
static void test_no_default(void)
{
    unsigned int a;

    step("state", 1, 0, 0, 0);
    for ( a = 0; a < XENMEM_access_default; a++ )
    {
        step("create", a, 0, 0, 0);
        step("ask", 1, 0, 0, 0);
        if ( altp2m_view(d, 1) )
            step("destroy", 1, 0, 0, 0);
    }
    step("create", XENMEM_access_rx, 0, 0, 0);
    step("host-access", 0, XENMEM_access_r, 0, 0);
    step("set-default", 1, 0, 0, 1);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0, 4), TOUCH_VIOLATION);
    EXPECT(cpu_touch(0, 1, 2), TOUCH_OK);
    step("set-default", 1, 0, XENMEM_access_rwx, 0);
    EXPECT(cpu_touch(0, 0, 2), TOUCH_OK);
    step("host-page", 1, 0, 5, 0);              /* n */
    EXPECT(cpu_touch(0, 1, 2), TOUCH_OK);
    step("clone", 1, 0, 0, 0);
    step("set-default", 1, 0, 0, 1);
    step("ask", 1, 0, 0, 0);
    step("ask", 2, 0, 0, 0);
    EXPECT(cpu_touch(0, 1, 1), TOUCH_VIOLATION);
}

static bool overrides_nothing(unsigned int view)
{
    const struct altp2m_view *v = altp2m_view(d, view);

    return !v->root.used && !v->access_gfns && !v->sve_gfns && !v->nr_remaps;
}

/* What a client sets in the host's map counts everywhere, whatever was said. */
static void test_host_access_counts(void)
{
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
    EXPECT(slot_sve(altp2m_lookup(altp2m_view(d, 2), 0, &level)), false);
    step("host-access", 13, XENMEM_access_rwx, 0, 0);
    EXPECT(cpu_touch(0, 0x201, 2), TOUCH_OK);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    /* By way of view 0 as well, also where that has had its own say. */
    step("remap", 0, 0, 1, 0);
    step("access", 0, 0, XENMEM_access_rwx, 0);
    step("access", 0, 12, XENMEM_access_rwx, 0);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_OK);
    EXPECT(altp2m_view(d, 0)->nr_remaps, 0);
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
    unsigned long gfn;
    unsigned int g;

    two_views();
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

#define LISTED 4096u

/* set_mem_access_multi of @nr gfns from @first on, in view 1. */
static void set_all(unsigned long first, unsigned long nr, uint8_t access)
{
    uint64_t *list = (uint64_t *)(guest_memory + 4096);
    uint8_t *accesses = (uint8_t *)(list + LISTED);
    op_t op = op_of(HVMOP_altp2m_set_mem_access_multi);
    unsigned int i, g;

    memset(accesses, access, LISTED);
    op.u.set_mem_access_multi.view = 1;
    op.u.set_mem_access_multi.pfn_list.p = list;
    op.u.set_mem_access_multi.access_list.p = accesses;
    for ( i = 0; i < nr; i++ )
    {
        list[i % LISTED] = first + i;
        if ( (i + 1) % LISTED && i + 1 != nr )
            continue;
        op.u.set_mem_access_multi.nr = i % LISTED + 1;
        op.u.set_mem_access_multi.opaque = 0;
        EXPECT(call(op), 0);
        /* Those on the way to where it is just now, and no more. */
        EXPECT(altp2m_view(d, 1)->nr_tables <= 5, true);
    }
    for ( g = 0; g < NR_GFNS; g++ )
        if ( gfns[g] >= first && gfns[g] < first + nr )
        {
            xenmem_access_to_p2m_access(p2m_get_hostp2m(d), access,
                                        &ref.view[1].o[g].access);
            ref.view[1].o[g].has_access = true;
        }
    check_all();
    audit();
}

/*
 * 4 GiB, mapped by 4 KiB, gfn by gfn: equal neighbours become one entry, and
 * what they took goes, whatever they are set to.
 */
static void test_equal_neighbours(void)
{
    const unsigned long first = 0x40000, nr = 4UL << 18;
    unsigned long gfn;
    unsigned int used;

    machine_pool(12000);
    step("host-large", 20, 0, 0, 1);            /* 1G at 0x40000 */
    for ( gfn = first; gfn < first + nr; gfn += 512 )
    {
        EXPECT(host_set(gfn, 0x200000 + gfn - first, 9, p2m_ram_rw,
                        p2m_access_rwx), 0);
        EXPECT(host_set(gfn, 0x200000 + gfn - first, 0, p2m_ram_rw,
                        p2m_access_rwx), 0);
    }
    two_views();
    used = machine.pool_used;
    step("reply", 1, 0, 0, 0);
    set_all(first, nr, XENMEM_access_rwx);
    EXPECT(machine.pool_used <= used + 3, true);
    EXPECT(altp2m_view(d, 1)->nr_nodes, 1);
    set_all(first, nr, XENMEM_access_rx);
    EXPECT(machine.pool_used <= used + 3, true);
    EXPECT(altp2m_view(d, 1)->access_gfns, nr);
}

/* Whichever operation makes them equal, the last of them ends the table. */
static void test_merge_by_any(void)
{
    unsigned int used, i;
    op_t op;

    two_views();
    used = machine.pool_used;
    step("access", 1, 12, XENMEM_access_r, 0);
    set_all(0x200, 512, XENMEM_access_rx);
    EXPECT(altp2m_node(altp2m_view(d, 1), 0x200, 0) == NULL, true);
    step("remap", 1, 12, 1, 0);
    EXPECT(altp2m_node(altp2m_view(d, 1), 0x200, 0) != NULL, true);
    step("access", 1, 12, XENMEM_access_rx, 0);
    EXPECT(altp2m_node(altp2m_view(d, 1), 0x200, 0) != NULL, true);
    step("remap", 1, 12, 0, 1);
    step("access", 1, 12, XENMEM_access_rx, 0);
    EXPECT(altp2m_node(altp2m_view(d, 1), 0x200, 0) == NULL, true);
    /* The host has one entry there, which can say #VE as well. */
    op = op_of(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.view = 1;
    op.u.suppress_ve_multi.first_gfn = 0x200;
    op.u.suppress_ve_multi.last_gfn = 0x3ff;
    EXPECT(call(op), 0);
    for ( i = 12; i < 15; i++ )
    {
        ref.view[1].o[i].has_sve = true;
        ref.view[1].o[i].sve = false;
    }
    EXPECT(altp2m_node(altp2m_view(d, 1), 0x200, 0) == NULL, true);
    check_all();
    for ( i = 0x200; i < 0x400; i++ )
        EXPECT(p2m_set_mem_access(d, _gfn(i), 1, 0, 0, XENMEM_access_rwx, 0),
               0);
    for ( i = 12; i < 15; i++ )
        ref.view[1].o[i].has_access = false;
    check_all();
    op.u.suppress_ve_multi.suppress_ve = 1;
    EXPECT(call(op), 0);
    for ( i = 12; i < 15; i++ )
        ref.view[1].o[i].sve = true;
    EXPECT(machine.pool_used <= used + 8, true);
}

/* ---- more vCPUs than know what is asked ---- */

static void test_beyond_max_gfn(void)
{
    struct npfec w = { .write_access = 1 };
    struct vcpu *v = d->vcpu[0];
    p2m_access_t a = p2m_access_n;
    unsigned int order = 9;
    p2m_type_t t;

    two_views();
    current = v;
    altp2m_fault_begin(v, MAX_GFN + 1);
    EXPECT(altp2m_fault(v, (paddr_t)(MAX_GFN + 1) << PAGE_SHIFT, w,
                        MAX_GFN + 1, INVALID_MFN, p2m_mmio_dm, &a, &order), 0);
    EXPECT(a, p2m_access_n);
    EXPECT(order, 9);
    p2m_lock(p2m_get_hostp2m(d));
    EXPECT(altp2m_inject_ve(v, (paddr_t)(MAX_GFN + 1) << PAGE_SHIFT, 0, w), 0);
    altp2m_get_entry(v, _gfn(MAX_GFN + 1), &t, &a);
    EXPECT(t, p2m_mmio_dm);
    p2m_unlock(p2m_get_hostp2m(d));
    EXPECT(altp2m_gfn(v, _gfn(MAX_GFN + 1)).g, MAX_GFN + 1);
    caller_is(NULL);
}

/* ---- #UD ---- */

static bool ud(unsigned int mod, unsigned int reg, unsigned int rm,
               unsigned int opcode, uint64_t eax, uint64_t ecx)
{
    struct cpu_user_regs regs = { .eax = eax, .ecx = ecx };

    instruction = (struct x86_emulate_state){ mod, rm, reg };
    instruction_opcode = opcode;
    injected[X86_EXC_UD] = 0;
    current = d->vcpu[0];

    return altp2m_ud_intercept(&regs);
}

#define VMFUNC X86EMUL_OPC(0x0f, 0x01)
static void test_ud(void)
{
    op_t op;

    features.vmfunc = false;
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 0);
    caller_is(NULL);
    two_views();
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 0);        /* not enabled */
    caller_is(NULL);
    step("notify", 0, 0, 1, 0);
    EXPECT(ud(0, 2, 4, VMFUNC, 0, 1), 0);        /* other instructions */
    EXPECT(ud(3, 1, 4, VMFUNC, 0, 1), 0);
    EXPECT(ud(3, 2, 5, VMFUNC, 0, 1), 0);
    EXPECT(ud(3, 2, 4, X86EMUL_OPC(0x0f, 0x0b), 0, 1), 0);
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 1);
    EXPECT(injected[X86_EXC_UD], 0);
    EXPECT(altp2m_vcpu_idx(d->vcpu[0]), 1);
    EXPECT(ud(3, 2, 4, VMFUNC, 1, 2), 1);        /* another leaf */
    EXPECT(injected[X86_EXC_UD], 1);
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 3), 1);        /* no such view */
    EXPECT(injected[X86_EXC_UD], 1);
    EXPECT(altp2m_vcpu_idx(d->vcpu[0]), 1);
    ref.in[0] = 1;
    caller_is(NULL);
    op = op_of(HVMOP_altp2m_vcpu_disable_notify);
    op.u.disable_notify.vcpu_id = 0;
    EXPECT(call(op), 0);
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 0);
    caller_is(NULL);
    EXPECT(d->vcpu[0]->arch.hvm.vmx.exception_bitmap, 0);
}

/* Where #UD exits for something else too, VMFUNC's coming and going leaves it. */
static void test_ud_other_vendor(void)
{
    struct vcpu *v;

    features.vmfunc = false;
    two_views();
    d->arch.cpu_policy->x86_vendor = !boot_cpu_data.x86_vendor;
    /* As the vCPUs are told of a policy. */
    for_each_vcpu ( d, v )
        altp2m_vcpu_restored(v);
    step("notify", 0, 0, 1, 0);
    step("notify", 0, 0, 0, 0);
    step("set-vmfunc", 0, 1, 1, 0);
    step("set-vmfunc", 0, 1, 0, 0);
    /* A policy that comes after leaves VMFUNC's. */
    step("notify", 0, 0, 1, 0);
    d->arch.cpu_policy->x86_vendor = boot_cpu_data.x86_vendor;
    EXPECT(altp2m_ud_exits(d->vcpu[0]), 1);
    EXPECT(altp2m_ud_exits(d->vcpu[1]), 0);
    for_each_vcpu ( d, v )
        altp2m_vcpu_restored(v);
    step("notify", 0, 0, 0, 0);
    EXPECT(altp2m_ud_exits(d->vcpu[0]), 0);
}

/* A view hidden from one vCPU: by the CPU's list, and where VMFUNC is emulated. */
static void test_hidden(void)
{
    two_views();
    step("notify", 0, 0, 1, 0);
    step("notify", 1, 0, 1, 0);
    step("vmfunc", 1, 0, 0, 0);
    step("vmfunc", 2, 0, 0, 0);
    step("hide", 1, 0, 0, 0);
    step("vmfunc", 1, 0, 0, 0);
    step("vmfunc", 1, 1, 0, 0);
    step("hide", 1, 0, 1, 0);
    step("vmfunc", 1, 0, 0, 0);
}

/* The host lets nobody at a page, so it marks nothing; but a view shows it. */
static void test_memory_type_hidden(void)
{
    d->iommu = true;
    two_views();
    step("host-access", 12, XENMEM_access_n, 0, 0);
    step("access", 1, 12, XENMEM_access_rwx, 0);
    step("memory-type", 0, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    check_all();
}

/* ---- the information page ---- */

static void test_info_special(void)
{
    op_t op = op_of(HVMOP_altp2m_vcpu_enable_notify);

    two_views();
    frame_table[0x100001].special = true;
    op.u.enable_notify.gfn = 1;
    EXPECT(call(op), -EINVAL);
    frame_table[0x100001].special = false;
    EXPECT(frame_table[0x100001].refs, 0);
    EXPECT(call(op), 0);
    EXPECT(frame_table[0x100001].refs, 1);
    /* It can be ballooned away: whoever holds it holds the frame. */
    host_set(1, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    EXPECT(frame_table[0x100001].refs, 1);
    op.cmd = HVMOP_altp2m_vcpu_disable_notify;
    op.u.disable_notify.vcpu_id = 0;
    EXPECT(call(op), 0);
    EXPECT(call(op), 0);
    EXPECT(frame_table[0x100001].refs, 0);
}

/* The page says what happened, once at a time. */
static void test_info_contents(void)
{
    struct { uint32_t reason, busy; uint64_t q, gla, gpa; uint16_t view; } *info;
    unsigned int was;

    features.virt_exceptions = false;
    two_views();
    step("notify", 0, 0, 1, 0);
    step("access", 1, 12, XENMEM_access_r, 0);
    step("sve", 1, 12, 0, 0);
    step("reply", 1, 0, 0, 0);
    info = map_domain_page(_mfn(0x100000));
    memset(info, 0, sizeof(*info));
    was = injected[X86_EXC_VE];
    d->vcpu[0]->arch.hvm.vmx.vmcs[EXIT_QUALIFICATION] = 0x18a;
    d->vcpu[0]->arch.hvm.vmx.vmcs[GUEST_LINEAR_ADDRESS] = 0x12345678;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    EXPECT(injected[X86_EXC_VE], was + 1);
    EXPECT(info->reason, 48);
    EXPECT(info->busy, 0xffffffff);
    EXPECT(info->q, 0x18a);
    EXPECT(info->gla, 0x12345678);
    EXPECT(info->gpa, 0x200000);
    EXPECT(info->view, 1);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    info->busy = 0;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    info->busy = 0;
    /* An event is being delivered, or there is no IDT to deliver by. */
    event_pending = true;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    event_pending = false;
    d->vcpu[0]->arch.hvm.guest_cr[0] = 0;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    d->vcpu[0]->arch.hvm.guest_cr[0] = X86_CR0_PE;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    info->busy = 0;
    step("sve", 1, 12, 1, 0);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
}

/* The same on AMD, where an event is injected that VMRUN accepts. */
static void test_info_contents_amd(void)
{
    struct { uint32_t reason, busy; uint64_t q, gla, gpa; uint16_t view; } *info;
    unsigned int was = injected[X86_EXC_VE];

    two_views();
    step("notify", 0, 0, 1, 0);
    step("access", 1, 12, XENMEM_access_rx, 0);
    step("sve", 1, 12, 0, 0);
    step("reply", 1, 0, 0, 0);
    info = map_domain_page(_mfn(0x100000));
    memset(info, 0, sizeof(*info));
    guest_cpu_user_regs()->rflags = 2;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    cpu_enter(0);
    EXPECT(injected[X86_EXC_VE], was + 1);
    EXPECT(guest_cpu_user_regs()->rflags, 2 | X86_EFLAGS_RF);
    EXPECT(info->q, 0x2a);
    EXPECT(info->gla, 0);
    EXPECT(info->gpa, 0x200000);
    EXPECT(info->view, 1);
}

/* ---- what belongs to I/O that is under way ---- */

/* A device model is given no address that means another page in the view. */
static void test_device_sees(void)
{
    struct vcpu *v = d->vcpu[0];

    EXPECT(altp2m_device_sees(v, _gfn(0x200)), true);
    two_views();
    step("remap", 1, 12, 13, 0);
    EXPECT(altp2m_device_sees(v, _gfn(gfns[12])), true);
    step("reply", 1, 0, 0, 0);
    EXPECT(altp2m_device_sees(v, _gfn(gfns[12])), false);
    EXPECT(altp2m_device_sees(v, _gfn(gfns[13])), true);
    v->io.req.state = STATE_IORESP_READY;
    EXPECT(altp2m_device_sees(v, _gfn(gfns[13])), false);
    v->io.req.state = STATE_IOREQ_NONE;
}

/* ---- views as many as there can be ---- */

/* docs/differences.md: a table and a sixth of a page for each 2M more. */
static void test_costs_of_more(void)
{
    static const struct { uint8_t g, pages; } more[] = {
        { 12, 1 }, { 15, 1 }, { 18, 1 },    /* with those on the way: six */
        { 19, 3 },                          /* another 1G, two nodes more */
    };
    unsigned int i, used;

    two_views();
    step("access", 1, 0, XENMEM_access_rw, 0);
    for ( i = 0; i < ARRAY_SIZE(more); i++ )
    {
        used = machine.pool_used;
        step("access", 1, more[i].g, XENMEM_access_rw, 0);
        EXPECT(machine.pool_used, used + more[i].pages);
    }
}

static void test_all_indexes(void)
{
    op_t op = op_of(HVMOP_altp2m_create_p2m);
    unsigned int i;

    step("state", 1, 0, 0, 0);
    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    for ( i = 1; i < ALTP2M_MAX_VIEWS; i++ )
    {
        EXPECT(raw(&op), 0);
        EXPECT(op.u.view.view, i);
    }
    EXPECT(raw(&op), -ENOSPC);
    op = op_of(HVMOP_altp2m_destroy_p2m);
    op.u.view.view = 300;
    EXPECT(call(op), 0);
    op = op_of(HVMOP_altp2m_create_p2m);
    op.u.view.hvmmem_default_access = XENMEM_access_rwx;
    EXPECT(raw(&op), 0);
    EXPECT(op.u.view.view, 300);
    op = op_of(HVMOP_altp2m_set_domain_state);
    EXPECT(call(op), 0);
    now_off();
}

/* Nothing is shared by mistake: a view costs what it overrides. */
static void test_costs(void)
{
    unsigned int used;

    step("state", 1, 0, 0, 0);
    used = machine.pool_used;
    step("create", XENMEM_access_r, 0, 0, 0);
    step("set-default", 1, 0, XENMEM_access_r, 0);
    EXPECT(machine.pool_used, used + 1);
    /* A fresh view takes no fault of its own. */
    step("reply", 1, 0, 0, 0);
    spurious = 0;
    cpu_touch(0, 0x0, 1);
    cpu_touch(0, 0x200, 1);
    cpu_touch(0, 0x40000, 1);
    EXPECT(spurious, 0);
    /* One override: three tables, and one page of small objects. */
    used = machine.pool_used;
    step("access", 1, 0, XENMEM_access_rw, 0);
    EXPECT(machine.pool_used, used + 4);
    used = machine.pool_used;
    step("access", 1, 1, XENMEM_access_rw, 0);
    EXPECT(machine.pool_used, used);
    /* 2M at once: nothing below is copied. */
    step("range", 1, 12, 1, 0);
    EXPECT(machine.pool_used, used);
    step("remap", 1, 0, 0, 1);
    step("remap", 1, 1, 0, 1);
    step("range", 1, 12, 8, 0);
    EXPECT(machine.pool_used, used - 4);
}

static bool has_root(unsigned int view)
{
    return !mfn_eq(altp2m_view(d, view)->root.table, INVALID_MFN);
}

/*
 * Tables are made when a CPU may walk them: a view's at the first switch, which
 * can't fail then; view 0's once it says something of its own.
 */
static void test_late_roots(void)
{
    unsigned int used, limit = machine.pool_limit, i;

    step("state", 1, 0, 0, 0);
    for ( i = 0; i < 3; i++ )
        step("create", XENMEM_access_rwx, 1, 0, 0);
    EXPECT(has_root(0) || has_root(1) || has_root(2) || has_root(3), false);
    EXPECT(altp2m_root_of(d, 0) == altp2m_root(d->vcpu[0]), true);
    EXPECT(altp2m_root_of(d, 1) == ~0UL, true);

    /* What is overridden and what the host does before are in the first root. */
    step("access", 1, 0, XENMEM_access_r, 0);
    step("host-page", 1, 0, 0, 0);
    EXPECT(has_root(1), false);

    used = machine.pool_limit = machine.pool_used;
    step("switch", 1, 0, 0, 0);
    step("reply", 2, 0, 0, 0);
    EXPECT(has_root(1) && has_root(2), true);
    EXPECT(machine.pool_used, used);

    /* A page for view 0's root isn't there: nothing has changed. */
    step("remap", 0, 0, 1, 0);
    EXPECT(has_root(0), false);
    machine.pool_limit = limit;
    step("switch", 0, 0, 0, 0);
    step("remap", 0, 0, 1, 0);
    EXPECT(has_root(0) && altp2m_view(d, 0)->root.used, true);

    /* Views that VMFUNC may enter have theirs. */
    step("notify", 0, 12, 1, 0);
    EXPECT(has_root(3), features.vmfunc);
}

/* A large page whose rights leave only execution, and which must be split. */
static void test_shatter_execute_only(void)
{
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

/* A view whose index and root page come back in a new life. */
static void test_root_reused(void)
{
    two_views();
    step("reply", 1, 0, 0, 0);
    step("remap", 1, 12, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    step("reply", 0, 0, 0, 0);
    step("destroy", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
}

/* The same across a time without views, when other contexts aren't emptied. */
static void test_root_reused_later(void)
{
    unsigned int i;

    for ( i = 0; i < 4; i++ )
    {
        two_views();
        step("remap", 1, 12, 0, 0);
        step("remap", 2, 12, 0, 0);
        step("reply", 1 + i % 2, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("state", 0, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        two_views();
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("reply", 1, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("reply", 2, 0, 0, 0);
        EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
        step("state", 0, 0, 0, 0);
    }
}

/* While views are on there is one INVEPT for all; a moved vCPU needs none. */
static void test_flush_after_move(void)
{
    two_views();
    step("reply", 1, 0, 0, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
    cpu_migrate(0, 3);
    EXPECT(cpu_touch(3, 0x200, 1), TOUCH_OK);
    step("remap", 1, 12, 0, 0);
    cpu_migrate(3, 0);
    EXPECT(cpu_touch(0, 0x200, 1), TOUCH_OK);
}

/*
 * A range whose pages were told apart, and which only leaves can say: right for
 * a moment, then left for a fault.
 */
static void test_range_given_up(void)
{
    two_views();
    step("access", 1, 12, XENMEM_access_rw, 0);
    step("range", 1, 12, 2, 3);                 /* rx and #VE, of a gigabyte */
    step("touch-all", 0, 0, 0, 0);
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
        w = walk_ept(p2m_get_hostp2m(d)->ept.mfn, 9);
        EXPECT(w.mfn, 0x123456);
        EXPECT((w.entry & altp2m_ept.plain_mask) == altp2m_ept.plain,
               of[i].plain);
    }
    features.ad = false;
}

/* ---- populate on demand ---- */

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

/* ---- walkers ---- */

static void test_walkers(void)
{
    mfn_t t[4];
    unsigned int i;

    for ( i = 0; i < 4; i++ )
        t[i] = page_to_mfn(d->arch.paging.alloc_page(d));
    features.exec_only = false;
    for ( i = 0; i < 3; i++ )
        table_at(t[i].m)[1] = (t[i + 1].m << 12) | 7;
#define AT(e) (table_at(t[3].m)[1] = (e), walk_ept(t[0].m, 0x8040201))
    EXPECT(AT(0x123456037).end, WALK_OK);
    EXPECT(AT(0x123456037).mfn, 0x123456);
    EXPECT(AT(0x123456037).rights, 7);
    EXPECT(AT(0x123456037).emt, 6);
    EXPECT(AT(0x123456032).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456034).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456036).end, WALK_MISCONFIG);
    EXPECT(AT(0x12345603f).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456017).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456030).end, WALK_ABSENT);
    EXPECT(AT(0x8000000000000000).suppress, 1);
    features.exec_only = true;
    EXPECT(AT(0x123456034).rights, 4);
    table_at(t[1].m)[1] = (t[2].m << 12) | 1;
    EXPECT(AT(0x123456037).rights, 1);
    table_at(t[1].m)[1] = (t[2].m << 12) | 0x3f;
    EXPECT(AT(0x123456037).end, WALK_MISCONFIG);
    table_at(t[1].m)[1] = 0x1400000b7;
    EXPECT(AT(0).mfn, 0x140201);
    table_at(t[1].m)[1] = 0x1400010b7;
    EXPECT(AT(0).end, WALK_MISCONFIG);
    table_at(t[0].m)[1] |= 0x80;
    EXPECT(AT(0).end, WALK_MISCONFIG);
#undef AT
    for ( i = 0; i < 3; i++ )
        table_at(t[i].m)[1] = (t[i + 1].m << 12) | 0x67;
#define AT(e) (table_at(t[3].m)[1] = (e), walk_npt(t[0].m, 0x8040201))
    EXPECT(AT(0x123456067).rights, 7);
    EXPECT(AT(0x123456067).mfn, 0x123456);
    EXPECT(AT(0x8000000123456067).rights, 3);
    EXPECT(AT(0x123456065).rights, 5);
    EXPECT(AT(0x123456066).end, WALK_ABSENT);
    EXPECT(AT(0x123456063).end, WALK_MISCONFIG);
    table_at(t[1].m)[1] = (t[2].m << 12) | 0x65;
    EXPECT(AT(0x123456067).rights, 5);
    table_at(t[1].m)[1] = 0x1400000e7;
    EXPECT(AT(0).mfn, 0x140201);
#undef AT
    for ( i = 0; i < 4; i++ )
        d->arch.paging.free_page(d, mfn_to_page(t[i]));
}

/* ---- the trace checker finds what it is for ---- */

static void test_trace(void)
{
    static const struct { const char *events; bool bad; } cases[] = {
        { "e0 s x0 m i0 e0 r", false },
        { "e0 s r", true },               /* nobody was told */
        { "e0 s m r", true },             /* told, but still inside */
        { "e0 s m x0 r", false },         /* will invalidate on the way in */
        { "e0 x0 s r", true },            /* outside, but not told */
        { "e0 s f", true },               /* freed before the flush */
        { "e0 s m x0 f", false },
        { "e0 m x0 i0 e0 s r", true },    /* flushed before the store */
        { "s m r e0", true },             /* enters and forgets */
        { "s m f e0", true },
        { "s m r j0 e0", true },          /* forgets the views */
        { "s m r i0 e0", false },
        { "s m e0 x0 r i0 e0", false },   /* looked before the mask was set */
        { "s m e0 r", true },             /* ... and wasn't waited for */
        { "e0 e1 s m x0 r", true },       /* one of two is told */
        { "e0 e1 s m x0 x1 r", false },
        { "e0 m x0 i0 e0 r", false },
    };
    unsigned int i, c;

    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        trace_init(NULL, NR_PCPUS);
        trace_mask();
        for ( c = 0; c < NR_PCPUS; c++ )
            trace_invalidate(c);
        EXPECT(trace_events(cases[i].events), true);
        if ( !!trace->verdict != cases[i].bad )
            FAIL("'%s' is %s", cases[i].events,
                 trace->verdict ?: "thought to be right");
    }
    trace_init(NULL, NR_PCPUS);
    EXPECT(trace_events("s z"), false);
    EXPECT(trace_events("s e"), false);
    EXPECT(trace_events("e8"), false);
    trace_init(NULL, NR_PCPUS);
    p2m_get_hostp2m(d)->ept.invalidate->bits = 0;
    ept_sync_domain(p2m_get_hostp2m(d));
}

/* What Xen would tell of it, judged as a serial log is. */
static const char *told(char *const *text, struct trace *as)
{
    struct trace *was = trace;
    const char *verdict;
    char *line;

    fflush(model_console);
    trace_init(as, NR_PCPUS);
    for ( line = strtok(*text, "\n"); line; line = strtok(NULL, "\n") )
        EXPECT(trace_events(strchr(line, ':') + 1), true);
    verdict = as->verdict;
    trace = was;

    return verdict;
}

static void test_trace_told(void)
{
    static struct trace from_log;
    size_t size;
    char *text, *wrong, *p;

    model_console = open_memstream(&text, &size);
    two_views();
    step("reply", 1, 0, 0, 0);
    step("touch", 0, 12, 0, 0);
    step("access", 1, 12, XENMEM_access_r, 0);
    step("touch", 0, 12, 0, 0);
    step("remap", 1, 12, 11, 0);
    step("touch", 0, 12, 0, 0);
    step("host-page", 11, 0, 0, 1);
    step("touch", 0, 12, 0, 0);
    step("remap", 1, 12, 0, 1);
    step("touch", 0, 12, 0, 0);
    step("state", 0, 0, 0, 0);
    fflush(model_console);
    wrong = strdup(text);
    if ( told(&text, &from_log) )
        FAIL("%s", from_log.verdict);
    EXPECT(from_log.events['s'] >= 4, 1);
    EXPECT(from_log.events['f'] >= 1, 1);
    EXPECT(from_log.events['i'] >= 3, 1);
    EXPECT(from_log.events['e'] >= 4, 1);
    /* The same, had VM entry invalidated the host's context only. */
    for ( p = wrong; (p = strstr(p, " i")); p++ )
        p[1] = ALTP2M_INVALIDATED_ONE;
    EXPECT(told(&wrong, &from_log) != NULL, 1);
    free(wrong);
    fclose(model_console);
    model_console = NULL;
}

/* Of what goes on for ever only so much is told. */
static void test_trace_bounded(void)
{
    unsigned int i, lines = 0, last = 0;
    size_t size;
    char *text, *p;

    two_views();
    model_console = open_memstream(&text, &size);
    for ( i = 0; i < 100000; i++ )
    {
        altp2m_trace(d, "smr"[i % 3]);
        if ( !(i % 10000) )
            d->domain_id = 1 + (i / 10000) % 2;
    }
    altp2m_trace_end(d);
    fflush(model_console);
    for ( p = text; (p = strchr(p, '\n')); p++, lines++ )
    {
        EXPECT(p - text - last <= 100, 1);
        last = p - text;
    }
    EXPECT(lines > 100 && lines <= 200, 1);
    /* Back in the guest with nothing between: as if it hadn't been out. */
    rewind(model_console);
    d->domain_id = 3;
    altp2m_trace(d, ALTP2M_MASKED);
    current = d->vcpu[0];
    altp2m_trace(d, ALTP2M_ENTERS);
    altp2m_trace(d, ALTP2M_LEFT);
    altp2m_trace(d, ALTP2M_ENTERS);
    altp2m_trace(d, ALTP2M_ENTERS);
    altp2m_trace_invept(d, 0);
    altp2m_trace_invept(d, 1);
    altp2m_trace_invept(d, 2);
    caller_is(NULL);
    altp2m_trace(d, ALTP2M_STORED);
    altp2m_trace(d, ALTP2M_STORED);
    /* The same over and over. */
    for ( i = 0; i < 10; i++ )
    {
        altp2m_trace(d, ALTP2M_RETURNS);
        current = d->vcpu[0];
        altp2m_trace(d, ALTP2M_ENTERS);
        altp2m_trace(d, ALTP2M_LEFT);
        caller_is(NULL);
    }
    altp2m_trace(d, ALTP2M_MASKED);
    altp2m_trace_end(d);
    fflush(model_console);
    EXPECT(strncmp(text, "altp2m-trace d3: m e0 j0 i0 s r e0 x0 m\n", 40),
           0);
    d->domain_id = 1;
    fclose(model_console);
    model_console = NULL;
}

/* A superpage that nobody may access is in the IOMMU's tables all the same. */
static void test_iommu_hidden(void)
{
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

static const struct unit_test tests[] = {
    { "refused-envelope", test_refused_envelope },
    { "refused-mode", test_refused_mode },
    { "refused-padding", test_refused_padding },
    { "refused-gfn", test_refused_gfn },
    { "sve-multi-beyond", test_sve_multi_beyond },
    { "copy-fails", test_copy_fails },
    { "continue-list", test_continue_list },
    { "continue-list-compat", test_continue_list_compat },
    { "continue-sve", test_continue_sve },
    { "destroy-in-rounds", test_destroy_in_rounds },
    { "disable-in-rounds", test_disable_in_rounds },
    { "teardown-in-rounds", test_teardown_in_rounds },
    { "teardown-at-once", test_teardown_at_once },
    { "pause-later", test_pause_later },
    { "shared-target", test_shared_target },
    { "remap-replaces", test_remap_replaces },
    { "remap-of-remap", test_remap_of_remap },
    { "access-default", test_access_default },
    { "host-access-counts", test_host_access_counts },
    { "host-access-counts-amd", test_host_access_counts, true },
    { "host-access-of-all", test_host_access_of_all },
    { "host-access-no-memory", test_host_access_no_memory },
    { "equal-neighbours", test_equal_neighbours },
    { "merge-by-any", test_merge_by_any },
    { "merge-by-any-amd", test_merge_by_any, true },
    { "no-default", test_no_default },
    { "no-default-amd", test_no_default, true },
    { "beyond-max-gfn", test_beyond_max_gfn },
    { "ud", test_ud },
    { "ud-other-vendor", test_ud_other_vendor },
    { "ud-other-vendor-amd", test_ud_other_vendor, true },
    { "memory-type-hidden", test_memory_type_hidden },
    { "hidden", test_hidden },
    { "hidden-amd", test_hidden, true },
    { "info-special", test_info_special },
    { "info-contents", test_info_contents },
    { "info-contents-amd", test_info_contents_amd, true },
    { "device-sees", test_device_sees },
    { "costs-of-more", test_costs_of_more },
    { "all-indexes", test_all_indexes },
    { "costs", test_costs },
    { "late-roots", test_late_roots },
    { "shatter-execute-only", test_shatter_execute_only },
    { "log-dirty-no-ve", test_log_dirty_no_ve },
    { "root-reused", test_root_reused },
    { "root-reused-later", test_root_reused_later },
    { "flush-after-move", test_flush_after_move },
    { "range-given-up", test_range_given_up, false, true },
    { "range-given-up-amd", test_range_given_up, true, true },
    { "recalc-rights", test_recalc_rights },
    { "plain-entries", test_plain_entries },
    { "recalc-hidden-amd", test_recalc_hidden, true },
    { "take-back", test_take_back },
    { "take-back-amd", test_take_back, true },
    { "walkers", test_walkers },
    { "trace", test_trace },
    { "trace-told", test_trace_told },
    { "trace-bounded", test_trace_bounded },
    { "iommu-hidden-amd", test_iommu_hidden, true },
};

static int run(const struct unit_test *test)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        limit_time();
        config.d = (test->amd ? 2 : 0) | test->watched;
        world_init(&config);
        d = model_domain;
        test->fn();
        world_end();
        child_exit();
    }
    waitpid(pid, &status, 0);
    printf("TEST %s %s\n", test->name, status ? "FAIL" : "PASS");

    return status;
}

int main(int argc, char **argv)
{
    static const struct unit_test *const more[] = {
        extended_tests, race_tests, fault_tests, fork_tests, copy_tests,
        step_tests,
    };
    const struct unit_test *t;
    unsigned int i, failed = 0;

    machine_reserve();
    for ( i = 0; i < ARRAY_SIZE(tests); i++ )
        if ( argc < 2 || !strcmp(argv[1], tests[i].name) )
            failed += !!run(&tests[i]);
    for ( i = 0; i < ARRAY_SIZE(more); i++ )
        for ( t = more[i]; t->name; t++ )
            if ( argc < 2 || !strcmp(argv[1], t->name) )
                failed += !!run(t);

    return !!failed;
}
