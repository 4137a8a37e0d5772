"""What of the open documents suits a customer's purchases, worked out once for each history."""

from __future__ import annotations

from msgspec import Struct

from tailorbird.offers.deciding.asked import Purchase
from tailorbird.offers.deciding.blending import fit_of
from tailorbird.offers.documents.offering import Covered, Offering

__all__ = ["Suit", "Suits", "suits"]

DAMPING = 3.0
OFTEN = 8
"""Orders of one item beyond this many count no more: one habit is not everything."""
REMEMBERED = 4_096
"""Histories of which it is remembered; then all of them are forgotten."""


class Suit(Struct, frozen=True, gc=False):
    """How much one document suits."""

    place: int
    relevance: float
    fit: float
    """The factor that its worth gets."""
    category: str
    """The category that speaks most for it."""


Suits = dict[int, Suit]
"""A document's bit -> how much it suits; the documents that are on something bought."""


def suits(offering: Offering, lately: list[Purchase]) -> Suits:
    """Of the documents on certain items. The very same list is answered from memory."""
    remembered = offering.suits.get(id(lately))
    # The list stays with its answer, so that no other one gets its number.
    if remembered is not None and remembered[0] is lately:
        found: Suits = remembered[1]
        return found
    found = _worked_out(offering, lately)
    if len(offering.suits) >= REMEMBERED:
        offering.suits.clear()
    offering.suits[id(lately)] = (lately, found)
    return found


def _worked_out(offering: Offering, lately: list[Purchase]) -> Suits:
    known: dict[Covered, int] = {}
    covering = offering.covering
    for purchase in lately:
        covered = covering.get(purchase.item_id) or offering.cover(purchase.item_id)
        known[covered] = known.get(covered, 0) + (purchase.times if purchase.times < OFTEN else OFTEN)  # noqa: FURB136
    weights: dict[int, int] = {}
    speaking: dict[int, Covered] = {}
    for covered, weight in known.items():
        bits = covered.bits & offering.scoped
        while bits:
            low = bits & -bits
            bits ^= low
            before = weights.get(low)
            if before is None:
                weights[low] = weight
                speaking[low] = covered
            else:
                weights[low] = before + weight
                if weight > known[speaking[low]]:
                    speaking[low] = covered
    total = sum(known.values())
    found: Suits = {}
    for low, weight in weights.items():
        place = low.bit_length() - 1
        relevance = weight / (weight + DAMPING + offering.documents[place].share * total)
        found[low] = Suit(place, relevance, fit_of(relevance, offering.goal), speaking[low].category)
    return found
