/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-replay < FILE: runs one sequence, a step a line as it is shown when it
 * fails: "{ op, a, b, c, d }" anywhere in the line; the configuration first.
 */
#include "model.h"

int main(void)
{
    static struct step steps[4096];
    unsigned int nr = 0, op, a, b, c, d;
    char line[256];

    while ( nr < ARRAY_SIZE(steps) && fgets(line, sizeof(line), stdin) )
    {
        const char *brace = strchr(line, '{');

        if ( brace && sscanf(brace, "{ %u, %u, %u, %u, %u }", &op, &a, &b, &c,
                             &d) == 5 )
            steps[nr++] = (struct step){ op, a, b, c, d };
    }

    return nr ? run_shrunk(steps, nr) : 2;
}
