/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for hypercall arguments: handles, copies, the 32 bit layout. */
#ifndef STANDIN_GUEST_H
#define STANDIN_GUEST_H

#define XEN_GUEST_HANDLE_PARAM(name) XEN_GUEST_HANDLE(name)

/* Copies reach only what a test has declared to be the caller's memory. */
unsigned long model_copy(void *to, const void *from, const void *guest,
                         size_t size);
#define copy_from_guest_offset(to, h, off, nr) \
    model_copy(to, (const char *)(h).p + (off) * sizeof(*(to)), \
               (const char *)(h).p + (off) * sizeof(*(to)), \
               (nr) * sizeof(*(to)))
#define copy_from_guest(to, h, nr)  copy_from_guest_offset(to, h, 0, nr)
#define copy_to_guest_offset(h, off, from, nr) \
    model_copy((char *)(h).p + (off) * sizeof(*(from)), from, \
               (char *)(h).p + (off) * sizeof(*(from)), \
               (nr) * sizeof(*(from)))
#define copy_to_guest(h, from, nr) copy_to_guest_offset(h, 0, from, nr)
#define __copy_to_guest(h, from, nr) \
    model_copy((h).p, from, (h).p, (nr) * sizeof(*(from)))
#define __copy_field_to_guest(h, from, field) \
    model_copy(&(h).p->field, &(from)->field, &(h).p->field, \
               sizeof((from)->field))
#define guest_handle_cast(h, t) \
    ((XEN_GUEST_HANDLE_PARAM(t)){ (void *)(h).p })
#define guest_from_compat_handle(h, c32) ((h).p = (void *)(uintptr_t)(c32).c)

struct compat_handle { uint32_t c; };
struct compat_hvm_altp2m_op {
    uint32_t version, cmd;
    domid_t domain;
    uint16_t pad1;
    uint32_t pad2;
    union {
        struct {
            uint16_t view, pad;
            uint32_t nr;
            uint64_t opaque;
            struct compat_handle pfn_list, access_list;
        } set_mem_access_multi;
        uint8_t pad[64];
    } u;
};
typedef struct compat_hvm_altp2m_op compat_hvm_altp2m_op_t;

enum { XSM_OTHER, XSM_TARGET };
extern bool xsm_refuses_maps;
int xsm_map_gmfn_foreign(int action, struct domain *d, struct domain *t);
int xsm_hvm_altp2mhvm_op(int action, struct domain *d, uint64_t mode,
                         uint32_t op);

#endif
