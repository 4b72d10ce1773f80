/* SPDX-License-Identifier: LGPL-2.1-only */
/* libxenaltp2m: shorthands for what most programs do, and rights as text. */
#include "private.h"

#include <assert.h>

/* ---- rights ---- */

static_assert(XENALTP2M_N == XENMEM_access_n &&
              XENALTP2M_R == XENMEM_access_r &&
              XENALTP2M_W == XENMEM_access_w &&
              XENALTP2M_RW == XENMEM_access_rw &&
              XENALTP2M_X == XENMEM_access_x &&
              XENALTP2M_RX == XENMEM_access_rx &&
              XENALTP2M_WX == XENMEM_access_wx &&
              XENALTP2M_RWX == XENMEM_access_rwx &&
              XENALTP2M_RX2RW == XENMEM_access_rx2rw &&
              XENALTP2M_N2RWX == XENMEM_access_n2rwx,
              "rights have other numbers than in Xen");
static_assert(XENALTP2M_HOST == XEN_ALTP2M_NO_DEFAULT,
              "no rights have another number than in Xen");

static const struct {
    const char *name, *text;
} rights[] = {
    [XENALTP2M_N] = { "n", "---" },
    [XENALTP2M_R] = { "r", "r--" },
    [XENALTP2M_W] = { "w", "-w-" },
    [XENALTP2M_RW] = { "rw", "rw-" },
    [XENALTP2M_X] = { "x", "--x" },
    [XENALTP2M_RX] = { "rx", "r-x" },
    [XENALTP2M_WX] = { "wx", "-wx" },
    [XENALTP2M_RWX] = { "rwx", "rwx" },
    [XENALTP2M_RX2RW] = { "rx2rw", "rx2rw" },
    [XENALTP2M_N2RWX] = { "n2rwx", "n2rwx" },
    [XENALTP2M_R_PW] = { "r_pw", "r_pw" },
};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

const char *xenaltp2m_access_name(unsigned int access)
{
    return access < RIGHTS ? rights[access].name : "host";
}

const char *xenaltp2m_access_text(unsigned int access)
{
    return access < RIGHTS ? rights[access].text : "host";
}

int xenaltp2m_access_parse(const char *text, unsigned int *access)
{
    unsigned int i;

    for ( i = 0; i < RIGHTS; i++ )
        if ( !strcmp(text, rights[i].name) || !strcmp(text, rights[i].text) )
            break;

    if ( i == RIGHTS && strcmp(text, "host") )
    {
        errno = EINVAL;
        return -1;
    }
    *access = i < RIGHTS ? i : XENALTP2M_HOST;

    return 0;
}

/* ---- one gfn ---- */

int xenaltp2m_set_access(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                         uint64_t gfn, unsigned int access)
{
    struct xen_altp2m_override o = { .gfn = gfn, .count = 1 };

    if ( access == XENALTP2M_HOST )
        o.clear = XEN_ALTP2M_ACCESS;
    else if ( access <= UINT8_MAX )
    {
        o.set = XEN_ALTP2M_ACCESS;
        o.access = access;
    }

    return xenaltp2m_apply(h, domid, view, &o, 1, 0, NULL);
}

int xenaltp2m_remap(xenaltp2m_handle *h, uint32_t domid, uint16_t view,
                    uint64_t gfn, uint64_t target)
{
    struct xen_altp2m_override o = { .gfn = gfn, .count = 1 };

    if ( target == XEN_ALTP2M_NONE )
        o.clear = XEN_ALTP2M_REMAP;
    else
    {
        o.set = XEN_ALTP2M_REMAP;
        o.target = target;
    }

    return xenaltp2m_apply(h, domid, view, &o, 1, 0, NULL);
}

/* ---- vCPUs, and all views ---- */

int xenaltp2m_get_vcpu_view(xenaltp2m_handle *h, uint32_t domid, uint32_t vcpu,
                            uint16_t *view)
{
    struct xenaltp2m_cursor at = { .next = vcpu };
    struct xen_altp2m_vcpu info;
    int nr = xenaltp2m_list_vcpus(h, domid, &at, &info, 1);

    if ( nr < 0 )
        return -1;
    if ( !nr || info.vcpu != vcpu )
    {
        errno = ENOENT;
        return -1;
    }
    *view = info.view;

    return 0;
}

/* A view may go away meanwhile: then it is as it should be. */
static int destroy_one(xenaltp2m_handle *h, uint32_t domid, uint16_t view)
{
    struct xenaltp2m_cursor at = { .next = view };
    struct xen_altp2m_view info;
    int nr, saved;

    if ( !xenaltp2m_destroy(h, domid, view) )
        return 0;

    saved = errno;
    nr = xenaltp2m_list_views(h, domid, &at, &info, 1);
    errno = saved;

    return nr == 0 || (nr == 1 && info.view != view) ? 0 : -1;
}

int xenaltp2m_destroy_all(xenaltp2m_handle *h, uint32_t domid)
{
    struct xen_altp2m_view *list;
    size_t nr, i;
    int rc = 0, saved;

    if ( xenaltp2m_all_views(h, domid, &list, &nr) )
        return -1;

    /*
     * What a rule or a record of views by CR3 names can't be destroyed, and
     * both take vCPUs out of view 0.  An older Xen has none.
     */
    if ( xenaltp2m_set_cr3_views(h, domid, NULL, 0, XEN_ALTP2M_NO_VIEW, NULL) &&
         errno != EOPNOTSUPP )
        rc = -1;

    for ( i = 0; !rc && i < nr; i++ )
        if ( xenaltp2m_set_rules(h, domid, list[i].view, NULL, 0, NULL) &&
             errno != EOPNOTSUPP && errno != ENOENT )
            rc = -1;

    if ( !rc )
        rc = xenaltp2m_switch(h, domid, 0);

    for ( i = 0; !rc && i < nr; i++ )
        if ( list[i].view )
            rc = destroy_one(h, domid, list[i].view);

    saved = errno;
    free(list);
    errno = saved;

    return rc;
}
