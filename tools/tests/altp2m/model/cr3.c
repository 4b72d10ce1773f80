/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views by CR3: records set, and CR3 loaded, by a guest that runs, or by Xen for a
 * vCPU at rest.  The definition is that of public/hvm/altp2m.h.
 */
#include "step.h"

#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

/* Some differ in bits of a PCID, or in what KPTI has differ, only. */
static const uint64_t values[] = {
    0, 0x1000, 0x2000, 0x2801, 0x3000, 0x1005, 0x123456000, 0x3801,
};
static const uint64_t masks[] = {
    ~0UL, ~0xfffUL, ~0x1fffUL, 0, 0x1000, ~0UL >> 1,
};

static struct vcpu *model_vcpu(unsigned int i)
{
    return model_domain->vcpu[i];
}

/* The view for a vCPU's CR3, as its CPU has it, or XEN_ALTP2M_NO_VIEW. */
static unsigned int wanted_view(unsigned int vcpu)
{
    const struct ref_cr3 *c = &ref.cr3;
    uint64_t cr3 = cpu_cr3(vcpu);
    unsigned int i;

    if ( !c->nr )
        return XEN_ALTP2M_NO_VIEW;
    for ( i = 0; i < c->nr; i++ )
        if ( ((cr3 ^ c->record[i].value) & c->record[i].mask) == 0 )
            return c->record[i].view;

    return c->other;
}

static bool may_see(unsigned int vcpu, unsigned int view)
{
    return ref.view[view].visible && !ref.hidden[vcpu][view];
}

/*
 * A guest that loads CR3 stays on its side of a view that it is in already.  A
 * rule's step is in its own view, and then goes where CR3 says.
 */
static void goes(unsigned int vcpu, bool at_rest)
{
    unsigned int *home = ref_stepped_over(vcpu) ? &ref.step[vcpu].home
                                                : &ref.in[vcpu];
    unsigned int view = wanted_view(vcpu);

    if ( view == XEN_ALTP2M_NO_VIEW ||
         (ref.cr3.by_guest && !may_see(vcpu, view)) ||
         (*home == view && !at_rest) )
        return;
    *home = view;
    if ( ref_stepped_over(vcpu) )
    {
        ref.step[vcpu].executes = false;
        return;
    }
    rule_sent(vcpu);
    ref.executes[vcpu] = false;
}

bool ref_cr3_names(unsigned int view)
{
    unsigned int i;

    for ( i = 0; i < ref.cr3.nr; i++ )
        if ( ref.cr3.record[i].view == view )
            return true;

    return ref.cr3.nr && ref.cr3.other == view;
}

/* By the guest; one in four for a vCPU at rest, by dom0. */
static bool loads_at_rest(struct step s)
{
    return !(s.c & 3);
}

void do_load_cr3(struct step s)
{
    unsigned int vcpu = s.a % NR_VCPUS;
    struct vcpu *v = model_vcpu(vcpu);
    uint64_t cr3 = values[s.b % ARRAY_SIZE(values)];

    if ( loads_at_rest(s) )
    {
        domain_paused(true);
        cpu_restore_cr3(v, cr3);
        domain_paused(false);
    }
    else
        cpu_load_cr3(cpu_of(v), cr3);
    race_said(0, 0);
    goes(vcpu, loads_at_rest(s));
}

struct vcpu *load_cr3_vcpu(struct step s)
{
    return loads_at_rest(s) ? NULL : model_vcpu(s.a % NR_VCPUS);
}

/* What no view has to do with. */
static bool bad(const struct xen_altp2m_cr3_view *r)
{
    return (r->value & ~r->mask) || (r->value >> 63);
}

static int want_named(unsigned int view)
{
    unsigned int i;

    if ( !live(view) )
        return -ENOENT;
    for ( i = 0; caller && i < NR_VCPUS; i++ )
        if ( !may_see(i, view) )
            return -EPERM;

    return 0;
}

/* What setting that is to return, and which record is to be blamed. */
static int want_set(const struct xen_altp2m_cr3_views *p,
                    const struct xen_altp2m_cr3_view *r, unsigned int *failed)
{
    int rc;

    *failed = p->nr;
    if ( p->nr > XEN_ALTP2M_CR3_VIEWS_MAX ||
         (!p->nr && p->other != XEN_ALTP2M_NO_VIEW) )
        return -EINVAL;
    for ( *failed = 0; *failed < p->nr; ++*failed )
        if ( bad(&r[*failed]) )
            return -EINVAL;
    for ( *failed = 0; *failed < p->nr; ++*failed )
        if ( (rc = want_named(r[*failed].view)) != 0 )
            return rc;

    return p->other == XEN_ALTP2M_NO_VIEW ? 0 : want_named(p->other);
}

/* Mostly of the first views: the arguments are the same whatever there is. */
static unsigned int some_view(uint8_t a)
{
    return a & 0xc0 ? a % 3 : view_arg(a);
}

/* a: how many; b: values; c: views; d: masks, the other view, and mistakes */
static unsigned int some_records(struct step s, struct xen_altp2m_cr3_views *p,
                                 struct xen_altp2m_cr3_view *r)
{
    unsigned int i;

    p->nr = s.a % 8 < 6 ? s.a % 8 : 10 + s.a % 8;
    p->other = s.d & 8 ? some_view(s.c >> 1) : XEN_ALTP2M_NO_VIEW;
    for ( i = 0; i < p->nr; i++ )
    {
        r[i] = (struct xen_altp2m_cr3_view){
            .value = values[(s.b + i) % ARRAY_SIZE(values)],
            .mask = masks[((s.d & 7) + i) % ARRAY_SIZE(masks)],
            .view = some_view((s.c & 0xc0) | ((s.c + i) & 0x3f)),
        };
        if ( s.d & 0x70 )
            r[i].value &= r[i].mask;
        else if ( s.d & 0x80 )
            r[i].value |= 1UL << 63;
    }

    return p->nr;
}

/* What was set is read, also with too little room. */
static void check_get(unsigned int room)
{
    op_t op = { .cmd = HVMOP_altp2m_get_cr3_views };
    struct xen_altp2m_cr3_views *p = PARAMETERS(&op, cr3_views);
    const struct xen_altp2m_cr3_view *r = (void *)(guest_memory + 4096);
    const struct ref_cr3 *c = &ref.cr3;

    *p = (struct xen_altp2m_cr3_views){ .nr = room, .buffer = (uintptr_t)r };
    if ( !expect_rc(step_call(&op), refused_for(op.cmd), 0) )
        return;
    if ( p->nr != c->nr ||
         p->other != (c->nr ? c->other : XEN_ALTP2M_NO_VIEW) ||
         memcmp(r, c->record, min(room, c->nr) * sizeof(*r)) )
        FAIL("%u records are said to be set, are %u, and the other view %u",
             p->nr, c->nr, p->other);
}

void do_set_cr3_views(struct step s)
{
    op_t op = { .cmd = HVMOP_altp2m_set_cr3_views };
    struct xen_altp2m_cr3_views *p = PARAMETERS(&op, cr3_views);
    struct xen_altp2m_cr3_view *r = (void *)(guest_memory + 4096);
    unsigned int i, failed = 0, nr = some_records(s, p, r);
    int want;

    p->buffer = (uintptr_t)r;
    want = refused_for(op.cmd) ?: want_set(p, r, &failed);
    if ( expect_rc(step_call(&op), want, 0) )
    {
        ref.cr3 = (struct ref_cr3){ .nr = nr, .other = p->other,
                                    .by_guest = caller };
        memcpy(ref.cr3.record, r, nr * sizeof(*r));
        for ( i = 0; i < NR_VCPUS; i++ )
            goes(i, true);
    }
    else if ( !refused_for(op.cmd) && p->failed != failed )
        FAIL("record %u is said to be wrong, is %u", p->failed, failed);
    check_get(s.b % 20);
}

/* As the code under test has it. */
void ref_cr3_observe(void)
{
    const struct altp2m_cr3 *c = &model_domain->arch.altp2m->cr3;

    ref.cr3 = (struct ref_cr3){ .nr = c->nr, .other = c->other,
                                .by_guest = c->by_guest };
    memcpy(ref.cr3.record, c->record, c->nr * sizeof(c->record[0]));
}

bool ref_cr3_same(const struct ref_cr3 *a, const struct ref_cr3 *b)
{
    return a->nr == b->nr && (!a->nr || (a->other == b->other &&
                                         a->by_guest == b->by_guest)) &&
           !memcmp(a->record, b->record, a->nr * sizeof(a->record[0]));
}

/* Do a monitor's events for CR3 want its writes to exit? */
void monitor_cr3(bool on)
{
    struct domain *d = model_domain;
    struct vcpu *v;

    domain_paused(true);
    d->arch.monitor.write_ctrlreg_enabled =
        on ? monitor_ctrlreg_bitmask(VM_EVENT_X86_CR3) : 0;
    for_each_vcpu ( d, v )
        hvm_update_guest_cr(v, 0);
    domain_paused(false);
}

void check_cr3(void)
{
    bool want = ref.cr3.nr ||
                model_domain->arch.monitor.write_ctrlreg_enabled;
    unsigned int i;

    for ( i = 0; i < NR_VCPUS; i++ )
        if ( cpu_cr3_exits(model_vcpu(i)) != want )
            FAIL("writes of CR3 of vCPU %u %s", i,
                 want ? "do not exit" : "still exit");
}
