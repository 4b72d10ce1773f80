/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that assembly and C share. */
#ifndef PAYLOAD_LAYOUT_H
#define PAYLOAD_LAYOUT_H

#define SEL_CODE64   0x08
#define SEL_DATA     0x10
#define SEL_CODE32   0x18
#define SEL_CODE_VE  0x20       /* as SEL_CODE64; that of the handler of #VE */

/* CMD_SWITCH_TASK: selectors in its GDT, and where its two incoming TSSs are. */
#define TASK_CODE      0x08
#define TASK_DATA      0x10
#define TASK_OUT       0x18
#define TASK_IN        0x20
#define TASK_SELECTORS 0x28
#define TASK_TSS       0x3000

/* CMD_VE_LOOP: its one instruction, and vCPU 0's page as in protocol.h. */
#define TIMED_READ_BYTES 3
#define FIRST_VE_INFO    0x208000

#define STACK_SHIFT  14
#define STACK_SIZE   (1 << STACK_SHIFT)

#define VECTORS      32
#define VECTOR_UD    6
#define VECTOR_VE    20

#endif /* PAYLOAD_LAYOUT_H */
