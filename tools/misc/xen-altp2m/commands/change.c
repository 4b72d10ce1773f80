/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing what a view says of its pages: access, remap, isolate. */
#include "common/apply.h"
#include "command.h"
#include "common/json.h"
#include "common/message.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RIGHTS, "host" or "none": what a record then says. */
static int rights_record(const struct domain *d, const char *text,
                         struct xen_altp2m_override *o)
{
    if ( no_rights(text) )
    {
        o->clear = XEN_ALTP2M_ACCESS;
        return EXIT_DONE;
    }
    if ( !parse_access(text, &o->access) )
        return complain(EXIT_USAGE, "'%s' is not rights (use n r w rw x rx wx "
                        "rwx, as r-x if you like, rx2rw, n2rwx, or host)",
                        text);
    if ( !(d->capabilities.rights & (1u << o->access)) )
        return complain(EXIT_UNSUPPORTED, "this CPU can't enforce %s in a "
                        "view; xen-altp2m check lists what it can", text);
    o->set = XEN_ALTP2M_ACCESS;
    return EXIT_DONE;
}

/* TARGET, or "none". */
static int target_record(const struct domain *d, const char *text,
                         struct xen_altp2m_override *o)
{
    (void)d;
    if ( !strcmp(text, "none") )
    {
        o->clear = XEN_ALTP2M_REMAP;
        return EXIT_DONE;
    }
    if ( !parse_number(text, GFN_MAX, &o->target) ||
         o->count > GFN_MAX - o->target + 1 )
        return complain(EXIT_USAGE, "'%s' is not a gfn (use a number such as "
                        "0x800, or none)", text);
    o->set = XEN_ALTP2M_REMAP;
    return EXIT_DONE;
}

typedef int (*record_parser)(const struct domain *d, const char *text,
                             struct xen_altp2m_override *o);

static int parse_record(const struct domain *d, const char *range,
                        const char *what, record_parser parse,
                        struct xen_altp2m_override *o)
{
    struct range r;

    if ( !parse_range(range, &r) )
        return complain(EXIT_USAGE, "'%s' is not a range of gfns (use 0x800, "
                        "0x800-0x9ff, 0x800+512 or 0x800+2M: whole pages, "
                        "and one at least)", range);
    *o = (struct xen_altp2m_override){ .gfn = r.first, .count = r.pages };
    return parse(d, what, o);
}

/* ---- many, from a file -------------------------------------------------- */

static int parse_line(const struct domain *d, char *line, record_parser parse,
                      struct batch *batch)
{
    char *save, *range, *what;
    struct xen_altp2m_override o;
    int code;

    line[strcspn(line, "#")] = 0;
    range = strtok_r(line, " \t", &save);
    if ( !range )
        return EXIT_DONE;
    what = strtok_r(NULL, " \t", &save);
    if ( !what || strtok_r(NULL, " \t", &save) )
        return complain(EXIT_USAGE, "a line needs two words");
    code = parse_record(d, range, what, parse, &o);
    if ( !code )
        batch_add(batch, &o);
    return code;
}

static int read_batch(const struct domain *d, const char *path,
                      record_parser parse, struct batch *batch)
{
    char *text = read_file(path), *line = text, *next;
    unsigned int number = 1;
    int code = text ? EXIT_DONE : EXIT_USAGE;

    for ( ; !code && line; line = next, number++ )
    {
        next = strchr(line, '\n');
        if ( next )
            *next++ = 0;
        code = parse_line(d, line, parse, batch);
        if ( code )
            complain(code, "%s: line %u; nothing is changed", path, number);
    }
    free(text);
    return code;
}

/* What has become of it, where it wasn't all. */
static int batch_failed(const struct domain *d, const struct view *view,
                        const struct batch *batch, size_t failed, int error)
{
    bool about_one = failed < batch->nr;
    char where[64] = "";

    if ( about_one )
        snprintf(where, sizeof(where), ", at gfn 0x%" PRIx64,
                 (uint64_t)batch->record[failed].gfn);
    return complain_errno(error, "domain %s, view %s: can't set all%s; nothing "
                          "is changed", d->text, view_text(view), where);
}

/* Of many ranges only those that can't have a page are warned of, once. */
static void warn_of_many(const struct domain *d, const struct dump *dump,
                         const struct batch *batch)
{
    size_t beyond = 0;

    for ( size_t i = 0; i < batch->nr; i++ )
        beyond += batch->record[i].gfn > dump->last_gfn;
    if ( beyond )
        complain(0, "warning: %zu of %zu ranges lie beyond the memory of domain "
                 "%s, whose highest gfn is 0x%" PRIx64, beyond, batch->nr,
                 d->text, dump->last_gfn);
}

/* What --va leads to, as records; remaps go on from one to the next. */
static int translated_batch(struct domain *d, const struct args *args,
                            record_parser parse, struct batch *batch)
{
    struct xen_altp2m_override o = { 0 };
    struct ranges ranges;
    int code = resolve_ranges(d, args, 2, &ranges);

    if ( code )
        return code;
    for ( size_t i = 0; !code && i < ranges.nr; i++ )
    {
        o = (struct xen_altp2m_override){ .gfn = ranges.range[i].first,
                                          .count = ranges.range[i].pages,
                                          .target = o.target + o.count };
        if ( !i )
            code = parse(d, args->operand[3], &o);
        else
        {
            o.set = batch->record[0].set;
            o.clear = batch->record[0].clear;
            o.access = batch->record[0].access;
            o.target = o.set & XEN_ALTP2M_REMAP ? o.target : 0;
        }
        if ( !code )
            batch_add(batch, &o);
    }
    free(ranges.range);
    return code;
}

/* From a file, or by --va. */
static int change_many(struct domain *d, const struct args *args,
                       const struct dump *dump, const struct view *view,
                       record_parser parse)
{
    struct batch batch = { 0 };
    uint64_t pages = 0;
    size_t failed = 0;
    int error, code;

    if ( args->given[OPT_VA] )
        code = translated_batch(d, args, parse, &batch);
    else if ( args->nr_operands != 2 )
        return complain(EXIT_USAGE, "with --file, the ranges and values are in "
                        "the file, not on the command line");
    else
        code = read_batch(d, args->value[OPT_BATCH], parse, &batch);
    for ( size_t i = 0; i < batch.nr; i++ )
        pages += batch.record[i].count;
    if ( !code )
        warn_of_many(d, dump, &batch);
    if ( !code && !would(args, "change %" PRIu64 " pages of view %s of domain "
                         "%s, in %zu ranges", pages, view_text(view), d->text,
                         batch.nr) )
    {
        error = batch_apply(d, view->index, &batch, 0, &failed);
        if ( error )
            code = batch_failed(d, view, &batch, failed, error);
    }
    free(batch.record);
    return code;
}

/* ---- one range ---------------------------------------------------------- */

static int set_default(struct domain *d, const struct args *args,
                       const struct view *view)
{
    struct xen_altp2m_override o = { 0 };
    const char *rights = args->operand[3];
    int code = rights_record(d, rights, &o);

    if ( o.clear )
        o.access = NO_DEFAULT;
    if ( code || would(args, "make %s the default rights of view %s of domain "
                       "%s", default_text(o.access), view_text(view),
                       d->text) )
        return code;
    if ( xenaltp2m_set_default(d->alt, d->domid, view->index, o.access) )
        return complain_errno(errno, "domain %s, view %s: can't set default "
                              "rights", d->text, view_text(view));
    return EXIT_DONE;
}

static int set_range(struct domain *d, const struct args *args,
                     const struct dump *dump, const struct view *view)
{
    struct xen_altp2m_override o;
    struct range range;
    int code = parse_record(d, args->operand[2], args->operand[3],
                            rights_record, &o);

    if ( code )
        return code;
    range = (struct range){ o.gfn, o.count };
    warn_without_pages(d, dump, &range);
    if ( would(args, "give %s of view %s of domain %s the rights %s",
               range_text(&range), view_text(view), d->text,
               args->operand[3]) )
        return EXIT_DONE;
    if ( !xenaltp2m_set_range(d->alt, d->domid, view->index, &o) )
        return EXIT_DONE;
    range = (struct range){ o.gfn, o.count };
    return complain_errno(errno, "domain %s, view %s: can't set %s",
                          d->text, view_text(view), range_text(&range));
}

static int set_remap(struct domain *d, const struct args *args,
                     const struct view *view)
{
    struct xen_altp2m_override o;
    struct batch batch = { 0 };
    struct range range;
    size_t failed = 0;
    int error, code = parse_record(d, args->operand[2], args->operand[3],
                                   target_record, &o);

    if ( code )
        return code;
    range = (struct range){ o.gfn, o.count };
    if ( would(args, "show, at %s of view %s of domain %s, %s from %s",
               range_text(&range), view_text(view), d->text,
               o.set ? "the pages" : "its own pages, and none",
               args->operand[3]) )
        return EXIT_DONE;
    batch_add(&batch, &o);
    error = batch_apply(d, view->index, &batch, 0, &failed);
    free(batch.record);
    if ( error == ENXIO )
        return complain(EXIT_NOT_FOUND, "domain %s: there is not a page of RAM "
                        "at every gfn of the range and of the target",
                        d->text);
    return error ? complain_errno(error, "domain %s, view %s: can't remap %s",
                                  d->text, view_text(view),
                                  range_text(&range)) : EXIT_DONE;
}

static int four_operands(const struct args *args, const char *what)
{
    if ( args->nr_operands == 4 )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "%s needs a range and %s, or --file",
                    args->command->name, what);
}

static int change_access(struct domain *d, const struct args *args,
                         struct dump *dump, struct view *view)
{
    int code;

    if ( args->given[OPT_BATCH] || args->given[OPT_VA] )
        return change_many(d, args, dump, view, rights_record);
    code = four_operands(args, "rights");
    if ( code )
        return code;
    return strcmp(args->operand[2], "default") ? set_range(d, args, dump, view)
                                               : set_default(d, args, view);
}

int run_access(const struct args *args)
{
    return on_view(args, change_access);
}

static int change_remap(struct domain *d, const struct args *args,
                        struct dump *dump, struct view *view)
{
    if ( args->given[OPT_BATCH] || args->given[OPT_VA] )
        return change_many(d, args, dump, view, target_record);
    return four_operands(args, "a target") ?: set_remap(d, args, view);
}

int run_remap(const struct args *args)
{
    return on_view(args, change_remap);
}

/* ---- isolate ------------------------------------------------------------ */

static int isolate(struct domain *d, const struct args *args,
                   struct dump *dump, struct view *view)
{
    const char *others = args->value[OPT_OTHERS] ?: "n";
    struct xen_altp2m_override in = { 0 }, out = { 0 };
    struct range range;
    uint16_t at = view->index;
    int code = rights_record(d, args->operand[3], &in);

    code = code ?: rights_record(d, others, &out);
    if ( code )
        return code;
    if ( !in.set || !out.set )
        return complain(EXIT_USAGE, "isolate needs rights, not host");
    code = resolve_range(d, args, 2, &range);
    if ( code )
        return code;
    warn_without_pages(d, dump, &range);
    if ( would(args, "give %s of domain %s the rights %s in view %s, and %s in "
               "all other views", range_text(&range), d->text,
               access_text(in.access), view_text(view),
               access_text(out.access)) )
        return EXIT_DONE;
    if ( xenaltp2m_isolate(d->alt, d->domid, view->index, range.first,
                           range.pages, in.access, out.access, &at) )
        return complain_errno(errno, "domain %s: can't isolate %s: view %u is "
                              "not done", d->text, range_text(&range), at);
    return EXIT_DONE;
}

int run_isolate(const struct args *args)
{
    return on_view(args, isolate);
}
