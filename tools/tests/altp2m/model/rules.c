/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules of views: which one a violation meets, what it does, and how a step that
 * it begins ends.  Foretold from the reference model, which is changed so.
 */
#include "step.h"

unsigned int touch_offset;
unsigned long touch_gla;

#define RECORDS ((struct xen_altp2m_rule *)(guest_memory + 4096))

/* ---- what they do ---- */

static bool steps(const struct xen_altp2m_rule *r)
{
    return r->action == XEN_ALTP2M_RULE_ONCE ||
           (r->flags & XEN_ALTP2M_RULE_ELSE_ONCE);
}

/* Outside of 64-bit code, an offset in CS. */
static unsigned long touch_linear(void)
{
    unsigned long rip = guest_cpu_user_regs()->rip;

    return instruction_mode == 8 ? rip : (uint32_t)(instruction_cs + rip);
}

static unsigned int cpl_of(const struct vcpu *v)
{
    return v->arch.hvm.guest_cr[0] & X86_CR0_PE ? instruction_cpl : 0;
}

static bool holds(const struct xen_altp2m_rule *r, unsigned long gfn,
                  const struct vcpu *v, struct npfec npfec)
{
    unsigned long rip = touch_linear();
    uint8_t access = npfec.insn_fetch ? 4 : npfec.write_access ? 2 : 1;

    if ( gfn < r->gfn || gfn > r->gfn + (r->count - 1) )
        return false;
    if ( touch_offset < r->offset || touch_offset > r->offset_last )
        return false;
    if ( r->walk == 1 && npfec.kind != npfec_kind_with_gla )
        return false;
    if ( r->walk == 2 && npfec.kind != npfec_kind_in_gpt )
        return false;
    if ( (cpu_cr3(v->vcpu_id) & r->cr3_mask) != r->cr3 )
        return false;

    return (r->access & access) && (r->cpl >> cpl_of(v) & 1) &&
           rip >= r->rip && rip <= r->rip_last;
}

/* Does the guest's own rule lead to a view that it may not enter? */
static bool forbidden(unsigned int vcpu, const struct ref_view *of,
                      unsigned int view)
{
    return of->by_guest &&
           (!ref.view[view].visible || ref.hidden[vcpu][view]);
}

bool ref_stepped_over(unsigned int vcpu)
{
    return ref.step[vcpu].on && ref.step[vcpu].view == ref.in[vcpu];
}

/* A vCPU that enters a view is on its data side. */
static void enters(unsigned int vcpu, unsigned int view)
{
    ref.in[vcpu] = view;
    ref.executes[vcpu] = false;
}

static bool foretold_step(unsigned int vcpu, const struct ref_view *of,
                          unsigned int view)
{
    if ( forbidden(vcpu, of, view) )
        return false;
    ref.step[vcpu] = (struct ref_step){
        .on = true, .home = ref.in[vcpu], .view = view,
        .executes = ref.executes[vcpu] };
    enters(vcpu, view);

    return true;
}

static bool foretold(const struct vcpu *v, unsigned long gfn,
                     struct npfec npfec)
{
    unsigned int vcpu = v->vcpu_id, i;
    struct ref_view *of = &ref.view[ref.in[vcpu]];
    struct ref_switched *last = &ref.switched[vcpu];
    struct xen_altp2m_rule *r;

    if ( ref_stepped_over(vcpu) )
        return false;
    for ( i = 0; i < of->nr_rules && !holds(&of->rule[i], gfn, v, npfec); i++ )
        ;
    if ( i == of->nr_rules )
        return false;
    r = &of->rule[i];
    r->hits++;
    if ( r->flags & XEN_ALTP2M_RULE_LOG )
        log_hit(&(struct xen_altp2m_log_record){
            .gfn = gfn, .gla = touch_gla, .rip = touch_linear(),
            .cr3 = cpu_cr3(vcpu), .cookie = r->cookie, .view = ref.in[vcpu],
            .vcpu = vcpu, .offset = touch_offset,
            .access = npfec.insn_fetch ? 4 : npfec.write_access ? 2 : 1,
            .flags = cpl_of(v) | (touch_gla ? 16 : 0) |
                     (npfec.kind == npfec_kind_in_gpt ? 8 :
                      npfec.kind == npfec_kind_with_gla ? 4 : 0),
        });
    switch ( r->action )
    {
    case XEN_ALTP2M_RULE_ONCE:
        return foretold_step(vcpu, of, r->step_view);

    case XEN_ALTP2M_RULE_SWITCH:
        if ( last->on && last->view == ref.in[vcpu] &&
             !memcmp(&last->regs, guest_cpu_user_regs(), sizeof(last->regs)) )
            return steps(r) && foretold_step(vcpu, of, r->step_view);
        if ( forbidden(vcpu, of, r->view) )
            return false;
        *last = (struct ref_switched){ true, r->view, *guest_cpu_user_regs() };
        enters(vcpu, r->view);
        return true;

    default:
        return false;
    }
}

/*
 * A violation has come to rules.  Returns whether one of them was to handle it:
 * the vCPU is where that leads to.
 */
bool rule_handles(struct vcpu *v, unsigned long gfn, struct npfec npfec)
{
    unsigned int was = ref.in[v->vcpu_id];
    bool want = foretold(v, gfn, npfec);

    if ( altp2m_vcpu_idx(v) != ref.in[v->vcpu_id] )
        FAIL("view %u gfn %lx: a rule leads to view %u, not %u", was, gfn,
             altp2m_vcpu_idx(v), ref.in[v->vcpu_id]);

    return want;
}

/* A violation comes to rules.  Returns whether the guest is to try again. */
bool rule_met(struct vcpu *v, unsigned long gfn, struct npfec npfec)
{
    bool done = altp2m_rule(v, (gfn << PAGE_SHIFT) | touch_offset, touch_gla,
                            npfec, true);

    if ( done != rule_handles(v, gfn, npfec) )
        FAIL("gfn %lx: a rule is %s", gfn,
             done ? "done that should not be" : "not done");

    return done;
}

/* Somebody has put a vCPU into a view: it does not come back by a rule. */
void rule_sent(unsigned int vcpu)
{
    ref.step[vcpu].on = false;
    ref.switched[vcpu].on = false;
}

/*
 * The vCPU has come to @rip.  If it has begun on the execute side, and is on the
 * same page, it goes back there; unless that side was freed meanwhile.
 */
static void ref_step_ends(unsigned int vcpu, unsigned long rip)
{
    struct ref_step *s = &ref.step[vcpu];

    if ( ref_stepped_over(vcpu) )
    {
        enters(vcpu, s->home);
        ref.executes[vcpu] =
            s->executes && s->rip >> PAGE_SHIFT == rip >> PAGE_SHIFT &&
            side_at(model_domain, s->home, SIDE_EXECUTE) != ~0UL;
    }
    s->on = false;
}

/* A vCPU enters the guest, and is stepped. */
void rule_enters(struct vcpu *v)
{
    struct ref_step *s = &ref.step[v->vcpu_id];
    struct vcpu *was = current;
    unsigned long rip;

    current = v;
    rip = guest_cpu_user_regs()->rip;
    hvm_step_enters(v);
    if ( s->on && s->entered && s->rip != rip )
        ref_step_ends(v->vcpu_id, rip);
    else
    {
        s->entered = true;
        s->rip = rip;
    }
    current = was;
}

/* It has executed an instruction. */
void rule_traps(struct vcpu *v)
{
    struct vcpu *was = current;
    unsigned long rip;

    current = v;
    rip = guest_cpu_user_regs()->rip;
    hvm_step_done();
    current = was;
    ref_step_ends(v->vcpu_id, rip);
}

/* Does a rule name the view, or is a vCPU to come back to it? */
bool ref_named(unsigned int view)
{
    unsigned int i, j;

    for ( i = 0; i < NR_VCPUS; i++ )
        if ( ref.step[i].on && ref.step[i].home == view )
            return true;
    for ( i = 0; i < NR_VIEWS; i++ )
        for ( j = 0; j < ref.view[i].nr_rules; j++ )
        {
            const struct xen_altp2m_rule *r = &ref.view[i].rule[j];

            if ( (r->action == XEN_ALTP2M_RULE_SWITCH && r->view == view) ||
                 (steps(r) && r->step_view == view) )
                return true;
        }

    return false;
}

/* ---- setting and reading them ---- */

/* Mostly one that is there, and isn't @but. */
static unsigned int some_view(uint64_t *state, unsigned int but)
{
    unsigned int i, view = 0;

    for ( i = 0; i < 6; i++ )
    {
        view = view_arg(random_u32(state));
        if ( live(view) && view != but )
            break;
    }

    return view;
}

static struct xen_altp2m_rule some_rule(uint64_t *state, unsigned int view)
{
    static const uint64_t rips[] = { 0, 0, 0x10000010, 0x10000100 };
    struct xen_altp2m_rule r = {
        .gfn = gfns[random_u32(state) % NR_GFNS],
        .count = random_u32(state) & 1 ? 1 : 0x200,
        .offset_last = random_u32(state) & 3 ? 0xfff : 0x7ff,
        .rip = rips[random_u32(state) % 4], .rip_last = XEN_ALTP2M_NONE,
        .access = 1 + random_u32(state) % 7,
        .walk = random_u32(state) & 3 ? 0 : 1 + (random_u32(state) & 1),
        .cpl = random_u32(state) & 3 ? 0xf : 1u << (random_u32(state) % 4),
        .action = 1 + (random_u32(state) % 7 + 1) / 3,
        .hits = random_u32(state),
    };

    if ( random_u32(state) & 3 )
        r.gfn = 0;
    r.count = min_t(uint64_t, r.gfn ? r.count : MAX_GFN + 1, MAX_GFN - r.gfn + 1);
    if ( !(random_u32(state) & 3) )
    {
        r.cr3_mask = ~0xfffUL;
        r.cr3 = random_u32(state) % 2 << 12;
    }
    if ( r.action == XEN_ALTP2M_RULE_SWITCH )
    {
        r.view = some_view(state, view);
        r.flags = random_u32(state) & 1;
    }
    if ( steps(&r) )
        r.step_view = some_view(state, view);
    if ( !(random_u32(state) % 3) )
    {
        r.flags |= XEN_ALTP2M_RULE_LOG;
        r.cookie = random_u32(state);
    }

    return r;
}

/* What is wrong with a rule by itself. */
static int rule_rc(const struct xen_altp2m_rule *r, unsigned int view)
{
    if ( r->action == XEN_ALTP2M_RULE_SWITCH && r->view == view )
        return -EINVAL;
    if ( steps(r) && r->step_view == view )
        return -EINVAL;

    return caller && (r->action == XEN_ALTP2M_RULE_EVENT ||
                      (r->flags & XEN_ALTP2M_RULE_LOG)) ? -EPERM : 0;
}

static int named_rc(unsigned int view)
{
    return !live(view) ? -ENOENT
                       : caller && !ref.view[view].visible ? -EPERM : 0;
}

static int views_rc(const struct xen_altp2m_rule *r)
{
    int rc = 0;

    if ( r->action == XEN_ALTP2M_RULE_SWITCH )
        rc = named_rc(r->view);
    if ( !rc && steps(r) )
        rc = named_rc(r->step_view);

    return rc;
}

void do_rules(struct step s)
{
    unsigned int view = s.a & 0x80 ? view_arg(s.a) : ref.in[s.a % NR_VCPUS];
    unsigned int nr = s.b % (4 * REF_RULES + 1) % (REF_RULES + 1), i;
    unsigned int before = machine.refused, failed = nr;
    uint64_t state = s.c << 8 | s.d;
    op_t op = { .cmd = HVMOP_altp2m_set_rules };
    struct xen_altp2m_set_rules *p = (void *)&op.u;
    int want = refused_for(op.cmd), rc;

    *p = (struct xen_altp2m_set_rules){ .view = view, .nr = nr,
                                        .buffer = (uintptr_t)RECORDS };
    for ( i = 0; i < nr; i++ )
        RECORDS[i] = some_rule(&state, view);
    for ( i = 0; i < nr && !want; i++ )
    {
        want = rule_rc(&RECORDS[i], view);
        failed = want ? i : nr;
    }
    want = want ?: live(view) ? 0 : -ENOENT;
    for ( i = 0; i < nr && !want; i++ )
    {
        want = views_rc(&RECORDS[i]);
        failed = want ? i : nr;
    }

    rc = step_call(&op);
    if ( expect_rc(rc, want, before) )
    {
        ref.view[view].nr_rules = nr;
        ref.view[view].by_guest = caller;
        memcpy(ref.view[view].rule, RECORDS, nr * sizeof(*RECORDS));
        for ( i = 0; i < nr; i++ )
            ref.view[view].rule[i].hits = 0;
        failed = nr;
    }
    else if ( rc == -ENOMEM || refused_for(op.cmd) )
        return;
    if ( p->failed != failed )
        FAIL("rule %u is said to be wrong, is %u", p->failed, failed);
}

void do_read_rules(struct step s)
{
    unsigned int view = view_arg(s.a), room = 1 + s.b % 4, i = 0;
    op_t op = { .cmd = HVMOP_altp2m_read_rules };
    struct xen_altp2m_read *p = (void *)&op.u;
    int want = refused_for(op.cmd) ?: live(view) ? 0 : -ENOENT;

    for ( ; p->next != XEN_ALTP2M_NONE; i += p->nr )
    {
        *p = (struct xen_altp2m_read){ .view = view, .room = room,
                                       .buffer = (uintptr_t)RECORDS,
                                       .next = p->next };
        if ( !expect_rc(step_call(&op), want, 0) )
            return;
        if ( i + p->nr > ref.view[view].nr_rules ||
             memcmp(RECORDS, &ref.view[view].rule[i],
                    p->nr * sizeof(*RECORDS)) )
            FAIL("view %u has other rules", view);
    }
    if ( i != ref.view[view].nr_rules )
        FAIL("view %u is said to have %u rules", view, i);
}

/* ---- where two have done something at once ---- */

/* May an access meet a rule, or end a step? */
bool ref_ruled(void)
{
    unsigned int i;

    for ( i = 0; i < NR_VCPUS; i++ )
        if ( ref.step[i].on )
            return true;
    for ( i = 0; i < NR_VIEWS; i++ )
        if ( ref.view[i].nr_rules )
            return true;

    return false;
}
