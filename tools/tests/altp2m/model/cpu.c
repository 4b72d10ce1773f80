/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processors.  Each has a TLB tagged by the root of the walk, on AMD by the
 * ASID, which keeps what it has until an INVEPT or VMRUN takes it; entering a
 * guest reads ahead all there is to translate, so a stale entry that can be
 * there is there.
 *
 * VM entry and the nested page fault follow vmx_vmenter_helper(),
 * svm_do_resume() and hvm_hap_nested_page_fault() of the grafted tree.
 */
#include "step.h"

#define TLB_SIZE 512u

/* Vectors of AMD's exceptions (APM Vol. 2, 8.2). */
#define AMD_EXCEPTIONS 0x702f7dfbu

struct tlb_entry {
    unsigned long tag, gfn, mfn;
    unsigned int rights;
    bool suppress;
};

struct tlb {
    struct tlb_entry e[TLB_SIZE];
    unsigned int nr;
};

struct cpu cpus[NR_CPUS];
static struct tlb tlbs[NR_CPUS];
static uint64_t cr3s[NR_VCPUS];   /* of each vCPU, as a CPU has it */
bool built_events, monitor_listens, walk_fails;
unsigned long spurious;
void (*cpu_meanwhile)(void);

void cpu_init(void)
{
    unsigned int i;

    memset(cpus, 0, sizeof(cpus));
    memset(cr3s, 0, sizeof(cr3s));
    for ( i = 0; i < NR_CPUS; i++ )
    {
        tlbs[i].nr = 0;
        if ( features.vmx )
            continue;
        asid_start(i);
        trace_owes(i);
    }
    for ( i = 0; i < NR_VCPUS && i < NR_PCPUS; i++ )
        cpus[i].v = model_domain->vcpu[i];
    built_events = monitor_listens = true;
}

unsigned int cpu_of(const struct vcpu *v)
{
    unsigned int i;

    for ( i = 0; i < NR_PCPUS; i++ )
        if ( cpus[i].v == v )
            return i;

    return DOM0_CPU;
}

static unsigned long *vmcs(unsigned int c)
{
    return cpus[c].v->arch.hvm.vmx.vmcs;
}

static uint64_t pointer_of(unsigned int c)
{
    return features.vmx ? vmcs(c)[EPT_POINTER]
                        : cpus[c].v->arch.hvm.svm.vmcb->h_cr3;
}

static unsigned long root_of(unsigned int c)
{
    return (pointer_of(c) >> 12) & 0xffffffffff;
}

/* What translations are tagged by: the root on Intel, the ASID on AMD. */
static unsigned long tag_of(unsigned int c)
{
    return features.vmx ? root_of(c) : cpus[c].v->arch.hvm.svm.vmcb->asid;
}

/* ---- the TLB ---- */

static struct tlb_entry *tlb_find(unsigned int c, unsigned long tag,
                                  unsigned long gfn)
{
    unsigned int i;

    for ( i = 0; i < tlbs[c].nr; i++ )
        if ( tlbs[c].e[i].tag == tag && tlbs[c].e[i].gfn == gfn )
            return &tlbs[c].e[i];

    return NULL;
}

static void tlb_add(unsigned int c, unsigned long gfn, const struct walk *w)
{
    struct tlb_entry *e = tlb_find(c, tag_of(c), gfn);

    if ( !e && tlbs[c].nr < TLB_SIZE )
        e = &tlbs[c].e[tlbs[c].nr++];
    if ( e )
        *e = (struct tlb_entry){ tag_of(c), gfn, w->mfn, w->rights,
                                 w->suppress };
}

void cpu_used_root(unsigned int c, unsigned long root, unsigned long gfn)
{
    tlbs[c].e[tlbs[c].nr++] = (struct tlb_entry){ .tag = root, .gfn = gfn,
                                                  .rights = 7 };
}

static void tlb_drop(unsigned int c, unsigned long tag, bool all)
{
    unsigned int i, n = 0;

    for ( i = 0; i < tlbs[c].nr; i++ )
        if ( !all && tlbs[c].e[i].tag != tag )
            tlbs[c].e[n++] = tlbs[c].e[i];
    tlbs[c].nr = n;
}

static void tlb_drop_gfn(unsigned int c, unsigned long tag, unsigned long gfn)
{
    struct tlb_entry *e = tlb_find(c, tag, gfn);

    if ( e )
        *e = tlbs[c].e[--tlbs[c].nr];
}

/* ---- entry and exit ---- */

/* The CPU itself says it. */
static void told(unsigned int c, enum altp2m_event event)
{
    struct vcpu *was = current;

    current = cpus[c].v;
    if ( event == ALTP2M_INVALIDATED )
        altp2m_trace_invept(model_domain, 1 + altp2m_active(model_domain));
    else
        altp2m_trace(model_domain, event);
    current = was;
}

static void invalidate_as_asked(unsigned int c)
{
    struct ept_data *ept = &p2m_get_hostp2m(model_domain)->ept;

    if ( !features.vmx || !cpumask_test_cpu(c, ept->invalidate) )
        return;

    cpumask_clear_cpu(c, ept->invalidate);
    tlb_drop(c, ept->mfn, altp2m_active(model_domain));
    trace_invalidate(c);
    told(c, ALTP2M_INVALIDATED);
}

static void read_ahead(unsigned int c)
{
    unsigned int i;

    for ( i = 0; i < NR_GFNS; i++ )
    {
        struct walk w = walk_any(root_of(c), gfns[i]);

        if ( w.end == WALK_OK && !tlb_find(c, tag_of(c), gfns[i]) )
            tlb_add(c, gfns[i], &w);
    }
}

/* The domain comes to run here: __context_switch(). */
static void schedule_in(unsigned int c)
{
    if ( cpumask_test_cpu(c, model_domain->dirty_cpumask) )
        return;

    model_domain->dirty_cpumask->bits |= 1UL << c;
    if ( !features.vmx )
        asid_flush(c);
}

/* svm_do_resume(), svm_vmenter_helper(); then VMRUN, APM Vol. 2, 15.16. */
static void vmrun(unsigned int c, struct vcpu *v)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;

    if ( v->arch.hvm.svm.launch_core != c )
    {
        v->arch.hvm.svm.launch_core = c;
        hvm_asid_flush_vcpu(v);
    }
    asid_enter(c, v);
    if ( vmcb->tlb_control != TLB_CTRL_NO_FLUSH )
        tlb_drop(c, vmcb->asid, vmcb->tlb_control == TLB_CTRL_FLUSH_ALL);

    if ( !vmcb->event_inj.v )
        return;
    /* 15.20: an exception's vector must be one. */
    if ( vmcb->event_inj.type == 3 && !(AMD_EXCEPTIONS >> vmcb->event_inj.vector & 1) )
        FAIL("VMRUN refuses the exception %u", vmcb->event_inj.vector);
    injected[vmcb->event_inj.vector]++;
    vmcb->event_inj.v = false;
}

/* A vCPU comes to run: vmx_do_resume(). */
void cpu_resume(struct vcpu *v)
{
    struct vcpu *was = current;

    current = v;
    altp2m_resume(v);
    current = was;
}

/* Is a CPU told what it has to be of a vCPU that it enters? */
static void check_told(unsigned int c)
{
    const struct vcpu *v = cpus[c].v;
    const struct page_info *pg = vcpu_altp2m(v).veinfo_pg;
    uint32_t control = v->arch.hvm.vmx.secondary_exec_control;

    if ( pointer_of(c) != altp2m_root(v) )
        FAIL("vCPU %u enters with another view's EPTP", v->vcpu_id);
    if ( altp2m_by_cr3(v->domain) && !cpu_cr3_exits(v) )
        FAIL("vCPU %u enters, and its writes of CR3 do not exit", v->vcpu_id);
    if ( !features.vmx )
        return;

    if ( !(control & SECONDARY_EXEC_ENABLE_VM_FUNCTIONS) !=
         !(cpu_has_vmx_vmfunc && altp2m_may_vmfunc(v)) ||
         !(control & SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS) !=
         !(cpu_has_vmx_virt_exceptions && pg) )
        FAIL("vCPU %u enters with VMFUNC or #VE that it hasn't", v->vcpu_id);
    if ( (control & SECONDARY_EXEC_ENABLE_VM_FUNCTIONS) &&
         vmcs(c)[EPTP_LIST_ADDR] != altp2m_eptp_list(v) )
        FAIL("vCPU %u enters with another list of views", v->vcpu_id);
    if ( (control & SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS) &&
         (vmcs(c)[VIRT_EXCEPTION_INFO] != page_to_maddr(pg) ||
          vmcs(c)[EPTP_INDEX] != altp2m_vcpu_idx(v)) )
        FAIL("vCPU %u enters with another #VE page or view", v->vcpu_id);
}

void cpu_enter(unsigned int c)
{
    struct vcpu *v = cpus[c].v;

    if ( cpus[c].in_guest || !v )
        return;

    ASSERT(!model_domain->pause_count.counter && !v->paused);
    if ( ref.step[v->vcpu_id].on )
        rule_enters(v);
    schedule_in(c);
    cpu_resume(v);
    if ( features.vmx )
        invalidate_as_asked(c);
    else
        vmrun(c, v);
    v->is_running = true;
    cpus[c].in_guest = true;
    trace_enter(c);
    told(c, ALTP2M_ENTERS);

    check_told(c);
    read_ahead(c);
}

void cpu_exit(unsigned int c)
{
    struct vcpu *was = current;

    if ( c >= NR_PCPUS || !cpus[c].in_guest )
        return;

    cpus[c].in_guest = false;
    cpus[c].v->is_running = false;
    trace_exit(c);
    told(c, ALTP2M_LEFT);
    current = cpus[c].v;
    current->arch.hvm.guest_cr[3] = cr3s[current->vcpu_id];
    if ( current->arch.hvm.vmx.secondary_exec_control &
         SECONDARY_EXEC_ENABLE_VM_FUNCTIONS )
        vmx_altp2m_vmexit(current);
    current = was;
}

void cpu_leave(unsigned int c)
{
    cpu_exit(c);
    model_domain->dirty_cpumask->bits &= ~(1UL << c);
    /* What it takes new when it comes back: schedule_in(). */
    if ( !features.vmx )
        trace_owes(c);
}

void cpu_migrate(unsigned int from, unsigned int to)
{
    struct vcpu *v = cpus[from].v;

    cpu_leave(from);
    cpu_leave(to);
    cpus[from].v = cpus[to].v;
    cpus[to].v = v;
}

/* The only mask that is set whole is the one of who must invalidate. */
void cpumask_setall(cpumask_t *m)
{
    m->bits = (1UL << NR_CPUS) - 1;
    trace_mask();
}

/*
 * Processors that are told to leave the guest are back before the sender goes
 * on, if nothing keeps them: what is stored later finds them there.
 */
void on_selected_cpus(const cpumask_t *mask, void (*f)(void *), void *arg,
                      int wait)
{
    unsigned int c;

    ASSERT(wait && !f);
    for ( c = 0; c < NR_PCPUS; c++ )
        if ( cpumask_test_cpu(c, mask) && cpus[c].in_guest )
        {
            cpu_exit(c);
            if ( !model_domain->pause_count.counter && !cpus[c].v->paused )
                cpu_enter(c);
        }
}

/* AMD: all processors of the mask take new ASIDs at once, the rest on arrival. */
void guest_flush_tlb_mask(const struct domain *d, const cpumask_t *mask)
{
    unsigned int c;

    for ( c = 0; c < NR_PCPUS; c++ )
    {
        bool was = cpus[c].in_guest;

        if ( !cpumask_test_cpu(c, mask) )
            continue;

        cpu_exit(c);
        asid_flush(c);
        if ( was && !d->pause_count.counter && !cpus[c].v->paused )
            cpu_enter(c);
    }
}

/* By its address: a page of Xen's heap, or a frame. */
static const uint64_t *eptp_list(unsigned long address)
{
    return address >> PAGE_SHIFT < TABLE_FRAMES
           ? table_at(address >> PAGE_SHIFT) : (void *)address;
}

/* VMFUNC, leaf 0, by the processor if it can, else by way of #UD. */
bool cpu_vmfunc(unsigned int c, unsigned int idx)
{
    struct vcpu *v = cpus[c].v, *was = current;
    struct cpu_user_regs regs = { .ecx = idx };
    uint32_t control;
    bool done;

    cpu_enter(c);
    control = v->arch.hvm.vmx.secondary_exec_control;
    if ( control & SECONDARY_EXEC_ENABLE_VM_FUNCTIONS )
    {
        const uint64_t *list = eptp_list(vmcs(c)[EPTP_LIST_ADDR]);

        /* 26.5.6.3: index and EPTP must be valid, or there is an exit. */
        if ( idx >= 512 || (list[idx] & 7) != 6 || (list[idx] >> 48) )
            return false;
        vmcs(c)[EPT_POINTER] = list[idx];
        if ( control & SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS )
            vmcs(c)[EPTP_INDEX] = idx;
        read_ahead(c);
        return true;
    }

    if ( !((features.vmx ? v->arch.hvm.vmx.exception_bitmap
                         : v->arch.hvm.svm.vmcb->exceptions) &
           (1u << X86_EXC_UD)) )
        return false;

    cpu_exit(c);
    current = v;
    instruction = (struct x86_emulate_state){ .mod = 3, .reg = 2, .rm = 4 };
    instruction_opcode = X86EMUL_OPC(0x0f, 0x01);
    injected[X86_EXC_UD] = 0;
    done = altp2m_ud_intercept(&regs) && !injected[X86_EXC_UD];
    current = was;

    return done;
}

/* ---- CR3 ---- */

uint64_t cpu_cr3(unsigned int vcpu)
{
    return cr3s[vcpu];
}

bool cpu_cr3_exits(const struct vcpu *v)
{
    return features.vmx
           ? v->arch.hvm.vmx.exec_control & CPU_BASED_CR3_LOAD_EXITING
           : v->arch.hvm.svm.vmcb->cr_intercepts & CR_INTERCEPT_CR3_WRITE;
}

static void set_cr3(struct vcpu *v, uint64_t cr3)
{
    cr3s[v->vcpu_id] = v->arch.hvm.guest_cr[3] = cr3;
}

/* MOV to CR3: hvm_set_cr3(), if it exits. */
void cpu_load_cr3(unsigned int c, uint64_t cr3)
{
    struct vcpu *v = cpus[c].v, *was = current;

    cpu_enter(c);
    if ( !cpu_cr3_exits(v) )
    {
        cr3s[v->vcpu_id] = cr3;
        return;
    }

    cpu_exit(c);
    current = v;
    set_cr3(v, cr3);
    altp2m_cr3_loaded(v);
    current = was;
}

/* It starts, or is reset or restored. */
void cpu_restore_cr3(struct vcpu *v, uint64_t cr3)
{
    ASSERT(!v->is_running);
    set_cr3(v, cr3);
    altp2m_cr3_set(v);
}

/* ---- faults ---- */

static bool violates(p2m_access_t access, unsigned int want)
{
    /* Xen's rule for each access: what it tells, not what the CPU enforces. */
    return want & ~rights_of(access);
}

/* Xen itself lets no fault of a walk pass that writes to a page of the host's. */
static bool host_walked(unsigned int view, unsigned int g, unsigned int want)
{
    return (want & RIGHT_WALKS) && ref_is_host(view, g) &&
           host_fact(gfns[g]).access == p2m_access_r_pw;
}

/* Where another caller has switched it, that is not known yet. */
static unsigned int view_of(const struct vcpu *v)
{
    return race_on() ? altp2m_vcpu_idx(v) : ref.in[v->vcpu_id];
}

/* A right was promoted, but if that needed memory which was @refused since. */
static void promoted(struct vcpu *v, unsigned long gfn, p2m_access_t access,
                     unsigned int refused)
{
    unsigned int idx = view_of(v);
    struct altp2m_view *view = view_at(v->domain, idx);

    ref_recalled();
    if ( !view || access_at(v->domain, view, gfn) == access )
        ref_promoted(idx, gfn_number(gfn), access);
    else if ( machine.refused == refused )
        FAIL("view %u gfn %lx: not promoted to %u", idx, gfn, access);
}

static void promote(struct vcpu *v, unsigned long gfn, p2m_access_t access)
{
    unsigned int refused = machine.refused;

    ref_recalled();
    altp2m_promote(v, _gfn(gfn), access);
    promoted(v, gfn, access, refused);
}

/*
 * altp2m_fault_begin(): what it does by itself is what Xen would do.  Returns
 * whether that is all; *@out tells whether the guest is to try again.
 */
static bool ended_at_once(struct vcpu *v, unsigned long *gfn, unsigned int want,
                          struct npfec npfec, enum touch *out)
{
    struct altp2m_view *view = view_at(v->domain, view_of(v));
    struct page_info *pg = vcpu_altp2m(v).veinfo_pg;
    const uint32_t *info = pg ? (void *)data_at(mfn_x(page_to_mfn(pg))) : NULL;
    bool idle = info && !info[1];
    unsigned int refused = machine.refused;
    p2m_access_t access = view ? altp2m_told_access(access_at(v->domain, view,
                                                              *gfn))
                               : p2m_access_rwx;
    bool rx2rw = access == p2m_access_rx2rw && (want & 2);

    ref_recalled();
    if ( !altp2m_fault_begin(v, (*gfn << PAGE_SHIFT) | touch_offset, touch_gla,
                             npfec, gfn) )
        return false;

    if ( !violates(access, want) )
        FAIL("gfn %lx: access %u is no violation", *gfn, want);
    if ( idle && info[1] )
        *out = TOUCH_VE;
    else if ( rule_handles(v, *gfn, npfec) )
        return true;
    else if ( monitor_listens && !rx2rw )
        FAIL("gfn %lx: the monitor is not asked", *gfn);
    else
        promoted(v, *gfn, rx2rw ? p2m_access_rw : p2m_access_rwx, refused);

    return true;
}

/* What a monitor is told, unless it is settled before: p2m_mem_access_check. */
static bool access_check(struct vcpu *v, unsigned long gfn, unsigned int want)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(v->domain);
    p2m_access_t a;
    p2m_type_t t;
    bool event = true;

    p2m_lock(p2m);
    altp2m_get_entry(v, _gfn(gfn), &t, &a);
    if ( (want & 2) && a == p2m_access_rx2rw )
    {
        promote(v, gfn, p2m_access_rw);
        p2m_unlock(p2m);
        return false;
    }
    if ( a == p2m_access_n2rwx )
        promote(v, gfn, p2m_access_rwx);
    p2m_unlock(p2m);

    if ( !monitor_listens )
    {
        p2m_lock(p2m);
        altp2m_get_entry(v, _gfn(gfn), &t, &a);
        if ( a != p2m_access_n2rwx )
            promote(v, gfn, p2m_access_rwx);
        p2m_unlock(p2m);
        event = false;
    }

    return event && a != p2m_access_n2rwx;
}

/*
 * hvm_hap_nested_page_fault(): true to try again.  Xen is told of a write that
 * the CPU did while it walked the guest's tables.
 */
static bool nested_fault(struct vcpu *v, unsigned long gfn, unsigned int want,
                         bool present, enum touch *out)
{
    struct domain *d = v->domain;
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    bool walks = want & RIGHT_WALKS;
    struct npfec npfec = {
        .read_access = walks || (want & 1), .write_access = walks || (want & 2),
        .insn_fetch = !!(want & 4), .present = present,
        .kind = walks ? npfec_kind_in_gpt : npfec_kind_with_gla,
        .gla_valid = touch_gla != 0,
    };
    unsigned int order, refused = host_refused;
    unsigned long source = gfn;
    p2m_access_t a;
    bool written = false;
    p2m_query_t q = P2M_ALLOC | (npfec.write_access ? P2M_UNSHARE : 0);
    p2m_type_t t;
    mfn_t mfn;
    bool again = true;
    int rc = 0;

    if ( walks )
        want = 3;
    p2m_lock(p2m);
    if ( ended_at_once(v, &source, want, npfec, out) )
    {
        p2m_unlock(p2m);
        return *out == TOUCH_OK;
    }

    mfn = get_gfn_type_access(p2m, source, &t, &a,
                              altp2m_fault_query(v, gfn << PAGE_SHIFT, q),
                              &order);
    if ( altp2m_fault(v, gfn << PAGE_SHIFT, npfec, t, &a, &order) )
        spurious++;
    else if ( altp2m_fault_page(v, gfn << PAGE_SHIFT, &mfn, &t),
              !mfn_eq(mfn, INVALID_MFN) && violates(a, want) )
    {
        if ( altp2m_inject_ve(v, gfn << PAGE_SHIFT, 0, npfec, a) )
        {
            *out = TOUCH_VE;
            again = false;
        }
        else if ( rule_met(v, gfn, npfec) )
            again = true;
        else if ( access_check(v, gfn, want) )
        {
            *out = TOUCH_VIOLATION;
            again = false;
        }
        else
            written = (want & 2) && p2m_is_ram(t);
    }
    else if ( !mfn_eq(mfn, INVALID_MFN) && order && (want & 4) && present )
        rc = p2m_set_entry(p2m, _gfn(source), mfn, 0, t, a);
    /* Xen lets those try for ever, or until a pager comes. */
    else if ( P2M_IN(t, P2M_PAGING) || ((want & 4) && t == p2m_ioreq_server) ||
              t == p2m_mmio_dm ||
              ((want & 2) && (p2m_is_discard_write(t) ||
                              t == p2m_ioreq_server)) || !p2m_is_ram(t) )
    {
        *out = TOUCH_MMIO;
        again = false;
    }
    else
        written = want & 2;
    /* What is left is about the host's page, and makes it dirty. */
    if ( written && !altp2m_fault_own(v, gfn << PAGE_SHIFT) )
        rc = p2m_change_type_one(d, source, p2m_ram_logdirty, p2m_ram_rw);
    put_gfn(p2m);
    p2m_unlock(p2m);

    ref_recalled();

    if ( host_refused != refused &&
         (rc == -ENOMEM || (t == p2m_populate_on_demand && again)) )
    {
        *out = TOUCH_NOMEM;
        again = false;
    }

    return again;
}

/* #VE by the processor: 26.5.7. */
static bool deliver_ve(unsigned int c, unsigned long gfn, bool suppress)
{
    struct vcpu *v = cpus[c].v;
    uint32_t control = v->arch.hvm.vmx.secondary_exec_control;

    return (control & SECONDARY_EXEC_ENABLE_VIRT_EXCEPTIONS) && !suppress;
}

/*
 * What Xen has marked for recalculation.  An AMD processor tells only that the
 * page was present: VMEXIT_NPF asks whether it was about that, first.
 */
static bool npt_deferred(unsigned long gfn, enum touch *out)
{
    int rc = p2m_pt_handle_deferred_changes((uint64_t)gfn << PAGE_SHIFT);

    if ( rc < 0 )
        *out = TOUCH_NOMEM;

    return rc > 0;
}

static bool misconfig(unsigned int c, unsigned long gfn, enum touch *out)
{
    unsigned int refused = machine.refused;

    if ( ept_handle_misconfig((uint64_t)gfn << PAGE_SHIFT) )
        return true;
    if ( machine.refused == refused )
        FAIL("a misconfigured entry at gfn %lx stays so", gfn);
    *out = TOUCH_NOMEM;

    return false;
}

/* What the processor has or finds for @gfn. */
static struct walk look_up(unsigned int c, unsigned long gfn, unsigned int want)
{
    const struct tlb_entry *e = tlb_find(c, tag_of(c), gfn);
    struct walk w;

    if ( e && !(want & ~e->rights) )
        return (struct walk){ .end = WALK_OK, .mfn = e->mfn,
                              .rights = e->rights, .suppress = e->suppress };

    w = walk_any(root_of(c), gfn);
    if ( w.end == WALK_OK )
        tlb_add(c, gfn, &w);

    return w;
}

/*
 * Does what a finished access found agree with the definition?  @x: what the
 * vCPU's side is to let through now.
 */
static void judge(unsigned int view, unsigned int g, unsigned int want,
                  enum touch how, unsigned long mfn, const struct expect *x)
{
    /* A fetch that the view allows moves the vCPU to the other side. */
    unsigned int rights = x->rights | (rights_of(x->access) & 4);

    switch ( how )
    {
    case TOUCH_OK:
        if ( want & ~x->may )
            FAIL("view %u gfn %lx: access %u is let through, rights are %u",
                 view, gfns[g], want, x->may);
        if ( mfn != x->mfn )
            FAIL("view %u gfn %lx: reaches frame %lx, should be %lx", view,
                 gfns[g], mfn, x->mfn);
        break;

    case TOUCH_VE:
        if ( oracle(view, g).sve )
            FAIL("view %u gfn %lx: #VE is to be suppressed", view, gfns[g]);
        /* fall through */
    case TOUCH_VIOLATION:
        if ( !(want & ~rights) && !host_walked(view, g, want) )
            FAIL("view %u gfn %lx: access %u is no violation", view, gfns[g],
                 want);
        break;

    case TOUCH_MMIO:
        if ( !(want & ~x->must) )
            FAIL("view %u gfn %lx: access %u is not Xen's to handle", view,
                 gfns[g], want);
        break;

    case TOUCH_NOMEM:
        break;
    }
}

/* Is the side on which an access has ended the right one?  Judges it then. */
static void judge_side(const struct vcpu *v, unsigned int g, unsigned int want,
                       enum touch how, unsigned long mfn)
{
    unsigned int view = ref.in[v->vcpu_id];
    unsigned int side = ref.on ? altp2m_vcpu_of(v)->side : SIDE_DATA;
    bool executes = side == SIDE_EXECUTE;
    struct expect x = oracle_side(view, g, side);
    bool to = needs_sides(x.access);

    /* If it was not completed, it may have moved the vCPU, or not. */
    if ( (want & 4) && how == TOUCH_OK && executes != to && !(x.may & 4) )
        FAIL("vCPU %u executes gfn %lx of view %u on the wrong side", v->vcpu_id,
             gfns[g], view);
    if ( !(want & 4) && executes != ref.executes[v->vcpu_id] )
        FAIL("vCPU %u changes sides at gfn %lx of view %u", v->vcpu_id, gfns[g],
             view);
    ref.executes[v->vcpu_id] = executes;
    judge(view, g, want, how, mfn, &x);
}

/* Returns whether the guest is to try again. */
static bool exit_handled(unsigned int c, unsigned long gfn, unsigned int want,
                         const struct walk *w, enum touch *out)
{
    struct vcpu *v = cpus[c].v;

    if ( features.vmx )
        return w->end == WALK_MISCONFIG
               ? misconfig(c, gfn, out)
               : nested_fault(v, gfn, want, w->rights, out);

    if ( w->end != WALK_ABSENT && npt_deferred(gfn, out) )
        return true;

    return *out == TOUCH_OK &&
           nested_fault(v, gfn, want, w->end != WALK_ABSENT, out);
}

/* What another processor does while this one waits for the lock. */
static void run_meanwhile(void)
{
    void (*f)(void) = cpu_meanwhile;
    struct vcpu *was = current;

    cpu_meanwhile = NULL;
    if ( f )
        f();
    current = was;
}

/*
 * One attempt of a guest on processor @c to access the gfn.  Returns whether it
 * has come to an end: *@out, which is TOUCH_OK before.
 */
static bool attempt(unsigned int c, unsigned long gfn, unsigned int want,
                    struct walk *w, enum touch *out)
{
    struct vcpu *v = cpus[c].v, *was = current;
    bool again;

    *w = look_up(c, gfn, want);
    if ( w->end == WALK_OK && !(want & ~w->rights) )
        return true;

    /* An exit or #VE drops what there was for this address. */
    tlb_drop_gfn(c, tag_of(c), gfn);
    if ( w->end != WALK_MISCONFIG && deliver_ve(c, gfn, w->suppress) )
    {
        *out = TOUCH_VE;
        return true;
    }

    cpu_exit(c);
    run_meanwhile();
    current = v;
    v->arch.hvm.vmx.vmcs[GUEST_PHYSICAL_ADDRESS] = gfn << PAGE_SHIFT;
    again = exit_handled(c, gfn, want, w, out);
    current = was;

    return !again;
}

unsigned long touch_rip;

/* Each instruction is at another address, unless a test says where. */
static void next_instruction(struct vcpu *v)
{
    static unsigned long rip = 0x10000000;
    struct vcpu *was = current;

    current = v;
    guest_cpu_user_regs()->rip = touch_rip ?: ++rip;
    current = was;
}

/*
 * A guest on processor @c accesses the gfn, which must end as the definition
 * says, in a bounded number of exits.
 */
enum touch cpu_touch(unsigned int c, unsigned long gfn, unsigned int want)
{
    struct vcpu *v = cpus[c].v;
    unsigned int tries = 0, g = gfn_number(gfn), refused = host_refused;
    enum touch out = TOUCH_OK;
    struct walk w;

    if ( (want & RIGHT_WALKS) && !features.paging_write )
        want = 3;
    ref_recalled();
    next_instruction(v);
    do {
        if ( tries++ > 12 )
        {
            /* Only what the host's own tables need may be missing. */
            if ( host_refused == refused )
                FAIL("vCPU %u gfn %lx: access %u faults for ever", v->vcpu_id,
                     gfn, want);
            out = TOUCH_NOMEM;
            break;
        }
        cpu_enter(c);
    } while ( !attempt(c, gfn, want, &w, &out) );

    race_said(out, out == TOUCH_OK ? w.mfn : 0);
    judge_side(v, g, want, out, w.mfn);
    if ( out == TOUCH_OK && ref.step[v->vcpu_id].on )
    {
        cpu_exit(c);
        rule_traps(v);
    }

    return out;
}

/* VM entry of a vCPU that may be stepped. */
static void enter_stepped(unsigned int c)
{
    struct vcpu *was = current;

    if ( cpus[c].in_guest )
        return;

    current = cpus[c].v;
    if ( current->arch.hvm.single_step )
        hvm_step_enters(current);
    current = was;
    cpu_enter(c);
}

/* The instruction is done, or something else came of it: a step is over. */
static void end_step(unsigned int c, enum touch how)
{
    struct vcpu *v = cpus[c].v, *was = current;

    if ( how == TOUCH_VIOLATION )
        ASSERT(!(v->arch.hvm.step.owners & HVM_STEP_SIDE));
    if ( !v->arch.hvm.single_step )
        return;

    cpu_exit(c);
    current = v;
    hvm_step_done();
    current = was;
}

enum touch cpu_straddle(unsigned int c, unsigned long first,
                        unsigned long second)
{
    struct vcpu *v = cpus[c].v;
    unsigned int tries = 0, refused = host_refused, view = ref.in[v->vcpu_id];
    enum touch out = TOUCH_OK;
    unsigned long gfn;
    struct walk w, w2;

    ref_recalled();
    next_instruction(v);
    for ( ; ; )
    {
        if ( tries++ > 60 )
        {
            if ( host_refused == refused )
                FAIL("vCPU %u: an instruction at gfns %lx and %lx faults for ever",
                     v->vcpu_id, first, second);
            out = TOUCH_NOMEM;
            break;
        }
        enter_stepped(c);
        gfn = first;
        if ( !attempt(c, first, 4, &w, &out) )
            continue;
        if ( out != TOUCH_OK )
            break;
        gfn = second;
        if ( attempt(c, second, 4, &w2, &out) )
            break;
    }

    end_step(c, out);
    ref.executes[v->vcpu_id] = ref.on &&
                               altp2m_vcpu_of(v)->side == SIDE_EXECUTE;
    if ( out == TOUCH_VIOLATION &&
         (rights_of(oracle(view, gfn_number(gfn)).access) & 4) )
        FAIL("view %u gfn %lx: the fetch is no violation", view, gfn);
    if ( out == TOUCH_OK &&
         (w.mfn != oracle(view, gfn_number(first)).mfn ||
          w2.mfn != oracle(view, gfn_number(second)).mfn ||
          !(rights_of(oracle(view, gfn_number(first)).access) &
            rights_of(oracle(view, gfn_number(second)).access) & 4)) )
        FAIL("view %u gfns %lx and %lx: the fetch is let through", view, first,
             second);
    ASSERT(!ref.on || altp2m_vcpu_of(v)->side != SIDE_STEP);

    return out;
}
