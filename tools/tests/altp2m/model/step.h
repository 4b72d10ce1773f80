/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of operations share: see model.h. */
#ifndef STEP_H
#define STEP_H

#include "model.h"

typedef struct xen_hvm_altp2m_op op_t;

extern struct vcpu *caller;       /* NULL: dom0 */

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

#endif
