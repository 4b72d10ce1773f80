/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The picture as one HTML page: map.html and map.js, and the dump in a form
 * that is short, as there may be many views with many overrides.
 */
#include "common/json.h"
#include "map/map.h"
#include "common/message.h"

#include <string.h>

/* The two files, put into the program by the build. */
extern const char map_html_start[], map_js_start[];

static void number(yajl_gen g, long long value)
{
    yajl_gen_integer(g, value);
}

static void json_axis(yajl_gen g, const struct axis *axis)
{
    json_array_open(g, "axis");
    for ( unsigned int i = 0; i < axis->nr; i++ )
    {
        const struct segment *s = &axis->segment[i];

        yajl_gen_array_open(g);
        number(g, s->gfn);
        number(g, s->pages);
        yajl_gen_double(g, s->at);
        yajl_gen_double(g, s->width);
        yajl_gen_bool(g, s->cut);
        json_array_close(g);
    }
    json_array_close(g);
    json_key(g, "total");
    yajl_gen_double(g, axis->total);
}

static void json_classes(yajl_gen g)
{
    json_array_open(g, "classes");
    for ( unsigned int i = 0; i < NR_CLASSES; i++ )
    {
        json_map_open(g);
        json_text(g, "rgb", class_styles[i].rgb);
        json_text(g, "text", class_styles[i].text);
        json_map_close(g);
    }
    json_array_close(g);
}

static void json_host(yajl_gen g, const struct extents *host)
{
    json_array_open(g, "host");
    for ( size_t i = 0; i < host->nr; i++ )
    {
        number(g, host->extent[i].gfn);
        number(g, host->extent[i].pages);
        number(g, host->extent[i].level);
        number(g, host->extent[i].access);
        number(g, host->extent[i].kind);
    }
    json_array_close(g);
}

static void json_flat_runs(yajl_gen g, const struct runs *runs)
{
    json_array_open(g, "runs");
    for ( size_t i = 0; i < runs->nr; i++ )
    {
        const struct run *r = &runs->run[i];

        number(g, r->gfn);
        number(g, r->pages);
        number(g, r->access == ACCESS_HOST ? -1 : r->access);
        number(g, r->sve);
        number(g, r->level);
        number(g, r->lost);
        number(g, r->target == NO_GFN ? -1 : (long long)r->target);
        number(g, r->own);
    }
    json_array_close(g);
}

static void json_view(yajl_gen g, const struct view *view)
{
    json_map_open(g);
    json_int(g, "view", view->index);
    json_text(g, "name", view->name);
    json_text(g, "role", view->role);
    json_int(g, "access", view->access == NO_DEFAULT ? -1 : view->access);
    json_bool(g, "hidden", view->hidden);
    json_array_open(g, "vcpus");
    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
        number(g, view->vcpu[i]);
    json_array_close(g);
    json_flat_runs(g, &view->runs);
    json_array_open(g, "tables");
    for ( size_t i = 0; i < view->tables.nr; i++ )
    {
        number(g, view->tables.extent[i].gfn);
        number(g, view->tables.extent[i].pages);
        number(g, view->tables.extent[i].level);
    }
    json_array_close(g);
    json_map_close(g);
}

static void json_page(const struct dump *dump, const struct axis *axis,
                      FILE *out)
{
    yajl_gen g = json_begin(false);

    /* Nothing in it may end the element that it is in. */
    yajl_gen_config(g, yajl_gen_escape_solidus, 1);
    json_document(g, "page");
    json_int(g, "domain", dump->domid);
    json_text(g, "name", dump->name);
    json_int(g, "last", dump->last_gfn);
    json_axis(g, axis);
    json_classes(g);
    json_host(g, &dump->host);
    json_array_open(g, "views");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        json_view(g, &dump->view[i]);
    json_array_close(g);
    json_map_close(g);
    json_end(g, out);
}

void map_html(const struct dump *dump, FILE *out)
{
    static const char dump_mark[] = "@DUMP@", script_mark[] = "@SCRIPT@\n";
    const char *dump_at = strstr(map_html_start, dump_mark);
    const char *script_at = strstr(map_html_start, script_mark);
    struct axis axis;

    make_axis(dump, &(struct range){ 0, GFN_MAX + 1 }, &axis);
    fwrite(map_html_start, 1, dump_at - map_html_start, out);
    json_page(dump, &axis, out);
    dump_at += sizeof(dump_mark) - 1;
    fwrite(dump_at, 1, script_at - dump_at, out);
    fputs(map_js_start, out);
    fputs(script_at + sizeof(script_mark) - 1, out);
    free_axis(&axis);
}
