/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-scale: how much memory each operation touches, in guests of 1 MiB to 1 TiB,
 * with 1 to 512 views, of 1 to 128 vCPUs.  The host maps by 2 MiB (1 MiB: by 4 KiB).
 * Each line is: "scale", operation, MiB, views, vCPUs, accesses.  Fails if an
 * operation grows with anything but what its row below allows.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define MIB_PAGES 256UL
#define BASE      0x40000UL       /* first gfn, at 1 GiB */
#define FRAME_FOR(gfn) (0x100000 + ((gfn) & 0x1fffff))

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

static unsigned int new_view(void)
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

    *PARAMETERS(&op, set_range) = (struct xen_altp2m_set_range){
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
    EXPECT(host_set(gfn, there ? FRAME_FOR(gfn) : ~0UL, 0,
                    there ? p2m_ram_rw : p2m_invalid, p2m_access_rwx), 0);
}

static void fault(unsigned int view, unsigned long gfn)
{
    int rc;

    do {
        altp2m_lock(d);
        rc = altp2m_fill(d, view_at(d, view), gfn, SIDE_DATA);
        altp2m_unlock(d);
        ASSERT(rc >= 0);
    } while ( rc );
}

static void fault_all(unsigned long gfn)
{
    unsigned int i;

    for ( i = 1; i + 1 < size.views; i++ )
        fault(i, gfn);
}

/* Each operation once, in a world as large as @size says. */
static void op_on(void)             { state(true); }
static void op_create(void)         { made = new_view(); }
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

    PARAMETERS(&op, set_vcpu)->vcpu = size.vcpus - 1;
    PARAMETERS(&op, set_vcpu)->on = 1;
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
        view = new_view();
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
    { "host_drops_a_page,all_views_override_beside", op_host_beside, settled, BY_VIEWS },
    { "fault", op_fault },
    { "target_of_a_remap_gone", op_target_gone, settled, BY_VIEWS },
    { "access_of_all_the_guest", op_range, settled },
    { "VMFUNC_for_a_vCPU", op_vmfunc, NULL, BY_VIEWS | BY_VCPUS },
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
        EXPECT(host_set(gfn, FRAME_FOR(gfn), order, p2m_ram_rw,
                        p2m_access_rwx), 0);
    last = size.mib < 4 ? BASE : BASE + pages - 512;
}

/* What each operation touched, by world: each is measured in a process of its own. */
static unsigned long (*touched)[ARRAY_SIZE(rows)];

static void measure(unsigned long *results)
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
        results[i] = visits_touched();
        printf("scale %s %lu %u %u %lu\n", rows[i].name, size.mib, size.views,
               size.vcpus, results[i]);
    }
}

static bool run(unsigned long *results)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if ( !pid )
    {
        measure(results);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);

    return !status;
}

/*
 * Is it more than the logarithm, from @small to @large, which is @times as far?  With
 * @allowed, more than linear; in the small world there is next to nothing of it.
 */
static bool grows(const char *name, const char *what, unsigned long small,
                  unsigned long large, unsigned long times, bool allowed)
{
    unsigned long limit = small * (64 - __builtin_clzl(times));

    if ( allowed )
        limit = 4 * small * times;
    if ( large <= limit )
        return false;
    printf("  %s: %lu accesses become %lu with %lu times the %s\n", name, small,
           large, times, what);

    return true;
}

static const struct size worlds[] = {
    { 1, 8, 4 }, { 64, 8, 4 }, { 1024, 8, 4 }, { 65536, 8, 4 },
    { 1048576 - 1024, 8, 4 },
    { 1024, 2, 4 }, { 1024, 64, 4 }, { 1024, 512, 4 },
    { 1024, 8, 1 }, { 1024, 8, 32 }, { 1024, 8, 128 },
    { 1048576 - 1024, 512, 128 },
};

int main(void)
{
    unsigned int i, failed = 0;

    machine_reserve();
    touched = mmap(NULL, ARRAY_SIZE(worlds) * sizeof(*touched),
                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT(touched != MAP_FAILED);
    for ( i = 0; i < ARRAY_SIZE(worlds); i++ )
    {
        size = worlds[i];
        failed += !run(touched[i]);
    }
    for ( i = 0; i < ARRAY_SIZE(rows) && !failed; i++ )
    {
        const char *name = rows[i].name;

        failed += grows(name, "memory", touched[0][i], touched[4][i], 1048576,
                        false);
        failed += grows(name, "views", touched[5][i], touched[7][i], 256,
                        rows[i].grows & BY_VIEWS);
        failed += grows(name, "vCPUs", touched[8][i], touched[10][i], 128,
                        rows[i].grows & BY_VCPUS);
    }
    printf("TEST scale %s\n", failed ? "FAIL" : "PASS");

    return !!failed;
}
