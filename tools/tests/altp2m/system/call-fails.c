/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preloaded into a program: one operation on views fails.  CALL_FAILS is its number
 * and what errno is then, in decimal.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define __XEN_TOOLS__ 1
#include <xencall.h>
#include <xen/xen.h>
#include <xen/hvm/hvm_op.h>

int xencall2(xencall_handle *h, unsigned int number, uint64_t op, uint64_t arg)
{
    static int (*real)(xencall_handle *, unsigned int, uint64_t, uint64_t);
    const struct xen_hvm_altp2m_op *what = (void *)(unsigned long)arg;
    const char *fails = getenv("CALL_FAILS");
    unsigned int cmd;
    int error;

    if ( number == __HYPERVISOR_hvm_op && op == HVMOP_altp2m && fails &&
         sscanf(fails, "%u %d", &cmd, &error) == 2 && what->cmd == cmd )
    {
        errno = error;
        return -1;
    }
    if ( !real )
        real = dlsym(RTLD_NEXT, "xencall2");
    return real(h, number, op, arg);
}
