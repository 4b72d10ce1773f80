/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: the rule that a violation meets, and what it does.
 *
 * Conditions are about the violation and the current vCPU's registers, never
 * about the guest's memory, which could not be read with the lock held.
 */

#include <asm/hvm/hvm.h>

#include "cpu.h"
#include "log.h"
#include "rules.h"

/* What conditions are about. */
struct violation {
    unsigned long gfn, cr3, rip;  /* rip: a linear address */
    unsigned long gla;            /* if @gla_valid; of no condition */
    unsigned int offset;
    bool gla_valid;
    uint8_t access, walk;         /* as in struct xen_altp2m_rule */
    uint8_t cpl;
};

/* Returns the linear address of the current vCPU's instruction. */
unsigned long altp2m_linear_rip(struct vcpu *v)
{
    unsigned long rip = guest_cpu_user_regs()->rip;
    struct segment_register cs;

    if ( hvm_guest_x86_mode(v) == 8 )
        return rip;

    hvm_get_segment_register(v, x86_seg_cs, &cs);

    return (uint32_t)(cs.base + rip);
}

/*
 * Returns the CPL.  A CPU that can't run a guest in real mode runs it in
 * virtual-8086 mode instead, whose CPL is 3.
 */
static unsigned int find_cpl(struct vcpu *v)
{
    return v->arch.hvm.guest_cr[0] & X86_CR0_PE ? hvm_get_cpl(v) : 0;
}

static struct violation describe(struct vcpu *v, paddr_t gpa,
                                 unsigned long gla, struct npfec npfec)
{
    return (struct violation){
        .gfn = PFN_DOWN(gpa),
        .offset = gpa & ~PAGE_MASK,
        .cr3 = v->arch.hvm.guest_cr[3],
        .rip = altp2m_linear_rip(v),
        .gla = npfec.gla_valid ? gla : 0,
        .gla_valid = npfec.gla_valid,
        .access = npfec.insn_fetch ? XEN_ALTP2M_RULE_FETCH :
                  npfec.write_access ? XEN_ALTP2M_RULE_WRITE :
                                       XEN_ALTP2M_RULE_READ,
        .walk = npfec.kind == npfec_kind_in_gpt ? XEN_ALTP2M_RULE_WALK :
                npfec.kind == npfec_kind_with_gla ? XEN_ALTP2M_RULE_DATA :
                                                    XEN_ALTP2M_RULE_ANY,
        .cpl = find_cpl(v),
    };
}

static bool matches(const struct xen_altp2m_rule *r, const struct violation *x)
{
    return x->gfn - r->gfn < r->count &&
           x->offset >= r->offset && x->offset <= r->offset_last &&
           (x->access & r->access) && (r->cpl & (1u << x->cpl)) &&
           (r->walk == XEN_ALTP2M_RULE_ANY || x->walk == r->walk) &&
           !((x->cr3 ^ r->cr3) & r->cr3_mask) &&
           x->rip >= r->rip && x->rip <= r->rip_last;
}

/*
 * Returns the view that a rule names, or NULL if it is the guest's rule and the
 * guest may not enter that view.
 */
static struct altp2m_view *named(const struct vcpu *v,
                                 const struct altp2m_rules *rules,
                                 unsigned int idx)
{
    struct altp2m_view *view = altp2m_view(v->domain, _view_idx(idx));

    return view && (!rules->by_guest || altp2m_may_enter(v, view)) ? view
                                                                   : NULL;
}

static bool do_once(struct vcpu *v, const struct altp2m_rules *rules,
                    const struct xen_altp2m_rule *r)
{
    struct altp2m_view *view = named(v, rules, r->step_view);

    if ( view )
        altp2m_step_once(v, view);

    return view;
}

/*
 * Returns a number that is another one if a register has changed.  If several
 * have, it may be the same by chance.
 */
static unsigned long digest(const struct cpu_user_regs *r)
{
    const unsigned long values[] = {
        r->rip, r->rsp, r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp,
        r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
    };
    unsigned long state = 0;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(values); i++ )
        state = (state ^ values[i]) * 0x9e3779b97f4a7c15UL;

    return state;
}

/*
 * Puts the vCPU into the rule's view.  If a rule has put it into the view that
 * it is in, and it has not executed an instruction since, the two views may
 * disagree for ever: then it does not.
 */
static bool do_switch(struct vcpu *v, const struct altp2m_rules *rules,
                      const struct xen_altp2m_rule *r)
{
    unsigned long state = digest(guest_cpu_user_regs());
    struct altp2m_vcpu *last = altp2m_vcpu_of(v);
    struct altp2m_view *view;

    if ( last->rule_view == altp2m_vcpu_idx(v) + 1 &&
         last->rule_state == state )
        return rule_steps(r) && do_once(v, rules, r);

    view = named(v, rules, r->view);
    if ( !view )
        return false;

    last->rule_state = state;
    last->rule_view = view->idx + 1;
    altp2m_enter_view(v, view);

    return true;
}

/* Returns the rules that count for the current vCPU, or NULL. */
static struct altp2m_rules *rules_of(const struct vcpu *v)
{
    struct domain *d = v->domain;
    struct altp2m_rules *rules = altp2m_active(d)
                                 ? altp2m_rules(d->arch.altp2m,
                                                altp2m_vcpu_idx(v)) : NULL;

    return rules && !altp2m_stepped_over(v) ? rules : NULL;
}

/* Logs a hit of @r, a rule of view @idx. */
static void log_hit(const struct vcpu *v, const struct xen_altp2m_rule *r,
                    const struct violation *x, unsigned int idx)
{
    struct xen_altp2m_log_record record = {
        .gfn = x->gfn, .gla = x->gla, .rip = x->rip, .cr3 = x->cr3,
        .cookie = r->cookie, .view = idx, .vcpu = v->vcpu_id,
        .offset = x->offset, .access = x->access,
        .flags = x->cpl | (x->walk << 2) |
                 (x->gla_valid ? XEN_ALTP2M_LOG_GLA : 0),
    };

    altp2m_log_write(v->domain, &record);
}

/* altp2m_rule(), with @x as it is and @rules that count. */
static bool meet(struct vcpu *v, struct altp2m_rules *rules,
                 const struct violation *x, bool last)
{
    unsigned int i, idx = altp2m_vcpu_idx(v);
    bool done = false;

    for ( i = 0; i < rules->nr; i++ )
    {
        struct xen_altp2m_rule *r = &rules->rule[i];

        if ( !matches(r, x) )
            continue;

        if ( r->action == XEN_ALTP2M_RULE_SWITCH )
            done = do_switch(v, rules, r);
        else if ( r->action == XEN_ALTP2M_RULE_ONCE )
            done = do_once(v, rules, r);
        if ( done || last )
        {
            r->hits++;
            if ( r->flags & XEN_ALTP2M_RULE_LOG )
                log_hit(v, r, x, idx);
        }
        altp2m_settle(v->domain);
        break;
    }

    return done;
}

/*
 * Does what the rules of the current vCPU's view say about a violation at @gpa.
 * Returns true if the guest is to try again, false if the violation is to be
 * reported, or not to be let through: then the rule counts it if @last.  With
 * @last false the caller will ask once more.  Lock held.
 */
bool altp2m_rule(struct vcpu *v, paddr_t gpa, unsigned long gla,
                 struct npfec npfec, bool last)
{
    struct altp2m_rules *rules = rules_of(v);
    struct violation x;

    if ( !rules )
        return false;

    x = describe(v, gpa, gla, npfec);

    return meet(v, rules, &x, last);
}

/* altp2m_rule(), of a breakpoint that the view has at @gpa. */
bool altp2m_rule_breakpoint(struct vcpu *v, paddr_t gpa)
{
    struct altp2m_rules *rules = rules_of(v);
    struct violation x;

    if ( !rules )
        return false;

    x = describe(v, gpa, altp2m_linear_rip(v),
                 (struct npfec){ .insn_fetch = 1, .gla_valid = 1,
                                 .kind = npfec_kind_with_gla });
    x.access = XEN_ALTP2M_RULE_BREAKPOINT;

    return meet(v, rules, &x, true);
}
