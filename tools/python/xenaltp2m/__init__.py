# SPDX-License-Identifier: LGPL-2.1-only
"""Memory views (altp2m) of Xen domains, on libxenaltp2m.

    import xenaltp2m

    with xenaltp2m.Domain("guest") as guest:
        guest.enabled = True
        with guest.create_view() as view:
            view.access[0x800:0x810] = "rx"
            view.remap[0x900] = 0x901
            view.switch()
            for override in view.overrides():
                print(override)

gfns are guest-physical addresses divided by 4096. What fails raises an Error, or a
class of it that says what it was.
"""

from ._breakpoints import Breakpoints, Place
from ._domain import Domain, Loss, Mapping, Override, Rule, View, domain_id
from ._events import Event, Monitor
from ._library import (Closed, Error, InUse, Invalid, NoPage, NoSuchDomain, NoSuchView, NotPermitted, NotSupported,
                       PoolExhausted)

__all__ = ["Breakpoints", "Closed", "Domain", "Error", "Event", "InUse", "Invalid", "Loss", "Mapping", "Monitor", "NoPage", "NoSuchDomain",
           "NoSuchView", "NotPermitted", "NotSupported", "Override", "Place", "PoolExhausted", "Rule",
           "View", "domain_id"]
