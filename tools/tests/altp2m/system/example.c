/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests: the programs of tools/examples, as a user would run them. */
#include "guest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT "/tmp/example"

/* Has it printed a line that begins so? */
static bool printed(const char *text)
{
    char line[160];
    bool found = false;
    FILE *f = fopen(OUTPUT, "r");

    while ( f && !found && fgets(line, sizeof(line), f) )
        found = !strncmp(line, text, strlen(text));
    if ( f )
        fclose(f);
    return found;
}

static void await(const char *text)
{
    for ( unsigned int i = 0; i < 400; i++ )
    {
        if ( printed(text) )
            return;
        usleep(50000);
    }
    fail("it does not print '%s'", text);
}

static pid_t start(const char *program, const char *domain, const char *more,
                   const char *last)
{
    pid_t child;

    unlink(OUTPUT);
    child = fork();
    if ( !child )
    {
        if ( freopen(OUTPUT, "w", stdout) )
            dup2(1, 2);
        execl(program, program, domain, more, last, NULL);
        _exit(127);
    }
    expect(child > 0, "no child");
    return child;
}

static void expect_end(pid_t child)
{
    int status;

    for ( unsigned int i = 0; i < 400; i++ )
    {
        if ( waitpid(child, &status, WNOHANG) == child )
        {
            expect(WIFEXITED(status) && !WEXITSTATUS(status), "status %#x",
                   status);
            return;
        }
        usleep(50000);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    fail("it does not end");
}

/* Has who-writes watch TEST_GFN. */
static pid_t watch(const struct guest *g)
{
    char domain[12], gfn[12];
    pid_t child;

    snprintf(domain, sizeof(domain), "%u", g->domid);
    snprintf(gfn, sizeof(gfn), "%#llx", TEST_GFN);
    child = start("./who-writes", domain, gfn, NULL);
    await("watching gfn");

    return child;
}

/* Each write is printed and done; a read, or a write elsewhere, is not told. */
static void example_who_writes(void)
{
    struct guest *g = guest_new(NULL);
    pid_t child = watch(g);
    bool on = true;

    guest_write(g, TEST_GPA + 4096, 1);
    guest_read(g, TEST_GPA);
    guest_write(g, TEST_GPA + 0x128, 0x1234);
    await("write 1: vcpu 0, address 0x800128, rip 0x");
    expect_equal(guest_read(g, TEST_GPA + 0x128), 0x1234, "what was written");
    guest_write(g, TEST_GPA + 8, 5);
    await("write 2: vcpu 0, address 0x800008, rip 0x");
    expect_ok(kill(child, SIGTERM));
    expect_end(child);
    await("2 writes");
    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "views are left on");
    guest_write(g, TEST_GPA, 6);
    guest_alive(g);
}

/* The exit status of who-writes, if it ends by itself. */
static int status_of(uint32_t domid, uint64_t gfn)
{
    char line[80];

    snprintf(line, sizeof(line),
             "timeout 20 ./who-writes %u %#llx >/dev/null 2>&1", domid,
             (unsigned long long)gfn);
    return WEXITSTATUS(system(line));
}

/* Where the guest has no page it ends, and leaves views off. */
static void example_who_writes_no_page(void)
{
    struct guest *g = guest_new(NULL);
    bool on = true;

    expect_equal(status_of(g->domid, 0xfffff), 1, "status");
    expect_ok(view_state_get(g->domid, &on));
    expect(!on, "views are left on");
}

/* A second one says that it can't, and the first goes on. */
static void example_who_writes_once(void)
{
    struct guest *g = guest_new(NULL);
    pid_t child = watch(g);

    expect_equal(status_of(g->domid, TEST_GFN + 1), 1, "status of the second");
    guest_write(g, TEST_GPA + 0x128, 0x1234);
    await("write 1: vcpu 0, address 0x800128, rip 0x");
    expect_ok(kill(child, SIGTERM));
    expect_end(child);
    guest_alive(g);
}

/* It does not wait for a guest that is no more. */
static void example_who_writes_ends(void)
{
    struct guest *g = guest_new(NULL);
    pid_t child = watch(g);

    guest_destroy(g);
    expect_end(child);
    await("0 writes");
}

/* Writes of one process are printed; another one is in view 0 all the time. */
static void example_process_writes(void)
{
    struct guest *g = guest_with_views();
    uint64_t cr3 = guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2];
    const uint64_t other = gpa_of(TEST_GFN + 16);
    void *from = host_map(g, cr3 >> 12), *to = host_map(g, other >> 12);
    char domain[12], process[20], gfn[12];
    pid_t child;

    memcpy(to, from, 4096);
    host_unmap(from);
    host_unmap(to);
    snprintf(domain, sizeof(domain), "%u", g->domid);
    snprintf(process, sizeof(process), "%#llx", (unsigned long long)cr3);
    snprintf(gfn, sizeof(gfn), "%#llx", TEST_GFN);
    child = start("./process-writes", domain, process, gfn);
    await("watching");
    guest_write(g, TEST_GPA + 0x128, 0x1234);
    await("write 1: address 0x800128, rip 0x");
    guest_do(g, 0, COMMAND(CMD_LOAD_CR3, other));
    expect_view(g, 0, 0);
    guest_write(g, TEST_GPA + 0x10, 5);
    guest_do(g, 0, COMMAND(CMD_LOAD_CR3, cr3));
    guest_write(g, TEST_GPA + 8, 6);
    await("write 2: address 0x800008, rip 0x");
    expect_ok(kill(child, SIGTERM));
    expect_end(child);
    await("0 lost");
    expect_view(g, 0, 0);
    expect_rc(view_destroy(g->domid, 1), -EBUSY); /* there is none */
    expect_equal(guest_read(g, TEST_GPA + 0x10), 5, "what was written");
    guest_alive(g);
}

const struct test tests_example[] = {
    { "example_who_writes", NEEDS_VIEWS, example_who_writes },
    { "example_who_writes_no_page", NEEDS_VIEWS, example_who_writes_no_page },
    { "example_who_writes_once", NEEDS_VIEWS, example_who_writes_once },
    { "example_who_writes_ends", NEEDS_VIEWS, example_who_writes_ends },
    { "example_process_writes", NEEDS_VIEWS | NEEDS_MTF,
      example_process_writes },
    { 0 },
};
