/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/apply.h"
#include "common/interrupt.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool goes_on(const struct xen_altp2m_override *a,
                    const struct xen_altp2m_override *b)
{
    return a->gfn + a->count == b->gfn && a->set == b->set &&
           a->clear == b->clear && a->access == b->access &&
           a->sve == b->sve &&
           (!(a->set & XEN_ALTP2M_REMAP) || a->target + a->count == b->target);
}

void batch_add(struct batch *batch, const struct xen_altp2m_override *record)
{
    if ( batch->nr && goes_on(&batch->record[batch->nr - 1], record) )
    {
        batch->record[batch->nr - 1].count += record->count;
        return;
    }
    if ( batch->nr == batch->room )
    {
        batch->room = batch->room ? 2 * batch->room : 256;
        batch->record = checked(reallocarray(batch->record, batch->room,
                                             sizeof(*record)));
    }
    batch->record[batch->nr++] = *record;
}

void batch_clear(struct batch *batch, const struct runs *runs)
{
    /* Only what there is: taking back remaps costs an entry for each page. */
    for ( size_t i = 0; i < runs->nr; i++ )
    {
        struct xen_altp2m_override o;

        run_to_override(&runs->run[i], &o);
        batch_add(batch, &(struct xen_altp2m_override){
            .gfn = o.gfn, .count = o.count,
            .clear = o.set | (runs->run[i].own ? XEN_ALTP2M_OWN : 0) });
    }
}

void batch_set(struct batch *batch, const struct runs *runs)
{
    for ( size_t i = 0; i < runs->nr; i++ )
    {
        struct xen_altp2m_override o;

        run_to_override(&runs->run[i], &o);
        if ( o.set )
            batch_add(batch, &o);
    }
}

/* ---- progress ----------------------------------------------------------- */

struct progress
{
    struct timespec begin;
    double spoken;          /* seconds after that */
    bool terminal;
    bool to_the_end;        /* an interrupt doesn't end it */
};

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - begin->tv_sec + (now.tv_nsec - begin->tv_nsec) / 1e9;
}

/*
 * Nothing in the first second, then once a second.  Not 0 to stop: an interrupt
 * has come, and something is left to do.
 */
static int tell(void *arg, uint64_t done, uint64_t total)
{
    struct progress *p = arg;
    double elapsed = seconds_since(&p->begin);

    if ( interrupted() && !p->to_the_end && done < total )
    {
        if ( p->terminal && p->spoken )
            fputc('\n', stderr);
        return -1;
    }
    if ( elapsed < p->spoken + 1 && !(p->spoken && done == total) )
        return 0;
    p->spoken = elapsed;
    fprintf(stderr, "%sxen-altp2m: %" PRIu64 " of %" PRIu64
            " pages (%u%%), %.0f s%s", p->terminal ? "\r" : "", done, total,
            (unsigned int)(total ? done * 100 / total : 100), elapsed,
            p->terminal && done < total ? "" : "\n");
    fflush(stderr);
    return 0;
}

/*
 * Entries that a record takes: one for each aligned 1G, 2M or 4k part, and of
 * remaps and own pages always one for each page.
 */
static uint64_t entries_of(const struct xen_altp2m_override *o)
{
    uint64_t gfn = o->gfn, left = o->count, entries = 0;

    if ( (o->set | o->clear) & (XEN_ALTP2M_REMAP | XEN_ALTP2M_OWN) )
        return o->count;
    for ( ; left; entries++ )
    {
        unsigned int level = 2;

        while ( level && ((gfn & ((1ULL << (9 * level)) - 1)) ||
                          left < 1ULL << (9 * level)) )
            level--;
        gfn += 1ULL << (9 * level);
        left -= 1ULL << (9 * level);
    }
    return entries;
}

static int apply_one_call(struct domain *d, unsigned int view,
                          const struct batch *batch, unsigned int flags,
                          size_t *failed)
{
    unsigned int which = batch->nr;

    if ( !xenaltp2m_apply(d->alt, d->domid, view, batch->record, batch->nr,
                          flags, &which) )
        return 0;
    *failed = which;
    return errno;
}

static int apply_calls(struct domain *d, unsigned int view,
                       const struct batch *batch, unsigned int flags,
                       bool to_the_end, size_t *failed)
{
    struct progress p = { .terminal = isatty(2), .to_the_end = to_the_end };

    clock_gettime(CLOCK_MONOTONIC, &p.begin);
    return xenaltp2m_apply_all(d->alt, d->domid, view, batch->record,
                               batch->nr, flags, tell, &p, failed) ? errno : 0;
}

/* Takes back all that a batch may have set, and sets what was there before. */
static void undo(struct domain *d, unsigned int view,
                 const struct batch *batch, size_t upto,
                 const struct runs *before)
{
    struct batch back = { 0 };
    bool good = true;
    size_t failed;

    if ( interrupted() )
        complain(EXIT_INTERRUPTED, "domain %s: interrupted; view %s is put "
                 "back as it was", d->text, labelled(d, view));
    /* As ranges: of what is told apart below them these take any amount. */
    for ( size_t i = 0; i < batch->nr && i <= upto; i++ )
        good &= !xenaltp2m_set_range(d->alt, d->domid, view,
                                     &(struct xen_altp2m_override){
            .gfn = batch->record[i].gfn, .count = batch->record[i].count,
            .clear = batch->record[i].set | batch->record[i].clear });
    batch_set(&back, before);
    if ( !good ||
         apply_calls(d, view, &back, XEN_ALTP2M_APPLY_DORMANT, true, &failed) )
        complain(EXIT_AGAIN, "domain %s: view %s could not be put back as it "
                 "was", d->text, labelled(d, view));
    free(back.record);
}

int batch_apply(struct domain *d, unsigned int view, const struct batch *batch,
                unsigned int flags, size_t *failed)
{
    struct runs before;
    uint64_t entries = 0;
    int error;

    *failed = batch->nr;
    if ( !batch->nr )
        return 0;
    for ( size_t i = 0; i < batch->nr; i++ )
        entries += entries_of(&batch->record[i]);
    if ( entries <= d->capabilities.max_entries )
        return apply_one_call(d, view, batch, flags, failed);

    if ( fetch_runs(d, view, &before) )
        return EAGAIN;
    interrupts_hold();
    error = apply_calls(d, view, batch, flags, false, failed);
    if ( error )
        undo(d, view, batch, *failed, &before);
    if ( error == ECANCELED )
        *failed = batch->nr;
    interrupts_release();
    free(before.run);
    return error;
}
