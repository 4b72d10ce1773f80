/* SPDX-License-Identifier: GPL-2.0-only */
/* The walkers and the trace checker find what they are for. */
#include "unit.h"

static void test_walkers(void)
{
    struct domain *d = model_domain;
    mfn_t t[4];
    unsigned int i;

    for ( i = 0; i < 4; i++ )
        t[i] = page_to_mfn(d->arch.paging.alloc_page(d));
    features.exec_only = false;
    for ( i = 0; i < 3; i++ )
        table_at(t[i].m)[1] = (t[i + 1].m << 12) | 7;
#define AT(e) (table_at(t[3].m)[1] = (e), walk_ept(t[0].m, 0x8040201))
    EXPECT(AT(0x123456037).end, WALK_OK);
    EXPECT(AT(0x123456037).mfn, 0x123456);
    EXPECT(AT(0x123456037).rights, 7);
    EXPECT(AT(0x123456037).emt, 6);
    EXPECT(AT(0x123456032).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456034).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456036).end, WALK_MISCONFIG);
    EXPECT(AT(0x12345603f).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456017).end, WALK_MISCONFIG);
    EXPECT(AT(0x123456030).end, WALK_ABSENT);
    EXPECT(AT(0x8000000000000000).suppress, 1);
    features.exec_only = true;
    EXPECT(AT(0x123456034).rights, 4);
    table_at(t[1].m)[1] = (t[2].m << 12) | 1;
    EXPECT(AT(0x123456037).rights, 1);
    table_at(t[1].m)[1] = (t[2].m << 12) | 0x3f;
    EXPECT(AT(0x123456037).end, WALK_MISCONFIG);
    table_at(t[1].m)[1] = 0x1400000b7;
    EXPECT(AT(0).mfn, 0x140201);
    table_at(t[1].m)[1] = 0x1400010b7;
    EXPECT(AT(0).end, WALK_MISCONFIG);
    table_at(t[0].m)[1] |= 0x80;
    EXPECT(AT(0).end, WALK_MISCONFIG);
#undef AT
    for ( i = 0; i < 3; i++ )
        table_at(t[i].m)[1] = (t[i + 1].m << 12) | 0x67;
#define AT(e) (table_at(t[3].m)[1] = (e), walk_npt(t[0].m, 0x8040201))
    EXPECT(AT(0x123456067).rights, 7);
    EXPECT(AT(0x123456067).mfn, 0x123456);
    EXPECT(AT(0x8000000123456067).rights, 3);
    EXPECT(AT(0x123456065).rights, 5);
    EXPECT(AT(0x123456066).end, WALK_ABSENT);
    EXPECT(AT(0x123456063).end, WALK_MISCONFIG);
    table_at(t[1].m)[1] = (t[2].m << 12) | 0x65;
    EXPECT(AT(0x123456067).rights, 5);
    table_at(t[1].m)[1] = 0x1400000e7;
    EXPECT(AT(0).mfn, 0x140201);
#undef AT
    for ( i = 0; i < 4; i++ )
        d->arch.paging.free_page(d, mfn_to_page(t[i]));
}

static void test_trace(void)
{
    struct domain *d = model_domain;
    static const struct { const char *events; bool bad; } cases[] = {
        { "e0 s x0 m i0 e0 r", false },
        { "e0 s r", true },               /* nobody was told */
        { "e0 s m r", true },             /* told, but still inside */
        { "e0 s m x0 r", false },         /* will invalidate on the way in */
        { "e0 x0 s r", true },            /* outside, but not told */
        { "e0 s f", true },               /* freed before the flush */
        { "e0 s m x0 f", false },
        { "e0 m x0 i0 e0 s r", true },    /* flushed before the store */
        { "s m r e0", true },             /* enters and forgets */
        { "s m f e0", true },
        { "s m r j0 e0", true },          /* forgets the views */
        { "s m r i0 e0", false },
        { "s m e0 x0 r i0 e0", false },   /* looked before the mask was set */
        { "s m e0 r", true },             /* ... and wasn't waited for */
        { "e0 e1 s m x0 r", true },       /* one of two is told */
        { "e0 e1 s m x0 x1 r", false },
        { "e0 m x0 i0 e0 r", false },
    };
    unsigned int i, c;

    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        trace_init(NULL, NR_PCPUS);
        trace_mask();
        for ( c = 0; c < NR_PCPUS; c++ )
            trace_invalidate(c);
        EXPECT(trace_events(cases[i].events), true);
        if ( !!trace->verdict != cases[i].bad )
            FAIL("'%s' is %s", cases[i].events,
                 trace->verdict ?: "thought to be right");
    }
    trace_init(NULL, NR_PCPUS);
    EXPECT(trace_events("s z"), false);
    EXPECT(trace_events("s e"), false);
    EXPECT(trace_events("e8"), false);
    trace_init(NULL, NR_PCPUS);
    p2m_get_hostp2m(d)->ept.invalidate->bits = 0;
    ept_sync_domain(p2m_get_hostp2m(d));
}

/* What Xen would tell of it, judged as a serial log is. */
static const char *told(char *const *text, struct trace *as)
{
    struct trace *was = trace;
    const char *verdict;
    char *line;

    fflush(model_console);
    trace_init(as, NR_PCPUS);
    for ( line = strtok(*text, "\n"); line; line = strtok(NULL, "\n") )
        EXPECT(trace_events(strchr(line, ':') + 1), true);
    verdict = as->verdict;
    trace = was;

    return verdict;
}

static void test_trace_told(void)
{
    static struct trace from_log;
    size_t size;
    char *text, *wrong, *p;

    model_console = open_memstream(&text, &size);
    two_views();
    step("reply", 1, 0, 0, 0);
    step("touch", 0, 12, 0, 0);
    step("access", 1, 12, XENMEM_access_r, 0);
    step("touch", 0, 12, 0, 0);
    step("remap", 1, 12, 11, 0);
    step("touch", 0, 12, 0, 0);
    step("host-page", 11, 0, 0, 1);
    step("touch", 0, 12, 0, 0);
    step("remap", 1, 12, 0, 1);
    step("touch", 0, 12, 0, 0);
    step("state", 0, 0, 0, 0);
    fflush(model_console);
    wrong = strdup(text);
    if ( told(&text, &from_log) )
        FAIL("%s", from_log.verdict);
    EXPECT(from_log.events['s'] >= 4, 1);
    EXPECT(from_log.events['f'] >= 1, 1);
    EXPECT(from_log.events['i'] >= 3, 1);
    EXPECT(from_log.events['e'] >= 4, 1);
    /* The same, had VM entry invalidated the host's context only. */
    for ( p = wrong; (p = strstr(p, " i")); p++ )
        p[1] = ALTP2M_INVALIDATED_ONE;
    EXPECT(told(&wrong, &from_log) != NULL, 1);
    free(wrong);
    fclose(model_console);
    model_console = NULL;
}

/* Of what goes on for ever only so much is told. */
static void test_trace_bounded(void)
{
    struct domain *d = model_domain;
    unsigned int i, lines = 0, last = 0;
    size_t size;
    char *text, *p;

    two_views();
    model_console = open_memstream(&text, &size);
    for ( i = 0; i < 100000; i++ )
    {
        altp2m_trace(d, "smr"[i % 3]);
        if ( !(i % 10000) )
            d->domain_id = 1 + (i / 10000) % 2;
    }
    altp2m_trace_end(d);
    fflush(model_console);
    for ( p = text; (p = strchr(p, '\n')); p++, lines++ )
    {
        EXPECT(p - text - last <= 100, 1);
        last = p - text;
    }
    EXPECT(lines > 100 && lines <= 200, 1);
    /* Back in the guest with nothing between: as if it hadn't been out. */
    rewind(model_console);
    d->domain_id = 3;
    altp2m_trace(d, ALTP2M_MASKED);
    current = d->vcpu[0];
    altp2m_trace(d, ALTP2M_ENTERS);
    altp2m_trace(d, ALTP2M_LEFT);
    altp2m_trace(d, ALTP2M_ENTERS);
    altp2m_trace(d, ALTP2M_ENTERS);
    altp2m_trace_invept(d, 0);
    altp2m_trace_invept(d, 1);
    altp2m_trace_invept(d, 2);
    caller_is(NULL);
    altp2m_trace(d, ALTP2M_STORED);
    altp2m_trace(d, ALTP2M_STORED);
    /* The same over and over. */
    for ( i = 0; i < 10; i++ )
    {
        altp2m_trace(d, ALTP2M_RETURNS);
        current = d->vcpu[0];
        altp2m_trace(d, ALTP2M_ENTERS);
        altp2m_trace(d, ALTP2M_LEFT);
        caller_is(NULL);
    }
    altp2m_trace(d, ALTP2M_MASKED);
    altp2m_trace_end(d);
    fflush(model_console);
    EXPECT(strncmp(text, "altp2m-trace d3: m e0 j0 i0 s r e0 x0 m\n", 40),
           0);
    d->domain_id = 1;
    fclose(model_console);
    model_console = NULL;
}

const struct unit_test trace_tests[] = {
    { "trace-walkers", test_walkers },
    { "trace-judged", test_trace },
    { "trace-told", test_trace_told },
    { "trace-bounded", test_trace_bounded },
    { NULL },
};
