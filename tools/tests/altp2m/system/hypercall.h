/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The altp2m sub-operations as the hypervisor sees them.  Tests of errors need
 * fields that libxenctrl always fills in correctly, so these go to the
 * hypervisor directly; libxenctrl's own functions have a test of their own.
 * All return 0 or a negative error.
 */
#ifndef ALTP2M_TEST_HYPERCALL_H
#define ALTP2M_TEST_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xencall.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#define NO_GFN (~0ULL)

typedef struct xen_hvm_altp2m_op altp2m_op_t;

extern xc_interface *xch;
extern xencall_handle *xcall;

void hypercall_open(void);

/* A well-formed operation to start from. */
altp2m_op_t op_new(uint32_t domid, uint32_t cmd);
int op_do(altp2m_op_t *op);
int hvm_op_raw(unsigned long op, void *arg);

int view_state_set(uint32_t domid, bool on);
int view_state_get(uint32_t domid, bool *on);
int view_create(uint32_t domid, unsigned int access, uint16_t *view);
int view_destroy(uint32_t domid, uint16_t view);
int view_switch(uint32_t domid, uint16_t view);
int view_index(uint32_t domid, uint32_t vcpu, uint16_t *view);
int view_visible(uint32_t domid, uint16_t view, bool visible);

int view_access_set(uint32_t domid, uint16_t view, uint64_t gfn,
                    unsigned int access);
int view_access_get(uint32_t domid, uint16_t view, uint64_t gfn,
                    unsigned int *access);
int view_access_set_many(uint32_t domid, uint16_t view, const uint64_t *gfns,
                         const uint8_t *accesses, uint32_t nr);
int view_remap(uint32_t domid, uint16_t view, uint64_t gfn, uint64_t target);

int view_suppress_set(uint32_t domid, uint16_t view, uint64_t gfn, bool on);
int view_suppress_get(uint32_t domid, uint16_t view, uint64_t gfn, bool *on);

int view_notify_on(uint32_t domid, uint32_t vcpu, uint64_t gfn);
int view_notify_off(uint32_t domid, uint32_t vcpu);

#endif /* ALTP2M_TEST_HYPERCALL_H */
