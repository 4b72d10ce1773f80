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

#define OUTPUT "/tmp/xen-access"
#define CODE_VALUE 0x5eed

static pid_t start(struct guest *g, const char *mode)
{
    char domid[16];
    pid_t child;

    snprintf(domid, sizeof(domid), "%u", g->domid);
    unlink(OUTPUT);
    child = fork();
    expect(child >= 0, "can't start xen-access");
    if ( !child )
    {
        int fd = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        dup2(fd, 1);
        dup2(fd, 2);
        setvbuf(stdout, NULL, _IONBF, 0);
        execlp("xen-access", "xen-access", "-m", domid, mode, NULL);
        _exit(127);
    }
    return child;
}

static bool told(const char *text)
{
    char line[256];
    bool found = false;
    FILE *f = fopen(OUTPUT, "r");

    while ( f && !found && fgets(line, sizeof(line), f) )
        found = strstr(line, text);
    if ( f )
        fclose(f);
    return found;
}

/* With views it has switched the guest to its own; without, all pages are set. */
static bool ready(struct guest *g, bool views)
{
    xenmem_access_t last;
    xen_pfn_t top;
    uint16_t view = 0;

    if ( views )
        return !view_index(g->domid, 0, &view) && view;
    return !xc_domain_maximum_gpfn(xch, g->domid, &top) &&
           !xc_get_mem_access(xch, g->domid, top - 1, &last) &&
           last != XENMEM_access_rwx;
}

/*
 * It makes a call for each gfn up to the highest, a million of them: the guest
 * rests meanwhile, so that the machine is all its own.
 */
static void await_ready(struct guest *g, pid_t child, bool views)
{
    int status;

    for ( unsigned int i = 0; i < 2500; i++ )
    {
        if ( ready(g, views) )
            return;
        usleep(100000);
        if ( waitpid(child, &status, WNOHANG) )
        {
            (void)!system("head -c 2000 " OUTPUT);
            fail("xen-access ended by itself, status %#x", status);
        }
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    skip("xen-access was not ready after minutes, on a busy machine");
}

/* Runs it on a guest that writes, and executes; @seen is what it must tell. */
static void run(const char *mode, bool views, const char *seen)
{
    struct guest *g = guest_new(NULL);
    int status = 0;
    pid_t child;
    bool on;

    guest_do(g, 0, COMMAND(CMD_MAKE_CODE, TEST_GPA + 0x1000, CODE_VALUE));
    guest_pause(g);
    child = start(g, mode);
    await_ready(g, child, views);
    guest_unpause(g);
    guest_write(g, TEST_GPA, 0x4242);
    expect_equal(guest_read(g, TEST_GPA), 0x4242, "value");
    expect_equal(guest_do(g, 0, COMMAND(CMD_EXEC, TEST_GPA + 0x1000))
                 ->result[0], CODE_VALUE, "value returned");
    kill(child, SIGINT);
    expect(waitpid(child, &status, 0) == child, "xen-access does not end");
    if ( !told(seen) )
        (void)!system("head -c 2000 " OUTPUT);
    expect(told(seen), "xen-access does not tell '%s'", seen);
    expect(WIFEXITED(status), "status %#x", status); /* 255 after a signal */
    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "xen-access leaves altp2m on");
    guest_alive(g);
}

static void xen_access_write(void)
{
    run("write", false, "w- for GFN 800");
}

static void xen_access_exec(void)
{
    run("exec", false, "x for GFN 801");
}

static void xen_access_altp2m_write(void)
{
    run("altp2m_write", true, "w- for GFN 800");
}

static void xen_access_altp2m_exec(void)
{
    run("altp2m_exec", true, "x for GFN 801");
}

const struct test tests_xenaccess[] = {
    { "xen_access_write", NEEDS_VIEWS, xen_access_write },
    { "xen_access_exec", NEEDS_VIEWS, xen_access_exec },
    { "xen_access_altp2m_write", NEEDS_VIEWS | NEEDS_MTF,
      xen_access_altp2m_write },
    { "xen_access_altp2m_exec", NEEDS_VIEWS | NEEDS_MTF,
      xen_access_altp2m_exec },
    { 0 },
};
