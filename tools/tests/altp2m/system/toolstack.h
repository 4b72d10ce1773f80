/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that the distribution's xl makes. */
#ifndef ALTP2M_TEST_TOOLSTACK_H
#define ALTP2M_TEST_TOOLSTACK_H

#include "guest.h"

/* Runs a shell command; false if it fails. */
bool shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The number of a domain of that name, or 0. */
uint32_t xl_domid(const char *name);
/* Leaves the configuration in /tmp/NAME.cfg; later settings replace earlier. */
void xl_write_config(const char *name, const char *more_settings);
/* Fails if xl does. */
struct guest *xl_create(const char *name, const char *more_settings);

/* The guest suspends and is saved to /tmp/NAME.save; no guest is left here. */
void xl_save(struct guest *g, const char *name);
/* The guest reboots; no guest is left here.  The domain that it comes back as. */
uint32_t xl_reboot_guest(struct guest *g, const char *name);

#endif /* ALTP2M_TEST_TOOLSTACK_H */
