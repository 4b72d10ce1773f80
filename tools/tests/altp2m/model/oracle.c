/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The definition of a view, in its plainest form, and the comparison of every
 * view's tables with it:
 *
 *     frame(v, g)  = host(target if remapped and there is RAM, else g); of a
 *                    fork, RAM is also a hole, until a fault finds that its
 *                    parent has nothing there
 *                    If v has an own page at g that isn't stale, that page,
 *                    where the host has RAM that isn't a device model's; of
 *                    the type RAM, or ROM where the host has that
 *     access(v, g) = the override's, else v's default if it has one, else the
 *                    host's
 *     sve(v, g)    = the override's, else 1
 *
 * Where the CPU has no execute-only pages, a view has sides:
 *
 *                      data       execute       step
 *     x                nothing    x and r       x and r
 *     wx               nothing    x, r and w    x, r and w
 *     anything else    all        all but x     all
 *
 * A vCPU is on the step side for one instruction, which is on two pages, and no
 * other vCPU has anything of it.
 *
 * Nothing here uses the code under test.
 */
#include "model.h"

/* Around the edges of tables and superpages, and the kinds of memory. */
const unsigned long gfns[NR_GFNS] = {
    0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9,
    0x1fe, 0x1ff, 0x200, 0x201, 0x3ff, 0x400, 0x5ff, 0x600,
    0x3ffff, 0x40000, 0x40001, 0x401ff, 0x40200, 0x7ffff, 0x80000,
    0x7ffffff, 0x8000000, 0xfffffffff,
};
struct ref ref;

int gfn_number(unsigned long gfn)
{
    int i;

    for ( i = 0; i < NR_GFNS; i++ )
        if ( gfns[i] == gfn )
            return i;

    FAIL("gfn %lx isn't one that tests look at", gfn);
}

/* Who may write may also write while walking, where that is a right at all. */
static unsigned int with_walks(unsigned int rights)
{
    return features.paging_write && (rights & 2) ? rights | RIGHT_WALKS : rights;
}

unsigned int rights_of(p2m_access_t access)
{
    switch ( access )
    {
    case p2m_access_rx2rw: return 5;
    case p2m_access_n2rwx: return 0;
    case p2m_access_r_pw:  return features.paging_write ? 1 | RIGHT_WALKS : 1;
    default:               return with_walks(access);
    }
}

static p2m_type_t recalculated(unsigned long gfn, p2m_type_t t, bool recalc)
{
    const struct p2m_domain *p2m = p2m_get_hostp2m(model_domain);

    if ( !recalc || (t != p2m_ram_rw && t != p2m_ram_logdirty &&
                     t != p2m_ioreq_server) ||
         (t == p2m_ioreq_server && p2m->ioreq.server) )
        return t;

    return p2m->global_logdirty ||
           (gfn >= p2m->logdirty_first && gfn <= p2m->logdirty_last)
           ? p2m_ram_logdirty : p2m_ram_rw;
}

/* By bits 11:9 of an NPT entry. */
static const p2m_access_t npt_access_of[] = {
    p2m_access_rwx, p2m_access_rw, p2m_access_rx, p2m_access_r, p2m_access_n,
    p2m_access_rx2rw, p2m_access_n2rwx, p2m_access_r_pw,
};

/* The same of an entry in either format. */
static struct raw {
    bool present, hidden, leads, pending, recalc;
    unsigned int type;
    p2m_access_t access;
    unsigned long frame;
} raw_of(uint64_t e, unsigned int level)
{
    struct raw r = { .frame = (e >> 12) & 0xffffffffff };

    if ( features.vmx )
    {
        r.present = e & 7;
        r.type = (e >> 52) & 63;
        r.access = ((ept_entry_t){ .epte = e }).access;
        r.pending = r.present && ((e >> 3) & 7) == 7;
        r.recalc = (e >> 10) & 1;
        if ( !(e << 1) )
            r.type = p2m_invalid;
    }
    else
    {
        r.present = e & 1;
        r.access = npt_access_of[(e >> 9) & 7];
        r.type = (e >> 52) & 0x7f;
        r.hidden = !r.present && !rights_of(r.access) &&
                   (p2m_is_any_ram(r.type) || r.type == p2m_mmio_direct);
        r.pending = r.recalc = (r.present || r.hidden) && !(e & 4);
        if ( !e )
            r.type = p2m_invalid;
    }
    r.leads = level && r.present && !(e & 0x80);

    return r;
}

struct host_fact host_fact(unsigned long gfn)
{
    struct host_fact f = { .type = p2m_mmio_dm, .access = p2m_access_rwx };
    unsigned long table = p2m_get_hostp2m(model_domain)->phys_table.mfn.m;
    bool recalc = false;
    unsigned int level;

    for ( level = 3; ; level-- )
    {
        struct raw r = raw_of(table_at(table)[(gfn >> (9 * level)) & 511],
                              level);

        f.level = level;
        f.pending |= r.pending;
        recalc |= r.recalc;
        if ( r.leads )
        {
            table = r.frame;
            continue;
        }
        if ( r.type == p2m_invalid )
            return f;
        if ( level && !r.present && r.type != p2m_populate_on_demand )
            FAIL("the host has a large page with no access at gfn %lx", gfn);
        /* Xen's marks pass by what isn't there: it keeps its type. */
        f.type = r.present || r.hidden ? recalculated(gfn, r.type, recalc)
                                       : r.type;
        f.present = r.present;
        f.access = r.access;
        if ( level )
            r.frame &= ~((1UL << (9 * level)) - 1);
        f.mfn = r.frame + (gfn & ((1UL << (9 * level)) - 1));
        return f;
    }
}

/* What the type of a page lets through, leaving its access aside. */
static void type_rights(p2m_type_t t, const struct host_fact *src,
                        bool remapped, unsigned int *must, unsigned int *may)
{
    unsigned int m;

    switch ( t )
    {
    case p2m_ram_rw:
    case p2m_mmio_direct:
        m = 7;
        break;
    case p2m_ram_logdirty:
    case p2m_ram_ro:
    case p2m_ram_shared:
        m = 5;
        break;
    case p2m_grant_map_rw:
    case p2m_map_foreign:
        m = 3;
        break;
    case p2m_grant_map_ro:
        m = 1;
        break;
    case p2m_ioreq_server:
        m = 1;
        break;
    default:
        m = 0;
        break;
    }

    *must = *may = m;
    /* Entries outlive the server's wishes that they were made by. */
    if ( t == p2m_ioreq_server )
        *may |= 2;
    /* PML logs what was written, under the gfn that it was written by. */
    if ( t == p2m_ram_logdirty && !remapped &&
         (vmx_domain_pml_enabled(model_domain) ||
          (features.pml && !src->present)) )
        *may |= 2;
    /* A large page that may not be executed from is split when it is. */
    if ( src->level && !model_domain->arch.hvm.vmx.exec_sp )
        *must &= ~4u;

    *must = with_walks(*must);
    *may = with_walks(*may);
    /* Xen's own entries let CPUs write whatever the type says. */
    if ( features.paging_write && src->access == p2m_access_r_pw )
        *may |= RIGHT_WALKS;
}

static int memory_type(unsigned long gfn, unsigned long mfn, p2m_type_t t,
                       bool *ipat)
{
    return epte_get_entry_emt(model_domain, _gfn(gfn), _mfn(mfn), 0, ipat, t);
}

bool can_hide(p2m_type_t t)
{
    return (p2m_is_ram(t) || p2m_is_pod(t)) && t != p2m_ioreq_server;
}

bool ref_own_shows(const struct ref_override *o, unsigned int g)
{
    return o->own.there && !o->own.stale && can_hide(host_fact(gfns[g]).type);
}

/*
 * What has gone once is another page when there is one again; and so is what
 * replaces a page that doesn't move by itself.
 */
void ref_drops(void)
{
    unsigned int i, g;

    for ( g = 0; g < NR_GFNS; g++ )
    {
        struct host_fact f = host_fact(gfns[g]);
        unsigned long mfn = p2m_is_shared(f.type) || p2m_is_paging(f.type) ||
                            p2m_is_pod(f.type) ? MAY_MOVE : f.mfn;

        for ( i = 0; i < NR_VIEWS; i++ )
        {
            struct ref_own *own = &ref.view[i].o[g].own;

            if ( !own->there || own->stale )
                continue;
            own->stale = !can_hide(f.type) ||
                         (mfn != MAY_MOVE && own->mfn != MAY_MOVE &&
                          mfn != own->mfn);
            if ( !own->stale )
                own->mfn = mfn;
        }
    }
}

/* The frame of an own page is the heap's choice. */
static unsigned long own_mfn(unsigned int view, unsigned int g)
{
    struct altp2m_view *v = view_at(model_domain, view);
    struct altp2m_remap *r = v ? altp2m_remap(v, gfns[g]) : NULL;

    if ( !r || !r->own )
        FAIL("view %u has no own page at gfn %lx", view, gfns[g]);

    return mfn_x(page_to_mfn(r->own->page));
}

struct expect oracle(unsigned int view, unsigned int g)
{
    const struct ref_view *v = &ref.view[view];
    const struct ref_override *o = &v->o[g];
    struct host_fact host = host_fact(gfns[g]), src = host;
    struct expect x = { .source = gfns[g], .sve = !o->has_sve || o->sve };
    unsigned int bits;
    bool remapped = false, ipat;

    if ( o->has_target )
    {
        struct host_fact t = host_fact(o->target);

        /* A page that a fork may still copy is there, and is a hole. */
        if ( p2m_is_ram(t.type) || p2m_is_pod(t.type) ||
             (t.type == p2m_mmio_dm && model_domain->parent && !o->gone) )
        {
            src = t;
            x.source = o->target;
            remapped = true;
        }
    }

    if ( ref_own_shows(o, g) )
    {
        x.own = true;
        src = (struct host_fact){
            .type = host.type == p2m_ram_ro ? p2m_ram_ro : p2m_ram_rw,
            .access = host.access, .mfn = own_mfn(view, g), .present = true,
        };
    }

    x.type = src.type;
    x.mfn = src.mfn;
    x.access = o->has_access ? o->access
                             : v->def == NO_DEFAULT ? host.access : v->def;
    type_rights(src.type, &src, remapped, &x.must, &x.may);
    x.faultable = !x.may;
    bits = rights_of(x.access);
    x.must &= bits;
    x.may &= bits;
    x.emt = -1;
    if ( x.may && features.vmx )
        x.emt = memory_type(x.source, x.mfn, x.type, &ipat);

    return x;
}

bool needs_sides(p2m_access_t access)
{
    return (access == p2m_access_x || access == p2m_access_wx) &&
           !features.exec_only;
}

struct expect oracle_side(unsigned int view, unsigned int g, unsigned int side)
{
    struct expect x = oracle(view, g);
    unsigned int all = rights_of(x.access), rights = all;
    struct host_fact src = host_fact(x.source);
    unsigned int must, may;

    if ( needs_sides(x.access) )
        rights = side == SIDE_DATA ? 0 : all | 1;
    else if ( side == SIDE_EXECUTE )
        rights = all & ~4u;

    if ( x.own )
    {
        src.type = x.type;
        src.level = 0;
        src.present = true;
    }
    type_rights(src.type, &src, x.source != gfns[g], &must, &may);
    x.rights = rights;
    x.must = must & rights;
    x.may = may & rights;
    /* Other faults are Xen's to handle: the view may allow the access. */
    x.sve |= rights != all;

    return x;
}

/* Is a view's access of a gfn the host's own? */
bool ref_is_host(unsigned int view, unsigned int g)
{
    return !view && ref.view[0].def == NO_DEFAULT &&
           !ref.view[0].o[g].has_access;
}

/* Was the node of a gfn made of what faults are lent? */
static bool is_lent(unsigned int view, unsigned int g)
{
    struct altp2m_view *v = view_at(model_domain, view);
    struct altp2m_node *node = v ? altp2m_node(v, gfns[g], 0) : NULL;

    return node && node->lent;
}

void ref_promoted(unsigned int view, unsigned int g, p2m_access_t access)
{
    struct ref_override *o = &ref.view[view].o[g];

    if ( ref_is_host(view, g) )
        return;

    if ( !o->lent && is_lent(view, g) )
    {
        o->lent = ref.lent = true;
        o->had_access = o->has_access;
        o->had = o->access;
    }
    o->has_access = true;
    o->access = access;
    o->own.chosen = false;
}

/*
 * Forget the promotions that were lent and have been taken back since.  Those
 * whose nodes are there and not lent any more were paid for, and stay.
 */
void ref_recalled(void)
{
    const struct altp2m_domain *a = model_domain->arch.altp2m;
    unsigned int i, g;
    bool back;

    if ( !a )
        return;

    back = a->recalled != ref.recalled;
    ref.recalled = a->recalled;
    if ( !ref.lent )
        return;

    ref.lent = false;
    for ( i = 0; i < NR_VIEWS; i++ )
        for ( g = 0; g < NR_GFNS; g++ )
        {
            struct ref_override *o = &ref.view[i].o[g];

            if ( !o->lent )
                continue;

            if ( !back && is_lent(i, g) )
            {
                ref.lent = true;
                continue;
            }

            if ( back )
            {
                o->has_access = o->had_access;
                o->access = o->had;
            }
            o->lent = false;
        }
}

/* ---- comparison ---- */

static void wrong(unsigned int view, unsigned int g, const struct walk *w,
                  const struct expect *x, const char *what)
{
    FAIL("view %u gfn %lx: %s: walk ends %d at level %u with entry %016"PRIx64
         " frame %lx rights %u sve %d; should be frame %lx (of gfn %lx, type %d)"
         " rights %u..%u access %d sve %d", view, gfns[g], what, w->end,
         w->level, w->entry, w->mfn, w->rights, w->suppress, x->mfn, x->source,
         x->type, x->must, x->may, x->access, x->sve);
}

static bool ve_possible(void)
{
    unsigned int i;

    for ( i = 0; i < NR_VCPUS; i++ )
        if ( cpu_has_vmx_virt_exceptions &&
             vcpu_altp2m(model_domain->vcpu[i]).veinfo_pg )
            return true;

    return false;
}

static void check_absent(unsigned int view, unsigned int g,
                         const struct walk *w, const struct expect *x)
{
    /* Stale, to be filled in on a fault that must come to Xen. */
    if ( w->entry == (features.vmx ? 1ULL << 63 : 0) )
        return;

    /* Made while what it shows was to be computed anew, which an entry without
       rights can't tell: the same. */
    if ( features.vmx && x->source != gfns[g] && w->suppress &&
         ((w->entry >> 52) & 63) == p2m_ioreq_server &&
         p2m_is_changeable(x->type) )
        return;

    if ( x->must )
        wrong(view, g, w, x, "no translation");
    if ( !features.vmx )
        return;
    /* The host's root doesn't suppress #VE, while there is none. */
    if ( !view && !w->entry && !ve_possible() )
        return;
    /* What the type forbids comes to Xen; but an entry that says it for a
       whole table can't tell. */
    if ( x->faultable ? !w->suppress && !ref.view[view].o[g].ranged
                      : w->suppress != (x->sve || rights_of(x->access)) )
        wrong(view, g, w, x, "suppress #VE");
}

static void check_gfn(unsigned int view, unsigned int g, unsigned int side,
                      unsigned long root)
{
    struct walk w = walk_any(root, gfns[g]);
    struct expect x = oracle_side(view, g, side);

    switch ( w.end )
    {
    case WALK_ABSENT:
        check_absent(view, g, &w, &x);
        break;

    case WALK_MISCONFIG:
        /* Resolved when a guest gets there; but only Xen's marks are. */
        if ( features.vmx ? (w.entry >> 3 & 7) != 7 : (w.entry & 4) )
            wrong(view, g, &w, &x, "misconfigured");
        break;

    case WALK_OK:
        if ( (w.rights & x.must) != x.must || (w.rights & ~x.may) )
            wrong(view, g, &w, &x, "rights");
        if ( w.rights && w.mfn != x.mfn )
            wrong(view, g, &w, &x, "frame");
        /* A fault that the access allows is Xen's to handle. */
        if ( features.vmx && !x.faultable &&
             w.suppress != (x.sve || (rights_of(x.access) & ~w.rights)) )
            wrong(view, g, &w, &x, "suppress #VE");
        if ( w.rights && x.emt >= 0 && (int)w.emt != x.emt )
            wrong(view, g, &w, &x, "memory type");
        break;
    }
}

void check_view(unsigned int view)
{
    unsigned int side, g;

    for ( side = 0; side < SIDES; side++ )
    {
        uint64_t root = side_at(model_domain, view, side);

        for ( g = 0; g < NR_GFNS && root != ~0UL; g++ )
            check_gfn(view, g, side, (root >> 12) & 0xffffffffff);
    }
}

static void check_vcpu(unsigned int i)
{
    const struct vcpu *v = model_domain->vcpu[i];
    unsigned int side = ref.on ? altp2m_vcpu_of(v)->side : SIDE_DATA;

    if ( cpus[cpu_of(v)].in_guest )
        return;

    if ( altp2m_vcpu_idx(v) != ref.in[i] )
        FAIL("vCPU %u is in view %u, should be in %u", i, altp2m_vcpu_idx(v),
             ref.in[i]);
    if ( (side == SIDE_EXECUTE) != ref.executes[i] )
        FAIL("vCPU %u is on side %u of view %u", i, side, ref.in[i]);
    ASSERT(!ref.on || side_at(model_domain, ref.in[i], side) != ~0UL);
}

/* Views and where vCPUs are, and every gfn of every view. */
void check_all(void)
{
    const struct domain *d = model_domain;
    unsigned int i;

    ASSERT(altp2m_active(d) == ref.on);
    for ( i = 0; i < NR_VIEWS && ref.on; i++ )
    {
        uint64_t root = root_at(d, i), listed;

        if ( !!view_at(d, i) != ref.view[i].live )
            FAIL("view %u is%s there", i, ref.view[i].live ? "n't" : "");
        if ( root != ~0UL && !ref.view[i].live )
            FAIL("view %u has tables, and isn't there", i);
        if ( d->arch.altp2m->eptp_list )
        {
            listed = d->arch.altp2m->eptp_list[i];
            if ( listed != (ref.view[i].live && ref.view[i].visible ? root
                                                                    : ~0UL) )
                FAIL("view %u is not in the EPTP list as it should be", i);
            ASSERT(root != ~0UL || !ref.view[i].visible);
        }
        /* A view that no CPU can walk has no tables yet. */
        if ( root != ~0UL )
        {
            struct ept_data e = { .eptp = root };

            ASSERT(!features.vmx ||
                   (e.ad == p2m_get_hostp2m(d)->ept.ad && e.mt == 6 &&
                    e.wl == 3));
            check_view(i);
        }
    }
    for ( i = 0; i < NR_VCPUS; i++ )
        check_vcpu(i);
}

/*
 * Have a guest read, write and execute every gfn of every view: what was left
 * to be done on a fault is done now, and must lead to what is defined.
 */
void check_touching(void)
{
    struct domain *d = model_domain;
    unsigned int i, g, was = ref.in[0];

    for ( i = 0; i < (ref.on ? NR_VIEWS : 1); i++ )
    {
        if ( ref.on && !ref.view[i].live )
            continue;
        if ( ref.on )
        {
            cpu_exit(cpu_of(d->vcpu[0]));
            if ( altp2m_switch_vcpu(d->vcpu[0], _view_idx(i), ASKED_BY_TOOLS) )
                FAIL("can't switch to view %u", i);
            ref.in[0] = i;
            ref.executes[0] = false;
            rule_sent(0);
        }
        for ( g = 0; g < NR_GFNS; g++ )
        {
            unsigned int want = 1u << (g % 3);

            cpu_touch(cpu_of(d->vcpu[0]), gfns[g], want);
        }
    }
    if ( ref.on )
    {
        cpu_exit(cpu_of(d->vcpu[0]));
        altp2m_switch_vcpu(d->vcpu[0], _view_idx(was), ASKED_BY_TOOLS);
        ref.in[0] = was;
        ref.executes[0] = false;
        rule_sent(0);
    }
}
