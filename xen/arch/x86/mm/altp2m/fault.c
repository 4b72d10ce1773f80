/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: nested page faults, and rights that a fault promotes. */

#include <asm/hvm/step.h>

#include "cpu.h"

/* altp2m_fault_begin(), with views on. */
bool altp2m_view_fault_begin(struct vcpu *v, paddr_t gpa, unsigned long gla,
                             struct npfec npfec, unsigned long *gfn)
{
    struct altp2m_view *view;

    altp2m_lock_fault(v->domain);
    view = altp2m_current_view(v);

    if ( view && altp2m_end_violation(v, gpa, gla, npfec) )
    {
        altp2m_unlock(v->domain);
        return true;
    }

    v->domain->arch.altp2m->use_reserve = true;
    if ( view )
        *gfn = altp2m_source_gfn(v->domain, view, *gfn);

    return false;
}

static void end_fault(struct domain *d)
{
    d->arch.altp2m->use_reserve = false;
    altp2m_unlock(d);
}

/* Reasons for a nested fault. */
enum fault {
    FAULT_OVER,                   /* none any more: the guest retries */
    FAULT_VIOLATION,              /* the view does not allow the access */
    FAULT_SIDE,                   /* it does, but not on this side */
    FAULT_STALE,                  /* a table of the view is missing */
    FAULT_PENDING,                /* recalculation is pending on the way */
    FAULT_HOST,                   /* the host's entry: its type, say */
};

/*
 * Finds the reason for a fault: walks the tables of the current vCPU's side,
 * which may have changed since the CPU walked them.  @want: the rights the
 * access needs, 0 for an EPT misconfiguration.  Lock held.
 */
static enum fault classify(const struct vcpu *v, const struct altp2m_at *at,
                           unsigned int want)
{
    const struct altp2m_format *fmt = altp2m_format();
    enum altp2m_side side = altp2m_vcpu_of(v)->side;
    mfn_t table = altp2m_root_table(v->domain, at->view, side);
    unsigned int level = ROOT_LEVEL, rights = p2m_access_rwx;

    if ( (want & p2m_access_x) && !(want & ~access_bits(at->access)) &&
         altp2m_wrong_side(v, at) )
        return FAULT_SIDE;

    if ( want & ~access_bits(altp2m_access_here(v, at)) )
        return FAULT_VIOLATION;

    /* A write to a page that is logged, where the view has no table. */
    if ( at->level && (want & p2m_access_w) && !at->host.pending &&
         fmt->type(at->host.entry) == p2m_ram_logdirty &&
         !fmt->pending(at->host.entry) )
        return FAULT_HOST;

    for ( ; ; level-- )
    {
        uint64_t entry = altp2m_read_entry(table, level_index(at->gfn, level));

        if ( fmt->pending(entry) )
            return FAULT_PENDING;

        if ( !(entry & fmt->present) )
            break;

        rights &= fmt->grants(entry);
        if ( !altp2m_points(fmt, entry, level) )
        {
            if ( !(want & ~rights) )
                return FAULT_OVER;
            break;
        }

        table = altp2m_frame(entry);
    }

    if ( altp2m_stale(v->domain, at->view, at->gfn, level, side) )
        return FAULT_STALE;

    /* An entry without rights has no mark, but that of its source may have. */
    return want && at->source.gfn != at->gfn ? FAULT_PENDING : FAULT_HOST;
}

/*
 * Does the recalculation that is pending for the host's entries on the way to
 * @at's gfn and its source.  Returns 1 if an entry changed, 0 if not, an error.
 */
static int resolve(struct domain *d, const struct altp2m_at *at)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    int rc = hp2m->recalc(hp2m, at->gfn), more;

    if ( rc < 0 || at->source.gfn == at->gfn )
        return rc;

    more = hp2m->recalc(hp2m, at->source.gfn);
    if ( more < 0 )
        return more;

    /* Other views that show that source are synced by their own faults. */
    if ( altp2m_sync(d, altp2m_node(at->view, at->gfn, 0),
                     level_index(at->gfn, 0)) )
        more = 1;
    altp2m_settle(d);

    return rc || more;
}

/* resolve(), with the reserve.  Returns whether the guest retries. */
static bool resolve_from_reserve(struct domain *d, const struct altp2m_at *at)
{
    int rc;

    d->arch.altp2m->use_reserve = true;
    rc = resolve(d, at);
    d->arch.altp2m->use_reserve = false;

    return rc > 0 || rc == -ENOMEM;
}

/*
 * Handles the current view's part of an EPT misconfiguration at @gfn, after the
 * host's entries were resolved with result @rc.  Returns an error, 1 if the
 * guest retries, 0 if nothing mends it.  Lock held.
 */
int altp2m_misconfig(struct vcpu *v, gfn_t gfn, int rc)
{
    struct domain *d = v->domain;
    struct altp2m_view *view = altp2m_current_view(v);
    struct altp2m_at at;

    if ( !view || (rc < 0 && rc != -ENOMEM) || gfn_x(gfn) > MAX_GFN )
        return rc;

    altp2m_find(d, view, gfn_x(gfn), &at);

    return classify(v, &at, 0) == FAULT_PENDING
           ? resolve_from_reserve(d, &at) : 1;
}

/*
 * Splits the host's superpage at @gfn, if it is larger than @order, by one
 * level: that takes one table.  Xen would split all of a 1 GiB page when 4 KiB
 * of it are set.  Returns 1, 0 if there is no such superpage, or an error.
 */
static int split_host(struct p2m_domain *hp2m, unsigned long gfn,
                      unsigned int order)
{
    unsigned int is, to;
    unsigned long rest;
    p2m_access_t access;
    p2m_type_t t;
    mfn_t mfn = hp2m->get_entry(hp2m, _gfn(gfn), &t, &access, 0, &is, NULL);

    if ( mfn_eq(mfn, INVALID_MFN) || is <= order )
        return 0;

    to = is > PAGE_ORDER_2M ? PAGE_ORDER_2M : PAGE_ORDER_4K;
    rest = gfn & ((1UL << to) - 1);

    return p2m_set_entry(hp2m, _gfn(gfn - rest), _mfn(mfn_x(mfn) - rest), to,
                         t, access) ?: 1;
}

/* Makes the tables on the way to @at that the current vCPU's side lacks. */
static void make_tables(const struct vcpu *v, const struct altp2m_at *at)
{
    enum altp2m_side side = altp2m_vcpu_of(v)->side;
    struct domain *d = v->domain;

    /* Nodes that were lent to earlier faults may have to go. */
    if ( altp2m_fill(d, at->view, at->gfn, side) == -ENOMEM &&
         altp2m_recall(d) )
        altp2m_fill(d, at->view, at->gfn, side);
}

/*
 * Does what a fault at @at asks for.  Returns true if the guest retries.  Else
 * the caller judges the fault by *@access: what the vCPU's side allows, which
 * becomes what is told of the view if that is violated.
 */
static bool mend(struct vcpu *v, const struct altp2m_at *at, struct npfec npfec,
                 p2m_access_t *access)
{
    switch ( classify(v, at, altp2m_wanted(npfec)) )
    {
    case FAULT_OVER:
        return true;

    case FAULT_STALE:
        make_tables(v, at);
        return true;

    case FAULT_SIDE:
        altp2m_change_side(v, at);
        return true;

    case FAULT_PENDING:
        return resolve_from_reserve(v->domain, at);

    case FAULT_HOST:
        /* Xen may forbid executable superpages (CVE-2018-12207): split. */
        return npfec.insn_fetch &&
               split_host(p2m_get_hostp2m(v->domain), at->source.gfn,
                          PAGE_ORDER_4K);

    case FAULT_VIOLATION:
        *access = altp2m_told_access(at->access);
        altp2m_step_end(v, HVM_STEP_SIDE);
        break;
    }

    return false;
}

/*
 * Does the CPU of @v, which is current, use the host's own entry for @gfn, in a
 * table that @view shares, with all rights on the way?
 */
static bool uses_hosts(const struct vcpu *v, struct altp2m_view *view,
                       unsigned long gfn)
{
    struct altp2m_node *node = altp2m_lowest_node(view, gfn);

    return node->level && !node_slot(node, gfn) &&
           view->default_access == NO_DEFAULT &&
           altp2m_vcpu_of(v)->side == SIDE_DATA &&
           (node->level == ROOT_LEVEL || altp2m_walkable(node));
}

/*
 * altp2m_fault(), with views on, where the view has no part in a fault: at the
 * host's RAM, of which Xen has the guest retry if the fault is over.  A fetch
 * may have to split a superpage, from the reserve: see mend().  Returns whether
 * it is so, and has dropped the lock then.
 */
bool altp2m_skip_fault(struct vcpu *v, paddr_t gpa, struct npfec npfec,
                       p2m_type_t type)
{
    struct altp2m_view *view;

    if ( npfec.insn_fetch || PFN_DOWN(gpa) > MAX_GFN || !p2m_is_ram(type) )
        return false;

    view = altp2m_current_view(v);
    if ( !view || !uses_hosts(v, view, PFN_DOWN(gpa)) )
        return false;

    end_fault(v->domain);

    return true;
}

/*
 * For a nested fault on AMD at @gfn, where a recalculation that is pending in
 * the host's entries needs a table, and the pool is empty.  Does it with the
 * reserve: Xen's own handling would let the guest retry, and fault, for ever.
 * Returns 1 if an entry changed, 0 if the fault is about something else.  With
 * -ENOMEM the reserve is empty, too, and the domain is crashed, as without
 * views; but not where the view may have what the access needs.  Lock held.
 */
int altp2m_deferred(struct vcpu *v, gfn_t gfn)
{
    struct domain *d = v->domain;
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    struct altp2m_view *view = altp2m_current_view(v);
    int rc;

    d->arch.altp2m->use_reserve = true;
    rc = hp2m->recalc(hp2m, gfn_x(gfn));
    d->arch.altp2m->use_reserve = false;

    return rc == -ENOMEM && view && !uses_hosts(v, view, gfn_x(gfn)) ? 0 : rc;
}

/* altp2m_fault(), with views on, where the view may have a part in it. */
bool altp2m_view_fault(struct vcpu *v, paddr_t gpa, struct npfec npfec,
                       p2m_access_t *access, unsigned int *order)
{
    struct domain *d = v->domain;
    struct altp2m_view *view = altp2m_current_view(v);
    struct altp2m_at at;
    bool done = false;

    if ( view && PFN_DOWN(gpa) <= MAX_GFN )
    {
        altp2m_find(d, view, PFN_DOWN(gpa), &at);

        /* The CPU may write to a page of the guest's tables as it walks. */
        if ( at.access == p2m_access_r_pw && has_paging_write &&
             npfec.kind == npfec_kind_in_gpt )
            at.access = p2m_access_rw;

        *access = altp2m_access_here(v, &at);
        *order = PAGE_ORDER_4K;
        done = mend(v, &at, npfec, access);
    }

    end_fault(d);

    return done;
}

/* Sets the access of a gfn in a view.  Takes from the reserve at last. */
static void promote_in_view(struct domain *d, struct altp2m_view *view,
                            unsigned long gfn, p2m_access_t access)
{
    struct altp2m_domain *a = d->arch.altp2m;
    const struct altp2m_change change = {
        .set_access = ALTP2M_SET, .access = access,
    };
    unsigned int rounds = 4;      /* freed tables may fill the reserve first */
    int rc;

    do
        rc = altp2m_override(d, view, gfn, 0, &change);
    while ( rc == -ENOMEM && rounds-- && a->nr_lent < MAX_LENT &&
            altp2m_make_room(d, view, gfn) );

    a->use_reserve = true;
    if ( rc == -ENOMEM )
        rc = altp2m_override(d, view, gfn, 0, &change);
    if ( rc == -ENOMEM && altp2m_recall(d) )
        rc = altp2m_override(d, view, gfn, 0, &change);
    a->use_reserve = false;
}

/* Sets the host's access of a gfn. */
static void promote_host(struct p2m_domain *hp2m, gfn_t gfn,
                         p2m_access_t access)
{
    p2m_access_t old;
    p2m_type_t t;
    mfn_t mfn = hp2m->get_entry(hp2m, gfn, &t, &old, 0, NULL, NULL);

    if ( split_host(hp2m, gfn_x(gfn), PAGE_ORDER_2M) >= 0 )
        hp2m->set_entry(hp2m, gfn, mfn, PAGE_ORDER_4K, t, access, -1);
}

/*
 * Sets @access at @gfn in @v's view only: for rx2rw and n2rwx, or if no monitor
 * listens.  In view 0 sets the host's access, unless view 0 overrides it.  If
 * the pool is empty, a node is lent, and the right lasts until altp2m_recall().
 * The guest retries even if this fails.  Lock held.
 */
void altp2m_promote(struct vcpu *v, gfn_t gfn, p2m_access_t access)
{
    struct domain *d = v->domain;
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    struct altp2m_view *view = altp2m_current_view(v);

    if ( !view )
    {
        promote_host(hp2m, gfn, access);
        return;
    }

    if ( altp2m_access_is_host(view, gfn_x(gfn)) )
    {
        d->arch.altp2m->use_reserve = true;
        promote_host(hp2m, gfn, access);
        d->arch.altp2m->use_reserve = false;
    }
    else
        promote_in_view(d, view, gfn_x(gfn), access);

    altp2m_settle(d);
    altp2m_restock(d);
}
