/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test: thousands of random operations on several views, the guest running, and
 * a model of what must be: a view is the host's map plus its overrides, which
 * rights set in the host's map end.
 */
#include "guest.h"
#include "library.h"
#include "monitor.h"

#include <errno.h>

#define OPERATIONS 10000
#define VIEWS      4   /* besides view 0 */
#define GFNS       240
#define NONE       (~0u)
#define BUSY_GPA   (15 * MIB)
#define BUSY_PAGES 64

struct model
{
    struct guest *g;
    unsigned int current;            /* view the guest is in */
    uint64_t content[GFNS];          /* first word of the host's page */
    unsigned int host_access[GFNS];
    struct
    {
        uint16_t index;
        unsigned int access[GFNS];   /* XENMEM_access_*, or NONE */
        unsigned int target[GFNS];   /* or NONE */
    } view[VIEWS + 1];
};

static struct model model;

/* Three regions of 80 pages, two of them in the same 2 MiB. */
static uint64_t gfn_of(unsigned int i)
{
    static const unsigned int base[] = { 0, 300, 1024 };

    return TEST_GFN + base[i / 80] + i % 80;
}

static unsigned int effective_access(unsigned int view, unsigned int i)
{
    unsigned int own = model.view[view].access[i];

    return own != NONE ? own : model.host_access[i];
}

static unsigned int shown(unsigned int view, unsigned int i)
{
    unsigned int target = model.view[view].target[i];

    return target != NONE ? target : i;
}

static uint16_t plain_view(void)
{
    uint16_t view = new_view(model.g);

    no_default(model.g, view);
    return view;
}

static void forget(unsigned int view)
{
    for ( unsigned int i = 0; i < GFNS; i++ )
        model.view[view].access[i] = model.view[view].target[i] = NONE;
}

static unsigned int random_access(void)
{
    static const unsigned int some[] = { XENMEM_access_r, XENMEM_access_rx,
                                         XENMEM_access_rw, XENMEM_access_rwx };

    return some[random_below(4)];
}

static void check_access(unsigned int view, unsigned int i)
{
    expect_access(model.g, model.view[view].index, gfn_of(i),
                  effective_access(view, i));
}

static void check_read(unsigned int i)
{
    unsigned int from = shown(model.current, i);
    uint64_t got = guest_read(model.g, gpa_of(gfn_of(i)));

    expect(got == model.content[from],
           "gfn %#llx in view %u reads %#llx, not %#llx of gfn %#llx",
           (unsigned long long)gfn_of(i), model.view[model.current].index,
           (unsigned long long)got, (unsigned long long)model.content[from],
           (unsigned long long)gfn_of(from));
}

static void do_access(unsigned int view, unsigned int i)
{
    unsigned int access = random_access();

    expect_ok(view_access_set(model.g->domid, model.view[view].index,
                              gfn_of(i), access));
    model.view[view].access[i] = access;
}

static void do_access_many(unsigned int view)
{
    uint64_t gfns[16];
    uint8_t rights[16];

    for ( unsigned int n = 0; n < 16; n++ )
    {
        unsigned int i = random_below(GFNS);

        gfns[n] = gfn_of(i);
        rights[n] = random_access();
        model.view[view].access[i] = rights[n];
    }
    expect_ok(view_access_set_many(model.g->domid, model.view[view].index,
                                   gfns, rights, 16));
}

/* The gfn shows what its target shows, with the rights that that has. */
static void do_remap(unsigned int view, unsigned int i)
{
    unsigned int target = random_below(GFNS);

    expect_ok(view_remap(model.g->domid, model.view[view].index, gfn_of(i),
                         gfn_of(target)));
    model.view[view].access[i] = effective_access(view, target);
    target = shown(view, target);
    model.view[view].target[i] = target == i ? NONE : target;
}

/* Undoing a remap gives the gfn its own frame and the host's rights back. */
static void do_undo(unsigned int view, unsigned int i)
{
    expect_ok(view_remap(model.g->domid, model.view[view].index, gfn_of(i),
                         NO_GFN));
    model.view[view].access[i] = model.view[view].target[i] = NONE;
}

static void do_recreate(unsigned int view)
{
    uint16_t index;

    if ( view == model.current )
    {
        expect_rc(view_destroy(model.g->domid, model.view[view].index), -EBUSY);
        return;
    }
    expect_ok(view_destroy(model.g->domid, model.view[view].index));
    index = plain_view();
    expect_equal(index, model.view[view].index, "index of the new view");
    forget(view);
}

static void do_switch(unsigned int view)
{
    expect_ok(view_switch(model.g->domid, model.view[view].index));
    model.current = view;
}

/*
 * While a remap's target is gone the gfn shows its own frame, that one alone;
 * when the target is back, so is the remap.
 */
static void check_fallback(unsigned int gone)
{
    for ( unsigned int j = 0; j < GFNS; j++ )
    {
        uint64_t got;

        if ( j == gone || model.view[model.current].target[j] != gone )
            continue;
        got = guest_read(model.g, gpa_of(gfn_of(j)));
        expect(got == model.content[j],
               "gfn %#llx in view %u reads %#llx, not its own %#llx",
               (unsigned long long)gfn_of(j), model.view[model.current].index,
               (unsigned long long)got, (unsigned long long)model.content[j]);
    }
}

static void do_host_drop(unsigned int i)
{
    expect_ok(host_drop(model.g, gfn_of(i)));
    check_fallback(i);
    expect_ok(host_populate(model.g, gfn_of(i)));
    model.content[i] = random_below(~0u);
    host_write(model.g, gpa_of(gfn_of(i)), model.content[i]);
    model.host_access[i] = XENMEM_access_rwx;
}

static void do_host_access(unsigned int i)
{
    unsigned int access = random_access();

    expect(!xc_set_mem_access(xch, model.g->domid, access, gfn_of(i), 1),
           "host access: %s", error_name(-errno));
    model.host_access[i] = access;
    for ( unsigned int view = 1; view <= VIEWS; view++ )
        model.view[view].access[i] = model.view[view].target[i] = NONE;
}

static void do_guest_write(unsigned int i)
{
    uint64_t value = random_below(~0u);
    unsigned int access = effective_access(model.current, i);

    if ( access != XENMEM_access_rw && access != XENMEM_access_rwx )
        return;
    guest_write(model.g, gpa_of(gfn_of(i)), value);
    model.content[shown(model.current, i)] = value;
}

static void keep_busy(void)
{
    guest_post(model.g, 0, COMMAND(CMD_SWEEP, BUSY_GPA, BUSY_PAGES));
}

static void one_operation(void)
{
    unsigned int view = 1 + random_below(VIEWS), i = random_below(GFNS);
    unsigned int choice = random_below(1000);

    if ( choice < 300 )
        do_access(view, i);
    else if ( choice < 330 )
        do_access_many(view);
    else if ( choice < 550 )
        do_remap(view, i);
    else if ( choice < 650 )
        do_undo(view, i);
    else if ( choice < 750 )
        check_access(random_below(VIEWS + 1), i);
    else if ( choice < 820 )
        check_read(i);
    else if ( choice < 860 )
        do_guest_write(i);
    else if ( choice < 930 )
        do_host_drop(i);
    else if ( choice < 960 )
        do_host_access(i);
    else if ( choice < 990 )
        do_switch(random_below(VIEWS + 1));
    else
        do_recreate(view);
}

static void check_everything(void)
{
    for ( unsigned int view = 0; view <= VIEWS; view++ )
    {
        do_switch(view);
        for ( unsigned int i = 0; i < GFNS; i++ )
        {
            check_access(view, i);
            check_read(i);
        }
    }
    guest_verify(model.g, BUSY_GPA, BUSY_PAGES, 41);
    expect_equal(model.g->monitor->count, 0, "events");
    keep_busy();
}

static void setup(void)
{
    model.g = guest_new(&(struct guest_config){ .mib = 24 });
    model.current = 0;
    model.view[0].index = 0;
    expect_ok(view_state_set(model.g->domid, true));
    for ( unsigned int view = 0; view <= VIEWS; view++ )
    {
        forget(view);
        if ( view )
            model.view[view].index = plain_view();
    }
    for ( unsigned int i = 0; i < GFNS; i++ )
    {
        model.host_access[i] = XENMEM_access_rwx;
        model.content[i] = 0x1000 + i;
        host_write(model.g, gpa_of(gfn_of(i)), model.content[i]);
    }
    guest_fill(model.g, BUSY_GPA, BUSY_PAGES, 41);
    /* Setting the host's rights asks for a listener; it must hear nothing. */
    monitor_open(model.g, answer_view_0);
}

static void random_operations(void)
{
    note("seed %llu", (unsigned long long)random_seed());
    setup();
    keep_busy();
    for ( unsigned int n = 1; n <= OPERATIONS; n++ )
    {
        one_operation();
        if ( !(n % 16) )
            keep_busy();
        if ( !(n % 2500) )
        {
            note("%u operations", n);
            check_everything();
        }
    }
}

const struct test tests_random[] = {
    { "random_operations", NEEDS_VIEWS, random_operations },
    { 0 },
};
