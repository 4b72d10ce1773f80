/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's page tables: SDM Vol. 3A, 4.3 to 4.5; APM Vol. 2, 5.2 and 5.3. */
#include "common/translate.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xen/hvm/save.h>

#define CR0_PG   (1ULL << 31)
#define CR4_PSE  (1ULL << 4)
#define CR4_PAE  (1ULL << 5)
#define CR4_LA57 (1ULL << 12)
#define EFER_LMA (1ULL << 10)

#define ENTRY_PRESENT 1u
#define ENTRY_PAGE    0x80u      /* leads to a page above the lowest level */
#define ADDRESS_MASK  0x000ffffffffff000ULL

struct tables
{
    struct domain *d;
    uint64_t root;               /* cr3 */
    unsigned int levels;         /* 0: paging is off */
    unsigned int bits;           /* of the address, each level */
    unsigned int entry;          /* bytes of an entry */
    bool large;                  /* 4 MiB pages, where entries have 4 bytes */
};

/* How a vCPU translates, and by which root unless @args says another. */
static int tables_of(struct domain *d, const struct args *args,
                     struct tables *t)
{
    HVM_SAVE_TYPE(CPU) cpu;
    uint64_t vcpu = 0;

    if ( args->given[OPT_VA_VCPU] )
        parse_number(args->value[OPT_VA_VCPU], 8191, &vcpu);
    if ( xc_domain_hvm_getcontext_partial(d->xch, d->domid, HVM_SAVE_CODE(CPU),
                                          vcpu, &cpu, sizeof(cpu)) )
        return errno == ENOENT || errno == EINVAL
               ? complain(EXIT_NOT_FOUND, "domain %s has no vCPU %" PRIu64
                          " online", d->text, vcpu)
               : complain_errno(errno, "domain %s: can't read the registers of "
                                "vCPU %" PRIu64, d->text, vcpu);

    *t = (struct tables){ .d = d, .root = cpu.cr3, .bits = 9, .entry = 8,
                          .large = cpu.cr4 & CR4_PSE };
    if ( args->given[OPT_CR3] )
        parse_number(args->value[OPT_CR3], UINT64_MAX, &t->root);
    if ( !(cpu.cr0 & CR0_PG) )
        t->levels = 0;
    else if ( cpu.msr_efer & EFER_LMA )
        t->levels = cpu.cr4 & CR4_LA57 ? 5 : 4;
    else if ( cpu.cr4 & CR4_PAE )
        t->levels = 3;
    else
    {
        t->levels = 2;
        t->bits = 10;
        t->entry = 4;
    }
    return EXIT_DONE;
}

static int read_entry(const struct tables *t, uint64_t address, uint64_t *entry)
{
    const unsigned char *page = map_page(t->d, address / PAGE_BYTES);

    if ( !page )
        return complain(EXIT_NOT_FOUND, "domain %s: its page tables lead to gfn "
                        "0x%" PRIx64 ", which has no page", t->d->text,
                        (uint64_t)(address / PAGE_BYTES));
    *entry = 0;
    memcpy(entry, page + address % PAGE_BYTES, t->entry);
    unmap_page(t->d, page);
    return EXIT_DONE;
}

/* Is that an entry that leads to a page, though there are levels below? */
static bool is_large(const struct tables *t, uint64_t entry, unsigned int level)
{
    if ( !level || !(entry & ENTRY_PAGE) )
        return false;
    return t->entry == 4 ? t->large : level <= (t->levels == 3 ? 1 : 2);
}

/*
 * Bits of the address behind what a large entry leads to; of 4 MiB 32 are all.
 */
static uint64_t large_page(const struct tables *t, uint64_t entry,
                           uint64_t offset_mask)
{
    if ( t->entry == 4 )
        return (entry & 0xffc00000ULL) | ((entry & 0x1fe000ULL) << 19);
    return entry & ADDRESS_MASK & ~offset_mask;
}

/* The root of three levels has four entries, and need not begin a page. */
static uint64_t root_of(const struct tables *t)
{
    if ( t->entry == 4 )
        return t->root & 0xfffff000ULL;
    return t->levels == 3 ? t->root & 0xffffffe0ULL : t->root & ADDRESS_MASK;
}

static int translate(const struct tables *t, uint64_t va, uint64_t *gfn)
{
    uint64_t table = root_of(t), entry;

    *gfn = va / PAGE_BYTES;
    for ( unsigned int level = t->levels; level--; )
    {
        unsigned int shift = 12 + level * t->bits;
        unsigned int index = (va >> shift) & ((1u << t->bits) - 1);
        int code;

        if ( t->levels == 3 && level == 2 )
            index &= 3;
        code = read_entry(t, table + index * t->entry, &entry);
        if ( code )
            return code;
        if ( !(entry & ENTRY_PRESENT) )
            return complain(EXIT_NOT_FOUND, "domain %s: address 0x%" PRIx64
                            " is not mapped by the page tables at 0x%" PRIx64,
                            t->d->text, va, t->root);
        if ( is_large(t, entry, level) )
        {
            uint64_t mask = (1ULL << shift) - 1;

            *gfn = (large_page(t, entry, mask) | (va & mask)) / PAGE_BYTES;
            return EXIT_DONE;
        }
        table = t->entry == 4 ? entry & 0xfffff000ULL : entry & ADDRESS_MASK;
        *gfn = table / PAGE_BYTES;
    }
    return EXIT_DONE;
}

static void add_gfn(struct ranges *r, uint64_t gfn)
{
    struct range *last = r->nr ? &r->range[r->nr - 1] : NULL;

    if ( last && last->first + last->pages == gfn )
    {
        last->pages++;
        return;
    }
    if ( r->nr == r->room )
    {
        r->room = r->room ? 2 * r->room : 16;
        r->range = checked(reallocarray(r->range, r->room, sizeof(*r->range)));
    }
    r->range[r->nr++] = (struct range){ gfn, 1 };
}

static int translate_all(struct domain *d, const struct args *args,
                         const struct va_range *va, struct ranges *ranges)
{
    uint64_t page = va->first / PAGE_BYTES, gfn;
    struct tables tables;
    int code = tables_of(d, args, &tables);

    for ( ; !code && page <= va->last / PAGE_BYTES; page++ )
    {
        code = translate(&tables, page * PAGE_BYTES, &gfn);
        if ( !code )
            add_gfn(ranges, gfn);
    }
    return code;
}

int resolve_ranges(struct domain *d, const struct args *args,
                   unsigned int operand, struct ranges *ranges)
{
    struct va_range va;
    struct range range;
    int code;

    *ranges = (struct ranges){ 0 };
    if ( args->given[OPT_VA] )
    {
        va_range_fault(args->operand[operand], &va);
        code = translate_all(d, args, &va, ranges);
        if ( code )
            free(ranges->range);
        return code;
    }
    range_fault(args->operand[operand], &range);
    ranges->range = checked(malloc(sizeof(range)));
    ranges->range[0] = range;
    ranges->nr = ranges->room = 1;
    return EXIT_DONE;
}

int resolve_range(struct domain *d, const struct args *args,
                  unsigned int operand, struct range *range)
{
    struct ranges list;
    int code = resolve_ranges(d, args, operand, &list);

    if ( code )
        return code;
    *range = list.range[0];
    if ( list.nr > 1 )
        code = complain(EXIT_USAGE, "'%s' leads to %zu ranges of gfns, and %s "
                        "takes one: give less of it", args->operand[operand],
                        list.nr, args->command->name);
    free(list.range);
    return code;
}

int resolve_address(struct domain *d, const struct args *args,
                  unsigned int operand, struct address *at)
{
    struct va_range va;
    struct tables tables;
    int code;

    /* The very pointer: see take_operands(). */
    if ( args->operand[operand] != args->value[OPT_VA] )
    {
        address_fault(args->operand[operand], at);
        return EXIT_DONE;
    }
    va_range_fault(args->value[OPT_VA], &va);
    at->offset = va.first % PAGE_BYTES;
    code = tables_of(d, args, &tables);
    return code ?: translate(&tables, va.first - at->offset, &at->gfn);
}
