#ifndef __ASM_UNALIGNED_H__
#define __ASM_UNALIGNED_H__

#include <xen/unaligned.h>

#endif /* __ASM_UNALIGNED_H__ */
