/* SPDX-License-Identifier: GPL-2.0-only */
/* A view's differences from the host, as lines for people and as JSON. */
#include "command.h"
#include "commands/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct { unsigned int bit; const char *key, *text; } reasons[] = {
    { WHY_ACCESS, "access", "rights set here" },
    { WHY_DEFAULT, "default_access", "default rights" },
    { WHY_REMAP, "remap", "remapped" },
    { WHY_LOST, "lost", "remap lost: no page at the target" },
    { WHY_VE, "suppress_ve", "#VE set here" },
    { WHY_NO_PAGE, "no_page", "no page here now" },
    { WHY_OWN, "own", "bytes of its own" },
    { WHY_STALE, "stale", "bytes of its own, to be refreshed" },
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

#define LONGEST 512 /* line */

void begin_picture(struct picture *p, const struct dump *dump,
                   const struct view *view)
{
    static char lines[8000], form[LONGEST];

    *p = (struct picture){
        .dump = dump, .view = view,
        .lines = { .text = lines, .room = sizeof(lines) },
        .form = { .text = form, .room = sizeof(form) },
    };
}

static void add_why(struct line *l, unsigned int why)
{
    const char *between = "";

    for ( unsigned int i = 0; i < REASONS; i++ )
        if ( why & reasons[i].bit )
        {
            line_add(l, between);
            line_add(l, reasons[i].text);
            between = ", ";
        }
}

static void print_head(const struct picture *p)
{
    printf("view %s of domain %u%s%s: default rights %s%s\n",
           view_text(p->view), p->dump->domid, p->dump->name ? " " : "",
           p->dump->name ?: "", default_text(p->view->access),
           p->any ? "" : p->only.why || p->only.by_access
                         ? "; no such difference from the host"
                         : "; no difference from the host");
    if ( p->any )
        printf("FIRST       LAST             SIZE  RIGHTS HOST   SHOWS       "
               "WHY\n");
}

/* Of the longest gfn, and the space behind. */
#define GFN_COLUMN 12

/*
 * A word in a column of that width, and the space behind; bold: by the
 * terminal.
 */
static void add_word(struct line *l, const char *word, size_t width, bool bold)
{
    size_t end = l->length + width;

    if ( bold )
    {
        line_add(l, "\033[1m");
        end += strlen("\033[1m");
    }
    line_add(l, word);
    line_to(l, end);
    if ( bold )
        line_add(l, "\033[0m");
    line_char(l, ' ');
}

/* Makes the line of a difference, with spaces where its gfns are to be. */
static void make_form(struct line *l, const struct difference *d, bool colour)
{
    char size[SIZE_TEXT];
    size_t length = strlen(size_text(d->pages, size)), shows;

    l->length = 0;
    line_to(l, 2 * GFN_COLUMN + (length < 9 ? 9 - length : 0));
    line_add(l, size);
    line_add(l, "  ");
    add_word(l, d->access == ACCESS_HOST ? "-" : access_text(d->access), 6,
             colour && d->access != d->host);
    add_word(l, d->host == ACCESS_HOST ? "-" : access_text(d->host), 6, false);
    shows = l->length;
    if ( d->target != NO_GFN )
        line_hex(l, d->target);
    else
        line_char(l, '-');
    line_to(l, shows + GFN_COLUMN);
    add_why(l, d->why);
    if ( d->sve >= 0 )
        line_add(l, d->sve ? " (suppressed)" : " (not suppressed)");
    line_char(l, '\n');
}

/* Are the lines of both alike, but for their gfns? */
static bool form_alike(const struct difference *a, const struct difference *b)
{
    return a->pages == b->pages && a->target == b->target && alike(a, b);
}

void print_lines(struct picture *p)
{
    fwrite(p->lines.text, 1, p->lines.length, stdout);
    p->lines.length = 0;
}

static void print_text(struct picture *p)
{
    const struct difference *d = &p->last;
    char *first, *last;

    if ( !p->form.length )
        print_head(p);
    if ( p->lines.room - p->lines.length < LONGEST )
        print_lines(p);
    if ( !p->form.length || !form_alike(&p->formed, d) )
    {
        make_form(&p->form, d, p->colour);
        p->formed = *d;
    }
    first = memcpy(p->lines.text + p->lines.length, p->form.text,
                   p->form.length);
    p->lines.length += p->form.length;
    last = first + GFN_COLUMN;
    put_hex(first, d->gfn);
    if ( d->pages > 1 )
        put_hex(last, d->gfn + d->pages - 1);
    else
        memcpy(last, first, GFN_COLUMN);
}

static void print_sums(const struct picture *p)
{
    char size[SIZE_TEXT], host[SIZE_TEXT];

    /* Pages that can be both written and executed. */
    printf("W+X: %" PRIu64 " pages (%s), by the host's map %" PRIu64 " (%s)\n",
           p->wx, size_text(p->wx, size), p->host_wx,
           size_text(p->host_wx, host));
}

static void json_difference(yajl_gen g, const struct difference *d)
{
    json_map_open(g);
    json_hex(g, "gfn", d->gfn);
    json_int(g, "pages", d->pages);
    json_text(g, "access",
              d->access == ACCESS_HOST ? NULL : access_name(d->access));
    json_text(g, "host_access",
              d->host == ACCESS_HOST ? NULL : access_name(d->host));
    if ( d->target != NO_GFN )
        json_hex(g, "target", d->target);
    if ( d->sve >= 0 )
        json_bool(g, "suppress_ve", d->sve);
    json_array_open(g, "why");
    for ( unsigned int i = 0; i < REASONS; i++ )
        if ( d->why & reasons[i].bit )
            json_string(g, reasons[i].key);
    json_array_close(g);
    json_map_close(g);
}

static void json_head(yajl_gen g, const struct picture *p)
{
    json_document(g, "show");
    json_int(g, "domain", p->dump->domid);
    json_text(g, "domain_name", p->dump->name);
    json_int(g, "view", p->view->index);
    json_text(g, "name", p->view->name);
    json_text(g, "role", p->view->role);
    json_text(g, "default_access", default_name(p->view->access));
    json_array_open(g, "differences");
}

static void json_sums(yajl_gen g, const struct picture *p)
{
    json_array_close(g);
    json_int(g, "writable_executable", p->wx);
    json_int(g, "host_writable_executable", p->host_wx);
    json_map_close(g);
    json_end(g, stdout);
}

#define AT_ONCE 256 /* differences in memory, as JSON */

static void print_json(struct picture *p)
{
    if ( !p->printed++ )
        json_head(p->json, p);
    json_difference(p->json, &p->last);
    if ( p->printed % AT_ONCE == 0 )
        json_flush(p->json, stdout);
}

void print_difference(struct picture *p)
{
    if ( p->json )
        print_json(p);
    else
        print_text(p);
}

void print_end(struct picture *p)
{
    if ( p->any )
        print_difference(p);
    else if ( p->json )
        json_head(p->json, p);
    else
        print_head(p);
    if ( p->json )
    {
        json_sums(p->json, p);
        return;
    }
    print_lines(p);
    print_sums(p);
}

const char *kind_words(void)
{
    static char words[96];
    size_t length = 0;

    for ( unsigned int i = 0; i < REASONS; i++ )
        length += snprintf(words + length, sizeof(words) - length, "%s%s",
                           i ? " " : "", reasons[i].key);
    return words;
}

unsigned int reason_of(const char *kind)
{
    for ( unsigned int i = 0; i < REASONS; i++ )
        if ( !strcmp(kind, reasons[i].key) )
            return reasons[i].bit;
    return 0;
}

