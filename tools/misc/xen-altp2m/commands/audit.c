/* SPDX-License-Identifier: GPL-2.0-only */
/* Every view computed anew by the hypervisor, and one verdict. */
#include "command.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 256

static const char *const what_text[] = {
    [XEN_ALTP2M_AUDIT_ENTRY] = "entry",
    [XEN_ALTP2M_AUDIT_MIRROR] = "mirror",
    [XEN_ALTP2M_AUDIT_TREE] = "tree",
    [XEN_ALTP2M_AUDIT_USED] = "used",
    [XEN_ALTP2M_AUDIT_REMAP] = "remap",
    [XEN_ALTP2M_AUDIT_COUNT] = "count",
    [XEN_ALTP2M_AUDIT_OWN] = "own page",
};

struct audit
{
    yajl_gen g;             /* NULL: text */
    unsigned int views;
    uint64_t checked, wrong;
};

static void report(struct audit *a, const struct view *view,
                   const struct xen_altp2m_mismatch *m)
{
    const char *what = m->what < sizeof(what_text) / sizeof(what_text[0])
                       ? what_text[m->what] : "unknown";

    a->wrong++;
    if ( !a->g )
    {
        printf("view %s: gfn 0x%" PRIx64 " level %u: %s is 0x%" PRIx64
               ", should be 0x%" PRIx64 "\n", view_text(view),
               (uint64_t)m->gfn, m->level, what, (uint64_t)m->found,
               (uint64_t)m->wanted);
        return;
    }
    json_map_open(a->g);
    json_int(a->g, "view", view->index);
    json_hex(a->g, "gfn", m->gfn);
    json_int(a->g, "level", m->level);
    json_text(a->g, "what", what);
    json_hex(a->g, "found", m->found);
    json_hex(a->g, "wanted", m->wanted);
    json_map_close(a->g);
}

static int audit_view(struct domain *d, const struct view *view,
                      struct audit *a)
{
    struct xenaltp2m_cursor cursor = { 0 };
    struct xen_altp2m_mismatch list[BATCH];

    while ( !xenaltp2m_done(&cursor) )
    {
        int nr = xenaltp2m_audit(d->alt, d->domid, view->index, &cursor, list,
                                 BATCH, &a->checked);

        if ( nr < 0 )
            return complain_errno(errno, "domain %s: can't audit view %s",
                                  d->text, view_text(view));
        for ( int i = 0; i < nr; i++ )
            report(a, view, &list[i]);
    }
    a->views++;
    return EXIT_DONE;
}

static int audit(struct domain *d, const struct args *args, struct dump *dump)
{
    struct audit a = { 0 };
    struct view *only = NULL;
    int code = args->operand[1] ? pick_view(dump, args->operand[1], &only) : 0;

    if ( args->given[OPT_JSON] )
    {
        a.g = json_begin(true);
        json_document(a.g, "audit");
        json_int(a.g, "domain", d->domid);
        json_array_open(a.g, "mismatches");
    }
    for ( unsigned int i = 0; !code && i < dump->nr_views; i++ )
        if ( !only || only == &dump->view[i] )
            code = audit_view(d, &dump->view[i], &a);

    if ( a.g )
    {
        json_array_close(a.g);
        json_int(a.g, "views", a.views);
        json_int(a.g, "checked", a.checked);
        json_bool(a.g, "pass", !code && !a.wrong);
        json_map_close(a.g);
        if ( code )
            yajl_gen_free(a.g);
        else
            json_end(a.g, stdout);
    }
    else if ( !code )
        printf("%s: %u view%s, %" PRIu64 " entries computed anew, %" PRIu64
               " differ\n", a.wrong ? "FAIL" : "pass", a.views,
               a.views == 1 ? "" : "s", a.checked, a.wrong);
    return code ?: a.wrong ? EXIT_DIFFERENT : EXIT_DONE;
}

int run_audit(const struct args *args)
{
    return on_domain(args, audit);
}
