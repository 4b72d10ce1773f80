/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that has 64 of its pages a second and a third time, at LINEAR and
 * LINEAR2, where no address is that of the page; and code for it.
 */
#ifndef ALTP2M_TEST_ALIASES_H
#define ALTP2M_TEST_ALIASES_H

#include "guest.h"
#include "monitor.h"

#define ROOT_SLOT 3
#define LINEAR    ((uint64_t)ROOT_SLOT << 39)
#define PAGES     64
#define LINEAR2   (LINEAR + PAGES * 0x1000)

/* Pages, counted from TEST_GFN. */
#define NEAR      0               /* beside the guarded page */
#define GUARDED   1
#define CODE      8
#define TABLES    0x40            /* below the root: levels 3, 2 and 1 */

#define GUARDED_AT(offset) (LINEAR + GUARDED * 0x1000 + (offset))
#define NEAR_AT(offset)    (LINEAR + NEAR * 0x1000 + (offset))
#define ALIAS_AT(offset)   (LINEAR2 + GUARDED * 0x1000 + (offset))
#define NONE      (~0ULL)

/* Bits of the guest's page table entries. */
#define ENTRY_PRESENT  0x03       /* and writable */
#define ENTRY_ACCESSED 0x20
#define ENTRY_DIRTY    0x40

struct access
{
    const char *name;
    uint8_t code[16];
    unsigned int size;
    uint64_t rsi, rdi, rax;
    uint64_t gla;                 /* NONE: not where Xen has to find it */
    bool write;                   /* of a page that can be read */
};

#define CODE_BYTES(...) .code = { __VA_ARGS__ }, \
                        .size = sizeof((uint8_t[]){ __VA_ARGS__ })

/* Is it an AMD CPU's?  Set by guest_with_aliases(). */
extern bool amd;

uint64_t gpa_of_page(unsigned int page);
/* Maps the pages anew, by entries with these bits. */
void map_aliases(struct guest *g, unsigned int flags);
struct guest *guest_with_aliases(uint16_t *view);
/* What it does, with registers set before and the stack as it was after. */
void write_code(struct guest *g, const struct access *a);
/* Runs the code at an address in that view; the guest is in view 0 then. */
uint64_t run_code(struct guest *g, uint16_t view, uint64_t code);
/* The same, until there is an event: that is returned, and the monitor. */
const vm_event_request_t *run_to_event(struct guest *g, uint16_t view,
                                       uint64_t code, struct monitor **m);

#endif /* ALTP2M_TEST_ALIASES_H */
