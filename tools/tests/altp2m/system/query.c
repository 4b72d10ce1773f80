/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: what can be asked of views, and that asking changes nothing. */
#include "library.h"
#include "refusal.h"

#include <stdlib.h>
#include <string.h>

#define WHY(reason) (1u << XEN_ALTP2M_WHY_ ## reason)

static struct xen_altp2m_capabilities capabilities_of(uint32_t domid)
{
    struct xen_altp2m_capabilities c;

    memset(&c, 0xee, sizeof(c));
    expect_library(xenaltp2m_capabilities(library(), domid, &c), 0);
    return c;
}

static void query_capabilities(void)
{
    struct guest *g = guest_new(NULL);
    struct xen_altp2m_capabilities c = capabilities_of(g->domid);
    const uint32_t always = 1u << XENMEM_access_n | 1u << XENMEM_access_r |
                            1u << XENMEM_access_rw | 1u << XENMEM_access_rx |
                            1u << XENMEM_access_rwx |
                            1u << XENMEM_access_rx2rw |
                            1u << XENMEM_access_n2rwx |
                            /* And, from Xen 4.20 on, r_pw. */
                            ((1u << XENMEM_access_default) -
                             (2u << XENMEM_access_n2rwx));

    expect_equal(c.interface, XEN_ALTP2M_INTERFACE, "interface");
    expect_equal(c.why_not, WHY(OFF), "reasons before views are on");
    expect_equal(c.max_views, 512, "views");
    expect_equal(c.mode, XEN_ALTP2M_external, "mode");
    expect(c.max_entries >= 64, "%u entries in a batch", c.max_entries);
    expect_equal(c.rights & always, always, "rights that all CPUs have");
    expect(!(c.rights & (1u << XENMEM_access_w)), "write alone is offered");
    expect(c.format == XEN_ALTP2M_FORMAT_EPT ||
           c.format == XEN_ALTP2M_FORMAT_NPT, "format %u", c.format);
    expect(c.features & XEN_ALTP2M_HAS_VMFUNC, "VMFUNC is not offered");

    expect_ok(view_state_set(g->domid, true));
    expect_equal(capabilities_of(g->domid).why_not, 0, "reasons");
    expect_ok(view_state_set(g->domid, false));
    expect_equal(capabilities_of(g->domid).why_not, WHY(OFF), "reasons");
    guest_alive(g);
}

/* Each right that is offered is taken, and each other refused. */
static void query_capabilities_rights(void)
{
    struct guest *g = guest_with_views();
    uint32_t rights = capabilities_of(g->domid).rights;
    uint16_t view = new_view(g);

    for ( unsigned int a = 0; a < XENMEM_access_default; a++ )
        expect_rc(view_access_set(g->domid, view, TEST_GFN, a),
                  rights & (1u << a) ? 0 : -EOPNOTSUPP);
}

static void query_why_not(void)
{
    struct guest *g =
        guest_new(&(struct guest_config){ .disabled = true });
    struct xen_altp2m_capabilities c = capabilities_of(g->domid);
    struct xen_altp2m_domain_info info;

    expect_equal(c.why_not, WHY(MODE) | WHY(OFF), "reasons with altp2m off");
    expect_equal(c.mode, XEN_ALTP2M_disabled, "mode");

    /* dom0 itself is a PV guest. */
    c = capabilities_of(0);
    expect_equal(c.why_not, WHY(PV) | WHY(OFF), "reasons of a PV domain");
    expect_library(xenaltp2m_capabilities(library(), 999, &c), -ESRCH);
    expect_library(xenaltp2m_capabilities(library(), 1u << 20, &c), -ESRCH);

    /* While it is off nothing else answers. */
    g = guest_new(NULL);
    expect_library(xenaltp2m_domain_info(library(), g->domid, &info),
                   -EOPNOTSUPP);
}

static void query_lists(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .vcpus = 2 });
    struct xen_altp2m_domain_info before, info;
    struct xen_altp2m_view *views, v;
    struct xen_altp2m_vcpu *vcpus;
    uint16_t a, b;
    size_t nr;

    expect_ok(view_state_set(g->domid, true));
    expect_library(xenaltp2m_domain_info(library(), g->domid, &before), 0);
    expect_equal(before.views, 1, "views");
    expect_equal(before.vcpus, 2, "vCPUs");
    expect_equal(before.tables, 1, "tables");
    expect(before.pool_total >= before.pool_free + before.pool_views,
           "a pool of %u with %u free", before.pool_total, before.pool_free);

    a = new_view(g);
    no_default(g, a);
    expect_library(xenaltp2m_create(library(), g->domid, XENMEM_access_rx, &b),
                   0);
    expect_ok(view_visible(g->domid, b, false));
    expect_ok(view_access_set(g->domid, a, TEST_GFN, XENMEM_access_r));
    expect_ok(view_remap(g->domid, a, TEST_GFN + 1, TEST_GFN + 2));
    expect_ok(view_switch(g->domid, a));

    v = view_info(g, a);
    expect_equal(v.flags, XEN_ALTP2M_VIEW_VISIBLE, "flags");
    expect_equal(v.default_access, XEN_ALTP2M_NO_DEFAULT, "default access");
    expect_equal(v.vcpus, 2, "vCPUs in it");
    expect_equal(v.access_gfns, 2, "gfns with an access");
    expect_equal(v.remaps, 1, "remaps");
    expect_equal(v.dormant, 0, "dormant");
    expect_equal(v.tables, 4, "tables");
    expect_equal(v.tables_max, 4, "tables at most");
    expect(v.pool_bytes >= 4 * 4096, "%llu bytes",
           (unsigned long long)v.pool_bytes);
    v = view_info(g, b);
    expect_equal(v.flags, 0, "flags of a hidden view");
    expect_equal(v.default_access, XENMEM_access_rx, "default access");
    expect_equal(v.tables, 1, "tables of a fresh view");

    expect_library(xenaltp2m_all_views(library(), g->domid, &views, &nr), 0);
    free(views);
    expect_equal(nr, 3, "views");
    expect_library(xenaltp2m_all_vcpus(library(), g->domid, &vcpus, &nr), 0);
    expect(nr == 2 && vcpus[0].view == a && vcpus[1].view == a,
           "%zu vCPUs are told of", nr);
    free(vcpus);
    expect_library(xenaltp2m_domain_info(library(), g->domid, &info), 0);
    expect_equal(info.views, 3, "views");
    expect_equal(info.tables, 6, "tables");
    expect(info.pool_views > before.pool_views, "%u pages", info.pool_views);
}

/* A few records at a time tell the same as all at once. */
static void query_in_parts(void)
{
    struct guest *g = guest_with_views();
    struct xenaltp2m_cursor at = { 0 };
    struct xen_altp2m_override o[3];
    uint16_t view = new_view(g);
    unsigned int told = 0;

    for ( unsigned int i = 0; i < 100; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + i * 7,
                                  XENMEM_access_r));
    while ( !xenaltp2m_done(&at) )
    {
        int nr = xenaltp2m_read_overrides(library(), g->domid, view, &at,
                                          XEN_ALTP2M_NONE, o, 3);

        expect(nr >= 0, "%s", error_name(-errno));
        for ( int i = 0; i < nr; i++, told++ )
            expect(o[i].gfn == TEST_GFN + told * 7 && o[i].count == 1 &&
                   o[i].set == XEN_ALTP2M_ACCESS &&
                   o[i].access == XENMEM_access_r && !o[i].level,
                   "record %u: gfn %#llx", told, (unsigned long long)o[i].gfn);
    }
    expect_equal(told, 100, "records");

    /* From the middle, and not beyond what is asked for. */
    at = (struct xenaltp2m_cursor){ .next = TEST_GFN + 8 };
    expect_equal(xenaltp2m_read_overrides(library(), g->domid, view, &at,
                                          TEST_GFN + 20, o, 3), 1, "records");
    expect_equal(o[0].gfn, TEST_GFN + 14, "gfn");
    expect(xenaltp2m_done(&at), "there is more");
}

/* Where read operations put their records. */
static void *records;

static void right_read(altp2m_op_t *op)
{
    struct xen_altp2m_read *r = (void *)&op->u;

    r->room = 4;
    r->buffer = (uintptr_t)records;
    r->last = XEN_ALTP2M_NONE;
}

static int read_by_dom0(struct guest *g, uint32_t cmd, uint16_t view,
                        uint64_t buffer)
{
    altp2m_op_t op = op_new(g->domid, cmd);
    struct xen_altp2m_read *r = (void *)&op.u;

    right_read(&op);
    r->view = view;
    r->buffer = buffer;
    return op_do(&op);
}

static void query_refuses(void)
{
#define ROW(cmd, field, value, error)                                     \
        { HVMOP_altp2m_ ## cmd, OWN_FIELD(read, field), value, error }
#define EACH_READ(cmd)                                                    \
        ROW(cmd, pad1, 1, -EINVAL), ROW(cmd, pad2, 1, -EINVAL),           \
        ROW(cmd, room, 0, -EINVAL), ROW(cmd, nr, 5, -EINVAL),             \
        ROW(cmd, level, 6, -EINVAL), ROW(cmd, buffer, ~0ULL - 8, -EFAULT)
#define OF_A_VIEW(cmd)                                                    \
        EACH_READ(cmd),                                                   \
        ROW(cmd, view, 7, -ENOENT), ROW(cmd, view, 512, -ENOENT)
    static const struct refusal rows[] = {
        EACH_READ(list_vcpus), ROW(list_vcpus, buffer, 0x10, -EFAULT),
        EACH_READ(list_views), ROW(list_views, buffer, 0x10, -EFAULT),
        OF_A_VIEW(read_overrides),
        OF_A_VIEW(read_map), ROW(read_map, buffer, 0x10, -EFAULT),
        OF_A_VIEW(list_tables), ROW(list_tables, buffer, 0x10, -EFAULT),
        OF_A_VIEW(read_rules),
        { HVMOP_altp2m_log_close + 1, FIELD(pad1), 0, -EOPNOTSUPP },
        { 0 },
    };
#undef OF_A_VIEW
#undef EACH_READ
#undef ROW
    struct guest *g = guest_with_views();
    struct xen_altp2m_walk walk;
    struct xen_altp2m_entry e[XEN_ALTP2M_WALK_MAX];

    records = xencall_alloc_buffer(xcall, 4096);
    for ( uint32_t cmd = HVMOP_altp2m_list_vcpus;
          cmd <= HVMOP_altp2m_list_tables; cmd++ )
        expect_ok(read_by_dom0(g, cmd, 0, (uintptr_t)records));
    expect_refusals(g, rows, right_read, by_dom0);
    /* A list of the domain's asks for no view, one of no record for no buffer. */
    expect_ok(read_by_dom0(g, HVMOP_altp2m_list_views, 7,
                           (uintptr_t)records));
    expect_ok(read_by_dom0(g, HVMOP_altp2m_read_overrides, 0, 0x10));
    xencall_free_buffer(xcall, records);

    expect_library(xenaltp2m_walk(library(), g->domid, 7, TEST_GFN, &walk, e),
                   -ENOENT);
    expect_library(xenaltp2m_walk(library(), g->domid, 0, 1ULL << 40, &walk, e),
                   -EINVAL);
    guest_alive(g);
}

/* What is shown, with its kind, rights and where it comes from. */
static void query_map(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_map *list, *m = NULL;
    uint64_t next = 0;
    size_t nr;

    expect_ok(view_access_set(g->domid, view, TEST_GFN + 3, XENMEM_access_rx));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 9, TEST_GFN + 100));
    expect_library(xenaltp2m_all_map(library(), g->domid, view, 0,
                                     XEN_ALTP2M_NONE, &list, &nr), 0);
    for ( size_t i = 0; i < nr; i++ )
    {
        expect_equal(list[i].gfn, next, "where a run begins");
        next = list[i].gfn + list[i].count;
        if ( list[i].gfn <= TEST_GFN + 3 && TEST_GFN + 3 < next )
            m = &list[i];
        if ( list[i].gfn == TEST_GFN + 9 )
            expect(list[i].source == TEST_GFN + 100 && list[i].count == 1 &&
                   (list[i].flags & XEN_ALTP2M_MAP_REMAPPED) &&
                   list[i].kind == XEN_ALTP2M_KIND_RAM, "the remapped gfn");
    }
    expect(m && m->count == 1 && m->access == XENMEM_access_rx &&
           m->host_access == XENMEM_access_rwx &&
           (m->flags & XEN_ALTP2M_MAP_OVERRIDDEN) && !m->table_level,
           "the gfn with rights");
    free(list);
}

/* Every level is told, and what decides; the host's tables are shared. */
static void query_walk(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    struct xen_altp2m_walk w;
    struct xen_altp2m_entry e[XEN_ALTP2M_WALK_MAX];
    unsigned int private = 0, shared = 0, target = 0;

    expect_ok(view_remap(g->domid, view, TEST_GFN, TEST_GFN + 600));
    expect_library(xenaltp2m_walk(library(), g->domid, view, TEST_GFN, &w, e),
                   0);
    for ( unsigned int i = 0; i < w.nr; i++ )
    {
        private += !!(e[i].flags & XEN_ALTP2M_ENTRY_PRIVATE);
        target += e[i].walk == XEN_ALTP2M_WALK_TARGET;
        expect(e[i].index == ((e[i].walk == XEN_ALTP2M_WALK_TARGET
                               ? TEST_GFN + 600 : TEST_GFN) >>
                              (9 * e[i].level) & 511), "index %u at level %u",
               e[i].index, e[i].level);
    }
    expect_equal(private, 4, "private tables on the way");
    expect(target, "the walk to the target is not told");
    expect_equal(w.why.set, XEN_ALTP2M_REMAP | XEN_ALTP2M_ACCESS,
                 "what decides");
    expect_equal(w.why.target, TEST_GFN + 600, "target");
    expect_equal(w.access, XENMEM_access_rwx, "access");
    expect_equal(w.kind, XEN_ALTP2M_KIND_RAM, "kind");
    expect(w.sve, "#VE is said not to be suppressed");

    /* Far away only the root is the view's own. */
    expect_library(xenaltp2m_walk(library(), g->domid, view, 0x40000000, &w, e),
                   0);
    expect_library(xenaltp2m_walk(library(), g->domid, 0, TEST_GFN, &w, e), 0);
    for ( unsigned int i = 0; i < w.nr; i++ )
        if ( e[i].walk == XEN_ALTP2M_WALK_VIEW )
            shared += !(e[i].flags & XEN_ALTP2M_ENTRY_PRIVATE);
    expect(shared >= 2, "%u shared tables", shared);
    expect_equal(w.why.set, 0, "what decides in view 0");
}

/* With much in it, all views are as they should be; so they stay. */
static void query_audit_clean(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);

    expect_ok(view_state_get(g->domid, &(bool){ false }));
    for ( unsigned int i = 0; i < 200; i++ )
    {
        expect_ok(view_access_set(g->domid, a, TEST_GFN + i * 3,
                                  XENMEM_access_rx));
        expect_ok(view_remap(g->domid, b, TEST_GFN + i * 5, TEST_GFN + i));
    }
    expect_audit(g);
    expect_ok(view_switch(g->domid, b));
    guest_fill(g, TEST_GPA, 1024, 77);
    expect_audit(g);
    expect_ok(host_drop(g, TEST_GFN + 7));
    expect_audit(g);
    expect_ok(host_populate(g, TEST_GFN + 7));
    expect_audit(g);
}

const struct test tests_query[] = {
    { "query_capabilities", NEEDS_VIEWS, query_capabilities },
    { "query_capabilities_rights", NEEDS_VIEWS, query_capabilities_rights },
    { "query_why_not", NEEDS_VIEWS, query_why_not },
    { "query_lists", NEEDS_VIEWS, query_lists },
    { "query_in_parts", NEEDS_VIEWS, query_in_parts },
    { "query_refuses", NEEDS_VIEWS, query_refuses },
    { "query_map", NEEDS_VIEWS, query_map },
    { "query_walk", NEEDS_VIEWS, query_walk },
    { "query_audit_clean", NEEDS_VIEWS, query_audit_clean },
    { 0 },
};
