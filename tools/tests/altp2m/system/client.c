/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all clients share: the transcript, Xen's operations, events, the guest;
 * and the program: each client runs as a process of its own on a guest that
 * another process made, so that it can be killed.
 */
#include "client.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMES 24

struct guest *guest;
uint32_t domid;

/* ---- the transcript ---- */

static const char *client_name;
static const char *line_tag;
static unsigned int lines;
static const char *killed_at;   /* how the line begins after which we die */

/* Continues a sum, which shows whether a line has crossed the serial line whole. */
static uint16_t sum(uint16_t total, const char *text)
{
    for ( ; *text; text++ )
        total = total * 31 + (uint8_t)*text;
    return total;
}

void tell(const char *format, ...)
{
    char text[256], rest[320], head[96];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lines++;
    snprintf(rest, sizeof(rest), "%s%s%s%s", text,
             line_tag ? " [" : "", line_tag ?: "", line_tag ? "]" : "");
    snprintf(head, sizeof(head), "%s %u", client_name, lines);
    printf("CLIENT %s %04x %s\n", head,
           sum(sum(sum(0, head), " "), rest), rest);
    fflush(stdout);
    if ( killed_at && !strncmp(text, killed_at, strlen(killed_at)) )
        raise(SIGKILL);
}

void tag(const char *name)
{
    line_tag = name;
}

int told(int rc, const char *format, ...)
{
    int error = rc < 0 ? -errno : 0;
    char text[192];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    tell("%s: %s", text, rc < 0 ? error_name(error) : "0");
    return error;
}

struct name
{
    uint64_t number;
    const char *name;
};

static struct name gfns[NAMES], views[NAMES];

/* A number keeps its last name; a name goes with its last number. */
static void set_name(struct name *names, uint64_t number, const char *name)
{
    unsigned int i;

    for ( i = 0; i < NAMES && names[i].name; i++ )
        if ( names[i].number == number || !strcmp(names[i].name, name) )
            break;
    if ( i == NAMES )
        errx(2, "more than %d names", NAMES);
    names[i] = (struct name){ number, name };
}

static const char *find_name(const struct name *names, uint64_t number)
{
    for ( unsigned int i = 0; i < NAMES && names[i].name; i++ )
        if ( names[i].number == number )
            return names[i].name;
    return NULL;
}

void name_gfn(uint64_t gfn, const char *name)
{
    set_name(gfns, gfn, name);
}

const char *gfn_name(uint64_t gfn)
{
    return gfn == NO_GFN ? "~0" : find_name(gfns, gfn) ?: "elsewhere";
}

void name_view(uint16_t view, const char *name)
{
    set_name(views, view, name);
}

const char *view_name(uint16_t view)
{
    return view ? find_name(views, view) ?: "unknown" : "0";
}

const char *access_name(unsigned int access)
{
    static const char *const names[] = {
        [XENMEM_access_n] = "n", [XENMEM_access_r] = "r",
        [XENMEM_access_w] = "w", [XENMEM_access_rw] = "rw",
        [XENMEM_access_x] = "x", [XENMEM_access_rx] = "rx",
        [XENMEM_access_wx] = "wx", [XENMEM_access_rwx] = "rwx",
        [XENMEM_access_rx2rw] = "rx2rw", [XENMEM_access_n2rwx] = "n2rwx",
        [XENMEM_access_default] = "default",
    };

    return access < sizeof(names) / sizeof(names[0]) && names[access] ?
           names[access] : "?";
}

/* ---- Xen's operations ---- */

int views_on(bool on)
{
    return call(xc_altp2m_set_domain_state(xch, domid, on),
                "set_domain_state %d", on);
}

uint16_t make_view(const char *name, unsigned int access)
{
    uint16_t view = 0xffff;
    int rc = xc_altp2m_create_view(xch, domid, access, &view);

    if ( !rc )
        name_view(view, name);
    call(rc, "create_view %s %s", name, access_name(access));
    return view;
}

int drop_view(uint16_t view)
{
    return call(xc_altp2m_destroy_view(xch, domid, view), "destroy_view %s",
                view_name(view));
}

int enter_view(uint16_t view)
{
    return call(xc_altp2m_switch_to_view(xch, domid, view),
                "switch_to_view %s", view_name(view));
}

int set_access(uint16_t view, uint64_t gfn, unsigned int access)
{
    return call(xc_altp2m_set_mem_access(xch, domid, view, gfn, access),
                "set_mem_access %s %s %s", view_name(view), gfn_name(gfn),
                access_name(access));
}

void get_access(uint16_t view, uint64_t gfn)
{
    xenmem_access_t access = 0xff;
    int rc = xc_altp2m_get_mem_access(xch, domid, view, gfn, &access);

    tag("get-effective");
    tell("get_mem_access %s %s: %s", view_name(view), gfn_name(gfn),
         rc ? error_name(-errno) : access_name(access));
    tag(NULL);
}

int change_gfn(uint16_t view, uint64_t gfn, uint64_t target)
{
    return call(xc_altp2m_change_gfn(xch, domid, view, gfn, target),
                "change_gfn %s %s %s", view_name(view), gfn_name(gfn),
                gfn_name(target));
}

int host_access(uint64_t gfn, unsigned int access)
{
    return call(xc_set_mem_access(xch, domid, access, gfn, 1),
                "xc_set_mem_access %s %s", gfn_name(gfn), access_name(access));
}

/*
 * LibVMI goes up to the last gfn.  On Intel that is behind the APIC's page, a
 * million gfns, for which an emulator needs half a minute.
 */
int host_access_all(bool to_last, unsigned int access)
{
    return call(xc_set_mem_access(xch, domid, access, 0,
                                  to_last ? last_gfn() : GUEST_PAGES),
                "xc_set_mem_access %s %s", to_last ? "all" : "memory",
                access_name(access));
}

void pause_guest(void)
{
    call(xc_domain_pause(xch, domid), "pause");
}

void unpause_guest(void)
{
    call(xc_domain_unpause(xch, domid), "unpause");
}

uint64_t last_gfn(void)
{
    xen_pfn_t gfn = 0;

    if ( xc_domain_maximum_gpfn(xch, domid, &gfn) < 0 )
        tell("maximum_gpfn: %s", error_name(-errno));
    return gfn;
}

uint64_t add_page(const char *name)
{
    xen_pfn_t gfn = last_gfn() + 1;
    int rc = xc_domain_populate_physmap_exact(xch, domid, 1, 0, 0, &gfn);

    name_gfn(gfn, name);
    call(rc, "populate_physmap %s", name);
    return gfn;
}

void take_page(uint64_t gfn)
{
    xen_pfn_t pfn = gfn;

    call(xc_domain_decrease_reservation_exact(xch, domid, 1, 0, &pfn),
         "decrease_reservation %s", gfn_name(gfn));
}

void copy_page(uint64_t from, uint64_t to)
{
    void *source = host_map(guest, from), *target = host_map(guest, to);

    memcpy(target, source, XC_PAGE_SIZE);
    host_unmap(source);
    host_unmap(target);
}

void fill_page(uint64_t gfn, uint8_t byte)
{
    void *page = host_map(guest, gfn);

    memset(page, byte, XC_PAGE_SIZE);
    host_unmap(page);
}

uint8_t get_byte(uint64_t gpa)
{
    const uint8_t *page = host_map(guest, gpa >> 12);
    uint8_t byte = page[gpa % XC_PAGE_SIZE];

    host_unmap((void *)page);
    return byte;
}

void put_byte(uint64_t gpa, uint8_t byte)
{
    uint8_t *page = host_map(guest, gpa >> 12);

    page[gpa % XC_PAGE_SIZE] = byte;
    host_unmap(page);
}

/* ---- events ---- */

static xenevtchn_handle *channel;
static int port = -1;
static void *ring_page;
static vm_event_back_ring_t ring;

int monitor_on(void)
{
    uint32_t remote;
    void *page = xc_monitor_enable(xch, domid, &remote);

    if ( call(page ? 0 : -1, "monitor_enable") )
        return -1;
    ring_page = page;
    SHARED_RING_INIT((vm_event_sring_t *)page);
    BACK_RING_INIT(&ring, (vm_event_sring_t *)page, XC_PAGE_SIZE);
    if ( !channel )
        channel = xenevtchn_open(NULL, 0);
    port = xenevtchn_bind_interdomain(channel, domid, remote);
    call(port < 0 ? -1 : 0, "bind_interdomain");
    return 0;
}

void monitor_off(void)
{
    munmap(ring_page, XC_PAGE_SIZE);
    ring_page = NULL;
    call(xc_monitor_disable(xch, domid), "monitor_disable");
    call(xenevtchn_unbind(channel, port), "unbind");
    port = -1;
}

static const char *rip_name(const vm_event_request_t *request)
{
    static char text[48];
    uint64_t rip = request->data.regs.x86.rip;
    const char *page = find_name(gfns, rip >> 12);

    /* The payload's own addresses change whenever it is built. */
    if ( !page )
        return "elsewhere";
    snprintf(text, sizeof(text), "%s+%llu", page,
             (unsigned long long)rip % XC_PAGE_SIZE);
    return text;
}

static void tell_access(const vm_event_request_t *request)
{
    uint32_t flags = request->u.mem_access.flags;

    tell("event mem_access %s+%llu %s%s%s%s%s in %s at %s",
         gfn_name(request->u.mem_access.gfn),
         (unsigned long long)request->u.mem_access.offset,
         flags & MEM_ACCESS_R ? "r" : "-", flags & MEM_ACCESS_W ? "w" : "-",
         flags & MEM_ACCESS_X ? "x" : "-",
         flags & MEM_ACCESS_FAULT_IN_GPT ? " walk" : "",
         flags & MEM_ACCESS_GLA_VALID ? " gla" : "",
         view_name(request->altp2m_idx), rip_name(request));
}

static void tell_event(const vm_event_request_t *request)
{
    const char *in = view_name(request->altp2m_idx);

    switch ( request->reason )
    {
    case VM_EVENT_REASON_MEM_ACCESS:
        tell_access(request);
        break;

    case VM_EVENT_REASON_SOFTWARE_BREAKPOINT:
        tell("event breakpoint in %s at %s, gfn %s, length %u, type %u", in,
             rip_name(request), gfn_name(request->u.software_breakpoint.gfn),
             request->u.software_breakpoint.insn_length,
             request->u.software_breakpoint.type);
        break;

    case VM_EVENT_REASON_SINGLESTEP:
        tell("event singlestep in %s at %s", in, rip_name(request));
        break;

    case VM_EVENT_REASON_WRITE_CTRLREG:
        tell("event write_ctrlreg %u in %s, changed %#llx",
             request->u.write_ctrlreg.index, in,
             (unsigned long long)(request->u.write_ctrlreg.new_value ^
                                  request->u.write_ctrlreg.old_value));
        break;

    case VM_EVENT_REASON_CPUID:
        tell("event cpuid leaf %#x in %s, length %u", request->u.cpuid.leaf,
             in, request->u.cpuid.insn_length);
        break;

    case VM_EVENT_REASON_INTERRUPT:
        tell("event interrupt vector %u, type %u, error %#x in %s",
             request->u.interrupt.x86.vector, request->u.interrupt.x86.type,
             request->u.interrupt.x86.error_code, in);
        break;

    default:
        tell("event of reason %u in %s at %s", request->reason, in,
             rip_name(request));
        break;
    }
}

static bool take(vm_event_request_t *request)
{
    if ( !ring_page || !RING_HAS_UNCONSUMED_REQUESTS(&ring) )
        return false;
    xen_rmb();
    *request = *RING_GET_REQUEST(&ring, ring.req_cons);
    ring.sring->req_event = ++ring.req_cons + 1;
    return true;
}

static void put(const vm_event_response_t *response)
{
    *RING_GET_RESPONSE(&ring, ring.rsp_prod_pvt) = *response;
    ring.rsp_prod_pvt++;
    RING_PUSH_RESPONSES(&ring);
}

unsigned int (*listen_for)(void);

unsigned int listen(client_answer_t answer)
{
    vm_event_request_t request;
    unsigned int count = 0;

    while ( take(&request) )
    {
        vm_event_response_t response = request;

        tell_event(&request);
        response.flags = request.flags & VM_EVENT_FLAG_VCPU_PAUSED;
        answer(&request, &response);
        put(&response);
        count++;
    }
    if ( count )
        xenevtchn_notify(channel, port);
    return count;
}

/* Waits for events, or for a millisecond. */
static void rest(void)
{
    struct pollfd p = { .fd = channel ? xenevtchn_fd(channel) : -1,
                        .events = POLLIN };
    xenevtchn_port_or_error_t pending;

    if ( poll(&p, 1, 1) == 1 && (pending = xenevtchn_pending(channel)) >= 0 )
        xenevtchn_unmask(channel, pending);
}

unsigned int count_events(unsigned int wanted)
{
    uint64_t end = now_ns() + SILENCE_MS * 1000000ULL;
    vm_event_request_t request;
    unsigned int count = 0;

    while ( count < wanted && now_ns() < end )
    {
        if ( !take(&request) )
        {
            xenevtchn_notify(channel, port);
            rest();
            continue;
        }
        request.flags &= VM_EVENT_FLAG_VCPU_PAUSED;
        put(&request);
        count++;
        end = now_ns() + SILENCE_MS * 1000000ULL;
    }
    xenevtchn_notify(channel, port);
    return count;
}

void answer_flags(vm_event_response_t *answer, uint32_t flags,
                  const char *names)
{
    answer->flags |= flags;
    tell("  answer %s", names);
}

uint16_t home_view;

void answer_over(const vm_event_request_t *request, vm_event_response_t *answer)
{
    answer_view(answer, request->reason == VM_EVENT_REASON_SINGLESTEP ?
                        home_view : 0);
    answer_step(answer);
}

void answer_view(vm_event_response_t *answer, uint16_t view)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
    answer->altp2m_idx = view;
    tell("  answer ALTERNATE_P2M %s", view_name(view));
}

void answer_step(vm_event_response_t *answer)
{
    answer_flags(answer, VM_EVENT_FLAG_TOGGLE_SINGLESTEP, "TOGGLE_SINGLESTEP");
}

/* ---- the guest ---- */

/* Whether the command was carried out; else tells what became of the guest. */
static bool await(client_answer_t answer)
{
    uint64_t end = now_ns() + SILENCE_MS * 1000000ULL;
    unsigned int events = 0;

    while ( !guest_answers(guest, 0, 0) )
    {
        unsigned int now = listen_for ? listen_for() : listen(answer);

        events += now;
        if ( now )
            end = now_ns() + SILENCE_MS * 1000000ULL;
        if ( events >= STORM )
            tell("  the guest is in a storm of events");
        else if ( now_ns() >= end && !guest_answers(guest, 0, 0) )
            tell("  the guest stands still");
        else
        {
            if ( !now && !listen_for )
                rest();
            continue;
        }
        return false;
    }
    return true;
}

void guest_does(client_answer_t answer, const char *text,
                const struct guest_command *command)
{
    const volatile struct payload_slot *slot = guest->slot[0];

    tell("guest %s", text);
    /* It may stand still with the one before. */
    if ( !guest_answers(guest, 0, 0) && !await(answer) )
        return;
    guest->slot[0]->result[0] = 0; /* not every command has one */
    guest_post(guest, 0, command);
    if ( !await(answer) )
        return;
    if ( slot->exception )
        tell("  exception %u", slot->exception - 1);
    else
        tell("  done: %#llx", (unsigned long long)slot->result[0]);
}

void guest_calls(client_answer_t answer)
{
    guest_does(answer, "calls code", COMMAND(CMD_EXEC, gpa_of(CODE_GFN)));
}

void guest_reads(client_answer_t answer, uint64_t gfn)
{
    char text[64];

    snprintf(text, sizeof(text), "reads %s", gfn_name(gfn));
    guest_does(answer, text, COMMAND(CMD_READ, gpa_of(gfn)));
}

void guest_writes(client_answer_t answer, uint64_t gfn, uint64_t value)
{
    char text[64];

    snprintf(text, sizeof(text), "writes %s", gfn_name(gfn));
    guest_does(answer, text, COMMAND(CMD_WRITE, gpa_of(gfn), value));
}

/* ---- the program ---- */

static const struct client clients[] = {
    { "drakvuf", drakvuf, "set_mem_access RX code" },
    { "drakvuf_fast", drakvuf_fast, "insert a trap at code+7" },
    { "drakvuf_library", drakvuf_library, "trap memory added" },
    { "libvmi", libvmi, "create_view B" },
    { "libvmi_leaves", libvmi_leaves, "change_gfn A other" },
    { "libvmi_library", libvmi_library, "vmi_set_mem_event data w" },
    { "vmi_rs", vmi_rs, "set_mem_access V code rw:" },
    { "bdvmi", bdvmi, "create_view V" },
    { "xen_access", xen_access, "switch_to_view V" },
    { "two_monitors", two_monitors, "switch_to_view V" },
    { "full_ring", full_ring, "  the guest waits" },
    { "vm_fork", vm_fork, NULL },
    { "xl_save", xl_saves, NULL },
    { "xl_reboot", xl_reboots, NULL },
    { 0 },
};

static const struct client *find_client(const char *name)
{
    for ( const struct client *c = clients; c->name; c++ )
        if ( c->run && !strcmp(c->name, name) )
            return c;
    errx(2, "no client '%s'", name);
}

static struct
{
    const struct client *client;
    uint32_t domid;
} chosen;

/* The client's own process. */
static void be_client(void)
{
    if ( chosen.client->killed_at )
    {
        domid = chosen.domid;
        guest = guest_adopt(domid);
    }
    name_gfn(CODE_GFN, "code");
    name_gfn(DATA_GFN, "data");
    name_gfn(OTHER_GFN, "other");
    chosen.client->run();
}

static int run_client(const char *name, uint32_t id, const char *killed)
{
    const char *problem;
    char *short_name = strdup(name), *suffix = strchr(short_name, '~');

    if ( suffix )
        *suffix = 0;
    client_name = name;
    killed_at = *killed ? killed : NULL;
    chosen.client = find_client(short_name);
    chosen.domid = id;
    problem = guarded(be_client);
    if ( problem )
        tell("ended: %s", problem);
    return problem ? 1 : 0;
}

/* Starts a client on that guest; how it ended. */
static int start_client(const char *name, uint32_t id, const char *killed)
{
    char number[16];
    pid_t child;
    int status = 0;

    snprintf(number, sizeof(number), "%u", id);
    child = fork();
    if ( !child )
    {
        execl("/proc/self/exe", "client", "--run", name, number, killed, NULL);
        _exit(127);
    }
    expect(waitpid(child, &status, 0) == child, "can't start %s", name);
    return status;
}

/*
 * After a client that was killed: what its user does before the next start.
 * (An event that it had not answered leaves its vCPU paused, on stock too.)
 */
static void recover(uint32_t id)
{
    xc_dominfo_t info;

    xc_monitor_disable(xch, id);
    while ( xc_domain_getinfo(xch, id, 1, &info) == 1 && info.paused )
        if ( xc_domain_unpause(xch, id) )
            break;
}

static bool kill_too;

static struct guest *new_guest(void)
{
    struct guest *g = guest_new(&(struct guest_config){ .low = true,
                                                        .pool_pages = 4096 });

    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, gpa_of(CODE_GFN), CODE_VALUE));
    guest_write(g, gpa_of(DATA_GFN), DATA_VALUE);
    guest_write(g, gpa_of(OTHER_GFN), OTHER_VALUE);
    return g;
}

static void run_with_guest(void)
{
    const struct client *c = chosen.client;
    struct guest *g = c->killed_at ? new_guest() : NULL;
    uint32_t id = g ? g->domid : 0;
    char name[64];
    int status;

    snprintf(name, sizeof(name), "%s", c->name);
    if ( kill_too )
    {
        snprintf(name, sizeof(name), "%s~killed", c->name);
        status = start_client(name, id, c->killed_at);
        expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
               "%s was not killed after \"%s\", status %#x", c->name,
               c->killed_at, status);
        recover(id);
        snprintf(name, sizeof(name), "%s~again", c->name);
    }
    status = start_client(name, id, "");
    expect(WIFEXITED(status) && !WEXITSTATUS(status),
           "%s ended with status %#x", name, status);
    if ( g )
        guest_alive(g);
}

static void report(const char *name, const char *test, bool killed)
{
    const char *problem;

    chosen.client = find_client(name);
    kill_too = killed;
    problem = guarded(run_with_guest);
    printf("TEST %s %s%s%s\n", test, problem ? "FAIL" : "PASS",
           problem ? ": " : "", problem ?: "");
    fflush(stdout);
}

/* "client_NAME" runs it once, "killed_NAME" kills it in the middle before. */
int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if ( argc == 2 && !strcmp(argv[1], "--list") )
    {
        for ( const struct client *c = clients; c->name; c++ )
            if ( c->run )
                printf("client_%s\n", c->name);
        for ( const struct client *c = clients; c->name; c++ )
            if ( c->run && c->killed_at )
                printf("killed_%s\n", c->name);
        return 0;
    }
    hypercall_open();
    if ( argc == 5 && !strcmp(argv[1], "--run") )
        return run_client(argv[2], atoi(argv[3]), argv[4]);
    for ( int i = 1; i < argc; i++ )
        if ( strlen(argv[i]) > 7 )
            report(argv[i] + 7, argv[i], !strncmp(argv[i], "killed_", 7));
    return 0;
}
