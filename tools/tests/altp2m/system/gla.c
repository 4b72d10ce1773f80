/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: the linear address of a violation.  An AMD CPU does not report it, and
 * Xen finds it, but not for what the CPU accesses by itself.
 *
 * The guest has 64 of its pages a second and a third time, at LINEAR and LINEAR2,
 * where no address is that of the page.
 */
#include "guest.h"
#include "monitor.h"

#include <string.h>

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

#define PRESENT_WRITABLE 3
#define SEL_CODE  0x08
#define SEL_DATA  0x10

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

static const struct access accesses[] = {
    { "mov (%rsi), %rax", CODE_BYTES(0x48, 0x8b, 0x06),
      .rsi = GUARDED_AT(0x128), .gla = GUARDED_AT(0x128) },
    { "mov 8(%rsi, %rax, 4), %rax", CODE_BYTES(0x48, 0x8b, 0x44, 0x86, 0x08),
      .rsi = GUARDED_AT(0x100), .rax = 0x20, .gla = GUARDED_AT(0x188) },
    { "mov %eax, (%rdi)", CODE_BYTES(0x89, 0x07), .write = true,
      .rdi = GUARDED_AT(0x128), .gla = GUARDED_AT(0x128) },
    { "lock add %rax, 16(%rdi)", CODE_BYTES(0xf0, 0x48, 0x01, 0x47, 0x10),
      .write = true, .rdi = GUARDED_AT(0), .gla = GUARDED_AT(0x10) },
    { "cmpxchg16b (%rdi)", CODE_BYTES(0x48, 0x0f, 0xc7, 0x0f), .write = true,
      .rdi = GUARDED_AT(0x20), .gla = GUARDED_AT(0x20) },
    { "bts %rax, (%rdi)", CODE_BYTES(0x48, 0x0f, 0xab, 0x07), .write = true,
      .rdi = GUARDED_AT(0x100), .rax = 0x400, .gla = GUARDED_AT(0x180) },
    { "movsb, of its source", CODE_BYTES(0xa4),
      .rsi = GUARDED_AT(0x30), .rdi = NEAR_AT(0x40), .gla = GUARDED_AT(0x30) },
    { "movsb, of its destination", CODE_BYTES(0xa4), .write = true,
      .rsi = NEAR_AT(0x30), .rdi = GUARDED_AT(0x40), .gla = GUARDED_AT(0x40) },
    { "rep movsq", CODE_BYTES(0xf3, 0x48, 0xa5), .write = true,
      .rsi = NEAR_AT(0x30), .rdi = GUARDED_AT(0x40), .gla = GUARDED_AT(0x40) },
    { "cmpsb, of both alike", CODE_BYTES(0xa6),
      .rsi = GUARDED_AT(0x30), .rdi = ALIAS_AT(0x30), .gla = NONE },
    { "scasb", CODE_BYTES(0xae),
      .rdi = ALIAS_AT(0x50), .gla = ALIAS_AT(0x50) },
    { "push", CODE_BYTES(0x48, 0x89, 0xfc, 0x50), .write = true,
      .rdi = GUARDED_AT(0x800), .gla = GUARDED_AT(0x7f8) },
    { "pop", CODE_BYTES(0x48, 0x89, 0xf4, 0x58),
      .rsi = GUARDED_AT(0x800), .gla = GUARDED_AT(0x800) },
    { "push (%rsi)", CODE_BYTES(0xff, 0x36),
      .rsi = GUARDED_AT(0x60), .gla = GUARDED_AT(0x60) },
    { "call +0", CODE_BYTES(0x48, 0x89, 0xfc, 0xe8, 0, 0, 0, 0), .write = true,
      .rdi = ALIAS_AT(0x800), .gla = ALIAS_AT(0x7f8) },
    { "across the end of a page", CODE_BYTES(0x48, 0x8b, 0x06),
      .rsi = NEAR_AT(0xffc), .gla = GUARDED_AT(0) },
    { "across it, a write", CODE_BYTES(0x48, 0x89, 0x07), .write = true,
      .rdi = NEAR_AT(0xffd), .gla = GUARDED_AT(0) },
    /* mov %cr4, %rcx; or $2, %ch; mov %rcx, %cr4, which allows SSE */
    { "movups (%rsi), %xmm0", CODE_BYTES(0x0f, 0x20, 0xe1, 0x80, 0xcd, 2, 0x0f,
                                         0x22, 0xe1, 0x0f, 0x10, 0x06),
      .rsi = GUARDED_AT(0x70), .gla = GUARDED_AT(0x70) },
    /* sgdt (%rdi); lgdt 16(%rdi); mov %ds, %eax; mov %eax, %ds; lgdt (%rdi) */
    { "mov %eax, %ds, of the descriptor", CODE_BYTES(
          0x0f, 0x01, 0x07, 0x0f, 0x01, 0x57, 0x10, 0x8c, 0xd8, 0x8e, 0xd8,
          0x0f, 0x01, 0x17), .rdi = NEAR_AT(0x100), .gla = NONE },
    { "iretq", CODE_BYTES(0x48, 0x89, 0xf4, 0x48, 0xcf),
      .rsi = GUARDED_AT(0x900), .gla = NONE },
};

static bool amd;

static uint64_t gpa_of_page(unsigned int page)
{
    return TEST_GPA + page * 0x1000;
}

static void map_aliases(struct guest *g)
{
    uint64_t root = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];

    for ( unsigned int i = 0; i < 2 * PAGES; i++ )
        host_write(g, gpa_of_page(TABLES + 2) + i * 8,
                   gpa_of_page(i % PAGES) | PRESENT_WRITABLE);
    host_write(g, gpa_of_page(TABLES + 1),
               gpa_of_page(TABLES + 2) | PRESENT_WRITABLE);
    host_write(g, gpa_of_page(TABLES),
               gpa_of_page(TABLES + 1) | PRESENT_WRITABLE);
    host_write(g, root + ROOT_SLOT * 8,
               gpa_of_page(TABLES) | PRESENT_WRITABLE);
}

static struct guest *guest_with_aliases(uint16_t *view)
{
    struct guest *g = guest_with_views();

    amd = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[0] & FEATURE_AMD;
    map_aliases(g);
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

/* What it does, with registers set before and the stack as it was after. */
static void write_code(struct guest *g, const struct access *a)
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

/* Runs what is at that address in the view; returns the event it leads to. */
static const vm_event_request_t *run(struct guest *g, uint16_t view,
                                     uint64_t code, struct monitor **m)
{
    *m = monitor_open(g, answer_view_0);
    expect_ok(view_switch(g->domid, view));
    guest_do(g, 0, COMMAND(CMD_EXEC, code));
    expect_ok(view_switch(g->domid, 0));
    expect((*m)->count, "no event");
    return &(*m)->log[0];
}

static void expect_gla(const vm_event_request_t *e, uint64_t gla,
                       const char *what)
{
    bool valid = e->u.mem_access.flags & MEM_ACCESS_GLA_VALID;

    if ( gla == NONE && !amd )
        return;
    if ( valid != (gla != NONE) )
        fail("%s: flags %#x, gfn %#llx", what, e->u.mem_access.flags,
             (unsigned long long)e->u.mem_access.gfn);
    if ( valid )
        expect_equal(e->u.mem_access.gla, gla, what);
}

static void gla_of_operands(void)
{
    uint16_t view;
    struct guest *g = guest_with_aliases(&view);

    for ( unsigned int i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++ )
    {
        const struct access *a = &accesses[i];
        const vm_event_request_t *e;
        struct monitor *m;

        write_code(g, a);
        expect_ok(view_access_set(g->domid, view, TEST_GFN + GUARDED,
                                  a->write ? XENMEM_access_r
                                           : XENMEM_access_n));
        e = run(g, view, gpa_of_page(CODE), &m);
        expect_equal(e->u.mem_access.gfn, TEST_GFN + GUARDED, a->name);
        expect(e->u.mem_access.flags & MEM_ACCESS_FAULT_WITH_GLA,
               "%s: flags %#x", a->name, e->u.mem_access.flags);
        expect_gla(e, a->gla, a->name);
        monitor_close(m);
    }
    guest_alive(g);
}

static void gla_of_fetches(void)
{
    /* At the end of one page: mov $0x5eed, %eax; ret, most of it in the next. */
    static const uint8_t code[] = { 0xb8, 0xed, 0x5e, 0, 0, 0xc3 };
    uint16_t view;
    struct guest *g = guest_with_aliases(&view);
    uint8_t *pages[2];

    for ( unsigned int i = 0; i < 2; i++ )
        pages[i] = host_map(g, TEST_GFN + NEAR + i);
    memcpy(pages[GUARDED] + 0x340, code, sizeof(code));
    memcpy(pages[NEAR] + 0xffe, code, 2);
    memcpy(pages[GUARDED], code + 2, sizeof(code) - 2);
    for ( unsigned int i = 0; i < 2; i++ )
        host_unmap(pages[i]);

    expect_ok(view_access_set(g->domid, view, TEST_GFN + GUARDED,
                              XENMEM_access_rw));
    for ( unsigned int i = 0; i < 2; i++ )
    {
        struct monitor *m;
        uint64_t at = i ? NEAR_AT(0xffe) : ALIAS_AT(0x340);
        const vm_event_request_t *e = run(g, view, at, &m);

        expect(e->u.mem_access.flags & MEM_ACCESS_X, "flags %#x",
               e->u.mem_access.flags);
        expect_gla(e, i ? GUARDED_AT(0) : at, "a fetch");
        monitor_close(m);
    }
}

/* The guest's page tables are guarded, each level in turn. */
static void gla_of_walks(void)
{
    uint16_t view;
    struct guest *g = guest_with_aliases(&view);

    write_code(g, &accesses[0]);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct monitor *m;
        const vm_event_request_t *e;

        expect_ok(view_access_set(g->domid, view, TEST_GFN + TABLES + i,
                                  XENMEM_access_n));
        e = run(g, view, gpa_of_page(CODE), &m);
        expect_equal(e->u.mem_access.gfn, TEST_GFN + TABLES + i, "table");
        expect(e->u.mem_access.flags & MEM_ACCESS_FAULT_IN_GPT, "flags %#x",
               e->u.mem_access.flags);
        expect_gla(e, accesses[0].gla, "a walk for data");
        monitor_close(m);
        expect_ok(view_access_set(g->domid, view, TEST_GFN + TABLES + i,
                                  XENMEM_access_rwx));
    }
}

/* One entry is read for two operands; or for a fetch alone. */
static void gla_of_walk_shared(void)
{
    static const struct access movs = {
        CODE_BYTES(0xa4), .rsi = NEAR_AT(0), .rdi = GUARDED_AT(0) };
    uint16_t view;
    struct guest *g = guest_with_aliases(&view);
    const vm_event_request_t *e;
    struct monitor *m;

    write_code(g, &movs);
    expect_ok(view_access_set(g->domid, view, TEST_GFN + TABLES + 1,
                              XENMEM_access_n));
    for ( unsigned int i = 0; i < 2; i++ )
    {
        uint64_t at = i ? LINEAR + CODE * 0x1000 : gpa_of_page(CODE);

        e = run(g, view, at, &m);
        expect(e->u.mem_access.flags & MEM_ACCESS_FAULT_IN_GPT, "flags %#x",
               e->u.mem_access.flags);
        expect_gla(e, i ? at : NONE, i ? "of a fetch" : "of two operands");
        monitor_close(m);
    }
}

const struct test tests_gla[] = {
    { "gla_of_operands", NEEDS_VIEWS, gla_of_operands },
    { "gla_of_fetches", NEEDS_VIEWS, gla_of_fetches },
    { "gla_of_walks", NEEDS_VIEWS, gla_of_walks },
    { "gla_of_walk_shared", NEEDS_VIEWS, gla_of_walk_shared },
    { 0 },
};
