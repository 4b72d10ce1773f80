/* SPDX-License-Identifier: GPL-2.0-only */
/* Life of views: on, off, list, create, clone, destroy, switch, label. */
#include "command.h"
#include "common/domain.h"
#include "common/dump-json.h"
#include "common/message.h"
#include "commands/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_state(const struct args *args, bool on)
{
    struct domain d;
    int code = open_domain_off(&d, args->operand[0]);

    if ( !code && !would(args, "turn the views of domain %u %s", d.domid,
                         on ? "on" : "off") )
    {
        if ( xenaltp2m_set_state(d.alt, d.domid, on) )
            code = complain_errno(errno, "domain %s: can't turn views %s",
                                  d.operand, on ? "on" : "off");
        else if ( !on )
            forget_labels(&d, -1);
    }
    close_domain(&d);
    return code;
}

int run_on(const struct args *args)
{
    return set_state(args, true);
}

int run_off(const struct args *args)
{
    return set_state(args, false);
}

/* ---- list --------------------------------------------------------------- */

static const char *vcpu_list(const struct view *view)
{
    static char text[64];
    size_t length = 0;

    strcpy(text, "-");
    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
    {
        length += snprintf(text + length, sizeof(text) - length, "%s%u",
                           i ? "," : "", view->vcpu[i]);
        if ( length >= sizeof(text) - 8 )
        {
            snprintf(text, sizeof(text), "%u of them", view->nr_vcpus);
            break;
        }
    }
    return text;
}

static void print_views(const struct dump *dump)
{
    printf("VIEW NAME       ROLE      RIGHTS GUEST  VCPUS   PAGES REMAPS TABLES"
           "    POOL LOST\n");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        const struct view *v = &dump->view[i];
        char pool[SIZE_TEXT];

        printf("%4u %-10s %-9s %-6s %-6s %-5s %7" PRIu64 " %6" PRIu64
               " %6" PRIu64 " %7s %4" PRIu64 "\n", v->index, v->name ?: "-",
               v->role ?: "-", default_text(v->access),
               v->hidden ? "hidden" : "may", vcpu_list(v),
               v->counters.access_gfns, v->counters.remaps,
               v->counters.tables,
               size_text((v->counters.pool_bytes + 4095) / 4096, pool),
               v->counters.lost);
    }
}

static void json_views(const struct dump *dump)
{
    yajl_gen g = json_begin(true);

    json_document(g, "list");
    json_int(g, "domain", dump->domid);
    json_text(g, "domain_name", dump->name);
    json_array_open(g, "views");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        json_map_open(g);
        json_view_head(g, &dump->view[i]);
        json_counters(g, &dump->view[i].counters);
        json_map_close(g);
    }
    json_array_close(g);
    json_map_close(g);
    json_end(g, stdout);
}

static int list(struct domain *d, const struct args *args, struct dump *dump)
{
    (void)d;
    if ( args->given[OPT_JSON] )
        json_views(dump);
    else
        print_views(dump);
    return EXIT_DONE;
}

int run_list(const struct args *args)
{
    return on_domain(args, list);
}

/* ---- create, clone, destroy --------------------------------------------- */

int check_labels(const struct args *args, const struct dump *dump,
                 const struct view *self)
{
    const char *name = args->value[OPT_NAME];

    for ( unsigned int i = OPT_NAME; i <= OPT_ROLE; i++ )
        if ( args->given[i] && !good_label(args->value[i]) )
            return complain(EXIT_USAGE, "'%s' is no %s: letters, digits, '-', "
                            "'_' and '.', at most 32, and no digit first",
                            args->value[i], option_texts[i].name);
    for ( unsigned int i = 0; name && *name && i < dump->nr_views; i++ )
        if ( &dump->view[i] != self && dump->view[i].name &&
             !strcmp(dump->view[i].name, name) )
            return complain(EXIT_USAGE, "view %u has the name '%s' already",
                            dump->view[i].index, name);
    return EXIT_DONE;
}

void print_new_view(const struct args *args, unsigned int index)
{
    yajl_gen g;

    if ( !args->given[OPT_JSON] )
    {
        printf("%u\n", index);
        return;
    }
    g = json_begin(true);
    json_document(g, "new-view");
    json_int(g, "view", index);
    json_map_close(g);
    json_end(g, stdout);
}

int finish_view(struct domain *d, const struct args *args, unsigned int index,
                const char *name, const char *role)
{
    int code = EXIT_DONE;

    if ( args->given[OPT_HIDDEN] &&
         xenaltp2m_set_visibility(d->alt, d->domid, index, false) )
        code = complain_errno(errno, "domain %s: can't hide view %u",
                              d->operand, index);
    /* What an earlier view of that index was called is of no concern. */
    forget_labels(d, index);
    code = code ?: write_labels(d, index, name, role);
    if ( code )
    {
        xenaltp2m_destroy(d->alt, d->domid, index);
        return code;
    }
    print_new_view(args, index);
    return EXIT_DONE;
}

static int create(struct domain *d, const struct args *args, struct dump *dump)
{
    int code = check_labels(args, dump, NULL);
    uint8_t access = NO_DEFAULT;
    uint16_t index;

    if ( code )
        return code;
    if ( args->given[OPT_ACCESS] )
        parse_access(args->value[OPT_ACCESS], &access);
    if ( access != NO_DEFAULT &&
         !(d->capabilities.rights & (1u << access)) )
        return complain(EXIT_UNSUPPORTED, "this CPU can't enforce %s in a "
                        "view; xen-altp2m check lists what it can",
                        access_text(access));
    if ( would(args, "make a view of domain %u with default rights %s",
               d->domid, default_text(access)) )
        return EXIT_DONE;
    if ( xenaltp2m_create(d->alt, d->domid, access, &index) )
        return complain_errno(errno, "domain %s: can't make a view",
                              d->operand);
    return finish_view(d, args, index, args->value[OPT_NAME],
                       args->value[OPT_ROLE]);
}

int run_create(const struct args *args)
{
    return on_domain(args, create);
}

static int clone_view(struct domain *d, const struct args *args,
                      struct dump *dump, struct view *view)
{
    int code = check_labels(args, dump, NULL);
    uint16_t index;

    if ( code || would(args, "make a view like %s of domain %u", view_text(view),
                       d->domid) )
        return code;
    if ( xenaltp2m_clone(d->alt, d->domid, view->index, &index) )
        return complain_errno(errno, "domain %s: can't clone view %s",
                              d->operand, view_text(view));
    return finish_view(d, args, index, args->value[OPT_NAME],
                       args->value[OPT_ROLE] ?: view->role);
}

int run_clone(const struct args *args)
{
    return on_view(args, clone_view);
}

static int in_the_way(const struct domain *d, const struct view *view)
{
    complain(EXIT_AGAIN, "view %s of domain %s is in use by vCPU %s",
             view_text(view), d->operand, vcpu_list(view));
    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
        fprintf(stderr, "  first: xen-altp2m switch --vcpu %u %s 0\n",
                view->vcpu[i], d->operand);
    return EXIT_AGAIN;
}

static int destroy(struct domain *d, const struct args *args,
                   struct dump *dump, struct view *view)
{
    (void)dump;
    if ( !view->index )
        return complain(EXIT_USAGE, "view 0 is the host's own map and can't be "
                        "destroyed; xen-altp2m off %s ends all views",
                        d->operand);
    if ( view->nr_vcpus )
        return in_the_way(d, view);
    if ( would(args, "destroy view %s of domain %u", view_text(view),
               d->domid) )
        return EXIT_DONE;
    if ( xenaltp2m_destroy(d->alt, d->domid, view->index) )
        return complain_errno(errno, "domain %s: can't destroy view %s",
                              d->operand, view_text(view));
    forget_labels(d, view->index);
    return EXIT_DONE;
}

int run_destroy(const struct args *args)
{
    return on_view(args, destroy);
}

/* ---- switch, label ------------------------------------------------------ */

static bool has_vcpu(const struct dump *dump, unsigned int vcpu)
{
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        for ( unsigned int j = 0; j < dump->view[i].nr_vcpus; j++ )
            if ( dump->view[i].vcpu[j] == vcpu )
                return true;
    return false;
}

static int switch_one(struct domain *d, const struct args *args,
                      const struct dump *dump, const struct view *view)
{
    uint64_t vcpu;

    parse_number(args->value[OPT_VCPU], 8191, &vcpu);
    if ( !has_vcpu(dump, vcpu) )
        return complain(EXIT_NOT_FOUND, "domain %s has no vCPU %" PRIu64
                        " online", d->operand, vcpu);
    if ( would(args, "put vCPU %" PRIu64 " of domain %u into view %s", vcpu,
               d->domid, view_text(view)) )
        return EXIT_DONE;
    if ( xenaltp2m_switch_vcpu(d->alt, d->domid, vcpu, view->index) )
        return complain_errno(errno, "domain %s: can't put vCPU %" PRIu64
                              " into view %s", d->operand, vcpu,
                              view_text(view));
    return EXIT_DONE;
}

static int switch_all(struct domain *d, const struct args *args,
                      const struct view *view)
{
    if ( view->hidden )
        return complain(EXIT_USAGE, "view %s is hidden; only single vCPUs can "
                        "be put there: xen-altp2m switch --vcpu N %s %u",
                        view_text(view), d->operand, view->index);
    if ( would(args, "put all vCPUs of domain %u into view %s", d->domid,
               view_text(view)) )
        return EXIT_DONE;
    if ( xenaltp2m_switch(d->alt, d->domid, view->index) )
        return complain_errno(errno, "domain %s: can't switch to view %s",
                              d->operand, view_text(view));
    return EXIT_DONE;
}

static int switch_some(struct domain *d, const struct args *args,
                       struct dump *dump, struct view *view)
{
    return args->given[OPT_VCPU] ? switch_one(d, args, dump, view)
                                 : switch_all(d, args, view);
}

int run_switch(const struct args *args)
{
    return on_view(args, switch_some);
}

static int label(struct domain *d, const struct args *args,
                 struct dump *dump, struct view *view)
{
    int code = check_labels(args, dump, view);

    if ( code )
        return code;
    if ( !args->given[OPT_NAME] && !args->given[OPT_ROLE] )
        return complain(EXIT_USAGE, "give --name or --role");
    if ( would(args, "give view %s of domain %u name and role %s %s",
               view_text(view), d->domid, args->value[OPT_NAME] ?: "as it is",
               args->value[OPT_ROLE] ?: "as it is") )
        return EXIT_DONE;
    return write_labels(d, view->index, args->value[OPT_NAME],
                        args->value[OPT_ROLE]);
}

int run_label(const struct args *args)
{
    return on_view(args, label);
}
