/* SPDX-License-Identifier: GPL-2.0-only */
/* Views live, on a screen or as a stream.  It only looks. */
#include "common/event.h"
#include "common/message.h"

#include <curses.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
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
    int code = take_sample(d, &s[0]);

    code = code ?: events_begin(d, &e, &s[0]);
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

/* A line, cut off where the screen ends; nothing where it has no such row. */
static void put(int row, int column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(int row, int column, const char *format, ...)
{
    char text[512];
    va_list args;

    if ( row < 0 || row >= LINES || column >= COLS )
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    mvaddnstr(row, column, text, COLS - column);
}

/* # for views, + for the rest that is used, - free. */
static void draw_pool(const struct domain_counters *c, int row, int column)
{
    char bar[256];
    unsigned int width = COLS > column + 2 ? COLS - column - 2 : 0;
    unsigned int views, used;

    if ( width > sizeof(bar) - 1 )
        width = sizeof(bar) - 1;
    if ( !c->pool_total || width < 4 )
        return;
    views = c->pool_views * width / c->pool_total;
    used = (c->pool_total - c->pool_free) * width / c->pool_total;
    for ( unsigned int i = 0; i < width; i++ )
        bar[i] = i < views ? '#' : i < used ? '+' : '-';
    bar[width] = 0;
    put(row, column, "[%s]", bar);
}

static void draw_head(const struct screen *s, const struct sample *now)
{
    const struct domain_counters *c = &now->counters;

    put(0, 0, "domain %s: %" PRIu64 " views, %" PRIu64 " vCPUs, %" PRIu64
        " faults, %" PRIu64 " remaps lost%s", s->d->text, c->views, c->vcpus,
        c->faults, c->lost, s->paused ? "  [paused]" : "");
    put(1, 0, "paging pool %" PRIu64 " pages, %" PRIu64 " for views",
        c->pool_total, c->pool_views);
    draw_pool(c, 1, 38);
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
    put(row, 0, "%4u %-12.12s %-8.8s %-6s %7" PRIu64 " %6" PRIu64 " %6" PRIu64
        " %9s %4" PRIu64 " %.10s", v->index, v->name ?: "-", v->role ?: "-",
        default_text(v->access), v->counters.access_gfns, v->counters.remaps,
        v->counters.tables,
        size_text((v->counters.pool_bytes + 4095) / 4096, pool),
        v->counters.lost, vcpus);
    attroff(A_BOLD);
}

/*
 * How the rows of a screen are shared out.  Two are the head, one the titles,
 * the last one says which keys there are; a third of the rest is the log's at
 * most.
 */
#define FIRST_VIEW 3

static unsigned int log_room(void)
{
    int rest = LINES - FIRST_VIEW - 1;
    unsigned int third = rest > 0 ? rest / 3 : 0;

    return third < LOG_LINES ? third : LOG_LINES;
}

static unsigned int view_room(void)
{
    int rest = LINES - FIRST_VIEW - 1 - (int)log_room();

    return rest > 0 ? rest : 0;
}

/* Leaves no row empty below the last view while there are views above. */
static void scroll_within(struct screen *s, unsigned int views)
{
    unsigned int room = view_room();

    if ( s->top + room > views )
        s->top = views > room ? views - room : 0;
}

static void draw(struct screen *s, const struct sample *now)
{
    unsigned int views = now->dump.nr_views, lines = log_room();
    unsigned int shown = view_room();

    scroll_within(s, views);
    if ( shown > views - s->top )
        shown = views - s->top;
    erase();
    draw_head(s, now);
    attron(A_REVERSE);
    put(2, 0, "%-*s", COLS, "VIEW NAME         ROLE     RIGHTS   PAGES REMAPS "
        "TABLES      POOL LOST VCPUS");
    attroff(A_REVERSE);
    for ( unsigned int i = 0; i < shown; i++ )
        draw_view(FIRST_VIEW + i, &now->dump.view[s->top + i]);
    if ( lines > s->logged )
        lines = s->logged;
    for ( unsigned int i = 0; i < lines; i++ )
        put(LINES - 1 - (int)lines + (int)i, 0, "%s",
            s->log[LOG_LINES - lines + i]);
    if ( LINES > FIRST_VIEW )
        put(LINES - 1, 0, "q quit  p pause  arrows scroll   views %u to %u of "
            "%u", shown ? s->top + 1 : 0, s->top + shown, views);
    refresh();
}

static void scroll_by(struct screen *s, int rows)
{
    s->top = rows < 0 && s->top < (unsigned int)-rows ? 0 : s->top + rows;
}

/* Does what a key says; false: to end. */
static bool do_key(struct screen *s, int key)
{
    int page = view_room() > 1 ? view_room() - 1 : 1;

    switch ( key )
    {
    case 'q':
        return false;
    case 'p':
        s->paused = !s->paused;
        break;
    case 'L' & 0x1f: /* Ctrl-L */
        clearok(curscr, TRUE);
        break;
    case KEY_UP:
        scroll_by(s, -1);
        break;
    case KEY_DOWN:
        scroll_by(s, 1);
        break;
    case KEY_NPAGE:
        scroll_by(s, page);
        break;
    case KEY_PPAGE:
        scroll_by(s, -page);
        break;
    }
    return true;
}

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

/*
 * Handles keys until the next look is due.  false: to end, because of a key or
 * because there is no more input, as where the terminal is gone.
 */
static bool keys(struct screen *s, const struct sample *now, double seconds)
{
    double due = now_seconds() + seconds, left = seconds;

    timeout(0);
    while ( s->paused || left > 0 )
    {
        struct pollfd input = { .fd = 0, .events = POLLIN };
        int ready = poll(&input, 1, s->paused ? -1 : (int)(left * 1000) + 1);
        bool any = false;

        if ( ready < 0 && errno != EINTR )
            return false;
        for ( int key; (key = getch()) != ERR; any = true )
            if ( !do_key(s, key) )
                return false;
        /* Ready, and nothing there: the end.  A new size is a key, too. */
        if ( ready > 0 && !any )
            return false;
        if ( any )
            draw(s, now);
        left = due - now_seconds();
    }
    return true;
}

static int screen_loop(struct screen *s, const struct pace *pace)
{
    struct events e = { .take = log_event, .arg = s };
    struct sample sample[2] = { 0 };
    unsigned int i = 0;
    int code = take_sample(s->d, &sample[0]);

    code = code ?: events_begin(s->d, &e, &sample[0]);
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
                           "its views, may be gone", d->text) : code;
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
