/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model tests: what their files share.
 *
 *   standin/   Xen's headers, as far as the code under test needs them
 *   machine.c  frames, the paging pool, the lock, mappings, the store hook
 *   host.c     what of Xen's p2m.c and mem_access.c is called
 *   pod.c      populate on demand: pages taken back
 *   xen.c      the remaining services: pausing, copies, policy, emulation
 *   cpu.c      processors: VM entry and exit, a TLB that keeps what it has
 *   asid.c     what tags it on AMD
 *   walk.c     table walks as the processor manuals define them
 *   own.c      operations on pages of a view's own, and what is on these
 *   oracle.c   what a view must show: section by section the definition
 *   audit.c    what must be true of the data structures
 *   visits.c   how much is done with the lock held
 *   trace.c    who may still hold a translation: flush before free and return
 *   step.c     operations: done, and their result foretold
 *   race.c     two of them at once
 *   extended.c the same, for those of public/hvm/altp2m.h
 *   rules.c    rules of views, and steps that they begin
 *   cr3.c      of these, views by CR3
 *   log.c      the log: what is in the ring that a monitor maps
 *   run.c      sequences of steps, each in a process of its own, and shrinking
 *   test-*.c   the tests
 */
#ifndef MODEL_H
#define MODEL_H

#include "ops/ops.h"

#ifndef NR_VCPUS
#define NR_VCPUS 3
#endif
#define NR_PCPUS (NR_CPUS - 1)    /* may run guests; the last one is dom0's */
#define NR_VIEWS 6                /* that a test can have at once */

/* ---- machine.c ---- */
struct machine {
    unsigned int pool_limit, pool_used;
    unsigned int fail_at;         /* allocation to fail from now: 1 the next */
    unsigned int allocs;          /* allocations asked for, ever */
    unsigned int refused;         /* and refused */
    unsigned int heap;            /* objects and pages of Xen's heap */
    unsigned int maps, max_maps, global_maps;
    unsigned int refs;            /* references to the guest's pages */
    unsigned int own;             /* pages of views' own */
    bool refuse_type;             /* get_page_and_type() fails */
    unsigned int crashed;         /* how often Xen has ended the domain */
    bool paging_locked;
    void (*stored)(uint64_t *entry, uint64_t old, uint64_t new);
    /* The lock has just been dropped, and what waits for that isn't flushed. */
    void (*unlocked)(void);
};
extern struct machine machine;
extern bool populate_fails;
void machine_reserve(void);
void machine_init(unsigned int pool);
void machine_pool(unsigned int limit);
bool machine_refuse(void);
uint64_t *table_at(unsigned long mfn);
unsigned long table_mfn(const void *p);
uint8_t *data_at(unsigned long mfn);

/* ---- host.c ---- */
void host_init(struct domain *d);
void host_destroy(struct domain *d);
int host_set(unsigned long gfn, unsigned long mfn, unsigned int order,
             p2m_type_t t, p2m_access_t a);
void p2m_change_type_range(struct domain *d, unsigned long first,
                           unsigned long end, p2m_type_t ot, p2m_type_t nt);
void p2m_change_entry_type_global(struct domain *d, p2m_type_t ot,
                                  p2m_type_t nt);
int p2m_change_type_one(struct domain *d, unsigned long gfn, p2m_type_t ot,
                        p2m_type_t nt);
void p2m_memory_type_changed(struct domain *d);
int p2m_finish_type_change(struct domain *d, gfn_t first, unsigned long nr);
extern unsigned int host_refused; /* tables, also by the reserve */
mfn_t get_gfn_type_access(struct p2m_domain *p2m, unsigned long gfn,
                          p2m_type_t *t, p2m_access_t *a, p2m_query_t q,
                          unsigned int *order);
void put_gfn(struct p2m_domain *p2m);
bool parent_has(unsigned long gfn);
void host_fork(void);
extern int fork_error;                  /* or 0: of copying a page */
extern bool page_locked;             /* a shared page's lock is held */

/* The view of that index, or NULL. */
static inline struct altp2m_view *view_at(const struct domain *d,
                                          unsigned int idx)
{
    return altp2m_view(d, _view_idx(idx));
}

/* EPTP or nCR3 of a view's side that is ready to be walked, or ~0. */
static inline uint64_t side_at(const struct domain *d, unsigned int idx,
                               enum altp2m_side side)
{
    const struct altp2m_view *view = view_at(d, idx);

    if ( !view || !altp2m_view_ready(view) ||
         (side != SIDE_DATA && !node_has_side(&view->root, side)) )
        return ~0UL;

    return mfn_to_maddr(altp2m_root_table(d, view, side)) |
           (features.vmx ? p2m_get_hostp2m(d)->ept.eptp & ~PAGE_MASK : 0);
}

static inline uint64_t root_at(const struct domain *d, unsigned int idx)
{
    return side_at(d, idx, SIDE_DATA);
}

/* The access that a view gives to a gfn. */
static inline p2m_access_t access_at(struct domain *d, struct altp2m_view *view,
                                     unsigned long gfn)
{
    struct altp2m_at at;

    altp2m_find(d, view, gfn, &at);

    return at.access;
}

/* The override of a gfn, and in *@level that of its slot. */
static inline altp2m_slot_t lookup_at(struct altp2m_view *view,
                                      unsigned long gfn, unsigned int *level)
{
    const struct altp2m_node *node = altp2m_lowest_node(view, gfn);

    *level = node->level;

    return node_slot(node, gfn);
}

/* ---- pod.c ---- */
void pod_take_back(unsigned long gfn, bool large);

/* ---- xen.c ---- */
extern struct domain *dom0;
extern unsigned int preempt_mask; /* bit by bit the answers to come */
extern unsigned int injected[32]; /* exceptions, by vector */
extern bool event_pending;        /* one is being delivered to the guest */
extern struct x86_emulate_state instruction;
extern unsigned int instruction_opcode, instructions_emulated;
struct domain *domain_init(unsigned int pool);
void domain_destroy(void);
void caller_is(struct vcpu *v);
extern char *guest_memory;        /* of whoever makes hypercalls */
#define GUEST_MEMORY 65536u
extern unsigned int copy_fails_at;
extern bool pause_fails;          /* somebody else pauses it just now */
void domain_paused(bool paused);
extern struct channels {
    unsigned int open;            /* mask of ports */
    unsigned int events;          /* ever sent */
    unsigned int sent[32];        /* by port */
} channels;

/* ---- cpu.c ---- */
enum touch { TOUCH_OK, TOUCH_VIOLATION, TOUCH_VE, TOUCH_MMIO, TOUCH_NOMEM };
struct cpu {
    struct vcpu *v;
    bool in_guest;
};
extern struct cpu cpus[NR_CPUS];
extern unsigned long known_gla;   /* of a violation on AMD; 0: not known */
extern bool built_events, monitor_listens;  /* else violations are forgiven */
extern unsigned long spurious;    /* faults that only brought tables up to date */
extern void (*cpu_meanwhile)(void); /* once, between exit and handler */
void cpu_init(void);
void cpu_enter(unsigned int c);
void cpu_resume(struct vcpu *v);
void cpu_exit(unsigned int c);
void cpu_leave(unsigned int c);   /* the vCPU is descheduled */
void cpu_migrate(unsigned int from, unsigned int to);
unsigned int cpu_of(const struct vcpu *v);
enum touch cpu_touch(unsigned int c, unsigned long gfn, unsigned int want);
/* Executes an instruction that begins at one gfn and ends at the other. */
enum touch cpu_straddle(unsigned int c, unsigned long first,
                        unsigned long second);
bool cpu_vmfunc(unsigned int c, unsigned int idx);
uint64_t cpu_cr3(unsigned int vcpu);
bool cpu_cr3_exits(const struct vcpu *v);
void cpu_load_cr3(unsigned int c, uint64_t cr3); /* the guest does */
void cpu_restore_cr3(struct vcpu *v, uint64_t cr3); /* Xen does, at rest */
/* The frame @root was a root before, of another domain's: @c has @gfn from there. */
void cpu_used_root(unsigned int c, unsigned long root, unsigned long gfn);

/* ---- asid.c ---- */
void asid_start(unsigned int c);
void asid_flush(unsigned int c);
void asid_enter(unsigned int c, struct vcpu *v);

/* ---- walk.c ---- */
enum walk_end { WALK_OK, WALK_ABSENT, WALK_MISCONFIG };
struct walk {
    enum walk_end end;
    unsigned long mfn;            /* of the 4k frame */
    unsigned int rights;          /* r 1, w 2, x 4: of the whole walk */
    unsigned int emt;
    bool ipat;
    bool suppress;                /* bit 63 of the last entry */
    uint64_t entry;               /* the last one */
    unsigned int level;
    unsigned long table[4];       /* frames read, root first */
};
struct walk walk_ept(unsigned long root, unsigned long gfn);
struct walk walk_npt(unsigned long root, unsigned long gfn);
struct walk walk_any(unsigned long root, unsigned long gfn);
bool may_be_held(uint64_t entry, unsigned int level);

/* ---- oracle.c ---- */
#define NR_GFNS 28
extern const unsigned long gfns[NR_GFNS];
/* Bytes of pages that tests look at. */
#define NR_OFFSETS 8
extern const unsigned int offsets[NR_OFFSETS];
struct ref_own {
    bool there, stale;
    bool chosen;                  /* nobody has set another access since */
    uint8_t patched;              /* by offset */
    uint8_t byte[NR_OFFSETS];
    unsigned long mfn;            /* of the host's page; or */
#define MAY_MOVE (~0UL)
};
struct ref_override {
    struct ref_own own;
    bool has_access, has_sve, has_target, sve;
    bool gone;                    /* a fault found no page of the parent's */
    bool ranged;                  /* #VE said for a range, holes included */
    bool lent, had_access;        /* promoted for a while; and before that: */
    p2m_access_t access, had;
    unsigned long target;
};
struct ref_view {
    bool live, visible;
    p2m_access_t def, created;    /* NO_DEFAULT: the host's counts */
    struct ref_override o[NR_GFNS];
#define REF_RULES 3u
    unsigned int nr_rules;
    bool by_guest;                /* who has set them */
    struct xen_altp2m_rule rule[REF_RULES];
};
/* A step that a rule has begun, and the last switch by a rule, of a vCPU. */
struct ref_step {
    bool on, entered, executes;
    unsigned int home, view;
    unsigned long rip;
};
struct ref_switched {
    bool on;
    unsigned int view;
    struct cpu_user_regs regs;
};
struct ref_cr3 {
    unsigned int nr, other;
    bool by_guest;
    struct xen_altp2m_cr3_view record[XEN_ALTP2M_CR3_VIEWS_MAX];
};
struct ref {
    bool on;
    struct ref_view view[NR_VIEWS];
    unsigned int in[NR_VCPUS];    /* the view of each vCPU */
    bool executes[NR_VCPUS];      /* it is on the execute side there */
    bool vmfunc[NR_VCPUS];        /* allowed without #VE */
    bool hidden[NR_VCPUS][NR_VIEWS];
    struct ref_step step[NR_VCPUS];
    struct ref_switched switched[NR_VCPUS];
    struct ref_cr3 cr3;
    bool log_open;
    bool told;                    /* there is somebody to tell of losses */
    bool lent;                    /* some override is */
    unsigned int recalled;        /* as in struct altp2m_domain, when last seen */
};
extern struct ref ref;
struct host_fact {
    p2m_type_t type;              /* after any recalculation that is pending */
    p2m_access_t access;
    unsigned long mfn;
    unsigned int level;
    bool pending, present;
};
struct expect {
    unsigned long source, mfn;
    bool own;                     /* the view's own page */
    p2m_type_t type;
    p2m_access_t access;
    unsigned int must, may;       /* rights */
    unsigned int rights;          /* of @access, on a side */
    bool sve;
    bool faultable;               /* the type lets nobody through: Xen's */
    int emt;                      /* -1: not told */
};
struct host_fact host_fact(unsigned long gfn);
struct expect oracle(unsigned int view, unsigned int g);
/* What a side of it lets through; oracle() tells what the view does. */
struct expect oracle_side(unsigned int view, unsigned int g, unsigned int side);
bool needs_sides(p2m_access_t access);
/*
 * Bits 2:0 as in p2m_access_rwx, and a write of the CPU's own to a table of the
 * guest that it walks, where the processor tells that from others.
 */
#define RIGHT_WALKS 8u
unsigned int rights_of(p2m_access_t access);
void check_view(unsigned int view);
void check_all(void);             /* passively: nothing is touched */
void check_touching(void);        /* every gfn in every view, by a guest */
int gfn_number(unsigned long gfn);
bool ref_is_host(unsigned int view, unsigned int g);
bool can_hide(p2m_type_t t);
void ref_drops(void);             /* own pages whose host's pages are gone */
bool ref_own_shows(const struct ref_override *o, unsigned int g);
void check_own(void);             /* what is on own pages */
struct ref_own own_observed(struct altp2m_view *view,
                            const struct altp2m_remap *r);
void ref_promoted(unsigned int view, unsigned int g, p2m_access_t access);
void ref_recalled(void);

/* ---- audit.c ---- */
void audit(void);

/* ---- trace.c ---- */
#define TRACE_CPUS 8u
struct trace {
    unsigned int cpus;
    unsigned long now;            /* a number for each event that matters */
    unsigned long dirtied;        /* when an entry was replaced last */
    unsigned long settled;        /* the last of those that all must know of */
    unsigned long clean[TRACE_CPUS];   /* when each CPU last invalidated */
    bool inside[TRACE_CPUS], asked[TRACE_CPUS];
    unsigned long events[128];    /* told by a log, by kind */
    const char *verdict;          /* NULL, or what was wrong */
};
extern struct trace *trace;       /* that events go to */
void trace_init(struct trace *which, unsigned int cpus);
void trace_dirty(void);
void trace_store(uint64_t old, uint64_t new, bool cacheable);
void trace_free(bool linked);
void trace_mask(void);
void trace_owes(unsigned int cpu);
void trace_invalidate(unsigned int cpu);
void trace_enter(unsigned int cpu);
void trace_exit(unsigned int cpu);
void trace_return(void);
bool trace_clean(void);           /* no CPU may hold what was replaced */
bool trace_events(const char *text);

/* ---- visits.c ---- */
void visits_begin(void);          /* the lock was free, or an operation asks */
void visits_end(void);
#if NR_VCPUS >= 128
void visits_store(const volatile void *p);
void visits_page(void);           /* a page of the guest's is read or written */
unsigned long visits_longest(void);
unsigned long visits_touched(void);
#else
#define visits_store(p) ((void)0)
#define visits_page()   ((void)0)
#endif

/* ---- step.c ---- */
struct step { uint8_t op, a, b, c, d, e; };
/* Of step 0, the configuration: what the CPU can do, in .a; in .d the rest. */
#define CPU_EXEC_ONLY    0x01
#define CPU_AD           0x02
#define CPU_PML          0x04     /* with CPU_AD */
#define CPU_VMFUNC       0x08
#define CPU_VE           0x10     /* with CPU_VMFUNC */
#define CPU_IOMMU_BITS   0x60     /* both, so that it is rare among random ones */
#define CPU_SUPERPAGES   0x80     /* of executable pages */
#define CPU_NEWEST       (CPU_EXEC_ONLY | CPU_VMFUNC | CPU_VE | CPU_SUPERPAGES)
#define CPU_IOMMU        (CPU_EXEC_ONLY | CPU_VMFUNC | CPU_IOMMU_BITS | \
                          CPU_SUPERPAGES)
#define CPU_ALL          (CPU_NEWEST | CPU_IOMMU_BITS)
#define WORLD_WATCHED    0x01     /* each store: history.c */
#define WORLD_AMD        0x02
#define WORLD_PAGING_WRITE 0x04   /* the CPU may write as it walks: r_pw */
extern const unsigned int nr_step_ops;
#define STEP_OPS_OF_TWO 2         /* the last ones: they mean two callers */
void world_init(const struct step *config);
void world_end(void);
void step_do(struct step s);
uint8_t step_named(const char *name);
void step_print(FILE *f, struct step s);
void history_begin(void);
void history_end(void);
extern bool history_on;

/* ---- rules.c ---- */
extern unsigned int touch_offset; /* in the page, of the next accesses */
extern unsigned long touch_gla;   /* the CPU tells it, or 0 */
extern unsigned long touch_rip;   /* where they are made, or 0 */
bool rule_met(struct vcpu *v, unsigned long gfn, struct npfec npfec);
bool rule_handles(struct vcpu *v, unsigned long gfn, struct npfec npfec);
void rule_sent(unsigned int vcpu);
bool ref_stepped_over(unsigned int vcpu);
void rule_enters(struct vcpu *v);
void rule_traps(struct vcpu *v);
bool ref_named(unsigned int view);
bool ref_ruled(void);

/* ---- race.c ---- */
void race_init(void);
/* The points where another CPU may do anything, and where it would wait. */
void race_point(void);
void race_pause(const struct vcpu *v);
/* How many steps were done: a race takes the two after it along. */
unsigned int race_or_step(const struct step *steps, unsigned int nr);
extern unsigned int race_points;  /* that the last one had */
bool race_over(void);             /* the domain has died in it */

/* ---- run.c ---- */
void run_steps(const struct step *steps, unsigned int nr);
void child_exit(void) __attribute__((noreturn));
void limit_time(void);
extern unsigned int *run_refused; /* allocations, in the last run */
int run_shrunk(const struct step *steps, unsigned int nr);
unsigned int random_u32(uint64_t *state);

#endif
