/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU that keeps nested translations for as long as the manuals allow, and
 * says so whenever it uses one that the tables no longer have.
 *
 * This is what the emulator's own code calls, from hooks.patch.  The options are
 * words in the environment variable KEEP (settings.cc); without it the emulator
 * is what it was.
 */
#ifndef KEEP_H
#define KEEP_H

class BX_CPU_C;

/*
 * What a CPU knows before a walk of EPT or NPT begins: for each level whose bit
 * is set in @known, the entry that it uses in place of the one in memory.  Where
 * it has a whole translation, or the place of a lower table, the entries above
 * are made up: they lead there and give the rights that were found on the way.
 */
struct keep_walk {
    unsigned known;
    Bit64u entry[4];
};

static inline Bit64u keep_entry(const keep_walk &w, unsigned level,
                                Bit64u memory)
{
    return (w.known >> level) & 1 ? w.entry[level] : memory;
}

void keep_init();
void keep_summary();

/*
 * A walk begins; what comes of it is remembered, or forgotten.  @mask: the
 * rights that the access needs, as bits of an EPT entry.
 */
void keep_ept(BX_CPU_C *cpu, keep_walk *w, bx_phy_address gpa, Bit32u mask,
              bx_address laddr, bool laddr_valid, bool is_page_walk);
void keep_npt(BX_CPU_C *cpu, keep_walk *w, bx_phy_address gpa, unsigned rw,
              bool is_page_walk);
/* The linear address that the next keep_npt() is about. */
extern bx_address keep_laddr;

/* The guest or the hypervisor drops translations. */
void keep_guest_flush(unsigned cpu, unsigned what);
void keep_invept(BX_CPU_C *cpu, bool all, Bit64u eptp);
void keep_invlpga(BX_CPU_C *cpu);
void keep_vmentry(BX_CPU_C *cpu);
void keep_vmrun(BX_CPU_C *cpu, Bit32u asid, Bit8u tlb_control);

/* VMRUN reads fields of the VMCB that are said to be clean. */
void keep_vmcb_begin(Bit32u clean);
void keep_vmcb_end();
Bit64u keep_vmcb_read(BX_CPU_C *cpu, unsigned offset, unsigned size,
                      Bit64u memory);
void keep_vmcb_write(BX_CPU_C *cpu, unsigned offset, unsigned size,
                     Bit64u value);
bool keep_clean_bits();

/* Is an interrupt that waits for the guest's CPU still on its way there? */
bool keep_late(BX_CPU_C *cpu);
Bit32u keep_asids(Bit32u otherwise);

#endif
