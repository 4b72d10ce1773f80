/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test: one guest binary on every machine, with VMFUNC and #VE of the CPU's own
 * or the hypervisor's, tells the same.  What it has to tell is in a file.
 */
#include "guest.h"

#include <stdio.h>
#include <string.h>

#define WANTED     "/tests/transcript.golden"
#define TEXT_GPA   (TEST_GPA + MIB)
#define TEXT_PAGES 4
#define PAGE       4096

/* The next line that has to be told; false at the end. */
static bool next_wanted(FILE *f, char *line, int size)
{
    if ( !fgets(line, size, f) )
        return false;
    line[strcspn(line, "\n")] = 0;
    return true;
}

static void compare(char *text)
{
    char wanted[128], *line, *rest = text;
    FILE *f = fopen(WANTED, "r");
    unsigned int nr = 0, wrong = 0;

    expect(f, "no %s", WANTED);
    while ( (line = strsep(&rest, "\n")) && *line )
    {
        bool same = next_wanted(f, wanted, sizeof(wanted)) &&
                    !strcmp(line, wanted);

        nr++;
        wrong += !same;
        note("transcript:%s %s", same ? "" : " UNEXPECTED", line);
    }
    expect(!next_wanted(f, wanted, sizeof(wanted)), "not told: %s", wanted);
    fclose(f);
    expect(nr && !wrong, "%u of %u lines are not as they have to be", wrong,
           nr);
}

static void fetch(struct guest *g, char *text)
{
    for ( unsigned int i = 0; i < TEXT_PAGES; i++ )
    {
        void *page = host_map(g, (TEXT_GPA >> 12) + i);

        memcpy(text + i * PAGE, page, PAGE);
        host_unmap(page);
    }
}

static void transcript_of_guest(void)
{
    static char text[TEXT_PAGES * PAGE + 1];
    struct guest *g = guest_new(&(struct guest_config){
        .vcpus = 2, .mode = XEN_ALTP2M_mixed });

    guest_start_vcpu(g, 1);
    for ( unsigned int vcpu = 0; vcpu < g->vcpus; vcpu++ )
    {
        uint64_t length = guest_do(g, vcpu, COMMAND(CMD_TRANSCRIPT, TEXT_GPA))
                          ->result[0];

        expect(length && length < TEXT_PAGES * PAGE, "%llu bytes",
               (unsigned long long)length);
        fetch(g, text);
        text[length] = 0;
        note("vCPU %u", vcpu);
        compare(text);
    }
}

const struct test tests_transcript[] = {
    { "transcript_of_guest", NEEDS_VE | NEEDS_VMFUNC, transcript_of_guest },
    { 0 },
};
