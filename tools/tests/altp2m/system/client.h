/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs built on Xen's altp2m, as the sequences of calls that they make:
 * DRAKVUF, LibVMI and others.  Each call goes through the distribution's
 * libxenctrl and libxenevtchn.  What was called, what it answered, which events
 * came and how they were answered is printed line by line, as a transcript:
 *
 *     CLIENT name number sum text
 *     CLIENT name number sum text [tag]
 *
 * No line holds a number that varies between two boots: pages and views have
 * names.  tools/transcripts compares them; docs/differences.md names by tag
 * the lines that may differ.
 */
#ifndef ALTP2M_TEST_CLIENT_H
#define ALTP2M_TEST_CLIENT_H

#include "guest.h"

#include <xen/vm_event.h>
#include <xenevtchn.h>

/* Pages of the guest that every client uses. */
#define CODE_GFN   (TEST_GFN + 1)    /* a function that returns CODE_VALUE */
#define DATA_GFN   (TEST_GFN + 2)
#define OTHER_GFN  (TEST_GFN + 3)
#define GUEST_PAGES 4096           /* guest_new()'s usual size */
#define CODE_VALUE  0x5eed
#define DATA_VALUE  0xda7a
#define OTHER_VALUE 0x07e4
#define RET_OFFSET  7                /* of the function's second instruction */
#define SILENCE_MS  500              /* who is silent so long stands still */
#define STORM       40               /* so many events of one command are one */

/* Fills in the answer to an event, which has no flags but VCPU_PAUSED. */
typedef void (*client_answer_t)(const vm_event_request_t *request,
                                vm_event_response_t *answer);

extern struct guest *guest;
extern uint32_t domid;

/* ---- the transcript ---- */

/* A line. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The tag of the lines that follow; NULL: none. */
void tag(const char *name);
/* Tells of a call whose result is 0, or -1 and errno; returns 0 or -errno. */
int told(int rc, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define call(function, ...) told((function), __VA_ARGS__)

void name_gfn(uint64_t gfn, const char *name);
const char *gfn_name(uint64_t gfn);
void name_view(uint16_t view, const char *name);
const char *view_name(uint16_t view);
const char *access_name(unsigned int access);

/* ---- Xen's operations, told; gfns and views by name ---- */

int views_on(bool on);
uint16_t make_view(const char *name, unsigned int access);
int drop_view(uint16_t view);
int enter_view(uint16_t view);
int set_access(uint16_t view, uint64_t gfn, unsigned int access);
void get_access(uint16_t view, uint64_t gfn);
int change_gfn(uint16_t view, uint64_t gfn, uint64_t target);
int host_access(uint64_t gfn, unsigned int access);
/* For all gfns from 0 on: of the guest's memory, or up to its last one. */
int host_access_all(bool to_last, unsigned int access);
void pause_guest(void);
void unpause_guest(void);
/* Adds a page behind the guest's last one; its gfn. */
uint64_t add_page(const char *name);
void take_page(uint64_t gfn);
void copy_page(uint64_t from, uint64_t to);
void fill_page(uint64_t gfn, uint8_t byte);
uint8_t get_byte(uint64_t gpa);
void put_byte(uint64_t gpa, uint8_t byte);
uint64_t last_gfn(void);

/* ---- events ---- */

int monitor_on(void);
void monitor_off(void);
/* Takes what events there are, and tells of them; how many there were. */
unsigned int listen(client_answer_t answer);
/* Takes events in its place, where a library has the ring; or NULL. */
extern unsigned int (*listen_for)(void);
/* Takes up to @wanted events without a word, as long as any come; how many. */
unsigned int count_events(unsigned int wanted);
/* Answers, told. */
void answer_view(vm_event_response_t *answer, uint16_t view);
void answer_step(vm_event_response_t *answer);
void answer_flags(vm_event_response_t *answer, uint32_t flags,
                  const char *names);

/* Has the instruction done in view 0, and then goes back to home_view. */
extern uint16_t home_view;
void answer_over(const vm_event_request_t *request,
                 vm_event_response_t *answer);

/* ---- the guest ---- */

/* A command, while events are answered; its result is told. */
void guest_does(client_answer_t answer, const char *text,
                const struct guest_command *command);
void guest_calls(client_answer_t answer);
void guest_reads(client_answer_t answer, uint64_t gfn);
void guest_writes(client_answer_t answer, uint64_t gfn, uint64_t value);

/* ---- the clients ---- */

struct client
{
    const char *name;
    void (*run)(void);
    const char *killed_at;  /* a line begins so; NULL: it makes its own guest */
};

/* A program has those that are linked in. */
#define CLIENT(name) void name(void) __attribute__((weak))
CLIENT(drakvuf);
CLIENT(drakvuf_fast);
CLIENT(drakvuf_library);
CLIENT(libvmi);
CLIENT(libvmi_leaves);
CLIENT(libvmi_library);
CLIENT(vmi_rs);
CLIENT(bdvmi);
CLIENT(xen_access);
CLIENT(two_monitors);
CLIENT(full_ring);
CLIENT(vm_fork);
CLIENT(xl_saves);
CLIENT(xl_reboots);

#endif /* ALTP2M_TEST_CLIENT_H */
