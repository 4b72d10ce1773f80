# SPDX-License-Identifier: LGPL-2.1-only
"""Domains, their views, and what these say of pages."""

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, List, NamedTuple, Optional, Tuple, Union

from ._abi import ffi
from ._breakpoints import Breakpoints
from ._constants import CONSTANTS
from ._library import NONE, Error, InUse, Invalid, NoSuchDomain, NotSupported, check, error, lib, rights_name, rights_number

if TYPE_CHECKING:
    from ._events import Monitor

GFNS = Union[int, slice]


def _text(record: Any) -> str:
    """As a named tuple prints itself, with gfns as people write them."""
    fields = (f"{name}={value:#x}" if name in ("gfn", "target", "source") and value is not None else f"{name}={value!r}"
              for name, value in zip(record._fields, record))
    return f"{type(record).__name__}({', '.join(fields)})"


class Override(NamedTuple):
    """Neighbouring gfns of which a view says the same."""

    gfn: int
    pages: int
    access: Optional[str]           # None: not set here
    target: Optional[int]           # the gfn shown at the first; None: not remapped
    suppress_ve: Optional[bool]
    lost: bool                      # there is no page at the target now

    def __repr__(self) -> str:
        return _text(self)


class Mapping(NamedTuple):
    """Neighbouring gfns that are alike in what a view shows."""

    gfn: int
    pages: int
    source: int                     # the gfn whose page the first one shows
    kind: str                       # "ram", "rom", "shared", "paged", "grant", "mmio", "hole"
    access: Optional[str]
    host_access: Optional[str]

    def __repr__(self) -> str:
        return _text(self)


class Loss(NamedTuple):
    """A remap that lost its target."""

    number: int
    view: int
    gfn: int
    target: int
    lost: bool                      # is it still?

    def __repr__(self) -> str:
        return _text(self)


class Rule(NamedTuple):
    """What Xen does about accesses that violate a view's rights."""

    action: str                     # "event", "switch", "once"
    gfn: int = 0
    pages: int = 1 << 36            # all that there may be
    access: str = "rwx"             # "b": a breakpoint that was patched in
    view: Optional[int] = None      # of "switch"
    step_view: Optional[int] = None  # of "once"; of "switch": there once, where two views disagree
    cpl: Tuple[int, ...] = (0, 1, 2, 3)
    cr3: int = 0                    # what CR3 & cr3_mask is
    cr3_mask: int = 0
    rip: int = 0
    rip_last: int = NONE
    offset: int = 0
    offset_last: int = 0xfff
    walk: Optional[bool] = None     # of the guest's page tables; None: either
    hits: int = 0                   # how often it was met; not set
    log: Optional[int] = None       # each hit goes to the domain's log, with this number

    def __repr__(self) -> str:
        return _text(self)


_ACTIONS = ("", "event", "switch", "once")
_WALKS = (None, False, True)
_KINDS = ("hole", "ram", "rom", "shared", "paged", "grant", "mmio")


def _range(gfns: GFNS) -> Tuple[int, int]:
    """First gfn, and how many; slices are as in lists, without a step."""
    if isinstance(gfns, int):
        first, count = gfns, 1
    elif gfns.start is None or gfns.stop is None or gfns.step not in (None, 1):
        raise Invalid(errno.EINVAL, "a range of gfns has a start and a stop, and no step")
    else:
        first, count = gfns.start, gfns.stop - gfns.start
    if first < 0:
        raise Invalid(errno.EINVAL, f"{first} is not a gfn: it is below 0")
    if count < 1:
        raise Invalid(errno.EINVAL, f"{first:#x}:{first + count:#x} has no gfns: its stop is not above its start")
    return first, count


class _Part:
    """Something of a view that is used like a list, by gfns."""

    def __init__(self, view: "View") -> None:
        self._view = view

    def _arguments(self) -> Tuple[Any, int, int]:
        return self._view.domain.handle, self._view.domain.id, self._view.index


class Access(_Part):
    """view.access: rights of pages, such as "rx"; None for none of their own."""

    def __getitem__(self, gfns: GFNS) -> Union[str, None, List[Optional[str]]]:
        """The rights that count; of a slice a list, with None where there is no page."""
        if isinstance(gfns, int):
            number = ffi.new("unsigned int *")
            if lib.views.xenaltp2m_get_access(*self._arguments(), gfns, number):
                # Xen's own operation answers so for a gfn without a page.
                raise error(f"gfn {gfns:#x}", errno.ENXIO if ffi.errno == errno.ESRCH else ffi.errno)
            return rights_name(number[0])
        first, count = _range(gfns)
        result: List[Optional[str]] = [None] * count
        for m in self._view.map(first, first + count):
            if m.kind != "hole":
                for gfn in range(max(m.gfn, first), min(m.gfn + m.pages, first + count)):
                    result[gfn - first] = m.access
        return result

    def __setitem__(self, gfns: GFNS, rights: Optional[str]) -> None:
        first, count = _range(gfns)
        number = rights_number(rights)
        flag = CONSTANTS["XEN_ALTP2M_ACCESS"]
        change = {"gfn": first, "count": count}
        change.update({"clear": flag} if number == CONSTANTS["XENALTP2M_HOST"] else {"set": flag, "access": number})
        record = ffi.new("struct xen_altp2m_override *", change)
        check(lib.views.xenaltp2m_set_range(*self._arguments(), record), f"rights of gfn {first:#x}")

    def __delitem__(self, gfns: GFNS) -> None:
        self[gfns] = None


class Remap(_Part):
    """view.remap: gfns that are shown in place of others."""

    def __getitem__(self, gfn: int) -> Optional[int]:
        for o in self._view.overrides(gfn, gfn + 1):
            if o.target is not None:
                return o.target + gfn - o.gfn
        return None

    def _change(self, gfns: GFNS, **change: int) -> None:
        first, count = _range(gfns)
        record = ffi.new("struct xen_altp2m_override[1]", [dict(change, gfn=first, count=count)])
        check(lib.views.xenaltp2m_apply_all(*self._arguments(), record, 1, 0, ffi.NULL, ffi.NULL, ffi.NULL),
              f"remap of gfn {first:#x}")

    def __setitem__(self, gfns: GFNS, target: int) -> None:
        self._change(gfns, set=CONSTANTS["XEN_ALTP2M_REMAP"], target=target)

    def __delitem__(self, gfns: GFNS) -> None:
        self._change(gfns, clear=CONSTANTS["XEN_ALTP2M_REMAP"])


class View:
    """A view of a domain.  As a context manager it is destroyed at the end."""

    def __init__(self, domain: "Domain", index: int) -> None:
        self.domain = domain
        self.index = index
        self.access = Access(self)
        self.remap = Remap(self)

    def __repr__(self) -> str:
        return f"<view {self.index} of domain {self.domain.id}>"

    def __enter__(self) -> "View":
        return self

    def __exit__(self, *_: Any) -> None:
        """vCPUs that are in it go to the host's map first; one that is in the middle of a step may be late."""
        for attempt in range(100):
            try:
                for vcpu, view in enumerate(self.domain.vcpu_views()):
                    if view == self.index:
                        self.domain.switch_vcpu(vcpu, 0)
                self.destroy()
                return
            except (NoSuchDomain, NotSupported):        # it has ended, or its views are off
                return
            except InUse:
                if attempt == 99:
                    raise

    def destroy(self) -> None:
        check(lib.views.xenaltp2m_destroy(self.domain.handle, self.domain.id, self.index), f"destroying {self}")

    def switch(self) -> None:
        """All vCPUs go to it."""
        check(lib.views.xenaltp2m_switch(self.domain.handle, self.domain.id, self.index), f"switching to {self}")

    def clone(self) -> "View":
        index = ffi.new("uint16_t *")
        check(lib.views.xenaltp2m_clone(self.domain.handle, self.domain.id, self.index, index), f"cloning {self}")
        return View(self.domain, index[0])

    @property
    def default(self) -> Optional[str]:
        """The rights of pages without any of their own; None: the host's."""
        number = ffi.new("unsigned int *")
        check(lib.views.xenaltp2m_get_default(self.domain.handle, self.domain.id, self.index, number), str(self))
        return rights_name(number[0])

    @default.setter
    def default(self, rights: Optional[str]) -> None:
        check(lib.views.xenaltp2m_set_default(self.domain.handle, self.domain.id, self.index, rights_number(rights)),
              str(self))

    def patch(self, gfn: int, offset: int, data: bytes, replace: bool = False) -> bytes:
        """Has only this view show up to 16 bytes in place of others, which are returned.

        The page gets "x", or "rx", if the view says nothing of its rights yet. replace: also bytes that are
        patched already."""
        flags = CONSTANTS["XEN_ALTP2M_PATCH_REPLACE"] if replace else 0
        record = ffi.new("struct xen_altp2m_patch[1]", [{"gfn": gfn, "offset": offset, "len": len(data),
                                                         "flags": flags, "bytes": data[:16]}])
        check(lib.views.xenaltp2m_patch(self.domain.handle, self.domain.id, self.index, record, 1, ffi.NULL),
              f"patch of gfn {gfn:#x}")
        return bytes(record[0].old[0:len(data)])

    def unpatch(self, gfn: int, offset: int, count: int = 1) -> bytes:
        """Takes patched bytes back, which are returned. With the last one goes the page of the view's own."""
        record = ffi.new("struct xen_altp2m_patch[1]", [{"gfn": gfn, "offset": offset, "len": count}])
        check(lib.views.xenaltp2m_unpatch(self.domain.handle, self.domain.id, self.index, record, 1, ffi.NULL),
              f"unpatch of gfn {gfn:#x}")
        return bytes(record[0].old[0:count])

    def refresh(self, first: int = 0, stop: Optional[int] = None) -> int:
        """Copies the host's pages anew where bytes are patched, which stay. How many pages have changed."""
        changed = ffi.new("uint64_t *")
        count = (1 << 36 if stop is None else stop) - first
        check(lib.views.xenaltp2m_refresh(self.domain.handle, self.domain.id, self.index, first, count, changed),
              f"refresh of {self}")
        return int(changed[0])

    def read(self, gfn: int, offset: int = 0, count: int = 4096) -> bytes:
        """What the view shows of a page, whatever its rights are."""
        page = ffi.new("uint8_t[]", count)
        check(lib.views.xenaltp2m_read_page(self.domain.handle, self.domain.id, self.index, gfn, offset, count, 0,
                                            page), f"gfn {gfn:#x} of {self}")
        return bytes(page)

    def overrides(self, first: int = 0, stop: Optional[int] = None) -> Iterator[Override]:
        """What the view says of pages, in order."""
        for o in self.domain.read("overrides", self.index, first, stop):
            said = o.set
            yield Override(
                o.gfn, o.count, rights_name(o.access) if said & CONSTANTS["XEN_ALTP2M_ACCESS"] else None,
                o.target if said & CONSTANTS["XEN_ALTP2M_REMAP"] else None,
                bool(o.sve) if said & CONSTANTS["XEN_ALTP2M_SVE"] else None, bool(o.dormant))

    def map(self, first: int = 0, stop: Optional[int] = None) -> Iterator[Mapping]:
        """What the view shows, in order."""
        for m in self.domain.read("map", self.index, first, stop):
            yield Mapping(m.gfn, m.count, m.source, _KINDS[m.kind], rights_name(m.access), rights_name(m.host_access))


    @property
    def rules(self) -> List[Rule]:
        """Of which the first that an access meets counts.  Setting them replaces all."""
        room = CONSTANTS["XEN_ALTP2M_MAX_RULES"]
        records = ffi.new("struct xen_altp2m_rule[]", room)
        while True:
            cursor = ffi.new("struct xenaltp2m_cursor *")
            nr = lib.views.xenaltp2m_read_rules(self.domain.handle, self.domain.id, self.index, cursor, records, room)
            if nr >= 0 or ffi.errno != errno.EAGAIN:
                break
        return [_rule(records[i]) for i in range(check(nr, f"rules of {self}"))]

    @rules.setter
    def rules(self, rules: List[Rule]) -> None:
        records = ffi.new("struct xen_altp2m_rule[]", [_record(rule) for rule in rules])
        wrong = ffi.new("unsigned int *", len(rules))
        rc = lib.views.xenaltp2m_set_rules(self.domain.handle, self.domain.id, self.index, records, len(rules), wrong)
        about = f", because of rule {wrong[0]}" if rc and wrong[0] < len(rules) else ""
        check(rc, f"rules of {self}{about}")


def _rule(r: Any) -> Rule:
    action, once = _ACTIONS[r.action], r.flags & CONSTANTS["XEN_ALTP2M_RULE_ELSE_ONCE"]
    steps = once or r.action == CONSTANTS["XEN_ALTP2M_RULE_ONCE"]
    return Rule(action, r.gfn, r.count, "".join(c for i, c in enumerate("rwxb") if r.access & 1 << i),
                r.view if action == "switch" else None, r.step_view if steps else None,
                tuple(cpl for cpl in range(4) if r.cpl & 1 << cpl), r.cr3, r.cr3_mask, r.rip, r.rip_last,
                r.offset, r.offset_last, _WALKS[r.walk], r.hits,
                r.cookie if r.flags & CONSTANTS["XEN_ALTP2M_RULE_LOG"] else None)


def _record(rule: Rule) -> Any:
    if rule.action not in _ACTIONS[1:] or not set(rule.access) <= set("rwxb"):
        raise Invalid(errno.EINVAL, f"{rule} is no rule")
    either = rule.action == "switch" and rule.step_view is not None
    return {"gfn": rule.gfn, "count": rule.pages, "cr3": rule.cr3, "cr3_mask": rule.cr3_mask, "rip": rule.rip,
            "rip_last": rule.rip_last, "offset": rule.offset, "offset_last": rule.offset_last,
            "access": sum(1 << "rwxb".index(c) for c in set(rule.access)), "walk": _WALKS.index(rule.walk),
            "cpl": sum(1 << cpl for cpl in set(rule.cpl)), "action": _ACTIONS.index(rule.action),
            "view": rule.view or 0, "step_view": rule.step_view or 0,
            "flags": (CONSTANTS["XEN_ALTP2M_RULE_ELSE_ONCE"] if either else 0) |
                     (CONSTANTS["XEN_ALTP2M_RULE_LOG"] if rule.log is not None else 0),
            "cookie": rule.log or 0}


def _free(handle: Any) -> None:
    lib.views.xenaltp2m_close(handle)


class Domain:
    """A domain, by name or number.  As a context manager it lets go of Xen at the end."""

    def __init__(self, name: Union[str, int]) -> None:
        self.handle = lib.views.xenaltp2m_open(ffi.NULL, 0)
        if self.handle == ffi.NULL:
            raise Error(ffi.errno, "no connection to Xen (root in dom0?)")
        self.handle = ffi.gc(self.handle, _free)
        self.id = name if isinstance(name, int) else domain_id(name)
        # That there is one, and that Xen knows the operations.
        check(lib.views.xenaltp2m_capabilities(self.handle, self.id, ffi.new("struct xen_altp2m_capabilities *")),
              f"domain {name}")

    def __repr__(self) -> str:
        return f"<domain {self.id}>"

    def __enter__(self) -> "Domain":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        ffi.release(self.handle)

    @property
    def rights(self) -> List[str]:
        """Those that this CPU can enforce in a view."""
        can = ffi.new("struct xen_altp2m_capabilities *")
        check(lib.views.xenaltp2m_capabilities(self.handle, self.id, can), str(self))
        return [name for name in map(rights_name, range(11)) if name and can.rights & 1 << rights_number(name)]

    @property
    def enabled(self) -> bool:
        """Are views on?  Setting it turns them on or off; off destroys them all."""
        on = ffi.new("bool *")
        check(lib.views.xenaltp2m_get_state(self.handle, self.id, on), str(self))
        return bool(on[0])

    @enabled.setter
    def enabled(self, on: bool) -> None:
        check(lib.views.xenaltp2m_set_state(self.handle, self.id, on), f"turning views of {self} on or off")

    def create_view(self, default: Optional[str] = None) -> View:
        """A view that shows what the host's map shows, with default rights if there are any."""
        index = ffi.new("uint16_t *")
        check(lib.views.xenaltp2m_create(self.handle, self.id, rights_number(default), index), f"{self}: a new view")
        return View(self, index[0])

    def view(self, index: int) -> View:
        """A view that there is; 0 is the host's own map."""
        view = View(self, index)
        view.default                    # pylint: disable=pointless-statement  # raises where there is none
        return view

    def views(self) -> List[View]:
        return [View(self, v.view) for v in self._all("views", "struct xen_altp2m_view")]

    def destroy_views(self) -> None:
        """All but the host's map, to which all vCPUs go."""
        check(lib.views.xenaltp2m_destroy_all(self.handle, self.id), f"destroying the views of {self}")

    def vcpu_views(self) -> List[int]:
        """The index of the view that each vCPU is in."""
        return [v.view for v in self._all("vcpus", "struct xen_altp2m_vcpu")]

    def switch_vcpu(self, vcpu: int, view: Union[View, int]) -> None:
        index = view.index if isinstance(view, View) else view
        check(lib.views.xenaltp2m_switch_vcpu(self.handle, self.id, vcpu, index), f"vCPU {vcpu} to view {index}")

    def losses(self, after: int = 0) -> Iterator[Loss]:
        """Remaps that lost their target, after the loss of that number."""
        following = ffi.new("uint64_t *", after + 1)
        room = 64
        records = ffi.new("struct xen_altp2m_lost[]", room)
        while True:
            nr = check(lib.views.xenaltp2m_read_lost(self.handle, self.id, following, records, room), f"losses of {self}")
            for i in range(nr):
                r = records[i]
                yield Loss(r.number, r.view, r.gfn, r.target, bool(r.dormant))
            if nr < room:
                return

    @contextmanager
    def monitor(self, breakpoints: bool = False) -> "Iterator[Monitor]":
        """Events of the guest: see Monitor."""
        from . import _events           # pylint: disable=import-outside-toplevel  # needs more libraries
        monitor = _events.Monitor(self, breakpoints)
        try:
            yield monitor
        finally:
            monitor.close()

    def breakpoints(self, only_find: bool = False) -> Breakpoints:
        """Breakpoints that the guest can't see, for a monitor that is another program.

        only_find: NoSuchView, if there are none yet. See Monitor.breakpoints(), too."""
        return Breakpoints(self, only_find=only_find)

    def _all(self, what: str, kind: str) -> List[Any]:
        records, nr = ffi.new(f"{kind} **"), ffi.new("size_t *")
        check(getattr(lib.views, f"xenaltp2m_all_{what}")(self.handle, self.id, records, nr), f"{what} of {self}")
        copies = [ffi.new(f"{kind} *", records[0][i]) for i in range(nr[0])]
        lib.c.free(records[0])
        return copies

    def read(self, what: str, view: int, first: int, stop: Optional[int]) -> Iterator[Any]:
        """Records of one kind, some at a time: what changes meanwhile may be told or not."""
        cursor = ffi.new("struct xenaltp2m_cursor *", {"next": first})
        room = 256
        records = ffi.new({"overrides": "struct xen_altp2m_override[]", "map": "struct xen_altp2m_map[]"}[what], room)
        last = NONE if stop is None else stop - 1
        while cursor.next != NONE:
            nr = check(getattr(lib.views, f"xenaltp2m_read_{what}")(self.handle, self.id, view, cursor, last, records, room),
                       f"{what} of view {view} of {self}")
            for i in range(nr):
                yield records[i]


def domain_id(name: str) -> int:
    """The number of the domain of that name, which xenstore knows; or that number, as text."""
    store = lib.store.xs_open(0)
    if store == ffi.NULL:
        raise Error(ffi.errno, "no connection to xenstore")
    nr = ffi.new("unsigned int *")
    found: Optional[int] = None
    entries = lib.store.xs_directory(store, 0, b"/local/domain", nr)
    for i in range(nr[0] if entries != ffi.NULL else 0):
        number = ffi.string(entries[i]).decode()
        text = lib.store.xs_read(store, 0, f"/local/domain/{number}/name".encode(), ffi.new("unsigned int *"))
        if text != ffi.NULL:
            if ffi.string(ffi.cast("char *", text)).decode() == name:
                found = int(number)
            lib.c.free(text)
    lib.c.free(entries)
    lib.store.xs_close(store)
    if found is None and name.isdecimal():
        return int(name)
    if found is None:
        raise NoSuchDomain(errno.ESRCH, f"there is no domain {name!r}")
    return found

