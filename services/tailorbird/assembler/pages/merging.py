"""The page out of its parts: pure, in microseconds, with nothing to wait for."""

from __future__ import annotations

from datetime import UTC, tzinfo

from msgspec import Raw, Struct

from tailorbird.assembler.gathering.parts import Parts, Who
from tailorbird.assembler.items.cards import Cards
from tailorbird.assembler.items.popular import Popular
from tailorbird.assembler.layouts.choosing import Face
from tailorbird.assembler.slots.base import Filling, Gathered, Moment
from tailorbird.contracts.assembler import Fallback, ServedCustomer
from tailorbird.contracts.insights import DecidedSlot
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.wire import Fault

__all__ = ["Merged", "Shop", "merge", "only", "served", "shared_slot"]


class Merged(Struct, frozen=True):
    """A page's slots as JSON, what stood in for missing parts, and all that was chosen."""

    slots: tuple[Raw, ...]
    fallbacks: tuple[Fallback, ...]
    decided: tuple[DecidedSlot, ...]
    model: str
    rules: str


def only(merged: Merged, face: Face, slot_id: str) -> Merged:
    """The page with this one slot, as it stands among the others. Raises Fault(404) for one that it does not have."""
    place = next((place for place, (slot, _) in enumerate(face.slots) if slot.id == slot_id), -1)
    if place < 0:
        there = ", ".join(slot.id for slot, _ in face.slots)
        raise Fault(404, f"The page has no slot '{slot_id}' for this customer; it has {there}.")
    return Merged(
        (merged.slots[place],),
        tuple(one for one in merged.fallbacks if one.slot == slot_id),
        tuple(one for one in merged.decided if one.slot == slot_id),
        merged.model,
        merged.rules,
    )


def shared_slot(face: Face, slot_id: str, moment: Moment, shop: Shop) -> Raw:
    """The slot as everybody sees it who gets this face. Raises Fault(404, 422)."""
    found = next(((slot, openings) for slot, openings in face.slots if slot.id == slot_id), None)
    if found is None:
        raise Fault(404, f"The variant '{face.variant.id}' has no slot '{slot_id}'.")
    if slot_id not in face.shared:
        sentence = f"The slot '{slot_id}' is made for each customer: ask for it without naming a variant."
        raise Fault(422, sentence)
    filling = Filling(Gathered(moment=moment, cards=shop.cards, popular=shop.popular, zone=shop.zone))
    filling.hero, filling.navigation = face.hero.say(b""), face.navigation
    slot, openings = found
    return Raw(slot.fill(openings, filling))


class Shop(Struct, frozen=True):
    """What pages show beside what is known of a customer."""

    cards: Cards
    popular: Popular
    zone: tzinfo = UTC


def merge(face: Face, who: Who, moment: Moment, parts: Parts, shop: Shop) -> Merged:
    """The face's slots, each filled by itself from what came; nothing stands on the page twice."""
    held = who.held
    profile = held.profile
    cards = shop.cards
    shelves, decided = parts.shelves, parts.decided
    gathered = Gathered(
        moment=moment,
        cards=cards,
        popular=shop.popular,
        first_name=profile.first_name,
        departments=_departments(profile),
        never=who.just_bought.union(held.dismissed) if held.dismissed else who.just_bought,
        moments=profile.moments,
        recent=profile.facts.recent,
        loyalty=profile.loyalty,
        tickets=profile.tickets,
        attributes=profile.facts.attributes,
        pattern=lambda: held.pattern(cards, shop.zone),
        zone=shop.zone,
        shelves=shelves.by_slot if shelves else {},
        shelves_missing=parts.shelves_missing,
        choices={choice.slot: choice for choice in decided.slots} if decided else {},
        choices_missing=parts.decided_missing,
    )
    filling = Filling(gathered)
    slots = tuple([Raw(slot) for slot in face.fill(filling)])
    if who.missing:
        _tell_of_strangers(face, filling, who.missing)
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


def _tell_of_strangers(face: Face, filling: Filling, missing: str) -> None:
    """Says of each slot that may differ between customers that it was filled without knowing this one."""
    told = {fallback.slot for fallback in filling.fallbacks}
    for slot, _ in face.slots:
        if slot.id not in told and slot.id not in face.shared:
            filling.fell_back(slot.id, f"filled as for a stranger: {missing}")


def _departments(profile: Profile) -> tuple[str, ...]:
    found = profile.facts.attributes.get("history.departments")
    return tuple(found[:6]) if isinstance(found, list) else ()
