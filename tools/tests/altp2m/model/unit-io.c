/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's access that Xen passes on to a device model: Xen's own function as
 * grafted, for a page that the vCPU's view shows.
 */
#include "unit.h"

enum { IOREQ_TYPE_PIO, IOREQ_TYPE_COPY };
enum { IOREQ_WRITE, IOREQ_READ };

/* What pages of type p2m_ioreq_server have, and what it was sent last. */
static struct ioreq_server { int dummy; } device_model;
static ioreq_t sent;
static bool dropped;

#define gaddr_to_gfn(a)       _gfn((a) >> PAGE_SHIFT)
#define hvmtrace_io_assist(p) ((void)(p))
#define domain_crash(d)       FAIL("the domain is crashed")
#define hvm_io_intercept(p)   X86EMUL_UNHANDLEABLE
#define p2m_get_ioreq_server(d, f) (*(f) = 0, &device_model)
#define ioreq_server_select(d, p)  ((void)(p), (struct ioreq_server *)NULL)
#define ioreq_needs_completion(r)  ((r)->dir == IOREQ_READ)

/* A write that nobody takes. */
static int hvm_process_io_intercept(const bool *has_server, ioreq_t *p)
{
    dropped = p->dir == IOREQ_WRITE;

    return X86EMUL_OKAY;
}

static int ioreq_send(struct ioreq_server *s, ioreq_t *p, bool buffered)
{
    sent = *p;

    return X86EMUL_RETRY;
}

static void get_gfn_query_unlocked(struct domain *d, unsigned long gfn,
                                   p2m_type_t *t)
{
    *t = host_fact(gfn).type;
}

static const bool ioreq_server_handler = true, null_handler;

#include "hvm-io.c"

#define SHOWN_AT 0u               /* numbers of gfns */
#define SERVER   10u
#define RAM      11u

static int write_to(unsigned int g)
{
    uint64_t value = 0x55;
    unsigned long reps = 1;
    int rc;

    sent = (ioreq_t){ };
    dropped = false;
    current = model_domain->vcpu[0];
    current->io.req.state = STATE_IOREQ_NONE;
    rc = hvmemul_do_io(true, gfns[g] << PAGE_SHIFT, &reps, sizeof(value),
                       IOREQ_WRITE, false, false, (uintptr_t)&value);
    caller_is(NULL);

    return rc;
}

static void remap(unsigned int target)
{
    caller_is(NULL);
    step("remap", 1, SHOWN_AT, target, 0);
}

/*
 * A write to a page whose writes a device model takes reaches it; if that page is
 * no longer there when Xen comes to pass it on, the instruction is done again.
 */
static void test_io_late_ram(void)
{
    two_views();
    enter_all(1);
    EXPECT(host_set(gfns[SERVER], host_fact(gfns[SERVER]).mfn, 0,
                    p2m_ioreq_server, p2m_access_rwx), 0);
    remap(SERVER);
    EXPECT(write_to(SHOWN_AT), X86EMUL_OKAY);
    EXPECT(sent.addr, gfns[SERVER] << PAGE_SHIFT);
    EXPECT(sent.data, 0x55);
    remap(RAM);
    EXPECT(write_to(SHOWN_AT), X86EMUL_RETRY);
    EXPECT(dropped || sent.size, false);
    EXPECT(model_domain->vcpu[0]->io.req.state, STATE_IOREQ_NONE);
    /* Where there is neither, nobody takes it. */
    EXPECT(host_set(gfns[SHOWN_AT], ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    remap(SHOWN_AT);
    step("remap", 1, SHOWN_AT, 0, 1);
    EXPECT(write_to(SHOWN_AT), X86EMUL_OKAY);
    EXPECT(dropped, true);
}

const struct unit_test io_tests[] = {
    { "io-late-ram", test_io_late_ram },
    { "io-late-ram-amd", test_io_late_ram, true },
    { NULL },
};
