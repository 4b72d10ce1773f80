/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's own use of views, told line by line: what it sees where VMFUNC
 * takes it, what VMFUNC refuses, what #VE tells.  It makes all calls itself
 * (mode "mixed"), so that nothing but the CPU's kind differs from one machine to
 * another; a test in dom0 compares the lines with what they have to be.
 */
#include "cpu.h"
#include "guest.h"
#include "hypercall.h"

#define __XEN_TOOLS__ 1               /* has XENMEM_access_* */
#include <xen/xen.h>
#include <xen/memory.h>
#include <xen/hvm/hvm_op.h>

#define PAGE     4096ULL
#define PLACE    0x800000ULL        /* pages to play with */
#define SHOWN    (PLACE >> 12)
#define WATCHED  (SHOWN + 8)        /* rights are taken from these */
#define WORD     0x128              /* where in a page */

typedef struct xen_hvm_altp2m_op altp2m_op_t;

static char *text;

static void say(const char *s)
{
    while ( *s )
        *text++ = *s++;
}

static void say_number(uint64_t n)
{
    int shift = 60;

    say("0x");
    while ( shift && !(n >> shift) )
        shift -= 4;
    for ( ; shift >= 0; shift -= 4 )
        *text++ = "0123456789abcdef"[(n >> shift) & 15];
}

static void tell(const char *what, int64_t value)
{
    say(what);
    say(value < 0 ? ": -" : ": ");
    say_number(value < 0 ? -value : value);
    say("\n");
}

static altp2m_op_t new_op(uint32_t cmd)
{
    return (altp2m_op_t){ .version = HVMOP_ALTP2M_INTERFACE_VERSION,
                          .cmd = cmd, .domain = DOMID_SELF };
}

static long op(altp2m_op_t *op)
{
    return hypercall64(__HYPERVISOR_hvm_op, HVMOP_altp2m, (uint64_t)op, 0, 0,
                       0);
}

static long state(int on)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_set_domain_state);

    o.u.domain_state.state = on;
    return op(&o);
}

static long create(uint16_t *view)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_create_p2m);
    long rc;

    o.u.view.hvmmem_default_access = XENMEM_access_rwx;
    rc = op(&o);
    *view = o.u.view.view;
    return rc;
}

static long remap(uint16_t view, uint64_t gfn, uint64_t target)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_change_gfn);

    o.u.change_gfn.view = view;
    o.u.change_gfn.old_gfn = gfn;
    o.u.change_gfn.new_gfn = target;
    return op(&o);
}

static long set_access(uint16_t view, uint64_t gfn, uint16_t access)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_set_mem_access);

    o.u.mem_access.view = view;
    o.u.mem_access.gfn = gfn;
    o.u.mem_access.access = access;
    return op(&o);
}

static long get_access(uint16_t view, uint64_t gfn)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_get_mem_access);
    long rc;

    o.u.mem_access.view = view;
    o.u.mem_access.gfn = gfn;
    rc = op(&o);
    return rc ?: o.u.mem_access.access;
}

static long suppress(uint16_t view, uint64_t gfn, uint8_t on)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_set_suppress_ve);

    o.u.suppress_ve.view = view;
    o.u.suppress_ve.gfn = gfn;
    o.u.suppress_ve.suppress_ve = on;
    return op(&o);
}

static long show(uint16_t view, uint8_t visible)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_set_visibility);

    o.u.set_visibility.altp2m_idx = view;
    o.u.set_visibility.visible = visible;
    return op(&o);
}

static long notify(int on, uint64_t gfn)
{
    altp2m_op_t o = new_op(on ? HVMOP_altp2m_vcpu_enable_notify
                              : HVMOP_altp2m_vcpu_disable_notify);

    if ( on )
    {
        o.u.enable_notify.vcpu_id = this_vcpu_number();
        o.u.enable_notify.gfn = gfn;
    }
    else
        o.u.disable_notify.vcpu_id = this_vcpu_number();
    return op(&o);
}

static long where(void)
{
    altp2m_op_t o = new_op(HVMOP_altp2m_get_p2m_idx);
    long rc;

    o.u.get_vcpu_p2m_idx.vcpu_id = this_vcpu_number();
    rc = op(&o);
    return rc ?: o.u.get_vcpu_p2m_idx.altp2m_idx;
}

/* VMFUNC: the vector + 1 of the exception that it ends with, or 0. */
static __attribute__((noinline)) uint32_t try_vmfunc(uint32_t leaf,
                                                     uint32_t view)
{
    struct vcpu *v = this_vcpu();
    void *outer[5];
    uint32_t exception;

    for ( unsigned int i = 0; i < 5; i++ )
        outer[i] = v->resume[i];
    v->slot->exception = 0;
    if ( !__builtin_setjmp(v->resume) )
        vmfunc(leaf, view);
    v = this_vcpu();
    for ( unsigned int i = 0; i < 5; i++ )
        v->resume[i] = outer[i];
    exception = v->slot->exception;
    v->slot->exception = 0;
    interrupts_on();
    return exception;
}

static void tell_vmfunc(const char *what, uint32_t leaf, uint32_t view)
{
    uint32_t exception = try_vmfunc(leaf, view);

    say("VMFUNC, ");
    say(what);
    if ( exception )
        tell(": exception", exception - 1);
    else
        say(": done\n");
    tell("  in view", where());
}

static void tell_switches(uint16_t view)
{
    write_word(PLACE + WORD, 0xa);
    write_word(PLACE + PAGE + WORD, 0xb);
    tell("remapping in view 1", remap(view, SHOWN, SHOWN + 1));
    tell_vmfunc("view 1", 0, view);
    tell("  reads", read_word(PLACE + WORD));
    write_word(PLACE + WORD, 0xc);
    tell_vmfunc("view 0", 0, 0);
    tell("  reads", read_word(PLACE + WORD));
    tell("  the page that view 1 shows", read_word(PLACE + PAGE + WORD));
}

static void tell_refusals(uint16_t hidden)
{
    tell_vmfunc("leaf 1", 1, 0);
    tell_vmfunc("leaf 63", 63, 0);
    tell_vmfunc("leaf 64", 64, 0);
    tell_vmfunc("leaf ~0", ~0u, 0);
    tell_vmfunc("no such view", 0, 3);
    tell_vmfunc("view 511", 0, 511);
    tell_vmfunc("view 512", 0, 512);
    tell_vmfunc("view ~0", 0, ~0u);
    tell("hiding view 2", show(hidden, 0));
    tell_vmfunc("a hidden view", 0, hidden);
    tell("showing view 2", show(hidden, 1));
    tell_vmfunc("the view, shown again", 0, hidden);
    tell_vmfunc("view 0", 0, 0);
}

enum kind { READ, WRITE, EXECUTE };

/* A violation in a view; the handler, if there is a #VE, leaves by VMFUNC. */
static void violate(enum kind kind, uint16_t view, uint64_t gfn)
{
    uint64_t gpa = (gfn << 12) + WORD, value = 0;

    vmfunc(0, view);
    switch ( kind )
    {
    case READ:
        value = read_word(gpa);
        break;

    case WRITE:
        write_word(gpa, 0x77);
        break;

    case EXECUTE:
        value = ((uint64_t (*)(void))gpa)();
        break;
    }
    vmfunc(0, 0);
    tell("  value", (uint32_t)(kind == WRITE ? read_word(gpa) : value));
}

static void say_rights(const char *what, unsigned int bits)
{
    say(what);
    for ( unsigned int i = 0; i < 3; i++ )
        *text++ = (bits >> i) & 1 ? "rwx"[i] : '-';
    say("\n");
}

static void tell_ve(void)
{
    const struct payload_ve *ve = &this_vcpu()->slot->ve;

    tell("  #VE taken", ve->count);
    if ( !ve->count )
        return;
    tell("  reason", ve->reason);
    tell("  busy", ve->busy);
    say_rights("  access: ", ve->qualification & 7);
    say_rights("  rights: ", (ve->qualification >> 3) & 7);
    if ( ve->qualification & 0x80 )
    {
        tell("  linear address", ve->gla);
        tell("  which is the access's own", (ve->qualification >> 8) & 1);
    }
    tell("  physical address", ve->gpa);
    tell("  view", ve->view);
    tell("  view it is in now", where());
}

static void expect_ve(uint32_t action)
{
    struct vcpu *v = this_vcpu();

    v->ve_action = action;
    v->ve_view = 0;
    v->slot->ve = (struct payload_ve){ 0 };
}

static void tell_violation(const char *what, enum kind kind, uint16_t view,
                           uint64_t gfn, uint16_t access)
{
    uint8_t *code = (uint8_t *)(gfn << 12) + WORD;

    /* mov $42, %eax; ret; nop, which are also a value to read. */
    static const uint8_t bytes[8] = { 0xb8, 42, 0, 0, 0, 0xc3, 0x90, 0x90 };

    for ( unsigned int i = 0; i < 8; i++ )
        code[i] = bytes[i];
    say(what);
    tell(": rights set", set_access(view, gfn, access));
    tell("  #VE not suppressed", suppress(view, gfn, 0));
    expect_ve(VE_SWITCH);
    violate(kind, view, gfn);
    tell_ve();
}

/* What is not told to the guest costs a page its rights: nobody listens. */
static void tell_ordinary(const char *what, uint16_t view, uint64_t gfn)
{
    say(what);
    tell(": rights set", set_access(view, gfn, XENMEM_access_r));
    violate(WRITE, view, gfn);
    tell("  #VE taken", this_vcpu()->slot->ve.count);
    tell("  access in the view now", get_access(view, gfn));
}

static void tell_busy(uint16_t view)
{
    set_access(view, WATCHED + 4, XENMEM_access_r);
    suppress(view, WATCHED + 4, 0);
    suppress(view, WATCHED + 5, 0);
    expect_ve(VE_SWITCH | VE_STAY_BUSY);
    say("a write, and the page is left busy\n");
    violate(WRITE, view, WATCHED + 4);
    tell("  #VE taken", this_vcpu()->slot->ve.count);
    tell_ordinary("a write while it is busy", view, WATCHED + 5);
    ve_info_release();
    expect_ve(VE_SWITCH);
    say("the first write again, released\n");
    violate(WRITE, view, WATCHED + 4);
    tell_ve();
}

static void tell_all(void)
{
    const uint64_t info = (PAYLOAD_VE_INFO >> 12) + this_vcpu_number();
    uint16_t view = 0, other = 0;

    tell("views on", state(1));
    tell("making a view", create(&view));
    tell("  its index", view);
    tell("making another", create(&other));
    tell("  its index", other);
    tell_vmfunc("without an information page", 0, view);
    tell("an information page where no memory is", notify(1, 0x90000));
    tell("an information page", notify(1, info));
    tell("another", notify(1, info));
    ve_info_release();

    tell_switches(view);
    tell_refusals(other);

    tell_violation("a write, read-only", WRITE, view, WATCHED,
                   XENMEM_access_r);
    tell_violation("a write, no write", WRITE, view, WATCHED + 1,
                   XENMEM_access_rx);
    tell_violation("a call, no execute", EXECUTE, view, WATCHED + 2,
                   XENMEM_access_rw);
    tell_violation("a read, no access", READ, view, WATCHED + 3,
                   XENMEM_access_n);
    tell_busy(view);
    expect_ve(VE_SWITCH);
    tell("suppressing #VE", suppress(view, WATCHED + 6, 1));
    tell_ordinary("a write, #VE suppressed", view, WATCHED + 6);

    tell("no information page", notify(0, 0));
    tell_vmfunc("without an information page", 0, view);
    tell("views off", state(0));
}

uint64_t transcript(uint64_t gpa)
{
    text = (char *)gpa;
    tell_all();
    *text = 0;
    return (uint64_t)text - gpa;
}
