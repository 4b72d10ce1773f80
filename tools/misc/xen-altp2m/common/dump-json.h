/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON form of a map dump and of a saved view. */
#ifndef XEN_ALTP2M_DUMP_JSON_H
#define XEN_ALTP2M_DUMP_JSON_H

#include "common/dump.h"
#include "common/json.h"
#include "common/parts.h"

/* Of one view: what it is; what it costs. */
void json_view_head(yajl_gen g, const struct view *view);
void json_counters(yajl_gen g, const struct counters *counters);

bool write_dump(const struct dump *dump, FILE *out);
/* With those overrides; what was wrong with them is in their code. */
bool write_saved(const struct dump *dump, const struct view *view,
                 struct run_parts *runs, FILE *out);

/* Complain by themselves, naming what is wrong and where; an exit code. */
int read_dump(const char *path, struct dump *dump);
int read_saved(const char *path, struct view *view);

#endif /* XEN_ALTP2M_DUMP_JSON_H */
