/* SPDX-License-Identifier: GPL-2.0-only */
#include "hypercall.h"
#include "loader.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/hvm/params.h>
#include <xen/hvm/save.h>
#include <xenforeignmemory.h>

#define PAGE     4096
#define MAX_FILE (1 << 20)

static int populate(uint32_t domid, unsigned int mib)
{
    xen_pfn_t first[mib / 2];

    for ( unsigned int i = 0; i < mib / 2; i++ )
        first[i] = i * 512;
    return xc_domain_populate_physmap_exact(xch, domid, mib / 2, 9, 0, first);
}

/* The segment, and zeroes behind it. */
static int put(uint32_t domid, const uint8_t *file, const Elf64_Phdr *segment)
{
    xenforeignmemory_handle *handle = xenforeignmemory_open(NULL, 0);
    unsigned int pages = (segment->p_memsz + PAGE - 1) / PAGE;
    xen_pfn_t gfn[pages];
    void *at;

    for ( unsigned int i = 0; i < pages; i++ )
        gfn[i] = segment->p_paddr / PAGE + i;
    at = handle ? xenforeignmemory_map(handle, domid, PROT_READ | PROT_WRITE,
                                       pages, gfn, NULL) : NULL;
    if ( !at )
        return -1;
    memset(at, 0, pages * PAGE);
    memcpy(at, file + segment->p_offset, segment->p_filesz);
    xenforeignmemory_unmap(handle, at, pages);
    xenforeignmemory_close(handle);
    return 0;
}

static int load(uint32_t domid, const char *path, uint64_t *entry)
{
    static uint8_t file[MAX_FILE];
    const Elf64_Ehdr *header = (const void *)file;
    const Elf64_Phdr *segment;
    FILE *f = fopen(path, "r");
    size_t size = f ? fread(file, 1, sizeof(file), f) : 0;

    if ( f )
        fclose(f);
    if ( size < sizeof(*header) || size == sizeof(file) ||
         memcmp(header->e_ident, ELFMAG, SELFMAG) )
    {
        errno = ENOEXEC;
        return -1;
    }
    segment = (const void *)(file + header->e_phoff);
    for ( unsigned int i = 0; i < header->e_phnum; i++ )
        if ( segment[i].p_type == PT_LOAD && put(domid, file, &segment[i]) )
            return -1;
    *entry = header->e_entry;
    return 0;
}

struct context
{
    struct hvm_save_descriptor header_d;
    HVM_SAVE_TYPE(HEADER) header;
    struct hvm_save_descriptor cpu_d;
    HVM_SAVE_TYPE(CPU) cpu;
    struct hvm_save_descriptor end_d;
    HVM_SAVE_TYPE(END) end;
};

/* 32-bit protected mode, flat, without paging: as PVH has it. */
static void registers(struct hvm_hw_cpu *r, uint64_t entry)
{
    r->cs_limit = r->ds_limit = r->es_limit = r->ss_limit = ~0u;
    r->cs_arbytes = 0xc9b;
    r->ds_arbytes = r->es_arbytes = r->ss_arbytes = 0xc93;
    r->tr_limit = 0x67;
    r->tr_arbytes = 0x8b;
    r->cr0 = 0x11;
    r->dr6 = 0xffff0ff0;
    r->dr7 = 0x400;
    r->rip = entry;
}

static int start_at(uint32_t domid, uint64_t entry)
{
    int size = xc_domain_hvm_getcontext(xch, domid, NULL, 0);
    struct context c = {
        .cpu_d = { HVM_SAVE_CODE(CPU), 0, HVM_SAVE_LENGTH(CPU) },
        .end_d = { HVM_SAVE_CODE(END), 0, HVM_SAVE_LENGTH(END) },
    };
    uint8_t *whole = size > 0 ? malloc(size) : NULL;
    int rc = -1;

    if ( whole && xc_domain_hvm_getcontext(xch, domid, whole, size) > 0 )
    {
        memcpy(&c, whole, sizeof(c.header_d) + sizeof(c.header));
        registers(&c.cpu, entry);
        rc = xc_domain_hvm_setcontext(xch, domid, (void *)&c, sizeof(c));
    }
    free(whole);
    return rc;
}

int loader_build(uint32_t domid, unsigned int mib, const char *path)
{
    uint64_t entry;

    if ( populate(domid, mib) || load(domid, path, &entry) ||
         xc_hvm_param_set(xch, domid, HVM_PARAM_MONITOR_RING_PFN,
                          mib * 256 - 1) )
        return -1;
    return start_at(domid, entry);
}
