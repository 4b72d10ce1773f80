/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenaltp2m: memory views (altp2m) of a domain.
 *
 * A thin layer over the hypercalls: records and codes are those of
 * <xenaltp2m/altp2m.h>, which says what they mean and what each call does.
 * This header includes it, and needs no other.  libxenaltp2m(3) is the manual.
 *
 * Unless it says otherwise a function returns 0, or -1 with errno set.  The
 * handle may be used by several threads.  gfns are in units of 4k pages, access
 * is one of XENALTP2M_*.
 *
 * Errors of any function that asks Xen.  One condition has one errno:
 *     ESRCH        no such domain
 *     ENOENT       no such view, or no such vCPU
 *     ENXIO        a remap of a gfn, or to a gfn, without a page
 *     EINVAL       a value that can't be
 *     ENOMEM       the domain's paging pool is used up
 *     ENOBUFS      this process has no memory for the call
 *     EOPNOTSUPP   views are off, or not supported: xenaltp2m_capabilities()
 *     EPERM        the domain's mode, or XSM, forbids it
 *     ENOSYS       Xen has no HVM support
 *     EACCES, ...  the driver refuses
 * Functions marked "classic" are Xen's own operations, and keep its errors.
 */
#ifndef XENALTP2M_H
#define XENALTP2M_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenaltp2m/altp2m.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rights: XENMEM_access_* of <xen/memory.h>, by names of this library. */
#define XENALTP2M_N      0
#define XENALTP2M_R      1
#define XENALTP2M_W      2
#define XENALTP2M_RW     3
#define XENALTP2M_X      4
#define XENALTP2M_RX     5
#define XENALTP2M_WX     6
#define XENALTP2M_RWX    7
#define XENALTP2M_RX2RW  8   /* rx, until it is written to: then rw */
#define XENALTP2M_N2RWX  9   /* n, until it is used: then rwx */
#define XENALTP2M_R_PW  10   /* from Xen 4.20 on */
#define XENALTP2M_HOST 255   /* none of its own: whatever the host has */

struct xentoollog_logger;

typedef struct xenaltp2m_handle xenaltp2m_handle;

/*
 * A handle, or NULL with errno set.  @logger may be NULL; @flags must be 0.  A
 * child process opens its own.
 */
xenaltp2m_handle *xenaltp2m_open(struct xentoollog_logger *logger,
                                 unsigned int flags);
/* NULL is no error. */
int xenaltp2m_close(xenaltp2m_handle *h);

/* What there is, and why views can't be used.  EOPNOTSUPP: a Xen without us. */
int xenaltp2m_capabilities(xenaltp2m_handle *h, uint32_t domid,
                           struct xen_altp2m_capabilities *capabilities);
int xenaltp2m_domain_info(xenaltp2m_handle *h, uint32_t domid,
                          struct xen_altp2m_domain_info *info);

/* ---- rights as text ---- */

/* "rx", for programs; "r-x", for people.  "host" for what is no right. */
const char *xenaltp2m_access_name(unsigned int access);
const char *xenaltp2m_access_text(unsigned int access);
/* Either form.  EINVAL: neither. */
int xenaltp2m_access_parse(const char *text, unsigned int *access);

/* ---- views: the operations of Xen's own hvm_op.h: "classic" ---- */

/* Are views on? */
int xenaltp2m_get_state(xenaltp2m_handle *h, uint32_t domid, bool *on);
int xenaltp2m_set_state(xenaltp2m_handle *h, uint32_t domid, bool on);
/*
 * Errors here are the old ones: EINVAL for a view that isn't there.  @access is
 * the default access of the new view, XENALTP2M_HOST for none.
 */
int xenaltp2m_create(xenaltp2m_handle *h, uint32_t domid, unsigned int access,
                     uint16_t *view);
/* EBUSY: view 0, or a vCPU is in it, or a rule names it, or there is none. */
int xenaltp2m_destroy(xenaltp2m_handle *h, uint32_t domid, uint16_t view);
/* All vCPUs.  EINVAL also for a view that isn't visible. */
int xenaltp2m_switch(xenaltp2m_handle *h, uint32_t domid, uint16_t view);
int xenaltp2m_set_visibility(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                             bool visible);
/* The effective access.  ESRCH: a hole. */
int xenaltp2m_get_access(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         uint64_t gfn, unsigned int *access);
/* #VE, and VMFUNC, for a vCPU, with its information page at @gfn. */
int xenaltp2m_enable_notify(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                            uint64_t gfn);
int xenaltp2m_disable_notify(xenaltp2m_handle *h, uint32_t domid,
                             uint32_t vcpu);

/* ---- views: ours ---- */

/*
 * All vCPUs go to view 0, and all rules and views by CR3 go.  EBUSY: a vCPU has
 * gone to a view again by VMFUNC, or somebody has set rules or views by CR3.
 */
int xenaltp2m_destroy_all(xenaltp2m_handle *h, uint32_t domid);

/* EBUSY: meanwhile @view's default was changed, or a range isolated. */
int xenaltp2m_clone(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    uint16_t *clone);
/* @access is XENALTP2M_HOST where there is none. */
int xenaltp2m_get_default(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                          unsigned int *access);
int xenaltp2m_set_default(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                          unsigned int access);
int xenaltp2m_switch_vcpu(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                          uint16_t view);
int xenaltp2m_get_vcpu_view(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                            uint16_t *view);
/* VMFUNC without #VE. */
int xenaltp2m_set_vmfunc(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                         bool on);
int xenaltp2m_set_vcpu_visibility(xenaltp2m_handle *h, uint32_t domid,
                                  uint32_t vcpu, uint16_t view, bool visible);

/* ---- reading in bulk ---- */

/*
 * Where reading is.  Begin with zeroes, or with a gfn in @next; it is over when
 * xenaltp2m_done().
 */
struct xenaltp2m_cursor {
    uint64_t next;
    uint8_t level;
};

static inline bool xenaltp2m_done(const struct xenaltp2m_cursor *cursor)
{
    return cursor->next == XEN_ALTP2M_NONE;
}

/*
 * Each fills up to @room records from where @cursor is, and moves it on.
 * Returns the number of records, which may be 0 without an end, or -1.
 * @last is the last gfn of interest: XEN_ALTP2M_NONE for all.
 */
int xenaltp2m_list_vcpus(xenaltp2m_handle *h, uint32_t domid,
                         struct xenaltp2m_cursor *cursor,
                         struct xen_altp2m_vcpu *list, unsigned int room);
int xenaltp2m_list_views(xenaltp2m_handle *h, uint32_t domid,
                         struct xenaltp2m_cursor *cursor,
                         struct xen_altp2m_view *list, unsigned int room);
int xenaltp2m_list_tables(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                          struct xenaltp2m_cursor *cursor,
                          struct xen_altp2m_table *list, unsigned int room);
int xenaltp2m_read_overrides(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                             struct xenaltp2m_cursor *cursor, uint64_t last,
                             struct xen_altp2m_override *list,
                             unsigned int room);
int xenaltp2m_read_map(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                       struct xenaltp2m_cursor *cursor, uint64_t last,
                       struct xen_altp2m_map *list, unsigned int room);
/* @checked counts up by the entries looked at; it may be NULL. */
int xenaltp2m_audit(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    struct xenaltp2m_cursor *cursor,
                    struct xen_altp2m_mismatch *list, unsigned int room,
                    uint64_t *checked);

/*
 * The same, all of it: *@list is to be given to free().  On error it is NULL.
 * @first and @last are gfns.
 */
int xenaltp2m_all_vcpus(xenaltp2m_handle *h, uint32_t domid,
                        struct xen_altp2m_vcpu **list, size_t *nr);
int xenaltp2m_all_views(xenaltp2m_handle *h, uint32_t domid,
                        struct xen_altp2m_view **list, size_t *nr);
int xenaltp2m_all_tables(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         struct xen_altp2m_table **list, size_t *nr);
int xenaltp2m_all_overrides(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                            uint64_t first, uint64_t last,
                            struct xen_altp2m_override **list, size_t *nr);
int xenaltp2m_all_map(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      uint64_t first, uint64_t last,
                      struct xen_altp2m_map **list, size_t *nr);

/*
 * @entries has room for XEN_ALTP2M_WALK_MAX, of which walk->nr are filled in.
 */
int xenaltp2m_walk(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                   uint64_t gfn, struct xen_altp2m_walk *walk,
                   struct xen_altp2m_entry *entries);
/* The same with the view's execute side: XEN_ALTP2M_WALK_SIDES_MAX entries. */
int xenaltp2m_walk_sides(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         uint64_t gfn, struct xen_altp2m_walk *walk,
                         struct xen_altp2m_entry *entries);

/* ---- changing overrides ---- */

/*
 * One gfn: @access in that view, or XENALTP2M_HOST to give it none of its own;
 * the page of @target shown there, or XEN_ALTP2M_NONE to show its own again.
 */
int xenaltp2m_set_access(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         uint64_t gfn, unsigned int access);
int xenaltp2m_remap(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    uint64_t gfn, uint64_t target);

/*
 * All of the @nr records or none, in one hypercall.  On error *@failed (which
 * may be NULL) is the record that it is about, @nr if about none.  EINVAL also
 * for a record of no gfns, or that neither sets nor clears anything.
 */
int xenaltp2m_apply(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    const struct xen_altp2m_override *list, unsigned int nr,
                    unsigned int flags, unsigned int *failed);

/*
 * Told after each hypercall: @done of @total gfns are.  Not 0: stop, ECANCELED.
 */
typedef int (*xenaltp2m_progress)(void *arg, uint64_t done, uint64_t total);

/*
 * Any number of records, in as many hypercalls as it takes; long ranges are cut
 * up.  Not all or none: on error *@failed is the record that it is about.  That
 * one and those before it may be done, in whole or in part; none after it is.
 * @progress and @failed may be NULL.
 */
int xenaltp2m_apply_all(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        const struct xen_altp2m_override *list, size_t nr,
                        unsigned int flags, xenaltp2m_progress progress,
                        void *arg, size_t *failed);

/*
 * Rights, for a range of any size: @range as for xenaltp2m_apply(), but without
 * a remap to be set.  On error its gfn and count are what is left to do.
 */
int xenaltp2m_set_range(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        struct xen_altp2m_override *range);

/*
 * @access for the range in @view, @others in all other views.  On error *@at
 * (which may be NULL) is the view that is not, or only in part, done.
 */
int xenaltp2m_isolate(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      uint64_t gfn, uint64_t count, unsigned int access,
                      unsigned int others, uint16_t *at);

/* ---- rules ---- */

/*
 * Replaces all rules of a view, or none: nr 0 removes them.  On error *@failed
 * (which may be NULL) is the rule that it is about, @nr if about none.  E2BIG:
 * more than XEN_ALTP2M_MAX_RULES.
 */
int xenaltp2m_set_rules(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        const struct xen_altp2m_rule *rules, unsigned int nr,
                        unsigned int *failed);
/* Reads in bulk, as above. */
int xenaltp2m_read_rules(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         struct xenaltp2m_cursor *cursor,
                         struct xen_altp2m_rule *list, unsigned int room);

/* ---- pages of a view's own ---- */

/*
 * Replace bytes that the view shows; take them back.  All of the records or
 * none; on error *@failed (which may be NULL) is the record that it is about,
 * @nr if about none.  In each record of @list, old and access are filled in.
 */
int xenaltp2m_patch(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    struct xen_altp2m_patch *list, unsigned int nr,
                    unsigned int *failed);
int xenaltp2m_unpatch(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      struct xen_altp2m_patch *list, unsigned int nr,
                      unsigned int *failed);

/*
 * Copy the host's pages to the own pages of a range anew.  *@changed (which may
 * be NULL): how many have changed.
 */
int xenaltp2m_refresh(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                      uint64_t gfn, uint64_t count, uint64_t *changed);

/*
 * @len bytes that the view shows at @gfn; with XEN_ALTP2M_READ_PATCHED in
 * @flags, which of them are patched.
 */
int xenaltp2m_read_page(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                        uint64_t gfn, unsigned int offset, unsigned int len,
                        unsigned int flags, void *to);

/* ---- hidden breakpoints ---- */

/*
 * Breakpoints that the guest can't read: bytes that only a view shows.  The
 * vCPUs run in that view.  A hit is an event of INT3 for the domain's monitor.
 * Reads of the pages show the guest's own bytes, without an event.  A write is
 * an event.  xenaltp2m_breakpoints_event() knows what to answer.
 *
 * Views and breakpoints belong to the domain, and outlive the handle and the
 * process.  A handle is for one thread at a time.  libxenaltp2m(3) has more.
 */
typedef struct xenaltp2m_breakpoints xenaltp2m_breakpoints;

/*
 * The domain's breakpoints.  If it has none yet, two views for them are made,
 * and all vCPUs put into one; with XENALTP2M_ONLY_FIND in @flags, ENOENT
 * instead.  Views are on.  EOPNOTSUPP also where a page that can be executed
 * can be read, or the CPU can't single-step.
 */
xenaltp2m_breakpoints *xenaltp2m_breakpoints_open(xenaltp2m_handle *h,
                                                  uint32_t domid,
                                                  unsigned int flags);
#define XENALTP2M_ONLY_FIND (1u << 0)
/* Frees the handle; NULL is no error. */
void xenaltp2m_breakpoints_close(xenaltp2m_breakpoints *b);
/*
 * Also removes all breakpoints and their views; all vCPUs go to view 0.  On
 * error the handle is not freed, and this can be called again.  EBUSY: a step
 * that a monitor has asked for is not done yet, as the guest stands still: the
 * monitor ends first, by xc_monitor_disable().
 */
int xenaltp2m_breakpoints_end(xenaltp2m_breakpoints *b);
/*
 * The view that runs, for views by CR3 and switches, and the one that shows;
 * either may be NULL.  A right that is taken from another page is to be taken
 * in both, as who reads goes from the first to the second.
 */
void xenaltp2m_breakpoints_views(const xenaltp2m_breakpoints *b,
                                 uint16_t *runs, uint16_t *shows);

/*
 * A breakpoint at the first byte of an instruction; its removal.  EEXIST: there
 * is one.  ENODATA: there is none.  ENXIO: no RAM at the gfn, or another page
 * than when it was put in: xenaltp2m_refresh().
 */
int xenaltp2m_breakpoint(xenaltp2m_breakpoints *b, uint64_t gfn,
                         unsigned int offset);
int xenaltp2m_breakpoint_remove(xenaltp2m_breakpoints *b, uint64_t gfn,
                                unsigned int offset);

/*
 * Only hits by vCPUs with one of these CR3s, where @mask has bits set, are
 * events.  With @nr 0, as at first, all are.  E2BIG: more than 46.
 */
int xenaltp2m_breakpoints_filter(xenaltp2m_breakpoints *b, const uint64_t *cr3,
                                 unsigned int nr, uint64_t mask);

struct xenaltp2m_place {
    uint64_t gfn;
    uint16_t offset;
    bool dormant;                /* another page is there: to be refreshed */
};
/* All of them, by gfn: *@list is for free().  On error it is NULL. */
int xenaltp2m_breakpoints_list(const xenaltp2m_breakpoints *b,
                               struct xenaltp2m_place **list, size_t *nr);

/*
 * How often an INT3 was met since the filter was set: by CR3s of the filter,
 * and by others.  Both count for all breakpoints together; either may be NULL.
 */
int xenaltp2m_breakpoints_counts(const xenaltp2m_breakpoints *b,
                                 uint64_t *hits, uint64_t *others);

/*
 * What a monitor answers to @request, from <xen/vm_event.h>: makes @answer, and
 * returns what it was about, or -1.  Events of INT3 and of single steps are on.
 * EINVAL: made for another version of events, or a vCPU that came later.
 */
#define XENALTP2M_EVENT_OTHER   0 /* no breakpoint: the answer tries again */
#define XENALTP2M_EVENT_HIT     1 /* the answer goes on behind it */
#define XENALTP2M_EVENT_HANDLED 2 /* nothing for the monitor to do */
struct vm_event_st;
int xenaltp2m_breakpoints_event(xenaltp2m_breakpoints *b,
                                const struct vm_event_st *request,
                                struct vm_event_st *answer);

/* ---- the events of a monitor ---- */

/*
 * The ring of events of a domain's monitor, of which there is one: what
 * xc_monitor_enable() of libxenctrl made.  A handle is for one thread at a
 * time.
 */
typedef struct xenaltp2m_events xenaltp2m_events;

/*
 * @page and @port are from xc_monitor_enable(); the handle owns the page, and
 * unmaps it when it is closed.  NULL on error: the page is still the caller's.
 */
xenaltp2m_events *xenaltp2m_events_open(xenaltp2m_handle *h, uint32_t domid,
                                        void *page, uint32_t port);
/* Before xc_monitor_disable().  NULL is no error. */
void xenaltp2m_events_close(xenaltp2m_events *e);
/*
 * Takes the next event: 1.  0: there is none in time, or a signal came; -1 with
 * EPIPE: the domain has ended, or another program has taken its events.
 * @timeout_ms below 0: waits for ever.
 */
int xenaltp2m_events_next(xenaltp2m_events *e, struct vm_event_st *request,
                          int timeout_ms);
/* Each event that was taken needs one answer: its vCPU waits for that. */
int xenaltp2m_events_answer(xenaltp2m_events *e,
                            const struct vm_event_st *answer);
/*
 * Has the guest see its own INT3, which @request is about; beside an answer
 * that tries again.  EINVAL: it is not about an INT3.
 */
int xenaltp2m_events_give_back(xenaltp2m_events *e,
                               const struct vm_event_st *request);
/*
 * For poll(), together with others: readable when there may be an event, but
 * not at the end of the domain.  Take events, for 0 ms, until there is none.
 */
int xenaltp2m_events_fd(const xenaltp2m_events *e);

/* ---- views by CR3: of a process ---- */

/*
 * Replaces all records: a vCPU that loads CR3 is put into the view of the first
 * record that matches it, else into @other, if that is not XEN_ALTP2M_NO_VIEW.
 * @nr 0: there are none any more.  On error nothing is changed, and *@failed
 * (which may be NULL) is the record that it is about, @nr if about none.
 * EINVAL also for a value with bits that its mask lacks.  EPERM also for a view
 * that a guest which asks may not enter.
 */
int xenaltp2m_set_cr3_views(xenaltp2m_handle *h, uint32_t domid,
                            const struct xen_altp2m_cr3_view *list,
                            unsigned int nr, uint16_t other,
                            unsigned int *failed);
/*
 * Reads up to @room records, XEN_ALTP2M_CR3_VIEWS_MAX are enough, and the view
 * of all other CR3s.  @other may be NULL.  Returns how many records there are.
 */
int xenaltp2m_get_cr3_views(xenaltp2m_handle *h, uint32_t domid,
                            struct xen_altp2m_cr3_view *list, unsigned int room,
                            uint16_t *other);

/* ---- the log ---- */

/*
 * A domain's log: rules with XEN_ALTP2M_RULE_LOG write records into it, and the
 * guest goes on.  A handle is for one thread at a time.
 */
typedef struct xenaltp2m_log xenaltp2m_log;

/*
 * Opens it, with room for @records records or some more; 4095 are the most.
 * EBUSY: it is open; with XENALTP2M_REPLACE in @flags it is closed before, and
 * whoever has it finds that.  NULL on error.
 */
xenaltp2m_log *xenaltp2m_log_open(xenaltp2m_handle *h, uint32_t domid,
                                  unsigned int records, unsigned int flags);
#define XENALTP2M_REPLACE (1u << 0)
/* Also frees @log, in any case.  NULL is no error. */
int xenaltp2m_log_close(xenaltp2m_log *log);
/*
 * Takes up to @room records, in their order.  Returns how many; 0: there is
 * none now.  EPIPE: all is read, and the log is closed: by somebody else, with
 * the views, or at the end of the domain.  EPROTO: another process has written
 * to the ring.
 */
int xenaltp2m_log_read(xenaltp2m_log *log, struct xen_altp2m_log_record *list,
                       unsigned int room);
/*
 * When all records are read: waits until there may be one, or the log is
 * closed: 1.  0: neither in time, or a signal came; -1.  @timeout_ms below 0:
 * for ever.
 */
int xenaltp2m_log_wait(xenaltp2m_log *log, int timeout_ms);
/*
 * For poll(), together with others: readable when there may be a record, but
 * not at the end of the domain, which sends no event.  Read, then wait for 0
 * ms.
 */
int xenaltp2m_log_fd(const xenaltp2m_log *log);
/* How many records there was no room for. */
uint64_t xenaltp2m_log_lost(const xenaltp2m_log *log);

/* Which accesses are logged.  A field of 0 is no condition. */
struct xenaltp2m_filter {
    uint64_t cr3, cr3_mask;
    uint64_t rip, rip_last;      /* linear addresses */
    uint16_t offset, offset_last; /* in the page */
    uint8_t cpl;                 /* mask of 1 << CPL */
    uint8_t pad[3];
    uint64_t cookie;             /* no condition: in the records */
};

/*
 * Makes a view in which accesses to @gfn are logged, if they are in @access, a
 * mask of XEN_ALTP2M_RULE_{READ,WRITE,FETCH}, and meet @filter, which may be
 * NULL.  All accesses go through, at the cost of two exits.  It is for the
 * caller to have vCPUs run in it, by xenaltp2m_switch() or views by CR3; and to
 * destroy it.
 */
int xenaltp2m_watch(xenaltp2m_handle *h, uint32_t domid, uint64_t gfn,
                    unsigned int access, const struct xenaltp2m_filter *filter,
                    uint16_t *view);

/* ---- remaps that lose their target ---- */

/*
 * Be told by an event: *@port is one of the domain's, for
 * xenevtchn_bind_interdomain(), when turned on.
 */
int xenaltp2m_notify_lost(xenaltp2m_handle *h, uint32_t domid, bool on,
                          uint32_t *port);
/*
 * Losses from number *@next on, which is moved on; begin with 0.  Returns how
 * many; fewer than @room: no more for now.
 */
int xenaltp2m_read_lost(xenaltp2m_handle *h, uint32_t domid, uint64_t *next,
                        struct xen_altp2m_lost *list, unsigned int room);

#ifdef __cplusplus
}
#endif

#endif /* XENALTP2M_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
