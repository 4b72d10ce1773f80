/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints that the guest can't see: listed, put in, reported, removed. */
#include "command.h"
#include "common/cr3.h"
#include "common/interrupt.h"
#include "common/json.h"
#include "common/message.h"
#include "common/monitor.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct breaks
{
    struct domain *d;
    const struct args *args;
    xenaltp2m_breakpoints *b;
    struct address at[MAX_OPERANDS];
    unsigned int nr;
    uint64_t hits, wanted;       /* wanted 0: no end */
};

static int failed(const struct breaks *x, const struct address *at,
                  const char *what)
{
    static const struct { int error, code; const char *text; } reasons[] = {
        { EEXIST, EXIT_AGAIN, "there is a breakpoint already" },
        { ENODATA, EXIT_NOT_FOUND, "there is no breakpoint" },
        { ENXIO, EXIT_NOT_FOUND, "there is no RAM of the domain's, or another "
          "page than when breakpoints were put in" },
        { EBUSY, EXIT_AGAIN, "the view of breakpoints remaps it" },
    };

    for ( size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++ )
        if ( errno == reasons[i].error )
            return complain(reasons[i].code, "domain %s: can't %s 0x%" PRIx64
                            "+0x%x: %s", x->d->text, what, at->gfn,
                            at->offset, reasons[i].text);
    return complain_errno(errno, "domain %s: can't %s 0x%" PRIx64 "+0x%x",
                          x->d->text, what, at->gfn, at->offset);
}

static int open_breaks(struct breaks *x, unsigned int flags)
{
    x->b = xenaltp2m_breakpoints_open(x->d->alt, x->d->domid, flags);
    if ( x->b )
        return EXIT_DONE;
    if ( errno == ENOENT )
        return complain(EXIT_NOT_FOUND, "domain %s has no breakpoints",
                        x->d->text);
    if ( errno == EOPNOTSUPP )
        return complain(EXIT_UNSUPPORTED, "domain %s: breakpoints need pages "
                        "of a view's own, pages that are executed and can't be "
                        "read, and single steps; xen-altp2m check says which "
                        "there are", x->d->text);
    return complain_errno(errno, "domain %s: can't have breakpoints",
                          x->d->text);
}

/* ---- listing ------------------------------------------------------------- */

static void json_place(yajl_gen g, uint64_t gfn, unsigned int offset)
{
    json_hex(g, "gfn", gfn);
    json_int(g, "offset", offset);
}

/* The domain's breakpoints, and how often they were met. */
struct listing
{
    struct xenaltp2m_place *place;
    size_t nr;
    uint64_t hits, others;       /* of CR3s of the filter, and of others */
    uint16_t runs, shows;        /* 0: there are none */
};

static void print_list(const struct listing *l)
{
    for ( size_t i = 0; i < l->nr; i++ )
        printf("0x%" PRIx64 "+0x%x%s\n", l->place[i].gfn, l->place[i].offset,
               l->place[i].dormant ? "  # not shown: another page is there "
               "now; xen-altp2m refresh" : "");
    if ( l->runs )
        printf("# %" PRIu64 " hits, %" PRIu64 " of other processes\n",
               l->hits, l->others);
}

static void json_list(const struct domain *d, const struct listing *l)
{
    yajl_gen g = json_begin(true);

    json_document(g, "breakpoints");
    json_int(g, "domain", d->domid);
    json_array_open(g, "breakpoints");
    for ( size_t i = 0; i < l->nr; i++ )
    {
        json_map_open(g);
        json_place(g, l->place[i].gfn, l->place[i].offset);
        json_bool(g, "dormant", l->place[i].dormant);
        json_map_close(g);
    }
    json_array_close(g);
    if ( l->runs )
    {
        json_int(g, "runs", l->runs);
        json_int(g, "shows", l->shows);
        json_int(g, "hits", l->hits);
        json_int(g, "others", l->others);
    }
    json_map_close(g);
    json_end(g, stdout);
}

static int list_breaks(struct breaks *x)
{
    struct listing l = { 0 };

    x->b = xenaltp2m_breakpoints_open(x->d->alt, x->d->domid,
                                      XENALTP2M_ONLY_FIND);
    if ( x->b ? xenaltp2m_breakpoints_counts(x->b, &l.hits, &l.others) ||
                xenaltp2m_breakpoints_list(x->b, &l.place, &l.nr)
              : errno != ENOENT && errno != EOPNOTSUPP )
        return complain_errno(errno, "domain %s: can't list its breakpoints",
                              x->d->text);
    if ( x->b )
        xenaltp2m_breakpoints_views(x->b, &l.runs, &l.shows);
    if ( x->args->given[OPT_JSON] )
        json_list(x->d, &l);
    else
        print_list(&l);
    free(l.place);
    return EXIT_DONE;
}

/* With -n, says what would be done at each address. */
static bool would_each(const struct breaks *x, const char *what)
{
    bool dry = false;

    for ( unsigned int i = 0; i < x->nr; i++ )
        dry |= would(x->args, "%s at 0x%" PRIx64 "+0x%x of domain %s", what,
                     x->at[i].gfn, x->at[i].offset, x->d->text);
    return dry;
}

/* ---- removing ------------------------------------------------------------ */

/* With the last breakpoint its views go. */
static int end_if_none(struct breaks *x, bool all)
{
    struct xenaltp2m_place *list = NULL;
    size_t nr = 0;

    if ( !all && xenaltp2m_breakpoints_list(x->b, &list, &nr) )
        return complain_errno(errno, "domain %s: can't list its breakpoints",
                              x->d->text);
    free(list);
    if ( nr )
        return EXIT_DONE;
    if ( xenaltp2m_breakpoints_end(x->b) )
        return complain_errno(errno, "domain %s: the views of its breakpoints "
                              "can't go", x->d->text);
    x->b = NULL;
    return EXIT_DONE;
}

static int remove_breaks(struct breaks *x)
{
    int code = open_breaks(x, XENALTP2M_ONLY_FIND);

    if ( code )
        return code;
    if ( would_each(x, "remove the breakpoint") ||
         (!x->nr && would(x->args, "remove all breakpoints of domain %s",
                          x->d->text)) )
        return EXIT_DONE;
    for ( unsigned int i = 0; i < x->nr; i++ )
        if ( xenaltp2m_breakpoint_remove(x->b, x->at[i].gfn, x->at[i].offset) )
            return failed(x, &x->at[i], "remove");
    return end_if_none(x, !x->nr);
}

/* ---- putting in, and reporting hits -------------------------------------- */

static void print_hit(const struct breaks *x, const vm_event_request_t *r)
{
    uint64_t gfn = r->u.software_breakpoint.gfn;
    unsigned int offset = r->data.regs.x86.rip % PAGE_BYTES;
    yajl_gen g;

    if ( !x->args->given[OPT_JSON] )
        printf("hit %" PRIu64 ": 0x%" PRIx64 "+0x%x, vCPU %u, rip 0x%" PRIx64
               ", cr3 0x%" PRIx64 "\n", x->hits, gfn, offset, r->vcpu_id,
               (uint64_t)r->data.regs.x86.rip, (uint64_t)r->data.regs.x86.cr3);
    else
    {
        g = json_begin(false);
        json_document(g, "hit");
        json_int(g, "domain", x->d->domid);
        json_int(g, "hit", x->hits);
        json_place(g, gfn, offset);
        json_int(g, "vcpu", r->vcpu_id);
        json_hex(g, "rip", r->data.regs.x86.rip);
        json_hex(g, "cr3", r->data.regs.x86.cr3);
        json_map_close(g);
        json_end(g, stdout);
    }
    fflush(stdout);
}

static bool enough(const struct breaks *x)
{
    return x->wanted && x->hits >= x->wanted;
}

struct serving
{
    struct breaks *x;
    struct monitor m;
};

static void answer(void *arg, const vm_event_request_t *request,
                   vm_event_response_t *answer)
{
    struct serving *s = arg;
    int what = xenaltp2m_breakpoints_event(s->x->b, request, answer);

    /* Not those that come while breakpoints go. */
    if ( what == XENALTP2M_EVENT_HIT && !enough(s->x) )
    {
        s->x->hits++;
        print_hit(s->x, request);
    }
    if ( what != XENALTP2M_EVENT_OTHER )
        return;
    if ( request->reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
        xenaltp2m_events_give_back(s->m.events, request);
    else if ( request->reason == VM_EVENT_REASON_MEM_ACCESS )
        answer->flags |= VM_EVENT_FLAG_EMULATE;
}

static int put_in(struct breaks *x, unsigned int *done)
{
    for ( ; *done < x->nr; ++*done )
        if ( xenaltp2m_breakpoint(x->b, x->at[*done].gfn,
                                  x->at[*done].offset) )
            return failed(x, &x->at[*done], "break at");
    return EXIT_DONE;
}

static int filter(struct breaks *x)
{
    uint64_t cr3 = only_cr3(x->args);

    if ( !x->args->given[OPT_ONLY] )
        return EXIT_DONE;
    return xenaltp2m_breakpoints_filter(x->b, &cr3, 1, cr3_mask(x->args))
           ? complain_errno(errno, "domain %s: can't have hits of one CR3 "
                            "only", x->d->text) : EXIT_DONE;
}

/* Takes back the first ones. */
static int take_back(struct breaks *x, unsigned int nr)
{
    while ( nr-- )
        xenaltp2m_breakpoint_remove(x->b, x->at[nr].gfn, x->at[nr].offset);
    return end_if_none(x, false);
}

/* Breakpoints are gone with the domain, or are the other program's. */
static int events_gone(struct serving *s)
{
    monitor_leave(&s->m);
    fprintf(stderr, "domain %s: it has ended, or another program has taken its "
            "events\n", s->x->d->text);
    return EXIT_DONE;
}

/*
 * Until so many hits, a signal, or the end of events.  The guest stands still
 * while breakpoints go: what has come is answered before, nothing comes after.
 */
static int serve(struct breaks *x)
{
    struct serving s = { .x = x, .m = { .answer = answer, .arg = &s } };
    unsigned int done = 0;
    int code = monitor_open(&s.m, x->d, x->args->given[OPT_TAKE]), ended;

    code = code ?: filter(x) ?: put_in(x, &done);
    for ( unsigned int i = 0; !code && !x->args->given[OPT_JSON] && i < x->nr;
          i++ )
        printf("break at 0x%" PRIx64 "+0x%x\n", x->at[i].gfn, x->at[i].offset);
    fflush(stdout);
    while ( !code && !interrupted() && !ferror(stdout) && !enough(x) )
        if ( !monitor_wait(&s.m) )
            return events_gone(&s);
    if ( xc_domain_pause(x->d->xch, x->d->domid) )
        return complain_errno(errno, "domain %s: can't stop it, and its "
                              "breakpoints stay", x->d->text);
    monitor_answer(&s.m);
    /* With it ends a step that is not done yet, which would keep a view. */
    monitor_close(&s.m);
    ended = take_back(x, done);
    xc_domain_unpause(x->d->xch, x->d->domid);
    return code ?: ended;
}

static int keep(struct breaks *x)
{
    unsigned int done = 0;
    int code = filter(x) ?: put_in(x, &done);

    if ( code )
        take_back(x, done);
    return code;
}

static int add_breaks(struct breaks *x)
{
    int code;

    if ( would_each(x, "put in a breakpoint") )
        return EXIT_DONE;
    interrupts_hold();
    code = open_breaks(x, 0) ?: x->args->given[OPT_KEEP] ? keep(x) : serve(x);
    interrupts_release();
    return code;
}

/* ---- the command --------------------------------------------------------- */

int check_break(struct args *args)
{
    uint64_t number;

    if ( args->given[OPT_REMOVE] &&
         (args->given[OPT_KEEP] || args->given[OPT_ONLY] ||
          args->given[OPT_COUNT] || args->given[OPT_TAKE]) )
        return complain(EXIT_USAGE, "--remove goes with no other option but "
                        "--va and -n");
    if ( args->given[OPT_KEEP] &&
         (args->given[OPT_COUNT] || args->given[OPT_TAKE]) )
        return complain(EXIT_USAGE, "with --keep another program has the hits: "
                        "give no --count and no --take");
    if ( args->nr_operands < 2 && !args->given[OPT_REMOVE] &&
         (args->given[OPT_KEEP] || args->given[OPT_ONLY] ||
          args->given[OPT_COUNT] || args->given[OPT_TAKE] ||
          args->given[OPT_DRY_RUN]) )
        return complain(EXIT_USAGE, "break needs an address for that");
    if ( args->given[OPT_COUNT] &&
         (!parse_number(args->value[OPT_COUNT], UINT64_MAX, &number) ||
          !number) )
        return complain(EXIT_USAGE, "'%s' is not a number of hits",
                        args->value[OPT_COUNT]);
    return EXIT_DONE;
}

static int breaks(struct domain *d, const struct args *args, struct dump *dump)
{
    struct breaks x = { .d = d, .args = args };
    int code = EXIT_DONE;

    (void)dump;
    for ( ; !code && x.nr + 1 < args->nr_operands; x.nr++ )
        code = resolve_address(d, args, x.nr + 1, &x.at[x.nr]);
    if ( code )
        return code;
    if ( args->given[OPT_COUNT] )
        parse_number(args->value[OPT_COUNT], UINT64_MAX, &x.wanted);
    code = args->given[OPT_REMOVE] ? remove_breaks(&x)
           : x.nr ? add_breaks(&x) : list_breaks(&x);
    xenaltp2m_breakpoints_close(x.b);
    return code;
}

int run_break(const struct args *args)
{
    return on_domain(args, breaks);
}
