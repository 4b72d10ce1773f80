/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two callers at once.  The step "race" has the two steps after it overlap: the
 * outer one stops at a point where it doesn't hold the lock, and another CPU does
 * the inner one.  If that has to wait for a vCPU that is in Xen, or is preempted,
 * it goes on later.
 *
 * Each order of the two, one after the other, is tried first, in a process of its
 * own.  One of them must explain what is seen: results, views, vCPUs, host.  Where
 * an operation takes the lock several times, each part of what is seen may be
 * explained by another order.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "step.h"
#include "rules.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p))
#endif

#define STACK (1u << 20)
/* Free pages with which some allocation may fail: Xen splits all of a gigabyte. */
#define TIGHT 1200u

enum { OUTER, INNER, MAIN };

struct side {
    struct step step;
    ucontext_t at;
    char *stack;
    bool started, ended;
    bool for_end;                 /* waits for the end of the other */
    bool unclean;                 /* another owed a flush while it ran */
    /* What is its own while it doesn't run. */
    struct vcpu *current, *caller;
    bool compat, hcall_compat;
    char *memory;
};

/* What comes of two steps. */
struct outcome {
    bool done;
    struct ref ref;
    struct vcpus vcpus;
    struct host_fact host[NR_GFNS];
    uint64_t cr3[NR_VCPUS];
    struct said { bool done; int result; unsigned long more; } said[2];
};

static struct outcome seen;
static struct side side[3];
static struct side *running;      /* NULL: one caller only */
static struct said *noted;        /* where the next result is noted */
static unsigned int stop_at, points;
static bool over;                 /* the domain has died */
unsigned int race_points;

bool race_over(void)
{
    return over;
}

/* ---- taking turns ---- */

static void switch_to(struct side *to)
{
    struct side *from = running;

    from->current = current;
    from->hcall_compat = current->hcall_compat;
    from->caller = caller;
    from->compat = compat;
    from->memory = guest_memory;

    running = to;
    current = to->current;
    current->hcall_compat = to->hcall_compat;
    caller = to->caller;
    compat = to->compat;
    guest_memory = to->memory;
    swapcontext(&from->at, &to->at);
}

/* What has ended doesn't return: its stack is used again. */
static void end(void)
{
    bool inner = running == &side[INNER];

    if ( !running->unclean )
        trace_return();
    running->ended = true;
    switch_to(&side[inner && !side[OUTER].ended ? OUTER : MAIN]);
}

static void body(void)
{
    if ( !trace_clean() )
        running->unclean = true;
    running->started = true;
    step_fn(running->step);
    end();
}

static void prepare(unsigned int which, struct step s, struct vcpu *who,
                    bool compat)
{
    struct side *x = &side[which];
    char *stack = x->stack ?: mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    /* Whatever ended there last didn't return. */
    ASAN_UNPOISON_MEMORY_REGION(stack, STACK);
    *x = (struct side){ .step = s, .stack = stack, .current = current,
                        .caller = who, .compat = compat,
                        .memory = guest_memory +
                                  (which == INNER) * GUEST_MEMORY };
    getcontext(&x->at);
    x->at.uc_stack.ss_sp = stack;
    x->at.uc_stack.ss_size = STACK;
    makecontext(&x->at, body, 0);
}

static bool somebody_paused(void)
{
    const struct vcpu *v;

    for_each_vcpu ( model_domain, v )
        if ( v->paused )
            return true;

    return false;
}

/* Can the inner one go on where the outer one has stopped? */
static bool may_go_on(void)
{
    const struct side *in = &side[INNER];
    const struct vcpu *outer = step_vcpu(side[OUTER].step, side[OUTER].caller);
    struct vcpu *v = step_vcpu(in->step, in->caller);

    if ( in->for_end )
        return false;
    if ( outer && (v == outer || step_moves(in->step, outer)) )
        return false;

    return (!v && !step_moves(in->step, NULL)) ||
           (!model_domain->pause_count.counter &&
            !(v ? v->paused : somebody_paused()));
}

/* The code under test is where another CPU may do anything, if the lock is free. */
void race_point(void)
{
    struct side *in = &side[INNER];

    if ( running != &side[OUTER] || p2m_get_hostp2m(model_domain)->lock.depth )
        return;
    if ( points++ < stop_at || in->ended || !may_go_on() )
        return;

    in->unclean |= in->started && !trace_clean();
    switch_to(in);
}

/* The inner one would wait for vCPU @v to be out of Xen; NULL: for all but the current. */
void race_pause(const struct vcpu *v)
{
    const struct side *out = &side[OUTER];

    if ( running != &side[INNER] || out->ended ||
         out->current->domain != model_domain || (v && v != out->current) )
        return;
    running->for_end = true;
    switch_to(&side[OUTER]);
}

/* A hypercall is preempted, and called again later. */
void race_continue(void)
{
    if ( running == &side[INNER] && !side[OUTER].ended )
        switch_to(&side[OUTER]);
    else
        race_point();
}

bool race_on(void)
{
    return running || noted;
}

/* What has come of a step.  Where two run at once nobody looks further. */
void race_said(int result, unsigned long more)
{
    if ( noted && !noted->done )
        *noted = (struct said){ true, result, more };
    if ( !running )
        return;

    seen.said[running - side] = (struct said){ true, result, more };
    end();
}

/* ---- what is seen, and what explains it ---- */

static struct outcome *orders;    /* shared with who tries them */
enum { IN_OUT, OUT_IN, ONLY_IN, ONLY_OUT, BEFORE, NR_ORDERS };

/* Have what was lent to faults taken back: that depends on who came when. */
static void recall(void)
{
    if ( altp2m_active(model_domain) )
    {
        altp2m_lock(model_domain);
        altp2m_unlock(model_domain);
    }
    ref_recalled();
}

static void look(struct outcome *o)
{
    unsigned int g;

    recall();
    ref_drops();
    for ( g = 0; g < NR_GFNS; g++ )
        o->host[g] = host_fact(gfns[g]);
    for ( g = 0; g < NR_VCPUS; g++ )
        o->cr3[g] = cpu_cr3(g);
    o->vcpus = vcpus;
    o->ref = ref;
    o->done = true;
}

static void one(struct outcome *o, unsigned int which)
{
    noted = &o->said[which];
    caller = side[which].caller;
    compat = side[which].compat;
    step_fn(side[which].step);
    caller_is(NULL);
}

/* Is step @which a clone that the other makes fail, if it comes in between? */
static bool clone_may_fail(unsigned int which)
{
    unsigned int source;

    return step_clones(side[which].step, &source) &&
           step_fails_clone(side[which == OUTER ? INNER : OUTER].step, source);
}

static void try_order(unsigned int which)
{
    struct outcome *o = &orders[which];
    int status;
    pid_t pid;

    memset(o, 0, sizeof(*o));
    pid = fork();
    if ( !pid )
    {
        /* Here nothing fails for want of memory. */
        machine.fail_at = 0;
        machine_pool(machine.pool_used + 4000);
        if ( which == OUT_IN || which == ONLY_OUT )
            one(o, OUTER);
        if ( which != ONLY_OUT )
            one(o, INNER);
        if ( which == IN_OUT )
            one(o, OUTER);
        look(o);
        child_exit();
    }
    waitpid(pid, &status, 0);
    if ( status || !o->done )
        FAIL("the two steps fail one after the other, in order %u", which);
}

/*
 * Where views are off, whether that is said or that the view isn't there.  Of two
 * bytes, either may be the reason why an operation is refused.
 */
static bool same_result(int seen, int order)
{
    return seen == order || (seen == -ENODATA && order == -EAGAIN) ||
           (seen == -EAGAIN && order == -ENODATA) || (order == -EOPNOTSUPP &&
                             (seen == -EINVAL || seen == -ENOENT ||
                              seen == -EBUSY));
}

static bool same_said(const struct said *a, const struct said *b)
{
    return a->done == b->done && same_result(a->result, b->result) &&
           a->more == b->more;
}

static bool same_view(const struct ref_view *a, const struct ref_view *b)
{
    return a->live == b->live &&
           (!a->live || (a->visible == b->visible && a->def == b->def &&
                         a->created == b->created));
}

static bool same_own(const struct ref_own *a, const struct ref_own *b)
{
    return a->there == b->there &&
           (!a->there || (a->stale == b->stale && a->chosen == b->chosen &&
                          a->patched == b->patched &&
                          !memcmp(a->byte, b->byte, sizeof(a->byte))));
}

static bool same_override(const struct ref_override *a,
                          const struct ref_override *b)
{
    return same_own(&a->own, &b->own) &&
           a->has_access == b->has_access && a->has_sve == b->has_sve &&
           a->has_target == b->has_target &&
           (!a->has_access || a->access == b->access) &&
           (!a->has_sve || a->sve == b->sve) &&
           (!a->has_target || a->target == b->target);
}

static bool same_host(const struct host_fact *a, const struct host_fact *b)
{
    return a->type == b->type && a->access == b->access &&
           (p2m_is_pod(a->type) || a->mfn == b->mfn);
}

/* A failure for want of memory: what was asked for hasn't been done. */
static bool no_memory(const struct said *s)
{
    /* -ENXIO: a page that can't be populated. */
    return s->done && machine.refused &&
           (s->result == -ENOMEM || s->result == TOUCH_NOMEM ||
            s->result == -ENXIO);
}

static bool explains(unsigned int mask, unsigned int order)
{
    return (mask & (1u << order)) && orders[order].done;
}

/* Each part of what is seen has to be explained by one of the orders in @mask. */
#define EXPLAINED(cond, ...) do {                                       \
    bool ok_ = false;                                                   \
    for ( x = 0; x < NR_ORDERS; x++ )                                   \
        if ( explains(mask, x) )                                        \
        {                                                               \
            const struct outcome *o = &orders[x];                       \
            if ( cond )                                                 \
            {                                                           \
                ok_ = true;                                             \
                break;                                                  \
            }                                                           \
        }                                                               \
    if ( !ok_ )                                                         \
    {                                                                   \
        snprintf(why, 200, __VA_ARGS__);                                \
        return false;                                                   \
    }                                                                   \
} while ( 0 )

/*
 * A clone has of what is changed in all views at once what the source had before,
 * or has after it.
 */
static bool copied_before(const struct ref_override *own, unsigned int view,
                          unsigned int g)
{
    unsigned int which, source;

    for ( which = OUTER; which <= INNER; which++ )
        if ( seen.said[which].more == view &&
             step_clones(side[which].step, &source) &&
             same_override(own, &orders[BEFORE].ref.view[source].o[g]) )
            return true;

    return false;
}

/* Has the clone that is step @which failed for the other?  That alone is done. */
static bool clone_failed(unsigned int which)
{
    return clone_may_fail(which) && seen.said[which].done &&
           seen.said[which].result == -EBUSY;
}

static bool explained(unsigned int mask, struct outcome *s, char *why)
{
    unsigned int i, g, x;

    for ( i = 0; i < 2; i++ )
        if ( !no_memory(&s->said[i]) && !clone_failed(i) )
            EXPLAINED(same_said(&s->said[i], &o->said[i]),
                      "result %d, %lx of the %s step", s->said[i].result,
                      s->said[i].more, i ? "inner" : "outer");
    EXPLAINED(s->ref.on == o->ref.on && s->ref.told == o->ref.told,
              "views are %s", s->ref.on ? "on" : "off");
    EXPLAINED(ref_cr3_same(&s->ref.cr3, &o->ref.cr3),
              "%u records of views by CR3", s->ref.cr3.nr);
    for ( i = 0; i < NR_VCPUS; i++ )
        EXPLAINED(s->ref.in[i] == o->ref.in[i] && s->cr3[i] == o->cr3[i] &&
                  s->ref.vmfunc[i] == o->ref.vmfunc[i] &&
                  !memcmp(s->ref.hidden[i], o->ref.hidden[i],
                          sizeof(s->ref.hidden[i])) &&
                  s->vcpus.notify[i] == o->vcpus.notify[i] &&
                  (!s->vcpus.notify[i] ||
                   s->vcpus.info_page[i] == o->vcpus.info_page[i]),
                  "vCPU %u is in view %u with CR3 %lx, VMFUNC %u, #VE %u", i,
                  s->ref.in[i], (long)s->cr3[i], s->ref.vmfunc[i],
                  s->vcpus.notify[i]);
    for ( i = 0; i < NR_VIEWS; i++ )
    {
        EXPLAINED(same_view(&s->ref.view[i], &o->ref.view[i]),
                  "view %u is live %u, visible %u, default %u", i,
                  s->ref.view[i].live, s->ref.view[i].visible,
                  s->ref.view[i].def);
        for ( g = 0; g < NR_GFNS; g++ )
        {
            struct ref_override *own = &s->ref.view[i].o[g];

            EXPLAINED(same_override(own, &o->ref.view[i].o[g]) ||
                      copied_before(own, i, g),
                      "view %u gfn %lx: access %d, sve %d, target %lx", i,
                      gfns[g], own->has_access ? own->access : -1,
                      own->has_sve ? own->sve : -1,
                      own->has_target ? own->target : ~0UL);
            own->ranged = orders[x].ref.view[i].o[g].ranged;
        }
    }
    /* Xen's own changes of the host's map may be done in part. */
    for ( g = 0; g < NR_GFNS && !machine.refused; g++ )
        EXPLAINED(same_host(&s->host[g], &o->host[g]),
                  "the host has type %u, access %u, frame %lx at gfn %lx",
                  s->host[g].type, s->host[g].access, s->host[g].mfn, gfns[g]);

    return true;
}

/*
 * Steps of two that overlap set no rules, and meet none.  Each instruction is at
 * another address, so that it does not matter what the last one has met.
 */
static void observe_rules(unsigned int i)
{
    const struct altp2m_rules *rules = altp2m_rules(model_domain->arch.altp2m, i);
    struct ref_view *r = &ref.view[i];

    if ( !rules )
        return;
    r->nr_rules = rules->nr;
    r->by_guest = rules->by_guest;
    memcpy(r->rule, rules->rule, rules->nr * sizeof(*r->rule));
}

static void observe_step(unsigned int i)
{
    const struct hvm_step *s = &model_domain->vcpu[i]->arch.hvm.step;

    if ( s->owners & HVM_STEP_RULE )
        ref.step[i] = (struct ref_step){ true, s->entered, s->home, s->view,
                                         s->rip };
}

/* As the definition would have it: from the data of the code under test. */
static void observe_view(unsigned int i)
{
    struct altp2m_view *view = view_at(model_domain, i);
    struct ref_view *r = &ref.view[i];
    unsigned int g, level;

    if ( !view )
        return;

    *r = (struct ref_view){ .live = true, .visible = view->visible,
                            .def = view->default_access,
                            .created = view->created_access };
    observe_rules(i);
    for ( g = 0; g < NR_GFNS; g++ )
    {
        altp2m_slot_t slot = lookup_at(view, gfns[g], &level);
        const struct altp2m_remap *remap = altp2m_remap(view, gfns[g]);
        struct ref_override *o = &r->o[g];

        o->has_access = slot & SLOT_ACCESS;
        o->access = o->has_access ? slot_access(view, slot, 0) : 0;
        o->has_sve = slot & SLOT_SVE;
        o->sve = o->has_sve && slot_sve(slot);
        o->has_target = remap && !remap->own;
        o->target = o->has_target ? remap->target : 0;
        if ( remap && remap->own )
            o->own = own_observed(view, remap);
    }
}

static void observe(struct outcome *o)
{
    const struct domain *d = model_domain;
    const struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i, idx;

    for ( i = 0; i < NR_PCPUS; i++ )
        cpu_exit(i);
    recall();
    memset(&ref, 0, sizeof(ref));
    ref.view[0].def = NO_DEFAULT;
    ref.view[0].created = p2m_access_rwx;
    ref.on = altp2m_active(d);
    for ( i = 0; i < NR_VIEWS; i++ )
        observe_view(i);
    for ( i = 0; ref.on && i < NR_VCPUS; i++ )
    {
        ref.in[i] = altp2m_vcpu_idx(d->vcpu[i]);
        ref.executes[i] = a->vcpu[i].side == SIDE_EXECUTE;
        ref.vmfunc[i] = a->vcpu[i].vmfunc;
        observe_step(i);
        for ( idx = 0; idx < NR_VIEWS; idx++ )
            ref.hidden[i][idx] = test_bit(idx, a->vcpu[i].hidden);
    }
    if ( ref.on )
        ref_cr3_observe();
    ref_log_observe();
    ref.told = ref.on && a->lost_port;
    ref.recalled = a ? a->recalled : 0;
    vcpus_observe();
    look(o);
}

static void overlap(unsigned int at)
{
    memset(&side[MAIN], 0, sizeof(side[MAIN]));
    running = &side[MAIN];
    stop_at = at;
    points = 0;
    switch_to(&side[OUTER]);
    race_points = points;
    side[INNER].for_end = false;
    /* What the guest would do of a domain that has died is never done. */
    while ( !side[INNER].ended &&
            !(model_domain->is_dying &&
              (!side[INNER].started ||
               step_vcpu(side[INNER].step, side[INNER].caller))) )
        switch_to(&side[INNER]);
    running = NULL;
    caller_is(NULL);
}

/* May memory be refused? */
static bool tight(void)
{
    return machine.fail_at ||
           machine.pool_limit < machine.pool_used + TIGHT;
}

static void judge(unsigned int mask, bool parts)
{
    char why[256] = "", first[256] = "";
    unsigned int order;

    if ( parts )
    {
        if ( !explained(mask, &seen, why) )
            FAIL("two at once: no order explains this: %s", why);
    }
    else
    {
        for ( order = 0; order < NR_ORDERS; order++ )
            if ( explains(mask, order) )
            {
                if ( explained(1u << order, &seen, why) )
                    break;
                if ( !*first )
                    strcpy(first, why);
            }
        if ( order == NR_ORDERS )
            FAIL("two at once: neither order explains this: %s; %s", first, why);
    }
    ref = seen.ref;
    vcpus = seen.vcpus;
}

/*
 * Two steps at once: @s[1] is stopped at point @s[0].a of those where it can be,
 * and the caller of @s[2] is by @s[0].b.
 */
static void race_do(const struct step *s)
{
    struct vcpu *who = caller, *other = NULL;
    bool wide = compat, dies = step_dies(s[1]) || step_dies(s[2]);
    unsigned int mask = 1u << IN_OUT | 1u << OUT_IN, order;

    if ( s[0].b % 4 < NR_VCPUS && model_domain->vcpu[s[0].b % 4] != caller )
        other = model_domain->vcpu[s[0].b % 4];
    if ( !orders )
        orders = mmap(NULL, NR_ORDERS * sizeof(*orders), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(orders, 0, NR_ORDERS * sizeof(*orders));
    memset(&seen, 0, sizeof(seen));
    machine.stored = NULL;
    machine.max_maps = 0;
    caller_is(NULL);
    prepare(OUTER, s[1], caller, compat);
    prepare(INNER, s[2], other, s[0].b & 4);

    if ( tight() )
        mask |= 1u << ONLY_IN | 1u << ONLY_OUT | 1u << BEFORE;
    look(&orders[BEFORE]);
    for ( order = 0; order < BEFORE && !dies; order++ )
        if ( (mask & (1u << order)) ||
             (order == ONLY_IN && clone_may_fail(OUTER)) ||
             (order == ONLY_OUT && clone_may_fail(INNER)) )
            try_order(order);
    machine.refused = 0;
    overlap(s[0].a);
    caller = who;
    compat = wide;
    if ( dies )
    {
        over = true;
        return;
    }

    if ( clone_failed(OUTER) )
        mask = 1u << ONLY_IN;
    if ( clone_failed(INNER) )
        mask = 1u << ONLY_OUT;
    observe(&seen);
    judge(mask, machine.refused || step_parts(s[1]) || step_parts(s[2]));
    step_judge();
}

/* Is there room for the views of both? */
static bool room(const struct step *s)
{
    unsigned int i, n = 0;

    for ( i = 0; i < NR_VIEWS; i++ )
        n += live(i);

    return n + step_makes(s[1]) + step_makes(s[2]) <= NR_VIEWS;
}

/* What is being made can be destroyed by who guesses its index. */
static bool unmakes(struct step makes, struct step destroys)
{
    unsigned int view;

    return step_clones(makes, &view) && step_destroys(destroys, &view) &&
           !live(view);
}

unsigned int race_or_step(const struct step *s, unsigned int nr)
{
    race_points = 0;
    if ( !step_is_race(*s) || nr < 3 ||
         !step_races(s[1]) || !step_races(s[2]) ||
         (step_logs(s[1]) && step_logs(s[2])) || !room(s) ||
         (step_dies(s[1]) && step_dies(s[2])) || unmakes(s[1], s[2]) ||
         unmakes(s[2], s[1]) )
    {
        step_do(*s);
        return 1;
    }
    race_do(s);

    return 3;
}

void race_init(void)
{
    over = false;
    running = NULL;
    noted = NULL;
}
