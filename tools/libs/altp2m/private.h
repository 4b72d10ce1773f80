/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: what its files share. */
#ifndef XENALTP2M_PRIVATE_H
#define XENALTP2M_PRIVATE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define __XEN_TOOLS__ 1 /* has XENMEM_access_* */

#include <xencall.h>
#include <xenevtchn.h>
#include <xen/xen.h>
#include <xen/memory.h>
#include <xen/hvm/hvm_op.h>

#include "xenaltp2m.h"

/* Buffers: of an operation, and of the records that it is about. */
enum altp2m__kind { ALTP2M__OP, ALTP2M__DATA, ALTP2M__KINDS };

struct xenaltp2m_handle {
    xencall_handle *xcall;
    struct altp2m__buffer *spare[ALTP2M__KINDS]; /* given back, or NULL */
};

typedef struct xen_hvm_altp2m_op altp2m_op_t;

/* What is passed of one of our operations, as it lies in @op. */
#define PARAMETERS(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

/* A static library can't hide these: hence their names. */

/* An operation without parameters yet. */
altp2m_op_t altp2m__op(uint32_t cmd, uint32_t domid);

/* Do it; @op is as the hypervisor left it also if it fails. 0 or -1, errno. */
int altp2m__do(xenaltp2m_handle *h, altp2m_op_t *op);

/*
 * Memory that the hypervisor can reach, of at least a byte; its address is that
 * which it uses.
 */
void *altp2m__alloc(xenaltp2m_handle *h, size_t size);
void altp2m__free(xenaltp2m_handle *h, void *buffer);

/*
 * Waits until one of the channels has an event, and takes it: 1.  Where none
 * comes, @over is asked now and then: 2, if it says so.  0: none in time, or a
 * signal came; -1.  @timeout_ms below 0: for ever.
 */
int altp2m__wait(xenevtchn_handle *channels, int timeout_ms,
                 bool (*over)(const void *arg), const void *arg);

#endif /* XENALTP2M_PRIVATE_H */
