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

    if ( !code && !would(args, "turn the views of domain %s %s", d.text,
                         on ? "on" : "off") )
    {
        if ( xenaltp2m_set_state(d.alt, d.domid, on) )
            code = complain_errno(errno, "domain %s: can't turn views %s",
                                  d.text, on ? "on" : "off");
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

/* "0,1", "-" for none, or how many; valid until the next call. */
static const char *vcpu_list(const unsigned int *vcpu, unsigned int nr)
{
    static char text[64];
    size_t length = 0;

    strcpy(text, "-");
    for ( unsigned int i = 0; i < nr; i++ )
    {
        length += snprintf(text + length, sizeof(text) - length, "%s%u",
                           i ? "," : "", vcpu[i]);
        if ( length >= sizeof(text) - 8 )
        {
            snprintf(text, sizeof(text), "%u of them", nr);
            break;
        }
    }
    return text;
}

/* The width of a column whose texts differ in length. */
static int widest(const struct dump *dump, bool role)
{
    size_t width = 4;

    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        const char *text = role ? dump->view[i].role : dump->view[i].name;

        if ( text && strlen(text) > width )
            width = strlen(text);
    }
    return width;
}

static void print_pool(const struct pool *pool)
{
    char total[SIZE_TEXT], used[SIZE_TEXT], views[SIZE_TEXT], rest[SIZE_TEXT];

    printf("\npaging pool: %s, %s used (%s by views), %s free\n",
           size_text(pool->total, total),
           size_text(pool->total - pool->free, used),
           size_text(pool->views, views), size_text(pool->free, rest));
}

static void print_views(const struct dump *dump)
{
    int name = widest(dump, false), role = widest(dump, true);

    printf("VIEW %-*s %-*s RIGHTS VMFUNC VCPUS   PAGES REMAPS TABLES    BYTES "
           "LOST\n", name, "NAME", role, "ROLE");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        const struct view *v = &dump->view[i];

        printf("%4u %-*s %-*s %-6s %-6s %-5s %7" PRIu64 " %6" PRIu64
               " %6" PRIu64 " %8" PRIu64 " %4" PRIu64 "\n", v->index, name,
               v->name ?: "-", role, v->role ?: "-", default_text(v->access),
               v->hidden ? "no" : "yes", vcpu_list(v->vcpu, v->nr_vcpus),
               v->counters.access_gfns, v->counters.remaps,
               v->counters.tables, v->counters.pool_bytes, v->counters.lost);
    }
    print_pool(&dump->pool);
    if ( dump->nr_vmfunc )
        printf("VMFUNC: may be used by vCPU %s\n",
               vcpu_list(dump->vmfunc, dump->nr_vmfunc));
    else
        printf("VMFUNC: not enabled for any vCPU\n");
}

static void json_pool(yajl_gen g, const struct pool *pool)
{
    json_key(g, "pool");
    json_map_open(g);
    json_int(g, "total_bytes", pool->total * PAGE_BYTES);
    json_int(g, "free_bytes", pool->free * PAGE_BYTES);
    json_int(g, "views_bytes", pool->views * PAGE_BYTES);
    json_map_close(g);
}

static void json_views(const struct dump *dump)
{
    yajl_gen g = json_begin(true);

    json_document(g, "list");
    json_int(g, "domain", dump->domid);
    json_text(g, "domain_name", dump->name);
    json_pool(g, &dump->pool);
    json_array_open(g, "vmfunc_vcpus");
    for ( unsigned int i = 0; i < dump->nr_vmfunc; i++ )
        yajl_gen_integer(g, dump->vmfunc[i]);
    json_array_close(g);
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

int check_labels(const struct args *args)
{
    for ( unsigned int i = OPT_NAME; i <= OPT_ROLE; i++ )
        if ( args->given[i] && !good_label(args->value[i]) )
            return complain(EXIT_USAGE, "'%s' is not a %s (use at most 32 "
                            "letters, digits, '-', '_' and '.', and no digit "
                            "or '-' first)",
                            args->value[i], option_texts[i].name);
    return EXIT_DONE;
}

int check_name_free(const struct domain *d, const struct args *args,
                    const struct dump *dump, const struct view *self)
{
    const char *name = args->value[OPT_NAME];

    for ( unsigned int i = 0; name && *name && i < dump->nr_views; i++ )
        if ( &dump->view[i] != self && dump->view[i].name &&
             !strcmp(dump->view[i].name, name) )
            return complain(EXIT_USAGE, "domain %s: view %u has the name '%s' "
                            "already", d->text, dump->view[i].index, name);
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
                              d->text, index);
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
    int code = check_name_free(d, args, dump, NULL);
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
    if ( would(args, "create a view of domain %s with default rights %s",
               d->text, default_text(access)) )
        return EXIT_DONE;
    if ( xenaltp2m_create(d->alt, d->domid, access, &index) )
        return complain_errno(errno, "domain %s: can't create a view",
                              d->text);
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
    int code = check_name_free(d, args, dump, NULL);
    uint16_t index;

    if ( code || would(args, "create a view like %s of domain %s",
                       view_text(view), d->text) )
        return code;
    if ( xenaltp2m_clone(d->alt, d->domid, view->index, &index) )
        return errno == EBUSY
               ? complain(EXIT_AGAIN, "domain %s: can't clone view %s: its "
                          "default was changed, or a range isolated, meanwhile; "
                          "try again",
                          d->text, view_text(view))
               : complain_errno(errno, "domain %s: can't clone view %s",
                              d->text, view_text(view));
    return finish_view(d, args, index, args->value[OPT_NAME],
                       args->value[OPT_ROLE] ?: view->role);
}

int run_clone(const struct args *args)
{
    return on_view(args, clone_view);
}

static int in_the_way(const struct domain *d, const struct view *view)
{
    complain(EXIT_AGAIN, "domain %s, view %s is in use by vCPU %s", d->text,
             view_text(view), vcpu_list(view->vcpu, view->nr_vcpus));
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
    if ( would(args, "destroy view %s of domain %s", view_text(view),
               d->text) )
        return EXIT_DONE;
    if ( xenaltp2m_destroy(d->alt, d->domid, view->index) )
        return errno == EBUSY
               ? complain(EXIT_AGAIN, "domain %s: view %s is in use: a rule "
                          "(xen-altp2m rules) or a CR3 (xen-altp2m process "
                          "%s) leads to it, or a vCPU comes back to it after "
                          "a step", d->text, view_text(view),
                          d->operand)
               : complain_errno(errno, "domain %s: can't destroy view %s",
                                d->text, view_text(view));
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
                        " online", d->text, vcpu);
    if ( would(args, "put vCPU %" PRIu64 " of domain %s into view %s", vcpu,
               d->text, view_text(view)) )
        return EXIT_DONE;
    if ( xenaltp2m_switch_vcpu(d->alt, d->domid, vcpu, view->index) )
        return complain_errno(errno, "domain %s: can't put vCPU %" PRIu64
                              " into view %s", d->text, vcpu,
                              view_text(view));
    return EXIT_DONE;
}

static int switch_all(struct domain *d, const struct args *args,
                      const struct view *view)
{
    if ( view->hidden )
        return complain(EXIT_USAGE, "domain %s, view %s is hidden; only single "
                        "vCPUs can be put there: xen-altp2m switch --vcpu N %s "
                        "%u", d->text, view_text(view), d->operand,
                        view->index);
    if ( would(args, "put all vCPUs of domain %s into view %s", d->text,
               view_text(view)) )
        return EXIT_DONE;
    if ( xenaltp2m_switch(d->alt, d->domid, view->index) )
        return complain_errno(errno, "domain %s: can't switch to view %s",
                              d->text, view_text(view));
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
    int code = check_name_free(d, args, dump, view);

    if ( code )
        return code;
    if ( would(args, "give view %s of domain %s name and role %s %s",
               view_text(view), d->text, args->value[OPT_NAME] ?: "as it is",
               args->value[OPT_ROLE] ?: "as it is") )
        return EXIT_DONE;
    return write_labels(d, view->index, args->value[OPT_NAME],
                        args->value[OPT_ROLE]);
}

int check_label(struct args *args)
{
    return args->given[OPT_NAME] || args->given[OPT_ROLE]
           ? EXIT_DONE : complain(EXIT_USAGE, "give --name or --role");
}

int run_label(const struct args *args)
{
    return on_view(args, label);
}
