/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the emulator calls of ours, by its own means of instrumentation: nothing
 * where it has hooks for each instruction, so that it stays as fast.
 */
#ifndef KEEP_INSTRUMENT_H
#define KEEP_INSTRUMENT_H

#undef BX_INSTRUMENTATION
#define BX_INSTRUMENTATION 0
#include "../stubs/instrument.h"
#include "keep.h"

#undef BX_INSTR_INIT_ENV
#define BX_INSTR_INIT_ENV() keep_init()
#undef BX_INSTR_EXIT_ENV
#define BX_INSTR_EXIT_ENV() keep_summary()
#undef BX_INSTR_TLB_CNTRL
#define BX_INSTR_TLB_CNTRL(cpu, what, value) keep_guest_flush(cpu, what)

#endif
