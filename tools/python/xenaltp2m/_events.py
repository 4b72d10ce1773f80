# SPDX-License-Identifier: LGPL-2.1-only
"""Events of a guest: accesses that a view forbids, breakpoints, single steps.

The offsets are those of Xen's public vm_event.h, interface version 7; a test holds
them against that header.
"""

import errno
import struct
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional, Union

from ._abi import ffi
from ._constants import CONSTANTS
from ._library import Closed, Error, InUse, Invalid, error, check, lib

if TYPE_CHECKING:
    from ._breakpoints import Breakpoints
    from ._domain import Domain, View

VERSION = 7
PAGE = 4096
PATIENCE = 1000                         # ms, after which the interpreter looks at signals

# A request, and the answer to it.
SIZE = 400
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
    emulate(), switch() or step() was called.  After a hit of Breakpoints it goes on.
    """

    def __init__(self, raw: bytes, made: Optional[bytes] = None) -> None:
        self._raw = bytearray(raw)
        self._made = made               # the answer to a hit
        self._flags = self._u32("flags") & FLAG_PAUSED
        self.vcpu: int = self._u32("vcpu")
        self.view: int = struct.unpack_from("<H", raw, AT["view"])[0]
        self.kind: str = "hit" if made else KINDS.get(self._u32("reason"), "other")
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

    def _answer_by(self, flag: int) -> None:
        if self._made:
            raise Invalid(errno.EINVAL, "a hit has its answer: the vCPU goes on behind it")
        self._flags |= flag

    def emulate(self) -> None:
        """Xen carries out the instruction, whatever the view allows."""
        self._answer_by(FLAG_EMULATE)

    def switch(self, view: "Union[View, int]") -> None:
        """The vCPU goes on in another view."""
        self._answer_by(FLAG_VIEW)
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
        self._made = None

    def answer(self) -> bytes:
        """The bytes that go back to Xen."""
        if self._made:
            return self._made
        struct.pack_into("<I", self._raw, AT["flags"], self._flags)
        return bytes(self._raw)


class Monitor:
    """The events of a domain, one after the other.  There can be one monitor.

    Iterating ends with the domain, or when another program takes its events; next_event() takes a timeout.
    """

    def __init__(self, domain: "Domain", breakpoints: bool) -> None:
        self.domain = domain
        self._pending: Optional[Event] = None
        self._breakpoints: "Optional[Breakpoints]" = None
        self._events: Any = ffi.NULL
        self._ours = True               # they are, or another program has taken them
        self._memory: Any = ffi.new("uint64_t[2][50]")      # of a request, and of the answer
        self._request, self._made = (ffi.cast("struct vm_event_st *", part) for part in self._memory)
        self._control = lib.control.xc_interface_open(ffi.NULL, ffi.NULL, 0)
        if self._control == ffi.NULL:
            raise Error(ffi.errno, "no connection to Xen (root in dom0?)")
        try:
            self._start(breakpoints)
        except Error:
            self.close()
            raise

    def _start(self, breakpoints: bool) -> None:
        port = ffi.new("uint32_t *")
        page = lib.control.xc_monitor_enable(self._control, self.domain.id, port)
        if page == ffi.NULL:
            raise error(f"monitoring {self.domain} (does somebody else?)")
        self._events = lib.views.xenaltp2m_events_open(self.domain.handle, self.domain.id, page, port[0])
        if self._events == ffi.NULL:
            problem = error("the event channel")
            lib.c.munmap(page, PAGE)
            lib.control.xc_monitor_disable(self._control, self.domain.id)
            raise problem
        if breakpoints:
            self._hear_int3()

    def _hear_int3(self) -> None:
        check(lib.control.xc_monitor_software_breakpoint(self._control, self.domain.id, True), "events of INT3")

    def breakpoints(self) -> "Breakpoints":
        """Breakpoints that the guest can't see.  Their hits are events of the kind "hit".

        What else they cause is answered by itself, and an INT3 of the guest's own given back to it.
        """
        from . import _breakpoints      # pylint: disable=import-outside-toplevel  # which is used by few
        self._breakpoints = _breakpoints.Breakpoints(self.domain, self)
        self._hear_int3()
        check(lib.control.xc_monitor_singlestep(self._control, self.domain.id, True), "events of steps")
        return self._breakpoints

    def _take(self, patience: int) -> Optional[Event]:
        """The next event that is not answered by itself, for which it waits so many ms."""
        while check(lib.views.xenaltp2m_events_next(self._events, self._request, patience), f"events of {self.domain}"):
            event = self._sort(bytes(ffi.buffer(self._memory[0])[:SIZE]))
            if event is not None:
                return event
        return None

    def _sort(self, raw: bytes) -> Optional[Event]:
        if self._breakpoints is None:
            return Event(raw)
        about = self._breakpoints.answer(self._request, self._made)
        event = Event(raw)
        if about == CONSTANTS["XENALTP2M_EVENT_HIT"]:
            return Event(raw, bytes(ffi.buffer(self._memory[1])[:SIZE]))
        if about == CONSTANTS["XENALTP2M_EVENT_OTHER"] and event.kind != "breakpoint":
            return event
        if about == CONSTANTS["XENALTP2M_EVENT_OTHER"]:
            check(lib.views.xenaltp2m_events_give_back(self._events, self._request), "the guest's own INT3")
        check(lib.views.xenaltp2m_events_answer(self._events, self._made), "answering an event")
        return None

    def _answer(self) -> None:
        if self._pending is None:
            return
        ffi.buffer(self._memory[1])[:SIZE] = self._pending.answer()
        self._pending = None
        check(lib.views.xenaltp2m_events_answer(self._events, self._made), "answering an event")

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """Answers the event before, and waits for the next; None if there is none in time.

        Closed: the domain has ended, or another program has taken its events.
        """
        self._answer()
        while True:
            self._pending = self._take(PATIENCE if timeout is None else int(timeout * 1000))
            if self._pending is not None or timeout is not None:
                return self._pending

    def __iter__(self) -> Iterator[Event]:
        while True:
            try:
                event = self.next_event()
            except Closed:
                return
            if event is not None:
                yield event

    def _answer_all(self) -> None:
        """Of a domain that stands still.  What nobody has looked at is tried again."""
        self._answer()
        try:
            while (event := self._take(0)) is not None:
                event.forget()
                self._pending = event
                self._answer()
        except Closed:
            self._ours = False

    def end_breakpoints(self, end: Callable[[], None]) -> None:
        """Calls it while the guest stands still: no event comes after. A step that is not done yet may be late."""
        if self._pending is not None and self._pending.kind == "hit":
            self._pending.forget()      # without the breakpoint there is nothing to step over
        for attempt in range(100):
            check(lib.control.xc_domain_pause(self._control, self.domain.id), f"stopping {self.domain}")
            try:
                self._answer_all()
                end()
                self._breakpoints = None
                return
            except InUse:
                if attempt == 99:
                    raise
            finally:
                lib.control.xc_domain_unpause(self._control, self.domain.id)
            time.sleep(0.01)

    def close(self) -> None:
        """Answers all that waits, and ends.

        Put the guest into view 0 before: what another view forbids stays forbidden.
        """
        if self._events != ffi.NULL:
            lib.control.xc_domain_pause(self._control, self.domain.id)
            if self._pending is not None:
                self._pending.forget()
            self._answer_all()
            lib.views.xenaltp2m_events_close(self._events)
            if self._ours:
                lib.control.xc_monitor_disable(self._control, self.domain.id)
            lib.control.xc_domain_unpause(self._control, self.domain.id)
        self._events = ffi.NULL
        if self._control != ffi.NULL:
            lib.control.xc_interface_close(self._control)
        self._control = ffi.NULL
