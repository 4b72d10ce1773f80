/* SPDX-License-Identifier: GPL-2.0-only */
/* Views live, on a screen or as a stream.  It only looks. */
#include "common/event.h"
#include "common/message.h"

#include <curses.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the stream --------------------------------------------------------- */

static void print_event(void *arg, const struct event *event)
{
    json_event(arg, event);
}

static int stream(struct domain *d, const struct pace *pace)
{
    struct events e = { .take = print_event, .arg = d };
    struct sample s[2] = { 0 };
    unsigned int i = 0;
    int code = events_begin(d, &e);

    code = code ?: take_sample(d, &s[0]);
    for ( uint64_t looks = 1; !code && looks != pace->count &&
          !ferror(stdout); looks++ )
    {
        wait_seconds(pace->seconds);
        i ^= 1;
        free_sample(&s[i]);
        code = take_sample(d, &s[i]);
        code = code ?: events_between(d, &e, &s[i ^ 1], &s[i]);
    }
    free_sample(&s[0]);
    free_sample(&s[1]);
    return code;
}

/* ---- the screen --------------------------------------------------------- */

#define LOG_LINES 8

struct screen
{
    struct domain *d;
    char log[LOG_LINES][96];      /* the newest last */
    unsigned int logged;
    unsigned int top;             /* first view shown */
    bool paused;
};

static void log_event(void *arg, const struct event *event)
{
    struct screen *s = arg;

    memmove(s->log[0], s->log[1], sizeof(s->log) - sizeof(s->log[0]));
    snprintf(s->log[LOG_LINES - 1], sizeof(s->log[0]), "%s",
             event_text(event));
    if ( s->logged < LOG_LINES )
        s->logged++;
}

static void draw_head(const struct screen *s, const struct sample *now)
{
    const struct domain_counters *c = &now->counters;
    unsigned int width = COLS > 40 ? COLS - 40 : 0, views, used;

    mvprintw(0, 0, "domain %u %s: %" PRIu64 " views, %" PRIu64 " vCPUs, %"
             PRIu64 " faults, %" PRIu64 " remaps lost%s", s->d->domid,
             s->d->name ?: "", c->views, c->vcpus, c->faults, c->lost,
             s->paused ? "  [paused]" : "");
    mvprintw(1, 0, "paging pool %" PRIu64 " pages, %" PRIu64 " for views ",
             c->pool_total, c->pool_views);
    if ( !c->pool_total || !width )
        return;
    /* # for views, + for the rest that is used, - free. */
    views = c->pool_views * width / c->pool_total;
    used = (c->pool_total - c->pool_free) * width / c->pool_total;
    move(1, 38);
    addch('[');
    for ( unsigned int i = 0; i < width; i++ )
        addch(i < views ? '#' : i < used ? '+' : '-');
    addch(']');
}

static void draw_view(int row, const struct view *v)
{
    char vcpus[24] = "", pool[SIZE_TEXT];
    size_t length = 0;

    for ( unsigned int i = 0; i < v->nr_vcpus && length < 16; i++ )
        length += snprintf(vcpus + length, sizeof(vcpus) - length, "%s%u",
                           i ? "," : "", v->vcpu[i]);
    if ( v->nr_vcpus )
        attron(A_BOLD);
    mvprintw(row, 0, "%4u %-12.12s %-8.8s %-6s %7" PRIu64 " %6" PRIu64 " %6"
             PRIu64 " %9s %4" PRIu64 " %.10s", v->index, v->name ?: "-",
             v->role ?: "-", default_text(v->access), v->counters.access_gfns,
             v->counters.remaps, v->counters.tables,
             size_text((v->counters.pool_bytes + 4095) / 4096, pool),
             v->counters.lost, vcpus);
    attroff(A_BOLD);
}

static void draw(struct screen *s, const struct sample *now)
{
    int room = LINES - 5 - LOG_LINES;
    unsigned int shown = room > 1 ? room : 1;

    if ( s->top + shown > now->dump.nr_views )
        s->top = now->dump.nr_views > shown ? now->dump.nr_views - shown : 0;
    erase();
    draw_head(s, now);
    attron(A_REVERSE);
    mvprintw(3, 0, "%-*s", COLS, "VIEW NAME         ROLE     RIGHTS   PAGES "
             "REMAPS TABLES      POOL LOST VCPUS");
    attroff(A_REVERSE);
    for ( unsigned int i = 0; i < shown && s->top + i < now->dump.nr_views;
          i++ )
        draw_view(4 + i, &now->dump.view[s->top + i]);
    for ( unsigned int i = 0; i < s->logged; i++ )
        mvprintw(LINES - 1 - s->logged + i, 0, "%.*s", COLS,
                 s->log[LOG_LINES - s->logged + i]);
    mvprintw(LINES - 1, 0, "q quit  p pause  arrows scroll");
    refresh();
}

/* Handles keys until the next look is due; false: to end. */
static bool keys(struct screen *s, const struct sample *now, double seconds)
{
    timeout(seconds * 1000);
    for ( ; ; )
    {
        int key = getch();

        switch ( key )
        {
        case ERR:
            if ( !s->paused )
                return true;
            break;
        case 'q':
            return false;
        case 'p':
            s->paused = !s->paused;
            break;
        case KEY_UP:
            s->top -= s->top > 0;
            break;
        case KEY_DOWN:
            s->top++;
            break;
        case KEY_NPAGE:
            s->top += LINES / 2;
            break;
        case KEY_PPAGE:
            s->top -= s->top > (unsigned int)LINES / 2 ? (unsigned int)LINES / 2
                                                       : s->top;
            break;
        }
        draw(s, now);
    }
}

static int screen_loop(struct screen *s, const struct pace *pace)
{
    struct events e = { .take = log_event, .arg = s };
    struct sample sample[2] = { 0 };
    unsigned int i = 0;
    int code = events_begin(s->d, &e);

    code = code ?: take_sample(s->d, &sample[0]);
    for ( uint64_t looks = 1; !code; looks++ )
    {
        draw(s, &sample[i]);
        if ( !keys(s, &sample[i], pace->seconds) || looks == pace->count )
            break;
        i ^= 1;
        free_sample(&sample[i]);
        code = take_sample(s->d, &sample[i]);
        code = code ?: events_between(s->d, &e, &sample[i ^ 1], &sample[i]);
    }
    free_sample(&sample[0]);
    free_sample(&sample[1]);
    return code;
}

static int screen(struct domain *d, const struct pace *pace)
{
    struct screen s = { .d = d };
    SCREEN *terminal = newterm(NULL, stdout, stdin);
    int code;

    if ( !terminal )
        return complain(EXIT_UNSUPPORTED, "this terminal is not known: set "
                        "TERM, or use --json");
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, TRUE);
    code = screen_loop(&s, pace);
    endwin();
    delscreen(terminal);
    /* What was said on the screen went with it. */
    return code ? complain(code, "domain %s can't be watched any more: it, or "
                           "its views, may be gone", d->operand) : code;
}

int run_watch(const struct args *args)
{
    struct domain d = { 0 };
    struct pace pace;
    int code = parse_pace(args, &pace);

    code = code ?: open_domain(&d, args->operand[0]);
    if ( !code )
        code = args->given[OPT_JSON] || !isatty(1) ? stream(&d, &pace)
                                                   : screen(&d, &pace);
    close_domain(&d);
    return code;
}
