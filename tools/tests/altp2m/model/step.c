/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations: each is done to the code under test and to the model, and its
 * result is foretold.  A step is six bytes, so sequences can come from a
 * random generator, an enumeration or a fuzzer alike.
 */
#include "step.h"

#include <asm/altp2m_names.h>

static struct domain *d;
struct vcpu *caller;              /* NULL: dom0 */
bool compat;
struct vcpus vcpus;
static uint8_t guest_mtrr;

static void do_host_page(struct step s);
static void do_host_large(struct step s);
static void do_touch(struct step s);

/* ---- making a hypercall ---- */

/*
 * What takes apart is gone for everybody once it has begun, whatever is left to
 * do.  Between its rounds the host's map changes and guests run.
 */
static void (*gone)(struct step s);
static struct step between;

static void go_between(void)
{
    gone(between);
    caller_is(NULL);
    current->hcall_compat = false;
    trace_return();
    if ( !history_on )
    {
        if ( between.d & 1 )
            do_host_large((struct step){ .a = between.b, .b = between.c });
        else
            do_host_page((struct step){ .a = between.b, .b = between.c });
        do_touch((struct step){ .a = between.d, .b = between.b,
                                .c = between.c });
    }
    check_all();
    caller_is(caller);
    current->hcall_compat = compat;
}

/* What its caller is told besides the result. */
static unsigned long told_by(const op_t *op)
{
    switch ( op->cmd )
    {
    case HVMOP_altp2m_get_domain_state:
        return op->u.domain_state.state;
    case HVMOP_altp2m_create_p2m:
        return op->u.view.view;
    case HVMOP_altp2m_get_mem_access:
        return op->u.mem_access.access;
    case HVMOP_altp2m_get_suppress_ve:
        return op->u.suppress_ve.suppress_ve;
    case HVMOP_altp2m_get_p2m_idx:
        return op->u.get_vcpu_p2m_idx.altp2m_idx;
    case HVMOP_altp2m_clone:
        return ((const struct xen_altp2m_clone *)&op->u)->clone;
    default:
        return 0;
    }
}

int step_call(op_t *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    unsigned int rounds = 0;
    int rc;

    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = caller ? DOMID_SELF : d->domain_id;
    caller_is(caller);
    current->hcall_compat = compat;
    memcpy(guest_memory, op, sizeof(*op));
    do {
        rc = altp2m_op(arg);
        ASSERT(race_on() || (!d->pause_count.counter && !d->rcu_locks));
        if ( ++rounds > 4096 )
            FAIL("hypercall %u never ends", op->cmd);
        if ( rc == -ERESTART && race_on() )
            race_continue();
        else if ( rc == -ERESTART && gone )
            go_between();
    } while ( rc == -ERESTART );
    memcpy(op, guest_memory, sizeof(*op));
    race_said(rc, rc ? 0 : told_by(op));
    current->hcall_compat = false;
    caller_is(NULL);
    trace_return();

    return rc;
}

/* What every operation is refused for, before it is looked at. */
int refused_for(uint32_t cmd)
{
    uint64_t mode = d->arch.hvm.params[HVM_PARAM_ALTP2M];

    if ( !ref.on && cmd != HVMOP_altp2m_get_domain_state &&
         cmd != HVMOP_altp2m_set_domain_state )
        return -EOPNOTSUPP;
    if ( mode == XEN_ALTP2M_disabled )
        return -EINVAL;
    if ( caller && mode != XEN_ALTP2M_mixed &&
         (mode != XEN_ALTP2M_limited ||
          cmd != HVMOP_altp2m_vcpu_enable_notify) )
        return -EPERM;

    return 0;
}

/* -ENOMEM is right only when something was refused, but then it may come. */
bool expect_rc(int rc, int want, unsigned int refused_before)
{
    race_said(rc, 0);
    if ( rc == -ENOMEM && machine.refused > refused_before )
        return false;
    if ( rc != want )
        FAIL("returned %d, should be %d", rc, want);

    return !rc;
}

unsigned int view_arg(uint8_t a)
{
    static const unsigned int odd[] = { 511, 512, 0xffff };

    a %= NR_VIEWS + 3;

    return a < NR_VIEWS ? a : odd[a - NR_VIEWS];
}

bool live(unsigned int view)
{
    return view < NR_VIEWS && ref.on && ref.view[view].live;
}

/* A fork copies what its parent has when it is asked for. */
bool has_frame(unsigned long gfn)
{
    p2m_type_t t = host_fact(gfn).type;

    return p2m_is_ram(t) || p2m_is_pod(t) ||
           (t == p2m_mmio_dm && d->parent && parent_has(gfn));
}

bool has_page(unsigned long gfn)
{
    return has_frame(gfn) || p2m_is_any_ram(host_fact(gfn).type);
}

/* The host's map has one side only, and a view has two where it needs them. */
static int host_access_rc(uint8_t access)
{
    if ( access > XENMEM_access_default )
        return -EINVAL;
    if ( access == XENMEM_access_w || access == XENMEM_access_wx ||
         (access == XENMEM_access_x && !features.exec_only) )
        return -EOPNOTSUPP;

    return 0;
}

int access_rc(uint8_t access)
{
    return needs_sides(to_p2m(access)) ? 0 : host_access_rc(access);
}

p2m_access_t to_p2m(uint8_t access)
{
    p2m_access_t a = p2m_access_n;

    xenmem_access_to_p2m_access(p2m_get_hostp2m(d), access, &a);

    return a;
}

uint8_t access_arg(uint8_t a)
{
    a %= 16;

    return a <= XENMEM_access_default + 1 ? a : XENMEM_access_rwx;
}

/* ---- life of views ---- */

static void all_off(void)
{
    unsigned int i;

    memset(&ref, 0, sizeof(ref));
    ref.view[0].def = NO_DEFAULT;
    ref.view[0].created = p2m_access_rwx;
    for ( i = 0; i < NR_VCPUS; i++ )
        vcpus.notify[i] = false;
}

static void gone_all(struct step s)
{
    all_off();
}

static void do_state(struct step s)
{
    op_t op = { .cmd = HVMOP_altp2m_set_domain_state,
                .u.domain_state.state = s.a & 1 };
    unsigned int before = machine.refused;
    int want = refused_for(op.cmd);

    if ( !want && d->nested )
        want = -EINVAL;
    if ( !want && !(s.a & 1) && ref.on )
        gone = gone_all;
    between = s;
    if ( !expect_rc(step_call(&op), want, before) || !!(s.a & 1) == ref.on )
        return;

    all_off();
    if ( s.a & 1 )
    {
        ref.on = true;
        ref.view[0] = (struct ref_view){ .live = true, .visible = true,
                                         .def = NO_DEFAULT,
                                         .created = p2m_access_rwx };
    }
}

void ref_new_view(unsigned int view)
{
    ref.view[view] = (struct ref_view){ .live = true, .visible = true };
}

void do_create(struct step s)
{
    uint8_t access = access_arg(s.a);
    op_t op = { .cmd = HVMOP_altp2m_create_p2m,
                .u.view.hvmmem_default_access = access };
    unsigned int before = machine.refused, i = 0;
    int want = refused_for(op.cmd);

    while ( ref.on && i < NR_VIEWS && ref.view[i].live )
        i++;
    if ( i == NR_VIEWS )
        return;
    if ( !want && (CREATE_SETS_DEFAULT || access_rc(access) == -EINVAL) )
        want = access_rc(access);
    if ( !expect_rc(step_call(&op), want, before) )
        return;
    if ( op.u.view.view != i )
        FAIL("view %u is made, not the first free, %u", op.u.view.view, i);
    ref_new_view(i);
    ref.view[i].created = to_p2m(access);
    ref.view[i].def = CREATE_SETS_DEFAULT ? to_p2m(access) : NO_DEFAULT;
    /* Its tables are made now, or when they are needed. */
    if ( !(s.b & 1) )
    {
        altp2m_lock(d);
        ASSERT(!altp2m_attach_root(d, view_at(d, i)));
        altp2m_unlock(d);
    }
}

static bool in_use(unsigned int view)
{
    unsigned int i;

    for ( i = 0; i < NR_VCPUS; i++ )
        if ( ref.in[i] == view )
            return true;

    return ref_named(view) || ref_cr3_names(view);
}

static void gone_view(struct step s)
{
    unsigned int view = view_arg(s.a), i;

    memset(&ref.view[view], 0, sizeof(ref.view[view]));
    for ( i = 0; i < NR_VCPUS; i++ )
        ref.hidden[i][view] = false;
}

static void do_destroy(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused;
    op_t op = { .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = view };
    int want = refused_for(op.cmd);

    if ( !want )
        want = !view || !live(view) || in_use(view) ? -EBUSY : 0;
    if ( !want )
        gone = gone_view;
    between = s;
    if ( expect_rc(step_call(&op), want, before) )
        gone_view(s);
}

static void do_switch(struct step s)
{
    unsigned int view = view_arg(s.a), i;
    op_t op = { .cmd = HVMOP_altp2m_switch_p2m, .u.view.view = view };
    int want = refused_for(op.cmd);

    if ( !want && (!live(view) || !ref.view[view].visible) )
        want = -EINVAL;
    if ( expect_rc(step_call(&op), want, 0) )
        for ( i = 0; i < NR_VCPUS; i++ )
        {
            ref.in[i] = view;
            ref.executes[i] = false;
            rule_sent(i);
        }
}

/* A monitor's reply: the vCPU is paused. */
static void do_reply(struct step s)
{
    struct vcpu *v = d->vcpu[s.b % NR_VCPUS];
    unsigned int view = view_arg(s.a);

    /* It may be out of the guest, and not at rest yet. */
    cpu_exit(cpu_of(v));
    v->is_running = (s.c & 1) && !d->pause_count.counter;
    p2m_altp2m_check(v, view);
    v->is_running = false;
    trace_return();
    if ( !live(view) )
        return;
    if ( ref.in[v->vcpu_id] != view )
        rule_sent(v->vcpu_id);
    ref.in[v->vcpu_id] = view;
    ref.executes[v->vcpu_id] = false;
}

static void do_vmfunc(struct step s)
{
    struct vcpu *v = d->vcpu[s.b % NR_VCPUS];
    unsigned int view = view_arg(s.a);
    bool want = (vcpus.notify[v->vcpu_id] || ref.vmfunc[v->vcpu_id]) && live(view) &&
                ref.view[view].visible && !ref.hidden[v->vcpu_id][view];
    bool done, emulated = !(v->arch.hvm.vmx.secondary_exec_control &
                            SECONDARY_EXEC_ENABLE_VM_FUNCTIONS);

    done = cpu_vmfunc(cpu_of(v), view);
    race_said(done, 0);
    if ( done != want )
        FAIL("VMFUNC to view %u %s", view, want ? "fails" : "succeeds");
    if ( !want )
        return;
    if ( emulated )
        rule_sent(v->vcpu_id);
    ref.in[v->vcpu_id] = view;
    ref.executes[v->vcpu_id] = false;
}

static void do_visible(struct step s)
{
    unsigned int view = view_arg(s.a);
    op_t op = { .cmd = HVMOP_altp2m_set_visibility,
                .u.set_visibility = { .altp2m_idx = view,
                                      .visible = s.b & 1 } };
    int want = refused_for(op.cmd);

    if ( expect_rc(step_call(&op), want ?: live(view) ? 0 : -EINVAL, 0) )
        ref.view[view].visible = s.b & 1;
}

/* ---- overrides ---- */

/* The host's access is set by way of view 0. */
static int want_access(unsigned int view, unsigned long gfn, uint8_t access)
{
    if ( !live(view) )
        return -EINVAL;

    return view ? access_rc(access) : host_access_rc(access);
}

/*
 * The host's access counts in every view: the last to speak wins.  Xen's own NPT
 * code doesn't tell a broken page from none.
 */
static void ref_host_access(unsigned int g, p2m_access_t access)
{
    p2m_type_t t = host_fact(gfns[g]).type;
    bool hole = t == p2m_mmio_dm || p2m_is_pod(t) ||
                (t == p2m_ram_broken && !features.vmx);
    unsigned int i;

    for ( i = 0; i < NR_VIEWS; i++ )
    {
        struct ref_override *o = &ref.view[i].o[g];

        if ( !live(i) )
            continue;
        o->has_target = false;
        o->target = 0;
        /* What is said of the host's page is not said of an own page. */
        if ( o->own.there )
            continue;
        o->has_access = ref.view[i].def != NO_DEFAULT && !hole;
        o->access = o->has_access ? access : 0;
    }
}

static void ref_access(unsigned int view, unsigned int g, uint8_t access)
{
    struct ref_override *o = &ref.view[view].o[g];

    if ( !view )
        ref_host_access(g, to_p2m(access));
    if ( !view || !has_page(gfns[g]) )
        return;
    o->has_access = true;
    o->access = to_p2m(access);
    o->own.chosen = false;
}

static void do_access(struct step s)
{
    unsigned int view = view_arg(s.a), g = s.b % NR_GFNS;
    uint8_t access = access_arg(s.c);
    unsigned int before = machine.refused;
    op_t op = { .cmd = HVMOP_altp2m_set_mem_access,
                .u.mem_access = { .view = view, .access = access,
                                  .gfn = gfns[g] } };
    int want = refused_for(op.cmd);

    if ( expect_rc(step_call(&op), want ?: want_access(view, gfns[g], access),
                   before) )
        ref_access(view, g, access);
}

static bool host_default_ok(uint8_t access)
{
    /* With others, Xen's large pages can't be told from holes. */
    return access == XENMEM_access_r || access == XENMEM_access_rx ||
           access == XENMEM_access_rw || access == XENMEM_access_rwx;
}

static void do_default(struct step s)
{
    unsigned int view = view_arg(s.a);
    uint8_t access = access_arg(s.c);
    op_t op = { .cmd = HVMOP_altp2m_set_mem_access,
                .u.mem_access = { .view = view, .access = access,
                                  .gfn = ~0UL } };
    int want = refused_for(op.cmd);

    if ( live(view) && !view && !host_default_ok(access) )
        return;
    if ( expect_rc(step_call(&op), want ?: want_access(view, ~0UL, access), 0) &&
         view )
        ref.view[view].def = to_p2m(access);
}

/* Does every view say of a gfn what it should? */
static bool as_ref(unsigned int g)
{
    unsigned int i, level;

    for ( i = 0; i < NR_VIEWS; i++ )
    {
        const struct ref_override *o = &ref.view[i].o[g];
        altp2m_slot_t slot;

        if ( !live(i) )
            continue;
        slot = lookup_at(view_at(d, i), gfns[g], &level);
        if ( (slot & SLOT_ACCESS) != (o->own.chosen ? SLOT_CHOSEN :
                                      o->has_access ? o->access + 1u : 0) ||
             !(slot & SLOT_REMAP) != !(o->has_target || o->own.there) )
            return false;
    }

    return true;
}

/*
 * A list that fails on the way is applied up to there, and the caller isn't
 * told how far: what is there must be the old or the new, in that order.
 */
static void resync_access(unsigned int view, const uint64_t *list,
                          const uint8_t *access, unsigned int nr)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
    {
        unsigned int g = gfn_number(list[i]);
        struct ref was = ref;

        ref_access(view, g, access[i]);
        if ( as_ref(g) &&
             (view || !has_page(list[i]) ||
              host_fact(list[i]).access == to_p2m(access[i])) )
            continue;
        ref = was;
        break;
    }
}

static void do_multi(struct step s)
{
    unsigned int view = view_arg(s.a), nr = s.d % 4 ? s.d % 4 : 70 + s.d % 3;
    unsigned int before = machine.refused, i;
    uint64_t *list = (uint64_t *)(guest_memory + 4096);
    uint8_t *access = (uint8_t *)(guest_memory + 8192);
    op_t op = { .cmd = HVMOP_altp2m_set_mem_access_multi };
    int want = refused_for(op.cmd), rc;

    for ( i = 0; i < nr; i++ )
    {
        /* Each gfn once: a failed list can then be told how far it got. */
        list[i] = gfns[(s.b + (nr > 3 ? i % 3 : i)) % NR_GFNS];
        access[i] = nr > 3 ? access_arg(s.c) % 11 : access_arg(s.c + i);
    }
    op.u.set_mem_access_multi.view = view;
    op.u.set_mem_access_multi.nr = nr;
    if ( compat )
    {
        struct compat_hvm_altp2m_op *c = (void *)&op;

        c->u.set_mem_access_multi.pfn_list.c = (uintptr_t)list;
        c->u.set_mem_access_multi.access_list.c = (uintptr_t)access;
    }
    else
    {
        op.u.set_mem_access_multi.pfn_list.p = list;
        op.u.set_mem_access_multi.access_list.p = access;
    }
    /* View 0's own access is given up first, and the host's set when the gfn
       comes again. */
    if ( !view && nr > 3 )
        machine.stored = NULL;
    rc = step_call(&op);

    for ( i = 0; !want && i < nr; i++ )
        want = want_access(view, list[i], access[i]);
    if ( rc == -ENOMEM && machine.refused > before )
        resync_access(view, list, access, nr);
    else if ( rc != want )
        FAIL("returned %d, should be %d", rc, want);
    else if ( live(view) && refused_for(op.cmd) == 0 )
        for ( i = 0; i < nr && !want_access(view, list[i], access[i]); i++ )
            ref_access(view, gfn_number(list[i]), access[i]);
}

/*
 * All that was overridden goes.  What comes instead is what the view shows at
 * the target, and the access it has there, both as of now.
 */
static void do_remap(struct step s)
{
    unsigned int view = view_arg(s.a), g = s.b % NR_GFNS, t = s.c % NR_GFNS;
    unsigned int before = machine.refused;
    bool clear = s.d & 1;
    op_t op = { .cmd = HVMOP_altp2m_change_gfn,
                .u.change_gfn = { .view = view, .old_gfn = gfns[g],
                                  .new_gfn = clear ? ~0UL : gfns[t] } };
    int want = refused_for(op.cmd);
    struct ref_override o = { }, *now;
    struct expect x;

    if ( !want && !live(view) )
        want = -EINVAL;
    now = live(view) ? &ref.view[view].o[g] : NULL;
    if ( !want && !clear )
    {
        x = oracle(view, t);
        if ( !has_page(gfns[g]) || !has_frame(x.source) )
            want = -ESRCH;
        else if ( now->own.there || ref.view[view].o[t].own.there )
            want = -EBUSY;
        o = (struct ref_override){
            .has_access = true, .access = x.access, .has_sve = caller,
            .has_target = x.source != gfns[g],
            .target = x.source != gfns[g] ? x.source : 0,
        };
    }
    if ( now && now->own.there )
    {
        o.own = now->own;
        o.has_access = now->has_access;
        o.access = now->access;
    }
    if ( expect_rc(step_call(&op), want, before) )
        *now = o;
}

/* What is said again changes nothing: a range stays one. */
static void ref_sve(unsigned int view, unsigned int g, bool sve)
{
    struct ref_override *o = &ref.view[view].o[g];

    o->ranged &= o->has_sve && o->sve == sve;
    o->has_sve = true;
    o->sve = sve;
}

static void do_sve(struct step s)
{
    unsigned int view = view_arg(s.a), g = s.b % NR_GFNS;
    unsigned int before = machine.refused;
    op_t op = { .cmd = HVMOP_altp2m_set_suppress_ve,
                .u.suppress_ve = { .view = view, .suppress_ve = s.c & 1,
                                   .gfn = gfns[g] } };
    int want = refused_for(op.cmd);

    if ( !want )
        want = !live(view) ? -EINVAL : !has_page(gfns[g]) ? -ESRCH : 0;
    if ( !expect_rc(step_call(&op), want, before) )
        return;
    ref_sve(view, g, s.c & 1);
}

static void resync_sve(unsigned int view, unsigned int g, bool sve)
{
    unsigned int level;
    altp2m_slot_t slot = lookup_at(view_at(d, view), gfns[g], &level);
    struct ref_override *o = &ref.view[view].o[g];

    if ( (slot & SLOT_SVE) == (0x20u | (sve << 4)) )
    {
        o->has_sve = true;
        o->sve = sve;
        o->ranged &= level > 0;
    }
}

static void do_sve_multi(struct step s)
{
    unsigned int view = view_arg(s.a), g, before = machine.refused;
    unsigned long first = gfns[s.b % NR_GFNS], last = first + (s.d % 5) * 40;
    unsigned long hole = ~0UL, gfn;
    op_t op = { .cmd = HVMOP_altp2m_set_suppress_ve_multi,
                .u.suppress_ve_multi = { .view = view, .suppress_ve = s.c & 1,
                                         .first_gfn = first,
                                         .last_gfn = last } };
    int want = refused_for(op.cmd);

    last = min(last, MAX_GFN);
    if ( !want && !live(view) )
        want = -EINVAL;
    for ( gfn = first; !want && gfn <= last && hole == ~0UL; gfn++ )
        if ( !has_page(gfn) )
            hole = gfn;
    if ( !expect_rc(step_call(&op), want, before) )
        return;

    if ( machine.refused == before )
    {
        if ( op.u.suppress_ve_multi.first_error != (hole == ~0UL ? 0 : -ESRCH) )
            FAIL("first error %d", op.u.suppress_ve_multi.first_error);
        if ( hole != ~0UL && op.u.suppress_ve_multi.first_error_gfn != hole )
            FAIL("first error at %lx, should be at %lx",
                 (long)op.u.suppress_ve_multi.first_error_gfn, hole);
    }
    for ( g = 0; g < NR_GFNS; g++ )
        if ( gfns[g] >= first && gfns[g] <= last && has_page(gfns[g]) )
        {
            if ( machine.refused > before )
                resync_sve(view, g, s.c & 1);
            else
                ref_sve(view, g, s.c & 1);
        }
}

/* A whole large page: rights only, and without the hypercall. */
static void do_range(struct step s)
{
    const p2m_access_t some[] = {
        p2m_access_n, p2m_access_r, p2m_access_rx, p2m_access_rw,
        p2m_access_rwx, p2m_access_rx2rw, p2m_access_n2rwx,
        HAS_R_PW ? p2m_access_r_pw : p2m_access_n,
        p2m_access_x, features.exec_only ? p2m_access_x : p2m_access_wx,
    };
    unsigned int view = view_arg(s.a), level = 1 + (s.d & 1), g;
    unsigned long mask = level_span(level) - 1;
    unsigned long first = gfns[s.b % NR_GFNS] & ~mask;
    unsigned int before = machine.refused;
    struct altp2m_view *v;
    struct altp2m_change change = {
        .set_access = s.c & 8 ? ALTP2M_CLEAR : ALTP2M_SET,
        .access = some[((s.c & 7) + (s.c >> 4)) % ARRAY_SIZE(some)],
        .set_sve = s.d & 2 ? s.d & 4 ? ALTP2M_CLEAR : ALTP2M_SET : ALTP2M_KEEP,
        .sve = s.d >> 3 & 1,
    };
    int rc;

    if ( !live(view) || !view )
        return;
    altp2m_lock(d);
    v = view_at(d, view);
    rc = v ? altp2m_override(d, v, first, level, &change) : 0;
    altp2m_unlock(d);
    trace_return();
    if ( !expect_rc(rc, 0, before) )
        return;

    for ( g = 0; g < NR_GFNS; g++ )
    {
        struct ref_override *o = &ref.view[view].o[g];

        if ( (gfns[g] & ~mask) != first )
            continue;
        o->has_access = change.set_access == ALTP2M_SET;
        o->access = o->has_access ? change.access : 0;
        o->own.chosen = false;
        if ( change.set_sve == ALTP2M_KEEP )
            continue;
        o->has_sve = change.set_sve == ALTP2M_SET;
        o->sve = o->has_sve && change.sve;
        o->ranged = o->has_sve;
    }
}

/* ---- questions ---- */

static void ask_access(unsigned int view, unsigned int g)
{
    op_t op = { .cmd = HVMOP_altp2m_get_mem_access,
                .u.mem_access = { .view = view, .gfn = gfns[g] } };
    struct host_fact f = host_fact(gfns[g]);
    int want = refused_for(op.cmd);
    p2m_access_t a;
    bool host;

    if ( !want && !live(view) )
        want = view ? -EINVAL : 0;
    host = !ref.on ? !view : ref_is_host(view, g);
    /* Xen's own NPT code doesn't tell a broken page from none. */
    if ( !want && ((f.type == p2m_mmio_dm && !has_frame(gfns[g])) ||
                   (host && (f.type == p2m_populate_on_demand ||
                             (f.type == p2m_ram_broken && !features.vmx)))) )
        want = -ESRCH;
    if ( !expect_rc(step_call(&op), want, 0) )
        return;
    xenmem_access_to_p2m_access(p2m_get_hostp2m(d), op.u.mem_access.access, &a);
    if ( a != (host ? f.access : oracle(view, g).access) )
        FAIL("access of view %u gfn %lx is said to be %u", view, gfns[g], a);
}

static void ask_default(unsigned int view)
{
    op_t op = { .cmd = HVMOP_altp2m_get_mem_access,
                .u.mem_access = { .view = view, .gfn = ~0UL } };
    int want = refused_for(op.cmd);
    p2m_access_t a;

    if ( !view || !expect_rc(step_call(&op), want ?: live(view) ? 0 : -EINVAL, 0) )
        return;
    xenmem_access_to_p2m_access(p2m_get_hostp2m(d), op.u.mem_access.access, &a);
    if ( a != (ref.view[view].def == NO_DEFAULT ? ref.view[view].created
                                                : ref.view[view].def) )
        FAIL("default access of view %u is said to be %u", view, a);
}

static void ask_sve(unsigned int view, unsigned int g)
{
    op_t op = { .cmd = HVMOP_altp2m_get_suppress_ve,
                .u.suppress_ve = { .view = view, .gfn = gfns[g],
                                   .suppress_ve = 7 } };
    int want = refused_for(op.cmd);

    if ( !want )
        want = !live(view) ? -EINVAL : !has_page(gfns[g]) ? -ESRCH : 0;
    if ( expect_rc(step_call(&op), want, 0) &&
         op.u.suppress_ve.suppress_ve != oracle(view, g).sve )
        FAIL("suppress #VE of view %u gfn %lx is said to be %u", view,
             gfns[g], op.u.suppress_ve.suppress_ve);
}

static void ask_idx(unsigned int vcpu)
{
    op_t op = { .cmd = HVMOP_altp2m_get_p2m_idx,
                .u.get_vcpu_p2m_idx.vcpu_id = vcpu };
    int want = refused_for(op.cmd);

    if ( !want && vcpu >= NR_VCPUS )
        want = -EINVAL;
    /* One that is in the guest is asked when it is out. */
    if ( vcpu < NR_VCPUS )
        cpu_exit(cpu_of(d->vcpu[vcpu]));
    if ( expect_rc(step_call(&op), want, 0) &&
         op.u.get_vcpu_p2m_idx.altp2m_idx != ref.in[vcpu] )
        FAIL("vCPU %u is said to be in view %u", vcpu,
             op.u.get_vcpu_p2m_idx.altp2m_idx);
}

/* The own page is for fetches, and for what the view allows. */
static void ask_page(struct vcpu *v, unsigned int g, const struct expect *x)
{
    static const struct { uint32_t pfec; unsigned int right; } kinds[] = {
        { 0, 1 }, { PFEC_write_access, 2 }, { PFEC_insn_fetch, 0 },
    };
    struct host_fact f = host_fact(x->source);
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(kinds); i++ )
    {
        bool own = x->own && !(kinds[i].right & ~rights_of(x->access));
        struct page_info *pg;
        p2m_type_t t;

        if ( !own && (!p2m_is_any_ram(f.type) || p2m_is_paging(f.type)) )
            continue;

        pg = altp2m_get_page(v, _gfn(gfns[g]), &t, 0, kinds[i].pfec);
        if ( !pg || mfn_x(page_to_mfn(pg)) != (own ? x->mfn : f.mfn) ||
             (own && t != x->type) )
            FAIL("vCPU %u gfn %lx: an access of kind %x is to another page",
                 v->vcpu_id, gfns[g], kinds[i].pfec);
        put_page(pg);
    }
}

/* What Xen reads and writes in a guest's place, and what it looks at. */
static void ask_source(unsigned int vcpu, unsigned int g)
{
    struct vcpu *v = d->vcpu[vcpu];
    struct expect x = oracle(ref.in[vcpu], g);
    xenmem_access_t access;
    p2m_access_t a;
    p2m_access_t told;
    p2m_type_t t;
    int rc;

    cpu_exit(cpu_of(v));
    if ( altp2m_gfn(v, _gfn(gfns[g])).g != x.source )
        FAIL("vCPU %u gfn %lx: the source is said to be %lx, is %lx", vcpu,
             gfns[g], altp2m_gfn(v, _gfn(gfns[g])).g, x.source);
    ask_page(v, g, &x);
    p2m_lock(p2m_get_hostp2m(d));
    altp2m_get_entry(v, _gfn(gfns[g]), &t, &a);
    p2m_unlock(p2m_get_hostp2m(d));
    /* Xen doesn't recalculate what isn't present, nor tell broken from none. */
    if ( (!host_fact(x.source).present && p2m_is_changeable(t)) ||
         x.type == p2m_ram_broken )
        return;
    if ( t != x.type || (x.type != p2m_mmio_dm && !p2m_is_pod(t) &&
                         a != x.access) )
        FAIL("vCPU %u gfn %lx: type and access are said to be %u %u, are %u %u",
             vcpu, gfns[g], t, a, x.type, x.access);
    /* On a CPU that knows sides, what is wx is told as x. */
    told = needs_sides(x.access) ? p2m_access_x : x.access;
    rc = altp2m_vcpu_access(v, _gfn(gfns[g]), &access);
    if ( x.type == p2m_mmio_dm || p2m_is_pod(t)
         ? rc != -ESRCH : rc || access != altp2m_xenmem_access(told) )
        FAIL("vCPU %u gfn %lx: its rights are said to be %d, %u", vcpu,
             gfns[g], rc, access);
}

static void do_ask(struct step s)
{
    op_t op = { .cmd = HVMOP_altp2m_get_domain_state };

    if ( expect_rc(step_call(&op), refused_for(op.cmd), 0) &&
         op.u.domain_state.state != ref.on )
        FAIL("the state is said to be %u", op.u.domain_state.state);
    ask_access(view_arg(s.a), s.b % NR_GFNS);
    ask_default(view_arg(s.a));
    ask_sve(view_arg(s.a), s.b % NR_GFNS);
    ask_idx(s.c % (NR_VCPUS + 1));
    ask_source(s.c % NR_VCPUS, s.b % NR_GFNS);
}

/* ---- #VE ---- */

static void do_notify(struct step s)
{
    unsigned int vcpu = s.a % (NR_VCPUS + 1);
    unsigned long gfn = gfns[s.b % NR_GFNS];
    op_t op = { .cmd = HVMOP_altp2m_vcpu_enable_notify,
                .u.enable_notify = { .vcpu_id = vcpu, .gfn = gfn } };
    unsigned int before = machine.refused;
    int want = refused_for(op.cmd);
    struct host_fact f;

    if ( !(s.c & 1) )
    {
        op.cmd = HVMOP_altp2m_vcpu_disable_notify;
        want = refused_for(op.cmd);
    }
    if ( !want && vcpu >= NR_VCPUS )
        want = -EINVAL;
    if ( vcpu < NR_VCPUS )
        cpu_exit(cpu_of(d->vcpu[vcpu]));
    if ( (s.c & 1) && !want )
    {
        want = vcpus.notify[vcpu] ? -EEXIST : 0;
        f = host_fact(gfn);
        if ( !want && p2m_is_pod(f.type) )
            return;
        if ( !want && !p2m_is_pageable(f.type) )
            want = p2m_is_paging(f.type) ? -EAGAIN : -EINVAL;
    }
    /* It may be in the guest, or anywhere in Xen. */
    if ( vcpu < NR_VCPUS )
        d->vcpu[vcpu]->is_running = !d->pause_count.counter;
    want = expect_rc(step_call(&op), want, before);
    if ( vcpu < NR_VCPUS )
        d->vcpu[vcpu]->is_running = false;
    if ( !want )
        return;
    vcpus.notify[vcpu] = s.c & 1;
    vcpus.info_page[vcpu] = vcpu_altp2m(d->vcpu[vcpu]).veinfo_pg;
    ASSERT(vcpus.notify[vcpu] == !!vcpus.info_page[vcpu]);
}

/* ---- the host's map ---- */

static unsigned long frame_for(unsigned long gfn, unsigned int other)
{
    return 0x100000 + (gfn & 0x7ffff) + (other & 1) * 0x80000;
}

static const p2m_access_t host_access[] = {
    p2m_access_rwx, p2m_access_rwx, p2m_access_r, p2m_access_rx,
    p2m_access_rw, p2m_access_n, p2m_access_rx2rw, p2m_access_n2rwx,
};

static void do_host_page(struct step s)
{
    static const p2m_type_t types[] = {
        p2m_ram_rw, p2m_ram_rw, p2m_ram_ro, p2m_ram_shared, p2m_grant_map_rw,
        p2m_grant_map_ro, p2m_map_foreign, p2m_mmio_direct, p2m_invalid,
        p2m_populate_on_demand, p2m_ioreq_server, p2m_ram_logdirty,
        p2m_ram_paged, p2m_ram_broken,
    };
    unsigned long gfn = gfns[s.a % NR_GFNS], mfn = frame_for(gfn, s.d);
    p2m_type_t t = types[s.b % ARRAY_SIZE(types)];
    unsigned int before = machine.refused;

    if ( t == p2m_ioreq_server && !p2m_get_hostp2m(d)->ioreq.server )
        t = p2m_ram_rw;
    if ( t == p2m_invalid || t == p2m_populate_on_demand || t == p2m_ram_paged )
        mfn = ~0UL;
    if ( t == p2m_mmio_direct )
        mfn = MFN_MMIO + (gfn & 0xfff);
    expect_rc(host_set(gfn, mfn, 0, t, host_access[s.c & 7]), 0, before);
}

static void do_host_large(struct step s)
{
    static const p2m_type_t types[] = {
        p2m_ram_rw, p2m_ram_rw, p2m_ram_rw, p2m_invalid, p2m_ram_logdirty,
        p2m_populate_on_demand, p2m_ram_ro, p2m_invalid,
    };
    unsigned int order = s.d & 1 ? PAGE_ORDER_1G : PAGE_ORDER_2M;
    unsigned long gfn = gfns[s.a % NR_GFNS] & ~((1UL << order) - 1);
    p2m_type_t t = types[s.b & 7];
    unsigned long mfn = frame_for(gfn, s.d >> 1);
    p2m_access_t a = host_access[s.c & 7];
    unsigned int before = machine.refused;

    if ( t == p2m_invalid || t == p2m_populate_on_demand )
        mfn = ~0UL;
    /* Xen can't have those in a large page. */
    if ( !rights_of(a) )
        a = p2m_access_rwx;
    expect_rc(host_set(gfn, mfn, order, t, a), 0, before);
}

/* Pages of zeroes are taken back, but not what somebody has said of them. */
static void do_take_back(struct step s)
{
    bool large = s.b & 1;
    unsigned long gfn = gfns[s.a % NR_GFNS] & (large ? ~0x1ffUL : ~0UL);
    struct host_fact was[NR_GFNS];
    unsigned int g;

    for ( g = 0; g < NR_GFNS; g++ )
        was[g] = host_fact(gfns[g]);
    if ( !large && was[s.a % NR_GFNS].type != p2m_ram_rw )
        return;
    pod_take_back(gfn, large);
    race_said(0, 0);
    for ( g = 0; g < NR_GFNS; g++ )
        if ( host_fact(gfns[g]).access != was[g].access &&
             (host_fact(gfns[g]).access & ~rights_of(was[g].access) & 7) )
            FAIL("the host's access %u of gfn %lx is lost", was[g].access,
                 gfns[g]);
}

static void do_host_access(struct step s)
{
    unsigned int before = machine.refused;
    unsigned long gfn = gfns[s.a % NR_GFNS];
    struct host_fact was;
    uint8_t access = access_arg(s.b);
    int rc;

    if ( host_access_rc(access) )
        return;
    was = host_fact(gfn);
    rc = p2m_set_mem_access(d, _gfn(gfn), 1, 0, 0, access, 0);
    ref_recalled();
    if ( !expect_rc(rc, 0, before) )
    {
        if ( was.type == p2m_ram_rw && host_fact(gfn).access != was.access )
            FAIL("the host's access of gfn %lx is set, and views say what they did",
                 gfn);
        return;
    }
    ref_host_access(s.a % NR_GFNS, to_p2m(access));
    if ( has_page(gfn) && host_fact(gfn).access != to_p2m(access) )
        FAIL("the host's access of gfn %lx is %u, should be %u", gfn,
             host_fact(gfn).access, to_p2m(access));
}

static void do_log_dirty(struct step s)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    unsigned long first = gfns[s.a % NR_GFNS], end = gfns[s.b % NR_GFNS];

    if ( features.pml )
        return;
    if ( p2m->logdirty_first == ~0UL && first < end )
        p2m_change_type_range(d, first, end, p2m_ram_rw, p2m_ram_logdirty);
    else if ( p2m->logdirty_first != ~0UL )
        p2m_change_type_range(d, p2m->logdirty_first, p2m->logdirty_last + 1,
                              p2m_ram_logdirty, p2m_ram_rw);
}

static void do_log_dirty_global(struct step s)
{
    bool on = p2m_get_hostp2m(d)->global_logdirty;

    /* Where there is PML it is used: what it leaves writable Xen's own
       recalculation doesn't take back for another kind of log-dirty mode. */
    if ( features.pml )
        return;
    p2m_change_entry_type_global(d, on ? p2m_ram_logdirty : p2m_ram_rw,
                                 on ? p2m_ram_rw : p2m_ram_logdirty);
}

static void do_clean_dirty(struct step s)
{
    if ( p2m_get_hostp2m(d)->global_logdirty )
        p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
}

static void do_memory_type(struct step s)
{
    struct vcpu *v;

    guest_mtrr = guest_mtrr == MTRR_TYPE_WRBACK ? MTRR_TYPE_UNCACHABLE
                                                : MTRR_TYPE_WRBACK;
    for_each_vcpu ( d, v )
        v->arch.hvm.mtrr.low_type = guest_mtrr;
    p2m_memory_type_changed(d);
}

static void do_recalc(struct step s)
{
    unsigned int before = machine.refused;

    expect_rc(p2m_finish_type_change(d, _gfn(gfns[s.a % NR_GFNS]), 1 + s.b % 8),
              0, before);
}

static void do_type_one(struct step s)
{
    unsigned int before = machine.refused;
    int rc = p2m_change_type_one(d, gfns[s.a % NR_GFNS],
                                 s.b & 1 ? p2m_ram_logdirty : p2m_ram_rw,
                                 s.b & 1 ? p2m_ram_rw : p2m_ram_logdirty);

    if ( rc != -EBUSY )
        expect_rc(rc, 0, before);
}

static void do_ioreq(struct step s)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    unsigned int g;

    if ( p2m->global_logdirty || p2m->logdirty_first != ~0UL )
        return;
    if ( !p2m->ioreq.server )
    {
        p2m->ioreq.server = p2m;
        p2m->ioreq.flags = XEN_DMOP_IOREQ_MEM_ACCESS_WRITE;
        return;
    }
    p2m->ioreq.server = NULL;
    p2m->ioreq.flags = 0;
    p2m_change_entry_type_global(d, p2m_ioreq_server, p2m_ram_rw);
    /* No other may come before the last page is what it was. */
    machine.fail_at = 0;
    machine_pool(machine.pool_used + 1000);
    for ( g = 0; g < NR_GFNS; g++ )
        p2m_finish_type_change(d, _gfn(gfns[g]), 1);
}

/* Log-dirty mode with PML, as hap_enable_log_dirty() and its like do it. */
static void do_pml(struct step s)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    bool on = vmx_domain_pml_enabled(d);

    if ( !features.pml || p2m->logdirty_first != ~0UL || p2m->ioreq.server ||
         (!on && p2m->global_logdirty) )
        return;
    domain_paused(true);
    if ( on )
        p2m->disable_hardware_log_dirty(p2m);
    else
        p2m->enable_hardware_log_dirty(p2m);
    p2m_change_entry_type_global(d, on ? p2m_ram_logdirty : p2m_ram_rw,
                                 on ? p2m_ram_rw : p2m_ram_logdirty);
    domain_paused(false);
    trace_return();
}

/* ---- guests and circumstances ---- */

static void do_touch(struct step s)
{
    unsigned int kinds = features.paging_write ? 4 : 3;
    struct vcpu *v = d->vcpu[s.a % NR_VCPUS];

    if ( !race_on() )
    {
        cpu_exit(cpu_of(v));
        instruction_cpl = s.d >> 3 & 3;
        touch_offset = (s.d >> 5 & 1) * 0x800;
        touch_gla = features.vmx && (s.d & 0x40) ? 0x7000123UL + s.b : 0;
    }
    cpu_touch(cpu_of(d->vcpu[s.a % NR_VCPUS]), gfns[s.b % NR_GFNS],
              1u << (s.c % kinds));
}

static void do_straddle(struct step s)
{
    /* Which of its two accesses meets a rule is not foretold. */
    if ( s.b % NR_GFNS != s.c % NR_GFNS && !ref_ruled() )
        cpu_straddle(cpu_of(d->vcpu[s.a % NR_VCPUS]), gfns[s.b % NR_GFNS],
                     gfns[s.c % NR_GFNS]);
}

static void do_cpu(struct step s)
{
    unsigned int c = s.a % NR_PCPUS, to = s.b % NR_PCPUS;

    switch ( s.c % 4 )
    {
    case 0: cpu_enter(c); break;
    case 1: cpu_exit(c); break;
    case 2: cpu_leave(c); break;
    case 3: cpu_migrate(c, to); break;
    }
}

static void do_pool(struct step s)
{
    machine_pool(machine.pool_used + (!(s.b & 3) ? 4000u
                                      : s.a % (s.b & 2 ? 32u : 8u)));
}

static void do_fail(struct step s)
{
    machine.fail_at = 1 + s.a % (s.b & 1 ? 12 : 64);
}

static void do_preempt(struct step s)
{
    preempt_mask = s.a | s.b << 8;
}

static void do_caller(struct step s)
{
    caller = s.a % 4 < NR_VCPUS ? d->vcpu[s.a % 4] : NULL;
    compat = s.b & 1;
}

static void do_monitor(struct step s)
{
    monitor_listens = s.a & 1;
    monitor_cr3(!(s.b & 3));
}

static void do_mode(struct step s)
{
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = s.b & 3 ? XEN_ALTP2M_mixed
                                                   : s.a % 4;
}

static void do_reclaim(struct step s)
{
    altp2m_lock(d);
    altp2m_reclaim(d);
    altp2m_unlock(d);
    if ( !race_on() )
        trace_return();
}

static void do_all(struct step s)
{
    check_touching();
}

/* It is destroyed; only beside something else, or a sequence would end soon. */
static void do_die(struct step s)
{
    bool preempted;

    if ( !race_on() )
        return;
    domain_paused(true);
    d->is_dying = true;
    do {
        preempted = false;
        altp2m_teardown(d, &preempted);
        if ( preempted )
            race_continue();
    } while ( preempted );
}

static void do_race(struct step s)
{
}

static const struct {
    const char *name;
    void (*fn)(struct step s);
} ops[] = {
    { "state", do_state }, { "create", do_create }, { "create", do_create },
    { "destroy", do_destroy }, { "switch", do_switch }, { "reply", do_reply },
    { "vmfunc", do_vmfunc }, { "visible", do_visible },
    { "access", do_access }, { "access", do_access }, { "access", do_access },
    { "default", do_default }, { "multi", do_multi }, { "remap", do_remap },
    { "remap", do_remap }, { "sve", do_sve }, { "sve-multi", do_sve_multi },
    { "range", do_range }, { "range", do_range }, { "ask", do_ask },
    { "notify", do_notify }, { "host-page", do_host_page },
    { "host-page", do_host_page }, { "host-large", do_host_large },
    { "host-large", do_host_large }, { "host-access", do_host_access },
    { "log-dirty", do_log_dirty }, { "log-dirty-all", do_log_dirty_global },
    { "clean-dirty", do_clean_dirty }, { "memory-type", do_memory_type },
    { "recalc", do_recalc }, { "type-one", do_type_one },
    { "ioreq", do_ioreq }, { "pml", do_pml }, { "touch", do_touch },
    { "touch", do_touch }, { "cpu", do_cpu }, { "pool", do_pool },
    { "fail", do_fail }, { "preempt", do_preempt }, { "caller", do_caller },
    { "monitor", do_monitor }, { "mode", do_mode }, { "reclaim", do_reclaim },
    { "touch-all", do_all },
    { "set-range", do_set_range }, { "set-range", do_set_range },
    { "apply", do_apply }, { "apply", do_apply }, { "apply", do_apply },
    { "isolate", do_isolate }, { "set-default", do_set_default },
    { "clone", do_clone }, { "switch-vcpu", do_switch_vcpu },
    { "set-vmfunc", do_set_vmfunc }, { "hide", do_hide },
    { "notify-lost", do_notify_lost }, { "read-overrides", do_read_overrides },
    { "read-map", do_read_map }, { "read-lists", do_read_lists },
    { "read-lost", do_read_lost }, { "walk", do_walk }, { "audit", do_audit },
    { "rules", do_rules }, { "rules", do_rules }, { "rules", do_rules },
    { "read-rules", do_read_rules },
    { "log", do_log }, { "read-log", do_read_log }, { "read-log", do_read_log },
    { "patch", do_patch }, { "patch", do_patch }, { "unpatch", do_unpatch },
    { "refresh", do_refresh }, { "read-page", do_read_page },
    { "poke", do_poke },
    { "take-back", do_take_back }, { "straddle", do_straddle },
    { "set-cr3-views", do_set_cr3_views }, { "load-cr3", do_load_cr3 },
    { "load-cr3", do_load_cr3 }, { "die", do_die },
    { "race", do_race },
};
const unsigned int nr_step_ops = ARRAY_SIZE(ops);

uint8_t step_named(const char *name)
{
    unsigned int i;

    for ( i = 0; i < nr_step_ops; i++ )
        if ( !strcmp(ops[i].name, name) )
            return i;

    FAIL("no operation is called %s", name);
}

void step_print(FILE *f, struct step s)
{
    fprintf(f, "%-14s %3u %3u %3u %3u    { %u, %u, %u, %u, %u }\n",
            ops[s.op % nr_step_ops].name, s.a, s.b, s.c, s.d,
            s.op % nr_step_ops, s.a, s.b, s.c, s.d);
}

/* Xen emulates what only the other vendor's CPUs have: #UD exits. */
static bool other_vendor(void)
{
    return d->arch.cpu_policy->x86_vendor != boot_cpu_data.x86_vendor;
}

/*
 * Is VMFUNC done by the CPU, or does it come to Xen to be done?  As it would be if
 * the vCPU ran now: it may be marked, and stays so.
 */
static bool vmfunc_works(const struct vcpu *v)
{
    struct vcpu now = *v;

    cpu_resume(&now);
    if ( cpu_has_vmx_vmfunc )
        return now.arch.hvm.vmx.secondary_exec_control &
               SECONDARY_EXEC_ENABLE_VM_FUNCTIONS;

    return (features.vmx ? now.arch.hvm.vmx.exception_bitmap
                         : now.arch.hvm.svm.vmcb->exceptions) &
           (1u << X86_EXC_UD);
}

static void check_vcpus(void)
{
    unsigned int i;

    for ( i = 0; i < NR_VCPUS; i++ )
    {
        const struct vcpu *v = d->vcpu[i];

        if ( vcpus.notify[i] && (vcpu_altp2m(v).veinfo_pg != vcpus.info_page[i] ||
                           !vcpus.info_page[i]->refs) )
            FAIL("vCPU %u has lost its #VE page", i);
        if ( !vcpus.notify[i] && vcpu_altp2m(v).veinfo_pg )
            FAIL("vCPU %u still has a #VE page", i);
        if ( vmfunc_works(v) != (vcpus.notify[i] || ref.vmfunc[i] ||
                                 (other_vendor() && !cpu_has_vmx_vmfunc)) )
            FAIL("VMFUNC of vCPU %u is %s", i,
                 vmfunc_works(v) ? "on" : "off");
    }
}

/* ---- two at once ---- */

void step_fn(struct step s)
{
    ops[s.op % nr_step_ops].fn(s);
}

static bool is(struct step s, void (*fn)(struct step s))
{
    return ops[s.op % nr_step_ops].fn == fn;
}

struct vcpu *step_vcpu(struct step s, struct vcpu *who)
{
    if ( is(s, do_touch) )
        return d->vcpu[s.a % NR_VCPUS];
    if ( is(s, do_load_cr3) )
        return load_cr3_vcpu(s);
    if ( is(s, do_reply) || is(s, do_vmfunc) )
        return d->vcpu[s.b % NR_VCPUS];

    return is(s, do_cpu) ? NULL : who;
}

bool step_moves(struct step s, const struct vcpu *v)
{
    return is(s, do_cpu) && (!v || cpus[s.a % NR_PCPUS].v == v ||
                             cpus[s.b % NR_PCPUS].v == v);
}

bool step_parts(struct step s)
{
    return is(s, do_touch) || is(s, do_set_range) || is(s, do_isolate) ||
           is(s, do_clone) || is(s, do_multi) || is(s, do_sve_multi) ||
           is(s, do_take_back) || is(s, do_refresh) ||
           /* What they need is populated before. */
           is(s, do_patch) || is(s, do_unpatch);
}

bool step_makes(struct step s)
{
    return is(s, do_create) || is(s, do_clone);
}

bool step_clones(struct step s, unsigned int *source)
{
    *source = view_arg(s.a);

    return is(s, do_clone) && live(*source);
}

/* A clone of @source that is under way may fail for this. */
bool step_fails_clone(struct step s, unsigned int source)
{
    return is(s, do_isolate) || (view_arg(s.a) == source &&
                                 (is(s, do_set_default) || is(s, do_default)));
}

bool step_destroys(struct step s, unsigned int *view)
{
    *view = view_arg(s.a);

    return is(s, do_destroy);
}

bool step_dies(struct step s)
{
    return is(s, do_die);
}

bool step_is_race(struct step s)
{
    return is(s, do_race);
}

bool step_races(struct step s)
{
    return !is(s, do_race) && !is(s, do_ioreq) && !is(s, do_pml) &&
           !is(s, do_all) && !is(s, do_pool) && !is(s, do_fail) &&
           !is(s, do_preempt) && !is(s, do_caller) && !is(s, do_monitor) &&
           !is(s, do_mode) && !is(s, do_straddle) && !is(s, do_rules) &&
           !is(s, do_read_rules) && !(is(s, do_touch) && ref_ruled()) &&
           !is(s, do_read_page) && !is(s, do_poke) && !is(s, do_log) &&
           !is(s, do_read_log);
}

bool step_logs(struct step s)
{
    return is(s, do_log_dirty) || is(s, do_log_dirty_global) ||
           is(s, do_clean_dirty);
}

void step_judge(void)
{
    ASSERT(!d->is_dying && !d->pause_count.counter && !d->rcu_locks);
    trace_return();
    audit();
    ref_recalled();
    ref_drops();
    check_all();
    check_own();
    check_vcpus();
    check_cr3();
    check_log();
}

void vcpus_observe(void)
{
    unsigned int i;

    for ( i = 0; i < NR_VCPUS; i++ )
    {
        vcpus.info_page[i] = vcpu_altp2m(d->vcpu[i]).veinfo_pg;
        vcpus.notify[i] = vcpus.info_page[i];
        /* What a step had said of it. */
        d->vcpu[i]->is_running = false;
    }
}

void step_do(struct step s)
{
    unsigned int op = s.op % nr_step_ops;

    /* A guest's access may be several operations, one after the other. */
    bool watch = history_on && ops[op].fn != do_touch &&
                 ops[op].fn != do_all && ops[op].fn != do_poke;

    machine.max_maps = 0;
    gone = NULL;
    /* Operations of views take back what was lent to faults, before all else. */
    if ( ops[op].fn != do_touch && ops[op].fn != do_host_access && ref.on )
    {
        altp2m_lock(d);
        altp2m_unlock(d);
    }
    ref_recalled();
    if ( watch )
        history_begin();
    ops[op].fn(s);
    if ( watch )
        history_end();
    caller_is(NULL);
    step_judge();
}

/* ---- the world ---- */

static void lay_out_memory(unsigned int which)
{
    unsigned long gfn;

    for ( gfn = 0; gfn < 2; gfn++ )
        host_set(gfn, frame_for(gfn, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(2, frame_for(2, 0), 0, p2m_ram_ro, p2m_access_rwx);
    host_set(3, frame_for(3, 0), 0, p2m_grant_map_rw, p2m_access_rwx);
    host_set(4, frame_for(4, 0), 0, p2m_map_foreign, p2m_access_rwx);
    host_set(5, frame_for(5, 0), 0, p2m_ram_shared, p2m_access_rwx);
    host_set(6, MFN_MMIO + 6, 0, p2m_mmio_direct, p2m_access_rwx);
    host_set(8, ~0UL, 0, p2m_populate_on_demand, p2m_access_rwx);
    host_set(9, frame_for(9, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(0x1fe, frame_for(0x1fe, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(0x1ff, frame_for(0x1ff, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(0x200, frame_for(0x200, 0), 9, p2m_ram_rw, p2m_access_rwx);
    host_set(0x400, ~0UL, 9, p2m_populate_on_demand, p2m_access_rwx);
    host_set(0x3ffff, frame_for(0x3ffff, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(0x40000, frame_for(0x40000, 0), which & 1 ? 9 : 18, p2m_ram_rw,
             p2m_access_rwx);
    host_set(0x80000, frame_for(0x80000, 0), 9, p2m_ram_rw, p2m_access_rwx);
    if ( which & 2 )
        return;
    host_set(0x7ffffff, frame_for(0x7ffffff, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(0x8000000, frame_for(0x8000000, 0), 0, p2m_ram_rw, p2m_access_rwx);
    host_set(0xfffffffff, frame_for(0xfffff, 0), 0, p2m_ram_rw,
             p2m_access_rwx);
}

unsigned int model_mirrored_entries, model_few_remaps;

/* a: what the CPU can do; b: memory, with 4 few is much; c: pool; d: WORLD_... */
void world_init(const struct step *config)
{
    uint8_t f = config->a;

    model_mirrored_entries = config->b & 4 ? 6 : 1024;
    model_few_remaps = config->b & 4 ? 1 : 8;

    features = (struct model_features){
        .vmx = true, .exec_only = f & CPU_EXEC_ONLY, .ad = f & CPU_AD,
        .pml = (f & CPU_AD) && (f & CPU_PML), .vmfunc = f & CPU_VMFUNC,
        .virt_exceptions = (f & CPU_VMFUNC) && (f & CPU_VE),
        .paging_write = HAS_R_PW && (config->d & WORLD_PAGING_WRITE),
    };
    if ( config->d & WORLD_AMD )
        features = (struct model_features){ };
    race_init();
    ref_log_init();
    trace_init(NULL, NR_PCPUS);
    d = domain_init(4000);
    all_off();
    caller = NULL;
    compat = false;
    guest_mtrr = MTRR_TYPE_WRBACK;
    d->iommu = (f & CPU_IOMMU_BITS) == CPU_IOMMU_BITS;
    d->arch.hvm.vmx.exec_sp = !features.vmx || (f & CPU_SUPERPAGES);
    lay_out_memory(config->b);
    machine_pool(machine.pool_used + (config->c ? 8u + config->c : 4000u));
    history_on = (config->d & WORLD_WATCHED) && !features.pml && d->arch.hvm.vmx.exec_sp;
    check_all();
}

void world_end(void)
{
    machine.fail_at = 0;
    machine_pool(4000 + machine.pool_used);
    if ( !race_over() )
    {
        check_touching();
        check_all();
        audit();
    }
    domain_destroy();
}
