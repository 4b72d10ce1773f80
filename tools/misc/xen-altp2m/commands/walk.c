/* SPDX-License-Identifier: GPL-2.0-only */
/* How one gfn is translated, level by level. */
#include "command.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/message.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * The bits of entries that have a name: SDM Vol. 3C, 29.3.2 and APM Vol. 2,
 * 5.3 and 15.25.  @leaf: only where it leads to a page.
 */
struct bits
{
    uint64_t mask, value;
    bool leaf;
    const char *set;
};

static const struct bits ept_bits[] = {
    { 1u << 0, 1u << 0, false, "r" }, { 1u << 1, 1u << 1, false, "w" },
    { 1u << 2, 1u << 2, false, "x" },
    { 0x38, 0x00, true, " UC" }, { 0x38, 0x08, true, " WC" },
    { 0x38, 0x20, true, " WT" }, { 0x38, 0x28, true, " WP" },
    { 0x38, 0x30, true, " WB" },
    { 1u << 6, 1u << 6, true, " ignore-PAT" },
    { 1u << 8, 1u << 8, false, " A" }, { 1u << 9, 1u << 9, true, " D" },
    { 1ULL << 63, 1ULL << 63, true, " no-#VE" },
};

static const struct bits npt_bits[] = {
    { 1u << 0, 1u << 0, false, "r" }, { 1u << 1, 1u << 1, false, "w" },
    { 1ULL << 63, 0, false, "x" },
    { 1u << 3, 1u << 3, false, " PWT" }, { 1u << 4, 1u << 4, false, " PCD" },
    { 1u << 5, 1u << 5, false, " A" }, { 1u << 6, 1u << 6, true, " D" },
};

/* "rwx WB A"; valid until the next call. */
static const char *decoded(uint32_t format, const struct xen_altp2m_entry *e)
{
    static char text[64];
    bool ept = format == XEN_ALTP2M_FORMAT_EPT;
    const struct bits *bits = ept ? ept_bits : npt_bits;
    unsigned int nr = ept ? sizeof(ept_bits) / sizeof(*bits)
                          : sizeof(npt_bits) / sizeof(*bits);
    bool leaf = !(e->flags & XEN_ALTP2M_ENTRY_TABLE);
    size_t length = 0;

    text[0] = 0;
    if ( !(e->flags & XEN_ALTP2M_ENTRY_PRESENT) )
        return e->flags & XEN_ALTP2M_ENTRY_STALE ? "not filled in yet"
                                                 : "not present";
    for ( unsigned int i = 0; i < nr; i++ )
    {
        bool set = (e->entry & bits[i].mask) == bits[i].value;

        if ( bits[i].leaf && !leaf )
            continue;
        if ( i < 3 )
            length += snprintf(text + length, sizeof(text) - length, "%s",
                               set ? bits[i].set : "-");
        else if ( set )
            length += snprintf(text + length, sizeof(text) - length, "%s",
                               bits[i].set);
    }
    return text;
}

struct way
{
    struct xen_altp2m_walk walk;
    struct xen_altp2m_entry entry[XEN_ALTP2M_WALK_SIDES_MAX];
};

/* The entry of a walk at a level, or NULL where it doesn't get there. */
static const struct xen_altp2m_entry *entry_at(const struct way *w,
                                               unsigned int walk,
                                               unsigned int level)
{
    for ( unsigned int i = 0; i < w->walk.nr; i++ )
        if ( w->entry[i].walk == walk && w->entry[i].level == level )
            return &w->entry[i];
    return NULL;
}

static const char *const level_text[] = { "4K", "2M", "1G", "512G" };

/* What an entry leads to; valid until the next call. */
static const char *leads_to(const struct xen_altp2m_entry *e)
{
    static char text[48];

    if ( !(e->flags & XEN_ALTP2M_ENTRY_PRESENT) &&
         e->frame == XEN_ALTP2M_NONE )
        return "nothing";
    snprintf(text, sizeof(text), "%s 0x%" PRIx64,
             e->flags & XEN_ALTP2M_ENTRY_TABLE ? "table" : "page",
             (uint64_t)e->frame);
    return text;
}

static void side(const struct xen_altp2m_entry *e, unsigned int line,
                 uint32_t format, bool last)
{
    char text[80] = "";

    if ( e && line == 0 )
        snprintf(text, sizeof(text), "0x%016" PRIx64 " [%u]",
                 (uint64_t)e->entry, e->index);
    else if ( e && line == 1 )
        snprintf(text, sizeof(text), "  %s%s", decoded(format, e),
                 e->flags & XEN_ALTP2M_ENTRY_PENDING ? " recalculate" : "");
    else if ( e )
        snprintf(text, sizeof(text), "  %s table, to %s",
                 e->flags & XEN_ALTP2M_ENTRY_PRIVATE ? "private" : "host's",
                 leads_to(e));
    if ( last )
        printf("%s\n", text);
    else
        printf("%-36s", text);
}

static void print_levels(const struct way *w, uint32_t format,
                         unsigned int left, int right)
{
    for ( int level = 3; level >= 0; level-- )
    {
        const struct xen_altp2m_entry *l = entry_at(w, left, level);
        const struct xen_altp2m_entry *r =
            right < 0 ? NULL : entry_at(w, right, level);

        if ( !l && !r )
            continue;
        for ( unsigned int line = 0; line < 3; line++ )
        {
            printf("%-5s ", line ? "" : level_text[level]);
            side(l, line, format, right < 0);
            if ( right >= 0 )
                side(r, line, format, true);
        }
    }
}

static void print_why(const struct way *w, const struct view *view)
{
    const struct xen_altp2m_override *o = &w->walk.why;
    char size[SIZE_TEXT];

    printf("\nresult: host %s, view %s",
           access_text(w->walk.host_access), access_text(w->walk.access));
    if ( w->walk.kind == XEN_ALTP2M_KIND_HOLE )
        printf(", but there is no page");
    printf(", #VE %s\nwhy:\n", w->walk.sve ? "suppressed" : "not suppressed");
    if ( o->set )
        printf("  an override for 0x%" PRIx64 " to 0x%" PRIx64 " (%s), in an "
               "entry of level %u (%s)\n", (uint64_t)o->gfn,
               (uint64_t)(o->gfn + o->count - 1), size_text(o->count, size),
               o->level, level_text[o->level & 3]);
    if ( o->set & XEN_ALTP2M_ACCESS )
        printf("  rights are set here: %s\n", access_text(o->access));
    else if ( view->access != NO_DEFAULT )
        printf("  rights are not set here: the view's default %s\n",
               default_text(view->access));
    else
        printf("  rights are not set here: the host's %s\n",
               access_text(w->walk.host_access));
    if ( o->set & XEN_ALTP2M_REMAP )
        printf("  remapped: shows the page of gfn 0x%" PRIx64 "%s\n",
               (uint64_t)(o->target + w->walk.gfn - o->gfn),
               o->dormant ? ", which has none now: so its own" : "");
    else if ( o->set & XEN_ALTP2M_OWN )
        printf("  patched: %s\n", o->dormant ? "but another page is there now, "
               "and is shown until xen-altp2m refresh" : "shows a page of the "
               "view's own");
    else
        printf("  not remapped: shows the host's page\n");
    if ( o->set & XEN_ALTP2M_SVE )
        printf("  #VE is set here: %ssuppressed\n", o->sve ? "" : "not ");
}

static void print_walk(const struct domain *d, const struct way *w,
                       const struct view *view)
{
    uint32_t format = d->capabilities.format;

    printf("gfn 0x%" PRIx64 " of domain %s in view %s\n\n",
           (uint64_t)w->walk.gfn, d->text, view_text(view));
    printf("%-5s %-36s%s\n", "", "host", "view");
    print_levels(w, format, XEN_ALTP2M_WALK_HOST, XEN_ALTP2M_WALK_VIEW);
    if ( entry_at(w, XEN_ALTP2M_WALK_EXECUTE, 3) )
    {
        printf("\n      view, on its execute side\n");
        print_levels(w, format, XEN_ALTP2M_WALK_EXECUTE, -1);
    }
    if ( entry_at(w, XEN_ALTP2M_WALK_TARGET, 3) )
    {
        printf("\n      host, to the gfn that is shown\n");
        print_levels(w, format, XEN_ALTP2M_WALK_TARGET, -1);
    }
    print_why(w, view);
}

static void json_entry(yajl_gen g, uint32_t format,
                       const struct xen_altp2m_entry *e)
{
    static const char *const walks[] = { "host", "view", "target", "execute" };

    json_map_open(g);
    json_text(g, "walk", walks[e->walk & 3]);
    json_int(g, "level", e->level);
    json_int(g, "index", e->index);
    json_hex(g, "entry", e->entry);
    json_hex(g, "table", e->table);
    if ( e->frame != XEN_ALTP2M_NONE )
        json_hex(g, "frame", e->frame);
    json_text(g, "decoded", decoded(format, e));
    json_bool(g, "private", e->flags & XEN_ALTP2M_ENTRY_PRIVATE);
    json_bool(g, "leads_to_table", e->flags & XEN_ALTP2M_ENTRY_TABLE);
    json_bool(g, "present", e->flags & XEN_ALTP2M_ENTRY_PRESENT);
    json_bool(g, "stale", e->flags & XEN_ALTP2M_ENTRY_STALE);
    json_bool(g, "pending", e->flags & XEN_ALTP2M_ENTRY_PENDING);
    json_map_close(g);
}

static void json_walk(const struct domain *d, const struct way *w,
                      const struct view *view)
{
    const struct xen_altp2m_override *o = &w->walk.why;
    yajl_gen g = json_begin(true);

    json_document(g, "walk");
    json_int(g, "domain", d->domid);
    json_int(g, "view", view->index);
    json_hex(g, "gfn", w->walk.gfn);
    json_text(g, "access", access_name(w->walk.access));
    json_text(g, "host_access", access_name(w->walk.host_access));
    json_text(g, "default_access", default_name(view->access));
    json_bool(g, "suppress_ve", w->walk.sve);
    json_bool(g, "page", w->walk.kind != XEN_ALTP2M_KIND_HOLE);
    json_key(g, "override");
    json_map_open(g);
    if ( o->set )
    {
        json_hex(g, "gfn", o->gfn);
        json_int(g, "pages", o->count);
        json_int(g, "level", o->level);
    }
    if ( o->set & XEN_ALTP2M_ACCESS )
        json_text(g, "access", access_name(o->access));
    if ( o->set & XEN_ALTP2M_REMAP )
        json_hex(g, "target", o->target + w->walk.gfn - o->gfn);
    if ( o->set & XEN_ALTP2M_SVE )
        json_bool(g, "suppress_ve", o->sve);
    if ( o->set & XEN_ALTP2M_OWN )
        json_bool(g, "own", true);
    json_bool(g, "lost", o->dormant);
    json_map_close(g);
    json_array_open(g, "entries");
    for ( unsigned int i = 0; i < w->walk.nr; i++ )
        json_entry(g, d->capabilities.format, &w->entry[i]);
    json_array_close(g);
    json_map_close(g);
    json_end(g, stdout);
}

static int walk(struct domain *d, const struct args *args, struct dump *dump,
                struct view *view)
{
    struct way w = { 0 };
    struct range at;
    int code = resolve_range(d, args, 2, &at);

    (void)dump;
    if ( code )
        return code;
    if ( xenaltp2m_walk_sides(d->alt, d->domid, view->index, at.first, &w.walk,
                              w.entry) )
        return complain_errno(errno, "domain %s, view %s: can't walk",
                              d->text, view_text(view));
    if ( args->given[OPT_JSON] )
        json_walk(d, &w, view);
    else
        print_walk(d, &w, view);
    return EXIT_DONE;
}

int run_walk(const struct args *args)
{
    return on_view(args, walk);
}
