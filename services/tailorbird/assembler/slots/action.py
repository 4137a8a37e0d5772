"""The next best thing to do that is no offer: register, chat, be reminded."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw

from tailorbird.assembler.slots.base import Filling, Openings, Slot, encode
from tailorbird.assembler.slots.offers import chosen_json
from tailorbird.contracts.offers import Chosen, DecisionSlot, SlotChoices
from tailorbird.contracts.profiles import MomentNote

__all__ = ["ActionSlot"]


class ActionSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="action"):
    """Says what moments came to the customer; asks offers for actions. Falls back to none, with the reason; that none
    applies is an ordinary answer.
    """

    count: Annotated[int, Meta(ge=1, le=5)] = 1

    def decision(self) -> DecisionSlot | None:
        return DecisionSlot(slot=self.id, wants="actions", count=self.count)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        said = _moments(self, filling)
        if said:
            # What happened just now is more pressing than what was decided from all that is known.
            return b'%b,"actions":[%b]}' % (openings.say(filling), said)
        choices = filling.gathered.choices.get(self.id)
        if choices is None:
            reason = filling.gathered.choices_missing or "no decision came for this slot"
            filling.fell_back(self.id, f"No action is shown: {reason}")
            return b'%b,"actions":[]}' % openings.say(filling)
        actions = chosen_json(choices, "action", filling)
        if not actions and choices.note:
            return b'%b,"actions":[],"note":%b}' % (openings.say(filling), encode(choices.note))
        return b'%b,"actions":[%b]}' % (openings.say(filling), actions)


def _moments(slot: ActionSlot, filling: Filling) -> bytes:
    """The moments to be said on this page as JSON without the brackets."""
    at = filling.gathered.moment.at
    told = [note for note in filling.gathered.moments if note.page and note.until > at]
    if not told:
        return b""
    chosen = tuple(Chosen(offer_id=f"moment/{note.moment}", score=1.0, content=_content(note)) for note in told)
    once = {choice.offer_id: choice for choice in reversed(chosen) if choice.offer_id not in filling.promised}
    latest = tuple(reversed(once.values()))[: slot.count]
    return chosen_json(SlotChoices(slot=slot.id, chosen=latest), "action", filling)


def _content(note: MomentNote) -> Raw:
    shown = {
        "kind": "message",
        "headline": note.headline,
        "text": note.text,
        "call_to_action": note.call_to_action,
        "url": note.url,
        "tone": note.tone,
    }
    return Raw(encode({name: value for name, value in shown.items() if value}))
