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

/* ---- what is given to be set; before Xen is asked --------------------- */

/* Fills in what a record says, of the range that it has already. */
typedef int (*record_parser)(const char *text, struct xen_altp2m_override *o);

/* RIGHTS, "host" or "none". */
static int rights_record(const char *text, struct xen_altp2m_override *o)
{
    int code = take_rights(text, true, &o->access);

    if ( no_rights(text) )
        o->clear = XEN_ALTP2M_ACCESS;
    else
        o->set = XEN_ALTP2M_ACCESS;
    return code;
}

/* TARGET, or "none". */
static int target_record(const char *text, struct xen_altp2m_override *o)
{
    const char *wrong;

    if ( !strcmp(text, "none") )
    {
        o->clear = XEN_ALTP2M_REMAP;
        return EXIT_DONE;
    }
    wrong = gfn_fault(text, "gfn", &o->target);
    if ( wrong )
        return complain(EXIT_USAGE, "'%s' is not a gfn: %s (use a number such "
                        "as 0x800, or none)", text, wrong);
    if ( o->count > GFN_MAX - o->target + 1 )
        return complain(EXIT_USAGE, "%" PRIu64 " pages from target %s on end "
                        "above 0x%llx, the highest gfn", (uint64_t)o->count,
                        text, GFN_MAX);
    o->set = XEN_ALTP2M_REMAP;
    return EXIT_DONE;
}

static int add_record(const char *range, const char *what,
                      record_parser parse, struct batch *batch)
{
    struct xen_altp2m_override o = { 0 };
    struct range r;
    int code = take_range(range, &r);

    if ( code )
        return code;
    o.gfn = r.first;
    o.count = r.pages;
    code = parse(what, &o);
    if ( !code )
        batch_add(batch, &o);
    return code;
}

static int parse_line(char *line, record_parser parse, struct batch *batch)
{
    char *save, *range, *what;

    line[strcspn(line, "#")] = 0;
    range = strtok_r(line, " \t", &save);
    if ( !range )
        return EXIT_DONE;
    what = strtok_r(NULL, " \t", &save);
    if ( !what || strtok_r(NULL, " \t", &save) )
        return complain(EXIT_USAGE, "a line needs two words");
    return add_record(range, what, parse, batch);
}

static int read_batch(const char *path, record_parser parse,
                      struct batch *batch)
{
    char *text = read_file(path), *line = text, *next;
    unsigned int number = 1;
    int code = text ? EXIT_DONE : EXIT_USAGE;

    for ( ; !code && line; line = next, number++ )
    {
        next = strchr(line, '\n');
        if ( next )
            *next++ = 0;
        code = parse_line(line, parse, batch);
        if ( code )
            complain(code, "%s: line %u; nothing is changed", path, number);
    }
    free(text);
    return code;
}

/*
 * Fills args->batch.  With --va, and for default rights, its one record has no
 * range.
 */
static int check_change(struct args *args, record_parser parse,
                        const char *value)
{
    static struct batch batch;
    struct xen_altp2m_override o = { 0 };
    bool no_range = args->given[OPT_VA];
    int code;

    args->batch = &batch;
    if ( args->given[OPT_BATCH] && args->nr_operands != 2 )
        return complain(EXIT_USAGE, "with --file, the ranges and values are in "
                        "the file, not on the command line");
    if ( args->given[OPT_BATCH] )
        return read_batch(args->value[OPT_BATCH], parse, &batch);
    if ( args->nr_operands != 4 )
        return complain(EXIT_USAGE, "%s needs a range and %s, or --file",
                        args->command->name, value);
    if ( !no_range && strcmp(args->operand[2], "default") )
        return add_record(args->operand[2], args->operand[3], parse, &batch);
    code = parse(args->operand[3], &o);
    if ( !code )
        batch_add(&batch, &o);
    return code;
}

int check_access(struct args *args)
{
    return check_change(args, rights_record, "rights");
}

int check_remap(struct args *args)
{
    return check_change(args, target_record, "a target");
}

/* ---- many, from a file or by --va --------------------------------------- */

static int enforceable(const struct domain *d, uint8_t access)
{
    if ( d->capabilities.rights & (1u << access) )
        return EXIT_DONE;
    return complain(EXIT_UNSUPPORTED, "this CPU can't enforce %s in a view; "
                    "xen-altp2m check lists what it can", access_text(access));
}

static int all_enforceable(const struct domain *d, const struct batch *batch)
{
    int code = EXIT_DONE;

    for ( size_t i = 0; !code && i < batch->nr; i++ )
        if ( batch->record[i].set & XEN_ALTP2M_ACCESS )
            code = enforceable(d, batch->record[i].access);
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
                            struct batch *batch)
{
    struct xen_altp2m_override o = args->batch->record[0];
    struct ranges ranges;
    int code = resolve_ranges(d, args, 2, &ranges);

    if ( code )
        return code;
    for ( size_t i = 0; !code && i < ranges.nr; i++ )
    {
        if ( o.set & XEN_ALTP2M_REMAP )
            o.target += o.count;
        o.gfn = ranges.range[i].first;
        o.count = ranges.range[i].pages;
        if ( (o.set & XEN_ALTP2M_REMAP) && o.count > GFN_MAX - o.target + 1 )
            code = complain(EXIT_USAGE, "the pages from target %s on end above "
                            "0x%llx, the highest gfn", args->operand[3],
                            GFN_MAX);
        batch_add(batch, &o);
    }
    free(ranges.range);
    return code;
}

static int apply_many(struct domain *d, const struct args *args,
                      const struct dump *dump, const struct view *view,
                      const struct batch *batch)
{
    uint64_t pages = 0;
    size_t failed = 0;
    int error;

    for ( size_t i = 0; i < batch->nr; i++ )
        pages += batch->record[i].count;
    warn_of_many(d, dump, batch);
    if ( would(args, "change %" PRIu64 " pages of view %s of domain %s, in %zu "
               "ranges", pages, view_text(view), d->text, batch->nr) )
        return EXIT_DONE;
    error = batch_apply(d, view->index, batch, 0, &failed);
    return error ? batch_failed(d, view, batch, failed, error) : EXIT_DONE;
}

static int change_by_address(struct domain *d, const struct args *args,
                             const struct dump *dump, const struct view *view)
{
    struct batch batch = { 0 };
    int code = translated_batch(d, args, &batch);

    code = code ?: apply_many(d, args, dump, view, &batch);
    free(batch.record);
    return code;
}

/* ---- one range ---------------------------------------------------------- */

static int set_default(struct domain *d, const struct args *args,
                       const struct view *view)
{
    const struct xen_altp2m_override *o = args->batch->record;
    uint8_t access = o->clear ? NO_DEFAULT : o->access;

    if ( would(args, "make %s the default rights of view %s of domain %s",
               default_text(access), view_text(view), d->text) )
        return EXIT_DONE;
    if ( xenaltp2m_set_default(d->alt, d->domid, view->index, access) )
        return complain_errno(errno, "domain %s, view %s: can't set default "
                              "rights", d->text, view_text(view));
    return EXIT_DONE;
}

static int set_range(struct domain *d, const struct args *args,
                     const struct dump *dump, const struct view *view)
{
    struct xen_altp2m_override *o = args->batch->record;
    struct range range = { o->gfn, o->count };

    warn_without_pages(d, dump, &range);
    if ( would(args, "give %s of view %s of domain %s the rights %s",
               range_text(&range), view_text(view), d->text,
               args->operand[3]) )
        return EXIT_DONE;
    if ( !xenaltp2m_set_range(d->alt, d->domid, view->index, o) )
        return EXIT_DONE;
    range = (struct range){ o->gfn, o->count };
    return complain_errno(errno, "domain %s, view %s: can't set %s",
                          d->text, view_text(view), range_text(&range));
}

static int set_remap(struct domain *d, const struct args *args,
                     const struct view *view)
{
    const struct xen_altp2m_override *o = args->batch->record;
    struct range range = { o->gfn, o->count };
    size_t failed = 0;
    int error;

    if ( would(args, "show, at %s of view %s of domain %s, %s from %s",
               range_text(&range), view_text(view), d->text,
               o->set ? "the pages" : "its own pages, and none",
               args->operand[3]) )
        return EXIT_DONE;
    error = batch_apply(d, view->index, args->batch, 0, &failed);
    if ( error == ENXIO )
        return complain(EXIT_NOT_FOUND, "domain %s, view %s: can't remap %s: "
                        "there is not a page of RAM at every gfn of it and of "
                        "the target", d->text, view_text(view),
                        range_text(&range));
    return error ? complain_errno(error, "domain %s, view %s: can't remap %s",
                                  d->text, view_text(view),
                                  range_text(&range)) : EXIT_DONE;
}

static int change(struct domain *d, const struct args *args,
                  struct dump *dump, struct view *view)
{
    int code = all_enforceable(d, args->batch);

    if ( code )
        return code;
    if ( args->given[OPT_BATCH] )
        return apply_many(d, args, dump, view, args->batch);
    if ( args->given[OPT_VA] )
        return change_by_address(d, args, dump, view);
    if ( args->command->run == run_remap )
        return set_remap(d, args, view);
    return args->batch->record[0].count ? set_range(d, args, dump, view)
                                        : set_default(d, args, view);
}

int run_access(const struct args *args)
{
    return on_view(args, change);
}

int run_remap(const struct args *args)
{
    return on_view(args, change);
}

/* ---- isolate ------------------------------------------------------------ */

static int isolate(struct domain *d, const struct args *args,
                   struct dump *dump, struct view *view)
{
    uint16_t at = view->index;
    struct range range;
    uint8_t in, out;
    int code;

    take_rights(args->operand[3], false, &in);
    take_rights(args->value[OPT_OTHERS] ?: "n", false, &out);
    code = enforceable(d, in);
    code = code ?: enforceable(d, out);
    code = code ?: resolve_range(d, args, 2, &range);
    if ( code )
        return code;
    warn_without_pages(d, dump, &range);
    if ( would(args, "give %s of domain %s the rights %s in view %s, and %s in "
               "all other views", range_text(&range), d->text,
               access_text(in), view_text(view), access_text(out)) )
        return EXIT_DONE;
    if ( xenaltp2m_isolate(d->alt, d->domid, view->index, range.first,
                           range.pages, in, out, &at) )
        return complain_errno(errno, "domain %s: can't isolate %s: view %s is "
                              "not done", d->text, range_text(&range),
                              labelled(d, at));
    return EXIT_DONE;
}

int run_isolate(const struct args *args)
{
    return on_view(args, isolate);
}
