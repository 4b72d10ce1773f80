/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/event.h"
#include "common/json.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define LOST_BATCH 64

static int read_lost(struct domain *d, struct events *e, uint64_t time_ns,
                     bool tell)
{
    struct xen_altp2m_lost list[LOST_BATCH];
    int nr;

    do {
        nr = xenaltp2m_read_lost(d->alt, d->domid, &e->next_lost, list,
                                 LOST_BATCH);
        if ( nr < 0 )
            return complain_errno(errno, "domain %s: can't read its lost "
                                  "remaps", d->operand);
        for ( int i = 0; tell && i < nr; i++ )
            e->take(e->arg, &(struct event){
                .kind = EVENT_LOST, .time_ns = time_ns, .view = list[i].view,
                .gfn = list[i].gfn, .target = list[i].target });
    } while ( nr == LOST_BATCH );
    return EXIT_DONE;
}

int events_begin(struct domain *d, struct events *e)
{
    e->next_lost = 0;
    return read_lost(d, e, 0, false);
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
                        const struct sample *now, const struct view *view)
{
    for ( unsigned int i = 0; i < view->nr_vcpus; i++ )
    {
        const struct view *from = view_of(before, view->vcpu[i]);

        if ( from && from->index != view->index )
            e->take(e->arg, &(struct event){
                .kind = EVENT_SWITCHED, .time_ns = now->time_ns,
                .view = view->index, .vcpu = view->vcpu[i],
                .from = from->index });
    }
}

int events_between(struct domain *d, struct events *e,
                   const struct sample *before, const struct sample *now)
{
    struct event event = { .time_ns = now->time_ns };

    for ( unsigned int i = 0; i < now->dump.nr_views; i++ )
    {
        const struct view *view = &now->dump.view[i];
        const struct view *old = find_view((struct dump *)&before->dump,
                                           view->index);

        event.view = view->index;
        if ( !old )
        {
            event.kind = EVENT_VIEW_MADE;
            e->take(e->arg, &event);
        }
        else if ( view->counters.faults > old->counters.faults )
        {
            event.kind = EVENT_FAULTS;
            event.count = view->counters.faults - old->counters.faults;
            e->take(e->arg, &event);
        }
        switched_to(e, before, now, view);
    }
    for ( unsigned int i = 0; i < before->dump.nr_views; i++ )
    {
        event.view = before->dump.view[i].index;
        if ( find_view((struct dump *)&now->dump, event.view) )
            continue;
        event.kind = EVENT_VIEW_GONE;
        e->take(e->arg, &event);
    }
    return read_lost(d, e, now->time_ns, true);
}

static const char *const kinds[] = {
    [EVENT_VIEW_MADE] = "view_made", [EVENT_VIEW_GONE] = "view_gone",
    [EVENT_SWITCHED] = "switched", [EVENT_LOST] = "remap_lost",
    [EVENT_FAULTS] = "faults",
};

void json_event(const struct domain *d, const struct event *event)
{
    yajl_gen g = json_begin(false);

    json_document(g, "event");
    json_text(g, "event", kinds[event->kind]);
    json_hex(g, "time_ns", event->time_ns);
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
    if ( event->kind == EVENT_FAULTS )
        json_hex(g, "count", event->count);
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
    case EVENT_FAULTS:
        snprintf(text, sizeof(text), "view %u: %" PRIu64 " fault(s) made "
                 "tables anew", event->view, event->count);
        break;
    }
    return text;
}
