/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What has to be refused, and how: arguments, modes, copies that fail; and why
 * a machine or a domain can have no views.
 */
#include "unit.h"

static void test_refused_envelope(void)
{
    struct domain *d = model_domain;
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
    struct domain *d = model_domain;
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
    op.u.domain_state.state = 0;
    EXPECT(call(op), 0);
    d->is_dying = false;
}

/* One field of an operation that is right otherwise, and how that is refused. */
struct refusal { uint32_t cmd; size_t offset, size; uint64_t value; int error; };

#define FIELD(field)                                                    \
    offsetof(op_t, u.field), sizeof(((op_t *)0)->u.field)
#define OWN(type, field)                                                \
    offsetof(op_t, u) + offsetof(struct xen_altp2m_ ## type, field),    \
    sizeof(((struct xen_altp2m_ ## type *)0)->field)

static const struct refusal refusals[] = {
    { HVMOP_altp2m_set_mem_access, FIELD(mem_access.pad), 1, -EINVAL },
    { HVMOP_altp2m_set_mem_access, FIELD(mem_access.gfn), MAX_GFN + 1,
      -EINVAL },
    { HVMOP_altp2m_get_mem_access, FIELD(mem_access.pad), 1, -EINVAL },
    { HVMOP_altp2m_get_mem_access, FIELD(mem_access.gfn), MAX_GFN + 1,
      -ESRCH },
    { HVMOP_altp2m_change_gfn, FIELD(change_gfn.pad1), 1, -EINVAL },
    { HVMOP_altp2m_change_gfn, FIELD(change_gfn.pad2), 1, -EINVAL },
    { HVMOP_altp2m_change_gfn, FIELD(change_gfn.old_gfn), MAX_GFN + 1,
      -ESRCH },
    { HVMOP_altp2m_change_gfn, FIELD(change_gfn.new_gfn), MAX_GFN + 1,
      -ESRCH },
    { HVMOP_altp2m_set_suppress_ve, FIELD(suppress_ve.pad1), 1, -EINVAL },
    { HVMOP_altp2m_set_suppress_ve, FIELD(suppress_ve.pad2), 1, -EINVAL },
    { HVMOP_altp2m_set_suppress_ve, FIELD(suppress_ve.gfn), MAX_GFN + 1,
      -ESRCH },
    { HVMOP_altp2m_get_suppress_ve, FIELD(suppress_ve.gfn), MAX_GFN + 1,
      -ESRCH },
    { HVMOP_altp2m_set_suppress_ve_multi, FIELD(suppress_ve_multi.pad1), 1,
      -EINVAL },
    { HVMOP_altp2m_set_suppress_ve_multi, FIELD(suppress_ve_multi.last_gfn), 0,
      -EINVAL },
    { HVMOP_altp2m_set_mem_access_multi, FIELD(set_mem_access_multi.pad), 1,
      -EINVAL },
    { HVMOP_altp2m_vcpu_enable_notify, FIELD(enable_notify.pad), 1, -EINVAL },
    { HVMOP_altp2m_set_visibility, FIELD(set_visibility.pad), 1, -EINVAL },

    { HVMOP_altp2m_list_views, OWN(read, room), 0, -EINVAL },
    { HVMOP_altp2m_list_views, OWN(read, pad1), 1, -EINVAL },
    { HVMOP_altp2m_list_views, OWN(read, pad2), 1, -EINVAL },
    { HVMOP_altp2m_list_views, OWN(read, nr), 2, -EINVAL },
    { HVMOP_altp2m_list_views, OWN(read, level), ROOT_LEVEL + 2, -EINVAL },
    { HVMOP_altp2m_list_views, OWN(read, buffer), 64, -EFAULT },
    { HVMOP_altp2m_list_views, OWN(read, buffer), ~0UL, -EFAULT },
    { HVMOP_altp2m_apply, OWN(apply, pad), 1, -EINVAL },
    { HVMOP_altp2m_apply, OWN(apply, flags), 2, -EINVAL },
    { HVMOP_altp2m_apply, OWN(apply, buffer), 64, -EFAULT },
    { HVMOP_altp2m_apply, OWN(apply, buffer), ~0UL, -EFAULT },
    { HVMOP_altp2m_set_range, OWN(set_range, pad), 1, -EINVAL },
    { HVMOP_altp2m_isolate, OWN(isolate, pad), 1, -EINVAL },
    { HVMOP_altp2m_isolate, OWN(isolate, last), 2, -EINVAL },
    { HVMOP_altp2m_isolate, OWN(isolate, next), 1, -EINVAL },
    { HVMOP_altp2m_isolate, OWN(isolate, gfn), MAX_GFN + 1, -EINVAL },
    { HVMOP_altp2m_set_default, OWN(default, pad1), 1, -EINVAL },
    { HVMOP_altp2m_set_default, OWN(default, pad2), 1, -EINVAL },
    { HVMOP_altp2m_switch_vcpu, OWN(set_vcpu, on), 1, -EINVAL },
    { HVMOP_altp2m_switch_vcpu, OWN(set_vcpu, on), 2, -EINVAL },
    { HVMOP_altp2m_switch_vcpu, OWN(set_vcpu, pad), 1, -EINVAL },
    { HVMOP_altp2m_set_vmfunc, OWN(set_vcpu, view), 1, -EINVAL },
    { HVMOP_altp2m_notify_lost, OWN(notify_lost, on), 2, -EINVAL },
    { HVMOP_altp2m_walk, OWN(walk, pad1), 1, -EINVAL },
    { HVMOP_altp2m_walk, OWN(walk, pad2), 1, -EINVAL },
    { HVMOP_altp2m_walk, OWN(walk, gfn), MAX_GFN + 1, -EINVAL },
    { HVMOP_altp2m_walk, OWN(walk, buffer), 64, -EFAULT },
    { HVMOP_altp2m_walk, OWN(walk, buffer), ~0UL, -EFAULT },
    { HVMOP_altp2m_patch, OWN(patches, flags), 1, -EINVAL },
    { HVMOP_altp2m_patch, OWN(patches, pad), 1, -EINVAL },
    { HVMOP_altp2m_patch, OWN(patches, view), 5, -ENOENT },
    { HVMOP_altp2m_patch, OWN(patches, nr), XEN_ALTP2M_MAX_PATCHES + 1,
      -E2BIG },
    { HVMOP_altp2m_patch, OWN(patches, buffer), 64, -EFAULT },
    { HVMOP_altp2m_patch, OWN(patches, buffer), ~0UL, -EFAULT },
    { HVMOP_altp2m_unpatch, OWN(patches, flags), 1, -EINVAL },
    { HVMOP_altp2m_unpatch, OWN(patches, pad), 1, -EINVAL },
    { HVMOP_altp2m_unpatch, OWN(patches, view), 5, -ENOENT },
    { HVMOP_altp2m_unpatch, OWN(patches, nr), XEN_ALTP2M_MAX_PATCHES + 1,
      -E2BIG },
    { HVMOP_altp2m_unpatch, OWN(patches, buffer), 64, -EFAULT },
    { HVMOP_altp2m_refresh, OWN(refresh, pad1), 1, -EINVAL },
    { HVMOP_altp2m_refresh, OWN(refresh, pad2), 1, -EINVAL },
    { HVMOP_altp2m_refresh, OWN(refresh, view), 5, -ENOENT },
    { HVMOP_altp2m_refresh, OWN(refresh, gfn), MAX_GFN + 1, -EINVAL },
    { HVMOP_altp2m_refresh, OWN(refresh, count), MAX_GFN + 2, -EINVAL },
    { HVMOP_altp2m_read_page, OWN(read_page, flags), 2, -EINVAL },
    { HVMOP_altp2m_read_page, OWN(read_page, view), 5, -ENOENT },
    { HVMOP_altp2m_read_page, OWN(read_page, offset), PAGE_SIZE, -EINVAL },
    { HVMOP_altp2m_read_page, OWN(read_page, len), 0, -EINVAL },
    { HVMOP_altp2m_read_page, OWN(read_page, len), PAGE_SIZE + 1, -EINVAL },
    { HVMOP_altp2m_read_page, OWN(read_page, gfn), MAX_GFN + 1, -EINVAL },
    { HVMOP_altp2m_read_page, OWN(read_page, buffer), 64, -EFAULT },
    { HVMOP_altp2m_read_page, OWN(read_page, buffer), ~0UL, -EFAULT },
    { HVMOP_altp2m_set_rules, OWN(set_rules, pad1), 1, -EINVAL },
    { HVMOP_altp2m_set_rules, OWN(set_rules, pad2), 1, -EINVAL },
    { HVMOP_altp2m_set_rules, OWN(set_rules, nr), 49, -E2BIG },
    { HVMOP_altp2m_read_rules, OWN(read, room), 0, -EINVAL },
    { HVMOP_altp2m_log_open, OWN(log_open, pages), 0, -EINVAL },
    { HVMOP_altp2m_log_open, OWN(log_open, pages),
      XEN_ALTP2M_LOG_MAX_PAGES + 1, -EINVAL },
    { HVMOP_altp2m_log_open, OWN(log_open, pages), ~0u, -EINVAL },
    { HVMOP_altp2m_log_close, OWN(log_close, pad), 1, -EINVAL },
    { HVMOP_altp2m_log_close + 1, OWN(read, pad1), 0, -EOPNOTSUPP },
};

/* The operation as it would be right, or at least not refused for what it says. */
static op_t right(uint32_t cmd)
{
    op_t op = op_of(cmd);

    switch ( cmd )
    {
    case HVMOP_altp2m_set_mem_access:
    case HVMOP_altp2m_get_mem_access:
        op.u.mem_access.view = 1;
        break;
    case HVMOP_altp2m_set_mem_access_multi:
        op.u.set_mem_access_multi.view = 1;
        break;
    case HVMOP_altp2m_change_gfn:
        op.u.change_gfn.view = 1;
        break;
    case HVMOP_altp2m_set_suppress_ve:
    case HVMOP_altp2m_get_suppress_ve:
        op.u.suppress_ve.view = 1;
        break;
    case HVMOP_altp2m_set_suppress_ve_multi:
        op.u.suppress_ve_multi.view = 1;
        op.u.suppress_ve_multi.first_gfn = 5;
        op.u.suppress_ve_multi.last_gfn = 5;
        break;
    case HVMOP_altp2m_set_visibility:
        op.u.set_visibility.altp2m_idx = 1;
        break;
    case HVMOP_altp2m_list_views:
    case HVMOP_altp2m_read_rules:
        op = read_op(cmd, 0, 1);
        break;
    case HVMOP_altp2m_apply:
        PARAMETERS(&op, apply)->nr = 1;
        PARAMETERS(&op, apply)->buffer = (uintptr_t)buffer();
        break;
    case HVMOP_altp2m_patch:
    case HVMOP_altp2m_unpatch:
        PARAMETERS(&op, patches)->view = 1;
        PARAMETERS(&op, patches)->nr = 1;
        PARAMETERS(&op, patches)->buffer = (uintptr_t)buffer();
        *(struct xen_altp2m_patch *)buffer() =
            (struct xen_altp2m_patch){ .len = 1 };
        break;
    case HVMOP_altp2m_refresh:
        PARAMETERS(&op, refresh)->view = 1;
        break;
    case HVMOP_altp2m_read_page:
        PARAMETERS(&op, read_page)->view = 1;
        PARAMETERS(&op, read_page)->len = 1;
        PARAMETERS(&op, read_page)->buffer = (uintptr_t)buffer();
        break;
    case HVMOP_altp2m_walk:
        PARAMETERS(&op, walk)->nr = 1;
        PARAMETERS(&op, walk)->buffer = (uintptr_t)buffer();
        break;
    }

    return op;
}

static void test_refused_fields(void)
{
    unsigned int i;

    two_views();
    for ( i = 0; i < ARRAY_SIZE(refusals); i++ )
    {
        const struct refusal *r = &refusals[i];
        op_t op = right(r->cmd);
        int rc;

        memcpy((uint8_t *)&op + r->offset, &r->value, r->size);
        rc = once(&op);
        if ( rc != r->error )
            FAIL("row %u, operation %u, its field at %zu: %d, should be %d", i,
                 r->cmd, r->offset, rc, r->error);
        check_all();
        EXPECT(altp2m_int3_exits(model_domain), false);
    }
}

/* Beyond the last gfn there is: taken back as a remap, and refused as a range. */
static void test_refused_gfn(void)
{
    op_t op = right(HVMOP_altp2m_change_gfn);

    two_views();
    op.u.change_gfn.old_gfn = MAX_GFN + 1;
    op.u.change_gfn.new_gfn = ~0UL;
    EXPECT(call(op), 0);
    op = right(HVMOP_altp2m_set_suppress_ve_multi);
    op.u.suppress_ve_multi.first_gfn = MAX_GFN + 1;
    op.u.suppress_ve_multi.last_gfn = ~0UL;
    EXPECT(call(op), -EINVAL);
}

/* Beyond the last page nothing is looked at, and the end is told as it was. */
static void test_sve_multi_beyond(void)
{
    struct domain *d = model_domain;
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

static uint32_t why_not(void)
{
    op_t op = { .cmd = HVMOP_altp2m_capabilities };

    EXPECT(once(&op), 0);
    EXPECT(PARAMETERS(&op, capabilities)->interface, XEN_ALTP2M_INTERFACE);
    EXPECT(PARAMETERS(&op, capabilities)->max_entries, ALTP2M_MAX_ENTRIES);

    return PARAMETERS(&op, capabilities)->why_not;
}

#define WHY(reason) (1u << XEN_ALTP2M_WHY_ ## reason)

static void test_why_not(void)
{
    struct domain *d = model_domain;
    op_t op = { .cmd = HVMOP_altp2m_domain_info };

    EXPECT(why_not(), WHY(OFF));
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_disabled;
    EXPECT(why_not(), WHY(OFF) | WHY(MODE));
    EXPECT(once(&op), -EOPNOTSUPP);
    /* Not for a domain that may have none, by itself. */
    caller_is(d->vcpu[0]);
    op.cmd = HVMOP_altp2m_capabilities;
    EXPECT(once(&op), -EPERM);
    caller_is(NULL);
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_mixed;
    d->nested = true;
    EXPECT(why_not(), WHY(OFF) | WHY(NESTED));
    d->nested = false;
    d->shadow = true;
    EXPECT(why_not(), WHY(OFF) | WHY(SHADOW));
    d->shadow = false;
    d->hvm = false;
    EXPECT(why_not(), WHY(OFF) | WHY(PV));
    d->hvm = true;
    hvm_funcs.altp2m_supported = false;
    EXPECT(why_not(), WHY(OFF) | WHY(CMDLINE));
    op.cmd = HVMOP_altp2m_domain_info;
    EXPECT(once(&op), -EOPNOTSUPP);
    features.no_hap = true;
    EXPECT(why_not(), WHY(OFF) | WHY(HAP));
    features.no_extensions = true;
    EXPECT(why_not(), WHY(OFF) | WHY(CPU));
    features.no_hap = features.no_extensions = false;
    hvm_funcs.altp2m_supported = true;
    two_views();
    EXPECT(why_not(), 0);
}

/* Buffers that a 32 bit caller can't have, and lists that are too long. */
static void test_extended_refused(void)
{
    op_t op;

    two_views();
    /* Also where there is nothing to write there. */
    op = read_op(HVMOP_altp2m_read_overrides, 1, 1);
    PARAMETERS(&op, read)->buffer = (1UL << 32) - 8;
    EXPECT(once(&op), 0);
    current->hcall_compat = true;
    EXPECT(once(&op), -EFAULT);
    current->hcall_compat = false;

    op = right(HVMOP_altp2m_apply);
    PARAMETERS(&op, apply)->nr = ALTP2M_MAX_ENTRIES + 1;
    EXPECT(once(&op), -E2BIG);
    EXPECT(PARAMETERS(&op, apply)->failed, ALTP2M_MAX_ENTRIES + 1);
    check_all();
}

/* Each copy of a call fails in turn: nothing has changed, nothing is lost. */
static void test_extended_copies(void)
{
    struct xen_altp2m_override *o = buffer();
    op_t op;
    unsigned int i;

    two_views();
    step("access", 1, 12, XENMEM_access_r, 0);
    step("access", 1, 20, XENMEM_access_r, 0);
    for ( i = 1; i <= 3; i++ )
    {
        op = read_op(HVMOP_altp2m_read_overrides, 1, 4);
        copy_fails_at = i;
        EXPECT(once(&op), -EFAULT);
    }
    copy_fails_at = 0;
    /* Going on, the last record is read again. */
    op = read_op(HVMOP_altp2m_read_overrides, 1, 4);
    PARAMETERS(&op, read)->nr = 1;
    copy_fails_at = 2;
    EXPECT(once(&op), -EFAULT);

    *o = (struct xen_altp2m_override){ .gfn = 0x200, .count = 1,
                                       .set = XEN_ALTP2M_ACCESS,
                                       .access = XENMEM_access_rx };
    op = (op_t){ .cmd = HVMOP_altp2m_apply };
    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = 1, .nr = 1, .buffer = (uintptr_t)o };
    copy_fails_at = 2;
    EXPECT(once(&op), -EFAULT);
    copy_fails_at = 0;
    check_all();
    audit();
}

static void test_pause_later_extended(void)
{
    static const uint32_t cmds[] = { HVMOP_altp2m_switch_vcpu,
                                     HVMOP_altp2m_set_vmfunc,
                                     HVMOP_altp2m_set_vcpu_visibility };
    unsigned int i;

    two_views();
    caller_is(model_domain->vcpu[0]);
    pause_fails = true;
    for ( i = 0; i < ARRAY_SIZE(cmds); i++ )
    {
        op_t op = { .cmd = cmds[i] };

        PARAMETERS(&op, set_vcpu)->vcpu = 1;
        EXPECT(once(&op), -ERESTART);
    }
    pause_fails = false;
    caller_is(NULL);
    check_all();
}

/* Where in a buffer a record is may take more than 32 bits to say. */
static void test_read_far(void)
{
    op_t op = read_op(HVMOP_altp2m_read_overrides, 1, 1U << 30);

    two_views();
    step("access", 1, 13, XENMEM_access_rx, 0);
    PARAMETERS(&op, read)->nr = (1U << 29) + 1;
    EXPECT(once(&op), -EFAULT);
}

/* Who is the domain's device model may do all else, but sees no frames. */
static void test_frames_not_for_stubs(void)
{
    static const uint32_t cmds[] = { HVMOP_altp2m_walk, HVMOP_altp2m_audit };
    unsigned int i;

    two_views();
    for ( i = 0; i < ARRAY_SIZE(cmds); i++ )
    {
        op_t op = { .cmd = cmds[i] };

        if ( cmds[i] == HVMOP_altp2m_audit )
            *PARAMETERS(&op, read) = (struct xen_altp2m_read){
                .view = 1, .room = 1,
                .buffer = (uintptr_t)(guest_memory + PAGE_SIZE) };
        dom0->target = model_domain;
        EXPECT(once(&op), -EPERM);
        dom0->target = NULL;
        EXPECT(once(&op), 0);
    }
}

const struct unit_test refused_tests[] = {
    { "refused-envelope", test_refused_envelope },
    { "refused-mode", test_refused_mode },
    { "refused-fields", test_refused_fields },
    { "refused-gfn", test_refused_gfn },
    { "refused-sve-beyond-the-end", test_sve_multi_beyond },
    { "refused-where-a-copy-fails", test_copy_fails },
    { "refused-while-another-pauses", test_pause_later },
    { "refused-frames-for-stubs", test_frames_not_for_stubs },
    { "refused-why-not", test_why_not },
    { "refused-own-buffers", test_extended_refused },
    { "refused-where-own-copies-fail", test_extended_copies },
    { "refused-own-while-another-pauses", test_pause_later_extended },
    { "refused-read-beyond-the-end", test_read_far },
    { NULL },
};
