/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mm/npt-access.c needs of Xen's headers, for a test in user space.  The
 * bits of an entry are those of APM Vol. 2, 5.4; the types are three of Xen's.
 */
#ifndef NPT_ACCESS_HARNESS_H
#define NPT_ACCESS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a)      (sizeof(a) / sizeof((a)[0]))
#define BUILD_BUG_ON(cond) _Static_assert(!(cond), #cond)
#define likely(cond)       (cond)

/* Flags as Xen has them: bits 11:0 of an entry, and 63:52 above these. */
#define _PAGE_PRESENT 0x001u
#define _PAGE_RW      0x002u
#define _PAGE_USER    0x004u
#define _PAGE_PSE     0x080u
#define _PAGE_AVAIL   0xe00u
#define _PAGE_NX_BIT  (1u << 23)

typedef enum {
    p2m_access_n, p2m_access_r, p2m_access_w, p2m_access_rw, p2m_access_x,
    p2m_access_rx, p2m_access_wx, p2m_access_rwx, p2m_access_rx2rw,
    p2m_access_n2rwx, p2m_access_r_pw,
} p2m_access_t;

typedef enum { p2m_ram_rw, p2m_invalid, p2m_mmio_direct = 5 } p2m_type_t;

#define p2m_is_any_ram(type) ((type) == p2m_ram_rw)

static inline p2m_type_t p2m_flags_to_type(unsigned int flags)
{
    return (flags >> 12) & 0x7f;
}

static inline unsigned int access_bits(p2m_access_t access)
{
    return access == p2m_access_rx2rw ? p2m_access_rx :
           access == p2m_access_n2rwx ? p2m_access_n :
           access == p2m_access_r_pw ? p2m_access_r : access;
}

struct p2m_domain { p2m_access_t default_access; };

p2m_access_t npt_access(unsigned int flags);
unsigned int npt_narrow_flags(unsigned int flags, p2m_access_t access);
unsigned int npt_access_flags(unsigned int flags, p2m_access_t access);
p2m_access_t npt_iommu_access(unsigned int flags);
p2m_access_t npt_new_access(const struct p2m_domain *p2m, unsigned int old,
                            p2m_type_t t, p2m_access_t access);
bool npt_mapped(unsigned int flags);

#endif /* NPT_ACCESS_HARNESS_H */
