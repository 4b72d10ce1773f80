/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest-do DOMID read GPA | write GPA VALUE | code GPA VALUE | exec GPA: has the
 * payload in a guest that runs already do one thing; the last line has its result.  code
 * makes a function that returns the value, exec calls it.
 */
#include "guest.h"
#include "say.h"

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
    else
        fail("'%s' is not known", what);
}

static const struct step step = { "as asked for", run };

int main(int argc, char **argv)
{
    int status;

    if ( argc < 4 )
        return 2;
    domid = atoi(argv[1]);
    what = argv[2];
    address = strtoull(argv[3], NULL, 0);
    value = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
    hypercall_open();
    status = say_steps(&step, 1);
    printf("%#llx\n", (unsigned long long)value);
    return status;
}
