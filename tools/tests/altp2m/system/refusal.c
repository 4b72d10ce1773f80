/* SPDX-License-Identifier: GPL-2.0-only */
#include "refusal.h"

#include <errno.h>
#include <string.h>

#include <xen/xen.h>

const struct refusal envelope_refusals[] = {
    { HVMOP_altp2m_get_domain_state, FIELD(version), 0, -EINVAL },
    { HVMOP_altp2m_get_domain_state, FIELD(version),
      HVMOP_ALTP2M_INTERFACE_VERSION + 1, -EINVAL },
    { HVMOP_altp2m_get_domain_state, FIELD(pad1), 1, -EINVAL },
    { HVMOP_altp2m_get_domain_state, FIELD(pad2), 1, -EINVAL },
    { HVMOP_altp2m_get_domain_state, FIELD(cmd), 0, -EOPNOTSUPP },
    { HVMOP_altp2m_get_domain_state, FIELD(cmd),
      HVMOP_altp2m_set_visibility + 1, -EOPNOTSUPP },
    { HVMOP_altp2m_get_domain_state, FIELD(cmd), 0xffffffff, -EOPNOTSUPP },
    { 0 },
};

int by_dom0(struct guest *g, altp2m_op_t *op)
{
    (void)g;
    return op_do(op);
}

void expect_refusals(struct guest *g, const struct refusal *rows,
                     void (*right)(altp2m_op_t *op), caller_t call)
{
    const struct refusal *row;

    for ( row = rows; row->error; row++ )
    {
        altp2m_op_t op = op_new(call == by_dom0 ? g->domid : DOMID_SELF,
                                row->cmd), was;
        int rc;

        if ( right )
            right(&op);
        memcpy((uint8_t *)&op + row->offset, &row->value, row->size);
        was = op;
        rc = call(g, &op);
        expect(rc == row->error, "row %zu, operation %u: %s, not %s",
               (size_t)(row - rows), row->cmd, error_name(rc),
               error_name(row->error));
        expect(!memcmp(&op, &was, sizeof(op)),
               "row %zu, operation %u: it was refused, and changed",
               (size_t)(row - rows), row->cmd);
    }
}
