/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DRAKVUF's own library, by its public interface.  It knows no system in the
 * guest, and needs none.
 */
#include "client.h"

#include <libdrakvuf/libdrakvuf.h>

#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TICK_NS 2000000

static drakvuf_t library;
static unsigned int seen;

/* No more is to be done: the library steps over what was trapped. */
static event_response_t on_trap(drakvuf_t drakvuf, drakvuf_trap_info_t *info)
{
    (void)drakvuf;
    seen++;
    tell("trap %s hit", info->trap->name);
    return VMI_EVENT_RESPONSE_NONE;
}

#define BREAKPOINT_AT(offset) {                                         \
    .type = BREAKPOINT, .cb = on_trap, .name = "code+" #offset,         \
    .breakpoint = { .lookup_type = LOOKUP_NONE,                         \
                    .addr = (CODE_GFN << 12) + (offset) },              \
}

static drakvuf_trap_t first = BREAKPOINT_AT(0);
static drakvuf_trap_t second = BREAKPOINT_AT(7);    /* RET_OFFSET */
static drakvuf_trap_t memory = {
    .type = MEMACCESS, .cb = on_trap, .name = "memory",
    .memaccess = { .gfn = DATA_GFN, .access = VMI_MEMACCESS_W, .type = PRE },
};

static int ticks = -1;      /* a timer's descriptor, in the library's loop */
static unsigned int before;
static uint64_t last;       /* when the last event came, ns */

/* The timer only ends a wait of the library's loop. */
static void on_tick(int fd, void *data)
{
    uint64_t expired;
    ssize_t got = read(fd, &expired, sizeof(expired));

    (void)got;
    (void)data;
}

/*
 * 0: no more.  After its loop the library waits for an event of Xen's whenever some
 * descriptor is ready, so the timer must not be.
 */
static void tick(long ns)
{
    const struct itimerspec interval = {
        .it_interval.tv_nsec = ns, .it_value.tv_nsec = ns,
    };

    timerfd_settime(ticks, 0, &interval, NULL);
}

/*
 * The library's loop goes on until the guest has done what it was told, stands
 * still, or is in a storm of events.  The guest is paused before and after.
 */
static bool is_over(drakvuf_t drakvuf, void *known)
{
    (void)drakvuf;
    if ( seen != *(unsigned int *)known )
    {
        *(unsigned int *)known = seen;
        last = now_ns();
    }
    if ( !guest_answers(guest, 0, 0) && seen - before < STORM &&
         now_ns() - last < SILENCE_MS * 1000000ULL )
        return false;
    tick(0);
    return true;
}

static unsigned int listen_by_library(void)
{
    unsigned int known = seen;

    before = seen;
    last = now_ns();
    tick(TICK_NS);
    drakvuf_loop(library, is_over, &known);
    return seen - before;
}

static bool start(void)
{
    char id[16];
    bool done;

    snprintf(id, sizeof(id), "%u", domid);
    done = drakvuf_init(&library, id, NULL, NULL, false, 0, false,
                        UNLIMITED_TTL, NULL, false, false);
    tell("drakvuf_init: %s", done ? "done" : "failed");
    if ( !done )
        return false;
    ticks = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    drakvuf_event_fd_add(library, ticks, on_tick, NULL);
    listen_for = listen_by_library;
    return true;
}

static void end(void)
{
    listen_for = NULL;
    drakvuf_close(library, false);
    close(ticks);
    tell("drakvuf_close");
}

static bool add(drakvuf_trap_t *trap)
{
    bool done = drakvuf_add_trap(library, trap);

    tell("trap %s %s", trap->name, done ? "added" : "can't be added");
    return done;
}

static void take_out(drakvuf_trap_t *trap)
{
    drakvuf_remove_trap(library, trap, NULL);
    tell("trap %s removed", trap->name);
}

static void use(void)
{
    guest_calls(NULL);
    guest_reads(NULL, CODE_GFN);
    guest_writes(NULL, DATA_GFN, DATA_VALUE);
    guest_reads(NULL, DATA_GFN);
}

static void breakpoints(void)
{
    use();
    tell("the guest writes to the page with the trap");
    guest_does(NULL, "writes code+1024",
               COMMAND(CMD_WRITE, gpa_of(CODE_GFN) + 1024, 1));
    guest_calls(NULL);
    add(&second);
    guest_calls(NULL);
    take_out(&second);
    guest_calls(NULL);
    take_out(&first);
    use();
    add(&first);
    guest_calls(NULL);
}

void drakvuf_library(void)
{
    if ( !start() )
        return;
    use();
    add(&memory);
    use();
    take_out(&memory);
    use();
    end();
    use();

    /* A breakpoint, guarded by a page that can only be executed. */
    if ( !start() )
        return;
    tag("amd-int3");
    if ( add(&first) )
        breakpoints();
    tag(NULL);
    end();
    use();
}
