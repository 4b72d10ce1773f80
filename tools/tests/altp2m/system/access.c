/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: rights of a gfn in a view, set, set many and told. */
#include "guest.h"
#include "refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void access_set_get(void)
{
    struct guest *g = guest_with_views();
    uint16_t a = new_view(g), b = new_view(g);

    for ( unsigned int access = XENMEM_access_n; access < XENMEM_access_default;
          access++ )
    {
        uint64_t gfn = TEST_GFN + access;
        int rc = view_access_set(g->domid, a, gfn, access);

        if ( rc == -EOPNOTSUPP )
        {
            expect_access(g, a, gfn, XENMEM_access_rwx);
            continue;
        }
        expect(!rc, "access %u: %s", access, error_name(rc));
        expect_access(g, a, gfn, access);
        expect_access(g, b, gfn, XENMEM_access_rwx);
        expect_access(g, 0, gfn, XENMEM_access_rwx);
    }
    expect_access(g, a, TEST_GFN + 100, XENMEM_access_rwx);
    guest_alive(g);
}

/* Rights on one page of a superpage leave its neighbours alone. */
static void access_within_superpage(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    uint64_t gfn = TEST_GFN + 77;

    guest_fill(g, TEST_GPA, 512, 9);
    expect_ok(view_access_set(g->domid, view, gfn, XENMEM_access_rx));
    expect_access(g, view, gfn, XENMEM_access_rx);
    expect_access(g, view, gfn - 1, XENMEM_access_rwx);
    expect_access(g, view, gfn + 1, XENMEM_access_rwx);
    expect_access(g, 0, gfn, XENMEM_access_rwx);
    expect_ok(view_switch(g->domid, view));
    guest_verify(g, TEST_GPA, 512, 9);
    guest_write(g, gpa_of(gfn - 1), 1);
    guest_write(g, gpa_of(gfn + 1), 1);
    expect_equal(guest_read(g, gpa_of(gfn)), payload_pattern(gpa_of(gfn), 9),
                 "page with fewer rights");
}

static void access_default_of_host(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_r));
    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_default));
    expect_access(g, view, TEST_GFN, XENMEM_access_rwx);
}

static void right_access(altp2m_op_t *op)
{
    op->u.mem_access.view = 1;
    op->u.mem_access.gfn = TEST_GFN;
    op->u.mem_access.access = XENMEM_access_r;
}

static void access_refuses(void)
{
    static const struct refusal rows[] = {
        { HVMOP_altp2m_set_mem_access, FIELD(u.mem_access.access),
          XENMEM_access_default + 1, -EINVAL },
        { HVMOP_altp2m_set_mem_access, FIELD(u.mem_access.access), 0xff,
          -EINVAL },
        { HVMOP_altp2m_set_mem_access, FIELD(u.mem_access.view), 2, -EINVAL },
        { HVMOP_altp2m_set_mem_access, FIELD(u.mem_access.view), 512,
          -EINVAL },
        { HVMOP_altp2m_set_mem_access, FIELD(u.mem_access.view), 0xffff,
          -EINVAL },
        { HVMOP_altp2m_set_mem_access, FIELD(u.mem_access.pad), 1, -EINVAL },
        { HVMOP_altp2m_get_mem_access, FIELD(u.mem_access.view), 2, -EINVAL },
        { HVMOP_altp2m_get_mem_access, FIELD(u.mem_access.view), 0xffff,
          -EINVAL },
        { HVMOP_altp2m_get_mem_access, FIELD(u.mem_access.pad), 1, -EINVAL },
        { 0 },
    };
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);

    expect_ok(view_access_set(g->domid, view, TEST_GFN, XENMEM_access_rw));
    expect_refusals(g, rows, right_access, by_dom0);
    expect_access(g, view, TEST_GFN, XENMEM_access_rw);
}

/* Where there is no RAM nothing is set, and nothing is told. */
static void access_of_hole(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    unsigned int access;
    int rc = view_access_set(g->domid, view, HOLE_GFN, XENMEM_access_r);

    expect(rc == 0 || rc == -ESRCH || rc == -EINVAL, "setting: %s",
           error_name(rc));
    rc = view_access_get(g->domid, view, HOLE_GFN, &access);
    expect(rc == -ESRCH || rc == -EINVAL, "getting: %s", error_name(rc));
    guest_alive(g);
}

static void access_list_sets_each(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    uint64_t gfns[] = { TEST_GFN + 9, TEST_GFN, TEST_GFN + 600, TEST_GFN };
    uint8_t rights[] = { XENMEM_access_r, XENMEM_access_rx, XENMEM_access_n,
                         XENMEM_access_rw };

    expect_ok(view_access_set_many(g->domid, view, gfns, rights, 4));
    expect_access(g, view, TEST_GFN + 9, XENMEM_access_r);
    expect_access(g, view, TEST_GFN + 600, XENMEM_access_n);
    expect_access(g, view, TEST_GFN, XENMEM_access_rw); /* the later one */
    expect_ok(view_access_set_many(g->domid, view, gfns, rights, 0));
    expect_access(g, view, TEST_GFN, XENMEM_access_rw);
}

#define MANY 6144 /* pages of 24 MiB */

static uint64_t many_gfns[MANY];
static uint8_t many_rights[MANY];

static void many_prepare(void)
{
    random_seed();
    for ( unsigned int i = 0; i < MANY; i++ )
    {
        many_gfns[i] = TEST_GFN + i;
        many_rights[i] = random_below(2) ? XENMEM_access_rx : XENMEM_access_rw;
    }
}

/* So many that the operation has to be continued, the guest running. */
static void access_list_continued(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .mib = 40 });
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    view = new_view(g);
    many_prepare();
    guest_post(g, 0, COMMAND(CMD_WATCH, TEST_GPA));
    expect_ok(view_access_set_many(g->domid, view, many_gfns, many_rights,
                                   MANY));
    for ( unsigned int i = 0; i < MANY; i++ )
        expect_access(g, view, many_gfns[i], many_rights[i]);
    expect(g->slot[0]->rounds, "the guest stood still");
    guest_alive(g);
}

#define ALL_MIB  256u
#define ALL_GFNS (ALL_MIB * 256u)
#define PART     4000u            /* not a whole number of tables */

/* All gfns, a part in each call; the most pages that the pool had given. */
static unsigned int set_all(struct guest *g, uint16_t view, unsigned int access)
{
    static uint64_t gfns[PART];
    static uint8_t rights[PART];
    unsigned int most = 0, used, nr;

    memset(rights, access, sizeof(rights));
    for ( unsigned int first = 0; first < ALL_GFNS; first += nr )
    {
        nr = ALL_GFNS - first < PART ? ALL_GFNS - first : PART;
        for ( unsigned int i = 0; i < nr; i++ )
            gfns[i] = first + i;
        expect(!xc_altp2m_set_mem_access_multi(xch, g->domid, view, rights,
                                               gfns, nr),
               "gfn %#x and on: %s", first, error_name(-errno));
        used = pool_used(g);
        most = used > most ? used : most;
    }
    return most;
}

/*
 * The same right for every gfn of a guest: what is equal becomes one entry, so it
 * costs no more than the way to where it was set last.
 */
static void access_list_of_all(void)
{
    static const unsigned int accesses[] = { XENMEM_access_rwx,
                                             XENMEM_access_rx };
    struct guest *g = guest_new(&(struct guest_config){ .mib = ALL_MIB,
                                                        .pool_pages = 1024 });
    unsigned int before, most;
    uint16_t view;

    expect_ok(view_state_set(g->domid, true));
    before = pool_used(g);
    view = new_view(g);
    expect_ok(view_switch(g->domid, view));
    for ( unsigned int i = 0; i < 2; i++ )
    {
        most = set_all(g, view, accesses[i]);
        note("access %u: %u pages at most, %u at the end", accesses[i],
             most - before, pool_used(g) - before);
        expect(most - before <= 8, "%u pages on the way", most - before);
        expect(pool_used(g) - before <= 5, "%u pages at the end",
               pool_used(g) - before);
        /* A write in the view would take the right back that is set next. */
        expect_ok(view_switch(g->domid, 0));
    }
    expect_access(g, view, ALL_GFNS - 1, XENMEM_access_rx);
    guest_alive(g);
}

static void access_list_refuses(void)
{
    struct guest *g = guest_with_views();
    uint16_t view = new_view(g);
    uint64_t gfns[3] = { TEST_GFN, TEST_GFN + 1, TEST_GFN + 2 };
    uint8_t rights[3] = { XENMEM_access_r, 0x55, XENMEM_access_r };
    altp2m_op_t op;

    expect_rc(view_access_set_many(g->domid, view, gfns, rights, 3), -EINVAL);
    expect_access(g, view, TEST_GFN + 1, XENMEM_access_rwx);
    expect_access(g, view, TEST_GFN + 2, XENMEM_access_rwx);
    rights[1] = XENMEM_access_r;
    expect_rc(view_access_set_many(g->domid, view + 1, gfns, rights, 3),
              -EINVAL);
    expect_rc(view_access_set_many(g->domid, 0xffff, gfns, rights, 3), -EINVAL);

    op = op_new(g->domid, HVMOP_altp2m_set_mem_access_multi);
    op.u.set_mem_access_multi.view = view;
    op.u.set_mem_access_multi.nr = 1;
    set_xen_guest_handle_raw(op.u.set_mem_access_multi.pfn_list, (void *)8);
    set_xen_guest_handle_raw(op.u.set_mem_access_multi.access_list, (void *)8);
    expect_rc(op_do(&op), -EFAULT);
    op.u.set_mem_access_multi.opaque = 2; /* beyond nr */
    expect_rc(op_do(&op), -EINVAL);
    op.u.set_mem_access_multi.opaque = 0;
    op.u.set_mem_access_multi.pad = 1;
    expect_rc(op_do(&op), -EINVAL);
    expect_access(g, view, TEST_GFN + 2, XENMEM_access_rwx);
    guest_alive(g);
}

const struct test tests_access[] = {
    { "access_set_get", NEEDS_VIEWS, access_set_get },
    { "access_within_superpage", NEEDS_VIEWS, access_within_superpage },
    { "access_default_of_host", NEEDS_VIEWS, access_default_of_host },
    { "access_refuses", NEEDS_VIEWS, access_refuses },
    { "access_of_hole", NEEDS_VIEWS, access_of_hole },
    { "access_list_sets_each", NEEDS_VIEWS, access_list_sets_each },
    { "access_list_continued", NEEDS_VIEWS, access_list_continued },
    { "access_list_of_all", NEEDS_VIEWS, access_list_of_all },
    { "access_list_refuses", NEEDS_VIEWS, access_list_refuses },
    { 0 },
};
