/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views (altp2m): their interface to the rest of Xen.
 *
 * A view is an alternate guest-physical to host-physical map of a domain: the
 * host p2m plus a sparse set of overrides.  The implementation is in
 * mm/altp2m/, which has a README, and in hvm/{vmx,svm}/altp2m.c.
 *
 * gfns are in units of 4k pages.  Errors are negative errno values.  "Lock" is
 * the host p2m lock.
 */
#ifndef ASM_X86_ALTP2M_H
#define ASM_X86_ALTP2M_H

#include <xen/sched.h>
#include <xen/mem_access.h>
#include <xen/nospec.h>
#include <xen/typesafe.h>

#include <asm/hvm/vcpu.h>
#include <asm/mem_access.h>
#include <asm/mtrr.h>
#include <asm/p2m.h>

/* The entries of VMFUNC's EPTP list (SDM Vol. 3C, 26.5.6.3). */
#define ALTP2M_MAX_VIEWS 512

#ifdef CONFIG_HVM

struct p2m_domain;

/* A view's index as a caller gave it: there may be no such view. */
TYPE_SAFE(unsigned int, view_idx);

/* Are views on?  Changes only with the domain paused. */
static inline bool altp2m_active(const struct domain *d)
{
    return d->arch.altp2m_active;
}

/* The view a vCPU is in: 0, the host's, where views are off. */
static inline uint16_t altp2m_vcpu_idx(const struct vcpu *v)
{
    return vcpu_altp2m(v).p2midx;
}

/* Life and switching: domain.c, switch.c. */
void altp2m_teardown(struct domain *d, bool *preempted);

/* A switch that a monitor asks for.  The name is common code's. */
void p2m_altp2m_check(struct vcpu *v, uint16_t idx);

/* Hypercalls, and access that XENMEM_access_op sets: ops/, host_access.c. */
int altp2m_op(XEN_GUEST_HANDLE_PARAM(void) arg);
int altp2m_set_host_access(struct p2m_domain *p2m, gfn_t gfn,
                           p2m_access_t access);
int altp2m_get_mem_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                          view_idx_t idx);

/*
 * Calls of the host p2m's code, lock held: follow.c; also targets.c, roots.c,
 * fill.c, pool.c.  For a guest without views each inline function here and
 * below costs one test, but altp2m_access_set() also looks up and marks the
 * table of each entry whose access is not rwx.
 */

/* Who makes CPUs invalidate copies of a host entry that has changed. */
enum altp2m_flusher { FLUSHED_BY_VIEWS, FLUSHED_BY_XEN };

void altp2m_entry_written(struct p2m_domain *p2m, const void *entry,
                          enum altp2m_flusher flusher);
void altp2m_redo_targets(struct domain *d, gfn_t first, gfn_t last);
void altp2m_redo_memory_type(struct domain *d);
void altp2m_host_restricts(struct p2m_domain *p2m, gfn_t gfn,
                           const void *entry);
void altp2m_roots_changed(struct domain *d);
bool altp2m_reclaim(struct domain *d);
struct page_info *altp2m_host_page(struct domain *d);
bool altp2m_settled(const struct p2m_domain *p2m);
bool altp2m_sample_good(struct p2m_domain *p2m);   /* debug builds only */

/*
 * May CPUs have cached an EPT entry?  Then Xen flushes when it changes.  They
 * cache no entry without rights (bits 2:0), and none that its memory type (bits
 * 5:3) marks for recalculation (SDM Vol. 3C, 29.3.3.1 and 29.4.2).
 */
static inline bool altp2m_ept_cached(uint64_t entry)
{
    return (entry & 0x7) && (entry & 0x38) != MTRR_NUM_TYPES << 3;
}

/* struct altp2m_domain begins with this, for the functions below. */
struct altp2m_front {
    bool tables;                  /* some view has a table below its root */
};

/*
 * Must views be told of a store of the host's at @level (0: of a 4k entry)?
 * host.c keeps the table of level 1 that it read last: its way changes above.
 * Some of Xen's functions give the root's entries as of level 2.
 */
static inline bool altp2m_concerns(const struct domain *d, unsigned int level)
{
    const struct altp2m_front *front = (const void *)d->arch.altp2m;

    return unlikely(front != NULL) && (front->tables || level > 1);
}

/* The host has written the EPT entry at @entry, which was @old. */
static inline void altp2m_ept_changed(struct p2m_domain *p2m, const void *entry,
                                      uint64_t old, unsigned int level)
{
    if ( altp2m_concerns(p2m->domain, level) )
        altp2m_entry_written(p2m, entry, altp2m_ept_cached(old)
                                         ? FLUSHED_BY_XEN : FLUSHED_BY_VIEWS);
}

/* Do views follow stores to this p2m?  Then altp2m_npt_changed() flushes. */
static inline bool altp2m_follows(const struct p2m_domain *p2m)
{
    return unlikely(p2m->domain->arch.altp2m != NULL) && p2m_is_hostp2m(p2m);
}

/*
 * The host has written the NPT entry at @entry, which had the flags @old.
 * Views follow, and then CPUs flush, if the entry was present: once, for both.
 * The barrier orders all stores before the mask of CPUs is read, as in
 * npt_flush().
 */
static inline void altp2m_npt_changed(struct p2m_domain *p2m, const void *entry,
                                      unsigned int old, unsigned int level)
{
    if ( !altp2m_follows(p2m) )
        return;

    if ( altp2m_concerns(p2m->domain, level) )
        altp2m_entry_written(p2m, entry, old & _PAGE_PRESENT
                                         ? FLUSHED_BY_XEN : FLUSHED_BY_VIEWS);
    smp_mb();
    if ( p2m->write_p2m_entry_post )
        p2m->write_p2m_entry_post(p2m, old);
}

/*
 * The host is about to write a leaf with @access at @entry, for @gfn.  If @gfn
 * is INVALID_GFN, @entry is the first of a new table that replaces a superpage
 * with @access.
 */
static inline void altp2m_access_set(struct p2m_domain *p2m, gfn_t gfn,
                                     const void *entry, p2m_access_t access)
{
    if ( unlikely(access != p2m_access_rwx) )
        altp2m_host_restricts(p2m, gfn, entry);
}

/* The host has changed its entries for [@first, @last], or marked them. */
static inline void altp2m_targets_changed(struct domain *d, gfn_t first,
                                          gfn_t last)
{
    if ( unlikely(d->arch.altp2m_remaps) )
        altp2m_redo_targets(d, first, last);
}

/* The host has marked all entries for a new memory type. */
static inline void altp2m_memory_type_changed(struct domain *d)
{
    if ( unlikely(d->arch.altp2m != NULL) )
        altp2m_redo_memory_type(d);
}

/*
 * Views by CR3: cr3.c.  Is there a record?  Then writes of CR3 exit.  Changes
 * only with the domain paused.
 */
static inline bool altp2m_by_cr3(const struct domain *d)
{
    return unlikely(d->arch.altp2m_cr3);
}

void altp2m_cr3_load(struct vcpu *v);
void altp2m_cr3_again(struct vcpu *v);
void altp2m_cr3_set(struct vcpu *v);

/* The current vCPU has loaded CR3: it may be in another view from now on. */
static inline void altp2m_cr3_loaded(struct vcpu *v)
{
    if ( altp2m_by_cr3(v->domain) )
        altp2m_cr3_load(v);
}

/*
 * @v is current again.  If a monitor was asked about CR3, it has replied;
 * unless what Xen did for that reply is an event itself, for which @v waits.
 */
static inline void altp2m_cr3_replied(struct vcpu *v)
{
    if ( unlikely(vcpu_altp2m(v).cr3_asked) &&
         !atomic_read(&v->vm_event_pause_count) )
        altp2m_cr3_again(v);
}

/* Nested page faults and #VE: fault.c, match.c, seen.c, ve.c. */
gfn_t altp2m_view_gfn(const struct vcpu *v, gfn_t gfn);
struct page_info *altp2m_view_page(const struct vcpu *v, gfn_t gfn,
                                   p2m_type_t *t, p2m_query_t q, uint32_t pfec);
bool altp2m_view_shows_own(struct vcpu *v, paddr_t gpa);
void altp2m_view_fault_page(struct vcpu *v, paddr_t gpa, mfn_t *mfn,
                            p2m_type_t *t);
bool altp2m_device_sees(const struct vcpu *v, gfn_t gfn);
bool altp2m_view_fault_begin(struct vcpu *v, paddr_t gpa, unsigned long gla,
                             struct npfec npfec, unsigned long *gfn);
bool altp2m_skip_fault(struct vcpu *v, paddr_t gpa, struct npfec npfec,
                       p2m_type_t type);
bool altp2m_view_fault(struct vcpu *v, paddr_t gpa, struct npfec npfec,
                       p2m_access_t *access, unsigned int *order);

/*
 * Returns the gfn whose page @v sees at @gfn, for accesses that Xen makes for
 * @v.  May take the lock.  May miss a domain's first remap, made at the same
 * time.
 */
static inline gfn_t altp2m_gfn(const struct vcpu *v, gfn_t gfn)
{
    return unlikely(v->domain->arch.altp2m_remaps) ? altp2m_view_gfn(v, gfn)
                                                   : gfn;
}

/*
 * get_page_from_gfn() of the page that @v sees at @gfn, for an access that Xen
 * makes for @v.  @pfec: PFEC_insn_fetch, PFEC_write_access, or neither for a
 * read.  An own page is returned for a fetch, and for what the view allows.
 * May take the lock, as altp2m_gfn().
 */
static inline struct page_info *altp2m_get_page(const struct vcpu *v, gfn_t gfn,
                                                p2m_type_t *t, p2m_query_t q,
                                                uint32_t pfec)
{
    return unlikely(v->domain->arch.altp2m_remaps)
           ? altp2m_view_page(v, gfn, t, q, pfec)
           : get_page_from_gfn(v->domain, gfn_x(gfn), t, q);
}

/*
 * Xen emulates a write.  It found no RAM, and is about to pass the write on to
 * a device model.  Does the view show RAM there by now?
 */
static inline bool altp2m_late_ram(const struct domain *d, p2m_type_t t)
{
    return unlikely(altp2m_active(d)) &&
           (t == p2m_ram_rw || t == p2m_ram_logdirty);
}

/*
 * A nested page fault at @gpa begins.  Returns true if it is handled: the guest
 * goes on.  Else the caller is to read the host's entry for *@gfn, which is the
 * target now where the current view remaps it; and with views on, the lock is
 * taken, which altp2m_fault() drops.  The barrier is inline and on all ways, as
 * a CPU may guess the test or the return: mm/altp2m/lock.h.
 */
static always_inline bool altp2m_fault_begin(struct vcpu *v, paddr_t gpa,
                                             unsigned long gla,
                                             struct npfec npfec,
                                             unsigned long *gfn)
{
    bool done = unlikely(altp2m_active(v->domain)) &&
                altp2m_view_fault_begin(v, gpa, gla, npfec, gfn);

    block_lock_speculation();

    return done;
}

/*
 * Does the current view show an own page at @gpa?  Then nothing happens to the
 * host's: it is not populated or unshared, and no write makes it dirty.
 */
static inline bool altp2m_fault_own(struct vcpu *v, paddr_t gpa)
{
    return unlikely(v->domain->arch.altp2m_remaps) &&
           altp2m_view_shows_own(v, gpa);
}

/* How to read the host's entry, which would be read by @q. */
static inline p2m_query_t altp2m_fault_query(struct vcpu *v, paddr_t gpa,
                                             p2m_query_t q)
{
    return altp2m_fault_own(v, gpa) ? 0 : q;
}

/*
 * After altp2m_fault(): if the view shows an own page, *@mfn and *@t become
 * that page's.
 */
static inline void altp2m_fault_page(struct vcpu *v, paddr_t gpa, mfn_t *mfn,
                                     p2m_type_t *t)
{
    if ( unlikely(v->domain->arch.altp2m_remaps) )
        altp2m_view_fault_page(v, gpa, mfn, t);
}

/*
 * Handles the current view's part of a nested page fault at @gpa.  The caller
 * has read the host's entry for the gfn that altp2m_fault_begin() returned:
 * @type.  *@access and *@order, the host's, become those of the view's entry.
 *
 * Returns true if the fault is handled: the guest retries.
 */
static inline bool altp2m_fault(struct vcpu *v, paddr_t gpa,
                                struct npfec npfec, p2m_type_t type,
                                p2m_access_t *access, unsigned int *order)
{
    return unlikely(altp2m_active(v->domain)) &&
           !altp2m_skip_fault(v, gpa, npfec, type) &&
           altp2m_view_fault(v, gpa, npfec, access, order);
}

/*
 * Xen has emulated @insn, of which it fetched @bytes at rip.  Is that a
 * breakpoint which the view has there?  It was put in since the CPU fetched.
 * Then the guest retries, so that the CPU meets it, as without Xen.
 */
bool altp2m_breakpoint_here(struct vcpu *v);
static inline bool altp2m_met_breakpoint(struct vcpu *v, const void *insn,
                                         unsigned int bytes)
{
    return unlikely(v->domain->arch.altp2m_remaps) && bytes &&
           *(const uint8_t *)insn == 0xcc && altp2m_breakpoint_here(v);
}

/* May a view show other code by now than the CPU has fetched? */
static inline bool altp2m_code_changes(const struct vcpu *v)
{
    return unlikely(v->domain->arch.altp2m_remaps);
}

/*
 * Must the domain's INT3 exit?  A view has patched bytes, or had: breakpoint.c.
 */
static inline bool altp2m_int3_exits(const struct domain *d)
{
    return unlikely(d->arch.altp2m_breakpoints);
}

/*
 * The current vCPU has met an INT3.  Returns true if it is a view's, and all is
 * done, or if there is none any more: the guest goes on where it is.
 */
bool altp2m_view_breakpoint(struct vcpu *v);
static inline bool altp2m_breakpoint(struct vcpu *v)
{
    return altp2m_int3_exits(v->domain) && altp2m_view_breakpoint(v);
}

int altp2m_misconfig(struct vcpu *v, gfn_t gfn, int rc);
bool altp2m_read_seen(struct vcpu *v, paddr_t gpa, void *data,
                      unsigned int size);
mfn_t altp2m_get_entry(struct vcpu *v, gfn_t gfn, p2m_type_t *t,
                       p2m_access_t *access);
int altp2m_vcpu_access(struct vcpu *v, gfn_t gfn, xenmem_access_t *access);
void altp2m_promote(struct vcpu *v, gfn_t gfn, p2m_access_t access);
bool altp2m_inject_ve(struct vcpu *v, paddr_t gpa, unsigned long gla,
                      struct npfec npfec, p2m_access_t access);
bool altp2m_rule(struct vcpu *v, paddr_t gpa, unsigned long gla,
                 struct npfec npfec, bool last);

/*
 * Handles a violation of the current view at @gpa, before a monitor is asked:
 * by #VE, or as the view's rules say.  @access is the view's.  Returns true if
 * it is handled.  Lock held.
 */
static inline bool altp2m_violation(struct vcpu *v, paddr_t gpa,
                                    unsigned long gla, struct npfec npfec,
                                    p2m_access_t access)
{
    return altp2m_inject_ve(v, gpa, gla, npfec, access) ||
           altp2m_rule(v, gpa, gla, npfec, true);
}

/* The log's pages, for XENMEM_acquire_resource: ops/log_open.c. */
unsigned int altp2m_log_frames(const struct domain *d, unsigned int id);
int altp2m_log_acquire(struct domain *d, unsigned int id, unsigned int frame,
                       unsigned int nr, xen_pfn_t *mfn_list);

int altp2m_emulate_vmfunc(const struct cpu_user_regs *regs);
bool altp2m_ud_intercept(struct cpu_user_regs *regs);

/* For VM forks: fork.c. */
int altp2m_fork_set(struct p2m_domain *hp2m, gfn_t gfn, mfn_t mfn,
                    p2m_type_t t);
void altp2m_fork_ends(struct domain *d);

/* Events of translations, for a debug build's log: trace.c. */
enum altp2m_event {
    ALTP2M_STORED = 's',          /* an entry of a view that CPUs may hold */
    ALTP2M_MASKED = 'm',          /* all must invalidate before they enter */
    ALTP2M_INVALIDATED = 'i',     /* this CPU, all that it may walk */
    ALTP2M_INVALIDATED_ONE = 'j', /* this CPU, one context of several */
    ALTP2M_ENTERS = 'e',          /* this CPU, the guest */
    ALTP2M_LEFT = 'x',
    ALTP2M_FREED = 'f',           /* a view's table */
    ALTP2M_RETURNS = 'r',         /* a hypercall */
};
#ifdef CONFIG_DEBUG
void altp2m_trace(const struct domain *d, enum altp2m_event event);
void altp2m_trace_invept(const struct domain *d, unsigned int contexts);
void altp2m_trace_end(const struct domain *d);
#else
static inline void altp2m_trace(const struct domain *d,
                                enum altp2m_event event) {}
static inline void altp2m_trace_invept(const struct domain *d,
                                       unsigned int contexts) {}
static inline void altp2m_trace_end(const struct domain *d) {}
#endif

/* Settings of CPUs: roots.c, switch.c, ve.c, hvm/{vmx,svm}/altp2m.c. */
uint64_t altp2m_root(const struct vcpu *v);
view_idx_t altp2m_find_root(struct vcpu *v, uint64_t root);
bool altp2m_executes(const struct vcpu *v);
bool altp2m_may_vmfunc(const struct vcpu *v);
bool altp2m_ud_exits(const struct vcpu *v);
paddr_t altp2m_eptp_list(const struct vcpu *v);
void altp2m_vcpu_sync(struct vcpu *v);
void altp2m_vcpu_restored(struct vcpu *v);
void vmx_altp2m_sync(struct vcpu *v);
void vmx_altp2m_resume(struct vcpu *v);
void vmx_altp2m_vmexit(struct vcpu *v);
uint64_t vmx_altp2m_qualification(unsigned long *gla);
void svm_altp2m_sync(struct vcpu *v);
void svm_altp2m_inject_ve(void);
void svm_altp2m_cr3_exits(struct vcpu *v);
bool svm_altp2m_gla(paddr_t gpa, struct npfec npfec, unsigned long *gla);

/* @v is current again, with its VMCS loaded. */
static inline void altp2m_resume(struct vcpu *v)
{
    if ( unlikely(vcpu_altp2m(v).vmcs_due) )
        vmx_altp2m_resume(v);
}

#else /* !CONFIG_HVM */

static inline bool altp2m_active(const struct domain *d)
{
    return false;
}

/* Only declared: calls are optimised out. */
uint16_t altp2m_vcpu_idx(const struct vcpu *v);
static inline void p2m_altp2m_check(struct vcpu *v, uint16_t idx) {}

static inline gfn_t altp2m_gfn(const struct vcpu *v, gfn_t gfn)
{
    return gfn;
}

static inline unsigned int altp2m_log_frames(const struct domain *d,
                                             unsigned int id)
{
    return 0;
}

static inline int altp2m_log_acquire(struct domain *d, unsigned int id,
                                     unsigned int frame, unsigned int nr,
                                     xen_pfn_t *mfn_list)
{
    return -EINVAL;
}

#endif /* CONFIG_HVM */

#endif /* ASM_X86_ALTP2M_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
