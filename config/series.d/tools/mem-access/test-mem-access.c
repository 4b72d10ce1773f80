/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-mem-access: what XENMEM_access_op does with each access, for a guest
 * that never runs; and a fork of a guest that was created with an altp2m mode.
 *
 * Exits with 0 if all is well, 1 if not, 2 if nothing can be tested here.  What
 * else can't be tested is said on a line with "Skip".
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xenctrl.h>

#define PAGES 16

static xc_interface *xch;
static unsigned int nr_failures;

/* Has the domain that was made last an altp2m mode? */
static bool has_mode;

#define FAIL(...) do {                  \
    nr_failures++;                      \
    printf("Fail: " __VA_ARGS__);       \
    printf("\n");                       \
} while ( 0 )

/* Returns a PVH domain with some memory, or DOMID_INVALID. */
static uint32_t make_domain(bool with_memory)
{
    struct xen_domctl_createdomain create = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .max_vcpus = 1,
        .max_grant_frames = 1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .altp2m = {
            .opts = XEN_DOMCTL_ALTP2M_mode(XEN_DOMCTL_ALTP2M_external),
            .nr = 2,
        },
        .arch = { .emulation_flags = XEN_X86_EMU_LAPIC },
    };
    uint32_t domid = DOMID_ANY;
    xen_pfn_t gfns[PAGES];
    unsigned int i;

    has_mode = !xc_domain_create(xch, &domid, &create);
    if ( !has_mode )
    {
        /* Xen may be built without altp2m, or the CPU lack it. */
        create.altp2m.opts = create.altp2m.nr = 0;
        domid = DOMID_ANY;
        if ( xc_domain_create(xch, &domid, &create) )
            return DOMID_INVALID;
    }

    if ( xc_domain_max_vcpus(xch, domid, 1) ||
         xc_set_paging_mempool_size(xch, domid, 4 << 20) ||
         xc_domain_setmaxmem(xch, domid, -1) )
        goto out;

    for ( i = 0; i < PAGES; i++ )
        gfns[i] = i;
    if ( !with_memory ||
         !xc_domain_populate_physmap_exact(xch, domid, PAGES, 0, 0, gfns) )
        return domid;

 out:
    warn("Setting up a domain");
    xc_domain_destroy(xch, domid);

    return DOMID_INVALID;
}

static void check_access(uint32_t domid, xenmem_access_t access,
                         const char *name, bool must, bool must_not)
{
    xenmem_access_t before, after;
    int rc;

    if ( xc_get_mem_access(xch, domid, 1, &before) )
    {
        FAIL("%s: reading the access: %s", name, strerror(errno));
        return;
    }

    rc = xc_set_mem_access(xch, domid, access, 1, 1);
    if ( rc && must )
        FAIL("%s: refused: %s", name, strerror(errno));
    else if ( !rc && must_not )
        FAIL("%s: accepted, and no CPU can enforce it", name);
    else if ( rc && errno != EOPNOTSUPP )
        FAIL("%s: %s", name, strerror(errno));

    if ( xc_get_mem_access(xch, domid, 1, &after) )
        FAIL("%s: reading it back: %s", name, strerror(errno));
    else if ( after != (rc ? before : access) )
        FAIL("%s: access %d before, %d after", name, before, after);
}

static void check_accesses(void)
{
    static const struct {
        xenmem_access_t access;
        const char *name;
        bool must, must_not;
    } all[] = {
        { XENMEM_access_r, "r", true },
        { XENMEM_access_rw, "rw", true },
        { XENMEM_access_rx, "rx", true },
        { XENMEM_access_rwx, "rwx", true },
        { XENMEM_access_n, "n", true },
        { XENMEM_access_rx2rw, "rx2rw", true },
        { XENMEM_access_n2rwx, "n2rwx", true },
        { XENMEM_access_x, "x" },       /* a capability of the CPU */
        { XENMEM_access_w, "w", .must_not = true },
        { XENMEM_access_wx, "wx", .must_not = true },
    };
    uint32_t domid = make_domain(true), port;
    unsigned int i;
    void *ring;

    if ( domid == DOMID_INVALID )
        errx(2, "Skip: no HVM domains with HAP here");

    ring = xc_monitor_enable(xch, domid, &port);
    if ( !ring )
    {
        xc_domain_destroy(xch, domid);
        err(2, "Skip: no monitor");
    }

    for ( i = 0; i < sizeof(all) / sizeof(all[0]); i++ )
        check_access(domid, all[i].access, all[i].name, all[i].must,
                     all[i].must_not);

    if ( xc_monitor_disable(xch, domid) )
        FAIL("turning the monitor off: %s", strerror(errno));
    xc_domain_destroy(xch, domid);
}

static void check_fork(void)
{
    uint32_t parent = make_domain(true), child = make_domain(false);

    if ( parent == DOMID_INVALID || child == DOMID_INVALID )
        printf("Skip: no domains to fork\n");
    else if ( !has_mode )
        printf("Skip: no domain with an altp2m mode to fork\n");
    else if ( xc_memshr_fork(xch, parent, child, true, true) )
    {
        if ( errno == EEXIST )
            FAIL("a fork with its parent's altp2m mode: %s", strerror(errno));
        else
            printf("Skip: no forks here: %s\n", strerror(errno));
    }

    if ( child != DOMID_INVALID )
        xc_domain_destroy(xch, child);
    if ( parent != DOMID_INVALID )
        xc_domain_destroy(xch, parent);
}

int main(void)
{
    xch = xc_interface_open(NULL, NULL, 0);
    if ( !xch )
        err(2, "xc_interface_open()");

    check_accesses();
    check_fork();

    xc_interface_close(xch);

    return nr_failures != 0;
}
