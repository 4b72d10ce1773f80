/* SPDX-License-Identifier: GPL-2.0-only */
#include "device.h"
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xen/hvm/dm_op.h>
#include <xen/memory.h>

static struct device *open_device;
static xendevicemodel_handle *models;
static xenforeignmemory_handle *memory;
static xenevtchn_handle *events;

static void map_page(struct device *d)
{
    void *page = NULL;

    d->resource = xenforeignmemory_map_resource(
        memory, d->guest->domid, XENMEM_resource_ioreq_server, d->id,
        XENMEM_resource_ioreq_server_frame_ioreq(0), 1, &page,
        PROT_READ | PROT_WRITE, 0);
    expect(d->resource, "can't map the requests: %s", error_name(-errno));
    d->page = page;
}

static void claim(struct device *d, bool mmio, uint64_t first, uint64_t last)
{
    expect(!xendevicemodel_map_io_range_to_ioreq_server(
               models, d->guest->domid, d->id, mmio, first, last),
           "claiming %#llx: %s", (unsigned long long)first,
           error_name(-errno));
}

struct device *device_open(struct guest *g)
{
    struct device *d = calloc(1, sizeof(*d));
    int port;

    if ( !models )
    {
        models = xendevicemodel_open(NULL, 0);
        memory = xenforeignmemory_open(NULL, 0);
        events = xenevtchn_open(NULL, 0);
    }
    expect(d && models && memory && events && !open_device,
           "one device model at a time");
    d->guest = g;
    open_device = d;
    expect(!xendevicemodel_create_ioreq_server(
               models, g->domid, HVM_IOREQSRV_BUFIOREQ_OFF, &d->id),
           "can't make an ioreq server: %s", error_name(-errno));
    map_page(d);
    claim(d, false, DEVICE_PORT, DEVICE_PORT + 15);
    claim(d, true, DEVICE_GPA, DEVICE_GPA + 4095);
    expect(!xendevicemodel_set_ioreq_server_state(models, g->domid, d->id, 1),
           "can't enable it: %s", error_name(-errno));
    port = xenevtchn_bind_interdomain(events, g->domid,
                                      d->page->vcpu_ioreq[0].vp_eport);
    expect(port >= 0, "can't bind its event channel");
    d->port = port;
    g->device = d;
    return d;
}

void device_takes_writes(struct device *d, uint64_t gfn, bool takes)
{
    uint32_t domid = d->guest->domid;

    expect(!xendevicemodel_map_mem_type_to_ioreq_server(
               models, domid, d->id, HVMMEM_ioreq_server,
               takes ? XEN_DMOP_IOREQ_MEM_ACCESS_WRITE : 0),
           "claiming writes: %s", error_name(-errno));
    expect(!xendevicemodel_set_mem_type(
               models, domid, takes ? HVMMEM_ioreq_server : HVMMEM_ram_rw,
               gfn, 1),
           "changing the type: %s", error_name(-errno));
}

static void take(struct device *d, uint64_t value, unsigned int size)
{
    d->last = value;
    for ( unsigned int i = 0; i < size; i++, value >>= 8 )
        d->written[d->nr_written++ % DEVICE_LOG] = value;
}

static uint64_t give(struct device *d, unsigned int size)
{
    uint64_t value = 0;

    for ( unsigned int i = 0; i < size; i++ )
        value |= (uint64_t)((DEVICE_FIRST + d->nr_read++) & 0xff) << (8 * i);
    return value;
}

/* One of the items whose address we were given. */
static void copy(struct device *d, const ioreq_t *r, uint64_t gpa)
{
    uint8_t *page = host_map(d->guest, gpa >> 12), *at = page + gpa % 4096;
    uint64_t value = 0;

    expect(gpa % 4096 + r->size <= 4096, "data across pages");
    if ( r->dir == IOREQ_WRITE )
    {
        memcpy(&value, at, r->size);
        take(d, value, r->size);
    }
    else
    {
        value = give(d, r->size);
        memcpy(at, &value, r->size);
    }
    host_unmap(page);
}

static void carry_out(struct device *d, ioreq_t *r)
{
    if ( r->type == IOREQ_TYPE_INVALIDATE )
        return; /* what it has mapped of the guest: nothing */
    expect(r->type == IOREQ_TYPE_PIO || r->type == IOREQ_TYPE_COPY,
           "request of type %u", r->type);
    if ( r->data_is_ptr )
    {
        d->by_address++;
        for ( unsigned int i = 0; i < r->count; i++ )
            copy(d, r, r->data + (r->df ? -1ULL : 1ULL) * i * r->size);
    }
    else if ( r->dir == IOREQ_WRITE )
    {
        d->address = r->addr;
        take(d, r->data, r->size);
    }
    else
        r->data = give(d, r->size);
}

bool device_serve(struct device *d)
{
    ioreq_t *r = &d->page->vcpu_ioreq[0];
    ioreq_t request;

    if ( r->state != STATE_IOREQ_READY )
        return false;

    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    request = *r;
    r->state = STATE_IOREQ_INPROCESS;
    carry_out(d, &request);
    r->data = request.data;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    r->state = STATE_IORESP_READY;
    xenevtchn_notify(events, d->port);
    return true;
}

/* After a test, however it ended. */
void devices_close(void)
{
    struct device *d = open_device;

    if ( !d )
        return;
    if ( d->port )
        xenevtchn_unbind(events, d->port);
    if ( d->resource )
        xenforeignmemory_unmap_resource(memory, d->resource);
    xendevicemodel_destroy_ioreq_server(models, d->guest->domid, d->id);
    d->guest->device = NULL;
    open_device = NULL;
    free(d);
}
