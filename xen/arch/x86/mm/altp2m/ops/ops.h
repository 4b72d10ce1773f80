/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: operations. */
#ifndef X86_MM_ALTP2M_OPS_H
#define X86_MM_ALTP2M_OPS_H

#include "../cpu.h"

#include <xen/guest_access.h>

#include <public/hvm/altp2m.h>
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>

typedef struct xen_hvm_altp2m_op altp2m_op_t;

#define BATCH 128u                /* pages of a list in one section */
#define TABLES_AT_ONCE 8u         /* a section that made so many tables ends */

/*
 * The operations of op.c's table.  The caller holds a reference to @d.  Its
 * views were on when op.c checked, unless the table has MAY_BE_OFF.  @arg is
 * the struct xen_hvm_altp2m_op; an operation that is to be continued keeps its
 * progress there.  They return the hypercall's result.
 */
altp2m_section_t cf_check
                 altp2m_op_capabilities, altp2m_op_domain_info, altp2m_op_read,
                 altp2m_op_apply, altp2m_op_set_range, altp2m_op_isolate,
                 altp2m_op_get_default, altp2m_op_set_default, altp2m_op_clone,
                 altp2m_op_switch_vcpu, altp2m_op_set_vmfunc,
                 altp2m_op_set_vcpu_visibility, altp2m_op_notify_lost,
                 altp2m_op_walk, altp2m_op_patch, altp2m_op_unpatch,
                 altp2m_op_refresh, altp2m_op_read_page, altp2m_op_set_rules,
                 altp2m_op_set_access,
                 altp2m_op_set_access_multi, altp2m_op_get_access,
                 altp2m_op_change_gfn, altp2m_op_set_sve_multi,
                 altp2m_op_set_sve, altp2m_op_get_sve, altp2m_op_notify_on,
                 altp2m_op_notify_off, altp2m_op_get_idx, altp2m_op_get_state,
                 altp2m_op_set_state, altp2m_op_create, altp2m_op_destroy,
                 altp2m_op_switch, altp2m_op_set_visibility,
                 altp2m_op_set_cr3_views, altp2m_op_get_cr3_views,
                 altp2m_op_log_open, altp2m_op_log_close;

/* The view that an operation names, or NULL.  Lock held. */
static inline struct altp2m_view *altp2m_named(const struct domain *d,
                                               unsigned int idx)
{
    return altp2m_view(d, _view_idx(idx));
}

/*
 * Is @view view 0, without a root?  altp2m_own_host_view() has made it, but
 * views went off and on since.  Then the operation starts again, by -ERESTART.
 */
static inline bool altp2m_view_0_rootless(const struct altp2m_view *view)
{
    return !view->idx && !node_has_table(&view->root);
}

/* The arguments of an operation of public/hvm/altp2m.h, from @arg. */
static inline void *altp2m_args(void *arg)
{
    return &((struct xen_hvm_altp2m_op *)arg)->u;
}

/*
 * altp2m_check_view_access() for the operations of public/hvm/altp2m.h, which
 * know no "default".
 */
static inline int altp2m_check_own_access(const struct domain *d,
                                          xenmem_access_t access,
                                          p2m_access_t *p2ma)
{
    return access >= XENMEM_access_default
           ? -EINVAL : altp2m_check_view_access(d, access, p2ma);
}

#define ALTP2M_MAX_ENTRIES 128u  /* records of a batch fit into a page */

/* Records, collected with the lock held and copied out without it. */
struct altp2m_records {
    unsigned int size;            /* of a record, bytes */
    unsigned int nr, room;        /* records; there is space for one more */
    uint64_t data[132];           /* the first may be one to be continued */
};

/*
 * Reads records from the cursor in @r on, and moves it.  Returns 1 if there may
 * be more, 0 if not, or an error.  Lock held.
 */
typedef int altp2m_reader_t(struct domain *d, struct xen_altp2m_read *r,
                            struct altp2m_records *out);
altp2m_reader_t cf_check
                altp2m_list_vcpus, altp2m_list_views, altp2m_list_tables,
                altp2m_read_overrides, altp2m_read_map, altp2m_read_lost,
                altp2m_audit, altp2m_read_rules;

/* Edits of one view that are made all or none. */
struct altp2m_batch {
    unsigned int idx;             /* of the view */
    struct altp2m_edit *edit;
    unsigned int nr;              /* of edits */
    /* Can the edit be made?  Called in each section, before all else. */
    int (*check)(struct domain *d, struct altp2m_batch *b,
                 struct altp2m_edit *e);
    /* NULL, or called when all are begun.  On error none is made. */
    int (*ready)(struct domain *d, struct altp2m_batch *b);
    bool dormant;                 /* remaps need no page */
    bool ordered;                 /* by gfn, so that none is in two edits */
    unsigned int nodes;           /* below the entries that edits change */
    unsigned int sections;        /* done so far */
    unsigned int failed;          /* the record that an error is about */
};

#define for_each_edit(b, e) \
    for ( (e) = (b)->edit; (e) < (b)->edit + (b)->nr; (e)++ )

/* ops/batch.c */
int altp2m_run_batch(struct domain *d, struct altp2m_batch *b);
int altp2m_change_of(const struct domain *d,
                     const struct xen_altp2m_override *record,
                     struct altp2m_change *change);

/* ops/clone.c */
void altp2m_fail_clones(const struct domain *d, const struct altp2m_view *from);

/* ops/range.c */
uint8_t altp2m_default_access(const struct altp2m_view *view);
void altp2m_change_default(struct domain *d, struct altp2m_view *view,
                           p2m_access_t access);

/* ops/info.c */
struct altp2m_node *altp2m_read_node(struct altp2m_view *view,
                                     struct xen_altp2m_read *r);

/* ops/audit.c, ops/audit_entry.c */
altp2m_reader_t altp2m_audit_table;
uint64_t altp2m_audit_entry(struct domain *d, const struct altp2m_node *node,
                            unsigned int idx, const struct altp2m_lookup *host,
                            enum altp2m_side side);

/* ops/refresh.c */
int altp2m_page_of(struct domain *d, unsigned long gfn, mfn_t *mfn,
                   bool *absent);
int altp2m_bring_page(struct domain *d, unsigned long gfn);

/* ops/lost.c */
int altp2m_new_channel(struct domain *d);

/* ops/read.c */
void *altp2m_next_record(struct altp2m_records *out);
void altp2m_describe(const struct altp2m_node *node, unsigned int idx,
                     struct xen_altp2m_override *o);
uint8_t altp2m_kind(uint64_t entry);
bool altp2m_buffer_ok(uint64_t buffer, uint32_t nr, unsigned int size);

/* ops/bring_in.c */
void altp2m_bring_in_slow(struct domain *d, const uint64_t *gfn,
                          unsigned int nr);
void altp2m_bring_in_named(struct domain *d,
                           const struct xen_hvm_altp2m_op *op);

static inline void altp2m_bring_in(struct domain *d, const uint64_t *gfn,
                                   unsigned int nr)
{
    if ( unlikely(mem_sharing_is_fork(d)) )
        altp2m_bring_in_slow(d, gfn, nr);
}

#endif /* X86_MM_ALTP2M_OPS_H */
