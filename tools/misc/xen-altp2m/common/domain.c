/* SPDX-License-Identifier: GPL-2.0-only */
#include "common/domain.h"
#include "common/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* libxenctrl says little that our own messages don't say better. */
static xentoollog_logger *quiet_logger(void)
{
    static xentoollog_logger_stdiostream *logger;

    if ( !logger )
        logger = xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
    return (xentoollog_logger *)logger;
}

int connect_xen(struct domain *d)
{
    *d = (struct domain){ 0 };
    d->xch = xc_interface_open(quiet_logger(), quiet_logger(), 0);
    d->alt = d->xch ? xenaltp2m_open(quiet_logger(), 0) : NULL;
    if ( !d->alt )
    {
        int error = errno;

        close_domain(d);
        return error;
    }
    d->store = xs_open(0);
    return 0;
}

int cant_connect(int error)
{
    if ( error == EACCES || error == EPERM )
        return complain(EXIT_DENIED, "Xen may not be asked: run this as root "
                        "in dom0");
    return complain(EXIT_UNSUPPORTED, "there is no Xen to be asked (%s): run "
                    "this in dom0 of a Xen host", strerror(error));
}

static bool exists(struct domain *d, unsigned int domid)
{
    xc_domaininfo_t info;

    return xc_domain_getinfolist(d->xch, domid, 1, &info) == 1 &&
           info.domain == domid && !(info.flags & XEN_DOMINF_dying);
}

static char *name_of(struct domain *d, unsigned int domid)
{
    char path[64];
    unsigned int length;

    snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
    return d->store ? xs_read(d->store, XBT_NULL, path, &length) : NULL;
}

static bool find_by_name(struct domain *d, const char *operand)
{
    unsigned int nr = 0;
    char **list = d->store ? xs_directory(d->store, XBT_NULL, "/local/domain",
                                          &nr) : NULL;
    bool found = false;

    for ( unsigned int i = 0; i < nr && !found; i++ )
    {
        uint64_t domid;
        char *name;

        if ( !parse_number(list[i], DOMID_FIRST_RESERVED - 1, &domid) )
            continue;
        name = name_of(d, domid);
        found = name && !strcmp(name, operand) && exists(d, domid);
        if ( found )
            d->domid = domid;
        free(name);
    }
    free(list);
    return found;
}

int find_domain(struct domain *d, const char *operand)
{
    uint64_t domid;

    d->operand = operand;
    if ( parse_number(operand, DOMID_FIRST_RESERVED - 1, &domid) &&
         exists(d, domid) )
        d->domid = domid;
    else if ( !find_by_name(d, operand) )
        return complain(EXIT_NOT_FOUND, "there is no domain '%s'; xl list "
                        "shows those there are", operand);
    d->name = name_of(d, d->domid);
    if ( asprintf(&d->text, "%u%s%s", d->domid, d->name ? " " : "",
                  d->name ?: "") < 0 )
        d->text = NULL;
    checked(d->text);
    return EXIT_DONE;
}

static int open_for(struct domain *d, const char *operand, uint32_t ignored)
{
    int error = connect_xen(d), code;

    code = error ? cant_connect(error) : find_domain(d, operand);
    if ( code )
        return code;
    if ( xenaltp2m_capabilities(d->alt, d->domid, &d->capabilities) )
        return lacks_operations(errno)
               ? complain_no_operations()
               : complain_errno(errno, "domain %s: can't ask for its views",
                                d->text);
    if ( d->capabilities.why_not & ~ignored )
        return complain_why_not(d, d->capabilities.why_not);
    return EXIT_DONE;
}

int open_domain(struct domain *d, const char *operand)
{
    return open_for(d, operand, 0);
}

int open_domain_off(struct domain *d, const char *operand)
{
    return open_for(d, operand, 1u << XEN_ALTP2M_WHY_OFF);
}

const unsigned char *map_page(struct domain *d, uint64_t gfn)
{
    xen_pfn_t frame = gfn;
    int error = 0;
    void *page;

    if ( !d->memory )
        d->memory = xenforeignmemory_open(quiet_logger(), 0);
    if ( !d->memory )
        return NULL;
    page = xenforeignmemory_map(d->memory, d->domid, PROT_READ, 1, &frame,
                                &error);
    if ( page && error )
    {
        xenforeignmemory_unmap(d->memory, page, 1);
        errno = -error;
        page = NULL;
    }
    return page;
}

void unmap_page(struct domain *d, const unsigned char *page)
{
    if ( page )
        xenforeignmemory_unmap(d->memory, (void *)page, 1);
}

void close_domain(struct domain *d)
{
    if ( d->memory )
        xenforeignmemory_close(d->memory);
    if ( d->store )
        xs_close(d->store);
    if ( d->alt )
        xenaltp2m_close(d->alt);
    if ( d->xch )
        xc_interface_close(d->xch);
    free(d->name);
    free(d->text);
    *d = (struct domain){ 0 };
}
