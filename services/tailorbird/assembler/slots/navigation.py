"""Where to go from here: the variant's links, in its order."""

from __future__ import annotations

from tailorbird.assembler.slots.base import Filling, Openings, Slot

__all__ = ["NavigationSlot"]


class NavigationSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="navigation"):
    """Filled from the variant's `navigation`; needs nobody."""

    def shared(self) -> bool:
        return True

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        return b'%b,"links":%b}' % (openings.say(filling), filling.navigation)
