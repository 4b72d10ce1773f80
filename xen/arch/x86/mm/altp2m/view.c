/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: life and switching.
 *
 * A view is the host p2m plus a sparse set of overrides.  Its page tables are a
 * cache.  For a gfn g in view v, with o = the override for g, if any:
 *
 *     frame(v, g)  = the host's for o.target if o has one and the host has RAM
 *                    there, else the host's for g
 *     access(v, g) = o.access if o has one, else v's default access if it has
 *                    one, else the host's for g
 *     sve(v, g)    = o.sve if o has one, else 1
 *
 * This is how one override of a 4k page looks (override.c, table.c).  Each '#'
 * is a page of the view's own; all else it shares with the host:
 *
 *      host p2m                     view
 *
 *      root ----+----.      ....... root #    copied entries, each with the
 *       |       |     \    :         |        view's default access
 *       v       v      `---:-> L2    v
 *      L2      L2 <........:        L2 #      mirrors the host's: node(level 2)
 *       |                            |
 *       v                            v
 *      L1 <......................... L1 #     node(level 1): other entries lead
 *       |   \________________        |        to the host's L0 tables
 *       v            v       `....   v
 *      L0           L0 <........    L0 #      node(level 0): slot[i] overrides,
 *                                             entry i is recomputed, the other
 *                                             511 are copies
 *
 * View 0, as long as it overrides nothing, has no tables: its vCPUs walk the
 * host's.  Any other has its root filled when a CPU is first let walk it.
 *
 * LOCKING.  The host p2m lock guards host tables, view tables, overrides and
 * the list of views: they change together, and there is no second order to get
 * wrong.  What single vCPUs are given, vcpu_altp2m(v) above all, changes with the
 * lock held and the vCPU current or at rest; VMFUNC alone changes the view that a
 * vCPU is in without the lock, on that vCPU.
 */

#include <xen/event.h>
#include <xen/nospec.h>
#include <xen/softirq.h>

#include <asm/hvm/hvm.h>
#include <asm/hvm/nestedhvm.h>

#include "private.h"

#define FREE_BATCH 64u

/* A live view by index, or NULL.  Lock held, or the caller's vCPU is in it. */
struct altp2m_view *altp2m_view(const struct domain *d, unsigned int idx)
{
    struct altp2m_view *view;

    if ( !altp2m_active(d) || idx >= ALTP2M_MAX_VIEWS )
        return NULL;

    view = altp2m_nth(d->arch.altp2m, idx);

    return view && !view->dying && !view->partial ? view : NULL;
}

/* Has it tables that a CPU can walk?  View 0 may have the host's. */
static bool view_ready(const struct altp2m_view *view)
{
    return !view->idx || !mfn_eq(view->root.table, INVALID_MFN);
}

/*
 * What a CPU is given to walk from a table: nCR3, or the host's EPTP with another
 * address; memory type, length and A/D are one (SDM Vol. 3C, 25.6.11).
 */
static uint64_t root_of(const struct p2m_domain *hp2m, mfn_t table)
{
    return mfn_to_maddr(table) |
           (cpu_has_vmx ? hp2m->ept.eptp & ~PAGE_MASK : 0);
}

/* The table that walks of a view start from: view 0 may have the host's. */
mfn_t altp2m_root_table(const struct domain *d, const struct altp2m_view *view)
{
    return mfn_eq(view->root.table, INVALID_MFN)
           ? pagetable_get_mfn(p2m_get_pagetable(p2m_get_hostp2m(d)))
           : view->root.table;
}

static uint64_t view_root(const struct domain *d,
                          const struct altp2m_view *view)
{
    return root_of(p2m_get_hostp2m(d), altp2m_root_table(d, view));
}

/* Tell VMFUNC, where it is used, if the guest may enter a view.  Lock held. */
void altp2m_publish(struct domain *d, struct altp2m_view *view)
{
    struct altp2m_domain *a = d->arch.altp2m;
    uint64_t root = ~0UL;

    if ( !a->eptp_list )
        return;

    if ( view->visible && !view->dying && !view->partial )
    {
        /* Never fails: view 0 needs none. */
        if ( view_ready(view) || !altp2m_attach_root(d, view) )
            root = view_root(d, view);
    }

    write_atomic(&a->eptp_list[view->idx], root);
    altp2m_publish_vcpus(d, view->idx, root);

    /* Who is in a view stays in it when it is hidden. */
    if ( root != ~0UL || view->dying )
        write_atomic(&a->roots[view->idx], root);
}

/* What the host's root is walked with has changed: A/D bits.  Lock held. */
void altp2m_roots_changed(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i;

    for ( i = 0; a && i < a->limit; i++ )
        if ( altp2m_nth(a, i) )
            altp2m_publish(d, altp2m_nth(a, i));
}

/*
 * What a vCPU's walks start from: EPTP, nCR3.  On it, as the view it is in can't
 * go; or with the lock held and the vCPU at rest.
 */
uint64_t altp2m_root(const struct vcpu *v)
{
    const struct domain *d = v->domain;
    const struct p2m_domain *hp2m = p2m_get_hostp2m(d);

    if ( altp2m_active(d) )
        return view_root(d, altp2m_nth(d->arch.altp2m,
                                       vcpu_altp2m(v).p2midx));

    return root_of(hp2m, pagetable_get_mfn(p2m_get_pagetable(hp2m)));
}

/* The EPTP or nCR3 of one view, ~0 where there is none. */
uint64_t altp2m_root_of(const struct domain *d, unsigned int idx)
{
    const struct altp2m_view *view = altp2m_view(d, idx);

    return view && view_ready(view) ? view_root(d, view) : ~0UL;
}

/*
 * The view whose root the CPU of the current vCPU walks, which may use VMFUNC,
 * where the CPU doesn't tell the index.  No lock: the view it is in can't go,
 * any other may, so that views themselves aren't looked at.
 */
unsigned int altp2m_find_root(const struct vcpu *v, uint64_t root)
{
    const uint64_t *roots = v->domain->arch.altp2m->roots;
    unsigned int i;

    if ( likely(root == altp2m_root(v)) )
        return altp2m_vcpu_idx(v);

    for ( i = 0; i < ALTP2M_MAX_VIEWS; i++ )
        if ( read_atomic(&roots[i]) == root )
            return i;

    return altp2m_vcpu_idx(v);
}

static uint64_t *new_root_list(void)
{
    uint64_t *list = alloc_xenheap_page();
    unsigned int i;

    BUILD_BUG_ON(ALTP2M_MAX_VIEWS * sizeof(*list) != PAGE_SIZE);

    for ( i = 0; list && i < ALTP2M_MAX_VIEWS; i += FILL_STEP )
        fill(&list[i], ~0UL, 0);

    return list;
}

#define ROOTS_AT_ONCE 8u

/* Make some roots of views that the guest may enter.  -ERESTART if more lack. */
static int attach_roots(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i, left = ROOTS_AT_ONCE;

    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = altp2m_nth(a, i);

        if ( !view || view_ready(view) || !view->visible || view->dying ||
             view->partial )
            continue;

        if ( !left-- )
            return -ERESTART;
        altp2m_attach_root(d, view);
    }

    return 0;
}

/*
 * Make what VMFUNC reads, and what tells where it went, if there is none yet.
 * 0, -ENOMEM, or -ERESTART: call again to continue.  Lock held.
 */
int altp2m_make_eptp_list(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( a->eptp_list )
        return 0;

    if ( attach_roots(d) )
        return -ERESTART;

    if ( !a->roots )
        a->roots = new_root_list();
    if ( a->roots )
        a->eptp_list = new_root_list();
    if ( !a->eptp_list )
        return -ENOMEM;

    altp2m_roots_changed(d);

    return 0;
}

static void view_put(struct altp2m_domain *a, unsigned int idx,
                     struct altp2m_view *view)
{
    if ( idx < FEW_VIEWS )
        a->few[idx] = view;
    else
        a->more[idx] = view;
}

/* The lowest free index; -ENOSPC if all are in use, -ENOMEM. */
static int free_index(struct altp2m_domain *a)
{
    unsigned int idx = 0;

    while ( idx < ALTP2M_MAX_VIEWS && altp2m_nth(a, idx) )
        idx++;
    if ( idx == ALTP2M_MAX_VIEWS )
        return -ENOSPC;

    if ( idx >= FEW_VIEWS && !a->more )
    {
        BUILD_BUG_ON(ALTP2M_MAX_VIEWS * sizeof(*a->more) > PAGE_SIZE);

        a->more = alloc_xenheap_page();
        if ( !a->more )
            return -ENOMEM;
        clear_page(a->more);
    }

    return idx;
}

/*
 * Make a view, with the lowest free index, that nobody finds yet if @partial.
 * The page for its root is taken now, so that no switch to it can fail; what is
 * in it is made for the first.  View 0 needs none.
 *
 * 0, -ENOSPC if all indexes are in use, -ENOMEM.  Lock held, views on or about
 * to be.
 */
int altp2m_new_view(struct domain *d, p2m_access_t access, bool partial,
                    struct altp2m_view **new)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_view *view;
    mfn_t spare = INVALID_MFN;
    int idx = free_index(a);

    if ( idx < 0 )
        return idx;

    view = altp2m_alloc(d, &a->views);
    if ( !view )
        return -ENOMEM;

    if ( idx )
    {
        spare = altp2m_alloc_table(d);
        if ( mfn_eq(spare, INVALID_MFN) )
        {
            altp2m_free(d, &a->views, view);
            return -ENOMEM;
        }
    }

    view->idx = idx;
    view->serial = ++a->made;
    view->default_access = access;
    view->created_access = access == NO_DEFAULT ? p2m_access_rwx : access;
    view->visible = true;
    view->partial = partial;
    view->nodes = RB_ROOT;
    view->remaps = RB_ROOT;
    view->spare = spare;
    view->root.view = view;
    view->root.level = ROOT_LEVEL;
    view->root.table = INVALID_MFN;
    view->root.host = INVALID_MFN;
    view->root.floor = 1;           /* later than what is out of date */
    INIT_LIST_HEAD(&view->root.lent);

    view_put(a, idx, view);
    a->limit = max(a->limit, idx + 1u);
    altp2m_publish(d, view);
    *new = view;

    return 0;
}

/*
 * Free a view that is in no list, has no vCPU in it and is marked dying.
 * Returns -ERESTART if there is more to do than should be done at once.
 */
static int view_free(struct domain *d, struct altp2m_view *view,
                     bool preemptible)
{
    struct altp2m_domain *a = d->arch.altp2m;

    while ( !altp2m_free_overrides(d, view, FREE_BATCH) )
        if ( preemptible && general_preempt_check() )
            return -ERESTART;

    altp2m_detach(d, &view->root);
    if ( !mfn_eq(view->spare, INVALID_MFN) )
        altp2m_free_table(d, view->spare);
    altp2m_unhide(d, view->idx);
    view_put(a, view->idx, NULL);
    while ( a->limit && !altp2m_nth(a, a->limit - 1) )
        a->limit--;
    altp2m_free(d, &a->views, view);

    return 0;
}

/*
 * Have a view, in which no vCPU is, not found any more, and free it.  Returns 0
 * or -ERESTART, when called again goes on.  Lock held.
 */
int altp2m_free_view(struct domain *d, struct altp2m_view *view)
{
    view->dying = true;
    altp2m_publish(d, view);

    return view_free(d, view, true);
}

static void domain_free(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( !a )
        return;

    altp2m_free_reserve(d);
    ASSERT(page_list_empty(&a->owed.limbo) && !a->nr_pages);
    altp2m_trace_end(d);

    free_xenheap_page(a->more);
    free_xenheap_page(a->eptp_list);
    free_xenheap_page(a->roots);
    free_xenheap_page(a->mirror);
    xfree(a->vcpu);
    xfree(a);
    d->arch.altp2m = NULL;
}

static int domain_alloc(struct domain *d)
{
    struct altp2m_domain *a = xmalloc(struct altp2m_domain);

    if ( !a )
        return -ENOMEM;

    clear(a, sizeof(*a));
    a->targets = RB_ROOT;
    INIT_PAGE_LIST_HEAD(&a->owed.limbo);
    INIT_LIST_HEAD(&a->tables);
    a->losses = RB_ROOT;
    INIT_PAGE_LIST_HEAD(&a->reserve);
    INIT_LIST_HEAD(&a->lent);
    altp2m_slab_init(&a->nodes, sizeof(struct altp2m_node));
    altp2m_slab_init(&a->remaps, sizeof(struct altp2m_remap));
    altp2m_slab_init(&a->views, sizeof(struct altp2m_view));
    d->arch.altp2m = a;

    a->vcpu = xzalloc_array(struct altp2m_vcpu, d->max_vcpus);
    if ( !a->vcpu )
    {
        domain_free(d);
        return -ENOMEM;
    }

    return 0;
}

/* Free all views; no vCPU uses any.  -ERESTART if there is more to do. */
static int views_free(struct domain *d, bool preemptible)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i;
    int rc;

    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = altp2m_nth(a, i);

        if ( view )
        {
            view->dying = true;
            altp2m_publish(d, view);
        }
    }

    while ( a->limit )
    {
        rc = view_free(d, altp2m_nth(a, a->limit - 1), preemptible);
        if ( rc )
            return rc;
        if ( preemptible && a->limit && general_preempt_check() )
            return -ERESTART;
    }

    return 0;
}

/* What vCPUs walk stays the host's tables. */
static int enable(struct domain *d)
{
    struct altp2m_view *view;
    struct vcpu *v;
    int rc = domain_alloc(d);

    if ( !rc )
        rc = altp2m_make_reserve(d);
    if ( !rc )
        rc = altp2m_new_view(d, NO_DEFAULT, false, &view);
    if ( rc )
    {
        if ( d->arch.altp2m )
        {
            altp2m_settle(d);
            domain_free(d);
        }
        return rc;
    }

    for_each_vcpu ( d, v )
        vcpu_altp2m(v).p2midx = 0;
    d->arch.altp2m_active = true;

    return 0;
}

static int disable(struct domain *d, evtchn_port_t *port)
{
    struct vcpu *v;
    int rc;

    if ( altp2m_active(d) )
    {
        d->arch.altp2m_active = false;
        *port = altp2m_lost_take(d);
        for_each_vcpu ( d, v )
        {
            altp2m_step_end(v, HVM_STEP_FAST);
            altp2m_vcpu_off(v);
        }
    }

    rc = views_free(d, true);
    if ( rc )
        return rc;

    altp2m_settle(d);
    domain_free(d);

    return 0;
}

/*
 * View 0 is about to say something of its own: give it tables, and have its
 * vCPUs walk them.  Returns 0, also if that is so already, or -ENOMEM.  A locked
 * section, or part of one, with the domain paused.
 */
int altp2m_own_host_view(struct domain *d, void *unused)
{
    struct altp2m_view *view = altp2m_view(d, 0);
    struct vcpu *v;
    int rc;

    if ( !mfn_eq(view->root.table, INVALID_MFN) )
        return 0;

    rc = altp2m_attach_root(d, view);
    if ( rc )
        return rc;

    altp2m_publish(d, view);
    for_each_vcpu ( d, v )
        if ( !vcpu_altp2m(v).p2midx )
            altp2m_vcpu_sync(v);

    return 0;
}

struct state {
    bool on;
    evtchn_port_t port;           /* to be freed */
};

static int set_state(struct domain *d, void *arg)
{
    struct state *s = arg;
    int rc = 0;

    /* Also what an earlier call has left to do. */
    if ( d->arch.altp2m && !(s->on && altp2m_active(d)) )
        rc = disable(d, &s->port);
    if ( !rc && s->on && !altp2m_active(d) )
        rc = enable(d);

    return rc;
}

/*
 * Turn the views of a domain on or off.  On: all vCPUs are in view 0.
 *
 * Returns 0, also if that is so already; -EINVAL for a nested hypervisor, and
 * before the domain has its vCPUs, which it gets all at once; -ESRCH to turn on
 * those of a domain that dies; -ENOMEM; -ERESTART when called again goes on.  No
 * lock held.
 */
int altp2m_set_state(struct domain *d, bool on)
{
    struct state s = { .on = on };
    int rc;

    if ( nestedhvm_enabled(d) || !d->vcpu[d->max_vcpus - 1] )
        return -EINVAL;

    rc = altp2m_section(d, SECTION_PAUSED | SECTION_OFF, set_state, &s);

    /* Event locks don't go with the p2m lock. */
    if ( s.port )
        free_xen_event_channel(d, s.port);

    /* Those of a domain that dies are turned off by altp2m_teardown(). */
    return rc == -ESRCH && !on ? 0 : rc;
}

struct creation {
    p2m_access_t access;
    struct altp2m_view *view;
    uint16_t *idx;
};

static int create_view(struct domain *d, void *arg)
{
    struct creation *c = arg;
    int rc = altp2m_new_view(d, CREATE_SETS_DEFAULT ? c->access : NO_DEFAULT,
                             false, &c->view);

    if ( !rc )
    {
        c->view->created_access = c->access;
        *c->idx = c->view->idx;
    }

    return rc;
}

/*
 * Make a view that overrides nothing.  It costs a page of the paging pool.
 * @access is its default access in those versions of Xen in which that has an
 * effect on pages; in the others there is none, and @access can only be asked
 * for again.
 *
 * Returns 0 and the lowest free index, -EINVAL for an access that isn't one,
 * -EOPNOTSUPP for a default that this CPU can't enforce, -ENOSPC if all indexes
 * are in use, -ENOMEM.  No lock held.
 */
int altp2m_create_view(struct domain *d, uint16_t *idx, xenmem_access_t access)
{
    struct creation c = { .idx = idx };
    int rc = altp2m_check_access(d, access, &c.access);

    if ( rc == -EOPNOTSUPP && !CREATE_SETS_DEFAULT )
        rc = 0;

    return rc ?: altp2m_section(d, 0, create_view, &c);
}

/* Is a vCPU in a view, or will be when its step is over?  Not for view 0. */
static bool view_in_use(const struct domain *d, unsigned int idx)
{
    const struct vcpu *v;

    for_each_vcpu ( d, v )
        if ( vcpu_altp2m(v).p2midx == idx || v->arch.hvm.step.home == idx )
            return true;

    return false;
}

static int destroy_view(struct domain *d, void *arg)
{
    unsigned int idx = *(const unsigned int *)arg;
    /* One that is dying is this operation's, preempted. */
    struct altp2m_view *view = altp2m_nth(d->arch.altp2m, idx);

    return !view || view_in_use(d, idx) ? -EBUSY : altp2m_free_view(d, view);
}

/*
 * Returns 0; -EBUSY for view 0, for one that a vCPU is in or goes to when its
 * step is over, and where there is none; -ERESTART when called again goes on.  No
 * lock held.
 */
int altp2m_destroy_view(struct domain *d, unsigned int idx)
{
    if ( !idx || idx >= ALTP2M_MAX_VIEWS )
        return -EBUSY;

    return altp2m_section(d, SECTION_PAUSED, destroy_view, &idx);
}

/* Put @v, which is current or at rest, into a view.  Lock held. */
static void enter_view(struct vcpu *v, struct altp2m_view *view)
{
    if ( altp2m_vcpu_idx(v) == view->idx )
        return;

    /* Has its page: can't fail. */
    if ( !view_ready(view) )
        altp2m_attach_root(v->domain, view);
    vcpu_altp2m(v).p2midx = view->idx;
    altp2m_vcpu_sync(v);
}

static int switch_domain(struct domain *d, void *arg)
{
    struct altp2m_view *view = altp2m_view(d, *(const unsigned int *)arg);
    struct vcpu *v;

    if ( !view || !view->visible )
        return -EINVAL;

    for_each_vcpu ( d, v )
        enter_view(v, view);

    return 0;
}

/*
 * Put all vCPUs into a view.  Returns 0, -EINVAL if there is no such view or
 * the guest may not see it.  No lock held.
 */
int altp2m_switch_domain(struct domain *d, unsigned int idx)
{
    return altp2m_section(d, SECTION_PAUSED, switch_domain, &idx);
}

/*
 * Put a vCPU into a view, if there is such a view.  Lock held, on the vCPU or with
 * it at rest.
 */
void altp2m_go_home(struct vcpu *v, unsigned int idx)
{
    struct altp2m_view *view = altp2m_view(v->domain, idx);

    if ( view )
        enter_view(v, view);
}

struct vcpu_switch {
    struct vcpu *v;
    unsigned int idx;
    bool guest;
};

static int switch_vcpu(struct domain *d, void *arg)
{
    const struct vcpu_switch *s = arg;
    struct altp2m_view *view = altp2m_view(d, s->idx);

    if ( !view )
        return -ENOENT;

    if ( s->guest && !altp2m_visible(s->v, view) )
        return -EPERM;

    enter_view(s->v, view);

    return 0;
}

/*
 * Put one vCPU into a view.  @guest: the guest asks, which may enter visible
 * ones only.  Returns 0, -ENOENT if there is no such view, -EPERM.  No lock held.
 */
int altp2m_enter(struct vcpu *v, unsigned int idx, bool guest)
{
    struct vcpu_switch s = { .v = v, .idx = idx, .guest = guest };

    return altp2m_vcpu_section(v, switch_vcpu, &s);
}

/* The same.  Returns whether the vCPU is in the view now. */
bool altp2m_switch_vcpu(struct vcpu *v, unsigned int idx, bool guest)
{
    return !altp2m_enter(v, idx, guest);
}

/*
 * A monitor's reply, or a single step that is over, asks for a switch.  A vCPU
 * that waits for the reply may still be on its way to rest.  No lock held.
 */
void p2m_altp2m_check(struct vcpu *v, uint16_t idx)
{
    if ( altp2m_active(v->domain) )
        altp2m_switch_vcpu(v, idx, false);
}

struct visibility {
    unsigned int idx;
    bool visible;
};

static int set_visibility(struct domain *d, void *arg)
{
    const struct visibility *s = arg;
    struct altp2m_view *view = altp2m_view(d, s->idx);

    if ( !view )
        return -EINVAL;

    view->visible = s->visible;
    altp2m_publish(d, view);

    return 0;
}

/*
 * Let the guest switch to a view by itself (VMFUNC), and monitors put all vCPUs
 * there, or not.  vCPUs that are in the view stay.  Returns 0, or -EINVAL if
 * there is no such view.  No lock held.
 */
int altp2m_set_visibility(struct domain *d, unsigned int idx, bool visible)
{
    struct visibility s = { .idx = idx, .visible = visible };

    return altp2m_section(d, 0, set_visibility, &s);
}

/*
 * The domain is being torn down.  Lock not held, no vCPU runs; may be called
 * again, and is when it sets *@preempted.  Operations that come later find that
 * the domain is dying.
 */
void altp2m_teardown(struct domain *d, bool *preempted)
{
    unsigned long since = altp2m_sections(d);
    struct vcpu *v;

    altp2m_lost_off(d);

    altp2m_lock(d);
    altp2m_waited(d, true, since);

    d->arch.altp2m_active = false;
    if ( d->arch.altp2m )
    {
        for_each_vcpu ( d, v )
            altp2m_vcpu_off(v);

        if ( views_free(d, preempted) )
            *preempted = true;
        else
        {
            altp2m_settle(d);
            domain_free(d);
        }
    }

    altp2m_unlock(d);
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
