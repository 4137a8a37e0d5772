"""The page out of its parts: pure, in microseconds, with nothing to wait for."""

from __future__ import annotations

from msgspec import Raw, Struct

from tailorbird.assembler.cards import Cards
from tailorbird.assembler.choosing import Face
from tailorbird.assembler.parts import Parts, Who
from tailorbird.assembler.popular import Popular
from tailorbird.assembler.slots.base import Filling, Gathered, Moment
from tailorbird.contracts.assembler import Fallback, ServedCustomer
from tailorbird.contracts.insights import DecidedSlot
from tailorbird.contracts.profiles import Profile

__all__ = ["Merged", "merge", "served"]


class Merged(Struct, frozen=True):
    """A page's slots as JSON, what stood in for missing parts, and all that was chosen."""

    slots: tuple[Raw, ...]
    fallbacks: tuple[Fallback, ...]
    decided: tuple[DecidedSlot, ...]
    model: str
    rules: str


def merge(face: Face, who: Who, moment: Moment, parts: Parts, cards: Cards, popular: Popular) -> Merged:
    """The face's slots, each filled by itself from what came; nothing stands on the page twice."""
    profile = who.held.profile
    shelves, decided = parts.shelves, parts.decided
    gathered = Gathered(
        moment=moment,
        cards=cards,
        popular=popular,
        first_name=profile.first_name,
        departments=_departments(profile),
        never=who.just_bought,
        moments=profile.moments,
        shelves=shelves.by_slot if shelves else {},
        shelves_missing=parts.shelves_missing,
        choices={choice.slot: choice for choice in decided.slots} if decided else {},
        choices_missing=parts.decided_missing,
    )
    filling = Filling(gathered)
    slots = tuple([Raw(slot) for slot in face.fill(filling)])
    return Merged(
        slots,
        tuple(filling.fallbacks),
        tuple(filling.decided),
        shelves.model if shelves else "",
        decided.rules if decided else "",
    )


def served(who: Who, customer_id: str, anonymous_id: str) -> ServedCustomer:
    """Who was served, as the payload says it."""
    profile = who.held.profile
    return ServedCustomer(
        customer_id=customer_id or None,
        anonymous_id=anonymous_id or None,
        known=profile.known,
        persona=profile.facts.persona,
        segments=profile.facts.segments,
        note=who.note,
    )


def _departments(profile: Profile) -> tuple[str, ...]:
    found = profile.facts.attributes.get("history.departments")
    return tuple(found[:6]) if isinstance(found, list) else ()
