/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenaltp2m: hidden breakpoints, by two views of a domain.
 *
 * In @runs a page with breakpoints is a copy that has INT3 in it, and may only
 * be executed.  In @shows the page is the guest's own, and may only be read.
 * Rules take a vCPU from one view to the other; where an instruction needs
 * both, it executes in view 0.
 *
 * Everything is in Xen: which views these are is told by their rules, and where
 * breakpoints are by the bytes that are patched.  So they outlive the process.
 */
#include "breakpoint.h"

#define INT3 0xcc
#define HOST_VIEW 0

#define RULES_SINCE 5             /* XEN_ALTP2M_INTERFACE */
#define NEEDED (XEN_ALTP2M_HAS_OWN | XEN_ALTP2M_HAS_SINGLE_STEP)

/* A rule about all memory and all instructions, for vCPUs of any CPL. */
static struct xen_altp2m_rule rule(const xenaltp2m_breakpoints *b,
                                   uint8_t access, uint8_t action)
{
    return (struct xen_altp2m_rule){
        .count = b->gfns, .offset_last = 0xfff, .rip_last = XEN_ALTP2M_NONE,
        .cpl = 0xf, .access = access, .action = action,
        .step_view = HOST_VIEW,
    };
}

static struct xen_altp2m_rule go_to(const xenaltp2m_breakpoints *b,
                                    uint8_t access, uint16_t view)
{
    struct xen_altp2m_rule r = rule(b, access, XEN_ALTP2M_RULE_SWITCH);

    r.view = view;
    r.flags = XEN_ALTP2M_RULE_ELSE_ONCE;

    return r;
}

/* ---- the views ---- */

/*
 * The rules of @runs.  At an INT3 that is not for the monitor, the instruction
 * executes in view 0.  Who reads goes to the other view; writes are events.
 */
int xenaltp2m_breakpoints_filter(xenaltp2m_breakpoints *b, const uint64_t *cr3,
                                 unsigned int nr, uint64_t mask)
{
    struct xen_altp2m_rule list[XEN_ALTP2M_MAX_RULES];
    unsigned int i;

    if ( nr > XEN_ALTP2M_MAX_RULES - 2 )
    {
        errno = E2BIG;
        return -1;
    }

    for ( i = 0; i < nr; i++ )
    {
        list[i] = rule(b, XEN_ALTP2M_RULE_BREAKPOINT, XEN_ALTP2M_RULE_EVENT);
        list[i].cr3 = cr3[i] & mask;
        list[i].cr3_mask = mask;
    }
    list[nr] = rule(b, XEN_ALTP2M_RULE_BREAKPOINT,
                    nr ? XEN_ALTP2M_RULE_ONCE : XEN_ALTP2M_RULE_EVENT);
    list[nr + 1] = go_to(b, XEN_ALTP2M_RULE_READ, b->shows);

    return xenaltp2m_set_rules(b->h, b->domid, b->runs, list, nr + 2, NULL);
}

/* All rules of a view, which may be replaced meanwhile.  How many, or -1. */
static int read_rules(const xenaltp2m_breakpoints *b, uint16_t view,
                      struct xen_altp2m_rule *list)
{
    int nr;

    do {
        struct xenaltp2m_cursor at = { 0 };

        nr = xenaltp2m_read_rules(b->h, b->domid, view, &at, list,
                                  XEN_ALTP2M_MAX_RULES);
    } while ( nr < 0 && errno == EAGAIN );

    return nr;
}

/* Reads the last rule of a view.  How many it has, or -1. */
static int last_rule(const xenaltp2m_breakpoints *b, uint16_t view,
                     struct xen_altp2m_rule *last)
{
    struct xen_altp2m_rule list[XEN_ALTP2M_MAX_RULES];
    int nr = read_rules(b, view, list);

    if ( nr > 0 )
    {
        *last = list[nr - 1];
        last->hits = 0;
    }

    return nr;
}

/* Is @view one that runs, and which is then the one that shows? */
static bool is_ours(xenaltp2m_breakpoints *b, uint16_t view)
{
    struct xen_altp2m_rule there, back, wanted;

    if ( last_rule(b, view, &there) < 2 )
        return false;

    wanted = go_to(b, XEN_ALTP2M_RULE_READ, there.view);
    if ( memcmp(&there, &wanted, sizeof(there)) ||
         last_rule(b, there.view, &back) != 1 )
        return false;

    b->runs = view;
    b->shows = there.view;
    wanted = go_to(b, XEN_ALTP2M_RULE_FETCH, view);

    return !memcmp(&back, &wanted, sizeof(back));
}

static int find_views(xenaltp2m_breakpoints *b)
{
    struct xen_altp2m_view *list;
    bool found = false;
    size_t nr, i;

    if ( xenaltp2m_all_views(b->h, b->domid, &list, &nr) )
        return -1;

    for ( i = 0; !found && i < nr; i++ )
        found = list[i].view != HOST_VIEW && is_ours(b, list[i].view);
    free(list);

    if ( !found )
        errno = ENOENT;

    return found ? 0 : -1;
}

/* Also those in view 0, from where a step may be about to take them back. */
static int take_vcpus_out(const xenaltp2m_breakpoints *b)
{
    struct xen_altp2m_vcpu *list;
    int rc = 0, saved;
    size_t nr, i;

    if ( xenaltp2m_all_vcpus(b->h, b->domid, &list, &nr) )
        return -1;

    for ( i = 0; !rc && i < nr; i++ )
        if ( list[i].view == b->runs || list[i].view == b->shows ||
             list[i].view == HOST_VIEW )
            rc = xenaltp2m_switch_vcpu(b->h, b->domid, list[i].vcpu,
                                       HOST_VIEW);

    saved = errno;
    free(list);
    errno = saved;

    return rc;
}

/* One of the views may be gone already, or not be made yet. */
static int end_views(xenaltp2m_breakpoints *b)
{
    uint16_t *const views[] = { &b->runs, &b->shows };
    unsigned int i;

    /* A view that a rule names can't be destroyed. */
    for ( i = 0; i < 2; i++ )
        if ( *views[i] && xenaltp2m_set_rules(b->h, b->domid, *views[i], NULL,
                                              0, NULL) )
            return -1;

    if ( take_vcpus_out(b) )
        return -1;

    for ( i = 0; i < 2; i++ )
        if ( *views[i] )
        {
            if ( xenaltp2m_destroy(b->h, b->domid, *views[i]) )
                return -1;
            *views[i] = 0;
        }

    return 0;
}

static int make_views(xenaltp2m_breakpoints *b)
{
    struct xen_altp2m_rule back;
    int saved;

    b->runs = b->shows = 0;
    if ( !xenaltp2m_create(b->h, b->domid, XENALTP2M_HOST, &b->runs) &&
         !xenaltp2m_create(b->h, b->domid, XENALTP2M_HOST, &b->shows) )
    {
        back = go_to(b, XEN_ALTP2M_RULE_FETCH, b->runs);
        if ( !xenaltp2m_set_rules(b->h, b->domid, b->shows, &back, 1, NULL) &&
             !xenaltp2m_breakpoints_filter(b, NULL, 0, 0) &&
             !xenaltp2m_switch(b->h, b->domid, b->runs) )
            return 0;
    }

    saved = errno;
    end_views(b);
    errno = saved;

    return -1;
}

/* ---- the handle ---- */

static int open_views(xenaltp2m_breakpoints *b, unsigned int flags)
{
    struct xen_altp2m_capabilities c;
    struct xen_altp2m_domain_info info;

    if ( xenaltp2m_capabilities(b->h, b->domid, &c) )
        return -1;

    /* What can be executed must not be readable, or they are no secret. */
    if ( c.why_not || c.interface < RULES_SINCE ||
         (c.features & NEEDED) != NEEDED || !(c.rights & (1u << XENALTP2M_X)) )
    {
        errno = EOPNOTSUPP;
        return -1;
    }

    b->gfns = c.max_gfn + 1;
    if ( xenaltp2m_domain_info(b->h, b->domid, &info) )
        return -1;

    b->vcpus = info.vcpus;
    b->step = calloc(b->vcpus, sizeof(*b->step));
    if ( !b->step )
    {
        errno = ENOBUFS;
        return -1;
    }

    if ( !find_views(b) )
        return 0;

    return errno != ENOENT || (flags & XENALTP2M_ONLY_FIND) ? -1
                                                            : make_views(b);
}

xenaltp2m_breakpoints *xenaltp2m_breakpoints_open(xenaltp2m_handle *h,
                                                  uint32_t domid,
                                                  unsigned int flags)
{
    xenaltp2m_breakpoints *b = calloc(1, sizeof(*b));
    int saved;

    if ( !b )
    {
        errno = ENOBUFS;
        return NULL;
    }

    b->h = h;
    b->domid = domid;
    errno = EINVAL;
    if ( !(flags & ~XENALTP2M_ONLY_FIND) && !open_views(b, flags) )
        return b;

    saved = errno;
    xenaltp2m_breakpoints_close(b);
    errno = saved;

    return NULL;
}

void xenaltp2m_breakpoints_close(xenaltp2m_breakpoints *b)
{
    if ( b )
        free(b->step);
    free(b);
}

int xenaltp2m_breakpoints_end(xenaltp2m_breakpoints *b)
{
    if ( end_views(b) )
        return -1;

    xenaltp2m_breakpoints_close(b);

    return 0;
}

void xenaltp2m_breakpoints_views(const xenaltp2m_breakpoints *b,
                                 uint16_t *runs, uint16_t *shows)
{
    if ( runs )
        *runs = b->runs;
    if ( shows )
        *shows = b->shows;
}

/* ---- breakpoints ---- */

bool altp2m__has_breakpoints(const xenaltp2m_breakpoints *b, uint64_t gfn)
{
    struct xenaltp2m_cursor at = { .next = gfn };
    struct xen_altp2m_override o;

    return xenaltp2m_read_overrides(b->h, b->domid, b->runs, &at, gfn, &o,
                                    1) == 1 && (o.set & XEN_ALTP2M_OWN);
}

/* Where there is no breakpoint any more, both views show the guest's page. */
static int tidy(const xenaltp2m_breakpoints *b, uint64_t gfn)
{
    return altp2m__has_breakpoints(b, gfn) ? 0 :
           xenaltp2m_set_access(b->h, b->domid, b->shows, gfn, XENALTP2M_HOST);
}

static int valid(uint64_t gfn, unsigned int offset, struct xen_altp2m_patch *p)
{
    *p = (struct xen_altp2m_patch){ .gfn = gfn, .len = 1, .bytes = { INT3 } };
    p->offset = offset;
    if ( offset < 4096 )
        return 0;

    errno = EINVAL;

    return -1;
}

int xenaltp2m_breakpoint(xenaltp2m_breakpoints *b, uint64_t gfn,
                         unsigned int offset)
{
    struct xen_altp2m_patch p;
    int saved;

    if ( valid(gfn, offset, &p) )
        return -1;

    /* First: a vCPU that executes the page there goes to the other view. */
    if ( !xenaltp2m_set_access(b->h, b->domid, b->shows, gfn, XENALTP2M_R) &&
         !xenaltp2m_patch(b->h, b->domid, b->runs, &p, 1, NULL) )
        return 0;

    saved = errno;
    tidy(b, gfn);
    errno = saved;

    return -1;
}

int xenaltp2m_breakpoint_remove(xenaltp2m_breakpoints *b, uint64_t gfn,
                                unsigned int offset)
{
    struct xen_altp2m_patch p;

    return valid(gfn, offset, &p) ||
           xenaltp2m_unpatch(b->h, b->domid, b->runs, &p, 1, NULL) ||
           tidy(b, gfn) ? -1 : 0;
}

/* ---- listing ---- */

/* Adds the breakpoints of a page, of which there are *@nr then. */
static int add_page(const xenaltp2m_breakpoints *b, uint64_t gfn, bool dormant,
                    struct xenaltp2m_place **list, size_t *nr)
{
    struct xenaltp2m_place *more;
    uint8_t patched[4096];
    unsigned int i;

    if ( xenaltp2m_read_page(b->h, b->domid, b->runs, gfn, 0, sizeof(patched),
                             XEN_ALTP2M_READ_PATCHED, patched) )
        return -1;

    for ( i = 0; i < sizeof(patched); i++ )
    {
        if ( !patched[i] )
            continue;

        more = reallocarray(*list, *nr + 1, sizeof(*more));
        if ( !more )
        {
            errno = ENOBUFS;
            return -1;
        }
        more[*nr] = (struct xenaltp2m_place){ gfn, i, dormant };
        *list = more;
        ++*nr;
    }

    return 0;
}

int xenaltp2m_breakpoints_list(const xenaltp2m_breakpoints *b,
                               struct xenaltp2m_place **list, size_t *nr)
{
    struct xen_altp2m_override *o;
    size_t nr_o, i;
    uint64_t n;
    int rc = 0, saved;

    *list = NULL;
    *nr = 0;
    if ( xenaltp2m_all_overrides(b->h, b->domid, b->runs, 0, XEN_ALTP2M_NONE,
                                 &o, &nr_o) )
        return -1;

    for ( i = 0; i < nr_o; i++ )
        for ( n = 0; !rc && (o[i].set & XEN_ALTP2M_OWN) && n < o[i].count; n++ )
            rc = add_page(b, o[i].gfn + n, o[i].dormant, list, nr);

    saved = errno;
    free(o);
    if ( rc )
    {
        free(*list);
        *list = NULL;
    }
    errno = saved;

    return rc;
}

int xenaltp2m_breakpoints_counts(const xenaltp2m_breakpoints *b,
                                 uint64_t *hits, uint64_t *others)
{
    struct xen_altp2m_rule list[XEN_ALTP2M_MAX_RULES];
    uint64_t event = 0, once = 0;
    int nr = read_rules(b, b->runs, list), i;

    if ( nr < 0 )
        return -1;

    for ( i = 0; i < nr; i++ )
        if ( list[i].access == XEN_ALTP2M_RULE_BREAKPOINT )
            *(list[i].action == XEN_ALTP2M_RULE_EVENT ? &event : &once) +=
                list[i].hits;

    if ( hits )
        *hits = event;
    if ( others )
        *others = once;

    return 0;
}
