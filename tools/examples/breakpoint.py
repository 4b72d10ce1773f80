#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""breakpoint.py DOMAIN ADDRESS: prints each time that a guest executes an instruction.

ADDRESS is guest-physical. The page that it is in can't be executed in a view; when
the guest tries, Xen carries out the instruction, and the guest sees nothing of it.
"""

import contextlib
import signal
import sys

import xenaltp2m


def main(name: str, address: int) -> None:
    # SIGTERM ends it as Ctrl-C does: with everything undone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hits = 0
    with xenaltp2m.Domain(name) as guest, guest.monitor() as events:
        were_on = guest.enabled
        guest.enabled = True
        try:
            with guest.create_view() as view:
                view.access[address >> 12] = "rw"
                view.switch()
                print(f"breakpoint at {address:#x}", flush=True)
                for event in events:
                    if event.kind == "access" and event.address == address:
                        hits += 1
                        print(f"hit {hits}: vCPU {event.vcpu}, rip {event.rip:#x}, rax "
                              f"{event.registers['rax']:#x}", flush=True)
                    event.step(0)
        except KeyboardInterrupt:
            pass
        finally:
            with contextlib.suppress(xenaltp2m.NoSuchDomain):       # the guest has ended
                guest.enabled = were_on
    print(f"{hits} hits")


if len(sys.argv) != 3:
    sys.exit(__doc__.strip().splitlines()[0])
main(sys.argv[1], int(sys.argv[2], 0))
