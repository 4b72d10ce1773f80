/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMCB clean bits (APM Vol. 2, 15.15): fields of a group that software says is
 * clean are those of the last VMRUN or #VMEXIT of that VMCB on this CPU, whatever
 * is in memory.
 */
#include <cstring>
#include <unordered_map>

#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu/cpu.h"

#include "keep.h"
#include "settings.h"
#include "walk.h"

#if BX_SUPPORT_SVM

enum { VMCB_KEPT = 0x700 };

struct Kept {
    Bit8u byte[VMCB_KEPT];
    bool known[VMCB_KEPT];
};

static std::unordered_map<Bit64u, Kept> kept[BX_MAX_SMP_THREADS_SUPPORTED];
static Bit32u clean;
static bool loading;

/* Which fields each clean bit is about: table 15-8 and appendix B. */
static const struct { unsigned first, last, group; } fields[] = {
    { 0x000, 0x013, 0 }, { 0x03c, 0x03f, 0 }, { 0x050, 0x057, 0 },   /* intercepts, TSC offset */
    { 0x040, 0x04f, 1 },                                             /* I/O and MSR maps */
    { 0x058, 0x05b, 2 },                                             /* ASID */
    { 0x060, 0x067, 3 },                                             /* virtual interrupts */
    { 0x090, 0x090, 4 }, { 0x0b0, 0x0b7, 4 }, { 0x668, 0x66f, 4 },   /* nested paging, PAT */
    { 0x548, 0x55f, 5 }, { 0x4d0, 0x4d7, 5 },                        /* CR0, CR3, CR4, EFER */
    { 0x560, 0x56f, 6 },                                             /* DR6, DR7 */
    { 0x460, 0x46f, 7 }, { 0x480, 0x48f, 7 },                        /* GDTR, IDTR */
    { 0x400, 0x43f, 8 }, { 0x4cb, 0x4cb, 8 },                        /* segments, CPL */
    { 0x640, 0x647, 9 },                                             /* CR2 */
};

static int group_of(unsigned offset)
{
    for (const auto &f : fields)
        if (offset >= f.first && offset <= f.last)
            return f.group;

    return -1;
}

static Kept *kept_of(BX_CPU_C *cpu) { return &kept[cpu->which_cpu()][cpu->vmcbptr]; }

void keep_vmcb_begin(Bit32u bits)
{
    loading = keep_set.clean;
    clean = bits;
}

void keep_vmcb_end() { loading = false; }

Bit64u keep_vmcb_read(BX_CPU_C *cpu, unsigned offset, unsigned size, Bit64u memory)
{
    int group = loading ? group_of(offset) : -1;
    Kept *k;
    Bit64u value = 0;

    if (group < 0)
        return memory;

    k = kept_of(cpu);
    if (!(clean & (1u << group)) || !k->known[offset] || !k->known[offset + size - 1])
    {
        keep_vmcb_write(cpu, offset, size, memory);
        return memory;
    }

    memcpy(&value, k->byte + offset, size);
    keep_count.clean++;
    if (value != memory)
        judge_vmcb(cpu, group, offset, value, memory);

    return value;
}

void keep_vmcb_write(BX_CPU_C *cpu, unsigned offset, unsigned size, Bit64u value)
{
    Kept *k;

    if (!keep_set.clean || group_of(offset) < 0)
        return;

    k = kept_of(cpu);
    memcpy(k->byte + offset, &value, size);
    memset(k->known + offset, true, size);
}

#endif
