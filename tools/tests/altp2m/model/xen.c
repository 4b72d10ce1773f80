/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The remaining services: domains and pausing, hypercall copies, policy, the
 * VMCS, and the instruction emulator, which only notes what it is asked.
 */
#include <sys/mman.h>

#include "model.h"

struct vcpu *current;
struct domain *model_domain, *dom0;
struct hvm_function_table hvm_funcs;
struct model_features features;
struct cpuinfo_x86 boot_cpu_data;
struct mtrr_state mtrr_state = { MTRR_TYPE_WRBACK, MTRR_TYPE_WRBACK };
unsigned int preempt_mask, injected[32], copy_fails_at;
struct x86_emulate_state instruction;
unsigned int instruction_opcode, instruction_mode, instruction_cpl;
unsigned long instruction_cs;
unsigned int instruction_shadow, instructions_emulated;
char *guest_memory;
bool pause_fails;
uint64_t model_tsc;
FILE *model_console;

static struct domain domains[2];
static struct vcpu vcpus[NR_VCPUS + 1];
static struct vmcb_struct vmcbs[NR_VCPUS + 1];
static struct vcpu *vcpu_list[NR_VCPUS];
static cpumask_t dirty;
static struct cpu_policy policy;

void paging_init(struct domain *d);

static unsigned int interrupt_shadow(struct vcpu *v)
{
    return instruction_shadow;
}

struct domain *domain_init(unsigned int pool)
{
    struct domain *d = &domains[0];
    unsigned int i;

    machine_init(pool);
    if ( !guest_memory )
    {
        /* Where 32 bit handles reach. */
        guest_memory = mmap(NULL, 2 * GUEST_MEMORY, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        ASSERT(guest_memory != MAP_FAILED);
    }

    memset(domains, 0, sizeof(domains));
    memset(vcpus, 0, sizeof(vcpus));
    memset(injected, 0, sizeof(injected));
    memset(&dirty, 0, sizeof(dirty));
    memset(&channels, 0, sizeof(channels));
    preempt_mask = copy_fails_at = 0;

    dom0 = &domains[1];
    dom0->privileged = true;
    d->domain_id = 1;
    d->hvm = true;
    d->max_vcpus = NR_VCPUS;
    d->vcpu = vcpu_list;
    d->dirty_cpumask = &dirty;
    policy.x86_vendor = boot_cpu_data.x86_vendor;
    d->arch.cpu_policy = &policy;
    d->arch.hvm.vmx.exec_sp = true;
    d->arch.hvm.params[HVM_PARAM_ALTP2M] = XEN_ALTP2M_mixed;
    for ( i = 0; i <= NR_VCPUS; i++ )
    {
        vcpus[i].vcpu_id = i;
        vcpus[i].domain = d;
        vcpus[i].arch.hvm.svm.vmcb = &vmcbs[i];
        vcpus[i].arch.hvm.guest_cr[0] = X86_CR0_PE;
        memset(&vmcbs[i], 0, sizeof(vmcbs[i]));
        vcpus[i].arch.hvm.mtrr = mtrr_state;
        if ( i < NR_VCPUS )
            vcpu_list[i] = &vcpus[i];
    }
    vcpus[NR_VCPUS].domain = dom0;
    current = &vcpus[NR_VCPUS];
    model_domain = d;

    hvm_funcs = (struct hvm_function_table){
        .altp2m_supported = true,
        .get_interrupt_shadow = interrupt_shadow,
        .altp2m_vcpu_update_p2m = features.vmx ? vmx_altp2m_sync
                                               : svm_altp2m_sync,
    };
    paging_init(d);
    host_init(d);
    ASSERT(!p2m_init_altp2m(d));
    for ( i = 0; i < NR_VCPUS; i++ )
        hvm_funcs.altp2m_vcpu_update_p2m(&vcpus[i]);
    cpu_init();

    return d;
}

void domain_destroy(void)
{
    struct domain *d = model_domain;
    bool preempted;

    caller_is(NULL);
    domain_paused(true);
    d->is_dying = true;
    do {
        preempted = false;
        altp2m_teardown(d, &preempted);
    } while ( preempted );
    ASSERT(!d->arch.altp2m);
    altp2m_teardown(d, &preempted);
    p2m_teardown_altp2m(d);
    p2m_teardown_altp2m(d);
    host_destroy(d);
    if ( machine.pool_used )
        FAIL("%u pages of the pool are lost", machine.pool_used);
    if ( machine.heap )
        FAIL("%u objects of Xen's heap are lost", machine.heap);
    if ( machine.own )
        FAIL("%u pages of views' own are lost", machine.own);
    if ( machine.refs )
        FAIL("%u references to the guest's pages are kept", machine.refs);
    if ( channels.open )
        FAIL("event channels are left open: %x", channels.open);
    ASSERT(!machine.maps && !machine.global_maps);
}

/* Who makes hypercalls: a vCPU of the guest, or NULL for dom0. */
void caller_is(struct vcpu *v)
{
    current = v ?: &vcpus[NR_VCPUS];
    if ( v )
        cpu_exit(cpu_of(v));
}

unsigned int model_cpu(void)
{
    return current->domain == dom0 ? DOM0_CPU : cpu_of(current);
}

void domain_paused(bool paused)
{
    struct domain *d = model_domain;
    unsigned int i;

    if ( !paused )
    {
        ASSERT(d->pause_count.counter > 0);
        d->pause_count.counter--;
        return;
    }

    if ( p2m_get_hostp2m(d)->lock.depth )
        FAIL("deadlock: waits for vCPUs with the p2m lock held");
    race_point();
    race_pause(NULL);
    d->pause_count.counter++;
    for ( i = 0; i < NR_PCPUS; i++ )
        if ( cpus[i].v && cpus[i].v != current )
        {
            cpu_exit(i);
            cpus[i].v->is_running = false;
        }
    race_point();
}

/* Not for one's own: it would wait for itself. */
void domain_pause(struct domain *d)
{
    if ( current->domain == d )
        FAIL("deadlock: vCPU %u waits for itself", current->vcpu_id);
    domain_paused(true);
}

void domain_unpause(struct domain *d)
{
    domain_paused(false);
}

int domain_pause_except_self(struct domain *d)
{
    if ( pause_fails )
        return -ERESTART;
    domain_paused(true);

    return 0;
}

void domain_unpause_except_self(struct domain *d)
{
    domain_paused(false);
}

/* One vCPU, which may run: waiting for it with the lock held never ends. */
void vcpu_pause(struct vcpu *v)
{
    if ( p2m_get_hostp2m(v->domain)->lock.depth )
        FAIL("deadlock: waits for a vCPU with the p2m lock held");
    ASSERT(v != current);
    race_point();
    race_pause(v);
    v->paused++;
    cpu_exit(cpu_of(v));
    v->is_running = false;
    race_point();
}

void vcpu_unpause(struct vcpu *v)
{
    ASSERT(v->paused);
    v->paused--;
}

unsigned int step_events, debugger_pauses;

int hvm_monitor_debug(unsigned long rip, int type, unsigned int trap,
                      unsigned int length, unsigned int pending)
{
    ASSERT(type == HVM_MONITOR_SINGLESTEP_BREAKPOINT);
    ASSERT(rip == guest_cpu_user_regs()->rip);
    step_events++;

    return 1;
}

void domain_pause_for_debugger(void)
{
    debugger_pauses++;
}

struct channels channels;

int alloc_unbound_xen_event_channel(struct domain *d, unsigned int vcpu,
                                    domid_t remote,
                                    xen_event_notification *function)
{
    unsigned int port;

    if ( p2m_get_hostp2m(d)->lock.depth )
        FAIL("deadlock: an event lock after the p2m lock");
    ASSERT(function);
    if ( machine_refuse() )
        return -ENOMEM;
    function(d->vcpu[vcpu], 0);
    for ( port = 1; channels.open & 1u << port; port++ )
        ;
    channels.open |= 1u << port;
    channels.sent[port] = 0;

    return port;
}

void free_xen_event_channel(struct domain *d, int port)
{
    if ( p2m_get_hostp2m(d)->lock.depth )
        FAIL("deadlock: an event lock after the p2m lock");
    if ( !(channels.open & 1u << port) )
        FAIL("event channel %d is closed, but isn't open", port);
    channels.open &= ~(1u << port);
}

void notify_via_xen_event_channel(struct domain *d, int port)
{
    if ( !(channels.open & 1u << port) )
        FAIL("event channel %d is used, but isn't open", port);
    channels.events++;
    channels.sent[port]++;
}

struct domain *rcu_lock_domain_by_any_id(domid_t id)
{
    struct domain *d = id == DOMID_SELF ? current->domain
                       : id == model_domain->domain_id ? model_domain : NULL;

    if ( d )
        d->rcu_locks++;

    return d;
}

void rcu_unlock_domain(struct domain *d)
{
    ASSERT(d->rcu_locks);
    d->rcu_locks--;
}

bool model_preempt(void)
{
    bool yes = preempt_mask & 1;

    preempt_mask >>= 1;
    visits_begin();

    return yes;
}

unsigned long model_copy(void *to, const void *from, const void *guest,
                         size_t size)
{
    if ( (const char *)guest < guest_memory ||
         size > GUEST_MEMORY ||
         (const char *)guest + size > guest_memory + GUEST_MEMORY ||
         (copy_fails_at && !--copy_fails_at) )
        return size;

    memcpy(to, from, size);

    return 0;
}

/* A policy that lets somebody change views, and not map the guest's memory. */
bool xsm_refuses_maps;

int xsm_map_gmfn_foreign(int action, struct domain *d, struct domain *t)
{
    ASSERT(d == current->domain && d != t);

    return xsm_refuses_maps ? -EACCES : 0;
}

/* The default policy, without XSM. */
int xsm_hvm_altp2mhvm_op(int action, struct domain *d, uint64_t mode,
                         uint32_t op)
{
    bool self = current->domain == d, priv = current->domain->privileged;

    switch ( mode )
    {
    case XEN_ALTP2M_mixed:
        return self || priv ? 0 : -EPERM;
    case XEN_ALTP2M_external:
        return priv ? 0 : -EPERM;
    case XEN_ALTP2M_limited:
        return priv || (self && op == HVMOP_altp2m_vcpu_enable_notify)
               ? 0 : -EPERM;
    }

    return -EPERM;
}

/* A page that is to be brought in isn't there. */
bool populate_fails;

/* Frame 0x100000 and up are the guest's data. */
int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
                            p2m_type_t *t, struct page_info **pg)
{
    struct p2m_domain *p2m = p2m_get_hostp2m(d);
    p2m_access_t a;
    mfn_t mfn;

    if ( populate_fails )
        return -EINVAL;
    /* To populate it is an operation of its own. */
    if ( p2m_is_pod(host_fact(gfn_x(gfn)).type) )
        machine.stored = NULL;
    mfn = get_gfn_type_access(p2m, gfn_x(gfn), t, &a, P2M_ALLOC, NULL);
    put_gfn(p2m);

    if ( p2m_is_paging(*t) )
        return -EAGAIN;
    if ( mfn_eq(mfn, INVALID_MFN) || !mfn_valid(mfn) || !p2m_is_any_ram(*t) )
        return -EINVAL;

    *pg = mfn_to_page(mfn);
    (*pg)->refs++;
    machine.refs++;

    return 0;
}

struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn,
                                    p2m_type_t *t, p2m_query_t q)
{
    struct page_info *pg;

    return check_get_page_from_gfn(d, _gfn(gfn), false, t, &pg) ? NULL : pg;
}

int mtrr_get_type(const struct mtrr_state *m, paddr_t pa, unsigned int order)
{
    const paddr_t low = 0x300UL << PAGE_SHIFT; /* within a large page */

    pa &= -(PAGE_SIZE << order);
    if ( pa < low && pa + (PAGE_SIZE << order) > low &&
         m->def_type != m->low_type )
        return -1;

    return pa < low ? m->low_type : m->def_type;
}

/* ---- the VMCS ---- */

/* That of the current vCPU is the one that is loaded. */
static unsigned long *vmcs(void)
{
    ASSERT(current->domain == model_domain);

    return current->arch.hvm.vmx.vmcs;
}

void __vmwrite(unsigned int field, unsigned long value)
{
    vmcs()[field] = value;
}

void __vmread(unsigned int field, unsigned long *value)
{
    *value = vmcs()[field];
}

void vmx_update_exception_bitmap(struct vcpu *v)
{
}

void vmx_update_secondary_exec_control(struct vcpu *v)
{
}

/*
 * CR0, and what goes with it: of a vCPU that doesn't run.  vmx_update_guest_cr()
 * computes the control anew; svm_update_guest_cr() calls this.
 */
void hvm_update_guest_cr(struct vcpu *v, unsigned int cr)
{
    struct domain *d = v->domain;

    ASSERT(!cr);
    ASSERT(v == current || d->pause_count.counter || d->is_dying);
    ASSERT(!cpus[cpu_of(v)].in_guest);
    if ( !features.vmx )
        svm_altp2m_cr3_exits(v);
    else if ( altp2m_by_cr3(d) ||
              (d->arch.monitor.write_ctrlreg_enabled &
               monitor_ctrlreg_bitmask(VM_EVENT_X86_CR3)) )
        v->arch.hvm.vmx.exec_control |= CPU_BASED_CR3_LOAD_EXITING;
    else
        v->arch.hvm.vmx.exec_control &= ~CPU_BASED_CR3_LOAD_EXITING;
}

bool vmx_domain_enable_pml(struct domain *d)
{
    d->arch.hvm.vmx.status |= 1;

    return false;
}

void vmx_domain_disable_pml(struct domain *d)
{
    d->arch.hvm.vmx.status &= ~1u;
}

void vmx_domain_update_eptp(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu ( d, v )
        altp2m_vcpu_sync(v);
    ept_sync_domain(p2m_get_hostp2m(d));
}

/* ---- the emulator ---- */

void hvm_inject_hw_exception(unsigned int trap, int ec)
{
    injected[trap]++;
}

/* By itself: test-svm-gla.c.  Here it finds what a test says, or nothing. */
unsigned long known_gla;

bool svm_altp2m_gla(paddr_t gpa, struct npfec npfec, unsigned long *gla)
{
    ASSERT(altp2m_locked(current->domain));
    if ( known_gla )
        *gla = known_gla;

    return known_gla;
}

bool event_pending;

bool hvm_event_pending(const struct vcpu *v)
{
    return event_pending;
}


struct cpu_user_regs *guest_cpu_user_regs(void)
{
    static struct cpu_user_regs regs[NR_VCPUS + 1];

    return &regs[current->domain == dom0 ? NR_VCPUS : current->vcpu_id];
}

int x86_insn_modrm(const struct x86_emulate_state *s, unsigned int *rm,
                   unsigned int *reg)
{
    *rm = s->rm;
    *reg = s->reg;

    return s->mod;
}

void hvm_emulate_init_once(struct hvm_emulate_ctxt *c,
                           bool (*validate)(const struct x86_emulate_state *,
                                            const struct x86_emulate_ctxt *),
                           struct cpu_user_regs *regs)
{
    c->validate = validate;
    c->regs = regs;
    c->ctxt.opcode = instruction_opcode;
}

int hvm_emulate_one(struct hvm_emulate_ctxt *c, int completion)
{
    instructions_emulated++;
    if ( !c->validate(&instruction, &c->ctxt) )
        return X86EMUL_UNHANDLEABLE;

    return altp2m_emulate_vmfunc(c->regs);
}

void hvm_inject_event(const struct x86_event *e)
{
    injected[X86_EXC_UD]++;
}

void hvm_emulate_writeback(struct hvm_emulate_ctxt *c)
{
}
