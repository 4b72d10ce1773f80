/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/dump-json.h"
#include "common/message.h"
#include "common/run-json.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ------------------------------------------------------------ */

static void json_runs(yajl_gen g, const char *key, const struct runs *runs,
                      unsigned int depth)
{
    struct run_writer w;

    json_array_open(g, key);
    begin_run_writer(&w, g, NULL, depth);
    for ( size_t i = 0; i < runs->nr; i++ )
        write_run(&w, &runs->run[i]);
    end_run_writer(&w);
    json_array_close(g);
}

/* Of views without any nothing is said. */
static void json_patches(yajl_gen g, const struct patches *patches)
{
    char text[2 * sizeof(patches->patch->byte) + 1];

    if ( !patches->nr )
        return;
    json_array_open(g, "patches");
    for ( size_t i = 0; i < patches->nr; i++ )
    {
        const struct patch *p = &patches->patch[i];

        json_map_open(g);
        json_hex(g, "gfn", p->gfn);
        json_int(g, "offset", p->offset);
        json_text(g, "bytes", bytes_text(p->byte, p->len, text));
        json_map_close(g);
    }
    json_array_close(g);
}

static const char *const kinds[] = {
    [KIND_RAM] = "ram", [KIND_ROM] = "rom", [KIND_SHARED] = "shared",
    [KIND_PAGED] = "paged", [KIND_GRANT] = "grant", [KIND_MMIO] = "mmio",
};

/* Of the host they say more than of a view's tables. */
static void json_extents(yajl_gen g, const char *key,
                         const struct extents *extents,
                         const struct extents *host)
{
    json_array_open(g, key);
    for ( size_t i = 0; i < extents->nr; i++ )
    {
        json_map_open(g);
        json_hex(g, "gfn", extents->extent[i].gfn);
        json_int(g, "pages", extents->extent[i].pages);
        json_int(g, "level", extents->extent[i].level);
        if ( extents == host )
        {
            json_text(g, "access", access_name(extents->extent[i].access));
            json_text(g, "kind", kinds[extents->extent[i].kind]);
        }
        json_map_close(g);
    }
    json_array_close(g);
}

/* One table for both directions. */
static const struct
{
    const char *key;
    size_t offset;
} counter_keys[] = {
#define COUNTER(field) { #field, offsetof(struct counters, field) }
    COUNTER(access_gfns), COUNTER(sve_gfns), COUNTER(remaps),
    COUNTER(dormant), COUNTER(tables), COUNTER(tables_max),
    COUNTER(pool_bytes), COUNTER(faults), COUNTER(lost),
#undef COUNTER
};

#define COUNTERS (sizeof(counter_keys) / sizeof(counter_keys[0]))

void json_counters(yajl_gen g, const struct counters *c)
{
    json_key(g, "counters");
    json_map_open(g);
    for ( unsigned int i = 0; i < COUNTERS; i++ )
        json_int(g, counter_keys[i].key,
                 *(const uint64_t *)((const char *)c + counter_keys[i].offset));
    json_map_close(g);
}

void json_view_head(yajl_gen g, const struct view *view)
{
    json_int(g, "view", view->index);
    json_text(g, "name", view->name);
    json_text(g, "role", view->role);
    json_text(g, "default_access", default_name(view->access));
    json_bool(g, "hidden", view->hidden);
    json_array_open(g, "vcpus");
    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
        yajl_gen_integer(g, view->vcpu[i]);
    json_array_close(g);
}

static void json_domain(yajl_gen g, const struct dump *dump)
{
    json_int(g, "domain", dump->domid);
    json_text(g, "domain_name", dump->name);
}

bool write_dump(const struct dump *dump, FILE *out)
{
    yajl_gen g = json_begin(true);

    json_document(g, "map");
    json_domain(g, dump);
    json_hex(g, "last_gfn", dump->last_gfn);
    if ( dump->has_host )
        json_extents(g, "host", &dump->host, &dump->host);
    json_array_open(g, "views");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        json_map_open(g);
        json_view_head(g, &dump->view[i]);
        json_counters(g, &dump->view[i].counters);
        json_runs(g, "overrides", &dump->view[i].runs, 4);
        json_extents(g, "private", &dump->view[i].tables, &dump->host);
        json_map_close(g);
    }
    json_array_close(g);
    json_map_close(g);
    return json_end(g, out);
}

bool write_saved(const struct dump *dump, const struct view *view,
                 struct run_parts *runs, FILE *out)
{
    yajl_gen g = json_begin(true);
    const struct xen_altp2m_override *o;
    struct run_writer w;
    bool good = true;

    json_document(g, "view");
    json_domain(g, dump);
    json_view_head(g, view);
    json_array_open(g, "overrides");
    begin_run_writer(&w, g, out, 2);
    while ( good && (o = next_run(runs)) != NULL )
        good = write_override(&w, o);
    if ( !good || !end_run_writer(&w) )
    {
        yajl_gen_free(g);
        return false;
    }
    json_array_close(g);
    json_patches(g, &view->patches);
    json_map_close(g);
    return json_end(g, out);
}

/* ---- reading ------------------------------------------------------------ */

/*
 * Where reading is: for messages.  A file that people keep and edit gets more
 * than "invalid".
 */
struct place
{
    const char *path, *array;
    long view;
    size_t element;
};

static bool wrong(const struct place *p, const char *key, const char *wanted)
{
    if ( p->array )
        complain(EXIT_USAGE, "%s: %s of view %ld, number %zu: %s is not %s",
                 p->path, p->array, p->view, p->element, key, wanted);
    else
        complain(EXIT_USAGE, "%s: %s is not %s", p->path, key, wanted);
    return false;
}

static bool read_span(yajl_val v, const struct place *p, uint64_t *gfn,
                      uint64_t *pages, uint8_t *level)
{
    long long got = 0;

    if ( !json_get_hex(v, "gfn", gfn) || *gfn > GFN_MAX )
        return wrong(p, "gfn", "a string such as \"0x800\"");
    if ( !json_get_count(v, "pages", pages) || !*pages ||
         *pages > GFN_MAX - *gfn + 1 )
        return wrong(p, "pages", "a number such as 16, of pages that can be "
                     "addressed");
    if ( json_get(v, "level") &&
         (!json_get_int(v, "level", &got) || got < 0 || got > 3) )
        return wrong(p, "level", "a number from 0 to 3");
    *level = got;
    return true;
}

static bool read_run(yajl_val v, const struct place *p, struct run *r)
{
    const char *access = json_get_text(v, "access");
    bool sve = false;

    *r = (struct run){ .target = NO_GFN, .access = ACCESS_HOST, .sve = -1 };
    if ( !read_span(v, p, &r->gfn, &r->pages, &r->level) )
        return false;
    if ( json_get(v, "access") &&
         !(access && parse_access(access, &r->access)) )
        return wrong(p, "access", "such as \"rx\"");
    if ( json_get(v, "target") &&
         (!json_get_hex(v, "target", &r->target) || r->target > GFN_MAX ||
          r->pages > GFN_MAX - r->target + 1) )
        return wrong(p, "target", "a string such as \"0x800\"");
    if ( json_get(v, "suppress_ve") )
    {
        if ( !json_get_bool(v, "suppress_ve", &sve) )
            return wrong(p, "suppress_ve", "true or false");
        r->sve = sve;
    }
    if ( json_get(v, "lost") && !json_get_bool(v, "lost", &r->lost) )
        return wrong(p, "lost", "true or false");
    if ( json_get(v, "own") && !json_get_bool(v, "own", &r->own) )
        return wrong(p, "own", "true or false");
    return true;
}

static bool read_patch(yajl_val v, const struct place *p, struct patch *patch)
{
    const char *bytes = json_get_text(v, "bytes");
    long long offset;

    if ( !json_get_hex(v, "gfn", &patch->gfn) || patch->gfn > GFN_MAX )
        return wrong(p, "gfn", "a string such as \"0x800\"");
    if ( !json_get_int(v, "offset", &offset) || offset < 0 ||
         offset >= (long long)PAGE_BYTES )
        return wrong(p, "offset", "a number below 4096");
    patch->offset = offset;
    patch->len = bytes ? parse_bytes(bytes, patch->byte, sizeof(patch->byte))
                       : 0;
    if ( !patch->len || patch->len > PAGE_BYTES - offset )
        return wrong(p, "bytes", "a string such as \"cc\", of up to 16 bytes "
                     "in the page");
    return true;
}

static bool read_patches(yajl_val list, struct place *p,
                         struct patches *patches)
{
    struct patch patch = { 0 };
    uint64_t end = 0;

    p->array = "patches";
    if ( !YAJL_IS_ARRAY(list) )
        return wrong(p, p->array, "an array");
    for ( size_t i = 0; i < list->u.array.len; i++ )
    {
        p->element = i;
        if ( !read_patch(list->u.array.values[i], p, &patch) )
            return false;
        if ( patch.gfn * PAGE_BYTES + patch.offset < end )
            return wrong(p, "offset", "behind those before it");
        end = patch.gfn * PAGE_BYTES + patch.offset + patch.len;
        add_patch(patches, &patch);
    }
    p->array = NULL;
    return true;
}

static bool read_runs(yajl_val list, struct place *p, struct runs *runs)
{
    struct run run;
    uint64_t end = 0;

    p->array = "overrides";
    if ( !YAJL_IS_ARRAY(list) )
        return wrong(p, p->array, "an array");
    for ( size_t i = 0; i < list->u.array.len; i++ )
    {
        p->element = i;
        if ( !read_run(list->u.array.values[i], p, &run) )
            return false;
        if ( run.gfn < end )
            return wrong(p, "gfn", "behind those before it");
        end = run.gfn + run.pages;
        add_run(runs, &run);
    }
    p->array = NULL;
    return true;
}

/* Left out: RAM with all rights. */
static bool read_host_words(yajl_val v, const struct place *p,
                            struct extent *e)
{
    const char *kind = json_get_text(v, "kind");
    const char *access = json_get_text(v, "access");
    unsigned int i = 0;

    parse_access("rwx", &e->access);
    if ( json_get(v, "access") &&
         !(access && parse_access(access, &e->access)) )
        return wrong(p, "access", "such as \"rx\"");
    while ( kind && i < sizeof(kinds) / sizeof(kinds[0]) &&
            strcmp(kind, kinds[i]) )
        i++;
    if ( i == sizeof(kinds) / sizeof(kinds[0]) ||
         (json_get(v, "kind") && !kind) )
        return wrong(p, "kind", "such as \"ram\"");
    e->kind = i;
    return true;
}

static bool read_extents(yajl_val list, struct place *p, const char *name,
                         struct extents *extents)
{
    struct extent e = { 0 };
    bool host = !strcmp(name, "host");

    p->array = name;
    if ( !YAJL_IS_ARRAY(list) )
        return wrong(p, name, "an array");
    for ( size_t i = 0; i < list->u.array.len; i++ )
    {
        p->element = i;
        if ( !read_span(list->u.array.values[i], p, &e.gfn, &e.pages,
                        &e.level) ||
             (host && !read_host_words(list->u.array.values[i], p, &e)) )
            return false;
        add_extent(extents, &e);
    }
    p->array = NULL;
    return true;
}

static bool read_vcpus(yajl_val list, struct place *p, struct view *view)
{
    if ( !YAJL_IS_ARRAY(list) )
        return wrong(p, "vcpus", "an array");
    view->vcpu = checked(calloc(list->u.array.len + 1, sizeof(*view->vcpu)));
    for ( size_t i = 0; i < list->u.array.len; i++ )
    {
        if ( !YAJL_IS_INTEGER(list->u.array.values[i]) )
            return wrong(p, "vcpus", "an array of numbers");
        view->vcpu[view->nr_vcpus++] =
            YAJL_GET_INTEGER(list->u.array.values[i]);
    }
    return true;
}

/* Nothing of a file's is let on to a terminal but text. */
static char *copy_text(const char *text)
{
    char *copy = text ? checked(strdup(text)) : NULL;

    for ( char *p = copy; p && *p; p++ )
        if ( (unsigned char)*p < ' ' || *p == 0x7f )
            *p = '?';
    return copy;
}

static void read_counters(yajl_val v, struct counters *c)
{
    for ( unsigned int i = 0; i < COUNTERS; i++ )
        json_get_count(v, counter_keys[i].key,
                       (uint64_t *)((char *)c + counter_keys[i].offset));
}

static bool read_view(yajl_val v, struct place *p, struct view *view)
{
    const char *access = json_get_text(v, "default_access");
    long long index;

    if ( !json_get_int(v, "view", &index) || index < 0 || index > 511 )
        return wrong(p, "view", "a number below 512");
    p->view = view->index = index;
    view->name = copy_text(json_get_text(v, "name"));
    view->role = copy_text(json_get_text(v, "role"));
    view->access = NO_DEFAULT;
    if ( !access || (strcmp(access, "none") &&
                     !parse_access(access, &view->access)) )
        return wrong(p, "default_access", "such as \"rwx\"");
    json_get_bool(v, "hidden", &view->hidden);
    if ( json_get(v, "vcpus") && !read_vcpus(json_get(v, "vcpus"), p, view) )
        return false;
    if ( json_get(v, "counters") )
        read_counters(json_get(v, "counters"), &view->counters);
    return read_runs(json_get(v, "overrides"), p, &view->runs) &&
           (!json_get(v, "patches") ||
            read_patches(json_get(v, "patches"), p, &view->patches));
}

static bool read_views(yajl_val list, struct place *p, struct dump *dump)
{
    if ( !YAJL_IS_ARRAY(list) )
        return wrong(p, "views", "an array");
    dump->view = checked(calloc(list->u.array.len + 1, sizeof(*dump->view)));
    for ( size_t i = 0; i < list->u.array.len; i++ )
    {
        yajl_val v = list->u.array.values[i];
        struct view *view = &dump->view[dump->nr_views++];

        if ( !read_view(v, p, view) )
            return false;
        if ( i && view->index <= view[-1].index )
            return wrong(p, "view", "behind those before it");
        if ( json_get(v, "private") &&
             !read_extents(json_get(v, "private"), p, "private",
                           &view->tables) )
            return false;
    }
    return true;
}

/* A whole document of that kind; the caller frees the tree. */
static int read_document(const char *path, const char *kind, yajl_val *root)
{
    char *text = read_file(path), error[256];
    const char *got;
    long long schema;

    if ( !text )
        return EXIT_USAGE;
    *root = yajl_tree_parse(text, error, sizeof(error));
    free(text);
    if ( !*root )
        return complain(EXIT_USAGE, "%s is not JSON: %s", path, error);
    got = json_get_text(*root, "kind");
    if ( !json_get_int(*root, "schema", &schema) || !got || strcmp(got, kind) )
        complain(EXIT_USAGE, "%s is %s, not %s", path,
                 got && !strcmp(got, "map") ? "a map dump"
                 : got && !strcmp(got, "view") ? "a saved view"
                                               : "something else's JSON",
                 strcmp(kind, "map") ? "a saved view, as xen-altp2m save writes"
                                     : "a map dump, as xen-altp2m map --json "
                                       "prints");
    else if ( schema < 1 || schema > SCHEMA )
        complain(EXIT_USAGE, "%s has schema %lld; this xen-altp2m reads 1 to "
                 "%d", path, schema, SCHEMA);
    else
        return EXIT_DONE;
    yajl_tree_free(*root);
    return EXIT_USAGE;
}

int read_dump(const char *path, struct dump *dump)
{
    struct place p = { .path = path };
    yajl_val root;
    long long domid = 0;
    bool good;

    *dump = (struct dump){ 0 };
    if ( read_document(path, "map", &root) )
        return EXIT_USAGE;
    json_get_int(root, "domain", &domid);
    dump->domid = domid;
    dump->name = copy_text(json_get_text(root, "domain_name"));
    dump->has_host = json_get(root, "host");
    good = json_get_hex(root, "last_gfn", &dump->last_gfn) &&
           dump->last_gfn <= GFN_MAX;
    if ( !good )
        wrong(&p, "last_gfn", "a string such as \"0xffff\"");
    good = good &&
           (!dump->has_host ||
            read_extents(json_get(root, "host"), &p, "host", &dump->host)) &&
           read_views(json_get(root, "views"), &p, dump);
    yajl_tree_free(root);
    return good ? EXIT_DONE : EXIT_USAGE;
}

int read_saved(const char *path, struct view *view)
{
    struct place p = { .path = path };
    yajl_val root;
    bool good;

    *view = (struct view){ 0 };
    if ( read_document(path, "view", &root) )
        return EXIT_USAGE;
    good = read_view(root, &p, view);
    yajl_tree_free(root);
    return good ? EXIT_DONE : EXIT_USAGE;
}
