/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory views call of VM events, where Xen is built without them: the
 * host's access can't be set, and nobody hears of a step.
 */

#include <xen/errno.h>
#include <xen/mem_access.h>

#include <asm/hvm/monitor.h>

long p2m_set_mem_access(struct domain *d, gfn_t gfn, uint32_t nr,
                        uint32_t start, uint32_t mask, xenmem_access_t access,
                        unsigned int altp2m_idx)
{
    return -EOPNOTSUPP;
}

int p2m_get_mem_access(struct domain *d, gfn_t gfn, xenmem_access_t *access,
                       unsigned int altp2m_idx)
{
    return -EOPNOTSUPP;
}

int hvm_monitor_debug(unsigned long rip, enum hvm_monitor_debug_type type,
                      unsigned int trap_type, unsigned int insn_length,
                      unsigned int pending_dbg)
{
    return 0;
}
