/* SPDX-License-Identifier: GPL-2.0-only */
/* The domain that a subcommand is about, and what is read of it. */
#ifndef XEN_ALTP2M_DOMAIN_H
#define XEN_ALTP2M_DOMAIN_H

#include "command.h"
#include "common/dump.h"

#include <xenaltp2m.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xenstore.h>

/* Later libxenctrl has no such names; xc_domain_getinfolist() is in all. */
#pragma GCC poison xc_dominfo_t xc_domain_getinfo

struct domain
{
    xenaltp2m_handle *alt;
    xc_interface *xch;
    xenforeignmemory_handle *memory; /* or NULL: opened when it is needed */
    struct xs_handle *store;  /* or NULL: no names then */
    unsigned int domid;
    const char *operand;      /* as the user named it: for command lines */
    char *name;               /* or NULL */
    char *text;               /* "1 guest": the domain, in all messages */
    struct xen_altp2m_capabilities capabilities;
};

/* An errno, or 0. */
int connect_xen(struct domain *d);

/* All these complain by themselves and return an exit code. */

/* Because of this errno. */
int cant_connect(int error);
/* By name or number; the domain exists.  Needs connect_xen(). */
int find_domain(struct domain *d, const char *operand);
/* Both, and views can be used and are on. */
int open_domain(struct domain *d, const char *operand);
/* The same, but for whether they are on. */
int open_domain_off(struct domain *d, const char *operand);
void close_domain(struct domain *d);

/* The page that the host has at a gfn, to be read; NULL with errno set. */
const unsigned char *map_page(struct domain *d, uint64_t gfn);
void unmap_page(struct domain *d, const unsigned char *page);

/* ---- fetch.c ---- */

#define FETCH_RUNS   1u
#define FETCH_TABLES 2u
#define FETCH_HOST   4u

/* All views, and of each what is asked for. */
int fetch(struct domain *d, unsigned int what, struct dump *dump);
int fetch_runs(struct domain *d, unsigned int view, struct runs *runs);
/*
 * Warns where a range reaches beyond the guest's memory, or has no page of it:
 * what is said about it counts when there are pages.
 */
void warn_without_pages(struct domain *d, const struct dump *dump,
                        const struct range *range);
/* The view that a user names by index or name. */
int pick_view(struct dump *dump, const char *operand, struct view **view);
/*
 * What most subcommands do first and last: open the domain that is the first
 * operand, list its views, pick the one that is the second; and let go of all
 * that after the action.
 */
typedef int (*domain_action)(struct domain *d, const struct args *args,
                             struct dump *dump);
typedef int (*view_action)(struct domain *d, const struct args *args,
                           struct dump *dump, struct view *view);
int on_domain(const struct args *args, domain_action action);
int on_view(const struct args *args, view_action action);

void override_to_run(const struct xen_altp2m_override *o, struct run *run);
void run_to_override(const struct run *run, struct xen_altp2m_override *o);

/* ---- label.c: names and roles, kept in xenstore ---- */

bool good_label(const char *text);
void read_labels(struct domain *d, struct view *view);
/* Asks only about views that have some. */
void read_all_labels(struct domain *d, struct dump *dump);
/* A view as messages name it, where only its index is known; keeps errno. */
const char *labelled(struct domain *d, unsigned int view);
/* NULL: leaves it as it is; "": forgets it. */
int write_labels(struct domain *d, unsigned int view, const char *name,
                 const char *role);
/* Of one view, or of all if -1. */
void forget_labels(struct domain *d, int view);

/* ---- check.c ---- */

/* Does a Xen without these operations answer so, asked for capabilities? */
bool lacks_operations(int error);
/* Why views can't be used, in words and with the remedy. */
int complain_no_operations(void);
int complain_why_not(const struct domain *d, uint32_t why_not);

#endif /* XEN_ALTP2M_DOMAIN_H */
