/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: the data structures. */
#ifndef X86_MM_ALTP2M_TYPES_H
#define X86_MM_ALTP2M_TYPES_H

#include <xen/lib.h>
#include <xen/list.h>
#include <xen/mm.h>
#include <xen/rbtree.h>

#include <asm/altp2m.h>

#include <public/event_channel.h>

#include "cr3.h"

/*
 * A gfn is an unsigned long in this folder, where it is cut into indexes and
 * counted.  At the interface it is a gfn_t.
 */
#define TABLE_ORDER   9
#define TABLE_ENTRIES (1u << TABLE_ORDER)
#define ROOT_LEVEL    3           /* both formats walk four levels */
#define MAX_GFN       ((1UL << (TABLE_ORDER * (ROOT_LEVEL + 1))) - 1)

/*
 * A slot holds the override of one table entry, in a byte.
 *
 *   7      6      5:4    3:0
 *   CHILD  REMAP  SVE    ACCESS
 *
 * ACCESS is 0 for "not overridden", SLOT_CHOSEN for what own pages have unless
 * somebody sets another, else p2m_access_t + 1.  SVE is 0 for "not overridden",
 * else 2 plus the value.  REMAP: view->remaps has the target, or the page of
 * the view's own that is shown.
 * CHILD: the node one level down has the overrides; no other bit is set.
 */
typedef uint8_t altp2m_slot_t;
#define SLOT_ACCESS   0x0fu
#define SLOT_CHOSEN   0x0fu       /* only beside an own page */
#define SLOT_SVE      0x30u
#define SLOT_REMAP    0x40u
#define SLOT_CHILD    0x80u
#define SLOT_BEYOND   (SLOT_REMAP | SLOT_CHILD) /* more than rights */

/* The sides of a view: see the README.  Most have the data side only. */
enum altp2m_side { SIDE_DATA, SIDE_EXECUTE, SIDE_STEP };
#define SIDES 3u

/*
 * A node holds the overrides in the span of one table, a slot for each entry,
 * and owns the private tables, which can be made again from them and the host.
 * Those of other sides exist only beside that of the data side.
 */
struct altp2m_node {
    /* In place of these, up to @view, a root has a view's fields: below. */
    struct rb_node rb;            /* in view->nodes, by (gfn, level) */
    struct rb_node mirror;        /* by (host, view) in altp2m->mirror */
    struct list_head alike;       /* ring of the nodes that mirror one table */
    struct list_head cached;      /* in altp2m->tables, if there is a table */
    unsigned long made;           /* altp2m->clock then; 0: out of date */
    uint64_t *plain;              /* the table of level 0, mapped, if slot 0
                                     shows the host's plain RAM; or NULL */
    altp2m_slot_t lent_slot;      /* if lent: the parent's slot before */
    bool lent;                    /* it is in altp2m->lent */
    struct altp2m_view *view;
    mfn_t table;                  /* the data side's, or INVALID_MFN */
    mfn_t host;                   /* host table mirrored, or INVALID_MFN: the
                                     host has a superpage or a hole */
    unsigned long floor;          /* a child @made earlier is out of date */
    unsigned long seen;           /* root.seen when last found up to date; a
                                     root's: times tables went out of date */
    unsigned long execute:36;     /* node_table() has all of these three */
    unsigned long step_low:28, step_high:8;
    unsigned long level:8;        /* level of the table: 0 has 4k leaves */
    unsigned long used:12;        /* number of slots that are not 0 */
    unsigned long gfn:36;         /* first gfn covered: read by one shift */
    altp2m_slot_t slot[TABLE_ENTRIES];
};

/* One gfn of one view that shows another page than the host's. */
struct altp2m_remap {
    struct rb_node by_gfn;        /* in view->remaps */
    struct rb_node by_target;     /* in altp2m->targets */
    struct altp2m_view *view;
    unsigned long gfn, target;    /* of an own page the same */
    struct altp2m_own *own;       /* the page shown; NULL: the target's */
    bool dormant;                 /* the host has no frame at @target now, or
                                     @own is stale */
    union {
        struct rb_node loss;      /* in altp2m->losses, if @number is not 0 */
        struct list_head spare;   /* in altp2m->spare, if it is in no tree */
    };
    unsigned long number;         /* altp2m->lost at its last loss; 0: none */
};

/* The default access of a view without one: the host's access counts. */
#define NO_DEFAULT ((p2m_access_t)0xff)

/* As large as a node: six fit in a page of the pool. */
struct altp2m_view {
    union {
        struct altp2m_node root;  /* has a table before a CPU may walk it */
        struct {
            mfn_t spare;          /* the page for that table, until then */
            struct rb_root nodes, remaps; /* nodes without the root; by gfn */
            struct altp2m_node *hint; /* the level 0 node used last, or NULL */
            unsigned int nr_tables, nr_nodes; /* with the root's; without */
            unsigned int nr_remaps, nr_dormant; /* all; dormant ones */
            unsigned long access_gfns, sve_gfns; /* gfns that override these */
            unsigned int nr_own;  /* of @nr_remaps, those with own pages */
            unsigned int lost;    /* as in struct altp2m_domain */
            unsigned long changes; /* times a slot or remap has changed, or
                                      a remap became dormant or shows again */
            union {
                unsigned long filled; /* as in struct altp2m_domain */
                unsigned long clone_gfn; /* partial: gfns below are copied */
            };
            union {
                unsigned long serial; /* unique among the domain's views */
                unsigned long clone_serial; /* partial: of the one copied */
            };
            uint16_t idx;
            uint16_t clone_of:15; /* partial: index of the view copied */
            uint16_t sided:1;     /* nodes may have tables of other sides */
            p2m_access_t default_access:8; /* if no override, or NO_DEFAULT */
            p2m_access_t created_access:8; /* the argument of create_p2m */
            bool visible:1;       /* the guest may enter it */
            bool dying:1;         /* being destroyed: lookups skip it */
            bool partial:1;       /* being cloned: lookups skip it */
            uint8_t edit:5;       /* EDIT_*, while host_access.c changes all */
            int8_t clone_error;   /* partial: why the copy is freed, or 0 */
        };
    };
};

#define NOT_MOVED (1UL << 63)     /* no canonical address */

/* Which views a vCPU may enter by itself, and its side of the one it is in. */
struct altp2m_vcpu {
    struct page_info *list;       /* its own EPTP list, or NULL: the domain's */
    bool vmfunc;                  /* may use VMFUNC, also without #VE */
    DECLARE_BITMAP(hidden, ALTP2M_MAX_VIEWS); /* views it may not enter */
    unsigned long rule_state;     /* digest() when a rule switched it last */
    uint16_t rule_view;           /* the view that led to, + 1; 0: none */
    enum altp2m_side side;
    unsigned long rip;            /* of the last fetch to execute; NOT_MOVED */
};

/* Objects of one size in pages of the paging pool. */
struct altp2m_slab {
    struct list_head partial;     /* pages with room */
    unsigned int size;            /* bytes of an object, a multiple of 8 */
    unsigned int pages;
};

/*
 * The debt of the lock's holder: a flush, and tables that go back to the paging
 * pool after it.  altp2m_settle() pays it before the lock is dropped.
 */
struct altp2m_debt {
    bool flush;                   /* an entry that was present has changed */
    struct page_list_head limbo;  /* tables that CPUs may still walk */
    struct list_head own;         /* own pages that CPUs may still use */
};

/*
 * Counters of an audit, which adds up a view's overrides node by node.  They
 * are void if the view has changed since, or another audit has begun.
 */
struct altp2m_counted {
    unsigned long serial;         /* of the view; 0: none */
    unsigned long changes;        /* view->changes when the audit began */
    unsigned long gfn;            /* gfn and level of the last node counted */
    unsigned int level;
    unsigned long access, sve;    /* gfns that override these */
    unsigned int remaps, own, dormant;
};

/* The table of the host that host.c read last; void when its way changes. */
struct altp2m_walked {
    mfn_t table;
    unsigned long gfn;            /* first gfn covered */
    bool pending;                 /* an entry above is to be recalculated */
    bool valid;
};

/* Pages that the host dropped, with own pages left to altp2m_redo_more(). */
struct altp2m_drop {
    unsigned long first, end;     /* gfns */
    unsigned long number;         /* altp2m->drops then: own pages copied later
                                     are not concerned */
};
#define MAX_DROPS 4u

#define FEW_VIEWS 8u

/* Nodes lent at a time.  altp2m_lock(), or a fault in need, recalls them. */
#define MAX_LENT 16u

/* In use while views of its domain are on, or not yet all freed. */
struct altp2m_domain {
    struct altp2m_front front;    /* the first: asm/altp2m.h */
    struct altp2m_view *few[FEW_VIEWS]; /* the first views, by index */
    struct altp2m_view **more;    /* a page: the other views, by index */
    unsigned int limit;           /* all indexes in use are below */
    unsigned int lowest;          /* all indexes below are in use */
    unsigned long last_serial;    /* of a view or of rules, so far */
    uint64_t *eptp_list;          /* a page: what VMFUNC reads */
    uint64_t *roots;              /* a page: the same, hidden views too */
    unsigned int root_entries;    /* of the host's, no holes; 0: not known */
    struct altp2m_rules **rules;  /* a page: the rules of views, by index */
    struct rb_root *mirror;       /* a page: trees of nodes, by hash of host */
    mfn_t written;                /* the host's table that it stored to last */
    struct altp2m_node *first;    /* one that mirrors it; NULL: look for it */
    unsigned int nr_alike;        /* how many do */
    unsigned int nr_written;      /* their entries synced in a row */
    struct list_head tables;      /* nodes with tables, no roots; by age */
    unsigned long clock;          /* incremented when a table is made */
    struct rb_root targets;       /* the remaps of all views, by target */
    struct list_head spare;       /* remaps for changes under way */
    struct altp2m_slab nodes, remaps, views, own;
    struct altp2m_debt owed;
    struct list_head held;        /* own pages that Xen has references to, and
                                     no CPU uses */
    unsigned int nr_pages;        /* of the paging pool, with the reserve */
    struct page_list_head reserve; /* pages for faults: see pool.c */
    unsigned int nr_reserve;      /* pages in it now */
    unsigned int reserve_size;    /* pages in it when it is full */
    bool use_reserve;             /* a fault may use the reserve */
    unsigned int nr_lent;         /* of @lent */
    unsigned int recalled;        /* how often altp2m_recall() freed any */
    unsigned long lost;           /* times a remap became dormant, ever */
    unsigned long filled;         /* faults that made or remade a table */
    struct rb_root losses;        /* remaps that lost their target, by number */
    struct altp2m_remap *redo;    /* the next one for altp2m_redo_more() */
    unsigned long redo_last;      /* the last target for it */
    unsigned long drops;          /* left to altp2m_redo_more(), so far */
    unsigned int nr_drops;        /* of @drop */
    evtchn_port_t lost_port;      /* event channel for losses, or 0 */
    struct altp2m_counted counted;
    struct altp2m_walked walked;
    /* These stay as they are when views go off: a number says what counts. */
    struct altp2m_node *lent[MAX_LENT]; /* to faults; the newest is the last */
    struct altp2m_drop drop[MAX_DROPS]; /* those that are not done yet */
    struct altp2m_cr3 cr3;        /* views by CR3 */
    struct altp2m_vcpu vcpu[];    /* by vcpu_id */
};

#endif /* X86_MM_ALTP2M_TYPES_H */
