/* SPDX-License-Identifier: GPL-2.0-only */
/* Access rights and their names in hypercalls. */

#include <asm/p2m-rights.h>

/*
 * Translates a hypercall's access into *@out.  Returns 0, or -EINVAL if it is
 * none, or -EOPNOTSUPP, with *@out set, if the host's map can't enforce it.
 */
int p2m_check_access(const struct domain *d, xenmem_access_t access,
                     p2m_access_t *out)
{
    if ( access > XENMEM_access_default ||
         !xenmem_access_to_p2m_access(p2m_get_hostp2m(d), access, out) )
        return -EINVAL;

    return p2m_rights() & (1u << *out) ? 0 : -EOPNOTSUPP;
}
