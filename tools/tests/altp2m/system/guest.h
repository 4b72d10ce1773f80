/* SPDX-License-Identifier: GPL-2.0-only */
/* A payload guest: made in a few milliseconds, talked to, done away with. */
#ifndef ALTP2M_TEST_GUEST_H
#define ALTP2M_TEST_GUEST_H

#include "../payload/protocol.h"
#include "harness.h"
#include "hypercall.h"

#define MIB (1024ULL * 1024)

/* Memory that the payload does not use itself, for the tests to play with. */
#define TEST_GPA  (8 * MIB)
#define TEST_GFN  (TEST_GPA >> 12)
#define HOLE_GFN 0x90000 /* no RAM there in any of our guests */
#define gpa_of(gfn) ((uint64_t)(gfn) << 12)

struct monitor;
struct device;

struct guest
{
    uint32_t domid;
    bool live;               /* to be destroyed by us */
    unsigned int vcpus;
    unsigned int mib;
    volatile struct payload_slot *slot[PAYLOAD_MAX_VCPUS];
    struct monitor *monitor; /* served while we wait for an answer */
    struct device *device;   /* so is this */
};

struct guest_config
{
    unsigned int mib;        /* 0: 16 */
    unsigned int vcpus;      /* 0: 1 */
    unsigned int mode;       /* XEN_ALTP2M_*; 0: external */
    bool disabled;           /* no altp2m at all */
    unsigned int views;      /* how many it may have, 4.21 and newer; 0: all */
    bool other_vendor;       /* CPUID claims a CPU of the other vendor */
    bool low;                /* nothing above its memory: loader.h */
    uint32_t ssid;           /* the security module's label; 0: none */
    unsigned int pool_pages; /* paging pool; 0: 1024 */
    unsigned int pod_mib;    /* populate on demand: backed so far; 0: all */
};

extern const char *payload_path;

/* Running when these return.  The second has altp2m on already. */
struct guest *guest_new(const struct guest_config *config);
struct guest *guest_with_views(void);
/*
 * A fork of @parent: a copy whose pages come from the parent when they are asked
 * for.  The parent is paused as long as it has forks.
 */
struct guest *guest_fork(struct guest *parent);
/* A guest that somebody else (xl) made. */
struct guest *guest_adopt(uint32_t domid);
void guest_destroy(struct guest *g);
void guests_destroy(void);
/* Calls that for each guest there is. */
void guests_each(void (*fn)(struct guest *g));

void guest_pause(struct guest *g);
void guest_unpause(struct guest *g);
void guest_start_vcpu(struct guest *g, unsigned int vcpu);

/* A command; arguments that are left out are 0. */
struct guest_command
{
    enum payload_command command;
    uint64_t argument[PAYLOAD_ARGS];
};
#define COMMAND(c, ...) \
    (&(struct guest_command){ .command = (c), .argument = { __VA_ARGS__ } })

/* Waits for the answer to the command before; fails if there is none. */
void guest_post(struct guest *g, unsigned int vcpu,
                const struct guest_command *command);
/* False if there is no answer in time; an exception in the guest fails. */
bool guest_answers(struct guest *g, unsigned int vcpu, unsigned int ms);
const volatile struct payload_slot *guest_do(struct guest *g,
                                             unsigned int vcpu,
                                             const struct guest_command *c);
/* The vector + 1 that the command ended with, or 0. */
uint32_t guest_try(struct guest *g, unsigned int vcpu,
                   const struct guest_command *command);

/* Shorthands for vCPU 0. */
uint64_t guest_read(struct guest *g, uint64_t gpa);
void guest_write(struct guest *g, uint64_t gpa, uint64_t value);
void guest_fill(struct guest *g, uint64_t gpa, uint64_t pages, uint64_t seed);
/* Fails if the first word of any page is not what guest_fill() put there. */
void guest_verify(struct guest *g, uint64_t gpa, uint64_t pages, uint64_t seed);
void guest_alive(struct guest *g);
/* Lets the guest run on for a while. */
void guest_run(struct guest *g, unsigned int ms);
/* Waits until a background command of vCPU 0 is past a round. */
#define PATIENCE_MS 20000
void guest_await_round(struct guest *g, uint64_t before);

/* The host's side of its memory. */
uint64_t host_read(struct guest *g, uint64_t gpa);
void host_write(struct guest *g, uint64_t gpa, uint64_t value);
void *host_map(struct guest *g, uint64_t gfn);
void host_unmap(void *page);
int host_drop(struct guest *g, uint64_t gfn);
int host_populate(struct guest *g, uint64_t gfn);
/* @op: XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY or _OFF. */
void host_log_dirty(struct guest *g, unsigned int op);
/* Whether that gfn, below 128 MiB, was written to; and asks anew about all. */
bool host_dirty(struct guest *g, uint64_t gfn);

/* Checks that hold in many tests. */
void expect_access(struct guest *g, uint16_t view, uint64_t gfn,
                   unsigned int access);
void expect_view(struct guest *g, unsigned int vcpu, uint16_t view);
uint16_t new_view(struct guest *g);

/* Pages of the paging pool in use; the guest is paused while they are told. */
unsigned int pool_used(struct guest *g);
/* Leaves that many free pages in the pool. */
void pool_leave(struct guest *g, unsigned int pages);

#endif /* ALTP2M_TEST_GUEST_H */
