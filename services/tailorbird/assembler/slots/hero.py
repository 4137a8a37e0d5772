"""The first thing a customer sees: words, a picture and one thing to do, written per variant."""

from __future__ import annotations

from tailorbird.assembler.slots.base import Filling, Openings, Slot

__all__ = ["HeroSlot"]


class HeroSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="hero"):
    """Filled from the variant's own hero, which is chosen together with its look; needs nobody."""

    def shared(self) -> bool:
        return True

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        return b'%b,"content":%b}' % (openings.say(filling), filling.hero)
