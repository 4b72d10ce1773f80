/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hidden breakpoint: counts how often a guest executes an instruction, by an
 * INT3 that the guest can't read.  docs/monitors.md explains it line by line.
 *
 *     breakpoint DOMID ADDRESS [HITS]
 *
 * ADDRESS is guest-physical, of the first byte of an instruction.  Ends after
 * so many hits, or at SIGINT or SIGTERM, and leaves the guest as it was.
 *
 * There are two views.  In the one that shows, the page is the guest's own, and
 * not executable.  In the one that runs, it is a copy with the INT3 in it.
 *
 *     executed in "shows"  ->  the vCPU goes on in "runs"
 *     read in "runs"       ->  the vCPU goes on in "shows"
 *
 * Where a page may be executable without being readable (Intel), the guest
 * stays in "runs" until it reads the page.  Where not (AMD), nothing but the
 * page is executable in "runs", and the guest leaves it with the page's code.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/vm_event.h>

#define INT3 0xcc
#define EVERYTHING (~0ULL)  /* in place of a gfn: the default of the view */

static xc_interface *xch;
static xendevicemodel_handle *devices;
static xenevtchn_handle *events;
static xenforeignmemory_handle *memory;
static volatile sig_atomic_t stop;

static struct
{
    uint32_t domid;
    uint64_t gfn, copy_gfn;         /* the guest's page, and ours */
    unsigned int offset;
    uint8_t *original, *copy;       /* both, mapped here */
    uint16_t shows, runs;           /* the views */
    bool execute_only;
    unsigned long hits, wanted;     /* wanted 0: no end */
    /* What was set up, and is to be undone, in that order. */
    bool views_on, populated, monitoring, breakpoints;
    vm_event_back_ring_t ring;
    void *ring_page;
    int port;
} bp = { .port = -1 };

static bool failed(const char *what)
{
    fprintf(stderr, "breakpoint: %s: %s\n", what, strerror(errno));
    return false;
}

/* ---- the page and its copy ---- */

/* A page of memory more for the guest, at a gfn that it doesn't use. */
static bool populate_copy(void)
{
    xc_domaininfo_t info;
    xen_pfn_t gfn;

    if ( xc_domain_getinfolist(xch, bp.domid, 1, &info) != 1 ||
         info.domain != bp.domid )
    {
        errno = ESRCH;
        return failed("no such domain");
    }
    if ( xc_domain_maximum_gpfn(xch, bp.domid, &gfn) < 0 )
        return failed("highest gfn");
    gfn++;
    if ( xc_domain_setmaxmem(xch, bp.domid, (info.max_pages + 1) << 2) )
        return failed("raising the guest's limit of memory");
    if ( xc_domain_populate_physmap_exact(xch, bp.domid, 1, 0, 0, &gfn) )
        return failed("a page for the copy");
    bp.copy_gfn = gfn;
    bp.populated = true;
    return true;
}

static uint8_t *map(uint64_t gfn, int protection)
{
    xen_pfn_t frame = gfn;
    int error = 0;
    void *page = xenforeignmemory_map(memory, bp.domid, protection, 1, &frame,
                                      &error);

    if ( page && error )
    {
        xenforeignmemory_unmap(memory, page, 1);
        errno = -error;
        page = NULL;
    }
    return page;
}

/* What the guest has written to its page meanwhile is executed from then on. */
static void refresh_copy(void)
{
    uint8_t page[XC_PAGE_SIZE];

    memcpy(page, bp.original, sizeof(page));
    page[bp.offset] = INT3;
    if ( memcmp(page, bp.copy, sizeof(page)) )
        memcpy(bp.copy, page, sizeof(page));
}

static bool make_copy(void)
{
    bp.original = map(bp.gfn, PROT_READ);
    if ( !bp.original )
        return failed("mapping the guest's page");
    if ( !populate_copy() )
        return false;
    bp.copy = map(bp.copy_gfn, PROT_READ | PROT_WRITE);
    if ( !bp.copy )
        return failed("mapping the copy");
    refresh_copy();
    return true;
}

/* ---- the views ---- */

static bool make_views(void)
{
    if ( xc_altp2m_set_domain_state(xch, bp.domid, true) )
        return failed("turning views on (altp2m=1 for Xen, altp2m=\"external\" "
                      "for the guest?)");
    bp.views_on = true;

    /* This one shows the guest's page, and its code doesn't run here. */
    if ( xc_altp2m_create_view(xch, bp.domid, XENMEM_access_rwx, &bp.shows) ||
         xc_altp2m_set_mem_access(xch, bp.domid, bp.shows, bp.gfn,
                                  XENMEM_access_rw) )
        return failed("the view that shows");

    /* This one runs the copy, which can't be read: if the CPU can say that. */
    if ( xc_altp2m_create_view(xch, bp.domid, XENMEM_access_rwx, &bp.runs) ||
         xc_altp2m_change_gfn(xch, bp.domid, bp.runs, bp.gfn, bp.copy_gfn) )
        return failed("the view that runs");
    /* wx is taken where not the CPU does that: hits would all need an INT3. */
    bp.execute_only = xc_altp2m_set_mem_access(xch, bp.domid, bp.runs, bp.gfn,
                                               XENMEM_access_wx) &&
                      !xc_altp2m_set_mem_access(xch, bp.domid, bp.runs, bp.gfn,
                                                XENMEM_access_x);
    if ( bp.execute_only )
        return true;

    /* It can't: then all else isn't executable while the copy is. */
    if ( xc_altp2m_destroy_view(xch, bp.domid, bp.runs) ||
         xc_altp2m_create_view(xch, bp.domid, XENMEM_access_rwx, &bp.runs) ||
         xc_altp2m_set_mem_access(xch, bp.domid, bp.runs, EVERYTHING,
                                  XENMEM_access_rw) ||
         xc_altp2m_change_gfn(xch, bp.domid, bp.runs, bp.gfn, bp.copy_gfn) ||
         xc_altp2m_set_mem_access(xch, bp.domid, bp.runs, bp.gfn,
                                  XENMEM_access_rx) )
        return failed("the view that runs");
    return true;
}

/* ---- events ---- */

static bool start_monitoring(void)
{
    uint32_t remote;

    bp.ring_page = xc_monitor_enable(xch, bp.domid, &remote);
    if ( !bp.ring_page )
        return failed("monitoring the guest (does somebody else?)");
    bp.monitoring = true;
    SHARED_RING_INIT((vm_event_sring_t *)bp.ring_page);
    BACK_RING_INIT(&bp.ring, (vm_event_sring_t *)bp.ring_page, XC_PAGE_SIZE);
    bp.port = xenevtchn_bind_interdomain(events, bp.domid, remote);
    if ( bp.port < 0 )
        return failed("the event channel");
    if ( xc_monitor_software_breakpoint(xch, bp.domid, true) )
        return failed("events of INT3");
    bp.breakpoints = true;
    return true;
}

static void go_on_in(uint16_t view, vm_event_response_t *answer)
{
    if ( view == bp.runs )
        refresh_copy();
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = view;
}

static void hit(const vm_event_request_t *request)
{
    bp.hits++;
    printf("hit %lu: vcpu %u, rip %#" PRIx64 "\n", bp.hits, request->vcpu_id,
           request->data.regs.x86.rip);
    fflush(stdout);
    if ( bp.wanted && bp.hits >= bp.wanted )
        stop = true;
}

/* Is that our instruction?  Its gfn is. */
static bool stands_on_it(const vm_event_request_t *request)
{
    return (request->data.regs.x86.rip & ~XC_PAGE_MASK) == bp.offset;
}

/* Something that the view which the vCPU is in doesn't allow. */
static void on_access(const vm_event_request_t *request,
                      vm_event_response_t *answer)
{
    const struct vm_event_mem_access *access = &request->u.mem_access;
    const uint64_t rip = request->data.regs.x86.rip;

    if ( request->altp2m_idx != bp.runs )
    {
        if ( access->gfn != bp.gfn || !stands_on_it(request) )
            go_on_in(bp.runs, answer);
        else
        {
            /* No INT3 is needed: what is emulated is the guest's own page. */
            hit(request);
            answer->flags |= VM_EVENT_FLAG_EMULATE;
        }
    }
    else if ( access->gfn == bp.gfn && (access->flags & MEM_ACCESS_R) &&
              (access->flags & MEM_ACCESS_GLA_VALID) &&
              rip >> XC_PAGE_SHIFT == access->gla >> XC_PAGE_SHIFT )
    {
        /*
         * The page reads itself.  In the view that shows, the very instruction
         * couldn't be executed, so it is emulated, and reads what we say.
         */
        uint32_t size = XC_PAGE_SIZE - access->offset;

        if ( size > sizeof(answer->data.emul.read.data) )
            size = sizeof(answer->data.emul.read.data);
        answer->flags |= VM_EVENT_FLAG_EMULATE |
                         VM_EVENT_FLAG_SET_EMUL_READ_DATA;
        answer->data.emul.read.size = size;
        memcpy(answer->data.emul.read.data, bp.original + access->offset, size);
    }
    else
        go_on_in(bp.shows, answer);
}

/* An INT3: ours, or one that the guest has itself. */
static void on_breakpoint(const vm_event_request_t *request,
                          vm_event_response_t *answer)
{
    uint32_t size = XC_PAGE_SIZE - bp.offset;

    if ( request->u.software_breakpoint.gfn != bp.gfn ||
         !stands_on_it(request) )
    {
        xendevicemodel_inject_event(
            devices, bp.domid, request->vcpu_id, 3,
            request->u.software_breakpoint.type, ~0u,
            request->u.software_breakpoint.insn_length, 0);
        return;
    }
    hit(request);
    /* The instruction under the INT3 is carried out for the guest. */
    if ( size > sizeof(answer->data.emul.insn.data) )
        size = sizeof(answer->data.emul.insn.data);
    answer->flags |= VM_EVENT_FLAG_EMULATE | VM_EVENT_FLAG_SET_EMUL_INSN_DATA;
    memset(answer->data.emul.insn.data, 0, sizeof(answer->data.emul.insn.data));
    memcpy(answer->data.emul.insn.data, bp.original + bp.offset, size);
}

static void answer_all(void)
{
    bool any = false;

    while ( RING_HAS_UNCONSUMED_REQUESTS(&bp.ring) )
    {
        vm_event_request_t request;
        vm_event_response_t answer;

        xen_rmb();
        request = *RING_GET_REQUEST(&bp.ring, bp.ring.req_cons);
        bp.ring.req_cons++;
        bp.ring.sring->req_event = bp.ring.req_cons + 1;

        answer = request;
        answer.flags = request.flags & VM_EVENT_FLAG_VCPU_PAUSED;
        if ( request.version == VM_EVENT_INTERFACE_VERSION )
        {
            if ( request.reason == VM_EVENT_REASON_MEM_ACCESS )
                on_access(&request, &answer);
            else if ( request.reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
                on_breakpoint(&request, &answer);
        }
        *RING_GET_RESPONSE(&bp.ring, bp.ring.rsp_prod_pvt) = answer;
        bp.ring.rsp_prod_pvt++;
        RING_PUSH_RESPONSES(&bp.ring);
        any = true;
    }
    if ( any )
        xenevtchn_notify(events, bp.port);
}

static void serve(void)
{
    struct pollfd p = { .fd = xenevtchn_fd(events), .events = POLLIN };

    while ( !stop )
    {
        xenevtchn_port_or_error_t port;

        if ( poll(&p, 1, 500) == 1 && (port = xenevtchn_pending(events)) >= 0 )
            xenevtchn_unmask(events, port);
        answer_all();
    }
}

/* ---- the whole ---- */

/* Undoes what was done.  The guest stands still: no event comes late. */
static void undo(void)
{
    xen_pfn_t gfn = bp.copy_gfn;

    if ( xc_domain_pause(xch, bp.domid) )
        return;
    if ( bp.views_on )
        xc_altp2m_switch_to_view(xch, bp.domid, 0);
    if ( bp.breakpoints )
        xc_monitor_software_breakpoint(xch, bp.domid, false);
    if ( bp.port >= 0 )
    {
        answer_all();
        xenevtchn_unbind(events, bp.port);
    }
    if ( bp.monitoring )
    {
        munmap(bp.ring_page, XC_PAGE_SIZE);
        xc_monitor_disable(xch, bp.domid);
    }
    if ( bp.views_on )
        xc_altp2m_set_domain_state(xch, bp.domid, false);
    if ( bp.copy )
        xenforeignmemory_unmap(memory, bp.copy, 1);
    if ( bp.populated )
        xc_domain_decrease_reservation_exact(xch, bp.domid, 1, 0, &gfn);
    if ( bp.original )
        xenforeignmemory_unmap(memory, bp.original, 1);
    xc_domain_unpause(xch, bp.domid);
}

static bool set(void)
{
    bool done;

    if ( xc_domain_pause(xch, bp.domid) )
        return failed("pausing the guest");
    done = make_copy() && make_views() && start_monitoring();
    if ( done && xc_altp2m_switch_to_view(xch, bp.domid, bp.shows) )
        done = failed("switching to the view that shows");
    xc_domain_unpause(xch, bp.domid);
    return done;
}

static void on_signal(int number)
{
    (void)number;
    stop = true;
}

static bool number(const char *text, uint64_t limit, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 0);
    return *text && *text != '-' && !*end && !errno && *value <= limit;
}

int main(int argc, char **argv)
{
    uint64_t domid, address, wanted = 0;
    bool done;

    if ( argc < 3 || argc > 4 ||
         !number(argv[1], DOMID_FIRST_RESERVED - 1, &domid) ||
         !number(argv[2], ~0ULL, &address) ||
         (argc == 4 && !number(argv[3], ~0UL, &wanted)) )
    {
        fprintf(stderr, "usage: breakpoint DOMID ADDRESS [HITS]\n");
        return 2;
    }
    bp.domid = domid;
    bp.gfn = address >> XC_PAGE_SHIFT;
    bp.offset = address & ~XC_PAGE_MASK;
    bp.wanted = wanted;

    xch = xc_interface_open(NULL, NULL, 0);
    devices = xendevicemodel_open(NULL, 0);
    events = xenevtchn_open(NULL, 0);
    memory = xenforeignmemory_open(NULL, 0);
    if ( !xch || !devices || !events || !memory )
        return !failed("no connection to Xen");
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    done = set();
    if ( done )
    {
        printf("set: domain %u, %#" PRIx64 ", %s\n", bp.domid, address,
               bp.execute_only ? "the copy is execute-only" :
               "nothing but the copy is executable beside it");
        fflush(stdout);
        serve();
    }
    undo();
    printf("%lu hits\n", bp.hits);
    return !done;
}
