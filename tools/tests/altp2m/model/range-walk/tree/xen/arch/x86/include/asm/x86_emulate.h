/******************************************************************************
 * x86_emulate.h
 * 
 * Wrapper for generic x86 instruction decoder and emulator.
 * 
 * Copyright (c) 2008, Citrix Systems, Inc.
 * 
 * Authors:
 *    Keir Fraser <keir@xen.org>
 */

#ifndef __ASM_X86_X86_EMULATE_H__
#define __ASM_X86_X86_EMULATE_H__

#include <xen/types.h>
#include <xen/lib.h>
#include <asm/regs.h>

#include "../../x86_emulate/x86_emulate.h"

#endif /* __ASM_X86_X86_EMULATE_H__ */
