/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest-do DOMID read GPA | write GPA VALUE | code GPA VALUE | exec GPA | drop GPA:
 * has the payload in a guest that runs already do one thing, and prints its result.
 * code makes a function that returns the value, exec calls it.  drop takes the page
 * there from the guest, as the host may.
 */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t domid;
static const char *what;
static uint64_t address, value;

static void run(void)
{
    struct guest *g = guest_adopt(domid);

    if ( !strcmp(what, "read") )
        value = guest_read(g, address);
    else if ( !strcmp(what, "write") )
        guest_write(g, address, value);
    else if ( !strcmp(what, "code") )
        guest_do(g, 0, COMMAND(CMD_MAKE_CODE, address, value));
    else if ( !strcmp(what, "exec") )
        value = guest_do(g, 0, COMMAND(CMD_EXEC, address))->result[0];
    else if ( !strcmp(what, "drop") )
        expect_ok(host_drop(g, address / 4096));
    else
        fail("'%s' is none of read, write, code, exec and drop", what);
}

int main(int argc, char **argv)
{
    const char *reason;
    char *end;

    if ( argc < 4 )
    {
        fprintf(stderr, "usage: guest-do DOMID read|write|code|exec|drop GPA "
                "[VALUE]\n");
        return 2;
    }
    domid = strtoul(argv[1], &end, 0);
    if ( end == argv[1] || *end )
    {
        fprintf(stderr, "guest-do: '%s' is no number of a domain; "
                "xl domid %s prints it\n", argv[1], argv[1]);
        return 2;
    }
    what = argv[2];
    address = strtoull(argv[3], NULL, 0);
    value = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
    hypercall_open();
    reason = guarded(run);
    if ( reason )
        fprintf(stderr, "guest-do: %s\n", reason);
    else
        printf("%#llx\n", (unsigned long long)value);
    return !!reason;
}
