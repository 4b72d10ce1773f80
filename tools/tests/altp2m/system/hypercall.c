/* SPDX-License-Identifier: GPL-2.0-only */
#include "hypercall.h"

#include <err.h>
#include <errno.h>
#include <string.h>

#include <xen/xen.h>

xc_interface *xch;
xencall_handle *xcall;

void hypercall_open(void)
{
    xch = xc_interface_open(NULL, NULL, 0);
    xcall = xencall_open(NULL, 0);
    if ( !xch || !xcall )
        err(2, "no access to the hypervisor");
}

altp2m_op_t op_new(uint32_t domid, uint32_t cmd)
{
    altp2m_op_t op;

    memset(&op, 0, sizeof(op));
    op.version = HVMOP_ALTP2M_INTERFACE_VERSION;
    op.cmd = cmd;
    op.domain = domid;
    return op;
}

int hvm_op_raw(unsigned long op, void *arg)
{
    int rc = xencall2(xcall, __HYPERVISOR_hvm_op, op, (unsigned long)arg);

    return rc < 0 ? -errno : rc;
}

int op_do(altp2m_op_t *op)
{
    altp2m_op_t *bounce = xencall_alloc_buffer(xcall, sizeof(*bounce));
    int rc;

    if ( !bounce )
        return -ENOBUFS;
    *bounce = *op;
    rc = hvm_op_raw(HVMOP_altp2m, bounce);
    *op = *bounce;
    xencall_free_buffer(xcall, bounce);
    return rc;
}

int view_state_set(uint32_t domid, bool on)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_set_domain_state);

    op.u.domain_state.state = on;
    return op_do(&op);
}

int view_state_get(uint32_t domid, bool *on)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_get_domain_state);
    int rc = op_do(&op);

    *on = op.u.domain_state.state;
    return rc;
}

int view_create(uint32_t domid, unsigned int access, uint16_t *view)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_create_p2m);
    int rc;

    op.u.view.view = 0xffff;
    op.u.view.hvmmem_default_access = access;
    rc = op_do(&op);
    if ( !rc )
        *view = op.u.view.view;
    return rc;
}

int view_destroy(uint32_t domid, uint16_t view)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_destroy_p2m);

    op.u.view.view = view;
    return op_do(&op);
}

int view_switch(uint32_t domid, uint16_t view)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_switch_p2m);

    op.u.view.view = view;
    return op_do(&op);
}

int view_index(uint32_t domid, uint32_t vcpu, uint16_t *view)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_get_p2m_idx);
    int rc;

    op.u.get_vcpu_p2m_idx.vcpu_id = vcpu;
    rc = op_do(&op);
    if ( !rc )
        *view = op.u.get_vcpu_p2m_idx.altp2m_idx;
    return rc;
}

int view_visible(uint32_t domid, uint16_t view, bool visible)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_set_visibility);

    op.u.set_visibility.altp2m_idx = view;
    op.u.set_visibility.visible = visible;
    return op_do(&op);
}

int view_access_set(uint32_t domid, uint16_t view, uint64_t gfn,
                    unsigned int access)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_set_mem_access);

    op.u.mem_access.view = view;
    op.u.mem_access.gfn = gfn;
    op.u.mem_access.access = access;
    return op_do(&op);
}

int view_access_get(uint32_t domid, uint16_t view, uint64_t gfn,
                    unsigned int *access)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_get_mem_access);
    int rc;

    op.u.mem_access.view = view;
    op.u.mem_access.gfn = gfn;
    op.u.mem_access.access = 0xffff;
    rc = op_do(&op);
    if ( !rc )
        *access = op.u.mem_access.access;
    return rc;
}

int view_access_set_many(uint32_t domid, uint16_t view, const uint64_t *gfns,
                         const uint8_t *accesses, uint32_t nr)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_set_mem_access_multi);
    uint64_t *g = xencall_alloc_buffer(xcall, nr * sizeof(*g) + 8);
    uint8_t *a = xencall_alloc_buffer(xcall, nr + 8);
    int rc = -ENOBUFS;

    if ( g && a )
    {
        memcpy(g, gfns, nr * sizeof(*g));
        memcpy(a, accesses, nr);
        op.u.set_mem_access_multi.view = view;
        op.u.set_mem_access_multi.nr = nr;
        set_xen_guest_handle_raw(op.u.set_mem_access_multi.pfn_list, g);
        set_xen_guest_handle_raw(op.u.set_mem_access_multi.access_list, a);
        rc = op_do(&op);
    }
    xencall_free_buffer(xcall, g);
    xencall_free_buffer(xcall, a);
    return rc;
}

int view_remap(uint32_t domid, uint16_t view, uint64_t gfn, uint64_t target)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_change_gfn);

    op.u.change_gfn.view = view;
    op.u.change_gfn.old_gfn = gfn;
    op.u.change_gfn.new_gfn = target;
    return op_do(&op);
}

int view_suppress_set(uint32_t domid, uint16_t view, uint64_t gfn, bool on)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_set_suppress_ve);

    op.u.suppress_ve.view = view;
    op.u.suppress_ve.gfn = gfn;
    op.u.suppress_ve.suppress_ve = on;
    return op_do(&op);
}

int view_suppress_get(uint32_t domid, uint16_t view, uint64_t gfn, bool *on)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_get_suppress_ve);
    int rc;

    op.u.suppress_ve.view = view;
    op.u.suppress_ve.gfn = gfn;
    rc = op_do(&op);
    *on = op.u.suppress_ve.suppress_ve;
    return rc;
}

int view_notify_on(uint32_t domid, uint32_t vcpu, uint64_t gfn)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_vcpu_enable_notify);

    op.u.enable_notify.vcpu_id = vcpu;
    op.u.enable_notify.gfn = gfn;
    return op_do(&op);
}

int view_notify_off(uint32_t domid, uint32_t vcpu)
{
    altp2m_op_t op = op_new(domid, HVMOP_altp2m_vcpu_disable_notify);

    op.u.disable_notify.vcpu_id = vcpu;
    return op_do(&op);
}
