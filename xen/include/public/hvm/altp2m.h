/* SPDX-License-Identifier: MIT */
/*
 * Memory views (altp2m): the operations beyond those in hvm_op.h.
 *
 * They are sub-operations of HVMOP_altp2m.  The caller fills in a struct
 * xen_hvm_altp2m_op: version (HVMOP_ALTP2M_INTERFACE_VERSION), cmd (one of the
 * numbers below), domain, and zeroes in pad1 and pad2.  The operation's own
 * structure, which is below its number, takes the place of the union u.  Xen
 * writes that structure back, also when the operation fails: the caller sees
 * how far it got.
 *
 * Layout is the same for 64 bit and 32 bit callers: each field's offset is a
 * multiple of its size, and buffers are given by guest virtual address, as a 64
 * bit number: there are 64 bit handles for tools only, and guests call this.
 * Fields called pad must be 0.  gfns are in units of 4k pages.  The level of a
 * table, and of its entries, is 0 if these are 4k, 1: 2M, 2: 1G, 3: 512G.
 * Access is one of XENMEM_access_* (memory.h).
 *
 * The host's map is the domain's memory as other operations set it.  A
 * view is that map with overrides: for some gfns another access (ACCESS),
 * whether #VE is suppressed (SVE), or the page of another gfn, the target
 * (REMAP), or a page of the view's own, a copy of the host's with some bytes
 * replaced (OWN).  A remap is dormant while there is no page at its target: the
 * gfn shows the host's page.  View 0 overrides nothing at first.
 *
 * An operation that takes long is preempted, and continues by itself.  A field
 * that is called a cursor holds its place.
 *
 * Errors that any of them may have:
 *     -EOPNOTSUPP  views are off, or not supported, for which
 *                  HVMOP_altp2m_capabilities has the reason; unknown cmd
 *     -EINVAL      a field has a value that it can't have
 *     -EPERM       the domain's mode, or XSM, forbids it to the caller
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
#define XEN_ALTP2M_INTERFACE 7

/*
 * In a 64 bit field: no frame (xen_altp2m_entry.frame), to the end
 * (xen_altp2m_read.last), or all is read (xen_altp2m_read.next).
 */
#define XEN_ALTP2M_NONE (~(uint64_t)0)

/*
 * HVMOP_altp2m_capabilities: what a domain can use; and why it can't use views.
 *
 * Changes nothing, and succeeds in every state: for a domain of any type, with
 * views off, and where this Xen supports no views.  A Xen that knows none of
 * the operations in this file returns -EOPNOTSUPP.  If the domain's mode is
 * disabled or external, only a domain that controls it may call this.
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

/* Reasons.  The lowest number is to be dealt with first. */
#define XEN_ALTP2M_WHY_CPU        0 /* the CPU has no EPT or NPT, or virtual
                                       machine extensions are switched off */
#define XEN_ALTP2M_WHY_HAP        1 /* Xen was told not to use it (hap=0) */
#define XEN_ALTP2M_WHY_CMDLINE    2 /* Xen was started without altp2m=1 */
#define XEN_ALTP2M_WHY_PV         3 /* the domain is neither HVM nor PVH */
#define XEN_ALTP2M_WHY_SHADOW     4 /* the domain is made without HAP */
#define XEN_ALTP2M_WHY_NESTED     5 /* the domain has nested virtualization */
#define XEN_ALTP2M_WHY_MODE       6 /* the domain has altp2m disabled */
#define XEN_ALTP2M_WHY_OFF        7 /* views are off: the domain state is 0 */

#define XEN_ALTP2M_HAS_VMFUNC       (1u << 0) /* guests may switch views */
#define XEN_ALTP2M_HAS_VE           (1u << 1) /* guests may get #VE */
#define XEN_ALTP2M_HAS_VMFUNC_HW    (1u << 2) /* by the CPU; else emulated */
#define XEN_ALTP2M_HAS_VE_HW        (1u << 3) /* by the CPU; else emulated */
#define XEN_ALTP2M_HAS_SINGLE_STEP  (1u << 4) /* fast single-step */
#define XEN_ALTP2M_HAS_SIDES        (1u << 5) /* x and wx by two sides of a
                                                 view; else x by the CPU, if
                                                 @rights has it */

#define XEN_ALTP2M_HAS_OWN          (1u << 6) /* views may have own pages; from
                                                 interface 4 on */
#define XEN_ALTP2M_HAS_LOG          (1u << 7) /* rules may log; from interface 7
                                                 on */

#define XEN_ALTP2M_FORMAT_NONE 0
#define XEN_ALTP2M_FORMAT_EPT  1 /* Intel SDM Vol. 3C, 29.3.2 */
#define XEN_ALTP2M_FORMAT_NPT  2 /* AMD APM Vol. 2, 15.25 */

/* HVMOP_altp2m_domain_info: what the views of a domain cost together. */
#define HVMOP_altp2m_domain_info 0x101
struct xen_altp2m_domain_info {
    uint32_t views;          /* OUT: views, view 0 included */
    uint32_t vcpus;          /* OUT: vCPUs of the domain */
    uint32_t pool_total;     /* OUT: pages of the paging pool */
    uint32_t pool_free;      /* OUT: pages of the pool that are free */
    uint32_t pool_views;     /* OUT: pages of the pool that views take */
    uint32_t tables;         /* OUT: private tables of all views */
    uint32_t remaps;         /* OUT: gfns of all views that are remapped or have
                                an own page */
    uint32_t dormant;        /* OUT: of these, dormant ones */
    uint64_t lost;           /* OUT: how often a remap became dormant */
    uint64_t filled;         /* OUT: nested faults that rebuilt a table */
    uint64_t host_max_gfn;   /* OUT: highest gfn that was ever mapped */
};

/*
 * Reading in bulk.  All of HVMOP_altp2m_{list_vcpus,list_views,read_overrides,
 * read_map,list_tables,read_lost,audit,read_rules} use this, with records of
 * their own.
 *
 * In the first call @next is 0, or the first gfn if gfns are read, and @level
 * is 0.  Each call writes up to @room records and advances @next and @level,
 * from which the next call continues.  All is read when @next is
 * XEN_ALTP2M_NONE.  Others may make changes between calls, and during a long
 * call.  What nobody changes meanwhile is in exactly one record.
 */
struct xen_altp2m_read {
    uint16_t view;           /* IN: which view, if records are of one */
    uint8_t level;           /* IN/OUT: cursor, together with next */
    uint8_t pad1;
    uint32_t room;           /* IN: size of the buffer, in records; not 0 */
    uint64_t buffer;         /* IN: guest address of records */
    uint64_t next;           /* IN/OUT: cursor */
    uint64_t last;           /* IN: last gfn to read, XEN_ALTP2M_NONE: to the
                                end; only for read_overrides and read_map */
    uint32_t nr;             /* IN: 0. OUT: records written */
    uint32_t pad2;
    uint64_t checked;        /* IN: 0. OUT: entries checked; only for audit */
};

/* HVMOP_altp2m_list_vcpus: all vCPUs, by number.  @next is a vCPU's number. */
#define HVMOP_altp2m_list_vcpus 0x102
struct xen_altp2m_vcpu {
    uint32_t vcpu;
    uint16_t view;           /* the view it is in */
    uint16_t flags;          /* XEN_ALTP2M_VCPU_* */
};
#define XEN_ALTP2M_VCPU_VE      (1u << 0) /* has an information page for #VE */
#define XEN_ALTP2M_VCPU_VMFUNC  (1u << 1) /* may use VMFUNC */
#define XEN_ALTP2M_VCPU_LIST    (1u << 2) /* a view is hidden from this vCPU */
#define XEN_ALTP2M_VCPU_DOWN    (1u << 3) /* isn't online */

/* HVMOP_altp2m_list_views: all views, by index.  @next is an index. */
#define HVMOP_altp2m_list_views 0x103
struct xen_altp2m_view {
    uint16_t view;           /* index */
    uint8_t flags;           /* XEN_ALTP2M_VIEW_* */
    uint8_t default_access;  /* of gfns whose access is not overridden, or
                                XEN_ALTP2M_NO_DEFAULT */
    uint32_t vcpus;          /* vCPUs in it */
    uint64_t access_gfns;    /* gfns whose access is overridden */
    uint64_t sve_gfns;       /* gfns whose suppress-#VE is overridden */
    uint32_t remaps;         /* gfns that are remapped or have an own page */
    uint32_t dormant;        /* of these, dormant ones */
    uint32_t tables;         /* private tables, the root included */
    uint32_t tables_max;     /* private tables, with those that do not exist
                                now: a fault makes them */
    uint64_t pool_bytes;     /* bytes of the paging pool that the view takes */
    uint64_t filled;         /* nested faults that rebuilt a table */
    uint64_t lost;           /* how often a remap became dormant */
};
#define XEN_ALTP2M_VIEW_VISIBLE (1u << 0) /* guests may switch to it */

/*
 * The overrides of a range of gfns.  read_overrides writes such records, with
 * @clear 0; apply takes them, unchanged if need be.
 */
struct xen_altp2m_override {
    uint64_t gfn;            /* first */
    uint64_t count;          /* of gfns */
    uint64_t target;         /* with XEN_ALTP2M_REMAP: gfn + n shows the page
                                of target + n */
    uint8_t set;             /* overrides that exist, or are to be set: mask of
                                XEN_ALTP2M_{ACCESS,SVE,REMAP}; or, with
                                XEN_ALTP2M_OWN, own pages that exist, which
                                apply keeps */
    uint8_t clear;           /* overrides to be removed: such a mask. Those in
                                neither are kept */
    uint8_t access;          /* with XEN_ALTP2M_ACCESS, else 0 */
    uint8_t sve;             /* with XEN_ALTP2M_SVE: 1 suppresses #VE; else 0 */
    uint8_t level;           /* OUT of read_overrides: of the entries that hold
                                the overrides. Ignored by apply */
    uint8_t dormant;         /* OUT of read_overrides: the targets have no page
                                now, or the own pages are to be refreshed.
                                Ignored by apply */
    uint16_t pad;
};
#define XEN_ALTP2M_ACCESS (1u << 0)
#define XEN_ALTP2M_SVE    (1u << 1)
#define XEN_ALTP2M_REMAP  (1u << 2)
#define XEN_ALTP2M_OWN    (1u << 3) /* from interface 4 on */

/*
 * HVMOP_altp2m_read_overrides: what a view overrides.  @next is a gfn.  Writes
 * records struct xen_altp2m_override, by gfn.  Neighbours that are equal, at
 * the same level, and with neighbouring targets if any, share a record.
 */
#define HVMOP_altp2m_read_overrides 0x104

/*
 * HVMOP_altp2m_read_map: what a view shows.  @next is a gfn.  Writes records
 * struct xen_altp2m_map, by gfn.  Neighbours that are equal share a record.  No
 * record is for a gfn above the highest that the host ever mapped.
 */
#define HVMOP_altp2m_read_map 0x105
struct xen_altp2m_map {
    uint64_t gfn;            /* first */
    uint64_t count;          /* of gfns */
    uint64_t source;         /* gfn whose page the first gfn shows: itself, if
                                it isn't remapped */
    uint8_t kind;            /* XEN_ALTP2M_KIND_* */
    uint8_t access;          /* in the view: the effective access */
    uint8_t host_access;     /* in the host's map */
    uint8_t level;           /* of the host's entries */
    uint8_t flags;           /* XEN_ALTP2M_MAP_* */
    uint8_t table_level;     /* lowest level at which the view has a private
                                table on the way there */
    uint16_t pad;
};
#define XEN_ALTP2M_KIND_HOLE   0 /* nothing, or emulated devices */
#define XEN_ALTP2M_KIND_RAM    1
#define XEN_ALTP2M_KIND_ROM    2 /* RAM that nobody may write to */
#define XEN_ALTP2M_KIND_SHARED 3 /* a page that several gfns or domains share */
#define XEN_ALTP2M_KIND_PAGED  4 /* RAM that gets a page when it is used */
#define XEN_ALTP2M_KIND_GRANT  5 /* another domain's page */
#define XEN_ALTP2M_KIND_MMIO   6 /* a device's */
#define XEN_ALTP2M_MAP_SVE        (1u << 0) /* #VE is suppressed */
#define XEN_ALTP2M_MAP_REMAPPED   (1u << 1) /* source isn't gfn */
#define XEN_ALTP2M_MAP_DORMANT    (1u << 2) /* remapped, but the target has no
                                               page: source is gfn */
#define XEN_ALTP2M_MAP_OVERRIDDEN (1u << 3) /* the view overrides something */
#define XEN_ALTP2M_MAP_OWN        (1u << 4) /* source is gfn, the page is the
                                               view's own; from interface 4
                                               on */

/* HVMOP_altp2m_list_tables: the view's private tables, the root first. */
#define HVMOP_altp2m_list_tables 0x106
struct xen_altp2m_table {
    uint64_t gfn;            /* first gfn that it covers */
    uint8_t level;
    uint8_t flags;           /* XEN_ALTP2M_TABLE_* */
    uint16_t used;           /* how many of its 512 entries have an override, or
                                a private table below */
    uint32_t pad;
};
#define XEN_ALTP2M_TABLE_CACHED  (1u << 0) /* it exists; else it was freed, and
                                              the next fault makes it again */
#define XEN_ALTP2M_TABLE_MIRRORS (1u << 1) /* the host has a table there too */
#define XEN_ALTP2M_TABLE_EXECUTE (1u << 2) /* the execute side has one, too;
                                              from interface 3 on */

/*
 * HVMOP_altp2m_apply: change many overrides of a view, all of them or none.
 *
 * Each of @nr records is a range of gfns.  Together they may take at most
 * max_entries (HVMOP_altp2m_capabilities) entries: one for each aligned 1G, 2M,
 * or 4k part of a range; in a range with remaps, one for each gfn.  Records are
 * carried out in order: if two concern one gfn, the later counts.
 *
 * This also makes overrides in view 0.  It does not change the host's own
 * access, which HVMOP_altp2m_set_mem_access sets in view 0.
 *
 * A gfn without a page can be given an access, which holds once it has a page.
 * A remap needs a page at the gfn and at the target, unless
 * XEN_ALTP2M_APPLY_DORMANT is set: then it takes effect once they have pages.
 * To remap a gfn to itself clears its remap.  If a domain remaps in its own
 * view, and the record does not mention SVE, #VE is not suppressed there.
 *
 * Further errors, each without any change:
 *     -E2BIG       too many entries, or more than max_entries private tables
 *                  below large entries: use HVMOP_altp2m_set_range
 *     -EOPNOTSUPP  an access that this CPU can't enforce
 *     -ENXIO       a remap without a page
 *     -EBUSY       a remap, be it to the gfn itself, where the view has an own
 *                  page, unless the record clears that
 */
#define HVMOP_altp2m_apply 0x107
struct xen_altp2m_apply {
    uint16_t view;           /* IN */
    uint16_t flags;          /* IN: XEN_ALTP2M_APPLY_* */
    uint32_t nr;             /* IN: records */
    uint64_t buffer;         /* IN: guest address of xen_altp2m_override */
    uint32_t failed;         /* OUT: index of the record with the error; @nr
                                without one */
    uint32_t pad;
};
#define XEN_ALTP2M_APPLY_DORMANT (1u << 0)

/*
 * HVMOP_altp2m_set_range: change the overrides of a range of any size.
 *
 * It uses the largest aligned entries: a gigabyte costs as much as a page.
 * REMAP can only be cleared.  Otherwise as HVMOP_altp2m_apply, but not all or
 * none: on error @gfn and @count are the rest, and everything before it has
 * been changed.
 */
#define HVMOP_altp2m_set_range 0x108
struct xen_altp2m_set_range {
    uint16_t view;           /* IN */
    uint8_t set;             /* IN: mask of XEN_ALTP2M_{ACCESS,SVE} */
    uint8_t clear;           /* IN: mask of XEN_ALTP2M_{ACCESS,SVE,REMAP,OWN} */
    uint8_t access;          /* IN: with ACCESS, else 0 */
    uint8_t sve;             /* IN: with SVE: 0 or 1, else 0 */
    uint16_t pad;
    uint64_t gfn;            /* IN: first. OUT: first of the rest */
    uint64_t count;          /* IN: of gfns. OUT: of the rest */
};

/*
 * HVMOP_altp2m_isolate: give a range an access in one view, and another access
 * in all other views, view 0 included.
 *
 * The other views are changed first, by index, then @view.  On error, the first
 * @next gfns of the range are changed in view @at.  The views before it, in
 * that order, are changed, and the views after it are not.  A view that is
 * created later is not changed, and one created or cloned meanwhile may not be.
 * Errors are those of HVMOP_altp2m_set_range.
 */
#define HVMOP_altp2m_isolate 0x109
struct xen_altp2m_isolate {
    uint16_t view;           /* IN */
    uint8_t access;          /* IN: in that view */
    uint8_t others;          /* IN: in all others */
    uint16_t at;             /* IN: 0. OUT: cursor */
    uint8_t last;            /* IN: 0. OUT: cursor: all others are changed */
    uint8_t pad;
    uint64_t gfn;            /* IN: first */
    uint64_t count;          /* IN: of gfns */
    uint64_t next;           /* IN: 0. OUT: cursor: gfns changed in view @at */
};

/*
 * HVMOP_altp2m_get_default, HVMOP_altp2m_set_default: the access that a view
 * gives to all gfns whose access it does not override, in place of the host's.
 * Without a default, as in view 0 at first, the host's access counts.  (Since
 * interface 2; before, each view had a default, and it could only take rights
 * away.)
 *
 * Further error of set_default:
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
 * visibility of another.  It can't be used, and isn't listed, until it is
 * whole.  A change of the other view meanwhile may or may not be copied.  If
 * Xen can't write @clone back (-EFAULT), the unfinished view stays until it is
 * destroyed by its index.
 *
 * Further errors, without a new view:
 *     -ENOSPC  all indexes are in use
 *     -EBUSY   the other view's default was changed meanwhile, or there was
 *              HVMOP_altp2m_isolate: call again
 */
#define HVMOP_altp2m_clone 0x10c
struct xen_altp2m_clone {
    uint16_t view;           /* IN: to be copied */
    uint16_t clone;          /* IN: 0. OUT: index of the new view */
    uint32_t pad;
};

/*
 * HVMOP_altp2m_switch_vcpu: put one vCPU into a view.  The domain itself can do
 * so only with views that are visible to that vCPU, else -EPERM.
 */
#define HVMOP_altp2m_switch_vcpu 0x10d
/*
 * HVMOP_altp2m_set_vmfunc: let a vCPU use VMFUNC without #VE, or forbid it.  A
 * vCPU with an information page for #VE may use it in any case.
 */
#define HVMOP_altp2m_set_vmfunc 0x10e
/*
 * HVMOP_altp2m_set_vcpu_visibility: hide a view from one vCPU, or show it
 * again.  VMFUNC reaches the views that are visible
 * (HVMOP_altp2m_set_visibility) and not hidden from the vCPU.  A new view is
 * hidden from none.  A vCPU from which views are hidden takes a page of the
 * pool.
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
 * HVMOP_altp2m_notify_lost: start or stop sending an event when a remap becomes
 * dormant.
 *
 * Start makes an event channel of the domain, to which the caller's domain can
 * bind (EVTCHNOP_bind_interdomain).  Stop closes it, and so does turning views
 * off.
 *
 * Further error:
 *     -EBUSY  there is a channel
 */
#define HVMOP_altp2m_notify_lost 0x110
struct xen_altp2m_notify_lost {
    uint32_t on;             /* IN: 0 or 1 */
    uint32_t port;           /* OUT: the domain's port, to bind to */
};

/*
 * HVMOP_altp2m_read_lost: the remaps that became dormant, in the order in which
 * they did, from number @next on.  There are no more if @nr < @room.  @next is
 * never XEN_ALTP2M_NONE: it begins the next reading.  If a remap became dormant
 * twice, only the last time has a record.  A remap that was cleared has none.
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
 * HVMOP_altp2m_walk: the entries that a CPU reads to get from a gfn to a page.
 *
 * Writes a record for each entry of these walks: of the host's tables to the
 * gfn; of the view's; if the view remaps the gfn, of the host's to the target;
 * of the view's execute side, if that has tables now.
 * A domain may not walk its own views, nor may its device model in a stub
 * domain (-EPERM): the records have machine addresses.
 */
#define HVMOP_altp2m_walk 0x112
struct xen_altp2m_walk {
    uint16_t view;           /* IN */
    uint8_t access;          /* OUT: the view's for the gfn, effective */
    uint8_t host_access;     /* OUT: the host's own */
    uint32_t nr;             /* IN: room in the buffer, XEN_ALTP2M_WALK_MAX is
                                enough for all but the execute side's.
                                OUT: records written */
    uint64_t gfn;            /* IN */
    uint64_t buffer;         /* IN: guest address of struct xen_altp2m_entry */
    struct xen_altp2m_override why; /* OUT: the override, none if @set is 0.
                                @gfn, @count: what its entry covers */
    uint8_t kind;            /* OUT: XEN_ALTP2M_KIND_* of what is shown */
    uint8_t sve;             /* OUT: is #VE suppressed? */
    uint16_t pad1;
    uint32_t pad2;
};
#define XEN_ALTP2M_WALK_MAX 12
#define XEN_ALTP2M_WALK_SIDES_MAX 16 /* with those of the execute side */
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
#define XEN_ALTP2M_WALK_EXECUTE 3 /* the view's, on the execute side; from
                                     interface 3 on */
#define XEN_ALTP2M_ENTRY_PRIVATE (1u << 0) /* the table is the view's own */
#define XEN_ALTP2M_ENTRY_TABLE   (1u << 1) /* leads to a lower table */
#define XEN_ALTP2M_ENTRY_PRESENT (1u << 2) /* gives some right */
#define XEN_ALTP2M_ENTRY_STALE   (1u << 3) /* the next fault fills it in */
#define XEN_ALTP2M_ENTRY_PENDING (1u << 4) /* to be recalculated on a fault */

/*
 * HVMOP_altp2m_audit: compute every entry of a view's private tables anew, from
 * the view's overrides and the host's tables, and report those that differ.
 * None ever should.  A domain may not audit its own views, nor may its device
 * model in a stub domain (-EPERM): the records have machine addresses.
 */
#define HVMOP_altp2m_audit 0x113
struct xen_altp2m_mismatch {
    uint64_t gfn;            /* first gfn that the entry, or table, covers */
    uint64_t found;
    uint64_t wanted;
    uint8_t what;            /* XEN_ALTP2M_AUDIT_* */
    uint8_t level;           /* of the table */
    uint16_t pad1;
    uint32_t pad2;
};
#define XEN_ALTP2M_AUDIT_ENTRY  0 /* an entry isn't what it should be */
#define XEN_ALTP2M_AUDIT_MIRROR 1 /* a table does not mirror the host's there */
#define XEN_ALTP2M_AUDIT_TREE   2 /* the entry above does not lead to a table */
#define XEN_ALTP2M_AUDIT_USED   3 /* a table's overrides are miscounted */
#define XEN_ALTP2M_AUDIT_REMAP  4 /* a remap without target, or the reverse */
#define XEN_ALTP2M_AUDIT_COUNT  5 /* a view's overrides are miscounted: @gfn is
                                     0 for access, 1 for SVE, 2 for remaps and
                                     own pages, 3 for own pages, 4 for dormant
                                     ones */
#define XEN_ALTP2M_AUDIT_OWN    6 /* what is noted of an own page is wrong: bits
                                     15:0 are how many bytes are patched */

/*
 * HVMOP_altp2m_patch: replace bytes that a view shows, all of them or none.
 *
 * A gfn that is patched gets a page of the view's own: a copy of the host's
 * page as it is then.  The view shows that page, which has no gfn, and which
 * nothing else can reach: not devices, other domains, grants, migration.  Later
 * writes to the host's page are not seen.  Writes in the view, where it allows
 * them, stay on the own page.  The paging pool pays for the page.
 *
 * If the view does not override the gfn's access yet, it is overridden: x if
 * a view can have that (capabilities: rights, HAS_SIDES), else rx.  It stays so
 * until it is set in this view.  What sets the host's access in all views, and
 * HVMOP_altp2m_change_gfn without a page, leave it and the own page.
 *
 * When Xen emulates an instruction it fetches from the own page, and reads and
 * writes it only where the view allows that; else it reads and writes the
 * host's page.
 *
 * This, and reading what is patched, are refused to who may not map the guest's
 * memory, where a policy (XSM) says so.
 *
 * Where the host has RAM of the domain's, be it shared or paged, the view shows
 * the own page.  Once it has none, or other RAM, the own page is dormant until
 * it is refreshed: it is another page's copy.
 *
 * A single byte changes at once for vCPUs that run.  Several do not.
 *
 * Further errors, each without any change:
 *     -E2BIG       more than XEN_ALTP2M_MAX_PATCHES records
 *     -ENXIO       no RAM of the domain's at the gfn, or an own page that is
 *                  dormant
 *     -EBUSY       the view remaps the gfn
 *     -EEXIST      a byte that is patched, without XEN_ALTP2M_PATCH_REPLACE
 *     -EAGAIN      a page that is being paged in: to be tried again
 */
#define HVMOP_altp2m_patch 0x114
struct xen_altp2m_patches {
    uint16_t view;           /* IN */
    uint16_t flags;          /* IN: 0 */
    uint32_t nr;             /* IN: records */
    uint64_t buffer;         /* IN: guest address of xen_altp2m_patch */
    uint32_t failed;         /* OUT: index of the record with the error; @nr
                                without one */
    uint32_t pad;
};
struct xen_altp2m_patch {
    uint64_t gfn;
    uint16_t offset;         /* of the first byte in the page */
    uint8_t len;             /* bytes, 1 to 16; all in the page */
    uint8_t flags;           /* XEN_ALTP2M_PATCH_* */
    uint8_t access;          /* OUT: the view's for the gfn, effective */
    uint8_t pad[3];
    uint8_t bytes[16];       /* patch: the new ones */
    uint8_t old[16];         /* OUT: those that the view showed before */
};
#define XEN_ALTP2M_PATCH_REPLACE (1u << 0) /* bytes that are patched, too */
#define XEN_ALTP2M_MAX_PATCHES 64

/*
 * HVMOP_altp2m_unpatch: take patched bytes back, all of them or none.  They
 * become the host's, as these are now.  With its last patched byte the own page
 * goes, and the access that was overridden for it, unless it was set since.
 *
 * Further errors, each without any change: -E2BIG, -EAGAIN as for patch;
 *     -ENODATA     a byte that is not patched
 */
#define HVMOP_altp2m_unpatch 0x115

/*
 * HVMOP_altp2m_refresh: copy the host's pages to the own pages of a range anew,
 * but for patched bytes.  Own pages that are dormant are shown again, if the
 * host has RAM there.  On error @gfn and @count are the rest, and everything
 * before has been done.
 *     -EAGAIN      a page that is being paged in: to be tried again
 */
#define HVMOP_altp2m_refresh 0x116
struct xen_altp2m_refresh {
    uint16_t view;           /* IN */
    uint16_t pad1;
    uint32_t pad2;
    uint64_t gfn;            /* IN: first. OUT: first of the rest */
    uint64_t count;          /* IN: gfns. OUT: of the rest */
    uint64_t changed;        /* IN: 0. OUT: own pages that have changed, or are
                                not dormant any more */
};

/*
 * HVMOP_altp2m_read_page: read what a view shows at a gfn, or which bytes there
 * are patched: 1 for a patched byte, 0 for others.
 *     -ENXIO       the view shows no RAM of the domain's there
 *     -EAGAIN      a page that is being paged in: to be tried again
 */
#define HVMOP_altp2m_read_page 0x117
struct xen_altp2m_read_page {
    uint16_t view;           /* IN */
    uint16_t flags;          /* IN: XEN_ALTP2M_READ_* */
    uint16_t offset;         /* IN: of the first byte in the page */
    uint16_t len;            /* IN: bytes, all in the page */
    uint64_t gfn;            /* IN */
    uint64_t buffer;         /* IN: guest address of @len bytes */
};
#define XEN_ALTP2M_READ_PATCHED (1u << 0) /* which bytes are patched */

/*
 * HVMOP_altp2m_set_rules: replace the rules of a view, all or none (since
 * interface 5).
 *
 * When an access of a vCPU in the view violates the view's access, Xen looks
 * for the first rule whose conditions all hold, counts a hit of it, and does
 * what it says:
 *
 *     EVENT   reports the violation to the monitor, as without a rule
 *     SWITCH  puts the vCPU into @view, and the guest tries again
 *     ONCE    has the vCPU execute this instruction in @step_view, and puts it
 *             back into its view
 *
 * A rule may also be about breakpoints: INT3 at a patched byte.  One that no
 * rule handles is an event for a monitor that hears of INT3.  If none does, the
 * vCPU executes the instruction in view 0.  The guest's own INT3 are none.
 *
 * A violation that no rule is about is reported.  So is one during a ONCE or a
 * monitor's fast single-step, whatever rules the view has; and one that #VE is
 * delivered for does not come to rules.
 *
 * Two views may have rules that lead to each other by one instruction, which
 * would never be executed.  So Xen does not do a SWITCH where a rule has put
 * the vCPU into the view that it is in, and its registers are what they were.
 * With ELSE_ONCE Xen does as ONCE says instead, else it reports the violation.
 *
 * With LOG, each hit is also written to the domain's log, if that is open.
 *
 * A ONCE is over when anybody puts the vCPU into a view meanwhile: it stays
 * there.  A monitor's reply that names the view of the event does not count.
 *
 * A view that a rule names can't be destroyed (-EBUSY).  Rules go with their
 * view, and are not cloned.  A domain's rules for itself can't have EVENT, and
 * do only what the domain may do: a SWITCH or ONCE to a view that the vCPU may
 * not enter is not done, and the violation is reported.
 *
 * CR3, CPL and rIP are the guest's to choose: rules are a filter, and no
 * boundary.  They bind only a vCPU that can't leave the view by VMFUNC.
 *
 * Further errors, each without any change:
 *     -E2BIG       more than XEN_ALTP2M_MAX_RULES
 *     -EOPNOTSUPP  ONCE or ELSE_ONCE on a CPU that can't single-step
 *     -EPERM       the domain itself asks for EVENT or LOG, or names a view
 *                  that is not visible
 */
#define HVMOP_altp2m_set_rules 0x118
struct xen_altp2m_set_rules {
    uint16_t view;           /* IN */
    uint16_t pad1;
    uint32_t nr;             /* IN: rules; 0 removes them */
    uint64_t buffer;         /* IN: guest address of struct xen_altp2m_rule */
    uint32_t failed;         /* OUT: index of the rule with the error; @nr
                                without one */
    uint32_t pad2;
};
#define XEN_ALTP2M_MAX_RULES 48

/*
 * HVMOP_altp2m_read_rules: a view's rules in order.  @next begins as an index.
 * Then it stands for the list, too: -EAGAIN if that was replaced meanwhile.
 */
#define HVMOP_altp2m_read_rules 0x119
struct xen_altp2m_rule {
    uint64_t gfn;            /* first that is accessed */
    uint64_t count;          /* of gfns */
    uint64_t cr3;            /* what CR3 & @cr3_mask is */
    uint64_t cr3_mask;       /* 0: CR3 does not matter */
    uint64_t rip;            /* lowest linear address of the instruction */
    uint64_t rip_last;       /* highest; XEN_ALTP2M_NONE: to the end */
    uint64_t hits;           /* OUT of read_rules: how often it was the first
                                to match.  Ignored by set_rules, which sets 0 */
    uint16_t offset;         /* lowest offset in the page that is accessed */
    uint16_t offset_last;    /* highest: below 4096 */
    uint8_t access;          /* mask of XEN_ALTP2M_RULE_{READ,WRITE,FETCH,
                                BREAKPOINT} */
    uint8_t walk;            /* XEN_ALTP2M_RULE_{ANY,DATA,WALK} */
    uint8_t cpl;             /* mask of 1 << CPL; real mode is 0 */
    uint8_t action;          /* XEN_ALTP2M_RULE_{EVENT,SWITCH,ONCE} */
    uint16_t view;           /* SWITCH: the view to enter; else 0 */
    uint16_t step_view;      /* ONCE, ELSE_ONCE: the view to step in; else 0 */
    uint16_t flags;          /* XEN_ALTP2M_RULE_LOG; with SWITCH, too,
                                XEN_ALTP2M_RULE_ELSE_ONCE */
    uint16_t pad1;
    uint64_t cookie;         /* with RULE_LOG: in its records; else 0 */
};
/* A violation is one of these: a fetch, else a write, else a read. */
#define XEN_ALTP2M_RULE_READ  (1u << 0)
#define XEN_ALTP2M_RULE_WRITE (1u << 1)
#define XEN_ALTP2M_RULE_FETCH (1u << 2)
/* Not a violation: the vCPU has met an INT3 that was patched in. */
#define XEN_ALTP2M_RULE_BREAKPOINT (1u << 3)
/* What the access is for.  CPUs do not tell in all cases: then it is ANY. */
#define XEN_ALTP2M_RULE_ANY  0
#define XEN_ALTP2M_RULE_DATA 1   /* the instruction's own, or its code */
#define XEN_ALTP2M_RULE_WALK 2   /* a walk of the guest's page tables */
#define XEN_ALTP2M_RULE_EVENT  1
#define XEN_ALTP2M_RULE_SWITCH 2
#define XEN_ALTP2M_RULE_ONCE   3
#define XEN_ALTP2M_RULE_ELSE_ONCE (1u << 0)
#define XEN_ALTP2M_RULE_LOG       (1u << 1) /* from interface 7 on */

/*
 * Views by CR3: a vCPU that loads CR3 is put into the view for the new value,
 * that is, into the view of a process.  (Since interface 6.)
 *
 * A record matches CR3 if CR3 & @mask == @value.  The first record that matches
 * counts.  If none does, the view is @other; XEN_ALTP2M_NO_VIEW leaves the vCPU
 * where it is.  CR3 is what the guest reads from it: a PCID is in bits 11:0,
 * and bit 63 of a write, which says "keep translations", is never set.
 *
 * A vCPU that is put elsewhere by other operations, by a monitor's reply or by
 * VMFUNC stays there until it loads CR3 again.  If a load of CR3 is the one
 * instruction of a fast step, the view is entered when the step ends.
 *
 * While there are records, each write of CR3 by the guest exits.
 */
#define XEN_ALTP2M_CR3_VIEWS_MAX 16
#define XEN_ALTP2M_NO_VIEW 0xffff
struct xen_altp2m_cr3_view {
    uint64_t value;          /* a bit that @mask lacks is 0, and so is bit 63 */
    uint64_t mask;
    uint16_t view;
    uint16_t pad1;
    uint32_t pad2;
};

/*
 * HVMOP_altp2m_set_cr3_views: replace all records.
 *
 * Each vCPU, also one that isn't online, is put into the view for the CR3 that
 * it has.  With @nr 0 there are no records any more, vCPUs stay where they are,
 * and @other must be XEN_ALTP2M_NO_VIEW.
 *
 * A view that a record or @other names can't be destroyed.  A domain that sets
 * its own records may name only views that are visible to all of its vCPUs
 * (-EPERM).  If one is hidden later, vCPUs that may not enter it stay where
 * they are.  Turning views off removes the records.  They are not saved with
 * the domain, and a VM fork begins without.
 *
 * On error nothing is changed.
 */
#define HVMOP_altp2m_set_cr3_views 0x11a

/*
 * HVMOP_altp2m_get_cr3_views: read them.  Up to @nr are written to @buffer.
 */
#define HVMOP_altp2m_get_cr3_views 0x11b
struct xen_altp2m_cr3_views {
    uint16_t other;          /* set: IN. get: IN 0, OUT */
    uint16_t pad1;
    uint32_t nr;             /* set: IN: records. get: IN: room in the buffer,
                                OUT: records that there are */
    uint64_t buffer;         /* IN: guest address of xen_altp2m_cr3_view */
    uint32_t failed;         /* set: OUT: index of the record with the error;
                                @nr without one, or if @other has it */
    uint32_t pad2;
};

/*
 * The log: a ring of records that Xen writes and a monitor reads, while the
 * guest goes on.  (Since interface 7.)  A record is one hit of a rule that has
 * XEN_ALTP2M_RULE_LOG.  A domain has one log, or none.
 *
 * Its pages are acquired by XENMEM_acquire_resource, with the type below and
 * id 0, once it is open.  They are cells of 64 bytes.  The first cell is a
 * struct xen_altp2m_log; the others are @records records.  The n-th record
 * that was ever written, from 0 on, is in the cell 1 + n % @records.
 *
 * Xen writes @prod when the record is there; the reader writes @cons when it
 * has read.  Xen trusts nothing that it finds in the ring: if @prod - @cons is
 * not below @records, by Xen's own @prod, then the new record is dropped, and
 * counted in @lost.  None is overwritten.
 *
 * The event channel is notified when a record is written and all before it were
 * read, and when the log is closed.  A reader that wants to wait stores @cons,
 * has a full barrier, and finds that @prod equals it.
 *
 * The pages are the domain's, paid for by its paging pool, and in no map of its
 * memory.  They stay until its end, as who maps them can't be made to let go:
 * the log takes the same pages when it is opened again.
 */
#define XEN_ALTP2M_RESOURCE_LOG  0x100
#define XEN_ALTP2M_LOG_MAX_PAGES 64
struct xen_altp2m_log {
    uint32_t version;        /* XEN_ALTP2M_LOG_VERSION */
    uint32_t records;        /* that there is room for */
    uint64_t prod;           /* records written since the log was opened */
    uint64_t cons;           /* of these, read; written by the reader */
    uint64_t lost;           /* records dropped since the log was opened */
    uint32_t open;           /* 1; 0 when the log is closed */
    uint32_t serial;         /* another one each time that the log is opened */
    uint64_t pad[3];
};
#define XEN_ALTP2M_LOG_VERSION 1
struct xen_altp2m_log_record {
    uint64_t seq;            /* records written and dropped before this one: a
                                gap is what was dropped there */
    uint64_t tsc;            /* the machine's time stamp counter */
    uint64_t gfn;            /* that was accessed */
    uint64_t gla;            /* the linear address, with XEN_ALTP2M_LOG_GLA; of
                                a walk: the one that is translated */
    uint64_t rip;            /* linear address of the instruction */
    uint64_t cr3;
    uint64_t cookie;         /* of the rule */
    uint16_t view;           /* whose rule it is */
    uint16_t vcpu;
    uint16_t offset;         /* in the page */
    uint8_t access;          /* XEN_ALTP2M_RULE_{READ,WRITE,FETCH,BREAKPOINT} */
    uint8_t flags;           /* CPL in bits 1:0, XEN_ALTP2M_RULE_{ANY,DATA,WALK}
                                in bits 3:2, XEN_ALTP2M_LOG_GLA */
};
#define XEN_ALTP2M_LOG_CPL(flags)  ((flags) & 3)
#define XEN_ALTP2M_LOG_WALK(flags) (((flags) >> 2) & 3)
#define XEN_ALTP2M_LOG_GLA         (1u << 4)

/*
 * HVMOP_altp2m_log_open: open the log, empty.  A domain can't open its own
 * (-EPERM): the ring would be memory that it may write to.
 *
 * Views off, and the end of the domain, close it.
 *
 * Further errors, each without any change:
 *     -EBUSY       it is open
 */
#define HVMOP_altp2m_log_open 0x11c
struct xen_altp2m_log_open {
    uint32_t pages;          /* IN: 1 to XEN_ALTP2M_LOG_MAX_PAGES */
    uint32_t port;           /* OUT: event channel that the caller can bind */
    uint32_t records;        /* OUT: that there is room for */
    uint32_t serial;         /* OUT: as in the ring, from where others that are
                                opened later can be told */
};

/*
 * HVMOP_altp2m_log_close: close the log, whoever has opened it.  Rules that log
 * stay.  Succeeds if it is not open.  Not for a domain's own (-EPERM).
 */
#define HVMOP_altp2m_log_close 0x11d
struct xen_altp2m_log_close {
    uint64_t pad;
};

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
