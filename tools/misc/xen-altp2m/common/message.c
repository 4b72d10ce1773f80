/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
    int error, code;
    const char *text;
} meanings[] = {
    { ESRCH, EXIT_NOT_FOUND, "the domain is gone" },
    { ENOENT, EXIT_NOT_FOUND, "the view is gone; xen-altp2m list shows those "
      "there are" },
    { ENXIO, EXIT_NOT_FOUND, "there is no page at that gfn, or at the gfn that "
      "would be shown there" },
    { EINVAL, EXIT_USAGE, "Xen does not take such a value there" },
    { EOPNOTSUPP, EXIT_UNSUPPORTED, "views are off, or this is not supported; "
      "xen-altp2m check says which" },
    { ENOSYS, EXIT_UNSUPPORTED, "this Xen does not have the operation; "
      "xen-altp2m check says why" },
    { EPERM, EXIT_DENIED, "not permitted; run this as root in dom0" },
    { EACCES, EXIT_DENIED, "not permitted; run this as root in dom0" },
    { EBUSY, EXIT_AGAIN, "it is in use" },
    { EAGAIN, EXIT_AGAIN, "try again" },
    { ENODATA, EXIT_NOT_FOUND, "a byte there is not patched" },
    { EEXIST, EXIT_AGAIN, "a byte there is patched already" },
    { EPROTO, EXIT_AGAIN, "another program has written to the log's ring" },
    { ECANCELED, EXIT_INTERRUPTED, "interrupted" },
    { EINTR, EXIT_AGAIN, "interrupted; try again" },
    { ENOMEM, EXIT_AGAIN, "the domain's paging pool is used up; destroy views, "
      "or give the domain more shadow_memory (xl.cfg(5)), and try again" },
    { ENOBUFS, EXIT_AGAIN, "dom0 has no memory for the call" },
    { E2BIG, EXIT_USAGE, "a large range lies over too many smaller overrides; "
      "set that range by itself, with xen-altp2m access" },
    { EFAULT, EXIT_AGAIN, "Xen can't read or write this program's memory" },
    { ENOSPC, EXIT_AGAIN, "the domain has as many views as it can have; "
      "destroy one and try again" },
};

static void say(const char *format, va_list args)
{
    fflush(stdout);
    fputs("xen-altp2m: ", stderr);
    vfprintf(stderr, format, args);
}

int complain(int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

static int exit_code_of(int error)
{
    for ( unsigned int i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++ )
        if ( meanings[i].error == error )
            return meanings[i].code;
    return EXIT_AGAIN;
}

static const char *meaning(int error)
{
    for ( unsigned int i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++ )
        if ( meanings[i].error == error )
            return meanings[i].text;
    return strerror(error);
}

int complain_errno(int error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    fprintf(stderr, ": %s\n", meaning(error));
    return exit_code_of(error);
}

void *checked(void *memory)
{
    if ( !memory )
        exit(complain(EXIT_AGAIN, "out of memory"));
    return memory;
}
