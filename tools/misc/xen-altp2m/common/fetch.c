/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads what the hypervisor knows of a domain's views. */
#include "common/domain.h"
#include "common/message.h"
#include "common/nearest.h"
#include "common/parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void override_to_run(const struct xen_altp2m_override *o,
                     struct run *run)
{
    *run = (struct run){
        .gfn = o->gfn,
        .pages = o->count,
        .target = o->set & XEN_ALTP2M_REMAP ? o->target : NO_GFN,
        .access = o->set & XEN_ALTP2M_ACCESS ? o->access : ACCESS_HOST,
        .sve = o->set & XEN_ALTP2M_SVE ? o->sve : -1,
        .level = o->level,
        .lost = o->dormant,
        .own = o->set & XEN_ALTP2M_OWN,
    };
}

void run_to_override(const struct run *run, struct xen_altp2m_override *o)
{
    *o = (struct xen_altp2m_override){ .gfn = run->gfn, .count = run->pages };
    if ( run->access != ACCESS_HOST )
    {
        o->set |= XEN_ALTP2M_ACCESS;
        o->access = run->access;
    }
    if ( run->sve >= 0 )
    {
        o->set |= XEN_ALTP2M_SVE;
        o->sve = run->sve;
    }
    if ( run->target != NO_GFN )
    {
        o->set |= XEN_ALTP2M_REMAP;
        o->target = run->target;
    }
}

int fetch_runs(struct domain *d, unsigned int view, struct runs *runs)
{
    struct run_parts *parts = checked(malloc(sizeof(*parts)));
    const struct xen_altp2m_override *o;
    struct run run;
    int code;

    *runs = (struct runs){ 0 };
    begin_runs(parts, d, view, &(struct range){ 0, GFN_MAX + 1 });
    while ( (o = next_run(parts)) != NULL )
    {
        override_to_run(o, &run);
        add_run(runs, &run);
    }
    code = parts->p.code;
    free(parts);
    if ( code )
    {
        free(runs->run);
        *runs = (struct runs){ 0 };
    }
    return code;
}

static int by_level(const void *a, const void *b)
{
    const struct xen_altp2m_table *x = a, *y = b;

    if ( x->level != y->level )
        return x->level < y->level ? -1 : 1;
    return x->gfn < y->gfn ? -1 : x->gfn > y->gfn;
}

/* Those that exist, the root apart, which every view has. */
static int fetch_tables(struct domain *d, struct view *view)
{
    struct xen_altp2m_table *list;
    size_t nr;

    if ( xenaltp2m_all_tables(d->alt, d->domid, view->index, &list, &nr) )
        return complain_errno(errno, "domain %s, view %s: can't read its "
                              "tables", d->text, view_text(view));
    qsort(list, nr, sizeof(*list), by_level);
    for ( size_t i = 0; i < nr; i++ )
        if ( list[i].level < 3 && (list[i].flags & XEN_ALTP2M_TABLE_CACHED) )
            add_extent(&view->tables, &(struct extent){
                .gfn = list[i].gfn, .level = list[i].level,
                .pages = 1ULL << (9 * (list[i].level + 1)) });
    free(list);
    return EXIT_DONE;
}

static enum kind kind_of(unsigned int kind)
{
    static const unsigned char kinds[] = {
        [XEN_ALTP2M_KIND_RAM] = KIND_RAM, [XEN_ALTP2M_KIND_ROM] = KIND_ROM,
        [XEN_ALTP2M_KIND_SHARED] = KIND_SHARED,
        [XEN_ALTP2M_KIND_PAGED] = KIND_PAGED,
        [XEN_ALTP2M_KIND_GRANT] = KIND_GRANT,
        [XEN_ALTP2M_KIND_MMIO] = KIND_MMIO,
    };

    return kind < sizeof(kinds) ? kinds[kind] : KIND_RAM;
}

static int fetch_host(struct domain *d, struct dump *dump)
{
    struct xen_altp2m_map *list;
    size_t nr;

    if ( xenaltp2m_all_map(d->alt, d->domid, 0, 0, XEN_ALTP2M_NONE, &list,
                           &nr) )
        return complain_errno(errno, "domain %s: can't read the host's map",
                              d->text);
    for ( size_t i = 0; i < nr; i++ )
        if ( list[i].kind != XEN_ALTP2M_KIND_HOLE )
            add_extent(&dump->host, &(struct extent){
                list[i].gfn, list[i].count, list[i].level,
                list[i].host_access, kind_of(list[i].kind) });
    free(list);
    dump->has_host = true;
    return EXIT_DONE;
}

void warn_without_pages(struct domain *d, const struct dump *dump,
                        const struct range *range)
{
    uint64_t last = range->first + range->pages - 1, pages = 0;
    struct xen_altp2m_map *list;
    size_t nr;

    if ( last > dump->last_gfn )
    {
        complain(0, "warning: %s: this reaches beyond the memory of domain %s, "
                 "whose highest gfn is 0x%" PRIx64, range_text(range), d->text,
                 dump->last_gfn);
        return;
    }
    /* Should it not answer, what is done next complains of that. */
    if ( xenaltp2m_all_map(d->alt, d->domid, 0, range->first, last, &list,
                           &nr) )
        return;
    for ( size_t i = 0; i < nr; i++ )
        if ( list[i].kind != XEN_ALTP2M_KIND_HOLE )
            pages += list[i].count;
    free(list);
    if ( !pages )
        complain(0, "warning: %s: domain %s has no page there now",
                 range_text(range), d->text);
}

static void take_view(const struct xen_altp2m_view *from, struct view *view)
{
    *view = (struct view){
        .index = from->view,
        .access = from->default_access,
        .hidden = !(from->flags & XEN_ALTP2M_VIEW_VISIBLE),
        .counters = {
            .access_gfns = from->access_gfns,
            .sve_gfns = from->sve_gfns,
            .remaps = from->remaps,
            .dormant = from->dormant,
            .tables = from->tables,
            .tables_max = from->tables_max,
            .pool_bytes = from->pool_bytes,
            .faults = from->filled,
            .lost = from->lost,
        },
    };
}

static int fetch_vcpus(struct domain *d, struct dump *dump)
{
    struct xen_altp2m_vcpu *list;
    size_t nr;

    if ( xenaltp2m_all_vcpus(d->alt, d->domid, &list, &nr) )
        return complain_errno(errno, "domain %s: can't list its vCPUs",
                              d->text);
    dump->vmfunc = checked(calloc(nr + 1, sizeof(*dump->vmfunc)));
    for ( size_t i = 0; i < nr; i++ )
    {
        struct view *view = find_view(dump, list[i].view);

        if ( list[i].flags & XEN_ALTP2M_VCPU_VMFUNC )
            dump->vmfunc[dump->nr_vmfunc++] = list[i].vcpu;
        if ( !view || (list[i].flags & XEN_ALTP2M_VCPU_DOWN) )
            continue;
        if ( !view->vcpu )
            view->vcpu = checked(calloc(nr, sizeof(*view->vcpu)));
        view->vcpu[view->nr_vcpus++] = list[i].vcpu;
    }
    free(list);
    return EXIT_DONE;
}

int fetch(struct domain *d, unsigned int what, struct dump *dump)
{
    struct xen_altp2m_domain_info info;
    struct xen_altp2m_view *list;
    size_t nr;
    int code;

    *dump = (struct dump){ .domid = d->domid };
    if ( d->name )
        dump->name = checked(strdup(d->name));
    if ( xenaltp2m_domain_info(d->alt, d->domid, &info) ||
         xenaltp2m_all_views(d->alt, d->domid, &list, &nr) )
        return complain_errno(errno, "domain %s: can't list its views",
                              d->text);
    dump->last_gfn = info.host_max_gfn;
    dump->pool = (struct pool){ info.pool_total, info.pool_free,
                                info.pool_views };
    dump->view = checked(calloc(nr + 1, sizeof(*dump->view)));
    for ( size_t i = 0; i < nr; i++ )
        take_view(&list[i], &dump->view[dump->nr_views++]);
    free(list);
    read_all_labels(d, dump);

    code = fetch_vcpus(d, dump);
    if ( !code && (what & FETCH_HOST) )
        code = fetch_host(d, dump);
    for ( unsigned int i = 0; !code && i < dump->nr_views; i++ )
    {
        struct view *view = &dump->view[i];

        if ( what & FETCH_RUNS )
            code = fetch_runs(d, view->index, &view->runs);
        if ( !code && (what & FETCH_TABLES) )
            code = fetch_tables(d, view);
    }
    return code;
}

int pick_view(struct dump *dump, const char *operand, struct view **view)
{
    struct nearest nearest = { .typed = operand };
    uint64_t index;

    *view = NULL;
    if ( parse_number(operand, UINT16_MAX, &index) )
        *view = find_view(dump, index);
    else if ( operand[0] >= '0' && operand[0] <= '9' )
        return complain(EXIT_USAGE, "'%s' is not the index or name of a view",
                        operand);
    for ( unsigned int i = 0; !*view && i < dump->nr_views; i++ )
        if ( dump->view[i].name && !strcmp(dump->view[i].name, operand) )
            *view = &dump->view[i];
    if ( *view )
        return EXIT_DONE;
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        if ( dump->view[i].name )
            nearest_offer(&nearest, dump->view[i].name);
    return complain(EXIT_NOT_FOUND, "domain %u%s%s has no view '%s'%s; "
                    "xen-altp2m list %u shows those there are", dump->domid,
                    dump->name ? " " : "", dump->name ?: "", operand,
                    nearest_text(&nearest), dump->domid);
}

int on_domain(const struct args *args, domain_action action)
{
    struct domain d;
    struct dump dump = { 0 };
    int code = open_domain(&d, args->operand[0]);

    code = code ?: fetch(&d, 0, &dump);
    code = code ?: action(&d, args, &dump);
    free_dump(&dump);
    close_domain(&d);
    return code;
}

int on_view(const struct args *args, view_action action)
{
    struct domain d;
    struct dump dump = { 0 };
    struct view *view;
    int code = open_domain(&d, args->operand[0]);

    code = code ?: fetch(&d, 0, &dump);
    code = code ?: pick_view(&dump, args->operand[1], &view);
    code = code ?: action(&d, args, &dump, view);
    free_dump(&dump);
    close_domain(&d);
    return code;
}
