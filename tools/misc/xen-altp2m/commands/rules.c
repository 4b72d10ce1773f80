/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of a view: listed, replaced, removed. */
#include "command.h"
#include "common/domain.h"
#include "common/message.h"
#include "common/rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is to be set; before Xen is asked. */
static struct rules wanted;

int check_rules(struct args *args)
{
    char *text;

    if ( args->given[OPT_BATCH] && args->nr_operands == 3 )
        return complain(EXIT_USAGE, "with --file, the rules are in the file, "
                        "not on the command line");
    if ( args->given[OPT_BATCH] )
        return read_rules(args->value[OPT_BATCH], &wanted);
    if ( args->nr_operands < 3 || !strcmp(args->operand[2], "none") )
        return EXIT_DONE;
    text = checked(strdup(args->operand[2]));
    return parse_rule(text, &wanted) ?: wanted.nr ? EXIT_DONE
           : complain(EXIT_USAGE, "the rule is empty; none removes all");
}

static int failed(const struct domain *d, const struct view *view, int error,
                  const char *what)
{
    if ( error == EOPNOTSUPP )
        return complain(EXIT_UNSUPPORTED, "domain %s, view %s: can't %s: this "
                        "Xen has no rules, or this CPU no single steps, which "
                        "once needs", d->text, view_text(view), what);
    return complain_errno(error, "domain %s, view %s: can't %s", d->text,
                          view_text(view), what);
}

/* ---- listing ------------------------------------------------------------ */

/* In one call: the list may be replaced between two. */
static int fetch_rules(struct domain *d, const struct view *view,
                       struct xen_altp2m_rule *list)
{
    int nr;

    do {
        struct xenaltp2m_cursor cursor = { 0 };

        nr = xenaltp2m_read_rules(d->alt, d->domid, view->index, &cursor, list,
                                  XEN_ALTP2M_MAX_RULES);
    } while ( nr < 0 && errno == EAGAIN );
    return nr;
}

static int list_rules(struct domain *d, const struct args *args,
                      const struct view *view)
{
    struct xen_altp2m_rule list[XEN_ALTP2M_MAX_RULES];
    int nr = fetch_rules(d, view, list);
    yajl_gen g;

    if ( nr < 0 )
        return failed(d, view, errno, "read its rules");
    if ( !args->given[OPT_JSON] )
    {
        for ( int i = 0; i < nr; i++ )
            print_rule(stdout, &list[i]);
        return EXIT_DONE;
    }
    g = json_begin(true);
    json_document(g, "rules");
    json_int(g, "domain", d->domid);
    json_int(g, "view", view->index);
    json_text(g, "name", view->name);
    json_array_open(g, "rules");
    for ( int i = 0; i < nr; i++ )
        rule_to_json(g, &list[i]);
    json_array_close(g);
    json_map_close(g);
    json_end(g, stdout);
    return EXIT_DONE;
}

/* ---- replacing ---------------------------------------------------------- */

static int find_named(struct dump *dump, const char *name, uint16_t *index)
{
    struct view *view;
    int code = name ? pick_view(dump, name, &view) : EXIT_DONE;

    if ( name && !code )
        *index = view->index;
    return code;
}

static int replace_rules(struct domain *d, const struct args *args,
                         struct dump *dump, const struct view *view)
{
    struct xen_altp2m_rule list[XEN_ALTP2M_MAX_RULES + 1];
    unsigned int wrong = 0;
    char what[64] = "set its rules";
    int code = EXIT_DONE;

    for ( unsigned int i = 0; !code && i < wanted.nr; i++ )
    {
        list[i] = wanted.rule[i].r;
        code = find_named(dump, wanted.rule[i].view, &list[i].view);
        code = code ?: find_named(dump, wanted.rule[i].step_view,
                                  &list[i].step_view);
    }
    if ( code )
        return code;
    if ( would(args, "replace the rules of view %s of domain %s by %u",
               view_text(view), d->text, wanted.nr) )
        return EXIT_DONE;
    if ( !xenaltp2m_set_rules(d->alt, d->domid, view->index, list, wanted.nr,
                              &wrong) )
        return EXIT_DONE;
    if ( wrong < wanted.nr )
        snprintf(what, sizeof(what), "set its rules, because of rule %u",
                 wrong + 1);
    return failed(d, view, errno, what);
}

static int rules(struct domain *d, const struct args *args, struct dump *dump,
                 struct view *view)
{
    return args->given[OPT_BATCH] || args->nr_operands == 3
           ? replace_rules(d, args, dump, view) : list_rules(d, args, view);
}

int run_rules(const struct args *args)
{
    return on_view(args, rules);
}
