"""Promises with a value, chosen for this customer in this moment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from tailorbird.assembler.slots.base import Filling, Line, Openings, Slot, encode, encode_text, unless_certain
from tailorbird.contracts.insights import DecidedSlot
from tailorbird.contracts.offers import Chosen, DecisionSlot, SlotChoices

__all__ = ["OffersSlot", "chosen_json"]


class OffersSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="offers"):
    """Asks offers to decide. Falls back to no offers and the reason: a promise cannot be guessed."""

    count: Annotated[int, Meta(ge=1, le=20)] = 4
    text: Line = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "text": self.text}}

    def decision(self) -> DecisionSlot | None:
        return DecisionSlot(slot=self.id, wants="offers", count=self.count)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        choices = filling.gathered.choices.get(self.id)
        if choices is None:
            reason = filling.gathered.choices_missing or "no decision came for this slot"
            filling.fell_back(self.id, f"No offers are shown: {reason}")
            return b'%b,"offers":[]}' % openings.say(filling)
        offers = chosen_json(choices, "offer", filling)
        if not offers and choices.note:
            return b'%b,"offers":[],"note":%b}' % (openings.say(filling), encode(choices.note))
        return b'%b,"offers":[%b]}' % (openings.say(filling), offers)


def chosen_json(choices: SlotChoices, kind: Literal["offer", "action"], filling: Filling) -> bytes:
    """What was chosen as JSON without the brackets; what stands on the page already is left out."""
    stand: list[Chosen] = []
    parts: list[bytes] = []
    for choice in choices.chosen:
        if choice.offer_id in filling.promised:
            continue
        filling.promised.add(choice.offer_id)
        stand.append(choice)
        content = bytes(choice.content).strip()[1:-1]
        parts.append(
            b'{"%b_id":"%b",%b%b"score":%.4f,"reasons":%b}'
            % (
                kind.encode(),
                encode_text(choice.offer_id),
                content,
                b"," if content else b"",
                choice.score,
                encode(choice.reasons),
            )
        )
    if stand:
        filling.decided.append(
            DecidedSlot(
                slot=choices.slot,
                kind=kind,
                ids=tuple([choice.offer_id for choice in stand]),
                scores=tuple([choice.score for choice in stand]),
                reasons=tuple([choice.reasons for choice in stand]),
                propensities=unless_certain([choice.propensity for choice in stand]),
            )
        )
    return b",".join(parts)
