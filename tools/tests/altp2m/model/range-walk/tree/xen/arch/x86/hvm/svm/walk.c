/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks of the guest's page tables, and reads of its code, as its CPU makes
 * them.
 *
 * The guest's memory is only read: no accessed bit is set, nothing is populated
 * or paged in, and no exception raised.  Rights are not looked at.
 */

#include <xen/domain_page.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/sched.h>

#include <asm/altp2m.h>
#include <asm/p2m.h>
#include <asm/page.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/support.h>
#include <asm/hvm/svm/gla.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

#define ENTRY_ADDRESS (PADDR_MASK & PAGE_MASK)

/*
 * Reads @size bytes of the guest's memory, in one page, as the view shows it.
 * Returns false if there is no RAM at present.  Lock held.
 */
static bool read_guest(struct vcpu *v, paddr_t gpa, void *data,
                       unsigned int size)
{
    p2m_type_t t;
    struct page_info *page;
    const uint8_t *map;

    if ( altp2m_read_seen(v, gpa, data, size) )
        return true;

    page = get_page_from_gfn(v->domain,
                             gfn_x(altp2m_gfn(v, gaddr_to_gfn(gpa))), &t, 0);
    if ( !page )
        return false;

    map = __map_domain_page(page);
    memcpy(data, map + (gpa & ~PAGE_MASK), size);
    unmap_domain_page(map);
    put_page(page);

    return true;
}

/*
 * Returns the address that a leaf's entry leads to.  A leaf of the 32-bit
 * format that maps 4 MiB has bits 39:32 in 20:13 (APM Vol. 2, 5.2.3).
 */
static paddr_t leaf_address(uint64_t entry, unsigned long linear,
                            unsigned int shift)
{
    paddr_t mask = (1UL << shift) - 1;

    if ( shift == 22 )
        entry = (entry & 0xffc00000) | ((entry & 0x001fe000) << 19);

    return (entry & ENTRY_ADDRESS & ~mask) | (linear & mask);
}

/*
 * Walks the guest's page tables for @linear.  Returns false if it is not
 * mapped.  Lock held.
 */
bool svm_walk(struct vcpu *v, unsigned long linear, struct svm_walk *w)
{
    bool lma = hvm_long_mode_active(v), pae = hvm_pae_enabled(v);
    unsigned int bits = pae ? 9 : 10, size = pae ? 8 : 4;
    unsigned int level = lma ? 4 : pae ? 3 : 2;
    paddr_t table = v->arch.hvm.guest_cr[3] &
                    (lma ? ENTRY_ADDRESS : pae ? 0xffffffe0UL : 0xfffff000UL);

    w->entry_read = false;
    w->gpa = linear;
    if ( !hvm_paging_enabled(v) )
        return true;

    for ( ; ; level-- )
    {
        unsigned int shift = PAGE_SHIFT + (level - 1) * bits;
        paddr_t at = table + ((linear >> shift) & ((1UL << bits) - 1)) * size;
        uint64_t entry = 0;

        w->entry_read |= at == (w->entry & -(paddr_t)size);
        if ( !read_guest(v, at, &entry, size) || !(entry & _PAGE_PRESENT) )
            return false;

        if ( level == 1 ||
             ((entry & _PAGE_PSE) && (level == 2 || (level == 3 && lma)) &&
              (pae || (v->arch.hvm.guest_cr[4] & X86_CR4_PSE))) )
        {
            w->gpa = leaf_address(entry, linear, shift);
            return true;
        }

        table = entry & ENTRY_ADDRESS;
    }
}

/*
 * Reads the instruction at @linear, up to SVM_MAX_INSN bytes.  Returns how many
 * bytes of it and of what follows could be read.  A CPU with decode assists may
 * report those that it executed (APM Vol. 2, 15.8.4).  Lock held.
 */
unsigned int svm_read_code(struct vcpu *v, unsigned long linear, uint8_t *code)
{
    const struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;
    unsigned int done = 0;

    if ( cpu_has_svm_decode && (vmcb->guest_ins_len & 0xf) )
    {
        memcpy(code, vmcb->guest_ins, SVM_MAX_INSN);
        return vmcb->guest_ins_len & 0xf;
    }

    while ( done < SVM_MAX_INSN )
    {
        struct svm_walk w = {};
        unsigned int n = min(SVM_MAX_INSN - done,
                             (unsigned int)(PAGE_SIZE - (linear & ~PAGE_MASK)));

        if ( !svm_walk(v, linear, &w) || !read_guest(v, w.gpa, code + done, n) )
            break;
        done += n;
        linear += n;
        if ( !hvm_long_mode_active(v) )
            linear = (uint32_t)linear;
    }

    return done;
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
