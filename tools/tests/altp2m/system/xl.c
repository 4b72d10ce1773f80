/* SPDX-License-Identifier: GPL-2.0-only */
#include "toolstack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool shell(const char *format, ...)
{
    char command[512];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    fflush(NULL);
    return system(command) == 0;
}

uint32_t xl_domid(const char *name)
{
    char command[128];
    unsigned int domid = 0;
    FILE *f;

    snprintf(command, sizeof(command), "xl domid %s 2>/dev/null", name);
    f = popen(command, "r");
    if ( f && fscanf(f, "%u", &domid) != 1 )
        domid = 0;
    if ( f )
        pclose(f);
    return domid;
}

void xl_write_config(const char *name, const char *more_settings)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), "/tmp/%s.cfg", name);
    f = fopen(path, "w");
    expect(f, "can't write %s", path);
    fprintf(f, "name = \"%s\"\ntype = \"pvh\"\nkernel = \"%s\"\n"
               "memory = 16\nvcpus = 1\naltp2m = \"external\"\n"
               "altp2m_count = 512\n%s\n",
            name, payload_path, more_settings);
    fclose(f);
}

struct guest *xl_create(const char *name, const char *more_settings)
{
    uint32_t domid;

    xl_write_config(name, more_settings);
    expect(shell("xl create -q /tmp/%s.cfg >/dev/null", name),
           "xl create fails");
    domid = xl_domid(name);
    expect(domid, "xl does not know the guest");
    return guest_adopt(domid);
}
