/* SPDX-License-Identifier: GPL-2.0-only */
#include "harness.h"
#include "hypercall.h"
#include "trace.h"

#include <errno.h>
#include <sys/mman.h>

#include <xenforeignmemory.h>
#include <xen/trace.h>

#define PAGE    4096
#define PAGES   256  /* a megabyte a CPU: some 29,000 exits with their entries */
#define CPUS    4

/* Exit reasons (SDM Vol. 3D, appendix C) and codes (APM Vol. 2, appendix C). */
#define EXIT_EXCEPTION        0
#define EXIT_INTERRUPT        1
#define EXIT_INTERRUPT_WINDOW 7
#define EXIT_HLT              12
#define EXIT_RDTSC            16
#define EXIT_VMCALL           18
#define EXIT_REGISTER         28
#define EXIT_PAUSE            40
#define EXIT_EPT_VIOLATION    48
#define EXIT_EPT_MISCONFIG    49
#define EXIT_VMFUNC           59
#define SVM_CR3_WRITE         0x13
#define SVM_EXCEPTION_FIRST   0x40
#define SVM_EXCEPTION_LAST    0x5f
#define SVM_INTR              0x60
#define SVM_VINTR             0x64
#define SVM_RDTSC             0x6e
#define SVM_PAUSE             0x77
#define SVM_HLT               0x78
#define SVM_VMMCALL           0x81
#define SVM_NPF               0x400

static struct t_buf *buffers[CPUS];
static unsigned int cpus;
static uint32_t data_size;

static void *map(xen_pfn_t *frames, unsigned int nr, int protection)
{
    static xenforeignmemory_handle *handle;
    void *at;

    if ( !handle )
        handle = xenforeignmemory_open(NULL, 0);
    at = xenforeignmemory_map(handle, DOMID_XEN, protection, nr, frames, NULL);
    expect(at, "can't map Xen's trace buffers: %s", error_name(-errno));
    return at;
}

static void open_buffers(void)
{
    unsigned long mfn, size;
    xen_pfn_t frames[PAGES];
    const struct t_info *info;
    xc_physinfo_t machine;
    unsigned int pages;

    expect(!xc_physinfo(xch, &machine), "no word of the machine: %s",
           error_name(-errno));
    cpus = machine.nr_cpus;
    expect(cpus <= CPUS, "%u CPUs", cpus);
    expect(!xc_tbuf_enable(xch, PAGES, &mfn, &size), "no trace buffers: %s",
           error_name(-errno));
    pages = (size + PAGE - 1) / PAGE;
    expect(pages <= PAGES, "%u pages of trace information", pages);
    for ( unsigned int i = 0; i < pages; i++ )
        frames[i] = mfn + i;
    info = map(frames, pages, PROT_READ);

    expect(info->tbuf_size && info->tbuf_size <= PAGES,
           "trace buffer of %u pages", info->tbuf_size);
    data_size = info->tbuf_size * PAGE - sizeof(*buffers[0]);
    for ( unsigned int cpu = 0; cpu < cpus; cpu++ )
    {
        const uint32_t *list = (const uint32_t *)info + info->mfn_offset[cpu];

        for ( unsigned int i = 0; i < info->tbuf_size; i++ )
            frames[i] = list[i];
        buffers[cpu] = map(frames, info->tbuf_size, PROT_READ | PROT_WRITE);
    }
}

void trace_start(void)
{
    expect(!xc_tbuf_set_evt_mask(xch, TRC_HVM_ENTRYEXIT), "trace mask: %s",
           error_name(-errno));
    if ( !cpus )
        open_buffers();
    else
        expect(!xc_tbuf_enable(xch, PAGES, &(unsigned long){ 0 },
                               &(unsigned long){ 0 }), "tracing");
    for ( unsigned int cpu = 0; cpu < cpus; cpu++ )
        buffers[cpu]->cons = buffers[cpu]->prod;
}

/* The word at a position of the ring, which counts to twice its size. */
static uint32_t word(const struct t_buf *buffer, uint32_t at)
{
    const uint8_t *data = (const uint8_t *)(buffer + 1);

    return *(const uint32_t *)(data + at % data_size);
}

static uint32_t moved(uint32_t at, uint32_t by)
{
    at += by;
    return at >= 2 * data_size ? at - 2 * data_size : at;
}

static void count(uint32_t reason, struct exits *n)
{
    n->all++;
    switch ( reason )
    {
    case EXIT_EPT_VIOLATION:
    case EXIT_EPT_MISCONFIG:
    case SVM_NPF:
        n->nested++;
        break;

    case EXIT_VMFUNC:
        n->vmfunc++;
        break;

    case EXIT_EXCEPTION:
    case SVM_EXCEPTION_FIRST ... SVM_EXCEPTION_LAST:
        n->exceptions++;
        break;

    case EXIT_VMCALL:
    case SVM_VMMCALL:
        n->hypercalls++;
        break;

    case EXIT_INTERRUPT:
    case EXIT_INTERRUPT_WINDOW:
    case SVM_INTR:
    case SVM_VINTR:
        n->interrupts++;
        break;

    case EXIT_HLT:
    case EXIT_PAUSE:
    case SVM_PAUSE:
    case SVM_HLT:
        n->waits++;
        break;

    case EXIT_REGISTER:
    case SVM_CR3_WRITE:
        n->registers++;
        break;

    case EXIT_RDTSC:
    case SVM_RDTSC:
        n->clock++;
        break;
    }
}

/* One record for both vendors up to Xen 4.19, and from then on one for each. */
static bool is_exit(uint32_t event)
{
    event &= ~TRC_64_FLAG;
    return event == TRC_HVM_ENTRYEXIT + 2 || event == TRC_HVM_ENTRYEXIT + 3;
}

static void count_all(struct t_buf *buffer, struct exits *n)
{
    uint32_t at = buffer->cons;

    while ( at != buffer->prod )
    {
        uint32_t header = word(buffer, at), event = header & 0xfffffff;
        unsigned int extra = (header >> 28) & 7, timed = header >> 31;

        expect(event != TRC_LOST_RECORDS, "more exits than can be traced");
        at = moved(at, 4 + timed * 8);
        if ( is_exit(event) && extra )
            count(word(buffer, at), n);
        at = moved(at, extra * 4);
    }
    buffer->cons = at;
}

struct exits trace_stop(void)
{
    struct exits n = { 0 };

    expect(!xc_tbuf_disable(xch), "tracing: %s", error_name(-errno));
    for ( unsigned int cpu = 0; cpu < cpus; cpu++ )
        count_all(buffers[cpu], &n);
    return n;
}
