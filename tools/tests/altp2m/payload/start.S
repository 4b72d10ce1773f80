/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the PVH entry point (32-bit, paging off) to C in long mode, the way for
 * further vCPUs, exception entry, and a thunk that makes a hypercall from
 * 32-bit code.  All memory below 4 GiB is mapped onto itself.
 */
#include "layout.h"

#define CR0_PE  0x00000001
#define CR0_WP  0x00010000
#define CR0_PG  0x80000000
#define CR4_PAE 0x00000020
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define EFLAGS_MBS 0x2

/* A 32-bit TSS: SDM Vol. 3A, 8.2.1. */
#define TSS_CR3    28
#define TSS_EIP    32
#define TSS_EFLAGS 36
#define TSS_ESP    56
#define TSS_ES     72
#define TSS_CS     76
#define TSS_SS     80
#define TSS_DS     84

#define PTE_P   0x01
#define PTE_RW  0x02
#define PTE_PS  0x80

        .section .note.pvh, "a", @note
        .long 4, 4, 18          /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz "Xen"
        .long start

        .section .text.start, "ax", @progbits
        .code32
        .global start
start:
        cld
        mov     %ebx, start_info
        mov     $stacks + STACK_SIZE, %esp

        /* Four page directories of 2 MiB pages, one directory of those. */
        mov     $tables_pd, %edi
        mov     $PTE_P | PTE_RW | PTE_PS, %eax
        mov     $4 * 512, %ecx
1:      mov     %eax, (%edi)
        add     $0x200000, %eax
        add     $8, %edi
        loop    1b

        mov     $tables_pd + PTE_P + PTE_RW, %eax
        mov     $tables_pdpt, %edi
        mov     $4, %ecx
1:      mov     %eax, (%edi)
        add     $0x1000, %eax
        add     $8, %edi
        loop    1b
        movl    $tables_pdpt + PTE_P + PTE_RW, tables_root

        mov     $CR4_PAE, %eax
        mov     %eax, %cr4
        mov     $tables_root, %eax
        mov     %eax, %cr3
        mov     $MSR_EFER, %ecx
        rdmsr
        or      $EFER_LME, %eax
        wrmsr
        mov     %cr0, %eax
        or      $CR0_PG | CR0_WP | CR0_PE, %eax
        mov     %eax, %cr0
        lgdt    gdt_pointer
        ljmp    $SEL_CODE64, $start64

        .code64
start64:
        mov     $SEL_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %ebp, %ebp
        call    boot_main
1:      hlt
        jmp     1b

        .text
/* A further vCPU: Xen starts it in long mode, %rdi is its number. */
        .global start_vcpu
        .weak   vcpu_main       /* a payload of one vCPU has none */
start_vcpu:
        lgdt    gdt_pointer
        mov     $SEL_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        pushq   $SEL_CODE64
        pushq   $1f
        lretq
1:      xor     %ebp, %ebp
        call    vcpu_main
1:      hlt
        jmp     1b

/*
 * In 32-bit code: what long mode consists of, each by itself.  %eax is lost, and by
 * long_mode_off and long_mode_on %ecx and %edx.
 */
        .macro  paging_off
        mov     %cr0, %eax
        and     $~CR0_PG, %eax
        mov     %eax, %cr0
        .endm

        .macro  paging_on
        mov     %cr0, %eax
        or      $CR0_PG, %eax
        mov     %eax, %cr0
        .endm

        .macro  long_mode_off
        mov     $MSR_EFER, %ecx
        rdmsr
        and     $~EFER_LME, %eax
        wrmsr
        .endm

        .macro  long_mode_on
        mov     $MSR_EFER, %ecx
        rdmsr
        or      $EFER_LME, %eax
        wrmsr
        .endm

/* Into 32-bit code that may leave long mode, which keeps no register whole; and back. */
        .macro  begin_code32
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        pushq   $SEL_CODE32
        pushq   $1f
        lretq
        .code32
1:
        .endm

        .macro  end_code32
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
        .endm

/*
 * void checksum_flat(page, words, rounds)
 *
 * As CMD_CHECKSUM, with paging off: the only accesses are then the program's own,
 * where AMD's CPUs take each walk of the guest's tables for a write.
 */
        .global checksum_flat
checksum_flat:
        begin_code32
        paging_off
        xor     %eax, %eax
        xor     %ecx, %ecx
1:      add     (%edi, %ecx, 8), %eax
        inc     %ecx
        cmp     %esi, %ecx
        jb      1b
        mov     %eax, 4088(%edi)

        mov     $1, %ebx
        xor     %ecx, %ecx
1:      test    %edx, %edx
        jz      2f
        add     %ebx, (%edi, %ecx, 8)
        add     %ebx, 4088(%edi)
        add     $3, %ebx
        dec     %edx
        inc     %ecx
        cmp     %esi, %ecx
        jb      1b
        xor     %ecx, %ecx
        jmp     1b

2:      paging_on
        ljmp    $SEL_CODE64, $1f
        .code64
1:      end_code32

/*
 * uint32_t read_pae(address, cr3)
 *
 * A word that 32-bit code reads with PAE paging, by the four entries at @cr3.
 */
        .global read_pae
read_pae:
        begin_code32
        mov     %cr3, %ebp
        paging_off
        long_mode_off
        mov     %esi, %cr3
        paging_on
        mov     (%edi), %ebx

        paging_off
        long_mode_on
        mov     %ebp, %cr3
        paging_on
        ljmp    $SEL_CODE64, $1f
        .code64
1:      mov     %ebx, %eax
        end_code32

/*
 * uint32_t switch_task(gdt)
 *
 * From TASK_OUT to TASK_IN of @gdt by hardware, with paging off.  Both of the TSSs that
 * TASK_IN may lead to, TASK_TSS and a page on, are made to run the code below; what
 * %ebx is there tells which it was.
 */
        .global switch_task
switch_task:
        begin_code32
        paging_off
        long_mode_off

        lea     TASK_TSS(%edi), %edx
        mov     $2, %ecx
1:      mov     %cr3, %eax
        mov     %eax, TSS_CR3(%edx)
        movl    $2f, TSS_EIP(%edx)
        movl    $EFLAGS_MBS, TSS_EFLAGS(%edx)
        mov     %esp, TSS_ESP(%edx)
        movl    $TASK_CODE, TSS_CS(%edx)
        movl    $TASK_DATA, TSS_DS(%edx)
        movl    $TASK_DATA, TSS_ES(%edx)
        movl    $TASK_DATA, TSS_SS(%edx)
        add     $0x1000, %edx
        loop    1b

        sub     $8, %esp
        movw    $TASK_SELECTORS - 1, (%esp)
        mov     %edi, 2(%esp)
        lgdt    (%esp)
        add     $8, %esp
        mov     $TASK_OUT, %eax
        ltr     %ax
        ljmp    $TASK_IN, $0

2:      clts
        lgdt    gdt_pointer
        mov     $SEL_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        long_mode_on
        paging_on
        ljmp    $SEL_CODE64, $1f
        .code64
1:      mov     %ebx, %eax
        end_code32

/*
 * long hypercall32(number, a1, a2, a3, a4, a5)
 *
 * The stack and all code lie below 4 GiB, so all it takes is another code
 * segment.  The hypercall page holds the same bytes for both modes.
 */
        .global hypercall32
hypercall32:
        push    %rbx
        push    %rbp
        mov     %edi, %eax
        mov     %esi, %ebx
        mov     %ecx, %ebp
        mov     %edx, %ecx
        mov     %ebp, %edx
        mov     %r8d, %esi
        mov     %r9d, %edi
        pushq   $SEL_CODE32
        pushq   $1f
        lretq
        .code32
1:      shl     $5, %eax
        add     $hypercall_page, %eax
        call    *%eax
        ljmp    $SEL_CODE64, $1f
        .code64
1:      cltq
        pop     %rbp
        pop     %rbx
        ret

/* Exceptions: one stub a vector, an error code of 0 where the CPU has none. */
        .macro  stub vector
        .align  16
        .if     (\vector == 8) || ((\vector >= 10) && (\vector <= 14)) || (\vector == 17) || (\vector == 21)
        .else
        pushq   $0
        .endif
        pushq   $\vector
        jmp     exception_common
        .endm

/* #VE while CMD_VE_LOOP runs: notes the time, and skips the instruction. */
        .global ve_timed
ve_timed:
        push    %rax
        push    %rdx
        rdtsc
        mov     %eax, ve_entered
        mov     %edx, ve_entered + 4
        movl    $0, FIRST_VE_INFO + 4
        addq    $TIMED_READ_BYTES, 16(%rsp)
        pop     %rdx
        pop     %rax
        iretq

        /* The stub of vector n is n times 16 bytes after the first. */
        .align  16
        .global exception_stubs
exception_stubs:
        .altmacro
        .set    vector, 0
        .rept   VECTORS
        stub    %vector
        .set    vector, vector + 1
        .endr

exception_common:
        push    %rax
        push    %rcx
        push    %rdx
        push    %rbx
        push    %rbp
        push    %rsi
        push    %rdi
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, %rdi
        mov     %rsp, %rbp
        and     $-16, %rsp
        cld
        call    exception
        mov     %rbp, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rdi
        pop     %rsi
        pop     %rbp
        pop     %rbx
        pop     %rdx
        pop     %rcx
        pop     %rax
        add     $16, %rsp
        iretq

        .section .rodata
        .align  8
gdt:    .quad   0
        .quad   0x00af9b000000ffff
        .quad   0x00cf93000000ffff
        .quad   0x00cf9b000000ffff
        .quad   0x00af9b000000ffff
gdt_end:
        .global gdt_pointer
gdt_pointer:
        .word   gdt_end - gdt - 1
        .quad   gdt

        .bss
        .align  4096
        .global hypercall_page, stacks, start_info, tables_root, ve_entered
hypercall_page: .skip 4096
tables_root:    .skip 4096
tables_pdpt:    .skip 4096
tables_pd:      .skip 4 * 4096
        .balign STACK_SIZE
stacks:         .skip 4 * STACK_SIZE
start_info:     .skip 8
ve_entered:     .skip 8

        .section .note.GNU-stack, "", @progbits
