/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the hypercalls.  HVMOP_altp2m, for 64 bit callers and 32 bit
 * ones.
 *
 * View 0 is the host's view: its access is the host p2m's own.
 */

#include <xen/event.h>
#include <xen/guest_access.h>
#include <xen/mem_access.h>
#include <xen/nospec.h>

#include <asm/hvm/hvm.h>

#include <compat/hvm/hvm_op.h>
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>
#include <xsm/xsm.h>

#include "private.h"

#define BATCH 64u

typedef struct xen_hvm_altp2m_op altp2m_op_t;
DEFINE_XEN_GUEST_HANDLE(compat_hvm_altp2m_op_t);

static int run_locked(struct domain *d, unsigned int flags,
                      altp2m_section_t *fn, void *arg)
{
    int rc;

    altp2m_lock(d);

    if ( d->is_dying )
        rc = -ESRCH;
    else if ( !altp2m_active(d) && !(flags & SECTION_OFF) )
        rc = -EOPNOTSUPP;
    else
        rc = fn(d, arg);

    altp2m_unlock(d);

    return rc;
}

/*
 * Run one locked section of an operation: @flags say what it needs.  Returns what
 * @fn does; -ESRCH for a domain that dies, -EOPNOTSUPP where views are off;
 * -ERESTART where the domain can't be paused now.  No lock held.
 */
int altp2m_section(struct domain *d, unsigned int flags, altp2m_section_t *fn,
                   void *arg)
{
    int rc;

    if ( !(flags & SECTION_PAUSED) )
        return run_locked(d, flags, fn, arg);

    rc = domain_pause_except_self(d);
    if ( rc )
        return rc;

    rc = run_locked(d, flags, fn, arg);
    domain_unpause_except_self(d);

    return rc;
}

/*
 * The same where one vCPU has to be current or at rest.  A domain that does it to
 * another vCPU of its own stops all: two at once would wait for each other.
 */
int altp2m_vcpu_section(struct vcpu *v, altp2m_section_t *fn, void *arg)
{
    int rc;

    if ( v == current )
        return run_locked(v->domain, 0, fn, arg);

    if ( v->domain == current->domain )
        return altp2m_section(v->domain, SECTION_PAUSED, fn, arg);

    vcpu_pause(v);
    rc = run_locked(v->domain, 0, fn, arg);
    vcpu_unpause(v);

    return rc;
}

/*
 * Translate an access.  -EINVAL if it is none, -EOPNOTSUPP if this CPU can't
 * enforce it.
 */
int altp2m_check_access(const struct domain *d, xenmem_access_t access,
                        p2m_access_t *out)
{
    if ( access > XENMEM_access_default ||
         !xenmem_access_to_p2m_access(p2m_get_hostp2m(d), access, out) )
        return -EINVAL;

    return altp2m_format()->rights() & (1u << *out) ? 0 : -EOPNOTSUPP;
}

xenmem_access_t altp2m_xenmem_access(p2m_access_t access)
{
    static const xenmem_access_t to_xenmem[] = {
        [p2m_access_n] = XENMEM_access_n,
        [p2m_access_r] = XENMEM_access_r,
        [p2m_access_w] = XENMEM_access_w,
        [p2m_access_rw] = XENMEM_access_rw,
        [p2m_access_x] = XENMEM_access_x,
        [p2m_access_rx] = XENMEM_access_rx,
        [p2m_access_wx] = XENMEM_access_wx,
        [p2m_access_rwx] = XENMEM_access_rwx,
        [p2m_access_rx2rw] = XENMEM_access_rx2rw,
        [p2m_access_n2rwx] = XENMEM_access_n2rwx,
    };

    return to_xenmem[access];
}

static p2m_type_t host_type(struct domain *d, struct altp2m_view *view,
                            unsigned long gfn)
{
    struct altp2m_source host;

    altp2m_host_at(d, view, gfn, &host);

    return altp2m_format()->type(host.entry);
}

/* Is there a page of any kind?  Lock held. */
bool altp2m_page_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn)
{
    struct altp2m_source host;

    altp2m_host_at(d, view, gfn, &host);

    return altp2m_has_page(&host);
}

/*
 * View 0's access is the host's own, unless operations of public/hvm/altp2m.h
 * have given the view another, for @gfn or for all.  Lock held.
 */
bool altp2m_is_host(struct altp2m_view *view, unsigned long gfn)
{
    unsigned int level;

    return !view->idx &&
           (gfn > MAX_GFN ||
            (view->default_access == p2m_access_rwx &&
             !(altp2m_lookup(view, gfn, &level) & SLOT_ACCESS)));
}

/* One page's access, or the default for gfn ~0.  A hole is passed over. */
static int set_access(struct domain *d, struct altp2m_view *view,
                      unsigned long gfn, xenmem_access_t access)
{
    struct altp2m_change change = { .set_access = ALTP2M_SET };
    int rc = altp2m_check_access(d, access, &change.access);

    if ( rc )
        return rc;

    if ( altp2m_is_host(view, gfn) )
        return p2m_set_mem_access(d, _gfn(gfn), 1, 0, 0, access, 0);

    if ( gfn_eq(_gfn(gfn), INVALID_GFN) )
    {
        view->default_access = change.access;
        altp2m_resync(d, view);
        return 0;
    }

    if ( gfn > MAX_GFN )
        return -EINVAL;

    if ( !altp2m_page_at(d, view, gfn) )
        return 0;

    return altp2m_override(d, view, gfn, 0, &change);
}

static int op_set_access(struct domain *d, const altp2m_op_t *op)
{
    struct altp2m_view *view;
    int rc = -EINVAL;

    if ( op->u.mem_access.pad )
        return rc;

    altp2m_lock(d);
    view = altp2m_view(d, op->u.mem_access.view);
    if ( view )
        rc = set_access(d, view, op->u.mem_access.gfn,
                        op->u.mem_access.access);
    altp2m_unlock(d);

    return rc;
}

/*
 * The first of @gfn, and what follows with the same access and can be done with
 * it.  Returns how many that were, or an error.
 */
static int set_access_some(struct domain *d, struct altp2m_view *view,
                           const uint64_t *gfn, const uint8_t *access,
                           unsigned int nr)
{
    struct altp2m_change change = { .set_access = ALTP2M_SET };
    unsigned int same = 1, done = 0;
    int rc = altp2m_check_access(d, access[0], &change.access);

    if ( rc )
        return rc;

    while ( same < nr && access[same] == access[0] )
        same++;

    if ( view->idx && gfn[0] <= MAX_GFN )
        done = altp2m_override_run(d, view, gfn, same, &change);
    if ( done )
        return done;

    rc = set_access(d, view, gfn[0], access[0]);

    return rc ?: 1;
}

static int set_access_batch(struct domain *d, unsigned int idx,
                            const uint64_t *gfn, const uint8_t *access,
                            unsigned int nr)
{
    struct altp2m_view *view;
    unsigned int i;
    int rc = 0;

    altp2m_lock(d);
    view = altp2m_view(d, idx);
    if ( !view )
        rc = -EINVAL;
    for ( i = 0; rc >= 0 && i < nr; i += rc )
        rc = set_access_some(d, view, gfn + i, access + i, nr - i);
    altp2m_unlock(d);

    return min(rc, 0);
}

/*
 * The one operation whose layout differs for 32 bit callers: by its handles,
 * which come last.
 */
static void from_compat(altp2m_op_t *op)
{
    struct compat_hvm_altp2m_op c;

    BUILD_BUG_ON(sizeof(c) != sizeof(*op));
    BUILD_BUG_ON(offsetof(typeof(c), u.set_mem_access_multi.opaque) !=
                 offsetof(altp2m_op_t, u.set_mem_access_multi.opaque));

    memcpy(&c, op, sizeof(c));
    guest_from_compat_handle(op->u.set_mem_access_multi.pfn_list,
                             c.u.set_mem_access_multi.pfn_list);
    guest_from_compat_handle(op->u.set_mem_access_multi.access_list,
                             c.u.set_mem_access_multi.access_list);
}

/* Goes on at op's opaque, which it moves on. */
static int op_set_access_multi(struct domain *d, altp2m_op_t *op)
{
    struct xen_hvm_altp2m_set_mem_access_multi *m =
        &op->u.set_mem_access_multi;
    uint64_t gfn[BATCH];
    uint8_t access[BATCH];

    if ( current->hcall_compat )
        from_compat(op);

    if ( m->pad || m->opaque > m->nr )
        return -EINVAL;

    while ( m->opaque < m->nr )
    {
        unsigned int nr = min_t(uint64_t, BATCH, m->nr - m->opaque);
        int rc;

        if ( copy_from_guest_offset(gfn, m->pfn_list, m->opaque, nr) ||
             copy_from_guest_offset(access, m->access_list, m->opaque, nr) )
            return -EFAULT;

        rc = set_access_batch(d, m->view, gfn, access, nr);
        if ( rc )
            return rc;

        m->opaque += nr;
        if ( m->opaque < m->nr && hypercall_preempt_check() )
            return -ERESTART;
    }

    return 0;
}

/*
 * The access that a view gives to a page, its default for INVALID_GFN.
 * Returns 0, -EINVAL if there is no such view, -ESRCH for a hole.
 */
int altp2m_get_mem_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                          unsigned int idx)
{
    struct altp2m_view *view;
    int rc = 0;

    altp2m_lock(d);

    view = altp2m_view(d, idx);
    if ( !view )
        rc = -EINVAL;
    else if ( gfn_eq(gfn, INVALID_GFN) )
        *access = altp2m_xenmem_access(view->default_access);
    else if ( gfn_x(gfn) > MAX_GFN ||
              host_type(d, view, gfn_x(gfn)) == p2m_invalid )
        rc = -ESRCH;
    else
        *access = altp2m_xenmem_access(altp2m_effective(d, view, gfn_x(gfn)));

    altp2m_unlock(d);

    return rc;
}

/*
 * The access that counts in a view for a page: in view 0, as long as it says
 * nothing of its own, the host's, in the host's own words.
 */
int altp2m_view_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                       unsigned int idx)
{
    bool host = false;

    if ( !idx )
    {
        struct altp2m_view *view;

        altp2m_lock(d);
        view = altp2m_view(d, 0);
        host = !view || altp2m_is_host(view, gfn_x(gfn));
        altp2m_unlock(d);
    }

    return host || gfn_eq(gfn, INVALID_GFN)
           ? p2m_get_mem_access(d, gfn, access, idx)
           : altp2m_get_mem_access(d, gfn, access, idx);
}

static int op_get_access(struct domain *d, altp2m_op_t *op)
{
    xenmem_access_t access;
    int rc;

    if ( op->u.mem_access.pad )
        return -EINVAL;

    rc = altp2m_view_access(d, _gfn(op->u.mem_access.gfn), &access,
                            op->u.mem_access.view);
    if ( !rc )
        op->u.mem_access.access = access;

    return rc;
}

/*
 * Replace all that @view overrides at @old: show what it shows at @new, with the
 * access that it gives there now.  With INVALID_GFN for @new nothing is
 * overridden any more.
 *
 * Returns 0, -ESRCH without a page at @old or RAM at @new, -ENOMEM.  Lock held.
 */
static int change_gfn(struct domain *d, struct altp2m_view *view,
                      unsigned long old, unsigned long new)
{
    struct altp2m_change change = {
        .set_access = ALTP2M_CLEAR,
        .set_sve = ALTP2M_CLEAR,
        .set_target = ALTP2M_CLEAR,
    };
    struct altp2m_source src;

    if ( gfn_eq(_gfn(new), INVALID_GFN) )
        return old > MAX_GFN ? 0 : altp2m_override(d, view, old, 0, &change);

    if ( old > MAX_GFN || new > MAX_GFN || !altp2m_page_at(d, view, old) )
        return -ESRCH;

    change.target = altp2m_source_gfn(d, view, new);
    altp2m_host_lookup(p2m_get_hostp2m(d), change.target, 0, &src);
    if ( !altp2m_has_frame(&src) )
        return -ESRCH;

    change.set_access = ALTP2M_SET;
    change.access = altp2m_effective(d, view, new);
    if ( change.target != old )
        change.set_target = ALTP2M_SET;
    /* What an agent in the guest remaps, it is told about by #VE. */
    if ( current->domain == d )
    {
        change.set_sve = ALTP2M_SET;
        change.sve = false;
    }

    return altp2m_override(d, view, old, 0, &change);
}

/* A view is about to say something of its own.  No lock held. */
static int prepare(struct domain *d, unsigned int idx)
{
    return idx ? 0 : altp2m_section(d, SECTION_PAUSED, altp2m_own_host_view,
                                    NULL);
}

static int op_change_gfn(struct domain *d, const altp2m_op_t *op)
{
    struct altp2m_view *view;
    int rc;

    if ( op->u.change_gfn.pad1 || op->u.change_gfn.pad2 )
        return -EINVAL;

    rc = prepare(d, op->u.change_gfn.view);
    if ( rc )
        return rc;

    rc = -EINVAL;
    altp2m_lock(d);
    view = altp2m_view(d, op->u.change_gfn.view);
    if ( view )
        rc = change_gfn(d, view, op->u.change_gfn.old_gfn,
                        op->u.change_gfn.new_gfn);
    altp2m_unlock(d);

    return rc;
}

static int set_sve(struct domain *d, struct altp2m_view *view,
                   unsigned long gfn, bool sve)
{
    const struct altp2m_change change = {
        .set_sve = ALTP2M_SET,
        .sve = sve,
    };

    if ( gfn > MAX_GFN || !altp2m_page_at(d, view, gfn) )
        return -ESRCH;

    return altp2m_override(d, view, gfn, 0, &change);
}

/* One batch of a range; moves first_gfn on and notes the first error. */
static int set_sve_batch(struct domain *d,
                         struct xen_hvm_altp2m_suppress_ve_multi *m)
{
    const struct altp2m_change change = {
        .set_sve = ALTP2M_SET,
        .sve = m->suppress_ve,
    };
    uint64_t gfn[BATCH];
    struct altp2m_view *view;
    unsigned int i, nr = min_t(uint64_t, BATCH, m->last_gfn - m->first_gfn + 1);

    for ( i = 0; i < nr; i++ )
        gfn[i] = m->first_gfn + i;

    altp2m_lock(d);

    view = altp2m_view(d, m->view);
    for ( i = 0; view && i < nr; i++ )
    {
        unsigned int done = altp2m_override_run(d, view, gfn + i, nr - i,
                                                &change);
        int rc;

        i += done;
        m->first_gfn += done;
        if ( i == nr )
            break;

        rc = set_sve(d, view, m->first_gfn, m->suppress_ve);
        if ( rc && !m->first_error )
        {
            m->first_error = rc;
            m->first_error_gfn = m->first_gfn;
        }
        m->first_gfn++;
    }

    /* Beyond the guest's last page there are only holes. */
    if ( m->first_gfn > p2m_get_hostp2m(d)->max_mapped_pfn &&
         m->first_gfn <= m->last_gfn )
    {
        if ( !m->first_error )
        {
            m->first_error = -ESRCH;
            m->first_error_gfn = m->first_gfn;
        }
        m->first_gfn = m->last_gfn + 1;
    }

    altp2m_unlock(d);

    return view ? 0 : -EINVAL;
}

static int op_set_sve_multi(struct domain *d, altp2m_op_t *op)
{
    struct xen_hvm_altp2m_suppress_ve_multi *m = &op->u.suppress_ve_multi;
    int rc;

    m->last_gfn = min_t(uint64_t, m->last_gfn, MAX_GFN);

    if ( m->pad1 || m->first_gfn > m->last_gfn )
        return -EINVAL;

    rc = prepare(d, m->view);
    if ( rc )
        return rc;

    while ( m->first_gfn <= m->last_gfn )
    {
        rc = set_sve_batch(d, m);
        if ( rc )
            return rc;

        if ( m->first_gfn <= m->last_gfn && hypercall_preempt_check() )
            return -ERESTART;
    }

    return 0;
}

static int op_suppress_ve(struct domain *d, altp2m_op_t *op)
{
    struct xen_hvm_altp2m_suppress_ve *s = &op->u.suppress_ve;
    bool set = op->cmd == HVMOP_altp2m_set_suppress_ve;
    struct altp2m_view *view;
    unsigned int level;
    int rc;

    if ( s->pad1 || s->pad2 )
        return -EINVAL;

    rc = set ? prepare(d, s->view) : 0;
    if ( rc )
        return rc;

    altp2m_lock(d);

    view = altp2m_view(d, s->view);
    if ( !view )
        rc = -EINVAL;
    else if ( set )
        rc = set_sve(d, view, s->gfn, s->suppress_ve);
    else if ( s->gfn > MAX_GFN || !altp2m_page_at(d, view, s->gfn) )
        rc = -ESRCH;
    else
    {
        s->suppress_ve = slot_sve(altp2m_lookup(view, s->gfn, &level));
        rc = 0;
    }

    altp2m_unlock(d);

    return rc;
}

static int op_notify(struct domain *d, const altp2m_op_t *op)
{
    bool on = op->cmd == HVMOP_altp2m_vcpu_enable_notify;
    struct vcpu *v = domain_vcpu(d, on ? op->u.enable_notify.vcpu_id
                                       : op->u.disable_notify.vcpu_id);

    if ( !v || (on && op->u.enable_notify.pad) )
        return -EINVAL;

    return on ? altp2m_notify_on(v, _gfn(op->u.enable_notify.gfn))
              : altp2m_notify_off(v);
}

static int op_get_idx(struct domain *d, altp2m_op_t *op)
{
    const struct vcpu *v = domain_vcpu(d, op->u.get_vcpu_p2m_idx.vcpu_id);

    if ( !v )
        return -EINVAL;

    op->u.get_vcpu_p2m_idx.altp2m_idx = altp2m_vcpu_idx(v);

    return 0;
}

/* Returns what the hypercall does; sets *@out if @op has more to tell. */
static int dispatch(struct domain *d, altp2m_op_t *op, bool *out)
{
    switch ( op->cmd )
    {
    case HVMOP_altp2m_get_domain_state:
        *out = true;
        op->u.domain_state.state = altp2m_active(d);
        return 0;

    case HVMOP_altp2m_set_domain_state:
        return altp2m_set_state(d, op->u.domain_state.state);

    case HVMOP_altp2m_vcpu_enable_notify:
    case HVMOP_altp2m_vcpu_disable_notify:
        return op_notify(d, op);

    case HVMOP_altp2m_create_p2m:
        *out = true;
        return altp2m_create_view(d, &op->u.view.view,
                                  op->u.view.hvmmem_default_access);

    case HVMOP_altp2m_destroy_p2m:
        return altp2m_destroy_view(d, op->u.view.view);

    case HVMOP_altp2m_switch_p2m:
        return altp2m_switch_domain(d, op->u.view.view);

    case HVMOP_altp2m_set_suppress_ve:
        return op_suppress_ve(d, op);

    case HVMOP_altp2m_get_suppress_ve:
        *out = true;
        return op_suppress_ve(d, op);

    case HVMOP_altp2m_set_suppress_ve_multi:
        *out = true;
        return op_set_sve_multi(d, op);

    case HVMOP_altp2m_set_mem_access:
        return op_set_access(d, op);

    case HVMOP_altp2m_set_mem_access_multi:
        *out = true;
        return op_set_access_multi(d, op);

    case HVMOP_altp2m_get_mem_access:
        *out = true;
        return op_get_access(d, op);

    case HVMOP_altp2m_change_gfn:
        return op_change_gfn(d, op);

    case HVMOP_altp2m_get_p2m_idx:
        *out = true;
        return op_get_idx(d, op);

    case HVMOP_altp2m_set_visibility:
        return op->u.set_visibility.pad
               ? -EINVAL
               : altp2m_set_visibility(d, op->u.set_visibility.altp2m_idx,
                                       op->u.set_visibility.visible);
    }

    *out = true;

    return altp2m_extended(d, op);
}

/* One of public/hvm/altp2m.h? */
static bool extended(uint32_t cmd)
{
    return cmd >= HVMOP_altp2m_capabilities && cmd <= HVMOP_altp2m_audit;
}

static bool known(uint32_t cmd)
{
    return (cmd >= HVMOP_altp2m_get_domain_state &&
            cmd <= HVMOP_altp2m_set_visibility) || extended(cmd);
}

/* May the caller ask what there is?  It can be asked of every domain. */
static int check_capabilities(struct domain *d, const altp2m_op_t *op)
{
    uint64_t mode = is_hvm_domain(d) ? d->arch.hvm.params[HVM_PARAM_ALTP2M]
                                     : XEN_ALTP2M_disabled;

    if ( mode == XEN_ALTP2M_disabled )
        mode = XEN_ALTP2M_external;

    return xsm_hvm_altp2mhvm_op(XSM_OTHER, d, mode, op->cmd);
}

/* May the caller do this to @d now? */
static int check(struct domain *d, const altp2m_op_t *op)
{
    uint64_t mode;

    if ( op->cmd == HVMOP_altp2m_capabilities )
        return check_capabilities(d, op);

    if ( !is_hvm_domain(d) || !hap_enabled(d) )
        return -EOPNOTSUPP;

    if ( op->cmd != HVMOP_altp2m_get_domain_state &&
         op->cmd != HVMOP_altp2m_set_domain_state && !altp2m_active(d) )
        return -EOPNOTSUPP;

    mode = d->arch.hvm.params[HVM_PARAM_ALTP2M];
    if ( mode == XEN_ALTP2M_disabled )
        return -EINVAL;

    return xsm_hvm_altp2mhvm_op(XSM_OTHER, d, mode, op->cmd);
}

/* Write back what @op says now.  Returns @rc, or -EFAULT. */
static int tell(XEN_GUEST_HANDLE_PARAM(void) arg, const altp2m_op_t *op,
                int rc)
{
    if ( op->cmd == HVMOP_altp2m_set_mem_access_multi )
        return rc == -ERESTART &&
               __copy_field_to_guest(guest_handle_cast(arg,
                                                       xen_hvm_altp2m_op_t),
                                     op, u.set_mem_access_multi.opaque)
               ? -EFAULT : rc;

    /* Those beyond Xen's also say how far they got: by when it failed. */
    if ( rc && rc != -ERESTART && !extended(op->cmd) )
        return rc;

    return __copy_to_guest(arg, op, 1) ? -EFAULT : rc;
}

/* HVMOP_altp2m.  Returns -ERESTART to be called again with the same @arg. */
int altp2m_op(XEN_GUEST_HANDLE_PARAM(void) arg)
{
    altp2m_op_t op;
    struct domain *d;
    bool out = false;
    int rc;

    if ( copy_from_guest(&op, arg, 1) )
        return -EFAULT;

    if ( op.pad1 || op.pad2 || op.version != HVMOP_ALTP2M_INTERFACE_VERSION )
        return -EINVAL;

    if ( !known(op.cmd) )
        return -EOPNOTSUPP;

    /* Without views, the one question that is answered is why. */
    if ( !hvm_altp2m_supported() && op.cmd != HVMOP_altp2m_capabilities )
        return -EOPNOTSUPP;

    d = rcu_lock_domain_by_any_id(op.domain);
    if ( !d )
        return -ESRCH;

    rc = check(d, &op);
    if ( !rc )
        rc = dispatch(d, &op, &out);
    altp2m_trace(d, ALTP2M_RETURNS);

    rcu_unlock_domain(d);

    return out ? tell(arg, &op, rc) : rc;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
