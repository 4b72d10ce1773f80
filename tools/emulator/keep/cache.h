/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one CPU keeps: for each context (an EP4TA, or an ASID) whole translations
 * and the places of lower tables.  Nothing is ever evicted.
 */
#ifndef KEEP_CACHE_H
#define KEEP_CACHE_H

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

enum { LEVELS = 4, LARGEST = 3 };   /* leaves are at levels 0 to 2 */

/* A translation of a guest-physical page, of the size of an entry at @level. */
struct Leaf {
    Bit64u entry;            /* with A and D as the CPU set them */
    Bit32u upper;            /* rights of all entries above */
    Bit8u level;
    bool dirty;              /* a write need not set D */
    bool ahead;              /* read ahead, never used before */
    Bit64u born;             /* VM entries of this CPU until then */
    Bit64u checked;          /* the last time that it was compared: stamp() */
    Bit32u reported;         /* differences that were */

    /* Linear pages that it was used for since the guest's last flush. */
    Bit64u linear[4], epoch;
    unsigned linears;
};

/* A combined mapping that outlived its guest-physical one. */
struct Alias {
    Leaf leaf;
    Bit64u linear, epoch;
    Bit32u vpid;
};

/* The table at a level, found on an earlier walk. */
struct Link {
    Bit64u table;
    Bit32u upper;
    Bit64u born, checked;
    Bit32u reported;
};

struct Context {
    std::unordered_map<Bit64u, Leaf> leaf[LARGEST];   /* by gpa >> shift(level) */
    std::unordered_map<Bit64u, Link> link[LARGEST];   /* by gpa >> shift(level + 1) */
    std::unordered_map<Bit64u, std::vector<Alias>> alias;  /* by gpa >> 12 */
    bool mbe = false;
};

/* A difference on a machine with several CPUs: a flush may be on its way. */
struct Suspect {
    Bit64u key;              /* of the context */
    Bit64u since;            /* the emulator's time, in instructions */
    std::string line;
};

struct Cpu {
    std::unordered_map<Bit64u, Context> context;
    std::vector<Bit64u> used;              /* pages, for reading ahead */
    std::unordered_set<Bit64u> used_set;
    size_t next_used = 0, next_view = 0;
    Bit64u entries = 0, flushes = 0, epoch = 0;
    Bit64u waits = 0;                      /* instructions when an interrupt came */
    Bit32u asid = 0, vpid = 0;
    std::vector<Suspect> suspect;
};

struct Access {
    Bit64u gpa;
    Bit32u mask;             /* rights that it needs */
    Bit64u laddr;
    bool linear;             /* @gpa is the translation of @laddr */
};

/* What the tables in memory say. */
struct Now {
    enum { MAPPED, ABSENT, BAD } is;
    unsigned level;
    Bit64u entry;
    Bit32u upper;
    bool accessed;           /* A is set on the whole way */
    bool reached[LEVELS];
    Bit64u table[LEVELS];
    Bit32u above[LEVELS];    /* rights of the entries above that table */
    Bit64u value[LEVELS];    /* its entry */
};

/* What debug builds fill tables with that they give back. */
static const Bit64u POISON = ~BX_CONST64(0);

struct keep_counts {
    Bit64u entries, flush_all, flush_one, hits, links, walks, faults, bad,
           again, ahead, aliases, clean, deferred, gained, stale, stale_vmcb;
};

extern keep_counts keep_count;

Cpu *cpu_of(BX_CPU_C *cpu);
Bit64u read_entry(BX_CPU_C *cpu, Bit64u addr);
Bit64u now();

/* judge.cc: compares, and reports what differs. */
template <class F> void judge_leaf(BX_CPU_C *cpu, Bit64u key, Leaf *leaf, const Now &now,
                                   const Access &access, bool mbe, bool ad);
template <class F> void judge_link(BX_CPU_C *cpu, Bit64u key, Link *link, unsigned level,
                                   const Now &now, const Access &access);
void judge_vmcb(BX_CPU_C *cpu, unsigned group, unsigned offset, Bit64u kept, Bit64u memory);
template <class F> void judge_freed(BX_CPU_C *cpu, Bit64u key, const Now &now, const Access &access);
void flush_came(Cpu *c, bool all, Bit64u key);
void suspects_due(Cpu *c, bool end);

#endif
