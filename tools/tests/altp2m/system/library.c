/* SPDX-License-Identifier: GPL-2.0-only */
#include "library.h"

#include <stdlib.h>
#include <string.h>

xenaltp2m_handle *library(void)
{
    static xenaltp2m_handle *handle;

    if ( !handle )
        handle = xenaltp2m_open(NULL, 0);
    expect(handle, "the library has no access to the hypervisor");
    return handle;
}

struct xen_altp2m_override range_of(uint64_t gfn, uint64_t count)
{
    return (struct xen_altp2m_override){ .gfn = gfn, .count = count };
}

struct xen_altp2m_override rights_of(uint64_t gfn, uint64_t count,
                                     unsigned int access)
{
    struct xen_altp2m_override o = range_of(gfn, count);

    o.set = XEN_ALTP2M_ACCESS;
    o.access = access;
    return o;
}

struct xen_altp2m_override remap_of(uint64_t gfn, uint64_t count,
                                    uint64_t target)
{
    struct xen_altp2m_override o = range_of(gfn, count);

    o.set = XEN_ALTP2M_REMAP;
    o.target = target;
    return o;
}

void expect_overrides(struct guest *g, uint16_t view,
                      const struct xen_altp2m_override *list, size_t nr)
{
    struct xen_altp2m_override *got;
    size_t count;

    expect_library(xenaltp2m_all_overrides(library(), g->domid, view, 0,
                                           XEN_ALTP2M_NONE, &got, &count), 0);
    for ( size_t i = 0; i < nr && i < count; i++ )
        expect(got[i].gfn == list[i].gfn && got[i].count == list[i].count &&
               got[i].set == list[i].set && got[i].access == list[i].access &&
               got[i].sve == list[i].sve && got[i].target == list[i].target,
               "override %zu: %#llx, %llu gfns, set %x, access %u, #VE %u, "
               "target %#llx", i, (unsigned long long)got[i].gfn,
               (unsigned long long)got[i].count, got[i].set, got[i].access,
               got[i].sve, (unsigned long long)got[i].target);
    free(got);
    expect_equal(count, nr, "overrides");
}

static void expect_audit_of(struct guest *g, uint16_t view)
{
    struct xenaltp2m_cursor at = { 0 };
    struct xen_altp2m_mismatch m;
    uint64_t checked = 0;

    while ( !xenaltp2m_done(&at) )
    {
        int nr = of_library(xenaltp2m_audit(library(), g->domid, view, &at, &m,
                                            1, &checked));

        expect(nr >= 0, "audit of view %u: %s", view, error_name(nr));
        expect(!nr, "audit of view %u: %u at gfn %#llx, level %u: %#llx, not "
               "%#llx", view, m.what, (unsigned long long)m.gfn, m.level,
               (unsigned long long)m.found, (unsigned long long)m.wanted);
    }
    expect(checked >= 512, "audit looked at %llu entries",
           (unsigned long long)checked);
}

void expect_audit(struct guest *g)
{
    struct xen_altp2m_view *list;
    size_t nr;

    expect_library(xenaltp2m_all_views(library(), g->domid, &list, &nr), 0);
    for ( size_t i = 0; i < nr; i++ )
        expect_audit_of(g, list[i].view);
    free(list);
}

static void audit_if_any(struct guest *g)
{
    struct xen_altp2m_view *list;
    size_t nr;

    if ( xenaltp2m_all_views(library(), g->domid, &list, &nr) )
        return;
    free(list);
    expect_audit(g);
}

void expect_audit_of_all(void)
{
    guests_each(audit_if_any);
}

void no_default(struct guest *g, uint16_t view)
{
    expect_library(xenaltp2m_set_default(library(), g->domid, view,
                                         XEN_ALTP2M_NO_DEFAULT), 0);
}

struct xen_altp2m_view view_info(struct guest *g, uint16_t view)
{
    struct xenaltp2m_cursor at = { .next = view };
    struct xen_altp2m_view info;

    expect_equal(xenaltp2m_list_views(library(), g->domid, &at, &info, 1), 1,
                 "views told of");
    expect_equal(info.view, view, "index of the view told of");
    return info;
}
