/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: operations that set and read the rules of a view. */

#include "ops.h"
#include "../rules.h"

#define ACCESSES (XEN_ALTP2M_RULE_READ | XEN_ALTP2M_RULE_WRITE | \
                  XEN_ALTP2M_RULE_FETCH | XEN_ALTP2M_RULE_BREAKPOINT)
#define CPLS     0xfu

/* The cursor of read_rules: an index, and the list's serial, or 0. */
#define SERIALS  0x7fffffffu
#define SERIAL_SHIFT 32

struct setting {
    unsigned int idx;             /* of the view */
    const struct xen_altp2m_rule *rule;
    unsigned int nr;
    unsigned int failed;          /* the rule that an error is about */
    bool by_guest;
};

/* Are the conditions such that an access can meet them? */
static bool valid_conditions(const struct xen_altp2m_rule *r)
{
    if ( r->gfn > MAX_GFN || !r->count || r->count > MAX_GFN - r->gfn + 1 )
        return false;

    if ( r->offset > r->offset_last || r->offset_last >= PAGE_SIZE )
        return false;

    if ( !r->access || (r->access & ~ACCESSES) || !r->cpl || (r->cpl & ~CPLS) )
        return false;

    return r->walk <= XEN_ALTP2M_RULE_WALK && r->rip <= r->rip_last &&
           !(r->cr3 & ~r->cr3_mask);
}

/* Is the action one, with no more than it needs?  @idx: the rule's own view. */
static bool valid_action(const struct xen_altp2m_rule *r, unsigned int idx)
{
    switch ( r->action )
    {
    case XEN_ALTP2M_RULE_EVENT:
    case XEN_ALTP2M_RULE_ONCE:
        if ( (r->flags & ~XEN_ALTP2M_RULE_LOG) || r->view )
            return false;
        break;

    case XEN_ALTP2M_RULE_SWITCH:
        if ( (r->flags & ~(XEN_ALTP2M_RULE_ELSE_ONCE | XEN_ALTP2M_RULE_LOG)) ||
             r->view == idx )
            return false;
        break;

    default:
        return false;
    }

    return rule_steps(r) ? r->step_view != idx : !r->step_view;
}

/* Checks what of a rule needs no lock.  Returns 0 or an error. */
static int check_rule(const struct setting *s, const struct xen_altp2m_rule *r)
{
    bool log = r->flags & XEN_ALTP2M_RULE_LOG;

    if ( r->pad1 || (r->cookie && !log) || !valid_conditions(r) ||
         !valid_action(r, s->idx) )
        return -EINVAL;

    if ( s->by_guest && (log || r->action == XEN_ALTP2M_RULE_EVENT) )
        return -EPERM;

    return rule_steps(r) && !hvm_is_singlestep_supported() ? -EOPNOTSUPP : 0;
}

/*
 * Is there a view @idx for a rule to name?  Then notes it in @named, and
 * returns 0; else -ENOENT or -EPERM.  A CPU that guesses that there is one must
 * not use @idx itself.  Lock held.
 */
static int check_named(const struct domain *d, const struct setting *s,
                       unsigned int idx, unsigned long *named)
{
    const struct altp2m_view *view = altp2m_named(d, idx);

    if ( !view )
        return -ENOENT;

    if ( s->by_guest && !view->visible )
        return -EPERM;

    __set_bit(view->idx, named);

    return 0;
}

/* check_named() of all views that a rule names. */
static int check_views(const struct domain *d, const struct setting *s,
                       const struct xen_altp2m_rule *r, unsigned long *named)
{
    int rc = 0;

    if ( r->action == XEN_ALTP2M_RULE_SWITCH )
        rc = check_named(d, s, r->view, named);

    if ( !rc && rule_steps(r) )
        rc = check_named(d, s, r->step_view, named);

    return rc;
}

/* Section: checks the views that rules name, and replaces the rules. */
static int cf_check replace(struct domain *d, void *arg)
{
    DECLARE_BITMAP(named, ALTP2M_MAX_VIEWS);
    struct setting *s = arg;
    const struct altp2m_view *view = altp2m_named(d, s->idx);
    struct altp2m_rules *rules;
    unsigned int i;
    int rc;

    s->failed = s->nr;
    if ( !view )
        return -ENOENT;

    bitmap_zero(named, ALTP2M_MAX_VIEWS);
    for ( i = 0; i < s->nr; i++ )
    {
        rc = check_views(d, s, &s->rule[i], named);
        if ( rc )
        {
            s->failed = i;
            return rc;
        }
    }

    if ( !s->nr )
    {
        altp2m_free_rules(d, view);
        return 0;
    }

    rules = altp2m_make_rules(d, view);
    if ( !rules )
        return -ENOMEM;

    rules->nr = s->nr;
    rules->serial = ++d->arch.altp2m->last_serial % SERIALS + 1;
    rules->by_guest = s->by_guest;
    bitmap_copy(rules->named, named, ALTP2M_MAX_VIEWS);
    memcpy(rules->rule, s->rule, s->nr * sizeof(*s->rule));
    for ( i = 0; i < s->nr; i++ )
        rules->rule[i].hits = 0;

    return 0;
}

/* Copies the caller's rules, if any.  The caller frees *@rule by xfree(). */
static int copy_rules(const struct xen_altp2m_set_rules *set,
                      struct xen_altp2m_rule **rule)
{
    XEN_GUEST_HANDLE(uint8) buffer;

    if ( !altp2m_buffer_ok(set->buffer, set->nr, sizeof(**rule)) )
        return -EFAULT;

    if ( !set->nr )
        return 0;

    *rule = xmalloc_array(struct xen_altp2m_rule, set->nr);
    if ( !*rule )
        return -ENOMEM;

    set_xen_guest_handle_raw(buffer, (uint8_t *)(unsigned long)set->buffer);

    return copy_from_guest((uint8_t *)*rule, buffer, set->nr * sizeof(**rule))
           ? -EFAULT : 0;
}

int altp2m_op_set_rules(struct domain *d, void *arg)
{
    struct xen_altp2m_set_rules *set = altp2m_args(arg);
    struct setting s = {
        .idx = set->view, .nr = set->nr, .by_guest = current->domain == d,
    };
    struct xen_altp2m_rule *rule = NULL;
    int rc;

    if ( set->pad1 || set->pad2 )
        return -EINVAL;

    set->failed = s.nr;
    if ( s.nr > XEN_ALTP2M_MAX_RULES )
        return -E2BIG;

    rc = copy_rules(set, &rule);
    s.rule = rule;
    for ( ; !rc && s.failed < s.nr; s.failed++ )
    {
        rc = check_rule(&s, &rule[s.failed]);
        if ( rc )
            break;
    }

    if ( !rc )
        rc = altp2m_section(d, 0, replace, &s);
    set->failed = rc == -EFAULT || rc == -ENOMEM ? s.nr : s.failed;

    xfree(rule);

    return rc;
}

/* HVMOP_altp2m_read_rules.  -EAGAIN: the list is not the one that it was. */
int altp2m_read_rules(struct domain *d, struct xen_altp2m_read *r,
                      struct altp2m_records *out)
{
    const struct altp2m_view *view = altp2m_named(d, r->view);
    const struct altp2m_rules *rules;
    uint64_t serial = r->next >> SERIAL_SHIFT;
    uint32_t i = r->next;

    if ( !view )
        return -ENOENT;

    rules = altp2m_rules(d->arch.altp2m, view->idx);
    if ( serial && r->next != XEN_ALTP2M_NONE &&
         (!rules || rules->serial != serial) )
        return -EAGAIN;

    for ( ; rules && i < rules->nr; i++ )
    {
        struct xen_altp2m_rule *rule = altp2m_next_record(out);

        if ( !rule )
        {
            r->next = ((uint64_t)rules->serial << SERIAL_SHIFT) + i;
            return 1;
        }
        *rule = rules->rule[array_index_nospec(i, XEN_ALTP2M_MAX_RULES)];
    }

    r->next = XEN_ALTP2M_NONE;

    return 0;
}
