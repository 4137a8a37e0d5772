"""How well open offers suit a customer: tiers aside, how much of what they buy an offer is on, times its worth.

    relevance = weight / (weight + 3 + expected)
    score     = worth * (0.25 + relevance) + freshness

`weight` counts the orders of lately bought items that the offer is on, `expected` what it would count of somebody who
buys at random: an offer on half of the shop suits nobody in particular. An offer on the whole basket, and an action,
has a relevance of a half.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from tailorbird.offers.asked import Purchase
from tailorbird.offers.offering import Covered, Offering

__all__ = ["Interests", "Ranked", "interests", "ranked"]

DAMPING = 3.0
OFTEN = 8
"""Orders of one item beyond this many count no more: one habit is not everything."""

Interests = dict[Covered, int]
"""How often things were bought, put together by which documents are on them and by category."""


class Ranked(Struct, frozen=True, gc=False):
    """A candidate with its score, and the category that speaks most for it (empty: none does)."""

    place: int
    score: float
    category: str


def interests(offering: Offering, lately: Iterable[Purchase]) -> Interests:
    """What was bought lately, as the open documents see it."""
    found: Interests = {}
    covering = offering.covering
    for purchase in lately:
        covered = covering.get(purchase.item_id) or offering.cover(purchase.item_id)
        found[covered] = found.get(covered, 0) + (purchase.times if purchase.times < OFTEN else OFTEN)  # noqa: FURB136
    return found


def ranked(offering: Offering, candidates: int, known: Interests, count: int) -> list[Ranked]:
    """The best `count` of the candidates (bits of documents of one tier); among equals their order in the offering."""
    weights, speaking = _weighed(candidates & offering.scoped, known)
    cold, documents = offering.cold, offering.documents
    total = sum(known.values()) if weights else 0
    found: list[tuple[float, int]] = []
    for low, weight in weights.items():
        place = low.bit_length() - 1
        candidates ^= low
        document = documents[place]
        relevance = weight / (weight + DAMPING + document.share * total)
        found.append((-cold[place] - document.worth * relevance, place))
    # Those of which nothing speaks stand in the order of their scores already: no more than `count` can be needed.
    for _ in range(count):
        if not candidates:
            break
        low = candidates & -candidates
        candidates ^= low
        place = low.bit_length() - 1
        found.append((-cold[place], place))
    found.sort()
    return [
        Ranked(place, -score, speaking[1 << place].category if 1 << place in speaking else "")
        for score, place in found[:count]
    ]


def _weighed(scoped: int, known: Interests) -> tuple[dict[int, int], dict[int, Covered]]:
    """By a document's bit: how much of what was bought it is on, and the part of that which weighs most."""
    weights: dict[int, int] = {}
    speaking: dict[int, Covered] = {}
    if scoped:
        for covered, weight in known.items():
            bits = covered.bits & scoped
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
    return weights, speaking
