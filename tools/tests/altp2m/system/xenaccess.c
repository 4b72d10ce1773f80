/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the distribution's example monitor, as it is, in its modes. */
#include "guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What it prints, and what it says besides: in one file, words of the latter come to
 * stand in the midst of lines, as the former is written in whole blocks.
 */
#define OUTPUT "/tmp/xen-access"
#define SAID   "/tmp/xen-access.said"
#define CODE_GFN   (TEST_GFN + 1)
#define CODE_VALUE 0x5eed

static pid_t start(struct guest *g, const char *mode)
{
    char domid[16], last[16];
    pid_t child;

    snprintf(domid, sizeof(domid), "%u", g->domid);
    snprintf(last, sizeof(last), "%u", g->mib * 256);
    unlink(OUTPUT);
    child = fork();
    expect(child >= 0, "can't start xen-access");
    if ( !child )
    {
        dup2(open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
        dup2(open(SAID, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
        setenv("LD_PRELOAD", "/tests/maximum-gfn.so", 1);
        setenv("MAXIMUM_GFN", last, 1);
        execlp("xen-access", "xen-access", "-m", domid, mode, NULL);
        _exit(127);
    }
    return child;
}

/* How many accesses of that kind to a gfn it has told. */
static unsigned int told(char kind, uint64_t gfn)
{
    char line[256], access[4];
    unsigned long long at;
    unsigned int n = 0;
    FILE *f = fopen(OUTPUT, "r");

    while ( f && fgets(line, sizeof(line), f) )
        if ( sscanf(line, "PAGE ACCESS: %3s for GFN %llx", access, &at) == 2 )
            n += at == gfn && strchr(access, kind);
    if ( f )
        fclose(f);
    return n;
}

static bool has_access(struct guest *g, uint64_t gfn, xenmem_access_t *access)
{
    return !xc_get_mem_access(xch, g->domid, gfn, access);
}

/*
 * It goes upwards, so that the last page of the guest's memory tells that it is done
 * with all.  No page tells anything before it listens.
 */
static bool ready(struct guest *g, bool views)
{
    uint64_t gfn = g->mib * 256;
    xenmem_access_t access;
    uint16_t view = 0;

    if ( views )
        return !view_index(g->domid, 0, &view) && view;
    if ( !has_access(g, TEST_GFN, &access) || access == XENMEM_access_rwx )
        return false;
    while ( !has_access(g, --gfn, &access) )
        expect(gfn > CODE_GFN, "the guest's memory is gone");
    return access != XENMEM_access_rwx;
}

/* It makes a call for each gfn; the guest rests meanwhile. */
static void await_ready(struct guest *g, pid_t child, bool views)
{
    int status;

    for ( unsigned int i = 0; i < 3000; i++ )
    {
        if ( ready(g, views) )
            return;
        usleep(20000);
        if ( waitpid(child, &status, WNOHANG) )
        {
            (void)!system("head -c 2000 " SAID);
            fail("xen-access ended by itself, status %#x", status);
        }
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    fail("xen-access is not ready after a minute");
}

#define CALLS      2
#define CALL_STEPS 2  /* instructions of CMD_MAKE_CODE */
#define ROUNDS     10

/* What it has to tell of writes to TEST_GFN and instructions at CODE_GFN. */
struct told
{
    unsigned int writes, instructions;
};

/*
 * Runs it on a guest that keeps a checksum and calls a function: of each write, or
 * each instruction, it tells, and none is lost.  The guest writes with paging off:
 * on AMD a walk of its page tables counts as a write to them, and xen-access steps
 * over all that the instruction does.
 */
static void run(const char *mode, bool views, struct told wanted)
{
    struct guest *g = guest_new(&(struct guest_config){ .low = true });
    const volatile struct payload_slot *s;
    uint64_t begin = now_ns(), ready, done;
    int status = 0;
    pid_t child;
    bool on;

    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, gpa_of(CODE_GFN), CODE_VALUE));
    guest_fill(g, TEST_GPA, 1, 91);
    guest_pause(g);
    child = start(g, mode);
    await_ready(g, child, views);
    ready = now_ns();
    guest_post(g, 0, COMMAND(CMD_CHECKSUM_FLAT, TEST_GPA, 4,
                             ROUNDS));
    guest_unpause(g);
    expect(guest_answers(g, 0, 60000), "the guest does not go on");
    s = g->slot[0];
    expect_equal(s->result[0], s->result[1], "checksum kept and anew");
    for ( unsigned int i = 0; i < CALLS; i++ )
    {
        guest_post(g, 0, COMMAND(CMD_EXEC, gpa_of(CODE_GFN)));
        expect(guest_answers(g, 0, 60000), "the guest does not go on");
        expect_equal(s->result[0], CODE_VALUE, "value returned");
    }
    /* It sets every page again: each is an interrupt for a guest that runs. */
    guest_pause(g);
    done = now_ns();
    kill(child, SIGINT);
    expect(waitpid(child, &status, 0) == child, "xen-access does not end");
    guest_unpause(g);
    note("%s tells of %u writes and %u instructions; ready after %llu ms, done "
         "after %llu, ended after %llu", mode, told('w', TEST_GFN),
         told('x', CODE_GFN), (unsigned long long)(ready - begin) / 1000000,
         (unsigned long long)(done - ready) / 1000000,
         (unsigned long long)(now_ns() - done) / 1000000);
    if ( told('w', TEST_GFN) != wanted.writes ||
         told('x', CODE_GFN) != wanted.instructions )
        (void)!system("sed -n '/ACCESS\\|step/p' " OUTPUT " | head -n 100");
    expect_equal(told('w', TEST_GFN), wanted.writes, "writes told");
    expect_equal(told('x', CODE_GFN), wanted.instructions,
                 "instructions told");
    expect(WIFEXITED(status), "status %#x", status); /* 255 after a signal */
    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "xen-access leaves altp2m on");
    guest_alive(g);
}

/* Without views it lets a page alone once it was accessed. */
static void xenaccess_write(void)
{
    run("write", false, (struct told){ .writes = 1 });
}

static void xenaccess_exec(void)
{
    run("exec", false, (struct told){ .instructions = 1 });
}

static void xenaccess_altp2m_write(void)
{
    run("altp2m_write", true, (struct told){ .writes = 1 + 2 * ROUNDS });
}

static void xenaccess_altp2m_exec(void)
{
    run("altp2m_exec", true,
        (struct told){ .instructions = CALLS * CALL_STEPS });
}

static void xenaccess_altp2m_no_gpt(void)
{
    run("altp2m_write_no_gpt", true,
        (struct told){ .instructions = CALLS * CALL_STEPS });
}

const struct test tests_xenaccess[] = {
    { "xenaccess_write", NEEDS_VIEWS, xenaccess_write },
    { "xenaccess_exec", NEEDS_VIEWS, xenaccess_exec },
    { "xenaccess_altp2m_write", NEEDS_VIEWS | NEEDS_MTF,
      xenaccess_altp2m_write },
    { "xenaccess_altp2m_exec", NEEDS_VIEWS | NEEDS_MTF,
      xenaccess_altp2m_exec },
    { "xenaccess_altp2m_no_gpt", NEEDS_VIEWS | NEEDS_MTF,
      xenaccess_altp2m_no_gpt },
    { 0 },
};
