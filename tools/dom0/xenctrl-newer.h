/* SPDX-License-Identifier: GPL-2.0-only */
/* What libxenctrl 4.17 has and 4.19 and newer have by another name, for the programs here. */
#include <stdbool.h>
#include <xenctrl.h>
#include <xendevicemodel.h>

typedef struct
{
    uint32_t domid;
    bool dying, crashed, shutdown, paused, blocked, running;
    unsigned long max_memkb, nr_pages;
    unsigned int max_vcpu_id, nr_online_vcpus;
} xc_dominfo_t;

static inline int xc_domain_getinfo(xc_interface *handle, uint32_t first,
                                    unsigned int nr, xc_dominfo_t *info)
{
    xc_domaininfo_t got[nr];
    int found = xc_domain_getinfolist(handle, first, nr, got);

    for ( int i = 0; i < found; i++ )
    {
        unsigned int flags = got[i].flags;
        unsigned int reason = (flags >> XEN_DOMINF_shutdownshift) &
                              XEN_DOMINF_shutdownmask;

        info[i] = (xc_dominfo_t){
            .domid = got[i].domain,
            .dying = flags & XEN_DOMINF_dying,
            .shutdown = flags & XEN_DOMINF_shutdown,
            .crashed = (flags & XEN_DOMINF_shutdown) &&
                       reason == SHUTDOWN_crash,
            .paused = flags & XEN_DOMINF_paused,
            .blocked = flags & XEN_DOMINF_blocked,
            .running = flags & XEN_DOMINF_running,
            .max_memkb = got[i].max_pages << (XC_PAGE_SHIFT - 10),
            .nr_pages = got[i].tot_pages,
            .max_vcpu_id = got[i].max_vcpu_id,
            .nr_online_vcpus = got[i].nr_online_vcpus,
        };
    }
    return found;
}

static inline int xc_hvm_inject_trap(xc_interface *handle, uint32_t domid,
                                     int vcpu, uint8_t vector, uint8_t type,
                                     uint32_t error_code, uint8_t insn_len,
                                     uint64_t cr2)
{
    xendevicemodel_handle *model = xendevicemodel_open(NULL, 0);
    int rc = -1;

    (void)handle;
    if ( model )
        rc = xendevicemodel_inject_event(model, domid, vcpu, vector, type,
                                         error_code, insn_len, cr2);
    xendevicemodel_close(model);
    return rc;
}
