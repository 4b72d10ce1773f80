/* SPDX-License-Identifier: GPL-2.0-only */
/* A view's overrides as a file: save, load. */
#include "common/apply.h"
#include "command.h"
#include "common/domain.h"
#include "common/dump-json.h"
#include "common/file.h"
#include "common/interrupt.h"
#include "common/message.h"
#include "common/parts.h"
#include "common/patches.h"
#include "commands/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct what
{
    const struct dump *dump;
    const struct view *view;
    struct run_parts *runs;
};

/* What can't be read was complained of: errno 0. */
static bool write_view(const void *arg, FILE *out)
{
    const struct what *what = arg;
    bool good = write_saved(what->dump, what->view, what->runs, out);

    if ( what->runs->p.code )
        errno = 0;
    return good && !what->runs->p.code;
}

static int save(struct domain *d, const struct args *args, struct dump *dump,
                struct view *view)
{
    struct run_parts *runs = checked(malloc(sizeof(*runs)));
    size_t left_out = 0;
    int code = fetch_patches(d, view, &left_out);

    if ( code )
    {
        free(runs);
        return code;
    }
    if ( left_out )
        complain(0, "warning: domain %s, view %s: the bytes of %zu pages are "
                 "left out, for which there are other pages now; xen-altp2m "
                 "refresh shows them again", d->text, view_text(view),
                 left_out);
    code = begin_runs(runs, d, view->index, &(struct range){ 0, GFN_MAX + 1 });
    code = code ?: write_file(args->operand[2], write_view,
                              &(struct what){ dump, view, runs });
    code = runs->p.code ?: code;
    free(runs);
    return code;
}

int run_save(const struct args *args)
{
    return on_view(args, save);
}

/* ---- load --------------------------------------------------------------- */

static bool has_own(const struct runs *runs)
{
    for ( size_t i = 0; i < runs->nr; i++ )
        if ( runs->run[i].own )
            return true;
    return false;
}

/* Remaps may have lost their target when they were saved: still they count. */
static int set_runs(struct domain *d, unsigned int index,
                    const struct runs *clear, const struct runs *set,
                    uint64_t *where)
{
    struct batch batch = { 0 };
    size_t failed = 0;
    int error;

    batch_clear(&batch, clear);
    batch_set(&batch, set);
    /* Xen takes a remap only if the record itself takes the own page away. */
    for ( size_t i = 0; i < batch.nr; i++ )
        if ( has_own(clear) && (batch.record[i].set & XEN_ALTP2M_REMAP) )
            batch.record[i].clear |= XEN_ALTP2M_OWN;
    error = batch_apply(d, index, &batch, XEN_ALTP2M_APPLY_DORMANT, &failed);
    if ( error && failed < batch.nr )
        *where = batch.record[failed].gfn;
    free(batch.record);
    return error;
}

/*
 * Replaces what @old has in a view by what @new has.  On error the view is as
 * it was, but for own pages that were to be refreshed.
 */
static int set_all(struct domain *d, unsigned int index,
                   const struct view *old, const struct view *new,
                   uint64_t *where)
{
    int error = set_runs(d, index, &old->runs, &new->runs, where);
    struct runs now = { 0 };
    uint64_t ignored;

    if ( !error )
    {
        error = set_patches(d, index, &new->patches, where);
        if ( error && (fetch_runs(d, index, &now) ||
                       set_runs(d, index, &now, &old->runs, &ignored)) )
            complain(EXIT_AGAIN, "domain %s: view %s could not be put back as "
                     "it was", d->text, labelled(d, index));
        free(now.run);
    }
    if ( error && set_patches(d, index, &old->patches, &ignored) )
        complain(EXIT_AGAIN, "domain %s: the bytes that are patched in view %s "
                 "could not be put back", d->text, labelled(d, index));
    return error;
}

static int cant_load(struct domain *d, const char *path, int error,
                     uint64_t where)
{
    if ( where == NO_GFN )
        return complain_errno(error, "domain %s: can't load %s; nothing is "
                              "changed", d->text, path);
    return complain_errno(error, "domain %s: can't load %s, because of gfn 0x%"
                          PRIx64 "; nothing is changed", d->text, path,
                          where);
}

static int load_new(struct domain *d, const struct args *args,
                    const struct view *saved)
{
    const struct view none = { 0 };
    const char *path = args->operand[1];
    uint64_t where = NO_GFN;
    uint16_t index;
    int error;

    if ( would(args, "create a view of domain %s with the %zu overrides of %s",
               d->text, saved->runs.nr, path) )
        return EXIT_DONE;
    if ( xenaltp2m_create(d->alt, d->domid, saved->access, &index) )
        return complain_errno(errno, "domain %s: can't create a view",
                              d->text);
    error = set_all(d, index, &none, saved, &where);
    if ( !error && saved->hidden &&
         xenaltp2m_set_visibility(d->alt, d->domid, index, false) )
        error = errno;
    if ( !error && interrupted() )
        error = ECANCELED;
    if ( error )
    {
        xenaltp2m_destroy(d->alt, d->domid, index);
        return cant_load(d, path, error, where);
    }
    return finish_view(d, args, index, args->value[OPT_NAME] ?: saved->name,
                       args->value[OPT_ROLE] ?: saved->role);
}

static int load_into(struct domain *d, const struct args *args,
                     const struct view *saved, struct view *view)
{
    uint64_t where = NO_GFN;
    size_t left_out;
    int error, code = fetch_runs(d, view->index, &view->runs) ?:
                      fetch_patches(d, view, &left_out);

    if ( code )
        return code;
    if ( would(args, "replace the overrides of view %s of domain %s by the %zu "
               "of %s", view_text(view), d->text, saved->runs.nr,
               args->operand[1]) )
        return EXIT_DONE;
    /* The default first, as it takes no memory and can be put back. */
    if ( xenaltp2m_set_default(d->alt, d->domid, view->index, saved->access) )
        return cant_load(d, args->operand[1], errno, where);
    error = set_all(d, view->index, view, saved, &where);
    if ( error )
        xenaltp2m_set_default(d->alt, d->domid, view->index, view->access);
    if ( error )
        return cant_load(d, args->operand[1], error, where);
    code = write_labels(d, view->index, args->value[OPT_NAME],
                        args->value[OPT_ROLE]);
    if ( !code )
        print_new_view(args, view->index);
    return code;
}

/* A view that has patched bytes needs a Xen that has pages for them. */
static int check_patches(const struct domain *d, const struct view *saved)
{
    if ( !saved->patches.nr ||
         (d->capabilities.features & XEN_ALTP2M_HAS_OWN) )
        return EXIT_DONE;
    return complain(EXIT_UNSUPPORTED, "the view has pages of its own, and this "
                    "Xen has none");
}

/* Rights that this CPU can't enforce are found before anything is done. */
static int check_rights(const struct domain *d, const struct view *saved)
{
    uint32_t wanted = saved->access == NO_DEFAULT ? 0 : 1u << saved->access;
    uint32_t lacking;
    unsigned int first;

    for ( size_t i = 0; i < saved->runs.nr; i++ )
        if ( saved->runs.run[i].access != ACCESS_HOST )
            wanted |= 1u << saved->runs.run[i].access;
    lacking = wanted & ~d->capabilities.rights;
    if ( !lacking )
        return EXIT_DONE;
    first = __builtin_ctz(lacking);
    return complain(EXIT_UNSUPPORTED, "the view needs rights %s, which this "
                    "CPU can't enforce; xen-altp2m check lists what it can",
                    access_text(first));
}

/*
 * A saved name is not taken where another view has it already, or it is none.
 */
static void drop_labels(const struct domain *d, const struct dump *dump,
                        struct view *saved)
{
    if ( saved->role && !good_label(saved->role) )
    {
        free(saved->role);
        saved->role = NULL;
    }
    if ( saved->name && !good_label(saved->name) )
    {
        free(saved->name);
        saved->name = NULL;
    }
    for ( unsigned int i = 0; saved->name && i < dump->nr_views; i++ )
        if ( dump->view[i].name && !strcmp(dump->view[i].name, saved->name) )
        {
            complain(EXIT_DONE, "domain %s: view %u has the name '%s' already; "
                     "the new one gets none", d->text, dump->view[i].index,
                     saved->name);
            free(saved->name);
            saved->name = NULL;
        }
}

/* Patching gives a page this right, and unpatching takes it back. */
static void leave_to_patches(struct runs *runs)
{
    for ( size_t i = 0; i < runs->nr; i++ )
        if ( runs->run[i].own && runs->run[i].access == XENMEM_access_x )
            runs->run[i].access = ACCESS_HOST;
}

static int load(struct domain *d, const struct args *args, struct dump *dump,
                struct view *saved)
{
    struct view *view = NULL;
    int code = check_rights(d, saved) ?: check_patches(d, saved);

    leave_to_patches(&saved->runs);

    if ( !code && args->given[OPT_INTO] )
        code = pick_view(dump, args->value[OPT_INTO], &view);
    code = code ?: check_name_free(d, args, dump, view);
    if ( code )
        return code;
    if ( !view && !args->given[OPT_NAME] )
        drop_labels(d, dump, saved);
    interrupts_hold();
    code = view ? load_into(d, args, saved, view) : load_new(d, args, saved);
    interrupts_release();
    return code;
}

int run_load(const struct args *args)
{
    struct domain d = { 0 };
    struct dump dump = { 0 };
    struct view saved = { 0 };
    int code = read_saved(args->operand[1], &saved);

    code = code ?: open_domain(&d, args->operand[0]);
    code = code ?: fetch(&d, 0, &dump);
    code = code ?: load(&d, args, &dump, &saved);
    free_view(&saved);
    free_dump(&dump);
    close_domain(&d);
    return code;
}
