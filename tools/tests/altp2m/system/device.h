/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small device model: an ioreq server with ports and registers that take what
 * is written to them and give numbers that count up.  Data that it is given the
 * address of it reads and writes itself, through the host's map, as they all do.
 */
#ifndef ALTP2M_TEST_DEVICE_H
#define ALTP2M_TEST_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xen/hvm/ioreq.h>

struct guest;

#define DEVICE_PORT  0x5a0           /* and the 15 behind it */
#define DEVICE_GPA   0x70000000ULL   /* and the page there */
#define DEVICE_LOG   4096
#define DEVICE_FIRST 0x40            /* the first byte it gives, see below */

struct device
{
    struct guest *guest;
    uint16_t id;
    xenforeignmemory_resource_handle *resource;
    shared_iopage_t *page;
    uint32_t port;                   /* of the event channel */

    uint64_t last;                   /* all of what was written last, */
    uint64_t address;                /* and where */
    uint8_t written[DEVICE_LOG];     /* byte by byte */
    unsigned int nr_written;
    unsigned int nr_read;            /* byte n read is DEVICE_FIRST + n */
    unsigned int by_address;         /* requests with an address of data */
};

struct device *device_open(struct guest *g);
/* It is given what the guest writes to that page, or no longer. */
void device_takes_writes(struct device *d, uint64_t gfn, bool takes);
/* Does what is asked for; true if there was anything. */
bool device_serve(struct device *d);
void devices_close(void);

#endif /* ALTP2M_TEST_DEVICE_H */
