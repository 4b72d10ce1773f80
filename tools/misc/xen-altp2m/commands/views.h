/* SPDX-License-Identifier: GPL-2.0-only */
/* What subcommands that make views share. */
#ifndef XEN_ALTP2M_VIEWS_H
#define XEN_ALTP2M_VIEWS_H

#include "command.h"
#include "common/domain.h"

/* Has no view but @self the name of --name?  NULL: no view at all. */
int check_name_free(const struct domain *d, const struct args *args,
                    const struct dump *dump, const struct view *self);
/*
 * Hides it if asked for, labels it, and prints its index.  On failure it is
 * destroyed, and an exit code returned.
 */
int finish_view(struct domain *d, const struct args *args, unsigned int index,
                const char *name, const char *role);
void print_new_view(const struct args *args, unsigned int index);

#endif /* XEN_ALTP2M_VIEWS_H */
