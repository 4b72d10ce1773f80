/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations of public/hvm/altp2m.h, and what they say of views: compared with
 * the reference model, which is changed as they should change it.
 */
#include "step.h"

#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

static char *buffer(void)
{
    return guest_memory + 4096;
}

static struct vcpu *model_vcpu(unsigned int i)
{
    return model_domain->vcpu[i];
}

static uint64_t address(const void *p)
{
    return (uintptr_t)p;
}

int want_view(uint32_t cmd, unsigned int view)
{
    return refused_for(cmd) ?: live(view) ? 0 : -ENOENT;
}

/* ---- changing ---- */

/* What a record says, said of all gfns in it that tests look at. */
static void ref_change(unsigned int view, const struct xen_altp2m_override *r)
{
    unsigned int g;

    for ( g = 0; g < NR_GFNS; g++ )
    {
        struct ref_override *o = &ref.view[view].o[g];

        if ( gfns[g] < r->gfn || gfns[g] - r->gfn >= r->count )
            continue;

        if ( (r->set | r->clear) & XEN_ALTP2M_ACCESS )
        {
            o->has_access = r->set & XEN_ALTP2M_ACCESS;
            o->own.chosen = false;
        }
        /* With an own page goes the access that was chosen for it. */
        if ( (r->clear & XEN_ALTP2M_OWN) && o->own.chosen )
            o->has_access = false;
        o->access = o->has_access ? r->set & XEN_ALTP2M_ACCESS
                                    ? to_p2m(r->access) : o->access : 0;

        if ( (r->set | r->clear) & XEN_ALTP2M_SVE )
        {
            o->has_sve = r->set & XEN_ALTP2M_SVE;
            o->sve = r->sve;
            o->ranged = o->has_sve;
        }

        if ( r->clear & XEN_ALTP2M_OWN )
            o->own = (struct ref_own){ };

        if ( (r->set & XEN_ALTP2M_REMAP) && r->target != r->gfn )
        {
            o->has_target = true;
            o->target = r->target + (gfns[g] - r->gfn);
            if ( caller && !((r->set | r->clear) & XEN_ALTP2M_SVE) )
            {
                o->has_sve = o->ranged = true;
                o->sve = false;
            }
        }
        else if ( (r->set | r->clear) & XEN_ALTP2M_REMAP )
        {
            o->has_target = false;
            o->target = 0;
        }
    }
}

static uint64_t some_count(uint64_t gfn, uint8_t a)
{
    static const uint64_t counts[] = { 1, 2, 3, 9, 512, 513, 1024, 0x40000,
                                       0x40200, 0x8000000, 0 };
    uint64_t count = counts[a % ARRAY_SIZE(counts)];

    return min(count, MAX_GFN - gfn + 1);
}

/* Rights that can be given, mostly; with @kinds of which to take and give. */
static struct xen_altp2m_override some_record(struct step s, uint8_t kinds)
{
    struct xen_altp2m_override r = {
        .gfn = gfns[s.b % NR_GFNS],
        .set = s.d & kinds, .clear = (s.d >> 3) & ~s.d & kinds,
    };

    if ( s.d & 0x40 )
        r.gfn &= ~0x1ffUL;
    if ( r.set & XEN_ALTP2M_ACCESS )
        r.access = access_arg(s.c);
    if ( r.set & XEN_ALTP2M_SVE )
        r.sve = s.c >> 7;

    return r;
}

static int record_rc(const struct xen_altp2m_override *r)
{
    if ( !(r->set & XEN_ALTP2M_ACCESS) )
        return 0;

    return r->access >= XENMEM_access_default ? -EINVAL : access_rc(r->access);
}

void do_set_range(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused;
    struct xen_altp2m_override r = some_record(s, 15);
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    struct xen_altp2m_set_range *p = PARAMETERS(&op, set_range);
    int want = refused_for(op.cmd), rc;

    r.count = some_count(r.gfn, s.c >> 3);
    *p = (struct xen_altp2m_set_range){
        .view = view, .set = r.set, .clear = r.clear, .access = r.access,
        .sve = r.sve, .gfn = r.gfn, .count = r.count,
    };
    want = want ?: record_rc(&r);
    if ( !want && (r.set & XEN_ALTP2M_REMAP) )
        want = -EINVAL;
    rc = step_call(&op);
    expect_rc(rc, want ?: want_view(op.cmd, view), before);
    if ( rc && rc != -ENOMEM )
        return;
    if ( p->gfn + p->count != r.gfn + r.count || (!rc && p->count) )
        FAIL("%lx gfns from %lx on are said to be left", (long)p->count,
             (long)p->gfn);

    r.count -= p->count;
    ref_change(view, &r);
}

static bool can_remap(const struct xen_altp2m_override *r)
{
    uint64_t i;

    for ( i = 0; i < r->count; i++ )
        if ( !has_page(r->gfn + i) || !has_frame(r->target + i) )
            return false;

    return true;
}

/* Would it remap a gfn at which the view keeps an own page? */
static bool is_busy(unsigned int view, const struct xen_altp2m_override *r)
{
    return (r->set & XEN_ALTP2M_REMAP) && !(r->clear & XEN_ALTP2M_OWN) &&
           ref.view[view].o[gfn_number(r->gfn)].own.there;
}

/* Of two about one gfn both are done, one after the other. */
static bool overlap(const struct xen_altp2m_override *r, unsigned int nr)
{
    unsigned int i, j;

    for ( i = 0; i < nr; i++ )
        for ( j = 0; j < i; j++ )
            if ( r[i].gfn < r[j].gfn + r[j].count &&
                 r[j].gfn < r[i].gfn + r[i].count )
                return true;

    return false;
}

void do_apply(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused, i;
    unsigned int nr = 1 + s.c % 4, failed = nr;
    struct xen_altp2m_override *r = (void *)buffer();
    op_t op = { .cmd = HVMOP_altp2m_apply };
    struct xen_altp2m_apply *p = PARAMETERS(&op, apply);
    int want = refused_for(op.cmd), rc;

    *p = (struct xen_altp2m_apply){ .view = view, .nr = nr,
                                    .flags = s.c >> 4 & 1,
                                    .buffer = address(r) };
    for ( i = 0; i < nr; i++, s.b += 1 + (s.d & 3), s.d = s.d * 5 + 1, s.c += 3 )
    {
        r[i] = some_record(s, 15);
        /* A batch is small, and remaps are gfn by gfn. */
        r[i].count = 1 + s.d % 3;
        if ( r[i].gfn + r[i].count - 1 > MAX_GFN )
            r[i].count = 1;
        if ( !((r[i].set | r[i].clear) & XEN_ALTP2M_REMAP) &&
             !(r[i].clear & XEN_ALTP2M_OWN) && !(r[i].gfn & 0x1ff) )
            r[i].count = 512;
        if ( r[i].set & XEN_ALTP2M_REMAP )
        {
            r[i].gfn = gfns[s.b % NR_GFNS];
            r[i].target = gfns[(s.b ^ s.c) % NR_GFNS];
            r[i].count = 1;
        }
        if ( !want && record_rc(&r[i]) )
        {
            want = record_rc(&r[i]);
            failed = i;
        }
    }

    want = want ?: want_view(op.cmd, view);
    for ( i = 0; !want && i < nr && !(p->flags & XEN_ALTP2M_APPLY_DORMANT); i++ )
        if ( (r[i].set & XEN_ALTP2M_REMAP) && r[i].target != r[i].gfn &&
             !can_remap(&r[i]) )
        {
            want = -ENXIO;
            failed = i;
        }

    for ( i = 0; !want && i < nr; i++ )
        if ( is_busy(view, &r[i]) )
        {
            want = -EBUSY;
            failed = i;
        }

    if ( overlap(r, nr) )
        machine.stored = NULL;
    rc = step_call(&op);
    /* The batch has to be had to be looked at. */
    if ( rc == -ENOMEM && want && machine.refused > before )
        return;
    if ( expect_rc(rc, want, before) )
    {
        for ( i = 0; i < nr; i++ )
            ref_change(view, &r[i]);
        return;
    }
    if ( want && !refused_for(op.cmd) && p->failed != failed )
        FAIL("record %u is said to be wrong, is %u", p->failed, failed);
}

void do_isolate(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused, i;
    struct xen_altp2m_override r = { .gfn = gfns[s.b % NR_GFNS],
                                     .set = XEN_ALTP2M_ACCESS };
    uint8_t access = access_arg(s.c), others = access_arg(s.d);
    op_t op = { .cmd = HVMOP_altp2m_isolate };
    struct xen_altp2m_isolate *p = PARAMETERS(&op, isolate);
    int want = refused_for(op.cmd), rc;
    uint64_t count = some_count(r.gfn, s.d >> 4);

    *p = (struct xen_altp2m_isolate){ .view = view, .access = access,
                                      .others = others, .gfn = r.gfn,
                                      .count = count };
    if ( !want && (access >= XENMEM_access_default ||
                   others >= XENMEM_access_default) )
        want = -EINVAL;
    want = want ?: access_rc(access) ?: access_rc(others);
    rc = step_call(&op);
    want = want ?: want_view(op.cmd, view);
    expect_rc(rc, want, before);
    if ( rc && (rc != -ENOMEM || want) )
        return;

    /* The others by index, as far as it says; then the one. */
    r.access = others;
    for ( i = 0; i < NR_VIEWS; i++ )
    {
        r.count = p->last || i < p->at ? count : i == p->at ? p->next : 0;
        if ( live(i) && i != view )
            ref_change(i, &r);
    }
    r.access = access;
    r.count = p->last ? p->next : 0;
    ref_change(view, &r);
    if ( !rc && r.count != count )
        FAIL("isolating ends early");
}

static p2m_access_t default_of(uint8_t access)
{
    return access == XEN_ALTP2M_NO_DEFAULT ? NO_DEFAULT : to_p2m(access);
}

void do_set_default(struct step s)
{
    unsigned int view = view_arg(s.a);
    bool none = s.d & 1;
    uint8_t access = none ? XEN_ALTP2M_NO_DEFAULT : access_arg(s.c);
    op_t op = { .cmd = HVMOP_altp2m_set_default };
    int want = refused_for(op.cmd);

    *PARAMETERS(&op, default) = (struct xen_altp2m_default){
        .view = view, .access = access };
    if ( !want && !none )
        want = access >= XENMEM_access_default ? -EINVAL : access_rc(access);
    want = want ?: want_view(op.cmd, view);
    if ( expect_rc(step_call(&op), want, 0) )
        ref.view[view].def = default_of(access);

    op.cmd = HVMOP_altp2m_get_default;
    PARAMETERS(&op, default)->access = 0xee;
    if ( expect_rc(step_call(&op), want_view(op.cmd, view), 0) &&
         default_of(PARAMETERS(&op, default)->access) != ref.view[view].def )
        FAIL("default access of view %u is said to be %u", view,
             PARAMETERS(&op, default)->access);
}

void do_clone(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused, i = 0;
    op_t op = { .cmd = HVMOP_altp2m_clone };

    while ( i < NR_VIEWS && ref.view[i].live )
        i++;
    if ( ref.on && i == NR_VIEWS )
        return;
    PARAMETERS(&op, clone)->view = view;
    if ( !expect_rc(step_call(&op), want_view(op.cmd, view), before) )
        return;
    if ( PARAMETERS(&op, clone)->clone != i )
        FAIL("view %u is made, not the first free, %u",
             PARAMETERS(&op, clone)->clone, i);
    ref_new_view(i);
    ref.view[i] = ref.view[view];
    ref.view[i].nr_rules = 0;
}

/* ---- vCPUs ---- */

static int want_vcpu(uint32_t cmd, unsigned int vcpu)
{
    if ( refused_for(cmd) )
        return refused_for(cmd);
    if ( vcpu >= NR_VCPUS )
        return -ENOENT;
    /* One that is in the guest is asked when it is out. */
    cpu_exit(cpu_of(model_vcpu(vcpu)));

    return 0;
}

void do_switch_vcpu(struct step s)
{
    unsigned int view = view_arg(s.a), vcpu = s.b % (NR_VCPUS + 1);
    op_t op = { .cmd = HVMOP_altp2m_switch_vcpu };
    int want = want_vcpu(op.cmd, vcpu) ?: want_view(op.cmd, view);

    if ( !want && caller && (!ref.view[view].visible || ref.hidden[vcpu][view]) )
        want = -EPERM;
    *PARAMETERS(&op, set_vcpu) = (struct xen_altp2m_set_vcpu){ .vcpu = vcpu,
                                                               .view = view };
    if ( !expect_rc(step_call(&op), want, 0) )
        return;
    ref.in[vcpu] = view;
    ref.executes[vcpu] = false;
    rule_sent(vcpu);
}

void do_set_vmfunc(struct step s)
{
    unsigned int vcpu = s.b % (NR_VCPUS + 1);
    op_t op = { .cmd = HVMOP_altp2m_set_vmfunc };
    int want = want_vcpu(op.cmd, vcpu);

    *PARAMETERS(&op, set_vcpu) = (struct xen_altp2m_set_vcpu){
        .vcpu = vcpu, .on = s.c & 1 };
    if ( expect_rc(step_call(&op), want, 0) )
        ref.vmfunc[vcpu] = s.c & 1;
}

void do_hide(struct step s)
{
    unsigned int view = view_arg(s.a), vcpu = s.b % (NR_VCPUS + 1);
    unsigned int before = machine.refused;
    op_t op = { .cmd = HVMOP_altp2m_set_vcpu_visibility };
    int want = want_vcpu(op.cmd, vcpu) ?: want_view(op.cmd, view);

    *PARAMETERS(&op, set_vcpu) = (struct xen_altp2m_set_vcpu){
        .vcpu = vcpu, .view = view, .on = s.c & 1 };
    if ( expect_rc(step_call(&op), want, before) )
        ref.hidden[vcpu][view] = !(s.c & 1);
}

void do_notify_lost(struct step s)
{
    unsigned int before = machine.refused;
    bool on = s.a & 3;
    op_t op = { .cmd = HVMOP_altp2m_notify_lost };
    int want = refused_for(op.cmd), rc;

    PARAMETERS(&op, notify_lost)->on = on;
    if ( !want && on && ref.told )
        want = -EBUSY;
    rc = step_call(&op);
    /* The channel comes first. */
    if ( rc == -ENOMEM && want == -EBUSY && machine.refused > before )
        return;
    if ( !expect_rc(rc, want, before) )
        return;
    ref.told = on;
    ASSERT((channels.open & ~ref_log_channel()) ? on : !on);
    if ( on && !(channels.open & 1u << PARAMETERS(&op, notify_lost)->port) )
        FAIL("the port that is told isn't open");
}

/* ---- reading ---- */

/*
 * All that @cmd has to read, at most @room records at a time; each is given to
 * @each.  Returns the result of the last call.
 */
static int read_all(uint32_t cmd, unsigned int view, uint64_t first,
                    unsigned int room, size_t size,
                    void (*each)(unsigned int view, const void *record))
{
    struct xen_altp2m_read at = { .next = first };
    unsigned int rounds = 0;
    bool more;
    int rc;

    do {
        op_t op = { .cmd = cmd };
        struct xen_altp2m_read *p = PARAMETERS(&op, read);
        unsigned int i;

        *p = (struct xen_altp2m_read){
            .view = view, .level = at.level, .room = room,
            .buffer = address(buffer()), .next = at.next, .last = ~0UL,
        };
        rc = step_call(&op);
        if ( rc )
            return rc;

        for ( i = 0; i < p->nr; i++ )
            each(view, buffer() + i * size);
        more = cmd == HVMOP_altp2m_read_lost ? p->nr == room
                                             : p->next != XEN_ALTP2M_NONE;
        if ( more && p->nr < room )
            FAIL("operation %x stops with %u of %u records", cmd, p->nr, room);
        at = *p;
        if ( ++rounds > 20000 )
            FAIL("operation %x never ends", cmd);
    } while ( more );

    return 0;
}

static uint64_t read_end;         /* gfns below have been told of */
static bool seen[NR_GFNS];

static void in_order(uint64_t gfn, uint64_t count)
{
    if ( gfn < read_end || !count )
        FAIL("%lx gfns from %lx on come after %lx", (long)count, (long)gfn,
             (long)read_end);
    read_end = gfn + count;
}

static void one_override(unsigned int view, const void *record)
{
    const struct xen_altp2m_override *r = record;
    unsigned int g;

    in_order(r->gfn, r->count);
    for ( g = 0; g < NR_GFNS; g++ )
    {
        const struct ref_override *o = &ref.view[view].o[g];
        bool dormant = (o->has_target && !has_frame(o->target)) ||
                       (o->own.there && !ref_own_shows(o, g));

        if ( gfns[g] < r->gfn || gfns[g] >= read_end )
            continue;

        seen[g] = true;
        if ( r->set != (o->has_access * XEN_ALTP2M_ACCESS +
                        o->has_sve * XEN_ALTP2M_SVE +
                        o->own.there * XEN_ALTP2M_OWN +
                        o->has_target * XEN_ALTP2M_REMAP) ||
             (o->has_access && to_p2m(r->access) != o->access) ||
             (o->has_sve && r->sve != o->sve) ||
             (o->has_target && r->target + (gfns[g] - r->gfn) != o->target) ||
             r->dormant != dormant )
            FAIL("view %u gfn %lx is said to override %x: %u %u %lx %u", view,
                 gfns[g], r->set, r->access, r->sve, (long)r->target,
                 r->dormant);
    }
}

void do_read_overrides(struct step s)
{
    unsigned int view = view_arg(s.a), g;
    uint64_t first = s.d & 1 ? 0 : gfns[s.b % NR_GFNS];
    int want = want_view(HVMOP_altp2m_read_overrides, view);

    read_end = first;
    memset(seen, 0, sizeof(seen));
    if ( !expect_rc(read_all(HVMOP_altp2m_read_overrides, view, first,
                             1 + s.c % 40, sizeof(struct xen_altp2m_override),
                             one_override), want, 0) )
        return;

    for ( g = 0; g < NR_GFNS; g++ )
    {
        const struct ref_override *o = &ref.view[view].o[g];

        if ( gfns[g] >= first && !seen[g] &&
             (o->has_access || o->has_sve || o->has_target || o->own.there) )
            FAIL("view %u gfn %lx is not said to be overridden", view, gfns[g]);
    }
}

static unsigned int kind_of(p2m_type_t t)
{
    switch ( t )
    {
    case p2m_ram_rw:
    case p2m_ram_logdirty:
    case p2m_ioreq_server:
        return XEN_ALTP2M_KIND_RAM;
    case p2m_ram_ro:
        return XEN_ALTP2M_KIND_ROM;
    case p2m_ram_shared:
        return XEN_ALTP2M_KIND_SHARED;
    case p2m_populate_on_demand:
    case p2m_ram_paging_out:
    case p2m_ram_paged:
    case p2m_ram_paging_in:
        return XEN_ALTP2M_KIND_PAGED;
    case p2m_grant_map_rw:
    case p2m_grant_map_ro:
    case p2m_map_foreign:
        return XEN_ALTP2M_KIND_GRANT;
    case p2m_mmio_direct:
        return XEN_ALTP2M_KIND_MMIO;
    default:
        return XEN_ALTP2M_KIND_HOLE;
    }
}

static void one_run(unsigned int view, const void *record)
{
    const struct xen_altp2m_map *m = record;
    unsigned int g;

    in_order(m->gfn, m->count);
    for ( g = 0; g < NR_GFNS; g++ )
    {
        struct expect x = oracle(view, g);
        struct host_fact f = host_fact(gfns[g]);
        const struct ref_override *o = &ref.view[view].o[g];

        if ( gfns[g] < m->gfn || gfns[g] >= read_end )
            continue;

        seen[g] = true;
        if ( m->source + (gfns[g] - m->gfn) != x.source ||
             m->kind != kind_of(x.type) ||
             !(m->flags & XEN_ALTP2M_MAP_SVE) != !x.sve ||
             !(m->flags & XEN_ALTP2M_MAP_OVERRIDDEN) !=
             !(o->has_access || o->has_sve || o->has_target || o->own.there) ||
             !(m->flags & XEN_ALTP2M_MAP_OWN) != !x.own ||
             !(m->flags & XEN_ALTP2M_MAP_REMAPPED) != (x.source == gfns[g]) ||
             !(m->flags & XEN_ALTP2M_MAP_DORMANT) !=
             !((o->has_target && x.source == gfns[g]) ||
               (o->own.there && !x.own)) )
            FAIL("view %u gfn %lx is said to show %lx, kind %u, flags %x", view,
                 gfns[g], (long)m->source, m->kind, m->flags);
        if ( kind_of(f.type) != XEN_ALTP2M_KIND_HOLE &&
             (to_p2m(m->access) != x.access ||
              to_p2m(m->host_access) != f.access || m->level != f.level) )
            FAIL("view %u gfn %lx is said to have access %u, the host %u, level %u",
                 view, gfns[g], m->access, m->host_access, m->level);
    }
}

void do_read_map(struct step s)
{
    unsigned int view = view_arg(s.a), g;
    int want = want_view(HVMOP_altp2m_read_map, view);

    /* It takes as long as twenty others. */
    if ( s.d & 3 )
        return;
    read_end = 0;
    memset(seen, 0, sizeof(seen));
    if ( !expect_rc(read_all(HVMOP_altp2m_read_map, view, 0, 1 + s.c % 40,
                             sizeof(struct xen_altp2m_map), one_run), want, 0) )
        return;

    for ( g = 0; g < NR_GFNS; g++ )
        if ( !seen[g] && kind_of(host_fact(gfns[g]).type) )
            FAIL("view %u gfn %lx is not told of", view, gfns[g]);
}

static unsigned int views_told, vcpus_told, tables_told;

static void one_view(unsigned int ignored, const void *record)
{
    const struct xen_altp2m_view *v = record;
    const struct ref_view *r = &ref.view[v->view];
    unsigned int i, vcpus = 0;

    ASSERT(live(v->view));
    views_told++;
    for ( i = 0; i < NR_VCPUS; i++ )
        vcpus += altp2m_vcpu_idx(model_vcpu(i)) == v->view;
    if ( !(v->flags & XEN_ALTP2M_VIEW_VISIBLE) != !r->visible ||
         default_of(v->default_access) != r->def || v->vcpus != vcpus ||
         !v->tables || v->tables > v->tables_max ||
         v->pool_bytes < (v->tables - !v->view) * PAGE_SIZE ||
         v->dormant > v->remaps )   /* view 0 may have the host's root */
        FAIL("view %u is said to be otherwise than it is", v->view);
}

static void one_vcpu(unsigned int ignored, const void *record)
{
    const struct xen_altp2m_vcpu *v = record;
    bool ve = vcpu_altp2m(model_vcpu(v->vcpu)).veinfo_pg, hidden = false;
    unsigned int i;

    ASSERT(v->vcpu == vcpus_told);
    vcpus_told++;
    for ( i = 0; i < NR_VIEWS; i++ )
        hidden |= ref.hidden[v->vcpu][i];
    if ( v->view != altp2m_vcpu_idx(model_vcpu(v->vcpu)) ||
         v->flags != (ve ? XEN_ALTP2M_VCPU_VE : 0) +
                     (ve || ref.vmfunc[v->vcpu] ? XEN_ALTP2M_VCPU_VMFUNC : 0) +
                     (hidden ? XEN_ALTP2M_VCPU_LIST : 0) )
        FAIL("vCPU %u is said to be otherwise than it is: %x", v->vcpu,
             v->flags);
}

static void one_table(unsigned int view, const void *record)
{
    const struct xen_altp2m_table *t = record;
    struct altp2m_node *node = altp2m_node(view_at(model_domain, view),
                                           t->gfn, t->level);

    ASSERT(node && node->gfn == t->gfn && node->used == t->used);
    /* A root that isn't made yet has its page all the same. */
    ASSERT(!(t->flags & XEN_ALTP2M_TABLE_CACHED) ==
           (mfn_eq(node->table, INVALID_MFN) && node->level < ROOT_LEVEL));
    ASSERT((t->level == ROOT_LEVEL) == !tables_told);
    tables_told++;
}

void do_read_lists(struct step s)
{
    unsigned int view = view_arg(s.a), room = 1 + s.c % 30, i, views = 0;
    op_t op = { .cmd = HVMOP_altp2m_domain_info };
    const struct xen_altp2m_domain_info *info = PARAMETERS(&op, domain_info);
    /* As it is when asked: the end of the call gives back what waits for it. */
    unsigned int used = machine.pool_used;
    unsigned int ours = model_domain->arch.altp2m
                        ? model_domain->arch.altp2m->nr_pages : 0;

    views_told = vcpus_told = tables_told = 0;
    for ( i = 0; i < NR_VIEWS; i++ )
        views += live(i);
    if ( expect_rc(step_call(&op), refused_for(op.cmd), 0) &&
         (info->views != views || info->vcpus != NR_VCPUS ||
          info->dormant > info->remaps ||
          info->pool_total - info->pool_free != used ||
          info->pool_views != ours + ref_log_pages()) )
        FAIL("the domain is said to be otherwise than it is");
    if ( expect_rc(read_all(HVMOP_altp2m_list_views, 0, 0, room,
                            sizeof(struct xen_altp2m_view), one_view),
                   refused_for(HVMOP_altp2m_list_views), 0) )
        ASSERT(views_told == views);
    if ( expect_rc(read_all(HVMOP_altp2m_list_vcpus, 0, 0, room,
                            sizeof(struct xen_altp2m_vcpu), one_vcpu),
                   refused_for(HVMOP_altp2m_list_vcpus), 0) )
        ASSERT(vcpus_told == NR_VCPUS);
    if ( expect_rc(read_all(HVMOP_altp2m_list_tables, view, 0, room,
                            sizeof(struct xen_altp2m_table), one_table),
                   want_view(HVMOP_altp2m_list_tables, view), 0) )
        ASSERT(tables_told ==
               view_at(model_domain, view)->nr_nodes + 1);
}

static unsigned int dormant_told;
static uint64_t last_loss;

static void one_loss(unsigned int ignored, const void *record)
{
    const struct xen_altp2m_lost *l = record;
    const struct ref_override *o;

    ASSERT(l->number > last_loss && live(l->view));
    last_loss = l->number;
    o = &ref.view[l->view].o[gfn_number(l->gfn)];
    if ( o->own.there
         ? l->target != l->gfn || l->dormant == ref_own_shows(o, gfn_number(l->gfn))
         : !o->has_target || o->target != l->target ||
           l->dormant == has_frame(l->target) )
        FAIL("the remap of gfn %lx in view %u is said to be lost", (long)l->gfn,
             l->view);
    dormant_told += l->dormant;
}

void do_read_lost(struct step s)
{
    unsigned int i, g, dormant = 0;

    dormant_told = last_loss = 0;
    if ( !expect_rc(read_all(HVMOP_altp2m_read_lost, 0, 0, 1 + s.c % 40,
                             sizeof(struct xen_altp2m_lost), one_loss),
                    refused_for(HVMOP_altp2m_read_lost), 0) )
        return;

    for ( i = 0; i < NR_VIEWS; i++ )
        for ( g = 0; g < NR_GFNS; g++ )
        {
            const struct ref_override *o = &ref.view[i].o[g];

            dormant += (o->has_target && !has_frame(o->target)) ||
                       (o->own.there && !ref_own_shows(o, g));
        }
    if ( dormant_told != dormant )
        FAIL("%u remaps are said to be dormant, are %u", dormant_told, dormant);
}

static unsigned long root_of(unsigned int view)
{
    return (root_at(model_domain, view) >> 12) & 0xffffffffff;
}

/* Does the host's walk go by the table of this entry of the view's? */
static bool host_has(const struct xen_altp2m_entry *e, unsigned int nr,
                     const struct xen_altp2m_entry *of)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        if ( e[i].walk == XEN_ALTP2M_WALK_HOST && e[i].level == of->level )
            return e[i].table == of->table;

    return false;
}

/* Is the execute side's walk told, if there is one, and how it ends? */
static void check_execute(unsigned int view, unsigned int g,
                          const struct xen_altp2m_entry *e, unsigned int nr)
{
    uint64_t root = side_at(model_domain, view, SIDE_EXECUTE);
    const struct xen_altp2m_entry *last = NULL;
    struct walk w;
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        if ( e[i].walk == XEN_ALTP2M_WALK_EXECUTE )
            last = &e[i];
    ASSERT(!last == (root == ~0UL));
    if ( !last )
        return;
    w = walk_any((root >> 12) & 0xffffffffff, gfns[g]);
    if ( w.end != WALK_MISCONFIG &&
         (last->entry != w.entry || last->level != w.level) )
        FAIL("the walk of gfn %lx on view %u's execute side is said to end otherwise",
             gfns[g], view);
}

void do_walk(struct step s)
{
    unsigned int view = view_arg(s.a), g = s.b % NR_GFNS, i;
    op_t op = { .cmd = HVMOP_altp2m_walk };
    struct xen_altp2m_walk *p = PARAMETERS(&op, walk);
    const struct xen_altp2m_entry *e = (const void *)buffer(), *last = NULL;
    int want = refused_for(op.cmd);
    struct expect x;
    struct walk w;

    *p = (struct xen_altp2m_walk){ .view = view, .gfn = gfns[g],
                                   .nr = XEN_ALTP2M_WALK_SIDES_MAX,
                                   .buffer = address(buffer()) };
    if ( !want && caller )
        want = -EPERM;
    if ( !expect_rc(step_call(&op), want ?: want_view(op.cmd, view), 0) )
        return;

    x = oracle(view, g);
    if ( p->kind != kind_of(x.type) || p->sve != x.sve ||
         (kind_of(host_fact(gfns[g]).type) != XEN_ALTP2M_KIND_HOLE &&
          to_p2m(p->access) != x.access) )
        FAIL("the walk of gfn %lx in view %u says kind %u, access %u, sve %u",
             gfns[g], view, p->kind, p->access, p->sve);

    w = walk_any(root_of(view), gfns[g]);
    for ( i = 0; i < p->nr; i++ )
        if ( e[i].walk == XEN_ALTP2M_WALK_VIEW )
        {
            last = &e[i];
            ASSERT(e[i].level != ROOT_LEVEL || e[i].table == root_of(view));
            if ( !(e[i].flags & XEN_ALTP2M_ENTRY_PRIVATE) !=
                 host_has(e, p->nr, &e[i]) )
                FAIL("gfn %lx in view %u: the table at level %u is said to be %s",
                     gfns[g], view, e[i].level,
                     host_has(e, p->nr, &e[i]) ? "private" : "shared");
        }
    ASSERT(last);
    if ( w.end != WALK_MISCONFIG &&
         (last->entry != w.entry || last->level != w.level) )
        FAIL("the walk of gfn %lx in view %u is said to end otherwise", gfns[g],
             view);
    check_execute(view, g, e, p->nr);
}

/*
 * The host doesn't compute the type of a page that nobody may access anew, nor
 * is it told when PML begins or ends: an entry of a view that shows such a page
 * is writable as it was before, as in type_rights().
 */
static bool missed_by_pml(const struct xen_altp2m_mismatch *m)
{
    struct host_fact f;

    if ( !features.pml || m->what != XEN_ALTP2M_AUDIT_ENTRY || m->level ||
         ((m->found ^ m->wanted) & ~altp2m_format()->cpu_bits) != 2 )
        return false;
    f = host_fact(m->gfn);

    return !f.present && f.type == p2m_ram_logdirty;
}

static void one_mismatch(unsigned int view, const void *record)
{
    const struct xen_altp2m_mismatch *m = record;

    if ( missed_by_pml(m) )
        return;
    FAIL("audit of view %u: gfn %lx level %u: kind %u, %lx and not %lx", view,
         (long)m->gfn, m->level, m->what, (long)m->found, (long)m->wanted);
}

void do_audit(struct step s)
{
    unsigned int view = view_arg(s.a);
    int want = refused_for(HVMOP_altp2m_audit);

    if ( !want && caller )
        want = -EPERM;
    expect_rc(read_all(HVMOP_altp2m_audit, view, 0, 1 + s.c % 30,
                       sizeof(struct xen_altp2m_mismatch), one_mismatch),
              want ?: want_view(HVMOP_altp2m_audit, view), 0);
}
