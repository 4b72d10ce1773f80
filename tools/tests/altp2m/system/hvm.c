/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests: an HVM guest, made by the distribution's xl with its loader, firmware and
 * device model, has views like any other.  It boots the payload from a disk.
 */
#include "monitor.h"
#include "toolstack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME    "altp2m-hvm"
#define SAVED   "/tmp/" NAME ".save"
#define BOOT_MS 600000   /* on a busy machine */
#define SEED    81
#define PAGES   32
#define TEXT    0xb8000ULL     /* the display's text, by the device model */

static void clear_away(void)
{
    shell("xl destroy " NAME " >/dev/null 2>&1");
    unlink(SAVED);
}

/* The guest before it can answer. */
static uint32_t create(const char *options)
{
    FILE *f = fopen("/tmp/" NAME ".cfg", "w");
    uint32_t domid;

    expect(f, "can't write the configuration");
    fprintf(f, "name = \"" NAME "\"\ntype = \"hvm\"\nmemory = 48\nvcpus = 1\n"
               "altp2m = \"external\"\nvga = \"stdvga\"\nvnc = 0\nsdl = 0\n"
               "usb = 0\ndevice_model_args_hvm = [ \"-drive\", "
               "\"file=%s.img,format=raw,if=ide,index=0\" ]\n", payload_path);
    fclose(f);
    if ( !shell("xl create -q %s /tmp/" NAME ".cfg >/tmp/" NAME ".log 2>&1",
                options) )
    {
        shell("tail -n 20 /tmp/" NAME ".log /var/log/xen/*" NAME "*");
        fail("xl create fails");
    }
    domid = xl_domid(NAME);
    expect(domid, "xl does not know the guest");
    return domid;
}

/* Firmware and boot sector take their time. */
static struct guest *await(uint32_t domid)
{
    struct guest early = { .domid = domid };
    uint64_t end = now_ns() + BOOT_MS * 1000000ULL;

    while ( host_read(&early, PAYLOAD_SLOTS) != PAYLOAD_MAGIC )
    {
        expect(now_ns() < end, "the guest does not come up");
        usleep(20000);
    }
    return guest_adopt(domid);
}

static void fill(struct guest *g)
{
    guest_fill(g, TEST_GPA, PAGES, SEED);
    for ( unsigned int i = 0; i < 80; i += 8 )
    {
        host_write(g, TEST_GPA + i, 0x0741074107410741);
        host_write(g, TEST_GPA + 0x1000 + i, 0x0742074207420742);
    }
}

static void expect_words(struct guest *g, uint64_t gpa, uint64_t value)
{
    for ( unsigned int i = 0; i < 80; i += 8 )
        expect(host_read(g, gpa + i) == value, "%#llx at %#llx",
               (unsigned long long)host_read(g, gpa + i),
               (unsigned long long)gpa + i);
}

/* Text goes to the display and comes back, by the device model. */
static void display(struct guest *g, uint64_t from, uint64_t to,
                    uint64_t to_behind, uint64_t value)
{
    guest_do(g, 0, COMMAND(CMD_DEVICE, DEVICE_STORE, TEXT, from, 80));
    for ( unsigned int i = 0; i < 80; i += 8 )
        host_write(g, to_behind + i, 0);
    guest_do(g, 0, COMMAND(CMD_DEVICE, DEVICE_LOAD, TEXT, to, 80));
    expect_words(g, to_behind, value);
}

/* A guest in a view from the loader's first instruction on. */
static struct guest *boot_in_view(uint16_t *view)
{
    struct guest early = { 0 }, *g;

    clear_away();
    early.domid = create("-p");
    expect_ok(view_state_set(early.domid, true));
    *view = new_view(&early);
    expect_ok(view_access_set(early.domid, *view, TEST_GFN + 4,
                              XENMEM_access_rw));
    expect_ok(view_remap(early.domid, *view, TEST_GFN, TEST_GFN + 1));
    expect_ok(view_remap(early.domid, *view, TEST_GFN + 2, TEST_GFN + 3));
    expect_ok(view_switch(early.domid, *view));
    expect(shell("xl unpause " NAME), "xl unpause fails");
    g = await(early.domid);
    expect_view(g, 0, *view);
    expect_access(g, *view, TEST_GFN + 4, XENMEM_access_rw);
    return g;
}

/*
 * Real mode, firmware, emulated devices: nothing of that is different in a view.
 * Then the device model, a monitor, #VE, VMFUNC and a balloon.
 */
static void hvm_views(void)
{
    struct guest *g;
    struct monitor *m;
    uint16_t view;

    g = boot_in_view(&view);
    fill(g);
    m = monitor_open(g, answer_view_0);
    display(g, TEST_GPA, TEST_GPA + 0x2000, TEST_GPA + 0x3000,
            0x0742074207420742);
    expect(host_read(g, TEST_GPA + 0x2000) != 0x0742074207420742,
           "the hidden page is written to");
    expect_ok(view_switch(g->domid, 0));
    display(g, TEST_GPA, TEST_GPA + 0x2000, TEST_GPA + 0x2000,
            0x0741074107410741);
    expect_equal(m->count, 0, "events");

    expect_ok(view_access_set(g->domid, view, TEST_GFN + 5, XENMEM_access_r));
    expect_ok(view_switch(g->domid, view));
    guest_write(g, TEST_GPA + 0x5000, 0x99);
    expect_equal(m->count, 1, "events");
    expect_equal(m->log[0].u.mem_access.gfn, TEST_GFN + 5, "gfn");
    expect_view(g, 0, 0);

    expect_ok(view_notify_on(g->domid, 0, PAYLOAD_VE_INFO >> 12));
    expect_ok(view_suppress_set(g->domid, view, TEST_GFN + 5, false));
    guest_do(g, 0, COMMAND(CMD_VE_SETUP, VE_SWITCH, 0));
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    guest_write(g, TEST_GPA + 0x5000, 0x9a);
    expect_equal(g->slot[0]->ve.count, 1, "#VE taken");
    expect_equal(m->count, 1, "events afterwards");

    expect_ok(host_drop(g, TEST_GFN + 1));
    expect_ok(host_populate(g, TEST_GFN + 1));
    host_write(g, TEST_GPA + 0x1000, 0x111);
    guest_do(g, 0, COMMAND(CMD_VMFUNC, 0, view));
    expect_equal(guest_read(g, TEST_GPA), 0x111, "page populated anew");
    guests_destroy();
    clear_away();
}

/* A view in which a page is shown at another's place, and there the guest writes. */
static void write_in_view(struct guest *g)
{
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rx));
    expect_ok(view_remap(g->domid, view, TEST_GFN + 10, TEST_GFN + 11));
    expect_ok(view_switch(g->domid, view));
    guest_post(g, 0, COMMAND(CMD_WATCH, gpa_of(TEST_GFN + 10), 1));
    guest_await_round(g, 0);
}

/*
 * Its memory, moved by xl while it writes in a view, has what it wrote last: the
 * guest counts its rounds in one page and writes the count to another.
 */
static struct guest *move(struct guest *g, const char *away, const char *back)
{
    const uint32_t first = g->domid;
    const struct payload_slot *slot;
    struct guest late = { 0 };
    uint64_t rounds, word;

    write_in_view(g);
    guests_destroy(); /* lets go of its memory */
    expect(shell("%s >/tmp/" NAME ".log 2>&1", away), "%s fails", away);
    expect(!back || shell("%s >/tmp/" NAME ".log 2>&1", back), "%s fails", back);

    late.domid = xl_domid(NAME);
    expect(late.domid && late.domid != first, "no new guest");
    slot = host_map(&late, PAYLOAD_SLOTS >> 12);
    rounds = slot->rounds;
    host_unmap((void *)slot);
    word = host_read(&late, gpa_of(TEST_GFN + 11) + 8);
    expect(rounds > 1 && (word == rounds || word == rounds - 1),
           "%llu rounds, the last written is %llu", (unsigned long long)rounds,
           (unsigned long long)word);

    expect(shell("xl unpause " NAME), "xl unpause fails");
    g = guest_adopt(late.domid);
    guest_await_round(g, rounds);
    guest_alive(g);
    guest_verify(g, gpa_of(TEST_GFN + 12), PAGES - 12, SEED);
    return g;
}

static void hvm_moves(void)
{
    struct guest *g;

    clear_away();
    g = await(create(""));
    fill(g);
    g = move(g, "xl save " NAME " " SAVED, "xl restore -p " SAVED);
    g = move(g, "xl migrate -p -s '' " NAME " 'xl migrate-receive -p'", NULL);
    guest_alive(g);
    guests_destroy();
    clear_away();
}

static const struct test tests_hvm[] = {
    { "hvm_views", NEEDS_VIEWS, hvm_views },
    { "hvm_moves", NEEDS_VIEWS, hvm_moves },
    { 0 },
};

const struct test *const tables[] = { tests_hvm, NULL };
