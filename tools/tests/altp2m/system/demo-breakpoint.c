/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The demonstration of tools/examples/breakpoint.c: it counts what a running
 * guest executes, and the guest reads its own code unmodified.  Its lines begin
 * with "demo: "; the exit status is 0 if every step held.
 */
#include "say.h"
#include "toolstack.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME   "breakpoint"
#define OUTPUT "/tmp/breakpoint"
#define CODE   TEST_GPA         /* a function of the guest: two instructions */
#define SECOND 7                /* offset of its second one */
#define CALLS  5
#define WORDS  512

static struct guest *g;
static pid_t child;
static uint64_t page[WORDS];    /* the function's page, as the guest had it */

static uint64_t call(void)
{
    return guest_do(g, 0, COMMAND(CMD_EXEC, CODE))->result[0];
}

/* The lines of the monitor's output that begin so. */
static unsigned int told(const char *text)
{
    char line[128];
    unsigned int n = 0;
    FILE *f = fopen(OUTPUT, "r");

    while ( f && fgets(line, sizeof(line), f) )
        n += !strncmp(line, text, strlen(text));
    if ( f )
        fclose(f);
    return n;
}

static void set_breakpoint(unsigned int offset)
{
    char domid[16], address[32];

    snprintf(domid, sizeof(domid), "%u", g->domid);
    snprintf(address, sizeof(address), "%#llx", CODE + offset);
    unlink(OUTPUT);
    child = fork();
    expect(child >= 0, "can't fork");
    if ( !child )
    {
        expect(freopen(OUTPUT, "w", stdout), "can't write " OUTPUT);
        dup2(1, 2);
        execl("./breakpoint", "breakpoint", domid, address, NULL);
        _exit(127);
    }
    for ( unsigned int i = 0; i < 300 && !told("set:"); i++ )
    {
        usleep(50000);
        expect(!waitpid(child, NULL, WNOHANG), "the monitor ended by itself");
    }
    expect(told("set:"), "the monitor does not say that it is ready");
    say("   breakpoint %s %s", domid, address);
}

static void end_breakpoint(unsigned int hits)
{
    int status;

    expect_equal(told("hit "), hits, "hits");
    kill(child, SIGTERM);
    expect(waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           !WEXITSTATUS(status), "the monitor ends with status %#x", status);
    child = 0;
}

/* Every word of the page is what it was, read by the guest. */
static void guest_reads_its_own(void)
{
    for ( unsigned int i = 0; i < WORDS; i++ )
        if ( i < 4 || i > WORDS - 4 || i % 64 == 0 )
            expect_equal(guest_read(g, CODE + i * 8), page[i], "word of code");
}

static void step_create(void)
{
    g = xl_create(NAME, "memory = 32");
    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, CODE, 0x1234));
    expect_equal(call(), 0x1234, "value returned");
    for ( unsigned int i = 0; i < WORDS; i++ )
        page[i] = host_read(g, CODE + i * 8);
    say("   domain %u has a function at %#llx, and calls it: 0x1234", g->domid,
        CODE);
    say("   its first bytes, read by the guest: %#llx",
        (unsigned long long)guest_read(g, CODE));
}

static void step_hits(void)
{
    set_breakpoint(0);
    for ( unsigned int i = 1; i <= CALLS; i++ )
    {
        expect_equal(call(), 0x1234, "value returned");
        expect_equal(told("hit "), i, "hits");
    }
    say("   the guest calls it %u times, with the same result: %u hits", CALLS,
        told("hit "));
}

static void step_hidden(void)
{
    uint16_t view;

    expect_ok(view_index(g->domid, 0, &view));
    guest_reads_its_own();
    expect_equal(told("hit "), CALLS, "hits");
    say("   the guest reads the page: %#llx, nothing is to be seen",
        (unsigned long long)guest_read(g, CODE));
    expect_equal(call(), 0x1234, "value returned");
    expect_equal(told("hit "), CALLS + 1, "hits");
    guest_reads_its_own();
    say("   and calls it again: hit %u", told("hit "));
}

static void step_written(void)
{
    guest_write(g, CODE + PAYLOAD_CODE_VALUE, 0x5678);
    page[PAYLOAD_CODE_VALUE / 8] = 0x5678;
    expect_equal(call(), 0x5678, "value returned by the changed code");
    expect_equal(told("hit "), CALLS + 2, "hits");
    guest_reads_its_own();
    end_breakpoint(CALLS + 2);
    say("   the guest changed its code: that runs, and hits go on: %u",
        CALLS + 2);
}

/* The first instruction reads the page that it is in, at full speed. */
static void step_reads_itself(void)
{
    set_breakpoint(SECOND);
    for ( unsigned int i = 1; i <= CALLS; i++ )
    {
        expect_equal(call(), 0x5678, "value returned");
        guest_reads_its_own();
    }
    say("   code before the breakpoint reads its own page: 0x5678; %u hits",
        told("hit "));
    end_breakpoint(CALLS);
}

static void step_gone(void)
{
    bool on = true;

    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "views are left on");
    expect_equal(call(), 0x5678, "value returned");
    guest_reads_its_own();
    guest_alive(g);
    guests_destroy();
    expect(shell("xl destroy " NAME), "xl destroy fails");
    say("   the monitor gone, no view is left, and the guest runs on");
}

static const struct step steps[] = {
    { "a guest with a function", step_create },
    { "a breakpoint on its first instruction", step_hits },
    { "the guest looks for it", step_hidden },
    { "the guest changes its code", step_written },
    { "a breakpoint further on", step_reads_itself },
    { "as if nothing had been", step_gone },
};

int main(void)
{
    int status;

    if ( shell("grep -q QEMU /proc/cpuinfo") )
    {
        say("this software CPU lets INT3 pass by the hypervisor");
        say("without MACHINE=amd it is shown on another: make run "
            "DEMO=breakpoint");
        return 1;
    }
    hypercall_open();
    status = say_steps(steps, sizeof(steps) / sizeof(steps[0]));
    if ( status )
    {
        if ( child > 0 )
            kill(child, SIGTERM);
        shell("cat " OUTPUT "; xl destroy " NAME " >/dev/null 2>&1");
    }
    return status;
}
