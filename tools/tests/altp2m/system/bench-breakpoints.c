/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The job of a monitor with hidden breakpoints: they are put in, hit, read around,
 * met by a process that nobody watches, and taken out.  First by the calls that
 * stock Xen has, in DRAKVUF's order (client-drakvuf.c); then by patches and rules.
 */
#include "bench.h"
#include "library.h"

#include <errno.h>
#include <string.h>

#define MANY   100u                 /* views, in the second run */

/* Where the breakpoints are: in each of so many 2 MiB, and in each page. */
#define AREAS  25u
#define PAGES  CODE_PAGES
#define EACH   5u
#define COUNT  (AREAS * PAGES * EACH)
#define APART  16u                  /* bytes */

/* Of which a check sum is made. */
#define SUMMED_PAGES 4u
#define SUM_CODE COMMAND(CMD_SUM_ALL, TEST_GPA, SUMMED_PAGES * 512)

static uint64_t gfn_of(unsigned int nr)
{
    return TEST_GFN + nr / EACH / PAGES * IN_2MIB + nr / EACH % PAGES;
}

static unsigned int offset_of(unsigned int nr)
{
    return nr % EACH * APART;
}

static bool first_in_page(unsigned int nr)
{
    return !(nr % EACH);
}

static bool last_in_page(unsigned int nr)
{
    return nr % EACH == EACH - 1;
}

static bool first_in_area(unsigned int nr)
{
    return !(nr % (PAGES * EACH));
}

/* What is done one by one, with the guest paused: all of it, and of each kind. */
struct times
{
    uint64_t all, first[AREAS], page[COUNT], other[COUNT];
    unsigned int firsts, pages, others;
};

static struct times timed_each(struct guest *g, void (*one)(unsigned int nr),
                               bool (*of_area)(unsigned int nr),
                               bool (*of_page)(unsigned int nr))
{
    static struct times t;

    memset(&t, 0, sizeof(t));
    guest_pause(g);
    for ( unsigned int i = 0; i < COUNT; i++ )
    {
        uint64_t start = ticks(), took;

        one(i);
        took = ticks() - start;
        t.all += took;
        if ( of_area && of_area(i) )
            t.first[t.firsts++] = took;
        else if ( of_page(i) )
            t.page[t.pages++] = took;
        else
            t.other[t.others++] = took;
    }
    guest_unpause(g);
    return t;
}

static void put_all(struct guest *g, void (*one)(unsigned int nr),
                    const char *key)
{
    struct times t = timed_each(g, one, first_in_area, first_in_page);

    put_of(key, "put_first", median(t.first, t.firsts));
    put_of(key, "put_later", median(t.page, t.pages));
    put_of(key, "put_same", median(t.other, t.others));
    put_of(key, "put_all", t.all);
}

static void take_all(struct guest *g, void (*one)(unsigned int nr),
                     const char *key)
{
    struct times t = timed_each(g, one, NULL, last_in_page);

    put_of(key, "take", median(t.other, t.others));
    put_of(key, "take_last", median(t.page, t.pages));
    put_of(key, "take_all", t.all);
}

/* A guest with code where the breakpoints will be, and that many views more. */
static struct guest *code_guest(unsigned int views)
{
    struct guest *g = big_guest(6000);

    expect_ok(view_state_set(g->domid, true));
    for ( unsigned int i = 0; i < AREAS; i++ )
        put_code(g, TEST_GFN + i * IN_2MIB, PAGES);
    for ( unsigned int i = 0; i < views; i++ )
    {
        uint16_t view;

        expect(!view_create(g->domid, XENMEM_access_rwx, &view),
               "has no more than 10 views");
        expect_ok(view_access_set(g->domid, view, TEST_GFN + 100,
                                  XENMEM_access_rx));
    }
    return g;
}

static int stepping(struct guest *g)
{
    return xc_monitor_singlestep(xch, g->domid, true) ? -errno : 0;
}

/* An INT3 of the host's page, which the monitor takes out. */
#define PROBE_GFN (TEST_GFN + 200)

static struct guest *probed;

static void answer_probe(const vm_event_request_t *request,
                         vm_event_response_t *answer)
{
    (void)answer;
    if ( request->reason == VM_EVENT_REASON_SOFTWARE_BREAKPOINT )
        put_code(probed, PROBE_GFN, 1);
}

struct monitor *monitor_all(struct guest *g, monitor_answer_t answer,
                            bool *hits)
{
    struct monitor *m = monitor_open(g, answer_probe);

    expect(!xc_monitor_software_breakpoint(xch, g->domid, true),
           "events of INT3: %s", error_name(-errno));
    probed = g;
    put_code(g, PROBE_GFN, 1);
    host_write(g, gpa_of(PROBE_GFN), INT3 | 0xc3 << 8);
    guest_try(g, 0, COMMAND(CMD_EXEC, gpa_of(PROBE_GFN)));
    *hits = m->count > 0;
    m->answer = answer;
    return m;
}

static uint64_t sum_of_code(struct guest *g)
{
    return guest_do(g, 0, SUM_CODE)->result[0];
}

/* ---- by the calls that stock Xen has --------------------------------------- */

static struct
{
    uint32_t domid;
    struct guest *g;
    uint16_t x, r, rx;              /* views */
    uint64_t sink, next;            /* gfns: of ones, and next to be made */
    uint64_t shadow[AREAS * PAGES]; /* gfns */
} classic;

static uint64_t add_page(void)
{
    uint64_t gfn = classic.next++;

    expect_ok(host_populate(classic.g, gfn));
    return gfn;
}

static void remap(uint16_t view, uint64_t gfn, uint64_t target)
{
    expect(!xc_altp2m_change_gfn(xch, classic.domid, view, gfn, target),
           "change_gfn: %s", error_name(-errno));
}

static void restrict_to(uint16_t view, uint64_t gfn, xenmem_access_t access)
{
    expect(!xc_altp2m_set_mem_access(xch, classic.domid, view, gfn, access),
           "set_mem_access: %s", error_name(-errno));
}

static void put_int3(uint64_t gfn, unsigned int offset)
{
    uint8_t *page = host_map(classic.g, gfn);

    page[offset] = INT3;
    host_unmap(page);
}

/* The guards come after the remaps, which take rights away. */
static void hide(uint64_t gfn, unsigned int offset, uint64_t shadow)
{
    uint8_t *from = host_map(classic.g, gfn), *to = host_map(classic.g, shadow);

    memcpy(to, from, XC_PAGE_SIZE);
    to[offset] = INT3;
    host_unmap(from);
    host_unmap(to);
    remap(classic.x, gfn, shadow);
    remap(classic.r, shadow, classic.sink);
    remap(classic.rx, shadow, classic.sink);
    restrict_to(classic.x, gfn, XENMEM_access_x);
    restrict_to(classic.x, shadow, XENMEM_access_n);
    restrict_to(classic.rx, gfn, XENMEM_access_rx);
    restrict_to(classic.rx, shadow, XENMEM_access_n);
}

static void put_classic(unsigned int nr)
{
    uint64_t *shadow = &classic.shadow[nr / EACH];

    if ( first_in_page(nr) )
    {
        *shadow = add_page();
        hide(gfn_of(nr), offset_of(nr), *shadow);
    }
    else
        put_int3(*shadow, offset_of(nr));
}

static void take_classic(unsigned int nr)
{
    uint64_t gfn = gfn_of(nr), shadow = classic.shadow[nr / EACH];
    unsigned int offset = offset_of(nr);
    uint8_t *from = host_map(classic.g, gfn), *to = host_map(classic.g, shadow);

    to[offset] = from[offset];
    host_unmap(from);
    host_unmap(to);
    if ( !last_in_page(nr) )
        return;
    remap(classic.x, gfn, NO_GFN);
    remap(classic.x, shadow, NO_GFN);
    remap(classic.rx, gfn, NO_GFN);
    remap(classic.rx, shadow, NO_GFN);
}

/* One step in the host's map, and back: two events. */
static void answer_classic(const vm_event_request_t *request,
                           vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                     VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
    answer->altp2m_idx =
        request->reason == VM_EVENT_REASON_SINGLESTEP ? classic.x : 0;
}

static void begin_classic(struct guest *g)
{
    xen_pfn_t last;
    uint8_t *page;

    memset(&classic, 0, sizeof(classic));
    classic.g = g;
    classic.domid = g->domid;
    expect(xc_domain_maximum_gpfn(xch, g->domid, &last) >= 0, "highest gfn: %s",
           error_name(-errno));
    classic.next = last + 1;
    classic.sink = add_page();
    page = host_map(g, classic.sink);
    memset(page, 0xff, XC_PAGE_SIZE);
    host_unmap(page);
    classic.x = new_view(g);
    classic.r = new_view(g);
    classic.rx = new_view(g);
    restrict_to(classic.x, classic.sink, XENMEM_access_n);
    restrict_to(classic.rx, classic.sink, XENMEM_access_n);
}

/* What the guest meets, with all breakpoints there. */
static void meet_classic(struct guest *g, uint64_t sum, const char *key)
{
    bool hits;
    struct monitor *m = monitor_all(g, answer_classic, &hits);
    char part[64];

    expect_ok(stepping(g));
    snprintf(part, sizeof(part), "%s_read_32", key);
    put_served(g, CALL_CODE(CODE_FREE, 1), classic.x, FEW, part);
    snprintf(part, sizeof(part), "%s_sum", key);
    expect_equal(put_served(g, SUM_CODE, classic.x, 1, part), sum,
                 "check sum of the code");
    snprintf(part, sizeof(part), "%s_hit_32", key);
    if ( hits )
        put_served(g, CALL_CODE(CODE_HIT, 0), classic.x, FEW, part);
    else
        none(part, "INT3 is not intercepted");
    monitor_close(m);
}

static void by_classic_calls(unsigned int views, const char *key)
{
    struct guest *g = code_guest(views);
    uint64_t sum = sum_of_code(g);

    begin_classic(g);
    put_all(g, put_classic, key);
    meet_classic(g, sum, key);
    expect_ok(view_switch(g->domid, 0));
    take_all(g, take_classic, key);
}

void bench_breakpoints(void)
{
    by_classic_calls(0, "bp");
}

void bench_breakpoints_100(void)
{
    by_classic_calls(MANY, "bp_100");
}

void put_called_by_others(struct guest *g, const char *key)
{
    struct monitor *m;
    bool hits;

    expect_ok(view_state_set(g->domid, true));
    put_code(g, TEST_GFN, PAGES);
    m = monitor_all(g, answer_classic, &hits);
    expect(hits && !stepping(g), "no INT3 or no single steps");
    begin_classic(g);
    for ( unsigned int i = 0; i < PAGES; i++ )
        put_classic(i * EACH);
    put_served(g, CALL_CODE(CODE_HIT, 0), classic.x, FEW, key);
    monitor_close(m);
}

/* ---- by patches and rules --------------------------------------------------- */

#define IN_ONE XEN_ALTP2M_MAX_PATCHES

/* A process that is watched, by its CR3: the guest is in none of that kind. */
#define WATCHED_CR3 0xdea0000ULL

static struct
{
    uint32_t domid;
    uint16_t runs, shows;           /* views: patched; where code is read */
} patched;

static struct xen_altp2m_patch patch_of(unsigned int nr)
{
    return (struct xen_altp2m_patch){
        .gfn = gfn_of(nr), .offset = offset_of(nr), .len = 1, .bytes = { INT3 },
    };
}

static void put_patch(unsigned int nr)
{
    struct xen_altp2m_patch p = patch_of(nr);

    expect_library(xenaltp2m_patch(library(), patched.domid, patched.runs, &p,
                                   1, NULL), 0);
}

static void take_patch(unsigned int nr)
{
    struct xen_altp2m_patch p = patch_of(nr);

    expect_library(xenaltp2m_unpatch(library(), patched.domid, patched.runs, &p,
                                     1, NULL), 0);
}

/* Its page can't be executed in the view that shows it: once for a page. */
static void show_page(unsigned int nr)
{
    const struct xen_altp2m_override o =
        rights_of(gfn_of(nr), 1, XENMEM_access_rw);

    if ( first_in_page(nr) )
        expect_library(xenaltp2m_apply(library(), patched.domid, patched.shows,
                                       &o, 1, 0, NULL), 0);
}

/* As many as Xen takes in one call. */
static uint64_t in_lists(struct guest *g, bool in)
{
    uint64_t start, took;

    guest_pause(g);
    start = ticks();
    for ( unsigned int i = 0, nr; i < COUNT; i += nr )
    {
        struct xen_altp2m_patch list[IN_ONE];

        for ( nr = 0; nr < IN_ONE && i + nr < COUNT; nr++ )
            list[nr] = patch_of(i + nr);
        expect_library((in ? xenaltp2m_patch : xenaltp2m_unpatch)(
                           library(), patched.domid, patched.runs, list, nr,
                           NULL), 0);
    }
    took = ticks() - start;
    guest_unpause(g);
    return took;
}

/* About all breakpoints, whoever does it. */
static struct xen_altp2m_rule rule_about(uint8_t access, uint8_t action)
{
    return (struct xen_altp2m_rule){
        .gfn = TEST_GFN, .count = AREAS * IN_2MIB, .offset_last = 0xfff,
        .rip_last = XEN_ALTP2M_NONE, .cpl = 0xf, .access = access,
        .action = action,
    };
}

static void set_rule(uint16_t view, uint8_t access, uint8_t action, uint16_t to)
{
    struct xen_altp2m_rule r = rule_about(access, action);

    if ( action == XEN_ALTP2M_RULE_SWITCH )
        r.view = to;
    else
        r.step_view = to;
    expect_library(xenaltp2m_set_rules(library(), patched.domid, view, &r, 1,
                                       NULL), 0);
}

#define READ_OR_WRITE (XEN_ALTP2M_RULE_READ | XEN_ALTP2M_RULE_WRITE)

/* Each access is let through, in view 0. */
static void rules_once(void)
{
    set_rule(patched.runs, READ_OR_WRITE, XEN_ALTP2M_RULE_ONCE, 0);
}

/* Who reads a page goes where it is shown, and who executes it, back. */
static void rules_switch(void)
{
    set_rule(patched.runs, READ_OR_WRITE, XEN_ALTP2M_RULE_SWITCH,
             patched.shows);
    set_rule(patched.shows, XEN_ALTP2M_RULE_FETCH, XEN_ALTP2M_RULE_SWITCH,
             patched.runs);
}

/* Hits are events in the watched process only. */
static void rules_filter(void)
{
    struct xen_altp2m_rule r[2] = {
        rule_about(XEN_ALTP2M_RULE_BREAKPOINT, XEN_ALTP2M_RULE_EVENT),
        rule_about(XEN_ALTP2M_RULE_BREAKPOINT, XEN_ALTP2M_RULE_ONCE),
    };

    r[0].cr3 = WATCHED_CR3;
    r[0].cr3_mask = ~0x1fffULL;
    expect_library(xenaltp2m_set_rules(library(), patched.domid, patched.runs,
                                       r, 2, NULL), 0);
}

static void rules_none(void)
{
    expect_library(xenaltp2m_set_rules(library(), patched.domid, patched.runs,
                                       NULL, 0, NULL), 0);
    expect_library(xenaltp2m_set_rules(library(), patched.domid, patched.shows,
                                       NULL, 0, NULL), 0);
}

/* One step in the host's map, after which the vCPU is back: one event. */
static void answer_patched(const vm_event_request_t *request,
                           vm_event_response_t *answer)
{
    (void)request;
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                     VM_EVENT_FLAG_FAST_SINGLESTEP;
    answer->altp2m_idx = 0;
    answer->u.fast_singlestep.p2midx = patched.runs;
}

static void read_patched(struct guest *g, uint64_t sum, void (*rules)(void),
                         const char *key, const char *how)
{
    char part[64];

    rules();
    snprintf(part, sizeof(part), "%s_read_%s_32", key, how);
    put_served(g, CALL_CODE(CODE_FREE, 1), patched.runs, FEW, part);
    snprintf(part, sizeof(part), "%s_sum_%s", key, how);
    expect_equal(put_served(g, SUM_CODE, patched.runs, FEW, part), sum,
                 "check sum of the code");
    rules_none();
}

static void meet_patched(struct guest *g, uint64_t sum, const char *key)
{
    bool hits;
    struct monitor *m = monitor_all(g, answer_patched, &hits);
    char part[64];

    read_patched(g, sum, rules_switch, key, "switch");
    read_patched(g, sum, rules_once, key, "once");
    if ( hits )
    {
        snprintf(part, sizeof(part), "%s_hit_32", key);
        put_served(g, CALL_CODE(CODE_HIT, 0), patched.runs, FEW, part);
        rules_filter();
        snprintf(part, sizeof(part), "%s_filtered_32", key);
        put_served(g, CALL_CODE(CODE_HIT, 0), patched.runs, FEW, part);
        rules_none();
    }
    monitor_close(m);
}

static void by_patches(unsigned int views, const char *key)
{
    struct guest *g = code_guest(views);
    uint64_t sum = sum_of_code(g);
    struct times t;

    if ( !is_ours(g) )
        return;
    patched.domid = g->domid;
    patched.runs = new_view(g);
    patched.shows = new_view(g);

    put_all(g, put_patch, key);
    t = timed_each(g, show_page, first_in_area, first_in_page);
    put_of(key, "show_first", median(t.first, t.firsts));
    put_of(key, "show_later", median(t.page, t.pages));
    meet_patched(g, sum, key);
    expect_ok(view_switch(g->domid, 0));
    take_all(g, take_patch, key);
}

/* The same in as few calls as can be, in a view without tables. */
static void by_lists(unsigned int views, const char *key)
{
    struct guest *g = code_guest(views);

    if ( !is_ours(g) )
        return;
    patched.domid = g->domid;
    patched.runs = new_view(g);
    put_of(key, "put_lists", in_lists(g, true));
    put_of(key, "take_lists", in_lists(g, false));
    guest_destroy(g);
}

void bench_patches(void)
{
    by_lists(0, "bp_new");
    by_patches(0, "bp_new");
}

void bench_patches_100(void)
{
    by_lists(MANY, "bp_new_100");
    by_patches(MANY, "bp_new_100");
}

/* ---- where the time goes --------------------------------------------------- */

static void marked_patch(unsigned int nr, const char *what)
{
    mark();
    put_patch(nr);
    mark();
    looked_at(what);
}

/* What is read and called is in pages that have been met before. */
void profile_breakpoints(void)
{
    struct guest *g = code_guest(0);

    if ( !is_ours(g) )
        return;
    patched.domid = g->domid;
    patched.runs = new_view(g);
    patched.shows = new_view(g);
    marked_patch(0, "patch_very_first");
    marked_patch(PAGES * EACH, "patch_first");
    marked_patch(EACH, "patch_later");
    marked_patch(1, "patch_same");
    for ( unsigned int i = 0; i < PAGES; i++ )
    {
        if ( i > 1 )
            put_patch(i * EACH);
        show_page(i * EACH);
    }
    expect_ok(view_switch(g->domid, patched.runs));
    rules_switch();
    guest_do(g, 0, CALL_CODE(CODE_FREE, 1));
    quietly_marked(g, CALL_CODE(CODE_FREE, 1));
    looked_at("rule_switch_64");
    rules_once();
    guest_do(g, 0, COMMAND(CMD_SUM_ALL, TEST_GPA, SOME));
    quietly_marked(g, COMMAND(CMD_SUM_ALL, TEST_GPA, SOME));
    looked_at("rule_once_16");
}
