/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for libxenctrl, libxencall and libxenstore, before them by
 * LD_PRELOAD: a domain with a view 1, of which the file FAKE_XEN has all
 * records.  A call gives no more than FAKE_MOST of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define __XEN_TOOLS__ 1 /* has XENMEM_access_* */

#include <xencall.h>
#include <xenctrl.h>
#include <xenstore.h>
#include <xen/memory.h>
#include <xen/hvm/hvm_op.h>
#include <xenaltp2m.h>

/* The file: this, the overrides, and the map. */
static struct
{
    uint64_t overrides, maps, last_gfn, access;
} head;

static struct xen_altp2m_override *overrides;
static struct xen_altp2m_map *maps;
static unsigned int most;

static void *read_list(FILE *f, size_t size, size_t nr)
{
    void *list = calloc(nr + 1, size);

    if ( !list || fread(list, size, nr, f) != nr )
        abort();
    return list;
}

xencall_handle *xencall_open(xentoollog_logger *logger, unsigned int flags)
{
    FILE *f = fopen(getenv("FAKE_XEN"), "r");

    if ( !f || fread(&head, sizeof(head), 1, f) != 1 )
        abort();
    overrides = read_list(f, sizeof(*overrides), head.overrides);
    maps = read_list(f, sizeof(*maps), head.maps);
    most = atoi(getenv("FAKE_MOST"));
    fclose(f);
    return (xencall_handle *)&head;
}

int xencall_close(xencall_handle *h)
{
    return 0;
}

void *xencall_alloc_buffer(xencall_handle *h, size_t size)
{
    return calloc(1, size);
}

void xencall_free_buffer(xencall_handle *h, void *buffer)
{
    free(buffer);
}

xc_interface *xc_interface_open(xentoollog_logger *a, xentoollog_logger *b,
                                unsigned int flags)
{
    return (xc_interface *)&head;
}

int xc_interface_close(xc_interface *xch)
{
    return 0;
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max,
                          xc_domaininfo_t *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = first;
    return 1;
}

struct xs_handle *xs_open(unsigned long flags)
{
    return NULL;
}

/* The records of @list from r->next on; @moved goes on with the gfn. */
#define READ(r, list, nr_, moved) do {                                      \
    typeof(*(list)) *to = (void *)(uintptr_t)(r)->buffer;                   \
    size_t i = 0;                                                           \
                                                                            \
    while ( i < (nr_) && (list)[i].gfn + (list)[i].count <= (r)->next )     \
        i++;                                                                \
    for ( ; i < (nr_) && (list)[i].gfn <= (r)->last; i++ )                  \
    {                                                                       \
        if ( (r)->nr == (r)->room || (r)->nr == most )                      \
            break;                                                          \
        to[(r)->nr] = (list)[i];                                            \
        if ( (list)[i].gfn < (r)->next )                                    \
        {                                                                   \
            to[(r)->nr].moved += (r)->next - (list)[i].gfn;                 \
            to[(r)->nr].count -= (r)->next - (list)[i].gfn;                 \
            to[(r)->nr].gfn = (r)->next;                                    \
        }                                                                   \
        if ( to[(r)->nr].count > (r)->last - to[(r)->nr].gfn )              \
            to[(r)->nr].count = (r)->last - to[(r)->nr].gfn + 1;            \
        (r)->nr++;                                                          \
    }                                                                       \
    (r)->next = i < (nr_) && (list)[i].gfn <= (r)->last                     \
                ? (list)[i].gfn : XEN_ALTP2M_NONE;                          \
} while ( 0 )

static void list_views(struct xen_altp2m_read *r)
{
    struct xen_altp2m_view *view = (void *)(uintptr_t)r->buffer;

    view[0] = (struct xen_altp2m_view){ .default_access = XENMEM_access_rwx };
    view[1] = (struct xen_altp2m_view){ .view = 1,
                                        .default_access = head.access };
    r->nr = 2;
    r->next = XEN_ALTP2M_NONE;
}

int xencall2(xencall_handle *h, unsigned int op, uint64_t command,
             uint64_t buffer)
{
    struct xen_hvm_altp2m_op *o = (void *)(uintptr_t)buffer;
    struct xen_altp2m_read *r = (void *)&o->u;
    struct xen_altp2m_domain_info *info = (void *)&o->u;

    switch ( o->cmd )
    {
    case HVMOP_altp2m_capabilities:
        return 0;
    case HVMOP_altp2m_domain_info:
        info->host_max_gfn = head.last_gfn;
        return 0;
    case HVMOP_altp2m_list_vcpus:
        r->next = XEN_ALTP2M_NONE;
        return 0;
    case HVMOP_altp2m_list_views:
        list_views(r);
        return 0;
    case HVMOP_altp2m_read_overrides:
        READ(r, overrides, head.overrides, target);
        return 0;
    case HVMOP_altp2m_read_map:
        READ(r, maps, head.maps, source);
        return 0;
    }
    errno = EOPNOTSUPP;
    return -1;
}
