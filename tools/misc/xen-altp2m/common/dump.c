/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/dump.h"
#include "common/message.h"

#include <stdio.h>
#include <stdlib.h>

/* Makes room for one more in a growing array. */
static void *grow(void *array, size_t nr, size_t *room, size_t size)
{
    if ( nr < *room )
        return array;
    *room = *room ? *room * 2 : 64;
    return checked(reallocarray(array, *room, size));
}

void add_run(struct runs *runs, const struct run *run)
{
    runs->run = grow(runs->run, runs->nr, &runs->room, sizeof(*run));
    runs->run[runs->nr++] = *run;
}

/* Neighbours at the same level become one. */
void add_extent(struct extents *extents, const struct extent *extent)
{
    struct extent *last = extents->nr ? &extents->extent[extents->nr - 1]
                                      : NULL;

    if ( last && last->level == extent->level &&
         last->access == extent->access && last->kind == extent->kind &&
         last->gfn + last->pages == extent->gfn )
    {
        last->pages += extent->pages;
        return;
    }
    extents->extent = grow(extents->extent, extents->nr, &extents->room,
                           sizeof(*extent));
    extents->extent[extents->nr++] = *extent;
}

void add_patch(struct patches *patches, const struct patch *patch)
{
    patches->patch = grow(patches->patch, patches->nr, &patches->room,
                          sizeof(*patch));
    patches->patch[patches->nr++] = *patch;
}

/* Is @b what goes on from @a, whatever their level? */
static bool runs_alike(const struct run *a, const struct run *b)
{
    if ( a->gfn + a->pages != b->gfn || a->access != b->access ||
         a->sve != b->sve || a->lost != b->lost || a->own != b->own )
        return false;
    if ( a->target == NO_GFN || b->target == NO_GFN )
        return a->target == b->target;
    return a->target + a->pages == b->target;
}

void merge_runs(struct runs *runs)
{
    size_t kept = 0;

    for ( size_t i = 1; i < runs->nr; i++ )
        if ( runs_alike(&runs->run[kept], &runs->run[i]) )
        {
            runs->run[kept].pages += runs->run[i].pages;
            if ( runs->run[i].level < runs->run[kept].level )
                runs->run[kept].level = runs->run[i].level;
        }
        else
            runs->run[++kept] = runs->run[i];
    if ( runs->nr )
        runs->nr = kept + 1;
}

struct view *find_view(struct dump *dump, unsigned int index)
{
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        if ( dump->view[i].index == index )
            return &dump->view[i];
    return NULL;
}

const char *view_text(const struct view *view)
{
    static char text[160];

    snprintf(text, sizeof(text), "%u%s%s%s%s%s", view->index,
             view->name ? " " : "", view->name ?: "", view->role ? " [" : "",
             view->role ?: "", view->role ? "]" : "");
    return text;
}

void free_view(struct view *view)
{
    free(view->name);
    free(view->role);
    free(view->vcpu);
    free(view->runs.run);
    free(view->patches.patch);
    free(view->tables.extent);
}

void free_dump(struct dump *dump)
{
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
        free_view(&dump->view[i]);
    free(dump->view);
    free(dump->host.extent);
    free(dump->vmfunc);
    free(dump->name);
}
