/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: private tables, and how they follow the host's.
 *
 * INVARIANT, at every point where the host p2m lock is free: a view that a vCPU
 * is in, or that VMFUNC may enter, has its root, but view 0 only if it isn't the
 * host's map (altp2m_own_host_view()).  For each private table that can be walked
 * to, each entry is what slot_entry() makes of the slot and the host map.  What
 * may differ is only a leaf whose rights and frame are right but which is still
 * marked for a recalculation the host has done.
 *
 * The host writes an entry: altp2m_entry_written() brings the private copies of
 * that one table up to date.  It never needs memory.  Where a table would be
 * needed that isn't there, the entry is made stale, and altp2m_fill() makes the
 * table when a guest faults there.
 *
 * OUT OF DATE.  A change may concern any number of tables.  Beyond a few they are
 * not redone but cut off, by one store: the entry that leads to them, in a table
 * that stays, is made stale.  What is below may then say anything, and nobody
 * keeps it up to date.  altp2m_fill() redoes a table in place (altp2m_renew())
 * before it has an entry lead there, one table on the way to the fault after the
 * other.  What tells them apart are times, counted in altp2m->clock: a table
 * whose @made is before its parent's @floor is out of date, and so is all below
 * one that is (altp2m_current()).  Remaking a table raises its @floor, so that
 * each table below is remade before it is used again.
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

#include <asm/hvm/vmx/vmcs.h>

#include "private.h"

/* The tree that has the nodes which mirror @host. */
static struct rb_root *mirror_tree(struct altp2m_domain *a, mfn_t host)
{
    unsigned long h = mfn_x(host) ^ (mfn_x(host) >> TABLE_ORDER);

    return &a->mirror[h % (PAGE_SIZE / sizeof(*a->mirror))];
}

static int mirror_cmp(const struct altp2m_node *n, mfn_t host, unsigned int idx)
{
    if ( !mfn_eq(n->host, host) )
        return mfn_x(n->host) < mfn_x(host) ? -1 : 1;

    return (int)n->view->idx - (int)idx;
}

/* A node that mirrors @host, or NULL; others are in a ring with it. */
static struct altp2m_node *find_mirror(struct altp2m_domain *a, mfn_t host)
{
    struct rb_node *rb = mirror_tree(a, host)->rb_node;

    while ( rb )
    {
        struct altp2m_node *n = rb_entry(rb, struct altp2m_node, mirror);

        if ( mfn_eq(n->host, host) )
            return n;
        rb = mfn_x(n->host) < mfn_x(host) ? rb->rb_right : rb->rb_left;
    }

    return NULL;
}

/* The same; most often it is that of the store before. */
static inline struct altp2m_node *last_mirror(struct altp2m_domain *a,
                                              mfn_t host)
{
    if ( a->written && mfn_eq(a->written->host, host) )
        return a->written;

    return find_mirror(a, host);
}

static void mirror_drop(struct altp2m_domain *a, struct altp2m_node *node)
{
    if ( a->written == node )
        a->written = NULL;
    rb_erase(&node->mirror, mirror_tree(a, node->host));
    list_del(&node->alike);
    node->host = INVALID_MFN;
    a->nr_mirrors--;
}

static void mirror_add(struct altp2m_domain *a, struct altp2m_node *node,
                       mfn_t host)
{
    struct rb_root *root = mirror_tree(a, host);
    struct rb_node **link = &root->rb_node, *parent = NULL;
    struct altp2m_node *alike = NULL;

    while ( *link )
    {
        struct altp2m_node *n = rb_entry(*link, struct altp2m_node, mirror);
        int cmp = mirror_cmp(n, host, node->view->idx);

        /*
         * A page is the host's table at one gfn only: there was one before, and
         * what mirrored that is out of date.
         */
        if ( !cmp )
        {
            ASSERT(!altp2m_current(n));
            mirror_drop(a, n);
            link = &root->rb_node;
            parent = NULL;
            alike = NULL;
            continue;
        }

        if ( mfn_eq(n->host, host) )
            alike = n;
        parent = *link;
        link = cmp > 0 ? &parent->rb_left : &parent->rb_right;
    }

    node->host = host;
    if ( alike )
        list_add_tail(&node->alike, &alike->alike);
    else
        INIT_LIST_HEAD(&node->alike);
    rb_link_node(&node->mirror, parent, link);
    rb_insert_color(&node->mirror, root);
    a->nr_mirrors++;
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
        mirror_drop(a, node);
    if ( !mfn_eq(host, INVALID_MFN) )
        mirror_add(a, node, host);
}

/* Is a table below @node's, that of @child, missing or out of date? */
bool altp2m_below_stale(const struct altp2m_node *node,
                        const struct altp2m_node *child)
{
    return mfn_eq(child->table, INVALID_MFN) || child->made < node->floor;
}

/*
 * Is @node's table up to date, and followed?  The root's always is, whether it is
 * there yet or not.
 */
bool altp2m_current(struct altp2m_node *node)
{
    struct altp2m_node *parent;

    if ( node->level == ROOT_LEVEL || node->seen == node->view->cuts )
        return true;

    parent = altp2m_node(node->view, node->gfn, node->level + 1);
    if ( altp2m_below_stale(parent, node) || !altp2m_current(parent) )
        return false;

    node->seen = node->view->cuts;

    return true;
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

        if ( src->level == level ||
             !altp2m_points(fmt, src->entry, src->level) )
            return;

        src->pending |= fmt->pending(src->entry);
        table = altp2m_frame(src->entry);
    }
}

/* Is there RAM, present or promised, that a remap can show? */
bool altp2m_has_frame(const struct domain *d, const struct altp2m_source *src)
{
    p2m_type_t t = altp2m_format()->type(src->entry);

    return p2m_is_ram(t) || p2m_is_pod(t) ||
           (unlikely(mem_sharing_is_fork(d)) && p2m_is_hole(t) &&
            altp2m_fork_owes(d, src->gfn));
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

    if ( altp2m_has_frame(d, src) )
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
 * A bit of the type of the host's table pages.  Only PV guests pin pages, and
 * p2m_alloc_ptp() clears it.
 */
#define _PGT_restricted _PGT_pinned

/*
 * Has the host's @table, or one below it, had an entry that restricts access?
 * All tables above it then have, too: altp2m_host_restricts().
 */
static bool restricted(mfn_t table)
{
    return test_bit(_PGT_restricted, &mfn_to_page(table)->u.inuse.type_info);
}

/* The host's root says it of the whole map. */
static bool host_restricted(const struct domain *d)
{
    return restricted(pagetable_get_mfn(p2m_get_pagetable(p2m_get_hostp2m(d))));
}

/* Can rights that a view gives be more than the host's? */
static bool gives_back(const struct altp2m_view *view, altp2m_slot_t slot)
{
    return ((slot & SLOT_ACCESS) || view->default_access != NO_DEFAULT) &&
           access_bits(slot_access(view, slot, p2m_access_rwx));
}

/*
 * Can what a view says be put on the entry that leads to the host's @table, with
 * the table shared?  It can when it takes rights from all below alike.  Where the
 * host restricts some, the view may have to give some back; and #VE, and that CPUs
 * may write while they walk the guest's tables, is said in leaves.  @table is
 * INVALID_MFN where the host has an entry for all.
 */
bool altp2m_shareable(const struct altp2m_view *view, altp2m_slot_t slot,
                      mfn_t table)
{
    p2m_access_t access = slot_access(view, slot, p2m_access_rwx);

    if ( mfn_eq(table, INVALID_MFN) )
        return true;

    if ( access == p2m_access_r_pw && has_paging_write )
        return false;

    if ( !access_bits(access) )
        return true;

    return slot_sve(slot) && !(gives_back(view, slot) && restricted(table));
}

static uint64_t child_entry(struct altp2m_node *node, unsigned int idx,
                            const struct altp2m_source *host)
{
    const struct altp2m_format *fmt = altp2m_format();
    const struct altp2m_node *child =
        altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                    node->level - 1);

    if ( altp2m_below_stale(node, child) )
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

    /* Since the floor was raised no table was made: none below is up to date. */
    if ( slot & SLOT_CHILD )
        return node->floor == d->arch.altp2m->clock
               ? fmt->stale : child_entry(node, idx, host);

    if ( host->level == node->level &&
         altp2m_points(fmt, host->entry, host->level) )
        return altp2m_shareable(node->view, slot, altp2m_frame(host->entry))
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
 * Most entries need no making.  Where the host has nothing, a view has nothing
 * but what a remap shows; and where nothing is overridden or restricted, plain
 * RAM of the host's is in a 4k table as it is in the host's.  @host: the host's
 * entry, of a table at the same level.
 */
static inline bool entry_plain(const struct altp2m_format *fmt,
                               const struct altp2m_node *node,
                               unsigned int idx, uint64_t host, uint64_t *new)
{
    altp2m_slot_t slot = node->slot[idx];

    if ( !(host & ~fmt->stale) )
    {
        *new = fmt->stale;
        return !(slot & (SLOT_CHILD | SLOT_REMAP));
    }

    *new = host;

    return !slot && !node->level &&
           slot_access(node->view, 0, p2m_access_rwx) == p2m_access_rwx &&
           (host & fmt->plain_mask) == fmt->plain;
}

/*
 * How an entry was made, so that the next can be made like it: slot_entry()
 * copies the frame of a host entry for RAM, or for a lower table, and looks at
 * nothing else that differs between two such entries that differ in their frame
 * only.  Of the gfns in a superpage each has the next frame.  A lower table may
 * be one that is restricted.
 */
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
    bool table = altp2m_points(fmt, host->entry, host->level);

    made->valid = !(slot & (SLOT_CHILD | SLOT_REMAP)) &&
                  (hole ||
                   ((host->entry & fmt->present) && (new & ENTRY_FRAME) &&
                    (table ? !gives_back(node->view, slot) ||
                             !host_restricted(d)
                           : p2m_is_ram(t))));
    made->host = host->entry;
    made->entry = new;
    made->frame = hole || host->level > node->level ? 0 : ENTRY_FRAME;
    made->step = !hole && host->level > node->level ? ~0UL : 0;
    made->gfn = host->gfn;
    made->def = node->view->default_access;
    made->slot = slot;

    return new;
}

/* Is the entry made like the last, if its slot is? */
static inline bool host_like(const struct made *made, uint64_t host)
{
    return made->valid && !((host ^ made->host) & ~made->frame);
}

static inline uint64_t made_like(const struct made *made, uint64_t host,
                                 unsigned long gfn)
{
    return (made->entry ^ host ^ made->host) +
           (((gfn - made->gfn) & made->step) << PAGE_SHIFT);
}

/* slot_entry(), for many at a time; @made starts as not valid. */
static inline uint64_t entry_like(struct domain *d, struct altp2m_node *node,
                                  unsigned int idx,
                                  const struct altp2m_source *host,
                                  struct made *made)
{
    if ( host_like(made, host->entry) && made->slot == node->slot[idx] &&
         made->def == node->view->default_access )
        return made_like(made, host->entry, host->gfn);

    return make_entry(d, node, idx, host, made);
}

/* CPUs hold nothing of an entry that faults for recalculation. */
static inline void trace_store(const struct domain *d, uint64_t old)
{
#ifdef CONFIG_DEBUG
    const struct altp2m_format *fmt = altp2m_format();

    if ( (old & fmt->present) && !fmt->pending(old) )
        altp2m_trace(d, ALTP2M_STORED);
#endif
}

/* Can entries be made like one whose host entry was @host? */
static inline bool alike(const uint64_t *entry, uint64_t host, uint64_t frame)
{
    BUILD_BUG_ON(FILL_STEP != 8);

    return !(((entry[0] ^ host) | (entry[1] ^ host) | (entry[2] ^ host) |
              (entry[3] ^ host) | (entry[4] ^ host) | (entry[5] ^ host) |
              (entry[6] ^ host) | (entry[7] ^ host)) & ~frame);
}

static inline bool all_are(const uint64_t *entry, uint64_t value)
{
    return entry[0] == value && entry[1] == value && entry[2] == value &&
           entry[3] == value && entry[4] == value && entry[5] == value &&
           entry[6] == value && entry[7] == value;
}

static inline void fill_changed(uint64_t *entry, const uint64_t *from,
                                uint64_t change)
{
    entry[0] = from[0] ^ change;
    entry[1] = from[1] ^ change;
    entry[2] = from[2] ^ change;
    entry[3] = from[3] ^ change;
    entry[4] = from[4] ^ change;
    entry[5] = from[5] ^ change;
    entry[6] = from[6] ^ change;
    entry[7] = from[7] ^ change;
}

/*
 * The one place that stores a view's entry in a table that may be in use.
 * Returns whether it changed.
 */
static inline bool entry_write(struct domain *d,
                               const struct altp2m_format *fmt,
                               uint64_t *entry, uint64_t new)
{
    uint64_t old = *entry;

    if ( old == new )
        return false;

    write_atomic(entry, new);
    trace_store(d, old);
    if ( old & fmt->present )
        altp2m_owe_flush(d);

    return true;
}

static mfn_t mirrored(const struct altp2m_source *host, unsigned int level)
{
    return host->level == level &&
           altp2m_points(altp2m_format(), host->entry, level)
           ? altp2m_frame(host->entry) : INVALID_MFN;
}

/* @child's table, and all below, is out of date; its parent's entry isn't yet. */
static void out_of_date(struct domain *d, struct altp2m_node *child)
{
    mirror_set(d->arch.altp2m, child, INVALID_MFN);
    child->made = 0;
    child->view->cuts++;
}

/* Leave what is below an entry to faults: the table there, and all below that. */
void altp2m_cut(struct domain *d, struct altp2m_node *node, unsigned int idx)
{
    struct altp2m_node *child =
        altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                    node->level - 1);

    if ( altp2m_below_stale(node, child) )
        return;

    out_of_date(d, child);
    altp2m_sync(d, node, idx);
}

#define FOLLOW_TABLES 4u

/*
 * The host's entry @idx of the table that @node mirrors has changed: where a
 * private table hangs there, it mirrors something else now.  Of the lowest ones
 * @few are redone at once.
 */
static void follow(struct domain *d, struct altp2m_node *node,
                   unsigned int idx, const struct altp2m_source *host,
                   unsigned int *few)
{
    struct altp2m_node *child;
    mfn_t table;

    if ( !(node->slot[idx] & SLOT_CHILD) )
        return;

    child = altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                        node->level - 1);
    if ( altp2m_below_stale(node, child) )
        return;

    table = mirrored(host, node->level);
    if ( mfn_eq(table, child->host) && !mfn_eq(table, INVALID_MFN) )
        return;

    if ( child->level || !*few )
    {
        out_of_date(d, child);
        return;
    }

    --*few;
    mirror_set(d->arch.altp2m, child, table);
    altp2m_sync_node(d, child);
}

/* What the host has for each entry of a private table. */
struct host_entries {
    const uint64_t *mirror;       /* its table, or NULL, and then: */
    struct altp2m_source above;   /* the superpage or hole that covers all */
};

static void host_entries_map(struct domain *d, const struct altp2m_node *node,
                             struct host_entries *h)
{
    h->mirror = NULL;
    if ( !mfn_eq(node->host, INVALID_MFN) )
        h->mirror = map_domain_page(node->host);
    else
        altp2m_host_lookup(p2m_get_hostp2m(d), node->gfn, node->level + 1,
                           &h->above);
}

static void host_entries_unmap(struct host_entries *h)
{
    if ( h->mirror )
        unmap_domain_page(h->mirror);
}

static inline void host_entry(const struct host_entries *h,
                              const struct altp2m_node *node, unsigned int idx,
                              struct altp2m_source *host)
{
    if ( h->mirror )
        *host = (struct altp2m_source){ .entry = h->mirror[idx],
                                        .level = node->level };
    else
        *host = h->above;
    host->gfn = node->gfn + idx * level_span(node->level);
    host->pending = false;        /* the entries on the way here say so */
}

/*
 * Write the entries from @i on that are made like the last one, in steps, into a
 * table that isn't in use yet.  Returns the first that isn't written.
 */
static unsigned int fill_like(uint64_t *map, const struct altp2m_node *node,
                              unsigned int i, const struct host_entries *h,
                              const struct made *made)
{
    const uint64_t all = ~0UL / 0xff;          /* a slot in each byte */
    uint64_t slots, step = level_span(node->level) << PAGE_SHIFT;

    for ( ; i < TABLE_ENTRIES; i += FILL_STEP )
    {
        memcpy(&slots, &node->slot[i], sizeof(slots));
        if ( slots != made->slot * all )
            break;

        if ( !h->mirror )
            fill(&map[i],
                 made->entry + (((node->gfn + i * level_span(node->level) -
                                  made->gfn) & made->step) << PAGE_SHIFT),
                 step & made->step);
        else if ( !made->frame )
        {
            if ( !all_are(&h->mirror[i], made->host) )
                break;
            fill(&map[i], made->entry, 0);
        }
        else if ( alike(&h->mirror[i], made->host, made->frame) )
            fill_changed(&map[i], &h->mirror[i], made->host ^ made->entry);
        else
            break;
    }

    return i;
}

/* Make all entries of a table that isn't in use yet, whatever is in it. */
static void fill_table(struct domain *d, struct altp2m_node *node)
{
    struct made made = { };
    struct host_entries h;
    uint64_t *map = map_domain_page(node->table);
    unsigned int i;

    host_entries_map(d, node, &h);

    for ( i = 0; i < TABLE_ENTRIES; )
    {
        struct altp2m_source host;

        if ( made.valid && !(i % FILL_STEP) )
        {
            i = fill_like(map, node, i, &h, &made);
            if ( i == TABLE_ENTRIES )
                break;
        }

        host_entry(&h, node, i, &host);
        write_atomic(&map[i], entry_like(d, node, i, &host, &made));
        i++;
    }

    host_entries_unmap(&h);
    unmap_domain_page(map);
}

/* Bring a whole private table up to date, but for what it leads to. */
static void sync_table(struct domain *d, struct altp2m_node *node)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct made made = { };
    struct host_entries h;
    uint64_t *map;
    unsigned int i;

    map = map_domain_page(node->table);
    host_entries_map(d, node, &h);

    for ( i = 0; i < TABLE_ENTRIES; i++ )
    {
        struct altp2m_source host;

        host_entry(&h, node, i, &host);
        entry_write(d, fmt, &map[i], entry_like(d, node, i, &host, &made));
    }

    host_entries_unmap(&h);
    unmap_domain_page(map);
}

/* Has the node a table that is walked, or is about to be? */
static bool in_use(struct altp2m_node *node)
{
    return !mfn_eq(node->table, INVALID_MFN) && altp2m_current(node);
}

/* The same, if anybody walks it. */
void altp2m_sync_node(struct domain *d, struct altp2m_node *node)
{
    if ( in_use(node) )
        sync_table(d, node);
}

/* The host's table at the place of @node, or INVALID_MFN. */
static mfn_t host_table(struct domain *d, const struct altp2m_node *node)
{
    struct altp2m_source host;

    altp2m_host_lookup(p2m_get_hostp2m(d), node->gfn, node->level + 1, &host);

    return mirrored(&host, node->level + 1);
}

/*
 * Bring a table up to date that is there but out of date.  Its parent's is up to
 * date, and whoever calls then has the entry lead to it.
 */
static void remake(struct domain *d, struct altp2m_node *node)
{
    mirror_set(d->arch.altp2m, node, host_table(d, node));
    node->made = node->floor = ++d->arch.altp2m->clock;
    sync_table(d, node);
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
    struct altp2m_node *node = altp2m_node(view, gfn, 0);

    if ( node && in_use(node) )
        host_at(d, node, level_index(gfn, 0), host);
    else
        altp2m_host_lookup(p2m_get_hostp2m(d), gfn, 0, host);
}

static bool sync_from(struct domain *d, struct altp2m_node *node,
                      unsigned int idx, const struct altp2m_source *host)
{
    uint64_t *map = map_domain_page(node->table);
    bool changed = entry_write(d, altp2m_format(), &map[idx],
                               slot_entry(d, node, idx, host));

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

    if ( !in_use(node) )
        return false;

    host_at(d, node, idx, &host);

    return sync_from(d, node, idx, &host);
}

/* The entry that belongs there when that of the table mirrored is @host. */
static noinline uint64_t entry_for(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, uint64_t host,
                                   struct made *made, unsigned int *few)
{
    const struct altp2m_source src = {
        .entry = host,
        .level = node->level,
        .gfn = node->gfn + idx * level_span(node->level),
    };

    if ( node->slot[idx] & SLOT_CHILD )
        follow(d, node, idx, &src, few);

    return entry_like(d, node, idx, &src, made);
}

/* The host's entry @idx, of the table that @node mirrors, is @host now. */
static inline void sync_host_entry(struct domain *d,
                                   const struct altp2m_format *fmt,
                                   struct altp2m_node *node, unsigned int idx,
                                   uint64_t host, struct made *made,
                                   unsigned int *few)
{
    uint64_t *map, new;

    if ( node->view->dying || !altp2m_current(node) )
        return;

    if ( !entry_plain(fmt, node, idx, host, &new) )
        new = entry_for(d, node, idx, host, made, few);

    /* A root that isn't made yet may have tables below already. */
    if ( mfn_eq(node->table, INVALID_MFN) )
        return;

    map = map_domain_page(node->table);
    entry_write(d, fmt, &map[idx], new);
    unmap_domain_page(map);
}

/* What altp2m_put_slot() counts, for @nr slots of a 4k table. */
static void count_slots(struct altp2m_node *node, altp2m_slot_t old,
                        altp2m_slot_t new, unsigned int nr)
{
    altp2m_count(node->view, old, new, nr);
    node->used += (!!new - !!old) * nr;
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
    const altp2m_slot_t kept = altp2m_changed(0xff, change);
    const altp2m_slot_t set = altp2m_changed(0, change);
    const struct altp2m_format *fmt = altp2m_format();
    altp2m_slot_t was = 0;
    struct host_entries h;
    struct made made = { };
    unsigned int i, same = 0;
    uint64_t *map;

    ASSERT(change->set_target == ALTP2M_KEEP);

    if ( !node || !in_use(node) )
        return 0;

    map = map_domain_page(node->table);
    host_entries_map(d, node, &h);

    for ( i = 0; i < nr && level_base(gfn[i], 0) == node->gfn; i++ )
    {
        unsigned int idx = level_index(gfn[i], 0);
        struct altp2m_source host;

        host_entry(&h, node, idx, &host);

        /* What is like an entry that has a page has one. */
        if ( node->slot[idx] == was && host_like(&made, host.entry) )
        {
            node->slot[idx] = made.slot;
            same++;
            entry_write(d, fmt, &map[idx],
                        made_like(&made, host.entry, host.gfn));
            continue;
        }

        if ( !altp2m_has_page(&host) )
            break;

        count_slots(node, was, made.slot, same);
        same = 0;
        was = node->slot[idx];
        altp2m_put_slot(node, idx, (was & kept) | set);
        entry_write(d, fmt, &map[idx],
                    entry_like(d, node, idx, &host, &made));
    }

    count_slots(node, was, made.slot, same);
    host_entries_unmap(&h);
    unmap_domain_page(map);
    altp2m_tidy(d, view, gfn[0], 0, false);

    return i;
}

static void attach(struct domain *d, struct altp2m_node *node, mfn_t table,
                   mfn_t host)
{
    struct altp2m_domain *a = d->arch.altp2m;

    mirror_set(a, node, host);
    node->table = table;
    node->made = ++a->clock;
    if ( node->level < ROOT_LEVEL )
    {
        /* The host isn't followed below where there is no table. */
        node->floor = node->made;
        list_add_tail(&node->cached, &a->tables);
        a->nr_tables++;
    }
    node->view->nr_tables++;
    fill_table(d, node);
}

/*
 * Make the private table of a node, not the root, and fill it.  Whoever calls
 * then has the parent's entry lead to it.  Returns 0 or -ENOMEM.
 */
int altp2m_attach(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_domain *a = d->arch.altp2m;
    mfn_t table;

    if ( !a->mirror )
    {
        a->mirror = alloc_xenheap_page();
        if ( !a->mirror )
            return -ENOMEM;
        clear_page(a->mirror);
    }

    table = altp2m_alloc_table(d);
    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    attach(d, node, table, host_table(d, node));

    return 0;
}

/*
 * Make a view's root, if there is none yet, and have CPUs forget what they may
 * hold of the page from when it was a root before, in any domain.  Returns 0;
 * -ENOMEM for view 0, the others have the page.
 */
int altp2m_attach_root(struct domain *d, struct altp2m_view *view)
{
    struct p2m_domain *hp2m = p2m_get_hostp2m(d);
    mfn_t table = view->spare;

    if ( !mfn_eq(view->root.table, INVALID_MFN) )
        return 0;

    if ( mfn_eq(table, INVALID_MFN) )
        table = altp2m_alloc_table(d);
    if ( mfn_eq(table, INVALID_MFN) )
        return -ENOMEM;

    view->spare = INVALID_MFN;
    attach(d, &view->root, table, pagetable_get_mfn(p2m_get_pagetable(hp2m)));

    altp2m_format()->flush(hp2m);
    p2m_tlb_flush_sync(hp2m);

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
    node->made = 0;
    if ( node->level < ROOT_LEVEL )
    {
        list_del(&node->cached);
        d->arch.altp2m->nr_tables--;
    }
    node->view->nr_tables--;
    altp2m_free_table(d, table);
}

/*
 * All tables of a view but the root are out of date.  In the root, what leads to
 * them is made stale, and what is said of a whole entry is brought up to date.
 */
static void cut_view(struct domain *d, struct altp2m_view *view)
{
    struct altp2m_node *root = &view->root;
    unsigned int i, left = root->used;

    root->floor = ++d->arch.altp2m->clock;
    view->cuts++;

    for ( i = 0; left; i++ )
        if ( root->slot[i] )
        {
            altp2m_sync(d, root, i);
            left--;
        }
}

#define FEW_TABLES 4u

/*
 * Redo what views, all of them or @remaps those that have any, make of the host:
 * at once if that is little, else when a guest faults there.
 */
static void redo_views(struct domain *d, bool remaps)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *node;
    unsigned int i;

    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = altp2m_nth(a, i);

        if ( !view || view->dying || !view->root.used ||
             (remaps && !view->nr_remaps) )
            continue;

        if ( a->nr_tables > FEW_TABLES )
            cut_view(d, view);
        else
            altp2m_sync_node(d, &view->root);
    }

    if ( a->nr_tables <= FEW_TABLES )
        list_for_each_entry ( node, &a->tables, cached )
            if ( !node->view->dying )
                altp2m_sync_node(d, node);
}

/* Returns whether it is said of @table for the first time. */
static bool set_restricted(mfn_t table)
{
    return !test_and_set_bit(_PGT_restricted,
                             &mfn_to_page(table)->u.inuse.type_info);
}

/* Say that the host's tables on the way to @gfn are restricted: is that new? */
static bool restrict_path(struct p2m_domain *hp2m, unsigned long gfn)
{
    const struct altp2m_format *fmt = altp2m_format();
    mfn_t table = pagetable_get_mfn(p2m_get_pagetable(hp2m));
    unsigned int level = ROOT_LEVEL;
    bool new = false;
    uint64_t entry;

    do {
        const uint64_t *map = map_domain_page(table);

        new |= set_restricted(table);
        entry = map[level_index(gfn, level)];
        unmap_domain_page(map);
        table = altp2m_frame(entry);
    } while ( altp2m_points(fmt, entry, level--) );

    return new;
}

/*
 * The host is about to restrict access at @gfn, by @entry of one of its tables:
 * what views say of that table, and of those above it, may have to be said in
 * leaves.  In each view one entry leads to those: where it can't any more, it
 * becomes stale.  @gfn is INVALID_GFN for a table that is made from a superpage
 * with such access; @entry is NULL where it isn't known yet.  Host p2m lock held.
 * With shadow paging there are no views.
 */
void altp2m_host_restricts(struct p2m_domain *p2m, gfn_t gfn,
                           const void *entry)
{
    struct domain *d = p2m->domain;
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i;

    if ( !p2m_is_hostp2m(p2m) || !hap_enabled(d) ||
         (entry && !set_restricted(domain_page_map_to_mfn(entry))) ||
         gfn_eq(gfn, INVALID_GFN) )
        return;

    if ( !restrict_path(p2m, gfn_x(gfn)) && !entry )
        return;

    for ( i = 0; a && i < a->limit; i++ )
    {
        struct altp2m_view *view = altp2m_nth(a, i);
        unsigned int level;

        if ( !view || view->dying )
            continue;

        altp2m_lookup(view, gfn_x(gfn), &level);
        if ( level )
            altp2m_sync(d, altp2m_node(view, gfn_x(gfn), level),
                        level_index(gfn_x(gfn), level));
    }

    if ( a )
        altp2m_settle(d);
}

/* The host's entry @idx of its root has become @host. */
static void root_written(struct domain *d, unsigned int idx, uint64_t host)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int i, few = FOLLOW_TABLES;
    struct made made;

    made.valid = false;
    for ( i = 0; i < a->limit; i++ )
    {
        struct altp2m_view *view = altp2m_nth(a, i);

        if ( view )
            sync_host_entry(d, fmt, &view->root, idx, host, &made, &few);
    }
}

/* Leave @first and those that mirror the same table to faults. */
static void cut_mirrors(struct domain *d, struct altp2m_node *first)
{
    struct altp2m_node *node = first, *next;
    bool more;

    do {
        next = list_entry(node->alike.next, struct altp2m_node, alike);
        more = next != node;

        out_of_date(d, node);
        if ( !node->view->dying )
            altp2m_sync(d, altp2m_node(node->view, node->gfn, node->level + 1),
                        level_index(node->gfn, node->level + 1));
        node = next;
    } while ( more );
}

/*
 * Entries that are brought up to date for stores into one table of the host's, one
 * after the other.  Who writes more of it, as recalculation does, writes all.
 */
#ifndef MIRRORED_ENTRIES
#define MIRRORED_ENTRIES 1024u
#endif

/*
 * The same of a lower table, that @first and its like mirror.  Returns whether they
 * are left to faults now.
 */
static bool mirrored_written(struct domain *d, unsigned int idx, uint64_t host,
                             struct altp2m_node *first)
{
    const struct altp2m_format *fmt = altp2m_format();
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *node = first;
    unsigned int few = FOLLOW_TABLES;
    struct made made;

    if ( a->written != first )
    {
        a->written = first;
        a->nr_written = 0;
    }
    if ( unlikely(a->nr_written >= MIRRORED_ENTRIES) )
    {
        cut_mirrors(d, first);
        return true;
    }

    made.valid = false;
    do {
        a->nr_written++;
        sync_host_entry(d, fmt, node, idx, host, &made, &few);
        node = list_entry(node->alike.next, struct altp2m_node, alike);
    } while ( node != first );

    return false;
}

/*
 * altp2m_entry_changed(), where there are views.  @flush_follows: the caller has
 * all CPUs invalidate before it drops the lock, if the entry is another now; which
 * is for what was made from that entry too, but not for what is cut off.
 */
void altp2m_entry_written(struct p2m_domain *p2m, const void *entry,
                          bool flush_follows)
{
    struct domain *d = p2m->domain;
    struct altp2m_domain *a = d->arch.altp2m;
    uint64_t host = *(const uint64_t *)entry;
    unsigned int idx = ((unsigned long)entry & ~PAGE_MASK) / sizeof(host);
    bool owed = a->owed.flush, cut = false;
    struct altp2m_node *node;
    mfn_t table;

    if ( !p2m_is_hostp2m(p2m) )
        return;

    table = domain_page_map_to_mfn(entry);
    if ( mfn_eq(table, pagetable_get_mfn(p2m_get_pagetable(p2m))) )
        root_written(d, idx, host);
    else if ( a->nr_mirrors && (node = last_mirror(a, table)) )
        cut = mirrored_written(d, idx, host, node);

    if ( flush_follows && !cut )
        a->owed.flush = owed;
    if ( unlikely(a->owed.flush) || !page_list_empty(&a->owed.limbo) )
        altp2m_settle(d);
}

#define REDO_REMAPS 64u

/*
 * Look at some of the remaps whose targets have changed once more: do they show
 * something else, or nothing?
 */
static void redo_remaps(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;
    unsigned int n;

    for ( n = 0; a->redo && n < REDO_REMAPS; n++ )
    {
        struct altp2m_remap *r = a->redo;
        struct rb_node *next = rb_next(&r->by_target);
        struct altp2m_node *node = altp2m_node(r->view, r->gfn, 0);
        struct altp2m_source src;

        a->redo = next ? rb_entry(next, struct altp2m_remap, by_target) : NULL;
        if ( a->redo && a->redo->target > a->redo_last )
            a->redo = NULL;

        if ( r->view->dying )
            continue;

        if ( in_use(node) )
            altp2m_sync(d, node, level_index(r->gfn, 0));
        else
            remap_source(d, r->view, r->gfn, &src); /* to count losses */
    }
}

/*
 * Some more of what altp2m_redo_targets() has left.  Until then what these remaps
 * show is cut off, and losses aren't told yet.  Lock held.
 */
void altp2m_redo_more(struct domain *d)
{
    if ( likely(!d->arch.altp2m->redo) )
        return;

    redo_remaps(d);
    altp2m_settle(d);
}

/*
 * altp2m_targets_changed(), where there are remaps: redo what shows them.  There
 * may be any number: the first are looked at now, and beyond that all that views
 * remap is cut off.
 */
void altp2m_redo_targets(struct domain *d, unsigned long first,
                         unsigned long last)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_remap *r = altp2m_first_target(a, first);

    if ( !r || r->target > last )
        return;

    if ( !a->redo )
        a->redo_last = last;
    else
        a->redo_last = max(a->redo_last, last);
    if ( !a->redo || altp2m_target_before(r, a->redo) )
        a->redo = r;

    redo_remaps(d);
    if ( a->redo )
        redo_views(d, true);

    altp2m_settle(d);
}

/*
 * altp2m_memory_type_changed(), where there are views.  Entries of pages that
 * the host lets nobody access are not marked, but views may show them.
 */
void altp2m_redo_memory_type(struct domain *d)
{
    redo_views(d, !host_restricted(d));
    altp2m_settle(d);
}

/* Have the parent's entry of a table fault, and free it. */
static void give_up(struct domain *d, struct altp2m_node *node)
{
    struct altp2m_view *view = node->view;

    altp2m_detach(d, node);
    view->cuts++;
    if ( !view->dying )
        altp2m_sync(d, altp2m_node(view, node->gfn, node->level + 1),
                    level_index(node->gfn, node->level + 1));
}

/*
 * What @view says of everything has changed: its default access.  All but a few
 * tables are left for faults to redo; so are nodes that were there for the old
 * default alone.
 */
void altp2m_resync(struct domain *d, struct altp2m_view *view)
{
    struct rb_node *rb, *next;

    if ( view->nr_tables > FEW_TABLES )
        cut_view(d, view);

    altp2m_sync_node(d, &view->root);
    for ( rb = rb_first(&view->nodes);
          rb && view->nr_tables <= FEW_TABLES; rb = next )
    {
        struct altp2m_node *node = rb_entry(rb, struct altp2m_node, rb);

        next = rb_next(rb);
        if ( !node->used && altp2m_node_shareable(d, node, 0) )
            altp2m_prune(d, node);
        else
            altp2m_sync_node(d, node);
    }
}

#define ROOM_TABLES 32u

/*
 * Have views give up some tables for others to use, the oldest ones, but not what
 * @keep needs at @gfn.  Returns whether that gained anything.
 */
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn)
{
    struct altp2m_domain *a = d->arch.altp2m;
    struct altp2m_node *node, *next;
    unsigned int n = 0;

    list_for_each_entry_safe ( node, next, &a->tables, cached )
    {
        if ( node->view == keep && level_base(gfn, node->level) == node->gfn )
            continue;

        give_up(d, node);
        if ( ++n == ROOM_TABLES )
            break;
    }

    altp2m_settle(d);

    return n;
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

    if ( !page_list_empty(&a->owed.limbo) )
    {
        altp2m_settle(d);
        return true;
    }

    return altp2m_make_room(d, NULL, 0);
}

/*
 * Make the table of @child, which is below entry @idx of @node's and is missing
 * or out of date, and have the entry lead there.  NULL if there is no memory.
 */
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node,
                                 unsigned int idx, struct altp2m_node *child)
{
    if ( !mfn_eq(child->table, INVALID_MFN) )
        remake(d, child);
    else if ( altp2m_attach(d, child) )
        return NULL;

    altp2m_sync(d, node, idx);

    return child;
}

/* The child of an entry whose table isn't usable, made anew; NULL if it can't. */
static struct altp2m_node *fill_entry(struct domain *d,
                                      struct altp2m_node *node,
                                      unsigned int idx)
{
    struct altp2m_node *child;

    if ( !(node->slot[idx] & SLOT_CHILD) )
        return altp2m_split(d, node, idx, false);

    child = altp2m_node(node->view, node->gfn + idx * level_span(node->level),
                        node->level - 1);

    return altp2m_renew(d, node, idx, child);
}

/*
 * Can what a view says of the whole span of @node be put on the entry above it?
 */
bool altp2m_node_shareable(struct domain *d, struct altp2m_node *node,
                           altp2m_slot_t slot)
{
    return altp2m_shareable(node->view, slot,
                            in_use(node) ? node->host : host_table(d, node));
}

static bool entry_stale(struct domain *d, struct altp2m_node *node,
                        unsigned int idx)
{
    altp2m_slot_t slot = node->slot[idx];
    struct altp2m_source host;

    if ( slot & SLOT_CHILD )
        return altp2m_below_stale(node, altp2m_node(
            node->view, node->gfn + idx * level_span(node->level),
            node->level - 1));

    host_at(d, node, idx, &host);

    return !altp2m_shareable(node->view, slot, mirrored(&host, node->level));
}

/* Is a view's entry for @gfn, in its table at @level, to be filled in? */
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    return level && node && in_use(node) &&
           entry_stale(d, node, level_index(gfn, level));
}

/* Take out the node at @level for @gfn if the view needs none there. */
static bool drop_unneeded(struct domain *d, struct altp2m_view *view,
                          unsigned long gfn, unsigned int level)
{
    struct altp2m_node *node = altp2m_node(view, gfn, level);

    if ( node->used || !altp2m_node_shareable(d, node, 0) )
        return false;

    altp2m_prune(d, node);

    return true;
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
            /* It was there for a default access that is another now. */
            if ( (node->slot[idx] & SLOT_CHILD) &&
                 drop_unneeded(d, view, gfn, level - 1) )
                return 1;

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
