/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who writes to a page?  Makes it read-only in a view, and prints each write with
 * the vCPU and the instruction that made it.  The guest is not stopped.
 *
 *     who-writes DOMAIN GFN [WRITES]
 *
 * DOMAIN is a name or a number.
 * Ends after so many writes, or at SIGINT or SIGTERM, and leaves the guest as it
 * was, or with the guest.
 *
 *     gcc -o who-writes who-writes.c -lxenaltp2m -lxenctrl -lxenstore
 *
 * libxenaltp2m(3), BUILDING, says how without having installed it.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenaltp2m.h>

#include <xenctrl.h>
#include <xenstore.h>
#include <xen/vm_event.h>

static xenaltp2m_handle *views;
static xc_interface *xch;
static void *ring;                  /* of events, while we are its monitor */
static xenaltp2m_events *events;
static uint32_t domid;
static uint64_t gfn, wanted;        /* wanted 0: no end */
static uint16_t view;               /* 0: not made yet */
static bool turned_on;              /* views, by us */
static unsigned long writes;
static volatile sig_atomic_t stop;

static bool failed(const char *what)
{
    fprintf(stderr, "who-writes: %s: %s\n", what, strerror(errno));
    return false;
}

static bool start(void)
{
    uint32_t port;
    unsigned int access;
    bool on;

    if ( xenaltp2m_get_state(views, domid, &on) )
        return failed("asking for views (xen-altp2m check says why)");
    ring = xc_monitor_enable(xch, domid, &port);
    if ( !ring )
        return failed("monitoring the guest (somebody else does, "
                      "or did and was killed)");
    events = xenaltp2m_events_open(views, domid, ring, port);
    if ( !events )
        return failed("the guest's events");

    if ( !on && xenaltp2m_set_state(views, domid, true) )
        return failed("turning views on (xen-altp2m check says why)");
    turned_on = !on;
    if ( xenaltp2m_create(views, domid, XENALTP2M_HOST, &view) ||
         xenaltp2m_set_access(views, domid, view, gfn, XENALTP2M_RX) )
        return failed("making the view");
    if ( xenaltp2m_get_access(views, domid, view, gfn, &access) )
        return failed("the page (has the guest one at that gfn?)");
    return !xenaltp2m_switch(views, domid, view) || failed("switching to it");
}

/* Xen carries out the instruction for the guest, whatever the view allows. */
static void answer(const vm_event_request_t *request,
                   vm_event_response_t *response)
{
    const struct vm_event_mem_access *access = &request->u.mem_access;

    *response = *request;
    response->flags = request->flags & VM_EVENT_FLAG_VCPU_PAUSED;
    if ( request->version != VM_EVENT_INTERFACE_VERSION ||
         request->reason != VM_EVENT_REASON_MEM_ACCESS )
        return;

    if ( access->gfn == gfn && (access->flags & MEM_ACCESS_W) )
    {
        writes++;
        printf("write %lu: vcpu %u, address %#" PRIx64 ", rip %#" PRIx64
               ", cr3 %#" PRIx64 "\n", writes, request->vcpu_id,
               (access->gfn << XC_PAGE_SHIFT) + access->offset,
               request->data.regs.x86.rip, request->data.regs.x86.cr3);
        fflush(stdout);
        stop |= wanted && writes >= wanted;
    }
    response->flags |= VM_EVENT_FLAG_EMULATE;
}

/* Answers the next event: 1.  0: there is none in time; -1: none will come. */
static int answer_next(int timeout_ms)
{
    vm_event_request_t request;
    vm_event_response_t response;
    int rc = xenaltp2m_events_next(events, &request, timeout_ms);

    if ( rc != 1 )
        return rc;
    answer(&request, &response);
    xenaltp2m_events_answer(events, &response);
    return 1;
}

/* The guest stands still meanwhile: no event comes when nobody answers. */
static void end(void)
{
    if ( xc_domain_pause(xch, domid) )
        return;
    if ( view )
    {
        xenaltp2m_switch(views, domid, 0);
        xenaltp2m_destroy(views, domid, view);
    }
    if ( turned_on )
        xenaltp2m_set_state(views, domid, false);
    while ( events && answer_next(0) == 1 )
        ;
    if ( ring )
    {
        xenaltp2m_events_close(events);
        xc_monitor_disable(xch, domid);
    }
    xc_domain_unpause(xch, domid);
}

static void on_signal(int signal)
{
    (void)signal;
    stop = true;
}

static bool number(const char *text, uint64_t limit, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 0);
    return *text && *text != '-' && !*end && !errno && *value <= limit;
}

/* A name is xenstore's. */
static bool find_domain(const char *text)
{
    struct xs_handle *store;
    unsigned int nr = 0, length;
    uint64_t value;
    bool found = number(text, DOMID_FIRST_RESERVED - 1, &value);
    char path[64], *name, **ids;

    if ( found )
    {
        domid = value;
        return true;
    }
    store = xs_open(0);
    if ( !store )
        return failed("no connection to xenstore");
    ids = xs_directory(store, XBT_NULL, "/local/domain", &nr);
    for ( unsigned int i = 0; i < nr && !found; i++ )
    {
        snprintf(path, sizeof(path), "/local/domain/%s/name", ids[i]);
        name = xs_read(store, XBT_NULL, path, &length);
        found = name && !strcmp(name, text);
        domid = strtoul(ids[i], NULL, 10);
        free(name);
    }
    free(ids);
    xs_close(store);
    if ( !found )
        fprintf(stderr, "who-writes: there is no domain '%s'\n", text);
    return found;
}

int main(int argc, char **argv)
{
    bool good;
    int rc = 0;

    if ( argc < 3 || argc > 4 ||
         (argc == 4 && !number(argv[3], ~0ULL, &wanted)) )
    {
        fprintf(stderr, "usage: who-writes DOMAIN GFN [WRITES]\n");
        return 2;
    }
    if ( !number(argv[2], ~0ULL >> XC_PAGE_SHIFT, &gfn) )
    {
        fprintf(stderr, "who-writes: '%s' is not a gfn\n", argv[2]);
        return 2;
    }
    if ( !find_domain(argv[1]) )
        return 1;
    views = xenaltp2m_open(NULL, 0);
    xch = xc_interface_open(NULL, NULL, 0);
    if ( !views || !xch )
        return !failed("no connection to Xen (root in dom0?)");
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    good = start();
    if ( good )
    {
        printf("watching gfn %#" PRIx64 " of domain %u\n", gfn, domid);
        fflush(stdout);
        while ( !stop && (rc = answer_next(500)) >= 0 )
            ;
    }
    if ( rc >= 0 ) /* the guest is still there, and its events are ours */
        end();
    if ( good )
        printf("%lu writes\n", writes);
    return !good;
}
