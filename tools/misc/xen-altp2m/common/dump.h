/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tool knows of a domain's views, read from the hypervisor or from a
 * file: all that is shown, drawn, compared or saved is made from this.
 */
#ifndef XEN_ALTP2M_DUMP_H
#define XEN_ALTP2M_DUMP_H

#include "common/number.h"

/* Neighbouring pages with the same override. */
struct run
{
    uint64_t gfn, pages;
    uint64_t target;  /* shown at gfn, the next ones follow; NO_GFN: none */
    uint8_t access;   /* XENMEM_access_*, or ACCESS_HOST */
    int8_t sve;       /* #VE suppressed: 0, 1, or -1: not overridden */
    uint8_t level;    /* of the table the entries are in: 0 has 4 KiB ones */
    bool lost;        /* the host has no page at the target just now */
    bool own;         /* bytes are replaced; @lost: not shown any more */
};

struct runs
{
    struct run *run;  /* by gfn */
    size_t nr, room;
};

/* Bytes that only the view shows. */
struct patch
{
    uint64_t gfn;
    uint16_t offset;
    uint8_t len;
    uint8_t byte[16];
};

struct patches
{
    struct patch *patch; /* by gfn and offset */
    size_t nr, room;
};

/* What the host has somewhere; holes are not told. */
enum kind {
    KIND_RAM, KIND_ROM, KIND_SHARED, KIND_PAGED, KIND_GRANT, KIND_MMIO
};

/*
 * Neighbouring pages in entries, or under tables, of one level.  Of a view's
 * private tables only this much; of the host's map all.
 */
struct extent
{
    uint64_t gfn, pages;
    uint8_t level;
    uint8_t access;   /* the host's own; tables: 0 */
    enum kind kind;
};

struct extents
{
    struct extent *extent;
    size_t nr, room;
};

struct counters
{
    uint64_t access_gfns; /* pages with rights of their own */
    uint64_t sve_gfns;    /* pages that say of their own if #VE is suppressed */
    uint64_t remaps;      /* remapped pages */
    uint64_t dormant;     /* of these, without a page at the target just now */
    uint64_t tables;      /* private, the root included */
    uint64_t tables_max;  /* had none been given up */
    uint64_t pool_bytes;  /* of the domain's paging pool */
    uint64_t faults;      /* that made tables anew */
    uint64_t lost;        /* how often a remap became dormant */
};

struct view
{
    unsigned int index;
    char *name, *role;    /* or NULL */
    uint8_t access;       /* default */
    bool hidden;
    unsigned int *vcpu;   /* that are in it */
    unsigned int nr_vcpus;
    struct counters counters;
    struct runs runs;
    struct patches patches; /* of a saved view */
    struct extents tables; /* ranges with private tables, by level */
};

/* Pages of a domain's paging pool. */
struct pool
{
    uint64_t total, free, views;
};

struct dump
{
    unsigned int domid;
    char *name;            /* or NULL */
    uint64_t last_gfn;     /* of the host's map */
    struct pool pool;      /* of a live domain */
    unsigned int *vmfunc;  /* vCPUs that may use VMFUNC */
    unsigned int nr_vmfunc;
    bool has_host;         /* is host known? */
    struct extents host;   /* where the host has pages, by size of entry */
    struct view *view;     /* by index */
    unsigned int nr_views;
};

void add_run(struct runs *runs, const struct run *run);
void add_extent(struct extents *extents, const struct extent *extent);
void add_patch(struct patches *patches, const struct patch *patch);

/* Merges neighbours that are alike, whatever their level. */
void merge_runs(struct runs *runs);

struct view *find_view(struct dump *dump, unsigned int index);
/* "2 trap [monitor]"; valid until the next call. */
const char *view_text(const struct view *view);

void free_view(struct view *view);
void free_dump(struct dump *dump);

#endif /* XEN_ALTP2M_DUMP_H */
