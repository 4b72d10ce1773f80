/* SPDX-License-Identifier: MIT */
/*
 * Memory views (altp2m): the operations beyond those in hvm_op.h.
 *
 * They are sub-operations of HVMOP_altp2m.  The caller fills in a struct
 * xen_hvm_altp2m_op as ever: version (HVMOP_ALTP2M_INTERFACE_VERSION), cmd (one
 * of the numbers below), domain, and zeroes in pad1 and pad2.  The structure
 * named with the number lies over its union u.  All of it is written back when
 * the operation succeeds, and also when it fails, so that it says how far it
 * got.
 *
 * Layout is the same for 64 bit and 32 bit callers: fields are aligned to their
 * size, and buffers are named by their guest address as a 64 bit number.
 * Fields called pad must be 0.  gfns are in units of 4k pages.  Levels are those
 * of the tables that entries are in: 0 has 4k entries, 1 2M, 2 1G, 3 512G.
 * Access is one of XENMEM_access_* (memory.h).
 *
 * Operations that take long stop now and then to let others run, and go on by
 * themselves (hypercall continuation); fields that say so hold their place.
 *
 * Errors that any of them may have:
 *     -EOPNOTSUPP  views are off, or not supported; Xen doesn't know cmd.
 *                  HVMOP_altp2m_capabilities says which.
 *     -EINVAL      a field has a value that it can't have
 *     -EPERM       the domain's mode, or XSM, doesn't let the caller
 *     -ESRCH       no such domain
 *     -ENOENT      no such view; no such vCPU
 *     -EFAULT      a buffer that can't be read or written
 *     -ENOMEM      the domain's paging pool is used up
 */
#ifndef __XEN_PUBLIC_HVM_ALTP2M_H__
#define __XEN_PUBLIC_HVM_ALTP2M_H__

/*
 * Goes up when something is added.  What is here is not changed: a program
 * works with every Xen whose number is not smaller than the one it needs.
 */
#define XEN_ALTP2M_INTERFACE 2

/* "None", "to the end" and "done", where gfns and cursors are 64 bits wide. */
#define XEN_ALTP2M_NONE (~(uint64_t)0)

/*
 * HVMOP_altp2m_capabilities: what there is, and if not, why not.
 *
 * Changes nothing, and answers in every state: for a domain of any type, with
 * views off, and when this Xen can't have any.  A Xen that knows none of the
 * operations in this file answers -EOPNOTSUPP.  Where the mode is disabled, as
 * in mode external, only a domain that controls the other may ask.
 */
#define HVMOP_altp2m_capabilities 0x100
struct xen_altp2m_capabilities {
    uint32_t interface;      /* OUT: XEN_ALTP2M_INTERFACE of this Xen */
    uint32_t why_not;        /* OUT: mask of 1 << XEN_ALTP2M_WHY_*; 0: views
                                are on, and can be used */
    uint32_t features;       /* OUT: mask of XEN_ALTP2M_HAS_* */
    uint32_t rights;         /* OUT: mask of 1 << XENMEM_access_* that this CPU
                                can enforce in a view */
    uint32_t max_views;      /* OUT: indexes are below this */
    uint32_t max_entries;    /* OUT: most entries in one HVMOP_altp2m_apply */
    uint32_t mode;           /* OUT: XEN_ALTP2M_* of hvm/params.h */
    uint32_t format;         /* OUT: XEN_ALTP2M_FORMAT_* */
    uint64_t max_gfn;        /* OUT: highest gfn that can be overridden */
};

/* Reasons, in the order in which they are to be dealt with. */
#define XEN_ALTP2M_WHY_CPU        0 /* the CPU has no EPT or NPT, or virtual
                                       machine extensions are switched off */
#define XEN_ALTP2M_WHY_HAP        1 /* Xen was told not to use it (hap=0) */
#define XEN_ALTP2M_WHY_CMDLINE    2 /* Xen was started without altp2m=1 */
#define XEN_ALTP2M_WHY_PV         3 /* the domain is neither HVM nor PVH */
#define XEN_ALTP2M_WHY_SHADOW     4 /* the domain is made without HAP */
#define XEN_ALTP2M_WHY_NESTED     5 /* the domain has nested virtualization */
#define XEN_ALTP2M_WHY_MODE       6 /* the domain is made with altp2m disabled */
#define XEN_ALTP2M_WHY_OFF        7 /* views are off: the domain state is 0 */

#define XEN_ALTP2M_HAS_VMFUNC       (1u << 0) /* guests may switch views */
#define XEN_ALTP2M_HAS_VE           (1u << 1) /* guests may be told by #VE */
#define XEN_ALTP2M_HAS_VMFUNC_HW    (1u << 2) /* by the CPU; else emulated */
#define XEN_ALTP2M_HAS_VE_HW        (1u << 3) /* by the CPU; else emulated */
#define XEN_ALTP2M_HAS_SINGLE_STEP  (1u << 4) /* fast single-step */

#define XEN_ALTP2M_FORMAT_NONE 0
#define XEN_ALTP2M_FORMAT_EPT  1 /* Intel SDM Vol. 3C, 29.3.2 */
#define XEN_ALTP2M_FORMAT_NPT  2 /* AMD APM Vol. 2, 15.25 */

/* HVMOP_altp2m_domain_info: what the views of a domain cost together. */
#define HVMOP_altp2m_domain_info 0x101
struct xen_altp2m_domain_info {
    uint32_t views;          /* OUT: views there are, view 0 included */
    uint32_t vcpus;          /* OUT: vCPUs of the domain */
    uint32_t pool_total;     /* OUT: pages of the paging pool */
    uint32_t pool_free;      /* OUT: of these, free */
    uint32_t pool_views;     /* OUT: of these, taken for views */
    uint32_t tables;         /* OUT: private tables of all views */
    uint32_t remaps;         /* OUT: remapped gfns of all views */
    uint32_t dormant;        /* OUT: of these, without a page at the target */
    uint64_t lost;           /* OUT: how often a remap became dormant */
    uint64_t filled;         /* OUT: nested faults that rebuilt a table */
    uint64_t host_max_gfn;   /* OUT: highest gfn that the host ever mapped */
};

/*
 * Reading in bulk.  All of HVMOP_altp2m_{list_vcpus,list_views,read_overrides,
 * read_map,list_tables,read_lost,audit} use this, with records of their own.
 *
 * For the first part @next is 0 (where gfns are read: the first gfn) and @level
 * is 0.  Each call writes up to @room records and moves @next and @level on.
 * It is done when @next is XEN_ALTP2M_NONE, else the next call goes on from
 * there.  Between calls, and within long ones, others may change what is read;
 * what isn't changed meanwhile is told exactly once.
 */
struct xen_altp2m_read {
    uint16_t view;           /* IN: where it is of one view */
    uint8_t level;           /* IN/OUT: cursor, together with next */
    uint8_t pad1;
    uint32_t room;           /* IN: records that the buffer has room for; not 0 */
    uint64_t buffer;         /* IN: guest address of records */
    uint64_t next;           /* IN/OUT: cursor */
    uint64_t last;           /* IN: last gfn of interest, XEN_ALTP2M_NONE: all;
                                only for read_overrides and read_map */
    uint32_t nr;             /* IN: 0. OUT: records written */
    uint32_t pad2;
    uint64_t checked;        /* IN: 0. OUT: entries looked at; only for audit */
};

/* HVMOP_altp2m_list_vcpus: by number; @next is one. */
#define HVMOP_altp2m_list_vcpus 0x102
struct xen_altp2m_vcpu {
    uint32_t vcpu;
    uint16_t view;           /* that it is in */
    uint16_t flags;          /* XEN_ALTP2M_VCPU_* */
};
#define XEN_ALTP2M_VCPU_VE      (1u << 0) /* has an information page for #VE */
#define XEN_ALTP2M_VCPU_VMFUNC  (1u << 1) /* may use VMFUNC */
#define XEN_ALTP2M_VCPU_LIST    (1u << 2) /* a visible view is hidden from it */
#define XEN_ALTP2M_VCPU_DOWN    (1u << 3) /* isn't online */

/* HVMOP_altp2m_list_views: by index; @next is one. */
#define HVMOP_altp2m_list_views 0x103
struct xen_altp2m_view {
    uint16_t view;           /* index */
    uint8_t flags;           /* XEN_ALTP2M_VIEW_* */
    uint8_t default_access;  /* of gfns without one of their own, or
                                XEN_ALTP2M_NO_DEFAULT */
    uint32_t vcpus;          /* that are in it */
    uint64_t access_gfns;    /* gfns with an access of their own */
    uint64_t sve_gfns;       /* gfns that say of their own if #VE is suppressed */
    uint32_t remaps;         /* gfns that are remapped */
    uint32_t dormant;        /* of these, without a page at the target */
    uint32_t tables;         /* private tables, the root included */
    uint32_t tables_max;     /* that it would have, had none been given up */
    uint64_t pool_bytes;     /* of the paging pool, for all that it is made of */
    uint64_t filled;         /* nested faults that rebuilt a table */
    uint64_t lost;           /* how often a remap became dormant */
};
#define XEN_ALTP2M_VIEW_VISIBLE (1u << 0) /* guests may switch to it */

/*
 * What a view says about a range of gfns.  Read by read_overrides, where @clear
 * is 0; told to apply, to which what was read can be given as it is.
 */
struct xen_altp2m_override {
    uint64_t gfn;            /* first */
    uint64_t count;          /* of gfns */
    uint64_t target;         /* with XEN_ALTP2M_REMAP: the gfn whose page is
                                shown at the first gfn; the next at the next */
    uint8_t set;             /* mask of XEN_ALTP2M_{ACCESS,SVE,REMAP} */
    uint8_t clear;           /* the same: taken back. In neither: kept */
    uint8_t access;          /* with XEN_ALTP2M_ACCESS, else 0 */
    uint8_t sve;             /* with XEN_ALTP2M_SVE: suppress #VE?, else 0 */
    uint8_t level;           /* OUT of read_overrides: of the entries that it is
                                made of. Ignored by apply */
    uint8_t dormant;         /* OUT of read_overrides: the targets have no page
                                now. Ignored by apply */
    uint16_t pad;
};
#define XEN_ALTP2M_ACCESS (1u << 0)
#define XEN_ALTP2M_SVE    (1u << 1)
#define XEN_ALTP2M_REMAP  (1u << 2)

/*
 * HVMOP_altp2m_read_overrides: struct xen_altp2m_override, by gfn.  @next is
 * one.  Equal neighbours of one level, and remaps to neighbouring targets, are
 * one record.
 */
#define HVMOP_altp2m_read_overrides 0x104

/*
 * HVMOP_altp2m_read_map: what a view shows, struct xen_altp2m_map, by gfn.
 * @next is one.  Equal neighbours are one record.  Beyond the host's last page
 * nothing is told.
 */
#define HVMOP_altp2m_read_map 0x105
struct xen_altp2m_map {
    uint64_t gfn;            /* first */
    uint64_t count;          /* of gfns */
    uint64_t source;         /* gfn whose page the first shows; its own if it
                                isn't remapped */
    uint8_t kind;            /* XEN_ALTP2M_KIND_* */
    uint8_t access;          /* in the view: the effective one */
    uint8_t host_access;     /* the host's own */
    uint8_t level;           /* of the host's entries */
    uint8_t flags;           /* XEN_ALTP2M_MAP_* */
    uint8_t table_level;     /* lowest level at which the view has a private
                                table on the way there */
    uint16_t pad;
};
#define XEN_ALTP2M_KIND_HOLE   0 /* nothing, or emulated devices */
#define XEN_ALTP2M_KIND_RAM    1
#define XEN_ALTP2M_KIND_ROM    2 /* RAM that nobody may write to */
#define XEN_ALTP2M_KIND_SHARED 3 /* one page for equal ones */
#define XEN_ALTP2M_KIND_PAGED  4 /* RAM that isn't there, but will be when used */
#define XEN_ALTP2M_KIND_GRANT  5 /* another domain's page */
#define XEN_ALTP2M_KIND_MMIO   6 /* a device's */
#define XEN_ALTP2M_MAP_SVE        (1u << 0) /* #VE is suppressed */
#define XEN_ALTP2M_MAP_REMAPPED   (1u << 1) /* source isn't gfn */
#define XEN_ALTP2M_MAP_DORMANT    (1u << 2) /* remapped, but the target has no
                                               page: source is gfn */
#define XEN_ALTP2M_MAP_OVERRIDDEN (1u << 3) /* the view says something of it */

/* HVMOP_altp2m_list_tables: what the view's tables are, the root first. */
#define HVMOP_altp2m_list_tables 0x106
struct xen_altp2m_table {
    uint64_t gfn;            /* first that it covers */
    uint8_t level;
    uint8_t flags;           /* XEN_ALTP2M_TABLE_* */
    uint16_t used;           /* of its 512 entries, how many the view has a say
                                in */
    uint32_t pad;
};
#define XEN_ALTP2M_TABLE_CACHED  (1u << 0) /* it exists; else it was given up, and
                                              is made again by the next fault */
#define XEN_ALTP2M_TABLE_MIRRORS (1u << 1) /* the host has a table there too */

/*
 * HVMOP_altp2m_apply: change many overrides of a view, all of them or none.
 *
 * Each of @nr records is a range of gfns.  Together they may take at most
 * max_entries (HVMOP_altp2m_capabilities) entries: one for each aligned 1G, 2M,
 * or 4k part of a range, and of one with remaps always one for each gfn.
 * Records are done in order: of two about one gfn the later counts.
 *
 * In view 0 too this changes what the view says; the host's own access, which
 * HVMOP_altp2m_set_mem_access sets there, is not touched.
 *
 * Rights can be given to gfns where there is no page, and hold when there is.  A
 * remap needs a page at the gfn and at the target, unless
 * XEN_ALTP2M_APPLY_DORMANT is set: then it takes effect when there is one.  To
 * remap a gfn to itself is to clear its remap.  A remap that the domain itself
 * sets up has #VE not suppressed, unless the record says so.
 *
 * Further errors, nothing being changed by any:
 *     -E2BIG       too many entries, or large ones over too much that the view
 *                  tells apart (more than max_entries tables): for that there
 *                  is HVMOP_altp2m_set_range
 *     -EOPNOTSUPP  an access that this CPU can't enforce
 *     -ENXIO       a remap without a page
 */
#define HVMOP_altp2m_apply 0x107
struct xen_altp2m_apply {
    uint16_t view;           /* IN */
    uint16_t flags;          /* IN: XEN_ALTP2M_APPLY_* */
    uint32_t nr;             /* IN: records */
    uint64_t buffer;         /* IN: guest address of struct xen_altp2m_override */
    uint32_t failed;         /* OUT, on error: the record it is about; @nr if it
                                is about none */
    uint32_t pad;
};
#define XEN_ALTP2M_APPLY_DORMANT (1u << 0)

/*
 * HVMOP_altp2m_set_range: change what a view says about a range of any size.
 *
 * It is done by the largest aligned entries: a gigabyte costs as much as a page.
 * REMAP can only be cleared.  Otherwise as HVMOP_altp2m_apply, but not all or
 * none: on error @gfn and @count are what is left to do, and all before is done.
 */
#define HVMOP_altp2m_set_range 0x108
struct xen_altp2m_set_range {
    uint16_t view;           /* IN */
    uint8_t set;             /* IN: mask of XEN_ALTP2M_{ACCESS,SVE} */
    uint8_t clear;           /* IN: mask of XEN_ALTP2M_{ACCESS,SVE,REMAP} */
    uint8_t access;          /* IN: with ACCESS, else 0 */
    uint8_t sve;             /* IN: with SVE: 0 or 1, else 0 */
    uint16_t pad;
    uint64_t gfn;            /* IN: first. OUT: first that isn't done */
    uint64_t count;          /* IN: of gfns. OUT: that aren't done */
};

/*
 * HVMOP_altp2m_isolate: give a range rights in one view, and other rights in all
 * other views there are, view 0 included.
 *
 * The others come first, by index, then the one.  On error @at is the view that
 * is not done, from @next on; views before it in that order are, and none after.
 * A view created later knows nothing of it.  Errors as HVMOP_altp2m_set_range.
 */
#define HVMOP_altp2m_isolate 0x109
struct xen_altp2m_isolate {
    uint16_t view;           /* IN */
    uint8_t access;          /* IN: in that view */
    uint8_t others;          /* IN: in all others */
    uint16_t at;             /* IN: 0. OUT: cursor */
    uint8_t last;            /* IN: 0. OUT: cursor: the others are done */
    uint8_t pad;
    uint64_t gfn;            /* IN: first */
    uint64_t count;          /* IN: of gfns */
    uint64_t next;           /* IN: 0. OUT: cursor: gfns done in view @at */
};

/*
 * HVMOP_altp2m_get_default, HVMOP_altp2m_set_default: the access that a view
 * gives to all that it doesn't override, whatever the host's own is.  A view
 * without one, as view 0 is at first, gives the host's.  (Since interface 2;
 * before, it could only take rights away, and there was always one.)
 *
 * Error of the second:
 *     -EOPNOTSUPP  an access that this CPU can't enforce
 */
#define HVMOP_altp2m_get_default 0x10a
#define HVMOP_altp2m_set_default 0x10b
struct xen_altp2m_default {
    uint16_t view;           /* IN */
    uint8_t access;          /* get: OUT. set: IN. XENMEM_access_*, or
                                XEN_ALTP2M_NO_DEFAULT */
    uint8_t pad1;
    uint32_t pad2;
};
#define XEN_ALTP2M_NO_DEFAULT 0xff

/*
 * HVMOP_altp2m_clone: make a view with the overrides, default access and
 * visibility of another.  It can't be used, and isn't listed, until it is whole.
 * What is changed in the other meanwhile may or may not be in it.
 *
 * Further errors, there being no new view:
 *     -ENOSPC  all indexes are in use
 */
#define HVMOP_altp2m_clone 0x10c
struct xen_altp2m_clone {
    uint16_t view;           /* IN: to be copied */
    uint16_t clone;          /* IN: 0. OUT: index of the new view */
    uint32_t pad;
};

/*
 * HVMOP_altp2m_switch_vcpu: put one vCPU into a view.  The domain itself can do
 * so only with views that are visible to that vCPU: -EPERM.
 */
#define HVMOP_altp2m_switch_vcpu 0x10d
/* HVMOP_altp2m_set_vmfunc: let a vCPU use VMFUNC, without #VE, or not any more.
 * A vCPU with an information page for #VE may use it in any case. */
#define HVMOP_altp2m_set_vmfunc 0x10e
/*
 * HVMOP_altp2m_set_vcpu_visibility: hide a view from one vCPU, or don't any
 * more.  A vCPU can switch by VMFUNC to views that are visible
 * (HVMOP_altp2m_set_visibility) and not hidden from it.  A new view is hidden
 * from none.  Takes a page of the pool for a vCPU that something is hidden from.
 */
#define HVMOP_altp2m_set_vcpu_visibility 0x10f
struct xen_altp2m_set_vcpu {
    uint32_t vcpu;           /* IN */
    uint16_t view;           /* IN: switch_vcpu, set_vcpu_visibility; else 0 */
    uint8_t on;              /* IN: set_vmfunc, set_vcpu_visibility: 0 or 1;
                                else 0 */
    uint8_t pad;
};

/*
 * HVMOP_altp2m_notify_lost: be told by an event when remaps become dormant.
 *
 * Turned on, it makes an event channel of the domain that the caller's domain
 * can bind to (EVTCHNOP_bind_interdomain).  There can be one: -EBUSY.  Turned
 * off, or when views are turned off, the channel is closed.
 */
#define HVMOP_altp2m_notify_lost 0x110
struct xen_altp2m_notify_lost {
    uint32_t on;             /* IN: 0 or 1 */
    uint32_t port;           /* OUT: of the domain, to be bound to */
};

/*
 * HVMOP_altp2m_read_lost: the remaps that became dormant, in the order in which
 * they did.  @next is the number from which on to tell them; what it was at the
 * end (@nr < @room) begins the next time.  It is never XEN_ALTP2M_NONE: @nr <
 * @room says that there are no more.  Of a remap that was lost twice only the
 * last time is told, of one that was taken back none.
 */
#define HVMOP_altp2m_read_lost 0x111
struct xen_altp2m_lost {
    uint64_t number;         /* 1 for the first of a domain, and so on */
    uint64_t gfn;
    uint64_t target;
    uint16_t view;
    uint8_t dormant;         /* still without a page at the target? */
    uint8_t pad1;
    uint32_t pad2;
};

/*
 * HVMOP_altp2m_walk: how the CPU gets from a gfn to a page, and why.
 *
 * Writes a record for each entry on the way from the host's root, from the
 * view's, and, if the view remaps the gfn, from the host's root to the target.
 * Not for a domain about itself, nor for its device model in a stub domain
 * (-EPERM): it tells machine addresses.
 */
#define HVMOP_altp2m_walk 0x112
struct xen_altp2m_walk {
    uint16_t view;           /* IN */
    uint8_t access;          /* OUT: the view's for the gfn, effective */
    uint8_t host_access;     /* OUT: the host's own */
    uint32_t nr;             /* IN: room in the buffer, XEN_ALTP2M_WALK_MAX is
                                enough. OUT: records written */
    uint64_t gfn;            /* IN */
    uint64_t buffer;         /* IN: guest address of struct xen_altp2m_entry */
    struct xen_altp2m_override why; /* OUT: what decides. @gfn, @count: all that
                                the entry covers. Nothing set: no override */
    uint8_t kind;            /* OUT: XEN_ALTP2M_KIND_* of what is shown */
    uint8_t sve;             /* OUT: is #VE suppressed? */
    uint16_t pad1;
    uint32_t pad2;
};
#define XEN_ALTP2M_WALK_MAX 12
struct xen_altp2m_entry {
    uint64_t entry;          /* as the CPU reads it */
    uint64_t table;          /* frame number of the table it is in */
    uint64_t frame;          /* frame number it leads to, XEN_ALTP2M_NONE: to
                                none */
    uint16_t index;          /* in the table */
    uint8_t walk;            /* XEN_ALTP2M_WALK_* */
    uint8_t level;           /* of the table */
    uint8_t flags;           /* XEN_ALTP2M_ENTRY_* */
    uint8_t pad1;
    uint16_t pad2;
};
#define XEN_ALTP2M_WALK_HOST   0
#define XEN_ALTP2M_WALK_VIEW   1
#define XEN_ALTP2M_WALK_TARGET 2 /* the host's, to the target of a remap */
#define XEN_ALTP2M_ENTRY_PRIVATE (1u << 0) /* the table is the view's own */
#define XEN_ALTP2M_ENTRY_TABLE   (1u << 1) /* leads to a lower table */
#define XEN_ALTP2M_ENTRY_PRESENT (1u << 2) /* gives some right */
#define XEN_ALTP2M_ENTRY_STALE   (1u << 3) /* to be filled in by the next fault */
#define XEN_ALTP2M_ENTRY_PENDING (1u << 4) /* to be recalculated on a fault */

/*
 * HVMOP_altp2m_audit: compute every entry of a view's private tables anew, from
 * what the view says and the host's tables, and tell those that differ.  None
 * ever should.  Not for a domain about itself, nor for its device model in a stub
 * domain (-EPERM): it tells machine addresses.
 */
#define HVMOP_altp2m_audit 0x113
struct xen_altp2m_mismatch {
    uint64_t gfn;            /* first that the entry, or the table, covers */
    uint64_t found;
    uint64_t wanted;
    uint8_t what;            /* XEN_ALTP2M_AUDIT_* */
    uint8_t level;           /* of the table */
    uint16_t pad1;
    uint32_t pad2;
};
#define XEN_ALTP2M_AUDIT_ENTRY  0 /* an entry isn't what it should be */
#define XEN_ALTP2M_AUDIT_MIRROR 1 /* a table mirrors another than the host's */
#define XEN_ALTP2M_AUDIT_TREE   2 /* a table hangs where the view has none */
#define XEN_ALTP2M_AUDIT_USED   3 /* overrides of a table are miscounted */
#define XEN_ALTP2M_AUDIT_REMAP  4 /* a remap without target, or the reverse */
#define XEN_ALTP2M_AUDIT_COUNT  5 /* the view's counts of what it overrides */

#endif /* __XEN_PUBLIC_HVM_ALTP2M_H__ */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
