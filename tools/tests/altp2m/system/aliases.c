/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that has pages twice, and code for it: aliases.h. */
#include "aliases.h"

#include <string.h>

#define SEL_CODE  0x08
#define SEL_DATA  0x10

bool amd;

uint64_t gpa_of_page(unsigned int page)
{
    return TEST_GPA + page * 0x1000;
}

void map_aliases(struct guest *g, unsigned int flags)
{
    uint64_t root = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];

    for ( unsigned int i = 0; i < 2 * PAGES; i++ )
        host_write(g, gpa_of_page(TABLES + 2) + i * 8,
                   gpa_of_page(i % PAGES) | flags);
    host_write(g, gpa_of_page(TABLES + 1),
               gpa_of_page(TABLES + 2) | flags);
    host_write(g, gpa_of_page(TABLES),
               gpa_of_page(TABLES + 1) | flags);
    host_write(g, root + ROOT_SLOT * 8,
               gpa_of_page(TABLES) | flags);
}

struct guest *guest_with_aliases(uint16_t *view)
{
    struct guest *g = guest_with_views();

    amd = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[0] & FEATURE_AMD;
    map_aliases(g, ENTRY_PRESENT);
    *view = new_view(g);
    return g;
}

static unsigned int add_word(uint8_t *at, uint8_t rex, uint8_t opcode,
                             uint64_t value)
{
    at[0] = rex;
    at[1] = opcode;
    memcpy(at + 2, &value, 8);
    return 10;
}

void write_code(struct guest *g, const struct access *a)
{
    static const uint8_t save[] = { 0x49, 0x89, 0xe0 };    /* mov %rsp, %r8 */
    static const uint8_t leave[] = { 0x4c, 0x89, 0xc4, 0xc3 };
    static const uint8_t once[] = { 0xb9, 1, 0, 0, 0 };    /* mov $1, %ecx */
    uint8_t *page = host_map(g, TEST_GFN + CODE), *at = page;
    uint64_t after;

    at += add_word(at, 0x48, 0xbe, a->rsi);
    at += add_word(at, 0x48, 0xbf, a->rdi);
    at += add_word(at, 0x48, 0xb8, a->rax);
    memcpy(at, save, sizeof(save));
    at += sizeof(save);
    memcpy(at, once, sizeof(once));
    at += sizeof(once);
    memcpy(at, a->code, a->size);
    at += a->size;
    memcpy(at, leave, sizeof(leave));
    after = gpa_of_page(CODE) + (at - page);
    host_unmap(page);

    /* What iretq returns to, and descriptors, with what lgdt loads. */
    host_write(g, gpa_of_page(GUARDED) + 0x900, after);
    host_write(g, gpa_of_page(GUARDED) + 0x908, SEL_CODE);
    host_write(g, gpa_of_page(GUARDED) + 0x910, 2);
    host_write(g, gpa_of_page(GUARDED) + 0x918, NEAR_AT(0x800));
    host_write(g, gpa_of_page(GUARDED) + 0x920, SEL_DATA);
    host_write(g, gpa_of_page(GUARDED) + SEL_CODE, 0x00af9b000000ffff);
    host_write(g, gpa_of_page(GUARDED) + SEL_DATA, 0x00cf93000000ffff);
    host_write(g, gpa_of_page(NEAR) + 0x110, GUARDED_AT(0) << 16 | 0xff);
    host_write(g, gpa_of_page(NEAR) + 0x118, GUARDED_AT(0) >> 48);
}

uint64_t run_code(struct guest *g, uint16_t view, uint64_t code)
{
    uint64_t result;

    expect_ok(view_switch(g->domid, view));
    result = guest_do(g, 0, COMMAND(CMD_EXEC, code))->result[0];
    expect_ok(view_switch(g->domid, 0));
    return result;
}

const vm_event_request_t *run_to_event(struct guest *g, uint16_t view,
                                       uint64_t code, struct monitor **m)
{
    *m = monitor_open(g, answer_view_0);
    run_code(g, view, code);
    expect((*m)->count, "no event");
    return &(*m)->log[0];
}
