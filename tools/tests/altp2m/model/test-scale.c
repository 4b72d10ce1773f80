/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-scale: how much memory each operation touches, in guests of 1 MiB to 1 TiB,
 * with 1 to 512 views, of 1 to 128 vCPUs.  The host maps by 2 MiB (1 MiB: by 4 KiB).
 * Each line is: "scale", operation, MiB, views, vCPUs, accesses.  Fails if an
 * operation grows with anything but what its row below allows.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define MIB_PAGES 256UL
#define BASE      0x40000UL       /* first gfn, at 1 GiB */
#define PARAMETERS_OF(op, type) ((struct xen_altp2m_ ## type *)&(op)->u)

struct size {
    unsigned long mib;
    unsigned int views, vcpus;
};

static struct domain *d;
static struct size size;
static unsigned long last;        /* gfn of the last 2 MiB, or of all */
static unsigned int made;         /* a view that nothing is overridden in */

#define BY_VIEWS 1u               /* may grow with views, all of which override there */
#define BY_VCPUS 2u

static void report(const char *what)
{
    printf("scale %s %lu %u %u %lu\n", what, size.mib, size.views, size.vcpus,
           visits_touched());
    fflush(stdout);
}

static int do_op(struct xen_hvm_altp2m_op *op)
{
    XEN_GUEST_HANDLE_PARAM(void) arg = { guest_memory };
    int rc;

    op->version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op->domain = d->domain_id;
    do {
        memcpy(guest_memory, op, sizeof(*op));
        rc = altp2m_op(arg);
        memcpy(op, guest_memory, sizeof(*op));
    } while ( rc == -ERESTART );

    return rc;
}

static unsigned int create(void)
{
    op_t op = { .cmd = HVMOP_altp2m_create_p2m,
                .u.view.hvmmem_default_access = XENMEM_access_rwx };

    EXPECT(do_op(&op), 0);

    return op.u.view.view;
}

static void switch_to(unsigned int view)
{
    op_t op = { .cmd = HVMOP_altp2m_switch_p2m, .u.view.view = view };

    EXPECT(do_op(&op), 0);
}

static void state(bool on)
{
    op_t op = { .cmd = HVMOP_altp2m_set_domain_state,
                .u.domain_state.state = on };

    EXPECT(do_op(&op), 0);
}

static void set_access(unsigned int view, unsigned long gfn)
{
    op_t op = { .cmd = HVMOP_altp2m_set_mem_access,
                .u.mem_access = { .view = view, .gfn = gfn,
                                  .access = XENMEM_access_rx } };

    EXPECT(do_op(&op), 0);
}

static void set_range(unsigned int view, unsigned long gfn, unsigned long count)
{
    op_t op = { .cmd = HVMOP_altp2m_set_range };

    *PARAMETERS_OF(&op, set_range) = (struct xen_altp2m_set_range){
        .view = view, .gfn = gfn, .count = count, .set = XEN_ALTP2M_ACCESS,
        .access = XENMEM_access_r };
    EXPECT(do_op(&op), 0);
}

static void change_gfn(unsigned int view, unsigned long gfn,
                       unsigned long target)
{
    op_t op = { .cmd = HVMOP_altp2m_change_gfn,
                .u.change_gfn = { .view = view, .old_gfn = gfn,
                                  .new_gfn = target } };

    EXPECT(do_op(&op), 0);
}

static void host_page(unsigned long gfn, bool there)
{
    EXPECT(host_set(gfn, there ? 0x100000 + gfn : ~0UL, 0,
                    there ? p2m_ram_rw : p2m_invalid, p2m_access_rwx), 0);
}

static void fault(unsigned int view, unsigned long gfn)
{
    int rc;

    do {
        altp2m_lock(d);
        rc = altp2m_fill(d, view_at(d, view), gfn);
        altp2m_unlock(d);
        ASSERT(rc >= 0);
    } while ( rc );
}

static void fault_all(unsigned long gfn)
{
    unsigned int i;

    for ( i = 1; i < size.views; i++ )
        fault(i, gfn);
}

/* Each operation once, in a world as large as @size says. */
static void op_on(void)             { state(true); }
static void op_create(void)         { made = create(); }
static void op_switch_first(void)   { switch_to(made); }
static void op_switch_back(void)    { switch_to(0); }
static void op_access_first(void)   { set_access(made, last + 3); }
static void op_access(void)         { set_access(made, last + 7); }
static void op_remap(void)          { change_gfn(made, last + 9, last + 11); }
static void op_host_plain(void)     { host_page(BASE + 5, false); }
static void op_host_populate(void)  { host_page(BASE + 5, true); }
static void op_host_beside(void)    { host_page(last + 5, false); }
static void op_target_gone(void)    { host_page(last + 11, false); }
static void op_range(void)          { set_range(made, BASE,
                                                size.mib * MIB_PAGES); }
static void op_fault(void)          { fault(made, last + 5); }

static void op_vmfunc(void)
{
    op_t op = { .cmd = HVMOP_altp2m_set_vmfunc };

    PARAMETERS_OF(&op, set_vcpu)->vcpu = size.vcpus - 1;
    PARAMETERS_OF(&op, set_vcpu)->on = 1;
    EXPECT(do_op(&op), 0);
}

static void op_log_dirty(void)
{
    p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);
}

static void op_destroy(void)
{
    op_t op = { .cmd = HVMOP_altp2m_destroy_p2m, .u.view.view = made };

    EXPECT(do_op(&op), 0);
}

static void op_off(void)            { state(false); }

/* The other views, each with an override in the last 2 MiB. */
static void crowd(void)
{
    unsigned int i, view;

    for ( i = 1; i + 1 < size.views; i++ )
    {
        view = create();
        switch_to(view);
        set_access(view, last + 4);
    }
    switch_to(0);
    fault_all(last + 5);
}

static void split(void)
{
    if ( size.mib < 4 )
        return;
    host_page(BASE + 5, false);
    host_page(BASE + 5, true);
    host_page(last + 5, false);
    host_page(last + 5, true);
}

static void settled(void)
{
    fault(made, last + 5);
    fault_all(last + 5);
}

static const struct {
    const char *name;
    void (*op)(void);
    void (*before)(void);
    unsigned int grows;
} rows[] = {
    { "on", op_on, split, BY_VCPUS },
    { "create", op_create, crowd },
    { "switch,first", op_switch_first, NULL, BY_VCPUS },
    { "switch", op_switch_back, NULL, BY_VCPUS },
    { "set_mem_access,first_in_2_MiB", op_access_first },
    { "set_mem_access", op_access },
    { "change_gfn", op_remap },
    { "host_drops_a_page", op_host_plain, settled },
    { "host_populates_it", op_host_populate },
    { "the_same,all_views_override_beside", op_host_beside, settled, BY_VIEWS },
    { "fault", op_fault },
    { "target_of_a_remap_gone", op_target_gone, settled, BY_VIEWS },
    { "access_of_all_the_guest", op_range, settled },
    { "VMFUNC_for_a_vCPU", op_vmfunc, NULL, BY_VIEWS },
    { "log-dirty_on", op_log_dirty, settled, BY_VIEWS },
    { "destroy", op_destroy, NULL, BY_VCPUS },
    { "off", op_off, NULL, BY_VIEWS | BY_VCPUS },
};

/* The unit tests' memory is below; above it, what the size says. */
static void lay_out(void)
{
    unsigned long gfn, pages = size.mib * MIB_PAGES;
    unsigned int order = size.mib < 4 ? PAGE_ORDER_4K : PAGE_ORDER_2M;

    for ( gfn = BASE; gfn < BASE + pages; gfn += 1UL << order )
        EXPECT(host_set(gfn, 0x100000 + gfn, order, p2m_ram_rw,
                        p2m_access_rwx), 0);
    last = size.mib < 4 ? BASE : BASE + pages - 512;
}

static void measure(void)
{
    struct step config = { .a = CPU_NEWEST };
    unsigned int i;

    world_init(&config);
    d = model_domain;
    d->max_vcpus = size.vcpus;
    machine_pool(TABLE_FRAMES - 1);
    lay_out();
    for ( i = 0; i < ARRAY_SIZE(rows); i++ )
    {
        if ( rows[i].before )
            rows[i].before();
        visits_touched();
        rows[i].op();
        report(rows[i].name);
    }
}

static unsigned int run(void)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        measure();
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);

    return status;
}

int main(int argc, char **argv)
{
    static const unsigned long mibs[] = { 1, 64, 1024, 65536, 1048576 - 1024 };
    static const unsigned int views[] = { 2, 8, 64, 512 };
    static const unsigned int vcpus[] = { 1, 8, 32, 128 };
    unsigned int i, failed = 0;

    machine_reserve();
    for ( i = 0; i < ARRAY_SIZE(mibs); i++ )
    {
        size = (struct size){ mibs[i], 8, 4 };
        failed += !!run();
    }
    for ( i = 0; i < ARRAY_SIZE(views); i++ )
    {
        size = (struct size){ 1024, views[i], 4 };
        failed += !!run();
    }
    for ( i = 0; i < ARRAY_SIZE(vcpus); i++ )
    {
        size = (struct size){ 1024, 8, vcpus[i] };
        failed += !!run();
    }
    size = (struct size){ mibs[ARRAY_SIZE(mibs) - 1], 512, 128 };
    failed += !!run();
    printf("TEST scale %s\n", failed ? "FAIL" : "PASS");

    return !!failed;
}
