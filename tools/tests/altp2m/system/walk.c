/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: guarded page tables of the guest.  A walk is an event where a bit has to
 * be set there, and only then: AMD's CPUs take all walks for writes, and Xen makes
 * them in the CPU's place.
 */
#include "aliases.h"

#define VALUE   0x1122334455667788
#define CLEAN   (ENTRY_PRESENT | ENTRY_ACCESSED)
#define DIRTY   (CLEAN | ENTRY_DIRTY)
#define TABLE   (TABLES + 2)

/* mov (%rsi), %rax */
static const struct access load = {
    CODE_BYTES(0x48, 0x8b, 0x06), .rsi = GUARDED_AT(0x128) };
/* mov %rax, (%rdi) */
static const struct access store = {
    CODE_BYTES(0x48, 0x89, 0x07), .rdi = GUARDED_AT(0x128), .rax = VALUE };
static const struct access movs = {
    CODE_BYTES(0x48, 0xa5), .rsi = GUARDED_AT(0x128), .rdi = NEAR_AT(0x128) };

/* The tables at LINEAR are guarded in the view; their entries have these bits. */
static struct guest *guest_with_guard(uint16_t *view, unsigned int flags)
{
    struct guest *g = guest_with_aliases(view);

    map_aliases(g, flags);
    expect_ok(view_access_set(g->domid, *view, TEST_GFN + TABLE,
                              XENMEM_access_r));
    return g;
}

static void walk_changes_nothing(void)
{
    uint16_t view;
    struct guest *g = guest_with_guard(&view, DIRTY);
    struct monitor *m = monitor_open(g, answer_view_0);

    write_code(g, &load);
    host_write(g, gpa_of_page(GUARDED) + 0x128, VALUE);
    expect_equal(run_code(g, view, gpa_of_page(CODE)), VALUE, "value read");
    write_code(g, &store);
    host_write(g, gpa_of_page(GUARDED) + 0x128, 0);
    run_code(g, view, gpa_of_page(CODE));
    expect_equal(host_read(g, gpa_of_page(GUARDED) + 0x128), VALUE, "written");
    expect_equal(m->count, 0, "events");

    /* A table of tables; and the code's own. */
    for ( unsigned int i = 0; i < 2; i++ )
        expect_ok(view_access_set(g->domid, view, TEST_GFN + TABLES + i,
                                  XENMEM_access_rx));
    write_code(g, &load);
    expect_equal(run_code(g, view, LINEAR + CODE * 0x1000), VALUE, "value read");
    expect_equal(m->count, 0, "events");
}

/* Again and again, in the view and for a while. */
static void walk_goes_on(void)
{
    uint16_t view;
    struct guest *g = guest_with_guard(&view, DIRTY);
    struct monitor *m = monitor_open(g, answer_view_0);

    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_WATCH, GUARDED_AT(0), 1));
    for ( unsigned int i = 0; i < 50; i++ )
        guest_await_round(g, g->slot[0]->rounds);
    guest_alive(g);
    expect_equal(m->count, 0, "events");
    expect_view(g, 0, view);
}

static void expect_walk(struct guest *g, uint16_t view, const struct access *a,
                        uint64_t gla)
{
    struct monitor *m;
    const vm_event_request_t *e;

    write_code(g, a);
    e = run_to_event(g, view, gpa_of_page(CODE), &m);
    expect_equal(e->u.mem_access.gfn, TEST_GFN + TABLE, "gfn");
    expect(e->u.mem_access.flags & MEM_ACCESS_FAULT_IN_GPT, "flags %#x",
           e->u.mem_access.flags);
    expect_equal(e->u.mem_access.gla, gla, "linear address");
    monitor_close(m);
}

static void walk_sets_bits(void)
{
    uint16_t view;
    struct guest *g = guest_with_guard(&view, ENTRY_PRESENT);
    struct monitor *m;

    if ( !amd )
        skip("Intel's CPUs are emulated without rights of walks that set bits");
    expect_walk(g, view, &load, load.rsi);
    map_aliases(g, CLEAN);
    expect_walk(g, view, &store, store.rdi);

    map_aliases(g, CLEAN);
    m = monitor_open(g, answer_view_0);
    write_code(g, &load);
    run_code(g, view, gpa_of_page(CODE));
    expect_equal(m->count, 0, "events");
    expect_equal(host_read(g, gpa_of_page(TABLE) + GUARDED * 8) & 0xfff, CLEAN,
                 "bits of the entry");
}

/* The data has rights, too, and what the view shows is what is read. */
static void walk_and_data(void)
{
    static const struct { unsigned int access; const struct access *what; }
    cases[] = { { XENMEM_access_n, &load }, { XENMEM_access_n, &store },
                { XENMEM_access_rx, &store } };
    uint16_t view;
    struct guest *g = guest_with_guard(&view, DIRTY);
    struct monitor *m;

    for ( unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        bool read = cases[i].what == &load;
        const vm_event_request_t *e;

        write_code(g, cases[i].what);
        expect_ok(view_access_set(g->domid, view, TEST_GFN + GUARDED,
                                  cases[i].access));
        e = run_to_event(g, view, gpa_of_page(CODE), &m);
        expect_equal(m->count, 1, "events");
        expect_equal(e->u.mem_access.gfn, TEST_GFN + GUARDED, "gfn");
        expect(e->u.mem_access.flags & (read ? MEM_ACCESS_R : MEM_ACCESS_W),
               "flags %#x", e->u.mem_access.flags);
        expect_equal(e->u.mem_access.gla, GUARDED_AT(0x128), "linear address");
        monitor_close(m);
    }

    expect_ok(view_remap(g->domid, view, TEST_GFN + GUARDED, TEST_GFN + 4));
    host_write(g, gpa_of_page(4) + 0x128, VALUE + 1);
    m = monitor_open(g, answer_view_0);
    write_code(g, &load);
    expect_equal(run_code(g, view, gpa_of_page(CODE)), VALUE + 1, "value read");
    expect_equal(m->count, 0, "events");
}

/* What Xen does not carry out is done all the same. */
static void walk_of_two(void)
{
    uint16_t view;
    struct guest *g = guest_with_guard(&view, DIRTY);

    monitor_open(g, answer_view_0);
    write_code(g, &movs);
    host_write(g, gpa_of_page(GUARDED) + 0x128, VALUE);
    run_code(g, view, gpa_of_page(CODE));
    expect_equal(host_read(g, gpa_of_page(NEAR) + 0x128), VALUE, "value moved");
}

const struct test tests_walk[] = {
    { "walk_changes_nothing", NEEDS_VIEWS, walk_changes_nothing },
    { "walk_goes_on", NEEDS_VIEWS, walk_goes_on },
    { "walk_sets_bits", NEEDS_VIEWS, walk_sets_bits },
    { "walk_and_data", NEEDS_VIEWS, walk_and_data },
    { "walk_of_two", NEEDS_VIEWS, walk_of_two },
    { 0 },
};
