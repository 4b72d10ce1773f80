/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/rule.h"
#include "command.h"
#include "common/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Without a PCID, and the bit that says to keep what is cached. */
#define CR3_MASK 0x7ffffffffffff000ULL
#define OFFSET_MAX 0xfffu

static const char access_letters[] = "rwxb"; /* bits of a rule's access */
static const char *const walk_words[] = { "any", "data", "walk" };
static const char *const action_words[] = { NULL, "event", "switch", "once" };

static const struct rule any_access = { .r = {
    .offset_last = OFFSET_MAX, .rip_last = XEN_ALTP2M_NONE, .cpl = 0xf } };

/* Makes room for one more; the caller checks whether they are too many. */
static int add_rule(struct rules *rules, const struct rule *rule)
{
    if ( rules->nr == XEN_ALTP2M_MAX_RULES )
        return complain(EXIT_USAGE, "a view has no more than %u rules",
                        XEN_ALTP2M_MAX_RULES);
    rules->rule[rules->nr++] = *rule;
    return EXIT_DONE;
}

/* ---- text --------------------------------------------------------------- */

static int parse_kinds(const char *text, uint8_t *access)
{
    *access = 0;
    for ( const char *c = text; *c; c++ )
    {
        const char *letter = strchr(access_letters, *c);

        if ( !letter )
            return complain(EXIT_USAGE, "'%s' is no access: use letters of rwxb",
                            text);
        *access |= 1u << (letter - access_letters);
    }
    return EXIT_DONE;
}

/* NUMBER or FIRST-LAST. */
static bool parse_span(char *text, uint64_t limit, uint64_t *first,
                       uint64_t *last)
{
    char *dash = strchr(text, '-');

    if ( dash )
        *dash = 0;
    return parse_number(text, limit, first) &&
           parse_number(dash ? dash + 1 : text, limit, last) && *first <= *last;
}

static bool parse_offset(char *text, struct rule *rule)
{
    uint64_t first, last;

    if ( !parse_span(text, OFFSET_MAX, &first, &last) )
        return false;
    rule->r.offset = first;
    rule->r.offset_last = last;
    return true;
}

static bool parse_rip(char *text, struct rule *rule)
{
    uint64_t first, last;

    if ( !parse_span(text, UINT64_MAX, &first, &last) )
        return false;
    rule->r.rip = first;
    rule->r.rip_last = last;
    return true;
}

/* VALUE or VALUE/MASK. */
static bool parse_cr3(char *text, struct rule *rule)
{
    uint64_t value, mask = CR3_MASK;
    char *slash = strchr(text, '/');

    if ( slash )
        *slash = 0;
    if ( !parse_number(text, UINT64_MAX, &value) ||
         (slash && !parse_number(slash + 1, UINT64_MAX, &mask)) ||
         (value & ~mask) )
        return false;
    rule->r.cr3 = value;
    rule->r.cr3_mask = mask;
    return true;
}

/* Numbers, with commas between them. */
static bool parse_cpl(char *text, struct rule *rule)
{
    rule->r.cpl = 0;
    for ( ; ; text += 2 )
    {
        if ( text[0] < '0' || text[0] > '3' || (text[1] && text[1] != ',') )
            return false;
        rule->r.cpl |= 1u << (text[0] - '0');
        if ( !text[1] )
            return true;
    }
}

static bool take_view(char **at, const char *text)
{
    if ( *at || !*text )
        return false;
    *at = checked(strdup(text));
    return true;
}

static bool set_action(struct rule *rule, uint8_t action)
{
    if ( rule->r.action )
        return false;
    rule->r.action = action;
    return true;
}

static bool parse_event(char *text, struct rule *rule)
{
    return !text && set_action(rule, XEN_ALTP2M_RULE_EVENT);
}

static bool parse_switch(char *text, struct rule *rule)
{
    return set_action(rule, XEN_ALTP2M_RULE_SWITCH) &&
           take_view(&rule->view, text);
}

static bool parse_once(char *text, struct rule *rule)
{
    return set_action(rule, XEN_ALTP2M_RULE_ONCE) &&
           take_view(&rule->step_view, text);
}

static bool parse_else(char *text, struct rule *rule)
{
    rule->r.flags |= XEN_ALTP2M_RULE_ELSE_ONCE;
    return take_view(&rule->step_view, text);
}

/* By itself, or with what is in the records. */
static bool parse_log(char *text, struct rule *rule)
{
    uint64_t cookie = 0;

    rule->r.flags |= XEN_ALTP2M_RULE_LOG;
    if ( text && !parse_number(text, UINT64_MAX, &cookie) )
        return false;
    rule->r.cookie = cookie;
    return true;
}

static bool parse_walk(char *text, struct rule *rule)
{
    rule->r.walk = XEN_ALTP2M_RULE_WALK;
    return !text;
}

static bool parse_data(char *text, struct rule *rule)
{
    rule->r.walk = XEN_ALTP2M_RULE_DATA;
    return !text;
}

static const struct word
{
    const char *name;
    bool (*parse)(char *value, struct rule *rule);
    const char *form;
} words[] = {
    { "offset", parse_offset, "offset=FIRST-LAST, below 4096" },
    { "cpl", parse_cpl, "cpl=3 or cpl=0,3" },
    { "cr3", parse_cr3, "cr3=VALUE/MASK, with no bit outside of the mask" },
    { "rip", parse_rip, "rip=FIRST-LAST" },
    { "walk", parse_walk, "walk, by itself" },
    { "data", parse_data, "data, by itself" },
    { "event", parse_event, "one action: event, switch=VIEW or once=VIEW" },
    { "switch", parse_switch, "one action: event, switch=VIEW or once=VIEW" },
    { "once", parse_once, "one action: event, switch=VIEW or once=VIEW" },
    { "else-once", parse_else, "else-once=VIEW, once, with switch" },
    { "log", parse_log, "log, or log=COOKIE, a number" },
};

static int parse_word(char *text, struct rule *rule)
{
    char *value = strchr(text, '=');
    bool needs_value = true;

    if ( value )
        *value++ = 0;
    for ( unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++ )
    {
        if ( strcmp(text, words[i].name) )
            continue;
        needs_value = words[i].parse != parse_event &&
                      words[i].parse != parse_log &&
                      words[i].parse != parse_walk &&
                      words[i].parse != parse_data;
        if ( (needs_value && !value) || !words[i].parse(value, rule) )
            return complain(EXIT_USAGE, "'%s' of a rule is %s", text,
                            words[i].form);
        return EXIT_DONE;
    }
    return complain(EXIT_USAGE, "'%s' is no condition and no action of a rule; "
                    "there are offset=, cpl=, cr3=, rip=, walk, data, event, "
                    "switch=, once=, else-once= and log", text);
}

static int parse_gfns(const char *text, struct rule *rule)
{
    struct range range = { 0, GFN_MAX + 1 };
    int code = strcmp(text, "any") ? take_range(text, &range) : EXIT_DONE;

    rule->r.gfn = range.first;
    rule->r.count = range.pages;
    return code;
}

static int check_whole(const struct rule *rule)
{
    if ( !rule->r.action )
        return complain(EXIT_USAGE, "a rule needs an action: event, "
                        "switch=VIEW or once=VIEW");
    if ( (rule->r.flags & XEN_ALTP2M_RULE_ELSE_ONCE) &&
         rule->r.action != XEN_ALTP2M_RULE_SWITCH )
        return complain(EXIT_USAGE, "else-once goes with switch");
    return EXIT_DONE;
}

int parse_rule(char *line, struct rules *rules)
{
    struct rule rule = any_access;
    char *save, *gfns, *kinds, *word;
    int code;

    line[strcspn(line, "#")] = 0;
    gfns = strtok_r(line, " \t", &save);
    if ( !gfns )
        return EXIT_DONE;
    kinds = strtok_r(NULL, " \t", &save);
    if ( !kinds )
        return complain(EXIT_USAGE, "a rule is \"RANGE ACCESS [CONDITION...] "
                        "ACTION\"");
    code = parse_gfns(gfns, &rule);
    code = code ?: parse_kinds(kinds, &rule.r.access);
    while ( !code && (word = strtok_r(NULL, " \t", &save)) )
        code = parse_word(word, &rule);
    code = code ?: check_whole(&rule);
    return code ?: add_rule(rules, &rule);
}

static void print_span(FILE *out, const char *name, uint64_t first,
                       uint64_t last)
{
    fprintf(out, " %s=0x%" PRIx64, name, first);
    if ( last != first )
        fprintf(out, "-0x%" PRIx64, last);
}

static void print_conditions(FILE *out, const struct xen_altp2m_rule *r)
{
    const char *comma = "";

    if ( r->offset || r->offset_last != OFFSET_MAX )
        print_span(out, "offset", r->offset, r->offset_last);
    if ( r->cpl != 0xf )
        fprintf(out, " cpl=");
    for ( unsigned int i = 0; r->cpl != 0xf && i < 4; i++ )
        if ( r->cpl & (1u << i) )
        {
            fprintf(out, "%s%u", comma, i);
            comma = ",";
        }
    if ( r->cr3_mask )
        fprintf(out, " cr3=0x%" PRIx64, (uint64_t)r->cr3);
    if ( r->cr3_mask && r->cr3_mask != CR3_MASK )
        fprintf(out, "/0x%" PRIx64, (uint64_t)r->cr3_mask);
    if ( r->rip || r->rip_last != XEN_ALTP2M_NONE )
        print_span(out, "rip", r->rip, r->rip_last);
    if ( r->walk )
        fprintf(out, " %s", walk_words[r->walk]);
}

void print_rule(FILE *out, const struct xen_altp2m_rule *r)
{
    if ( !r->gfn && r->count == GFN_MAX + 1 )
        fprintf(out, "any ");
    else if ( r->count == 1 )
        fprintf(out, "0x%" PRIx64 " ", (uint64_t)r->gfn);
    else
        fprintf(out, "0x%" PRIx64 "+%" PRIu64 " ", (uint64_t)r->gfn,
                (uint64_t)r->count);
    for ( unsigned int i = 0; i < 4; i++ )
        if ( r->access & (1u << i) )
            fputc(access_letters[i], out);
    print_conditions(out, r);
    fprintf(out, " %s", action_words[r->action]);
    if ( r->action == XEN_ALTP2M_RULE_SWITCH )
        fprintf(out, "=%u", r->view);
    if ( r->action == XEN_ALTP2M_RULE_ONCE )
        fprintf(out, "=%u", r->step_view);
    if ( r->flags & XEN_ALTP2M_RULE_ELSE_ONCE )
        fprintf(out, " else-once=%u", r->step_view);
    if ( r->flags & XEN_ALTP2M_RULE_LOG )
        fprintf(out, r->cookie ? " log=0x%" PRIx64 : " log",
                (uint64_t)r->cookie);
    fprintf(out, "  # %" PRIu64 " hits\n", (uint64_t)r->hits);
}

/* ---- JSON --------------------------------------------------------------- */

static bool steps(const struct xen_altp2m_rule *r)
{
    return r->action == XEN_ALTP2M_RULE_ONCE ||
           (r->flags & XEN_ALTP2M_RULE_ELSE_ONCE);
}

void rule_to_json(yajl_gen g, const struct xen_altp2m_rule *r)
{
    char kinds[5] = "", *kind = kinds;

    for ( unsigned int i = 0; i < 4; i++ )
        if ( r->access & (1u << i) )
            *kind++ = access_letters[i];
    json_map_open(g);
    json_hex(g, "gfn", r->gfn);
    json_int(g, "pages", r->count);
    json_text(g, "access", kinds);
    json_int(g, "offset", r->offset);
    json_int(g, "offset_last", r->offset_last);
    json_array_open(g, "cpl");
    for ( unsigned int i = 0; i < 4; i++ )
        if ( r->cpl & (1u << i) )
            yajl_gen_integer(g, i);
    json_array_close(g);
    json_hex(g, "cr3", r->cr3);
    json_hex(g, "cr3_mask", r->cr3_mask);
    json_hex(g, "rip", r->rip);
    json_hex(g, "rip_last", r->rip_last);
    json_text(g, "walk", walk_words[r->walk]);
    json_text(g, "action", action_words[r->action]);
    if ( r->action == XEN_ALTP2M_RULE_SWITCH )
        json_int(g, "view", r->view);
    if ( steps(r) )
        json_int(g, "step_view", r->step_view);
    if ( r->flags & XEN_ALTP2M_RULE_LOG )
        json_hex(g, "log", r->cookie);
    json_int(g, "hits", r->hits);
    json_map_close(g);
}

static bool word_number(const char *text, const char *const *list,
                        unsigned int nr, uint8_t *number)
{
    for ( unsigned int i = 0; text && i < nr; i++ )
        if ( list[i] && !strcmp(text, list[i]) )
        {
            *number = i;
            return true;
        }
    return false;
}

static bool json_cpls(yajl_val list, uint8_t *cpl)
{
    if ( !YAJL_IS_ARRAY(list) )
        return false;
    *cpl = 0;
    for ( size_t i = 0; i < list->u.array.len; i++ )
    {
        yajl_val v = list->u.array.values[i];

        if ( !YAJL_IS_INTEGER(v) || YAJL_GET_INTEGER(v) < 0 ||
             YAJL_GET_INTEGER(v) > 3 )
            return false;
        *cpl |= 1u << YAJL_GET_INTEGER(v);
    }
    return true;
}

/* A view that is a number; NULL where there is none. */
static bool json_view(yajl_val object, const char *key, char **view)
{
    uint64_t number;
    char text[24];

    if ( !json_get_count(object, key, &number) )
        return false;
    snprintf(text, sizeof(text), "%" PRIu64, number);
    return take_view(view, text);
}

static bool json_conditions(yajl_val v, struct xen_altp2m_rule *r)
{
    const char *kinds = json_get_text(v, "access");
    uint64_t gfn, count, offset, last, cr3, mask, rip, rip_last;

    if ( !kinds || strspn(kinds, access_letters) != strlen(kinds) ||
         !json_get_count(v, "gfn", &gfn) ||
         !json_get_count(v, "pages", &count) ||
         !json_get_count(v, "offset", &offset) || offset > OFFSET_MAX ||
         !json_get_count(v, "offset_last", &last) || last > OFFSET_MAX ||
         !json_get_hex(v, "cr3", &cr3) || !json_get_hex(v, "cr3_mask", &mask) ||
         !json_get_hex(v, "rip", &rip) ||
         !json_get_hex(v, "rip_last", &rip_last) )
        return false;
    parse_kinds(kinds, &r->access);
    r->gfn = gfn;
    r->count = count;
    r->offset = offset;
    r->offset_last = last;
    r->cr3 = cr3;
    r->cr3_mask = mask;
    r->rip = rip;
    r->rip_last = rip_last;
    return json_cpls(json_get(v, "cpl"), &r->cpl) &&
           word_number(json_get_text(v, "walk"), walk_words, 3, &r->walk);
}

static bool json_rule(yajl_val v, struct rule *rule)
{
    if ( !json_conditions(v, &rule->r) ||
         !word_number(json_get_text(v, "action"), action_words, 4,
                      &rule->r.action) )
        return false;
    if ( rule->r.action == XEN_ALTP2M_RULE_SWITCH )
    {
        if ( json_get(v, "step_view") )
            rule->r.flags = XEN_ALTP2M_RULE_ELSE_ONCE;
        if ( !json_view(v, "view", &rule->view) )
            return false;
    }
    if ( json_get(v, "log") )
    {
        uint64_t cookie;

        if ( !json_get_hex(v, "log", &cookie) )
            return false;
        rule->r.flags |= XEN_ALTP2M_RULE_LOG;
        rule->r.cookie = cookie;
    }
    return !steps(&rule->r) || json_view(v, "step_view", &rule->step_view);
}

static int read_json(const char *path, const char *text, struct rules *rules)
{
    char wrong[256] = "";
    yajl_val root = yajl_tree_parse(text, wrong, sizeof(wrong));
    yajl_val list = root ? json_get(root, "rules") : NULL;
    int code = EXIT_DONE;

    if ( !YAJL_IS_ARRAY(list) )
        code = complain(EXIT_USAGE, "%s is not what rules --json printed",
                        path);
    for ( size_t i = 0; !code && i < list->u.array.len; i++ )
    {
        struct rule rule = any_access;

        code = json_rule(list->u.array.values[i], &rule)
               ? add_rule(rules, &rule)
               : complain(EXIT_USAGE, "%s: rule %zu is not one that rules "
                          "--json printed; nothing is changed", path, i);
    }
    if ( root )
        yajl_tree_free(root);
    return code;
}

static int read_lines(const char *path, char *text, struct rules *rules)
{
    char *line = text, *next;
    int code = EXIT_DONE;

    for ( unsigned int number = 1; !code && line; line = next, number++ )
    {
        next = strchr(line, '\n');
        if ( next )
            *next++ = 0;
        code = parse_rule(line, rules);
        if ( code )
            complain(code, "%s: line %u; nothing is changed", path, number);
    }
    return code;
}

int read_rules(const char *path, struct rules *rules)
{
    char *text = read_file(path);
    int code = EXIT_USAGE;

    if ( text )
        code = text[strspn(text, " \t\r\n")] == '{'
               ? read_json(path, text, rules) : read_lines(path, text, rules);
    free(text);
    return code;
}
