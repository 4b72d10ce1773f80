/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of operations share: see model.h. */
#ifndef STEP_H
#define STEP_H

#include "model.h"

typedef struct xen_hvm_altp2m_op op_t;

extern struct vcpu *caller;       /* NULL: dom0 */
extern bool compat;

/* For race.c: a step, with nothing looked at before or after. */
void step_fn(struct step s);
/* The vCPU that is busy with it, NULL if none of the domain's is. */
struct vcpu *step_vcpu(struct step s, struct vcpu *who);
/* Does it have a CPU enter the guest, or leave it, with @v?  NULL: with any. */
bool step_moves(struct step s, const struct vcpu *v);
bool step_parts(struct step s);   /* several sections, each by itself */
bool step_makes(struct step s);   /* a view */
bool step_clones(struct step s, unsigned int *source);
bool step_fails_clone(struct step s, unsigned int source);
bool step_destroys(struct step s, unsigned int *view);
bool step_dies(struct step s);    /* the domain */
bool step_is_race(struct step s);
bool step_races(struct step s);   /* may overlap with another */
bool step_logs(struct step s);    /* Xen itself has one of these at a time */
void step_judge(void);            /* is all as it should be? */
struct vcpus {
    bool notify[NR_VCPUS];
    struct page_info *info_page[NR_VCPUS];
};
extern struct vcpus vcpus;        /* what is to be true of #VE */
void vcpus_observe(void);
bool race_on(void);
void race_continue(void);
void race_said(int result, unsigned long more);

/* Makes the hypercall as whoever is the caller, to its end. */
int step_call(op_t *op);
/* What every operation is refused for, before it is looked at. */
int refused_for(uint32_t cmd);
/* -ENOMEM is right only when something was refused, but then it may come. */
bool expect_rc(int rc, int want, unsigned int refused_before);

/* Arguments from the bytes of a step. */
unsigned int view_arg(uint8_t a);
uint8_t access_arg(uint8_t a);

bool live(unsigned int view);
bool has_frame(unsigned long gfn);
bool has_page(unsigned long gfn);
int access_rc(uint8_t access);
p2m_access_t to_p2m(uint8_t access);
void ref_new_view(unsigned int view);

/* extended.c */
void do_set_range(struct step s);
void do_apply(struct step s);
void do_isolate(struct step s);
void do_set_default(struct step s);
void do_clone(struct step s);
void do_switch_vcpu(struct step s);
void do_set_vmfunc(struct step s);
void do_hide(struct step s);
void do_notify_lost(struct step s);
void do_read_overrides(struct step s);
void do_read_map(struct step s);
void do_read_lists(struct step s);
void do_read_lost(struct step s);
void do_walk(struct step s);
void do_audit(struct step s);
int want_view(uint32_t cmd, unsigned int view);

/* own.c */
void do_patch(struct step s);
void do_unpatch(struct step s);
void do_refresh(struct step s);
void do_read_page(struct step s);
void do_poke(struct step s);

/* rules.c */
void do_rules(struct step s);
void do_read_rules(struct step s);

/* log.c */
void do_log(struct step s);
void do_read_log(struct step s);
void log_hit(const struct xen_altp2m_log_record *r);
void ref_log_init(void);
void ref_log_observe(void);
unsigned int ref_log_pages(void);
unsigned int ref_log_channel(void); /* its bit, if it is open */
struct xen_altp2m_log *log_header(void); /* as the monitor has it */
void log_scribbled(unsigned int at, const void *value, unsigned int size);
void check_log(void);

/* cr3.c */
void do_set_cr3_views(struct step s);
void do_load_cr3(struct step s);
struct vcpu *load_cr3_vcpu(struct step s); /* which runs meanwhile */
bool ref_cr3_names(unsigned int view);
void ref_cr3_observe(void);
bool ref_cr3_same(const struct ref_cr3 *a, const struct ref_cr3 *b);
void monitor_cr3(bool on);
void check_cr3(void);

#endif
