/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of a domain, printed as it is written: trace. */
#include "command.h"
#include "common/cr3.h"
#include "common/domain.h"
#include "common/interrupt.h"
#include "common/json.h"
#include "common/message.h"
#include "common/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SINCE_INTERFACE 7
#define RECORDS         1023     /* that there is room for, by default */
#define RECORDS_MAX     4095
#define WAIT_MS         500

static const char letters[] = "rwxb"; /* bits of a record's access */
static const char *const walks[] = { "any", "data", "walk" };

struct trace
{
    struct domain *d;
    const struct args *args;
    xenaltp2m_log *log;
    uint64_t printed, wanted;    /* records; wanted 0: no end */
    uint64_t next;               /* number of the next, if none is lost */
    /* Where a page is watched: */
    uint64_t gfn;
    bool watches, by_cr3;
    uint16_t view;
    uint16_t *home;              /* the view of each vCPU before */
    unsigned int nr_vcpus;
};

/* ---- printing ------------------------------------------------------------ */

static char letter(const struct xen_altp2m_log_record *r)
{
    for ( unsigned int i = 0; i < 4; i++ )
        if ( r->access == 1u << i )
            return letters[i];
    return '?';
}

static const char *walk_of(const struct xen_altp2m_log_record *r)
{
    unsigned int walk = XEN_ALTP2M_LOG_WALK(r->flags);

    return walk < 3 ? walks[walk] : "?";
}

static void print_text(const struct xen_altp2m_log_record *r)
{
    printf("%" PRIu64 ": vCPU %u, view %u, %c 0x%" PRIx64 "+0x%x", r->seq,
           r->vcpu, r->view, letter(r), r->gfn, r->offset);
    if ( r->flags & XEN_ALTP2M_LOG_GLA )
        printf(" at 0x%" PRIx64, r->gla);
    printf(", rip 0x%" PRIx64 ", cr3 0x%" PRIx64 ", cpl %u", r->rip, r->cr3,
           XEN_ALTP2M_LOG_CPL(r->flags));
    if ( XEN_ALTP2M_LOG_WALK(r->flags) == XEN_ALTP2M_RULE_WALK )
        printf(", walk");
    if ( r->cookie )
        printf(", cookie 0x%" PRIx64, r->cookie);
    printf("\n");
}

static void print_csv(const struct xen_altp2m_log_record *r)
{
    printf("%" PRIu64 ",%" PRIu64 ",%u,%u,%c,0x%" PRIx64 ",%u,", r->seq,
           r->tsc, r->vcpu, r->view, letter(r), r->gfn, r->offset);
    if ( r->flags & XEN_ALTP2M_LOG_GLA )
        printf("0x%" PRIx64, r->gla);
    printf(",0x%" PRIx64 ",0x%" PRIx64 ",%u,%s,0x%" PRIx64 "\n", r->rip,
           r->cr3, XEN_ALTP2M_LOG_CPL(r->flags), walk_of(r), r->cookie);
}

static void print_json(const struct trace *t,
                       const struct xen_altp2m_log_record *r)
{
    char access[2] = { letter(r) };
    yajl_gen g = json_begin(false);

    json_document(g, "record");
    json_int(g, "domain", t->d->domid);
    json_int(g, "seq", r->seq);
    json_int(g, "tsc", r->tsc);
    json_int(g, "vcpu", r->vcpu);
    json_int(g, "view", r->view);
    json_text(g, "access", access);
    json_hex(g, "gfn", r->gfn);
    json_int(g, "offset", r->offset);
    if ( r->flags & XEN_ALTP2M_LOG_GLA )
        json_hex(g, "gla", r->gla);
    else
        json_text(g, "gla", NULL);
    json_hex(g, "rip", r->rip);
    json_hex(g, "cr3", r->cr3);
    json_int(g, "cpl", XEN_ALTP2M_LOG_CPL(r->flags));
    json_text(g, "walk", walk_of(r));
    json_hex(g, "cookie", r->cookie);
    json_map_close(g);
    json_end(g, stdout);
}

/* What was dropped before the record @seq. */
static void print_loss(struct trace *t, uint64_t seq)
{
    uint64_t lost = seq - t->next;
    yajl_gen g;

    t->next = seq + 1;
    /* In a table, the numbers say so. */
    if ( !lost || t->args->given[OPT_CSV] )
        return;
    if ( !t->args->given[OPT_JSON] )
    {
        printf("# %" PRIu64 " records are lost here\n", lost);
        return;
    }
    g = json_begin(false);
    json_document(g, "lost");
    json_int(g, "domain", t->d->domid);
    json_int(g, "seq", seq - lost);
    json_int(g, "count", lost);
    json_map_close(g);
    json_end(g, stdout);
}

static void print_record(struct trace *t, const struct xen_altp2m_log_record *r)
{
    print_loss(t, r->seq);
    if ( t->args->given[OPT_JSON] )
        print_json(t, r);
    else if ( t->args->given[OPT_CSV] )
        print_csv(r);
    else
        print_text(r);
    t->printed++;
}

/* ---- a page that is watched ---------------------------------------------- */

static unsigned int accesses(const char *text)
{
    unsigned int mask = 0;

    for ( ; text && *text; text++ )
        mask |= 1u << (strchr(letters, *text) - letters);
    return mask ?: XEN_ALTP2M_RULE_WRITE;
}

static int cant(const struct trace *t, const char *what)
{
    return complain_errno(errno, "domain %s: can't %s", t->d->text, what);
}

/* Only vCPUs that run the process are in the view. */
static int watch_process(struct trace *t)
{
    struct xen_altp2m_cr3_view r = { .view = t->view,
                                     .mask = cr3_mask(t->args),
                                     .value = only_cr3(t->args) };
    int nr = xenaltp2m_get_cr3_views(t->d->alt, t->d->domid, NULL, 0, NULL);

    if ( nr < 0 )
        return cant(t, "read its views by CR3");
    if ( nr )
        return complain(EXIT_AGAIN, "domain %s has views by CR3; xen-altp2m "
                        "process %s lists them, and --only needs to set them",
                        t->d->text, t->d->operand);
    if ( xenaltp2m_set_cr3_views(t->d->alt, t->d->domid, &r, 1, 0, NULL) )
        return cant(t, "set a view by CR3");
    t->by_cr3 = true;
    return EXIT_DONE;
}

static int note_homes(struct trace *t, const struct dump *dump)
{
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        for ( unsigned int j = 0; j < dump->view[i].nr_vcpus; j++ )
            if ( dump->view[i].vcpu[j] >= t->nr_vcpus )
                t->nr_vcpus = dump->view[i].vcpu[j] + 1;
    t->home = checked(calloc(t->nr_vcpus + 1, sizeof(*t->home)));
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        for ( unsigned int j = 0; j < dump->view[i].nr_vcpus; j++ )
            t->home[dump->view[i].vcpu[j]] = dump->view[i].index;
    return EXIT_DONE;
}

static int resolve_page(struct trace *t)
{
    struct range range;
    int code = resolve_range(t->d, t->args, 1, &range);

    if ( !code && range.pages != 1 )
        return complain(EXIT_USAGE, "one page is watched, not %" PRIu64,
                        range.pages);
    t->gfn = range.first;
    return code;
}

static int watch_page(struct trace *t, struct dump *dump)
{
    if ( xenaltp2m_watch(t->d->alt, t->d->domid, t->gfn,
                         accesses(t->args->operand[2]), NULL, &t->view) )
        return cant(t, "make a view that logs accesses to the page");
    t->watches = true;
    note_homes(t, dump);
    if ( t->args->given[OPT_ONLY] )
        return watch_process(t);
    for ( unsigned int i = 0; i < t->nr_vcpus; i++ )
        if ( xenaltp2m_switch_vcpu(t->d->alt, t->d->domid, i, t->view) )
            return cant(t, "put its vCPUs into that view");
    return EXIT_DONE;
}

/*
 * As it was before.  A vCPU that is in view 0 may be in a step, and come back
 * from there.  The domain may be gone: then nothing is left to do.
 */
static void unwatch(struct trace *t)
{
    uint16_t view;

    if ( t->by_cr3 )
        xenaltp2m_set_cr3_views(t->d->alt, t->d->domid, NULL, 0,
                                XEN_ALTP2M_NO_VIEW, NULL);
    for ( unsigned int i = 0; t->watches && i < t->nr_vcpus; i++ )
        if ( !xenaltp2m_get_vcpu_view(t->d->alt, t->d->domid, i, &view) &&
             (view == t->view || !view) )
            xenaltp2m_switch_vcpu(t->d->alt, t->d->domid, i, t->home[i]);
    if ( t->watches && xenaltp2m_destroy(t->d->alt, t->d->domid, t->view) &&
         errno != ESRCH && errno != EOPNOTSUPP )
        complain_errno(errno, "domain %s: view %u stays", t->d->text, t->view);
    free(t->home);
}

/* ---- reading ------------------------------------------------------------- */

static int open_log(struct trace *t)
{
    uint64_t records = RECORDS;

    if ( t->args->given[OPT_RECORDS] )
        parse_number(t->args->value[OPT_RECORDS], RECORDS_MAX, &records);
    t->log = xenaltp2m_log_open(t->d->alt, t->d->domid, records,
                                t->args->given[OPT_TAKE] ? XENALTP2M_REPLACE
                                                         : 0);
    if ( !t->log && errno == EBUSY )
        return complain(EXIT_AGAIN, "domain %s: somebody has its log open, or "
                        "did and was killed; --take takes it", t->d->text);
    if ( !t->log )
        return cant(t, "open its log");
    return EXIT_DONE;
}

static bool over(const struct trace *t)
{
    return interrupted() || ferror(stdout) ||
           (t->wanted && t->printed == t->wanted);
}

static int print_all(struct trace *t)
{
    struct xen_altp2m_log_record list[32];
    int nr = 0, error = 0;

    while ( !over(t) )
    {
        uint64_t room = t->wanted ? t->wanted - t->printed : 32;

        nr = xenaltp2m_log_read(t->log, list, room < 32 ? room : 32);
        error = errno;
        if ( nr < 0 )
            break;
        for ( int i = 0; i < nr; i++ )
            print_record(t, &list[i]);
        if ( nr )
            continue;
        fflush(stdout);
        if ( xenaltp2m_log_wait(t->log, WAIT_MS) < 0 )
            return cant(t, "wait for its log");
    }
    fflush(stdout);
    if ( nr >= 0 )
        return EXIT_DONE;
    if ( error != EPIPE )
        return complain_errno(error, "domain %s: can't read its log",
                              t->d->text);
    fprintf(stderr, "domain %s: the log is closed, with the domain, its views, "
            "or by another program\n", t->d->text);
    return EXIT_DONE;
}

static bool would_trace(const struct trace *t)
{
    const struct args *args = t->args;

    if ( args->nr_operands < 2 )
        return would(args, "print the log of domain %s", t->d->text);
    if ( !args->given[OPT_ONLY] )
        return would(args, "log accesses (%s) to gfn 0x%" PRIx64 " of domain "
                     "%s, by all its vCPUs", args->operand[2] ?: "w", t->gfn,
                     t->d->text);
    return would(args, "log accesses (%s) to gfn 0x%" PRIx64 " of domain %s, "
                 "by CR3 0x%" PRIx64, args->operand[2] ?: "w", t->gfn,
                 t->d->text, only_cr3(args));
}

static int trace(struct domain *d, const struct args *args, struct dump *dump)
{
    struct trace t = { .d = d, .args = args };
    uint64_t lost = 0;
    int code = EXIT_DONE;

    if ( d->capabilities.interface < SINCE_INTERFACE )
        return complain(EXIT_UNSUPPORTED, "this Xen has no log");
    if ( args->given[OPT_COUNT] )
        parse_number(args->value[OPT_COUNT], UINT64_MAX, &t.wanted);
    if ( args->nr_operands > 1 )
        code = resolve_page(&t);
    if ( code || would_trace(&t) )
        return code;

    interrupts_hold();
    code = open_log(&t);
    if ( !code && args->nr_operands > 1 )
        code = watch_page(&t, dump);
    if ( !code && args->given[OPT_CSV] )
        printf("seq,tsc,vcpu,view,access,gfn,offset,gla,rip,cr3,cpl,walk,"
               "cookie\n");
    code = code ?: print_all(&t);
    unwatch(&t);
    if ( t.log )
        lost = xenaltp2m_log_lost(t.log);
    if ( lost )
        fprintf(stderr, "domain %s: %" PRIu64 " records printed, %" PRIu64
                " lost\n", d->text, t.printed, lost);
    xenaltp2m_log_close(t.log);
    interrupts_release();
    return code;
}

int check_trace(struct args *args)
{
    const char *access = args->nr_operands > 2 ? args->operand[2] : NULL;
    uint64_t number;

    if ( access && (!*access || strspn(access, "rwx") != strlen(access)) )
        return complain(EXIT_USAGE, "'%s' is no access: use letters of rwx",
                        access);
    if ( args->given[OPT_JSON] && args->given[OPT_CSV] )
        return complain(EXIT_USAGE, "give one of --json and --csv");
    if ( args->given[OPT_RECORDS] &&
         (!parse_number(args->value[OPT_RECORDS], RECORDS_MAX, &number) ||
          !number) )
        return complain(EXIT_USAGE, "'%s' is not a number of records, from 1 "
                        "to %u", args->value[OPT_RECORDS], RECORDS_MAX);
    if ( args->given[OPT_COUNT] &&
         !(parse_number(args->value[OPT_COUNT], UINT64_MAX, &number) &&
           number) )
        return complain(EXIT_USAGE, "'%s' is not a count",
                        args->value[OPT_COUNT]);
    if ( args->given[OPT_ONLY] && args->nr_operands < 2 )
        return complain(EXIT_USAGE, "--only is for a page that is watched: "
                        "give GFN or --va; rules have conditions of their own");
    return EXIT_DONE;
}

int run_trace(const struct args *args)
{
    return on_domain(args, trace);
}
