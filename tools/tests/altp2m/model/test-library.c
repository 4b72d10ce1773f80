/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-library: breakpoints, events and the log of libxenaltp2m, on the model's
 * hypervisor.  The library is built as for dom0; its hypercalls end up here.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"
#include "step.h"

#define __XEN_TOOLS__ 1
#include "public/event_channel.h"
#include "public/vm_event.h"
#include <xenaltp2m.h>

#define V(n) (model_domain->vcpu[n])
#define DOMID (model_domain->domain_id)
/* A gfn that no other test looks at, and the byte there with a breakpoint. */
#define GFN    0x210UL
#define OFFSET 5u
#define AT     (GFN << PAGE_SHIFT | OFFSET)

#define EXPECT(x, want) do {                                            \
    long got_ = (x), want_ = (want);                                    \
    if ( got_ != want_ )                                                \
        FAIL("%s is %ld, should be %ld", #x, got_, want_);              \
} while ( 0 )
/* What a function of the library ends with: 0, or its error. */
#define CALL(x) ((x) ? -errno : 0)

/* ---- libxencall ---- */

/*
 * Buffers lie in the memory that the model's hypervisor reaches.  Behind it there
 * is as much again, for what is left empty of a large one.
 */
#define SLOT  PAGE_SIZE
#define SMALL 4                   /* slots for buffers of no more than one */

static bool slot_used[2 * GUEST_MEMORY / SLOT];

struct xencall_handle { int unused; };
static struct xencall_handle xencall;

struct xencall_handle *xencall_open(void *logger, unsigned int flags)
{
    return &xencall;
}

int xencall_close(struct xencall_handle *h)
{
    return 0;
}

void *xencall_alloc_buffer(struct xencall_handle *h, size_t size)
{
    unsigned int i, n, nr;

    nr = (size + sizeof(size_t) + SLOT - 1) / SLOT;

    for ( i = nr > 1 ? SMALL : 0; i + nr <= ARRAY_SIZE(slot_used); i++ )
    {
        for ( n = 0; n < nr && !slot_used[i + n]; n++ )
            ;
        if ( n == nr )
        {
            for ( n = 0; n < nr; n++ )
                slot_used[i + n] = true;
            *(size_t *)(guest_memory + i * SLOT) = nr;
            return guest_memory + i * SLOT + sizeof(size_t);
        }
    }

    return NULL;
}

void xencall_free_buffer(struct xencall_handle *h, void *p)
{
    char *at = (char *)p - sizeof(size_t);
    size_t nr = *(size_t *)at;

    while ( nr-- )
        slot_used[(at - guest_memory) / SLOT + nr] = false;
}

static bool channel_closed;       /* by Xen */

int xencall2(struct xencall_handle *h, unsigned int op, uint64_t cmd,
             uint64_t buffer)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { (void *)buffer };
    int rc;

    if ( op == __HYPERVISOR_event_channel_op && cmd == EVTCHNOP_status )
    {
        struct evtchn_status *s = (void *)buffer;

        ASSERT(s->dom == DOMID_SELF && s->port == 7);
        s->status = channel_closed ? EVTCHNSTAT_unbound
                                   : EVTCHNSTAT_interdomain;
        return 0;
    }
    ASSERT(op == __HYPERVISOR_hvm_op && cmd == HVMOP_altp2m);
    do {
        rc = altp2m_op(arg);
    } while ( rc == -ERESTART );
    ASSERT(!model_domain->rcu_locks);
    if ( rc >= 0 )
        return rc;
    errno = -rc;

    return -1;
}

/* ---- libxenevtchn, libxendevicemodel, libxenforeignmemory ---- */

/* A channel with events in it: as many as there are bytes in a pipe. */
struct xenevtchn_handle { int end[2]; };

static struct xenevtchn_handle channel;
static unsigned int channels_open, others_open; /* handles */
static unsigned int notified;
static int bound;                 /* to that port; -1: can't be */

struct xenevtchn_handle *xenevtchn_open(void *logger, unsigned int flags)
{
    ASSERT(!channels_open && !pipe(channel.end));
    channels_open++;

    return &channel;
}

int xenevtchn_close(struct xenevtchn_handle *h)
{
    channels_open--;

    return close(h->end[0]) | close(h->end[1]);
}

int xenevtchn_fd(struct xenevtchn_handle *h)
{
    return h->end[0];
}

int xenevtchn_bind_interdomain(struct xenevtchn_handle *h, uint32_t domid,
                               uint32_t port)
{
    ASSERT(domid == DOMID);
    if ( bound < 0 )
    {
        errno = EBUSY;
        return -1;
    }
    bound = port;

    return 7;
}

int xenevtchn_pending(struct xenevtchn_handle *h)
{
    char byte;

    return read(h->end[0], &byte, 1) == 1 ? 7 : -1;
}

int xenevtchn_unmask(struct xenevtchn_handle *h, uint32_t port)
{
    return port == 7 ? 0 : -1;
}

int xenevtchn_notify(struct xenevtchn_handle *h, uint32_t port)
{
    notified += port == 7;

    return 0;
}

static void send_event(void)
{
    ASSERT(write(channel.end[1], "", 1) == 1);
}

struct xendevicemodel_handle { int unused; };
static struct xendevicemodel_handle devices;
static unsigned int given_back;   /* INT3s */

struct xendevicemodel_handle *xendevicemodel_open(void *logger,
                                                  unsigned int flags)
{
    others_open++;

    return &devices;
}

int xendevicemodel_close(struct xendevicemodel_handle *h)
{
    others_open--;

    return 0;
}

int xendevicemodel_inject_event(struct xendevicemodel_handle *h, domid_t domid,
                                int vcpu, uint8_t vector, uint8_t type,
                                uint32_t error_code, uint8_t length,
                                uint64_t cr2)
{
    given_back += domid == DOMID && vcpu == 1 && vector == 3 && type == 6 &&
                error_code == ~0u && length == 2 && !cr2;

    return 0;
}

struct xenforeignmemory_handle { int unused; };
static struct xenforeignmemory_handle memory;
static bool map_fails;

struct xenforeignmemory_handle *xenforeignmemory_open(void *logger,
                                                      unsigned int flags)
{
    others_open++;

    return &memory;
}

int xenforeignmemory_close(struct xenforeignmemory_handle *h)
{
    others_open--;

    return 0;
}

/* The first page of the log. */
void *xenforeignmemory_map_resource(struct xenforeignmemory_handle *h,
                                    domid_t domid, unsigned int type,
                                    unsigned int id, unsigned long frame,
                                    unsigned long nr, void **at, int rights,
                                    int flags)
{
    ASSERT(type == XEN_ALTP2M_RESOURCE_LOG && nr == 1);
    errno = ENOMEM;
    if ( map_fails )
        return NULL;
    others_open++;

    return *at = log_header();
}

int xenforeignmemory_unmap_resource(struct xenforeignmemory_handle *h,
                                    void *resource)
{
    others_open--;

    return 0;
}

/* ---- what tests share ---- */

static xenaltp2m_handle *h;
static xenaltp2m_breakpoints *b;
static uint16_t runs, shows;

static void open_library(void)
{
    h = xenaltp2m_open(NULL, 0);
    ASSERT(h);
    EXPECT(CALL(xenaltp2m_set_state(h, DOMID, true)), 0);
    instruction_mode = 8;
    monitor_listens = model_domain->arch.monitor.software_breakpoint_enabled =
        true;
}

static void open_breakpoints(void)
{
    b = xenaltp2m_breakpoints_open(h, DOMID, 0);
    ASSERT(b);
    xenaltp2m_breakpoints_views(b, &runs, &shows);
}

static void world(void)
{
    open_library();
    open_breakpoints();
    EXPECT(CALL(xenaltp2m_breakpoint(b, GFN, OFFSET)), 0);
}

static size_t views(void)
{
    struct xen_altp2m_view *list;
    size_t nr;

    EXPECT(CALL(xenaltp2m_all_views(h, DOMID, &list, &nr)), 0);
    free(list);

    return nr;
}

static size_t overrides(uint16_t view)
{
    struct xen_altp2m_override *list;
    size_t nr;

    EXPECT(CALL(xenaltp2m_all_overrides(h, DOMID, view, 0, XEN_ALTP2M_NONE,
                                        &list, &nr)), 0);
    free(list);

    return nr;
}

static unsigned int shown_at(uint16_t view, uint64_t gfn, unsigned int offset)
{
    uint8_t byte;

    EXPECT(CALL(xenaltp2m_read_page(h, DOMID, view, gfn, offset, 1, 0, &byte)),
           0);

    return byte;
}

static unsigned int shown(uint16_t view, unsigned int offset)
{
    return shown_at(view, GFN, offset);
}

static uint8_t *host_page(void)
{
    return data_at(host_fact(GFN).mfn);
}

static void is_in(unsigned int view, bool stepped)
{
    EXPECT(altp2m_vcpu_idx(V(0)), view);
    EXPECT(V(0)->arch.hvm.single_step, stepped);
}

/* vCPU 0's instruction at @rip violates its view at GFN.  By a rule? */
static bool violates(unsigned long rip, struct npfec npfec)
{
    bool done;

    caller_is(V(0));
    guest_cpu_user_regs()->rip = rip;
    altp2m_lock(model_domain);
    done = altp2m_rule(V(0), AT, 0, npfec, true);
    altp2m_unlock(model_domain);
    caller_is(NULL);

    return done;
}

#define READ  ((struct npfec){ .read_access = 1, .kind = npfec_kind_with_gla })
#define WRITE ((struct npfec){ .read_access = 1, .write_access = 1, \
                               .kind = npfec_kind_with_gla })
#define FETCH ((struct npfec){ .insn_fetch = 1, .kind = npfec_kind_with_gla })

/* vCPU 0 has met the INT3.  Is it none of a monitor's business? */
static bool meets(void)
{
    bool done;

    caller_is(V(0));
    guest_cpu_user_regs()->rip = AT;
    done = altp2m_breakpoint(V(0));
    caller_is(NULL);

    return done;
}

static void traps(void)
{
    caller_is(V(0));
    hvm_step_done();
    caller_is(NULL);
}

static void end_breakpoints(void)
{
    EXPECT(CALL(xenaltp2m_breakpoints_end(b)), 0);
    EXPECT(views(), 1);
    is_in(0, false);
    EXPECT(machine.own, 0);
    EXPECT(CALL(xenaltp2m_set_state(h, DOMID, false)), 0);
    xenaltp2m_close(h);
}

/* ---- the tests ---- */

static void test_life(void)
{
    xenaltp2m_breakpoints *again;
    struct xenaltp2m_place *list;
    uint16_t view;
    size_t nr;

    open_library();
    ASSERT(!xenaltp2m_breakpoints_open(h, DOMID, XENALTP2M_ONLY_FIND));
    EXPECT(errno, ENOENT);
    ASSERT(!xenaltp2m_breakpoints_open(h, DOMID, 2));
    EXPECT(errno, EINVAL);
    open_breakpoints();
    EXPECT(views(), 3);
    is_in(runs, false);

    host_page()[OFFSET] = 0x55;
    EXPECT(CALL(xenaltp2m_breakpoint(b, GFN, OFFSET)), 0);
    EXPECT(CALL(xenaltp2m_breakpoint(b, GFN, OFFSET)), -EEXIST);
    EXPECT(CALL(xenaltp2m_breakpoint(b, GFN, OFFSET + 1)), 0);
    EXPECT(CALL(xenaltp2m_breakpoint(b, GFN, 4096)), -EINVAL);
    EXPECT(shown(runs, OFFSET), 0xcc);
    EXPECT(shown(shows, OFFSET), 0x55);
    EXPECT(shown(0, OFFSET), 0x55);

    /* Another handle finds them, and leaves them. */
    again = xenaltp2m_breakpoints_open(h, DOMID, XENALTP2M_ONLY_FIND);
    ASSERT(again);
    xenaltp2m_breakpoints_views(again, &view, NULL);
    EXPECT(view, runs);
    EXPECT(CALL(xenaltp2m_breakpoints_list(again, &list, &nr)), 0);
    EXPECT(nr, 2);
    EXPECT(list[0].gfn == GFN && list[0].offset == OFFSET, true);
    EXPECT(list[1].gfn == GFN && list[1].offset == OFFSET + 1, true);
    free(list);
    xenaltp2m_breakpoints_close(again);

    EXPECT(CALL(xenaltp2m_breakpoint_remove(b, GFN, OFFSET)), 0);
    EXPECT(overrides(shows), 1);
    EXPECT(CALL(xenaltp2m_breakpoint_remove(b, GFN, OFFSET)), -ENODATA);
    EXPECT(CALL(xenaltp2m_breakpoint_remove(b, GFN, OFFSET + 1)), 0);
    EXPECT(overrides(runs), 0);
    EXPECT(overrides(shows), 0);
    end_breakpoints();
}

/* Each allocation fails in turn: then nothing is made, and nothing is left. */
static void test_no_memory(void)
{
    unsigned int nth;

    open_library();
    for ( nth = 1, b = NULL; !b; nth++ )
    {
        machine.fail_at = nth;
        b = xenaltp2m_breakpoints_open(h, DOMID, 0);
        machine.fail_at = 0;
        if ( !b )
            EXPECT(errno, ENOMEM);
        EXPECT(views(), b ? 3 : 1);
    }
    ASSERT(nth > 3);
    xenaltp2m_breakpoints_views(b, &runs, &shows);

    for ( nth = 1; ; nth++ )
    {
        int rc;

        machine.fail_at = nth;
        rc = CALL(xenaltp2m_breakpoint(b, GFN, OFFSET));
        machine.fail_at = 0;
        if ( !rc )
            break;
        EXPECT(rc, -ENOMEM);
        EXPECT(overrides(runs), 0);
        EXPECT(overrides(shows), 0);
    }
    ASSERT(nth > 5);
    end_breakpoints();
}

/* Reads and fetches go from view to view; what needs both is stepped. */
static void test_ways(void)
{
    world();
    EXPECT(violates(AT + 0x1000, READ), true);
    is_in(shows, false);
    EXPECT(violates(AT, FETCH), true);
    is_in(runs, false);
    EXPECT(violates(AT + 0x1000, WRITE), false);
    is_in(runs, false);

    EXPECT(violates(AT + 1, READ), true);
    is_in(shows, false);
    EXPECT(violates(AT + 1, FETCH), true);
    is_in(0, true);
    traps();
    is_in(shows, false);
    EXPECT(violates(AT + 2, FETCH), true);
    is_in(runs, false);
    end_breakpoints();
}

static void counts_are(uint64_t hits, uint64_t others)
{
    uint64_t n[2] = { 99, 99 };

    EXPECT(CALL(xenaltp2m_breakpoints_counts(b, &n[0], &n[1])), 0);
    EXPECT(n[0], hits);
    EXPECT(n[1], others);
    EXPECT(CALL(xenaltp2m_breakpoints_counts(b, NULL, NULL)), 0);
}

static void test_filter(void)
{
    uint64_t cr3[47] = { 0x5000, 0x7000 };
    unsigned long *of_vcpu = &V(0)->arch.hvm.guest_cr[3];

    world();
    *of_vcpu = 0x9abc;
    counts_are(0, 0);
    EXPECT(meets(), false);
    counts_are(1, 0);
    EXPECT(CALL(xenaltp2m_breakpoints_filter(b, cr3, 2, ~0xfffUL)), 0);
    counts_are(0, 0);
    EXPECT(meets(), true);
    is_in(0, true);
    traps();
    is_in(runs, false);
    counts_are(0, 1);
    *of_vcpu = 0x7fff;
    EXPECT(meets(), false);
    *of_vcpu = 0x5fff;
    EXPECT(meets(), false);
    counts_are(2, 1);
    /* A read is none. */
    EXPECT(violates(AT + 0x1000, READ), true);
    EXPECT(violates(AT, FETCH), true);
    counts_are(2, 1);
    *of_vcpu = 0x7fff;
    EXPECT(CALL(xenaltp2m_breakpoints_filter(b, cr3, 47, ~0xfffUL)), -E2BIG);
    EXPECT(CALL(xenaltp2m_breakpoints_filter(b, cr3, 46, ~0xfffUL)), 0);
    EXPECT(meets(), false);
    *of_vcpu = 0x9abc;
    EXPECT(CALL(xenaltp2m_breakpoints_filter(b, NULL, 0, 0)), 0);
    EXPECT(meets(), false);
    /* Nobody hears of it. */
    monitor_listens = false;
    EXPECT(meets(), true);
    is_in(0, true);
    traps();
    is_in(runs, false);
    end_breakpoints();
}

static vm_event_request_t request(unsigned int reason, uint16_t view)
{
    vm_event_request_t r = {
        .version = VM_EVENT_INTERFACE_VERSION, .reason = reason,
        .flags = VM_EVENT_FLAG_VCPU_PAUSED | VM_EVENT_FLAG_ALTERNATE_P2M,
        .altp2m_idx = view, .data.regs.x86.rip = AT,
    };

    return r;
}

static vm_event_response_t answered;

static int event(vm_event_request_t r)
{
    return xenaltp2m_breakpoints_event(b, &r, &answered);
}

static vm_event_request_t int3(uint16_t view)
{
    vm_event_request_t r = request(VM_EVENT_REASON_SOFTWARE_BREAKPOINT, view);

    r.u.software_breakpoint.gfn = GFN;
    r.u.software_breakpoint.insn_length = 1;

    return r;
}

static vm_event_request_t written(uint16_t view, unsigned int offset)
{
    vm_event_request_t r = request(VM_EVENT_REASON_MEM_ACCESS, view);

    r.u.mem_access.gfn = GFN;
    r.u.mem_access.offset = offset;
    r.u.mem_access.flags = MEM_ACCESS_R | MEM_ACCESS_W;

    return r;
}

static void test_int3_event(void)
{
    vm_event_request_t r;

    world();
    host_page()[OFFSET] = 0x90;
    EXPECT(event(int3(runs)), XENALTP2M_EVENT_HIT);
    EXPECT(answered.flags, VM_EVENT_FLAG_VCPU_PAUSED |
           VM_EVENT_FLAG_ALTERNATE_P2M | VM_EVENT_FLAG_FAST_SINGLESTEP);
    EXPECT(answered.altp2m_idx, 0);
    EXPECT(answered.u.fast_singlestep.p2midx, runs);
    EXPECT(event(int3(0)), XENALTP2M_EVENT_OTHER);
    EXPECT(event(int3(shows)), XENALTP2M_EVENT_OTHER);
    EXPECT(answered.flags, VM_EVENT_FLAG_VCPU_PAUSED);

    /* Taken back meanwhile; but one of the guest's own may be there. */
    EXPECT(CALL(xenaltp2m_breakpoint_remove(b, GFN, OFFSET)), 0);
    EXPECT(event(int3(runs)), XENALTP2M_EVENT_HANDLED);
    EXPECT(answered.flags, VM_EVENT_FLAG_VCPU_PAUSED);
    r = int3(runs);
    r.u.software_breakpoint.insn_length = 2;
    EXPECT(event(r), XENALTP2M_EVENT_OTHER);
    host_page()[OFFSET] = 0xcc;
    EXPECT(event(int3(runs)), XENALTP2M_EVENT_OTHER);

    r = int3(runs);
    r.version++;
    EXPECT(event(r) == -1 && errno == EINVAL, true);
    r = int3(runs);
    r.vcpu_id = NR_VCPUS;
    EXPECT(event(r) == -1 && errno == EINVAL, true);
    end_breakpoints();
}

/*
 * A write is a step in view 0, and is then in the page that runs; also in another
 * page, where it goes on from the end of one.
 */
static void test_write_event(void)
{
    const uint16_t step = VM_EVENT_FLAG_VCPU_PAUSED |
                          VM_EVENT_FLAG_ALTERNATE_P2M |
                          VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
    unsigned int i;

    world();
    EXPECT(CALL(xenaltp2m_breakpoint(b, GFN + 1, OFFSET)), 0);
    for ( i = 0; i < 2; i++ )
    {
        EXPECT(event(written(i ? shows : runs, i ? 4090 : 100)),
               XENALTP2M_EVENT_HANDLED);
        EXPECT(answered.flags, step);
        EXPECT(answered.altp2m_idx, 0);
        host_page()[100] = 0x30 + i;
        data_at(host_fact(GFN + 1).mfn)[0] = 0x40 + i;
        EXPECT(shown(runs, 100) != 0x30 + i, true);
        EXPECT(event(request(VM_EVENT_REASON_SINGLESTEP, 0)),
               XENALTP2M_EVENT_HANDLED);
        EXPECT(answered.flags, step);
        EXPECT(answered.altp2m_idx, runs);
        EXPECT(shown(runs, 100), 0x30 + i);
        EXPECT(shown(runs, OFFSET), 0xcc);
        EXPECT(shown_at(runs, GFN + 1, 0) == 0x40 + i, i);
        /* A step of somebody else's. */
        EXPECT(event(request(VM_EVENT_REASON_SINGLESTEP, 0)),
               XENALTP2M_EVENT_OTHER);
    }
    EXPECT(event(written(0, 100)), XENALTP2M_EVENT_OTHER);
    EXPECT(CALL(xenaltp2m_breakpoint_remove(b, GFN, OFFSET)), 0);
    EXPECT(event(written(runs, 100)), XENALTP2M_EVENT_OTHER);
    end_breakpoints();
}

/* ---- the ring of events ---- */

#define ENTRIES 8u                /* of the ring */

static vm_event_sring_t *ring;
static xenaltp2m_events *events;

static void open_events(void)
{
    open_library();
    ring = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT(ring != MAP_FAILED);
    memset(ring, 0xa5, PAGE_SIZE);
    bound = 0;
    events = xenaltp2m_events_open(h, DOMID, ring, 5);
}

static void close_library(void)
{
    EXPECT(channels_open, 0);
    EXPECT(others_open, 0);
    channel_closed = false;
    EXPECT(CALL(xenaltp2m_set_state(h, DOMID, false)), 0);
    xenaltp2m_close(h);
}

static void close_events(void)
{
    unsigned char there;

    xenaltp2m_events_close(events);
    EXPECT(mincore(ring, PAGE_SIZE, &there), -1);
    close_library();
}

/* As Xen does it. */
static void put_request(unsigned int number)
{
    unsigned int at = ring->req_prod % ENTRIES;

    ring->ring[at].req = request(VM_EVENT_REASON_SINGLESTEP, 0);
    ring->ring[at].req.vcpu_id = number;
    ring->req_prod++;
    send_event();
}

static int next(vm_event_request_t *r, int timeout)
{
    return xenaltp2m_events_next(events, r, timeout);
}

/* Each comes once and in its order, however often the ring has gone round. */
static void test_events(void)
{
    vm_event_request_t r[3];
    unsigned int i, n;

    open_events();
    ASSERT(events);
    EXPECT(bound, 5);
    EXPECT(xenaltp2m_events_fd(events), channel.end[0]);
    EXPECT(next(&r[0], 1), 0);
    for ( i = 0; i < 20; i += 3 )
    {
        for ( n = 0; n < 3; n++ )
            put_request(i + n);
        for ( n = 0; n < 3; n++ )
        {
            EXPECT(next(&r[n], -1), 1);
            EXPECT(r[n].vcpu_id, i + n);
        }
        EXPECT(next(&r[0], 0), 0);
        EXPECT(ring->rsp_prod, i);
        /* Answers in another order. */
        for ( n = 3; n--; )
        {
            r[n].altp2m_idx = i + n;
            EXPECT(CALL(xenaltp2m_events_answer(events, &r[n])), 0);
            EXPECT(ring->ring[(ring->rsp_prod - 1) % ENTRIES].rsp.altp2m_idx,
                   i + n);
        }
        EXPECT(ring->rsp_prod, i + 3);
        EXPECT(notified, i + 3);
    }

    r[0] = int3(0);
    r[0].vcpu_id = 1;
    r[0].u.software_breakpoint.type = 6;
    r[0].u.software_breakpoint.insn_length = 2;
    EXPECT(CALL(xenaltp2m_events_give_back(events, &r[0])), 0);
    EXPECT(given_back, 1);
    r[0].reason = VM_EVENT_REASON_MEM_ACCESS;
    EXPECT(CALL(xenaltp2m_events_give_back(events, &r[0])), -EINVAL);
    EXPECT(given_back, 1);
    close_events();
}

/* A channel that is closed sends no event. */
static void test_events_end(void)
{
    vm_event_request_t r;

    open_events();
    ASSERT(events);
    EXPECT(next(&r, 1), 0);
    put_request(3);
    channel_closed = true;
    EXPECT(next(&r, 0), 1);
    /* The channel is readable still. */
    EXPECT(next(&r, 0), -1);
    EXPECT(errno, EPIPE);
    EXPECT(next(&r, -1), -1);
    EXPECT(errno, EPIPE);
    close_events();
}

static void test_events_refused(void)
{
    unsigned char there;

    open_library();
    bound = -1;
    ring = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT(!xenaltp2m_events_open(h, DOMID, ring, 5));
    EXPECT(errno, EBUSY);
    EXPECT(mincore(ring, PAGE_SIZE, &there), 0);
    xenaltp2m_events_close(NULL);
    close_library();
}

/* ---- the log ---- */

static void test_log(void)
{
    struct xen_altp2m_log_record r;
    xenaltp2m_log *log;
    uint16_t view;

    open_library();
    bound = 0;
    EXPECT(CALL(xenaltp2m_watch(h, DOMID, GFN, XEN_ALTP2M_RULE_WRITE, NULL,
                                &view)), 0);
    EXPECT(CALL(xenaltp2m_switch(h, DOMID, view)), 0);
    log = xenaltp2m_log_open(h, DOMID, 10, 0);
    ASSERT(log);
    EXPECT(xenaltp2m_log_fd(log), channel.end[0]);
    EXPECT(xenaltp2m_log_read(log, &r, 1), 0);
    EXPECT(xenaltp2m_log_wait(log, 0), 0);
    EXPECT(violates(AT, WRITE), true);
    traps();
    send_event();
    EXPECT(xenaltp2m_log_wait(log, -1), 1);
    EXPECT(xenaltp2m_log_read(log, &r, 1), 1);
    EXPECT(r.gfn == GFN && r.offset == OFFSET, true);
    EXPECT(xenaltp2m_log_wait(log, 1), 0);
    EXPECT(xenaltp2m_log_lost(log), 0);

    /* It is closed without an event, as at the end of the domain. */
    EXPECT(CALL(xenaltp2m_set_state(h, DOMID, false)), 0);
    EXPECT(xenaltp2m_log_wait(log, 0), 1);
    EXPECT(xenaltp2m_log_wait(log, -1), 1);
    EXPECT(CALL(xenaltp2m_log_read(log, &r, 1)), -EPIPE);
    EXPECT(CALL(xenaltp2m_log_close(log)), 0);
    close_library();
}

/* What can't be mapped, or bound, is not left open in Xen. */
static void test_log_refused(void)
{
    xenaltp2m_log *log;

    open_library();
    bound = 0;
    map_fails = true;
    ASSERT(!xenaltp2m_log_open(h, DOMID, 10, 0));
    EXPECT(errno, ENOMEM);
    map_fails = false;
    bound = -1;
    ASSERT(!xenaltp2m_log_open(h, DOMID, 10, 0));
    EXPECT(errno, EBUSY);
    EXPECT(others_open, 0);
    bound = 0;
    ASSERT(!xenaltp2m_log_open(h, DOMID, 0, 0));
    EXPECT(errno, EINVAL);
    log = xenaltp2m_log_open(h, DOMID, 10, 0);
    ASSERT(log);
    EXPECT(CALL(xenaltp2m_log_close(log)), 0);
    close_library();
}

static const struct test {
    const char *name;
    void (*fn)(void);
    bool amd;
} tests[] = {
    { "library-breakpoints", test_life },
    { "library-breakpoints-amd", test_life, true },
    { "library-no-memory", test_no_memory },
    { "library-ways", test_ways },
    { "library-ways-amd", test_ways, true },
    { "library-filter", test_filter },
    { "library-int3", test_int3_event },
    { "library-writes", test_write_event },
    { "library-writes-amd", test_write_event, true },
    { "library-events", test_events },
    { "library-events-end", test_events_end },
    { "library-events-refused", test_events_refused },
    { "library-log", test_log },
    { "library-log-refused", test_log_refused },
};

static int run(const struct test *test)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        struct step world = { .a = CPU_NEWEST };

        if ( test->amd )
            world.d |= WORLD_AMD;
        limit_time();
        world_init(&world);
        test->fn();
        world_end();
        child_exit();
    }
    waitpid(pid, &status, 0);
    printf("TEST %s %s\n", test->name, status ? "FAIL" : "PASS");

    return status;
}

/* test-library [--list] */
int main(int argc, char **argv)
{
    bool list = argc == 2 && !strcmp(argv[1], "--list");
    unsigned int i, failed = 0;

    if ( !list )
        machine_reserve();
    for ( i = 0; i < ARRAY_SIZE(tests); i++ )
        if ( list )
            printf("%s\n", tests[i].name);
        else
            failed += !!run(&tests[i]);

    return !!failed;
}
