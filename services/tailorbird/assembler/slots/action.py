"""The next best thing to do that is no offer: register, chat, be reminded."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from tailorbird.assembler.slots.base import Filling, Openings, Slot, encode
from tailorbird.assembler.slots.offers import chosen_json
from tailorbird.contracts.offers import DecisionSlot

__all__ = ["ActionSlot"]


class ActionSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="action"):
    """Asks offers for actions. Falls back to none, with the reason; that none applies is an ordinary answer."""

    count: Annotated[int, Meta(ge=1, le=5)] = 1

    def decision(self) -> DecisionSlot | None:
        return DecisionSlot(slot=self.id, wants="actions", count=self.count)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        choices = filling.gathered.choices.get(self.id)
        if choices is None:
            reason = filling.gathered.choices_missing or "no decision came for this slot"
            filling.fell_back(self.id, f"No action is shown: {reason}")
            return b'%b,"actions":[]}' % openings.say(filling)
        actions = chosen_json(choices, "action", filling)
        if not actions and choices.note:
            return b'%b,"actions":[],"note":%b}' % (openings.say(filling), encode(choices.note))
        return b'%b,"actions":[%b]}' % (openings.say(filling), actions)
