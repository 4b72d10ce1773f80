/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot sector of a disk that holds the payload, for a guest with a BIOS: puts
 * the payload where its ELF file says, and enters it as PVH does.  CHUNKS of 32 KiB
 * follow on the disk; ENTRY is the payload's entry point.
 */
#define LOW    0x10000          /* where the BIOS can put it */
#define HIGH   0x100000
#define ROOM   0x100000         /* what the payload has, zeroed */

        .code16
        .text
        .global _start
_start:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7c00, %sp
        mov     $CHUNKS, %cx

1:      push    %cx
        mov     $0x42, %ah      /* read by a packet; %dl is the drive */
        mov     $packet, %si
        int     $0x13
        pop     %cx
2:      jc      2b
        addw    $0x800, packet_segment
        addl    $64, packet_sector
        loop    1b

        /* No interrupts: the payload has no handlers for the PC's timer. */
        cli
        mov     $0xff, %al
        out     %al, $0x21
        out     %al, $0xa1
        lgdt    gdt_pointer
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmp    $0x08, $1f

        .code32
1:      mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        cld
        xor     %eax, %eax
        mov     $HIGH, %edi
        mov     $ROOM / 4, %ecx
        rep     stosl
        mov     $LOW, %esi
        mov     $HIGH, %edi
        mov     $CHUNKS * 0x2000, %ecx
        rep     movsl
        xor     %ebx, %ebx      /* no start information */
        mov     $ENTRY, %eax
        jmp     *%eax

        .balign 4
packet:
        .byte   16, 0
        .word   64, 0
packet_segment:
        .word   LOW >> 4
packet_sector:
        .quad   1

        .balign 8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt

        .org    510
        .word   0xaa55
