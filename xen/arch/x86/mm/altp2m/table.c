/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: private tables, and how they follow the host's.
 *
 * INVARIANT, at every point where the host p2m lock is free: for each private
 * table and each of its entries, the entry is what slot_entry() makes of the
 * slot and the host map.  What may differ is only a leaf whose rights and frame
 * are right but which is still marked for a recalculation the host has done.
 *
 * The host writes an entry: altp2m_entry_changed() brings the private copies of
 * that one table up to date.  It never needs memory.  Where a table would be
 * needed that isn't there, the entry is made stale, and altp2m_fill() makes the
 * table when a guest faults there.
 *
 * CPUs walk without the lock.  Each entry is one 64 bit store, a table is
 * filled before an entry leads to it, and one that was taken out is freed after
 * the flush (altp2m_free_table()):
 *
 *     CPU 0, lock held                  CPU 1, in the guest
 *     -----------------------------     -------------------------------------
 *     host entry := new
 *     private entry := new              walks old or new; may cache old
 *     invalidate mask set, IPI          exits
 *     waits                             entry: mask seen, INVEPT, walks new
 *     frees the old frame or table
 */

#include "private.h"

static struct hlist_head *mirror_chain(struct altp2m_domain *a, mfn_t host)
{
    unsigned long h = mfn_x(host) ^ (mfn_x(host) >> TABLE_ORDER);

    return &a->mirror[h % (PAGE_SIZE / sizeof(*a->mirror))];
}

/* Say which host table @node mirrors, INVALID_MFN for none. */
static void mirror_set(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host)
{
    if ( node->level == ROOT_LEVEL )
    {
        node->host = host;
        return;
    }

    if ( !mfn_eq(node->host, INVALID_MFN) )
    {
        hlist_del(&node->mirror);
        a->nr_mirrors--;
    }
    node->host = host;
    if ( !mfn_eq(host, INVALID_MFN) )
    {
        hlist_add_head(&node->mirror, mirror_chain(a, host));
        a->nr_mirrors++;
    }
}

/*
 * What the host map has for @gfn: its entry in a table at @level, or the leaf
 * or hole above that.
 */
void altp2m_host_lookup(struct p2m_domain *hp2m, unsigned long gfn,
                        unsigned int level, struct altp2m_source *src)
{
    const struct altp2m_format *fmt = altp2m_format();
    mfn_t table = pagetable_get_mfn(p2m_get_pagetable(hp2m));

    *src = (struct altp2m_source){ .gfn = gfn, .level = ROOT_LEVEL };

    for ( ; ; src->level-- )
    {
        const uint64_t *map = map_domain_page(table);

        src->entry = read_atomic(&map[level_index(gfn, src->level)]);
        unmap_domain_page(map);

        if ( src->level == level || !fmt->points(src->entry, src->level) )
            return;

        src->pending |= fmt->pending(src->entry);
        table = fmt->frame(src->entry);
    }
}

/* Is there RAM, present or promised, that a remap can show? */
bool altp2m_has_frame(const struct altp2m_source *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    return p2m_is_ram(t) || p2m_is_pod(t);
}

/* Is there a page of any kind, so that its rights can be overridden? */
bool altp2m_has_page(const struct altp2m_source *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    return p2m_is_any_ram(t) || p2m_is_pod(t);
}

static bool remap_source(struct domain *d, struct altp2m_view *view,
                         unsigned long gfn, struct altp2m_source *src)
{
    struct altp2m_remap *r = altp2m_remap(view, gfn);

    ASSERT(r);
    altp2m_host_lookup(p2m_get_hostp2m(d), r->target, 0, src);
    src->remapped = true;

    if ( altp2m_has_frame(src) )
    {
        altp2m_found(r);
        return true;
    }

    altp2m_lost(d, r);

    return false;
}

/* The gfn whose frame @view shows at @gfn. */
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn)
{
    struct altp2m_source src;
    unsigned int level;

    if ( gfn <= MAX_GFN && (altp2m_lookup(view, gfn, &level) & SLOT_REMAP) &&
         remap_source(d, view, gfn, &src) )
        return src.gfn;

    return gfn;
}

/*
 * Can an override be put on the entry that leads to the host's table, with the
 * table shared?  It can when it takes rights from all below alike.  When the
 * host itself restricts some, it may have to give some back; and #VE is said
 * in leaves.
 */
bool altp2m_shareable(const struct domain *d, altp2m_slot_t slot)
{
    unsigned int bits = slot & SLOT_ACCESS
                        ? access_bits((slot & SLOT_ACCESS) - 1)
                        : p2m_access_rwx;

    if ( !bits )
        return true;

    return slot_sve(slot) &&
           (!(slot & SLOT_ACCESS) || !d->arch.altp2m_host_restricted);
}

static uint64_t child_entry(struct altp2m_node *node, unsigned int idx,
                            const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_node *child =
        altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                    node->level - 1);

    if ( mfn_eq(child->table, INVALID_MFN) )
        return fmt->stale;

    return fmt->link(child->table, mfn_eq(child->host, INVALID_MFN)
                                   ? 0 : host->entry);
}

/* What an entry has to be: section by section the definition of a view. */
static uint64_t slot_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    p2m_access_t access;
    struct altp2m_source target;

    if ( slot & SLOT_CHILD )
        return child_entry(node, idx, host);

    if ( host->level == node->level && fmt->points(host->entry, host->level) )
        return altp2m_shareable(d, slot)
               ? fmt->narrow(host->entry,
                               slot_access(node->view, slot, p2m_access_rwx),
                               slot_sve(slot))
               : fmt->stale;

    access = slot_access(node->view, slot, fmt->access(host->entry));

    if ( (slot & SLOT_REMAP) &&
         remap_source(d, node->view, node->gfn + idx, &target) )
        host = &target;

    return fmt->leaf(p2m_get_hostp2m(d), host, node->level, access,
                     slot_sve(slot));
}

/*
 * How an entry was made, so that the next can be made like it: slot_entry()
 * copies the frame of a host entry for RAM, or for a lower table, and looks at
 * nothing else that differs between two such entries that differ in their frame
 * only.  Of the gfns in a superpage each has the next frame.
 */
#define FRAME 0x000ffffffffff000UL   /* of an entry, in both formats */

struct made {
    uint64_t host, entry;
    uint64_t frame;               /* bits of @host that may be others */
    unsigned long gfn, step;      /* @step: a mask, for gfns of a superpage */
    p2m_access_t def;             /* the view's default access */
    altp2m_slot_t slot;
    bool valid;
};

static uint64_t make_entry(struct domain *d, struct altp2m_node *node,
                           unsigned int idx, const struct altp2m_source *host,
                           struct made *made)
{
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t slot = node->slot[idx];
    uint64_t new = slot_entry(d, node, idx, host);
    p2m_type_t t = fmt->type(host->entry);
    bool hole = t == p2m_invalid;

    made->valid = !(slot & (SLOT_CHILD | SLOT_REMAP)) &&
                  (hole || (fmt->present(host->entry) && (new & FRAME) &&
                            (p2m_is_ram(t) ||
                             fmt->points(host->entry, host->level))));
    made->host = host->entry;
    made->entry = new;
    made->frame = hole || host->level > node->level ? 0 : FRAME;
    made->step = !hole && host->level > node->level ? ~0UL : 0;
    made->gfn = host->gfn;
    made->def = node->view->default_access;
    made->slot = slot;

    return new;
}

/* slot_entry(), for many at a time; @made starts as zeroes. */
static inline uint64_t entry_like(struct domain *d, struct altp2m_node *node,
                                  unsigned int idx,
                                  const struct altp2m_source *host,
                                  struct made *made)
{
    uint64_t differs = host->entry ^ made->host;

    if ( made->valid && made->slot == node->slot[idx] &&
         !(differs & ~made->frame) && made->def == node->view->default_access )
        return (made->entry ^ differs) +
               (((host->gfn - made->gfn) & made->step) << PAGE_SHIFT);

    return make_entry(d, node, idx, host, made);
}

/* CPUs hold nothing of an entry that faults for recalculation. */
static inline void trace_store(const struct domain *d, uint64_t old)
{
#ifdef CONFIG_DEBUG
    if ( altp2m_format()->present(old) && !altp2m_format()->pending(old) )
        altp2m_trace(d, ALTP2M_STORED);
#endif
}

/* The one place that stores a view's entry.  Returns whether it changed. */
static inline bool entry_write(struct domain *d, uint64_t *entry, uint64_t new)
{
    uint64_t old = *entry;

    if ( old == new )
        return false;

    write_atomic(entry, new);
    trace_store(d, old);
    if ( old && !d->arch.altp2m->flush_owed && altp2m_format()->present(old) )
        d->arch.altp2m->flush_owed = true;

    return true;
}

static mfn_t mirrored(const struct altp2m_source *host, unsigned int level)
{
    return host->level == level &&
           altp2m_format()->points(host->entry, level)
           ? altp2m_format()->frame(host->entry) : INVALID_MFN;
}

/*
 * The host's entry @idx of the table that @node mirrors has changed: where a
 * private table hangs there, have it mirror what the host has there now.
 */
static void follow(struct domain *d, struct altp2m_node *node,
                   unsigned int idx, const struct altp2m_source *host)
{
    struct altp2m_node *child;
    mfn_t table;

    if ( !(node->slot[idx] & SLOT_CHILD) )
        return;

    child = altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                        node->level - 1);
    if ( mfn_eq(child->table, INVALID_MFN) )
        return;

    table = mirrored(host, node->level);
    if ( mfn_eq(table, child->host) && !mfn_eq(table, INVALID_MFN) )
        return;

    mirror_set(d->arch.altp2m, child, table);
    altp2m_sync_node(d, child);
}

static bool all_are(const uint64_t *entry, uint64_t value)
{
    BUILD_BUG_ON(FILL_STEP != 8);

    return entry[0] == value && entry[1] == value && entry[2] == value &&
           entry[3] == value && entry[4] == value && entry[5] == value &&
           entry[6] == value && entry[7] == value;
}

/* Bring a whole table up to date; @fresh: it is all zeroes, and not in use. */
static void sync_table(struct domain *d, struct altp2m_node *node, bool fresh)
{
    struct altp2m_source host;
    struct made made = { };
    uint64_t *map;
    const uint64_t *mirror = NULL;
    unsigned int i;

    if ( mfn_eq(node->table, INVALID_MFN) )
        return;

    map = map_domain_page(node->table);
    if ( !mfn_eq(node->host, INVALID_MFN) )
        mirror = map_domain_page(node->host);
    else
        altp2m_host_lookup(p2m_get_hostp2m(d), node->gfn, node->level + 1,
                           &host);

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        /* Most of a table near the root is holes, all of them alike. */
        if ( fresh && !(i % FILL_STEP) && mirror && !node->used &&
             made.valid && all_are(&mirror[i], made.host) )
        {
            fill(&map[i], made.entry);
            i += FILL_STEP - 1;
            continue;
        }

        if ( mirror )
            host = (struct altp2m_source){ .entry = mirror[i],
                                           .level = node->level };
        host.gfn = node->gfn + i * level_span(node->level);
        host.pending = false;     /* the entries on the way here say so */
        if ( node->slot[i] & SLOT_CHILD )
            follow(d, node, i, &host);
        entry_write(d, &map[i], entry_like(d, node, i, &host, &made));
    }

    if ( mirror )
        unmap_domain_page(mirror);
    unmap_domain_page(map);
}

/* Bring a whole private table, and those below it, up to date. */
void altp2m_sync_node(struct domain *d, struct altp2m_node *node)
{
    sync_table(d, node, false);
}

static void host_at(struct domain *d, const struct altp2m_node *node,
                    unsigned int idx, struct altp2m_source *host)
{
    unsigned long gfn = node->gfn + idx * level_span(node->level);

    if ( mfn_eq(node->host, INVALID_MFN) )
        altp2m_host_lookup(p2m_get_hostp2m(d), gfn, node->level, host);
    else
    {
        const uint64_t *mirror = map_domain_page(node->host);

        *host = (struct altp2m_source){ .entry = mirror[idx], .gfn = gfn,
                                        .level = node->level };
        unmap_domain_page(mirror);
    }
    host->pending = false;
}

/* The host's leaf, or hole, for @gfn; cheap where the view has a table. */
void altp2m_host_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, struct altp2m_source *host)
{
    const struct altp2m_node *node = altp2m_node(view, gfn, 0);

    if ( node )
        host_at(d, node, level_index(gfn, 0), host);
    else
        altp2m_host_lookup(p2m_get_hostp2m(d), gfn, 0, host);
}

static bool sync_from(struct domain *d, struct altp2m_node *node,
                      unsigned int idx, const struct altp2m_source *host)
{
    uint64_t *map = map_domain_page(node->table);
    bool changed = entry_write(d, &map[idx], slot_entry(d, node, idx, host));

    unmap_domain_page(map);

    return changed;
}

/*
 * Bring one entry up to date, after its slot has changed or what it shows.
 * Returns whether that changed it.
 */
bool altp2m_sync(struct domain *d, struct altp2m_node *node, unsigned int idx)
{
    struct altp2m_source host;

    if ( mfn_eq(node->table, INVALID_MFN) )
        return false;

    host_at(d, node, idx, &host);

    return sync_from(d, node, idx, &host);
}

/* The host's entry @idx, of the table that @node mirrors, is @host now. */
static void sync_host_entry(struct domain *d, struct altp2m_node *node,
                            unsigned int idx, struct altp2m_source *host,
                            struct made *made)
{
    uint64_t *map;

    if ( node->view->dying || mfn_eq(node->table, INVALID_MFN) )
        return;

    host->gfn = node->gfn + idx * level_span(node->level);
    host->level = node->level;
    if ( node->slot[idx] & SLOT_CHILD )
        follow(d, node, idx, host);

    map = map_domain_page(node->table);
    entry_write(d, &map[idx], entry_like(d, node, idx, host, made));
    unmap_domain_page(map);
}

/*
 * altp2m_override() for rights of many pages, where that needs no memory: as
 * many of the first of @gfn as have one private table, which is there already,
 * and a page each at the host.  Returns how many that were.
 */
unsigned int altp2m_override_run(struct domain *d, struct altp2m_view *view,
                                 const uint64_t *gfn, unsigned int nr,
                                 const struct altp2m_change *change)
{
    struct altp2m_node *node = altp2m_node(view, gfn[0], 0);
    struct altp2m_source host;
    struct made made = { };
    const uint64_t *mirror = NULL;
    uint64_t *map;
    unsigned int i;

    ASSERT(change->set_target == ALTP2M_KEEP);

    if ( !node || mfn_eq(node->table, INVALID_MFN) )
        return 0;

    map = map_domain_page(node->table);
    if ( !mfn_eq(node->host, INVALID_MFN) )
        mirror = map_domain_page(node->host);
    altp2m_host_lookup(p2m_get_hostp2m(d), gfn[0], 0, &host);
    host.pending = false;

    for ( i = 0; i < nr && level_base(gfn[i], 0) == node->gfn; i++ )
    {
        unsigned int idx = level_index(gfn[i], 0);

        host.gfn = gfn[i];
        if ( mirror )
            host.entry = mirror[idx];
        /* What is like an entry that has a page has one. */
        if ( (!made.valid || ((host.entry ^ made.host) & ~FRAME)) &&
             !altp2m_has_page(&host) )
            break;

        altp2m_set_slot(node, idx, change);
        entry_write(d, &map[idx], entry_like(d, node, idx, &host, &made));
    }

    if ( mirror )
        unmap_domain_page(mirror);
    unmap_domain_page(map);
    altp2m_prune(d, node);

    return i;
}

/*
 * Make the private table of a node and fill it.  Whoever calls then has the
 * parent's entry lead to it.  Returns 0 or -ENOMEM.
 */
int altp2m_attach(struct domain *d, struct altp2m_node *node)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    mfn_t table = altp2m_alloc_table(d);
    struct altp2m_source host;

    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    if ( node->level == ROOT_LEVEL )
        mirror_set(d->arch.altp2m, node,
                   pagetable_get_mfn(p2m_get_pagetable(hp2m)));
    else
    {
        altp2m_host_lookup(hp2m, node->gfn, node->level + 1, &host);
        mirror_set(d->arch.altp2m, node, mirrored(&host, node->level + 1));
    }

    node->table = table;
    node->view->nr_tables++;
    sync_table(d, node, true);

    return 0;
}

/* Give up a private table; no live entry leads to it, or none will soon. */
void altp2m_detach(struct domain *d, struct altp2m_node *node)
{
    mfn_t table = node->table;

    if ( mfn_eq(table, INVALID_MFN) )
        return;

    mirror_set(d->arch.altp2m, node, INVALID_MFN);
    node->table = INVALID_MFN;
    node->view->nr_tables--;
    altp2m_free_table(d, table);
}

/* Redo the tables of all views from @level up. */
static void sync_views(struct domain *d, unsigned int level)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i;

    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = a->view[i];
        struct rb_node *rb;

        if ( !view || view->dying )
            continue;

        altp2m_sync_node(d, &view->root);
        for ( rb = rb_first(&view->nodes); rb; rb = rb_next(rb) )
        {
            struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

            if ( node->level >= level )
                altp2m_sync_node(d, node);
        }
    }
}

/* The host has begun to restrict access: more has to be said in leaves. */
static void host_restricted(struct domain *d)
{
    d->arch.altp2m_host_restricted = true;
    if ( d->arch.altp2m )
        sync_views(d, 1);
}

/*
 * The host p2m's code has written an entry.  Lock held, and the host's own
 * flush, if it needs one, still to come.
 */
void altp2m_entry_changed(struct p2m_domain *p2m, const void *entry)
{
    struct domain *d = p2m->domain;
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int idx = ((unsigned long)entry & ~PAGE_MASK) / sizeof(uint64_t);
    struct altp2m_node *node;
    struct hlist_node *link;
    struct altp2m_source host = { .entry = *(const uint64_t *)entry };
    struct made made = { };
    mfn_t table;
    unsigned int i;

    /* Shadow paging has another format of entries, and no views. */
    if ( !p2m_is_hostp2m(p2m) || !hap_enabled(d) )
        return;

    if ( unlikely(altp2m_format()->access(*(const uint64_t *)entry) !=
                  p2m_access_rwx) && !d->arch.altp2m_host_restricted )
        host_restricted(d);

    if ( likely(!a) )
        return;

    table = domain_page_map_to_mfn(entry);
    if ( mfn_eq(table, pagetable_get_mfn(p2m_get_pagetable(p2m))) )
    {
        for ( i = 0; i < a->limit; i++ )
            if ( a->view[i] )
                sync_host_entry(d, &a->view[i]->root, idx, &host, &made);
    }
    else if ( a->nr_mirrors )
        hlist_for_each_entry ( node, link, mirror_chain(a, table), mirror )
            if ( mfn_eq(node->host, table) )
                sync_host_entry(d, node, idx, &host, &made);

    altp2m_settle(d);
}

/*
 * The host's map has changed, or has been marked for recalculation, for the
 * gfns [@first, @last]: redo what shows them elsewhere.  Lock held.
 */
void altp2m_targets_changed(struct domain *d, unsigned long first,
                            unsigned long last)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_remap *r;

    if ( likely(!a) || likely(RB_EMPTY_ROOT(&a->targets)) )
        return;

    for ( r = altp2m_first_target(a, first); r && r->target <= last; )
    {
        struct rb_node *next = rb_next(&r->by_target);
        struct altp2m_node *node = altp2m_node(r->view, r->gfn, 0);
        struct altp2m_source src;

        if ( r->view->dying )
            ;
        else if ( mfn_eq(node->table, INVALID_MFN) )
            remap_source(d, r->view, r->gfn, &src); /* to count losses */
        else
            altp2m_sync(d, node, level_index(r->gfn, 0));
        r = next ? rb_entry(next, struct altp2m_remap, by_target) : NULL;
    }

    altp2m_settle(d);
}

/*
 * The host has marked its entries for their memory type to be computed anew.
 * Those of pages that it lets nobody access are not marked, but views may show
 * them.  Lock held.
 */
void altp2m_memory_type_changed(struct domain *d)
{
    if ( likely(!d->arch.altp2m) )
        return;

    altp2m_targets_changed(d, 0, ~0UL);
    if ( d->arch.altp2m_host_restricted )
        sync_views(d, 0);
    altp2m_settle(d);
}

/* Have the parent's entry of a table fault, and free it. */
static void give_up(struct domain *d, struct altp2m_node *node)
{
    altp2m_detach(d, node);
    altp2m_sync(d, altp2m_node(node->view, node->gfn, node->level + 1),
                level_index(node->gfn, node->level + 1));
}

/* Drop what a view has cached, but not what @gfn needs if @keep. */
static bool drop_tables(struct domain *d, struct altp2m_view *view, bool keep,
                        unsigned long gfn)
{
    unsigned int before = view->nr_tables;
    struct rb_node *rb;

    for ( rb = rb_first(&view->nodes); rb; rb = rb_next(rb) )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        if ( mfn_eq(node->table, INVALID_MFN) ||
             (keep && level_base(gfn, node->level) == node->gfn) )
            continue;

        give_up(d, node);
    }

    return view->nr_tables < before;
}

#define RESYNC_TABLES 64u

/*
 * What @view says of everything has changed: its default access.  Many tables
 * are not made anew one by one but given up, for faults to bring back: so this
 * does not take long, whatever there is.
 */
void altp2m_resync(struct domain *d, struct altp2m_view *view)
{
    unsigned int todo = RESYNC_TABLES;
    struct rb_node *rb;

    altp2m_sync_node(d, &view->root);
    for ( rb = rb_first(&view->nodes); rb; rb = rb_next(rb) )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        if ( mfn_eq(node->table, INVALID_MFN) )
            continue;

        if ( todo )
        {
            todo--;
            altp2m_sync_node(d, node);
        }
        else
            give_up(d, node);
    }
}

/*
 * Have one view give up its tables for others to use, but not what @keep needs
 * at @gfn.  Returns whether that gained anything.
 */
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i;

    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = a->view[a->victim++ % a->limit];

        if ( view && !view->dying &&
             drop_tables(d, view, view == keep, gfn) )
        {
            altp2m_drain(d);
            return true;
        }
    }

    return false;
}

/*
 * The host p2m can't get a page from the paging pool.  Returns whether it is
 * worth asking again.  Lock held, or no views.
 */
bool altp2m_reclaim(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( !a || !altp2m_locked(d) )
        return false;

    if ( !page_list_empty(&a->limbo) )
    {
        altp2m_drain(d);
        return true;
    }

    return altp2m_make_room(d, NULL, 0);
}

/* The child of an entry whose table is missing, made anew; NULL if it can't. */
static struct altp2m_node *fill_entry(struct domain *d,
                                      struct altp2m_node *node,
                                      unsigned int idx)
{
    struct altp2m_node *child;

    if ( !(node->slot[idx] & SLOT_CHILD) )
        return altp2m_split(d, node, idx);

    child = altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                        node->level - 1);
    if ( altp2m_attach(d, child) )
        return NULL;

    altp2m_sync(d, node, idx);

    return child;
}

static bool entry_stale(struct domain *d, struct altp2m_node *node,
                        unsigned int idx)
{
    altp2m_slot_t slot = node->slot[idx];
    struct altp2m_source host;

    if ( slot & SLOT_CHILD )
        return mfn_eq(altp2m_node(node->view, node->gfn +
                                  idx * level_span(node->level),
                                  node->level - 1)->table, INVALID_MFN);

    host_at(d, node, idx, &host);

    return !mfn_eq(mirrored(&host, node->level), INVALID_MFN) &&
           !altp2m_shareable(d, slot);
}

/* Is a view's entry for @gfn, in its table at @level, to be filled in? */
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    return level && node && !mfn_eq(node->table, INVALID_MFN) &&
           entry_stale(d, node, level_index(gfn, level));
}

/*
 * Bring the private tables on the way to @gfn up to date: 1 if that changed
 * anything, 0 if not, -ENOMEM if the pool has nothing left to give, not even by
 * dropping other tables.  Lock held.
 */
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn)
{
    struct altp2m_node *node = &view->root;
    unsigned int level;
    int rc = 0;

    for ( level = ROOT_LEVEL; level; level-- )
    {
        unsigned int idx = level_index(gfn, level);
        struct altp2m_node *child;

        if ( entry_stale(d, node, idx) )
        {
            do
                child = fill_entry(d, node, idx);
            while ( !child && altp2m_make_room(d, view, gfn) );

            if ( !child )
                return -ENOMEM;

            d->arch.altp2m->filled++;
            view->filled++;
            rc = 1;
        }
        else if ( node->slot[idx] & SLOT_CHILD )
            child = altp2m_node(view, gfn, level - 1);
        else
            break;

        node = child;
    }

    return rc;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
