/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory views: a debug build's log of what becomes of translations, on the
 * console, for a program that reads the serial line and knows which flush each
 * store needs.
 *
 *     altp2m-trace d1: s m r i0 e0 x0 s m f r i0 e0
 *
 * A letter is an enum altp2m_event, a number a CPU's.  A repeated event is
 * logged once.  An exit from the guest is dropped if the CPU enters again at
 * once.
 */

#include "base.h"

#define LINE        72u
#define LINES_EACH  16u           /* of a domain, until another one has views */
#define LINES_ALL   640u

static struct {
    spinlock_t lock;
    domid_t domain;               /* whose events these are */
    unsigned int each, all;       /* lines logged: of the domain, of all */
    unsigned int len;
    char text[LINE];
} trace = { .lock = SPIN_LOCK_UNLOCKED };

static void put_line(void)
{
    if ( !trace.len )
        return;

    printk(XENLOG_DEBUG "altp2m-trace d%u:%s\n", trace.domain, trace.text);
    trace.len = 0;
    trace.each++;
    trace.all++;
}

/* Does the line end with @text? */
static bool is_last(const char *text, unsigned int len)
{
    return trace.len >= len &&
           !memcmp(trace.text + trace.len - len, text, len);
}

static void add(char *text, unsigned int len)
{
    if ( text[1] == ALTP2M_ENTERS )
    {
        text[1] = ALTP2M_LEFT;
        if ( is_last(text, len) )
            trace.len -= len;
        text[1] = ALTP2M_ENTERS;
    }

    if ( is_last(text, len) )
        return;

    if ( trace.len + len >= LINE )
        put_line();

    memcpy(trace.text + trace.len, text, len + 1);
    trace.len += len;
}

/* Hypercalls in a row, with the guest running in between, are logged once. */
static void fold(void)
{
    static const unsigned int len = sizeof(" r e0 x0") - 1;

    if ( trace.len >= 2 * len &&
         trace.text[trace.len - len + 1] == ALTP2M_RETURNS &&
         !memcmp(trace.text + trace.len - len,
                 trace.text + trace.len - 2 * len, len) )
        trace.len -= len;
}

static bool by_cpu(enum altp2m_event event)
{
    return event == ALTP2M_INVALIDATED || event == ALTP2M_INVALIDATED_ONE ||
           event == ALTP2M_ENTERS || event == ALTP2M_LEFT;
}

/* Logs an event.  Any context; locks may be held. */
void altp2m_trace(const struct domain *d, enum altp2m_event event)
{
    char text[8];
    unsigned long flags;
    unsigned int len;

    if ( likely(!d->arch.altp2m) )
        return;

    len = by_cpu(event)
          ? snprintf(text, sizeof(text), " %c%u", event, smp_processor_id())
          : snprintf(text, sizeof(text), " %c", event);

    spin_lock_irqsave(&trace.lock, flags);

    if ( d->domain_id != trace.domain )
    {
        put_line();
        trace.domain = d->domain_id;
        trace.each = 0;
    }
    if ( trace.each < LINES_EACH && trace.all < LINES_ALL )
    {
        fold();
        add(text, len);
    }

    spin_unlock_irqrestore(&trace.lock, flags);
}

/* Logs INVEPT of no context, of one, or (2 and more) of all. */
void altp2m_trace_invept(const struct domain *d, unsigned int contexts)
{
    if ( contexts )
        altp2m_trace(d, contexts > 1 || !altp2m_active(d)
                        ? ALTP2M_INVALIDATED : ALTP2M_INVALIDATED_ONE);
}

/*
 * Counts a locked section that begins.  @since: the count when the caller asked
 * for it.  If another domain asked, logs how many came in between, if more than
 * ever before.  Sections with @paused have a maximum of their own.  Lock held.
 *
 *     altp2m-overtaken d1: 1 paused 3
 */
void altp2m_waited(struct domain *d, bool paused, unsigned long since)
{
    unsigned long others = d->arch.altp2m_sections - since;
    unsigned long *most = d->arch.altp2m_overtaken;

    write_atomic(&d->arch.altp2m_sections, d->arch.altp2m_sections + 1);
    if ( current->domain == d || others <= most[paused] )
        return;

    most[paused] = others;
    printk(XENLOG_DEBUG "altp2m-overtaken d%u: %lu paused %lu\n", d->domain_id,
           most[false], most[true]);
}

/* Ends the log of a domain, whose views are gone. */
void altp2m_trace_end(const struct domain *d)
{
    unsigned long flags;

    spin_lock_irqsave(&trace.lock, flags);
    if ( d->domain_id == trace.domain )
        put_line();
    spin_unlock_irqrestore(&trace.lock, flags);
}
