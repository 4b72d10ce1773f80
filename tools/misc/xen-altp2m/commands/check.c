/* SPDX-License-Identifier: GPL-2.0-only */
/* What views need, in the order in which it is to be dealt with. */
#include "command.h"
#include "common/domain.h"
#include "common/json.h"
#include "common/message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct condition
{
    const char *key;
    bool of_domain;
    uint32_t why;           /* 1 << XEN_ALTP2M_WHY_*; 0: found otherwise */
    const char *text;       /* what holds */
    const char *missing;    /* what doesn't */
    const char *remedy;
};

enum { C_XEN, C_OPERATIONS };

static const struct condition conditions[] = {
    [C_XEN] =
    { "xen", false, 0,
      "Xen runs underneath, and this is its control domain",
      "there is no Xen underneath that could be asked",
      "Run this as root in dom0 of a Xen host." },
    [C_OPERATIONS] =
    { "operations", false, 0,
      "this Xen has the operations for views",
      "this Xen is not one with the operations for views",
      "Boot the hypervisor that comes with this tool: see \"On a real "
      "machine\" in its README." },
    { "cpu", false, 1u << XEN_ALTP2M_WHY_CPU,
      "the CPU has nested paging (EPT or NPT)",
      "the CPU has no nested paging (EPT or NPT), or it is switched off",
      "Switch virtualization on in the firmware's set-up; in a virtual "
      "machine, give it to that. Processors from before 2008 have none." },
    { "hap", false, 1u << XEN_ALTP2M_WHY_HAP,
      "Xen uses nested paging",
      "Xen was told not to use nested paging",
      "Take hap=0 from Xen's command line, and boot." },
    { "cmdline", false, 1u << XEN_ALTP2M_WHY_CMDLINE,
      "Xen was started with altp2m=1",
      "Xen was started without altp2m=1",
      "Add altp2m=1 to Xen's command line (GRUB_CMDLINE_XEN in "
      "/etc/default/grub, then update-grub), and boot." },
    { "domain-type", true, 1u << XEN_ALTP2M_WHY_PV,
      "the domain is HVM or PVH",
      "the domain is PV, and has no map that there could be views of",
      "Make it with type=\"pvh\" or type=\"hvm\" in its configuration." },
    { "domain-hap", true, 1u << XEN_ALTP2M_WHY_SHADOW,
      "the domain uses nested paging",
      "the domain is made without nested paging",
      "Take hap=0 from its configuration, and make it anew." },
    { "nested", true, 1u << XEN_ALTP2M_WHY_NESTED,
      "the domain has no nested virtualization",
      "the domain has nested virtualization, which excludes views",
      "Take nestedhvm=1 from its configuration, and make it anew." },
    { "mode", true, 1u << XEN_ALTP2M_WHY_MODE,
      "the domain is made for views",
      "the domain is made with altp2m=\"disabled\", as it is unless told",
      "Put altp2m=\"external\" (or mixed, or limited) into its configuration, "
      "and make it anew: see xl.cfg(5)." },
};

#define CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

bool lacks_operations(int error)
{
    return error == EOPNOTSUPP || error == ENOSYS;
}

int complain_no_operations(void)
{
    return complain(EXIT_UNSUPPORTED, "%s. %s",
                    conditions[C_OPERATIONS].missing,
                    conditions[C_OPERATIONS].remedy);
}

int complain_why_not(const struct domain *d, uint32_t why_not)
{
    for ( unsigned int i = 0; i < CONDITIONS; i++ )
        if ( conditions[i].why & why_not )
            return complain(EXIT_UNSUPPORTED, "domain %s: %s. %s", d->text,
                            conditions[i].missing, conditions[i].remedy);
    return complain(EXIT_UNSUPPORTED, "domain %s: views are off. Turn them on: "
                    "xen-altp2m on %s", d->text, d->operand);
}

/* ---- check -------------------------------------------------------------- */

struct finding
{
    struct domain d;
    bool with_domain;
    int failed;             /* the first condition that doesn't hold, or -1 */
    int code;               /* 0, or why nothing can be said */
    uint64_t pool, vcpus;   /* pages, of a domain's paging pool; 0: not known */
};

/*
 * What xl gives for each vCPU alone, where its configuration says how many
 * there are.  Views are made from this pool, and so are the domain's own
 * tables.
 */
#define POOL_PER_VCPU 256

static void look_at_pool(struct finding *f)
{
    xc_domaininfo_t info;
    uint64_t bytes;

    if ( xc_domain_getinfolist(f->d.xch, f->d.domid, 1, &info) != 1 ||
         info.domain != f->d.domid ||
         xc_get_paging_mempool_size(f->d.xch, f->d.domid, &bytes) )
        return;
    f->pool = bytes / PAGE_BYTES;
    f->vcpus = info.max_vcpu_id + 1;
}

static bool small_pool(const struct finding *f)
{
    return f->pool && f->pool < POOL_PER_VCPU * f->vcpus;
}

static const char small_pool_remedy[] =
    "Put vcpus= or shadow_memory= into its configuration, and make it anew: "
    "without vcpus=, xl gives the vCPU nothing.";

static void look(struct finding *f)
{
    struct xen_altp2m_capabilities *c = &f->d.capabilities;

    if ( xenaltp2m_capabilities(f->d.alt, f->d.domid, c) )
    {
        if ( lacks_operations(errno) )
            f->failed = C_OPERATIONS;
        else
            f->code = f->with_domain
                      ? complain_errno(errno, "domain %s: can't ask for its "
                                       "views", f->d.text)
                      : complain_errno(errno, "can't ask for views");
        return;
    }
    for ( unsigned int i = 0; f->failed < 0 && i < CONDITIONS; i++ )
        if ( (conditions[i].why & c->why_not) &&
             (f->with_domain || !conditions[i].of_domain) )
            f->failed = i;
    if ( f->with_domain && f->failed < 0 )
        look_at_pool(f);
}

static bool is_off(const struct finding *f)
{
    return f->with_domain && f->failed < 0 &&
           (f->d.capabilities.why_not & (1u << XEN_ALTP2M_WHY_OFF));
}

static bool looked_at(const struct finding *f, unsigned int i)
{
    return f->failed < 0 || i <= (unsigned int)f->failed;
}

static const struct
{
    uint32_t bit, hardware;
    const char *key, *text;
} features[] = {
    { XEN_ALTP2M_HAS_VMFUNC, XEN_ALTP2M_HAS_VMFUNC_HW, "vmfunc", "VMFUNC" },
    { XEN_ALTP2M_HAS_VE, XEN_ALTP2M_HAS_VE_HW, "ve", "#VE" },
    { XEN_ALTP2M_HAS_SINGLE_STEP, 0, "single_step", "fast single-step" },
    { XEN_ALTP2M_HAS_SIDES, 0, "sides", "x and wx by two sides" },
};

#define FEATURES (sizeof(features) / sizeof(features[0]))

static const char *feature_state(const struct finding *f, unsigned int i)
{
    uint32_t has = f->d.capabilities.features;

    if ( !(has & features[i].bit) )
        return "none";
    if ( !features[i].hardware )
        return "yes";
    return has & features[i].hardware ? "hardware" : "emulated";
}

static void print_features(const struct finding *f)
{
    printf("rights:");
    for ( unsigned int i = 0; i < 10; i++ )
        if ( f->d.capabilities.rights & (1u << i) )
            printf(" %s", access_name(i));
    for ( unsigned int i = 0; i < FEATURES; i++ )
        printf("; %s: %s", features[i].text, feature_state(f, i));
    printf("; up to %u views\n", f->d.capabilities.max_views);
}

static void print_finding(const struct finding *f)
{
    for ( unsigned int i = 0; i < CONDITIONS; i++ )
    {
        const struct condition *c = &conditions[i];

        if ( (c->of_domain && !f->with_domain) || !looked_at(f, i) )
            continue;
        if ( (int)i != f->failed )
            printf("ok    %s\n", c->text);
        else
            printf("FAIL  %s\n      %s\n", c->missing, c->remedy);
    }
    if ( f->failed >= 0 )
    {
        printf("Views can't be used%s.\n", f->with_domain ? " here" : "");
        return;
    }
    if ( small_pool(f) )
        printf("warn  the domain's paging pool is small: %" PRIu64 " pages for %"
               PRIu64 " vCPU%s\n      %s\n", f->pool, f->vcpus,
               f->vcpus == 1 ? "" : "s", small_pool_remedy);
    print_features(f);
    if ( is_off(f) )
        printf("Views can be used; they are off now: xen-altp2m on %s\n",
               f->d.operand);
    else
        printf("Views can be used%s.\n", f->with_domain ? ", and are on" : "");
}

static void json_finding(const struct finding *f)
{
    yajl_gen g = json_begin(true);

    json_document(g, "check");
    json_bool(g, "usable", f->failed < 0);
    json_text(g, "failed", f->failed < 0 ? NULL : conditions[f->failed].key);
    json_text(g, "remedy", f->failed < 0 ? NULL : conditions[f->failed].remedy);
    if ( f->with_domain )
    {
        json_int(g, "domain", f->d.domid);
        json_text(g, "domain_name", f->d.name);
        json_bool(g, "on", f->failed < 0 && !is_off(f));
        json_int(g, "pool_pages", f->pool);
        json_text(g, "warning", small_pool(f) ? small_pool_remedy : NULL);
    }
    json_array_open(g, "conditions");
    for ( unsigned int i = 0; i < CONDITIONS; i++ )
    {
        if ( (conditions[i].of_domain && !f->with_domain) || !looked_at(f, i) )
            continue;
        json_map_open(g);
        json_text(g, "condition", conditions[i].key);
        json_bool(g, "holds", (int)i != f->failed);
        json_map_close(g);
    }
    json_array_close(g);
    if ( f->failed < 0 )
    {
        json_key(g, "features");
        json_map_open(g);
        for ( unsigned int i = 0; i < FEATURES; i++ )
            json_text(g, features[i].key, feature_state(f, i));
        json_int(g, "max_views", f->d.capabilities.max_views);
        json_array_open(g, "rights");
        for ( unsigned int i = 0; i < 10; i++ )
            if ( f->d.capabilities.rights & (1u << i) )
                json_string(g, access_name(i));
        json_array_close(g);
        json_map_close(g);
    }
    json_map_close(g);
    json_end(g, stdout);
}

int run_check(const struct args *args)
{
    struct finding f = { .failed = -1, .with_domain = args->nr_operands };

    int error = connect_xen(&f.d);

    if ( error == EACCES || error == EPERM )
        f.code = cant_connect(error);
    else if ( error )
        f.failed = C_XEN; /* the report says so */
    else if ( f.with_domain )
        f.code = find_domain(&f.d, args->operand[0]);
    if ( !f.code && f.failed < 0 )
        look(&f);
    if ( !f.code )
    {
        if ( args->given[OPT_JSON] )
            json_finding(&f);
        else
            print_finding(&f);
        f.code = f.failed < 0 ? EXIT_DONE : EXIT_UNSUPPORTED;
    }
    close_domain(&f.d);
    return f.code;
}
