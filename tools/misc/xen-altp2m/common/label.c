/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names and roles of views.  Xen knows views by index only; what people call
 * them is kept in xenstore below the domain's own path, so that it goes away
 * with the domain, and readable in dom0 only.
 */
#include "common/domain.h"
#include "common/message.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX 32

bool good_label(const char *text)
{
    size_t length = strlen(text);

    /* A name is told from an index by its first character. */
    if ( length > LABEL_MAX || isdigit((unsigned char)*text) || *text == '-' )
        return false;
    for ( ; *text; text++ )
        if ( !isalnum((unsigned char)*text) && !strchr("-_.", *text) )
            return false;
    return true;
}

/* "" for key: the view's directory; view -1: that of all. */
static void label_path(const struct domain *d, int view, const char *key,
                       char path[80])
{
    if ( view < 0 )
        snprintf(path, 80, "/local/domain/%u/altp2m", d->domid);
    else
        snprintf(path, 80, "/local/domain/%u/altp2m/%d%s%s", d->domid, view,
                 *key ? "/" : "", key);
}

static char *read_label(struct domain *d, unsigned int view, const char *key)
{
    char path[80], *text;
    unsigned int length;

    if ( !d->store )
        return NULL;
    label_path(d, view, key, path);
    text = xs_read(d->store, XBT_NULL, path, &length);
    /* Nothing that others may have written there is let on to a terminal. */
    if ( text && (!*text || !good_label(text)) )
    {
        free(text);
        text = NULL;
    }
    return text;
}

void read_labels(struct domain *d, struct view *view)
{
    view->name = read_label(d, view->index, "name");
    view->role = read_label(d, view->index, "role");
}

void read_all_labels(struct domain *d, struct dump *dump)
{
    char path[80], **names;
    unsigned int nr = 0;

    if ( !d->store )
        return;
    label_path(d, -1, "", path);
    names = xs_directory(d->store, XBT_NULL, path, &nr);
    for ( unsigned int i = 0; names && i < nr; i++ )
    {
        uint64_t index;
        struct view *view = parse_number(names[i], UINT16_MAX, &index)
                            ? find_view(dump, index) : NULL;

        if ( view )
            read_labels(d, view);
    }
    free(names);
}

const char *labelled(struct domain *d, unsigned int view)
{
    struct view named = { .index = view };
    int error = errno;
    const char *text;

    read_labels(d, &named);
    text = view_text(&named);
    free_view(&named);
    errno = error;
    return text;
}

static bool write_label(struct domain *d, unsigned int view, const char *key,
                        const char *text)
{
    struct xs_permissions ours = { .id = 0, .perms = XS_PERM_NONE };
    char path[80], all[80];

    label_path(d, view, key, path);
    if ( !*text )
        return xs_rm(d->store, XBT_NULL, path) || errno == ENOENT;
    label_path(d, -1, "", all);
    if ( !xs_mkdir(d->store, XBT_NULL, all) ||
         !xs_set_permissions(d->store, XBT_NULL, all, &ours, 1) )
        return false;
    return xs_write(d->store, XBT_NULL, path, text, strlen(text)) &&
           xs_set_permissions(d->store, XBT_NULL, path, &ours, 1);
}

int write_labels(struct domain *d, unsigned int view, const char *name,
                 const char *role)
{
    if ( !name && !role )
        return EXIT_DONE;
    if ( !d->store )
        return complain(EXIT_AGAIN, "names can't be kept: xenstore is not "
                        "there");
    if ( (name && !write_label(d, view, "name", name)) ||
         (role && !write_label(d, view, "role", role)) )
        return complain_errno(errno, "xenstore does not take the name");
    return EXIT_DONE;
}

void forget_labels(struct domain *d, int view)
{
    char path[80];

    label_path(d, view, "", path);
    if ( d->store )
        xs_rm(d->store, XBT_NULL, path);
}
