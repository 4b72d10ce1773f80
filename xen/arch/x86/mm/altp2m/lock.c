/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: locked sections. */

#include "lock.h"

/* Settles, fills the reserve up, and drops the lock. */
static always_inline void unlock(struct domain *d)
{
    struct altp2m_domain *a = d->arch.altp2m;

    if ( a )
    {
        if ( a->owed.flush )
            altp2m_settle(d);
        altp2m_restock(d);
    }

    p2m_unlock(p2m_get_hostp2m(d));
}

void altp2m_unlock(struct domain *d)
{
    unlock(d);
}

/*
 * Runs a section, and drops the lock, which is held.  @since: altp2m_sections()
 * when it was asked for.
 */
static always_inline int run_locked(struct domain *d, unsigned int flags,
                                    altp2m_section_t *fn, void *arg,
                                    unsigned long since)
{
    int rc;

    altp2m_waited(d, flags & SECTION_PAUSED, since);

    if ( d->is_dying )
        rc = -ESRCH;
    else if ( !altp2m_active(d) && !(flags & SECTION_MAY_BE_OFF) )
        rc = -EOPNOTSUPP;
    else
        rc = fn(d, arg);

    unlock(d);

    return rc;
}

/*
 * Runs @fn(@d, @arg) with the lock held.  @flags: SECTION_*.
 *
 * Returns @fn's result; -ESRCH if the domain is dying; -EOPNOTSUPP if views are
 * off; -ERESTART if the domain cannot be paused now.  No lock held.
 */
int altp2m_section(struct domain *d, unsigned int flags, altp2m_section_t *fn,
                   void *arg)
{
    unsigned long since = altp2m_sections(d);
    int rc = flags & SECTION_PAUSED ? domain_pause_except_self(d) : 0;

    if ( rc )
        return rc;

    altp2m_lock(d);
    rc = run_locked(d, flags, fn, arg, since);
    if ( flags & SECTION_PAUSED )
        domain_unpause_except_self(d);

    return rc;
}

/*
 * Runs @fn(@v's domain, @arg) with the lock held, and @v current or paused.
 * When a domain asks for this on another vCPU of its own, all of its vCPUs are
 * paused: two vCPUs that pause each other would wait for ever.
 *
 * @fn needs no memory, so nothing is taken back that was lent to faults: each
 * reply of a monitor comes here, and each #UD of a vCPU that may use VMFUNC.
 *
 * Returns as altp2m_section() does.  No lock held.
 */
int altp2m_vcpu_section(struct vcpu *v, altp2m_section_t *fn, void *arg)
{
    unsigned long since = altp2m_sections(v->domain);
    int rc;

    if ( v == current )
    {
        altp2m_lock_fault(v->domain);
        return run_locked(v->domain, 0, fn, arg, since);
    }

    if ( v->domain == current->domain )
        return altp2m_section(v->domain, SECTION_PAUSED, fn, arg);

    vcpu_pause(v);
    altp2m_lock_fault(v->domain);
    rc = run_locked(v->domain, SECTION_PAUSED, fn, arg, since);
    vcpu_unpause(v);

    return rc;
}
