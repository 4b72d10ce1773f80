/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/file.h"
#include "common/interrupt.h"
#include "common/message.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* With errno 0, the caller knows why, and has said it. */
static int cant_write(const char *path)
{
    if ( !errno )
        return EXIT_AGAIN;
    /* A full disk may have room later; a name that can't be used never has. */
    return complain(errno == ENOSPC || errno == EDQUOT || errno == EIO
                    ? EXIT_AGAIN : EXIT_USAGE,
                    "can't write %s: %s", path, strerror(errno));
}

/* Is the file as it was asked for?  Closes the stream. */
static bool written(FILE *f, bool (*write)(const void *arg, FILE *out),
                    const void *arg)
{
    bool good = write(arg, f);
    int error = errno;

    if ( fclose(f) )
        return false;
    errno = error;
    return good;
}

static int write_through(const char *path,
                         bool (*write)(const void *arg, FILE *out),
                         const void *arg)
{
    FILE *f = fopen(path, "w");

    return f && written(f, write, arg) ? EXIT_DONE : cant_write(path);
}

/* The mode and owner that a replaced file had, or those of a new one. */
static bool take_mode(int fd, const struct stat *old)
{
    mode_t mask;

    if ( old )
        /* Who may not give files away keeps it as his own. */
        return (!fchown(fd, old->st_uid, old->st_gid) || errno == EPERM) &&
               !fchmod(fd, old->st_mode & 07777);
    mask = umask(0);
    umask(mask);
    return !fchmod(fd, 0666 & ~mask);
}

/* A new name in the folder of @path; the caller frees it. */
static char *temporary_name(const char *path)
{
    char *copy = checked(strdup(path)), *base = checked(strdup(path)), *name;

    if ( asprintf(&name, "%s/.%s.XXXXXX", dirname(copy), basename(base)) < 0 )
        name = NULL;
    free(copy);
    free(base);
    return checked(name);
}

static int replace(const char *path, const struct stat *old,
                   bool (*write)(const void *arg, FILE *out), const void *arg)
{
    char *name = temporary_name(path);
    int fd = mkstemp(name), code;
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    if ( fd < 0 )
        code = cant_write(path);
    else if ( take_mode(fd, old) && written(f, write, arg) &&
              !interrupted() && !rename(name, path) )
        code = EXIT_DONE;
    else
    {
        code = interrupted() ? complain(EXIT_INTERRUPTED, "interrupted; %s is "
                                        "as it was", path) : cant_write(path);
        unlink(name);
    }
    free(name);
    return code;
}

int write_file(const char *path, bool (*write)(const void *arg, FILE *out),
               const void *arg)
{
    struct stat old;
    char *target;
    int code;

    if ( !path || !strcmp(path, "-") )
        return write(arg, stdout) || errno == EPIPE || !errno ? EXIT_DONE
               : complain(EXIT_AGAIN, "can't write: %s", strerror(errno));
    if ( stat(path, &old) )
        /* A link to nothing would be replaced by the file. */
        target = lstat(path, &old) ? checked(strdup(path)) : NULL;
    else if ( !S_ISREG(old.st_mode) )
        return write_through(path, write, arg);
    else
        target = realpath(path, NULL); /* what a link leads to */
    if ( !target )
        return write_through(path, write, arg);
    interrupts_hold();
    code = replace(target, stat(target, &old) ? NULL : &old, write, arg);
    interrupts_release();
    free(target);
    return code;
}
