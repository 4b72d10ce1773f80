/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing a file that somebody may rely on. */
#ifndef XEN_ALTP2M_FILE_H
#define XEN_ALTP2M_FILE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Calls @write with a stream to @path; NULL and "-" are standard output.  A
 * regular file is replaced when all is written, and keeps its mode and owner;
 * until then, and on failure, it stays as it was.  Anything else that exists (a
 * device, a pipe) is written through to.  @write returns false on failure, with
 * errno 0 if it has complained.  Complains by itself; an exit code.
 */
int write_file(const char *path, bool (*write)(const void *arg, FILE *out),
               const void *arg);

#endif /* XEN_ALTP2M_FILE_H */
