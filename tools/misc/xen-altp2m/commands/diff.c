/* SPDX-License-Identifier: GPL-2.0-only */
/* How the overrides of two views differ; either may be a saved one. */
#include "command.h"
#include "common/domain.h"
#include "common/dump-json.h"
#include "common/message.h"
#include "common/patches.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One of the two: a view of the domain, or a file. */
struct side
{
    const char *operand;
    struct view saved;      /* of a file */
    struct view *view;
};

struct output
{
    yajl_gen g;             /* NULL: text */
    const struct side *side;
    uint64_t found;
};

/* "r-x", "->0x801", "no-#VE", "own bytes"; "-" if there is no override. */
static const char *run_text(const struct run *run, uint64_t gfn)
{
    static char texts[2][64];
    static unsigned int which;
    char *text = texts[which ^= 1];
    size_t length = 0, size = sizeof(texts[0]);

    strcpy(text, "-");
    if ( !run )
        return text;
    if ( run->access != ACCESS_HOST )
        length = snprintf(text, size, "%s", access_text(run->access));
    if ( run->target != NO_GFN )
        length += snprintf(text + length, size - length, "%s-> 0x%" PRIx64,
                           length ? " " : "", run->target + gfn - run->gfn);
    if ( run->sve >= 0 )
        length += snprintf(text + length, size - length, "%s%s",
                           length ? " " : "", run->sve ? "no-#VE" : "#VE");
    if ( run->own )
        snprintf(text + length, size - length, "%sown bytes",
                 length ? " " : "");
    return text;
}

static void json_side(yajl_gen g, const char *key, const struct run *run,
                      uint64_t gfn)
{
    json_key(g, key);
    json_map_open(g);
    if ( run && run->access != ACCESS_HOST )
        json_text(g, "access", access_name(run->access));
    if ( run && run->target != NO_GFN )
        json_hex(g, "target", run->target + gfn - run->gfn);
    if ( run && run->sve >= 0 )
        json_bool(g, "suppress_ve", run->sve);
    if ( run && run->own )
        json_bool(g, "own", true);
    json_map_close(g);
}

static void output(struct output *o, uint64_t gfn, uint64_t pages,
                   const struct run *a, const struct run *b)
{
    char size[SIZE_TEXT];

    if ( !o->found++ && !o->g )
        printf("FIRST       LAST             SIZE  %-20s %s\n",
               o->side[0].operand, o->side[1].operand);
    if ( !o->g )
    {
        printf("0x%-9" PRIx64 " 0x%-9" PRIx64 " %9s  %-20s %s\n", gfn,
               gfn + pages - 1, size_text(pages, size), run_text(a, gfn),
               run_text(b, gfn));
        return;
    }
    json_map_open(o->g);
    json_hex(o->g, "gfn", gfn);
    json_int(o->g, "pages", pages);
    json_side(o->g, "first", a, gfn);
    json_side(o->g, "second", b, gfn);
    json_map_close(o->g);
}

static bool alike(const struct run *a, const struct run *b, uint64_t gfn)
{
    if ( !a || !b )
        return a == b;
    if ( a->access != b->access || a->sve != b->sve || a->own != b->own ||
         (a->target == NO_GFN) != (b->target == NO_GFN) )
        return false;
    return a->target == NO_GFN ||
           a->target + gfn - a->gfn == b->target + gfn - b->gfn;
}

/* The run at a gfn, and where something begins or ends next. */
static const struct run *at(const struct runs *runs, size_t *i, uint64_t gfn,
                            uint64_t *next)
{
    const struct run *run;

    while ( *i < runs->nr &&
            runs->run[*i].gfn + runs->run[*i].pages <= gfn )
        ++*i;
    if ( *i == runs->nr )
        return NULL;
    run = &runs->run[*i];
    if ( run->gfn > gfn )
    {
        if ( *next > run->gfn )
            *next = run->gfn;
        return NULL;
    }
    if ( *next > run->gfn + run->pages )
        *next = run->gfn + run->pages;
    return run;
}

static void compare(const struct view *a, const struct view *b,
                    struct output *o)
{
    size_t i = 0, j = 0;
    uint64_t gfn = 0;

    while ( gfn <= GFN_MAX )
    {
        uint64_t next = GFN_MAX + 1;
        const struct run *x = at(&a->runs, &i, gfn, &next);
        const struct run *y = at(&b->runs, &j, gfn, &next);

        if ( !alike(x, y, gfn) )
            output(o, gfn, next - gfn, x, y);
        gfn = next;
    }
}

/* ---- bytes --------------------------------------------------------------- */

/* Goes from byte to byte: however a file has cut them up. */
struct at_byte
{
    const struct patches *patches;
    size_t i;
    unsigned int byte;
};

/* The next byte and its address; NO_GFN: there is none. */
static uint64_t next_byte(struct at_byte *at, uint8_t *byte)
{
    const struct patch *p = at->patches->patch + at->i;
    uint64_t address;

    if ( at->i == at->patches->nr )
        return NO_GFN;
    address = p->gfn * PAGE_BYTES + p->offset + at->byte;
    *byte = p->byte[at->byte];
    if ( ++at->byte == p->len )
    {
        at->i++;
        at->byte = 0;
    }
    return address;
}

/* The address of the first byte that is patched otherwise, or NO_GFN. */
static uint64_t first_other(const struct view *a, const struct view *b)
{
    struct at_byte x = { &a->patches, 0, 0 }, y = { &b->patches, 0, 0 };
    uint8_t in_x = 0, in_y = 0;
    uint64_t at_x, at_y;

    do {
        at_x = next_byte(&x, &in_x);
        at_y = next_byte(&y, &in_y);
    } while ( at_x == at_y && in_x == in_y && at_x != NO_GFN );
    return at_x < at_y ? at_x : at_y;
}

static int diff(const struct args *args, const struct side side[2])
{
    struct view *a = side[0].view, *b = side[1].view;
    struct output o = { .side = side };
    bool defaults = a->access != b->access;
    uint64_t other = first_other(a, b);

    /* Of what size the entries are is no difference. */
    merge_runs(&a->runs);
    merge_runs(&b->runs);
    if ( args->given[OPT_JSON] )
    {
        o.g = json_begin(true);
        json_document(o.g, "diff");
        json_text(o.g, "first_default_access", default_name(a->access));
        json_text(o.g, "second_default_access", default_name(b->access));
        json_array_open(o.g, "differences");
    }
    else if ( defaults )
        printf("default rights: %s in %s, %s in %s\n",
               default_text(a->access), side[0].operand,
               default_text(b->access), side[1].operand);
    compare(a, b, &o);
    if ( o.g )
    {
        json_array_close(o.g);
        if ( other != NO_GFN )
            json_hex(o.g, "first_other_byte", other);
        json_bool(o.g, "same", !defaults && !o.found && other == NO_GFN);
        json_map_close(o.g);
        json_end(o.g, stdout);
    }
    else if ( other != NO_GFN )
        printf("other bytes are patched, from address 0x%" PRIx64 " on\n",
               other);
    return defaults || o.found || other != NO_GFN ? EXIT_DIFFERENT : EXIT_DONE;
}

static bool is_file(const char *operand)
{
    return strpbrk(operand, "./");
}

int check_diff(struct args *args)
{
    if ( args->nr_operands == 3 ||
         (is_file(args->operand[0]) && is_file(args->operand[1])) )
        return EXIT_DONE;
    return complain(EXIT_USAGE, "give a domain and two views, or two files; a "
                    "name with a dot or a slash is a file");
}

/* The same view twice: read once. */
static int take_view(struct domain *d, struct dump *dump, struct side *side)
{
    int code = pick_view(dump, side->operand, &side->view);
    size_t left_out;

    if ( !code && !side->view->runs.run )
        code = fetch_runs(d, side->view->index, &side->view->runs) ?:
               fetch_patches(d, side->view, &left_out);
    return code;
}

static int take_files(struct side side[2], bool both)
{
    int code = EXIT_DONE;

    for ( unsigned int i = 0; !code && i < 2; i++ )
    {
        if ( !both && !is_file(side[i].operand) )
            continue;
        side[i].view = &side[i].saved;
        code = read_saved(side[i].operand, side[i].view);
    }
    return code;
}

/* Files first: Xen is asked only where there is a view to be asked for. */
int run_diff(const struct args *args)
{
    const char *domain = args->nr_operands == 3 ? args->operand[0] : "-";
    struct domain d = { 0 };
    struct dump dump = { 0 };
    struct side side[2] = {
        { .operand = args->operand[args->nr_operands - 2] },
        { .operand = args->operand[args->nr_operands - 1] } };
    int code = take_files(side, !strcmp(domain, "-"));

    if ( !code && !(side[0].view && side[1].view) )
        code = open_domain(&d, domain) ?: fetch(&d, 0, &dump);
    for ( unsigned int i = 0; !code && i < 2; i++ )
        if ( !side[i].view )
            code = take_view(&d, &dump, &side[i]);
    code = code ?: diff(args, side);
    free_view(&side[0].saved);
    free_view(&side[1].saved);
    free_dump(&dump);
    close_domain(&d);
    return code;
}
