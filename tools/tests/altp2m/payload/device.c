/* SPDX-License-Identifier: GPL-2.0-only */
/* String instructions between memory and a device, which a test is to be. */
#include "guest.h"

void device_copy(const uint64_t *arg)
{
    uint64_t device = arg[1], memory = arg[2], bytes = arg[3];
    uint64_t from = device, to = memory;

    switch ( arg[0] )
    {
    case DEVICE_OUTS:
        asm volatile ( "rep outsb"
                       : "+S" (memory), "+c" (bytes)
                       : "d" ((uint16_t)device) : "memory" );
        break;

    case DEVICE_INS:
        asm volatile ( "rep insb"
                       : "+D" (memory), "+c" (bytes)
                       : "d" ((uint16_t)device) : "memory" );
        break;

    case DEVICE_STORE:
        from = memory;
        to = device;
        /* fall through */
    default:
        asm volatile ( "rep movsb"
                       : "+S" (from), "+D" (to), "+c" (bytes) :: "memory" );
        break;
    }
}
