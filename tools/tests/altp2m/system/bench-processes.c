/* SPDX-License-Identifier: GPL-2.0-only */
/* What views by CR3 cost the guest, and what they save it. */
#include "bench.h"
#include "library.h"

#include <stdio.h>
#include <string.h>

#define CR3_GFN     (TEST_GFN + 16)
#define CR3(n)      gpa_of(CR3_GFN + (n))
#define CR3_COPIES  8
#define CR3_LOADS   2000
#define CR3_RECORDS XEN_ALTP2M_CR3_VIEWS_MAX

/* Copies of the guest's top page table, the first at an even page. */
static void copy_roots(struct guest *g)
{
    uint8_t *root = host_map(g, guest_do(g, 0, COMMAND(CMD_FEATURES))->result[2]
                                >> 12);

    for ( unsigned int i = 0; i < CR3_COPIES; i++ )
    {
        uint8_t *copy = host_map(g, CR3_GFN + i);

        memcpy(copy, root, 4096);
        host_unmap(copy);
    }
    host_unmap(root);
}

static void set_cr3_views(struct guest *g, unsigned int nr, const char *key)
{
    altp2m_op_t op = op_new(g->domid, HVMOP_altp2m_set_cr3_views);
    struct xen_altp2m_cr3_views *s = (void *)&op.u;
    uint64_t t;

    *s = (struct xen_altp2m_cr3_views){
        .other = XEN_ALTP2M_NO_VIEW, .nr = nr,
        .buffer = (uintptr_t)xencall_alloc_buffer(xcall, 4096),
    };
    expect(s->buffer, "no memory");
    memset((void *)(uintptr_t)s->buffer, 0, 4096);
    for ( unsigned int i = 0; i < nr; i++ )
        ((struct xen_altp2m_cr3_view *)(uintptr_t)s->buffer)[i] =
            (struct xen_altp2m_cr3_view){
                /* The last two match, of which one has another view. */
                .value = i + 2 < nr ? 0xdea0000 + i * 0x2000
                                    : CR3(2 * (i + 2 - nr)),
                .mask = ~0x1fffULL,
                .view = i + 1 == nr,
            };
    guest_pause(g);
    t = timed_op(&op);
    guest_unpause(g);
    if ( key )
        put(key, t);
    xencall_free_buffer(xcall, (void *)(uintptr_t)s->buffer);
}

static void time_loads(struct guest *g, const char *what, uint64_t first,
                       uint64_t second)
{
    const struct guest_command *c = COMMAND(CMD_CR3_LOOP, first, second,
                                            CR3_LOADS);
    char key[64];
    uint64_t t[FEW];

    for ( unsigned int i = 0; i < FEW; i++ )
        t[i] = guest_do(g, 0, c)->result[0];
    snprintf(key, sizeof(key), "cr3_%s", what);
    put(key, least_of(t, FEW));
    put_of(key, "exits", exits_of(g, c));
}

static void answer_step(const vm_event_request_t *request,
                        vm_event_response_t *answer)
{
    answer->flags |= VM_EVENT_FLAG_ALTERNATE_P2M |
                     VM_EVENT_FLAG_FAST_SINGLESTEP;
    answer->altp2m_idx = 0;
    answer->u.fast_singlestep.p2midx = request->altp2m_idx;
}

/*
 * Code with a breakpoint in the view of one process, called by others.  That the
 * one process hits it is looked at first.
 */
static void called_by_others(struct guest *g)
{
    const struct xen_altp2m_cr3_view record = {
        .value = CR3(0), .mask = ~0x1fffULL, .view = 1,
    };
    struct xen_altp2m_patch p[CODE_PAGES];
    struct monitor *m;
    bool hits;

    put_code(g, TEST_GFN, CODE_PAGES);
    for ( unsigned int i = 0; i < CODE_PAGES; i++ )
        p[i] = (struct xen_altp2m_patch){
            .gfn = TEST_GFN + i, .offset = CODE_HIT, .len = 1, .bytes = { INT3 },
        };
    expect_library(xenaltp2m_patch(library(), g->domid, 1, p, CODE_PAGES,
                                   NULL), 0);
    expect_library(xenaltp2m_set_cr3_views(library(), g->domid, &record, 1, 0,
                                           NULL), 0);
    m = monitor_all(g, answer_step, &hits);

    if ( hits )
    {
        unsigned int before = m->count;

        guest_do(g, 0, COMMAND(CMD_LOAD_CR3, CR3(0)));
        guest_do(g, 0, CALL_CODE(CODE_HIT, 0));
        expect_equal(m->count - before, CODE_PAGES * CODE_CALLS, "hits");
    }
    guest_do(g, 0, COMMAND(CMD_LOAD_CR3, CR3(4)));
    put_served(g, CALL_CODE(CODE_HIT, 0), 0, FEW, "cr3_others_32");
    monitor_close(m);
}

void bench_processes(void)
{
    struct guest *g = guest_with_views();

    copy_roots(g);
    time_loads(g, "none", CR3(0), CR3(2));
    if ( !is_ours(g) )
        put_called_by_others(big_guest(2048), "cr3_others_32");
    expect_equal(new_view(g), 1, "view");
    set_cr3_views(g, CR3_RECORDS, "cr3_set");
    /* Of no process with a record; of one, in turn; of both tables of one. */
    time_loads(g, "miss", CR3(4), CR3(6));
    time_loads(g, "switch", CR3(0), CR3(2));
    time_loads(g, "kpti", CR3(0), CR3(1));
    set_cr3_views(g, 0, "cr3_unset");
    time_loads(g, "after", CR3(0), CR3(2));
    called_by_others(g);
}
