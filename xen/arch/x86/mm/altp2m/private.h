/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: what the files of this directory share.
 *
 * The host p2m lock guards everything declared here.  See view.c for a drawing
 * of how the pieces hang together.
 */
#ifndef X86_MM_ALTP2M_PRIVATE_H
#define X86_MM_ALTP2M_PRIVATE_H

#include <xen/lib.h>
#include <xen/list.h>
#include <xen/mm.h>
#include <xen/domain_page.h>
#include <xen/nospec.h>
#include <xen/rbtree.h>
#include <xen/sched.h>
#include <xen/xmalloc.h>

#include <asm/altp2m.h>
#include <asm/altp2m_names.h>
#include <asm/mem_sharing.h>
#include <asm/p2m.h>

#include <public/event_channel.h>
#include <public/hvm/altp2m.h>
#include <public/hvm/hvm_op.h>

#include "../mm-locks.h"
#include "../p2m.h"

#define TABLE_ORDER   9
#define TABLE_ENTRIES (1u << TABLE_ORDER)
#define ROOT_LEVEL    3           /* both formats walk four levels */
#define MAX_GFN       ((1UL << (TABLE_ORDER * (ROOT_LEVEL + 1))) - 1)

/*
 * One slot of a node: a byte per entry of the table it stands for.
 *
 *   7      6      5:4    3:0
 *   CHILD  REMAP  SVE    ACCESS
 *
 * ACCESS is 0 for "not overridden", else p2m_access_t + 1.  SVE is 0 for "not
 * overridden", else 2 plus the value.  REMAP says that view->remaps holds the
 * target.  CHILD excludes the others: what lies below is told by the node one
 * level down.
 */
typedef uint8_t altp2m_slot_t;
#define SLOT_ACCESS   0x0fu
#define SLOT_SVE      0x30u
#define SLOT_REMAP    0x40u
#define SLOT_CHILD    0x80u

/*
 * A node says what a view overrides in the span of one table, and owns the
 * private table made from it.  The slots are the truth, the table a cache:
 * INVALID_MFN when it was given up to make room.
 */
struct altp2m_node {
    struct rb_node rb;            /* in view->nodes, by (gfn, level) */
    struct rb_node mirror;        /* in a tree of altp2m->mirror, by (host,
                                     view) */
    struct list_head alike;       /* others of the same host table */
    struct list_head cached;      /* in altp2m->tables, if it has a table */
    struct altp2m_view *view;
    unsigned long gfn;            /* first gfn covered */
    mfn_t table;                  /* private table */
    mfn_t host;                   /* host table mirrored; INVALID_MFN where the
                                     host has a superpage or nothing */
    unsigned long made;           /* when the table was; 0: it is out of date */
    unsigned long floor;          /* tables below made before are out of date */
    unsigned long seen;           /* view->cuts, when found to be up to date */
    struct list_head lent;        /* in altp2m->lent, or nowhere */
    uint16_t used;                /* slots that aren't zero */
    uint8_t level;                /* of the table: 0 has 4k leaves */
    altp2m_slot_t lent_slot;      /* what the parent said, if it is lent */
    altp2m_slot_t slot[TABLE_ENTRIES];
};

/* One remapped gfn of one view. */
struct altp2m_remap {
    struct rb_node by_gfn;        /* in view->remaps */
    struct rb_node by_target;     /* in altp2m->targets, by (target, view,
                                     gfn) */
    struct altp2m_view *view;
    unsigned long gfn, target;
    bool dormant;                 /* the host has no frame at target just now */
    union {
        struct rb_node loss;      /* in altp2m->losses, if @number isn't 0 */
        struct list_head spare;   /* of a record that isn't in use yet */
    };
    unsigned long number;         /* altp2m->lost, when it last lost its target */
};

#define NO_DEFAULT ((p2m_access_t)0xff)

struct altp2m_view {
    struct altp2m_node root;      /* has its table once a CPU may walk it; view
                                     0 once it isn't the host's map any more */
    mfn_t spare;                  /* page for that, until then */
    struct rb_root nodes;         /* all others */
    struct rb_root remaps;
    struct altp2m_node *hint;     /* last level 0 node used */
    unsigned int nr_tables;       /* private tables, the root included */
    unsigned int nr_nodes;        /* the root not included */
    unsigned int nr_remaps;
    unsigned int nr_dormant;      /* of these */
    unsigned long access_gfns;    /* gfns whose access is overridden */
    unsigned long sve_gfns;       /* gfns for which #VE is said */
    unsigned long filled, lost;   /* as in struct altp2m_domain */
    unsigned long cuts;           /* how often tables went out of date */
    unsigned long changes;        /* of what is overridden */
    uint16_t idx;
    p2m_access_t default_access;  /* of what isn't overridden; NO_DEFAULT: the
                                     host's */
    p2m_access_t created_access;  /* what create_p2m was given: to be told where
                                     there is no default */
    bool visible;
    bool dying;                   /* being destroyed: not to be found now */
    bool partial;                 /* being cloned: not to be found yet */
    unsigned long serial;         /* no two views of a domain have the same */
    /* Of one that is being cloned: */
    unsigned long gfn;            /* all below is copied */
    uint16_t source;              /* the view it is a copy of */
    unsigned long source_serial;
    int error;                    /* why it is freed again */
};

/* What views are to one vCPU. */
struct altp2m_vcpu {
    struct page_info *list;       /* its own EPTP list, if it needs one */
    bool vmfunc;                  /* may use VMFUNC even without #VE */
    DECLARE_BITMAP(hidden, ALTP2M_MAX_VIEWS);
};

/* Objects of one size in pages of the paging pool. */
struct altp2m_slab {
    struct list_head partial;     /* pages with room */
    unsigned int size;            /* of an object, bytes: whole words */
    unsigned int pages;
};

/*
 * What whoever holds the lock owes before it is free: a flush, and to the paging
 * pool the tables that wait for it.  altp2m_settle() pays; altp2m_settled() is
 * asserted when the lock is dropped.
 */
struct altp2m_debt {
    bool flush;                   /* an entry that was present has changed */
    struct page_list_head limbo;  /* tables the CPUs may still walk */
};

/*
 * What an audit has counted so far of what a view overrides, node by node.  It
 * counts for nothing if the view has changed since, or another audit came between.
 */
struct altp2m_counted {
    const struct altp2m_view *view;
    unsigned long changes;        /* view->changes, at the first node */
    unsigned long gfn;            /* of the node that was counted last */
    unsigned int level;
    unsigned long access, sve;    /* gfns */
    unsigned int remaps;
};

/*
 * Per domain, from the first altp2m_enable() until altp2m_disable() is done.
 * What is a page is there once it is needed.
 */
#define FEW_VIEWS 8u

struct altp2m_domain {
    struct altp2m_view *few[FEW_VIEWS]; /* by index; see altp2m_nth() */
    struct altp2m_view **more;    /* the others: a page */
    unsigned int limit;           /* highest live index + 1 */
    unsigned long made;           /* views, ever */
    uint64_t *eptp_list;          /* for VMFUNC: a page, read by the CPU */
    uint64_t *roots;              /* the same, with views hidden since: for
                                     altp2m_find_root() */
    struct rb_root *mirror;       /* nodes by host table, roots apart: a page of
                                     trees, by hash */
    unsigned int nr_mirrors;
    struct altp2m_node *written;  /* a mirror of the host's table written last,
                                     and how many entries followed */
    unsigned int nr_written;
    struct list_head tables;      /* nodes that have one, roots apart, the
                                     oldest first */
    unsigned int nr_tables;
    unsigned long clock;          /* counts tables made */
    struct rb_root targets;       /* every remap of every view, by target */
    struct altp2m_slab nodes, remaps, views;
    struct altp2m_debt owed;
    unsigned int nr_pages;        /* taken from the paging pool */
    struct page_list_head reserve; /* of these, kept for faults: see pool.c */
    unsigned int nr_reserve, reserve_size;
    bool dip;                     /* a fault is dealt with: it may be used */
    struct list_head lent;        /* nodes made by faults, the last one first */
    unsigned int nr_lent;
    unsigned int recalled;        /* how often they were taken back */
    unsigned long lost;           /* remaps that became dormant, ever */
    unsigned long filled;         /* nested faults that rebuilt a table */
    struct rb_root losses;        /* remaps that became dormant, by number */
    struct altp2m_remap *redo;    /* the next to look at once more, or NULL, */
    unsigned long redo_last;      /* up to this target: altp2m_redo_more() */
    evtchn_port_t lost_port;      /* to tell about that, or 0 */
    struct altp2m_counted counted;
    struct altp2m_vcpu *vcpu;     /* by vcpu_id */
};

/* The view at an index below ALTP2M_MAX_VIEWS, dying ones too, or NULL. */
static inline struct altp2m_view *altp2m_nth(const struct altp2m_domain *a,
                                             unsigned int idx)
{
    if ( idx < FEW_VIEWS )
        return a->few[array_index_nospec(idx, FEW_VIEWS)];

    return a->more ? a->more[array_index_nospec(idx, ALTP2M_MAX_VIEWS)] : NULL;
}

/* What the host map has for a gfn. */
struct altp2m_source {
    uint64_t entry;
    unsigned int level;           /* of the table the entry is in */
    bool pending;                 /* recalculation is pending further up */
    bool remapped;
    unsigned long gfn;
};

/*
 * The layout of table entries, one per vendor: ept.c, npt.c.  Entries are read
 * and written whole, as 64 bit numbers.
 */
struct altp2m_format {
    /* May a CPU hold a translation made from an entry: with any of these bits. */
    uint64_t present;
    p2m_type_t (*type)(uint64_t entry);
    p2m_access_t (*access)(uint64_t entry);
    /* The rights that a present entry leaves a CPU, as in p2m_access_rwx. */
    unsigned int (*grants)(uint64_t entry);
    /* Is recalculation pending for all below a (present) host entry? */
    bool (*pending)(uint64_t entry);
    /* A leaf of a private table at @level. */
    uint64_t (*leaf)(struct p2m_domain *hp2m, const struct altp2m_source *src,
                     unsigned int level, p2m_access_t access, bool sve);
    /* A permissive entry that leads to a private table. @host: the host's. */
    uint64_t (*link)(mfn_t table, uint64_t host);
    /* The host's entry for a shared table, with rights taken away. */
    uint64_t (*narrow)(uint64_t host, p2m_access_t access, bool sve);
    /*
     * An entry that faults, so that altp2m_fill() makes what belongs there, or
     * because nothing does: holes of the host's have no other bits.
     */
    uint64_t stale;
    /* What CPUs themselves set in entries: accessed and dirty. */
    uint64_t cpu_bits;
    /*
     * Leaves of the host's 4k tables that leaf() returns as they are for rwx,
     * with #VE suppressed: (entry & plain_mask) == plain.
     */
    uint64_t plain_mask, plain;
    /* Rights an entry can express, as a mask of 1 << p2m_access_t. */
    unsigned int (*rights)(void);
    /* Have every CPU invalidate before it uses the domain's tables again. */
    void (*flush)(struct p2m_domain *hp2m);
};

extern const struct altp2m_format altp2m_ept, altp2m_npt;

static inline const struct altp2m_format *altp2m_format(void)
{
    return cpu_has_vmx ? &altp2m_ept : &altp2m_npt;
}

/*
 * Where both formats are one: bits 51:12 are a frame, and bit 7 says of an entry
 * above the lowest level that this is a page's, not a table's.
 */
#define ENTRY_FRAME   0x000ffffffffff000UL
#define ENTRY_LARGE   0x80UL

/* Does an entry point to a lower table? */
static inline bool altp2m_points(const struct altp2m_format *fmt,
                                 uint64_t entry, unsigned int level)
{
    return level && (entry & fmt->present) && !(entry & ENTRY_LARGE);
}

static inline mfn_t altp2m_frame(uint64_t entry)
{
    return _mfn((entry & ENTRY_FRAME) >> PAGE_SHIFT);
}

/* gfns covered by one entry of a table at @level. */
static inline unsigned long level_span(unsigned int level)
{
    return 1UL << (level * TABLE_ORDER);
}

static inline unsigned int level_index(unsigned long gfn, unsigned int level)
{
    return (gfn >> (level * TABLE_ORDER)) & (TABLE_ENTRIES - 1);
}

/* First gfn of the table at @level that covers @gfn. */
static inline unsigned long level_base(unsigned long gfn, unsigned int level)
{
    return gfn & ~(level_span(level + 1) - 1);
}

/* The next entries of a table that nobody uses yet: no memset() for words. */
#define FILL_STEP 8u

static inline void fill(uint64_t *entry, uint64_t value, uint64_t step)
{
    entry[0] = value;
    entry[1] = value += step;
    entry[2] = value += step;
    entry[3] = value += step;
    entry[4] = value += step;
    entry[5] = value += step;
    entry[6] = value += step;
    entry[7] = value + step;
}

/* memset() goes byte by byte.  @size is one of whole words. */
static inline void clear(void *obj, unsigned long size)
{
    size /= sizeof(uint64_t);
    asm volatile ( "rep stosq" : "+D" (obj), "+c" (size) : "a" (0) : "memory" );
}

/* The read, write and execute bits of an access, as in p2m_access_rwx. */
static inline unsigned int access_bits(p2m_access_t access)
{
    switch ( access )
    {
    case p2m_access_rx2rw:
        return p2m_access_rx;

    case p2m_access_n2rwx:
        return p2m_access_n;

    default:
        return access == p2m_access_r_pw ? p2m_access_r : access;
    }
}

/* The access that a view gives, where the host gives @host. */
static inline p2m_access_t slot_access(const struct altp2m_view *view,
                                       altp2m_slot_t slot, p2m_access_t host)
{
    if ( slot & SLOT_ACCESS )
        return (slot & SLOT_ACCESS) - 1;

    return view->default_access == NO_DEFAULT ? host : view->default_access;
}

static inline bool slot_sve(altp2m_slot_t slot)
{
    return (slot & SLOT_SVE) != 0x20;
}

/* override.c */
bool altp2m_recall(struct domain *d);

/*
 * The one lock.  altp2m_unlock() settles what is owed; code that Xen calls with
 * the lock held settles before it returns, as Xen drops the lock by itself.
 *
 * Taking it ends in block_lock_speculation(), so it is inlined all the way: a
 * CPU can guess where a call returns to, and pass over a barrier before that.
 * tools/tests/barriers checks the objects.
 */
static always_inline void altp2m_lock_fault(struct domain *d)
{
    p2m_lock(p2m_get_hostp2m(d));
}

/* The same for all but faults: what was lent to them is taken back. */
static always_inline void altp2m_lock(struct domain *d)
{
    altp2m_lock_fault(d);
    if ( unlikely(d->arch.altp2m && !list_empty(&d->arch.altp2m->lent)) )
        altp2m_recall(d);
}

static inline bool altp2m_locked(const struct domain *d)
{
    return p2m_locked_by_me(p2m_get_hostp2m(d));
}

void altp2m_settle(struct domain *d);
void altp2m_unlock(struct domain *d);

/* CPUs may hold what an entry said that has changed. */
static inline void altp2m_owe_flush(struct domain *d)
{
    d->arch.altp2m->owed.flush = true;
}

/*
 * hap/table.c: as d->arch.paging.alloc_page(), but pages aren't cleared; and of
 * many at a time.
 */
struct page_info *hap_alloc_table(struct domain *d);
unsigned int hap_alloc_tables(struct domain *d, struct page_list_head *list,
                              unsigned int nr);
bool hap_free_tables(struct domain *d, struct page_list_head *list,
                     unsigned int nr);

/* step.c: single steps; the rest is in asm/hvm/step.h. */
void altp2m_step_end(struct vcpu *v, unsigned int owners);
void altp2m_go_home(struct vcpu *v, unsigned int idx);

/* pool.c: memory, all of it from the domain's paging pool. */
void altp2m_slab_init(struct altp2m_slab *slab, unsigned int size);
void *altp2m_alloc(struct domain *d, struct altp2m_slab *slab);
void altp2m_free(struct domain *d, struct altp2m_slab *slab, void *obj);
mfn_t altp2m_alloc_table(struct domain *d);
void altp2m_free_table(struct domain *d, mfn_t mfn);
int altp2m_make_reserve(struct domain *d);
void altp2m_refill(struct domain *d);
void altp2m_free_reserve(struct domain *d);

/* override.c: the tree of a view. */
enum altp2m_what { ALTP2M_KEEP, ALTP2M_CLEAR, ALTP2M_SET };

struct altp2m_change {
    enum altp2m_what set_access, set_sve, set_target;
    p2m_access_t access;
    bool sve;
    bool later;                   /* leave tables to faults */
    bool unseen;                  /* whoever makes it has it shown */
    unsigned long target;
};

int altp2m_override(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, unsigned int level,
                    const struct altp2m_change *change);
bool altp2m_is_so(struct altp2m_view *view, unsigned long gfn,
                  unsigned int level, const struct altp2m_change *change);
int altp2m_override_begin(struct domain *d, struct altp2m_view *view,
                          unsigned long gfn, unsigned int level,
                          const struct altp2m_change *change,
                          struct list_head *spare);
void altp2m_override_commit(struct domain *d, struct altp2m_view *view,
                            unsigned long gfn, unsigned int level,
                            const struct altp2m_change *change,
                            struct list_head *spare);
void altp2m_override_end(struct domain *d, struct list_head *spare);
unsigned int altp2m_override_slots(struct domain *d, struct altp2m_node *node,
                                   unsigned int idx, unsigned int nr,
                                   const struct altp2m_change *change);
void altp2m_tidy(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                 unsigned int level, bool undo);
long altp2m_copy(struct domain *d, struct altp2m_view *view,
                 struct altp2m_view *from, unsigned long gfn);
altp2m_slot_t altp2m_lookup(struct altp2m_view *view, unsigned long gfn,
                            unsigned int *level);
struct altp2m_node *altp2m_node(struct altp2m_view *view, unsigned long gfn,
                                unsigned int level);
struct altp2m_node *altp2m_next_node(struct altp2m_view *view,
                                     unsigned long gfn, unsigned int level);
void altp2m_keep(struct altp2m_domain *a);
struct altp2m_node *altp2m_split(struct domain *d, struct altp2m_node *parent,
                                 unsigned int idx, bool later);
altp2m_slot_t altp2m_changed(altp2m_slot_t slot,
                             const struct altp2m_change *change);

void altp2m_set_slot(struct altp2m_node *node, unsigned int idx,
                     const struct altp2m_change *change);

/* @gfns are said something else about: @new, no more @old. */
static inline void altp2m_count(struct altp2m_view *view, altp2m_slot_t old,
                                altp2m_slot_t new, unsigned long gfns)
{
    view->changes++;
    if ( !(old & SLOT_ACCESS) != !(new & SLOT_ACCESS) )
        view->access_gfns += new & SLOT_ACCESS ? gfns : -gfns;
    if ( !(old & SLOT_SVE) != !(new & SLOT_SVE) )
        view->sve_gfns += new & SLOT_SVE ? gfns : -gfns;
}

static inline void altp2m_put_slot(struct altp2m_node *node, unsigned int idx,
                                   altp2m_slot_t slot)
{
    altp2m_slot_t old = node->slot[idx];

    if ( old == slot )
        return;

    altp2m_count(node->view, old, slot, level_span(node->level));
    node->used += !!slot - !!old;
    node->slot[idx] = slot;
}

void altp2m_prune(struct domain *d, struct altp2m_node *node);
struct altp2m_remap *altp2m_remap(struct altp2m_view *view, unsigned long gfn);
bool altp2m_target_before(const struct altp2m_remap *a,
                          const struct altp2m_remap *b);
struct altp2m_remap *altp2m_first_target(struct altp2m_domain *a,
                                         unsigned long target);
unsigned int altp2m_free_overrides(struct domain *d, struct altp2m_view *view,
                                   unsigned int max);

/* table.c: private tables. */
void altp2m_host_lookup(struct p2m_domain *hp2m, unsigned long gfn,
                        unsigned int level, struct altp2m_source *src);
void altp2m_host_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn, struct altp2m_source *host);
bool altp2m_has_frame(const struct domain *d, const struct altp2m_source *src);
bool altp2m_has_page(const struct altp2m_source *src);
unsigned int altp2m_override_run(struct domain *d, struct altp2m_view *view,
                                 const uint64_t *gfn, unsigned int nr,
                                 const struct altp2m_change *change);
unsigned long altp2m_source_gfn(struct domain *d, struct altp2m_view *view,
                                unsigned long gfn);
int altp2m_attach(struct domain *d, struct altp2m_node *node);
int altp2m_attach_root(struct domain *d, struct altp2m_view *view);
void altp2m_detach(struct domain *d, struct altp2m_node *node);
bool altp2m_current(struct altp2m_node *node);
struct altp2m_node *altp2m_renew(struct domain *d, struct altp2m_node *node,
                                 unsigned int idx, struct altp2m_node *child);
bool altp2m_below_stale(const struct altp2m_node *node,
                        const struct altp2m_node *child);
void altp2m_cut(struct domain *d, struct altp2m_node *node, unsigned int idx);
bool altp2m_sync(struct domain *d, struct altp2m_node *node, unsigned int idx);
void altp2m_sync_node(struct domain *d, struct altp2m_node *node);
int altp2m_fill(struct domain *d, struct altp2m_view *view, unsigned long gfn);
bool altp2m_make_room(struct domain *d, struct altp2m_view *keep,
                      unsigned long gfn);
bool altp2m_stale(struct domain *d, struct altp2m_view *view, unsigned long gfn,
                  unsigned int level);
bool altp2m_shareable(const struct altp2m_view *view, altp2m_slot_t slot,
                      mfn_t table);
bool altp2m_node_shareable(struct domain *d, struct altp2m_node *node,
                           altp2m_slot_t slot);
void altp2m_resync(struct domain *d, struct altp2m_view *view);
void altp2m_redo_more(struct domain *d);

/* view.c */
struct altp2m_view *altp2m_view(const struct domain *d, unsigned int idx);
mfn_t altp2m_root_table(const struct domain *d, const struct altp2m_view *view);
void altp2m_publish(struct domain *d, struct altp2m_view *view);
int altp2m_new_view(struct domain *d, p2m_access_t access, bool partial,
                    struct altp2m_view **view);
int altp2m_free_view(struct domain *d, struct altp2m_view *view);
int altp2m_own_host_view(struct domain *d, void *unused);
int altp2m_enter(struct vcpu *v, unsigned int idx, bool guest);
int altp2m_make_eptp_list(struct domain *d);

/* lost.c: remaps whose target has gone. */
void altp2m_lost(struct domain *d, struct altp2m_remap *remap);
void altp2m_found(struct altp2m_remap *remap);
void altp2m_forget_loss(struct altp2m_domain *a, struct altp2m_remap *remap);
evtchn_port_t altp2m_lost_take(struct domain *d);
void altp2m_lost_off(struct domain *d);

/* vcpu.c: what single vCPUs may do. */
bool altp2m_visible(const struct vcpu *v, const struct altp2m_view *view);
void altp2m_publish_vcpus(struct domain *d, unsigned int idx, uint64_t root);
void altp2m_unhide(struct domain *d, unsigned int idx);
void altp2m_vcpu_off(struct vcpu *v);
int altp2m_notify_on(struct vcpu *v, gfn_t gfn);
int altp2m_notify_off(struct vcpu *v);

/*
 * op.c
 *
 * Operations change views in locked sections, each run by one of the first two:
 * they pause what has to be paused, take the lock, check that the domain lives
 * and its views are on, call @fn, settle, drop the lock and unpause.
 */
typedef int altp2m_section_t(struct domain *d, void *arg);

#define SECTION_PAUSED  1u        /* no vCPU runs but the caller */
#define SECTION_OFF     2u        /* also where views are off */

/*
 * How many sections there have been, and, where one begins: others have come first
 * since there were @since.  A debug build tells (trace.c).
 */
#ifdef CONFIG_DEBUG
static inline unsigned long altp2m_sections(const struct domain *d)
{
    return read_atomic(&d->arch.altp2m_sections);
}
void altp2m_waited(struct domain *d, bool paused, unsigned long since);
#else
static inline unsigned long altp2m_sections(const struct domain *d)
{
    return 0;
}
static inline void altp2m_waited(struct domain *d, bool paused,
                                 unsigned long since) {}
#endif

int altp2m_section(struct domain *d, unsigned int flags, altp2m_section_t *fn,
                   void *arg);
int altp2m_vcpu_section(struct vcpu *v, altp2m_section_t *fn, void *arg);
xenmem_access_t altp2m_xenmem_access(p2m_access_t access);
uint8_t altp2m_default_access(const struct altp2m_view *view);
bool altp2m_is_host(struct altp2m_view *view, unsigned long gfn);
bool altp2m_page_at(struct domain *d, struct altp2m_view *view,
                    unsigned long gfn);

/*
 * Operations, a function each: op.c has the table.  @d is locked for us, checked,
 * and had its views on when that was checked, unless the table says otherwise.
 * @arg is the struct xen_hvm_altp2m_op.  They return what the hypercall does, and
 * keep their place in it.
 */
altp2m_section_t altp2m_op_capabilities, altp2m_op_domain_info, altp2m_op_read,
                 altp2m_op_apply, altp2m_op_set_range, altp2m_op_isolate,
                 altp2m_op_get_default, altp2m_op_set_default, altp2m_op_clone,
                 altp2m_op_switch_vcpu, altp2m_op_set_vmfunc,
                 altp2m_op_set_vcpu_visibility, altp2m_op_notify_lost,
                 altp2m_op_walk;

/* The arguments of an operation of public/hvm/altp2m.h, from @arg. */
static inline void *altp2m_args(void *arg)
{
    return &((struct xen_hvm_altp2m_op *)arg)->u;
}

/*
 * May the caller be told machine addresses?  Not a domain about itself, nor its
 * device model in a domain of its own, which may do to it what it may itself.
 */
static inline bool altp2m_may_see_frames(const struct domain *d)
{
    return current->domain != d && current->domain->target != d;
}

/* fork.c: pages that a VM fork, mem_sharing_is_fork(), has not copied yet. */
void altp2m_bring_in_slow(struct domain *d, const uint64_t *gfn,
                          unsigned int nr);
void altp2m_bring_in_named(struct domain *d,
                           const struct xen_hvm_altp2m_op *op);
void altp2m_fork_page(struct domain *d, unsigned long gfn);
bool altp2m_fork_owes(const struct domain *d, unsigned long gfn);

static inline void altp2m_bring_in(struct domain *d, const uint64_t *gfn,
                                   unsigned int nr)
{
    if ( unlikely(mem_sharing_is_fork(d)) )
        altp2m_bring_in_slow(d, gfn, nr);
}

/* batch.c */
#define ALTP2M_MAX_ENTRIES 128u  /* records of a batch fit into a page */
int altp2m_change_of(const struct domain *d,
                     const struct xen_altp2m_override *record,
                     struct altp2m_change *change);
unsigned int altp2m_level_of(unsigned long gfn, unsigned long count);

/*
 * Reading in bulk: records are collected here with the lock held, and copied to
 * the caller without it.
 */
struct altp2m_records {
    unsigned int size;            /* of a record, bytes */
    unsigned int nr, room;        /* records */
    uint64_t data[128];           /* the first may be one to go on with */
};

void *altp2m_record(struct altp2m_records *out, unsigned int nr);
void *altp2m_next_record(struct altp2m_records *out);

/* Each reads on from @r for a while; 0 or an error.  Lock held. */
typedef int altp2m_reader_t(struct domain *d, struct xen_altp2m_read *r,
                            struct altp2m_records *out);
altp2m_reader_t altp2m_list_vcpus, altp2m_list_views, altp2m_list_tables,
                altp2m_read_overrides, altp2m_read_map, altp2m_read_lost,
                altp2m_audit;
bool altp2m_read_node(struct altp2m_view *view, struct xen_altp2m_read *r,
                      struct altp2m_node **node);
void altp2m_describe(struct altp2m_view *view, unsigned long gfn,
                     altp2m_slot_t slot, unsigned int level,
                     struct xen_altp2m_override *o);
uint8_t altp2m_kind(const struct altp2m_source *src);
bool altp2m_buffer_ok(uint64_t buffer, uint32_t nr, unsigned int size);

/* fault.c */
p2m_access_t altp2m_effective(struct domain *d, struct altp2m_view *view,
                              unsigned long gfn);

#endif /* X86_MM_ALTP2M_PRIVATE_H */
