/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest has by itself: VMFUNC, its information page, devices. */
#include "unit.h"

static bool ud(unsigned int mod, unsigned int reg, unsigned int rm,
               unsigned int opcode, uint64_t eax, uint64_t ecx)
{
    struct domain *d = model_domain;
    struct cpu_user_regs regs = { .eax = eax, .ecx = ecx };

    instruction = (struct x86_emulate_state){ mod, rm, reg };
    instruction_opcode = opcode;
    injected[X86_EXC_UD] = 0;
    current = d->vcpu[0];

    return altp2m_ud_intercept(&regs);
}

#define VMFUNC X86EMUL_OPC(0x0f, 0x01)
static void test_ud(void)
{
    struct domain *d = model_domain;
    op_t op;

    features.vmfunc = false;
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 0);
    caller_is(NULL);
    two_views();
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 0);        /* not enabled */
    caller_is(NULL);
    step("notify", 0, 0, 1, 0);
    EXPECT(ud(0, 2, 4, VMFUNC, 0, 1), 0);        /* other instructions */
    EXPECT(ud(3, 1, 4, VMFUNC, 0, 1), 0);
    EXPECT(ud(3, 2, 5, VMFUNC, 0, 1), 0);
    EXPECT(ud(3, 2, 4, X86EMUL_OPC(0x0f, 0x0b), 0, 1), 0);
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 1);
    EXPECT(injected[X86_EXC_UD], 0);
    EXPECT(altp2m_vcpu_idx(d->vcpu[0]), 1);
    EXPECT(ud(3, 2, 4, VMFUNC, 1, 2), 1);        /* another leaf */
    EXPECT(injected[X86_EXC_UD], 1);
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 3), 1);        /* no such view */
    EXPECT(injected[X86_EXC_UD], 1);
    EXPECT(altp2m_vcpu_idx(d->vcpu[0]), 1);
    ref.in[0] = 1;
    caller_is(NULL);
    op = op_of(HVMOP_altp2m_vcpu_disable_notify);
    op.u.disable_notify.vcpu_id = 0;
    EXPECT(call(op), 0);
    EXPECT(ud(3, 2, 4, VMFUNC, 0, 1), 0);
    caller_is(NULL);
    cpu_resume(d->vcpu[0]);
    EXPECT(d->vcpu[0]->arch.hvm.vmx.exception_bitmap, 0);
}

/* Does VMFUNC at once, at @rip and to @view; or does the emulator have to? */
static bool at_once(struct cpu_user_regs *regs, unsigned long rip,
                    unsigned int view)
{
    unsigned int before = instructions_emulated;

    *regs = (struct cpu_user_regs){ .rip = rip, .ecx = view,
                                    .eflags = regs->eflags };
    altp2m_ud_intercept(regs);

    return instructions_emulated == before;
}

/* Where the guest's tables map the page that has VMFUNC: by 4k, and by 2M. */
#define CODE      0x800
#define IN_SMALL  (0x1000UL | CODE)
#define IN_LARGE  (0x401000UL | CODE)
#define NOT_THERE (IN_SMALL | 3UL << 39)

/* VMFUNC in 64-bit code, and tables that lead to it: all of them are gfn 2. */
static void guest_has_vmfunc(struct vcpu *v)
{
    uint64_t *table = (void *)data_at(0x100002);

    table[0] = 2UL << PAGE_SHIFT | _PAGE_PRESENT;
    table[1] = 3UL << PAGE_SHIFT | _PAGE_PRESENT;
    table[2] = 0x200UL << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_PSE;
    memcpy(data_at(0x100003) + CODE, "\x0f\x01\xd4", 3);
    memcpy(data_at(0x100201) + CODE, "\x0f\x01\xd4", 3);
    v->arch.hvm.guest_cr[3] = 2UL << PAGE_SHIFT | 0x123;
    instruction = (struct x86_emulate_state){ 3, 4, 2 };
    instruction_opcode = VMFUNC;
    instruction_mode = 8;
}

/* VMFUNC as it is usually met needs no emulator; all else does. */
static void test_vmfunc_at_once(void)
{
    static const char *const others[] = { "\x0f\x01\xd5", "\x66\x0f\x01" };
    uint8_t *code = data_at(0x100003) + CODE;
    struct domain *d = model_domain;
    struct vcpu *v = d->vcpu[0];
    struct cpu_user_regs regs = { .eflags = X86_EFLAGS_RF };
    unsigned int i;

    features.vmfunc = false;
    for ( i = 2; i < 4; i++ )
        EXPECT(host_set(i, 0x100000 + i, 0, p2m_ram_rw, p2m_access_rwx), 0);
    two_views();
    step("notify", 0, 0, 1, 0);
    current = v;
    guest_has_vmfunc(v);
    EXPECT(at_once(&regs, IN_SMALL, 1), true);
    EXPECT(altp2m_vcpu_idx(v), 1);
    EXPECT(regs.rip, IN_SMALL + 3);
    EXPECT(regs.eflags & X86_EFLAGS_RF, 0);
    EXPECT(at_once(&regs, IN_SMALL, 0), true);
    EXPECT(altp2m_vcpu_idx(v), 0);

    EXPECT(at_once(&regs, IN_SMALL, 3), false);  /* no such view: #UD */
    EXPECT(regs.rip, IN_SMALL);
    EXPECT(injected[X86_EXC_UD], 1);
    instruction_mode = 4;
    EXPECT(at_once(&regs, IN_SMALL, 1), false);
    instruction_mode = 8;
    instruction_shadow = 1;
    EXPECT(at_once(&regs, IN_SMALL, 1), false);
    instruction_shadow = 0;
    regs.eflags = X86_EFLAGS_TF;
    EXPECT(at_once(&regs, IN_SMALL, 1), false);
    regs.eflags = 0;
    v->arch.hvm.single_step = true;
    EXPECT(at_once(&regs, IN_SMALL, 1), false);
    v->arch.hvm.single_step = false;
    EXPECT(at_once(&regs, NOT_THERE, 1), false);
    EXPECT(at_once(&regs, (IN_SMALL | 0xfff) - 1, 1), false);
    for ( i = 0; i < ARRAY_SIZE(others); i++ )
    {
        memcpy(code, others[i], 3);
        EXPECT(at_once(&regs, IN_SMALL, 1), false);
    }
    instruction_mode = 0;
    ref.in[0] = altp2m_vcpu_idx(v);
    caller_is(NULL);
}

/* Its bytes are those that the view shows; views that it may not enter. */
static void test_vmfunc_in_view(void)
{
    struct domain *d = model_domain;
    struct vcpu *v = d->vcpu[0];
    struct cpu_user_regs regs = { };
    unsigned int i;

    features.vmfunc = false;
    for ( i = 2; i < 4; i++ )
        EXPECT(host_set(i, 0x100000 + i, 0, p2m_ram_rw, p2m_access_rwx), 0);
    EXPECT(host_set(0x200, 0x100200, 9, p2m_ram_rw, p2m_access_rwx), 0);
    two_views();
    step("notify", 0, 0, 1, 0);
    current = v;
    guest_has_vmfunc(v);
    EXPECT(at_once(&regs, IN_LARGE, 1), true);
    ref.in[0] = 1;
    caller_is(NULL);
    step("remap", 1, gfn_number(0x201), gfn_number(3), 0);
    EXPECT(host_set(0x201, ~0UL, 0, p2m_invalid, p2m_access_rwx), 0);
    current = v;
    EXPECT(at_once(&regs, IN_LARGE, 2), true);
    EXPECT(altp2m_vcpu_idx(v), 2);
    EXPECT(at_once(&regs, IN_LARGE, 1), false);  /* a hole in view 2 */
    EXPECT(altp2m_vcpu_idx(v), 1);
    EXPECT(hide(2), 0);
    injected[X86_EXC_UD] = 0;
    EXPECT(at_once(&regs, IN_LARGE, 2), false);
    EXPECT(injected[X86_EXC_UD], 1);
    EXPECT(altp2m_vcpu_idx(v), 1);

    /* What a page of the view's own has there, if that can be read or not. */
    caller_is(NULL);
    step("patch", 1, 3, 4 << 2, 3);      /* at CODE */
    current = v;
    EXPECT(at_once(&regs, IN_SMALL, 0), false);
    EXPECT(altp2m_vcpu_idx(v), 0);
    EXPECT(at_once(&regs, IN_SMALL, 1), true);
    instruction_mode = 0;
    caller_is(NULL);
}

/* Where #UD exits for something else too, VMFUNC's coming and going leaves it. */
static void test_ud_other_vendor(void)
{
    struct domain *d = model_domain;
    struct vcpu *v;

    features.vmfunc = false;
    two_views();
    d->arch.cpu_policy->x86_vendor = !boot_cpu_data.x86_vendor;
    /* As the vCPUs are told of a policy. */
    for_each_vcpu ( d, v )
        altp2m_vcpu_restored(v);
    step("notify", 0, 0, 1, 0);
    step("notify", 0, 0, 0, 0);
    step("set-vmfunc", 0, 1, 1, 0);
    step("set-vmfunc", 0, 1, 0, 0);
    /* A policy that comes after leaves VMFUNC's. */
    step("notify", 0, 0, 1, 0);
    d->arch.cpu_policy->x86_vendor = boot_cpu_data.x86_vendor;
    EXPECT(altp2m_ud_exits(d->vcpu[0]), 1);
    EXPECT(altp2m_ud_exits(d->vcpu[1]), 0);
    for_each_vcpu ( d, v )
        altp2m_vcpu_restored(v);
    step("notify", 0, 0, 0, 0);
    EXPECT(altp2m_ud_exits(d->vcpu[0]), 0);
}

/* A view hidden from one vCPU: by the CPU's list, and where VMFUNC is emulated. */
static void test_hidden(void)
{
    two_views();
    step("notify", 0, 0, 1, 0);
    step("notify", 1, 0, 1, 0);
    step("vmfunc", 1, 0, 0, 0);
    step("vmfunc", 2, 0, 0, 0);
    step("hide", 1, 0, 0, 0);
    step("vmfunc", 1, 0, 0, 0);
    step("vmfunc", 1, 1, 0, 0);
    step("hide", 1, 0, 1, 0);
    step("vmfunc", 1, 0, 0, 0);
}

static void test_info_special(void)
{
    op_t op = op_of(HVMOP_altp2m_vcpu_enable_notify);

    two_views();
    frame_table[0x100001].special = true;
    op.u.enable_notify.gfn = 1;
    EXPECT(call(op), -EINVAL);
    frame_table[0x100001].special = false;
    EXPECT(frame_table[0x100001].refs, 0);
    EXPECT(call(op), 0);
    EXPECT(frame_table[0x100001].refs, 1);
    /* It can be ballooned away: whoever holds it holds the frame. */
    host_set(1, ~0UL, 0, p2m_invalid, p2m_access_rwx);
    EXPECT(frame_table[0x100001].refs, 1);
    op.cmd = HVMOP_altp2m_vcpu_disable_notify;
    op.u.disable_notify.vcpu_id = 0;
    EXPECT(call(op), 0);
    EXPECT(call(op), 0);
    EXPECT(frame_table[0x100001].refs, 0);
}

/* The page says what happened, once at a time. */
static void test_info_contents(void)
{
    struct domain *d = model_domain;
    struct { uint32_t reason, busy; uint64_t q, gla, gpa; uint16_t view; } *info;
    unsigned int was;

    features.virt_exceptions = false;
    two_views();
    step("notify", 0, 0, 1, 0);
    step("access", 1, 12, XENMEM_access_r, 0);
    step("sve", 1, 12, 0, 0);
    step("reply", 1, 0, 0, 0);
    info = (void *)data_at(0x100000);
    memset(info, 0, sizeof(*info));
    was = injected[X86_EXC_VE];
    d->vcpu[0]->arch.hvm.vmx.vmcs[EXIT_QUALIFICATION] = 0x18a;
    d->vcpu[0]->arch.hvm.vmx.vmcs[GUEST_LINEAR_ADDRESS] = 0x12345678;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    EXPECT(injected[X86_EXC_VE], was + 1);
    EXPECT(info->reason, 48);
    EXPECT(info->busy, 0xffffffff);
    EXPECT(info->q, 0x18a);
    EXPECT(info->gla, 0x12345678);
    EXPECT(info->gpa, 0x200000);
    EXPECT(info->view, 1);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    info->busy = 0;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    info->busy = 0;
    /* An event is being delivered, or there is no IDT to deliver by. */
    event_pending = true;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    event_pending = false;
    d->vcpu[0]->arch.hvm.guest_cr[0] = 0;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
    d->vcpu[0]->arch.hvm.guest_cr[0] = X86_CR0_PE;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    info->busy = 0;
    step("sve", 1, 12, 1, 0);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VIOLATION);
}

/* The same on AMD, where an event is injected that VMRUN accepts. */
static void test_info_contents_amd(void)
{
    struct { uint32_t reason, busy; uint64_t q, gla, gpa; uint16_t view; } *info;
    unsigned int was = injected[X86_EXC_VE];

    two_views();
    step("notify", 0, 0, 1, 0);
    step("access", 1, 12, XENMEM_access_rx, 0);
    step("sve", 1, 12, 0, 0);
    step("reply", 1, 0, 0, 0);
    info = (void *)data_at(0x100000);
    memset(info, 0, sizeof(*info));
    caller_is(model_domain->vcpu[0]);
    guest_cpu_user_regs()->rflags = 2;
    caller_is(NULL);
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    cpu_enter(0);
    EXPECT(injected[X86_EXC_VE], was + 1);
    caller_is(model_domain->vcpu[0]);
    EXPECT(guest_cpu_user_regs()->rflags, 2 | X86_EFLAGS_RF);
    caller_is(NULL);
    EXPECT(info->q, 0x2a);
    EXPECT(info->gla, 0);
    EXPECT(info->gpa, 0x200000);
    EXPECT(info->view, 1);

    info->busy = 0;
    known_gla = 0x12345128;
    EXPECT(cpu_touch(0, 0x200, 2), TOUCH_VE);
    EXPECT(info->q & ~0x100UL, 0xaa);
    EXPECT(info->gla, 0x12345128);
    known_gla = 0;
}

/* A response that an instruction has not taken goes; without views it is Xen's. */
static void test_response_left(void)
{
    struct vcpu *v = model_domain->vcpu[0];

    v->io.req.state = STATE_IORESP_READY;
    altp2m_emulated(v);
    EXPECT(v->io.req.state, STATE_IORESP_READY);
    v->io.req.state = STATE_IOREQ_NONE;
    two_views();
    step("state", 0, 0, 0, 0);
    v->io.req.state = STATE_IORESP_READY;
    altp2m_emulated(v);
    EXPECT(v->io.req.state, STATE_IOREQ_NONE);
}

/* A device model is given no address that means another page in the view. */
static void test_device_sees(void)
{
    struct domain *d = model_domain;
    struct vcpu *v = d->vcpu[0];

    v->io.req.state = STATE_IORESP_READY;
    EXPECT(altp2m_device_sees(v, _gfn(0x200)), true);
    v->io.req.state = STATE_IOREQ_NONE;
    EXPECT(altp2m_device_sees(v, _gfn(0x200)), true);
    two_views();
    step("remap", 1, 12, 13, 0);
    EXPECT(altp2m_device_sees(v, _gfn(gfns[12])), true);
    step("reply", 1, 0, 0, 0);
    EXPECT(altp2m_device_sees(v, _gfn(gfns[12])), false);
    EXPECT(altp2m_device_sees(v, _gfn(gfns[13])), true);
    v->io.req.state = STATE_IORESP_READY;
    EXPECT(altp2m_device_sees(v, _gfn(gfns[13])), false);
    step("state", 0, 0, 0, 0);    /* Xen still copies */
    EXPECT(altp2m_device_sees(v, _gfn(gfns[13])), false);
    v->io.req.state = STATE_IOREQ_NONE;
    EXPECT(altp2m_device_sees(v, _gfn(gfns[13])), true);
}

const struct unit_test guest_tests[] = {
    { "guest-ud", test_ud },
    { "guest-vmfunc-at-once", test_vmfunc_at_once },
    { "guest-vmfunc-at-once-amd", test_vmfunc_at_once, true },
    { "guest-vmfunc-in-view", test_vmfunc_in_view },
    { "guest-vmfunc-in-view-amd", test_vmfunc_in_view, true },
    { "guest-ud-other-vendor", test_ud_other_vendor },
    { "guest-ud-other-vendor-amd", test_ud_other_vendor, true },
    { "guest-view-hidden", test_hidden },
    { "guest-view-hidden-amd", test_hidden, true },
    { "guest-info-special", test_info_special },
    { "guest-info-contents", test_info_contents },
    { "guest-info-contents-amd", test_info_contents_amd, true },
    { "guest-device-sees", test_device_sees },
    { "guest-response-left", test_response_left },
    { NULL },
};
