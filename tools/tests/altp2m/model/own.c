/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of a view's own: the operations on them, foretold, and what is on them.
 *
 * The model knows some bytes of each own page: a copy of the host's as of the
 * patch that made it, or the last refresh, but for patched bytes; and what the
 * guest has written since, if the view let it.
 */
#include "step.h"

#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

const unsigned int offsets[NR_OFFSETS] = {
    0, 1, 2, 0x7ff, 0x800, 0xfef, 0xffe, 0xfff,
};

static void *buffer(void)
{
    return guest_memory + 4096;
}

static struct ref_own *own_of(unsigned int view, unsigned int g)
{
    return &ref.view[view].o[g].own;
}

/* The host's byte, where it has a page. */
static uint8_t host_byte(unsigned int g, unsigned int i)
{
    return data_at(host_fact(gfns[g]).mfn)[offsets[i]];
}

/* Is there a page to copy?  One that isn't there yet is brought in. */
static int want_page(unsigned int g)
{
    p2m_type_t t = host_fact(gfns[g]).type;

    if ( p2m_is_paging(t) )
        return -EAGAIN;

    return can_hide(t) || (t == p2m_mmio_dm && model_domain->parent &&
                           parent_has(gfns[g])) ? 0 : -ENXIO;
}

/* What is on each own page, and which bytes are said to be patched. */
void check_own(void)
{
    unsigned int v, g, i;

    for ( v = 0; v < NR_VIEWS; v++ )
        for ( g = 0; g < NR_GFNS; g++ )
        {
            const struct ref_own *want = own_of(v, g);
            struct altp2m_view *view = live(v) ? view_at(model_domain, v) : NULL;
            const struct altp2m_remap *r = view ? altp2m_remap(view, gfns[g])
                                                : NULL;
            const uint8_t *page;

            if ( want->there != (r && r->own) )
                FAIL("view %u has %s own page at gfn %lx", v,
                     want->there ? "no" : "an", gfns[g]);
            if ( !want->there )
                continue;

            page = data_at(mfn_x(page_to_mfn(r->own->page)));
            if ( mfn_x(page_to_mfn(r->own->page)) == host_fact(gfns[g]).mfn )
                FAIL("view %u: the host has the own page of gfn %lx", v,
                     gfns[g]);
            for ( i = 0; i < NR_OFFSETS; i++ )
                if ( page[offsets[i]] != want->byte[i] ||
                     test_bit(offsets[i], r->own->patched) !=
                     (want->patched >> i & 1) )
                    FAIL("view %u gfn %lx: byte %x is %x, should be %x%s", v,
                         gfns[g], offsets[i], page[offsets[i]], want->byte[i],
                         want->patched >> i & 1 ? ", patched" : "");
        }
}

/* What is there, where the model can't tell. */
struct ref_own own_observed(struct altp2m_view *view,
                            const struct altp2m_remap *r)
{
    struct ref_own own = { .there = true };
    struct altp2m_at at;
    unsigned int i;

    altp2m_find(model_domain, view, r->gfn, &at);
    own.chosen = (at.slot & SLOT_ACCESS) == SLOT_CHOSEN;
    own.stale = r->own->stale;
    own.mfn = mfn_x(r->own->host);
    for ( i = 0; i < NR_OFFSETS; i++ )
    {
        own.byte[i] = data_at(mfn_x(page_to_mfn(r->own->page)))[offsets[i]];
        own.patched |= test_bit(offsets[i], r->own->patched) << i;
    }

    return own;
}

/* ---- patch, unpatch ---- */

struct some { unsigned int g, i; }; /* a gfn and an offset */

static struct some some_of(struct step s, unsigned int n)
{
    return (struct some){ (s.b + n * (s.c & 3)) % NR_GFNS,
                          ((s.c >> 2) + n * 3) % NR_OFFSETS };
}

/* The @n-th of the bytes that are patched; some byte if there are none. */
static struct some some_patched(unsigned int view, struct step s,
                                unsigned int n)
{
    struct some found[64];
    unsigned int g, i, nr = 0;

    for ( g = 0; g < NR_GFNS && live(view); g++ )
        for ( i = 0; i < NR_OFFSETS && nr < ARRAY_SIZE(found); i++ )
            if ( own_of(view, g)->patched >> i & 1 )
                found[nr++] = (struct some){ g, i };

    return nr ? found[(s.b + n) % nr] : some_of(s, n);
}

static unsigned int fill_records(struct step s, struct xen_altp2m_patch *r,
                                 struct some *at, uint8_t flags)
{
    unsigned int nr = 1 + s.d % 3, n;

    for ( n = 0; n < nr; n++ )
    {
        /* What is there is found seldom. */
        at[n] = s.c & 0x80 || (!flags && (s.c & 0x60))
                ? some_patched(view_arg(s.a), s, n) : some_of(s, n);
        r[n] = (struct xen_altp2m_patch){
            .gfn = gfns[at[n].g], .offset = offsets[at[n].i], .len = 1,
            .flags = (s.d >> (4 + n)) & flags,
            .bytes[0] = s.d * 7 + n, .old[0] = 0xee,
        };
    }

    return nr;
}

/* Two records about one byte, the second of which may not be. */
static int same_byte(const struct some *at, const struct xen_altp2m_patch *r,
                     unsigned int nr, unsigned int *failed)
{
    unsigned int i, j;

    for ( i = 0; i < nr; i++ )
        for ( j = 0; j < i; j++ )
            if ( !r[i].flags && at[i].g == at[j].g && at[i].i == at[j].i )
            {
                *failed = i;
                return true;
            }

    return false;
}

/* What patching a gfn, at which record @n is the first, is refused for. */
static int want_patch(unsigned int view, const struct some *at,
                      const struct xen_altp2m_patch *r, unsigned int nr,
                      unsigned int n, unsigned int *failed)
{
    const struct ref_override *o = &ref.view[view].o[at[n].g];
    unsigned int i;

    *failed = n;
    if ( !o->own.there )
        return o->has_target ? -EBUSY : want_page(at[n].g);

    if ( !ref_own_shows(o, at[n].g) )
        return -ENXIO;

    for ( i = n; i < nr; i++ )
        if ( at[i].g == at[n].g && !r[i].flags &&
             (o->own.patched >> at[i].i & 1) )
        {
            *failed = i;
            return -EEXIST;
        }

    return 0;
}

static p2m_access_t chosen(void)
{
    return access_rc(XENMEM_access_x) ? p2m_access_rx : p2m_access_x;
}

/* The page is made. */
static void ref_make(struct ref_override *o, unsigned int g)
{
    unsigned int i;

    if ( o->own.there )
        return;

    o->own = (struct ref_own){ .there = true, .chosen = !o->has_access,
                               .mfn = MAY_MOVE };
    for ( i = 0; i < NR_OFFSETS; i++ )
        o->own.byte[i] = host_byte(g, i);
    if ( o->own.chosen )
    {
        o->has_access = true;
        o->access = chosen();
    }
}

static void ref_patch(unsigned int view, const struct some *at,
                      const struct xen_altp2m_patch *r, unsigned int nr)
{
    unsigned int n;

    for ( n = 0; n < nr; n++ )
    {
        struct ref_override *o = &ref.view[view].o[at[n].g];

        ref_make(o, at[n].g);
        if ( r[n].old[0] != o->own.byte[at[n].i] )
            FAIL("record %u: the byte is said to have been %x, was %x", n,
                 r[n].old[0], o->own.byte[at[n].i]);
        o->own.byte[at[n].i] = r[n].bytes[0];
        o->own.patched |= 1u << at[n].i;
    }
}

static void check_access(unsigned int view, const struct some *at,
                         const struct xen_altp2m_patch *r, unsigned int nr)
{
    unsigned int n;

    for ( n = 0; n < nr; n++ )
        if ( to_p2m(r[n].access) != oracle(view, at[n].g).access )
            FAIL("record %u: the access is said to be %u, is %u", n,
                 to_p2m(r[n].access), oracle(view, at[n].g).access);
}

void do_patch(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused, nr, i, j;
    struct xen_altp2m_patch *r = buffer();
    struct some at[3];
    op_t op = { .cmd = HVMOP_altp2m_patch };
    struct xen_altp2m_patches *p = PARAMETERS(&op, patches);
    unsigned int failed = 0;
    int want = refused_for(op.cmd), rc;

    nr = fill_records(s, r, at, 1);
    *p = (struct xen_altp2m_patches){ .view = view, .nr = nr,
                                      .buffer = (uintptr_t)r };
    if ( !want && same_byte(at, r, nr, &failed) )
        want = -EEXIST;
    else if ( !want )
        want = want_view(op.cmd, view);
    for ( i = 0; !want && i < nr; i++ )
    {
        for ( j = 0; at[j].g != at[i].g; j++ )
            ;
        if ( j == i )
            want = want_patch(view, at, r, nr, i, &failed);
    }

    rc = step_call(&op);
    /* A page that can't be populated isn't there. */
    if ( rc == -ENXIO && !want && machine.refused > before )
        rc = -ENOMEM;
    /* Before others are looked at. */
    if ( rc == -ENOMEM && machine.refused > before )
        return;
    if ( expect_rc(rc, want, before) )
    {
        ref_patch(view, at, r, nr);
        check_access(view, at, r, nr);
    }
    else if ( (want == -EEXIST || want == -EBUSY || want == -ENXIO) &&
              p->failed != failed )
        FAIL("record %u is said to be wrong, is %u", p->failed, failed);
}

/* Bytes are the host's again; with the last one goes the page. */
static void ref_unpatch(unsigned int view, const struct some *at,
                        const struct xen_altp2m_patch *r, unsigned int nr)
{
    unsigned int n;

    for ( n = 0; n < nr; n++ )
    {
        struct ref_override *o = &ref.view[view].o[at[n].g];

        if ( r[n].old[0] != o->own.byte[at[n].i] )
            FAIL("record %u: the byte is said to have been %x, was %x", n,
                 r[n].old[0], o->own.byte[at[n].i]);
        o->own.patched &= ~(1u << at[n].i);
        if ( ref_own_shows(o, at[n].g) )
            o->own.byte[at[n].i] = host_byte(at[n].g, at[n].i);
    }

    for ( n = 0; n < nr; n++ )
    {
        struct ref_override *o = &ref.view[view].o[at[n].g];

        if ( !o->own.there || o->own.patched )
            continue;
        if ( o->own.chosen )
        {
            o->has_access = false;
            o->access = 0;
        }
        o->own = (struct ref_own){ };
    }
}

void do_unpatch(struct step s)
{
    unsigned int view = view_arg(s.a), before = machine.refused, nr, i;
    struct xen_altp2m_patch *r = buffer();
    struct some at[3];
    op_t op = { .cmd = HVMOP_altp2m_unpatch };
    struct xen_altp2m_patches *p = PARAMETERS(&op, patches);
    unsigned int failed = 0;
    int want = refused_for(op.cmd), rc;

    nr = fill_records(s, r, at, 0);
    *p = (struct xen_altp2m_patches){ .view = view, .nr = nr,
                                      .buffer = (uintptr_t)r };
    if ( !want && same_byte(at, r, nr, &failed) )
        want = -ENODATA;
    else if ( !want )
        want = want_view(op.cmd, view);
    /* Of a page that is paged out, its bytes can't be told. */
    for ( i = 0; !want && i < nr; i++ )
        if ( !own_of(view, at[i].g)->there ||
             !(own_of(view, at[i].g)->patched >> at[i].i & 1) )
            want = -ENODATA;
        else if ( ref_own_shows(&ref.view[view].o[at[i].g], at[i].g) )
            want = want_page(at[i].g);

    rc = step_call(&op);
    if ( rc == -ENXIO && !want && machine.refused > before )
        return;
    /* Which of two errors comes first isn't told: they are of several gfns. */
    if ( (rc == -ENODATA && want == -EAGAIN) ||
         (rc == -EAGAIN && want == -ENODATA) )
        return;
    if ( expect_rc(rc, want, before) )
    {
        ref_unpatch(view, at, r, nr);
        check_access(view, at, r, nr);
    }
}

/* ---- refresh, read_page ---- */

static unsigned int ref_refresh(unsigned int view, uint64_t first, uint64_t end)
{
    unsigned int g, i, changed = 0;

    for ( g = 0; g < NR_GFNS; g++ )
    {
        struct ref_override *o = &ref.view[view].o[g];
        bool was = ref_own_shows(o, g), differs = !was;

        if ( gfns[g] < first || gfns[g] >= end || !o->own.there ||
             want_page(g) )
            continue;

        if ( !was )
            o->own.mfn = MAY_MOVE;
        o->own.stale = false;
        for ( i = 0; i < NR_OFFSETS; i++ )
            if ( !(o->own.patched >> i & 1) &&
                 o->own.byte[i] != host_byte(g, i) )
            {
                o->own.byte[i] = host_byte(g, i);
                differs = true;
            }
        changed += differs;
    }

    return changed;
}

/* Is one of the own pages there to be copied from a page that is paged out? */
static bool is_paged(unsigned int view, uint64_t first, uint64_t end)
{
    unsigned int g;

    for ( g = 0; g < NR_GFNS; g++ )
        if ( gfns[g] >= first && gfns[g] < end && own_of(view, g)->there &&
             want_page(g) == -EAGAIN )
            return true;

    return false;
}

/* After a refresh of which a part had no memory: what is there is believed. */
static void own_resync(unsigned int view)
{
    struct altp2m_view *v = view_at(model_domain, view);
    unsigned int g;

    for ( g = 0; g < NR_GFNS; g++ )
        if ( own_of(view, g)->there )
            *own_of(view, g) = own_observed(v, altp2m_remap(v, gfns[g]));
}

void do_refresh(struct step s)
{
    static const uint64_t counts[] = { 1, 1, 2, 0x400, 0x40000, MAX_GFN };
    unsigned int view = view_arg(s.a), before = machine.refused, changed;
    uint64_t first = s.d & 1 ? 0 : gfns[s.b % NR_GFNS];
    uint64_t count = min(counts[s.c % ARRAY_SIZE(counts)], MAX_GFN - first + 1);
    op_t op = { .cmd = HVMOP_altp2m_refresh };
    struct xen_altp2m_refresh *p = PARAMETERS(&op, refresh);
    int want = want_view(op.cmd, view), rc;

    *p = (struct xen_altp2m_refresh){ .view = view, .gfn = first,
                                      .count = count };
    if ( !want && is_paged(view, first, first + count) )
        want = -EAGAIN;
    rc = step_call(&op);
    if ( rc == -ENOMEM && want && machine.refused > before )
        want = 0;
    expect_rc(rc, want, before);
    if ( rc && rc != -ENOMEM && rc != -EAGAIN )
        return;
    if ( p->gfn + p->count != first + count || (!rc && p->count) )
        FAIL("%lx gfns from %lx on are said to be left", (long)p->count,
             (long)p->gfn);

    /* What couldn't be populated is as it was. */
    changed = machine.refused > before ? 0 : ref_refresh(view, first, p->gfn);
    if ( machine.refused > before )
        own_resync(view);
    else if ( p->changed != changed )
        FAIL("%lu pages are said to have changed, have %u", (long)p->changed,
             changed);
}

static void check_bytes(unsigned int view, unsigned int g,
                        const struct expect *x)
{
    const uint8_t *page = buffer();
    unsigned int i;

    for ( i = 0; i < NR_OFFSETS; i++ )
    {
        uint8_t byte = x->own ? own_of(view, g)->byte[i]
                              : data_at(x->mfn)[offsets[i]];

        if ( page[offsets[i]] != byte )
            FAIL("view %u gfn %lx: byte %x is read as %x, is %x", view, gfns[g],
                 offsets[i], page[offsets[i]], byte);
    }
}

void do_read_page(struct step s)
{
    unsigned int view = view_arg(s.a), g = s.b % NR_GFNS, i;
    unsigned int before = machine.refused;
    op_t op = { .cmd = HVMOP_altp2m_read_page };
    struct xen_altp2m_read_page *p = PARAMETERS(&op, read_page);
    int want = want_view(op.cmd, view), rc;
    uint8_t *page = buffer();
    struct expect x;

    *p = (struct xen_altp2m_read_page){
        .view = view, .gfn = gfns[g], .len = PAGE_SIZE,
        .buffer = (uintptr_t)page, .flags = s.c & XEN_ALTP2M_READ_PATCHED,
    };
    if ( !want && !p->flags )
    {
        x = oracle(view, g);
        if ( !x.own && x.type != p2m_ioreq_server )
            want = x.type == p2m_mmio_dm && model_domain->parent &&
                   parent_has(x.source) ? 0 : want_page(gfn_number(x.source));
    }
    rc = step_call(&op);
    if ( rc == -ENXIO && !want && machine.refused > before )
        return;
    if ( !expect_rc(rc, want, before) )
        return;

    if ( !p->flags )
    {
        x = oracle(view, g);
        check_bytes(view, g, &x);
        return;
    }
    for ( i = 0; i < NR_OFFSETS; i++ )
        if ( page[offsets[i]] != (own_of(view, g)->patched >> i & 1) )
            FAIL("view %u gfn %lx: whether byte %x is patched is said to be %u",
                 view, gfns[g], offsets[i], page[offsets[i]]);
}

/* ---- writes ---- */

/* A guest writes a byte, if it may; or, with bit 7 of c, dom0 does, or a device. */
void do_poke(struct step s)
{
    struct vcpu *v = model_domain->vcpu[s.a % NR_VCPUS];
    unsigned int g = s.b % NR_GFNS, i = s.c % NR_OFFSETS;
    struct expect x = { .own = false };

    if ( s.c & 0x80 )
    {
        if ( can_hide(host_fact(gfns[g]).type) && !want_page(g) &&
             !p2m_is_pod(host_fact(gfns[g]).type) )
            data_at(host_fact(gfns[g]).mfn)[offsets[i]] = s.d;
        return;
    }

    if ( cpu_touch(cpu_of(v), gfns[g], 2) != TOUCH_OK )
        return;
    x = oracle(ref.in[v->vcpu_id], g);
    if ( x.mfn >= MFN_LIMIT )
        return;
    data_at(x.mfn)[offsets[i]] = s.d;
    if ( x.own )
        own_of(ref.in[v->vcpu_id], g)->byte[i] = s.d;
}
