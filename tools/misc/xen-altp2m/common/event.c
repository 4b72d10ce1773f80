/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/event.h"
#include "common/json.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define LOST_BATCH 64

static int read_lost(struct domain *d, struct events *e,
                     const struct event *when, bool tell)
{
    struct xen_altp2m_lost list[LOST_BATCH];
    int nr;

    do {
        nr = xenaltp2m_read_lost(d->alt, d->domid, &e->next_lost, list,
                                 LOST_BATCH);
        if ( nr < 0 )
            return complain_errno(errno, "domain %s: can't read its lost "
                                  "remaps", d->text);
        for ( int i = 0; tell && i < nr; i++ )
        {
            struct event event = *when;

            event.kind = EVENT_LOST;
            event.view = list[i].view;
            event.gfn = list[i].gfn;
            event.target = list[i].target;
            e->take(e->arg, &event);
            if ( event.view < VIEWS_MAX )
                e->lost[event.view].told++;
        }
    } while ( nr == LOST_BATCH );
    return EXIT_DONE;
}

/* A view that is seen for the first time. */
static void meet(struct events *e, const struct view *view, bool fresh)
{
    if ( view->index >= VIEWS_MAX )
        return;
    e->lost[view->index].told = 0;
    e->lost[view->index].base = fresh ? 0 : view->counters.lost;
}

/* Losses that the counter has and no record: more than were told. */
static void lost_between(struct events *e, const struct view *view,
                         struct event event)
{
    uint64_t all;

    if ( view->index >= VIEWS_MAX )
        return;
    all = view->counters.lost - e->lost[view->index].base;
    if ( all <= e->lost[view->index].told )
        return;
    event.kind = EVENT_LOST_BETWEEN;
    event.view = view->index;
    event.count = all - e->lost[view->index].told;
    e->lost[view->index].told = all;
    e->take(e->arg, &event);
}

int events_begin(struct domain *d, struct events *e,
                 const struct sample *first)
{
    e->next_lost = 0;
    for ( unsigned int i = 0; i < first->dump.nr_views; i++ )
        meet(e, &first->dump.view[i], false);
    return read_lost(d, e, NULL, false);
}

static const struct view *view_of(const struct sample *s, unsigned int vcpu)
{
    for ( unsigned int i = 0; i < s->dump.nr_views; i++ )
        for ( unsigned int j = 0; j < s->dump.view[i].nr_vcpus; j++ )
            if ( s->dump.view[i].vcpu[j] == vcpu )
                return &s->dump.view[i];
    return NULL;
}

/* vCPUs that are in this view now, and were in another. */
static void switched_to(struct events *e, const struct sample *before,
                        const struct view *view, struct event event)
{
    event.kind = EVENT_SWITCHED;
    event.view = view->index;
    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
    {
        const struct view *from = view_of(before, view->vcpu[i]);

        if ( !from || from->index == view->index )
            continue;
        event.vcpu = view->vcpu[i];
        event.from = from->index;
        e->take(e->arg, &event);
    }
}

static void tell_view(struct events *e, enum event_kind kind,
                      unsigned int view, struct event event)
{
    event.kind = kind;
    event.view = view;
    e->take(e->arg, &event);
}

/* Counters never go down in the life of a view. */
static bool made_again(const struct view *old, const struct view *view)
{
    return view->counters.faults < old->counters.faults ||
           view->counters.lost < old->counters.lost;
}

static void compare_view(struct events *e, const struct view *old,
                         const struct view *view, struct event event)
{
    if ( old && made_again(old, view) )
    {
        tell_view(e, EVENT_VIEW_GONE, view->index, event);
        old = NULL;
    }
    if ( !old )
    {
        tell_view(e, EVENT_VIEW_MADE, view->index, event);
        meet(e, view, true);
        return;
    }
    event.count = view->counters.faults - old->counters.faults;
    if ( event.count )
        tell_view(e, EVENT_FAULTS, view->index, event);
}

int events_between(struct domain *d, struct events *e,
                   const struct sample *before, const struct sample *now)
{
    struct event event = { .since_ns = before->time_ns,
                           .time_ns = now->time_ns };
    int code;

    for ( unsigned int i = 0; i < before->dump.nr_views; i++ )
        if ( !find_view((struct dump *)&now->dump,
                        before->dump.view[i].index) )
            tell_view(e, EVENT_VIEW_GONE, before->dump.view[i].index, event);
    for ( unsigned int i = 0; i < now->dump.nr_views; i++ )
    {
        const struct view *view = &now->dump.view[i];

        compare_view(e, find_view((struct dump *)&before->dump, view->index),
                     view, event);
        switched_to(e, before, view, event);
    }
    /* Read after the counters were: none of what these count is missed. */
    code = read_lost(d, e, &event, true);
    for ( unsigned int i = 0; !code && i < now->dump.nr_views; i++ )
        lost_between(e, &now->dump.view[i], event);
    return code;
}

static const char *const kinds[] = {
    [EVENT_VIEW_MADE] = "view_made", [EVENT_VIEW_GONE] = "view_gone",
    [EVENT_SWITCHED] = "switched", [EVENT_LOST] = "remap_lost",
    [EVENT_LOST_BETWEEN] = "remap_lost_between", [EVENT_FAULTS] = "faults",
};

void json_event(const struct domain *d, const struct event *event)
{
    yajl_gen g = json_begin(false);

    json_document(g, "event");
    json_text(g, "event", kinds[event->kind]);
    json_int(g, "since_ns", event->since_ns);
    json_int(g, "time_ns", event->time_ns);
    json_int(g, "domain", d->domid);
    json_int(g, "view", event->view);
    if ( event->kind == EVENT_SWITCHED )
    {
        json_int(g, "vcpu", event->vcpu);
        json_int(g, "from", event->from);
    }
    if ( event->kind == EVENT_LOST )
    {
        json_hex(g, "gfn", event->gfn);
        json_hex(g, "target", event->target);
    }
    if ( event->kind == EVENT_FAULTS || event->kind == EVENT_LOST_BETWEEN )
        json_int(g, "count", event->count);
    json_map_close(g);
    json_end(g, stdout);
}

const char *event_text(const struct event *event)
{
    static char text[96];

    switch ( event->kind )
    {
    case EVENT_VIEW_MADE:
        snprintf(text, sizeof(text), "view %u was made", event->view);
        break;
    case EVENT_VIEW_GONE:
        snprintf(text, sizeof(text), "view %u is gone", event->view);
        break;
    case EVENT_SWITCHED:
        snprintf(text, sizeof(text), "vCPU %u went from view %u to view %u",
                 event->vcpu, event->from, event->view);
        break;
    case EVENT_LOST:
        snprintf(text, sizeof(text), "view %u: the remap of gfn 0x%" PRIx64
                 " lost its target 0x%" PRIx64, event->view, event->gfn,
                 event->target);
        break;
    case EVENT_LOST_BETWEEN:
        snprintf(text, sizeof(text), "view %u: %" PRIu64 " more loss(es), found "
                 "again since", event->view, event->count);
        break;
    case EVENT_FAULTS:
        snprintf(text, sizeof(text), "view %u: %" PRIu64 " fault(s) rebuilt "
                 "tables", event->view, event->count);
        break;
    }
    return text;
}
