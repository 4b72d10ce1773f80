/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What does one process write to a page?  Prints each write, until SIGINT; the guest
 * does not wait, and its other processes run as if nobody looked.
 *
 *     process-writes DOMID CR3 GFN
 *
 * Views are on (xen-altp2m on), and the domain has no views by CR3 yet.
 *
 *     gcc -o process-writes process-writes.c -lxenaltp2m
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenaltp2m.h>

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
    (void)signal;
    stop = 1;
}

/* Until told to stop, or until the log is closed: the domain has ended, say. */
static void print_writes(xenaltp2m_log *log)
{
    struct xen_altp2m_log_record r;
    int got;

    while ( !stop && (got = xenaltp2m_log_read(log, &r, 1)) >= 0 )
    {
        if ( got )
            printf("write %" PRIu64 ": address %#" PRIx64 ", rip %#" PRIx64
                   ", vcpu %u\n", r.seq + 1, (r.gfn << 12) + r.offset, r.rip,
                   r.vcpu);
        else if ( xenaltp2m_log_wait(log, 500) < 0 )
            break;
    }
    printf("%" PRIu64 " lost\n", xenaltp2m_log_lost(log));
}

int main(int argc, char **argv)
{
    struct xen_altp2m_cr3_view record = { .mask = ~0xfffULL }; /* no PCID */
    xenaltp2m_handle *h = xenaltp2m_open(NULL, 0);
    xenaltp2m_log *log = NULL;
    uint32_t domid = argc == 4 ? strtoul(argv[1], NULL, 0) : 0;
    uint64_t gfn = argc == 4 ? strtoull(argv[3], NULL, 0) : 0;
    int bad = 1;

    if ( argc != 4 )
        return fprintf(stderr, "usage: process-writes DOMID CR3 GFN\n"), 2;
    record.value = strtoull(argv[2], NULL, 0) & record.mask;
    setlinebuf(stdout);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    /* A view in which writes to the page are logged; the process is in it. */
    if ( h && !xenaltp2m_watch(h, domid, gfn, XEN_ALTP2M_RULE_WRITE, NULL,
                               &record.view) &&
         (log = xenaltp2m_log_open(h, domid, 1000, 0)) &&
         !xenaltp2m_set_cr3_views(h, domid, &record, 1, 0, NULL) )
    {
        bad = 0;
        printf("watching\n");
        print_writes(log);
        xenaltp2m_set_cr3_views(h, domid, NULL, 0, XEN_ALTP2M_NO_VIEW, NULL);
        xenaltp2m_switch(h, domid, 0);
    }
    else
        fprintf(stderr, "process-writes: %s\n", strerror(errno));
    xenaltp2m_log_close(log);
    if ( record.view )
        xenaltp2m_destroy(h, domid, record.view);
    return bad;
}
