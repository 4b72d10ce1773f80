/* Wild: broad random operations on many gfns, own pages above all; no prediction
 * but invariants: audits, and that a copy of a dropped page is never shown. */
#include <sys/wait.h>
#include <unistd.h>
#include "unit.h"
#include "step.h"

#define BASE  0x200UL
#define SPAN  0x400UL                 /* two 2M ranges: 0x200, 0x400 */
#define MARK  0xff0
#define NVIEWS 6u

int raw(op_t *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    int rc;

    memcpy(guest_memory, op, sizeof(*op));
    rc = altp2m_op(arg);
    ASSERT(!model_domain->rcu_locks);
    memcpy(op, guest_memory, sizeof(*op));

    return rc;
}
void *buffer(void) { return guest_memory + PAGE_SIZE; }
op_t read_op(uint32_t cmd, uint16_t view, uint32_t room)
{
    op_t op = { .cmd = cmd };

    *PARAMETERS(&op, read) = (struct xen_altp2m_read){
        .view = view, .room = room, .buffer = (uintptr_t)buffer(),
        .last = ~0UL,
    };

    return op;
}

static uint64_t state;
static uint32_t gen[SPAN];
static unsigned long frame[SPAN];
static unsigned int rnd(unsigned int n) { return random_u32(&state) % n; }
static const char *doing_;
static unsigned int steps_done;
static bool trace_on;

static uint32_t *mark_at(unsigned long mfn) { return (uint32_t *)(data_at(mfn) + MARK); }

static void check_host(unsigned long g)
{
    p2m_access_t a; p2m_type_t t;
    struct p2m_domain *hp = p2m_get_hostp2m(model_domain);
    mfn_t mfn;

    p2m_lock(hp);
    mfn = hp->get_entry(hp, _gfn(BASE + g), &t, &a, 0, NULL, NULL);
    p2m_unlock(hp);
    frame[g] = mfn_eq(mfn, INVALID_MFN) ? 0 : mfn_x(mfn);
}

static void new_page(unsigned long g, unsigned long mfn)
{
    frame[g] = mfn;
    *mark_at(mfn) = gen[g];
}

/* the page that moves keeps its content */
static void set_host(unsigned long g, unsigned int order, unsigned long mfn, p2m_type_t t)
{
    unsigned int i;
    int rc = host_set(BASE + g, mfn, order, t, p2m_access_rwx);
    (void)rc;
    for ( i = 0; i < 1u << order; i++ )
        check_host(g + i);
}

static unsigned long frames_at(unsigned long g, unsigned int which)
{
    return 0x100000 + 0x10000 * which + BASE + g;
}

static unsigned int pick_view(void) { return rnd(NVIEWS); }

static int do_op(op_t *op)
{
    unsigned int rounds = 0;
    int rc;

    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = model_domain->domain_id;
    do {
        preempt_mask = rnd(3) ? 0 : random_u32(&state);
        rc = raw(op);
    } while ( rc == -ERESTART && ++rounds < 5000 );
    preempt_mask = 0;
    if ( rc == -ERESTART )
        FAIL("%s never ends", doing_);
    return rc;
}

static void op_patch(bool un)
{
    unsigned int nr = rnd(4) ? 1 + rnd(4) : 1 + rnd(64), i;
    unsigned long g = rnd(SPAN);
    struct xen_altp2m_patch *r = buffer();
    op_t op = { .cmd = un ? HVMOP_altp2m_unpatch : HVMOP_altp2m_patch };
    static const unsigned short offs[] = { 0, 5, 5, 5, 63, 64, 0x7ff, 0xf00 };

    for ( i = 0; i < nr; i++ )
        r[i] = (struct xen_altp2m_patch){
            .gfn = BASE + (g + i * (rnd(8) ? 1 : rnd(3))) % SPAN,
            .offset = offs[rnd(8)], .len = rnd(4) ? 1 : 1 + rnd(16), .bytes[0] = 0xcc,
            .flags = !un && rnd(2) };
    *PARAMETERS(&op, patches) = (struct xen_altp2m_patches){
        .view = pick_view(), .nr = nr, .buffer = (uintptr_t)r };
    do_op(&op);
}

static void op_refresh(void)
{
    op_t op = { .cmd = HVMOP_altp2m_refresh };
    *PARAMETERS(&op, refresh) = (struct xen_altp2m_refresh){
        .view = pick_view(), .gfn = BASE + rnd(SPAN), .count = 1 + rnd(SPAN) };
    do_op(&op);
}

static void op_range(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };
    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
        .view = pick_view(), .gfn = BASE + rnd(SPAN), .count = 1 + rnd(600),
        .clear = 1u << rnd(4) };
    if ( !rnd(3) )
    {
        PARAMETERS(&op, set_range)->clear = 0;
        PARAMETERS(&op, set_range)->set = XEN_ALTP2M_ACCESS;
        PARAMETERS(&op, set_range)->access = rnd(10);
    }
    do_op(&op);
}

static void op_apply(void)
{
    op_t op = { .cmd = HVMOP_altp2m_apply };
    struct xen_altp2m_override *r = buffer();
    unsigned int nr = 1 + rnd(6), i;

    for ( i = 0; i < nr; i++ )
    {
        unsigned int kind = rnd(4);
        r[i] = (struct xen_altp2m_override){
            .gfn = BASE + rnd(SPAN), .count = rnd(2) ? 1 : 1 + rnd(16) };
        if ( rnd(3) == 0 ) { r[i].gfn &= ~511UL; r[i].count = 512; kind = 0; }
        if ( rnd(2) ) r[i].clear = 1u << kind;
        else r[i].set = 1u << kind;
        if ( r[i].set & XEN_ALTP2M_ACCESS ) r[i].access = rnd(10);
        if ( r[i].set & XEN_ALTP2M_REMAP ) r[i].target = BASE + rnd(SPAN);
        if ( rnd(2) && kind == 2 ) r[i].clear |= XEN_ALTP2M_OWN;
    }
    *PARAMETERS(&op, apply) = (struct xen_altp2m_apply){
        .view = pick_view(), .nr = nr, .buffer = (uintptr_t)r,
        .flags = rnd(2) };
    do_op(&op);
}

static void op_change_gfn(void)
{
    op_t op = { .cmd = HVMOP_altp2m_change_gfn };
    op.u.change_gfn.view = pick_view();
    op.u.change_gfn.old_gfn = BASE + rnd(SPAN);
    op.u.change_gfn.new_gfn = rnd(2) ? ~0UL : BASE + rnd(SPAN);
    do_op(&op);
}

static void op_views(void)
{
    op_t op = { };
    unsigned int v = 1 + rnd(NVIEWS - 1);

    switch ( rnd(6) )
    {
    case 0: case 1:
        op.cmd = HVMOP_altp2m_clone;
        PARAMETERS(&op, clone)->view = pick_view();
        break;
    case 2:
        op.cmd = HVMOP_altp2m_create_p2m;
        op.u.view.hvmmem_default_access = rnd(10);
        break;
    case 3:
        op.cmd = HVMOP_altp2m_destroy_p2m;
        op.u.view.view = v;
        break;
    case 4:
        op.cmd = HVMOP_altp2m_switch_p2m;
        op.u.view.view = pick_view();
        break;
    case 5:
        op.cmd = HVMOP_altp2m_set_default;
        PARAMETERS(&op, default)->view = v;
        PARAMETERS(&op, default)->access = rnd(10);
        if ( rnd(2) ) return;
        break;
    }
    if ( op.cmd == HVMOP_altp2m_clone || op.cmd == HVMOP_altp2m_create_p2m )
    {
        unsigned int i, n = 0;
        for ( i = 0; i < NVIEWS; i++ ) n += !!view_at(model_domain, i);
        if ( n >= NVIEWS ) return;
    }
    do_op(&op);
}

static void op_read(void)
{
    static const uint32_t cmds[] = { HVMOP_altp2m_read_lost,
        HVMOP_altp2m_read_overrides, HVMOP_altp2m_read_map, HVMOP_altp2m_list_views };
    op_t op = read_op(cmds[rnd(4)], pick_view(), 1 + rnd(100));
    do_op(&op);
}

static void bad(unsigned int view, const struct xen_altp2m_mismatch *m)
{
    FAIL("audit of view %u: gfn %lx level %u: kind %u, %lx and not %lx", view,
         (long)m->gfn, m->level, m->what, (long)m->found, (long)m->wanted);
}

static void op_audit(void)
{
    unsigned int v, i;

    if ( !altp2m_active(model_domain) )
        return;
    for ( v = 0; v < NVIEWS; v++ )
    {
        op_t op = read_op(HVMOP_altp2m_audit, v, 100);
        if ( !view_at(model_domain, v) )
            continue;
        do {
            PARAMETERS(&op, read)->nr = 0;
            if ( do_op(&op) )
                FAIL("audit %s", "fails");
            for ( i = 0; i < PARAMETERS(&op, read)->nr; i++ )
                bad(v, &((struct xen_altp2m_mismatch *)buffer())[i]);
        } while ( PARAMETERS(&op, read)->next != XEN_ALTP2M_NONE );
    }
}

static void host_change(void)
{
    unsigned long g = rnd(SPAN), i;
    bool large = !rnd(4);
    unsigned int order = large ? 9 : 0;

    if ( large )
        g &= ~511UL;

    switch ( rnd(8) )
    {
    case 0: case 1:               /* drop */
        set_host(g, order, ~0UL, p2m_invalid);
        for ( i = 0; i < 1UL << order; i++ )
            if ( !frame[g + i] )
                gen[g + i]++;
        break;
    case 2: case 3: case 4:       /* populate where there is none */
    {
        unsigned int which = rnd(2);
        for ( i = 0; i < 1UL << order; i++ )
        {
            p2m_access_t a; p2m_type_t t;
            struct p2m_domain *hp = p2m_get_hostp2m(model_domain);
            p2m_lock(hp);
            hp->get_entry(hp, _gfn(BASE + g + i), &t, &a, 0, NULL, NULL);
            p2m_unlock(hp);
            if ( t != p2m_invalid && t != p2m_mmio_dm )
                return;
        }
        for ( i = 0; i < 1UL << order; i++ )
        {
            gen[g + i]++;
            *mark_at(frames_at(g + i, which)) = gen[g + i];
        }
        set_host(g, order, frames_at(g, which), p2m_ram_rw);
        break;
    }
    case 5:                       /* share, which moves the page */
    case 6:                       /* or move it back */
        check_host(g);
        if ( frame[g] )
        {
            p2m_access_t a; p2m_type_t t;
            struct p2m_domain *hp = p2m_get_hostp2m(model_domain);
            unsigned long to;
            uint32_t was = *mark_at(frame[g]);

            p2m_lock(hp);
            hp->get_entry(hp, _gfn(BASE + g), &t, &a, 0, NULL, NULL);
            p2m_unlock(hp);
            if ( t == p2m_ram_rw )
            {
                to = frames_at(g, 2);
                *mark_at(to) = was;
                set_host(g, 0, to, p2m_ram_shared);
            }
            else if ( t == p2m_ram_shared )
            {
                to = frames_at(g, rnd(2));
                *mark_at(to) = was;
                set_host(g, 0, to, p2m_ram_rw);
            }
        }
        break;
    case 7:
        if ( rnd(3) )
            break;
        if ( rnd(2) )
            p2m_change_entry_type_global(model_domain, p2m_ram_rw, p2m_ram_logdirty);
        else
            p2m_change_entry_type_global(model_domain, p2m_ram_logdirty, p2m_ram_rw);
        break;
    }
}

static void shown(unsigned int v, unsigned long g)
{
    struct altp2m_view *view;
    struct altp2m_at at;

    if ( !altp2m_active(model_domain) || !(view = view_at(model_domain, v)) )
        return;
    altp2m_lock(model_domain);
    altp2m_find(model_domain, view, BASE + g, &at);
    if ( at.source.own )
    {
        uint32_t m = *mark_at(mfn_x(page_to_mfn(at.source.own)));
        if ( m != gen[g] )
            FAIL("view %u gfn %lx shows a copy of generation %u, not %u", v,
                 BASE + g, m, gen[g]);
    }
    altp2m_unlock(model_domain);
}

/* A fault of vCPU 0, as hvm_hap_nested_page_fault() */
static void touch(void)
{
    struct vcpu *v = model_domain->vcpu[0];
    struct p2m_domain *p2m = p2m_get_hostp2m(model_domain);
    unsigned long gfn = BASE + rnd(SPAN);
    unsigned int want = 1u << rnd(3), n;
    struct vcpu *was = current;

    for ( n = 0; n < 64; n++ )
    {
        unsigned long source = gfn;
        struct walk w;
        p2m_access_t a; p2m_type_t t; unsigned int order; mfn_t mfn;
        struct npfec npfec = { .read_access = !!(want & 1), .write_access = !!(want & 2),
            .insn_fetch = !!(want & 4), .kind = npfec_kind_with_gla };

        current = v;
        cpu_resume(v);
        w = walk_any(altp2m_root(v) >> 12 & 0xffffffffff, gfn);
        if ( w.end == WALK_OK && !(want & ~w.rights) )
        {
            /* what is reached? */
            if ( altp2m_active(model_domain) )
            {
                struct altp2m_view *view = view_at(model_domain, altp2m_vcpu_idx(v));
                struct altp2m_remap *r = altp2m_remap(view, gfn);
                if ( r && r->own && w.mfn == mfn_x(page_to_mfn(r->own->page)) &&
                     *mark_at(w.mfn) != gen[gfn - BASE] )
                    FAIL("vCPU reaches at gfn %lx a copy of generation %u, not %u", gfn,
                         *mark_at(w.mfn), gen[gfn - BASE]);
            }
            break;
        }
        if ( w.end == WALK_MISCONFIG || (!features.vmx && rnd(2)) )
        {
            if ( features.vmx ? ept_handle_misconfig((uint64_t)gfn << PAGE_SHIFT)
                 : p2m_pt_handle_deferred_changes((uint64_t)gfn << PAGE_SHIFT) > 0 )
                continue;
            if ( features.vmx )
                break;
        }
        npfec.present = w.end == WALK_OK;
        p2m_lock(p2m);
        if ( altp2m_fault_begin(v, gfn << PAGE_SHIFT, 0, npfec, &source) )
        {
            p2m_unlock(p2m);
            continue;
        }
        mfn = get_gfn_type_access(p2m, source, &t, &a,
                altp2m_fault_query(v, gfn << PAGE_SHIFT, P2M_ALLOC |
                                   (want & 2 ? P2M_UNSHARE : 0)), &order);
        if ( altp2m_fault(v, gfn << PAGE_SHIFT, npfec, &a, &order) )
        {
            put_gfn(p2m);
            p2m_unlock(p2m);
            continue;
        }
        altp2m_fault_page(v, gfn << PAGE_SHIFT, &mfn, &t);
        if ( (want & 2) && t == p2m_ram_logdirty && !altp2m_fault_own(v, gfn << PAGE_SHIFT) )
            p2m_change_type_one(model_domain, source, p2m_ram_logdirty, p2m_ram_rw);
        else
            n = 64;
        put_gfn(p2m);
        p2m_unlock(p2m);
    }
    current = was;
    /* an unshare has moved pages of the target's */
    for ( n = 0; n < SPAN; n++ )
    {
        unsigned long before = frame[n];
        check_host(n);
        if ( before && frame[n] && before != frame[n] )
            *mark_at(frame[n]) = *mark_at(before);
    }
}

static struct page_info *holding[4];
static void hold(void)
{
    unsigned int i = rnd(4), v = pick_view();
    struct altp2m_view *view;
    struct altp2m_remap *r;

    if ( holding[i] )
    {
        put_page(holding[i]);
        holding[i] = NULL;
        return;
    }
    if ( !altp2m_active(model_domain) || !(view = view_at(model_domain, v)) )
        return;
    r = altp2m_rb_first(&view->remaps, struct altp2m_remap, by_gfn, m, m->gfn >= BASE + rnd(SPAN));
    if ( r && r->own && get_page(r->own->page, model_domain) )
        holding[i] = r->own->page;
}

static void wild(uint64_t seed, unsigned int nr)
{
    struct step config = { .a = random_u32(&state), .b = random_u32(&state) & 7,
                           .c = 0, .d = rnd(2) ? WORLD_AMD : 0 };
    unsigned int i, g;
    op_t op;

    world_init(&config);
    if ( trace_on ) fprintf(stderr, "amd %d\n", !features.vmx);
    host_set(0x400, frames_at(0x200, 0), 9, p2m_ram_rw, p2m_access_rwx);
    host_set(0x200, frames_at(0, 0), 9, p2m_ram_rw, p2m_access_rwx);
    for ( g = 0; g < SPAN; g++ )
    {
        check_host(g);
        *mark_at(frame[g]) = gen[g];
    }
    op = (op_t){ .cmd = HVMOP_altp2m_set_domain_state, .u.domain_state.state = 1 };
    do_op(&op);
    for ( i = 0; i < nr; i++ )
    {
        unsigned int what = rnd(100);

        steps_done = i;
        if ( !rnd(40) )
            machine.fail_at = 1 + rnd(40);
#define DO(name, call) do { doing_ = name; if ( trace_on ) fprintf(stderr, "%u %s\n", i, name); call; } while ( 0 )
        if ( what < 22 ) DO("patch", op_patch(false));
        else if ( what < 30 ) DO("unpatch", op_patch(true));
        else if ( what < 34 ) DO("refresh", op_refresh());
        else if ( what < 38 ) DO("range", op_range());
        else if ( what < 44 ) DO("apply", op_apply());
        else if ( what < 47 ) DO("change_gfn", op_change_gfn());
        else if ( what < 54 ) DO("views", op_views());
        else if ( what < 58 ) DO("read", op_read());
        else if ( what < 76 ) DO("host", host_change());
        else if ( what < 90 ) DO("touch", touch());
        else if ( what < 93 ) DO("hold", hold());
        else if ( what < 95 ) DO("pool", machine_pool(machine.pool_used + (rnd(2) ? rnd(40) : 2000)));
        else if ( what < 97 )
        {
            altp2m_lock(model_domain);
            altp2m_reclaim(model_domain);
            altp2m_unlock(model_domain);
        }
        else if ( what < 98 && !rnd(40) )
        {
            unsigned int h;
            for ( h = 0; h < 4; h++ )
                if ( holding[h] ) { put_page(holding[h]); holding[h] = NULL; }
            machine.fail_at = 0;
            machine_pool(machine.pool_used + 3000);
            op = (op_t){ .cmd = HVMOP_altp2m_set_domain_state };
            DO("off", do_op(&op));
            op.u.domain_state.state = 1;
            DO("on", do_op(&op));
        }
        else DO("audit", op_audit());
        machine.fail_at = 0;
        if ( !rnd(8) )
            shown(pick_view(), rnd(SPAN));
        DO("(audit)", audit());
        if ( machine.crashed )
            FAIL("%s", "crashed");
    }
    machine_pool(machine.pool_used + 3000);
    op_audit();
    for ( i = 0; i < NVIEWS; i++ )
        for ( g = 0; g < SPAN; g++ )
            shown(i, g);
    for ( i = 0; i < 4; i++ )
        if ( holding[i] ) put_page(holding[i]);
    domain_destroy();
}

int main(int argc, char **argv)
{
    unsigned long first = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
    unsigned long many = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
    unsigned int nr = argc > 3 ? atoi(argv[3]) : 400, failed = 0;
    unsigned long s;

    trace_on = argc > 4;
    for ( s = first; s < first + many; s++ )
    {
        pid_t p;
        int st;

        fflush(stdout);
        p = fork();
        if ( !p )
        {
            limit_time();
            state = s * 0x9e3779b97f4a7c15UL + 1;
            wild(s, nr);
            _exit(0);
        }
        waitpid(p, &st, 0);
        if ( st )
        {
            printf("seed %lu failed: %x\n", s, st);
            failed++;
        }
    }
    printf("%u of %lu failed\n", failed, many);
    return !!failed;
}
