/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: reading in bulk. */
#include "private.h"

/* What is read: the operation, whose, where, and up to which gfn. */
struct subject {
    uint32_t cmd, domid;
    uint16_t view;
    uint64_t last;
    size_t size;                 /* of a record */
};

/* One hypercall.  Returns the number of records, or -1. */
static int read_once(xenaltp2m_handle *h, const struct subject *s,
                     struct xenaltp2m_cursor *cursor, void *list,
                     unsigned int room, uint64_t *checked)
{
    altp2m_op_t op = altp2m__op(s->cmd, s->domid);
    struct xen_altp2m_read *r = PARAMETERS(&op, read);
    void *buffer;
    int rc;

    if ( room > INT32_MAX / s->size )
        room = INT32_MAX / s->size;

    buffer = altp2m__alloc(h, room * s->size);
    if ( !buffer )
        return -1;

    r->view = s->view;
    r->level = cursor->level;
    r->room = room;
    r->buffer = (uintptr_t)buffer;
    r->next = cursor->next;
    r->last = s->last;

    rc = altp2m__do(h, &op);
    if ( !rc )
    {
        memcpy(list, buffer, r->nr * s->size);
        cursor->next = r->next;
        cursor->level = r->level;
        if ( checked )
            *checked += r->checked;
        rc = r->nr;
    }
    altp2m__free(h, buffer);

    return rc;
}

static int read_some(xenaltp2m_handle *h, const struct subject *s,
                     struct xenaltp2m_cursor *cursor, void *list,
                     unsigned int room)
{
    /* Over is over: from its end there is nothing to go on. */
    return xenaltp2m_done(cursor) ? 0
                                  : read_once(h, s, cursor, list, room, NULL);
}

/* A subject whose records are of the type that @list points to. */
#define SUBJECT(name, domid_, view_, last_, list)                  \
    &(const struct subject){                                       \
        .cmd = HVMOP_altp2m_ ## name, .domid = (domid_),           \
        .view = (view_), .last = (last_), .size = sizeof(*(list)) }

int xenaltp2m_list_vcpus(xenaltp2m_handle *h, uint32_t domid,
                         struct xenaltp2m_cursor *cursor,
                         struct xen_altp2m_vcpu *list, unsigned int room)
{
    return read_some(h, SUBJECT(list_vcpus, domid, 0, 0, list), cursor, list,
                     room);
}

int xenaltp2m_list_views(xenaltp2m_handle *h, uint32_t domid,
                         struct xenaltp2m_cursor *cursor,
                         struct xen_altp2m_view *list, unsigned int room)
{
    return read_some(h, SUBJECT(list_views, domid, 0, 0, list), cursor, list,
                     room);
}

int xenaltp2m_list_tables(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                          struct xenaltp2m_cursor *cursor,
                          struct xen_altp2m_table *list, unsigned int room)
{
    return read_some(h, SUBJECT(list_tables, domid, view, 0, list), cursor,
                     list, room);
}

int xenaltp2m_read_overrides(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                             struct xenaltp2m_cursor *cursor, uint64_t last,
                             struct xen_altp2m_override *list,
                             unsigned int room)
{
    return read_some(h, SUBJECT(read_overrides, domid, view, last, list),
                     cursor, list, room);
}

int xenaltp2m_read_map(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                       struct xenaltp2m_cursor *cursor, uint64_t last,
                       struct xen_altp2m_map *list, unsigned int room)
{
    return read_some(h, SUBJECT(read_map, domid, view, last, list), cursor,
                     list, room);
}

int xenaltp2m_audit(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    struct xenaltp2m_cursor *cursor,
                    struct xen_altp2m_mismatch *list, unsigned int room,
                    uint64_t *checked)
{
    if ( xenaltp2m_done(cursor) )
        return 0;

    return read_once(h, SUBJECT(audit, domid, view, 0, list), cursor, list,
                     room, checked);
}

int xenaltp2m_read_rules(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         struct xenaltp2m_cursor *cursor,
                         struct xen_altp2m_rule *list, unsigned int room)
{
    return read_some(h, SUBJECT(read_rules, domid, view, 0, list), cursor,
                     list, room);
}

int xenaltp2m_read_lost(xenaltp2m_handle *h, uint32_t domid, uint64_t *next,
                        struct xen_altp2m_lost *list, unsigned int room)
{
    struct xenaltp2m_cursor cursor = { .next = *next };
    int rc = read_once(h, SUBJECT(read_lost, domid, 0, 0, list), &cursor, list,
                       room, NULL);

    if ( rc >= 0 )
        *next = cursor.next;

    return rc;
}

#define PART 1024u

/* All there is, in memory that grows. */
static int read_all(xenaltp2m_handle *h, const struct subject *s,
                    uint64_t first, void **list, size_t *nr)
{
    struct xenaltp2m_cursor cursor = { .next = first };
    char *all = NULL;
    size_t room = 0;
    int rc = 0;

    *nr = 0;
    while ( !xenaltp2m_done(&cursor) )
    {
        if ( room - *nr < PART )
        {
            char *more;

            room = 2 * room + PART;
            more = reallocarray(all, room, s->size);
            if ( !more )
            {
                errno = ENOBUFS;
                rc = -1;
                break;
            }
            all = more;
        }

        rc = read_some(h, s, &cursor, all + *nr * s->size, PART);
        if ( rc < 0 )
            break;
        *nr += rc;
    }

    if ( rc < 0 )
    {
        int saved = errno;

        free(all);
        errno = saved;
        all = NULL;
        *nr = 0;
    }
    *list = all;

    return rc < 0 ? -1 : 0;
}

int xenaltp2m_all_vcpus(xenaltp2m_handle *h, uint32_t domid,
                        struct xen_altp2m_vcpu **list, size_t *nr)
{
    return read_all(h, SUBJECT(list_vcpus, domid, 0, 0, *list), 0,
                    (void **)list, nr);
}

int xenaltp2m_all_views(xenaltp2m_handle *h, uint32_t domid,
                        struct xen_altp2m_view **list, size_t *nr)
{
    return read_all(h, SUBJECT(list_views, domid, 0, 0, *list), 0,
                    (void **)list, nr);
}

int xenaltp2m_all_tables(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         struct xen_altp2m_table **list, size_t *nr)
{
    return read_all(h, SUBJECT(list_tables, domid, view, 0, *list), 0,
                    (void **)list, nr);
}

/* Do @a and @b, of two calls, tell one run? */
static bool overrides_join(const struct xen_altp2m_override *a,
                           const struct xen_altp2m_override *b)
{
    return a->gfn + a->count == b->gfn && a->set == b->set &&
           a->access == b->access && a->sve == b->sve && a->level == b->level &&
           a->dormant == b->dormant &&
           (!(a->set & XEN_ALTP2M_REMAP) || a->target + a->count == b->target);
}

static bool maps_join(const struct xen_altp2m_map *a,
                      const struct xen_altp2m_map *b)
{
    return a->gfn + a->count == b->gfn && a->source + a->count == b->source &&
           a->kind == b->kind && a->access == b->access &&
           a->host_access == b->host_access && a->level == b->level &&
           a->flags == b->flags && a->table_level == b->table_level;
}

/* Where a call ended a run may have ended only for it. */
#define JOIN(list, nr, join)                                            \
    do {                                                                \
        size_t from_, to_ = 0;                                          \
                                                                        \
        for ( from_ = 1; from_ < *(nr); from_++ )                       \
            if ( join(&(list)[to_], &(list)[from_]) )                   \
                (list)[to_].count += (list)[from_].count;               \
            else                                                        \
                (list)[++to_] = (list)[from_];                          \
        if ( *(nr) )                                                    \
            *(nr) = to_ + 1;                                            \
    } while ( 0 )

int xenaltp2m_all_overrides(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                            uint64_t first, uint64_t last,
                            struct xen_altp2m_override **list, size_t *nr)
{
    int rc = read_all(h, SUBJECT(read_overrides, domid, view, last, *list),
                      first, (void **)list, nr);

    JOIN(*list, nr, overrides_join);

    return rc;
}

int xenaltp2m_all_map(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      uint64_t first, uint64_t last,
                      struct xen_altp2m_map **list, size_t *nr)
{
    int rc = read_all(h, SUBJECT(read_map, domid, view, last, *list), first,
                      (void **)list, nr);

    JOIN(*list, nr, maps_join);

    return rc;
}

static int walk_room(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                     uint64_t gfn, struct xen_altp2m_walk *walk,
                     struct xen_altp2m_entry *entries, uint32_t room)
{
    altp2m_op_t op = altp2m__op(HVMOP_altp2m_walk, domid);
    struct xen_altp2m_walk *w = PARAMETERS(&op, walk);
    void *buffer = altp2m__alloc(h, room * sizeof(*entries));
    int rc;

    if ( !buffer )
        return -1;

    w->view = view;
    w->gfn = gfn;
    w->nr = room;
    w->buffer = (uintptr_t)buffer;

    rc = altp2m__do(h, &op);
    if ( !rc )
    {
        *walk = *w;
        memcpy(entries, buffer, w->nr * sizeof(*entries));
    }
    altp2m__free(h, buffer);

    return rc;
}

int xenaltp2m_walk(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                   uint64_t gfn, struct xen_altp2m_walk *walk,
                   struct xen_altp2m_entry *entries)
{
    return walk_room(h, domid, view, gfn, walk, entries,
                     XEN_ALTP2M_WALK_MAX);
}

int xenaltp2m_walk_sides(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         uint64_t gfn, struct xen_altp2m_walk *walk,
                         struct xen_altp2m_entry *entries)
{
    return walk_room(h, domid, view, gfn, walk, entries,
                     XEN_ALTP2M_WALK_SIDES_MAX);
}
