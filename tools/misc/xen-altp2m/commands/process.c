/* SPDX-License-Identifier: GPL-2.0-only */
/* Views of processes, by CR3: process. */
#include "command.h"
#include "common/cr3.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xen/hvm/save.h>

#define SINCE_INTERFACE 6

struct records
{
    struct xen_altp2m_cr3_view record[XEN_ALTP2M_CR3_VIEWS_MAX];
    unsigned int nr;
    uint16_t other;
};

static int get(struct domain *d, struct records *r)
{
    int nr;

    if ( d->capabilities.interface < SINCE_INTERFACE )
        return complain(EXIT_UNSUPPORTED, "this Xen has no views by CR3");
    nr = xenaltp2m_get_cr3_views(d->alt, d->domid, r->record,
                                 XEN_ALTP2M_CR3_VIEWS_MAX, &r->other);
    if ( nr < 0 )
        return complain_errno(errno, "domain %s: can't read views by CR3",
                              d->text);
    r->nr = nr;
    return EXIT_DONE;
}

static int set(struct domain *d, const struct records *r)
{
    if ( xenaltp2m_set_cr3_views(d->alt, d->domid, r->record, r->nr, r->other,
                                 NULL) )
        return complain_errno(errno, "domain %s: can't set views by CR3",
                              d->text);
    return EXIT_DONE;
}

/* ---- list --------------------------------------------------------------- */

static const char *name_of_view(struct dump *dump, unsigned int index)
{
    const struct view *view = find_view(dump, index);

    return view && view->name ? view->name : "-";
}

/* Of a vCPU that is in a view; false if it can't be told. */
static bool read_cr3(struct domain *d, unsigned int vcpu, uint64_t *cr3)
{
    HVM_SAVE_TYPE(CPU) cpu;

    if ( xc_domain_hvm_getcontext_partial(d->xch, d->domid, HVM_SAVE_CODE(CPU),
                                          vcpu, &cpu, sizeof(cpu)) )
        return false;
    *cr3 = cpu.cr3;
    return true;
}

static void print_vcpus(struct domain *d, struct dump *dump)
{
    uint64_t cr3;

    printf("\nVCPU                CR3 VIEW NAME\n");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        for ( unsigned int j = 0; j < dump->view[i].nr_vcpus; j++ )
            if ( read_cr3(d, dump->view[i].vcpu[j], &cr3) )
                printf("%4u %#18" PRIx64 " %4u %s\n", dump->view[i].vcpu[j],
                       cr3, dump->view[i].index,
                       dump->view[i].name ?: "-");
}

static void print_records(struct domain *d, struct dump *dump,
                          const struct records *r)
{
    printf("               CR3               MASK VIEW NAME\n");
    for ( unsigned int i = 0; i < r->nr; i++ )
        printf("%#18" PRIx64 " %#18" PRIx64 " %4u %s\n",
               (uint64_t)r->record[i].value, (uint64_t)r->record[i].mask,
               r->record[i].view, name_of_view(dump, r->record[i].view));
    if ( r->other == XEN_ALTP2M_NO_VIEW )
        printf("other CR3s: vCPUs stay where they are\n");
    else
        printf("other CR3s: view %u\n", r->other);
    print_vcpus(d, dump);
}

static void json_vcpus(struct domain *d, const struct dump *dump, yajl_gen g)
{
    uint64_t cr3;

    json_array_open(g, "vcpus");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        for ( unsigned int j = 0; j < dump->view[i].nr_vcpus; j++ )
        {
            if ( !read_cr3(d, dump->view[i].vcpu[j], &cr3) )
                continue;
            json_map_open(g);
            json_int(g, "vcpu", dump->view[i].vcpu[j]);
            json_hex(g, "cr3", cr3);
            json_int(g, "view", dump->view[i].index);
            json_map_close(g);
        }
    json_array_close(g);
}

static void json_records(struct domain *d, const struct dump *dump,
                         const struct records *r)
{
    yajl_gen g = json_begin(true);

    json_document(g, "process");
    json_int(g, "domain", dump->domid);
    json_array_open(g, "records");
    for ( unsigned int i = 0; i < r->nr; i++ )
    {
        json_map_open(g);
        json_hex(g, "cr3", r->record[i].value);
        json_hex(g, "mask", r->record[i].mask);
        json_int(g, "view", r->record[i].view);
        json_map_close(g);
    }
    json_array_close(g);
    if ( r->other == XEN_ALTP2M_NO_VIEW )
        json_text(g, "else", NULL);
    else
        json_int(g, "else", r->other);
    json_vcpus(d, dump, g);
    json_map_close(g);
    json_end(g, stdout);
}

/* ---- change ------------------------------------------------------------- */

/* Removes the record of that value and mask; false if there is none. */
static bool drop(struct records *r, uint64_t value, uint64_t mask)
{
    for ( unsigned int i = 0; i < r->nr; i++ )
        if ( r->record[i].value == value && r->record[i].mask == mask )
        {
            r->nr--;
            memmove(&r->record[i], &r->record[i + 1],
                    (r->nr - i) * sizeof(r->record[0]));
            return true;
        }
    return false;
}

/* The operands' record, as the first; or without it. */
static int change_record(struct domain *d, const struct args *args,
                         struct dump *dump, struct records *r)
{
    uint64_t mask = cr3_mask(args), value;
    struct view *view = NULL;
    bool had;
    int code;

    parse_number(args->operand[1], UINT64_MAX, &value);
    value &= mask;
    had = drop(r, value, mask);
    if ( !strcmp(args->operand[2], "none") )
        return had ? EXIT_DONE
                   : complain(EXIT_NOT_FOUND, "domain %s has no record of CR3 "
                              "%#" PRIx64 " with mask %#" PRIx64
                              "; xen-altp2m process %s lists them", d->text,
                              value, mask, d->operand);
    code = pick_view(dump, args->operand[2], &view);
    if ( code )
        return code;
    if ( r->nr == XEN_ALTP2M_CR3_VIEWS_MAX )
        return complain(EXIT_AGAIN, "domain %s has %u records already, which "
                        "are all that there may be", d->text, r->nr);
    memmove(&r->record[1], &r->record[0], r->nr * sizeof(r->record[0]));
    r->record[0] = (struct xen_altp2m_cr3_view){ .value = value, .mask = mask,
                                                 .view = view->index };
    r->nr++;
    return EXIT_DONE;
}

static int change_else(const struct args *args, struct dump *dump,
                       struct records *r)
{
    struct view *view = NULL;
    int code;

    r->other = XEN_ALTP2M_NO_VIEW;
    if ( !strcmp(args->value[OPT_ELSE], "none") )
        return EXIT_DONE;
    code = pick_view(dump, args->value[OPT_ELSE], &view);
    if ( !code )
        r->other = view->index;
    return code;
}

/* With -n, each part of it. */
static bool would_change(const struct domain *d, const struct args *args,
                         const struct records *r)
{
    bool dry = false;

    if ( args->nr_operands == 2 )
        dry = would(args, "remove all views by CR3 of domain %s", d->text);
    else if ( args->nr_operands == 3 && strcmp(args->operand[2], "none") )
        dry = would(args, "put CR3 %#" PRIx64 ", by mask %#" PRIx64 ", of "
                    "domain %s into view %u", (uint64_t)r->record[0].value,
                    (uint64_t)r->record[0].mask, d->text, r->record[0].view);
    else if ( args->nr_operands == 3 )
        dry = would(args, "remove the view by CR3 %s of domain %s",
                    args->operand[1], d->text);
    if ( args->given[OPT_ELSE] && r->other != XEN_ALTP2M_NO_VIEW )
        dry |= would(args, "put all other CR3s of domain %s into view %u",
                     d->text, r->other);
    else if ( args->given[OPT_ELSE] )
        dry |= would(args, "leave vCPUs of domain %s where they are at all "
                     "other CR3s", d->text);
    return dry;
}

static int change(struct domain *d, const struct args *args, struct dump *dump,
                  struct records *r)
{
    int code = EXIT_DONE;

    if ( args->nr_operands == 2 )
        r->nr = 0;
    else if ( args->nr_operands == 3 )
        code = change_record(d, args, dump, r);
    if ( !code && args->given[OPT_ELSE] )
        code = change_else(args, dump, r);
    if ( code )
        return code;
    /* The last record takes the view of all others with it. */
    if ( !r->nr )
        r->other = XEN_ALTP2M_NO_VIEW;
    return would_change(d, args, r) ? EXIT_DONE : set(d, r);
}

static int process(struct domain *d, const struct args *args,
                   struct dump *dump)
{
    struct records r;
    int code = get(d, &r);

    if ( code )
        return code;
    if ( args->nr_operands > 1 || args->given[OPT_ELSE] )
        return change(d, args, dump, &r);
    if ( args->given[OPT_JSON] )
        json_records(d, dump, &r);
    else
        print_records(d, dump, &r);
    return EXIT_DONE;
}

int check_process(struct args *args)
{
    bool none = args->nr_operands > 1 && !strcmp(args->operand[1], "none");

    if ( args->nr_operands == 2 && !none )
        return complain(EXIT_USAGE, "give the view of that CR3, or none");
    if ( args->nr_operands == 3 && none )
        return complain(EXIT_USAGE, "none is no CR3 that can have a view; see "
                        "--else");
    if ( args->nr_operands < 3 &&
         (args->given[OPT_MASK] || args->given[OPT_KPTI]) )
        return complain(EXIT_USAGE, "a mask is for a CR3: give CR3 and VIEW");
    if ( none && args->given[OPT_ELSE] )
        return complain(EXIT_USAGE, "without records there is no --else");
    return EXIT_DONE;
}

int run_process(const struct args *args)
{
    return on_domain(args, process);
}
