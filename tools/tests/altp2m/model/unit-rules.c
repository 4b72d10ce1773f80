/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit tests: rules of views, and what of violations they are about. */
#include "unit.h"

#define V(n) (model_domain->vcpu[n])
#define RULES ((struct xen_altp2m_rule *)buffer())
#define R 1u
#define W 2u
#define X 4u
/* A page that views hide, and another. */
#define GFN 0x200u
#define OTHER 0x201u

/* All accesses to a page, whoever makes them. */
static struct xen_altp2m_rule rule(uint64_t gfn, uint8_t action)
{
    return (struct xen_altp2m_rule){
        .gfn = gfn, .count = 1, .offset_last = 0xfff, .rip_last = ~0UL,
        .access = 7, .cpl = 0xf, .action = action,
    };
}

static struct xen_altp2m_rule to(uint64_t gfn, unsigned int view)
{
    struct xen_altp2m_rule r = rule(gfn, XEN_ALTP2M_RULE_SWITCH);

    r.view = view;

    return r;
}

static struct xen_altp2m_rule in(uint64_t gfn, unsigned int view)
{
    struct xen_altp2m_rule r = rule(gfn, XEN_ALTP2M_RULE_ONCE);

    r.step_view = view;

    return r;
}

/* Sets the first @nr of RULES; *@failed is what the caller is told. */
static int set(unsigned int view, unsigned int nr, unsigned int *failed)
{
    op_t op = op_of(HVMOP_altp2m_set_rules);
    int rc;

    *PARAMETERS(&op, set_rules) = (struct xen_altp2m_set_rules){
        .view = view, .nr = nr, .buffer = (uintptr_t)buffer() };
    rc = raw(&op);
    *failed = PARAMETERS(&op, set_rules)->failed;

    return rc;
}

/* The only rule of a view. */
static int set_one(unsigned int view, struct xen_altp2m_rule r)
{
    unsigned int failed;
    int rc;

    RULES[0] = r;
    rc = set(view, 1, &failed);
    EXPECT(failed, rc && rc != -ENOMEM ? 0 : 1);
    if ( !rc )
    {
        ref.view[view].nr_rules = 1;
        ref.view[view].by_guest = current->domain == model_domain;
        ref.view[view].rule[0] = r;
        ref.view[view].rule[0].hits = 0;
    }

    return rc;
}

static void no_rules(unsigned int view)
{
    unsigned int failed;

    EXPECT(set(view, 0, &failed), 0);
    ref.view[view].nr_rules = 0;
}

static uint64_t hits(unsigned int view)
{
    op_t op = read_op(HVMOP_altp2m_read_rules, view, 1);

    EXPECT(once(&op), 0);

    return PARAMETERS(&op, read)->nr ? RULES[0].hits : ~0UL;
}

static void access(unsigned int view, unsigned int gfn, uint8_t access)
{
    step("access", view, gfn_number(gfn), access, 0);
}

/* Views 1 to 3; view 1 lets GFN be executed only, and vCPU 0 is there. */
static void world(void)
{
    two_views();
    step("create", XENMEM_access_rwx, 0, 0, 0);
    access(1, GFN, XENMEM_access_n);
    step("reply", 1, 0, 0, 0);
    monitor_listens = true;
}

static void at(unsigned long rip)
{
    touch_rip = rip;
}

static int touch(unsigned int gfn, unsigned int want)
{
    return cpu_touch(cpu_of(V(0)), gfn, want);
}

static void is_in(unsigned int view)
{
    EXPECT(altp2m_vcpu_idx(V(0)), view);
    EXPECT(V(0)->arch.hvm.single_step, false);
}

/* ---- what they do ---- */

static void test_switch(void)
{
    world();
    EXPECT(touch(GFN, R), TOUCH_VIOLATION);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    EXPECT(hits(1), 1);
    step("reply", 1, 0, 0, 0);
    no_rules(1);
    EXPECT(hits(1), ~0UL);
    EXPECT(touch(GFN, R), TOUCH_VIOLATION);
    is_in(1);
}

static void test_once(void)
{
    world();
    EXPECT(set_one(1, in(GFN, 2)), 0);
    EXPECT(touch(GFN, W), TOUCH_OK);
    is_in(1);
    EXPECT(touch(GFN, W), TOUCH_OK);
    is_in(1);
    EXPECT(hits(1), 2);
    EXPECT(step_events, 0);
    EXPECT(debugger_pauses, 0);
}

/* An event is what there is without a rule; but it is counted, and found first. */
static void test_event(void)
{
    unsigned int failed;

    world();
    RULES[0] = rule(GFN, XEN_ALTP2M_RULE_EVENT);
    RULES[0].access = XEN_ALTP2M_RULE_WRITE;
    RULES[1] = to(GFN, 2);
    memcpy(ref.view[1].rule, RULES, 2 * sizeof(*RULES));
    EXPECT(set(1, 2, &failed), 0);
    EXPECT(failed, 2);
    ref.view[1].nr_rules = 2;
    EXPECT(touch(GFN, W), TOUCH_VIOLATION);
    is_in(1);
    EXPECT(hits(1), 1);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    EXPECT(hits(1), 1);
}

/*
 * A violation in a step is reported, as the step is there for what the rule lets
 * through; it is the step's view that has it.
 */
static void test_in_step(void)
{
    world();
    access(2, OTHER, XENMEM_access_n);
    EXPECT(set_one(1, in(GFN, 2)), 0);
    EXPECT(set_one(2, to(OTHER, 3)), 0);
    at(0x1000);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(1);

    /* One instruction reads both. */
    access(1, OTHER, XENMEM_access_rwx);
    access(2, GFN, XENMEM_access_r);
    EXPECT(set_one(1, in(GFN, 2)), 0);
    EXPECT(touch(GFN, W), TOUCH_VIOLATION);
    EXPECT(altp2m_vcpu_idx(V(0)), 2);
    EXPECT(touch(OTHER, R), TOUCH_VIOLATION);
    EXPECT(altp2m_vcpu_idx(V(0)), 2);
    EXPECT(hits(2), 0);
    /* The monitor has carried it out. */
    at(0x1003);
    EXPECT(touch(OTHER, R), TOUCH_OK);
    is_in(1);
}

/*
 * Where two views disagree the guest would go to and fro for ever: code on a page
 * with other bytes reads that page, or goes on beyond its end.  It is reported, or
 * stepped.
 */
static void test_to_and_fro(void)
{
    struct xen_altp2m_rule r = to(GFN, 2);

    world();
    access(2, GFN, XENMEM_access_r);
    EXPECT(set_one(1, r), 0);
    EXPECT(set_one(2, to(GFN, 1)), 0);
    at(0x1000);
    EXPECT(touch(GFN, W), TOUCH_VIOLATION);
    is_in(2);
    EXPECT(hits(1), 1);
    EXPECT(hits(2), 1);
    /* It goes on elsewhere. */
    at(0x1002);
    EXPECT(touch(GFN, W), TOUCH_VIOLATION);
    is_in(1);
    step("reply", 1, 0, 0, 0);

    r = to(GFN, 1);
    r.flags = XEN_ALTP2M_RULE_ELSE_ONCE;
    r.step_view = 3;
    EXPECT(set_one(2, r), 0);
    at(0x1004);
    EXPECT(touch(GFN, W), TOUCH_OK);
    is_in(2);

    /* Who came to the view in another way is switched. */
    step("reply", 1, 0, 0, 0);
    at(0x1006);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    step("reply", 1, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
}

/* The registers of vCPU 0. */
static struct cpu_user_regs *regs(void)
{
    struct cpu_user_regs *r;

    caller_is(V(0));
    r = guest_cpu_user_regs();
    caller_is(NULL);

    return r;
}

/*
 * An instruction that is executed again, in the view that it was switched to,
 * meets a page that only the other view lets it have: it goes back.
 */
static void test_goes_on(void)
{
    world();
    access(2, OTHER, XENMEM_access_n);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    EXPECT(set_one(2, to(OTHER, 1)), 0);
    at(0x1000);
    regs()->rcx = 2;
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    regs()->rcx = 1;
    EXPECT(touch(OTHER, R), TOUCH_OK);
    is_in(1);

    /* It was not a rule that put the vCPU there last. */
    regs()->rcx = 0;
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    step("reply", 1, 0, 0, 0);
    step("reply", 2, 0, 0, 0);
    EXPECT(touch(OTHER, R), TOUCH_OK);
    is_in(1);

    /* Nor does one count that was undone by VMFUNC. */
    regs()->rcx = 3;
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    step("set-vmfunc", 0, 0, 1, 0);
    step("vmfunc", 1, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
}

/* Does vCPU 0's read of GFN end before Xen reads the host's entry? */
static bool ends_at_once(void)
{
    const struct npfec npfec = { .read_access = 1 };
    unsigned long gfn = GFN;
    p2m_access_t a;
    unsigned int order;
    bool done;

    current = V(0);
    done = altp2m_view_fault_begin(V(0), GFN << PAGE_SHIFT, 0, npfec, &gfn);
    if ( !done )
        altp2m_fault(V(0), GFN << PAGE_SHIFT, npfec, p2m_ram_rw, &a,
                          &order);
    caller_is(NULL);

    return done;
}

/* Rules are asked before a right is promoted, and at once. */
static void test_at_once(void)
{
    world();
    EXPECT(set_one(1, to(GFN, 2)), 0);
    EXPECT(ends_at_once(), true);
    is_in(2);
    ref.in[0] = 2;
    EXPECT(hits(1), 1);

    monitor_listens = false;
    step("reply", 1, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    EXPECT(hits(1), 2);
    step("ask", 1, gfn_number(GFN), 0, 0);
}

/* So they are of an own page, whatever the host has there. */
static void test_at_once_own(void)
{
    world();
    step("patch", 1, gfn_number(GFN), 0, 3);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    EXPECT(ends_at_once(), true);
    is_in(2);
    ref.in[0] = 2;

    step("reply", 1, 0, 0, 0);
    EXPECT(host_set(GFN, host_fact(GFN).mfn, 0, p2m_ram_logdirty,
                    p2m_access_rwx), 0);
    EXPECT(ends_at_once(), true);
    is_in(2);
    ref.in[0] = 2;
    EXPECT(hits(1), 2);

    /* Also where code on it is executed on another side. */
    access(1, GFN, XENMEM_access_x);
    step("reply", 1, 0, 0, 0);
    EXPECT(ends_at_once(), true);
    is_in(2);
    ref.in[0] = 2;

    /* The guest's own ROM is Xen's. */
    step("reply", 1, 0, 0, 0);
    EXPECT(host_set(GFN, host_fact(GFN).mfn, 0, p2m_ram_ro, p2m_access_rwx), 0);
    EXPECT(ends_at_once(), false);
    is_in(1);
}

/* By its first page an instruction is executed in one view, by its last in another. */
static void test_across_pages(void)
{
    world();
    access(2, OTHER, XENMEM_access_n);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    EXPECT(set_one(2, to(OTHER, 1)), 0);
    at(0x1ffe);
    EXPECT(touch(GFN, X), TOUCH_OK);
    is_in(2);
    EXPECT(touch(OTHER, X), TOUCH_VIOLATION);
    is_in(2);
}

/* Without a monitor what is reported is let through, as it is without rules. */
static void test_no_monitor(void)
{
    world();
    EXPECT(set_one(1, rule(GFN, XEN_ALTP2M_RULE_EVENT)), 0);
    monitor_listens = false;
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(1);
    EXPECT(hits(1), 1);
}

/* View 0 has rules like others, also without tables of its own. */
static void test_view_0(void)
{
    world();
    step("reply", 0, 0, 0, 0);
    step("host-access", gfn_number(GFN), 0, 0, 0);
    access(2, GFN, XENMEM_access_rwx);
    EXPECT(set_one(0, to(GFN, 2)), 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
}

/* ---- what they are about ---- */

/* Has the only rule of view 1, with these fields changed, vCPU 0 switch? */
#define MET(field, value, gfn, want) ({                                 \
    struct xen_altp2m_rule r_ = to(GFN, 2);                             \
    r_.field = (value);                                                 \
    EXPECT(set_one(1, r_), 0);                                          \
    step("reply", 1, 0, 0, 0);                                          \
    cpu_touch(cpu_of(V(0)), gfn, want);                                 \
    altp2m_vcpu_idx(V(0)) == 2; })

static void test_conditions(void)
{
    struct xen_altp2m_rule r;

    world();
    access(1, OTHER, XENMEM_access_n);
    EXPECT(MET(gfn, GFN, GFN, R), true);
    EXPECT(MET(gfn, GFN, OTHER, R), false);
    EXPECT(MET(count, 2, OTHER, R), true);
    EXPECT(MET(gfn, OTHER, GFN, R), false);

    EXPECT(MET(access, R, GFN, R), true);
    EXPECT(MET(access, R, GFN, W), false);
    EXPECT(MET(access, R, GFN, X), false);
    EXPECT(MET(access, W, GFN, W), true);
    EXPECT(MET(access, X, GFN, X), true);
    EXPECT(MET(access, R | X, GFN, W), false);

    touch_offset = 0x800;
    EXPECT(MET(offset, 0x800, GFN, R), true);
    EXPECT(MET(offset, 0x801, GFN, R), false);
    EXPECT(MET(offset_last, 0x800, GFN, R), true);
    EXPECT(MET(offset_last, 0x7ff, GFN, R), false);
    touch_offset = 0;

    instruction_cpl = 3;
    EXPECT(MET(cpl, 8, GFN, R), true);
    EXPECT(MET(cpl, 7, GFN, R), false);
    instruction_cpl = 0;
    EXPECT(MET(cpl, 1, GFN, R), true);

    at(0x1000);
    EXPECT(MET(rip, 0x1000, GFN, R), true);
    EXPECT(MET(rip, 0x1001, GFN, R), false);
    EXPECT(MET(rip_last, 0x1000, GFN, R), true);
    EXPECT(MET(rip_last, 0xfff, GFN, R), false);

    /* Outside of 64-bit code it is an offset in CS. */
    instruction_mode = 4;
    instruction_cs = 0xfff00000;
    EXPECT(MET(rip, 0xfff01000, GFN, R), true);
    EXPECT(MET(rip_last, 0x1000, GFN, R), false);
    at(0x100010);
    EXPECT(MET(rip_last, 0x10, GFN, R), true);
    instruction_mode = 8;
    EXPECT(MET(rip_last, 0x10, GFN, R), false);
    EXPECT(MET(rip_last, 0x100010, GFN, R), true);
    at(0x1000);

    /* A CPU that has no real mode tells CPL 3 of it. */
    instruction_cpl = 3;
    V(0)->arch.hvm.guest_cr[0] &= ~X86_CR0_PE;
    EXPECT(MET(cpl, 1, GFN, R), true);
    EXPECT(MET(cpl, 8, GFN, R), false);
    V(0)->arch.hvm.guest_cr[0] |= X86_CR0_PE;
    instruction_cpl = 0;

    EXPECT(MET(walk, XEN_ALTP2M_RULE_DATA, GFN, R), true);
    EXPECT(MET(walk, XEN_ALTP2M_RULE_WALK, GFN, R), false);

    cpu_load_cr3(0, 0x5007);
    r = to(GFN, 2);
    r.cr3_mask = ~0xfffUL;
    r.cr3 = 0x5000;
    EXPECT(set_one(1, r), 0);
    step("reply", 1, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    cpu_load_cr3(0, 0x4000);
    step("reply", 1, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_VIOLATION);
}

/* Does a rule that is about @access, of one that may be any, meet @npfec? */
static bool meets(uint8_t access, unsigned int walk, struct npfec npfec)
{
    struct xen_altp2m_rule r = to(GFN, 2);
    bool done;

    r.access = access;
    r.walk = walk;
    EXPECT(set_one(1, r), 0);
    caller_is(V(0));
    altp2m_lock(model_domain);
    done = altp2m_rule(V(0), GFN << PAGE_SHIFT, 0, npfec, true);
    altp2m_unlock(model_domain);
    caller_is(NULL);
    step("reply", 1, 0, 0, 0);

    return done;
}

/* Xen says of a write that it reads, too, on AMD of all but fetches. */
static void test_one_access(void)
{
    const struct npfec write = { .read_access = 1, .write_access = 1 };
    const struct npfec fetch = { .read_access = 1, .insn_fetch = 1 };

    world();
    EXPECT(meets(W, 0, write), true);
    EXPECT(meets(R, 0, write), false);
    EXPECT(meets(X, 0, fetch), true);
    EXPECT(meets(R | W, 0, fetch), false);
}

/* What a CPU does not tell is neither a walk nor the instruction's own. */
static void test_kind_unknown(void)
{
    const struct npfec npfec = { .read_access = 1 };

    world();
    EXPECT(meets(R, XEN_ALTP2M_RULE_ANY, npfec), true);
    EXPECT(meets(R, XEN_ALTP2M_RULE_DATA, npfec), false);
    EXPECT(meets(R, XEN_ALTP2M_RULE_WALK, npfec), false);
}

/* ---- setting them ---- */

/* What a rule with this field is refused with. */
#define REFUSED(base, field, value) ({                                  \
    struct xen_altp2m_rule r_ = (base);                                 \
    r_.field = (value);                                                 \
    set_one(1, r_); })

static void test_refused(void)
{
    struct xen_altp2m_rule e = rule(GFN, XEN_ALTP2M_RULE_EVENT), s = to(GFN, 2);
    struct xen_altp2m_rule o = in(GFN, 2);

    world();
    EXPECT(REFUSED(e, gfn, MAX_GFN + 1), -EINVAL);
    EXPECT(REFUSED(e, count, 0), -EINVAL);
    EXPECT(REFUSED(e, count, MAX_GFN - GFN + 2), -EINVAL);
    EXPECT(REFUSED(e, count, ~0UL), -EINVAL);
    EXPECT(REFUSED(e, offset_last, 0x1000), -EINVAL);
    e.offset_last = 0x10;
    EXPECT(REFUSED(e, offset, 0x11), -EINVAL);
    EXPECT(REFUSED(e, access, 0), -EINVAL);
    EXPECT(REFUSED(e, access, 0x10), -EINVAL);
    EXPECT(REFUSED(e, walk, 3), -EINVAL);
    EXPECT(REFUSED(e, cpl, 0), -EINVAL);
    EXPECT(REFUSED(e, cpl, 0x10), -EINVAL);
    EXPECT(REFUSED(e, cr3, 1), -EINVAL);
    e.rip_last = 0x10;
    EXPECT(REFUSED(e, rip, 0x11), -EINVAL);
    EXPECT(REFUSED(e, action, 0), -EINVAL);
    EXPECT(REFUSED(e, action, 4), -EINVAL);
    EXPECT(REFUSED(e, view, 2), -EINVAL);
    EXPECT(REFUSED(e, step_view, 2), -EINVAL);
    EXPECT(REFUSED(e, flags, 1), -EINVAL);
    EXPECT(REFUSED(e, pad1, 1), -EINVAL);
    EXPECT(REFUSED(e, cookie, 1), -EINVAL);
    EXPECT(REFUSED(s, view, 1), -EINVAL);
    EXPECT(REFUSED(s, view, 4), -ENOENT);
    EXPECT(REFUSED(s, view, 0xffff), -ENOENT);
    EXPECT(REFUSED(s, flags, 4), -EINVAL);
    EXPECT(REFUSED(s, flags, 0x8000), -EINVAL);
    EXPECT(REFUSED(s, step_view, 3), -EINVAL);
    s.flags = XEN_ALTP2M_RULE_ELSE_ONCE;
    EXPECT(REFUSED(s, step_view, 1), -EINVAL);
    EXPECT(REFUSED(s, step_view, 512), -ENOENT);
    EXPECT(REFUSED(o, step_view, 1), -EINVAL);
    EXPECT(REFUSED(o, step_view, 4), -ENOENT);
    EXPECT(REFUSED(o, view, 2), -EINVAL);
    EXPECT(REFUSED(o, flags, 1), -EINVAL);
    EXPECT(REFUSED(o, flags, 4), -EINVAL);
    EXPECT(hits(1), ~0UL);
    EXPECT(REFUSED(e, hits, 77), 0);             /* as read_rules has written it */
    EXPECT(hits(1), 0);
}

static void test_refused_whole(void)
{
    op_t op = op_of(HVMOP_altp2m_set_rules);
    struct xen_altp2m_set_rules *p = PARAMETERS(&op, set_rules);
    unsigned int failed, i;

    world();
    EXPECT(set_one(1, to(GFN, 2)), 0);
    for ( i = 0; i <= XEN_ALTP2M_MAX_RULES; i++ )
        RULES[i] = to(GFN, 3);
    EXPECT(set(1, XEN_ALTP2M_MAX_RULES + 1, &failed), -E2BIG);
    EXPECT(set(1, ~0u, &failed), -E2BIG);
    RULES[40].view = 7;
    EXPECT(set(1, XEN_ALTP2M_MAX_RULES, &failed), -ENOENT);
    EXPECT(failed, 40);
    EXPECT(set(7, 1, &failed), -ENOENT);
    EXPECT(failed, 1);
    p->nr = 1;
    p->view = 1;
    p->buffer = 8;
    EXPECT(call(op), -EFAULT);
    p->buffer = ~0UL - 8;
    EXPECT(call(op), -EFAULT);
    p->buffer = (uintptr_t)buffer();
    p->pad1 = 1;
    EXPECT(call(op), -EINVAL);
    p->pad1 = 0;
    p->pad2 = 1;
    EXPECT(call(op), -EINVAL);
    /* None of these has changed anything. */
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
    EXPECT(hits(1), 1);

    RULES[40].view = 3;
    for ( i = 0; i < XEN_ALTP2M_MAX_RULES; i++ )
    {
        RULES[i] = to(OTHER, 3);
        RULES[i].rip = i;
    }
    EXPECT(set(1, XEN_ALTP2M_MAX_RULES, &failed), 0);
    ref.view[1].nr_rules = 0;
    memset(RULES, 0, XEN_ALTP2M_MAX_RULES * sizeof(*RULES));
    op = read_op(HVMOP_altp2m_read_rules, 1, XEN_ALTP2M_MAX_RULES);
    EXPECT(once(&op), 0);
    EXPECT(PARAMETERS(&op, read)->nr, XEN_ALTP2M_MAX_RULES);
    for ( i = 0; i < XEN_ALTP2M_MAX_RULES; i++ )
        EXPECT(RULES[i].rip == i && RULES[i].view == 3, true);
    op = read_op(HVMOP_altp2m_read_rules, 1, 4);
    PARAMETERS(&op, read)->next = 0x100;
    EXPECT(once(&op), 0);
    EXPECT(PARAMETERS(&op, read)->nr, 0);
    op = read_op(HVMOP_altp2m_read_rules, 600, 4);
    EXPECT(once(&op), -ENOENT);
    EXPECT(set(1, 0, &failed), 0);
}

/* Sets 48 rules of view 1, and reads the first of them: the cursor is after it. */
static op_t read_first(uint64_t rip)
{
    op_t op = read_op(HVMOP_altp2m_read_rules, 1, 1);
    unsigned int failed, i;

    for ( i = 0; i < XEN_ALTP2M_MAX_RULES; i++ )
    {
        RULES[i] = to(OTHER, 3);
        RULES[i].rip = rip;
    }
    EXPECT(set(1, XEN_ALTP2M_MAX_RULES, &failed), 0);
    EXPECT(once(&op), 0);
    EXPECT(RULES[0].rip, rip);

    return op;
}

/* Who reads in parts gets one list, not the parts of two. */
static void test_read_replaced(void)
{
    struct xen_altp2m_read *p;
    unsigned int failed;
    uint64_t next;
    op_t op;

    world();
    op = read_first(1);
    p = PARAMETERS(&op, read);
    next = p->next;
    p->nr = 0;
    EXPECT(once(&op), 0);
    EXPECT(p->nr, 1);
    EXPECT(p->next, next + 1);

    read_first(2);
    p->nr = 0;
    next = p->next;
    EXPECT(once(&op), -EAGAIN);
    EXPECT(p->next, next);
    EXPECT(set(1, 0, &failed), 0);
    EXPECT(once(&op), -EAGAIN);
    p->next = XEN_ALTP2M_NONE;
    EXPECT(once(&op), 0);
    EXPECT(p->nr, 0);

    /* Those of another view by that number are other ones, too. */
    op = read_first(3);
    p = PARAMETERS(&op, read);
    step("reply", 0, 0, 0, 0);
    step("destroy", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    read_first(4);
    p->nr = 0;
    EXPECT(once(&op), -EAGAIN);
    EXPECT(set(1, 0, &failed), 0);
}

/* A CPU without single steps, and memory that is used up. */
static void test_cannot(void)
{
    unsigned int refused;

    world();
    machine.fail_at = 2;                         /* the list of all views' */
    EXPECT(set_one(1, to(GFN, 2)), -ENOMEM);
    features.no_steps = true;
    EXPECT(set_one(1, in(GFN, 2)), -EOPNOTSUPP);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    features.no_steps = false;
    no_rules(1);
    EXPECT(set_one(2, to(GFN, 3)), 0);

    for ( refused = 1; ; refused++ )
    {
        unsigned int failed, used = machine.pool_used;

        RULES[0] = to(GFN, 2);
        machine.fail_at = refused;
        if ( !set(1, 1, &failed) )
            break;
        machine.fail_at = 0;
        EXPECT(failed, 1);
        EXPECT(machine.pool_used, used);
        EXPECT(hits(1), ~0UL);
    }
    machine.fail_at = 0;
    EXPECT(refused, 4);               /* the copy, the page, its mapping */
    ref.view[1].nr_rules = 0;
    no_rules(1);
    no_rules(2);
}

/* What a rule leads to is there as long as the rule is. */
static void test_named(void)
{
    struct xen_altp2m_rule r = to(GFN, 2);

    world();
    r.flags = XEN_ALTP2M_RULE_ELSE_ONCE;
    r.step_view = 3;
    EXPECT(set_one(1, r), 0);
    EXPECT(destroy(2), -EBUSY);
    EXPECT(destroy(3), -EBUSY);
    EXPECT(set_one(1, in(GFN, 2)), 0);
    EXPECT(destroy(2), -EBUSY);
    step("destroy", 3, 0, 0, 0);
    step("reply", 2, 0, 0, 0);
    step("destroy", 1, 0, 0, 0);                 /* and its rules with it */
    step("create", XENMEM_access_rwx, 0, 0, 0);
    EXPECT(hits(1), ~0UL);
    EXPECT(set_one(1, in(GFN, 2)), 0);
    EXPECT(set_one(2, in(GFN, 1)), 0);
    step("state", 0, 0, 0, 0);
    step("state", 1, 0, 0, 0);
    EXPECT(hits(0), ~0UL);
}

static void test_clone(void)
{
    world();
    EXPECT(set_one(1, in(GFN, 2)), 0);
    step("clone", 1, 0, 0, 0);
    EXPECT(hits(4), ~0UL);
    EXPECT(hits(1), 0);
}

/* ---- who may ---- */

static int set_by_guest(unsigned int view, struct xen_altp2m_rule r)
{
    int rc;

    caller_is(V(1));
    rc = set_one(view, r);
    caller_is(NULL);

    return rc;
}

static void test_by_guest(void)
{
    world();
    EXPECT(set_by_guest(1, rule(GFN, XEN_ALTP2M_RULE_EVENT)), -EPERM);
    EXPECT(set_by_guest(1, to(GFN, 2)), 0);
    at(0x1000);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);

    /* Nor is it a way to views that it may not enter. */
    step("reply", 1, 0, 0, 0);
    step("hide", 2, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_VIOLATION);
    is_in(1);
    EXPECT(hits(1), 2);
    step("hide", 2, 0, 1, 0);
    step("visible", 2, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_VIOLATION);
    is_in(1);
    EXPECT(set_by_guest(1, to(GFN, 2)), -EPERM);
    EXPECT(set_by_guest(1, in(GFN, 2)), -EPERM);
    EXPECT(set_by_guest(1, in(GFN, 3)), 0);
    step("visible", 3, 0, 0, 0);
    EXPECT(touch(GFN, R), TOUCH_VIOLATION);
    is_in(1);

    /* Those of a monitor lead there. */
    EXPECT(set_one(1, in(GFN, 3)), 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(1);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    EXPECT(touch(GFN, R), TOUCH_OK);
    is_in(2);
}

static void test_modes(void)
{
    uint64_t *mode = &model_domain->arch.hvm.params[HVM_PARAM_ALTP2M];

    world();
    *mode = XEN_ALTP2M_limited;
    EXPECT(set_by_guest(1, to(GFN, 2)), -EPERM);
    *mode = XEN_ALTP2M_external;
    EXPECT(set_by_guest(1, to(GFN, 2)), -EPERM);
    EXPECT(set_one(1, to(GFN, 2)), 0);
    *mode = XEN_ALTP2M_mixed;
}

/* #VE comes first: a CPU that delivers it does not ask Xen. */
static void test_after_ve(void)
{
    features.virt_exceptions = features.vmfunc = false;
    world();
    EXPECT(set_one(1, to(GFN, 2)), 0);
    step("notify", 0, 0, 1, 0);
    step("sve", 1, gfn_number(GFN), 0, 0);
    EXPECT(touch(GFN, R), TOUCH_VE);
    is_in(1);
    EXPECT(hits(1), 0);
}

const struct unit_test rules_tests[] = {
    { "rules-switch", test_switch },
    { "rules-switch-amd", test_switch, true },
    { "rules-once", test_once },
    { "rules-once-amd", test_once, true },
    { "rules-event", test_event },
    { "rules-in-step", test_in_step },
    { "rules-to-and-fro", test_to_and_fro },
    { "rules-across-pages", test_across_pages, true },
    { "rules-goes-on", test_goes_on },
    { "rules-goes-on-amd", test_goes_on, true },
    { "rules-at-once", test_at_once },
    { "rules-at-once-amd", test_at_once, true },
    { "rules-at-once-own", test_at_once_own },
    { "rules-at-once-own-amd", test_at_once_own, true },
    { "rules-no-monitor", test_no_monitor },
    { "rules-view-0", test_view_0 },
    { "rules-conditions", test_conditions },
    { "rules-one-access", test_one_access },
    { "rules-kind-unknown", test_kind_unknown },
    { "rules-refused", test_refused },
    { "rules-refused-whole", test_refused_whole },
    { "rules-read-replaced", test_read_replaced },
    { "rules-cannot", test_cannot },
    { "rules-named", test_named },
    { "rules-clone", test_clone },
    { "rules-by-guest", test_by_guest },
    { "rules-modes", test_modes },
    { "rules-after-ve", test_after_ve },
    { NULL },
};
