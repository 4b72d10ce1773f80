/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/run-json.h"

void begin_run_writer(struct run_writer *w, yajl_gen g, FILE *out,
                      unsigned int depth)
{
    struct line *l = &w->begin;

    w->g = g;
    w->out = out;
    w->depth = depth;
    w->begin = (struct line){ w->begin_text, sizeof(w->begin_text), 0 };
    w->end = (struct line){ w->end_text, sizeof(w->end_text), 0 };
    w->runs = (struct line){ w->runs_text, sizeof(w->runs_text), 0 };

    line_add(l, ",\n");
    line_to(l, l->length + depth);
    line_add(l, "{\n");
    line_to(l, l->length + depth + 1);
    line_add(l, "\"gfn\": \"");
}

static void add_key(struct run_writer *w, const char *key)
{
    line_add(&w->end, ",\n");
    line_to(&w->end, w->end.length + w->depth + 1);
    line_char(&w->end, '"');
    line_add(&w->end, key);
    line_add(&w->end, "\": ");
}

static void make_end(struct run_writer *w, const struct run *r)
{
    struct line *l = &w->end;

    l->length = 0;
    line_char(l, '"');
    add_key(w, "pages");
    line_int(l, r->pages);
    if ( r->access != ACCESS_HOST )
    {
        add_key(w, "access");
        line_char(l, '"');
        line_add(l, access_name(r->access));
        line_char(l, '"');
    }
    if ( r->target != NO_GFN )
    {
        add_key(w, "target");
        line_char(l, '"');
        line_hex(l, r->target);
        line_char(l, '"');
    }
    if ( r->sve >= 0 )
    {
        add_key(w, "suppress_ve");
        line_add(l, r->sve ? "true" : "false");
    }
    add_key(w, "level");
    line_int(l, r->level);
    if ( r->lost )
    {
        add_key(w, "lost");
        line_add(l, "true");
    }
    if ( r->own )
    {
        add_key(w, "own");
        line_add(l, "true");
    }
    line_char(l, '\n');
    line_to(l, l->length + w->depth);
    line_char(l, '}');
    line_put(l, w->begin.text, w->begin.length);
}

/* Does the text of both end alike? */
static bool end_alike(const struct run *a, const struct run *b)
{
    return a->pages == b->pages && a->target == b->target &&
           a->access == b->access && a->sve == b->sve && a->level == b->level &&
           a->lost == b->lost && a->own == b->own;
}

/* Writes a run that begins at a gfn, and ends as w->end has it. */
static inline bool put_run(struct run_writer *w, uint64_t gfn)
{
    /* Between its values yajl puts the comma and the spaces itself. */
    size_t left_out = 2 + w->depth;

    if ( !w->runs.length )
        line_put(&w->runs, w->begin.text + left_out,
                 w->begin.length - left_out);
    w->runs.length += put_hex(w->runs.text + w->runs.length, gfn);
    line_put(&w->runs, w->end.text, w->end.length);
    return w->runs.room - w->runs.length >= LONGEST_RUN || end_run_writer(w);
}

bool write_run(struct run_writer *w, const struct run *r)
{
    if ( !w->end.length || !end_alike(&w->last, r) )
    {
        make_end(w, r);
        w->last = *r;
    }
    return put_run(w, r->gfn);
}

bool write_override(struct run_writer *w, const struct xen_altp2m_override *o)
{
    struct run r;

    /* Is all behind the gfn as in the last one? */
    if ( !w->end.length || memcmp(&w->last_override.count, &o->count,
                                  sizeof(*o) - sizeof(o->gfn)) )
    {
        override_to_run(o, &r);
        make_end(w, &r);
        w->last_override = *o;
    }
    return put_run(w, o->gfn);
}

bool end_run_writer(struct run_writer *w)
{
    /* Behind the last one no other begins. */
    if ( w->runs.length )
        json_raw(w->g, w->runs.text, w->runs.length - w->begin.length);
    w->runs.length = 0;
    return !w->out || json_flush(w->g, w->out);
}
