/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entry memo, for every two entries that the host can have in a table, slots,
 * gfns and sides: what is derived from the one before is what the definition gives,
 * and so is what is taken for plain.
 *
 * Refuted: like-other-slot restricted-like-last plain-restricted
 */
#include "ept.c"

static inline bool is_epte_superpage(const ept_entry_t *e)
{
    return e->sp;
}

#include "xen-ept.inc"

/* The host's root, and the tables that its two entries lead to. */
static struct page_info page[3];
static mfn_t first_table;
static struct page_info *page_of(mfn_t mfn);
#undef mfn_to_page
#define mfn_to_page(mfn) page_of(mfn)

#include "entry.c"
#include "memo.c"
#include "follow.c"
#include "prove.h"

#define ROOT 1UL

static struct page_info *page_of(mfn_t mfn)
{
    return &page[mfn_eq(mfn, _mfn(ROOT)) ? 0 : mfn_eq(mfn, first_table) ? 1 : 2];
}

/* A function of the page's type and attributes only: any, but one. */
static int memory_type[16];
static bool ignores_pat[16];

int epte_get_entry_emt(struct domain *d, gfn_t gfn, mfn_t mfn,
                       unsigned int order, bool *ipat, p2m_type_t type)
{
    *ipat = ignores_pat[type & 15];

    return memory_type[type & 15];
}

void ept_sync_domain(struct p2m_domain *p2m) { }

/* As ept_set_entry() makes them: a hole, a table, or a leaf. */
static uint64_t any_host_entry(struct p2m_domain *hp2m, unsigned int level)
{
    ept_entry_t e = ept(any_u64());

    if ( any_bool() )
        return any_bool() ? EPTE_SVE : 0;

    given(!(e.mfn & (level_span(level) - 1)) && e.mfn > ROOT &&
          e.mfn < (1UL << 38));
    if ( level && any_bool() )
    {
        e.r = e.w = e.x = 1;
        e.sp = 0;
        e.sa_p2mt = 0;
        return e.epte;
    }

    e.sp = level > 0;
    given(e.sa_p2mt < 16 && e.access <= p2m_access_n2rwx &&
          e.emt <= MTRR_NUM_TYPES);
    ept_p2m_type_to_flags(hp2m, &e);

    return e.epte;
}

static struct altp2m_lookup any_host(struct p2m_domain *hp2m, unsigned int level)
{
    struct altp2m_lookup h = {
        .level = level, .gfn = any_u64(), .entry = any_host_entry(hp2m, level),
    };

    given(h.gfn <= MAX_GFN);

    return h;
}

/* Any two of a table's, or of what a superpage or a hole covers. */
static void any_two(struct p2m_domain *hp2m, unsigned int level,
                    struct altp2m_lookup *one, struct altp2m_lookup *two)
{
    unsigned int above = any_up_to(2);

    given(above >= level);
    *one = any_host(hp2m, above);
    *two = any_host(hp2m, above);
    given(!((one->gfn | two->gfn) & (level_span(level) - 1)));
    if ( above == level )
        return;

    two->entry = one->entry;
    given(!altp2m_points(altp2m_format(), one->entry, above) &&
          !((one->gfn ^ two->gfn) & ~(level_span(above) - 1)));
}

static altp2m_slot_t any_slot(void)
{
    altp2m_slot_t slot = any_uint();

    given(!(slot & (SLOT_CHILD | SLOT_REMAP)) && (slot & SLOT_SVE) != 0x10);
    given(!(slot & SLOT_ACCESS) ||
          ((slot & SLOT_ACCESS) - 1 <= p2m_access_n2rwx &&
           (altp2m_needs_sides((slot & SLOT_ACCESS) - 1) ||
            (p2m_rights() >> ((slot & SLOT_ACCESS) - 1) & 1))));

    return slot;
}

static struct altp2m_domain all;

static void set_up(struct domain *d, struct p2m_domain *hp2m)
{
    features.vmx = 1;
    features.exec_only = any_bool();
    d->arch.altp2m = &all;
    d->arch.p2m = hp2m;
    hp2m->domain = d;
    hp2m->phys_table = pagetable_from_mfn(_mfn(ROOT));
    for ( unsigned int i = 0; i < 16; i++ )
    {
        memory_type[i] = any_memory_type();
        given(memory_type[i] >= 0);
        ignores_pat[i] = any_bool();
    }
    for ( unsigned int i = 0; i < 3; i++ )
        page[i].u.inuse.type_info = any_u64();
    /* Tables above a restricted one are, too. */
    given(altp2m_host_restricted(d) || !((page[1].u.inuse.type_info |
                                          page[2].u.inuse.type_info) >>
                                         _PGT_restricted & 1));
}

int main(void)
{
    struct domain d;
    struct p2m_domain hp2m;
    struct altp2m_view view;
    struct altp2m_node node = { .view = &view, .level = any_up_to(2) };
    struct altp2m_lookup one, two;
    struct altp2m_memo memo = { .side = any_up_to(SIDES - 1) };
    struct stored s;
    uint64_t derived;

    set_up(&d, &hp2m);
    view.default_access = any_bool() ? NO_DEFAULT : any_access(p2m_rights());
    node.slot[0] = any_slot();
    node.slot[1] = any_slot();
    any_two(&hp2m, node.level, &one, &two);
    first_table = altp2m_frame(one.entry);

    altp2m_memo_entry(&d, &node, 0, &one, &memo);
    derived = altp2m_memo_entry(&d, &node, 1, &two, &memo);
    claim(derived == altp2m_slot_entry(&d, &node, 1, &two, memo.side),
          "an entry that is derived from another is the definition's");

    s = stored(&two.entry, node.level);
    s.idx = 1;
    claim(two.level != node.level || !entry_simple(&node, &s) ||
          s.simple == altp2m_slot_entry(&d, &node, 1, &two, SIDE_DATA),
          "a simple entry is the definition's");

    return 0;
}
