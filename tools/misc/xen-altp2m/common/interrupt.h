/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ctrl-C, SIGTERM and a closed terminal, while something must not be left half
 * done: they are noted, and whoever is at work undoes it and ends.
 */
#ifndef XEN_ALTP2M_INTERRUPT_H
#define XEN_ALTP2M_INTERRUPT_H

#include <stdbool.h>

/* From here on signals are noted only.  Calls nest. */
void interrupts_hold(void);
/* Ends the outermost hold.  What was noted is forgotten. */
void interrupts_release(void);
/* Has one come since the outermost hold began? */
bool interrupted(void);

#endif /* XEN_ALTP2M_INTERRUPT_H */
