# SPDX-License-Identifier: LGPL-2.1-only
"""Loading the libraries, and errors as exceptions."""

import errno
import glob
import os
from typing import Any, Dict, Optional, Tuple, Type

from ._abi import ffi
from ._constants import CONSTANTS


def _load(name: str, version: str = "") -> Any:
    """A library by its name; where it has no fixed version, the newest there is."""
    if version:
        return ffi.dlopen(f"{name}.so.{version}")
    found = sorted(path for folder in ("/usr/lib/*-linux-gnu", "/usr/lib", "/usr/local/lib")
                   for path in glob.glob(os.path.join(folder, f"{name}.so.4.*[0-9]")))
    if not found:
        raise ImportError(f"{name} is not installed")
    return ffi.dlopen(found[-1])


class _Libraries:
    """The libraries, each loaded when it is first used."""

    def __init__(self) -> None:
        self._loaded: Dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        known = {"views": ("libxenaltp2m", "1"), "control": ("libxenctrl", ""), "store": ("libxenstore", "4"), "c": ("libc", "6")}
        if name not in known:
            raise AttributeError(name)
        if name not in self._loaded:
            self._loaded[name] = _load(*known[name])
        return self._loaded[name]


lib = _Libraries()
NONE: int = CONSTANTS["XEN_ALTP2M_NONE"]


class Error(OSError):
    """Something that Xen refused; errno says what, as in libxenaltp2m(3)."""


class NoSuchDomain(Error):
    """There is no such domain."""


class NoSuchView(Error):
    """There is no such view, or no such vCPU."""


class NoPage(Error):
    """A gfn has no page."""


class Invalid(Error, ValueError):
    """A value that can't be."""


class PoolExhausted(Error):
    """The domain's paging pool is used up."""


class NotSupported(Error):
    """Views are off, or this Xen, CPU or domain can't do it."""


class NotPermitted(Error):
    """The domain's mode, Xen's security policy, or the operating system forbids it."""


class InUse(Error):
    """A vCPU is in the view, or somebody else has what can be had once."""


class Closed(Error):
    """The domain has ended, or another program has taken its events."""


_ERRORS: Dict[int, Tuple[Type[Error], str]] = {
    errno.ESRCH: (NoSuchDomain, "there is no such domain"),
    errno.ENOENT: (NoSuchView, "there is no such view, or no such vCPU"),
    errno.ENXIO: (NoPage, "there is no page at that gfn, or at the gfn that would be shown there"),
    errno.EINVAL: (Invalid, "Xen does not take such a value there"),
    errno.E2BIG: (Invalid, "a large range lies over too many smaller overrides; set it by view.access"),
    errno.ENOMEM: (PoolExhausted, "the domain's paging pool is used up"),
    errno.EOPNOTSUPP: (NotSupported, "views are off, or this is not supported; xen-altp2m check says which"),
    errno.ENOSYS: (NotSupported, "this Xen does not have the operation"),
    errno.EPERM: (NotPermitted, "not permitted (root in dom0?)"),
    errno.EACCES: (NotPermitted, "not permitted (root in dom0?)"),
    errno.EBUSY: (InUse, "it is in use"),
    errno.EAGAIN: (InUse, "try again"),
    errno.ENODATA: (Error, "a byte there is not patched"),
    errno.EEXIST: (InUse, "a byte there is patched already"),
    errno.EPIPE: (Closed, "the domain has ended, or another program has taken its events"),
    errno.ENOSPC: (Error, "the domain has as many views as it can have"),
    errno.ENOBUFS: (Error, "this process has no memory for the call"),
    errno.EFAULT: (Error, "Xen can't read or write this process' memory"),
}


def error(what: str, number: Optional[int] = None) -> Error:
    """The exception for the errno of the last call."""
    number = ffi.errno if number is None else number
    kind, text = _ERRORS.get(number) or (Error, os.strerror(number))
    return kind(number, f"{what}: {text}")


def check(result: int, what: str) -> int:
    """What a function of the library returned, if it didn't fail."""
    if result < 0:
        raise error(what)
    return result


def rights_number(rights: Optional[str]) -> int:
    """ "rx", "r-x", ...; None and "host" are no rights of its own."""
    number = ffi.new("unsigned int *")
    if rights is None:
        return CONSTANTS["XENALTP2M_HOST"]
    if not isinstance(rights, str):
        raise TypeError(f"rights are text such as 'rx', not {rights!r}")
    if lib.views.xenaltp2m_access_parse(rights.encode(), number):
        raise Invalid(errno.EINVAL, f"{rights!r} is not rights (use 'r-x', 'rw', 'n' or 'host')")
    return int(number[0])


def rights_name(number: int) -> Optional[str]:
    """The short form; None where there are no rights of its own."""
    if number == CONSTANTS["XENALTP2M_HOST"]:
        return None
    return str(ffi.string(lib.views.xenaltp2m_access_name(number)), "ascii")
