/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of a view: as lines of text, and as JSON. */
#ifndef XEN_ALTP2M_RULE_H
#define XEN_ALTP2M_RULE_H

#include "common/json.h"
#include "common/number.h"

#include <xenaltp2m.h>

/* A rule whose views are not looked up yet. */
struct rule
{
    struct xen_altp2m_rule r;
    char *view, *step_view;    /* as the user named them; or NULL */
};

/* One more than there may be, so that too many are seen. */
struct rules
{
    struct rule rule[XEN_ALTP2M_MAX_RULES + 1];
    unsigned int nr;
};

/* These complain by themselves and return an exit code. */

/* A line: "RANGE ACCESS [CONDITION...] ACTION", or nothing.  Writes to it. */
int parse_rule(char *line, struct rules *rules);
/* Lines, or what rules --json printed. */
int read_rules(const char *path, struct rules *rules);

void print_rule(FILE *out, const struct xen_altp2m_rule *r);
void rule_to_json(yajl_gen g, const struct xen_altp2m_rule *r);

#endif /* XEN_ALTP2M_RULE_H */
