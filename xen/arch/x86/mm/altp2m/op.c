/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the hypercalls.  HVMOP_altp2m, for 64 bit callers and 32 bit
 * ones.
 *
 * View 0 is the host's view: setting access there sets the host p2m's own.
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

/* @since: as altp2m_sections() said when it was asked for. */
static int run_locked(struct domain *d, unsigned int flags,
                      altp2m_section_t *fn, void *arg, unsigned long since)
{
    int rc;

    altp2m_lock(d);
    altp2m_waited(d, flags & SECTION_PAUSED, since);

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
    unsigned long since = altp2m_sections(d);
    int rc;

    if ( !(flags & SECTION_PAUSED) )
        return run_locked(d, flags, fn, arg, since);

    rc = domain_pause_except_self(d);
    if ( rc )
        return rc;

    rc = run_locked(d, flags, fn, arg, since);
    domain_unpause_except_self(d);

    return rc;
}

/*
 * The same where one vCPU has to be current or at rest.  A domain that does it to
 * another vCPU of its own stops all: two at once would wait for each other.
 */
int altp2m_vcpu_section(struct vcpu *v, altp2m_section_t *fn, void *arg)
{
    unsigned long since = altp2m_sections(v->domain);
    int rc;

    if ( v == current )
        return run_locked(v->domain, 0, fn, arg, since);

    if ( v->domain == current->domain )
        return altp2m_section(v->domain, SECTION_PAUSED, fn, arg);

    vcpu_pause(v);
    rc = run_locked(v->domain, SECTION_PAUSED, fn, arg, since);
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
        [p2m_access_r_pw] = XENMEM_access_r_pw,
    };

    return to_xenmem[access];
}

/* A view's default access, for public/hvm/altp2m.h. */
uint8_t altp2m_default_access(const struct altp2m_view *view)
{
    return view->default_access == NO_DEFAULT
           ? XEN_ALTP2M_NO_DEFAULT
           : altp2m_xenmem_access(view->default_access);
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
            (view->default_access == NO_DEFAULT &&
             !(altp2m_lookup(view, gfn, &level) & SLOT_ACCESS)));
}

/*
 * One page's access, or the default for gfn ~0.  A hole is passed over.  In view
 * 0 it is the host's.
 */
static int set_access(struct domain *d, struct altp2m_view *view,
                      unsigned long gfn, xenmem_access_t access)
{
    struct altp2m_change change = { .set_access = ALTP2M_SET };
    int rc = altp2m_check_access(d, access, &change.access);

    if ( rc )
        return rc;

    if ( !view->idx )
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

static int op_set_access(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_mem_access *m = altp2m_args(arg);
    struct altp2m_view *view = altp2m_view(d, m->view);

    return m->pad || !view ? -EINVAL
                           : set_access(d, view, m->gfn, m->access);
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

/* A part of a list. */
struct access_batch {
    unsigned int view, nr;
    uint64_t gfn[BATCH];
    uint8_t access[BATCH];
};

static int set_access_batch(struct domain *d, void *arg)
{
    const struct access_batch *b = arg;
    struct altp2m_view *view = altp2m_view(d, b->view);
    unsigned int i;
    int rc = 0;

    if ( !view )
        return -EINVAL;

    for ( i = 0; rc >= 0 && i < b->nr; i += rc )
        rc = set_access_some(d, view, b->gfn + i, b->access + i, b->nr - i);

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

/* Read what @b is to be of a list, from where that is at. */
static bool copy_batch(const struct xen_hvm_altp2m_set_mem_access_multi *m,
                       struct access_batch *b)
{
    return copy_from_guest_offset(b->gfn, m->pfn_list, m->opaque, b->nr) ||
           copy_from_guest_offset(b->access, m->access_list, m->opaque, b->nr);
}

/* Goes on at op's opaque, which it moves on. */
static int op_set_access_multi(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_set_mem_access_multi *m = altp2m_args(arg);
    struct access_batch b = { .view = m->view };
    unsigned int most = BATCH;
    int rc;

    if ( current->hcall_compat )
        from_compat(arg);

    if ( m->pad || m->opaque > m->nr )
        return -EINVAL;

    /* Is there such a view?  That comes before what is wrong with the list. */
    rc = altp2m_section(d, 0, set_access_batch, &b);

    while ( !rc && m->opaque < m->nr )
    {
        b.nr = min_t(uint64_t, most, m->nr - m->opaque);
        if ( copy_batch(m, &b) )
        {
            /* Where a list can't be read to its end, what can be counts. */
            if ( b.nr == 1 )
                return -EFAULT;
            most = 1;
            continue;
        }

        altp2m_bring_in(d, b.gfn, b.nr);
        rc = altp2m_section(d, 0, set_access_batch, &b);
        if ( rc )
            break;

        m->opaque += b.nr;
        if ( m->opaque < m->nr && hypercall_preempt_check() )
            return -ERESTART;
    }

    return rc;
}

/*
 * The access that a view gives to a page; its default for INVALID_GFN, or where
 * it has none what it was made with.  Returns 0, -EINVAL if there is no such view, -ESRCH for a hole.
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
        *access = altp2m_xenmem_access(view->default_access == NO_DEFAULT
                                       ? view->created_access
                                       : view->default_access);
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
static int view_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
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

static int op_get_access(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_mem_access *m = altp2m_args(arg);
    xenmem_access_t access;
    int rc;

    if ( m->pad )
        return -EINVAL;

    rc = view_access(d, _gfn(m->gfn), &access, m->view);
    if ( !rc )
        m->access = access;

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
    unsigned int level;

    if ( gfn_eq(_gfn(new), INVALID_GFN) )
        return old > MAX_GFN ? 0 : altp2m_override(d, view, old, 0, &change);

    if ( old > MAX_GFN || new > MAX_GFN || !altp2m_page_at(d, view, old) )
        return -ESRCH;

    change.target = view->nr_remaps ? altp2m_source_gfn(d, view, new) : new;
    altp2m_host_lookup(p2m_get_hostp2m(d), change.target, 0, &src);
    if ( !altp2m_has_frame(d, &src) )
        return -ESRCH;

    /* What the host gives to @new is at hand, if that isn't remapped. */
    change.set_access = ALTP2M_SET;
    change.access = change.target == new
                    ? slot_access(view, altp2m_lookup(view, new, &level),
                                  altp2m_format()->access(src.entry))
                    : altp2m_effective(d, view, new);
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

static int op_change_gfn(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_change_gfn *c = altp2m_args(arg);
    struct altp2m_view *view = altp2m_view(d, c->view);

    return c->pad1 || c->pad2 || !view
           ? -EINVAL : change_gfn(d, view, c->old_gfn, c->new_gfn);
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
static int set_sve_batch(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_suppress_ve_multi *m = arg;
    const struct altp2m_change change = {
        .set_sve = ALTP2M_SET,
        .sve = m->suppress_ve,
    };
    uint64_t gfn[BATCH];
    struct altp2m_view *view = altp2m_view(d, m->view);
    unsigned int i, nr = min_t(uint64_t, BATCH, m->last_gfn - m->first_gfn + 1);

    if ( !view )
        return -EINVAL;

    for ( i = 0; i < nr; i++ )
        gfn[i] = m->first_gfn + i;

    for ( i = 0; i < nr; i++ )
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

    return 0;
}

/* The pages of a batch of a range, of which a VM fork has not copied some yet. */
static void bring_in_batch(struct domain *d, uint64_t first, uint64_t last)
{
    uint64_t gfn;

    for ( gfn = first; gfn <= last && gfn - first < BATCH; gfn++ )
        altp2m_bring_in(d, &gfn, 1);
}

static int op_set_sve_multi(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_suppress_ve_multi *m = altp2m_args(arg);
    int rc;

    m->last_gfn = min_t(uint64_t, m->last_gfn, MAX_GFN);

    if ( m->pad1 || m->first_gfn > m->last_gfn )
        return -EINVAL;

    while ( m->first_gfn <= m->last_gfn )
    {
        if ( unlikely(mem_sharing_is_fork(d)) )
            bring_in_batch(d, m->first_gfn, m->last_gfn);
        rc = altp2m_section(d, 0, set_sve_batch, m);
        if ( rc )
            return rc;

        if ( m->first_gfn <= m->last_gfn && hypercall_preempt_check() )
            return -ERESTART;
    }

    return 0;
}

static int op_set_sve(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_suppress_ve *s = altp2m_args(arg);
    struct altp2m_view *view = altp2m_view(d, s->view);

    return s->pad1 || s->pad2 || !view
           ? -EINVAL : set_sve(d, view, s->gfn, s->suppress_ve);
}

static int op_get_sve(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_suppress_ve *s = altp2m_args(arg);
    struct altp2m_view *view = altp2m_view(d, s->view);
    unsigned int level;

    if ( s->pad1 || s->pad2 || !view )
        return -EINVAL;

    if ( s->gfn > MAX_GFN || !altp2m_page_at(d, view, s->gfn) )
        return -ESRCH;

    s->suppress_ve = slot_sve(altp2m_lookup(view, s->gfn, &level));

    return 0;
}

static int op_notify_on(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_vcpu_enable_notify *n = altp2m_args(arg);
    struct vcpu *v = domain_vcpu(d, n->vcpu_id);

    return v && !n->pad ? altp2m_notify_on(v, _gfn(n->gfn)) : -EINVAL;
}

static int op_notify_off(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_vcpu_disable_notify *n = altp2m_args(arg);
    struct vcpu *v = domain_vcpu(d, n->vcpu_id);

    return v ? altp2m_notify_off(v) : -EINVAL;
}

static int op_get_idx(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_get_vcpu_p2m_idx *g = altp2m_args(arg);
    const struct vcpu *v = domain_vcpu(d, g->vcpu_id);

    if ( !v )
        return -EINVAL;

    g->altp2m_idx = altp2m_vcpu_idx(v);

    return 0;
}

static int op_get_state(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_domain_state *s = altp2m_args(arg);

    /* Those of a domain that dies are off, or will be at once. */
    s->state = altp2m_active(d) && !d->is_dying;

    return 0;
}

static int op_set_state(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_domain_state *s = altp2m_args(arg);

    return altp2m_set_state(d, s->state);
}

static int op_create(struct domain *d, void *arg)
{
    struct xen_hvm_altp2m_view *v = altp2m_args(arg);

    return altp2m_create_view(d, &v->view, v->hvmmem_default_access);
}

static int op_destroy(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_view *v = altp2m_args(arg);

    return altp2m_destroy_view(d, v->view);
}

static int op_switch(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_view *v = altp2m_args(arg);

    return altp2m_switch_domain(d, v->view);
}

static int op_set_visibility(struct domain *d, void *arg)
{
    const struct xen_hvm_altp2m_set_visibility *v = altp2m_args(arg);

    return v->pad ? -EINVAL
                  : altp2m_set_visibility(d, v->altp2m_idx, v->visible);
}

/* How an operation is done. */
struct operation {
    altp2m_section_t *fn;
    uint8_t flags;
    uint8_t size;                 /* of its arguments */
};

#define LOCKED   0x01             /* all of it is one section */
#define OFF      0x02             /* also where views are off */
#define ANY      0x04             /* for every domain, on every machine */
#define BACK     0x08             /* copied back when it is done, or continued */
#define FAILED   0x10             /* and when it failed */
#define PLACE    0x20             /* of it only its place, when continued */
#define HOST     0x40             /* may have a view say something of its own: */
#define HOST_ALL 0x80             /* whose index comes first; or all */

#define XEN_OP(name, fn, type, flags)                                   \
    [HVMOP_altp2m_ ## name] = { fn, flags,                              \
                                sizeof(struct xen_hvm_altp2m_ ## type) }

/* Xen's own. */
static const struct operation xen_operations[] = {
    XEN_OP(get_domain_state, op_get_state, domain_state, OFF | BACK),
    XEN_OP(set_domain_state, op_set_state, domain_state, OFF),
    XEN_OP(vcpu_enable_notify, op_notify_on, vcpu_enable_notify, 0),
    XEN_OP(create_p2m, op_create, view, BACK),
    XEN_OP(destroy_p2m, op_destroy, view, 0),
    XEN_OP(switch_p2m, op_switch, view, 0),
    XEN_OP(set_mem_access, op_set_access, mem_access, LOCKED),
    XEN_OP(change_gfn, op_change_gfn, change_gfn, LOCKED | HOST),
    XEN_OP(set_mem_access_multi, op_set_access_multi, set_mem_access_multi,
           PLACE),
    XEN_OP(set_suppress_ve, op_set_sve, suppress_ve, LOCKED | HOST),
    XEN_OP(get_suppress_ve, op_get_sve, suppress_ve, LOCKED | BACK),
    XEN_OP(get_mem_access, op_get_access, mem_access, BACK),
    XEN_OP(vcpu_disable_notify, op_notify_off, vcpu_disable_notify, 0),
    XEN_OP(get_p2m_idx, op_get_idx, get_vcpu_p2m_idx, BACK),
    XEN_OP(set_suppress_ve_multi, op_set_sve_multi, suppress_ve_multi,
           BACK | HOST),
    XEN_OP(set_visibility, op_set_visibility, set_visibility, 0),
};

#define FIRST HVMOP_altp2m_capabilities
#define OP(name, fn, type, flags)                                       \
    [HVMOP_altp2m_ ## name - FIRST] = { altp2m_op_ ## fn,               \
                                        (flags) | BACK | FAILED,        \
                                        sizeof(struct xen_altp2m_ ## type) }

/* Those of public/hvm/altp2m.h, which also say how far they got by a failure. */
static const struct operation operations[] = {
    OP(capabilities, capabilities, capabilities, OFF | ANY),
    OP(domain_info, domain_info, domain_info, LOCKED),
    OP(list_vcpus, read, read, 0),
    OP(list_views, read, read, 0),
    OP(read_overrides, read, read, 0),
    OP(read_map, read, read, 0),
    OP(list_tables, read, read, 0),
    OP(apply, apply, apply, HOST),
    OP(set_range, set_range, set_range, LOCKED | HOST),
    OP(isolate, isolate, isolate, LOCKED | HOST_ALL),
    OP(get_default, get_default, default, LOCKED),
    OP(set_default, set_default, default, LOCKED | HOST),
    OP(clone, clone, clone, 0),
    OP(switch_vcpu, switch_vcpu, set_vcpu, 0),
    OP(set_vmfunc, set_vmfunc, set_vcpu, 0),
    OP(set_vcpu_visibility, set_vcpu_visibility, set_vcpu, 0),
    OP(notify_lost, notify_lost, notify_lost, 0),
    OP(read_lost, read, read, 0),
    OP(walk, walk, walk, 0),
    OP(audit, read, read, 0),
};

/* NULL if there is none of that number. */
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

/* The mode by which it is judged who may do what to a domain. */
static uint64_t mode_of(const struct domain *d)
{
    return is_hvm_domain(d) ? d->arch.hvm.params[HVM_PARAM_ALTP2M]
                            : XEN_ALTP2M_disabled;
}

/* May the caller do this to @d now? */
static int check(struct domain *d, const struct operation *o, uint32_t cmd)
{
    uint64_t mode = mode_of(d);

    /* It can be asked of every domain what there is. */
    if ( o->flags & ANY )
        return xsm_hvm_altp2mhvm_op(XSM_OTHER, d,
                                    mode == XEN_ALTP2M_disabled
                                    ? XEN_ALTP2M_external : mode, cmd);

    if ( !is_hvm_domain(d) || !hap_enabled(d) )
        return -EOPNOTSUPP;

    if ( !(o->flags & OFF) && !altp2m_active(d) )
        return -EOPNOTSUPP;

    if ( mode == XEN_ALTP2M_disabled )
        return -EINVAL;

    return xsm_hvm_altp2mhvm_op(XSM_OTHER, d, mode, cmd);
}

static int perform(struct domain *d, const struct operation *o, altp2m_op_t *op)
{
    const uint16_t *view = altp2m_args(op);
    int rc = 0;

    BUILD_BUG_ON(offsetof(struct xen_hvm_altp2m_change_gfn, view));
    BUILD_BUG_ON(offsetof(struct xen_hvm_altp2m_suppress_ve, view));
    BUILD_BUG_ON(offsetof(struct xen_hvm_altp2m_suppress_ve_multi, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_apply, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_set_range, view));
    BUILD_BUG_ON(offsetof(struct xen_altp2m_default, view));

    if ( (o->flags & HOST_ALL) || ((o->flags & HOST) && !*view) )
        rc = altp2m_section(d, SECTION_PAUSED, altp2m_own_host_view, NULL);
    if ( rc )
        return rc;

    if ( unlikely(mem_sharing_is_fork(d)) )
        altp2m_bring_in_named(d, op);

    return o->flags & LOCKED ? altp2m_section(d, 0, o->fn, op) : o->fn(d, op);
}

/* Write back what @op says now.  Returns @rc, or -EFAULT. */
static int copy_back(XEN_GUEST_HANDLE_PARAM(void) arg,
                     const struct operation *o, const altp2m_op_t *op, int rc)
{
    bool again = rc == -ERESTART;

    if ( (o->flags & PLACE) && again )
        return __copy_field_to_guest(guest_handle_cast(arg, xen_hvm_altp2m_op_t),
                                     op, u.set_mem_access_multi.opaque)
               ? -EFAULT : rc;

    if ( !(o->flags & BACK) || (rc && !again && !(o->flags & FAILED)) )
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

    /* Without views, the one question that is answered is why. */
    o = operation(op.cmd);
    if ( !hvm_altp2m_supported() && !(o && (o->flags & ANY)) )
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

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
