/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: access in the host's own map, with no views: what monitors began with. */
#include "guest.h"
#include "monitor.h"

#include <errno.h>
#include <string.h>

#define CODE_VALUE 0x5eed

/* Nothing of altp2m is needed. */
static struct guest *guest_plain(void)
{
    return guest_new(&(struct guest_config){ .disabled = true });
}

/* Access can only be set where somebody listens. */
static struct guest *guest_heard(void)
{
    struct guest *g = guest_plain();

    monitor_open(g, NULL);
    return g;
}

static int set(struct guest *g, uint64_t gfn, uint32_t nr, xenmem_access_t a)
{
    return xc_set_mem_access(xch, g->domid, a, gfn, nr) ? -errno : 0;
}

static void expect_host(struct guest *g, uint64_t gfn, xenmem_access_t wanted)
{
    xenmem_access_t got = 0xff;

    expect(!xc_get_mem_access(xch, g->domid, gfn, &got), "access of gfn %#llx: %s",
           (unsigned long long)gfn, error_name(-errno));
    expect(got == wanted, "access of gfn %#llx is %u, not %u",
           (unsigned long long)gfn, got, wanted);
}

/* What the CPU can't enforce changes nothing; the rest is as it was set. */
static void memaccess_set_get(void)
{
    struct guest *g = guest_heard();
    unsigned int refused = 0;

    for ( unsigned int a = XENMEM_access_n; a < XENMEM_access_default; a++ )
    {
        int rc = set(g, TEST_GFN + a, 1, a);

        if ( rc == -EOPNOTSUPP )
        {
            refused |= 1u << a;
            expect_host(g, TEST_GFN + a, XENMEM_access_rwx);
            expect_rc(set(g, ~0ULL, 0, a), -EOPNOTSUPP);
            expect_host(g, ~0ULL, XENMEM_access_rwx);
            continue;
        }
        expect(!rc, "access %u: %s", a, error_name(rc));
        expect_host(g, TEST_GFN + a, a);
    }
    note("refused: %#x", refused);
    expect((refused & 0x44) == 0x44, "write without read is taken");
    expect_host(g, TEST_GFN + 100, XENMEM_access_rwx);
    expect_rc(set(g, TEST_GFN, 1, XENMEM_access_default + 1), -EINVAL);
    expect_host(g, TEST_GFN, XENMEM_access_n);
    guest_alive(g);
}

static void memaccess_multi(void)
{
    struct guest *g = guest_heard();
    uint64_t gfns[] = { TEST_GFN, TEST_GFN + 513, TEST_GFN + 2 };
    uint8_t good[] = { XENMEM_access_r, XENMEM_access_n, XENMEM_access_rx };
    uint8_t bad[] = { XENMEM_access_w, XENMEM_access_r, XENMEM_access_r };

    expect(!xc_set_mem_access_multi(xch, g->domid, good, gfns, 3), "multi: %s",
           error_name(-errno));
    for ( unsigned int i = 0; i < 3; i++ )
        expect_host(g, gfns[i], good[i]);
    expect(xc_set_mem_access_multi(xch, g->domid, bad, gfns, 3) &&
           errno == EOPNOTSUPP, "write only is taken");
    for ( unsigned int i = 0; i < 3; i++ )
        expect_host(g, gfns[i], good[i]);
}

/* The default is what pages get that come later. */
static void memaccess_default(void)
{
    struct guest *g = guest_heard();

    expect_ok(host_drop(g, TEST_GFN));
    expect_ok(set(g, ~0ULL, 0, XENMEM_access_rx));
    expect_host(g, ~0ULL, XENMEM_access_rx);
    expect_ok(host_populate(g, TEST_GFN));
    expect_host(g, TEST_GFN, XENMEM_access_rx);
    expect_host(g, TEST_GFN + 1, XENMEM_access_rwx);
    expect_ok(set(g, TEST_GFN + 1, 1, XENMEM_access_default));
    expect_host(g, TEST_GFN + 1, XENMEM_access_rx);
    expect_ok(set(g, ~0ULL, 0, XENMEM_access_rwx));
    guest_alive(g);
}

/* A range may have holes, as a guest's memory has. */
static void memaccess_of_holes(void)
{
    struct guest *g = guest_heard();
    unsigned int before = pool_used(g);
    xenmem_access_t got;

    expect_ok(set(g, HOLE_GFN, 5000, XENMEM_access_r));
    expect(xc_get_mem_access(xch, g->domid, HOLE_GFN, &got), "a hole has access");
    expect_equal(pool_used(g), before, "pages of the pool");
    guest_alive(g);
}

static struct guest *asking;

/* The page is given back, and the guest tries again. */
static void answer_give_back(const vm_event_request_t *request,
                             vm_event_response_t *answer)
{
    (void)answer;
    set(asking, request->u.mem_access.gfn, 1, XENMEM_access_rwx);
}

static void touch(struct guest *g, unsigned int kind, uint64_t gpa)
{
    if ( kind == MEM_ACCESS_R )
        guest_read(g, gpa + 0x128);
    else if ( kind == MEM_ACCESS_W )
        guest_write(g, gpa + 0x128, 0x77);
    else
        expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, gpa))->result[0],
                     CODE_VALUE, "value returned");
}

/*
 * Flags say what was tried.  A CPU that does not tell reads apart from writes
 * may say both of a write; that of a read or of an execution is exact.
 */
static void expect_violation(const struct monitor *m, unsigned int kind,
                             unsigned int offset)
{
    const vm_event_request_t *e = &m->log[0];
    uint32_t flags = e->u.mem_access.flags;

    expect_equal(m->count, 1, "events");
    expect_equal(e->reason, VM_EVENT_REASON_MEM_ACCESS, "reason");
    expect_equal(e->u.mem_access.gfn, TEST_GFN, "gfn");
    expect_equal(e->u.mem_access.offset, offset, "offset");
    expect(flags & kind, "flags %#x lack %#x", flags, kind);
    expect(!(flags & MEM_ACCESS_RWX & ~kind &
             (kind == MEM_ACCESS_W ? MEM_ACCESS_X : MEM_ACCESS_RWX)),
           "flags %#x are more than %#x", flags, kind);
    expect(flags & MEM_ACCESS_FAULT_WITH_GLA, "flags %#x: not of the access itself",
           flags);
    expect(flags & MEM_ACCESS_GLA_VALID, "flags %#x: no linear address", flags);
    expect_equal(e->u.mem_access.gla, TEST_GPA + offset, "linear address");
}

static void memaccess_events(void)
{
    static const struct
    {
        unsigned int access, allowed;
    } rights[] = {
        { XENMEM_access_n, 0 }, { XENMEM_access_r, MEM_ACCESS_R },
        { XENMEM_access_x, MEM_ACCESS_X }, { XENMEM_access_rw, MEM_ACCESS_RW },
        { XENMEM_access_rx, MEM_ACCESS_RX }, { XENMEM_access_rwx, MEM_ACCESS_RWX },
    };
    static const unsigned int kinds[] = { MEM_ACCESS_R, MEM_ACCESS_W,
                                          MEM_ACCESS_X };
    struct guest *g = guest_plain();
    uint8_t *page = host_map(g, TEST_GFN);
    /* mov 0xff9(%rip), %rax; ret: executing it reads the next page. */
    static const uint8_t code[] = { 0x48, 0x8b, 0x05, 0xf9, 0x0f, 0, 0, 0xc3 };

    memcpy(page, code, sizeof(code));
    host_unmap(page);
    host_write(g, TEST_GPA + 0x1000, CODE_VALUE);
    asking = g;
    for ( unsigned int i = 0; i < sizeof(rights) / sizeof(rights[0]); i++ )
        for ( unsigned int j = 0; j < 3; j++ )
        {
            struct monitor *m = monitor_open(g, answer_give_back);
            int rc = set(g, TEST_GFN, 1, rights[i].access);

            if ( rc != -EOPNOTSUPP )
            {
                expect_ok(rc);
                touch(g, kinds[j], TEST_GPA);
                if ( rights[i].allowed & kinds[j] )
                    expect_equal(m->count, 0, "events without cause");
                else
                    expect_violation(m, kinds[j],
                                     kinds[j] == MEM_ACCESS_X ? 0 : 0x128);
            }
            monitor_close(m);
        }
    guest_alive(g);
}

/* Marks for logging reach pages with any access, and take none away. */
static void memaccess_logs_dirty(void)
{
    static const xenmem_access_t kept[] = {
        XENMEM_access_n, XENMEM_access_r, XENMEM_access_rx, XENMEM_access_n2rwx };
    struct guest *g = guest_heard();
    bool amd = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[0] & FEATURE_AMD;

    for ( unsigned int i = 0; i < 4; i++ )
        expect_ok(set(g, TEST_GFN + i, 1, kept[i]));
    host_log_dirty(g, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY);
    /* So that the marks go down to the pages. */
    guest_write(g, TEST_GPA + 0x8000, 1);
    host_dirty(g, 0);
    for ( unsigned int i = 0; i < 4; i++ )
        expect_host(g, TEST_GFN + i, kept[i]);
    for ( unsigned int i = amd ? 0 : 1; i < 3; i++ )
    {
        expect_ok(set(g, TEST_GFN + i, 1, XENMEM_access_rwx));
        expect(!host_dirty(g, TEST_GFN + i), "dirty before it is written");
        guest_write(g, gpa_of(TEST_GFN + i), 2);
        expect(host_dirty(g, TEST_GFN + i), "a write is not logged, access before: %u",
               kept[i]);
    }
    host_log_dirty(g, XEN_DOMCTL_SHADOW_OP_OFF);
    guest_read(g, gpa_of(TEST_GFN + 8));
    expect_host(g, TEST_GFN + 3, kept[3]);
    guest_alive(g);
}

/* A superpage is split around a page with access of its own, and it stays. */
static void memaccess_splits(void)
{
    struct guest *g = guest_plain();
    struct monitor *m;

    asking = g;
    m = monitor_open(g, answer_give_back);
    guest_fill(g, TEST_GPA, 512, 4);
    expect_ok(set(g, TEST_GFN + 70, 2, XENMEM_access_n));
    expect_ok(host_drop(g, TEST_GFN + 300));
    expect_ok(host_populate(g, TEST_GFN + 300));
    expect_host(g, TEST_GFN + 70, XENMEM_access_n);
    expect_host(g, TEST_GFN + 72, XENMEM_access_rwx);
    guest_verify(g, TEST_GPA, 70, 4);
    guest_verify(g, TEST_GPA + 70 * 0x1000, 230, 4);
    expect_equal(m->count, 2, "events");
}

const struct test tests_memaccess[] = {
    { "memaccess_set_get", NEEDS_VIEWS, memaccess_set_get },
    { "memaccess_multi", NEEDS_VIEWS, memaccess_multi },
    { "memaccess_default", NEEDS_VIEWS, memaccess_default },
    { "memaccess_of_holes", NEEDS_VIEWS, memaccess_of_holes },
    { "memaccess_events", NEEDS_VIEWS, memaccess_events },
    { "memaccess_logs_dirty", NEEDS_VIEWS, memaccess_logs_dirty },
    { "memaccess_splits", NEEDS_VIEWS, memaccess_splits },
    { 0 },
};
