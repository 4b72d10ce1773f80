/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding Xen, and printing. */
#include "cpu.h"
#include "guest.h"
#include "hypercall.h"

#define LEAF_FIRST 0x40000000u
#define LEAF_LAST  0x4000ff00u

static int is_xen(const uint32_t r[4])
{
    return r[1] == 0x566e6558 && r[2] == 0x65584d4d && r[3] == 0x4d4d566e;
}

int xen_find(void)
{
    for ( uint32_t base = LEAF_FIRST; base <= LEAF_LAST; base += 0x100 )
    {
        uint32_t r[4];

        cpuid(base, r);
        if ( !is_xen(r) )
            continue;
        cpuid(base + 2, r);
        write_msr(r[1], (uint64_t)hypercall_page);
        return 1;
    }
    return 0;
}

void print(const char *s)
{
    while ( *s )
        put_char(*s++);
}
