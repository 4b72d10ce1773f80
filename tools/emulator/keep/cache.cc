/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps what walks find, and says what a CPU knows when the next one begins.
 *
 * Intel: SDM Vol. 3C, 29.4.  A walk may use a guest-physical mapping, or the
 * place of a lower table, made since the last INVEPT of its EP4TA.  A violation
 * drops what would be used for its address, and combined mappings of its linear
 * address; those of other linear addresses stay.  A misconfiguration drops
 * nothing.  Nothing is cached of an entry that isn't present, or is misconfigured,
 * or, with A/D bits on, whose A bit isn't set.
 *
 * AMD: APM Vol. 2, 15.16 and 5.5.  The same by ASID; but before it faults, the CPU
 * looks at the tables themselves.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu/cpu.h"
#include "memory/memory-bochs.h"
#include "pc_system.h"
#if BX_SUPPORT_SVM
#include "cpu/svm.h"
#endif

#include "keep.h"
#include "settings.h"
#include "walk.h"

static const size_t USED_MAX = 512;        /* pages that are read ahead */
static const unsigned AHEAD_MAX = 20000;   /* walks at one VM entry */

bx_address keep_laddr;

static Cpu cpus[BX_MAX_SMP_THREADS_SUPPORTED];

Cpu *cpu_of(BX_CPU_C *cpu) { return &cpus[cpu->which_cpu()]; }

Bit64u read_entry(BX_CPU_C *cpu, Bit64u addr)
{
    Bit64u entry;

    BX_MEM(0)->readPhysicalPage(cpu, addr, sizeof(entry), &entry);

    return entry;
}

/* One walk, of one CPU in one context. */
template <class F> struct Walk {
    BX_CPU_C *cpu;
    Cpu *c;
    Context *x;
    Bit64u key, root;
    Access a;
    bool mbe, ad;
    bool ends_early = false;     /* a full log makes the CPU exit before it sets A or D */

    Walk(BX_CPU_C *cpu, Bit64u key, Bit64u root, bool mbe, bool ad, Access a = { })
        : cpu(cpu), c(cpu_of(cpu)), x(&c->context[key]), key(key), root(root), a(a), mbe(mbe), ad(ad)
    {
        if (x->mbe != mbe)
        {
            *x = Context();
            x->mbe = mbe;
        }
    }

    Bit32u rights(const Leaf &l) { return l.upper & F::rights(l.entry, mbe); }

    /* A leaf that lets the access be decided.  D that is to be set is not one. */
    bool usable(const Leaf &l)
    {
        return !(ad && (a.mask & rights(l) & W) && !l.dirty);
    }

    Leaf *find_leaf()
    {
        for (unsigned level = 0; level < LARGEST; level++)
        {
            auto found = x->leaf[level].find(a.gpa >> shift(level));

            if (found == x->leaf[level].end())
                continue;
            if (!usable(found->second))
                return NULL;
            /* A part of a large page is kept by itself, too. */
            return level ? &x->leaf[0].emplace(a.gpa >> 12, found->second).first->second
                         : &found->second;
        }

        return find_alias();
    }

    Leaf *find_alias()
    {
        auto found = x->alias.find(a.gpa >> 12);

        if (!a.linear || found == x->alias.end())
            return NULL;
        for (Alias &alias : found->second)
            if (alias.linear == a.laddr >> 12 && alias.epoch == c->epoch && alias.vpid == c->vpid)
            {
                if (!usable(alias.leaf))
                    return NULL;
                keep_count.aliases++;
                return &alias.leaf;
            }

        return NULL;
    }

    Link *find_link(unsigned *level)
    {
        if (!keep_set.links)
            return NULL;
        for (unsigned l = 0; l < LARGEST; l++)
        {
            auto found = x->link[l].find(a.gpa >> shift(l + 1));

            if (found != x->link[l].end())
            {
                *level = l;
                return &found->second;
            }
        }

        return NULL;
    }

    /* With one CPU, tables don't change between a VM entry and the next exit. */
    bool to_be_judged(Bit64u *checked)
    {
        Bit64u stamp = 2 * c->entries + !!(a.mask & W);

        if (BX_SMP_PROCESSORS == 1 && *checked >= stamp)
            return false;
        *checked = stamp;

        return true;
    }

    void note_linear(Leaf *l)
    {
        if (!keep_set.aliases || !a.linear)
            return;
        if (l->epoch != c->epoch)
        {
            l->epoch = c->epoch;
            l->linears = 0;
        }
        for (unsigned i = 0; i < l->linears && i < 4; i++)
            if (l->linear[i] == a.laddr >> 12)
                return;
        l->linear[l->linears++ % 4] = a.laddr >> 12;
    }

    /* Drop what would be used for the address; see above for what stays. */
    void forget()
    {
        if (keep_set.aliases)
            make_aliases();
        for (unsigned i = 0; i < LARGEST; i++)
        {
            x->leaf[i].erase(a.gpa >> shift(i));
            x->link[i].erase(a.gpa >> shift(i + 1));
        }
    }

    void make_aliases()
    {
        std::vector<Alias> &list = x->alias[a.gpa >> 12];
        auto found = x->leaf[0].find(a.gpa >> 12);

        for (size_t i = list.size(); i--; )
            if (list[i].epoch != c->epoch || (a.linear && list[i].linear == a.laddr >> 12))
                list.erase(list.begin() + i);
        if (found != x->leaf[0].end() && found->second.epoch == c->epoch)
            for (unsigned i = 0; i < found->second.linears && i < 4; i++)
                if (!a.linear || found->second.linear[i] != a.laddr >> 12)
                    list.push_back({ found->second, found->second.linear[i], c->epoch, c->vpid });
        if (list.empty())
            x->alias.erase(a.gpa >> 12);
    }

    void put_leaf(Bit64u gpa, Bit64u entry, unsigned level, Bit32u upper, bool ahead)
    {
        Leaf l = { };

        if (!keep_set.leaves)
            return;
        l.entry = entry;
        l.upper = upper;
        l.level = level;
        l.dirty = !ad || (entry & F::dirty);
        l.ahead = ahead;
        l.born = c->entries;
        if (ahead)
        {
            keep_count.ahead++;
            x->leaf[level].emplace(gpa >> shift(level), l);
            return;
        }
        l.checked = 2 * c->entries + 1;
        x->leaf[level][gpa >> shift(level)] = l;
        if (level)
            x->leaf[0][gpa >> 12] = l;
    }

    /* Remember the tables that were found below @from, down to that of @leaf. */
    void put_links(const Now &n, unsigned from, bool ahead)
    {
        if (!keep_set.links)
            return;
        for (unsigned level = from; level-- > n.level; )
        {
            Link l = { n.table[level], n.above[level], c->entries, c->entries, 0 };

            if (level >= LARGEST)
                continue;
            if (ahead)
                x->link[level].emplace(a.gpa >> shift(level + 1), l);
            else
                x->link[level][a.gpa >> shift(level + 1)] = l;
        }
    }

    /* Others of the same cache line. */
    void put_neighbours(const Now &n)
    {
        Bit64u first = (a.gpa >> shift(n.level)) & ~BX_CONST64(7);

        for (unsigned i = 0; i < 8; i++)
        {
            Bit64u e = read_entry(cpu, n.table[n.level] + ((first + i) & 0x1ff) * 8);

            if (first + i == a.gpa >> shift(n.level) || !F::present(e, mbe) || F::bad(e, n.level) ||
                (ad && !(e & F::accessed)) || (n.level && !(e & LARGE)))
                continue;
            put_leaf((first + i) << shift(n.level), e, n.level, n.upper, true);
        }
    }

    void note_used()
    {
        Bit64u page = a.gpa >> 12;

        if (!(keep_set.ahead & 2) || !c->used_set.insert(page).second)
            return;
        if (c->used.size() < USED_MAX)
            c->used.push_back(page);
        else
        {
            c->used_set.erase(c->used[c->next_used]);
            c->used[c->next_used] = page;
            c->next_used = (c->next_used + 1) % USED_MAX;
        }
    }

    /* Read what was used before, as a CPU that speculates may. */
    void read_ahead(unsigned *budget)
    {
        for (size_t i = 0; i < c->used.size() && *budget; i++, --*budget)
        {
            a.gpa = c->used[i] << 12;
            if (x->leaf[0].count(a.gpa >> 12))
                continue;

            Now n = walk_root<F>(cpu, root, a.gpa, mbe);

            if (n.is == Now::MAPPED && (!ad || n.accessed))
            {
                put_leaf(a.gpa, n.entry, n.level, n.upper, true);
                put_links(n, LEVELS - 1, true);
            }
        }
    }

    /* Entries above @level that give @upper and lead to @table. */
    void plan_above(keep_walk *w, unsigned level, Bit32u upper, Bit64u table)
    {
        for (unsigned l = LEVELS - 1; l > level; l--)
        {
            w->known |= 1 << l;
            w->entry[l] = F::made_up(l == LEVELS - 1 ? upper : F::all(mbe),
                                     l == level + 1 ? table : 0);
        }
    }

    /* The CPU has the translation.  Returns whether that is what counts. */
    bool use_leaf(keep_walk *w)
    {
        Leaf *l = keep_set.leaves ? find_leaf() : NULL;

        if (!l)
            return false;

        bool allowed = !(a.mask & ~rights(*l));

        if (!allowed && F::looks_again)
        {
            keep_count.again++;
            forget();
            return false;
        }
        if (to_be_judged(&l->checked) || !allowed)
            judge_leaf<F>(cpu, key, l, walk_root<F>(cpu, root, a.gpa, mbe), a, mbe, ad);

        keep_count.hits++;
        plan_above(w, l->level, l->upper, 0);
        w->known |= 1 << l->level;
        w->entry[l->level] = l->entry;
        note_linear(l);
        if (!allowed)
        {
            keep_count.faults++;
            take_suppress_ve(w, l->level);
            forget();
        }

        return true;
    }

    /* Whether #VE is suppressed is read from memory: 26.5.7.1 names the entry. */
    void take_suppress_ve(keep_walk *w, unsigned level)
    {
        static const Bit64u bit = BX_CONST64(1) << 63;

        if (!F::looks_again)
            w->entry[level] = (w->entry[level] & ~bit) |
                              (walk_root<F>(cpu, root, a.gpa, mbe).entry & bit);
    }

    bool faults(const Now &n)
    {
        return n.is != Now::MAPPED || (a.mask & ~(n.upper & F::rights(n.entry, mbe)));
    }

    /* The CPU walks the tables, from where it knows the way. */
    void use_tables(keep_walk *w)
    {
        unsigned from = LEVELS - 1;
        Link *link = find_link(&from);
        Now n = link ? walk_from<F>(cpu, link->table, from, link->upper, a.gpa, mbe)
                     : walk_root<F>(cpu, root, a.gpa, mbe);

        keep_count.walks++;
        if (link && n.is == Now::BAD && n.entry == POISON)
            judge_freed<F>(cpu, key, n, a);
        if (link && F::looks_again && faults(n))
        {
            keep_count.again++;
            forget();
            link = NULL;
            from = LEVELS - 1;
            n = walk_root<F>(cpu, root, a.gpa, mbe);
        }
        if (link)
        {
            keep_count.links++;
            if (BX_SMP_PROCESSORS > 1 || link->checked != c->entries)
                judge_link<F>(cpu, key, link, from, walk_root<F>(cpu, root, a.gpa, mbe), a);
            link->checked = c->entries;
            plan_above(w, from, link->upper, link->table);
        }

        if (n.is == Now::BAD && !F::looks_again)
        {
            keep_count.bad++;
            if (!ad || n.accessed)
                put_links(n, from, false);
        }
        else if (faults(n))
        {
            keep_count.faults++;
            forget();
        }
        else
            put_found(n, from);
    }

    /* The walk will end well, and sets the A and D bits that are missing. */
    void put_found(const Now &n, unsigned from)
    {
        Bit64u entry = n.entry;

        if (ends_early)
            return;
        if (ad)
            entry |= F::accessed | (a.mask & W ? F::dirty : 0);
        put_links(n, from, false);
        put_leaf(a.gpa, entry, n.level, n.upper, false);
        note_used();
        if (keep_set.ahead & 1)
            put_neighbours(n);
        if (keep_set.leaves)
            note_linear(&x->leaf[0][a.gpa >> 12]);
    }

    void begin(keep_walk *w)
    {
        if (BX_SMP_PROCESSORS > 1)
            suspects_due(c, false);
        if (!use_leaf(w))
            use_tables(w);
    }
};

/* ---- Intel --------------------------------------------------------------- */

#if BX_SUPPORT_VMX >= 2

static Bit64u ep4ta(Bit64u eptp) { return eptp & FRAME; }
static bool ept_ad(Bit64u eptp) { return eptp & 0x40; }

void keep_ept(BX_CPU_C *cpu, keep_walk *w, bx_phy_address gpa, Bit32u mask,
              bx_address laddr, bool laddr_valid, bool is_page_walk)
{
    VMCS_CACHE *vm = &cpu->vmcs;

    w->known = 0;
    if (!keep_set.on || vm->vmexec_ctrls2.SUBPAGE_WR_PROTECT_CTRL())
        return;

    Walk<Ept> walk(cpu, ep4ta(vm->eptptr), ep4ta(vm->eptptr), vm->vmexec_ctrls2.MBE_CTRL(),
                   ept_ad(vm->eptptr), { gpa, mask, laddr, laddr_valid && !is_page_walk });

    walk.ends_early = walk.ad && vm->vmexec_ctrls2.PML_ENABLE() && vm->pml_index >= 512;
    walk.begin(w);
}

static void flush(Cpu *c, bool all, Bit64u key)
{
    c->flushes++;
    flush_came(c, all, key);
    if (all)
    {
        keep_count.flush_all++;
        c->context.clear();
    }
    else
    {
        keep_count.flush_one++;
        c->context.erase(key);
    }
}

void keep_invept(BX_CPU_C *cpu, bool all, Bit64u eptp)
{
    if (keep_set.on)
        flush(cpu_of(cpu), all, ep4ta(eptp));
}

void keep_vmentry(BX_CPU_C *cpu)
{
    Cpu *c = cpu_of(cpu);
    VMCS_CACHE *vm = &cpu->vmcs;
    unsigned budget = AHEAD_MAX;

    if (!keep_set.on)
        return;

    c->entries++;
    c->waits = 0;
    keep_count.entries++;
    c->vpid = vm->vmexec_ctrls2.VPID_ENABLE() ? vm->vpid : 0;
    if (!c->vpid)
        c->epoch++;

    if (!(keep_set.ahead & 2) || !vm->vmexec_ctrls2.EPT_ENABLE())
        return;

    bool mbe = vm->vmexec_ctrls2.MBE_CTRL();

    Walk<Ept>(cpu, ep4ta(vm->eptptr), ep4ta(vm->eptptr), mbe, ept_ad(vm->eptptr)).read_ahead(&budget);
    if (!vm->vmexec_ctrls2.VMFUNC_ENABLE() || !(vm->vmfunc_ctrls & 1))
        return;
    for (unsigned i = 0; i < 512 && budget; i++)
    {
        Bit64u eptp = read_entry(cpu, vm->eptp_list_address + 8 * ((c->next_view + i) % 512));

        if ((eptp & 0x38) == 0x18 && !(eptp & (0xf00 | reserved_frame())))
            Walk<Ept>(cpu, ep4ta(eptp), ep4ta(eptp), mbe, ept_ad(eptp)).read_ahead(&budget);
    }
    c->next_view++;
}

#endif

/* ---- AMD ------------------------------------------------------------------- */

#if BX_SUPPORT_SVM

void keep_npt(BX_CPU_C *cpu, keep_walk *w, bx_phy_address gpa, unsigned rw, bool is_page_walk)
{
    Bit32u mask = rw == BX_EXECUTE ? R | X : rw & 1 ? R | W : R;

    w->known = 0;
    if (!keep_set.on || cpu->cr4.get_LA57())
        return;

    Walk<Npt>(cpu, cpu_of(cpu)->asid, cpu->vmcb->ctrls.ncr3 & FRAME, false, true,
              { gpa, mask, keep_laddr, !is_page_walk }).begin(w);
}

/* TLB_CONTROL: 1 drops all, 3 and 7 what its ASID has (15.16.1). */
void keep_vmrun(BX_CPU_C *cpu, Bit32u asid, Bit8u tlb_control)
{
    Cpu *c = cpu_of(cpu);
    unsigned budget = AHEAD_MAX;

    if (!keep_set.on)
        return;

    if (tlb_control == 1 || tlb_control == 3 || tlb_control == 7)
        flush(c, tlb_control == 1, asid);
    /* What was left behind by taking a new ASID is not used any more. */
    if (asid != c->asid)
        flush_came(c, false, c->asid);
    c->asid = asid;
    c->entries++;
    c->waits = 0;
    keep_count.entries++;

    if ((keep_set.ahead & 2) && cpu->vmcb->ctrls.nested_paging)
        Walk<Npt>(cpu, asid, cpu->vmcb->ctrls.ncr3 & FRAME, false, true).read_ahead(&budget);
}

/* Drops, of any ASID, combined mappings: nested ones stay (15.16.2). */
void keep_invlpga(BX_CPU_C *cpu) { cpu_of(cpu)->epoch++; }

#endif

/* The guest drops linear mappings; a switch to or from it does not. */
void keep_guest_flush(unsigned cpu, unsigned what)
{
    if (what != BX_INSTR_CONTEXT_SWITCH && what != BX_INSTR_INVEPT)
        cpus[cpu].epoch++;
}

/*
 * Where another CPU's interrupt takes its time, the guest goes on for a while, with
 * what its CPU has kept: who counts on the flush has to wait for the CPU's answer.
 */
bool keep_late(BX_CPU_C *cpu)
{
    Cpu *c = cpu_of(cpu);
    bool guest = false;

    if (!keep_set.late)
        return false;
#if BX_SUPPORT_VMX
    guest = guest || cpu->in_vmx_guest;
#endif
#if BX_SUPPORT_SVM
    guest = guest || cpu->in_svm_guest;
#endif
    if (!guest)
        return false;
    if (!c->waits)
        c->waits = cpu->get_icount() + 1;

    return cpu->get_icount() < c->waits + keep_set.late;
}
