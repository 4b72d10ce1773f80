/**
 * @file tests/altp2m-views/main.c
 * @ref test-altp2m-views
 *
 * @page test-altp2m-views altp2m-views
 *
 * A guest that drives its own alternate p2m, in mode "mixed": creates a view,
 * shows another page in it, switches there and back, and reads.  The same on
 * Intel and AMD.
 *
 * Nothing here depends on how Xen keeps its views: this is the ABI of
 * HVMOP_altp2m, as it is in public/hvm/hvm_op.h.
 *
 * @see tests/altp2m-views/main.c
 */
#include <xtf.h>

const char test_title[] = "Alternate p2m, driven by the guest";

#define HVMOP_altp2m               25
#define ALTP2M_INTERFACE_VERSION   1
#define ALTP2M_set_domain_state    2
#define ALTP2M_create_p2m          4
#define ALTP2M_destroy_p2m         5
#define ALTP2M_switch_p2m          6
#define ALTP2M_change_gfn          8
#define ALTP2M_get_p2m_idx         14
#define ACCESS_RWX                 7

struct altp2m_op {
    uint32_t version, cmd;
    domid_t domain;
    uint16_t pad1;
    uint32_t pad2;
    union {
        uint8_t state;
        struct {
            uint16_t view, access;
        } view;
        struct {
            uint16_t view, pad1;
            uint32_t pad2;
            uint64_t old_gfn, new_gfn;
        } change_gfn;
        struct {
            uint32_t vcpu_id;
            uint16_t idx;
        } vcpu_idx;
        uint8_t pad[64];
    } u;
};

static uint64_t shown[PAGE_SIZE / 8] __page_aligned_bss;
static uint64_t other[PAGE_SIZE / 8] __page_aligned_bss;

static long altp2m(struct altp2m_op *op, uint32_t cmd)
{
    op->version = ALTP2M_INTERFACE_VERSION;
    op->cmd = cmd;
    op->domain = DOMID_SELF;

    return hypercall_hvm_op(HVMOP_altp2m, op);
}

static long switch_to(unsigned int view)
{
    struct altp2m_op op = { .u.view.view = view };

    return altp2m(&op, ALTP2M_switch_p2m);
}

/* What the guest reads, and the view that Xen says it is in. */
static void expect(const char *where, uint64_t value, unsigned int view)
{
    struct altp2m_op op = {};
    uint64_t got = ACCESS_ONCE(shown[0]);
    long rc = altp2m(&op, ALTP2M_get_p2m_idx);

    if ( got != value )
        xtf_failure("Fail: %s: reads %#"PRIx64", expected %#"PRIx64"\n",
                    where, got, value);

    if ( rc || op.u.vcpu_idx.idx != view )
        xtf_failure("Fail: %s: rc %ld, in view %u, expected %u\n",
                    where, rc, op.u.vcpu_idx.idx, view);
}

void test_main(void)
{
    struct altp2m_op op = { .u.state = 1 };
    unsigned int view;
    long rc = altp2m(&op, ALTP2M_set_domain_state);

    if ( rc == -EOPNOTSUPP || rc == -EINVAL )
        return xtf_skip("Skip: no altp2m here (%ld)\n", rc);
    if ( rc )
        return xtf_error("Error: turning altp2m on: %ld\n", rc);

    shown[0] = 0xaaaa;
    other[0] = 0xbbbb;

    op = (struct altp2m_op){ .u.view.access = ACCESS_RWX };
    rc = altp2m(&op, ALTP2M_create_p2m);
    if ( rc )
        return xtf_error("Error: creating a view: %ld\n", rc);
    view = op.u.view.view;

    expect("before", 0xaaaa, 0);

    op = (struct altp2m_op){ .u.change_gfn = {
        .view = view,
        .old_gfn = virt_to_gfn(shown),
        .new_gfn = virt_to_gfn(other),
    } };
    rc = altp2m(&op, ALTP2M_change_gfn);
    if ( rc )
        xtf_failure("Fail: change_gfn: %ld\n", rc);
    expect("in view 0, the other changed", 0xaaaa, 0);

    rc = switch_to(view);
    if ( rc )
        xtf_failure("Fail: switch: %ld\n", rc);
    expect("in the view", 0xbbbb, view);

    /* What is written goes to the page that the view shows. */
    ACCESS_ONCE(shown[0]) = 0xcccc;
    expect("in the view, written", 0xcccc, view);

    rc = switch_to(0);
    if ( rc )
        xtf_failure("Fail: switch back: %ld\n", rc);
    expect("back", 0xaaaa, 0);

    if ( ACCESS_ONCE(other[0]) != 0xcccc )
        xtf_failure("Fail: the write went elsewhere: %#"PRIx64"\n", other[0]);

    /* View 0 is the host's, and stays. */
    op = (struct altp2m_op){ .u.view.view = 0 };
    if ( !altp2m(&op, ALTP2M_destroy_p2m) )
        xtf_failure("Fail: view 0 was destroyed\n");

    op = (struct altp2m_op){ .u.view.view = view };
    rc = altp2m(&op, ALTP2M_destroy_p2m);
    if ( rc )
        xtf_failure("Fail: destroying the view: %ld\n", rc);

    if ( !switch_to(view) )
        xtf_failure("Fail: switched to a view that is gone\n");
    expect("after all", 0xaaaa, 0);

    xtf_success(NULL);
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
