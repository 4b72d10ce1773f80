/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log: opened, closed, written to by rules, and read by a monitor that is
 * honest or writes anything.  The model has each byte that must be in the ring,
 * also those that the monitor wrote last.
 */
#include "step.h"

#include "log.h"

#define MOST  3u                  /* pages, mostly */
#define CELL  64u
#define CELLS (PAGE_SIZE / CELL)

static struct {
    unsigned int nr, pages;       /* that there are; in the ring */
    uint64_t prod, lost;
    unsigned int port, sent;      /* its events so far */
    unsigned int serial;          /* of the last one */
    uint8_t byte[XEN_ALTP2M_LOG_MAX_PAGES * PAGE_SIZE]
        __attribute__((aligned(64)));
} want;

static struct xen_altp2m_log *want_header(void)
{
    return (void *)want.byte;
}

static uint8_t *page(unsigned int i)
{
    return data_at(mfn_x(page_to_mfn(model_domain->arch.altp2m_log->page[i])));
}

void ref_log_init(void)
{
    want.nr = want.pages = want.serial = 0;
}

/* As the code under test has it. */
void ref_log_observe(void)
{
    const struct altp2m_log *log = model_domain->arch.altp2m_log;

    ref.log_open = log && log->pages;
    if ( !log )
        return;
    want.nr = log->nr;
    want.pages = log->pages;
    want.prod = log->prod;
    want.lost = log->lost;
    want.serial = log->serial;
    want.port = log->port;
    want.sent = channels.sent[log->port];
    for ( unsigned int i = 0; i < log->nr; i++ )
        memcpy(&want.byte[i * PAGE_SIZE], page(i), PAGE_SIZE);
}

/* Pages that the pool pays for. */
unsigned int ref_log_pages(void)
{
    const struct altp2m_log *log = model_domain->arch.altp2m_log;

    return log ? log->nr : 0;
}

unsigned int ref_log_channel(void)
{
    return ref.log_open ? 1u << want.port : 0;
}

/* A rule has been hit: called after that, with all but seq and tsc. */
void log_hit(const struct xen_altp2m_log_record *r)
{
    unsigned int records = want.pages * CELLS - 1;
    struct xen_altp2m_log *h = want_header();
    struct xen_altp2m_log_record *record;

    if ( !ref.log_open )
        return;
    if ( want.prod - h->cons >= records )
    {
        h->lost = ++want.lost;
        return;
    }
    record = (void *)&want.byte[(1 + want.prod % records) * CELL];
    *record = *r;
    record->seq = want.prod + want.lost;
    record->tsc = model_tsc;
    h->prod = ++want.prod;
    want.sent += h->cons == want.prod - 1;
}

/* Are the pages those that a monitor gets? */
static void check_frames(unsigned int pages)
{
    struct domain *d = model_domain;
    xen_pfn_t mfn[XEN_ALTP2M_LOG_MAX_PAGES];
    unsigned int i;

    if ( altp2m_log_frames(d, 0) != pages || altp2m_log_frames(d, 1) )
        FAIL("the log has %u frames, should have %u", altp2m_log_frames(d, 0),
             pages);
    if ( altp2m_log_acquire(d, 0, 1, pages, mfn) != -EINVAL ||
         altp2m_log_acquire(d, 1, 0, 1, mfn) != -EINVAL ||
         altp2m_log_acquire(d, 0, ~0u - 1, 1, mfn) != -EINVAL )
        FAIL("%s", "frames can be had that the log has not");
    if ( altp2m_log_acquire(d, 0, 0, pages, mfn) != pages )
        FAIL("%s", "the log's frames can't be had");
    for ( i = 0; i < pages; i++ )
        if ( data_at(mfn[i]) != page(i) )
            FAIL("frame %u of the log is another one", i);
}

static void open_log(unsigned int pages)
{
    op_t op = { .cmd = HVMOP_altp2m_log_open };
    struct xen_altp2m_log_open *p = (void *)&op.u;
    unsigned int before = machine.refused;
    int rc = refused_for(op.cmd) ?: caller ? -EPERM :
             ref.log_open ? -EBUSY : 0;

    *p = (struct xen_altp2m_log_open){ .pages = pages };
    if ( !expect_rc(step_call(&op), rc, before) )
        return;

    if ( p->records != pages * CELLS - 1 )
        FAIL("a log of %u pages has room for %u records", pages, p->records);
    if ( !(channels.open & 1u << p->port) )
        FAIL("the log's event channel %u is not open", p->port);
    while ( want.nr < pages )
        memset(&want.byte[want.nr++ * PAGE_SIZE], 0, PAGE_SIZE);
    ref.log_open = true;
    want.pages = pages;
    want.prod = want.lost = want.sent = 0;
    want.port = p->port;
    *want_header() = (struct xen_altp2m_log){ .version = 1,
                                              .records = p->records,
                                              .open = 1,
                                              .serial = p->serial };
    if ( p->serial == want.serial )
        FAIL("a log has number %u, as the one before", p->serial);
    want.serial = p->serial;
    check_frames(pages);
}

/* a: 0 mod 4 closes; b: pages */
void do_log(struct step s)
{
    op_t op = { .cmd = HVMOP_altp2m_log_close };

    if ( s.a & 3 )
        open_log(s.b == 255 ? XEN_ALTP2M_LOG_MAX_PAGES : 1 + s.b % MOST);
    else if ( expect_rc(step_call(&op),
                        refused_for(op.cmd) ?: caller ? -EPERM : 0, 0) )
        ref.log_open = false;
}

struct xen_altp2m_log *log_header(void)
{
    return (void *)page(0);
}

/* What a monitor writes, whoever it is: to the ring and to the model. */
void log_scribbled(unsigned int at, const void *value, unsigned int size)
{
    memcpy(page(at / PAGE_SIZE) + at % PAGE_SIZE, value, size);
    memcpy(&want.byte[at], value, size);
}

static void scribble(unsigned int at, uint64_t value, unsigned int size)
{
    log_scribbled(at, &value, size);
}

#define HEADER(field) offsetof(struct xen_altp2m_log, field)

/* a: honest or not; b, c, d: what and where */
void do_read_log(struct step s)
{
    const uint64_t counts[] = {
        want.prod, want.prod, want.prod - 1, want.prod + 1, ~0UL, 0,
        want.prod - want.pages * CELLS + 2, want.prod - want.pages * CELLS + 1,
    };
    uint64_t some = counts[s.b % ARRAY_SIZE(counts)];

    /* Who has mapped the pages has them when the log is closed. */
    if ( !want.nr )
        return;
    switch ( s.a % 8 )
    {
    case 0: scribble(HEADER(prod), some, 8); break;
    case 1: scribble(HEADER(lost), some, 8); break;
    case 2: scribble(HEADER(records), s.b * s.c, 4); break;
    case 3: scribble(HEADER(version), s.b, 8); break;
    case 4: scribble((s.c * 256 + s.d) * 8 % (want.nr * PAGE_SIZE), some, 8);
        break;
    default: scribble(HEADER(cons), some, 8); break;
    }
}

void check_log(void)
{
    const struct altp2m_log *log = model_domain->arch.altp2m_log;
    unsigned int i, k;

    if ( !ref.log_open && want.pages )
    {
        want_header()->open = 0;
        want.pages = 0;
        if ( channels.open & 1u << want.port )
            FAIL("%s", "the log's event channel stays open");
    }
    if ( ref_log_pages() != want.nr || (log && log->pages != want.pages) )
        FAIL("the log has %u pages, should have %u", ref_log_pages(), want.nr);
    for ( i = 0; i < want.nr; i++ )
        for ( k = 0; k < PAGE_SIZE; k++ )
            if ( page(i)[k] != want.byte[i * PAGE_SIZE + k] )
                FAIL("byte %x of page %u of the log is %x, should be %x", k, i,
                     page(i)[k], want.byte[i * PAGE_SIZE + k]);
    if ( ref.log_open && channels.sent[want.port] != want.sent )
        FAIL("the log's reader had %u events, should have had %u",
             channels.sent[want.port], want.sent);
}
