/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest of 64 pages with page tables in each of the formats, for
 * test-svm-gla: svm-guest.c.
 */
#ifndef SVM_GUEST_H
#define SVM_GUEST_H

#include "standin/svm-gla.h"

#define PAGES     64
#define TABLES    0x10            /* the root and those below, from this page */
#define CODE      0x100000UL      /* linear, in page 0x20 */
#define DATA      0x203000UL      /* linear, in page 0x28, and the next */
#define OTHER     0x404000UL      /* linear, in page 0x2a, not the next */
#define ALIAS     0x406000UL      /* linear, in page 0x28 as well */
#define HOLE      0x3ff           /* no page */

/* An instruction is its bytes, and what Xen's decoder says of it. */
struct insn {
    uint8_t code[15];
    unsigned int length, opcode, opsize, mod, reg;
    bool access, write;
    enum x86_segment seg;         /* of what is named; none if that is 0 */
    uint64_t ea;
};

extern struct vcpu vcpu;
extern struct vmcb_struct vmcb;
extern struct cpu_user_regs regs;
extern struct segment_register segs[x86_seg_none];
extern unsigned int bits;         /* of code: 16, 32, 64 */
extern uint8_t memory[PAGES][PAGE_SIZE];
extern struct page_info pages[PAGES];
extern unsigned int remapped[2];  /* the view shows the second at the first */
extern unsigned int states;       /* of the decoder that are held */
extern const char *test;          /* that is run */

/* Levels of the tables: 4, 3 (PAE), 2, 0 (paging is off). */
void make_guest(unsigned int levels);
/* Which page an address leads to, and HOLE otherwise. */
void map_page(unsigned long linear, unsigned int page);
/* Where the entry is, of that level, for an address. */
paddr_t entry_of(unsigned long linear, unsigned int level);
/* The one instruction there is. */
void put_code(const struct insn *i, unsigned long page, unsigned int offset);
/* It is at CODE, in a guest with that many levels of tables. */
void instruction(unsigned int levels, const struct insn *i);

/* MOV between a register and memory at DATA + 0x128. */
extern const struct insn load, store;

#define READ  ((struct npfec){ .read_access = 1, .kind = npfec_kind_with_gla })
#define WRITE ((struct npfec){ .read_access = 1, .write_access = 1, \
                               .kind = npfec_kind_with_gla })
#define FETCH ((struct npfec){ .insn_fetch = 1, .kind = npfec_kind_with_gla })
#define WALK  ((struct npfec){ .read_access = 1, .write_access = 1, \
                               .kind = npfec_kind_in_gpt })

void walk_only_tests(void);

#endif
