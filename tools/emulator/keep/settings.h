/* SPDX-License-Identifier: GPL-2.0-only */
/* What the CPU is to keep, and where reports go. */
#ifndef KEEP_SETTINGS_H
#define KEEP_SETTINGS_H

#include <cstdio>

struct keep_settings {
    bool on;
    bool leaves;      /* whole translations */
    bool links;       /* where lower tables are */
    bool aliases;     /* a violation drops those of its linear address alone */
    bool clean;       /* VMCB clean bits */
    unsigned ahead;   /* 1: neighbours of an entry; 2: pages used before, in all
                         views of the list, at each entry; 3: both */
    unsigned asids;   /* so many, that they are soon used up; 0: as the CPU has */
    unsigned grace;   /* with several CPUs: instructions within which a flush
                         has to follow, in thousands */
    unsigned late;    /* with several CPUs: so many instructions of the guest's
                         until it is interrupted */
    FILE *log;
};

extern keep_settings keep_set;

#endif
