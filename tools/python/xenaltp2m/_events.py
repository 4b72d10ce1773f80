# SPDX-License-Identifier: LGPL-2.1-only
"""Events of a guest: accesses that a view forbids, breakpoints, single steps.

The offsets are those of Xen's public vm_event.h, interface version 7; a test holds
them against that header.
"""

import select
import struct
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Union

from ._abi import ffi
from ._library import Error, error, check, lib

if TYPE_CHECKING:
    from ._domain import Domain, View

VERSION = 7
PAGE = 4096

# The ring: counters at its start, and entries that requests and answers share.
RING_REQ_PROD, RING_REQ_EVENT, RING_RSP_PROD = 0, 4, 8
RING_ENTRIES, ENTRY_SIZE, ENTRIES = 64, 400, 8

# A request, and the answer to it.
AT = {"version": 0, "flags": 4, "reason": 8, "vcpu": 12, "view": 16, "subject": 24, "offset": 32, "gla": 40,
      "access": 48, "length": 40, "type": 44, "registers": 56, "rflags": 184, "cr0": 216, "cr3": 232, "rip": 208}
REGISTERS = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15")

FLAG_PAUSED, FLAG_EMULATE, FLAG_VIEW, FLAG_STEP = 1 << 0, 1 << 2, 1 << 7, 1 << 11
REASON_ACCESS, REASON_BREAKPOINT, REASON_STEP = 1, 6, 7
KINDS = {REASON_ACCESS: "access", REASON_BREAKPOINT: "breakpoint", REASON_STEP: "step"}
READ, WRITE, EXECUTE, GLA_VALID = 1, 2, 4, 8


class Event:
    """Something that the guest did.  Its vCPU waits for the answer.

    The answer is given when the next event is asked for: the vCPU tries again, unless
    emulate(), switch() or step() was called.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = bytearray(raw)
        self._flags = self._u32("flags") & FLAG_PAUSED
        self.vcpu: int = self._u32("vcpu")
        self.view: int = struct.unpack_from("<H", raw, AT["view"])[0]
        self.kind: str = KINDS.get(self._u32("reason"), "other")
        self.gfn: int = self._u64("subject")
        self.rip: int = self._u64("rip")
        self.cr3: int = self._u64("cr3")

    def __repr__(self) -> str:
        return f"<{self.kind} of vCPU {self.vcpu} in view {self.view}: gfn {self.gfn:#x}, rip {self.rip:#x}>"

    def _u32(self, name: str) -> int:
        return int(struct.unpack_from("<I", self._raw, AT[name])[0])

    def _u64(self, name: str) -> int:
        return int(struct.unpack_from("<Q", self._raw, AT[name])[0])

    @property
    def access(self) -> str:
        """What the guest wanted to do: some of "r", "w", "x"."""
        flags = self._u32("access") if self.kind == "access" else 0
        return "".join(letter for letter, bit in (("r", READ), ("w", WRITE), ("x", EXECUTE)) if flags & bit)

    @property
    def address(self) -> int:
        """Guest-physical: of the data, or of the instruction that can't be executed."""
        data = self.kind == "access" and "x" not in self.access
        return self.gfn * PAGE + (self._u64("offset") if data else self.rip % PAGE)

    @property
    def gla(self) -> Optional[int]:
        """The linear address, where the CPU tells it."""
        return self._u64("gla") if self.kind == "access" and self._u32("access") & GLA_VALID else None

    @property
    def registers(self) -> Dict[str, int]:
        values = struct.unpack_from("<16Q", self._raw, AT["registers"])
        return dict(zip(REGISTERS, values), rip=self.rip, rflags=self._u64("rflags"), cr0=self._u64("cr0"), cr3=self.cr3)

    def emulate(self) -> None:
        """Xen carries out the instruction, whatever the view allows."""
        self._flags |= FLAG_EMULATE

    def switch(self, view: "Union[View, int]") -> None:
        """The vCPU goes on in another view."""
        self._flags |= FLAG_VIEW
        struct.pack_into("<H", self._raw, AT["view"], getattr(view, "index", view))

    def step(self, view: "Union[View, int]" = 0) -> None:
        """One instruction in another view; then the vCPU is back in this one."""
        back = self.view
        self.switch(view)
        self._flags |= FLAG_STEP
        struct.pack_into("<H", self._raw, AT["subject"], back)

    def forget(self) -> None:
        """The vCPU tries again, whatever was asked for."""
        self._flags &= FLAG_PAUSED

    def answer(self) -> bytes:
        """The bytes that go back to Xen."""
        struct.pack_into("<I", self._raw, AT["flags"], self._flags)
        return bytes(self._raw)


class Monitor:
    """The events of a domain, one after the other.  There can be one monitor.

    Iterating waits for ever; next_event() takes a timeout.
    """

    def __init__(self, domain: "Domain", breakpoints: bool) -> None:
        self.domain = domain
        self._pending: Optional[Event] = None
        self._port = -1
        self._ring: Any = ffi.NULL
        self._consumed = self._produced = 0
        self._control = lib.control.xc_interface_open(ffi.NULL, ffi.NULL, 0)
        self._channels = lib.events.xenevtchn_open(ffi.NULL, 0)
        if ffi.NULL in (self._control, self._channels):
            raise Error(ffi.errno, "no connection to Xen (root in dom0?)")
        try:
            self._start(breakpoints)
        except Error:
            self.close()
            raise

    def _start(self, breakpoints: bool) -> None:
        remote = ffi.new("uint32_t *")
        self._ring = lib.control.xc_monitor_enable(self._control, self.domain.id, remote)
        if self._ring == ffi.NULL:
            raise error(f"monitoring {self.domain} (does somebody else?)")
        self._bytes = ffi.buffer(self._ring, PAGE)
        self._counter = ffi.cast("volatile uint32_t *", self._ring)
        self._bytes[:RING_ENTRIES] = bytes(RING_ENTRIES)
        self._set(RING_REQ_EVENT, 1)
        self._set(RING_RSP_PROD + 4, 1)
        self._port = check(lib.events.xenevtchn_bind_interdomain(self._channels, self.domain.id, remote[0]),
                           "the event channel")
        if breakpoints:
            check(lib.control.xc_monitor_software_breakpoint(self._control, self.domain.id, True), "events of INT3")

    def _get(self, at: int) -> int:
        return int(self._counter[at // 4])

    def _set(self, at: int, value: int) -> None:
        self._counter[at // 4] = value & 0xffffffff

    def _entry(self, number: int) -> slice:
        at = RING_ENTRIES + number % ENTRIES * ENTRY_SIZE
        return slice(at, at + ENTRY_SIZE)

    def _take(self) -> Optional[Event]:
        if self._consumed == self._get(RING_REQ_PROD):
            return None
        event = Event(self._bytes[self._entry(self._consumed)])
        self._consumed = (self._consumed + 1) & 0xffffffff
        self._set(RING_REQ_EVENT, self._consumed + 1)
        return event

    def _answer(self) -> None:
        if self._pending is None:
            return
        self._bytes[self._entry(self._produced)] = self._pending.answer()
        self._produced = (self._produced + 1) & 0xffffffff
        self._set(RING_RSP_PROD, self._produced)
        self._pending = None
        lib.events.xenevtchn_notify(self._channels, self._port)

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """Answers the event before, and waits for the next; None if there is none in time."""
        self._answer()
        poll = select.poll()
        poll.register(lib.events.xenevtchn_fd(self._channels), select.POLLIN)
        while True:
            self._pending = self._take()
            if self._pending is not None:
                return self._pending
            if not poll.poll(None if timeout is None else timeout * 1000):
                return None
            port = lib.events.xenevtchn_pending(self._channels)
            if port >= 0:
                lib.events.xenevtchn_unmask(self._channels, port)

    def __iter__(self) -> Iterator[Event]:
        while True:
            event = self.next_event()
            if event is not None:
                yield event

    def close(self) -> None:
        """Answers all that waits, and ends.

        Put the guest into view 0 before: what another view forbids stays forbidden.
        """
        if self._ring != ffi.NULL and self._port >= 0:
            lib.control.xc_domain_pause(self._control, self.domain.id)
            while (event := self._pending or self._take()) is not None:
                event.forget()
                self._pending = event
                self._answer()
        if self._port >= 0:
            lib.events.xenevtchn_unbind(self._channels, self._port)
        if self._ring != ffi.NULL:
            lib.c.munmap(self._ring, PAGE)
            lib.control.xc_monitor_disable(self._control, self.domain.id)
            if self._port >= 0:
                lib.control.xc_domain_unpause(self._control, self.domain.id)
        self._ring, self._port = ffi.NULL, -1
        if self._channels != ffi.NULL:
            lib.events.xenevtchn_close(self._channels)
        if self._control != ffi.NULL:
            lib.control.xc_interface_close(self._control)
        self._channels = self._control = ffi.NULL
