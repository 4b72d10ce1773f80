/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares what a CPU has kept, when it uses it, with what the tables say, and
 * reports what differs.
 *
 * A hypervisor may leave behind translations with fewer rights than there are:
 * they cost a fault that is over.  Anything else that differs is a flush that is
 * missing, late or for the wrong context.  With one CPU that is certain: the
 * tables change outside the guest, and each way in is a VM entry that could have
 * flushed.  With several, another CPU may just be changing them, and owes the
 * flush at the end: it has keep_set.grace to come.
 */
#include <cstdarg>

#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu/cpu.h"
#include "memory/memory-bochs.h"
#include "pc_system.h"

#include "keep.h"
#include "settings.h"
#include "walk.h"

keep_counts keep_count;

enum Difference {
    DIFF_FRAME = 1, DIFF_LOST = 2, DIFF_GAINED = 4, DIFF_GONE = 8, DIFF_BAD = 16,
    DIFF_TYPE = 32, DIFF_DIRTY = 64, DIFF_TABLE = 128, DIFF_FREED = 256,
};

/* What no flush has to follow. */
static const Bit32u ALLOWED = DIFF_GAINED;

static std::string differences(Bit32u set)
{
    static const char *const names[] = {
        "frame", "rights-lost", "rights-gained", "gone", "misconfigured",
        "memory-type", "not-dirty", "other-table", "no-table",
    };
    std::string s;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (set & (1 << i))
            s += (s.empty() ? "" : "+") + std::string(names[i]);

    return s;
}

static std::string rwx(Bit32u rights)
{
    return std::string(rights & R ? "r" : "-") + (rights & W ? "w" : "-") + (rights & X ? "x" : "-");
}

static std::string format(const char *how, ...)
{
    char text[512];
    va_list args;

    va_start(args, how);
    vsnprintf(text, sizeof(text), how, args);
    va_end(args);

    return text;
}

Bit64u now() { return bx_pc_system.time_ticks(); }

/* A fault may show in each of a million accesses: so many reports of a while will do. */
static bool room()
{
    static const Bit64u WHILE = 20000000;
    static Bit64u since;
    static unsigned int nr;

    if (now() - since > WHILE)
    {
        since = now();
        nr = 0;
    }

    return nr++ < 20;
}

static void stale(const std::string &line)
{
    keep_count.stale++;
    if (room())
        fprintf(keep_set.log, "keep: STALE %s\n", line.c_str());
}

static void report(BX_CPU_C *cpu, const char *what, Bit64u key, Bit32u set, Bit32u *reported,
                   Bit64u born, const Access &a, const std::string &kept, const std::string &is)
{
    Cpu *c = cpu_of(cpu);

    if (!(set & ~ALLOWED))
    {
        keep_count.gained++;
        return;
    }
    if (!(set & ~*reported))
        return;
    *reported |= set;

    std::string line = what +
        format(" of %llx: %s at gpa %llx, by %s%s: kept ", (unsigned long long)key,
               differences(set).c_str(), (unsigned long long)a.gpa, rwx(a.mask).c_str(),
               a.linear ? "" : " (walk)") +
        kept + ", now " + is +
        format("; linear %llx rip %llx cpu %u, kept for %llu of %llu VM entries, %llu flushes",
               (unsigned long long)a.laddr, (unsigned long long)cpu->prev_rip, cpu->which_cpu(),
               (unsigned long long)(c->entries - born), (unsigned long long)c->entries,
               (unsigned long long)c->flushes);

    if (BX_SMP_PROCESSORS == 1)
        stale(line);
    else
        c->suspect.push_back({ key, now(), line });
}

/* A flush of a context, or of all: what was suspected of it was only early. */
void flush_came(Cpu *c, bool all, Bit64u key)
{
    for (size_t i = c->suspect.size(); i--; )
        if (all || c->suspect[i].key == key)
        {
            keep_count.deferred++;
            c->suspect.erase(c->suspect.begin() + i);
        }
}

/* Report suspects for which no flush has come; at the @end, all that are left. */
void suspects_due(Cpu *c, bool end)
{
    for (size_t i = c->suspect.size(); i--; )
        if (end || now() - c->suspect[i].since > keep_set.grace * BX_CONST64(1000))
        {
            stale(c->suspect[i].line);
            c->suspect.erase(c->suspect.begin() + i);
        }
}

static std::string entry_text(Bit64u entry, unsigned level, Bit32u rights)
{
    return format("%llx (level %u, %s)", (unsigned long long)entry, level, rwx(rights).c_str());
}

template <class F> void judge_leaf(BX_CPU_C *cpu, Bit64u key, Leaf *leaf, const Now &n,
                                   const Access &a, bool mbe, bool ad)
{
    Bit32u had = leaf->upper & F::rights(leaf->entry, mbe), has = 0, set = 0;

    if (n.is == Now::ABSENT)
        set = DIFF_GONE;
    else if (n.is == Now::BAD)
        set = DIFF_BAD;
    else
    {
        has = n.upper & F::rights(n.entry, mbe);
        if (frame_of(leaf->entry, leaf->level, a.gpa) != frame_of(n.entry, n.level, a.gpa))
            set |= DIFF_FRAME;
        if (had & ~has)
            set |= DIFF_LOST;
        if (has & ~had)
            set |= DIFF_GAINED;
        if ((leaf->entry ^ n.entry) & F::memory_type)
            set |= DIFF_TYPE;
        if (F::logs_dirty && ad && (a.mask & had & has & W) && !(n.entry & F::dirty))
            set |= DIFF_DIRTY;
    }
    if (set)
        report(cpu, (std::string(F::name) + (leaf->ahead ? " entry, read ahead," : " entry")).c_str(),
               key, set, &leaf->reported, leaf->born, a, entry_text(leaf->entry, leaf->level, had),
               std::string(n.is == Now::ABSENT ? "absent " : n.is == Now::BAD ? "misconfigured " : "") +
               entry_text(n.entry, n.level, has));
}

template <class F> void judge_link(BX_CPU_C *cpu, Bit64u key, Link *link, unsigned level,
                                   const Now &n, const Access &a)
{
    Bit32u set = 0;

    if (!n.reached[level])
        set = DIFF_FREED;
    else if (n.table[level] != link->table)
        set = DIFF_TABLE;
    else
    {
        if (link->upper & ~n.above[level])
            set |= DIFF_LOST;
        if (n.above[level] & ~link->upper)
            set |= DIFF_GAINED;
    }
    if (set)
        report(cpu, (std::string(F::name) + " table").c_str(), key, set, &link->reported, link->born, a,
               format("%llx (level %u, %s)", (unsigned long long)link->table, level, rwx(link->upper).c_str()),
               n.reached[level] ? format("%llx (%s)", (unsigned long long)n.table[level],
                                         rwx(n.above[level]).c_str())
                                : "none");
}

/* No flush that is still to come excuses a walk of a table that was given back. */
template <class F> void judge_freed(BX_CPU_C *cpu, Bit64u key, const Now &n, const Access &a)
{
    stale(format("%s table of %llx: freed: %llx (level %u) at gpa %llx, by %s; linear %llx rip %llx cpu %u",
                 F::name, (unsigned long long)key, (unsigned long long)n.table[n.level], n.level,
                 (unsigned long long)a.gpa, rwx(a.mask).c_str(), (unsigned long long)a.laddr,
                 (unsigned long long)cpu->prev_rip, cpu->which_cpu()));
}

template void judge_freed<Ept>(BX_CPU_C *, Bit64u, const Now &, const Access &);
template void judge_freed<Npt>(BX_CPU_C *, Bit64u, const Now &, const Access &);
template void judge_leaf<Ept>(BX_CPU_C *, Bit64u, Leaf *, const Now &, const Access &, bool, bool);
template void judge_leaf<Npt>(BX_CPU_C *, Bit64u, Leaf *, const Now &, const Access &, bool, bool);
template void judge_link<Ept>(BX_CPU_C *, Bit64u, Link *, unsigned, const Now &, const Access &);
template void judge_link<Npt>(BX_CPU_C *, Bit64u, Link *, unsigned, const Now &, const Access &);

void judge_vmcb(BX_CPU_C *cpu, unsigned group, unsigned offset, Bit64u kept, Bit64u memory)
{
    keep_count.stale_vmcb++;
    if (room())
        fprintf(keep_set.log, "keep: STALE VMCB field %#x, clean bit %u: kept %llx, now %llx; "
                "VMCB %llx, VM entry %llu\n", offset, group, (unsigned long long)kept,
                (unsigned long long)memory, (unsigned long long)cpu->vmcbptr,
                (unsigned long long)cpu_of(cpu)->entries);
}

void keep_summary()
{
    const keep_counts &n = keep_count;

    if (!keep_set.on || !keep_set.log)
        return;

    for (unsigned i = 0; i < BX_SMP_PROCESSORS; i++)
        suspects_due(cpu_of(BX_CPU(i)), false);
    fprintf(keep_set.log, "keep: %llu VM entries, %llu flushes of all, %llu of one; %llu uses of kept "
            "translations, %llu of kept tables, %llu walks, %llu aliases; %llu violations, "
            "%llu misconfigurations, %llu looked at again; %llu read ahead; %llu clean VMCB fields; "
            "%llu uses with rights gained, %llu stale until a flush that followed\n"
            "keep: %llu stale uses, %llu stale VMCB fields\n",
            (unsigned long long)n.entries, (unsigned long long)n.flush_all, (unsigned long long)n.flush_one,
            (unsigned long long)n.hits, (unsigned long long)n.links, (unsigned long long)n.walks,
            (unsigned long long)n.aliases, (unsigned long long)n.faults, (unsigned long long)n.bad,
            (unsigned long long)n.again, (unsigned long long)n.ahead, (unsigned long long)n.clean,
            (unsigned long long)n.gained, (unsigned long long)n.deferred,
            (unsigned long long)n.stale, (unsigned long long)n.stale_vmcb);
    fflush(keep_set.log);
    keep_set.on = false;
}
