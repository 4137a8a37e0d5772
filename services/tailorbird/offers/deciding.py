"""Which offers and actions are made to this customer now: a pure function of the open documents and the question."""

from __future__ import annotations

from msgspec import Struct

from tailorbird.contracts.offers import Chosen, Decided, DecisionSlot, SlotChoices
from tailorbird.offers.asked import Asked
from tailorbird.offers.offering import Offering
from tailorbird.offers.ranking import Interests, Ranked, interests, ranked
from tailorbird.offers.wording import reasons_of

__all__ = ["Eligible", "decide", "eligible", "ordered"]


class Eligible(Struct, frozen=True):
    """Bits of the open documents by their fate before ranking."""

    allowed: int
    """Let in by their channels, pages, audience and rule."""
    discounting_just_bought: int
    """On an item that the customer has only just bought."""
    used_up: int
    """Redeemed as often as they may be."""

    @property
    def bits(self) -> int:
        return self.allowed & ~self.discounting_just_bought & ~self.used_up


def eligible(offering: Offering, question: Asked, used_up: frozenset[str] = frozenset()) -> Eligible:
    """Who may be made at all. A promise on the whole basket is on no item in particular: it stays."""
    discounting = 0
    for item_id in question.just_bought:
        discounting |= (offering.covering.get(item_id) or offering.cover(item_id)).bits
    return Eligible(offering.index.matching(question.values), discounting, offering.bits_of(used_up))


def decide(offering: Offering, question: Asked, version: str, used_up: frozenset[str] = frozenset()) -> Decided:
    """The slots filled in their order, nothing twice across them. Deterministic: propensity 1."""
    left = eligible(offering, question, used_up).bits
    considered = left.bit_count()
    known = interests(offering, question.lately) if left & offering.scoped else {}
    slots = []
    for slot in question.slots:
        chosen = ordered(offering, left & wanted(offering, slot), known, slot.count)
        for candidate in chosen:
            left &= ~(1 << candidate.place)
        slots.append(
            SlotChoices(
                slot=slot.slot,
                chosen=tuple([_chosen(offering, candidate, question) for candidate in chosen]),
                note="" if len(chosen) == slot.count else _note(slot, len(chosen)),
            )
        )
    return Decided(slots=tuple(slots), rules=version, considered=considered)


def wanted(offering: Offering, slot: DecisionSlot) -> int:
    """Bits of the documents of the kind that the slot wants."""
    return offering.offers if slot.wants == "offers" else offering.actions


def ordered(offering: Offering, candidates: int, known: Interests, count: int) -> list[Ranked]:
    """The best of the candidates, at most `count`; a tier is ranked only when those above left room."""
    found: list[Ranked] = []
    for tier in offering.tiers:
        if candidates & tier:
            found += ranked(offering, candidates & tier, known, count - len(found))
            if len(found) == count:
                break
    return found


def _chosen(offering: Offering, candidate: Ranked, question: Asked) -> Chosen:
    document = offering.documents[candidate.place]
    return Chosen(
        offer_id=document.id,
        score=candidate.score,
        reasons=reasons_of(document, candidate, question.values),
        content=document.content,
    )


def _note(slot: DecisionSlot, filled: int) -> str:
    return f"{filled} of {slot.count}: no other {slot.wants} are open to this customer now."
