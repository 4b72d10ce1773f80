/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A payload booted in place of dom0: what the hypervisor answers to a domain
 * that asks for views of itself and may not have them, from 64-bit and from
 * 32-bit code.  It is up in seconds, so it also tells early that the calls are
 * there at all.
 */
#include "cpu.h"
#include "guest.h"
#include "hypercall.h"
#include "layout.h"

#include <xen/xen.h>
#include <xen/sched.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/errno.h>

void boot_main(void);

typedef long (*hypercall_t)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                            uint64_t);
typedef struct xen_hvm_altp2m_op altp2m_op_t;

static long from_64(uint64_t nr, uint64_t a1, uint64_t a2, uint64_t a3,
                    uint64_t a4, uint64_t a5)
{
    return hypercall64(nr, a1, a2, a3, a4, a5);
}

static const hypercall_t widths[] = { from_64, hypercall32 };

static altp2m_op_t new_op(uint32_t cmd)
{
    return (altp2m_op_t){ .version = HVMOP_ALTP2M_INTERFACE_VERSION,
                          .cmd = cmd, .domain = DOMID_SELF };
}

static long do_op(hypercall_t call, altp2m_op_t op)
{
    return call(__HYPERVISOR_hvm_op, HVMOP_altp2m, (uint64_t)&op, 0, 0, 0);
}

/* Whether the hypervisor has altp2m here: it then looks at the version. */
static int has_altp2m(void)
{
    altp2m_op_t op = new_op(HVMOP_altp2m_get_domain_state);

    op.version++;
    return do_op(from_64, op) == -XEN_EINVAL;
}

/* Each test returns 0, or says what was wrong. */
static const char *wrong_arguments(void)
{
    for ( unsigned int i = 0; i < 2; i++ )
    {
        altp2m_op_t op = new_op(HVMOP_altp2m_get_domain_state);

        op.pad1 = 1;
        if ( do_op(widths[i], op) != -XEN_EINVAL )
            return "first padding";
        op.pad1 = 0;
        op.pad2 = 1;
        if ( do_op(widths[i], op) != -XEN_EINVAL )
            return "second padding";
        if ( do_op(widths[i], new_op(0)) != -XEN_EOPNOTSUPP ||
             do_op(widths[i], new_op(200)) != -XEN_EOPNOTSUPP )
            return "unknown operation";
        if ( widths[i](__HYPERVISOR_hvm_op, HVMOP_altp2m, 0xf0000000, 0, 0, 0)
             != -XEN_EFAULT )
            return "bad address";
    }
    return 0;
}

static const char *without_mode(void)
{
    for ( unsigned int i = 0; i < 2; i++ )
    {
        altp2m_op_t op = new_op(HVMOP_altp2m_set_domain_state);

        op.u.domain_state.state = 1;
        if ( do_op(widths[i], op) != -XEN_EINVAL )
            return "turning it on";
        if ( do_op(widths[i], new_op(HVMOP_altp2m_get_domain_state)) !=
             -XEN_EINVAL )
            return "asking whether it is on";
        for ( uint32_t cmd = HVMOP_altp2m_vcpu_enable_notify;
              cmd <= HVMOP_altp2m_set_visibility; cmd++ )
            if ( do_op(widths[i], new_op(cmd)) != -XEN_EOPNOTSUPP )
                return "an operation while it is off";
    }
    return 0;
}

/* Nobody gives himself the right to views. */
static const char *own_mode(void)
{
    struct xen_hvm_param p = { .domid = DOMID_SELF, .index = HVM_PARAM_ALTP2M,
                               .value = XEN_ALTP2M_mixed };

    for ( unsigned int i = 0; i < 2; i++ )
        if ( widths[i](__HYPERVISOR_hvm_op, HVMOP_set_param, (uint64_t)&p, 0,
                       0, 0) != -XEN_EPERM )
            return "a domain could set its own mode";
    return 0;
}

static const char *no_vmfunc(void)
{
    struct vcpu *v = this_vcpu();

    v->slot->exception = 0;
    if ( !__builtin_setjmp(v->resume) )
        vmfunc(0, 0);
    return v->slot->exception == VECTOR_UD + 1 ? 0 : "VMFUNC is not refused";
}

static const struct
{
    const char *name;
    const char *(*run)(void);
} tests[] = {
    { "abi-wrong-arguments", wrong_arguments },
    { "abi-without-mode", without_mode },
    { "abi-own-mode", own_mode },
    { "abi-no-vmfunc", no_vmfunc },
};

static void say(const char *s)
{
    uint64_t n = 0;

    while ( s[n] )
        n++;
    from_64(__HYPERVISOR_console_io, CONSOLEIO_write, n, (uint64_t)s, 0, 0);
}

void boot_main(void)
{
    struct sched_shutdown off = { .reason = SHUTDOWN_poweroff };

    exceptions_load();
    if ( !xen_find() )
        print("payload: no Xen found\n");
    for ( unsigned int i = 0; i < sizeof(tests) / sizeof(tests[0]); i++ )
    {
        int there = has_altp2m();
        const char *problem = there ? tests[i].run() : "no altp2m here";

        say("TEST ");
        say(tests[i].name);
        say(!problem ? " PASS" : there ? " FAIL: " : " SKIP: ");
        if ( problem )
            say(problem);
        say("\n");
    }
    say("dom0: done 0\n");
    from_64(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uint64_t)&off, 0, 0, 0);
}
