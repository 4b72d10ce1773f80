/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the hypercall HVMOP_altp2m, and its table of operations. */

#include <xsm/xsm.h>

#include "ops.h"

/* How an operation is done. */
struct operation {
    altp2m_section_t *fn;
    uint16_t flags;
    uint8_t size;                 /* of its arguments */
};

#define LOCKED        0x001       /* is one locked section */
#define PAUSED        0x002       /* is one, with the domain paused */
#define MAY_BE_OFF    0x004       /* is allowed while views are off */
#define ANY_DOMAIN    0x008       /* is allowed for any domain and machine */
#define BACK          0x010       /* copies arguments back at 0, -ERESTART */
#define BACK_ON_ERROR 0x020       /* with BACK: also at other errors */
#define BACK_CURSOR   0x040       /* copies the cursor back, at -ERESTART */
#define VIEW_0        0x080       /* gives view 0 tables, if it names view 0 */
#define ALWAYS_VIEW_0 0x100       /* gives view 0 tables */
#define CONTENT       0x200       /* reads or writes what the guest has */

/* The size of an operation's arguments, which are in the union u. */
#define SIZE(type) (sizeof(struct type) + \
                    BUILD_BUG_ON_ZERO(sizeof(struct type) > \
                                      sizeof(((altp2m_op_t *)NULL)->u)))

#define XEN_OP(name, fn, type, flags) \
    [HVMOP_altp2m_ ## name] = { fn, flags, SIZE(xen_hvm_altp2m_ ## type) }

/* Those of hvm_op.h. */
static const struct operation xen_operations[] = {
    XEN_OP(get_domain_state, altp2m_op_get_state, domain_state,
           MAY_BE_OFF | BACK),
    XEN_OP(set_domain_state, altp2m_op_set_state, domain_state, MAY_BE_OFF),
    XEN_OP(vcpu_enable_notify, altp2m_op_notify_on, vcpu_enable_notify, 0),
    XEN_OP(create_p2m, altp2m_op_create, view, LOCKED | BACK),
    XEN_OP(destroy_p2m, altp2m_op_destroy, view, PAUSED),
    XEN_OP(switch_p2m, altp2m_op_switch, view, PAUSED),
    XEN_OP(set_mem_access, altp2m_op_set_access, mem_access, LOCKED),
    XEN_OP(change_gfn, altp2m_op_change_gfn, change_gfn, LOCKED | VIEW_0),
    XEN_OP(set_mem_access_multi, altp2m_op_set_access_multi,
           set_mem_access_multi, BACK_CURSOR),
    XEN_OP(set_suppress_ve, altp2m_op_set_sve, suppress_ve, LOCKED | VIEW_0),
    XEN_OP(get_suppress_ve, altp2m_op_get_sve, suppress_ve, LOCKED | BACK),
    XEN_OP(get_mem_access, altp2m_op_get_access, mem_access, BACK),
    XEN_OP(vcpu_disable_notify, altp2m_op_notify_off, vcpu_disable_notify,
           PAUSED),
    XEN_OP(get_p2m_idx, altp2m_op_get_idx, get_vcpu_p2m_idx, BACK),
    XEN_OP(set_suppress_ve_multi, altp2m_op_set_sve_multi, suppress_ve_multi,
           BACK | VIEW_0),
    XEN_OP(set_visibility, altp2m_op_set_visibility, set_visibility, LOCKED),
};

#define FIRST HVMOP_altp2m_capabilities
#define OP(name, fn, type, flags)                                       \
    [HVMOP_altp2m_ ## name - FIRST] = { altp2m_op_ ## fn,               \
                                        (flags) | BACK | BACK_ON_ERROR, \
                                        SIZE(xen_altp2m_ ## type) }

/* Those of public/hvm/altp2m.h.  One that fails reports how far it got. */
static const struct operation operations[] = {
    OP(capabilities, capabilities, capabilities, MAY_BE_OFF | ANY_DOMAIN),
    OP(domain_info, domain_info, domain_info, LOCKED),
    OP(list_vcpus, read, read, 0),
    OP(list_views, read, read, 0),
    OP(read_overrides, read, read, 0),
    OP(read_map, read, read, 0),
    OP(list_tables, read, read, 0),
    OP(apply, apply, apply, VIEW_0),
    OP(set_range, set_range, set_range, LOCKED | VIEW_0),
    OP(isolate, isolate, isolate, LOCKED | ALWAYS_VIEW_0),
    OP(get_default, get_default, default, LOCKED),
    OP(set_default, set_default, default, LOCKED | VIEW_0),
    OP(clone, clone, clone, 0),
    OP(switch_vcpu, switch_vcpu, set_vcpu, 0),
    OP(set_vmfunc, set_vmfunc, set_vcpu, PAUSED),
    OP(set_vcpu_visibility, set_vcpu_visibility, set_vcpu, PAUSED),
    OP(notify_lost, notify_lost, notify_lost, 0),
    OP(read_lost, read, read, 0),
    OP(walk, walk, walk, 0),
    OP(audit, read, read, 0),
    OP(patch, patch, patches, VIEW_0 | CONTENT),
    OP(unpatch, unpatch, patches, CONTENT),
    OP(refresh, refresh, refresh, 0),
    OP(read_page, read_page, read_page, CONTENT),
    OP(set_rules, set_rules, set_rules, 0),
    OP(read_rules, read, read, 0),
    OP(set_cr3_views, set_cr3_views, cr3_views, 0),
    OP(get_cr3_views, get_cr3_views, cr3_views, 0),
    OP(log_open, log_open, log_open, 0),
    OP(log_close, log_close, log_close, 0),
};

/* Returns the operation of that number, or NULL. */
static const struct operation *operation(uint32_t cmd)
{
    const struct operation *o = NULL;

    if ( cmd < ARRAY_SIZE(xen_operations) )
        o = &xen_operations[array_index_nospec(cmd,
                                               ARRAY_SIZE(xen_operations))];
    else if ( cmd >= FIRST && cmd - FIRST < ARRAY_SIZE(operations) )
        o = &operations[array_index_nospec(cmd - FIRST,
                                           ARRAY_SIZE(operations))];

    return o && o->fn ? o : NULL;
}

/* May the caller do this to @d now?  The mode decides who may. */
static int check(struct domain *d, const struct operation *o, uint32_t cmd)
{
    uint64_t mode = XEN_ALTP2M_disabled;
    int rc;

    if ( o->flags & ANY_DOMAIN )
    {
        if ( is_hvm_domain(d) )
            mode = d->arch.hvm.params[HVM_PARAM_ALTP2M];
        return xsm_hvm_altp2mhvm_op(XSM_OTHER, d, mode ?: XEN_ALTP2M_external,
                                    cmd);
    }

    if ( !hap_enabled(d) || !((o->flags & MAY_BE_OFF) || altp2m_active(d)) )
        return -EOPNOTSUPP;

    mode = d->arch.hvm.params[HVM_PARAM_ALTP2M];
    if ( mode == XEN_ALTP2M_disabled )
        return -EINVAL;

    if ( !altp2m_limit(d) )
        return -EOPNOTSUPP;

    rc = xsm_hvm_altp2mhvm_op(XSM_OTHER, d, mode, cmd);

    /* As who maps the guest's memory.  A guest has its own anyway. */
    return rc || !(o->flags & CONTENT) || current->domain == d
           ? rc : xsm_map_gmfn_foreign(XSM_TARGET, current->domain, d);
}

struct host_op {
    const struct operation *o;
    altp2m_op_t *op;
};

/* Section: gives view 0 tables, and does the operation that changes it. */
static int cf_check with_host_view(struct domain *d, void *arg)
{
    const struct host_op *h = arg;

    return altp2m_own_host_view(d, NULL) ?: h->o->fn(d, h->op);
}

static int perform(struct domain *d, const struct operation *o, altp2m_op_t *op)
{
    const uint16_t *view = altp2m_args(op);
    bool host;
    int rc;

    BUILD_BUG_ON(offsetof(struct xen_hvm_altp2m_change_gfn, view));
    BUILD_BUG_ON(offsetof(struct xen_hvm_altp2m_suppress_ve, view));
    BUILD_BUG_ON(offsetof(struct xen_hvm_altp2m_suppress_ve_multi, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_apply, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_set_range, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_default, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_patches, view));

    if ( unlikely(mem_sharing_is_fork(d)) )
        altp2m_bring_in_named(d, op);

    host = (o->flags & (VIEW_0 | ALWAYS_VIEW_0)) &&
           (!*view || (o->flags & ALWAYS_VIEW_0));
    if ( host && (o->flags & LOCKED) )
        return altp2m_section(d, SECTION_PAUSED, with_host_view,
                              &(struct host_op){ o, op });

    if ( host &&
         (rc = altp2m_section(d, SECTION_PAUSED, altp2m_own_host_view, NULL)) )
        return rc;

    return o->flags & (LOCKED | PAUSED)
           ? altp2m_section(d, o->flags & PAUSED ? SECTION_PAUSED : 0, o->fn,
                            op)
           : o->fn(d, op);
}

/* Copies @op back to the caller.  Returns @rc, or -EFAULT. */
static int copy_back(XEN_GUEST_HANDLE_PARAM(void) arg,
                     const struct operation *o, const altp2m_op_t *op, int rc)
{
    if ( unlikely(rc) )
    {
        if ( rc != -ERESTART && !(o->flags & BACK_ON_ERROR) )
            return rc;

        if ( o->flags & BACK_CURSOR )
            return __copy_field_to_guest(guest_handle_cast(arg,
                                                           xen_hvm_altp2m_op_t),
                                         op, u.set_mem_access_multi.opaque)
                   ? -EFAULT : rc;
    }

    if ( !(o->flags & BACK) )
        return rc;

    return __copy_to_guest(guest_handle_cast(arg, char),
                           (const char *)op,
                           offsetof(altp2m_op_t, u) + o->size)
           ? -EFAULT : rc;
}

/* HVMOP_altp2m.  Returns -ERESTART to be called again with the same @arg. */
int altp2m_op(XEN_GUEST_HANDLE_PARAM(void) arg)
{
    const struct operation *o;
    altp2m_op_t op;
    struct domain *d;
    int rc;

    if ( copy_from_guest(&op, arg, 1) )
        return hvm_altp2m_supported() ? -EFAULT : -EOPNOTSUPP;

    /* On a machine without views, capabilities still says why. */
    o = operation(op.cmd);
    if ( !hvm_altp2m_supported() && !(o && (o->flags & ANY_DOMAIN)) )
        return -EOPNOTSUPP;

    if ( op.pad1 || op.pad2 || op.version != HVMOP_ALTP2M_INTERFACE_VERSION )
        return -EINVAL;

    if ( !o )
        return -EOPNOTSUPP;

    d = rcu_lock_domain_by_any_id(op.domain);
    if ( !d )
        return -ESRCH;

    rc = check(d, o, op.cmd);
    if ( !rc )
        rc = perform(d, o, &op);
    altp2m_trace(d, ALTP2M_RETURNS);

    rcu_unlock_domain(d);

    return copy_back(arg, o, &op, rc);
}
