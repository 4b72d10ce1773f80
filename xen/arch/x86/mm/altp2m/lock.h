/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: locked sections. */
#ifndef X86_MM_ALTP2M_LOCK_H
#define X86_MM_ALTP2M_LOCK_H

#include "cache.h"

/*
 * Takes the host p2m lock to handle a fault.  altp2m_unlock() settles.  Code
 * that Xen calls with the lock held settles before it returns, as Xen drops the
 * lock.
 *
 * Taking it ends in block_lock_speculation(), so that it is inlined all the
 * way: a CPU that guesses where a call returns to passes over a barrier inside
 * the call (XSA-453).  tools/tests/barriers checks the objects.
 */
static always_inline void altp2m_lock_fault(struct domain *d)
{
    p2m_lock(p2m_get_hostp2m(d));
}

/* Takes the lock for anything else, and takes back nodes lent to faults. */
static always_inline void altp2m_lock(struct domain *d)
{
    altp2m_lock_fault(d);
    if ( unlikely(d->arch.altp2m && !list_empty(&d->arch.altp2m->lent)) )
        altp2m_recall(d);
}

/*
 * A locked section.  altp2m_section() and altp2m_vcpu_section() pause, take the
 * lock, check that the domain is alive and its views are on, call the function,
 * settle, drop the lock and unpause.
 */
typedef int altp2m_section_t(struct domain *d, void *arg); /* is cf_check */

#define SECTION_PAUSED  1u        /* no vCPU runs but the caller */
#define SECTION_OFF     2u        /* also where views are off */

/*
 * How many sections there have been, and, where one begins: others have come
 * first since there were @since.  A debug build tells (trace.c).
 */
#ifdef CONFIG_DEBUG
static inline unsigned long altp2m_sections(const struct domain *d)
{
    return read_atomic(&d->arch.altp2m_sections);
}
void altp2m_waited(struct domain *d, bool paused, unsigned long since);
#else
static inline unsigned long altp2m_sections(const struct domain *d)
{
    return 0;
}
static inline void altp2m_waited(struct domain *d, bool paused,
                                 unsigned long since) {}
#endif

/* lock.c */
int altp2m_section(struct domain *d, unsigned int flags, altp2m_section_t *fn,
                   void *arg);
int altp2m_vcpu_section(struct vcpu *v, altp2m_section_t *fn, void *arg);
void altp2m_unlock(struct domain *d);

#endif /* X86_MM_ALTP2M_LOCK_H */
