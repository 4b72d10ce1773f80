/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tool says when something goes wrong, and how it then exits. */
#ifndef XEN_ALTP2M_MESSAGE_H
#define XEN_ALTP2M_MESSAGE_H

/* Part of the interface: scripts rely on these. */
enum exit_code
{
    EXIT_DONE        = 0,
    EXIT_DIFFERENT   = 1, /* a difference was found, an audit failed */
    EXIT_USAGE       = 2,
    EXIT_NOT_FOUND   = 3, /* no such domain or view */
    EXIT_UNSUPPORTED = 4, /* not here; the message says why */
    EXIT_DENIED      = 5,
    EXIT_AGAIN       = 6, /* may work later: in use, out of memory */
    EXIT_INTERRUPTED = 130, /* by a signal; nothing is changed */
};

/* "xen-altp2m: ..." on stderr.  Returns code, to be returned in turn. */
int complain(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same, for a library call that failed with this errno: adds what that
 * means here and what to do about it.
 */
int complain_errno(int error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void *checked(void *memory); /* ends the program where there is none */

#endif /* XEN_ALTP2M_MESSAGE_H */
