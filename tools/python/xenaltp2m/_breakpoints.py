# SPDX-License-Identifier: LGPL-2.1-only
"""Breakpoints that a guest can't see."""

from typing import TYPE_CHECKING, Any, Iterator, NamedTuple, Optional, Tuple

from ._abi import ffi
from ._constants import CONSTANTS
from ._library import NoSuchDomain, NotSupported, check, error, lib

if TYPE_CHECKING:
    from ._domain import Domain, View
    from ._events import Monitor


class Place(NamedTuple):
    """Where a breakpoint is."""

    gfn: int
    offset: int                     # in the page
    dormant: bool                   # not shown: another page is there now; refresh() of the view that runs

    def __repr__(self) -> str:
        return f"Place(gfn={self.gfn:#x}, offset={self.offset:#x}, dormant={self.dormant})"


class Breakpoints:
    """The breakpoints of a domain, which belong to it: they stay when the program ends.

    As a context manager they are removed at the end. Iterating yields where they are.
    """

    def __init__(self, domain: "Domain", monitor: "Optional[Monitor]" = None, only_find: bool = False) -> None:
        self.domain = domain
        self._monitor = monitor
        flags = CONSTANTS["XENALTP2M_ONLY_FIND"] if only_find else 0
        handle = lib.views.xenaltp2m_breakpoints_open(domain.handle, domain.id, flags)
        if handle == ffi.NULL:
            raise error(f"breakpoints of {domain}")
        self._handle: Any = ffi.gc(handle, lib.views.xenaltp2m_breakpoints_close)

    def __repr__(self) -> str:
        return f"<breakpoints of domain {self.domain.id}>"

    def __enter__(self) -> "Breakpoints":
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            self.end()
        except (NoSuchDomain, NotSupported):    # it has ended, or its views are off: they are gone with that
            pass

    def add(self, gfn: int, offset: int) -> None:
        """At the first byte of an instruction."""
        check(lib.views.xenaltp2m_breakpoint(self._handle, gfn, offset), f"breakpoint at {gfn:#x}+{offset:#x}")

    def remove(self, gfn: int, offset: int) -> None:
        check(lib.views.xenaltp2m_breakpoint_remove(self._handle, gfn, offset), f"breakpoint at {gfn:#x}+{offset:#x}")

    def only(self, *cr3s: int, mask: int = 0xfffffffffffff000) -> None:
        """Only hits in these processes are events; without any, all hits. The counts begin anew."""
        check(lib.views.xenaltp2m_breakpoints_filter(self._handle, ffi.new("uint64_t[]", cr3s), len(cr3s), mask),
              f"CR3s of {self}")

    @property
    def counts(self) -> Tuple[int, int]:
        """How often one was met, by any of them: in the processes of only(), and in others."""
        hits, others = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        check(lib.views.xenaltp2m_breakpoints_counts(self._handle, hits, others), str(self))
        return hits[0], others[0]

    @property
    def views(self) -> "Tuple[View, View]":
        """The view that runs, and the one that shows."""
        runs, shows = ffi.new("uint16_t *"), ffi.new("uint16_t *")
        lib.views.xenaltp2m_breakpoints_views(self._handle, runs, shows)
        return self.domain.view(runs[0]), self.domain.view(shows[0])

    def __iter__(self) -> Iterator[Place]:
        places, nr = ffi.new("struct xenaltp2m_place **"), ffi.new("size_t *")
        check(lib.views.xenaltp2m_breakpoints_list(self._handle, places, nr), str(self))
        copies = [Place(places[0][i].gfn, places[0][i].offset, bool(places[0][i].dormant)) for i in range(nr[0])]
        lib.c.free(places[0])
        return iter(copies)

    def answer(self, request: Any, answer: Any) -> int:
        """What the event is about, XENALTP2M_EVENT_*, and the answer to it."""
        return check(lib.views.xenaltp2m_breakpoints_event(self._handle, request, answer), "answering an event")

    def end(self) -> None:
        """Removes all, and their views.  Who monitors the guest has no event of them any more."""
        if self._monitor is not None:
            self._monitor.end_breakpoints(self._end)
        else:
            self._end()

    def _end(self) -> None:
        check(lib.views.xenaltp2m_breakpoints_end(self._handle), f"removing the {self}")
        ffi.gc(self._handle, None)      # it is freed
