/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-unit: what random steps reach seldom or not at all, a file for each
 * subject: unit-*.c.  Here is what they share, and what runs them, each test in a
 * process of its own.  docs/model.md has the table of known bugs of the past.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

/* An operation of that number, for the domain. */
op_t op_of(uint32_t cmd)
{
    return (op_t){ .version = HVMOP_ALTP2M_INTERFACE_VERSION, .cmd = cmd,
                   .domain = model_domain->domain_id };
}

/* Does the hypercall; what it gives back is in @op. */
int raw(op_t *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    int rc;

    memcpy(guest_memory, op, sizeof(*op));
    rc = altp2m_op(arg);
    ASSERT(!model_domain->rcu_locks);
    memcpy(op, guest_memory, sizeof(*op));

    return rc;
}

int call(op_t op)
{
    return raw(&op);
}

/* The same, of an operation that has but its number and arguments. */
int once(op_t *op)
{
    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = model_domain->domain_id;

    return raw(op);
}

/* Until it isn't preempted any more. */
int whole(op_t *op, unsigned int *rounds)
{
    int rc;

    *rounds = 0;
    do {
        rc = once(op);
        ++*rounds;
    } while ( rc == -ERESTART );

    return rc;
}

/* Where the guest's memory can be used by a test. */
void *buffer(void)
{
    return guest_memory + PAGE_SIZE;
}

/* One that reads, with that much room in buffer(). */
op_t read_op(uint32_t cmd, uint16_t view, uint32_t room)
{
    op_t op = { .cmd = cmd };

    *PARAMETERS(&op, read) = (struct xen_altp2m_read){
        .view = view, .room = room, .buffer = (uintptr_t)buffer(),
        .last = ~0UL,
    };

    return op;
}

int create(uint16_t *idx)
{
    op_t op = { .u.view.hvmmem_default_access = XENMEM_access_rwx };
    int rc = altp2m_section(model_domain, 0, altp2m_op_create, &op);

    *idx = op.u.view.view;

    return rc;
}

int destroy(unsigned int view)
{
    op_t op = { .u.view.view = view };

    return altp2m_section(model_domain, SECTION_PAUSED, altp2m_op_destroy, &op);
}

int switch_all(unsigned int view)
{
    op_t op = { .u.view.view = view };

    return altp2m_section(model_domain, SECTION_PAUSED, altp2m_op_switch, &op);
}

void enter_all(unsigned int view)
{
    unsigned int i;

    EXPECT(switch_all(view), 0);
    for ( i = 0; i < NR_VCPUS; i++ )
    {
        ref.in[i] = view;
        ref.executes[i] = false;
    }
}

int hide(unsigned int view)
{
    op_t op = { .u.set_visibility.altp2m_idx = view };

    return altp2m_section(model_domain, 0, altp2m_op_set_visibility, &op);
}

void step(const char *name, uint8_t a, uint8_t b, uint8_t c, uint8_t e)
{
    step_do((struct step){ step_named(name), a, b, c, e });
}

/* Views 1 and 2 with all rights. */
void two_views(void)
{
    step("state", 1, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
    step("create", XENMEM_access_rwx, 0, 0, 0);
}

/* Model: these gfns of view 1, where they are RAM, have that suppress-#VE. */
void now_sve(unsigned long first, unsigned long last, bool sve)
{
    unsigned int g;

    for ( g = 0; g < NR_GFNS; g++ )
        if ( gfns[g] >= first && gfns[g] <= last &&
             host_fact(gfns[g]).type == p2m_ram_rw )
        {
            ref.view[1].o[g].has_sve = true;
            ref.view[1].o[g].sve = sve;
        }
}

/* Model: views are off. */
void now_off(void)
{
    struct domain *d = model_domain;
    unsigned int i;

    memset(&ref, 0, sizeof(ref));
    ref.view[0].def = NO_DEFAULT;
    ref.view[0].created = p2m_access_rwx;
    for ( i = 0; i < NR_VCPUS; i++ )
    {
        d->vcpu[i]->arch.hvm.avcpu.p2midx = 0;
        vmx_altp2m_sync(d->vcpu[i]);
    }
}

static int run(const struct unit_test *test)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        struct step world = { .a = CPU_NEWEST };

        if ( test->amd )
            world.d |= WORLD_AMD;
        if ( test->watched )
            world.d |= WORLD_WATCHED;
        limit_time();
        world_init(&world);
        test->fn();
        world_end();
        child_exit();
    }
    waitpid(pid, &status, 0);
    printf("TEST %s %s\n", test->name, status ? "FAIL" : "PASS");

    return status;
}

static bool wanted(const char *name, int argc, char **argv)
{
    int i;

    for ( i = 1; i < argc; i++ )
        if ( !strcmp(argv[i], name) )
            return true;

    return argc < 2;
}

/* test-unit [--list | NAME...] */
int main(int argc, char **argv)
{
    static const struct unit_test *const tables[] = {
        refused_tests, rounds_tests, override_tests, batch_tests, host_tests,
        guest_tests, views_tests, trace_tests, audit_tests, race_tests,
        fault_tests, fork_tests, copy_tests, step_tests, io_tests,
        share_tests, memo_tests, side_tests, rules_tests, own_tests,
        breakpoint_tests, cr3_tests, log_tests, read_tests,
    };
    bool list = argc == 2 && !strcmp(argv[1], "--list");
    const struct unit_test *t;
    unsigned int i, failed = 0;

    if ( !list )
        machine_reserve();
    for ( i = 0; i < ARRAY_SIZE(tables); i++ )
        for ( t = tables[i]; t->name; t++ )
            if ( list )
                printf("%s\n", t->name);
            else if ( wanted(t->name, argc, argv) )
                failed += !!run(t);

    return !!failed;
}
