/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A monitor on a VM fork, whose parent has no mode: from 4.19 on stock Xen
 * can't fork one that has (fork-mode in docs/differences.md).  Pages are
 * written to before a view says anything of them, and so copied from the
 * parent: stock Xen can't do it later.
 */
#include "client.h"

static uint16_t view;

static void answer(const vm_event_request_t *request,
                   vm_event_response_t *response)
{
    (void)request;
    answer_view(response, 0);
}

static void copy_pages(void)
{
    guest_writes(answer, DATA_GFN, DATA_VALUE);
    guest_writes(answer, OTHER_GFN, OTHER_VALUE);
    guest_does(answer, "writes code+1024",
               COMMAND(CMD_WRITE, gpa_of(CODE_GFN) + 1024, 1));
}

static void use(void)
{
    enter_view(view);
    guest_calls(answer);
    guest_reads(answer, OTHER_GFN);
    guest_reads(answer, DATA_GFN);
    guest_writes(answer, DATA_GFN, 1);
    guest_reads(answer, OTHER_GFN);
    guest_writes(answer, DATA_GFN, DATA_VALUE);
}

static void monitor_fork(void)
{
    tell("a fork");
    guest_reads(answer, DATA_GFN);
    copy_pages();
    monitor_on();
    views_on(true);
    view = make_view("V", XENMEM_access_rwx);
    set_access(view, DATA_GFN, XENMEM_access_rx);
    change_gfn(view, OTHER_GFN, DATA_GFN);
    use();
    enter_view(0);
    call(xc_memshr_fork_reset(xch, domid, true, true), "fork_reset");
    guest_reads(answer, DATA_GFN);
    copy_pages();
    use();
    enter_view(0);
    drop_view(view);
    views_on(false);
    monitor_off();
    guest_calls(answer);
}

void vm_fork(void)
{
    struct guest *parent =
        guest_new(&(struct guest_config){ .pool_pages = 4096,
                                          .disabled = true });

    guest_do(parent, 0, COMMAND(CMD_MAKE_CODE, gpa_of(CODE_GFN), CODE_VALUE));
    guest_write(parent, gpa_of(DATA_GFN), DATA_VALUE);
    guest_write(parent, gpa_of(OTHER_GFN), OTHER_VALUE);
    tag("amd-no-forks");
    if ( guest_do(parent, 0, COMMAND(CMD_FEATURES))->result[0] ==
         FEATURE_INTEL )
    {
        guest = guest_fork(parent);
        domid = guest->domid;
        monitor_fork();
        guest_destroy(guest);
        tell("its parent goes on");
        guest = parent;
        guest_reads(answer, DATA_GFN);
        guest_calls(answer);
    }
    tag(NULL);
    guests_destroy();
}
